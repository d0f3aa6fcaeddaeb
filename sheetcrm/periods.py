"""Reads the period of a run, and chooses the as-of date inside it."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from sheetcrm.errors import UsageError
from sheetcrm.model import Period
from sheetcrm.text.bounds import FIRST_YEAR, LAST_YEAR

_FORM = re.compile(r"(\d{4})(?:-(\d{1,2})|[Qq]([1-4]))?")


def read_period(text: str) -> Period:
    """Read `2026-10`, `2026Q3` or `2026`. Pure.

    Raises:
        UsageError: If it is none of these.
    """
    match = _FORM.fullmatch(text.strip())
    if not match or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR or (match[2] and not 1 <= int(match[2]) <= 12):  # noqa: PLR2004  (months of a year)
        raise UsageError(f"看不懂期间“{text}”", "请写成 2026-10（月）、2026Q3（季）或 2026（年）")
    year = int(match[1])
    if match[2]:
        return month_of(date(year, int(match[2]), 1))
    if match[3]:
        quarter = int(match[3])
        return Period(f"{year}Q{quarter}", date(year, 3 * quarter - 2, 1), _month_end(year, 3 * quarter))
    return Period(f"{year}", date(year, 1, 1), date(year, 12, 31))


def month_of(day: date) -> Period:
    """Return the month that a day is in. Pure."""
    return Period(f"{day:%Y-%m}", day.replace(day=1), _month_end(day.year, day.month))


def resolve(period: str | None, as_of: date | None, *, today: date) -> tuple[Period, date]:
    """Choose period and date: by default the last full month and its last day, never after today. Pure.

    Raises:
        UsageError: If the date lies outside the period or after today, or the period has not begun.
    """
    if as_of is not None and as_of.year < FIRST_YEAR:
        raise UsageError(f"评估日 {as_of} 太早", f"请改用 {FIRST_YEAR} 年以后的日期")
    if as_of is not None and as_of > today:
        raise UsageError(f"评估日 {as_of} 在今天（{today}）之后", "请改用今天或更早的日期")
    last_month = today.replace(day=1) - timedelta(days=1)
    chosen = read_period(period) if period is not None else month_of(as_of or last_month)
    if chosen.start > today:
        raise UsageError(f"期间 {chosen.label} 还没有开始", "请改用已经开始的期间")
    day = as_of or min(chosen.end, today)
    if not chosen.start <= day <= chosen.end:
        raise UsageError(f"评估日 {day} 不在期间 {chosen.label} 之内", "请让两者一致，或只写其中一个")
    return chosen, day


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
