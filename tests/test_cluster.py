"""Books done on a Dask cluster: a scheduler and two workers on the loopback, started and stopped here."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Thread

import pytest

from sheetcrm.cli import options
from sheetcrm.errors import StoreError
from sheetcrm.model import Period
from sheetcrm.policy.run import PolicySource
from sheetcrm.runs import away, cluster, reprints
from sheetcrm.runs.batch import BookTask, SentFile, do_book
from sheetcrm.runs.policies import StatedPolicy
from sheetcrm.store.files import staging
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import Stamp
from tests.terminals import environment
from tests.test_batch import PERIOD, do, make_root, results, until
from tests.test_history_cli import content, month

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="distributed is not installed: requirements-dev.txt has it",
)
OCTOBER = Period(PERIOD, date(2026, 10, 1), date(2026, 10, 31))


def task_of(book: Path) -> BookTask:
    return BookTask(
        name="甲",
        inputs=tuple(SentFile(path.name, path.read_bytes()) for path in sorted(book.glob("*.xlsx"))),
        policy=StatedPolicy(PolicySource(preset="标准", stated=False)),
        period=OCTOBER,
        as_of=OCTOBER.end,
        today=options.today(),
        templates="",
        pdf=False,
    )


def sent(task: BookTask, output: Path) -> away.Luggage:
    return away.pack(task, output, ())


def test_what_travels_is_enough_for_the_same_bytes_in_month_after_month(tmp_path: Path) -> None:
    """No worker is needed for that: the same functions, called here."""
    month(tmp_path / "甲" / "客户.xlsx", "2026-10-31", C1="VIP客户", C2="重点客户")
    alone, there, task = tmp_path / "alone", tmp_path / "away", task_of(tmp_path / "甲")
    for _ in range(2):
        assert do_book(task, alone, ()).branch
        luggage = sent(task, there)
        done = away.unpack(away.do_away(luggage), luggage, there)
        assert done.branch
        assert content(there / PERIOD) == content(alone / PERIOD)
        assert set(done.files) == set(content(there / PERIOD))
        review = alone / PERIOD / "packs" / "评审包.xlsx"
        shutil.copy(review, there / PERIOD / "packs")
    with ledger.read(there) as ours, ledger.read(alone) as theirs:
        assert [run.run_id for run in ours.runs()] == [run.run_id for run in theirs.runs()]
        assert not ours.verify()


def test_who_started_it_is_on_record_not_the_worker(tmp_path: Path) -> None:
    month(tmp_path / "甲" / "客户.xlsx", "2026-10-31", C1="VIP客户")
    output = tmp_path / "out"
    luggage = sent(task_of(tmp_path / "甲"), output)
    stamp = Stamp("2026-11-03T08:00:00+00:00", "王五", "财务部的电脑")
    luggage = away.Luggage(task=luggage.task, standing=luggage.standing, templates=(), stamp=stamp)
    assert away.unpack(away.do_away(luggage), luggage, output).branch
    with ledger.read(output) as history:
        assert [run.stamp for run in history.runs()] == [stamp]
    assert ledger.stamp() != stamp


def test_what_came_back_is_put_in_place_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    month(tmp_path / "甲" / "客户.xlsx", "2026-10-31", C1="VIP客户")
    output, task = tmp_path / "out", task_of(tmp_path / "甲")
    luggage = sent(task, output)
    parcel = away.do_away(luggage)
    assert do_book(task, output, ()).branch  # another run came first
    before = content(output)
    assert "另一次运行刚刚写入了" in away.unpack(parcel, luggage, output).refused
    assert content(output) == before

    def full(*_: object, **__: object) -> None:
        raise StoreError("磁盘满了", "请清理")

    luggage = sent(task, output)
    monkeypatch.setattr(staging, "replace_directory", full)
    assert "磁盘满了" in away.unpack(away.do_away(luggage), luggage, output).refused
    assert content(output) == before


def test_a_failure_away_is_an_answer_and_a_luggage_holds_no_result(tmp_path: Path) -> None:
    (tmp_path / "甲").mkdir()
    (tmp_path / "甲" / "客户.xlsx").write_bytes(b"no workbook")
    output = tmp_path / "out"
    luggage = sent(task_of(tmp_path / "甲"), output)
    parcel = away.do_away(luggage)
    assert "workbook-not-excel" in parcel.done.refused
    assert not parcel.files
    assert away.unpack(parcel, luggage, output) == parcel.done
    assert not output.exists()
    month(tmp_path / "甲" / "客户.xlsx", "2026-10-31", C1="VIP客户")
    task = task_of(tmp_path / "甲")
    assert do_book(task, output, ()).branch
    assert set(sent(task, output).standing) == {
        LEDGER_FILE,
        f"{PERIOD}/run.json",
        f"{PERIOD}/packs/评审包.xlsx",
        *(f"{PERIOD}/{path.name}" for path in (output / PERIOD).glob("edits*")),
    }


@dataclass
class Dask:
    """A scheduler and its workers, as an administrator starts them."""

    folder: Path
    address: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def start(self, name: str, *words: str) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        module = f"distributed.cli.dask_{'scheduler' if name == 'scheduler' else 'worker'}"
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", module, *words, "--no-dashboard"],
            env=environment(DASK_DISTRIBUTED__WORKER__DAEMON="False", **self.values),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        for name in reversed(self.processes):
            process = self.processes[name]
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)


@contextlib.contextmanager
def running(folder: Path, workers: int, *words: str, **values: str) -> Iterator[Dask]:
    """Start a scheduler and workers, wait until they are there, and stop them all."""
    folder.mkdir()
    dask = Dask(folder, values=values)
    try:
        where = folder / "scheduler.json"
        host = ("--protocol", "tls", "--host", "127.0.0.1") if words else ("--host", "127.0.0.1")
        dask.start("scheduler", *host, "--port", "0", "--scheduler-file", str(where), *words)
        until(lambda: where.exists() and "address" in where.read_text(encoding="utf-8"))
        dask.address = json.loads(where.read_text(encoding="utf-8"))["address"]
        for number in range(workers):
            local = ("--nthreads", "1", "--no-nanny", "--local-directory", str(folder / f"worker{number}"))
            dask.start(f"worker{number}", dask.address, *local, *words)
        for number in range(workers):
            until(lambda number=number: "Registered to" in dask.log(f"worker{number}"))  # type: ignore[misc]
        yield dask
    finally:
        dask.stop()


posix = pytest.mark.skipif(sys.platform == "win32", reason="sessions of processes")


@needs_dask
@posix
@pytest.mark.slow(seconds=12)
def test_a_cluster_gives_the_same_bytes_and_a_worker_killed_half_way_leaves_all_books_whole(tmp_path: Path) -> None:
    root = make_root(tmp_path / "root")
    shutil.rmtree(root / "坏")
    for number in range(12):
        month(root / f"分部{number:02}" / "客户.xlsx", "2026-10-31", **{f"C{n}": "VIP客户" for n in range(60)})
    out = root.parent / "out"
    with running(tmp_path / "dask", 2) as dask:

        def kill() -> None:
            until(lambda: len(list(out.glob(f"*/{PERIOD}/run.json"))) >= 3)
            os.killpg(dask.processes["worker0"].pid, signal.SIGKILL)

        killer = Thread(target=kill)
        killer.start()
        code, books = do(root, "--cluster", dask.address)
        killer.join()
        assert code == 0
        assert {book["done"] for book in books.values()} == {"完成"}
        assert len(books) == 15
        assert do(root, "--cluster", dask.address)[1]["华东"]["done"] == "未变"
    shutil.move(out, root.parent / "away")
    assert do(root, "--jobs", "2")[0] == 0
    assert results(root.parent / "out", *books) == results(root.parent / "away", *books)


@needs_dask
@posix
@pytest.mark.slow
def test_a_cluster_that_is_not_there_or_not_like_us_is_refused_in_words(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_root(tmp_path / "root")
    words = ("batch", root, "-o", tmp_path / "out", "--period", PERIOD, "--no-pdf", "--cluster")
    monkeypatch.setattr(cluster, "_PATIENCE", 1)
    code, _, err = run(*words, "tcp://127.0.0.1:1")
    assert code == 2
    assert "连不上集群" in err
    with running(tmp_path / "dask", 1) as dask:
        monkeypatch.setattr(cluster, "_PATIENCE", 20)
        really = cluster.describe_versions(pdf=False)
        monkeypatch.setattr("sheetcrm.__version__", "9.9")
        code, _, err = run(*words, dask.address)
        assert code == 2
        assert f"sheetcrm 是 {really['sheetcrm']}，这里是 9.9" in err
        assert "Traceback" not in err
        monkeypatch.undo()
        monkeypatch.setattr(reprints, "specimen_hash", lambda: "印成别的样子")
        code, _, err = run(*(word for word in words if word != "--no-pdf"), dask.address)
        assert code == 2
        assert "字体和排版 是" in err
    assert not (tmp_path / "out").exists()


@needs_dask
def test_certificates_go_with_a_secured_address_and_the_other_way_round(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    words = ("batch", make_root(tmp_path / "root"), "-o", tmp_path / "out", "--no-pdf", "--cluster")
    code, _, err = run(*words, "tls://127.0.0.1:1")
    assert (code, "要有证书才能连" in err) == (2, True)
    code, _, err = run(*words, "tcp://127.0.0.1:1", "--tls-cert", __file__)
    assert (code, "却不是 tls:// 的" in err) == (2, True)


def test_without_dask_the_way_to_it_is_told(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    root = make_root(tmp_path / "root")
    code, _, err = run("batch", root, "-o", tmp_path / "out", "--no-pdf", "--cluster", "tcp://10.0.0.5:8786")
    assert code == 2
    assert "没有安装 Dask" in err
    assert "没有加密" in err
    assert run("batch", root, "-o", tmp_path / "out", "--tls-cert", __file__)[0] == 2


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("tcp://127.0.0.1:8786", True),
        ("tcp://localhost:8786", True),
        ("tcp://[::1]:8786", True),
        ("tcp://10.0.0.5:8786", False),
        ("tcp://127.example.com.cn:8786", False),
    ],
)
def test_what_stays_on_this_machine_is_told_from_what_goes_over_a_wire(address: str, *, local: bool) -> None:
    assert cluster.is_local(address) is local
