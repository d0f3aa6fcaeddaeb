"""Tables made small for the way between two processes: column by column, each value once. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sheetcrm.model import RawValue, Table

Columns: TypeAlias = tuple[tuple[Sequence[RawValue], "array[int]"], ...]
"""For each column its distinct values, and for each row which of them it holds."""


@dataclass(frozen=True, slots=True)
class PackedTable:
    """A table whose `values` were taken out. `card` is the place of its card among the tables."""

    table: Table
    columns: Columns
    card: int | None


def pack(tables: Sequence[Table]) -> tuple[PackedTable, ...]:
    """Pack tables; a card may stand before or behind the tables that refer to it."""
    places = {table: at for at, table in enumerate(tables)}
    return tuple(
        PackedTable(
            table=replace(table, values=(), card=None, marks=dict(table.marks)),
            columns=pack_rows(table.values),
            card=places[table.card] if table.card is not None else None,
        )
        for table in tables
    )


def unpack(packed: Sequence[PackedTable]) -> tuple[Table, ...]:
    """Restore what was packed: equal in every value; equal values of a column are one object."""
    tables: dict[int, Table] = {}
    for at, entry in sorted(enumerate(packed), key=lambda placed: placed[1].card is not None):
        card = tables[entry.card] if entry.card is not None else None
        tables[at] = replace(entry.table, values=tuple(unpack_rows(entry.columns)), card=card)
    return tuple(tables[at] for at in range(len(packed)))


def pack_rows(rows: Sequence[Sequence[RawValue]]) -> Columns:
    """Pack rows of one length."""
    return tuple(_packed(column) for column in zip(*rows, strict=True))


def unpack_rows(columns: Columns) -> list[list[RawValue]]:
    """Restore rows; equal values of a column are one object."""
    return [list(row) for row in zip(*([values[at] for at in numbers] for values, numbers in columns), strict=True)]


def _packed(values: Sequence[RawValue]) -> tuple[Sequence[RawValue], array[int]]:
    numbers: dict[tuple[type, RawValue], int] = {}  # True, 1 and 1.0 are equal, and three values
    rows = array("I", (numbers.setdefault((value.__class__, value), len(numbers)) for value in values))
    return [value for _, value in numbers], rows
