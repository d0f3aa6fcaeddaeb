"""Edits of the workbook part: a calculation on load, a further sheet, and the built-in names of sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import Area, columns_text, parse_area, parse_columns
from sheetcrm.ooxml.package import SheetPart
from sheetcrm.ooxml.xmltree import with_attributes

_ORDER = (
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
    "calcPr",
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
)
_FILTER_NAME, _TITLES_NAME, _PRINT_AREA = "_xlnm._FilterDatabase", "_xlnm.Print_Titles", "_xlnm.Print_Area"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def calculate_on_load(data: bytes, *, part: str) -> bytes:
    """Return the workbook part with a full calculation requested for when it is next opened. Pure."""
    root = xmltree.parse(data, part=part)
    settings = root.find("calcPr")
    if settings is None:
        at = xmltree.place_for(root, "calcPr", _ORDER)
        new = b'<%scalcPr fullCalcOnLoad="1"/>' % xmltree.prefix_of(data, root)
        return xmltree.splice(data, [(at, at, new)])
    if settings.attributes.get("fullCalcOnLoad") in {"1", "true", "on"}:
        return data
    tag = with_attributes(data[settings.start : settings.inner], fullCalcOnLoad="1")
    return xmltree.splice(data, [(settings.start, settings.inner, tag)])


def widen_filter_name(data: bytes, sheet: SheetPart, old: Area, new: Area, *, part: str) -> bytes | None:
    """Return the workbook part with a sheet's hidden filter name on the new area. Pure.

    None if there is no such name, or it is not on the old area: the filter itself must then stay too.
    """
    root = xmltree.parse(data, part=part)
    names = root.find("definedNames")
    for name in names.find_all("definedName") if names else ():
        attributes = name.attributes
        if attributes.get("name") == _FILTER_NAME and attributes.get("localSheetId") == str(sheet.index):
            before, _, reference = xmltree.text_of(data, name).rpartition("!")
            columns = parse_columns(reference)
            if (columns or parse_area(reference)) != old or unquoted(before) != sheet.name:
                return None
            text = xmltree.escape(f"{before}!{_absolute(columns_text(new) if columns else str(new))}")
            return xmltree.splice(data, [(name.inner, name.tail, text)])
    return None


def print_areas(data: bytes, sheet: SheetPart, *, part: str) -> tuple[Area, ...]:
    """Return the areas of a sheet that are printed; none where people set none. Pure."""
    names = xmltree.parse(data, part=part).find("definedNames") if _PRINT_AREA.encode() in data else None
    for name in names.find_all("definedName") if names else ():
        attributes = name.attributes
        if attributes.get("name") == _PRINT_AREA and attributes.get("localSheetId") == str(sheet.index):
            references = (one.rpartition("!")[2] for one in xmltree.text_of(data, name).split(","))
            areas = (parse_columns(one) or parse_area(one) for one in references)
            return tuple(area for area in areas if area)
    return ()


def defined_names(data: bytes, *, part: str) -> tuple[tuple[str, str], ...]:
    """Return the names that people defined, each with what it stands for. Pure."""
    names = xmltree.parse(data, part=part).find("definedNames")
    return tuple(
        (name.attributes.get("name", ""), xmltree.text_of(data, name))
        for name in (names.find_all("definedName") if names else ())
        if not name.attributes.get("name", "").startswith("_xlnm.")
    )


def relationship_type(kind: str, *, strict: bool) -> str:
    """Return the full type of a relationship of that kind. Pure."""
    return f"{_STRICT_OFFICE if strict else _OFFICE}/{kind}"


def add_sheet(data: bytes, name: str, relationship: str, *, part: str, strict: bool) -> bytes:
    """Return the workbook part with a sheet of that name and relationship after the last. Pure."""
    root = xmltree.parse(data, part=part)
    sheets = root.find("sheets")
    if sheets is None:
        return data
    numbers = (xmltree.whole_number(sheet.attributes.get("sheetId", "")) or 0 for sheet in sheets.find_all("sheet"))
    new = b'<%ssheet name="%s" sheetId="%d" r:id="%s" xmlns:r="%s"/>' % (
        xmltree.prefix_of(data, root),
        xmltree.escape(name),
        max(numbers, default=0) + 1,
        xmltree.escape(relationship),
        (_STRICT_OFFICE if strict else _OFFICE).encode(),
    )
    return xmltree.splice(data, xmltree.grow(data, sheets, new, 1))


def name_list(data: bytes, sheet: str, index: int, *, filtered: Area, titles: int, part: str) -> bytes:
    """Return the workbook part with the hidden name of a sheet's filter and the rows it prints on every page. Pure.

    Args:
        data: The workbook part.
        sheet: The sheet's name.
        index: Its 0-based place in the workbook.
        filtered: The area of its filter.
        titles: The row that is printed on every page.
        part: The part's name.
    """
    root = xmltree.parse(data, part=part)
    p = xmltree.prefix_of(data, root)
    quoted = "'" + sheet.replace("'", "''") + "'!"
    values: Mapping[str, tuple[str, str]] = {
        _FILTER_NAME: (' hidden="1"', f"{quoted}{_absolute(str(filtered))}"),
        _TITLES_NAME: ("", f"{quoted}${titles}:${titles}"),
    }
    new = b"".join(
        b'<%sdefinedName name="%s" localSheetId="%d"%s>%s</%sdefinedName>'
        % (p, name.encode(), index, more.encode(), xmltree.escape(value), p)
        for name, (more, value) in values.items()
    )
    names = root.find("definedNames")
    if names is None:
        at = xmltree.place_for(root, "definedNames", _ORDER)
        return xmltree.splice(data, [(at, at, b"<%sdefinedNames>%s</%sdefinedNames>" % (p, new, p))])
    old = [
        (entry.start, entry.end, b"")
        for entry in names.find_all("definedName")
        if entry.attributes.get("name") in values and entry.attributes.get("localSheetId") == str(index)
    ]
    return xmltree.splice(data, [*old, *xmltree.grow(data, names, new, 0)])


def has_views(data: bytes, *, part: str) -> bool:
    """Return whether the workbook has a window, to which a sheet's view may refer. Pure."""
    return xmltree.parse(data, part=part).find("bookViews") is not None


def unquoted(name: str) -> str:
    """Return a sheet's name as it is, from the way that references write it. Pure."""
    return name[1:-1].replace("''", "'") if name.startswith("'") and name.endswith("'") else name


def _absolute(area: str) -> str:
    return re.sub(r"([0-9]+|[A-Z]+)", r"$\1", area)
