"""Parts are found through relationships, sheets in the workbook's order, and a copy keeps what it copies."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import openpyxl
import pytest
import xlsxwriter

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.ooxml.package import Package, open_package
from tests import hostile

OFFICE = hostile.RELATIONSHIPS


def relationships(*entries: tuple[str, str, str]) -> bytes:
    inside = "".join(f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{t}"/>' for i, kind, t in entries)
    return f'<Relationships xmlns="{hostile.PACKAGE}/relationships">{inside}</Relationships>'.encode()


def test_sheets_come_in_the_order_of_their_tabs_with_name_state_and_kind() -> None:
    buffer = io.BytesIO()
    made = xlsxwriter.Workbook(buffer)
    made.add_worksheet("打分表")
    chart = made.add_chart({"type": "column"})
    chart.add_series({"values": "=打分表!$A$1:$A$2"})
    made.add_chartsheet("图").set_chart(chart)
    made.add_worksheet("藏着").hide()
    made.add_worksheet("深藏").very_hidden()
    made.close()
    sheets = open_package(buffer.getvalue()).sheets
    assert [(s.name, s.state, s.kind, s.index) for s in sheets] == [
        ("打分表", "visible", "worksheet", 0),
        ("图", "visible", "chartsheet", 1),
        ("藏着", "hidden", "worksheet", 2),
        ("深藏", "veryHidden", "worksheet", 3),
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("worksheet", "worksheet"),
        ("chartsheet", "chartsheet"),
        ("dialogsheet", "dialogsheet"),
        ("xlMacrosheet", "macrosheet"),
        ("xlIntlMacrosheet", "macrosheet"),
        ("somethingNew", "missing"),
    ],
)
def test_a_sheet_is_what_its_relationship_says(kind: str, expected: str) -> None:
    made = hostile.parts() | {
        "xl/_rels/workbook.xml.rels": relationships(("rId1", kind, "worksheets/sheet1.xml")),
    }
    assert open_package(hostile.package(made)).sheets[0].kind == expected


@pytest.mark.parametrize(
    "target",
    [
        "worksheets/sheet1.xml",
        "./worksheets/sheet1.xml",
        "../xl/worksheets/sheet1.xml",
        "/xl/worksheets/sheet1.xml",
        "worksheets\\sheet1.xml",
        "\\xl\\worksheets\\sheet1.xml",
        "WORKSHEETS/Sheet1.XML",
        "worksheets/sheet%31.xml",
    ],
)
def test_a_target_is_found_however_it_is_written(target: str) -> None:
    made = hostile.parts() | {"xl/_rels/workbook.xml.rels": relationships(("rId1", "worksheet", target))}
    assert open_package(hostile.package(made)).sheets[0].part == "xl/worksheets/sheet1.xml"


def test_folders_may_be_odd_and_names_have_backslashes() -> None:
    made = hostile.parts()
    odd = {
        "[Content_Types].xml": made["[Content_Types].xml"],
        "_rels\\.rels": relationships(("rId1", "officeDocument", "内容/book.xml")),
        "内容\\book.xml": made["xl/workbook.xml"],
        "内容\\_rels\\book.xml.rels": relationships(("rId1", "worksheet", "a/b/c.xml"), ("rId9", "styles", "s.xml")),
        "内容\\a\\b\\c.xml": made["xl/worksheets/sheet1.xml"],
    }
    package = open_package(hostile.package(odd))
    assert package.sheets[0].part == "内容\\a\\b\\c.xml"
    assert package.read(package.sheets[0].part) == made["xl/worksheets/sheet1.xml"]
    assert package.related(package.workbook, "styles") is None


@pytest.mark.parametrize(
    ("properties", "date1904"),
    [("", False), ('date1904="1"', True), ('date1904="true"', True), ('date1904="0"', False)],
)
def test_the_date_system_is_read(properties: str, date1904: bool) -> None:  # noqa: FBT001 - a column of the table
    made = hostile.parts()
    said = f"<workbookPr {properties}/>".encode()
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace(b"<workbookPr/>", said)
    assert open_package(hostile.package(made)).date1904 is date1904


def test_a_strict_workbook_is_known_as_one() -> None:
    package = open_package(hostile.workbook(namespace=hostile.STRICT))
    assert package.strict
    assert package.sheets[0].kind == "worksheet"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"_rels/.rels": relationships()}, "workbook-not-excel"),
        ({"_rels/.rels": relationships(("rId1", "officeDocument", "xl/gone.xml"))}, "workbook-not-excel"),
        ({"xl/workbook.xml": b"<document/>"}, "workbook-not-excel"),
        ({"xl/workbook.xml": b"<workbook><sheets></workbook>"}, "xml-damaged"),
        ({"xl/workbook.xml": "<workbook/>".encode("utf-16")}, "xml-encoding"),
        ({"xl/workbook.xml": b"<!DOCTYPE x><workbook/>"}, "xml-doctype"),
        ({"xl/workbook.xml": b"<a>" * 300 + b"</a>" * 300}, "xml-too-large"),
    ],
)
def test_what_cannot_be_opened_is_named(changes: Mapping[str, bytes], kind: str) -> None:
    with pytest.raises(UnreadableWorkbookError) as caught:
        open_package(hostile.package(hostile.parts() | dict(changes)))
    assert caught.value.kind == kind


def test_a_part_that_is_not_there_is_named() -> None:
    with pytest.raises(UnreadableWorkbookError) as caught:
        open_package(hostile.workbook()).read("xl/gone.xml")
    assert caught.value.kind == "part-missing"


# --- copying ------------------------------------------------------------------------------------------------

MADE = hostile.parts(hostile.rows(["客户编号"], ["C001"])) | {"xl/media/image1.png": bytes(range(256)) * 20}
ARCHIVES: Mapping[str, Callable[[], bytes]] = {
    "deflated": lambda: hostile.package(MADE),
    "stored": lambda: hostile.package(MADE, method=zipfile.ZIP_STORED),
    "streamed": lambda: hostile.streamed(MADE),
    "zip64": lambda: hostile.with_zip64_fields(MADE),
    "folders": lambda: hostile.package({"xl/": b"", **MADE}),
    "with a comment": lambda: commented(hostile.package(MADE)),
}


def commented(data: bytes) -> bytes:
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = "备注".encode()
    return buffer.getvalue()


@pytest.mark.parametrize("name", ARCHIVES)
def test_replacing_one_part_leaves_every_other_as_it_lies(name: str) -> None:
    data = ARCHIVES[name]()
    package = open_package(data)
    part = package.sheets[0].part
    after = package.with_parts({part: b"<worksheet/>"})
    old, new = hostile.compressed(data), hostile.compressed(after)
    assert list(old) == list(new)
    assert {n for n in old if old[n][0] != new[n][0]} == {part}
    assert [entry[1:] for entry in old.values()] == [entry[1:] for entry in new.values()]
    assert hostile.members(after) == hostile.members(data) | {part: b"<worksheet/>"}
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(io.BytesIO(after)) as archive:
        assert archive.testzip() is None
        assert archive.comment == before.comment


@pytest.mark.parametrize("name", ["deflated", "stored", "streamed", "folders", "with a comment"])
def test_replacing_nothing_gives_the_same_bytes(name: str) -> None:
    data = ARCHIVES[name]()
    assert open_package(data).with_parts({}) == data


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_second_copy_is_a_copy_of_the_first(name: str) -> None:
    once = open_package(ARCHIVES[name]()).with_parts({"xl/workbook.xml": MADE["xl/workbook.xml"] + b"<!-- -->"})
    again: Package = open_package(once)
    assert again.read("xl/workbook.xml").endswith(b"<!-- -->")
    assert again.with_parts({}) == once


def test_a_copy_opens_in_another_library() -> None:
    package = open_package(hostile.with_zip64_fields(MADE))
    after = package.with_parts({package.sheets[0].part: MADE["xl/worksheets/sheet1.xml"].replace(b"C001", b"C002")})
    assert openpyxl.load_workbook(io.BytesIO(after))["表"]["A2"].value == "C002"
