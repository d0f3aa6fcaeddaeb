"""The day an activity is due for a customer (practice §8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sheetcrm.assess.followup.activities import Turn
from sheetcrm.model import Customer
from sheetcrm.policy.model import read_interval
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import NO_END, add_months

_Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ActivityDue:
    """The day an activity is due, when it was last done (None: never), and why it is due then, in words."""

    day: date
    last: date | None
    basis: str


class DueDays:
    """Finds due days in one run; days that many customers share are worked out once."""

    def __init__(self, run: Run) -> None:
        """Take the words and the working days of a run."""
        self._run = run
        self._words = run.policy.followup
        self._workdays: dict[tuple[date, _Interval], date] = {}

    def due(self, customer: Customer, turn: Turn, last: date | None) -> ActivityDue | None:
        """Return when an activity is due for a customer; None where it is not to be done any more.

        Args:
            customer: The customer.
            turn: The activity, and how often it is due for the customer.
            last: When it was last done; None: never.
        """
        activity = turn.activity
        if activity.milestones:
            return self._milestone(customer, turn, last)
        end = customer.profile.contract_end if customer.profile else None
        if activity.before_end and end and end != NO_END:
            return self._before_end(end, activity.before_end, turn, last)
        if last is None:
            return ActivityDue(self._run.as_of, None, self._words.never_done)
        return ActivityDue(self._after(last, turn.interval), last, self._since(last, turn))

    def _before_end(self, end: date, before_end: str, turn: Turn, last: date | None) -> ActivityDue | None:
        """Plan what a contract's end calls for: from so long before it, and never past it."""
        months, days = read_interval(before_end)
        opens, closes = self._after(end, (-months, -days)), self._after(end, (0, 0))
        if last is None or last < opens:
            return ActivityDue(opens, last, f"合同{end}到期，提前{before_end}做")
        if last >= closes:
            return None
        return ActivityDue(min(self._after(last, turn.interval), closes), last, self._since(last, turn))

    def _milestone(self, customer: Customer, turn: Turn, last: date | None) -> ActivityDue | None:
        """Plan the next milestone after the first deal; a contact counts for the nearest one and those before it."""
        start = first_deal(customer)
        if start is None:
            return None
        days = [self._after(start, read_interval(every)) for every in turn.activity.milestones]
        done = 0
        if last and last >= start:
            done = 1 + min(range(len(days)), key=lambda at: abs((days[at] - last).days))
        for every, day in list(zip(turn.activity.milestones, days, strict=True))[done:]:
            if self._after(day, turn.interval) >= self._run.as_of:
                return ActivityDue(day, last if done else None, f"首次合作{start}满{every}")
        return None

    def _since(self, last: date, turn: Turn) -> str:
        return self._words.since.format(last=last, every=turn.every)

    def _after(self, day: date, interval: _Interval) -> date:
        """Add an interval to a day, and go back to a working day."""
        due = self._workdays.get((day, interval))
        if due is None:
            months, days = interval
            due = self._run.calendar.previous_workday(add_months(day, months) + timedelta(days=days))
            self._workdays[day, interval] = due
        return due


def first_deal(customer: Customer) -> date | None:
    """Return the day a customer first bought: 首次合作时间, else its first order."""
    if customer.profile and customer.profile.first_deal:
        return customer.profile.first_deal
    return next((order.date for order in customer.orders if order.amount > 0), None)
