"""Finds phrases of time in a sentence (practice §1.3). Pure.

A phrase is read by the first rule that fits: a pattern, a worth, and a function from `due_days`. The tables of
words are `promise_words` and `named_days`. What a phrase is worth beside the words around it, `promises` decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import NamedTuple

from sheetcrm.text import due_days
from sheetcrm.text.due_days import ReferenceDay, Rule, checked, no_day
from sheetcrm.text.named_days import NAMED_DAYS, NEEDS_FEAST, NEEDS_SIDE
from sheetcrm.text.promise_words import EVENTS, UNITS, VAGUE, is_amount, is_noun, is_ours, is_term, lasts, pattern_of


class Worth(Enum):
    """What a phrase can be worth."""

    DAY = "names a day"
    COUNT = "counts from a day: 3天内"
    BARE_DAY = "names a day where it stands alone or with something of ours to do: 10.8提供报价"
    BARE_NAME = "a day with a name, only with something of ours to do: 圣诞节拜访"
    BARE_COUNT = "counts there: 3天回复"
    EVENT = "an event still to come: 到货后"
    VAGUE = "sounds like a day and names none: 尽快"
    UNCLEAR = "a time that cannot be read: 3天前"
    SKIP = "no promise: 上周五, 试用3天"


DATED = frozenset((Worth.DAY, Worth.COUNT))
_BARE = {Worth.BARE_DAY: Worth.DAY, Worth.BARE_NAME: Worth.DAY, Worth.BARE_COUNT: Worth.COUNT}
"""What stands alone or with something of ours to do, and what it is worth there."""


LOOKED_AT = 60
"""The characters beside a phrase that may bear on it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of time at their place in a sentence, and the rule that reads them with the parts it needs.

    Attributes:
        after: Whether 后 stands behind a day, so that it begins the day after.
        before: Whether 前 does.
    """

    words: str
    start: int
    end: int
    worth: Worth
    rule: Rule
    parts: tuple[str | None, ...] = ()
    after: bool = False
    before: bool = False

    def due(self, reference: ReferenceDay) -> date | None:
        """Return the due day; None where there is no such day, it is past, or the words name none."""
        try:
            day = self.rule(reference, *self.parts)
            if day and self.after and self.worth is Worth.DAY:
                day += due_days.ONE_DAY
        except (ValueError, OverflowError):
            return None
        return day if day and day >= reference.day else None


def find_phrases(sentence: str) -> tuple[Phrase, ...]:
    """Find the phrases of time in a sentence, in its order. What is no promise (上周, 试用3天) is left out."""
    if not _TIMELIKE.search(sentence):
        return ()
    phrases: list[Phrase] = []
    pattern, rules = _compiled()
    match = pattern.search(sentence)
    while match:
        worth, rule, first, last = rules[match.lastgroup or ""]
        tail = _TAIL.match(sentence, match.end())
        side, end = (tail[1] or "", tail.end()) if tail else ("", match.end())
        worth = _in_place(worth, sentence, match.start(), end, side)
        if worth is not Worth.SKIP:
            dated = worth in DATED
            words = sentence[match.start() : end].rstrip()
            phrases.append(
                Phrase(
                    words,
                    match.start(),
                    end,
                    worth,
                    rule if dated else no_day,
                    tuple(match[group] for group in range(first, last)) if dated else (),
                    after=side.endswith("后"),
                    before=side.endswith("前") or (rule in _OWN_SIDE and words.endswith("前")),
                )
            )
        match = pattern.search(sentence, end)
    return tuple(phrases)


def beside(sentence: str, begin: int, end: int) -> tuple[str, str]:
    """Return what stands in front of a place and behind it in its clause, as far as is looked at."""
    before, after = sentence[max(0, begin - LOOKED_AT) : begin], sentence[end : end + LOOKED_AT]
    return before[before.rfind(",") + 1 :], after.split(",")[0]


def counts_from_end(phrase: Phrase) -> bool:
    """Return whether what follows a phrase directly counts from it: 节后3天内, 10月8日后一周内."""
    return phrase.worth in DATED and (phrase.after or phrase.words.endswith("后"))


def _in_place(worth: Worth, sentence: str, begin: int, end: int, side: str) -> Worth:
    """Return what a phrase is worth between the words beside it in its clause."""
    before, after = beside(sentence, begin, end)
    may_be_count = worth is Worth.DAY and sentence[begin:end].removesuffix("日").isdecimal()
    if (worth is Worth.COUNT and lasts(before)) or (may_be_count and is_term(before, after)):
        return Worth.UNCLEAR  # 试用3天后, 账期30日
    if worth not in _BARE:
        return worth
    is_figure = bool(_FIGURES.fullmatch(sentence, begin, end)) and is_amount(before)
    if is_figure or (worth is Worth.BARE_COUNT and is_term(before, after)):
        return Worth.SKIP  # 折扣:9.5, 合同3年
    may_be_range = bool(_MAY_BE_RANGE.fullmatch(sentence, begin, end))  # 3-5回复
    if (side or is_ours(before, after)) and not may_be_range:
        return _BARE[worth]
    return Worth.SKIP if worth is Worth.BARE_NAME or is_noun(after) else Worth.UNCLEAR


class _Line(NamedTuple):
    pattern: str
    worth: Worth
    rule: Rule = no_day


_BREAK_RULES = (due_days.beside_named_day, due_days.beside_new_year, due_days.beside_next_break)
_OWN_SIDE = (
    *_BREAK_RULES,
    due_days.part_of_relative_month,
    due_days.part_of_named_month,
    due_days.week,
    due_days.quarter,
    due_days.numbered_quarter,
)

_MONTH_DAY, _MONTH_DAY_ALONE = due_days.MONTH_DAYS
_COUNTED = r"\d一二两三四五六七八九十百零"
_FIGURE = r"(?:\d{1,3}|[一二两三四五六七八九十百零]{1,5})"
_APART = rf"(?<![.千万×xX*{_COUNTED}])"
_N = rf"{_APART}({_FIGURE})(?!\d)"
_TO = "(?:-|~|—|至|到)"
_FROM = rf"(?:{_APART}{_FIGURE}(?:个?工作日|天|日|周|个?星期|个?月|个?小时)?{_TO})?"
_BEFORE_WORDS = "之前|以前|前(?!期|台|端|置|往|后|半|提(?![供交出报醒]))"
_BEFORE = f"({_BEFORE_WORDS})"
_INSIDE = "(?:之|以)?内(?![部容审控外])"
_BEHIND = "(?:之|以)?后(?!续(?![签约费订保租单])|[台期勤端天面半])"
_AFTER = f"(?:{_INSIDE}|{_BEHIND})"
_CLOCK = (
    r"\s?(?:凌晨|清晨|早上|一早|上午|中午|下午|傍晚|晚上|晚间|早|晚|下班)?"
    r"(?:\s?\d{1,2}[:点时](?:\d{0,2}分?半?|钟)(?:[-~至到]\d{1,2}[:点时]\d{0,2}分?半?)?)?"
)
_WHICH = "(本|这个?|当|次|下下个?|下个?)"
_WHICH_WEEK = "(本|这个?|当|下下个?|下个?)"
_YEAR = r"(今年|本年|明年|次年|后年|\d{4}年)"
_OR_YEAR = rf"(?:{_YEAR}|(?<!\d年))"
_PART = "(底|末|初|上中旬|中上旬|中下旬|上旬|中旬|下旬|中(?![标心国午间介])|内(?![部容审控外]))"
_UNIT = f"({pattern_of(set(UNITS) - {'日', '年'})})"
_UNIT_OR_DAY = f"({pattern_of(UNITS)})"
_WEEK = "(?:周|星期|礼拜)"
_WEEKDAY = r"([一二三四五六日天末]|[1-7](?![\d天个次.]))(?![次个岁])"
_OTHERS = rf"((?:(?:[、/或和及与]|或者|以及){_WEEK}?[一二三四五六日](?![次个月天周点位家份台]))*)"
_NOT_AMOUNT = r"(?![\d.,:/%万亿千百元块个台套件吨单家人箱批次份笔点倍折位页款米寸楼层版米吨kKgGmMtT-])"
_LEFT = r"(?<![^\s(,、:于在到至定约为改前→>间期])"
_NAMES = pattern_of(NAMED_DAYS)
_NAMED_BY = f"(?!(?:{pattern_of(NEEDS_FEAST)})(?!节))"
_SHOPPING = pattern_of(name for name, day in NAMED_DAYS.items() if not day.is_holiday and name not in NEEDS_SIDE)
_HOLIDAYS = pattern_of(name for name, day in NAMED_DAYS.items() if day.is_holiday and name not in NEEDS_SIDE)
_FEAST = "(?:小?长?假期?|节日?|大促|购物节|活动|结束)*"
_FIRST = "(?:(?:的|上班|开工|复工)*第一(?:个工作日|天)|的?首日)?"
_TAIL = re.compile(rf"{_CLOCK}({_BEFORE_WORDS}|{_AFTER})?")
_FIGURES = re.compile(r"\d{1,2}[./-]\d{1,2}")
_MAY_BE_RANGE = re.compile(r"[1-9]-(?:[1-9]|10)")
_NO_NUMBER = r"(?<![\d第二三四五六七八九十.])"


def _day(pattern: str, rule: Rule, worth: Worth = Worth.DAY) -> _Line:
    """Return the line of a day behind which a weekday may repeat it: 10月30日(周五)."""
    return _Line(
        rf"{pattern}(?:\s?\(?{_WEEK}([一二三四五六日天])\)?)?",
        worth,
        rule if rule in due_days.MONTH_DAYS else checked(rule),
    )


_PAST = (
    _Line(r"已[经于在]*(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]", Worth.SKIP),
    _Line(rf"上上?个?(?:{_WEEK}|月|季度)(?:[一二三四五六日天末底初]|\d{{1,2}}[日号])?", Worth.SKIP),
    _Line(r"去年|昨[天日晚]|(?<![以之提])前[天日]", Worth.SKIP),
    _Line(rf"{_N}(?:天|日|周|个?星期|个月|年)前(?=已|曾)", Worth.SKIP),
    _Line(rf"(?:过去|(?<![\u4e00-\u9fff])前){_FIGURE}个?(?:天|日|周|星期|月|年|季度)", Worth.SKIP),
)
_NOTHING = (
    _Line(r"\d+\s?[×xX*]\s?\d+(?:\s?[×xX*]\s?\d+)?(?:小时|[hH])?", Worth.SKIP),
    _Line(rf"{_FIGURE}周(?:年|岁)", Worth.SKIP),
    _Line(r"[含除](?:周末|周[六日]|节假日|假期)", Worth.SKIP),
    _Line(rf"{_N}/\d+(?:的?(?:货款|尾款|余款|款)|预付|订金|定金|以上)", Worth.SKIP),
    _Line(rf"{_FIGURE}号(?:线|楼|店|机|院|门|厂|仓|车|柜|炉|库|馆|会议室|文)", Worth.SKIP),
    _Line(r"(?:周|月|季|年|日)报(?!价)", Worth.SKIP),
)
_NO_DAYS = (
    _Line(rf"(?:最近|近){_FIGURE}个?(?:天|日|周|星期|月|年|季度)(?:{_AFTER})?", Worth.UNCLEAR),
    _Line(r"大年初.|(?<![月年周季度])初[一二三四五六七八九十](?![次步期])|元月(?:底|初|中旬?)?|廿.?", Worth.UNCLEAR),
    _Line(rf"前{_FIGURE}{_UNIT_OR_DAY}", Worth.UNCLEAR),
    _Line(rf"{_WEEK}[一二三四五六日]{{2,}}(?!早)", Worth.UNCLEAR),
    _Line(r"(?<![A-Za-z])[hH][12](?!\d)", Worth.UNCLEAR),
    _Line(rf"提前{_FIGURE}{_UNIT_OR_DAY}", Worth.UNCLEAR),
    _Line(
        rf"{_N}(?:个?工作日|天|周|个?星期|个月|年|个?小时)(?:之|以)?前(?!期|台|端|置|往|提(?![供交出报醒]))",
        Worth.UNCLEAR,
    ),
    _Line(
        rf"每[个隔]?{_FIGURE}?个?(?:周|星期|月|季度?|年|天|日|工作日)(?:[一二三四五六日天末底初]|\d{{1,2}}[日号])?",
        Worth.UNCLEAR,
    ),
    _Line(rf"{_FIGURE}个?(?:周|天|月|季度|年|星期)(?:一|两|二|\d+)次", Worth.UNCLEAR),
    _Line(rf"{_N}月{_AFTER}", Worth.UNCLEAR),
    _Line(rf"[几数]个?(?:工作日|天|日|周|星期|月)(?:{_AFTER}|左右)?", Worth.UNCLEAR),
    _Line(rf"{_FIGURE}{_UNIT_OR_DAY}(?:左右|上下|多)", Worth.UNCLEAR),
    _Line(rf"\d{{1,3}}\.\d{{1,3}}个?(?:月|年|天|周|小时|工作日|日(?=内))(?:{_AFTER})?", Worth.UNCLEAR),
    _Line(rf"(?:{_FIGURE}|半)个?[多来余]个?(?:工作日|天|日|周|星期|月|年|小时)(?:{_AFTER})?", Worth.UNCLEAR),
    _Line(rf"^[1-9]、{_FIGURE}[日号](?!内)", Worth.UNCLEAR),
    _Line(rf"第{_FIGURE}(?:个?工作日|天|周|个?星期|个月)", Worth.UNCLEAR),
    _Line(
        r"农历|阴历|正月|腊月|冬月|[一二三四五六七八九十]月(?:初[一二三四五六七八九十]|十五|廿.)(?![日号])",
        Worth.UNCLEAR,
    ),
)
_COUNTS = (
    _Line(rf"{_FROM}{_N}{_UNIT_OR_DAY}{_AFTER}", Worth.COUNT, due_days.in_units),
    _Line(rf"{_N}个半月{_AFTER}", Worth.COUNT, due_days.in_half_months),
    _Line(rf"半个?(月|年|天|日|小时){_AFTER}", Worth.COUNT, due_days.in_half),
    _Line(r"(?<![A-Za-z])[TtDd]\+(\d{1,2})(?!\d)(?:个?工作日|[天日])?", Worth.BARE_COUNT, due_days.in_workdays),
    _Line(r"(?:[过这]|再过)([两])(天)", Worth.COUNT, due_days.in_units),
    _Line(rf"{_FROM}{_N}{_UNIT}(?![年岁末底\d])", Worth.BARE_COUNT, due_days.in_units),
    _Line(rf"{_N}年(?![\d岁底末初])", Worth.BARE_COUNT),
    _Line(rf"{_N}个半月", Worth.BARE_COUNT, due_days.in_half_months),
    _Line(r"半个?(月|年|天|日|小时)", Worth.BARE_COUNT, due_days.in_half),
)
_DAYS = (
    _day(r"(大后天|今[天日晚早夜]|明[天日晚早晨夜](?!系)|后天|当[天日晚]|次日|翌日)", due_days.near_day),
    _Line(r"今(明)(?:两|2)?天", Worth.DAY, due_days.near_day),
    _Line(r"明(后)(?:两|2)?天", Worth.DAY, due_days.near_day),
    _Line(r"(?:下一?个?|次一?个?|后一?个?)工作日", Worth.DAY, due_days.next_workday),
    _Line(r"(?:(?:今天?|当天|本日)?下班(?=前|之前|以前))", Worth.DAY, due_days.same_day),
    _day(
        rf"(?:\d{{4}}年\d{{1,2}}月\d{{1,2}}[日号]?{_TO})?(?<!\d)(\d{{4}}|\d{{2}})年(\d{{1,2}})月(\d{{1,2}})(?!\d)[日号]?",
        due_days.full_date,
    ),
    _day(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)[日号]?", due_days.full_date),
    _day(r"(?<![\d./-])(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d./-])", due_days.full_date),
    _day(r"(?<![\dA-Za-z.])(20\d{2})(0[1-9]|1[0-2])([0-3]\d)(?!\d)", due_days.full_date),
    _day(rf"{_OR_YEAR}{_N}月{_FIGURE}[日号]?{_TO}{_N}[日号]", _MONTH_DAY),
    _day(rf"{_OR_YEAR}{_N}月{_N}[日号]?(?:[、/或和及与]{_FIGURE}[日号])+", _MONTH_DAY),
    _day(
        rf"(?:{_APART}{_FIGURE}月{_FIGURE}[日号]?{_TO})?{_YEAR}?{_N}月{_N}(?:[日号]|(?=之?前(?!后)|以前|\s?\(?{_WEEK}))",
        _MONTH_DAY,
    ),
    _day(rf"{_YEAR}?{_N}月{_N}{_NOT_AMOUNT}(?![年月天周])", _MONTH_DAY, Worth.BARE_DAY),
    _day(r"(?<![\d./-])(\d{1,2})[/.-](\d{1,2})(?=之?前(?!后|期)|以前)", _MONTH_DAY_ALONE),
    _day(rf"(?<![\d./-])(\d{{1,2}})[/.-](\d{{1,2}})(?=\s?\({_WEEK})", _MONTH_DAY_ALONE),
    _day(rf"(?<![\d./-])\d{{1,2}}/\d{{1,2}}\s?{_TO}\s?(\d{{1,2}})/(\d{{1,2}})(?![\d./-])", _MONTH_DAY_ALONE),
    _day(
        rf"{_LEFT}\d{{1,2}}[/.]\d{{1,2}}\s?{_TO}\s?(\d{{1,2}})[/.](\d{{1,2}}){_NOT_AMOUNT}[日号]?",
        _MONTH_DAY_ALONE,
        Worth.BARE_DAY,
    ),
    _day(
        rf"{_LEFT}(\d{{1,2}})\.(\d{{1,2}})(?:[、/或和及](?:\d{{1,2}}\.)?\d{{1,2}})+{_NOT_AMOUNT}[日号]?",
        _MONTH_DAY_ALONE,
        Worth.BARE_DAY,
    ),
    _day(rf"{_LEFT}(\d{{1,2}})[/.](\d{{1,2}}){_NOT_AMOUNT}(?!\s?[A-Za-z的])[日号]?", _MONTH_DAY_ALONE, Worth.BARE_DAY),
    _day(
        rf"{_LEFT}(1[0-2]|0?[1-9])-(3[01]|[12]\d|0?[1-9]){_NOT_AMOUNT}(?![年月天日号周])",
        _MONTH_DAY_ALONE,
        Worth.BARE_DAY,
    ),
    _day(r"(?<![\w.])(0[1-9]|1[0-2])([0-3]\d)(?!\d)(?=之?前(?!后|期)|以前)", _MONTH_DAY_ALONE),
    _day(rf"{_LEFT}(0[1-9]|1[0-2])([0-3]\d){_NOT_AMOUNT}", _MONTH_DAY_ALONE, Worth.BARE_DAY),
    _day(rf"{_WHICH}月份?{_N}[日号]", due_days.day_of_relative_month),
    _day(rf"{_N}()(?:[、/或和及]{_FIGURE})+[日号](?![线楼店机院门厂仓车码单柜文])", due_days.day_of_month),
    _day(
        rf"(?:{_APART}{_FIGURE}[日号]?{_TO})?{_N}()(?:日(?=之?前(?!后|期)|以前)|号(?![线楼店机院门厂仓车码单柜文]))",
        due_days.day_of_month,
    ),
    _day(rf"{_FROM}{_N}(日)(?![游后内])", due_days.day_of_month),
    _Line(
        rf"(?<![{_COUNTED}几数]){_WHICH_WEEK}?{_WEEK}{_WEEKDAY}{_OTHERS}"
        rf"(?:{_TO}{_WHICH_WEEK}?{_WEEK}?([一二三四五六日天])(?![次个]))?",
        Worth.DAY,
        due_days.weekday,
    ),
)
_PERIODS = (
    _Line(rf"{_WHICH}月份?{_PART}?{_BEFORE}?(?![的份\d])", Worth.DAY, due_days.part_of_relative_month),
    _Line(rf"{_YEAR}?{_N}月份?(?:{_PART}|(?={_BEFORE}))", Worth.DAY, due_days.part_of_named_month),
    _Line(rf"{_OR_YEAR}{_N}月份?(?!\d)", Worth.BARE_DAY, due_days.named_month),
    _Line(rf"(?<![{_COUNTED}个份几数半])月{_PART}", Worth.DAY, due_days.part_of_month),
    _Line(r"(?<!月)(上中旬|中上旬|中下旬|上旬|中旬|下旬)", Worth.DAY, due_days.part_of_month),
    _Line(rf"{_WHICH_WEEK}{_WEEK}(内|初|底)?{_BEFORE}?(?![的次中上])", Worth.DAY, due_days.week),
    _Line(rf"(?<![{_COUNTED}个几数半每])(){_WEEK}(内(?![部容审控外])|底|初)()", Worth.DAY, due_days.week),
    _Line(
        rf"{_YEAR}?(?:第?([一二三四])季度|(?<![A-Za-z])[qQ]([1-4])(?!\d))(?:(初|末|底|内|结束)|(?={_BEFORE_WORDS})){_BEFORE}?",
        Worth.DAY,
        due_days.numbered_quarter,
    ),
    _Line(
        rf"{_YEAR}?(?:第?([一二三四])季度|(?<![A-Za-z])[qQ]([1-4])(?!\d))()()",
        Worth.BARE_DAY,
        due_days.numbered_quarter,
    ),
    _Line(rf"(本|这个?|当|下下个?|下个?)季度?(初|末|底|内)?{_BEFORE}?(?!的)", Worth.DAY, due_days.quarter),
    _Line(rf"(?<![一二三四\d])()季度?(初|末|底|内){_BEFORE}?", Worth.DAY, due_days.quarter),
    _Line(rf"{_YEAR}?(上|下)半年(?:底|末|内)?(?!之?前|以前)", Worth.BARE_DAY, due_days.half_year),
    _Line(rf"{_YEAR}年?(底|末|终|内|初)", Worth.DAY, due_days.part_of_year),
    _Line(rf"(?<![{_COUNTED}半几数])()年(底|末|终|内|初)", Worth.DAY, due_days.part_of_year),
)
_NAMED = (
    _Line(
        rf"{_NO_NUMBER}{_NAMED_BY}({_NAMES}){_FEAST}(?:之|以)?(前(?!后|期)|后(?![期台提续勤])){_FIRST}",
        Worth.DAY,
        due_days.beside_named_day,
    ),
    _Line(rf"{_NO_NUMBER}{_NAMED_BY}({_NAMES}){_FEAST}(?:当天|当日|那天)", Worth.DAY, due_days.named_day),
    _Line(rf"{_NO_NUMBER}(?:{_NAMES}){_FEAST}前后", Worth.UNCLEAR),
    _Line(rf"{_NO_NUMBER}(?:{_SHOPPING})(?:备货|活动|大促|促销|选品|主推|方案)", Worth.VAGUE),
    _Line(rf"{_NO_NUMBER}{_NAMED_BY}({_SHOPPING})节?(?![假期间路街广场礼月])", Worth.BARE_NAME, due_days.named_day),
    _Line(rf"{_NO_NUMBER}(?:{_HOLIDAYS})(?![假期间路街广场礼月节])", Worth.BARE_NAME),
    _Line(rf"{_NO_NUMBER}{_NAMED_BY}({_NAMES})(?:小?长?假期?|节|大促|期间|当天)+", Worth.VAGUE),
    _Line(
        r"(?<![\d一二两三四五六七八九十百半几数多每今明去本全当某那老中青近新成周学少])年(前|后)(?![期台提续]|.{0,2}月)",
        Worth.DAY,
        due_days.beside_new_year,
    ),
    _Line(
        rf"(?<![^\W\d_A-Za-z])(?:过?了?)(?:节假日|节日|小?长假|放?假期?|节)(?:之|以)?(前(?!后|期|台|端)|后(?![期台提续勤])){_FIRST}",
        Worth.DAY,
        due_days.beside_next_break,
    ),
    _Line(
        rf"(?<=[在于等到约待赶拟给、])(?:节假日|节日|小?长假|放?假期?|节)(?:之|以)?(前(?!后|期|台|端)|后(?![期台提续勤])){_FIRST}",
        Worth.DAY,
        due_days.beside_next_break,
    ),
    _Line(r"(?:七夕|小年|腊八|立[春夏秋冬]|夏至|春分|秋分)节?(?:前|后)?", Worth.UNCLEAR),
    _Line(r"(?<![环细季章情关音枝调])(?:节假日|节日|小?长假|假期|节)(?:之|以)?(?:前|后)(?![期台提续])", Worth.UNCLEAR),
)
_REST = (
    _Line(
        rf"(?:{pattern_of(EVENTS)})[^,、后前内天周月日年\d]{{0,6}}?(?:合格|完毕|完成|结束|通过|以|之)?后"
        r"(?!续(?![签约费订保租单])|[台期勤端天面半])的?",
        Worth.EVENT,
    ),
    _Line("|".join(VAGUE), Worth.VAGUE),
    # whatever else holds a time, so that nobody believes there is none
    _Line(rf"{_WHICH_WEEK}{_WEEK}|(?:本|这个?|下个?|下下个?)(?:月|季度)", Worth.UNCLEAR),
    _Line(rf"(?<![{_COUNTED}个几数半每]){_WEEK}(?:中|[一二三四五六日])(?![个次])", Worth.UNCLEAR),
    _Line(rf"(?<![.\d]){_FIGURE}(?:个?工作日|个?交易日|天|个?小时|个?星期|个月|个季度|周)(?!年|岁)", Worth.UNCLEAR),
    _Line(
        r"\d{1,2}:\d{2}|\d{1,2}点(?:钟|半|前|整)|(?:凌晨|早上|一早|上午|中午|下午|傍晚|晚上|今晚)|下班|(?<!\()工作日(?!\d)|(?:上|下)半[年月]",
        Worth.UNCLEAR,
    ),
    _Line(rf"{_N}月份?", Worth.UNCLEAR),
    _Line(
        r"(?<![\dA-Za-z.版本价率约¥$第])(?:0?[1-9]|1[0-2])[./](?:3[01]|[12]\d|0?[1-9])(?![\d.,:/%万亿千百元块个台套件吨单家人箱批次倍折位版米的A-Za-z])",
        Worth.UNCLEAR,
    ),
    _Line(r"[上中下]旬|年中(?![国心])|季度(?![报表])|半年", Worth.VAGUE),
)
_LINES: tuple[_Line, ...] = (
    *_PAST, *_NOTHING, *_NO_DAYS, *_COUNTS, *_DAYS, *_PERIODS, *_NAMED, *_REST,
)  # fmt: skip
_BEGINS = "".join(
    {word[0] for word in (*NAMED_DAYS, *EVENTS, *VAGUE)}
    | set(
        "0123456789一二两三四五六七八九十百零几数半第每前后今明当次翌本这下上中大周星礼月季年日初廿元农阴正腊冬去昨已过再最近提"
    )
    | set("节假长小放含除立夏春秋七早凌傍晚工hHtTdDqQ")
)
"""The characters with which a phrase can begin; none but these is tried, which is ten times as fast."""
_TIMELIKE = re.compile(
    r"[\d天日周月年季旬节假时近春期晚午班拜初末底历早快紧空刻马后隔回届旧夜前一二三]|下次|定期|抓紧|择|立即"
)


@cache
def _compiled() -> tuple[re.Pattern[str], dict[str, tuple[Worth, Rule, int, int]]]:
    """Compile the lines into one pattern; by a line's group: worth, rule, first and last of its parts."""
    phrase = re.compile(
        f"(?=[{_BEGINS}])(?:" + "|".join(f"(?P<r{number}>{line.pattern})" for number, line in enumerate(_LINES)) + ")"
    )
    rules: dict[str, tuple[Worth, Rule, int, int]] = {}
    for number, line in enumerate(_LINES):
        first = phrase.groupindex[f"r{number}"] + 1
        rules[f"r{number}"] = line.worth, line.rule, first, first + re.compile(line.pattern).groups
    return phrase, rules
