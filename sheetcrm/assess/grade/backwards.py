"""Grades customers as of month ends that have passed, from their orders (practice §3).

Nothing typed of today's purchases is used. What does not come from orders is held at today's value: 行业潜力,
typed rates, contacts, requests. Days that were written down, as of a contract's end, are counted from the month's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct, structs

from sheetcrm.assess.context import Context, book_context
from sheetcrm.assess.followup.planning import Planner
from sheetcrm.assess.grade import scoring
from sheetcrm.assess.grade.candidates import Candidate, Rulebook, by_quota, make_candidate
from sheetcrm.assess.grade.decision import grade_alone
from sheetcrm.assess.grade.evaluate import Judge
from sheetcrm.assess.grade.facts import NO_SPEND_BEFORE, Facts, gather_facts, no_spend_before
from sheetcrm.assess.grade.shares import SHARE, share_base, share_of
from sheetcrm.assess.measure import measures, reconcile
from sheetcrm.assess.measure.order_months import OrderMonths, OrdersAsOf, month_number
from sheetcrm.model import Assessment, Book, Classification, Customer, Measures, Period, Source, Standing
from sheetcrm.policy.model import Tier
from sheetcrm.policy.run import Run
from sheetcrm.policy.tables import Likeness
from sheetcrm.text.dates import months_between

_ROW_FIELDS = ("recency", "frequency_12m", "spend_12m", "average_order", "order_growth")
_PROFILE_FIELDS = ("spend_total", "last_deal", "frequency_12m", "spend_12m")
"""The figures of purchases as people type them into the two sheets."""
_PURCHASES = ("recency_days", "frequency_12m", "spend_12m", "spend_total", "average_order", "order_growth")
"""The measures they give."""
_UNKNOWN: Mapping[str, Decimal | int | None] = dict.fromkeys(_PURCHASES)
_REMEMBERED = 1 << 14
"""Judgements kept at most."""
_WRITTEN = frozenset({Source.TYPED, Source.AGED})


class GradedThen(Struct, frozen=True, gc=False):
    """What a customer's orders made of it at the end of an earlier month.

    `outcomes` are the classes' by their names; `placed` counts the orders of 12 months by their numbers. Of a
    customer who bought, but has no order in the book, nothing is `is_known`.
    """

    grade: str
    score: Decimal | None
    classes: tuple[Classification, ...]
    outcomes: Mapping[str, str]
    spend_12m: Decimal | None
    placed: int
    is_known: bool


class _Subject(Struct, frozen=True, gc=False):
    """A customer without its typed purchases, its facts of today, its orders, and the day it is first known of.

    `keeps_rate` tells that 复购率 is typed; `alike`, that the tables alone decide about it (`BackwardsGrader._alike`).
    """

    entry: Assessment
    customer: Customer
    facts: Facts
    months: OrderMonths
    since: date | None
    keeps_rate: bool
    alike: bool

    @property
    def is_known(self) -> bool:
        return bool(self.customer.orders) or self.entry.measures.bought is False

    def was_there(self, run: Run) -> bool:
        return self.since is None or self.since <= run.as_of


class BackwardsGrader:
    """Grades the customers of a book as of earlier month ends, one end after another."""

    def __init__(self, assessments: Sequence[Assessment], run: Run, book: Book, *, first: int) -> None:
        """Prepare for the ends of the months from `first` (`month_number`) to the run's."""
        policy = run.policy
        spend = sum((entry.measures.spend_12m or Decimal(0) for entry in assessments), Decimal(0))
        scorer = scoring.Scorer(policy.card, policy.scoring)
        self._book = book
        shares = share_base(book, policy, spend)
        self._rulebook = Rulebook(book_context(book, run), scorer, Judge(run), Planner(run), shares)
        of_classes = (pair for table in policy.classes for pair in table.asked)
        asked = (*policy.tier_rules.asked, *policy.churn.asked, *of_classes)
        self._seen = Likeness(asked)
        self._asked = {name for name, _ in asked} | {entry.measure for entry in policy.card.indicators}
        self._alike: dict[object, _Judged] = {}
        self._subjects = [_subject(entry, first, run, self._asked) for entry in assessments]

    def grade(self, periods: Sequence[Period]) -> list[dict[str, GradedThen]]:
        """Grade every customer that was there at the end of each of some periods, by 客户编号.

        A customer who bought, but has no orders in the book, is 待补充资料.
        """
        rulebooks = [self._rulebook_of(period) for period in periods]
        if self._rulebook.context.run.policy.scoring.quota:
            return [self._by_quota(rulebook) for rulebook in rulebooks]
        graded: list[dict[str, GradedThen]] = [{} for _ in periods]
        for subject in self._subjects:  # a customer at a time: a third quicker than a period at a time
            for rulebook, then in zip(rulebooks, graded, strict=True):
                if subject.was_there(rulebook.context.run):
                    then[subject.customer.customer_id] = self._grade(subject, rulebook)
        return graded

    def _rulebook_of(self, period: Period) -> Rulebook:
        run = replace(self._rulebook.context.run, period=period, as_of=period.end)
        spend = sum((subject.months.spend(run) for subject in self._subjects), Decimal(0))
        shares = share_base(self._book, run.policy, spend)
        return replace(self._rulebook, context=replace(self._rulebook.context, run=run), share_base=shares)

    def comparable(self) -> frozenset[str]:
        """Return the customers whose orders give the grade, stage and value of today, typed figures or not.

        Of others a grade from orders and today's would differ without anything having changed.
        """
        return frozenset(entry.customer.customer_id for entry in self._subjects if self._is_comparable(entry))

    def _is_comparable(self, subject: _Subject) -> bool:
        entry = subject.entry
        if not entry.customer.orders:
            return subject.is_known
        sources, row = entry.measures.sources, entry.customer.scoring
        if not any(sources.get(name) in _WRITTEN for name in _PURCHASES) and not (row and row.unreadable):
            return True
        if self._rulebook.context.run.policy.scoring.quota:
            return False
        now = self._grade(subject, self._rulebook)
        today, roles = {one.name: one.outcome for one in entry.classes}, self._rulebook.context.run.policy.roles
        alike = all(now.outcomes.get(name) == today.get(name) for name in (roles.stage, roles.value))
        return alike and now.grade == (entry.proposed_grade or entry.grade)

    def _grade(self, subject: _Subject, rulebook: Rulebook) -> GradedThen:
        """Grade a customer; those alike in all that is asked are judged once."""
        then = subject.months.as_of(rulebook.context.run, self._asked)
        changed = _changed(subject, then, rulebook.context)
        figures = structs.replace(subject.entry.measures, **changed)
        total, spend = rulebook.scorer.score(figures).total, changed["spend_12m"]
        policy = rulebook.context.run.policy
        tier = scoring.tier_of(total, policy.tiers).name if total is not None and policy.by_score else None
        facts = subject.facts | changed
        if SHARE in self._asked:
            facts[SHARE] = share_of(spend, rulebook.share_base)
        facts[NO_SPEND_BEFORE] = no_spend_before(figures)  # some rules are settled by it
        key = (self._seen.of(facts), tier, changed["bought"])
        judged = self._alike.get(key) if subject.alike else None
        if judged is None:
            candidate = make_candidate(subject.customer, _measured(figures), rulebook)
            judged = _judge(candidate, candidate.earned, rulebook)
            if subject.alike and len(self._alike) < _REMEMBERED:
                self._alike[key] = judged
        grade, classes, outcomes, is_scored = judged
        return GradedThen(grade, total if is_scored else None, classes, outcomes, spend, then.placed, subject.is_known)

    def _by_quota(self, rulebook: Rulebook) -> dict[str, GradedThen]:
        """Grade by the tiers' shares: that takes everybody's score at once."""
        run, candidates, counted = rulebook.context.run, [], []
        for subject in self._subjects:
            if subject.was_there(run):
                then = subject.months.as_of(run, self._asked)
                figures = structs.replace(subject.entry.measures, **_changed(subject, then, rulebook.context))
                candidates.append(make_candidate(subject.customer, _measured(figures), rulebook))
                counted.append((then.placed, subject.is_known))
        shares = by_quota(candidates, run.policy)
        graded: dict[str, GradedThen] = {}
        for one, (placed, is_known) in zip(candidates, counted, strict=True):
            key, spend = one.customer.customer_id, one.measured.measures.spend_12m
            grade, classes, outcomes, _ = _judge(one, shares.get(key, one.earned), rulebook)
            graded[key] = GradedThen(grade, one.score.total, classes, outcomes, spend, placed, is_known)
        return graded


