from datetime import date
from decimal import Decimal

import pytest

from sheetcrm.assess.figures import horizon_of
from sheetcrm.model import Book, FollowUp, Mean, Movement, Ratio, ServiceRequest
from tests.making import TABLE
from tests.reporting import assessment, due, figures, request

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
    assert horizon_of(date.fromisoformat(as_of)) == date.fromisoformat(horizon)


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
