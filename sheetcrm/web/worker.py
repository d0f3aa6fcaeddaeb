"""The one piece of work at a time: done by the thread the program started with, watched and cancelled from the page.

Signals, children and what cleans up after them are thus the same as for the other commands.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sheetcrm.errors import SheetcrmError
from sheetcrm.runs.apply import WRITING
from sheetcrm.runs.reading import Progress


class CancelledError(Exception):
    """A person has cancelled the work: nothing was written."""


@dataclass(slots=True, eq=False)
class Errand:
    """A piece of work: its title and step, where the page goes afterwards, and back to where if it comes to nothing."""

    title: str
    work: Callable[[Progress], None]
    step: str
    then: str
    back: str
    message: str = ""
    is_cancelled: bool = False
    is_writing: bool = False
    is_done: bool = False
    is_told: bool = False
    error: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, message: str) -> None:
        """Take a message of progress, and stop the work if that is wanted and still possible.

        Raises:
            CancelledError: If it was cancelled before anything is written.
        """
        with self.lock:
            if self.is_cancelled:
                raise CancelledError
            self.message = message
            self.is_writing = self.is_writing or message == WRITING

    def cancel(self) -> bool:
        """Cancel it; False where files are being written already."""
        with self.lock:
            if self.is_writing or self.is_done:
                return False
            self.is_cancelled = True
            return True

    @property
    def next(self) -> str:
        """Where the page goes when it is done."""
        return self.back if self.error or self.is_cancelled else self.then

    def take_outcome(self) -> Iterator[tuple[str, bool]]:
        """Yield what is to be said of its end, and whether that is bad; once, whoever asks first."""
        with self.lock:
            was_told, self.is_told = self.is_told, True
        if was_told:
            return
        if self.error:
            yield self.error, True
        elif self.is_cancelled:
            yield "已取消，什么也没有写。", False


class BusyError(Exception):
    """Something else is being done."""


class Worker:
    """Takes a job at a time from the pages, and does it when `work` is called."""

    def __init__(self, *, describe: Callable[[Exception], str]) -> None:
        """Take what says, in words for people, what nobody foresaw."""
        self.describe = describe
        self._waiting: queue.SimpleQueue[Errand] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self.job: Errand | None = None
        """The last job, done or not."""
        self.was_interrupted = False
        """Whether a job was ended as Ctrl-C ends a run."""

    @property
    def is_busy(self) -> bool:
        """Whether a job waits or is being done."""
        job = self.job
        return job is not None and not job.is_done

    def begin(self, job: Errand) -> None:
        """Have a job done.

        Raises:
            BusyError: If another one is not done yet.
        """
        with self._lock:
            if self.is_busy:
                raise BusyError
            self.job = job
        self._waiting.put(job)

    def work(self, patience: float) -> bool:
        """Do the next job; False if none came within so many seconds."""
        try:
            job = self._waiting.get(timeout=patience)
        except queue.Empty:
            return False
        try:
            with contextlib.suppress(CancelledError):
                job.hear("")
                job.work(job.hear)
        except SheetcrmError as error:
            job.error = str(error)
        except KeyboardInterrupt:
            self.was_interrupted = True
            raise
        except Exception as error:  # noqa: BLE001  (the page goes on, and says so)
            job.error = self.describe(error)
        finally:
            job.is_done = True
        return True
