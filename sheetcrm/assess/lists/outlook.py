"""Who falls next month if nothing is bought, who is one order from rising: 下月预警 (practice §10). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec import structs

from sheetcrm.assess.context import Context, book_context
from sheetcrm.assess.followup.planning import Planner
from sheetcrm.assess.grade.candidates import Rulebook, ScoredTier, make_candidate, scored_tier
from sheetcrm.assess.grade.evaluate import Judge
from sheetcrm.assess.grade.scoring import Scorer, tier_of
from sheetcrm.assess.measure import reconcile
from sheetcrm.assess.measure.measures import Measured
from sheetcrm.model import Assessment, Book, Measures, Source, Standing
from sheetcrm.model.lists import Outlook
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import months_between

_SUMMED = ("spend_12m", "frequency_12m", "repurchase_rate", "average_order", "order_growth")
"""Measures of 12 months of orders: a month on, their earliest month has dropped out."""


def outlook(assessments: Sequence[Assessment], run: Run, book: Book) -> tuple[tuple[Outlook, ...], tuple[Outlook, ...]]:
    """List who falls by the horizon without another order, and who rises with one order today.

    A fall is told by the measures as of the horizon: recency is older by the days until then, and sums of orders
    lack the month that drops out; figures that were typed stay, but for recency. A rise is told by the least whole
    amount of an order that reaches a better tier; only customers are listed for whom that is no more than
    `report.order_reach` times their largest order (without orders: 客单价). Who is under 人工调整, or has no tier,
    is in neither. Nobody is where ranks decide the tiers.

    Returns:
        The fallers, the best tier first, and the risers: the best tier they reach first, then the smallest amount.
    """
    policy = run.policy
    if policy.scoring.quota:
        return (), ()
    teller = _Teller(run, book, assessments)
    graded = [entry for entry in assessments if entry.standing is Standing.GRADED and entry.override is None]
    falls = [row for entry in graded if (row := teller.fall(entry))]
    rises = [row for entry in graded if (row := teller.rise(entry))]
    order = [tier.name for tier in policy.tiers]
    falls.sort(key=lambda row: (order.index(row.assessment.grade), row.assessment.customer.customer_id))
    rises.sort(key=lambda row: (order.index(row.tier), row.amount, row.assessment.customer.customer_id))
    return tuple(falls), tuple(rises)


class _Teller:
    """Grades one customer after another by other measures than today's."""

    def __init__(self, run: Run, book: Book, assessments: Sequence[Assessment]) -> None:
        self._run = run
        context = book_context(book, run)
        self._next_month = Context(replace(run, as_of=run.horizon), context.kinds, context.referrals, context.managers)
        spend = sum((entry.measures.spend_12m or Decimal(0) for entry in assessments), Decimal(0))
        policy = run.policy
        self._rank = {tier.name: rank for rank, tier in enumerate(policy.tiers)}
        self._rulebook = Rulebook(context, Scorer(policy.card, policy.scoring), Judge(run), Planner(run), spend)

    def fall(self, entry: Assessment) -> Outlook | None:
        """Grade a customer as of the horizon; None where its tier stays, or rises."""
        ranks = self._ranks(entry)
        if ranks is None or max(ranks) == len(self._run.policy.tiers) - 1:
            return None  # the lowest tier
        graded = self._grade(entry, self._aged(entry))
        if graded.earned is None or self._rank[graded.earned.name] <= max(ranks):
            return None
        return Outlook(assessment=entry, tier=graded.earned.name, score=graded.score.total)

    def rise(self, entry: Assessment) -> Outlook | None:
        """Find the smallest order that reaches a better tier; None where none within reach does."""
        ranks, reach = self._ranks(entry), self._reach(entry.measures)
        if not ranks or not reach or min(ranks) == 0:
            return None

        def reached(amount: int) -> ScoredTier | None:
            graded = self._grade(entry, _with_order(entry.measures, Decimal(amount)))
            return graded if graded.earned and self._rank[graded.earned.name] < min(ranks) else None

        best, low, high = reached(1), 0, 1
        if best is None:
            best, low, high = reached(reach), 1, reach
        while best and high - low > 1:
            middle = (low + high) // 2
            candidate = reached(middle)
            low, high, best = (low, middle, candidate) if candidate else (middle, high, best)
        if best is None or best.earned is None:
            return None
        return Outlook(
            assessment=entry, tier=best.earned.name, score=best.score.total, amount=Decimal(high if high > 1 else 0)
        )

    def _ranks(self, entry: Assessment) -> tuple[int, int] | None:
        """Return the places of the tier that serves, and of the one that today's figures give, before tier rules."""
        policy = self._run.policy
        if policy.by_score:
            earned = None if entry.score.total is None else tier_of(entry.score.total, policy.tiers)
        else:
            outcomes = (label.outcome for label in entry.classes if label.name == policy.scoring.decided_by)
            earned = policy.tier(next(outcomes, ""))
        serving = policy.tier(entry.grade)
        return (self._rank[serving.name], self._rank[earned.name]) if serving and earned else None

    def _grade(self, entry: Assessment, measures: Measures) -> ScoredTier:
        if self._run.policy.by_score:
            return scored_tier(entry.customer, measures, self._rulebook)
        graded = make_candidate(entry.customer, Measured(measures, None, outdated=False, problems=()), self._rulebook)
        return ScoredTier(graded.score, graded.earned)

    def _reach(self, measures: Measures) -> int:
        usual = measures.largest_order if measures.largest_order is not None else measures.average_order
        return int((usual or Decimal(0)) * self._run.policy.report.order_reach)

    def _aged(self, entry: Assessment) -> Measures:
        run, measures = self._run, entry.measures
        changes: dict[str, Any] = {}
        if measures.recency_days is not None:
            last = run.as_of - timedelta(days=int(measures.recency_days))
            changes["recency_days"] = (run.horizon - last).days
            changes["months_since_purchase"] = months_between(last, run.horizon)
        placed = tuple(order for order in entry.customer.orders if order.date <= run.as_of)
        if placed:
            figures = reconcile.settle(structs.replace(entry.customer, orders=placed), self._next_month).figures
            derived = [name for name in _SUMMED if measures.sources.get(name) is Source.DERIVED]
            if not {"spend_12m", "frequency_12m"} <= set(derived):
                derived = [name for name in derived if name != "average_order"]  # it follows from typed figures
            changes |= {name: figures[name] for name in derived}
        return structs.replace(measures, **changes)


def _with_order(measures: Measures, amount: Decimal) -> Measures:
    """Return the measures right after one more order."""
    changes: dict[str, Any] = {"recency_days": 0, "months_since_purchase": 0}
    spend, frequency, growth = measures.spend_12m, measures.frequency_12m, measures.order_growth
    if measures.spend_total is not None:
        changes["spend_total"] = measures.spend_total + amount
    if frequency is not None:
        changes["frequency_12m"] = frequency + 1
    if spend is not None:
        changes["spend_12m"] = spend + amount
        if frequency is not None:
            changes["average_order"] = (spend + amount) / (frequency + 1)
        if growth is not None and growth > -1 and spend > 0:
            changes["order_growth"] = (spend + amount) * (1 + growth) / spend - 1
    return structs.replace(measures, **changes)
