"""Real workbooks that nobody here made: each is edited or refused by name, and nothing in them is lost.

They lie beside the repository, in `../shared/corpus`; without that folder the sweep is skipped.
"""

from __future__ import annotations

import io
import re
import time
import warnings
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from python_calamine import CalamineError, CalamineWorkbook

from sheetcrm.errors import WorkbookError
from sheetcrm.excel.splice.marking import mark
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.model import CellStyle, ListedProblem, ProblemList, Receipt, Severity, SheetEdit, column_letters
from sheetcrm.ooxml import guard
from sheetcrm.ooxml.extent import measure
from sheetcrm.ooxml.own_sheets import FINDINGS_MARK, FINDINGS_SHEET
from sheetcrm.ooxml.package import open_package, relationships_part
from tests import hostile
from tests.editing import check_untouched, column, plain
from tests.invariants import new_findings

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
FILES = sorted(CORPUS.glob("*.xls*"))
LEAST_EDITED = 51
"""One of them has chart sheets alone: nothing is planned for it, and it stays as it is."""
Place = tuple[str, int, int]
REFUSED = {
    "054": "workbook-damaged",
    "056": "workbook-damaged",
    "062": "workbook-signed",
    "063": "workbook-empty",
    "078": "workbook-encrypted",
    "088": "workbook-not-excel",
    "096": "workbook-encrypted",
    "097": "workbook-encrypted",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository"),
]
each_workbook = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:3])


def edits(data: bytes) -> list[SheetEdit]:
    """Plan four columns, a rule and a drop-down, for the first sheet that has cells; nothing where none has."""
    package = open_package(data)
    sheet = next((sheet for sheet in package.sheets if sheet.kind == "worksheet"), None)
    if sheet is None:
        return []
    texts = ("VIP客户", "=1+1", "重点客户", None, "a&b<c> ")
    return [
        SheetEdit(
            sheet.name,
            1,
            (
                column("总分", *(Decimal(number) / 4 for number in range(5)), style=CellStyle.SCORE),
                column("等级", *texts, colours={"VIP客户": "FFC000", "重点客户": "92D050"}),
                column("评估日期", *[date(2026, 10, 31)] * 5, style=CellStyle.DATE),
                column("人工调整", None, None, None, None, "是"),
            ),
        )
    ]


@cache
def outcome(path: Path) -> tuple[bytes, Receipt] | WorkbookError:
    """Edit a workbook, or return the refusal, in time."""
    data = path.read_bytes()
    started = time.perf_counter()
    try:
        guard.inspect(data, file=path.name)
        return write_back(data, edits(data), file=path.name)
    except WorkbookError as error:
        return error
    finally:
        assert time.perf_counter() - started < 5


def edited(path: Path) -> tuple[bytes, Receipt]:
    """Return an edited workbook; skip the test for one that is refused."""
    found = outcome(path)
    if isinstance(found, WorkbookError):
        pytest.skip(f"refused: {found.kind}")
    return found


def test_the_corpus_is_there() -> None:
    assert FILES


def test_no_fewer_are_edited_than_can_be_and_the_others_are_named() -> None:
    errors = {path.name[:3]: error for path in FILES if isinstance(error := outcome(path), WorkbookError)}
    kinds = {number: error.kind for number, error in errors.items()}
    assert all(error.what and error.fix.startswith("请") for error in errors.values())
    assert kinds == {number: kind for number, kind in REFUSED.items() if any(p.name[:3] == number for p in FILES)}
    assert len(FILES) - len(kinds) >= LEAST_EDITED


@each_workbook
def test_no_part_is_lost_and_nothing_is_newly_wrong(path: Path) -> None:
    after, receipt = edited(path)
    check_untouched(path.read_bytes(), after, receipt)
    assert len(receipt.parts) <= 5


@each_workbook
def test_a_second_run_changes_no_byte(path: Path) -> None:
    after, _ = edited(path)
    assert write_back(after, edits(path.read_bytes()), file=path.name)[0] is after


@each_workbook
def test_the_edited_sheet_keeps_every_other_byte(path: Path) -> None:
    """Cells that were not written are the same bytes; so is what stands around the rows, in its order."""
    after, receipt = edited(path)
    if not receipt.written:
        assert after == path.read_bytes()
        return
    part = open_package(path.read_bytes()).sheets
    (name,) = {cell.sheet for cell in receipt.written}
    part_name = next(sheet.part for sheet in part if sheet.name == name)
    old, new = hostile.members(path.read_bytes())[part_name], hostile.members(after)[part_name]
    written = {f"{column_letters(cell.column)}{cell.row}".encode() for cell in receipt.written}
    cells = {address: cell for address, cell in addressed(old) if address not in written}
    kept = dict(addressed(new))
    changed = {address for address, cell in cells.items() if kept.get(address) != cell}
    assert all(kept[address].startswith(b"<") and b"<v>" not in cells[address] for address in changed)
    for before_rows, after_rows in zip(around(old), around(new), strict=True):
        missing = iter(after_rows)
        assert all(token in missing for token in before_rows)  # in order: the iterator goes on


@each_workbook
def test_a_marked_copy_loses_no_part_and_changes_no_row_and_no_value(path: Path) -> None:
    edited(path)  # one that is refused is refused here too
    assert faults_of_marking(path.read_bytes(), marked_copy(path)) == []


