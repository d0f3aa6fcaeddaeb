"""The bounds of numbers, by what they count: a number beyond them is something else (practice §2). Pure.

One table for number cells and for texts, so that an amount reads the same however it was typed. They are wide
enough for every figure of the practice, and narrow enough that sums and shares of them stay exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and the highest number of a kind, both included."""

    low: Decimal
    high: Decimal

    def hold(self, number: Decimal | float) -> bool:
        """Return whether a number lies within; never what is not a number, and no infinity."""
        return self.low <= number <= self.high if number == number else False  # noqa: PLR0124 - not a number


BOUNDS: Mapping[str, Bounds] = {
    "money": Bounds(Decimal(-(10**12)), Decimal(10**12)),
    "frequency": Bounds(Decimal(0), Decimal(100_000)),
    "duration": Bounds(Decimal(0), Decimal(30_000)),
    "rate": Bounds(Decimal(-1), Decimal(100)),
    "count": Bounds(Decimal(0), Decimal(10**9)),
    "number": Bounds(Decimal(-(10**9)), Decimal(10**9)),
    "range": Bounds(Decimal(0), Decimal(10**7)),
    "weight": Bounds(Decimal(0), Decimal(100)),
    "policy": Bounds(Decimal(-(10**12)), Decimal(10**12)),
}
"""By the kinds of `…-unreadable` problems: 元, times a year, days, a share, how many, a score, people; then a
weight printed in a header, in percent, and any figure of a policy."""

FIRST_YEAR, LAST_YEAR = 1950, 2100
"""The years of days. Earlier is what a date format makes of a number of days, of 0, or of no number."""

FEWEST = 1e-9
"""A number nearer to 0 than this is what binary arithmetic leaves of 0: it is 0."""
