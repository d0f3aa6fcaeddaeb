"""Turns planned columns into rows: the columns with a value for each row, in order. Makes no bytes."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter, lt
from typing import TypeAlias

from sheetcrm.excel.splice.placement import PlacedColumn
from sheetcrm.model import CellStyle, WrittenValue, column_letters
from sheetcrm.ooxml.addresses import Area

TABLE_KEPT = "table-kept"
"""The kind of reason for cells of an Excel table that the column is not of."""


@dataclass(slots=True)
class PlannedColumn:
    """A column while it is filled: either the cells below a header, or an added header alone."""

    number: int
    label: str
    style: CellStyle | None
    """None: the lender's format as it is. Headers are like their neighbours."""
    added: bool
    lender: int
    rows: tuple[int, ...]
    values: tuple[WrittenValue, ...]
    opening: bytes
    """A new cell's bytes up to its row number."""
    blocked: dict[int, str]
    """The kind of reason why a row's cell must be left alone, by row."""
    format_above: int | None = None
    """The format of the last cell passed, in a column that was there before."""


@dataclass(slots=True, eq=False)
class Group:
    """Columns with values for the same rows."""

    columns: tuple[PlannedColumn, ...]
    heads: tuple[tuple[int, str], ...]
    """Each column's number and label."""
    uniform: bool
    """Whether all are added, look like the same neighbour, and may be written in every row."""


Pending: TypeAlias = list[tuple[PlannedColumn, WrittenValue]]
RowPlan: TypeAlias = list[tuple[Group, tuple[WrittenValue, ...]]]
"""The groups with values for a row, and those values."""


def plan_columns(
    placed: Sequence[PlacedColumn], kept: Sequence[tuple[Area, str]], prefix: bytes
) -> Iterator[PlannedColumn]:
    """Yield the columns to fill, added headers as columns of one cell."""
    rising: set[int] = set()  # most columns share one sequence of rows
    for place in placed:
        edit = place.edit
        if id(edit.rows) not in rising and all(map(lt, edit.rows, edit.rows[1:])):
            rising.add(id(edit.rows))
        if len(edit.rows) != len(edit.values) or id(edit.rows) not in rising:
            raise ValueError(f"the rows of {edit.label!r} do not rise, or have no value each")
        parts: list[tuple[CellStyle | None, tuple[int, ...], tuple[WrittenValue, ...]]]
        parts = [(edit.style, edit.rows, edit.values)]
        if place.added:
            parts.append((None, (place.header_row,), (edit.label,)))
        for style, numbers, values in parts:
            yield PlannedColumn(
                number=place.number,
                label=edit.label,
                style=style,
                added=place.added,
                lender=place.lender,
                rows=numbers,
                values=values,
                opening=b'<%sc r="%s' % (prefix, column_letters(place.number).encode()),
                blocked=_blocked(place, numbers, kept),
            )


def _blocked(place: PlacedColumn, numbers: tuple[int, ...], kept: Sequence[tuple[Area, str]]) -> dict[int, str]:
    blocked: dict[int, str] = {}
    for area, reason in kept:
        if area.left <= place.number <= area.right and not (reason == TABLE_KEPT and _is_own(area, place)):
            for number in numbers[bisect_left(numbers, area.top) : bisect_right(numbers, area.bottom)]:
                blocked.setdefault(number, reason)
    return blocked


def _is_own(table: Area, place: PlacedColumn) -> bool:
    """Return whether an Excel table is the one the column is of, not one that the list has grown down to."""
    return table.left <= place.table.left or table.top <= place.header_row <= table.bottom


def planned_rows(groups: Sequence[Group]) -> Iterator[tuple[int, RowPlan]]:
    """Yield the rows with planned values, rising, each with its groups in their order.

    One row at a time: a book's values turned from columns to rows would be in memory twice.
    """
    if len(groups) == 1:
        yield from ((number, [(groups[0], values)]) for number, _at, values in _group_rows(0, groups[0]))
        return
    rows = heapq.merge(*(_group_rows(at, group) for at, group in enumerate(groups)), key=itemgetter(0, 1))
    for number, together in groupby(rows, key=itemgetter(0)):
        yield number, [(groups[at], values) for _number, at, values in together]


def _group_rows(at: int, group: Group) -> Iterator[tuple[int, int, tuple[WrittenValue, ...]]]:
    numbers = group.columns[0].rows
    for number, values in zip(numbers, zip(*(column.values for column in group.columns), strict=True), strict=True):
        yield number, at, values


def group_columns(planned: Sequence[PlannedColumn]) -> list[Group]:
    """Group columns by their rows, since most have the same; added ones by themselves, and last."""
    alike: dict[tuple[bool, tuple[int, ...]], list[PlannedColumn]] = {}
    for column in sorted(planned, key=lambda column: (column.added, column.number)):
        alike.setdefault((column.added, column.rows), []).append(column)
    groups: list[Group] = []
    for members in alike.values():
        if any(left.number == right.number for left, right in pairwise(members)):
            raise ValueError(f"two edits for the column {members[0].label!r}")
        lenders = {column.lender for column in members}
        groups.append(
            Group(
                columns=tuple(members),
                heads=tuple((column.number, column.label) for column in members),
                uniform=len(lenders) == 1 and all(column.added and not column.blocked for column in members),
            )
        )
    return groups


def pending_values(number: int, planned: RowPlan) -> Pending:
    """Return the columns with a value for a row, by rising number.

    Raises:
        ValueError: If two edits are for one cell.
    """
    pending = [
        (column, value) for group, values in planned for column, value in zip(group.columns, values, strict=True)
    ]
    if len(planned) > 1:
        pending.sort(key=lambda item: item[0].number)
        if any(left[0].number == right[0].number for left, right in pairwise(pending)):
            raise ValueError(f"two edits for one cell in row {number}")
    return pending
