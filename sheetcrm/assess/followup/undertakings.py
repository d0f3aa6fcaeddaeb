"""What was promised to a customer, and whether it was done (practice §8). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sheetcrm.model import Customer, FollowUp, Promise, Undertaking
from sheetcrm.policy.run import Run
from sheetcrm.text.completion import DROPPED_WORDS, is_open, reports_done, reports_undone, shares_word
from sheetcrm.text.folding import simplify
from sheetcrm.text.promises import read_promises

APPOINTMENT = "约定跟进"
"""The words of a day for the next contact that people wrote down without any."""
_DAY = timedelta(days=1)
_OVERDUE = "逾期"


@dataclass(frozen=True, slots=True)
class _End:
    """How a promise ended: on which day (None: not said), and whether it was kept (None: nobody asks any more)."""

    day: date | None
    kept: bool | None


def undertakings(customer: Customer, run: Run) -> tuple[Undertaking, ...]:
    """Read every promise of a customer's follow-up records up to the date: those in words, then appointments.

    A promise is done when 完成日期 or 完成情况 says so, when a later record says so, or at the first contact on or
    after its day, unless that record says that it is not or promises the same again. One without a day is
    done with the next contact (ours), and one that waits for an event only where a record says so.
    """
    records = [entry for entry in customer.follow_ups if entry.date <= run.as_of]
    return (
        *(
            _undertaking(entry, promise, records, run)
            for entry in records
            if entry.next_step
            for promise in read_promises(entry.next_step, recorded=entry.date, is_workday=run.calendar.is_workday)
        ),
        *(
            _undertaking(entry, Promise(APPOINTMENT, entry.appointment, ""), records, run)
            for entry in records
            if entry.appointment
        ),
    )


def _undertaking(record: FollowUp, promise: Promise, records: Sequence[FollowUp], run: Run) -> Undertaking:
    end = _end(record, promise, records, run)
    if end:
        return Undertaking(record, promise, open=False, done_on=end.day, kept=end.kept)
    due = promise.due
    late = due is not None and due < run.calendar.previous_workday(run.as_of)
    return Undertaking(record, promise, open=True, overdue_days=(run.as_of - due).days if late and due else 0)


def _end(record: FollowUp, promise: Promise, records: Sequence[FollowUp], run: Run) -> _End | None:
    if record.done_on and record.done_on <= run.as_of:
        return _End(record.done_on, _kept(promise, record.done_on, run))
    if record.outcome and record.done_on is None:
        if any(word in record.outcome for word in DROPPED_WORDS):
            return _End(None, None)
        return None if is_open(record.outcome) else _End(None, _OVERDUE not in record.outcome)
    later = [entry for entry in records if entry.date > record.date]
    return next(_ends(promise, later, run), None)


def _ends(promise: Promise, later: Sequence[FollowUp], run: Run) -> Iterator[_End]:
    """Yield the days on which later records, the earliest first, end a promise."""
    asked = simplify(promise.text).replace(simplify(promise.phrase), " ") if promise.phrase else ""
    waits = promise.due is None and promise.pending
    for entry in later:
        text = f"{entry.summary or ''}；{entry.feedback or ''}"
        if reports_done(text, asked):
            yield _End(entry.date, _kept(promise, entry.date, run))
            continue
        closes = not waits and (promise.due is None or entry.date >= promise.due)
        if closes and not reports_undone(text, asked) and not _again(entry, asked, run):
            yield _End(entry.date, _kept(promise, entry.date, run))


def _again(entry: FollowUp, asked: str, run: Run) -> bool:
    """Return whether a record promises the same again, or puts it off."""
    plan = entry.next_step
    if not plan or not shares_word(plan, asked):
        return False
    return reports_undone(plan, asked) or bool(
        read_promises(plan, recorded=entry.date, is_workday=run.calendar.is_workday)
    )


def _kept(promise: Promise, done_on: date, run: Run) -> bool:
    """Return whether a promise was done by its day or the next working day."""
    if promise.due is None or done_on <= promise.due:
        return True
    day = promise.due + _DAY
    while day < done_on and not run.calendar.is_workday(day):
        day += _DAY
    return done_on <= day
