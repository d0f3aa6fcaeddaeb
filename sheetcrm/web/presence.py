"""When the program ends: with its last page, or when nobody did anything for half an hour."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

IDLE = 30 * 60.0
"""Seconds without anybody doing anything."""
_SILENT = 180.0
"""Seconds after which a page that said nothing is gone: browsers let hidden pages speak once a minute."""
_LEAVING = 4.0
"""Seconds after the last page went: the next one may be on its way."""


_WAKING = 15.0
"""Seconds a silent page has yet: the computer may have slept, and so did the page."""


class Presence:
    """Hears the pages that are open, by their names, and what people do in them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with no page, and somebody who has just started the program."""
        self._clock = clock
        self._lock = threading.Lock()
        self._pages: dict[str, float] = {}
        self._active = self._left = clock()
        self._came = False

    def act(self) -> None:
        """Note that somebody did something."""
        with self._lock:
            self._active = self._clock()

    def beat(self, page: str, *, is_active: bool) -> None:
        """Note that a page is open, and whether somebody did something in it."""
        with self._lock:
            self._pages[page] = self._clock()
            self._came = True
            if is_active:
                self._active = self._clock()

    def leave(self, page: str) -> None:
        """Note that a page was closed or left for another."""
        with self._lock:
            self._pages.pop(page, None)
            self._left = self._clock()

    @property
    def is_over(self) -> bool:
        """Whether everybody has gone."""
        with self._lock:
            now = self._clock()
            silent = [page for page, heard in self._pages.items() if now - heard > _SILENT]
            for page in silent:
                del self._pages[page]
                self._left = now + _WAKING
            if now - self._active > IDLE:
                return True
            last = max(self._left, self._active)
            return self._came and not self._pages and now - last > _LEAVING
