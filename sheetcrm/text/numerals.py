"""Parses numbers in figures and words: `680,000`, `1亿2000万`, `八十万`, `叁拾万`. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

FIGURES = r"(?:(?:\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)|\d+)(?:\.\d+)?|\.\d+)"
"""A number in ASCII figures; commas or spaces, if any, part thousands."""

_SCALES = {
    "": Decimal(1),
    "千": Decimal(1000),
    "k": Decimal(1000),
    "万": Decimal(10_000),
    "w": Decimal(10_000),
    "十万": Decimal(100_000),
    "百万": Decimal(1_000_000),
    "千万": Decimal(10_000_000),
    "亿": Decimal(100_000_000),
}
_SCALE = "|".join(sorted(filter(None, _SCALES), key=len, reverse=True))
_PART = re.compile(rf"(零?)({FIGURES})({_SCALE})?", re.IGNORECASE | re.ASCII)
_WHOLE = re.compile(rf"(?:{FIGURES}(?:{_SCALE})零?)*{FIGURES}(?:{_SCALE})?", re.IGNORECASE | re.ASCII)
_SCIENTIFIC = re.compile(r"[1-9](?:\.\d{1,14})?e\+?\d{1,2}", re.IGNORECASE | re.ASCII)
"""What Excel shows of a number in a narrow column, typed or pasted as a text."""

_EVERYDAY = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟两〇", "一二三四五六七八九十百千二零")
_DIGITS = "零一二三四五六七八九"
_PLACES = {"十": 10, "百": 100, "千": 1000}
_SECTIONS = {"万": 10_000, "亿": 100_000_000}
_WORDS = re.compile(f"[{_DIGITS}十百千万亿]{{1,20}}")
_ONE = Decimal(1)
_LONGEST = 20


def parse_number(text: str) -> tuple[Decimal, bool] | None:
    """Read a number without sign, in figures or words, with or without a scale: `80`, `80万`, `八十万`.

    Returns:
        The number, and whether a scale was written; None where anything about it is unclear.
    """
    if len(text) > _LONGEST:
        return None
    if _WHOLE.fullmatch(text):
        return _parse_figures(text)
    if _SCIENTIFIC.fullmatch(text):
        return plain(Decimal(text)), False
    words = parse_words(text)
    if words is None:
        return None
    return Decimal(words), any(scale in text for scale in "千仟万亿")


def parse_words(text: str) -> int | None:
    """Read a whole number in Chinese numerals, everyday or financial: `八十`, `壹万`, `三千零五`, `两`.

    It must be spelt in full: `一万五` (15,000 to some, 10,005 to others) does not read. A 零 too many, as in
    `二十万零五千`, does no harm.
    """
    words = text.translate(_EVERYDAY)
    if not _WORDS.fullmatch(words):
        return None
    total = section = digit = 0
    for char in words:
        if char in _PLACES:
            section += (digit or 1) * _PLACES[char]
            digit = 0
        elif char in _SECTIONS:
            total += (section + digit) * _SECTIONS[char]
            section = digit = 0
        else:
            digit = _DIGITS.index(char)
    total += section + digit
    spelt = _spell(total)
    if words.startswith("十"):
        words = f"一{words}"
    if words == spelt:
        return total
    spare = "零" in words[1:-1] and "零零" not in words and words.count("零") > spelt.count("零")
    spare = spare and words[0] != "零" and words[-1] != "零"
    return total if spare and words.replace("零", "") == spelt.replace("零", "") else None


def plain(number: Decimal) -> Decimal:
    """Drop needless zeros and powers of ten: 8.0E+5 is 800000."""
    return Decimal(int(number)) if number == int(number) else number.normalize()


def _parse_figures(text: str) -> tuple[Decimal, bool] | None:
    parts = [
        (nought, Decimal(figures.replace(",", "").replace(" ", "")), _SCALES[scale.lower()])
        for nought, figures, scale in _PART.findall(text)
    ]
    if len(parts) == 1:
        _, figures, scale = parts[0]
        return plain(figures * scale), scale != _ONE
    if "." in text:
        return None
    total, above = Decimal(0), None
    for nought, figures, scale in parts:
        part = figures * scale
        if above is not None and (part >= above or (scale == _ONE and part * 10 < above and not nought)):
            return None  # 3万5 is 35,000 to some; 3万5千, 3万零5 and 3万5000 are clear
        total, above = total + part, scale
    return plain(total), True


def _spell(number: int) -> str:
    """Spell a whole number below 10^12 in everyday numerals, in full."""
    spelt = ""
    for section, digits in zip(("亿", "万", ""), re.findall("....", f"{number:012d}"), strict=False):
        for digit, place in zip(digits, ("千", "百", "十", ""), strict=True):
            spelt += _DIGITS[int(digit)] + (place if digit != "0" else "")
        spelt += section if digits != "0000" else ""
    return re.sub("零(?=[万亿]|$)", "", re.sub("零+", "零", spelt)).removeprefix("零") or "零"
