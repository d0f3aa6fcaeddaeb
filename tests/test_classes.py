"""The classifications, all at once (practice §6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sheetcrm.assess.book import assess
from sheetcrm.assess.grade.classifications import classify, labels
from sheetcrm.assess.grade.facts import Facts
from sheetcrm.assess.measure.industries import industry
from sheetcrm.model import Assessment, Customer, Serving
from sheetcrm.policy.glossary import MEASURES
from sheetcrm.policy.loading import standard
from sheetcrm.policy.tables import OutcomeRule
from tests.making import book, contact, customer, order, profile
from tests.values import run_as_of

POLICY = standard()
ROLES = POLICY.roles


def outcomes(**facts: Any) -> dict[str, str]:  # noqa: ANN401  (a fact of any kind)
    known: Facts = {"bought": True, "contract_in_force": False, "churn_sign": False} | facts
    return {entry.name: entry.outcome for entry in classify(known, POLICY)}


def assessed(found: Customer, as_of: date, kinds: tuple[str, ...] = ("profile", "order", "follow_up")) -> Assessment:
    results, _ = assess(book(found, kinds=kinds), run_as_of(as_of, policy=POLICY), noted={found.customer_id})
    return results[0]


W = Decimal(10_000)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"spend_total": 50 * W, "tenure_months": 12}, "高价值"),
        ({"spend_total": 50 * W, "tenure_months": 11}, "未归类"),
        ({"spend_total": 50 * W - 1, "tenure_months": 12}, "未归类"),
        ({"spend_12m": 50 * W}, "高价值"),
        ({"spend_12m": 50 * W - 1}, "中价值"),
        ({"spend_12m": 10 * W}, "中价值"),
        ({"spend_12m": 10 * W - 1}, "低价值"),
        ({}, "未归类"),
    ],
)
def test_value(facts: dict[str, Any], outcome: str) -> None:
    assert outcomes(**facts)["价值"] == outcome


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"bought": False, "intent": "低"}, "潜在客户"),
        ({"bought": False}, "未归类"),
        ({"months_since_purchase": 3}, "流失客户"),
        ({"months_since_purchase": 3, "contract_in_force": True, "tenure_months": 9}, "未归类"),
        ({"months_since_purchase": 2, "tenure_months": 9}, "稳定客户"),
        ({"months_since_purchase": 7, "months_since_winback": 3}, "休眠客户"),
        ({"months_since_purchase": 7, "months_since_winback": 2}, "流失客户"),
        ({"tenure_months": 24, "deep_bound": True}, "战略客户"),
        ({"tenure_months": 23, "deep_bound": True}, "稳定客户"),
        ({"tenure_months": 12, "spend_total": 50 * W}, "战略客户"),
        ({"tenure_months": 5}, "新客户"),
        ({"tenure_months": 6}, "稳定客户"),
        ({"tenure_months": 60}, "稳定客户"),
        ({"tenure_months": 6, "months_since_contact": 3}, "未归类"),
        ({"tenure_months": 6, "consecutive_drop_months": 2}, "未归类"),
        ({"tenure_months": 6, "unanswered_hours": 361}, "未归类"),
        ({"tenure_months": 6, "unanswered_hours": 360}, "稳定客户"),
        ({"tenure_months": 6, "competitor_named": True}, "未归类"),
    ],
)
def test_stage_and_the_signs_of_churn(facts: dict[str, Any], outcome: str) -> None:
    assert outcomes(**facts)["合作阶段"] == outcome


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"revenue_share": Decimal("0.151")}, "战略级"),
        ({"revenue_share": Decimal("0.15")}, "普通级"),
        ({"benchmark": True}, "战略级"),
        ({"ecosystem": True}, "战略级"),
        ({"largest_order": 20 * W}, "核心级"),
        ({"asks_complex": True}, "核心级"),
        ({"tenure_months": 6, "need": "扩容", "order_growth": Decimal("0.01")}, "核心级"),
        ({"tenure_months": 6, "need": None, "order_growth": Decimal("0.01"), "revenue_share": Decimal(0)}, "普通级"),
        ({}, "未归类"),
        ({"revenue_share": Decimal(0), "tenure_months": 24, "need": "扩容"}, "未归类"),  # did it grow?
        ({"revenue_share": Decimal(0), "tenure_months": 24, "need": "扩容", "order_growth": Decimal(0)}, "普通级"),
        ({"revenue_share": Decimal(0), "tenure_months": 24, "need": "扩容", "no_spend_before": True}, "普通级"),
        ({"revenue_share": Decimal(0), "tenure_months": 24}, "普通级"),  # without a need growth changes nothing
        ({"revenue_share": Decimal(0), "industry_growth": Decimal("0.15"), "tenure_months": 24}, "未归类"),
        ({"industry_growth": Decimal("0.15"), "tenure_months": 5}, "潜力级"),
        ({"industry_growth": Decimal("0.15"), "spend_12m": 10 * W - 1}, "潜力级"),
        ({"industry_growth": Decimal("0.149"), "spend_12m": 1, "revenue_share": Decimal(0)}, "普通级"),
    ],
)
def test_strategic_level(facts: dict[str, Any], outcome: str) -> None:
    assert outcomes(**facts)["战略层级"] == outcome


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"bought": False}, "潜在客户"),
        ({"spend_12m": 50 * W, "tenure_months": 24, "benchmark": True}, "战略客户"),
        ({"spend_12m": 50 * W, "tenure_months": 23, "benchmark": True, "order_growth": Decimal(0)}, "普通客户"),
        ({"spend_12m": 50 * W, "tenure_months": 23, "benchmark": True}, "未归类"),
        ({"bought": None}, "未归类"),
        ({"months_since_purchase": 9}, "普通客户"),  # 流失: growth would change nothing
        ({"tenure_months": 6, "order_growth": Decimal("0.01")}, "重点客户"),
        ({}, "普通客户"),
    ],
)
def test_file_class(facts: dict[str, Any], outcome: str) -> None:
    assert outcomes(**facts)["档案分类"] == outcome


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"bought": False}, "合作前"),
        ({"tenure_months": 2}, "合作初"),
        ({"tenure_months": 3}, "合作中"),
        ({"tenure_months": 30, "contract_months_left": 3}, "合作后"),
        ({"tenure_months": 30, "contract_months_left": -2}, "合作后"),
        ({"tenure_months": 30, "contract_months_left": 4}, "合作中"),
        ({"tenure_months": 30, "months_since_purchase": 3, "contract_in_force": False}, "合作后"),
        ({"bought": None}, "未归类"),
    ],
)
def test_relation_phase(facts: dict[str, Any], outcome: str) -> None:
    assert outcomes(**facts)["关系阶段"] == outcome


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"bought": False, "months_since_contact": 2}, "开发中"),
        ({"bought": False, "months_since_contact": 3}, "潜在"),
        ({"bought": False}, "潜在"),
        ({"months_since_purchase": 3}, "流失"),
        ({"months_since_purchase": 3, "contract_in_force": True}, "沉睡"),
        ({"months_since_purchase": 2}, "沉睡"),
        ({"months_since_purchase": 1}, "活跃"),
    ],
)
def test_activity(facts: dict[str, Any], outcome: str) -> None:
    assert outcomes(**facts)["活跃状态"] == outcome


def test_the_example_customer_is_high_value_and_strategic_and_the_explanation_says_what_lacks() -> None:
    found = assessed(
        customer(
            customer_id="C001",
            profile=profile(first_deal=date(2022, 3, 15), spend_total=Decimal(680_000), last_deal=date(2023, 10, 20)),
        ),
        date(2023, 10, 20),
    )
    decided = {entry.name: (entry.outcome, entry.rule) for entry in found.classes}
    assert decided["价值"] == ("高价值", "累计")
    assert decided["合作阶段"] == ("战略客户", "战略-累计")
    told = next(note for note in found.class_notes if note.startswith("合作阶段"))
    assert "累计50万元以上且合作满12个月" in told
    assert "“合作满24个月且深度绑定”未达到：合作月数19" in told


def test_the_three_clocks_give_different_answers() -> None:
    told_apart = customer(
        profile=profile(first_deal=date(2024, 1, 10), contract_end=date(2026, 12, 31)),
        orders=(order("2026-06-30", 5_000),),  # four months ago: the purchase clock has run out
        follow_ups=(contact("2026-10-20", channel="电话"),),  # eleven days ago: the contact clock has not
    )
    found = assessed(told_apart, date(2026, 10, 31))
    measures = found.measures
    assert (measures.months_since_purchase, measures.months_since_contact, measures.contract_in_force) == (4, 0, True)
    codes = {alert.code for alert in found.alerts}
    assert "流失预警-消费" not in codes  # the contract stands
    assert "流失预警-联系" not in codes
    assert {entry.name: entry.outcome for entry in found.classes}["活跃状态"] == "沉睡"  # not 流失: the contract stands
    later = assessed(told_apart, date(2027, 1, 31))
    assert "流失预警-消费" in {alert.code for alert in later.alerts}
    assert {entry.name: entry.outcome for entry in later.classes}["活跃状态"] == "流失"


@pytest.mark.parametrize(
    ("written", "major"),
    [
        ("制造业-专用设备制造", "制造业"),
        ("製造業－專用設備", "制造业"),
        (" 製造 業 ", "制造业"),
        ("ＩＴ服务", "IT服务"),
        ("制造业－专用设备", "制造业"),
        ("批发", "批发"),
        ("", None),
        (None, None),
    ],
)
def test_the_industry_is_its_major_part(written: str | None, major: str | None) -> None:
    assert industry(written) == major


@pytest.mark.parametrize("condition", ["制造业", "製造業", "不是 零售业", "包含 製造"])
@pytest.mark.parametrize("written", ["制造业-专用设备", "製造業"])
def test_an_industry_is_compared_folded(condition: str, written: str) -> None:
    rule = OutcomeRule(code="行业", when={"industry": condition}, outcome="是")
    assert rule.holds({"industry": industry(written)})
    assert not rule.holds({"industry": industry("零售業")})


def test_the_labels_are_written_for_people_and_for_the_file() -> None:
    known: Facts = {
        "价值": "高价值",
        "industry": "制造业",
        "合作阶段": "战略客户",
        "need_type": "解决方案型",
        "档案分类": "重点客户",
    }
    assert labels(known, ROLES, ()).people == "高价值、制造业、战略客户、解决方案型需求"
    assert labels(known, ROLES, ("高流失风险",)).people.endswith("、高流失风险")
    assert labels(known | {"need_type": "产品采购型"}, ROLES, ()).file == "制造业-重点客户-产品采购"
    assert labels({"价值": "未归类", "合作阶段": "未归类"}, ROLES, ()).people == ""


def test_every_measure_of_the_glossary_is_a_fact() -> None:
    found: dict[str, Any] = {}

    class Spy(dict[str, Any]):
        def __setitem__(self, key: str, value: object) -> None:
            found[key] = value
            super().__setitem__(key, value)

    from sheetcrm.assess.context import book_context  # noqa: PLC0415
    from sheetcrm.assess.grade import alerts, facts  # noqa: PLC0415
    from sheetcrm.assess.measure import measures  # noqa: PLC0415

    one = customer(profile=profile())
    as_of = date(2026, 10, 31)
    context = book_context(book(one, kinds=("service",)), run_as_of(as_of, policy=POLICY))
    known = Spy(facts.gather_facts(one, measures.measure(one, context).measures, share_base=Decimal(1)))
    found.update(known)
    classify(known, POLICY)
    alerts.add_service_facts(known, one, Serving(now="VIP客户", before=None, graded_on=as_of), context)
    alerts.raise_alerts(known, context.run)
    alerts.judge_health(known, POLICY)
    by_grading = {"tier", "standing", "stage_changed", "need_type_changed", "grading_overdue_days", "uncontacted_days"}
    by_grading |= {"usage_change", "activation_change", "engagement_change"}
    assert set(MEASURES) <= set(found) | by_grading


def test_the_rest_never_catches_who_nobody_knows_anything_of() -> None:
    stranger = customer(profile=profile(name="甲公司"))
    found = assessed(stranger, date(2026, 10, 31), kinds=("profile",))
    assert {entry.name: entry.outcome for entry in found.classes} == dict.fromkeys(
        ("价值", "合作阶段", "战略层级", "档案分类", "关系阶段", "活跃状态"), "未归类"
    )
    notes = {entry.name: entry.note for entry in found.classes}
    assert notes["战略层级"] == "不知道占本年消费总额"
    assert notes["档案分类"] == "不知道已成交"
    assert "未归类" not in found.tags + found.file_label
