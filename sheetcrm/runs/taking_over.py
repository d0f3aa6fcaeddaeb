"""The first time the program fills columns in which people's own values stand (practice §9).

A value is people's own where the history has no earlier period of the customer, no 评估期间 stands in its scoring row,
and the last run of this period did not give it. Which columns hold such values is said before anything is written, and
a 下次跟进日期 among them is planned as an appointment: the history keeps it once the cell holds the program's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from msgspec import structs

from sheetcrm.excel.edits import is_kept
from sheetcrm.model import (
    Assessment,
    Book,
    CellRef,
    Customer,
    Past,
    Problem,
    Profile,
    Receipt,
    Record,
    ScoringRow,
    WrittenCell,
)
from sheetcrm.policy.run import Run
from sheetcrm.privacy import gate_of, mask_text
from sheetcrm.problems import problem, shown
from sheetcrm.runs.stale import WrittenText, find_written
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.reader import PlannedDays
from sheetcrm.text.folding import fold

_NEXT_DUE = "next_due"
_NO_DAYS = PlannedDays(None, None)


def add_appointments(
    book: Book, run: Run, *, ledger: Ledger | None, past: Mapping[str, Past]
) -> tuple[Book, Mapping[str, date]]:
    """Give customers the day that people typed into 下次跟进日期 before the program filled it.

    Returns:
        The book, and the days that only the history still has, by 客户编号.
    """
    recorded: Mapping[str, PlannedDays] = ledger.planned_days(run.period) if ledger else {}
    carried: dict[str, date] = {}
    customers: list[Customer] = []
    for customer in book.customers:
        key = customer.customer_id
        days = recorded.get(key, _NO_DAYS)
        day = _typed_day(customer, run, days, is_first=is_first_time(customer, past))
        if day is None:
            day = days.appointment or (past[key].appointment if key in past and key not in recorded else None)
            if day:
                carried[key] = day
        customers.append(structs.replace(customer, appointment=day) if day else customer)
    if not any(customer.appointment for customer in customers):
        return book, carried
    return replace(book, customers=tuple(customers)), carried


def is_first_time(customer: Customer, past: Mapping[str, Past]) -> bool:
    """Return whether the program's columns may still hold people's own values of a customer. Pure."""
    return customer.customer_id not in past and not (customer.scoring and customer.scoring.period)


def _typed_day(customer: Customer, run: Run, recorded: PlannedDays, *, is_first: bool) -> date | None:
    """Return the earliest day that people typed into 下次跟进日期; in a column they keep every day is theirs."""
    days = []
    for row in _filled_rows(customer):
        column = row.origin.column(_NEXT_DUE)
        kept = column is not None and is_kept(column.label, run)
        ours = row.next_due == recorded.next_due and row.next_due != recorded.appointment
        if row.next_due and (kept or (is_first and not ours)):
            days.append(row.next_due)
    return min(days, default=None)


def _filled_rows(customer: Customer) -> Iterable[ScoringRow | Profile]:
    """Yield the rows of a customer in which the program fills columns."""
    return (row for row in (customer.scoring, customer.profile) if row and not row.origin.beside)


@dataclass(frozen=True, slots=True)
class _Place:
    """A row of a table: where what it says of its customer stands."""

    file: str
    sheet: str
    row: int


def announce(
    receipts: Mapping[str, Receipt],
    assessments: Sequence[Assessment],
    run: Run,
    *,
    past: Mapping[str, Past],
    ledger: Ledger | None,
) -> tuple[Problem, ...]:
    """Report, once a sheet, which columns hold people's own values that are about to be replaced.

    Typed days that are planned as appointments are reported too, whether or not another day replaces them.

    Args:
        receipts: What is to be written, by file.
        assessments: What was decided.
        run: The run.
        past: The last period on record, by 客户编号.
        ledger: The history, in whose folder the records of edits lie.
    """
    firsts = [entry.customer for entry in assessments if is_first_time(entry.customer, past)]
    if not firsts:
        return ()
    places = {place for customer in firsts for record in _records(customer) for place in _places(record)}
    cells = [
        (file, cell)
        for file, receipt in receipts.items()
        for cell in receipt.replaced
        if fold(cell.old) != fold(cell.new) and _Place(file, cell.sheet, cell.row) in places
    ]
    written: Collection[WrittenText] = ()
    if ledger and cells:
        gate = gate_of(entry.customer for entry in assessments)
        written = find_written(ledger.folder, {_text_of(cell) for _, cell in cells}, gate)
    replaced: dict[tuple[str, str], list[WrittenCell]] = defaultdict(list)
    for file, cell in cells:
        if _text_of(cell) not in written:
            replaced[file, cell.sheet].append(cell)
    return (
        *(_replaced(file, sheet, entries) for (file, sheet), entries in sorted(replaced.items())),
        *_planned(firsts, run),
    )


def _text_of(cell: WrittenCell) -> WrittenText:
    return cell.sheet, cell.row, cell.label, cell.old


def _records(customer: Customer) -> Iterable[Record]:
    return (*_filled_rows(customer), *customer.follow_ups)


def _places(record: Record) -> Iterable[_Place]:
    table = record.origin
    for row in {column.row or record.row for column in table.columns}:
        yield _Place(table.file, table.sheet, row)


def _replaced(file: str, sheet: str, cells: Collection[WrittenCell]) -> Problem:
    columns: dict[str, list[WrittenCell]] = {}
    for cell in sorted(cells, key=lambda one: (one.column, one.row)):
        columns.setdefault(cell.label, []).append(cell)
    refs = [CellRef(file, sheet, cell.row, cell.column) for entries in columns.values() for cell in entries]
    described = [
        f"“{label}”{len(entries)} 格（如{shown(mask_text(entries[0].old))}）" for label, entries in columns.items()
    ]
    return problem("own-values-replaced", refs[0], refs, columns="、".join(described), keep=",".join(columns))


def _planned(customers: Iterable[Customer], run: Run) -> Iterable[Problem]:
    refs: dict[tuple[str, str], list[CellRef]] = defaultdict(list)
    for customer in customers:
        for row in _filled_rows(customer):
            column = row.origin.column(_NEXT_DUE)
            if column and row.next_due and row.next_due == customer.appointment and not is_kept(column.label, run):
                refs[row.origin.file, row.origin.sheet].append(row.ref(_NEXT_DUE))
    for _, cells in sorted(refs.items()):
        yield problem("own-days-planned", cells[0], cells, count=len(cells))
