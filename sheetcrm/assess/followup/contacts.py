"""What of a customer's contacts counts for which activity (practice §8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from sheetcrm.assess.measure.signals import find_signals
from sheetcrm.model import Customer, FollowUp
from sheetcrm.policy.cadence import ALL, BY_CHANNEL, BY_NAME, Activity
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run
from sheetcrm.text.channels import read_channels
from sheetcrm.text.folding import fold_name, simplify

BY_PHONE = "电话"
"""最近联系日期 names no channel: it counts for the activities that an ordinary call counts for."""
_NOTHING: frozenset[str] = frozenset()
_NEVER: Mapping[str, date] = {}


class Contacts:
    """Reads which activities of a policy a contact counts for. Each text is read once."""

    def __init__(self, policy: Policy) -> None:
        """Take the channels, names and words of a policy's activities, and its executives."""
        cadence = policy.cadence
        executives = frozenset(one.activity for one in cadence if one.by_executives and one.counts != BY_CHANNEL)
        self._people = dict.fromkeys(map(fold_name, policy.followup.executives), executives)
        self._by_channel = [(one.activity, frozenset(one.channels)) for one in cadence if one.counts != BY_NAME]
        self._words = {
            one.activity: tuple(map(simplify, (one.activity, *one.words)))
            for one in cadence
            if one.counts != BY_CHANNEL
        }
        every = sorted({word for words in self._words.values() for word in words}, key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, every)) or r"(?!)")
        self._ways: dict[str | None, frozenset[str]] = {None: _NOTHING}
        self._named: dict[str | None, frozenset[str]] = {None: _NOTHING}

    def counts(self, record: FollowUp) -> frozenset[str]:
        """Return the activities a contact counts for: by its channel, by name, or by who made it."""
        done = self._way(record.channel) | self._names(record.summary)
        if self._people and record.person:
            done |= self._people.get(fold_name(record.person), _NOTHING)
        return done

    def last_done(self, customer: Customer, as_of: date) -> Mapping[str, date]:
        """Return the day each activity was last done by a date, by a follow-up."""
        done: dict[str, date] = {}
        for entry in customer.follow_ups:  # in date order
            if entry.date <= as_of:
                for name in self.counts(entry):
                    done[name] = entry.date
        return done

    def _way(self, text: str | None) -> frozenset[str]:
        activities = self._ways.get(text)
        if activities is None and text is not None:
            channels = read_channels(text)
            by_channel = {name for name, ways in self._by_channel if not ways.isdisjoint(channels)}
            activities = self._ways[text] = frozenset(by_channel | self._names(text))
        return activities or _NOTHING

    def _names(self, text: str | None) -> frozenset[str]:
        """Return the activities a text names by their name or one of their words; `未做满意度调研` names none."""
        activities = self._named.get(text)
        if activities is None and text is not None:
            simple = simplify(text)
            activities = find_signals(simple, self._words) if self._any.search(simple) else _NOTHING
            self._named[text] = activities
        return activities or _NOTHING


class ClassContacts:
    """When what may be done for a whole class of customers was last done for each (practice §8).

    Such a record counts for the activities with `batch` of who is in the class now, and for nothing else: it is no
    contact with any one customer, and closes no promise.
    """

    def __init__(self, records: Iterable[FollowUp], contacts: Contacts, run: Run) -> None:
        """Take the records of classes up to the run's date; their 客户编号 is a label."""
        batch = {one.activity for one in run.policy.cadence if one.batch}
        self._days: dict[str, dict[str, date]] = {}
        self._by_labels: dict[frozenset[str], Mapping[str, date]] = {}
        for record in records:
            if record.date <= run.as_of:
                days = self._days.setdefault(record.customer_id, {})
                for activity in contacts.counts(record) & batch:
                    days[activity] = max(record.date, days.get(activity, record.date))

    def last_done(self, labels: frozenset[str]) -> Mapping[str, date]:
        """Return the day each activity was last done for a class of who carries some labels."""
        if not self._days:
            return _NEVER
        last = self._by_labels.get(labels)
        if last is None:
            pairs = sorted(pair for label in {*labels, ALL} for pair in self._days.get(label, _NEVER).items())
            last = self._by_labels[labels] = dict(pairs)  # of one activity the latest day stands last
        return last


def last_on_file(customer: Customer, activity: Activity, as_of: date) -> date | None:
    """Return the day the base sheet says an activity was last done by a date: 最近联系日期, or its own date. Pure."""
    profile = customer.profile
    if profile is None:
        return None
    days: list[date | None] = []
    if profile.last_contact and activity.counts != BY_NAME and BY_PHONE in activity.channels:
        days.append(profile.last_contact)
    if activity.profile_date:
        days.append(getattr(profile, activity.profile_date))
    return max((day for day in days if day and day <= as_of), default=None) if days else None


def was_contacted(customer: Customer, as_of: date) -> bool:
    """Return whether any contact with a customer is on record by a date. Pure."""
    spoken = customer.profile.last_contact if customer.profile else None
    return bool(spoken and spoken <= as_of) or any(entry.date <= as_of for entry in customer.follow_ups)
