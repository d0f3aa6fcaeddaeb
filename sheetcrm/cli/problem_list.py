"""Printing problems: the worst first, one line a kind where a kind repeats, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from sheetcrm.model import CellRef, Problem, Severity
from sheetcrm.problems import SPOILS_A_CELL, address, listed, title_of

MANY = 5
"""More problems of one kind than this are printed as one line: the first of them, and where the others are."""

_BEFORE_WRITING = frozenset({"month-chosen", "month-earlier"})


def print_problems(problems: Iterable[Problem]) -> None:
    """Print problems by kind, the worst kind first; a kind's problems stand in the order of their addresses."""
    for same in _by_kind(problems):
        if len(same) > MANY:
            first, *others = same
            places = listed([_seen_from(first.ref, entry.ref) for entry in others])
            click.echo(f"{_named(first)}：{len(same)} 处。如 {first.ref}: {first.what}。{first.fix}（其余在 {places}）")
        else:
            for entry in same:
                click.echo(f"{entry.severity.value} {entry}")


def print_counts(problems: Sequence[Problem]) -> None:
    """Print how many problems of each severity there are, and of each kind, the worst first."""
    if not problems:
        click.echo("没有发现问题。")
        return
    totals = (f"{level.value} {sum(entry.severity is level for entry in problems)}" for level in Severity)
    click.echo(f"共 {len(problems)} 个问题：{'，'.join(total for total in totals if not total.endswith(' 0'))}")
    for same in _by_kind(problems):
        click.echo(f"  {_named(same[0])}：{len(same)}")


def print_first(problems: Iterable[Problem]) -> None:
    """Print, on stderr, what people should read before anything is written: another month's sheet is used."""
    for entry in problems:
        if entry.kind in _BEFORE_WRITING:
            click.echo(f"{entry.severity.value} {entry}", err=True)


def first_error(problems: Iterable[Problem]) -> Problem | None:
    """Return the problem to mend first, None where there is no error."""
    groups = (same for same in _by_kind(problems) if same[0].severity is Severity.ERROR)
    return next((same[0] for same in groups), None)


def print_next(step: str) -> None:
    """Print the one thing to do next, as the last line."""
    click.echo(f"下一步：{step}")


def _seen_from(here: CellRef, there: CellRef) -> str:
    same_sheet = (here.file, here.sheet) == (there.file, there.sheet) and there.row
    return address(there) if same_sheet else str(there)


def _named(entry: Problem) -> str:
    return f"{entry.severity.value} {title_of(entry.kind)} [{entry.kind}]"


def _by_kind(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    """Group problems by kind: errors of rows, errors of cells, warnings, notes; in each, the most frequent first."""
    kinds: dict[tuple[Severity, str], list[Problem]] = {}
    for entry in problems:
        kinds.setdefault((entry.severity, entry.kind), []).append(entry)
    levels = list(Severity)
    yield from sorted(
        kinds.values(),
        key=lambda same: (levels.index(same[0].severity), same[0].kind in SPOILS_A_CELL, -len(same), same[0].kind),
    )
