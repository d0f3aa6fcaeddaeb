"""Whose tier falls due for re-grading in the coming month: 分类复核提醒 (practice §7). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from sheetcrm.model import Assessment
from sheetcrm.model.lists import GradingReminder
from sheetcrm.policy.run import Run


def reminders(assessments: Iterable[Assessment], run: Run) -> tuple[GradingReminder, ...]:
    """List who falls due after the as-of date and by the horizon, the earliest first.

    Who falls due by the as-of date is graded anew by this very run, and is not reminded of.
    """
    rows = (
        GradingReminder(assessment=entry, due=entry.next_grading)
        for entry in assessments
        if entry.next_grading and run.as_of < entry.next_grading <= run.horizon
    )
    return tuple(sorted(rows, key=lambda row: (row.due, row.assessment.customer.customer_id)))
