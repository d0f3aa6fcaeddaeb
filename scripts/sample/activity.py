# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""A year of contacts, service requests, needs and risks around the customers, as rows keyed by label."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from scripts.sample import words
from scripts.sample.model import AS_OF, YEAR_START, Customer, Row

_CONTACT_EVERY = {"VIP客户": 24, "重点客户": 30, "普通客户": 70, "观察客户": 84}
_REQUESTS = {"VIP客户": 6, "重点客户": 4, "普通客户": 2, "观察客户": 1}
_RESPONSE_LIMIT = {"VIP客户": 4, "重点客户": 8, "普通客户": 24, "观察客户": 48}
_RESOLUTION_LIMIT = {"VIP客户": 4, "重点客户": 24, "普通客户": 48, "观察客户": 96}
_BENEFITS = {
    "VIP客户": ("新品优先试用", "专属方案", "高层季度拜访", "专属折扣10%"),
    "重点客户": ("月度服务回顾", "优先培训", "行业报告", "促销优先"),
}
_DISCOUNTS = {"VIP客户": 0.1, "重点客户": 0.05}
_SERVICE_TEAM = ("吴晓萌", "邓嘉禾", "曹立新")


def follow_ups(rng: random.Random, customers: tuple[Customer, ...], owner: str, *, rare: bool = True) -> list[Row]:
    """Write the contacts from YEAR_START on, oldest first; with `rare`, seven customers' last one is remarkable."""
    rows: list[Row] = []
    remarks = iter(words.RARE_TALKS)
    settled = [c.key for c in customers if c.tier and not c.lost]
    marked = set(rng.sample(settled, len(words.RARE_TALKS))) if rare else set()
    for customer in customers:
        every = _CONTACT_EVERY.get(customer.tier or "", 32)
        day = AS_OF - timedelta(days=int(every * rng.uniform(0.05, 1.05)) + (45 if customer.lost else 0))
        first = max(YEAR_START, customer.filed)
        latest = True
        while day >= first:
            talk = next(remarks) if latest and customer.key in marked else _talk(rng, customer)
            rows.append(_follow_up(rng, customer, _workday(day), owner, talk))
            day -= timedelta(days=max(5, int(every * rng.uniform(0.7, 1.3))))
            latest = False
    return sorted(rows, key=lambda row: str(row["日期"]))


