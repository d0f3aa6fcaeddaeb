"""Bounds what is read in this process; anything not plainly within them is read in a watched one.

The rules are cheap and strict, since a file that fails one is not refused: it is read by a child, half
a second later. They bound the cost of reading by the content of the file, in the ways that a small file can
ask for much: one text in many cells, one sheet under many names, merges over merges, headers and cards
without end. Pure.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sheetcrm.ooxml.package import Package

_SHEETS = 48 << 20
"""Bytes of all worksheets together, each as often as it is listed."""
_STRINGS = 32 << 20
"""Bytes of the shared strings."""
_TEXTS = 96 << 20
"""Bytes of text in all cells, if each held the longest one."""
_CELL = 20
"""Bytes at least of a cell that refers to a shared string."""
_MERGES = 2_000
"""Merges of a sheet."""
_HEADERS = 2_000
"""Rows of a sheet in which a header may begin."""
_SCATTERED = 1 << 20
"""Bytes of a worksheet that has to be measured, and may have cells far from the others."""

_WORKBOOK, _SECOND_FOLDER = "xl/workbook.xml", "xl/xl"
_ITEM = re.compile(rb"<(?:[^\s<>/:]+:)?si[\s/>]")


class TooMuchHereError(Exception):
    """The file is not plainly within bounds: read it in a watched process."""


def check_package(package: Package) -> None:
    """Bound the worksheets and the text in their cells, which must lie where the reading library looks for them.

    The library takes every target for one beside `xl/workbook.xml`. Were it to find another part than the
    one whose addresses were checked, it would have to be in a process of its own.
    """
    if package.workbook.lower() != _WORKBOOK or package.has_folder(_SECOND_FOLDER):
        raise TooMuchHereError
    sheets = [sheet.part for sheet in package.sheets if sheet.kind == "worksheet"]
    listed = sum(map(package.size, sheets))
    part = package.related(package.workbook, "sharedStrings")
    strings = package.size(part) if part else 0
    if listed > _SHEETS or strings > _STRINGS:
        raise TooMuchHereError
    if part and listed // _CELL * strings > _TEXTS:
        longest = _longest(package.read(part))
        if listed // _CELL * longest > _TEXTS and sum(map(_references, map(package.read, sheets))) * longest > _TEXTS:
            raise TooMuchHereError


def check_sheet(part: bytes, *, is_small: bool) -> None:
    """Bound the merges of a worksheet, and the work on one whose cells lie far apart or have no address."""
    if part.count(b"mergeCell ") > _MERGES or (not is_small and len(part) > _SCATTERED) or b"\0" in part[:64]:
        raise TooMuchHereError


def check_labels(rows: int) -> None:
    """Bound the rows in which a header may begin."""
    if rows > _HEADERS:
        raise TooMuchHereError


def _longest(strings: bytes) -> int:
    """Bound the longest shared string by the longest way from one item to the next."""
    if b"<!" in strings or b"\0" in strings[:64]:
        return len(strings)  # its text may hold what only looks like the beginning of an item
    begins = [match.start() for match in _ITEM.finditer(strings)]
    return max((right - left for left, right in pairwise([*begins, len(strings)])), default=0)


def _references(part: bytes) -> int:
    return part.count(b'"s"') + part.count(b"'s'")
