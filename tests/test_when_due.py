"""`tier_moves = when_due`: 等级 waits for its re-grading, and 建议等级 says what it would be now (practice §4.4)."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sheetcrm.policy import changing, loading
from sheetcrm.runs import prepare
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from tests.test_pipeline import HEADER, ROWS, save
from tests.values import run_in

WHEN_DUE = changing.change(loading.standard(), ["基本.等级何时变动=到期才变"])
TODAY = date(2026, 11, 21)
MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 30)
OURS = ["评估期间", "上期等级", "建议等级", "下次重评日期"]


def row(day: date, grade: str | None, **ours: Any) -> list[Any]:  # noqa: ANN401  (cells)
    """A row that scores 92.0, VIP客户, whatever 等级 says."""
    return [*ROWS[0][:7], None, grade, "张*", day.isoformat(), *(ours.get(label) for label in OURS)]


def run(path: Path, as_of: date) -> Plan:
    return prepare.prepare(gather([path], output=None), run_in(None, as_of, today=TODAY, policy=WHEN_DUE))


def ran(tmp_path: Path, *rows: list[Any], as_of: date = MARCH, more: dict[str, Any] | None = None) -> Plan:
    return run(save(tmp_path / "打分.xlsx", {"打分表": [[*HEADER, *OURS], *rows]} | (more or {})), as_of)


def cells(plan: Plan) -> dict[str, Any]:
    """Give the first customer's cells by their headers."""
    at = load_workbook(BytesIO(plan.workbooks[0].data)).worksheets[0]
    assert isinstance(at, Worksheet)
    return {str(at.cell(1, column).value): at.cell(2, column).value for column in range(1, at.max_column + 1)}


def again(plan: Plan, folder: Path, as_of: date) -> Plan:
    """Run over a run's own result."""
    folder.mkdir()
    path = folder / plan.workbooks[0].source.name
    path.write_bytes(plan.workbooks[0].data)
    return run(path, as_of)


def test_a_tier_stays_until_it_is_due_and_the_proposal_stands_beside_it(tmp_path: Path) -> None:
    plan = ran(tmp_path, row(MARCH, "重点客户", 评估期间="2026-02", 下次重评日期="2026-06-30"))
    (found,) = plan.assessments
    assert (found.grade, found.proposed_grade) == ("重点客户", "VIP客户")
    assert found.reasons[0] == "未到重评日期，等级不变，按本期得分建议VIP客户"
    assert found.tier_on(date(2026, 4, 1)) == "重点客户"
    said = cells(plan)
    assert (said["等级"], said["上期等级"], said["建议等级"], said["等级变动"]) == (
        "重点客户",
        "重点客户",
        "VIP客户",
        "平",
    )
    assert str(said["下次重评日期"])[:10] == "2026-06-30"


@pytest.mark.parametrize(
    ("grade", "due"),
    [(None, None), ("重点客户", "2026-03-31"), ("重点客户", "2026-01-31"), ("A类", "2026-06-30")],
    ids=["no tier yet", "due today", "overdue", "a word that is no tier"],
)
def test_a_tier_moves_where_there_is_none_or_it_is_due(tmp_path: Path, grade: str | None, due: str | None) -> None:
    plan = ran(tmp_path, row(MARCH, grade, 评估期间="2026-02", 下次重评日期=due))
    (found,) = plan.assessments
    assert (found.grade, found.proposed_grade) == ("VIP客户", None)
    assert not cells(plan)["建议等级"]


def test_an_alert_that_calls_for_a_regrading_forces_it(tmp_path: Path) -> None:
    orders = [["客户编号", "日期", "金额"]]
    spent = ["2025-10-10", "2025-11-10", "2025-12-10", "2026-01-10", "2026-02-10", "2026-03-10"]
    orders += [["C2024001", day, money] for day, money in zip(spent, [9, 9, 9, 30, 30, 30], strict=True)]  # type: ignore[list-item]
    plan = ran(
        tmp_path, row(MARCH, "重点客户", 评估期间="2026-02", 下次重评日期="2026-06-30"), more={"交易明细": orders}
    )
    (found,) = plan.assessments
    assert "金额波动-升" in [alert.code for alert in found.alerts]
    assert (found.grade, found.proposed_grade) == ("VIP客户", None)


def test_a_persons_decision_waits_for_nothing(tmp_path: Path) -> None:
    decided = [
        ["客户编号", "调整后等级", "理由", "提出人", "审核人", "有效期至"],
        ["C2024001", "普通客户", "合同收缩", "王*", "李*", "2026-12-31"],
    ]
    plan = ran(
        tmp_path, row(MARCH, "重点客户", 评估期间="2026-02", 下次重评日期="2026-06-30"), more={"人工调整": decided}
    )
    (found,) = plan.assessments
    assert (found.grade, found.proposed_grade) == ("普通客户", None)


@pytest.mark.parametrize(
    "typed",
    [
        row(MARCH, "重点客户", 评估期间="2026-02", 下次重评日期="2026-06-30"),
        row(MARCH, "VIP客户", 评估期间="2026-02", 下次重评日期="2026-06-30"),
        row(MARCH, "重点客户", 评估期间="2026-02", 下次重评日期="2026-03-01"),
        row(MARCH, None),
    ],
    ids=["kept", "kept the same", "moved", "new"],
)
def test_a_second_run_over_the_first_ones_result_changes_no_byte(tmp_path: Path, typed: list[Any]) -> None:
    first = ran(tmp_path, typed)
    second = again(first, tmp_path / "again", MARCH)
    assert second.workbooks[0].data == first.workbooks[0].data
    assert [entry.grade for entry in second.assessments] == [entry.grade for entry in first.assessments]


def test_the_kept_tier_moves_in_the_period_it_is_due(tmp_path: Path) -> None:
    first = ran(tmp_path, row(MARCH, "重点客户", 评估期间="2026-02", 下次重评日期="2026-04-15"))
    assert first.assessments[0].grade == "重点客户"
    later = again(first, tmp_path / "april", APRIL)
    (found,) = later.assessments
    assert (found.grade, found.previous_grade, found.proposed_grade) == ("VIP客户", "重点客户", None)
    assert cells(later)["等级变动"] == "升"
    assert again(later, tmp_path / "twice", APRIL).workbooks[0].data == later.workbooks[0].data


@pytest.mark.parametrize("settings", [["基本.等级何时变动=每次运行"], []], ids=["said", "by default"])
def test_every_run_moves_a_tier_at_once_and_writes_no_proposal(tmp_path: Path, settings: list[str]) -> None:
    policy = changing.change(loading.standard(), settings)
    path = save(tmp_path / "打分.xlsx", {"打分表": [HEADER, row(MARCH, "重点客户")[: len(HEADER)]]})
    plan = prepare.prepare(gather([path], output=None), run_in(None, MARCH, today=TODAY, policy=policy))
    assert plan.assessments[0].grade == "VIP客户"
    assert "建议等级" not in cells(plan)
