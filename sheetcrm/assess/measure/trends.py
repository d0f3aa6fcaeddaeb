"""Measures of the monthly series: change, drops, months left (practice §3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from sheetcrm.model import Order
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import add_months

MONTHS_ON_RECORD = 24
_QUARTER = 3
_ZERO = Decimal(0)


@lru_cache(maxsize=1 << 8)
def ended_months(as_of: date, count: int) -> tuple[tuple[int, int], ...]:
    """List the calendar months ended by a date as (year, month), latest first: month -1 comes first. Pure."""
    last = as_of.year * 12 + as_of.month - 1
    if (as_of + timedelta(days=1)).day != 1:
        last -= 1
    return tuple((month // 12, month % 12 + 1) for month in range(last, last - count, -1))


def monthly_spend(orders: Sequence[Order], as_of: date) -> tuple[Decimal, ...]:
    """Sum the orders of each of the last 24 ended months, month -1 first; nothing without orders. Pure."""
    if not orders:
        return ()
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for order in orders:
        if order.date <= as_of:
            sums[order.date.year, order.date.month] += order.amount
    return tuple(sums.get(month, _ZERO) for month in ended_months(as_of, MONTHS_ON_RECORD))


def spend_change(months: Sequence[Decimal]) -> Decimal | None:
    """Compare the last three months with the three before; None from a base of 0, or without a series. Pure."""
    if not months:
        return None
    return growth(sum(months[:_QUARTER], _ZERO), sum(months[_QUARTER : 2 * _QUARTER], _ZERO))


def frequency_change(orders: Sequence[Order], run: Run) -> Decimal | None:
    """Compare the purchases of the policy's last ended months with those of as many before (practice §7).

    None from fewer before than its `measures.frequency_base`. Pure.
    """
    rules = run.policy.measures
    start, middle, end = _spans(run.as_of, rules.frequency_months)
    by_day = run.policy.reading.purchases == "day"
    recent, before = set[object](), set[object]()
    for order in orders:
        if order.amount > 0 and start <= order.date < end:
            (recent if order.date >= middle else before).add(order.date if by_day else order.order_no or id(order))
    return Decimal(len(recent) - len(before)) / len(before) if len(before) >= rules.frequency_base else None


@lru_cache(maxsize=1 << 8)
def _spans(as_of: date, months: int) -> tuple[date, date, date]:
    """Return the first days of two spans of ended months, and the day after the second."""
    year, month = ended_months(as_of, 1)[0]
    end = add_months(date(year, month, 1), 1)
    return add_months(end, -2 * months), add_months(end, -months), end


def growth(now: Decimal, before: Decimal) -> Decimal | None:
    """Return the growth over a base; None from a base of 0 or less. Pure."""
    return (now - before) / before if before > 0 else None


def consecutive_drops(months: Sequence[Decimal], *, drop: Decimal) -> int | None:
    """Count the months running, up to month -1, that fell to a share `drop` of the one before or less.

    0 after 0 goes on with a run; it does not begin one. None without a series. Pure.
    """
    if not months:
        return None
    run = 0
    began = False
    for this, before in pairwise(months):
        if this == 0 and before == 0:
            run += 1
        elif before > 0 and this <= before * drop:
            run += 1
            began = True
        else:
            break
    return run if began else 0


def months_until(day: date, *, as_of: date) -> int:
    """Count the months left until a day: n from n months before it on, 0 or less once it has passed. Pure.

    Three months before 31 December is 30 September, as the plan of a renewal counts them too.
    """
    left = (day.year - as_of.year) * 12 + day.month - as_of.month
    return left if add_months(day, -left) <= as_of else left + 1
