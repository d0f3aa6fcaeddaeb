"""What stands around the cells grows with them, or stays and is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter.workbook import Workbook as NewWorkbook
from xlsxwriter.worksheet import Worksheet as NewWorksheet

from sheetcrm.excel.splice.cell_text import read_strings, string_item
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.model import CellStyle, SheetEdit
from tests import hostile
from tests.editing import SHEET, Edited, by_calamine, column, edit, made, new, part, plain

LINES = (["客户编号", "客户名称", "消费金额"], ["C001", "甲公司", 800000], ["C002", "乙公司", 300000])
TABLE = made(*LINES)
TIERS = column("等级", "VIP客户", "重点客户", colours={"VIP客户": "#ffc000", 'a"<&': "92D050"})


def with_sheet(change: Callable[[NewWorkbook, NewWorksheet], object]) -> bytes:
    """Return the plain table's workbook, changed while XlsxWriter writes it."""

    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet(SHEET)
        for number, line in enumerate(LINES):
            sheet.write_row(number, 0, line)
        change(workbook, sheet)

    return new(write)


def with_table(**options: object) -> bytes:
    """Return the plain table as an Excel table of its own columns."""
    columns = [{"header": header} for header in LINES[0]]
    settings_ = {"name": "客户", "columns": columns, "data": LINES[1:], **options}
    rows = 3 if options.get("total_row") else 2
    return with_sheet(lambda _, sheet: sheet.add_table(0, 0, rows, 2, settings_))


# --- used range and widths ------------------------------------------------------------------------------------


def test_the_used_range_grows_with_the_cells() -> None:
    assert '<dimension ref="A1:D9"/>' in edit(TABLE, column("等级", "VIP客户", first=9)).xml


def test_added_columns_do_not_meet_given_ones() -> None:
    edited = edit(TABLE, column("备注", "x", at=4), column("等级", "VIP客户"))
    assert [(cell.column, cell.new) for cell in edited.receipt.written] == [(5, "等级"), (4, "x"), (5, "VIP客户")]


def test_a_used_range_that_is_not_stated_stays_unstated() -> None:
    assert "dimension" not in edit(hostile.workbook(hostile.rows(["编号"])), column("等级", "VIP客户")).xml


def test_spans_reach_to_both_sides() -> None:
    sheet = '<sheetData><row r="2" spans="3:4 6:7"><c r="C2"><v>1</v></c><c r="G2"><v>1</v></c></row></sheetData>'
    edited = edit(hostile.workbook(sheet), column("左", 5, at=1), column("中", 6, at=5), column("右", 7))
    assert 'spans="1:4 6:9"' in edited.xml


def widths(edited: Edited) -> dict[str, tuple[int | None, int | None, int, bool]]:
    return {
        letter: (dimension.min, dimension.max, round(dimension.width), dimension.hidden)
        for letter, dimension in edited.sheet.column_dimensions.items()
    }


def test_added_columns_are_wide_enough_for_chinese() -> None:
    edited = edit(TABLE, column("等级", "VIP客户", "重点"), column("得分说明", "长" * 50), column("n", 1))
    assert widths(edited) == {"D": (4, 4, 9, False), "E": (5, 5, 40, False), "F": (6, 6, 8, False)}


def test_widths_that_stand_are_cut_around_added_columns() -> None:
    def change(_: NewWorkbook, sheet: NewWorksheet) -> None:
        sheet.set_column(0, 1, 20)
        sheet.set_column(2, 9, 30)
        sheet.set_column(10, 16383, None, None, {"hidden": True})

    edited = edit(with_sheet(change), column("等级", "VIP客户"), column("总分", 1))
    found = re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', edited.xml)
    assert [(int(a), int(b), round(float(c))) for a, b, c in found] == [
        (1, 2, 21),
        (3, 3, 31),
        (4, 4, 9),
        (5, 5, 8),
        (6, 10, 31),
        (11, 16384, 0),
    ]


def test_a_hidden_column_that_is_added_to_becomes_visible() -> None:
    edited = edit(
        with_sheet(lambda _, sheet: sheet.set_column(3, 16383, None, None, {"hidden": True})), column("等级", "VIP客户")
    )
    found = widths(edited)
    assert found["D"] == (4, 4, 9, False)
    assert found["E"][3]


def test_columns_between_others_come_in_order() -> None:
    def change(_: NewWorkbook, sheet: NewWorksheet) -> None:
        sheet.set_column(0, 0, 20)
        sheet.set_column(7, 7, 20)

    found = re.findall(r'<col min="(\d+)"', edit(with_sheet(change), column("a", 1), column("b", 1)).xml)
    assert found == ["1", "4", "5", "8"]


