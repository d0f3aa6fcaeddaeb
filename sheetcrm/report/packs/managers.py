"""The packs of one person: the tasks (a list, a calendar), and the customers to hand over.

A person is named by a short number. Lists longer than the policy's volume_rows are cut into volumes.
Made for some customers only, a pack states that and has a name of its own, so that it never takes the
place of the whole one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sheetcrm.model import Assessment
from sheetcrm.report.packs.calendars import calendar
from sheetcrm.report.packs.context import PackContext
from sheetcrm.report.packs.customers import Masker, reminder, routine, task, weight
from sheetcrm.report.packs.kinds import CALENDAR, FOLLOW_UP, HANDOVER
from sheetcrm.report.packs.pack_views import OwnerPage, TaskRow
from sheetcrm.report.pages import naming
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.rows import RowT, cut_volumes
from sheetcrm.report.press.pool import Job

_NAMED = 3


def numbered(context: PackContext) -> Iterator[tuple[str, str]]:
    """Number everybody who owns a customer or has something to do, by name; yield those asked for."""
    named = {assessment.owner for assessment in context.results.assessments if assessment.owner}
    named |= {item.owner for assessment in context.results.assessments for item in assessment.due}
    named |= {row.owner for row in context.results.lists.routines}
    width = max(2, len(str(len(named))))
    return (
        (f"{number:0{width}}", owner)
        for number, owner in enumerate(sorted(named), start=1)
        if _is_wanted(context, owner)
    )


def handed_over(context: PackContext) -> int:
    """Count the people asked for who have customers to hand over."""
    return len({assessment.owner for assessment in context.chosen() if assessment.owner})


def jobs(context: PackContext, number: str, owner: str) -> Iterator[Job]:
    """Lay out one person's lists; the customers of a handover are those the person is 客户经理 of."""
    if FOLLOW_UP in context.wanted.kinds:
        yield from _follow_up(context, number, owner)
    if HANDOVER in context.wanted.kinds:
        yield from _handover(context, number, owner)


def files(context: PackContext, number: str, owner: str) -> Mapping[str, bytes]:
    """Write one person's calendar."""
    if CALENDAR not in context.wanted.kinds:
        return {}
    run = context.results.run
    name = f"{CALENDAR} {run.period.label} {number}"
    tasks = (*_tasks(context, owner), *_reminders(context, owner), *_routines(context, owner))
    return {f"{_stem(context, CALENDAR, number)}.ics": calendar(name, tasks, run=run, gate=context.gate)}


def _is_wanted(context: PackContext, owner: str) -> bool:
    """Return whether an owner is asked for, and has a customer or a task among the customers asked for."""
    if context.wanted.owners and owner not in context.wanted.owners:
        return False
    touched = (
        assessment.owner == owner or any(item.owner == owner for item in assessment.due)
        for assessment in context.of_customers()
    )
    return not context.wanted.customers or any(touched)


def _follow_up(context: PackContext, number: str, owner: str) -> Iterator[Job]:
    tasks = _tasks(context, owner)
    listed = (*tasks, *_reminders(context, owner), *_routines(context, owner))
    for name, page, part in _volumes(context, FOLLOW_UP, number, owner, tasks, listed, [1] * len(listed)):
        overdue = tuple(row for row in part if row.overdue_days)
        due = tuple(row for row in part if not (row.overdue_days or row.regrading or row.routine))
        regrading = tuple(row for row in part if row.regrading)
        routines = tuple(row for row in part if row.routine)
        filled = replace(page, overdue=overdue, due=due, regrading=regrading, routines=routines)
        yield Job(name, context.pages.fill("pack_follow_up.html", filled))


def _handover(context: PackContext, number: str, owner: str) -> Iterator[Job]:
    own: list[Assessment] = [assessment for assessment in context.of_customers() if assessment.owner == owner]
    if not own:
        return
    tasks = _tasks(context, owner)
    before = 0
    for name, page, part in _volumes(
        context, HANDOVER, number, owner, tasks, own, [weight(assessment) for assessment in own]
    ):
        filled = replace(
            page,
            customers=tuple(context.view(assessment) for assessment in part),
            customers_before=before,
            customers_total=len(own),
        )
        before += len(part)
        yield Job(name, context.pages.fill("pack_handover.html", filled))


def _volumes(
    context: PackContext,
    kind: str,
    number: str,
    owner: str,
    tasks: Sequence[TaskRow],
    rows: Sequence[RowT],
    weights: Sequence[int],
) -> Iterator[tuple[str, OwnerPage, Sequence[RowT]]]:
    """Yield the file name, the page without its rows, and the rows of each volume of a person's pack."""
    late = sum(1 for row in tasks if row.overdue_days)
    own = [entry for entry in context.of_customers() if entry.owner == owner]
    parts = cut_volumes(rows, weights, context.results.run.policy.report.volume_rows)
    for volume, part in enumerate(parts, start=1):
        page = OwnerPage(
            head=context.head(kind, number=number, scope=_scope(context), part=(volume, len(parts)), of=own),
            owner=clean(owner),
            horizon=context.results.run.horizon,
            overdue_total=late,
            due_total=len(tasks) - late,
        )
        yield naming.volume(_stem(context, kind, number), volume, len(parts)), page, part


def _tasks(context: PackContext, owner: str) -> tuple[TaskRow, ...]:
    """List a person's tasks: overdue, and due by the horizon."""
    rows = (
        task(assessment, item, Masker(assessment, unmasked=context.wanted.unmasked))
        for assessment in context.of_customers()
        for item in assessment.due
        if item.owner == owner and (item.overdue_days or item.due <= context.results.run.horizon)
    )
    return tuple(sorted(rows, key=lambda row: (row.due, row.customer_id, row.action)))


def _reminders(context: PackContext, owner: str) -> tuple[TaskRow, ...]:
    """List a person's customers whose tier falls due for re-grading: 分类复核提醒, no task of the plan."""
    wanted = {id(assessment) for assessment in context.of_customers()}
    return tuple(
        reminder(row, Masker(row.assessment, unmasked=context.wanted.unmasked))
        for row in context.results.lists.reminders
        if row.assessment.owner == owner and id(row.assessment) in wanted
    )


def _routines(context: PackContext, owner: str) -> tuple[TaskRow, ...]:
    """List what the calendar asks of a person, unless the lists are for some customers only."""
    if context.wanted.customers:
        return ()
    return tuple(routine(row) for row in context.results.lists.routines if row.owner == owner)


def _stem(context: PackContext, kind: str, number: str) -> str:
    """Name a person's pack: by the customers too, where it is for some only."""
    asked = sorted(context.wanted.customers)
    if not asked:
        return f"{kind}/{kind}-{number}"
    some = context.stems[asked[0]] if len(asked) == 1 else f"{len(asked)}家客户-{naming.short_hash(*asked)}"
    return f"{kind}/{kind}-{number}-只含{some}"


def _scope(context: PackContext) -> str:
    """Render which customers a pack is for, where it is for some only."""
    asked = sorted(context.wanted.customers)
    if not asked:
        return ""
    listed = "、".join(clean(customer_id) for customer_id in asked[:_NAMED])
    return f"只含客户 {listed}" + (f" 等 {len(asked)} 家" if len(asked) > _NAMED else "")
