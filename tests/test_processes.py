"""No process outlives its run, however the run ends; and a signal that ends it ends it as Ctrl-C does."""

from __future__ import annotations

import errno
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
import pytest

from sheetcrm.processes import interrupts
from sheetcrm.processes.children import Budget, Child, ChildError, FailedError, OutOfTimeError
from sheetcrm.report.press import pdf
from tests.test_pipeline import HEADER, save

pytestmark = pytest.mark.slow

INSTANTS = int(os.environ.get("SHEETCRM_KILLS", "2"))
"""Kills with each signal."""
GONE_WITHIN = 5.0
PLENTY = Budget(memory=1 << 30, seconds=30)
posix = pytest.mark.skipif(os.name == "nt", reason="signals of a terminal")

PARENT = """
import sys, threading, time
from sheetcrm.processes.children import Budget, Child
from tests import test_processes
if __name__ == "__main__":
    child = Child(getattr(test_processes, sys.argv[1]))
    if sys.argv[2] == "busy":
        child.receive()
        child.begin()
    print(child._process.pid, flush=True)
    time.sleep(60)
"""


def square(number: int) -> int:
    return number * number


def fail() -> None:
    raise KeyError


def sleep() -> None:
    time.sleep(60)


def hold_the_interpreter() -> None:
    """Keep every other thread of the process from running, as a library may."""
    pow(7, 1 << 4_000_000, (1 << 4_000_000) - 1)


def die() -> None:
    os.abort()


def test_a_child_answers_as_often_as_it_is_asked() -> None:
    with Child(square) as child:
        assert [child.ask(number, budget=PLENTY) for number in (2, 3)] == [4, 9]


def test_a_child_that_fails_dies_or_dawdles_is_told_apart() -> None:
    with Child(fail) as child, pytest.raises(FailedError, match="KeyError"):
        child.ask(budget=PLENTY)
    with Child(die) as child, pytest.raises(ChildError):
        child.ask(budget=PLENTY)
    with Child(sleep) as child, pytest.raises(OutOfTimeError):
        child.ask(budget=Budget(memory=1 << 30, seconds=0.2))


def keep_a_file_and_sleep() -> None:
    """Hold something in a temporary folder, as the printing engine does its fonts."""
    Path(tempfile.mkdtemp(prefix="engine-"), "font").write_bytes(b"x")
    time.sleep(60)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(folder))
    return folder


def test_what_a_killed_child_kept_in_temporary_files_goes_with_it(temporary: Path) -> None:
    with Child(keep_a_file_and_sleep) as child:
        child.receive()
        child.begin()
        wait_for(lambda: list(temporary.rglob("engine-*/font")))
    assert list(temporary.iterdir()) == []


def test_a_page_that_is_killed_leaves_no_font(temporary: Path) -> None:
    style = "@font-face {font-family: F; src: url(data:font/woff;base64,AAAA)} p {font-family: F}"
    page = f"<html lang=zh-CN><title>-</title><style>{style}</style>" + "<p>客户</p>" * 3000
    with Child(pdf.render) as child:
        child.receive()
        child.begin(page)
        wait_for(lambda: list(temporary.rglob("weasyprint-*")))
        child.stop()
    assert list(temporary.iterdir()) == []


