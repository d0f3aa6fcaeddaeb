"""Typed figures against derived ones: which of them serves (practice §3).

A figure typed into a sheet holds for the period its row's 评估日期 lies in and wins there over one
derived from orders. One typed before the period serves only where there are no orders, its durations
aged by the days since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter

from msgspec import Struct

from sheetcrm.assess.context import Context
from sheetcrm.assess.measure.figure_dates import figures_dated
from sheetcrm.assess.measure.trends import ended_months
from sheetcrm.model import TYPED_ONLY, Customer, Order, Problem, Record, ScoringRow, Source
from sheetcrm.model.prospects import is_prospect
from sheetcrm.policy.run import Run
from sheetcrm.problems import problem
from sheetcrm.text.dates import MonthEnd
from sheetcrm.text.quantities import format_days, format_frequency, format_money

MONTHS = 12
"""The window of the practice's yearly figures."""


class Spending(Struct, frozen=True, gc=False):
    """A customer's settled figures by the names of `Measures`, and where each comes from.

    `dated` is the day the typed figures speak of, where that is not in this period; `first` and
    `largest` are the first order's day and the largest order, `largest_period` the period's.
    """

    figures: Mapping[str, Decimal | int | None]
    sources: Mapping[str, Source]
    bought: bool | None
    dated: date | None
    first: date | None
    largest: Decimal | None
    largest_period: Decimal | None
    problems: tuple[Problem, ...]


def settle(customer: Customer, context: Context) -> Spending:
    """Choose between the typed and the derived figure of every measure.

    A figure nobody knows is None; those of a customer that never bought are 0. Pure.
    """
    typed = _Typed.of(customer.scoring, context.run)
    derived = derive(customer.orders, context.run)
    figures, sources, problems = _settle(customer, typed, derived, context)
    bought = has_bought(customer, figures, context)
    if bought is False:
        figures |= {"spend_12m": Decimal(0), "frequency_12m": Decimal(0)}
    return Spending(
        figures=figures,
        sources=sources,
        bought=bought,
        dated=typed.dated if typed.stale else None,
        first=derived.first,
        largest=derived.largest,
        largest_period=derived.largest_period,
        problems=tuple(problems),
    )


class _Typed(Struct, frozen=True, gc=False):
    """A scoring row's figures: whether they speak of this period, and of which day if not."""

    row: ScoringRow | None
    dated: date | None
    stale: bool
    age_days: int

    @classmethod
    def of(cls, row: ScoringRow | None, run: Run) -> _Typed:
        dated = figures_dated(row) if row else None
        if dated is None or run.period.start <= dated <= run.period.end:
            return cls(row, dated, stale=False, age_days=0)
        return cls(row, dated, stale=True, age_days=max(0, (run.as_of - dated).days))


_FIGURES = (
    ("spend_total", "", "spend_total"),
    ("recency_days", "recency", "last_deal"),
    ("frequency_12m", "frequency_12m", "frequency_12m"),
    ("spend_12m", "spend_12m", "spend_12m"),
    ("repurchase_rate", "repurchase_rate", ""),
    ("average_order", "average_order", ""),
    ("order_growth", "order_growth", ""),
    ("new_needs", "new_needs", ""),
    ("referrals", "referrals", ""),
    ("complaints_12m", "complaints_12m", ""),
)
"""A measure, and the field of the scoring sheet and of the base sheet it is typed into."""
_scored = attrgetter(*(field for _, field, _ in _FIGURES if field))
_UNSCORED = (None,) * len(_FIGURES)
_typed_only = attrgetter(*TYPED_ONLY)
_NONE_TYPED = (None,) * len(TYPED_ONLY)


def _settle(
    customer: Customer, typed: _Typed, derived: Derived, context: Context
) -> tuple[dict[str, Decimal | int | None], Mapping[str, Source], list[Problem]]:
    """Choose between the typed and the derived figure of every measure (practice §3)."""
    figures: dict[str, Decimal | int | None] = {}
    sources: list[tuple[str, Source]] = []
    problems: list[Problem] = []
    computed = _count_records(customer, context)
    if derived.figures:
        computed |= derived.figures
    scored = (None, *_scored(typed.row)) if typed.row is not None else _UNSCORED
    for (name, scoring_field, profile_field), typed_value in zip(_FIGURES, scored, strict=True):
        derived_value = computed.get(name) if computed else None
        row: Record | None = typed.row
        value, field, stale = typed_value, scoring_field, typed.stale
        if value is None and profile_field and customer.profile is not None:
            row, field, stale = customer.profile, profile_field, False
            value = getattr(row, field)
        if name == "recency_days" and value is not None:
            value, stale = _recency(value, typed, context.run, stale=stale)
        if value is None or (stale and derived_value is not None):
            figures[name] = derived_value
            if derived_value is not None:
                sources.append((name, Source.DERIVED))
            continue
        figures[name] = value
        sources.append((name, Source.AGED if stale else Source.TYPED))
        if derived_value is not None and (name != "spend_total" or _reaches_back(customer, derived)):
            problems += _compare(row, field, name, value, derived_value, context.run)
    spend, frequency = figures["spend_12m"], figures["frequency_12m"]
    if figures["average_order"] is None and spend is not None and frequency:
        figures["average_order"] = Decimal(spend) / Decimal(frequency)
        sources.append(("average_order", Source.DERIVED))
    sources += _take_typed(figures, typed)
    settled = _settled_sources(tuple(sources))
    if typed.stale and typed.row and Source.AGED in settled.values():
        problems.append(problem("figures-stale", typed.row.ref("assessed_on"), dated=typed.dated))
    return figures, settled, problems


