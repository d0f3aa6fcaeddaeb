"""Verifies repaired risks by what followed within the time of verification (practice §7). Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from sheetcrm.assess.measure.satisfaction import csat, nps
from sheetcrm.model import Customer, RiskEntry, ServiceRequest
from sheetcrm.text.dates import add_months


def verified_on(risk: RiskEntry, *, months: int) -> date | None:
    """Return the day the verification of a repair ends; None where nothing was repaired."""
    return add_months(risk.repaired_on, months) if risk.repaired_on else None


def succeeded(customer: Customer, risk: RiskEntry, *, months: int, kinds: frozenset[str]) -> bool | None:
    """Return whether things were better once the time of verification was over.

    Better is: a new need raised, more spent than in as many months before the repair, or a better score
    (CSAT or NPS) than the last one before it; and the same signal not registered again. None where no
    sheet holds any of the three, or nothing was repaired.
    """
    repaired, end = risk.repaired_on, verified_on(risk, months=months)
    if repaired is None or end is None:
        return None
    if any(entry.signal == risk.signal and repaired < entry.date <= end for entry in customer.risks):
        return False
    signs = [
        _needs(customer, repaired, end) if "need" in kinds else None,
        _spends(customer, repaired, end, add_months(repaired, -months)),
        _scores(customer.services, repaired, end, csat),
        _scores(customer.services, repaired, end, nps),
    ]
    answers = [sign for sign in signs if sign is not None]
    return any(answers) if answers else None


def _needs(customer: Customer, repaired: date, end: date) -> bool:
    return any(repaired < entry.raised_on <= end for entry in customer.needs)


def _spends(customer: Customer, repaired: date, end: date, start: date) -> bool | None:
    """Compare the spend after the repair with that before it; None without a single order on record."""
    if not customer.orders:
        return None
    after = sum((order.amount for order in customer.orders if repaired < order.date <= end), Decimal(0))
    before = sum((order.amount for order in customer.orders if start < order.date <= repaired), Decimal(0))
    return after > before


def _scores(
    services: tuple[ServiceRequest, ...],
    repaired: date,
    end: date,
    score_of: Callable[[ServiceRequest], Decimal | None],
) -> bool | None:
    """Compare the last score after the repair with the last before it; None where either is missing."""
    scored = [(entry.requested_at.date(), score) for entry in services if (score := score_of(entry)) is not None]
    before = [score for day, score in scored if day <= repaired]
    after = [score for day, score in scored if repaired < day <= end]
    return after[-1] > before[-1] if before and after else None
