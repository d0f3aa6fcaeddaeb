"""The record of every cell that was changed: `edits.jsonl` of a period, and what is noted of it beforehand.

A period's record only grows: a run keeps the lines of earlier runs as they stand, each with the id of its
run, and appends its own; a line that is there already is not written a second time, so a run repeated
gives the same bytes. Before people's own workbooks are replaced, the lines are noted in a file beside the
period's directory; a run that is killed leaves the note, and the next run of the period takes it over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.model import Receipt
from sheetcrm.store.files import disk
from sheetcrm.text.printable import dump_json

EDITS_FILE = "edits.jsonl"
_NOTE = ".sheetcrm-edits"


@dataclass(frozen=True, slots=True)
class WorkbookEdits:
    """One workbook's lines of edits.jsonl, and the SHA-256 of the content they were planned for.

    `before` is empty where the lines are on record for good: they were seen to be in the workbook.
    """

    path: str
    before: str
    lines: str


def note_path(folder: Path) -> Path:
    """Return the path of the note about a period's directory: `.2026-10.sheetcrm-edits` beside `2026-10`. Pure."""
    return folder.with_name(f".{folder.name}{_NOTE}")


def write_lines(run_id: str, file: str, receipt: Receipt) -> str:
    """Write the cells changed in a workbook, one line each: run, file, sheet, row, column, label, old, new. Pure."""
    lines = (
        {
            "run": run_id,
            "file": file,
            "sheet": cell.sheet,
            "row": cell.row,
            "column": cell.column,
            "label": cell.label,
            "old": cell.old,
            "new": cell.new,
        }
        for cell in receipt.written
    )
    return "".join(dump_json(line) + "\n" for line in lines)


def merge(records: Iterable[str]) -> bytes:
    """Join records in their order; a line that stands in several of them is kept where it came first. Pure."""
    lines = dict.fromkeys(line for record in records for line in record.split("\n") if line)
    return "".join(f"{line}\n" for line in lines).encode()


def read_record(path: Path, *, recorded_sha256: str | None) -> str:
    """Read a period's record as the last run left it.

    Args:
        path: The file; a missing one reads as empty.
        recorded_sha256: Its hash by run.json. Of a file with another one, only the whole lines are taken: the
            file itself is backed up when it is replaced.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        if recorded_sha256 == disk.sha256(path):
            return text
    except FileNotFoundError:
        return ""
    return "".join(f"{line}\n" for line in text.split("\n") if isinstance(_parse(line), dict))


def write_note(edits: Iterable[WorkbookEdits]) -> bytes:
    """Write what is about to be changed, a line for each workbook. Pure."""
    values = ({"path": entry.path, "before": entry.before, "lines": entry.lines} for entry in edits)
    return "".join(dump_json(value) + "\n" for value in values).encode()


def read_note(path: Path) -> tuple[WorkbookEdits, ...]:
    """Read a killed run's note: the edits of each workbook that is no longer what it was before them."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ()
    noted = []
    for line in text.split("\n"):
        value = _parse(line)
        if isinstance(value, dict) and {"path", "before", "lines"} <= value.keys():
            noted.append(WorkbookEdits(str(value["path"]), str(value["before"]), str(value["lines"])))
    return tuple(WorkbookEdits(entry.path, "", entry.lines) for entry in noted if not _is_untouched(entry))


def _is_untouched(entry: WorkbookEdits) -> bool:
    """Return whether a workbook is still what it was before its edits; one that cannot be read is not."""
    try:
        return entry.before == disk.sha256(Path(entry.path))
    except OSError:
        return False


def _parse(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None