_Judged = tuple[str, tuple[Classification, ...], Mapping[str, str], bool]
"""A grade, the classes, their outcomes by name, and whether the score counts."""


def _judge(candidate: Candidate, scored: Tier | None, rulebook: Rulebook) -> _Judged:
    graded = grade_alone(candidate, scored, rulebook.context.run, rulebook.judge)
    tier = graded.tier if graded.standing is Standing.GRADED else None
    outcomes = {entry.name: entry.outcome for entry in graded.classes}
    return tier.name if tier else graded.standing.value, graded.classes, outcomes, candidate.score.total is not None


def _subject(entry: Assessment, first: int, run: Run, asked: Iterable[str]) -> _Subject:
    profile, orders = entry.customer.profile, entry.customer.orders
    customer = without_purchases(entry.customer)
    facts = gather_facts(customer, entry.measures, share_base=None)
    days = [profile.filed_on, profile.first_deal] if profile else []
    if orders:
        days.append(orders[0].date)
    return _Subject(
        entry,
        customer,
        {name: facts.get(name) for name in asked},
        OrderMonths(orders, first, month_number(run.as_of), by_day=run.policy.reading.purchases == "day"),
        min((day for day in days if day), default=None),
        keeps_rate=entry.measures.sources.get("repurchase_rate") in _WRITTEN,
        alike=not (customer.overrides or (customer.scoring and customer.scoring.unreadable)),
    )


