"""A book's run on a machine that has no disk in common with ours: bytes go there, bytes come back.

A book's workbooks, templates and what its run reads of the output folder travel; the results come back, history
included, and are put in place here, each book whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sheetcrm.errors import SheetcrmError, StoreError
from sheetcrm.processes import scratch
from sheetcrm.report.pages.template_files import files_of
from sheetcrm.report.press import pool
from sheetcrm.runs import edits_file, run_file
from sheetcrm.runs.batch import BookDone, BookTask, do_book
from sheetcrm.runs.batch import files_of as listed_files
from sheetcrm.store.files import disk, staging
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import Stamp

_READ_OF_ALL = ("[!.]*/run.json", "[!.]*/edits*", ".*.sheetcrm-edits")
"""What a run reads of its output folder, besides the history and the review workbook of its period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Luggage:
    """All that a book's run reads, on its way to a worker: `standing` is what lies in its output folder, by path."""

    task: BookTask
    standing: Mapping[str, bytes]
    templates: tuple[Mapping[str, bytes], ...]
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What comes back of a book: what became of it, the files of its period's directory, and its history."""

    done: BookDone
    files: Mapping[str, bytes]
    history: bytes = b""


def pack(task: BookTask, output: Path, templates: tuple[Path, ...]) -> Luggage:
    """Gather what a book's run reads.

    Raises:
        StoreError: If something of it cannot be read.
    """
    patterns = (LEDGER_FILE, *_READ_OF_ALL, f"{task.period.label}/packs/*.xlsx")
    with disk.translate_errors(output):
        paths = {path for pattern in patterns for path in output.glob(pattern) if path.is_file()}
        standing = {path.relative_to(output).as_posix(): disk.read_regular(path) for path in sorted(paths)}
        own = tuple({name: path.read_bytes() for name, path in files_of(folder).items()} for folder in templates)
    return Luggage(task=task, standing=standing, templates=own, stamp=ledger.stamp())


def do_away(luggage: Luggage) -> Parcel:
    """Do a book on a worker, in a folder that is gone afterwards."""
    pool.share_cores(runs=pool.count_cores())
    with scratch.opened() as folder, ledger.acting_for(luggage.stamp):
        output, templates = folder / "out", tuple(folder / f"templates{n}" for n in range(len(luggage.templates)))
        for place, files in ((output, luggage.standing), *zip(templates, luggage.templates, strict=True)):
            for name, data in files.items():
                path = place / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        done = do_book(luggage.task, output, templates)
        if done.branch is None:
            return Parcel(done=done, files={})
        period = output / luggage.task.period.label
        files = {name: (period / name).read_bytes() for name in listed_files(period)}
        return Parcel(done=done, files=files, history=(output / LEDGER_FILE).read_bytes())


def unpack(parcel: Parcel, luggage: Luggage, output: Path) -> BookDone:
    """Put in place what came back: the period's directory, then the history, as a run does; nothing if that fails."""
    if parcel.done.branch is None:
        return parcel.done
    folder, unconfirmed = output / luggage.task.period.label, parcel.done.unconfirmed
    try:
        with staging.claim(output):
            _refuse_changed(output / LEDGER_FILE, luggage.standing.get(LEDGER_FILE, b""))
            recorded = {} if parcel.done.displaced else run_file.recorded_results(folder)
            try:
                kept = staging.replace_directory(folder, parcel.files, recorded=recorded)
            except staging.UnconfirmedError as error:
                kept, unconfirmed = error.backups, (*unconfirmed, str(error))
            disk.discard(edits_file.note_path(folder))
            staging.write_note(output / LEDGER_FILE, parcel.history)
    except SheetcrmError as error:
        return BookDone(refused=str(error))
    return replace(parcel.done, unconfirmed=unconfirmed, backups=len(kept))


def _refuse_changed(path: Path, sent: bytes) -> None:
    if (path.read_bytes() if path.exists() else b"") != sent:
        raise StoreError(f"另一次运行刚刚写入了“{path}”，什么也没有写", "请重新运行")
