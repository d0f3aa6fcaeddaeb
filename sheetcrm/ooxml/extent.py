"""Measures the extent of a worksheet's content in its bytes, before a reader allocates cells for it.

Readers allocate the whole rectangle between a sheet's first and last cell; a value in the very last
cell asks for 17 billion. `<dimension>` is only a claim and is not looked at. ECMA-376 Part 1, 18.3.1.4 (c).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sheetcrm.ooxml.addresses import COLUMN, MOST_COLUMNS, MOST_ROWS, ROW, column_number, parse_area
from sheetcrm.ooxml.package import Package, SheetPart

_NAME, _PREFIXED_NAME = rb"<c(?=[\s/>])", rb"<(?:[^\s<>/:]+:)?c(?=[\s/>])"
_ADDRESS = rb"""(?:[^<>'/]*?\s)?r="(%s)(%s)\"""" % (COLUMN, ROW)
_REST = rb"""[^<>'/]*(/?>(?:\s*</)?)"""
_REST_WITH_ANY_VALUE = rb"""(?:[^<>"'/]|"[^"<]*")*(/?>(?:\s*</)?)"""
_PATTERNS = {
    (prefixed, plain): (re.compile(name), re.compile(name + _ADDRESS + rest))
    for prefixed, name in ((False, _NAME), (True, _PREFIXED_NAME))
    for plain, rest in ((True, _REST), (False, _REST_WITH_ANY_VALUE))
}
_MERGES = re.compile(rb"""<(?:[^\s<>/:]+:)?mergeCell\s[^<>]*?ref\s*=\s*["']([A-Za-z0-9:$]+)["']""")
_LAST_ROWS = 10
_MOST_BUFFERED = 64 << 20


@dataclass(frozen=True, slots=True)
class Extent:
    """The rectangle that holds a sheet's content (values and formulas; not styled blanks)."""

    top: int
    left: int
    bottom: int
    right: int
    cells: int
    """Cells with content."""
    merges: int
    merged_cells: int
    """Cells covered by merges, in all."""
    certain: bool
    """False where some cells state no plain address: the rectangle is then the whole sheet."""
    gap: int = 0
    """The most rows from one with content to the next, among the last few: how far a stray cell lies below."""

    @property
    def area(self) -> int:
        """How many cells a reader allocates."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1) if self.cells else 0


def measure(package: Package, sheet: SheetPart) -> Extent:
    """Scan a worksheet's bytes once, a megabyte at a time, for its content's extent. Pure.

    Text that only looks like a cell (in a comment) counts too: the extent may be too large, never too
    small. Where cells leave out their address, as some writers do, it is the whole sheet.

    Raises:
        UnreadableWorkbookError: As `archive.inflate` does.
    """
    columns: set[bytes] = set()
    rows: set[bytes] = set()
    cells = merges = merged_cells = tags = addressed = 0
    for piece in _pieces(package.pieces(sheet.part)):
        is_plain = piece.count(b"<") == piece.count(b">")  # then no `>` stands in a value
        tag, cell = _PATTERNS[b":c" in piece, is_plain]
        matches = cell.findall(piece)
        addressed += len(matches)
        tags += len(tag.findall(piece))
        full = [match for match in matches if match[2] == b">"]
        if full:
            cells += len(full)
            letters, digits, _ = zip(*full, strict=True)
            columns.update(letters)
            rows.update(digits)
        if b"mergeCell" in piece:
            areas = [area for reference in _MERGES.findall(piece) if (area := parse_area(reference.decode()))]
            merges += len(areas)
            merged_cells += sum((area.bottom - area.top + 1) * (area.right - area.left + 1) for area in areas)
    if tags != addressed:
        return Extent(1, 1, MOST_ROWS, MOST_COLUMNS, tags, merges, merged_cells, certain=False)
    across = sorted(map(column_number, columns)) or [1]
    down = sorted(map(int, rows)) or [1]
    gap = last_gap(down)
    return Extent(down[0], across[0], down[-1], across[-1], cells, merges, merged_cells, certain=True, gap=gap)


def last_gap(rows: Sequence[int]) -> int:
    """Return the most rows from one with content to the next, among the last few of rising ones."""
    return max((after - before for before, after in pairwise(rows[-_LAST_ROWS:])), default=0)


def _pieces(inflated: Iterator[bytes]) -> Iterator[bytes]:
    """Cut a part before end tags, so that no start tag of a cell is cut; `<` is always escaped elsewhere."""
    buffered: list[bytes] = []
    size = 0
    for piece in inflated:
        cut = piece.rfind(b"</")
        if cut < 0 and size < _MOST_BUFFERED:
            buffered.append(piece)
            size += len(piece)
            continue
        cut = max(cut, 0)
        yield b"".join([*buffered, piece[:cut]])
        buffered, size = [piece[cut:]], len(piece) - cut
    yield b"".join(buffered)
