"""What stands in the program's own columns, where it is more than one figure of the assessment (practice §9).

Each takes what fills the row and the run, and returns the cell's value; None empties the cell.
"""

from __future__ import annotations

import enum
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sheetcrm.model.fields import Keep, RunDates

if TYPE_CHECKING:  # assessments are made of records, which are declared with these
    from sheetcrm.model.results import Assessment, Undertaking


class Standing(enum.Enum):
    """Whether a customer could be graded (practice §4.3); the words stand in 等级 where it could not."""

    GRADED = "已评级"
    INCOMPLETE = "待补充资料"
    UNSOLD = "未成交"


DONE, DONE_LATE, LATE, OPEN, PENDING = "已跟进", "逾期完成", "是", "否", "待定"
"""是否逾期: the promise was done; done after its day; its day has passed; is still to come; waits for an event."""


def assessed_on(assessment: Assessment, run: RunDates) -> date | Keep:
    """Keep a day that lies in the period or after it; set it where blank or older."""
    row = assessment.customer.scoring
    day = run.graded_on(row)
    return Keep.KEEP if row and row.assessed_on == day else day


def period(_assessment: Assessment, run: RunDates) -> str:
    """Write the period as `2026-10`, `2026Q3` or `2026`."""
    return run.period.label


def movement(assessment: Assessment, _run: RunDates) -> str | None:
    """Write how the tier moved; nothing for a customer without one."""
    return assessment.movement.value if assessment.movement else None


def coverage(assessment: Assessment, _run: RunDates) -> Decimal | None:
    """Write the share of weight known; nothing for a customer who never bought."""
    return None if assessment.standing is Standing.UNSOLD else assessment.score.coverage


def tags(assessment: Assessment, _run: RunDates) -> str | None:
    """Write the labels for people."""
    return assessment.tags or None


def risk(assessment: Assessment, _run: RunDates) -> str | None:
    """Write the level of risk."""
    return assessment.risk or None


def alerts(assessment: Assessment, _run: RunDates) -> str | None:
    """Write the codes of all alerts."""
    return "、".join(alert.code for alert in assessment.alerts) or None


def next_due(assessment: Assessment, _run: RunDates) -> date | None:
    """Write the day of the next follow-up."""
    return assessment.due[0].due if assessment.due else None


def overdue_days(assessment: Assessment, _run: RunDates) -> int | None:
    """Write by how many days the next follow-up is late."""
    return assessment.due[0].overdue_days if assessment.due else None


def next_action(assessment: Assessment, _run: RunDates) -> str | None:
    """Write what is to be done next."""
    return assessment.due[0].action if assessment.due else None


def next_owner(assessment: Assessment, _run: RunDates) -> str | None:
    """Write who is to do it."""
    return assessment.due[0].owner if assessment.due else None


def overdue(undertaking: Undertaking, _run: RunDates) -> str:
    """Write whether a promise is late, still to come, waits for an event, or is done."""
    if not undertaking.open:
        return DONE if undertaking.kept is not False else DONE_LATE
    if undertaking.promise.pending:
        return PENDING
    return LATE if undertaking.overdue_days else OPEN
