"""Prints many reports at once: a process for each, so that one that hangs or blows up cannot stop the rest.

HTML goes in and bytes come out; nothing else crosses the border between processes.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TypeAlias

from sheetcrm.errors import EngineError
from sheetcrm.processes.children import START, Budget, Child, ChildError, FailedError, OutOfMemoryError, OutOfTimeError
from sheetcrm.report.press import pdf

TIMEOUT = 300.0
"""Seconds a report may take: a volume of a thousand rows takes a small part of it."""

STYLE_BUDGET = Budget(memory=1 << 30, seconds=60.0)
"""What checking a style sheet may cost; loading the engine is a part of it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A document to print: its file name, and its HTML."""

    name: str
    html: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The result of a job: `data` is the PDF, None where `error` says why there is none.

    `missing` are the characters that no font has.
    """

    name: str
    data: bytes | None
    missing: tuple[str, ...] = ()
    error: EngineError | None = None


Tick = Callable[[int], None]
"""Hears how many documents are done with."""


def unheard(_done: int) -> None:
    """Count nothing."""


_LOOK = 1.0
"""Seconds between two looks at the clock."""
_SELDOM = 200_000
"""Objects made between two collections of garbage while a page is set."""

_Outcome: TypeAlias = tuple[bytes | None, tuple[str, ...], str, str]
"""PDF, missing characters, the error and its remedy: plain values."""


