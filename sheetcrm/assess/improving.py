"""The one cheapest change that would reach the next tier (domain §4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from sheetcrm.model import Contribution, Score
from sheetcrm.policy.model import Indicator, Scorecard, Tier

_TENTH = Decimal("0.1")
_ROUNDING = Decimal("0.05")
"""A total this much below a tier's floor is published as the floor."""
_FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Improvement:
    """A change of one indicator: to which value (at the least, or at the most), and the total it gives."""

    indicator: Indicator
    target: Decimal
    strict: bool
    total: Decimal


def cheapest(score: Score, card: Scorecard, better: Tier) -> Improvement | None:
    """Find the change of a single indicator that reaches a tier with the fewest score points.

    Ties go to the indicator that stands first in the card. Indicators nobody can change (行业潜力), and
    those that are unknown, are left out. None where no single change is enough. Pure.
    """
    floor = better.floor
    if score.total is None or floor is None:
        return None
    carried = sum((part.weight for part in score.contributions if part.points is not None), Decimal(0))
    earned = sum((part.weight * part.points for part in score.contributions if part.points is not None), Decimal(0))
    found = [
        option
        for indicator, part in zip(card.indicators, score.contributions, strict=True)
        if indicator.changeable and part.points is not None
        for option in _options(indicator, part, earned, carried, floor)
    ]
    return min(found, key=lambda option: option.total, default=None)


def _options(
    indicator: Indicator, part: Contribution, earned: Decimal, carried: Decimal, floor: Decimal
) -> Iterator[Improvement]:
    """Give the least improvement of one indicator that reaches the tier."""
    points = part.points or Decimal(0)

    def total(new: Decimal) -> Decimal:
        return ((earned + part.weight * (new - points)) / carried).quantize(_TENTH, ROUND_HALF_UP)

    if indicator.scale is not None:
        short = floor - _ROUNDING - earned / carried
        needed = (points + short * carried / part.weight).quantize(_TENTH, ROUND_CEILING)
        while needed <= _FULL and total(needed) < floor:
            needed += _TENTH
        if points < needed <= _FULL:
            yield Improvement(indicator, needed / indicator.scale, strict=False, total=total(needed))
        return
    for condition, given in reversed(indicator.curve):
        if given > points and condition.bound and total(given) >= floor:
            yield Improvement(indicator, condition.bound.edge, not condition.bound.operator.endswith("="), total(given))
            return
