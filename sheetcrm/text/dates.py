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
from sheetcrm.text.numerals import parse_words
from sheetcrm.text.remarks import without_remark

_KEPT = 1 << 12
_FIRST_SERIAL_DAY, _LAST_SERIAL_DAY = date(1990, 1, 1), date(2100, 12, 31)
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - Excel knows no time zones
_EIGHT_DIGITS = 19_500_101, 21_001_231

_DAY = (
    r"(?:(?P<year>\d{4}|(?:1[3-9]|[2-4]\d)(?=[/.-]\d{1,2}[/.-]\d{1,2}(?!\d)))(?P<mark>[-/.、·・•])"
    r"(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|(?P<year_cn>\d{4})年(?P<month_cn>\d{1,2})月(?P<day_cn>\d{1,2})(?:[日号]|(?=$|\())"
    r"|(?P<digits>\d{8}))"
)
"""A day. A year of two digits is one of 2013 to 2049: 12 and less may be a month."""
_HALF = "凌晨|早上|上午|中午|下午|晚上|am|pm"
_TIME = (
    rf"(?P<half>{_HALF})?(?P<hour>\d{{1,2}})"
    r"(?:[:时点](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})(?:\.\d+)?秒?|分)?"
    r"|[时点](?P<half_past>半)?)(?P<half_after>am|pm)?"
)
_GAP = rf"(?:[ T,]+|(?<=[日号])|(?={_HALF}))"
_WEEKDAY = r"(?:\(?(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])\)?)?"
_ZONE = r"(?:\+08:?00)?"
"""The only zone in which the day that is written is the day that is meant."""
_DATETIME = re.compile(rf"{_DAY}{_WEEKDAY}(?:{_GAP}{_TIME}{_ZONE})?", re.IGNORECASE | re.ASCII)
_WEEKDAYS = "一二三四五六日"
_MONTH = re.compile(
    r"(?P<year>\d{4})(?:年(?P<cn>\d{1,2})月份?|[-/](?P<dashed>\d{1,2})|\.(?P<dotted>0[1-9]|1[0-2]|[2-9]))", re.ASCII
)
"""A month without its day. 2026.1 is none: it may be what is left of 2026.10."""
_SPELT = re.compile(
    r"(?P<year>[二一][〇零○Oo0一二三四五六七八九]{3})年(?P<month>[一二三四五六七八九十]{1,3})月"
    r"(?P<day>[一二三四五六七八九十廿卅]{1,3})[日号]?"
)
_SPELT_DIGITS = str.maketrans("〇零○Oo一二三四五六七八九", "00000123456789")
_SERIAL = re.compile(r"[3-7]\d{4}(?:\.\d+)?", re.ASCII)
NO_END = date.max
"""The end of a contract that has none."""
NO_END_WORDS = frozenset(
    ("长期", "长期有效", "长期合同", "无固定期限", "无期限", "自动续签", "自动续约", "自动延续", "永久", "永久有效")
)
"""What people write for it."""
_MORNINGS, _AFTERNOONS = frozenset(("凌晨", "早上", "上午", "am")), frozenset(("下午", "晚上", "pm"))
_NOON, _NOON_ENDS, _NO_HOUR = 12, 3, 24
_NO_SERIAL = 100_000

_Moment: TypeAlias = tuple[date, time | None]
_UNREADABLE: Doubt[date] = Doubt("unreadable")


