"""The workbooks and customers that a run read, and whether two runs read the same book. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The workbooks that a run read, the workbook of each customer, and the customers set aside."""

    files: frozenset[str]
    homes: Mapping[str, str]
    aside: frozenset[str]


def same_book(scope: Scope, other: Scope) -> bool:
    """Return whether two runs read the same book, so that sums over all of it compare.

    Workbooks are recognised by their customers, for their names change from month to month: each has to share
    a customer with the other run. One whose customers are all gone, or new, has to bear the same name in both.
    """
    return _is_covered(scope, by=other) and _is_covered(other, by=scope)


def _is_covered(scope: Scope, *, by: Scope) -> bool:
    all_customers = by.homes.keys() | by.aside
    without_customers = by.files - frozenset(by.homes.values())
    members: dict[str, set[str]] = {}
    for customer_id, file in scope.homes.items():
        members.setdefault(file, set()).add(customer_id)
    return all(
        not all_customers.isdisjoint(customers) or file in without_customers for file, customers in members.items()
    )
