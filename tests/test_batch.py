"""Many books in one call: each as `run` alone does it, each whole or not at all, and one summary over all."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psutil
import pytest
from openpyxl import load_workbook

from sheetcrm.cli import main
from sheetcrm.processes import workers
from sheetcrm.report.press import pool
from sheetcrm.runs import batch, carrying
from sheetcrm.runs.batch import BookDone
from sheetcrm.store.archive import age
from sheetcrm.store.files import disk
from sheetcrm.store.history import ledger
from sheetcrm.store.history.recorded import Stamp
from tests.terminals import environment
from tests.test_history_cli import content, month

Run = Callable[..., tuple[int, str, str]]
PERIOD = "2026-10"
HISTORY = re.compile(r"sheetcrm\.db|\.2026-10\.sheetcrm-batch")
"""What holds the time of day, or the hash of what does."""


class InlineExecutor(Executor):
    """Does work where it is asked for."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  (as an executor does)
            future.set_exception(error)
        return future


@contextlib.contextmanager
def inline(_count: int) -> Iterator[Executor]:
    yield InlineExecutor()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do books in this process, and know of no settings outside the test's folder."""
    monkeypatch.setattr(workers, "started", inline)
    monkeypatch.setattr(pool, "share_cores", lambda runs: runs)
    for name in ("POLICY", "PRESET", "OUTPUT"):
        monkeypatch.delenv(f"SHEETCRM_{name}", raising=False)


def make_root(root: Path) -> Path:
    """Make three books, one of them inside another's folder and one with settings of its own, and a broken one."""
    month(root / "华东" / "客户.xlsx", "2026-10-31", C1="VIP客户", C2="重点客户")
    month(root / "华东" / "上海" / "客户.xlsx", "2026-10-31", S1="VIP客户")
    month(root / "华南" / "客户.xlsx", "2026-10-31", N1="观察客户")
    (root / "华南" / "sheetcrm.toml").write_text('preset = "价值"\nkeep = ["预警"]\n', encoding="utf-8")
    (root / "坏").mkdir()
    (root / "坏" / "客户.xlsx").write_bytes(b"PK no workbook")
    return root


def do(root: Path, *words: str | Path) -> tuple[int, dict[str, Any]]:
    """Do a batch, and return its exit code and what it says of each book."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    command = ["batch", root, "-o", root.parent / "out", "--period", PERIOD, "--no-pdf", "--json", *words]
    with contextlib.redirect_stdout(out):
        code = main([str(word) for word in command])
    out.seek(0)
    text = out.read()
    return code, {book["folder"]: book for book in json.loads(text)["books"]} if text else {}


def results(output: Path, *books: str) -> dict[str, bytes]:
    """Return the periods' directories of books, by path."""
    return {
        f"{book}/{name}": data
        for book in books
        for name, data in content(output / book / PERIOD).items()
        if not HISTORY.search(name)
    }


@pytest.mark.usefixtures("here")
def test_each_folder_is_a_book_of_its_own_done_as_run_does_it_and_a_broken_one_stops_none(
    run: Run, tmp_path: Path
) -> None:
    root = make_root(tmp_path / "root")
    code, books = do(root)
    assert code == 3
    assert {name: book["done"] for name, book in books.items()} == {
        "华东": "完成",
        "华东/上海": "完成",
        "华南": "完成",
        "坏": "没有做",
    }
    assert "workbook-not-excel" in books["坏"]["reasons"][0]
    assert not (tmp_path / "out" / "坏").exists()
    assert books["华南"]["policy"] != books["华东"]["policy"]
    for name in ("华东/上海", "华南"):
        assert run("run", root / name, "-o", tmp_path / "alone" / name, "--period", PERIOD, "--no-pdf")[0] <= 1
    assert (
        run("run", root / "华东" / "客户.xlsx", "-o", tmp_path / "alone" / "华东", "--period", PERIOD, "--no-pdf")[0]
        <= 1
    )
    names = ("华东", "华东/上海", "华南")
    assert results(tmp_path / "out", *names) == results(tmp_path / "alone", *names)


