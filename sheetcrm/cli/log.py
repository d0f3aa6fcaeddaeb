"""What a command does, step by step: on stderr with -v, and in the file of --log. No cell's content is in it."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from sheetcrm import __version__
from sheetcrm.cli import terminal
from sheetcrm.errors import UsageError
from sheetcrm.store.files import disk
from sheetcrm.text.printable import printable

_Command = TypeVar("_Command", bound=Callable[..., Any])
_VERBOSE, _STEP = "sheetcrm.verbose", "sheetcrm.step"


def log_options(command: _Command) -> _Command:
    """Add -v and --log; the command itself is given neither."""
    command = click.option(
        "--log",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="文件",
        expose_value=False,
        callback=_open_log,
        help="把每一步和时间记进这个文件（接在后面；没有表格的内容）。",
    )(command)
    return click.option(
        "-v", "--verbose", is_flag=True, expose_value=False, callback=_set_verbose, help="说出每一步和用时。"
    )(command)


def is_verbose() -> bool:
    """Return whether every step is to be printed."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(_VERBOSE))


def write_step(message: str) -> None:
    """Write a step into the log, if one is kept."""
    context = click.get_current_context(silent=True)
    step = context.meta.get(_STEP) if context else None
    if step:
        step(message)


def _set_verbose(context: click.Context, _parameter: click.Parameter, verbose: bool) -> None:  # noqa: FBT001  (click's)
    context.meta[_VERBOSE] = verbose


def _open_log(context: click.Context, _parameter: click.Parameter, path: Path | None) -> None:
    """Open the log; what cannot be written any more stops no work."""
    if path is None or context.resilient_parsing:
        return
    try:
        file = open(path, "a", encoding="utf-8", opener=_open_privately)  # noqa: SIM115  (closed when the command ends)
    except OSError as error:
        what, fix = disk.reason(error)
        raise UsageError(f"写不了日志“{path}”：{what}", fix) from error
    started = time.monotonic()

    def step(message: str) -> None:
        _write(file, f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {message}")

    def end() -> None:
        step(f"结束，用时 {time.monotonic() - started:.1f} 秒")
        try:
            file.close()
        except OSError as error:
            terminal.echo(f"日志“{path}”没有写全：{disk.reason(error)[0]}", err=True)

    context.meta[_STEP] = step
    context.call_on_close(end)
    step(f"sheetcrm {__version__} {context.info_name}，Python {platform.python_version()}，{sys.platform}")


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(file: TextIO, line: str) -> None:
    file.write(terminal.gate().hide(printable(line)) + "\n")
