"""Reads satisfaction by scale: a score counts on its own scale only, and only within it (practice §1.2). Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sheetcrm import schema
from sheetcrm.model import Customer, ScoringRow, ServiceRequest

_, _CSAT_LOW, _CSAT_HIGH = schema.SCALES["satisfaction"]
_, _NPS_LOW, _NPS_HIGH = schema.SCALES["nps"]


def csat(record: ServiceRequest | ScoringRow) -> Decimal | None:
    """Return a record's CSAT (0 to 100); None where it has none, or none that can be one."""
    score = record.satisfaction
    return score if score is not None and _CSAT_LOW <= score <= _CSAT_HIGH else None


def nps(record: ServiceRequest | ScoringRow) -> Decimal | None:
    """Return a record's NPS (-100 to 100); None where it has none, or none that can be one."""
    score = record.nps
    return score if score is not None and _NPS_LOW <= score <= _NPS_HIGH else None


def last_csat(customer: Customer, day_end: datetime) -> Decimal | None:
    """Return the CSAT that counts as a customer's last: the one its scoring row types, else of its last request."""
    typed = csat(customer.scoring) if customer.scoring else None
    if typed is not None:
        return typed
    scored = (csat(entry) for entry in reversed(customer.services) if entry.requested_at < day_end)
    return next((score for score in scored if score is not None), None)
