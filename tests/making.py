"""Made-up records for tests: only what a test says differs from a plain customer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sheetcrm.model import Book, Customer, FollowUp, Order, Profile, ScoringRow, Table

TABLE = Table("客户.xlsx", "表", "scoring", 1, (), (), ())


def scoring_row(customer_id: str = "C001", **values: Any) -> ScoringRow:  # noqa: ANN401  (any field)
    """A row of the scoring sheet."""
    plain: dict[str, Any] = {"origin": TABLE, "row": 2, "customer_id": customer_id, "name": "甲公司"}
    return ScoringRow(**(plain | values))


def profile(customer_id: str = "C001", **values: Any) -> Profile:  # noqa: ANN401  (any field)
    """A row of the base sheet."""
    plain: dict[str, Any] = {"origin": TABLE, "row": 2, "customer_id": customer_id, "name": "甲公司"}
    return Profile(**(plain | values))


def order(day: str, amount: str | int, order_no: str | None = None) -> Order:
    """An order of C001."""
    return Order(
        origin=TABLE,
        row=2,
        customer_id="C001",
        date=date.fromisoformat(day),
        amount=Decimal(amount),
        order_no=order_no,
    )


def contact(day: str, **values: Any) -> FollowUp:  # noqa: ANN401  (any field)
    """A follow-up of C001."""
    plain: dict[str, Any] = {"origin": TABLE, "row": 2, "customer_id": "C001", "date": date.fromisoformat(day)}
    return FollowUp(**(plain | values))


def customer(**values: Any) -> Customer:  # noqa: ANN401  (any field)
    """A customer C001 with a scoring row, unless said otherwise."""
    if "scoring" not in values and "profile" not in values:
        values["scoring"] = scoring_row()
    plain: dict[str, Any] = {"customer_id": "C001", "name": "甲公司"}
    return Customer(**(plain | values))


def book(*customers: Customer, kinds: tuple[str, ...] = ("scoring", "profile")) -> Book:
    """A book of these customers; `kinds` are the kinds of sheets it holds."""
    return Book(customers=customers, kinds=frozenset(kinds))
