"""The Chinese working calendar, make-up days included (practice §8).

chinesecalendar has the years that the State Council has announced; for others `holidays` estimates, and
beyond its own years only the weekday counts. A workbook's 节假日 sheet takes precedence. Both libraries are
loaded on first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays.countries.china import China

_SATURDAY = 5
_LONGEST_BREAK = 366


@dataclass(frozen=True, slots=True)
class Calendar:
    """A working calendar. `overrides` are the 节假日 sheet's days: True is 班, False is 休."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Return whether a day is a working day: a make-up Saturday is, a public holiday is not."""
        override = self.overrides.get(day)
        return _standard(day)[0] if override is None else override

    def is_estimated(self, day: date) -> bool:
        """Return whether no announcement covers the day yet, so that it is marked 预计."""
        return day not in self.overrides and _standard(day)[1]

    def previous_workday(self, day: date) -> date:
        """Return the last working day up to a day; the day itself where a whole year is off."""
        if self.is_workday(day):
            return day
        days = (day - timedelta(days=back) for back in range(1, _LONGEST_BREAK))
        return next((candidate for candidate in days if self.is_workday(candidate)), day)

    def next_workday(self, day: date) -> date:
        """Return the first working day from a day on; the day itself where a whole year is off."""
        days = (day + timedelta(days=ahead) for ahead in range(_LONGEST_BREAK))
        return next((candidate for candidate in days if self.is_workday(candidate)), day)

    def workday_within(self, start: date, days: int) -> date:
        """Return the last working day of the days after `start`; where none of them is one, the first after them."""
        last = self.previous_workday(start + timedelta(days=days))
        return last if last > start else self.next_workday(start + timedelta(days=1))


@lru_cache(1 << 14)
def _standard(day: date) -> tuple[bool, bool]:
    """Return whether a day is a working day by the announcements, and whether that is an estimate."""
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
    """Load the estimates of one country from its own file: `holidays.countries` loads all 250 with it.

    That takes as long as reading 1,000 customers, and 8 MB.
    """
    import holidays  # noqa: PLC0415 - loaded when first asked

    path = Path(holidays.__file__).with_name("countries") / "china.py"
    spec = spec_from_file_location("holidays.countries.china", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    estimates: China = module.China()
    return estimates
