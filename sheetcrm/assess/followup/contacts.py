"""What of a customer's contacts counts for which activity (practice §8)."""

from __future__ import annotations

import re
from datetime import date

from sheetcrm.assess.measure.signals import find_signals
from sheetcrm.model import Customer, FollowUp
from sheetcrm.policy.model import BY_CHANNEL, BY_NAME, Activity, Policy
from sheetcrm.text.channels import read_channels
from sheetcrm.text.folding import fold_name, simplify

BY_PHONE = "电话"
"""最近联系日期 names no channel: it counts for the activities that an ordinary call counts for."""
_NOTHING: frozenset[str] = frozenset()


class Contacts:
    """Reads which activities of a policy a contact counts for."""

    def __init__(self, policy: Policy) -> None:
        """Take the names and words of a policy's activities, and its executives."""
        self._executives = frozenset(map(fold_name, policy.followup.executives))
        by_name = [one for one in policy.cadence if one.counts != BY_CHANNEL]
        self._words = {one.activity: tuple(map(simplify, (one.activity, *one.words))) for one in by_name}
        every = sorted({word for words in self._words.values() for word in words}, key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, every)) or r"(?!)")

    def last_done(self, customer: Customer, activity: Activity, as_of: date) -> date | None:
        """Return the day an activity was last done by a date: by a follow-up, 最近联系日期 or its date of the file."""
        days = [
            next(
                (
                    entry.date
                    for entry in reversed(customer.follow_ups)
                    if entry.date <= as_of and self.counts(entry, activity)
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

    def counts(self, record: FollowUp, activity: Activity) -> bool:
        """Return whether a contact counts for an activity: by its channel, by name, or by who made it."""
        channels = read_channels(record.channel) if record.channel and activity.counts != BY_NAME else _NOTHING
        if not channels.isdisjoint(activity.channels):
            return True
        if activity.counts == BY_CHANNEL:
            return False
        if activity.by_executives and record.person and fold_name(record.person) in self._executives:
            return True
        return any(self._names(text, activity) for text in (record.summary, record.channel) if text)

    def _names(self, text: str, activity: Activity) -> bool:
        """Return whether a text names an activity by its name or one of its words; `未做满意度调研` does not."""
        simple = simplify(text)
        return bool(
            self._any.search(simple) and find_signals(simple, {activity.activity: self._words[activity.activity]})
        )


def was_contacted(customer: Customer, as_of: date) -> bool:
    """Return whether any contact with a customer is on record by a date. Pure."""
    spoken = customer.profile.last_contact if customer.profile else None
    return bool(spoken and spoken <= as_of) or any(entry.date <= as_of for entry in customer.follow_ups)