def without_purchases(customer: Customer) -> Customer:
    """Return a customer without the figures of its purchases that are typed into its sheets. Pure."""
    row, profile = customer.scoring, customer.profile
    if row is not None:
        row = structs.replace(
            row,
            **dict.fromkeys(_ROW_FIELDS),
            unreadable=tuple(name for name in row.unreadable if name not in {*_ROW_FIELDS, *_PURCHASES}),
        )
    if profile is not None:
        profile = structs.replace(
            profile,
            **dict.fromkeys(_PROFILE_FIELDS),
            unreadable=tuple(name for name in profile.unreadable if name not in _PROFILE_FIELDS),
        )
    return structs.replace(customer, scoring=row, profile=profile)


def _changed(subject: _Subject, then: OrdersAsOf, context: Context) -> dict[str, Any]:
    """Return the measures of today that were others then: what the orders give, and what goes by the date."""
    as_of, profile, changed = context.run.as_of, subject.customer.profile, then.measures
    bought: bool | None = True
    if then.first is None:
        bought = _had_bought(subject, context)
        if bought is False:
            changed["spend_12m"] = changed["frequency_12m"] = Decimal(0)
    if subject.keeps_rate:
        changed["repurchase_rate"] = subject.entry.measures.repurchase_rate
    recency = changed["recency_days"]
    deal = (profile.first_deal if profile else None) or then.first
    changed["tenure_months"] = months_between(deal, as_of) if deal and deal <= as_of else None
    changed["months_since_purchase"] = (
        None if recency is None else months_between(as_of - timedelta(days=recency), as_of)
    )
    changed["bought"] = bought
    orders = subject.entry.customer.orders
    if not orders or orders[0].date > as_of:
        changed["spend_months"] = ()
    if profile and profile.contract_end:
        changed.update(measures.contract_left(profile.contract_end, as_of))
    return changed


def _had_bought(subject: _Subject, context: Context) -> bool | None:
    """Return whether a customer without a purchase in its orders had bought; None where nobody knows."""
    if subject.entry.measures.bought is False:
        return False
    customer = subject.customer
    bought = reconcile.has_bought(customer, _UNKNOWN, context)
    is_dated = customer.orders or (customer.profile and customer.profile.first_deal)
    return bought or (False if bought is False and is_dated else None)


def _measured(figures: Measures) -> measures.Measured:
    return measures.Measured(figures, None, outdated=False, problems=())


def covered_since(book: Book, run: Run) -> int | None:
    """Return the first month of the book's orders that no hole parts from the last ended one; None without.

    A hole is three months running without an order of anybody (`month_number`). Pure.
    """
    months = {month_number(order.date) for customer in book.customers for order in customer.orders}
    at = month_number(run.as_of + timedelta(days=1)) - 1
    first, missing = None, 0
    while missing < _HOLE:
        first, missing = (at, 0) if at in months else (first, missing + 1)
        at -= 1
    return first


_HOLE = 3
