"""What was found: measures, scores, plans (practice §3, §4, §8)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from msgspec import Struct

from sheetcrm.model.book import Customer
from sheetcrm.model.fills import Standing
from sheetcrm.model.records import FollowUp, Override


@dataclass(frozen=True, slots=True)
class Period:
    """A month, quarter or year: its first and last day, and how it is written (`2026-10`, `2026Q3`, `2026`)."""

    label: str
    start: date
    end: date


class Source(enum.Enum):
    """Where a measure comes from."""

    TYPED = "表内填写"
    DERIVED = "明细计算"
    AGED = "往期填写"
    ABSENT = "无数据"

    __hash__ = object.__hash__
    """Members are single objects, and are looked up for every figure of every customer."""


class Measures(Struct, frozen=True, gc=False, kw_only=True):
    """A customer's figures as of a date (practice §3). None is unknown; money in 元, rates are shares.

    `sources` says where each known figure comes from; absent ones are not in it. `spend_months` are the
    last 24 ended months, month -1 first; empty without orders.
    """

    recency_days: int | None = None
    frequency_12m: Decimal | None = None
    spend_12m: Decimal | None = None
    spend_total: Decimal | None = None
    average_order: Decimal | None = None
    largest_order: Decimal | None = None
    largest_order_period: Decimal | None = None
    order_growth: Decimal | None = None
    repurchase_rate: Decimal | None = None
    industry_growth: Decimal | None = None
    industry_level: str | None = None
    new_needs: Decimal | None = None
    referrals: Decimal | None = None
    complaints_12m: Decimal | None = None
    complaints_period: int | None = None
    referral_rate: Decimal | None = None
    complaint_rate: Decimal | None = None
    profit_share: Decimal | None = None
    usage_time: Decimal | None = None
    activation_rate: Decimal | None = None
    engagement: Decimal | None = None
    praises: Decimal | None = None
    satisfaction: Decimal | None = None
    satisfaction_before: Decimal | None = None
    satisfaction_mean: Decimal | None = None
    satisfaction_gap: Decimal | None = None
    industry_gap: Decimal | None = None
    nps: Decimal | None = None
    tenure_months: int | None = None
    months_since_purchase: int | None = None
    months_since_contact: int | None = None
    months_since_new_need: int | None = None
    months_since_winback: int | None = None
    months_since_repair: int | None = None
    repair_held: bool | None = None
    contract_days_left: int | None = None
    contract_months_left: int | None = None
    contract_in_force: bool = False
    revenue_share: Decimal | None = None
    spend_months: tuple[Decimal, ...] = ()
    spend_change: Decimal | None = None
    consecutive_drop_months: int | None = None
    contact_change: Decimal | None = None
    frequency_change: Decimal | None = None
    unanswered_hours: int | None = None
    unanswered_days: int | None = None
    signals: frozenset[str] = frozenset()
    competitor_named: bool = False
    asks_complex: bool = False
    expands: bool = False
    bought: bool | None = None
    churn_sign: bool | None = None
    sources: Mapping[str, Source] = {}


TYPED_ONLY = (
    "referral_rate",
    "complaint_rate",
    "profit_share",
    "usage_time",
    "activation_rate",
    "engagement",
    "praises",
)
"""Measures that no other sheet tells: they are what the scoring row says, under the same name."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one indicator gave: points 0-100 at a weight. `points` is None where its measure is unknown."""

    label: str
    measure: str
    weight: Decimal
    points: Decimal | None
    source: Source


class Score(Struct, frozen=True, gc=False):
    """A scorecard's result.

    `total` is the published figure, rounded half-up to one decimal; None where it may not be given, and
    then `missing` names the indicators that are to blame. `coverage` is the share of weight known.
    """

    total: Decimal | None
    coverage: Decimal
    contributions: tuple[Contribution, ...]
    missing: tuple[str, ...] = ()


class Movement(enum.Enum):
    """How a tier compares with the last period's."""

    UP = "升"
    DOWN = "降"
    SAME = "平"
    NEW = "新"
    GONE = "转出"


AT_ONCE = "尽快"
"""Now, as a state: what should have been done before anybody can read of it (practice §8)."""


