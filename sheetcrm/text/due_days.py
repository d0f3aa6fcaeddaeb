"""The day that words of time stand for, counted from the day on which they were written (practice §1.3). Pure.

Weeks begin on Monday. A period is due on its last day, 月初 on its first, 季度初 on its first working day. A day
without its month, or a month-day without its year, is the first such day on or after the day of writing. A rule
gives None, or raises ValueError, where there is no such day.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from sheetcrm.text.dates import add_months
from sheetcrm.text.named_days import NAMED_DAYS, SPRING_FESTIVAL
from sheetcrm.text.numerals import parse_words
from sheetcrm.text.promise_words import UNITS

Rule: TypeAlias = Callable[..., date | None]
"""The due day, from a `ReferenceDay` and the parts that the rule's pattern matched."""

LONG_BREAK = 3
"""Days off in a row that count as 节: more than a weekend."""
_MAY_BE_COUNT = 10
_SEARCHED_DAYS = 400
_TOO_FAR = timedelta(days=330)
"""Of a day that lies further ahead than this, the one just past may be meant."""
_CENTURY = 2000
ONE_DAY = timedelta(days=1)
_MONTH_PARTS = {"初": 1, "上旬": 10, "中": 15, "中旬": 20, "上中旬": 20, "中上旬": 20}
_AHEAD = {"今": 0, "当": 0, "本": 0, "明": 1, "次": 1, "翌": 1, "第": 1, "后": 2, "大": 3}


class ReferenceDay(Struct, frozen=True, gc=False):
    """The day on which a phrase was written, and the working calendar."""

    day: date
    is_workday: Callable[[date], bool]


# --- counted from the day ------------------------------------------------------------------------------


