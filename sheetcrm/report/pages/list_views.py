"""The period's lists as the execution report prints them: plain rows, each list cut to what fits (practice §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sheetcrm.model import Figure, Mean, Ratio
from sheetcrm.model.lists import RoutineDue, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """How a promise to a tier was kept, as `Verdict`; `late` says the cases that broke it, `verdict` the word for it.

    `customer_id` and `name` are those of a single late case, else blank.
    """

    tier: str
    figure: Figure
    least: Decimal
    to_customer: bool
    broken: bool
    few: bool
    verdict: str
    late: str
    owners: tuple[tuple[str, int], ...]
    unit: str
    customer_id: str
    name: str
    mend_by: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """A customer whose tier falls due for re-grading."""

    due: date
    customer_id: str
    name: str
    grade: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookRow:
    """The tier a customer would fall or rise to; `amount` is the order a rise takes, 0 for any."""

    customer_id: str
    name: str
    owner: str
    grade: str
    score: Decimal | None
    tier: str
    score_then: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachRow:
    """A broken promise; `person` is who served or promised, blank where that is the owner."""

    promise: str
    day: date
    customer_id: str
    name: str
    grade: str
    detail: str
    owner: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingRow:
    """An owner's 承诺兑现率, and its broken promises in the order of `ListsView.promises`."""

    owner: str
    kept: Ratio
    breaches: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """The customers on the way from one source."""

    name: str
    waiting: int
    developing: int
    new: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRow:
    """Something that was to be put right by a day that has passed."""

    due: date
    days: int
    customer_id: str
    name: str
    what: str
    department: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsView:
    """All lists of the execution report, cut to what is printed; `totals` has how many rows each has in all, by name.

    `verdicts` stand by tier and promise, `worst` are the broken ones that 本期结论 says, the worst first.
    `foreseen` is False where ranks decide the tiers. `promises` are the kinds of promises that were broken, `kept` is
    the 承诺兑现率 of everybody. `informants` and `referrers` are empty where nobody is named; `themes` are
    (问题类别, CSAT).
    """

    totals: Mapping[str, int]
    verdicts: tuple[VerdictRow, ...]
    worst: tuple[VerdictRow, ...]
    reminders: tuple[ReminderRow, ...]
    routines: tuple[RoutineDue, ...]
    fallers: tuple[OutlookRow, ...]
    risers: tuple[OutlookRow, ...]
    foreseen: bool
    promises: tuple[str, ...]
    breaches: tuple[BreachRow, ...]
    keeping: tuple[KeepingRow, ...]
    kept: Ratio
    informants: tuple[SourceRow, ...]
    referrers: tuple[SourceRow, ...]
    segments: tuple[Segment, ...]
    themes: tuple[tuple[str, Mean], ...]
    corrections: tuple[CorrectionRow, ...] = ()
