"""Workbooks in other formats than .xlsx: read where they can be, written to a new .xlsx, and this is told."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.cli import main
from sheetcrm.errors import UneditableWorkbookError, UnreadableWorkbookError
from sheetcrm.excel.books.copies import make_copy
from sheetcrm.intake.open import formats
from sheetcrm.model import RawValue, SheetValues
from tests import hostile
from tests.workbooks import REFERENCE_ROWS, SCORING, workbook

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(rows: object = SCORING, *, head: str = "") -> bytes:
    """Write a sheet of texts and numbers in the OpenDocument format, by hand."""
    assert isinstance(rows, tuple)
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    names = "".join(f' xmlns:{name}="{OFFICE}:{name}:1.0"' for name in ("office", "table", "text"))
    body = f'<office:spreadsheet><table:table table:name="打分表">{lines}</table:table></office:spreadsheet>'
    content = f"{head}<office:document-content{names}><office:body>{body}</office:body></office:document-content>"
    manifest = f'<manifest:manifest xmlns:manifest="{OFFICE}:manifest:1.0"/>'
    parts = {"mimetype": MIMETYPE, "content.xml": content, "META-INF/manifest.xml": manifest}
    return hostile.package({name: text.encode() for name, text in parts.items()}, method=zipfile.ZIP_STORED)


def _ods_cell(value: object) -> str:
    is_number = isinstance(value, int | float)
    kind = f'office:value-type="float" office:value="{value}"' if is_number else 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"


def xls(folder: Path) -> bytes:
    """Have LibreOffice write the same sheet as .xls."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not here")
    (folder / "a.xlsx").write_bytes(workbook({"打分表": SCORING}))
    words = [office, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", "xls"]
    subprocess.run([*words, "--outdir", folder, folder / "a.xlsx"], capture_output=True, check=True, timeout=120)
    return (folder / "a.xls").read_bytes()


@pytest.mark.parametrize("suffix", [".ods", ".xls"])
def test_one_is_read_and_written_to_a_new_workbook_beside_and_this_is_told(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in" / f"客户{suffix}"
    source.parent.mkdir()
    data = ods() if suffix == ".ods" else xls(tmp_path)
    source.write_bytes(data)
    assert main(["check", str(source)]) == 0
    assert "workbook-copied" in capsys.readouterr().out
    for in_place in ([], ["--in-place"]):
        words = ["run", str(source.parent), "-o", str(tmp_path / "out"), "--as-of", "2024-03-01", "--no-pdf", *in_place]
        assert main(words) == 0
        said = capsys.readouterr().out
        assert "workbooks/客户.xlsx" in said
        assert source.read_bytes() == data
        assert [path.name for path in source.parent.iterdir()] == [source.name]
        sheet = openpyxl.load_workbook(tmp_path / "out" / "2024-03" / "workbooks" / "客户.xlsx")["打分表"]
        header = [cell.value for cell in sheet[1]]
        assert header[: len(SCORING[0])] == list(SCORING[0])
        assert "得分说明" in header
        assert [sheet.cell(row, 9).value for row in (2, 3, 4)] == ["VIP客户", "重点客户", "观察客户"]
        assert sheet.cell(2, 2).value == REFERENCE_ROWS[0][1]


def test_a_copy_does_not_take_the_name_of_a_workbook_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "客户.ods").write_bytes(ods())
    (tmp_path / "客户.xlsx").write_bytes(workbook({"表": [("品名", "单价"), ("螺丝", 1)]}))
    main(["check", str(tmp_path)])
    assert "按 客户.ods.xlsx 处理" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "Workbook".encode("utf-16-le").ljust(512, b"\0"), "a.xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "Workbook".encode("utf-16-le").ljust(512, b"\0"), "a.et"),
        (hostile.package({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b""}), "a.xlsb"),
        (hostile.package({"mimetype": MIMETYPE.encode(), "content.xml": b"<a>"}), "a.ods"),
    ],
)
def test_one_that_cannot_be_read_is_refused_with_the_name_of_its_format(
    data: bytes, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(data)
    assert main(["check", str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert f"{name[1:]}" in (said.out + said.err).removeprefix(f"错误：{name}")
    with pytest.raises(UnreadableWorkbookError):
        formats.read_sheets(data, file=name)


def test_what_a_zip_may_not_hold_it_may_not_hold_in_other_formats_either() -> None:
    assert formats.format_of(ods(), file="a.ods")
    assert formats.format_of(ods(head='<!DOCTYPE x [<!ENTITY a "b">]>'), file="a.ods") is None
    assert formats.format_of(workbook({"表": SCORING}), file="a.xlsx") is None


def test_an_opendocument_sheet_that_repeats_its_cells_without_end_is_ended() -> None:
    row = '<table:table-row table:number-rows-repeated="1000000">'
    cell = '<table:table-cell table:number-columns-repeated="16000" office:value-type="string">'
    data = ods()
    bomb = hostile.replaced(
        data,
        content=_content(data)
        .replace("<table:table-row>", row)
        .replace('<table:table-cell office:value-type="string">', cell)
        .encode(),
    )
    with pytest.raises(UnreadableWorkbookError) as refusal:
        formats.read_sheets(bomb, file="a.ods")
    assert refusal.value.kind.startswith("workbook-")


def _content(data: bytes) -> str:
    return hostile.members(data)["content.xml"].decode()


def test_a_copy_holds_every_value_at_its_own_address() -> None:
    values: tuple[list[RawValue], ...] = (
        ["=1+1", "", "http://x.cn", 5.5],
        [True, date(2026, 10, 31), datetime(2026, 10, 31, 8, 30), time(8, 30)],  # noqa: DTZ001
        [timedelta(hours=30), date(1899, 1, 1), float("nan"), "长" * 40_000],
    )
    sheets = [
        SheetValues("隐藏", hidden=True, top=1, left=1, rows=[["a"]]),
        SheetValues("表", hidden=False, top=3, left=2, rows=values, merges=((1, 1, 1, 3), (1, 2, 2, 2))),
    ]
    book = openpyxl.load_workbook(io.BytesIO(make_copy(sheets)))
    assert [(sheet.title, sheet.sheet_state) for sheet in book.worksheets] == [("隐藏", "hidden"), ("表", "visible")]
    sheet = book["表"]
    assert [sheet["B3"].value, sheet["B3"].data_type, sheet["C3"].value] == ["=1+1", "s", None]
    assert [sheet["D3"].hyperlink, sheet["E3"].value, sheet["B4"].value] == [None, 5.5, True]
    assert [sheet["C4"].value, sheet["D4"].value] == [datetime(2026, 10, 31), datetime(2026, 10, 31, 8, 30)]  # noqa: DTZ001
    assert [sheet["E4"].value, sheet["B5"].value] == [time(8, 30), timedelta(hours=30)]
    assert [sheet["C5"].value, sheet["D5"].value, len(str(sheet["E5"].value))] == ["1899-01-01", "nan", 32_767]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:C1"]
    assert make_copy(sheets) == make_copy(sheets)


@pytest.mark.parametrize("name", ["a/b", "长" * 32, "'a"])
def test_a_name_that_no_xlsx_can_hold_is_told(name: str) -> None:
    with pytest.raises(UneditableWorkbookError):
        make_copy([SheetValues(name, hidden=False, top=1, left=1, rows=[["a"]])])
