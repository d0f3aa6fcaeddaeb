"""Reads the period of a run, and chooses the as-of date inside it."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, timedelta

from sheetcrm.errors import UsageError
from sheetcrm.model import Period
from sheetcrm.text.bounds import FIRST_YEAR, LAST_YEAR

MONTH, QUARTER, YEAR = "月", "季", "年"
KINDS = (MONTH, QUARTER, YEAR)
"""The kinds of periods there are."""

_FORM = re.compile(r"(\d{4})(?:-(\d{1,2})|[Qq]([1-4]))?")
_TYPED = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?:[-/.]?(?P<month>\d{2})|[-/](?P<short>\d))?",
        r"(?P<year>\d{4})年(?:(?P<month>\d{1,2})月份?)?",
        r"(?P<month>\d{1,2})月份?",
        r"(?P<year>\d{4})(?:-?[Qq]|年第?)(?P<quarter>[1-4一二三四])(?:季度?)?",
    )
)
"""A period as people type it, after `2026`, `2026-10` and `2026Q3` of the reports."""
_QUARTERS = {"一": "1", "二": "2", "三": "3", "四": "4"}


def read_period(text: str) -> Period:
    """Read `2026-10`, `2026Q3` or `2026`. Pure.

    Raises:
        UsageError: If it is none of these.
    """
    match = _FORM.fullmatch(text.strip())
    if not match or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR or (match[2] and not 1 <= int(match[2]) <= 12):  # noqa: PLR2004  (months of a year)
        raise UsageError(f"看不懂期间“{text}”", "请写成 2026-10 或 2026年10月（月）、2026Q3（季）、2026（年）")
    year = int(match[1])
    if match[2]:
        return month_of(date(year, int(match[2]), 1))
    if match[3]:
        return period_of(QUARTER, date(year, 3 * int(match[3]), 1))
    return period_of(YEAR, date(year, 1, 1))


def read_typed_period(text: str, *, today: date) -> Period:
    """Read a period as people type it: `2026-10`, `202610`, `2026年10月`, `2026年三季度`. Pure.

    `10月` alone is the last October that has begun.

    Raises:
        UsageError: If it is none of these.
    """
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    match = next((match for form in _TYPED if (match := form.fullmatch(folded))), None)
    if match is None:
        return read_period(text)
    parts = match.groupdict()
    month, quarter = parts.get("month") or parts.get("short"), parts.get("quarter")
    year = parts.get("year") or str(today.year - (int(month or 1) > today.month))
    if quarter:
        return read_period(f"{year}Q{_QUARTERS.get(quarter, quarter)}")
    try:
        return read_period(f"{year}-{month}" if month else year)
    except UsageError as error:
        raise UsageError(f"看不懂期间“{text}”", error.fix) from None


def period_of(kind: str, day: date) -> Period:
    """Return the period of a kind (one of `KINDS`) that a day is in. Pure."""
    if kind == MONTH:
        return month_of(day)
    if kind == YEAR:
        return Period(f"{day.year}", date(day.year, 1, 1), date(day.year, 12, 31))
    quarter = (day.month + 2) // 3
    return Period(f"{day.year}Q{quarter}", date(day.year, 3 * quarter - 2, 1), _month_end(day.year, 3 * quarter))


def kind_of(period: Period) -> str:
    """Return whether a period is a month, a quarter or a year. Pure."""
    return MONTH if "-" in period.label else QUARTER if "Q" in period.label else YEAR


def month_of(day: date) -> Period:
    """Return the month that a day is in. Pure."""
    return Period(f"{day:%Y-%m}", day.replace(day=1), _month_end(day.year, day.month))


def resolve(period: str | None, as_of: date | None, *, today: date, kind: str = MONTH) -> tuple[Period, date]:
    """Choose period and date: by default the last whole one of a kind and its last day, never after today. Pure.

    Raises:
        UsageError: If the date lies outside the period or after today, or the period has not begun.
    """
    if as_of is not None and as_of.year < FIRST_YEAR:
        raise UsageError(f"评估日 {as_of} 太早", f"请改用 {FIRST_YEAR} 年以后的日期")
    if as_of is not None and as_of > today:
        raise UsageError(f"评估日 {as_of} 在今天（{today}）之后", "请改用今天或更早的日期")
    last_whole = period_of(kind, today).start - timedelta(days=1)
    chosen = read_typed_period(period, today=today) if period is not None else period_of(kind, as_of or last_whole)
    if chosen.start > today:
        raise UsageError(f"期间 {chosen.label} 还没有开始", "请改用已经开始的期间")
    day = as_of or min(chosen.end, today)
    if not chosen.start <= day <= chosen.end:
        raise UsageError(f"评估日 {day} 不在期间 {chosen.label} 之内", "请让两者一致，或只写其中一个")
    return chosen, day


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
