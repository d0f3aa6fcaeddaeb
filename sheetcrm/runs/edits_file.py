"""The record of every cell that was changed: `edits.jsonl` of a period, and what is noted of it beforehand.

A period's record only grows: a run keeps the lines of earlier runs as they stand, each under the id of its
run, and appends its own; a line that is there already is not written a second time, so a run repeated
gives the same bytes. Before people's own workbooks are replaced, the lines are noted in a file beside the
period's directory; a run that is killed leaves the note, and the next run of the period takes it over.

Columns stand once, in a line of their own, and values by the row below it (docs/edits.md). A large record is
`edits.jsonl.gz`, to which runs append members.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zlib_ng import gzip_ng

from sheetcrm.model import Receipt, WrittenCell, WrittenCells, WrittenRow
from sheetcrm.privacy import Gate
from sheetcrm.store.files import disk
from sheetcrm.text.printable import dump_json, printable_lines

EDITS_FILE = "edits.jsonl"
ZIPPED_FILE = f"{EDITS_FILE}.gz"
MOST_PLAIN = 1 << 20
"""Bytes above which the record is compressed."""

_NOTE = ".sheetcrm-edits"
_LEVEL = 5
_REPEATED, _MOST_REPEATED = 64, 1 << 14
"""Characters of the longest value that is remembered, and how many are."""


class RecordedEdit(NamedTuple):
    """A cell on record: the run that wrote it, where it is, what stood there and what was written, as text."""

    run: str
    file: str
    sheet: str
    row: int
    column: int
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class EditsRecord:
    """A period's record as it is stored: plain lines, or compressed ones."""

    data: bytes = b""
    zipped: bool = False

    @property
    def name(self) -> str:
        """The name of its file."""
        return ZIPPED_FILE if self.zipped else EDITS_FILE

    def lines(self) -> Iterator[bytes]:
        """Yield its lines; of a damaged record what can be read."""
        stored = io.BytesIO(self.data)
        with gzip.GzipFile(fileobj=stored) if self.zipped else stored as source:
            try:
                for line in source:
                    yield line.rstrip(b"\n")
            except (OSError, EOFError, zlib.error):
                return


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


def write_lines(run_id: str, file: str, receipt: Receipt, gate: Gate) -> Iterator[bytes]:
    """Write the cells changed in a workbook: for each sheet a line with its columns, then a line for each row. Pure.

    Of what stood and stands in them, what is personal is hidden.
    """
    written = receipt.written if isinstance(receipt.written, WrittenCells) else WrittenCells(receipt.written)
    for sheet, of_sheet in groupby(written.entries(), key=lambda entry: entry.sheet):
        heads = written.heads(sheet)
        yield dump_json({"run": run_id, "file": file, "sheet": sheet, "columns": heads}, compact=True).encode()
        places = {head: at for at, head in enumerate(heads)}
        shown = _Shown(gate)
        for number, of_row in groupby(of_sheet, key=lambda entry: entry.row):
            row = map(shown.__getitem__, _values(tuple(of_row), places))
            yield dump_json([number, *row], compact=True).encode()


def _values(
    entries: Sequence[WrittenCell | WrittenRow], places: dict[tuple[int, str], int]
) -> Sequence[str | tuple[str, str] | None]:
    """Return the values of a row by its sheet's columns: None where nothing was written, old and new where old is."""
    first = entries[0]
    if len(entries) == 1 and isinstance(first, WrittenRow) and len(first.heads) == len(places):
        return first.texts
    values: list[str | tuple[str, str] | None] = [None] * len(places)
    for entry in entries:
        if isinstance(entry, WrittenCell):
            values[places[entry.column, entry.label]] = (entry.old, entry.new) if entry.old else entry.new
        else:
            for head, text in zip(entry.heads, entry.texts, strict=True):
                if text is not None:
                    values[places[head]] = text
    while values and values[-1] is None:
        values.pop()
    return values


def as_recorded(text: str, gate: Gate) -> str:
    """Return a cell's text as the record has it: as it is where nothing in it is personal. Pure."""
    shown = gate(text)
    return text if shown == text or shown == printable_lines(text) else shown


_Value: TypeAlias = str | tuple[str, str] | None


class _Shown(dict[_Value, _Value]):
    """Values as the record has them; most of a column's come many times, and long ones do not."""

    def __init__(self, gate: Gate) -> None:
        super().__init__({None: None})
        self._gate = gate

    def __missing__(self, value: str | tuple[str, str]) -> _Value:
        if isinstance(value, tuple):
            return as_recorded(value[0], self._gate), as_recorded(value[1], self._gate)
        recorded = as_recorded(value, self._gate)
        if len(value) <= _REPEATED and len(self) < _MOST_REPEATED:
            self[value] = recorded
        return recorded


def merge(earlier: EditsRecord, documents: Iterable[Iterable[bytes]], *, runs: Collection[str]) -> EditsRecord:
    """Append to a record the lines that are not on it.

    Args:
        earlier: The record; its bytes stay as they are, but for compressing them once they are many.
        documents: The lines of each workbook, as `write_lines` writes them.
        runs: The ids of the runs whose lines they are.
    """
    present = _present(earlier, runs) if earlier.data else {}
    sink = _Sink(earlier)
    for document in documents:
        header, is_written = b"", False
        for line in document:
            if line.startswith(b"{"):
                header, is_written = line, False
                if b'"columns":' in line:
                    continue
                header = b""
            if line in present.get(header, ()):
                continue
            if header and not is_written:
                sink.write(header)
                is_written = True
            sink.write(line)
    return sink.finish()


