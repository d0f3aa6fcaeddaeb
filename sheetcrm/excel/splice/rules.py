"""Colour rules and drop-downs of filled columns, and the prompt at an added header (practice §9).

A rule of an area that ends above the column's last row grows down to it, unless another rule is there already.
ECMA-376 Part 1, 18.3.1.18 (conditionalFormatting), .32 and .33 (dataValidation, dataValidations).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sheetcrm.excel.splice.placement import PlacedColumn
from sheetcrm.excel.splice.sheet_parts import WORKSHEET_ORDER, Splice
from sheetcrm.excel.splice.sheet_xml import SheetXml
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import MOST_COLUMNS, MOST_ROWS, Area, parse_areas
from sheetcrm.ooxml.xmltree import Element, with_attributes
from sheetcrm.text.folding import simplify, traditionalise

_MOST_RULES = 500
"""Rules on the columns of a list: where there are more, somebody's program made them, and they are left as they are."""
_PROMPT_TITLE = "由程序填写"
_PROMPT = "这一列由 sheetcrm 填写，每次运行都会更新。自己的内容请写在别的列。"


def grow_rules(sheet: SheetXml, placed: Sequence[PlacedColumn]) -> list[Splice]:
    """Plan rules on columns that were there before to reach the last rows that are filled."""
    rows = {column.number: column.edit.rows for column in placed if not column.added and column.edit.rows}
    if not rows:
        return []
    validations = sheet.root.find("dataValidations")
    return [
        *_grown(sheet, sheet.root.find_all("conditionalFormatting"), rows),
        *_grown(sheet, validations.find_all("dataValidation") if validations else (), rows),
    ]


def add_prompts(sheet: SheetXml, added: Sequence[PlacedColumn]) -> list[Splice]:
    """Plan the prompt that says, at the headers of added columns, who fills them; a cell has one prompt or rule."""
    taken = list(_validated(sheet))
    headers = [Area(column.header_row, column.number, column.header_row, column.number) for column in added]
    free = [header for header in headers if not any(header.meets(area) for area in taken)]
    if not free:
        return []
    p = sheet.prefix
    write = traditionalise if any(simplify(column.edit.label) != column.edit.label for column in added) else str
    new = b'<%sdataValidation allowBlank="1" showInputMessage="1" promptTitle="%s" prompt="%s" sqref="%s"/>' % (
        p,
        xmltree.escape(write(_PROMPT_TITLE)),
        xmltree.escape(write(_PROMPT)),
        " ".join(map(str, _joined(free))).encode(),
    )
    collection = sheet.root.find("dataValidations")
    if collection is not None:
        return xmltree.grow(sheet.data, collection, new, 1)
    at = xmltree.place_for(sheet.root, "dataValidations", WORKSHEET_ORDER)
    return [(at, at, b'<%sdataValidations count="1">%s</%sdataValidations>' % (p, new, p))]


def _grown(sheet: SheetXml, elements: Iterable[Element], rows: Mapping[int, Sequence[int]]) -> Iterable[Splice]:
    first, last = min(rows), max(rows)
    near: list[tuple[Element, Sequence[Area]]] = []
    for element in elements:
        areas = parse_areas(element.attributes.get("sqref", ""))
        if any(area.left <= last and area.right >= first for area in areas):
            near.append((element, areas))
        if len(near) > _MOST_RULES:
            return
    taken = [area for _element, areas in near for area in areas]
    for element, of_one in near:
        if len(element.attributes.get("sqref", "").split()) != len(of_one):
            continue
        grown = [_reaching(area, taken, rows) for area in of_one]
        if grown != list(of_one):
            tag = sheet.data[element.start : element.inner]
            yield element.start, element.inner, with_attributes(tag, sqref=" ".join(map(str, grown)))


def _reaching(area: Area, taken: Sequence[Area], rows: Mapping[int, Sequence[int]]) -> Area:
    """Return an area grown to the last row of its columns; itself where they are not all filled, or it is taken."""
    columns = [rows.get(column, ()) for column in range(area.left, min(area.right, area.left + len(rows)) + 1)]
    last = min((numbers[-1] for numbers in columns if numbers), default=0)
    filled = all(any(area.top <= number <= area.bottom for number in numbers) for numbers in columns)
    if not filled or last <= area.bottom:
        return area
    below = Area(area.bottom + 1, area.left, last, area.right)
    return area if any(below.meets(other) for other in taken) else Area(area.top, area.left, last, area.right)


def _validated(sheet: SheetXml) -> Iterable[Area]:
    """Yield the areas that have a drop-down, a rule or a prompt, those of the extension list too."""
    validations = sheet.root.find("dataValidations")
    for element in validations.find_all("dataValidation") if validations else ():
        yield from _areas(element.attributes.get("sqref", ""))
    extensions = sheet.root.find("extLst")
    for element in extensions.walk() if extensions else ():
        if element.name == "sqref":
            yield from _areas(xmltree.text_of(sheet.data, element))


def _areas(references: str) -> Sequence[Area]:
    """Read a `sqref`; one with something else in it (`H:H`) may be anywhere."""
    areas = parse_areas(references)
    return areas if len(areas) == len(references.split()) else [Area(1, 1, MOST_ROWS, MOST_COLUMNS)]


def _joined(cells: Sequence[Area]) -> Sequence[Area]:
    """Join cells side by side, which come from left to right."""
    joined: list[Area] = []
    for cell in cells:
        last = joined[-1] if joined else None
        if last and (last.top, last.right + 1) == (cell.top, cell.left):
            joined[-1] = Area(cell.top, last.left, cell.top, cell.left)
        else:
            joined.append(cell)
    return joined
