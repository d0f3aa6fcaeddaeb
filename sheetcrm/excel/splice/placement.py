"""Places planned columns on a sheet: by their header, or beside their own table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap

from sheetcrm.errors import UneditableWorkbookError
from sheetcrm.excel.splice.ground import Ground, free_place, survey
from sheetcrm.excel.splice.sheet_xml import Row, rows
from sheetcrm.excel.splice.worksheet import Worksheet
from sheetcrm.model import ColumnEdit, SheetEdit
from sheetcrm.ooxml.addresses import MOST_COLUMNS, MOST_ROWS, Area

_SEVERAL = 3
"""Labels side by side that are results, not a count by tier."""


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A planned column and its place on the sheet."""

    edit: ColumnEdit
    header_row: int
    number: int
    """Of the column, 1-based."""
    added: bool
    lender: int
    """The column whose cells lend theirs to cells that are not there yet; 0 if there is none."""
    table: Area
    """Where its table stands, from the header row down to the last row concerned, without added columns."""

    @property
    def area(self) -> Area:
        """Return the cells of the column, its header's too."""
        return Area(self.table.top, self.number, self.table.bottom, self.number)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A planned column that no header names yet, and its table."""

    edit: SheetEdit
    columns: Sequence[ColumnEdit]
    table: Area


def place(
    worksheet: Worksheet, edits: Sequence[SheetEdit], reserved: Sequence[Area]
) -> tuple[list[PlacedColumn], Ground]:
    """Place every planned column.

    A column without a number is looked up in the header row by its label (white space around it does not count), so
    that a second run finds what the first one added. A new one goes right beside its own table, by the table's rows:
    what stands above, below or far to the right does not matter. Where there is no room for all of a table's, they
    go together to the next place that has it.

    Args:
        worksheet: The sheet.
        edits: The sheet's edits; they may be for several tables in it.
        reserved: Areas that may not be entered though they may hold no content: merges, tables, pivots.

    Returns:
        The columns from left to right, and what stands right of the tables.

    Raises:
        UneditableWorkbookError: `sheet-full` if there is no room.
    """
    headers = _headers(worksheet, {edit.header_row for edit in edits})
    placed: list[PlacedColumn] = []
    missing: list[_Listed] = []
    for edit in edits:
        header = headers.get(edit.header_row, {})
        table = _table_area(edit, header)
        new = []
        for column in edit.columns:
            number = column.column or _find(header, column.label, edit, edits)
            if number:
                placed.append(
                    PlacedColumn(column, edit.header_row, number, added=False, lender=number - 1, table=table)
                )
            else:
                new.append(column)
        if new:
            missing.append(_Listed(edit, new, table))
    ground = survey(worksheet, min((entry.table.right + 1 for entry in missing), default=MOST_COLUMNS + 1), reserved)
    _keep_clear(ground, placed)
    for entry in sorted(missing, key=lambda entry: -entry.table.right):  # the rightmost may stand beside, always
        others = _columns_of_others(entry, edits, ground)
        added = _place_new(entry, ground, headers.get(entry.edit.header_row, {}), others)
        _keep_clear(ground, added)
        placed += added
    return sorted(placed, key=lambda column: column.number), ground


def _place_new(
    entry: _Listed, ground: Ground, header: Mapping[int, str], others: Collection[int]
) -> list[PlacedColumn]:
    """Place the new columns of a table; `others` are columns beside it that are none of its own."""
    table = entry.table
    taken = ground.taken_columns(table.top, table.bottom)
    right = table.right
    while right + 1 in taken and right + 1 not in others:  # columns of the table that the schema does not have
        right += 1
    first = free_place(taken.__contains__, right, len(entry.columns))
    if first is None:
        raise UneditableWorkbookError(
            "sheet-full", "工作表右边没有空列了，放不下要添加的列", "请把最右边的内容移走，或先在表头里留出这些列名"
        )
    table = Area(table.top, table.left, table.bottom, right)
    lender = max((labelled for labelled in header if table.left <= labelled <= right), default=right)
    return [
        PlacedColumn(column, entry.edit.header_row, number, added=True, lender=lender, table=table)
        for number, column in enumerate(entry.columns, first)
    ]


def _keep_clear(ground: Ground, placed: Sequence[PlacedColumn]) -> None:
    """Let no further column come where one was placed."""
    ground.placed += [column.area for column in placed]


def _table_area(edit: SheetEdit, header: Mapping[int, str]) -> Area:
    """Return where the table of an edit stands: from its header row down to the last row concerned."""
    bottom = max((column.rows[-1] for column in edit.columns if column.rows), default=edit.header_row)
    if max(bottom, edit.header_row) > MOST_ROWS:
        raise UneditableWorkbookError("sheet-full", "要写的行超出了工作表的最后一行", "请检查表格，删去末尾的空行")
    left = edit.left or min(header, default=1)
    right = edit.right or left - 1
    while not edit.right and right + 1 in header:
        right += 1
    right = max(right, *(column.column or 0 for column in edit.columns))
    return Area(edit.header_row, left, max(edit.header_row, bottom), right)


def _headers(worksheet: Worksheet, header_rows: set[int]) -> dict[int, dict[int, str]]:
    last = max(header_rows)
    headers: dict[int, dict[int, str]] = {}
    for row in rows(worksheet.xml):
        if row.number in header_rows:
            headers[row.number] = _labels(worksheet, row)
        if row.number >= last:
            break
    return headers


def _labels(worksheet: Worksheet, row: Row) -> dict[int, str]:
    texts = ((cell.column, worksheet.values.read(cell).text.strip()) for cell in worksheet.cells.cells(row))
    return {column: text for column, text in texts if text}


def _find(header: Mapping[int, str], label: str, edit: SheetEdit, edits: Sequence[SheetEdit]) -> int | None:
    """Find the column of a label in a header row, but not in another table, or block, that stands there.

    Apart from its own table a label is the edit's only where several of its labels stand side by side.
    """
    others = {
        column
        for other in edits
        if other.header_row == edit.header_row and other.right and (other.left, other.right) != (edit.left, edit.right)
        for column in range(other.left, other.right + 1)
    }
    others |= _others_beside(edit)
    labels = {column.label.strip() for column in edit.columns}
    for column in (column for column, text in sorted(header.items()) if text == label.strip()):
        first, last = column, column
        while header.get(first - 1, "") in labels:
            first -= 1
        while header.get(last + 1, "") in labels:
            last += 1
        is_beside = not edit.right or (edit.left <= column and first <= edit.right + 1)
        if column not in others and (is_beside or last - first + 1 >= min(_SEVERAL, len(labels))):
            return column
    return None


def _columns_of_others(entry: _Listed, edits: Sequence[SheetEdit], ground: Ground) -> set[int]:
    """Return the columns right of a table where others stand beside its rows, or their results will."""
    top, first = entry.table.top, entry.table.right + 1
    of_row = [Area(top, other.left, top, other.right) for other in edits if other.header_row == top and other.right]
    right = Area(top, first, entry.table.bottom, MOST_COLUMNS)
    beside = [area for area in (*starmap(Area, entry.edit.others), *ground.placed) if area.meets(right)]
    beside += [area for area in of_row if area.left >= first]
    return {column for area in beside for column in range(area.left, area.right + 1)}


def _others_beside(edit: SheetEdit) -> set[int]:
    """Return the columns of an edit's header row that are no part of its table."""
    return {
        column
        for top, left, bottom, right in edit.others
        if top <= edit.header_row <= bottom
        for column in range(left, right + 1)
    }
