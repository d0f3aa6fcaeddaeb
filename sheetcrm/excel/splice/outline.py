"""Which added columns go into a collapsed group, so that a sheet prints as it did (practice §9).

Hidden columns are not printed. Columns of a lower rank are folded always; where a sheet is fitted to the width of its
pages and has no print area, so is whatever would make it shrink. ECMA-376 Part 1, 18.3.1.13 (col), .81
(sheetFormatPr), .63 (pageSetup).
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence

from sheetcrm.excel.splice.placement import PlacedColumn
from sheetcrm.excel.splice.sheet_parts import ColumnLook, Splice, column_elements, has_overlapping_columns, is_protected
from sheetcrm.excel.splice.sheet_xml import SheetXml
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import MOST_COLUMNS, parse_area
from sheetcrm.ooxml.xmltree import Element, with_attributes

FOLDED_TO_FIT = "columns-folded-to-fit"
"""Said where columns are folded so that the sheet does not shrink."""
_TRUE = frozenset({"1", "true", "on"})
_INCHES = 9.4 / 96
"""Of a character of a column's width: at most, by the fonts that stand in for one a computer does not have."""
_DEFAULT_WIDTH = 9.140625
_MARGIN = 0.7
_PAPERS = {1: (8.5, 11.0), 5: (8.5, 14.0), 8: (11.69, 16.54), 9: (8.27, 11.69), 12: (9.84, 13.9), 13: (7.17, 10.12)}
"""Width and height in inches of the papers that are known, by their numbers."""
_ANY_PAPER = (8.27, 11.0)
"""Of a sheet that names none: the narrower of A4 and Letter, either way."""


def fold_columns(
    sheet: SheetXml,
    added: Sequence[PlacedColumn],
    widths: Mapping[int, float],
    *,
    occupied: Container[int] = (),
    has_print_area: bool,
) -> tuple[Mapping[int, ColumnLook], str]:
    """Choose the looks of added columns.

    Columns that are `occupied`, in which something else of the sheet stands, are never folded. A protected sheet,
    in which nobody could unfold them, and one that states no depth of groups keep all visible.

    Returns:
        The looks by column, with the mark of a group right of it, and `FOLDED_TO_FIT` where it is to be said.
    """
    looks = {column: ColumnLook(width) for column, width in widths.items()}
    numbers = [column.number for column in added]
    if not numbers or sheet.root.find("sheetFormatPr") is None or is_protected(sheet) or has_overlapping_columns(sheet):
        return looks, ""
    shown = {column.number for column in added if column.edit.shown}
    shrinking = () if has_print_area else set(_shrinking(sheet, numbers, widths, shown))
    folded = {column.number for column in added if column.edit.folded}.union(shrinking)
    folded -= {column.number for column in added if not (column.edit.folded or column.number in shrinking)}
    folded = {number for number in folded if number not in occupied}
    levels = _grouped(sheet)
    folded -= {number for number in numbers if number - 1 in levels or number + 1 in levels}  # groups stay apart
    if not folded:
        return looks, ""
    marks = () if _marks_left(sheet) else {number + 1 for number in folded} - folded
    for number in folded:
        looks[number] = ColumnLook(widths[number], folded=True)
    for number in marks:
        if number <= MOST_COLUMNS:
            looks[number] = ColumnLook(widths.get(number), marked=True)
    return looks, FOLDED_TO_FIT if folded.intersection(shrinking) else ""


def deepen_outline(sheet: SheetXml, looks: Mapping[int, ColumnLook]) -> list[Splice]:
    """Plan the depth of the sheet's groups of columns to be at least one, where columns are folded."""
    settings = sheet.root.find("sheetFormatPr")
    if settings is None or not any(look.folded for look in looks.values()):
        return []
    if (xmltree.whole_number(settings.attributes.get("outlineLevelCol", "")) or 0) >= 1:
        return []
    tag = sheet.data[settings.start : settings.inner]
    return [(settings.start, settings.inner, with_attributes(tag, outlineLevelCol="1"))]


def _shrinking(
    sheet: SheetXml, numbers: Sequence[int], widths: Mapping[int, float], shown: Collection[int]
) -> Collection[int]:
    """Return the added columns from the first on that does not fit beside what is printed now and is `shown`."""
    page = _page_width(sheet)
    if page is None:
        return ()
    dimension = sheet.root.find("dimension")
    stated = parse_area(dimension.attributes.get("ref", "")) if dimension else None
    last = max(numbers[0] - 1, min(stated.right if stated else 0, MOST_COLUMNS))
    room = page - sum(_visible_widths(sheet, set(range(1, last + 1)) - set(numbers))) * _INCHES
    room -= sum(widths[number] for number in shown) * _INCHES
    others = [number for number in numbers if number not in shown]
    for at, number in enumerate(others):
        room -= widths[number] * _INCHES
        if room < 0:
            return others[at:]
    return ()


def _page_width(sheet: SheetXml) -> float | None:
    """Return how many inches are printed side by side; None where the sheet is not fitted to a width."""
    properties, setup = sheet.root.find("sheetPr"), sheet.root.find("pageSetup")
    fitting = properties.find("pageSetUpPr") if properties else None
    if fitting is None or fitting.attributes.get("fitToPage") not in _TRUE:
        return None
    attributes = setup.attributes if setup else {}
    pages = xmltree.whole_number(attributes.get("fitToWidth", "1"))
    if not pages:
        return None
    number = xmltree.whole_number(attributes.get("paperSize", ""))
    paper = _ANY_PAPER if number is None else _PAPERS.get(number, (0.0, 0.0))
    margins = sheet.root.find("pageMargins")
    sides = sum(_inches(margins, side) for side in ("left", "right"))
    return pages * max(0.0, paper[attributes.get("orientation") == "landscape"] - sides)


def _inches(margins: Element | None, side: str) -> float:
    try:
        return float(margins.attributes[side]) if margins else _MARGIN
    except (KeyError, ValueError):
        return _MARGIN


def _visible_widths(sheet: SheetXml, columns: Collection[int]) -> Iterable[float]:
    """Yield the widths of columns that are not hidden."""
    settings = sheet.root.find("sheetFormatPr")
    default = _width(settings, "defaultColWidth") or _DEFAULT_WIDTH
    ranges = column_elements(sheet)
    for column in columns:
        own = next((element for first, last, element in ranges if first <= column <= last), None)
        if own is None or own.attributes.get("hidden") not in _TRUE:
            yield _width(own, "width") or default


def _width(element: Element | None, name: str) -> float | None:
    try:
        return float(element.attributes[name]) if element else None
    except (KeyError, ValueError):
        return None


def _grouped(sheet: SheetXml) -> Collection[int]:
    """Return the columns that are in groups of people's own."""
    return {
        column
        for first, last, element in column_elements(sheet)
        if xmltree.whole_number(element.attributes.get("outlineLevel", ""))
        for column in range(first, last + 1)
    }


def _marks_left(sheet: SheetXml) -> bool:
    """Return whether the sheet has the marks of its groups left of them, where people's own columns are."""
    properties = sheet.root.find("sheetPr")
    outline = properties.find("outlinePr") if properties else None
    return outline is not None and outline.attributes.get("summaryRight", "1") not in _TRUE
