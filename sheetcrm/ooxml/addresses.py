"""Cell references: the one definition of an address, and the way from `A1` and `A1:C9` to numbers and back.

The patterns hold the bounds of a sheet (XFD1048576), so that whoever uses them, the reader's guard or
the edit, takes the same cells for cells: nothing with a blank, a leading zero or a row too many is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sheetcrm.model import column_letters

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
LONGEST_TEXT = 32_767
"""UTF-16 units a cell holds at most; with the number of rows and columns, the bounds of a sheet."""

COLUMN = rb"(?:[A-Za-z]{1,2}|[A-Wa-w][A-Za-z]{2}|[Xx](?:[A-Ea-e][A-Za-z]|[Ff][A-Da-d]))"
"""The letters of a column, A to XFD, as a pattern for bytes."""
ROW = rb"(?:10(?:[0-3][0-9]{4}|4(?:[0-7][0-9]{3}|8(?:[0-4][0-9]{2}|5(?:[0-6][0-9]|7[0-6]))))|[1-9][0-9]{0,5})"
"""The digits of a row, 1 to 1048576, as a pattern for bytes. A digit may not follow."""

_COLUMNS = re.compile("[$]?({0}):[$]?({0})".format(COLUMN.decode()))
_AREA = re.compile("[$]?({0})[$]?({1})(?::[$]?({0})[$]?({1}))?".format(COLUMN.decode(), ROW.decode()))


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, all four edges 1-based and inside it."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """Format it as Excel does: a single cell as itself, a larger area by two corners."""
        first = f"{column_letters(self.left)}{self.top}"
        last = f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def meets(self, other: Area) -> bool:
        """Return whether the two share a cell."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def joined(self, other: Area) -> Area:
        """Return the smallest area that holds both."""
        return Area(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )


def column_number(letters: str | bytes) -> int:
    """Return the number of a column: A is 1, XFD is 16384. Pure."""
    number = 0
    for code in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + (code & 0x1F)
    return number


def parse_area(reference: str) -> Area | None:
    """Read `A1`, `$A$1` or `A1:C9`, corners in any order; None if it is no area of a sheet. Pure."""
    match = _AREA.fullmatch(reference.strip())
    if not match:
        return None
    left, top = column_number(match[1]), int(match[2])
    right, bottom = (column_number(match[3]), int(match[4])) if match[3] else (left, top)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def parse_columns(reference: str) -> Area | None:
    """Read whole columns, `A:G` or `$A:$G`, as the area of all their rows; None if it is something else. Pure."""
    match = _COLUMNS.fullmatch(reference.strip())
    if not match:
        return None
    first, last = sorted((column_number(match[1]), column_number(match[2])))
    return Area(1, first, MOST_ROWS, last)


def columns_text(area: Area) -> str:
    """Format the columns of an area as Excel does: `A:G`. Pure."""
    return f"{column_letters(area.left)}:{column_letters(area.right)}"


def parse_areas(references: str) -> tuple[Area, ...]:
    """Read a `sqref`: areas with white space between; anything else is skipped. Pure."""
    return tuple(area for area in map(parse_area, references.split()) if area)
