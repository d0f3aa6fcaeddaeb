"""One sheet's used range, at its own addresses (1-based), whatever corner it starts in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sheetcrm.model import RawValue


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range: its first and last row and column, all inclusive."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The cells of a sheet's used range: `cells[0][0]` stands at row `top`, column `left`; a blank cell is `""`.

    `renamed` are headers, as they stand in cells, that a team said stand for a label of the schema (practice §1.6).
    """

    file: str
    sheet: str
    top: int
    left: int
    cells: Sequence[Sequence[RawValue]]
    merges: tuple[Merge, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def bottom(self) -> int:
        """The last used row; `top - 1` where nothing is used."""
        return self.top + len(self.cells) - 1

    @property
    def right(self) -> int:
        """The last used column; `left - 1` where nothing is used."""
        return self.left + (len(self.cells[0]) if self.cells else 0) - 1

    def row(self, row: int) -> Sequence[RawValue]:
        """Return the cells of a row from column `left` on; all blank outside the used range."""
        if self.top <= row <= self.bottom:
            return self.cells[row - self.top]
        return [""] * (self.right - self.left + 1)

    def rows(self, first: int, stop: int) -> Iterator[tuple[int, Sequence[RawValue]]]:
        """Yield the rows from `first`, which is not above the used range, down to but without `stop`, numbered."""
        inside = self.cells[first - self.top : max(stop - self.top, 0)]
        yield from enumerate(inside, first)
        for row in range(first + len(inside), stop):
            yield row, self.row(row)

    def at(self, row: int, column: int) -> RawValue:
        """Return a cell; blank outside the used range."""
        if self.top <= row <= self.bottom and self.left <= column <= self.right:
            return self.cells[row - self.top][column - self.left]
        return ""

    def texts(self, row: int) -> list[tuple[int, str]]:
        """Return the texts of a row without the space around them, each with its column."""
        return [
            (column, value.strip())
            for column, value in enumerate(self.row(row), self.left)
            if isinstance(value, str) and value
        ]

    def text(self, row: int, column: int) -> str:
        """Return a cell's text without the space around it; empty where it holds no text."""
        value = self.at(row, column)
        return value.strip() if isinstance(value, str) else ""
