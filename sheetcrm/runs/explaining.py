"""Looking one customer of a book up: what a run would decide of them, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sheetcrm.assess.figures import lifetime_value
from sheetcrm.errors import UsageError
from sheetcrm.model import Assessment, Lifetime, Past
from sheetcrm.policy.run import Run
from sheetcrm.runs import reviewed
from sheetcrm.runs.customer_choice import choose_customer
from sheetcrm.runs.history import recall
from sheetcrm.runs.reading import ReadBook
from sheetcrm.store.history.ledger import Ledger

_NOBODY = "请核对编号；编号重复或行内有错误的客户见 sheetcrm check"


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A customer's assessment with the notes on its classes, its last period on record, and its lifetime value."""

    entry: Assessment
    before: Past | None
    lifetime: Lifetime


def look_up(asked: str, reading: ReadBook, run: Run, *, history: Ledger, output: Path) -> LookedUp:
    """Assess a book for one customer, by 客户编号, name or a part of either. Nothing is written.

    Raises:
        UsageError: If nobody is meant, or several are, or their row was set aside.
    """
    recalled = recall(history, run, reading)
    names = {one.customer_id: one.name for one in recalled.book.customers}
    customer_id = choose_customer(asked, names, fix=_NOBODY) if names else asked
    filled = reviewed.gather(reading.reviews, recalled.run, output)
    _, everybody, _, _ = reviewed.assess_reviewed(recalled.book, recalled.run, recalled, filled, noted={customer_id})
    entry = next((one for one in everybody if one.customer.customer_id == customer_id), None)
    if entry is None:
        raise UsageError(f"没有客户编号“{customer_id}”", _NOBODY)
    kept = lifetime_value.kept(everybody, recalled.past, run.policy.roles)
    worth = lifetime_value.lifetime(entry, recalled.run, kept)
    return LookedUp(entry, recalled.past.get(customer_id), worth)
