"""The columns of the benchmarks: apart, so that no rival loads a library of another's."""

from __future__ import annotations

COLUMNS = (
    "客户编号",
    "客户名称",
    "最近消费时间(R,权重20%)",
    "消费频次(F,权重15%)",
    "消费金额(M,权重35%)",
    "行业潜力(权重15%)",
    "忠诚度(复购率15%)",
    "评估人",
    "审核人",
    "审核日期",
    "财务核对人",
    "客单价",
    "投诉次数",
    "满意度评分",
    "区域",
)
WRITTEN = (
    "总分",
    "等级",
    "评估日期",
    "评估期间",
    "上期等级",
    "等级变动",
    "得分说明",
    "评分覆盖率",
    "客户标签",
    "健康度",
    "风险等级",
    "预警",
    "下次跟进日期",
    "逾期天数",
    "跟进动作",
    "跟进责任人",
)
"""The columns of the practice that every rival writes."""
JUDGED = (*WRITTEN, "下次重评日期")
"""The columns the whole job writes."""
