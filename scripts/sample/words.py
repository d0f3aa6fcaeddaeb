# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""What people of the made-up company write: contacts, requests, risks, and the promises hidden in prose."""

from __future__ import annotations

import random
from datetime import date, timedelta

# 摘要, 反馈, 下一步计划; {need} and {product} are the customer's own, {promise} is a dated promise or nothing.
TALKS: tuple[tuple[str, str, str], ...] = (
    ("沟通{need}进展,介绍{product}新批次", "基本认可,要求补充报价", "{promise}提供报价单"),
    ("拜访车间,了解{product}使用情况", "使用稳定,个别操作工需培训", "{promise}安排培训"),
    ("确认{product}交期与发货安排", "同意分两批发货", "按计划发货"),
    ("月度对账,核对发票与回款", "对账无误,月末回款", "{promise}寄送发票"),
    ("讨论{need}的技术细节", "技术部提出三点修改意见", "{promise}提交方案"),
    ("回访{product}到货情况", "包装完好,已入库", ""),
    ("季度服务回顾,汇总问题与改进", "对响应速度满意", "{promise}发出回顾纪要"),
    ("介绍年度框架协议的价格政策", "内部讨论后答复", "跟进内部讨论结果({before}前)"),
    ("满意度回访", "评价良好,希望缩短交期", ""),
    ("了解下一季度采购计划", "预计与上季持平", "{promise}回访"),
    ("样品试用跟踪", "试用结果符合要求", "{promise}确认"),
    ("协调售后工程师到场", "问题已处理,运行正常", "持续关注"),
    ("新品资料发送与讲解", "感兴趣,先看样品", "{promise}寄送样品"),
    ("例行电话,问候并了解近况", "暂无新需求", ""),
    ("续签合同条款沟通", "原则同意,待法务审核", "{promise}提交合同修订稿"),
)
PROSPECT_TALKS: tuple[tuple[str, str, str], ...] = (
    ("初次电话,介绍公司与{product}", "愿意了解,索要资料", "{promise}发送资料"),
    ("展会后回访,了解{need}", "有计划,预算未定", "{promise}回访"),
    ("上门拜访,实地看现场", "认可能力,等待立项", "{promise}提交方案"),
)
LOST_TALKS: tuple[tuple[str, str, str], ...] = (
    ("电话联系,询问近期为何未下单", "暂时没有采购计划", "{promise}回访"),
    ("挽回拜访,了解停单原因", "价格偏高,正在评估", "{promise}提供优惠方案"),
)
RARE_TALKS: tuple[tuple[str, str, str], ...] = (
    ("沟通年度价格", "客户考虑竞品报价", "{promise}提供报价单"),
    ("回访{product}使用情况", "运行稳定,没有考虑竞品", "继续保持"),
    ("了解明年计划", "集团预算削减,采购推迟", "{promise}回访"),
    ("拜访采购部", "采购负责人更换,新负责人下月到任", "{promise}拜访新负责人"),
    ("续约沟通", "续约意向不明确,需再商议", "{promise}确认"),
    ("竞品来访后的沟通", "并未考虑竞品,只是例行比价", ""),
    ("年度价格谈判", "另一家报价低8%,客户考虑竞品", "{promise}提交方案"),
)
CHANNELS = ("电话", "微信", "拜访", "邮件", "视频会议", "在线客服")
CHANNEL_WEIGHTS = (34, 26, 20, 10, 8, 2)
REQUESTS = ("故障报修", "使用咨询", "交期查询", "质量反馈", "发票问题", "备件申请", "投诉")
REQUEST_WEIGHTS = (26, 28, 16, 10, 9, 9, 2)
NEED_TEXTS = ("{need}二期", "增购{product}", "{product}备件年度协议", "{product}定制接口", "{need}现场评估")
FIRST_NEEDS = ("{need}初步询价", "{need}现场评估")
CAPACITY_TEXTS = ("复杂功能:多工位联动与数据对接", "扩产线{product}整线配套")
RISKS: tuple[tuple[str, str], ...] = (
    ("联系频次下降", "改为两周一次电话,补做一次拜访"),
    ("反馈延迟", "约定每周固定对接时间"),
    ("预算削减", "提供分期与租赁方案"),
    ("决策人变更", "拜访新负责人,补全决策链"),
    ("续约态度模糊", "高层沟通并给出续约价值盘点"),
    ("消费下滑", "诊断用量变化,提出组合方案"),
)
_NUMERALS = "一二三四五"
_WEEKDAYS = "一二三四五"


def promise(rng: random.Random, day: date) -> str:
    """Word a promise made on a day in one of the ways people write them."""
    until = day + timedelta(days=rng.randint(3, 14))
    style = rng.randrange(8)
    if style < 2:
        return f"{rng.randint(2, 7)}日内"
    if style == 2:
        return f"{rng.choice(_NUMERALS[1:])}个工作日内"
    if style == 3:
        return f"下周{rng.choice(_WEEKDAYS)}前"
    if style == 4:
        return "本周五前" if day.weekday() < 4 else "下周五前"
    if style == 5 and day.day < 26:
        return "月底前"
    return f"{until.month}月{until.day}日前" if style < 7 else "一周内"


def fill(rng: random.Random, talk: tuple[str, str, str], *, day: date, need: str, product: str) -> tuple[str, str, str]:
    """Fill a talk's three texts for a customer and a day."""
    until = day + timedelta(days=rng.randint(3, 10))
    values = {
        "need": need,
        "product": product,
        "promise": promise(rng, day),
        "before": f"{until.month}月{until.day}日",
    }
    summary, answer, plan = (text.format(**values) for text in talk)
    return summary, answer, plan
