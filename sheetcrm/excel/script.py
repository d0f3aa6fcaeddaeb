"""The script a book is written in: what the program writes into a traditional one is so too (practice §9). Pure.

People's own words stay as they are: a part of a text that is traditional already, and the names of people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sheetcrm.model import Table
from sheetcrm.text.folding import simplify, traditionalise

_PART = re.compile(r"[^，。；、：（）()\n]+")

Write = Callable[[str], str]
"""Writes a text of the program in a book's script."""


def writer(table: Table, names: Iterable[str] = ()) -> Write | None:
    """Return what writes texts into a table in traditional characters; None where its headers are not in them.

    Args:
        table: The table.
        names: Words that are never converted: 余 is a name, and no other spelling of 餘.
    """
    headers = [column.label for column in table.columns]
    traditional = sum(simplify(text) != text for text in headers)
    if not traditional or traditional <= sum(traditionalise(text) != text for text in headers):
        return None  # most books: the words of the other script, 40 MB of them, are not even loaded
    kept = sorted({name for name in names if name and traditionalise(name) != name}, key=len, reverse=True)
    own = re.compile("|".join(map(re.escape, kept))) if kept else None

    def write(text: str) -> str:
        return _PART.sub(lambda match: _convert(match[0], own), text)

    return write


def _convert(part: str, kept: re.Pattern[str] | None) -> str:
    if simplify(part) != part:
        return part
    if kept is None:
        return traditionalise(part)
    pieces, end = [], 0
    for match in kept.finditer(part):
        pieces += [traditionalise(part[end : match.start()]), match[0]]
        end = match.end()
    return "".join((*pieces, traditionalise(part[end:])))
