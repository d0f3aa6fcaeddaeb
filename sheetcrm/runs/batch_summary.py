"""Puts in place what is told of all books of a batch: `OUT/<period>/` with 汇总.xlsx, index.html and batch.json."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from sheetcrm import __version__
from sheetcrm.errors import UsageError
from sheetcrm.excel.books.branches_book import BRANCHES_FILE, branches_book
from sheetcrm.model.branches import BatchSummary, BranchOutcome
from sheetcrm.privacy import NUMBERS_ALONE
from sheetcrm.report.board.board import BOARD
from sheetcrm.report.board.branches import branches_board
from sheetcrm.runs import run_file
from sheetcrm.store.files import staging
from sheetcrm.store.files.inputs import BATCH_FILE
from sheetcrm.text.printable import dump_json


def write_summary(output: Path, summary: BatchSummary, *, templates: Sequence[Path] = ()) -> tuple[str, ...]:
    """Write the summary of a period as one directory, whole or not at all.

    Returns:
        Its files.

    Raises:
        EngineError: If the page cannot be made with a team's own templates.
        StoreError: If the directory cannot be put in place.
        UsageError: If something else lies there.
    """
    folder = output / summary.period
    files = {
        BOARD: branches_board(summary, BRANCHES_FILE, templates=templates),
        BRANCHES_FILE: branches_book(summary),
    }
    files[BATCH_FILE] = _record(summary, files)
    with staging.claim(output):
        if folder.exists() and not (folder / BATCH_FILE).is_file() and any(folder.iterdir()):
            what = f"“{folder}”里有别的东西（例如 sheetcrm run 的结果），汇总没有写"
            raise UsageError(what, "请用 -o 另选一个结果文件夹")
        staging.replace_directory(folder, files, recorded=run_file.recorded_outputs(folder / BATCH_FILE))
    return tuple(files)


def outcome_values(outcome: BranchOutcome) -> dict[str, object]:
    """Return what became of a book as plain values, without anything that was found in a cell. Pure."""
    branch = outcome.branch
    values: dict[str, object] = {"folder": outcome.name, "period": outcome.period, "done": outcome.done.value}
    if branch is None:
        return values
    return values | {
        "run_id": branch.run_id,
        "policy": branch.policy,
        "customers": branch.customers,
        "tiers": dict(branch.tiers),
        "promises": {"kept": branch.kept, "judged": branch.judged},
        "next_steps": {"kept": branch.promises_kept, "due": branch.promises_due},
        "movements": {"up": branch.up, "down": branch.down, "new": branch.new, "gone": branch.gone},
        "overdue": branch.overdue,
        "awaiting_audit": branch.awaiting_audit,
        "problems": [{"severity": level, "kind": kind, "count": count} for level, kind, count in branch.problems],
    }


def _record(summary: BatchSummary, files: Mapping[str, bytes]) -> bytes:
    record = {
        "version": __version__,
        "period": summary.period,
        "books": [outcome_values(outcome) for outcome in summary.outcomes],
        "outputs": [
            {"file": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in sorted(files.items())
        ],
    }
    return (dump_json(NUMBERS_ALONE.mapping(record), indent=1) + "\n").encode()
