"""The log of a failure nobody foresaw: where it happened, and nothing of a workbook."""

from __future__ import annotations

import contextlib
import itertools
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from sheetcrm import __version__

_MOST_FRAMES = 40
"""Frames that are logged of each end of a traceback: a recursion has a thousand."""
_MOST_CAUSES = 8


def describe(error: BaseException) -> Iterator[str]:
    """Yield the lines of the log: version, types of error, and module and line of each frame.

    Messages, values and lines of source are left out: an error's message may quote a cell.
    """
    yield f"sheetcrm {__version__}, Python {platform.python_version()}, {sys.platform}"
    for cause in itertools.islice(_causes(error), _MOST_CAUSES):
        yield f"{type(cause).__module__}.{type(cause).__qualname__}"
        yield from _frames(cause.__traceback__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _frames(trace: TracebackType | None) -> Iterator[str]:
    frames = [f"  {frame.f_globals.get('__name__', '?')}:{line}" for frame, line in traceback.walk_tb(trace)]
    if len(frames) > 2 * _MOST_FRAMES:
        left_out = len(frames) - 2 * _MOST_FRAMES
        frames = [*frames[:_MOST_FRAMES], f"  ... {left_out} more", *frames[-_MOST_FRAMES:]]
    yield from frames


def log_folder() -> Path:
    """Return where a program keeps its logs here: never in a folder that all users share."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "sheetcrm" / "logs"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Logs" / "sheetcrm"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "sheetcrm"


def write_log(lines: Iterable[str]) -> str:
    """Write the log into a folder of this user's own that nobody else looks into; empty if it cannot be."""
    with contextlib.suppress(OSError, RuntimeError):  # a user without a home
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, path = tempfile.mkstemp(prefix="sheetcrm-", suffix=".log", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in lines)
        return path
    return ""


def describe_place(path: str) -> str:
    """Say where the log is."""
    return f"出错的位置记在“{path}”（里面没有表格的内容），请把它交给维护程序的人" if path else "出错的位置没能记下来"
