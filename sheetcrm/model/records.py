"""The records: one class a kind of sheet, one line a column (practice §1, §9).

An attribute is the declaration of its column. From it follow the reading of the column, its place and
looks in the blank templates, and for the program's own columns what the write-back puts there. The order
of the attributes is the order of the columns. `schema` makes the sheets of these classes, and refuses a
declaration that lacks something when it is imported.

A column that the program fills and nobody reads again is a `ClassVar`: no attribute of the record.
"""

# Annotations are evaluated where they stand (no `from __future__ import annotations`): they are the data.

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, TypeAlias

from sheetcrm.model import fills
from sheetcrm.model.fields import Field, Kind, Need, Privacy
from sheetcrm.model.tables import Level, Range, Record

Day: TypeAlias = date
"""A date, for the records that have a field of that name."""

LEVELS = ("高", "中", "低")
YES_NO = ("是", "否")
WON, DROPPED = "成交", "放弃"
"""状态 of a need that came to its end: bought, or given up."""
CHANNELS = ("电话", "拜访", "邮件", "视频会议", "微信", "社交媒体", "在线客服", "APP", "活动")
NEED_TYPES = ("产品采购型", "服务支持型", "解决方案型")
OLDER_NEED_TYPES = {
    "产品采购": "产品采购型",
    "服务咨询": "服务支持型",
    "技术支持": "服务支持型",
    "合作定制": "解决方案型",
    "服务支持": "服务支持型",
    "解决方案": "解决方案型",
}
HEALTH_COLOURS = {"红": "F4B6B0", "黄": "FBE7A1", "绿": "CDE8C9"}

_SCALE_NOTE = "评分制写在表头的括号里：CSAT 是 0 到 100，NPS 是 -100 到 100；一本台账只用一种"

_ID = Field(
    "客户编号",
    Kind.KEY,
    ("编号", "客户代码", "客户编码", "客户ID", "客户号"),
    Need.REQUIRED,
    example="C2024001",
    width=12,
    guesses=("编码", "门店编号", "会员号", "会员编号", "user_id"),
)
CustomerId: TypeAlias = Annotated[str, _ID]
CustomerIds: TypeAlias = Annotated[
    str, replace(_ID, note="几家客户的用顿号隔开；群发可写一类客户，例如 低价值客户、全体")
]
"""In a follow-up record: one customer, several, or a class of them (practice §8)."""
CustomerName: TypeAlias = Annotated[
    str,
    Field(
        "客户名称",
        Kind.TEXT,
        ("名称", "公司名称", "客户名", "客户姓名", "客户简称", "单位名称", "企业名称", "客户全称", "客户"),
        Need.REQUIRED,
        example="华宇*科技有限公司",
        width=26,
        guesses=("店名", "商家名称", "门店名称", "单位"),
    ),
]
NameBeside: TypeAlias = Annotated[
    str | None,
    Field(
        "客户名称",
        Kind.TEXT,
        ("公司名称", "客户名", "客户简称", "单位名称", "企业名称", "客户全称", "下单客户名称", "下单客户"),
        width=26,
        in_templates=False,
        guesses=("客户",),
    ),
]
"""Whose a record is, in sheets that name customers and have no numbers (practice §1.3, §1.7)."""
NpsScore: TypeAlias = Annotated[
    Decimal | None, Field("NPS评分", Kind.NUMBER, ("NPS", "净推荐值"), width=12, in_templates=False)
]
Tags: TypeAlias = Annotated[str | None, Field("客户标签", Kind.TEXT, width=30, fills=fills.tags)]
NextDue: TypeAlias = Annotated[date | None, Field("下次跟进日期", Kind.DATE, width=13, fills=fills.next_due)]
"""Read back for the day that people had typed there before the program's first run (practice §9)."""


