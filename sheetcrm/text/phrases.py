"""Phrases of time and the day each means, counted from the day it was written (domain §1.3). Pure.

A phrase is read by the first rule that fits: a pattern, and what it makes of the day. Weeks begin on Monday.
A period is due on its last day, 月初 on its first. A day without its month, or a month-day without its
year, is the first such day on or after the day of writing. Hours count as whole days (24小时内: tomorrow).
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
"""What a rule makes of a `Written` and the parts its pattern caught."""
_SEARCHED_DAYS = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Written:
    """The day something was written, and the working calendar it was written under."""

    day: date
    is_workday: Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of time, and the rule that reads them with the parts it needs."""

    words: str
    rule: _Rule
    parts: tuple[str | None, ...]

    def due(self, written: Written) -> date | None:
        """Say which day is meant; None where there is no such day, or the words do not say one."""
        try:
            return self.rule(written, *self.parts)
        except (ValueError, OverflowError):
            return None


def find_phrases(clause: str) -> tuple[Phrase, ...]:
    """Find the phrases of time in a clause. Those of the past (上周, 已于5月1日) are passed over.

    What follows at once on words for the time after a holiday is said of that time: 节后3个工作日内.
    """
    found: list[Phrase] = []
    end = 0
    pattern, rules = _compiled()
    for match in pattern.finditer(clause):
        rule, first, last = rules[match.lastgroup or ""]
        if rule is not None:
            phrase = Phrase(match[0], rule, tuple(match[group] for group in range(first, last)))
            if found and end == match.start() and found[-1].rule in _BREAKS and found[-1].parts[-1] == "后":
                before = found.pop()
                phrase = Phrase(before.words + phrase.words, partial(_after_break, before, phrase), ())
            found.append(phrase)
        end = match.end()
    return tuple(found)


# --- counted from the day ------------------------------------------------------------------------------


def _in_days(written: Written, count: str, unit: str) -> date:
    number = _number(count)
    if "工作日" in unit:
        day = written.day
        while number:
            day += _DAY
            number -= written.is_workday(day)
        return day
    if unit[-1] in "时hH":
        return written.day + timedelta(days=number // 24)
    return written.day + timedelta(days=number * (7 if unit[-1] in "周期拜" else 1))


def _in_months(written: Written, count: str, half: str | None, unit: str) -> date:
    months = _number(count) * {"月": 1, "度": 3, "年": 12}[unit[-1]]
    return add_months(written.day, months) + timedelta(days=15 if half else 0)


def _in_half(written: Written, unit: str) -> date:
    if unit == "年":
        return add_months(written.day, 6)
    return written.day + timedelta(days=15 if unit[-1] == "月" else 0)


def _near_day(written: Written, word: str) -> date:
    ahead = {"今": 0, "当": 0, "明": 1, "次": 1, "翌": 1, "后": 2, "大": 3}
    return written.day + timedelta(days=ahead[word[0]])


# --- named by the calendar -----------------------------------------------------------------------------


def _full_date(_written: Written, year: str, month: str, day: str) -> date:
    return date(int(year), int(month), int(day))


def _month_day(written: Written, year: str | None, month: str, day: str) -> date | None:
    if year:
        return date(_year(written, year), _number(month), _number(day))
    return _first_from(written, [(each, _number(month)) for each in _two_years(written)], _number(day))


def _day_of_month(written: Written, day: str) -> date | None:
    months = [add_months(written.day.replace(day=1), ahead) for ahead in range(3)]
    return _first_from(written, [(month.year, month.month) for month in months], _number(day))


def _day_of_relative_month(written: Written, which: str, day: str) -> date:
    return _relative_month(written, which).replace(day=_number(day))


def _part_of_relative_month(written: Written, which: str, part: str | None, before: str | None) -> date:
    return _part_of_month(_relative_month(written, which), part, before)


def _part_of_named_month(
    written: Written, year: str | None, month: str, part: str | None, before: str | None
) -> date | None:
    years = (_year(written, year),) if year else _two_years(written)
    dues = [_part_of_month(date(each, _number(month), 1), part, before) for each in years]
    return dues[0] if year else _on_or_after(written, dues)


def _part_of_month_alone(written: Written, part: str) -> date | None:
    month = written.day.replace(day=1)
    return _on_or_after(written, [_part_of_month(each, part, None) for each in (month, add_months(month, 1))])


def _part_of_month(month: date, part: str | None, before: str | None) -> date:
    if before and not part:
        return month - _DAY
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day={"初": 1, "上旬": 10, "中": 15, "中旬": 20}.get(part or "", last))


def _weekday(written: Written, which: str | None, day: str) -> date:
    number = "一二三四五六日".index("日" if day in "天末" else day)
    if not which:
        return written.day + timedelta(days=(number - written.day.weekday()) % 7)
    return _monday(written, which) + timedelta(days=number)


def _week(written: Written, which: str, part: str | None, before: str | None) -> date:
    if part == "初":
        return _monday(written, which)
    return _monday(written, which) + timedelta(days=-1 if before and not part else 6)