# --- tables and filters ------------------------------------------------------------------------------------------


def test_an_excel_table_grows_with_its_filter() -> None:
    edited = edit(with_table(), TIERS, column("总分", 1, 2))
    (table,) = edited.sheet.tables.values()
    assert (table.ref, table.autoFilter.ref) == ("A1:E3", "A1:E3")
    assert [entry.name for entry in table.tableColumns] == ["客户编号", "客户名称", "消费金额", "等级", "总分"]
    assert [entry.id for entry in table.tableColumns] == [1, 2, 3, 4, 5]
    assert "xl/tables/table1.xml" in edited.receipt.parts


def test_a_table_with_totals_grows_and_its_total_stays_blank() -> None:
    edited = edit(with_table(total_row=True), TIERS)
    (table,) = edited.sheet.tables.values()
    assert (table.ref, table.autoFilter.ref, table.totalsRowCount) == ("A1:D4", "A1:D3", 1)
    assert edited.column(4)[:3] == ["等级", "VIP客户", "重点客户"]
    assert edited.sheet["D4"].value is None


def test_a_table_without_header_row_is_not_grown() -> None:
    edited = edit(with_table(header_row=False), column("等级", "VIP客户"))
    assert edited.sheet.tables["客户"].ref == "A1:C3"


def test_a_table_with_something_at_its_right_is_not_grown() -> None:
    data = with_sheet(
        lambda _, sheet: (sheet.add_table(0, 0, 2, 1, {"columns": [{"header": h} for h in LINES[0][:2]]}),)
    )
    edited = edit(data, TIERS)
    (table,) = edited.sheet.tables.values()
    assert table.ref == "A1:B3"
    assert edited.remarks == ["table-not-grown"]
    assert edited.column(4) == ["等级", "VIP客户", "重点客户"]


@pytest.mark.parametrize("kind", ["queryTable", "xml"])
def test_a_table_fed_from_outside_is_not_grown(kind: str) -> None:
    data = with_table()
    content = part(data, "table1.xml").replace("<table ", f'<table tableType="{kind}" ', 1)
    edited = edit(hostile.replaced(data, table1=content.encode()), column("等级", "VIP客户"))
    assert edited.remarks == ["table-not-grown"]
    assert edited.sheet.tables["客户"].ref == "A1:C3"


def test_a_table_that_has_the_name_elsewhere_is_not_grown() -> None:
    data = with_table()
    content = part(data, "table1.xml").replace('name="客户名称"', 'name="等级"', 1)
    edits = [SheetEdit(SHEET, 1, (column("等级", "VIP客户"),))]
    _, receipt = write_back(hostile.replaced(data, table1=content.encode()), edits, file="a.xlsx")
    assert [remark.kind for remark in receipt.remarks] == ["table-not-grown"]


def test_a_query_table_is_known_by_its_relationship() -> None:
    contents = hostile.members(with_table())
    contents["xl/tables/_rels/table1.xml.rels"] = (
        f'<Relationships xmlns="{hostile.PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{hostile.RELATIONSHIPS}/queryTable" Target="../queryTables/q.xml"/></Relationships>'
    ).encode()
    contents["xl/queryTables/q.xml"] = b"<queryTable/>"
    edited = edit(hostile.package(contents), TIERS)
    assert edited.remarks == ["table-not-grown"]


def test_a_sheets_own_filter_grows_with_its_hidden_name() -> None:
    edited = edit(with_sheet(lambda _, sheet: sheet.autofilter(0, 0, 2, 2)), TIERS)
    assert '<autoFilter ref="A1:D3"/>' in edited.xml
    assert f"{SHEET}!$A$1:$D$3" in part(edited.data, "workbook.xml")


def test_a_filter_without_its_name_stays_as_it_is() -> None:
    sheet = hostile.rows(*LINES) + '<autoFilter ref="A1:C3"/>'
    edited = edit(hostile.workbook(sheet), column("等级", "VIP客户"))
    assert '<autoFilter ref="A1:C3"/>' in edited.xml
    assert edited.remarks == ["filter-not-grown"]


def test_hidden_filtered_and_grouped_rows_stay_so() -> None:
    def change(_: NewWorkbook, sheet: NewWorksheet) -> None:
        sheet.autofilter(0, 0, 2, 2)
        sheet.filter_column(0, "x == C001")
        sheet.set_row(2, 30, None, {"hidden": True, "level": 1})
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)

    data = with_sheet(change)
    edited = edit(data, TIERS)
    pattern = r"<row [^>]*r=\"3\"[^>]*>|<sheetViews>.*</sheetViews>|<filterColumn.*</filterColumn>"
    strip = re.compile(r' spans="[^"]*"')
    assert strip.sub("", "".join(re.findall(pattern, edited.xml))) == strip.sub(
        "", "".join(re.findall(pattern, part(data, "sheet1.xml")))
    )


