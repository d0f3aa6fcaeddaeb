"""Step ③: tiers, who moves and why, the cells that will change, one customer, and other figures tried."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from sheetcrm.errors import SheetcrmError
from sheetcrm.privacy import Raw
from sheetcrm.runs import summaries
from sheetcrm.runs.prepare import Plan
from sheetcrm.runs.reading import Progress
from sheetcrm.web import customers, steps, views
from sheetcrm.web.site import Routes, Site
from sheetcrm.web.state import Checked, PageState

_MOST_MOVES = 200


def _shown(site: Site) -> tuple[Checked, Plan] | None:
    checked = site.state.checked
    return (checked, checked.plan) if checked and checked.plan else None


def preview(site: Site) -> Response | str:
    """Show what would become of the workbooks."""
    ready = _shown(site)
    if ready is None:
        return site.go("check" if site.state.checked else "folder")
    checked, plan = ready
    moves = views.list_moves(checked, plan)
    site.set_state(previewed=plan.run_id)
    return site.render(
        "preview",
        "preview",
        plan=plan,
        tiers=views.count_tiers(plan),
        moves=moves[:_MOST_MOVES],
        moved=len(moves),
        books=views.list_books(checked, plan),
        former=views.say_former(checked),
        displaced=str(plan.displaced or ""),
        read_back=checked.hidden.in_text(summaries.describe_read_back(plan)),
    )


def cells(site: Site) -> Response | str:
    """List the cells of a workbook that will change."""
    ready = _shown(site)
    if ready is None:
        return site.go("check")
    book, start = request.args.get("book", 0, int), max(request.args.get("from", 0, int), 0)
    page = views.page_of_cells(*ready, book=book, start=start, filled="filled" in request.args)
    return site.render("cells", "preview", cells=page) if page else site.go("preview")


def customer(site: Site) -> Response | str:
    """Look a customer up."""
    ready = _shown(site)
    if ready is None:
        return site.go("check")
    query, place = Raw(request.args.get("q", "").strip()), request.args.get("id", -1, int)
    grade = request.args.get("grade", "")
    hits = customers.search(*ready, query) if query else customers.of_grade(*ready, grade) if grade else []
    matches = hits[: customers.MOST_MATCHES]
    if len(matches) == 1 and place < 0:
        place = matches[0].place
    entry = customers.show(*ready, place)
    if entry and (unrecorded := customers.put_on_record(*ready, place)):
        site.note(unrecorded, bad=True)
    return site.render("customer", "preview", query=query, matches=matches, found=len(hits), customer=entry)


def whatif(site: Site) -> Response | str:
    """Ask for other figures, and show who would move under those that were tried."""
    ready = _shown(site)
    if ready is None:
        return site.go("check")
    checked, plan = ready
    tried = site.state.trial.policy if site.state.trial else plan.run.policy
    trial = views.show_trial(checked, site.state.trial) if site.state.trial else None
    return site.render("whatif", "preview", form=views.list_figures(plan.run.policy, tried), trial=trial)


def try_out(site: Site) -> Response:
    """Find out who would move under other figures."""
    checked = site.current_checked()
    policy = checked.task.run.policy
    fields = views.list_figures(policy, policy)
    weights = {line.label: request.form.get(line.name, "") for line in fields.weights}
    floors = {line.label: request.form.get(line.name, "") for line in fields.floors}
    try:
        other = steps.tried_policy(policy, weights, floors)
    except SheetcrmError as error:
        site.note(str(error), bad=True)
        return site.go("whatif")
    state = site.state

    def compare(progress: Progress) -> PageState:
        trial = steps.compare_policies(checked, other, progress)
        return PageState(state.fields, state.checked, state.previewed, trial, state.written)

    return site.begin("正在试算", compare, then="whatif", back="whatif")


ROUTES: Routes = (
    ("GET", "/preview", preview),
    ("GET", "/preview/cells", cells),
    ("GET", "/preview/customer", customer),
    ("GET", "/preview/whatif", whatif),
    ("POST", "/preview/whatif", try_out),
)
"""The routes of this step: method, address, and what answers."""
