"""Added columns stand beside their own table; what is around it stays legal, and what changes there is remarked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from xlsxwriter.workbook import Workbook as NewWorkbook
from xlsxwriter.worksheet import Worksheet as NewWorksheet

from sheetcrm.cli.entry import cli
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.model import SheetEdit
from tests import hostile
from tests.editing import SHEET, Edited, by_calamine, column, edit, new, part
from tests.invariants import new_findings
from tests.workbooks import REFERENCE_ROWS, SCORING_HEADER

Change = Callable[[NewWorkbook, NewWorksheet], object]
LINES = (["客户编号", "客户名称", "消费金额"], ["C001", "甲公司", 800000], ["C002", "乙公司", 300000])
RESULTS = tuple(column(label, 1, 2) for label in ("总分", "等级", "预警", "说明"))
FOUR = ["总分", "等级", "预警", "说明"]


def with_sheet(*changes: Change) -> bytes:
    """Make a list of three columns and two customers, with more around it."""

    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet(SHEET)
        for number, line in enumerate(LINES):
            sheet.write_row(number, 0, line)
        for change in changes:
            change(workbook, sheet)

    return new(write)


def table(last_row: int) -> Change:
    """Make the list an Excel table down to a row."""
    columns = [{"header": header} for header in LINES[0]]
    return lambda _, sheet: sheet.add_table(0, 0, last_row - 1, 2, {"columns": columns, "data": LINES[1:]})


def small_table(row: int, column_: int) -> Change:
    return lambda _, sheet: sheet.add_table(row, column_, row + 2, column_ + 1, {"name": "小表"})


def places(edited: Edited) -> list[int]:
    """Return the columns where the four headers stand."""
    return [cell.column for cell in edited.receipt.written if cell.row == 1]


BESIDE: dict[str, Change] = {
    "a hidden source of a drop-down": lambda _, sheet: (
        sheet.write_column(0, 51, ["高", "中", "低"]),
        sheet.set_column(51, 51, None, None, {"hidden": True}),
    ),
    "a stray cell at XFD": lambda _, sheet: sheet.write(1, 16383, "x"),
    "a wider table below": small_table(9, 4),
    "a merge below": lambda _, sheet: sheet.merge_range("D9:K9", "签字"),
    "a title above a list that begins lower": lambda _, sheet: sheet.write(40, 5, "标题"),
    "a table beside with room between": small_table(0, 8),
    "columns hidden up to the last": lambda _, sheet: sheet.set_column(3, 16383, None, None, {"hidden": True}),
}


@pytest.mark.parametrize("name", BESIDE)
def test_columns_stand_beside_their_own_table(name: str) -> None:
    edited = edit(with_sheet(BESIDE[name]), *RESULTS)
    assert places(edited) == [4, 5, 6, 7]
    assert edited.remarks == []


def test_two_tables_one_under_another_each_get_their_own() -> None:
    def change(_: NewWorkbook, sheet: NewWorksheet) -> None:
        table(3)(_, sheet)
        sheet.add_table(9, 0, 11, 4, {"name": "跟进", "columns": [{"header": h} for h in "甲乙丙丁戊"]})

    data = with_sheet(change)
    edits = [
        SheetEdit(SHEET, 1, RESULTS, 1, 3),
        SheetEdit(SHEET, 10, (column("到期日", "x", first=11), column("是否逾期", "y", first=11)), 1, 5),
    ]
    after, receipt = write_back(data, edits, file="客户.xlsx")
    assert new_findings(data, after) == []
    assert {sheet_table.ref for sheet_table in Edited(after, receipt).sheet.tables.values()} == {"A1:G3", "A10:G12"}
    assert by_calamine(after)[9] == ["甲", "乙", "丙", "丁", "戊", "到期日", "是否逾期"]
    assert receipt.remarks == ()
    assert write_back(after, edits, file="客户.xlsx")[0] is after


def test_two_tables_side_by_side_never_share_a_column() -> None:
    def change(_: NewWorkbook, sheet: NewWorksheet) -> None:
        sheet.write_row(0, 5, ["客户编号", "跟进日期", "等级"])
        sheet.write_row(1, 5, ["C001", "10月5日", "别的"])

    data = with_sheet(change)
    edits = [
        SheetEdit(SHEET, 1, RESULTS, 1, 3),
        SheetEdit(SHEET, 1, (column("到期日", "x"),), 6, 8),
    ]
    after, receipt = write_back(data, edits, file="客户.xlsx")
    assert by_calamine(after)[0] == [*LINES[0], None, None, "客户编号", "跟进日期", "等级", "到期日", None, *FOUR]
    assert [(one.kind, one.values["columns"]) for one in receipt.remarks] == [("columns-apart", "K:N")]
    assert by_calamine(after)[1][7] == "别的"
    assert write_back(after, edits, file="客户.xlsx")[0] is after


def test_where_there_is_no_room_the_columns_go_together_and_are_named() -> None:
    edited = edit(with_sheet(small_table(0, 6)), *RESULTS)
    assert places(edited) == [10, 11, 12, 13]
    (remark,) = edited.receipt.remarks
    assert (remark.kind, remark.places, remark.values) == ("columns-apart", ((1, 10),), {"columns": "J:M"})


def test_a_column_without_a_header_is_not_written_over() -> None:
    edited = edit(with_sheet(lambda _, sheet: sheet.write(2, 3, "老客户")), *RESULTS)
    assert places(edited) == [5, 6, 7, 8]
    assert edited.sheet["D3"].value == "老客户"


def test_columns_that_people_hid_are_not_filled() -> None:
    edited = edit(with_sheet(lambda _, sheet: sheet.set_column(3, 4, None, None, {"hidden": True})), *RESULTS)
    assert places(edited) == [6, 7, 8, 9]
    assert edited.sheet.column_dimensions["D"].hidden


def test_a_column_that_holds_other_things_below_is_not_made_narrower() -> None:
    def change(_: NewWorkbook, sheet: NewWorksheet) -> None:
        sheet.set_column(3, 4, 30)
        sheet.write(20, 3, "一个很长很长的说明")

    sizes = edit(with_sheet(change), *RESULTS).sheet.column_dimensions
    assert sizes["D"].width == pytest.approx(30, abs=1)
    assert sizes["E"].width < 12


# --- what may grow -------------------------------------------------------------------------------------------------


BLOCKERS: dict[str, Change] = {
    "a table": small_table(49, 5),
    "a merge": lambda _, sheet: sheet.merge_range("F50:H50", "合并"),
    "a cell": lambda _, sheet: sheet.write("E99", "备注"),
    "an array formula": lambda _, sheet: sheet.write_array_formula("G60:G61", "{=ROW(A1:A2)}", None, 1),
}


@pytest.mark.parametrize("name", BLOCKERS)
def test_a_table_is_not_grown_over_what_stands_beside_its_blank_rows(name: str) -> None:
    edited = edit(with_sheet(table(100), BLOCKERS[name]), *RESULTS)
    assert edited.sheet.tables["Table1"].ref == "A1:C100"
    assert places(edited) == [4, 5, 6, 7]
    (remark,) = edited.receipt.remarks
    assert remark.kind == "table-not-grown"
    assert remark.values == {"area": "A1:C100", "columns": "D:G", "whole": "A1:G100"}


def test_a_table_is_grown_over_its_blank_rows_where_nothing_stands() -> None:
    edited = edit(with_sheet(table(100), lambda _, sheet: sheet.write("K50", "x")), *RESULTS)
    assert edited.sheet.tables["Table1"].ref == "A1:G100"
    assert edited.remarks == []


@pytest.mark.parametrize("name", [name for name in BLOCKERS if name != "an array formula"])
def test_a_filter_is_not_grown_over_what_stands_beside_its_lower_rows(name: str) -> None:
    edited = edit(with_sheet(lambda _, sheet: sheet.autofilter(0, 0, 99, 2), BLOCKERS[name]), *RESULTS)
    assert edited.sheet.auto_filter.ref == "A1:C100"
    assert edited.remarks == ["filter-not-grown"]


def test_a_filter_narrower_than_the_list_is_reported_with_the_way_to_set_it_anew() -> None:
    edited = edit(with_sheet(lambda _, sheet: sheet.autofilter(0, 0, 2, 1)), *RESULTS)
    (remark,) = edited.receipt.remarks
    assert remark.kind == "filter-not-grown"
    assert remark.values == {"area": "A1:B3", "columns": "D:G", "whole": "A1:G3"}


def test_a_filter_wider_than_the_list_grows_as_far_as_it_must() -> None:
    edited = edit(with_sheet(lambda _, sheet: sheet.autofilter(0, 0, 2, 4)), *RESULTS)
    assert (places(edited), edited.sheet.auto_filter.ref) == ([4, 5, 6, 7], "A1:G3")


def whole_columns() -> bytes:
    """Make a list with a filter on whole columns, as Excel writes it."""
    data = with_sheet(lambda _, sheet: sheet.autofilter(0, 0, 2, 2))
    return hostile.replaced(
        data,
        sheet1=part(data, "sheet1.xml").replace('autoFilter ref="A1:C3"', 'autoFilter ref="A:C"').encode(),
        workbook=part(data, "workbook.xml").replace("$A$1:$C$3", "$A:$C").encode(),
    )


def test_a_filter_on_whole_columns_is_grown() -> None:
    edited = edit(whole_columns(), *RESULTS)
    assert '<autoFilter ref="A:G"/>' in edited.xml
    assert f"{SHEET}!$A:$G</definedName>" in part(edited.data, "workbook.xml")
    assert edited.remarks == []


def test_a_list_that_grew_down_to_another_table_does_not_write_into_it() -> None:
    data = with_sheet(small_table(2, 4), lambda _, sheet: sheet.write_row(0, 3, FOUR))
    edited = edit(data, *RESULTS)
    assert edited.left == [(3, 5, "table-kept"), (3, 6, "table-kept")]


# --- what is printed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("area", "kinds"), [("A1:C3", ["print-area-narrow"]), ("A1:Z9", []), ("A20:C30", [])])
def test_a_print_area_that_leaves_the_new_columns_out_is_named(area: str, kinds: list[str]) -> None:
    edited = edit(with_sheet(lambda _, sheet: sheet.print_area(area)), *RESULTS)
    assert edited.remarks == kinds
    assert [remark.values for remark in edited.receipt.remarks] == [{"area": area, "columns": "D:G"}] * len(kinds)


def test_the_run_names_the_columns_on_the_console_in_run_json_and_in_the_review_workbook(tmp_path: Path) -> None:
    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet("客户分级评估打分表")
        for number, line in enumerate((SCORING_HEADER[:7], *(row[:7] for row in REFERENCE_ROWS))):
            sheet.write_row(number, 0, line)
        sheet.write_row(0, 9, ["品名", "数量"])
        sheet.write_row(1, 9, ["甲", 3])

    source = tmp_path / "客户.xlsx"
    source.write_bytes(new(write))
    words = ["run", str(source), "-o", str(tmp_path / "out"), "--period", "2026-10", "--no-pdf"]
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert "；结果在 客户分级评估打分表 的 M:" in result.output
    stated = (tmp_path / "out" / "2026-10" / "run.json").read_text(encoding="utf-8")
    assert '"columns-apart"' in stated
    review = (tmp_path / "out" / "2026-10" / "packs" / "评审包.xlsx").read_bytes()
    assert "表格右边放不下，结果在 M:" in part(review, "sharedStrings.xml")
