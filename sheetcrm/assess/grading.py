"""A whole book to assessments: measures, score, tier, movement, reasons, follow-up (domain §4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sheetcrm.assess import explaining, followup, measures, scoring
from sheetcrm.model import (
    Assessment,
    Book,
    Customer,
    Movement,
    Override,
    Period,
    Problem,
    ScoringRow,
    Standing,
)
from sheetcrm.policy.model import Policy, Step, Tier
from sheetcrm.problems import problem
from sheetcrm.workdays import Calendar


def assess(
    book: Book, *, policy: Policy, period: Period, as_of: date, calendar: Calendar
) -> tuple[tuple[Assessment, ...], tuple[Problem, ...]]:
    """Assess every customer of a book as of a date.

    Returns:
        The assessments in the book's order (by 客户编号), and the problems only figures show.
        Order of rows, sheets and files changes nothing. Pure.
    """
    around = measures.context(book, as_of=as_of, period=period, reading=policy.reading)
    found: list[Assessment] = []
    problems: list[Problem] = []
    for customer in book.customers:
        measured = measures.measure(customer, around)
        problems += measured.problems
        found.append(_assess(customer, measured, policy=policy, period=period, as_of=as_of, calendar=calendar))
    problems += _unread_promises(found)
    return tuple(found), tuple(problems)


def _assess(
    customer: Customer,
    measured: measures.Measured,
    *,
    policy: Policy,
    period: Period,
    as_of: date,
    calendar: Calendar,
) -> Assessment:
    figures = measured.measures
    result = scoring.score(figures, policy.card, policy.scoring)
    unreadable = _unreadable(customer, policy)
    if unreadable:
        standing, earned = Standing.INCOMPLETE, None
        reasons = [f"{cell}读不出，暂不评分" for cell in unreadable]
    elif figures.bought is False:
        standing, earned = Standing.UNSOLD, None
        reasons = ["还没有成交，不评分"]
    else:
        earned = scoring.tier_of(result.total, policy.tiers) if result.total is not None else None
        standing = Standing.GRADED if earned else Standing.INCOMPLETE
        reasons = explaining.say_score(result, figures, policy, earned)
    if earned is None:
        result = scoring.withheld(result)
    override = _valid_override(customer, policy, as_of)
    if override:
        standing_word = earned.name if earned else standing.value
        reasons.insert(0, explaining.say_override(override, standing_word))
        standing = Standing.GRADED
    tier = _tier(override.grade if override else None, earned, standing, policy)
    grade = tier.name if tier and standing is Standing.GRADED else standing.value
    previous = _previous_grade(customer, period)
    if measured.figures_dated:
        reasons.append(explaining.say_dated(measured.figures_dated, used=measured.outdated))
    awaiting = _awaits_audit(customer.scoring)
    if awaiting and standing is Standing.GRADED:
        reasons.append("待审核")
    promises = followup.undertakings(customer, as_of=as_of, calendar=calendar)
    labels = frozenset({grade, tier.name} if tier else {grade})
    steps: Sequence[Step] = tier.escalation if tier else ()
    return Assessment(
        customer=customer,
        measures=figures,
        score=result,
        standing=standing,
        tier=tier.name if tier else None,
        grade=grade,
        previous_grade=previous,
        movement=_movement(previous, grade, standing, policy),
        reasons=tuple(reasons),
        outdated=measured.outdated,
        awaiting_audit=awaiting,
        override=override,
        undertakings=promises,
        due=followup.plan(customer, labels, promises, steps=steps, policy=policy, as_of=as_of, calendar=calendar),
        owner=customer.profile.owner if customer.profile else None,
        department=customer.profile.department if customer.profile else None,
    )


def _tier(decided: str | None, earned: Tier | None, standing: Standing, policy: Policy) -> Tier | None:
    """Find the tier that serves a customer: a person's decision, the score's, or the policy's for 未成交."""
    if decided is not None:
        return policy.tier(decided)
    if standing is Standing.UNSOLD:
        return policy.tier(policy.scoring.unsold_served_as)
    return earned


def _unreadable(customer: Customer, policy: Policy) -> list[str]:
    """Name the cells of the scoring row that hold a figure of the card nobody can read (domain §1.7)."""
    row = customer.scoring
    if row is None or not row.unreadable:
        return []
    used = {indicator.field for indicator in policy.card.indicators}
    return [str(row.ref(name)) for name in row.unreadable if name in used]


def _valid_override(customer: Customer, policy: Policy, as_of: date) -> Override | None:
    """Find the 人工调整 in force: reasoned, approved by another person, not expired (domain §1.6)."""
    valid = [
        (entry.expires_on, entry.origin.file, entry.origin.sheet, entry.row, entry)
        for entry in customer.overrides
        if entry.reason
        and entry.proposer
        and entry.auditor
        and entry.auditor != entry.proposer
        and entry.expires_on
        and entry.expires_on >= as_of
        and policy.tier(entry.grade)
    ]
    return max(valid, key=lambda found: found[:4])[4] if valid else None


def _previous_grade(customer: Customer, period: Period) -> str | None:
    """Give the last period's grade without a history: 上期等级 where this period was run, else 等级 (domain §9)."""
    row = customer.scoring
    if row is None:
        return customer.profile.tier if customer.profile else None
    return row.previous_grade if row.period == period.label else row.grade


def _movement(previous: str | None, grade: str, standing: Standing, policy: Policy) -> Movement | None:
    """Compare with the last period; None where this period has no tier or the last one is no tier of the policy."""
    if standing is not Standing.GRADED:
        return None
    if previous is None or previous in (Standing.UNSOLD.value, Standing.INCOMPLETE.value):
        return Movement.NEW
    order = [tier.name for tier in policy.tiers]
    if previous not in order:
        return None
    step = order.index(previous) - order.index(grade)
    return Movement.SAME if step == 0 else Movement.UP if step > 0 else Movement.DOWN


def _awaits_audit(row: ScoringRow | None) -> bool:
    """Tell whether no second person has signed the row yet (domain §1.2)."""
    return row is None or not (row.auditor and row.audited_on and row.auditor != row.assessor)


def _unread_promises(found: Sequence[Assessment]) -> list[Problem]:
    return [
        problem("promise-unreadable", entry.record.ref("next_step"), found=entry.promise.text)
        for assessment in found
        for entry in assessment.undertakings
        if entry.open and entry.promise.due is None
    ]
