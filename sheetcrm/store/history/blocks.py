"""Customers of a large run by the block: their numbers in one line, then each one's values, compressed as one record.

A record for each customer takes over a kilobyte, with its two hashes and its place in two indexes. A block's record
bears the least 客户编号 in it, so that one customer is looked up without reading the others.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence

from zlib_ng import zlib_ng

CUSTOMER, BLOCK = "customer", "customers"
"""The kinds of the records of a customer and of a block; their run is the number of the record they were added with."""

FROM = 1000
"""Of so many customers and more a run keeps them in blocks."""

WITH_BLOCKS = 2
"""The version of a file once blocks stand in it: older programs would miss the customers in them."""

_SIZE, _LEVEL = 500, 6


class Blocks:
    """The blocks in an open file of records."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take an open connection."""
        self._connection = connection

    def announce(self) -> None:
        """Mark the file as one with blocks, within the transaction that adds them."""
        if not self._are_there():
            self._connection.execute(f"PRAGMA user_version = {WITH_BLOCKS}")

    def of(self, run: int | None) -> Iterator[bytes]:
        """Read the blocks of a run; of all runs for None."""
        if self._are_there():
            query = "SELECT body FROM record WHERE kind = ? AND run = ifnull(?, run)"
            if run is not None:
                query = "SELECT body FROM record WHERE kind = ? AND run = ?"
            for (body,) in self._connection.execute(query, (BLOCK, run)):
                yield body

    def find(self, customer_id: str) -> list[tuple[int, int, str]]:
        """Find a customer in the blocks of all runs: number, run and body."""
        return [
            (number, run, body)
            for number, run, block in self.holding(customer_id)
            for key, body in bodies_in(block)
            if key == customer_id
        ]

    def holding(self, customer_id: str) -> Iterator[tuple[int, int, bytes]]:
        """Find the blocks of all runs that a customer is in: number, run and block."""
        query = (
            "SELECT number, body FROM record WHERE run = ? AND kind = ? AND customer_id <= ?"
            " ORDER BY customer_id DESC LIMIT 1"
        )
        runs = self._connection.execute("SELECT number FROM record WHERE kind = 'run' AND run IS NULL").fetchall()
        for (run,) in runs if self._are_there() else ():
            for number, block in self._connection.execute(query, (run, BLOCK, customer_id)).fetchall():
                if customer_id in keys_in(block):
                    yield number, run, block

    def _are_there(self) -> bool:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        return bool(version >= WITH_BLOCKS)


class CustomerBodies:
    """The bodies of a run's customers, taken in one by one: a record each while they are few, in blocks of many."""

    def __init__(self) -> None:
        """Begin without any."""
        self._pending: list[tuple[str, str]] = []
        self._blocks: list[tuple[str, bytes]] = []
        self._hash = hashlib.sha256()
        self._last = ""
        self._is_sorted = True
        self.count = 0

    def add(self, key: str, body: str) -> None:
        """Take a customer in: 客户编号 and body."""
        self._hash.update(f"\n{body}".encode() if self.count else body.encode())
        self.count += 1
        self._is_sorted = self._is_sorted and self._last <= key
        self._last = key
        self._pending.append((key, body))
        if len(self._pending) >= FROM:
            self._compress(whole=False)

    @property
    def sha256(self) -> str:
        """The hash of all bodies, in the order in which they came."""
        return self._hash.hexdigest()

    def records(self) -> Iterator[tuple[str, str, str | bytes]]:
        """Yield the kind, the 客户编号 and the body of each record, as it is stored."""
        if not self._blocks and self.count < FROM:
            yield from ((CUSTOMER, key, body) for key, body in self._pending)
            return
        if not self._is_sorted:
            taken = [row for _, block in self._blocks for row in bodies_in(block)]
            self._pending, self._blocks = sorted([*taken, *self._pending]), []
        self._compress(whole=True)
        yield from ((BLOCK, key, block) for key, block in self._blocks)

    def _compress(self, *, whole: bool) -> None:
        """Compress what is pending by the block, the last one that is not full only where it is the last of all."""
        while len(self._pending) >= (1 if whole else _SIZE):
            block, self._pending = self._pending[:_SIZE], self._pending[_SIZE:]
            self._blocks.append((block[0][0], pack(block)))


def pack(customers: Sequence[tuple[str, str]]) -> bytes:
    """Make a block of the 客户编号 and bodies of customers, sorted. Pure."""
    keys = json.dumps([key for key, _ in customers], ensure_ascii=False, separators=(",", ":"))
    text = "\n".join((keys, *(body for _, body in customers)))
    return zlib_ng.compress(text.encode(), _LEVEL)


def text_of(body: str | bytes) -> str:
    """Return the text of a record's body, compressed or not.

    Raises:
        ValueError: If it cannot be decompressed.
    """
    if isinstance(body, str):
        return body
    try:
        return zlib.decompress(body).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from error


def keys_in(body: str | bytes) -> Sequence[str]:
    """Return the 客户编号 in a block.

    Raises:
        ValueError: If it is none.
    """
    keys = json.loads(text_of(body).split("\n", 1)[0])
    if not isinstance(keys, list):
        raise ValueError("no block")  # noqa: TRY004  (what a record holds, not what a program passes)
    return keys


def bodies_in(body: str | bytes) -> Iterator[tuple[str, str]]:
    """Yield the 客户编号 and the body of each customer in a block.

    Raises:
        ValueError: If it is none.
    """
    keys, *texts = text_of(body).split("\n")
    yield from zip(json.loads(keys), texts, strict=True)
