"""The day an activity is due for a customer (practice §8)."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct

from sheetcrm.assess.followup.activities import Turn, with_intent
from sheetcrm.assess.followup.starts import Reach, Since, came_on
from sheetcrm.model import Customer
from sheetcrm.policy.cadence import Activity, read_interval
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import NO_END, add_months
from sheetcrm.text.month_days import in_year

_Interval = tuple[int, int]
_CAME, _FIRST_DEAL, _FILED, _FIRST_RUN = "进入等级或分类", "首次合作", "建档", "首次运行"
_RECORDS = "跟进记录自"
_GREETING = "生日或周年，每年当天"


class Carried(Struct, frozen=True, gc=False):
    """What the first due day of a customer's activities depends on.

    Its labels, 合作意向 among them, since when the history saw it carry them, the day it first bought, and the
    latest day known of it, in words too.
    """

    labels: frozenset[str]
    since: Since
    first_deal: date | None
    start: tuple[date, str] | None

    @classmethod
    def of(cls, customer: Customer, labels: frozenset[str], since: Since, as_of: date) -> Carried:
        """Gather it of a customer."""
        bought, filed = first_deal(customer), customer.profile.filed_on if customer.profile else None
        bought = bought if bought and bought <= as_of else None
        filed = filed if filed and filed <= as_of else None
        start = (bought, _FIRST_DEAL) if bought else None
        if filed and (bought is None or filed > bought):
            start = (filed, _FILED)
        return cls(with_intent(labels, customer.profile), since, bought, start)


class ActivityDue(Struct, frozen=True, gc=False, eq=False):
    """The day an activity is due, when it was last done (None: never), and why it is due then, in words."""

    day: date
    last: date | None
    basis: str


class DueDays:
    """Finds due days in one run; what customers share is one value, and worked out once."""

    def __init__(self, run: Run, reach: Reach) -> None:
        """Take the words and the working days of a run, and how far back the book's records reach."""
        self._run = run
        self._reach = reach
        self._words = run.policy.followup
        self._workdays: dict[tuple[date, _Interval], date] = {}
        self._first_run = (run.first_day, _FIRST_RUN)
        self._covered = frozenset(one.activity for one in run.policy.cadence if reach.covers(one))
        self._dues: dict[tuple[str, str], dict[object, ActivityDue | None]] = {}
        self._of_turn: dict[Turn, dict[object, ActivityDue | None]] = {}

    def due(self, turn: Turn, carried: Carried, last: date | None, end: date | None) -> ActivityDue | None:
        """Return when an activity is due for a customer; None where it is not to be done any more.

        Args:
            turn: The activity, and how often it is due for the customer.
            carried: What is known of the customer.
            last: When the activity was last done; None: never.
            end: The day the contract ends.
        """
        activity = turn.activity
        dues = self._of_turn.get(turn)
        if dues is None:  # whose activity and interval are the same share them
            dues = self._of_turn[turn] = self._dues.setdefault((activity.activity, turn.every), {})
        if activity.milestones or (activity.before_end and end and end != NO_END):
            key: object = (carried.first_deal, end, last)
            if key not in dues:
                dues[key] = self._of_a_day(turn, carried, last, end)
            return dues[key]
        key = last or self._start(activity, carried)
        due = dues.get(key)
        if due is None:
            if last:
                due = ActivityDue(self._after(last, turn.interval), last, self._since(last, turn))
            else:
                due = self._first(turn, self._start(activity, carried))
            dues[key] = due
        return due

    def on_greeting_day(self, month_day: str, last: date | None) -> ActivityDue:
        """Return the next 生日/周年 of a customer, on the day itself; one missed is over (ours).

        A greeting on that day, or some days before, is for it.
        """
        year, as_of = self._run.as_of.year, self._run.as_of
        year += in_year(month_day, year) < as_of
        day = in_year(month_day, year)
        if last and last >= day - timedelta(days=self._words.greeting_days):
            day = in_year(month_day, year + 1)
        return ActivityDue(day, last, _GREETING)

    def _of_a_day(self, turn: Turn, carried: Carried, last: date | None, end: date | None) -> ActivityDue | None:
        """Plan what is due at a milestone, or before a contract's end."""
        activity = turn.activity
        if activity.milestones or not activity.before_end or end is None:
            return self._milestone(carried.first_deal, turn, last)
        return self._before_end(end, activity.before_end, turn, last)

    def _start(self, activity: Activity, carried: Carried) -> tuple[date, str]:
        """Return the day from which a first due day is counted (practice §8), and what happened on it."""
        start = carried.start
        if carried.since:
            came = came_on(activity, carried.since, carried.labels)
            if came and (start is None or came >= start[0]):
                start = (came, _CAME)
        if start and (activity.activity in self._covered or start[0] >= self._first_run[0]):
            return start
        return self._first_run

    def _first(self, turn: Turn, start: tuple[date, str]) -> ActivityDue:
        """Return the first day of what was never done, which is fixed: no record is not no contact (practice §8).

        It is an interval after its start, but not before the book's records begin.
        """
        day, words = start
        due = self._after(day, turn.interval)
        basis = self._words.never_done.format(start=f"{words}{day}", every=turn.every)
        begins = self._reach.begins
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

    def _milestone(self, start: date | None, turn: Turn, last: date | None) -> ActivityDue | None:
        """Plan the next milestone after the first deal; a contact counts for the nearest one and those before it."""
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
