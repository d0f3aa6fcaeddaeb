"""What nobody foresaw: one sentence on the screen, and a log that holds nothing of a workbook."""

from __future__ import annotations

from sheetcrm.cli import terminal
from sheetcrm.processes import crash_log

CRASHED = 70
"""The exit code, EX_SOFTWARE of sysexits.h."""


def report(error: Exception) -> int:
    """Print one sentence that names the log, and return the exit code."""
    terminal.echo(say(error), err=True)
    return CRASHED


def say(error: Exception) -> str:
    """Write the log, and return the one sentence that names it."""
    log = crash_log.describe_place(crash_log.write_log(crash_log.describe(error)))
    return f"程序自身出错，已停止；每个文件都是完整的旧内容或新内容。{log}"
