"""What is planned for a workbook, and what came of it."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias, overload

from msgspec import Struct
from zlib_ng import zlib_ng

WrittenValue: TypeAlias = str | int | Decimal | date | None
"""A value planned for a cell. None empties it."""


class CellStyle(enum.Enum):
    """The number format a written column gets where its cells have none of their own."""

    TEXT = "@"
    SCORE = "0.0"
    INTEGER = "0"
    PERCENT = "0%"
    DATE = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class ColumnEdit:
    """The cells to set in one column of a sheet.

    `column` is 1-based where a column of that name exists, None where it is to be added beside its table
    with `label` in the header row. `rows` are sheet rows, rising, one value each.
    """

    label: str
    column: int | None
    style: CellStyle
    rows: tuple[int, ...]
    values: tuple[WrittenValue, ...]
    colours: Mapping[str, str] = field(default_factory=dict)
    """Value -> fill RRGGBB: a conditional format on an added column."""
    folded: bool = False
    """Whether an added column is of a lower rank, and goes into a collapsed group."""
    shown: bool = False
    """Whether it is never folded, though a sheet that is fitted to a width prints smaller by it."""


@dataclass(frozen=True, slots=True)
class SheetEdit:
    """The columns to set in one table of one sheet. `header_row` is the (last) header row.

    `left` and `right` are the table's first column, and the last that holds a field of the schema; 0 where nobody
    knows them: the first run of labels in the header row then. `others` are the first row and column and the last
    row and column of what else was read on the sheet; no cell there is the table's, whatever its header says.
    """

    sheet: str
    header_row: int
    columns: tuple[ColumnEdit, ...]
    left: int = 0
    right: int = 0
    others: tuple[tuple[int, int, int, int], ...] = ()


class WrittenCell(NamedTuple):
    """A cell that was changed: what stood there, and what stands there now (as text)."""

    sheet: str
    row: int
    column: int
    label: str
    old: str
    new: str


class WrittenRow(Struct, frozen=True, gc=False):
    """Cells written into one row where none stood: the columns and labels, shared by rows, and the texts.

    A text of None is a cell that was not written.
    """

    sheet: str
    row: int
    heads: tuple[tuple[int, str], ...]
    texts: tuple[str | None, ...]

    def cells(self) -> Iterator[WrittenCell]:
        """Yield the cells that were written."""
        for (column, label), text in zip(self.heads, self.texts, strict=True):
            if text is not None:
                yield WrittenCell(self.sheet, self.row, column, label, "", text)


class WrittenRows(Struct, frozen=True, gc=False):
    """Rows of cells of one sheet with the same columns, compressed: a big book has hundreds of thousands of them."""

    sheet: str
    heads: tuple[tuple[int, str], ...]
    count: int
    """How many cells they are."""
    data: bytes

    def rows(self) -> Iterator[WrittenRow]:
        """Yield the rows."""
        for number, texts in json.loads(zlib_ng.decompress(self.data).decode("utf-8", "surrogatepass")):
            yield WrittenRow(self.sheet, number, self.heads, tuple(texts))


WrittenEntry: TypeAlias = WrittenCell | WrittenRow | WrittenRows
_PACKED, _LEVEL = 1000, 2
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def pack_rows(entries: list[WrittenEntry]) -> None:
    """Replace the last entries by one, where they are many rows of the same columns."""
    last = entries[-1] if entries else None
    if not isinstance(last, WrittenRow) or len(entries) < _PACKED:
        return
    rows = entries[-_PACKED:]
    if any(not isinstance(row, WrittenRow) or row.heads is not last.heads for row in rows):
        return
    count = sum(map(_count, rows))
    # Not by msgspec: it leaves a second copy, in UTF-8, in every text it has seen.
    listed = _ENCODER.encode([(row.row, row.texts) for row in rows if isinstance(row, WrittenRow)])
    data = listed.encode("utf-8", "surrogatepass")
    entries[-_PACKED:] = [WrittenRows(last.sheet, last.heads, count, zlib_ng.compress(data, _LEVEL))]


def _count(entry: WrittenEntry) -> int:
    if isinstance(entry, WrittenRows):
        return entry.count
    return len(entry.texts) - entry.texts.count(None) if isinstance(entry, WrittenRow) else 1


class WrittenCells(Sequence[WrittenCell]):
    """The cells that were changed, in the order they were written.

    Kept by the row where that is possible: a big book has hundreds of thousands of them.
    """

    def __init__(self, entries: Sequence[WrittenEntry]) -> None:
        """Hold cells, and rows of cells."""
        self._entries = tuple(entries)
        self._length = sum(map(_count, entries))

    def __len__(self) -> int:
        """Count the cells."""
        return self._length

    def __iter__(self) -> Iterator[WrittenCell]:
        """Yield the cells."""
        for entry in self.entries():
            if isinstance(entry, WrittenRow):
                yield from entry.cells()
            else:
                yield entry

    def heads(self, sheet: str) -> Sequence[tuple[int, str]]:
        """Return the columns of the cells of a sheet and their labels, by their place."""
        own = (entry for entry in self._entries if entry.sheet == sheet)
        return sorted({head for entry in own for head in heads_of(entry)})

    def entries(self) -> Iterator[WrittenCell | WrittenRow]:
        """Yield the cells, and the rows of cells, in the order they were written."""
        for entry in self._entries:
            if isinstance(entry, WrittenRows):
                yield from entry.rows()
            else:
                yield entry

    def replaced(self) -> Iterator[WrittenCell]:
        """Yield the cells that held something else before; a row of cells held nothing."""
        return (entry for entry in self._entries if isinstance(entry, WrittenCell) and entry.old)

    @overload
    def __getitem__(self, index: int) -> WrittenCell: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[WrittenCell, ...]: ...
    def __getitem__(self, index: int | slice) -> WrittenCell | tuple[WrittenCell, ...]:
        """Give one cell, or some; slow for single ones of many."""
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        """Compare cell by cell."""
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # compared by content


def heads_of(entry: WrittenEntry) -> Sequence[tuple[int, str]]:
    """Return the columns of an entry and their labels. Pure."""
    return ((entry.column, entry.label),) if isinstance(entry, WrittenCell) else entry.heads


@dataclass(frozen=True, slots=True)
class LeftCell:
    """A cell that was not touched although a value was planned for it; `reason` is a problem kind."""

    sheet: str
    row: int
    column: int
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class SheetRemark:
    """Something that changed around the cells, or did not: a problem kind, where, and what its message holds."""

    kind: str
    sheet: str
    places: tuple[tuple[int, int], ...] = ()
    """The cells concerned, row and column; none: the whole sheet."""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one workbook's edits."""

    parts: tuple[str, ...] = ()
    written: Sequence[WrittenCell] = ()
    left: tuple[LeftCell, ...] = ()
    notes: tuple[str, ...] = ()
    """Problem kinds that concern the whole workbook, e.g. `pivot-needs-refresh`."""
    remarks: tuple[SheetRemark, ...] = ()

    @property
    def replaced(self) -> Iterator[WrittenCell]:
        """The cells that held something else before."""
        if isinstance(self.written, WrittenCells):
            yield from self.written.replaced()
