"""Tables as read, and the record that is made of each of their rows (practice §1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec import Struct

from sheetcrm.model.cells import CellRef, RawValue


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table (or one row of a card): where it stands and what its header said.

    `index` is the sheet's column. `row` is None, but in a card, where each field has a row of its own.
    `name` is the schema's field, None for a column the schema does not know. `unit` and `weight` come
    from the header's brackets. `theirs` is a column of people's own that holds what one of the program's columns
    does, under another header: it is read and never written.
    """

    index: int
    name: str | None
    label: str
    unit: str | None = None
    weight: Decimal | None = None
    row: int | None = None
    theirs: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows below one header row of one sheet, as read, before anything is made of them.

    `kind` is the schema's kind of sheet. `rows` are sheet rows; `values` holds one sequence a row, in
    the order of `columns`. `header_row` is the last row of the header; 0 in a card. `marks` tells of
    cells whose value the reader cannot give: (row, column) -> an error such as `#N/A`, or `FORMULA`
    for a formula never computed. `percents` are the (row, column) of cells formatted as percentages.
    `card` is the card a follow-up table without 客户编号 stands under: its customer is the card's. `beside` is the kind
    of the table of which this one holds further columns of the same rows: industry and 客户经理 on a scoring sheet.
    `aside` are columns under the same header row that are no part of the table: a count by tier beside it.
    """

    file: str
    sheet: str
    kind: str
    header_row: int
    columns: tuple[Column, ...]
    rows: tuple[int, ...]
    values: tuple[Sequence[RawValue], ...]
    date1904: bool = False
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    percents: frozenset[tuple[int, int]] = frozenset()
    card: Table | None = None
    beside: str = ""
    aside: tuple[range, ...] = ()

    def column(self, name: str) -> Column | None:
        """Find the column that holds a field, None if there is none."""
        return next((column for column in self.columns if column.name == name), None)

    def ref(self, row: int, name: str = "") -> CellRef:
        """Make the address of a field of a row; of the row where the field has no column."""
        column = self.column(name) if name else None
        if column is None:
            return CellRef(self.file, self.sheet, row)
        return CellRef(self.file, self.sheet, column.row or row, column.index)


FORMULA = "公式未计算"
"""The mark of a formula that no program has computed yet (`Table.marks`)."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level as written: its label, the rate beside it, and whether it says that the industry shrinks."""

    label: str | None
    rate: Decimal | None = None
    shrinking: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A range with both ends in it; None is an open end."""

    low: Decimal | None
    high: Decimal | None


class Record(Struct, frozen=True, gc=False, eq=False, kw_only=True):
    """A row that was read. `unreadable` names the fields whose cell holds something nobody can read.

    A book holds records by the hundred thousand: a frozen `Struct` is made ten times as fast as a frozen
    dataclass of as many fields.
    """

    origin: Table
    row: int
    unreadable: tuple[str, ...] = ()

    def ref(self, name: str = "") -> CellRef:
        """Make the address of one of this record's cells."""
        return self.origin.ref(self.row, name)
