"""What the book holds that may have moved a figure of a tier: 异动 (practice §10). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sheetcrm.assess.lists.causes import ANSWERS, CAUSES, LATE, Case, Cause
from sheetcrm.model import Anomaly, Assessment, Figures, Past
from sheetcrm.model.lists import Breach
from sheetcrm.policy.run import Run


def figure_causes(
    assessments: Sequence[Assessment],
    figures: Figures,
    breaches: Sequence[Breach],
    history: Mapping[str, Past],
    run: Run,
) -> Mapping[tuple[str, str], str]:
    """Say beside each 异动 what happened to customers of its tier, and to how many, by (group, key of the figure).

    Customers are those of the tier now; those answered late are who carried it on
    that day, as figures of service count them. Where the book holds nothing that may move the
    figure that way there is no entry.
    """
    counts: dict[str, Mapping[str, int]] = {}
    texts: dict[tuple[str, str], str] = {}
    for one in figures.anomalies:
        if one.group not in counts:
            grade = None if one.group == figures.total.name else one.group
            counts[one.group] = _count(grade, assessments, breaches, history, run)
        happened = [(cause, counts[one.group][cause.counted]) for cause in _possible(one)]
        if text := "、".join(f"{cause.counted}{number}家" for cause, number in happened if number):
            texts[one.group, one.figure.kind.key] = text
    return texts


def _possible(one: Anomaly) -> Iterator[Cause]:
    """Yield the causes that may move a figure the way it moved."""
    key, change = one.figure.kind.key, one.figure.change or 0
    return (cause for cause in CAUSES if key in (cause.falls if change < 0 else cause.rises))


def _count(
    grade: str | None,
    assessments: Sequence[Assessment],
    breaches: Sequence[Breach],
    history: Mapping[str, Past],
    run: Run,
) -> Counter[str]:
    """Count the customers of a tier, None for all, by what happened to them."""
    late = {
        row.assessment.customer.customer_id for row in breaches if row.promise in ANSWERS and grade in (None, row.grade)
    }
    counts = Counter({LATE.counted: len(late)})
    for entry in assessments:
        if grade in (None, entry.grade):
            case = Case(entry, history.get(entry.customer.customer_id), 0, run)
            counts.update(cause.counted for cause in CAUSES if cause is not LATE and cause.find(case))
    return counts
