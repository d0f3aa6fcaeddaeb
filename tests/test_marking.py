"""The marked copy of a workbook: fills that touch no cell, and a sheet that lists the problems, replaced each time."""

from __future__ import annotations

import io
import re
import time
import warnings

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from xlsxwriter.workbook import Workbook as NewWorkbook

from sheetcrm.errors import UneditableWorkbookError
from sheetcrm.excel.splice.conditional_formats import MARK
from sheetcrm.excel.splice.marking import has_marks, mark
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import CellMarks, ListedProblem, ProblemList, Severity
from sheetcrm.ooxml.own_sheets import FINDINGS_MARK, FINDINGS_SHEET
from tests import hostile
from tests.editing import SHEET, by_calamine, made, new, saved
from tests.invariants import new_findings
from tests.workbooks import SCORING, workbook

ERROR, WARNING, NOTE = Severity
FILE = "客户.xlsx"
TABLE = made(["客户编号", "客户名称", "消费金额"], ["C001", "甲公司", "八十万左右"], ["C002", "乙公司", 300000])
MARKS: dict[str, CellMarks] = {SHEET: {(2, 3): ERROR, (3, 3): ERROR, (2, 1): WARNING, (9, 5): NOTE}}


def listing(*texts: str, sheet: str = SHEET, address: str = "C2") -> ProblemList:
    rows = [ListedProblem((text, address), sheet, address) for text in texts]
    return ProblemList(FINDINGS_SHEET, f"{FINDINGS_MARK} …）", "底纹", ("级别", "单元格"), (10, 60.5), 1, 0, rows)


def marked(data: bytes, marks: dict[str, CellMarks], *texts: str) -> bytes:
    """Mark a workbook, and check what must hold after any marking at all."""
    after = mark(data, marks, listing(*texts), file=FILE)
    assert new_findings(data, after) == []
    old, now = hostile.compressed(data), hostile.compressed(after)
    assert list(old) == list(now)[: len(old)]
    assert mark(after, marks, listing(*texts), file=FILE) == after
    assert has_marks(after)
    return after


def opened(data: bytes, sheet: str = SHEET) -> Worksheet:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # extensions it does not know
        found = openpyxl.load_workbook(io.BytesIO(data))[sheet]
    assert isinstance(found, Worksheet)
    return found


def fills(data: bytes, sheet: str = SHEET) -> dict[str, str]:
    """Return the pattern of each area of ours, as openpyxl reads the rules."""
    rules = opened(data, sheet).conditional_formatting
    return {
        area: rule.dxf.fill.patternType
        for entry in rules
        for rule in entry.rules
        if rule.formula == [MARK]
        for area in str(entry.sqref).split()
    }


def test_the_cells_at_fault_are_filled_each_level_by_its_own_pattern() -> None:
    after = marked(TABLE, MARKS, "错误")
    assert fills(after) == {"C2:C3": "solid", "A2": "lightUp", "E9": "gray0625"}


def test_no_byte_of_any_row_changes_and_no_other_part_but_the_formats_and_the_lists_of_parts() -> None:
    after = marked(TABLE, MARKS, "错误")
    old, now = hostile.members(TABLE), hostile.members(after)
    changed = {name for name in old if old[name] != now[name]}
    assert changed == {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
    }
    rows = re.compile(rb"<sheetData>.*</sheetData>", re.DOTALL)
    name = "xl/worksheets/sheet1.xml"
    assert rows.findall(old[name]) == rows.findall(now[name])
    assert by_calamine(after) == by_calamine(TABLE)


def test_the_list_is_the_last_sheet_with_links_a_filter_frozen_and_printed_on_one_width() -> None:
    after = marked(TABLE, MARKS, "错误", "提示")
    book = openpyxl.load_workbook(io.BytesIO(after))
    assert book.sheetnames == [SHEET, FINDINGS_SHEET]
    sheet = opened(after, FINDINGS_SHEET)
    assert [[cell.value for cell in row] for row in sheet["A3:B5"]] == [
        ["级别", "单元格"],
        ["错误", "C2"],
        ["提示", "C2"],
    ]
    assert sheet["B4"].hyperlink is not None
    assert sheet["B4"].hyperlink.location == "'表'!C2"
    assert sheet.auto_filter.ref == "A3:B5"
    assert sheet.freeze_panes == "A4"
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.column_dimensions["B"].width == 60.5


