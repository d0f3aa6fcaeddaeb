"""Whether a tier may move in this run (practice §4.4)."""

from __future__ import annotations

from datetime import date

from sheetcrm.model import Customer
from sheetcrm.policy.run import Run


def may_move(customer: Customer, run: Run, *, previous: str | None, due: date | None, forced: bool) -> bool:
    """Return whether 等级 may change in a run of `tier_moves = "when_due"`.

    It may where there is none, where re-grading is due (None: nobody knows when), and where an alert
    forces it. In a re-run over a period's own result the first run's decision stands: it left 建议等级
    filled where the tier was kept. Pure.
    """
    row = customer.scoring
    if previous is None:
        return True
    if row and row.period == run.period.label:
        return row.proposed_grade is None
    return forced or due is None or due <= run.as_of
