"""Reads quantities that people wrote into cells, and formats quantities for people (practice §2). Pure.

Every reader takes a raw cell and returns the value, a `Doubt`, or None where the cell is blank. A header's
`unit` applies to bare numbers only. Nothing is guessed: a text that is not plainly one value does not read.
Numbers are taken as Excel shows them, with 15 significant digits.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from sheetcrm.model import RawValue
from sheetcrm.text.bounds import BOUNDS, FEWEST, Bounds
from sheetcrm.text.doubt import Doubt, is_blank
from sheetcrm.text.folding import squeeze
from sheetcrm.text.numerals import FIGURES, parse_number, parse_words, plain
from sheetcrm.text.remarks import without_remark

_KEPT = 1 << 12
"""How many distinct texts each reader caches."""
_EXACT_BELOW = 10**15
"""From here on a float no longer holds every digit."""
_ONE, _HUNDRED = Decimal(1), Decimal(100)

_MONEY_UNITS = {
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10_000),
    "十万元": Decimal(100_000),
    "百万元": Decimal(1_000_000),
    "千万元": Decimal(10_000_000),
    "亿元": Decimal(100_000_000),
}
_MONEY = re.compile(
    r"(?P<minus>-|负)?(?P<sign>¥|rmb|cny|人民币)?(?P<minus_after>-?)(?P<number>[^-¥()元圆块负]+?)"
    r"(?P<yuan>(?:元|圆|块钱?)?(?:整|正)?(?:人民币|rmb|cny)?)",
    re.IGNORECASE,
)
_A_YEARS_MONEY = re.compile(r"(?:每|全|一)?年(?P<before>[^均]+)|(?P<behind>.+?)(?:/|每)年")
"""An amount of a year: `年80万`, `80万/年`. Only a field that holds a year's amount takes it."""

_COUNT = rf"(?:{FIGURES}|[零〇一二两三四五六七八九十百千]+)"
_TIMES = "次|单|笔|回"
"""Measure words of purchases."""
_A_YEAR = {"年": 1, "半年": 2, "季度": 4, "季": 4, "个月": 12, "月": 12, "周": 52, "星期": 52, "天": 365, "日": 365}
_PERIOD = "半年|年|季度|季|个月|月|周|星期|天|日"
_FREQUENCY = re.compile(
    rf"(?P<n>{_COUNT})(?:{_TIMES})?(?:/|每)(?P<m>{_COUNT})?个?(?P<p>{_PERIOD})"
    rf"|(?:平均)?每(?P<m1>{_COUNT})?个?(?P<p1>{_PERIOD})均?(?P<n1>{_COUNT})(?:{_TIMES})"
    rf"|(?P<m2>{_COUNT})?(?P<p2>半年|年|季度|个月|周|星期)均?(?P<n2>{_COUNT})(?:{_TIMES})"
    rf"|(?P<p3>月|季|日|天)均?(?P<n3>{_COUNT})(?:{_TIMES})"
    rf"|(?:最?近|过去)(?:1|一)(?P<p5>年)(?:内|共)?(?P<n5>{_COUNT})(?:{_TIMES})"
    rf"|(?:最?近|过去)(?P<m6>12|十二)个(?P<p6>月)(?:内|共)?(?P<n6>{_COUNT})(?:{_TIMES})"
    rf"|(?P<n4>{_COUNT})(?:{_TIMES})?"
)
_RHYTHMS = {
    "每周": 52, "每星期": 52, "每月": 12, "每个月": 12, "每季": 4, "每季度": 4, "每个季度": 4, "每半年": 2, "每年": 1,
    "每两周": 26, "每双周": 26, "隔周": 26, "每两月": 6, "每两个月": 6, "每双月": 6, "隔月": 6,
}  # fmt: skip
"""How often a rhythm is, in times a year: alone, or so many times each (`隔月1次`)."""
_IDIOMS = {"一月": 12, "两月": 6, "半月": 24}
"""Rhythms only before a number of times (`一月一次`): alone 一月 is January."""
_RHYTHM = re.compile(
    rf"(?P<rhythm>{'|'.join(_RHYTHMS)})(?:(?P<each>{_COUNT})(?:{_TIMES}))?"
    rf"|(?P<idiom>{'|'.join(_IDIOMS)})(?P<n>{_COUNT})(?:{_TIMES})"
)
_FREQUENCY_UNITS = {"次": 1} | {f"次/{period}": times for period, times in _A_YEAR.items()}

