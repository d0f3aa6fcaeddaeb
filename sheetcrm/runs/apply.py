"""Doing what a plan decides: render, stage, replace, and append to the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.errors import StoreError, UsageError
from sheetcrm.excel.books.review import REVIEW, review_book
from sheetcrm.model import figure_values
from sheetcrm.report.pages import documents, templates
from sheetcrm.report.press import pdf as engine
from sheetcrm.report.press import pool
from sheetcrm.report.press.pool import Job
from sheetcrm.runs import run_file
from sheetcrm.runs.prepare import Plan, Progress, sample_of, silent
from sheetcrm.store.files import in_place as inplace
from sheetcrm.store.files import open_files
from sheetcrm.store.files import staging as store
from sheetcrm.store.files.backups import Backup
from sheetcrm.store.files.in_place import Replacement
from sheetcrm.store.files.inputs import RUN_FILE
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written where.

    `failed` says, by file, what could not be written and why. `replaced` are the workbooks changed in
    place. `put_back` are directories a killed run had moved away.
    """

    folder: Path
    files: tuple[str, ...]
    failed: Mapping[str, str]
    missing_glyphs: tuple[str, ...]
    backups: tuple[Path, ...]
    replaced: tuple[str, ...] = ()
    put_back: tuple[Path, ...] = ()


def apply(
    plan: Plan,
    output: Path,
    *,
    pdf: bool,
    in_place: bool = False,
    progress: Progress = silent,
) -> Outcome:
    """Render a plan's reports, put `output/<period>/` in place as one directory, and append to the history.

    In place, people's own workbooks are replaced, each on its own, and the directory holds no copies but
    those of workbooks in other formats than .xlsx.
    A workbook or report that fails does not stop the others; it is named in the outcome. Killed before
    the history is appended to, the same run repeated decides the same and appends it. With a team's own
    templates, a report that fails stops the run.

    Raises:
        EngineError: If PDFs are wanted and cannot be made here at all, or not with these templates.
            Nothing was written.
        StoreError: If the directory cannot be put in place, or the history is damaged or has changed
            since the plan was made. Nothing was written.
        UsageError: If a workbook to be replaced lies in that directory itself. Nothing was written.
    """
    folder = output / plan.period.label
    if in_place:
        _refuse_own_results(plan, folder)
    files = {
        f"workbooks/{entry.source.name}": entry.data for entry in plan.workbooks if not in_place or entry.source.copy_of
    }
    failed: dict[str, str] = {}
    missing: set[str] = set()
    jobs = _lay_out(plan) if pdf else ()
    with store.claim(output) as put_back:
        _check_history(plan, output)
        open_files.refuse_if_any_open(folder)
        if pdf:
            progress("排版报告")
            for report in pool.render_all(jobs):
                missing.update(report.missing)
                if report.data is None:
                    if plan.templates and report.error:
                        raise report.error
                    failed[f"reports/{report.name}"] = str(report.error)
                else:
                    files[f"reports/{report.name}"] = report.data
        done = _replace_workbooks(plan, held=output, progress=progress) if in_place else _NOT_IN_PLACE
        failed |= done.failed
        receipts = {entry.source.name: entry.receipt for entry in plan.workbooks if entry.source.name not in failed}
        files[f"packs/{REVIEW}"] = _review(plan, linked=() if in_place else receipts)
        files["edits.jsonl"] = run_file.edits_jsonl(receipts)
        said = run_file.run_json(
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
            history=plan.history.sha256,
            in_place=in_place,
        )
        progress("写入文件")
        kept: tuple[Backup, ...] = ()
        written: tuple[str, ...] = (*sorted(files), RUN_FILE)
        try:
            kept = store.replace_directory(
                folder, files | {RUN_FILE: said}, recorded=run_file.recorded_results(folder, RUN_FILE)
            )
        except StoreError as error:
            if not done.backups:
                raise  # nothing was written anywhere
            failed[plan.period.label] = str(error)
            written = ()
        try:
            _append(plan, output, in_place=in_place)
        except StoreError as error:
            failed[LEDGER_FILE] = str(error)
    return Outcome(
        folder=folder,
        files=written,
        failed=failed,
        missing_glyphs=tuple(sorted(missing)),
        backups=tuple(entry.path for entry in (*done.backups, *kept)),
        replaced=tuple(
            entry.source.name
            for entry in plan.workbooks
            if in_place and entry.changed and not entry.source.copy_of and entry.source.name not in failed
        ),
        put_back=(*put_back, *done.put_back),
    )


_NOT_IN_PLACE = inplace.Replaced((), {}, ())


def _refuse_own_results(plan: Plan, folder: Path) -> None:
    """Refuse to change workbooks in place that this run itself is about to take away."""
    for entry in plan.workbooks:
        if entry.source.path.resolve().is_relative_to(folder.resolve()):
            raise UsageError(
                f"“{entry.source.path}”在本期的结果文件夹里，会被这次的结果换掉，不能在原处改写",
                "请把它移到别的文件夹，或不用 --in-place",
            )


def _check_history(plan: Plan, output: Path) -> None:
    """Refuse, before anything is written, a history that cannot be appended to or is not the one the plan used."""
    with ledger.opened(output) as history:
        if plan.history.head is not None and history.head != plan.history.head:
            raise StoreError(f"另一次运行刚刚写入了“{output / LEDGER_FILE}”，什么也没有写", "请重新运行")


def _replace_workbooks(plan: Plan, *, held: Path, progress: Progress) -> inplace.Replaced:
    progress("改写原表")
    return inplace.replace_each(
        [
            Replacement(entry.source.name, entry.source.path, entry.data, entry.source.sha256)
            for entry in plan.workbooks
            if not entry.source.copy_of
        ],
        held=held,
    )


def _append(plan: Plan, output: Path, *, in_place: bool) -> None:
    run = run_file.recorded_run(
        plan.run_id,
        period=plan.period,
        as_of=plan.as_of,
        policy=plan.policy,
        inputs=plan.inputs,
        refused=plan.reading.refused,
        aside=plan.reading.aside,
        in_place=in_place,
        stamp=ledger.stamp(),
    )
    past = plan.history.past
    customers = [
        run_file.recorded_customer(
            entry, period=plan.period, as_of=plan.as_of, past=past.get(entry.customer.customer_id)
        )
        for entry in plan.assessments
    ]
    with ledger.opened(output) as history:
        history.append(run, customers, figure_values(plan.figures))


def _review(plan: Plan, *, linked: Iterable[str]) -> bytes:
    """Write the review workbook; `linked` are the written-back workbooks that lie beside it."""
    return review_book(
        plan.assessments,
        plan.figures,
        plan.problems,
        sample=sample_of(plan.reading.book, policy=plan.policy, period=plan.period, as_of=plan.as_of),
        book=plan.reading.book,
        policy=plan.policy,
        run_id=plan.run_id,
        workbooks=tuple(linked),
    )


def _lay_out(plan: Plan) -> tuple[Job, ...]:
    """Make sure that pages can be printed, and lay the reports out."""
    engine.check_engine()
    for file, css in templates.styles(plan.templates).items():
        engine.check_style(css, file=file)
    return documents.plan(
        plan.assessments,
        plan.figures,
        book=plan.reading.book,
        policy=plan.policy,
        run_id=plan.run_id,
        templates=plan.templates,
        problems=plan.problems,
    )
