"""The Chinese working calendar, make-up days included (domain §8).

chinesecalendar knows the years the State Council has announced; for others `holidays` estimates, and past
its own years the week alone decides. A workbook's 节假日 sheet goes above all. Both libraries load on the
first question asked of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays.countries.china import China

_DAY = timedelta(days=1)
_SATURDAY = 5
_LONGEST_BREAK = 366


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. `overrides` are the 节假日 sheet's days: True is 班, False is 休."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Say whether the day is worked: a make-up Saturday is, a public holiday is not."""
        said = self.overrides.get(day)
        return _standard(day)[0] if said is None else said

    def is_estimated(self, day: date) -> bool:
        """Say whether no announcement covers the day yet; print it with 预计."""
        return day not in self.overrides and _standard(day)[1]

    def previous_workday(self, day: date) -> date:
        """Go back to the last working day; a working day is its own."""
        return self._nearest(day, -_DAY)

    def next_workday(self, day: date) -> date:
        """Go on to the next working day; a working day is its own."""
        return self._nearest(day, _DAY)

    def _nearest(self, day: date, step: timedelta) -> date:
        found = day
        for _ in range(_LONGEST_BREAK):
            if self.is_workday(found):
                return found
            found += step
        return day  # a sheet that gives a whole year off moves nothing


@lru_cache(1 << 14)
def _standard(day: date) -> tuple[bool, bool]:
    """Say whether a day is worked by the announcements, and whether that is estimated."""
    from chinese_calendar import is_workday  # noqa: PLC0415 - loaded when first asked

    try:
        return is_workday(day), False
    except NotImplementedError:  # a year it does not know
        return _estimate(day), True


def _estimate(day: date) -> bool:
    china = _china()
    if china.start_year <= day.year <= china.end_year:
        return china.is_working_day(day)
    return day.weekday() < _SATURDAY


@cache
def _china() -> China:
    from holidays.countries.china import China  # noqa: PLC0415 - loaded when first asked

    return China()  # type: ignore[no-untyped-call]
