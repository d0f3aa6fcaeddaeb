"""What must hold in any workbook we hand back, checked without the code that wrote it.

Validators see a schema; most of what breaks a workbook in Excel is not in the schema: two cells of one
address, rows out of order, counts that lie, overlapping columns, a table whose header says something
else. `findings` names every breach; `new_findings` leaves out those the workbook came with.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

Area = tuple[int, int, int, int]

ORDER = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
]
STYLE_ORDER = ["numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles"]
CELL_TYPES = {"b", "d", "e", "inlineStr", "n", "s", "str"}
COUNTED = {
    "mergeCells": "mergeCell",
    "dataValidations": "dataValidation",
    "tableParts": "tablePart",
    "cellXfs": "xf",
    "dxfs": "dxf",
    "numFmts": "numFmt",
    "fonts": "font",
    "fills": "fill",
    "borders": "border",
    "tableColumns": "tableColumn",
}
_NOT_IN_TABLES = {
    "merge-in-table": "{*}mergeCells/{*}mergeCell",
    "filter-over-table": "{*}autoFilter",
    "array-in-table": "{*}sheetData/{*}row/{*}c/{*}f[@t='array']",
}
"""What may not meet an Excel table: each ends in a repair that drops the table."""
MOST_TEXT, MOST_LIST, LAST_COLUMN, LAST_ROW = 32_767, 255, 16_384, 1_048_576


@dataclass
class _Book:
    """The parts by name, and what the sheets refer to."""

    parts: dict[str, bytes]
    trees: dict[str, ET.Element] = field(default_factory=dict)
    strings: list[str] = field(default_factory=list)
    formats: int = 0
    dxfs: int = 0
    table_names: list[str] = field(default_factory=list)
    table_ids: list[str] = field(default_factory=list)


def findings(data: bytes) -> Counter[str]:
    """Return the breaches in a workbook, each as `kind part`, with how often it comes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [info.orig_filename.replace("\\", "/") for info in archive.infolist()]
            broken = archive.testzip()
            parts = {
                info.orig_filename.replace("\\", "/"): archive.read(info)
                for info in archive.infolist()
                if not info.orig_filename.endswith(("/", "\\"))
            }
    except (zipfile.BadZipFile, EOFError) as error:
        return Counter({f"zip-broken {error}": 1})
    found = Counter(f"part-twice {name}" for name, count in Counter(n.lower() for n in names).items() if count > 1)
    if broken:
        found[f"crc {broken}"] += 1
    found.update(_in_book(_Book(parts)))
    return found


def new_findings(before: bytes, after: bytes) -> list[str]:
    """Return what is wrong in a workbook after an edit and was not before."""
    return sorted((findings(after) - findings(before)).elements())


def _in_book(book: _Book) -> Iterator[str]:
    for name, content in book.parts.items():
        if name.endswith((".xml", ".rels")):
            try:
                book.trees[name] = ET.fromstring(content)  # noqa: S314 - made here, or passed by the guard
            except ET.ParseError:
                yield f"not-well-formed {name}"
    yield from _in_package(book)
    for name, root in book.trees.items():
        if _local(root) == "sst":
            yield from _in_strings(book, name, root)
        elif _local(root) == "styleSheet":
            yield from _in_styles(book, name, root)
    for name, root in book.trees.items():
        if _local(root) == "workbook":
            yield from _in_workbook(book, name, root)
        elif _local(root) == "worksheet":
            yield from _in_sheet(book, name, root)
    yield from (f"table-name-twice {n}" for n, count in Counter(book.table_names).items() if count > 1)
    yield from (f"table-id-twice {n}" for n, count in Counter(book.table_ids).items() if count > 1)


# --- package --------------------------------------------------------------------------------------------


def _in_package(book: _Book) -> Iterator[str]:
    types = book.trees.get("[Content_Types].xml")
    if types is None:
        yield "no-content-types"
        return
    lower = {name.lower() for name in book.parts}
    overrides = [e.get("PartName", "").lstrip("/").lower() for e in types if _local(e) == "Override"]
    defaults = {e.get("Extension", "").lower() for e in types if _local(e) == "Default"}
    yield from (f"type-of-no-part {name}" for name in overrides if name not in lower)
    yield from (f"type-twice {name}" for name, count in Counter(overrides).items() if count > 1)
    for name in lower - {"[content_types].xml"}:
        if name not in overrides and name.rpartition(".")[2] not in defaults:
            yield f"part-without-type {name}"
    for name, root in book.trees.items():
        if name.endswith(".rels"):
            ids = Counter(e.get("Id") for e in root)
            yield from (f"relationship-twice {name}" for count in ids.values() if count > 1)
            for target in _targets(name, root).values():
                if target.lower() not in lower:
                    yield f"relationship-to-nothing {name}"


