"""Checks that every address in a worksheet part is one, before a reader makes room for what it says.

The reading library computes with whatever digits and letters it finds: `J2147483648` asks it for 1.5 TB,
`A4294967297` is A1 to it. Excel itself calls such a file damaged. ECMA-376 Part 1, 18.18.7 (ST_CellRef).
"""

from __future__ import annotations

import re

from sheetcrm.ooxml.addresses import COLUMN, ROW, parse_area

_CELL = re.compile(COLUMN + ROW)
_ROW = re.compile(ROW)
_UNUSUAL_CELL = re.compile(rb'<c(?=[\s/>])(?! r="%s%s")' % (COLUMN, ROW))
_NOT_NARROW_CELL = re.compile(rb'<c(?=[\s/>])(?! r="[A-Za-z][1-9][0-9]{0,4}")')
_UNUSUAL_ROW = re.compile(rb'<row(?=[\s/>])(?! r="%s"|>)' % ROW)
_PREFIXED = re.compile(rb":(?:row|mergeCell|dimension|c[\s/>])")
_MARKUP = re.compile(rb"!(?<=<!)")
"""Each begins with a sign that is rare in a sheet: the search runs over the rest of it at the speed of memory."""
_AREA = re.compile(rb"<(?:mergeCell|dimension)(?=[\s/>])([^>]*)>")
_PLAIN_AREA = re.compile(rb' ref="([A-Za-z0-9:]+)"')
_TAG = re.compile(rb"""<(?:[^\s<>/:]+:)?(c|row|mergeCell|dimension)(?=[\s/>])((?:[^<>"']|"[^"]*"|'[^']*')*)>""")
_BEGIN = re.compile(rb"<(?:[^\s<>/:]+:)?(?:c|row|mergeCell|dimension)(?=[\s/>])")
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_LONGEST = 40


def is_usual(part: bytes) -> bool:
    """Return whether every cell, row, merge and the dimension states its address as programs usually do.

    Quick, and certain where it says yes.
    """
    return _is_usual(part, _UNUSUAL_CELL)


def is_narrow(part: bytes) -> bool:
    """Return whether all addresses are usual and those of cells lie within A1:Z99999; as quick, for most sheets."""
    return _is_usual(part, _NOT_NARROW_CELL)


def _is_usual(part: bytes, unusual_cell: re.Pattern[bytes]) -> bool:
    if (
        b"\0" in part[:64]
        or unusual_cell.search(part)
        or _PREFIXED.search(part)
        or _MARKUP.search(part)
        or _UNUSUAL_ROW.search(part)
    ):
        return False
    areas = (_PLAIN_AREA.search(tag) for tag in _AREA.findall(part))
    return all(area is not None and parse_area(area[1].decode()) is not None for area in areas)


def find_odd(part: bytes) -> str | None:
    """Return the first address of a worksheet part that is none, or None; slower than `is_usual`.

    A cell or row may leave its address out. Text that only looks like a tag (in a comment) is taken for one.

    Args:
        part: The part's bytes, in an encoding that agrees with ASCII.
    """
    tags = 0
    for tag in _TAG.finditer(part):
        tags += 1
        name = tag[1]
        wanted = b"ref" if name in (b"mergeCell", b"dimension") else b"r"
        stated = [value[1:-1] for key, value in _ATTRIBUTE.findall(tag[2]) if key == wanted]
        if len(stated) > 1 or (wanted == b"ref" and not stated):
            return _shown(tag[0])
        if stated and not _is_address(name, stated[0]):
            return _shown(stated[0])
    return None if tags == len(_BEGIN.findall(part)) else "?"


def _is_address(name: bytes, stated: bytes) -> bool:
    if name == b"c":
        return _CELL.fullmatch(stated) is not None
    if name == b"row":
        return _ROW.fullmatch(stated) is not None
    return b"$" not in stated and stated == stated.strip() and parse_area(stated.decode("latin-1")) is not None


def _shown(text: bytes) -> str:
    printable = "".join(sign if sign.isprintable() else "?" for sign in text.decode("utf-8", "replace"))
    return printable if len(printable) <= _LONGEST else printable[:_LONGEST] + "…"
