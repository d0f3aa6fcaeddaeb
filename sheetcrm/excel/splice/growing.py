"""Grows the Excel tables and the filter of a sheet over added columns, where nothing is at risk.

The ground must be free over their whole height, blank rows too: an Excel table over another one, over a merged cell or
over a filter makes a file that Excel repairs by dropping the table, and no validator sees it. What is not grown is
reported with what follows from it: its buttons sort its own columns, and the results would stand beside the wrong
rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sheetcrm.excel.splice import tables, workbook_xml
from sheetcrm.excel.splice.ground import Ground
from sheetcrm.excel.splice.placement import PlacedColumn
from sheetcrm.excel.splice.sheet_parts import Splice
from sheetcrm.excel.splice.worksheet import Worksheet
from sheetcrm.model import SheetRemark
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import MOST_ROWS, Area, columns_text, parse_area, parse_columns
from sheetcrm.ooxml.package import SheetPart


@dataclass(slots=True)
class Grown:
    """What became of a sheet's Excel tables and its filter."""

    splices: list[Splice] = field(default_factory=list)
    parts: dict[str, bytes] = field(default_factory=dict)
    """The new content of tables, and of the workbook part."""
    tables: list[str] = field(default_factory=list)
    """The names of the tables that grew."""
    remarks: list[SheetRemark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Filter:
    """A sheet's own filter."""

    element: xmltree.Element
    area: Area
    whole_columns: bool
    """Whether it is stated by columns alone: `A:G`."""

    def text(self, area: Area) -> str:
        """Write an area as this filter is written."""
        return columns_text(area) if self.whole_columns else str(area)


def read_filter(worksheet: Worksheet) -> Filter | None:
    """Read the sheet's own filter; None if it has none. Pure."""
    element = worksheet.xml.root.find("autoFilter")
    if element is None:
        return None
    stated = element.attributes.get("ref", "")
    columns = parse_columns(stated)
    area = columns or parse_area(stated)
    return Filter(element, area, columns is not None) if area else None


def grow(
    worksheet: Worksheet,
    placed: Sequence[PlacedColumn],
    ground: Ground,
    sheet_tables: Sequence[tables.ExcelTable],
    *,
    sheet: SheetPart,
    workbook: tuple[str, bytes],
) -> Grown:
    """Grow what reaches to the columns that were added.

    Args:
        worksheet: The sheet.
        placed: The columns that hold results, added ones among them.
        ground: What stands right of the tables.
        sheet_tables: The sheet's Excel tables.
        sheet: Where the sheet stands in the workbook.
        workbook: The name and the content of the workbook part, which names the filter's area too.
    """
    grown = Grown()
    own_filter = read_filter(worksheet)
    for table in sheet_tables:
        _grow_table(grown, worksheet.name, table, placed, ground, own_filter)
    if own_filter is not None:
        _grow_filter(grown, worksheet, own_filter, placed, ground, sheet, workbook)
    return grown


def _grow_table(
    grown: Grown,
    sheet: str,
    table: tables.ExcelTable,
    placed: Sequence[PlacedColumn],
    ground: Ground,
    own_filter: Filter | None,
) -> None:
    outside = _outside(table.area, placed)
    if not outside:
        return
    new = _adjoining(table.area, outside, table.header_row)
    is_free = new is not None and _is_free(new, ground, placed, outside)
    is_filtered = own_filter is not None and new is not None and own_filter.area.meets(new)
    data = None if not is_free or is_filtered else tables.grow_right(table, [column.edit.label for column in outside])
    if data is None:
        grown.remarks.append(_not_grown("table-not-grown", sheet, str(table.area), table.area, outside))
    else:
        grown.parts[table.part] = data
        grown.tables.append(table.name)


def _grow_filter(
    grown: Grown,
    worksheet: Worksheet,
    own: Filter,
    placed: Sequence[PlacedColumn],
    ground: Ground,
    sheet: SheetPart,
    workbook: tuple[str, bytes],
) -> None:
    outside = _outside(own.area, placed)
    if not outside:
        return
    new = _adjoining(own.area, outside, outside[0].header_row if own.whole_columns else own.area.top)
    part, content = workbook
    if new is not None and _is_free(new, ground, placed, outside):
        wider = Area(own.area.top, own.area.left, own.area.bottom, new.right)
        renamed = workbook_xml.widen_filter_name(content, sheet, own.area, wider, part=part)
        if renamed is not None:
            grown.parts[part] = renamed
            element = own.element
            tag = worksheet.xml.data[element.start : element.inner]
            grown.splices.append((element.start, element.inner, xmltree.with_attributes(tag, ref=own.text(wider))))
            return
    text = own.text(own.area)
    grown.remarks.append(_not_grown("filter-not-grown", worksheet.name, text, own.area, outside))


def _outside(area: Area, placed: Sequence[PlacedColumn]) -> list[PlacedColumn]:
    """Return the columns right of an area whose rows move when it is sorted."""
    return [
        column
        for column in placed
        if column.number > area.right and column.table.bottom > column.table.top and area.meets(_body(column.table))
    ]


def _is_free(new: Area, ground: Ground, placed: Sequence[PlacedColumn], outside: Sequence[PlacedColumn]) -> bool:
    """Return whether nothing stands on the ground, nor will stand there but the columns themselves."""
    others = (column.area for column in placed if column not in outside)
    return ground.is_free(new) and not any(other.meets(new) for other in others)


def _body(table: Area) -> Area:
    return Area(table.top + 1, table.left, table.bottom, table.right)


def _adjoining(area: Area, outside: Sequence[PlacedColumn], header_row: int) -> Area | None:
    """Return the ground right of an area that it would grow over; None if the new columns do not adjoin it."""
    numbers = [column.number for column in outside]
    adjoining = numbers == list(range(area.right + 1, area.right + 1 + len(numbers)))
    if not adjoining or not all(column.added and column.header_row == header_row for column in outside):
        return None
    return Area(area.top, numbers[0], area.bottom, numbers[-1])


def _not_grown(kind: str, sheet: str, stated: str, area: Area, outside: Sequence[PlacedColumn]) -> SheetRemark:
    """Report what was not grown: where it ends, which columns it leaves out, and the area that would hold all."""
    table = outside[0].table
    right = max(column.number for column in outside)
    whole = Area(
        min(area.top, table.top), min(area.left, table.left), max(min(area.bottom, MOST_ROWS), table.bottom), right
    )
    if area.bottom == MOST_ROWS:
        whole = Area(table.top, whole.left, table.bottom, right)
    values = {"area": stated, "columns": column_runs(outside), "whole": str(whole)}
    return SheetRemark(kind, sheet, ((table.top, outside[0].number),), values)


def column_runs(columns: Sequence[PlacedColumn]) -> str:
    """Format the letters of columns, from the left, as people write them: `H:X`, `H:I、K`. Pure."""
    runs: list[list[int]] = []
    for number in sorted({column.number for column in columns}):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "、".join(_run_text(runs))


def _run_text(runs: Sequence[Sequence[int]]) -> Iterator[str]:
    for first, last in runs:
        text = columns_text(Area(1, first, MOST_ROWS, last))
        yield text if first != last else text.partition(":")[0]
