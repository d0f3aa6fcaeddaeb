"""What a customer's share of the year's book is of, and whether it is used at all (practice §6.4). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sheetcrm.model import Book, CellRef, Measures, Problem
from sheetcrm.policy.conditions import Condition, compile_condition
from sheetcrm.policy.model import Policy
from sheetcrm.problems import problem

SHARE = "revenue_share"
_NOTHING = Decimal(0)
_CUSTOMERS = frozenset({"profile", "scoring"})


def share_base(book: Book, policy: Policy, spend: Decimal) -> Decimal | None:
    """Return what the customers' spend is divided by; None where shares are not used.

    It is 设置's 年销售额, else the spend of the whole book, which of a book with few customers tells nothing:
    among five each has 20 % of it.
    """
    yearly = {(one.unit, one.department): one.yearly_sales for one in book.settings if one.yearly_sales}
    if yearly:
        return sum(yearly.values(), _NOTHING)
    return spend if len(book.customers) >= policy.measures.share_customers else None


def share_of(spend: Decimal | None, base: Decimal | None) -> Decimal | None:
    """Divide a customer's spend by what shares are of; nothing is no share, also where shares are not used."""
    if spend is None or spend == 0:
        return spend
    if base is None:
        return _NOTHING
    return spend / base if base > 0 else None


def unused_shares(book: Book, policy: Policy, measured: Iterable[Measures], spend: Decimal) -> tuple[Problem, ...]:
    """Say that shares are not used, where a rule would have turned on somebody's."""
    if not book.tables or spend <= 0 or share_base(book, policy, spend) is not None:
        return ()
    conditions = _conditions(policy)
    shares = [share_of(one.spend_12m, spend) for one in measured] if conditions else []
    if not any(test(share) and not test(_NOTHING) for share in shares for test in conditions):
        return ()
    table = next((one for one in book.tables if one.kind in _CUSTOMERS), book.tables[0])
    least = policy.measures.share_customers
    return (problem("share-unused", CellRef(table.file), count=len(book.customers), least=least),)


def _conditions(policy: Policy) -> list[Condition]:
    asked = {text for table in policy.classes for name, text in table.asked if name == SHARE}
    return [compile_condition(text) for text in sorted(asked)]
