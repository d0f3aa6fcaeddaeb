"""Turns assessments into printed rows: sorted, cleaned, and without anybody's contacts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from sheetcrm.model import (
    Alert,
    Assessment,
    Departed,
    DueItem,
    Figures,
    Movement,
    Problem,
    ServiceRequest,
    Severity,
    Standing,
)
from sheetcrm.model.lists import Shift
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
    WorkloadRow,
)

LEVELS = ("高", "中", "低")
"""The levels of an alert, the gravest first."""
MOVE_ROWS = 2
"""How many rows a movement takes: the customer, and the reason."""
_COLOURS = ("红", "黄")
_MANAGER = "客户经理"
_LONGEST_PROSE = 500
_DAY = timedelta(days=1)


def prose(text: str) -> str:
    """Clean whole sentences people wrote, and mask the phones and addresses in it (practice §11). Pure."""
    return mask_text(clean(text), limit=_LONGEST_PROSE)


def weight(assessment: Assessment, figures: Figures, *, full: bool) -> int:
    """Count the rows a customer takes in its tier's lists; in short ones that is its row of the roster. Pure."""
    if not full:
        return 1
    due_rows = sum(1 for item in assessment.due if item.overdue_days or item.due <= figures.horizon)
    moved = MOVE_ROWS if assessment.previous_grade and assessment.previous_grade != assessment.grade else 0
    return 1 + len(assessment.alerts) + (assessment.health.colour in _COLOURS) + due_rows + moved


def roster_row(assessment: Assessment, number: int) -> RosterRow:
    """Show a customer in its tier's roster. Pure."""
    upcoming = assessment.due[0] if assessment.due else None
    return RosterRow(
        number=number,
        customer_id=clean(assessment.customer.customer_id),
        name=clean(assessment.customer.name),
        owner=clean(assessment.owner),
        score=assessment.score.total,
        spend_12m=assessment.measures.spend_12m,
        recency_days=assessment.measures.recency_days,
        movement=assessment.movement.value if assessment.movement else "",
        health=assessment.health.colour if assessment.health.colour in (*_COLOURS, "绿") else "",
        next_due=upcoming.due if upcoming else None,
        overdue_days=upcoming.overdue_days if upcoming else 0,
        awaiting_audit=assessment.awaiting_audit,
        reaffirmed=assessment.reaffirmed,
        overridden=assessment.override is not None,
        outdated=assessment.outdated,
    )


def moves(assessments: Iterable[Assessment], shifts: Mapping[str, Shift]) -> tuple[MoveRow, ...]:
    """List those whose grade is not the last period's: promoted, demoted, others; the largest effect first. Pure."""
    places = {key: place for place, key in enumerate(shifts)}
    moved = (
        assessment
        for assessment in assessments
        if assessment.previous_grade and assessment.previous_grade != assessment.grade
    )
    rows = (
        MoveRow(
            customer_id=clean(assessment.customer.customer_id),
            name=clean(assessment.customer.name),
            owner=clean(assessment.owner),
            previous=clean(assessment.previous_grade),
            grade=assessment.grade,
            direction=assessment.movement.value if assessment.movement in (Movement.UP, Movement.DOWN) else "",
            score=assessment.score.total,
            change=assessment.change and _why_moved(assessment.change, shifts.get(assessment.customer.customer_id)),
            reason=_why_moved(assessment.standing_note, shifts.get(assessment.customer.customer_id)),
        )
        for assessment in moved
    )
    order = [Movement.UP.value, Movement.DOWN.value, ""]
    return tuple(
        sorted(
            rows,
            key=lambda row: (order.index(row.direction), places.get(row.customer_id, len(places)), row.customer_id),
        )
    )


def _why_moved(text: str, shift: Shift | None) -> str:
    return prose("；".join(filter(None, (text, shift.note if shift else ""))))


def departures(departed: Iterable[Departed]) -> tuple[MoveRow, ...]:
    """List those whose row is gone since the last period; their names are not on record. Pure."""
    return tuple(
        MoveRow(
            customer_id=clean(one.customer_id),
            name="",
            owner=clean(one.owner),
            previous=clean(one.past.grade),
            grade=Movement.GONE.value,
            direction=Movement.GONE.value,
            score=None,
            change=f"{one.past.period} 在册，本期的工作簿里没有；确已转出则不用改，误删的请补回",
            reason="",
        )
        for one in departed
    )


