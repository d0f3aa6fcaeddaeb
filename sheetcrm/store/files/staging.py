"""Puts files in place all or not at all: a whole output directory, or one workbook of a user.

Whatever happens (a kill, a full disk, a lost network drive), the whole old or the whole new content is
in place. New content is written beside its target and synced to the disk first; then one rename puts it
in place (a workbook), or two do (a directory). `sweep` cleans up after a killed run; `claim` calls it at
the start of the next.
"""

from __future__ import annotations

import contextlib
import hashlib
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from sheetcrm.errors import StoreError
from sheetcrm.store.files import backups, disk, locks, open_files
from sheetcrm.store.files.backups import Backup

_NEW, _OLD, _GONE = ".sheetcrm-new", ".sheetcrm-old", ".sheetcrm-gone"
"""Endings of `.2026-10<ending>` beside `2026-10`: being written; put back if `2026-10` is missing; to be removed."""

_SYSTEM_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}


class UnconfirmedError(StoreError):
    """New content is in place, but the disk did not confirm it. `backups` are those made before.

    What follows from the new content goes on: after a loss of power there may be the old again.
    """

    kind = "file-unconfirmed"

    def __init__(self, what: str, fix: str, backups: tuple[Backup, ...]) -> None:
        """Keep the backups for whoever lists them."""
        super().__init__(what, fix)
        self.backups = backups


@contextlib.contextmanager
def claim(folder: Path) -> Iterator[tuple[Path, ...]]:
    """Hold a folder against a second run, and clean up after a killed one.

    Yields:
        The directories that were put back (see `sweep`).

    Raises:
        StoreError: If another run holds the folder, or it cannot be written.
    """
    with locks.hold(folder):
        yield sweep(folder)


def sweep(folder: Path) -> tuple[Path, ...]:
    """Clean up a folder after a killed run; the caller holds its lock (`claim` does both).

    Returns:
        The directories that were put back because the run had moved the old one away and not yet put
        the new one in its place.

    Raises:
        StoreError: If such a directory cannot be put back.
    """
    with disk.translate_errors(folder):
        for leftover in (folder / backups.TEMPORARY, *backups.leftovers(folder)):
            disk.discard(leftover)
        targets = {
            path.with_name(path.name[1 : -len(ending)])
            for ending in (_NEW, _OLD, _GONE)
            for path in folder.glob(f".?*{ending}")
        }
    return tuple(target for target in sorted(targets) if _recover(target))


def replace_directory(
    target: Path,
    files: Mapping[str, bytes | Path],
    *,
    recorded: Mapping[str, str],
    keep: int = backups.KEEP,
    private: bool = False,
) -> tuple[Backup, ...]:
    """Put a directory in place that holds these files and nothing else.

    Files there that differ from `recorded` (a workbook edited since, a file somebody added) are first
    kept in `.sheetcrm-backup/` beside the directory. Call it within `claim`.

    Args:
        target: The directory, there or not.
        files: Its files, by path from there with `/`: bytes, or a file to copy.
        recorded: The SHA-256 of the files the last run put there, by the same paths.
        keep: How many backups of one file are kept.
        private: Whether nobody but their owner reads the files and looks into the directory.

    Returns:
        The backups made.

    Raises:
        StoreError: If it cannot be done: a workbook in there is open, the disk is full … The message
            names it. The old directory stays as it was.
        UnconfirmedError: If the new directory is in place and the disk did not confirm it.
    """
    new, old = _beside(target, _NEW), _beside(target, _OLD)
    with disk.translate_errors(target):
        _recover(target)
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise disk.refusal(StoreError.kind, f"“{target}”没有写入：它不是文件夹", "请改名或移走后重试")
        open_files.refuse_if_any_open(target)
        try:
            _stage(new, files, private=private)
            kept = _keep_edited(target, recorded, keep)
            open_files.refuse_if_any_open(target)
            _swap(new, target, old)
        except BaseException:
            disk.discard(new)
            raise
    _confirm(target, kept)
    _discard_old(old)
    return kept


def replace_file(path: Path, data: bytes, *, expected_sha256: str, keep: int = backups.KEEP) -> Backup | None:
    """Put new content in the place of a workbook, after a backup. Call it within `claim` of its folder.

    The content is hashed before anything is written and again just before the rename; between that
    hash and the rename nothing else happens. Permissions and owner stay. A link is followed.

    Args:
        path: The workbook.
        data: Its new content.
        expected_sha256: The hash of the content that `data` was made from.
        keep: How many backups are kept.

    Returns:
        The backup; None where the workbook is `data` already, and nothing was written.

    Raises:
        StoreError: If it cannot be done: somebody has it open, it was edited meanwhile, it is
            read-only, the disk is full … The message names it. The workbook stays as it was.
        UnconfirmedError: If the new content is in place and the disk did not confirm it.
    """
    with disk.translate_errors(path):
        real = path.resolve(strict=True)
        open_files.refuse_if_open(real)
        backups.expect(real, expected_sha256, shown_as=path)
        if hashlib.sha256(data).hexdigest() == expected_sha256:
            return None
        if not real.stat().st_mode & stat.S_IWUSR:
            raise disk.refusal(disk.READ_ONLY, f"“{path}”没有写入：它是只读的", "请在文件属性里去掉“只读”后重试")
        backup = backups.keep(real.parent, PurePosixPath(real.name), expected_sha256=expected_sha256, count=keep)
        _put(real, data, like=real, expected_sha256=expected_sha256)
    _confirm(path, (backup,))
    return backup


