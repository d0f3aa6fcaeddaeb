"""What nobody foresaw: one sentence on the screen, and a log that holds nothing of a workbook."""

from __future__ import annotations

import contextlib
import itertools
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from types import TracebackType

from sheetcrm import __version__
from sheetcrm.cli import terminal

CRASHED = 70
"""The exit code, EX_SOFTWARE of sysexits.h."""

_MOST_FRAMES = 40
"""Frames that are logged of each end of a traceback: a recursion has a thousand."""
_MOST_CAUSES = 8


def report(error: Exception) -> int:
    """Print one sentence that names the log, and return the exit code."""
    terminal.echo(say(error), err=True)
    return CRASHED


def say(error: Exception) -> str:
    """Write the log, and return the one sentence that names it."""
    path = _write_log(error)
    log = f"出错的位置记在“{path}”（里面没有表格的内容），请把它交给维护程序的人" if path else "出错的位置没能记下来"
    return f"程序自身出错，已停止；每个文件都是完整的旧内容或新内容。{log}"


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


def _write_log(error: Exception) -> str:
    """Write the log into the system's folder for temporary files, for this user alone; empty if it cannot be."""
    with contextlib.suppress(OSError):
        handle, path = tempfile.mkstemp(prefix="sheetcrm-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in describe(error))
        return path
    return ""
