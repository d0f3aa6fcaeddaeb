"""Which columns beside a list are its own: counts and legends under the same header row are not (practice §1.7)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table as Excel
from openpyxl.worksheet.worksheet import Worksheet

from sheetcrm.intake.book import join
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import Problem, Table, column_letters
from tests.test_pipeline import save
from tests.test_taking_over import Call
from tests.workbooks import FILE, SCORING, SCORING_HEADER, Cells, put, records_of, workbook

LIST: Cells = [SCORING_HEADER[:7], *((f"C202400{n}", f"第{n}公司", *SCORING[1][2:7]) for n in range(1, 6))]
TIERS = ("VIP客户", "重点客户", "普通客户", "观察客户")
RESULTS = ("总分", "等级", "评估日期")
COUNT: Cells = [("等级", "个数"), *((tier, n) for n, tier in enumerate(TIERS, 1))]
BLOCKS: dict[str, Cells] = {
    "a count by tier": COUNT,
    "a count by tier of the base sheet's name": [("客户等级", "户数"), *COUNT[1:]],
    "a count with its total, longer than the list": [*COUNT, ("待评", 0), ("合计", 10)],
    "a count as long as the list": [*COUNT, ("合计", 10)],
    "a count of one tier": [("等级", "个数"), ("VIP客户", 3)],
    "a count without figures yet": [("等级", "个数"), *((tier, None) for tier in TIERS)],
    "a legend of points": [("等级", "总分"), *((tier, n) for n, tier in enumerate(TIERS, 1))],
    "a legend of points and words": [("等级", "总分", "说明"), *((tier, "≥85", "季度复评") for tier in TIERS)],
    "a count by tier and department": [("部门", "等级", "户数"), ("一部", TIERS[0], 1), ("二部", TIERS[0], 2)],
    "a count by industry": [("行业潜力", "占比"), ("高", 0.5), ("中", 0.4), ("低", 0.1)],
}


def read(*blocks: tuple[int, Cells], rows: Cells = LIST) -> tuple[Table, tuple[Problem, ...]]:
    """Read a sheet of a list, with blocks from the first row on at columns."""

    def add(book: Workbook) -> None:
        for at, block in blocks:
            put(book.worksheets[0], block, column=at)

    (found,), problems = read_workbook(workbook({"打分表": rows}, then=add), file=FILE)
    return found, problems


def fields(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name]


@pytest.mark.parametrize("at", [9, 12], ids=["one blank column", "several"])
@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_beside_a_list_is_none_of_its_columns_and_is_named(block: Cells, at: int) -> None:
    alone, _ = read()
    table, problems = read((at, block))
    assert fields(table) == fields(alone)
    assert (table.rows, [list(row) for row in table.values]) == (alone.rows, [list(row) for row in alone.values])
    assert [entry.kind for entry in problems] == ["columns-aside"]
    assert str(problems[0].ref).endswith(f"!{'IL'[at > 9]}1")


def test_a_count_right_beside_a_list_is_none_of_its_columns() -> None:
    table, problems = read((8, COUNT))
    assert "grade" not in fields(table)
    assert [entry.kind for entry in problems] == ["columns-aside"]


def results(*, tiers: Sequence[str] = ("普通客户",) * 5) -> Cells:
    return [RESULTS, *((50 + n, tier, "2026-10-31") for n, tier in enumerate(tiers))]


OWN: dict[str, Cells] = {
    "results": results(),
    "results of fewer customers than there are now": results(tiers=TIERS[:2]),
    "results with people's own column beside them": [
        (*row, note) for row, note in zip(results(), ("备注2", "急", "", "", "", ""), strict=True)
    ],
    "a tier that people keep": [("等级",), *((tier,) for tier in (*TIERS, TIERS[0]))],
    "a tier that people keep, filled in part": [("等级",), ("普通客户",), ("",), ("普通客户",)],
    "a tier and a count of orders that people keep": [
        ("等级", "数量"), *(("普通客户", n) for n in range(5))
    ],
    "headers without values yet": [("等级", "预警")],
}  # fmt: skip


@pytest.mark.parametrize("block", OWN.values(), ids=OWN)
def test_columns_with_a_value_a_customer_are_the_lists_though_a_blank_column_parts_them(block: Cells) -> None:
    table, problems = read((9, block))
    assert "grade" in fields(table)
    assert "columns-aside" not in {entry.kind for entry in problems}


def test_a_column_without_a_header_between_parts_nothing() -> None:
    table, _ = read(
        (8, [(None,), *((n,) for n in range(1, 6))]), (9, [("最近消费金额", "等级"), *[(1, "普通客户")] * 5])
    )
    assert "grade" in fields(table)


def test_results_right_of_a_count_are_found_by_the_next_run() -> None:
    table, problems = read((9, COUNT), (12, results()))
    assert [(column.name, column.index) for column in table.columns if column.name == "grade"] == [("grade", 13)]
    assert [entry.kind for entry in problems] == ["columns-aside"]


BESIDE_ROWS: dict[str, Cells] = {
    "labels beside a row whose own result is a word of a label": [("名称", "数量", "备注"), ("甲", 5, "乙")],
    "follow-ups": [
        ("客户编号", "客户名称", "跟进日期", "跟进方式", "跟进人", "跟进内容", "下一步行动"),
        ("C2024001", "第1公司", "2026-10-05", "电话", "张三", "已沟通", "10月20日前报价"),
    ],
}


@pytest.mark.parametrize("block", BESIDE_ROWS.values(), ids=BESIDE_ROWS)
@pytest.mark.parametrize("row", [2, 3, 6])
def test_a_second_month_reads_what_the_first_did_beside_lower_rows(
    run: Call, tmp_path: Path, block: Cells, row: int
) -> None:
    path = save(tmp_path / "客户" / "客户.xlsx", {"客户分级评估打分表": [list(line) for line in LIST]})
    book = load_workbook(path)
    put(book.worksheets[0], block, row=row, column=30)
    book.save(path)
    check_twice(run, path)


def test_a_list_that_has_grown_down_to_another_beside_it_is_read_whole_and_leaves_its_cells(
    run: Call, tmp_path: Path
) -> None:
    path = save(tmp_path / "客户" / "客户.xlsx", {"客户分级评估打分表": [list(line) for line in LIST]})
    check_twice(run, path)
    book = load_workbook(path)
    put(book.worksheets[0], BESIDE_ROWS["follow-ups"], row=8, column=10)
    put(book.worksheets[0], [(f"C202400{n}", f"第{n}公司", *SCORING[1][2:7]) for n in (6, 7, 8)], row=7)
    book.save(path)
    sheet = check_twice(run, path, problems=["table-kept", "date-unreadable"], filled=6)
    assert [sheet.cell(row, 9).value is not None for row in (7, 8, 9)] == [True] * 3


def hidden(worksheet: Worksheet) -> list[int]:
    letters = {column: column_letters(column) for column in range(1, worksheet.max_column + 1)}
    return [column for column, letter in letters.items() if worksheet.column_dimensions[letter].hidden]


def test_columns_that_the_program_folded_away_are_filled_by_the_next_run(run: Call, tmp_path: Path) -> None:
    path = save(tmp_path / "客户" / "客户.xlsx", {"客户分级评估打分表": [list(line) for line in LIST]})
    check_twice(run, path)
    book = load_workbook(path)
    before = book.worksheets[0]
    folded = hidden(before)
    values = [before.cell(2, column).value for column in folded]
    for column in folded:
        before.cell(2, column).value = None
    put(before, [("C2024006", "第6公司", *SCORING[1][2:7])], row=7)
    book.save(path)
    after = check_twice(run, path, filled=6)
    assert folded
    assert [after.cell(2, column).value for column in folded] == values
    assert [after.cell(7, column).value for column in folded] == [after.cell(6, column).value for column in folded]
    assert hidden(after) == folded


@pytest.mark.parametrize("block", [COUNT, BLOCKS["a count with its total, longer than the list"]])
def test_a_count_beside_a_list_keeps_its_cells(run: Call, tmp_path: Path, block: Cells) -> None:
    path = save(tmp_path / "客户" / "客户.xlsx", {"客户分级评估打分表": [list(line) for line in LIST]})
    book = load_workbook(path)
    put(book.worksheets[0], block, column=9)
    book.save(path)
    sheet = check_twice(run, path)
    read_again = [[sheet.cell(row, column).value for column in (9, 10)] for row in range(1, len(block) + 1)]
    assert read_again == [list(row) for row in block]
    assert [cell.value for cell in sheet[1]].count("等级") == 2


def check_twice(run: Call, path: Path, *, problems: Sequence[str] = (), filled: int = 0) -> Worksheet:
    """Do a month in place, twice: the second changes no byte. Return the sheet.

    Nothing else changes but results of an earlier run, which stand in the rows down to `filled`.
    """
    words = ("run", path.parent, "-o", path.parent.parent / "out", "--period", "2026-10", "--no-pdf", "--in-place")
    cells = (cell for row in load_workbook(path).worksheets[0] for cell in row)
    before = {
        (cell.row, cell.column): cell.value for cell in cells if cell.value and (cell.row > filled or cell.column < 8)
    }
    for _ in range(2):
        code, out, err = run(*words)
        assert code == bool(problems), out + err
        assert all(kind in out + err for kind in problems), out
        data = path.read_bytes()
    run(*words)
    assert path.read_bytes() == data
    sheet: Worksheet = load_workbook(path).worksheets[0]
    assert {place: sheet.cell(*place).value for place in before} == before
    return sheet


def test_a_row_of_another_block_left_of_a_header_is_none_of_its_columns() -> None:
    rows = [("甲", 8, "乙", "", *LIST[0]), *(("", "", "", "", *line) for line in LIST[1:])]
    table, problems = read(rows=rows)
    assert (table.columns[0].index, len(table.rows)) == (5, 5)
    assert problems == ()


def test_a_block_far_right_lets_no_table_between_end_the_list() -> None:
    def add(book: Workbook) -> None:
        put(book.worksheets[0], [("类别", "个数"), ("甲", 1)], column=30)
        put(book.worksheets[0], BESIDE_ROWS["follow-ups"], row=3, column=15)

    tables, _ = read_workbook(workbook({"打分表": LIST}, then=add), file=FILE)
    assert [(table.kind, len(table.rows)) for table in tables] == [("scoring", 5), ("follow_up", 1)]


def test_cells_between_a_list_and_its_results_further_right_join_no_block_to_it() -> None:
    below: Cells = [*[()] * 7, ("名称", "数量", "备注"), ("甲", 6, "乙")]
    alone, _ = read((1, below))
    table, _ = read((1, below), (12, [()] * 6 + [("说明：请勿改动", 5)]), (39, results()))
    assert table.rows == alone.rows == (2, 3, 4, 5, 6)


def test_a_note_between_a_list_and_a_longer_count_makes_them_no_one_list() -> None:
    note: Cells = [(), ("说明：请勿改动",)]
    table, problems = read((8, note), (9, [("客户等级", "户数"), *COUNT[1:]]), rows=LIST[:2])
    assert "grade" not in fields(table)
    assert [entry.kind for entry in problems] == ["columns-aside"]


def sheet(*blocks: tuple[int, int, Cells], rows: Cells = LIST) -> bytes:
    """Write a sheet of a list, with blocks whose first cells stand at rows and columns."""

    def add(book: Workbook) -> None:
        for row, column, block in blocks:
            put(book.worksheets[0], block, row=row, column=column)

    return workbook({"打分表": rows}, then=add)


FOLLOW_UPS = BESIDE_ROWS["follow-ups"]
DUE: Cells = [("到期日", "是否逾期"), ("2026-10-20", "是")]


def test_two_results_of_follow_ups_apart_from_them_are_results_too() -> None:
    count: Cells = [("类别", "个数"), *COUNT[1:]]
    tables, _ = read_workbook(sheet((2, 9, FOLLOW_UPS), (2, 16, DUE), (6, 15, count)), file=FILE)
    assert [(table.kind, table.rows) for table in tables] == [("scoring", (2, 3, 4, 5, 6)), ("follow_up", (3,))]


def test_cells_right_of_a_list_make_no_row_of_it_before_there_are_results_either() -> None:
    further: tuple[int, Cells] = (12, [("说明：请勿改动",), *[()] * 5, (5,)])
    table, _ = read(further)
    assert table.rows == (2, 3, 4, 5, 6)


def test_a_note_below_a_list_is_none_of_its_rows_whatever_stands_right_of_it() -> None:
    note: tuple[int, int, Cells] = (3, 3, [("说明：请勿改动",)])
    (table,), _ = read_workbook(sheet(note, (3, 9, [(1,)]), (1, 11, results()[:2]), rows=LIST[:2]), file=FILE)
    assert table.rows == (2,)


def test_results_right_of_another_table_of_the_row_are_those_of_their_own_list() -> None:
    tables, problems = read_workbook(sheet((1, 9, FOLLOW_UPS), (1, 17, DUE), (1, 20, results())), file=FILE)
    assert [(table.kind, "grade" in fields(table)) for table in tables] == [("scoring", True), ("follow_up", False)]
    assert problems == ()


def test_an_error_in_a_table_between_a_list_and_its_results_sets_no_customer_aside() -> None:
    without_a_number: Cells = [FOLLOW_UPS[0], ("", *FOLLOW_UPS[1][1:])]
    tables, problems = read_workbook(sheet((2, 9, without_a_number), (1, 19, results())), file=FILE)
    records, remarks = records_of(*tables)
    assert [entry.kind for entry in remarks] == ["key-missing"]
    assert len(join(records, [*problems, *remarks]).customers) == 5


def test_a_header_that_reaches_under_results_by_one_column_is_read_whole() -> None:
    follow_ups = (7, 9, FOLLOW_UPS), (7, 17, DUE)
    tables, _ = read_workbook(sheet(*follow_ups, (1, 15, results()), (1, 18, [("等级变动",)])), file=FILE)
    assert [fields(table)[-3:] for table in tables if table.kind == "follow_up"] == [["next_step", "due", "overdue"]]


@pytest.mark.parametrize("count", [1, 2])
def test_a_count_right_beside_a_list_of_as_many_customers_is_a_count(count: int) -> None:
    table, problems = read((8, COUNT[: count + 1]), rows=LIST[: count + 1])
    assert "grade" not in fields(table)
    assert [entry.kind for entry in problems] == ["columns-aside"]


def test_a_count_with_another_table_right_of_it_is_none_of_the_lists_columns() -> None:
    table, problems = read((9, COUNT), (11, [("名称", "数量", "备注"), ("甲", 1, "乙")]))
    assert "grade" not in fields(table)
    assert [entry.kind for entry in problems] == ["columns-aside"]


def test_an_excel_table_that_ends_beside_a_header_does_not_end_its_list() -> None:
    def add(book: Workbook) -> None:
        put(book.worksheets[0], [("名称", "数量", "备注"), ("甲", 6, "乙")], row=9, column=16)
        put(book.worksheets[0], FOLLOW_UPS, row=10, column=9)
        book.worksheets[0].add_table(Excel(displayName="小表", ref="P9:R10"))

    tables, _ = read_workbook(workbook({"打分表": LIST}, then=add), file=FILE)
    assert [table.rows for table in tables if table.kind == "follow_up"] == [(11,)]


def test_results_of_a_list_stand_apart_from_those_of_the_table_beside_it(run: Call, tmp_path: Path) -> None:
    path = tmp_path / "客户" / "客户.xlsx"
    path.parent.mkdir()
    path.write_bytes(sheet((2, 8, [("=1+1",)]), (1, 9, FOLLOW_UPS)))
    book = load_workbook(path)
    book.worksheets[0].title = "客户分级评估打分表"
    book.worksheets[0].add_table(Excel(displayName="跟进", ref="I1:O2"))
    book.save(path)
    written = check_twice(run, path)
    assert [cell.value for cell in written[1]][14:20] == ["下一步行动", "到期日", "是否逾期", None, "总分", "等级"]
    assert written.tables["跟进"].ref == "I1:Q2"
