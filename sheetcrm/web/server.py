"""Serving the page to this computer, and working for it, until it is closed."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from waitress import wasyncore
from waitress.server import create_server

from sheetcrm.web.app import make_app
from sheetcrm.web.gate import ADDRESS, WebGate
from sheetcrm.web.site import Desktop, Site
from sheetcrm.web.state import PageState
from sheetcrm.web.tasks import Fields, Understand
from sheetcrm.web.worker import Worker

_THREADS = 8
_PATIENCE = 2.0
"""Seconds for answers that are under way when it ends."""
_LOOK = 0.5
"""Seconds between two looks at whether anybody is still there."""


def make_site(
    fields: Fields, understand: Understand, *, describe: Callable[[Exception], str], desktop: Desktop | None = None
) -> Site:
    """Make the page of a program, at its first step.

    Args:
        fields: What stands in the first page's fields.
        understand: Makes a task of them.
        describe: Says in words what nobody foresaw.
        desktop: What the system does for the page.
    """
    return Site(
        WebGate(), Worker(describe=describe), understand, PageState(fields=fields), desktop=desktop or Desktop()
    )


@contextlib.contextmanager
def served(site: Site) -> Iterator[None]:
    """Serve a page on a free port of this computer alone; `site.gate.entrance` is its first address.

    Raises:
        OSError: If there is no port.
    """
    logging.getLogger("waitress").setLevel(logging.ERROR)  # how busy it is interests nobody
    sockets: dict[int, object] = {}
    server = create_server(make_app(site), map=sockets, host=ADDRESS, port=0, threads=_THREADS, ident="")
    site.gate.port = server.effective_port
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.task_dispatcher.shutdown(timeout=_PATIENCE)
        server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets, ignore_all=True))  # where it waits for them
        thread.join(_PATIENCE)


def work_until_over(site: Site) -> None:
    """Do what the page asks for until everybody has gone; what was begun is brought to its end first.

    Raises:
        KeyboardInterrupt: If a job was interrupted. Ctrl-C between two jobs is a way to end.
    """
    try:
        while site.worker.work(_LOOK) or not site.presence.is_over:
            pass
    except KeyboardInterrupt:
        if site.worker.was_interrupted:
            raise
