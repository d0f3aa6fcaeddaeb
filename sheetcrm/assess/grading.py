"""A whole book to assessments, in the practice's order of decision (domain §4.4).

Measures → score → quota → 人工调整 → classifications → alerts → follow-up.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec import Struct

from sheetcrm.assess import (
    alerts,
    classes,
    explaining,
    facts,
    followup,
    measures,
    quota,
    regrading,
    scoring,
    serving,
    since,
)
from sheetcrm.assess.context import Context, context
from sheetcrm.assess.facts import Known
from sheetcrm.assess.judging import Judge
from sheetcrm.assess.later import count_later
from sheetcrm.assess.measures import Measured
from sheetcrm.model import (
    SENTENCE_END,
    Assessment,
    Book,
    Classification,
    Customer,
    Movement,
    Override,
    Past,
    Period,
    Problem,
    Score,
    ScoringRow,
    Serving,
    Standing,
)
from sheetcrm.policy.model import Policy, Tier, TierRule
from sheetcrm.problems import problem
from sheetcrm.workdays import Calendar

NO_HISTORY: Mapping[str, Past] = {}


def assess(
    book: Book,
    *,
    policy: Policy,
    period: Period,
    as_of: date,
    calendar: Calendar,
    history: Mapping[str, Past] = NO_HISTORY,
    noted: Container[str] = (),
) -> tuple[tuple[Assessment, ...], tuple[Problem, ...]]:
    """Assess every customer of a book as of a date.

    Args:
        book: The customers.
        policy: Every figure of the practice.
        period: The period the run speaks of.
        as_of: The date inside it.
        calendar: The working days.
        history: What the last earlier period on record says, by 客户编号.
        noted: The customers whose `class_notes` are wanted.

    Returns:
        The assessments in the book's order (by 客户编号), and the problems only figures show.
        Order of rows, sheets and files changes nothing. Pure.
    """
    around = context(book, policy=policy, as_of=as_of, period=period, calendar=calendar)
    measured = [measures.measure(customer, around) for customer in book.customers]
    spend = sum((entry.measures.spend_12m or Decimal(0) for entry in measured), Decimal(0))
    means = _Means(
        around,
        scoring.Scorer(policy.card, policy.scoring),
        Judge(policy, as_of),
        followup.Planner(policy, as_of, calendar),
        spend,
    )
    drafts: Iterable[_Draft] = (
        _draft(customer, entry, means) for customer, entry in zip(book.customers, measured, strict=True)
    )
    shares: Mapping[str, Tier] = {}
    if policy.scoring.quota:  # only a rank among all needs every draft at once
        drafts = list(drafts)
        shares = _by_quota(drafts, policy)
    found = [
        _assess(
            draft,
            shares.get(draft.customer.customer_id, draft.earned),
            means,
            history.get(draft.customer.customer_id),
            noted=draft.customer.customer_id in noted,
        )
        for draft in drafts
    ]
    problems = [remark for entry in measured for remark in entry.problems]
    if history:
        found = since.tell(found, history, policy=policy, period=period, noted=noted)
    return tuple(found), (*problems, *count_later(book.customers, as_of), *_unread_promises(found))


@dataclass(frozen=True, slots=True)
class _Means:
    """What every customer is assessed by, and the spend of the whole book."""

    around: Context
    scorer: scoring.Scorer
    judge: Judge
    planner: followup.Planner
    book_spend: Decimal


class _Draft(Struct, frozen=True, gc=False):
    """A customer as far as it can be judged alone: figures, score, and the tier it earned (None: none)."""

    customer: Customer
    measured: Measured
    facts: Known
    score: Score
    standing: Standing
    earned: Tier | None
    unreadable: tuple[str, ...]
    classes: tuple[Classification, ...]


def _draft(customer: Customer, measured: Measured, means: _Means) -> _Draft:
    policy, figures = means.around.policy, measured.measures
    known = facts.known(customer, figures, book_spend=means.book_spend)
    score = means.scorer.score(figures)
    unreadable = _unreadable(customer, policy)
    by_class = not policy.by_score
    decided = means.judge.classify(known) if by_class else ()
    earned = None
    unsold = figures.bought is False and not policy.scoring.unsold_graded
    if not unreadable and not unsold:
        earned = policy.tier(str(known.get(policy.scoring.decided_by))) if by_class else _by_score(score, policy)
    standing = Standing.GRADED if earned else Standing.INCOMPLETE
    if not unreadable and unsold:
        standing = Standing.UNSOLD
    if unreadable or figures.bought is False or (earned is None and not by_class):
        score = scoring.withheld(score)
    return _Draft(customer, measured, known, score, standing, earned, unreadable, decided)


def _by_score(score: Score, policy: Policy) -> Tier | None:
    return scoring.tier_of(score.total, policy.tiers) if score.total is not None else None


def _by_quota(drafts: Sequence[_Draft], policy: Policy) -> Mapping[str, Tier]:
    totals = {
        draft.customer.customer_id: draft.score.total
        for draft in drafts
        if draft.earned and draft.score.total is not None
    }
    return quota.by_share(totals, policy.tiers)


def _assess(draft: _Draft, earned: Tier | None, means: _Means, past: Past | None, *, noted: bool) -> Assessment:
    around, judge, planner = means.around, means.judge, means.planner
    customer, known = draft.customer, draft.facts
    policy = around.policy
    rules = policy.tier_rules.collect(known) if earned else ()
    scored, earned = earned, _after_score(earned, rules, policy)
    standing = draft.standing
    override = _valid_override(customer, policy, around.as_of)
    if override:
        standing = Standing.GRADED
    tier = _tier(override, earned, standing, policy)
    known["standing"], known["tier"] = standing.value, tier.name if tier else None
    decided = draft.classes or judge.classify(known)
    _compare_with_past(known, past)
    previous = _previous_grade(customer, around.period, past)
    served = serving.serving(customer, tier, previous, policy=policy, period=around.period, as_of=around.as_of)
    alerts.serve(known, customer, served, around)
    graded_before = draft.measured.figures_dated or (past.graded_on if past else None)
    labels = planner.labels(tier, standing, decided)
    known["grading_overdue_days"] = (
        max(0, (around.as_of - planner.grading_due(graded_before, labels)).days) if graded_before else None
    )
    raised, health = judge.watch(known)
    due = _grading_due(customer, past, planner)
    proposed = None
    if policy.scoring.tier_moves == "when_due" and standing is Standing.GRADED and not override:
        forced = any(alert.regrade for alert in raised)
        kept = policy.tier(previous or "")
        if kept and not regrading.may_move(
            customer, previous, due=due, period=around.period, as_of=around.as_of, forced=forced
        ):
            proposed, tier = (tier.name if tier else None), kept
            served = Serving(now=kept.name, before=served.before, graded_on=served.graded_on)
            labels = planner.labels(tier, standing, decided)
    grade = tier.name if tier and standing is Standing.GRADED else standing.value
    promises = planner.undertakings(customer)
    tags = tuple(dict.fromkeys(alert.tag for alert in raised if alert.tag))
    printed = classes.labels(known, tags)
    awaiting = _awaits_audit(customer.scoring)
    profile = customer.profile
    return Assessment(
        customer=customer,
        measures=draft.measured.measures,
        score=draft.score,
        standing=standing,
        tier=tier.name if tier else None,
        grade=grade,
        previous_grade=previous,
        movement=_movement(previous, grade, standing, policy),
        explanation=SENTENCE_END.join(
            _reasons(draft, policy, scored, earned, rules, override, proposed, awaiting=awaiting)
        ),
        outdated=draft.measured.outdated,
        awaiting_audit=awaiting,
        override=override,
        proposed_grade=proposed,
        classes=decided,
        class_notes=tuple(_class_notes(known, decided, policy)) if noted else (),
        tags=printed.people,
        file_label=printed.file,
        alerts=raised,
        health=health,
        risk=str(known["risk"] or ""),
        next_grading=(
            due
            if proposed and due
            else around.as_of
            if any(alert.regrade for alert in raised)
            else planner.grading_due(served.graded_on, labels)
        ),
        undertakings=promises,
        due=planner.plan(customer, labels, promises, tier=tier),
        owner=profile.owner if profile else None,
        department=profile.department if profile else None,
        serving=served,
    )


def _after_score(earned: Tier | None, rules: Sequence[TierRule], policy: Policy) -> Tier | None:
    """Let the rules that act after the score move a tier (domain §4.4); a remark moves nothing. Pure."""
    if earned is None or not rules:
        return earned
    rank, lowest = policy.tiers.index(earned), len(policy.tiers) - 1
    for rule in rules:
        if rule.effect == "降一级":
            rank = min(rank + 1, lowest)
        elif rule.effect == "封顶最低级":
            rank = lowest
    return policy.tiers[rank]


def _grading_due(customer: Customer, past: Past | None, planner: followup.Planner) -> date | None:
    """Give the day the last grade falls due for re-grading: by the history; without one, 下次重评日期."""
    if past and past.graded_on:
        return planner.grading_due(past.graded_on, frozenset({past.grade, *past.labels.values()}))
    return customer.scoring.next_grading if customer.scoring else None


def _compare_with_past(known: Known, past: Past | None) -> None:
    for name, fact in (("合作阶段", "stage_changed"), ("need_type", "need_type_changed")):
        before, now = (past.labels.get(name) if past else None), known.get(name)
        known[fact] = None if before is None or now is None else before != now


def _reasons(
    draft: _Draft,
    policy: Policy,
    scored: Tier | None,
    earned: Tier | None,
    rules: Sequence[TierRule],
    override: Override | None,
    proposed: str | None,
    *,
    awaiting: bool,
) -> list[str]:
    """Say in whole sentences why a customer stands where it does (domain §4.4)."""
    measured = draft.measured
    if draft.unreadable:
        said = [f"{cell}读不出，暂不评分" for cell in draft.unreadable]
    elif draft.standing is Standing.UNSOLD:
        said = ["还没有成交，不评分"]
    elif policy.by_score:
        said = explaining.say_score(draft.score, measured.measures, policy, scored)
    else:
        decided = next(entry for entry in draft.classes if entry.name == policy.scoring.decided_by)
        said = explaining.say_class(decided, draft.score, measured.measures, policy, scored)
    said += [f"等级规则“{rule.code}”：{rule.note}" for rule in rules]
    if scored and earned and earned is not scored:
        said.append(f"按等级规则由{scored.name}降为{earned.name}")
    if override:
        said.insert(0, explaining.say_override(override, earned.name if earned else draft.standing.value))
    if proposed:
        said.insert(0, f"未到重评日期，等级不变，按本期得分建议{proposed}")
    if measured.figures_dated:
        said.append(explaining.say_dated(measured.figures_dated, used=measured.outdated))
    if awaiting and (override or draft.standing is Standing.GRADED):
        said.append("待审核")
    return said


def _class_notes(known: Known, decided: Sequence[Classification], policy: Policy) -> list[str]:
    notes = [classes.explain(known, entry, table) for entry, table in zip(decided, policy.classes, strict=True)]
    sign = known.get(classes.CHURN_NOTE)
    return [*notes, f"流失迹象：{sign}"] if sign else notes


def _tier(override: Override | None, earned: Tier | None, standing: Standing, policy: Policy) -> Tier | None:
    """Find the tier that serves a customer: a person's decision, the score's, or the policy's for 未成交."""
    if override:
        return policy.tier(override.grade)
    if standing is Standing.UNSOLD:
        return policy.tier(policy.scoring.unsold_served_as)
    return earned


