"""Processes that do whole books side by side: quiet, out of a terminal's reach, gone with the one that started them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from pathlib import Path

from sheetcrm.processes import interrupts, lifeline, scratch
from sheetcrm.processes.children import NOT_THEIRS, signals_blocked

_HIGHEST = 61
"""Processes that Windows lets one program wait for at a time."""


@contextlib.contextmanager
def started(count: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes that take work as a `concurrent.futures` executor; they end with the block.

    Where the block is left by an error or an interrupt, they are killed, whatever they are at.
    """
    before = {process.pid for process in multiprocessing.active_children()}
    with scratch.opened() as folder:
        executor = ProcessPoolExecutor(
            min(count, _HIGHEST), multiprocessing.get_context("spawn"), initializer=_enter, initargs=(str(folder),)
        )
        try:
            with interrupts.held(), signals_blocked():
                waking = [executor.submit(os.getpid) for _ in range(count)]
            wait(waking)
            yield executor
        except BaseException:
            with interrupts.held():
                executor.shutdown(wait=False, cancel_futures=True)
                _kill(before)
            raise
        finally:
            executor.shutdown(cancel_futures=True)


def _kill(others: set[int | None]) -> None:
    """Kill the processes that were started since."""
    for process in multiprocessing.active_children():
        if process.pid not in others:
            process.kill()


def _enter(folder: str) -> None:
    """Be a worker: print nothing, take no notice of a terminal's signals, end with the parent."""
    lifeline.tie()
    tempfile.tempdir = folder
    for name in NOT_THEIRS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    with Path(os.devnull).open("w") as nowhere:
        for stream in (1, 2):  # what a library prints when it gives up, the parent tells in words
            os.dup2(nowhere.fileno(), stream)
