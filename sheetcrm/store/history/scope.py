"""Which customers of which workbooks a run read, and whether two runs read the same book. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run read: its workbooks, the workbook each customer stands in, and the customers set aside."""

    files: frozenset[str]
    homes: Mapping[str, str]
    aside: frozenset[str]


def same_book(one: Scope, other: Scope) -> bool:
    """Tell whether two runs read the same book, so that sums over all of it compare.

    Workbooks are known by their customers, for their names change from month to month: each has to share
    a customer with the other run. One whose customers are all gone, or new, has to bear the same name in both.
    """
    return _covered(one, other) and _covered(other, one)


def _covered(one: Scope, other: Scope) -> bool:
    filled = frozenset(other.homes.values())
    members: dict[str, set[str]] = {}
    for customer_id, file in one.homes.items():
        members.setdefault(file, set()).add(customer_id)
    return all(
        not (other.homes.keys().isdisjoint(found) and other.aside.isdisjoint(found))
        or (file in other.files and file not in filled)
        for file, found in members.items()
    )
