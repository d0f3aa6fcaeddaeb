"""Tallies outcomes: recommendations, referrals, repairs that held (practice §10, last line)."""

from __future__ import annotations

from decimal import Decimal

from sheetcrm.assess.figures.relations import Span, first_bought
from sheetcrm.assess.figures.tally import Tally
from sheetcrm.assess.measure import repairs
from sheetcrm.assess.measure.figure_dates import figures_dated
from sheetcrm.assess.measure.satisfaction import nps
from sheetcrm.model import Assessment


def tally_outcome(tally: Tally, entry: Assessment, span: Span, *, verified_within: int) -> None:
    """Count one customer; a repair is verified within some months."""
    tally.value("nps", _recommends(entry, span))
    tally.answer("referred", _was_referred(entry, span))
    for risk in entry.customer.risks:
        end = repairs.verified_on(risk, months=verified_within)
        if end and span.run.counts(end):
            held = repairs.succeeded(entry.customer, risk, months=verified_within, kinds=span.kinds)
            tally.answer("repaired", held)


def _was_referred(entry: Assessment, span: Span) -> bool | None:
    """Return whether a customer won in the last 12 months was referred; None for others, and without 推荐人."""
    profile, bought = entry.customer.profile, first_bought(entry.customer)
    if profile is None or bought is None or not span.run.year_start < bought <= span.run.as_of:
        return None
    return profile.referrer is not None if profile.origin.column("referrer") else None


def _recommends(entry: Assessment, span: Span) -> Decimal | None:
    """Return the NPS of a customer: its last request of the period that has one, else the row's, if of this period.

    A customer counts once, however often it was asked. Scores of 100, 0 and -100 (推荐者, 中立者, 贬损者)
    so have 推荐者% − 贬损者% as their mean.
    """
    scores = [
        score
        for request in entry.customer.services
        if span.run.counts(request.requested_at.date()) and (score := nps(request)) is not None
    ]
    if scores:
        return scores[-1]
    row = entry.customer.scoring
    if row is None:
        return None
    dated = figures_dated(row)
    return nps(row) if dated is None or span.run.counts(dated) else None
