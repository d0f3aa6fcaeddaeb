"""Cadence, promises and dates to what is due (domain §8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sheetcrm.model import Customer, DueItem, Undertaking
from sheetcrm.policy.model import ALL, Activity, Policy, Step
from sheetcrm.text.dates import add_months
from sheetcrm.text.promises import read_promises
from sheetcrm.workdays import Calendar


def undertakings(customer: Customer, *, as_of: date, calendar: Calendar) -> tuple[Undertaking, ...]:
    """Read every promise of a customer's follow-up records up to a date, oldest first.

    A promise is open until the customer is contacted again on a later day (ours): the newer record
    then says what comes next. Pure.
    """
    records = [entry for entry in customer.follow_ups if entry.date <= as_of]
    latest = records[-1].date if records else None
    return tuple(
        Undertaking(entry, promise, entry.date == latest)
        for entry in records
        if entry.next_step
        for promise in read_promises(entry.next_step, recorded=entry.date, is_workday=calendar.is_workday)
    )


def plan(
    customer: Customer,
    labels: frozenset[str],
    promises: Sequence[Undertaking],
    *,
    steps: Sequence[Step],
    policy: Policy,
    as_of: date,
    calendar: Calendar,
) -> tuple[DueItem, ...]:
    """Plan what is due for a customer, earliest first.

    Every activity that applies to one of the customer's labels is due an interval after the last
    contact that counts for it, moved back to a working day; one never done is due now. Open promises
    are due when they say, and never move. Pure.
    """
    items = [
        _activity_due(customer, entry, policy=policy, as_of=as_of, calendar=calendar)
        for entry in policy.cadence
        if ALL in entry.applies or not labels.isdisjoint(entry.applies)
    ]
    items += _promises_due(customer, promises, policy=policy, as_of=as_of)
    raised = (_escalate(item, steps) for item in items)
    return tuple(sorted(raised, key=lambda item: (item.due, not item.promised, item.action)))


def _activity_due(
    customer: Customer, activity: Activity, *, policy: Policy, as_of: date, calendar: Calendar
) -> DueItem:
    owner = (customer.profile.owner if customer.profile else None) or activity.owner
    last = _last_done(customer, activity, as_of=as_of)
    if last is None:
        due, basis = as_of, policy.followup.never_done
    else:
        months, days = activity.interval
        due = calendar.previous_workday(add_months(last, months) + timedelta(days=days))
        basis = policy.followup.since.format(last=last, every=activity.every)
    return DueItem(
        due=due,
        action=activity.activity,
        owner=owner,
        promised=False,
        overdue_days=max(0, (as_of - due).days),
        last_contact=last,
        basis=basis,
        estimated=calendar.is_estimated(due),
        content=activity.content,
    )


def _last_done(customer: Customer, activity: Activity, *, as_of: date) -> date | None:
    """Find the last contact that counts: its channel fits, or its summary names the activity."""
    for entry in reversed(customer.follow_ups):
        if entry.date <= as_of and (entry.channel in activity.channels or _names(entry.summary, activity)):
            return entry.date
    if activity.profile_date and customer.profile:
        day = getattr(customer.profile, activity.profile_date)
        return day if day and day <= as_of else None
    return None


def _names(summary: str | None, activity: Activity) -> bool:
    return summary is not None and any(word in summary for word in (activity.activity, *activity.words))


def _promises_due(
    customer: Customer, promises: Sequence[Undertaking], *, policy: Policy, as_of: date
) -> Iterable[DueItem]:
    for undertaking in promises:
        due = undertaking.promise.due
        if undertaking.open and due:
            record = undertaking.record
            owner = record.person or (customer.profile.owner if customer.profile else None)
            yield DueItem(
                due=due,
                action=policy.followup.promise_action,
                owner=owner or policy.followup.promise_owner,
                promised=True,
                overdue_days=max(0, (as_of - due).days),
                last_contact=record.date,
                basis=undertaking.promise.text,
                content=undertaking.promise.text,
            )


def _escalate(item: DueItem, steps: Sequence[Step]) -> DueItem:
    """Name who else must hear of an overdue item: the furthest step its days have reached."""
    reached = [step.to for step in steps if item.overdue_days and item.overdue_days >= step.days]
    return replace(item, escalated_to=reached[-1]) if reached else item
