"""The words by which a phrase of time is a promise, and those by which it is none (practice §1.3). Pure.

These tables are the one place for units, for things of ours to do, and for words of completion; the rules in
`phrases` and `promises` name none of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


UNITS: Mapping[str, tuple[str, int]] = {
    "个工作日": ("workdays", 1),
    "工作日": ("workdays", 1),
    "个工作天": ("workdays", 1),
    "工作天": ("workdays", 1),
    "天": ("days", 1),
    "日": ("days", 1),
    "个自然日": ("days", 1),
    "自然日": ("days", 1),
    "个星期": ("days", 7),
    "星期": ("days", 7),
    "个礼拜": ("days", 7),
    "礼拜": ("days", 7),
    "周": ("days", 7),
    "个小时": ("hours", 1),
    "小时": ("hours", 1),
    "个钟头": ("hours", 1),
    "钟头": ("hours", 1),
    "h": ("hours", 1),
    "H": ("hours", 1),
    "分钟": ("minutes", 1),
    "个月": ("months", 1),
    "个季度": ("months", 3),
    "年": ("months", 12),
}
"""How a count of each unit moves a day. Hours are whole days, begun ones dropped (24小时: tomorrow)."""

ACTIONS = _words(
    "回复 答复 反馈 回访 回电 回签 回款 回传 回话 回信 拜访 走访 上门 到访 面谈 联系 联络 沟通 跟进 跟踪 "
    "追踪 催 提供 提交 提报 提醒 报(?![表废]) 发(?![票现展]) 寄 送 交(?!期) 出(?![差]) 给 签 续 付 支付 "
    "结清 结算 结案 结束 开(?![支]) 完成 落实 办 处理 解决 答疑 安排 确认 确定 核对 核实 复核 复盘 复查 "
    "总结 评估 审核 审批 汇报 介绍 演示 讲解 宣讲 培训 试用 试产 试样 安装 调试 验收 验货 交付 到货 到位 "
    "到场 备货 备料 补 采购 下单 启动 上线 实施 推进 推送 谈 洽谈 商谈 商量 讨论 约 邀 见面 见客户 打电话 "
    "电话 致电 通话 微信 邮件 视频 通知 告知 看 参观 考察 调研 对账 收款 收货 取 拿 准备 制定 制作 拟 写 "
    "做 搞定 更新 修改 修订 调整 检查 检修 维修 巡检 维护 测试 打样 组织 召开 举行 举办 参加 出席 到公司 "
    "到厂 到客户 来 去 进场 施工 开工 入库 出库 出货 生产 投产 前往 敲定 定稿 定下 定价 盖章 登记 建档 "
    "归档 转交 移交 交接 招待 宴请 祝 问候 慰问 挽回 升级 换 退 赔 整改 改 修 排查 申请 投标 竞标 再 联 "
    "进行 开展 优化 设计 方案 报价 合同签"
)
"""What one of ours does by a day, at the begin of the words behind it."""

_LEADS = (
    r"再|就|要|会|必须|务必|一起|统一|内部|继续|重新|尽快|正式|全部|争取|由?我们?|我方|我司|先|主动|当面|现场|技术|商务"
    r"|(?:给|向|对|与|和|同|跟|由|把|将|为|请|陪)[^,、]{1,8}?"
)

TERMS = _words(
    "试用 试运行 月结 质保金 质保 保修 保质 维保 账期 帐期 有效期 服务期 租期 质保期 保修期 保质期 培训 "
    "出差 请假 休假 休息 放假 库存 逾期 超期 拖欠 为期 历时 耗时 免费 赠送 免息 连续 使用 已使用 存放"
)
"""How long something lasts: a length of time directly behind one of these is no promise, with 内 or 后 a doubt."""

TOPICS = _words("合同 协议 交期 货期 工期 周期 合同期 分期 合作 成立 经营 从业 租 服务 有效 满 已有 框架")
"""The same, but for something of ours to do: 合同3年 lasts, 合同3天回签 and 合同3天内寄出 are promises."""

TERMS_AFTER = _words(
    "账期 帐期 试用 质保 保修 保质 维保 合同 协议 服务 套餐 会员 有效 交期 货期 周期 工期 库存 历史 经验 "
    "老客户 以上 年费 假期 年假 培训 课程 规划 计划 框架 租期 免息 制 龄 值班 客服 热线 在线 响应 待命"
)
"""The same, directly in front of one of these: 3年合同, 24小时热线."""

NOUNS = _words(
    "账单 对账单 发票 报表 数据 订单 报告 份额 销量 销售 货款 回款额 工资 活动 促销 新品 业绩 考核 产量 "
    "用量 费用 余款 尾款"
)
"""Of a month or a quarter, what these name is no day to do it by: 10月账单."""

AMOUNTS = _words(
    "价 价格 单价 报价 均价 折 折扣 费率 利率 税率 汇率 金额 数量 毛利 毛利率 比例 评分 得分 满意度 "
    "版本 预算 增长 倍数 尺寸 规格"
)
"""Directly in front of 9.5 or 3-7, these make it a figure and no day."""

EVENTS = _words(
    "到货 签约 签字 签订 签合同 签完 合同签 验收 收到 收货 付款 回款 到账 开票 发货 中标 开标 审批 批复 "
    "批准 审核 立项 投产 试用 安装 调试 确认 客户回复 客户反馈 客户同意 装机 到期 竣工 完工 入库 寄出 "
    "发出 送达 交付 上线 开业"
)
"""What has to happen first; by itself it has no day."""

DONE = r"已(?!约|定|预约|排|安排|确认时间)|早已|未|没有?|尚未|还没|曾|完成了|完毕|结束了|寄出了|发了|交了|签了|做完了"
"""Directly behind a day, these say that it has passed or that it came to nothing."""
DONE_BEFORE = r"(?:已|已经|曾|曾于|刚刚?|未完成|没完成|未能?[在于]?|没能?[在于])"
"""In front of a day, the same."""
UNDONE = r"未完成|没完成|没做完|未做完|已完成|未果|已取消|作废|搁置"
"""Further behind a day, these say that it came to something or nothing: 9月15日交货未完成."""
DROPPED = r"取消|则|就停|否则"
"""Behind a day, these leave in doubt what is promised by it."""
APPOINTED = r"已经?(?:跟|与|和)?[^,]{0,6}?(?:约|预约|定|安排|排)"
"""已 that speaks of a day to come: 已约10月15日."""

MOVED = (
    r"改到|改为|改至|改在|改成|改期(?:到|至|为)?|推迟(?:到|至)|推后(?:到|至)|延(?:期|后|迟|长)?(?:到|至)|顺延(?:到|至)"
    r"|推(?:到|至)|改(?=\s?[\d下本这周月明后])|提前(?:到|至)|调整?(?:到|至|为)|变更(?:到|至|为)|挪到|=>|[-—]+>|→|➡"
)
"""Between an old day and a new one: the old one counts no more."""
FORMERLY = r"原定|原计划|原约|原来|原本|本来|原先|之前说"
"""In front of a day that counts no more."""
DELAYED = r"(?:延期|推迟|顺延|延后|延迟|推后|暂缓|后延)了?$"
"""In front of a count: that much later than the day it was."""

ROUGHLY = r"大约|大概|大致|约莫|可能|也许|或许|估计|差不多|将近|至少|超过|不少于|不到|待定|未定|不确定|不一定"
"""In front of a day, these leave it open; behind it: 左右, 前后."""
IF = r"(?:^|[\s,(])(?:(?<![例比])如(?![期实下])果?|若|倘若|假如|一旦|万一|只要)"
"""At the begin of what may come true or not."""
CONDITIONS = rf"(?:{IF}|(?:^|[\s,(])(?:待|等(?!级|额)))"
"""At the begin of what must come true first."""

VAGUE = _words(
    "尽快 尽早 抓紧 近期 近日 择日 择期 改日 改天 不日 稍后 随后 适时 抽空 有空 立即 立刻 马上 即刻 立马 "
    "ASAP asap 越快越好 时间待定 日期待定 时间另[定行约] 明年 后年 今年 开春 最近 过[几些]天 过段时间 "
    "过阵子 过一阵 这[几些]天 晚点 晚些 回头 届时 到时候? 隔[天日周月] 双周 单周 过完[年节] 定期 不定期 "
    "月度 按[月周季年] 逐[月周]"
)
"""What sounds like a day and names none; not remarked where a day stands beside it."""


def pattern_of(words: Iterable[str]) -> str:
    """Join words to a pattern, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


