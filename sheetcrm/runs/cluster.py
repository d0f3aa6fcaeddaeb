"""Books done on a Dask cluster that somebody else runs: bytes go there, bytes come back (docs/cluster.md).

Workers share no disk with us: a book's workbooks, templates and what its run reads of the output folder travel, and
the results come back, history included. They are put in place here, each book whole or not at all. Who does which
book, and what becomes of those of a lost worker, is the business of Dask's scheduler.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import multiprocessing
import platform
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import sheetcrm
from sheetcrm.errors import SheetcrmError, StoreError, UsageError
from sheetcrm.processes import scratch
from sheetcrm.report.pages.template_files import files_of, shipped_templates
from sheetcrm.report.press import pool
from sheetcrm.runs import edits_file, run_file
from sheetcrm.runs.batch import BookDone, BookTask, do_book
from sheetcrm.runs.batch import files_of as listed_files
from sheetcrm.store.files import disk, staging
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import Stamp

if TYPE_CHECKING:
    from distributed import Client

_READ_OF_ALL = ("[!.]*/run.json", "[!.]*/edits*", ".*.sheetcrm-edits")
"""What a run reads of its output folder, besides the history and the review workbook of its period."""
_MAKERS = ("openpyxl", "xlsxwriter", "weasyprint", "jinja2", "python-calamine", "opencc", "zlib-ng", "holidays")
"""Libraries that have a say in the bytes of results."""
_PATIENCE = 20
"""Seconds to find the scheduler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Luggage:
    """All that a book's run reads, on its way to a worker: `standing` is what lies in its output folder, by path."""

    task: BookTask
    standing: Mapping[str, bytes]
    templates: tuple[Mapping[str, bytes], ...]
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What comes back of a book: what became of it, the files of its period's directory, and its history."""

    done: BookDone
    files: Mapping[str, bytes]
    history: bytes = b""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster whose workers can do what we do: its executor, and how many books it does at a time."""

    executor: Executor
    width: int

    @contextlib.contextmanager
    def start(self, _count: int) -> Iterator[Executor]:
        """Yield the executor, as often as wanted: lost workers are the scheduler's affair."""
        yield self.executor


@contextlib.contextmanager
def connected(address: str, *, tls: Mapping[str, str]) -> Iterator[Cluster]:
    """Connect to a cluster's scheduler (`tcp://…`, or `tls://…` with the files of `tls`).

    Raises:
        UsageError: If there is no Dask here, no scheduler there, no worker, or workers that are not like us.
    """
    try:
        from distributed import Client, Security  # noqa: PLC0415  (an extra that few install)
    except ImportError as error:
        raise UsageError("这里没有安装 Dask，用不了 --cluster", 'pip install "sheetcrm[cluster]"') from error
    try:
        security = Security(require_encryption=True, **tls) if tls else None
        client = Client(address, timeout=_PATIENCE, security=security, set_as_default=False, name="sheetcrm")
    except (OSError, ValueError, TypeError) as error:
        what = f"连不上集群“{address}”（{type(error).__name__}）"
        raise UsageError(what, "请核对地址、证书和防火墙，并确认 dask scheduler 在运行") from error
    with client:
        width = sum(client.nthreads().values())
        _refuse_unlike(client, width)
        executor = client.get_executor(pure=False)
        try:
            yield Cluster(executor, width)
        except BaseException:
            executor.shutdown(wait=False)
            raise


def is_local(address: str) -> bool:
    """Return whether an address is on this machine: what goes there leaves no wire. Pure."""
    host = urlsplit(address).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def _refuse_unlike(client: Client, width: int) -> None:
    """Refuse a cluster without workers, or with one that would give other bytes than we do."""
    if not width:
        raise UsageError("集群里没有工作进程", "请先启动 dask worker，见 docs/cluster.md")
    ours, faults = describe_versions(), []
    for worker, theirs in sorted(client.run(describe_versions, on_error="return").items()):
        if not isinstance(theirs, dict):
            faults.append(f"{worker} 上没有 sheetcrm，或读不进来（{type(theirs).__name__}）")
            continue
        unlike = [
            f"{name} 是 {theirs.get(name)}，这里是 {value}" for name, value in ours.items() if theirs.get(name) != value
        ]
        faults += [f"{worker} 的 {'；'.join(unlike)}"] if unlike else []
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise ClusterError(
            f"集群里的程序和这里的不一样，结果会不同，什么也没有做：\n{listed}",
            "\n请装成同样的版本，见 docs/cluster.md",
        )


