"""Fills by conditional formats: of added columns by the text of a cell, of marked copies for cells at fault.

The sheet's own rules stay, in its own list and in its extension list (x14). Priorities are numbers of
one row shared by both lists. ECMA-376 Part 1, 18.3.1.18 (conditionalFormatting), .10 (cfRule).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from sheetcrm.excel.splice.sheet_parts import WORKSHEET_ORDER, Splice
from sheetcrm.excel.splice.sheet_xml import SheetXml
from sheetcrm.excel.splice.styles import StyleSheet
from sheetcrm.model import CellMarks, Severity
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import Area

PATTERNS = {
    Severity.ERROR: ("solid", "FF9A9A", "FF9A9A"),
    Severity.WARNING: ("lightUp", "C98A00", "FFF2CC"),
    Severity.NOTE: ("gray0625", "2F75B5", "EAF3FB"),
}
"""The fill of a cell at fault: pattern, its colour, its ground. Printed in grey, or by a program that knows no
patterns and mixes the two colours, the three still differ: each is lighter than the one before."""
MARK = 'N("sheetcrm")=0'
"""The condition of our fills: always true, and what they are known by in a copy that others have saved."""
_AREAS = 500
"""Areas of one rule: a list of them is one attribute, which nobody reads without a limit."""
_PRIORITY = re.compile(rb"""<(?:[^\s<>/:]+:)?cfRule\s[^>]*?\bpriority\s*=\s*["']([0-9]{1,9})["']""")
_STATED = re.compile(rb"""\spriority\s*=\s*["'](\d{1,9})["']""")
_RGB = re.compile(r"#?[0-9A-Fa-f]{6}")


def colour_cells(sheet: SheetXml, styles: StyleSheet, areas: Mapping[Area, Mapping[str, str]]) -> list[Splice]:
    """Plan to fill the cells of areas by their text, after all rules that are there.

    Args:
        sheet: The sheet.
        styles: The workbook's formats, appended to.
        areas: The colours of each area: the fill, RRGGBB, by the text of a cell.

    Raises:
        ValueError: If a colour is none.
    """
    p = sheet.prefix
    priority = _last_priority(sheet)
    formats: list[bytes] = []
    for area, colours in areas.items():
        rules: list[bytes] = []
        for text, rgb in colours.items():
            if not _RGB.fullmatch(rgb):
                raise ValueError(f"{rgb!r} is no colour")
            priority += 1
            formula = b"<%sformula>%s</%sformula>" % (p, _literal(text), p)
            rules.append(
                b'<%scfRule type="cellIs" dxfId="%d" priority="%d" operator="equal">%s</%scfRule>'
                % (p, styles.fill(rgb), priority, formula, p)
            )
        name = p + b"conditionalFormatting"
        formats.append(b'<%s sqref="%s">%s</%s>' % (name, str(area).encode(), b"".join(rules), name))
    at = xmltree.place_for(sheet.root, "conditionalFormatting", WORKSHEET_ORDER)
    return [(at, at, b"".join(formats))]


def mark_cells(sheet: SheetXml, styles: StyleSheet, marks: CellMarks) -> list[Splice]:
    """Plan the fills of a sheet's cells at fault in the place of those that are there from an earlier check.

    They come before the sheet's own rules, whose order among themselves stays; after them only where a pivot
    table refers to those by their numbers.
    """
    p = sheet.prefix
    by_level = {level: sorted(place for place, worst in marks.items() if worst is level) for level in PATTERNS}
    lists = [(level, areas) for level, places in by_level.items() for areas in _in_lists(places)]
    removed = _own_rules(sheet)
    theirs = [
        match for match in _PRIORITY.finditer(_outside(sheet))
        if not any(start <= match.start() < end for start, end, _ in removed)
    ]  # fmt: skip
    is_referred_to = any(
        element.attributes.get("pivot") in {"1", "true"} for element in sheet.root.find_all("conditionalFormatting")
    )
    first, shifts = 1, list[Splice]()
    if is_referred_to:
        first = max((int(match[1]) for match in theirs), default=0) + 1
    elif lists and theirs:
        shift = max(0, len(lists) + 1 - min(int(match[1]) for match in theirs))
        shifts = [(*match.span(1), b"%d" % (int(match[1]) + shift)) for match in theirs] if shift else []
    name, mark = p + b"conditionalFormatting", b"<%sformula>%s</%sformula>" % (p, xmltree.escape(MARK), p)
    formats = b"".join(
        b'<%s sqref="%s"><%scfRule type="expression" dxfId="%d" priority="%d">%s</%scfRule></%s>'
        % (name, areas, p, styles.pattern(*PATTERNS[level]), priority, mark, p, name)
        for priority, (level, areas) in enumerate(lists, first)
    )
    at = xmltree.place_for(sheet.root, "conditionalFormatting", WORKSHEET_ORDER)
    return [*removed, *shifts, *([(at, at, formats)] if formats else [])]


def is_marked(data: bytes) -> bool:
    """Return whether a sheet's part may hold fills of ours; certain where it says no. Pure."""
    return b"sheetcrm" in data


def _own_rules(sheet: SheetXml) -> list[Splice]:
    """Plan to take away the rules of an earlier check."""
    splices: list[Splice] = []
    for element in sheet.root.find_all("conditionalFormatting"):
        rules = list(element.find_all("cfRule"))
        own = [rule for rule in rules if any(_is_mark(sheet, formula) for formula in rule.find_all("formula"))]
        taken = [element] if own and len(own) == len(rules) else own
        splices += [(entry.start, entry.end, b"") for entry in taken]
    return splices


def _is_mark(sheet: SheetXml, formula: xmltree.Element) -> bool:
    return re.sub(r"\s", "", xmltree.text_of(sheet.data, formula)).casefold() == MARK.casefold()


def _in_lists(places: Sequence[tuple[int, int]]) -> Iterable[bytes]:
    """Write cells, in the order of rows, as lists of areas: cells below each other are one."""
    by_column: dict[int, list[list[int]]] = {}
    for row, column in places:
        runs = by_column.setdefault(column, [])
        if runs and runs[-1][1] == row - 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    areas = (Area(top, column, bottom, column) for column, runs in sorted(by_column.items()) for top, bottom in runs)
    while some := list(islice(areas, _AREAS)):
        yield " ".join(map(str, some)).encode()


def _last_priority(sheet: SheetXml) -> int:
    rows = sheet.sheet_data
    found = (_STATED.findall(sheet.masked, *place) for place in ((0, rows.start), (rows.end, len(sheet.masked))))
    return max(map(int, itertools.chain.from_iterable(found)), default=0)


def _outside(sheet: SheetXml) -> bytes:
    """Return the part with nothing of its rows, and all else at its place."""
    rows = sheet.sheet_data
    return sheet.masked[: rows.start] + b" " * (rows.end - rows.start) + sheet.masked[rows.end :]


def _literal(text: str) -> bytes:
    """Write text as a formula's constant."""
    return xmltree.escape('"' + text.replace('"', '""') + '"')
