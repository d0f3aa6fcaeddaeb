"""The one cheapest change that would reach the next tier (domain §4.4)."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from sheetcrm.model import Score
from sheetcrm.policy.model import Indicator, Scorecard, Tier

_TENTH = Decimal("0.1")
_ROUNDING = Decimal("0.05")
"""A total this much below a tier's floor is published as the floor."""
_NONE, _FULL = Decimal(0), Decimal(100)


class Improvement(NamedTuple):
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
    known = [part for part in score.contributions if part.points is not None]
    carried = sum([part.weight for part in known], _NONE)
    earned = sum([part.weight * part.points for part in known if part.points is not None], _NONE)
    short = (floor.quantize(_TENTH, ROUND_CEILING) - _ROUNDING) * carried - earned
    best: Improvement | None = None
    for indicator, part in zip(card.indicators, score.contributions, strict=True):
        points = part.points
        if points is None or not indicator.changeable or part.weight * (_FULL - points) < short:
            continue
        found = _least(indicator, points, points + short / part.weight)
        if found is not None:
            target, strict, given = found
            total = ((earned + part.weight * (given - points)) / carried).quantize(_TENTH, ROUND_HALF_UP)
            if best is None or total < best.total:
                best = Improvement(indicator, target, strict=strict, total=total)
    return best


def _least(indicator: Indicator, points: Decimal, needed: Decimal) -> tuple[Decimal, bool, Decimal] | None:
    """Find the least value of an indicator that gives the points needed, more than it has: value, strict, points."""
    if indicator.scale is not None:
        given = max(needed.quantize(_TENTH, ROUND_CEILING), points + _TENTH)
        return (given / indicator.scale, False, given) if given <= _FULL else None
    for condition, given in indicator.rungs:
        if given >= needed and given > points:
            bound = condition.bound
            return (bound.edge, not bound.operator.endswith("="), given) if bound else None
    return None
