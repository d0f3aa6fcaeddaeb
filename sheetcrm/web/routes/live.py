"""How work goes on, whether pages are open, and the style sheet and the script."""

from __future__ import annotations

from flask import abort, jsonify, redirect, request
from werkzeug.wrappers import Response

from sheetcrm.report.pages.template_files import SHARED_STYLE, shipped_templates
from sheetcrm.web.site import PAGES, SEE_OTHER, Routes, Site
from sheetcrm.web.state import saved_since, signature, stamps_of

_STYLE = "web.css"
_ASSETS = {_STYLE: "text/css", "web.js": "text/javascript", "icon.svg": "image/svg+xml"}
_NO_CONTENT = 204
_NOT_FOUND = 404


def work(site: Site) -> Response | str:
    """Show how the work goes on; when it is done, go where it leads, and say what stopped it."""
    job = site.worker.job
    if job is None:
        return redirect(site.current, code=SEE_OTHER)
    if not job.is_done:
        return site.render("work", job.step)
    for text, is_bad in job.take_outcome():
        site.note(text, bad=is_bad)
    return redirect(job.next, code=SEE_OTHER)


def cancel(site: Site) -> Response:
    """Cancel the work, as long as nothing is written."""
    job = site.worker.job
    if job is None or not job.cancel():
        site.note("已经开始写文件，或已经做完，不能取消了。", bad=True)
    return site.go("work")


def state(site: Site) -> Response:
    """Say, for the script, how the work goes on, and whether a workbook was saved since it was read."""
    job, checked = site.worker.job, site.state.checked
    stamps = stamps_of([*checked.stamps]) if checked else {}
    return jsonify(
        busy=site.worker.is_busy,
        message=site.shown(job.message) if job else "",
        writing=job.is_writing if job else False,
        saved=saved_since(checked) if checked else False,
        signature=signature(stamps),
    )


def beat(site: Site) -> tuple[str, int]:
    """Hear that a page is open."""
    site.presence.beat(request.form.get("page", "")[:32], is_active=request.form.get("active") == "1")
    return "", _NO_CONTENT


def leave(site: Site) -> tuple[str, int]:
    """Hear that a page was left."""
    site.presence.leave(request.form.get("page", "")[:32])
    return "", _NO_CONTENT


def asset(_site: Site, name: str) -> Response:
    """Send the style sheet, behind what it has in common with the 看板's, or the script, or the icon."""
    if name not in _ASSETS:
        abort(_NOT_FOUND)
    shared = (shipped_templates() / SHARED_STYLE).read_bytes() if name == _STYLE else b""
    return Response(shared + (PAGES / name).read_bytes(), mimetype=_ASSETS[name])


ROUTES: Routes = (
    ("GET", "/progress", work),
    ("POST", "/progress/cancel", cancel),
    ("GET", "/state", state),
    ("POST", "/beat", beat),
    ("POST", "/leave", leave),
    ("GET", "/asset/<name>", asset),
)
"""The routes of this step: method, address, and what answers."""
