"""What all routes share: where the page stands, the worker, and how a page is made and a form answered."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sheetcrm.errors import SheetcrmError, UsageError
from sheetcrm.privacy import NUMBERS_ALONE, Raw
from sheetcrm.runs.reading import Progress
from sheetcrm.web import desktop
from sheetcrm.web.gate import WebGate
from sheetcrm.web.presence import Presence
from sheetcrm.web.state import Checked, PageState
from sheetcrm.web.tasks import Understand
from sheetcrm.web.worker import BusyError, Errand, Worker

STEPS = (
    ("folder", "① 选文件夹、期间"),
    ("check", "② 检查"),
    ("preview", "③ 预览"),
    ("generate", "④ 生成"),
    ("done", "⑤ 完成"),
)
"""The steps by the names of their routes."""
_STEP_OF = {"done": "generate", "whatif": "preview"}
SEE_OTHER, CONFLICT = 303, 409
PAGES = Path(__file__).parent / "pages"
"""Where the templates are, with the style sheet and the script."""


@dataclass(frozen=True, slots=True)
class Desktop:
    """What the system does for the page; tests have their own."""

    open_path: Callable[[Path], None] = desktop.open_path
    has_dialog: Callable[[], bool] = desktop.has_dialog
    choose_folder: Callable[[str], str] = desktop.choose_folder


@dataclass(slots=True, eq=False)
class Site:
    """The page of one program: who may see it, where it stands, what is being done."""

    gate: WebGate
    worker: Worker
    understand: Understand
    state: PageState = field(default_factory=PageState)
    presence: Presence = field(default_factory=Presence)
    desktop: Desktop = field(default_factory=Desktop)
    lock: threading.Lock = field(default_factory=threading.Lock)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def note(self, text: str, *, bad: bool = False) -> None:
        """Have a sentence said on the next page."""
        with self.lock:
            self.notes.append(("bad" if bad else "good", text))

    def render(self, template: str, step: str, **values: object) -> str:
        """Make a page of a step."""
        with self.lock:
            waits = template == "work"  # what is said then is for the page after it
            notes, self.notes = ([], self.notes) if waits else (self.notes, [])
        return render_template(
            f"{template}.html",
            step=step,
            steps=[(name, label, self.is_open(name)) for name, label in STEPS],
            notes=notes,
            page=Raw(secrets.token_urlsafe(9)),
            job=self.worker.job if self.worker.is_busy else None,
            state=self.state,
            checked=self.state.checked,
            **values,
        )

    def shown(self, text: str) -> str:
        """Return a text as a page may show it: the names of the book that was read are hidden in it (practice §11)."""
        checked = self.state.checked
        return (checked.hidden.gate if checked else NUMBERS_ALONE)(text)

    def is_open(self, step: str) -> bool:
        """Return whether a step can be gone to."""
        checked = self.state.checked
        plan = checked.plan if checked else None
        ways: Mapping[str, bool] = {
            "folder": True,
            "check": checked is not None,
            "preview": plan is not None,
            "generate": plan is not None and self.state.previewed == plan.run_id,
            "done": self.state.written is not None,
        }
        return ways[step]

    @property
    def current(self) -> str:
        """The address of the furthest step there is."""
        if self.worker.is_busy:
            return url_for("work")
        if self.state.written is not None:
            return url_for("done")
        return url_for("check" if self.state.checked else "folder")

    def begin(self, title: str, work: Callable[[Progress], PageState], *, then: str, back: str) -> Response:
        """Have work done that leads to another state, and show how it goes on."""

        def change_state(progress: Progress) -> None:
            state = work(progress)
            progress("完成")  # what was cancelled meanwhile changes nothing
            self.state = state

        try:
            self.worker.begin(Errand(title, change_state, _STEP_OF.get(then, then), url_for(then), url_for(back)))
        except BusyError:
            self.note("正在做另一件事，请等它结束，或先取消它。", bad=True)
        return self.go("work")

    def go(self, endpoint: str) -> Response:
        """Send the browser to a page after a form."""
        return redirect(url_for(endpoint), code=SEE_OTHER)

    def attempt(self, action: Callable[[], str], endpoint: str) -> Response:
        """Do something short, say what became of it, and go to a page."""
        try:
            text = action()
        except SheetcrmError as error:
            self.note(str(error), bad=True)
        else:
            if text:
                self.note(text)
        return self.go(endpoint)

    def current_checked(self) -> Checked:
        """Return what a form is about.

        Raises:
            StaleError: If it is about an older state: another tab has gone on.
        """
        checked = self.state.checked
        if checked is None or request.form.get("key") != checked.key:
            raise StaleError
        return checked

    def set_state(self, **changes: object) -> None:
        """Change parts of the state."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields of PageState by name


Routes = Sequence[tuple[str, str, Callable[..., Response | str | tuple[str, int]]]]
"""Method, address, and a function of the site that answers; its name is the route's."""


class StaleError(UsageError):
    """A form of an older page: the state has changed since, in another tab perhaps."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("这一页已经过时：另一个标签页或窗口里已经往下做了，什么也没有写", "请看现在的这一步")
