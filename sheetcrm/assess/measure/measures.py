"""Records and a date to measures (practice §3), with the problems only figures show.

Everything is computed as of the context's date; the clock is never read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from sheetcrm.assess.context import Context
from sheetcrm.assess.measure import engagement, reconcile, trends
from sheetcrm.assess.measure.industries import industry
from sheetcrm.assess.measure.satisfaction import last_csat
from sheetcrm.model import Customer, Measures, Problem, Source
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import NO_END, months_between


class Measured(Struct, frozen=True, gc=False):
    """A customer's measures, with the problems only they show.

    `figures_dated` is the day the typed figures speak of, where that is not in this period, and
    `outdated` tells whether such a figure had to serve.
    """

    measures: Measures
    figures_dated: date | None
    outdated: bool
    problems: tuple[Problem, ...]


def measure(customer: Customer, context: Context) -> Measured:
    """Measure a customer as of the context's date.

    Orders and contacts after that date are not counted. A measure nobody knows is None. The shares of
    the book and what earlier outcomes decide are left to `facts`. Pure.
    """
    as_of = context.run.as_of
    spent = reconcile.settle(customer, context)
    scoring, profile = customer.scoring, customer.profile
    level = scoring.growth_level if scoring else None
    growth = scoring.industry_growth if scoring else None
    if growth is None and level and scoring and "industry_growth" not in scoring.unreadable:
        growth = level.rate
    first_deal = (profile.first_deal if profile else None) or spent.first
    recency = spent.figures["recency_days"]
    last_purchase = None if recency is None else as_of - timedelta(days=int(recency))
    measures = Measures(
        **spent.figures,  # type: ignore[arg-type]  # the names here and below are those of Measures
        **engagement.relate(customer, context, last_purchase=last_purchase),  # type: ignore[arg-type]
        **(_series(customer, context.run) if customer.orders else _NOTHING),  # type: ignore[arg-type]
        **(contract_left(profile.contract_end, as_of) if profile and profile.contract_end else _NOTHING),  # type: ignore[arg-type]
        largest_order=spent.largest,
        largest_order_period=spent.largest_period,
        industry_growth=growth,
        industry_level=("萎缩" if level.shrinking else level.label) if level else None,
        tenure_months=months_between(first_deal, as_of) if first_deal and first_deal <= as_of else None,
        months_since_purchase=months_between(last_purchase, as_of) if last_purchase else None,
        bought=spent.bought,
        industry_gap=_industry_gap(customer, context),
        sources=spent.sources,
    )
    outdated = Source.AGED in spent.sources.values()
    return Measured(measures, spent.dated, outdated, spent.problems)


_NOTHING: Mapping[str, object] = {}


def _industry_gap(customer: Customer, context: Context) -> Decimal | None:
    """Hold a customer's last CSAT against the mean of its own industry (practice §7)."""
    if not context.satisfaction or customer.profile is None:
        return None
    mean = context.satisfaction.get(industry(customer.profile.industry) or "")
    score = last_csat(customer, context.run.day_end) if mean is not None else None
    return score - mean if mean is not None and score is not None else None


def _series(customer: Customer, run: Run) -> Mapping[str, object]:
    months = trends.monthly_spend(customer.orders, run.as_of)
    return {
        "spend_months": months,
        "spend_change": trends.spend_change(months),
        "frequency_change": trends.frequency_change(customer.orders, run),
        "consecutive_drop_months": trends.consecutive_drops(months, drop=run.policy.measures.drop),
    }


def contract_left(end: date, as_of: date) -> Mapping[str, object]:
    """Measure how long a contract still runs as of a date. Pure."""
    if end == NO_END:
        return {"contract_in_force": True}
    return {
        "contract_days_left": (end - as_of).days,
        "contract_months_left": trends.months_until(end, as_of=as_of),
        "contract_in_force": end >= as_of,
    }
