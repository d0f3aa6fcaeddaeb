"""Steps ④ and ⑤: generating, in their own workbooks only after a second yes; what was written; the way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import abort, request
from werkzeug.wrappers import Response

from sheetcrm.errors import UsageError
from sheetcrm.runs import restoring
from sheetcrm.runs.reading import Progress
from sheetcrm.store.files.backups import Backup
from sheetcrm.web import steps, views
from sheetcrm.web.site import Routes, Site, StaleError
from sheetcrm.web.state import Checked, PageState, saved_since
from sheetcrm.web.tasks import Task

_NOT_FOUND = 404
_SHOWN_HERE = {".html": "text/html", ".pdf": "application/pdf"}
"""What the browser shows; anything else it saves."""


def generate(site: Site) -> Response | str:
    """Ask where the results go."""
    checked = site.state.checked
    if checked is None or not site.is_open("generate"):
        return site.go("preview")
    return site.render("generate", "generate", **_options(checked))


def begin(site: Site) -> Response | str:
    """Write the results; into their own workbooks only where a person said yes twice."""
    checked = site.current_checked()
    why, step = _refusal(site, checked)
    if why:
        site.note(why, bad=True)
        return site.go(step)
    in_place, sure = request.form.get("where") == "in-place", "sure" in request.form
    if in_place and not sure:
        return site.render("sure", "generate", form=request.form, **_options(checked))
    options = {"pdf": "no-pdf" not in request.form, "full": "full" in request.form}
    replacing = "replacing" in request.form

    def write(progress: Progress) -> PageState:
        written = steps.generate(checked, in_place=in_place, replacing=replacing, progress=progress, **options)
        return replace(site.state, written=written, previewed="")

    return site.begin("正在生成", write, then="done", back="generate")


def done(site: Site) -> Response | str:
    """List what was written, and what was not and why."""
    written = site.state.written
    if written is None:
        return site.go("folder")
    return site.render("done", "done", written=written, files=views.sort_files(written))


def file(site: Site, name: str) -> Response:
    """Show one of the results in the browser."""
    written = site.state.written
    if written is None or name not in written.outcome.files:
        abort(_NOT_FOUND)
    path = written.outcome.folder / name
    if not path.is_file():
        abort(_NOT_FOUND)
    kind = _SHOWN_HERE.get(path.suffix.lower())
    if kind == _SHOWN_HERE[".html"] and written.task.templates:
        abort(_NOT_FOUND)  # others' templates may hold scripts: these have no part in this page's origin
    answer = Response(path.read_bytes(), mimetype=kind or "application/octet-stream")
    if kind is None:
        answer.headers.set("Content-Disposition", "attachment", filename=path.name)
    # index.html states a policy of its own, by the hashes of its style and script: both hold together
    answer.headers["Content-Security-Policy"] = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return answer


def open_file(site: Site) -> Response:
    """Open a workbook, a result or the folder with its own program."""

    def run() -> str:
        site.desktop.open_path(_target(site))
        return "已交给电脑上的程序打开。"

    return site.attempt(run, "done" if "output" in request.form else "check")


def restore(site: Site) -> Response | str:
    """List the backups of the workbooks."""
    copies = _backups(site)
    return site.render("restore", "done", backups=copies, base=_folder(site))


def bring_back(site: Site) -> Response:
    """Bring one of the backups back."""

    def run() -> str:
        chosen = next((one for one in _backups(site) if str(one.path) == request.form.get("backup")), None)
        if chosen is None:
            raise StaleError
        kept, unconfirmed = restoring.restore(chosen)
        task, what = _task(site), f"第 {chosen.number} 份备份"
        unrecorded = restoring.put_on_record(task.output, what, chosen.path, chosen.original) if task else ""
        again = f"，恢复前的内容是第 {kept.number} 份备份" if kept else ""
        return f"已恢复“{chosen.original}”（第 {chosen.number} 份备份）{again}。{unconfirmed}{unrecorded}"

    return site.attempt(run, "restore")


def _options(checked: Checked) -> dict[str, object]:
    plan = checked.plan
    workbooks = plan.workbooks if plan else ()
    return {
        "books": [entry for entry in workbooks if not entry.source.copy_of],
        "changed": sum(entry.changed and not entry.source.copy_of for entry in workbooks),
        "displaced": str(plan.displaced or "") if plan else "",
        "former": views.say_former(checked),
        "target": str(checked.task.output / checked.task.run.period.label),
    }


def _refusal(site: Site, checked: Checked) -> tuple[str, str]:
    """Return why nothing may be generated now, and the step to go to; without a preview nothing is written."""
    plan, written = checked.plan, site.state.written
    if written is not None and written.run_id == checked.key:
        return "这一次的结果已经生成了。要再生成，请先重新检查。", "check"
    if plan is None or site.state.previewed != checked.key:
        return "还没有看过这一次的预览，什么也没有写。请先看预览。", "preview"
    if saved_since(checked):
        return "检查之后有工作簿又保存过，什么也没有写。请重新检查，以新的内容为准。", "check"
    if checked.former:
        return "请先选定等级方案，什么也没有写。", "preview"
    if plan.displaced and "replacing" not in request.form:
        return f"{plan.displaced}。什么也没有写。请核对文件夹；确实要换掉，请勾选“仍然换掉”。", "generate"
    return "", ""


def _target(site: Site) -> Path:
    """Find what is to be opened: a workbook that was read, a result, or the folder of the results."""
    checked, written = site.state.checked, site.state.written
    name = request.form.get("input")
    if name is not None and checked is not None and name in checked.paths:
        return checked.paths[name]
    output = request.form.get("output")
    if written is not None and output == "":
        return written.outcome.folder
    if written is not None and output in written.outcome.files:
        return written.outcome.folder / output
    raise StaleError


def _task(site: Site) -> Task | None:
    state = site.state
    return state.checked.task if state.checked else state.written.task if state.written else None


def _folder(site: Site) -> Path | None:
    task = _task(site)
    return task.folder if task else None


def _backups(site: Site) -> tuple[Backup, ...]:
    folder = _folder(site)
    try:
        return restoring.backups_of([folder]) if folder else ()
    except UsageError:
        return ()


ROUTES: Routes = (
    ("GET", "/generate", generate),
    ("POST", "/generate", begin),
    ("GET", "/done", done),
    ("GET", "/files/<path:name>", file),
    ("POST", "/open", open_file),
    ("GET", "/restore", restore),
    ("POST", "/restore", bring_back),
)
"""The routes of this step: method, address, and what answers."""
