"""A first run's 12 months before, graded from orders, against assessing the same book once.

`python -m benchmarks backwards` makes up 20,000 customers with 240,000 orders of 24 months, in memory: half of them
with figures of purchases typed beside the orders.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from sheetcrm.assess import book as grading
from sheetcrm.assess.figures.backwards import grade_backwards
from sheetcrm.model import Book, Customer, Level, Order, ScoringRow, Table
from sheetcrm.periods import month_of
from sheetcrm.policy.loading import standard
from sheetcrm.policy.run import Run

CUSTOMERS, ORDERS_EACH = 20_000, 12
AIM_RATIO = 3
_FIRST, _AS_OF = date(2024, 11, 1), date(2026, 10, 31)
ResultT = TypeVar("ResultT")
_TABLE = Table("书.xlsx", "表", "scoring", 1, (), (), ())


def main() -> None:
    """Measure the processor time of both in this process, and print the ratio."""
    run = Run.of(standard(), month_of(_AS_OF), _AS_OF, today=_AS_OF)
    gc.disable()  # as a run does
    chance = random.Random(CUSTOMERS)
    customers = tuple(_customer(chance, f"C{number:06}", typed=number % 2 == 0) for number in range(CUSTOMERS))
    book = Book(customers=customers, kinds=frozenset({"scoring", "order"}))
    once, (assessments, _) = _timed(lambda: grading.assess(book, run))
    took, past = _timed(lambda: grade_backwards(assessments, run, book))
    print(f"\n{CUSTOMERS:,} customers with {CUSTOMERS * ORDERS_EACH:,} orders")
    print(f"  assess once                       {once:9.2f} s")
    print(f"  {len(past.past)} months before, backwards       {took:9.2f} s{took / once:9.2f} ÷ (aim: {AIM_RATIO})")


def _timed(work: Callable[[], ResultT]) -> tuple[float, ResultT]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def _customer(chance: random.Random, key: str, *, typed: bool) -> Customer:
    days = sorted(_FIRST + timedelta(days=chance.randint(0, 729)) for _ in range(ORDERS_EACH))
    orders = tuple(
        Order(
            origin=_TABLE,
            row=2,
            customer_id=key,
            date=day,
            amount=Decimal(chance.randint(500, 90_000)),
            order_no=f"{key}-{number}",
        )
        for number, day in enumerate(days)
    )
    row = ScoringRow(
        origin=_TABLE,
        row=2,
        customer_id=key,
        name=key,
        growth_level=Level(chance.choice("高中低")),
        repurchase_rate=Decimal(chance.randint(5, 95)) / 100,
        spend_12m=sum((order.amount for order in orders[-6:]), Decimal(0)) if typed else None,
    )
    return Customer(customer_id=key, name=key, scoring=row, orders=orders)
