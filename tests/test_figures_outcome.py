"""What came of it: repairs that held, customers referred and won back, spend per buyer (practice §7, §10)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sheetcrm.assess.measure import repairs
from sheetcrm.model import (
    Assessment,
    Book,
    Classification,
    Column,
    Customer,
    NeedEntry,
    Past,
    RiskEntry,
    ServiceRequest,
    Table,
)
from tests.making import TABLE, customer, order, profile
from tests.reporting import assessment, figures
from tests.values import replace

KINDS = frozenset({"need", "order", "service", "risk"})
REFERRING = Table("客户.xlsx", "表", "profile", 1, (Column(1, "referrer", "推荐人"),), (), ())


def risk(day: str, repaired: str | None, signal: str = "预算削减") -> RiskEntry:
    done = date.fromisoformat(repaired) if repaired else None
    return RiskEntry(
        origin=TABLE, row=2, customer_id="C001", date=date.fromisoformat(day), signal=signal, repaired_on=done
    )


def need(day: str) -> NeedEntry:
    return NeedEntry(origin=TABLE, row=2, customer_id="C001", raised_on=date.fromisoformat(day))


def scored(day: str, **score: int) -> ServiceRequest:
    values: dict[str, Any] = {name: Decimal(value) for name, value in score.items()}
    return ServiceRequest(
        origin=TABLE, row=2, customer_id="C001", requested_at=datetime.fromisoformat(f"{day}T09:00"), **values
    )


CONTENT = scored("2026-09-01", satisfaction=90)
REPAIRED = risk("2026-09-01", "2026-09-10")


@pytest.mark.parametrize(
    ("values", "kinds", "held"),
    [
        ({"needs": (need("2026-10-10"),)}, KINDS, True),
        ({"needs": (need("2026-10-11"),)}, KINDS, False),
        ({"needs": (need("2026-09-10"),)}, KINDS, False),
        ({"orders": (order("2026-08-20", 100), order("2026-09-20", 101))}, frozenset(), True),
        ({"orders": (order("2026-08-20", 100), order("2026-09-20", 100))}, frozenset(), False),
        ({"orders": (order("2026-08-10", 500), order("2026-09-20", 100))}, frozenset(), True),
        ({"services": (scored("2026-09-01", nps=-10), scored("2026-09-30", nps=0))}, frozenset(), True),
        ({"services": (CONTENT, scored("2026-09-30", satisfaction=90))}, frozenset(), False),
        ({"services": (CONTENT, scored("2026-09-30", nps=95))}, frozenset(), None),
        ({"needs": (need("2026-10-01"),), "risks": (REPAIRED, risk("2026-10-05", None))}, KINDS, False),
        ({"needs": (need("2026-10-01"),), "risks": (REPAIRED, risk("2026-10-05", None, "比价"))}, KINDS, True),
        ({}, KINDS, False),
        ({}, frozenset(), None),
    ],
    ids=[
        "a need on the last day",
        "a need a day late",
        "a need on the day",
        "spends more",
        "spends the same",
        "compares with a month only",
        "recommends more",
        "as satisfied as before",
        "scales are not compared",
        "the same risk again",
        "another risk",
        "no need raised",
        "no sheet says anything",
    ],
)
def test_a_repair_held_when_things_were_better_within_the_month(
    values: dict[str, Any],
    kinds: frozenset[str],
    held: bool | None,  # noqa: FBT001
) -> None:
    one = customer(**({"risks": (REPAIRED,)} | values))
    assert repairs.succeeded(one, REPAIRED, months=1, kinds=kinds) is held


def test_a_repair_counts_in_the_period_its_verification_ends_in() -> None:
    entries = [
        of_customer(code, risks=(risk("2026-08-01", repaired),), needs=(need("2026-10-01"),))
        for code, repaired in (
            ("C001", "2026-08-31"),
            ("C002", "2026-09-01"),
            ("C003", "2026-09-30"),
            ("C004", "2026-10-01"),
            ("C005", None),
        )
    ]
    book = Book(kinds=KINDS)
    found = figures(entries, book=book).total.figures["repaired"]
    assert (found.n, found.total) == (2, 2)
    assert figures([of_customer("C001")], book=book).total.figures["repaired"].value is None


def of_customer(code: str, **values: Any) -> Assessment:  # noqa: ANN401
    return replace(assessment(code), customer=Customer(code, "甲公司", **values))


def test_the_share_of_new_customers_that_somebody_referred() -> None:
    def won(code: str, day: str, referrer: str | None, origin: Table = REFERRING) -> Assessment:
        filed = replace(profile(code, first_deal=date.fromisoformat(day), referrer=referrer), origin=origin)
        return of_customer(code, profile=filed)

    entries = [
        won("C001", "2025-11-01", "C009"),
        won("C002", "2026-10-31", None),
        won("C003", "2025-10-31", "C009"),
        won("C004", "2026-11-01", "C009"),
        won("C005", "2026-10-01", None, TABLE),
    ]
    found = figures(entries).total.figures["referred"]
    assert (found.n, found.total) == (1, 2)
    assert figures([entries[4]]).total.figures["referred"].value is None


def test_who_was_lost_and_is_not_any_more_was_won_back_in_the_tier_it_had() -> None:
    def entry(code: str, before: str, now: str) -> Assessment:
        past[code] = Past("2026-09", "观察客户", None, None, {"合作阶段": before})
        return assessment(code, classes=(Classification("合作阶段", now, "", ""),))

    past: dict[str, Past] = {}
    entries = [
        entry("C001", "流失客户", "稳定客户"),
        entry("C002", "流失客户", "休眠客户"),
        entry("C003", "稳定客户", "稳定客户"),
    ]
    found = figures(entries, history=past)
    watch, vip = found.tiers[-1], found.tiers[0]
    for group in (found.total, watch):
        assert (group.figures["winback"].n, group.figures["winback"].total) == (1, 2)
        assert (group.figures["retention"].n, group.figures["retention"].total) == (1, 1)
    assert (vip.customers, vip.figures["winback"].total, vip.figures["retention"].total) == (3, 0, 0)
    assert figures(entries).total.figures["winback"].value is None


def test_spend_per_buyer_is_compared_with_the_year_before() -> None:
    old = (order("2024-10-31", 1), order("2025-01-01", 100), order("2026-01-01", 100), order("2026-02-01", 50))
    entries = [of_customer("C001", orders=old), of_customer("C002", orders=(order("2026-03-01", 90),))]
    found = figures(entries).total.figures["arpu_growth"]
    assert (found.value, found.n, found.total) == (Decimal("0.2"), 2, 2)
    assert figures(entries[1:]).total.figures["arpu_growth"].value is None


def test_a_risk_repaired_on_the_day_it_was_registered_is_not_its_own_relapse() -> None:
    quick = risk("2026-09-10", "2026-09-10")
    one = customer(risks=(quick,), needs=(need("2026-10-01"),))
    assert repairs.succeeded(one, quick, months=1, kinds=KINDS) is True