@posix
def test_what_a_killed_run_s_child_kept_goes_with_the_next_run(tmp_path: Path, temporary: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(PARENT, encoding="utf-8")
    words = [sys.executable, str(program), "keep_a_file_and_sleep", "busy"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as parent:
        wait_for(lambda: list(temporary.rglob("engine-*/font")))
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        (tmp_path / "elsewhere").mkdir()
        (temporary / f"sheetcrm-of-{parent.pid}-link").symlink_to(tmp_path / "elsewhere")
        (temporary / "sheetcrm-of-theirs").mkdir()
        parent.kill()
        assert_gone([child], parent.stdout)
    assert list(temporary.rglob("font"))
    with Child(square) as child_of_the_next:
        assert child_of_the_next.ask(2, budget=PLENTY) == 4
    assert {path.name for path in temporary.iterdir()} == {f"sheetcrm-of-{parent.pid}-link", "sheetcrm-of-theirs"}
    assert (tmp_path / "elsewhere").is_dir()


def test_a_child_works_where_no_temporary_folder_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "mkdtemp", fail)
    with Child(square) as child:
        assert child.ask(2, budget=PLENTY) == 4


def wait_for(found: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not found():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("state", ["starting", "asleep", "busy"])
def test_a_child_ends_with_a_parent_that_was_killed(tmp_path: Path, state: str) -> None:
    program = tmp_path / "parent.py"
    program.write_text(PARENT, encoding="utf-8")
    if state == "busy" and sys.platform != "linux":
        pytest.skip("elsewhere a child in a library ends when it leaves it")
    work = "hold_the_interpreter" if state == "busy" else "square"
    with subprocess.Popen([sys.executable, str(program), work, state], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        time.sleep({"starting": 0.02, "asleep": 2.0, "busy": 1.0}[state])
        assert child.is_running()
        parent.kill()
        assert_gone([child], parent.stdout)


class Nuisance:
    """What is interrupted while it is taken away."""

    def __del__(self) -> None:
        """Be at it when the signal comes."""
        signal.raise_signal(signal.SIGTERM)
        for _ in range(1000):
            pass


@posix
def test_an_interrupt_in_a_destructor_is_raised_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), interrupts.caught():  # noqa: PT012
        Nuisance()
        time.sleep(5)
    assert "ignored" not in capsys.readouterr().err


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_waits_for_what_must_not_be_left_half_done(name: str) -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts.caught(), interrupts.held():  # noqa: PT012
        signal.raise_signal(signal.Signals[name])
        done.append(name)
    assert done == [name]
    assert interrupts.happened()


@posix
def test_the_echo_of_a_signal_does_not_interrupt_the_cleaning_up() -> None:
    cleaned = False
    with pytest.raises(KeyboardInterrupt), interrupts.caught():  # noqa: PT012
        try:
            signal.raise_signal(signal.SIGHUP)
        finally:
            signal.raise_signal(signal.SIGHUP)
            cleaned = True
    assert cleaned


@posix
def test_a_signal_that_is_to_be_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts.caught():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough customers that printing them takes seconds."""
    grades = (
        ("30天", 12, "80万元", "高", "85%"),
        ("60天", 6, "30万元", "中", "60%"),
        ("120天", 2, "8万元", "低", "30%"),
    )
    rows = [[f"C{n:05}", f"{n}号公司", *grades[n % 3], None, None, "张*", "2024-03-01"] for n in range(600)]
    return save(tmp_path_factory.mktemp("in") / "客户.xlsx", {"打分表": [HEADER, *rows]})


@posix
@pytest.mark.parametrize("instant", range(INSTANTS))
@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM", "SIGINT", "SIGKILL"])
def test_no_process_outlives_a_run_that_is_ended_while_it_prints(
    book: Path, tmp_path: Path, name: str, instant: int
) -> None:
    del instant
    with running(book, tmp_path / "out") as run:
        tree = wait_for_presses(run.pid)
        time.sleep(random.uniform(0, 3))  # noqa: S311
        tree = {*tree, *psutil.Process(run.pid).children(recursive=True)} if run.poll() is None else tree
        os.kill(run.pid, signal.Signals[name])
        assert run.stdout
        printed = assert_gone(tree, run.stdout)
        code = run.wait()
    assert not (tmp_path / "out" / "2024-03").exists()
    assert "Traceback" not in printed
    assert "ignored" not in printed
    if name == "SIGKILL":
        return
    assert code == 2
    assert printed.strip().splitlines() == ["已中断。每个文件都是完整的旧内容或新内容，再运行一次即可"]
    assert {path.name for path in (tmp_path / "out").iterdir()} <= {".sheetcrm.lock", "sheetcrm.db"}


@posix
@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_a_terminal_that_signals_every_process_of_the_run_shows_one_message(
    book: Path, tmp_path: Path, name: str
) -> None:
    with running(book, tmp_path / "out") as run:
        tree = wait_for_presses(run.pid, started=False)
        os.killpg(run.pid, signal.Signals[name])
        assert run.stdout
        printed = assert_gone(tree, run.stdout)
        assert run.wait() == 2
    assert printed.strip().splitlines() == ["已中断。每个文件都是完整的旧内容或新内容，再运行一次即可"]


@posix
def test_a_terminal_that_is_closed_ends_the_run(book: Path, tmp_path: Path) -> None:
    import pty  # noqa: PLC0415  (there is none on Windows)

    mine, theirs = pty.openpty()
    program = (
        "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program, *command(book, tmp_path / "out")], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    tree = wait_for_presses(run.pid)
    os.close(mine)
    _, alive = psutil.wait_procs(tree, timeout=GONE_WITHIN)
    for process in alive:
        process.kill()
    assert alive == []
    assert run.wait(timeout=GONE_WITHIN) == 2


def command(book: Path, output: Path) -> list[str]:
    return [sys.executable, "-m", "sheetcrm", "run", str(book), "-o", str(output), "--as-of", "2024-03-01", "-q"]


@contextmanager
def running(book: Path, output: Path) -> Iterator[subprocess.Popen[str]]:
    """A run in a session of its own, with everything it and its children print in one pipe."""
    with subprocess.Popen(
        command(book, output),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    ) as run:
        try:
            yield run
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(run.pid, signal.SIGKILL)


def wait_for_presses(pid: int, *, started: bool = True) -> set[psutil.Process]:
    """Wait until the processes that print are there, `started` when they have loaded the engine."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        tree = set(psutil.Process(pid).children(recursive=True))
        if any(_is_press(process, started=started) for process in tree):
            return tree
        time.sleep(0.02)
    raise AssertionError


def _is_press(process: psutil.Process, *, started: bool) -> bool:
    with suppress(psutil.Error):
        if "spawn_main" in " ".join(process.cmdline()):
            return not started or process.memory_info().rss > 80 << 20
    return False


def assert_gone(tree: set[psutil.Process] | list[psutil.Process], pipe: IO[str]) -> str:
    """Hold that these processes end and nobody keeps the pipe open; return what was printed into it."""
    end = time.monotonic() + GONE_WITHIN
    _, alive = psutil.wait_procs(list(tree), timeout=GONE_WITHIN)
    alive = [process for process in alive if not _has_ended(process)]
    printed = b""
    closed = False
    while not closed and select.select([pipe], [], [], max(0.1, end - time.monotonic()))[0]:
        part = os.read(pipe.fileno(), 1 << 16)
        printed, closed = printed + part, not part
    for process in alive:
        process.kill()
    assert alive == []
    assert closed, "somebody holds the pipe open"
    return printed.decode()


def _has_ended(process: psutil.Process) -> bool:
    """Return whether a process that is still listed only waits for the system to take it off the list."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
