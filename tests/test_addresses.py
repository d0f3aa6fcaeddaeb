"""No cell address asks a reader for more than a sheet has: one definition, for the guard, the reader and the edit."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.errors import UnreadableWorkbookError, WorkbookError
from sheetcrm.excel.books.policy_book import policy_book
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.intake.open import in_process
from sheetcrm.intake.policy_sheets import plain_sheets
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import CellStyle, ColumnEdit, SheetEdit
from sheetcrm.ooxml.addresses import Area, parse_area
from sheetcrm.ooxml.package import open_package
from sheetcrm.ooxml.references import find_odd, is_narrow, is_usual
from sheetcrm.policy.loading import standard
from tests.hostile import MAIN, RELATIONSHIPS, members, package, parts, rows, workbook
from tests.workbooks import REFERENCE_ROWS, SCORING_HEADER

ROOT = Path(__file__).parent.parent
GOOD = rows(SCORING_HEADER, *REFERENCE_ROWS)
ODD = (
    *("J2147483648", "J4294967297", "J99999999999", "J1048577", "XFE5", "AAAAAAAAAA5", "AAA0", "A0", "A01"),
    *("$J$5", " J5", "J5 ", "J", "5", "R5C1", "J5:K6", "", "J-5", "&#74;5", "Ｊ５"),
)


def with_cell(cell: str) -> bytes:
    return workbook(GOOD.replace("</sheetData>", f'<row r="5">{cell}</row></sheetData>'))


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableWorkbookError) as caught:
        read_workbook(data, file="客户.xlsx")
    assert caught.value.fix.startswith("请")
    return caught.value.kind


@pytest.mark.parametrize("address", ODD)
@pytest.mark.parametrize("form", ['<c r="{}"><v>1</v></c>', "<c r='{}'><v>1</v></c>", '<c s="1" r = "{}"/>'])
def test_a_cell_whose_address_is_none_is_refused_before_a_reader_sees_it(address: str, form: str) -> None:
    assert refusal(with_cell(form.format(address))) == "address-unreadable"


@pytest.mark.parametrize(
    "cell",
    [
        f'<x:c xmlns:x="{MAIN}" r="J2147483648"><v>1</v></x:c>',
        '<!-- <row x=" --><c r="J2147483648"><v>1</v></c><!-- " -->',
        '<c x=">" r="J2147483648"><v>1</v></c>',
    ],
)
def test_no_way_of_writing_hides_an_address(cell: str) -> None:
    assert refusal(with_cell(cell)) == "address-unreadable"


@pytest.mark.parametrize("number", ["4294967297", "1048577", "0", "x", "-1", "05"])
def test_a_row_whose_number_is_none_is_refused(number: str) -> None:
    data = workbook(GOOD.replace("</sheetData>", f'<row r="{number}"><c><v>1</v></c></row></sheetData>'))
    assert refusal(data) == "address-unreadable"


@pytest.mark.parametrize("area", ["A1:B4294967299", "$A1:B2", "A1:XFE1", "", "A1:", "nonsense"])
@pytest.mark.parametrize("element", ["mergeCells", "dimension"])
def test_a_merge_or_a_dimension_that_is_no_area_is_refused(area: str, element: str) -> None:
    merge = f'<mergeCells><mergeCell ref="{area}"/></mergeCells>'
    data = workbook(GOOD + merge if element == "mergeCells" else f'<dimension ref="{area}"/>' + GOOD)
    assert refusal(data) == "address-unreadable"


@pytest.mark.parametrize(
    "cell", ['<c r="j5"><v>1</v></c>', "<c><v>1</v></c>", "<c r='J5'><v>1</v></c>", '<c r="XFD5"><v>1</v></c>']
)
def test_addresses_that_are_some_are_read_however_they_are_written(cell: str) -> None:
    (table,), _ = read_workbook(with_cell(cell), file="客户.xlsx")
    assert len(table.rows) >= 3


def test_one_odd_cell_in_a_policy_is_refused_too() -> None:
    made = members(policy_book(standard()))
    name = next(name for name, content in made.items() if b"<mergeCell" in content or b"sheetData" in content)
    sheets = {
        part: content.replace(b"</sheetData>", b'<row r="9000"><c r="J2147483648"><v>1</v></c></row></sheetData>')
        for part, content in made.items()
    }
    assert name in sheets
    with pytest.raises(UnreadableWorkbookError) as caught:
        plain_sheets(package(sheets), file="策略.xlsx")
    assert caught.value.kind == "address-unreadable"


@pytest.mark.parametrize("command", [["check"], ["run", "--no-pdf"], ["policy", "check"]])
def test_the_process_does_not_abort_and_no_panic_is_on_the_screen(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(with_cell('<c r="J2147483648"><v>1</v></c>'))
    output = ["-o", str(tmp_path / "out")] if command[0] == "run" else []
    done = subprocess.run(
        [sys.executable, "-m", "sheetcrm", *command, *output, str(tmp_path / "a.xlsx")],
        capture_output=True, text=True, encoding="utf-8", cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "panicked" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("address", ["J2147483648", "J1048577", "A0", "XFE2"])
def test_the_edit_takes_the_same_for_addresses(address: str) -> None:
    edit = SheetEdit("表", 1, (ColumnEdit("说明", None, CellStyle.TEXT, (2,), ("甲",)),))
    with pytest.raises(WorkbookError):
        write_back(with_cell(f'<c r="{address}"><v>1</v></c>'), (edit,), file="客户.xlsx")


def test_what_the_reader_may_find_elsewhere_is_read_by_a_child() -> None:
    made = parts(GOOD)
    made["xl/xl/worksheets/sheet2.xml"] = made["xl/worksheets/sheet1.xml"]
    with pytest.raises(in_process.TooMuchHereError):
        in_process.check_package(open_package(package(made)))
    in_process.check_package(open_package(workbook(GOOD)))


@pytest.mark.parametrize("twice", ["name", "part"])
def test_two_sheets_of_one_name_or_one_part_are_refused(twice: str) -> None:
    made = parts(GOOD)
    name, target = ("表", "worksheets/sheet2.xml") if twice == "name" else ("表2", "worksheets/sheet1.xml")
    made["xl/worksheets/sheet2.xml"] = made["xl/worksheets/sheet1.xml"]
    listed = f'<sheet name="{name}" sheetId="2" r:id="rId9"/></sheets>'.encode()
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace(b"</sheets>", listed)
    related = f'<Relationship Id="rId9" Type="{RELATIONSHIPS}/worksheet" Target="{target}"/></Relationships>'.encode()
    rels = "xl/_rels/workbook.xml.rels"
    made[rels] = made[rels].replace(b"</Relationships>", related)
    assert refusal(package(made)) == "sheet-listed-twice"


def test_an_area_lies_within_a_sheet() -> None:
    assert parse_area("xfd1048576") == Area(1048576, 16384, 1048576, 16384)
    assert parse_area("$C$9:A1") == Area(1, 1, 9, 3)
    for text in ("XFE1", "A1048577", "A1048580", "A1050000", "A1100000", "A2000000", "A01", "A1:A1048577", "AAAA1"):
        assert parse_area(text) is None
    for row in (999_999, 1_000_000, 1_039_999, 1_040_000, 1_047_999, 1_048_000, 1_048_499, 1_048_500, 1_048_569):
        assert parse_area(f"A{row}") == Area(row, 1, row, 1)


def test_what_real_programs_write_is_usual() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["客户编号", 1, True])
    book.active.merge_cells("D1:E2")
    target = io.BytesIO()
    book.save(target)
    package_read = open_package(target.getvalue())
    assert is_usual(package_read.read(package_read.sheets[0].part))
    assert find_odd(package_read.read(package_read.sheets[0].part)) is None


@pytest.mark.parametrize(
    ("address", "narrow", "usual"),
    [
        ("A1", True, True),
        ("z99999", True, True),
        ("AA1", False, True),
        ("A100000", False, True),
        ("XFD1048576", False, True),
        *((address, False, False) for address in ODD),
    ],
)
def test_the_quick_look_takes_no_wide_or_odd_address_for_a_narrow_one(
    address: str, *, narrow: bool, usual: bool
) -> None:
    cells = GOOD.replace("</sheetData>", f'<row r="5"><c r="{address}"><v>1</v></c></row></sheetData>').encode()
    assert is_narrow(GOOD.encode())
    assert (is_narrow(cells), is_usual(cells)) == (narrow, usual)


@pytest.mark.parametrize("tag", ["x:c", "x:row", "x:mergeCell", "x:dimension", "!--"])
def test_a_prefixed_tag_or_a_comment_is_not_usual(tag: str) -> None:
    assert not is_usual(GOOD.replace("</sheetData>", f"<{tag} --></sheetData>").encode())
    assert is_usual(GOOD.replace("<v>", "<f>x:color!A1</f><v>", 1).encode())
