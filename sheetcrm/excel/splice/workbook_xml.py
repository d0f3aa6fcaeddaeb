"""Edits of the workbook part: a calculation on load, and the hidden names of filters."""

from __future__ import annotations

import re

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
_FILTER_NAME = "_xlnm._FilterDatabase"


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


def _unquoted(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") and name.endswith("'") else name


def _absolute(area: Area) -> str:
    return re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", str(area))
