"""Finds Excel's own tables (套用表格格式) on a sheet: where each begins and ends (ECMA-376 Part 1, 18.5.1.2)."""

from __future__ import annotations

from collections.abc import Iterator

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import Area, parse_area
from sheetcrm.ooxml.package import Package, SheetPart

_LARGEST = 1 << 20
"""A table's part lists its columns and no rows; one larger than this is left alone."""


def excel_tables(package: Package, sheet: SheetPart) -> tuple[Area, ...]:
    """Return the area of each Excel table of a sheet, without its row of totals.

    A part that is missing or damaged is no table: reading goes on without it.
    """
    try:
        return tuple(_areas(package, sheet))
    except UnreadableWorkbookError:
        return ()


def _areas(package: Package, sheet: SheetPart) -> Iterator[Area]:
    for relationship in package.relationships(sheet.part):
        part = relationship.target
        is_table = relationship.kind == "table" and not relationship.external and package.has(part)
        if not is_table or package.size(part) > _LARGEST:
            continue
        root = xmltree.parse(package.read(part), part=part)
        area = parse_area(root.attributes.get("ref", ""))
        if area is not None:
            totals = xmltree.whole_number(root.attributes.get("totalsRowCount", "0")) or 0
            yield Area(area.top, area.left, max(area.top, area.bottom - totals), area.right)
