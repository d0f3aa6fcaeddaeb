"""Records and a date to measures (domain §3), with the problems only figures show.

A figure typed into a sheet holds for the period its row's 评估日期 lies in and wins there over one
derived from orders. One typed before the period serves only where there are no orders, its durations
aged by the days since. The clock is never read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sheetcrm.assess.explaining import figures_dated
from sheetcrm.model import Book, Customer, Measures, Order, Period, Problem, Record, ScoringRow, Source
from sheetcrm.policy.model import Reading
from sheetcrm.problems import problem
from sheetcrm.text.dates import add_months, months_between
from sheetcrm.text.quantities import say_days, say_frequency, say_money

MONTHS = 12
"""The window of the practice's yearly figures."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every customer is measured against."""

    as_of: date
    period: Period
    reading: Reading
    kinds: frozenset[str]
    referrals: Mapping[str, int]

    @property
    def year_start(self) -> date:
        """The day after which the last 12 months begin."""
        return add_months(self.as_of, -MONTHS)


@dataclass(frozen=True, slots=True)
class Measured:
    """A customer's measures, with the problems only they show.

    `figures_dated` is the day the typed figures speak of, where that is not in this period, and
    `outdated` tells whether such a figure had to serve.
    """

    measures: Measures
    figures_dated: date | None
    outdated: bool
    problems: tuple[Problem, ...]


def context(book: Book, *, as_of: date, period: Period, reading: Reading) -> Context:
    """Gather what is needed from the whole book: which sheets there are, who referred whom. Pure."""
    return Context(as_of, period, reading, book.kinds, _count_referrals(book.customers, as_of=as_of))


def measure(customer: Customer, around: Context) -> Measured:
    """Measure a customer as of the context's date.

    Orders and contacts after that date are not counted. A measure nobody knows is None. Pure.
    """
    typed = _Typed.of(customer.scoring, around)
    derived = _derive(customer.orders, around)
    found, sources, problems = _settle(customer, typed, derived, around)
    bought = _has_bought(customer, found, around)
    if bought is False:
        found |= {"spend_12m": Decimal(0), "frequency_12m": Decimal(0)}
    scoring, profile = customer.scoring, customer.profile
    level = scoring.growth_level if scoring else None
    growth = scoring.industry_growth if scoring else None
    if growth is None and level:
        growth = level.rate
    contacts = [entry.date for entry in customer.follow_ups if entry.date <= around.as_of]
    first_deal = (profile.first_deal if profile else None) or derived.first
    last_deal = derived.last or _last_deal(customer, around.as_of)
    contract_end = profile.contract_end if profile else None
    measures = Measures(
        **found,
        industry_growth=growth,
        industry_level=("萎缩" if level.shrinking else level.label) if level else None,
        satisfaction=_satisfaction(customer, around),
        tenure_months=months_between(first_deal, around.as_of) if first_deal and first_deal <= around.as_of else None,
        months_since_purchase=months_between(last_deal, around.as_of) if last_deal else None,
        months_since_contact=months_between(max(contacts), around.as_of) if contacts else None,
        contract_days_left=(contract_end - around.as_of).days if contract_end else None,
        bought=bought,
        sources=sources,
    )
    outdated = Source.AGED in sources.values()
    return Measured(measures, typed.dated if typed.stale else None, outdated, tuple(problems))


# --- typed figures -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Typed:
    """A scoring row's figures: whether they speak of this period, and of which day if not."""

    row: ScoringRow | None
    dated: date | None
    stale: bool
    age_days: int

    @classmethod
    def of(cls, row: ScoringRow | None, around: Context) -> _Typed:
        dated = figures_dated(row) if row else None
        if dated is None or around.period.start <= dated <= around.period.end:
            return cls(row, dated, stale=False, age_days=0)
        return cls(row, dated, stale=True, age_days=max(0, (around.as_of - dated).days))


_FIGURES = (
    "frequency_12m",
    "spend_12m",
    "repurchase_rate",
    "average_order",
    "order_growth",
    "new_needs",
    "referrals",
    "complaints_12m",
)


