"""What every customer of a book is measured against (domain §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sheetcrm.model import Book, Customer, Period
from sheetcrm.policy.limits import ServiceLimits
from sheetcrm.policy.model import Policy
from sheetcrm.text.dates import add_months
from sheetcrm.workdays import Calendar

MONTHS = 12
"""The window of the practice's yearly figures."""


@dataclass(frozen=True, slots=True)
class Context:
    """The date and period, the policy, which kinds of sheets the book holds, and who referred whom.

    `year_start` is the day after which the last 12 months begin, `day_end` the end of the date's day.
    """

    as_of: date
    period: Period
    policy: Policy
    kinds: frozenset[str]
    referrals: Mapping[str, int]
    managers: frozenset[str]
    year_start: date
    day_end: datetime
    limits: ServiceLimits


def context(book: Book, *, policy: Policy, as_of: date, period: Period, calendar: Calendar | None = None) -> Context:
    """Gather what is needed from the whole book. Pure."""
    return Context(
        as_of=as_of,
        period=period,
        policy=policy,
        kinds=book.kinds,
        referrals=_count_referrals(book.customers, as_of=as_of),
        managers=frozenset(entry.profile.owner for entry in book.customers if entry.profile and entry.profile.owner),
        year_start=add_months(as_of, -MONTHS),
        day_end=datetime.combine(as_of + timedelta(days=1), time()),
        limits=ServiceLimits(policy.service, (calendar or Calendar()).is_workday),
    )


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
