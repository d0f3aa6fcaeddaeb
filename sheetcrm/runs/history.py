"""What a run takes from the history: its customers' last period, what earlier reports stated, what it gave.

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
from sheetcrm.model import Assessment, Book, CellRef, Past, PastFigures, Period, Problem
from sheetcrm.policy.model import Policy
from sheetcrm.runs import run_file
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.scope import Scope

_PERIODS = 12
"""Earlier periods that are looked at: as many as a trend shows, and a year of months."""


@dataclass(frozen=True, slots=True)
class History:
    """What a run used of the history: the last period of its customers, and the hash of what it used.

    `figures` are those of earlier periods' reports, oldest first, `by_hand` what was found changed by hand.
    `head` is the last record when it was read, None where no history was given.
    """

    past: Mapping[str, Past]
    figures: tuple[PastFigures, ...]
    by_hand: tuple[Problem, ...]
    sha256: str
    head: str | None


NONE = History({}, (), (), "", None)
"""No history was given."""


def past_of(ledger: Ledger, period: Period, policy: Policy) -> Mapping[str, Past]:
    """Read what the last period on record says of each customer, in the names of a policy, by 客户编号."""
    return in_names_of(policy, ledger.past(period, run_file.tier_names(policy)))


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
    past: Mapping[str, Past],
    assessments: Sequence[Assessment],
    *,
    inputs: Sequence[InputFile],
    refused: Collection[str],
    aside: frozenset[str],
    left: Collection[CellRef],
    dates: Mapping[str, date],
    policy: Policy,
    period: Period,
) -> History:
    """Take from the history what a run needs besides the past its grading was given.

    Args:
        ledger: The history.
        past: What the last period on record says, by 客户编号; only this run's customers are kept.
        assessments: What was decided.
        inputs: The workbooks.
        refused: Those of them nobody could read.
        aside: The customers whose rows were set aside.
        left: The cells the program never fills: nobody changed its words there.
        dates: The 资料日期 that were filled in from the history.
        policy: The policy.
        period: The period.
    """
    known = {entry.customer.customer_id for entry in assessments}
    used = {key: entry for key, entry in past.items() if key in known}
    scope = Scope(
        files=frozenset(entry.name for entry in inputs if entry.name not in refused),
        homes={entry.customer.customer_id: run_file.home_of(entry.customer) for entry in assessments},
        aside=aside,
    )
    figures = ledger.stated(
        period, run_file.tier_names(policy), scope=scope, policy_sha256=run_file.policy_hash(policy), most=_PERIODS
    )
    by_hand = _changed_by_hand(ledger, inputs, assessments, left, period)
    return History(used, figures, by_hand, run_file.history_hash(used, figures, by_hand, dates), ledger.head)


def _changed_by_hand(
    ledger: Ledger,
    inputs: Sequence[InputFile],
    assessments: Sequence[Assessment],
    left: Collection[CellRef],
    period: Period,
) -> tuple[Problem, ...]:
    """Ask the history for the grades it gave, and tell of those changed since."""
    asked = manual_edits.graded(assessments)
    hashes = {entry.name: entry.sha256 for entry in inputs}
    written: dict[manual_edits.Graded, frozenset[str]] = {}
    for file, pairs in asked.items():
        written |= ledger.grades(pairs, sha256=hashes[file])
    return tuple(entry for entry in manual_edits.find(assessments, written, period=period) if entry.ref not in left)
