"""What a report states: figures that say what they were counted from (practice §10).

A figure without a source has the value None and is printed 无数据: never 0 %, never 100 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sheetcrm.model.results import Departed, Movement, Period


@dataclass(frozen=True, slots=True)
class Ratio:
    """n of N things counted. `value` is a share; None where nothing could be counted."""

    n: int = 0
    total: int = 0

    @property
    def value(self) -> Decimal | None:
        """The share n / N, unrounded."""
        return Decimal(self.n) / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the n things, out of N, that carry a value."""

    sum: Decimal = Decimal(0)
    n: int = 0
    total: int = 0

    @property
    def value(self) -> Decimal | None:
        """The mean, unrounded; None where none of them carries a value."""
        return self.sum / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class FigureKind:
    """What a figure is: its name, unit, the sheet it is counted from, and how.

    `unit` is share (printed as a percentage), change (a share that may be negative), points, money, hours,
    times, multiple or count. `how` says the numerator and the denominator in the user's words.
    """

    key: str
    label: str
    unit: str
    source: str
    how: str


def _kinds(*rows: tuple[str, str, str, str, str]) -> Mapping[str, FigureKind]:
    return {row[0]: FigureKind(*row) for row in rows}


_GRADES, _SERVICE, _ORDERS, _PROFILES = "打分表", "服务记录", "交易明细", "基础表"
_CONTACTS, _HISTORY = "跟进记录", "历史"

