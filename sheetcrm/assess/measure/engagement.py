"""Measures a relation: contacts, contract, service, needs, and signals in what people wrote (practice §3, §7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from math import ceil

from sheetcrm.assess.context import Context
from sheetcrm.assess.measure import repairs
from sheetcrm.assess.measure.satisfaction import csat, nps
from sheetcrm.assess.measure.signals import find_signals
from sheetcrm.model import Customer, ScoringRow, ServiceRequest
from sheetcrm.policy.model import COMPETITOR, COMPLEX, EXPANSION
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import add_months, months_between

_HOUR = 3600
_DAY_HOURS = 24


Relation = Mapping[str, object]
"""Measures by their names in `Measures`; unknown ones may be left out."""


def relate(customer: Customer, context: Context, *, last_purchase: date | None) -> Relation:
    """Measure a customer's contacts, needs, requests, risks and texts as of the date. Pure."""
    spoken = customer.profile.last_contact if customer.profile else None
    if not (spoken or customer.follow_ups or customer.needs or customer.services or customer.risks):
        row = customer.scoring
        return _silent(csat(row) if row else None, nps(row) if row else None, "service" in context.kinds)
    run, day_end = context.run, context.run.day_end
    contacts = [entry.date for entry in customer.follow_ups if entry.date <= run.as_of]
    needs = [entry.raised_on for entry in customer.needs if entry.raised_on <= run.as_of]
    repaired = [day for entry in customer.risks if (day := entry.repaired_on) and day <= run.as_of]
    winback = _first_winback(customer, run, after=last_purchase)
    services = [entry for entry in customer.services if entry.requested_at < day_end]
    scored: list[ServiceRequest | ScoringRow] = [*services, customer.scoring] if customer.scoring else [*services]
    rated = [score for entry in scored if (score := csat(entry)) is not None]
    mean = sum(rated, Decimal(0)) / len(rated) if rated else None
    recommended = [score for entry in scored if (score := nps(entry)) is not None]
    signals = _signals(customer, run)
    hours = _unanswered_hours(services, context)
    return {
        "months_since_contact": _months([*contacts, spoken] if spoken and spoken <= run.as_of else contacts, run),
        "contact_change": _contact_change(contacts, run),
        "months_since_new_need": _months(needs, run),
        "months_since_winback": months_between(winback, run.as_of) if winback else None,
        "months_since_repair": _months(repaired, run),
        "repair_held": _repair_held(customer, context),
        "unanswered_hours": hours,
        "unanswered_days": None if hours is None else hours // _DAY_HOURS,
        "complaints_period": _complaints(services, run) if "service" in context.kinds else None,
        "satisfaction": rated[-1] if rated else None,
        "satisfaction_before": rated[-2] if len(rated) > 1 else None,
        "satisfaction_mean": mean,
        "satisfaction_gap": None if mean is None else rated[-1] - mean,
        "nps": recommended[-1] if recommended else None,
        "signals": signals,
        "competitor_named": COMPETITOR in signals,
        "asks_complex": COMPLEX in signals,
        "expands": EXPANSION in signals,
    }


@lru_cache(maxsize=256)
def _silent(satisfaction: Decimal | None, nps: Decimal | None, served: bool) -> Relation:  # noqa: FBT001  (a key of the cache)
    """Return the measures of a customer without a single record but the score typed in its row."""
    values: Relation = {"nps": nps} if nps is not None else {}
    if served:
        values = {**values, "unanswered_hours": 0, "unanswered_days": 0, "complaints_period": 0}
    if satisfaction is None:
        return values
    return {**values, "satisfaction": satisfaction, "satisfaction_mean": satisfaction, "satisfaction_gap": Decimal(0)}


def unanswered(entry: ServiceRequest, run: Run) -> bool:
    """Return whether a request had no answer yet at the end of the date's day. Pure."""
    if entry.responded_at is not None:
        return entry.responded_at >= run.day_end
    return entry.resolved_at is None and not entry.resolved


def _repair_held(customer: Customer, context: Context) -> bool | None:
    """Return whether the repair whose verification ended last held; None unless it ended just now (practice §7)."""
    if not customer.risks:
        return None
    run = context.run
    months = run.policy.measures.repair_months
    since = add_months(run.as_of, -months)
    ended = [
        (end, risk)
        for risk in customer.risks
        if (end := repairs.verified_on(risk, months=months)) and since < end <= run.as_of
    ]
    if not ended:
        return None
    _, latest = max(ended, key=lambda verified: verified[0])
    return repairs.succeeded(customer, latest, months=months, kinds=context.kinds)


def _months(days: Sequence[date], run: Run) -> int | None:
    return months_between(max(days), run.as_of) if days else None


def _contact_change(contacts: list[date], run: Run) -> Decimal | None:
    """Compare the contacts of the policy's window with those of the window before; None from a base of 0."""
    window = timedelta(days=run.policy.signals.window_days)
    recent = sum(day > run.as_of - window for day in contacts)
    before = sum(run.as_of - 2 * window < day <= run.as_of - window for day in contacts)
    return Decimal(recent - before) / before if before else None


def _unanswered_hours(services: list[ServiceRequest], context: Context) -> int | None:
    if "service" not in context.kinds:
        return None
    waits = [  # an hour that has begun counts: who waits 360 hours and a minute waits more than 360 hours
        ceil((context.run.day_end - entry.requested_at).total_seconds() / _HOUR)
        for entry in services
        if unanswered(entry, context.run)
    ]
    return max(waits, default=0)


def _complaints(services: list[ServiceRequest], run: Run) -> int:
    words = run.policy.reading.complaint_words
    return sum(
        entry.requested_at.date() >= run.period.start and any(word in (entry.category or "") for word in words)
        for entry in services
    )


def _first_winback(customer: Customer, run: Run, *, after: date | None) -> date | None:
    """Find the first follow-up since the last purchase that names winning the customer back."""
    words = run.policy.signals.winback
    for entry in customer.follow_ups:
        text = entry.summary or ""
        if (after is None or entry.date > after) and entry.date <= run.as_of and any(word in text for word in words):
            return entry.date
    return None


def _signals(customer: Customer, run: Run) -> frozenset[str]:
    """Name the signals of the window's texts, and of the risks not repaired yet."""
    rules = run.policy.signals
    names: set[str] = set()
    for text in _texts(customer, run):
        names |= find_signals(text, rules.spelled)
    for entry in customer.risks:
        if entry.date <= run.as_of and not (entry.repaired_on and entry.repaired_on <= run.as_of):
            names |= find_signals(entry.signal, rules.words) or {entry.signal}
    return frozenset(names)


def _texts(customer: Customer, run: Run) -> Iterator[str]:
    start = run.as_of - timedelta(days=run.policy.signals.window_days)
    for entry in customer.follow_ups:
        if start < entry.date <= run.as_of:
            if entry.summary:
                yield entry.summary
            if entry.feedback:
                yield entry.feedback
