"""The part of the history that one run needs.

Whatever is used goes into the run's id, so that another past is another run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from msgspec import structs

from sheetcrm.assess import manual_edits
from sheetcrm.assess.measure.figure_dates import is_as_written
from sheetcrm.assess.past_names import in_names_of
from sheetcrm.model import Assessment, Book, CellRef, Past, PastFigures, Problem
from sheetcrm.policy.run import Run
from sheetcrm.runs import run_file
from sheetcrm.runs.reading import ReadBook
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.scope import Scope

_PERIODS = 12
"""Earlier periods that are looked at: as many as a trend shows, and a year of months."""


@dataclass(frozen=True, slots=True)
class History:
    """What a run used of the history: the last period of its customers, and the hash of what it used.

    `figures` are those of earlier periods' reports, oldest first, `by_hand` the grades changed by hand.
    `head` is the last record when it was read, None where there was no history.
    """

    past: Mapping[str, Past]
    figures: tuple[PastFigures, ...]
    by_hand: tuple[Problem, ...]
    sha256: str
    head: str | None


NO_HISTORY = History({}, (), (), "", None)


def past_of(ledger: Ledger, run: Run) -> Mapping[str, Past]:
    """Return each customer's last period on record, in the names of the run's policy, by 客户编号."""
    return in_names_of(run.policy, ledger.past(run.period, run_file.tier_names(run.policy)))


def since_first(ledger: Ledger, run: Run) -> Run:
    """Return a run that knows the day of the first one on record (practice §8)."""
    return replace(run, first_run=ledger.first_run(until=run.as_of))


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
    past: Mapping[str, Past],
    left: Collection[CellRef],
    dates: Mapping[str, date],
) -> History:
    """Take from the history what a run needs besides the past its grading used.

    Args:
        ledger: The history.
        run: The run.
        reading: What it read.
        assessments: What was decided.
        past: What the last period on record says, by 客户编号; only this run's customers are kept.
        left: The cells the program never fills: nobody changed its words there.
        dates: The 资料日期 that were filled in from the history.
    """
    homes = {entry.customer.customer_id: run_file.home_of(entry.customer) for entry in assessments}
    used = {key: entry for key, entry in past.items() if key in homes}
    scope = Scope(
        files=frozenset(entry.name for entry in reading.inputs if entry.name not in reading.refused),
        homes=homes,
        aside=reading.aside,
    )
    figures = ledger.stated(
        run.period, run_file.tier_names(run.policy), scope=scope, policy_sha256=run.policy.sha256, most=_PERIODS
    )
    changed = _changed_by_hand(ledger, run, reading, assessments)
    by_hand = tuple(entry for entry in changed if entry.ref not in left)
    first = run.first_day if run.first_day < run.as_of else None
    sha256 = run_file.history_hash(used, figures, by_hand, dates, first_run=first)
    return History(used, figures, by_hand, sha256, ledger.head)


def _changed_by_hand(
    ledger: Ledger, run: Run, reading: ReadBook, assessments: Sequence[Assessment]
) -> tuple[Problem, ...]:
    """Compare the grades in the workbooks with those the history holds for them."""
    hashes = {entry.name: entry.sha256 for entry in reading.inputs}
    recorded: dict[manual_edits.Graded, frozenset[str]] = {}
    for file, pairs in manual_edits.graded(assessments).items():
        recorded |= ledger.grades(pairs, sha256=hashes[file])
    return manual_edits.find(assessments, recorded, period=run.period)
