"""Healthy workbooks whose list of sheets holds more than worksheets are read, and written back losslessly."""

from __future__ import annotations

import pytest

from sheetcrm.errors import WorkbookError
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import SheetEdit
from sheetcrm.ooxml.package import open_package
from tests import hostile
from tests.editing import SHEET, check_untouched, column
from tests.workbooks import FILE, REFERENCE_ROWS, SCORING_HEADER

GOOD = hostile.rows(SCORING_HEADER, *REFERENCE_ROWS)
MACROS = b'<xm:macrosheet xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><sheetData/></xm:macrosheet>'
KINDS = "http://schemas.microsoft.com/office/2006/relationships"


def book(reference: str, *, kind: str = "", prefix: str = "", sheet: str = GOOD, strings: str | None = None) -> bytes:
    """Make a workbook whose list names a further sheet by this relationship, of that kind where it has one."""
    p = f"{prefix}:" if prefix else ""
    if prefix:
        for name in ("sheetData", "row", "c", "is", "t", "v"):
            sheet = sheet.replace(f"<{name} ", f"<{p}{name} ").replace(f"<{name}>", f"<{p}{name}>")
            sheet = sheet.replace(f"</{name}>", f"</{p}{name}>")
    contents = hostile.parts(sheet, prefix=prefix, strings=strings)
    listed = f'<{p}sheet name="宏1" sheetId="2" state="veryHidden" r:id="{reference}"/><{p}sheet name="表"'.encode()
    contents["xl/workbook.xml"] = contents["xl/workbook.xml"].replace(f'<{p}sheet name="表"'.encode(), listed)
    if kind:
        related = f'<Relationship Id="{reference}" Type="{KINDS}/{kind}" Target="macrosheets/sheet1.xml"/></Relat'
        links = "xl/_rels/workbook.xml.rels"
        contents[links] = contents[links].replace(b"</Relat", related.encode())
        contents["xl/macrosheets/sheet1.xml"] = MACROS
    return hostile.package(contents)


BOOKS = {
    "Excel 4 macros": book("rId90", kind="xlMacrosheet"),
    "international macros": book("rId90", kind="xlIntlMacrosheet"),
    "a module of old": book(""),
    "a module in a book of prefixes": book("", prefix="x"),
}


@pytest.mark.parametrize("name", BOOKS)
def test_a_healthy_book_with_macros_is_read_and_written_back(name: str) -> None:
    (table,), problems = read_workbook(BOOKS[name], file=FILE)
    assert (table.rows, problems) == ((2, 3, 4), ())
    edits = [SheetEdit(SHEET, 1, (column("客户标签", "老客户"),))]
    after, receipt = write_back(BOOKS[name], edits, file=FILE)
    check_untouched(BOOKS[name], after, receipt)
    assert len(receipt.written) == 2


def test_what_is_read_again_is_read_without_the_macros_too() -> None:
    far = hostile.rows(SCORING_HEADER, *REFERENCE_ROWS).replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    (table,), problems = read_workbook(book("", sheet=far), file=FILE)
    assert table.rows == (2, 3, 4)
    assert [entry.kind for entry in problems] == ["cells-far-away"]


def test_a_false_count_of_strings_is_taken_away_whenever_a_sheet_is_read() -> None:
    strings = f'<sst xmlns="{hostile.MAIN}" count="4294967295" uniqueCount="4294967295"><si><t>甲</t></si></sst>'
    far = GOOD.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    (table,), _ = read_workbook(book("", sheet=far, strings=strings), file=FILE)
    assert table.rows == (2, 3, 4)


def test_a_sheet_whose_part_is_missing_is_no_module() -> None:
    data = book("rId77")
    assert [sheet.kind for sheet in open_package(data).sheets] == ["missing", "worksheet"]
    with pytest.raises(WorkbookError):
        read_workbook(data, file=FILE)
