"""Hands many books to an executor, a few at a time, and takes back what became of each.

A book whose worker was lost is handed out again: no worker leaves anything half done. One that is lost a second
time, when nobody else's work could have been the cause, has failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import AbstractContextManager
from itertools import chain
from typing import Any, TypeVar

_Task = TypeVar("_Task")
_Answer = TypeVar("_Answer")

Start = Callable[[int], AbstractContextManager[Executor]]
"""Starts an executor of so many workers."""


def carry(
    tasks: Iterable[_Task],
    call: Callable[[_Task], tuple[Callable[..., _Answer], tuple[Any, ...]]],
    *,
    start: Start,
    workers: int,
    ahead: int = 1,
) -> Iterator[tuple[_Task, _Answer | Exception]]:
    """Have tasks done side by side; yield each with its answer, or with the error that kept it from one.

    Args:
        tasks: The tasks; each is asked for when a worker is about to be free.
        call: What to call for a task: a function of a module and its arguments, all of which can be pickled.
        start: Starts the executor; one that broke is started again.
        workers: How many tasks are done at a time.
        ahead: How many more are handed over, so that no worker waits for the next.
    """
    waiting, lost = iter(tasks), deque[_Task]()
    first = next(waiting, None)
    broken = first is not None  # where there is nothing to do, nothing is started
    waiting = chain((first,) if first is not None else (), waiting)
    while broken:
        with start(workers) as executor:
            broken = yield from _carry(waiting, call, executor, lost, most=workers + ahead)
    while lost:
        task, twice = lost.popleft(), deque[_Task]()
        with start(1) as executor:
            yield from _carry(iter([task]), call, executor, twice, most=1)
        yield from ((one, BrokenExecutor()) for one in twice)


def _carry(
    tasks: Iterator[_Task],
    call: Callable[[_Task], tuple[Callable[..., _Answer], tuple[Any, ...]]],
    executor: Executor,
    lost: deque[_Task],
    *,
    most: int,
) -> Generator[tuple[_Task, _Answer | Exception], None, bool]:
    """Hand tasks to an executor until none is left or it breaks; put aside what it had when it broke.

    Returns:
        Whether it broke.
    """
    running: dict[Future[_Answer], _Task] = {}
    broken = False
    while True:
        while not broken and len(running) < most and (task := next(tasks, None)) is not None:
            function, values = call(task)
            try:
                running[executor.submit(function, *values)] = task
            except BrokenExecutor:
                lost.append(task)
                broken = True
            except Exception as error:  # noqa: BLE001  (an executor that takes nothing more fails this task)
                yield task, error
        if not running:
            return broken
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            task, answer = running.pop(future), _answer(future)
            if isinstance(answer, BrokenExecutor):
                lost.append(task)
                broken = True
            else:
                yield task, answer


def _answer(future: Future[_Answer]) -> _Answer | Exception:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001  (whatever an executor may raise is this task's failure)
        return error


def describe_failure(error: Exception) -> str:
    """Say why a task has no answer: its worker was lost, again and again, or nobody takes tasks any more."""
    name = type(error).__name__
    if isinstance(error, BrokenExecutor) or name == "KilledWorker":
        return "做这一本的进程一再意外中止，可能是内存不足。请单独运行这一本看看"
    if isinstance(error, CancelledError) or "Cancelled" in name or "Closed" in name:
        return "和集群的连接断了，这一本没有做。请重新运行，做好的不会再做"
    return f"没有做完（{name}）。请重新运行，做好的不会再做"