class Profile(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """A customer's row of 客户信息基础表, or a card (practice §1.1, §1.4)."""

    customer_id: CustomerId
    name: CustomerName
    customer_type: Annotated[
        str | None,
        Field(
            "客户类型",
            Kind.CHOICE,
            choices=("企业", "个人"),
            example="企业",
            width=10,
            guesses=("企业性质", "类型", "客户类别"),
        ),
    ] = None
    industry: Annotated[
        str | None,
        Field(
            "行业类型",
            Kind.TEXT,
            ("所属行业", "行业", "行业类别", "行业分类", "客户行业"),
            Need.FILING,
            example="制造业-专用设备制造",
            note="门类从下拉框里选（国民经济行业分类），也可写“大类-细类”",
            width=20,
            guesses=("所在行业",),
        ),
    ] = None
    contact: Annotated[
        str | None,
        Field(
            "联系人(职位)",
            Kind.PERSONAL,
            ("联系人信息", "联系人", "联系人职位", "联系人姓名", "主要联系人"),
            privacy=Privacy.ORDINARY,
            example="张*(总经理)",
            width=16,
            guesses=("姓名", "对接人"),
        ),
    ] = None
    phone: Annotated[
        str | None,
        Field(
            "联系方式",
            Kind.PERSONAL,
            ("电话", "手机", "邮箱", "联系电话", "手机号", "手机号码", "固定电话", "电话号码", "微信号", "Email"),
            privacy=Privacy.SENSITIVE,
            example="138****8888",
            width=16,
            guesses=("微信",),
        ),
    ] = None
    credit_code: Annotated[
        str | None,
        Field("统一社会信用代码", Kind.CREDIT_CODE, ("信用代码", "税号", "纳税人识别号"), example="9111*", width=22),
    ] = None
    address: Annotated[
        str | None,
        Field(
            "企业地址", Kind.PERSONAL, ("地址", "详细地址", "公司地址", "收货地址"), privacy=Privacy.SENSITIVE, width=26
        ),
    ] = None
    first_deal: Annotated[
        date | None,
        Field(
            "首次合作时间",
            Kind.DATE,
            ("首次合作日期", "首次成交时间", "首单时间"),
            example="2022-03-15",
            width=13,
            guesses=("签约起始日期", "签约日期", "成交时间"),
        ),
    ] = None
    spend_total: Annotated[
        Decimal | None,
        Field(
            "累计交易金额(元)",
            Kind.MONEY,
            ("累计交易金额", "累计消费金额", "累计销售额", "累计成交金额", "总成交额", "成交总额", "累计消费"),
            example="680,000",
        ),
    ] = None
    spend_12m: Annotated[
        Decimal | None,
        Field(
            "近12个月消费金额",
            Kind.MONEY,
            ("年消费金额", "近12个月消费", "近一年消费"),
            example="320000",
            guesses=("年度销售额", "年销售额", "年采购额", "年度成交额"),
        ),
    ] = None
    frequency_12m: Annotated[
        Decimal | None,
        Field(
            "平均合作频次",
            Kind.FREQUENCY,
            ("消费频次",),
            example="6次/年",
            width=12,
            guesses=("成交单数", "成交次数", "订单数"),
        ),
    ] = None
    last_deal: Annotated[
        date | int | None,
        Field(
            "最近交易时间",
            Kind.RECENCY,
            (
                "最近消费时间",
                "最近交易日期",
                "最近下单时间",
                "最后成交时间",
                "最近成交日期",
                "最近一次交易",
                "最近购买时间",
            ),
            example="2023-10-20",
            guesses=("上次进站时间", "上次到店时间", "最近一单"),
        ),
    ] = None
    size: Annotated[
        Range | str | None,
        Field(
            "企业规模(人数)",
            Kind.RANGE,
            ("客户规模", "企业规模", "员工人数", "公司规模", "人员规模"),
            example="200-300人",
        ),
    ] = None
    need: Annotated[
        str | None,
        Field("核心需求", Kind.TEXT, ("需求", "客户需求", "需求描述"), Need.FILING, example="产线自动化升级", width=24),
    ] = None
    need_type: Annotated[
        str | None,
        Field("需求类型", Kind.CHOICE, choices=NEED_TYPES, older=OLDER_NEED_TYPES, example="产品采购型", width=12),
    ] = None
    intent: Annotated[
        str | None,
        Field(
            "合作意向",
            Kind.CHOICE,
            ("意向", "意向程度", "意向度", "客户意向"),
            Need.FILING,
            choices=LEVELS,
            example="高",
            width=9,
        ),
    ] = None
    informant: Annotated[
        str | None,
        Field("信息来源人", Kind.PERSONAL, need=Need.FILING, privacy=Privacy.ORDINARY, example="李*", width=11),
    ] = None
    owner: Annotated[
        str | None,
        Field(
            "客户经理",
            Kind.TEXT,
            (
                "负责人",
                "业务员",
                "责任人",
                "业务归属",
                "销售",
                "负责销售",
                "销售员",
                "销售代表",
                "归属人",
                "客户负责人",
            ),
            example="王*",
            width=10,
            guesses=("销售经理", "跟进人", "所有人", "跟单员"),
        ),
    ] = None
    department: Annotated[str | None, Field("部门", Kind.TEXT, ("所属部门",), example="华东一部", width=10)] = None
    contract_end: Annotated[
        date | None,
        Field(
            "合同到期日",
            Kind.DATE,
            ("到期日", "合同到期时间", "合同结束日期", "合同到期日期", "合同截止日"),
            example="2027-03-31",
            width=13,
            guesses=("签约结束日期", "到期时间"),
        ),
    ] = None
    deep_bound: Annotated[bool | None, Field("深度绑定", Kind.YES_NO, choices=YES_NO, example="否", width=9)] = None
    benchmark: Annotated[
        bool | None, Field("行业标杆", Kind.YES_NO, ("行业影响力",), choices=YES_NO, example="否", width=9)
    ] = None
    ecosystem: Annotated[bool | None, Field("生态协同", Kind.YES_NO, choices=YES_NO, example="否", width=9)] = None
    filed_on: Annotated[
        date | None,
        Field(
            "档案建立日期",
            Kind.DATE,
            ("建档日期", "创建时间", "建档时间"),
            example="2024-05-01",
            width=13,
            guesses=("注册时间",),
        ),
    ] = None
    updated_on: Annotated[
        date | None,
        Field("最后更新日期", Kind.DATE, ("更新日期", "修改时间", "更新时间"), example="2024-05-20", width=13),
    ] = None
    checker: Annotated[
        str | None, Field("核对人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="赵*", width=10)
    ] = None
    reviewer: Annotated[
        str | None, Field("复核人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="钱*", width=10)
    ] = None
    remark: Annotated[
        str | None, Field("备注", Kind.TEXT, example="战略合作意向", width=24, guesses=("备用信息", "描述"))
    ] = None
    preference: Annotated[
        str | None, Field("产品偏好", Kind.TEXT, ("产品/服务类型偏好", "产品服务类型偏好"), width=18)
    ] = None
    pain_points: Annotated[str | None, Field("业务痛点", Kind.TEXT, width=18)] = None
    decision_chain: Annotated[str | None, Field("决策链", Kind.TEXT, width=18)] = None
    budget_cycle: Annotated[str | None, Field("预算周期", Kind.TEXT, width=12)] = None
    reputation: Annotated[str | None, Field("市场口碑", Kind.TEXT)] = None
    lost_reason: Annotated[
        str | None, Field("流失原因", Kind.CHOICE, choices=("价格", "服务", "竞品", "产品", "其他"), width=10)
    ] = None
    referrer: Annotated[str | None, Field("推荐人", Kind.TEXT, ("介绍人",), note="介绍这家客户来的客户编号或名称")] = (
        None
    )
    consent: Annotated[
        bool | None,
        Field(
            "信息授权", Kind.YES_NO, ("授权",), choices=YES_NO, example="是", note="客户是否同意使用其信息", width=10
        ),
    ] = None
    source_channel: Annotated[
        str | None, Field("来源渠道", Kind.TEXT, ("客户来源", "来源"), width=12, in_templates=False)
    ] = None
    last_contact: Annotated[
        date | None,
        Field(
            "最近联系日期",
            Kind.DATE,
            ("上次联系", "最近联系", "最近联系时间", "上次联系时间", "上次联系日期"),
            width=13,
            in_templates=False,
        ),
    ] = None
    appointment: Annotated[
        date | None,
        Field("约定跟进日期", Kind.DATE, ("下次联系时间", "下次联系日期"), width=13, in_templates=False),
    ] = None
    greeting_day: Annotated[
        str | None,
        Field(
            "生日/周年",
            Kind.MONTH_DAY,
            (
                "生日",
                "联系人生日",
                "客户生日",
                "周年",
                "公司周年",
                "周年纪念日",
                "成立周年",
                "成立纪念日",
                "公司成立纪念日",
                "纪念日",
            ),
            privacy=Privacy.SENSITIVE,
            width=12,
            in_templates=False,
        ),
    ] = None
    suggestion: Annotated[str | None, Field("合作建议", Kind.TEXT, width=24, in_templates=False)] = None
    preferred_channel: Annotated[
        str | None,
        Field(
            "偏好渠道",
            Kind.TEXT,
            ("偏好沟通方式", "偏好联系方式", "首选渠道", "首选联系方式"),
            width=12,
            in_templates=False,
        ),
    ] = None
    paper_file: Annotated[str | None, Field("纸质档案编号", Kind.KEY, width=14, in_templates=False)] = None
    tier: Annotated[
        str | None,
        Field(
            "客户等级", Kind.TEXT, width=11, fills="grade", colours="tiers", guesses=("客户级别", "级别", "客户分类")
        ),
    ] = None
    tags: ClassVar[Tags]
    next_due: NextDue = None


class ScoringRow(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """A customer's row of 客户分级评估打分表 (practice §1.2). Rates are shares; recency is days or a date."""

    customer_id: CustomerId
    name: CustomerName
    recency: Annotated[
        date | int | None,
        Field(
            "最近消费时间",
            Kind.RECENCY,
            ("最近消费", "最近一次消费", "最近消费时间R", "最近一次消费时间", "最近购买", "最近消费天数", "R值"),
            example="30天",
            note="距今天数，或日期",
            guesses=("R", "最近一单"),
        ),
    ] = None
    frequency_12m: Annotated[
        Decimal | None,
        Field(
            "消费频次",
            Kind.FREQUENCY,
            ("消费频率", "F值"),
            example="12次/年",
            width=13,
            guesses=("F", "购买次数", "消费次数", "订单数", "下单次数", "成交单数"),
        ),
    ] = None
    spend_12m: Annotated[
        Decimal | None,
        Field(
            "消费金额",
            Kind.MONEY,
            ("年消费金额", "近12个月消费金额", "M值"),
            example="80万元",
            guesses=("M", "消费总额", "消费总金额", "购买金额", "年采购额", "年度成交额"),
        ),
    ] = None
    growth_level: Annotated[
        Level | None,
        Field(
            "行业潜力",
            Kind.LEVEL,
            ("发展潜力",),
            example="高(行业增速15%)",
            width=18,
            guesses=("行业前景", "成长性", "行业走势"),
        ),
    ] = None
    repurchase_rate: Annotated[
        Decimal | None,
        Field("忠诚度", Kind.RATE, ("复购率", "忠诚度复购率"), example="85%", guesses=("回购率", "回购比例")),
    ] = None
    total: ClassVar[
        Annotated[
            Decimal | None,
            Field(
                "总分",
                Kind.NUMBER,
                ("总得分", "得分", "综合得分"),
                width=8,
                fills="score.total",
                guesses=("合计",),
            ),
        ]
    ]
    grade: Annotated[
        str | None,
        Field(
            "等级",
            Kind.TEXT,
            ("客户等级", "评定等级"),
            width=11,
            fills="grade",
            colours="tiers",
            guesses=("评级", "级别", "客户级别"),
            shown=True,
        ),
    ] = None
    assessor: Annotated[
        str | None, Field("评估人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="张*", width=10)
    ] = None
    assessed_on: Annotated[date | None, Field("评估日期", Kind.DATE, width=13, fills=fills.assessed_on)] = None
    auditor: Annotated[
        str | None, Field("审核人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="李*", width=10)
    ] = None
    audited_on: Annotated[date | None, Field("审核日期", Kind.DATE, example="2024-03-02", width=13)] = None
    finance_checker: Annotated[
        str | None, Field("财务核对人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="周*", width=11)
    ] = None
    average_order: Annotated[Decimal | None, Field("客单价", Kind.MONEY, ("平均客单价",))] = None
    order_growth: Annotated[Decimal | None, Field("订单增长率", Kind.RATE, ("订单增长",))] = None
    new_needs: Annotated[Decimal | None, Field("新需求数量", Kind.COUNT, ("新需求数",), width=12)] = None
    referral_rate: Annotated[Decimal | None, Field("推荐率", Kind.RATE, width=10)] = None
    referrals: Annotated[Decimal | None, Field("推荐新客户数量", Kind.COUNT, ("推荐客户数",))] = None
    complaints_12m: Annotated[Decimal | None, Field("投诉次数", Kind.COUNT, width=10)] = None
    complaint_rate: Annotated[Decimal | None, Field("投诉率", Kind.RATE, width=10)] = None
    praises: Annotated[Decimal | None, Field("表扬次数", Kind.COUNT, width=10)] = None
    satisfaction: Annotated[
        Decimal | None, Field("满意度评分", Kind.NUMBER, ("满意度", "客户满意度", "CSAT"), note=_SCALE_NOTE, width=16)
    ] = None
    nps: NpsScore = None
    usage_time: Annotated[Decimal | None, Field("产品使用时长", Kind.NUMBER, width=13, unit="小时")] = None
    activation_rate: Annotated[Decimal | None, Field("功能激活率", Kind.RATE, width=12)] = None
    engagement: Annotated[Decimal | None, Field("活动参与度", Kind.RATE, width=12)] = None
    industry_growth: Annotated[Decimal | None, Field("行业增速", Kind.RATE, ("行业增长率", "行业增长性"), width=10)] = (
        None
    )
    profit_share: Annotated[Decimal | None, Field("利润贡献", Kind.MONEY, ("利润贡献度",), width=12)] = None
    movement: ClassVar[Annotated[str | None, Field("等级变动", Kind.TEXT, width=10, fills=fills.movement)]]
    previous_grade: Annotated[str | None, Field("上期等级", Kind.TEXT, width=11, fills="previous_grade")] = None
    alerts: ClassVar[Annotated[str | None, Field("预警", Kind.TEXT, width=26, fills=fills.alerts)]]
    next_due: NextDue = None
    overdue_days: ClassVar[Annotated[Decimal | None, Field("逾期天数", Kind.COUNT, width=10, fills=fills.overdue_days)]]
    next_action: ClassVar[Annotated[str | None, Field("跟进动作", Kind.TEXT, width=24, fills=fills.next_action)]]
    next_owner: ClassVar[Annotated[str | None, Field("跟进责任人", Kind.TEXT, width=12, fills=fills.next_owner)]]
    tags: ClassVar[Tags]
    health: ClassVar[
        Annotated[str | None, Field("健康度", Kind.TEXT, width=9, fills="health.colour", colours=HEALTH_COLOURS)]
    ]
    risk: ClassVar[Annotated[str | None, Field("风险等级", Kind.TEXT, width=12, fills=fills.risk)]]
    next_grading: Annotated[date | None, Field("下次重评日期", Kind.DATE, width=13, fills="next_grading")] = None
    proposed_grade: Annotated[
        str | None,
        Field("建议等级", Kind.TEXT, width=11, fills="proposed_grade", tier_moves="when_due"),
    ] = None
    period: Annotated[str | None, Field("评估期间", Kind.TEXT, width=11, fills=fills.period, folded=True)] = None
    figures_on: Annotated[
        date | None,
        Field("资料日期", Kind.DATE, width=13, in_templates=False, fills="figures_on", where_filled=True, folded=True),
    ] = None
    coverage: ClassVar[
        Annotated[Decimal | None, Field("评分覆盖率", Kind.RATE, width=12, fills=fills.coverage, folded=True)]
    ]
    explanation: Annotated[str | None, Field("得分说明", Kind.TEXT, width=48, fills="explanation", folded=True)] = None


class FollowUp(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One contact with a customer (practice §1.3)."""

    customer_id: CustomerIds
    date: Annotated[
        Day,
        Field(
            "日期",
            Kind.DATE,
            ("跟进日期", "跟进时间", "拜访时间", "拜访日期", "联系时间", "沟通时间"),
            Need.REQUIRED,
            example="2024-05-05",
            width=12,
        ),
    ]
    person: Annotated[
        str | None, Field("跟进人", Kind.TEXT, ("拜访人",), example="王*", width=10, guesses=("业务员", "销售"))
    ] = None
    channel: Annotated[
        str | None,
        Field(
            "跟进方式",
            Kind.CHOICE,
            ("方式", "沟通方式", "拜访方式"),
            choices=CHANNELS,
            example="电话",
            width=10,
            guesses=("联系方式",),
        ),
    ] = None
    summary: Annotated[
        str | None,
        Field(
            "跟进内容摘要",
            Kind.TEXT,
            ("跟进内容", "内容摘要", "沟通内容", "拜访内容", "跟进情况", "跟进记录", "洽谈内容"),
            example="沟通报价细节",
            width=36,
        ),
    ] = None
    feedback: Annotated[
        str | None,
        Field(
            "客户反馈/结果",
            Kind.TEXT,
            ("客户反馈", "反馈结果", "结果", "跟进结果", "拜访结果"),
            example="需要正式报价",
            width=28,
        ),
    ] = None
    next_step: Annotated[
        str | None,
        Field(
            "下一步计划",
            Kind.TEXT,
            ("下步计划", "下一步", "下一步行动", "后续计划"),
            example="3日内提供报价单",
            width=28,
            guesses=("待办",),
        ),
    ] = None
    appointment: Annotated[
        Day | None,
        Field("约定跟进日期", Kind.DATE, width=13, in_templates=False, guesses=("下次跟进时间", "下次拜访时间")),
    ] = None
    done_on: Annotated[
        Day | None, Field("完成日期", Kind.DATE, width=12, in_templates=False, note="下一步计划做完的日期")
    ] = None
    outcome: Annotated[
        str | None,
        Field("完成情况", Kind.TEXT, width=12, in_templates=False, note="下一步计划做得怎样：已完成、未完成、取消"),
    ] = None
    name: NameBeside = None
    due: ClassVar[Annotated[Day | None, Field("到期日", Kind.DATE, width=12, fills="promise.due")]]
    overdue: ClassVar[Annotated[str | None, Field("是否逾期", Kind.TEXT, width=10, fills=fills.overdue)]]


class Order(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 交易明细; a refund has a negative amount."""

    customer_id: CustomerId
    date: Annotated[
        Day,
        Field(
            "日期",
            Kind.DATE,
            ("交易日期", "订单日期", "交易时间", "下单日期", "下单时间", "成交日期", "销售日期"),
            Need.REQUIRED,
            example="2024-02-01",
            width=12,
            guesses=("付款时间", "payment_date"),
        ),
    ]
    amount: Annotated[
        Decimal,
        Field(
            "金额",
            Kind.MONEY,
            ("交易金额", "订单金额", "销售金额", "销售额", "成交金额", "实付金额"),
            Need.REQUIRED,
            example="12800",
            guesses=("含税金额", "价税合计", "合计金额"),
        ),
    ]
    order_no: Annotated[str | None, Field("订单号", Kind.KEY, ("订单编号",), example="SO-20240201-01", width=18)] = None
    product: Annotated[str | None, Field("产品", Kind.TEXT, ("产品名称", "商品名称", "品名"), width=18)] = None
    name: NameBeside = None


class ServiceRequest(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 服务记录."""

    customer_id: CustomerId
    requested_at: Annotated[
        datetime, Field("请求时间", Kind.DATETIME, ("提出时间",), Need.REQUIRED, example="2024-02-01 09:20", width=17)
    ]
    responded_at: Annotated[
        datetime | None, Field("首次响应时间", Kind.DATETIME, ("响应时间",), example="2024-02-01 10:05", width=17)
    ] = None
    resolved_at: Annotated[datetime | None, Field("解决时间", Kind.DATETIME, example="2024-02-01 15:30", width=17)] = (
        None
    )
    resolved: Annotated[bool | None, Field("是否解决", Kind.YES_NO, choices=YES_NO, example="是", width=10)] = None
    first_time: Annotated[
        bool | None, Field("是否一次解决", Kind.YES_NO, ("一次解决",), choices=YES_NO, example="是", width=13)
    ] = None
    satisfaction: Annotated[
        Decimal | None, Field("满意度", Kind.NUMBER, ("满意度评分", "CSAT"), example="90", note=_SCALE_NOTE, width=13)
    ] = None
    nps: NpsScore = None
    staff: Annotated[str | None, Field("服务人员", Kind.TEXT, example="孙*", width=10)] = None
    category: Annotated[str | None, Field("问题类别", Kind.TEXT, ("类别",), example="使用咨询")] = None
    benefit: Annotated[str | None, Field("承诺权益", Kind.TEXT, width=18)] = None
    cost: Annotated[Decimal | None, Field("服务成本", Kind.MONEY, width=12)] = None
    discount: Annotated[Decimal | None, Field("已用折扣", Kind.RATE, ("折扣",), width=10)] = None
    cause: Annotated[
        str | None,
        Field("原因", Kind.TEXT, ("问题原因", "原因分析"), width=20, in_templates=False, note="问题出在哪里"),
    ] = None
    department: Annotated[
        str | None, Field("责任部门", Kind.TEXT, ("责任单位", "整改部门"), width=14, in_templates=False)
    ] = None
    correct_by: Annotated[
        date | None,
        Field(
            "整改期限",
            Kind.DATE,
            ("整改时限", "整改截止日期", "完成期限"),
            width=13,
            in_templates=False,
            note="过了这一天没有整改完的，列入整改清单",
        ),
    ] = None
    corrected_on: Annotated[
        date | None, Field("整改完成日期", Kind.DATE, ("整改完成时间", "整改日期"), width=13, in_templates=False)
    ] = None
    name: NameBeside = None


class Override(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 人工调整: a person's decision about a tier."""

    customer_id: CustomerId
    grade: Annotated[str, Field("调整后等级", Kind.TEXT, ("调整等级",), Need.REQUIRED, example="重点客户", width=12)]
    reason: Annotated[str | None, Field("理由", Kind.TEXT, ("调整理由",), example="签订年度框架合同", width=30)] = None
    proposer: Annotated[
        str | None, Field("提出人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="王*", width=10)
    ] = None
    auditor: Annotated[
        str | None, Field("审核人", Kind.PERSONAL, privacy=Privacy.ORDINARY, example="李*", width=10)
    ] = None
    expires_on: Annotated[date | None, Field("有效期至", Kind.DATE, ("有效期",), example="2024-12-31", width=13)] = None


class RiskEntry(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 风险登记."""

    customer_id: CustomerId
    date: Annotated[Day, Field("日期", Kind.DATE, ("登记日期",), Need.REQUIRED, example="2024-02-10", width=12)]
    signal: Annotated[str, Field("信号", Kind.TEXT, ("风险信号",), Need.REQUIRED, example="预算削减", width=28)]
    repair: Annotated[str | None, Field("修复措施", Kind.TEXT, example="高层拜访", width=28)] = None
    repaired_on: Annotated[Day | None, Field("修复日期", Kind.DATE, example="2024-02-20", width=12)] = None


class NeedEntry(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 需求记录."""

    customer_id: CustomerId
    raised_on: Annotated[date, Field("提出日期", Kind.DATE, need=Need.REQUIRED, example="2024-01-15", width=12)]
    need_type: Annotated[str | None, Field("需求类型", Kind.CHOICE, choices=NEED_TYPES, older=OLDER_NEED_TYPES)] = None
    content: Annotated[str | None, Field("内容", Kind.TEXT, ("需求内容",), example="二期扩容", width=30)] = None
    status: Annotated[
        str | None, Field("状态", Kind.CHOICE, choices=("待定", WON, DROPPED), example="待定", width=9)
    ] = None


class StandardRow(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 客户分级服务标准表: a tier's standard in the team's own words."""

    tier: Annotated[str, Field("客户等级", Kind.TEXT, ("等级",), Need.REQUIRED, example="VIP客户", width=11)]
    typical: Annotated[str | None, Field("客户特征描述", Kind.TEXT, ("客户特征",), width=30)] = None
    goal: Annotated[str | None, Field("核心服务目标", Kind.TEXT, ("服务目标",), width=30)] = None
    content: Annotated[str | None, Field("服务内容细则", Kind.TEXT, ("服务内容",), width=44)] = None
    resources: Annotated[str | None, Field("资源支持配置", Kind.TEXT, ("资源支持",), width=30)] = None
    roles: Annotated[str | None, Field("责任人角色", Kind.TEXT, ("责任角色",), width=18)] = None


class DimensionRow(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 分级维度: a group of indicators, and the weight they have together (practice §1.5)."""

    dimension: Annotated[str, Field("维度", Kind.TEXT, ("分级维度", "评估维度"), Need.REQUIRED, width=12)]
    indicators: Annotated[str | None, Field("核心指标", Kind.TEXT, ("指标", "评估指标"), width=30)] = None
    weight: Annotated[Decimal | None, Field("权重", Kind.RATE, ("权重占比", "占比"), width=10)] = None


class Setting(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """What the covers print (设置), and 年销售额, what shares of the year's book are of (practice §6.4)."""

    unit: Annotated[str | None, Field("单位", Kind.TEXT, ("单位名称",), example="华东分公司", width=28)] = None
    department: Annotated[str | None, Field("部门", Kind.TEXT, example="客户成功部", width=16)] = None
    compiler: Annotated[str | None, Field("编制", Kind.TEXT, ("编制人",), example="王*", width=12)] = None
    secrecy: Annotated[str | None, Field("密级", Kind.TEXT, example="内部资料", width=12)] = None
    yearly_sales: Annotated[
        Decimal | None,
        Field(
            "年销售额",
            Kind.MONEY,
            ("年度销售额", "全年销售额"),
            note="台账以外的销售也算在内的全年销售额；占比按它算",
            width=14,
        ),
    ] = None


class Holiday(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """A day of the team's own calendar (节假日); `day_kind` is 休 or 班."""

    date: Annotated[Day, Field("日期", Kind.DATE, need=Need.REQUIRED, example="2027-01-01", width=12)]
    day_kind: Annotated[
        str, Field("休/班", Kind.CHOICE, ("休班",), Need.REQUIRED, choices=("休", "班"), example="休", width=9)
    ]
