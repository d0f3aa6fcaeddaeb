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
_SHOWN = 3
"""Products named at most: as many as a line of the card holds."""


def preferences(orders: Sequence[Order], run: Run) -> tuple[tuple[str, str], ...]:
    """List what a customer prefers, each with what it was found by; what the orders do not tell is left out."""
    rules = run.policy.report
    since = add_months(run.as_of, -rules.preference_months)
    counted = [one for one in orders if since < one.date <= run.as_of and one.amount > 0]
    return (*_products(counted), *_cycle(counted, rules.preference_days), *_amount(counted))


def _products(orders: Sequence[Order]) -> Iterator[tuple[str, str]]:
    """Name the products most is spent on: their part of the amount, and of the orders that name a product."""
    bought: defaultdict[str, list[Decimal]] = defaultdict(list)
    for one in orders:
        if one.product:
            bought[clean(one.product)].append(one.amount)
    spent = {product: sum(amounts, Decimal(0)) for product, amounts in bought.items()}
    whole, count = sum(spent.values(), Decimal(0)), sum(map(len, bought.values()))
    most = sorted(spent.items(), key=lambda entry: (-entry[1], entry[0]))[:_SHOWN]
    if most:
        yield (
            PRODUCTS,
            "、".join(
                f"{product}（占金额{percent(amount / whole)}，{count}笔中{len(bought[product])}笔）"
                for product, amount in most
            ),
        )


def _cycle(orders: Sequence[Order], least: int) -> Iterator[tuple[str, str]]:
    days = sorted({one.date for one in orders})
    if len(days) >= least:
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        yield CYCLE, f"约{round(median(gaps))}天一次（{len(days)}次下单的中位数）"


def _amount(orders: Sequence[Order]) -> Iterator[tuple[str, str]]:
    if orders:
        yield AMOUNT, f"{thousands(Decimal(median(one.amount for one in orders)))}元（中位数）"
