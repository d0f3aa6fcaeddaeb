"""Health, risk and alerts (domain §7)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sheetcrm.assess.context import Context
from sheetcrm.assess.facts import Known
from sheetcrm.model import Alert, Customer, Health
from sheetcrm.policy.model import Policy, Tier

RISK, HEALTH_KNOWN, HEALTH_BAD = "risk", "health_known", "health_bad"
"""The facts that are decided here."""
RISKS = ("", "轻度", "中度", "重度")
"""The levels of risk, rising."""
_HOUR = Decimal(3600)
_NEVER = "无数据"


def serve(facts: Known, customer: Customer, tier: Tier | None, around: Context) -> None:
    """Add the facts that depend on the tier: late answers, benefits promised above it, who handled it."""
    services = [entry for entry in customer.services if entry.requested_at < around.day_end]
    limit = tier.standard.first_response_hours if tier else None
    if "service" in around.kinds:
        since = around.as_of - timedelta(days=around.policy.measures.late_response_days)
        recent = [entry for entry in services if entry.requested_at.date() > since]
        facts["late_responses"] = (
            sum(
                Decimal(((entry.responded_at or around.day_end) - entry.requested_at).total_seconds()) > limit * _HOUR
                for entry in recent
                if entry.responded_at or not (entry.resolved_at or entry.resolved)
            )
            if limit is not None
            else None
        )
        facts["benefits_above"] = _benefits_above(customer, tier, around)
    facts["managers_in_period"] = len(
        {
            entry.person
            for entry in customer.follow_ups
            if entry.person in around.managers and around.period.start <= entry.date <= around.as_of
        }
    )


def _benefits_above(customer: Customer, tier: Tier | None, around: Context) -> int | None:
    """Count the period's records that grant what only a better tier is promised."""
    if tier is None:
        return None
    tiers = around.policy.tiers
    rank = tiers.index(tier)
    own = {word for lower in tiers[rank:] for word in lower.standard.benefits}
    better = {word for higher in tiers[:rank] for word in higher.standard.benefits} - own
    found = 0
    for entry in customer.services:
        if around.period.start <= entry.requested_at.date() <= around.as_of:
            granted = entry.benefit or ""
            above = any(word in granted or (granted and granted in word) for word in better)
            costly = entry.discount is not None and entry.discount > tier.standard.discount
            found += above or costly
    return found


def raise_alerts(facts: Known, policy: Policy, as_of: date) -> tuple[Alert, ...]:
    """Collect every alert whose conditions hold, in the policy's order; `risk` becomes a fact. Pure but for that."""
    hits = policy.alerts.collect(facts)
    facts[RISK] = max((rule.risk for rule in hits), key=RISKS.index, default="") or None
    return tuple(
        Alert(
            code=rule.code,
            level=rule.level,
            tag=rule.tag,
            action=rule.action,
            owner=rule.owner,
            due=as_of + timedelta(days=rule.days),
            regrade=rule.regrade,
            risk=rule.risk,
            note=rule.note,
        )
        for rule in hits
    )


def judge_health(facts: Known, policy: Policy) -> Health:
    """Judge a customer's health from the inputs that are known; a missing one is said, not assumed."""
    bad, missing = [], []
    for entry in policy.health_inputs:
        value = facts.get(entry.measure)
        if value is None:
            missing.append(entry.label)
        elif entry.test(value):
            bad.append(entry.label)
    facts[HEALTH_KNOWN] = len(policy.health_inputs) - len(missing)
    facts[HEALTH_BAD] = len(bad)
    rule = policy.health.first(facts)
    colour = rule.outcome if rule else policy.health.default or _NEVER
    return Health(colour, rule.note if rule else "", tuple(bad), tuple(missing))
