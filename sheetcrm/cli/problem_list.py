"""Printing problems: the worst first, one line a kind where a kind repeats, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sheetcrm import schema
from sheetcrm.cli import terminal
from sheetcrm.model import Book, CellRef, Problem, Severity
from sheetcrm.problems import address, listed, title_of
from sheetcrm.runs.summaries import by_kind

MANY = 5
"""More problems of one kind than this are printed as one line: the first of them, and where the others are."""

_UNUSED = "column-unused"
_UNREAD = frozenset({"sheet-unread", "header-incomplete", "key-column-missing", "header-twice"})
"""Problems that say of a sheet that it was not read."""
_BEFORE_WRITING = frozenset({"month-chosen", "month-earlier", "own-values-replaced", "own-days-planned"})


def print_problems(problems: Iterable[Problem]) -> None:
    """Print problems by kind, the worst kind first; a kind's problems stand in the order of their addresses."""
    for same in by_kind(problems):
        if len(same) > MANY:
            first, *others = same
            places = listed([_seen_from(first.ref, entry.ref) for entry in others])
            terminal.echo(
                f"{_named(first)}：{len(same)} 处。如 {first.ref}: {first.what}。{first.fix}（其余在 {places}）"
            )
        else:
            for entry in same:
                terminal.echo(f"{entry.severity.value} {entry}")


def print_counts(problems: Sequence[Problem]) -> None:
    """Print how many problems of each severity there are, and of each kind, the worst first."""
    if not problems:
        terminal.echo("没有发现问题。")
        return
    totals = (f"{level.value} {sum(entry.severity is level for entry in problems)}" for level in Severity)
    terminal.echo(f"共 {len(problems)} 个问题：{'，'.join(total for total in totals if not total.endswith(' 0'))}")
    for same in by_kind(problems):
        terminal.echo(f"  {_named(same[0])}：{len(same)}")


def print_sheets(book: Book, problems: Iterable[Problem]) -> None:
    """Print each sheet with the kind it was taken for and its rows, and each that was not read or not used."""
    rows: dict[tuple[str, str, str, str], int] = {}
    for table in book.tables:
        if not table.beside:
            month = book.other_months.get(table)
            unused = f"（是 {month} 的表，这次没有用）" if month else ""
            place = (table.file, table.sheet, schema.sheet(table.kind).title, unused)
            rows[place] = rows.get(place, 0) + len(table.rows)
    for (file, sheet, title, unused), count in rows.items():
        terminal.echo(f"  {CellRef(file, sheet)}：{title}，{count} 行{unused}")
    for entry in problems:
        if entry.kind in _UNREAD:
            terminal.echo(f"  {CellRef(entry.ref.file, entry.ref.sheet)}：{entry.what}")


def print_unused(problems: Iterable[Problem]) -> None:
    """Print each column that was read as nothing, in a line."""
    for entry in problems:
        if entry.kind == _UNUSED:
            terminal.echo(f"  {entry.ref}：{entry.what}")


def print_first(problems: Iterable[Problem]) -> None:
    """Print, on stderr, what people should read before anything is written, such as that their values are replaced."""
    for entry in problems:
        if entry.kind in _BEFORE_WRITING:
            terminal.echo(f"{entry.severity.value} {entry}", err=True)


def print_next(step: str) -> None:
    """Print the one thing to do next, as the last line."""
    terminal.echo(f"下一步：{step}")


def _seen_from(here: CellRef, there: CellRef) -> str:
    same_sheet = (here.file, here.sheet) == (there.file, there.sheet) and there.row
    return address(there) if same_sheet else str(there)


def _named(entry: Problem) -> str:
    return f"{entry.severity.value} {title_of(entry.kind)} [{entry.kind}]"
