"""Colours on added columns: conditional formats that fill cells by their text.

The sheet's own rules stay, in its own list and in its extension list (x14). Priorities are numbers of
one row shared by both lists. ECMA-376 Part 1, 18.3.1.18 (conditionalFormatting), .10 (cfRule).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sheetcrm.excel.splice.sheet_parts import WORKSHEET_ORDER, Splice
from sheetcrm.excel.splice.sheet_xml import SheetXml
from sheetcrm.excel.splice.styles import StyleSheet
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import Area

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


def _last_priority(sheet: SheetXml) -> int:
    outside = sheet.masked[: sheet.sheet_data.start] + sheet.masked[sheet.sheet_data.end :]
    priorities = re.findall(rb"""\spriority\s*=\s*["'](\d{1,9})["']""", outside)
    return max(map(int, priorities), default=0)


def _literal(text: str) -> bytes:
    """Write text as a formula's constant."""
    return xmltree.escape('"' + text.replace('"', '""') + '"')
