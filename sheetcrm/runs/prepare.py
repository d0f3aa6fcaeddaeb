"""Deciding a whole run: `prepare` reads, checks, assesses and plans every byte, and writes nothing.

The stages are called from here and hand their values on; none knows another. `delivery.apply` does
what was decided.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath

from sheetcrm.assess import book as grading
from sheetcrm.assess.figures import sampling, summary
from sheetcrm.errors import UsageError, WorkbookError
from sheetcrm.excel import edits
from sheetcrm.excel.splice import writeback
from sheetcrm.intake import book as joining
from sheetcrm.intake import records, workbooks
from sheetcrm.intake.open import formats
from sheetcrm.intake.rules import checks
from sheetcrm.model import (
    Assessment,
    Book,
    CellRef,
    Figures,
    Past,
    Period,
    Problem,
    Receipt,
    ServiceRequest,
    Severity,
    Table,
)
from sheetcrm.policy.limits import working_calendar
from sheetcrm.policy.model import Policy
from sheetcrm.problems import problem
from sheetcrm.report.pages.template_files import templates_hash
from sheetcrm.runs import history as lookback
from sheetcrm.runs import run_file
from sheetcrm.runs.history import History
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.history.ledger import Ledger

Progress = Callable[[str], None]
"""Told what is being done, in the user's words."""


