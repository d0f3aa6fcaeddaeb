"""A column looked at as a whole, scales of scores, and numbers that lost digits (practice §2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.model import Severity
from sheetcrm.policy.loading import standard
from tests.test_checks import GOOD_CODE, profiles
from tests.test_pipeline import HEADER, ROWS, prepared, save
from tests.workbooks import Cells, checked, records_of, tables_of, told, workbook

SERVICE = ("客户编号", "请求时间", "首次响应时间", "解决时间", "是否解决", "是否一次解决")


def spends(*cells: object, label: str = "消费金额") -> dict[str, Cells]:
    header = ["客户编号", "客户名称", "最近消费时间", "消费频次", label, "行业潜力", "复购率"]
    return {
        "打分表": [header, *([f"A{at:03}", f"第{at}", "30天", 12, cell, "高", "85%"] for at, cell in enumerate(cells))]
    }


def rates(*cells: object, label: str = "复购率") -> dict[str, Cells]:
    header = ["客户编号", "客户名称", "最近消费时间", "消费频次", "消费金额", "行业潜力", label]
    return {
        "打分表": [header, *([f"A{at:03}", f"第{at}", "30天", 12, "80万", "高", cell] for at, cell in enumerate(cells))]
    }


def test_a_bare_number_among_amounts_in_wan_is_named() -> None:
    (problem,) = checked(spends("80万", "30万", 35, "22万", "999"))
    assert told([problem]) == [("unit-missing", "E4")]
    assert (problem.severity, "E4、E6" in problem.what) == (Severity.WARNING, True)
    assert checked(spends("80万", 65000, "1000", 0, None)) == ()
    assert checked(spends("80万", 35, label="消费金额(万元)")) == ()
    assert checked(spends(35, 40)) == ()


def test_a_figure_a_thousand_times_off_its_column_is_named() -> None:
    problems = checked(spends(*([300_000] * 9), "80元", 300_000_000))
    assert told(problems) == [("figure-outlier", "E11")]
    assert "E11、E12" in problems[0].what
    assert "30万元" in problems[0].what
    assert checked(spends(*([300_000] * 9), "301元")) == ()
    assert checked(spends(*([300_000] * 8), "80元")) == (), "a median of fewer than 10 says nothing"


def test_order_lines_far_apart_are_a_remark_for_the_column() -> None:
    orders: Cells = [
        ("客户编号", "日期", "金额"),
        *(("C001", "2026-10-01", 5000) for _ in range(9)),
        ("C001", "2026-10-02", -5),
    ]
    (problem,) = checked(profiles({}) | {"交易明细": orders})
    assert (problem.kind, problem.severity) == ("order-outlier", Severity.NOTE)


def test_percentages_among_shares_are_named() -> None:
    problems = checked(rates(0.85, 0.6, 85, "30", "40%"))
    assert told(problems) == [("rate-mixed", "G4")]
    assert "G4、G5" in problems[0].what
    assert checked(rates(85, 60)) == ()
    assert checked(rates(0.85, 85, label="复购率(%)")) == ()


def surveyed(tmp_path: Path, label: str, *scores: object) -> Path:
    days = [f"2026-10-{5 + at:02}" for at in range(len(scores))]
    rows = [
        ["C2024001", f"{day} 09:00", f"{day} 09:30", f"{day} 10:00", "是", "是", score]
        for day, score in zip(days, scores, strict=True)
    ]
    return save(tmp_path / "客户.xlsx", {"打分表": [HEADER, *ROWS], "服务记录": [[*SERVICE, label], *rows]})


@pytest.mark.parametrize(("scores", "top"), [((5, 4.8, 5), "不超过 5"), ((9, 10, "8分"), "不超过 10")])
def test_scores_of_an_undeclared_scale_are_not_used(tmp_path: Path, scores: tuple[object, ...], top: str) -> None:
    plan = prepared(surveyed(tmp_path, "满意度", *scores), period="2026-10")
    (problem,) = [entry for entry in plan.problems if entry.kind == "satisfaction-undeclared"]
    assert (problem.severity, str(problem.ref).rpartition("!")[2]) == (Severity.WARNING, "G2")
    assert top in problem.what
    assert "G2、G3、G4" in problem.what
    first = plan.assessments[0]
    assert first.measures.satisfaction is None
    assert first.health.colour != "红"
    assert not [alert for alert in first.alerts if "满意度" in alert.code]


@pytest.mark.parametrize("note", ["5分制", "五分制", "满分5分"])
def test_a_declared_short_scale_is_shown_on_the_one_of_100(tmp_path: Path, note: str) -> None:
    plan = prepared(surveyed(tmp_path, f"满意度({note})", 5, "4.8", "4.7分"), period="2026-10")
    assert [entry.kind for entry in plan.problems if entry.kind.startswith("satisfaction")] == []
    assert plan.assessments[0].measures.satisfaction_mean == (Decimal(100) + 96 + 94) / 3


def test_the_policy_may_declare_a_short_scale() -> None:
    policy = standard()
    five = policy.model_copy(update={"reading": policy.reading.model_copy(update={"satisfaction_scale": "5分制"})})
    rows: Cells = [[*SERVICE, "满意度"], ["C001", "2026-10-05 09:00", None, None, "是", "是", 4.8]]
    records, problems = records_of(*tables_of(workbook({"服务记录": rows})), policy=five)
    assert (records.services[0].satisfaction, problems) == (96, ())


def test_ten_points_are_declared_likewise(tmp_path: Path) -> None:
    plan = prepared(surveyed(tmp_path, "满意度(10分制)", 9, 8.5), period="2026-10")
    assert plan.assessments[0].measures.satisfaction_mean == Decimal("87.5")


@pytest.mark.parametrize("label", ["满意度", "满意度(CSAT)", "满意度(百分制)"])
def test_scores_over_ten_are_of_100_points_and_so_is_what_says_so(tmp_path: Path, label: str) -> None:
    plan = prepared(surveyed(tmp_path, label, 90, 8), period="2026-10")
    assert plan.assessments[0].measures.satisfaction_mean == 49
    if label != "满意度":
        low = prepared(surveyed(tmp_path, label, 5), period="2026-10")
        assert low.assessments[0].measures.satisfaction_mean == 5


@pytest.mark.parametrize(
    "phone", ["1.38E+10", "1380000000", "138000000000", "手机:138 0000 000", 1380000000.0, "+86 1380000000"]
)
def test_a_phone_that_lost_digits_is_a_finding(phone: object) -> None:
    (problem,) = checked(profiles({"联系方式": phone}))
    assert problem.kind == "phone-digits"
    assert "0000000" not in problem.what


WHOLE_NUMBERS = (
    "13800000000", "138****8888", "010-12345678", "0755-12345678", "400-800-8888", "138 0000 0000",
    "+86 13800000000", "zhang@a.com", "手机:13800000000 座机:0571-88888888", "QQ 1534567890",
)  # fmt: skip


@pytest.mark.parametrize("phone", WHOLE_NUMBERS)
def test_a_whole_number_is_none(phone: str) -> None:
    assert checked(profiles({"联系方式": phone})) == ()


def test_credit_codes_are_compared_without_spaces() -> None:
    spaced = f"{GOOD_CODE[:4]} {GOOD_CODE[4:8]} {GOOD_CODE[8:]}"
    rows: list[dict[str, object]] = [
        {"统一社会信用代码": GOOD_CODE},
        {"客户编号": "C002", "客户名称": "乙", "统一社会信用代码": spaced},
    ]
    assert [kind for kind, _ in told(checked(profiles(*rows)))] == ["duplicate-suspected"]


def test_an_unreadable_growth_beside_the_level_is_no_blank(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[*HEADER[:7], "行业增速"], ["A001", "甲", *ROWS[0][2:7], "高"]]
    plan = prepared(save(tmp_path / "增速.xlsx", {"打分表": rows}), as_of=date(2026, 10, 31))
    assert {entry.kind for entry in plan.problems} == {"rate-unreadable", "share-unused"}
    assert plan.assessments[0].measures.industry_growth is None
    assert plan.assessments[0].grade == "待补充资料"