@each_workbook
def test_all_other_cells_are_equal_by_openpyxl(path: Path) -> None:
    after, receipt = edited(path)
    try:
        before = cells_by_openpyxl(path.read_bytes())
    except Exception as error:  # noqa: BLE001 - whatever it cannot open is not for it to judge
        pytest.skip(f"openpyxl: {error}")
    if not before:
        pytest.skip("openpyxl sees no cells")
    written = {(cell.sheet, cell.row, cell.column): cell.new for cell in receipt.written}
    found = cells_by_openpyxl(after)
    assert without(found, written) == without(before, written)
    assert {place: shown(found.get(place)) for place in written} == written


@each_workbook
def test_all_other_cells_are_equal_by_calamine(path: Path) -> None:
    after, receipt = edited(path)
    if not may_be_read_whole(after):
        pytest.skip("too sparse for calamine")
    try:
        before = cells_by_calamine(path.read_bytes())
    except (CalamineError, ValueError) as error:
        pytest.skip(f"calamine: {error}")
    written = {(cell.sheet, cell.row, cell.column): cell.new for cell in receipt.written}
    found = cells_by_calamine(after)
    assert without(found, written) == without(before, written)
    assert {place: shown(found.get(place)) for place in written} == written


def marked_copy(path: Path) -> bytes:
    """Mark four cells on each sheet of a workbook, one of them far below, and list one problem."""
    data = path.read_bytes()
    cells = {(2, 2): Severity.ERROR, (3, 2): Severity.ERROR, (5, 1): Severity.WARNING, (4000, 7): Severity.NOTE}
    sheets = [sheet.name for sheet in open_package(data).sheets]
    rows = [ListedProblem(("错误", "B2", "=1+1"), sheets[0], "B2")]
    listing = ProblemList(
        FINDINGS_SHEET, f"{FINDINGS_MARK}）", "底纹", ("级别", "单元格", "内容"), (8, 9, 40), 1, 0, rows
    )
    return mark(data, dict.fromkeys(sheets, cells), listing, file=path.name)


def faults_of_marking(before: bytes, after: bytes) -> list[str]:
    """Return what a marked copy lost, what it changed but fills, formats and lists, and what is newly wrong."""
    old, new = hostile.members(before), hostile.members(after)
    package = open_package(before)
    touched = {sheet.part for sheet in package.sheets if sheet.kind == "worksheet"}
    lists = {package.workbook, relationships_part(package.workbook), "[Content_Types].xml"}
    lists.add(package.related(package.workbook, "styles") or "")
    changed = {name for name in old if old[name] != new.get(name)} - touched
    faults = [f"changed or lost: {name}" for name in changed if not any(_is_same(name, listed) for listed in lists)]
    faults += [f"rows changed: {name}" for name in touched if _rows(old[name]) != _rows(new[name])]
    if list(hostile.compressed(before)) != list(hostile.compressed(after))[: len(old)]:
        faults.append("parts are moved")
    return faults + [f"newly wrong: {finding}" for finding in new_findings(before, after)]


def _is_same(name: str, other: str) -> bool:
    return name.replace("\\", "/") == other.replace("\\", "/")


def _rows(sheet: bytes) -> bytes:
    found = re.search(rb"<(?:\w+:)?sheetData\b.*</(?:\w+:)?sheetData\s*>", sheet, re.DOTALL)
    return found[0] if found else b""


def without(cells: Mapping[Place, object], written: Mapping[Place, str]) -> dict[Place, object]:
    return {place: value for place, value in cells.items() if place not in written}


def shown(value: object) -> str:
    """Show a value read back the way the receipt does."""
    folded = plain(value)
    return "" if folded is None else str(folded)


def addressed(sheet: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the cells with an address, and their bytes."""
    pattern = rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]+[0-9]+)"[^>]*>(?:(?<=/>)|.*?</(?:\w+:)?c>)'
    return ((found[1], found[0]) for found in re.finditer(pattern, sheet, re.DOTALL))


def around(sheet: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the tags and texts before and after the rows, but for counts and columns, which grow."""
    sheet = re.sub(rb"<((?:\w+:)?sheetData)\s*/>", rb"<\1></\1>", sheet)
    head, _, rest = sheet.partition(b"sheetData")
    tail = rest.rpartition(b"sheetData")[2]
    kept = (re.sub(rb'\s(?:count|ref)="[^"]*"', b"", part) for part in (head, tail))
    tokens = [re.findall(rb"<[^>]*>|[^<>]+", part) for part in kept]
    return [token for token in tokens[0] if not re.match(rb"</?(?:\w+:)?cols?[\s/>]", token)], tokens[1]


def cells_by_openpyxl(data: bytes) -> dict[Place, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = openpyxl.load_workbook(io.BytesIO(data), rich_text=False)
    return {
        (sheet.title, row, place): comparable(cell.value)
        for sheet in workbook.worksheets
        for (row, place), cell in sheet._cells.items()  # noqa: SLF001 - asking for rows would make cells up
        if cell.value is not None
    }


def comparable(value: object) -> object:
    """Return a value that compares: openpyxl's array formulas and data tables do not."""
    return str(vars(value)) if isinstance(value, ArrayFormula | DataTableFormula) else value


def cells_by_calamine(data: bytes) -> dict[Place, object]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {
        (name, row, place): value
        for name in open_names(data)
        for row, line in enumerate(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), 1)
        for place, value in enumerate(line, 1)
        if value != ""
    }


def open_names(data: bytes) -> Iterator[str]:
    return (sheet.name for sheet in open_package(data).sheets if sheet.kind == "worksheet")


def may_be_read_whole(data: bytes) -> bool:
    package = open_package(data)
    extents = [measure(package, sheet) for sheet in package.sheets if sheet.kind == "worksheet"]
    return all(extent.area < 5_000_000 or not extent.certain for extent in extents)
