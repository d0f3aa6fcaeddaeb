"""Doing what a plan decides: render, stage, replace, and append to the history."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from pathlib import Path

from sheetcrm.errors import StoreError, UsageError
from sheetcrm.excel.books.review import REVIEW, review_book
from sheetcrm.policy.run import Results
from sheetcrm.privacy import gate_of
from sheetcrm.report.board.board import BOARD, board
from sheetcrm.report.pages import documents
from sheetcrm.report.press.pool import Job
from sheetcrm.report.press.stamping import PLACE
from sheetcrm.runs import approving, edits_file, run_file
from sheetcrm.runs.edits_file import EDITS_FILE, EditsRecord, WorkbookEdits
from sheetcrm.runs.prepare import Plan, collector_off
from sheetcrm.runs.printing import (
    NOTHING_PRINTED,
    PrintedFiles,
    check_printing,
    print_documents,
    print_or_take,
    with_merged,
)
from sheetcrm.runs.reading import Progress, silent
from sheetcrm.runs.reprints import REPORTS, read_last
from sheetcrm.store.files import disk, open_files
from sheetcrm.store.files import in_place as inplace
from sheetcrm.store.files import staging as store
from sheetcrm.store.files.backups import Backup
from sheetcrm.store.files.in_place import Replacement
from sheetcrm.store.files.inputs import RUN_FILE
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE, WrittenCustomers
from sheetcrm.store.history.recorded import Disclosure, RecordedRun

WRITING = "写入文件"
"""What `progress` hears last: nothing has been written until then, and what it raises then leaves all as it was."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written where.

    `failed` says, by file, what could not be written and why, `unconfirmed` what is in place although the
    disk did not confirm it. `replaced` are the workbooks changed in place. `put_back` are directories a
    killed run had moved away.
    """

    folder: Path
    files: tuple[str, ...]
    failed: Mapping[str, str]
    missing_glyphs: tuple[str, ...]
    backups: tuple[Path, ...]
    replaced: tuple[str, ...] = ()
    put_back: tuple[Path, ...] = ()
    unconfirmed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is computed before the first file changes: whatever may go wrong in the program itself."""

    results: Results
    printed: PrintedFiles
    review: bytes
    board: bytes
    record: RecordedRun
    customers: WrittenCustomers


@dataclass(frozen=True, slots=True)
class _Placed:
    """What became of a period's directory; no files where it is as it was."""

    files: tuple[str, ...] = ()
    backups: tuple[Backup, ...] = ()
    failed: StoreError | None = None
    unconfirmed: str = ""


@collector_off()
def apply(
    plan: Plan,
    output: Path,
    *,
    pdf: bool,
    full: bool = False,
    in_place: bool = False,
    replace: bool = False,
    progress: Progress = silent,
) -> Outcome:
    """Render a plan's reports, put `output/<period>/` in place as one directory, and append to the history.

    In place, people's own workbooks are replaced, each on its own, and the directory holds no copies but those of
    workbooks in other formats than .xlsx. What is to be written into them is noted before. A workbook or report that
    fails does not stop the others; it is named in the outcome. Killed before the history is appended to, the same run
    repeated decides the same and appends it. With a team's own templates, a report that fails stops the run. `full`
    prints every line of every list. With `replace`, the period's results of other workbooks may go; they are backed up.

    Raises:
        EngineError: If PDFs are wanted and cannot be made here at all, or not with these templates, or the page
            `index.html` not. Nothing was written.
        StoreError: If the directory cannot be put in place, or the history is damaged or has changed
            since the plan was made. Nothing was written.
        UsageError: If a workbook to be replaced lies in that directory itself, or the run would take away
            results of other workbooks (`Plan.displaced`), or nobody agreed to it who had to. Nothing was written.
    """
    folder = output / plan.run.period.label
    _refuse(plan, folder, in_place=in_place, replace=replace)
    progress("填写报告")
    results = plan.results  # its figures are counted before anything is touched
    jobs = _lay_out(results, plan.templates, full=full) if pdf else ()
    with store.claim(output) as put_back:
        use = _check_history(plan, output, in_place=in_place)
        open_files.refuse_if_any_open(folder)
        printed = _print_reports(plan, jobs, folder, progress) if pdf else NOTHING_PRINTED
        prepared = _prepare(plan, results, printed, in_place=in_place)
        progress(WRITING)
        earlier, carried = _read_record(output, folder, use)
        replaced = _NOT_IN_PLACE
        if in_place:
            _note_edits(plan, folder, carried)
            replaced = _replace_workbooks(plan, held=output)
        failed = {**printed.failed, **replaced.failed}
        edits = _record_edits(plan, earlier, carried, failed)
        placed = _place(plan, folder, _result_files(plan, prepared, failed, edits, in_place=in_place))
        if placed.failed and not replaced.backups:
            raise placed.failed  # nothing was written anywhere
        failed |= {plan.run.period.label: str(placed.failed)} if placed.failed else {}
        failed |= _append(plan, prepared, output)
    unconfirmed = {plan.run.period.label: placed.unconfirmed} if placed.unconfirmed else {}
    return Outcome(
        folder=folder,
        files=placed.files,
        failed=failed,
        missing_glyphs=printed.missing_glyphs,
        backups=tuple(entry.path for entry in (*replaced.backups, *placed.backups)),
        replaced=_replaced_names(plan, failed) if in_place else (),
        put_back=(*put_back, *replaced.put_back),
        unconfirmed={**replaced.unconfirmed, **unconfirmed},
    )


