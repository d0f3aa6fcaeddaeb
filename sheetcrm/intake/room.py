"""Keep a sheet within the room a reader makes for it: the whole rectangle around its content. Pure.

One value in a sheet's last cell asks for 17 billion cells, and people have such files: Excel's Solver
leaves them behind. Cells that far from everything else belong to no table; they are taken out of the
bytes that the reader gets, and this is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake.cellbytes import Cells
from sheetcrm.ooxml.areas import column_number
from sheetcrm.ooxml.extent import measure
from sheetcrm.ooxml.package import Package, Sheet

ROOM = 8_000_000
"""Cells a reader may make room for, whatever they hold; some 400 bytes each at the worst."""
_SPARSE = 8
"""A larger sheet is read whole if at least one cell in so many holds something."""
_LAST_COLUMN = 1024
_GAP = 10_000
"""A table does not go on below so many rows without content."""

_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')


def has_room(package: Package, sheet: Sheet, part: bytes) -> bool:
    """Tell whether a sheet can be read as it is; quick for the cells of most writers."""
    quick = _quick_area(part)
    if quick is not None and quick <= ROOM:
        return True
    extent = measure(package, sheet)
    return extent.area <= max(ROOM, extent.cells * _SPARSE) and extent.certain


def without_far_cells(part: bytes, *, sheet: str) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """Take the cells out of a worksheet part that lie far from everything else.

    Returns:
        The part without them, and their (row, column).

    Raises:
        UnreadableWorkbookError: `sheet-too-sparse` if what is left still asks for too much room.
    """
    cells = Cells(part)
    places = {start: cells.place(start) for start in cells.all()}
    filled = {start: place for start, place in places.items() if not cells.is_blank(start)}
    last_row = _last_before_gap({row for row, column in filled.values() if column <= _LAST_COLUMN})
    near = [(row, column) for row, column in filled.values() if column <= _LAST_COLUMN and row <= last_row]
    if _area(near) > max(ROOM, len(near) * _SPARSE):
        raise UnreadableWorkbookError(
            "sheet-too-sparse",
            f"工作表“{sheet}”里的内容隔得太开，读它要占的内存太多",
            "请删去离表格很远的单元格，或把表格移到新的工作表",
        )
    far = [start for start, (row, column) in places.items() if column > _LAST_COLUMN or row > last_row]
    kept: list[bytes] = []
    end = 0
    for start in far:
        kept.append(cells.part[end:start])
        end = cells.end(start)
    kept.append(cells.part[end:])
    return b"".join(kept), tuple(sorted(filled[start] for start in far if start in filled))


def _quick_area(part: bytes) -> int | None:
    """Bound the room from above; None where the cells are not written the usual way."""
    found = _PLAIN_CELL.findall(part)
    if len(found) != part.count(b"<c ") + part.count(b":c ") + part.count(b"<c>") + part.count(b"<c/>"):
        return None
    letters, digits = ({*side} for side in zip(*found, strict=True)) if found else (set(), set())
    return _rectangle(map(int, digits), map(column_number, letters))


def _area(places: Iterable[tuple[int, int]]) -> int:
    held = list(places)
    return _rectangle((row for row, _ in held), (column for _, column in held))


def _rectangle(rows: Iterable[int], columns: Iterable[int]) -> int:
    down, across = sorted(set(rows)), sorted(set(columns))
    return (down[-1] - down[0] + 1) * (across[-1] - across[0] + 1) if down and across else 0


def _last_before_gap(rows: set[int]) -> int:
    last = 0
    for row in sorted(rows):
        if last and row - last > _GAP:
            break
        last = row
    return last
