"""What the gate hides in the review workbook is found again by the next run: numbers and names (practice §11)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from tests.test_history_cli import FIGURES
from tests.test_pipeline import save
from tests.test_read_back import (
    FOLLOW_UP_HEADER,
    SCORING_HEADER,
    Run,
    fill,
    graded,
    lines,
    review_path,
    shown,
    sign,
    signatures,
)

pytestmark = pytest.mark.slow

PHONES = ("13812340000", "13912340000")
CONTACT = "欧阳铁柱"


def book(path: Path) -> Path:
    """Customers whose numbers are phones, and a promise that names a contact and his phone."""
    rows = [
        [key, f"{key[-2:]}甲公司", *FIGURES["VIP客户"], None, None, "张*", "2026-10-31", None, None] for key in PHONES
    ]
    plan = [PHONES[0], "2026-10-12", "赵敏", "电话", "沟通", f"3日内给{CONTACT}13971234518寄出样品", None, None]
    profiles = [[key, f"{key[:3]}甲公司", f"{CONTACT}(总经理)"] for key in PHONES]
    return save(
        path,
        {
            "打分表": [SCORING_HEADER, *rows],
            "跟进记录": [[*FOLLOW_UP_HEADER, "完成日期", "完成情况"], plan],
            "客户信息基础表": [["客户编号", "客户名称", "联系人(职位)"], *profiles],
        },
    )


def work_through(made: Workbook) -> None:
    for line in lines(made, "审核表"):
        sign(line)
    (promised,) = [line for line in lines(made, "跟进计划") if str(line["跟进动作"].value).startswith("履行承诺")]
    assert promised["客户编号"].value == "138****0000"
    assert promised["内容或承诺"].value == "3日内给欧*139****4518寄出样品"
    promised["完成情况"].value, promised["完成日期"].value = "已完成", date(2026, 10, 14)


def test_signatures_and_ends_of_hidden_rows_are_taken_over(run: Run, tmp_path: Path) -> None:
    workbook = book(tmp_path / "in" / "客户.xlsx")
    graded(run, tmp_path)
    fill(review_path(tmp_path), work_through)
    values = graded(run, tmp_path)
    assert [entry for entry in values["problems"] if entry["kind"].startswith("review")] == []
    assert values["read_back"]
    written = tmp_path / "out" / "2026-10" / "workbooks" / workbook.name
    assert {key: by for key, (by, _) in signatures(written).items()} == dict.fromkeys(PHONES, "高鸿")
    (ended,) = openpyxl.load_workbook(written)["跟进记录"].iter_rows(min_row=2, max_col=8, values_only=True)
    assert (str(ended[6])[:10], ended[7]) == ("2026-10-14", "已完成")
    (done,) = [line for line in shown(review_path(tmp_path), "跟进计划") if line["完成情况"]]
    assert (done["完成情况"], done["客户编号"]) == ("已完成", "138****0000")
    again = graded(run, tmp_path)
    assert again["run_id"] == values["run_id"]
