from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from sheetcrm.model import (
    Assessment,
    Book,
    Classification,
    FollowUp,
    Mean,
    Movement,
    Past,
    PastFigures,
    Promise,
    Ratio,
    ServiceRequest,
    Serving,
    Undertaking,
)
from sheetcrm.policy.limits import ServiceLimits
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import ServiceRules
from sheetcrm.workdays import Calendar
from tests.making import TABLE, profile
from tests.reporting import assessment, due, figures, request
from tests.values import replace, run_as_of

VIP, NORMAL, WATCH = 0, 2, 3


def test_a_tier_counts_its_customers_against_the_graded_ones() -> None:
    found = figures(
        [
            assessment("C001", score="91.0", spend="700000"),
            assessment("C002", score="94.0", spend="500000.50"),
            assessment("C003", "重点客户", score="80.0", spend="300000"),
            assessment("C004", "待补充资料"),
            assessment("C005", "未成交"),
        ]
    )
    vip = found.tiers[VIP]
    assert (vip.customers, vip.share, vip.reference_share) == (2, Ratio(2, 3), Decimal("0.10"))
    assert vip.spend_12m == Mean(Decimal("1200000.50"), 2, 2)
    assert vip.score.value == Decimal("92.5")
    assert vip.spend_share == Decimal("1200000.50") / Decimal("1500000.50")
    assert [group.customers for group in found.tiers] == [2, 1, 0, 0]
    assert (found.incomplete.customers, found.unsold.customers, found.total.customers) == (1, 1, 5)
    assert found.incomplete.spend_share is None


def test_no_customers_give_no_figure_rather_than_zero_percent() -> None:
    found = figures([], book=Book())
    for group in (*found.tiers, found.total, found.incomplete):
        assert group.customers == 0
        assert group.share.value is None
        assert group.score.value is None
        assert group.spend_share is None
        assert group.service.response_on_time.value is None
        assert group.service.satisfaction.value is None
    assert not found.has_service


def test_movements_and_flows_are_counted() -> None:
    found = figures(
        [
            assessment("C001", previous_grade="重点客户", movement=Movement.UP),
            assessment("C002", previous_grade=None, movement=Movement.NEW),
            assessment("C003", "普通客户", score="60.0", previous_grade="VIP客户", movement=Movement.DOWN),
            assessment("C004", "待补充资料", previous_grade="VIP客户"),
        ]
    )
    assert found.tiers[VIP].movements == {Movement.UP: 1, Movement.NEW: 1}
    assert found.tiers[NORMAL].movements == {Movement.DOWN: 1}
    assert found.flows == {("重点客户", "VIP客户"): 1, ("VIP客户", "普通客户"): 1, ("VIP客户", "待补充资料"): 1}


def test_follow_ups_are_overdue_or_due_by_the_horizon() -> None:
    late = due("2026-10-20", late=11)
    items = (late, due("2026-10-31"), due("2026-11-30"), due("2026-12-01"))
    vip = figures([assessment(due=items), assessment("C002", due=(late, late))]).tiers[VIP]
    assert (vip.due, vip.overdue, vip.overdue_customers) == (2, 3, 2)


def test_open_promises_that_wait_for_an_event_are_counted() -> None:
    note = FollowUp(origin=TABLE, row=2, customer_id="C001", date=date(2026, 10, 1))
    waits = Promise("客户确认后再报价", None, "确认后", pending=True)
    dated = Promise("10月8日报价", date(2026, 10, 8), "10月8日")
    undertakings = tuple(
        Undertaking(note, one, is_open) for one, is_open in ((waits, True), (waits, False), (dated, True))
    )
    found = figures([assessment(undertakings=undertakings), assessment("C002", undertakings=undertakings[:1])])
    assert (found.tiers[VIP].pending, found.total.pending) == (2, 2)


def test_contacts_are_those_of_the_period() -> None:
    days = (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31))
    contacts = tuple(FollowUp(origin=TABLE, row=2, customer_id="C001", date=day) for day in days)
    vip = figures([assessment(follow_ups=contacts), assessment("C002")]).tiers[VIP]
    assert (vip.contacts, vip.reached) == (2, Ratio(1, 2))


