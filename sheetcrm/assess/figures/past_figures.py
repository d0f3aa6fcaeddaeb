"""Chooses the figures of earlier periods that this one's are compared with (practice §10). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sheetcrm.model import PastFigures, Period

_GROWING = frozenset(
    {
        "requests",
        "complaints",
        "retention",
        "retention_high",
        "potential_won",
        "renewal",
        "contacts",
        "reached",
        "followed_up",
        "service_cost",
    }
)
"""Figures that grow with the days of the period: half a month's compare with no whole month's."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The figures to compare with: the last period's and those of a year ago, by group and key.

    `year_ago` is that period as it is written, blank where nothing of it is on record. `backwards` tells that
    the last period is not on record, and was graded from orders.
    """

    last: Mapping[str, Mapping[str, Decimal]]
    yearly: Mapping[str, Mapping[str, Decimal]]
    year_ago: str = ""
    backwards: bool = False


def compared(past: Sequence[PastFigures], period: Period, *, whole: bool) -> Compared:
    """Choose the figures a period is compared with: the last period on record, and the same one a year before.

    Args:
        past: The earlier periods, oldest first.
        period: The period.
        whole: Whether it has ended.

    Returns:
        The values. Figures that grow with the days are left out where one of the two periods is cut off.
        A year is compared with the last one only.
    """
    if not past:
        return Compared({}, {})
    label = f"{period.start.year - 1}{period.label[4:]}"
    before = next((entry for entry in past if entry.period == label and label != str(period.start.year - 1)), None)
    yearly = _even(before, whole=whole) if before else {}
    return Compared(_even(past[-1], whole=whole), yearly, label if yearly else "", past[-1].backwards)


def shown(past: Sequence[PastFigures]) -> tuple[PastFigures, ...]:
    """Return the periods a trend shows: from the first with figures on, at least the last one."""
    periods = [entry if entry.whole else replace(entry, values=_even(entry, whole=False)) for entry in past]
    first = next((number for number, entry in enumerate(periods) if entry.values), len(periods) - 1)
    return tuple(periods[max(first, 0) :])


def _even(entry: PastFigures, *, whole: bool) -> Mapping[str, Mapping[str, Decimal]]:
    if entry.whole and whole:
        return entry.values
    return {
        group: {key: value for key, value in values.items() if key not in _GROWING}
        for group, values in entry.values.items()
    }
