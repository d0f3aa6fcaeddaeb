"""Whose the records of several sheets are, and which of them count on a day (practice §1.7, §4.3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from sheetcrm.intake.keys import fold_key
from sheetcrm.policy.loading import standard
from sheetcrm.runs import reading
from sheetcrm.store.files.inputs import gather
from tests.workbooks import PROFILE_HEADER, PROFILE_ROW, SCORING, SCORING_HEADER, Cells, workbook

Run = Callable[..., tuple[int, str, str]]
OCTOBER = ("--period", "2026-10", "--no-pdf")
ORDERS = ("客户编号", "日期", "金额")
FIGURES = SCORING[1][2:7]


@pytest.fixture
def ran(run: Run, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run workbooks of plain sheets, and give what `--json` says."""

    def call(files: Mapping[str, Mapping[str, Cells]], *words: str, hide: Sequence[str] = ()) -> dict[str, Any]:
        def hidden(made: Workbook) -> None:
            for name in hide:
                made[name].sheet_state = "hidden"

        (tmp_path / "in").mkdir(exist_ok=True)
        for name, sheets in files.items():
            (tmp_path / "in" / name).write_bytes(workbook(sheets, then=hidden))
        code, out, err = run("run", tmp_path / "in", "-o", tmp_path / "out", *(words or OCTOBER), "--json")
        assert code in {0, 1}, err
        result: dict[str, Any] = json.loads(out)
        return result

    return call


def tiers(result: dict[str, Any]) -> dict[str, str]:
    return {entry["customer_id"]: entry["tier"] for entry in result["customers"]}


def kinds(result: dict[str, Any]) -> list[str]:
    return [entry["kind"] for entry in result["problems"]]


def scoring(*keys: object, grade: str = "", last: str = "") -> Cells:
    return [SCORING_HEADER, *((key, f"{key}公司", *(last or FIGURES[0], *FIGURES[1:]), None, grade) for key in keys)]


# --- keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C001", "c001"),
        ("6", "006"),
        (6, "006"),
        ("Ｃ００１", "C001"),
        ("C001 ", "C001"),
        ("KH-1", "kh－1"),
        ("0", "000"),
    ],
)
def test_keys_written_in_two_ways_are_one_customer_and_it_is_said_once(
    ran: Callable[..., dict[str, Any]], one: object, other: object
) -> None:
    base = [PROFILE_HEADER, (one, "甲公司", *PROFILE_ROW[2:])]
    orders = [ORDERS, (other, "2026-09-01", 800000), (other, "2026-09-02", 1)]
    result = ran({"客户.xlsx": {"基础表": base, "打分表": scoring(other), "交易": orders}})
    assert list(tiers(result)) == [str(one).strip().replace("Ｃ００１", "C001")]
    assert "customer-unknown" not in kinds(result)
    assert kinds(result).count("keys-spelled") <= 1


def test_a_spelling_that_differs_is_named(ran: Callable[..., dict[str, Any]]) -> None:
    result = ran({"客户.xlsx": {"打分表": scoring("006"), "交易": [ORDERS, (6, "2026-09-01", 5)]}})
    (said,) = [entry for entry in result["problems"] if entry["kind"] == "keys-spelled"]
    assert "“6”就是“006”" in said["what"]


def test_two_keys_of_one_sheet_that_fold_together_are_two_customers(ran: Callable[..., dict[str, Any]]) -> None:
    result = ran({"客户.xlsx": {"打分表": scoring("6", "006"), "交易": [ORDERS, ("0006", "2026-09-01", 5)]}})
    assert list(tiers(result)) == ["006", "6"]
    assert "customer-unknown" in kinds(result)
    assert "keys-spelled" not in kinds(result)


@pytest.mark.parametrize("key", ["C1", "C01", "1-1", "01-1", "甲", ""])
def test_zeros_count_inside_a_key(key: str) -> None:
    others = {"C1", "C01", "1-1", "01-1", "甲", ""} - {key}
    assert fold_key(key) not in {fold_key(other) for other in others}


