"""Customers without a number get one by rule, in the blank cells of 客户编号 and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sheetcrm.policy.loading import standard
from sheetcrm.runs import prepare
from sheetcrm.runs.edits_file import recorded_edits
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from tests.test_pipeline import HEADER, TODAY, save
from tests.values import run_in

Run = Callable[..., tuple[int, str, str]]
Row = list[Any]

FIGURES = ["30天", "12次/年", "80万元", "高(行业增速15%)", "85%", None, None, "张*", None]
BASE = ["客户编号", "客户名称", "行业类型", "联系人(职位)", "核心需求", "合作意向", "信息来源人", "信息授权"]


def scored(name: str | None, key: object = None) -> Row:
    return [key, name, *FIGURES]


def filed(name: str | None, key: object = None) -> Row:
    return [key, name, "制造业", "张*", "扩产", "高", "李*", "是"]


def numbered(*paths: Path, numbering: bool = True) -> Plan:
    return prepare.prepare(gather(paths, output=None), run_in("2026-10", today=TODAY), numbering=numbering)


def keys(plan: Plan, sheet: str, *, book: int = 0) -> list[object]:
    """Give what stands in column A of a sheet after the run, below its header."""
    cells = load_workbook(BytesIO(plan.workbooks[book].data))[sheet]
    return [row[0].value for row in cells.iter_rows(min_row=2, max_col=1)]


def given(plan: Plan) -> list[tuple[str, int, str, str]]:
    """Give what the receipts say was written into 客户编号."""
    cells = (cell for entry in plan.workbooks for cell in entry.receipt.written if cell.label == "客户编号")
    return [(cell.sheet, cell.row, cell.old, cell.new) for cell in cells]


def kinds(plan: Plan) -> list[str]:
    return sorted(entry.kind for entry in plan.problems if entry.kind.startswith(("number", "key-missing")))


def test_blank_cells_get_numbers_after_the_highest_of_the_month_and_their_rows_are_graded(tmp_path: Path) -> None:
    rows = [
        scored("甲"),
        scored("乙", "KH-202610007"),
        scored("丙", "ｋｈ-202610005"),
        scored("丁"),
        scored("戊", "C9"),
    ]
    plan = numbered(save(tmp_path / "打分.xlsx", {"打分表": [HEADER, *rows]}))
    assert keys(plan, "打分表") == ["KH-202610008", "KH-202610007", "ｋｈ-202610005", "KH-202610009", "C9"]
    assert given(plan) == [("打分表", 2, "", "KH-202610008"), ("打分表", 5, "", "KH-202610009")]
    assert kinds(plan) == ["numbers-given"]
    assert {entry.customer.customer_id: entry.grade for entry in plan.assessments} == dict.fromkeys(
        ("KH-202610008", "KH-202610007", "kh-202610005", "KH-202610009", "C9"), "VIP客户"
    )


def test_nobody_gets_a_number_who_was_not_asked_for_one(tmp_path: Path) -> None:
    book = save(tmp_path / "打分.xlsx", {"打分表": [HEADER, scored("甲"), scored("乙", "C1")]})
    plan = numbered(book, numbering=False)
    assert given(plan) == []
    assert kinds(plan) == ["key-missing"]
    assert "--number" in next(entry.fix for entry in plan.problems if entry.kind == "key-missing")


def test_a_customer_has_one_number_in_every_sheet(tmp_path: Path) -> None:
    orders: list[Row] = [
        ["客户编号", "客户名称", "订单日期", "金额"],
        [None, "丙公司", "2026-10-08", 500],
        [None, "无名", "2026-10-09", 9],
    ]
    plan = numbered(
        save(
            tmp_path / "客户.xlsx",
            {
                "打分表": [HEADER, scored("甲*公司"), scored("乙公司"), scored("丙 公司"), scored("丁公司")],
                "基础表": [BASE, filed("丙公司"), filed("乙公司", "C007"), filed("甲*公司")],
                "交易明细": orders,
            },
        )
    )
    assert keys(plan, "基础表") == ["KH-202610001", "C007", "KH-202610002"]
    assert keys(plan, "打分表") == ["KH-202610002", "C007", "KH-202610001", "KH-202610003"]
    assert keys(plan, "交易明细") == ["KH-202610001", None]
    orders_of = {entry.customer.customer_id: len(entry.customer.orders) for entry in plan.assessments}
    assert orders_of == {"KH-202610001": 1, "KH-202610002": 0, "KH-202610003": 0, "C007": 0}


def test_a_name_that_may_be_of_several_customers_gets_no_number_and_is_named(tmp_path: Path) -> None:
    rows = [scored("张*"), scored("甲公司"), scored("张*"), scored("乙公司"), scored("乙公司", "C2")]
    plan = numbered(save(tmp_path / "打分.xlsx", {"打分表": [HEADER, *rows]}))
    assert keys(plan, "打分表") == [None, "KH-202610001", None, None, "C2"]
    found = [(entry.kind, str(entry.ref)) for entry in plan.problems if entry.kind == "number-withheld"]
    assert found == [("number-withheld", "打分.xlsx!打分表!A2"), ("number-withheld", "打分.xlsx!打分表!A5")]
    assert [entry.kind for entry in plan.problems if entry.kind == "key-missing"] == ["key-missing"] * 3


def test_a_number_that_cannot_be_read_is_not_passed_over_for_a_new_one(tmp_path: Path) -> None:
    sheets: dict[str, Sequence[Sequence[Any]]] = {
        "打分表": [HEADER, scored("甲公司"), scored("乙公司", "C1")],
        "基础表": [BASE, filed("甲公司", "1.23E+17")],
    }
    plan = numbered(save(tmp_path / "客户.xlsx", sheets))
    assert given(plan) == []
    assert "number-withheld" in kinds(plan)


def test_rows_that_are_no_customers_get_no_number(tmp_path: Path) -> None:
    rows = [
        ["示例", "示例公司", *FIGURES],
        scored("甲公司"),
        scored(None),
        scored("合计"),
        [None] * 11,
        [None, "制表人：王某"],
    ]
    plan = numbered(save(tmp_path / "打分.xlsx", {"打分表": [HEADER, *rows, [None, "张三"]]}))
    assert given(plan) == [("打分表", 3, "", "KH-202610001")]


def test_a_row_that_the_next_reading_would_set_aside_gets_no_number(tmp_path: Path) -> None:
    rows = [scored(f"公司{number}", f"C00{number}") for number in range(1, 5)]
    book = save(tmp_path / "打分.xlsx", {"打分表": [HEADER, *rows, [None, "备注一下"], scored("新公司")]})
    plan = numbered(book)
    assert given(plan) == [("打分表", 7, "", "KH-202610001")]
    assert [str(entry.ref) for entry in plan.problems if entry.kind == "number-withheld"] == ["打分.xlsx!打分表!A6"]
    few = [None, "只有行业", None, None, None, "高"]
    alone = numbered(save(tmp_path / "另.xlsx", {"打分表": [HEADER, *rows, few]}))
    again = tmp_path / "又.xlsx"
    again.write_bytes(alone.workbooks[0].data)
    assert len(numbered(again).assessments) == len(alone.assessments)


def test_a_block_of_its_own_below_a_list_gets_no_numbers(tmp_path: Path) -> None:
    blank: Row = [None] * 11
    plans = [[None, "下月计划", "拜访"], [None, "甲公司", "两次"], [None, "乙公司", "一次"]]
    sheets: dict[str, Sequence[Sequence[Any]]] = {
        "打分表": [HEADER, scored("甲公司"), scored("丙公司"), blank, *plans, blank, scored("丁公司")]
    }
    plan = numbered(save(tmp_path / "打分.xlsx", sheets))
    assert [row for _, row, _, _ in given(plan)] == [2, 3, 9]
    assert sum(entry.kind == "number-withheld" for entry in plan.problems) == 3


def change(path: Path, edit: Callable[[Worksheet], object]) -> Path:
    made: Workbook = load_workbook(path)
    edit(made.worksheets[0])
    made.save(path)
    return path


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda sheet: sheet.__setitem__("A2", '=""'), "公式未覆盖"),
        (lambda sheet: sheet.merge_cells("A2:A3"), "合并单元格未写"),
        (lambda sheet: setattr(sheet.protection, "sheet", True), "工作表有保护"),
    ],
    ids=["formula", "merged", "protected"],
)
def test_a_cell_that_is_not_ours_to_fill_is_left_and_named(
    tmp_path: Path, edit: Callable[[Worksheet], object], why: str
) -> None:
    book = save(tmp_path / "打分.xlsx", {"打分表": [HEADER, scored("甲"), scored("乙"), scored("丙", "C3")]})
    plan = numbered(change(book, edit))
    assert ("打分表", 2) not in [cell[:2] for cell in given(plan)]
    assert "甲" not in [entry.customer.name for entry in plan.assessments]
    if why != "公式未覆盖":
        assert why in " ".join(entry.what for entry in plan.problems if entry.kind == "number-cell-kept")


def test_a_list_without_the_column_gets_none(tmp_path: Path) -> None:
    rows: list[Row] = [[name, *FIGURES] for name in ("甲公司", "乙公司")]
    plan = numbered(save(tmp_path / "打分.xlsx", {"打分表": [HEADER[1:], *rows]}))
    assert given(plan) == []
    assert "number-no-column" in kinds(plan)
    assert [entry.customer.customer_id for entry in plan.assessments] == ["乙公司", "甲公司"]


def test_a_card_with_a_blank_number_gets_one(tmp_path: Path) -> None:
    card: list[Row] = [
        ["字段名称", "值"],
        ["客户编号", None],
        ["客户名称", "甲公司"],
        ["行业类型", "制造业"],
        ["核心需求", "扩产"],
    ]
    plan = numbered(save(tmp_path / "档案卡.xlsx", {"档案卡": card}))
    assert given(plan) == [("档案卡", 2, "", "KH-202610001")]
    assert [entry.customer.customer_id for entry in plan.assessments] == ["KH-202610001"]


def test_months_side_by_side_hold_the_same_customers(tmp_path: Path) -> None:
    rows = [scored("甲*公司"), scored("乙公司")]
    plan = numbered(save(tmp_path / "打分.xlsx", {"9月": [HEADER, *rows], "10月": [HEADER, *rows]}))
    assert keys(plan, "9月") == keys(plan, "10月") == ["KH-202610001", "KH-202610002"]
    assert [entry.customer.scoring.origin.sheet for entry in plan.assessments if entry.customer.scoring] == ["10月"] * 2


@pytest.mark.parametrize(
    ("form", "first"),
    [
        ("C{serial:04}", "C0013"),
        ("KH{year}-{serial}", "KH2026-1"),
        ("{serial:03}", "008"),
        ("华-{month}{serial:02}", "华-1001"),
    ],
)
def test_the_form_of_a_number_is_the_policy_s(tmp_path: Path, form: str, first: str) -> None:
    policy = standard()
    policy = policy.model_copy(update={"reading": policy.reading.model_copy(update={"customer_number": form})})
    run = run_in("2026-10", today=TODAY, policy=policy)
    rows = [scored("甲"), scored("乙", "C0012"), scored("丙", "7")]
    book = save(tmp_path / "打分.xlsx", {"打分表": [HEADER, *rows]})
    plan = prepare.prepare(gather([book], output=None), run, numbering=True)
    assert [number for _, _, _, number in given(plan)] == [first]


def test_a_quarter_s_numbers_are_of_its_last_month(tmp_path: Path) -> None:
    book = save(tmp_path / "打分.xlsx", {"打分表": [HEADER, scored("甲")]})
    plan = prepare.prepare(gather([book], output=None), run_in("2026Q3", today=TODAY), numbering=True)
    assert [number for _, _, _, number in given(plan)] == ["KH-202609001"]


def test_a_run_again_changes_no_byte_and_the_record_names_the_cells(run: Run, tmp_path: Path) -> None:
    book = save(tmp_path / "in" / "打分.xlsx", {"打分表": [HEADER, scored("甲"), scored("乙")]})
    options = ("-o", tmp_path / "out", "--period", "2026-10", "--no-pdf", "--in-place", "--number", "--quiet")
    assert run("run", book, *options)[0] == 0
    once = book.read_bytes()
    assert run("run", book, *options)[0] == 0
    assert book.read_bytes() == once
    lines = [edit for edit in recorded_edits(tmp_path / "out" / "2026-10") if edit.label == "客户编号"]
    written = [(line.row, line.column, line.old, line.new) for line in lines]
    assert written == [(2, 1, "", "KH-202610001"), (3, 1, "", "KH-202610002")]


def test_a_copy_has_the_numbers_and_the_original_has_not(run: Run, tmp_path: Path) -> None:
    book = save(tmp_path / "in" / "打分.xlsx", {"打分表": [HEADER, scored("甲")]})
    before = book.read_bytes()
    code, out, _ = run("run", book, "-o", tmp_path / "out", "--period", "2026-10", "--no-pdf", "--number")
    assert code == 0
    assert "numbers-given" in out
    assert book.read_bytes() == before
    assert load_workbook(tmp_path / "out/2026-10/workbooks/打分.xlsx")["打分表"]["A2"].value == "KH-202610001"


def month(path: Path, *rows: Row) -> Path:
    return save(path, {"打分表": [HEADER, *rows]})


def results(run: Run, book: Path, output: Path, period: str, *options: str) -> dict[str, str]:
    code, out, err = run("run", book, "-o", output, "--period", period, "--no-pdf", "--json", *options)
    assert code == 0, err
    return {entry["customer_id"]: entry["movement"] for entry in json.loads(out)["customers"]}


def nameless(*names: str) -> list[Row]:
    return [[name, *FIGURES] for name in names]


@pytest.mark.parametrize("by_hand", [False, True], ids=["by --number", "by hand"])
def test_customers_known_by_name_keep_their_history_under_their_number(
    run: Run, tmp_path: Path, *, by_hand: bool
) -> None:
    output = tmp_path / "out"
    september = save(tmp_path / "9.xlsx", {"打分表": [HEADER[1:], *nameless("甲 公司", "乙*公司", "丙公司")]})
    assert set(results(run, september, output, "2026-09")) == {"甲 公司", "乙*公司", "丙公司"}
    keys_now = ("K1", "K2", None) if by_hand else (None, None, None)
    names = ("甲公司", "乙*公司", "丁公司")
    book = month(tmp_path / "10.xlsx", *(scored(name, key) for name, key in zip(names, keys_now, strict=True)))
    moved = results(run, book, output, "2026-10", "--number")
    old, other, new = ("K1", "K2", "KH-202610001") if by_hand else ("KH-202610001", "KH-202610002", "KH-202610003")
    assert moved == {old: "平", other: "平", new: "新"}
    assert results(run, output / "2026-10" / "workbooks", output, "2026-10")[old] == "平"


def test_numbers_given_within_a_month_replace_that_month_s_results(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "out"
    results(
        run, save(tmp_path / "打分.xlsx", {"打分表": [HEADER[1:], *nameless("甲公司", "乙公司")]}), output, "2026-10"
    )
    results(run, month(tmp_path / "打分.xlsx", scored("甲公司"), scored("乙公司")), output, "2026-10", "--number")
    with ledger.read(output) as history:
        assert set(history.homes(run_in("2026-10", today=TODAY).period)) == {"KH-202610001", "KH-202610002"}
        assert history.verify() == ()
        assert [entry.run.period for entry in history.timeline("甲公司")] == []
    november = month(tmp_path / "打分.xlsx", scored("甲公司", "KH-202610001"), scored("乙公司", "KH-202610002"))
    assert run("history", "--verify", "-o", output)[0] == 0
    assert results(run, november, output, "2026-10") == {"KH-202610001": "新", "KH-202610002": "新"}


def test_a_name_of_another_list_is_not_taken_for_a_customer_with_a_number(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "out"
    south = save(tmp_path / "南.xlsx", {"打分表": [HEADER[1:], *nameless("甲公司", "乙公司", "丙公司")]})
    results(run, south, output, "2026-09")
    north = month(tmp_path / "北.xlsx", scored("甲公司", "N1"), scored("丁公司", "N2"), scored("戊公司", "N3"))
    assert set(results(run, north, output, "2026-10").values()) == {"新"}


def test_a_customer_who_had_a_number_all_along_is_not_joined_to_a_name(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "out"
    results(run, month(tmp_path / "打分.xlsx", scored("甲公司", "N1"), scored("乙公司", "N2")), output, "2026-08")
    results(run, save(tmp_path / "名单.xlsx", {"打分表": [HEADER[1:], *nameless("甲公司")]}), output, "2026-09")
    assert results(run, month(tmp_path / "打分.xlsx", scored("甲公司", "N1")), output, "2026-10") == {"N1": "平"}
    with ledger.read(output) as history:
        assert [entry.run.period for entry in history.timeline("甲公司")] == ["2026-09"]
