"""Places in people's workbooks, and what can be wrong there."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

RawValue: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None
"""A cell as the reading library gives it."""


class Severity(enum.Enum):
    """How bad a problem is. 错误 sets a row aside, 警告 does not, 提示 is worth knowing."""

    ERROR = "错误"
    WARNING = "警告"
    NOTE = "提示"


@dataclass(frozen=True, slots=True, order=True)
class CellRef:
    """A place in a user's files: a workbook, a sheet, a row or a cell (1-based, 0 = not said)."""

    file: str
    sheet: str = ""
    row: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Write it the way Excel does: `客户.xlsx!打分表!G12`, with quotes where a name needs them."""
        parts = [self.file]
        if self.sheet:
            parts.append(quote_sheet(self.sheet))
        if self.row or self.column:
            parts.append(f"{column_letters(self.column)}{self.row or ''}" if self.column else f"{self.row}:{self.row}")
        return "!".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about the data that a person should know: where, what, and how to mend it in Excel.

    `further` are the other cells that have it too, where one problem stands for several.
    """

    ref: CellRef
    severity: Severity
    kind: str
    what: str
    fix: str
    further: tuple[CellRef, ...] = ()

    def __str__(self) -> str:
        """One line, in the user's coordinates."""
        return f"{self.ref}: {self.what}。{self.fix} [{self.kind}]"


@dataclass(frozen=True, slots=True, eq=False)
class SheetValues:
    """A sheet's values and nothing else: `rows[0][0]` stands at row `top`, column `left` (1-based).

    A blank cell is `""`. `merges` are first row and column, last row and column, all inclusive.
    """

    name: str
    hidden: bool
    top: int
    left: int
    rows: Sequence[Sequence[RawValue]]
    merges: tuple[tuple[int, int, int, int], ...] = ()


def column_letters(column: int) -> str:
    """Name a column as Excel does: 1 is A, 27 is AA. Pure."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def quote_sheet(name: str) -> str:
    """Quote a sheet's name where a formula would have to. Pure."""
    if re.fullmatch(r"[^\W\d][\w.]*", name) and not re.fullmatch(r"[A-Za-z]{1,3}\d+", name):
        return name
    return "'" + name.replace("'", "''") + "'"
