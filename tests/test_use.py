"""Signs that a customer buys or uses less, and that it grows (practice §7), each expectation written by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sheetcrm.assess.book import assess
from sheetcrm.model import Assessment, Customer, Past
from sheetcrm.model.results import Terms
from sheetcrm.runs.run_file import recorded_customer
from sheetcrm.store.history import reader, recorded
from tests.making import book, contact, customer, order, profile, scoring_row
from tests.values import run_as_of

AS_OF = date(2026, 10, 31)
RUN = run_as_of(AS_OF)
BEFORE = ("2025-11-01", "2025-12-15", "2026-02-10", "2026-04-30")


def assessed(one: Customer, past: Past | None = None) -> Assessment:
    found, _problems = assess(
        book(one, kinds=("scoring", "profile", "order", "follow_up")), RUN, history={"C001": past} if past else {}
    )
    return found[0]


def codes(entry: Assessment) -> set[str]:
    return {alert.code for alert in entry.alerts}


def buyer(*days: str, **amounts: int) -> Customer:
    return customer(profile=profile(), orders=tuple(order(day, amounts.get("amount", 5_000)) for day in sorted(days)))


@pytest.mark.parametrize(
    ("days", "change"),
    [
        ((*BEFORE, "2026-05-01", "2026-10-31"), Decimal("-0.5")),
        ((*BEFORE, "2026-05-01", "2026-08-02", "2026-10-31"), Decimal("-0.25")),
        ((*BEFORE, "2026-11-01"), Decimal(-1)),
        ((*BEFORE[:3], "2026-05-01"), None),
        ((*BEFORE[:3], "2025-10-31", "2026-05-01"), None),
    ],
    ids=["half", "a quarter", "none: what comes later is not counted", "too few before", "too long ago"],
)
def test_purchases_of_six_months_are_compared_with_the_six_before(
    days: tuple[str, ...], change: Decimal | None
) -> None:
    entry = assessed(buyer(*days))
    assert entry.measures.frequency_change == change
    assert ("风险信号-频次减半" in codes(entry)) is (change is not None and change <= Decimal("-0.5"))


def test_a_refund_is_no_purchase() -> None:
    orders = (*(order(day, 5_000) for day in BEFORE), order("2026-05-01", 5_000), order("2026-06-01", -5_000))
    assert assessed(customer(profile=profile(), orders=orders)).measures.frequency_change == Decimal("-0.75")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("frequency_12m", "风险信号-频次减半"),
        ("usage_time", "风险信号-使用减半"),
        ("activation_rate", "风险信号-激活率减半"),
        ("engagement", "风险信号-参与减半"),
    ],
)
def test_what_is_typed_is_compared_with_the_last_period_on_record(field: str, code: str) -> None:
    typed: dict[str, Any] = {"recency": 20, "spend_12m": Decimal(90_000), "frequency_12m": Decimal(6)}
    before = assessed(customer(profile=profile(), scoring=scoring_row(**(typed | {field: Decimal("0.8")}))))
    kept = reader._past(recorded.customer_values(recorded_customer(before, RUN, None)), "2026-09", Terms())  # noqa: SLF001
    for now, raised in (("0.4", True), ("0.41", False), ("0.8", False)):
        entry = assessed(customer(profile=profile(), scoring=scoring_row(**(typed | {field: Decimal(now)}))), kept)
        assert (code in codes(entry)) is raised, now
    nothing = assessed(customer(profile=profile(), scoring=scoring_row(**typed)))
    assert code not in codes(nothing)


def test_a_customer_that_grows_is_no_risk() -> None:
    said = contact("2026-10-20", summary="客户拓新区域，年底上线新业务线")
    entry = assessed(customer(profile=profile(), orders=(order("2026-10-01", 5_000),), follow_ups=(said,)))
    assert {"升级评估-业务拓展"} == {code for code in codes(entry) if code.startswith(("升级评估", "风险"))}
    assert "需求升级" in entry.tags


def test_satisfaction_is_held_against_the_mean_of_its_own_industry() -> None:
    def rated(number: int, industry: str, score: int | None) -> Customer:
        key = f"C{number:03}"
        row = scoring_row(key, satisfaction=None if score is None else Decimal(score))
        return customer(customer_id=key, scoring=row, profile=profile(key, industry=industry))

    scores = (95, 95, 90, 90, 70)
    makers = [rated(number, "製造业-机床", score) for number, score in enumerate(scores, start=1)]
    traders = [rated(number, "贸易", score) for number, score in enumerate(scores[1:], start=11)]
    blank = rated(20, "制造业", None)
    found, _problems = assess(book(*makers, *traders, blank, kinds=("scoring", "profile")), RUN)
    gaps = {entry.customer.customer_id: entry.measures.industry_gap for entry in found}
    assert gaps == {
        **{f"C{number:03}": Decimal(score - 88) for number, score in enumerate(scores, start=1)},
        **dict.fromkeys(("C011", "C012", "C013", "C014", "C020")),
    }
    assert [entry.customer.customer_id for entry in found if "风险信号-满意度低于同行" in codes(entry)] == ["C005"]