def silent(_what: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the workbooks say: the book, every problem sorted by address, and the files nobody can read.

    `aside` are the customers whose rows were set aside: the book says nothing of them.
    """

    book: Book
    problems: tuple[Problem, ...]
    refused: tuple[str, ...]
    aside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlannedWorkbook:
    """A workbook as it will be written: its new bytes and their receipt. `source` is the file read."""

    source: InputFile
    data: bytes
    receipt: Receipt

    @property
    def changed(self) -> bool:
        """Whether a single byte of it differs from what was read."""
        return self.data != self.source.data


@dataclass(frozen=True)
class Plan:
    """Everything a run will do, decided. Nothing has been written yet.

    `templates` are the folders looked into before the templates that ship.
    """

    run_id: str
    period: Period
    as_of: date
    policy: Policy
    inputs: tuple[InputFile, ...]
    reading: Reading
    assessments: tuple[Assessment, ...]
    workbooks: tuple[PlannedWorkbook, ...]
    problems: tuple[Problem, ...]
    history: History
    templates: tuple[Path, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether anything was set aside or could not be done: exit code 1."""
        return any(entry.severity is Severity.ERROR for entry in self.problems)

    @cached_property
    def figures(self) -> Figures:
        """What the reports state, counted when the first of them asks."""
        return summary.summarise(
            self.assessments,
            book=self.reading.book,
            policy=self.policy,
            period=self.period,
            as_of=self.as_of,
            problems=self.problems,
            history=self.history.past,
            past=self.history.figures,
            calendar=working_calendar(self.reading.book, self.policy),
        )


def read(inputs: Sequence[InputFile], *, policy: Policy, today: date, progress: Progress = silent) -> Reading:
    """Read and check workbooks as one book (domain §1, §2, §1.7).

    Raises:
        UsageError: If not one of them can be read.
    """
    inputs, told = with_copies(inputs)
    tables: list[Table] = []
    problems: list[Problem] = [*told]
    refused: list[str] = []
    for entry in inputs:
        progress(f"读取 {entry.name}")
        try:
            found, remarks = workbooks.read_workbook(entry.data, file=entry.name)
        except WorkbookError as error:
            refused.append(entry.name)
            problems.append(_refusal(entry.name, error))
        else:
            tables += found
            problems += remarks
    if len(refused) == len(inputs):
        raise UsageError("；".join(str(entry) for entry in problems), "")
    progress("核对资料")
    rows, remarks = records.read_records(tables, policy=policy)
    problems += remarks
    problems += checks.check(rows, policy=policy, today=today)
    book = joining.join(rows, problems)
    named = rows.aside.union(
        (entry.customer_id for entry in rows.profiles), (entry.customer_id for entry in rows.scorings)
    )
    aside = named.difference(entry.customer_id for entry in book.customers)
    return Reading(book, _in_order(problems), tuple(refused), aside)


def with_copies(inputs: Sequence[InputFile]) -> tuple[Sequence[InputFile], tuple[Problem, ...]]:
    """Put an .xlsx of their values in the place of workbooks in other formats, and tell of each.

    One that cannot be read stays as it is: reading it refuses it by the name of its format.
    """
    made: list[InputFile] = []
    problems: list[Problem] = []
    names = {entry.name for entry in inputs}
    for entry in inputs:
        known_as = formats.format_of(entry.data, file=entry.name)
        if known_as is None:
            made.append(entry)
            continue
        from sheetcrm.excel.books import copies  # noqa: PLC0415  (brings XlsxWriter: only where a copy is made)

        name = str(PurePosixPath(entry.name).with_suffix(".xlsx"))
        name = f"{entry.name}.xlsx" if name in names else name
        try:
            data = copies.make_copy(formats.read_sheets(entry.data, file=entry.name))
        except WorkbookError:
            made.append(entry)
        else:
            names.add(name)
            made.append(replace(entry, name=name, data=data, copy_of=entry.name))
            problems.append(problem("workbook-copied", CellRef(entry.name), format=known_as, name=name))
    return made, tuple(problems)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Keep the cyclic collector still: it would walk millions of values that hold no cycles, over and over.

    What was made meanwhile is handed over as old, so that it is not walked at once either.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.unfreeze()
            gc.enable()


@_collector_off()
def prepare(
    inputs: Sequence[InputFile],
    *,
    policy: Policy,
    period: Period,
    as_of: date,
    today: date,
    history: Ledger | None = None,
    templates: Sequence[Path] = (),
    progress: Progress = silent,
) -> Plan:
    """Decide a whole run, down to the bytes of every workbook. Nothing is written.

    Without a history, the last period is what the workbooks say of it (domain §9).

    Raises:
        UsageError: If not one of the workbooks can be read.
    """
    inputs, told = with_copies(inputs)
    said = read(inputs, policy=policy, today=today, progress=progress)
    progress("评分定级")
    past = lookback.past_of(history, period, policy) if history else {}
    said, dates = _restored(said, history)
    assessments, remarks = assess(said.book, policy=policy, period=period, as_of=as_of, history=past)
    problems = [*told, *said.problems, *remarks]
    planned = edits.plan(said.book, assessments, policy=policy, period=period, as_of=as_of)
    workbooks: list[PlannedWorkbook] = []
    for entry in inputs:
        if entry.name in said.refused:
            continue
        progress(f"回写 {entry.name}")
        try:
            data, receipt = writeback.write_back(entry.data, planned.get(entry.name, ()), file=entry.name)
        except WorkbookError as error:
            problems.append(_refusal(entry.name, error))
        else:
            workbooks.append(PlannedWorkbook(entry, data, receipt))
            problems += _remarks(entry.name, receipt)
    seen = _look_back(history, past, dates, assessments, said, inputs, workbooks, policy, period)
    problems += seen.by_hand
    return Plan(
        run_id=run_file.run_id(
            inputs,
            policy=policy,
            templates=templates_hash(templates),
            history=seen.sha256,
            period=period,
            as_of=as_of,
        ),
        period=period,
        as_of=as_of,
        policy=policy,
        inputs=tuple(inputs),
        reading=said,
        assessments=assessments,
        workbooks=tuple(workbooks),
        problems=_in_order(problems),
        history=seen,
        templates=tuple(templates),
    )


def _restored(said: Reading, history: Ledger | None) -> tuple[Reading, Mapping[str, date]]:
    """Fill in 资料日期 from the history, and return the days by 客户编号."""
    if history is None:
        return said, {}
    book, dates = lookback.restore_figure_dates(said.book, history)
    return replace(said, book=book), dates


def _look_back(
    history: Ledger | None,
    past: Mapping[str, Past],
    dates: Mapping[str, date],
    assessments: Sequence[Assessment],
    said: Reading,
    inputs: Sequence[InputFile],
    workbooks: Sequence[PlannedWorkbook],
    policy: Policy,
    period: Period,
) -> History:
    if history is None:
        return lookback.NONE
    return lookback.look_back(
        history,
        past,
        assessments,
        inputs=inputs,
        refused=said.refused,
        aside=said.aside,
        left={
            CellRef(entry.source.name, cell.sheet, cell.row, cell.column)
            for entry in workbooks
            for cell in entry.receipt.left
        },
        dates=dates,
        policy=policy,
        period=period,
    )


def sample_of(book: Book, *, policy: Policy, period: Period, as_of: date) -> tuple[ServiceRequest, ...]:
    """Draw the period's 抽查清单 from the requests of a book up to the as-of date (domain §10). Pure."""
    made = (one for customer in book.customers for one in customer.services if one.requested_at.date() <= as_of)
    return sampling.sample(made, period=period, share=policy.report.sample_share)


def assess(
    book: Book,
    *,
    policy: Policy,
    period: Period,
    as_of: date,
    history: Mapping[str, Past] = grading.NO_HISTORY,
    noted: Container[str] = (),
) -> tuple[tuple[Assessment, ...], tuple[Problem, ...]]:
    """Assess a book with its own calendar (节假日). Pure."""
    return grading.assess(
        book,
        policy=policy,
        period=period,
        as_of=as_of,
        calendar=working_calendar(book, policy),
        history=history,
        noted=noted,
    )


def _refusal(file: str, error: WorkbookError) -> Problem:
    return Problem(CellRef(file), Severity.ERROR, error.kind, error.what, error.fix)


def _remarks(file: str, receipt: Receipt) -> Iterable[Problem]:
    """Say what the write-back left alone: one line a column and reason, not one a cell."""
    groups: dict[tuple[str, int, str, str], list[int]] = {}
    for cell in receipt.left:
        groups.setdefault((cell.sheet, cell.column, cell.label, cell.reason), []).append(cell.row)
    for (sheet, column, label, reason), rows in groups.items():
        yield problem(reason, CellRef(file, sheet, rows[0], column), label=label, count=len(rows))
    for note in receipt.notes:
        yield problem(note, CellRef(file))


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda entry: (entry.ref, entry.kind, entry.what)))
