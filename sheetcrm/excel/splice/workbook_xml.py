"""Edits of the workbook part: a calculation on load, a further sheet, and the built-in names of sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import Area, parse_area
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
_FILTER_NAME, _TITLES_NAME, _AREA_NAME = "_xlnm._FilterDatabase", "_xlnm.Print_Titles", "_xlnm.Print_Area"
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
            if parse_area(reference) != old or _unquoted(before) != sheet.name:
                return None
            text = xmltree.escape(f"{before}!{_absolute(new)}")
            return xmltree.splice(data, [(name.inner, name.tail, text)])
    return None


def has_print_area(data: bytes, sheet: SheetPart, *, part: str) -> bool:
    """Return whether a sheet prints a part of itself only. Pure."""
    names = xmltree.parse(data, part=part).find("definedNames") if _AREA_NAME.encode() in data else None
    return any(
        name.attributes.get("name") == _AREA_NAME and name.attributes.get("localSheetId") == str(sheet.index)
        for name in (names.find_all("definedName") if names else ())
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
        _FILTER_NAME: (' hidden="1"', f"{quoted}{_absolute(filtered)}"),
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


def _unquoted(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") and name.endswith("'") else name


def _absolute(area: Area) -> str:
    return re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", str(area))
