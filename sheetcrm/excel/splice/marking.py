"""Makes a marked copy of a workbook: fills on its cells at fault, and the sheet 检查结果 at its end.

The fills are conditional formats, not formats of the cells: no byte of any cell changes, a cell that is not there
needs none, and whoever saves the copy may number its formats anew: what is ours is found by its condition and taken
away again, and below it is the cell's own look. What an earlier check added is replaced.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from itertools import count
from urllib.parse import quote

from sheetcrm.excel.splice import workbook_xml
from sheetcrm.excel.splice.conditional_formats import is_marked, mark_cells
from sheetcrm.excel.splice.problem_list import HEADER_ROW, filtered_area, write_list
from sheetcrm.excel.splice.sheet_xml import open_sheet
from sheetcrm.excel.splice.styles import StyleSheet, blank_styles
from sheetcrm.excel.splice.writeback import refuse_signed
from sheetcrm.model import CellMarks, ProblemList
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.archive import Content
from sheetcrm.ooxml.own_sheets import findings_sheet
from sheetcrm.ooxml.package import (
    STRICT_NAMESPACE,
    Package,
    SheetPart,
    open_package,
    relationships_part,
)

_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "[Content_Types].xml"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def has_marks(workbook: bytes) -> bool:
    """Return whether a workbook that may be opened is a marked copy, of this check or an earlier one. Pure.

    Raises:
        UnreadableWorkbookError: As `open_package` does.
    """
    return findings_sheet(open_package(workbook)) is not None


def mark(workbook: bytes, marks: Mapping[str, CellMarks], listing: ProblemList, *, file: str) -> bytes:
    """Return a workbook's marked copy.

    Args:
        workbook: The workbook's bytes, or those of a copy that was marked before.
        marks: The cells at fault, by sheet. Sheets that are no worksheets, or not there, are passed over.
        listing: What the sheet 检查结果 holds; where people have a sheet of its name, it gets a number.
        file: The workbook's name, for telling an old binary format apart.

    Raises:
        UnreadableWorkbookError: As `guard.inspect`, `open_package` and `xmltree.parse` raise it.
        UneditableWorkbookError: `workbook-signed` or `sheet-xml-odd`.
    """
    refuse_signed(workbook, file=file)
    copy = _Copy(open_package(workbook))
    earlier = findings_sheet(copy.package)
    for sheet in copy.package.sheets:
        if sheet.kind == "worksheet" and sheet != earlier:
            _mark_sheet(copy, sheet, marks.get(sheet.name, {}))
    name, index = _place_list(copy, listing, earlier)
    book = copy.package.workbook
    copy.changes[book] = workbook_xml.name_list(
        copy.read(book), name, index, filtered=filtered_area(listing), titles=HEADER_ROW, part=book
    )
    return copy.written()


class _Copy:
    """One workbook's copy in the making: its parts as they are by now, and those it has not had."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.changes: dict[str, Content] = {}
        self.added: dict[str, Content] = {}
        self.namespace = STRICT_NAMESPACE if package.strict else _NAMESPACE
        blank = blank_styles(self.namespace)
        part = package.related(package.workbook, "styles")
        if part is None:
            part = self.add_part("styles.xml", "styles", blank)[0]
            self.styles = StyleSheet(blank, part=part)
        else:
            self.styles = StyleSheet(package.read(part), part=part)
            self.styles = StyleSheet(blank, part=part) if self.styles.is_empty else self.styles

    def read(self, part: str) -> bytes:
        """Return a small part with the changes so far."""
        changed = self.changes.get(part)
        return changed if isinstance(changed, bytes) else self.package.read(part)

    def add_part(self, name: str, kind: str, content: Content) -> tuple[str, str]:
        """Add a part beside the workbook's, of a kind that is both its relationship and its type.

        Returns:
            Its full name, and the id of its relationship.
        """
        folder = posixpath.dirname(self.package.workbook.replace("\\", "/"))
        stem = posixpath.join(folder if folder.isascii() else "xl", name).removesuffix(".xml")
        candidates = (f"{stem}{number or ''}.xml" for number in count())
        part = next(candidate for candidate in candidates if not self.package.has(candidate))
        links = relationships_part(self.package.workbook)
        types = self.read(_TYPES)
        root = xmltree.parse(types, part=_TYPES)
        self.changes[_TYPES] = _with_child(
            types, root, f'Override PartName="/{quote(part)}" ContentType="{_CONTENT}{kind}+xml"'
        )
        relationships = self.read(links)
        root = xmltree.parse(relationships, part=links)
        ids = {element.attributes.get("Id") for element in root.children}
        own = next(f"rId{number}" for number in count(1) if f"rId{number}" not in ids)
        kind = workbook_xml.relationship_type(kind, strict=self.package.strict)
        self.changes[links] = _with_child(
            relationships, root, f'Relationship Id="{own}" Type="{kind}" Target="/{quote(part)}"'
        )
        self.added[part] = content
        return part, own

    def written(self) -> bytes:
        """Return the copy's bytes."""
        styles = self.styles.changed()
        if styles is not None:
            (self.added if self.styles.part in self.added else self.changes)[self.styles.part] = styles
        return self.package.with_parts(self.changes, self.added)


def _with_child(data: bytes, root: xmltree.Element, child: str) -> bytes:
    new = b"<%s%s/>" % (xmltree.prefix_of(data, root), child.encode())
    return xmltree.splice(data, xmltree.grow(data, root, new, 0))


def _mark_sheet(copy: _Copy, sheet: SheetPart, marks: CellMarks) -> None:
    data = copy.package.read(sheet.part)
    if not marks and not is_marked(data):
        return
    xml = open_sheet(data, part=sheet.part)
    splices = mark_cells(xml, copy.styles, marks)
    if splices:
        copy.changes[sheet.part] = xmltree.spliced(data, splices)


def _place_list(copy: _Copy, listing: ProblemList, earlier: SheetPart | None) -> tuple[str, int]:
    """Write the list over that of an earlier check, or as a further sheet; return its name and place."""
    book = copy.package.workbook
    views = workbook_xml.has_views(copy.read(book), part=book)
    content = write_list(listing, copy.styles, namespace=copy.namespace, views=views)
    if earlier is not None:
        copy.changes[earlier.part] = content
        return earlier.name, earlier.index
    sheets = copy.package.sheets
    taken = {sheet.name.casefold() for sheet in sheets}
    names = (f"{listing.name}({number})" if number > 1 else listing.name for number in count(1))
    name = next(candidate for candidate in names if candidate.casefold() not in taken)
    _, own = copy.add_part("worksheets/findings.xml", "worksheet", content)
    copy.changes[book] = workbook_xml.add_sheet(copy.read(book), name, own, part=book, strict=copy.package.strict)
    return name, len(sheets)
