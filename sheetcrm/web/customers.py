"""One customer on a page: found by number or by a part of the name, and why the tier is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.assess.words import explanation
from sheetcrm.assess.words.closing import say_reason
from sheetcrm.model import Assessment
from sheetcrm.runs.customer_choice import matches
from sheetcrm.runs.disclosing import disclose
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.history.recorded import EXPLAINED
from sheetcrm.web.state import Checked

MOST_MATCHES = 200


@dataclass(frozen=True, slots=True)
class Match:
    """A customer that was searched for; `place` is its place in the plan, `shown` the 客户编号 as it is shown."""

    place: int
    shown: str
    name: str
    grade: str
    owner: str


@dataclass(frozen=True, slots=True)
class ShownCustomer:
    """All that is said of a customer."""

    shown: str
    name: str
    grade: str
    before: str
    score: str
    owner: str
    awaiting: bool
    change: str
    figures: Sequence[tuple[str, str, str]]
    parts: Sequence[tuple[str, str, str]]
    reasons: Sequence[str]
    classes: str
    health: str
    alerts: Sequence[tuple[str, str, str, str]]
    due: Sequence[tuple[str, str, str, str]]


def search(checked: Checked, plan: Plan, query: str) -> list[Match]:
    """Find the customers that a text fits, as the command line does."""
    entries = {entry.customer.customer_id: (place, entry) for place, entry in enumerate(plan.assessments)}
    fitting = matches(query, {number: entry.customer.name for number, (_, entry) in entries.items()})
    return [_match(checked, *entries[number]) for number in fitting]


def of_grade(checked: Checked, plan: Plan, grade: str) -> list[Match]:
    """List the customers of a 等级, in the order of the plan."""
    return [_match(checked, place, entry) for place, entry in enumerate(plan.assessments) if entry.grade == grade]


def _match(checked: Checked, place: int, entry: Assessment) -> Match:
    hidden = checked.hidden
    return Match(
        place=place,
        shown=hidden.in_text(entry.customer.customer_id),
        name=hidden.of_customer(entry.customer),
        grade=entry.grade,
        owner=hidden.in_text(entry.owner),
    )


def show(checked: Checked, plan: Plan, place: int) -> ShownCustomer | None:
    """Return what is said of a customer; None where there is none at that place of the plan."""
    if not 0 <= place < len(plan.assessments):
        return None
    entry = plan.assessments[place]
    text = checked.hidden.in_text
    return ShownCustomer(
        shown=text(entry.customer.customer_id),
        name=checked.hidden.of_customer(entry.customer),
        grade=entry.grade,
        before=entry.previous_grade or "",
        score="" if entry.score.total is None else str(entry.score.total),
        owner=text(entry.owner),
        awaiting=entry.awaiting_audit,
        change=text(entry.change),
        figures=[(line.label, text(line.shown), text(line.source)) for line in explanation.figure_lines(entry)],
        parts=[
            (
                part.label,
                f"{explanation.say_number(part.weight)}%",
                "无数据" if part.points is None else explanation.say_number(round(part.points, 1)),
            )
            for part in entry.score.contributions
        ],
        reasons=[text(reason) for reason in entry.reasons],
        classes=text(entry.tags),
        health=entry.health.colour + (f"（{text(entry.health.note)}）" if entry.health.note else ""),
        alerts=[(one.level, one.code, text(one.action), one.due.isoformat()) for one in entry.alerts],
        due=[
            (
                item.due.isoformat() + ("（预计）" if item.estimated else ""),
                text(item.marked),
                text(item.owner),
                f"逾期 {item.overdue_days} 天" if item.overdue_days else text(say_reason(item, plan.run.policy)),
            )
            for item in entry.due
        ],
    )


def put_on_record(checked: Checked, plan: Plan, place: int) -> str:
    """Put on record that a customer was looked at (practice §11); return why it could not be, blank where it was."""
    return disclose(
        checked.task.output,
        action=EXPLAINED,
        what=plan.assessments[place].customer.customer_id,
        purpose="查看等级和理由",
        source="、".join(one.name for one in checked.inputs),
        target="网页",
        person=plan.run.person,
    )