_DAYS = {"年": 365, "半年": 180, "季度": 90, "月": 30, "周": 7, "天": 1}
_SPAN = re.compile(rf"({_COUNT}|半)(年半|年|个?季度|个半月|个月|周|个?星期|天|日)零?")
_SPANS = re.compile(rf"(?:{_SPAN.pattern})+前?")
_MONEY_BOUNDS, _FREQUENCY_BOUNDS, _DAYS_BOUNDS = BOUNDS["money"], BOUNDS["frequency"], BOUNDS["duration"]
_RATE_BOUNDS, _COUNT_BOUNDS, _NUMBER_BOUNDS = BOUNDS["rate"], BOUNDS["count"], BOUNDS["number"]

_PERCENT = re.compile(rf"(-?)({FIGURES})(%|‰)?", re.ASCII)
_PERCENT_WORDS = re.compile(r"百分之(?P<whole>[^点]+)(?:点(?P<part>[零一二三四五六七八九]+))?")
_TENTHS = re.compile(r"([一二三四五六七八九十\d])成([一二三四五六七八九半\d])?")
_TENTHS_AND_PARTS = re.compile(r"(\d\.\d)成", re.ASCII)
_FRACTION = re.compile(
    r"(?P<part>\d{1,4})/(?P<of>\d{1,4})|(?P<of_words>[^分]{1,4})分之(?P<part_words>[^分]{1,4})", re.ASCII
)
_OUT_OF_A_HUNDRED = re.compile(r"(\d{2,3}(?:\.\d{1,2})?)分", re.ASCII)
_RATE_UNITS = {"%": _HUNDRED, "‰": Decimal(1000), "成": Decimal(10)}

SCORE_SCALES = {"5分制": Decimal(20), "10分制": Decimal(10)}
"""Scales shorter than the one of 100 points, and what a point of each is worth on it."""

_WHOLE_NUMBER = re.compile(rf"({_COUNT})[次个人件名项家位条例起单份天]?")
_NUMBER = re.compile(rf"([-+]?)({FIGURES})(\D*)", re.ASCII)


def read_money(raw: RawValue, *, unit: str | None = None, yearly: bool = False) -> Decimal | Doubt[Decimal] | None:
    """Read an amount in 元: `80万元`, `¥680,000.00`, `八十万`, `(1,200)` for minus 1,200.

    ¥ and 元 state the unit as 万 does: `80元` under a header in 万元 is 80. Where the field is of a year
    (`yearly`), the amount may say so: `80万/年`.
    """
    if type(raw) is float or type(raw) is int:
        number = _exact(raw)
        worth = _MONEY_UNITS.get(unit or "元")
        if number is None or worth is None:
            return Doubt("money-unreadable")
        return _bounded(number if worth == _ONE else plain(number * worth), _MONEY_BOUNDS, "money-unreadable")
    if type(raw) is str:
        return _read_money_text(raw, unit, yearly)
    return None if raw is None else Doubt("money-unreadable")


@lru_cache(_KEPT)
def _read_money_text(raw: str, unit: str | None, yearly: bool) -> Decimal | Doubt[Decimal] | None:  # noqa: FBT001 - cached
    text = without_remark(squeeze(raw))
    if is_blank(text):
        return None
    of_a_year = _A_YEARS_MONEY.fullmatch(text) if yearly and "年" in text else None
    if of_a_year:
        text = of_a_year["before"] or of_a_year["behind"]
    bracketed = text.startswith("(") and text.endswith(")")
    match = _MONEY.fullmatch(text[1:-1] if bracketed else text)
    parsed = parse_number(match["number"]) if match else None
    if not match or parsed is None:
        return Doubt("money-unreadable")
    signs = (bracketed, bool(match["minus"]), bool(match["minus_after"]))
    amount, has_scale = parsed
    has_unit = has_scale or match["sign"] or match["yuan"]
    worth = _ONE if has_unit else _MONEY_UNITS.get(unit or "元")
    if worth is None or sum(signs) > 1:
        return Doubt("money-unreadable")
    amount = amount if has_unit or worth == _ONE else plain(amount * worth)
    return _bounded(-amount if any(signs) else amount, _MONEY_BOUNDS, "money-unreadable")