class DueItem(Struct, frozen=True, gc=False):
    """Something to be done for a customer by a day. `promised` dates are what somebody said, and never move."""

    due: date
    action: str
    owner: str
    promised: bool
    overdue_days: int
    last_contact: date | None = None
    basis: str = ""
    """Why it is due then, in the user's words; for a promise, the text it was read from."""
    estimated: bool = False
    """The working calendar of that year is not published yet (预计)."""
    content: str = ""
    escalated_to: str = ""
    at_once: bool = False
    """It was never done, and its first day has passed: to be done now (尽快)."""

    @property
    def marked(self) -> str:
        """The action as lists print it: an item to be done now is marked."""
        return f"{self.action}（{AT_ONCE}）" if self.at_once else self.action


def kept_points(score: Score) -> tuple[Decimal | None, ...]:
    """Give a score's points as they are kept: in the card's order, to four decimals. Pure."""
    return tuple(None if part.points is None else _kept(part.points) for part in score.contributions)


@lru_cache(maxsize=1 << 12)
def _kept(points: Decimal) -> Decimal:
    return Decimal(f"{points.quantize(_KEPT, ROUND_HALF_UP).normalize():f}")


_KEPT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Terms:
    """What customers were graded by.

    `policy` and `sha256` are the policy's name and hash, `weights` those of its scorecard by indicator, in
    its order. `decided_by` is what decides the tier: 得分, 名额, or a classification's name. `roles` are the names
    its classifications and outcomes had by role, `measures` what each indicator measures, by its label; both empty in
    records of older versions.
    """

    policy: str = ""
    sha256: str = ""
    decided_by: str = ""
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldTier:
    """The grade of an earlier run of the same period, and the day it was first given."""

    grade: str
    since: date


class Signature(Struct, frozen=True, gc=False):
    """Whether the tier is signed by another person than who graded it, and what for (practice §1.2).

    `since` is the day the tier was first given; a signature counts from `needed_on` on: that day, or the last
    regular re-grading since. `why` says what was signed and what lacks, blank where it is signed. `held` tells
    that `since` is known only from an earlier run of the period.
    """

    awaiting: bool
    since: date
    needed_on: date
    why: str = ""
    held: bool = False


USED = ("frequency_12m", "usage_time", "activation_rate", "engagement")
"""Measures that are compared with the last period's: how much a customer buys and uses (practice §7)."""

KEPT_FIGURES = (*USED, "recency_days", "spend_12m", "average_order", "repurchase_rate")
"""Measures that a later period is told what they were: of the others only the points are kept."""

CONTRACT_END = "合同到期日"
"""The label under which `Past` keeps the day a contract ended as the period saw it (ISO)."""