def write_note(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a small file of the program's own in one rename, down to the disk. Call it within `claim` of its folder.

    Raises:
        StoreError: If it cannot be written, or the disk does not confirm it.
    """
    temporary = path.with_name(backups.TEMPORARY)
    with disk.translate_errors(path):
        disk.remove(temporary)
        try:
            disk.write_new(temporary, data, private=private)
            disk.move(temporary, path)
        except BaseException:
            disk.discard(temporary)
            raise
        disk.sync_directory(path.parent)


def restore(backup: Backup, *, keep: int = backups.KEEP) -> Backup | None:
    """Bring a kept copy back. The current content is kept in its turn, so this can be undone.

    Call it within `claim` of the file's folder.

    Returns:
        The backup of the content before; None where there was none, or the same.

    Raises:
        StoreError: As `replace_file` does.
    """
    original = backup.original
    with disk.translate_errors(backup.path):
        data = backup.path.read_bytes()
    with disk.translate_errors(original):
        if original.exists():
            return replace_file(original, data, expected_sha256=disk.sha256(original), keep=keep)
        disk.make_directory(original.parent)
        _put(original, data, like=backup.path, expected_sha256=None)
    _confirm(original, ())
    return None


def _put(path: Path, data: bytes, *, like: Path, expected_sha256: str | None) -> None:
    temporary = path.with_name(backups.TEMPORARY)
    disk.remove(temporary)
    try:
        disk.write_new(temporary, data, like=like)
        open_files.refuse_if_open(path)
        if expected_sha256:
            backups.expect(path, expected_sha256, shown_as=path)
        try:
            disk.move(temporary, path)
        except PermissionError as error:
            raise _busy(path) from error
    except BaseException:
        disk.discard(temporary)
        raise


def _stage(new: Path, files: Mapping[str, bytes | Path], *, private: bool) -> None:
    disk.make_directory(new, private=private)
    folders = {new}
    for name, content in sorted(files.items()):
        path = new / _inside(name)
        disk.make_directory(path.parent, private=private)
        disk.write_new(path, content, private=private)
        folders.add(path.parent)
    for folder in folders:
        disk.sync_directory(folder)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    windows = PureWindowsPath(name)
    if path.is_absolute() or windows.drive or windows.root or ".." in windows.parts or not path.parts:
        raise disk.refusal(StoreError.kind, f"“{name}”没有写入：不能写到输出文件夹之外", "请改用输出文件夹里的文件名")
    return path


def _keep_edited(target: Path, recorded: Mapping[str, str], keep: int) -> tuple[Backup, ...]:
    kept = []
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target)
        if path.is_symlink() or not path.is_file() or path.name in _SYSTEM_FILES:
            continue
        sha256 = disk.sha256(path)
        if recorded.get(name.as_posix()) != sha256:
            kept_name = PurePosixPath(target.name, name.as_posix())
            kept.append(backups.keep(target.parent, kept_name, expected_sha256=sha256, count=keep))
    return tuple(kept)


def _swap(new: Path, target: Path, old: Path) -> None:
    if target.exists():
        try:
            disk.move(target, old)
        except PermissionError as error:
            held = [path for path in sorted(target.rglob("*")) if path.is_file() and disk.is_held(path)]
            raise _busy(*held or [target]) from error
    try:
        disk.move(new, target)
    except BaseException:
        _put_back(old, target)
        raise


def _put_back(old: Path, target: Path) -> None:
    try:
        if old.exists():
            disk.move(old, target)
    except OSError as error:
        raise disk.refusal(
            StoreError.kind,
            f"“{target}”没有写入，原有的内容暂时叫“{old.name}”",
            "请排除磁盘问题后重试，会先自动放回原处",
        ) from error


def _recover(target: Path) -> bool:
    """Complete or undo an interrupted swap of a directory; return whether the old one had to be put back."""
    new, old, gone = (_beside(target, ending) for ending in (_NEW, _OLD, _GONE))
    missing = old.is_dir() and not target.exists()
    if missing:
        with disk.translate_errors(target):
            disk.move(old, target)
            disk.sync_directory(target.parent)
    _discard_old(old)
    disk.discard(gone)
    disk.discard(new)
    return missing


def _discard_old(old: Path) -> None:
    """Remove a replaced directory. It is renamed first, so that half removed it is never put back."""
    gone = old.with_name(old.name.removesuffix(_OLD) + _GONE)
    with contextlib.suppress(OSError):
        if old.exists():
            disk.remove(gone)
            disk.move(old, gone)
            disk.remove(gone)


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(f".{target.name}{ending}")


def _confirm(path: Path, kept: tuple[Backup, ...]) -> None:
    try:
        disk.sync_directory(path.parent)
    except OSError as error:
        what = f"“{path}”已经写入，但磁盘没有确认：{error.strerror or error}"
        raise UnconfirmedError(what, "请检查磁盘或网络盘，打开它看看，再运行一次", kept) from error


def _busy(*paths: Path) -> StoreError:
    names = "、".join(f"“{path}”" for path in paths)
    fix = "请在 Excel、WPS 或其他程序中关闭后重试"
    return disk.refusal(disk.BUSY, f"{names}没有写入：正被其他程序打开，或没有权限", fix)