def _settle(
    customer: Customer, typed: _Typed, derived: _Derived, around: Context
) -> tuple[dict[str, Decimal | int | None], dict[str, Source], list[Problem]]:
    """Choose between the typed and the derived figure of every measure (domain §3)."""
    found: dict[str, Decimal | int | None] = {}
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    counted = _count_records(customer, around)
    for name in ("recency_days", *_FIGURES, "spend_total"):
        written, row, field, stale = _written(customer, typed, name, around)
        computed = derived.value(name) if name in _DERIVED else counted.get(name)
        if written is not None and computed is not None and not stale:
            if name != "spend_total" or _reaches_back(customer, derived):
                problems += _compare(row, field, name, written, computed, around)
        if written is not None and (not stale or computed is None):
            found[name], sources[name] = written, Source.AGED if stale else Source.TYPED
        elif computed is not None:
            found[name], sources[name] = computed, Source.DERIVED
        else:
            found[name] = None
    if found["average_order"] is None and found["spend_12m"] is not None and found["frequency_12m"]:
        found["average_order"] = found["spend_12m"] / found["frequency_12m"]
        sources["average_order"] = Source.DERIVED
    if Source.AGED in sources.values() and typed.row:
        problems.append(problem("figures-stale", typed.row.ref("assessed_on"), dated=typed.dated))
    return found, sources, problems


def _written(
    customer: Customer, typed: _Typed, name: str, around: Context
) -> tuple[Decimal | int | None, Record | None, str, bool]:
    """Find the typed figure of a measure: value, row, field, and whether it is older than the period."""
    field = "recency" if name == "recency_days" else name
    row: Record | None = typed.row
    value = getattr(typed.row, field, None) if typed.row else None
    stale = typed.stale
    if value is None and customer.profile and name in ("recency_days", "frequency_12m", "spend_12m", "spend_total"):
        row, stale = customer.profile, False
        field = "last_deal" if name == "recency_days" else name
        value = getattr(row, field)
    if name == "recency_days" and value is not None:
        if isinstance(value, date):
            return (around.as_of - value).days if value <= around.as_of else None, row, field, False
        return value + (typed.age_days if stale else 0), row, field, stale
    return value, row, field, stale and value is not None


def _compare(
    row: Record | None,
    field: str,
    name: str,
    written: Decimal | int,
    computed: Decimal | int,
    around: Context,
) -> Iterable[Problem]:
    """Hold a typed figure against the derived one: the finance double-check."""
    if row is None or name not in _SAID:
        return
    gap = abs(Decimal(written) - Decimal(computed))
    if gap > around.reading.mismatch_tolerance * abs(Decimal(computed)):
        say = _SAID[name]
        yield problem("figure-mismatch", row.ref(field), found=say(Decimal(written)), derived=say(Decimal(computed)))


def _reaches_back(customer: Customer, derived: _Derived) -> bool:
    """Tell whether the orders go back to the first deal, so that their sum is a total."""
    first_deal = customer.profile.first_deal if customer.profile else None
    return first_deal is not None and derived.first is not None and derived.first <= first_deal


_SAID: Mapping[str, Callable[[Decimal], str]] = {
    "recency_days": lambda value: say_days(int(value)),
    "frequency_12m": say_frequency,
    "spend_12m": say_money,
    "spend_total": say_money,
    "average_order": say_money,
}


# --- derived figures ---------------------------------------------------------------------------------

_DERIVED = frozenset(
    {
        "recency_days",
        "frequency_12m",
        "spend_12m",
        "spend_total",
        "average_order",
        "order_growth",
        "repurchase_rate",
    }
)


@dataclass(frozen=True, slots=True)
class _Derived:
    """What the orders up to the date say; every figure is None without a single order."""

    first: date | None = None
    last: date | None = None
    figures: Mapping[str, Decimal | int | None] | None = None

    def value(self, name: str) -> Decimal | int | None:
        return self.figures.get(name) if self.figures else None


