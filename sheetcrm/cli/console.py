"""Printing for the commands: results on stdout, messages and progress on stderr."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import click

from sheetcrm.cli import log, terminal
from sheetcrm.model import Problem
from sheetcrm.text.printable import dump_json, printable

JSON_VERSION = 1
"""What keys the answers hold and what they mean; one more when a key goes or comes to hold something else."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done, on a terminal only: one line, written over and cleared at the end.

    With -v each step is a line of its own, wherever stderr leads; --log keeps all of them.
    It is moved by carriage returns alone, so that no escape sequence ever comes from the program.
    """
    if log.is_verbose() and not quiet:
        started = time.monotonic()

        def say(message: str) -> None:
            log.write_step(message)
            terminal.echo(f"{time.monotonic() - started:6.1f} 秒  {message}", err=True)

        yield say
        return
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield log.write_step
        return
    most = shutil.get_terminal_size().columns - 1
    last = 0

    def show(message: str) -> None:
        nonlocal last
        log.write_step(message)
        line = _cut(terminal.gate().hide(printable(message)), most)
        click.echo("\r" + line + " " * (last - _width(line)) + "\r" + line, nl=False, err=True)
        last = _width(line)

    try:
        yield show
    finally:
        click.echo("\r" + " " * last + "\r", nl=False, err=True)


def print_json(values: Mapping[str, object], *, answer: str = "") -> None:
    """Print a command's answer as JSON: in UTF-8, with what a terminal would obey escaped.

    The format (`answers.ANSWERS`; by default the command's name) and its version stand before the values. Its texts
    pass the gate.
    """
    name = answer or click.get_current_context().command.name
    shown = terminal.gate().mapping(values)
    terminal.echo_utf8(dump_json({"format": f"sheetcrm {name}", "version": JSON_VERSION, **shown}, indent=1))


def print_refused(problems: Iterable[Problem], refused: Collection[str]) -> None:
    """Print on stderr which files were not read, and why, for the commands that list no problems."""
    for entry in problems:
        if entry.ref.file in refused:
            terminal.echo(f"{entry.severity.value} {entry}", err=True)


def print_missing_columns(headers: Iterable[str]) -> None:
    """Print on stderr which columns are to be left alone and stand in no sheet: they may be misspelled."""
    for header in headers:
        terminal.echo(f"要保留的列“{header}”在读到的表里都没有。请核对列名（--keep 或设置 keep）", err=True)


def print_rows(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> None:
    """Print rows in columns, padded for a terminal where Chinese characters are two wide."""
    gate = terminal.gate()
    rows = [[gate.hide(printable(text)) for text in row] for row in rows]
    widths = [max(_width(row[index]) for row in rows) for index in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        terminal.echo((indent + "  ".join(cells)).rstrip())


def _cut(text: str, most: int) -> str:
    """Cut a text to the columns there are."""
    while _width(text) > most:
        text = text[:-1]
    return text


def _width(text: str) -> int:
    from unicodedata import east_asian_width  # noqa: PLC0415  (start-up time)

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
