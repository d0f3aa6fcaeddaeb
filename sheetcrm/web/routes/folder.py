"""Step ①: the folder and the period."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from sheetcrm.errors import SheetcrmError
from sheetcrm.periods import KINDS
from sheetcrm.policy import loading
from sheetcrm.privacy import Raw
from sheetcrm.runs.apply import WRITING
from sheetcrm.runs.reading import Progress
from sheetcrm.web import steps
from sheetcrm.web.folders import look
from sheetcrm.web.site import Routes, Site
from sheetcrm.web.state import PageState
from sheetcrm.web.tasks import Fields

_TEXTS = ("folder", "period", "output", "preset", "policy", "keep", "period_kind")


def folder(site: Site) -> str:
    """Ask for the folder and the period; a folder in the address was looked for on the page."""
    fields, chosen = site.state.fields, request.args.get("folder", "")
    return site.render(
        "folder",
        "folder",
        fields=_as_typed(replace(fields, folder=chosen) if chosen else fields),
        presets=list(loading.PRESETS),
        kinds=KINDS,
        has_dialog=site.desktop.has_dialog(),
    )


def _as_typed(fields: Fields) -> Fields:
    """Return the fields for the form they were typed into."""
    typed: dict[str, Any] = {name: Raw(getattr(fields, name)) for name in _TEXTS}
    return replace(fields, **typed)


def folders(site: Site) -> str:
    """List the folders in a folder, to look for one."""
    return site.render("folders", "folder", look=look(request.args.get("at", "")))


def start(site: Site) -> Response:
    """Check the workbooks of a folder, or let a person choose one in a dialog."""
    fields = fields_of_form()
    if "choose" in request.form:
        return _choose(site, fields)
    site.set_state(fields=fields)
    keeping = "remember" in request.form

    def check(progress: Progress) -> PageState:
        state = steps.check(fields, site.understand, progress)
        if keeping and state.checked:
            progress(WRITING)
            try:
                site.note(f"设置已写进 {steps.keep_settings(state.checked.task, fields)}")
            except SheetcrmError as error:
                site.note(str(error), bad=True)
        return state

    return site.begin("正在检查", check, then="check", back="folder")


def _choose(site: Site, fields: Fields) -> Response:
    def ask() -> str:
        chosen = site.desktop.choose_folder(fields.folder)
        site.set_state(fields=replace(fields, folder=chosen or fields.folder))
        return "" if chosen else "没有选文件夹。"

    return site.attempt(ask, "folder")


def fields_of_form() -> Fields:
    """Read the first page's form."""
    texts = {name: request.form.get(name, "").strip() for name in _TEXTS}
    texts["folder"] = texts["folder"].strip("\"'“”")  # as Windows copies a path
    return Fields(**texts, numbering="numbering" in request.form)


ROUTES: Routes = (
    ("GET", "/folder", folder),
    ("GET", "/folders", folders),
    ("POST", "/folder", start),
)
"""The routes of this step: method, address, and what answers."""
