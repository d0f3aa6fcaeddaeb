"""Reads days and times of day, and counts calendar months (practice §2, §3). Pure."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias

from sheetcrm.model import RawValue
from sheetcrm.text.bounds import FIRST_YEAR, LAST_YEAR
from sheetcrm.text.doubt import Doubt, is_blank
from sheetcrm.text.folding import squeeze

_KEPT = 1 << 12
_FIRST_SERIAL_DAY, _LAST_SERIAL_DAY = date(1990, 1, 1), date(2100, 12, 31)
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - Excel knows no time zones
_EIGHT_DIGITS = 19_500_101, 21_001_231

_DAY = (
    r"(?:(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|(?P<year_cn>\d{4})年(?P<month_cn>\d{1,2})月(?P<day_cn>\d{1,2})[日号]"
    r"|(?P<digits>\d{8}))"
)
_HALF = "凌晨|早上|上午|中午|下午|晚上|am|pm"
_TIME = (
    rf"(?P<half>{_HALF})?(?P<hour>\d{{1,2}})"
    r"(?:[:时点](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})(?:\.\d+)?秒?|分)?"
    r"|[时点](?P<half_past>半)?)(?P<half_after>am|pm)?"
)
_GAP = rf"(?:[ T,]+|(?<=[日号])|(?={_HALF}))"
_DATETIME = re.compile(rf"{_DAY}(?:{_GAP}{_TIME})?", re.IGNORECASE | re.ASCII)
_MORNINGS, _AFTERNOONS = frozenset(("凌晨", "早上", "上午", "am")), frozenset(("下午", "晚上", "pm"))
_NOON, _NOON_ENDS, _NO_HOUR = 12, 3, 24
_NO_SERIAL = 100_000

_Moment: TypeAlias = tuple[date, time | None]
_UNREADABLE: Doubt[date] = Doubt("unreadable")


def read_date(raw: RawValue, *, unit: str | None = None, date1904: bool = False) -> date | Doubt[date] | None:  # noqa: ARG001
    """Read a day: a date, its written forms with a four-digit year, `20240301`, or an Excel serial number.

    Args:
        raw: The cell. A time of day is dropped.
        unit: Not used; all readers are called alike.
        date1904: Whether the workbook counts days from 1904. Serials of 1990 to 2100 are taken.
    """
    if isinstance(raw, date):
        if not FIRST_YEAR <= raw.year <= LAST_YEAR:
            return Doubt("date-unreadable")
        return raw.date() if isinstance(raw, datetime) else raw
    moment = _read_moment(raw, date1904=date1904)
    if isinstance(moment, tuple):
        return moment[0]
    return None if moment is None else Doubt("date-unreadable")


def read_datetime(
    raw: RawValue,
    *,
    unit: str | None = None,  # noqa: ARG001 - all readers are called alike
    date1904: bool = False,
) -> datetime | Doubt[datetime] | None:
    """Read a day with its time of day, to the second: `2024-03-01 14:30`, `2024年3月1日 下午2:30`.

    A day without a time is a doubt that carries the day's first moment.
    """
    if type(raw) is datetime and not raw.microsecond and FIRST_YEAR <= raw.year <= LAST_YEAR:
        return raw
    moment = _read_moment(raw, date1904=date1904)
    if isinstance(moment, tuple):
        day, clock = moment
        result = datetime.combine(day, clock or time())
        return Doubt("time-missing", result) if clock is None else result
    return None if moment is None else Doubt("datetime-unreadable")


def add_months(day: date, months: int) -> date:
    """Add calendar months, or subtract them; a day that the month lacks becomes its last day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def months_between(start: date, end: date) -> int:
    """Count the calendar months passed: the most that can be added to start without going past end.

    Negative where end comes before start.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    if end.day >= start.day:
        return months
    return months if add_months(start, months) <= end else months - 1


def _read_moment(raw: RawValue, *, date1904: bool) -> _Moment | Doubt[date] | None:
    if isinstance(raw, date) and not FIRST_YEAR <= raw.year <= LAST_YEAR:
        return _UNREADABLE
    if isinstance(raw, datetime):
        raw += timedelta(milliseconds=500)
        return raw.date(), raw.time().replace(microsecond=0)
    if isinstance(raw, date):
        return raw, None
    if type(raw) is str:
        return _read_text(raw)
    if type(raw) is float or type(raw) is int:
        return _read_number(raw, date1904=date1904) or _UNREADABLE
    return None if raw is None else _UNREADABLE


@lru_cache(_KEPT)
def _read_text(raw: str) -> _Moment | Doubt[date] | None:
    text = squeeze(raw)
    if is_blank(text, none_is_blank=True):
        return None
    match = _DATETIME.fullmatch(text)
    if not match:
        return _UNREADABLE
    parts = [part for part in match.group("year", "month", "day", "year_cn", "month_cn", "day_cn") if part]
    digits = match["digits"] or ""
    try:
        day = date(*map(int, parts or (digits[:4], digits[4:6], digits[6:])))
        clock = _clock(match)
    except ValueError:
        return _UNREADABLE
    return (day, clock) if FIRST_YEAR <= day.year <= LAST_YEAR else _UNREADABLE


def _clock(match: re.Match[str]) -> time | None:
    """Return the time of day; None without one, ValueError if there is no such time."""
    if match["hour"] is None:
        return None
    hour = int(match["hour"])
    half = (match["half"] or match["half_after"] or "").lower()
    if half in _MORNINGS and hour >= _NOON:
        hour = 0 if hour == _NOON else _NO_HOUR
    elif (half in _AFTERNOONS and hour < _NOON) or (half == "中午" and hour < _NOON_ENDS):
        hour += _NOON
    return time(hour, 30 if match["half_past"] else int(match["minute"] or 0), int(match["second"] or 0))


@lru_cache(_KEPT)
def _read_number(number: float, *, date1904: bool) -> _Moment | None:
    if _EIGHT_DIGITS[0] <= number <= _EIGHT_DIGITS[1]:
        if number != int(number):
            return None
        moment = _read_text(str(int(number)))
        return moment if isinstance(moment, tuple) else None
    if not 0 < number < _NO_SERIAL:
        return None
    instant = (_EPOCH_1904 if date1904 else _EPOCH) + timedelta(seconds=round(number * 86_400))
    if not _FIRST_SERIAL_DAY <= instant.date() <= _LAST_SERIAL_DAY:
        return None
    return instant.date(), None if number == int(number) else instant.time()
