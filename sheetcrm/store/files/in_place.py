"""People's own workbooks replaced where they stand, each on its own: one that fails stops no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.errors import StoreError
from sheetcrm.store.files import staging
from sheetcrm.store.files.backups import Backup


@dataclass(frozen=True, slots=True)
class Replacement:
    """New content for a workbook, and the hash of the content it was made from. `name` is for messages."""

    name: str
    path: Path
    data: bytes
    expected_sha256: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """What came of it: the backups made, why others failed, and directories put back on the way."""

    backups: tuple[Backup, ...]
    failed: Mapping[str, str]
    put_back: tuple[Path, ...]


def replace_each(replacements: Sequence[Replacement], *, held: Path) -> Replaced:
    """Replace workbooks after a backup of each, one folder held at a time.

    Args:
        replacements: The workbooks. One that is its new content already is left alone, without a backup.
        held: A folder the caller holds already (`claim`).
    """
    made: list[Backup] = []
    failed: dict[str, str] = {}
    put_back: list[Path] = []
    for folder in sorted({entry.path.resolve().parent for entry in replacements}):
        inside = [entry for entry in replacements if entry.path.resolve().parent == folder]
        try:
            with _claim(folder, held) as found:
                put_back += found
                for entry in inside:
                    try:
                        backup = staging.replace_file(entry.path, entry.data, expected_sha256=entry.expected_sha256)
                    except StoreError as error:
                        failed[entry.name] = str(error)
                    else:
                        made += [backup] if backup else []
        except StoreError as error:
            failed |= {entry.name: str(error) for entry in inside if entry.name not in failed and _changes(entry)}
    return Replaced(tuple(made), failed, tuple(put_back))


@contextmanager
def _claim(folder: Path, held: Path) -> Iterator[tuple[Path, ...]]:
    """Hold a folder, unless the caller does, or it is gone: claiming would make it anew."""
    known = folder == held.resolve() or not folder.is_dir()
    with nullcontext(()) if known else staging.claim(folder) as found:
        yield found


def _changes(entry: Replacement) -> bool:
    """Tell whether there was anything to write: a folder that cannot be held is no fault then."""
    try:
        return entry.path.read_bytes() != entry.data
    except OSError:
        return True
