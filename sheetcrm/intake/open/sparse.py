"""Keeps a sheet within the memory a reader allocates for it: the whole rectangle around its content. Pure.

One value in a sheet's last cell asks for 17 billion cells, and people have such files: Excel's Solver
leaves them behind. Cells that far from everything else belong to no table; they are taken out of the
bytes that the reader gets, and this is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake.open.cell_bytes import Cells, plain
from sheetcrm.ooxml.addresses import column_number
from sheetcrm.ooxml.extent import last_gap, measure
from sheetcrm.ooxml.package import Package, SheetPart
from sheetcrm.ooxml.references import find_odd
from sheetcrm.problems import shown

ROOM = 8_000_000
"""Cells a reader may allocate, whatever they hold; some 400 bytes each at the worst."""
_SPARSE = 8
"""A larger sheet is read whole if at least one cell in this many is filled."""
_LAST_COLUMN = 1024
"""No table reaches further right."""
_GAP = 10_000
"""A table does not go on below so many rows without content."""

_FAR = re.compile(rb'<c r="(?:[A-Za-z]{3}|[A-Za-z]{1,2}[0-9]{6})')
_WIDE = re.compile(rb'<c r="[A-Za-z]{2}')
_PLACE = re.compile(rb'<c r="([A-Za-z]+)([0-9]+)"')
_ROW = re.compile(rb'<row r="([0-9]+)"')
_FILLED = re.compile(rb'<c r="[A-Za-z]([0-9]+)"[^<>/]*>(?!\s*</)')
_LETTERS, _AT_ONCE = 26, 1 << 20
_LONG = re.compile(rb'<c r="[A-Za-z]{1,2}[0-9]{5}')


def is_small(part: bytes) -> bool:
    """Return whether a sheet with usual addresses is plainly small: 702 x 9,999, or 26 x 99,999 without a gap."""
    return not _FAR.search(part) and not (_LONG.search(part) and (_WIDE.search(part) or has_gap(part)))


def has_gap(part: bytes) -> bool:
    """Return whether the last rows of a part with usual addresses lie far below the others. Quick for most."""
    last = _ROW.match(part, max(0, part.rfind(b"<row ")))
    if last is not None and int(last[1]) <= _GAP:
        return False
    return last_gap(sorted(set(map(int, _ROW.findall(part))))) > _GAP


def is_compact(part: bytes) -> bool:
    """Return whether the cells of a part with usual addresses lie in a rectangle for which there is room."""
    places = _PLACE.findall(part)
    columns = {column_number(letters) for letters in {letters for letters, _ in places}}
    return _rectangle(map(int, {digits for _, digits in places}), columns) <= ROOM


def check_addresses(part: bytes, *, sheet: str) -> None:
    """Refuse a worksheet part with an address that is none: a reader would make of it whatever it can.

    Raises:
        UnreadableWorkbookError: `address-unreadable`, with the first such address.
    """
    odd = find_odd(plain(part)[0])
    if odd is not None:
        raise UnreadableWorkbookError(
            "address-unreadable",
            f"工作表{shown(sheet)}里有一处地址读不通：{shown(odd)}；地址应在 A1 到 XFD1048576 之间",
            "请用 Excel 或 WPS 打开并修复后另存，或请发送人重新导出",
        )


def is_dense(part: bytes) -> bool:
    """Return whether a part with usual addresses plainly has room: every cell is filled and lies in A to Z.

    A fifth of the time of measuring, and as certain where it says yes.
    """
    if _WIDE.search(part):
        return False
    rows: set[bytes] = set()
    filled = at = 0
    while at < len(part):
        cut = part.find(b"</row>", at + _AT_ONCE)
        end = len(part) if cut < 0 else cut
        cells = _FILLED.findall(part, at, end)
        rows.update(cells)
        filled, at = filled + len(cells), end
    if not filled or filled != part.count(b"<c r="):
        return False
    down = sorted(map(int, rows))
    return last_gap(down) <= _GAP and (down[-1] - down[0] + 1) * _LETTERS <= max(ROOM, filled * _SPARSE)


def has_room(package: Package, sheet: SheetPart) -> bool:
    """Return whether a sheet can be read as it is, by measuring it."""
    extent = measure(package, sheet)
    within = extent.right <= _LAST_COLUMN and extent.gap <= _GAP and extent.area <= max(ROOM, extent.cells * _SPARSE)
    return within and extent.certain


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


def _area(places: Iterable[tuple[int, int]]) -> int:
    cells = list(places)
    return _rectangle((row for row, _ in cells), (column for _, column in cells))


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
