"""A lock against a second run on the same folder."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from sheetcrm.errors import StoreError
from sheetcrm.store.files import disk

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = ".sheetcrm.lock"

_FAR = 1 << 20
"""Windows locks bytes against reading too: one far behind the text is locked, so that the text can be read."""
_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}
_CANNOT = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
_held: set[int] = set()


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if it is missing; a second run is told, and does not wait.

    The system's own lock on a small file is what counts, so a run that was killed leaves none. Only
    where a network drive knows no locks, the process written into the file is asked for.

    Raises:
        StoreError: If another run holds the folder, or the folder cannot be written.
    """
    path = folder / LOCK_NAME
    with disk.translate_errors(folder):
        disk.make_directory(folder)
        handle = _acquire(path)
    try:
        yield
    finally:
        _release(path, handle)


def _acquire(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle, path)
            if _is_at(handle, path):
                os.lseek(handle, 0, os.SEEK_SET)
                os.ftruncate(handle, 0)
                os.write(handle, f"{os.getpid()} {socket.gethostname()}\n".encode())
                _held.add(handle)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # whoever held it has removed it just now: take the next one


def _release(path: Path, handle: int) -> None:
    if handle not in _held:  # a forked child
        return
    _held.discard(handle)
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            path.unlink()  # while it is still locked, or another run's could be meant
    os.close(handle)
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            path.unlink()  # fails where another run has it open, and then it shall stay


def _lock(handle: int, path: Path) -> None:
    try:
        if sys.platform == "win32":
            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            raise _told(handle, path, "请等它结束后重试") from error
        if error.errno not in _CANNOT:
            raise
        if _runs(*_holder(handle)):
            raise _told(handle, path, f"请等它结束后重试；若确实没有在运行，请删除“{path}”") from error


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _holder(handle: int) -> tuple[int, str]:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        process, host = os.read(handle, 256).decode(errors="replace").split()
        return int(process), host
    except (OSError, ValueError):
        return 0, ""


def _runs(process: int, host: str) -> bool:
    """Tell whether a process runs, as far as can be known from here: on another host, it may."""
    if not process or sys.platform == "win32":
        return False
    if host != socket.gethostname():
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _told(handle: int, path: Path, fix: str) -> StoreError:
    process, host = _holder(handle)
    who = f"（{host} 上的进程 {process}）" if process else ""
    return disk.refusal(disk.LOCKED, f"另一个 sheetcrm{who}正在使用文件夹“{path.parent}”", fix)


def _forget() -> None:
    """Close a forked child's copies: a worker that outlives its killed parent must not hold the folder."""
    for handle in _held:
        os.close(handle)
    _held.clear()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget)
