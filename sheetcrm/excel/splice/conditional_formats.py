"""Colours and drop-downs on added columns: conditional formats and data validations, merged in.

What stands stays, in the sheet's own list and in its extension list (x14). Priorities are numbers of
one row shared by both lists. ECMA-376 Part 1, 18.3.1.18, 18.3.1.10, 18.3.1.33, 18.3.1.32.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sheetcrm.excel.splice.sheet_parts import WORKSHEET_ORDER, Splice
from sheetcrm.excel.splice.sheet_xml import SheetXml
from sheetcrm.excel.splice.styles import StyleSheet
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import Area, parse_areas
from sheetcrm.ooxml.xmltree import escape

_LONGEST_LIST = 255
"""Characters a list may have that is written out in the validation itself."""
_RGB = re.compile(r"#?[0-9A-Fa-f]{6}")


class Rules:
    """Collects the rules of one sheet, and plans them as splices."""

    def __init__(self, sheet: SheetXml) -> None:
        """Learn which priorities and which validated areas there are."""
        self._sheet = sheet
        outside = sheet.masked[: sheet.sheet_data.start] + sheet.masked[sheet.sheet_data.end :]
        priorities = re.findall(rb"""\spriority\s*=\s*["'](\d{1,9})["']""", outside)
        self._priority = max(map(int, priorities), default=0)
        self._validated = _validated_areas(sheet)
        self._formats: list[bytes] = []
        self._validations: list[bytes] = []

    def colour(self, area: Area, colours: Mapping[str, str], styles: StyleSheet) -> None:
        """Fill cells of the area by their text; the area gets one rule a colour, after all that are there."""
        p = self._sheet.prefix
        rules = []
        for value, rgb in colours.items():
            if not _RGB.fullmatch(rgb):
                raise ValueError(f"{rgb!r} is no colour")
            self._priority += 1
            formula = b"<%sformula>%s</%sformula>" % (p, _literal(value), p)
            rules.append(
                b'<%scfRule type="cellIs" dxfId="%d" priority="%d" operator="equal">%s</%scfRule>'
                % (p, styles.fill(rgb), self._priority, formula, p)
            )
        if rules:
            name = p + b"conditionalFormatting"
            self._formats.append(b'<%s sqref="%s">%s</%s>' % (name, str(area).encode(), b"".join(rules), name))

    def offer(self, area: Area, choices: Sequence[str]) -> bool:
        """Offer a drop-down on the area; False where Excel could not hold it, or one is there already.

        A list written out may hold 255 characters, and a comma parts its entries.
        """
        joined = ",".join(choices)
        if len(joined) > _LONGEST_LIST or any("," in choice or not choice.strip() for choice in choices):
            return False
        if any(area.meets(other) for other in self._validated):
            return False
        p = self._sheet.prefix
        self._validated.append(area)
        self._validations.append(
            b'<%sdataValidation type="list" allowBlank="1" showInputMessage="1" showErrorMessage="1" sqref="%s">'
            b"<%sformula1>%s</%sformula1></%sdataValidation>" % (p, str(area).encode(), p, _literal(joined), p, p)
        )
        return True

    def splices(self) -> list[Splice]:
        """Plan all rules collected."""
        sheet = self._sheet
        splices: list[Splice] = []
        if self._formats:
            at = xmltree.place_for(sheet.root, "conditionalFormatting", WORKSHEET_ORDER)
            splices.append((at, at, b"".join(self._formats)))
        if self._validations:
            inside, more = b"".join(self._validations), len(self._validations)
            collection = sheet.root.find("dataValidations")
            if collection is not None:
                return splices + xmltree.grow(sheet.data, collection, inside, more)
            name = sheet.prefix + b"dataValidations"
            at = xmltree.place_for(sheet.root, "dataValidations", WORKSHEET_ORDER)
            splices.append((at, at, b'<%s count="%d">%s</%s>' % (name, more, inside, name)))
        return splices


def _validated_areas(sheet: SheetXml) -> list[Area]:
    areas: list[Area] = []
    for element in sheet.root.walk():
        if element.name == "dataValidation" and "sqref" in element.attributes:
            areas.extend(parse_areas(element.attributes["sqref"]))
        elif element.name == "dataValidation":  # x14 keeps the areas in a child of its own
            for child in element.children:
                if child.name == "sqref":
                    areas.extend(parse_areas(xmltree.text_of(sheet.data, child)))
    return areas


def _literal(text: str) -> bytes:
    """Write text as a formula's constant."""
    return escape('"' + text.replace('"', '""') + '"')
