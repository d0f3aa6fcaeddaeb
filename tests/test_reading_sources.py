"""Reading what others' programs write: strict files, prefixes, real workbooks; judged by a second reader."""

from __future__ import annotations

import io
import time
import warnings
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.errors import WorkbookError
from sheetcrm.intake.open.cell_errors import find_marks
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import FORMULA
from sheetcrm.ooxml.package import open_package
from tests import hostile
from tests.test_corpus import FILES, REFUSED, each_workbook
from tests.workbooks import FILE, REFERENCE_ROWS, SCORING_HEADER, tables_of

pytestmark = pytest.mark.slow

GOOD = hostile.rows(SCORING_HEADER, *REFERENCE_ROWS)
NOT_EDITABLE = {"062"}
"""Read, though it cannot be edited: it is signed."""


@pytest.mark.parametrize("namespace", [hostile.MAIN, hostile.STRICT])
@pytest.mark.parametrize("prefix", ["", "x"])
def test_strict_files_and_prefixed_ones_read_the_same(namespace: str, prefix: str) -> None:
    sheet = GOOD
    if prefix:
        for name in ("sheetData", "row", "c", "is", "t"):
            sheet = sheet.replace(f"<{name} ", f"<x:{name} ").replace(f"<{name}>", f"<x:{name}>")
            sheet = sheet.replace(f"</{name}>", f"</x:{name}>")
    (table,) = tables_of(hostile.workbook(sheet, namespace=namespace, prefix=prefix))
    assert table.rows == (2, 3, 4)
    assert table.values[0][1] == REFERENCE_ROWS[0][1]


def test_parts_in_odd_folders_with_backslashes_are_found() -> None:
    made = {name.replace("/", "\\"): content for name, content in hostile.parts(GOOD).items()}
    tables, _ = read_workbook(hostile.package(made), file=FILE)
    assert [table.rows for table in tables] == [(2, 3, 4)]


@pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")
@each_workbook
def test_a_real_workbook_is_read_or_refused_by_name_in_time(path: Path) -> None:
    started = time.perf_counter()
    try:
        read_workbook(path.read_bytes(), file=path.name)
        kind = None
    except WorkbookError as error:
        kind = error.kind
    assert time.perf_counter() - started < 5
    number = path.name[:3]
    assert kind == (None if number in NOT_EDITABLE else REFUSED.get(number))


@pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")
@each_workbook
def test_error_cells_are_those_that_openpyxl_sees(path: Path) -> None:
    try:
        package = open_package(path.read_bytes())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    except Exception:  # noqa: BLE001  (what cannot be opened by both is not compared)
        pytest.skip("not to be compared")
    for sheet in package.sheets:
        if sheet.kind == "worksheet" and sheet.name in book.sheetnames:
            cells = book[sheet.name]._cells.items()  # noqa: SLF001 - asking for rows would make cells up
            seen = {place for place, cell in cells if cell.data_type == "e"}
            marks = find_marks(package.read(sheet.part))
            assert {place for place, mark in marks.items() if mark != FORMULA} == seen


def test_a_formula_outside_every_cell_marks_none() -> None:
    stray = b"<worksheet><cols><col min='1' max='1'/><f/></cols>"
    cell = b"<sheetData><row r='1'><c r='B1'><f>1+1</f></c></row></sheetData></worksheet>"
    assert set(find_marks(stray + cell)) == {(1, 2)}
