"""Deciding a whole run: `prepare` reads, checks, assesses and plans every byte, and writes nothing.

The stages are called from here and hand their values on; none knows another. `apply.apply` does what
was decided.
"""

from __future__ import annotations

import gc
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sheetcrm.assess.figures.backwards import Backwards, grade_backwards
from sheetcrm.assess.figures.sampling import draw_sample
from sheetcrm.assess.figures.summary import summarise
from sheetcrm.assess.lists.gather import gather
from sheetcrm.assess.reviewed import NOTHING_REVIEWED, Reviewed
from sheetcrm.errors import WorkbookError
from sheetcrm.excel import edits
from sheetcrm.excel.splice import writeback
from sheetcrm.model import (
    Assessment,
    CellRef,
    ColumnEdit,
    Figures,
    Problem,
    Receipt,
    ServiceRequest,
    Severity,
    SheetEdit,
)
from sheetcrm.model.lists import Lists
from sheetcrm.policy.run import Results, Run
from sheetcrm.problems import problem
from sheetcrm.report.pages.template_files import templates_hash
from sheetcrm.runs import run_file
from sheetcrm.runs.history import NO_HISTORY, History, look_back, recall
from sheetcrm.runs.reading import Progress, ReadBook, in_order, read, refusal, silent
from sheetcrm.runs.refusals import Displaced, find_displaced, refuse_without_customers
from sheetcrm.runs.reviewed import NOTHING_FILLED, FilledReview, assess_reviewed
from sheetcrm.runs.reviewed import gather as gather_reviews
from sheetcrm.runs.stale import clear_stale
from sheetcrm.runs.taking_over import announce
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.history.ledger import Ledger


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


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything a run will do, decided. Nothing has been written yet.

    `sample` is the 抽查清单. `templates` are the folders looked into before the templates that ship.
    `displaced` are results of the period that come from other workbooks and would be lost.
    `filled` is what people filled into review workbooks, `reviewed` what was taken over of it.
    """

    run: Run
    run_id: str
    reading: ReadBook
    assessments: tuple[Assessment, ...]
    sample: tuple[ServiceRequest, ...]
    workbooks: tuple[PlannedWorkbook, ...]
    problems: tuple[Problem, ...]
    history: History
    templates: tuple[Path, ...] = ()
    displaced: Displaced | None = None
    filled: FilledReview = NOTHING_FILLED
    reviewed: Reviewed = NOTHING_REVIEWED

    @property
    def has_errors(self) -> bool:
        """Whether anything was set aside or could not be done: exit code 1."""
        return any(entry.severity is Severity.ERROR for entry in self.problems)

    @cached_property
    def figures(self) -> Figures:
        """What the reports and the history state. It follows from the plan alone. Pure.

        It is counted when first asked for: a dry run states none, and would take a tenth longer by it.
        """
        history = self.history
        past = Backwards(history.past, history.figures)
        if not (history.past or history.figures or history.departed):
            with collector_off():
                past = grade_backwards(self.assessments, self.run, self.reading.book)
        return summarise(
            self.assessments,
            self.run,
            self.reading.book,
            problems=self.problems,
            history=past.opening,
            past=past.past,
            departed=history.departed,
        )

    @cached_property
    def lists(self) -> Lists:
        """The lists the reports print beside the figures, made when first asked for. Pure."""
        return gather(
            self.assessments,
            self.run,
            self.reading.book,
            self.figures,
            history=self.history.past,
            departed=self.history.departed,
        )

    @property
    def results(self) -> Results:
        """What was decided about the book, for whatever prints it."""
        return Results(
            run=self.run,
            run_id=self.run_id,
            book=self.reading.book,
            assessments=self.assessments,
            figures=self.figures,
            sample=self.sample,
            problems=self.problems,
            lists=self.lists,
            review=self.filled.rows,
        )


@contextmanager
def collector_off() -> Iterator[None]:
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


@collector_off()
def prepare(
    inputs: Sequence[InputFile],
    run: Run,
    *,
    history: Ledger | None = None,
    templates: Sequence[Path] = (),
    checking: bool = False,
    numbering: bool = False,
    progress: Progress = silent,
) -> Plan:
    """Decide a whole run, down to the bytes of every workbook. Nothing is written.

    Without a history, the last period is what the workbooks say of it (practice §9). Where a book is only
    checked (`checking`), its standards or settings may come alone. With `numbering`, customers without a number
    get one where their sheet has a column for it (practice §1.7).

    Raises:
        UsageError: If not one of the workbooks can be read.
        NoCustomerError: If no customer is in them.
    """
    reading = _read(inputs, run, checking=checking, numbering=numbering, progress=progress)
    progress("评分定级")
    recalled = recall(history, run, reading)
    history, run, book = recalled.ledger, recalled.run, recalled.book
    filled = gather_reviews(reading.reviews, run, history.folder if history else None)
    book, assessments, remarks, reviewed = assess_reviewed(book, run, recalled, filled)
    reading = replace(reading, book=book)
    stale = clear_stale(reading.filled, assessments, as_of=run.as_of, output=history.folder) if history else {}
    kept = edits.kept_cells(book, run)
    planned = _join_edits(
        _without(reading.numbers, kept), edits.plan(book, run, assessments, fills=reviewed.fills), _without(stale, kept)
    )
    workbooks, refusals = _write_back(reading, planned, progress)
    left = _left_cells(workbooks) | kept
    looked_back = look_back(history, run, reading, assessments, recalled=recalled, left=left) if history else NO_HISTORY
    receipts = {entry.source.name: entry.receipt for entry in workbooks}
    replaced = announce(receipts, assessments, run, past=recalled.past, ledger=history)
    problems = in_order((*reading.problems, *filled.problems, *remarks, *refusals, *looked_back.by_hand, *replaced))
    return Plan(
        run=run,
        run_id=run_file.run_id(
            reading.inputs,
            run,
            templates=templates_hash(templates),
            history=looked_back.sha256,
            numbering=numbering,
            cleared=stale,
            reviewed=filled.sha256(reviewed),
        ),
        reading=reading,
        assessments=assessments,
        sample=draw_sample((service for customer in book.customers for service in customer.services), run),
        workbooks=workbooks,
        problems=problems,
        history=looked_back,
        templates=tuple(templates),
        displaced=find_displaced(history, run, reading) if history else None,
        filled=filled,
        reviewed=reviewed,
    )


def _read(inputs: Sequence[InputFile], run: Run, *, checking: bool, numbering: bool, progress: Progress) -> ReadBook:
    """Read the workbooks as one book, and refuse one without customers."""
    numbered_at = run.period.end if numbering else None
    reading = read(
        inputs, policy=run.policy, today=run.today, as_of=run.as_of, numbered_at=numbered_at, progress=progress
    )
    refuse_without_customers(reading, checking=checking)
    return reading


def _join_edits(*planned: Mapping[str, Sequence[SheetEdit]]) -> Mapping[str, Sequence[SheetEdit]]:
    """Join the edits of several plans, by file."""
    files = {file for plan in planned for file in plan}
    return {file: [edit for plan in planned for edit in plan.get(file, ())] for file in files}


def _without(planned: Mapping[str, Sequence[SheetEdit]], kept: Container[CellRef]) -> Mapping[str, Sequence[SheetEdit]]:
    """Leave the columns out that people keep to themselves."""

    def is_kept(file: str, edit: SheetEdit, column: ColumnEdit) -> bool:
        return any(CellRef(file, edit.sheet, row, column.column or 0) in kept for row in column.rows)

    left = {
        file: [
            replace(edit, columns=tuple(one for one in edit.columns if not is_kept(file, edit, one))) for edit in edits
        ]
        for file, edits in planned.items()
    }
    return {file: [edit for edit in edits if edit.columns] for file, edits in left.items()}


def _write_back(
    reading: ReadBook, planned: Mapping[str, Sequence[SheetEdit]], progress: Progress
) -> tuple[tuple[PlannedWorkbook, ...], tuple[Problem, ...]]:
    """Edit every workbook that was read; what cannot be written, whole or in part, is a problem."""
    workbooks: list[PlannedWorkbook] = []
    problems: list[Problem] = []
    for number, entry in enumerate(reading.inputs, 1):
        if entry.name in reading.refused:
            continue
        progress(f"回写 {number}/{len(reading.inputs)} {entry.name}")
        try:
            data, receipt = writeback.write_back(entry.data, planned.get(entry.name, ()), file=entry.name)
        except WorkbookError as error:
            problems.append(refusal(entry.name, error))
        else:
            workbooks.append(PlannedWorkbook(entry, data, receipt))
            problems += _remarks(entry.name, receipt)
    return tuple(workbooks), tuple(problems)


def _left_cells(workbooks: Iterable[PlannedWorkbook]) -> frozenset[CellRef]:
    return frozenset(
        CellRef(entry.source.name, cell.sheet, cell.row, cell.column)
        for entry in workbooks
        for cell in entry.receipt.left
    )


def _remarks(file: str, receipt: Receipt) -> Iterable[Problem]:
    """Return what the write-back left alone, one problem a column and reason, and what it changed around the cells."""
    groups: dict[tuple[str, int, str, str], list[int]] = {}
    for cell in receipt.left:
        groups.setdefault((cell.sheet, cell.column, cell.label, cell.reason), []).append(cell.row)
    for (sheet, column, label, reason), rows in groups.items():
        refs = [CellRef(file, sheet, row, column) for row in rows]
        yield problem(reason, refs[0], refs, label=label, count=len(rows))
    for note in receipt.notes:
        yield problem(note, CellRef(file))
    for remark in receipt.remarks:
        refs = [CellRef(file, remark.sheet, row, column) for row, column in remark.places]
        yield problem(remark.kind, refs[0] if refs else CellRef(file, remark.sheet), refs, **remark.values)
