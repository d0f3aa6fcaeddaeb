"""The decision on a customer: tier, classifications and alerts, in the practice's order (practice §4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from sheetcrm.assess.followup import planning, regrading, starts
from sheetcrm.assess.grade import alerts, signature, tier_in_force
from sheetcrm.assess.grade.candidates import Candidate, Rulebook
from sheetcrm.assess.grade.evaluate import Judge
from sheetcrm.assess.grade.facts import Facts
from sheetcrm.model import (
    USED,
    Alert,
    Classification,
    Customer,
    Health,
    HeldTier,
    Movement,
    Override,
    Past,
    Period,
    Serving,
    Signature,
    Standing,
)
from sheetcrm.policy.model import LOWEST, ONE_DOWN, Policy, Tier, TierRule
from sheetcrm.policy.run import Run
from sheetcrm.text.folding import same_name


class Decision(Struct, frozen=True, gc=False):
    """What was decided of a customer, before it is put in words.

    `scored` is the tier the score, the quota or the deciding classification gives, `earned` the one the
    tier rules left of it, `tier` the one that serves. `due` is the day the last grade falls due for re-grading.
    `reaffirmed` tells that an alert forced a re-grading which left the tier where it was.
    """

    candidate: Candidate
    scored: Tier | None
    earned: Tier | None
    rules: tuple[TierRule, ...]
    override: Override | None
    standing: Standing
    tier: Tier | None
    proposed: str | None
    previous: str | None
    classes: tuple[Classification, ...]
    alerts: tuple[Alert, ...]
    health: Health
    served: Serving
    due: date | None
    labels: frozenset[str]
    since: starts.Since
    signature: Signature | None
    reaffirmed: bool

    @property
    def grade(self) -> str:
        """What 等级 shows."""
        return self.tier.name if self.tier and self.standing is Standing.GRADED else self.standing.value


def decide(
    candidate: Candidate,
    scored: Tier | None,
    rulebook: Rulebook,
    past: Past | None,
    held: HeldTier | None = None,
) -> Decision:
    """Decide a customer's tier, classifications and alerts; the facts of the candidate are added to.

    `held` is the grade of the last run of the same period on record.
    """
    run, judge, planner = rulebook.context.run, rulebook.judge, rulebook.planner
    customer, facts = candidate.customer, candidate.facts
    policy = run.policy
    rules, earned, override, standing, tier, decided = grade_alone(candidate, scored, run, judge)
    _compare_with_past(facts, past, policy.roles.stage)
    _compare_use(facts, past, has_orders=bool(customer.orders))
    previous = _previous_grade(customer, run.period, past)
    served = tier_in_force.serving(customer, run, tier, previous)
    alerts.add_service_facts(facts, customer, served, rulebook.context)
    labels = planner.labels(tier, standing, decided)
    lapses = (
        _lapses_on(candidate, past, labels | {previous or ""}, planner) if standing is Standing.INCOMPLETE else None
    )
    facts["grading_overdue_days"] = max(0, (run.as_of - lapses).days) if lapses else None
    begun = starts.since(labels, past, run, compares=rulebook.compares)
    facts["uncontacted_days"] = planner.uncontacted_days(customer, labels, begun)
    raised, health = judge.watch(facts)
    due = lapses or _grading_due(customer, past, planner)
    proposed, forced = None, any(alert.regrade for alert in raised)
    if policy.scoring.tier_moves == "when_due" and standing is Standing.GRADED and not override:
        kept = policy.tier(previous or "")
        if kept and not regrading.may_move(customer, run, previous=previous, due=due, forced=forced):
            proposed, tier = (tier.name if tier else None), kept
            served = Serving(now=kept.name, before=served.before, graded_on=served.graded_on)
            labels = planner.labels(tier, standing, decided)
            begun = starts.since(labels, past, run, compares=rulebook.compares)
    graded = tier if standing is Standing.GRADED else None
    return Decision(
        candidate,
        scored,
        earned,
        rules,
        override,
        standing,
        tier,
        proposed,
        previous,
        decided,
        raised,
        health,
        served,
        due,
        labels,
        begun,
        _signature(customer, run, graded, labels=labels, previous=previous, past=past, held=held) if graded else None,
        forced and graded is not None and graded.name == previous,
    )


class Graded(NamedTuple):
    """The tier and the classifications of a customer, whatever the last period was."""

    rules: tuple[TierRule, ...]
    earned: Tier | None
    override: Override | None
    standing: Standing
    tier: Tier | None
    classes: tuple[Classification, ...]


def grade_alone(candidate: Candidate, scored: Tier | None, run: Run, judge: Judge) -> Graded:
    """Decide what needs no earlier period; the facts of the candidate are added to."""
    policy, facts = run.policy, candidate.facts
    rules = policy.tier_rules.collect(facts) if scored else ()
    earned = _after_score(scored, rules, policy)
    override = _valid_override(candidate.customer, run)
    standing = Standing.GRADED if override else candidate.standing
    tier = _tier(override, earned, standing, policy)
    facts["standing"], facts["tier"] = standing.value, tier.name if tier else None
    return Graded(rules, earned, override, standing, tier, candidate.classes or judge.classify(facts))


def _lapses_on(
    candidate: Candidate, past: Past | None, labels: frozenset[str], planner: planning.Planner
) -> date | None:
    """Return the day the re-grading of the last grade falls due of a customer that this run cannot grade.

    The grade's own interval counts, which later periods without one have on record. None where it was never graded.
    """
    graded_before = (past.graded_on if past else None) or candidate.measured.figures_dated
    if graded_before is None:
        return None
    row = candidate.customer.scoring
    due = planner.grading_due(graded_before, labels | {row.grade or ""} if row else labels)
    return min(due, past.next_grading) if past and past.next_grading else due


def _signature(
    customer: Customer,
    run: Run,
    tier: Tier,
    *,
    labels: frozenset[str],
    previous: str | None,
    past: Past | None,
    held: HeldTier | None,
) -> Signature:
    """Judge the signature of the tier that was decided (practice §1.2)."""
    row = customer.scoring
    since, by_record = signature.first_given(customer, run, tier.name, previous, past=past, held=held)
    signed_on = row.audited_on if row else None
    began = past.tier_since or past.graded_on if past else None
    before = previous if previous != tier.name and not (signed_on and began and signed_on < began) else None
    return signature.sign(row, run, since=since, held=by_record, labels=labels, previous=before)


def _after_score(earned: Tier | None, rules: Sequence[TierRule], policy: Policy) -> Tier | None:
    """Let the rules that act after the score move a tier (practice §4.4); a remark moves nothing. Pure."""
    if earned is None or not rules:
        return earned
    rank, lowest = policy.tiers.index(earned), len(policy.tiers) - 1
    for rule in rules:
        if rule.effect == ONE_DOWN:
            rank = min(rank + 1, lowest)
        elif rule.effect == LOWEST:
            rank = lowest
    return policy.tiers[rank]


def _grading_due(customer: Customer, past: Past | None, planner: planning.Planner) -> date | None:
    """Return the day the last grade falls due for re-grading: by the history; without one, 下次重评日期."""
    if past and past.graded_on:
        return planner.grading_due(past.graded_on, frozenset({past.grade, *past.labels.values()}))
    return customer.scoring.next_grading if customer.scoring else None


def _compare_with_past(facts: Facts, past: Past | None, stage: str) -> None:
    for name, fact in ((stage, "stage_changed"), ("need_type", "need_type_changed")):
        before, now = (past.labels.get(name) if past else None), facts.get(name)
        facts[fact] = None if before is None or now is None else before != now


_CHANGES = dict(zip(USED, ("frequency_change", "usage_change", "activation_change", "engagement_change"), strict=True))


def _compare_use(facts: Facts, past: Past | None, *, has_orders: bool) -> None:
    """Compare what is bought and used with the last period (practice §7); orders tell of purchases by themselves."""
    if past is None:
        return
    for name, fact in _CHANGES.items():
        if has_orders and name == "frequency_12m":
            continue
        before, now = past.figures.get(name), facts.get(name)
        facts[fact] = (now - before) / before if before and isinstance(now, Decimal) else None


def _tier(override: Override | None, earned: Tier | None, standing: Standing, policy: Policy) -> Tier | None:
    """Find the tier that serves a customer: a person's decision, the score's, or the policy's for 未成交."""
    if override:
        return policy.tier(override.grade)
    if standing is Standing.UNSOLD:
        return policy.tier(policy.scoring.unsold_served_as)
    return earned


def _valid_override(customer: Customer, run: Run) -> Override | None:
    """Find the 人工调整 in force: reasoned, approved by another person, not expired (practice §1.6)."""
    valid = [
        (entry.expires_on, entry.origin.file, entry.origin.sheet, entry.row, entry)
        for entry in customer.overrides
        if entry.reason
        and entry.proposer
        and entry.auditor
        and not same_name(entry.auditor, entry.proposer)
        and entry.expires_on
        and entry.expires_on >= run.as_of
        and run.policy.tier(entry.grade)
    ]
    return max(valid, key=lambda place: place[:4])[4] if valid else None


def _previous_grade(customer: Customer, period: Period, past: Past | None) -> str | None:
    """Return the last period's grade: the history's; without one, 上期等级 where this period was run, else 等级."""
    if past:
        return past.grade
    row = customer.scoring
    if row is None:
        return customer.profile.tier if customer.profile else None
    return row.previous_grade if row.period == period.label else row.grade


_NO_TIER = frozenset({Standing.UNSOLD.value, Standing.INCOMPLETE.value})


def movement(previous: str | None, grade: str, standing: Standing, policy: Policy) -> Movement | None:
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
