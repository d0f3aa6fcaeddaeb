"""本期结论: the worst broken promise first, recounted here without the program's figures (practice §5, §10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sheetcrm.errors import PolicyError
from sheetcrm.model.conclusions import Fulfilment, Verdict
from sheetcrm.periods import resolve
from sheetcrm.policy import loading
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run
from sheetcrm.runs.prepare import Plan, prepare
from sheetcrm.store.files.inputs import gather
from tests.test_pipeline import save

Row = list[object]
SCORING = ["客户编号", "客户名称", "最近消费时间", "消费频次", "消费金额", "行业潜力", "忠诚度", "等级", "客户经理"]
SERVICE = ["客户编号", "请求时间", "首次响应时间", "解决时间", "是否解决", "满意度"]
FIGURES: Mapping[str, Row] = {
    "VIP客户": ["5天", "24次/年", "80万元", "高(行业增速15%)", "90%"],
    "重点客户": ["30天", "12次/年", "30万元", "中(行业增速8%)", "60%"],
    "普通客户": ["60天", "6次/年", "8万元", "中(行业增速8%)", "40%"],
    "观察客户": ["300天", "1次/年", "1万元", "低(行业萎缩)", "0%"],
}
RESPONSE_HOURS = {"VIP客户": 4, "重点客户": 8, "普通客户": 24, "观察客户": 48}
MONDAY = datetime(2026, 10, 12, 9)  # noqa: DTZ001  (as cells give it)
POLICY = loading.standard()


def planned(folder: Path, answers: Mapping[str, tuple[int, int]], policy: Policy = POLICY) -> Plan:
    """Plan October of a book with a customer a tier, and so many requests of it: answered (in time, late)."""
    scoring: list[Row] = [SCORING]  # type: ignore[list-item]
    service: list[Row] = [SERVICE]  # type: ignore[list-item]
    for number, (tier, figures) in enumerate(FIGURES.items(), start=1):
        key = f"C{number:03d}"
        scoring.append([key, f"{tier}公司", *figures, tier, f"经理{number}"])
        punctual, late = answers.get(tier, (0, 0))
        for at in range(punctual + late):
            hours = 1 if at < punctual else RESPONSE_HOURS[tier] + 1
            asked = MONDAY + timedelta(days=at % 5)
            answered = asked + timedelta(hours=hours)
            service.append([key, asked, answered, asked + timedelta(hours=1), "是", 90])
    book = save(folder / "客户.xlsx", {"客户分级评估打分表": scoring, "服务记录": service})
    today = date(2026, 11, 2)
    run = Run.of(policy, *resolve("2026-10", None, today=today), today=today)
    return prepare(gather([book], output=None), run)


def responses(plan: Plan) -> dict[str, Verdict]:
    verdicts = plan.lists.conclusions.verdicts
    return {entry.tier: entry for entry in verdicts if entry.figure.kind.label == "响应及时率"}


def worst(plan: Plan) -> list[str]:
    return [entry.tier for entry in plan.lists.conclusions.worst if entry.figure.kind.label == "响应及时率"]


def test_the_tiers_come_out_as_meant(tmp_path: Path) -> None:
    plan = planned(tmp_path, {})
    assert [entry.grade for entry in plan.assessments] == list(FIGURES)


def test_the_answers_promised_to_vips_and_broken_come_first(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"VIP客户": (8, 7), "重点客户": (16, 3), "普通客户": (20, 9), "观察客户": (20, 0)})
    first = plan.lists.conclusions.worst[0]
    assert (first.tier, first.figure.kind.label, first.figure.n, first.figure.total) == ("VIP客户", "响应及时率", 8, 15)
    assert (first.late, first.owners, first.least) == (7, (("经理1", 7),), Decimal("0.9"))
    assert worst(plan) == ["VIP客户", "普通客户", "重点客户"]


@pytest.mark.parametrize(
    ("answers", "order"),
    [
        ({"VIP客户": (9, 6), "普通客户": (40, 60)}, ["普通客户", "VIP客户"]),  # 0.5 × 2 × 100 above 0.3 × 4 × 15
        ({"VIP客户": (8, 4), "重点客户": (8, 4)}, ["VIP客户", "重点客户"]),  # the weight alone
        ({"VIP客户": (1, 3), "观察客户": (12, 6)}, ["观察客户", "VIP客户"]),  # four cases: 样本少, last
        ({"VIP客户": (2, 3), "观察客户": (12, 6)}, ["VIP客户", "观察客户"]),  # five are enough
    ],
)
def test_the_order_is_how_far_below_by_the_tiers_weight_by_the_cases(
    tmp_path: Path, answers: Mapping[str, tuple[int, int]], order: list[str]
) -> None:
    plan = planned(tmp_path, answers)
    assert worst(plan) == order

    def loss(tier: str) -> tuple[bool, Decimal]:
        punctual, late = answers[tier]
        below = Decimal("0.9") - Decimal(punctual) / (punctual + late)
        return punctual + late < 5, -below * {"VIP客户": 4, "重点客户": 3, "普通客户": 2, "观察客户": 1}[tier] * (
            punctual + late
        )

    assert sorted(answers, key=loss) == order


@pytest.mark.parametrize(
    ("punctual", "late", "fulfilment"),
    [
        (9, 0, Fulfilment.YES),
        (8, 1, Fulfilment.ONE_LATE),
        (7, 2, Fulfilment.NO),
        (0, 1, Fulfilment.ONE_LATE),
        (9, 1, Fulfilment.YES),  # ten requests: 90 %
        (18, 2, Fulfilment.YES),
        (17, 3, Fulfilment.NO),
    ],
)
def test_under_ten_requests_the_late_ones_are_counted(
    tmp_path: Path, punctual: int, late: int, fulfilment: Fulfilment
) -> None:
    verdict = responses(planned(tmp_path, {"VIP客户": (punctual, late)}))["VIP客户"]
    assert verdict.kept is fulfilment
    named = verdict.customer.name if verdict.customer else None
    assert named == ("VIP客户公司" if fulfilment is Fulfilment.ONE_LATE else None)


def test_without_requests_nothing_is_judged(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"VIP客户": (12, 0)})
    assert responses(plan)["重点客户"].kept is Fulfilment.UNKNOWN
    assert not any(entry.to_customer for entry in plan.lists.conclusions.worst)


def test_what_customers_were_promised_comes_before_the_teams_own_plan(tmp_path: Path) -> None:
    kinds = [entry.to_customer for entry in planned(tmp_path, {"观察客户": (4, 2)}).lists.conclusions.worst]
    assert kinds == sorted(kinds, reverse=True)


def test_it_is_to_be_mended_on_a_working_day(tmp_path: Path) -> None:
    first = planned(tmp_path, {"VIP客户": (8, 7)}).lists.conclusions.worst[0]
    assert first.mend_by == date(2026, 11, 6)  # a week on is Saturday


def test_the_weights_and_what_is_promised_are_policy(tmp_path: Path) -> None:
    text = loading.standard_text()
    assert "weight = 4 " in text
    answers = {"VIP客户": (8, 4), "重点客户": (8, 4)}
    lighter = loading.load(text.replace("weight = 4 ", "weight = 1 ", 1), source="轻")
    assert worst(planned(tmp_path, answers, lighter)) == ["重点客户", "VIP客户"]
    kinder = loading.load(text.replace("least = 0.90 # ours", "least = 0.60", 1), source="宽")
    assert worst(planned(tmp_path, answers, kinder)) == []
    others = loading.load(text.replace("least = 0.90 # ours", 'least = 0.90\napplies = ["重点客户"]', 1), source="重点")
    assert worst(planned(tmp_path, answers, others)) == ["重点客户"]


def test_a_promise_to_a_tier_that_is_none_is_refused() -> None:
    text = loading.standard_text().replace("least = 0.90 # ours", 'least = 0.90\napplies = ["金牌"]', 1)
    with pytest.raises(PolicyError, match="“金牌”不是等级"):
        loading.load(text, source="策略")


def test_a_policy_without_promises_has_the_shipped_ones() -> None:
    text = loading.standard_text()
    start, end = text.index("[[promises]]"), text.index("# --- §4.4 tiers")
    assert loading.load(text[:start] + text[end:], source="旧策略") == POLICY
