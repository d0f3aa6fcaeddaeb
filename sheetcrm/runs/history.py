"""The part of the history that one run needs.

Whatever is used goes into the run's id, so that another past is another run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from msgspec import structs

from sheetcrm.assess import manual_edits
from sheetcrm.assess.measure.figure_dates import is_as_written
from sheetcrm.assess.past_names import in_names_of
from sheetcrm.model import Assessment, Book, CellRef, Departed, HeldTier, Past, PastFigures, Problem
from sheetcrm.policy.run import Run
from sheetcrm.runs import run_file
from sheetcrm.runs.reading import ReadBook
from sheetcrm.runs.taking_over import add_appointments
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.scope import Scope
from sheetcrm.text.folding import fold

_PERIODS = 12
"""Earlier periods that are looked at: as many as a trend shows, and a year of months."""


@dataclass(frozen=True, slots=True)
class History:
    """What a run used of the history: the last period of its customers, and the hash of what it used.

    `figures` are those of earlier periods' reports, oldest first, `by_hand` the grades changed by hand.
    `departed` are the customers of the last period that its workbooks no longer hold.
    `head` is the last record of results when it was read, None where there was no history. `numbers` are today's
    客户编号 of customers on record under their names.
    """

    past: Mapping[str, Past]
    figures: tuple[PastFigures, ...]
    by_hand: tuple[Problem, ...]
    sha256: str
    head: str | None
    departed: tuple[Departed, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)


NO_HISTORY = History({}, (), (), "", None)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the history says before a book is assessed: `recall` makes it.

    `run` knows the book's own days and the day of the first run on record (practice §8); `book` has the 资料日期
    that rows had lost, of which `dates` are by 客户编号. `past` is each customer's last period, in the names of the
    run's policy, `held` the grades of the last run of this period and since when they stand. `appointments` are the
    days that people had typed into 下次跟进日期 and that only the history still has. In `ledger` customers bear their
    numbers of today; None: there is no history.
    """

    ledger: Ledger | None
    run: Run
    book: Book
    past: Mapping[str, Past]
    held: Mapping[str, HeldTier]
    dates: Mapping[str, date]
    appointments: Mapping[str, date]


def recall(ledger: Ledger | None, run: Run, reading: ReadBook) -> Recalled:
    """Take from the history what assessing a book needs."""
    if ledger is None:
        book, days = add_appointments(reading.book, run, ledger=None, past={})
        return Recalled(None, run.with_book(book), book, {}, {}, {}, days)
    ledger, tiers = ledger.renumbered(_former_names(ledger, reading)), run_file.tier_names(run.policy)
    book, dates = restore_figure_dates(reading.book, ledger)
    past = in_names_of(run.policy, ledger.past(run.period, tiers))
    book, days = add_appointments(book, run, ledger=ledger, past=past)
    return Recalled(
        ledger,
        replace(run.with_book(book), first_run=ledger.first_run(until=run.as_of)),
        book,
        past,
        ledger.held(run.period, tiers),
        dates,
        days,
    )


def _former_names(ledger: Ledger, reading: ReadBook) -> Mapping[str, str]:
    """Return today's 客户编号 of customers who had none before and are on record under their names (practice §1.7)."""
    present = {entry.customer_id for entry in reading.book.customers}
    return ledger.find_former(lambda: _numbers_by_name(reading.book), present | reading.aside)


def _numbers_by_name(book: Book) -> Mapping[str, str]:
    """Return the 客户编号 by folded name, of the names that are one customer's."""
    numbers: dict[str, set[str]] = {}
    for entry in book.customers:
        for name in {entry.name, *(row.name for row in (entry.profile, entry.scoring) if row)}:
            numbers.setdefault(fold(name), set()).add(entry.customer_id)
    return {name: next(iter(keys)) for name, keys in numbers.items() if len(keys) == 1}


def restore_figure_dates(book: Book, ledger: Ledger) -> tuple[Book, Mapping[str, date]]:
    """Fill in 资料日期 from the history where a row written by the program has lost it (practice §9).

    Returns:
        The book, and the days that were filled in, by 客户编号.
    """
    asked = {
        row.customer_id: (row.period, row.assessed_on)
        for entry in book.customers
        if (row := entry.scoring) and row.period and row.assessed_on and not row.figures_on and is_as_written(row)
    }
    dates = ledger.figure_dates(asked)
    if not dates:
        return book, dates
    customers = tuple(
        structs.replace(entry, scoring=structs.replace(entry.scoring, figures_on=dates[entry.customer_id]))
        if entry.scoring and entry.customer_id in dates
        else entry
        for entry in book.customers
    )
    return replace(book, customers=customers), dates


def look_back(
    ledger: Ledger,
    run: Run,
    reading: ReadBook,
    assessments: Sequence[Assessment],
    *,
    recalled: Recalled,
    left: Collection[CellRef],
) -> History:
    """Take from the history what a run needs besides the past its grading used.

    Args:
        ledger: The history.
        run: The run.
        reading: What it read.
        assessments: What was decided.
        recalled: What assessing took from it; of the last period only this run's customers are kept.
        left: The cells the program never fills: nobody changed its words there.
    """
    homes = {entry.customer.customer_id: run_file.home_of(entry.customer) for entry in assessments}
    used = {key: entry for key, entry in recalled.past.items() if key in homes}
    scope = Scope(
        files=frozenset(entry.name for entry in reading.inputs if entry.name not in reading.refused),
        homes=homes,
        aside=reading.aside,
    )
    figures = ledger.stated(
        run.period, run_file.tier_names(run.policy), scope=scope, policy_sha256=run.policy.sha256, most=_PERIODS
    )
    departed = _departed(ledger, run, scope)
    changed = _changed_by_hand(ledger, run, reading, assessments)
    by_hand = tuple(entry for entry in changed if entry.ref not in left)
    held = {
        entry.customer.customer_id: entry.signature.since
        for entry in assessments
        if entry.signature and entry.signature.held
    }
    first = run.first_day if run.first_day < run.as_of else None
    sha256 = run_file.history_hash(
        used,
        figures,
        by_hand,
        recalled.dates,
        departed,
        days={"tier_since": held, "appointment": recalled.appointments},
        first_run=first,
    )
    return History(used, figures, by_hand, sha256, ledger.results_head, departed, ledger.numbers)


def _departed(ledger: Ledger, run: Run, scope: Scope) -> tuple[Departed, ...]:
    """Return who was there last period and is not now, with classes in the names of the run's policy."""
    gone = ledger.departed(run.period, run_file.tier_names(run.policy), scope=scope)
    pasts = in_names_of(run.policy, {one.customer_id: one.past for one in gone})
    return tuple(replace(one, past=pasts[one.customer_id]) for one in gone)


def _changed_by_hand(
    ledger: Ledger, run: Run, reading: ReadBook, assessments: Sequence[Assessment]
) -> tuple[Problem, ...]:
    """Compare the grades in the workbooks with those the history holds for them."""
    hashes = {entry.name: entry.sha256 for entry in reading.inputs}
    recorded: dict[manual_edits.Graded, frozenset[str]] = {}
    for file, pairs in manual_edits.graded(assessments).items():
        recorded |= ledger.grades(pairs, sha256=hashes[file])
    return manual_edits.find(assessments, recorded, period=run.period)
