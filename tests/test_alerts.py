"""Health, risk and alerts (practice §7)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sheetcrm.assess.book import assess
from sheetcrm.assess.grade.alerts import judge_health, raise_alerts
from sheetcrm.assess.grade.facts import Facts
from sheetcrm.model import Assessment, Customer, NeedEntry, Past, RiskEntry, ServiceRequest
from sheetcrm.policy.loading import standard
from tests.making import TABLE, book, contact, customer, order, profile, scoring_row
from tests.values import run_as_of

POLICY = standard()
AS_OF = date(2026, 10, 31)
KINDS = ("profile", "order", "follow_up", "service", "need", "risk")


def codes(**facts: Any) -> set[str]:  # noqa: ANN401  (a fact of any kind)
    known: Facts = dict(facts)
    return {alert.code for alert in raise_alerts(known, run_as_of(AS_OF, policy=POLICY))}


@pytest.mark.parametrize(
    ("facts", "code", "raised"),
    [
        ({"bought": True, "contract_in_force": False, "months_since_purchase": 3}, "流失预警-消费", True),
        ({"bought": True, "contract_in_force": False, "months_since_purchase": 2}, "流失预警-消费", False),
        ({"bought": True, "contract_in_force": True, "months_since_purchase": 9}, "流失预警-消费", False),
        ({"months_since_contact": 3}, "流失预警-联系", True),
        ({"months_since_contact": 2}, "流失预警-联系", False),
        ({"months_since_new_need": 2}, "需求激活预警", True),
        ({"months_since_new_need": 1}, "需求激活预警", False),
        ({"consecutive_drop_months": 2}, "消费骤降", True),
        ({"consecutive_drop_months": 1}, "消费骤降", False),
        ({"spend_change": Decimal("0.30")}, "金额波动-升", True),
        ({"spend_change": Decimal("-0.30")}, "金额波动-降", True),
        ({"spend_change": Decimal("-0.29")}, "金额波动-降", False),
        ({"stage_changed": True}, "阶段变化", True),
        ({"need_type_changed": True}, "需求类型变化", True),
        ({"need_type_changed": None}, "需求类型变化", False),
        ({"satisfaction": 84, "satisfaction_before": 84}, "满意度预警", True),
        ({"satisfaction": 84, "satisfaction_before": 85}, "满意度预警", False),
        ({"unanswered_hours": 25}, "反馈未回应", True),
        ({"unanswered_hours": 24}, "反馈未回应", False),
        ({"complaints_period": 1}, "投诉", True),
        ({"late_responses": 1}, "风险-轻度", True),
        ({"unanswered_hours": 15 * 24 + 1}, "风险-中度", True),
        ({"unanswered_hours": 15 * 24}, "风险-中度", False),
        ({"competitor_named": True}, "风险-重度", True),
        ({"contract_months_left": 3}, "续约", True),
        ({"contract_months_left": 4}, "续约", False),
        ({"grading_overdue_days": 1}, "等级滞后", True),
        ({"tier": "VIP客户", "managers_in_period": 2}, "多人对接", True),
        ({"tier": "重点客户", "managers_in_period": 2}, "多人对接", False),
        ({"benefits_above": 1}, "越级承诺", True),
        ({"largest_order_period": 200_000}, "升级评估-大单", True),
        ({"asks_complex": True}, "升级评估-复杂功能", True),
        ({"months_since_repair": 0}, "修复验证", True),
        ({"months_since_repair": 1}, "修复验证", False),
        ({"repair_held": False}, "重新诊断", True),
        ({"repair_held": True}, "重新诊断", False),
        ({"repair_held": None}, "重新诊断", False),
        ({"contact_change": Decimal("-0.3")}, "风险信号-联系减少", True),
        ({"contact_change": Decimal("-0.29")}, "风险信号-联系减少", False),
        ({"frequency_change": Decimal("-0.5")}, "风险信号-频次减半", True),
        ({"frequency_change": Decimal("-0.49")}, "风险信号-频次减半", False),
        ({"usage_change": Decimal("-0.5")}, "风险信号-使用减半", True),
        ({"usage_change": Decimal("-0.49")}, "风险信号-使用减半", False),
        ({"activation_change": Decimal("-0.5")}, "风险信号-激活率减半", True),
        ({"engagement_change": Decimal("-0.5")}, "风险信号-参与减半", True),
        ({"expands": True}, "升级评估-业务拓展", True),
        ({"industry_gap": Decimal(-5)}, "风险信号-满意度低于同行", True),
        ({"industry_gap": Decimal("-4.9")}, "风险信号-满意度低于同行", False),
        ({"satisfaction_gap": Decimal(-5)}, "风险信号-满意度走低", True),
        ({"satisfaction_gap": Decimal("-4.9")}, "风险信号-满意度走低", False),
    ],
)
def test_an_alert_is_raised_at_its_edge_and_not_below(facts: dict[str, Any], code: str, raised: bool) -> None:  # noqa: FBT001
    assert (code in codes(**facts)) is raised


def test_nothing_known_raises_nothing() -> None:
    assert codes() == set()


def test_the_highest_risk_wins() -> None:
    known: Facts = {"late_responses": 1, "competitor_named": True, "unanswered_hours": 361}
    raise_alerts(known, run_as_of(AS_OF, policy=POLICY))
    assert known["risk"] == "重度"


def test_every_alert_says_what_to_do_by_whom_and_by_when() -> None:
    (alert,) = raise_alerts({"competitor_named": True}, run_as_of(AS_OF, policy=POLICY))
    assert (alert.owner, alert.due, alert.tag) == ("客户总监", date(2026, 11, 2), "高流失风险")
    assert alert.action


@pytest.mark.parametrize(
    ("facts", "colour"),
    [
        ({}, "无数据"),
        ({"satisfaction": 90}, "无数据"),
        ({"satisfaction": 90, "late_responses": 0}, "绿"),
        ({"satisfaction": 84, "late_responses": 0}, "黄"),
        ({"satisfaction": 90, "late_responses": 1}, "黄"),
        ({"satisfaction": 90, "contact_change": Decimal("-0.3")}, "黄"),
        ({"satisfaction": 84, "satisfaction_before": 80, "late_responses": 0}, "红"),
        ({"satisfaction": 90, "late_responses": 0, "risk": "重度"}, "红"),
        ({"satisfaction": 90, "late_responses": 0, "risk": "中度"}, "黄"),
        ({"risk": "重度"}, "红"),
        ({"risk": "中度"}, "黄"),
        ({"satisfaction": 84}, "黄"),
        ({"contact_change": Decimal("-0.3")}, "黄"),
    ],
)
def test_health(facts: dict[str, Any], colour: str) -> None:
    assert judge_health(dict(facts), POLICY).colour == colour


def test_a_missing_input_of_health_is_said() -> None:
    found = judge_health({"satisfaction": 90, "late_responses": 0}, POLICY)
    assert set(found.missing) == {"联系频次", "需求转化"}


def request(at: str, answered: str | None = None, **values: Any) -> ServiceRequest:  # noqa: ANN401  (any field)
    return ServiceRequest(
        origin=TABLE,
        row=2,
        customer_id="C001",
        requested_at=datetime.fromisoformat(at),
        responded_at=datetime.fromisoformat(answered) if answered else None,
        **values,
    )


def assessed(found: Customer, history: dict[str, Past] | None = None) -> Assessment:
    results, _ = assess(book(found, kinds=KINDS), run_as_of(AS_OF, policy=POLICY), history=history or {})
    return results[0]


def told(found: Customer, history: dict[str, Past] | None = None) -> set[str]:
    return {alert.code for alert in assessed(found, history).alerts}


def test_late_is_measured_against_the_limit_of_the_tier() -> None:
    # a 观察客户 is promised 48 hours
    row = scoring_row(recency=100, frequency_12m=Decimal(1), spend_12m=Decimal(100))
    in_time = customer(scoring=row, services=(request("2026-10-20 09:00", "2026-10-22 09:00"),))
    late = customer(scoring=row, services=(request("2026-10-20 09:00", "2026-10-22 09:01"),))
    assert "风险-轻度" not in told(in_time)
    assert "风险-轻度" in told(late)
    assert assessed(late).risk == "轻度"


@pytest.mark.parametrize(("asked", "risk"), [("2026-10-16T23:59", True), ("2026-10-17T00:00", False)])
def test_fifteen_days_are_fifteen_times_24_hours(asked: str, risk: bool) -> None:  # noqa: FBT001
    waiting = customer(profile=profile(), services=(request(asked),))
    assert ("风险-中度" in told(waiting)) is risk
    assert any("15天（360小时）" in alert.note for alert in assessed(waiting).alerts) is risk


def test_an_unanswered_request_grows_old() -> None:
    open_request = customer(profile=profile(), services=(request("2026-10-14 09:00"),))
    assert {"反馈未回应", "风险-中度"} <= told(open_request)
    solved = customer(profile=profile(), services=(request("2026-10-14 09:00", resolved=True),))
    assert not {"反馈未回应", "风险-中度"} & told(solved)


def test_texts_of_the_window_speak_and_denials_do_not() -> None:
    assert "风险-重度" in told(
        customer(profile=profile(), follow_ups=(contact("2026-10-01", feedback="客户考虑竞品报价"),))
    )
    assert "风险-重度" not in told(
        customer(profile=profile(), follow_ups=(contact("2026-10-01", feedback="没有考虑竞品"),))
    )
    assert "风险-重度" not in told(
        customer(profile=profile(), follow_ups=(contact("2026-07-01", feedback="考虑竞品"),))
    )


def test_a_registered_risk_stands_until_it_is_repaired() -> None:
    risk = RiskEntry(origin=TABLE, row=2, customer_id="C001", date=date(2026, 10, 1), signal="预算削减")
    assert "风险信号" in told(customer(profile=profile(), risks=(risk,)))
    repaired = RiskEntry(
        origin=TABLE,
        row=2,
        customer_id="C001",
        date=date(2026, 10, 1),
        signal="预算削减",
        repaired_on=date(2026, 10, 20),
    )
    found = told(customer(profile=profile(), risks=(repaired,)))
    assert "风险信号" not in found
    assert "修复验证" in found


def test_benefits_above_the_tier_are_found() -> None:
    row = scoring_row(recency=100, frequency_12m=Decimal(1), spend_12m=Decimal(100))
    granted = request("2026-10-20 09:00", "2026-10-20 10:00", benefit="新产品优先试用")
    assert "越级承诺" in told(customer(scoring=row, services=(granted,)))
    own = request("2026-10-20 09:00", "2026-10-20 10:00", benefit="促销信息")
    assert "越级承诺" not in told(customer(scoring=row, services=(own,)))
    discount = request("2026-10-20 09:00", "2026-10-20 10:00", discount=Decimal("0.05"))
    assert "越级承诺" in told(customer(scoring=row, services=(discount,)))


@pytest.mark.parametrize(
    ("as_of", "code", "due"),
    [
        ("2026-10-31", "风险-重度", "2026-11-02"),  # a Saturday, and 1 day on: the first working day after it
        ("2026-10-30", "风险-重度", "2026-11-02"),  # a Friday
        ("2026-10-29", "风险-重度", "2026-10-30"),
        ("2026-10-24", "风险信号", "2026-10-30"),  # 7 days: a Saturday, so the Friday before
        ("2026-09-30", "风险-重度", "2026-10-08"),  # before the National Day holiday
        ("2026-09-30", "风险信号", "2026-10-08"),  # 7 days on is the last of it
    ],
)
def test_an_alert_falls_due_on_a_working_day(as_of: str, code: str, due: str) -> None:
    facts: Facts = {"competitor_named": True, "signals": "竞品"}
    raised = raise_alerts(facts, run_as_of(date.fromisoformat(as_of)))
    assert [alert.due.isoformat() for alert in raised if alert.code == code] == [due]


def test_needs_and_their_conversion_count() -> None:
    need = NeedEntry(origin=TABLE, row=2, customer_id="C001", raised_on=date(2026, 8, 31), status="放弃")
    found = customer(profile=profile(), needs=(need,))
    assert "需求激活预警" in told(found)
    assert "需求转化" in assessed(found).health.bad or "需求转化" not in assessed(found).health.missing


def test_a_change_of_stage_is_told_against_the_history() -> None:
    found = customer(profile=profile(first_deal=date(2020, 1, 1)), orders=(order("2026-10-01", 100),))
    past = Past("2026-09", "观察客户", None, date(2026, 9, 30), {"合作阶段": "新客户"})
    assert "阶段变化" in told(found, {"C001": past})
    same = Past("2026-09", "观察客户", None, date(2026, 9, 30), {"合作阶段": "稳定客户"})
    assert "阶段变化" not in told(found, {"C001": same})
    assert "阶段变化" not in told(found)


def test_only_a_grade_that_nobody_renewed_lags() -> None:
    old, fresh = date(2026, 4, 29), date(2026, 9, 30)
    unread: dict[str, Any] = {"recency": 10, "frequency_12m": Decimal(1), "unreadable": ("spend_12m",)}
    lagging = scoring_row(**unread, grade="普通客户", assessed_on=old)
    assert "等级滞后" in told(customer(scoring=lagging))
    assert "等级滞后" not in told(customer(scoring=scoring_row(**unread, grade="普通客户", assessed_on=fresh)))
    quarterly = scoring_row(**unread, grade="VIP客户", assessed_on=date(2026, 7, 30))
    buying = customer(scoring=quarterly, orders=(order("2026-10-20", 100),))
    assert "等级滞后" in told(buying), "the interval is that of the grade nobody renewed"
    assert "等级滞后" not in told(customer(scoring=quarterly)), "the lost are graded half-yearly"
    renewed = scoring_row(recency=10, frequency_12m=Decimal(1), spend_12m=Decimal(100), assessed_on=old)
    assert "等级滞后" not in told(customer(scoring=renewed)), "this run grades it anew"
    unsold = customer(profile=profile(spend_total=Decimal(0)), scoring=scoring_row(assessed_on=old))
    assert "等级滞后" not in told(unsold), "it has no tier to lag"


def test_a_grade_that_cannot_be_renewed_lags_by_the_day_on_record() -> None:
    """A VIP graded on 29 July and 待补充资料 since: no later period has its interval, but each has its day."""
    graded, due = date(2026, 7, 29), date(2026, 10, 29)
    found = customer(scoring=scoring_row(unreadable=("spend_12m",), assessed_on=AS_OF))
    past = Past("2026-09", "待补充资料", None, graded, {}, next_grading=due)
    assert "等级滞后" in told(found, {"C001": past})
    assert assessed(found, {"C001": past}).next_grading == due, "the next period is told again"
    never = Past("2026-09", "待补充资料", None, None, {}, next_grading=due)
    assert "等级滞后" not in told(found, {"C001": never}), "it never had a tier"


def test_a_regrading_alert_makes_the_next_grading_due_now() -> None:
    calm = assessed(customer(profile=profile(), orders=(order("2026-10-01", 100),)))
    assert calm.next_grading == date(2027, 4, 30)
    alarmed = assessed(customer(profile=profile(), orders=(order("2026-07-01", 100), order("2026-10-01", 500))))
    assert any(alert.regrade for alert in alarmed.alerts)
    assert alarmed.next_grading == AS_OF


def test_the_tier_of_the_lost_is_regraded_half_yearly_whatever_it_is() -> None:
    figures: dict[str, Any] = {"frequency_12m": Decimal(24), "spend_12m": Decimal(900_000), "assessed_on": AS_OF}
    row = scoring_row(recency=20, repurchase_rate=Decimal(1), **figures)
    lost = scoring_row(recency=date(2026, 7, 20), repurchase_rate=Decimal(1), **figures)
    kept, gone = (assessed(customer(scoring=one, profile=profile(first_deal=date(2022, 1, 1)))) for one in (row, lost))
    assert (kept.grade, kept.next_grading) == ("VIP客户", date(2027, 1, 31))
    assert "流失客户" in {entry.outcome for entry in gone.classes}
    assert "高价值" in {entry.outcome for entry in gone.classes}
    assert gone.next_grading == date(2027, 4, 30)


@pytest.mark.parametrize(
    ("repaired", "need", "again"),
    [
        ("2026-09-30", None, True),
        ("2026-09-30", "2026-10-10", False),
        ("2026-10-01", None, False),
        ("2026-08-31", None, False),
        ("2026-09-01", None, True),
    ],
    ids=["nothing came of it", "a need came of it", "not over yet", "a month ago already", "over on the first"],
)
def test_a_repair_that_did_not_hold_is_diagnosed_again(repaired: str, need: str | None, again: bool) -> None:  # noqa: FBT001
    risk = RiskEntry(
        origin=TABLE,
        row=2,
        customer_id="C001",
        date=date(2026, 8, 1),
        signal="预算削减",
        repaired_on=date.fromisoformat(repaired),
    )
    needs = (NeedEntry(origin=TABLE, row=2, customer_id="C001", raised_on=date.fromisoformat(need)),) if need else ()
    assert ("重新诊断" in told(customer(profile=profile(), risks=(risk,), needs=needs))) is again


def test_the_last_score_is_held_against_the_customers_own_mean() -> None:
    asked = tuple(request(f"2026-10-0{day} 09:00", satisfaction=Decimal(score)) for day, score in ((5, 95), (6, 85)))
    found = assessed(customer(profile=profile(), services=asked))
    assert found.measures.satisfaction_gap == -5
    assert "风险信号-满意度走低" in {alert.code for alert in found.alerts}
    typed = assessed(customer(scoring=scoring_row(satisfaction=Decimal(40))))
    assert typed.measures.satisfaction_gap == 0
