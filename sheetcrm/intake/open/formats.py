"""Reads the values of workbooks in other formats than .xlsx (.xls, .xlsb, .ods, .et), as far as they can be read.

Everything besides values (formulas, formats, charts) is ignored; error cells read as blank.
The bytes are old and binary, so they are read in a watched process only.
"""

from __future__ import annotations

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake.open import sandbox, transfer
from sheetcrm.intake.open.sheets import open_foreign
from sheetcrm.model import SheetValues
from sheetcrm.ooxml import guard

FORMATS = {
    "workbook-xls": "旧的 .xls 格式",
    "workbook-xlsb": "二进制的 .xlsb 格式",
    "workbook-ods": "OpenDocument 的 .ods 格式",
    "workbook-et": "WPS 的 .et 格式",
}
"""The guard's names of the formats read here, and the names people use."""

_OLE = b"\xd0\xcf\x11\xe0"
_ZIPPED = (b"application/vnd.oasis.opendocument", b"xl/workbook.bin")


def format_of(data: bytes, *, file: str) -> str | None:
    """Return the name of the other format a file is in; None if it is in none that can be read."""
    if not data.startswith(_OLE) and not any(sign in data for sign in _ZIPPED):
        return None
    try:
        guard.inspect(data, file=file)
    except UnreadableWorkbookError as error:
        return FORMATS.get(error.kind)
    return None


def read_sheets(data: bytes, *, file: str) -> tuple[SheetValues, ...]:
    """Read every sheet of a workbook in another format.

    Raises:
        UnreadableWorkbookError: If it cannot be read, or not within a watched process's budget.
    """
    packed = sandbox.call(read_packed, data, file, budget=sandbox.budget_for(data))
    return tuple(
        SheetValues(name, hidden, top, left, transfer.unpack_rows(columns), merges)
        for name, hidden, top, left, columns, merges in packed
    )


_Packed = tuple[str, bool, int, int, transfer.Columns, tuple[tuple[int, int, int, int], ...]]


def read_packed(data: bytes, file: str) -> tuple[_Packed, ...]:
    """Do the reading: the part of `read_sheets` that runs in the watched process."""
    return tuple(
        (
            grid.sheet,
            hidden,
            grid.top,
            grid.left,
            transfer.pack_rows(grid.cells),
            tuple((merge.first_row, merge.first_column, merge.last_row, merge.last_column) for merge in grid.merges),
        )
        for grid, hidden in open_foreign(data, file=file)
    )
