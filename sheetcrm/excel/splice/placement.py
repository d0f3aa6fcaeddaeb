"""Places planned columns on a sheet: by their header, or right of everything that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.errors import UneditableWorkbookError
from sheetcrm.excel.splice.sheet_xml import Cell, Row, SheetXml, has_content, rows
from sheetcrm.excel.splice.worksheet import Worksheet
from sheetcrm.model import ColumnEdit, SheetEdit
from sheetcrm.ooxml.addresses import MOST_COLUMNS, MOST_ROWS, Area


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


@dataclass(slots=True)
class _Survey:
    """Header texts, and the last used columns, gathered in one pass over the rows."""

    headers: dict[int, dict[int, str]]
    last_used: int = 0
    """In the whole sheet; 0 if nothing is used."""
    last_used_near: int = 0
    """In the rows that the edits concern."""


def place(worksheet: Worksheet, edits: Sequence[SheetEdit], reserved: Sequence[Area]) -> list[PlacedColumn]:
    """Place every planned column, and return them from left to right.

    A column without a number is looked up in the header row by its label (white space around it does
    not count), so that a second run finds what the first one added. A new one goes right of the
    used width: of the whole sheet, by content, not by styled blanks; where a stray cell far out leaves
    no room, right of the rows concerned.

    Args:
        worksheet: The sheet.
        edits: The sheet's edits; they may be for several tables in it.
        reserved: Areas that may not be entered though they may hold no content: merges, tables, pivots.

    Raises:
        UneditableWorkbookError: `sheet-full` if there is no column left.
    """
    concerned = _concerned_rows(edits)
    survey = _survey(worksheet, {edit.header_row for edit in edits}, concerned)
    placed: list[PlacedColumn] = []
    new: list[tuple[SheetEdit, ColumnEdit]] = []
    for edit in edits:
        for column in edit.columns:
            number = column.column or _find(survey.headers.get(edit.header_row, {}), column.label)
            if number:
                placed.append(PlacedColumn(column, edit.header_row, number, added=False, lender=number - 1))
            else:
                new.append((edit, column))
    taken = [area.right for area in reserved if area.meets(concerned)] + [column.number for column in placed]
    right = _last_taken(survey, len(new), max(taken, default=0))
    for number, (edit, column) in enumerate(new, right + 1):
        header = survey.headers.get(edit.header_row, {})
        lender = max((labelled for labelled in header if labelled <= right), default=right)
        placed.append(PlacedColumn(column, edit.header_row, number, added=True, lender=lender))
    return sorted(placed, key=lambda column: column.number)


def _concerned_rows(edits: Sequence[SheetEdit]) -> Area:
    """Return the rows that the edits concern, headers included, across the whole sheet."""
    header_rows = [edit.header_row for edit in edits]
    last_rows = [column.rows[-1] for edit in edits for column in edit.columns if column.rows]
    concerned = Area(min(header_rows), 1, max(header_rows + last_rows), MOST_COLUMNS)
    if concerned.bottom > MOST_ROWS:
        raise UneditableWorkbookError("sheet-full", "要写的行超出了工作表的最后一行", "请检查表格，删去末尾的空行")
    return concerned


def _survey(worksheet: Worksheet, header_rows: set[int], concerned: Area) -> _Survey:
    survey = _Survey(headers={})
    for row in rows(worksheet.xml):
        columns = worksheet.cells.columns(row)
        if row.number in header_rows:
            survey.headers[row.number] = _labels(worksheet, row)
        is_near = concerned.top <= row.number <= concerned.bottom
        last = columns[-1] if columns else 0
        if last > survey.last_used or (is_near and last > survey.last_used_near):
            used = _last_used(worksheet.xml, worksheet.cells.cells(row))
            survey.last_used = max(survey.last_used, used)
            if is_near:
                survey.last_used_near = max(survey.last_used_near, used)
    return survey


def _labels(worksheet: Worksheet, row: Row) -> dict[int, str]:
    texts = ((cell.column, worksheet.values.read(cell).text.strip()) for cell in worksheet.cells.cells(row))
    return {column: text for column, text in texts if text}


def _last_used(sheet: SheetXml, cells: list[Cell]) -> int:
    return next((cell.column for cell in reversed(cells) if has_content(sheet, cell)), 0)


def _find(header: dict[int, str], label: str) -> int | None:
    return next((column for column, text in sorted(header.items()) if text == label.strip()), None)


def _last_taken(survey: _Survey, columns: int, taken: int) -> int:
    """Return the last column that is taken, such that so many new ones fit after it."""
    for right in (max(survey.last_used, taken), max(survey.last_used_near, taken)):
        if right + columns <= MOST_COLUMNS:
            return right
    raise UneditableWorkbookError(
        "sheet-full", "工作表右边没有空列了，放不下要添加的列", "请把最右边的内容移走，或先在表头里留出这些列名"
    )