def _targets(rels: str, root: ET.Element) -> dict[str, str]:
    folder = posixpath.dirname(posixpath.dirname(rels))
    targets = {}
    for element in root:
        if element.get("TargetMode") != "External":
            target = element.get("Target", "").replace("\\", "/").partition("#")[0]
            targets[element.get("Id", "")] = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return targets


def _related(book: _Book, part: str) -> dict[str, str]:
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    return _targets(rels, book.trees[rels]) if rels in book.trees else {}


# --- strings, styles, workbook ----------------------------------------------------------------------------


def _in_strings(book: _Book, name: str, root: ET.Element) -> Iterator[str]:
    book.strings = [_text(item) for item in root if _local(item) == "si"]
    stated = root.get("uniqueCount")
    if stated is not None and int(stated) != len(book.strings):
        yield f"count-lies {name} uniqueCount"
    yield from (f"text-too-long {name}" for text in book.strings if _length(text) > MOST_TEXT)


def _in_styles(book: _Book, name: str, root: ET.Element) -> Iterator[str]:
    yield from _counts(name, root)
    yield from _order(name, root, STYLE_ORDER)
    sizes = {_local(child): len(child) for child in root}
    book.formats, book.dxfs = sizes.get("cellXfs", 0), sizes.get("dxfs", 0)
    codes = [e.get("numFmtId") for e in root.iter() if _local(e) == "numFmt" and e.get("formatCode") is not None]
    for child in root:
        if _local(child) == "numFmts":
            ids = Counter(e.get("numFmtId") for e in child)
            yield from (f"number-format-twice {name}" for count in ids.values() if count > 1)
        if _local(child) == "cellXfs":
            for xf in child:
                for attribute, collection in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
                    if int(xf.get(attribute, "0")) >= max(1, sizes.get(collection, 0)):
                        yield f"format-of-nothing {name} {attribute}"
                number = xf.get("numFmtId", "0")
                if int(number) >= 164 and number not in codes:
                    yield f"format-of-nothing {name} numFmtId"


def _in_workbook(book: _Book, name: str, root: ET.Element) -> Iterator[str]:
    sheets = [e for e in root.iter() if _local(e) == "sheet" and e.get("sheetId")]
    for attribute in ("name", "sheetId"):
        values = Counter((e.get(attribute) or "").lower() for e in sheets)
        yield from (f"sheet-twice {name} {attribute}" for count in values.values() if count > 1)
    order = "workbookPr bookViews sheets externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches"
    yield from _order(name, root, order.split())
    names = Counter(
        ((e.get("name") or "").lower(), e.get("localSheetId")) for e in root.iter() if _local(e) == "definedName"
    )
    yield from (f"name-twice {name}" for count in names.values() if count > 1)
    related = _related(book, name)
    for element in root.iter():
        if _local(element) == "definedName" and element.get("name") == "_xlnm._FilterDatabase":
            index = int(element.get("localSheetId", "0"))
            if index < len(sheets):
                target = next((related.get(v, "") for k, v in sheets[index].items() if k.endswith("}id")), "")
                sheet = book.trees.get(target)
                filters = [e.get("ref", "") for e in sheet if _local(e) == "autoFilter"] if sheet is not None else []
                named = (element.text or "").rpartition("!")[2].replace("$", "")
                if filters and filters[0].replace("$", "") != named:
                    yield f"filter-and-its-name-differ {target}"


# --- sheets -----------------------------------------------------------------------------------------------


def _in_sheet(book: _Book, name: str, root: ET.Element) -> Iterator[str]:
    yield from _counts(name, root)
    yield from _order(name, root, ORDER)
    texts: dict[tuple[int, int], str] = {}
    yield from _in_rows(book, name, root, texts)
    yield from _in_columns(name, root)
    yield from _in_merges(name, root)
    yield from _in_rules(book, name, root)
    yield from _in_tables(book, name, root, texts)
    dimension = root.find("{*}dimension")
    stated = _area(dimension.get("ref", "")) if dimension is not None else None
    if stated and texts:
        rows, columns = [row for row, _ in texts], [column for _, column in texts]
        if min(rows) < stated[0] or max(rows) > stated[2] or min(columns) < stated[1] or max(columns) > stated[3]:
            yield f"dimension-too-small {name}"


