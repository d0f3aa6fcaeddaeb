"""The measures a rule may ask about: their names, the words people read, and the domain section.

`assess` fills a fact for each of them; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

MEASURES: Mapping[str, str] = {
    # §3, in 元, days, months, shares
    "recency_days": "距最近消费天数",
    "frequency_12m": "近12个月消费频次",
    "spend_12m": "近12个月消费金额",
    "spend_total": "累计交易金额",
    "average_order": "客单价",
    "largest_order": "最大单笔金额",
    "order_growth": "订单增长率",
    "repurchase_rate": "复购率",
    "industry_growth": "行业增速",
    "industry_level": "行业潜力",
    "new_needs": "新需求数量",
    "referrals": "推荐新客户数量",
    "complaints_12m": "近12个月投诉次数",
    "complaints_period": "本期投诉次数",
    "satisfaction": "最近满意度",
    "satisfaction_before": "上次满意度",
    "tenure_months": "合作月数",
    "months_since_purchase": "距最近消费月数",
    "months_since_contact": "距最近联系月数",
    "months_since_new_need": "距最近新需求月数",
    "months_since_winback": "距首次挽回月数",
    "contract_in_force": "合同在期",
    "contract_months_left": "合同剩余月数",
    "revenue_share": "占本年消费总额",
    "spend_change": "近三月消费变化",
    "consecutive_drop_months": "连续骤降月数",
    "unanswered_hours": "未回应小时数",
    "unanswered_days": "未回应天数",
    "bought": "已成交",
    "churn_sign": "流失迹象",
    # what the sheets say
    "intent": "合作意向",
    "need": "核心需求",
    "need_type": "需求类型",
    "industry": "行业",
    "deep_bound": "深度绑定",
    "benchmark": "行业标杆",
    "ecosystem": "生态协同",
    # signals of §7
    "signals": "风险信号",
    "asks_complex": "询问复杂功能",
    "competitor_named": "提到竞品",
    "late_responses_30d": "30天内响应超时次数",
    "managers_in_period": "本期对接客户经理数",
    "benefits_above": "越级承诺次数",
    "largest_order_period": "本期最大单笔金额",
    "contact_change": "联系频次变化",
    "need_conversion": "需求转化率",
    "months_since_repair": "距风险修复月数",
    "grading_overdue_days": "重评逾期天数",
    "stage_changed": "合作阶段变化",
    "need_type_changed": "需求类型变化",
    # earlier outcomes
    "tier": "客户等级",
    "standing": "评级状态",
    "价值": "价值",
    "价值规则": "价值所据规则",
    "合作阶段": "合作阶段",
    "战略层级": "战略层级",
    "档案分类": "档案分类",
    "关系阶段": "关系阶段",
    "活跃状态": "活跃状态",
    "risk": "风险等级",
    "health_known": "健康度已知项数",
    "health_bad": "健康度不良项数",
}
