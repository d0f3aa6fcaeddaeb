"""Recency, frequency and monetary value of a workbook of orders, against a plain computation of their own.

The definition is the one of Fader, Hardie and Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base
Analysis" (Journal of Marketing Research 42, 2005), for data by the day. A purchase is a day with orders; x counts
the purchases after the first, t_x is the days from the first purchase to the last, T the days from the first to
the end of the observation, m the money of a purchase on average. Ours follow from them, as docs/rules.md states
them with `purchases = "day"`: recency is T - t_x, frequency is x + 1 and 客单价 is m, both over the purchases of
the 12 months up to the date.

The customers are made up, by a seed; the first three are worked out by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from random import Random
from typing import NamedTuple

import xlsxwriter

from sheetcrm.assess.context import book_context
from sheetcrm.assess.measure.measures import measure
from sheetcrm.intake import book as joining
from sheetcrm.intake import records, workbooks
from sheetcrm.policy.loading import standard
from tests.values import run_as_of

AS_OF = date(2026, 10, 31)
YEAR_START = date(2025, 10, 31)
"""The last day before the 12 months."""

Orders = Sequence[tuple[str, date, Decimal]]


class Rfm(NamedTuple):
    """Days since the last purchase; purchases of 12 months; money of each on average, None without any."""

    recency: int
    frequency: int
    monetary: Decimal | None


BY_HAND: Orders = [
    # A: two orders on one day are one purchase; both ends of the 12 months: 10-31 is before them, 11-01 is in
    ("A", date(2025, 10, 31), Decimal(9000)),
    ("A", date(2025, 11, 1), Decimal("100.50")),
    ("A", date(2026, 10, 1), Decimal(200)),
    ("A", date(2026, 10, 1), Decimal("99.50")),
    # B: one purchase, on the last day
    ("B", date(2026, 10, 31), Decimal("0.01")),
    # C: none within 12 months, the last on a leap day's eve
    ("C", date(2024, 2, 28), Decimal(500)),
    ("C", date(2024, 2, 27), Decimal(300)),
]
WORKED_OUT = {
    "A": Rfm(30, 2, Decimal(200)),
    "B": Rfm(0, 1, Decimal("0.01")),
    "C": Rfm(976, 0, None),  # 2024-02-28 to 2026-10-31: 366 - 59 + 365 + 304
}


def made_up(customers: int) -> Orders:
    """Invent orders of three years: regulars, occasional buyers and people who came once."""
    dice = Random(20261031)  # noqa: S311 - no secret
    orders = []
    for number in range(customers):
        for _ in range(dice.choice((1, 2, 5, 12, 40))):
            day = AS_OF - timedelta(days=dice.randrange(3 * 365))
            orders += [
                (f"M{number:03}", day, Decimal(dice.randrange(1, 5_000_000)) / 100)
                for _ in range(dice.choice((1, 1, 1, 2, 3)))
            ]
    return orders


def rfm_by_definition(orders: Orders, customer: str) -> Rfm:
    """Compute a customer's figures from x, t_x, T and m."""
    days = sorted({day for one, day, _ in orders if one == customer})
    t_x, t = (days[-1] - days[0]).days, (AS_OF - days[0]).days
    recent = [day for day in days if day > YEAR_START]
    if not recent:
        return Rfm(t - t_x, 0, None)
    x = len(recent[1:])
    money = sum((amount for one, day, amount in orders if one == customer and day > YEAR_START), Decimal(0))
    return Rfm(t - t_x, x + 1, money / (x + 1))


def rfm_of_ours(orders: Orders) -> dict[str, Rfm]:
    """Write the orders into a workbook, read it as a user's, and measure each customer."""
    policy = standard()
    policy = policy.model_copy(update={"reading": policy.reading.model_copy(update={"purchases": "day"})})
    tables, problems = workbooks.read_workbook(workbook_of(orders), file="订单.xlsx")
    rows, more = records.read_records(tables, policy=policy)
    book = joining.join(rows, [*problems, *more])
    facts = book_context(book, run_as_of(AS_OF, policy=policy))
    ours = {}
    for customer in book.customers:
        figures = measure(customer, facts).measures
        assert figures.recency_days is not None
        assert figures.frequency_12m is not None
        ours[customer.customer_id] = Rfm(int(figures.recency_days), int(figures.frequency_12m), figures.average_order)
    return ours


def workbook_of(orders: Orders) -> bytes:
    data = BytesIO()
    with xlsxwriter.Workbook(data) as book:
        format_day = book.add_format({"num_format": "yyyy-mm-dd"})
        people, lines = book.add_worksheet("客户信息基础表"), book.add_worksheet("交易明细")
        people.write_row(0, 0, ["客户编号", "客户名称", "行业类型"])
        for row, customer in enumerate(dict.fromkeys(customer for customer, _, _ in orders), start=1):
            people.write_row(row, 0, [customer, f"顾客{customer}", "零售"])
        lines.write_row(0, 0, ["客户编号", "日期", "金额"])
        for row, (customer, day, amount) in enumerate(orders, start=1):
            lines.write_string(row, 0, customer)
            lines.write_datetime(row, 1, day, format_day)
            lines.write_number(row, 2, float(amount))
    return data.getvalue()


def test_the_figures_worked_out_by_hand() -> None:
    assert {customer: rfm_by_definition(BY_HAND, customer) for customer in WORKED_OUT} == WORKED_OUT
    assert rfm_of_ours(BY_HAND) == WORKED_OUT


def test_recency_frequency_and_money_are_those_of_the_definition() -> None:
    orders = made_up(80)
    ours = rfm_of_ours(orders)
    assert len(ours) == 80
    assert len(orders) > 1_000
    assert ours == {customer: rfm_by_definition(orders, customer) for customer in ours}
