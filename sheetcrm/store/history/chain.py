"""An append-only file of records, each with the hash of the one before it (SQLite).

The content of a record is the caller's: a kind and plain values, kept as one JSON text. The hash is taken
over that text as stored, so fields that later versions add do not affect older records. The file is
created whole in one rename, records are added in one transaction: a kill leaves the old or the new state.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from sheetcrm.errors import StoreError
from sheetcrm.processes import scratch
from sheetcrm.store.files import backups, disk
from sheetcrm.store.history import redaction
from sheetcrm.store.history.blocks import (
    BLOCK,
    CUSTOMER,
    Blocks,
    CustomerBodies,
    bodies_in,
    keys_in,
    text_of,
)

FIRST = ""
"""The previous hash of the first record."""

DAMAGED = "history-damaged"
NEWER = "history-newer"

_FEW = 1000
"""Fewer records than this are looked up one at a time."""

_HASH_NOTED = re.compile("[0-9a-f]{12,64}")
_OURS, _VERSION = 0x53435244, 1
_PATIENCE = 5.0
"""Seconds to wait for another program that is writing the file."""

_NEVER_CHANGED = (
    "CREATE TRIGGER record_never_changed BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'appended to only'); END;"
)
# run and customer_id repeat what the body says, for the index; the hash covers them too.
_SCHEMA = f"""
CREATE TABLE record (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    run INTEGER,
    customer_id TEXT,
    body TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX record_by_run ON record (run, customer_id) WHERE run IS NOT NULL;
CREATE INDEX record_by_customer ON record (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX record_of_runs ON record (kind) WHERE run IS NULL;
{_NEVER_CHANGED}
CREATE TRIGGER record_never_removed BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'appended to only'); END;
PRAGMA application_id = {_OURS};
PRAGMA user_version = {_VERSION};
"""

_COLUMNS = "number, kind, run, customer_id, body, previous, hash"
_RESTORE = "没有改动它。请放回备份；若要另起一份新的历史，请先把它移走"


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as stored; `run` is the number of the record a customer's was added with."""

    number: int
    run: int | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in the chain: the record's number (0: the file itself), and what is wrong with it."""

    number: int
    what: str


class Chain:
    """An open file of records. `open_chain` and `read_chain` make it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Take an open connection; the path is for messages."""
        self._connection = connection
        self._blocks = Blocks(connection)
        self._path = path

    @property
    def source(self) -> tuple[sqlite3.Connection, Path]:
        """The connection and the path, for another view of the same records."""
        return self._connection, self._path

    @property
    def head(self) -> str:
        """The hash of the last record, `FIRST` where there is none."""
        return self._last()[1]

    def head_without(self, kind: str) -> str:
        """Return the hash of the last record that is of another kind, `FIRST` where there is none."""
        query = "SELECT hash FROM record WHERE kind != ? ORDER BY number DESC LIMIT 1"
        with _translate_errors(self._path):
            row = self._connection.execute(query, (kind,)).fetchone()
        return str(row[0]) if row else FIRST

    def holds(self, hashed: str) -> bool:
        """Return whether a record has a hash that begins so, with at least 12 digits."""
        if not _HASH_NOTED.fullmatch(hashed):
            return False
        query = "SELECT 1 FROM record WHERE substr(hash, 1, ?) = ? LIMIT 1"
        with _translate_errors(self._path):
            return self._connection.execute(query, (len(hashed), hashed)).fetchone() is not None

    def entries(self, kind: str) -> Iterator[Entry]:
        """Read the records of a kind in their order; customers are read by run or by 客户编号."""
        query = "SELECT number, run, body FROM record WHERE kind = ? AND run IS NULL ORDER BY number"
        with _translate_errors(self._path):
            for number, run, body in self._connection.execute(query, (kind,)):
                yield Entry(number, run, self.parse(body))

    def of_customer(self, customer_id: str) -> Iterator[Entry]:
        """Read the records of a customer in their order."""
        query = "SELECT number, run, body FROM record WHERE customer_id = ? AND kind = ?"
        with self._reading():
            rows = self._connection.execute(query, (customer_id, CUSTOMER)).fetchall()
            rows += self._blocks.find(customer_id)
            for number, run, body in sorted(rows):
                yield Entry(number, run, self.parse(body))

    def parse(self, body: str) -> Mapping[str, Any]:
        """Read a record's values."""
        try:
            values = json.loads(body)
        except ValueError as error:
            raise self.damaged() from error
        if not isinstance(values, dict):
            raise self.damaged()
        return values

    def customers(self, run: int) -> frozenset[str]:
        """Read the 客户编号 of a run's customers."""
        with self._reading():
            query = "SELECT customer_id FROM record WHERE run = ? AND kind = ?"
            rows = self._connection.execute(query, (run, CUSTOMER))
            keys = (key for block in self._blocks.of(run) for key in keys_in(block))
            return frozenset(itertools.chain((key for (key,) in rows), keys))

    def of_customers(self, run: int, name: str) -> Mapping[str, Any]:
        """Read one value of each of a run's customers, by 客户编号; None where a record has none of that name."""
        with self._reading():
            query = "SELECT customer_id, json_extract(body, ?) FROM record WHERE run = ? AND kind = ?"
            values = dict(self._connection.execute(query, (f"$.{name}", run, CUSTOMER)))
            for block in self._blocks.of(run):
                values |= {key: self.parse(body).get(name) for key, body in bodies_in(block)}
            return values

    def todays(self, keys: frozenset[str]) -> frozenset[str]:
        """Return 客户编号 on record as they are today: the same, unless the file is read otherwise."""
        return keys

    def all_customers(self) -> frozenset[str]:
        """Read every 客户编号 on record, as it stands there."""
        with self._reading():
            query = "SELECT DISTINCT customer_id FROM record WHERE customer_id IS NOT NULL"
            keys = (key for block in self._blocks.of(None) for key in keys_in(block))
            return frozenset(itertools.chain((key for (key,) in self._connection.execute(query)), keys))

    def runs_of(self, customer_id: str) -> tuple[int, int] | None:
        """Read the first and the last run with a record of a customer, as it stands there; None without one."""
        with self._reading():
            query = "SELECT run FROM record WHERE customer_id = ? AND kind = ?"
            runs = [run for (run,) in self._connection.execute(query, (customer_id, CUSTOMER))]
            runs += [run for _, run, _ in self._blocks.find(customer_id)]
        return (min(runs), max(runs)) if runs else None

    def bodies(self, run: int, wanted: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Read some of a run's customers: 客户编号 and values."""
        query = "SELECT customer_id, body FROM record WHERE run = ? AND kind = ?"
        single = f"{query} AND customer_id = ?"
        with self._reading():
            for block in self._blocks.of(run) if wanted else ():
                for key, body in bodies_in(block):
                    if key in wanted:
                        yield key, self.parse(body)
            if len(wanted) < _FEW:
                for key in wanted:
                    for _, body in self._connection.execute(single, (run, CUSTOMER, key)):
                        yield key, self.parse(body)
            else:
                for key, body in self._connection.execute(query, (run, CUSTOMER)):
                    if key in wanted:
                        yield key, self.parse(body)

    def body(self, number: int, kind: str) -> Mapping[str, Any]:
        """Read the values of the record of a number; it is damage where there is none of that kind."""
        query = "SELECT body FROM record WHERE number = ? AND kind = ?"
        with _translate_errors(self._path):
            row = self._connection.execute(query, (number, kind)).fetchone()
        if row is None:
            raise self.damaged()
        return self.parse(row[0])

    def append(
        self,
        kind: str,
        body: str,
        *,
        beside: Iterable[tuple[str, str]] = (),
        customers: CustomerBodies | None = None,
    ) -> None:
        """Add a record, the records beside it, and those of its customers: all or none.

        Args:
            kind: Its kind.
            body: Its values as `write_body` writes them.
            beside: Kind and body of records that follow it, numbered from the next one on.
            customers: Those of a run; they get the record's number as their run.

        Raises:
            StoreError: If they cannot be written, or the last record does not match its hash.
        """
        with _translate_errors(self._path), _transaction(self._connection):
            self._append(kind, body, beside, customers, after=self._last())

    def forget(self, customer_id: str, values: Mapping[str, Any]) -> int:
        """Take a customer out of all records, and add the record of that; all or nothing (see `redaction`).

        Args:
            customer_id: As it is on record.
            values: What is kept of the removal itself.

        Returns:
            How many records were changed.

        Raises:
            StoreError: If they cannot be written.
        """
        connection = self._connection
        with _translate_errors(self._path):
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            with _transaction(connection):
                last = self._last()
                connection.execute("DROP TRIGGER record_never_changed")
                redacted = redaction.redact(connection, customer_id)
                connection.execute(_NEVER_CHANGED)
                body = write_body({**values, **redacted})
                self._append(redaction.FORGET, body, (), None, after=last)
                connection.execute(f"PRAGMA user_version = {redaction.WITH_REMOVALS}")
            connection.execute("VACUUM")  # what was removed must not stay in pages that are free
        return len(redacted[redaction.REDACTED])

    def _append(
        self,
        kind: str,
        body: str,
        beside: Iterable[tuple[str, str]],
        customers: CustomerBodies | None,
        *,
        after: tuple[int, str],
    ) -> None:
        number, previous = after[0] + 1, after[1]
        kept = tuple(customers.records()) if customers else ()
        if any(what == BLOCK for what, _, _ in kept):
            self._blocks.announce()
        records: Iterator[tuple[str, int | None, str | None, str | bytes]] = itertools.chain(
            ((kind, None, None, body),),
            ((other, None, None, text) for other, text in beside),
            ((what, number, key, text) for what, key, text in kept),
        )
        rows: list[tuple[object, ...]] = []
        for at, (what, run, key, text) in enumerate(records, number):
            hashed = hash_of(at, what, run, key, text_of(text), previous)
            rows.append((at, what, run, key, text, previous, hashed))
            previous = hashed
        self._connection.executemany(f"INSERT INTO record ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)  # noqa: S608  (names of ours)

    def next_number(self) -> int:
        """Return the number of the next record."""
        return self._last()[0] + 1

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Translate SQLite's errors, and refuse a block that is none."""
        with _translate_errors(self._path):
            try:
                yield
            except ValueError as error:
                raise self.damaged() from error

    def damaged(self) -> StoreError:
        """Return the error that refuses a file with records that the program cannot have written."""
        return disk.refusal(DAMAGED, f"“{self._path}”里有读不懂的记录，可能被改动过", _RESTORE)

    def verify(self) -> tuple[Fault, ...]:
        """Return the records that were edited, removed or reordered; empty for a sound file.

        A file rewritten as a whole, hashes and all, shows only by the run ids outside of it: in the footers
        of printed reports and in run.json.
        """
        with _translate_errors(self._path):
            return tuple(self._faults())

    def _faults(self) -> Iterator[Fault]:
        check = [str(row[0]) for row in self._connection.execute("PRAGMA quick_check")]
        if check != ["ok"]:
            yield Fault(0, "文件已损坏")
        expected, before = 1, FIRST
        redacted = self._redacted()
        for row in self._connection.execute(f"SELECT {_COLUMNS} FROM record ORDER BY number"):  # noqa: S608  (as above)
            number, previous, hashed = row[0], row[-2], row[-1]
            if number != expected:
                yield Fault(number, f"前面缺 {number - expected} 条记录")
            elif previous != before:
                yield Fault(number, "和前一条接不上")
            if not _is_sound(row) and not redaction.is_answered_for(row[1:5], redacted.get(number)):
                yield Fault(number, "被改动过")
            expected, before = number + 1, hashed
        issued = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record'").fetchone()
        if issued and issued[0] >= expected:
            yield Fault(issued[0], f"最后缺 {issued[0] - expected + 1} 条记录")

    def redacted(self) -> int:
        """Count the records that customers were taken out of."""
        with _translate_errors(self._path):
            return len(self._redacted())

    def _redacted(self) -> Mapping[int, str]:
        """Return the hash of what stands in redacted records now, by their numbers, as sound records of it say."""
        redacted: dict[int, str] = {}
        for body in self._removals():
            redacted |= redaction.read_redacted(body)
        return redacted

    def removed(self) -> Mapping[int, int]:
        """Count the customers that were taken out of runs, by the number of the run's record."""
        with _translate_errors(self._path):
            return Counter(run for body in self._removals() for run in redaction.read_removed(body))

    def _removals(self) -> Iterator[str]:
        """Read the sound records of removals."""
        query = f"SELECT {_COLUMNS} FROM record WHERE kind = ? ORDER BY number"  # noqa: S608  (as above)
        for row in self._connection.execute(query, (redaction.FORGET,)):
            if _is_sound(row):
                yield row[4]

    def _last(self) -> tuple[int, str]:
        with _translate_errors(self._path):
            query = f"SELECT {_COLUMNS} FROM record ORDER BY number DESC LIMIT 1"  # noqa: S608  (as above)
            row = self._connection.execute(query).fetchone()
        if row is None:
            return 0, FIRST
        if not _is_sound(row):
            raise disk.refusal(DAMAGED, f"“{self._path}”的最后一条记录被改动过", _RESTORE)
        return row[0], row[-1]


def hash_of(number: int, kind: str, run: int | None, customer_id: str | None, body: str, previous: str) -> str:
    """Hash a record with its place and the hash before it. Pure."""
    text = f"{previous}\n{number}\n{kind}\n{'' if run is None else run}\n{customer_id or ''}\n{body}"
    return hashlib.sha256(text.encode()).hexdigest()


_ENCODER = json.JSONEncoder(separators=(",", ":"))


def _is_sound(row: Sequence[Any]) -> bool:
    """Return whether a record as it is stored has its hash."""
    number, kind, run, customer_id, body, previous, hashed = row
    try:
        return bool(hash_of(number, kind, run, customer_id, text_of(body), previous) == hashed)
    except ValueError:
        return False


def write_body(values: Mapping[str, Any]) -> str:
    """Serialise a record's values in the one form that is hashed. Pure."""
    try:
        return msgspec.json.encode(values).decode()
    except UnicodeError:  # half of a pair, which JSON can spell and UTF-8 cannot
        return _ENCODER.encode(values)


@contextlib.contextmanager
def open_chain(path: Path) -> Iterator[Chain]:
    """Open a file of records to add to it; create it if missing. Hold its folder's lock.

    Raises:
        StoreError: If the file is damaged or none of ours (it is left as it is), or cannot be written.
    """
    if not path.exists():
        _create(path)
    with _opened(path, "rw") as connection:
        with _translate_errors(path):
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("BEGIN IMMEDIATE")  # fails now if another program holds the file
            connection.execute("ROLLBACK")
        yield Chain(connection, path)


@contextlib.contextmanager
def read_chain(path: Path) -> Iterator[Chain]:
    """Open a file of records to read it. Nothing is written; a missing file reads as empty.

    Raises:
        StoreError: If the file is damaged or none of ours.
    """
    if not path.exists():
        with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
            empty.executescript(_SCHEMA)
            yield Chain(empty, path)
        return
    with contextlib.ExitStack() as opened:
        try:
            connection = opened.enter_context(_opened(path, "ro"))
        except StoreError as error:
            if not _was_interrupted(error.__cause__):
                raise
            connection = opened.enter_context(_opened_copy(path))
        yield Chain(connection, path)


@contextlib.contextmanager
def _opened(path: Path, mode: str, *, shown_as: Path | None = None) -> Iterator[sqlite3.Connection]:
    with _translate_errors(shown_as or path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=_PATIENCE, isolation_level=None
        )
    with contextlib.closing(connection):
        with _translate_errors(shown_as or path):
            _check(connection, shown_as or path)
        yield connection


@contextlib.contextmanager
def _opened_copy(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a file whose last transaction was interrupted: rolling that back would be writing."""
    journal = path.with_name(f"{path.name}-journal")
    with contextlib.ExitStack() as opened:
        with disk.translate_errors(path):
            folder = opened.enter_context(scratch.opened())
            for source in (path, journal):
                shutil.copy(source, folder / source.name)
        yield opened.enter_context(_opened(folder / path.name, "rw", shown_as=path))


def _was_interrupted(cause: BaseException | None) -> bool:
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _OURS:
        raise disk.refusal(DAMAGED, f"“{path}”不是 sheetcrm 的历史，或已损坏", _RESTORE)
    if version > redaction.WITH_REMOVALS:
        raise disk.refusal(NEWER, f"“{path}”是更新版本的 sheetcrm 写的", "请先升级 sheetcrm")
    connection.execute(f"SELECT {_COLUMNS} FROM record LIMIT 1").fetchone()  # noqa: S608  (as above)


def _create(path: Path) -> None:
    """Create an empty file in one rename: a file of no bytes in its place is a damaged one, never a new one."""
    temporary = path.with_name(backups.TEMPORARY)
    with disk.translate_errors(path):
        disk.remove(temporary)
        try:
            with (
                _translate_errors(path),
                contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as connection,
            ):
                connection.execute("PRAGMA journal_mode = MEMORY")
                connection.executescript(f"BEGIN;{_SCHEMA}COMMIT;")
            disk.keep_private(temporary)
            disk.move(temporary, path)
        except BaseException:
            disk.discard(temporary)
            raise
        disk.sync_directory(path.parent)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT}
_MESSAGES: Mapping[int, tuple[str, str, str]] = {
    sqlite3.SQLITE_BUSY: (disk.BUSY, "没有写入：正被其他程序打开", "请关闭打开它的程序后重试"),
    sqlite3.SQLITE_LOCKED: (disk.BUSY, "没有写入：正被其他程序打开", "请关闭打开它的程序后重试"),
    sqlite3.SQLITE_FULL: (StoreError.kind, "没有写入：磁盘空间不足", "请腾出空间后重试"),
    sqlite3.SQLITE_READONLY: (
        disk.READ_ONLY,
        "没有写入：它是只读的，或没有权限",
        "请去掉“只读”，或检查文件夹的权限后重试",
    ),
    sqlite3.SQLITE_CANTOPEN: (StoreError.kind, "打不开", "请检查它和文件夹的权限后重试"),
    sqlite3.SQLITE_PERM: (StoreError.kind, "打不开", "请检查它和文件夹的权限后重试"),
}


@contextlib.contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    """Translate SQLite's errors into a `StoreError` in Chinese."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        broken = (DAMAGED, "不是 sheetcrm 的历史，或已损坏", _RESTORE)
        other = (StoreError.kind, "没有写入：磁盘读写出错", "请检查磁盘或网络盘后重试")
        kind, what, fix = broken if code in _BROKEN else _MESSAGES.get(code, other)
        raise disk.refusal(kind, f"“{path}”{what}", fix) from error
