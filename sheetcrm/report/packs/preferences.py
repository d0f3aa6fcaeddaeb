"""What a customer's orders say of how it buys: products, cycle, usual amount (practice §10). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import median

from sheetcrm.model import Order
from sheetcrm.policy.run import Run
from sheetcrm.report.pages.filters import clean, percent, thousands
from sheetcrm.text.dates import add_months

PRODUCTS, CYCLE, AMOUNT = "常购产品", "下单周期", "单笔金额"
_MONTHS = 24
"""Orders of so many months speak for today's preferences (ours)."""
_LEAST_DAYS = 3
"""From so many days with orders on there is a cycle (ours)."""
_SHOWN = 3


def preferences(orders: Sequence[Order], run: Run) -> tuple[tuple[str, str], ...]:
    """List what a customer prefers, each with what it was found by; what the orders do not tell is left out."""
    since = add_months(run.as_of, -_MONTHS)
    return tuple(_found([one for one in orders if since < one.date <= run.as_of and one.amount > 0]))


def _found(orders: Sequence[Order]) -> Iterator[tuple[str, str]]:
    spent: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in orders:
        if one.product:
            spent[clean(one.product)] += one.amount
    if spent:
        whole = sum(spent.values(), Decimal(0))
        most = sorted(spent.items(), key=lambda entry: (-entry[1], entry[0]))[:_SHOWN]
        yield PRODUCTS, "、".join(f"{product}（{percent(amount / whole)}）" for product, amount in most)
    days = sorted({one.date for one in orders})
    if len(days) >= _LEAST_DAYS:
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        yield CYCLE, f"约{round(median(gaps))}天一次（{len(days)}次下单的中位数）"
    if orders:
        yield AMOUNT, f"{thousands(Decimal(median(one.amount for one in orders)))}元（中位数）"
