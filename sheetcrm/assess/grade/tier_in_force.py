"""Which tier serves a customer when: the one before this period's grading, and the one since (practice §3). Pure."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sheetcrm.model import Customer, Serving, Standing
from sheetcrm.policy.model import Tier
from sheetcrm.policy.run import Run


def serving(customer: Customer, run: Run, tier: Tier | None, previous_grade: str | None) -> Serving:
    """Return the tier of a customer since this period's grading, and the one it carried until then.

    A last grade that is no tier of the policy says nothing of the time before: then the tier of today
    serves all along.
    """
    policy = run.policy
    before = policy.scoring.unsold_served_as if previous_grade == Standing.UNSOLD.value else previous_grade
    before = before if before and policy.tier(before) else None
    return _shared(tier.name if tier else None, before, run.graded_on(customer.scoring))


@lru_cache(maxsize=1 << 12)
def _shared(now: str | None, before: str | None, graded_on: date) -> Serving:
    """Return one value for all customers with the same tiers and day."""
    return Serving(now=now, before=before, graded_on=graded_on)