@dataclass(frozen=True, slots=True)
class Past:
    """What the last earlier period on record says of a customer.

    `labels` are its classes, 需求类型 and `CONTRACT_END`. `overridden` tells whether a 人工调整 was in force,
    `proposed` is the grade that would have been given, had it been due. `points` stand in the order of
    the terms' weights, None where a measure was unknown; empty where an older version kept none. `tier_since`
    is the day the grade was first given, over all the periods on record that have it. `since` has the
    days on which the history saw the customer come into a tier or class, by its name. `next_grading` is the day
    re-grading was due next, as that period said. `figures` has the `KEPT_FIGURES` that were known. `appointment` is
    the day that people had typed into 下次跟进日期, while it is open. `owner` is who had the customer then.
    """

    period: str
    grade: str
    score: Decimal | None
    graded_on: date | None
    labels: Mapping[str, str]
    overridden: bool = False
    proposed: str | None = None
    points: tuple[Decimal | None, ...] = ()
    terms: Terms = Terms()
    tier_since: date | None = None
    since: Mapping[str, date] = field(default_factory=dict)
    next_grading: date | None = None
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    owner: str | None = None
    appointment: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """A customer of the last period that is in none of its workbooks now: 转出 (practice §3). Its name is not kept."""

    customer_id: str
    past: Past
    owner: str | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """One classification's outcome, and the code and words of the rule that gave it (empty: the default)."""

    name: str
    outcome: str
    rule: str
    note: str


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that calls for action (practice §7), and the day by which it is to be taken."""

    code: str
    level: str
    tag: str
    action: str
    owner: str
    due: date
    regrade: bool
    risk: str
    note: str


@dataclass(frozen=True, slots=True)
class Health:
    """红 / 黄 / 绿 / 无数据, why, which inputs are bad, and which are not known."""

    colour: str
    note: str = ""
    bad: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Promise(Struct, frozen=True, gc=False):
    """What was promised, by when, and the words that said so; `due` is None where they do not say a day.

    `pending` is a promise counted from an event that is still to come (到货后3天内): 待定.
    """

    text: str
    due: date | None
    phrase: str
    pending: bool = False


class Undertaking(Struct, frozen=True, gc=False):
    """A promise somebody wrote into 下一步计划: the record it stands in, and whether it is still open.

    `overdue_days` is 0 until a working day has passed since its day. `done_on` is the day it was done, None where
    nobody said it; `kept` whether that was by its day or the next working day, None while it is open or dropped.
    """

    record: FollowUp
    promise: Promise
    open: bool
    overdue_days: int = 0
    done_on: date | None = None
    kept: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """客户终身价值 by the handbook's formula, and its inputs: 年均消费 x 合作年限 x 留存率 (practice §3).

    Money in 元, the rate a share. An input nobody knows is None and named in `missing`; then there is no value.
    """

    value: Decimal | None
    yearly_spend: Decimal | None
    spend_basis: str
    years: Decimal | None
    retention: Decimal | None
    retention_basis: str
    missing: tuple[str, ...]


class Serving(Struct, frozen=True, gc=False, kw_only=True):
    """The tier that serves a customer since the grading of a day, and the one before (None: not known).

    A grade given on a day serves from the next day on: what was asked for until then was asked of the old one.
    """

    now: str | None
    before: str | None
    graded_on: date

    def on(self, day: date) -> str | None:
        """Name the tier whose standard a request made on a day is held to."""
        return self.before if self.before and day <= self.graded_on else self.now


SENTENCE_END = "；"
"""What stands between the sentences of an explanation."""


class Assessment(Struct, frozen=True, gc=False, eq=False, kw_only=True):
    """Everything known of one customer at the date."""

    customer: Customer
    measures: Measures
    score: Score
    standing: Standing
    tier: str | None
    """The policy tier that serves the customer; None only where nothing could be graded and nothing serves it."""
    grade: str
    """What 等级 shows: the tier's name, 待补充资料 or 未成交."""
    previous_grade: str | None
    movement: Movement | None
    explanation: str
    """Why, in whole sentences: 得分说明."""
    outdated: bool
    """A typed figure from before the period had to serve (资料过期)."""
    figures_on: date | None = None
    """The day the typed figures speak of, where that is not in the period: 资料日期."""
    awaiting_audit: bool
    """The tier is 待审核: no second person has signed it since it was given (practice §1.2)."""
    signature: Signature | None = None
    """Why it is 待审核 or not; None where there is no tier to sign."""
    reaffirmed: bool = False
    """An alert forced a re-grading, and the tier is what it was: 触发复评，等级未变."""
    override: Override | None = None
    proposed_grade: str | None = None
    """What this run would give, where the tier was not due to move (`tier_moves = "when_due"`)."""
    classes: tuple[Classification, ...] = ()
    class_notes: tuple[str, ...] = ()
    """Why the classes are what they are, and what lacked for another rule of the same outcome."""
    tags: str = ""
    """The labels for people: `高价值、制造业、战略客户、解决方案型需求`."""
    file_label: str = ""
    alerts: tuple[Alert, ...] = ()
    health: Health = Health("无数据")
    risk: str = ""
    next_grading: date | None = None
    undertakings: tuple[Undertaking, ...] = ()
    due: tuple[DueItem, ...] = ()
    """Sorted by date: the first is the next follow-up."""
    owner: str | None = None
    department: str | None = None
    change: str = ""
    """What changed since the last period on record and why, where it was asked for or the grade is another."""
    standing_note: str = ""
    """Where it stands among the tiers: for those whose grade is another than the last, and no period is on record."""
    since: Mapping[str, date] | None = None
    """The days on which the history saw the customer come into a tier or class, by its name."""
    serving: Serving | None = None
    """Which tier served when; None: `tier`, all along."""

    def tier_on(self, day: date) -> str | None:
        """Name the tier whose standard a request made on a day is held to."""
        return self.serving.on(day) if self.serving else self.tier

    def grade_on(self, day: date) -> str:
        """Give the 等级 the customer carried on a day."""
        is_old = self.serving and self.serving.before and day <= self.serving.graded_on
        return self.previous_grade if is_old and self.previous_grade else self.grade

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentences of the explanation."""
        return tuple(self.explanation.split(SENTENCE_END))
