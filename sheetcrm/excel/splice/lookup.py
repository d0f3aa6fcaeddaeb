"""Reads the texts of single cells, as they stand in the workbook."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sheetcrm.excel.splice.shared_strings import SharedStrings
from sheetcrm.excel.splice.sheet_xml import rows
from sheetcrm.excel.splice.worksheet import open_worksheet
from sheetcrm.ooxml.package import open_package


def read_texts(
    workbook: bytes, places: Mapping[str, Collection[tuple[int, int]]]
) -> Mapping[tuple[str, int, int], str]:
    """Return the texts of cells, by sheet, row and column; one that is not there or blank is left out.

    Args:
        workbook: The bytes of a workbook that was read.
        places: The cells, row and column, by sheet.

    Raises:
        WorkbookError: As `open_package` and `sheet_xml.open_sheet` raise it.
    """
    package = open_package(workbook)
    part = package.related(package.workbook, "sharedStrings")
    strings = SharedStrings(package.read(part), part=part) if part else None
    texts: dict[tuple[str, int, int], str] = {}
    for sheet in package.sheets:
        if sheet.kind != "worksheet" or sheet.name not in places:
            continue
        worksheet = open_worksheet(package, sheet, strings, None)
        wanted = set(places[sheet.name])
        numbers = {row for row, _ in wanted}
        for row in rows(worksheet.xml):
            for cell in worksheet.cells.cells(row) if row.number in numbers else ():
                if (row.number, cell.column) in wanted:
                    text = worksheet.values.display_text(worksheet.values.read(cell), as_day=False)
                    if text:
                        texts[sheet.name, row.number, cell.column] = text
    return texts
