"""A worksheet opened for editing: its bytes, its cells, and the workbook's strings and formats."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sheetcrm.excel.splice.cell_content import ContentReader
from sheetcrm.excel.splice.shared_strings import SharedStrings
from sheetcrm.excel.splice.sheet_parts import merged_areas
from sheetcrm.excel.splice.sheet_xml import CellReader, SheetXml, open_sheet
from sheetcrm.excel.splice.styles import StyleSheet
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import Area, parse_area, parse_areas
from sheetcrm.ooxml.package import Package, SheetPart


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A sheet with everything that reading and setting its cells needs."""

    name: str
    xml: SheetXml
    cells: CellReader
    values: ContentReader
    strings: SharedStrings | None
    """Where text goes; into the cells themselves if the workbook has no such part."""
    styles: StyleSheet | None
    """Where formats are derived; without it days are written as ISO text."""
    date1904: bool


def open_worksheet(
    package: Package, sheet: SheetPart, strings: SharedStrings | None, styles: StyleSheet | None
) -> Worksheet:
    """Open a worksheet; raises as `sheet_xml.open_sheet` does."""
    xml = open_sheet(package.read(sheet.part), part=sheet.part)
    values = ContentReader(xml, strings, date1904=package.date1904)
    return Worksheet(sheet.name, xml, CellReader(xml), values, strings, styles, package.date1904)


def kept_areas(package: Package, worksheet: Worksheet) -> list[tuple[Area, str]]:
    """Return the areas whose cells must be left alone, each with the kind of reason. Pure.

    They are merged cells, the results of array formulas and data tables, and pivot tables.
    """
    xml = worksheet.xml
    kept = [(area, "merged-kept") for area in merged_areas(xml)]
    kept += [(area, "array-kept") for area in _array_areas(xml)]
    for relationship in package.relationships(xml.part):
        if relationship.kind == "pivotTable" and package.has(relationship.target):
            root = xmltree.parse(package.read(relationship.target), part=relationship.target)
            location = root.find("location")
            area = parse_area(location.attributes.get("ref", "")) if location else None
            kept += [(area, "pivot-kept")] if area else []
    return kept


def has_formulas(xml: SheetXml) -> bool:
    """Return whether any cell of the sheet holds a formula. Pure."""
    return re.search(rb"<%sf[\s/>]" % re.escape(xml.prefix), xml.masked) is not None


def _array_areas(xml: SheetXml) -> list[Area]:
    if b"array" not in xml.masked and b"dataTable" not in xml.masked:
        return []
    areas: list[Area] = []
    for tag in re.finditer(rb"<%sf\s[^>]*>" % re.escape(xml.prefix), xml.masked):
        if re.search(rb"""\st\s*=\s*["'](?:array|dataTable)["']""", tag[0]):
            reference = re.search(rb"""\sref\s*=\s*["']([^"']*)["']""", tag[0])
            areas.extend(parse_areas(reference[1].decode()) if reference else ())
    return areas
