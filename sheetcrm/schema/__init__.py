"""The template format (practice §1, §9): the sheets, their fields, and what is written back.

A sheet is a record class of `model.records`, which declares the columns, and what is said of it here: its
titles, and how its header row is recognised. Reading, blank templates and write-back all ask here; what a
declaration lacks is an error when this is imported. Labels are canonical Simplified Chinese;
`text.folding` makes a written header comparable to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from sheetcrm.model.fields import Field, Kind, Need, Privacy
from sheetcrm.model.permits import ApprovalEntry, Permission
from sheetcrm.model.records import (
    DimensionRow,
    FollowUp,
    Holiday,
    NeedEntry,
    Order,
    Override,
    Profile,
    RiskEntry,
    ScoringRow,
    ServiceRequest,
    Setting,
    StandardRow,
)
from sheetcrm.schema.declaring import DeclarationError, Sheet, declare, header_names
from sheetcrm.text.folding import fold
from sheetcrm.text.quantities import SCORE_SCALES

__all__ = [
    "APPROVALS",
    "BESIDE",
    "CARD_EXAMPLES",
    "CARD_LABELS",
    "CSAT",
    "DIMENSIONS",
    "EXAMPLE_MARK",
    "FOLLOW_UPS",
    "HOLIDAYS",
    "MAPPED_KINDS",
    "NEEDS",
    "NPS",
    "ORDERS",
    "OVERRIDES",
    "PERMISSIONS",
    "PROFILE",
    "READ_SHEETS",
    "RISKS",
    "SCALES",
    "SCORING",
    "SERVICE",
    "SETTINGS",
    "SHEETS",
    "SHORT_SCALES",
    "STANDARDS",
    "TOTAL_MARKS",
    "UNUSED",
    "DeclarationError",
    "Field",
    "Kind",
    "Need",
    "Privacy",
    "Sheet",
    "declare",
    "declared_scale",
    "field_of_scale",
    "is_own_heading",
    "labels",
    "mappable_labels",
    "sheet",
]

PROFILE = declare(
    Profile,
    "profile",
    "客户信息基础表",
    aliases=("客户基础信息表", "客户信息表", "客户档案表"),
    keyed=True,
    signature=(("name",),),
    fewest=2,
    note="一行一家客户",
)
SCORING = declare(
    ScoringRow,
    "scoring",
    "客户分级评估打分表",
    aliases=("客户分级打分表", "分级评估打分表", "打分表", "评分表"),
    keyed=True,
    signature=(
        ("customer_id", "name"),
        ("spend_12m", "recency", "frequency_12m", "average_order"),
        ("growth_level", "repurchase_rate", "total", "grade"),
    ),
    otherwise=(("customer_id",), ("name",), ("growth_level", "repurchase_rate", "total")),
    note="一行一家客户；表头括号内的权重以策略为准",
)
FOLLOW_UPS = declare(
    FollowUp,
    "follow_up",
    "客户跟进记录表",
    aliases=("跟进记录表", "跟进记录", "客户跟进记录"),
    signature=(("date",), ("channel", "summary"), ("summary", "next_step", "feedback")),
    note="一行一次跟进",
)
STANDARDS = declare(
    StandardRow,
    "standard",
    "客户分级服务标准表",
    aliases=("服务标准表", "客户服务标准"),
    signature=(("tier",), ("goal", "content")),
    note="填写后，报告印这里的文字；空着则印策略里的标准",
)
ORDERS = declare(
    Order,
    "order",
    "交易明细",
    aliases=("交易明细表", "订单明细", "消费明细", "交易记录"),
    signature=(("customer_id", "name"), ("date",), ("amount",)),
    note="一行一笔交易；退款填负数",
)
SERVICE = declare(
    ServiceRequest,
    "service",
    "服务记录",
    aliases=("服务记录表", "客户服务记录"),
    signature=(("customer_id", "name"), ("requested_at",)),
    note="一行一次服务请求",
)
OVERRIDES = declare(
    Override,
    "override",
    "人工调整",
    aliases=("人工调整表", "等级人工调整"),
    signature=(("customer_id",), ("grade",), ("reason", "expires_on")),
    note="理由、提出人、另一位审核人、有效期都齐全才算数",
)
RISKS = declare(
    RiskEntry,
    "risk",
    "风险登记",
    aliases=("风险登记表",),
    signature=(("customer_id",), ("signal",)),
    note="一行一个风险信号",
)
NEEDS = declare(
    NeedEntry,
    "need",
    "需求记录",
    aliases=("需求记录表",),
    signature=(("customer_id",), ("raised_on",), ("content", "need_type", "status")),
    note="一行一个新需求",
)
SETTINGS = declare(
    Setting,
    "setting",
    "设置",
    signature=(("unit",), ("department", "compiler", "secrecy")),
    note="封面上印的内容，填一行即可",
)
HOLIDAYS = declare(
    Holiday,
    "holiday",
    "节假日",
    signature=(("date",), ("day_kind",)),
    note="覆盖内置的工作日历",
)

DIMENSIONS = declare(
    DimensionRow,
    "dimension",
    "分级维度",
    aliases=("分级维度表", "评估维度"),
    signature=(("dimension",), ("indicators",), ("weight",)),
    note="权重与策略不同时会提醒，按策略算",
)

PERMISSIONS = declare(
    Permission,
    "permission",
    "权限",
    aliases=("权限表",),
    signature=(("person",), ("role",), ("department", "expires_on")),
    note="谁看得到哪些客户：业务员看自己的，经理看部门的，高管看全部",
)
APPROVALS = declare(
    ApprovalEntry,
    "approval",
    "审批",
    aliases=("审批表",),
    signature=(("matter",), ("approver",), ("code",)),
    note="策略要求第二人审批的事，一行一件",
)

SHEETS: tuple[Sheet, ...] = (
    PROFILE,
    SCORING,
    FOLLOW_UPS,
    ORDERS,
    SERVICE,
    OVERRIDES,
    RISKS,
    NEEDS,
    STANDARDS,
    SETTINGS,
    HOLIDAYS,
)

MAPPED_KINDS = (PROFILE, SCORING, FOLLOW_UPS, ORDERS, SERVICE, OVERRIDES, RISKS, NEEDS)
"""The kinds whose fields headers of a team's own may be said to stand for (practice §1.6)."""
UNUSED = "（不用）"
"""The choice of somebody who wants a column left alone."""

