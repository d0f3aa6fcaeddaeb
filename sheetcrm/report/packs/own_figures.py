"""A customer's own figures, in words for the customer, and the milestones of its cooperation (practice §10).

Nothing here comes from anybody's free text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sheetcrm.model import Assessment, Customer
from sheetcrm.model.records import WON
from sheetcrm.policy.cadence import read_interval
from sheetcrm.policy.run import Run
from sheetcrm.report.packs.pack_views import CustomerView, RequestRow, StageRow
from sheetcrm.report.pages.filters import plain, thousands, wan
from sheetcrm.text.dates import add_months

_TEN_THOUSAND = 10_000


def own_figures(customer: CustomerView, run: Run) -> tuple[tuple[str, str], ...]:
    """List what a customer's letter says of the cooperation: 千人千面; what nobody knows is left out. Pure."""
    return tuple(_own(customer, run))


def _own(customer: CustomerView, run: Run) -> Iterator[tuple[str, str]]:
    if customer.tenure_months:
        yield "合作时长", f"{customer.tenure_months}个月"
    bought = []
    if customer.frequency_12m:
        bought.append(f"{plain(customer.frequency_12m)}次")
    if customer.spend_12m:
        bought.append(_money(customer.spend_12m))
    if bought:
        yield "近12个月合作", "，".join(bought)
    requests = [one for one in customer.requests if one.requested_at.date() > run.year_start]
    if requests:
        judged, answered = _judged(requests), _answered(requests)
        solved = sum(1 for one in requests if one.resolved)
        timely = f"，其中{answered}件在承诺时限内响应" if judged else ""
        yield "近12个月服务请求", f"{len(requests)}件{timely}，已解决{solved}件"
    won = sum(1 for one in customer.needs if one.status == WON)
    if won:
        yield "已实现的需求", f"{won}项"


def stages(assessment: Assessment, customer: CustomerView | None, run: Run) -> tuple[StageRow, ...]:
    """List the milestones (month 1, quarter 1) that a cooperation reached in the period, with what was done by then.

    Without the view of the `customer` only the days are known. The milestones are those of the policy's activities;
    one that is only for some labels has none of others. Pure.
    """
    since = first_deal(assessment.customer)
    if since is None:
        return ()
    labels = {assessment.tier, *(one.outcome for one in assessment.classes)}
    found = dict.fromkeys(
        every
        for activity in run.policy.cadence
        if not activity.among or labels.intersection(activity.among)
        for every in activity.milestones
    )
    reached = ((every, _after(since, every)) for every in found)
    return tuple(
        _stage(assessment.customer, customer, since, every, day)
        for every, day in sorted(reached, key=lambda pair: pair[1])
        if run.period.start <= day <= run.last_day
    )


def _stage(entry: Customer, customer: CustomerView | None, since: date, every: str, day: date) -> StageRow:
    orders = [one for one in entry.orders if since <= one.date <= day]
    requests = [one for one in (customer.requests if customer else ()) if since <= one.requested_at.date() <= day]
    needs = [one for one in (customer.needs if customer else ()) if since <= one.raised_on <= day]
    return StageRow(
        since=since,
        reached=day,
        every=every,
        orders=sum(1 for one in orders if one.amount > 0),
        spend=sum((one.amount for one in orders), Decimal(0)) if orders else None,
        requests=len(requests),
        resolved=sum(1 for one in requests if one.resolved),
        answered=_answered(requests),
        judged=_judged(requests),
        contacts=sum(1 for one in entry.follow_ups if since <= one.date <= day),
        needs=len(needs),
        needs_met=sum(1 for one in needs if one.status == WON),
    )


def _money(amount: Decimal) -> str:
    return f"{wan(amount)}万元" if amount >= _TEN_THOUSAND else f"{thousands(amount)}元"


def _judged(requests: list[RequestRow]) -> int:
    return sum(1 for one in requests if one.late is not None)


def _answered(requests: list[RequestRow]) -> int:
    return sum(1 for one in requests if one.late is False)


def first_deal(customer: Customer) -> date | None:
    """Return the day a customer first bought: 首次合作时间, else its first order."""
    if customer.profile and customer.profile.first_deal:
        return customer.profile.first_deal
    return next((one.date for one in customer.orders if one.amount > 0), None)


def _after(day: date, every: str) -> date:
    months, days = read_interval(every)
    return add_months(day, months) + timedelta(days=days)
