"""Cell references: converts `A1` and `A1:C9` to numbers and back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sheetcrm.model import column_letters

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
LONGEST_TEXT = 32_767
"""UTF-16 units a cell holds at most; with the number of rows and columns, the bounds of a sheet."""

_AREA = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6}))?")


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
    """Read `A1`, `$A$1` or `A1:C9`, corners in any order; None if it is no area. Pure."""
    match = _AREA.fullmatch(reference.strip())
    if not match:
        return None
    left, top = column_number(match[1]), int(match[2])
    right, bottom = (column_number(match[3]), int(match[4])) if match[3] else (left, top)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def parse_areas(references: str) -> tuple[Area, ...]:
    """Read a `sqref`: areas with white space between; anything else is skipped. Pure."""
    return tuple(area for area in map(parse_area, references.split()) if area)
