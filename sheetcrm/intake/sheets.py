"""A workbook's sheets as grids: the one place that knows the reading library."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake.grid import Grid, Merge
from sheetcrm.intake.marks import find_percents
from sheetcrm.intake.room import has_room, without_far_cells
from sheetcrm.ooxml import guard
from sheetcrm.ooxml.package import Package, Sheet, open_package


@dataclass(frozen=True, slots=True)
class Sheets:
    """An opened workbook. `listed` are its worksheets in the order of their tabs, hidden ones too."""

    file: str
    package: Package
    listed: tuple[Sheet, ...]
    _workbook: CalamineWorkbook

    def part(self, sheet: Sheet) -> bytes:
        """Inflate the part of a sheet."""
        return self.package.read(sheet.part)

    def grid(self, sheet: Sheet, part: bytes) -> tuple[Grid, tuple[tuple[int, int], ...]]:
        """Read the cells of a sheet.

        Returns:
            The grid, and the (row, column) of cells left out for lying far from everything else.

        Raises:
            UnreadableWorkbookError: If the sheet's part is damaged, or its content too scattered.
        """
        if has_room(self.package, sheet, part):
            return _grid(self._workbook, self.file, sheet), ()
        near, far = without_far_cells(part, sheet=sheet.name)
        return _grid(_open(self.package.with_parts({sheet.part: near})), self.file, sheet), far

    def percents(self, part: bytes, columns: Collection[int]) -> frozenset[tuple[int, int]]:
        """Find the percent-formatted cells of a sheet's part in some columns (1-based)."""
        styles = self.package.related(self.package.workbook, "styles")
        return find_percents(part, self.package.read(styles), columns=columns) if styles else frozenset()


def open_sheets(data: bytes, *, file: str) -> Sheets:
    """Open a workbook, after the guard let it pass.

    Raises:
        UnreadableWorkbookError: If data is no workbook that may be opened.
    """
    guard.inspect(data, file=file)
    package = open_package(data)
    workbook = _open(data)
    known = set(workbook.sheet_names)
    listed = tuple(sheet for sheet in package.sheets if sheet.kind == "worksheet" and sheet.name in known)
    return Sheets(file, package, listed, workbook)


def _open(data: bytes) -> CalamineWorkbook:
    with _refusing("工作簿读不出来"):
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _grid(workbook: CalamineWorkbook, file: str, sheet: Sheet) -> Grid:
    with _refusing(f"工作表“{sheet.name}”读不出来"):
        read = workbook.get_sheet_by_name(sheet.name)
        cells = read.to_python(skip_empty_area=True)
    top, left = read.start or (0, 0)
    merges = tuple(
        Merge(first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1)
        for first, last in read.merged_cell_ranges or ()
        if first != last
    )
    return Grid(file, sheet.name, top + 1, left + 1, cells, merges)


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Turn whatever the reading library raises into a refusal; its panics are no `Exception`s."""
    try:
        yield
    except (CalamineError, ValueError, OSError) as error:
        raise _damaged(what) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(what) from error


def _damaged(what: str) -> UnreadableWorkbookError:
    return UnreadableWorkbookError("workbook-damaged", what, "请用 Excel 或 WPS 打开并修复后另存，或请发送人重新导出")
