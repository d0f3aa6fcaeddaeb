"""Setting the cells of planned columns: new bytes between the bytes of the rows that are there.

A row without cells at or after the first planned column, the common case, gets its new cells at its
end in one piece. In any other row each planned cell is compared with what stands there. What is
left alone, and why, is told cell by cell.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from sheetcrm.excel import celltext
from sheetcrm.excel.placement import Target
from sheetcrm.excel.sheetxml import Cell, Row, rows
from sheetcrm.excel.skeleton import Splice, column_styles
from sheetcrm.excel.standing import Kind, Standing, style_in
from sheetcrm.excel.worksheet import Worksheet
from sheetcrm.model import CellStyle, LeftCell, WrittenCell, WrittenValue, column_letters
from sheetcrm.ooxml.areas import Area

_SPANS = re.compile(rb"""\sspans\s*=\s*["'][0-9: ]*:([0-9]+)["']""")
_MOST_WIDTH = 40
_PADDING = 2


@dataclass(slots=True)
class Filled:
    """What came of it: splices into the sheet, and the account of every cell."""

    splices: list[Splice] = field(default_factory=list)
    written: list[WrittenCell] = field(default_factory=list)
    left: list[LeftCell] = field(default_factory=list)
    area: Area | None = None
    """What the new and changed cells cover; None if there are none."""
    widths: dict[int, float] = field(default_factory=dict)
    """Of added columns, in characters."""


@dataclass(slots=True)
class _Column:
    """A column while it is filled: either the cells below a header, or an added header alone."""

    number: int
    label: str
    style: CellStyle | None
    """None: the lender's format as it is. Headers are like their neighbours."""
    added: bool
    lender: int
    rows: tuple[int, ...]
    values: tuple[WrittenValue, ...]
    opening: bytes
    """A new cell's bytes up to its row number."""
    blocked: dict[int, str]
    """Row -> why its cell must be left alone."""
    format_above: int | None = None
    """The format of the last cell passed, in a column that was there before."""
    formats: dict[tuple[int, bool, bool], int] = field(default_factory=dict)
    """Which format a new cell gets: by the one lent, whether from its own column, whether for a day."""
    width: int = 0


class _Body(NamedTuple):
    """A cell's bytes after its row number, its value as text, and how wide that shows."""

    written: bytes
    text: str
    width: int


_Pending: TypeAlias = list[tuple[_Column, WrittenValue]]
_Plan: TypeAlias = Mapping[int, list[tuple[tuple[_Column, ...], int]]]
"""Row -> the columns with a value for it, and which of their values that is."""


def fill(worksheet: Worksheet, targets: Sequence[Target], kept: Sequence[tuple[Area, str]]) -> Filled:
    """Plan every cell of the targets.

    Args:
        worksheet: The sheet; its strings and formats are appended to.
        targets: The columns to fill.
        kept: Areas whose cells must be left alone, and the kind of reason.

    Raises:
        ValueError: If a column's rows do not rise, or two edits are for one cell.
    """
    return _Filler(worksheet, targets, kept).fill()


class _Filler:
    def __init__(self, worksheet: Worksheet, targets: Sequence[Target], kept: Sequence[tuple[Area, str]]) -> None:
        self._book = worksheet
        self._xml = worksheet.xml
        self._cell_start = b"<%sc " % worksheet.xml.prefix
        self._value_tags = (b"><%sv>" % worksheet.xml.prefix, b"</%sv></%sc>" % ((worksheet.xml.prefix,) * 2))
        self._column_styles = column_styles(worksheet.xml)
        self._result = Filled()
        self._bodies: dict[int, dict[WrittenValue, _Body | None]] = {}
        self._settled: dict[tuple[bytes, WrittenValue], int] = {}
        """Cells found to hold what is planned: their bytes after the row number and the value -> their format."""
        self._columns = tuple(_columns(targets, kept, worksheet.xml.prefix))
        self._plan = _plan(self._columns)

    def fill(self) -> Filled:
        wanted = sorted(self._plan)
        done = 0
        for row in rows(self._xml):
            first_missing = done
            done = bisect_left(wanted, row.number, done)
            self._insert_rows(wanted[first_missing:done], row)
            if done == len(wanted):
                break
            if wanted[done] == row.number:
                self._fill_row(row)
                done += 1
        self._insert_rows(wanted[done:], None)
        for column in self._columns:
            if column.added:
                width = max(self._result.widths.get(column.number, 0), column.width + _PADDING)
                self._result.widths[column.number] = min(width, _MOST_WIDTH)
        return self._result

    # --- rows ---

    def _insert_rows(self, numbers: Sequence[int], before: Row | None) -> None:
        """Write rows that are not there, before the row that follows them."""
        p = self._xml.prefix
        pieces = []
        for number in numbers:
            cells = self._new_cells(number, self._pending(number), None, ())
            if cells:
                pieces.append(b'<%srow r="%d">%s</%srow>' % (p, number, cells, p))
        if not pieces:
            return
        new = b"".join(pieces)
        sheet_data = self._xml.sheet_data
        if before is not None:
            self._splice(before.start, before.start, new)
        elif sheet_data.self_closed:
            tag = self._xml.data[sheet_data.start : sheet_data.inner]
            self._splice(sheet_data.start, sheet_data.end, _opened(tag, new, b"%ssheetData" % p))
        else:
            self._splice(sheet_data.tail, sheet_data.tail, new)

    def _fill_row(self, row: Row) -> None:
        pending = self._pending(row.number)
        columns = self._book.cells.columns(row)
        if columns and columns[-1] >= pending[0][0].number:
            last = self._fill_among(row, pending, columns)
        else:
            new = self._new_cells(row.number, pending, row, columns)
            if not new:
                return
            last = pending[-1][0].number
            if row.self_closed:
                tag = _spanning(self._xml.data[row.start : row.inner], last)
                self._splice(row.start, row.end, _opened(tag, new, b"%srow" % self._xml.prefix))
                return
            self._splice(row.tail, row.tail, new)
        if last:
            tag = self._xml.data[row.start : row.inner]
            wider = _spanning(tag, last)
            if wider is not tag:
                self._splice(row.start, row.inner, wider)

    def _fill_among(self, row: Row, pending: _Pending, columns: tuple[int, ...]) -> int:
        """Set cells in a row that has some at or after the first of them; return the last one added."""
        cells = iter(self._book.cells.cells(row, first=pending[0][0].number))
        cell = next(cells, None)
        added = 0
        for column, value in pending:
            while cell and cell.column < column.number:
                cell = next(cells, None)
            if cell and cell.column == column.number:
                changed = self._changed_cell(row.number, column, value, cell)
                if changed is not None:
                    self._splice(cell.start, cell.end, changed)
                continue
            new = self._new_cells(row.number, [(column, value)], row, columns)
            if new:
                at = cell.start if cell else row.tail
                self._splice(at, at, new)
                added = column.number
        return added

    def _pending(self, number: int) -> _Pending:
        entries = self._plan[number]
        if len(entries) == 1:
            columns, place = entries[0]
            return [(column, column.values[place]) for column in columns]
        pending = [(column, column.values[place]) for columns, place in entries for column in columns]
        pending.sort(key=lambda item: item[0].number)
        if any(left[0].number == right[0].number for left, right in pairwise(pending)):
            raise ValueError(f"two edits for one cell in row {number}")
        return pending

    # --- cells ---

    def _new_cells(self, number: int, pending: _Pending, row: Row | None, columns: tuple[int, ...]) -> bytes:
        """Write the cells of one row that are not there yet, and enter them in the receipt."""
        digits = b"%d" % number
        name = self._book.name
        written, bodies = self._result.written, self._bodies
        lent: dict[int, int] = {}
        pieces: list[bytes] = []
        for column, value in pending:
            above = column.format_above
            if above is None:
                base = lent.get(column.lender, -1)
                if base < 0:
                    base = lent[column.lender] = self._lent(row, columns, column.lender)
            else:
                base = above
            key = (base, above is not None, value.__class__ is date)
            style = column.formats.get(key, -1)
            if style < 0:
                style = column.formats[key] = self._format(column, *key)
            if value is None or value == "":
                if column.added and style and number not in column.blocked:
                    pieces.append(b'%s%s" s="%d"/>' % (column.opening, digits, style))
                continue
            known = bodies.get(style)
            body = known.get(value) if known else None
            if body is None:
                body = self._body(value, style)
            if body is None or number in column.blocked:
                self._leave(number, column, column.blocked.get(number, "text-too-long"))
                continue
            body_bytes, text, width = body
            if width > column.width:
                column.width = width
            pieces.append(column.opening + digits + body_bytes)
            written.append(WrittenCell(name, number, column.number, column.label, "", text))
        new = b"".join(pieces)
        if new:
            self._count(new)
            self._cover(number, pending[0][0].number, pending[-1][0].number)
        return new

    def _changed_cell(self, number: int, column: _Column, value: WrittenValue, cell: Cell) -> bytes | None:
        """Write a cell anew; None where it stays: as planned already, or not to be touched."""
        digits = b"%d" % number
        rest = self._xml.data[cell.start + len(column.opening) + len(digits) : cell.end]
        known = self._settled.get((rest, value), -1)
        if known >= 0:
            column.format_above = None if column.added else known
            return None
        standing = self._book.values.read(cell)
        column.format_above = None if column.added else standing.style
        as_day = self._shows_day(standing)
        wanted, value = value, self._storable(value)
        if standing.kind is not Kind.FORMULA and self._book.values.is_equal(standing, value, as_day=as_day):
            self._settled[rest, wanted] = standing.style
            return None
        reason = "formula-kept" if standing.kind is Kind.FORMULA else column.blocked.get(number)
        body = self._body(value, self._fitting(column, standing.style, value)) if value and not reason else None
        if value and not reason and body is None:
            reason = "text-too-long"
        if reason:
            self._leave(number, column, reason)
            return None
        empty = b'" s="%d"/>' % standing.style if standing.style else b'"/>'
        new = column.opening + digits + (body.written if body else empty)
        self._count(new)
        if standing.shared and self._book.strings:
            self._book.strings.references -= 1
        old = self._book.values.shown(standing, as_day=as_day)
        text = body.text if body else ""
        self._result.written.append(WrittenCell(self._book.name, number, column.number, column.label, old, text))
        self._cover(number, column.number, column.number)
        return new

    def _body(self, value: WrittenValue, style: int) -> _Body | None:
        """Return a value's bytes; None if it is a text too long for a cell."""
        known = self._bodies.setdefault(style, {})
        if value not in known:
            known[value] = self._new_body(value, style)
        return known[value]

    def _new_body(self, value: WrittenValue, style: int) -> _Body | None:
        stored = self._storable(value)
        attributes = b'" s="%d"' % style if style else b'"'
        before, after = self._value_tags
        if isinstance(stored, str):
            if celltext.is_too_long(stored):
                return None
            strings = self._book.strings
            if strings:
                written = b'%s t="s"%s%d%s' % (attributes, before, strings.number(stored), after)
            else:
                p = self._xml.prefix
                item = celltext.string_item(stored, p)
                written = b'%s t="inlineStr"><%sis>%s</%sis></%sc>' % (attributes, p, item, p, p)
            return _Body(written, stored, _shown_width(stored))
        if isinstance(stored, date):
            number, text = str(celltext.serial(stored, date1904=self._book.date1904)), stored.isoformat()
        else:
            number = text = celltext.number_text(stored or 0)
        return _Body(attributes + before + number.encode() + after, text, len(text))

    # --- formats ---

    def _storable(self, value: WrittenValue) -> WrittenValue:
        """Return the value, or a day as ISO text where no number could stand for it."""
        if isinstance(value, date) and (
            not self._book.styles or celltext.serial(value, date1904=self._book.date1904) is None
        ):
            return value.isoformat()
        return value

    def _lent(self, row: Row | None, columns: tuple[int, ...], lender: int) -> int:
        """Return the format of the lender's cell in a row, or what an empty cell would show there."""
        if row is not None and lender in columns:
            if columns[-1] == lender:
                start = self._xml.masked.rfind(self._cell_start, row.inner, row.tail)
                end = self._xml.masked.find(b">", start)
            else:
                cell = self._book.cells.cells(row)[columns.index(lender)]
                start, end = cell.start, cell.inner
            return (style_in(self._xml.data[start:end]) if start >= 0 else None) or 0
        if row is not None:
            tag = self._xml.data[row.start : row.inner]
            if b"customFormat" in tag:
                return style_in(tag) or 0
        return next((style for columns_, style in self._column_styles.items() if lender in columns_), 0)

    def _format(self, column: _Column, base: int, own: bool, for_day: bool) -> int:  # noqa: FBT001 - a cache's key
        """Choose the format of a new cell."""
        styles = self._book.styles
        if styles is None or column.style is None:
            return base
        if not own:
            return styles.derive(base, CellStyle.DATE if for_day else column.style)
        return styles.derive(base, CellStyle.DATE, like=True) if for_day and not styles.shows_day(base) else base

    def _fitting(self, column: _Column, style: int, value: WrittenValue) -> int:
        """Choose the format of a cell that is there: its own, unless the value would not show."""
        styles = self._book.styles
        if styles is None:
            return style
        if isinstance(value, date):
            return style if styles.shows_day(style) else styles.derive(style, CellStyle.DATE, like=True)
        if column.added and column.style and styles.is_general(style):
            return styles.derive(style, column.style, like=True)
        return style

    def _shows_day(self, standing: Standing) -> bool:
        styles = self._book.styles
        return standing.kind is Kind.NUMBER and styles is not None and styles.shows_day(standing.style)

    # --- the account ---

    def _splice(self, start: int, end: int, new: bytes) -> None:
        self._result.splices.append((start, end, new))

    def _leave(self, number: int, column: _Column, reason: str) -> None:
        self._result.left.append(LeftCell(self._book.name, number, column.number, column.label, reason))

    def _count(self, new: bytes) -> None:
        if self._book.strings:  # no text of ours is in these bytes, only its number
            self._book.strings.references += new.count(b' t="s"')

    def _cover(self, row: int, left: int, right: int) -> None:
        cell = Area(row, left, row, right)
        area = self._result.area
        self._result.area = area.joined(cell) if area else cell


def _columns(targets: Sequence[Target], kept: Sequence[tuple[Area, str]], prefix: bytes) -> Iterator[_Column]:
    """Yield the columns to fill, added headers as columns of one cell."""
    for target in targets:
        edit = target.edit
        if len(edit.rows) != len(edit.values) or any(left >= right for left, right in pairwise(edit.rows)):
            raise ValueError(f"the rows of {edit.label!r} do not rise, or have no value each")
        parts: list[tuple[CellStyle | None, tuple[int, ...], tuple[WrittenValue, ...]]]
        parts = [(edit.style, edit.rows, edit.values)]
        if target.added:
            parts.append((None, (target.header_row,), (edit.label,)))
        for style, numbers, values in parts:
            yield _Column(
                number=target.column,
                label=edit.label,
                style=style,
                added=target.added,
                lender=target.lender,
                rows=numbers,
                values=values,
                opening=b'<%sc r="%s' % (prefix, column_letters(target.column).encode()),
                blocked=_blocked(target.column, numbers, kept),
            )


def _blocked(column: int, numbers: tuple[int, ...], kept: Sequence[tuple[Area, str]]) -> dict[int, str]:
    blocked: dict[int, str] = {}
    for area, reason in kept:
        if area.left <= column <= area.right:
            for number in numbers[bisect_left(numbers, area.top) : bisect_right(numbers, area.bottom)]:
                blocked.setdefault(number, reason)
    return blocked


def _plan(columns: Sequence[_Column]) -> _Plan:
    """Group columns by their rows, since most have the same, and list the rows."""
    groups: dict[tuple[int, ...], list[_Column]] = {}
    for column in sorted(columns, key=lambda column: column.number):
        groups.setdefault(column.rows, []).append(column)
    plan: dict[int, list[tuple[tuple[_Column, ...], int]]] = {}
    for numbers, group in groups.items():
        if any(left.number == right.number for left, right in pairwise(group)):
            raise ValueError(f"two edits for the column {group[0].label!r}")
        members = tuple(group)
        for place, number in enumerate(numbers):
            plan.setdefault(number, []).append((members, place))
    return plan


def _opened(tag: bytes, inside: bytes, name: bytes) -> bytes:
    """Write an element that closed itself with something inside."""
    return b"%s>%s</%s>" % (tag[:-2].rstrip(), inside, name)


def _spanning(tag: bytes, last: int) -> bytes:
    """Return a row's start tag with its `spans`, where it has any, reaching to the column."""
    found = _SPANS.search(tag)
    if not found or int(found[1]) >= last:
        return tag
    return b"%s%d%s" % (tag[: found.start(1)], last, tag[found.end(1) :])


def _shown_width(text: str) -> int:
    """Count characters as wide as they show: Chinese ones are two."""
    longest = max(text.split("\n"), key=len) if "\n" in text else text
    return len(longest.encode("gb18030", "replace")) if len(longest) < _MOST_WIDTH else _MOST_WIDTH