def _derive(orders: Sequence[Order], around: Context) -> _Derived:
    """Count purchases: an order of a positive amount; refunds lower the sums only."""
    known = [order for order in orders if order.date <= around.as_of]
    purchases = [order for order in known if order.amount > 0]
    if not purchases:
        return _Derived()
    start = around.year_start
    before = add_months(around.as_of, -2 * MONTHS)
    last = max(order.date for order in purchases)
    first = min(order.date for order in purchases)
    spend = sum((order.amount for order in known if order.date > start), Decimal(0))
    spend_before = sum((order.amount for order in known if before < order.date <= start), Decimal(0))
    recent = [order for order in purchases if order.date > start]
    frequency = len({(order.order_no or id(order)) for order in recent})
    months = {(order.date.year, order.date.month) for order in purchases}
    active = sum(month in months for month in _ended_months(around.as_of, MONTHS))
    return _Derived(
        first=first,
        last=last,
        figures={
            "recency_days": (around.as_of - last).days,
            "frequency_12m": Decimal(frequency),
            "spend_12m": spend,
            "spend_total": sum((order.amount for order in known), Decimal(0)),
            "average_order": spend / frequency if frequency else None,
            "order_growth": (spend - spend_before) / spend_before if spend_before > 0 else None,
            "repurchase_rate": Decimal(active) / MONTHS,
        },
    )


def _ended_months(as_of: date, count: int) -> list[tuple[int, int]]:
    """List the calendar months ended by a date, latest first: month -1 is the first of them."""
    last = as_of.year * 12 + as_of.month - 1
    if add_months(as_of.replace(day=1), 1) != as_of.fromordinal(as_of.toordinal() + 1):
        last -= 1
    return [(month // 12, month % 12 + 1) for month in range(last, last - count, -1)]


def _count_records(customer: Customer, around: Context) -> dict[str, Decimal]:
    """Count what 12 months of other sheets say; a sheet the book does not hold says nothing."""
    start, end = around.year_start, around.as_of
    found: dict[str, Decimal] = {}
    if "need" in around.kinds:
        found["new_needs"] = Decimal(sum(start < entry.raised_on <= end for entry in customer.needs))
    if "service" in around.kinds:
        found["complaints_12m"] = Decimal(
            sum(
                start < entry.requested_at.date() <= end
                and any(word in (entry.category or "") for word in around.reading.complaint_words)
                for entry in customer.services
            )
        )
    if around.referrals:
        found["referrals"] = Decimal(around.referrals.get(customer.customer_id, 0))
    return found


def _count_referrals(customers: Sequence[Customer], *, as_of: date) -> Mapping[str, int]:
    """Count, by 客户编号, the customers referred within 12 months; 推荐人 holds a number or a name."""
    by_name = {entry.name: entry.customer_id for entry in customers}
    counts: dict[str, int] = {}
    start = add_months(as_of, -MONTHS)
    for entry in customers:
        profile = entry.profile
        if profile and profile.referrer:
            day = profile.first_deal or profile.filed_on
            if day and start < day <= as_of:
                key = by_name.get(profile.referrer, profile.referrer)
                counts[key] = counts.get(key, 0) + 1
    return counts


# --- facts ---------------------------------------------------------------------------------------------


def _has_bought(customer: Customer, found: Mapping[str, Decimal | int | None], around: Context) -> bool | None:
    """Tell whether a customer has ever bought; None where nothing says so either way (domain §4.3)."""
    known = [found[name] for name in ("spend_12m", "spend_total", "frequency_12m", "average_order")]
    profile = customer.profile
    if any(value for value in known) or found["recency_days"] is not None:
        return True
    if profile and profile.first_deal and profile.first_deal <= around.as_of:
        return True
    unreadable = customer.scoring.unreadable if customer.scoring else ()
    if unreadable or (profile and {"spend_12m", "spend_total", "last_deal"} & set(profile.unreadable)):
        return None
    stated_zero = found["spend_total"] == 0 or found["spend_12m"] == 0
    return False if stated_zero or ("order" in around.kinds and customer.profile) else None


def _last_deal(customer: Customer, as_of: date) -> date | None:
    """Find the typed day of the last purchase, where it is typed as a day or as days ago."""
    candidates = (
        customer.scoring.recency if customer.scoring else None,
        customer.profile.last_deal if customer.profile else None,
    )
    for value in candidates:
        if isinstance(value, date):
            return value if value <= as_of else None
        if value is not None:
            return as_of.fromordinal(as_of.toordinal() - value)
    return None


def _satisfaction(customer: Customer, around: Context) -> Decimal | None:
    """Give the last satisfaction known: the typed one, else the service records' latest."""
    if customer.scoring and customer.scoring.satisfaction is not None:
        return customer.scoring.satisfaction
    known = [
        (entry.requested_at, entry.satisfaction)
        for entry in customer.services
        if entry.satisfaction is not None and entry.requested_at.date() <= around.as_of
    ]
    return max(known)[1] if known else None
