"""The one cheapest change that would reach the next tier (practice §4.4)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.assess.grade.scoring import score
from sheetcrm.assess.words.next_tier import cheapest_change
from sheetcrm.model import Measures, Score
from sheetcrm.policy.loading import standard
from tests.test_scoring import MEASURES, PLAIN, having
from tests.values import replace

POLICY = standard()
VIP, KEY, PLAIN_TIER, _ = POLICY.tiers


def test_the_fewest_points_win() -> None:
    measures = replace(PLAIN, spend_12m=Decimal(400_000), repurchase_rate=Decimal("0.8"))  # 86.0
    found = cheapest_change(score(measures, POLICY.card, POLICY.scoring), POLICY.card, VIP)
    assert found is not None
    assert (found.indicator.label, found.target, found.total) == ("消费金额", 500_000, Decimal("91.3"))


def test_what_nobody_can_change_is_not_proposed() -> None:
    measures = replace(PLAIN, industry_growth=Decimal("-0.1"), repurchase_rate=Decimal(1))  # 82.3, only 行业潜力 is low
    found = cheapest_change(score(measures, POLICY.card, POLICY.scoring), POLICY.card, VIP)
    assert found is None or found.indicator.label != "行业潜力"


def test_where_no_single_change_is_enough_there_is_none() -> None:
    measures = Measures(
        recency_days=400,
        frequency_12m=Decimal(0),
        spend_12m=Decimal(0),
        repurchase_rate=Decimal(0),
        industry_level="低",
    )
    assert cheapest_change(score(measures, POLICY.card, POLICY.scoring), POLICY.card, VIP) is None


@given(measures=MEASURES)
def test_the_change_reaches_the_tier(measures: Measures) -> None:
    before = score(measures, POLICY.card, POLICY.scoring)
    for tier in (VIP, KEY, PLAIN_TIER):
        assert tier.floor is not None
        found = cheapest_change(before, POLICY.card, tier)
        if found is None or before.total is None or before.total >= tier.floor:
            continue
        step = Decimal("0.01") if found.strict else Decimal(0)
        target = int(found.target) if found.indicator.measure == "recency_days" else found.target + step
        after = score(having(measures, {found.indicator.measure: target}), POLICY.card, POLICY.scoring)
        assert after.total == found.total >= tier.floor


def least_by_trying(before: Score, floor: Decimal) -> Decimal | None:
    """Try every rung and every tenth of a point of each indicator that can change: the least total that is enough."""
    earned = sum((part.weight * part.points for part in before.contributions if part.points is not None), Decimal(0))
    weight = sum((part.weight for part in before.contributions if part.points is not None), Decimal(0))
    totals = []
    for part, indicator in zip(before.contributions, POLICY.card.indicators, strict=True):
        if part.points is None or not indicator.changeable:
            continue
        tried = (
            [Decimal(tenth) / 10 for tenth in range(1001)] if indicator.scale else [band for band, _ in indicator.rungs]
        )
        for points in tried:
            total = ((earned + part.weight * (points - part.points)) / weight).quantize(Decimal("0.1"), ROUND_HALF_UP)
            if points > part.points and total >= floor:
                totals.append(total)
    return min(totals, default=None)


@given(measures=MEASURES, rate=st.integers(0, 1000))
def test_no_other_single_change_needs_fewer_points(measures: Measures, rate: int) -> None:
    measures = having(measures, {"repurchase_rate": Decimal(rate) / 1000})
    before = score(measures, POLICY.card, POLICY.scoring)
    for tier in (VIP, KEY, PLAIN_TIER):
        assert tier.floor is not None
        if before.total is not None and before.total < tier.floor:
            found = cheapest_change(before, POLICY.card, tier)
            assert (found.total if found else None) == least_by_trying(before, tier.floor)
