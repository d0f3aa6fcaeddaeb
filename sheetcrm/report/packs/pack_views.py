"""The values the templates of the packs receive: plain, cleaned and masked, under the name `page`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sheetcrm.model import Figure, Lifetime
from sheetcrm.report.pages.views import AlertRow, TierView


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of every pack. `number` is the pack's short number, blank where it has none.

    `subject` stands in the running head and never names a person; `scope` lists the customers a pack is
    for where it is for some only; `when` is the period in words. `issued` is the date it bears: the first working
    day after the as-of date. `volume` of `volumes` counts the separate files a long pack is cut into. `binding` asks
    for margins for two-sided prints, as of the reports.
    """

    title: str
    subject: str
    number: str
    unit: str
    department: str
    secrecy: str
    run_id: str
    period: str
    when: str
    as_of: date
    issued: date
    unmasked: bool
    scope: str = ""
    volume: int = 1
    volumes: int = 1
    binding: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """Something to be done for a customer; `promise` is whether somebody promised it.

    `regrading` marks a 分类复核提醒, `routine` what the calendar asks for: neither is an item of the follow-up plan.
    """

    due: date
    overdue_days: int
    customer_id: str
    name: str
    grade: str
    action: str
    content: str
    promise: bool
    owner: str
    escalated_to: str
    basis: str
    estimated: bool
    contact: str
    phone: str
    regrading: bool = False
    routine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One line of 客户跟进记录表."""

    date: date
    person: str
    channel: str
    summary: str
    feedback: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A service request. `hours` is how long the first answer took (None: not answered), `limit` the promise.

    `late` is whether the limit was passed by the as-of date; None where nothing is promised or known.
    """

    customer_id: str
    name: str
    grade: str
    requested_at: datetime
    responded_at: datetime | None
    resolved_at: datetime | None
    resolved: bool | None
    satisfaction: Decimal | None
    category: str
    benefit: str
    staff: str
    hours: Decimal | None
    limit: Decimal | None
    late: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow:
    """One line of 需求记录, without its words."""

    raised_on: date
    need_type: str
    content: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRow:
    """A promise, whether it is still open, and whether it was kept (None: not settled)."""

    recorded: date
    text: str
    due: date | None
    pending: bool
    open: bool
    kept: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """A month's spend, the same month a year before (None: not known), and bar lengths 0-100."""

    label: str
    spend: Decimal
    before: Decimal | None
    bar: int
    bar_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """Everything a pack may show of one customer. Rates are shares, money in 元; None is unknown.

    `person` is whether the customer is a person. `fields` are those of 客户信息基础表 that are filled, `blank` the
    names of the others. `preferences` are what its orders tell of how it buys.
    """

    customer_id: str
    name: str
    person: bool
    grade: str
    tier: str
    previous: str
    awaiting_audit: bool
    owner: str
    department: str
    contact: str
    phone: str
    need: str
    need_type: str
    intent: str
    tags: str
    file_label: str
    health: str
    health_note: str
    risk: str
    consent: bool
    score: Decimal | None
    spend_12m: Decimal | None
    spend_before: Decimal | None
    spend_total: Decimal | None
    average_order: Decimal | None
    frequency_12m: Decimal | None
    order_growth: Decimal | None
    repurchase_rate: Decimal | None
    satisfaction: Decimal | None
    tenure_months: int | None
    recency_days: int | None
    contract_end: date | str | None
    contract_days_left: int | None
    next_due: date | None
    lifetime: Lifetime | None
    fields: tuple[tuple[str, str], ...]
    blank: tuple[str, ...]
    preferences: tuple[tuple[str, str], ...]
    indicators: tuple[tuple[str, str], ...]
    reasons: str
    months: tuple[MonthRow, ...]
    alerts: tuple[AlertRow, ...]
    tasks: tuple[TaskRow, ...]
    promises: tuple[PromiseRow, ...]
    contacts: tuple[ContactRow, ...]
    requests: tuple[RequestRow, ...]
    needs: tuple[NeedRow, ...]
    risks: tuple[tuple[date, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePage:
    """The page of `pack_sample.html`: the drawn records of a volume, how many were drawn and how many there are.

    `before` of them stand in earlier volumes; `share` is the part that is drawn.
    """

    head: Head
    rows: tuple[RequestRow, ...]
    before: int
    drawn: int
    made: int
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPage:
    """The page of `pack_follow_up.html` and `pack_handover.html`: one person's work, or customers.

    `regrading` are the 分类复核提醒, `routines` what the calendar asks for: no total counts them. The totals are those
    of all volumes; `customers_before` stand in earlier ones.
    """

    head: Head
    owner: str
    horizon: date
    overdue_total: int
    due_total: int
    overdue: tuple[TaskRow, ...] = ()
    due: tuple[TaskRow, ...] = ()
    regrading: tuple[TaskRow, ...] = ()
    routines: tuple[TaskRow, ...] = ()
    customers: tuple[CustomerView, ...] = ()
    customers_before: int = 0
    customers_total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """A milestone of a cooperation: from its first day `every` (1个月) on, reached on a day, and what was done by then.

    `spend` is None where the book holds no orders; `answered` of `requests` were answered in time.
    """

    since: date
    reached: date
    every: str
    orders: int
    spend: Decimal | None
    requests: int
    resolved: int
    answered: int
    judged: int
    contacts: int
    needs: int
    needs_met: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """The page of the packs of one customer. `tier` is the tier that serves the customer, None without one.

    `top` is whether that is the best tier; `late` are the late answers an improvement plan is for, those of
    the last `late_days` days; `grounds` are the alerts that raised the risk to its level. `own` are the customer's
    figures for its own eyes, what and how much; `stage` are the milestones of the cooperation reached in the period.
    """

    head: Head
    customer: CustomerView
    tier: TierView | None
    top: bool
    late: tuple[RequestRow, ...]
    late_days: int
    grounds: tuple[AlertRow, ...]
    own: tuple[tuple[str, str], ...]
    stage: tuple[StageRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule:
    """A rule of the alerts, as the handbook prints it."""

    code: str
    note: str
    level: str
    action: str
    owner: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandbookPage:
    """The page of `pack_handbook.html`: a tier, its activities, and the actions of alerts.

    `steps` are (who hears of it, after how many days overdue).
    """

    head: Head
    tier: TierView
    steps: tuple[tuple[str, int], ...]
    alarms: tuple[AlarmRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A customer whose tier is signed: no amounts, no contacts. `previous` is blank where the tier is the same."""

    customer_id: str
    name: str
    previous: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGroup:
    """The customers of a tier in 结果通报; `moved` are those of `rows` that are new in the tier."""

    tier: TierView
    moved: tuple[NoticeRow, ...]
    rows: tuple[NoticeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    """The page of `pack_notice.html`: the signed tiers. `waiting` are the customers left out: not signed yet."""

    head: Head
    groups: tuple[NoticeGroup, ...]
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """A customer who came by a 推荐人 and has bought; `referrer_id` is blank where that is nobody of the book."""

    referrer_id: str
    referrer: str
    customer_id: str
    name: str
    bought: date
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralPage:
    """The page of `pack_referrals.html`: first purchases of the period, and of the year before it."""

    head: Head
    rows: tuple[ReferralRow, ...]
    earlier: tuple[ReferralRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedCount:
    """The needs of one 需求类型: how many were raised, and how many of them were won and dropped."""

    kind: str
    raised: int
    won: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightPage:
    """The page of `pack_insight.html`: needs raised `since` the quarter's first day, and what customers say.

    `themes` and `lost` count requests of those days by 问题类别 and lost customers by 流失原因, `signals` customers by
    signal; `satisfied` has 满意度 by tier.
    """

    head: Head
    since: date
    needs: tuple[NeedCount, ...]
    themes: tuple[tuple[str, int], ...]
    lost: tuple[tuple[str, int], ...]
    signals: tuple[tuple[str, int], ...]
    satisfied: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that is audited: what should be and what is; `met` is None where people judge."""

    area: str
    item: str
    standard: str
    actual: str
    previous: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """The page of `pack_audit.html`."""

    head: Head
    rows: tuple[AuditRow, ...]
