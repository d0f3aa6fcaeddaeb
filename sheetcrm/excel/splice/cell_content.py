"""The content of cells that are there: its kind and text, and whether it already is what is planned."""

from __future__ import annotations

import enum
import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sheetcrm.excel.splice import cell_text
from sheetcrm.excel.splice.shared_strings import SharedStrings
from sheetcrm.excel.splice.sheet_xml import Cell, SheetXml, style_in
from sheetcrm.model import WrittenValue
from sheetcrm.ooxml import xmltree

_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")


class ContentKind(enum.Enum):
    """The kinds of content a cell can have."""

    BLANK = enum.auto()
    TEXT = enum.auto()
    NUMBER = enum.auto()
    OTHER = enum.auto()
    """A truth value, an error, an ISO date."""
    FORMULA = enum.auto()


class CellContent(NamedTuple):
    """A cell's content. A formula's text is the value last saved for it; a number's is as stored."""

    kind: ContentKind
    text: str
    style: int
    """The number of its format, 0 where it states none."""
    shared: bool = False
    """Whether its text is kept with the shared strings."""


class ContentReader:
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

    def read(self, cell: Cell) -> CellContent:
        """Return a cell's content."""
        data = self._sheet.data
        plain = self._plain.match(data, cell.start, cell.end)
        if plain:
            style, kind, value = plain.groups()
            return self._value((kind or b"n").decode(), value.decode(), int(style or 0))
        tag, inside = data[cell.start : cell.inner], data[cell.inner : cell.tail]
        type_match = _TYPE.search(tag)
        kind = type_match[1].decode() if type_match else "n"
        text = cell_text.read_strings(inside, "t" if kind == "inlineStr" else "v")
        content = self._value(kind, text, style_in(tag) or 0)
        if self._formula.search(self._sheet.masked, cell.inner, cell.tail):
            return content._replace(kind=ContentKind.FORMULA)
        return content

    def display_text(self, content: CellContent, *, as_day: bool) -> str:
        """Return a cell's content as plain text; a number whose format shows a day, as that day in ISO."""
        if content.kind is not ContentKind.NUMBER:
            return content.text
        return (
            cell_text.day_text(content.text, date1904=self._date1904) if as_day else cell_text.tidy_number(content.text)
        )

    def is_equal(self, content: CellContent, value: WrittenValue, *, as_day: bool) -> bool:
        """Return whether the cell already holds the planned value.

        Figures compare as numbers, days as days if the cell's format shows one, texts letter by letter.
        """
        if value is None or value == "":
            return content.kind is ContentKind.BLANK
        if isinstance(value, str):
            return content.kind is ContentKind.TEXT and content.text == value
        if isinstance(value, date):
            serial = cell_text.serial(value, date1904=self._date1904)
            if serial is None or not as_day:
                return content.kind is ContentKind.TEXT and serial is None and content.text == value.isoformat()
            return content.kind is ContentKind.NUMBER and _is_number(content.text, serial)
        return content.kind is ContentKind.NUMBER and _is_number(content.text, value)

    def _value(self, kind: str, text: str, style: int) -> CellContent:
        if kind == "s":
            item = xmltree.whole_number(text)
            shared = self._strings.text(item) if self._strings and item is not None else None
            return CellContent(
                ContentKind.TEXT if shared else ContentKind.BLANK, shared or "", style, shared=bool(text)
            )
        if not text:
            return CellContent(ContentKind.BLANK, "", style)
        if kind in {"str", "inlineStr"}:
            return CellContent(ContentKind.TEXT, text, style)
        if kind == "n":
            return CellContent(ContentKind.NUMBER, text.strip(), style)
        if kind == "b":
            return CellContent(ContentKind.OTHER, "TRUE" if text.strip() in {"1", "true"} else "FALSE", style)
        return CellContent(ContentKind.OTHER, text, style)


def _is_number(stored: str, value: int | Decimal) -> bool:
    try:
        return float(stored) == float(value)
    except ValueError:
        return False
