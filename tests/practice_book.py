"""A book in which each customer stands for one rule: how a line is written, and its workbook of a month.

A line says what differs from an ordinary customer, and what a person reading the practice expects of it, in the
practice's words, parts divided by `；`:

- what it is: `重点客户 73.3 降 待审核 流失客户 中价值 合作后 流失 黄` (tier, score, movement, signature, the
  classes of §6, health);
- `预警 A B`: all its alerts, no others; `无` for none;
- `深度沟通 10-20 赵敏 逾期11天→总监`: an item of the plan, its day, whose it is, days overdue, who is told;
- `只排 A、B`: the whole plan; `不排 A`: not in it; `承诺 兑现`: what became of its last promise; `重评 2026-12-30`.

What a line does not say is as with an ordinary customer: its kind's tier, 新 in the first month and 平 later, signed,
no alert, and nothing overdue unless the line speaks of its plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tests.workbooks import workbook

ENDS = {9: date(2026, 9, 30), 10: date(2026, 10, 31), 11: date(2026, 11, 30)}
"""The three months and the days they are graded as of: a Wednesday, a Saturday, a Monday."""
Cells = Mapping[str, object]

SCORING = (
    "最近消费时间", "消费频次", "消费金额", "行业潜力", "忠诚度", "订单增长率", "等级",
    "评估人", "评估日期", "审核人", "审核日期",
)  # fmt: skip
BASE = (
    "客户类型", "行业类型", "首次合作时间", "累计交易金额", "最近交易时间", "核心需求", "需求类型", "合作意向",
    "客户经理", "合同到期日", "深度绑定", "行业标杆", "生态协同", "档案建立日期", "最后更新日期", "推荐人",
)  # fmt: skip
_FILED: Cells = {
    "客户类型": "企业", "行业类型": "制造业", "首次合作时间": "2025-12-01", "核心需求": "扩产",
    "需求类型": "产品采购型", "客户经理": "赵敏", "档案建立日期": "2025-12-01",
}  # fmt: skip
_SIGNED: Cells = {"评估人": "张华", "审核人": "李强", "审核日期": "2026-09-30"}


class Contact(NamedTuple):
    """A row of 客户跟进记录表; `whom` is its 客户编号 where it names others than the customer it stands with."""

    day: str
    how: str
    what: str = ""
    said: str = ""
    plan: str = ""
    by: str = "赵敏"
    done_on: str = ""
    outcome: str = ""
    whom: str = ""


ALL_WAYS = "拜访+电话+微信"
EVERYTHING = "服务回顾、需求复盘、满意度、高层拜访、核对资料"
"""An ordinary customer gets all of it on the 20th of each month: nothing is ever overdue."""


def monthly(
    how: str = ALL_WAYS, what: str = EVERYTHING, *, months: Iterable[int] = range(3, 12)
) -> tuple[Contact, ...]:
    """Return a contact on the 20th of each month, from March to November."""
    return tuple(Contact(f"{month:02}-20", how, what) for month in months)


def without(*names: str) -> str:
    """Name everything an ordinary customer gets but these."""
    return "、".join(name for name in EVERYTHING.split("、") if name not in names)


@dataclass(frozen=True)
class Kind:
    """An ordinary customer of a tier: its cells, what is expected of it, and its tier under the other three sets."""

    cells: Cells
    expected: str
    tiers: str
    scored: bool = True


_STEADY = "稳定客户 合作中 活跃 绿 已签字"
VIP = Kind(
    {
        **_FILED, **_SIGNED, "最近消费时间": "30天", "消费频次": "12次/年", "消费金额": "80万元",
        "行业潜力": "高(行业增速15%)", "忠诚度": "85%", "订单增长率": "0%", "累计交易金额": "80万元",
    },
    f"VIP客户 高价值 {_STEADY}", "普通级 高价值 普通客户",
)  # fmt: skip
KEY = Kind(
    {
        **_FILED, **_SIGNED, "最近消费时间": "30天", "消费频次": "12次/年", "消费金额": "30万元",
        "行业潜力": "中(行业增速8%)", "忠诚度": "60%", "订单增长率": "5%", "累计交易金额": "30万元",
    },
    f"重点客户 中价值 {_STEADY}", "核心级 中价值 重点客户",
)  # fmt: skip
PLAIN = Kind(
    {
        **_FILED, **_SIGNED, "最近消费时间": "30天", "消费频次": "6次/年", "消费金额": "8万元",
        "行业潜力": "低", "忠诚度": "50%", "订单增长率": "0%", "累计交易金额": "8万元",
    },
    f"普通客户 低价值 {_STEADY}", "普通级 低价值 普通客户",
)  # fmt: skip
WATCH = Kind(
    {
        **_FILED, **_SIGNED, "最近消费时间": "30天", "消费频次": "2次/年", "消费金额": "3万元",
        "行业潜力": "低（行业萎缩）", "忠诚度": "20%", "订单增长率": "-10%", "累计交易金额": "3万元",
    },
    f"观察客户 低价值 {_STEADY}", "普通级 低价值 普通客户",
)  # fmt: skip
PROSPECT = Kind(
    {**_FILED, "首次合作时间": None, "合作意向": "中"},
    "未成交 无变动 免签 低价值 潜在客户 合作前 开发中 绿", "未成交 未成交 潜在客户", scored=False,
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A customer: its key, the rule it stands for, what differs from its kind, and what is expected of it.

    `later` are cells that stand from a month on. `months` are those in which its row is there. `orders`, `services`,
    `needs`, `risks` and `overrides` are rows of those sheets without their key. `tiers` are those of October under
    战略层级, 价值 and 档案分类.
    """

    key: str
    rule: str
    kind: Kind
    cells: Cells = field(default_factory=dict)
    later: Mapping[int, Cells] = field(default_factory=dict)
    contacts: Sequence[Contact] = field(default_factory=monthly)
    months: Sequence[int] = (9, 10, 11)
    orders: Sequence[tuple[str, object]] = ()
    services: Sequence[Cells] = ()
    needs: Sequence[str] = ()
    risks: Sequence[tuple[str, str, str]] = ()
    overrides: Sequence[tuple[str, str, str]] = ()
    always: str = ""
    september: str = ""
    october: str = ""
    november: str = ""
    tiers: str = ""

    def row(self, month: int) -> Cells:
        """Return the cells of the customer's row in a month."""
        cells = dict(self.kind.cells)
        cells.update(self.cells)
        for since, changed in self.later.items():
            if month >= since:
                cells.update(changed)
        return cells

    def expected(self, month: int) -> Expected:
        """Read what is expected of the customer in a month."""
        own = {9: self.september, 10: self.october, 11: self.november}[month]
        ordinary = f"{'新' if month == 9 else '平'} {self.kind.expected}"
        return Expected.read(ordinary, self.always, own)