@pytest.mark.parametrize(
    ("as_of", "horizon"),
    [
        ("2026-10-31", "2026-11-30"),
        ("2026-09-30", "2026-10-31"),
        ("2026-10-15", "2026-11-15"),
        ("2026-12-31", "2027-01-31"),
        ("2028-01-31", "2028-02-29"),
    ],
)
def test_the_horizon_is_a_month_on(as_of: str, horizon: str) -> None:
    assert run_as_of(date.fromisoformat(as_of)).horizon == date.fromisoformat(horizon)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (request("2026-10-10T09:00", "2026-10-10T13:00"), Ratio(1, 1)),
        (request("2026-10-10T09:00", "2026-10-10T13:00:01"), Ratio(0, 1)),
        (request("2026-10-10T09:00"), Ratio(0, 1)),
        (request("2026-10-31T23:00"), Ratio(0, 0)),
        (request("2026-10-31T12:00", "2026-11-01T09:00"), Ratio(0, 1)),
        (request("2026-09-30T09:00", "2026-09-30T10:00"), Ratio(0, 0)),
        (request("2026-10-10T09:00", None, "2026-10-10T10:00"), Ratio(0, 0)),
        (request("2026-10-10T09:00", fields=("requested_at",)), Ratio(0, 0)),
    ],
    ids=["at the limit", "past it", "never answered", "still in time", "after as-of", "before", "unnoted", "no column"],
)
def test_an_answer_is_on_time_or_not_or_not_counted(made: ServiceRequest, expected: Ratio) -> None:
    assert figures([assessment(services=(made,))]).tiers[VIP].service.response_on_time == expected


def test_resolution_counts_what_the_sheet_says() -> None:
    requests = (
        request("2026-10-10T09:00", None, "2026-10-10T12:00", first_time=True, satisfaction=Decimal(90)),
        request("2026-10-10T09:00", None, "2026-10-12T12:00", resolved=True, first_time=False),
        request("2026-10-10T09:00", None, None, resolved=False),
        request("2026-10-10T09:00", None, "2026-11-02T09:00", resolved=True),
    )
    service = figures([assessment(services=requests)]).tiers[VIP].service
    assert service.requests == 4
    assert service.resolved == Ratio(2, 4)
    assert service.resolved_on_time == Ratio(1, 4)
    assert service.resolved_first_time == Ratio(1, 4)
    assert service.satisfaction == Mean(Decimal(90), 1, 4)


def test_a_tier_without_a_limit_promises_no_resolution() -> None:
    made = request("2026-10-10T09:00", None, "2026-10-10T12:00")
    found = figures([assessment(grade="观察客户", score="40.0", services=(made,))])
    assert found.tiers[WATCH].service.resolved_on_time is None
    assert found.tiers[VIP].service.resolved_on_time == Ratio(0, 0)


def test_discounts_are_held_against_the_standard() -> None:
    made = [request("2026-10-10T09:00", discount=Decimal(text)) for text in ("0.10", "0.11")]
    assert figures([assessment(services=tuple(made))]).tiers[VIP].service.discount_kept == Ratio(1, 2)


def test_the_order_of_customers_changes_nothing() -> None:
    grades = ("VIP客户", "重点客户", "未成交") * 3
    entries = [assessment(f"C{n:03}", grade, score=None) for n, grade in enumerate(grades)]
    assert figures(entries) == figures(entries[::-1])


def test_retention_counts_who_was_active_at_the_start_and_is_not_lost_now() -> None:
    def member(customer_id: str, before: str, now: str, value: str = "高价值") -> Assessment:
        past[customer_id] = Past("2026-09", "VIP客户", None, None, {"合作阶段": before, "价值": value})
        return assessment(customer_id, classes=(Classification("合作阶段", now, "", ""),))

    past: dict[str, Past] = {}
    entries = [
        member("C001", "稳定客户", "稳定客户"),
        member("C002", "稳定客户", "流失客户"),
        member("C003", "新客户", "稳定客户", "低价值"),
        member("C004", "流失客户", "流失客户"),
        member("C005", "潜在客户", "新客户"),
        assessment("C006", classes=(Classification("合作阶段", "新客户", "", ""),)),
    ]
    found = figures(entries, history=past).total.figures
    assert (found["retention"].n, found["retention"].total) == (2, 3)
    assert (found["retention_high"].n, found["retention_high"].total, found["retention_high"].met) == (1, 2, False)
    assert (found["churned"].n, found["churned"].total) == (2, 6)
    assert figures(entries).total.figures["retention"].value is None


