"""How each tier's promises were kept, and which broken one is the worst: 本期结论 (practice §5, §10). Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from sheetcrm.assess.measure.satisfaction import csat
from sheetcrm.model import Assessment, Customer, Figure, Figures
from sheetcrm.model.conclusions import Conclusions, Fulfilment, Verdict
from sheetcrm.model.lists import RESOLUTION, RESPONSE, UNNAMED, Breach
from sheetcrm.policy.model import Commitment, Tier
from sheetcrm.policy.run import Run

LateCase = tuple[str, Customer]
"""Who has to act, and for which customer."""
LateCases = Mapping[tuple[str, str], Sequence[LateCase]]
"""The late cases of each (tier, figure)."""
_BY_BREACH = {RESPONSE: "响应及时率", RESOLUTION: "解决及时率"}
_SATISFACTION, _FOLLOWED_UP = "满意度", "跟进完成率"
_POINTS = 100
_MANY = 2
"""So many late cases break a promise that is judged by single cases."""


def conclude(assessments: Sequence[Assessment], figures: Figures, breaches: Iterable[Breach], run: Run) -> Conclusions:
    """Judge every promise to every tier, and rank the broken ones.

    What customers were promised comes before what a team planned for itself, and whatever has few cases last; among
    them the largest loss first: how far a figure is below what was promised × the tier's weight × the cases.

    Args:
        assessments: The customers.
        figures: The period's figures.
        breaches: The period's broken promises.
        run: The run.
    """
    late = _late_cases(assessments, breaches, run)
    groups = {group.name: group for group in figures.tiers}
    verdicts = tuple(
        _verdict(tier, promise, figure, late[tier.name, promise.figure], run)
        for tier in run.policy.tiers
        for promise in run.policy.promises
        if promise.binds(tier)
        for figure in groups[tier.name].figures.values()
        if figure.kind.label == promise.figure
    )
    broken = sorted(
        (verdict for verdict in verdicts if verdict.broken),
        key=lambda verdict: (verdict.few, not verdict.to_customer, -verdict.loss),
    )
    return Conclusions(verdicts=verdicts, worst=tuple(broken[: run.policy.report.conclusions]))


def _verdict(
    tier: Tier, promise: Commitment, figure: Figure, late: Sequence[tuple[str, Customer]], run: Run
) -> Verdict:
    points = figure.kind.unit == "points"
    rules, cases = run.policy.report, figure.n if points else figure.total
    late_cases = len(late) if points else cases - figure.n
    kept = _kept(figure.value, promise.least, None if points or cases >= rules.counted_cases else late_cases)
    broken = kept in {Fulfilment.NO, Fulfilment.ONE_LATE}
    owners = Counter(owner for owner, _customer in late)
    below = max(Decimal(0), promise.least - figure.value) if figure.value is not None else Decimal(0)
    return Verdict(
        tier=tier.name,
        figure=figure,
        least=promise.least,
        to_customer=promise.to_customer,
        kept=kept,
        late=late_cases,
        owners=tuple(sorted(owners.items(), key=lambda entry: (-entry[1], entry[0]))),
        customer=late[0][1] if kept is Fulfilment.ONE_LATE and late else None,
        few=cases < rules.few_cases,
        loss=(below / _POINTS if points else below) * tier.weight * cases,
        mend_by=run.calendar.workday_within(run.as_of, run.policy.report.mend_days) if broken else None,
    )


def _kept(value: Decimal | None, least: Decimal, late: int | None) -> Fulfilment:
    """Judge a promise: by its figure, or by the number of late cases where there are too few for a share."""
    if value is None:
        return Fulfilment.UNKNOWN
    if late is None:
        return Fulfilment.YES if value >= least else Fulfilment.NO
    return Fulfilment.NO if late >= _MANY else Fulfilment.ONE_LATE if late else Fulfilment.YES


def _late_cases(assessments: Iterable[Assessment], breaches: Iterable[Breach], run: Run) -> LateCases:
    late: defaultdict[tuple[str, str], list[LateCase]] = defaultdict(list)
    for row in breaches:
        if row.promise in _BY_BREACH:
            late[row.grade, _BY_BREACH[row.promise]].append((row.owner, row.assessment.customer))
    least = {
        tier.name: promise.least
        for promise in run.policy.promises
        for tier in run.policy.tiers
        if promise.figure == _SATISFACTION and promise.binds(tier)
    }
    for entry in assessments:
        for item in entry.due:
            if item.overdue_days:
                late[entry.grade, _FOLLOWED_UP].append((item.owner, entry.customer))
        for grade, score in _scores(entry, run):
            if grade in least and score < least[grade]:
                late[grade, _SATISFACTION].append((entry.owner or UNNAMED, entry.customer))
    return late


def _scores(entry: Assessment, run: Run) -> Iterator[tuple[str, Decimal]]:
    """Yield the CSAT of the period's requests, with the tier the customer carried."""
    for service in entry.customer.services:
        day, score = service.requested_at.date(), csat(service)
        if score is not None and run.counts(day):
            yield entry.grade_on(day), score
