"""Knows the sheet 检查结果 that a check adds to marked copies: by its name and by the text at its top.

The text survives every program that saves the workbook, and goes along where the sheet is copied to another; a
sheet that people named so themselves is theirs.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import islice

from sheetcrm.ooxml.package import Package, SheetPart

FINDINGS_SHEET = "检查结果"
FINDINGS_MARK = "检查结果（sheetcrm"
"""How the text at its top begins."""

_CELL = re.compile(rb"""<(?:[^\s<>/:]+:)?c(?=[\s/>])([^>]*)>""")
_SHARED = re.compile(rb"""\st\s*=\s*["']s["']""")
_NUMBER = re.compile(rb"\s*<(?:[^\s<>/:]+:)?v>\s*([0-9]{1,9})\s*<")
_STRING = re.compile(rb"<(?:[^\s<>/:]+:)?si(?=[\s/>])[^>]*>")
_TEXT = re.compile(rb"<(?:[^\s<>/:]+:)?t(?:\s[^>]*)?>([^<]*)<")
_LONGEST = 4096
"""Bytes that a cell, or its string, lies in."""
_CELLS = 20
"""The cells that are looked at: somebody may have put a line of his own above."""


def is_findings(package: Package, sheet: SheetPart) -> bool:
    """Return whether a sheet is the 检查结果 that a check wrote. Pure."""
    if sheet.kind != "worksheet" or not sheet.name.startswith(FINDINGS_SHEET):
        return False
    head = next(package.pieces(sheet.part), b"")
    return any(_is_marked(package, head, cell) for cell in islice(_CELL.finditer(head), _CELLS))


def findings_sheet(package: Package) -> SheetPart | None:
    """Return the sheet 检查结果 of a workbook that was marked before, None of any other. Pure."""
    return next((sheet for sheet in package.sheets if is_findings(package, sheet)), None)


def _is_marked(package: Package, head: bytes, cell: re.Match[bytes]) -> bool:
    inside = head[cell.end() : cell.end() + _LONGEST]
    number = _NUMBER.match(inside) if _SHARED.search(cell[1]) else None
    item = _string(package, int(number[1])) if number else _until_end(inside, b"c>")
    text = b"".join(_TEXT.findall(item))  # in pieces, where a program gives each script a font of its own
    return unescape(text.decode(errors="replace")).strip().startswith(FINDINGS_MARK)  # signs may be numbers


def _string(package: Package, number: int) -> bytes:
    part = package.related(package.workbook, "sharedStrings")
    data = package.read(part) if part else b""
    item = next(islice(_STRING.finditer(data), number, None), None)
    return _until_end(data[item.end() : item.end() + _LONGEST], b"si>") if item else b""


def _until_end(text: bytes, end: bytes) -> bytes:
    return re.split(rb"</(?:[^\s<>/:]+:)?" + end, text, maxsplit=1)[0]
