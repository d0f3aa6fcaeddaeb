"""Candidates for a tier: each customer as far as it can be judged alone (practice §4.1 to §4.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from msgspec import Struct

from sheetcrm.assess.context import Context
from sheetcrm.assess.followup import planning
from sheetcrm.assess.grade import quota, scoring
from sheetcrm.assess.grade.evaluate import Judge
from sheetcrm.assess.grade.facts import Facts, gather_facts
from sheetcrm.assess.measure.measures import Measured
from sheetcrm.model import Classification, Customer, Measures, Score, Standing
from sheetcrm.policy.model import Policy, Tier


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The policy made ready to assess one customer after another, with the context of the whole book.

    `share_base` is what shares of the year's book are of (None: they are not used). `compares` tells whether an
    earlier period is on record.
    """

    context: Context
    scorer: scoring.Scorer
    judge: Judge
    planner: planning.Planner
    share_base: Decimal | None
    compares: bool = False


class ScoredTier(Struct, frozen=True, gc=False):
    """A score, and the tier that it earns (None: none)."""

    score: Score
    earned: Tier | None


class Candidate(Struct, frozen=True, gc=False):
    """A customer as far as it can be judged alone: figures, score, and the tier it earned (None: none).

    `unreadable` are the cells of its scoring row that hold a figure of the card nobody can read.
    """

    customer: Customer
    measured: Measured
    facts: Facts
    score: Score
    standing: Standing
    earned: Tier | None
    unreadable: tuple[str, ...]
    classes: tuple[Classification, ...]


def scored_tier(customer: Customer, figures: Measures, rulebook: Rulebook) -> ScoredTier:
    """Score a customer, where the score decides, as `make_candidate` does; of the facts nothing depends. Pure."""
    policy = rulebook.context.run.policy
    score = rulebook.scorer.score(figures)
    unsold = figures.bought is False and not policy.scoring.unsold_graded
    earned = None if unsold or _unreadable(customer, policy) else _by_score(score, policy)
    return ScoredTier(scoring.withheld(score) if earned is None or figures.bought is False else score, earned)


def make_candidate(customer: Customer, measured: Measured, rulebook: Rulebook) -> Candidate:
    """Score a customer, and find the tier it earns by that, or by the deciding classification. Pure."""
    policy, figures = rulebook.context.run.policy, measured.measures
    facts = gather_facts(customer, figures, share_base=rulebook.share_base)
    score = rulebook.scorer.score(figures)
    unreadable = _unreadable(customer, policy)
    by_class = not policy.by_score
    decided = rulebook.judge.classify(facts) if by_class else ()
    earned = None
    unsold = figures.bought is False and not policy.scoring.unsold_graded
    if not unreadable and not unsold:
        earned = policy.tier(str(facts.get(policy.scoring.decided_by))) if by_class else _by_score(score, policy)
    standing = Standing.GRADED if earned else Standing.INCOMPLETE
    if not unreadable and unsold:
        standing = Standing.UNSOLD
    if unreadable or figures.bought is False or (earned is None and not by_class):
        score = scoring.withheld(score)
    return Candidate(customer, measured, facts, score, standing, earned, unreadable, decided)


def _by_score(score: Score, policy: Policy) -> Tier | None:
    return scoring.tier_of(score.total, policy.tiers) if score.total is not None else None


def by_quota(candidates: Sequence[Candidate], policy: Policy) -> Mapping[str, Tier]:
    """Return the tiers by rank, where the policy's shares decide: 客户编号 -> tier. Pure."""
    totals = {
        entry.customer.customer_id: entry.score.total
        for entry in candidates
        if entry.earned and entry.score.total is not None
    }
    return quota.by_share(totals, policy.tiers)


def _unreadable(customer: Customer, policy: Policy) -> tuple[str, ...]:
    """Name the cells of the scoring row that hold a figure of the card nobody can read (practice §1.7)."""
    row = customer.scoring
    if row is None or not row.unreadable:
        return ()
    used: set[str] = set()
    for indicator in policy.card.indicators:
        preferred = policy.card.preferred_to(indicator)
        if preferred and getattr(row, preferred.field) is not None:
            continue  # the typed rate wins, whatever stands in the column of the count
        used |= {indicator.field, indicator.measure} | ({preferred.field} if preferred else set())
    return tuple(str(row.ref(name)) for name in row.unreadable if name in used)