def test_the_same_name_under_two_numbers_is_suspected(ran: Callable[..., dict[str, Any]]) -> None:
    rows = [("C001", "甲乙科技有限公司", *FIGURES), ("C002", "甲乙科技（有限公司）", *FIGURES)]
    assert "duplicate-suspected" in kinds(ran({"客户.xlsx": {"打分表": [SCORING_HEADER, *rows]}}))


# --- months and copies


def test_of_two_months_the_periods_sheet_is_graded_and_the_other_is_last_period(
    ran: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    september = scoring("C001", "C002", grade="普通客户")
    result = ran({"客户.xlsx": {"9月打分表": september, "10月打分表": scoring("C001", "C002", "C003")}})
    assert list(tiers(result)) == ["C001", "C002", "C003"]
    assert kinds(result).count("month-chosen") == 1
    assert "key-twice" not in kinds(result)
    book = load_workbook(tmp_path / "out" / "2026-10" / "workbooks" / "客户.xlsx")
    header = [cell.value for cell in book["10月打分表"][1]]
    assert [book["10月打分表"].cell(row, header.index("上期等级") + 1).value for row in (2, 3, 4)] == [
        "普通客户"
    ] * 2 + [None]
    assert [
        [cell.value for cell in row if cell.value is not None] for row in book["9月打分表"].iter_rows(min_row=2)
    ] == [[value for value in row if value is not None and value != ""] for row in september[1:]]


ONE = scoring("C001")
MONTHS: dict[str, tuple[Mapping[str, Mapping[str, Cells]], str]] = {
    "by their sheets, with years": ({"客户.xlsx": {"2026年9月": ONE, "2026-10": ONE}}, "2026-10"),
    "by their files": ({"打分2026-09.xlsx": {"打分表": ONE}, "打分202610.xlsx": {"打分表": ONE}}, "202610"),
    "in Chinese": ({"客户.xlsx": {"九月打分": ONE, "十月打分": ONE}}, "十月"),
    "a later one too": ({"客户.xlsx": {"10月": ONE, "11月": ONE, "12月": ONE}}, "10月"),
    "by the days of grading": (
        {"客户.xlsx": {
            "甲": [SCORING_HEADER, ("C001", "甲", *FIGURES, None, None, "张*", "2026-09-28")],
            "乙": [SCORING_HEADER, ("C001", "甲", *FIGURES, None, None, "张*", "2026-10-28")],
        }}, "乙"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "chosen"), MONTHS.values(), ids=MONTHS)
def test_the_month_of_a_sheet_is_read_where_it_says_so(
    ran: Callable[..., dict[str, Any]], files: Mapping[str, Mapping[str, Cells]], chosen: str
) -> None:
    result = ran(files)
    assert list(tiers(result)) == ["C001"]
    (said,) = [entry for entry in result["problems"] if entry["kind"] == "month-chosen"]
    assert chosen in f"{said['file']}!{said['sheet']}"


def test_without_a_sheet_of_the_period_the_latest_before_is_used_and_said_first(
    run: Run, ran: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    book = {"客户.xlsx": {"8月打分表": scoring("C001"), "9月打分表": scoring("C001")}}
    assert "month-earlier" in kinds(ran(book))
    code, _, err = run("run", tmp_path / "in", "-o", tmp_path / "out", *OCTOBER)
    assert code == 0
    assert "没有 2026-10 的，这次用 2026-09 的这张" in err
    before = (tmp_path / "in" / "客户.xlsx").read_bytes()
    code, _, err = run("run", tmp_path / "in", "-o", tmp_path / "out", *OCTOBER, "--in-place")
    assert code == 2
    assert "请为 2026-10 另建一张打分表" in err
    assert (tmp_path / "in" / "客户.xlsx").read_bytes() == before


def owned(owner: str, *keys: str) -> Cells:
    header, *rows = scoring(*keys)
    return [(*header, "客户经理"), *((*row, "", "", owner) for row in rows)]


@pytest.mark.parametrize("names", [("9月打分表", "10月打分表"), ("10月打分表", "9月打分表")])
def test_another_month_says_nothing_of_who_looks_after_a_customer(tmp_path: Path, names: Sequence[str]) -> None:
    sheets = {name: owned("李*" if name.startswith("10") else "张*", "C001", "C002") for name in names}
    assert owners(tmp_path, sheets) == {"C001": "李*", "C002": "李*"}


def test_the_base_sheet_says_who_looks_after_a_customer_however_the_key_is_written(tmp_path: Path) -> None:
    base: Cells = [PROFILE_HEADER, ("006", "甲公司", *PROFILE_ROW[2:])]
    (owner,) = owners(tmp_path, {"基础表": base, "打分表": owned("张*", "6")}).items()
    assert owner[0] == "006"
    assert owner[1] != "张*"


def owners(folder: Path, sheets: Mapping[str, Cells]) -> dict[str, str]:
    (folder / "客户.xlsx").write_bytes(workbook(sheets))
    as_of = date(2026, 10, 31)
    book = reading.read(gather([folder], output=None), policy=standard(), today=as_of, as_of=as_of).book
    return {entry.customer_id: entry.profile.owner or "" for entry in book.customers if entry.profile}


def test_sheets_of_two_departments_are_of_one_month_and_both_graded(ran: Callable[..., dict[str, Any]]) -> None:
    result = ran({"甲部10月.xlsx": {"打分表": scoring("C001")}, "乙部9月.xlsx": {"打分表": scoring("D001")}})
    assert list(tiers(result)) == ["C001", "D001"]


def test_twice_within_one_month_is_still_twice(ran: Callable[..., dict[str, Any]]) -> None:
    result = ran({"客户.xlsx": {"10月打分表": scoring("C001", "C002", "C002")}})
    assert kinds(result).count("key-twice") == 2


@pytest.mark.parametrize(("name", "hide"), [("打分表 (2)", ()), ("打分表副本", ()), ("备份", ()), ("旧", ("旧",))])
def test_a_copy_that_repeats_a_visible_sheet_is_left_out(
    ran: Callable[..., dict[str, Any]], name: str, hide: tuple[str, ...]
) -> None:
    result = ran({"客户.xlsx": {"打分表": scoring("C001", "C002"), name: scoring("C001", "C002")}}, hide=hide)
    assert list(tiers(result)) == ["C001", "C002"]
    assert [kind for kind in kinds(result) if kind.startswith(("sheet-", "key-t"))] == ["sheet-copy"]


def test_a_copy_that_differs_in_one_cell_is_no_copy(ran: Callable[..., dict[str, Any]]) -> None:
    other = [*scoring("C001")[:1], ("C001", "别的公司", *FIGURES, None, "")]
    result = ran({"客户.xlsx": {"打分表": [*scoring("C001", "C009")], "打分表 (2)": other}})
    assert kinds(result).count("key-twice") == 2


# --- orders alone

EXPORT: Cells = [
    ("客户编号", "客户名称", "日期", "金额"),
    ("A001", "甲公司", "2026-09-01", 8000),
    ("a001", "甲公司", "2026-09-09", 2000),
    ("A002", "乙公司", "2026-08-01", 900000),
    ("A003", "丙公司", "2026-08-01", -5),
]
LIST = "客户分级评估打分表.xlsx"


def test_orders_alone_make_a_scoring_workbook_of_those_who_ordered(
    run: Run, ran: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    result = ran({"订单.xlsx": {"交易明细": EXPORT}})
    assert list(tiers(result)) == ["A001", "A002"]
    assert set(tiers(result).values()) <= {"VIP客户", "重点客户", "普通客户", "观察客户"}
    assert kinds(result).count("orders-alone") == 1
    results = tmp_path / "out" / "2026-10" / "workbooks"
    assert (results / "订单.xlsx").read_bytes() == (tmp_path / "in" / "订单.xlsx").read_bytes()
    sheet = load_workbook(results / LIST).worksheets[0]
    header = [cell.value for cell in sheet[1]]
    assert header[:2] == ["客户编号", "客户名称"]
    assert [[cell.value for cell in row[:2]] for row in sheet.iter_rows(min_row=2)] == [
        ["A001", "甲公司"],
        ["A002", "乙公司"],
    ]
    assert sheet.cell(3, header.index("等级") + 1).value == tiers(result)["A002"]
    (tmp_path / "in" / LIST).write_bytes((results / LIST).read_bytes())
    again = json.loads(run("run", tmp_path / "in", "-o", tmp_path / "out", *OCTOBER, "--json")[1])
    assert tiers(again) == tiers(result)
    assert "orders-alone" not in kinds(again)


def test_orders_alone_are_not_changed_in_place(ran: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    ran({"订单.xlsx": {"交易明细": EXPORT}}, *OCTOBER, "--in-place")
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["订单.xlsx"]
    assert (tmp_path / "out" / "2026-10" / "workbooks" / LIST).exists()


def test_a_list_nobody_can_read_is_not_replaced_by_the_orders(run: Run, tmp_path: Path) -> None:
    book = tmp_path / "客户.xlsx"
    book.write_bytes(workbook({"打分表": scoring("C001", "C001"), "交易明细": EXPORT}))
    assert run("run", book, "-o", tmp_path / "out", *OCTOBER)[0] == 2


# --- prospects, and purchases after the day

DEALS = ("首次合作时间", "累计交易金额(元)", "近12个月消费金额", "平均合作频次", "最近交易时间")
BASE = (*PROFILE_HEADER, *DEALS)


def test_an_intent_and_no_purchase_in_the_columns_for_them_is_a_prospect(ran: Callable[..., dict[str, Any]]) -> None:
    rows = [
        (*PROFILE_ROW, "2022-03-15", "680,000", "200,000", "6次/年", "2026-10-10"),
        ("C002", "新意向", *PROFILE_ROW[2:], "", "", "", "", ""),
        ("C003", "没有意向", "制造业", "张*", "扩产", None, "李*", "是"),
    ]
    result = ran({"客户.xlsx": {"基础表": [BASE, *rows]}})
    assert (tiers(result)["C002"], tiers(result)["C003"]) == ("未成交", "待补充资料")
    assert kinds(result).count("prospects-found") == 1


def test_a_sheet_without_columns_for_purchases_says_nothing_of_them(ran: Callable[..., dict[str, Any]]) -> None:
    assert tiers(ran({"客户.xlsx": {"基础表": [PROFILE_HEADER, PROFILE_ROW]}})) == {"C001": "待补充资料"}


@pytest.mark.parametrize("day", ["2026-11-02", "2098-01-01"])
def test_a_purchase_after_the_day_is_a_finding_and_the_row_is_kept(
    ran: Callable[..., dict[str, Any]], day: str
) -> None:
    result = ran({"客户.xlsx": {"打分表": [*scoring("C001", last=day), *scoring("C002")[1:]]}})
    assert tiers(result) == {"C001": "待补充资料", "C002": "VIP客户"}
    (said,) = [entry for entry in result["problems"] if entry["kind"] == "deal-later"]
    assert f"{day} 晚于评估日 2026-10-31" in said["what"]
    assert "date-future" not in kinds(result)


def test_a_month_that_is_not_graded_is_listed_as_such_and_its_cells_are_no_matter(run: Run, tmp_path: Path) -> None:
    odd = ("C001", "甲", "30天", "12次/年", "若干", "低(行业增速15%)", "85%")
    even = ("C001", "甲", "30天", "12次/年", "80万", "低(行业增速15%)", "85%")
    sheets = {"9月": [SCORING_HEADER[:7], odd], "10月": [SCORING_HEADER[:7], even]}
    (tmp_path / "客户.xlsx").write_bytes(workbook(sheets))
    code, out, _ = run("check", tmp_path / "客户.xlsx", "-o", tmp_path / "out", *OCTOBER[:2])
    assert "客户.xlsx!'9月'：客户分级评估打分表，1 行（是 2026-09 的表，这次没有用）" in out
    assert "客户.xlsx!'10月'：客户分级评估打分表，1 行\n" in out
    assert "[level-disagrees]：1\n" in out
    assert "!E2" not in out
    assert code == 0
