"""Where a list ends: blocks of their own below it are no customers (practice §1.7)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table as ExcelTable

from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import Problem, Table
from tests.workbooks import FILE, PROFILE_HEADER, PROFILE_ROW, SCORING, SCORING_HEADER, Cells, workbook

Row = tuple[object, ...]
LIST: Cells = [SCORING_HEADER, *((f"C202400{n}", f"第{n}公司", *SCORING[1][2:7]) for n in range(1, 6))]
BASE: Cells = [PROFILE_HEADER, *((f"C00{n}", f"第{n}公司", *PROFILE_ROW[2:]) for n in range(1, 4))]
BLANK: Row = ()
COUNT: Cells = [("等级统计", "户数"), ("VIP客户", 1), ("重点客户", 2), ("普通客户", 1), ("观察客户", 1)]
PLAN: Cells = [
    ("下月计划",),
    ("序号", "事项", "负责人", "完成日期"),
    (1, "拜访第1公司", "张三", "11-05"),
    (2, "回访", "李四", "11-09"),
]
MONTHS: Cells = [tuple(f"{n}月计划" for n in range(1, 12)), tuple(range(11))]


def read(rows: Cells, *, table: str = "") -> tuple[Table, tuple[Problem, ...]]:
    """Read a sheet of one table; `table` is the area of an Excel table on it."""

    def add_table(made: Workbook) -> None:
        if table:
            made.worksheets[0].add_table(ExcelTable(displayName="客户表", ref=table))

    (found,), problems = read_workbook(workbook({"打分表": rows}, then=add_table), file=FILE)
    return found, problems


def keys(table: Table) -> list[object]:
    at = [column.name for column in table.columns].index("customer_id")
    return [values[at] for values in table.values]


BLOCKS: dict[str, Cells] = {
    "a count by tier after blank rows": [BLANK, BLANK, *COUNT],
    "a count by tier right below": COUNT,
    "a signature": [("制表人", "王某")],
    "a day": [("填表日期", "2026-10-31")],
    "a remark": [BLANK, ("备注", "以上数据截至10月底")],
    "signatures after a blank row": [BLANK, ("制表人", "王某"), ("审核人", "李某")],
    "a plan with a heading": [BLANK, *PLAN],
    "a plan with a heading right below": PLAN,
    "a plan without a heading": [BLANK, *PLAN[1:]],
    "a second table far below": [BLANK] * 14 + list(MONTHS),
    "a count beside the key": [BLANK, (None, "户数"), (None, 5)],
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_below_a_list_is_no_customer_and_is_named(block: Cells) -> None:
    table, problems = read([*LIST, *block])
    assert keys(table) == [f"C202400{n}" for n in range(1, 6)]
    assert {entry.kind for entry in problems} == {"rows-aside"}
    first = next(number for number, row in enumerate(block, 7) if row)
    assert str(problems[0].ref).endswith(f"!A{first}")


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_an_excel_table_ends_where_it_ends(block: Cells) -> None:
    table, problems = read([*LIST, *block], table="A1:G6")
    assert keys(table) == [f"C202400{n}" for n in range(1, 6)]
    assert {entry.kind for entry in problems} == {"rows-aside"}


def test_a_customer_below_an_excel_table_is_a_warning() -> None:
    table, problems = read([*LIST, ("C2024006", *LIST[1][1:]), BLANK, ("制表人", "王某")], table="A1:G6")
    assert len(table.rows) == 5
    assert [(entry.kind, entry.severity.value) for entry in problems] == [
        ("rows-below-table", "警告"),
        ("rows-aside", "提示"),
    ]


NEW: dict[str, Row] = {
    "another pattern with a name and an industry": ("KH-202610001", "新公司", "制造业"),
    "another pattern with all": ("KH-202610001", "新公司", *PROFILE_ROW[2:]),
    "the pattern of the others and a name": ("C009", "新公司"),
    "a word for a key, with a name and an industry": ("华宇", "华宇公司", "制造业"),
}


@pytest.mark.parametrize("row", NEW.values(), ids=NEW)
def test_a_first_customer_of_another_pattern_is_a_customer(row: Row) -> None:
    table, problems = read([*BASE, row])
    assert keys(table) == ["C001", "C002", "C003", row[0]]
    assert problems == ()


@pytest.mark.parametrize("row", list(NEW.values())[:3], ids=list(NEW)[:3])
def test_blank_rows_inside_a_list_and_headings_end_nothing(row: Row) -> None:
    table, problems = read([*BASE[:2], BLANK, *BASE[2:], BLANK, ("华北区",), ("C010", "第十公司", "制造业"), row])
    assert keys(table) == ["C001", "C002", "C003", "C010", row[0]]
    assert [str(entry.ref).split("!")[-1] for entry in problems] == ["A7"]


def test_figures_under_a_key_of_words_are_a_customers() -> None:
    table, problems = read([*LIST, ("华宇", "华宇公司", *SCORING[1][2:7])])
    assert keys(table)[-1] == "华宇"
    assert problems == ()


def test_keys_of_words_throughout_and_mixed_keys_all_count() -> None:
    rows = [(key, f"{key}公司", *SCORING[1][2:7]) for key in ("甲", "K-1", "乙丙", "7")]
    assert keys(read([SCORING_HEADER, *rows])[0]) == ["甲", "K-1", "乙丙", "7"]


def test_a_missing_key_in_a_list_is_still_reported_as_missing() -> None:
    table, problems = read([*LIST[:3], (None, "缺号公司", *LIST[1][2:]), *LIST[3:], (None, "末行公司")])
    assert len(table.rows) == 7
    assert problems == ()


def test_numbers_for_keys_do_not_take_in_a_numbered_plan() -> None:
    rows = [(n, f"第{n}公司", *SCORING[1][2:7]) for n in range(1, 6)]
    assert keys(read([SCORING_HEADER, *rows, BLANK, *PLAN])[0]) == [1, 2, 3, 4, 5]


def test_what_is_no_customer_is_not_written_to(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    path = tmp_path / "客户.xlsx"
    path.write_bytes(workbook({"打分表": [*LIST, BLANK, BLANK, *COUNT]}))
    assert run("run", path, "-o", tmp_path / "out", "--period", "2026-09", "--no-pdf")[0] == 0
    sheet = load_workbook(tmp_path / "out" / "2026-09" / "workbooks" / "客户.xlsx").worksheets[0]
    written = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows(min_row=9)]
    assert written == [list(row) for row in COUNT]
