"""Reads a policy workbook as plain sheets, at their own addresses."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

from sheetcrm.errors import PolicyError, WorkbookError
from sheetcrm.intake.open import in_process
from sheetcrm.intake.open.cell_errors import find_marks
from sheetcrm.intake.open.grid import Grid
from sheetcrm.intake.open.sheets import open_sheets
from sheetcrm.model import FORMULA, CellRef, RawValue
from sheetcrm.ooxml import guard
from sheetcrm.ooxml.package import sheet_names
from sheetcrm.policy import layout, loading
from sheetcrm.policy.cells import Cell
from sheetcrm.policy.sheets import PlainSheet
from sheetcrm.text.folding import fold

_SIGNATURE = frozenset(fold(sheet.title) for sheet in (layout.BASICS, layout.CARDS, layout.BANDS, layout.CADENCE))
"""The sheets by which a workbook is known for a policy: no team keeps its customers on all of them."""


def is_policy(data: bytes) -> bool:
    """Return whether a workbook is a policy's; one that cannot be opened is none."""
    try:
        return _SIGNATURE.issubset(map(fold, sheet_names(data)))
    except WorkbookError:
        return False


def plain_sheets(data: bytes, *, file: str) -> tuple[PlainSheet, ...]:
    """Read the sheets of a policy as plain rows; formulas are read as the value last saved. Others are passed over.

    Args:
        data: The workbook's bytes.
        file: Its name, for messages.

    Raises:
        UnreadableWorkbookError: If data is no workbook that may be opened.
        PolicyError: If it is far larger than a policy can be, or a cell holds an error, or a formula nobody
            computed; every such cell is named.
    """
    guard.inspect(data, file=file)
    try:
        sheets, faults = _read(data, file)
    except in_process.TooMuchHereError as error:
        raise PolicyError(f"“{file}”太大，不像策略工作簿", "请用 sheetcrm policy export 导出一份来改") from error
    if faults:
        raise loading.refusal(faults, source=file)
    return tuple(sheets)


def _read(data: bytes, file: str) -> tuple[list[PlainSheet], list[tuple[str, str]]]:
    workbook = open_sheets(data, file=file, bounded=True)
    titles = {fold(sheet.title) for sheet in layout.SHEETS}
    sheets: list[PlainSheet] = []
    faults: list[tuple[str, str]] = []
    for sheet in workbook.listed:
        if fold(sheet.name) not in titles:
            continue
        part = workbook.part(sheet)
        grid, _far = workbook.grid(sheet, part)
        for (row, column), mark in find_marks(part).items():
            what = "公式还没有算出结果，请用 Excel 或 WPS 打开后存盘" if mark == FORMULA else f"单元格是错误值 {mark}"
            faults.append((str(CellRef(file, sheet.name, row, column)), what))
        sheets.append(PlainSheet(sheet.name, _rows(grid)))
    return sheets, faults


def _rows(grid: Grid) -> dict[int, dict[int, Cell]]:
    return {
        row: {
            column: cell
            for column, value in enumerate(grid.row(row), start=grid.left)
            if (cell := _cell(value)) is not None
        }
        for row in range(grid.top, grid.bottom + 1)
    }


def _cell(value: RawValue) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        return Decimal(int(value)) if value == int(value) else Decimal(repr(value))
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else str(value)
