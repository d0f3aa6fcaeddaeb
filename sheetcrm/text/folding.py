"""Folds labels and cell texts as people write them to one spelling (practice §1). Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from sheetcrm.text.bounds import BOUNDS

if TYPE_CHECKING:
    from opencc import OpenCC

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")
_SPACE = re.compile(r"\s+")
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_REQUIRED_MARKS = "*:★"
_TRADITIONAL_IN_GB2312 = re.compile("[乾吒夥後徵拚捱摺於榘菸薹袷醣麴麽]")
_NOT_HAN = re.compile("[^\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_OPENING, _CLOSING = "([{【〔〖", ")]}】〕〗"
_BRACKET = re.compile(f"[{re.escape(_OPENING + _CLOSING)}]")

_YUAN = {f"{scale}{tail}": f"{scale}元" for scale in ["千", "万", "十万", "百万", "千万", "亿"] for tail in ("", "元")}
_PERIODS = {period: period for period in ("年", "半年", "季度", "月", "周", "天")}
_PERIODS |= {"季": "季度", "个月": "月", "星期": "周", "日": "天"}
_UNITS = {
    **_YUAN,
    **{f"{currency}{spelling}": unit for spelling, unit in _YUAN.items() for currency in ("人民币", "rmb", "cny")},
    **dict.fromkeys(("元", "圆", "人民币", "人民币元", "rmb", "cny", "¥"), "元"),
    **{f"次{per}{period}": f"次/{unit}" for period, unit in _PERIODS.items() for per in ("/", "每")},
    **_PERIODS,
    "天数": "天",
    "日数": "天",
    "月数": "月",
    "年数": "年",
    "人数": "人",
    "百分比": "%",
    **{word: word for word in ("次", "%", "‰", "成", "人", "个", "分", "小时", "分钟")},
    **{word: word for word in ("美元", "港元", "港币", "欧元", "日元", "英镑", "usd", "hkd", "eur", "jpy", "gbp", "$")},
}
_WEIGHT_WORDS = r"(?:权重|占比|比重)(?:为|=|:)?"
_STATED_WEIGHT = re.compile(_WEIGHT_WORDS + r"(\d+(?:\.\d+)?)(?![\d.eE/])(%?)")
_MEANT_WEIGHT = re.compile(_WEIGHT_WORDS + r"[-+.]*(?:\d|(?i:nan|inf))")
_TRAILING_WEIGHT = re.compile(r"[^\d<>≤≥=~\-]*?(\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class HeaderText:
    """A header's label and its notes in brackets, both folded."""

    label: str
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """Fold a label or a choice so that its spellings compare equal.

    Full width becomes half width, traditional simplified, ASCII lower case; white space, line breaks and
    invisible characters are removed, and so are the marks of a required field at the end. Folding is idempotent.
    """
    text = _SPACE.sub("", _half_width(text)).translate(_LOWER)
    return simplify(unicodedata.normalize("NFKC", text)).rstrip(_REQUIRED_MARKS)


def same_name(one: str | None, other: str | None) -> bool:
    """Return whether two names read the same: 張* and 张* do (practice §1.2). A blank is nobody's name. Pure."""
    return one is not None and other is not None and (one == other or fold(one) == fold(other))


def squeeze(text: str) -> str:
    """Convert a cell's text to half width and simplified characters, without white space.

    One space stays between two digits, so that two numbers in a cell never become one.
    """
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    text = _SPACE.sub("", _BETWEEN_DIGITS.sub("\N{NULL}", _half_width(text))).replace("\N{NULL}", " ")
    return simplify(text)


@lru_cache(maxsize=1 << 12)
def fold_name(text: str) -> str:
    """Fold a person's name so that its spellings compare equal (赵* and 趙＊); the mask of a name stays."""
    return squeeze(text).translate(_LOWER)


def simplify(text: str) -> str:
    """Convert traditional characters to simplified ones; text in simplified characters is returned as it is."""
    if text.isascii():
        return text
    try:
        _NOT_HAN.sub("", text).encode("gb2312")
    except UnicodeEncodeError:
        pass
    else:
        if not _TRADITIONAL_IN_GB2312.search(text):
            return text
    convert = _converter().convert
    simplified: str = convert(convert(text))  # one character, 薴, takes two steps
    return simplified


@lru_cache(maxsize=1 << 12)
def traditionalise(text: str) -> str:
    """Convert simplified characters to traditional ones, by the words they stand in."""
    converted: str = text if text.isascii() else _traditional().convert(text)
    return converted


def split_header(text: str) -> HeaderText:
    """Separate a header's label from its notes in brackets: units, weights, remarks.

    A bracket left open extends to the end. A header wholly in brackets is its own label.
    """
    folded = fold(text)
    if not _BRACKET.search(folded):
        return HeaderText(folded.strip(_REQUIRED_MARKS))
    label, note = "", ""
    notes: list[str] = []
    depth = 0
    for char in folded:
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth = max(0, depth - 1)
        elif depth:
            note += char
            continue
        else:
            label += char
        if note and not depth:
            notes.append(note)
            note = ""
    if note:
        notes.append(note)
    label = label.strip(_REQUIRED_MARKS)
    if not label and notes:
        label = notes.pop(0)
    return HeaderText(label, tuple(notes))


def unit_of(notes: tuple[str, ...]) -> str | None:
    """Find the unit among a header's notes, in its canonical spelling: `万元`, `次/月`, `天`, `%`.

    Foreign currencies are recognised too, so that their figures are not taken for 元.
    """
    for note in _pieces(notes):
        unit = _UNITS.get(note.removeprefix("单位"))
        if unit:
            return unit
    return None


def weight_of(notes: tuple[str, ...]) -> Decimal | None:
    """Find the weight among header notes, in percent: 20 of `R,权重20%`, 15 of `复购率15%`; none beyond its bounds."""
    weights = [weight for note in notes if (weight := _stated_weight(note)) is not None]
    weights += [Decimal(last[1]) for piece in _pieces(notes) if (last := _TRAILING_WEIGHT.fullmatch(piece))]
    return weights[0] if weights and BOUNDS["weight"].hold(weights[0]) else None


def unreadable_weight(notes: tuple[str, ...]) -> str | None:
    """Find what was meant for a weight among a header's notes and is none, or beyond its bounds."""
    if weight_of(notes) is not None:
        return None
    return next((one for one in _pieces(notes) if _MEANT_WEIGHT.search(one) or _TRAILING_WEIGHT.fullmatch(one)), None)


def _stated_weight(note: str) -> Decimal | None:
    stated = _STATED_WEIGHT.search(note)
    if stated is None:
        return None
    weight = Decimal(stated[1])
    return weight if stated[2] or weight > 1 else weight * 100


def _pieces(notes: tuple[str, ...]) -> list[str]:
    return [piece for note in notes for piece in re.split("[,;、:。]", note) if piece]


def _half_width(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-"))


@cache
def _traditional() -> OpenCC:
    from opencc import OpenCC  # noqa: PLC0415 - as below

    return OpenCC("s2tw")


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC  # noqa: PLC0415 - only text in traditional characters pays for it

    return OpenCC("t2s")
