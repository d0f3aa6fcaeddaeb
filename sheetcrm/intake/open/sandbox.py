"""Work on a file that may ask too much, done in a process of its own whose memory and time are watched.

The parent looks at the child's resident memory and at the clock some fifty times a second and ends it
when either is used up; Windows has no limits that a process could set itself. Where there are some,
they are set too, for what happens between two looks. Only values cross the border between the two.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

import psutil

from sheetcrm.errors import UnreadableWorkbookError

_Result = TypeVar("_Result")
_Answer = tuple[str, object]

_LOOK = 0.02
_START = 60.0
"""Seconds the child may take to start; how long is the machine's affair, not the file's."""
_RESERVE = 128 << 20
"""Bytes above the budget at which the child's own limit, where there is one, ends it without asking."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What work on a file may cost: bytes of memory, and seconds of wall time once it has begun."""

    memory: int
    seconds: float


def budget_for(data: bytes) -> Budget:
    """Grant what the file's own size makes plausible: a small file may not ask for much, a large one may. Pure.

    300,000 rows of 15 columns that compress well (14 MB) took 853 MB; a dense 5 MB of them 10 s.
    """
    return Budget(memory=(352 << 20) + 80 * len(data), seconds=3 + 6 * len(data) / (1 << 20))


def call(function: Callable[[bytes, str], _Result], data: bytes, file: str, *, budget: Budget) -> _Result:
    """Call a module's function on a file in a child process and return what it returns.

    Args:
        function: What to call, with the bytes and the name; values go in, values come out.
        data: The file's bytes.
        file: Its name.
        budget: What the call may cost.

    Raises:
        UnreadableWorkbookError: Those of the function; `workbook-needs-memory`, `workbook-needs-time`
            or `workbook-stops-reader` if the child was ended or ended itself.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_work, args=(there, function, budget.memory), daemon=True)
    child.start()
    there.close()
    try:
        answer = _await(child, here, data, file, budget)
    finally:
        here.close()
        child.kill()
        child.join()
        child.close()
    if isinstance(answer, UnreadableWorkbookError):
        raise answer
    return answer  # type: ignore[return-value]  # what the function returned, through a pipe


def _await(child: BaseProcess, here: Connection, data: bytes, file: str, budget: Budget) -> object:
    """Hand the child its work and watch it until it answers; an error is an answer too."""
    try:
        if not here.poll(_START):
            return _stopped()
        here.recv()
        here.send_bytes(data)
        here.send(file)
        end = time.monotonic() + budget.seconds
        while not here.poll(_LOOK):
            if time.monotonic() > end:
                return _too_slow(budget)
            if _resident(child) > budget.memory:
                return _too_large(budget)
        kind, said = here.recv()
    except (EOFError, OSError):  # it is gone: stopped by its own limit, or by a fault in a library
        return _stopped()
    if kind == "memory":
        return _too_large(budget)
    return said if kind == "done" else UnreadableWorkbookError(*said)


def _work(parent: Connection, function: Callable[[bytes, str], object], memory: int) -> None:
    """Be the child: say that it is there, take the file, answer."""
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)  # a library that gives up says so on stderr; the parent tells it in words
    _limit_own_memory(memory + _RESERVE)
    parent.send("ready")
    data = parent.recv_bytes()
    file = parent.recv()
    try:
        answer: _Answer = ("done", function(data, file))
    except UnreadableWorkbookError as error:
        answer = ("refused", (error.kind, error.what, error.fix))
    except MemoryError:
        answer = ("memory", None)
    parent.send(answer)


def _limit_own_memory(most: int) -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  (there is none on Windows)

        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _resident(child: BaseProcess) -> int:
    """Return the bytes of memory a child holds now; 0 where it has just ended."""
    try:
        return int(psutil.Process(child.pid).memory_info().rss)
    except psutil.Error:
        return 0


def _too_large(budget: Budget) -> UnreadableWorkbookError:
    return UnreadableWorkbookError(
        "workbook-needs-memory",
        f"文件不大，读它却要占用超过 {budget.memory >> 20} MB 内存，已停止",
        "请删去不用的工作表、合并单元格和整列内容，或分成几个文件",
    )


def _too_slow(budget: Budget) -> UnreadableWorkbookError:
    return UnreadableWorkbookError(
        "workbook-needs-time",
        f"文件不大，读了 {budget.seconds:.0f} 秒还没有读完，已停止",
        "请删去不用的工作表、合并单元格和整列内容，或分成几个文件",
    )


def _stopped() -> UnreadableWorkbookError:
    return UnreadableWorkbookError(
        "workbook-stops-reader",
        "读这个工作簿时，读取程序意外中止",
        "请用 Excel 或 WPS 打开后另存为新的 .xlsx，再运行",
    )