def _quarter(written: Written, which: str | None, end: str | None, before: str | None) -> date:
    first = date(written.day.year, (written.day.month - 1) // 3 * 3 + 1, 1)
    ahead = 3 * (which or "").count("下") + (0 if before and not end else 3)
    return add_months(first, ahead) - _DAY


def _numbered_quarter(written: Written, word: str | None, figure: str | None) -> date | None:
    month = _number(word or figure or "") * 3
    return _on_or_after(written, [add_months(date(year, month, 1), 1) - _DAY for year in _two_years(written)])


def _part_of_year(written: Written, year: str | None, part: str) -> date | None:
    month, day = (1, 1) if part == "初" else (12, 31)
    if year:
        return date(_year(written, year), month, day)
    return _on_or_after(written, [date(each, month, day) for each in _two_years(written)])


def _around_named_holiday(written: Written, name: str, side: str) -> date | None:
    first, last = _HOLIDAYS[name]
    shortest = 1 if first == last else _LONG_BREAK
    for start, end in _runs_off(written):
        days = (start + timedelta(days=ahead) for ahead in range((end - start).days))
        if end - start >= shortest * _DAY and any(first <= (day.month, day.day) <= last for day in days):
            return end if side == "后" else start - _DAY
    return None


def _around_next_break(written: Written, side: str) -> date | None:
    for start, end in _runs_off(written):
        if end - start >= _LONG_BREAK * _DAY:
            return end if side == "后" else start - _DAY
    return None


def _after_break(before: Phrase, then: Phrase, written: Written) -> date | None:
    """Count from the last day of the break; words that say no day (节后尽快) leave the first day after it."""
    first_day = before.due(written)
    return then.due(Written(first_day - _DAY, written.is_workday) if first_day else written) or first_day


def _unclear(_written: Written, *_groups: str | None) -> None:
    return None


# --- what they share -----------------------------------------------------------------------------------


def _runs_off(written: Written) -> Iterator[tuple[date, date]]:
    """Give each run of days off, from the one the day is in: its first day, and the first working day after it."""
    earliest, latest = written.day - timedelta(days=_SEARCHED_DAYS), written.day + timedelta(days=_SEARCHED_DAYS)
    day = written.day
    while not written.is_workday(day) and day > earliest:
        day -= _DAY
    start = None
    while day <= latest:
        if not written.is_workday(day):
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


def _year(written: Written, said: str) -> int:
    return int(said[:4]) if said[0].isdecimal() else written.day.year + {"明": 1, "次": 1, "后": 2}.get(said[0], 0)


def _two_years(written: Written) -> tuple[int, int]:
    return written.day.year, written.day.year + 1


def _relative_month(written: Written, which: str) -> date:
    return add_months(written.day.replace(day=1), which.count("下") + which.count("次"))


def _monday(written: Written, which: str) -> date:
    return written.day + timedelta(days=7 * which.count("下") - written.day.weekday())


def _first_from(written: Written, months: list[tuple[int, int]], day: int) -> date | None:
    """Take the first month in which that day exists and is not past."""
    return _on_or_after(
        written, [date(year, month, day) for year, month in months if day <= calendar.monthrange(year, month)[1]]
    )


def _on_or_after(written: Written, days: list[date]) -> date | None:
    return next((day for day in days if day >= written.day), None)


# --- the rules -----------------------------------------------------------------------------------------

_BREAKS = (_around_named_holiday, _around_next_break)
_LONG_BREAK = 3
"""Days off in a row that make 节: more than a weekend."""
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
"""The day that a break of that name holds; where the moon decides, the days between which it lies."""

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
    (r"(?<![\d./-])(\d{1,2})[/.-](\d{1,2})(?=之?前|以前)", lambda written, *said: _month_day(written, None, *said)),
    (r"(?<![^\s于在(,、:])(\d{1,2})/(\d{1,2})(?![\d/的款])", lambda written, *said: _month_day(written, None, *said)),
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
    (rf"({'|'.join(_HOLIDAYS)})(?:小?长?假期?|节)*(?:之|以)?(前|后)", _around_named_holiday),
    (r"(?<![环细季章情关音枝])(?:节假日|节日|小?长假|假期|节)(?:之|以)?(前|后)(?![期台提续])", _around_next_break),
    (_VAGUE, _unclear),
)
_BEGINS = (
    r"(?=[\d一二两三四五六七八九十百已上去昨前每半大今明后当次翌本这下周星礼第qQ季年月元春清劳端中国节假长小"
    "尽抓近择改不稍随适抽有立马过几数])"
)


@cache
def _compiled() -> tuple[re.Pattern[str], dict[str, tuple[_Rule | None, int, int]]]:
    """Compile the rules into one pattern; and of each, by its group's name, what reads it and where its parts stand."""
    phrase = re.compile(
        f"{_BEGINS}(?:" + "|".join(f"(?P<r{number}>{pattern})" for number, (pattern, _) in enumerate(_RULES)) + ")"
        "(?:之前|以前|前(?!期|台|端|置|往|提(?![供交出报醒]))|(?:之|以)?内(?![部容审控外]))?"
    )
    rules: dict[str, tuple[_Rule | None, int, int]] = {}
    for number, (pattern, rule) in enumerate(_RULES):
        first = phrase.groupindex[f"r{number}"] + 1
        rules[f"r{number}"] = rule, first, first + re.compile(pattern).groups
    return phrase, rules