def service_records(rng: random.Random, customers: tuple[Customer, ...]) -> list[Row]:
    """Write the service requests of the year, oldest first, mostly answered in time; one customer complained often."""
    rows: list[Row] = []
    for customer in customers:
        tier = customer.tier
        if tier is None:
            continue
        start = max(YEAR_START, customer.since or YEAR_START)
        span = (AS_OF - start).days
        number = max(0, round(_REQUESTS[tier] * span / 365 + rng.uniform(-0.6, 0.9)))
        days = [start + timedelta(days=rng.randint(0, span)) for _ in range(number)]
        rows.extend(_service_record(rng, customer, tier, day) for day in days)
    regulars = [customer.key for customer in customers if customer.tier == "重点客户"]
    for row in [row for row in rows if row["客户编号"] == regulars[len(regulars) // 2]][-3:]:
        row["问题类别"] = "投诉"
    return sorted(rows, key=lambda row: str(row["请求时间"]))


def needs(rng: random.Random, customers: tuple[Customer, ...]) -> list[Row]:
    """Write what customers asked for anew; the young ones are mostly undecided."""
    rows: list[Row] = []
    for customer in customers:
        wanted = {"VIP客户": 3, "重点客户": 2}.get(customer.tier or "", 1 if rng.random() < 0.45 else 0)
        for _ in range(0 if customer.lost else wanted):
            start = max(YEAR_START, customer.filed)
            day = _workday(start + timedelta(days=rng.randint(0, (AS_OF - start).days)))
            young = (AS_OF - day).days < 60
            special = customer.tier in ("VIP客户", "重点客户") and rng.random() < 0.06
            text = rng.choice(
                words.CAPACITY_TEXTS if special else words.NEED_TEXTS if customer.tier else words.FIRST_NEEDS
            )
            weights = (8, 0, 1) if customer.tier is None else (8, 2, 1) if young else (1, 6, 3)
            rows.append(
                {
                    "客户编号": customer.key,
                    "提出日期": day,
                    "需求类型": customer.need_kind,
                    "内容": text.format(need=customer.need, product=_product(customer)),
                    "状态": rng.choices(("待定", "成交", "放弃"), weights)[0],
                }
            )
    return sorted(rows, key=lambda row: str(row["提出日期"]))


def risks(rng: random.Random, customers: tuple[Customer, ...]) -> list[Row]:
    """Write a dozen risks seen by people, two thirds of them repaired."""
    rows: list[Row] = []
    for customer in rng.sample([c for c in customers if c.tier], 12):
        day = _workday(AS_OF - timedelta(days=rng.randint(9, 200)))
        signal, repair = rng.choice(words.RISKS)
        done = day + timedelta(days=rng.randint(6, 30))
        repaired = done <= AS_OF and rng.random() < 0.75
        rows.append(
            {
                "客户编号": customer.key,
                "日期": day,
                "信号": signal,
                "修复措施": repair,
                "修复日期": done if repaired else None,
            }
        )
    return sorted(rows, key=lambda row: str(row["日期"]))


def _follow_up(rng: random.Random, customer: Customer, day: date, owner: str, talk: tuple[str, str, str]) -> Row:
    need, product = customer.need, _product(customer)
    summary, answer, plan = words.fill(rng, talk, day=day, need=need, product=product)
    return {
        "客户编号": customer.key,
        "客户名称": customer.name,
        "日期": day,
        "跟进人": owner,
        "跟进方式": rng.choices(words.CHANNELS, words.CHANNEL_WEIGHTS)[0],
        "跟进内容摘要": summary,
        "客户反馈/结果": answer,
        "下一步计划": plan or None,
    }


def _service_record(rng: random.Random, customer: Customer, tier: str, day: date) -> Row:
    asked = datetime.combine(day, time(rng.randint(8, 17), rng.randint(0, 59)))
    answered = asked + timedelta(minutes=_minutes(rng, _RESPONSE_LIMIT[tier]))
    solved = answered + timedelta(minutes=_minutes(rng, _RESOLUTION_LIMIT[tier]) // 2)
    open_still = answered.date() > AS_OF
    done = not open_still and solved.date() <= AS_OF and rng.random() < 0.95
    late = answered - asked > timedelta(hours=_RESPONSE_LIMIT[tier])
    complaint = rng.choices(words.REQUESTS, words.REQUEST_WEIGHTS)[0]
    mood = rng.gauss(90, 6) - (9 if late else 0) - (10 if complaint == "投诉" else 0) - (0 if done else 6)
    granted = rng.random() < 0.16
    return {
        "客户编号": customer.key,
        "请求时间": asked,
        "首次响应时间": None if open_still else answered,
        "解决时间": solved if done else None,
        "是否解决": "是" if done else "否",
        "是否一次解决": "是" if done and rng.random() < 0.8 else "否",
        "满意度": min(100, max(60, round(mood))) if done and rng.random() < 0.88 else None,
        "服务人员": rng.choice(_SERVICE_TEAM),
        "问题类别": complaint,
        "承诺权益": rng.choice(_BENEFITS[tier]) if granted and tier in _BENEFITS else None,
        "已用折扣": _DISCOUNTS.get(tier) if granted else None,
        "服务成本": round(rng.lognormvariate(5.2, 0.6), -1),
    }


def _minutes(rng: random.Random, limit: int) -> int:
    """Draw how long an answer took: mostly well inside the limit, some on its edge, some past it."""
    draw = rng.random()
    if draw < 0.03:
        return limit * 60 + rng.choice((-1, 0, 1))
    return int(limit * 60 * (rng.uniform(1.05, 2.2) if draw < 0.12 else rng.betavariate(1.6, 3.2)))


def _talk(rng: random.Random, customer: Customer) -> tuple[str, str, str]:
    if customer.tier is None:
        return rng.choice(words.PROSPECT_TALKS)
    if customer.lost and rng.random() < 0.4:
        return rng.choice(words.LOST_TALKS)
    summary, answer, plan = rng.choice(words.TALKS)
    return summary, answer, plan if rng.random() < 0.6 else ""


def _product(customer: Customer) -> str:
    return customer.orders[-1].product if customer.orders else "样机"


def _workday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))
