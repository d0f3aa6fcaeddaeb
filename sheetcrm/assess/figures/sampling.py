"""The period's 抽查清单: service records drawn to be checked by hand, the same ones every time (practice §10)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import ROUND_CEILING

from sheetcrm.model import ServiceRequest
from sheetcrm.policy.run import Run


def draw_sample(services: Iterable[ServiceRequest], run: Run) -> tuple[ServiceRequest, ...]:
    """Draw the policy's share of the requests made in the run's period, rounded up; at least one where there is any.

    The draw is seeded by the period's label: a hash of it and of what a record says puts the records in
    an order that nobody chooses, and the first of them are taken. The order of rows, sheets and files
    changes nothing, and a record more elsewhere changes at most one of the others.

    Returns:
        The drawn records by time of request and 客户编号. Pure.
    """
    label, share = run.period.label, run.policy.report.sample_share
    requests = [entry for entry in services if run.counts(entry.requested_at.date())]
    count = int((len(requests) * share).to_integral_value(ROUND_CEILING))
    drawn = sorted(requests, key=lambda entry: (_lot(label, entry), *_place(entry)))[:count]
    return tuple(sorted(drawn, key=lambda entry: (entry.requested_at, entry.customer_id, _lot(label, entry))))


def _lot(label: str, entry: ServiceRequest) -> str:
    parts = (
        "抽查清单",
        label,
        entry.customer_id,
        entry.requested_at,
        entry.responded_at,
        entry.resolved_at,
        entry.category,
        entry.staff,
    )
    return hashlib.sha256("\0".join(str(part) for part in parts).encode("utf-8", "replace")).hexdigest()


def _place(entry: ServiceRequest) -> tuple[str, str, int]:
    """Settle between two records that say the same, which are one and the same to a reader."""
    return entry.origin.file, entry.origin.sheet, entry.row
