"""Small books whose 下一步计划 is prose: 到期日, 是否逾期, and what is remarked (practice §1.3, §8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sheetcrm.runs.prepare import Plan
from tests.test_pipeline import HEADER, ROWS, prepared, save

FOLLOW_UPS = ["客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要", "客户反馈/结果", "下一步计划"]
Run = Callable[..., tuple[int, str, str]]
OCTOBER = date(2026, 10, 31)


def book(tmp_path: Path, recorded: str, *plans: str) -> Path:
    """Write a book in which each customer has one contact with one plan."""
    keys = [f"C2024{at:03}" for at in range(1, len(plans) + 1)]
    rows = [[key, key, *ROWS[0][2:7], None, None, None, None] for key in keys]
    contacts = [[key, recorded, "王*", "电话", "沟通", None, plan] for key, plan in zip(keys, plans, strict=True)]
    return save(tmp_path / "客户.xlsx", {"打分表": [HEADER, *rows], "客户跟进记录表": [FOLLOW_UPS, *contacts]})


def written(tmp_path: Path, recorded: str, *plans: str, as_of: date = OCTOBER) -> tuple[Plan, list[tuple[str, str]]]:
    """Return a run's plan, and 到期日 and 是否逾期 of each record as they are written back."""
    plan = prepared(book(tmp_path, recorded, *plans), as_of=as_of)
    sheet = load_workbook(BytesIO(plan.workbooks[0].data))["客户跟进记录表"]
    cells = [(sheet.cell(row, 8).value, sheet.cell(row, 9).value) for row in range(2, len(plans) + 2)]
    return plan, [(str(due)[:10] if due else "", str(late or "")) for due, late in cells]


def kinds(plan: Plan) -> list[str]:
    return [entry.kind for entry in plan.problems if entry.kind != "share-unused"]  # a book of few


def test_a_weekday_in_brackets_makes_no_promise_of_its_own_and_friday_is_not_late_on_saturday(tmp_path: Path) -> None:
    plan, cells = written(tmp_path, "2026-10-09", "10月30日(周五)前回签")
    assert cells == [("2026-10-30", "否")]
    assert [item.due for item in plan.assessments[0].due if item.promised] == [date(2026, 10, 30)]
    assert not any(item.overdue_days for item in plan.assessments[0].due)


def test_of_two_weekdays_of_next_week_the_earlier_is_due(tmp_path: Path) -> None:
    _, cells = written(tmp_path, "2026-11-03", "下周一/周二上门", as_of=date(2026, 11, 3))
    assert cells == [("2026-11-09", "否")]


def test_what_waits_for_an_event_has_no_day_and_is_counted_as_pending(tmp_path: Path) -> None:
    plan, cells = written(tmp_path, "2026-10-16", "到货后3天内验收", "签约后10日内付款", "客户验收后一周内付款")
    assert cells == [("", "待定")] * 3
    assert kinds(plan) == ["promise-pending"] * 3
    assert not any(item.promised for entry in plan.assessments for item in entry.due)


def test_days_for_shopping_are_their_own_days(tmp_path: Path) -> None:
    _, cells = written(tmp_path, "2026-09-18", "双十一前备货确认", "双十一后复盘", "情人节前送礼")
    assert cells == [("2026-11-10", "否"), ("2026-11-12", "否"), ("2027-02-13", "否")]


def test_the_middle_and_the_end_of_a_month_are_due_at_the_later(tmp_path: Path) -> None:
    _, cells = written(tmp_path, "2026-09-16", "9月中下旬拜访", "11月上中旬拜访")
    assert cells == [("2026-09-30", "是"), ("2026-11-20", "否")]


MISSED = {
    "10.8提供报价": "2026-10-08",
    "9月30签约": "2026-09-30",
    "3个工作日回复": "2026-09-20",
    "3个月后续签合同": "2026-12-16",
    "10月完成验收": "2026-10-31",
    "年前拜访": "2027-02-04",
    "618前备货": "2027-06-17",
    "周内回复": "2026-09-20",
    "延期一周": "2026-09-23",
    "T+3交付": "2026-09-20",
    "0925前交": "2026-09-25",
    "四季度启动": "2026-12-31",
    "过两天联系": "2026-09-18",
}


def test_no_promise_is_missed_in_silence(tmp_path: Path) -> None:
    _, cells = written(tmp_path, "2026-09-16", *MISSED)
    assert [due for due, _ in cells] == list(MISSED.values())


def test_a_time_that_cannot_be_read_is_a_remark(tmp_path: Path) -> None:
    plan, cells = written(tmp_path, "2026-10-16", "大概下周三拜访", "隔天回访", "试用3天后回访", "试用3天")
    assert cells == [("", "")] * 4
    assert kinds(plan) == ["promise-unreadable"] * 3