def test_text_in_the_list_is_text_and_a_link_to_an_odd_sheet_is_quoted() -> None:
    data = made(["x"], sheet="it's a&b")
    after = mark(data, {}, listing("=1+1", "a<b>&\x01", sheet="it's a&b"), file=FILE)
    sheet = opened(after, FINDINGS_SHEET)
    assert (sheet["A4"].value, sheet["A4"].data_type) == ("=1+1", "s")
    assert sheet["B4"].hyperlink is not None
    assert sheet["B4"].hyperlink.location == "'it''s a&b'!C2"
    assert new_findings(data, after) == []


def test_what_was_mended_loses_its_fill_and_the_list_is_replaced_not_doubled() -> None:
    after = marked(marked(TABLE, MARKS, "错误"), {SHEET: {(2, 1): WARNING}}, "警告")
    assert fills(after) == {"A2": "lightUp"}
    clean = marked(after, {})
    assert fills(clean) == {}
    assert openpyxl.load_workbook(io.BytesIO(clean)).sheetnames == [SHEET, FINDINGS_SHEET]
    assert hostile.members(clean)["xl/worksheets/sheet1.xml"] == hostile.members(TABLE)["xl/worksheets/sheet1.xml"]


def test_a_copy_that_another_program_saved_is_known_and_its_fills_are_taken_away() -> None:
    book = openpyxl.load_workbook(io.BytesIO(marked(TABLE, MARKS, "错误")))
    sheet = book[SHEET]
    assert isinstance(sheet, Worksheet)
    sheet["C2"] = 800000
    again = saved(book)  # in shared strings, with formats numbered anew
    assert has_marks(again)
    after = marked(again, {SHEET: {(3, 3): ERROR}}, "错误")
    assert fills(after) == {"C3": "solid"}
    assert openpyxl.load_workbook(io.BytesIO(after)).sheetnames == [SHEET, FINDINGS_SHEET]
    assert by_calamine(after)[1][2] == 800000


def test_the_list_is_no_customer_list_and_nothing_is_said_of_it() -> None:
    plain = workbook({"打分表": SCORING})
    copy = mark(plain, {"打分表": {(2, 5): ERROR}}, listing("错误"), file=FILE)
    again = saved(openpyxl.load_workbook(io.BytesIO(copy)))
    assert b"&#26816;" in hostile.members(again)["xl/worksheets/sheet2.xml"]  # signs as numbers
    for data in (copy, again):
        tables, problems = read_workbook(data, file=FILE)
        assert [table.sheet for table in tables] == ["打分表"]
        assert problems == read_workbook(plain, file=FILE)[1]


@pytest.mark.parametrize(
    "runs", [[FINDINGS_MARK], [FINDINGS_MARK[:4], FINDINGS_MARK[4:] + " …"], ["\n ", FINDINGS_MARK, " check"]]
)
def test_the_list_is_known_by_its_text_in_shared_strings_and_in_runs_of_several_fonts(runs: list[str]) -> None:
    def write(book: NewWorkbook) -> None:
        book.add_worksheet(SHEET).write(0, 0, "别的")
        sheet = book.add_worksheet(f"{FINDINGS_SHEET}(2)")
        bold = book.add_format({"bold": True})
        if len(runs) > 1:
            sheet.write_rich_string(0, 0, *[piece for run in runs for piece in (bold, run)])
        else:
            sheet.write(0, 0, runs[0])

    assert has_marks(new(write))


def test_a_sheet_of_that_name_that_is_peoples_own_stays_theirs() -> None:
    own = workbook({"打分表": SCORING, FINDINGS_SHEET: [("品名", "单价"), ("螺丝", 1)]})
    assert not has_marks(own)
    after = mark(own, {}, listing("错误"), file=FILE)
    assert openpyxl.load_workbook(io.BytesIO(after)).sheetnames == ["打分表", FINDINGS_SHEET, f"{FINDINGS_SHEET}(2)"]
    assert mark(after, {}, listing("错误"), file=FILE) == after
    assert any(entry.ref.sheet == FINDINGS_SHEET for entry in read_workbook(after, file=FILE)[1])


