"""What the reading library does not tell of a sheet's cells, found in the part's bytes. Pure.

It gives error cells and formulas that were never computed as blank, and does not say which numbers
are formatted as percentages. The bytes are searched, not parsed: the package was inspected before,
and a sheet that holds no such cells costs two searches for a substring.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from sheetcrm.model import FORMULA

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*:))?(?:worksheet|styleSheet)[\s>]")
_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_STYLE = re.compile(rb"""\ss\s*=\s*["'](\d+)["']""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})(\d+)["']""")
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_FORMAT_ID = re.compile(rb"""numFmtId\s*=\s*["'](\d+)["']""")
_FORMAT_CODE = re.compile(rb"""formatCode\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_QUOTED = re.compile(rb'&quot;.*?&quot;|"[^"]*"|\\.')
_BUILT_IN_PERCENTS = frozenset((9, 10))


def find_marks(part: bytes) -> Mapping[tuple[int, int], str]:
    """Find the cells of a worksheet whose value cannot be read: errors, and formulas never computed.

    A formula that was computed as an empty text is blank, and not marked.

    Returns:
        (Row, column) -> the error such as `#N/A`, or `FORMULA`.
    """
    cells = _Cells(part)
    marks: dict[tuple[int, int], str] = {}
    for start in cells.with_error():
        value = cells.value(start)
        marks[cells.place(start)] = value.decode("ascii", "replace") or "#N/A"
    for start in cells.with_formula():
        kind = _TYPE.search(cells.attributes(start))
        computed = cells.value(start).strip() or (kind is not None and kind[1] == b"str")
        if not computed:
            marks.setdefault(cells.place(start), FORMULA)
    return marks


def find_percents(part: bytes, styles: bytes, *, columns: Collection[int]) -> frozenset[tuple[int, int]]:
    """Find the (row, column) of the cells in some columns that a percent format is set on."""
    formatted = _percent_styles(styles)
    if not formatted:
        return frozenset()
    cells = _Cells(part)
    found: set[tuple[int, int]] = set()
    for start in cells.all():
        style = _STYLE.search(cells.attributes(start))
        if style and int(style[1]) in formatted:
            place = cells.place(start)
            if place[1] in columns:
                found.add(place)
    return frozenset(found)


class _Cells:
    """The cells of a worksheet part, each known by the offset its tag begins at."""

    def __init__(self, part: bytes) -> None:
        self._part, prefix = _plain(part)
        self._open = b"<" + prefix + b"c"
        self._close = b"</" + prefix + b"c>"
        self._row = b"<" + prefix + b"row"
        self._value = b"<" + prefix + b"v"
        self._formula = re.compile(b"<" + prefix + rb"f[\s/>]")
        self._tag = re.compile(self._open + rb"[\s/>]")
        self._counted: dict[int, tuple[int, int]] | None = None

    def all(self) -> Iterator[int]:
        for tag in self._tag.finditer(self._part):
            yield tag.start()

    def with_error(self) -> Iterator[int]:
        if b'"e"' not in self._part and b"'e'" not in self._part:
            return
        for found in _ERROR.finditer(self._part):
            start = self._part.rfind(b"<", 0, found.start())
            if self._tag.match(self._part, start) and self._part.find(b">", start, found.start()) < 0:
                yield start

    def with_formula(self) -> Iterator[int]:
        for found in self._formula.finditer(self._part):
            start = self._part.rfind(self._open, 0, found.start())
            if start >= 0:
                yield start

    def attributes(self, start: int) -> bytes:
        return self._part[start + len(self._open) : self._part.find(b">", start)]

    def value(self, start: int) -> bytes:
        """Give the stored value of a cell, empty where it has none."""
        begin = self._part.find(self._value, start, self._end(start))
        if begin < 0 or self.attributes(start).endswith(b"/"):
            return b""
        content = self._part.find(b">", begin) + 1
        if self._part[content - 2 : content] == b"/>":
            return b""
        return self._part[content : self._part.find(b"<", content)]

    def place(self, start: int) -> tuple[int, int]:
        said = _PLACE.search(self.attributes(start))
        if said:
            return int(said[2]), _column(said[1])
        if self._counted is None:
            self._counted = self._count()
        return self._counted[start]

    def _end(self, start: int) -> int:
        end = self._part.find(self._close, start)
        return end if end >= 0 else len(self._part)

    def _count(self) -> dict[int, tuple[int, int]]:
        """Number rows and cells that do not say where they are: each follows the one before."""
        counted: dict[int, tuple[int, int]] = {}
        row = column = 0
        for tag in re.finditer(self._row + rb"[\s/>]|" + self._open + rb"[\s/>]", self._part):
            attributes = self._part[tag.start() : self._part.find(b">", tag.start())]
            if tag[0].startswith(self._row):
                said = _ROW_NUMBER.search(attributes)
                row, column = int(said[1]) if said else row + 1, 0
            else:
                place = _PLACE.search(attributes)
                column = _column(place[1]) if place else column + 1
                counted[tag.start()] = (row, column)
        return counted


def _plain(part: bytes) -> tuple[bytes, bytes]:
    """Give a part in an encoding that agrees with ASCII, and the prefix its elements carry."""
    if part.startswith(_UTF_16):
        part = part.decode("utf-16").encode()
    root = _ROOT.search(part, 0, 1 << 14)
    return part, (root[1] or b"") if root else b""


def _percent_styles(styles: bytes) -> frozenset[int]:
    """Find the indexes of the cell formats (ECMA-376 18.8.10) whose number format shows a percentage."""
    styles, prefix = _plain(styles)
    percents = set(_BUILT_IN_PERCENTS)
    for tag in re.finditer(b"<" + prefix + rb"numFmt\s([^>]*)>", styles):
        number, code = _FORMAT_ID.search(tag[1]), _FORMAT_CODE.search(tag[1])
        if number and code and b"%" in _QUOTED.sub(b"", code[1] or code[2] or b""):
            percents.add(int(number[1]))
    block = styles.partition(b"<" + prefix + b"cellXfs")[2].partition(b"</" + prefix + b"cellXfs")[0]
    formats = re.findall(b"<" + prefix + rb"xf\s([^>]*)>", block)
    return frozenset(
        index
        for index, attributes in enumerate(formats)
        if (number := _FORMAT_ID.search(attributes)) and int(number[1]) in percents
    )


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column
