"""Computes when a tier's limits end: by the clock or in working hours, sooner on days off (practice §3, §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sheetcrm.model import Holiday
from sheetcrm.policy.model import Policy, ServiceRules, Standard
from sheetcrm.workdays import Calendar

_DAY = timedelta(days=1)
_HOUR = 3600
_WORKING = "工作时间"


def working_calendar(policy: Policy, holidays: Iterable[Holiday] = ()) -> Calendar:
    """Return the calendar that ships with the policy's days above it, and a book's 节假日 above both."""
    days = {**policy.holidays, **{entry.date: entry.day_kind for entry in holidays}}
    return Calendar({day: kind == "班" for day, kind in days.items()})


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """Computes the last moment a standard promises, for a request made at some time.

    A limit of its own for days off counts for requests made on a day off, and always by the clock.
    """

    rules: ServiceRules
    is_workday: Callable[[date], bool]

    def response_hours(self, standard: Standard | None, at: datetime) -> Decimal | None:
        """Return the hours promised for the first answer to a request of that moment; None where none are."""
        if standard is None:
            return None
        return self._hours(standard.first_response_hours, standard.first_response_hours_day_off, at)

    def response_due(self, standard: Standard | None, at: datetime) -> datetime | None:
        """Return the last moment of the first answer; None where no limit is promised."""
        return self._due(self.response_hours(standard, at), standard, at, day_off="first_response_hours_day_off")

    def resolution_due(self, standard: Standard | None, at: datetime) -> datetime | None:
        """Return the last moment of the resolution; None where no limit is promised."""
        hours = self._hours(standard.resolution_hours, standard.resolution_hours_day_off, at) if standard else None
        return self._due(hours, standard, at, day_off="resolution_hours_day_off")

    def deadline(self, start: datetime, hours: Decimal, *, round_the_clock: bool) -> datetime:
        """Return the last moment of a limit: clock hours, or the working hours of working days (practice §3)."""
        left = timedelta(seconds=float(hours * _HOUR))
        if round_the_clock or self.rules.clock != _WORKING:
            return start + left
        opens, closes = (timedelta(hours=float(hour)) for hour in (self.rules.opens, self.rules.closes))
        day = datetime.combine(start.date(), time())
        # A calendar without a single working day would never end.
        for _ in range(max(1, int(left / (closes - opens)) + 1) * 30):
            begin, end = max(start, day + opens), day + closes
            if begin < end and self.is_workday(day.date()):
                if begin + left <= end:
                    return begin + left
                left -= end - begin
            day += _DAY
        return start + left

    def _hours(self, usual: Decimal | None, day_off: Decimal | None, at: datetime) -> Decimal | None:
        return usual if day_off is None or self.is_workday(at.date()) else day_off

    def _due(self, hours: Decimal | None, standard: Standard | None, at: datetime, *, day_off: str) -> datetime | None:
        if hours is None or standard is None:
            return None
        by_clock = getattr(standard, day_off) is not None and not self.is_workday(at.date())
        return self.deadline(at, hours, round_the_clock=standard.round_the_clock or by_clock)
