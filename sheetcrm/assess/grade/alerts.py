"""Health, risk and alerts (domain §7)."""

from __future__ import annotations

from datetime import date, timedelta

from sheetcrm.assess.context import Context
from sheetcrm.assess.grade.facts import Known
from sheetcrm.model import Alert, Customer, Health, ServiceRequest, Serving
from sheetcrm.policy.model import GRAVE, LIGHT, MEDIUM, Policy, Tier

RISK, HEALTH_KNOWN, HEALTH_BAD = "risk", "health_known", "health_bad"
"""The facts that are decided here."""
RISKS = ("", LIGHT, MEDIUM, GRAVE)
"""The levels of risk, rising."""
_NEVER = "无数据"


def serve(facts: Known, customer: Customer, served: Serving, around: Context) -> None:
    """Add the facts that depend on the tier: late answers, benefits promised above it, who handled it.

    A request is held to the tier that served when it was made (domain §3).
    """
    if "service" in around.kinds:
        facts["late_responses"] = _late_responses(customer, served, around)
        facts["benefits_above"] = _benefits_above(customer, served, around)
    facts["managers_in_period"] = len(
        {
            entry.person
            for entry in customer.follow_ups
            if entry.person in around.managers and around.period.start <= entry.date <= around.as_of
        }
    )


def _late_responses(customer: Customer, served: Serving, around: Context) -> int | None:
    """Count the last days' requests not answered within the limit; None where no tier says a limit."""
    since = around.as_of - timedelta(days=around.policy.measures.late_response_days)
    recent = [entry for entry in customer.services if since < entry.requested_at.date() <= around.as_of]
    tier = around.policy.tier(served.now or "")
    if not recent:
        return None if tier is None or tier.standard.first_response_hours is None else 0
    answers = [_is_late(entry, served, around) for entry in recent]
    known = [answer for answer in answers if answer is not None]
    return sum(known) if known else None


def _is_late(entry: ServiceRequest, served: Serving, around: Context) -> bool | None:
    """Tell whether the first answer came after the limit, or has not come by now; None without a limit."""
    tier = _tier_at(entry, served, around)
    limit = around.limits.response_due(tier.standard if tier else None, entry.requested_at)
    if limit is None:
        return None
    if entry.responded_at is None and (entry.resolved_at or entry.resolved):
        return False
    return (entry.responded_at or around.day_end) > limit


def _tier_at(entry: ServiceRequest, served: Serving, around: Context) -> Tier | None:
    return around.policy.tier(served.on(entry.requested_at.date()) or "")


def _benefits_above(customer: Customer, served: Serving, around: Context) -> int | None:
    """Count the period's records that grant what only a better tier is promised."""
    if served.now is None:
        return None
    found = 0
    for entry in customer.services:
        if around.period.start <= entry.requested_at.date() <= around.as_of:
            tier = _tier_at(entry, served, around)
            granted = entry.benefit or ""
            better = _better(tier, around.policy) if granted else ()
            above = any(word in granted or granted in word for word in better)
            costly = tier is not None and entry.discount is not None and entry.discount > tier.standard.discount
            found += above or costly
    return found


def _better(tier: Tier | None, policy: Policy) -> frozenset[str]:
    """Name the benefits that only tiers above one are promised."""
    if tier is None:
        return frozenset()
    rank = policy.tiers.index(tier)
    own = {word for lower in policy.tiers[rank:] for word in lower.standard.benefits}
    return frozenset(word for higher in policy.tiers[:rank] for word in higher.standard.benefits) - own


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