# --- rules -----------------------------------------------------------------------------------------------------


def test_colours_come_as_rules_of_their_own() -> None:
    edited = edit(TABLE, TIERS)
    ((cells, rules),) = [(str(entry.sqref), entry.rules) for entry in edited.sheet.conditional_formatting]
    assert cells == "D2:D3"
    assert [(rule.operator, rule.formula, rule.priority) for rule in rules] == [
        ("equal", ['"VIP客户"'], 1),
        ("equal", ['"a""<&"'], 2),
    ]
    assert [rule.dxf.fill.bgColor.rgb for rule in rules] == ["FFFFC000", "FF92D050"]


def test_colours_come_after_the_rules_that_are_there() -> None:
    def change(workbook: NewWorkbook, sheet: NewWorksheet) -> None:
        red = workbook.add_format({"bg_color": "red"})
        sheet.conditional_format("A2:C3", {"type": "cell", "criteria": ">", "value": 5, "format": red})
        sheet.conditional_format("C2:C3", {"type": "data_bar", "bar_solid": True})

    data = with_sheet(change)
    edited = edit(data, TIERS)
    priorities = [int(number) for number in re.findall(r'priority="(\d+)"', edited.xml)]
    assert len(priorities) == len(set(priorities))
    assert max(re.findall(r'priority="(\d+)"', part(data, "sheet1.xml"))) < str(max(priorities))
    assert "x14:dataBar" in edited.xml
    assert edited.xml.index("D2:D3") < edited.xml.index("<pageMargins")


def test_colours_are_only_for_columns_that_are_added() -> None:
    edited = edit(made(["编号", "等级"], ["C001"]), TIERS)
    assert "conditionalFormatting" not in edited.xml


# --- formulas, pivots, protection -----------------------------------------------------------------------------------


def test_a_calculation_is_asked_for_where_there_are_formulas() -> None:
    data = with_sheet(lambda _, sheet: sheet.write_formula("C9", "=SUM(C2:C3)", None, 1))
    edited = edit(data, TIERS)
    assert 'fullCalcOnLoad="1"' in part(edited.data, "workbook.xml")
    assert "recalculated-on-open" in edited.receipt.notes


def test_formulas_of_other_sheets_count_too() -> None:
    def write(workbook: NewWorkbook) -> None:
        workbook.add_worksheet(SHEET).write_row(0, 0, ["编号"])
        workbook.add_worksheet("汇总").write_formula("A1", f"=COUNTA({SHEET}!B:B)", None, 0)

    content = part(new(write), "workbook.xml")
    without = re.sub(r"<calcPr[^>]*/>", "", content)
    edited = edit(hostile.replaced(new(write), workbook=without.encode()), column("等级", "VIP客户"))
    after = part(edited.data, "workbook.xml")
    assert '</sheets><calcPr fullCalcOnLoad="1"/>' in after


def test_nothing_is_asked_for_without_formulas() -> None:
    without = re.sub(r'fullCalcOnLoad="1"', "", part(TABLE, "workbook.xml"))
    edited = edit(hostile.replaced(TABLE, workbook=without.encode()), TIERS)
    assert "xl/workbook.xml" not in edited.receipt.parts
    assert edited.receipt.notes == ()


def test_a_protected_sheet_is_edited_and_this_is_told() -> None:
    assert edit(with_sheet(lambda _, sheet: sheet.protect("x")), TIERS).receipt.notes == ("sheet-protected",)


def test_pivots_are_told_of_and_their_cells_kept() -> None:
    contents = hostile.members(TABLE)
    contents["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{hostile.PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{hostile.RELATIONSHIPS}/pivotTable" Target="../pivotTables/pivotTable1.xml"/></Relationships>'
    ).encode()
    contents["xl/pivotTables/pivotTable1.xml"] = (
        f'<pivotTableDefinition xmlns="{hostile.MAIN}"><location ref="A3:F3"/></pivotTableDefinition>'.encode()
    )
    contents["xl/pivotCache/pivotCacheDefinition1.xml"] = b"<pivotCacheDefinition/>"
    edits = [SheetEdit(SHEET, 1, (column("客户编号", "C009", "C010"), column("等级", "VIP客户")))]
    after, receipt = write_back(hostile.package(contents), edits, file="a.xlsx")
    assert receipt.notes == ("pivot-needs-refresh",)
    assert [(cell.row, cell.column, cell.reason) for cell in receipt.left] == [(3, 1, "pivot-kept")]
    assert [cell.column for cell in receipt.written] == [7, 1, 7]
    assert by_calamine(after)[2][0] == "C002"


