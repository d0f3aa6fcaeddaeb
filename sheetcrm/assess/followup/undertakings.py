"""What was promised to a customer, and whether it was done (practice §8). Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from operator import itemgetter

from sheetcrm.model import Customer, FollowUp, Promise, Undertaking
from sheetcrm.policy.run import Run
from sheetcrm.text.completion import DROPPED_WORDS, Statement, is_open, state, words_of
from sheetcrm.text.folding import simplify
from sheetcrm.text.promises import read_promises

APPOINTMENT = "约定跟进"
"""The words of a day for the next contact that people wrote down without any."""
_DAY = timedelta(days=1)
_NONE: frozenset[str] = frozenset()
_OVERDUE = "逾期"


@dataclass(frozen=True, slots=True)
class _End:
    """How a promise ended: on which day (None: not said), and whether it was kept (None: nobody asks any more)."""

    day: date | None
    kept: bool | None


@dataclass(frozen=True, slots=True)
class _Report:
    """What a record says of earlier promises, in its own words and in its plan; `planned` if that has a promise."""

    day: date
    statement: Statement
    plan: frozenset[str]
    put_off: Statement
    planned: bool

    @property
    def may_end(self) -> bool:
        """Whether it can end any promise."""
        return bool(self.statement.done) or not self.statement.undone


def undertakings(customer: Customer, run: Run) -> tuple[Undertaking, ...]:
    """Read every promise of a customer's follow-up records up to the date: those in words, then appointments.

    A promise is done when 完成日期 or 完成情况 says so, when a later record says so, or at the first contact on or
    after its day, unless that record says that it is not or promises the same again. One without a day is
    done with the next contact (ours), and one that waits for an event only where a record says so.
    """
    records = [entry for entry in customer.follow_ups if entry.date <= run.as_of]
    promised = [
        read_promises(entry.next_step, recorded=entry.date, is_workday=run.calendar.is_workday)
        if entry.next_step
        else ()
        for entry in records
    ]
    promises = [
        *((entry, promise) for entry, own in zip(records, promised, strict=True) for promise in own),
        *((entry, Promise(APPOINTMENT, entry.appointment, "")) for entry in records if entry.appointment),
    ]
    if not promises:
        return ()
    reports = [
        one for entry, own in zip(records, promised, strict=True) if (one := _report(entry, planned=bool(own))).may_end
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
        words = words_of(simplify(promise.text).replace(simplify(promise.phrase), " ")) if promise.phrase else _NONE
        days = self._by_words.get(words)
        if days is None:
            days = self._by_words[words] = tuple(self._days(words))
        waits = promise.due is None and promise.pending
        for day, done in islice(days, bisect_right(days, made_on, key=itemgetter(0)), None):
            if done or (not waits and (promise.due is None or day >= promise.due)):
                return day
        return None

    def _days(self, words: frozenset[str]) -> Iterator[tuple[date, bool]]:
        """Yield the day of each record that may end a promise of these words, and whether it says that it is done."""
        for report in self._reports:
            done = report.statement.reports_done(words)
            if done or not (report.statement.reports_undone(words) or _again(report, words)):
                yield report.day, done


def _report(entry: FollowUp, *, planned: bool) -> _Report:
    plan = entry.next_step or ""
    statement = state(f"{entry.summary or ''}；{entry.feedback or ''}")
    return _Report(entry.date, statement, words_of(plan), state(plan), planned)


def _undertaking(record: FollowUp, promise: Promise, endings: _Endings, run: Run) -> Undertaking:
    end = _end(record, promise, endings, run)
    if end:
        return Undertaking(record, promise, open=False, done_on=end.day, kept=end.kept)
    due = promise.due
    late = due is not None and due < run.calendar.previous_workday(run.as_of)
    return Undertaking(record, promise, open=True, overdue_days=(run.as_of - due).days if late and due else 0)


def _end(record: FollowUp, promise: Promise, endings: _Endings, run: Run) -> _End | None:
    if record.done_on and record.done_on <= run.as_of:
        return _End(record.done_on, _kept(promise, record.done_on, run))
    if record.outcome and record.done_on is None:
        if any(word in record.outcome for word in DROPPED_WORDS):
            return _End(None, None)
        return None if is_open(record.outcome) else _End(None, _OVERDUE not in record.outcome)
    done_on = endings.first(promise, record.date)
    return _End(done_on, _kept(promise, done_on, run)) if done_on else None


def _again(report: _Report, asked: frozenset[str]) -> bool:
    """Return whether a record promises the same again, or puts it off."""
    return not report.plan.isdisjoint(asked) and (report.planned or report.put_off.reports_undone(asked))


def _kept(promise: Promise, done_on: date, run: Run) -> bool:
    """Return whether a promise was done by its day or the next working day."""
    if promise.due is None or done_on <= promise.due:
        return True
    day = promise.due + _DAY
    while day < done_on and not run.calendar.is_workday(day):
        day += _DAY
    return done_on <= day