def _read_record(output: Path, folder: Path, use: Disclosure | None) -> tuple[EditsRecord, tuple[WorkbookEdits, ...]]:
    """Make sure of the history, and read the record of edits: before anything is replaced, not to be lost after."""
    with ledger.opened(output) as history:  # made now if it is missing: what cannot be put on record is not begun
        if use:
            history.disclose(use)
    with disk.translate_errors(folder / EDITS_FILE):
        recorded = dict(run_file.recorded_outputs(folder / RUN_FILE))
        earlier = edits_file.read_record(folder, recorded=recorded)
        return earlier, edits_file.read_note(edits_file.note_path(folder))


def _refuse(plan: Plan, folder: Path, *, in_place: bool, replace: bool) -> None:
    """Refuse what would take something away."""
    refuse_displacing(plan, replace=replace)
    if in_place:
        _refuse_earlier_month(plan)
        _refuse_own_results(plan, folder)


def _refuse_earlier_month(plan: Plan) -> None:
    """Refuse to write this period's results over an earlier month's scoring sheet (practice §1.7)."""
    earlier = next((entry for entry in plan.problems if entry.kind == "month-earlier"), None)
    if earlier is not None:
        raise UsageError(f"{earlier.ref}：{earlier.what}。什么也没有写", f"{earlier.fix}，或不用 --in-place")


def refuse_displacing(plan: Plan, *, replace: bool) -> None:
    """Refuse to take away the period's results of other workbooks, unless that is what is wanted (practice §1.7)."""
    if plan.displaced and not replace:
        raise UsageError(
            f"{plan.displaced}。什么也没有写", "请核对给出的文件；确实要换掉，请加上 --replace（原来的结果会先备份）"
        )


_NOT_IN_PLACE = inplace.Replaced((), {}, (), {})


def _refuse_own_results(plan: Plan, folder: Path) -> None:
    """Refuse to change workbooks in place that this run itself is about to take away."""
    for entry in plan.workbooks:
        if entry.source.path.resolve().is_relative_to(folder.resolve()):
            raise UsageError(
                f"“{entry.source.path}”在本期的结果文件夹里，会被这次的结果换掉，不能在原处改写",
                "请把它移到别的文件夹，或不用 --in-place",
            )


def _lay_out(results: Results, templates: Sequence[Path], *, full: bool) -> tuple[Job, ...]:
    """Make sure that pages can be printed, and lay the reports out.

    What ships has a place for the run's id in place of it; a team's own templates may do anything with it.
    """
    check_printing(templates)
    printed = results if templates else replace_fields(results, run_id=PLACE)
    return documents.plan(printed, templates=templates, full=full)


def _check_history(plan: Plan, output: Path, *, in_place: bool) -> Disclosure | None:
    """Refuse, before anything is written, a history that cannot be appended to or is not the one the plan used.

    Returns:
        The record of the approval that rewriting people's own workbooks uses, where it needs one.
    """
    is_there = (output / LEDGER_FILE).exists()
    with ledger.opened(output) if is_there else ledger.read(output) as history:
        if plan.history.head is not None and history.results_head != plan.history.head:
            raise StoreError(f"另一次运行刚刚写入了“{output / LEDGER_FILE}”，什么也没有写", "请重新运行")
        return approving.settle_rewriting(plan, history) if in_place else None


def _print_reports(plan: Plan, jobs: tuple[Job, ...], folder: Path, progress: Progress) -> PrintedFiles:
    """Print the reports, named by their paths in the period's directory."""
    if plan.templates:
        printed = print_documents(jobs, stop_on_failure=True, progress=progress)
    else:
        printed = print_or_take(jobs, read_last(folder), plan.run_id, progress=progress)
    title, parts = documents.review_set(plan.run.period, printed.files)
    printed = with_merged(printed, parts, title=title, two_sided=plan.run.policy.report.binding)
    return PrintedFiles(
        {f"{REPORTS}/{name}": data for name, data in printed.files.items()},
        {f"{REPORTS}/{name}": why for name, why in printed.failed.items()},
        printed.missing_glyphs,
        {f"{REPORTS}/{name}": key for name, key in printed.set_from.items()},
    )


