"""From when on what was never done is due: what the book and the history know (practice §8). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sheetcrm.assess.followup.contacts import Contacts
from sheetcrm.model import Book, Past, Standing
from sheetcrm.policy.cadence import ALL, BY_NAME, Activity
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run

Since = Mapping[str, date]
"""The day the history saw a customer come into a label; labels it has had since before are not in it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a book's follow-up records reach: its oldest one, and the activities by name it had ever named.

    Both are as of the first run's day, so that a first due day once given stays. Without records `begins` is None.
    """

    begins: date | None = None
    named: frozenset[str] = frozenset()

    def covers(self, activity: Activity) -> bool:
        """Return whether the records would show that an activity was done."""
        return self.begins is not None and (activity.counts != BY_NAME or activity.activity in self.named)


def reach_of(book: Book, run: Run, contacts: Contacts) -> Reach:
    """Look how far back a book's follow-up records reach."""
    records = [entry for one in book.customers for entry in one.follow_ups if entry.date <= run.first_day]
    named: set[str] = set()
    for entry in records:
        named |= contacts.counts(entry)
    return Reach(min((entry.date for entry in records), default=None), frozenset(named))


def since(labels: Iterable[str], past: Past | None, run: Run, *, compares: bool) -> Since:
    """Return since when a customer carries its labels, as far as the history saw it begin.

    Args:
        labels: The labels it carries now.
        past: Its last period on record.
        run: The run.
        compares: Whether an earlier period is on record at all: who was not in it has come since.
    """
    if past is None:
        return dict.fromkeys((*labels, ALL), run.as_of) if compares else {}
    before = _labels(past, run.policy)
    begun = {label: past.since.get(label) if label in before else run.as_of for label in (*labels, ALL)}
    return {label: day for label, day in begun.items() if day}


def _labels(past: Past, policy: Policy) -> Collection[str]:
    """Return the labels of an earlier period, as `Planner.labels` gathers today's."""
    outcomes = {outcome for outcome in past.labels.values() if policy.tier(outcome) is None}
    graded = {Standing.GRADED.value} if policy.tier(past.grade) else set()
    return {past.grade, ALL, *outcomes, *graded}


def came_on(activity: Activity, begun: Since, labels: Collection[str]) -> date | None:
    """Return the day a customer came into what an activity applies to; None where the history did not see it."""
    if not begun:
        return None
    days = [_earliest(activity.applies, begun, labels), _earliest(activity.among, begun, labels)]
    return max((day for day in days if day), default=None)


def _earliest(names: Iterable[str], begun: Since, labels: Collection[str]) -> date | None:
    days = [begun.get(name) for name in names if name == ALL or name in labels]
    dated = [day for day in days if day]
    return min(dated) if dated and len(dated) == len(days) else None
