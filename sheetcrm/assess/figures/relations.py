"""Tallies of customers over time: lost and kept, won, buying again, worth their cost (practice §3, §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sheetcrm.assess.figures.tally import Tally
from sheetcrm.model import CONTRACT_END, Assessment, Customer, Movement, Order, Past, Standing
from sheetcrm.model.records import WON
from sheetcrm.policy.roles import Roles
from sheetcrm.policy.run import Run
from sheetcrm.text.folding import simplify

UNSTATED = "未填"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The run whose days count, and what the book and the record cover of them.

    `kinds` are the kinds of sheets the book holds; `opening` is the last period's record by 客户编号;
    `reaches_back` tells whether the orders cover the 12 months before the last 12.
    """

    run: Run
    kinds: frozenset[str]
    opening: Mapping[str, Past]
    reaches_back: bool


def tally_relation(tally: Tally, entry: Assessment, span: Span) -> None:
    """Count one customer."""
    roles = span.run.policy.roles
    stage = stage_of(entry, roles)
    if stage is not None:
        tally.answer("churned", stage in roles.gone)
    if stage in roles.gone:
        profile = entry.customer.profile
        tally.count(("lost", simplify((profile.lost_reason if profile else None) or UNSTATED)))
    _tally_winning(tally, entry, span)
    _tally_orders(tally, entry.customer.orders, span)
    _tally_cost(tally, entry, span)
    if "profile" in span.kinds and entry.measures.referrals is not None:
        tally.answer("referral", entry.measures.referrals > 0)
    if entry.measures.bought:
        for need in entry.customer.needs:
            if span.run.year_start < need.raised_on <= span.run.as_of:
                tally.answer("cross_sale", need.status == WON)


def stage_of(entry: Assessment, roles: Roles) -> str | None:
    """Return a customer's 合作阶段; None under a policy that has no such classification."""
    return next((label.outcome for label in entry.classes if label.name == roles.stage), None)


def stayed(entry: Assessment, past: Past, roles: Roles) -> bool | None:
    """Return whether a customer active at the start is not lost now; None where it was not, or nobody knows."""
    stage = stage_of(entry, roles)
    return stage not in roles.gone if stage and was_active(past.labels.get(roles.stage), past.grade, roles) else None


def was_active(stage: str | None, grade: str, roles: Roles) -> bool:
    """Return whether a customer of a stage and grade is one that can be kept. Pure."""
    return bool(stage) and stage not in roles.inactive and grade != Standing.UNSOLD.value


def tally_staying(tally: Tally, entry: Assessment, past: Past, span: Span) -> None:
    """Count what became since the last period on record of a customer: kept, won back, its contract renewed.

    This counts in the tier the customer began the period with: those who left it are what 留存率 is about.
    """
    roles = span.run.policy.roles
    kept = stayed(entry, past, roles)
    tally.answer("retention", kept)
    if past.labels.get(roles.value) in roles.high_value:
        tally.answer("retention_high", kept)
    stage = stage_of(entry, roles)
    if stage and past.labels.get(roles.stage) in roles.gone:
        tally.answer("winback", stage not in roles.gone)
    profile = entry.customer.profile
    ending = past.labels.get(CONTRACT_END)
    if ending and profile and span.run.counts(date.fromisoformat(ending)):
        now = profile.contract_end
        tally.answer("renewal", now is not None and now > date.fromisoformat(ending))


def tally_departed(tally: Tally, past: Past, run: Run) -> None:
    """Count a customer whose row is gone (转出), in the tier it had: one that was active was not kept, nor renewed."""
    roles = run.policy.roles
    tally.count(("movement", Movement.GONE.value))
    ending = past.labels.get(CONTRACT_END)
    if ending and run.counts(date.fromisoformat(ending)):
        tally.answer("renewal", answer=False)
    if was_active(past.labels.get(roles.stage), past.grade, roles):
        tally.answer("retention", answer=False)
        if past.labels.get(roles.value) in roles.high_value:
            tally.answer("retention_high", answer=False)


def first_bought(customer: Customer) -> date | None:
    """Return the day a customer first bought: 首次合作时间, else the first order's."""
    deal = customer.profile.first_deal if customer.profile else None
    return deal or next((order.date for order in customer.orders if order.amount > 0), None)


def _tally_winning(tally: Tally, entry: Assessment, span: Span) -> None:
    """Count who was on file at the start without having bought, and who of them bought in the period."""
    profile = entry.customer.profile
    if profile is None or profile.filed_on is None or profile.filed_on >= span.run.period.start:
        return
    bought = first_bought(entry.customer)
    if bought is None and entry.measures.bought is not False:
        return
    if bought is None or bought >= span.run.period.start:
        tally.answer("potential_won", bought is not None and span.run.counts(bought))


def _tally_orders(tally: Tally, orders: tuple[Order, ...], span: Span) -> None:
    for scope, start, end in (
        ("now", span.run.year_start, span.run.as_of),
        ("before", span.run.before_start, span.run.year_start),
    ):
        if scope == "before" and not span.reaches_back:
            continue
        in_span = [order for order in orders if start < order.date <= end]
        placed = len({order.order_no or id(order) for order in in_span if order.amount > 0})
        if placed:
            tally.add(("orders", scope), sum((order.amount for order in in_span), Decimal(0)), placed)
            tally.answer(("repeat", scope), placed > 1)


def _tally_cost(tally: Tally, entry: Assessment, span: Span) -> None:
    costs = [
        (service.requested_at.date(), service.cost) for service in entry.customer.services if service.cost is not None
    ]
    in_period = [cost for day, cost in costs if span.run.counts(day)]
    if in_period:
        tally.value("service_cost", sum(in_period, Decimal(0)))
    yearly = sum((cost for day, cost in costs if span.run.year_start < day <= span.run.as_of), Decimal(0))
    if yearly > 0 and entry.measures.spend_12m is not None:
        tally.value("roi_cost", yearly)
        tally.add("roi_spend", entry.measures.spend_12m, 1, 1)