class ClusterError(UsageError):
    """Workers that are not like us; a line each."""

    of_lines = True


def describe_versions() -> dict[str, str]:
    """Say what makes results here: the program by version and content, Python, libraries, and if it has children."""
    versions = {"sheetcrm": f"{sheetcrm.__version__}（{_content_hash()}）", "Python": platform.python_version()}
    for name in _MAKERS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    alone = multiprocessing.current_process().daemon
    return versions | {"子进程": "不能启动（请设 DASK_DISTRIBUTED__WORKER__DAEMON=False）" if alone else "能启动"}


@cache
def _content_hash() -> str:
    """Hash the program's own code and templates, line ends apart."""
    digest = hashlib.sha256()
    package = Path(sheetcrm.__file__).parent
    for folder, pattern in ((package, "*.py"), (package, "*.toml"), (shipped_templates(), "*.*")):
        for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]


def pack(task: BookTask, output: Path, templates: tuple[Path, ...]) -> Luggage:
    """Gather what a book's run reads.

    Raises:
        StoreError: If something of it cannot be read.
    """
    patterns = (LEDGER_FILE, *_READ_OF_ALL, f"{task.period.label}/packs/*.xlsx")
    with disk.translate_errors(output):
        paths = {path for pattern in patterns for path in output.glob(pattern) if path.is_file()}
        standing = {path.relative_to(output).as_posix(): disk.read_regular(path) for path in sorted(paths)}
        own = tuple({name: path.read_bytes() for name, path in files_of(folder).items()} for folder in templates)
    return Luggage(task=task, standing=standing, templates=own, stamp=ledger.stamp())


def do_away(luggage: Luggage) -> Parcel:
    """Do a book on a worker, in a folder that is gone afterwards."""
    pool.share_cores(runs=pool.count_cores())
    with scratch.opened() as folder, ledger.acting_for(luggage.stamp):
        output, templates = folder / "out", tuple(folder / f"templates{n}" for n in range(len(luggage.templates)))
        for place, files in ((output, luggage.standing), *zip(templates, luggage.templates, strict=True)):
            for name, data in files.items():
                path = place / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        done = do_book(luggage.task, output, templates)
        if done.branch is None:
            return Parcel(done=done, files={})
        period = output / luggage.task.period.label
        files = {name: (period / name).read_bytes() for name in listed_files(period)}
        return Parcel(done=done, files=files, history=(output / LEDGER_FILE).read_bytes())


def unpack(parcel: Parcel, luggage: Luggage, output: Path) -> BookDone:
    """Put in place what came back: the period's directory, then the history, as a run does; nothing if that fails."""
    if parcel.done.branch is None:
        return parcel.done
    folder, unconfirmed = output / luggage.task.period.label, parcel.done.unconfirmed
    try:
        with staging.claim(output):
            _refuse_changed(output / LEDGER_FILE, luggage.standing.get(LEDGER_FILE, b""))
            recorded = {} if parcel.done.displaced else run_file.recorded_results(folder)
            try:
                kept = staging.replace_directory(folder, parcel.files, recorded=recorded)
            except staging.UnconfirmedError as error:
                kept, unconfirmed = error.backups, (*unconfirmed, str(error))
            disk.discard(edits_file.note_path(folder))
            staging.write_note(output / LEDGER_FILE, parcel.history)
    except SheetcrmError as error:
        return BookDone(refused=str(error))
    return replace(parcel.done, unconfirmed=unconfirmed, backups=len(kept))


def _refuse_changed(path: Path, sent: bytes) -> None:
    if (path.read_bytes() if path.exists() else b"") != sent:
        raise StoreError(f"另一次运行刚刚写入了“{path}”，什么也没有写", "请重新运行")
