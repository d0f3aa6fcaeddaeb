"""Conversion between values and the bytes inside a cell: text, numbers and days.

Text is text: it is written as a string item (shared or inline) and never as a formula, whatever it
begins with. What XML cannot hold is escaped the way Excel does it, `_xHHHH_` (ECMA-376 Part 1,
22.4.2.4 bstr); text that happens to look like such an escape has its underscore escaped.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.parsers import expat

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import LONGEST_TEXT

_NO_XML = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
_UNSAFE = re.compile(f"[{_NO_XML}]|_(?=x[0-9A-Fa-f]{{4}}[_{_NO_XML}])")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")

_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_FIRST_TRUE_1900 = date(1900, 3, 1)  # before it Excel counts a 29 February that never was
_LAST_DAY = {False: 2_958_465, True: 2_957_003}


def string_item(text: str, prefix: bytes = b"") -> bytes:
    """Return text as the content of a string item: `<t>…</t>` with white space kept. Pure."""
    escaped = text
    if not text.isprintable() or "_x" in text:
        escaped = _UNSAFE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    keep = b""
    if text[:1].isspace() or text[-1:].isspace() or "\n" in text or "  " in text:
        keep = b' xml:space="preserve"'
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return b"<%st%s>%s</%st>" % (prefix, keep, escaped.encode(), prefix)


def read_strings(content: bytes, name: str) -> str:
    """Return the text of all elements of that local name, but phonetic guides, joined. Pure."""
    plain = re.fullmatch(rb"\s*<(?:[^\s<>/:]+:)?%s(?:\s[^<>]*)?>([^<&\r]*)</[^<>]*>\s*" % name.encode(), content)
    if plain:
        return _unescaped(plain[1].decode())
    if not content:
        return ""
    return _unescaped("".join(_parsed(content, name)))


def is_too_long(text: str) -> bool:
    """Return whether the text is longer than Excel allows in a cell. Pure."""
    return len(text) > LONGEST_TEXT // 2 and len(text.encode("utf-16-le", "surrogatepass")) // 2 > LONGEST_TEXT


def number_text(value: int | Decimal) -> str:
    """Format a number without an exponent or needless zeros. Pure."""
    if isinstance(value, int):
        return str(int(value))
    if not value.is_finite():
        raise ValueError(f"{value} is no figure a cell can hold")
    plain = f"{value:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def tidy_number(stored: str) -> str:
    """Format a stored number as a person would write it: 0.1, not 0.10000000000000001. Pure."""
    try:
        number = float(stored)
    except ValueError:
        return stored
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)  # noqa: PLR2004


def serial(day: date, *, date1904: bool) -> int | None:
    """Return a day's serial number, None where Excel has none for it. Pure."""
    days = (day - _EPOCH_1904).days if date1904 else (day - _EPOCH_1900).days - (day < _FIRST_TRUE_1900)
    return days if (0 if date1904 else 1) <= days <= _LAST_DAY[date1904] else None


def day_text(stored: str, *, date1904: bool) -> str:
    """Format a stored serial as an ISO day, with the time if it has one; as stored if it is no day. Pure."""
    try:
        days = float(stored)
        if not 0 <= days <= _LAST_DAY[date1904]:
            return tidy_number(stored)
        epoch = _EPOCH_1904 if date1904 else _EPOCH_1900
        shift = 0 if date1904 or days >= 60 else 1  # noqa: PLR2004 - serial 60 is the day that never was
        moment = datetime(epoch.year, epoch.month, epoch.day) + timedelta(days=shift) + timedelta(days=days)  # noqa: DTZ001
    except (ValueError, OverflowError):
        return stored
    return moment.date().isoformat() if days.is_integer() else moment.isoformat(" ", "seconds")


def _parsed(content: bytes, name: str) -> list[str]:
    texts: list[str] = []
    path: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        path.append(tag.rpartition(":")[2])

    def end(_: str) -> None:
        path.pop()

    def text(characters: str) -> None:
        if path[-1] == name and "rPh" not in path:
            texts.append(characters)

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(b"<item>" + content + b"</item>", True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:  # the part is well-formed: this is an item inside an item
        raise UnreadableWorkbookError("xml-damaged", "文件已损坏：有一段文字读不通", xmltree.REPAIR) from error
    return texts


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
