"""Which tier serves a customer when: the one before this period's grading, and the one since (practice §3). Pure."""

from __future__ import annotations

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
    return Serving(
        now=tier.name if tier else None,
        before=before if before and policy.tier(before) else None,
        graded_on=run.graded_on(customer.scoring),
    )
