"""Documents to PDFs, as the reports and the packs of a plan both need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sheetcrm.report.pages import filling
from sheetcrm.report.press import pdf as engine
from sheetcrm.report.press import pool
from sheetcrm.report.press.pool import Job
from sheetcrm.report.press.stamping import PLACE, NoPlaceError, stamp
from sheetcrm.runs import reprints
from sheetcrm.runs.reading import Progress, silent
from sheetcrm.runs.reprints import LastPrints


@dataclass(frozen=True, slots=True)
class PrintedFiles:
    """The PDFs by file name, why others failed, and the characters that no font has."""

    files: Mapping[str, bytes]
    failed: Mapping[str, str]
    missing_glyphs: tuple[str, ...]
    set_from: Mapping[str, str] = field(default_factory=dict)
    """The hashes of what files were set from, of those that a later run may take."""


NOTHING_PRINTED = PrintedFiles({}, {}, ())


def check_printing(folders: Sequence[Path]) -> None:
    """Make sure that pages can be printed here, with the templates of these folders.

    Raises:
        EngineError: If they cannot.
    """
    engine.check_engine()
    pool.check_styles(filling.styles(folders))


def with_merged(printed: PrintedFiles, parts: Mapping[str, str], *, title: str, two_sided: bool) -> PrintedFiles:
    """Add the documents in one, named by its title; none where one failed, or there is but one.

    `parts` names what the pages of each are counted under, in the order of print; `two_sided` is whether each begins
    on a right-hand page.
    """
    name = f"{title}.pdf"
    if printed.failed:
        why = f"{name}：有报告没有印出来，没有合订。请先处理，再重新运行"
        return replace(printed, failed={**printed.failed, name: why})
    if len(parts) < 2:  # noqa: PLR2004  (two make one)
        return printed
    from sheetcrm.report.press import merging  # noqa: PLC0415  (only for those who print)

    merged = merging.merge(
        [(part, printed.files[name]) for name, part in parts.items()], title=title, two_sided=two_sided
    )
    return replace(printed, files={**printed.files, name: merged})


def print_or_take(jobs: Sequence[Job], last: LastPrints, run_id: str, *, progress: Progress = silent) -> PrintedFiles:
    """Print documents that have a place for the run's id; those that say what they said last time are taken from there.

    Nothing is to be taken later of documents with characters that no font has: another font may be installed till then.
    """
    keys = {job.name: reprints.key_of(job.html) for job in jobs}
    files = {name: data for name, key in keys.items() if (data := last.take(name, key, run_id)) is not None}
    printed = print_documents([job for job in jobs if job.name not in files], stop_on_failure=False, progress=progress)
    without: list[Job] = []
    for job in jobs:
        if job.name in printed.files:
            try:
                files[job.name] = stamp(printed.files[job.name], run_id)
            except NoPlaceError:
                without.append(Job(job.name, job.html.replace(PLACE, run_id)))
    plain = print_documents(without, stop_on_failure=False, progress=progress)
    files |= plain.files
    whole = not printed.missing_glyphs
    return replace(
        printed,
        files={job.name: files[job.name] for job in jobs if job.name in files},
        failed={**printed.failed, **plain.failed},
        set_from={name: key for name, key in keys.items() if whole and name in files and name not in plain.files},
    )


def print_documents(jobs: Sequence[Job], *, stop_on_failure: bool, progress: Progress = silent) -> PrintedFiles:
    """Print documents; one that fails does not stop the others, unless it has to.

    Whatever `progress` raises stops them all.

    Raises:
        EngineError: If one fails and `stop_on_failure` is set.
    """
    files: dict[str, bytes] = {}
    failed: dict[str, str] = {}
    missing: set[str] = set()

    def tick(done: int) -> None:
        progress(f"排版 {done}/{len(jobs)}")

    for document in pool.render_all(jobs, tick=tick):
        missing.update(document.missing)
        if document.data is not None:
            files[document.name] = document.data
        elif stop_on_failure and document.error:
            raise document.error
        else:
            failed[document.name] = str(document.error)
    return PrintedFiles(files, failed, tuple(sorted(missing)))
