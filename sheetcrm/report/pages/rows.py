"""Assessments to the rows that are printed: sorted, cleaned, and without anybody's contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from sheetcrm.model import Alert, Assessment, DueItem, Figures, Movement, Problem, ServiceRequest, Severity
from sheetcrm.privacy import mask_text
from sheetcrm.problems import title_of
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.views import (
    AlertRow,
    DueRow,
    HealthRow,
    MoveRow,
    OwnerRow,
    PlanRow,
    ProblemRow,
    RosterRow,
    SampleRow,
    UngradedRow,
    Week,
)

LEVELS = ("高", "中", "低")
"""The levels of an alert, the gravest first."""
MOVE_ROWS = 2
"""How many rows a movement takes: the customer, and the reason."""
_COLOURS = ("红", "黄")
_MANAGER = "客户经理"
_LONGEST_PROSE = 500
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def prose(text: str) -> str:
    """Clean what people wrote in whole sentences, and mask the phones and addresses in it (domain §11). Pure."""
    return mask_text(clean(text), limit=_LONGEST_PROSE)


def weight(entry: Assessment, figures: Figures) -> int:
    """Count the rows a customer takes in its tier's lists. Pure."""
    due_rows = sum(1 for item in entry.due if item.overdue_days or item.due <= figures.horizon)
    moved = MOVE_ROWS if entry.previous_grade and entry.previous_grade != entry.grade else 0
    return 1 + len(entry.alerts) + (entry.health.colour in _COLOURS) + due_rows + moved


def roster_row(entry: Assessment, number: int) -> RosterRow:
    """Show a customer in its tier's roster. Pure."""
    upcoming = entry.due[0] if entry.due else None
    return RosterRow(
        number=number,
        customer_id=clean(entry.customer.customer_id),
        name=clean(entry.customer.name),
        owner=clean(entry.owner),
        score=entry.score.total,
        spend_12m=entry.measures.spend_12m,
        recency_days=entry.measures.recency_days,
        movement=entry.movement.value if entry.movement else "",
        health=entry.health.colour if entry.health.colour in (*_COLOURS, "绿") else "",
        next_due=upcoming.due if upcoming else None,
        overdue_days=upcoming.overdue_days if upcoming else 0,
        awaiting_audit=entry.awaiting_audit,
        overridden=entry.override is not None,
        outdated=entry.outdated,
    )


def moves(entries: Iterable[Assessment]) -> tuple[MoveRow, ...]:
    """List those whose grade is not the last period's: promoted, demoted, others. Pure."""
    moved = (entry for entry in entries if entry.previous_grade and entry.previous_grade != entry.grade)
    rows = (
        MoveRow(
            customer_id=clean(entry.customer.customer_id),
            name=clean(entry.customer.name),
            owner=clean(entry.owner),
            previous=clean(entry.previous_grade),
            grade=entry.grade,
            direction=entry.movement.value if entry.movement in (Movement.UP, Movement.DOWN) else "",
            score=entry.score.total,
            change=prose(entry.change),
            reason=prose(entry.explanation),
        )
        for entry in moved
    )
    order = [Movement.UP.value, Movement.DOWN.value, ""]
    return tuple(sorted(rows, key=lambda row: (order.index(row.direction), row.customer_id)))


def alerts(entries: Iterable[Assessment]) -> tuple[AlertRow, ...]:
    """List the alerts by level, day and code. Pure."""
    rows = (alert_row(entry, alert, note=clean(alert.note)) for entry in entries for alert in entry.alerts)
    return tuple(sorted(rows, key=lambda row: (LEVELS.index(row.level), row.due, row.code, row.customer_id)))


def alert_row(entry: Assessment, alert: Alert, *, note: str) -> AlertRow:
    """Show an alert. The owner's role becomes the customer's own 客户经理. Pure."""
    return AlertRow(
        level=alert.level,
        code=clean(alert.code),
        customer_id=clean(entry.customer.customer_id),
        name=clean(entry.customer.name),
        action=clean(alert.action),
        owner=clean(entry.owner if alert.owner == _MANAGER and entry.owner else alert.owner),
        due=alert.due,
        note=note,
    )


def health(entries: Iterable[Assessment]) -> tuple[HealthRow, ...]:
    """List those whose health is not 绿, the worst first, and why. Pure."""
    rows = (
        HealthRow(
            colour=entry.health.colour,
            risk=entry.risk,
            customer_id=clean(entry.customer.customer_id),
            name=clean(entry.customer.name),
            owner=clean(entry.owner),
            reason=_why(entry),
        )
        for entry in entries
        if entry.health.colour in _COLOURS
    )
    return tuple(sorted(rows, key=lambda row: (_COLOURS.index(row.colour), row.risk == "", row.customer_id)))


def _why(entry: Assessment) -> str:
    judged = entry.health
    said = [clean(judged.note)] if judged.note else []
    if judged.bad:
        said.append(f"{'、'.join(judged.bad)}不良")
    if judged.missing:
        said.append(f"{'、'.join(judged.missing)}无数据")
    return "；".join(said)


