"""The cells of a worksheet part, found in its bytes without parsing it. Pure.

The package was inspected before: every part is well-formed enough to be searched for its tags. Text
that only looks like a cell (in a comment) is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sheetcrm.ooxml.addresses import COLUMN, ROW, column_number

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ENCODING = re.compile(rb"""^(<\?xml[^>]*?)\sencoding\s*=\s*["'][^"']*["']""")
_ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*:))?(?:worksheet|styleSheet)[\s>]")
_PLACE = re.compile(rb"""\sr\s*=\s*["'](%s)(%s)["']""" % (COLUMN, ROW))
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'](%s)["']""" % ROW)
_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")

_LONGEST = 1 << 18
"""Bytes from a cell's beginning to its value: a formula has 8,192 signs."""


class Cells:
    """The cells of a worksheet part, each identified by the offset its tag begins at."""

    def __init__(self, part: bytes) -> None:
        self.part, prefix = plain(part)
        self._open = b"<" + prefix + b"c"
        self._close = b"</" + prefix + b"c>"
        self._row = b"<" + prefix + b"row"
        self._value = b"<" + prefix + b"v"
        self._formula = re.compile(b"<" + prefix + rb"f[\s/>]")
        self._tag = re.compile(self._open + rb"[\s/>]")
        self._counted: dict[int, tuple[int, int]] | None = None

    def all(self) -> Iterator[int]:
        """Yield every cell."""
        for match in self._tag.finditer(self.part):
            yield match.start()

    def with_error(self) -> Iterator[int]:
        """Yield the cells that hold an error such as `#N/A`."""
        if b'"e"' not in self.part and b"'e'" not in self.part:
            return
        for match in _ERROR.finditer(self.part):
            start = self.part.rfind(b"<", 0, match.start())
            if self._tag.match(self.part, start) and self.part.find(b">", start, match.start()) < 0:
                yield start

    def with_formula(self) -> Iterator[int]:
        """Yield the cells that hold a formula, computed or not."""
        for match in self._formula.finditer(self.part):
            start = self.part.rfind(self._open, 0, match.start())
            if start >= 0 and self._tag.match(self.part, start):  # `<cols` begins like a cell
                yield start

    def with_value(self, beginning: re.Pattern[bytes]) -> Iterator[int]:
        """Yield the cells whose stored value begins as a pattern says."""
        for match in re.finditer(re.escape(self._value) + rb"(?:\s[^<>]*)?>(?=%s)" % beginning.pattern, self.part):
            start = self.part.rfind(self._open, max(0, match.start() - _LONGEST), match.start())
            if start >= 0 and self._tag.match(self.part, start):
                yield start

    def attributes(self, start: int) -> bytes:
        """Return the attributes in a cell's start tag."""
        return self.part[start + len(self._open) : self.end_of_tag(start)]

    def end_of_tag(self, start: int) -> int:
        """Return the offset of the `>` of a cell's start tag."""
        return self.part.find(b">", start)

    def value(self, start: int) -> bytes:
        """Return the stored value of a cell, empty where it has none."""
        begin = self.part.find(self._value, start, self.end(start))
        if begin < 0 or self.attributes(start).endswith(b"/"):
            return b""
        content = self.part.find(b">", begin) + 1
        if self.part[content - 2 : content] == b"/>":
            return b""
        return self.part[content : self.part.find(b"<", content)]

    def place(self, start: int) -> tuple[int, int]:
        """Return a cell's row and column; where the tag has no address, they are counted."""
        address = _PLACE.search(self.attributes(start))
        if address:
            return int(address[2]), column_number(address[1])
        if self._counted is None:
            self._counted = self._count()
        return self._counted[start]

    def end(self, start: int) -> int:
        """Return the offset after a cell."""
        opened = self.part.find(b">", start) + 1
        if self.part[opened - 2 : opened] == b"/>":
            return opened
        end = self.part.find(self._close, start)
        return end + len(self._close) if end >= 0 else len(self.part)

    def is_blank(self, start: int) -> bool:
        """Return whether a cell holds no more than its style."""
        opened = self.part.find(b">", start) + 1
        return self.part.find(b"<", opened, self.end(start) - len(self._close)) < 0

    def _count(self) -> dict[int, tuple[int, int]]:
        """Number rows and cells without an address: each follows the one before."""
        counted: dict[int, tuple[int, int]] = {}
        row = column = 0
        for tag in re.finditer(self._row + rb"[\s/>]|" + self._open + rb"[\s/>]", self.part):
            attributes = self.part[tag.start() : self.part.find(b">", tag.start())]
            if tag[0].startswith(self._row):
                number = _ROW_NUMBER.search(attributes)
                row, column = int(number[1]) if number else row + 1, 0
            else:
                place = _PLACE.search(attributes)
                column = column_number(place[1]) if place else column + 1
                counted[tag.start()] = (row, column)
        return counted


def plain(part: bytes) -> tuple[bytes, bytes]:
    """Return a part in an encoding that agrees with ASCII, and the prefix its elements carry."""
    if part.startswith(_UTF_16):
        part = _ENCODING.sub(rb"\1", part.decode("utf-16").encode())
    root = _ROOT.search(part, 0, 1 << 14)
    return part, (root[1] or b"") if root else b""
