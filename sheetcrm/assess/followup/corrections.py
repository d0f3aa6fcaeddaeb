"""What a request showed to be wrong, and is to be put right by a day: 整改 (practice §8). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sheetcrm.model import Customer, ServiceRequest
from sheetcrm.policy.run import Run


def open_corrections(customer: Customer, run: Run) -> Iterator[ServiceRequest]:
    """Yield the requests whose 整改期限 is set and that nobody says are put right by the date."""
    for entry in customer.services:
        if entry.correct_by and entry.requested_at < run.day_end and not _is_done(entry, run.as_of):
            yield entry


def days_late(entry: ServiceRequest, run: Run) -> int:
    """Count the days since a request's 整改期限; 0 until it has passed."""
    return max(0, (run.as_of - entry.correct_by).days) if entry.correct_by else 0


def say_correction(entry: ServiceRequest) -> str:
    """Say what is to be put right, and by which department."""
    what = entry.cause or entry.category or "整改"
    return f"{what}（责任部门 {entry.department}）" if entry.department else what


def _is_done(entry: ServiceRequest, as_of: date) -> bool:
    """Return whether it is put right: by 整改完成日期; in a sheet without that column, when the request is resolved."""
    if entry.origin.column("corrected_on"):
        return entry.corrected_on is not None and entry.corrected_on <= as_of
    if entry.resolved_at is not None:
        return entry.resolved_at.date() <= as_of
    return bool(entry.resolved)
