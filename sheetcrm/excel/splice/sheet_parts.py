"""The elements around a worksheet's rows: used range, column widths, merges, and their fixed order.

Every function plans splices (start, end, new bytes) into the part; none of them touches it.
ECMA-376 Part 1, 18.3.1.99 (worksheet), .35 (dimension), .13 and .17 (col, cols).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from sheetcrm.excel.splice.sheet_xml import SheetXml
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import MOST_COLUMNS, Area, parse_area, parse_areas
from sheetcrm.ooxml.xmltree import Element, with_attributes

Splice: TypeAlias = tuple[int, int, bytes]
ColumnRange: TypeAlias = tuple[int, int, Element]
"""A `col` element, and the first and last column it is for."""

_PLAIN_WIDTH = "9.140625"
"""Of a column that states none."""

WORKSHEET_ORDER = (
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """How a column looks: its width (None: as it is), in a collapsed group, or with the mark of the group beside it."""

    width: float | None
    folded: bool = False
    marked: bool = False


def merged_areas(sheet: SheetXml) -> tuple[Area, ...]:
    """Return the merged areas. Pure."""
    collection = sheet.root.find("mergeCells")
    merges = collection.find_all("mergeCell") if collection else ()
    return tuple(area for merge in merges for area in parse_areas(merge.attributes.get("ref", "")))


def is_protected(sheet: SheetXml) -> bool:
    """Return whether the sheet is protected against changes by hand. Pure."""
    protection = sheet.root.find("sheetProtection")
    return protection is not None and protection.attributes.get("sheet", "0") in {"1", "true", "on"}


def column_styles(sheet: SheetXml) -> Mapping[range, int]:
    """Return the formats of whole columns, by the columns they are for. Pure."""
    return {
        range(first, last + 1): style
        for first, last, element in column_elements(sheet)
        if (style := xmltree.whole_number(element.attributes.get("style", ""))) is not None
    }


def hidden_columns(sheet: SheetXml) -> tuple[range, ...]:
    """Return the runs of columns that people hid; not one up to the last, with which they hide what is unused. Pure."""
    runs: list[range] = []
    for first, last, element in column_elements(sheet):
        if element.attributes.get("hidden", "0") in {"1", "true", "on"}:
            start = runs.pop().start if runs and runs[-1].stop == first else first
            runs.append(range(start, last + 1))
    return tuple(run for run in runs if run.stop <= MOST_COLUMNS)


def column_widths(sheet: SheetXml) -> Mapping[range, float]:
    """Return the widths that are stated, by the columns they are for. Pure."""
    widths = {}
    for first, last, element in column_elements(sheet):
        with suppress(ValueError):
            widths[range(first, last + 1)] = float(element.attributes.get("width", ""))
    return widths


def grow_dimension(sheet: SheetXml, area: Area) -> list[Splice]:
    """Plan a stated used range to hold the area too; a sheet that states none gets none."""
    dimension = sheet.root.find("dimension")
    stated = parse_area(dimension.attributes.get("ref", "")) if dimension else None
    if dimension is None or stated is None or stated.joined(area) == stated:
        return []
    tag = sheet.data[dimension.start : dimension.inner]
    return [(dimension.start, dimension.inner, with_attributes(tag, ref=str(stated.joined(area))))]


def has_overlapping_columns(sheet: SheetXml) -> bool:
    """Return whether ranges of columns overlap: such a sheet keeps them as they are. Pure."""
    return any(last >= first for (_, last, _), (first, _, _) in pairwise(column_elements(sheet)))


def set_columns(sheet: SheetXml, looks: Mapping[int, ColumnLook]) -> list[Splice]:
    """Plan the looks of single columns; ranges of columns that hold them are split.

    A column with a width becomes visible unless it is folded; one without keeps its looks and gets the mark of the
    group beside it. A sheet whose ranges overlap already is left as it is.
    """
    ranges = column_elements(sheet)
    if not looks or has_overlapping_columns(sheet):
        return []
    splices: list[Splice] = []
    covered: set[int] = set()
    for first, last, element in ranges:
        inside = {column: look for column, look in sorted(looks.items()) if first <= column <= last}
        if inside:
            covered.update(inside)
            splices.append((element.start, element.end, _cut(sheet, element, range(first, last + 1), inside)))
    blank = b"<%scol/>" % sheet.prefix
    new = {column: _look(blank, column, look) for column, look in sorted(looks.items()) if column not in covered}
    return splices + _new_columns(sheet, ranges, new)


def _new_columns(sheet: SheetXml, ranges: Sequence[ColumnRange], new: Mapping[int, bytes]) -> list[Splice]:
    """Plan elements for columns that have none, between those that are there."""
    if not new:
        return []
    collection = sheet.root.find("cols")
    if collection is None:
        name = sheet.prefix + b"cols"
        at = xmltree.place_for(sheet.root, "cols", WORKSHEET_ORDER)
        return [(at, at, b"<%s>%s</%s>" % (name, b"".join(new.values()), name))]
    if collection.self_closed:
        return []
    places = (
        next((element.start for first, _, element in ranges if first > column), collection.tail) for column in new
    )
    return [(at, at, written) for at, written in zip(places, new.values(), strict=True)]


def column_elements(sheet: SheetXml) -> list[ColumnRange]:
    """Return the `col` elements, each with the first and the last column it is for. Pure."""
    collection = sheet.root.find("cols")
    ranges = []
    for element in collection.find_all("col") if collection else ():
        first, last = (xmltree.whole_number(element.attributes.get(name, "")) for name in ("min", "max"))
        if first is not None and last is not None:
            ranges.append((first, last, element))
    return ranges


def _cut(sheet: SheetXml, element: Element, columns: range, looks: Mapping[int, ColumnLook]) -> bytes:
    """Write a range of columns in pieces, some of them of one column and of its own looks."""
    tag = sheet.data[element.start : element.inner]
    rest = sheet.data[element.inner : element.end]
    pieces = []
    begin = columns.start
    for column, look in looks.items():
        if begin < column:
            pieces.append(_kept(tag, begin, column - 1, columns) + rest)
        pieces.append(_look(_kept(tag, column, column, columns), column, look) + rest)
        begin = column + 1
    if begin < columns.stop:
        pieces.append(_kept(tag, begin, columns.stop - 1, columns) + rest)
    return b"".join(pieces)


def _kept(tag: bytes, first: int, last: int, columns: range) -> bytes:
    """Write the part of a range of columns that stays as it is: the mark of a group beside it on the first only."""
    tag = with_attributes(tag, min=str(first), max=str(last))
    return tag if first == columns.start else with_attributes(tag, collapsed=None)


def _look(tag: bytes, column: int, look: ColumnLook) -> bytes:
    """Write a column's tag with its looks."""
    if look.width is not None:
        tag = with_attributes(tag, hidden=None, outlineLevel=None, bestFit=None)
        tag = with_attributes(tag, min=str(column), max=str(column), width=f"{look.width:g}", customWidth="1")
    elif b"width" not in tag:
        tag = with_attributes(tag, min=str(column), max=str(column), width=_PLAIN_WIDTH)
    if look.folded:
        tag = with_attributes(tag, hidden="1", outlineLevel="1", collapsed=None)
    return with_attributes(tag, collapsed="1") if look.marked else tag
