"""Added columns that are folded, so that a sheet prints as it did (practice §9)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from xlsxwriter.workbook import Workbook as NewWorkbook

from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.model import CellStyle, ColumnEdit, SheetEdit, WrittenValue
from sheetcrm.ooxml.addresses import column_number
from tests.editing import Edited, column, edit, new

FOLDED_TO_FIT = "columns-folded-to-fit"
WIDE = "字" * 30


def sheet_of(arrange: Callable[[Any], object]) -> bytes:
    """Make a sheet of seven columns, 96 characters together, and arrange its page."""

    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet("表")
        sheet.write_row("A1", ["客户编号", "客户名称", "最近消费时间", "消费频次", "消费金额", "行业潜力", "忠诚度"])
        sheet.write_row("A2", ["C001", "甲公司", "30天", "12次/年", 800000, "高", "85%"])
        sheet.set_column("A:G", 13)
        arrange(sheet)

    return new(write)


def fitted(sheet: Any) -> Any:  # noqa: ANN401  (XlsxWriter's sheet)
    """Fit a sheet to the width of a page, A4 landscape."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet


def added(data: bytes, *, folded: tuple[str, ...] = ("得分说明",)) -> Edited:
    columns = (
        column("总分", 92, style=CellStyle.SCORE),
        column("等级", "VIP客户"),
        column("客户标签", WIDE),
        column("得分说明", WIDE),
    )
    return edit(data, *(replace(one, folded=one.label in folded) for one in columns))


def looks(edited: Edited) -> dict[str, set[str]]:
    """Return what is special of each column that has an element of its own."""
    found: dict[str, set[str]] = {}
    for tag in re.findall("<col .*?/>", edited.xml):
        first, last = (int(re.findall(f'{name}="([0-9]+)"', tag)[0]) for name in ("min", "max"))
        for number in range(first, min(last, 30) + 1):
            found["ABCDEFGHIJKLMNOPQRSTUVWXYZ????"[number - 1]] = set(re.findall("hidden|collapsed|outlineLevel", tag))
    return found


def hidden(edited: Edited) -> list[str]:
    return [name for name, special in looks(edited).items() if "hidden" in special]


def test_columns_of_a_lower_rank_are_in_a_collapsed_group_with_its_mark_beside_it() -> None:
    edited = added(sheet_of(lambda _sheet: None))
    found = looks(edited)
    assert found["K"] == {"hidden", "outlineLevel"}
    assert found["L"] == {"collapsed"}
    assert hidden(edited) == ["K"]
    assert 'outlineLevelCol="1"' in edited.xml
    assert FOLDED_TO_FIT not in edited.receipt.notes


def test_a_sheet_fitted_to_a_width_keeps_visible_what_fits_beside_it_and_says_so() -> None:
    edited = added(sheet_of(fitted))
    assert hidden(edited) == ["I", "J", "K"]
    assert looks(edited)["L"] == {"collapsed"}
    assert FOLDED_TO_FIT in edited.receipt.notes
    assert "Print_Area" not in str(edited.sheet.print_area)
    assert not edited.sheet.print_area


def test_what_people_look_for_first_is_visible_even_where_it_makes_the_sheet_shrink() -> None:
    wide = sheet_of(lambda sheet: (fitted(sheet), sheet.set_column("A:G", 20)))
    edited = edit(
        wide,
        column("总分", 92, style=CellStyle.SCORE),
        replace(column("等级", "VIP客户"), shown=True),
        column("客户标签", WIDE),
    )
    assert hidden(edited) == ["H", "J"]
    assert FOLDED_TO_FIT in edited.receipt.notes


def test_what_people_look_for_first_takes_the_room_that_is_left_before_all_else() -> None:
    room_for_one = sheet_of(lambda sheet: (fitted(sheet), sheet.set_column("A:G", 13)))
    total, grade = column("总分", 92, style=CellStyle.SCORE), column("等级", "VIP客户")
    assert hidden(edit(room_for_one, total, grade)) == ["I"]
    assert hidden(edit(room_for_one, total, replace(grade, shown=True))) == ["H"]


def test_a_sheet_that_is_shrunk_already_shrinks_no_further() -> None:
    edited = added(sheet_of(lambda sheet: (fitted(sheet), sheet.set_column("A:G", 20))))
    assert hidden(edited) == ["H", "I", "J", "K"]


@pytest.mark.parametrize(
    "arrange",
    [
        lambda sheet: (fitted(sheet), sheet.print_area("A1:G2")),
        lambda sheet: (fitted(sheet), sheet.fit_to_pages(0, 1)),
        lambda sheet: (fitted(sheet), sheet.fit_to_pages(4, 0)),
        lambda sheet: (fitted(sheet), sheet.set_paper(8), sheet.set_column("A:G", 2)),
        lambda sheet: (fitted(sheet), sheet.set_column("A:G", 13, None, {"hidden": True})),
    ],
    ids=["print area", "fitted to a height", "four pages", "A3", "hidden columns"],
)
def test_where_nothing_would_shrink_only_the_lower_rank_is_folded(arrange: Callable[[Any], object]) -> None:
    edited = added(sheet_of(arrange))
    assert [name for name in hidden(edited) if column_number(name) > 7] == ["K"]
    assert FOLDED_TO_FIT not in edited.receipt.notes


