# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""The tables of the first workbook, 陈思远's, which holds every sheet."""

from __future__ import annotations

import random
from datetime import date, timedelta

from scripts.sample import activity
from scripts.sample.model import AS_OF, LAST_GRADED, Cell, Column, Customer, Row, Sheet, age_in_months
from scripts.sample.score import figures

OWNER = "陈思远"
_DEPARTMENT = "装备事业部"
_REGIONS = ("华东", "华南", "华中", "西南")
_CHECKERS = ("邓嘉禾", "曹立新")
_LOST_REASONS = ("价格", "服务", "竞品", "产品", "其他")

BASE = "客户信息基础表"
SCORES = "客户分级评估打分表"
TALKS = "客户跟进记录表"
ORDERS = "交易明细"
SERVICE = "服务记录"
OVERRIDES = "人工调整"
RISKS = "风险登记"
NEEDS = "需求记录"
STANDARD = "客户分级服务标准表"
SETTINGS = "设置"
HOLIDAYS = "节假日"

_BASE_COLUMNS = (
    Column("客户编号", 11), Column("旧编号", 9), Column("客户名称", 26), Column("客户类型", 9), Column("行业类型", 22),
    Column("区域", 7), Column("联系人(职位)", 18), Column("联系方式", 22), Column("统一社会信用代码", 21),
    Column("企业地址", 26), Column("首次合作时间", 12, "date"), Column("累计交易金额(元)", 14, "money"),
    Column("近12个月消费金额", 14, "money"), Column("平均合作频次", 11), Column("最近交易时间", 12, "date"),
    Column("企业规模(人数)", 24), Column("核心需求", 18), Column("需求类型", 12), Column("合作意向", 9),
    Column("信息来源人", 12), Column("客户经理", 9), Column("部门", 11), Column("合同到期日", 12, "date"),
    Column("深度绑定", 9), Column("行业标杆", 9), Column("生态协同", 9), Column("推荐人", 10), Column("信息授权", 9),
    Column("档案建立日期", 12, "date"), Column("最后更新日期", 12, "date"), Column("核对人", 9), Column("复核人", 9),
    Column("流失原因", 9), Column("备注", 30),
)  # fmt: skip
_SCORE_COLUMNS = (
    Column("客户编号", 11), Column("客户名称", 26), Column("最近消费时间(R,权重20%)", 15, "middle"),
    Column("消费频次(F,权重15%)", 14, "middle"), Column("消费金额(M,权重35%)", 15, "money"),
    Column("行业潜力(权重15%)", 19), Column("忠诚度(复购率15%)", 12, "rate"), Column("总分", 8, "score"),
    Column("等级", 11), Column("评估人", 9), Column("评估日期", 12, "date"), Column("审核人", 9),
    Column("审核日期", 12, "date"), Column("财务核对人", 11),
)  # fmt: skip
_TALK_COLUMNS = (
    Column("客户编号", 11), Column("客户名称", 26), Column("日期", 12, "date"), Column("跟进人", 9),
    Column("跟进方式", 10), Column("跟进内容摘要", 34), Column("客户反馈/结果", 28), Column("下一步计划", 28),
)  # fmt: skip
_ORDER_COLUMNS = (
    Column("客户编号", 11), Column("订单号", 16), Column("日期", 12, "date"), Column("产品", 18),
    Column("金额", 14, "money"), Column("开票", 8),
)  # fmt: skip
_SERVICE_COLUMNS = (
    Column("客户编号", 11), Column("请求时间", 17, "stamp"), Column("首次响应时间", 17, "stamp"),
    Column("解决时间", 17, "stamp"), Column("是否解决", 9), Column("是否一次解决", 12), Column("满意度", 8, "number"),
    Column("服务人员", 10), Column("问题类别", 11), Column("承诺权益", 16), Column("已用折扣", 9, "rate"),
    Column("服务成本", 10, "money"),
)  # fmt: skip
_OVERRIDE_COLUMNS = (
    Column("客户编号", 11), Column("客户名称", 26), Column("调整后等级", 12), Column("理由", 44), Column("提出人", 9),
    Column("审核人", 9), Column("有效期至", 12, "date"),
)  # fmt: skip
_RISK_COLUMNS = (
    Column("客户编号", 11), Column("日期", 12, "date"), Column("信号", 18), Column("修复措施", 36),
    Column("修复日期", 12, "date"),
)  # fmt: skip
_NEED_COLUMNS = (
    Column("客户编号", 11), Column("提出日期", 12, "date"), Column("需求类型", 13), Column("内容", 34),
    Column("状态", 8),
)  # fmt: skip
_STANDARD_COLUMNS = (
    Column("客户等级", 11, "wrap"), Column("客户特征描述", 28, "wrap"), Column("核心服务目标", 26, "wrap"),
    Column("服务内容细则", 48, "wrap"), Column("资源支持配置", 30, "wrap"), Column("责任人角色", 20, "wrap"),
)  # fmt: skip
_STANDARD: tuple[tuple[str, ...], ...] = (
    ("VIP客户", "年消费50万元以上,行业龙头,复购率八成以上", "深化合作,共同发现新的增值点",
     "全天候受理,4小时内响应;\n4小时内解决,非工作日2小时;\n每季度高层拜访一次;\n新品优先试用,定制方案,九折",
     "专属客户经理(3年以上)\n高级技术支持一名", "客户成功总监\n客户经理"),
    ("重点客户", "年消费20-50万元,或新需求较多", "巩固关系,提高复购",
     "8小时内响应,24小时内解决;\n每月服务回顾;\n优先培训,行业报告,促销优先,九五折",
     "专属客服(1年以上)\n技术支持", "客服主管\n销售专员"),
    ("普通客户", "年消费5-20万元,需求标准", "守住基本服务,减少流失",
     "24小时内响应,48小时内解决;\n标准流程,定期培训;\n每季度满意度调研", "标准服务组,工单受理", "客服专员"),
    ("观察客户", "年消费不足5万元,或三个月没有互动", "发现潜力,转化或止损",
     "48小时内响应;\n产品手册与促销信息;\n每季度一次销售电话;\n流失原因分析", "基础服务,兼职销售", "销售代表"),
)  # fmt: skip
_DAYS_OFF: tuple[tuple[date, str, str], ...] = (
    *((date(2026, 10, day), "休", "国庆节") for day in range(1, 8)),
    (date(2026, 10, 10), "班", "国庆调休"),
    (date(2026, 11, 6), "休", "公司司庆日"),
    (date(2026, 11, 14), "班", "司庆调休"),
    (date(2027, 1, 1), "休", "元旦"),
)


