"""Finding the copies kept before workbooks were changed, and going back to one of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from sheetcrm.errors import UsageError
from sheetcrm.runs.disclosing import disclose
from sheetcrm.store.files import backups, staging
from sheetcrm.store.files.backups import Backup
from sheetcrm.store.files.staging import UnconfirmedError
from sheetcrm.store.history.recorded import RESTORED


def restore(chosen: Backup) -> tuple[Backup | None, str]:
    """Bring a kept copy back, holding its folders.

    Returns:
        The backup of the content before, None where there was none; and why the disk did not confirm it, mostly blank.

    Raises:
        StoreError: If it cannot be brought back: the workbook is open, or a run holds its folder.
    """
    with ExitStack() as claims:
        for folder in _folders(chosen):
            claims.enter_context(staging.claim(folder))
        try:
            return staging.restore(chosen), ""
        except UnconfirmedError as error:
            return next(iter(error.backups), None), str(error)


def put_on_record(output: Path, what: str, source: Path, target: Path) -> str:
    """Put on record that content was brought back; see `disclose` for what is returned."""
    return disclose(output, action=RESTORED, what=what, purpose="取回内容", source=str(source), target=str(target))


def backups_of(paths: Sequence[Path]) -> tuple[Backup, ...]:
    """List the backups of workbooks, or of all that lie in folders, by workbook, oldest first.

    Raises:
        UsageError: If there are none.
    """
    by_path = {
        backup.path.resolve(): backup
        for path in paths
        for place in (path, *_linked(path))
        for root in _roots(place)
        for backup in backups.list_backups(root)
        if backup.original == place or place in backup.original.parents
    }
    if not by_path:
        raise UsageError(
            f"{'、'.join(f'“{path}”' for path in paths)}没有备份", "请核对路径；只有改写过的工作簿才有备份"
        )
    return tuple(sorted(by_path.values(), key=lambda backup: (backup.original, backup.number)))


def _linked(path: Path) -> Iterator[Path]:
    """Follow a link, and the links in a folder, to the workbooks themselves: their backups lie beside those."""
    links = (entry for entry in sorted(path.rglob("*")) if entry.is_symlink()) if path.is_dir() else (path,)
    for link in links:
        real = Path(os.path.realpath(link))
        if real != link and not real.is_dir():
            yield real


def _roots(path: Path) -> Iterator[Path]:
    """Find the folders whose backups may be those of a path: its own, and above it an output folder."""
    folder = path if path.is_dir() else path.parent
    yield folder
    for above in folder.parents:
        if (above / backups.FOLDER / folder.relative_to(above)).is_dir():
            yield above


def _folders(chosen: Backup) -> list[Path]:
    """Find the folders to hold: the workbook's, and the one the backups belong to (an output folder, held by runs)."""
    kept = next(path for path in chosen.path.resolve().parents if path.name == backups.FOLDER)
    return sorted({kept.parent, chosen.original.resolve().parent})
