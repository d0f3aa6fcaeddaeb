"""When a customer is graded anew, and whether a tier may move in this run (domain §4.4, §8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sheetcrm.model import Alert, Customer, Period
from sheetcrm.policy.model import ALL, Policy
from sheetcrm.text.dates import add_months


def due_after(graded_on: date, labels: frozenset[str], policy: Policy) -> date:
    """Give the day the next grading is due: the shortest interval among a customer's labels. Pure."""
    return min(
        add_months(graded_on, months) + timedelta(days=days)
        for months, days in (
            entry.interval for entry in policy.regrading if ALL in entry.applies or not labels.isdisjoint(entry.applies)
        )
    )


def next_grading(
    graded_on: date, labels: frozenset[str], alerts: Sequence[Alert], *, policy: Policy, as_of: date
) -> date:
    """Give 下次重评日期: now where an alert calls for it, else when it is due. Pure."""
    if any(alert.regrade for alert in alerts):
        return as_of
    return due_after(graded_on, labels, policy)


def may_move(customer: Customer, previous: str | None, *, period: Period, as_of: date, forced: bool) -> bool:
    """Tell whether 等级 may change in a run of `tier_moves = "when_due"`.

    It may where there is none, where 下次重评日期 has come, and where an alert forces it. In a re-run of
    a period the first run's decision stands: it left 建议等级 filled where the tier was kept. Pure.
    """
    row = customer.scoring
    if row is None or previous is None:
        return True
    if row.period == period.label:
        return row.proposed_grade is None
    return forced or row.next_grading is None or row.next_grading <= as_of
