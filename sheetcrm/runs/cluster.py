"""A Dask cluster that somebody else runs, as an executor (docs/cluster.md).

Who does which book, and what becomes of those of a lost worker, is the business of Dask's scheduler. What travels is
that of `away`. Here the connection is secured, and workers that would give other bytes than we do are refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import ipaddress
import logging
import multiprocessing
import platform
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import sheetcrm
from sheetcrm.errors import EngineError, UsageError
from sheetcrm.report.pages.template_files import shipped_templates
from sheetcrm.runs import reprints

if TYPE_CHECKING:
    from distributed import Client

_MAKERS = (
    *("distributed", "openpyxl", "xlsxwriter", "weasyprint", "pikepdf", "jinja2"),
    *("python-calamine", "opencc", "zlib-ng", "holidays", "chinesecalendar"),
)
"""Libraries that have a say in the bytes of results, and the one that carries them."""
_PATIENCE = 20
"""Seconds to find the scheduler."""


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
def connected(address: str, *, tls: Mapping[str, str], pdf: bool) -> Iterator[Cluster]:
    """Connect to a cluster's scheduler (`tcp://…`, or `tls://…` with the files of `tls`).

    Where there is to be `pdf`, the workers' fonts and their engine must print as ours do.

    Raises:
        UsageError: If there is no Dask here, no scheduler there, no worker, or workers that are not like us.
    """
    try:
        from distributed import Client  # noqa: PLC0415  (an extra that few install)
    except ImportError as error:
        raise UsageError("这里没有安装 Dask，用不了 --cluster", 'pip install "sheetcrm[cluster]"') from error
    _silence()
    try:
        client = Client(
            address, timeout=_PATIENCE, security=_secure(address, tls), set_as_default=False, name="sheetcrm"
        )
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        what = f"连不上集群“{address}”（{type(error).__name__}）"
        raise UsageError(what, "请核对地址、证书和防火墙，并确认 dask scheduler 在运行") from error
    with client:
        width = sum(client.nthreads().values())
        _refuse_unlike(client, width, pdf=pdf)
        executor = client.get_executor(pure=False)
        try:
            yield Cluster(executor, width)
        except BaseException:
            with contextlib.suppress(Exception):  # there may be no cluster any more
                executor.shutdown(wait=False)
            raise


def _secure(address: str, tls: Mapping[str, str]) -> object:
    """Return what a connection is secured with: the files named, or those of Dask's own settings.

    Raises:
        UsageError: If there are files for an address that is not secured, or none for one that is.
    """
    from distributed import Security  # noqa: PLC0415  (as above)

    if not address.startswith("tls://"):
        if tls:
            raise UsageError(f"有证书，地址“{address}”却不是 tls:// 的", "请写成 tls://…，集群也要用 TLS 启动")
        return None
    security = Security(require_encryption=True, **tls)
    if security.get_connection_args("client").get("ssl_context") is None:
        raise UsageError(f"“{address}”要有证书才能连", "请写 --tls-ca-file、--tls-cert、--tls-key，见 docs/cluster.md")
    return security


def _silence() -> None:
    """Let Dask print nothing: what it finds, we say in words."""
    for name in ("distributed", *(name for name in logging.root.manager.loggerDict if name.startswith("distributed."))):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def is_local(address: str) -> bool:
    """Return whether an address is on this machine: what goes there leaves no wire. Pure."""
    host = urlsplit(address).hostname or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _refuse_unlike(client: Client, width: int, *, pdf: bool) -> None:
    """Refuse a cluster without workers, or with one that would give other bytes than we do."""
    if not width:
        raise UsageError("集群里没有工作进程", "请先启动 dask worker，见 docs/cluster.md")
    ours, faults = describe_versions(pdf=pdf), []
    for worker, theirs in sorted(client.run(describe_versions, pdf=pdf, on_error="return").items()):
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


def describe_versions(*, pdf: bool) -> dict[str, str]:
    """Say what makes results here: the program, Python, libraries, fonts where there is to be `pdf`, and children."""
    versions = {"sheetcrm": f"{sheetcrm.__version__}（{_content_hash()}）", "Python": platform.python_version()}
    for name in _MAKERS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    if pdf:
        versions["字体和排版"] = _specimen()
    alone = multiprocessing.current_process().daemon
    return versions | {"子进程": "不能启动（请设 DASK_DISTRIBUTED__WORKER__DAEMON=False）" if alone else "能启动"}


def _specimen() -> str:
    try:
        return reprints.specimen_hash()[:8]
    except EngineError as error:
        return error.what


@cache
def _content_hash() -> str:
    """Hash the program's own code and templates, line ends apart."""
    digest = hashlib.sha256()
    package = Path(sheetcrm.__file__).parent
    for folder, pattern in ((package, "*.py"), (package, "*.toml"), (shipped_templates(), "*.*")):
        for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]
