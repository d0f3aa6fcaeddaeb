"""A workbook's sheets as grids: the one place that knows the reading library."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake.open import in_process
from sheetcrm.intake.open.cell_errors import find_percents, without_far_negatives, without_long_durations
from sheetcrm.intake.open.grid import Grid, Merge
from sheetcrm.intake.open.sparse import (
    check_addresses,
    has_gap,
    has_room,
    is_compact,
    is_dense,
    is_small,
    without_far_cells,
)
from sheetcrm.ooxml.archive import Content
from sheetcrm.ooxml.own_sheets import is_findings
from sheetcrm.ooxml.package import Package, SheetPart, open_package
from sheetcrm.ooxml.references import is_narrow, is_usual
from sheetcrm.ooxml.xmltree import parse, splice, with_attributes

_STRINGS = re.compile(rb"""<(?:[^\s<>/:]+:)?sst(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?>""")
_COUNT = re.compile(rb"""ount\s*=\s*["']\s*\+?([0-9]{1,4000})""")

_WITHOUT_CELLS = frozenset({"macrosheet", "module"})

_LARGE, _HEAD = 16 << 20, 4 << 20
"""Bytes of a sheet that is worth a look at its beginning first, and of that beginning."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """An opened workbook. `listed` are its worksheets in the order of their tabs, hidden ones too, but our 检查结果.

    One that is `bounded` raises `in_process.TooMuchHereError` where it turns out to be beyond the bounds.
    """

    file: str
    package: Package
    listed: tuple[SheetPart, ...]
    bounded: bool
    _workbook: CalamineWorkbook
    _repairs: Mapping[str, Content]
    """Parts as the library must get them."""

    def part(self, sheet: SheetPart) -> bytes:
        """Inflate the part of a sheet."""
        return self.package.read(sheet.part)

    def grid(self, sheet: SheetPart, part: bytes) -> tuple[Grid, tuple[tuple[int, int], ...]]:
        """Read the cells of a sheet.

        Returns:
            The grid, and the (row, column) of cells left out for lying far from everything else.

        Raises:
            UnreadableWorkbookError: If the sheet's part is damaged, an address in it is none, or its content is
                too scattered.
        """
        narrow = is_narrow(part)
        usual = narrow or is_usual(part)
        small = not has_gap(part) if narrow else usual and is_small(part)
        if self.bounded:
            in_process.check_sheet(part, is_small=small)
        if not usual:
            check_addresses(part, sheet=sheet.name)
        near = without_far_negatives(part)
        far: tuple[tuple[int, int], ...] = ()
        if not small and not (usual and is_dense(part)) and not has_room(self.package, sheet):
            near, far = without_far_cells(near, sheet=sheet.name)
        return self._read(sheet, near, self._workbook if near is part else None), far

    def head(self, sheet: SheetPart, part: bytes) -> Grid | None:
        """Read the first rows of a large sheet, cheaply; None of one that is not large or not written as usual."""
        cut = part.rfind(b"</row>", 0, _HEAD) if len(part) > _LARGE else -1
        first = part[:cut] + b"</row></sheetData></worksheet>"
        if cut < 0 or not part.rstrip().endswith(b"</worksheet>") or not is_usual(first) or not is_compact(first):
            return None
        return self._read(sheet, without_far_negatives(first))

    def _read(self, sheet: SheetPart, part: bytes, workbook: CalamineWorkbook | None = None) -> Grid:
        """Read a sheet with this content; `workbook` has it already, where there is one."""
        opened = workbook or self._open_with(sheet, part)
        try:
            return _grid(opened, self.file, sheet)
        except UnreadableWorkbookError as error:
            if not isinstance(error.__cause__, OverflowError):
                raise
        return _grid(self._open_with(sheet, without_long_durations(part)), self.file, sheet)

    def _open_with(self, sheet: SheetPart, part: bytes) -> CalamineWorkbook:
        return _open(self.package.with_parts({**self._repairs, sheet.part: part}))

    def percents(self, part: bytes, columns: Collection[int]) -> frozenset[tuple[int, int]]:
        """Find the percent-formatted cells of a sheet's part in some columns (1-based)."""
        styles = self.package.related(self.package.workbook, "styles")
        return find_percents(part, self.package.read(styles), columns=columns) if styles else frozenset()


def open_sheets(data: bytes, *, file: str, bounded: bool) -> Sheets:
    """Open a workbook that the guard let pass.

    Raises:
        UnreadableWorkbookError: If data is no workbook that may be opened.
    """
    package = open_package(data)
    if bounded:
        in_process.check_package(package)
    repairs = {**_honest_count(package), **_listing_of_cells(package)}
    workbook = _open(package.with_parts(repairs) if repairs else package.archive.data)
    readable = set(workbook.sheet_names)
    listed = tuple(
        sheet
        for sheet in package.sheets
        if sheet.kind == "worksheet" and sheet.name in readable and not is_findings(package, sheet)
    )
    return Sheets(file, package, listed, bounded, workbook, repairs)


def open_foreign(data: bytes, *, file: str) -> Iterator[tuple[Grid, bool]]:
    """Yield the sheets of a workbook in another format than .xlsx, and whether each is hidden.

    Raises:
        UnreadableWorkbookError: If it is damaged, or in a format that nothing here knows.
    """
    workbook = _open(data)
    with _refusing("工作簿读不出来"):
        sheets = workbook.sheets_metadata
    for number, sheet in enumerate(sheets):
        if sheet.typ == SheetTypeEnum.WorkSheet:
            listed = SheetPart(sheet.name, "", "worksheet", "", number)
            yield _grid(workbook, file, listed), sheet.visible != SheetVisibleEnum.Visible


def _honest_count(package: Package) -> dict[str, Content]:
    """Take false counts of shared strings away: the library allocates that many."""
    part = package.related(package.workbook, "sharedStrings")
    head = next(package.pieces(part), b"") if part else b""
    root = _STRINGS.search(head)
    if part is None or root is None or max(map(int, _COUNT.findall(root[0])), default=0) <= package.size(part):
        return {}
    content = package.read(part)
    honest = with_attributes(root[0], count=None, uniqueCount=None)
    return {part: content[: root.start()] + honest + content[root.end() :]}


def _listing_of_cells(package: Package) -> dict[str, Content]:
    """List no sheet of macros or modules: they hold no rows, and the library takes their book for a damaged one."""
    if not any(sheet.kind in _WITHOUT_CELLS for sheet in package.sheets):
        return {}
    part = package.workbook
    data = package.read(part)
    listed = parse(data, part=part).find("sheets")
    elements = listed.find_all("sheet") if listed else ()
    kinds = {sheet.index: sheet.kind for sheet in package.sheets}
    cuts = [(one.start, one.end, b"") for at, one in enumerate(elements) if kinds[at] in _WITHOUT_CELLS]
    return {part: splice(data, cuts)}


def _open(data: bytes) -> CalamineWorkbook:
    with _refusing("工作簿读不出来"):
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _grid(workbook: CalamineWorkbook, file: str, sheet: SheetPart) -> Grid:
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
    """Turn any error of the reading library into a refusal; its panics are not `Exception`s."""
    try:
        yield
    except (CalamineError, ValueError, OSError, ArithmeticError) as error:
        raise _damaged(what) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(what) from error


def _damaged(what: str) -> UnreadableWorkbookError:
    return UnreadableWorkbookError("workbook-damaged", what, "请用 Excel 或 WPS 打开并修复后另存，或请发送人重新导出")
