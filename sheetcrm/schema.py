"""The template format (domain §1, §9): the sheets, their fields, and what is written back.

The single source for reading, for the blank templates and for the write-back: a header's text, its
aliases, what its cells mean and who owns it stand here and nowhere else. Labels are canonical
Simplified Chinese; `text.folding` makes a written header comparable to them.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from sheetcrm.model import CellStyle
from sheetcrm.text.folding import fold


class Kind(enum.Enum):
    """What a field's cells hold, and so which reader of `sheetcrm.text` takes them."""

    KEY = "编号"
    TEXT = "文字"
    CHOICE = "选项"
    PERSONAL = "个人信息"
    CREDIT_CODE = "统一社会信用代码"
    DATE = "日期"
    DATETIME = "日期时间"
    MONEY = "金额"
    FREQUENCY = "频次"
    RECENCY = "日期或天数"
    RATE = "比率"
    LEVEL = "高低"
    RANGE = "范围"
    COUNT = "次数"
    NUMBER = "数值"
    YES_NO = "是否"


class Need(enum.Enum):
    """What a missing value is: nothing, worth a warning at filing, or an error that sets the row aside."""

    OPTIONAL = "选填"
    FILING = "建档必填"
    REQUIRED = "必填"


class Privacy(enum.Enum):
    """The class of personal data a column holds (domain §11)."""

    NONE = "非个人信息"
    ORDINARY = "普通信息"
    SENSITIVE = "敏感信息"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a sheet (or one row of a card).

    `name` is the attribute of the record it fills; `choices` is the drop-down (a value outside it is a
    remark), `older` maps words of earlier templates to today's; `example` goes into blank templates;
    `unit` is what a bare number counts; `ours` marks the program's own columns (domain §9).
    """

    name: str
    label: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    need: Need = Need.OPTIONAL
    choices: tuple[str, ...] = ()
    older: Mapping[str, str] | None = None
    privacy: Privacy = Privacy.NONE
    example: str = ""
    note: str = ""
    width: int = 14
    ours: bool = False
    style: CellStyle = CellStyle.TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of sheet: its title, and the fields a header row of it may hold.

    A header row is taken for this kind when it holds every label of `signature` (any one of each
    inner tuple) and no other kind matches more fields.
    """

    kind: str
    title: str
    fields: tuple[Field, ...]
    signature: tuple[tuple[str, ...], ...]
    aliases: tuple[str, ...] = ()
    keyed: bool = False
    """One row a customer: the same key twice sets all those rows aside (domain §1.7)."""
    note: str = ""
    further: tuple[Field, ...] = ()
    """Fields read where a sheet has them; blank templates do not offer them."""

    def field(self, name: str) -> Field:
        """Find a field by its name; KeyError if there is none."""
        return _by_name(self.kind)[name]


LEVELS = ("高", "中", "低")
YES_NO = ("是", "否")
WON = "成交"
"""状态 of a need that was bought."""
_TIERS_NOTE = "由 sheetcrm 填写，请勿手改；要改等级请用“人工调整”表"


def _ours(
    name: str, label: str, style: CellStyle, width: int, kind: Kind = Kind.TEXT, aliases: tuple[str, ...] = ()
) -> Field:
    return Field(name, label, kind, aliases, ours=True, style=style, width=width, note=_TIERS_NOTE)


_SCALE_NOTE = "评分制写在表头的括号里：CSAT 是 0 到 100，NPS 是 -100 到 100；一本台账只用一种"
_NPS = Field("nps", "NPS评分", Kind.NUMBER, ("NPS", "净推荐值"), width=12)

_ID = Field("customer_id", "客户编号", Kind.KEY, ("编号", "客户代码"), Need.REQUIRED, example="C2024001", width=12)
_NAME = Field("name", "客户名称", Kind.TEXT, ("名称", "公司名称"), Need.REQUIRED, example="华宇*科技有限公司", width=26)
_NEXT_DUE = _ours("next_due", "下次跟进日期", CellStyle.DATE, 13, Kind.DATE)
_TAGS = _ours("tags", "客户标签", CellStyle.TEXT, 30)

