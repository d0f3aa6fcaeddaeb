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
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sheetcrm.errors import EngineError
from sheetcrm.report.press import pdf

TIMEOUT = 300.0
"""Seconds a report may take: a volume of a thousand rows takes a small part of it."""


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


_SELDOM = 200_000
"""Objects made between two collections of garbage while a page is set."""

_Outcome: TypeAlias = tuple[bytes | None, tuple[str, ...], str, str]
"""PDF, missing characters, the error and its remedy: plain values."""


def render_all(
    jobs: Sequence[Job], *, executor: Executor | None = None, timeout: float = TIMEOUT, workers: int | None = None
) -> tuple[Rendered, ...]:
    """Print documents side by side; the results stand in the order of the jobs.

    Without an executor, a pool of `workers` processes (one a core) is made for the call. Any other
    executor may carry the jobs, over other machines too. A process that was started to work ends itself
    when a job takes longer than `timeout` seconds; a thread of the main process cannot be ended so.
    A job that fails is a result with an error: the others go on. Where a process ends and it cannot be
    told whose fault it was, each that was at work is tried once more, alone.
    """
    if executor is not None:
        futures = [_submit(executor, job, timeout) for job in jobs]
        return tuple(_result(job, future) for job, future in zip(jobs, futures, strict=True))
    results: dict[int, Rendered] = {}
    largest_first = sorted(range(len(jobs)), key=lambda index: -len(jobs[index].html))
    waiting = deque(largest_first)
    suspects: list[int] = []
    while waiting:
        width = min(workers or _cores(), len(waiting))
        unfinished = _drain(jobs, waiting, results, width=width, timeout=timeout)
        late = [index for index, seconds in unfinished.items() if seconds >= timeout]
        if len(late) == 1:
            results[late[0]] = _late(jobs[late[0]], timeout)
            waiting.extend(index for index in unfinished if index != late[0])
        else:
            suspects.extend(unfinished)
    for index in suspects:
        seconds = _drain(jobs, deque([index]), results, width=1, timeout=timeout).get(index, 0.0)
        if index not in results:
            results[index] = _late(jobs[index], timeout) if seconds >= timeout else _died(jobs[index])
    return tuple(results[index] for index in range(len(jobs)))


def _drain(
    jobs: Sequence[Job], queue: deque[int], results: dict[int, Rendered], *, width: int, timeout: float
) -> dict[int, float]:
    """Work a queue off in one pool.

    Jobs are handed out only as processes come free, so that whoever is at work when a process ends
    is known. Gives those, each with the seconds it had taken; nothing where all went well.
    """
    context = multiprocessing.get_context("spawn")
    running: dict[Future[_Outcome], tuple[int, float]] = {}
    with ProcessPoolExecutor(width, mp_context=context) as pool:
        while queue or running:
            try:
                while queue and len(running) < width:
                    future = pool.submit(_work, jobs[queue[0]].html, timeout)
                    running[future] = (queue.popleft(), time.monotonic())
            except BrokenExecutor:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenExecutor) for future in done):
                break
            for future in done:
                index, _started = running.pop(future)
                results[index] = _result(jobs[index], future)
        now = time.monotonic()
    left: dict[int, float] = {}
    for future, (index, started) in running.items():
        if future.done() and future.exception() is None:
            results[index] = _result(jobs[index], future)
        else:
            left[index] = now - started
    return left


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
        data, missing, what, fix = future.result()
    except Exception as error:  # noqa: BLE001  (whatever an executor may raise is this job's failure)
        return _failed(job, f"排版失败（{type(error).__name__}）", "请重试")
    return _failed(job, what, fix) if data is None else Rendered(job.name, data, missing)


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


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
