"""Copies kept of people's files before the program replaces them.

They lie in `.sheetcrm-backup/` beside the file, under its own name with a number before the ending, so
that each opens in Excel by itself: `客户.xlsx` is kept as `.sheetcrm-backup/客户.0001.xlsx`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from sheetcrm.store.files import disk

FOLDER = ".sheetcrm-backup"
KEEP = 10
"""How many backups of one file are kept, unless told otherwise."""

TEMPORARY = ".sheetcrm-new"
"""The name of a file being written; it never stands for anything, and whatever has it is swept."""

_NUMBERED = re.compile(r"(?P<stem>.+)\.(?P<number>\d{4,})(?P<suffix>(?:\.[^.]*)?)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Backup:
    """One kept copy: whose it is, where it lies, and when its content had last been changed."""

    original: Path
    path: Path
    number: int
    changed_at: datetime
    size: int


def keep(root: Path, name: PurePosixPath, *, expected_sha256: str, count: int = KEEP) -> Backup:
    """Keep a copy of a file, and let the oldest copies beyond `count` go.

    The copy is read back from the disk before it counts. A file whose newest copy is already the same
    gets no second one, so that retries do not push older states out.

    Args:
        root: The folder that has the backups.
        name: The file, from there.
        expected_sha256: What the file holds, as far as the caller knows.
        count: How many copies are kept.

    Raises:
        StoreError: If the file holds something else by now, or the copy cannot be written.
    """
    source, folder = root / name, root / FOLDER / name.parent
    with disk.told(source):
        disk.make_directory(folder)
        older = _of(folder, source)
        if older and disk.sha256(older[-1].path) == expected_sha256:
            return older[-1]
        number = older[-1].number + 1 if older else 1
        path, temporary = folder / f"{source.stem}.{number:04}{source.suffix}", folder / TEMPORARY
        disk.remove(temporary)
        try:
            disk.write_new(temporary, source, like=source, keep_time=True)
            expect(temporary, expected_sha256, named=source)
            disk.move(temporary, path)
        except BaseException:
            disk.discard(temporary)
            raise
        disk.sync_directory(folder)
        for old in older[: max(len(older) + 1 - count, 0)]:
            disk.discard(old.path)
        return _backup(path, source, number)


def list_backups(folder: Path) -> tuple[Backup, ...]:
    """List the backups of the files in and below a folder, by file, oldest first."""
    found = [
        backup
        for kept in sorted(folder.rglob(FOLDER))
        for path in kept.rglob("*")
        if (backup := _read(path, kept.parent / path.parent.relative_to(kept)))
    ]
    return tuple(sorted(found, key=lambda backup: (backup.original, backup.number)))


def expect(path: Path, sha256: str, *, named: Path) -> None:
    """Refuse a file whose content is not the one that was read; the message calls it `named`.

    Raises:
        StoreError: If its hash is another.
    """
    if disk.sha256(path) != sha256:
        raise disk.refusal(disk.CHANGED, f"“{named}”没有写入：读取之后它被改动过", "请重新运行，以新的内容为准")


def _of(folder: Path, original: Path) -> list[Backup]:
    found = (_read(path, original.parent) for path in folder.iterdir())
    return sorted((each for each in found if each and each.original == original), key=lambda each: each.number)


def _read(path: Path, original_folder: Path) -> Backup | None:
    named = _NUMBERED.fullmatch(path.name)
    if not named or not path.is_file():
        return None
    return _backup(path, original_folder / (named["stem"] + named["suffix"]), int(named["number"]))


def _backup(path: Path, original: Path, number: int) -> Backup:
    state = path.stat()
    return Backup(original, path, number, datetime.fromtimestamp(state.st_mtime, UTC), state.st_size)


def leftovers(folder: Path) -> Iterator[Path]:
    """Find what a killed run left among a folder's backups."""
    yield from (folder / FOLDER).rglob(TEMPORARY)