PROFILE = Sheet(
    kind="profile",
    title="客户信息基础表",
    aliases=("客户基础信息表", "客户信息表", "客户档案表"),
    keyed=True,
    signature=(("customer_id",), ("name",), ("industry", "need", "intent", "contact", "spend_total", "owner")),
    note="一行一个客户",
    fields=(
        _ID,
        _NAME,
        Field("customer_type", "客户类型", Kind.CHOICE, choices=("企业", "个人"), example="企业", width=10),
        Field(
            "industry",
            "行业类型",
            Kind.TEXT,
            ("所属行业", "行业"),
            Need.FILING,
            example="制造业-专用设备制造",
            note="可写“大类-细类”",
            width=20,
        ),
        Field(
            "contact",
            "联系人(职位)",
            Kind.PERSONAL,
            ("联系人信息", "联系人", "联系人职位"),
            privacy=Privacy.ORDINARY,
            example="张*(总经理)",
            width=16,
        ),
        Field(
            "phone",
            "联系方式",
            Kind.PERSONAL,
            ("电话", "手机", "邮箱", "联系电话"),
            privacy=Privacy.SENSITIVE,
            example="138****8888",
            width=16,
        ),
        Field("credit_code", "统一社会信用代码", Kind.CREDIT_CODE, ("信用代码", "税号"), example="9111*", width=22),
        Field("address", "企业地址", Kind.PERSONAL, ("地址",), privacy=Privacy.SENSITIVE, width=26),
        Field("first_deal", "首次合作时间", Kind.DATE, ("首次合作日期",), example="2022-03-15", width=13),
        Field("spend_total", "累计交易金额(元)", Kind.MONEY, ("累计交易金额", "累计消费金额"), example="680,000"),
        Field("spend_12m", "近12个月消费金额", Kind.MONEY, ("年消费金额", "近12个月消费"), example="320000"),
        Field("frequency_12m", "平均合作频次", Kind.FREQUENCY, ("消费频次",), example="6次/年", width=12),
        Field("last_deal", "最近交易时间", Kind.RECENCY, ("最近消费时间", "最近交易日期"), example="2023-10-20"),
        Field("size", "企业规模(人数)", Kind.RANGE, ("客户规模", "企业规模"), example="200-300人"),
        Field("need", "核心需求", Kind.TEXT, ("需求",), Need.FILING, example="产线自动化升级", width=24),
        Field(
            "need_type",
            "需求类型",
            Kind.CHOICE,
            choices=("产品采购型", "服务支持型", "解决方案型"),
            older={
                "产品采购": "产品采购型",
                "服务咨询": "服务支持型",
                "技术支持": "服务支持型",
                "合作定制": "解决方案型",
                "服务支持": "服务支持型",
                "解决方案": "解决方案型",
            },
            example="产品采购型",
            width=12,
        ),
        Field("intent", "合作意向", Kind.CHOICE, need=Need.FILING, choices=LEVELS, example="高", width=9),
        Field(
            "informant", "信息来源人", Kind.PERSONAL, (), Need.FILING, privacy=Privacy.ORDINARY, example="李*", width=11
        ),
        Field("owner", "客户经理", Kind.TEXT, ("负责人", "业务员", "责任人"), example="王*", width=10),
        Field("department", "部门", Kind.TEXT, ("所属部门",), example="华东一部", width=10),
        Field("contract_end", "合同到期日", Kind.DATE, ("到期日", "合同到期时间"), example="2027-03-31", width=13),
        Field("deep_bound", "深度绑定", Kind.YES_NO, choices=YES_NO, example="否", width=9),
        Field("benchmark", "行业标杆", Kind.YES_NO, choices=YES_NO, example="否", width=9),
        Field("ecosystem", "生态协同", Kind.YES_NO, choices=YES_NO, example="否", width=9),
        Field("filed_on", "档案建立日期", Kind.DATE, ("建档日期",), example="2024-05-01", width=13),
        Field("updated_on", "最后更新日期", Kind.DATE, ("更新日期",), example="2024-05-20", width=13),
        Field("checker", "核对人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="赵*", width=10),
        Field("reviewer", "复核人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="钱*", width=10),
        Field("remark", "备注", Kind.TEXT, example="战略合作意向", width=24),
        Field("preference", "产品偏好", Kind.TEXT, ("产品/服务类型偏好", "产品服务类型偏好"), width=18),
        Field("pain_points", "业务痛点", Kind.TEXT, width=18),
        Field("decision_chain", "决策链", Kind.TEXT, width=18),
        Field("budget_cycle", "预算周期", Kind.TEXT, width=12),
        Field("reputation", "市场口碑", Kind.TEXT, width=14),
        Field("lost_reason", "流失原因", Kind.CHOICE, choices=("价格", "服务", "竞品", "产品", "其他"), width=10),
        Field("referrer", "推荐人", Kind.TEXT, ("介绍人",), note="介绍这位客户来的客户编号或名称", width=14),
        Field(
            "consent",
            "信息授权",
            Kind.YES_NO,
            ("授权",),
            choices=YES_NO,
            example="是",
            note="客户是否同意使用其信息",
            width=10,
        ),
        _ours("tier", "客户等级", CellStyle.TEXT, 11),
        _TAGS,
        _NEXT_DUE,
    ),
)

SCORING = Sheet(
    kind="scoring",
    title="客户分级评估打分表",
    aliases=("客户分级打分表", "分级评估打分表", "打分表", "评分表"),
    keyed=True,
    signature=(
        ("customer_id",),
        ("spend_12m", "recency", "frequency_12m", "average_order"),
        ("growth_level", "repurchase_rate", "total", "grade"),
    ),
    note="一行一个客户；表头括号内的权重以策略为准",
    further=(_NPS, _ours("figures_on", "资料日期", CellStyle.DATE, 13, Kind.DATE)),
    fields=(
        _ID,
        _NAME,
        Field(
            "recency",
            "最近消费时间",
            Kind.RECENCY,
            ("最近消费", "最近一次消费", "最近消费时间R"),
            example="30天",
            note="距今天数，或日期",
        ),
        Field("frequency_12m", "消费频次", Kind.FREQUENCY, ("消费频率",), example="12次/年", width=13),
        Field("spend_12m", "消费金额", Kind.MONEY, ("年消费金额", "近12个月消费金额"), example="80万元"),
        Field("growth_level", "行业潜力", Kind.LEVEL, choices=(), example="高(行业增速15%)", width=18),
        Field("repurchase_rate", "忠诚度", Kind.RATE, ("复购率", "忠诚度复购率"), example="85%", width=14),
        _ours("total", "总分", CellStyle.SCORE, 8, Kind.NUMBER, ("总得分", "得分")),
        _ours("grade", "等级", CellStyle.TEXT, 11, aliases=("客户等级", "评定等级")),
        Field("assessor", "评估人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="张*", width=10),
        _ours("assessed_on", "评估日期", CellStyle.DATE, 13, Kind.DATE),
        Field("auditor", "审核人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="李*", width=10),
        Field("audited_on", "审核日期", Kind.DATE, example="2024-03-02", width=13),
        Field("finance_checker", "财务核对人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="周*", width=11),
        Field("average_order", "客单价", Kind.MONEY, ("平均客单价",)),
        Field("order_growth", "订单增长率", Kind.RATE, ("订单增长",)),
        Field("new_needs", "新需求数量", Kind.COUNT, ("新需求数",), width=12),
        Field("referral_rate", "推荐率", Kind.RATE, width=10),
        Field("referrals", "推荐新客户数量", Kind.COUNT, ("推荐客户数",), width=14),
        Field("complaints_12m", "投诉次数", Kind.COUNT, width=10),
        Field("complaint_rate", "投诉率", Kind.RATE, width=10),
        Field("praises", "表扬次数", Kind.COUNT, width=10),
        Field("satisfaction", "满意度评分", Kind.NUMBER, ("满意度", "客户满意度", "CSAT"), note=_SCALE_NOTE, width=16),
        Field("usage_time", "产品使用时长", Kind.NUMBER, width=13),
        Field("activation_rate", "功能激活率", Kind.RATE, width=12),
        Field("engagement", "活动参与度", Kind.RATE, width=12),
        Field("industry_growth", "行业增速", Kind.RATE, ("行业增长率", "行业增长性"), width=10),
        Field("profit_share", "利润贡献", Kind.MONEY, ("利润贡献度",), width=12),
        _ours("period", "评估期间", CellStyle.TEXT, 11),
        _ours("previous_grade", "上期等级", CellStyle.TEXT, 11),
        _ours("movement", "等级变动", CellStyle.TEXT, 10),
        _ours("proposed_grade", "建议等级", CellStyle.TEXT, 11),
        _ours("explanation", "得分说明", CellStyle.TEXT, 48),
        _ours("coverage", "评分覆盖率", CellStyle.PERCENT, 12, Kind.RATE),
        _TAGS,
        _ours("health", "健康度", CellStyle.TEXT, 9),
        _ours("risk", "风险等级", CellStyle.TEXT, 12),
        _ours("alerts", "预警", CellStyle.TEXT, 26),
        _NEXT_DUE,
        _ours("overdue_days", "逾期天数", CellStyle.INTEGER, 10, Kind.COUNT),
        _ours("next_action", "跟进动作", CellStyle.TEXT, 24),
        _ours("next_owner", "跟进责任人", CellStyle.TEXT, 12),
        _ours("next_grading", "下次重评日期", CellStyle.DATE, 13, Kind.DATE),
    ),
)

_CHANNELS = ("电话", "拜访", "邮件", "视频会议", "微信", "社交媒体", "在线客服", "APP", "活动")

FOLLOW_UPS = Sheet(
    kind="follow_up",
    title="客户跟进记录表",
    aliases=("跟进记录表", "跟进记录", "客户跟进记录"),
    signature=(("date",), ("channel", "summary"), ("summary", "next_step", "feedback")),
    note="一行一次跟进",
    fields=(
        _ID,
        Field("date", "日期", Kind.DATE, ("跟进日期", "跟进时间"), Need.REQUIRED, example="2024-05-05", width=12),
        Field("person", "跟进人", Kind.TEXT, example="王*", width=10),
        Field("channel", "跟进方式", Kind.CHOICE, ("方式", "沟通方式"), choices=_CHANNELS, example="电话", width=10),
        Field("summary", "跟进内容摘要", Kind.TEXT, ("跟进内容", "内容摘要"), example="沟通报价细节", width=36),
        Field(
            "feedback", "客户反馈/结果", Kind.TEXT, ("客户反馈", "反馈结果", "结果"), example="需要正式报价", width=28
        ),
        Field("next_step", "下一步计划", Kind.TEXT, ("下步计划", "下一步"), example="3日内提供报价单", width=28),
        _ours("due", "到期日", CellStyle.DATE, 12, Kind.DATE),
        _ours("overdue", "是否逾期", CellStyle.TEXT, 10),
    ),
)

STANDARDS = Sheet(
    kind="standard",
    title="客户分级服务标准表",
    aliases=("服务标准表", "客户服务标准"),
    signature=(("tier",), ("goal", "content")),
    note="填写后，报告印这里的文字；空着则印策略里的标准",
    fields=(
        Field("tier", "客户等级", Kind.TEXT, ("等级",), Need.REQUIRED, example="VIP客户", width=11),
        Field("typical", "客户特征描述", Kind.TEXT, ("客户特征",), width=30),
        Field("goal", "核心服务目标", Kind.TEXT, ("服务目标",), width=30),
        Field("content", "服务内容细则", Kind.TEXT, ("服务内容",), width=44),
        Field("resources", "资源支持配置", Kind.TEXT, ("资源支持",), width=30),
        Field("roles", "责任人角色", Kind.TEXT, ("责任角色",), width=18),
    ),
)

ORDERS = Sheet(
    kind="order",
    title="交易明细",
    aliases=("交易明细表", "订单明细", "消费明细", "交易记录"),
    signature=(("customer_id",), ("date",), ("amount",)),
    note="一行一笔交易；退款填负数",
    fields=(
        _ID,
        Field(
            "date",
            "日期",
            Kind.DATE,
            ("交易日期", "订单日期", "交易时间"),
            Need.REQUIRED,
            example="2024-02-01",
            width=12,
        ),
        Field("amount", "金额", Kind.MONEY, ("交易金额", "订单金额"), Need.REQUIRED, example="12800"),
        Field("order_no", "订单号", Kind.KEY, ("订单编号",), example="SO-20240201-01", width=18),
        Field("product", "产品", Kind.TEXT, ("产品名称",), width=18),
    ),
)

SERVICE = Sheet(
    kind="service",
    title="服务记录",
    aliases=("服务记录表", "客户服务记录"),
    signature=(("customer_id",), ("requested_at",)),
    note="一行一次服务请求",
    further=(_NPS,),
    fields=(
        _ID,
        Field(
            "requested_at",
            "请求时间",
            Kind.DATETIME,
            ("提出时间",),
            Need.REQUIRED,
            example="2024-02-01 09:20",
            width=17,
        ),
        Field("responded_at", "首次响应时间", Kind.DATETIME, ("响应时间",), example="2024-02-01 10:05", width=17),
        Field("resolved_at", "解决时间", Kind.DATETIME, example="2024-02-01 15:30", width=17),
        Field("resolved", "是否解决", Kind.YES_NO, choices=YES_NO, example="是", width=10),
        Field("first_time", "是否一次解决", Kind.YES_NO, ("一次解决",), choices=YES_NO, example="是", width=13),
        Field("satisfaction", "满意度", Kind.NUMBER, ("满意度评分", "CSAT"), example="90", note=_SCALE_NOTE, width=13),
        Field("staff", "服务人员", Kind.TEXT, example="孙*", width=10),
        Field("category", "问题类别", Kind.TEXT, ("类别",), example="使用咨询", width=14),
        Field("benefit", "承诺权益", Kind.TEXT, width=18),
        Field("cost", "服务成本", Kind.MONEY, width=12),
        Field("discount", "已用折扣", Kind.RATE, ("折扣",), width=10),
    ),
)

OVERRIDES = Sheet(
    kind="override",
    title="人工调整",
    aliases=("人工调整表", "等级人工调整"),
    signature=(("customer_id",), ("grade",), ("reason", "expires_on")),
    note="理由、提出人、另一位审核人、有效期都齐全才算数",
    fields=(
        _ID,
        Field("grade", "调整后等级", Kind.TEXT, ("调整等级",), Need.REQUIRED, example="重点客户", width=12),
        Field("reason", "理由", Kind.TEXT, ("调整理由",), example="签订年度框架合同", width=30),
        Field("proposer", "提出人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="王*", width=10),
        Field("auditor", "审核人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="李*", width=10),
        Field("expires_on", "有效期至", Kind.DATE, ("有效期",), example="2024-12-31", width=13),
    ),
)

RISKS = Sheet(
    kind="risk",
    title="风险登记",
    aliases=("风险登记表",),
    signature=(("customer_id",), ("signal",)),
    note="一行一个风险信号",
    fields=(
        _ID,
        Field("date", "日期", Kind.DATE, ("登记日期",), Need.REQUIRED, example="2024-02-10", width=12),
        Field("signal", "信号", Kind.TEXT, ("风险信号",), Need.REQUIRED, example="预算削减", width=28),
        Field("repair", "修复措施", Kind.TEXT, example="高层拜访", width=28),
        Field("repaired_on", "修复日期", Kind.DATE, example="2024-02-20", width=12),
    ),
)

NEEDS = Sheet(
    kind="need",
    title="需求记录",
    aliases=("需求记录表",),
    signature=(("customer_id",), ("raised_on",), ("content", "need_type", "status")),
    note="一行一个新需求",
    fields=(
        _ID,
        Field("raised_on", "提出日期", Kind.DATE, (), Need.REQUIRED, example="2024-01-15", width=12),
        Field("need_type", "需求类型", Kind.CHOICE, choices=PROFILE.fields[15].choices, older=PROFILE.fields[15].older),
        Field("content", "内容", Kind.TEXT, ("需求内容",), example="二期扩容", width=30),
        Field("status", "状态", Kind.CHOICE, choices=("待定", WON, "放弃"), example="待定", width=9),
    ),
)

SETTINGS = Sheet(
    kind="setting",
    title="设置",
    signature=(("unit",), ("department", "compiler", "secrecy")),
    note="封面上印的内容，填一行即可",
    fields=(
        Field("unit", "单位", Kind.TEXT, ("单位名称",), width=28, example="华东分公司"),
        Field("department", "部门", Kind.TEXT, width=16, example="客户成功部"),
        Field("compiler", "编制", Kind.TEXT, ("编制人",), width=12, example="王*"),
        Field("secrecy", "密级", Kind.TEXT, width=12, example="内部资料"),
    ),
)

HOLIDAYS = Sheet(
    kind="holiday",
    title="节假日",
    signature=(("date",), ("day_kind",)),
    note="覆盖内置的工作日历",
    fields=(
        Field("date", "日期", Kind.DATE, (), Need.REQUIRED, example="2027-01-01", width=12),
        Field(
            "day_kind",
            "休/班",
            Kind.CHOICE,
            ("休班",),
            Need.REQUIRED,
            choices=("休", "班"),
            example="休",
            width=9,
        ),
    ),
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

CARD_LABELS = (("字段名称", "字段", "项目"), ("填写说明", "说明"), ("值", "内容", "填写内容"))
"""The header of the card layout (domain §1.4): the field's name, a note (optional), the value."""

EXAMPLE_MARK = "示例"
"""A row whose first cell is this is an example of the blank templates, and is never read."""

TOTAL_MARKS = ("合计", "总计", "小计")
"""A row whose key or name is one of these is a total, and is never read."""


CSAT, NPS = "CSAT", "NPS"
"""The scales a 满意度评分 may be of (domain §1.2): each is a field of its own, so that they are never mixed."""

SCALES: Mapping[str, tuple[str, Decimal, Decimal]] = {
    "satisfaction": (CSAT, Decimal(0), Decimal(100)),
    "nps": (NPS, Decimal(-100), Decimal(100)),
}
"""The scale of a field, its lowest and its highest score."""

_SAID_OF = {CSAT: ("csat",), NPS: ("nps", "净推荐值")}


def declared_scale(notes: tuple[str, ...]) -> str | None:
    """Find the scale that the folded brackets of a header declare: NPS of `满意度评分(NPS)`. Pure."""
    said = "，".join(notes)
    return next((scale for scale, words in _SAID_OF.items() if any(word in said for word in words)), None)


def field_of_scale(kind: str, entry: Field, scale: str | None) -> Field:
    """Give the field that holds scores of a scale in place of another; the field itself where it has none. Pure."""
    if entry.name not in SCALES or scale is None:
        return entry
    return sheet(kind).field(next(name for name, (found, _, _) in SCALES.items() if found == scale))


def sheet(kind: str) -> Sheet:
    """Find a kind of sheet; KeyError if there is none. Pure."""
    return _by_kind()[kind]


@cache
def labels(kind: str) -> Mapping[str, Field]:
    """Map every folded label and alias of a kind of sheet to its field. Pure.

    A label with brackets is found with and without them, so `累计交易金额(元)` matches both ways.
    """
    found: dict[str, Field] = {}
    for entry in (*sheet(kind).fields, *sheet(kind).further):
        for name in (entry.label, *entry.aliases):
            found.setdefault(fold(name), entry)
            found.setdefault(fold(name.split("(")[0]), entry)
    return found


@cache
def _by_kind() -> Mapping[str, Sheet]:
    return {entry.kind: entry for entry in SHEETS}


@cache
def _by_name(kind: str) -> Mapping[str, Field]:
    return {entry.name: entry for entry in (*sheet(kind).fields, *sheet(kind).further)}