def with_rules(workbook_made: NewWorkbook) -> None:
    sheet = workbook_made.add_worksheet(SHEET)
    sheet.write_row(0, 0, ["客户编号", "消费金额"])
    sheet.write_row(1, 0, ["C001", 5])
    green = workbook_made.add_format({"bg_color": "#00FF00"})
    sheet.conditional_format("B2:B9", {"type": "cell", "criteria": ">", "value": 1, "format": green})
    sheet.conditional_format("B2:B9", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("A2:A9", {"type": "duplicate", "format": green})
    sheet.autofilter("A1:B2")


def test_our_fills_come_before_the_sheets_own_rules_which_stay_in_their_order() -> None:
    data = new(with_rules)

    def theirs(data: bytes) -> list[tuple[str, str]]:
        rules = [(rule.priority, str(entry.sqref), rule.type) for entry in opened(data).conditional_formatting
                 for rule in entry.rules if rule.formula != [MARK]]  # fmt: skip
        return [(area, kind) for _, area, kind in sorted(rules)]

    after = marked(data, {SHEET: {(2, 2): ERROR, (2, 1): NOTE}}, "错误")
    rules = [rule for entry in opened(after).conditional_formatting for rule in entry.rules]
    assert {rule.priority for rule in rules if rule.formula == [MARK]} == {1, 2}
    assert theirs(after) == theirs(data)
    assert opened(after).auto_filter.ref == "A1:B2"


def test_rules_that_a_pivot_table_refers_to_keep_their_numbers() -> None:
    rule = '<cfRule type="expression" priority="1"><formula>1=1</formula></cfRule>'
    data = hostile.workbook(
        f'<sheetData/><conditionalFormatting pivot="1" sqref="A1">{rule}</conditionalFormatting>', styles=STYLES
    )
    after = marked(data, {SHEET: {(1, 1): ERROR}}, "错误")
    assert [rule.priority for entry in opened(after).conditional_formatting for rule in entry.rules] == [1, 2]


STYLES = f'<styleSheet xmlns="{hostile.MAIN}"/>'


@pytest.mark.parametrize("prefix", ["", "x"])
@pytest.mark.parametrize("namespace", [hostile.MAIN, hostile.STRICT])
def test_prefixes_the_strict_namespace_and_workbooks_without_formats(prefix: str, namespace: str) -> None:
    p = f"{prefix}:" if prefix else ""
    sheet = f'<{p}sheetData><{p}row r="1"><{p}c r="A1"><{p}v>5</{p}v></{p}c></{p}row></{p}sheetData>'
    after = marked(
        hostile.workbook(sheet, prefix=prefix, namespace=namespace), {SHEET: {(1, 1): ERROR, (3, 3): NOTE}}, "错误"
    )
    assert by_calamine(after) == [[5]]
    assert by_calamine(after, FINDINGS_SHEET)[3][:2] == ["错误", "C2"]
    part = hostile.members(after)["xl/worksheets/sheet1.xml"].decode()
    assert f'<{p}conditionalFormatting sqref="A1">' in part


@pytest.mark.parametrize("styles", [STYLES, STYLES.replace("/>", "></styleSheet>")])
def test_a_format_sheet_without_formats_gets_defaults_first(styles: str) -> None:
    data = hostile.workbook('<sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>', styles=styles)
    after = marked(data, {SHEET: {(1, 1): ERROR}}, "错误")
    written = hostile.members(after)["xl/styles.xml"].decode()
    assert "<cellXfs" in written
    assert re.search(r"<cellXfs[^>]*><xf(?: numFmtId[^>]*)?/>", written)
    assert by_calamine(after) == [[5]]


def test_a_signed_workbook_is_refused() -> None:
    signed = hostile.package(hostile.members(TABLE) | {"_xmlsignatures/sig1.xml": b"<x/>"})
    with pytest.raises(UneditableWorkbookError) as error:
        mark(signed, MARKS, listing("错误"), file=FILE)
    assert error.value.kind == "workbook-signed"


def test_cells_on_sheets_without_cells_are_passed_over() -> None:
    after = marked(TABLE, {"没有": {(1, 1): ERROR}}, "错误")
    assert fills(after) == {}


@pytest.mark.slow
def test_20_000_scattered_faults_are_marked_in_time_and_every_list_of_areas_is_bounded() -> None:
    data = made(*[["C", 1]] * 40_001)
    marks: dict[str, CellMarks] = {SHEET: {(row, 2): ERROR for row in range(2, 40_002, 2)}}
    texts = ["错误"] * 20_000
    started = time.perf_counter()
    after = mark(data, marks, listing(*texts), file=FILE)
    assert time.perf_counter() - started < 5
    part = hostile.members(after)["xl/worksheets/sheet1.xml"].decode()
    lists = re.findall(r'<conditionalFormatting sqref="([^"]*)"', part)
    assert sum(len(areas.split()) for areas in lists) == 20_000
    assert max(map(len, lists)) < 5_000
    started = time.perf_counter()
    assert read_workbook(after, file=FILE)[1] == read_workbook(data, file=FILE)[1]
    assert time.perf_counter() - started < 5