FIGURES: Mapping[str, FigureKind] = _kinds(
    ("customers", "客户数", "count", f"{_PROFILES}、{_GRADES}", "本期的客户"),
    ("share", "占已评级客户", "share", _GRADES, "本组已评级客户 ÷ 全部已评级客户"),
    ("spend_12m", "户均年消费", "money", f"{_GRADES}、{_ORDERS}", "近12个月消费之和 ÷ 有金额的客户"),
    ("score", "平均总分", "points", _GRADES, "总分之和 ÷ 有总分的客户"),
    ("requests", "服务请求", "count", _SERVICE, "本期提出的请求"),
    ("response_on_time", "响应及时率", "share", _SERVICE, "时限内首次响应 ÷（已响应＋已超时），按请求时的等级"),
    ("resolved_on_time", "解决及时率", "share", _SERVICE, "时限内解决 ÷（已解决＋已超时），按请求时的等级"),
    ("resolved", "问题解决率", "share", _SERVICE, "已解决 ÷ 本期请求"),
    ("resolved_first", "一次解决率", "share", _SERVICE, "一次解决 ÷ 本期请求"),
    ("satisfaction", "满意度", "points", _SERVICE, "CSAT 评分之和 ÷ 有评分的请求"),
    ("nps", "NPS", "points", f"{_SERVICE}、{_GRADES}", "各客户本期最近一次 NPS 评分之和 ÷ 有评分的客户"),
    ("discount_kept", "折扣合规率", "share", _SERVICE, "折扣不超标准 ÷ 用了折扣的请求"),
    ("complaints", "投诉", "count", _SERVICE, "本期问题类别为投诉或负面评价的请求"),
    ("complaint_hours", "投诉处理时长", "hours", _SERVICE, "从请求到解决的小时数之和 ÷ 已解决的投诉"),
    ("churned", "客户流失率", "share", f"{_PROFILES}、{_ORDERS}", "流失和休眠客户 ÷ 全部客户"),
    ("retention", "留存率", "share", _HISTORY, "期末未流失 ÷ 期初未流失的成交客户"),
    ("retention_high", "高价值留存率", "share", _HISTORY, "期末未流失 ÷ 期初未流失的高价值客户"),
    ("winback", "流失挽回率", "share", _HISTORY, "期末未流失 ÷ 期初已流失的客户"),
    ("repaired", "风险修复成功率", "share", "风险登记", "验证期内好转 ÷ 本期验证期满的修复（看新需求、消费、评分）"),
    ("potential_won", "潜在转新", "share", f"{_PROFILES}、{_ORDERS}", "本期首次成交 ÷ 期初建档而未成交的客户"),
    ("repurchase", "复购率", "share", _ORDERS, "近12个月下单两次以上 ÷ 近12个月有订单的客户"),
    ("repurchase_growth", "复购同比", "change", _ORDERS, "复购率比上一个12个月的增幅；计入本年有订单的客户"),
    ("order_value", "客单价", "money", _ORDERS, "近12个月订单金额之和 ÷ 订单数"),
    ("order_value_growth", "客单价增长率", "change", _ORDERS, "客单价比上一个12个月的增幅；计入本年的订单"),
    ("arpu_growth", "ARPU增长率", "change", _ORDERS, "有订单客户的户均消费比上一个12个月的增幅；计入本年有订单的客户"),
    ("referral", "推荐率", "share", _PROFILES, "近12个月推荐过新客户 ÷ 全部客户"),
    ("referred", "转介绍占比", "share", _PROFILES, "有推荐人 ÷ 近12个月首次成交的客户"),
    ("renewal", "续约率", "share", _HISTORY, "到期日已延后 ÷ 上期登记、本期到期的合同"),
    ("cross_sale", "交叉销售转化率", "share", "需求记录", "已成交 ÷ 近12个月老客户提出的新需求"),
    ("contacts", "互动频率", "times", _CONTACTS, "本期跟进次数 ÷ 客户数；计入有跟进的客户"),
    ("reached", "联系覆盖率", "share", _CONTACTS, "本期跟进过 ÷ 全部客户"),
    ("followed_up", "跟进完成率", "share", _CONTACTS, "本期已做的跟进和承诺 ÷（已做＋逾期）"),
    ("service_cost", "单客户服务成本", "money", _SERVICE, "本期服务成本之和 ÷ 有成本记录的客户"),
    (
        "lifetime",
        "户均CLV",
        "money",
        f"{_ORDERS}、{_HISTORY}",
        "年均消费×合作年限×留存率（手册公式，不是预测）之和 ÷ 算得出的客户",
    ),
    ("roi", "服务投入产出比", "multiple", f"{_SERVICE}、{_ORDERS}", "（近12个月消费−服务成本）÷ 服务成本"),
)
"""Every figure a report states and a target may name, in the order of print."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should reach: an operator (`>=`, `>`, `<=`, `<`) and an edge."""

    operator: str
    edge: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one group. `n` of `total` things were counted; both 0 for a plain count.

    `value` is None where there is no source; `absent` then says what to print. `met` tells whether the
    goal is reached, None without a goal or a value. `previous` is the last period's value, `year_ago` that
    of the same period a year ago.
    """

    kind: FigureKind
    value: Decimal | None
    n: int = 0
    total: int = 0
    goal: Goal | None = None
    met: bool | None = None
    previous: Decimal | None = None
    year_ago: Decimal | None = None
    absent: str = "无数据"

    @property
    def change(self) -> Decimal | None:
        """This period's value less the last one's."""
        return self.value - self.previous if self.value is not None and self.previous is not None else None

    @property
    def swing(self) -> Decimal | None:
        """How much it moved, to compare figures of different units: of shares the difference, else the part."""
        if self.change is None or self.previous is None:
            return None
        if self.kind.unit in {"share", "change"}:
            return abs(self.change)
        return abs(self.change / self.previous) if self.previous else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """The period's 服务记录 of a group of customers, against the limits of the tiers that served them then.

    A tier holds the requests made while the customer carried it.

    `response_on_time` and `resolved_on_time` count requests answered (resolved) or past the limit;
    those still within it are not counted yet. `resolved_on_time` is None where no limit is promised.
    `discount_kept` counts the requests with a discount that stays within the standard, `benefits` those
    that name a benefit.
    """

    requests: int = 0
    response_on_time: Ratio = Ratio()
    resolved: Ratio = Ratio()
    resolved_on_time: Ratio | None = Ratio()
    resolved_first_time: Ratio = Ratio()
    satisfaction: Mean = Mean()
    discount_kept: Ratio = Ratio()
    complaints: int = 0
    benefits: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """What is stated of a group of customers: a tier, those without one, an owner's, a department's, or all.

    `share` is of the graded customers, `reference_share` the policy's (None outside the tiers);
    `spend_share` of the spend of all. `reached` are the customers contacted in the period, in
    `contacts` contacts. `done` counts the follow-ups and promises done in the period, `due` those due
    by the horizon, `overdue` those past their day, `pending` the open promises that wait for an event.
    `figures` holds every figure of `FIGURES` by its key.
    `alerts` counts by (level, code); `health`, `risks` and `classes` customers by colour, level of risk,
    and (classification, outcome); `themes` and `complaint_themes` the period's requests by 问题类别, the
    most frequent first, `causes` those by 原因, `lost_reasons` the customers lost; `problems` those of its own rows by
    (severity, kind).
    """

    name: str
    customers: int
    share: Ratio
    reference_share: Decimal | None
    spend_12m: Mean
    spend_share: Decimal | None
    score: Mean
    movements: Mapping[Movement, int]
    awaiting_audit: int
    overridden: int
    outdated: int
    owners: int
    owned: int
    contacts: int
    reached: Ratio
    done: int
    due: int
    overdue: int
    overdue_customers: int
    pending: int
    service: ServiceFigures
    figures: Mapping[str, Figure] = field(default_factory=dict)
    alerts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    health: Mapping[str, int] = field(default_factory=dict)
    risks: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    themes: Mapping[str, int] = field(default_factory=dict)
    complaint_themes: Mapping[str, int] = field(default_factory=dict)
    causes: Mapping[str, int] = field(default_factory=dict)
    lost_reasons: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastFigures:
    """The figures an earlier period of the same kind was recorded with.

    `values` holds, by group, the figures by key: groups are named as in `figure_values`. It is empty where
    nothing of that period compares: no run of it read the same workbooks, or an older version made it.
    `whole` tells whether the period had ended, `same_policy` whether its figures come from today's policy,
    `backwards` that nobody recorded it: it was graded from orders afterwards (按交易明细回溯).
    """

    period: str
    values: Mapping[str, Mapping[str, Decimal]]
    whole: bool = True
    same_policy: bool = True
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A figure of a tier, or of all, that moved much since the last period, and the owners who moved with it.

    `owners` holds (owner, their own figure), the one that moved most first.
    """

    group: str
    figure: Figure
    owners: tuple[tuple[str, Figure], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one period, as of a day.

    `tiers` stand in the policy's order; `incomplete` is 待补充资料, `unsold` 未成交, `total` everybody;
    `owners` and `departments` stand by the number of customers, the largest first.
    `flows` counts the customers by (last period's grade, this period's). `horizon` is the last day of
    the coming calendar month, counted from the as-of date. `has_service` and `has_follow_up` tell
    whether the book holds such sheets at all. `problems` counts everything found in the data by
    (severity, kind). `departed` are the customers of the last period whose rows are gone: they are in `flows`, in
    the movements of the tier they had, and in 留存率. `past` holds the earlier periods of the same kind on
    record, oldest first; the last of them is the one compared with. `year_ago` is the same period a year ago
    as it is written, blank where it is not on record. `anomalies` are the figures that moved most.
    """

    period: Period
    as_of: date
    horizon: date
    tiers: tuple[GroupFigures, ...]
    incomplete: GroupFigures
    unsold: GroupFigures
    total: GroupFigures
    owners: tuple[GroupFigures, ...] = ()
    departments: tuple[GroupFigures, ...] = ()
    flows: Mapping[tuple[str, str], int]
    has_service: bool
    has_follow_up: bool
    problems: Mapping[tuple[str, str], int] = field(default_factory=dict)
    departed: tuple[Departed, ...] = ()
    past: tuple[PastFigures, ...] = ()
    year_ago: str = ""
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def backwards(self) -> str:
        """The mark of figures whose last period was graded from orders, for want of a record; else blank."""
        return FROM_ORDERS if self.past and self.past[-1].backwards else ""


FROM_ORDERS = "按交易明细回溯"
"""How figures are marked wherever they are printed that no history gave (practice §3)."""
BACKWARDS = frozenset({"retention", "retention_high", "winback"})
"""The figures that compare with the start of the period, and are no record where that was graded backwards."""


def figure_values(figures: Figures) -> Mapping[str, Mapping[str, Decimal]]:
    """Give every known figure as plain values for the record: group (`合计`, `等级/VIP客户`) -> key -> value.

    What compares with a period that was graded backwards is left out: the next report would print it unmarked. Pure.
    """
    left_out = BACKWARDS if figures.backwards else frozenset()
    groups = {figures.total.name: figures.total}
    for scope, found in ((TIERS, figures.tiers), (OWNERS, figures.owners), (DEPARTMENTS, figures.departments)):
        groups |= {group_name(scope, group.name): group for group in found}
    return {
        name: {
            key: figure.value
            for key, figure in group.figures.items()
            if figure.value is not None and key not in left_out
        }
        for name, group in groups.items()
    }


TIERS, OWNERS, DEPARTMENTS = "等级", "客户经理", "部门"
"""The scopes of a group's name in the record: a tier and an owner of one name stay apart."""


def group_name(scope: str, name: str) -> str:
    """Name a group for the record. Pure."""
    return f"{scope}/{name}"
