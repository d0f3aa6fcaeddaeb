"""The packs of one person: the tasks (a list, a calendar), and the customers to hand over.

A person is named by a short number. Lists longer than the policy's volume_rows are cut into volumes.
Made for some customers only, a pack states that and has a name of its own, so that it never takes the
place of the whole one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetcrm.model import Assessment
from sheetcrm.report.packs.calendars import calendar
from sheetcrm.report.packs.customers import Masker, task, weight
from sheetcrm.report.packs.desk import Desk
from sheetcrm.report.packs.kinds import CALENDAR, FOLLOW_UP, HANDOVER
from sheetcrm.report.packs.pack_views import OwnerPage, TaskRow
from sheetcrm.report.pages import naming, volumes
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.press.pool import Job

_NAMED = 3


def numbered(desk: Desk) -> Iterator[tuple[str, str]]:
    """Number everybody who owns a customer or has something to do, by name; yield those asked for."""
    named = {entry.owner for entry in desk.assessments if entry.owner}
    named |= {item.owner for entry in desk.assessments for item in entry.due}
    width = max(2, len(str(len(named))))
    return (
        (f"{number:0{width}}", owner) for number, owner in enumerate(sorted(named), start=1) if _is_wanted(desk, owner)
    )


def handed_over(desk: Desk) -> int:
    """Count the people asked for who have customers to hand over."""
    return len({entry.owner for entry in desk.chosen() if entry.owner})


def jobs(desk: Desk, number: str, owner: str) -> Iterator[Job]:
    """Lay out one person's lists; the customers of a handover are those the person is 客户经理 of."""
    if FOLLOW_UP in desk.wanted.kinds:
        yield from _follow_up(desk, number, owner)
    if HANDOVER in desk.wanted.kinds:
        yield from _handover(desk, number, owner)


def files(desk: Desk, number: str, owner: str) -> Mapping[str, bytes]:
    """Write one person's calendar."""
    if CALENDAR not in desk.wanted.kinds:
        return {}
    name = f"{CALENDAR} {desk.figures.period.label} {number}"
    return {f"{_stem(desk, CALENDAR, number)}.ics": calendar(name, _tasks(desk, owner), as_of=desk.figures.as_of)}


def _is_wanted(desk: Desk, owner: str) -> bool:
    """Return whether an owner is asked for, and has a customer or a task among the customers asked for."""
    if desk.wanted.owners and owner not in desk.wanted.owners:
        return False
    touched = (entry.owner == owner or any(item.owner == owner for item in entry.due) for entry in desk.of_customers())
    return not desk.wanted.customers or any(touched)


def _follow_up(desk: Desk, number: str, owner: str) -> Iterator[Job]:
    tasks = _tasks(desk, owner)
    parts = volumes.cut(tasks, [1] * len(tasks), desk.policy.report.volume_rows)
    late = sum(1 for row in tasks if row.overdue_days)
    for volume, part in enumerate(parts, start=1):
        page = OwnerPage(
            head=desk.head(FOLLOW_UP, number=number, scope=_scope(desk), volume=volume, volumes=len(parts)),
            owner=clean(owner),
            horizon=desk.figures.horizon,
            overdue_total=late,
            due_total=len(tasks) - late,
            overdue=tuple(row for row in part if row.overdue_days),
            due=tuple(row for row in part if not row.overdue_days),
        )
        name = naming.volume(_stem(desk, FOLLOW_UP, number), volume, len(parts))
        yield Job(name, desk.pages.fill("pack_follow_up.html", page))


def _handover(desk: Desk, number: str, owner: str) -> Iterator[Job]:
    own: list[Assessment] = [entry for entry in desk.of_customers() if entry.owner == owner]
    if not own:
        return
    tasks = _tasks(desk, owner)
    late = sum(1 for row in tasks if row.overdue_days)
    parts = volumes.cut(own, [weight(entry) for entry in own], desk.policy.report.volume_rows)
    before = 0
    for volume, part in enumerate(parts, start=1):
        page = OwnerPage(
            head=desk.head(HANDOVER, number=number, scope=_scope(desk), volume=volume, volumes=len(parts)),
            owner=clean(owner),
            horizon=desk.figures.horizon,
            overdue_total=late,
            due_total=len(tasks) - late,
            customers=tuple(desk.view(entry) for entry in part),
            customers_before=before,
            customers_total=len(own),
        )
        before += len(part)
        name = naming.volume(_stem(desk, HANDOVER, number), volume, len(parts))
        yield Job(name, desk.pages.fill("pack_handover.html", page))


def _tasks(desk: Desk, owner: str) -> tuple[TaskRow, ...]:
    """List a person's tasks: overdue, and due by the horizon."""
    rows = (
        task(entry, item, Masker(entry, unmasked=desk.wanted.unmasked))
        for entry in desk.of_customers()
        for item in entry.due
        if item.owner == owner and (item.overdue_days or item.due <= desk.figures.horizon)
    )
    return tuple(sorted(rows, key=lambda row: (row.due, row.customer_id, row.action)))


def _stem(desk: Desk, kind: str, number: str) -> str:
    """Name a person's pack: by the customers too, where it is for some only."""
    asked = sorted(desk.wanted.customers)
    if not asked:
        return f"{kind}/{kind}-{number}"
    some = desk.stems[asked[0]] if len(asked) == 1 else f"{len(asked)}位客户-{naming.short_hash(*asked)}"
    return f"{kind}/{kind}-{number}-只含{some}"


def _scope(desk: Desk) -> str:
    """Render which customers a pack is for, where it is for some only."""
    asked = sorted(desk.wanted.customers)
    if not asked:
        return ""
    listed = "、".join(clean(customer_id) for customer_id in asked[:_NAMED])
    return f"只含客户 {listed}" + (f" 等 {len(asked)} 位" if len(asked) > _NAMED else "")
