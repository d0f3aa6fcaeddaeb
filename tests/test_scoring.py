"""Points, score and tier (practice §4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.assess.grade.scoring import score, tier_of
from sheetcrm.assess.words.next_tier import cheapest_change
from sheetcrm.model import Measures
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy
from sheetcrm.policy.scorecard import Missing, Scorecard
from tests.values import replace

POLICY = standard()
THREE = next(entry for entry in POLICY.scorecards if entry.name == "三维度")
CENT = Decimal("0.01")
PLAIN = Measures(
    recency_days=30,
    frequency_12m=Decimal(12),
    spend_12m=Decimal(800_000),
    industry_growth=Decimal("0.15"),
    repurchase_rate=Decimal("0.85"),
    average_order=Decimal(20_000),
    order_growth=Decimal("0.2"),
    new_needs=Decimal(3),
    referrals=Decimal(1),
    complaints_12m=Decimal(0),
)


def having(measures: Measures, values: dict[str, Any]) -> Measures:
    return replace(measures, **values)


def total(measures: Measures, policy: Policy = POLICY, card: str = "标准五项") -> Decimal | None:
    chosen = next(entry for entry in policy.scorecards if entry.name == card)
    return score(measures, chosen, policy.scoring).total


def points(measures: Measures, label: str, card: str = "标准五项") -> Decimal:
    chosen = next(entry for entry in POLICY.scorecards if entry.name == card)
    found = score(measures, chosen, POLICY.scoring)
    given = next(part.points for part in found.contributions if part.label == label)
    assert given is not None
    return given


def test_the_reference_rows_score_92_75_and_45_exactly() -> None:
    b = Measures(
        recency_days=60,
        frequency_12m=Decimal(6),
        spend_12m=Decimal(300_000),
        industry_growth=Decimal("0.08"),
        repurchase_rate=Decimal("0.6"),
    )
    c = Measures(
        recency_days=120,
        frequency_12m=Decimal(2),
        spend_12m=Decimal(80_000),
        industry_level="萎缩",
        repurchase_rate=Decimal("0.3"),
    )
    assert [total(row) for row in (PLAIN, b, c)] == [Decimal("92.0"), Decimal("75.0"), Decimal("45.0")]


@pytest.mark.parametrize(
    ("label", "measure", "edge", "at", "worse", "step"),
    [
        ("最近消费时间", "recency_days", edge, at, worse, 1)
        for edge, at, worse in [
            (7, 100, 90),
            (30, 90, 80),
            (60, 80, 70),
            (90, 70, 60),
            (120, 60, 40),
            (180, 40, 20),
            (365, 20, 0),
        ]
    ]
    + [
        ("消费频次", "frequency_12m", Decimal(edge), at, worse, -CENT)
        for edge, at, worse in [(24, 100, 75), (12, 75, 60), (6, 60, 45), (4, 45, 30), (2, 30, 15), (1, 15, 0)]
    ]
    + [
        ("消费金额", "spend_12m", Decimal(edge), at, worse, -CENT)
        for edge, at, worse in [(500_000, 100, 85), (200_000, 85, 60), (50_000, 60, 30)]
    ]
    + [("消费金额", "spend_12m", CENT, 30, 0, -CENT)]
    + [
        ("行业潜力", "industry_growth", Decimal(edge), at, worse, Decimal("-0.0001"))
        for edge, at, worse in [("0.15", 100, 75), ("0.08", 75, 50), ("0", 50, 20)]
    ],
)
def test_every_band_edge_belongs_to_the_better_band_and_a_cent_below_to_the_next(
    label: str, measure: str, edge: Decimal, at: int, worse: int, step: Decimal
) -> None:
    assert points(having(PLAIN, {measure: edge}), label) == at
    assert points(having(PLAIN, {measure: edge + step}), label) == worse
    assert points(having(PLAIN, {measure: edge - step}), label) >= at


@pytest.mark.parametrize(
    ("label", "measure", "value", "expected"),
    [
        ("客单价", "average_order", "50000", 100),
        ("客单价", "average_order", "49999.99", 85),
        ("客单价", "average_order", "20000", 85),
        ("客单价", "average_order", "10000", 60),
        ("客单价", "average_order", "0.01", 30),
        ("客单价", "average_order", "0", 0),
        ("订单增长率", "order_growth", "0.30", 100),
        ("订单增长率", "order_growth", "0.15", 85),
        ("订单增长率", "order_growth", "0", 60),
        ("订单增长率", "order_growth", "-0.15", 40),
        ("订单增长率", "order_growth", "-0.16", 20),
        ("新需求数量", "new_needs", "6", 100),
        ("新需求数量", "new_needs", "3", 80),
        ("新需求数量", "new_needs", "1", 60),
        ("新需求数量", "new_needs", "0", 30),
        ("推荐率", "referrals", "3", 100),
        ("推荐率", "referrals", "2", 80),
        ("推荐率", "referrals", "1", 60),
        ("推荐率", "referrals", "0", 40),
        ("投诉率", "complaints_12m", "0", 100),
        ("投诉率", "complaints_12m", "1", 70),
        ("投诉率", "complaints_12m", "2", 50),
        ("投诉率", "complaints_12m", "3", 20),
    ],
)
def test_the_three_dimension_card_gives_its_points(label: str, measure: str, value: str, expected: int) -> None:
    assert points(having(PLAIN, {measure: Decimal(value)}), label, "三维度") == expected


@pytest.mark.parametrize(("figure", "name"), [("90.0", "VIP客户"), ("89.9", "重点客户"), ("70.0", "重点客户"),
                                              ("69.9", "普通客户"), ("50.0", "普通客户"), ("49.9", "观察客户"),
                                              ("0", "观察客户"), ("100", "VIP客户")])  # fmt: skip
def test_the_tier_is_decided_on_the_published_figure(figure: str, name: str) -> None:
    assert tier_of(Decimal(figure), POLICY.tiers).name == name


def test_the_total_is_rounded_half_up_before_the_tier_is_decided() -> None:
    almost = replace(PLAIN, repurchase_rate=Decimal("0.7166666"))  # 90 - 0.00001 before rounding
    assert total(almost) == Decimal("90.0")
    half = replace(PLAIN, repurchase_rate=Decimal("0.8533333333333334"))
    assert total(half) == Decimal("92.1")


@pytest.mark.parametrize(
    ("label", "rate", "value", "points"),
    [
        ("推荐率", "referral_rate", "0.20", 100),
        ("推荐率", "referral_rate", "0.199", 80),
        ("推荐率", "referral_rate", "0.10", 80),
        ("推荐率", "referral_rate", "0.001", 60),
        ("推荐率", "referral_rate", "0", 40),
        ("投诉率", "complaint_rate", "0", 100),
        ("投诉率", "complaint_rate", "0.01", 70),
        ("投诉率", "complaint_rate", "0.03", 50),
        ("投诉率", "complaint_rate", "0.031", 20),
    ],
)
def test_a_typed_rate_wins_over_the_count(label: str, rate: str, value: str, points: int) -> None:
    counted = replace(PLAIN, referrals=Decimal(1), complaints_12m=Decimal(1))
    found = score(replace(counted, **{rate: Decimal(value)}), THREE, POLICY.scoring)
    part = next(entry for entry in found.contributions if entry.label == label)
    assert (part.measure, part.points, part.weight) == (rate, points, 5)
    without = score(counted, THREE, POLICY.scoring)
    assert {"referrals", "complaints_12m"} <= {entry.measure for entry in without.contributions}
    assert found.coverage == without.coverage


def test_the_next_tier_is_told_by_the_rate_that_counted() -> None:
    card = Scorecard(
        name="一项",
        indicators=tuple(one for one in THREE.indicators if one.label == "推荐率"),
        preferred=tuple(one for one in THREE.preferred if one.replaces == "推荐率"),
    )
    tier = next(entry for entry in POLICY.tiers if entry.floor == 70)
    rated = score(Measures(referral_rate=Decimal("0.05"), referrals=Decimal(9)), card, POLICY.scoring)
    change = cheapest_change(rated, card, tier)
    assert change is not None
    assert (change.indicator.measure, change.target) == ("referral_rate", Decimal("0.10"))
    counted = cheapest_change(score(Measures(referrals=Decimal(1)), card, POLICY.scoring), card, tier)
    assert counted is not None
    assert (counted.indicator.measure, counted.target) == ("referrals", 2)


@pytest.mark.parametrize("measure", ["recency_days", "frequency_12m", "spend_12m"])
def test_a_blank_r_f_or_m_withholds_the_score(measure: str) -> None:
    found = score(having(PLAIN, {measure: None}), POLICY.card, POLICY.scoring)
    assert found.total is None
    assert len(found.missing) == 1


def test_a_zero_is_not_a_blank() -> None:
    found = score(replace(PLAIN, spend_12m=Decimal(0)), POLICY.card, POLICY.scoring)
    assert found.total == Decimal("57.0")


def test_other_blanks_leave_their_weight_out_down_to_the_least_coverage() -> None:
    one = score(replace(PLAIN, repurchase_rate=None), POLICY.card, POLICY.scoring)
    assert (one.total, one.coverage) == (Decimal("93.2"), Decimal("0.85"))
    two = score(replace(PLAIN, repurchase_rate=None, industry_growth=None), POLICY.card, POLICY.scoring)
    assert (two.total, two.coverage) == (Decimal("91.8"), Decimal("0.7"))
    stricter = POLICY.scoring.model_copy(update={"least_coverage": Decimal("0.71")})
    assert score(replace(PLAIN, repurchase_rate=None, industry_growth=None), POLICY.card, stricter).total is None


def test_neutral_takes_fifty_points_and_is_not_coverage() -> None:
    neutral = [
        entry.model_copy(update={"missing": Missing.NEUTRAL}) if entry.measure == "repurchase_rate" else entry
        for entry in POLICY.card.indicators
    ]
    card = POLICY.card.model_copy(update={"indicators": tuple(neutral)})
    found = score(replace(PLAIN, repurchase_rate=None), card, POLICY.scoring)
    assert (found.total, found.coverage) == (Decimal("86.8"), Decimal("0.85"))


MEASURES = st.builds(
    Measures,
    recency_days=st.integers(0, 800),
    frequency_12m=st.decimals(0, 60, places=1),
    spend_12m=st.decimals(0, 2_000_000, places=2),
    industry_growth=st.none() | st.decimals("-0.5", "0.5", places=3),
    repurchase_rate=st.none() | st.decimals(0, 1, places=3),
    average_order=st.none() | st.decimals(0, 200_000, places=2),
    order_growth=st.none() | st.decimals(-1, 3, places=3),
    new_needs=st.none() | st.integers(0, 12).map(Decimal),
    referrals=st.none() | st.integers(0, 6).map(Decimal),
    complaints_12m=st.none() | st.integers(0, 9).map(Decimal),
)
BETTER = {
    "recency_days": -1,
    "frequency_12m": 1,
    "spend_12m": 1,
    "industry_growth": 1,
    "repurchase_rate": 1,
    "average_order": 1,
    "order_growth": 1,
    "new_needs": 1,
    "referrals": 1,
    "complaints_12m": -1,
}


@given(
    measures=MEASURES,
    name=st.sampled_from(sorted(BETTER)),
    step=st.decimals("0.01", 500_000, places=2),
    card=st.sampled_from(["标准五项", "三维度"]),
)
def test_more_of_a_good_thing_never_lowers_a_score(measures: Measures, name: str, step: Decimal, card: str) -> None:
    value = getattr(measures, name)
    if value is None:
        return
    moved = value + BETTER[name] * (int(step) if name == "recency_days" else step)
    if moved < 0 and name != "order_growth":
        moved = type(value)(0)
    before, after = total(measures, card=card), total(having(measures, {name: moved}), card=card)
    assert (before is None) == (after is None)
    assert before is None or after is None or after >= before


@given(measures=MEASURES)
def test_a_score_lies_between_0_and_100_and_has_one_decimal(measures: Measures) -> None:
    found = total(measures)
    assert found is None or (0 <= found <= 100 and found == found.quantize(Decimal("0.1")))
