"""Which activities are planned for whom, and how often (practice §8). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sheetcrm.assess.followup.contacts import BY_PHONE
from sheetcrm.model import Profile
from sheetcrm.policy.cadence import ALL, BY_NAME, INTENT, Activity, read_interval
from sheetcrm.policy.model import Policy
from sheetcrm.text.channels import read_channels


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """An activity as it is planned for customers of some labels: how often, also as (calendar months, days).

    `on_file` tells whether a date of the base sheet may count for it.
    """

    activity: Activity
    every: str
    interval: tuple[int, int]
    on_file: bool

    @property
    def is_contact(self) -> bool:
        """Whether it is a contact that is due again and again: no review of the file, and not due at some day's."""
        one = self.activity
        return not (one.profile_date or one.milestones or one.before_end or one.on_greeting_day)


def applying(policy: Policy, labels: frozenset[str]) -> Iterator[Turn]:
    """Return the activities that apply to who carries some labels, in the policy's order.

    Who carries a label of `followup.exclusive` has only the activities that name it. The first pace whose
    label is carried says how often, else the activity.
    """
    own = labels & frozenset(policy.followup.exclusive)
    for activity in policy.cadence:
        if own and own.isdisjoint(activity.applies):
            continue
        if ALL not in activity.applies and labels.isdisjoint(activity.applies):
            continue
        if activity.among and labels.isdisjoint(activity.among):
            continue
        every = next((pace.every for pace in activity.paces if pace.of in labels), activity.every)
        on_file = bool(activity.profile_date) or (activity.counts != BY_NAME and BY_PHONE in activity.channels)
        yield Turn(activity, every, read_interval(every), on_file)


def with_intent(labels: frozenset[str], profile: Profile | None) -> frozenset[str]:
    """Add the label of a customer's 合作意向 (意向高), which the pace of an activity may ask for."""
    return labels | {f"{INTENT}{profile.intent}"} if profile and profile.intent else labels


def prefer(activity: Activity, preferred: str | None) -> str:
    """Return what an activity is about, with the customer's 偏好渠道 first where that is one of the activity's."""
    asked = read_channels(preferred) if preferred else frozenset[str]()
    channels = [channel for channel in activity.channels if channel in asked]
    return f"优先用{'、'.join(channels)}：{activity.content}" if channels else activity.content
