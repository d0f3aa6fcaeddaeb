"""The tables of the second workbook, 林婉清's: traditional characters, figures typed with their units."""

from __future__ import annotations

import random
from datetime import date

from scripts.sample import activity
from scripts.sample.full_rows import base_row, frequency, potential
from scripts.sample.model import AS_OF, LAST_GRADED, Cell, Column, Customer, Row, Sheet, age_in_months
from scripts.sample.score import figures
from scripts.sample.traditional import traditional

OWNER = "林婉清"
_DEPARTMENT = "台商业务部"
_WITH_ORDERS = 8
_STALE = 6
_WORTH_COMPARING = 30_000

BASE = "客戶信息基礎表"
SCORES = "客戶分級評估打分表"
TALKS = "客戶跟進記錄表"
ORDERS = "交易明細"
SERVICE = "服務記錄"

# The label here, the field it holds in the simplified rows, its width, its kind.
_BASE_COLUMNS = (
    ("客戶名稱", "客户名称", 26, "text"),
    ("客戶編號", "客户编号", 11, "text"),
    ("所屬行業", "行业类型", 22, "text"),
    ("客戶類型", "客户类型", 9, "text"),
    ("業務員", "客户经理", 9, "text"),
    ("部門", "部门", 12, "text"),
    ("聯繫人信息", "联系人(职位)", 18, "text"),
    ("電話", "联系方式", 22, "text"),
    ("合作意向", "合作意向", 9, "text"),
    ("核心需求", "核心需求", 18, "text"),
    ("需求類型", "需求类型", 13, "text"),
    ("首次合作時間", "首次合作时间", 12, "date"),
    ("最近消費時間", "最近交易时间", 12, "date"),
    ("年消費金額", "近12个月消费金额", 13, "text"),
    ("消費頻次", "平均合作频次", 11, "text"),
    ("客戶規模", "企业规模(人数)", 24, "text"),
    ("信息來源人", "信息来源人", 12, "text"),
    ("統一社會信用代碼", "统一社会信用代码", 21, "text"),
    ("到期日", "合同到期日", 12, "date"),
    ("信息授權", "信息授权", 9, "text"),
    ("檔案建立日期", "档案建立日期", 12, "date"),
    ("最後更新日期", "最后更新日期", 12, "date"),
    ("核對人", "核对人", 9, "text"),
    ("覆核人", "复核人", 9, "text"),
    ("備註", "备注", 22, "text"),
)
R, F, M = "最近消費時間(R,權重20%)", "消費頻次(F,權重15%)", "消費金額(M,權重35%)"
POTENTIAL, LOYALTY = "行業潛力(權重20%)", "忠誠度(復購率15%)"
_SCORE_COLUMNS = (
    Column("客戶編號", 11), Column("客戶名稱", 26), Column(M, 13), Column(F, 13), Column(R, 13), Column(LOYALTY, 12),
    Column(POTENTIAL, 19), Column("客單價", 11), Column("訂單增長率", 11), Column("新需求數量", 10, "number"),
    Column("投訴次數", 9, "number"), Column("滿意度評分(CSAT)", 11, "number"), Column("總分", 8, "score"),
    Column("等級", 11), Column("評估人", 9), Column("評估日期", 12, "date"),
    Column("審核人", 9), Column("審核日期", 12, "date"),
)  # fmt: skip
_TALK_COLUMNS = (
    ("日期", "日期", 12, "text"),
    ("客戶編號", "客户编号", 11, "text"),
    ("跟進人", "跟进人", 9, "text"),
    ("跟進方式", "跟进方式", 10, "text"),
    ("跟進內容摘要", "跟进内容摘要", 34, "text"),
    ("客戶反饋/結果", "客户反馈/结果", 28, "text"),
    ("下一步計劃", "下一步计划", 28, "text"),
)
_SERVICE_COLUMNS = (
    ("客戶編號", "客户编号", 11, "text"),
    ("問題類別", "问题类别", 11, "text"),
    ("請求時間", "请求时间", 17, "stamp"),
    ("首次響應時間", "首次响应时间", 17, "stamp"),
    ("解決時間", "解决时间", 17, "stamp"),
    ("是否解決", "是否解决", 9, "text"),
    ("是否一次解決", "是否一次解决", 12, "text"),
    ("滿意度", "满意度", 8, "number"),
    ("服務人員", "服务人员", 10, "text"),
)


