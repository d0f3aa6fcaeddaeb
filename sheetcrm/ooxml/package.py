"""Opens a workbook's package: its parts by name, their relationships, and the sheets in order.

Part names come from relationships, never from habit: writers use odd folders, absolute targets and
backslashes. Names are compared without case, as OPC asks (ECMA-376 Part 2, 6.2.2.3).
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern
from typing import NoReturn
from urllib.parse import unquote

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.archive import Archive, Content, Member, content, inflate, read_archive, replace, shown

STRICT_NAMESPACE = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_MOST_RELATIONSHIPS = 70_000
"""Of one part. A sheet has at most 65,530 links (Excel's limit), each of which may be one."""
_LISTED = 1 << 20
"""Bytes of a list of sheets that `sheet_names` looks at."""
_SHEET_KINDS = {
    "worksheet": "worksheet",
    "chartsheet": "chartsheet",
    "dialogsheet": "dialogsheet",
    "xlMacrosheet": "macrosheet",
    "xlIntlMacrosheet": "macrosheet",
}


@dataclass(frozen=True, slots=True)
class Relationship:
    """One part's reference to another, or to something outside the package."""

    id: str
    kind: str
    """The last segment of its type: the same word in strict and transitional files, e.g. `styles`."""
    target: str
    """The part's name as stored in the archive; the address itself where it is external."""
    external: bool


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet as the workbook lists it."""

    name: str
    state: str
    """`visible`, `hidden` or `veryHidden`."""
    kind: str
    """`worksheet`, `chartsheet`, `dialogsheet`, `macrosheet`, `module` or, with no such part, `missing`.

    A `module` names no part at all: so Excel lists the Visual Basic modules of old, whose code lies elsewhere.
    """
    part: str
    index: int
    """Its 0-based place in the workbook, as `localSheetId` counts."""


@dataclass(frozen=True, slots=True)
class Package:
    """An opened workbook. Parts are inflated when they are read, and not kept."""

    archive: Archive
    parts: Mapping[str, Member]
    """By folded name; use `read`, which folds."""
    workbook: str
    """The name of the workbook part."""
    sheets: tuple[SheetPart, ...]
    date1904: bool
    strict: bool

    def read(self, part: str) -> bytes:
        """Return a part's content; `part-missing` if there is none of that name."""
        return content(self.archive, self._member(part))

    def pieces(self, part: str) -> Iterator[bytes]:
        """Yield a part's content a megabyte at a time; raises as `read` does."""
        return inflate(self.archive, self._member(part))

    def _member(self, part: str) -> Member:
        member = self.parts.get(_fold(part))
        if member is None:
            _missing(part)
        return member

    def may_hold(self, part: str, element: bytes) -> bool:
        """Return False of a part without a tag of that local name, and of a large one without holding it whole."""
        # Two patterns that begin with plain bytes: one with a choice of signs takes ten times as long.
        tags = [re.compile(rb"%s%s[\s/>]" % (sign, re.escape(element))) for sign in (b"<", b":")]
        left = b""
        for piece in self.pieces(part):
            text = left + piece
            if any(tag.search(text) for tag in tags):
                return True
            left = text[-len(element) - 1 :]
        return False

    def size(self, part: str) -> int:
        """Return how many bytes a part declares, to which `archive.inflate` holds it; 0 if there is none."""
        member = self.parts.get(_fold(part))
        return member.size if member else 0

    def has(self, part: str) -> bool:
        """Return whether there is a part of that name, whatever its case."""
        return _fold(part) in self.parts

    def relationships(self, part: str) -> tuple[Relationship, ...]:
        """Return the relationships of a part; empty if it has none."""
        return _relationships(self.archive, self.parts, part)

    def related(self, part: str, kind: str) -> str | None:
        """Return the first internal target of that kind which exists, e.g. the workbook's `styles`."""
        for relationship in self.relationships(part):
            if relationship.kind == kind and not relationship.external and self.has(relationship.target):
                return relationship.target
        return None

    def has_kind(self, word: str) -> bool:
        """Return whether any part's name contains the word: a quick check for pivots and the like."""
        return any(word in name for name in self.parts)

    def has_folder(self, folder: str) -> bool:
        """Return whether any part lies in a folder, whatever its case."""
        return any(name.startswith(_fold(folder) + "/") for name in self.parts)

    def with_parts(self, changes: Mapping[str, Content], added: Mapping[str, Content] | None = None) -> bytes:
        """Return the workbook's bytes with the content of some parts replaced, and parts it had not added. Pure."""
        return replace(self.archive, {self.parts[_fold(part)].name: new for part, new in changes.items()}, added)


def open_package(data: bytes) -> Package:
    """Open the bytes of a workbook that the guard has let pass. Pure.

    Raises:
        UnreadableWorkbookError: `workbook-not-excel` if no workbook part is to be found,
            `sheet-listed-twice` if two sheets share a name or a part, `part-missing`, `xml-damaged`,
            `xml-too-large` or `xml-encoding` if what lists the sheets cannot be read.
    """
    archive = read_archive(data)
    parts, part = _workbook_part(archive)
    if part is None:
        raise UnreadableWorkbookError(
            "workbook-not-excel", "压缩包里没有工作簿，这不是 Excel 文件", "请用 Excel 或 WPS 打开后另存为 .xlsx"
        )
    root = xmltree.parse(content(archive, parts[_fold(part)]), part=part)
    if root.name != "workbook":
        raise UnreadableWorkbookError("workbook-not-excel", "这是别的 Office 文件，不是工作簿", "请换成 .xlsx 工作簿")
    properties = root.find("workbookPr")
    return Package(
        archive=archive,
        parts=parts,
        workbook=part,
        sheets=_sheets(root, _relationships(archive, parts, part), parts),
        date1904=properties is not None and _is_true(properties.attributes.get("date1904", "0")),
        strict=root.namespace == STRICT_NAMESPACE,
    )


def sheet_names(data: bytes) -> tuple[str, ...]:
    """List the names of a workbook's sheets; nothing else of it is inflated, and nothing need be known of it. Pure.

    Raises:
        UnreadableWorkbookError: If data is no package, or what lists the sheets is damaged or very large.
    """
    archive = read_archive(data)
    parts, part = _workbook_part(archive)
    if part is None or parts[_fold(part)].size > _LISTED:
        return ()
    listed = xmltree.attributes_of(content(archive, parts[_fold(part)]), "sheet", part=part, most=_MOST_RELATIONSHIPS)
    return tuple(attributes.get("name", "") for attributes in listed)


def _workbook_part(archive: Archive) -> tuple[Mapping[str, Member], str | None]:
    """Map the parts of a package by folded name, and find the workbook's among them by its relationship."""
    parts = {_fold(member.name): member for member in archive.members if not member.name.endswith(("/", "\\"))}
    roots = _relationships(archive, parts, "")
    return parts, next((r.target for r in roots if r.kind == "officeDocument" and _fold(r.target) in parts), None)


def _sheets(
    root: xmltree.Element, relationships: tuple[Relationship, ...], parts: Mapping[str, Member]
) -> tuple[SheetPart, ...]:
    by_id = {relationship.id: relationship for relationship in relationships}
    collection = root.find("sheets")
    elements = collection.find_all("sheet") if collection else ()
    sheets = tuple(_sheet(element, index, by_id, parts) for index, element in enumerate(elements))
    _refuse_twins(sheets)
    return sheets


def _refuse_twins(sheets: tuple[SheetPart, ...]) -> None:
    """Refuse two sheets of one name or one part: readers take one of them or both, each as it likes."""
    for key in ("name", "part"):
        counts = Counter(_fold(getattr(sheet, key)) for sheet in sheets if sheet.kind == "worksheet")
        for sheet in sheets:
            if sheet.kind == "worksheet" and counts[_fold(getattr(sheet, key))] > 1:
                what = "用了同一个名字" if key == "name" else "用了同一份内容"
                raise UnreadableWorkbookError(
                    "sheet-listed-twice",
                    f"有两张以上的工作表{what}（“{shown(sheet.name)}”），这不是 Excel 会保存出来的文件",
                    "请用 Excel 或 WPS 打开，核对内容后另存为新文件",
                )


def _sheet(
    element: xmltree.Element, index: int, by_id: Mapping[str, Relationship], parts: Mapping[str, Member]
) -> SheetPart:
    reference = next((v for k, v in element.attributes.items() if k.endswith("/relationships id")), None)
    target = by_id.get(reference) if reference else None
    if target is not None and (target.external or _fold(target.target) not in parts):
        target = None
    missing = "module" if reference == "" else "missing"
    return SheetPart(
        name=element.attributes.get("name", ""),
        state=element.attributes.get("state", "visible"),
        kind=_SHEET_KINDS.get(target.kind, "missing") if target else missing,
        part=target.target if target else "",
        index=index,
    )


def relationships_part(part: str) -> str:
    """Return the name of the part that holds a part's relationships. Pure."""
    folder, name = posixpath.split(part.replace("\\", "/"))
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relationships(archive: Archive, parts: Mapping[str, Member], part: str) -> tuple[Relationship, ...]:
    folder = posixpath.dirname(part.replace("\\", "/"))
    member = parts.get(_fold(relationships_part(part)))
    if member is None:
        return ()
    entries = xmltree.attributes_of(
        content(archive, member), "Relationship", part=member.name, most=_MOST_RELATIONSHIPS
    )
    relationships = []
    for attributes in entries:
        external = attributes.get("TargetMode", "").lower() == "external"
        target = attributes.get("Target", "")
        relationships.append(
            Relationship(
                id=attributes.get("Id", ""),
                kind=intern(attributes.get("Type", "").rpartition("/")[2]),
                target=target if external else _resolve(target, folder, parts),
                external=external,
            )
        )
    return tuple(relationships)


def _resolve(target: str, folder: str, parts: Mapping[str, Member]) -> str:
    """Return the stored name of the part that a target refers to; the plain joined name where there is none."""
    path = target.replace("\\", "/").split("#", 1)[0]
    for candidate in (path, unquote(path)):
        joined = posixpath.normpath(posixpath.join("/", folder, candidate)).lstrip("/")
        if _fold(joined) in parts:
            return parts[_fold(joined)].name
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")


def _fold(part: str) -> str:
    return part.replace("\\", "/").lstrip("/").casefold()


def _is_true(value: str) -> bool:
    return value.strip().lower() in {"1", "true", "on"}


def _missing(part: str) -> NoReturn:
    raise UnreadableWorkbookError(
        "part-missing", f"文件里缺少 {shown(part)}", "请用 Excel 或 WPS 打开并修复后另存，或请发送人重新导出"
    )