class MonthEnd(date):
    """The last day of a month that was written without a day: the thing lies anywhere in that month."""

    @property
    def first(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    def not_after(self, day: date) -> date:
        """Return the last day of the month, or an earlier day that the month has reached."""
        return day if self.first <= day < self else self


def earliest_day(day: date) -> date:
    """Return the first day that a date may mean: of a month written without a day, its first. Pure."""
    return day.first if isinstance(day, MonthEnd) else day


def read_date(raw: RawValue, *, unit: str | None = None, date1904: bool = False) -> date | Doubt[date] | None:  # noqa: ARG001
    """Read a day: a date, its written forms with a four-digit year, `20240301`, or an Excel serial number.

    Args:
        raw: The cell. A time of day is dropped.
        unit: Not used; all readers are called alike.
        date1904: Whether the workbook counts days from 1904. Serials of 1990 to 2100 are taken.

    Returns:
        The day. A month without its day is a doubt that carries the month's last day.
    """
    if isinstance(raw, date):
        if not FIRST_YEAR <= raw.year <= LAST_YEAR:
            return Doubt("date-unreadable")
        return raw.date() if isinstance(raw, datetime) else raw
    moment = _read_moment(raw, date1904=date1904)
    if isinstance(moment, tuple):
        return moment[0]
    if moment is None:
        return None
    month = _read_month(raw) if isinstance(raw, str) else None
    return Doubt("date-unreadable") if month is None else Doubt("day-missing", month)


def read_end(raw: RawValue, *, unit: str | None = None, date1904: bool = False) -> date | Doubt[date] | None:  # noqa: ARG001
    """Read the day a contract ends: as `read_date`, and `NO_END` where it is said to have no end (`长期`)."""
    if isinstance(raw, str) and squeeze(raw) in NO_END_WORDS:
        return NO_END
    return read_date(raw, date1904=date1904)


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


@lru_cache(maxsize=_KEPT)
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
        return _read_text(raw, date1904)
    if type(raw) is float or type(raw) is int:
        return _read_number(raw, date1904=date1904) or _UNREADABLE
    return None if raw is None else _UNREADABLE


@lru_cache(_KEPT)
def _read_text(raw: str, date1904: bool) -> _Moment | Doubt[date] | None:  # noqa: FBT001 - a key of the cache
    text = without_remark(squeeze(raw))
    if is_blank(text):
        return None
    match = _DATETIME.fullmatch(text)
    if not match:
        return _read_odd(text, date1904=date1904)
    parts = [part for part in match.group("year", "month", "day", "year_cn", "month_cn", "day_cn") if part]
    digits = match["digits"] or ""
    try:
        year, month, number = map(int, parts or (digits[:4], digits[4:6], digits[6:]))
        day = date(year + 2000 if year < 100 else year, month, number)  # noqa: PLR2004 - two digits
        clock = _clock(match)
    except ValueError:
        return _UNREADABLE
    weekday = match["weekday"]
    if weekday and _WEEKDAYS[day.weekday()] != weekday.replace("天", "日"):
        return _UNREADABLE  # the two name different days
    return (day, clock) if FIRST_YEAR <= day.year <= LAST_YEAR else _UNREADABLE


def _read_odd(text: str, *, date1904: bool) -> _Moment | Doubt[date]:
    """Read a day spelt in Chinese numerals, and a serial number that became a text."""
    if _SERIAL.fullmatch(text):
        return _read_number(float(text), date1904=date1904) or _UNREADABLE
    spelt = _SPELT.fullmatch(text)
    if not spelt:
        return _UNREADABLE
    month, day = (parse_words(re.sub("^廿", "二十", spelt[part]).replace("卅", "三十")) for part in ("month", "day"))
    try:
        moment = date(int(spelt["year"].translate(_SPELT_DIGITS)), month or 0, day or 0)
    except ValueError:
        return _UNREADABLE
    return moment, None


@lru_cache(_KEPT)
def _read_month(raw: str) -> MonthEnd | None:
    match = _MONTH.fullmatch(without_remark(squeeze(raw)))
    if not match:
        return None
    year, month = int(match["year"]), int(match["cn"] or match["dashed"] or match["dotted"])
    if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
        return None
    return MonthEnd(year, month, calendar.monthrange(year, month)[1])


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
        moment = _read_text(str(int(number)), date1904)
        return moment if isinstance(moment, tuple) else None
    if not 0 < number < _NO_SERIAL:
        return None
    instant = (_EPOCH_1904 if date1904 else _EPOCH) + timedelta(seconds=round(number * 86_400))
    if not _FIRST_SERIAL_DAY <= instant.date() <= _LAST_SERIAL_DAY:
        return None
    return instant.date(), None if number == int(number) else instant.time()
