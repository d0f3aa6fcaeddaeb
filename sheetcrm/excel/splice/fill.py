"""Fills planned columns: puts new bytes between the bytes of the rows that are there.

A row without cells at or after the first planned column, the common case, gets its new cells at its
end in one piece. In any other row each planned cell is compared with the cell that is there. Cells
that are left alone are listed one by one, each with its reason.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import getitem
from typing import TypeAlias

from sheetcrm.excel.splice.cell_content import ContentKind
from sheetcrm.excel.splice.cell_writer import REPEATED, Body, CellWriter
from sheetcrm.excel.splice.columns import (
    Group,
    Pending,
    PlannedColumn,
    group_columns,
    pending_values,
    plan_columns,
    planned_rows,
)
from sheetcrm.excel.splice.packed import PackedSplices
from sheetcrm.excel.splice.placement import PlacedColumn
from sheetcrm.excel.splice.sheet_parts import column_styles
from sheetcrm.excel.splice.sheet_xml import Cell, Row, rows, style_in
from sheetcrm.excel.splice.worksheet import Worksheet
from sheetcrm.model import LeftCell, WrittenCell, WrittenEntry, WrittenRow, WrittenValue, pack_rows
from sheetcrm.ooxml.addresses import Area

_SPANS = re.compile(rb"""\sspans\s*=\s*["']([0-9]{1,9})(:(?:[0-9: ]*:)?)([0-9]{1,9})["']""")
_BLANK = b"\0"
"""Stands for a row number; XML cannot hold it."""
_LEAST_WIDTH, _MOST_WIDTH = 8, 40
_PADDING = 2


@dataclass(slots=True)
class Filled:
    """The splices that fill a sheet's columns, and a record of every cell."""

    splices: PackedSplices = field(default_factory=PackedSplices)
    written: list[WrittenEntry] = field(default_factory=list)
    left: list[LeftCell] = field(default_factory=list)
    area: Area | None = None
    """The area that the new and changed cells cover; None if there are none."""
    widths: dict[int, float] = field(default_factory=dict)
    """Of added columns, in characters."""


_Piece: TypeAlias = tuple[bytes, str | None]
"""A cell with a blank for its row number; its value as text, if it has one."""


def fill(
    worksheet: Worksheet,
    placed: Sequence[PlacedColumn],
    kept: Sequence[tuple[Area, str]],
    *,
    tables: Sequence[Area] = (),
) -> Filled:
    """Plan every cell of the placed columns.

    Args:
        worksheet: The sheet; its strings and formats are appended to.
        placed: The columns to fill.
        kept: Areas whose cells must be left alone, and the kind of reason.
        tables: Areas of Excel tables, whose headers have their looks from the table.

    Raises:
        ValueError: If a column's rows do not rise, or two edits are for one cell.
    """
    return _Filler(worksheet, placed, kept, tables).fill()


class _Filler:
    def __init__(
        self,
        worksheet: Worksheet,
        placed: Sequence[PlacedColumn],
        kept: Sequence[tuple[Area, str]],
        tables: Sequence[Area],
    ) -> None:
        self._worksheet = worksheet
        self._tables = tables
        self._xml = worksheet.xml
        self._writer = CellWriter(worksheet)
        self._column_styles = column_styles(worksheet.xml)
        self._result = Filled()
        self._covered: tuple[int, int, int, int] | None = None
        self._pieces: dict[tuple[Group, int], tuple[_Pieces, ...]] = {}
        """The cells of a uniform group's columns, by the format lent."""
        self._refused: dict[tuple[int, WrittenValue], str] = {}
        """The kind of reason why a value cannot be written, by column and value."""
        self._as_planned: dict[tuple[bytes, WrittenValue], int] = {}
        """The format of cells that hold the planned value, by their bytes after the row number and that value."""
        self._columns = tuple(plan_columns(placed, kept, worksheet.xml.prefix))
        self._numbers = sorted(set().union(*{id(column.rows): column.rows for column in self._columns}.values()))
        self._plan = planned_rows(group_columns(self._columns))

    def fill(self) -> Filled:
        numbers = self._numbers
        done = 0
        for row in rows(self._xml):
            first_missing = done
            done = bisect_left(numbers, row.number, done)
            self._insert_rows(numbers[first_missing:done], row)
            if done == len(numbers):
                break
            if numbers[done] == row.number:
                self._fill_row(row)
                self._result.splices.end_row()
                pack_rows(self._result.written)
                done += 1
        self._insert_rows(numbers[done:], None)
        widths = self._result.widths
        for column in self._columns:
            if column.added:
                widths[column.number] = max(widths.get(column.number, 0), _fitting_width(column.values))
        self._result.area = Area(*self._covered) if self._covered else None
        self._pieces.clear()  # they know this object, which holds the sheet
        return self._result

    # --- rows ---

    def _insert_rows(self, numbers: Sequence[int], before: Row | None) -> None:
        """Write rows that are not there, before the row that follows them."""
        p = self._xml.prefix
        pieces = []
        for number in numbers:
            cells = self._new_cells(number, pending_values(*next(self._plan)), None)
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
        last, style = self._worksheet.cells.last(row)
        _, plan = next(self._plan)
        *others, (group, values) = plan
        added: list[int] = []
        at_end: list[bytes] = []
        first = group.columns[0].number
        stands_last = not others or all(other.columns[-1].number < first for other, _ in others)
        if group.uniform and group.columns[0].lender == last and stands_last:
            if others:
                self._fill_among(row, pending_values(row.number, others), last, at_end, added)
            self._append_uniform(row.number, group, values, style, at_end, added)
        else:
            self._fill_among(row, pending_values(row.number, plan), last, at_end, added)
        if not added:
            return
        tag = self._xml.data[row.start : row.inner]
        wider = _spanning(tag, min(added), max(added))
        new = b"".join(at_end)
        if row.self_closed:
            self._splice(row.start, row.end, _opened(wider, new, b"%srow" % self._xml.prefix))
            return
        if wider != tag:
            self._splice(row.start, row.inner, wider)
        if new:
            self._splice(row.tail, row.tail, new)

    def _fill_among(self, row: Row, pending: Pending, last: int, at_end: list[bytes], added: list[int]) -> None:
        """Set cells among those of a row; new ones after the last are gathered for the row's end."""
        if not pending:
            return
        first = pending[0][0].number
        present = self._worksheet.cells.cells(row, first=first, last=pending[-1][0].number) if last >= first else ()
        cells = iter(present)
        cell = next(cells, None)
        for column, value in pending:
            while cell and cell.column < column.number:
                cell = next(cells, None)
            if cell and cell.column == column.number:
                changed = self._changed_cell(row.number, column, value, cell)
                if changed is not None:
                    self._splice(cell.start, cell.end, changed)
                continue
            new = self._new_cells(row.number, [(column, value)], row)
            if new:
                added.append(column.number)
                if cell:
                    self._splice(cell.start, cell.start, new)
                else:
                    at_end.append(new)

    # --- cells ---

    def _append_uniform(
        self,
        number: int,
        group: Group,
        values: tuple[WrittenValue, ...],
        lent: int,
        at_end: list[bytes],
        added: list[int],
    ) -> None:
        """Write a row's cells of a uniform group in one go.

        Cells are kept with a blank for their row number, so that a row is made by one join.
        """
        key = (group, lent)
        pieces = self._pieces.get(key)
        if pieces is None:
            pieces = self._pieces[key] = tuple(
                _Pieces(self._new_body, column, lent, self._refused) for column in group.columns
            )
        cells, texts = zip(*map(getitem, pieces, values), strict=True)
        if any(texts):
            self._result.written.append(WrittenRow(self._worksheet.name, number, group.heads, texts))
        if self._refused:
            for column, value in zip(group.columns, values, strict=True):
                if reason := self._refused.get((column.number, value)):
                    self._record_left(number, column, reason)
        new = b"".join(cells).replace(_BLANK, b"%d" % number)
        if new:
            at_end.append(new)
            added += (group.columns[0].number, group.columns[-1].number)
            self._writer.count(new)
            self._cover(number, group.columns[0].number, group.columns[-1].number)

    def _new_cells(self, number: int, pending: Pending, row: Row | None) -> bytes:
        """Write cells of one row that are not there yet, and record them."""
        digits = b"%d" % number
        written: list[bytes] = []
        for column, value in pending:
            lent = self._lent_style(row, column.lender) if column.format_above is None else column.format_above
            body = self._new_body(column, lent, value)
            reason = body.reason or column.blocked.get(number)
            if reason and self._writer.storable(value) is not None:
                self._record_left(number, column, reason)
            elif body.written and not reason:
                written.append(column.opening + digits + body.written)
                if body.text is not None:
                    self._record_written(number, column, "", body.text)
        new = b"".join(written)
        if new:
            self._writer.count(new)
            self._cover(number, pending[0][0].number, pending[-1][0].number)
        return new

    def _new_body(self, column: PlannedColumn, lent: int, value: WrittenValue) -> Body:
        """Return the body of a cell that is not there; empty for a blank that would not show."""
        if column.style is None:
            style = self._writer.header_format(lent, shaded=not self._is_in_table(column))
        else:
            style = self._writer.new_format(column.style, lent, value, own=column.format_above is not None)
        body = self._writer.body(value, style)
        if body.text is None and not body.reason and not (column.added and lent) and not self._writer.is_bordered(lent):
            return Body(b"", None)
        return body

    def _is_in_table(self, header: PlannedColumn) -> bool:
        cell = Area(header.rows[0], header.lender, header.rows[0], header.lender)
        return any(cell.meets(table) for table in self._tables)

    def _changed_cell(self, number: int, column: PlannedColumn, value: WrittenValue, cell: Cell) -> bytes | None:
        """Return the cell's new bytes; None where it stays: as planned already, or to be left alone."""
        digits = b"%d" % number
        rest = self._xml.data[cell.start + len(column.opening) + len(digits) : cell.end]
        style = self._as_planned.get((rest, value), -1)
        if style >= 0:
            column.format_above = None if column.added else style
            return None
        content = self._worksheet.values.read(cell)
        column.format_above = None if column.added else content.style
        as_day = self._writer.shows_day(content)
        planned = self._writer.storable(value)
        is_formula = content.kind is ContentKind.FORMULA
        if not is_formula and self._worksheet.values.is_equal(content, planned, as_day=as_day):
            self._as_planned[rest, value] = content.style
            return None
        reason = "formula-kept" if is_formula else column.blocked.get(number, "")
        style = self._writer.kept_format(column.style if column.added else None, content.style, value)
        body = Body(b"", None, reason) if reason else self._writer.body(value, style)
        if body.reason:
            self._record_left(number, column, body.reason)
            return None
        new = column.opening + digits + body.written
        self._writer.count(new, content)
        self._record_written(
            number, column, self._worksheet.values.display_text(content, as_day=as_day), body.text or ""
        )
        self._cover(number, column.number, column.number)
        return new

    def _lent_style(self, row: Row | None, lender: int) -> int:
        """Return the format of the lender's cell in a row, or what an empty cell would show there."""
        style = self._style_in_row(row, lender) if row is not None else None
        if style is not None:
            return style
        return next((style for columns, style in self._column_styles.items() if lender in columns), 0)

    def _style_in_row(self, row: Row, lender: int) -> int | None:
        """Return the format of the lender's cell in a row, else that of the row; None if there is neither."""
        last, style = self._worksheet.cells.last(row)
        if last == lender and last:
            return style
        cell = next(iter(self._worksheet.cells.cells(row, first=lender)), None) if last > lender > 0 else None
        if cell and cell.column == lender:
            return style_in(self._xml.data[cell.start : cell.inner]) or 0
        tag = self._xml.data[row.start : row.inner]
        return style_in(tag) or 0 if b"customFormat" in tag else None

    # --- results ---

    def _splice(self, start: int, end: int, new: bytes) -> None:
        self._result.splices.append((start, end, new))

    def _record_written(self, number: int, column: PlannedColumn, old: str, new: str) -> None:
        self._result.written.append(WrittenCell(self._worksheet.name, number, column.number, column.label, old, new))

    def _record_left(self, number: int, column: PlannedColumn, reason: str) -> None:
        self._result.left.append(LeftCell(self._worksheet.name, number, column.number, column.label, reason))

    def _cover(self, row: int, left: int, right: int) -> None:
        top, least, _, most = self._covered or (row, left, row, right)
        self._covered = (top, min(least, left), row, max(most, right))


class _Pieces(dict[WrittenValue, _Piece]):
    """A column's cells without their row number, each made once for a value."""

    def __init__(
        self,
        make: Callable[[PlannedColumn, int, WrittenValue], Body],
        column: PlannedColumn,
        lent: int,
        refused: dict[tuple[int, WrittenValue], str],
    ) -> None:
        super().__init__()
        self._make, self._column, self._lent, self._refused = make, column, lent, refused

    def __missing__(self, value: WrittenValue) -> _Piece:
        body = self._make(self._column, self._lent, value)
        if body.reason:
            self._refused[self._column.number, value] = body.reason
        piece = (self._column.opening + _BLANK + body.written if body.written else b"", body.text)
        if not (isinstance(value, str) and len(value) > REPEATED):
            self[value] = piece
        return piece


def _opened(tag: bytes, inside: bytes, name: bytes) -> bytes:
    """Return a self-closing element opened, with bytes inside."""
    return b"%s>%s</%s>" % (tag[:-2].rstrip(), inside, name)


def _spanning(tag: bytes, first: int, last: int) -> bytes:
    """Return a row's start tag with its `spans`, if any, widened to hold these columns."""
    at = tag.find(b"spans") - 1  # with the white space before it
    return tag if at < 0 else tag[:at] + _spans(tag[at:], first, last)


@lru_cache(maxsize=256)
def _spans(attributes: bytes, first: int, last: int) -> bytes:
    """Widen `spans` among attributes; cached, since most rows share them."""
    spans = _SPANS.search(attributes)
    if not spans or (int(spans[1]) <= first and int(spans[3]) >= last):
        return attributes
    wider = b"%d%s%d" % (min(int(spans[1]), first), spans[2], max(int(spans[3]), last))
    return attributes[: spans.start(1)] + wider + attributes[spans.end(3) :]


def _fitting_width(values: Sequence[WrittenValue]) -> int:
    """Return a column's width for its values: Chinese characters show two wide; long text is cut."""
    width = 0
    for value in set(values):
        text = value if isinstance(value, str) else "" if value is None else str(value)
        longest = max(text.split("\n"), key=len) if "\n" in text else text
        width = max(width, len(longest) if longest.isascii() else len(longest.encode("gb18030", "replace")))
        if width + _PADDING >= _MOST_WIDTH:
            return _MOST_WIDTH
    return max(width + _PADDING, _LEAST_WIDTH)