def overdue(entries: Iterable[Assessment]) -> tuple[DueRow, ...]:
    """List the follow-ups overdue, the longest first. Pure."""
    late = (_due_row(entry, item) for entry in entries for item in entry.due if item.overdue_days)
    return tuple(sorted(late, key=lambda row: (-row.overdue_days, row.owner, row.customer_id, row.action)))


def due(entries: Iterable[Assessment], figures: Figures) -> tuple[DueRow, ...]:
    """List the follow-ups of the coming month by day. Pure."""
    coming = (
        _due_row(entry, item)
        for entry in entries
        for item in entry.due
        if not item.overdue_days and item.due <= figures.horizon
    )
    return tuple(sorted(coming, key=lambda row: (row.due, row.owner, row.customer_id, row.action)))


def _due_row(entry: Assessment, item: DueItem) -> DueRow:
    return DueRow(
        due=item.due,
        customer_id=clean(entry.customer.customer_id),
        name=clean(entry.customer.name),
        grade=entry.grade,
        action=clean(item.action),
        promise=prose(item.content) if item.promised else "",
        owner=clean(item.owner),
        overdue_days=item.overdue_days,
        escalated_to=clean(item.escalated_to),
        estimated=item.estimated,
    )


def sample(drawn: Iterable[ServiceRequest], entries: Iterable[Assessment]) -> tuple[SampleRow, ...]:
    """Show the drawn service records of some customers, in the order they were drawn in. Pure."""
    by_id = {entry.customer.customer_id: entry for entry in entries}
    return tuple(
        SampleRow(
            requested_at=request.requested_at,
            customer_id=clean(request.customer_id),
            name=clean(by_id[request.customer_id].customer.name),
            category=clean(request.category),
            staff=clean(request.staff),
            responded_at=request.responded_at,
            resolved_at=request.resolved_at,
            satisfaction=request.satisfaction,
            where=clean(str(request.ref())),
        )
        for request in drawn
        if request.customer_id in by_id
    )


def problems(counts: Mapping[tuple[str, str], int], found: Sequence[Problem]) -> tuple[ProblemRow, ...]:
    """List kinds of problems, the gravest and most frequent first, with the address of the first one. Pure."""
    firsts: dict[str, Problem] = {}
    for entry in found:
        firsts.setdefault(entry.kind, entry)
    order = [level.value for level in (Severity.ERROR, Severity.WARNING, Severity.NOTE)]
    rows = [
        ProblemRow(
            severity=severity,
            title=title_of(kind),
            count=count,
            where=clean(str(firsts[kind].ref)) if kind in firsts else "",
            fix=prose(firsts[kind].fix) if kind in firsts else "",
        )
        for (severity, kind), count in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (order.index(row.severity), -row.count, row.title)))


def owners(entries: Iterable[Assessment], figures: Figures) -> tuple[OwnerRow, ...]:
    """Count what each person has to do, those with most overdue first. Pure."""
    items: dict[str, list[DueItem]] = defaultdict(list)
    for entry in entries:
        for item in entry.due:
            if item.overdue_days or item.due <= figures.horizon:
                items[clean(item.owner)].append(item)
    rows = (
        OwnerRow(
            owner=owner,
            overdue=sum(1 for item in found if item.overdue_days),
            longest=max(item.overdue_days for item in found),
            due=sum(1 for item in found if not item.overdue_days),
        )
        for owner, found in items.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.due, row.owner)))


def weeks(as_of: date, horizon: date) -> tuple[Week, ...]:
    """Cut the time from the as-of date to the horizon into weeks that end on Sundays. Pure."""
    found = []
    first = as_of
    while first <= horizon:
        last = min(first + timedelta(days=6 - first.weekday()), horizon)
        found.append(Week(first=first, last=last))
        first = last + _DAY
    return tuple(found)


def plan(entries: Iterable[Assessment], spans: Sequence[Week]) -> tuple[PlanRow, ...]:
    """Count what is due by action and week; the most frequent action first. Pure."""
    late: dict[str, int] = defaultdict(int)
    coming: dict[str, list[int]] = defaultdict(lambda: [0] * len(spans))
    for entry in entries:
        for item in entry.due:
            if item.overdue_days:
                late[item.action] += 1
                continue
            for number, span in enumerate(spans):
                if span.first <= item.due <= span.last:
                    coming[item.action][number] += 1
    rows = (
        PlanRow(action=clean(action), overdue=late.get(action, 0), weeks=tuple(coming.get(action, [0] * len(spans))))
        for action in late.keys() | coming.keys()
    )
    return tuple(sorted(rows, key=lambda row: (-row.overdue - sum(row.weeks), row.action)))


def ungraded(entries: Iterable[Assessment], grade: str) -> tuple[UngradedRow, ...]:
    """List those without a tier, the reason, and what is to be done next. Pure."""
    found = [entry for entry in entries if entry.grade == grade]
    return tuple(
        UngradedRow(
            customer_id=clean(entry.customer.customer_id),
            name=clean(entry.customer.name),
            owner=clean(entry.owner),
            previous=clean(entry.previous_grade),
            reason=prose(entry.explanation),
            next_due=entry.due[0].due if entry.due else None,
            next_action=clean(entry.due[0].action) if entry.due else "",
        )
        for entry in sorted(found, key=lambda entry: entry.customer.customer_id)
    )