def tables(rng: random.Random, customers: tuple[Customer, ...]) -> dict[str, Sheet]:
    """Lay out the workbook's tables, all of them still in good order."""
    exact = [c for c in customers if c.tier and c.figures.repurchase in (25, 50, 75, 100)][3 : 3 + _WITH_ORDERS]
    stale = [c for c in customers if c.last_tier and c not in exact][20 : 20 + _STALE]
    bases, scores = [], []
    for customer in customers:
        money = _money(customer.figures.spend, exact=customer in exact)
        row = base_row(rng, customer, owner=OWNER, department=_DEPARTMENT)
        row["近12个月消费金额"] = money if customer.tier else None
        row["平均合作频次"] = frequency(customer.figures.frequency) if customer.tier else None
        if customer in stale:
            row |= dict.fromkeys(("近12个月消费金额", "平均合作频次", "最近交易时间"))
        row["备注"] = rng.choice(("年度框架", "月结30天", "需提供报关资料")) if rng.random() < 1 / 10 else None
        bases.append(row)
        scores.append(_score_row(rng, customer, stale=customer in stale, exact=customer in exact))
    talks = activity.follow_ups(rng, customers, OWNER)
    for row in talks:
        row["日期"] = f"{row['日期']:%Y/%m/%d}"
    served = tuple(rng.sample([c for c in customers if c.tier], 45))
    sheets = (
        _sheet(BASE, "台商業務部 客戶信息基礎表", _BASE_COLUMNS, bases),
        Sheet(SCORES, "客戶分級評估打分表", _SCORE_COLUMNS, scores, header_row=4),
        _sheet(TALKS, "客戶跟進記錄表", _TALK_COLUMNS, talks),
        Sheet(ORDERS, "交易明細(僅框架客戶)", _order_columns(), _order_rows(exact), header_row=4),
        _sheet(SERVICE, "服務記錄", _SERVICE_COLUMNS, activity.service_records(rng, served)),
    )
    return {sheet.name: sheet for sheet in sheets}


def _sheet(name: str, title: str, columns: tuple[tuple[str, str, int, str], ...], rows: list[Row]) -> Sheet:
    """Turn simplified rows into a sheet under traditional labels."""
    turned = [{label: _traditional_cell(row.get(field)) for label, field, _, _ in columns} for row in rows]
    return Sheet(
        name, title, tuple(Column(label, width, kind) for label, _, width, kind in columns), turned, header_row=4
    )


def _traditional_cell(value: Cell) -> Cell:
    return traditional(value) if isinstance(value, str) else value


def _score_row(rng: random.Random, customer: Customer, *, stale: bool, exact: bool) -> Row:
    day = LAST_GRADED if stale else AS_OF
    measured = figures(customer.orders, customer.growth, on=day)
    row: Row = {
        "客戶編號": customer.key,
        "客戶名稱": traditional(customer.name),
        POTENTIAL: traditional(potential(customer.growth)),
    }
    if measured.recency_days is None:
        return row | {F: "0次/年", M: "0元"}
    before = sum(order.amount for order in customer.orders if _year_before(order.day))
    known_year = before > _WORTH_COMPARING and not exact
    growth = f"{round(100 * (measured.spend - before) / before)}%" if known_year else None
    known: dict[str, Cell] = {
        R: f"{measured.recency_days}天",
        F: traditional(frequency(measured.frequency)),
        M: traditional(_money(measured.spend, exact=exact)),
        LOYALTY: f"{measured.repurchase}%",
        "客單價": f"{measured.spend / measured.frequency:.0f}元" if measured.frequency else None,
        "訂單增長率": growth,
        "新需求數量": rng.choices((0, 1, 2, 3, 4), (4, 4, 3, 2, 1))[0],
        "投訴次數": rng.choices((0, 1, 2), (16, 3, 1))[0],
        "滿意度評分(CSAT)": round(min(99.0, rng.gauss(90, 4))),
        "總分": customer.last_score,
        "等級": traditional(customer.last_tier or "") or None,
        "評估人": OWNER,
        "評估日期": LAST_GRADED if stale else None,
        "審核人": traditional("罗静宜") if stale else None,
        "審核日期": date(2026, 10, 9) if stale else None,
    }
    return row | known


def _year_before(day: date) -> bool:
    return age_in_months(AS_OF, 24) < day <= age_in_months(AS_OF, 12)


def _money(yuan: int, *, exact: bool) -> str:
    """Write an amount in ten thousands, cut to one decimal, or to the yuan where orders stand beside it."""
    return f"{yuan:,}元" if exact else f"{yuan // 1000 / 10:g}万元"


def _order_columns() -> tuple[Column, ...]:
    return (Column("日期", 12, "date"), Column("客戶編號", 11), Column("產品", 18), Column("金額", 14, "money"))


def _order_rows(customers: list[Customer]) -> list[Row]:
    orders = sorted((order.day, customer.key, order) for customer in customers for order in customer.orders)
    return [
        {"日期": day, "客戶編號": key, "產品": traditional(order.product), "金額": order.amount}
        for day, key, order in orders
    ]