def _unreadable(customer: Customer, policy: Policy) -> tuple[str, ...]:
    """Name the cells of the scoring row that hold a figure of the card nobody can read (domain §1.7)."""
    row = customer.scoring
    if row is None or not row.unreadable:
        return ()
    used = {indicator.field for indicator in policy.card.indicators}
    return tuple(str(row.ref(name)) for name in row.unreadable if name in used)


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


def _previous_grade(customer: Customer, period: Period, past: Past | None) -> str | None:
    """Give the last period's grade: the history's; without one, 上期等级 where this period was run, else 等级."""
    if past:
        return past.grade
    row = customer.scoring
    if row is None:
        return customer.profile.tier if customer.profile else None
    return row.previous_grade if row.period == period.label else row.grade


_NO_TIER = frozenset({Standing.UNSOLD.value, Standing.INCOMPLETE.value})


def _movement(previous: str | None, grade: str, standing: Standing, policy: Policy) -> Movement | None:
    """Compare with the last period; None where this period has no tier or the last one is no tier of the policy."""
    if standing is not Standing.GRADED:
        return None
    if previous is None or previous in _NO_TIER:
        return Movement.NEW
    if previous == grade:
        return Movement.SAME
    order = [tier.name for tier in policy.tiers]
    if previous not in order:
        return None
    step = order.index(previous) - order.index(grade)
    return Movement.UP if step > 0 else Movement.DOWN


def _awaits_audit(row: ScoringRow | None) -> bool:
    """Tell whether no second person has signed the row yet (domain §1.2)."""
    return row is None or not (row.auditor and row.audited_on and row.auditor != row.assessor)


def _unread_promises(found: Sequence[Assessment]) -> list[Problem]:
    return [
        problem("promise-unreadable", entry.record.ref("next_step"), found=f"“{entry.promise.text}”")
        for assessment in found
        for entry in assessment.undertakings
        if entry.open and entry.promise.due is None
    ]
