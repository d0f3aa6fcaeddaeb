"""Edits for tests, carried out and held to what every edit must keep."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import openpyxl
import xlsxwriter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook
from xlsxwriter.workbook import Workbook as NewWorkbook

from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.model import CellStyle, ColumnEdit, Receipt, SheetEdit, WrittenValue
from tests import hostile
from tests.invariants import new_findings

SHEET = "表"


@dataclass(frozen=True)
class Edited:
    """A workbook after an edit."""

    data: bytes
    receipt: Receipt

    @property
    def sheet(self) -> Worksheet:
        """The sheet as openpyxl reads it."""
        found = openpyxl.load_workbook(io.BytesIO(self.data), rich_text=False)[SHEET]
        assert isinstance(found, Worksheet)
        return found

    @property
    def xml(self) -> str:
        """The sheet's part."""
        return part(self.data, "sheet1.xml")

    def column(self, number: int) -> list[object]:
        """A column's values by openpyxl."""
        return [cell.value for (cell,) in self.sheet.iter_rows(min_col=number, max_col=number)]

    @property
    def remarks(self) -> list[str]:
        """The kinds of what was remarked of the sheet."""
        return [remark.kind for remark in self.receipt.remarks]

    @property
    def left(self) -> list[tuple[int, int, str]]:
        """What was left alone: row, column, why."""
        return [(cell.row, cell.column, cell.reason) for cell in self.receipt.left]


def column(
    label: str,
    *values: WrittenValue,
    at: int | None = None,
    style: CellStyle = CellStyle.TEXT,
    first: int = 2,
    colours: Mapping[str, str] | None = None,
) -> ColumnEdit:
    """Plan values for consecutive rows of a column."""
    rows = tuple(range(first, first + len(values)))
    return ColumnEdit(label, at, style, rows, tuple(values), colours or {})


def edit(data: bytes, *columns: ColumnEdit, sheet: str = SHEET, header_row: int = 1) -> Edited:
    """Write columns back, and check what must hold after any edit at all."""
    edits = [SheetEdit(sheet, header_row, columns)]
    after, receipt = write_back(data, edits, file="客户.xlsx")
    check_untouched(data, after, receipt)
    again, second = write_back(after, edits, file="客户.xlsx")
    assert again is after, second.written[:3]
    return Edited(after, receipt)


def check_untouched(before: bytes, after: bytes, receipt: Receipt) -> None:
    """Check that no part is lost, others lie in the archive as before, and nothing is newly wrong."""
    old, new = hostile.compressed(before), hostile.compressed(after)
    assert list(old) == list(new)
    assert {name for name in old if old[name][0] != new[name][0]} <= set(receipt.parts)
    assert [entry[1:] for entry in old.values()] == [entry[1:] for entry in new.values()]
    assert new_findings(before, after) == []


def made(*lines: Sequence[object], sheet: str = SHEET) -> bytes:
    """Write a plain table with XlsxWriter, which neither edits nor reads what we edit."""

    def write(workbook: NewWorkbook) -> None:
        worksheet = workbook.add_worksheet(sheet)
        for number, line in enumerate(lines):
            worksheet.write_row(number, 0, line)

    return new(write)


def new(write: Callable[[NewWorkbook], object], **options: object) -> bytes:
    """Return the workbook that a function writes with XlsxWriter."""
    buffer = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd", **options}
    with xlsxwriter.Workbook(buffer, settings) as workbook:
        write(workbook)
    return buffer.getvalue()


def saved(workbook: Workbook) -> bytes:
    """Return an openpyxl workbook's bytes."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def part(data: bytes, ending: str) -> str:
    """Return the text of the one part with that ending."""
    (found,) = [content for name, content in hostile.members(data).items() if name.endswith(ending)]
    return found.decode("utf-8-sig")


def by_calamine(data: bytes, sheet: str = SHEET) -> list[list[object]]:
    """Return a sheet's values as calamine reads them, whole figures as int."""
    read = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet)
    return [[plain(value) for value in row] for row in read.to_python(skip_empty_area=False)]


def plain(value: object) -> object:
    """Fold what readers tell apart and people do not: 5.0 and 5, a day and its midnight, blanks."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    return None if value == "" else value
