"""What is planned for a workbook, and what came of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

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

    `column` is 1-based where a column of that name exists, None where it is to be added right of the
    sheet's used width with `label` in the header row. `rows` are sheet rows, rising, one value each.
    """

    label: str
    column: int | None
    style: CellStyle
    rows: tuple[int, ...]
    values: tuple[WrittenValue, ...]
    choices: tuple[str, ...] = ()
    """A drop-down offered on an added column; none where empty."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Value -> fill RRGGBB: a conditional format on an added column."""


@dataclass(frozen=True, slots=True)
class SheetEdit:
    """The columns to set in one table of one sheet. `header_row` is the (last) header row."""

    sheet: str
    header_row: int
    columns: tuple[ColumnEdit, ...]


class WrittenCell(NamedTuple):
    """A cell that was changed: what stood there, and what stands there now (as text).

    A tuple, as a big book has hundreds of thousands of them.
    """

    sheet: str
    row: int
    column: int
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class LeftCell:
    """A cell that was not touched although a value was planned for it; `reason` is a problem kind."""

    sheet: str
    row: int
    column: int
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one workbook's edits."""

    parts: tuple[str, ...] = ()
    written: tuple[WrittenCell, ...] = ()
    left: tuple[LeftCell, ...] = ()
    notes: tuple[str, ...] = ()
    """Problem kinds that concern the whole workbook, e.g. `pivot-needs-refresh`."""