def tables(rng: random.Random, customers: tuple[Customer, ...]) -> dict[str, Sheet]:
    """Lay out the workbook's tables, all of them still in good order."""
    service = activity.service_records(rng, customers)
    sheets = (
        Sheet(BASE, "装备事业部 客户信息基础表", _BASE_COLUMNS, _base_rows(rng, customers)),
        Sheet(SCORES, "客户分级评估打分表(2026年9月评定)", _SCORE_COLUMNS, [_score_row(c) for c in customers]),
        Sheet(TALKS, "客户跟进记录表", _TALK_COLUMNS, activity.follow_ups(rng, customers, OWNER)),
        Sheet(ORDERS, "交易明细(ERP导出)", _ORDER_COLUMNS, _order_rows(customers)),
        Sheet(SERVICE, "服务记录(2025年11月-2026年10月)", _SERVICE_COLUMNS, service),
        Sheet(OVERRIDES, "客户等级人工调整", _OVERRIDE_COLUMNS, _override_rows(customers)),
        Sheet(RISKS, "风险登记", _RISK_COLUMNS, activity.risks(rng, customers)),
        Sheet(NEEDS, "需求记录", _NEED_COLUMNS, activity.needs(rng, customers)),
        Sheet(STANDARD, "客户分级服务标准表", _STANDARD_COLUMNS, _standard_rows()),
        Sheet(
            SETTINGS, "设置", tuple(Column(label, 24) for label in ("单位", "部门", "编制", "密级")), [_settings_row()]
        ),
        Sheet(HOLIDAYS, "节假日", (Column("日期", 12, "date"), Column("休/班", 8), Column("说明", 16)), _days_off()),
    )
    return {sheet.name: sheet for sheet in sheets}


def base_row(rng: random.Random, customer: Customer, *, owner: str, department: str) -> Row:
    """Describe a customer as the base sheet does; figures agree with its orders as of AS_OF."""
    spent = sum(order.amount for order in customer.orders)
    last = max((order.day for order in customer.orders), default=None)
    updated = AS_OF - timedelta(days=rng.randint(2, 70))
    known = customer.tier is not None and rng.random() < 0.65
    checker, second = rng.sample(_CHECKERS, 2)
    return {
        "客户编号": customer.key,
        "客户名称": customer.name,
        "客户类型": customer.kind,
        "行业类型": customer.sector,
        "联系人(职位)": customer.contact,
        "联系方式": customer.phone,
        "统一社会信用代码": customer.credit_code or None,
        "企业地址": customer.address,
        "首次合作时间": customer.since,
        "累计交易金额(元)": spent if known else None,
        "近12个月消费金额": customer.figures.spend if known else None,
        "平均合作频次": frequency(customer.figures.frequency) if known else None,
        "最近交易时间": last,
        "企业规模(人数)": customer.headcount,
        "核心需求": customer.need,
        "需求类型": customer.need_kind,
        "合作意向": customer.intent,
        "信息来源人": customer.source,
        "客户经理": owner,
        "部门": department,
        "合同到期日": customer.contract_end,
        "深度绑定": "是" if customer.bound else "否",
        "行业标杆": "是" if customer.benchmark else "否",
        "生态协同": "是" if customer.ecosystem else "否",
        "信息授权": "是" if customer.consent else "否",
        "档案建立日期": customer.filed,
        "最后更新日期": max(updated, customer.filed),
        "核对人": checker,
        "复核人": second,
    }


