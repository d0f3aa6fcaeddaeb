"""The monthly backup: books, policy, templates and results with the history in one encrypted file (practice §11).

It counts once it was read back from the disk, decrypted, written into a scratch folder and compared there; only then is
an older one discarded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from sheetcrm import __version__
from sheetcrm.errors import StoreError, UsageError
from sheetcrm.processes import scratch
from sheetcrm.store.archive import age
from sheetcrm.store.archive.age import Keys, Locks
from sheetcrm.store.archive.bundle import Bundle, pack, unpack
from sheetcrm.store.files import backups, disk, staging
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.files.locks import LOCK_NAME
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE, Ledger
from sheetcrm.store.history.recorded import Disclosure

FOLDER = "backup"
"""Where backups lie in an output folder; another disk is better, and asked for by name."""
KEEP = 12
"""How many are kept: a year of months."""
DUE_AFTER = 31
"""Days after which a run tells how old the last backup is: practice §11 asks for one a month."""
BACKED_UP = "备份"
"""What the history calls it."""

_NAME = re.compile(r"sheetcrm-\d{8}-\d{6}\.age")


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A backup that was made and compared: its file, what is in it, and the older ones that were discarded for it."""

    path: Path
    files: int
    size: int
    sha256: str
    discarded: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a backup is made of: the books as read, the output folder, and the files and folders of the team's own."""

    books: Sequence[InputFile]
    output: Path
    settings: Path | None = None
    policy: Path | None = None
    templates: Path | None = None


def make(sources: Sources, target: Path, locks: Locks, *, keep: int = KEEP, person: str = "") -> MadeBackup:
    """Make a backup, compare it with what it was made of, put it on record, and discard the oldest beyond `keep`.

    Raises:
        UsageError: If a book could not be read.
        StoreError: If it cannot be written, or is not what it was made of. No older one was touched.
    """
    with staging.claim(sources.output):
        stamp = ledger.stamp()
        files = dict(_gather(sources, target))
        facts = {"made": stamp.at, "by": stamp.user, "host": stamp.host, "version": __version__}
        sealed, keys = age.encrypt(pack(Bundle(files, facts)), locks)
        path = _put(target, sealed, keys, files, made=datetime.fromisoformat(stamp.at))
        sha256 = hashlib.sha256(sealed).hexdigest()
        with ledger.opened(sources.output) as history:
            history.disclose(
                Disclosure(
                    action=BACKED_UP,
                    what=f"{len(files)} 个文件",
                    purpose="每月备份",
                    manner=f"age 加密，{'口令' if locks.passphrase else f'{len(locks.recipients)} 位收件人'}",
                    source=str(sources.output),
                    target=str(path),
                    sha256=sha256,
                    person=person,
                    stamp=stamp,
                )
            )
    return MadeBackup(path, len(files), len(sealed), sha256, tuple(_rotate(target, keep)))


def verify(path: Path, keys: Keys) -> Bundle:
    """Open a backup and compare every file in it with its list.

    Raises:
        StoreError: If it cannot be opened, or a file differs.
    """
    with disk.translate_errors(path):
        return unpack(age.decrypt(path.read_bytes(), keys, shown_as=path.name))