# --- the workbook of a month ----------------------------------------------------------------------------

_SERVICE = ("请求时间", "首次响应时间", "解决时间", "是否解决", "满意度", "问题类别", "承诺权益", "已用折扣")


def book_of(lines: Sequence[Line], month: int) -> bytes:
    """Write the workbook as it lay there at a month's end: nothing in it is later."""
    end = ENDS[month].isoformat()
    there = [line for line in lines if month in line.months]

    def rows(header: Sequence[str], entries: Iterable[Sequence[object]]) -> list[list[object]]:
        return [["客户编号", *header], *(list(entry) for entry in entries if _year(str(entry[1]))[:10] <= end)]

    names = {line.key: f"{line.key}公司" for line in there}
    return workbook(
        {
            "打分表": [
                ["客户编号", "客户名称", *SCORING],
                *(
                    [line.key, names[line.key], *_cells({"评估日期": end, **line.row(month)}, SCORING)]
                    for line in there
                    if line.kind.scored
                ),
            ],
            "客户信息基础表": [
                ["客户编号", "客户名称", *BASE],
                *([line.key, names[line.key], *_cells(line.row(month), BASE)] for line in there),
            ],
            "跟进记录表": rows(
                ("日期", "跟进方式", "跟进内容摘要", "客户反馈/结果", "下一步计划", "跟进人", "完成日期", "完成情况"),
                (
                    [one.whom or line.key, _year(one.day), *(cell or None for cell in one[1:-1])]
                    for line in there
                    for one in line.contacts
                ),
            ),
            "交易明细": rows(
                ("日期", "金额"), ([line.key, _year(day), sum_] for line in there for day, sum_ in line.orders)
            ),
            "服务记录": rows(
                _SERVICE,
                ([line.key, *_answered(one, end, _SERVICE)] for line in there for one in line.services),
            ),
            "需求记录": rows(
                ("提出日期", "内容"), ([line.key, _year(day), "扩容"] for line in there for day in line.needs)
            ),
            "风险登记": rows(
                ("日期", "信号", "修复措施", "修复日期"),
                (
                    [line.key, _year(day), signal, "回访" if repaired else None, _year(repaired) if repaired else None]
                    for line in there
                    for day, signal, repaired in line.risks
                ),
            ),
            "人工调整": [
                ["客户编号", "调整后等级", "理由", "提出人", "审核人", "有效期至"],
                *(
                    [line.key, tier, "签订框架合同", "赵敏", auditor, _year(until)]
                    for line in there
                    for tier, auditor, until in line.overrides
                ),
            ],
        }
    )