def test_a_dated_promise_beside_one_that_waits_fills_the_row(tmp_path: Path) -> None:
    plan, cells = written(tmp_path, "2026-10-16", "11月20日签约后3天内付款")
    assert cells == [("2026-11-20", "否")]
    assert kinds(plan) == ["promise-pending"]


@pytest.mark.parametrize(
    ("as_of", "late", "days"),
    [
        (date(2026, 10, 30), "否", 0),
        (date(2026, 11, 1), "否", 0),
        (date(2026, 11, 2), "是", 3),
    ],
    ids=["its day", "a Sunday", "the next working day"],
)
def test_a_promise_is_late_once_a_working_day_has_passed(tmp_path: Path, as_of: date, late: str, days: int) -> None:
    plan, cells = written(tmp_path, "2026-10-16", "10月30日前回签", as_of=as_of)
    assert cells == [("2026-10-30", late)]
    assert [item.overdue_days for item in plan.assessments[0].due if item.promised] == [days]


def test_follow_up_dates_without_a_year_are_read_with_one_remark(tmp_path: Path) -> None:
    contacts = [["C2024001", day, "王*", "电话", "沟通", None, "3天内回复"] for day in ("10月9日", "10.9", "10/9")]
    path = save(tmp_path / "客户.xlsx", {"打分表": [HEADER, ROWS[0]], "客户跟进记录表": [FOLLOW_UPS, *contacts]})
    plan = prepared(path, as_of=OCTOBER)
    assert [entry.date for entry in plan.assessments[0].customer.follow_ups] == [date(2026, 10, 9)] * 3
    assert kinds(plan).count("year-missing") == 1
    assert "date-unreadable" not in kinds(plan)


def test_explain_says_that_a_promise_waits(run: Run, tmp_path: Path) -> None:
    path = book(tmp_path, "2026-10-16", "到货后3天内验收")
    _, out, _ = run("explain", "C2024001", path, "--as-of", "2026-10-31")
    assert "待定" in out
    assert "无法识别" not in out


def plan_of(path: Path, *texts: str) -> Path:
    rows = [["C2024001", "2026-10-16", "王*", "电话", "沟通", None, text] for text in texts]
    return save(path, {"打分表": [HEADER, ROWS[0]], "客户跟进记录表": [FOLLOW_UPS, *rows]})


def promised(path: Path) -> list[tuple[object, object]]:
    rows = load_workbook(path)["客户跟进记录表"].iter_rows(min_row=2, min_col=8, max_col=9)
    return [(str(due.value)[:10] if due.value else due.value, late.value) for due, late in rows]


def test_a_day_of_ours_beside_a_plan_without_one_is_cleared_and_a_person_s_stays(run: Run, tmp_path: Path) -> None:
    path = plan_of(tmp_path / "in" / "客户.xlsx", "3天内回复", "11月3日前回访", "11月5日前寄样", "再联系")
    options = ("-o", tmp_path / "out", "--period", "2026-10", "--no-pdf", "--in-place", "--quiet")
    assert run("run", path, *options)[0] == 0
    assert promised(path) == [("2026-10-19", "是"), ("2026-11-03", "否"), ("2026-11-05", "否"), (None, None)]
    changed = load_workbook(path)
    sheet = changed["客户跟进记录表"]
    for cell, text in (("G2", "已回复"), ("G3", "等消息"), ("H3", "2026-11-20"), ("G5", "再说"), ("H5", "2026-11-09")):
        sheet[cell] = text
    changed.save(path)
    assert run("run", path, *options)[0] == 0
    kept = [(None, None), ("2026-11-20", None), ("2026-11-05", "否"), ("2026-11-09", None)]
    assert promised(path) == kept
    once = path.read_bytes()
    assert run("run", path, *options)[0] == 0
    assert path.read_bytes() == once


def test_a_copy_is_cleared_again_whenever_the_run_is_repeated(run: Run, tmp_path: Path) -> None:
    path = plan_of(tmp_path / "in" / "客户.xlsx", "3天内回复")
    options = ("-o", tmp_path / "out", "--period", "2026-10", "--no-pdf", "--quiet")
    assert run("run", path, *options, "--in-place")[0] == 0
    changed = load_workbook(path)
    changed["客户跟进记录表"]["G2"] = "已回复"
    changed.save(path)
    folder = tmp_path / "out" / "2026-10"
    assert run("run", path, *options)[0] == 0
    assert promised(folder / "workbooks" / "客户.xlsx") == [(None, None)]
    once = {name.name: name.read_bytes() for name in folder.rglob("*.*") if name.is_file()}
    assert run("run", path, *options)[0] == 0
    assert {name.name: name.read_bytes() for name in folder.rglob("*.*") if name.is_file()} == once
    assert promised(path) == [("2026-10-19", "是")]