def _prepare(plan: Plan, results: Results, printed: PrintedFiles, *, in_place: bool) -> _Prepared:
    """Compute what is left to compute."""
    failed = printed.failed
    copies = () if in_place else tuple(entry.source.name for entry in plan.workbooks if entry.source.name not in failed)
    past = plan.history.past
    files = (*printed.files, f"packs/{REVIEW}", *_copies(plan, in_place=in_place))
    return _Prepared(
        results=results,
        printed=printed,
        review=review_book(results, workbooks=copies),
        board=board(results, files, templates=plan.templates),
        record=run_file.recorded_run(
            plan.run,
            plan.run_id,
            plan.reading,
            in_place=in_place,
            stamp=ledger.stamp(),
            reviewed=plan.reviewed,
        ),
        customers=ledger.write_customers(
            run_file.recorded_customer(entry, plan.run, past.get(entry.customer.customer_id))
            for entry in plan.assessments
        ),
    )


def _note_edits(plan: Plan, folder: Path, carried: Sequence[WorkbookEdits]) -> None:
    """Note what is about to be written into people's own workbooks, beside the period's directory."""
    gate = gate_of(plan.reading.book.customers)
    planned = [
        WorkbookEdits(
            path=str(entry.source.path.resolve()),
            before=entry.source.sha256,
            lines=b"\n".join(edits_file.write_lines(plan.run_id, entry.source.name, entry.receipt, gate)).decode(),
        )
        for entry in plan.workbooks
        if entry.changed and not entry.source.copy_of
    ]
    if planned:
        store.write_note(edits_file.note_path(folder), edits_file.write_note((*carried, *planned)), private=True)


def _record_edits(
    plan: Plan, earlier: EditsRecord, carried: Sequence[WorkbookEdits], failed: Mapping[str, str]
) -> EditsRecord:
    """Write the period's record of edits: what is on it, what a killed run noted, and this run's own."""
    gate = gate_of(plan.reading.book.customers)
    own = (
        edits_file.write_lines(plan.run_id, entry.source.name, entry.receipt, gate)
        for entry in sorted(plan.workbooks, key=lambda entry: entry.source.name)
        if entry.source.name not in failed
    )
    noted = ((line.encode() for line in entry.lines.split("\n") if line) for entry in carried)
    runs = {plan.run_id, *edits_file.noted_runs(carried)}
    return edits_file.merge(earlier, itertools.chain(noted, own), runs=runs)


def _place(plan: Plan, folder: Path, files: Mapping[str, bytes]) -> _Placed:
    """Put the period's directory in place; the note about its edits has then served.

    Of results that come from other workbooks every file is backed up, changed by people or not.
    """
    recorded = {} if plan.displaced else run_file.recorded_results(folder)
    try:
        kept = store.replace_directory(folder, files, recorded=recorded)
    except store.UnconfirmedError as error:
        return _Placed(tuple(files), error.backups, unconfirmed=str(error))
    except StoreError as error:
        return _Placed(failed=error)
    disk.discard(edits_file.note_path(folder))
    return _Placed(tuple(files), kept)


def _replace_workbooks(plan: Plan, *, held: Path) -> inplace.Replaced:
    return inplace.replace_each(
        [
            Replacement(entry.source.name, entry.source.path, entry.data, entry.source.sha256)
            for entry in plan.workbooks
            if not entry.source.copy_of
        ],
        held=held,
    )


def _replaced_names(plan: Plan, failed: Mapping[str, str]) -> tuple[str, ...]:
    """Name the workbooks that were changed in place."""
    return tuple(
        entry.source.name
        for entry in plan.workbooks
        if entry.changed and not entry.source.copy_of and entry.source.name not in failed
    )


def _result_files(
    plan: Plan, prepared: _Prepared, failed: Mapping[str, str], edits: EditsRecord, *, in_place: bool
) -> Mapping[str, bytes]:
    """Gather the files of the period's directory by name, the record of the run last."""
    files = {
        **_copies(plan, in_place=in_place),
        **prepared.printed.files,
        f"packs/{REVIEW}": prepared.review,
        BOARD: prepared.board,
        edits.name: edits.data,
    }
    record = run_file.run_json(
        prepared.results,
        plan.reading,
        receipts={entry.source.name: entry.receipt for entry in plan.workbooks if entry.source.name not in failed},
        outputs=run_file.output_values(files, prepared.printed.set_from),
        failed=sorted(failed),
        history=plan.history.sha256,
        in_place=in_place,
    )
    return {**dict(sorted(files.items())), RUN_FILE: record}


def _copies(plan: Plan, *, in_place: bool) -> Mapping[str, bytes]:
    """Return the workbooks of the period's directory, by their paths in it."""
    return {
        f"workbooks/{entry.source.name}": entry.data for entry in plan.workbooks if not in_place or entry.source.copy_of
    }


def _append(plan: Plan, prepared: _Prepared, output: Path) -> Mapping[str, str]:
    """Put the run on record; return the failure by the history's name, empty where there is none."""
    try:
        with ledger.opened(output) as history:
            renumbered = history.renumbered(plan.history.numbers)
            renumbered.append(prepared.record, prepared.customers, run_file.recorded_figures(plan.figures))
    except StoreError as error:
        return {LEDGER_FILE: str(error)}
    return {}
