"""Workbooks to tables: headers anywhere, cards, marks, what is left out, what is refused (practice §1)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake.find.labels import label_rows
from sheetcrm.intake.open.grid import Grid
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import FORMULA, Severity, Table
from sheetcrm.schema import SHEETS
from tests.workbooks import (
    FILE,
    PROFILE_HEADER,
    PROFILE_ROW,
    SCORING,
    Cells,
    checked,
    put,
    table_of,
    tables_of,
    told,
    workbook,
)

CARD: Cells = (
    ("客户档案卡", None, None),
    ("字段名称", "填写说明", "值"),
    ("客户编号", "唯一", "C009"),
    ("客户名称", None, "丙公司"),
    ("累计交易金额(万元)", None, 12),
    ("客户等级", None, "重点客户"),
    ("我们自己的字段", None, "随便"),
    (None, None, None),
    ("客户跟进记录表", None, None),
    ("日期", "跟进方式", "跟进内容摘要", "下一步计划"),
    ("2024-05-05", "电话", "沟通报价", "3日内提供报价单"),
)


def names(table: Table) -> list[str | None]:
    return [column.name for column in table.columns]


def held(table: Table, name: str) -> list[object]:
    at = names(table).index(name)
    return [row[at] for row in table.values]


@pytest.mark.parametrize(
    "respell",
    [
        pytest.param(lambda text: text, id="simplified"),
        pytest.param(
            lambda text: text.translate(
                str.maketrans("编号称费时间额业潜诚购总级评权", "編號稱費時間額業潛誠購總級評權")
            ),
            id="traditional",
        ),
        pytest.param(lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}), id="full-width"),
        pytest.param(lambda text: f" {text[:2]}\n{text[2:]}　", id="spaced"),
    ],
)
def test_the_scoring_sheet_is_found_however_its_header_is_spelt(respell: Callable[[str], str]) -> None:
    table = table_of([[respell(label) for label in SCORING[0]], *SCORING[1:]])
    assert table.kind == "scoring"
    assert table.rows == (2, 3, 4)
    assert names(table)[:7] == [
        "customer_id", "name", "recency", "frequency_12m", "spend_12m", "growth_level", "repurchase_rate",
    ]  # fmt: skip
    assert [column.weight for column in table.columns[2:7]] == [20, 15, 35, 15, 15]
    assert held(table, "spend_12m") == ["80万元", "30万元", "8万元"]


def test_a_header_says_its_unit_and_a_note_above_says_it_for_amounts_without_one() -> None:
    table = table_of(
        [
            ("打分表", None, "单位：万元"),
            ("客户编号", "消费金额", "客单价(元)", "总分", "等级"),
            ("C1", 80, 5, None, None),
        ]
    )
    assert [(column.name, column.unit) for column in table.columns[:3]] == [
        ("customer_id", None), ("spend_12m", "万元"), ("average_order", "元"),
    ]  # fmt: skip


def test_a_table_may_start_anywhere_below_titles_and_keeps_its_row_numbers() -> None:
    rows = [("2026年10月打分表",), ("填表：张*  内部资料",), *SCORING[:2], (), SCORING[2]]
    (table,) = tables_of(workbook({"表": rows}, row=5, column=3))
    assert (table.header_row, table.rows) == (7, (8, 10))
    assert table.columns[0].index == 3
    assert str(table.ref(8, "name")) == f"{FILE}!表!D8"


def test_columns_may_stand_in_any_order_and_unknown_ones_are_kept() -> None:
    table = table_of([[*reversed(SCORING[0]), "我的列"], [*reversed(SCORING[1]), "随便"]])
    assert names(table) == [
        "assessed_on", "assessor", "grade", "total", "repurchase_rate", "growth_level", "spend_12m",
        "frequency_12m", "recency", "name", "customer_id", None,
    ]  # fmt: skip
    assert table.columns[-1].label == "我的列"


def test_stacked_tables_end_above_the_title_of_the_next() -> None:
    rows = [
        ("客户编号", "日期", "金额"),
        ("C1", "2026-01-01", 5),
        ("C2", "2026-01-02", 6),
        (),
        ("客户跟进记录表",),
        ("客户编号", "日期", "跟进方式", "跟进内容摘要"),
        ("C1", "2026-01-03", "电话", "问候"),
    ]
    orders, talks = tables_of(workbook({"表": rows}))
    assert (orders.kind, orders.rows) == ("order", (2, 3))
    assert (talks.kind, talks.rows) == ("follow_up", (7,))


def test_a_row_of_one_cell_right_above_the_next_header_is_not_lost() -> None:
    rows = [
        ("客户编号", "日期", "金额"),
        ("C1", "2026-01-01", 5),
        ("C2",),
        ("客户编号", "日期", "跟进方式", "跟进内容摘要"),
        ("C1", "2026-01-03", "电话", "问候"),
    ]
    orders, _ = tables_of(workbook({"表": rows}))
    assert orders.rows == (2, 3)


def test_side_by_side_tables_are_read_apart() -> None:
    rows = [
        ("客户编号", "日期", "金额", None, "日期", "休/班"),
        ("C1", "2026-01-01", 5, None, "2026-10-01", "休"),
        (None, None, None, None, "2026-10-02", "休"),
        ("C2", "2026-01-02", 6),
    ]
    orders, days = tables_of(workbook({"表": rows}))
    assert (orders.kind, orders.rows) == ("order", (2, 4))
    assert (days.kind, days.rows, days.columns[0].index) == ("holiday", (2, 3), 5)


def test_a_header_of_two_rows_with_merged_groups_is_one_header() -> None:
    def merge(made: Workbook) -> None:
        for area in ("A2:A3", "B2:B3", "C2:E2", "F2:G2", "A1:G1"):
            made.worksheets[0].merge_cells(area)

    rows = [
        ("客户分级评估打分表",),
        ("客户编号", "客户名称", "评分指标", None, None, "结果"),
        (None, None, "最近消费时间", "消费频次", "消费金额(万元)", "总分", "等级"),
        ("C1", "甲", "30天", 12, 80, 92, "VIP客户"),
    ]
    (table,) = tables_of(workbook({"表": rows}, then=merge))
    assert names(table) == ["customer_id", "name", "recency", "frequency_12m", "spend_12m", "total", "grade"]
    assert (table.header_row, table.rows, table.columns[4].unit) == (3, (4,), "万元")


def test_a_merged_key_holds_for_each_of_its_rows() -> None:
    rows = [("客户编号", "日期", "金额"), ("C1", "2026-01-01", 5), (None, "2026-01-02", 6)]
    (table,) = tables_of(workbook({"表": rows}, then=lambda made: made.worksheets[0].merge_cells("A2:A3")))
    assert held(table, "customer_id") == ["C1", "C1"]


def test_examples_totals_and_notes_are_left_out() -> None:
    rows = [
        ("客户编号", "日期", "金额"),
        ("示例", "2026-01-01", 5),
        ("C1", "2026-01-01", 5),
        ("合 计", None, 5),
        ("總計：", None, 5),
        ("注：退款填负数",),
    ]
    assert table_of(rows).rows == (3,)


def test_a_total_of_a_group_is_left_out_where_only_numbers_stand_beside_it() -> None:
    blank = [None] * (len(PROFILE_HEADER) - 2)
    rows = [
        ("序号", *PROFILE_HEADER),
        (1, *PROFILE_ROW),
        (None, None, "华东一部小计", *blank[:-1], 28),
        (None, None, "张小计", *blank[:-1], "新客户"),
        (2, "C3", "上海总计", *blank[:-1], 28),
    ]
    assert table_of(rows).rows == (2, 4, 5)


def test_a_customer_whose_name_speaks_of_totals_is_not_left_out() -> None:
    rows = [PROFILE_HEADER, ("C1", "合计会计师事务所", *PROFILE_ROW[2:]), ("C2", "注：册会计", *PROFILE_ROW[2:])]
    assert table_of(rows).rows == (2, 3)


def test_a_card_is_one_row_whose_columns_have_rows_and_its_contacts_are_its_own() -> None:
    card, talks = tables_of(workbook({"丙": CARD}))
    assert (card.kind, card.rows, card.header_row) == ("profile", (3,), 0)
    assert str(card.ref(3, "spend_total")) == f"{FILE}!丙!C5"
    assert card.columns[2].unit == "万元"
    assert held(card, "tier") == ["重点客户"]
    assert [column.label for column in card.columns if column.name is None] == ["我们自己的字段", "客户跟进记录表"]
    assert (talks.kind, talks.rows) == ("follow_up", (11,))
    assert talks.card is card


def test_contacts_without_a_key_or_a_card_are_told_and_not_read() -> None:
    problems = checked({"跟进": CARD[9:]})
    assert told(problems) == [("column-missing", "1:1")]
    assert problems[0].severity is Severity.ERROR
    assert "“客户编号”" in problems[0].what


def test_two_columns_of_one_name_stop_the_table() -> None:
    rows = [("客户编号", "客户名称", "客户编号", *SCORING[0][2:]), ("C1", "甲", "C2", *SCORING[1][2:])]
    tables, problems = read_workbook(workbook({"表": rows}), file=FILE)
    assert tables == ()
    assert told(problems) == [("header-twice", "C1")]
    assert problems[0].severity is Severity.ERROR
    assert "A1、C1" in problems[0].what


def test_two_units_of_one_column_stop_the_table_too() -> None:
    rows = [("客户编号", "消费金额(元)", "消费金额(万元)", "等级"), ("C1", 1, 2, "VIP客户")]
    assert told(read_workbook(workbook({"表": rows}), file=FILE)[1]) == [("header-twice", "C1")]


LABELS = [entry.label for sheet in SHEETS for entry in sheet.fields]


@pytest.mark.parametrize("written", ["{}", "*{}", "★ {}", " {}", "{}：", "(必填){}", "〔必填〕{}", "{}(必填)"])
def test_every_label_is_seen_however_it_is_decorated(written: str) -> None:
    for text in map(written.format, LABELS):
        assert label_rows(Grid(FILE, "表", 1, 1, [[text]], ())) == {1: 1}, text


def test_a_label_with_a_stray_bracket_or_a_sign_for_several_characters_is_seen() -> None:
    for text in ("客)户名称", "编)号", "客】户编号", "近⑫个月消费"):
        assert label_rows(Grid(FILE, "表", 1, 1, [[text]], ())) == {1: 1}, text


def test_a_label_beats_an_alias_of_the_same_field() -> None:
    table = table_of([("编号", "客户编号", "日期", "金额"), (1, "C1", "2026-01-01", 5)])
    assert names(table) == [None, "customer_id", "date", "amount"]


def test_a_workbook_without_a_known_sheet_is_told_what_would_be_read() -> None:
    tables, problems = read_workbook(workbook({"表": [("品名", "单价"), ("螺丝", 1)]}), file=FILE)
    assert (tables, told(problems)) == ((), [("sheet-unread", "A1"), ("no-known-sheet", FILE)])
    assert "客户信息基础表（客户名称" in problems[1].fix


def test_a_sheet_that_lacks_a_column_it_cannot_do_without_is_told_so() -> None:
    rows = [("客户编号", "客户名称", "金额", "订单号"), ("C1", "甲", 5, "1")]
    _, problems = read_workbook(workbook({"表": rows}), file=FILE)
    assert told(problems) == [("header-incomplete", "A1")]
    assert "交易明细" in problems[0].what
    assert "“日期”" in problems[0].what


def test_a_board_of_other_figures_is_passed_over() -> None:
    rows = [("等级", "客户数", "消费金额合计"), ("VIP客户", 3, 100)]
    tables, problems = read_workbook(workbook({"看板": rows, "表": SCORING}), file=FILE)
    assert ([table.kind for table in tables], told(problems)) == (["scoring"], [("sheet-unread", "A1")])


def test_hidden_sheets_are_read_and_told() -> None:
    def hide(made: Workbook) -> None:
        made["打分表"].sheet_state = "veryHidden"

    tables, problems = read_workbook(workbook({"空": [], "打分表": SCORING}, then=hide), file=FILE)
    assert [table.sheet for table in tables] == ["打分表"]
    assert told(problems) == [("sheet-hidden", "打分表")]
    assert problems[0].severity is Severity.NOTE


def test_formulas_never_computed_and_errors_are_marked_not_blank() -> None:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    sheet = made.add_worksheet("表")
    for at, row in enumerate(SCORING):
        sheet.write_row(at, 0, row)
    sheet.write_formula("E2", '=""', None, "空")
    sheet.write_formula("E3", "=NA()", None, "#N/A")
    sheet.write_formula("E4", "=4+4", None, 8)
    made.close()
    (table,) = tables_of(_changed(target.getvalue(), lambda part: part.replace("<v>空</v>".encode(), b"<v></v>")))
    assert table.marks == {(3, 5): "#N/A"}
    assert held(table, "spend_12m") == [None, None, 8]

    (table,) = tables_of(
        workbook({"表": SCORING}, then=lambda made: put(made.worksheets[0], [("=1+1",)], row=2, column=5))
    )
    assert table.marks == {(2, 5): FORMULA}


def test_a_sheet_whose_keys_are_all_uncomputed_is_not_taken_for_empty() -> None:
    rows = [("客户编号", "日期", "金额"), ("=B9", "=B9", "=B9"), ("=B9", "=B9", "=B9")]
    assert table_of(rows).rows == (2, 3)


def test_cells_that_do_not_say_where_they_are_are_counted() -> None:
    data = workbook({"表": SCORING}, then=lambda made: put(made.worksheets[0], [("=1+1",)], row=3, column=5))
    (table,) = tables_of(_without_references(data))
    assert table.marks == {(3, 5): FORMULA}


def test_whether_a_rate_is_formatted_as_a_percentage_is_known_where_it_matters() -> None:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    sheet, percent = made.add_worksheet("表"), made.add_format({"num_format": '0.0"满"%'})
    for at, row in enumerate(SCORING):
        sheet.write_row(at, 0, row)
    sheet.write("G2", 1, percent)
    sheet.write("G3", 1)
    made.close()
    (table,) = tables_of(target.getvalue())
    assert table.percents == {(2, 7)}


def test_days_are_the_same_in_both_date_systems() -> None:
    def count_from_1904(made: Workbook) -> None:
        made.epoch = CALENDAR_MAC_1904

    rows = [("客户编号", "日期", "金额"), ("C1", date(2026, 1, 5), 5)]
    (ours,) = tables_of(workbook({"表": rows}))
    (theirs,) = tables_of(workbook({"表": rows}, then=count_from_1904))
    assert [ours.date1904, theirs.date1904] == [False, True]
    assert [_day(held(table, "date")[0]) for table in (ours, theirs)] == [date(2026, 1, 5)] * 2


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "workbook-empty"),
        ("客户编号,客户名称\nC1,甲\n".encode(), "workbook-not-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "workbook-xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "workbook-encrypted"),
    ],
)
def test_what_is_no_workbook_is_refused_by_its_name(data: bytes, kind: str) -> None:
    with pytest.raises(UnreadableWorkbookError) as refusal:
        read_workbook(data, file=FILE)
    assert refusal.value.kind == kind


def test_a_damaged_sheet_is_refused() -> None:
    data = _changed(workbook({"表": SCORING}), lambda part: part[: len(part) // 2])
    with pytest.raises(UnreadableWorkbookError, match="表"):
        read_workbook(data, file=FILE)


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def _changed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the first sheet's part of a workbook."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(name, change(part) if name.endswith("sheet1.xml") else part)
    return target.getvalue()


def _without_references(data: bytes) -> bytes:
    return _changed(data, lambda part: re.sub(rb'(<(?:c|row)) r="\w+"', rb"\1", part))


@pytest.mark.parametrize("far", ["XFD1048576", "XFD1", "H1048576"])
def test_a_value_far_from_everything_else_is_left_out_and_told(far: str) -> None:
    def strew(made: Workbook) -> None:
        made["表"][far] = 1

    tables, problems = read_workbook(workbook({"表": SCORING}, then=strew), file=FILE)
    assert [table.rows for table in tables] == [(2, 3, 4)]
    assert told(problems) == [("cells-far-away", far)]


@pytest.mark.parametrize("far", ["D1048576", "D60000"])
def test_a_value_far_below_a_narrow_list_is_left_out_too_as_it_is_beside_results(far: str) -> None:
    def strew(made: Workbook) -> None:
        made["表"][far] = 1

    narrow = [row[:7] for row in SCORING]
    tables, problems = read_workbook(workbook({"表": narrow}, then=strew), file=FILE)
    assert [table.rows for table in tables] == [(2, 3, 4)]
    assert told(problems) == [("cells-far-away", far)]


def test_cells_styled_to_the_last_column_are_no_content() -> None:
    def style(made: Workbook) -> None:
        for row in range(1, 4):
            made["表"][f"XFD{row}"].font = Font(bold=True)

    (table,) = tables_of(workbook({"表": SCORING}, then=style))
    assert table.rows == (2, 3, 4)


def test_content_scattered_over_a_sheet_is_refused_by_name() -> None:
    def strew(made: Workbook) -> None:
        for step in range(1, 130):
            made["表"].cell(step * 8_000, step * 7).value = 1

    with pytest.raises(UnreadableWorkbookError) as refusal:
        read_workbook(workbook({"表": SCORING}, then=strew), file=FILE)
    assert refusal.value.kind == "sheet-too-sparse"


def test_a_merge_over_the_whole_sheet_costs_nothing() -> None:
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="M1:XFD1048576"/></mergeCells>'
    data = _changed(workbook({"表": SCORING}), lambda part: part.replace(b"</sheetData>", merge))
    assert tables_of(data)[0].rows == (2, 3, 4)


def test_notes_and_signatures_below_a_table_are_left_out() -> None:
    rows = [
        ("客户编号", "日期", "金额"),
        ("C1", "2026-01-01", 5),
        ("制表：张*", "审核：李*"),
        ("示例公司", "2026-01-01", 5),
        (1001, "示例", 5),
        ("(示例)C9", "2026-01-01", 5),
    ]
    assert table_of(rows).rows == (2, 4, 5)


def test_an_empty_card_has_no_customer() -> None:
    card = [("字段名称", "值"), ("客户编号", None), ("客户名称", None), ("核心需求", None)]
    assert table_of(card).rows == ()
    assert table_of([*card[:1], ("客户编号", "示例"), *card[2:]]).rows == ()
