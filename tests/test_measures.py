"""Measures as of a date (practice §3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.assess.context import book_context
from sheetcrm.assess.measure.measures import Measured, measure
from sheetcrm.model import TYPED_ONLY, Customer, Level, Source
from sheetcrm.policy.glossary import SCORED
from tests.making import TABLE, book, contact, customer, order, profile, scoring_row
from tests.values import replace, run_as_of

AS_OF = date(2026, 10, 31)


def measured(
    found: Customer, *others: Customer, as_of: date = AS_OF, kinds: tuple[str, ...] = ("scoring", "profile")
) -> Measured:
    return measure(found, book_context(book(found, *others, kinds=kinds), run_as_of(as_of)))


def test_typed_figures_of_the_period_are_taken_as_they_stand() -> None:
    row = scoring_row(recency=30, frequency_12m=Decimal(12), spend_12m=Decimal(800_000), assessed_on=AS_OF)
    found = measured(customer(scoring=row))
    assert (found.measures.recency_days, found.measures.frequency_12m, found.measures.spend_12m) == (30, 12, 800_000)
    assert found.measures.sources["spend_12m"] is Source.TYPED
    assert found.figures_dated is None


def test_without_a_date_typed_figures_hold_for_this_period() -> None:
    found = measured(customer(scoring=scoring_row(recency=30), orders=(order("2026-10-30", 10),)))
    assert found.measures.recency_days == 30


def test_orders_give_what_is_not_typed() -> None:
    orders = (
        order("2024-12-01", 9_000),  # the twelve months before
        order("2025-10-31", 1_000),  # the same day a year ago lies outside the last twelve months
        order("2025-11-01", 6_000),
        order("2026-08-15", 4_000),
        order("2026-11-01", 99_000),  # not counted yet
    )
    found = measured(customer(profile=profile(), orders=orders), kinds=("profile", "order")).measures
    assert found.recency_days == 77
    assert (found.frequency_12m, found.spend_12m, found.spend_total) == (2, 10_000, 20_000)
    assert found.average_order == 5_000
    assert found.order_growth == 0
    assert found.repurchase_rate == Decimal(2) / 12
    assert found.sources["spend_12m"] is Source.DERIVED


def test_a_refund_lowers_the_sum_and_is_no_purchase() -> None:
    orders = (order("2026-09-01", 5_000), order("2026-10-20", -2_000))
    found = measured(customer(profile=profile(), orders=orders), kinds=("order",)).measures
    assert (found.recency_days, found.frequency_12m, found.spend_12m) == (60, 1, 3_000)


def test_lines_of_one_order_number_are_one_order() -> None:
    orders = (order("2026-09-01", 10, "SO1"), order("2026-09-01", 20, "SO1"), order("2026-09-02", 30, "SO2"))
    assert measured(customer(profile=profile(), orders=orders)).measures.frequency_12m == 2


@pytest.mark.parametrize(("typed", "told"), [(101_000, False), (101_100, True), (98_900, True), (100_000, False)])
def test_a_typed_figure_more_than_one_percent_off_the_orders_is_a_finding_and_wins(typed: int, told: bool) -> None:  # noqa: FBT001
    row = scoring_row(spend_12m=Decimal(typed), assessed_on=AS_OF)
    found = measured(customer(scoring=row, orders=(order("2026-10-01", 100_000),)))
    assert [entry.kind for entry in found.problems] == (["figure-mismatch"] if told else [])
    assert found.measures.spend_12m == typed


def test_figures_from_before_the_period_yield_to_orders() -> None:
    row = scoring_row(recency=10, spend_12m=Decimal(5), assessed_on=date(2026, 9, 30))
    found = measured(customer(scoring=row, orders=(order("2026-10-21", 700),)))
    assert (found.measures.recency_days, found.measures.spend_12m) == (10, 700)
    assert found.problems == ()
    assert not found.outdated
    assert found.figures_dated == date(2026, 9, 30)


def test_without_orders_older_figures_serve_aged_and_it_is_said() -> None:
    row = scoring_row(recency=10, spend_12m=Decimal(5), assessed_on=date(2026, 9, 30))
    found = measured(customer(scoring=row))
    assert (found.measures.recency_days, found.measures.spend_12m) == (41, 5)
    assert [entry.kind for entry in found.problems] == ["figures-stale"]
    assert found.measures.sources["recency_days"] is Source.AGED


def test_a_typed_day_does_not_age() -> None:
    row = scoring_row(recency=date(2026, 9, 1), assessed_on=date(2026, 9, 30))
    assert measured(customer(scoring=row)).measures.recency_days == 60


def test_the_day_of_older_figures_is_kept_in_the_explanation_this_program_wrote() -> None:
    row = scoring_row(
        recency=10,
        assessed_on=date(2026, 10, 31),
        period="2026-10",
        explanation="总分；表内数字的资料日期2026-09-30，早于本期，请更新",
    )
    assert measured(customer(scoring=row)).measures.recency_days == 41
    renewed = replace(row, assessed_on=date(2026, 11, 20))
    assert measured(customer(scoring=renewed), as_of=date(2026, 11, 30)).measures.recency_days == 10


def test_the_base_sheet_serves_where_the_scoring_sheet_is_silent() -> None:
    base = profile(
        spend_12m=Decimal(7),
        spend_total=Decimal(70),
        last_deal=date(2026, 10, 1),
        first_deal=date(2022, 3, 15),
    )
    found = measured(customer(profile=base)).measures
    assert (found.spend_12m, found.spend_total, found.recency_days, found.tenure_months) == (7, 70, 30, 55)


@pytest.mark.parametrize(
    ("level", "growth", "word"),
    [
        (Level("高", Decimal("0.15")), Decimal("0.15"), "高"),
        (Level("低", None, shrinking=True), None, "萎缩"),
        (Level("中"), None, "中"),
    ],
)
def test_industry_is_a_rate_else_shrinking_else_a_label(level: Level, growth: Decimal | None, word: str) -> None:
    found = measured(customer(scoring=scoring_row(growth_level=level))).measures
    assert (found.industry_growth, found.industry_level) == (growth, word)


@pytest.mark.parametrize(
    ("values", "kinds", "expected"),
    [
        ({"profile": profile(), "orders": (order("2020-01-01", 5),)}, (), True),
        ({"profile": profile(first_deal=date(2020, 1, 1))}, ("order",), True),
        ({"profile": profile()}, ("order",), False),
        ({"profile": profile()}, (), None),
        ({"profile": profile(spend_total=Decimal(0))}, (), False),
        ({"scoring": scoring_row(spend_12m=Decimal(0))}, (), False),
        ({"scoring": scoring_row(spend_12m=Decimal(0), recency=400)}, (), True),
        ({"scoring": scoring_row(unreadable=("spend_12m",)), "profile": profile()}, ("order",), None),
    ],
)
def test_having_bought_is_known_unknown_or_denied(
    values: dict[str, Any],
    kinds: tuple[str, ...],
    expected: bool | None,  # noqa: FBT001
) -> None:
    assert measured(customer(**values), kinds=kinds).measures.bought is expected


def test_contacts_and_contracts_have_clocks_of_their_own() -> None:
    found = measured(
        customer(
            profile=profile(contract_end=date(2026, 12, 31)),
            orders=(order("2026-03-31", 5),),
            follow_ups=(contact("2026-06-30"), contact("2026-11-02")),
        )
    ).measures
    assert (found.months_since_purchase, found.months_since_contact, found.contract_days_left) == (7, 4, 61)


def test_referrals_are_counted_by_number_and_by_name() -> None:
    other = Customer("C002", "乙公司", profile=profile("C002", referrer="C001", first_deal=date(2026, 5, 1)))
    third = Customer("C003", "丙公司", profile=profile("C003", referrer="甲公司", first_deal=date(2026, 6, 1)))
    early = Customer("C004", "丁公司", profile=profile("C004", referrer="C001", first_deal=date(2020, 6, 1)))
    assert measured(customer(profile=profile()), other, third, early).measures.referrals == 2


def test_a_referred_customer_counts_from_its_first_order_too() -> None:
    filed = profile("C002", referrer="C001", filed_on=date(2020, 1, 1))
    recent = Customer("C002", "乙公司", profile=filed, orders=(order("2026-05-01", -5), order("2026-06-01", 5)))
    long_ago = Customer("C002", "乙公司", profile=filed, orders=(order("2020-06-01", 5), order("2026-06-01", 5)))
    for one, count in ((recent, 1), (long_ago, None)):
        assert measured(customer(profile=profile()), one).measures.referrals == count


@pytest.mark.slow
@given(
    days=st.lists(st.dates(date(2024, 1, 1), date(2026, 10, 31)), min_size=1, max_size=12),
    extra=st.dates(date(2024, 1, 1), date(2026, 10, 31)),
)
def test_one_more_order_never_makes_a_customer_look_worse(days: list[date], extra: date) -> None:
    orders = tuple(order(day.isoformat(), 100) for day in sorted(days))
    before = measured(customer(profile=profile(), orders=orders)).measures
    more = tuple(sorted((*orders, order(extra.isoformat(), 100)), key=lambda one: one.date))
    after = measured(customer(profile=profile(), orders=more)).measures
    assert after.recency_days is not None
    assert before.recency_days is not None
    assert after.recency_days <= before.recency_days
    for name in ("frequency_12m", "spend_12m", "spend_total", "repurchase_rate"):
        assert getattr(after, name) >= getattr(before, name)


def test_complaints_and_needs_count_only_where_their_sheets_exist() -> None:
    found = measured(customer(profile=profile()), kinds=()).measures
    assert (found.complaints_12m, found.new_needs) == (None, None)
    found = measured(customer(profile=profile()), kinds=("service", "need")).measures
    assert (found.complaints_12m, found.new_needs) == (0, 0)
    assert TABLE.kind == "scoring"


def test_what_only_the_scoring_row_tells_is_measured_and_can_be_asked() -> None:
    typed: dict[str, Any] = {
        "referral_rate": Decimal("0.2"),
        "complaint_rate": Decimal("0.01"),
        "profit_share": Decimal(50_000),
        "usage_time": Decimal(30),
        "activation_rate": Decimal("0.6"),
        "engagement": Decimal("0.4"),
        "praises": Decimal(3),
    }
    assert set(typed) == set(TYPED_ONLY) <= set(SCORED)
    fresh = measured(customer(scoring=scoring_row(assessed_on=AS_OF, **typed))).measures
    assert {name: getattr(fresh, name) for name in typed} == typed
    assert {fresh.sources[name] for name in typed} == {Source.TYPED}
    older = measured(customer(scoring=scoring_row(assessed_on=date(2020, 1, 1), **typed)))
    assert {older.measures.sources[name] for name in typed} == {Source.AGED}
    assert older.outdated
    assert measured(customer()).measures.praises is None
