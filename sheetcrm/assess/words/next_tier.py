"""Finds the cheapest single change that would reach the next tier (practice §4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from msgspec import Struct

from sheetcrm.model import Score
from sheetcrm.policy.model import Tier
from sheetcrm.policy.scorecard import Indicator, Scorecard

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


def cheapest_change(score: Score, card: Scorecard, better: Tier) -> Improvement | None:
    """Find the change of a single indicator that reaches a tier with the fewest score points.

    Ties go to the indicator that stands first in the card. Indicators nobody can change (行业潜力), and
    those that are unknown, are left out. None where no single change is enough. Pure.
    """
    floor = better.floor
    if score.total is None or floor is None:
        return None
    weighted = [None if part.points is None else part.weight * part.points for part in score.contributions]
    earned = sum(filter(None, weighted), _NONE)
    carried = card.weight_total if None not in weighted else _carried(score)
    short = _least_total(floor) * carried - earned
    best = None
    for place, indicator, most, steps in card.changeable:
        now = weighted[place]
        if score.contributions[place].measure != indicator.measure:
            continue  # a typed rate counted in its place, or the other way round
        if now is None or most - now < short:
            continue
        points = score.contributions[place].points or _NONE
        rung, gain = _next_step(steps, now, short) if steps else (0, _next_tenth(indicator, points, short))
        if gain is None or (best is not None and gain >= best[0]):
            continue  # a larger gain publishes no smaller total
        total = ((earned + gain) / carried).quantize(_TENTH, ROUND_HALF_UP)
        if best is None or total < best[1]:
            best = gain, total, now, rung, indicator
    if best is None:
        return None
    gain, total, now, rung, indicator = best
    if indicator.scale is not None:
        return Improvement(indicator, (now + gain) / indicator.weight / indicator.scale, strict=False, total=total)
    bound = indicator.rungs[rung][1]
    return Improvement(indicator, bound.edge, strict=not bound.operator.endswith("="), total=total)


def _carried(score: Score) -> Decimal:
    """Sum up the weight of the known indicators."""
    return sum((part.weight for part in score.contributions if part.points is not None), _NONE)


def _least_total(floor: Decimal) -> Decimal:
    """Return the least total, before rounding, that is published as the floor or more."""
    return floor.quantize(_TENTH, ROUND_CEILING) - _ROUNDING


def _next_step(steps: Sequence[Decimal], now: Decimal, short: Decimal) -> tuple[int, Decimal | None]:
    """Find the lowest step that gives more than now, and enough; and how much more it gives. All by weight."""
    for rung, step in enumerate(steps):
        gain = step - now
        if gain >= short and gain > 0:
            return rung, gain
    return 0, None


def _next_tenth(indicator: Indicator, points: Decimal, short: Decimal) -> Decimal | None:
    """Return the least gain, by weight, that is enough where points follow a measure by scale: in tenths of a point."""
    target = max((points + short / indicator.weight).quantize(_TENTH, ROUND_CEILING), points + _TENTH)
    return indicator.weight * (target - points) if target <= _FULL else None