def test_what_openpyxl_would_lose_is_kept() -> None:
    def change(_: NewWorkbook, sheet: NewWorksheet) -> None:
        sheet.add_sparkline("F2", {"range": f"{SHEET}!C2:C3"})
        sheet.insert_textbox("H2", "说明")
        sheet.insert_checkbox("J9", True)  # noqa: FBT003 - XlsxWriter's own
        sheet.write_comment("A1", "批注")
        sheet.write_rich_string("A9", "a", "b", "c")

    data = with_sheet(change)
    edited = edit(data, TIERS)
    extension = re.compile(r"<extLst>.*</extLst>", re.DOTALL)
    assert extension.findall(edited.xml) == extension.findall(part(data, "sheet1.xml"))


# --- properties -------------------------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=60)
TRICKY = st.sampled_from(
    ["=1+1", "+1", "-1", "@SUM(A1)", "'x", "_x0041_", "_x0041\x01", "\r\n", " a ", "\t", "<b>&amp;", "]]>", "\x00"]
) | st.from_regex(r"(_x[0-9A-F]{4}_?){1,3}", fullmatch=True)


@given(ANY_TEXT | TRICKY | st.tuples(TRICKY, ANY_TEXT, TRICKY).map("".join))
def test_any_text_survives_being_written(text: str) -> None:
    assert read_strings(string_item(text), "t") == text
    assert read_strings(b"<r>" + string_item(text, b"x:") + b"</r>", "t") == text


PRINTABLE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=40)
OPENING = st.sampled_from(["", "=", "+", "-", "@", "=HYPERLINK(", "http://", "'", "{=", "\t="])


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(OPENING, PRINTABLE).map("".join), min_size=1, max_size=8), st.booleans())
def test_any_text_written_reads_back_equal_and_is_never_a_formula(texts: list[str], inline: bool) -> None:  # noqa: FBT001
    data = hostile.workbook(hostile.rows(["编号"])) if inline else TABLE
    edited = edit(data, column("得分说明", *texts, at=5))
    cells = [edited.sheet.cell(number, 5) for number in range(2, 2 + len(texts))]
    assert [cell.data_type for cell in cells] == ["s"] * len(texts)
    assert [cell.hyperlink for cell in cells] == [None] * len(texts)
    assert [cell.value for cell in cells if "_x" not in str(cell.value)] == [t for t in texts if "_x" not in t]
    assert "<f" not in edited.xml


VALUES = st.one_of(
    st.none(),
    PRINTABLE,
    st.integers(-(10**14), 10**14),
    st.decimals(min_value=-(10**9), max_value=10**9, places=4),
    st.dates(date(1901, 1, 1), date(2999, 12, 31)),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(VALUES, min_size=4, max_size=4), min_size=1, max_size=6),
    st.lists(st.none() | st.text("甲乙ab12", min_size=1, max_size=5) | st.integers(0, 99), min_size=30, max_size=30),
    st.sampled_from([style for style in CellStyle if style is not CellStyle.DATE]),
)
def test_an_edit_reads_back_and_the_rest_is_equal(
    planned: list[list[object]], before: list[object], style: CellStyle
) -> None:
    lines = [before[at : at + 5] for at in range(0, 30, 5)]
    edited = edit(
        made(*lines),
        *(
            column(f"列{at}", *(line[at] for line in planned), at=(2, 5, None, None)[at], style=style, first=at + 1)  # type: ignore[arg-type]
            for at in range(4)
        ),
        header_row=12,
    )
    expected = {(row, place): value for row, line in enumerate(lines, 1) for place, value in enumerate(line, 1)}
    right = max([5] + [place for (_, place), value in expected.items() if value is not None])
    for at, place in enumerate((2, 5, right + 1, right + 2)):
        expected |= {(row, place): line[at] for row, line in enumerate(planned, at + 1)}
        expected |= {(12, place): f"列{at}"} if at > 1 else {}
    found = {(row, place): v for row, line in enumerate(by_calamine(edited.data), 1) for place, v in enumerate(line, 1)}
    for cell in expected.keys() | found.keys():
        want, have = expected.get(cell), found.get(cell)
        if isinstance(want, Decimal):
            assert isinstance(have, int | float)
            assert abs(Decimal(have) - want) < Decimal("0.00001"), cell
        elif not (isinstance(want, str) and "_x" in want):
            assert plain(have) == want, cell
