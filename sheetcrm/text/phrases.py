"""Phrases of time and the day each stands for, counted from the day it was written (practice §1.3). Pure.

A phrase is read by the first rule that fits: a pattern, and a function from the day of writing to the due
day. Weeks begin on Monday. A period is due on its last day, 月初 on its first. A day without its month, or a
month-day without its year, is the first such day on or after the day of writing. Hours count as whole days
(24小时内: tomorrow).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from typing import TypeAlias

from sheetcrm.text.dates import add_months
from sheetcrm.text.numerals import parse_words

_Rule: TypeAlias = Callable[..., date | None]
"""The due day, from a `ReferenceDay` and the parts that the rule's pattern matched."""
_SEARCHED_DAYS = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReferenceDay:
    """The day on which a phrase was written, and the working calendar."""

    day: date
    is_workday: Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of time, and the rule that reads them with the parts it needs."""

    words: str
    rule: _Rule
    parts: tuple[str | None, ...]

    def due(self, reference: ReferenceDay) -> date | None:
        """Return the due day; None where there is no such day, or the words name none."""
        try:
            return self.rule(reference, *self.parts)
        except (ValueError, OverflowError):
            return None


def find_phrases(clause: str) -> tuple[Phrase, ...]:
    """Find the phrases of time in a clause. Those of the past (上周, 已于5月1日) are skipped.

    A phrase directly after words for the time after a holiday counts from that time: 节后3个工作日内.
    """
    phrases: list[Phrase] = []
    end = 0
    pattern, rules = _compiled()
    for match in pattern.finditer(clause):
        rule, first, last = rules[match.lastgroup or ""]
        if rule is not None:
            phrase = Phrase(match[0], rule, tuple(match[group] for group in range(first, last)))
            if phrases and end == match.start() and _is_after_break(phrases[-1]):
                before = phrases.pop()
                phrase = Phrase(before.words + phrase.words, partial(_after_break, before, phrase), ())
            phrases.append(phrase)
        end = match.end()
    return tuple(phrases)


def _is_after_break(phrase: Phrase) -> bool:
    return phrase.rule in _BREAK_RULES and phrase.parts[-1] == "后"


# --- counted from the day ------------------------------------------------------------------------------


def _in_days(reference: ReferenceDay, count: str, unit: str) -> date:
    number = _number(count)
    if "工作日" in unit:
        day = reference.day
        while number:
            day += _DAY
            number -= reference.is_workday(day)
        return day
    if unit[-1] in "时hH":
        return reference.day + timedelta(days=number // 24)
    return reference.day + timedelta(days=number * (7 if unit[-1] in "周期拜" else 1))


def _in_months(reference: ReferenceDay, count: str, half: str | None, unit: str) -> date:
    months = _number(count) * {"月": 1, "度": 3, "年": 12}[unit[-1]]
    return add_months(reference.day, months) + timedelta(days=15 if half else 0)


def _in_half(reference: ReferenceDay, unit: str) -> date:
    if unit == "年":
        return add_months(reference.day, 6)
    return reference.day + timedelta(days=15 if unit[-1] == "月" else 0)


def _near_day(reference: ReferenceDay, word: str) -> date:
    ahead = {"今": 0, "当": 0, "明": 1, "次": 1, "翌": 1, "后": 2, "大": 3}
    return reference.day + timedelta(days=ahead[word[0]])


# --- named by the calendar -----------------------------------------------------------------------------


def _full_date(_reference: ReferenceDay, year: str, month: str, day: str) -> date:
    return date(int(year), int(month), int(day))


def _month_day(reference: ReferenceDay, year: str | None, month: str, day: str) -> date | None:
    if year:
        return date(_year(reference, year), _number(month), _number(day))
    return _first_from(reference, [(each, _number(month)) for each in _two_years(reference)], _number(day))


def _day_of_month(reference: ReferenceDay, day: str) -> date | None:
    months = [add_months(reference.day.replace(day=1), ahead) for ahead in range(3)]
    return _first_from(reference, [(month.year, month.month) for month in months], _number(day))


def _day_of_relative_month(reference: ReferenceDay, which: str, day: str) -> date:
    return _relative_month(reference, which).replace(day=_number(day))


def _part_of_relative_month(reference: ReferenceDay, which: str, part: str | None, before: str | None) -> date:
    return _part_of_month(_relative_month(reference, which), part, before)


def _part_of_named_month(
    reference: ReferenceDay, year: str | None, month: str, part: str | None, before: str | None
) -> date | None:
    years = (_year(reference, year),) if year else _two_years(reference)
    dues = [_part_of_month(date(each, _number(month), 1), part, before) for each in years]
    return dues[0] if year else _on_or_after(reference, dues)


def _part_of_month_alone(reference: ReferenceDay, part: str) -> date | None:
    month = reference.day.replace(day=1)
    return _on_or_after(reference, [_part_of_month(each, part, None) for each in (month, add_months(month, 1))])


def _part_of_month(month: date, part: str | None, before: str | None) -> date:
    if before and not part:
        return month - _DAY
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day={"初": 1, "上旬": 10, "中": 15, "中旬": 20}.get(part or "", last))


def _weekday(reference: ReferenceDay, which: str | None, day: str) -> date:
    number = "一二三四五六日".index("日" if day in "天末" else day)
    if not which:
        return reference.day + timedelta(days=(number - reference.day.weekday()) % 7)
    return _monday(reference, which) + timedelta(days=number)


def _week(reference: ReferenceDay, which: str, part: str | None, before: str | None) -> date:
    if part == "初":
        return _monday(reference, which)
    return _monday(reference, which) + timedelta(days=-1 if before and not part else 6)


def _quarter(reference: ReferenceDay, which: str | None, end: str | None, before: str | None) -> date:
    first = date(reference.day.year, (reference.day.month - 1) // 3 * 3 + 1, 1)
    ahead = 3 * (which or "").count("下") + (0 if before and not end else 3)
    return add_months(first, ahead) - _DAY


def _numbered_quarter(reference: ReferenceDay, word: str | None, figure: str | None) -> date | None:
    month = _number(word or figure or "") * 3
    return _on_or_after(reference, [add_months(date(year, month, 1), 1) - _DAY for year in _two_years(reference)])


def _part_of_year(reference: ReferenceDay, year: str | None, part: str) -> date | None:
    month, day = (1, 1) if part == "初" else (12, 31)
    if year:
        return date(_year(reference, year), month, day)
    return _on_or_after(reference, [date(each, month, day) for each in _two_years(reference)])


def _beside_named_holiday(reference: ReferenceDay, name: str, side: str) -> date | None:
    first, last = _HOLIDAYS[name]
    shortest = 1 if first == last else _LONG_BREAK
    for start, end in _breaks(reference):
        days = (start + timedelta(days=ahead) for ahead in range((end - start).days))
        if end - start >= shortest * _DAY and any(first <= (day.month, day.day) <= last for day in days):
            return end if side == "后" else start - _DAY
    return None


def _beside_next_break(reference: ReferenceDay, side: str) -> date | None:
    for start, end in _breaks(reference):
        if end - start >= _LONG_BREAK * _DAY:
            return end if side == "后" else start - _DAY
    return None


def _after_break(before: Phrase, then: Phrase, reference: ReferenceDay) -> date | None:
    """Count from the last day of the break; words that name no day (节后尽快) stand for the first day after it."""
    first_day = before.due(reference)
    return then.due(ReferenceDay(first_day - _DAY, reference.is_workday) if first_day else reference) or first_day


def _unclear(_reference: ReferenceDay, *_groups: str | None) -> None:
    return None


# --- shared by the rules -------------------------------------------------------------------------------------


def _breaks(reference: ReferenceDay) -> Iterator[tuple[date, date]]:
    """Yield each break, from the one the day is in: its first day off, and the first working day after it."""
    earliest, latest = reference.day - timedelta(days=_SEARCHED_DAYS), reference.day + timedelta(days=_SEARCHED_DAYS)
    day = reference.day
    while not reference.is_workday(day) and day > earliest:
        day -= _DAY
    start = None
    while day <= latest:
        if not reference.is_workday(day):
            start = start or day
        elif start:
            yield start, day
            start = None
        day += _DAY


def _number(text: str) -> int:
    """Read a small number in figures or words; ValueError where it is none."""
    number = int(text) if text.isdecimal() else parse_words(text)
    if number is None:
        raise ValueError(text)
    return number


def _year(reference: ReferenceDay, text: str) -> int:
    return int(text[:4]) if text[0].isdecimal() else reference.day.year + {"明": 1, "次": 1, "后": 2}.get(text[0], 0)


def _two_years(reference: ReferenceDay) -> tuple[int, int]:
    return reference.day.year, reference.day.year + 1


def _relative_month(reference: ReferenceDay, which: str) -> date:
    return add_months(reference.day.replace(day=1), which.count("下") + which.count("次"))


def _monday(reference: ReferenceDay, which: str) -> date:
    return reference.day + timedelta(days=7 * which.count("下") - reference.day.weekday())


def _first_from(reference: ReferenceDay, months: list[tuple[int, int]], day: int) -> date | None:
    """Return that day of the first month in which it exists and is not past."""
    return _on_or_after(
        reference, [date(year, month, day) for year, month in months if day <= calendar.monthrange(year, month)[1]]
    )


def _on_or_after(reference: ReferenceDay, days: list[date]) -> date | None:
    return next((day for day in days if day >= reference.day), None)


# --- the rules -----------------------------------------------------------------------------------------

_BREAK_RULES = (_beside_named_holiday, _beside_next_break)
_LONG_BREAK = 3
"""Days off in a row that count as 节: more than a weekend."""
_HOLIDAYS = {
    "元旦": ((1, 1), (1, 1)),
    "春节": ((1, 21), (2, 20)),
    "清明": ((4, 4), (4, 6)),
    "五一": ((5, 1), (5, 1)),
    "劳动": ((5, 1), (5, 1)),
    "端午": ((5, 28), (6, 25)),
    "中秋": ((9, 7), (10, 8)),
    "国庆": ((10, 1), (10, 1)),
    "十一": ((10, 1), (10, 1)),
}
"""The day that a break of that name contains; where the moon decides, the days between which it lies."""

_COUNTED = r"\d一二两三四五六七八九十百零"
_FIGURE = r"(?:\d{1,3}|[一二两三四五六七八九十百零]{1,5})"
_APART = rf"(?<![.千万{_COUNTED}])"
_N = rf"{_APART}({_FIGURE})(?!\d)"
_TO = "(?:-|~|—|至|到|、)"
_FROM = rf"(?:{_APART}{_FIGURE}{_TO})?"
_BEFORE = "(之前|以前|前(?!期|台|端|置|往|提(?![供交出报醒])))"
_AFTER = "(?:(?:之|以)?内(?![部容审控外])|(?:之|以)?后(?![续台期勤端]))"
_WHICH = "(本|这个?|当|次|下下个?|下个?)"
_YEAR = r"(今年|本年|明年|次年|后年|\d{4}年)"
_PART = "(底|末|初|上旬|中旬|下旬|中(?![标心国午间介])|内(?![部容审控外]))"
_VAGUE = (
    "尽快|尽早|抓紧|近期|近日|择日|择期|改日|改天|不日|稍后|随后|适时|抽空|有空|立即|立刻|马上|年后|明年|过[几些]天|过段时间"
    rf"|[几数]个?(?:工作日|天|日|周|星期|月){_AFTER}|\d{{1,3}}(?:个?工作日|天|日|周|个月)左右"
    rf"|\d{{1,3}}\.\d{{1,3}}个?(?:月|年|天|周|小时){_AFTER}"
)

_RULES: tuple[tuple[str, _Rule | None], ...] = (
    # the past
    (r"已[经于在]*(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]", None),
    (r"上上?个?(?:周|星期|礼拜|月|季度)(?:[一二三四五六日天末底初]|\d{1,2}[日号])?", None),
    (r"去年|昨[天日]|(?<![以之提])前[天日]", None),
    (rf"{_N}(?:天|日|周|个?星期|个月|年)前(?=已|曾)", None),
    # what sounds like a day and is none
    (rf"{_N}(?:个?工作日|天|周|个?星期|个月|年)(?:之|以)?前(?!期|台|端|置|往|提(?![供交出报醒]))", _unclear),
    (rf"每[个隔]?{_FIGURE}?个?(?:周|星期|月|季度?|年|天|日|工作日)[一二三四五六日天末底初]?", _unclear),
    (r"(?<!\d)\d{2}年\d{1,2}月(?:\d{1,2}[日号])?", _unclear),
    (rf"{_N}月{_AFTER}", _unclear),
    # counted from the day
    (rf"{_FROM}{_N}(个?工作日|天|日|个?小时|[hH]|周|个?星期|个?礼拜){_AFTER}", _in_days),
    (rf"{_FROM}{_N}个(半)?(月|季度){_AFTER}", _in_months),
    (rf"{_FROM}{_N}()(年){_AFTER}", _in_months),
    (rf"半个?(月|年|天|日|小时){_AFTER}", _in_half),
    (r"(大后天|今[天日晚早]|明[天日晚早晨]|后天|当[天日晚]|次日|翌日)", _near_day),
    # days
    (rf"(?:\d{{4}}年\d{{1,2}}月\d{{1,2}}[日号]?{_TO})?(?<!\d)(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})[日号]?", _full_date),
    (r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", _full_date),
    (rf"{_YEAR}?(?<!\d年){_N}月{_FIGURE}[日号]?{_TO}{_N}[日号]", _month_day),
    (
        rf"(?:{_APART}{_FIGURE}月{_FIGURE}[日号]?{_TO})?{_YEAR}?{_N}月{_N}(?:[日号]|(?=之?前|以前))",
        _month_day,
    ),
    (
        r"(?<![\d./-])(\d{1,2})[/.-](\d{1,2})(?=之?前|以前)",
        lambda reference, *parts: _month_day(reference, None, *parts),
    ),
    (
        r"(?<![^\s于在(,、:])(\d{1,2})/(\d{1,2})(?![\d/的款])",
        lambda reference, *parts: _month_day(reference, None, *parts),
    ),
    (rf"{_WHICH}月份?{_N}[日号]", _day_of_relative_month),
    (rf"{_FROM}{_N}(?:日(?![游后内])|号(?![线楼店机院门厂仓车]))", _day_of_month),
    (rf"(?<![{_COUNTED}几数])(本|这个?|下下个?|下个?)?(?:周|星期|礼拜)([一二三四五六日天末])(?![次个])", _weekday),
    # periods
    (rf"{_WHICH}月份?{_PART}?{_BEFORE}?(?![的份])", _part_of_relative_month),
    (rf"{_YEAR}?{_N}月份?(?:{_PART}|(?={_BEFORE}))", _part_of_named_month),
    (rf"(?<![{_COUNTED}个份几数半])月{_PART}", _part_of_month_alone),
    (rf"(本|这个?|下下个?|下个?)(?:周|星期|礼拜)(内|初)?{_BEFORE}?(?![的次])", _week),
    (r"(?:第?([一二三四])季度|(?<![A-Za-z])[qQ]([1-4]))(?:末|底|结束)", _numbered_quarter),
    (rf"(本|这个?|下下个?|下个?)季度(末|底|内)?{_BEFORE}?(?!的)", _quarter),
    (rf"(?<![一二三四\d])(当)?季度?(末|底|内){_BEFORE}?", _quarter),
    (rf"{_YEAR}年?(底|末|终|内|初)", _part_of_year),
    (rf"(?<![{_COUNTED}半几数])()年(底|末|终|内|初)", _part_of_year),
    (rf"({'|'.join(_HOLIDAYS)})(?:小?长?假期?|节)*(?:之|以)?(前|后)", _beside_named_holiday),
    (r"(?<![环细季章情关音枝])(?:节假日|节日|小?长假|假期|节)(?:之|以)?(前|后)(?![期台提续])", _beside_next_break),
    (_VAGUE, _unclear),
)
_BEGINS = (
    r"(?=[\d一二两三四五六七八九十百已上去昨前每半大今明后当次翌本这下周星礼第qQ季年月元春清劳端中国节假长小"
    "尽抓近择改不稍随适抽有立马过几数])"
)


@cache
def _compiled() -> tuple[re.Pattern[str], dict[str, tuple[_Rule | None, int, int]]]:
    """Compile the rules into one pattern; by a rule's group: its function, and the first and last of its parts."""
    phrase = re.compile(
        f"{_BEGINS}(?:" + "|".join(f"(?P<r{number}>{pattern})" for number, (pattern, _) in enumerate(_RULES)) + ")"
        "(?:之前|以前|前(?!期|台|端|置|往|提(?![供交出报醒]))|(?:之|以)?内(?![部容审控外]))?"
    )
    rules: dict[str, tuple[_Rule | None, int, int]] = {}
    for number, (pattern, rule) in enumerate(_RULES):
        first = phrase.groupindex[f"r{number}"] + 1
        rules[f"r{number}"] = rule, first, first + re.compile(pattern).groups
    return phrase, rules
