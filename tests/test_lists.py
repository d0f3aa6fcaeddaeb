"""The period's lists (practice §10), each expectation written by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sheetcrm.assess.book import assess
from sheetcrm.assess.lists import sources
from sheetcrm.assess.lists.breaches import breaches, keeping, outcome_of
from sheetcrm.assess.lists.causes import CAUSES
from sheetcrm.assess.lists.figure_causes import figure_causes
from sheetcrm.assess.lists.outlook import outlook
from sheetcrm.assess.lists.reminders import reminders
from sheetcrm.assess.lists.routines import routines
from sheetcrm.assess.lists.shifts import shifts
from sheetcrm.errors import PolicyError
from sheetcrm.model import (
    FIGURES,
    Anomaly,
    Assessment,
    Book,
    Classification,
    Customer,
    Departed,
    Figure,
    FollowUp,
    Level,
    Mean,
    Measures,
    Movement,
    Past,
    Promise,
    Ratio,
    Undertaking,
)
from sheetcrm.model.lists import Breach, FunnelRow, Outlook, PromiseKeeping
from sheetcrm.policy import loading
from sheetcrm.policy.loading import preset, standard
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run
from tests.making import TABLE, book, order, profile, scoring_row
from tests.reporting import AS_OF, PERIOD, assessment, figures, request
from tests.values import replace, run_as_of

RUN = run_as_of(AS_OF, period=PERIOD)
ROLES = standard().roles


# --- 分类复核提醒 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("next_grading", "reminded"),
    [("2026-10-31", False), ("2026-09-01", False), ("2026-11-01", True), ("2026-11-30", True), ("2026-12-01", False)],
    ids=["graded by this run", "overdue: graded by this run", "tomorrow", "the horizon", "after it"],
)
def test_who_falls_due_after_this_run_and_by_the_horizon_is_reminded_of(next_grading: str, *, reminded: bool) -> None:
    entry = assessment(next_grading=date.fromisoformat(next_grading))
    assert [row.assessment for row in reminders([entry, assessment("C002")], RUN)] == ([entry] if reminded else [])


# --- 下月预警 -----------------------------------------------------------------------------------------


def graded(customer: Customer, *, policy: Policy | None = None) -> tuple[tuple[Assessment, ...], Run, Book]:
    run, sheets = run_as_of(AS_OF, period=PERIOD, policy=policy), book(customer, kinds=("scoring", "order"))
    return assess(sheets, run)[0], run, sheets


def typed(**values: Any) -> Customer:  # noqa: ANN401
    """A customer whose figures are typed: 86.8 points on the standard card unless told otherwise."""
    plain: dict[str, Any] = {
        "assessed_on": date(2026, 10, 20),
        "recency": 20,
        "frequency_12m": Decimal(12),
        "spend_12m": Decimal(300_000),
        "growth_level": Level("高", Decimal("0.15")),
        "repurchase_rate": Decimal("0.85"),
    }
    return Customer("C001", "甲公司", scoring=scoring_row(**(plain | values)))


def shown(rows: tuple[Outlook, ...]) -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    return [(row.assessment.customer.customer_id, row.tier, row.score, row.amount) for row in rows]


def test_typed_figures_age_by_recency_alone() -> None:
    # R 80 days 70, F 6 -> 60, M 10 万 -> 60, 100, 74: 14 + 9 + 21 + 15 + 11.1 = 70.1; a month on 110 days are 60: 68.1
    entries, run, sheets = graded(
        typed(recency=80, frequency_12m=Decimal(6), spend_12m=Decimal(100_000), repurchase_rate=Decimal("0.74"))
    )
    assert entries[0].score.total == Decimal("70.1")
    falls, _rises = outlook(entries, run, sheets)
    assert shown(falls) == [("C001", "普通客户", Decimal("68.1"), None)]


def test_a_tier_that_holds_a_month_on_is_no_warning() -> None:
    assert outlook(*graded(typed()))[0] == ()


def test_sums_of_orders_lack_the_month_that_drops_out_and_no_later_order_counts() -> None:
    # 50 万 in November 2025 carry the month; without them 1 万 is left: M falls from 100 to 30 points.
    placed = (order("2025-11-15", 500_000), order("2026-10-20", 10_000), order("2026-11-05", 900_000))
    entries, run, sheets = graded(
        Customer(
            "C001",
            "甲公司",
            scoring=scoring_row(growth_level=Level("高", Decimal("0.15")), repurchase_rate=Decimal("0.85")),
            orders=placed,
        )
    )
    # now: R 11 days 90, F 2 -> 30, M 51 万 -> 100, 100, 85: 18 + 4.5 + 35 + 15 + 12.75 = 85.25
    assert (entries[0].score.total, entries[0].grade) == (Decimal("85.3"), "重点客户")
    falls, _rises = outlook(entries, run, sheets)
    # 11-30: R 41 days 80, F 1 -> 15, M 1 万 -> 30: 16 + 2.25 + 10.5 + 15 + 12.75 = 56.5
    assert shown(falls) == [("C001", "普通客户", Decimal("56.5"), None)]


def test_one_order_from_rising_names_the_least_amount() -> None:
    # R 90, F 75, M 85, 100, 85 = 86.8; after an order today R 100, F 13 -> 75: 89.0 (88.75), so M must reach 100 points
    entries, run, sheets = graded(typed(spend_12m=Decimal(450_000), average_order=Decimal(60_000)))
    assert entries[0].score.total == Decimal("86.8")
    assert shown(outlook(entries, run, sheets)[1]) == [("C001", "VIP客户", Decimal("94.0"), Decimal(50_000))]


def test_where_any_order_is_enough_no_amount_is_named() -> None:
    # R 50 days 80, F 75, M 100, 100, 80: 16 + 11.25 + 35 + 15 + 12 = 89.25; after an order of any size R 100: 93.25
    entries, run, sheets = graded(
        typed(recency=50, spend_12m=Decimal(500_000), average_order=Decimal(40_000), repurchase_rate=Decimal("0.8"))
    )
    assert entries[0].score.total == Decimal("89.3")
    assert shown(outlook(entries, run, sheets)[1]) == [("C001", "VIP客户", Decimal("93.3"), Decimal(0))]


def test_risers_stand_by_the_tier_they_reach_then_by_the_amount() -> None:
    near = {"average_order": Decimal(60_000)}
    one, two, three = (
        typed(spend_12m=Decimal(460_000), **near),
        typed(spend_12m=Decimal(450_000), **near),
        typed(recency=50, frequency_12m=Decimal(4), spend_12m=Decimal(190_000), repurchase_rate=Decimal("0.4"), **near),
    )
    people = [replace(entry, customer_id=f"C00{at}") for at, entry in enumerate((three, two, one), start=1)]
    run, sheets = run_as_of(AS_OF, period=PERIOD), book(*people, kinds=("scoring",))
    rises = outlook(assess(sheets, run)[0], run, sheets)[1]
    assert [(row.assessment.customer.customer_id, row.tier, row.amount) for row in rises] == [
        ("C003", "VIP客户", Decimal(40_000)),
        ("C002", "VIP客户", Decimal(50_000)),
        ("C001", "重点客户", Decimal(10_000)),
    ]


def test_an_order_larger_than_any_before_is_not_within_reach() -> None:
    far = typed(spend_12m=Decimal(450_000), average_order=Decimal(49_999))
    assert outlook(*graded(far))[1] == ()
    policy = standard()
    wider = policy.model_copy(update={"report": policy.report.model_copy(update={"order_reach": Decimal(2)})})
    assert [row.amount for row in outlook(*graded(far, policy=wider))[1]] == [Decimal(50_000)]


def test_who_is_graded_by_a_person_or_by_rank_is_not_foretold() -> None:
    entries, run, sheets = graded(typed(spend_12m=Decimal(450_000), average_order=Decimal(60_000)))
    by_hand = [replace(entry, override=object()) for entry in entries]
    assert outlook(by_hand, run, sheets) == ((), ())
    policy = run.policy.model_copy(update={"scoring": run.policy.scoring.model_copy(update={"quota": True})})
    assert outlook(entries, run_as_of(AS_OF, period=PERIOD, policy=policy), sheets) == ((), ())


def test_a_classification_that_decides_is_foretold_too() -> None:
    policy = preset("价值")
    entries, run, sheets = graded(typed(spend_12m=Decimal(450_000), average_order=Decimal(60_000)), policy=policy)
    assert entries[0].grade == "中价值"
    assert [(row.tier, row.amount) for row in outlook(entries, run, sheets)[1]] == [("高价值", Decimal(50_000))]


# --- 违约清单 -----------------------------------------------------------------------------------------


def test_each_promise_of_the_standard_that_was_broken_is_listed_with_by_how_much() -> None:
    services = (
        request("2026-10-12 09:00", "2026-10-12 14:30", "2026-10-12 12:00", resolved=True, staff="客服甲"),
        request("2026-10-13 09:00", "2026-10-13 10:00", "2026-10-13 15:00", resolved=True),
        request("2026-10-14 09:00", "2026-10-14 10:00", "2026-10-14 11:00", resolved=True, discount=Decimal("0.15")),
        request("2026-10-15 09:00", "2026-10-15 13:00", "2026-10-15 13:00", resolved=True, discount=Decimal("0.10")),
        request("2026-09-30 09:00", "2026-10-02 09:00"),
        request("2026-10-31 22:00"),
    )
    rows = breaches([assessment(services=services)], RUN)
    assert [(row.promise, row.day.isoformat(), row.grade, row.detail, row.owner, row.person) for row in rows] == [
        ("首次响应", "2026-10-12", "VIP客户", "超时1.5小时", "林婉清", "客服甲"),
        ("解决", "2026-10-13", "VIP客户", "超时2.0小时", "林婉清", ""),
        ("折扣", "2026-10-14", "VIP客户", "给了15%，标准10%", "林婉清", ""),
    ]


def test_a_benefit_above_the_tier_is_broken_too_and_the_unanswered_says_so() -> None:
    granted = standard().tiers[0].standard.benefits[0]
    services = (
        request("2026-10-12 09:00", "2026-10-12 10:00", benefit=granted),
        request("2026-10-30 23:59:59.999999"),
    )
    rows = breaches([assessment("C001", "普通客户", score="60.0", services=services)], RUN)
    assert [(row.promise, row.detail) for row in rows] == [
        ("解决", "至今未解决，已超时423.0小时"),  # 10-14 09:00 to the end of 10-31
        ("权益", f"越级给了“{granted}”"),
    ]


def promised(due: str | None, done: str | None = None, *, is_open: bool = False, **of: Any) -> Undertaking:  # noqa: ANN401
    """A promise by its day and the day it was done; not open without one, it was given anew."""
    day, done_on = (date.fromisoformat(text) if text else None for text in (due, done))
    note = FollowUp(origin=TABLE, row=2, customer_id="C001", date=date(2026, 10, 1), **of)
    kept = done_on <= day if day and done_on else None
    return Undertaking(note, Promise("提供报价单", day, "3日内"), is_open, done_on=done_on, kept=kept)


@pytest.mark.parametrize(
    ("due", "settled"),
    [("2026-10-29", "2026-10-30"), ("2026-10-30", None), ("2026-09-30", "2026-10-08"), (None, None)],
    ids=["a working day passed", "Friday, and Saturday is no working day", "over the national holiday", "no day"],
)
def test_a_promise_is_settled_a_working_day_after_its_own(due: str | None, settled: str | None) -> None:
    outcome = outcome_of(promised(due, is_open=True), RUN)
    assert (outcome.settled_on.isoformat() if outcome else None) == settled


def test_what_is_done_without_a_day_is_kept() -> None:
    done = promised("2026-10-12")
    outcome = outcome_of(replace(done, kept=True), RUN)
    assert outcome is not None
    assert (outcome.kept, outcome.days_late) == (True, 0)
    assert outcome_of(done, RUN) is None  # given anew


def test_promises_kept_are_counted_per_owner_of_those_settled_in_the_period() -> None:
    entry = assessment(
        undertakings=(
            promised("2026-10-12", "2026-10-09"),
            promised("2026-10-20", is_open=True, person="前任"),
            promised("2026-10-14", "2026-10-19"),
            promised("2026-10-15"),
            promised("2026-09-10", is_open=True),
            promised("2026-10-30", is_open=True),
        )
    )
    nobody = assessment("C002", owner=None, undertakings=(promised("2026-10-12", "2026-10-12", person="王工"),))
    rows = breaches([entry, nobody], RUN)
    assert [(row.promise, row.day.isoformat(), row.detail, row.owner, row.person) for row in rows] == [
        ("下一步计划", "2026-10-14", "逾期5天：提供报价单", "林婉清", ""),
        ("下一步计划", "2026-10-20", "逾期11天：提供报价单", "林婉清", "前任"),
    ]
    assert keeping([entry, nobody], rows, RUN) == (
        PromiseKeeping(owner="林婉清", kept=Ratio(1, 3), breaches={"下一步计划": 2}),
        PromiseKeeping(owner="王工", kept=Ratio(1, 1), breaches={}),
    )


# --- the funnel, 价值 × 合作阶段, CSAT by 问题类别 ------------------------------------------------------


def classed(customer_id: str, *, bought: bool | None, classes: dict[str, str], **fields: Any) -> Assessment:  # noqa: ANN401
    spend = fields.pop("spend", None)
    return replace(
        assessment(customer_id, services=fields.pop("services", ())),
        customer=Customer(customer_id, f"公司{customer_id}", profile=profile(customer_id, **fields)),
        measures=Measures(bought=bought, spend_12m=None if spend is None else Decimal(spend)),
        classes=tuple(Classification(name, outcome, "", "") for name, outcome in classes.items()),
    )


def funnel_customers() -> list[Assessment]:
    waiting = {"合作阶段": "潜在客户", "活跃状态": "潜在"}
    developing = {"合作阶段": "潜在客户", "活跃状态": "开发中"}
    return [
        classed("C001", bought=False, classes=waiting, informant="钱先生", referrer="C009"),
        classed("C002", bought=False, classes=developing, informant="钱先生", referrer="公司C009"),
        classed("C003", bought=True, classes={"合作阶段": "新客户", "活跃状态": "活跃"}, informant="钱先生"),
        classed("C004", bought=True, classes={"合作阶段": "新客户", "活跃状态": "沉睡"}, informant="孙女士"),
        classed("C005", bought=False, classes=developing),
        classed("C009", bought=True, classes={"合作阶段": "稳定客户", "活跃状态": "活跃"}, informant="钱先生"),
        classed("C010", bought=None, classes={"合作阶段": "未归类"}, informant="钱先生"),
    ]


def test_the_funnel_counts_who_is_on_the_way_by_source() -> None:
    entries = funnel_customers()
    assert sources.by_informant(entries, ROLES) == (
        FunnelRow(name="钱先生", waiting=1, developing=1, new=1),
        FunnelRow(name="孙女士", waiting=0, developing=0, new=1),
        FunnelRow(name="未填", waiting=0, developing=1, new=0),
    )
    assert sources.by_referrer(entries, ROLES) == (
        FunnelRow(name="C009", waiting=1, developing=1, new=0),
        FunnelRow(name="未填", waiting=0, developing=1, new=2),
    )


def test_a_column_nobody_fills_gives_no_funnel() -> None:
    assert sources.by_referrer([classed("C001", bought=False, classes={})], ROLES) == ()


def test_the_funnel_asks_roles_and_no_names() -> None:
    text = loading.standard_text()
    for old, new in (("开发中", "培育中"), ("新客户", "新签"), ("活跃状态", "动态")):
        text = text.replace(f'"{old}"', f'"{new}"')
    roles = loading.load(text, source="test").roles
    renamed = [
        classed("C001", bought=False, classes={"动态": "培育中"}, informant="钱先生"),
        classed("C002", bought=True, classes={"合作阶段": "新签"}, informant="钱先生"),
    ]
    assert sources.by_informant(renamed, roles) == (FunnelRow(name="钱先生", waiting=0, developing=1, new=1),)


def test_value_by_stage_counts_customers_spend_and_who_stayed_of_those_that_began_there() -> None:
    def kinds(value: str, stage: str) -> dict[str, str]:
        return {"价值": value, "合作阶段": stage}

    entries = [
        classed("C001", bought=True, classes=kinds("高价值", "稳定客户"), spend=600_000),
        classed("C002", bought=True, classes=kinds("高价值", "稳定客户")),
        classed("C003", bought=True, classes=kinds("高价值", "流失客户"), spend=550_000),
        classed("C004", bought=None, classes=kinds("未归类", "未归类")),
    ]
    history = {
        key: Past("2026-09", "VIP客户", None, None, kinds("高价值", "稳定客户")) for key in ("C001", "C003", "C008")
    }
    gone = [Departed(customer_id="C008", past=history["C008"])]
    rows = sources.segments(entries, gone, history, standard())
    assert [(row.value, row.stage, row.customers, row.spend, row.retention) for row in rows] == [
        ("高价值", "流失客户", 1, Mean(Decimal(550_000), 1, 1), Ratio(0, 0)),
        ("高价值", "稳定客户", 2, Mean(Decimal(600_000), 1, 2), Ratio(1, 3)),
        ("未归类", "未归类", 1, Mean(Decimal(0), 0, 1), Ratio(0, 0)),
    ]


def test_satisfaction_by_category_counts_scored_requests_of_the_period() -> None:
    def rated(day: str, category: str | None, score: str | None) -> Any:  # noqa: ANN401
        return request(f"2026-{day} 09:00", category=category, satisfaction=Decimal(score) if score else None)

    services = (
        rated("10-02", "产品咨询", "80"),
        rated("10-03", "产品咨询", "90"),
        rated("10-04", "售后", "60"),
        rated("10-05", "售后", None),
        rated("10-06", "售后", None),
        rated("10-07", "物流", None),
        rated("10-08", None, "10"),
        rated("09-30", "售后", "100"),
    )
    assert sources.by_theme([assessment(services=services)], RUN) == (
        ("售后", Mean(Decimal(60), 1, 3)),
        ("产品咨询", Mean(Decimal(170), 2, 2)),
    )


# --- what the calendar asks for -----------------------------------------------------------------------


def foretold(as_of: str, *entries: Assessment) -> list[tuple[str, str, str, int]]:
    rows = routines(entries or [assessment()], run_as_of(date.fromisoformat(as_of)))
    return [(row.name, row.due.isoformat(), row.owner, row.customers) for row in rows]


def test_routines_fall_due_on_the_last_working_day_of_their_month() -> None:
    assert foretold("2026-10-31") == [("数据清洗", "2026-11-30", "部门负责人", 1)]
    assert foretold("2026-11-30") == [
        ("体系健康度审计", "2026-12-31", "客户成功总监", 1),
        ("客户需求洞察会", "2026-12-31", "客户成功总监", 1),
        ("数据清洗", "2026-12-31", "部门负责人", 1),
    ]
    assert foretold("2026-10-15") == [("数据清洗", "2026-10-30", "部门负责人", 1)]


def test_greetings_of_a_festival_are_one_entry_for_each_manager_with_customers() -> None:
    lost = assessment("C004", classes=(Classification("合作阶段", "流失客户", "", ""),))
    entries = (
        assessment(),
        assessment("C002"),
        assessment("C003", owner="陈思远"),
        lost,
        assessment("C005", owner=None),
    )
    greetings = [row for row in foretold("2026-08-31", *entries) if row[0] == "中秋问候"]
    # 中秋 2026 is Friday 09-25, a day off: the working day before it
    assert greetings == [("中秋问候", "2026-09-24", "林婉清", 2), ("中秋问候", "2026-09-24", "陈思远", 1)]


def test_a_day_nobody_knows_is_refused() -> None:
    text = loading.standard_text()
    with pytest.raises(PolicyError, match="没有“龙抬头”这个日子"):
        loading.load(text.replace('day = "中秋"', 'day = "龙抬头"'), source="test")


# --- 异动 ---------------------------------------------------------------------------------------------


def moved(customer_id: str, previous: str, grade: str, spend: int, **fields: Any) -> Assessment:  # noqa: ANN401
    measures = Measures(spend_12m=Decimal(spend), competitor_named=fields.pop("competitor", False))
    way = {"VIP客户": 0, "重点客户": 1, "普通客户": 2, "观察客户": 3}
    fell = way[grade] > way[previous]
    entry = assessment(customer_id, grade, **fields)
    return replace(entry, previous_grade=previous, movement=Movement.DOWN if fell else Movement.UP, measures=measures)


def test_moves_stand_by_effect_with_what_may_have_caused_them() -> None:
    complaint = request("2026-10-01T09:00", "2026-10-01T10:00", category="投诉", cause="报价偏贵")
    one_tier = moved("C1", "VIP客户", "重点客户", 500_000, competitor=True, services=(complaint,))
    two_tiers = moved("C2", "VIP客户", "普通客户", 300_000)
    rose = moved("C3", "重点客户", "VIP客户", 900_000, competitor=True, owner="王明")
    same = assessment("C4")
    late = Breach(assessment=two_tiers, promise="首次响应", day=AS_OF, grade="VIP客户", detail="", owner="", person="")
    before = {
        key: Past("2026-09", "VIP客户", None, None, {}, owner=owner)
        for key, owner in (("C1", one_tier.owner), ("C2", "赵强"), ("C3", None))
    }
    found = shifts([one_tier, two_tiers, rose, same], [late, late], before, RUN)
    assert [(one.assessment.customer.customer_id, int(one.effect), one.causes) for one in found] == [
        ("C3", 900_000, ()),
        ("C2", 600_000, (f"客户经理由赵强换为{two_tiers.owner}", "本期超时答复或解决2次")),
        ("C1", 500_000, ("记录里提到竞品", "投诉涉及价格")),
    ]
    assert found[1].note.startswith("可能因客户经理由赵强")


def test_beside_a_figure_that_moved_stands_what_happened_to_the_customers_of_its_tier() -> None:
    complaint = request("2026-10-01T09:00", "2026-10-01T10:00", category="投诉", cause="报价偏贵")
    named = moved("C1", "普通客户", "重点客户", 500_000, competitor=True, services=(complaint,))
    handed = moved("C2", "VIP客户", "重点客户", 300_000, competitor=True)
    other = moved("C3", "重点客户", "VIP客户", 900_000, competitor=True)
    entries = [named, handed, other]
    counted = figures(entries)
    everybody = counted.total.name
    late = [
        Breach(assessment=entry, promise="首次响应", day=AS_OF, grade=grade, detail="", owner="", person="")
        for entry, grade in ((handed, "VIP客户"), (named, "重点客户"), (named, "重点客户"))
    ]
    before = {"C2": Past("2026-09", "VIP客户", None, None, {}, owner="赵强")}
    anomalies = [
        Anomaly(group, Figure(kind=FIGURES[key], value=Decimal(now), previous=Decimal(1)))
        for group, key, now in (
            ("重点客户", "spend_12m", 0),
            ("重点客户", "response_on_time", 0),  # that answers were late is what it says itself
            ("VIP客户", "satisfaction", 0),  # who carried the tier on that day, not who has it now
            ("VIP客户", "spend_12m", 2),  # no competitor makes it rise
            (everybody, "satisfaction", 0),
            (everybody, "customers", 0),
        )
    ]
    found = figure_causes(entries, replace(counted, anomalies=tuple(anomalies)), late, before, RUN)
    assert found == {
        ("重点客户", "spend_12m"): "换了客户经理1家、记录里提到竞品2家、投诉涉及价格1家",
        ("重点客户", "response_on_time"): "换了客户经理1家",
        ("VIP客户", "satisfaction"): "超时答复或解决1家",
        (everybody, "satisfaction"): "换了客户经理1家、超时答复或解决2家、投诉涉及价格1家",
    }


def test_what_may_move_a_figure_names_figures_that_reports_state() -> None:
    assert {key for cause in CAUSES for key in cause.falls | cause.rises} <= set(FIGURES)
