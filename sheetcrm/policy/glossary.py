"""The measures a rule may ask about: their names, the words people read, and the form of their values.

`assess` fills a fact for each of them; a test holds the two together. The outcomes of the policy's own
classifications are measures too, under the table's name (`价值`), and so is the rule that gave them (`价值规则`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from sheetcrm.model import Measures, Standing


class TermKind(Enum):
    """The kind of a measure's values, which decides the conditions that make sense on it."""

    NUMBER = "数值"
    YES_NO = "是或否"
    WORD = "文字"


class Stage(IntEnum):
    """The step at which a measure is known, in the practice's order of decision (practice §4.4)."""

    MEASURED = 0
    CLASSIFIED = 1
    """After the signs of churn: the classifications may ask about it."""
    SERVED = 2
    """After the tier and the classifications: the alerts may ask about it."""
    ALERTED = 3
    """After the alerts: the health table may ask about it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One measure as people read it. `words` are all its values, where these are known beforehand."""

    label: str
    kind: TermKind = TermKind.NUMBER
    words: frozenset[str] = frozenset()
    stage: Stage = Stage.MEASURED


def _yes_no(label: str, stage: Stage = Stage.MEASURED) -> Term:
    return Term(label, TermKind.YES_NO, stage=stage)


def _word(label: str, *words: str, stage: Stage = Stage.MEASURED) -> Term:
    return Term(label, TermKind.WORD, frozenset(words), stage)


TERMS: Mapping[str, Term] = {
    # §3, in 元, days, months, shares
    "recency_days": Term("距最近消费天数"),
    "frequency_12m": Term("近12个月消费频次"),
    "spend_12m": Term("近12个月消费金额"),
    "spend_total": Term("累计交易金额"),
    "average_order": Term("客单价"),
    "largest_order": Term("最大单笔金额"),
    "order_growth": Term("订单增长率"),
    "no_spend_before": _yes_no("上年没有消费可比"),
    "repurchase_rate": Term("复购率"),
    "industry_growth": Term("行业增速"),
    "industry_level": _word("行业潜力", "高", "中", "低", "萎缩"),
    "new_needs": Term("新需求数量"),
    "referrals": Term("推荐新客户数量"),
    "complaints_12m": Term("近12个月投诉次数"),
    "complaints_period": Term("本期投诉次数"),
    "referral_rate": Term("推荐率"),
    "complaint_rate": Term("投诉率"),
    "profit_share": Term("利润贡献"),
    "usage_time": Term("产品使用时长"),
    "activation_rate": Term("功能激活率"),
    "engagement": Term("活动参与度"),
    "praises": Term("表扬次数"),
    "satisfaction": Term("最近满意度"),
    "satisfaction_before": Term("上次满意度"),
    "satisfaction_mean": Term("平均满意度"),
    "satisfaction_gap": Term("最近满意度与平均之差"),
    "industry_gap": Term("最近满意度与同行平均之差"),
    "nps": Term("最近NPS"),
    "tenure_months": Term("合作月数"),
    "months_since_purchase": Term("距最近消费月数"),
    "months_since_contact": Term("距最近联系月数"),
    "months_since_new_need": Term("距最近新需求月数"),
    "months_since_winback": Term("距首次挽回月数"),
    "contract_in_force": _yes_no("合同在期"),
    "contract_months_left": Term("合同剩余月数"),
    "contract_days_left": Term("合同剩余天数"),
    "revenue_share": Term("占本年消费总额"),
    "spend_change": Term("近三月消费变化"),
    "consecutive_drop_months": Term("连续骤降月数"),
    "unanswered_hours": Term("未回应小时数"),
    "unanswered_days": Term("未回应天数"),
    "bought": _yes_no("已成交"),
    "churn_sign": _yes_no("流失迹象", Stage.CLASSIFIED),
    # fields of the sheets
    "intent": _word("合作意向", "高", "中", "低"),
    "need": _word("核心需求"),
    "need_type": _word("需求类型"),
    "industry": _word("行业"),
    "deep_bound": _yes_no("深度绑定"),
    "benchmark": _yes_no("行业标杆"),
    "ecosystem": _yes_no("生态协同"),
    # signals of §7
    "signals": _word("风险信号"),
    "asks_complex": _yes_no("询问复杂功能"),
    "competitor_named": _yes_no("提到竞品"),
    "expands": _yes_no("拓展业务"),
    "late_responses": Term("近期响应超时次数", stage=Stage.SERVED),
    "managers_in_period": Term("本期对接客户经理数", stage=Stage.SERVED),
    "benefits_above": Term("越级承诺次数", stage=Stage.SERVED),
    "largest_order_period": Term("本期最大单笔金额"),
    "contact_change": Term("联系频次变化"),
    "frequency_change": Term("采购频次变化", stage=Stage.SERVED),
    "usage_change": Term("产品使用时长比上期", stage=Stage.SERVED),
    "activation_change": Term("功能激活率比上期", stage=Stage.SERVED),
    "engagement_change": Term("活动参与度比上期", stage=Stage.SERVED),
    "need_conversion": Term("需求转化率"),
    "months_since_repair": Term("距风险修复月数"),
    "repair_held": _yes_no("风险修复见效"),
    "grading_overdue_days": Term("重评逾期天数", stage=Stage.SERVED),
    "uncontacted_days": Term("首次联系逾期天数", stage=Stage.SERVED),
    "stage_changed": _yes_no("合作阶段变化", Stage.SERVED),
    "need_type_changed": _yes_no("需求类型变化", Stage.SERVED),
    # earlier outcomes; the policy's tiers and classifications are added to these
    "tier": _word("客户等级", stage=Stage.CLASSIFIED),
    "standing": _word("评级状态", *(entry.value for entry in Standing), stage=Stage.CLASSIFIED),
    "risk": _word("风险等级", "轻度", "中度", "重度", stage=Stage.ALERTED),
    "health_known": Term("健康度已知项数", stage=Stage.ALERTED),
    "health_bad": Term("健康度不良项数", stage=Stage.ALERTED),
}

MEASURES: Mapping[str, str] = {name: term.label for name, term in TERMS.items()}
"""The words people read, by name."""

OF_ALL = frozenset({"revenue_share", "industry_gap"})
"""The measures that depend on the other customers of the book."""

SCORED: tuple[str, ...] = tuple(
    name
    for name, term in TERMS.items()
    if term.kind is TermKind.NUMBER and name in Measures.__struct_fields__ and name not in OF_ALL
)
"""The measures a scorecard may use: none of those that depend on the other customers."""


RULE_OF = "规则"
"""`价值规则` is the rule that gave the outcome of 价值."""


def label(name: str) -> str:
    """Return a measure's label; a classification is called by its own name. Pure."""
    return MEASURES.get(name) or (f"{name.removesuffix(RULE_OF)}所据规则" if name.endswith(RULE_OF) else name)
