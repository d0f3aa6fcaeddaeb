"""A figure as it was and as it is, in one unit: `71.2→94.7万元`, `12→7次/年`. Pure."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm.assess.words.explanation import say_measure

_MONEY = frozenset({"spend_12m", "average_order"})
_MANY = Decimal(10_000)
"""From here on amounts are in 万元 (practice §10)."""
_TENTH = Decimal("0.1")
_UNIT = re.compile(r"[^\d.,-]+$")


def say_difference(measure: str, before: Decimal, now: Decimal) -> str:
    """Write what a measure was and is; the unit stands once, where it is the same."""
    if measure in _MONEY:
        return _say_amounts(before, now)
    old, new = say_measure(measure, before), say_measure(measure, now)
    unit = _UNIT.search(new)
    return f"{old.removesuffix(unit.group()) if unit else old}→{new}"


def _say_amounts(before: Decimal, now: Decimal) -> str:
    if max(abs(before), abs(now)) >= _MANY:
        old, new = ((amount / _MANY).quantize(_TENTH, ROUND_HALF_UP) for amount in (before, now))
        if old != new:
            return f"{old}→{new}万元"
    return f"{before:,.0f}→{now:,.0f}元"
