"""Which tier serves a customer when: the one before this period's grading, and the one since (domain §3). Pure."""

from __future__ import annotations

from datetime import date

from sheetcrm.model import Customer, Period, Serving, Standing
from sheetcrm.policy.model import Policy, Tier


def serving(
    customer: Customer, tier: Tier | None, previous_grade: str | None, *, policy: Policy, period: Period, as_of: date
) -> Serving:
    """Tell the tier of a customer since this period's grading, and the one it carried until then.

    The grading is dated by the row's 评估日期 where that lies in the period, else by the as-of date. A last
    grade that is no tier of the policy says nothing of the time before: then the tier of today serves all along.
    """
    row = customer.scoring
    graded_on = row.assessed_on if row and row.assessed_on and row.assessed_on >= period.start else as_of
    before = policy.scoring.unsold_served_as if previous_grade == Standing.UNSOLD.value else previous_grade
    return Serving(
        now=tier.name if tier else None,
        before=before if before and policy.tier(before) else None,
        graded_on=graded_on,
    )
