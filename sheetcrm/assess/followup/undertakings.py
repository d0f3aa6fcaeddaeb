"""What was promised to a customer, and whether it was done (practice §8). Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from operator import itemgetter

from msgspec import Struct

from sheetcrm.model import Customer, FollowUp, Promise, Undertaking
from sheetcrm.policy.run import Run
from sheetcrm.text.completion import Statement, is_dropped, is_open, state, words_of
from sheetcrm.text.folding import simplify
from sheetcrm.text.promises import read_promises

APPOINTMENT = "约定跟进"
"""The words of a day for the next contact that people wrote down without any."""
_DAY = timedelta(days=1)
_NONE: frozenset[str] = frozenset()
_OVERDUE = "逾期"


class _End(Struct, frozen=True, gc=False):
    """How a promise ended: on which day (None: not yet), and whether it was kept (None: nobody asks any more)."""

    day: date | None
    kept: bool | None


class _Report(Struct, frozen=True, gc=False):
    """What a record says of earlier promises, and its plan; `planned` if that has a promise."""

    day: date
    statement: Statement
    plan: str
    planned: bool


def undertakings(customer: Customer, run: Run) -> tuple[Undertaking, ...]:
    """Read every promise of a customer's follow-up records up to the date: those in words, then appointments.

    A promise is done when 完成日期 or 完成情况 says so, when a later record says so, or at the first contact on or
    after its day, unless that record says that it is not or promises the same again. One without a day is
    done with the next contact (ours), and one that waits for an event only where a record says so.
    """
    records = customer.follow_ups  # in the order of their days
    if records and records[-1].date > run.as_of:
        records = tuple(entry for entry in records if entry.date <= run.as_of)
    promised = [
        read_promises(entry.next_step, recorded=entry.date, is_workday=run.calendar.is_workday)
        if entry.next_step
        else ()
        for entry in records
    ]
    worded = [(entry, promise) for entry, own in zip(records, promised, strict=True) for promise in own]
    appointed = [
        (entry, Promise(APPOINTMENT, entry.appointment, "")) for entry in records if entry.appointment is not None
    ]
    promises = worded + appointed
    if not promises:
        return ()
    first = min(each[0][0].date for each in (worded, appointed) if each)
    reports = [
        report
        for entry, own in zip(records, promised, strict=True)
        if entry.date > first and (report := _report(entry, planned=bool(own)))
    ]
    endings = _Endings(reports)
    return tuple(_undertaking(entry, promise, endings, run) for entry, promise in promises)


class _Endings:
    """Which records may end a promise, found once for all promises of the same words."""

    def __init__(self, reports: Sequence[_Report]) -> None:
        """Take the reports, oldest first."""
        self._reports = reports
        self._by_words: dict[frozenset[str], Sequence[tuple[date, bool]]] = {}

    def first(self, promise: Promise, made_on: date) -> date | None:
        """Find the day of the first later record that ends a promise."""
        if not self._reports or self._reports[-1].day <= made_on:
            return None
        words = _words_promised(promise.text, promise.phrase) if promise.phrase else _NONE
        days = self._by_words.get(words)
        if days is None:
            days = self._by_words[words] = self._days(words)
        waits = promise.due is None and promise.pending
        for day, done in islice(days, bisect_right(days, made_on, key=itemgetter(0)), None):
            if done or (not waits and (promise.due is None or day >= promise.due)):
                return day
        return None

    def _days(self, words: frozenset[str]) -> Sequence[tuple[date, bool]]:
        """Return the day of each record that may end a promise of these words, and whether it says that it is done."""
        return [
            (report.day, done)
            for report in self._reports
            if (done := report.statement.reports_done(words))
            or not (report.statement.reports_undone(words) or _again(report, words))
        ]


@lru_cache(maxsize=1 << 12)
def _words_promised(text: str, phrase: str) -> frozenset[str]:
    """Return the words of what was promised, without those that say by when."""
    return words_of(simplify(text).replace(simplify(phrase), " "))


def _report(entry: FollowUp, *, planned: bool) -> _Report | None:
    """Read what a record says of earlier promises; None where it can end none."""
    statement = state(f"{entry.summary or ''}；{entry.feedback or ''}")
    if statement.undone and not statement.done:
        return None
    return _Report(entry.date, statement, entry.next_step or "", planned)


def _undertaking(record: FollowUp, promise: Promise, endings: _Endings, run: Run) -> Undertaking:
    end = _end(record, promise, endings, run)
    if end:
        return Undertaking(record, promise, open=False, done_on=end.day, kept=end.kept)
    due = promise.due
    if due is None or due >= run.as_of or due >= run.calendar.previous_workday(run.as_of):
        return Undertaking(record, promise, open=True)
    return Undertaking(record, promise, open=True, overdue_days=(run.as_of - due).days)


def _end(record: FollowUp, promise: Promise, endings: _Endings, run: Run) -> _End | None:
    if record.done_on and record.done_on <= run.as_of:
        return _End(record.done_on, _kept(promise, record.done_on, run))
    if record.outcome and record.done_on is None:
        if is_dropped(record.outcome):
            return _End(None, None)
        return None if is_open(record.outcome) else _End(None, _OVERDUE not in record.outcome)
    done_on = endings.first(promise, record.date)
    return _End(done_on, _kept(promise, done_on, run)) if done_on else None


def _again(report: _Report, asked: frozenset[str]) -> bool:
    """Return whether a record promises the same again, or puts it off."""
    if not report.plan or words_of(report.plan).isdisjoint(asked):
        return False
    return report.planned or state(report.plan).reports_undone(asked)


def _kept(promise: Promise, done_on: date, run: Run) -> bool:
    """Return whether a promise was done by its day or the next working day."""
    if promise.due is None or done_on <= promise.due:
        return True
    day = promise.due + _DAY
    while day < done_on and not run.calendar.is_workday(day):
        day += _DAY
    return done_on <= day
