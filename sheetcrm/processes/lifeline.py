"""Ties a child to its parent: however the parent ends, the child ends too, busy or asleep.

Linux is asked to kill the child, which ends it in the middle of a library too. Elsewhere, and for what
happened before Linux was asked, a thread waits for the end of the parent.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from multiprocessing.connection import wait

_ORPHANED = 1
_PR_SET_PDEATHSIG = 1
_SIGKILL = 9


def tie() -> None:
    """End this process when its parent ends, or now if it has ended; the process people started has none."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        _ask_kernel()
        if os.getppid() != parent.pid:
            os._exit(_ORPHANED)
    threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(_ORPHANED)


def _ask_kernel() -> None:
    import ctypes  # noqa: PLC0415  (on Linux alone)

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
