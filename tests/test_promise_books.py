"""Small books whose 下一步计划 is prose: 到期日, 是否逾期, and what is remarked (practice §1.3, §8)."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sheetcrm.runs.prepare import Plan
from tests.test_pipeline import HEADER, ROWS, prepared, save

FOLLOW_UPS = ["客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要", "客户反馈/结果", "下一步计划"]
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
