"""Many books at a time: on two processes and on a Dask cluster of two workers, against one after another.

`python -m benchmarks batch` does 200 books of 300 customers without PDFs, each way in turn; BOOKS=20 does fewer,
ROUNDS=3 takes the median of three. At the end a worker is killed half-way: all books are to be whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.data import write_book

BOOKS, CUSTOMERS, PERIOD = 200, 300, "2026-10"
AIMS = {"two processes": 0.6, "Dask, two workers": 0.7}


def main() -> None:
    """Measure and print; the ways take turns, so that a slow spell of the machine meets them all."""
    books, rounds = int(os.environ.get("BOOKS", str(BOOKS))), int(os.environ.get("ROUNDS", "1"))
    print(f"\nbatch, {books} books of {CUSTOMERS} customers, without PDFs", flush=True)
    with tempfile.TemporaryDirectory() as folder, _cluster() as address:
        here, root = Path(folder), _write_books(Path(folder) / "root", books)
        ways = {"one after another": ("--jobs", "1"), "two processes": ("--jobs", "2")}
        if address:
            ways["Dask, two workers"] = ("--cluster", address)
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, words in ways.items():
                seconds[name].append(_time(root, here / name, words, books))
        base = statistics.median(seconds["one after another"])
        for name, took in seconds.items():
            middle = statistics.median(took)
            aim = f" (aim: at most {AIMS[name]})" if name in AIMS else ""
            print(f"  {name:20}{middle:8.1f} s {middle / base:6.2f} of the time{aim}", flush=True)
        hashes = {_hash(here / name) for name in ways}
        print(f"  the same bytes each way: {'yes' if len(hashes) == 1 else 'NO'}", flush=True)
        if address:
            _kill_a_worker(root, here / "killed", address, books)
            print(f"  a worker killed half-way: {_whole(here / 'killed')} of {books} whole,", end=" ")
            print("the same bytes" if _hash(here / "killed") in hashes else "OTHER BYTES")


def _write_books(root: Path, books: int) -> Path:
    first = root / "分部000" / "客户.xlsx"
    first.parent.mkdir(parents=True)
    write_book(first, CUSTOMERS)
    for number in range(1, books):
        shutil.copytree(first.parent, root / f"分部{number:03}")
    return root


def _time(root: Path, output: Path, words: tuple[str, ...], books: int) -> float:
    shutil.rmtree(output, ignore_errors=True)
    started = time.perf_counter()
    subprocess.run(_command(root, output, *words), check=True)  # noqa: S603  (ourselves)
    took = time.perf_counter() - started
    assert _whole(output) == books
    return took


def _command(root: Path, output: Path, *words: str) -> list[str]:
    command = [sys.executable, "-m", "sheetcrm", "batch", str(root), "-o", str(output)]
    return [*command, "--period", PERIOD, "--no-pdf", "--quiet", *words]


@contextmanager
def _cluster() -> Iterator[str]:
    """Yield the address of a cluster of two workers on this machine; blank where there is no Dask."""
    try:
        import dask  # noqa: PLC0415  (an extra)
        from distributed import LocalCluster  # noqa: PLC0415  (as above)
    except ImportError:
        print("  (no Dask here: pip install -r requirements-cluster.txt)")
        yield ""
        return
    with (
        dask.config.set({"distributed.worker.daemon": False}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
        ) as cluster,
    ):
        yield cluster.scheduler_address


def _kill_a_worker(root: Path, output: Path, address: str, books: int) -> None:
    """Kill a worker's process when half of the books are in place."""

    def kill() -> None:
        while len(list(output.glob(f"*/{PERIOD}/run.json"))) < books // 2:
            time.sleep(0.1)
        workers = [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]
        workers[0].kill()
        print(f"  (killed process {workers[0].pid})", flush=True)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    subprocess.run(_command(root, output, "--cluster", address), check=True)  # noqa: S603  (ourselves)
    killer.join(timeout=10)


def _whole(output: Path) -> int:
    """Count the books whose files are all as their record says."""
    whole = 0
    for path in output.glob(f"*/{PERIOD}/run.json"):
        listed = json.loads(path.read_bytes())["outputs"]
        whole += all(
            hashlib.sha256((path.parent / one["file"]).read_bytes()).hexdigest() == one["sha256"] for one in listed
        )
    return whole


def _hash(output: Path) -> str:
    """Hash all results but the histories, which hold the time of day."""
    digest = hashlib.sha256()
    for path in sorted(output.glob(f"*/{PERIOD}/**/*")):
        if path.is_file():
            digest.update(path.relative_to(output).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
