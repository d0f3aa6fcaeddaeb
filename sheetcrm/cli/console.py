"""Printing for the commands: results on stdout, messages and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import click

from sheetcrm import schema
from sheetcrm.model import CellRef, Problem, Severity, Table

UNUSED = "column-unused"
UNREAD = frozenset({"sheet-unread", "header-incomplete", "key-column-missing", "header-twice"})
"""Problems that say of a sheet that it was not read."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda _message: None
        return
    from rich.console import Console  # noqa: PLC0415  (start-up time: only a terminal needs it)

    with Console(stderr=True).status("开始") as status:
        yield status.update


def print_json(values: object) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(values, ensure_ascii=False, indent=1))


def print_problems(problems: Iterable[Problem]) -> None:
    """Print problems one a line, in the order given."""
    for entry in problems:
        click.echo(f"{entry.severity.value} {entry}")


def print_sheets(tables: Sequence[Table], problems: Iterable[Problem]) -> None:
    """Print each sheet with the kind it was taken for and its rows, and each that was not read."""
    rows: dict[tuple[str, str, str], int] = {}
    for table in tables:
        if not table.beside:
            place = (table.file, table.sheet, schema.sheet(table.kind).title)
            rows[place] = rows.get(place, 0) + len(table.rows)
    for (file, sheet, title), count in rows.items():
        click.echo(f"  {CellRef(file, sheet)}：{title}，{count} 行")
    for entry in problems:
        if entry.kind in UNREAD:
            click.echo(f"  {CellRef(entry.ref.file, entry.ref.sheet)}：{entry.what}")


def print_unused(problems: Iterable[Problem]) -> None:
    """Print each column that was read as nothing, in a line."""
    for entry in problems:
        if entry.kind == UNUSED:
            click.echo(f"  {entry.ref}：{entry.what}")


def print_counts(problems: Sequence[Problem]) -> None:
    """Print how many problems of each severity there are, and of each kind."""
    if not problems:
        click.echo("没有发现问题。")
        return
    levels = Counter(entry.severity for entry in problems)
    totals = "，".join(f"{level.value} {levels[level]}" for level in Severity if level in levels)
    click.echo(f"共 {len(problems)} 个问题：{totals}")
    kinds = Counter((entry.severity.value, entry.kind) for entry in problems)
    for (severity, kind), number in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])):
        click.echo(f"  {severity} {kind}：{number}")


def print_rows(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> None:
    """Print rows in columns, padded for a terminal where Chinese characters are two wide."""
    widths = [max(_width(row[index]) for row in rows) for index in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        click.echo((indent + "  ".join(cells)).rstrip())


def _width(text: str) -> int:
    from unicodedata import east_asian_width  # noqa: PLC0415  (start-up time)

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
