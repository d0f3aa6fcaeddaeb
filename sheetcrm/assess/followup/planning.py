"""Plans due items from cadence, promises and dates (practice §8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter

from sheetcrm.assess.followup.activities import Turn, applying, prefer
from sheetcrm.assess.followup.contacts import ClassContacts, Contacts, last_on_file, was_contacted
from sheetcrm.assess.followup.corrections import days_late, open_corrections, say_correction
from sheetcrm.assess.followup.due_days import ActivityDue, Carried, DueDays
from sheetcrm.assess.followup.starts import Reach, Since, reach_of
from sheetcrm.assess.followup.undertakings import APPOINTMENT, undertakings
from sheetcrm.model import Book, Classification, Customer, DueItem, Standing, Undertaking
from sheetcrm.policy.cadence import PROMISED, Activity
from sheetcrm.policy.model import Step, Tier
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import add_months
from sheetcrm.text.folding import fold_name

NO_RECORDS = Reach()
_NONE: Mapping[str, str] = {}
_CUSTOMERS = attrgetter("contract_end", "preferred_channel", "greeting_day")
"""What of a base sheet's row changes when an item is due, or what it says."""
_NEVER: Since = {}
_DONE: Mapping[str, date] = {}


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of escalation a customer's items climb, and whether the limited step hears of all of them."""

    name: str
    heard: bool
    steps: tuple[Step, ...]