def _in_rows(book: _Book, name: str, root: ET.Element, texts: dict[tuple[int, int], str]) -> Iterator[str]:
    number = 0
    for row in root.iterfind("{*}sheetData/{*}row"):
        previous, number = number, int(row.get("r") or number + 1)
        if number <= previous:
            yield f"{'row-twice' if number == previous else 'rows-out-of-order'} {name}"
        if number > LAST_ROW:
            yield f"row-off-the-sheet {name}"
        spans = [int(end) for span in (row.get("spans") or "").split() for end in span.split(":")]
        column = 0
        for cell in row.iterfind("{*}c"):
            before = column
            place = _area(cell.get("r") or "") if cell.get("r") else (number, column + 1, number, column + 1)
            if place is None:
                yield f"cell-address-unreadable {name}"
                continue
            column = place[1]
            if place[0] != number:
                yield f"cell-in-another-row {name}"
            if column <= before:
                yield f"{'cell-twice' if column == before else 'cells-out-of-order'} {name}"
            if spans and not min(spans) <= column <= max(spans):
                yield f"spans-too-small {name}"
            yield from _in_cell(book, name, cell, (number, column), texts)


def _in_cell(
    book: _Book, name: str, cell: ET.Element, place: tuple[int, int], texts: dict[tuple[int, int], str]
) -> Iterator[str]:
    kind = cell.get("t", "n")
    value = cell.find("{*}v")
    stored = (value.text or "") if value is not None else ""
    if kind not in CELL_TYPES:
        yield f"cell-type-unknown {name}"
    if int(cell.get("s", "0")) >= max(1, book.formats):
        yield f"cell-format-of-nothing {name}"
    if sum(1 for child in cell if _local(child) in {"v", "is"}) > 1:
        yield f"cell-of-two-values {name}"
    if kind == "s" and stored and int(stored) >= len(book.strings):
        yield f"string-of-nothing {name}"
    if kind == "inlineStr" and len(cell) and cell.find("{*}is") is None:
        yield f"inline-string-missing {name}"
    if kind == "n" and stored and not re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", stored):
        yield f"number-unreadable {name}"
    text = _cell_text(book, cell, kind, stored)
    if _length(text) > MOST_TEXT:
        yield f"text-too-long {name}"
    if text or cell.find("{*}f") is not None:
        texts[place] = text


def _cell_text(book: _Book, cell: ET.Element, kind: str, stored: str) -> str:
    if kind == "s":
        return book.strings[int(stored)] if stored and int(stored) < len(book.strings) else ""
    inline = cell.find("{*}is")
    return _text(inline) if kind == "inlineStr" and inline is not None else stored


def _in_columns(name: str, root: ET.Element) -> Iterator[str]:
    ranges = [(int(e.get("min", "0")), int(e.get("max", "0"))) for e in root.iterfind("{*}cols/{*}col")]
    if any(not 1 <= first <= last <= LAST_COLUMN for first, last in ranges):
        yield f"columns-off-the-sheet {name}"
    if any(left[1] >= right[0] for left, right in pairwise(ranges)):
        yield f"columns-overlap {name}"
    if root.find("{*}cols") is not None and not ranges:
        yield f"columns-empty {name}"


def _in_merges(name: str, root: ET.Element) -> Iterator[str]:
    areas = [a for e in root.iterfind("{*}mergeCells/{*}mergeCell") if (a := _area(e.get("ref", "")))]
    if any(_meet(a, b) for a, b in combinations(areas[:500], 2)):
        yield f"merges-overlap {name}"


def _in_rules(book: _Book, name: str, root: ET.Element) -> Iterator[str]:
    rules = [e for e in root.iter() if _local(e) == "cfRule"]
    priorities = Counter(e.get("priority") for e in rules if e.get("priority"))
    yield from (f"priority-twice {name}" for count in priorities.values() if count > 1)
    for rule in rules:
        if rule.get("dxfId") is not None and int(rule.get("dxfId", "0")) >= book.dxfs:
            yield f"rule-format-of-nothing {name}"
    for element in root.iterfind("{*}conditionalFormatting"):
        if not _areas(element.get("sqref", "")):
            yield f"rule-without-cells {name}"
    validated: list[Area] = []
    for element in root.iter():
        if _local(element) == "dataValidation":
            inside = "".join(e.text or "" for e in element if _local(e) == "sqref")
            areas = _areas(element.get("sqref", inside))
            if not areas:
                yield f"validation-without-cells {name}"
            if any(_meet(a, b) for a in areas for b in validated):
                yield f"validations-overlap {name}"
            validated += areas
            first = "".join(e.text or "" for e in element if _local(e) == "formula1")
            if element.get("type") == "list" and first.startswith('"') and len(first) - 2 > MOST_LIST:
                yield f"list-too-long {name}"


