"""Refuses a sheet with more customers than one run is to hold, by its first rows, before it is read whole."""

from __future__ import annotations

import re

from sheetcrm import schema
from sheetcrm.errors import UnreadableWorkbookError, WorkbookError
from sheetcrm.intake.find.headers import find_headers
from sheetcrm.intake.find.labels import label_rows
from sheetcrm.intake.open.in_process import TooMuchHereError
from sheetcrm.intake.open.sheets import open_sheets
from sheetcrm.ooxml.package import Package, SheetPart, open_package

MOST_CUSTOMERS = 300_000
"""Rows of a sheet of customers; of orders and records a sheet may be full."""

_ROW_BYTES = 50
"""Bytes at least of a row with a number and a name."""
_HEAD, _STRINGS = 1 << 20, 8 << 20
_ROW = re.compile(rb"<(?:[^\s<>/:]+:)?row[\s>]")
_PLAIN_ROW = re.compile(rb"<row[\s>]")
"""The same without a prefix: found at the speed of memory."""
_LONGEST_TAG = 64
_KINDS = frozenset({schema.SCORING.kind, schema.PROFILE.kind})


def refuse_crowded(data: bytes, *, file: str) -> None:
    """Refuse a workbook with a sheet of more customers than `MOST_CUSTOMERS`; the guard has let it pass.

    Rows are counted while inflating, and only the first of them are read. A sheet whose first rows cannot be read
    apart from the others is left to whoever reads it whole.

    Raises:
        UnreadableWorkbookError: `customers-too-many`.
    """
    package = open_package(data)
    for sheet in package.sheets:
        if sheet.kind != "worksheet" or package.size(sheet.part) < MOST_CUSTOMERS * _ROW_BYTES:
            continue
        rows = _count_rows(package, sheet)
        if rows > MOST_CUSTOMERS and _lists_customers(package, sheet, file):
            raise UnreadableWorkbookError(
                "customers-too-many",
                f"客户名单“{sheet.name}”有 {rows} 行，一次最多 {MOST_CUSTOMERS} 行",
                "请按月份、区域或客户经理分成几个工作簿，各放一个文件夹，用 sheetcrm batch 一起做",
            )


def _count_rows(package: Package, sheet: SheetPart) -> int:
    count, left = 0, b""
    for piece in package.pieces(sheet.part):
        text = left + piece
        cut = text.rfind(b"<", max(0, len(text) - _LONGEST_TAG))
        cut = len(text) if cut < 0 else cut
        count += _rows_in(text[:cut])
        left = text[cut:]
    return count + _rows_in(left)


def _rows_in(text: bytes) -> int:
    return len((_ROW if b":row" in text else _PLAIN_ROW).findall(text))


def _lists_customers(package: Package, sheet: SheetPart, file: str) -> bool:
    """Return whether the first rows of a sheet are a list of customers."""
    head = _first(package, sheet.part, _HEAD)
    cut = head.rfind(b"</row>")
    if cut < 0:
        return False
    changes = {sheet.part: head[:cut] + b"</row></sheetData></worksheet>"}
    changes |= {other.part: b"<worksheet/>" for other in package.sheets if other.part != sheet.part}
    part = package.related(package.workbook, "sharedStrings")
    if part and package.size(part) > _STRINGS:
        strings = _first(package, part, _STRINGS)
        changes[part] = strings[: strings.rfind(b"</si>")] + b"</si></sst>"
    try:
        opened = open_sheets(package.with_parts(changes), file=file, bounded=True)
        listed = next(one for one in opened.listed if one.name == sheet.name)
        grid, _ = opened.grid(listed, opened.part(listed))
    except (WorkbookError, TooMuchHereError, StopIteration):
        return False
    headers, _ = find_headers(grid, label_rows(grid))
    return any(header.kind in _KINDS for header in headers)


def _first(package: Package, part: str, most: int) -> bytes:
    pieces: list[bytes] = []
    for piece in package.pieces(part):
        pieces.append(piece)
        if sum(map(len, pieces)) >= most:
            break
    return b"".join(pieces)