def _cells(row: Cells, columns: Sequence[str]) -> list[object]:
    return [_year(value) if isinstance(value := row.get(name), str) else value for name in columns]


def _answered(request: Cells, end: str, columns: Sequence[str]) -> list[object]:
    """Return a request as it stood at a day's end: what was answered later is open yet."""
    cells = dict(zip(columns, _cells(request, columns), strict=True))
    answer = cells["首次响应时间"]
    if isinstance(answer, str) and answer[:10] > end:
        cells.update({"首次响应时间": None, "解决时间": None, "是否解决": None})
    return list(cells.values())


def _year(text: str) -> str:
    """Put the year before a month and a day: 09-20 is 2026-09-20."""
    return f"2026-{text}" if re.match(r"\d\d-\d\d(?: |$)", text) else text


# --- what is expected ------------------------------------------------------------------------------------

ASPECTS = {
    "tier": ("VIP客户", "重点客户", "普通客户", "观察客户", "未成交", "待补充资料"),
    "movement": ("升", "降", "平", "新", "无变动"),
    "signature": ("已签字", "待审核", "免签"),
    "stage": ("潜在客户", "休眠客户", "流失客户", "战略客户", "新客户", "稳定客户", "阶段未归类"),
    "value": ("高价值", "中价值", "低价值", "价值未归类"),
    "relation": ("合作前", "合作初", "合作中", "合作后", "关系未归类"),
    "activity": ("开发中", "潜在", "流失", "沉睡", "活跃", "活跃未归类"),
    "health": ("红", "黄", "绿", "无数据"),
}
_ASPECT = {word: aspect for aspect, words in ASPECTS.items() for word in words}
_ITEM = re.compile(r"(\S+) ((?:\d{4}-)?\d\d-\d\d) ([^\s→]+)(?: 逾期(\d+)天)?(?:→(\S+))?")


@dataclass
class Expected:
    """What is expected of a customer in a month: one word an aspect, its alerts, and what is said of its plan."""

    words: dict[str, str] = field(default_factory=dict)
    alerts: frozenset[str] = frozenset()
    items: list[str] = field(default_factory=list)
    whole_plan: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()
    promise: str = ""

    @classmethod
    def read(cls, *texts: str) -> Expected:
        """Read texts, each laid over those before it."""
        found = cls()
        for part in (part.strip() for text in texts for part in text.split("；") if part.strip()):
            head, _, rest = part.partition(" ")
            if head == "预警":
                found.alerts = frozenset(rest.split()) - {"无"}
            elif head == "只排":
                found.whole_plan = frozenset(rest.split("、"))
            elif head == "不排":
                found.absent = frozenset(rest.split("、"))
            elif head in ("承诺", "重评", "推荐"):
                found.words[head] = _year(rest)
            elif item := _ITEM.fullmatch(part):
                action, day, owner, days, told = item.groups()
                found.items.append(" ".join((action, _year(day), owner, days or "0", told or "")))
            else:
                for word in part.split():
                    found.words["score" if re.fullmatch(r"\d+\.\d", word) else _ASPECT[word]] = word
        return found


def differences(expected: Expected, found: Expected) -> Iterator[tuple[str, str, str]]:
    """Yield each aspect in which a customer is not as expected: its name, what is expected, and what was found."""
    for aspect, word in expected.words.items():
        if found.words.get(aspect) != word:
            yield aspect, word, found.words.get(aspect, "")
    if expected.alerts != found.alerts:
        yield "alerts", " ".join(sorted(expected.alerts)), " ".join(sorted(found.alerts))
    actions = {item.split()[0] for item in found.items}
    for item in expected.items:
        if item not in found.items:
            yield "plan", item, " | ".join(one for one in found.items if one.split()[0] == item.split()[0])
    if expected.whole_plan is not None and actions != expected.whole_plan:
        yield "whole plan", "、".join(sorted(expected.whole_plan)), "、".join(sorted(actions))
    if actions & expected.absent:
        yield "not planned", "、".join(sorted(expected.absent)), "、".join(sorted(actions & expected.absent))
    late = [item for item in found.items if item.split(" ")[3] != "0"]
    if not expected.items and late:
        yield "overdue", "nothing", " | ".join(late)