def _in_tables(book: _Book, name: str, sheet: ET.Element, texts: dict[tuple[int, int], str]) -> Iterator[str]:
    areas: list[Area] = []
    forbidden = [(kind, area) for kind, path in _NOT_IN_TABLES.items() for area in _stated(sheet, path)]
    for part in _related(book, name).values():
        root = book.trees.get(part)
        if root is None or _local(root) != "table":
            continue
        area = _area(root.get("ref", ""))
        if area is None:
            yield f"table-without-cells {part}"
            continue
        if any(_meet(area, other) for other in areas):
            yield f"tables-overlap {name}"
        areas.append(area)
        yield from (f"{kind} {name}" for kind, other in forbidden if _meet(area, other))
        book.table_names.append(root.get("displayName", "").lower())
        book.table_ids.append(root.get("id", ""))
        yield from _in_table(part, root, area, texts)


def _stated(sheet: ET.Element, path: str) -> list[Area]:
    """Return the areas that elements of a sheet state, none of a single cell: an array formula may stand in one."""
    areas = []
    for element in sheet.iterfind(path):
        columns = re.fullmatch(r"\$?([A-Z]{1,3}):\$?([A-Z]{1,3})", element.get("ref", ""))
        whole = (1, _column(columns[1]), LAST_ROW, _column(columns[2])) if columns else None
        area = whole or _area(element.get("ref", ""))
        if area and area[:2] != area[2:]:
            areas.append(area)
    return areas


def _in_table(part: str, root: ET.Element, area: Area, texts: dict[tuple[int, int], str]) -> Iterator[str]:
    yield from _counts(part, root)
    columns = root.findall("{*}tableColumns/{*}tableColumn")
    names = [column.get("name", "") for column in columns]
    if len(columns) != area[3] - area[1] + 1:
        yield f"table-columns-do-not-fit {part}"
    if len({name.lower() for name in names}) < len(names):
        yield f"table-column-twice {part}"
    if len({column.get("id") for column in columns}) < len(columns):
        yield f"table-column-id-twice {part}"
    for place, name in enumerate(names, area[1]):
        if root.get("headerRowCount") != "0" and _folded(texts.get((area[0], place), "")) != _folded(name):
            yield f"table-header-differs {part}"
    auto_filter = root.find("{*}autoFilter")
    filtered = _area(auto_filter.get("ref", "")) if auto_filter is not None else None
    if filtered and (filtered[:2] != area[:2] or filtered[3] != area[3] or filtered[2] > area[2]):
        yield f"table-filter-does-not-fit {part}"


# --- small things -------------------------------------------------------------------------------------------


def _counts(name: str, root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        member = COUNTED.get(_local(element))
        stated = element.get("count")
        if not member or not stated or any(_local(child) == "AlternateContent" for child in element):
            continue
        if int(stated) != sum(1 for child in element if _local(child) == member):
            yield f"count-lies {name} {_local(element)}"


def _order(name: str, root: ET.Element, order: list[str]) -> Iterator[str]:
    ranks = [order.index(_local(child)) for child in root if _local(child) in order]
    if any(left > right for left, right in pairwise(ranks)):
        yield f"elements-out-of-order {name}"
    once = Counter(_local(child) for child in root if _local(child) in order)
    yield from (f"element-twice {name} {n}" for n, count in once.items() if count > 1 and n != "conditionalFormatting")


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(item: ET.Element) -> str:
    texts: list[str] = []
    for child in item:
        if _local(child) == "t":
            texts.append(child.text or "")
        elif _local(child) == "r":
            texts.extend(e.text or "" for e in child if _local(e) == "t")
    return "".join(texts)


def _folded(text: str) -> str:
    unescaped = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
    return "".join(unescaped.split()).lower()


def _length(text: str) -> int:
    return len(re.sub(r"_x[0-9A-Fa-f]{4}_", "?", text).encode("utf-16-le", "surrogatepass")) // 2


def _areas(references: str) -> list[Area]:
    return [area for reference in references.split() if (area := _area(reference))]


def _area(reference: str) -> Area | None:
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?", reference.strip())
    if not found:
        return None
    first, last = (found[1], found[2]), (found[3] or found[1], found[4] or found[2])
    return int(first[1]), _column(first[0]), int(last[1]), _column(last[0])


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _meet(a: Area, b: Area) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]