def test_a_contract_is_renewed_when_its_end_has_moved_on() -> None:
    past = {
        code: Past("2026-09", "VIP客户", None, None, {"合同到期日": day})
        for code, day in (("C001", "2026-10-15"), ("C002", "2026-10-31"), ("C003", "2026-11-01"))
    }
    entries = [renewing("C001", date(2027, 10, 15)), renewing("C002", date(2026, 10, 31)), renewing("C003", None)]
    found = figures(entries, history=past).total.figures["renewal"]
    assert (found.n, found.total) == (1, 2)


def renewing(customer_id: str, ends: date | None) -> Assessment:
    plain = assessment(customer_id)
    return replace(plain, customer=replace(plain.customer, profile=profile(customer_id, contract_end=ends)))


def test_beside_a_tiers_anomaly_stand_only_owners_with_customers_in_it() -> None:
    made = request("2026-10-10T09:00", "2026-10-10T10:00", satisfaction=Decimal(90))
    known = {"satisfaction": Decimal(60)}
    groups = ("合计", "等级/VIP客户", "客户经理/林婉清", "客户经理/王明")
    found = figures(
        [
            assessment(services=(made,) * 5),
            assessment("C002", "普通客户", owner="王明", services=(made,) * 5),
            assessment("C003", owner=None),
        ],
        past=[PastFigures("2026-09", dict.fromkeys(groups, known))],
    )
    named = {entry.group: {name for name, _ in entry.owners} for entry in found.anomalies}
    assert named["合计"] == {"林婉清", "王明"}
    assert named["VIP客户"] == {"林婉清"}
    vip = found.tiers[0]
    assert (vip.customers, vip.owners, vip.owned) == (2, 1, 1)


def test_figures_stand_beside_the_last_period_s_and_those_that_moved_most_come_first() -> None:
    made = request("2026-10-10T09:00", "2026-10-10T10:00", satisfaction=Decimal(90))
    past = [
        PastFigures("2026-08", {}),
        PastFigures(
            "2026-09",
            {
                "合计": {"response_on_time": Decimal("0.5"), "satisfaction": Decimal(81)},
                "等级/VIP客户": {"response_on_time": Decimal("0.9")},
                "客户经理/林婉清": {"response_on_time": Decimal("0.4")},
            },
        ),
    ]
    found = figures([assessment(services=(made,) * 5)], past=past)
    assert found.total.figures["response_on_time"].change == Decimal("0.5")
    assert found.total.figures["satisfaction"].met is True
    assert [(entry.group, entry.figure.kind.key) for entry in found.anomalies] == [
        ("合计", "response_on_time"),
        ("VIP客户", "response_on_time"),  # a tenth of a point, but of the tier that weighs most
        ("合计", "satisfaction"),
    ]
    few = figures([assessment(services=(made,) * 4)], past=past)
    assert few.anomalies == ()  # four cases are no 异动
    assert [name for name, _ in found.anomalies[0].owners] == ["林婉清"]
    assert figures([assessment()]).anomalies == ()


@pytest.mark.parametrize(
    ("at", "hours", "due_at"),
    [
        ("2026-10-12T09:00", "4", "2026-10-12T13:00"),
        ("2026-10-12T16:00", "4", "2026-10-13T11:00"),
        ("2026-10-16T17:00", "8", "2026-10-19T16:00"),
        ("2026-10-17T12:00", "1", "2026-10-19T10:00"),
        ("2026-10-12T20:00", "9", "2026-10-13T18:00"),
        ("2026-09-30T17:00", "2", "2026-10-08T10:00"),
    ],
    ids=["one day", "overnight", "over a weekend", "from a Saturday", "after hours", "over the holidays"],
)
def test_limits_in_working_hours_stand_still_while_nobody_works(at: str, hours: str, due_at: str) -> None:
    start = datetime.fromisoformat(at)

    def clock(kind: Literal["自然时间", "工作时间"]) -> ServiceLimits:
        return ServiceLimits(ServiceRules(clock=kind), Calendar().is_workday)

    found = clock("工作时间").deadline(start, Decimal(hours), round_the_clock=False)
    assert found == datetime.fromisoformat(due_at)
    plain = start + timedelta(hours=int(hours))
    assert clock("工作时间").deadline(start, Decimal(hours), round_the_clock=True) == plain
    assert clock("自然时间").deadline(start, Decimal(hours), round_the_clock=False) == plain


