"""Surveys the ground right of tables: which cells hold something, and which areas may not be entered.

Added columns, grown tables and grown filters stand on free ground alone. A cell that is only styled is free.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sheetcrm.excel.splice.sheet_parts import hidden_columns
from sheetcrm.excel.splice.sheet_xml import has_content, rows
from sheetcrm.excel.splice.worksheet import Worksheet
from sheetcrm.ooxml.addresses import MOST_COLUMNS, MOST_ROWS, Area


@dataclass(slots=True)
class Ground:
    """What stands on a sheet from a column on.

    `content` are the rows, rising, of each column's cells that hold something. `reserved` are merges, results of
    array formulas, pivots and Excel tables, which may hold nothing and are not free; `hidden` are columns that
    people hid. `placed` are the columns that will stand there.
    """

    content: Mapping[int, Sequence[int]]
    reserved: list[Area] = field(default_factory=list)
    hidden: Sequence[Area] = ()
    placed: list[Area] = field(default_factory=list)

    def is_free(self, area: Area) -> bool:
        """Return whether nothing stands in an area."""
        return not any(self.is_used(column, area.top, area.bottom) for column in range(area.left, area.right + 1)) and (
            not any(other.meets(area) for other in self.reserved)
        )

    def is_used(self, column: int, top: int, bottom: int) -> bool:
        """Return whether a cell of a column holds something in these rows."""
        numbers = self.content.get(column, ())
        at = bisect_left(numbers, top)
        return at < len(numbers) and numbers[at] <= bottom

    def taken_columns(self, top: int, bottom: int) -> set[int]:
        """Return the columns where a new one would meet something in these rows."""
        across = Area(top, 1, bottom, MOST_COLUMNS)
        taken = {column for column in self.content if self.is_used(column, top, bottom)}
        for area in (*self.reserved, *self.hidden, *self.placed):
            if area.meets(across):
                taken.update(range(area.left, area.right + 1))
        return taken


def survey(worksheet: Worksheet, first: int, reserved: Sequence[Area]) -> Ground:
    """Survey a sheet from a column on.

    Args:
        worksheet: The sheet.
        first: The first column that is looked at.
        reserved: Areas that may not be entered.

    Raises:
        UneditableWorkbookError: As `sheet_xml.rows` and `CellReader.columns` raise it, for any row.
    """
    content: dict[int, list[int]] = {}
    for row in rows(worksheet.xml):
        columns = worksheet.cells.columns(row)
        if not columns or columns[-1] < first:
            continue
        for cell in worksheet.cells.cells(row, first=first):
            if cell.column >= first and has_content(worksheet.xml, cell):
                content.setdefault(cell.column, []).append(row.number)
    hidden = [Area(1, columns.start, MOST_ROWS, columns.stop - 1) for columns in hidden_columns(worksheet.xml)]
    return Ground(content, list(reserved), hidden)


def free_place(taken: Callable[[int], bool], after: int, count: int) -> int | None:
    """Find the first column right of another from which so many are free, and stand apart from all others.

    Right beside, one free column after them is enough; further right one is kept free on either side, lest they be
    read, or sorted, with what stands there. None if there is no such place. Pure.
    """
    for first, last in _runs(taken, after + 1):
        begin = first if first == after + 1 else first + 1
        room = last - begin + (1 if last == MOST_COLUMNS else 0)
        if room >= count:
            return begin
    return None


def _runs(taken: Callable[[int], bool], first: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last column of each run of free ones."""
    begin = first
    for column in range(first, MOST_COLUMNS + 2):
        if column > MOST_COLUMNS or taken(column):
            if begin < column:
                yield begin, column - 1
            begin = column + 1
