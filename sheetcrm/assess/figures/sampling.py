"""Draws the service records to be checked by hand (practice §10): the same ones every time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

from sheetcrm.model import Period, ServiceRequest


def sample(services: Iterable[ServiceRequest], *, period: Period, share: Decimal) -> tuple[ServiceRequest, ...]:
    """Draw a share of the requests made in a period, rounded up; at least one where there is any.

    The draw is seeded by the period's label: a hash of it and of a record's fields puts the records in
    an order that nobody chooses, and the first of them are taken. The order of rows, sheets and files
    changes nothing, and a record more elsewhere changes at most one of the others.

    Returns:
        The drawn records by time of request and 客户编号. Pure.
    """
    requests = [entry for entry in services if period.start <= entry.requested_at.date() <= period.end]
    count = int((len(requests) * share).to_integral_value(ROUND_CEILING))
    drawn = sorted(requests, key=lambda entry: (_lot(period, entry), *_place(entry)))[:count]
    return tuple(sorted(drawn, key=lambda entry: (entry.requested_at, entry.customer_id, _lot(period, entry))))


def _lot(period: Period, entry: ServiceRequest) -> str:
    seed = (
        "抽查清单",
        period.label,
        entry.customer_id,
        entry.requested_at,
        entry.responded_at,
        entry.resolved_at,
        entry.category,
        entry.staff,
    )
    return hashlib.sha256("\0".join(str(part) for part in seed).encode("utf-8", "replace")).hexdigest()


def _place(entry: ServiceRequest) -> tuple[str, str, int]:
    """Order two records of equal content, which are one and the same to a reader."""
    return entry.origin.file, entry.origin.sheet, entry.row