@pytest.mark.parametrize(
    ("at", "answered", "expected"),
    [
        ("2026-10-31T09:00", "2026-10-31T11:00", Ratio(1, 1)),
        ("2026-10-31T09:00", "2026-10-31T11:00:01", Ratio(0, 1)),
        ("2026-10-30T23:00", "2026-10-31T03:00", Ratio(1, 1)),
        ("2026-10-10T09:00", "2026-10-10T13:00", Ratio(1, 1)),
        ("2026-10-05T09:00", "2026-10-05T11:01", Ratio(0, 1)),
    ],
    ids=["a Saturday", "a second late", "asked for on a Friday", "a Saturday that is worked", "a holiday"],
)
def test_on_a_day_off_the_best_tier_is_promised_to_solve_in_two_hours(at: str, answered: str, expected: Ratio) -> None:
    made = request(at, answered, answered)
    service = figures([assessment(services=(made,))]).tiers[VIP].service
    assert service.response_on_time == Ratio(1, 1)  # 4 hours: the 2 hours are the solution's
    assert service.resolved_on_time == expected
    plain = figures([assessment(grade="重点客户", score="80.0", services=(made,))]).total.service
    assert plain.response_on_time == Ratio(1, 1)


def test_a_limit_for_days_off_counts_by_the_clock_even_in_working_hours() -> None:
    limits = ServiceLimits(ServiceRules(clock="工作时间"), Calendar().is_workday)
    usual = standard().tiers[1].standard
    strict = usual.model_copy(update={"first_response_hours_day_off": Decimal(2)})
    saturday, friday = datetime.fromisoformat("2026-10-31T09:00"), datetime.fromisoformat("2026-10-30T17:00")
    assert limits.response_due(strict, saturday) == datetime.fromisoformat("2026-10-31T11:00")
    assert limits.response_due(usual, saturday) == datetime.fromisoformat("2026-11-02T17:00")
    assert limits.response_due(strict, friday) == limits.response_due(usual, friday)
    assert limits.resolution_due(standard().tiers[-1].standard, friday) is None


def test_a_request_is_held_to_the_tier_of_its_day_and_counts_there() -> None:
    """Promoted on the 20th: 6 hours are in time under 重点客户 until then, and late under VIP客户 after it."""
    serving = Serving(now="VIP客户", before="重点客户", graded_on=date(2026, 10, 20))
    made = (
        request("2026-10-20T09:00", "2026-10-20T15:00", "2026-10-21T09:00"),
        request("2026-10-21T09:00", "2026-10-21T15:00", "2026-10-22T09:00"),
    )
    promoted = assessment(services=made, previous_grade="重点客户", movement=Movement.UP, serving=serving)
    found = figures([promoted])
    new, old = found.tiers[VIP], found.tiers[VIP + 1]
    assert (old.customers, old.owners, old.service.response_on_time, old.service.resolved_on_time) == (
        0,
        0,
        Ratio(1, 1),
        Ratio(1, 1),
    )
    assert (new.customers, new.owners, new.service.response_on_time, new.service.resolved_on_time) == (
        1,
        1,
        Ratio(0, 1),
        Ratio(0, 1),
    )
    assert found.total.service.response_on_time == Ratio(1, 2)
    assert found.owners[0].service.requests == 2


def test_themes_join_both_scripts_and_the_most_frequent_comes_first() -> None:
    made = [request("2026-10-10T09:00", category=text) for text in ("交期查询", "使用諮詢", "使用咨询", "客户投诉")]
    found = figures([assessment(services=tuple(made))]).total
    assert list(found.themes.items()) == [("使用咨询", 2), ("交期查询", 1), ("客户投诉", 1)]
    assert found.service.complaints == 1
    assert found.complaint_themes == {"客户投诉": 1}
