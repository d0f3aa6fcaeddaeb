"""Step ②: what is wrong where, and what headers stand for."""

from __future__ import annotations

from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response

from sheetcrm.errors import SheetcrmError
from sheetcrm.runs import mapping
from sheetcrm.runs.reading import Progress
from sheetcrm.web import steps, views
from sheetcrm.web.site import Routes, Site
from sheetcrm.web.state import Checked, PageState, signature

_PRESET_NOW = "preset"


def _begin(site: Site) -> Response:
    fields = site.state.fields

    def look(progress: Progress) -> PageState:
        return steps.check(fields, site.understand, progress)

    return site.begin("正在检查", look, then="check", back="check" if site.state.checked else "folder")


def check(site: Site) -> Response | str:
    """List the findings by kind, of one owner or one kind where that is asked for."""
    checked = site.state.checked
    if checked is None:
        return site.go("folder")
    owner, kind = request.args.get("owner", ""), request.args.get("kind", "")
    labels, words = mapping.choices(checked.task.run.policy)
    return site.render(
        "check",
        "check",
        summary=views.summarise(checked),
        groups=views.group_findings(checked, owner=owner, kind=kind),
        owners=views.owners_of(checked),
        chosen_owner=owner,
        chosen_kind=kind,
        proposals=views.show_proposals(checked),
        labels=labels,
        words=words,
        signature=signature(checked.stamps),
    )


def recheck(site: Site) -> Response:
    """Read the workbooks again, under another policy where one is chosen."""
    if _PRESET_NOW in request.form:
        site.set_state(fields=replace(site.state.fields, preset=request.form[_PRESET_NOW], policy=""))
    return _begin(site)


def assign(site: Site) -> Response:
    """Write 表头对照.xlsx as a person has chosen, and read the workbooks again."""
    checked = site.current_checked()
    labels, words = _chosen(checked)
    try:
        file = steps.assign(checked, labels, words)
    except SheetcrmError as error:
        site.note(str(error), bad=True)
        return site.go("check")
    site.note(f"已写进 {file}，按它重新检查了。")
    return _begin(site)


def _chosen(checked: Checked) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str, str], str]]:
    """Read what was chosen for headers and words, by their places in the list; anything else is left."""
    fields, ours = mapping.choices(checked.task.run.policy)
    labels, words = {}, {}
    for place, header in enumerate(checked.proposals.headers):
        label = request.form.get(f"header-{place}", "")
        if label in fields and not header.confirmed:
            labels[header.sheet, header.header] = label
    for place, word in enumerate(checked.proposals.words):
        text = request.form.get(f"word-{place}", "")
        if text in ours and not word.confirmed:
            words[word.sheet, word.header, word.word] = text
    return labels, words


ROUTES: Routes = (
    ("GET", "/check", check),
    ("POST", "/check", recheck),
    ("POST", "/check/mapping", assign),
)
"""The routes of this step: method, address, and what answers."""
