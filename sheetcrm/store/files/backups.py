"""Keeps copies of people's files before the program replaces them.

They are in `.sheetcrm-backup/` beside the file, under its own name with a number before the ending, so
that each opens in Excel by itself: `客户.xlsx` is kept as `.sheetcrm-backup/客户.0001.xlsx`. They are
private to whoever ran the program: a file may be shared with fewer people than its folder.
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
"""How many backups of one file are kept by default."""

TEMPORARY = ".sheetcrm-new"
"""The name of a file being written; one that is left behind is removed by the next run."""

_NUMBERED = re.compile(r"(?P<stem>.+)\.(?P<number>\d{4,})(?P<suffix>(?:\.[^.]*)?)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Backup:
    """A kept copy: its original, its own path, and the time its content was last changed."""

    original: Path
    path: Path
    number: int
    changed_at: datetime
    size: int


def keep(root: Path, name: PurePosixPath, *, expected_sha256: str, count: int = KEEP) -> Backup:
    """Keep a copy of a file, and discard the oldest copies beyond `count`.

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
    with disk.translate_errors(source):
        disk.make_directory(root / FOLDER, private=True)
        disk.make_directory(folder, private=True)
        older = _of(folder, source)
        if older and disk.sha256(older[-1].path) == expected_sha256:
            return older[-1]
        number = older[-1].number + 1 if older else 1
        path, temporary = folder / f"{source.stem}.{number:04}{source.suffix}", folder / TEMPORARY
        disk.remove(temporary)
        try:
            disk.write_new(temporary, source, like=source, keep_time=True, private=True)
            expect(temporary, expected_sha256, shown_as=source)
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
    copies = [
        backup
        for kept in sorted(folder.rglob(FOLDER))
        for path in kept.rglob("*")
        if (backup := _read(path, kept.parent / path.parent.relative_to(kept)))
    ]
    return tuple(sorted(copies, key=lambda backup: (backup.original, backup.number)))


def expect(path: Path, sha256: str, *, shown_as: Path) -> None:
    """Refuse a file whose content is not the one that was read.

    Args:
        path: The file.
        sha256: The hash of the content that was read.
        shown_as: The name in the message.

    Raises:
        StoreError: If its hash differs.
    """
    if disk.sha256(path) != sha256:
        raise disk.refusal(disk.CHANGED, f"“{shown_as}”没有写入：读取之后它被改动过", "请重新运行，以新的内容为准")


def _of(folder: Path, original: Path) -> list[Backup]:
    copies = (_read(path, original.parent) for path in folder.iterdir())
    return sorted((copy for copy in copies if copy and copy.original == original), key=lambda copy: copy.number)


def _read(path: Path, original_folder: Path) -> Backup | None:
    match = _NUMBERED.fullmatch(path.name)
    if not match or not path.is_file():
        return None
    return _backup(path, original_folder / (match["stem"] + match["suffix"]), int(match["number"]))


def _backup(path: Path, original: Path, number: int) -> Backup:
    state = path.stat()
    return Backup(original, path, number, datetime.fromtimestamp(state.st_mtime, UTC), state.st_size)


def leftovers(folder: Path) -> Iterator[Path]:
    """Find the temporary files that a killed run left among a folder's backups."""
    yield from (folder / FOLDER).rglob(TEMPORARY)