def alerts(assessments: Iterable[Assessment]) -> tuple[AlertRow, ...]:
    """List the alerts by level, day and code. Pure."""
    rows = (
        alert_row(assessment, alert, note=clean(alert.note))
        for assessment in assessments
        for alert in assessment.alerts
    )
    return tuple(sorted(rows, key=lambda row: (LEVELS.index(row.level), row.due, row.code, row.customer_id)))


def alert_row(assessment: Assessment, alert: Alert, *, note: str) -> AlertRow:
    """Show an alert. The owner's role becomes the customer's own 客户经理. Pure."""
    return AlertRow(
        level=alert.level,
        code=clean(alert.code),
        customer_id=clean(assessment.customer.customer_id),
        name=clean(assessment.customer.name),
        action=clean(alert.action),
        owner=clean(assessment.owner if alert.owner == _MANAGER and assessment.owner else alert.owner),
        due=alert.due,
        note=note,
    )


def health(assessments: Iterable[Assessment]) -> tuple[HealthRow, ...]:
    """List those whose health is not 绿, the worst first, and why. Pure."""
    rows = (
        HealthRow(
            colour=assessment.health.colour,
            risk=assessment.risk,
            customer_id=clean(assessment.customer.customer_id),
            name=clean(assessment.customer.name),
            owner=clean(assessment.owner),
            reason=_why(assessment),
        )
        for assessment in assessments
        if assessment.health.colour in _COLOURS
    )
    return tuple(sorted(rows, key=lambda row: (_COLOURS.index(row.colour), row.risk == "", row.customer_id)))


def _why(assessment: Assessment) -> str:
    health = assessment.health
    reasons = [clean(health.note)] if health.note else []
    if health.bad:
        reasons.append(f"{'、'.join(health.bad)}不良")
    if health.missing:
        reasons.append(f"{'、'.join(health.missing)}无数据")
    return "；".join(reasons)


def overdue(assessments: Iterable[Assessment]) -> tuple[DueRow, ...]:
    """List the follow-ups overdue, the longest first. Pure."""
    late = (_due_row(assessment, item) for assessment in assessments for item in assessment.due if item.overdue_days)
    return tuple(sorted(late, key=lambda row: (-row.overdue_days, row.owner, row.customer_id, row.action)))


def tasks(assessments: Iterable[Assessment], figures: Figures) -> tuple[WorkloadRow, ...]:
    """Count what each person has to do of each action, the most overdue first. Pure."""
    late: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    coming: Counter[tuple[str, str]] = Counter()
    for assessment in assessments:
        for item in assessment.due:
            key = clean(item.owner), clean(item.action)
            if item.overdue_days:
                late[key].append(item.overdue_days)
            elif item.due <= figures.horizon:
                coming[key] += 1
    rows = [
        WorkloadRow(
            owner=key[0], action=key[1], overdue=len(late[key]), longest=max(late[key], default=0), due=coming[key]
        )
        for key in {**late, **coming}
    ]
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.due, row.owner, row.action)))


def due(assessments: Iterable[Assessment], figures: Figures) -> tuple[DueRow, ...]:
    """List the follow-ups of the coming month by day. Pure."""
    coming = (
        _due_row(assessment, item)
        for assessment in assessments
        for item in assessment.due
        if not item.overdue_days and item.due <= figures.horizon
    )
    return tuple(sorted(coming, key=lambda row: (row.due, row.owner, row.customer_id, row.action)))


def _due_row(assessment: Assessment, item: DueItem) -> DueRow:
    return DueRow(
        due=item.due,
        customer_id=clean(assessment.customer.customer_id),
        name=clean(assessment.customer.name),
        grade=assessment.grade,
        action=clean(item.marked),
        promise=prose(item.content) if item.promised else "",
        owner=clean(item.owner),
        overdue_days=item.overdue_days,
        escalated_to=clean(item.escalated_to),
        estimated=item.estimated,
    )


def sample(drawn: Iterable[ServiceRequest], assessments: Iterable[Assessment]) -> tuple[SampleRow, ...]:
    """Show the drawn service records of some customers, in the order they were drawn in. Pure."""
    by_id = {assessment.customer.customer_id: assessment for assessment in assessments}
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


