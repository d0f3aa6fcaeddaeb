"""Excel tables (ListObjects): reads those of a sheet, and grows one to the right.

A table is grown only where nothing of it is at risk: its right edge meets the new columns, it takes
its data from no query and no XML map, and the new names are not in it. ECMA-376 Part 1, 18.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import Area, parse_area
from sheetcrm.ooxml.package import Package
from sheetcrm.ooxml.xmltree import Element, escape, with_attributes


@dataclass(frozen=True, slots=True)
class ExcelTable:
    """A table of a sheet, and the bytes of its part."""

    part: str
    name: str
    """As formulas call it."""
    data: bytes
    root: Element
    area: Area
    header_row: int
    """0 where the table shows none."""
    growable: bool
    names: frozenset[str]
    """Its columns' names, folded."""


def read_tables(package: Package, sheet_part: str) -> tuple[ExcelTable, ...]:
    """Read the tables that a sheet's relationships name. Pure."""
    tables = []
    for relationship in package.relationships(sheet_part):
        if relationship.kind == "table" and not relationship.external and package.has(relationship.target):
            table = _read(package, relationship.target)
            if table:
                tables.append(table)
    return tuple(tables)


def grow_right(table: ExcelTable, labels: Sequence[str]) -> bytes | None:
    """Return the table's part with columns of these names added at its right; None if it may not grow.

    The header cells must get exactly these texts. Pure.
    """
    columns = table.root.find("tableColumns")
    folded = [label.casefold() for label in labels]
    if not table.growable or columns is None or table.names.intersection(folded) or len(set(folded)) < len(folded):
        return None
    present = columns.find_all("tableColumn")
    number = max((xmltree.whole_number(column.attributes.get("id", "")) or 0 for column in present), default=0)
    prefix = xmltree.prefix_of(table.data, table.root)
    new = b"".join(
        b'<%stableColumn id="%d" name="%s"/>' % (prefix, number + place, escape(label))
        for place, label in enumerate(labels, 1)
    )
    edits = xmltree.grow(table.data, columns, new, len(labels))
    edits += _wider(table.data, table.root, table.area, len(labels))
    auto_filter = table.root.find("autoFilter")
    filtered = parse_area(auto_filter.attributes.get("ref", "")) if auto_filter else None
    if auto_filter and filtered and filtered.right == table.area.right:
        edits += _wider(table.data, auto_filter, filtered, len(labels))
    return xmltree.splice(table.data, edits)


def _read(package: Package, part: str) -> ExcelTable | None:
    data = package.read(part)
    root = xmltree.parse(data, part=part)
    area = parse_area(root.attributes.get("ref", ""))
    if root.name != "table" or area is None:
        return None
    columns = root.find("tableColumns")
    table_columns = list(columns.find_all("tableColumn")) if columns else []
    headers = root.attributes.get("headerRowCount", "1").strip() != "0"
    from_query = any(relationship.kind == "queryTable" for relationship in package.relationships(part))
    return ExcelTable(
        part=part,
        name=root.attributes.get("displayName", ""),
        data=data,
        root=root,
        area=area,
        header_row=area.top if headers else 0,
        growable=(
            headers
            and not from_query
            and root.attributes.get("tableType", "worksheet") == "worksheet"
            and len(table_columns) == area.right - area.left + 1
            and all(xmltree.whole_number(column.attributes.get("id", "")) is not None for column in table_columns)
        ),
        names=frozenset(column.attributes.get("name", "").casefold() for column in table_columns),
    )


def _wider(data: bytes, element: Element, area: Area, columns: int) -> list[tuple[int, int, bytes]]:
    wider = Area(area.top, area.left, area.bottom, area.right + columns)
    tag = data[element.start : element.inner]
    return [(element.start, element.inner, with_attributes(tag, ref=str(wider)))]
