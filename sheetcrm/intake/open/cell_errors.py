"""Finds error cells, uncomputed formulas and percent formats in a sheet's bytes. Pure.

The reading library returns error cells and formulas that were never computed as blank, and does not
report which numbers are formatted as percentages. The bytes are searched, not parsed: the package was inspected before,
and a sheet that holds no such cells costs two searches for a substring.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping

from sheetcrm.intake.open.cell_bytes import Cells, plain
from sheetcrm.model import FORMULA
from sheetcrm.ooxml.xmltree import splice

_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_STYLE = re.compile(rb"""\ss\s*=\s*["'](\d{1,9})["']""")
_FORMAT_ID = re.compile(rb"""numFmtId\s*=\s*["'](\d{1,9})["']""")
_FORMAT_CODE = re.compile(rb"""formatCode\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_FAR_BELOW, _LONGEST_DURATION = -1e11, 1e9
"""Days that the reading library cannot count, in milliseconds from a date or as a duration."""
_MINUS = re.compile(rb"-(?<=[>\s]-)")
"""Where a number may be negative. It begins with a rare sign: the search runs at the speed of memory."""
_NEGATIVE = re.compile(rb"\s*-(?:[0-9]{12}|[^<]*[eE]|[^<]*[iI][nN])")
_LONG = re.compile(rb"\s*[-+]?(?:[0-9]{9}|[^<]*[eE]|[^<]*[iI][nN])")
"""How numbers beyond those begin, and few others."""
_QUOTED = re.compile(rb'&quot;.*?&quot;|"[^"]*"|\\.')
_BUILT_IN_PERCENTS = frozenset((9, 10))


class SheetMarks:
    """The marks of a sheet, so ordered that those of a table's rows are found without a look at all others."""

    def __init__(self, marks: Mapping[tuple[int, int], str]) -> None:
        self._marks = marks
        self._places = sorted(marks)

    @property
    def last_row(self) -> int:
        """The last row with a mark; 0 if there is none."""
        return self._places[-1][0] if self._places else 0

    def between(self, first: int, stop: int) -> Mapping[tuple[int, int], str]:
        """Return the marks from a row on, up to but without another."""
        begin, end = bisect_left(self._places, (first, 0)), bisect_left(self._places, (stop, 0))
        return {place: self._marks[place] for place in self._places[begin:end]}


def find_marks(part: bytes) -> Mapping[tuple[int, int], str]:
    """Find the cells of a worksheet whose value cannot be read: errors, and formulas never computed.

    A formula that was computed as an empty text is blank, and not marked.

    Returns:
        (Row, column) -> the error such as `#N/A`, or `FORMULA`.
    """
    cells = Cells(part)
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
    cells = Cells(part)
    places: set[tuple[int, int]] = set()
    for start in cells.all():
        style = _STYLE.search(cells.attributes(start))
        if style and int(style[1]) in formatted:
            place = cells.place(start)
            if place[1] in columns:
                places.add(place)
    return frozenset(places)


def without_far_negatives(part: bytes) -> bytes:
    """Return a worksheet without the formats of cells far below any day; the part itself where there are none.

    The reading library fails over such a number in a cell with a date format, and the whole workbook with it.
    Without its format the number is read as it stands, and is no day (`text.bounds`).
    """
    if not _MINUS.search(part):
        return part
    return _without_formats(part, _NEGATIVE, lambda number: number < _FAR_BELOW)


def without_long_durations(part: bytes) -> bytes:
    """Return a worksheet without the formats of cells whose number is too large for a duration (`[h]:mm`)."""
    return _without_formats(part, _LONG, lambda number: abs(number) >= _LONGEST_DURATION)


def _without_formats(part: bytes, beginning: re.Pattern[bytes], is_odd: Callable[[float], bool]) -> bytes:
    cells = Cells(part)
    formats = [
        (style.start(), style.end(), b"")
        for start in cells.with_value(beginning)
        if is_odd(_number(cells.value(start))) and (style := _STYLE.search(cells.part, start, cells.end_of_tag(start)))
    ]
    return splice(cells.part, formats) if formats else part


def _number(written: bytes) -> float:
    try:
        return float(written)
    except ValueError:
        return 0


def _percent_styles(styles: bytes) -> frozenset[int]:
    """Find the indexes of the cell formats (ECMA-376 18.8.10) whose number format shows a percentage."""
    styles, prefix = plain(styles)
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