READ_SHEETS: tuple[Sheet, ...] = (*SHEETS, DIMENSIONS, PERMISSIONS, APPROVALS)
"""Every kind that is read; blank templates offer `SHEETS`."""

CARD_LABELS = (
    ("字段名称", "字段", "项目", "栏位名称", "栏位"),
    ("填写说明", "说明"),
    ("值", "内容", "填写内容"),
)
"""The header of the card layout (practice §1.4): the field's name, a note (optional), the value."""

CARD_EXAMPLES = ("示例/规范", "示例规范", "示例", "规范")
"""The head of a card's third column as the practice prints it: the values, unless a later column has them."""

EXAMPLE_MARK = "示例"
"""A row whose first cell is this is an example of the blank templates, and is never read."""

ON_CARDS_ALONE = tuple(
    PROFILE.field(name)
    for name in (
        *("credit_code", "address", "size", "need", "remark", "preference", "pain_points"),
        *("decision_chain", "budget_cycle", "reputation", "checker", "reviewer"),
    )
)
"""Columns of the base sheet that nothing prints but cards and handovers: a policy may class them as sensitive."""

TOTAL_MARKS = ("合计", "总计", "小计")
"""A row whose key or name is one of these is a total, and is never read."""


CSAT, NPS = "CSAT", "NPS"
"""The scales a 满意度评分 may be of (practice §1.2): each is a field of its own, so that they are never mixed."""

SCALES: Mapping[str, tuple[str, Decimal, Decimal]] = {
    "satisfaction": (CSAT, Decimal(0), Decimal(100)),
    "nps": (NPS, Decimal(-100), Decimal(100)),
}
"""The scale of a field, its lowest and its highest score."""

SHORT_SCALES = tuple(SCORE_SCALES)
"""Scales whose scores are shown on the CSAT's 100 points."""

_SAID_OF = {
    CSAT: ("csat", "百分制", "100分制", "满分100"),
    NPS: ("nps", "净推荐值"),
    "5分制": ("5分制", "五分制", "满分5分", "5分满分", "1-5分"),
    "10分制": ("10分制", "十分制", "满分10分", "10分满分", "1-10分"),
}


def declared_scale(notes: tuple[str, ...]) -> str | None:
    """Find the scale that the folded brackets of a header declare: NPS of `满意度评分(NPS)`. Pure."""
    said = "，".join(notes)
    return next((scale for scale, words in _SAID_OF.items() if any(word in said for word in words)), None)


def field_of_scale(kind: str, entry: Field, scale: str | None) -> Field:
    """Give the field that holds scores of a scale in place of another; the field itself where it has none. Pure."""
    if entry.name not in SCALES or scale is None:
        return entry
    scale = CSAT if scale in SHORT_SCALES else scale
    return sheet(kind).field(next(name for name, (found, _, _) in SCALES.items() if found == scale))


BESIDE: Mapping[str, str] = {PROFILE.kind: SCORING.kind, SCORING.kind: PROFILE.kind}
"""The kind whose columns a sheet of one row a customer may hold too (practice §1.2: 核心采集字段)."""


def is_own_heading(entry: Field, label: str) -> bool:
    """Return whether a folded header is the program's own for what a field holds, not another word for it. Pure."""
    return label in _own_headings().get(entry.fills, ())


@cache
def _own_headings() -> Mapping[object, frozenset[str]]:
    headings: dict[object, frozenset[str]] = {}
    for kind in READ_SHEETS:
        for entry in (*kind.fields, *kind.further):
            if entry.ours:
                headings[entry.fills] = headings.get(entry.fills, frozenset()) | {fold(entry.label)}
    return headings


def sheet(kind: str) -> Sheet:
    """Find a kind of sheet; KeyError if there is none. Pure."""
    return _by_kind()[kind]


@cache
def labels(kind: str) -> Mapping[str, Field]:
    """Map every folded label and alias of a kind of sheet to its field. Pure.

    A label with brackets is found with and without them, so `累计交易金额(元)` matches both ways.
    """
    sheet_kind = sheet(kind)
    return {name: entry for entry in (*sheet_kind.fields, *sheet_kind.further) for name in header_names(entry)}


@cache
def mappable_labels() -> tuple[str, ...]:
    """List the labels a header may be mapped to, each once. Pure."""
    entries = (entry for kind in MAPPED_KINDS for entry in (*kind.fields, *kind.further))
    return tuple(dict.fromkeys(entry.label for entry in entries))


@cache
def _by_kind() -> Mapping[str, Sheet]:
    return {entry.kind: entry for entry in READ_SHEETS}
