"""Bytes that wait until a workbook is put together, compressed by the block: a big book has a hundred megabytes.

They are written once, in order, and read once, in order; only the last block is not compressed.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator

from sheetcrm.excel.splice.sheet_parts import Splice

_LEVEL = 1
_SPLICES, _BYTES = 2000, 1 << 18
_APART = b"\0"
"""Stands between two items; XML cannot hold it."""


class PackedItems:
    """Pieces of XML in the order in which they came."""

    def __init__(self) -> None:
        """Begin without any."""
        self._blocks: list[bytes] = []
        self._open: list[bytes] = []
        self._size = self._count = 0

    def append(self, item: bytes) -> None:
        """Take an item in."""
        self._open.append(item)
        self._count += 1
        self._size += len(item)
        if self._size >= _BYTES:
            self._blocks.append(zlib.compress(_APART.join(self._open), _LEVEL))
            self._open, self._size = [], 0

    def __len__(self) -> int:
        """Count the items."""
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        """Yield the items."""
        for block in self._blocks:
            yield from zlib.decompress(block).split(_APART)
        yield from self._open


class PackedSplices:
    """Splices into rows that rise: those of a row may come in any order, those of the next one lie behind them."""

    def __init__(self) -> None:
        """Begin without any."""
        self._blocks: list[tuple[array[int], bytes]] = []
        self._open: list[Splice] = []

    def append(self, splice: Splice) -> None:
        """Take a splice in."""
        self._open.append(splice)

    def end_row(self) -> None:
        """Say that no more splice of the row will come, nor of one before it."""
        if len(self._open) >= _SPLICES:
            splices = self._sorted()
            numbers = array("q", (number for start, end, new in splices for number in (start, end, len(new))))
            self._blocks.append((numbers, zlib.compress(b"".join(new for _, _, new in splices), _LEVEL)))
            self._open = []

    def __iter__(self) -> Iterator[Splice]:
        """Yield the splices in rising order."""
        for numbers, block in self._blocks:
            data, at = zlib.decompress(block), 0
            for start, end, length in zip(*[iter(numbers)] * 3, strict=True):
                yield start, end, data[at : at + length]
                at += length
        yield from self._sorted()

    def _sorted(self) -> list[Splice]:
        return sorted(self._open, key=lambda splice: splice[:2])
