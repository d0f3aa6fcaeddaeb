"""What a careful user would write with openpyxl instead: the same checks, scores and columns, plainly.

It knows the sheet of the benchmark and nothing else. Figures are floats, rules are ifs, and there is no
policy, no history, no receipt; on this sheet it gives the same totals and tiers (a test compares them).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from benchmarks.columns import COLUMNS, JUDGED

SHEET = "客户分级评估打分表"
DAY = date(2026, 10, 31)
START = date(2026, 10, 1)
RECENCY = ((7, 100), (30, 90), (60, 80), (90, 70), (120, 60), (180, 40), (365, 20))
FREQUENCY = ((24, 100), (12, 75), (6, 60), (4, 45), (2, 30), (1, 15))
SPEND = ((500_000, 100), (200_000, 85), (50_000, 60), (0.01, 30))
LEVELS = {"高": 100, "中": 75, "低": 50}
WEIGHTS = (20, 15, 35, 15, 15)
LABELS = ("最近消费时间", "消费频次", "消费金额", "行业潜力", "忠诚度")
TIERS = (("VIP客户", 90), ("重点客户", 70), ("普通客户", 50), ("观察客户", 0))
BANDS = {
    "VIP客户": (500_000, 1e12),
    "重点客户": (200_000, 500_000),
    "普通客户": (50_000, 200_000),
    "观察客户": (0, 50_000),
}
ACTIVITIES = {
    "VIP客户": (("深度沟通", "客户经理"), ("高层拜访", "客户成功总监"), ("需求沟通", "客户经理")),
    "重点客户": (("服务回顾", "客服主管"), ("需求沟通", "客户经理"), ("节日问候", "客户经理")),
    "普通客户": (("满意度调研", "客服专员"), ("节日问候", "客服专员")),
    "观察客户": (("电话回访", "客服专员"),),
}
Row = tuple[Any, ...]
FIGURE = re.compile(r"\d+(?:\.\d+)?")


def run(source: Path, target: Path) -> None:
    """Load, check, score and judge each row, set the columns, save."""
    book = load_workbook(source)
    sheet = book[SHEET]
    first = len(COLUMNS) + 1
    for offset, label in enumerate(JUDGED):
        sheet.cell(1, first + offset, label)
    wrong: list[str] = []
    seen: set[str] = set()
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_col=len(COLUMNS), values_only=True), start=2):
        wrong += check(number, cells, seen)
        for offset, value in enumerate(judge(cells)):
            sheet.cell(number, first + offset, value)
    book.save(target)
    for line in wrong:
        print(line)


def check(number: int, cells: Row, seen: set[str]) -> list[str]:
    """Check one row."""
    wrong = []
    key = str(cells[0] or "")
    if not re.fullmatch(r"[A-Za-z]{0,4}-?\d[\dA-Za-z-]{0,30}", key):
        wrong.append(f"第{number}行：客户编号“{key}”不合格式")
    if key in seen:
        wrong.append(f"第{number}行：客户编号“{key}”重复")
    seen.add(key)
    wrong += [f"第{number}行：缺少{COLUMNS[column]}" for column in range(1, 7) if cells[column] in (None, "")]
    if cells[7] and cells[7] == cells[8]:
        wrong.append(f"第{number}行：评估人和审核人是同一个人")
    audited = parse_date(cells[9])
    if audited and audited > DAY:
        wrong.append(f"第{number}行：审核日期在以后")
    if not 0 <= parse_number(cells[6]) <= 100:
        wrong.append(f"第{number}行：复购率超出范围")
    if not 0 <= parse_number(cells[13]) <= 100:
        wrong.append(f"第{number}行：满意度超出范围")
    if parse_number(cells[12]) < 0 or parse_number(cells[11]) < 0:
        wrong.append(f"第{number}行：有负数")
    wrong += [
        f"第{number}行：有身份证号"
        for value in cells
        if isinstance(value, str) and len(value) >= 18 and re.search(r"\d{17}[\dXx]", value)
    ]
    return wrong


def judge(cells: Row) -> Row:
    """Score one row, judge it, and give its new cells."""
    days, times, rate = parse_number(cells[2]), parse_number(cells[3]), parse_number(cells[6])
    money = parse_money(cells[4])
    level = str(cells[5] or "")
    growth = FIGURE.search(level)
    if growth and "萎缩" not in level:
        share = float(growth[0])
        industry = 100 if share >= 15 else 75 if share >= 8 else 50
    elif "萎缩" in level:
        industry = 20
    else:
        industry = LEVELS.get(level[:1], 0)
    points = (
        next((given for edge, given in RECENCY if days <= edge), 0),
        next((given for edge, given in FREQUENCY if times >= edge), 0),
        next((given for edge, given in SPEND if money >= edge), 0),
        industry,
        min(rate, 100),
    )
    earned = sum(given * weight for given, weight in zip(points, WEIGHTS, strict=True))
    score = int(earned / 10 + 0.5) / 10
    tier = next(name for name, floor in TIERS if score >= floor)
    parts = [
        f"{label}{value}得{given:g}分×{weight}%"
        for label, value, given, weight in zip(LABELS, cells[2:7], points, WEIGHTS, strict=True)
    ]
    why = f"{'，'.join(parts)}，总分{score}，达到{tier}的{dict(TIERS)[tier]}分"
    better = [(name, floor) for name, floor in TIERS if floor > score]
    if better:
        why += f"；距{better[-1][0]}还差{better[-1][1] - score:.1f}分：{cheapest(points, earned, better[-1][1])}"
    low, high = BANDS[tier]
    if not low <= money < high:
        band = next(name for name, (least, most) in BANDS.items() if least <= money < most)
        why += f"；年消费{money:,.0f}元属{band}的区间，与等级不同"
    last_deal = DAY - timedelta(days=int(days))
    months = months_between(last_deal, DAY)
    complaints = parse_number(cells[12])
    if complaints >= 3:
        why += "；等级规则“多次投诉”：12个月内投诉3次以上，宜降一级"
    alerts = []
    if months >= 3:
        alerts.append("流失预警-消费")
    worth = "高价值" if money >= 500_000 else "中价值" if money >= 100_000 else "低价值"
    lost = months >= 3
    tags = [worth] + (["流失客户"] if lost else []) + (["高流失风险"] if alerts else [])
    action, owner = min(ACTIVITIES[tier])
    audited = cells[7] and cells[8] and cells[7] != cells[8] and parse_date(cells[9])
    if not audited:
        why += "；待审核"
    return (
        score,
        tier,
        DAY,
        "2026-10",
        None,
        "新",
        why,
        1,
        "、".join(tags),
        "黄" if parse_number(cells[13]) < 85 else "无数据",  # one of its four inputs is on the sheet
        None,
        "、".join(alerts) or None,
        first_contact(tier, worth, lost=lost),
        0,
        action,
        owner,
        add_months(DAY, 3 if not lost and (tier == "VIP客户" or worth == "高价值") else 6),
    )


def first_contact(tier: str, worth: str, *, lost: bool) -> date:
    """Give the day of the first contact: the shortest interval from today, on a working day or before."""
    if lost or worth == "高价值" or tier in {"VIP客户", "重点客户"}:
        day = add_months(DAY, 1)
    else:
        day = DAY + timedelta(days=45) if worth == "中价值" else add_months(DAY, 3)
    return day - timedelta(days=max(0, day.weekday() - 4))


def cheapest(points: tuple[float, ...], earned: float, floor: int) -> str:
    """Say the one change that would reach a tier with the fewest points."""
    best: tuple[float, str, str] | None = None
    for place, (given, weight, curve) in enumerate(
        zip(points, WEIGHTS, (RECENCY, FREQUENCY, SPEND, None, None), strict=True)
    ):
        if place == 3:
            continue
        needed = given + (floor * 100 - 5 - earned) / weight
        if needed > 100:
            continue
        if curve is None:
            total, target = float(floor), f"{needed:.0f}%"
        else:
            rungs = [(edge, most) for edge, most in curve if most >= needed and most > given]
            if not rungs:
                continue
            edge, most = min(rungs, key=lambda rung: rung[1])
            total, target = (earned + weight * (most - given)) / 100, f"{edge}"
        if best is None or total < best[0]:
            best = (total, LABELS[place], target)
    return f"{best[1]}到{best[2]}即可" if best else "单项改善不足以升级"


def parse_number(value: object) -> float:
    """Read the figure in a cell."""
    if isinstance(value, int | float):
        return float(value)
    found = FIGURE.search(str(value))
    return float(found[0]) if found else 0.0


def parse_money(value: object) -> float:
    """Read an amount in 元."""
    return parse_number(value) * (10_000 if "万" in str(value) else 1)


def parse_date(value: object) -> date | None:
    """Read an ISO date."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def months_between(start: date, end: date) -> int:
    """Count the whole months between two days."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def add_months(day: date, months: int) -> date:
    """Add months, clipped to the month's end."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, min(day.day, monthrange(day.year + years, month + 1)[1]))
