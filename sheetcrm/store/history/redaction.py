"""Takes a customer out of the chain without breaking it: its records become blanks that a later record answers for.

A record keeps its place and its hash, so that the next one still fits; its content is no longer what was hashed. The
record of the removal lists the number of each, and the hash of what stands there now: what differs from both is a
fault. Whoever can write the file can do this too: a removal is on record with who and why, and `verify` counts it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sheetcrm.store.history.blocks import BLOCK, CUSTOMER, Blocks, bodies_in, pack, text_of

FORGET = "forget"
"""The kind of the record of a removal."""
BLANK = "forgotten"
"""The kind of a record whose content was removed: nothing reads it."""
REDACTED = "redacted"
"""Where a record of a removal lists what was redacted: the hash of what stands there, by the record's number."""
REMOVED = "removed"
"""Where it lists the runs that lost a customer."""
NAMELESS = "（已删除）"
WITH_REMOVALS = 3
"""The version of a file once a customer was taken out of it: older programs would call that damage."""

_DROPPED: Any = object()


def content_hash(kind: str, run: int | None, customer_id: str | None, body: str | bytes) -> str:
    """Hash what a redacted record holds now. Pure."""
    text = f"{kind}\n{'' if run is None else run}\n{customer_id or ''}\n{text_of(body)}"
    return hashlib.sha256(text.encode()).hexdigest()


def is_answered_for(content: Sequence[Any], sha256: str | None) -> bool:
    """Return whether a record that is no longer what was hashed holds what its removal left of it. Pure.

    Args:
        content: Its kind, run, 客户编号 and body.
        sha256: What the record of the removal says; None where none names it.
    """
    try:
        return sha256 is not None and content_hash(*content) == sha256
    except ValueError:
        return False


def redact(connection: sqlite3.Connection, customer_id: str) -> Mapping[str, Any]:
    """Blank a customer's records, and take its number out of all others; return what the record of that lists.

    It is called within a transaction that lets records be changed.
    """
    redacted: dict[str, str] = {}
    removed: list[int] = []
    for number, row in itertools.chain(
        _alone(connection, customer_id), _in_blocks(connection, customer_id), _others(connection, customer_id)
    ):
        if row.run is not None:
            removed.append(row.run)
        left = row.left
        connection.execute(
            "UPDATE record SET kind = ?, run = ?, customer_id = ?, body = ? WHERE number = ?", (*left, number)
        )
        redacted[str(number)] = content_hash(*left)
    return {REDACTED: redacted, REMOVED: removed}


class _Left(NamedTuple):
    """What is left of a record, as it is stored; and the run that lost a customer by it."""

    left: tuple[str, int | None, str | None, str | bytes]
    run: int | None = None


_NOTHING = (BLANK, None, None, "{}")


def _alone(connection: sqlite3.Connection, customer_id: str) -> Iterator[tuple[int, _Left]]:
    """Yield what is left of a customer's own records: nothing."""
    query = "SELECT number, run FROM record WHERE customer_id = ? AND kind = ?"
    for number, run in connection.execute(query, (customer_id, CUSTOMER)).fetchall():
        yield number, _Left(_NOTHING, run)


def _in_blocks(connection: sqlite3.Connection, customer_id: str) -> Iterator[tuple[int, _Left]]:
    """Yield what is left of the blocks that a customer is in: the others of it."""
    for number, run, block in Blocks(connection).holding(customer_id):
        kept = [entry for entry in bodies_in(block) if entry[0] != customer_id]
        yield number, _Left((BLOCK, run, kept[0][0], pack(kept)) if kept else _NOTHING, run)


def _others(connection: sqlite3.Connection, customer_id: str) -> Iterator[tuple[int, _Left]]:
    """Yield what is left of the records of runs, reports and disclosures that name a customer."""
    query = "SELECT number, kind, run, body FROM record WHERE customer_id IS NULL AND kind NOT IN (?, ?)"
    for number, kind, run, body in connection.execute(query, (FORGET, BLANK)).fetchall():
        left = _without(body, customer_id)
        if left != body:
            yield number, _Left((kind, run, None, left))


def scrub(text: str, customer_id: str) -> str:
    """Take a 客户编号 out of a text, where it stands as a word of its own. Pure."""
    return re.sub(rf"(?<![0-9A-Za-z_-]){re.escape(customer_id)}(?![0-9A-Za-z_-])", NAMELESS, text)


def read_redacted(body: str) -> Mapping[int, str]:
    """Read what the record of a removal answers for; nothing where it cannot be read. Pure."""
    try:
        return {int(number): str(sha256) for number, sha256 in json.loads(body)[REDACTED].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def read_removed(body: str) -> Sequence[int]:
    """Read which runs a removal took a customer from; nothing where it cannot be read. Pure."""
    try:
        return [int(run) for run in json.loads(body)[REMOVED]]
    except (ValueError, KeyError, TypeError):
        return ()


def _without(body: str, customer_id: str) -> str:
    """Take a customer out of a record's values; as it stands where it is not in them. Pure."""
    try:
        values = json.loads(body)
    except ValueError:
        return body
    left = _scrubbed(values, customer_id)
    return body if left == values else json.dumps(left, ensure_ascii=False, separators=(",", ":"))


def _scrubbed(value: Any, customer_id: str) -> Any:  # noqa: ANN401  (whatever JSON holds)
    if isinstance(value, str):
        return scrub(value, customer_id)
    if isinstance(value, list):
        kept = (_DROPPED if _is_about(entry, customer_id) else _scrubbed(entry, customer_id) for entry in value)
        return [entry for entry in kept if entry is not _DROPPED]
    if isinstance(value, dict):
        return {key: _scrubbed(entry, customer_id) for key, entry in value.items()}
    return value


def _is_about(value: object, customer_id: str) -> bool:
    return value == customer_id or (isinstance(value, dict) and value.get("customer_id") == customer_id)
