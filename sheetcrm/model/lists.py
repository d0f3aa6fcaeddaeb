"""The lists of a period beside its figures: who falls due, may move, was let down, came from where (practice §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sheetcrm.model.conclusions import Conclusions
from sheetcrm.model.figures import Mean, Ratio
from sheetcrm.model.results import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingReminder:
    """A customer whose tier falls due for re-grading in the coming month: 分类复核提醒."""

    assessment: Assessment
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A tier a customer would have: next month without an order (`amount` is None), or after one of `amount`.

    An amount of 0 is an order of any size. `score` is the total it would have then, None where there is none.
    """

    assessment: Assessment
    tier: str
    score: Decimal | None
    amount: Decimal | None = None


RESPONSE, RESOLUTION, DISCOUNT, BENEFIT, NEXT_STEP = "首次响应", "解决", "折扣", "权益", "下一步计划"
PROMISES = (RESPONSE, RESOLUTION, DISCOUNT, BENEFIT, NEXT_STEP)
"""What is promised to a tier, in the order in which broken promises are listed."""
UNNAMED = "未填"
"""The source of customers whose cell for it is blank, the owner of those who have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A promise to a tier that was broken in the period: 违约.

    `promise` is one of the words above, `grade` the 等级 the customer carried on that day, `detail` by how much.
    `owner` is the 客户经理, `person` whoever served or promised; blank where nobody is named.
    """

    assessment: Assessment
    promise: str
    day: date
    grade: str
    detail: str
    owner: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseKeeping:
    """An owner's promises of 下一步计划 that fell due in the period, and all of its broken promises by kind."""

    owner: str
    kept: Ratio
    breaches: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelRow:
    """Where the customers of one source stand: 潜在 (not developed yet), 开发中, 新. `name` is a cell's text."""

    name: str
    waiting: int
    developing: int
    new: int

    @property
    def total(self) -> int:
        """Everybody on the way."""
        return self.waiting + self.developing + self.new


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The customers of one 价值 and one 合作阶段; `retention` is of those who began the period in it."""

    value: str
    stage: str
    customers: int
    spend: Mean
    retention: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutineDue:
    """Something the calendar asks of a person or a role; `customers` are those it is about."""

    name: str
    due: date
    owner: str
    content: str
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A request whose 整改期限 has passed by `days` and that is not put right. `owner` is the 客户经理."""

    assessment: Assessment
    requested_on: date
    category: str
    cause: str
    department: str
    due: date
    days: int
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A customer whose tier moved: `effect` is its year's spend × the tiers moved, `causes` what the book has of it."""

    assessment: Assessment
    effect: Decimal
    causes: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """The causes in one line; blank where there are none."""
        return f"可能因{'、'.join(self.causes)}" if self.causes else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """All lists of a period.

    `foreseen` is False where ranks decide the tiers: nobody's next tier can be told from its own figures.
    `by_theme` is the mean CSAT of the period's requests by 问题类别. `figure_causes` says by (group, key) what in the
    book may have moved a figure that stands in 异动.
    """

    conclusions: Conclusions = field(default_factory=Conclusions)
    reminders: tuple[GradingReminder, ...] = ()
    routines: tuple[RoutineDue, ...] = ()
    fallers: tuple[Outlook, ...] = ()
    risers: tuple[Outlook, ...] = ()
    foreseen: bool = True
    breaches: tuple[Breach, ...] = ()
    keeping: tuple[PromiseKeeping, ...] = ()
    by_informant: tuple[FunnelRow, ...] = ()
    by_referrer: tuple[FunnelRow, ...] = ()
    segments: tuple[Segment, ...] = ()
    by_theme: tuple[tuple[str, Mean], ...] = ()
    corrections: tuple[Correction, ...] = ()
    shifts: tuple[Shift, ...] = ()
    figure_causes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def shift_of(self) -> Mapping[str, Shift]:
        """Return the shifts by 客户编号."""
        return {one.assessment.customer.customer_id: one for one in self.shifts}
