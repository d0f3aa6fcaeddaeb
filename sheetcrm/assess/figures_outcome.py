"""What the service and the customers' word brought: NPS (domain §10, last line)."""

from __future__ import annotations

from decimal import Decimal

from sheetcrm.assess.explaining import figures_dated
from sheetcrm.assess.figures_relation import Span
from sheetcrm.assess.ratings import nps
from sheetcrm.assess.tally import Tally
from sheetcrm.model import Assessment


def tally_outcome(tally: Tally, entry: Assessment, span: Span) -> None:
    """Count one customer."""
    tally.value("nps", _recommends(entry, span))


def _recommends(entry: Assessment, span: Span) -> Decimal | None:
    """Give the NPS of a customer: its last request of the period that has one, else the row's, if of this period.

    A customer counts once, however often it was asked. Scores of 100, 0 and -100 (推荐者, 中立者, 贬损者)
    so have 推荐者% − 贬损者% as their mean.
    """
    said = [
        score
        for request in entry.customer.services
        if span.holds(request.requested_at.date()) and (score := nps(request)) is not None
    ]
    if said:
        return said[-1]
    row = entry.customer.scoring
    if row is None:
        return None
    dated = figures_dated(row)
    return nps(row) if dated is None or span.first <= dated <= span.last else None
