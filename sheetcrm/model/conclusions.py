"""What a period comes to: how each tier's promises were kept, the worst broken one first (practice §5, §10)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sheetcrm.model.book import Customer
from sheetcrm.model.figures import Figure


class Fulfilment(enum.Enum):
    """How a promise to a tier was kept; `ONE_LATE` only where there are too few cases to judge by their share."""

    YES = "达标"
    ONE_LATE = "1例"
    NO = "未达标"
    UNKNOWN = "无数据"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one promise to one tier was kept in the period.

    `least` is what the figure should be. `late` counts the cases that broke the promise: late answers, low scores,
    overdue follow-ups. `owners` holds (who, cases), the most first, of those late cases; `customer` is the one of a
    single late case. `few` is whether there are too few cases to rank it with the others; `loss` is what it is ranked
    by: how far it is below `least` × the tier's weight × the number of cases. `mend_by` is the day it is to be mended
    by, None where it was kept.
    """

    tier: str
    figure: Figure
    least: Decimal
    to_customer: bool
    kept: Fulfilment
    late: int
    owners: tuple[tuple[str, int], ...] = ()
    customer: Customer | None = None
    few: bool = False
    loss: Decimal = Decimal(0)
    mend_by: date | None = None

    @property
    def broken(self) -> bool:
        """Whether the promise was not kept, in one case or in more."""
        return self.kept in {Fulfilment.NO, Fulfilment.ONE_LATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """Every promise to every tier with its verdict, in the order of tiers and promises; the worst broken ones."""

    verdicts: tuple[Verdict, ...] = ()
    worst: tuple[Verdict, ...] = ()