class Planner:
    """Plans the due items of one customer after another, in one run.

    Customers who are alike in what an item depends on share it: a book of thousands has few of them. Without
    that, customers with contacts take 14 % longer to assess, and a scoring sheet of 20,000 rows 6 %.
    """

    @classmethod
    def of_book(cls, book: Book, run: Run, *, managers: Mapping[str, str]) -> Planner:
        """Plan for the customers of a book, by how far back its follow-up records reach.

        Args:
            book: The book.
            run: The run.
            managers: One spelling of each 客户经理, by the name folded.
        """
        contacts = Contacts(run.policy)
        of_classes = ClassContacts(book.class_contacts, contacts, run)
        return cls(
            run, managers=managers, reach=reach_of(book, run, contacts), contacts=contacts, of_classes=of_classes
        )

    def __init__(
        self,
        run: Run,
        *,
        managers: Mapping[str, str] = _NONE,
        reach: Reach = NO_RECORDS,
        contacts: Contacts | None = None,
        of_classes: ClassContacts | None = None,
    ) -> None:
        """Plan by the cadence of the run's policy, as of its date, on its working days."""
        self._managers = managers
        rules = run.policy.followup
        self._limited_step, self._limited_to = rules.limited_step, frozenset(rules.limited_to)
        self._run, self._policy = run, run.policy
        self.as_of = run.as_of
        self._calendar = run.calendar
        self._contacts = contacts or Contacts(run.policy)
        self._of_classes = of_classes or ClassContacts((), self._contacts, run)
        self._labels: dict[tuple[str, ...], frozenset[str]] = {}
        self._gradings: dict[tuple[date, frozenset[str]], date] = {}
        self._profile_fields = (
            "owner",
            "last_contact",
            "appointment",
            "intent",
            "filed_on",
            "contract_end",
            "preferred_channel",
            "greeting_day",
            *dict.fromkeys(one.profile_date for one in run.policy.cadence if one.profile_date),
        )
        self._plans: dict[tuple[object, ...], tuple[DueItem, ...]] = {}
        self._applying: dict[frozenset[str], tuple[Turn, ...]] = {}
        self._ladders: dict[tuple[str, bool], Ladder] = {}
        self._due_days = DueDays(run, reach)
        self._items: dict[tuple[ActivityDue, str, str, bool, str | None], DueItem] = {}

    def undertakings(self, customer: Customer) -> tuple[Undertaking, ...]:
        """Read every promise of a customer's follow-up records up to the date. Pure."""
        return undertakings(customer, self._run) if customer.follow_ups else ()

    def manager(self, customer: Customer) -> str | None:
        """Return a customer's 客户经理, in the spelling the book uses most."""
        name = customer.profile.owner if customer.profile else None
        return self._managers.get(fold_name(name), name) if name else None

    def plan(
        self,
        customer: Customer,
        labels: frozenset[str],
        promises: Sequence[Undertaking],
        *,
        tier: Tier | None,
        colour: str = "",
        since: Since = _NEVER,
    ) -> tuple[DueItem, ...]:
        """Plan a customer's due items, earliest first.

        Every activity that applies to the customer's labels is due as `DueDays` says. Open promises
        are due when they say, and never move, as is what 服务记录 gives a 整改期限. On one day promises
        come first, then activities in the policy's order. `tier` has the steps of escalation, `colour` is
        the customer's health, `since` the days on which the history saw it come into its labels. Pure.
        """
        heard = not self._limited_to.isdisjoint(labels) or colour in self._limited_to
        carried, ladder = Carried.of(customer, labels, since, self.as_of), self._ladder(tier, heard=heard)
        if customer.follow_ups or customer.services:
            return self._plan(customer, carried, promises, ladder)
        profile = customer.profile  # without a contact on record, nothing else tells two customers apart
        key = (
            labels,
            ladder.name,
            heard,
            carried.first_deal,
            customer.appointment,
            tuple(since.items()),
            *(map(profile.__getattribute__, self._profile_fields) if profile else ()),
        )
        items = self._plans.get(key)
        if items is None:
            items = self._plans[key] = self._plan(customer, carried, promises, ladder)
        return items

    def _ladder(self, tier: Tier | None, *, heard: bool) -> Ladder:
        name = tier.name if tier else ""
        ladder = self._ladders.get((name, heard))
        if ladder is None:
            ladder = self._ladders[name, heard] = Ladder(name, heard, tier.escalation if tier else ())
        return ladder

    def _plan(
        self, customer: Customer, carried: Carried, promises: Sequence[Undertaking], ladder: Ladder
    ) -> tuple[DueItem, ...]:
        done = self._contacts.last_done(customer, self.as_of) if customer.follow_ups else _DONE
        for_class = self._of_classes.last_done(carried.labels)
        profile, manager = customer.profile, self.manager(customer)
        end, preferred, greeting_day = _CUSTOMERS(profile) if profile else (None, None, None)
        items: list[DueItem] = []
        for turn in self._turns(carried.labels):
            activity = turn.activity
            last = _later(done.get(activity.activity), for_class.get(activity.activity))
            if turn.on_file:
                last = _later(last, last_on_file(customer, activity, self.as_of))
            if activity.on_greeting_day:
                due = self._due_days.on_greeting_day(greeting_day, last) if greeting_day else None
            else:
                due = self._due_days.due(turn, carried, last, end)
            if due:
                owner = (not activity.stays and manager) or activity.owner
                items.append(self._item(activity, owner, due, ladder, preferred))
        items += self._promises_due(manager, promises, ladder)
        items += self._appointments_due(customer, ladder)
        if customer.services:
            items += self._corrections_due(customer, manager, ladder)
        items.sort(key=lambda item: (item.due, not item.promised))  # then as the policy lists them
        return tuple(items)

    def uncontacted_days(self, customer: Customer, labels: frozenset[str], since: Since) -> int | None:
        """Count the days since the first contact was due with a customer that never had one; else None.

        What was done for its class is not due with the customer itself. Pure.
        """
        if was_contacted(customer, self.as_of):
            return None
        carried = Carried.of(customer, labels, since, self.as_of)
        for_class = self._of_classes.last_done(carried.labels)
        days = [
            due.day
            for turn in self._turns(carried.labels)
            if turn.is_contact
            and turn.activity.activity not in for_class
            and (due := self._due_days.due(turn, carried, None, None))
        ]
        return max(0, (self.as_of - min(days)).days) if days else None

    def labels(self, tier: Tier | None, standing: Standing, decided: Sequence[Classification]) -> frozenset[str]:
        """Gather the labels a cadence or a re-grading may apply to; a tier's name never means an outcome. Pure."""
        key = (standing.value, tier.name if tier else "", *[entry.outcome for entry in decided])
        labels = self._labels.get(key)
        if labels is None:
            outcomes = {outcome for outcome in key[2:] if self._policy.tier(outcome) is None}
            labels = self._labels[key] = frozenset({*key[:2], *outcomes} - {""})
        return labels

    def grading_due(self, graded_on: date, labels: frozenset[str]) -> date:
        """Return the day the next grading is due: the shortest interval that holds for its labels. Pure."""
        due = self._gradings.get((graded_on, labels))
        if due is None:
            due = self._gradings[graded_on, labels] = min(
                add_months(graded_on, months) + timedelta(days=days)
                for months, days in (entry.interval for entry in self._policy.regradings(labels))
            )
        return due

    def _turns(self, labels: frozenset[str]) -> tuple[Turn, ...]:
        turns = self._applying.get(labels)
        if turns is None:
            turns = self._applying[labels] = tuple(applying(self._policy, labels))
        return turns

    def _item(self, activity: Activity, owner: str, due: ActivityDue, ladder: Ladder, preferred: str | None) -> DueItem:
        key = (due, owner, ladder.name, ladder.heard, preferred)
        item = self._items.get(key)
        if item is None:
            item = self._items[key] = self._make(activity, owner, due, ladder, preferred)
        return item

    def _make(self, activity: Activity, owner: str, due: ActivityDue, ladder: Ladder, preferred: str | None) -> DueItem:
        days = max(0, (self.as_of - due.day).days)
        return DueItem(
            due=due.day,
            action=activity.activity,
            owner=owner,
            promised=False,
            overdue_days=days,
            last_contact=due.last,
            basis=due.basis,
            estimated=not activity.on_greeting_day and self._calendar.is_estimated(due.day),
            content=prefer(activity, preferred),
            escalated_to=self._told(activity.activity, days, ladder),
            at_once=due.last is None and due.day < self.as_of,
        )

    def _promises_due(self, manager: str | None, promises: Sequence[Undertaking], ladder: Ladder) -> Iterable[DueItem]:
        words = self._policy.followup
        for undertaking in promises:
            due = undertaking.promise.due
            if undertaking.open and due:
                record = undertaking.record
                yield DueItem(
                    due=due,
                    action=words.promise_action,
                    owner=manager or record.person or words.promise_owner,
                    promised=True,
                    overdue_days=undertaking.overdue_days,
                    last_contact=record.date,
                    basis=undertaking.promise.text,
                    content=undertaking.promise.text + _first_holder(record.person, manager),
                    escalated_to=self._told(words.promise_action, undertaking.overdue_days, ladder, promised=True),
                )

    def _appointments_due(self, customer: Customer, ladder: Ladder) -> Iterable[DueItem]:
        """Plan each day people wrote down for the next contact, until there is one on or after it (practice §9)."""
        profile = customer.profile
        typed = {customer.appointment, profile.appointment if profile else None}
        days = [*(entry.date for entry in customer.follow_ups), (profile and profile.last_contact) or date.min]
        for day in sorted(day for day in typed if day):
            if any(day <= contact <= self.as_of for contact in days):
                continue
            days_over, action = max(0, (self.as_of - day).days), self._policy.followup.promise_action
            yield DueItem(
                due=day,
                action=action,
                owner=self.manager(customer) or self._policy.followup.promise_owner,
                promised=True,
                overdue_days=days_over,
                last_contact=None,
                basis=APPOINTMENT,
                content=APPOINTMENT,
                escalated_to=self._told(action, days_over, ladder, promised=True),
            )

    def _corrections_due(self, customer: Customer, manager: str | None, ladder: Ladder) -> Iterable[DueItem]:
        """Plan what a request showed to be wrong, until it is put right: a day that somebody set, which never moves."""
        words = self._policy.followup
        for entry in open_corrections(customer, self._run):
            late = days_late(entry, self._run)
            yield DueItem(
                due=entry.correct_by or self.as_of,
                action=words.correction_action,
                owner=manager or entry.department or words.promise_owner,
                promised=True,
                overdue_days=late,
                last_contact=entry.requested_at.date(),
                basis=f"{entry.requested_at.date()}的服务请求，整改期限{entry.correct_by}",
                content=say_correction(entry),
                escalated_to=self._told(words.correction_action, late, ladder, promised=True),
            )

    def _told(self, action: str, days: int, ladder: Ladder, *, promised: bool = False) -> str:
        """Name who else must hear of an overdue item: the furthest step its days have reached.

        The policy's limited step hears only of what it names.
        """
        reached = ""
        if days:
            heard = ladder.heard or action in self._limited_to or (promised and PROMISED in self._limited_to)
            for step in ladder.steps:
                if days >= step.days and (heard or step.to != self._limited_step):
                    reached = step.to
        return reached


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else one or other


FIRST_HOLDER = "（原跟进人"
"""How the name of who gave a promise begins, behind its words."""


def _first_holder(person: str | None, manager: str | None) -> str:
    """Name who gave a promise, where today's 客户经理 is another: it passes to the 客户经理 (practice §8)."""
    if not person or not manager or person == manager or fold_name(person) == fold_name(manager):
        return ""
    return f"{FIRST_HOLDER} {person}）"