def format_money(amount: Decimal) -> str:
    """Format an amount in 元 so that it reads back as itself: `80万元`, `1.2亿元`, `8,560元`."""
    whole = int(amount)
    if whole != amount:
        return f"{plain(amount):,f}元"
    for scale, unit in ((100_000_000, "亿元"), (10_000, "万元")):
        if abs(whole) >= scale:
            hundredths, rest = divmod(abs(whole) * 100, scale)
            if not rest:
                units, cents = divmod(hundredths, 100)
                shown = f"{units}.{cents:02}".rstrip("0").rstrip(".")
                return f"{'-' if whole < 0 else ''}{shown}{unit}"
    return f"{whole:,}元"


def read_frequency(raw: RawValue, *, unit: str | None = None) -> Decimal | Doubt[Decimal] | None:
    """Read a frequency, in times a year: `12次/年`, `1次/月`, `每季度2次`; a bare 12 is 12 a year."""
    if type(raw) is float or type(raw) is int:
        number = _exact(raw)
        times = _FREQUENCY_UNITS.get(unit or "次/年")
        if number is None or times is None:
            return Doubt("frequency-unreadable")
        return _bounded(number * times, _FREQUENCY_BOUNDS, "frequency-unreadable")
    if type(raw) is str:
        return _read_frequency_text(raw, unit)
    return None if raw is None else Doubt("frequency-unreadable")


@lru_cache(_KEPT)
def _read_frequency_text(raw: str, unit: str | None) -> Decimal | Doubt[Decimal] | None:
    text = without_remark(squeeze(raw))
    if is_blank(text):
        return None
    match = _FREQUENCY.fullmatch(text)
    if not match:
        return _read_rhythm(text)
    parts = {name[0]: value for name, value in match.groupdict().items() if value}
    times = _A_YEAR[parts["p"]] if "p" in parts else _FREQUENCY_UNITS.get(unit or "次/年")
    number, periods = parse_number(parts["n"]), parse_number(parts.get("m", "1"))
    if times is None or number is None or periods is None or not periods[0]:
        return Doubt("frequency-unreadable")
    return _bounded(plain(number[0] * times / periods[0]), _FREQUENCY_BOUNDS, "frequency-unreadable")


def _read_rhythm(text: str) -> Decimal | Doubt[Decimal]:
    match = _RHYTHM.fullmatch(text)
    number = parse_number(match["each"] or match["n"] or "1") if match else None
    if match is None or number is None:
        return Doubt("frequency-unreadable")
    times = _RHYTHMS[match["rhythm"]] if match["rhythm"] else _IDIOMS[match["idiom"]]
    return _bounded(plain(number[0] * times), _FREQUENCY_BOUNDS, "frequency-unreadable")


def format_frequency(times_a_year: Decimal) -> str:
    """Format a frequency so that it reads back as itself: `12次/年`."""
    return f"{plain(times_a_year):f}次/年"


def read_duration(raw: RawValue, *, unit: str | None = None) -> int | Doubt[int] | None:
    """Read a length of time in whole days: `30天`, `2个月`, `1年半`; a bare 30 is 30 days.

    A year is 365 days, half a year 180, a quarter 90, a month 30, a week 7; half a day rounds up, but of a bare
    number (a formula's 30.4 days) only the days that have passed count.
    """
    if type(raw) is float or type(raw) is int:
        number, days = _exact(raw), _DAYS.get(unit or "天")
        return Doubt("duration-unreadable") if number is None or days is None else _days_passed(number * days)
    if type(raw) is str:
        return _read_duration_text(raw, unit)
    return None if raw is None else Doubt("duration-unreadable")


