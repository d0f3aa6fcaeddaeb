"""A customer's orders by calendar month, and what they say as of the end of any of them (practice §3).

Where many month ends are asked for, each order is looked at once: as of a month's end the 12 months of the
practice's figures are whole calendar months.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from itertools import accumulate
from typing import Any

from msgspec import Struct

from sheetcrm.assess.measure import reconcile
from sheetcrm.assess.measure.trends import MONTHS_ON_RECORD, consecutive_drops, growth, monthly_spend, spend_change
from sheetcrm.model import Order
from sheetcrm.policy.run import Run

_YEAR, _QUARTER = reconcile.MONTHS, 3
_ACTIVE = tuple(Decimal(months) / _YEAR for months in range(_YEAR + 1))
"""The share of months with purchases, by their number."""
_DAY = timedelta(days=1)
_ZERO = Decimal(0)
_FEBRUARY, _LEAP_DAY = 2, 29


class OrdersAsOf(Struct, frozen=True, gc=False):
    """What a customer's orders say as of a day: the day of the first purchase, and the measures they give.

    `placed` counts the orders of 12 months by their numbers. Before the first purchase the measures are unknown.
    """

    measures: dict[str, Any]
    first: date | None = None
    placed: int = 0


MEASURES = (
    *("recency_days", "frequency_12m", "spend_12m", "spend_total", "average_order", "order_growth", "repurchase_rate"),
    *("largest_order", "largest_order_period", "spend_change", "consecutive_drop_months"),
)
"""The measures that orders give; but for the series, which no rule may ask about."""
_NOTHING: Mapping[str, Any] = dict.fromkeys(MEASURES)


def month_number(day: date) -> int:
    """Number the calendar months one after another. Pure."""
    return day.year * 12 + day.month - 1


class OrderMonths:
    """A customer's orders, to be asked as of the end of any month from `first` to `last`.

    Months can be added up but where the lines of one order lie in several, or an order is of a 29 February: 12
    months before 28 February end on the 28th. Such orders are looked at one by one.
    """

    __slots__ = (
        *("_active", "_base", "_days", "_exact", "_first", "_largest", "_last", "_most", "_orders", "_placed"),
        *("_spend", "_sums"),
    )

    def __init__(self, orders: Sequence[Order], first: int, last: int, *, by_day: bool) -> None:
        """Sort orders into months.

        Args:
            orders: The orders, in order of their days.
            first: The first month that is asked for (`month_number`).
            last: The last one.
            by_day: Whether 消费频次 counts days with orders.
        """
        self._orders = orders
        self._base = base = first - MONTHS_ON_RECORD
        size = last - base + 1
        sums, placed, days = [_ZERO] * size, [0] * size, [0] * size
        largest: list[Decimal | None] = [None] * size
        latest: list[date | None] = [None] * size
        active, before, seen = 0, None, dict[str, int]()
        self._exact = False
        for order in orders:
            day, amount, number = order.date, order.amount, order.order_no
            month = day.year * 12 + day.month - 1
            at = max(month - base, 0)  # the first slot holds all that came before, too
            if at >= size:
                break
            sums[at] += amount
            if amount > 0:
                most = largest[at]
                largest[at] = amount if most is None or amount > most else most
                latest[at], active = day, active | 1 << at
                days[at] += day != before
                before = day
                placed[at] += number is None or number not in seen
                if number and seen.setdefault(number, month) != month:
                    self._exact = True
            if day.day == _LEAP_DAY and day.month == _FEBRUARY:
                self._exact = True
        self._sums, self._largest, self._active = sums, largest, active
        self._first = next((order.date for order in orders if order.amount > 0), None)
        self._last = list(accumulate(latest, _later))
        self._most = list(accumulate(largest, _larger))
        self._spend = list(accumulate(sums))
        self._placed = list(accumulate(placed))
        self._days = list(accumulate(days)) if by_day else self._placed

    def as_of(self, run: Run, asked: Container[str]) -> OrdersAsOf:
        """Say what is measured of the orders up to the date; what is dear and nobody asked for is left out. Pure."""
        if not self._orders or self._orders[0].date > run.as_of:
            return OrdersAsOf({**_NOTHING})
        if self._exact or (run.as_of + _DAY).day != 1:
            return _exactly([order for order in self._orders if order.date <= run.as_of], run)
        at = month_number(run.as_of) - self._base
        total, bought = self._spend, self._last[at]
        measures: dict[str, Any] = {**_NOTHING}
        if "consecutive_drop_months" in asked:
            months = self._sums[at : at - MONTHS_ON_RECORD : -1]
            measures["consecutive_drop_months"] = consecutive_drops(months, drop=run.policy.measures.drop)
        if "spend_change" in asked:
            quarter, half = total[at - _QUARTER], total[at - 2 * _QUARTER]
            measures["spend_change"] = growth(total[at] - quarter, quarter - half)
        if bought is None:
            return OrdersAsOf(measures)
        spend = total[at] - total[at - _YEAR]
        frequency = self._days[at] - self._days[at - _YEAR]
        measures["recency_days"] = (run.as_of - bought).days
        measures["frequency_12m"] = Decimal(frequency)
        measures["spend_12m"] = spend
        measures["spend_total"] = total[at]
        measures["repurchase_rate"] = _ACTIVE[(self._active >> (at - _YEAR + 1) & ((1 << _YEAR) - 1)).bit_count()]
        measures["largest_order"] = self._most[at]
        if "average_order" in asked and frequency:
            measures["average_order"] = spend / frequency
        if "order_growth" in asked:
            measures["order_growth"] = growth(spend, total[at - _YEAR] - total[at - 2 * _YEAR])
        if "largest_order_period" in asked:
            since = max(month_number(run.period.start) - self._base, 0)
            measures["largest_order_period"] = reduce(_larger, self._largest[since : at + 1])
        return OrdersAsOf(measures, self._first, self._placed[at] - self._placed[at - _YEAR])

    def spend(self, run: Run) -> Decimal:
        """Sum the orders of the 12 months up to the date; 0 before the first purchase. Pure."""
        if self._exact:
            return self.as_of(run, ()).measures["spend_12m"] or _ZERO
        at = month_number(run.as_of) - self._base
        return self._spend[at] - self._spend[at - _YEAR] if self._last[at] else _ZERO


def _exactly(orders: Sequence[Order], run: Run) -> OrdersAsOf:
    months = monthly_spend(orders, run.as_of)
    derived = reconcile.derive(orders, run)
    recent = (order for order in orders if order.amount > 0 and order.date > run.year_start)
    measures = {
        **_NOTHING,
        **(derived.figures or {}),
        "largest_order": derived.largest,
        "largest_order_period": derived.largest_period,
        "spend_change": spend_change(months),
        "consecutive_drop_months": consecutive_drops(months, drop=run.policy.measures.drop),
    }
    return OrdersAsOf(measures, derived.first, len({order.order_no or id(order) for order in recent}))


def _later(before: date | None, day: date | None) -> date | None:
    return day or before


def _larger(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