def render_all(
    jobs: Sequence[Job],
    *,
    executor: Executor | None = None,
    timeout: float = TIMEOUT,
    workers: int | None = None,
    tick: Tick = unheard,
) -> tuple[Rendered, ...]:
    """Print documents side by side; the results stand in the order of the jobs.

    Without an executor, `workers` processes (one a core) are started for the call, and end with it. Any
    executor may carry the jobs instead, over other machines too. A process that was started to work ends itself
    when a job takes longer than `timeout` seconds; a thread of the main process cannot be ended so.
    `tick` hears each second how many processes are done with; what it raises ends them all.
    A job that fails is a result with an error: the others go on. The job of a process that
    ends, of too little memory perhaps, is tried once more, alone.
    """
    if executor is not None:
        futures = [_submit(executor, job, timeout) for job in jobs]
        return tuple(_result(job, future) for job, future in zip(jobs, futures, strict=True))
    results: dict[int, Rendered] = {}
    largest_first = sorted(range(len(jobs)), key=lambda index: -len(jobs[index].html))
    width = min(workers or max(count_cores() // _sharing.runs, 1), len(jobs))
    every = deque(largest_first)
    for index in _print_queue(jobs, every, results, width=width, timeout=timeout, tick=tick):
        if _print_queue(jobs, deque([index]), results, width=1, timeout=timeout, tick=tick):
            results[index] = _died(jobs[index])
    return tuple(results[index] for index in range(len(jobs)))


def check_styles(sheets: Mapping[str, str]) -> None:
    """Make sure that the engine can use style sheets, given by file, in a process that is watched.

    Raises:
        EngineError: If it cannot use one; the message has its file and the lines.
    """
    if not sheets:
        return
    with Child(_check_style, memory=STYLE_BUDGET.memory) as child:
        for file, css in sheets.items():
            try:
                answer = child.ask(css, file, budget=STYLE_BUDGET)
            except OutOfTimeError:
                raise EngineError(
                    f"样式 {file}用不了：{STYLE_BUDGET.seconds:g} 秒还没有读完，已停止", "请简化它"
                ) from None
            except ChildError:
                raise EngineError(f"样式 {file}用不了：读它时排版程序意外中止", "请简化它") from None
            if isinstance(answer, tuple):
                raise EngineError(*answer)


def _check_style(css: str, file: str) -> tuple[str, str] | None:
    try:
        pdf.check_style(css, file=file)
    except EngineError as error:
        return error.what, error.fix
    return None


@dataclass(slots=True)
class _Press:
    """A process that prints, the job it is at, and since when; no job while it starts."""

    child: Child
    index: int | None = None
    started: float = field(default_factory=time.monotonic)

    def begin(self, index: int, job: Job, timeout: float) -> None:
        """Hand it a job."""
        self.index, self.started = index, time.monotonic()
        self.child.begin(job.html, timeout)

    @property
    def seconds(self) -> float:
        """How long it has been at its job."""
        return time.monotonic() - self.started


def _print_queue(
    jobs: Sequence[Job],
    queue: deque[int],
    results: dict[int, Rendered],
    *,
    width: int,
    timeout: float,
    tick: Tick,
) -> list[int]:
    """Print the jobs of a queue, and list those whose process ended before its time was up.

    An interrupt ends every process at once, whatever it is at.
    """
    lost: list[int] = []
    with contextlib.ExitStack() as stack:
        presses: dict[Connection, _Press] = {}

        def start() -> None:
            child = stack.enter_context(Child(_work))
            presses[child.connection] = _Press(child)

        for _ in range(width):
            start()
        while presses:
            tick(len(results))
            for connection in wait(list(presses), timeout=_LOOK):
                press = presses.pop(connection)  # type: ignore[call-overload]  # a Connection went in
                ended = not _take(press, jobs, results, lost, timeout)
                if not queue:
                    press.child.end()
                elif not ended:
                    press.begin(queue[0], jobs[queue.popleft()], timeout)
                    presses[press.child.connection] = press
                elif press.index is not None:
                    start()
            for press in presses.values():
                if press.seconds > timeout + START:  # it did not end itself
                    press.child.stop()
    return [*lost, *queue]


def _take(press: _Press, jobs: Sequence[Job], results: dict[int, Rendered], lost: list[int], timeout: float) -> bool:
    """Take what a process has to say: the result of its job, or that it is there; False where it ended."""
    index = press.index
    try:
        outcome = press.child.receive()
    except (FailedError, OutOfMemoryError) as error:
        if index is not None:
            results[index] = _broken(jobs[index], error)
        return True
    except ChildError:
        if index is not None and press.seconds >= timeout:
            results[index] = _late(jobs[index], timeout)
        elif index is not None:
            lost.append(index)
        return False
    if index is not None:
        results[index] = _rendered(jobs[index], outcome)  # type: ignore[arg-type]  # what _work returned
    return True


def _submit(executor: Executor, job: Job, timeout: float) -> Future[_Outcome]:
    """Hand a job to an executor; one that takes no more work fails this job, not the call."""
    try:
        return executor.submit(_work, job.html, timeout)
    except RuntimeError as error:
        refused: Future[_Outcome] = Future()
        refused.set_exception(error)
        return refused


def _result(job: Job, future: Future[_Outcome]) -> Rendered:
    try:
        return _rendered(job, future.result())
    except Exception as error:  # noqa: BLE001  (whatever an executor may raise is this job's failure)
        return _failed(job, f"排版失败（{type(error).__name__}）", "请重试")


def _rendered(job: Job, outcome: _Outcome) -> Rendered:
    data, missing, what, fix = outcome
    return _failed(job, what, fix) if data is None else Rendered(job.name, data, missing)


def _broken(job: Job, error: ChildError) -> Rendered:
    """Name what went wrong in a process that goes on."""
    return _died(job) if isinstance(error, OutOfMemoryError) else _failed(job, f"排版失败（{error}）", "请重试")


def _late(job: Job, timeout: float) -> Rendered:
    return _failed(job, f"超过 {timeout:g} 秒仍未完成，已中止", "请减少行数后重试")


def _died(job: Job) -> Rendered:
    return _failed(job, "排版进程意外中止，可能是内存不足", "请关闭其他程序后重试")


def _failed(job: Job, what: str, fix: str) -> Rendered:
    return Rendered(job.name, None, (), EngineError(f"{job.name}：{what}", fix))


def _work(html: str, timeout: float) -> _Outcome:
    """Print one document, in whatever process this is; end the process if it takes too long."""
    try:
        pdf.check_engine()
        with _watched(timeout):
            printed = pdf.render(html)
    except EngineError as error:
        return None, (), error.what, error.fix
    return printed.pdf, printed.missing, "", ""


@contextlib.contextmanager
def _watched(timeout: float) -> Iterator[None]:
    """End this process when the time is up, if it was started to work; never the one people started.

    The watch runs outside the interpreter, so that an engine stuck in its libraries is ended too.
    Garbage is collected seldom meanwhile: as often as usual it would cost an eighth of the time, never
    it would cost an eighth of the memory.
    """
    if multiprocessing.parent_process() is None:
        yield
        return
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(timeout, exit=True, file=nowhere)
        usual = gc.get_threshold()
        gc.set_threshold(_SELDOM, *usual[1:])
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            gc.set_threshold(*usual)
            gc.collect()


def share_cores(*, runs: int) -> None:
    """Print from now on with this process's part of the cores, where so many runs print side by side."""
    _sharing.runs = max(runs, 1)


@dataclass(slots=True)
class _Sharing:
    """How many runs share the cores."""

    runs: int = 1


_sharing = _Sharing()


def count_cores() -> int:
    """Return how many cores there are for this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
