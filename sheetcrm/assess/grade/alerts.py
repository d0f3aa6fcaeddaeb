"""Health, risk and alerts (practice §7)."""

from __future__ import annotations

from datetime import timedelta

from sheetcrm.assess.context import Context
from sheetcrm.assess.grade.facts import Facts
from sheetcrm.model import Alert, Customer, Health, ServiceRequest, Serving
from sheetcrm.policy.model import GRAVE, LIGHT, MEDIUM, Policy, Tier
from sheetcrm.policy.run import Run
from sheetcrm.text.folding import fold_name

RISK, HEALTH_KNOWN, HEALTH_BAD = "risk", "health_known", "health_bad"
"""The facts that are decided here."""
RISKS = ("", LIGHT, MEDIUM, GRAVE)
"""The levels of risk, rising."""
_NEVER = "无数据"


def add_service_facts(facts: Facts, customer: Customer, served: Serving, context: Context) -> None:
    """Add the facts that depend on the tier: late answers, benefits promised above it, who handled it.

    A request is held to the tier that served when it was made (practice §3).
    """
    run = context.run
    if "service" in context.kinds:
        facts["late_responses"] = _late_responses(customer, served, run)
        facts["benefits_above"] = _benefits_above(customer, served, run)
    facts["managers_in_period"] = len(
        {
            name
            for entry in customer.follow_ups
            if entry.person and (name := fold_name(entry.person)) in context.managers and run.counts(entry.date)
        }
    )


def _late_responses(customer: Customer, served: Serving, run: Run) -> int | None:
    """Count the last days' requests not answered within the limit; None where no tier says a limit."""
    since = run.as_of - timedelta(days=run.policy.measures.late_response_days)
    recent = [entry for entry in customer.services if since < entry.requested_at.date() <= run.as_of]
    tier = run.policy.tier(served.now or "")
    if not recent:
        return None if tier is None or tier.standard.first_response_hours is None else 0
    answers = [answer for entry in recent if (answer := _is_late(entry, served, run)) is not None]
    return sum(answers) if answers else None


def _is_late(entry: ServiceRequest, served: Serving, run: Run) -> bool | None:
    """Return whether the first answer came after the limit, or has not come by now; None without a limit."""
    tier = _tier_at(entry, served, run)
    limit = run.limits.response_due(tier.standard if tier else None, entry.requested_at)
    if limit is None:
        return None
    if entry.responded_at is None and (entry.resolved_at or entry.resolved):
        return False
    return (entry.responded_at or run.day_end) > limit


def _tier_at(entry: ServiceRequest, served: Serving, run: Run) -> Tier | None:
    return run.policy.tier(served.on(entry.requested_at.date()) or "")


def _benefits_above(customer: Customer, served: Serving, run: Run) -> int | None:
    """Count the period's records that grant what only a better tier is promised."""
    if served.now is None:
        return None
    count = 0
    for entry in customer.services:
        if run.counts(entry.requested_at.date()):
            tier = _tier_at(entry, served, run)
            above = bool(entry.benefit) and grants_above(entry.benefit or "", tier, run.policy)
            costly = tier is not None and entry.discount is not None and entry.discount > tier.standard.discount
            count += above or costly
    return count


def grants_above(benefit: str, tier: Tier | None, policy: Policy) -> bool:
    """Return whether a benefit that was granted is one only better tiers are promised: 越级承诺 (practice §7). Pure."""
    return any(word in benefit or benefit in word for word in _better(tier, policy))


def _better(tier: Tier | None, policy: Policy) -> frozenset[str]:
    """Return the benefits that only tiers above one are promised."""
    if tier is None:
        return frozenset()
    rank = policy.tiers.index(tier)
    own = {word for lower in policy.tiers[rank:] for word in lower.standard.benefits}
    return frozenset(word for higher in policy.tiers[:rank] for word in higher.standard.benefits) - own


def raise_alerts(facts: Facts, run: Run) -> tuple[Alert, ...]:
    """Collect every alert whose conditions hold, in the policy's order; `risk` becomes a fact. Otherwise pure.

    An alert is to be acted on by the last working day within its days, else by the first one (practice §7).
    """
    hits = run.policy.alerts.collect(facts)
    facts[RISK] = max((rule.risk for rule in hits), key=RISKS.index, default="") or None
    return tuple(
        Alert(
            code=rule.code,
            level=rule.level,
            tag=rule.tag,
            action=rule.action,
            owner=rule.owner,
            due=run.calendar.workday_within(run.as_of, rule.days),
            regrade=rule.regrade,
            risk=rule.risk,
            note=rule.note,
        )
        for rule in hits
    )


def judge_health(facts: Facts, policy: Policy) -> Health:
    """Judge a customer's health from the inputs that are known; missing ones are listed, never assumed."""
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
