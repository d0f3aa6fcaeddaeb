"""The operations on files that the store is built from; its other modules change files only through them.

Each is one operation of the system, or a few that may be interrupted anywhere: the modules above
put them in an order in which an interruption is safe.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sheetcrm.errors import StoreError

BUSY = "file-busy"
CHANGED = "file-changed"
READ_ONLY = "file-read-only"
LOCKED = "folder-locked"

_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700
_CHUNK = 1 << 20
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
_BINARY = getattr(os, "O_BINARY", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_NOT_ALLOWED = ("没有权限，或正被其他程序打开", "请关闭打开它的程序，或检查文件夹的权限后重试")
_MESSAGES = {
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.ENOSPC: ("磁盘空间不足", "请腾出空间后重试"),
    errno.EDQUOT: ("磁盘配额已用完", "请腾出空间后重试"),
    errno.EROFS: ("所在的磁盘是只读的", "请换一个可以写入的文件夹"),
    errno.EIO: ("磁盘读写出错", "请检查磁盘或网络盘后重试"),
    errno.ENAMETOOLONG: ("文件名或路径太长", "请缩短文件名，或移到路径较短的文件夹后重试"),
    errno.EEXIST: ("已有同名的文件", "请改名或移走后重试"),
    errno.ENOTDIR: ("路径中有一段不是文件夹", "请改名或移走后重试"),
    errno.ENOENT: ("文件或文件夹不在了", "请确认没有被移走后重试"),
    errno.EISDIR: ("这是文件夹，不是文件", "请改名或移走后重试"),
    errno.ENXIO: ("这是管道、设备或套接字，不是文件", "请移走后重试"),
    errno.ELOOP: ("链接指来指去，没有尽头", "请删去这个链接，或放上文件本身"),
    errno.EBUSY: ("正被系统占用", "请稍后重试"),
}

_MOST_ON_WINDOWS = 260
_LONG = "\\\\?\\"
_TOO_LONG_ON_WINDOWS = 206
"""ERROR_FILENAME_EXCED_RANGE, which has no errno of its own."""
_SHORTER = r"请移到路径较短的文件夹（例如 D:\客户），或缩短文件夹和文件的名字后重试"


def refusal(kind: str, what: str, fix: str) -> StoreError:
    """Return the error that refuses a file; `kind` names the reason for programs."""
    error = StoreError(what, fix)
    error.kind = kind
    return error


@contextlib.contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Translate the system's errors about a path that could not be written into a `StoreError` in Chinese."""
    try:
        yield
    except OSError as error:
        what, fix = reason(error)
        raise refusal(StoreError.kind, f"“{path}”没有写入：{what}", fix) from error


def reason(error: OSError) -> tuple[str, str]:
    """Explain a system's error in Chinese: what it is, and the way out."""
    letters = letters_too_many(error.filename) if isinstance(error.filename, str) else 0
    if letters or getattr(error, "winerror", 0) == _TOO_LONG_ON_WINDOWS:
        return f"路径{f'有 {letters} 个字，' if letters else ''}超过 Windows 允许的 {_MOST_ON_WINDOWS} 个字", _SHORTER
    return _MESSAGES.get(error.errno or 0, (f"系统提示 {error.strerror or error}", "请排除后重试"))


def letters_too_many(path: str | os.PathLike[str]) -> int:
    """Return how many letters a path has where Windows takes no path so long, else 0.

    Windows then says that the path is not there. A path with the prefix of long ones may be longer.
    """
    whole = os.path.abspath(path) if sys.platform == "win32" else ""  # noqa: PTH100  (the path as it is, links stay)
    return len(whole) if len(whole) >= _MOST_ON_WINDOWS and not whole.startswith(_LONG) else 0


def read_regular(path: Path) -> bytes:
    """Read a file; OSError at once for a pipe, a device, a socket or a folder, none of which is waited for."""
    _expect_regular(path.stat().st_mode)  # a device may act as soon as it is opened
    with open(os.open(path, os.O_RDONLY | _BINARY | _NO_WAIT), "rb") as file:  # noqa: PTH123  (a handle, not a path)
        _expect_regular(os.fstat(file.fileno()).st_mode)
        return file.read()


def _expect_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.ENXIO
        raise OSError(number, os.strerror(number))


def sha256(path: Path) -> str:
    """Hash a file's content."""
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def write_new(
    path: Path, content: bytes | Path, *, like: Path | None = None, keep_time: bool = False, private: bool = False
) -> None:
    """Write a file that does not exist yet, down to the disk.

    Args:
        path: The new file; FileExistsError if it is there already.
        content: The bytes, or a file to copy them from.
        like: A file whose permissions and owner the new one takes; until it has them, only the user reads it.
        keep_time: Take the time of last change from there too.
        private: Let nobody but its owner read it, whatever `like` and the umask allow.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _PRIVATE if like or private else 0o666)
    try:
        for chunk in (content,) if isinstance(content, bytes) else _chunks(content):
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(handle, rest) :]
        if like:
            _copy_attributes(like, path, keep_time=keep_time)
        if private:
            keep_private(path)
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_private(path: Path) -> None:
    """Let nobody but its owner read a file or look into a folder.

    On Windows there are no such modes: what lies in the user's own folders is private by their access lists, and on
    a shared drive the folder's own list decides.
    """
    if sys.platform != "win32":
        path.chmod(_PRIVATE_FOLDER if path.is_dir() else _PRIVATE)


def make_directory(path: Path, *, private: bool = False) -> None:
    """Make a directory and its parents where they are missing, and sync the new entries to the disk.

    A private one nobody but its owner looks into; one that is there already stays as it is.
    """
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(_PRIVATE_FOLDER if private else 0o777, exist_ok=True)  # another process may have made it just now
        sync_directory(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename within a file system, replacing a file; wait a while for programs that hold it."""
    for pause in _PAUSES:
        try:
            source.replace(target)
        except PermissionError:
            _wait(pause)
        else:
            return
    source.replace(target)


def remove(path: Path) -> None:
    """Remove a file, or a directory with its content, if it is there; links are removed, not followed."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(kind):
        for entry in list(path.iterdir()):
            remove(entry)
        _despite_read_only(path.rmdir, path)
    else:
        _despite_read_only(path.unlink, path)


def discard(path: Path) -> None:
    """Remove a file or directory that is not needed; one that cannot be removed now is left to the next run."""
    with contextlib.suppress(OSError):
        remove(path)


def sync_directory(path: Path) -> None:
    """Sync a directory's own entries to the disk, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network drives cannot
            raise
    finally:
        os.close(handle)


def is_held(path: Path) -> bool:
    """Return whether a file may not be opened for writing now: on Windows, because another program has it open."""
    try:
        os.close(os.open(path, os.O_RDWR | _BINARY))
    except PermissionError:
        return True
    return False


def _chunks(path: Path) -> Iterator[bytes]:
    handle = os.open(path, os.O_RDONLY | _BINARY)
    try:
        while chunk := os.read(handle, _CHUNK):
            yield chunk
    finally:
        os.close(handle)


def _copy_attributes(original: Path, path: Path, *, keep_time: bool) -> None:
    state = original.stat()
    if sys.platform != "win32" and (state.st_uid, state.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):  # only root may give files away
            os.chown(path, state.st_uid, state.st_gid)
    shutil.copystat(original, path)
    if not keep_time:
        os.utime(path)


def _wait(seconds: float) -> None:
    time.sleep(seconds)


def _despite_read_only(act: Callable[[], None], path: Path) -> None:
    try:
        act()
    except PermissionError:
        path.chmod(stat.S_IRWXU)
        act()
