"""The page of `sheetcrm open` for tests: a visitor who follows its forms, and what the system was asked to open."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sheetcrm.cli.open import understand
from sheetcrm.web.app import make_app
from sheetcrm.web.server import make_site
from sheetcrm.web.site import Desktop, Site
from sheetcrm.web.tasks import Fields

PORT = 50_505
HERE = f"http://127.0.0.1:{PORT}"


def describe(error: Exception) -> str:
    """Let what nobody foresaw fail the test."""
    raise error


@dataclass
class System:
    """What the page asked the system for."""

    opened: list[Path] = field(default_factory=list)
    folder: str = ""

    def desktop(self) -> Desktop:
        return Desktop(self.opened.append, lambda: True, lambda _start: self.folder)


@dataclass
class Visitor:
    """A browser that was let in: it sends what browsers send, and waits until work is done."""

    site: Site
    client: FlaskClient
    system: System

    def get(self, address: str) -> str:
        answer = self.client.get(address, base_url=HERE, follow_redirects=True)
        assert answer.status_code == 200, (address, answer.status, answer.text)
        return answer.text

    def send(self, address: str, /, **values: str) -> TestResponse:
        """Send a form, and nothing else."""
        return self.client.post(address, base_url=HERE, headers={"Origin": HERE}, data=values)

    def post(self, address: str, values: Mapping[str, str] | None = None, /, **more: str) -> str:
        """Send a form as the page has it, have the work done, and see the page it leads to."""
        key = self.site.state.checked.key if self.site.state.checked else ""
        answer = self.send(address, **{"key": key, **(values or {}), **more})
        self.work()
        if answer.status_code == 303:
            return self.get(answer.headers["Location"])
        assert answer.status_code == 200, (address, answer.status, answer.text)
        return answer.text

    def work(self) -> None:
        """Do what was begun."""
        while self.site.worker.is_busy:
            self.site.worker.work(1)


def visitor(fields: Fields | None = None) -> Visitor:
    """Open the page as `sheetcrm open` does, with its token."""
    system = System()
    site = make_site(fields or Fields(), understand, describe=describe, desktop=system.desktop())
    site.gate.port = PORT
    one = Visitor(site, make_app(site).test_client(), system)
    one.get(site.gate.entrance)
    return one


def words(page: str) -> str:
    """Return what a page says, on one line."""
    inside = page[page.index("<main") : page.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", inside)).split())
