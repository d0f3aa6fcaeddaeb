"""What stands in a cell: a value of a kind, or a formula; and whether it already is what is planned."""

from __future__ import annotations

import enum
import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sheetcrm.excel.splice import cell_text
from sheetcrm.excel.splice.shared_strings import SharedStrings
from sheetcrm.excel.splice.sheet_xml import Cell, SheetXml
from sheetcrm.model import WrittenValue
from sheetcrm.ooxml import xmltree

_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_STYLE = re.compile(rb"""\ss\s*=\s*["']([0-9]{1,9})["']""")


class Kind(enum.Enum):
    """The kinds of content a cell can have."""

    BLANK = enum.auto()
    TEXT = enum.auto()
    NUMBER = enum.auto()
    OTHER = enum.auto()
    """A truth value, an error, an ISO date."""
    FORMULA = enum.auto()


class Standing(NamedTuple):
    """A cell's content. A formula's text is the value last saved for it; a number's is as stored."""

    kind: Kind
    text: str
    style: int
    """The number of its format, 0 where it states none."""
    shared: bool = False
    """Its text is kept with the shared strings."""


BLANK = Standing(Kind.BLANK, "", 0)


class StandingReader:
    """Reads the cells of one sheet."""

    def __init__(self, sheet: SheetXml, strings: SharedStrings | None, *, date1904: bool) -> None:
        """Prepare the patterns for the sheet's prefix."""
        prefix = re.escape(sheet.prefix)
        self._sheet = sheet
        self._strings = strings
        self._date1904 = date1904
        self._plain = re.compile(
            rb'<%sc r="[A-Z]+[0-9]+"(?: s="([0-9]{1,9})")?(?: t="([a-z]+)")?>'
            rb"<%sv>([^<&\r]*)</%sv></%sc>" % (prefix, prefix, prefix, prefix)
        )
        self._formula = re.compile(rb"<%sf[\s/>]" % prefix)

    def read(self, cell: Cell) -> Standing:
        """Return what stands in a cell."""
        data = self._sheet.data
        plain = self._plain.match(data, cell.start, cell.end)
        if plain:
            style, kind, value = plain.groups()
            return self._value((kind or b"n").decode(), value.decode(), int(style or 0))
        tag, content = data[cell.start : cell.inner], data[cell.inner : cell.tail]
        found, styled = _TYPE.search(tag), _STYLE.search(tag)
        kind = found[1].decode() if found else "n"
        style = int(styled[1]) if styled else 0
        text = cell_text.read_strings(content, "t" if kind == "inlineStr" else "v")
        standing = self._value(kind, text, style)
        if self._formula.search(self._sheet.masked, cell.inner, cell.tail):
            return standing._replace(kind=Kind.FORMULA)
        return standing

    def shown(self, standing: Standing, *, as_day: bool) -> str:
        """Return a cell's content as plain text; a number whose format shows a day, as that day in ISO."""
        if standing.kind is not Kind.NUMBER:
            return standing.text
        return (
            cell_text.day_text(standing.text, date1904=self._date1904)
            if as_day
            else cell_text.tidy_number(standing.text)
        )

    def is_equal(self, standing: Standing, value: WrittenValue, *, as_day: bool) -> bool:
        """Tell whether the planned value already stands there.

        Figures compare as numbers, days as days if the cell's format shows one, texts letter by letter.
        """
        if value is None or value == "":
            return standing.kind is Kind.BLANK
        if isinstance(value, str):
            return standing.kind is Kind.TEXT and standing.text == value
        if isinstance(value, date):
            serial = cell_text.serial(value, date1904=self._date1904)
            if serial is None or not as_day:
                return standing.kind is Kind.TEXT and serial is None and standing.text == value.isoformat()
            return standing.kind is Kind.NUMBER and _is_number(standing.text, serial)
        return standing.kind is Kind.NUMBER and _is_number(standing.text, value)

    def _value(self, kind: str, text: str, style: int) -> Standing:
        if kind == "s":
            item = xmltree.whole_number(text)
            shared = self._strings.text(item) if self._strings and item is not None else None
            return Standing(Kind.TEXT if shared else Kind.BLANK, shared or "", style, shared=bool(text))
        if not text:
            return Standing(Kind.BLANK, "", style)
        if kind in {"str", "inlineStr"}:
            return Standing(Kind.TEXT, text, style)
        if kind == "n":
            return Standing(Kind.NUMBER, text.strip(), style)
        if kind == "b":
            return Standing(Kind.OTHER, "TRUE" if text.strip() in {"1", "true"} else "FALSE", style)
        return Standing(Kind.OTHER, text, style)


def style_in(tag: bytes) -> int | None:
    """Return the number of the format a cell's or row's start tag states, if it does. Pure."""
    found = _STYLE.search(tag)
    return int(found[1]) if found else None


def _is_number(stored: str, value: int | Decimal) -> bool:
    try:
        return float(stored) == float(value)
    except ValueError:
        return False
