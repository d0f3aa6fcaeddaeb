"""Measures to points, score and tier (domain §4.1 to §4.4)."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm.model import Contribution, Measures, Score, Source
from sheetcrm.policy.model import Indicator, Missing, Scorecard, Scoring, Tier

_TENTH = Decimal("0.1")
_NONE = Decimal(0)
_FULL = Decimal(100)


def score(measures: Measures, card: Scorecard, rules: Scoring) -> Score:
    """Score a customer: Σ weight x points ÷ Σ weight, rounded half-up to one decimal (domain §4.1).

    Where an indicator's measure is unknown its `missing` rule decides: the score is withheld (block),
    the weight left out (renormalise), or neutral points taken. It is withheld too where what is known
    carries less than the card's least coverage. More of a good thing never lowers the score. Pure.
    """
    earned = carried = known = _NONE
    missing: list[str] = []
    parts: list[Contribution] = []
    for indicator in card.indicators:
        points = _points(indicator, measures)
        weight = indicator.weight
        if points is not None:
            known += weight
        elif indicator.missing is Missing.NEUTRAL:
            points = rules.neutral_points
        elif indicator.missing is Missing.BLOCK:
            missing.append(indicator.label)
        if points is not None:
            earned += weight * points
            carried += weight
        source = measures.sources.get(indicator.measure, Source.TYPED if points is not None else Source.ABSENT)
        parts.append(Contribution(indicator.label, indicator.measure, weight, points, source))
    coverage = known / card.weight_total
    if missing or coverage < rules.least_coverage:
        return Score(None, coverage, tuple(parts), tuple(missing))
    return Score((earned / carried).quantize(_TENTH, ROUND_HALF_UP), coverage, tuple(parts))


def withheld(result: Score) -> Score:
    """Take back the total of a customer that may not be graded; points and coverage stay. Pure."""
    return replace(result, total=None)


def tier_of(total: Decimal, tiers: tuple[Tier, ...]) -> Tier:
    """Find the tier of a published score: the first, best first, whose floor it reaches. Pure."""
    return next(tier for tier in tiers if tier.floor is not None and total >= tier.floor)


def _points(indicator: Indicator, measures: Measures) -> Decimal | None:
    """Give an indicator's points 0-100; None where its measure, and its word, are unknown."""
    value: Decimal | int | None = getattr(measures, indicator.measure)
    if value is not None:
        if indicator.scale is not None:
            return min(max(value * indicator.scale, _NONE), _FULL)
        for condition, points in indicator.curve:
            if condition.test(value):
                return points
        return indicator.otherwise
    if indicator.word_measure is None:
        return None
    return indicator.words.get(getattr(measures, indicator.word_measure))