def _take_typed(figures: dict[str, Decimal | int | None], typed: _Typed) -> Iterable[tuple[str, Source]]:
    """Add the measures that only the scoring row tells, and return where they come from."""
    values = _typed_only(typed.row) if typed.row is not None else _NONE_TYPED
    if values == _NONE_TYPED:
        return ()
    figures |= zip(TYPED_ONLY, values, strict=True)
    source = Source.AGED if typed.stale else Source.TYPED
    return [(name, source) for name in TYPED_ONLY if figures[name] is not None]


@lru_cache(maxsize=1 << 10)
def _settled_sources(sources: tuple[tuple[str, Source], ...]) -> Mapping[str, Source]:
    """Make the mapping once for all customers whose figures come from the same places."""
    return dict(sources)


def _recency(value: date | int, typed: _Typed, run: Run, *, stale: bool) -> tuple[int | None, bool]:
    """Return the days since the last purchase as of the date, and whether they are older than the period."""
    if isinstance(value, MonthEnd):
        value = value.not_after(run.as_of)
    if isinstance(value, date):
        return (run.as_of - value).days if value <= run.as_of else None, False
    return value + (typed.age_days if stale else 0), stale


def _compare(
    row: Record | None,
    field: str,
    name: str,
    written: Decimal | int,
    computed: Decimal | int,
    run: Run,
) -> Iterable[Problem]:
    """Compare a typed figure with the derived one: the finance double-check."""
    if row is None or name not in _FORMATS:
        return
    gap = abs(Decimal(written) - Decimal(computed))
    if gap > run.policy.reading.mismatch_tolerance * abs(Decimal(computed)):
        render = _FORMATS[name]
        yield problem(
            "figure-mismatch", row.ref(field), found=render(Decimal(written)), derived=render(Decimal(computed))
        )


def _reaches_back(customer: Customer, derived: Derived) -> bool:
    """Return whether the orders go back to the first deal, so that their sum is a total."""
    first_deal = customer.profile.first_deal if customer.profile else None
    return first_deal is not None and derived.first is not None and derived.first <= first_deal


_FORMATS: Mapping[str, Callable[[Decimal], str]] = {
    "recency_days": lambda value: format_days(int(value)),
    "frequency_12m": format_frequency,
    "spend_12m": format_money,
    "spend_total": format_money,
    "average_order": format_money,
}


# --- derived figures ---------------------------------------------------------------------------------


class Derived(Struct, frozen=True, gc=False):
    """The figures of the orders up to the date; each is None without a single order."""

    first: date | None = None
    largest: Decimal | None = None
    largest_period: Decimal | None = None
    figures: Mapping[str, Decimal | int | None] | None = None


def derive(orders: Sequence[Order], run: Run) -> Derived:
    """Count purchases: an order of a positive amount; refunds lower the sums only."""
    past_orders = [order for order in orders if order.date <= run.as_of]
    purchases = [order for order in past_orders if order.amount > 0]
    if not purchases:
        return Derived()
    start = run.year_start
    before = run.before_start
    last = max(order.date for order in purchases)
    first = min(order.date for order in purchases)
    spend = sum((order.amount for order in past_orders if order.date > start), Decimal(0))
    spend_before = sum((order.amount for order in past_orders if before < order.date <= start), Decimal(0))
    recent = [order for order in purchases if order.date > start]
    by_day = run.policy.reading.purchases == "day"
    frequency = len({order.date if by_day else order.order_no or id(order) for order in recent})
    months = {(order.date.year, order.date.month) for order in purchases}
    active = sum(month in months for month in ended_months(run.as_of, MONTHS))
    return Derived(
        first=first,
        largest=max(order.amount for order in purchases),
        largest_period=max((order.amount for order in purchases if order.date >= run.period.start), default=None),
        figures={
            "recency_days": (run.as_of - last).days,
            "frequency_12m": Decimal(frequency),
            "spend_12m": spend,
            "spend_total": sum((order.amount for order in past_orders), Decimal(0)),
            "average_order": spend / frequency if frequency else None,
            "order_growth": (spend - spend_before) / spend_before if spend_before > 0 else None,
            "repurchase_rate": Decimal(active) / MONTHS,
        },
    )


def _count_records(customer: Customer, context: Context) -> dict[str, Decimal | int | None]:
    """Count what 12 months of other sheets say; a sheet the book does not hold says nothing."""
    start, end = context.run.year_start, context.run.as_of
    counts: dict[str, Decimal | int | None] = {}
    if "need" in context.kinds:
        counts["new_needs"] = Decimal(sum(start < entry.raised_on <= end for entry in customer.needs))
    if "service" in context.kinds:
        counts["complaints_12m"] = Decimal(
            sum(
                start < entry.requested_at.date() <= end
                and any(word in (entry.category or "") for word in context.run.policy.reading.complaint_words)
                for entry in customer.services
            )
        )
    if context.referrals:
        counts["referrals"] = Decimal(context.referrals.get(customer.customer_id, 0))
    return counts


def has_bought(customer: Customer, figures: Mapping[str, Decimal | int | None], context: Context) -> bool | None:
    """Return whether a customer has ever bought; None where nothing says so either way (practice §4.3)."""
    amounts = [figures[name] for name in ("spend_12m", "spend_total", "frequency_12m", "average_order")]
    profile = customer.profile
    if any(value for value in amounts) or figures["recency_days"] is not None:
        return True
    if profile and profile.first_deal and profile.first_deal <= context.run.as_of:
        return True
    unreadable = customer.scoring.unreadable if customer.scoring else ()
    if unreadable or (profile and {"spend_12m", "spend_total", "last_deal"} & set(profile.unreadable)):
        return None
    stated_zero = figures["spend_total"] == 0 or figures["spend_12m"] == 0
    if stated_zero or ("order" in context.kinds and customer.profile):
        return False
    return False if profile and is_prospect(profile) else None