_ACTION = re.compile(rf"[\s,:)\]]*(?:{_LEADS})*(?:{pattern_of(ACTIONS)})")
_STANDS = re.compile(
    r"(?:^|[\s,、:(\[于在到至定为期约等过改再请争取预计后起→>]"
    r"|顺延|延期|推迟|延后|需在|计划|最迟|最晚|目标|时间|截止|之前|日期)$"
)
_END = re.compile(rf"[\s)\]\"”’.…]*(?:$|{MOVED})")
_LENGTH = r"(?:期|期间|时间|期限|约|为|共|:|了|满)*"
_TERM = re.compile(rf"(?:{pattern_of(TERMS)}){_LENGTH}$")
_TOPIC = re.compile(rf"(?:{pattern_of(TOPICS)}){_LENGTH}$")
_TERM_AFTER = re.compile(rf"的?(?:{pattern_of(TERMS_AFTER)})")
_AMOUNT = re.compile(rf"(?:{pattern_of(AMOUNTS)})(?:为|是|到|在|至|约|定|降|改|:|\s)*$")
_NOUN = re.compile(rf"份?的?(?:{pattern_of(NOUNS)})")


def lasts(before: str) -> bool:
    """Return whether a text ends in a word behind which a length of time says how long something lasts."""
    return bool(_TERM.search(before))


def is_term(before: str, after: str) -> bool:
    """Return whether a bare length of time between two texts is how long something lasts."""
    if lasts(before) or _TERM_AFTER.match(after):
        return True
    return bool(_TOPIC.search(before)) and not _ACTION.match(after)


def is_amount(before: str) -> bool:
    """Return whether a text ends in a word behind which figures are no day: 折扣:9.5."""
    return bool(_AMOUNT.search(before))


def is_noun(after: str) -> bool:
    """Return whether a period only says which account, order or report is meant."""
    return bool(_NOUN.match(after))


def is_ours(before: str, after: str) -> bool:
    """Return whether words of time stand alone, or with something of ours to do behind them."""
    return bool(_ACTION.match(after) or (_END.match(after) and _STANDS.search(before)))