def problems(counts: Mapping[tuple[str, str], int], listed: Sequence[Problem]) -> tuple[ProblemRow, ...]:
    """List kinds of problems, the gravest and most frequent first, with the address of the first one. Pure."""
    firsts: dict[str, Problem] = {}
    for problem in listed:
        firsts.setdefault(problem.kind, problem)
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


def owners(assessments: Iterable[Assessment], figures: Figures) -> tuple[OwnerRow, ...]:
    """Count each person's tasks, those with most overdue first. Pure."""
    items: dict[str, list[DueItem]] = defaultdict(list)
    for assessment in assessments:
        for item in assessment.due:
            if item.overdue_days or item.due <= figures.horizon:
                items[clean(item.owner)].append(item)
    rows = (
        OwnerRow(
            owner=owner,
            overdue=sum(1 for item in own_items if item.overdue_days),
            longest=max(item.overdue_days for item in own_items),
            due=sum(1 for item in own_items if not item.overdue_days),
        )
        for owner, own_items in items.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.due, row.owner)))


def weeks(as_of: date, horizon: date) -> tuple[Week, ...]:
    """Cut the time from the as-of date to the horizon into weeks that end on Sundays. Pure."""
    spans = []
    first = as_of
    while first <= horizon:
        last = min(first + timedelta(days=6 - first.weekday()), horizon)
        spans.append(Week(first=first, last=last))
        first = last + _DAY
    return tuple(spans)


def plan(assessments: Iterable[Assessment], spans: Sequence[Week]) -> tuple[PlanRow, ...]:
    """Count the due items by action and week; the most frequent first. Due and not overdue is this week. Pure."""
    late: dict[str, int] = defaultdict(int)
    coming: dict[str, list[int]] = defaultdict(lambda: [0] * len(spans))
    for assessment in assessments:
        for item in assessment.due:
            if item.overdue_days:
                late[item.action] += 1
                continue
            due = max(item.due, spans[0].first) if spans else item.due  # Friday's promise, not late on Saturday
            for number, span in enumerate(spans):
                if span.first <= due <= span.last:
                    coming[item.action][number] += 1
    rows = (
        PlanRow(action=clean(action), overdue=late.get(action, 0), weeks=tuple(coming.get(action, [0] * len(spans))))
        for action in late.keys() | coming.keys()
    )
    return tuple(sorted(rows, key=lambda row: (-row.overdue - sum(row.weeks), row.action)))


def ungraded(assessments: Iterable[Assessment], grade: str) -> tuple[UngradedRow, ...]:
    """List those without a tier, the reason, and the next action. Pure."""
    members = [assessment for assessment in assessments if assessment.grade == grade]
    return tuple(
        UngradedRow(
            customer_id=clean(assessment.customer.customer_id),
            name=clean(assessment.customer.name),
            owner=clean(assessment.owner),
            previous=clean(assessment.previous_grade),
            reason=prose(assessment.explanation),
            next_due=assessment.due[0].due if assessment.due else None,
            next_action=clean(assessment.due[0].action) if assessment.due else "",
            likely=likely_buyer(assessment),
        )
        for assessment in sorted(members, key=lambda assessment: assessment.customer.customer_id)
    )


def likely_buyer(assessment: Assessment) -> bool:
    """Return whether a customer that has not bought is likely to: its 合作意向 is 高 (practice §4.3). Pure."""
    profile = assessment.customer.profile
    return assessment.standing is Standing.UNSOLD and profile is not None and profile.intent == "高"


RowT = TypeVar("RowT")


def cut_volumes(rows: Sequence[RowT], weights: Sequence[int], size: int) -> list[Sequence[RowT]]:
    """Cut rows into volumes of at most a weight each, so that the memory a file takes is bounded.

    A row that weighs more is a volume of its own; no rows are one volume. Pure.
    """
    volumes: list[Sequence[RowT]] = []
    start = heavy = 0
    for number, row_weight in enumerate(weights):
        if heavy + row_weight > size and number > start:
            volumes.append(rows[start:number])
            start, heavy = number, 0
        heavy += row_weight
    return [*volumes, rows[start:]]


def within(rows: Sequence[RowT], start: int, end: int, *, after: int) -> tuple[RowT, ...]:
    """Take the rows between two places of a longer list, in which they begin at `after`. Pure."""
    return tuple(rows[max(start - after, 0) : max(end - after, 0)])
