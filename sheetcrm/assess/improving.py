"""The one cheapest change that would reach the next tier (domain §4.4)."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import lru_cache

from msgspec import Struct

from sheetcrm.model import Score
from sheetcrm.policy.model import Indicator, Scorecard, Tier

_TENTH = Decimal("0.1")
_ROUNDING = Decimal("0.05")
"""A total this much below a tier's floor is published as the floor."""
_NONE, _FULL = Decimal(0), Decimal(100)


class Improvement(Struct, frozen=True, gc=False):
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
    earned, carried = _earned(score)
    short = _least_total(floor) * carried - earned
    best = None
    for place, indicator in card.changeable:
        points, weight = score.contributions[place].points, indicator.weight
        if points is None or weight * (_FULL - points) < short:
            continue
        given, rung = _least(indicator, points, points + short / weight)
        if given is None:
            continue
        gain = weight * (given - points)
        if best is not None and gain >= best[0]:
            continue  # a larger gain publishes no smaller total
        total = ((earned + gain) / carried).quantize(_TENTH, ROUND_HALF_UP)
        if best is None or total < best[1]:
            best = gain, total, given, rung, indicator
    if best is None:
        return None
    _gain, total, given, rung, indicator = best
    if indicator.scale is not None:
        return Improvement(indicator, given / indicator.scale, strict=False, total=total)
    bound = indicator.rungs[rung][1]
    return Improvement(indicator, bound.edge, strict=not bound.operator.endswith("="), total=total)


def _earned(score: Score) -> tuple[Decimal, Decimal]:
    """Sum up what the known indicators gave, and the weight they carry."""
    earned = carried = _NONE
    for part in score.contributions:
        if part.points is not None:
            earned += part.weight * part.points
            carried += part.weight
    return earned, carried


@lru_cache(maxsize=64)
def _least_total(floor: Decimal) -> Decimal:
    """Give the least total, before rounding, that is published as the floor or more."""
    return floor.quantize(_TENTH, ROUND_CEILING) - _ROUNDING


def _least(indicator: Indicator, points: Decimal, needed: Decimal) -> tuple[Decimal | None, int]:
    """Find the least points an indicator can give that are enough and more than it has, and their rung."""
    if indicator.scale is not None:
        given = max(needed.quantize(_TENTH, ROUND_CEILING), points + _TENTH)
        return (given if given <= _FULL else None), 0
    for rung, (given, _bound) in enumerate(indicator.rungs):
        if given >= needed and given > points:
            return given, rung
    return None, 0
