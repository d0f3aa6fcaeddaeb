"""The whole job: `prepare` decides everything and writes nothing; `apply` renders, stages, replaces.

Every stage is called from here and hands its values on; none knows another.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sheetcrm import record
from sheetcrm.assess import figures, grading
from sheetcrm.errors import UsageError, WorkbookError
from sheetcrm.excel import edits, writeback
from sheetcrm.intake import checks, joining, reading, records
from sheetcrm.model import (
    Assessment,
    Book,
    CellRef,
    Figures,
    Period,
    Problem,
    Receipt,
    Severity,
    Table,
)
from sheetcrm.policy.model import Policy
from sheetcrm.problems import problem
from sheetcrm.report import documents, pages, pool
from sheetcrm.report import pdf as engine
from sheetcrm.report.pool import Rendered
from sheetcrm.store import files as store
from sheetcrm.store.inputs import RUN_FILE, InputFile
from sheetcrm.workdays import Calendar

Progress = Callable[[str], None]
"""Told what is being done, in the user's words."""


def silent(_what: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the workbooks say: the book, every problem sorted by address, and the files nobody can read."""

    book: Book
    problems: tuple[Problem, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedWorkbook:
    """A workbook as it will be written: its new bytes and their receipt. `source` is the file read."""

    source: InputFile
    data: bytes
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run will do, decided. Nothing has been written yet."""

    run_id: str
    period: Period
    as_of: date
    policy: Policy
    inputs: tuple[InputFile, ...]
    reading: Reading
    assessments: tuple[Assessment, ...]
    figures: Figures
    workbooks: tuple[PlannedWorkbook, ...]
    problems: tuple[Problem, ...]

    @property
    def has_errors(self) -> bool:
        """Whether anything was set aside or could not be done: exit code 1."""
        return any(entry.severity is Severity.ERROR for entry in self.problems)


def read(inputs: Sequence[InputFile], *, policy: Policy, today: date, progress: Progress = silent) -> Reading:
    """Read and check workbooks as one book (domain §1, §2, §1.7).

    Raises:
        UsageError: If not one of them can be read.
    """
    tables: list[Table] = []
    problems: list[Problem] = []
    refused: list[str] = []
    for entry in inputs:
        progress(f"读取 {entry.name}")
        try:
            found, remarks = reading.read_workbook(entry.data, file=entry.name)
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
    return Reading(book, _in_order(problems), tuple(refused))


@contextmanager
def _collector_off() -> Iterator[None]:
    """Keep the cyclic collector still: it would walk millions of values that hold no cycles, over and over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_collector_off()
def prepare(
    inputs: Sequence[InputFile],
    *,
    policy: Policy,
    period: Period,
    as_of: date,
    today: date,
    progress: Progress = silent,
) -> Plan:
    """Decide a whole run, down to the bytes of every workbook. Nothing is written.

    Raises:
        UsageError: If not one of the workbooks can be read.
    """
    said = read(inputs, policy=policy, today=today, progress=progress)
    progress("评分定级")
    assessments, remarks = assess(said.book, policy=policy, period=period, as_of=as_of)
    problems = [*said.problems, *remarks]
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
    return Plan(
        run_id=record.run_id(
            inputs, policy=policy, templates=pages.templates_hash(), history="", period=period, as_of=as_of
        ),
        period=period,
        as_of=as_of,
        policy=policy,
        inputs=tuple(inputs),
        reading=said,
        assessments=assessments,
        figures=figures.summarise(assessments, book=said.book, policy=policy, period=period, as_of=as_of),
        workbooks=tuple(workbooks),
        problems=_in_order(problems),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written where. `failed` says, by file, what could not be written and why."""

    folder: Path
    files: tuple[str, ...]
    failed: Mapping[str, str]
    missing_glyphs: tuple[str, ...]
    backups: tuple[Path, ...]


def apply(
    plan: Plan, output: Path, *, pdf: bool, templates: Sequence[Path] = (), progress: Progress = silent
) -> Outcome:
    """Render a plan's reports, stage everything, and put `output/<period>/` in place as one directory.

    A report that fails does not stop the others; it is named in the outcome.

    Raises:
        EngineError: If PDFs are wanted and cannot be made here at all. Nothing was written.
        StoreError: If the directory cannot be put in place. The old one stands as it was.
    """
    folder = output / plan.period.label
    files: dict[str, bytes] = {f"workbooks/{entry.source.name}": entry.data for entry in plan.workbooks}
    failed: dict[str, str] = {}
    missing: set[str] = set()
    if pdf:
        engine.check_engine()
    with store.claim(output):
        if pdf:
            progress("排版报告")
            for report in _render(plan, templates):
                missing.update(report.missing)
                if report.data is None:
                    failed[f"reports/{report.name}"] = str(report.error)
                else:
                    files[f"reports/{report.name}"] = report.data
        receipts = {entry.source.name: entry.receipt for entry in plan.workbooks}
        files["edits.jsonl"] = record.edits_jsonl(receipts)
        said = record.run_json(
            run=plan.run_id,
            period=plan.period,
            as_of=plan.as_of,
            policy=plan.policy,
            inputs=plan.inputs,
            refused=plan.reading.refused,
            receipts=receipts,
            problems=plan.problems,
            assessments=plan.assessments,
            outputs=files,
            failed=sorted(failed),
        )
        progress("写入文件")
        kept = store.replace_directory(
            folder, files | {RUN_FILE: said}, recorded=record.recorded_outputs(folder / RUN_FILE)
        )
    return Outcome(
        folder=folder,
        files=(*sorted(files), RUN_FILE),
        failed=failed,
        missing_glyphs=tuple(sorted(missing)),
        backups=tuple(entry.path for entry in kept),
    )


def _render(plan: Plan, templates: Sequence[Path]) -> tuple[Rendered, ...]:
    jobs = documents.plan(
        plan.assessments,
        plan.figures,
        book=plan.reading.book,
        policy=plan.policy,
        run_id=plan.run_id,
        templates=templates,
    )
    return pool.render_all(jobs)


def assess(
    book: Book, *, policy: Policy, period: Period, as_of: date, noted: Container[str] = ()
) -> tuple[tuple[Assessment, ...], tuple[Problem, ...]]:
    """Assess a book with its own calendar (节假日). Pure."""
    days = {entry.date: entry.day_kind == "班" for entry in book.holidays}
    return grading.assess(book, policy=policy, period=period, as_of=as_of, calendar=Calendar(days), noted=noted)


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
