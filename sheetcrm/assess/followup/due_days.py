"""The day an activity is due for a customer (practice §8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sheetcrm.assess.followup.activities import Turn
from sheetcrm.assess.followup.starts import Reach, Since, came_on
from sheetcrm.model import Customer
from sheetcrm.policy.model import read_interval
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import NO_END, add_months

_Interval = tuple[int, int]
_CAME, _FIRST_DEAL, _FILED, _FIRST_RUN = "进入等级或分类", "首次合作", "建档", "首次运行"
_RECORDS = "跟进记录自"


@dataclass(frozen=True, slots=True)
class Carried:
    """The labels of a customer, 合作意向 among them, and since when the history saw it carry them."""

    labels: frozenset[str]
    since: Since


@dataclass(frozen=True, slots=True)
class ActivityDue:
    """The day an activity is due, when it was last done (None: never), and why it is due then, in words."""

    day: date
    last: date | None
    basis: str


class DueDays:
    """Finds due days in one run; days that many customers share are worked out once."""

    def __init__(self, run: Run, reach: Reach) -> None:
        """Take the words and the working days of a run, and how far back the book's records reach."""
        self._run = run
        self._reach = reach
        self._words = run.policy.followup
        self._workdays: dict[tuple[date, _Interval], date] = {}

    def due(self, customer: Customer, turn: Turn, carried: Carried, last: date | None) -> ActivityDue | None:
        """Return when an activity is due for a customer; None where it is not to be done any more.

        Args:
            customer: The customer.
            turn: The activity, and how often it is due for the customer.
            carried: The customer's labels.
            last: When the activity was last done; None: never.
        """
        activity = turn.activity
        if activity.milestones:
            return self._milestone(customer, turn, last)
        end = customer.profile.contract_end if customer.profile else None
        if activity.before_end and end and end != NO_END:
            return self._before_end(end, activity.before_end, turn, last)
        if last is None:
            return self._first(customer, turn, carried)
        return ActivityDue(self._after(last, turn.interval), last, self._since(last, turn))

    def _first(self, customer: Customer, turn: Turn, carried: Carried) -> ActivityDue:
        """Return the first day of what was never done, which is fixed: no record is not no contact (practice §8).

        It is an interval after the latest day known of the customer, but not before the book's records begin.
        Where they could not show that it was done, the first run's day is one of those days.
        """
        activity, profile = turn.activity, customer.profile
        days = [
            (came_on(activity, carried.since, carried.labels), _CAME),
            (first_deal(customer), _FIRST_DEAL),
            (profile.filed_on if profile else None, _FILED),
        ]
        dated = [(day, words) for day, words in days if day and day <= self._run.as_of]
        begins = self._reach.begins if self._reach.covers(activity) else None
        if begins is None or not dated:
            dated.append((self._run.first_day, _FIRST_RUN))
        start, words = max(dated, key=lambda pair: pair[0])
        due, basis = (
            self._after(start, turn.interval),
            self._words.never_done.format(start=f"{words}{start}", every=turn.every),
        )
        if begins and due < begins:
            return ActivityDue(begins, None, f"{basis}，{_RECORDS}{begins}开始")
        return ActivityDue(due, None, basis)

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
