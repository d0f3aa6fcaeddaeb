"""What was to be put right by now and is not: 整改逾期 (practice §10). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from sheetcrm.assess.followup.corrections import days_late, open_corrections
from sheetcrm.model import Assessment
from sheetcrm.model.lists import UNNAMED, Correction
from sheetcrm.policy.run import Run


def corrections(assessments: Iterable[Assessment], run: Run) -> tuple[Correction, ...]:
    """List the requests whose 整改期限 has passed and that are not put right, the longest overdue first."""
    rows = (
        Correction(
            assessment=entry,
            requested_on=request.requested_at.date(),
            category=request.category or "",
            cause=request.cause or "",
            department=request.department or UNNAMED,
            due=request.correct_by,
            days=late,
            owner=entry.owner or UNNAMED,
        )
        for entry in assessments
        for request in open_corrections(entry.customer, run)
        if request.correct_by and (late := days_late(request, run))
    )
    return tuple(sorted(rows, key=lambda row: (row.due, row.department, row.assessment.customer.customer_id)))