@pytest.mark.parametrize(
    "arrange",
    [
        lambda sheet: (fitted(sheet), sheet.protect()),
        lambda sheet: sheet.set_column("L:L", 9, None, {"level": 1}),
    ],
    ids=["protected", "a group right of them"],
)
def test_nothing_is_folded_where_nobody_could_unfold_it_by_itself(arrange: Callable[[Any], object]) -> None:
    assert hidden(added(sheet_of(arrange))) == []


def test_a_group_of_their_own_beside_stays_apart() -> None:
    edited = added(
        sheet_of(
            lambda sheet: (fitted(sheet), sheet.set_column("A:G", 20), sheet.set_column("G:G", 20, None, {"level": 1}))
        )
    )
    assert hidden(edited) == ["I", "J", "K"]


def test_marks_left_of_groups_are_nothing_of_ours() -> None:
    edited = added(sheet_of(lambda sheet: sheet.outline_settings(True, True, False, False)))  # noqa: FBT003
    assert hidden(edited) == ["K"]
    assert not any("collapsed" in special for special in looks(edited).values())


def results(value: WrittenValue = 92, *, first: int = 2) -> tuple[ColumnEdit, ...]:
    """Plan results, of which the last two are of a lower rank, and so folded."""
    columns = (
        column("总分", value, first=first, style=CellStyle.SCORE),
        column("评估期间", "2026-10", first=first),
        column("得分说明", WIDE, first=first),
    )
    return tuple(replace(one, folded=one.label != "总分") for one in columns)


@pytest.mark.parametrize("row", [4, 40])
def test_a_column_in_which_something_of_theirs_stands_is_never_folded(row: int) -> None:
    edited = edit(sheet_of(lambda sheet: sheet.write(row, 8, "说明：请勿改动")), *results())
    assert edited.sheet["I1"].value == "评估期间"
    assert hidden(edited) == ["J"]


def test_what_stands_above_a_list_is_never_folded_either() -> None:
    def write(workbook: NewWorkbook) -> None:
        sheet = workbook.add_worksheet("表")
        sheet.write("J1", "编制：王某")
        sheet.write_row("A3", ["客户编号", "客户名称", "最近消费时间", "消费频次", "消费金额", "行业潜力", "忠诚度"])
        sheet.write_row("A4", ["C001", "甲公司", "30天", "12次/年", 800000, "高", "85%"])

    edited = edit(new(write), *results(first=4), header_row=3)
    assert edited.sheet["J3"].value == "得分说明"
    assert hidden(edited) == ["I"]


def two_tables(sheet: Any) -> None:  # noqa: ANN401  (XlsxWriter's sheet)
    """Put a second table below the first."""
    sheet.write_row("A10", ["客户编号", "客户名称", "跟进日期", "跟进方式", "跟进人", "跟进内容", "下一步计划"])
    sheet.write_row("A11", ["C001", "甲公司", "2026-10-05", "电话", "王某", "已沟通", "10月20日前报价"])


def test_a_column_of_two_tables_one_under_another_is_folded_only_where_both_fold_it() -> None:
    data = sheet_of(two_tables)
    edits = [
        SheetEdit("表", 1, results(), 1, 7),
        SheetEdit("表", 10, (column("到期日", "x", first=11), column("是否逾期", "否", first=11)), 1, 7),
    ]
    after, receipt = write_back(data, edits, file="客户.xlsx")
    edited = Edited(after, receipt)
    assert [edited.sheet[place].value for place in ("I1", "J1", "H10", "I10")] == [
        "评估期间",
        "得分说明",
        "到期日",
        "是否逾期",
    ]
    assert hidden(edited) == ["J"]
    assert write_back(after, edits, file="客户.xlsx")[0] is after


def test_a_table_put_below_later_gets_its_columns_where_they_are_seen() -> None:
    data, first = sheet_of(two_tables), SheetEdit("表", 1, results(), 1, 7)
    before, _ = write_back(data, [first], file="客户.xlsx")
    second = SheetEdit("表", 10, (column("到期日", "x", first=11), column("是否逾期", "否", first=11)), 1, 7)
    edited = Edited(*write_back(before, [first, second], file="客户.xlsx"))
    labels = {cell.value: cell.column_letter for cell in edited.sheet[10] if cell.value}
    assert {labels["到期日"], labels["是否逾期"]}.isdisjoint(hidden(edited))
    assert hidden(edited) == ["I", "J"]


def test_a_collapsed_group_of_ours_is_filled_again_and_no_hidden_column_of_theirs() -> None:
    data = sheet_of(lambda _sheet: None)
    first = edit(data, *results())
    assert hidden(first) == ["I", "J"]
    again = edit(first.data, *results(93))
    assert [cell.value for cell in again.sheet[1]][7:] == ["总分", "评估期间", "得分说明"]
    assert again.remarks == []
    later = edit(first.data, *results(), column("资料日期", "2026-09-30"))
    assert [cell.value for cell in later.sheet[1]][7:11] == ["总分", "评估期间", "得分说明", "资料日期"]
    assert hidden(later) == ["I", "J"]


def test_a_later_month_fills_collapsed_columns_by_their_number_too() -> None:
    first = edit(sheet_of(lambda _sheet: None), *results())
    numbered = tuple(replace(one, column=at) for at, one in enumerate(results(93), 8))
    again = edit(first.data, *numbered)
    assert again.sheet["H2"].value == 93
    assert hidden(again) == ["I", "J"]