def in_units(reference: ReferenceDay, count: str, unit: str) -> date:
    """Count days, working days, weeks, hours, months or years (`UNITS`)."""
    kind, size = UNITS[unit]
    number = to_number(count) * size
    if kind == "workdays":
        day = reference.day
        while number:
            day += ONE_DAY
            number -= reference.is_workday(day)
        return day
    if kind == "months":
        return add_months(reference.day, number)
    days = {"days": number, "hours": number // 24, "minutes": number // (24 * 60)}[kind]
    return reference.day + timedelta(days=days)


def in_half_months(reference: ReferenceDay, count: str) -> date:
    """Count months and a half: 一个半月."""
    return add_months(reference.day, to_number(count)) + timedelta(days=15)


def in_half(reference: ReferenceDay, unit: str) -> date:
    """Count half a day, month or year."""
    if unit == "年":
        return add_months(reference.day, 6)
    return reference.day + timedelta(days=15 if unit[-1] == "月" else 0)


def in_workdays(reference: ReferenceDay, count: str) -> date:
    """Count working days: T+3."""
    return in_units(reference, count, "工作日")


def next_workday(reference: ReferenceDay) -> date:
    """Return the next working day."""
    return in_workdays(reference, "1")


def near_day(reference: ReferenceDay, word: str) -> date:
    """Return today, tomorrow, the day after."""
    return reference.day + timedelta(days=_AHEAD[word[0]])


def same_day(reference: ReferenceDay) -> date:
    """Return the day itself: 下班前."""
    return reference.day


# --- named by the calendar -----------------------------------------------------------------------------


def full_date(_reference: ReferenceDay, year: str, month: str, day: str) -> date:
    """Return a day written with its year, of two digits or four."""
    number = int(year)
    return date(number if number >= _CENTURY // 2 else _CENTURY + number, int(month), int(day))


def month_day(reference: ReferenceDay, year: str | None, month: str, day: str) -> date | None:
    """Return a day of a month, of this or next year where it names none."""
    if year:
        return date(_year(reference, year), to_number(month), to_number(day))
    return _first_from(reference, [(each, to_number(month)) for each in _two_years(reference)], to_number(day))


def not_far(rule: Rule, reference: ReferenceDay, *parts: str | None) -> date | None:
    """Return the day of a rule, but none that a year has been added to for having just passed: 9月10日报价."""
    return _not_too_far(reference, rule(reference, *parts))


def month_day_alone(reference: ReferenceDay, month: str, day: str) -> date | None:
    """Return a day of a month written without a year: 10.8, 0925."""
    return month_day(reference, None, month, day)


def day_of_month(reference: ReferenceDay, day: str, mark: str) -> date | None:
    """Return the next such day. 日 alone may also be a count: up to the 10th, or of a month to come, it is not read."""
    months = [add_months(reference.day.replace(day=1), ahead) for ahead in range(3)]
    due = _first_from(reference, [(month.year, month.month) for month in months], to_number(day))
    is_day = to_number(day) > _MAY_BE_COUNT and due is not None and due.month == reference.day.month
    return due if mark != "日" or is_day else None


def day_of_relative_month(reference: ReferenceDay, which: str, day: str) -> date:
    """Return a day of this or a coming month."""
    return _relative_month(reference, which).replace(day=to_number(day))


def part_of_relative_month(reference: ReferenceDay, which: str, part: str | None, before: str | None) -> date:
    """Return the last day of a part of this or a coming month, or the day before it."""
    return _part_of_month(_relative_month(reference, which), part, before)


def part_of_named_month(
    reference: ReferenceDay, year: str | None, month: str, part: str | None, before: str | None
) -> date | None:
    """Return the last day of a part of a month that is named, or the day before it."""
    if not year and before and not part and to_number(month) == reference.day.month:
        return None
    years = (_year(reference, year),) if year else _two_years(reference)
    dues = [_part_of_month(date(each, to_number(month), 1), part, before) for each in years]
    return dues[0] if year else _on_or_after(reference, dues)


def named_month(reference: ReferenceDay, year: str | None, month: str) -> date | None:
    """Return the last day of a month that is named."""
    return part_of_named_month(reference, year, month, None, None)


def part_of_month(reference: ReferenceDay, part: str) -> date | None:
    """Return the last day of a part of this month, or of the next where it has passed."""
    month = reference.day.replace(day=1)
    return _on_or_after(reference, [_part_of_month(each, part, None) for each in (month, add_months(month, 1))])


def _part_of_month(month: date, part: str | None, before: str | None) -> date:
    if before and not part:
        return month - ONE_DAY
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=_MONTH_PARTS.get(part or "", last))


def weekday(
    reference: ReferenceDay, which: str | None, day: str, others: str, until_week: str | None, until: str | None
) -> date:
    """Return a weekday: the earlier of several (周三、周四), the last of a range (周一到周三)."""
    if until:
        start = _one_weekday(reference, which, day)
        end = _one_weekday(reference, until_week or which, until)
        return end if end >= start else end + 7 * ONE_DAY
    return min(_one_weekday(reference, which, each) for each in (day, *(one for one in others if one in _WEEKDAYS)))


def _one_weekday(reference: ReferenceDay, which: str | None, day: str) -> date:
    number = weekday_number(day)
    if not which:
        return reference.day + timedelta(days=(number - reference.day.weekday()) % 7)
    return _monday(reference, which) + timedelta(days=number)


def week(reference: ReferenceDay, which: str | None, part: str | None, before: str | None) -> date:
    """Return the last day of a week, its first for 初, the day before it for 前."""
    monday = _monday(reference, which or "本")
    if part == "初":
        return monday
    return monday + timedelta(days=-1 if before and not part else 6)


def quarter(reference: ReferenceDay, which: str | None, part: str | None, before: str | None) -> date | None:
    """Return the last day of this or a coming quarter; of 季度初 alone the next one's first working day."""
    first = _quarter_of(reference.day)
    ahead = 3 * (which or "").count("下")
    if part == "初":
        firsts = [_first_workday(reference, add_months(first, months)) for months in (ahead, 3)]
        return firsts[0] if which else _on_or_after(reference, firsts)
    return add_months(first, ahead + (0 if before and not part else 3)) - ONE_DAY


def numbered_quarter(
    reference: ReferenceDay,
    year: str | None,
    word: str | None,
    figure: str | None,
    part: str | None,
    before: str | None,
) -> date | None:
    """Return the last day of a quarter by its number, its first working day for 初, the day before it for 前."""
    month = to_number(word or figure or "") * 3 - 2
    if not year and before and not part and month == _quarter_of(reference.day).month:
        return None
    firsts = [date(each, month, 1) for each in ((_year(reference, year),) if year else _two_years(reference))]
    if part == "初":
        dues = [_first_workday(reference, first) for first in firsts]
    else:
        dues = [add_months(first, 0 if before and not part else 3) - ONE_DAY for first in firsts]
    return _on_or_after(reference, dues)


def part_of_year(reference: ReferenceDay, year: str | None, part: str) -> date | None:
    """Return the last day of a year, its first for 初."""
    month, day = (1, 1) if part == "初" else (12, 31)
    if year:
        return date(_year(reference, year), month, day)
    return _on_or_after(reference, [date(each, month, day) for each in _two_years(reference)])


def half_year(reference: ReferenceDay, year: str | None, half: str) -> date | None:
    """Return the last day of a half of a year."""
    month, day = (6, 30) if half == "上" else (12, 31)
    return date(_year(reference, year or "今年"), month, day)


# --- days with names -----------------------------------------------------------------------------------


def named_day(reference: ReferenceDay, name: str) -> date | None:
    """Return a day with a name itself: 圣诞节当天."""
    days = [NAMED_DAYS[name].in_year(each) for each in _two_years(reference)]
    return _not_too_far(reference, _on_or_after(reference, [day for day in days if day]))


def beside_named_day(reference: ReferenceDay, name: str, side: str) -> date | None:
    """Return the day before or after a day with a name; of a public holiday, before or after its break."""
    named = NAMED_DAYS[name]
    edges = []
    for year in (reference.day.year - 1, *_two_years(reference)):
        day = named.in_year(year)
        if day:
            start, end = _break_of(reference, day) if named.is_holiday else (day, day + ONE_DAY)
            edges.append(end if side == "后" else start - ONE_DAY)
    return _not_too_far(reference, _on_or_after(reference, edges))


def beside_new_year(reference: ReferenceDay, side: str) -> date | None:
    """Return the day before or after the Spring Festival: 年前, 年后."""
    return beside_named_day(reference, SPRING_FESTIVAL, side)


def beside_next_break(reference: ReferenceDay, side: str) -> date | None:
    """Return the day before or after the next break that is longer than a weekend."""
    for start, end in _breaks(reference):
        if end - start >= LONG_BREAK * ONE_DAY:
            return end if side == "后" else start - ONE_DAY
    return None


def no_day(_reference: ReferenceDay, *_parts: str | None) -> None:
    """Return none: words that sound like a day and name none."""
    return


# --- shared by the rules -------------------------------------------------------------------------------

_WEEKDAYS = "一二三四五六日天末1234567"


def agreeing(rule: Rule, reference: ReferenceDay, *parts: str | None) -> date | None:
    """Return the day of a rule whose last part is a weekday that repeats it; None where the two disagree."""
    due = rule(reference, *parts[:-1])
    return due if due is None or not parts[-1] or due.weekday() == weekday_number(parts[-1]) else None


def checked(rule: Rule) -> Rule:
    """Return a rule that takes a weekday behind the day, and checks it."""
    return partial(agreeing, rule)


MONTH_DAYS = (checked(month_day), checked(month_day_alone))
"""The rules of a day without its year, with a weekday behind it."""


def weekday_number(day: str) -> int:
    """Return 0 for Monday to 6 for Sunday."""
    return int(day) - 1 if day.isdecimal() else "一二三四五六日".index("日" if day in "天末" else day)


def to_number(text: str) -> int:
    """Read a small number in figures or words; ValueError where it is none."""
    number = int(text) if text.isdecimal() else parse_words(text)
    if number is None:
        raise ValueError(text)
    return number


def _breaks(reference: ReferenceDay) -> Iterator[tuple[date, date]]:
    """Yield each break, from the one the day is in: its first day off, and the first working day after it."""
    earliest, latest = reference.day - timedelta(days=_SEARCHED_DAYS), reference.day + timedelta(days=_SEARCHED_DAYS)
    day = reference.day
    while not reference.is_workday(day) and day > earliest:
        day -= ONE_DAY
    start = None
    while day <= latest:
        if not reference.is_workday(day):
            start = start or day
        elif start:
            yield start, day
            start = None
        day += ONE_DAY


def _break_of(reference: ReferenceDay, day: date) -> tuple[date, date]:
    """Return the first day off of the break that a holiday lies in, and the first working day after it."""
    start = end = day
    while not reference.is_workday(start - ONE_DAY) and day - start < _SEARCHED_DAYS * ONE_DAY:
        start -= ONE_DAY
    while end == day or not reference.is_workday(end):
        end += ONE_DAY
        if end - day > _SEARCHED_DAYS * ONE_DAY:
            raise ValueError(day)
    return start, end


def _first_workday(reference: ReferenceDay, day: date) -> date:
    for ahead in range(_SEARCHED_DAYS):
        if reference.is_workday(day + ahead * ONE_DAY):
            return day + ahead * ONE_DAY
    raise ValueError(day)


def _not_too_far(reference: ReferenceDay, day: date | None) -> date | None:
    return day if day and day - reference.day <= _TOO_FAR else None


def _year(reference: ReferenceDay, text: str) -> int:
    return int(text[:4]) if text[0].isdecimal() else reference.day.year + {"明": 1, "次": 1, "后": 2}.get(text[0], 0)


def _two_years(reference: ReferenceDay) -> tuple[int, int]:
    return reference.day.year, reference.day.year + 1


def _relative_month(reference: ReferenceDay, which: str) -> date:
    return add_months(reference.day.replace(day=1), which.count("下") + which.count("次"))


def _monday(reference: ReferenceDay, which: str) -> date:
    return reference.day + timedelta(days=7 * which.count("下") - reference.day.weekday())


def _quarter_of(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _first_from(reference: ReferenceDay, months: list[tuple[int, int]], day: int) -> date | None:
    """Return that day of the first month in which it exists and is not past."""
    return _on_or_after(
        reference, [date(year, month, day) for year, month in months if day <= calendar.monthrange(year, month)[1]]
    )


def _on_or_after(reference: ReferenceDay, days: list[date]) -> date | None:
    return next((day for day in days if day >= reference.day), None)


PERIODS = (week, part_of_relative_month, part_of_named_month, named_month, part_of_month, quarter, numbered_quarter)
"""Rules of a period, in which a day may be named: 下周(9月23日)."""
