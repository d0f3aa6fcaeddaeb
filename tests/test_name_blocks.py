"""Where a list by names only ends: blocks of their own below it are no customers (practice §1.7)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import Problem, Table
from tests.workbooks import FILE, Cells, workbook

Row = tuple[object, ...]
FIGURES: Row = ("30天", "12次/年", "80万元", "高", "85%")
SCORED: Cells = [
    ("客户名称", "最近消费时间", "消费频次", "消费金额", "行业潜力", "忠诚度"),
    *((f"第{n}机械厂", *FIGURES) for n in range(1, 6)),
]
BASE: Cells = [
    ("序号", "客户名称", "行业类型", "联系人", "部门", "年消费金额"),
    *((n, f"{name}贸易", "批发业", f"{name}*", "一部", "8万") for n, name in enumerate("甲乙丙丁戊", 1)),
]
PLAIN: Cells = [
    ("客户名称", "行业类型", "联系人", "部门"),
    *((f"{name}记食品", "食品业", f"{name}*", "二部") for name in "甲乙丙丁戊"),
]
BLANK: Row = ()
COUNT: Cells = [("等级统计", "户数"), ("VIP客户", 1), ("重点客户", 2), ("普通客户", 1), ("观察客户", 1)]
WIDE: Cells = [("等级", "户数", "占比", "金额"), ("VIP客户", 1, "20%", 800000), ("重点客户", 4, "80%", 300000)]
PLAN: Cells = [
    ("下月计划",),
    ("序号", "事项", "负责人", "完成日期"),
    (1, "拜访第1机械厂", "张三", "11-05"),
    (2, "回访", "李四", "11-09"),
]
BLOCKS: dict[str, Cells] = {
    "a count by tier after blank rows": [BLANK, BLANK, *COUNT],
    "a count by tier right below": COUNT,
    "a count with shares and amounts": [BLANK, *WIDE],
    "a signature": [("制表人", "王某")],
    "a day": [("填表日期", "2026-10-31")],
    "a remark": [BLANK, ("备注", "以上数据截至10月底")],
    "signatures after a blank row": [BLANK, ("制表人", "王某"), ("审核人", "李某")],
    "signatures in one row": [BLANK, ("制表人", "王某", "审核人", "李某")],
    "a plan with a heading": [BLANK, *PLAN],
    "a plan without a heading": [BLANK, *PLAN[1:]],
    "a plan without numbers": [BLANK, *(row[1:] for row in PLAN[1:])],
    "a heading alone": [BLANK, ("以上为全部客户",)],
    "a count and a signature in traditional characters": [("等級統計", "戶數"), ("VIP客戶", 1), ("製表人", "王某")],
    "a remark about the day": [BLANK, ("数据截至10月底",), ("共5户",)],
    "a count without names": [BLANK, (None, "户数"), (None, 5)],
    "an unfamiliar count": [BLANK, ("华东大区", 3), ("华南大区", 2)],
}


def read(rows: Cells) -> tuple[Table, tuple[Problem, ...]]:
    (table, *_), problems = read_workbook(workbook({"名单": rows}), file=FILE)
    return table, tuple(entry for entry in problems if entry.kind != "column-unused")


def names(table: Table) -> list[object]:
    at = [column.name for column in table.columns].index("name")
    return [values[at] for values in table.values]


@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("rows", [SCORED, BASE, PLAIN], ids=["scores", "numbered rows", "no figures"])
@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_below_a_list_by_names_is_no_customer_and_is_named(block: Cells, rows: Cells, shift: int) -> None:
    if shift and rows is BASE:  # the block stands under the names, not under the numbers of the rows
        block = [(None, *row) if row else row for row in block]
    table, problems = read([*rows, *block])
    assert names(table) == names(read(rows)[0])
    assert {entry.kind for entry in problems} == {"rows-aside"}
    first = next(number for number, row in enumerate(block, 7) if row)
    assert str(problems[0].ref).endswith(f"!A{first}")
    assert "编号" not in problems[0].what


CUSTOMERS: dict[str, Cells] = {
    "a name and an industry": [BLANK, ("新记食品", "食品业")],
    "a name and a contact": [BLANK, ("新记食品", None, "王*")],
    "a firm's name alone": [BLANK, ("新记食品有限公司",)],
    "all of it": [BLANK, BLANK, ("新记食品", "食品业", "王*", "一部")],
    "a name alone right below": [("新记食品",)],
    "a name and an industry right below": [("新记食品", "食品业")],
    "below the name of a region": [BLANK, ("华北区",), ("新记食品", "食品业", "王*", "一部")],
}


@pytest.mark.parametrize("rows", CUSTOMERS.values(), ids=CUSTOMERS)
def test_a_customer_that_has_little_is_a_customer(rows: Cells) -> None:
    table, problems = read([*PLAIN, *rows])
    assert names(table)[-1] == rows[-1][0]
    assert {entry.kind for entry in problems} <= {"rows-aside"}
    assert len(table.rows) == 6


def test_a_word_in_another_column_heads_nothing_where_the_row_is_full() -> None:
    header = ("类型", "客户名称", "日期", "跟进方式", "跟进内容摘要")
    kinds = ("周计划", "回访", "总结", "备注")
    rows = [(kind, f"{kind}食品", f"2026-10-0{n}", "电话", "问候") for n, kind in enumerate(kinds, 1)]
    table, problems = read([header, *rows])
    assert (len(table.rows), problems) == (4, ())


def test_figures_below_a_blank_row_are_a_customers() -> None:
    table, problems = read([*SCORED, BLANK, ("新机械厂", *FIGURES), ("张*", None, 12), BLANK, *COUNT])
    assert names(table)[-2:] == ["新机械厂", "张*"]
    assert [str(entry.ref).split("!")[-1] for entry in problems] == ["A11"]


def test_customers_below_a_remark_inside_a_list_are_customers() -> None:
    table, problems = read([*SCORED[:3], ("备注", "以上为一部"), *SCORED[3:]])
    assert len(table.rows) == 5
    assert [str(entry.ref).split("!")[-1] for entry in problems] == ["A4"]


def test_what_is_no_customer_is_not_graded_and_not_written_to(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "客户.xlsx"
    path.write_bytes(workbook({"打分表": [*SCORED, BLANK, *COUNT, ("制表人", "王某")]}))
    code, output, _ = run("run", path, "-o", tmp_path / "out", "--period", "2026-09", "--no-pdf")
    assert (code, "5 家客户" in output) == (0, True)
    sheet = load_workbook(tmp_path / "out" / "2026-09" / "workbooks" / "客户.xlsx").worksheets[0]
    written = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows(min_row=8)]
    assert written == [*map(list, COUNT), ["制表人", "王某"]]
