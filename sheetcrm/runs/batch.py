"""Many books, each a run of its own: what travels to whoever does one, and when none needs doing.

A book is done by `do_book` wherever that is: in this process, in another, on another machine; so that its bytes are
the same. What a run left, and from what, is noted beside its results; a book of which nothing has changed since is
not done again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import msgspec

from sheetcrm import __version__
from sheetcrm.errors import SheetcrmError, StoreError, UsageError
from sheetcrm.model import Period, Problem, Severity
from sheetcrm.model.branches import Branch
from sheetcrm.policy.run import Run
from sheetcrm.processes import crash_log
from sheetcrm.report.press import pool
from sheetcrm.runs import apply, run_file
from sheetcrm.runs.branches import branch_of
from sheetcrm.runs.policies import StatedPolicy, policy_of
from sheetcrm.runs.prepare import prepare
from sheetcrm.store.files import disk, staging
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.history import ledger
from sheetcrm.text.folding import fold
from sheetcrm.text.printable import dump_json

_NOTE = ".sheetcrm-batch"
"""The ending of `.2026-10.sheetcrm-batch` beside `2026-10`: what its results were made of."""
_OF_TODAY = frozenset({"date-future", "review-date"})
"""The problems that another day may end: a book with one of them is done again on another day."""
_SYSTEM_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class SentFile:
    """A workbook on its way: its name and bytes, or why there are none."""

    name: str
    data: bytes
    unread: Problem | None = None

    @property
    def file(self) -> InputFile:
        """The same as the file of a run; its path is its name alone."""
        sha256 = "" if self.unread else hashlib.sha256(self.data).hexdigest()
        return InputFile(self.name, Path(self.name), self.data, sha256, unread=self.unread)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTask:
    """A book to be done: its workbooks and all that its run works with but the history. Plain values: it travels.

    `name` is its folder below the root, `templates` the hash of the templates.
    """

    name: str
    inputs: tuple[SentFile, ...]
    policy: StatedPolicy
    period: Period
    as_of: date
    today: date
    templates: str
    kept_columns: tuple[str, ...] = ()
    numbering: bool = False
    full: bool = False
    pdf: bool = True
    strict: bool = False
    replacing: bool = False

    @property
    def run(self) -> Run:
        """The run it asks for.

        Raises:
            PolicyError: If its policy does not hold together.
        """
        run = Run.of(policy_of(self.policy), self.period, self.as_of, today=self.today)
        return replace(run, source=self.policy.source, kept_columns=self.kept_columns)

    def key(self) -> str:
        """Hash all that its results depend on but the history and the day it is.

        Raises:
            PolicyError: If its policy does not hold together.
        """
        parts = {
            "version": __version__,
            "policy": policy_of(self.policy).sha256,
            "templates": self.templates,
            "period": self.period.label,
            "as_of": self.as_of.isoformat(),
            "kept_columns": sorted(map(fold, self.kept_columns)),
            "printed": [self.numbering, self.full, self.pdf],
            "inputs": [[sent.name, sent.file.sha256] for sent in self.inputs],
        }
        return hashlib.sha256(dump_json(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDone:
    """What became of a book: its counts and what lies in place, or why nothing does.

    `failed` says what could not be written while the rest could, `unconfirmed` what the disk did not confirm. `log`
    holds where the program itself failed, line by line, without anything of a workbook. `displaced` is whether
    results of other workbooks were replaced, `of_today` whether another day may decide otherwise.
    """

    branch: Branch | None = None
    files: tuple[str, ...] = ()
    refused: str = ""
    failed: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    backups: int = 0
    log: tuple[str, ...] = ()
    displaced: bool = False
    of_today: bool = False


def do_beside(task: BookTask, output: Path, templates: tuple[Path, ...], runs: int) -> BookDone:
    """Do a book in a process that shares the cores with so many others."""
    pool.share_cores(runs=runs)
    return do_book(task, output, templates)


def do_book(task: BookTask, output: Path, templates: tuple[Path, ...]) -> BookDone:
    """Do a book's run into its output folder; whatever goes wrong is an answer, not an error."""
    try:
        return _do(task, output, templates)
    except SheetcrmError as error:
        return BookDone(refused=str(error))
    except MemoryError:
        return BookDone(refused="内存不够，什么也没有写。请关闭其他程序，或减少 --jobs")
    except Exception as error:  # noqa: BLE001  (what nobody foresaw is this book's failure, not the others')
        return BookDone(log=tuple(crash_log.describe(error)))


def _do(task: BookTask, output: Path, templates: tuple[Path, ...]) -> BookDone:
    run, inputs = task.run, [sent.file for sent in task.inputs]
    with ledger.read(output) as history:
        plan = prepare(inputs, run, history=history, templates=templates, numbering=task.numbering)
    if task.strict and plan.has_errors:
        first = next(entry for entry in plan.problems if entry.severity is Severity.ERROR)
        raise UsageError(f"资料里有错误，按 --strict 什么也没有写。第一处：{first}")
    outcome = apply.apply(plan, output, pdf=task.pdf, full=task.full, replace=task.replacing)
    missing = outcome.missing_glyphs
    return BookDone(
        branch=branch_of(plan),
        files=outcome.files,
        failed=tuple(f"没有写成 {name}：{why}" for name, why in outcome.failed.items())
        + ((f"这些字没有字体能印出：{' '.join(missing)}。请安装含这些字的字体后重新运行",) if missing else ()),
        unconfirmed=tuple(outcome.unconfirmed.values()),
        backups=len(outcome.backups),
        displaced=plan.displaced is not None,
        of_today=any(entry.kind in _OF_TODAY for entry in plan.problems),
    )


class _Note(msgspec.Struct, frozen=True):
    """What a book's results were made of: its task's key, the history after it, and the day where that matters."""

    key: str
    head: str
    day: str
    branch: Branch


def write_note(task: BookTask, output: Path, done: BookDone) -> None:
    """Note what a book's results were made of; one that is not wholly done is done again, and has none.

    Raises:
        StoreError: If the note cannot be written.
    """
    path = _note_path(output, task.period)
    if done.branch is None or done.failed or done.unconfirmed:
        disk.discard(path)
        return
    with staging.claim(output):
        with ledger.read(output) as history:
            head = history.results_head
        day = task.today.isoformat() if done.of_today else ""
        staging.write_note(path, msgspec.json.encode(_Note(task.key(), head, day, done.branch)))


def find_unchanged(task: BookTask, output: Path, *, head: str) -> Branch | None:
    """Return a book's counts where nothing has changed since it was done and its results lie there as they were.

    Args:
        task: What would be done.
        output: The book's output folder.
        head: The last record of its history that results may rest on.
    """
    try:
        note = msgspec.json.decode(_note_path(output, task.period).read_bytes(), type=_Note)
    except (OSError, ValueError):
        return None
    same = note.key == task.key() and note.head == head and note.day in {"", task.today.isoformat()}
    return note.branch if same and _is_intact(output / task.period.label) else None


def files_of(folder: Path) -> tuple[str, ...]:
    """List the files of a period's directory, by path from there."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name not in _SYSTEM_FILES)
    return tuple(sorted(path.relative_to(folder).as_posix() for path in paths))


def _is_intact(folder: Path) -> bool:
    """Return whether a period's directory holds just what the program put there."""
    recorded = run_file.recorded_results(folder)
    try:
        return bool(recorded) and {name: disk.sha256(folder / name) for name in files_of(folder)} == recorded
    except (OSError, StoreError):
        return False


def _note_path(output: Path, period: Period) -> Path:
    return output / f".{period.label}{_NOTE}"