@lru_cache(_KEPT)
def _read_duration_text(raw: str, unit: str | None) -> int | Doubt[int] | None:
    text = without_remark(squeeze(raw))
    if is_blank(text):
        return None
    bare, days = parse_number(text), _DAYS.get(unit or "天")
    if bare is not None and days is not None:
        return _days_passed(bare[0] * days)
    if not _SPANS.fullmatch(text):
        return Doubt("duration-unreadable")
    total, above = Decimal(0), _DAYS["年"] + 1
    for count, word in _SPAN.findall(text):
        days = _DAYS[word.strip("个半").replace("星期", "周").replace("日", "天")]
        number = (Decimal("0.5"), False) if count == "半" else parse_number(count)
        if number is None or days >= above or (count == "半" and word not in {"年", "个月"}):  # 半天 is no whole day
            return Doubt("duration-unreadable")
        whole, part = divmod(number[0], 1)
        months = (part + (Decimal("0.5") if "半" in word else 0)) * (_DAYS["半年"] * 2 if days == _DAYS["年"] else days)
        total, above = total + whole * days + months, days
    return _whole_days(total)


def format_days(days: int) -> str:
    """Format a length of time so that it reads back as itself: `30天`."""
    return f"{days}天"


def read_rate(
    raw: RawValue, *, unit: str | None = None, percent_format: bool = False
) -> Decimal | Doubt[Decimal] | None:
    """Read a rate as a share: `85%`, `0.85`, 85 and `八成五` are all 0.85.

    Args:
        raw: The cell.
        unit: The header's unit: under `%` a bare number is a percentage, whatever its size.
        percent_format: Whether Excel shows the cell as a percentage: its number is then the share itself.

    Returns:
        The share. A bare number up to 1 is a share and above 1 a percentage; exactly 1 is both, hence a doubt.
    """
    if type(raw) is float or type(raw) is int:
        number = _exact(raw)
        if number is None:
            return Doubt("rate-unreadable")
        return _bounded(number, _RATE_BOUNDS, "rate-unreadable") if percent_format else _share_of_bare(number, unit)
    if type(raw) is str:
        return _read_rate_text(raw, unit)
    return None if raw is None else Doubt("rate-unreadable")


@lru_cache(_KEPT)
def _read_rate_text(raw: str, unit: str | None) -> Decimal | Doubt[Decimal] | None:
    text = without_remark(squeeze(raw))
    if is_blank(text):
        return None
    match = _PERCENT.fullmatch(text)
    if match and len(text) < 20:  # noqa: PLR2004 - more digits than a rate has
        number = Decimal(match[1] + match[2].replace(",", "").replace(" ", ""))
        return _share_of_bare(number, match[3] or unit)
    tenths = _TENTHS.fullmatch(text)
    if tenths:
        whole, part = (_digit(char) for char in tenths.groups("0"))
        return plain((whole + part / 10) / 10)
    words = _PERCENT_WORDS.fullmatch(text)
    percent = parse_number(words["whole"]) if words else None
    if not words or percent is None:
        return _read_part(text)
    part = Decimal("0." + "".join(str(_digit(char)) for char in words["part"] or "0"))
    return _bounded(plain((percent[0] + part) / _HUNDRED), _RATE_BOUNDS, "rate-unreadable")


def _read_part(text: str) -> Decimal | Doubt[Decimal]:
    """Read a part of a whole: `12/14`, `三分之二`, `8.5成`, `85分` (out of a hundred: `5分` may be out of five)."""
    tenths, points = _TENTHS_AND_PARTS.fullmatch(text), _OUT_OF_A_HUNDRED.fullmatch(text)
    if tenths or points:
        share = Decimal(tenths[1]) / 10 if tenths else Decimal(points[1] if points else 0) / 100
        return plain(share) if share <= 1 else Doubt("rate-unreadable")
    fraction = _FRACTION.fullmatch(text)
    part = parse_number(fraction["part"] or fraction["part_words"]) if fraction else None
    whole = parse_number(fraction["of"] or fraction["of_words"]) if fraction else None
    if part is None or whole is None or not 0 <= part[0] <= whole[0] or not whole[0]:
        return Doubt("rate-unreadable")
    return plain(part[0] / whole[0])


def format_rate(share: Decimal) -> str:
    """Format a share so that it reads back as itself: `85%`."""
    return f"{plain(share * 100):f}%"


