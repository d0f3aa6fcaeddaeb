"""Folders for what is written for a while and belongs to one run: gone with it, or with the next one if it was killed.

They lie in the system's folder for temporary files, named by the process that made them.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

_PREFIX = "sheetcrm-of-"
_NAME = re.compile(rf"{_PREFIX}(\d+)-\w+")


@contextlib.contextmanager
def opened() -> Iterator[Path]:
    """Yield a new folder that only this user reads, and remove it afterwards.

    Raises:
        OSError: If none can be made.
    """
    folder = make()
    try:
        yield folder
    finally:
        remove(folder)


def make() -> Path:
    """Make a new folder that only this user reads; what killed runs left is removed before the first one.

    Raises:
        OSError: If none can be made.
    """
    _sweep(tempfile.gettempdir())
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


def remove(folder: Path) -> None:
    """Remove a folder and its content, as far as the system lets it."""
    shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def _sweep(temporary: str) -> None:
    """Remove the folders of processes that are gone; once a process is enough."""
    with contextlib.suppress(OSError):
        for path in Path(temporary).glob(f"{_PREFIX}*"):
            name = _NAME.fullmatch(path.name)
            if name and _is_own(path) and not psutil.pid_exists(int(name[1])):
                remove(path)


def _is_own(path: Path) -> bool:
    """Return whether a path is a folder of this user's, and no link to one."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "geteuid") or found.st_uid == os.geteuid())
