"""Reads a day of every year, such as a birthday, and finds it in a year (practice §8). Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sheetcrm.model import RawValue
from sheetcrm.text.dates import add_months, read_date
from sheetcrm.text.doubt import Doubt
from sheetcrm.text.folding import squeeze

_LEAP = 2000
"""A year that has every day."""
_MONTH_DAY = re.compile(r"(\d{1,2})(?:月(\d{1,2})[日号]?|[-/.](\d{1,2}))", re.ASCII)
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_SERIALS = range(367, 100_000)
"""Excel's numbers for days from 1901 on; a smaller number may be a month and a day."""


def read_month_day(raw: RawValue, *, unit: str | None = None, date1904: bool = False) -> str | Doubt[str] | None:  # noqa: ARG001
    """Read a day of every year, as `03-08`: `3月8日`, `03-08`, or a date with its year, which is dropped.

    A number such as 3.1 is in doubt: it may be the 1st or the 10th. So is a day of the lunar calendar.
    """
    if isinstance(raw, date):
        return f"{raw:%m-%d}"
    if isinstance(raw, int | float) and not isinstance(raw, bool) and int(raw) in _SERIALS:
        day = (_EPOCH_1904 if date1904 else _EPOCH) + timedelta(days=int(raw))
        return f"{day:%m-%d}"
    match = _MONTH_DAY.fullmatch(squeeze(raw)) if isinstance(raw, str) else None
    if match:
        try:
            return f"{date(_LEAP, int(match[1]), int(match[2] or match[3])):%m-%d}"
        except ValueError:
            return Doubt("month-day-unreadable")
    day_read = read_date(raw, date1904=date1904)
    if day_read is None:
        return None
    return Doubt("month-day-unreadable") if isinstance(day_read, Doubt) else f"{day_read:%m-%d}"


def in_year(month_day: str, year: int) -> date:
    """Return the day of a year that `03-08` names; the 29th of February is the 28th in most years."""
    month, day = map(int, month_day.split("-"))
    return add_months(date(_LEAP, month, day), (year - _LEAP) * 12)
