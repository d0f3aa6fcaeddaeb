"""Writes the review workbook's lists of customers: a tier's, whose health is red, who has no tier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sheetcrm.excel.books.review_columns import (
    AMBER,
    GREEN,
    GREY,
    ID,
    MOVES,
    NAME,
    OWNER,
    RED,
    STATES,
    customer_cells,
    remark,
)
from sheetcrm.excel.books.review_list import write_list
from sheetcrm.excel.books.review_table import (
    ListColumn,
    ListSheet,
    Look,
    Review,
    Value,
    prose,
)
from sheetcrm.model import Assessment
from sheetcrm.policy.model import Tier
from sheetcrm.text.printable import one_line

_HEALTH = {"红": RED, "黄": AMBER, "绿": GREEN, "无数据": GREY}


def group(assessments: Iterable[Assessment]) -> Mapping[str, list[Assessment]]:
    """Group customers by the value of their 等级. Pure."""
    groups: dict[str, list[Assessment]] = {}
    for assessment in assessments:
        groups.setdefault(assessment.grade, []).append(assessment)
    return groups


def write_tier(review: Review, tier: Tier, members: Sequence[Assessment]) -> str:
    """List a tier's customers, the best first; return the sheet's name."""
    ordered = _by_score(members)
    rows = [_tier_row(assessment) for assessment in ordered]
    note = f"本期 {len(members)} 家，按总分从高到低。{_MARKED}签字在审核表。"
    layout = ListSheet(tier.name, note, _TIER_COLUMNS, colour=tier.colour, empty=f"本期没有{tier.name}。")
    name = write_list(review, layout, rows)
    review.add_places(name, (assessment.customer.customer_id for assessment in ordered))
    return name


def write_red(review: Review, members: Sequence[Assessment]) -> str:
    """List whose health is red, the best first; return the sheet's name."""
    rows = [
        (*row[:3], assessment.grade, *row[3:]) for assessment in _by_score(members) for row in (_tier_row(assessment),)
    ]
    columns = (*_TIER_COLUMNS[:3], ListColumn(title="等级", width=10, most=14), *_TIER_COLUMNS[3:])
    note = f"健康度红的客户，共 {len(members)} 家，按总分从高到低。{_MARKED}"
    return write_list(review, ListSheet("健康度红", note, columns, empty="没有健康度红的客户。"), rows)


def _by_score(members: Iterable[Assessment]) -> Sequence[Assessment]:
    return sorted(
        members, key=lambda assessment: (-(assessment.score.total or Decimal(0)), assessment.customer.customer_id)
    )


_TIER_COLUMNS = (
    ID,
    NAME,
    OWNER,
    ListColumn(title="总分", look=Look.SCORE, width=8, bar="9DC3E6"),
    ListColumn(title="近12个月消费（元）", look=Look.MONEY, width=12),
    ListColumn(title="距最近消费（天）", look=Look.COUNT, width=9),
    ListColumn(title="变动", width=6, centred=True, colours=MOVES),
    ListColumn(title="上期等级", width=10, most=14),
    ListColumn(title="健康度", width=7, centred=True, colours=_HEALTH),
    ListColumn(title="风险", width=6, centred=True),
    ListColumn(title="预警数", look=Look.COUNT, width=7, late=True),
    ListColumn(title="客户标签", look=Look.PROSE, width=16, most=36),
    ListColumn(title="下次跟进", look=Look.DATE, width=12),
    ListColumn(title="逾期天数", look=Look.COUNT, width=8, late=True),
    ListColumn(title="标记", width=8, most=14),
    remark(),
)
_MARKED = "标记：审＝等级待审核，复＝触发复评而等级未变，调＝人工调整，旧＝所用资料早于本期。"


def _tier_row(assessment: Assessment) -> tuple[Value, ...]:
    first = assessment.due[0] if assessment.due else None
    marks = (
        "审" if assessment.awaiting_audit else "",
        "复" if assessment.reaffirmed else "",
        "调" if assessment.override else "",
        "旧" if assessment.outdated else "",
    )
    return (
        *customer_cells(assessment),
        one_line(assessment.owner),
        assessment.score.total,
        assessment.measures.spend_12m,
        assessment.measures.recency_days,
        assessment.movement.value if assessment.movement else "",
        one_line(assessment.previous_grade),
        assessment.health.colour,
        assessment.risk,
        len(assessment.alerts),
        one_line(assessment.tags),
        first.due if first else None,
        (first.overdue_days or None) if first else None,
        "、".join(mark for mark in marks if mark),
        None,
    )


def write_ungraded(review: Review, members: Sequence[Assessment]) -> str:
    """List the customers without a tier, and why; return the sheet's name."""
    columns = (
        ID,
        NAME,
        OWNER,
        ListColumn(title="状态", width=11, most=14),
        ListColumn(title="上期等级", width=10, most=14),
        ListColumn(title="原因", look=Look.PROSE, width=40, most=64),
        ListColumn(title="下次跟进", look=Look.DATE, width=12),
        ListColumn(title="跟进动作", width=10, most=16),
        ListColumn(title="处理", width=9, choices=STATES, fill_in=True),
        remark(),
    )
    ordered = sorted(members, key=lambda assessment: (assessment.grade, assessment.customer.customer_id))
    rows = [
        (
            *customer_cells(assessment),
            one_line(assessment.owner),
            assessment.grade,
            one_line(assessment.previous_grade),
            prose(assessment.explanation),
            assessment.due[0].due if assessment.due else None,
            one_line(assessment.due[0].action) if assessment.due else None,
            None,
            None,
        )
        for assessment in ordered
    ]
    note = "没有等级的客户：待补充资料的请补齐原因里说的单元格；未成交的不评分，按跟进动作推动首单。"
    name = write_list(review, ListSheet("未评级", note, columns, empty="本期没有未评级的客户。"), rows)
    review.add_places(name, (assessment.customer.customer_id for assessment in ordered))
    return name
