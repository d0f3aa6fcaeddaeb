"""The shared strings of a workbook, read by number and appended to, never rewritten.

New text goes into this part rather than inline into the cells: repeated words (a tier, a level) are
kept once, Apple's and other lean viewers show them, and it costs no time. A workbook without the part
gets inline strings, so that no part, relationship or content type has to be added.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import chain

from sheetcrm.excel.splice.cell_text import read_strings, string_item
from sheetcrm.excel.splice.packed import PackedItems
from sheetcrm.ooxml import xmltree

_SHORT, _DIGEST = 64, 20
_EXTENSIONS = re.compile(rb"<(?:[^\s<>/:]+:)?extLst(?=[\s/>])")


class SharedStrings:
    """The strings of one workbook, read when first asked for."""

    def __init__(self, data: bytes, *, part: str) -> None:
        """Check the part; raises as `xmltree.check` does, also `xml-damaged` if it holds no shared strings."""
        xmltree.check(data, part=part, root="sst")
        self.part = part
        self._data = data
        masked = xmltree.masked(data)
        tag = re.search(rb"<((?:[^\s<>/:]+:)?)sst(?=[\s/>])[^>]*>", masked)
        self._prefix = tag[1] if tag else b""
        self._tag = tag.span() if tag else (0, 0)
        name = re.escape(self._prefix)
        item = re.compile(rb"<%ssi(?=[\s/>])[^>]*>(?:(?<=/>)|(.*?)</%ssi\s*>)" % (name, name), re.DOTALL)
        if masked is data:
            self._items = item.findall(data)
        else:
            spans = (match.span(1) for match in item.finditer(masked))
            self._items = [data[start:end] if start >= 0 else b"" for start, end in spans]
        self._new = PackedItems()
        self._texts: dict[int, str] = {}
        self._numbers: dict[bytes, int] | None = None
        self.references = 0
        """How many more cells point here than before; may fall below 0."""

    def text(self, number: int) -> str | None:
        """Return a string by its number; None if there is none."""
        if not 0 <= number < len(self._items):
            return None
        if number not in self._texts:
            self._texts[number] = read_strings(self._items[number], "t")
        return self._texts[number]

    def number(self, text: str) -> int:
        """Return the number of a plain string; it is appended where there is no such item yet."""
        if self._numbers is None:
            self._numbers = {}
            for number, present in enumerate(self._items):
                self._numbers.setdefault(_key(present), number)
        item = string_item(text, self._prefix)
        count = len(self._items) + len(self._new)
        number = self._numbers.setdefault(_key(item), count)
        if number == count:
            self._new.append(item)
        return number

    def changed(self) -> Iterator[bytes] | None:
        """Return the part, in pieces, with the appended strings and both counts updated; None if nothing changed."""
        new = self._new
        self._numbers = None  # a third of what is held while a workbook is put together
        if not len(new) and not self.references:
            return None
        start, end = self._tag
        tag = self._data[start:end]
        counts = {"count": self.references, "uniqueCount": len(new)}
        for name, more in counts.items():
            stated = re.search(rb"""\s%s\s*=\s*["'](\d{1,18})["']""" % name.encode(), tag)
            if stated:
                tag = xmltree.with_attributes(tag, **{name: str(max(0, int(stated[1]) + more))})
        items = (piece for item in new for piece in (b"<%ssi>" % self._prefix, item, b"</%ssi>" % self._prefix))
        if tag.endswith(b"/>"):
            head, tail = self._data[:start] + tag[:-2].rstrip() + b">", b"</%ssst>" % self._prefix + self._data[end:]
        else:
            last = self._end_of_items()
            head, tail = self._data[:start] + tag + self._data[end:last], self._data[last:]
        return chain((head,), items, (tail,))

    def _end_of_items(self) -> int:
        """Return the place after the last item: before an extLst, which is the last child where it is one."""
        masked = xmltree.masked(self._data)
        extensions = _EXTENSIONS.search(masked, max(masked.rfind(b"</%ssi" % self._prefix), self._tag[1]))
        return extensions.start() if extensions else masked.rindex(b"</%ssst" % self._prefix)


def _key(item: bytes) -> bytes:
    """Return what an item is known by: itself, or a hash of a long one: a big book has very many."""
    return item if len(item) <= _SHORT else hashlib.blake2b(item, digest_size=_DIGEST).digest()
