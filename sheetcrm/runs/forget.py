"""Forgetting a customer: out of the history without breaking its chain, and a list of the files that still hold it."""

from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.errors import UsageError
from sheetcrm.privacy import hide_numbers
from sheetcrm.store.archive import sealing
from sheetcrm.store.files import staging
from sheetcrm.store.files.locks import LOCK_NAME
from sheetcrm.store.history import ledger, redaction
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import Disclosure

FORGOTTEN = "删除客户"
"""What the history calls it."""
_SEALED = frozenset({".pdf", ".age"})
"""Files whose content cannot be searched here: named where they may hold the customer."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What became of a customer: how many records were redacted, and which files still hold it, or may."""

    records: int
    holding: tuple[Path, ...]
    maybe: tuple[Path, ...]


def forget(customer_id: str, output: Path, *, reason: str, person: str = "") -> Forgotten:
    """Take a customer out of an output folder's history, and list the files there that still hold it.

    Raises:
        UsageError: If the history has no such customer.
        StoreError: If the history is damaged or cannot be written. Nothing of it was.
    """
    with staging.claim(output), ledger.opened(output) as history:
        periods = history.periods_of(customer_id)
        if not periods:
            raise UsageError(
                f"历史里没有客户编号“{customer_id}”，什么也没有改", "请核对编号（sheetcrm history 客户编号）"
            )
        if history.verify():
            raise UsageError("历史被改动过，没有删除", "请先用 sheetcrm history --verify 查明")
        records = history.forget(
            customer_id,
            Disclosure(
                action=FORGOTTEN,
                what="一位客户的全部记录",
                purpose=hide_numbers(redaction.scrub(reason, customer_id)),
                source=LEDGER_FILE,
                target="",
                person=person,
                stamp=ledger.stamp(),
            ),
        )
        holding, maybe = _search(output, customer_id, periods)
    return Forgotten(records, tuple(holding), tuple(maybe))


def _search(output: Path, customer_id: str, periods: Collection[str]) -> tuple[list[Path], list[Path]]:
    """Find the files of an output folder that hold a customer's number, and the sealed ones of its periods."""
    holding: list[Path] = []
    maybe: list[Path] = []
    for path in sorted(output.rglob("*")):
        if not path.is_file() or path.name in {LEDGER_FILE, LOCK_NAME}:
            continue
        if customer_id in path.name or any(customer_id.encode() in part for part in _parts(path)):
            holding.append(path)
        elif _may_hold(path.suffix, path.relative_to(output).parts, periods):
            maybe.append(path)
    return holding, maybe


def _may_hold(suffix: str, folders: Sequence[str], periods: Collection[str]) -> bool:
    """Return whether a file that cannot be searched may hold a customer: a backup, a period's PDF, a share."""
    if suffix == ".age" or folders[0] == sealing.FOLDER:
        return True
    return suffix in _SEALED and bool(set(periods) & set(folders))


def _parts(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    yield data
    if data.startswith(b"\x1f\x8b"):
        with contextlib.suppress(OSError, EOFError, zlib.error):  # damaged: what can be read is not whole
            yield gzip.decompress(data)
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for name in archive.namelist():
                    yield archive.read(name)
        except (zipfile.BadZipFile, OSError, RuntimeError):  # damaged or encrypted: what can be read was
            return
