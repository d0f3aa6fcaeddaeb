"""Cells are set where they were planned, and nothing else changes."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from xlsxwriter.workbook import Workbook as NewWorkbook

from sheetcrm.errors import UneditableWorkbookError, UnreadableWorkbookError
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.model import CellStyle, ColumnEdit, Receipt, SheetEdit, WrittenCell
from tests import hostile
from tests.editing import by_calamine, column, edit, made, new, part, saved

TABLE = made(["客户编号", "客户名称", "消费金额"], ["C001", "甲公司", 800000], ["C002", "乙公司", 300000])
DAY = date(2026, 10, 31)


def refused(data: bytes, *columns: ColumnEdit, sheet: str = "表") -> str:
    """Return the kind of the refusal of an edit."""
    with pytest.raises((UneditableWorkbookError, UnreadableWorkbookError)) as caught:
        write_back(data, [SheetEdit(sheet, 1, columns or (column("等级", "VIP客户"),))], file="客户.xlsx")
    assert caught.value.what
    assert caught.value.fix.startswith("请")
    return caught.value.kind


# --- nothing to do ------------------------------------------------------------------------------------------


def test_no_edits_return_the_input_itself() -> None:
    assert write_back(TABLE, [], file="客户.xlsx") == (TABLE, Receipt())
    assert write_back(TABLE, [], file="客户.xlsx")[0] is TABLE
    assert write_back(TABLE, [SheetEdit("表", 1, ())], file="客户.xlsx")[0] is TABLE


def test_values_that_stand_there_already_return_the_input_itself() -> None:
    same = (column("客户名称", "甲公司", "乙公司"), column("金额", Decimal("800000.00"), 300000, at=3))
    after, receipt = write_back(TABLE, [SheetEdit("表", 1, same)], file="客户.xlsx")
    assert after is TABLE
    assert receipt == Receipt()


# --- added columns ------------------------------------------------------------------------------------------


def test_columns_are_added_right_of_the_table_and_read_back_by_others() -> None:
    edited = edit(
        TABLE,
        column("总分", Decimal("92.0"), Decimal("75.5"), style=CellStyle.SCORE),
        column("等级", "VIP客户", "重点客户"),
        column("评估日期", DAY, DAY, style=CellStyle.DATE),
        column("逾期天数", 3, None, style=CellStyle.INTEGER),
    )
    expected: list[list[object]] = [
        ["客户编号", "客户名称", "消费金额", "总分", "等级", "评估日期", "逾期天数"],
        ["C001", "甲公司", 800000, 92, "VIP客户", DAY, 3],
        ["C002", "乙公司", 300000, Decimal("75.5"), "重点客户", DAY, None],
    ]
    assert by_calamine(edited.data) == expected
    assert [[cell.value for cell in row][:5] for row in edited.sheet.iter_rows()] == [row[:5] for row in expected]
    assert edited.receipt.written[:2] == (
        WrittenCell("表", 1, 4, "总分", "", "总分"),
        WrittenCell("表", 1, 5, "等级", "", "等级"),
    )
    assert WrittenCell("表", 2, 4, "总分", "", "92") in edited.receipt.written
    assert len(edited.receipt.written) == 4 + 7


def test_each_style_has_its_number_format() -> None:
    edited = edit(TABLE, *(column(style.name, 1, style=style) for style in CellStyle), column("空", None))
    formats = [edited.sheet.cell(2, number).number_format for number in range(4, 9)]
    assert formats == [style.value for style in CellStyle]


def test_a_day_in_a_text_column_still_shows_as_a_day() -> None:
    assert edit(TABLE, column("下次", DAY)).sheet["D2"].number_format == "yyyy-mm-dd"


def test_added_columns_look_like_their_left_neighbours_but_do_not_wrap() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    sheet = workbook["表"]
    sheet["C1"].font, sheet["C1"].fill = Font(bold=True), PatternFill("solid", fgColor="FFDDEEFF")
    sheet["C2"].font, sheet["C2"].number_format = Font(italic=True), "#,##0.00"
    sheet["C2"].alignment = Alignment(wrap_text=True, vertical="top", horizontal="right", indent=2)
    sheet["C2"].protection = Protection(locked=False)
    edited = edit(saved(workbook), column("总分", Decimal(92), style=CellStyle.SCORE)).sheet
    assert edited["D1"].font.b
    assert edited["D1"].fill.fgColor.rgb == "FFCBDBEB"  # a little darker
    assert edited["D2"].font.i
    assert edited["D2"].number_format == "0.0"
    assert not edited["D2"].alignment.wrap_text
    assert edited["D2"].alignment.vertical == "top"
    assert edited["D2"].alignment.horizontal == "right"
    assert not edited["D2"].protection.locked


def test_text_stands_left_long_text_on_top_and_numbers_right_whatever_the_neighbour_does() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    for row in (2, 3):
        workbook["表"].cell(row, 3).alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet = edit(
        saved(workbook),
        column("得分说明", "最近消费时间30天得90分×20%，" * 12, "短"),
        column("总分", 92, 7, style=CellStyle.SCORE),
        column("评估日期", DAY, None, style=CellStyle.DATE),
    ).sheet
    looks = [(cell.alignment.horizontal, cell.alignment.vertical, cell.alignment.wrap_text) for cell in sheet[2][3:]]
    assert looks == [("left", "top", None), ("right", "center", None), ("right", "center", None)]
    assert (sheet["D3"].alignment.horizontal, sheet["D3"].alignment.vertical) == ("left", "center")
    assert [cell.alignment.indent for cell in sheet[2][3:]] == [1, 0, 0]  # a figure and a text beside it are two


def test_a_blank_of_a_column_that_was_there_has_the_lines_of_its_row() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(made(["客户编号", "客户标签", "预警"], ["C001", "高价值", "流失"])))
    sheet = workbook["表"]
    for row in (1, 2, 3):
        for number in (1, 2, 3) if row < 3 else (1,):
            sheet.cell(row, number).border = Border(left=Side("thin"), bottom=Side("thin"))
    sheet["A3"] = "C002"
    edited = edit(
        saved(workbook), column("客户标签", "高价值", "中价值", at=2), column("预警", "流失", None, at=3)
    ).sheet
    assert edited["C3"].value is None
    assert edited["C3"].border.left.style == "thin"


@pytest.mark.parametrize(
    ("fill", "header"),
    [
        ("", 'rgb="FFF2F2F2"'),
        ('<patternFill patternType="solid"><fgColor rgb="FF1F4E78"/></patternFill>', 'rgb="FF41698C"'),
        ('<patternFill patternType="solid"><fgColor theme="4"/></patternFill>', 'theme="4" tint="0.15"'),
        ('<patternFill patternType="solid"><fgColor theme="0" tint="-0.1"/></patternFill>', 'theme="0" tint="-0.18"'),
        ('<patternFill patternType="darkGrid"><fgColor rgb="FF1F4E78"/></patternFill>', None),
        ('<patternFill patternType="solid"><fgColor indexed="40"/></patternFill>', None),
        ('<gradientFill degree="90"><stop position="0"><color rgb="FFFFFFFF"/></stop></gradientFill>', None),
    ],
)
def test_an_added_header_has_a_slightly_different_fill(fill: str, header: str | None) -> None:
    none = '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    plain = '<patternFill patternType="none"/>'
    styles = (
        f'<styleSheet xmlns="{hostile.MAIN}"><fonts count="1"><font><sz val="11"/></font></fonts>'
        f'<fills count="3">{none}<fill>{fill or plain}</fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf xfId="0"/><xf fillId="2" fontId="0" xfId="0"/></cellXfs></styleSheet>'
    )
    row = '<row r="1"><c r="A1" s="1" t="str"><v>编号</v></c></row><row r="2"><c r="A2"/></row>'
    edited = edit(hostile.workbook(f"<sheetData>{row}</sheetData>", styles=styles), column("等级", "VIP客户"))
    written = re.findall("<fill>.*?</fill>", part(edited.data, "styles.xml"))[3:]
    assert [re.findall("<fgColor (.*?)/>", one)[0] for one in written] == ([header] if header else [])


def test_the_header_of_an_excel_table_has_its_looks_from_the_table() -> None:
    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet("表")
        sheet.write_column("A2", ["C001"])
        sheet.add_table("A1:B2", {"columns": [{"header": "客户编号"}, {"header": "客户名称"}]})

    assert edit(new(write), column("等级", "VIP客户")).sheet["C1"].fill.fill_type is None


def test_added_headers_say_who_fills_them_when_they_are_chosen() -> None:
    edited = edit(TABLE, column("总分", 92, 75, style=CellStyle.SCORE), column("等级", "VIP客户", "重点客户"))
    (prompt,) = edited.sheet.data_validations.dataValidation
    assert (str(prompt.sqref), prompt.type, prompt.promptTitle) == ("D1:E1", None, "由程序填写")
    assert prompt.showInputMessage
    assert len(prompt.prompt or "") <= 255


def test_a_header_that_has_a_rule_of_its_own_gets_no_second_one() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    rule = DataValidation("list", formula1='"高,中,低"', sqref="D1:D40")
    workbook["表"].add_data_validation(rule)
    edited = edit(saved(workbook), column("总分", 92, 75), column("等级", "VIP客户", "重点客户"))
    assert [str(one.sqref) for one in edited.sheet.data_validations.dataValidation] == ["D1:D40", "E1"]


def test_colours_and_drop_downs_of_filled_columns_reach_rows_that_came_later() -> None:
    workbook = openpyxl.load_workbook(
        io.BytesIO(made(["客户编号", "等级", "健康度", "备注"], ["C001", "VIP客户", "红", ""]))
    )
    sheet = workbook["表"]
    colour = Rule("cellIs", operator="equal", formula=['"VIP客户"'], dxf=DifferentialStyle())
    for areas in ("B2:B2", "C2:C2", "C3:C9", "A2:D2", "D2"):
        sheet.conditional_formatting.add(areas, colour)
    sheet.add_data_validation(DataValidation("list", formula1='"VIP客户,重点客户"', sqref="B2 D2"))
    for row in (3, 4):
        sheet.cell(row, 1).value = f"C00{row}"
    edited = edit(saved(workbook), column("等级", *["重点客户"] * 3, at=2), column("健康度", *["绿"] * 3, at=3)).sheet
    assert [str(one.sqref) for one in edited.conditional_formatting] == ["B2:B4", "C2", "C3:C9", "A2:D2", "D2"]
    assert [str(one.sqref) for one in edited.data_validations.dataValidation] == ["B2:B4 D2"]


def test_the_mark_of_a_collapsed_group_stays_on_the_column_beside_it() -> None:
    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet("表")
        sheet.write_row("A1", ["客户编号", "客户名称", "内部"])
        sheet.write_row("A2", ["C001", "甲公司", "x"])
        sheet.set_column("C:C", 12, None, {"level": 1, "hidden": True})
        sheet.set_column("D:G", 9, None, {"collapsed": True})

    columns = re.findall("<col .*?/>", edit(new(write), column("总分", 92), column("等级", "VIP客户")).xml)
    assert [("collapsed" in one, "hidden" in one) for one in columns] == [
        (False, True), (True, False), (False, False), (False, False),
    ]  # fmt: skip


def test_blanks_of_an_added_column_are_styled_like_their_neighbours_too() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    workbook["表"]["C2"].fill = PatternFill("solid", fgColor="FFDDEEFF")
    edited = edit(saved(workbook), column("预警", None, "流失"))
    assert edited.sheet["D2"].value is None
    assert edited.sheet["D2"].fill.fgColor.rgb == "FFDDEEFF"
    assert [cell.row for cell in edited.receipt.written] == [1, 3]


def test_styled_blanks_do_not_count_as_used() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    sheet = workbook["表"]
    for number in range(1, 4):
        for place in range(4, 300):
            sheet.cell(number, place).fill = PatternFill("solid", fgColor="FFFFFF00")
    edited = edit(saved(workbook), column("等级", "VIP客户", "重点客户"))
    assert edited.column(4) == ["等级", "VIP客户", "重点客户"]
    assert edited.sheet["D2"].fill.fgColor.rgb == "FFFFFF00"
    assert edited.sheet["KM3"].fill.fgColor.rgb == "FFFFFF00"


def test_content_below_or_far_to_the_right_of_a_table_leaves_its_columns_beside_it() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    workbook["表"]["F40"] = "制表人"
    workbook["表"]["AZ1"] = "高"
    edited = edit(saved(workbook), column("等级", "VIP客户"))
    assert edited.receipt.written[0].column == 4
    assert edited.sheet["F40"].value == "制表人"
    assert edited.remarks == []


def test_a_stray_value_in_the_last_cell_does_not_stand_in_the_way() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    workbook["表"]["XFD1048576"] = 1
    assert edit(saved(workbook), column("等级", "VIP客户")).receipt.written[0].column == 4


def test_a_sheet_without_room_is_refused() -> None:
    full = '<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>'
    assert refused(hostile.workbook(full)) == "sheet-full"


def test_added_columns_may_have_values_for_different_rows() -> None:
    edited = edit(
        made(["编号"], *[[f"C{number}"] for number in range(1, 6)]),
        column("甲", "a", "b", "c", "d"),
        column("乙", 1, 2, first=4),
        column("丙", "e", "f", "g", "h", first=3),
        column("丁", 7, first=9),
    )
    assert by_calamine(edited.data) == [
        ["编号", "甲", "乙", "丙", "丁"],
        ["C1", "a", None, None, None],
        ["C2", "b", None, "e", None],
        ["C3", "c", 1, "f", None],
        ["C4", "d", 2, "g", None],
        ["C5", None, None, "h", None],
        [None] * 5,
        [None] * 5,
        [None, None, None, None, 7],
    ]


@pytest.mark.parametrize("header", ["等级", " 等级", "等级 \n"])
def test_a_column_is_found_by_its_header_whatever_white_space_is_around(header: str) -> None:
    edited = edit(made(["编号", header, "备注"], ["C001", "旧", "x"]), column("等级", "VIP客户"))
    assert edited.receipt.written == (WrittenCell("表", 2, 2, "等级", "旧", "VIP客户"),)


@pytest.mark.parametrize("header", ["等 级", "等级2", "[等级]", "等級"])
def test_a_header_that_only_resembles_the_label_is_another_column(header: str) -> None:
    edited = edit(made(["编号", header], ["C001", "旧"]), column("等级", "VIP客户"))
    assert edited.column(2) == [header, "旧"]
    assert edited.column(3) == ["等级", "VIP客户"]


def test_two_tables_of_one_sheet_are_edited_at_once() -> None:
    data = made(["编号", "等级"], ["C001"], [], ["单号", "客户"], ["D001", "C001"])
    edits = [
        SheetEdit("表", 1, (column("等级", "VIP客户"), column("总分", 92))),
        SheetEdit("表", 4, (column("到期日", DAY, first=5, style=CellStyle.DATE),)),
    ]
    after, _ = write_back(data, edits, file="客户.xlsx")
    assert by_calamine(after) == [
        ["编号", "等级", "总分"],
        ["C001", "VIP客户", 92],
        [None] * 3,
        ["单号", "客户", "到期日"],
        ["D001", "C001", DAY],
    ]
    assert write_back(after, edits, file="客户.xlsx")[0] is after


def test_a_card_has_no_header_row() -> None:
    edited = edit(made(["客户编号", "C001"], ["等级", ""]), column("等级", "VIP客户", at=2), header_row=0)
    assert edited.column(2) == ["C001", "VIP客户"]


# --- columns that are there -----------------------------------------------------------------------------------


def test_old_values_are_told_as_people_see_them() -> None:
    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet("表")
        day = workbook.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row(0, 0, ["值"])
        sheet.write_string(1, 0, "重点客户")
        sheet.write_number(2, 0, 0.1 + 0.2)
        sheet.write_number(3, 0, 45000, day)
        sheet.write_boolean(4, 0, True)  # noqa: FBT003 - XlsxWriter's own
        sheet.write_number(5, 0, 12.0)
        sheet.write_number(6, 0, 45000.5, day)

    edited = edit(new(write), column("值", "新", "新", "新", "新", None, "新"))
    old = ["重点客户", "0.3", "2023-03-15", "TRUE", "12", "2023-03-15 12:00:00"]
    assert [cell.old for cell in edited.receipt.written] == old
    assert [cell.new for cell in edited.receipt.written] == ["新", "新", "新", "新", "", "新"]


def test_a_cell_keeps_its_format() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    cell = workbook["表"]["C2"]
    cell.number_format, cell.font = "#,##0.00", Font(bold=True)
    edited = edit(saved(workbook), column("金额", Decimal("12.5"), at=3, style=CellStyle.SCORE)).sheet["C2"]
    assert (edited.value, edited.number_format, edited.font.b) == (12.5, "#,##0.00", True)


@pytest.mark.parametrize("number_format", ["General", "0.0", "@", "#,##0", "h:mm"])
def test_a_day_gets_a_format_that_shows_it(number_format: str) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    cell = workbook["表"]["C2"]
    cell.number_format, cell.font = number_format, Font(bold=True)
    edited = edit(saved(workbook), column("金额", DAY, at=3, style=CellStyle.DATE)).sheet["C2"]
    assert edited.number_format == "yyyy-mm-dd"
    assert edited.font.b


@pytest.mark.parametrize(
    "number_format", ["yyyy/m/d", 'yyyy"年"m"月"d"日"', "m/d/yy", "[$-804]yyyy-mm-dd;@", "mm-dd-yy"]
)
def test_a_day_keeps_the_format_of_a_cell_that_shows_days(number_format: str) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    workbook["表"]["C2"].number_format = number_format
    edited = edit(saved(workbook), column("金额", DAY, at=3, style=CellStyle.DATE)).sheet["C2"]
    assert edited.number_format == number_format


def test_the_same_number_that_does_not_show_as_a_day_is_written_as_one() -> None:
    serial = (DAY - date(1899, 12, 30)).days
    edited = edit(made(["日期"], [serial]), column("日期", DAY, style=CellStyle.DATE))
    assert len(edited.receipt.written) == 1
    assert by_calamine(edited.data) == [["日期"], [DAY]]


def test_cells_missing_in_a_column_that_is_there_look_like_the_cell_above() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "表"
    sheet.append(["编号", "总分", "备注"])
    sheet.append(["C001", 50, "x"])
    sheet.append(["C002", None, "y"])
    sheet["B2"].number_format, sheet["B2"].font = "0.00", Font(bold=True)
    edited = edit(saved(workbook), column("总分", 60, 70, style=CellStyle.SCORE)).sheet
    assert (edited["B3"].value, edited["B3"].number_format, edited["B3"].font.b) == (70, "0.00", True)
    assert edited["C3"].value == "y"


def test_a_cell_is_put_between_those_that_are_there_however_far_apart() -> None:
    cells = "".join(f'<c r="{address}"><v>{number}</v></c>' for address, number in (("B1", 2), ("H1", 8), ("K1", 11)))
    sheet = f'<sheetData><row r="1">{cells}</row></sheetData>'
    edited = edit(hostile.workbook(sheet), *(column("x", number, at=number, first=1) for number in (1, 3, 4, 9)))
    assert by_calamine(edited.data)[0] == [1, 2, 3, 4, None, None, None, 8, 9, None, 11]


def test_none_empties_a_cell_and_keeps_its_format() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    workbook["表"]["B2"].fill = PatternFill("solid", fgColor="FFDDEEFF")
    edited = edit(saved(workbook), column("客户名称", None, ""))
    assert edited.column(2) == ["客户名称", None, None]
    assert edited.sheet["B2"].fill.fgColor.rgb == "FFDDEEFF"
    assert [(cell.old, cell.new) for cell in edited.receipt.written] == [("甲公司", ""), ("乙公司", "")]


def test_rows_that_are_not_there_come_in_order() -> None:
    data = hostile.workbook(
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="5"><c r="A5"><v>5</v></c></row></sheetData>'
    )
    edited = edit(data, column("A", *range(2, 9), at=1))
    assert edited.column(1) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("sheet", ["<sheetData/>", "<sheetData></sheetData>", '<sheetData><row r="2"/></sheetData>'])
def test_an_empty_sheet_gets_its_first_cells(sheet: str) -> None:
    assert edit(hostile.workbook(sheet), column("等级", "VIP客户")).column(1) == ["等级", "VIP客户"]


# --- what is left alone -----------------------------------------------------------------------------------------


def test_formulas_are_kept() -> None:
    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet("表")
        sheet.write_row(0, 0, ["等级", "b"])
        sheet.write_formula(1, 0, '=IF(B2>1,"VIP客户","")', None, "VIP客户")
        sheet.write_row(2, 0, ["旧"])

    edited = edit(new(write), column("等级", "VIP客户", "新"))
    assert edited.left == [(2, 1, "formula-kept")]
    assert edited.column(1) == ["等级", '=IF(B2>1,"VIP客户","")', "新"]


def test_members_of_array_formulas_and_data_tables_are_kept() -> None:
    formulas = {2: '<f t="array" ref="A2:A3">B2:B3*2</f>', 4: '<f t="dataTable" ref="A4:A5" dt2D="0"/>'}
    lines = (f'<row r="{r}"><c r="A{r}">{formulas.get(r, "")}<v>{r}</v></c></row>' for r in range(2, 6))
    edited = edit(hostile.workbook(f"<sheetData>{''.join(lines)}</sheetData>"), column("A", 9, 9, 9, 9, 9, at=1))
    assert edited.left == [(2, 1, "formula-kept"), (3, 1, "array-kept"), (4, 1, "formula-kept"), (5, 1, "array-kept")]
    assert [cell.row for cell in edited.receipt.written] == [6]


def test_merged_cells_are_kept() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    workbook["表"].merge_cells("B2:B3")
    edited = edit(saved(workbook), column("客户名称", "丙", "丁", "戊"))
    assert edited.left == [(2, 2, "merged-kept"), (3, 2, "merged-kept")]
    assert edited.column(2) == ["客户名称", "甲公司", None, "戊"]


def test_new_columns_stay_clear_of_merges_in_their_rows() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(TABLE))
    workbook["表"].merge_cells("C3:F3")
    workbook["表"].merge_cells("A50:Z50")
    assert edit(saved(workbook), column("等级", "VIP客户", "重点客户")).receipt.written[0].column == 7


def test_text_too_long_for_a_cell_is_left_out_and_told() -> None:
    edited = edit(TABLE, column("得分说明", "长" * 32_768, "𠮷" * 16_384), column("客户名称", "长" * 32_768, "好"))
    assert edited.left == [(2, 2, "text-too-long"), (2, 4, "text-too-long"), (3, 4, "text-too-long")]
    assert edited.column(2) == ["客户名称", "甲公司", "好"]
    assert edit(TABLE, column("得分说明", "长" * 32_767, "𠮷" * 16_383)).left == []


# --- what is refused ---------------------------------------------------------------------------------------------


def test_a_signed_workbook_is_refused() -> None:
    signed = hostile.members(TABLE) | {"_xmlsignatures/sig1.xml": b"<x/>"}
    assert refused(hostile.package(signed)) == "workbook-signed"


def test_sheets_without_cells_and_sheets_that_are_not_there_are_refused() -> None:
    def write(workbook: NewWorkbook) -> None:
        workbook.add_worksheet("表")
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"values": "=表!$A$1:$A$2"})
        workbook.add_chartsheet("图").set_chart(chart)

    assert refused(new(write), sheet="图") == "sheet-not-worksheet"
    assert refused(new(write), sheet="客户") == "sheet-missing"


@pytest.mark.parametrize(
    ("sheet", "kind"),
    [
        ('<sheetData><row r="3"/><row r="2"/></sheetData>', "rows-out-of-order"),
        ('<sheetData><row r="2"/><row r="2"/></sheetData>', "rows-out-of-order"),
        ('<sheetData><row r="1"><c r="B1"/><c r="A1"/></row></sheetData>', "cells-out-of-order"),
        ('<sheetData><row r="1"><c r="A1"/><c r="A1"/></row></sheetData>', "cells-out-of-order"),
        ('<sheetData><row r="1"><c r="&#65;1"/></row></sheetData>', "sheet-xml-odd"),
        ("<sheetViews/>", "sheet-xml-odd"),
        (f'<sheetData><x:row xmlns:x="{hostile.MAIN}" r="1"/></sheetData>', "sheet-xml-odd"),
        ("<sheetData><row></sheetData>", "xml-damaged"),
    ],
)
def test_a_sheet_that_cannot_be_trusted_is_refused(sheet: str, kind: str) -> None:
    assert refused(hostile.workbook(sheet)) == kind


def test_a_sheet_in_another_encoding_is_refused() -> None:
    made_parts = hostile.parts()
    name = "xl/worksheets/sheet1.xml"
    made_parts[name] = ('<?xml version="1.0" encoding="UTF-16"?>' + made_parts[name].decode()).encode("utf-16")
    assert refused(hostile.package(made_parts)) == "xml-encoding"


def test_a_file_that_is_no_workbook_is_refused() -> None:
    assert refused(b"") == "workbook-empty"
    assert refused(TABLE[:-30]) == "workbook-damaged"


@pytest.mark.parametrize(
    "columns",
    [
        (column("等级", "a", at=1), column("等级", "b", at=1)),
        (ColumnEdit("等级", 1, CellStyle.TEXT, (3, 2), ("a", "b")),),
        (ColumnEdit("等级", 1, CellStyle.TEXT, (2, 2), ("a", "b")),),
        (ColumnEdit("等级", 1, CellStyle.TEXT, (2, 3), ("a",)),),
        (column("总分", Decimal("NaN"), at=1),),
    ],
)
def test_edits_that_make_no_sense_are_a_fault_of_the_program(columns: tuple[ColumnEdit, ...]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        write_back(TABLE, [SheetEdit("表", 1, columns)], file="客户.xlsx")


# --- ways of writing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "x", "ns2"])
@pytest.mark.parametrize("namespace", [hostile.MAIN, hostile.STRICT])
def test_prefixes_and_the_strict_namespace_are_kept(prefix: str, namespace: str) -> None:
    p = f"{prefix}:" if prefix else ""
    sheet = (
        f'<{p}sheetData><{p}row r="1"><{p}c r="A1" t="inlineStr"><{p}is><{p}t>编号</{p}t></{p}is></{p}c></{p}row>'
        f'<{p}row r="2"/></{p}sheetData>'
    )
    edited = edit(
        hostile.workbook(sheet, prefix=prefix, namespace=namespace),
        column("等级", "VIP客户"),
        column("总分", Decimal("92.5")),
    )
    assert by_calamine(edited.data) == [["编号", "等级", "总分"], [None, "VIP客户", 92.5]]
    assert f"<{p}cols><{p}col " in edited.xml


def test_rows_and_cells_without_addresses_are_counted() -> None:
    sheet = (
        '<sheetData><row><c t="inlineStr"><is><t>编号</t></is></c><c t="inlineStr"><is><t>等级</t></is></c></row>'
        '<row><c><v>1</v></c></row><row r="4"><c><v>4</v></c><c r="C4"><v>9</v></c></row></sheetData>'
    )
    edited = edit(hostile.workbook(sheet), column("等级", "甲", "乙", "丙"), column("总分", 1, 2, 3))
    assert by_calamine(edited.data) == [
        ["编号", "等级", None, "总分"],
        [1, "甲", None, 1],
        [None, "乙", None, 2],
        [4, "丙", 9, 3],
    ]


def test_comments_cdata_and_bare_brackets_do_not_deceive() -> None:
    sheet = (
        "<!-- <sheetData><row r='1'> --><sheetData><!-- </row></sheetData> -->"
        '<row r="1" spans="1:1"><c r="A1" t="inlineStr"><is><t><![CDATA[</c></row><b>]]></t></is></c></row>'
        '<row r="2"><?pi </row> ?><c r="A2" t="str"><f>IF(1>0,"a>b","")</f><v>a>b</v></c><!-- <c r="B2"/> --></row>'
        "</sheetData><!-- </sheetData> -->"
    )
    edited = edit(hostile.workbook(sheet), column("等级", "VIP客户"))
    assert edited.sheet["A1"].value == "</c></row><b>"
    assert edited.column(2) == ["等级", "VIP客户"]
    assert 'spans="1:2"' in edited.xml
    assert edited.xml.count("<!--") == 4


def test_other_quotes_spaces_and_orders_of_attributes_are_read() -> None:
    head = (
        "<dimension ref='A1:B2' /><sheetData ><row  spans='1:2' r = '1' >"
        "<c t='inlineStr' s='0' r='A1' ><is><t>编号</t></is></c >"
        "<c t = 'inlineStr' r='B1'><is><t>等级</t></is></c></row >"
    )
    body = "<row r='2' ><c s='0' r='B2' ><v >5</v ></c ></row></sheetData >"
    edited = edit(hostile.workbook(head + body), column("等级", "VIP客户"), column("总分", 1))
    assert by_calamine(edited.data) == [["编号", "等级", "总分"], [None, "VIP客户", 1]]
    assert edited.receipt.written[-2].old == "5"


def test_a_byte_order_mark_does_not_shift_anything() -> None:
    made_parts = {n: b"\xef\xbb\xbf" + c for n, c in hostile.parts(hostile.rows(["编号"], ["C001"])).items()}
    assert edit(hostile.package(made_parts), column("等级", "VIP客户")).column(2) == ["等级", "VIP客户"]


@pytest.mark.parametrize(("date1904", "serial"), [("0", 46326), ("1", 44864)])
def test_days_follow_the_date_system(date1904: str, serial: int) -> None:
    edited = edit(new(lambda w: w.add_worksheet("表"), date_1904=date1904 == "1"), column("日期", DAY))
    assert f"<v>{serial}</v>" in edited.xml
    assert by_calamine(edited.data)[1] == [DAY]


def test_without_styles_days_are_text() -> None:
    coloured = column("等级", "a", colours={"a": "FF0000"})
    edited = edit(hostile.workbook(hostile.rows(["编号"])), column("日期", DAY), coloured)
    assert edited.column(2) == ["日期", "2026-10-31"]
    assert edited.receipt.notes == ("colours-not-set",)


@pytest.mark.parametrize("day", [date(1899, 12, 31), date(1600, 1, 1)])
def test_days_before_excels_first_are_text(day: date) -> None:
    assert edit(TABLE, column("日期", day)).column(4)[1] == day.isoformat()


@pytest.mark.parametrize(("day", "serial"), [(date(1900, 1, 1), 1), (date(1900, 2, 28), 59), (date(1900, 3, 1), 61)])
def test_the_day_excel_made_up_is_counted(day: date, serial: int) -> None:
    assert f"<v>{serial}</v>" in edit(TABLE, column("日期", day)).xml


def test_text_is_appended_to_the_shared_strings_and_both_counts_are_kept() -> None:
    edited = edit(TABLE, column("等级", "VIP客户", "甲公司"), column("客户名称", "VIP客户", "乙公司"))
    strings = part(edited.data, "sharedStrings.xml")
    assert strings.startswith(part(TABLE, "sharedStrings.xml").partition("<si>")[0][:60])
    assert 'count="10"' in strings
    assert 'uniqueCount="9"' in strings
    assert strings.count("<t>VIP客户</t>") == 1
    assert strings.count("<t>甲公司</t>") == 1


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("items", ["", "{0}si><{0}t>甲</{0}t></{0}si>", "{0}si/>"])
def test_text_is_appended_before_the_extensions_of_the_shared_strings(prefix: str, items: str) -> None:
    declared = f'xmlns{":x" if prefix else ""}="{hostile.MAIN}"'
    extensions = f"<{prefix}extLst><{prefix}ext uri='a'/></{prefix}extLst>"
    inside = (f"<{items}" if items else "").format(prefix)
    strings = f"<{prefix}sst {declared}><!-- <si> -->{inside}{extensions}</{prefix}sst>"
    edited = edit(hostile.workbook(strings=strings), column("等级", "VIP客户"))
    assert edited.column(1) == ["等级", "VIP客户"]
    text = part(edited.data, "sharedStrings.xml")
    assert text.index("VIP客户") < text.index(extensions)
    assert text.endswith(f"{extensions}</{prefix}sst>")


@pytest.mark.parametrize(
    ("named", "base", "style"),
    [("", 0, []), ("", 1, []), ('<cellStyleXfs count="1"><xf/></cellStyleXfs>', 0, ["0"]),
     ('<cellStyleXfs count="1"><xf/></cellStyleXfs>', 1, [])],
)  # fmt: skip
def test_a_copy_of_a_format_points_to_no_named_style_that_is_not_there(named: str, base: int, style: list[str]) -> None:
    styles = f'<styleSheet xmlns="{hostile.MAIN}">{named}<cellXfs count="2"><xf xfId="0"/><xf xfId="3"/></cellXfs>'
    header = '<row r="1"><c r="A1" t="str"><v>编号</v></c></row>'
    data = hostile.workbook(
        f'<sheetData>{header}<row r="2"><c r="A2" s="{base}"/></row></sheetData>', styles=f"{styles}</styleSheet>"
    )
    edited = edit(data, column("总分", 3, style=CellStyle.SCORE))
    copied = re.findall("<xf [^>]*>", part(edited.data, "styles.xml").partition('<xf xfId="3"/>')[2])
    assert re.findall('xfId="([0-9]+)"', next(one for one in copied if "applyNumberFormat" in one)) == style


def test_rich_and_phonetic_strings_are_kept_and_read() -> None:
    strings = (
        f'<sst xmlns="{hostile.MAIN}" count="3" uniqueCount="2">'
        "<si><r><t>等</t></r><r><rPr><b/></rPr><t>级</t></r></si>"
        '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si></sst>'
    )
    cells = ('<c r="A1" t="s"><v>0</v></c>', '<c r="A2" t="s"><v>1</v></c>')
    sheet = f'<sheetData><row r="1">{cells[0]}</row><row r="2">{cells[1]}</row></sheetData>'
    edited = edit(hostile.workbook(sheet, strings=strings), column("等级", "VIP客户"))
    assert edited.receipt.written == (WrittenCell("表", 2, 1, "等级", "東京", "VIP客户"),)
    assert strings.partition("<si>")[2].removesuffix("</sst>") in part(edited.data, "sharedStrings.xml")


@pytest.mark.parametrize(
    "strings", [f'<sst xmlns="{hostile.MAIN}"/>', f'<x:sst xmlns:x="{hostile.MAIN}" count="0"></x:sst>']
)
def test_an_empty_strings_part_is_opened(strings: str) -> None:
    edited = edit(hostile.workbook(strings=strings), column("等级", "VIP客户"))
    assert edited.column(1) == ["等级", "VIP客户"]
