"""Builds the bytes of new cells, and chooses the format of each.

A cell's bytes are its opening up to the row number, the number, and its body. Bodies are made once
for a value and a format, since most values of a column come many times.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from sheetcrm.excel.splice import cell_text
from sheetcrm.excel.splice.cell_content import CellContent, ContentKind
from sheetcrm.excel.splice.worksheet import Worksheet
from sheetcrm.model import CellStyle, WrittenValue

_LONG = 20
"""Characters from which on a text is a long one, which its column may not show whole."""
REPEATED = 40
"""Characters of the longest text whose body is cached: longer ones are hardly written twice."""


class Body(Struct, frozen=True, gc=False):
    """A cell's bytes after its row number, and its value as text.

    Without a text there is no value: the bytes are those of a blank in its format. With a reason the
    value cannot be written at all.
    """

    written: bytes
    text: str | None
    reason: str = ""


class CellWriter:
    """Writes values for one sheet; its workbook's strings and formats are appended to."""

    def __init__(self, worksheet: Worksheet) -> None:
        """Prepare to write cells with the sheet's own prefix."""
        self._worksheet = worksheet
        prefix = worksheet.xml.prefix
        self._prefix = prefix
        self._before, self._after = b"><%sv>" % prefix, b"</%sv></%sc>" % (prefix, prefix)
        self._bodies: dict[int, dict[WrittenValue, Body]] = {}

    def body(self, value: WrittenValue, style: int) -> Body:
        """Return a value's bytes in a format."""
        if isinstance(value, str) and len(value) > REPEATED:
            return self._new_body(self.storable(value), style)
        cache = self._bodies.setdefault(style, {})
        body = cache.get(value)
        if body is None:
            body = cache[value] = self._new_body(self.storable(value), style)
        return body

    def storable(self, value: WrittenValue) -> WrittenValue:
        """Return the value as it can be stored: an empty text as a blank, a day without a serial number as ISO text."""
        if isinstance(value, date):
            if self._worksheet.styles and cell_text.serial(value, date1904=self._worksheet.date1904) is not None:
                return value
            return value.isoformat()
        return None if value == "" else value

    def header_format(self, lent: int, *, shaded: bool) -> int:
        """Choose the format of an added header: like its neighbour's, where `shaded` in a slightly different fill."""
        styles = self._worksheet.styles
        return styles.header_like(lent) if styles and shaded else lent

    def is_bordered(self, number: int) -> bool:
        """Return whether a format draws a line at any side of its cell."""
        styles = self._worksheet.styles
        return styles is not None and styles.is_bordered(number)

    def new_format(self, style: CellStyle, lent: int, value: WrittenValue, *, own: bool) -> int:
        """Choose the format of a cell that is not there yet.

        Args:
            style: The column's.
            lent: The format of the cell it shall look like.
            value: What it is to hold.
            own: Whether that cell is of the same column, so that its number format is the right one.
        """
        styles = self._worksheet.styles
        if styles is None:
            return lent
        if isinstance(self.storable(value), date):
            return lent if own and styles.shows_day(lent) else styles.derive(lent, CellStyle.DATE, like=own)
        if own:
            return lent
        is_long = isinstance(value, str) and len(value) > _LONG
        return styles.derive(lent, style, on_top=is_long)

    def kept_format(self, style: CellStyle | None, current: int, value: WrittenValue) -> int:
        """Choose the format of a cell that is there: its own, unless the value would not show in it.

        Args:
            style: The column's where it is ours, so that a plain format may be made to fit; else None.
            current: The cell's format.
            value: What it is to hold.
        """
        styles = self._worksheet.styles
        if styles is None:
            return current
        if isinstance(self.storable(value), date):
            return current if styles.shows_day(current) else styles.derive(current, CellStyle.DATE, like=True)
        if style and styles.is_general(current):
            return styles.derive(current, style, like=True)
        return current

    def shows_day(self, content: CellContent) -> bool:
        """Return whether a cell's number shows as a day."""
        styles = self._worksheet.styles
        return content.kind is ContentKind.NUMBER and styles is not None and styles.shows_day(content.style)

    def count(self, new: bytes, old: CellContent | None = None) -> None:
        """Update the count of references to shared strings by new cells, and by a cell they replace."""
        strings = self._worksheet.strings
        if strings:  # no text of ours is in these bytes, only its number
            strings.references += new.count(b' t="s"') - (1 if old and old.shared else 0)

    def _new_body(self, value: WrittenValue, style: int) -> Body:
        attributes = b'" s="%d"' % style if style else b'"'
        if value is None:
            return Body(attributes + b"/>", None)
        if isinstance(value, str):
            return self._text_body(value, attributes)
        if isinstance(value, date):
            serial = cell_text.serial(value, date1904=self._worksheet.date1904) or 0
            return Body(b"%s%s%d%s" % (attributes, self._before, serial, self._after), value.isoformat())
        text = cell_text.number_text(value)
        return Body(attributes + self._before + text.encode() + self._after, text)

    def _text_body(self, text: str, attributes: bytes) -> Body:
        if cell_text.is_too_long(text):
            return Body(b"", None, "text-too-long")
        p, strings = self._prefix, self._worksheet.strings
        if strings:
            return Body(b'%s t="s"%s%d%s' % (attributes, self._before, strings.number(text), self._after), text)
        item = cell_text.string_item(text, p)
        return Body(b'%s t="inlineStr"><%sis>%s</%sis></%sc>' % (attributes, p, item, p, p), text)
