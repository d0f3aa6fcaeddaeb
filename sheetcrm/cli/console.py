"""Printing for the commands: results on stdout, messages and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click


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


def print_rows(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> None:
    """Print rows in columns, padded for a terminal where Chinese characters are two wide."""
    widths = [max(_width(row[index]) for row in rows) for index in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        click.echo((indent + "  ".join(cells)).rstrip())


def _width(text: str) -> int:
    from unicodedata import east_asian_width  # noqa: PLC0415  (start-up time)

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