def read_count(raw: RawValue, *, unit: str | None = None) -> int | Doubt[int] | None:  # noqa: ARG001 - one call for all
    """Read how many: a whole number from 0, in figures or words, which may carry a measure word: `3次`, `两个`."""
    if type(raw) is float or type(raw) is int:
        return int(raw) if _COUNT_BOUNDS.hold(raw) and raw == int(raw) else Doubt("count-unreadable")
    if type(raw) is str:
        return _read_count_text(raw)
    return None if raw is None else Doubt("count-unreadable")


@lru_cache(_KEPT)
def _read_count_text(raw: str) -> int | Doubt[int] | None:
    text = without_remark(squeeze(raw))
    if is_blank(text):
        return None
    match = _WHOLE_NUMBER.fullmatch(text)
    number = parse_number(match[1]) if match else None
    if number is None or number[0] != int(number[0]) or not _COUNT_BOUNDS.hold(number[0]):
        return Doubt("count-unreadable")
    return int(number[0])


def read_number(raw: RawValue, *, unit: str | None = None) -> Decimal | Doubt[Decimal] | None:
    """Read a plain number with its sign; 分 or the header's own unit may follow it: `95分`, `-20`.

    A score of a short scale (`5分制`) is shown on the one of 100 points: 4.8 is 96.
    """
    if type(raw) is float or type(raw) is int:
        number = _exact(raw)
        if unit in SCORE_SCALES and number is not None:
            number = plain(number * SCORE_SCALES[unit])
        return Doubt("number-unreadable") if number is None else _bounded(number, _NUMBER_BOUNDS, "number-unreadable")
    if type(raw) is str:
        return _read_number_text(raw, unit)
    return None if raw is None else Doubt("number-unreadable")


@lru_cache(_KEPT)
def _read_number_text(raw: str, unit: str | None) -> Decimal | Doubt[Decimal] | None:
    text = without_remark(squeeze(raw))
    if is_blank(text):
        return None
    match = _NUMBER.fullmatch(text)
    parsed = parse_number(match[2]) if match and match[3] in {"", "分", unit} else None
    if not match or parsed is None:
        return Doubt("number-unreadable")
    number = parsed[0] * SCORE_SCALES.get(unit or "", _ONE)
    return _bounded(plain(-number if match[1] == "-" else number), _NUMBER_BOUNDS, "number-unreadable")


@lru_cache(_KEPT)
def _exact(number: float) -> Decimal | None:
    """Return a number as Excel shows it; None where it is none, or so large that digits are lost."""
    if not -_EXACT_BELOW < number < _EXACT_BELOW:  # neither is a number that is not one
        return None
    if -FEWEST < number < FEWEST:
        return Decimal(0)
    return Decimal(int(number)) if number == int(number) else plain(Decimal(f"{number:.15g}"))


@lru_cache(_KEPT)
def _share_of_bare(number: Decimal, unit: str | None) -> Decimal | Doubt[Decimal]:
    if unit in _RATE_UNITS:
        return _bounded(plain(number / _RATE_UNITS[unit]), _RATE_BOUNDS, "rate-unreadable")
    if unit is not None:
        return Doubt("rate-unreadable")
    if abs(number) == 1:
        return Doubt("rate-ambiguous", number)
    return plain(number) if abs(number) < 1 else _bounded(plain(number / 100), _RATE_BOUNDS, "rate-unreadable")


def _bounded(number: Decimal, bounds: Bounds, kind: str) -> Decimal | Doubt[Decimal]:
    """Return a number within its bounds; what is beyond them is something else, and unreadable."""
    return number if bounds.low <= number <= bounds.high else Doubt(kind)


def _whole_days(days: Decimal) -> int | Doubt[int]:
    if not _DAYS_BOUNDS.hold(days):
        return Doubt("duration-unreadable")
    return int(days.quantize(_ONE, ROUND_HALF_UP))


def _days_passed(days: Decimal) -> int | Doubt[int]:
    return int(days) if _DAYS_BOUNDS.hold(days) else Doubt("duration-unreadable")


def _digit(char: str) -> Decimal:
    if char == "半":
        return Decimal(5)
    words = parse_words(char)
    return Decimal(char) if words is None else Decimal(words)
