"""Copies a workbook's values into a new .xlsx, for formats that cells cannot be added to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta

from xlsxwriter.exceptions import OverlappingRange, XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sheetcrm.errors import UneditableWorkbookError
from sheetcrm.excel.books.theme import new_book
from sheetcrm.model import RawValue, SheetValues
from sheetcrm.ooxml.addresses import LONGEST_TEXT, MOST_COLUMNS, MOST_ROWS
from sheetcrm.text.printable import printable_name

_FORMATS: tuple[tuple[type, str], ...] = (
    (datetime, "yyyy-mm-dd hh:mm:ss"),
    (date, "yyyy-mm-dd"),
    (time, "hh:mm:ss"),
    (timedelta, "[h]:mm:ss"),
)


def make_copy(sheets: Sequence[SheetValues]) -> bytes:
    """Write sheets of values as a new workbook: the same sheets, cells at the same addresses. Pure.

    Text stays text; days get a format that shows them.

    Raises:
        UneditableWorkbookError: `workbook-not-copied` if a sheet's name or a cell's place is
            impossible in an .xlsx.
    """
    try:
        with new_book("") as (book, data):
            formats = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS}
            activated = False
            for values in sheets:
                sheet = book.add_worksheet(printable_name(values.name))
                _write(sheet, values, formats)
                if values.hidden:
                    sheet.hide()
                elif not activated:
                    sheet.activate()
                    sheet.set_first_sheet()
                    activated = True
    except XlsxWriterException as error:
        raise _not_copied() from error
    return data.getvalue()


def _write(sheet: Worksheet, values: SheetValues, formats: dict[type, Format]) -> None:
    width = max(map(len, values.rows), default=0)
    if values.top + len(values.rows) - 1 > MOST_ROWS or values.left + width > MOST_COLUMNS:
        raise _not_copied()
    for first_row, first_column, last_row, last_column in values.merges:
        with suppress(OverlappingRange):
            sheet.merge_range(first_row - 1, first_column - 1, last_row - 1, last_column - 1, "")
    for row, line in enumerate(values.rows, values.top - 1):
        for column, value in enumerate(line, values.left - 1):
            if value is not None and value != "":
                _write_cell(sheet, row, column, value, formats)


def _write_cell(sheet: Worksheet, row: int, column: int, value: RawValue, formats: dict[type, Format]) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime | date | time | timedelta) and _is_countable(value):
        sheet.write_datetime(row, column, value, formats[type(value)])
    else:
        sheet.write_string(row, column, str(value)[:LONGEST_TEXT])


def _is_countable(value: datetime | date | time | timedelta) -> bool:
    """Return whether Excel's count of days reaches a day."""
    return not isinstance(value, date) or value.year > 1900  # noqa: PLR2004  (the first year it counts oddly)


def _not_copied() -> UneditableWorkbookError:
    return UneditableWorkbookError(
        "workbook-not-copied", "里面有 .xlsx 放不下的内容", "请用 Excel 或 WPS 打开后另存为 .xlsx，再运行"
    )
