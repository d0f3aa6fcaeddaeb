"""Writes cells into people's own workbooks and keeps every other byte: `write_back`.

The edit is a splice. New bytes go between the bytes of the parts they belong to; nothing is
serialised anew; parts that are not concerned are copied with their compressed bytes. What cannot be
done without a risk for what is there is left and reported, or the workbook is refused by name.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sheetcrm.errors import UneditableWorkbookError
from sheetcrm.excel.splice import outline, rules, tables, workbook_xml
from sheetcrm.excel.splice.columns import TABLE_KEPT
from sheetcrm.excel.splice.conditional_formats import colour_cells
from sheetcrm.excel.splice.fill import fill
from sheetcrm.excel.splice.ground import Ground
from sheetcrm.excel.splice.growing import grow
from sheetcrm.excel.splice.placement import PlacedColumn, place
from sheetcrm.excel.splice.shared_strings import SharedStrings
from sheetcrm.excel.splice.sheet_parts import Splice, column_widths, grow_dimension, is_protected, set_columns
from sheetcrm.excel.splice.styles import StyleSheet
from sheetcrm.excel.splice.surroundings import remark_on_added
from sheetcrm.excel.splice.worksheet import Worksheet, has_formulas, kept_areas, open_worksheet
from sheetcrm.model import LeftCell, Receipt, SheetEdit, SheetRemark, WrittenCells, WrittenEntry
from sheetcrm.ooxml import guard, xmltree
from sheetcrm.ooxml.addresses import Area
from sheetcrm.ooxml.archive import Content
from sheetcrm.ooxml.package import Package, SheetPart, open_package


def write_back(workbook: bytes, edits: Sequence[SheetEdit], *, file: str) -> tuple[bytes, Receipt]:
    """Set the planned cells in a workbook and return its new bytes, with a receipt.

    Columns with a number are filled. Columns without one are looked up in the header row by their
    label, and where they are not found added beside their own table: with a header like its
    neighbour's, the number format of their style, a fitting width, their colours, and the Excel table
    or filter grown to hold them where that is safe; else, and where other things around them change by
    it, the receipt remarks it. Cells keep their format. Cells with a formula,
    merged cells and results of array formulas and pivot tables are left alone. Text is written as
    text, never as a formula. A value that is there already is not written, so that doing the same
    again changes no byte.

    Args:
        workbook: The workbook's bytes.
        edits: What is planned; sheets by name.
        file: Its name, for telling an old binary format apart.

    Returns:
        The new bytes and the receipt; the very same bytes object if there is nothing to change.

    Raises:
        UnreadableWorkbookError: As `guard.inspect`, `open_package` and `xmltree.parse` raise it.
        UneditableWorkbookError: `workbook-signed`, `sheet-missing`, `sheet-not-worksheet`,
            `sheet-full`, `rows-out-of-order`, `cells-out-of-order` or `sheet-xml-odd`.
        ValueError: If the edits themselves make no sense: two for one cell, rows that do not rise.
    """
    if not any(edit.columns for edit in edits):
        return workbook, Receipt()
    refuse_signed(workbook, file=file)
    package = open_package(workbook)
    with _collector_paused():
        job = _Job(package, _strings(package), _styles(package))
        for sheet, sheet_edits in _by_sheet(package, edits):
            _edit_sheet(job, sheet, sheet_edits)
    if not job.written:
        return workbook, Receipt(left=tuple(job.left), notes=_unique(job.notes))
    _finish(job)
    changes = {**job.changes, **job.sheets}
    receipt = Receipt(
        tuple(sorted(changes)), WrittenCells(job.written), tuple(job.left), _unique(job.notes), tuple(job.remarks)
    )
    return package.with_parts(changes), receipt


def refuse_signed(workbook: bytes, *, file: str) -> None:
    """Refuse a workbook that may not be opened, or whose signature any edit would void.

    Raises:
        UnreadableWorkbookError: As `guard.inspect` raises it.
        UneditableWorkbookError: `workbook-signed`.
    """
    if guard.inspect(workbook, file=file).signed:
        raise UneditableWorkbookError(
            "workbook-signed", "工作簿带有数字签名，一改签名就失效", "请先在 Excel 的“文件—信息”里删除签名，再处理"
        )


@dataclass(slots=True)
class _Job:
    """One workbook's edit under way: what its sheets share, and the results so far."""

    package: Package
    strings: SharedStrings | None
    styles: StyleSheet | None
    changes: dict[str, bytes] = field(default_factory=dict)
    sheets: dict[str, Content] = field(default_factory=dict)
    """The large parts that nothing reads again, in pieces: the sheets and the shared strings."""
    written: list[WrittenEntry] = field(default_factory=list)
    left: list[LeftCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    remarks: list[SheetRemark] = field(default_factory=list)
    formulas: bool = False
    """Whether a sheet that was edited holds a formula."""

    def read(self, part: str) -> bytes:
        """Return a part with the changes so far."""
        return self.changes.get(part) or self.package.read(part)


def _strings(package: Package) -> SharedStrings | None:
    part = package.related(package.workbook, "sharedStrings")
    return SharedStrings(package.read(part), part=part) if part else None


def _styles(package: Package) -> StyleSheet | None:
    part = package.related(package.workbook, "styles")
    styles = StyleSheet(package.read(part), part=part) if part else None
    return styles if styles and styles.usable else None


def _by_sheet(package: Package, edits: Sequence[SheetEdit]) -> list[tuple[SheetPart, list[SheetEdit]]]:
    """Find the sheets named, and gather each one's edits."""
    sheets = {sheet.name: sheet for sheet in package.sheets}
    gathered: dict[str, list[SheetEdit]] = {}
    for edit in edits:
        if edit.sheet not in sheets:
            raise UneditableWorkbookError("sheet-missing", f"没有名为“{edit.sheet}”的工作表", "请核对工作表的名字")
        if sheets[edit.sheet].kind != "worksheet":
            raise UneditableWorkbookError(
                "sheet-not-worksheet", f"“{edit.sheet}”是图表页、对话框页或宏表，没有单元格", "请换一张普通工作表"
            )
        if edit.columns:
            gathered.setdefault(edit.sheet, []).append(edit)
    return [(sheets[name], sheet_edits) for name, sheet_edits in gathered.items()]


def _edit_sheet(job: _Job, sheet: SheetPart, edits: list[SheetEdit]) -> None:
    worksheet = open_worksheet(job.package, sheet, job.strings, job.styles)
    sheet_tables = tables.read_tables(job.package, sheet.part)
    kept = kept_areas(job.package, worksheet)
    reserved = [area for area, _ in kept] + [table.area for table in sheet_tables]
    areas = [table.area for table in sheet_tables]
    placed, ground = place(worksheet, edits, reserved)
    others = [*areas, *{Area(*area) for edit in edits for area in edit.others}]
    filled = fill(worksheet, placed, [*kept, *((area, TABLE_KEPT) for area in others)], tables=areas)
    job.left += filled.left
    if not filled.written:
        return
    job.written += filled.written
    job.formulas = job.formulas or has_formulas(worksheet.xml)
    if is_protected(worksheet.xml):
        job.notes.append("sheet-protected")
    added = [column for column in placed if column.added]
    workbook = job.package.workbook
    grown = grow(worksheet, placed, ground, sheet_tables, sheet=sheet, workbook=(workbook, job.read(workbook)))
    job.changes.update(grown.parts)
    job.remarks += grown.remarks
    if added:
        job.remarks += remark_on_added(job.package, sheet, added, grown.tables)
    looks, note = outline.fold_columns(
        worksheet.xml,
        added,
        _shared_widths(worksheet, ground, filled.widths),
        occupied=ground.content,
        has_print_area=bool(workbook_xml.print_areas(job.read(workbook), sheet, part=workbook)),
    )
    job.notes += [note] if note else []
    splices = [
        *(grow_dimension(worksheet.xml, filled.area) if filled.area else ()),
        *outline.deepen_outline(worksheet.xml, looks),
        *set_columns(worksheet.xml, looks),
        *_colour_columns(job, worksheet, added),
        *rules.grow_rules(worksheet.xml, placed),
        *rules.add_prompts(worksheet.xml, added),
        *grown.splices,
    ]
    job.sheets[sheet.part] = xmltree.spliced(worksheet.xml.data, splices, rising=filled.splices)


def _colour_columns(job: _Job, worksheet: Worksheet, added: Sequence[PlacedColumn]) -> list[Splice]:
    """Plan the colours of added columns."""
    areas = {
        Area(column.edit.rows[0], column.number, column.edit.rows[-1], column.number): column.edit.colours
        for column in added
        if column.edit.colours and column.edit.rows
    }
    if not areas:
        return []
    if worksheet.styles is None:
        job.notes.append("colours-not-set")
        return []
    return colour_cells(worksheet.xml, worksheet.styles, areas)


def _shared_widths(worksheet: Worksheet, ground: Ground, widths: Mapping[int, float]) -> dict[int, float]:
    """Leave columns as wide as they are where something else stands in them, above or below."""
    stated = column_widths(worksheet.xml)
    shared = {
        number: own
        for columns, own in stated.items()
        for number in widths
        if number in columns and number in ground.content
    }
    return {number: max(width, shared.get(number, 0)) for number, width in widths.items()}


def _finish(job: _Job) -> None:
    """Complete the parts that concern the whole workbook: strings, formats, the calculation, pivots."""
    package = job.package
    strings = job.strings.changed() if job.strings else None
    styles = job.styles.changed() if job.styles else None
    if strings is not None and job.strings:
        job.sheets[job.strings.part] = strings
    if styles is not None and job.styles:
        job.changes[job.styles.part] = styles
    if job.formulas or _has_formulas_elsewhere(job):
        part = package.workbook
        before = job.read(part)
        after = workbook_xml.calculate_on_load(before, part=part)
        if after is not before:
            job.changes[part] = after
        job.notes.append("recalculated-on-open")
    if package.has_kind("pivotcache"):
        job.notes.append("pivot-needs-refresh")


def _has_formulas_elsewhere(job: _Job) -> bool:
    """Return whether a sheet that was not edited holds a formula, which may read one that was."""
    if job.package.related(job.package.workbook, "calcChain"):
        return True
    return any(
        job.package.may_hold(sheet.part, b"f") and xmltree.has_element(job.package.read(sheet.part), "f")
        for sheet in job.package.sheets
        if sheet.kind == "worksheet" and sheet.part not in job.sheets
    )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the cycle collector from passing over a receipt of some 100,000 cells again and again.

    Nothing that is made here is in a cycle. It goes on as before afterwards, whatever happens.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _unique(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))