def restore(path: Path, keys: Keys, target: Path) -> Bundle:
    """Write what is in a backup into a folder that is empty or not there: all of it or nothing.

    Raises:
        UsageError: If the folder holds something.
        StoreError: If the backup cannot be opened or the folder not be written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"“{target}”里已经有内容，没有恢复", "请用 --into 给出一个空的、或还没有的文件夹")
    bundle = verify(path, keys)
    if target.is_dir():
        target.rmdir()
    with staging.claim(target.parent):
        staging.replace_directory(target, bundle.files, recorded={})
        for place in (target, *target.rglob(LEDGER_FILE)):
            disk.keep_private(place)
    return bundle


def last_backup(history: Ledger) -> datetime | None:
    """Return when the last backup of an output folder was made; None where none is on record."""
    times = [one.stamp.at for one in history.disclosures() if one.action == BACKED_UP]
    return datetime.fromisoformat(times[-1]) if times else None


@dataclass(frozen=True, slots=True)
class BackupAge:
    """How old the last backup is, whether that is too old, and the way out."""

    overdue: bool
    what: str
    fix: str


def age_of_last(history: Ledger, today: date) -> BackupAge | None:
    """Return how old the last backup is; None where nothing is on record yet (practice §11)."""
    latest = last_backup(history)
    since = latest.date() if latest else _first_run(history)
    if since is None:
        return None
    days = (today - since).days
    stated = f"上次备份是 {max(days, 0)} 天前（{since}）" if latest else f"{since} 起还没有备份过"
    fix = f"请运行 sheetcrm backup 工作簿 -o {history.folder}（建议每月一次）"
    return BackupAge(days > DUE_AFTER, stated, fix)


def overdue(history: Ledger, today: date) -> tuple[str, ...]:
    """Return the line that says how old the last backup is, where that is more than a month."""
    age_now = age_of_last(history, today)
    return (f"{age_now.what}。{age_now.fix}",) if age_now and age_now.overdue else ()


def _first_run(history: Ledger) -> date | None:
    runs = history.runs()
    return datetime.fromisoformat(runs[0].stamp.at).date() if runs and runs[0].stamp.at else None


def _gather(sources: Sources, target: Path) -> Iterator[tuple[str, bytes]]:
    """Read all that a backup holds, by its path in it."""
    for book in sources.books:
        if book.unread:
            raise UsageError(f"“{book.path}”读不了，没有备份：{book.unread.what}", book.unread.fix)
        yield f"books/{book.name}", book.data
    left_out = {target.resolve(), *(folder.resolve() for folder in sources.output.rglob(backups.FOLDER))}
    yield from _below(sources.output, "output", left_out)
    if sources.templates:
        yield from _below(sources.templates, "templates", left_out)
    for file in (sources.settings, sources.policy):
        if file:
            yield f"settings/{file.name}", _read(file)


def _below(folder: Path, name: str, left_out: set[Path]) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        hidden = path.name == LOCK_NAME or place.parts[0].startswith(".")
        if path.is_symlink() or not path.is_file() or hidden or left_out & set(path.resolve().parents):
            continue
        yield str(PurePosixPath(name, *place.parts)), _read(path)


def _read(path: Path) -> bytes:
    try:
        return disk.read_regular(path)
    except OSError as error:
        what, fix = disk.reason(error)
        raise StoreError(f"“{path}”读不了，没有备份：{what}", fix) from error


def _put(target: Path, sealed: bytes, keys: Keys, files: Mapping[str, bytes], *, made: datetime) -> Path:
    """Write an encrypted file beside its name, compare what the disk returns of it, and give it its name."""
    path = target / f"sheetcrm-{made.astimezone(UTC):%Y%m%d-%H%M%S}.age"
    temporary = target / backups.TEMPORARY
    with disk.translate_errors(path):
        disk.make_directory(target, private=True)
        if path.exists():
            raise StoreError(f"“{path}”已经有了", "请等一秒再试")
        disk.remove(temporary)
        try:
            disk.write_new(temporary, sealed, private=True)
            _compare(temporary, keys, files)
            disk.move(temporary, path)
        except BaseException:
            disk.discard(temporary)
            raise
        disk.sync_directory(target)
    return path


def _compare(path: Path, keys: Keys, files: Mapping[str, bytes]) -> None:
    """Restore a backup into a scratch folder, and compare every file there with what it was made of."""
    with scratch.opened() as folder:
        restore(path, keys, folder / "restored")
        restored = {
            entry.relative_to(folder / "restored").as_posix(): disk.sha256(entry)
            for entry in (folder / "restored").rglob("*")
            if entry.is_file()
        }
    if restored != {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}:
        raise StoreError("备份和原来的文件不一样，没有留下它", "请检查磁盘后再试一次")


def _rotate(target: Path, keep: int) -> Iterator[Path]:
    """Discard the oldest backups beyond `keep`, and say which."""
    copies = sorted(path for path in target.iterdir() if _NAME.fullmatch(path.name))
    for path in copies[: max(len(copies) - keep, 0)]:
        disk.discard(path)
        yield path
