"""Reports what added columns change around them: where they stand, what is printed, whose range takes them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheetcrm.excel.splice import workbook_xml
from sheetcrm.excel.splice.formula_ranges import TakingIn, formulas_taking_in, without_texts
from sheetcrm.excel.splice.growing import column_runs
from sheetcrm.excel.splice.placement import PlacedColumn
from sheetcrm.model import SheetRemark, column_letters
from sheetcrm.ooxml.addresses import Area
from sheetcrm.ooxml.package import Package, SheetPart
from sheetcrm.text.printable import one_line

_LONGEST = 60
"""Of a formula that is quoted."""
_LISTED = 20
"""Cells that a message lists; the problem holds them all."""


def remark_on_added(
    package: Package, sheet: SheetPart, added: Sequence[PlacedColumn], grown_tables: Sequence[str]
) -> Iterator[SheetRemark]:
    """Yield what people should know of columns that were added to a sheet.

    Args:
        package: The workbook as it was.
        sheet: The sheet.
        added: The columns, from left to right.
        grown_tables: The names of the Excel tables that grew over them.
    """
    by_table = {table: [one for one in added if one.table == table] for table in dict.fromkeys(c.table for c in added)}
    for table, columns in by_table.items():
        if columns[0].number > table.right + 1:
            yield SheetRemark("columns-apart", sheet.name, _place(columns), {"columns": column_runs(columns)})
    yield from _not_printed(package, sheet, by_table)
    yield from _taking_in(package, sheet, added, grown_tables)


def _place(columns: Sequence[PlacedColumn]) -> tuple[tuple[int, int]]:
    return ((columns[0].table.top, columns[0].number),)


def _not_printed(package: Package, sheet: SheetPart, by_table: dict[Area, list[PlacedColumn]]) -> Iterator[SheetRemark]:
    """Yield the tables of which people print an area, without the new columns."""
    areas = workbook_xml.print_areas(package.read(package.workbook), sheet, part=package.workbook)
    for table, columns in by_table.items():
        printed = [area for area in areas if area.meets(table)]
        outside = [column for column in columns if not any(area.meets(column.area) for area in printed)]
        if printed and outside:
            values = {"area": "、".join(map(str, printed)), "columns": column_runs(outside)}
            yield SheetRemark("print-area-narrow", sheet.name, _place(outside), values)


def _taking_in(
    package: Package, sheet: SheetPart, added: Sequence[PlacedColumn], grown_tables: Sequence[str]
) -> Iterator[SheetRemark]:
    """Yield the formulas whose range takes in the new cells, by the sheet they stand on."""
    areas = tuple(dict.fromkeys(column.area for column in added))
    by_sheet: dict[str, list[TakingIn]] = {}
    for formula in formulas_taking_in(package, sheet.name, areas, grown_tables) if areas else ():
        by_sheet.setdefault(formula.sheet, []).append(formula)
    for name, formulas in by_sheet.items():
        text = "=" + one_line(without_texts(formulas[0].formula))
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        cells = "、".join(f"{column_letters(one.column)}{one.row}" for one in formulas[:_LISTED])
        cells += "……" if len(formulas) > _LISTED else ""
        values = {"columns": column_runs(added), "count": str(len(formulas)), "cells": cells, "formula": shown}
        yield SheetRemark("formula-takes-in", name, tuple((one.row, one.column) for one in formulas), values)
