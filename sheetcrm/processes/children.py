"""A process that calls one function, as often as it is asked, and never outlives the process that started it.

Windows has no limits that a process could set itself, so the parent looks at the child's resident memory
and at the clock some fifty times a second and ends it when either is used up. Where there are limits, they
are set too, for what happens between two looks. Only values cross the border between the two.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from sheetcrm.processes import interrupts, lifeline, scratch

START = 60.0
"""Seconds a child may take to start; how long is the machine's affair, not the work's."""
_LOOK = 0.02
_RESERVE = 128 << 20
"""Bytes above the budget at which the child's own limit, where there is one, ends it without asking."""
NOT_THEIRS = ("SIGINT", "SIGHUP")
"""Signals a terminal sends to every process it runs: the parent alone decides what they end."""
_READY, _DONE, _MEMORY, _FAILED = "ready", "done", "memory", "failed"


@dataclass(frozen=True, slots=True)
class Budget:
    """What work may cost: bytes of memory, and seconds of wall time once it has begun."""

    memory: int
    seconds: float


class ChildError(Exception):
    """A child has no answer: it ended by itself, by its own limit, or by a fault in a library."""


class OutOfMemoryError(ChildError):
    """The memory granted was used up."""


class OutOfTimeError(ChildError):
    """The time granted was used up."""


class FailedError(ChildError):
    """The function raised an exception; the message is its type's name."""


class Child:
    """A child process, from its start until `end`."""

    def __init__(self, function: Callable[..., object], *, memory: int | None = None) -> None:
        """Start a process for a function of a module, which is imported there.

        Args:
            function: What to call; it can be pickled, and so can what it takes and returns.
            memory: Bytes it may hold, a little more where the system ends it for that.
        """
        context = multiprocessing.get_context("spawn")
        with interrupts.held():
            self.connection, there = context.Pipe()
            self._ready = False
            self._scratch = _make_scratch()
            self._process = context.Process(target=_serve, args=(there, memory, self._scratch), daemon=True)
            with signals_blocked():
                self._process.start()
            there.close()
            self._send(function)

    def __enter__(self) -> Self:
        """Return the child."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.end()

    def ask(self, *values: object, budget: Budget) -> object:
        """Call the function and return what it returns; after an error the child is of no more use.

        Raises:
            OutOfTimeError: If it takes longer than granted.
            OutOfMemoryError: If it asks for more than granted.
            FailedError: If the function raised an exception.
            ChildError: If the child ended.
        """
        if not self._ready and self.connection.poll(START):
            self.receive()
        if not self._ready:
            raise ChildError
        self.begin(*values)
        end = time.monotonic() + budget.seconds
        while not self.connection.poll(_LOOK):
            if time.monotonic() > end:
                raise OutOfTimeError
            if self._resident() > budget.memory:
                raise OutOfMemoryError
        return self.receive()

    def begin(self, *values: object) -> None:
        """Have the function called, and do not wait; what became of it is for `receive` to tell."""
        self._send(values)

    def receive(self) -> object:
        """Wait for the next message: None when the child has started, then what each call returned.

        Raises:
            OutOfMemoryError: If there was no memory for it.
            FailedError: If the function raised an exception.
            ChildError: If the child ended.
        """
        try:
            kind, value = self.connection.recv()
        except (EOFError, OSError) as error:
            raise ChildError from error
        if kind == _MEMORY:
            raise OutOfMemoryError
        if kind == _FAILED:
            raise FailedError(value)
        self._ready = True
        return value

    def stop(self) -> None:
        """Kill the process; `receive` tells that it ended."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process, wait until it is gone, and let go of what belongs to it; twice is no harm."""
        if self.connection.closed:
            return
        with interrupts.held():
            self.connection.close()
            self._process.kill()
            self._process.join()
            self._process.close()
            if self._scratch:
                scratch.remove(self._scratch)

    def _send(self, message: object) -> None:
        with contextlib.suppress(ConnectionError):  # it ended: `receive` tells
            self.connection.send(message)

    def _resident(self) -> int:
        """Return the bytes of memory the process holds now; 0 where it has just ended."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0


def _make_scratch() -> Path | None:
    """Make a folder for what the child writes for a while; None where there is no room: few children need it."""
    try:
        return scratch.make()
    except OSError:
        return None


def _serve(parent: Connection, memory: int | None, folder: Path | None) -> None:
    """Be the child: take the function, say that it is there, answer until nobody asks."""
    lifeline.tie()
    if folder:
        tempfile.tempdir = str(folder)
    for name in NOT_THEIRS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    with Path(os.devnull).open("w") as nowhere:
        for stream in (1, 2):  # what a library prints when it gives up, the parent tells in words
            os.dup2(nowhere.fileno(), stream)
    if memory is not None:
        _limit_own_memory(memory + _RESERVE)
    with contextlib.suppress(EOFError, OSError):
        function = parent.recv()
        parent.send((_READY, None))
        while True:
            values = parent.recv()
            parent.send(_answer(function, values))


def _answer(function: Callable[..., object], values: Sequence[object]) -> tuple[str, object]:
    try:
        return _DONE, function(*values)
    except MemoryError:
        return _MEMORY, None
    except Exception as error:  # noqa: BLE001  (the parent decides what becomes of it)
        return _FAILED, type(error).__name__


def _limit_own_memory(most: int) -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  (there is none on Windows)

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))


@contextlib.contextmanager
def signals_blocked() -> Iterator[None]:
    """Start what is started in here with the terminal's signals blocked: a child is quiet from its first moment."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415  (there is none on Windows)

    resource_tracker.ensure_running()  # started later, it would unblock them
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
