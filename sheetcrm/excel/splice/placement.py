"""Where each planned column goes: found by its header, or right of everything that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.errors import UneditableWorkbookError
from sheetcrm.excel.splice.sheet_xml import Cell, SheetXml, has_content, rows
from sheetcrm.excel.splice.worksheet import Worksheet
from sheetcrm.model import ColumnEdit, SheetEdit
from sheetcrm.ooxml.addresses import MOST_COLUMNS, MOST_ROWS, Area


@dataclass(frozen=True, slots=True)
class Target:
    """A column of the sheet that is to be filled."""

    edit: ColumnEdit
    header_row: int
    column: int
    added: bool
    lender: int
    """The column whose cells lend theirs to cells that are not there yet; 0 if there is none."""


@dataclass(slots=True)
class _Survey:
    """What one pass over the rows tells: header texts, and how far content reaches."""

    headers: dict[int, dict[int, str]]
    width: int = 0
    """Of the whole sheet."""
    near: int = 0
    """Of the rows the edits concern."""


def place(worksheet: Worksheet, edits: Sequence[SheetEdit], reserved: Sequence[Area]) -> list[Target]:
    """Give every planned column its place.

    A column without a number is looked up in the header row by its label (white space around it does
    not count), so that a second run finds what the first one added. One not found goes right of the
    used width: of the whole sheet, by content, not by styled blanks; where a stray cell far out leaves
    no room, right of the rows concerned.

    Args:
        worksheet: The sheet.
        edits: The sheet's edits; they may be for several tables in it.
        reserved: Areas that may not be entered though they may hold no content: merges, tables, pivots.

    Raises:
        UneditableWorkbookError: `sheet-full` if there is no column left.
    """
    last = max((column.rows[-1] for edit in edits for column in edit.columns if column.rows), default=0)
    first = min(edit.header_row for edit in edits)
    concerned = Area(first, 1, max(first, last, *(edit.header_row for edit in edits)), MOST_COLUMNS)
    if concerned.bottom > MOST_ROWS:
        raise UneditableWorkbookError("sheet-full", "要写的行超出了工作表的最后一行", "请检查表格，删去末尾的空行")
    survey = _survey(worksheet, {edit.header_row for edit in edits}, concerned)
    targets: list[Target] = []
    added: list[tuple[SheetEdit, ColumnEdit]] = []
    for edit in edits:
        for column in edit.columns:
            found = column.column or _find(survey.headers.get(edit.header_row, {}), column.label)
            if found:
                targets.append(Target(column, edit.header_row, found, added=False, lender=found - 1))
            else:
                added.append((edit, column))
    taken = [area.right for area in reserved if area.meets(concerned)] + [target.column for target in targets]
    right = _room(survey, len(added), max(taken, default=0))
    for number, (edit, column) in enumerate(added, right + 1):
        header = survey.headers.get(edit.header_row, {})
        lender = max((known for known in header if known <= right), default=right)
        targets.append(Target(column, edit.header_row, number, added=True, lender=lender))
    return sorted(targets, key=lambda target: target.column)


def _survey(worksheet: Worksheet, header_rows: set[int], concerned: Area) -> _Survey:
    survey = _Survey(headers={})
    cells = worksheet.cells
    for row in rows(worksheet.xml):
        columns = cells.columns(row)
        if row.number in header_rows:
            texts = ((cell.column, worksheet.values.read(cell).text.strip()) for cell in cells.cells(row))
            survey.headers[row.number] = {column: text for column, text in texts if text}
        reach = columns[-1] if columns else 0
        is_near = concerned.top <= row.number <= concerned.bottom
        if reach > survey.width or (is_near and reach > survey.near):
            used = _last_used(worksheet.xml, cells.cells(row))
            survey.width = max(survey.width, used)
            if is_near:
                survey.near = max(survey.near, used)
    return survey


def _last_used(sheet: SheetXml, cells: list[Cell]) -> int:
    return next((cell.column for cell in reversed(cells) if has_content(sheet, cell)), 0)


def _find(header: dict[int, str], label: str) -> int | None:
    return next((column for column, text in sorted(header.items()) if text == label.strip()), None)


def _room(survey: _Survey, columns: int, taken: int) -> int:
    """Return the last column that is used, so that the new ones fit after it."""
    for right in (max(survey.width, taken), max(survey.near, taken)):
        if right + columns <= MOST_COLUMNS:
            return right
    raise UneditableWorkbookError(
        "sheet-full", "工作表右边没有空列了，放不下要添加的列", "请把最右边的内容移走，或先在表头里留出这些列名"
    )
