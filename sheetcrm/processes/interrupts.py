"""Signals that end a run: each ends it as Ctrl-C does, once, and none is lost.

A terminal that closes sends SIGHUP, more than once; a machine that shuts down sends SIGTERM. Both become
the KeyboardInterrupt of Ctrl-C, so that whatever cleans up after one cleans up after all of them.
"""

from __future__ import annotations

import _thread
import contextlib
import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_SIGNALS = tuple(signal.Signals[name] for name in _NAMES if name in signal.Signals.__members__)
_AGAIN = 2.0
"""Seconds before another signal counts: cleaning up is not interrupted by the echo of the first."""
_LATER = 0.01


@dataclass(slots=True)
class _State:
    """What came in: the last signal, when it was raised, and whether one waits for the end of `held`."""

    signal: int = signal.SIGINT
    raised: float = -math.inf
    holds: int = 0
    waiting: bool = False


_state = _State()


@contextlib.contextmanager
def caught() -> Iterator[None]:
    """Raise KeyboardInterrupt in here for every signal that ends a run.

    A signal that whoever started the program told it to ignore stays ignored (`nohup`). Outside the main
    thread, where no handler can be set, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.raised, _state.waiting = -math.inf, False
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    hook = sys.unraisablehook

    def raise_later(unraisable: sys.UnraisableHookArgs) -> None:
        """Raise an interrupt again that came up in a destructor, where nobody can catch it."""
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            hook(unraisable)
            return
        _state.raised = -math.inf
        again = threading.Timer(_LATER, _thread.interrupt_main, (_state.signal,))
        again.daemon = True
        again.start()

    try:
        for number, handler in before.items():
            if handler not in {signal.SIG_IGN, None}:
                signal.signal(number, _interrupt)
        sys.unraisablehook = raise_later
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Put off an interrupt until the end of the block, for what must not be left half done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.holds += 1
    try:
        yield
    finally:
        _state.holds -= 1
        if _state.waiting and not _state.holds:
            _state.waiting = False
            _raise()


def happened() -> bool:
    """Return whether the run has been interrupted."""
    return _state.raised > -math.inf


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _state.signal = number
    if _state.holds:
        _state.waiting = True
    elif time.monotonic() - _state.raised > _AGAIN:
        _raise()


def _raise() -> None:
    _state.raised = time.monotonic()
    raise KeyboardInterrupt
