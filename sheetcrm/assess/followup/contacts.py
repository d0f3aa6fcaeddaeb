"""What of a customer's contacts counts for an activity (practice §8). Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sheetcrm.assess.measure.signals import find_signals
from sheetcrm.model import Customer, FollowUp
from sheetcrm.policy.model import BY_CHANNEL, BY_NAME, Activity
from sheetcrm.text.channels import read_channels
from sheetcrm.text.folding import fold_name

BY_PHONE = "电话"
"""最近联系日期 names no channel: it counts for the activities that an ordinary call counts for."""


def last_done(customer: Customer, activity: Activity, as_of: date, *, executives: Collection[str]) -> date | None:
    """Return the day an activity was last done by a date, by a follow-up, 最近联系日期 or its date of the base sheet.

    Args:
        customer: The customer, its follow-ups in date order.
        activity: The activity.
        as_of: Nothing later counts.
        executives: The names of the executives, folded.
    """
    days = [
        next(
            (
                entry.date
                for entry in reversed(customer.follow_ups)
                if entry.date <= as_of and counts(entry, activity, executives)
            ),
            None,
        )
    ]
    if customer.profile:
        if activity.counts != BY_NAME and BY_PHONE in activity.channels:
            days.append(customer.profile.last_contact)
        if activity.profile_date:
            days.append(getattr(customer.profile, activity.profile_date))
    return max((day for day in days if day and day <= as_of), default=None)


def counts(record: FollowUp, activity: Activity, executives: Collection[str]) -> bool:
    """Return whether a contact counts for an activity: by its channel, by name, or by who made it."""
    if (
        activity.counts != BY_NAME
        and record.channel
        and not read_channels(record.channel).isdisjoint(activity.channels)
    ):
        return True
    if activity.counts == BY_CHANNEL:
        return False
    if activity.by_executives and record.person and fold_name(record.person) in executives:
        return True
    return any(names(text, activity) for text in (record.summary, record.channel) if text)


def names(text: str, activity: Activity) -> bool:
    """Return whether a text names an activity by its name or one of its words; `未做满意度调研` does not."""
    return bool(find_signals(text, {activity.activity: (activity.activity, *activity.words)}))
