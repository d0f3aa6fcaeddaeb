"""What the calendar asks for: data cleaning, audits, training, greetings (practice §8, §11). Pure."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from sheetcrm.assess.figures.relations import stage_of
from sheetcrm.model import Assessment
from sheetcrm.model.lists import RoutineDue
from sheetcrm.policy.cadence import ACCOUNT_MANAGER, Routine
from sheetcrm.policy.run import Run
from sheetcrm.text.named_days import NAMED_DAYS

_DAY = timedelta(days=1)


def routines(assessments: Sequence[Assessment], run: Run) -> tuple[RoutineDue, ...]:
    """List what falls due after the as-of date and by the horizon, the earliest first.

    A routine is due on the last working day of its month, or on a named day, moved back to a working day. One of the
    客户经理 is one entry for each of them, with how many customers of theirs are not lost.
    """
    served = _customers(assessments, run)
    rows = [
        RoutineDue(name=routine.name, due=due, owner=owner, content=routine.content, customers=customers)
        for routine in run.policy.routines
        for due in _due(routine, run)
        for owner, customers in (
            sorted(served.items()) if routine.owner == ACCOUNT_MANAGER else [(routine.owner, served.total())]
        )
    ]
    return tuple(sorted(rows, key=lambda row: (row.due, row.name, row.owner)))


def _customers(assessments: Iterable[Assessment], run: Run) -> Counter[str]:
    gone = run.policy.roles.gone
    return Counter(
        entry.owner for entry in assessments if entry.owner and stage_of(entry, run.policy.roles) not in gone
    )


def _due(routine: Routine, run: Run) -> Iterator[date]:
    """Yield the days of a routine in the coming month."""
    for day in _days(routine, run):
        if run.as_of < day <= run.horizon:
            yield max(run.calendar.previous_workday(day), run.as_of + _DAY)


def _days(routine: Routine, run: Run) -> Iterator[date]:
    months = sorted({(run.as_of.year, run.as_of.month), (run.horizon.year, run.horizon.month)})
    if routine.day:
        days = (NAMED_DAYS[routine.day].in_year(year) for year in sorted({year for year, _month in months}))
        yield from filter(None, days)
        return
    for year, month in months:
        if (month - routine.month) % routine.months == 0:
            yield date(year, month, calendar.monthrange(year, month)[1])