@pytest.mark.usefixtures("here")
def test_a_book_is_done_again_only_where_something_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, out = make_root(tmp_path / "root"), tmp_path / "out"
    shutil.rmtree(root / "坏")
    done: list[str] = []
    really = batch.do_book

    def noted(task: batch.BookTask, *others: Any) -> BookDone:  # noqa: ANN401
        done.append(task.name)
        return really(task, *others)

    monkeypatch.setattr(batch, "do_book", noted)
    assert do(root)[0] == 0
    before = content(out)
    code, books = do(root)
    assert (code, len(done)) == (0, 3)
    assert {book["done"] for book in books.values()} == {"未变"}
    assert books["华东"]["customers"] == 2
    changed = {name for name, data in content(out).items() if before[name] != data}
    assert changed == {f"{PERIOD}/{name}" for name in ("index.html", "汇总.xlsx", "batch.json")}

    def redone(*words: str) -> list[str]:
        done.clear()
        assert do(root, *words)[0] == 0
        return sorted(done)

    month(root / "华东" / "上海" / "客户.xlsx", "2026-10-31", S1="重点客户")
    assert redone() == ["华东/上海"]
    (root / "华南" / "sheetcrm.toml").write_text('preset = "价值"\n', encoding="utf-8")
    assert redone() == ["华南"]
    (out / "华东" / PERIOD / "packs" / "评审包.xlsx").unlink()
    assert redone() == ["华东"]
    assert redone("--number") == ["华东", "华东/上海", "华南"]
    assert redone("--number") == []
    assert main(["run", str(root / "华南"), "-o", str(out / "华南"), "--period", "2026-09", "--no-pdf"]) <= 1
    assert redone("--number") == ["华南"]
    assert main(["explain", "N1", str(root / "华南"), "-o", str(out / "华南"), "--period", PERIOD]) == 0
    with ledger.read(out / "华南") as history:
        assert [entry.what for entry in history.disclosures()] == ["N1"]
    assert redone("--number") == []  # who looked at what changes no result


@pytest.mark.usefixtures("here")
def test_a_day_to_come_is_looked_at_again_on_another_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    month(root / "甲" / "客户.xlsx", "2099-01-01", C1="VIP客户")
    month(root / "甲" / "其余.xlsx", "2026-10-31", C2="VIP客户")
    assert do(root)[0] == 1
    assert do(root)[1]["甲"]["done"] == "未变"
    from sheetcrm.cli import options  # noqa: PLC0415

    later = options.today().replace(year=options.today().year + 1)
    monkeypatch.setattr(options, "today", lambda: later)
    assert do(root)[1]["甲"]["done"] == "完成"


@pytest.mark.usefixtures("here")
def test_the_summary_holds_every_book_leads_to_its_results_and_names_are_text(tmp_path: Path) -> None:
    root, out = make_root(tmp_path / "root"), tmp_path / "out"
    hostile = "<img src=x onerror=alert(1)> #1%" if sys.platform != "win32" else "a&b #1%"
    month(root / hostile / "客户.xlsx", "2026-10-31", H1="VIP客户")
    do(root)
    page = (out / PERIOD / "index.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert "<script" not in page
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page.replace("&#39;", "'")
    assert 'href="../%E5%8D%8E%E4%B8%9C/%E4%B8%8A%E6%B5%B7/2026-10/index.html"' in page
    assert "http" not in page.replace("http-equiv", "")
    for name in ("C1公司", "C1"):
        assert name not in page
    book = load_workbook(out / PERIOD / "汇总.xlsx")
    sheet = book["汇总"]
    header = [cell.value for cell in sheet[3]]
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=4)}
    assert list(rows) == [hostile, "华东", "华东/上海", "华南", "坏", "合计"]
    assert rows["华东"][header.index("VIP客户")].value == 1
    assert rows["合计"][header.index("客户")].value == 5
    assert rows["坏"][header.index("结果")].value == "没有做"
    assert "workbook-not-excel" in str(rows["坏"][header.index("原因")].value)
    for name in ("华东", hostile):
        for cell in (rows[name][0], rows[name][header.index("评审包")]):
            assert cell.hyperlink
            target = unquote(str(cell.hyperlink.target).replace("\\", "/"))  # XlsxWriter writes it as Excel on Windows
            assert (out / PERIOD / target).resolve().is_file()
    assert {"未达标的承诺", "数据问题"} <= set(book.sheetnames)