def frequency(times: int) -> str:
    """Write how often a customer bought in twelve months as people do; each wording means exactly that many."""
    return {12: "1次/月", 24: "2次/月", 4: "每季度1次", 8: "每季度2次"}.get(times, f"{times}次/年")


def potential(growth: int) -> str:
    """Write an industry's potential: the label and the growth behind it."""
    if growth < 0:
        return "低(行业萎缩)"
    return f"{'高' if growth >= 15 else '中' if growth >= 8 else '低'}(行业增速{growth}%)"


def _base_rows(rng: random.Random, customers: tuple[Customer, ...]) -> list[Row]:
    rows: list[Row] = []
    for number, customer in enumerate(customers, start=1):
        row = base_row(rng, customer, owner=OWNER, department=_DEPARTMENT)
        row["旧编号"] = f"ZB{number:04d}"
        row["区域"] = rng.choice(_REGIONS)
        row["流失原因"] = rng.choice(_LOST_REASONS) if customer.lost else None
        if customer.source == "老客户介绍" and rows and rng.random() < 0.6:
            row["推荐人"] = rng.choice(rows)["客户编号"]
        if customer.bound:
            row["备注"] = "战略合作意向"
        elif rng.random() < 0.08:
            row["备注"] = rng.choice(("月结60天", "开票需附送货单", "发货前电话确认", "账期需总监批准"))
        rows.append(row)
    return rows


def _score_row(customer: Customer) -> Row:
    before = figures(customer.orders, customer.growth, on=LAST_GRADED)
    row: Row = {"客户编号": customer.key, "客户名称": customer.name, "行业潜力(权重15%)": potential(customer.growth)}
    if before.recency_days is None:
        return row
    graded: dict[str, Cell] = {
        "最近消费时间(R,权重20%)": f"{before.recency_days}天",
        "消费频次(F,权重15%)": f"{before.frequency}次/年",
        "消费金额(M,权重35%)": before.spend,
        "忠诚度(复购率15%)": before.repurchase / 100,
        "总分": customer.last_score,
        "等级": customer.last_tier,
        "评估人": OWNER,
        "评估日期": LAST_GRADED,
        "审核人": "罗静宜",
        "审核日期": LAST_GRADED + timedelta(days=9),
        "财务核对人": "宋明哲",
    }
    return row | graded


def _order_rows(customers: tuple[Customer, ...]) -> list[Row]:
    orders = sorted((order.day, customer.key, order) for customer in customers for order in customer.orders)
    return [
        {
            "客户编号": key,
            "订单号": f"SO{day:%y%m}-{number:05d}",
            "日期": day,
            "产品": order.product,
            "金额": order.amount,
            "开票": "已开" if day < age_in_months(AS_OF, 1) else "待开",
        }
        for number, (day, key, order) in enumerate(orders, start=1)
    ]


def _override_rows(customers: tuple[Customer, ...]) -> list[Row]:
    """Raise or hold four customers by hand, each approved by a second person and in force."""
    chosen = {
        "重点客户": [c for c in customers if c.tier == "普通客户" and c.growth >= 15][:2],
        "VIP客户": [c for c in customers if c.tier == "重点客户"][:1],
        "普通客户": [c for c in customers if c.tier == "观察客户"][-1:],
    }
    reasons = (
        "集团总部框架协议已签,明年放量",
        "新建产线招标入围,需提前配置资源",
        "行业标杆项目,管理层特批",
        "季节性停产,年后恢复采购",
    )
    pairs = [(tier, customer) for tier, found in chosen.items() for customer in found]
    return [
        {
            "客户编号": customer.key,
            "客户名称": customer.name,
            "调整后等级": tier,
            "理由": reason,
            "提出人": OWNER,
            "审核人": "罗静宜",
            "有效期至": date(2026, 12, 31),
        }
        for (tier, customer), reason in zip(pairs, reasons, strict=True)
    ]


def _standard_rows() -> list[Row]:
    return [{column.label: text for column, text in zip(_STANDARD_COLUMNS, row, strict=True)} for row in _STANDARD]


def _settings_row() -> Row:
    return {"单位": "衡岚智造科技有限公司", "部门": _DEPARTMENT, "编制": "陈思远", "密级": "内部资料"}


def _days_off() -> list[Row]:
    return [{"日期": day, "休/班": kind, "说明": note} for day, kind, note in _DAYS_OFF]
