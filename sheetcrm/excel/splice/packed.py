"""Bytes that wait until a workbook is put together, compressed by the block: a big book has a hundred megabytes.

They are written once, in order, and read once, in order; only the last block is not compressed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from operator import itemgetter

from zlib_ng import zlib_ng

from sheetcrm.excel.splice.sheet_parts import Splice

_LEVEL = 2
"""Half the time of zlib's fastest, and no larger."""
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
            self._blocks.append(zlib_ng.compress(_APART.join(self._open), _LEVEL))
            self._open, self._size = [], 0

    def __len__(self) -> int:
        """Count the items."""
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        """Yield the items."""
        for block in self._blocks:
            yield from zlib_ng.decompress(block).split(_APART)
        yield from self._open


class PackedSplices:
    """Splices into rows that rise: those of a row may come in any order, those of the next one lie behind them."""

    def __init__(self) -> None:
        """Begin without any."""
        self._blocks: list[tuple[array[int], array[int], array[int], bytes]] = []
        """The places of each block's splices, their first and last, the lengths of what is new, and that."""
        self._open: list[Splice] = []

    def append(self, splice: Splice) -> None:
        """Take a splice in."""
        self._open.append(splice)

    def end_row(self) -> None:
        """Say that no more splice of the row will come, nor of one before it."""
        if len(self._open) >= _SPLICES:
            starts, ends, new = zip(*self._sorted(), strict=True)
            numbers = array("q", starts), array("q", ends), array("q", map(len, new))
            self._blocks.append((*numbers, zlib_ng.compress(b"".join(new), _LEVEL)))
            self._open = []

    def __iter__(self) -> Iterator[Splice]:
        """Yield the splices in rising order."""
        for starts, ends, lengths, block in self._blocks:
            data, at = zlib_ng.decompress(block), 0
            for start, end, length in zip(starts, ends, lengths, strict=True):
                yield start, end, data[at : at + length]
                at += length
        yield from self._sorted()

    def _sorted(self) -> list[Splice]:
        return sorted(self._open, key=itemgetter(0, 1))