@pytest.mark.usefixtures("here")
def test_what_cannot_be_done_is_refused_or_named_with_its_reason(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    words = ("--period", PERIOD, "--no-pdf")
    code, _, err = run("batch", root, "-o", tmp_path / "out", *words)
    assert code == 2
    assert "没有一个放着工作簿的文件夹" in err
    assert run("batch", root, "-o", root, *words)[0] == 2
    month(root / "2026-09" / "客户.xlsx", "2026-10-31", C1="VIP客户")
    month(root / "总表.xlsx", "2026-10-31", C1="VIP客户")
    code, _, err = run("batch", root, "-o", tmp_path / "out", *words)
    assert code == 2
    assert "2026-09 没有做：文件夹名“2026-09”和期间的写法一样" in err
    assert "总表.xlsx" in err
    assert not (tmp_path / "out").exists()
    month(root / "甲" / "客户.xlsx", "2026-10-31", C1="VIP客户")
    (root / "乙").mkdir()
    shutil.copy(root / "甲" / "客户.xlsx", root / "乙")
    (root / "乙" / "sheetcrm.toml").write_text('policy = "没有.xlsx"\n', encoding="utf-8")
    (root / "甲" / "sheetcrm.toml").write_text('preset = "标准"\noutput = "别处"\n', encoding="utf-8")
    code, _, err = run("batch", root, "-o", tmp_path / "out", *words)
    assert code == 3
    assert f"设置文件：{root / '甲' / 'sheetcrm.toml'}（preset；1 本）" in err
    assert not (root / "甲" / "别处").exists()
    assert "乙 没有做：" in err
    assert "sheetcrm.toml 第 1 行" in err


@pytest.mark.usefixtures("here")
def test_strict_leaves_out_the_books_with_errors(tmp_path: Path) -> None:
    root = tmp_path / "root"
    month(root / "甲" / "客户.xlsx", "2026-10-31", C1="VIP客户")
    month(root / "乙" / "客户.xlsx", "2026-10-31", C1="VIP客户")
    month(root / "乙" / "其余.xlsx", "2099-01-01", C2="VIP客户")
    code, books = do(root, "--strict")
    assert code == 3
    assert "按 --strict" in books["乙"]["reasons"][0]
    assert not (tmp_path / "out" / "乙" / PERIOD).exists()


@pytest.mark.usefixtures("here")
def test_a_policy_used_before_is_not_replaced_and_a_program_that_fails_stops_no_other_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_root(tmp_path / "root")
    do(root)
    (root / "华南" / "sheetcrm.toml").unlink()

    def fail(*_: object, **__: object) -> None:
        raise ValueError("13812345678")

    monkeypatch.setattr(batch, "prepare", fail)
    month(root / "华东" / "客户.xlsx", "2026-10-31", C1="VIP客户")
    code, books = do(root)
    assert code == 3
    assert "--preset 价值" in books["华南"]["reasons"][0]
    assert "程序自身出错" in books["华东"]["reasons"][0]
    log = re.search(r"“(.+?\.log)”", books["华东"]["reasons"][0])
    assert log
    assert "ValueError" in Path(log[1]).read_text(encoding="utf-8")
    assert "138123" not in Path(log[1]).read_text(encoding="utf-8")
    Path(log[1]).unlink()
    assert books["华东/上海"]["done"] == "未变"


class Flaky(Executor):
    """Breaks at certain tasks, as a pool of processes does of which one was killed."""

    def __init__(self, fatal: dict[str, int]) -> None:
        self.fatal, self.broken = fatal, False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        del kwargs
        if self.broken:
            raise BrokenExecutor
        future: Future[Any] = Future()
        if self.fatal.get(args[0], 0):
            self.fatal[args[0]] -= 1
            self.broken = True
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(fn(*args))
        return future


def test_a_lost_workers_books_are_done_again_and_one_that_kills_twice_has_failed() -> None:
    fatal = {"乙": 1, "丁": 2}
    starts: list[int] = []

    @contextlib.contextmanager
    def start(count: int) -> Iterator[Executor]:
        starts.append(count)
        yield Flaky(fatal)

    answers = dict(
        carrying.carry("甲乙丙丁戊", lambda task: (str.upper, (task,)), start=start, workers=2),
    )
    assert [task for task, answer in answers.items() if answer == task] == sorted("甲乙丙戊", key=[*answers].index)
    assert set(answers) == set("甲乙丙丁戊")
    assert isinstance(answers["丁"], BrokenExecutor)
    assert 1 in starts


class KilledWorker(Exception):  # noqa: N818
    """As Dask says it."""


class ClosedClientError(Exception):
    """As Dask says it."""


def test_an_executor_that_takes_nothing_more_fails_each_task_in_words() -> None:
    class Closed(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
            del fn, kwargs
            raise (ClosedClientError if args == ("甲",) else KilledWorker)

    answers = dict(
        carrying.carry("甲乙", lambda task: (str, (task,)), start=lambda _: contextlib.nullcontext(Closed()), workers=1)
    )
    said = {
        task: carrying.describe_failure(answer) for task, answer in answers.items() if isinstance(answer, Exception)
    }
    assert "连接断了" in said["甲"]
    assert "意外中止" in said["乙"]
    assert "LookupError" in carrying.describe_failure(LookupError())


def test_a_folder_that_another_process_makes_at_the_same_moment_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    answers = iter([False])  # it was not there yet when it was looked for
    monkeypatch.setattr(Path, "is_dir", lambda _: next(answers, True))
    disk.make_directory(folder)


def test_nothing_is_started_where_there_is_nothing_to_do() -> None:
    def start(_count: int) -> contextlib.AbstractContextManager[Executor]:
        raise AssertionError

    assert list(carrying.carry([], lambda task: (str, (task,)), start=start, workers=2)) == []


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("twelve") / "root"
    for number in range(12):
        month(root / f"分部{number:02}" / "客户.xlsx", "2026-10-31", **{f"C{n}": "VIP客户" for n in range(20)})
    return root


def words(root: Path, output: Path) -> list[str]:
    command = [sys.executable, "-m", "sheetcrm", "batch", str(root), "-o", str(output), "--period", PERIOD]
    return [*command, "--no-pdf", "--jobs", "2", "--quiet"]


@pytest.mark.slow
def test_processes_give_the_same_bytes_as_one(run: Run, twelve: Path, tmp_path: Path) -> None:
    subprocess.run(words(twelve, tmp_path / "out"), check=True, env=environment())
    names = [folder.name for folder in sorted(twelve.iterdir())][:3]
    for name in names:
        run("run", twelve / name, "-o", tmp_path / "alone" / name, "--period", PERIOD, "--no-pdf")
    assert results(tmp_path / "out", *names) == results(tmp_path / "alone", *names)
    assert len(list((tmp_path / "out").glob(f"*/{PERIOD}/run.json"))) == 12


@pytest.mark.slow(seconds=8)
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_half_way_every_book_is_whole_nothing_outlives_it_and_the_next_batch_does_the_rest(
    twelve: Path, tmp_path: Path, how: signal.Signals
) -> None:
    out = tmp_path / "out"
    mark = {**environment(), "SHEETCRM_BATCH_TEST": str(tmp_path)}
    with subprocess.Popen(words(twelve, out), env=mark, stderr=subprocess.PIPE, start_new_session=True) as process:
        until(lambda: len(list(out.glob(f"*/{PERIOD}/run.json"))) >= 3)
        os.killpg(process.pid, how) if how is signal.SIGINT else process.kill()
        _, err = process.communicate(timeout=60)
    assert b"Traceback" not in err
    if how is signal.SIGINT:
        assert process.returncode == 2
    until(lambda: not marked(str(tmp_path)))
    whole = [folder for folder in out.glob(f"*/{PERIOD}") if batch._is_intact(folder)]  # noqa: SLF001
    assert len(whole) == len(list(out.glob(f"[!.]*/{PERIOD}")))
    assert 3 <= len(whole) < 12
    subprocess.run(words(twelve, out), check=True, env=environment())
    assert len(list(out.glob(f"*/{PERIOD}/run.json"))) == 12
    assert not list(out.rglob(".*sheetcrm-new")) + list(out.rglob(".*sheetcrm-old"))


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def marked(mark: str) -> list[int]:
    """List the processes that a batch left."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("SHEETCRM_BATCH_TEST") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


@pytest.mark.usefixtures("here")
def test_a_batch_says_how_many_books_have_had_no_backup_for_a_month(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, out = make_root(tmp_path / "root"), tmp_path / "out"
    shutil.rmtree(root / "坏")
    words = ("batch", root, "-o", out, "--period", PERIOD, "--no-pdf")
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "stamp", lambda: Stamp("2025-01-15T08:00:00+00:00", "w", "h"))
        assert "没有备份" not in run(*words)[2]
    assert f"3 本超过一个月没有备份。请运行 sheetcrm backup {root} -o {out}" in run(*words)[2]
    assert run("backup", root, "-o", out, "--recipient", age.new_identity()[1])[0] == 0
    assert "没有备份" not in run(*words)[2]
