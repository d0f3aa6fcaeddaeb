"""The sheets of a policy workbook: titles, columns, and the notes a person needs to edit them.

The single source for writing and for reading a policy as sheets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sheetcrm import schema
from sheetcrm.policy.cadence import ALL, BY_CHANNEL, BY_EITHER, BY_NAME, PROMISED
from sheetcrm.policy.cells import CHOICES, OTHERWISE, CellKind
from sheetcrm.policy.model import BY_SCORE, IN_PLACE, SHARE_SENSITIVE, UNMASK, Policy

Choices = Callable[[Policy], Sequence[str]]


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """One column: its header, the key of the policy it holds, and the kind of its cells.

    `choices` is the drop-down; a column without `key` names the parent of its row; an `optional` one may be absent.
    """

    label: str
    key: str = ""
    kind: CellKind = CellKind.TEXT
    width: int = 14
    note: str = ""
    choices: Choices | None = None
    optional: bool = False

    def options(self, policy: Policy) -> Sequence[str]:
        """List the choices of the drop-down; empty where there is none."""
        return self.choices(policy) if self.choices else tuple(CHOICES.get(self.kind, ()))


@dataclass(frozen=True, slots=True)
class LayoutSheet:
    """One sheet: the first `keys` columns identify a row, `at` is the place of its content in the policy.

    With `conditions`, pairs of 指标N and 条件N stand before the last columns; an `optional` sheet may be absent.
    `lines` are its rows, where each holds a single value of the policy.
    """

    title: str
    note: str
    columns: tuple[LayoutColumn, ...]
    keys: int = 1
    at: tuple[str, ...] = ()
    conditions: bool = False
    optional: bool = False
    lines: tuple[LayoutSetting, ...] = ()


@dataclass(frozen=True, slots=True)
class LayoutSetting:
    """One line of 基本 or 分类角色: a single value of the policy, by its place.

    Policies written by earlier versions lack a line that is `newer`; the standard's value holds there.
    """

    label: str
    at: tuple[str, ...]
    kind: CellKind = CellKind.TEXT
    note: str = ""
    choices: Choices | None = None
    newer: bool = False


def _tiers(policy: Policy) -> Sequence[str]:
    return [tier.name for tier in policy.tiers]


def _cards(policy: Policy) -> Sequence[str]:
    return [card.name for card in policy.scorecards]


def _classes(policy: Policy) -> Sequence[str]:
    return [table.name for table in policy.classes]


def _deciders(policy: Policy) -> Sequence[str]:
    return [BY_SCORE, *_classes(policy)]


def _fixed(*words: str) -> Choices:
    return lambda _policy: words


SETTINGS = (
    LayoutSetting("策略名称", ("name",)),
    LayoutSetting("版本", ("version",), note="改过策略就换一个版本号，印在报告里"),
    LayoutSetting("客户编号格式", ("reading", "customer_id_pattern"), note="正则表达式，一般不用改"),
    LayoutSetting(
        "新编号的写法",
        ("reading", "customer_number"),
        note="run --number 照它编号：{year} 年，{month} 月，{serial:03} 至少三位的序号，放在最后",
        newer=True,
    ),
    LayoutSetting("核对容差", ("reading", "mismatch_tolerance"), CellKind.SHARE, "表内数字和明细相差超过它就提醒"),
    LayoutSetting(
        "权重合计", ("reading", "card_weight_total"), CellKind.NUMBER, "评分卡的权重合计不是它就提醒，得分照常折算"
    ),
    LayoutSetting("投诉类别用词", ("reading", "complaint_words"), CellKind.WORDS, "问题类别含有其中一个词就算投诉"),
    LayoutSetting(
        "价格类用词",
        ("reading", "price_words"),
        CellKind.WORDS,
        "投诉的问题类别或原因含有其中一个词，就列为降级的可能原因",
        newer=True,
    ),
    LayoutSetting(
        "满意度评分制",
        ("reading", "satisfaction_scale"),
        note="表头没有写明时：CSAT 是 0 到 100，NPS 是 -100 到 100；5分制、10分制折成 100 分",
        choices=_fixed(schema.CSAT, schema.NPS, *schema.SHORT_SCALES),
    ),
    LayoutSetting(
        "频次数什么", ("reading", "purchases"), CellKind.PURCHASES, "由交易明细算消费频次时：订单，或有消费的日子"
    ),
    LayoutSetting("使用的评分卡", ("scoring", "card"), choices=_cards),
    LayoutSetting(
        "最低资料覆盖率", ("scoring", "least_coverage"), CellKind.SHARE, "已知权重低于它就不评分，列为待补充资料"
    ),
    LayoutSetting("中性分", ("scoring", "neutral_points"), CellKind.NUMBER, "空白时“取中性分”的指标得几分"),
    LayoutSetting("等级由什么决定", ("scoring", "decided_by"), note="得分，或一个分类的名称", choices=_deciders),
    LayoutSetting("未成交客户按哪一级服务", ("scoring", "unsold_served_as"), choices=_tiers),
    LayoutSetting("未成交客户也定级", ("scoring", "unsold_graded"), CellKind.YES_NO, "只在等级由分类决定时可以写“是”"),
    LayoutSetting(
        "等级何时变动", ("scoring", "tier_moves"), CellKind.MOVES, "到期才变：没到重评日期时，新结果只写在建议等级里"
    ),
    LayoutSetting("按名额定级", ("scoring", "quota"), CellKind.YES_NO, "是：按参考占比排名定级，起点分不起作用"),
    LayoutSetting("骤降幅度", ("measures", "drop"), CellKind.SHARE, "一个月的消费不到上月的这个比例，算一次骤降"),
    LayoutSetting("响应超时回看天数", ("measures", "late_response_days"), CellKind.WHOLE, "近多少天内的响应超时算数"),
    LayoutSetting("修复验证月数", ("measures", "repair_months"), CellKind.WHOLE, "风险修复后多少个月内看是否好转"),
    LayoutSetting(
        "频次比较的月数",
        ("measures", "frequency_months"),
        CellKind.WHOLE,
        "近这么多个月的采购次数和之前同样长的时间比",
        newer=True,
    ),
    LayoutSetting(
        "频次比较的起码次数",
        ("measures", "frequency_base"),
        CellKind.WHOLE,
        "之前的采购不到这么多次，就不比",
        newer=True,
    ),
    LayoutSetting(
        "同行平均的起码客户数",
        ("measures", "industry_least"),
        CellKind.WHOLE,
        "一个行业有满意度的客户不到这么多，就不和同行比",
        newer=True,
    ),
    LayoutSetting(
        "回溯所需的交易月数",
        ("measures", "backwards_months"),
        CellKind.WHOLE,
        "没有历史时，交易明细满这么多个月就按它回溯以前各期；0：不回溯",
    ),
    LayoutSetting(
        "回溯所需的可比客户",
        ("measures", "backwards_share"),
        CellKind.SHARE,
        "交易明细能得出本期等级的客户不到这个比例，以前各期就只列留存率等可比的指标",
    ),
    LayoutSetting(
        "用占比的最少客户数",
        ("measures", "share_customers"),
        CellKind.WHOLE,
        "客户少于它的台账不看占本年消费总额的比例，除非设置表写了年销售额；0：总看",
        newer=True,
    ),
    LayoutSetting(
        "设定的留存率",
        ("measures", "retention_assumed"),
        CellKind.SHARE,
        "没有历史时，客户终身价值（手册公式）用它；留空则印无数据",
    ),
    LayoutSetting("信号回看天数", ("signals", "window_days"), CellKind.WHOLE, "近多少天的跟进文字算数"),
    LayoutSetting("挽回用词", ("signals", "winback"), CellKind.WORDS, "跟进摘要含有其中一个词就算挽回"),
    LayoutSetting("承诺的跟进动作", ("followup", "promise_action")),
    LayoutSetting("承诺的责任人", ("followup", "promise_owner"), note="跟进记录没有写跟进人时"),
    LayoutSetting(
        "整改的跟进动作",
        ("followup", "correction_action"),
        note="服务记录写了整改期限、还没有整改完的，在跟进计划里叫什么",
        newer=True,
    ),
    LayoutSetting(
        "高管名单", ("followup", "executives"), CellKind.WORDS, "跟进人的写法；他们的跟进算高层拜访，见“跟进节奏”"
    ),
    LayoutSetting(
        "只做专有活动的标签",
        ("followup", "exclusive"),
        CellKind.WORDS,
        "带有它的客户，只安排“适用”写明它的活动；重评周期也是这样",
    ),
    LayoutSetting("限定上报的一级", ("followup", "limited_step"), note="如 总监；留空则每一级都照逾期天数上报"),
    LayoutSetting(
        "限定上报的事项",
        ("followup", "limited_to"),
        CellKind.WORDS,
        f"只有这些才报到那一级：{PROMISED}、活动、等级或分类的结果、健康度的颜色",
    ),
    LayoutSetting(
        "每人每天补做几项",
        ("followup", "backlog_a_day"),
        CellKind.WHOLE,
        "跟进日历里逾期的活动从下一个工作日起每天排这么多，逾期最久的在前；承诺另列",
        newer=True,
    ),
    LayoutSetting(
        "提前几天问候也算",
        ("followup", "greeting_days"),
        CellKind.WHOLE,
        "生日或周年以前这么多天内问候过，就不再安排当年的",
        newer=True,
    ),
    LayoutSetting("没有做过的活动怎么写", ("followup", "never_done"), note="{start} 是从哪天算起，{every} 是间隔"),
    LayoutSetting("做过的活动怎么写", ("followup", "since"), note="{last} 是上次的日期，{every} 是间隔"),
    LayoutSetting(
        "时限怎么计", ("service", "clock"), CellKind.TEXT, "全天候的等级总按自然时间", _fixed("自然时间", "工作时间")
    ),
    LayoutSetting("上班时间", ("service", "opens"), CellKind.NUMBER, "几点，9 或 8.5"),
    LayoutSetting("下班时间", ("service", "closes"), CellKind.NUMBER, "几点"),
    LayoutSetting("密级", ("report", "secrecy")),
    LayoutSetting("每册最多行数", ("report", "volume_rows"), CellKind.WHOLE, "名单更长就分册印"),
    LayoutSetting("抽查比例", ("report", "sample_share"), CellKind.SHARE, "抽查清单占本期服务记录的比例"),
    LayoutSetting("异动最多列几项", ("report", "anomalies"), CellKind.WHOLE),
    LayoutSetting("名单最多印几行", ("report", "list_rows"), CellKind.WHOLE, "执行报告里的名单；全部见评审包"),
    LayoutSetting(
        "一单够得着的倍数", ("report", "order_reach"), CellKind.NUMBER, "下月预警：一单至多是该客户最大一单的几倍"
    ),
    LayoutSetting("本期结论最多几句", ("report", "conclusions"), CellKind.WHOLE),
    LayoutSetting("少于几例算样本少", ("report", "few_cases"), CellKind.WHOLE, "样本少的失约排在最后"),
    LayoutSetting(
        "少于几例按例数判", ("report", "counted_cases"), CellKind.WHOLE, "不看比率：没有超时是达标，两例就是未达标"
    ),
    LayoutSetting("几天内整改", ("report", "mend_days"), CellKind.WHOLE, "本期结论里的应完成日期"),
    LayoutSetting(
        "不是人名的来源", ("report", "source_channels"), CellKind.WORDS, "信息来源人写的是渠道时照印，其余当人名遮住"
    ),
    LayoutSetting("留装订边", ("report", "binding"), CellKind.YES_NO, "是：双面打印，左右交替；否：总在左边"),
    LayoutSetting(
        "多少家以上只列会上要办的",
        ("report", "meeting_customers"),
        CellKind.WHOLE,
        "客户再多，评审包就不列各等级名单和评分明细，全部见写回的工作簿",
        newer=True,
    ),
    LayoutSetting(
        "采购偏好看几个月的订单", ("report", "preference_months"), CellKind.WHOLE, "档案卡的采购偏好", newer=True
    ),
    LayoutSetting(
        "几个下单日起算下单周期",
        ("report", "preference_days"),
        CellKind.WHOLE,
        "下单的日子更少就不印下单周期",
        newer=True,
    ),
    LayoutSetting("分享最多几天", ("sharing", "most_days"), CellKind.WHOLE, "share --until 至多到几天以后", newer=True),
    LayoutSetting(
        "口令至少几个字符", ("sharing", "least_password"), CellKind.WHOLE, "分享文件的口令，8 到 64", newer=True
    ),
    LayoutSetting(
        "口令至少几类字符",
        ("sharing", "least_classes"),
        CellKind.WHOLE,
        "小写字母、大写字母、数字、符号这四类里的几类",
        newer=True,
    ),
    LayoutSetting(
        "要第二人审批的事",
        ("approval", "needed"),
        CellKind.WORDS,
        f"{UNMASK}（显示联系方式）、{SHARE_SENSITIVE}（分享联系方式）、{IN_PLACE}（改写原表）；留空则都不要",
        newer=True,
    ),
    LayoutSetting(
        "敏感的列",
        ("privacy", "sensitive"),
        CellKind.WORDS,
        f"只在显示联系方式时才印、才分享：{'、'.join(field.label for field in schema.ON_CARDS_ALONE)}；留空则没有",
        newer=True,
    ),
)
"""The lines of 基本, in their order."""

_OF_STAGE = "这个分类的结果；有几个就用顿号隔开"
_OF_LABEL = "分类的名称，以及行业、需求类型，按印的顺序，用顿号隔开"
ROLE_LINES = (
    LayoutSetting("合作阶段看哪个分类", ("roles", "stage"), note="没有这样的分类就留空", choices=_classes),
    LayoutSetting("算流失的结果", ("roles", "lost"), CellKind.WORDS, f"{_OF_STAGE}。流失率、留存率、挽回率都看它"),
    LayoutSetting("算休眠的结果", ("roles", "dormant"), CellKind.WORDS, f"{_OF_STAGE}。也算流失；没有就留空"),
    LayoutSetting(
        "算潜在的结果", ("roles", "prospect"), CellKind.WORDS, f"{_OF_STAGE}。还没有成交，不算留存；没有就留空"
    ),
    LayoutSetting("算新客户的结果", ("roles", "new"), CellKind.WORDS, f"{_OF_STAGE}。获客漏斗看它；没有就留空"),
    LayoutSetting("价值看哪个分类", ("roles", "value"), note="没有这样的分类就留空", choices=_classes),
    LayoutSetting("算高价值的结果", ("roles", "high_value"), CellKind.WORDS, "价值分类的结果。高价值留存率看它"),
    LayoutSetting("关系阶段看哪个分类", ("roles", "relation"), note="没有这样的分类就留空", choices=_classes),
    LayoutSetting("该续约的结果", ("roles", "renewing"), CellKind.WORDS, "关系阶段分类的结果。给他们做续约价值盘点"),
    LayoutSetting("活跃状态看哪个分类", ("roles", "activity"), note="没有这样的分类就留空", choices=_classes),
    LayoutSetting(
        "算开发中的结果", ("roles", "developing"), CellKind.WORDS, "活跃状态分类的结果。获客漏斗看它；没有就留空"
    ),
    LayoutSetting("客户标签印什么", ("roles", "labels"), CellKind.MEASURES, _OF_LABEL),
    LayoutSetting("档案标签印什么", ("roles", "file_label"), CellKind.MEASURES, _OF_LABEL),
)
"""The lines of 分类角色, in their order."""

_RULE = LayoutColumn("规则", "code", width=20, note="规则的名称，印在说明里，不能重复")
_OUTCOME = LayoutColumn("结果", "outcome", width=14)
_NOTE = LayoutColumn("说明", "note", width=40, note="印给人看的话", optional=True)
_LAST = f"最后一行的规则写“{OTHERWISE}”：以上都不成立时的结果。"
_DAY_OFF = "非工作日提出的请求；留空则和工作日一样"
_ORDER = "从上往下，第一条成立的规则算数；同一行的条件要全部成立。"

BASICS = LayoutSheet(
    "基本",
    "一行一项，只改“取值”这一列。",
    (LayoutColumn("设置项", width=26), LayoutColumn("取值", width=44), LayoutColumn("说明", width=50, optional=True)),
    lines=SETTINGS,
)
CARDS = LayoutSheet(
    "评分卡",
    "一行一项指标。总分 = Σ(权重×得分) ÷ Σ权重。",
    (
        LayoutColumn("评分卡", width=12),
        LayoutColumn("指标", "label", width=18, note="印出来的名称"),
        LayoutColumn("权重", "weight", CellKind.NUMBER, 8, "大于 0，合计不必是 100"),
        LayoutColumn("取数", "measure", CellKind.MEASURE, 22, "按哪个数评分，见“指标一览”"),
        LayoutColumn("打分表的列", "field", CellKind.COLUMN, 18),
        LayoutColumn("空白时", "missing", CellKind.MISSING, 14, "不知道这个数时怎么办"),
        LayoutColumn("能改进", "changeable", CellKind.YES_NO, 9, "否：说明离上一级还差什么时不提它"),
        LayoutColumn("每 1 得几分", "scale", CellKind.NUMBER, 12, "按比例计分时填，例如复购率 100；分档计分则留空"),
        LayoutColumn("文字取数", "word_measure", CellKind.MEASURE, 14, "没有数、只有文字（高、中、低）时看哪个指标"),
        LayoutColumn(
            "代替指标", "replaces", width=14, note="有这一行的数时就用它，不用那一个指标的；权重要一样，只算一次"
        ),
    ),
    keys=2,
    at=("scorecards",),
)
BANDS = LayoutSheet(
    "评分档",
    f"一行一档，从最好排到最差，第一个成立的算数。条件写“{OTHERWISE}”是以上都不成立；写文字是只有文字时的得分。",
    (
        LayoutColumn("评分卡", width=12),
        LayoutColumn("指标", width=18),
        LayoutColumn("条件", "when", CellKind.CONDITION, 18, "如 >=500000、<=30、其余、高"),
        LayoutColumn("得分", "points", CellKind.NUMBER, 8, "0 到 100"),
    ),
    keys=3,
)
TIERS = LayoutSheet(
    "等级",
    "一行一级，从最好排到最差。",
    (
        LayoutColumn("等级", "name", width=14),
        LayoutColumn("起点分", "floor", CellKind.NUMBER, 10, "得分不低于它就是这一级；等级由分类决定时留空"),
        LayoutColumn("参考占比", "share", CellKind.SHARE, 10, "只作对照；按名额定级时决定各级的客户数"),
        LayoutColumn(
            "典型年消费", "typical_spend", CellKind.CONDITION, 26, "如 [200000..500000)：含 20 万，不含 50 万。可留空"
        ),
        LayoutColumn(
            "权重", "weight", CellKind.NUMBER, 8, "本期结论里，对它失约比对别的等级重几倍；留空是 1", optional=True
        ),
        LayoutColumn("逾期上报", "escalation", CellKind.STEPS, 24, "逾期几天告诉谁，如 主管 3天、总监 7天"),
        LayoutColumn("颜色", "colour", CellKind.COLOUR, 10, "六位十六进制，印在等级格里"),
    ),
    at=("tiers",),
)
_TO_CUSTOMERS = "写给客户看的话，内部的说法不要写；称谓和权益有一项留空，就不给这一级的客户发函"
STANDARDS = LayoutSheet(
    "服务标准",
    "一行一级，对客户的承诺。时限留空就是不承诺。",
    (
        LayoutColumn("等级", width=12, choices=_tiers),
        LayoutColumn("客户特征描述", "typical", width=30),
        LayoutColumn("核心服务目标", "goal", width=24),
        LayoutColumn("资源支持配置", "team", width=30),
        LayoutColumn("首次响应(小时)", "first_response_hours", CellKind.NUMBER, 10),
        LayoutColumn("解决(小时)", "resolution_hours", CellKind.NUMBER, 10),
        LayoutColumn("非工作日首次响应(小时)", "first_response_hours_day_off", CellKind.NUMBER, 12, _DAY_OFF),
        LayoutColumn("非工作日解决(小时)", "resolution_hours_day_off", CellKind.NUMBER, 12, _DAY_OFF),
        LayoutColumn("解决时限说明", "resolution_note", width=16),
        LayoutColumn("全天候", "round_the_clock", CellKind.YES_NO, 9),
        LayoutColumn("权益", "benefits", CellKind.WORDS, 44, "用顿号隔开"),
        LayoutColumn("折扣", "discount", CellKind.SHARE, 8, "10% 表示优惠一成"),
        LayoutColumn("责任人角色", "roles", CellKind.WORDS, 20),
        LayoutColumn("对客称谓", "addressed_as", width=14, note=_TO_CUSTOMERS, optional=True),
        LayoutColumn("对客权益", "offered", CellKind.WORDS, 44, _TO_CUSTOMERS, optional=True),
        LayoutColumn(
            "千人千面", "individual", CellKind.YES_NO, 10, "是：函件和邮件写上客户自己的合作数字", optional=True
        ),
    ),
)
CLASSES = LayoutSheet(
    "分类规则",
    f"{_ORDER}{_LAST}这一行的条件写“非空”：不知道那个数、又有规则要看它时，不归其余，写未归类。"
    "前面分类的结果可以作后面分类的条件。",
    (LayoutColumn("分类", width=12), _RULE, _OUTCOME, _NOTE),
    keys=2,
    at=("classes",),
    conditions=True,
)
ROLES = LayoutSheet(
    "分类角色",
    "报告、标签和客户材料要用到哪些分类和结果。改了分类或结果的名称，这里也要改。",
    BASICS.columns,
    at=("roles",),
    optional=True,
    lines=ROLE_LINES,
)
CHURN = LayoutSheet(
    "流失迹象",
    f"有一条成立就有流失迹象（结果写“是”）。{_LAST}",
    (_RULE, LayoutColumn("结果", "outcome", width=9, choices=_fixed("是", "否")), _NOTE),
    at=("churn",),
    conditions=True,
)
TIER_RULES = LayoutSheet(
    "等级规则",
    "按得分定级之后再看的规则，成立的全部算数。作用写“提示”就只在得分说明里提醒，等级不变。",
    (_RULE, LayoutColumn("作用", "effect", width=14, choices=_fixed("提示", "降一级", "封顶最低级")), _NOTE),
    at=("tier_rules",),
    conditions=True,
)
ALERTS = LayoutSheet(
    "预警规则",
    "成立的规则全部算数。",
    (
        _RULE,
        LayoutColumn("级别", "level", width=8, choices=_fixed("高", "中", "低")),
        LayoutColumn("标签", "tag", width=12, note="加到客户标签里，可留空"),
        LayoutColumn("处理措施", "action", width=40),
        LayoutColumn("责任人", "owner", width=14),
        LayoutColumn("限几天", "days", CellKind.WHOLE, 8),
        LayoutColumn("触发重评", "regrade", CellKind.YES_NO, 10),
        LayoutColumn("风险等级", "risk", width=10, choices=_fixed("轻度", "中度", "重度"), note="可留空"),
        _NOTE,
    ),
    at=("alerts",),
    conditions=True,
)
HEALTH = LayoutSheet(
    "健康度",
    f"{_ORDER}{_LAST}",
    (_RULE, LayoutColumn("结果", "outcome", width=9, choices=_fixed("红", "黄", "绿", "无数据")), _NOTE),
    at=("health",),
    conditions=True,
)
HEALTH_INPUTS = LayoutSheet(
    "健康度指标",
    "健康度看哪些指标，怎样算不良。",
    (
        LayoutColumn("名称", "label", width=16),
        LayoutColumn("指标", "measure", CellKind.MEASURE, 22),
        LayoutColumn("不良条件", "bad", CellKind.CONDITION, 18),
    ),
    at=("health_inputs",),
)
SIGNALS = LayoutSheet(
    "信号词",
    "跟进文字里出现其中一个词就是这个信号；前面有“没有”“不”等否定的不算。",
    (LayoutColumn("信号", width=16), LayoutColumn("词", "", CellKind.WORDS, 80, "用顿号隔开")),
    at=("signals", "words"),
)
REGRADING = LayoutSheet(
    "重评周期",
    "客户带有其中一个标签就按这个间隔重评，最短的算数；带有只做专有活动的标签（见“基本”）、又有一行写明它的，只看那一行。",
    (
        LayoutColumn("适用", "applies", CellKind.WORDS, 44, f"等级、分类的结果、评级状态，或“{ALL}”，用顿号隔开"),
        LayoutColumn("间隔", "every", width=12, note="如 3个月、45天"),
    ),
    at=("regrading",),
)
CADENCE = LayoutSheet(
    "跟进节奏",
    "一行一项活动。适用的活动全部安排；只做专有活动的标签见“基本”。",
    (
        LayoutColumn("活动", "activity", width=16),
        LayoutColumn("适用", "applies", CellKind.WORDS, 28, f"等级、分类的结果、评级状态，或“{ALL}”，用顿号隔开"),
        LayoutColumn("其中", "among", CellKind.WORDS, 28, "还要带有其中一个标签；留空则不限"),
        LayoutColumn("间隔", "every", width=10, note="如 3个月、45天"),
        LayoutColumn("另定间隔", "paces", CellKind.PACES, 24, "带有这个标签的另按它，如 意向高 15天、观察客户 6个月"),
        LayoutColumn("节点", "milestones", CellKind.WORDS, 14, "首次合作后满多久各做一次，没做的保留一个间隔"),
        LayoutColumn("到期前", "before_end", width=10, note="合同到期前多久开始，到期日以后不再安排"),
        LayoutColumn(
            "怎样算做过",
            "counts",
            width=12,
            note="渠道：看跟进方式；名称：摘要或跟进方式要写明",
            choices=_fixed(BY_CHANNEL, BY_NAME, BY_EITHER),
        ),
        LayoutColumn("跟进方式", "channels", CellKind.WORDS, 30, "按渠道算时，用这些方式的跟进算做过"),
        LayoutColumn("摘要用词", "words", CellKind.WORDS, 20, "按名称算时，活动名称和这些词算写明"),
        LayoutColumn("高管跟进也算", "by_executives", CellKind.YES_NO, 12, "跟进人在高管名单里就算做过"),
        LayoutColumn("也看档案日期", "profile_date", CellKind.PROFILE_DATE, 14, "这个日期也算做过"),
        LayoutColumn("责任人", "owner", width=14, note="没有客户经理时由谁做"),
        LayoutColumn("总归责任人", "stays", CellKind.YES_NO, 12, "是：有客户经理也由责任人这个岗位做"),
        LayoutColumn(
            "生日周年当天",
            "on_greeting_day",
            CellKind.YES_NO,
            12,
            "是：每年在“生日/周年”那天做，不看间隔",
            optional=True,
        ),
        LayoutColumn(
            "可成批做",
            "batch",
            CellKind.YES_NO,
            10,
            "是：跟进记录的客户编号写一类客户（如 低价值客户、全体）也算为这一类做过",
            optional=True,
        ),
        LayoutColumn("内容", "content", width=50),
    ),
    at=("cadence",),
)
ROUTINES = LayoutSheet(
    "例行事项",
    "不看客户、按日历要做的事，列在责任人的跟进清单和日历里。",
    (
        LayoutColumn("事项", "name", width=18),
        LayoutColumn("间隔", "every", width=10, note="1、2、3、4、6 或 12个月，月底前做"),
        LayoutColumn("月份", "month", CellKind.WHOLE, 8, "从几月起算；12 就是每年12月"),
        LayoutColumn("日子", "day", width=10, note="如 春节、中秋；写了就不看间隔和月份，可留空"),
        LayoutColumn("责任人", "owner", width=16, note="一个人或角色；写客户经理就是每位客户经理"),
        LayoutColumn("内容", "content", width=50),
    ),
    at=("routines",),
    optional=True,
)
TARGETS = LayoutSheet(
    "目标",
    "报告里和实际并列的目标。",
    (
        LayoutColumn("指标", "figure", width=20),
        LayoutColumn("不低于", "least", CellKind.NUMBER, 12, "90% 写 0.9 或 90%"),
    ),
    at=("targets",),
    optional=True,
)
PROMISES = LayoutSheet(
    "承诺目标",
    "承诺就是目标：各等级要做到多少。报告先说没做到的。",
    (
        LayoutColumn("指标", "figure", width=20, choices=_fixed("响应及时率", "解决及时率", "满意度", "跟进完成率")),
        LayoutColumn("不低于", "least", CellKind.NUMBER, 12, "90% 写 0.9 或 90%"),
        LayoutColumn("等级", "applies", CellKind.WORDS, 24, "用顿号隔开；留空就是所有等级"),
        LayoutColumn("对客户承诺", "to_customer", CellKind.YES_NO, 12, "否：团队自己的计划，排在对客户的承诺后面"),
    ),
    at=("promises",),
    optional=True,
)
HOLIDAYS = LayoutSheet(
    "节假日",
    "覆盖内置的工作日历；数据工作簿里的节假日表又在它之上。",
    (
        LayoutColumn("日期", "", CellKind.DATE, 14),
        LayoutColumn("休/班", "", width=9, choices=_fixed(*schema.HOLIDAYS.field("day_kind").choices)),
        LayoutColumn("说明", "", width=30, note="可留空", optional=True),
    ),
    at=("holidays",),
    optional=True,
)

_ASKED = LayoutColumn("确认", "confirmed", CellKind.YES_NO, 8, "核对无误后填 是；没有填 是 的行不起作用", optional=True)
HEADERS = LayoutSheet(
    "表头对照",
    "各表里自己的表头是本模板的哪个字段。sheetcrm map 写出的表头对照可以整张贴过来；和台账放在一起的对照在它之上。",
    (
        LayoutColumn("表", "sheet", width=18, note="工作表的名字；空着就是每一张表", optional=True),
        LayoutColumn("你的表头", "header", width=22),
        LayoutColumn(
            "本模板的字段",
            "ours",
            width=22,
            note=f"从下拉框里选；不要的列选“{schema.UNUSED}”",
            choices=lambda _policy: (schema.UNUSED, *schema.mappable_labels()),
        ),
        _ASKED,
    ),
    keys=2,
    at=("headers",),
    optional=True,
)
WORDS = LayoutSheet(
    "取值对照",
    "列里自己的写法是本模板的哪个写法，例如 A 是 VIP客户。",
    (
        LayoutColumn("表", "sheet", width=18, note="工作表的名字；空着就是每一张表", optional=True),
        LayoutColumn("你的表头", "header", width=22),
        LayoutColumn("你的写法", "word", width=22),
        LayoutColumn("本模板的写法", "ours", width=22),
        _ASKED,
    ),
    keys=3,
    at=("words",),
    optional=True,
)

SHEETS = (
    BASICS,
    CARDS,
    BANDS,
    TIERS,
    STANDARDS,
    CLASSES,
    ROLES,
    CHURN,
    TIER_RULES,
    ALERTS,
    HEALTH,
    HEALTH_INPUTS,
    SIGNALS,
    REGRADING,
    CADENCE,
    ROUTINES,
    TARGETS,
    PROMISES,
    HOLIDAYS,
    HEADERS,
    WORDS,
)
"""Every sheet that is read back, in the order of the tabs."""

PAIR = ("指标", "条件")
"""The headers of a condition's two cells; a number follows: 指标1, 条件1."""
FEWEST_PAIRS = 3
