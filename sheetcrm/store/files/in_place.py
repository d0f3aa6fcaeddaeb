"""Replaces people's own workbooks in place, each by itself: one that fails stops no other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.errors import StoreError
from sheetcrm.store.files import staging
from sheetcrm.store.files.backups import Backup
from sheetcrm.store.files.staging import UnconfirmedError


@dataclass(frozen=True, slots=True)
class Replacement:
    """New content for a workbook, and the hash of the content it was made from. `name` is for messages."""

    name: str
    path: Path
    data: bytes
    expected_sha256: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """The backups made, and the directories put back on the way.

    `failed` says by name why workbooks are as they were, `unconfirmed` why the disk did not confirm one
    that is in place.
    """

    backups: tuple[Backup, ...]
    failed: Mapping[str, str]
    put_back: tuple[Path, ...]
    unconfirmed: Mapping[str, str]


def replace_each(replacements: Sequence[Replacement], *, held: Path) -> Replaced:
    """Replace workbooks after a backup of each, one folder held at a time.

    Args:
        replacements: The workbooks. One that is its new content already is left alone, without a backup.
        held: A folder the caller holds already (`claim`).
    """
    results = [_replace_in(folder, inside, held) for folder, inside in _by_folder(replacements).items()]
    return Replaced(
        backups=tuple(itertools.chain.from_iterable(result.backups for result in results)),
        failed={name: why for result in results for name, why in result.failed.items()},
        put_back=tuple(itertools.chain.from_iterable(result.put_back for result in results)),
        unconfirmed={name: why for result in results for name, why in result.unconfirmed.items()},
    )


def _by_folder(replacements: Sequence[Replacement]) -> dict[Path, list[Replacement]]:
    by_folder: dict[Path, list[Replacement]] = {}
    for replacement in replacements:
        by_folder.setdefault(replacement.path.resolve().parent, []).append(replacement)
    return dict(sorted(by_folder.items()))


def _replace_in(folder: Path, replacements: Sequence[Replacement], held: Path) -> Replaced:
    backups: list[Backup] = []
    failed: dict[str, str] = {}
    unconfirmed: dict[str, str] = {}
    put_back: tuple[Path, ...] = ()
    try:
        with _claim(folder, held) as put_back:
            for workbook in replacements:
                try:
                    backup = staging.replace_file(
                        workbook.path, workbook.data, expected_sha256=workbook.expected_sha256
                    )
                except UnconfirmedError as error:
                    unconfirmed[workbook.name] = str(error)
                    backups += error.backups
                except StoreError as error:
                    failed[workbook.name] = str(error)
                else:
                    backups += [backup] if backup else []
    except StoreError as error:
        failed |= {item.name: str(error) for item in replacements if item.name not in failed and _changes(item)}
    return Replaced(tuple(backups), failed, put_back, unconfirmed)


@contextmanager
def _claim(folder: Path, held: Path) -> Iterator[tuple[Path, ...]]:
    """Hold a folder, unless the caller does, or it is gone: claiming would create it again."""
    if folder == held.resolve() or not folder.is_dir():
        yield ()
        return
    with staging.claim(folder) as put_back:
        yield put_back


def _changes(replacement: Replacement) -> bool:
    """Return whether there is anything to write: otherwise a folder that cannot be held does not matter."""
    try:
        return replacement.path.read_bytes() != replacement.data
    except OSError:
        return True
