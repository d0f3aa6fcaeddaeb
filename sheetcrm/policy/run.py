"""A run as one value: the policy, the period and the dates it works with, and what it decided.

Everything from grading to printing takes a `Run` instead of its parts; whatever prints or writes out
what was decided takes `Results`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sheetcrm.model import Assessment, Book, Figures, Period, Problem, ScoringRow, ServiceRequest
from sheetcrm.model.lists import Lists
from sheetcrm.model.review import ReviewRow
from sheetcrm.policy.limits import ServiceLimits, working_calendar
from sheetcrm.policy.model import Policy
from sheetcrm.text.dates import add_months
from sheetcrm.workdays import Calendar

_DAY = timedelta(days=1)
_YEAR = 12


@dataclass(frozen=True, slots=True)
class PolicySource:
    """Where a policy comes from: a preset that ships, or a file. `stated` is whether anybody asked for it."""

    preset: str = ""
    file: str = ""
    stated: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works with: the policy, the period, the as-of date inside it, today, and the working days.

    Nothing dated after the as-of date is counted. `today` is what dates in the data are checked against.
    Of the `source` of the policy nothing that is decided depends. `kept_columns` are headers of columns that
    people keep to themselves: nothing is written there.
    `first_run` is the as-of date of the earliest run on record; None: this is the first. `person` is the name of who
    runs it, for the record; nothing that is decided depends on it.
    """

    policy: Policy
    period: Period
    as_of: date
    today: date
    calendar: Calendar
    source: PolicySource = PolicySource()
    kept_columns: tuple[str, ...] = ()
    first_run: date | None = None
    person: str = ""

    @classmethod
    def of(cls, policy: Policy, period: Period, as_of: date, *, today: date) -> Run:
        """Return a run by the policy's own working days, before any book is read."""
        return cls(policy, period, as_of, today, working_calendar(policy))

    def with_book(self, book: Book) -> Run:
        """Return the same run with a book's 节假日 above the policy's working days."""
        return replace(self, calendar=working_calendar(self.policy, book.holidays))

    @property
    def first_day(self) -> date:
        """The as-of date of the first run: until then nobody knew of what was never done (practice §8)."""
        return self.first_run or self.as_of

    @property
    def limits(self) -> ServiceLimits:
        """When what a tier is promised falls due, by the policy's clock and the working days."""
        return ServiceLimits(self.policy.service, self.calendar.is_workday)

    @property
    def last_day(self) -> date:
        """The last day of the period that is counted."""
        return min(self.period.end, self.as_of)

    @property
    def day_end(self) -> datetime:
        """The first moment after the as-of date."""
        return datetime.combine(self.as_of + _DAY, time())

    @property
    def year_start(self) -> date:
        """The day after which the last 12 months begin."""
        return add_months(self.as_of, -_YEAR)

    @property
    def before_start(self) -> date:
        """The day after which the 12 months before them begin."""
        return add_months(self.as_of, -2 * _YEAR)

    @property
    def horizon(self) -> date:
        """The last day of the coming month: from 10-31 it is 11-30, from 10-15 it is 11-15."""
        return add_months(self.as_of + _DAY, 1) - _DAY

    def counts(self, day: date) -> bool:
        """Return whether a day lies in the period, up to the as-of date."""
        return self.period.start <= day <= self.last_day

    def graded_on(self, row: ScoringRow | None) -> date:
        """Return the day a grading of this run counts from.

        That is the row's 评估日期 where it lies in the period or after it, else the as-of date.
        """
        assessed_on = row.assessed_on if row else None
        return assessed_on if assessed_on and assessed_on >= self.period.start else self.as_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What a run decided about a book: all that the review workbook, the reports and the packs are made of.

    `run_id` is printed in every footer. `problems` are sorted by address. `sample` are the service
    records drawn for a check (抽查清单), in order of time. `lists` are the period's other lists. `review` is what
    people filled into the period's review workbook.
    """

    run: Run
    run_id: str
    book: Book
    assessments: tuple[Assessment, ...]
    figures: Figures
    sample: tuple[ServiceRequest, ...] = ()
    problems: tuple[Problem, ...] = ()
    lists: Lists = field(default_factory=Lists)
    review: tuple[ReviewRow, ...] = ()