def _present(record: EditsRecord, runs: Collection[str]) -> dict[bytes, set[bytes]]:
    """Return the lines of some runs by the line with their columns; older ones, a line a cell, have none."""
    present: dict[bytes, set[bytes]] = {}
    lines: set[bytes] | None = None
    for line in record.lines():
        if line.startswith(b"{"):
            value = _parse(line)
            is_theirs = isinstance(value, dict) and value.get("run") in runs
            if isinstance(value, dict) and "columns" in value:
                lines = present.setdefault(line, set()) if is_theirs else None
            elif is_theirs:
                present.setdefault(b"", set()).add(line)
        elif lines is not None:
            lines.add(line)
    return present


class _Sink:
    """A record being appended to: plain as long as it is small, compressed from then on."""

    def __init__(self, earlier: EditsRecord) -> None:
        self._earlier = earlier
        self._pieces = io.BytesIO()
        self._zip: gzip_ng.GzipNGFile | None = None
        if not earlier.zipped:
            self._pieces.write(earlier.data)
            self._compress_if_large()

    def write(self, line: bytes) -> None:
        if self._earlier.zipped and self._zip is None:
            self._open()
        (self._zip or self._pieces).write(line + b"\n")
        self._compress_if_large()

    def finish(self) -> EditsRecord:
        if self._zip is None:
            return self._earlier if self._earlier.zipped else EditsRecord(self._pieces.getvalue())
        self._zip.close()
        before = self._earlier.data if self._earlier.zipped else b""
        return EditsRecord(before + self._pieces.getvalue(), zipped=True)

    def _compress_if_large(self) -> None:
        if self._zip is None and self._pieces.tell() > MOST_PLAIN:
            plain = self._pieces.getvalue()
            self._open()
            (self._zip or self._pieces).write(plain)

    def _open(self) -> None:
        self._pieces = io.BytesIO()
        self._zip = gzip_ng.GzipNGFile(filename="", mode="wb", fileobj=self._pieces, compresslevel=_LEVEL, mtime=0)  # type: ignore[no-untyped-call]


def read_record(folder: Path, *, recorded: dict[str, str]) -> EditsRecord:
    """Read a period's record as the last run left it.

    Args:
        folder: The period's directory; one without a record reads as empty.
        recorded: The hashes of its files by run.json. Of a record with another one, only the whole lines are taken:
            the file itself is backed up when it is replaced.
    """
    for name in (EDITS_FILE, ZIPPED_FILE):
        path = folder / name
        try:
            record = EditsRecord(path.read_bytes(), zipped=name == ZIPPED_FILE)
            if recorded.get(name) == disk.sha256(path):
                return record
        except FileNotFoundError:
            continue
        sink = _Sink(EditsRecord())
        for line in record.lines():
            if isinstance(_parse(line), dict | list):
                sink.write(line)
        return sink.finish()
    return EditsRecord()


def recorded_edits(folder: Path, *, labels: Collection[str] | None = None) -> Iterator[RecordedEdit]:
    """Read the cells on a period's record, in the order they were written; nothing where there is none.

    Lines that cannot be read are left out. With `labels`, only the cells of these columns.
    """
    for name in (EDITS_FILE, ZIPPED_FILE):
        try:
            record = EditsRecord((folder / name).read_bytes(), zipped=name == ZIPPED_FILE)
        except OSError:
            continue
        edits = edits_on(record, labels=labels)
        yield from edits if labels is None else (edit for edit in edits if edit.label in labels)


def edits_on(record: EditsRecord, *, labels: Collection[str] | None = None) -> Iterator[RecordedEdit]:
    """Read the cells on a record; with `labels`, at least those of the columns of these labels. Pure."""
    header: dict[str, Any] = {}
    is_wanted = True
    for line in record.lines():
        if not is_wanted and line.startswith(b"["):
            continue
        value = _parse(line)
        try:
            if isinstance(value, dict) and "columns" in value:
                header = value
                is_wanted = labels is None or any(label in labels for _, label in value["columns"])
            elif isinstance(value, dict):  # of an older version: a line a cell
                yield RecordedEdit(**{name: value[name] for name in RecordedEdit._fields})
            elif isinstance(value, list):
                yield from _cells(header, value)
        except (KeyError, TypeError, ValueError):
            continue


def _cells(header: dict[str, Any], row: list[Any]) -> Iterator[RecordedEdit]:
    where = (header["run"], header["file"], header["sheet"], row[0])
    for (column, label), value in zip(header["columns"], row[1:], strict=False):
        if value is not None:
            old, new = value if isinstance(value, list) else ("", value)
            yield RecordedEdit(*where, column, label, old, new)


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


def noted_runs(edits: Iterable[WorkbookEdits]) -> frozenset[str]:
    """Return the ids of the runs whose edits were noted. Pure."""
    values = (_parse(line) for entry in edits for line in entry.lines.split("\n") if line.startswith("{"))
    return frozenset(str(value.get("run")) for value in values if isinstance(value, dict))


def _is_untouched(entry: WorkbookEdits) -> bool:
    """Return whether a workbook is still what it was before its edits; one that cannot be read is not."""
    try:
        return entry.before == disk.sha256(Path(entry.path))
    except OSError:
        return False


def _parse(line: str | bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None
