"""A lock against a second run on the same folder."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from sheetcrm.errors import StoreError
from sheetcrm.store.files import disk

LOCK_NAME = ".sheetcrm.lock"

_PATIENCE = 0.1
"""Seconds until a lock counts as taken: the run before may be removing its lock file just now."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
"""What the system answers on a network drive that knows no locks."""
_TEXT_AT = 1
"""Where the holder's name begins: Windows locks the first byte against reading too."""


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if it is missing; a second run is refused and does not wait.

    The system's own lock on a small file is what counts, so a run that was killed leaves none, and a
    forked child has none. Only where a network drive knows no locks, the process written into the file
    is asked for. A link in the place of the file is refused, never followed, and so is a file that has
    another name too: it would be somebody's file that is written over.

    Raises:
        StoreError: If another run holds the folder, or the folder cannot be written.
    """
    path = folder / LOCK_NAME
    with disk.translate_errors(folder):
        disk.make_directory(folder)
        _refuse_foreign(path)
        lock = _acquire(path)
    process = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == process:  # a forked child leaves both to its parent
            with contextlib.suppress(OSError):
                path.unlink()  # while it is still locked, or another run's could be meant
            lock.release()


def _acquire(path: Path) -> FileLock:
    lock = FileLock(path, timeout=_PATIENCE, poll_interval=_PATIENCE / 5, fallback_to_soft=False, on_acquired=_sign)
    try:
        lock.acquire()
    except Timeout as error:
        raise _refusal(path, "请等它结束后重试") from error
    except OSError as error:
        _refuse_foreign(path)
        if error.errno not in _NO_LOCKS:
            raise
        if _is_running(*_read_holder(path)):
            raise _refusal(path, f"请等它结束后重试；若确实没有在运行，请删除“{path}”") from error
        with _open(path, os.O_RDWR | os.O_CREAT) as handle:
            _sign(handle)
    return lock


def _refuse_foreign(path: Path) -> None:
    """Refuse what stands in the place of the lock file and is none of ours: a link, a pipe, a file with two names."""
    try:
        state = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(state.st_mode) or state.st_nlink > 1:
        is_link = stat.S_ISLNK(state.st_mode) or state.st_nlink > 1
        what = f"“{path}”{'是一个链接' if is_link else '不是普通文件'}，没有使用"
        raise disk.refusal(StoreError.kind, what, "请移走它后重试")


def _sign(handle: int) -> None:
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, f"\n{os.getpid()} {socket.gethostname()}\n".encode())


def _read_holder(path: Path) -> tuple[int, str]:
    """Return the process and the host that signed a lock file; 0 where nobody did."""
    try:
        with _open(path, os.O_RDONLY) as handle:
            os.lseek(handle, _TEXT_AT, os.SEEK_SET)
            process, host = os.read(handle, 256).decode(errors="replace").split()
        return int(process), host
    except (OSError, ValueError):
        return 0, ""


@contextlib.contextmanager
def _open(path: Path, flags: int) -> Iterator[int]:
    handle = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        yield handle
    finally:
        os.close(handle)


def _is_running(process: int, host: str) -> bool:
    """Return whether a process runs, as far as can be found out from here: on another host, it may."""
    return process > 0 and (host != socket.gethostname() or psutil.pid_exists(process))


def _refusal(path: Path, fix: str) -> StoreError:
    process, host = _read_holder(path)
    holder = f"（{host} 上的进程 {process}）" if process else ""
    return disk.refusal(disk.LOCKED, f"另一个 sheetcrm{holder}正在使用文件夹“{path.parent}”", fix)
