"""Reads levels, ranges, yes and no, identifiers and text from cells (practice §2). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from sheetcrm.model import Level, Range, RawValue
from sheetcrm.text.bounds import BOUNDS
from sheetcrm.text.doubt import Doubt, is_blank
from sheetcrm.text.folding import squeeze
from sheetcrm.text.numerals import parse_number
from sheetcrm.text.quantities import read_count, read_rate

_KEPT = 1 << 12
_EXACT_BELOW = 10**15
_EDGES = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u00ad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
_EDGES += "\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_BLANK_TEXTS = frozenset(("", "-", "－", "--", "—", "——", "–", "/", "N/A", "n/a", "无", "暂无", "無", "暫無"))

_LEVELS = {
    "高": "高", "较高": "高", "高增长": "高", "好": "高",
    "中": "中", "中等": "中", "一般": "中",
    "低": "低", "较低": "低", "低增长": "低", "差": "低",
}  # fmt: skip
"""The words for levels, and the level each is."""
_LEVEL = "|".join(sorted(_LEVELS, key=len, reverse=True))
_LABELLED = re.compile(rf"(?P<label>{_LEVEL})(?:$|(?=行业|增速|-?\d+(?:\.\d+)?%)|[(\[【,:;/])(?P<remark>.*)", re.DOTALL)
_OTHER_LEVEL = re.compile(rf"[(\[【]?(?:{_LEVEL})(?:$|[)\]】/、,])")
_ENCLOSED = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]+)[)\]】〕]")
_PERCENTAGE = re.compile(r"(?P<fall>下降|下滑|负增长|萎缩|衰退|减少)?(?P<minus>-?)(?P<figures>\d{1,9}(?:\.\d{1,9})?)%")
_VAGUE = re.compile(r"[~<>≤≥约近超余多至到+±]|左右|以上|以下|\d%?-\d")
_SHRINKING = re.compile(r"(?<![不未无非])(?<!没有)(?:萎缩|负增长|衰退)")

_SEPARATOR = "(?:-{1,2}|~|—{1,2}|–|至|到)"
_PEOPLE = "人|名|位|员工"
_LARGE, _SAYS_PEOPLE = re.compile("[万亿w]", re.IGNORECASE), re.compile(_PEOPLE)
_RANGE = re.compile(
    rf"(?P<low>[^-~—–至到<>≤≥=以不少超+]+?)(?:{_PEOPLE})?{_SEPARATOR}(?P<high>[^-~—–至到<>≤≥=以+]+?)(?:{_PEOPLE})?"
    rf"|(?:>=?|≥|超过)(?P<above>[^<>≤≥=+]+?)(?:{_PEOPLE})?"
    rf"|(?:<=?|≤|不足|少于)(?P<below>[^<>≤≥=+]+?)(?:{_PEOPLE})?"
    rf"|(?P<from>[^<>≤≥=+]+?)(?:{_PEOPLE})?(?:\+|及?以上)(?:{_PEOPLE})?"
    rf"|(?P<up_to>[^<>≤≥=+]+?)(?:{_PEOPLE})?(?:及?以下|以内)"
    rf"|(?P<just>[^<>≤≥=+]+?)(?:{_PEOPLE})?"
)

_YES = frozenset(("是", "√", "✓", "✔", "☑", "y", "yes", "true", "1", "有", "对"))
_NO = frozenset(("否", "×", "✗", "✘", "☐", "n", "no", "false", "0", "无", "不是", "没有"))
_POWER_NOTATION = re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,3}")


def read_level(
    raw: RawValue,
    *,
    unit: str | None = None,
    percent_format: bool = False,
    edges: tuple[tuple[str, Decimal], ...] = (),
) -> Level | Doubt[Level] | None:
    """Read 高, 中 or 低 with the remark in brackets behind it: `高(行业增速15%)`, `低（行业萎缩）`, or a rate alone.

    Args:
        raw: The cell.
        unit: The header's unit, for a bare number.
        percent_format: As in `read_rate`.
        edges: Each label and the rate it begins at, best first; below the last the industry shrinks. With
            them, a label that its rate or 萎缩 contradicts is a doubt. The last label may go with 萎缩.
    """
    if type(raw) is str:
        return _read_level_text(raw, unit, edges)
    rate = read_rate(raw, unit=unit, percent_format=percent_format)
    return _level_of_rate(rate)


@lru_cache(_KEPT)
def _read_level_text(raw: str, unit: str | None, edges: tuple[tuple[str, Decimal], ...]) -> Level | Doubt[Level] | None:
    text = squeeze(raw).rstrip("。;")
    enclosed = _ENCLOSED.fullmatch(text)
    text = enclosed[1] if enclosed else text
    if is_blank(text):
        return None
    labelled = _LABELLED.fullmatch(text)
    if not labelled:
        if re.fullmatch("行业?(?:萎缩|负增长|衰退)|萎缩|负增长|衰退", text):
            return Level(None, shrinking=True)
        return _level_of_rate(read_rate(text.removeprefix("行业").removeprefix("增速"), unit=unit))
    label, remark = _LEVELS[labelled["label"]], labelled["remark"]
    if _OTHER_LEVEL.match(remark):
        return Doubt("level-unreadable")  # 高/中: nobody can tell which
    level = Level(label, _rate_in(remark), bool(_SHRINKING.search(remark)))
    if level.rate is None and not level.shrinking and ("%" in remark or "增速" in remark):
        return Doubt("level-rate-unreadable", level)
    return Doubt("level-disagrees", level) if _contradicts(level, edges) else level


def _level_of_rate(rate: Decimal | Doubt[Decimal] | None) -> Level | Doubt[Level] | None:
    if rate is None:
        return None
    if isinstance(rate, Decimal):
        return Level(None, rate)
    return Doubt("level-unreadable") if rate.value is None else Doubt(rate.kind, Level(None, rate.value))


def _rate_in(remark: str) -> Decimal | None:
    rates = list(_PERCENTAGE.finditer(remark))
    if len(rates) != 1 or _VAGUE.search(remark) or remark.count("%") != 1:
        return None
    rate = Decimal(rates[0]["figures"]) / 100
    rate = -rate if rates[0]["fall"] or rates[0]["minus"] else rate
    return rate if BOUNDS["rate"].hold(rate) else None


def _contradicts(level: Level, edges: tuple[tuple[str, Decimal], ...]) -> bool:
    lowest = edges[-1][0] if edges else "低"
    if level.rate is None:
        return level.shrinking and level.label != lowest
    if not edges:
        return level.shrinking and level.rate >= 0
    by_rate = next((label for label, edge in edges if level.rate >= edge), None)
    if by_rate is None:
        return level.label != lowest
    return level.shrinking or level.label != by_rate


def read_range(raw: RawValue, *, unit: str | None = None) -> Range | Doubt[Range] | None:  # noqa: ARG001 - one call for all
    """Read how many people, from and to: `200-300人`, `≥500`, `50人以下`, 300.

    Of `100-500人/年营收5000万-1亿` the part that counts people is read. Whether an end itself is included
    (`>500`, `≥500`) is not kept.
    """
    if type(raw) is float or type(raw) is int:
        count = read_count(raw)
        if not isinstance(count, int) or not BOUNDS["range"].hold(count):
            return Doubt("range-unreadable")
        return _range(Decimal(count), Decimal(count))
    if type(raw) is str:
        return _read_range_text(raw)
    return None if raw is None else Doubt("range-unreadable")


@lru_cache(_KEPT)
def _read_range_text(raw: str) -> Range | Doubt[Range] | None:
    text = squeeze(raw)
    if is_blank(text):
        return None
    parts = re.split("[/;、|]", text)
    if len(parts) > 1:
        parts = [part for part in parts if re.search(rf"\d\D*(?:{_PEOPLE})", part)]
    match = _RANGE.fullmatch(parts[0].removeprefix("员工")) if len(parts) == 1 else None
    if match and _LARGE.search(parts[0]) and not _SAYS_PEOPLE.search(parts[0]):
        return Doubt("range-unreadable")  # 5000万 is a turnover
    return _range_in(match) if match else Doubt("range-unreadable")


def _range_in(match: re.Match[str]) -> Range | Doubt[Range]:
    ends = {name: parse_number(text) for name, text in match.groupdict().items() if text}
    numbers = {name: end[0] for name, end in ends.items() if end is not None and BOUNDS["range"].hold(end[0])}
    if len(numbers) < len(ends):
        return Doubt("range-unreadable")
    if "high" in numbers:
        return _range(_low_end(match["low"], match["high"], numbers), numbers["high"])
    low = next((numbers[name] for name in ("above", "from", "just") if name in numbers), None)
    high = next((numbers[name] for name in ("below", "up_to", "just") if name in numbers), None)
    return _range(low, high)


def _low_end(low: str, high: str, numbers: Mapping[str, Decimal]) -> Decimal:
    """Return where a range begins: 1-2万 is 1万-2万, but 500-1万 begins at 500."""
    scaled = parse_number(low + high[-1])
    return scaled[0] if scaled and scaled[1] and scaled[0] < numbers["high"] else numbers["low"]


def _range(low: Decimal | None, high: Decimal | None) -> Range | Doubt[Range]:
    return Doubt("range-unreadable") if low is not None and high is not None and low > high else Range(low, high)


def read_yes_no(raw: RawValue, *, unit: str | None = None) -> bool | Doubt[bool] | None:  # noqa: ARG001 - one call for all
    """Read 是 or 否: also √ and ×, Y and N, 有 and 无, TRUE and FALSE, 1 and 0."""
    if type(raw) is bool:
        return raw
    if type(raw) is str:
        return _read_yes_no_text(raw)
    if raw in (0, 1):
        return raw == 1
    return None if raw is None else Doubt("yes-no-unreadable")


@lru_cache(_KEPT)
def _read_yes_no_text(raw: str) -> bool | Doubt[bool] | None:
    text = squeeze(raw).lower()
    if text in _YES or text in _NO:
        return text in _YES
    return None if is_blank(text) else Doubt("yes-no-unreadable")


def read_key(raw: RawValue, *, unit: str | None = None) -> str | Doubt[str] | None:  # noqa: ARG001 - one call for all
    """Read an identifier: leading zeros of a text stay, and the number 1001.0 is `1001`.

    A number of 16 digits or more, or a text such as `1.23E+17`, has lost digits. A date is what Excel
    makes of an identifier such as `2024-05`: it does not read.
    """
    if type(raw) is str:
        return _read_key_text(raw)
    if type(raw) is float or type(raw) is int:
        return _digits(raw)
    return None if raw is None else Doubt("key-unreadable")


@lru_cache(_KEPT)
def _read_key_text(raw: str) -> str | Doubt[str] | None:
    text = squeeze(raw)
    if is_blank(text):
        return None
    return Doubt("digits-lost", text) if _POWER_NOTATION.fullmatch(text) else text


def read_plain_text(raw: RawValue, *, unit: str | None = None) -> str | Doubt[str] | None:  # noqa: ARG001 - one call for all
    """Read text as written, without surrounding white space; a number or a date as Excel would show it."""
    if type(raw) is str:
        text = raw.strip(_EDGES)
        return None if text in _BLANK_TEXTS else text
    if raw is None:
        return None
    if type(raw) is bool:
        return "TRUE" if raw else "FALSE"
    if type(raw) is float or type(raw) is int:
        return _digits(raw)
    if isinstance(raw, datetime):
        return raw.isoformat(" ", "minutes")
    return raw.isoformat() if isinstance(raw, date) else str(raw)


def _digits(number: float) -> str | Doubt[str]:
    if type(number) is int:
        return str(number)
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number
        return Doubt("key-unreadable")
    if number.is_integer():
        return str(int(number)) if abs(number) < _EXACT_BELOW else Doubt("digits-lost", str(int(number)))
    return f"{number:.15g}"
