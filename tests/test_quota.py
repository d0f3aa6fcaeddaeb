"""Tiers by share (the optional quota mode), and the reference shares beside what came out (practice §4.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.assess.book import assess
from sheetcrm.assess.figures.summary import summarise
from sheetcrm.assess.grade.quota import by_share
from sheetcrm.errors import PolicyError
from sheetcrm.model import Assessment, Book, Customer
from sheetcrm.policy import changing, loading
from sheetcrm.policy.model import Policy
from tests.making import book, profile, scoring_row
from tests.values import run_as_of

STANDARD = loading.standard()
QUOTA = changing.change(STANDARD, ["基本.按名额定级=是"])
AS_OF = date(2026, 10, 31)


def shared(totals: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    return [(key, tier.name) for key, tier in by_share(totals, STANDARD.tiers).items()]


def counted(scores: list[int]) -> list[int]:
    """Count the customers of each tier, best first."""
    found = Counter(name for _key, name in shared({str(at): Decimal(one) for at, one in enumerate(scores)}))
    return [found[tier.name] for tier in STANDARD.tiers]


@pytest.mark.parametrize(
    ("scores", "counts"),
    [
        (list(range(10)), [1, 2, 5, 2]),
        (list(range(100)), [10, 20, 50, 20]),
        (list(range(4)), [0, 1, 2, 1]),  # 0.4 → 0; 1.2 → 1; 3.2 → 3
        (list(range(5)), [1, 1, 2, 1]),  # 0.5 → 1, half-up; 1.5 → 2; 4
        ([50], [0, 0, 1, 0]),  # 0.8 → 1
        ([], [0, 0, 0, 0]),
        ([90] * 10, [10, 0, 0, 0]),
        ([9, 9, 8, 7, 6, 5, 4, 3, 2, 1], [2, 1, 5, 2]),
        ([9, 8, 8, 8, 8, 8, 4, 3, 2, 1], [1, 5, 2, 2]),
    ],
)
def test_each_tier_ends_at_its_cumulated_share_and_equal_scores_share_the_better_tier(
    scores: list[int], counts: list[int]
) -> None:
    assert counted(scores) == counts


@given(scores=st.lists(st.integers(0, 100), min_size=1, max_size=60), seed=st.randoms(use_true_random=False))
def test_a_better_score_never_has_a_worse_tier_and_the_order_decides_nothing(scores: list[int], seed: object) -> None:
    totals = {str(at): Decimal(one) for at, one in enumerate(scores)}
    found = by_share(totals, STANDARD.tiers)
    ranks = {tier.name: rank for rank, tier in enumerate(STANDARD.tiers)}
    placed = sorted((totals[key], -ranks[tier.name]) for key, tier in found.items())
    assert [rank for _total, rank in placed] == sorted(rank for _total, rank in placed)
    mixed = list(totals)
    seed.shuffle(mixed)  # type: ignore[attr-defined]
    assert by_share({key: totals[key] for key in mixed}, STANDARD.tiers) == found


def test_shares_that_do_not_total_one_are_taken_in_proportion() -> None:
    twice = changing.change(
        STANDARD,
        [
            "等级.VIP客户.参考占比=5%",
            "等级.重点客户.参考占比=10%",
            "等级.普通客户.参考占比=25%",
            "等级.观察客户.参考占比=10%",
        ],
    )
    totals = {str(at): Decimal(at) for at in range(10)}
    assert [tier.name for tier in by_share(totals, twice.tiers).values()] == [name for _, name in shared(totals)]


# --- in a book ---------------------------------------------------------------------------------------


def ten(*spends: int) -> Book:
    """Customers that differ in their yearly spend alone, so that more of it is a better score."""
    customers = [
        Customer(
            f"C{at:03}",
            "某",
            scoring=scoring_row(
                f"C{at:03}",
                recency=5,
                frequency_12m=Decimal(24),
                spend_12m=Decimal(spend),
                repurchase_rate=Decimal(spend) / 1_000_000,
                assessed_on=AS_OF,
            ),
        )
        for at, spend in enumerate(spends)
    ]
    return book(*customers)


def assessed(found: Book, policy: Policy) -> tuple[Assessment, ...]:
    results, _ = assess(found, run_as_of(AS_OF, policy=policy))
    return results


BOOK = ten(*range(550_000, 950_000, 40_000))
"""Ten customers whom the floors would all make VIP."""


def test_shares_decide_in_quota_mode_only() -> None:
    assert Counter(entry.grade for entry in assessed(BOOK, STANDARD)) == {"VIP客户": 10}
    assert Counter(entry.grade for entry in assessed(BOOK, QUOTA)) == {
        "VIP客户": 1,
        "重点客户": 2,
        "普通客户": 5,
        "观察客户": 2,
    }


def test_the_reason_says_the_place_and_no_distance_in_points() -> None:
    last = assessed(BOOK, QUOTA)[0]
    assert last.grade == "观察客户"
    assert "，按名额列入观察客户" in last.reasons[0]
    assert not any("还差" in reason or "达到" in reason for reason in last.reasons)


def test_those_without_a_score_take_no_place() -> None:
    blank = Customer("C900", "空", scoring=scoring_row("C900", recency=5))
    unsold = Customer("C901", "未", profile=profile("C901", spend_total=Decimal(0)))
    found = assessed(book(*BOOK.customers, blank, unsold), QUOTA)
    assert [entry.grade for entry in found[-2:]] == ["待补充资料", "未成交"]
    assert Counter(entry.grade for entry in found[:-2])["VIP客户"] == 1


def test_the_reference_shares_stand_beside_those_that_came_out() -> None:
    found = assessed(BOOK, STANDARD)
    figures = summarise(found, run_as_of(AS_OF, policy=STANDARD), BOOK)
    assert [(one.name, one.customers, one.share.total, one.reference_share) for one in figures.tiers] == [
        ("VIP客户", 10, 10, Decimal("0.1")),
        ("重点客户", 0, 10, Decimal("0.2")),
        ("普通客户", 0, 10, Decimal("0.5")),
        ("观察客户", 0, 10, Decimal("0.2")),
    ]


def test_tiers_without_a_reference_share_have_none_to_compare() -> None:
    policy = loading.preset("价值")
    found = assessed(BOOK, policy)
    figures = summarise(found, run_as_of(AS_OF, policy=policy), BOOK)
    assert [(one.name, one.customers, one.reference_share) for one in figures.tiers] == [
        ("高价值", 10, None),
        ("中价值", 0, None),
        ("低价值", 0, None),
    ]


def test_quota_needs_a_share_of_every_tier() -> None:
    with pytest.raises(PolicyError, match="按名额定级时，每个等级都要写参考占比"):
        changing.change(QUOTA, ["等级.VIP客户.参考占比="])
