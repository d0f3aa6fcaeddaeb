"""Rows dated after the as-of date: not counted yet, and a problem says how many (docs/architecture.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from sheetcrm.model import CellRef, Customer, FollowUp, Problem, Record
from sheetcrm.problems import problem


def count_later(customers: Iterable[Customer], as_of: date, contacts: Iterable[FollowUp] = ()) -> tuple[Problem, ...]:
    """Return a problem for every sheet with rows after the date, with their number. Pure.

    `contacts` are those with whole classes of customers. A row of several customers is one row.
    """
    recorded = (one for one in customers if one.orders or one.follow_ups or one.risks or one.services or one.needs)
    rows = {(entry.origin, entry.row) for customer in recorded for entry in _later(customer, as_of)}
    rows |= {(entry.origin, entry.row) for entry in contacts if entry.date > as_of}
    tables = Counter(table for table, _row in rows)
    places = {(table.file, table.sheet): 0 for table in tables}
    for table, number in tables.items():
        places[table.file, table.sheet] += number
    return tuple(
        problem("records-later", CellRef(file, sheet), count=number, as_of=as_of)
        for (file, sheet), number in places.items()
    )


def _later(customer: Customer, as_of: date) -> Iterator[Record]:
    yield from (entry for entry in customer.orders if entry.date > as_of)
    yield from (entry for entry in customer.follow_ups if entry.date > as_of)
    yield from (entry for entry in customer.risks if entry.date > as_of)
    yield from (entry for entry in customer.services if entry.requested_at.date() > as_of)
    yield from (entry for entry in customer.needs if entry.raised_on > as_of)
