"""Work on a file that may ask too much, done in a process of its own whose memory and time are watched.

The bytes and the name of the file go in, values or a refusal come out; see `processes.children`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.processes.children import Budget, Child, ChildError, OutOfMemoryError, OutOfTimeError

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An UnreadableWorkbookError on its way between two processes."""

    kind: str
    what: str
    fix: str


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
    try:
        with Child(functools.partial(_work, function), memory=budget.memory) as child:
            answer = child.ask(data, file, budget=budget)
    except OutOfMemoryError:
        raise _too_large(budget) from None
    except OutOfTimeError:
        raise _too_slow(budget) from None
    except ChildError:
        raise _stopped() from None
    if isinstance(answer, _Refusal):
        raise UnreadableWorkbookError(answer.kind, answer.what, answer.fix)
    return answer  # type: ignore[return-value]  # what the function returned, through a pipe


def _work(function: Callable[[bytes, str], object], data: bytes, file: str) -> object:
    """Be the child."""
    try:
        return function(data, file)
    except UnreadableWorkbookError as error:
        return _Refusal(error.kind, error.what, error.fix)


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
