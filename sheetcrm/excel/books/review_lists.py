"""Writes the review workbook's lists: tiers, movements, alerts, due follow-ups, the sample, the problems."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sheetcrm.excel.books.review_list import hidden, write_list
from sheetcrm.excel.books.review_table import (
    ListColumn,
    ListSheet,
    Look,
    Review,
    Value,
    prose,
    source_link,
)
from sheetcrm.model import Assessment, Departed, Figures, Movement, Problem, ServiceRequest, Severity
from sheetcrm.model.lists import Shift
from sheetcrm.model.review import DUE_LIST, OUTCOMES, VERDICTS, number_keys
from sheetcrm.policy.model import Tier
from sheetcrm.problems import title_of
from sheetcrm.text.printable import one_line

STATES = ("未处理", "处理中", "已完成")
CHECKS = ("☑", "☒", "□")
TREATMENTS = ("已改正", "确认无误", "待处理")

_ENDED = "已不在计划里，保留所填"
_RED, _AMBER, _GREEN, _GREY = "F4B6B6", "FCE4A8", "C9E7C4", "E4E4E4"
_HEALTH = {"红": _RED, "黄": _AMBER, "绿": _GREEN, "无数据": _GREY}
_LEVELS = {"高": _RED, "中": _AMBER, "低": _GREY}
_SEVERITIES = {Severity.ERROR.value: _RED, Severity.WARNING.value: _AMBER, Severity.NOTE.value: _GREY}
_MOVES = {Movement.UP.value: _GREEN, Movement.DOWN.value: _RED, Movement.NEW.value: "CFE3F5"}
_MOVED = (Movement.UP, Movement.DOWN, Movement.NEW)
_ID = ListColumn(title="客户编号", width=11, most=20)
_NAME = ListColumn(title="客户名称", width=18, most=30)
_OWNER = ListColumn(title="客户经理", width=9, most=14)


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


def _remark(title: str = "备注") -> ListColumn:
    return ListColumn(title=title, width=12, fill_in=True)


_TIER_COLUMNS = (
    _ID,
    _NAME,
    _OWNER,
    ListColumn(title="总分", look=Look.SCORE, width=8, bar="9DC3E6"),
    ListColumn(title="近12个月消费（元）", look=Look.MONEY, width=12),
    ListColumn(title="距最近消费（天）", look=Look.COUNT, width=9),
    ListColumn(title="变动", width=6, centred=True, colours=_MOVES),
    ListColumn(title="上期等级", width=10, most=14),
    ListColumn(title="健康度", width=7, centred=True, colours=_HEALTH),
    ListColumn(title="风险", width=6, centred=True),
    ListColumn(title="预警数", look=Look.COUNT, width=7, late=True),
    ListColumn(title="客户标签", look=Look.PROSE, width=16, most=36),
    ListColumn(title="下次跟进", look=Look.DATE, width=12),
    ListColumn(title="逾期天数", look=Look.COUNT, width=8, late=True),
    ListColumn(title="标记", width=8, most=14),
    _remark(),
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
        *_customer(assessment),
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
        _ID,
        _NAME,
        _OWNER,
        ListColumn(title="状态", width=11, most=14),
        ListColumn(title="上期等级", width=10, most=14),
        ListColumn(title="原因", look=Look.PROSE, width=40, most=64),
        ListColumn(title="下次跟进", look=Look.DATE, width=12),
        ListColumn(title="跟进动作", width=10, most=16),
        ListColumn(title="处理", width=9, choices=STATES, fill_in=True),
        _remark(),
    )
    ordered = sorted(members, key=lambda assessment: (assessment.grade, assessment.customer.customer_id))
    rows = [
        (
            *_customer(assessment),
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


def listed_moves(review: Review, assessments: Iterable[Assessment]) -> Sequence[Assessment]:
    """Return the customers that 变动 lists: of a bounded workbook without those graded first, where they are many."""
    moves = [assessment for assessment in assessments if moved(assessment)]
    if review.bounded and len(moves) > review.policy.report.meeting_customers:
        return [assessment for assessment in moves if assessment.movement is not Movement.NEW]
    return moves


def write_moves(
    review: Review,
    moves: Iterable[Assessment],
    departed: Iterable[Departed],
    shifts: Mapping[str, Shift],
    *,
    new: int = 0,
) -> str:
    """List the customers whose grade has changed since the last period, and who is gone; return the sheet's name.

    `new` is how many that were graded for the first time are not listed.
    """
    tiers = {tier.name: tier.colour for tier in review.policy.tiers}
    columns = (
        _ID,
        _NAME,
        _OWNER,
        ListColumn(title="上期等级", width=11, most=14, colours=tiers),
        ListColumn(title="本期等级", width=11, most=14, colours=tiers),
        ListColumn(title="变动", width=6, centred=True, colours=_MOVES),
        ListColumn(title="总分", look=Look.SCORE, width=7),
        ListColumn(title="原因", look=Look.PROSE, width=40, most=66),
        _remark(),
    )
    order = [Movement.DOWN, Movement.UP, Movement.NEW, Movement.SAME, None]
    places = {key: place for place, key in enumerate(shifts)}
    rows: list[tuple[Value, ...]] = [
        (
            *_customer(assessment),
            one_line(assessment.owner),
            one_line(assessment.previous_grade),
            assessment.grade,
            assessment.movement.value if assessment.movement else "",
            assessment.score.total,
            _why_moved(assessment, shifts.get(assessment.customer.customer_id)),
            None,
        )
        for assessment in sorted(
            moves,
            key=lambda assessment: (
                order.index(assessment.movement),
                places.get(assessment.customer.customer_id, len(places)),
                assessment.customer.customer_id,
            ),
        )
    ]
    rows += map(_departed_row, departed)
    note = (
        "等级和上期不同的客户，先降后升，影响（年消费 × 变动级数）大的在前，再是新评级，"
        "最后是转出（上期在册，本期的工作簿里没有）。签字在审核表。"
    )
    if new:
        note += f"新评级 {new} 家不列，见写回的工作簿“等级变动”一列。"
    return write_list(review, ListSheet("变动", note, columns, empty="本期没有等级变动。"), rows)


def _departed_row(one: Departed) -> tuple[Value, ...]:
    who = (one_line(one.customer_id), None, one_line(one.owner), one_line(one.past.grade), None)
    return (*who, Movement.GONE.value, None, f"{one.past.period} 在册，本期的工作簿里没有", None)


def _why_moved(entry: Assessment, shift: Shift | None) -> str:
    return prose("；".join(filter(None, (entry.change or entry.standing_note, shift.note if shift else ""))))


def write_alerts(review: Review, assessments: Iterable[Assessment]) -> str:
    """List every alert, the worst first; return the sheet's name."""
    columns = (
        ListColumn(title="级别", width=6, centred=True, colours=_LEVELS),
        ListColumn(title="预警", width=14, most=28),
        _ID,
        _NAME,
        ListColumn(title="等级", width=10, most=14),
        ListColumn(title="说明", look=Look.PROSE, width=24, most=40),
        ListColumn(title="该做什么", look=Look.PROSE, width=24, most=44),
        ListColumn(title="责任岗位", width=10, most=16),
        ListColumn(title="客户经理", width=9, most=14),
        ListColumn(title="期限", look=Look.DATE, width=12),
        ListColumn(title="处理", width=9, choices=STATES, fill_in=True),
        _remark("结果"),
    )
    alerts = sorted(
        ((alert, assessment) for assessment in assessments for alert in assessment.alerts),
        key=lambda pair: ("高中低".find(pair[0].level), pair[0].code, pair[1].customer.customer_id),
    )
    rows = [
        (
            alert.level,
            alert.code,
            *_customer(assessment),
            assessment.grade,
            prose(alert.note),
            one_line(alert.action),
            one_line(alert.owner),
            one_line(assessment.owner),
            alert.due,
            None,
            None,
        )
        for alert, assessment in alerts
    ]
    note = f"共 {len(rows)} 条，高在前。期限内处理完，并填处理和结果。"
    return write_list(review, ListSheet("预警", note, columns, fixed=4, empty="本期没有预警。"), rows)


def write_due(review: Review, assessments: Iterable[Assessment], figures: Figures) -> str:
    """List the follow-ups that are overdue or due by the horizon; return the sheet's name."""
    columns = (
        ListColumn(title="到期日", look=Look.DATE, width=12),
        ListColumn(title="逾期天数", look=Look.COUNT, width=8, late=True),
        _ID,
        _NAME,
        ListColumn(title="等级", width=10, most=14),
        ListColumn(title="跟进动作", width=11, most=18),
        ListColumn(title="内容或承诺", look=Look.PROSE, width=26, most=46),
        ListColumn(title="责任人", width=9, most=16),
        ListColumn(title="升级至", width=8, most=12),
        ListColumn(title="由来", look=Look.PROSE, width=22, most=36),
        ListColumn(title="完成情况", width=10, choices=OUTCOMES, fill_in=True),
        ListColumn(title="完成日期", look=Look.DATE, width=12, fill_in=True),
        _remark(),
    )
    due = sorted(
        (
            (item, assessment)
            for assessment in assessments
            for item in assessment.due
            if item.overdue_days or (item.due <= figures.horizon and not review.bounded)
        ),
        key=lambda pair: (pair[0].due, pair[1].customer.customer_id, pair[0].action),
    )
    rows: list[tuple[Value, ...]] = [
        (
            item.due,
            item.overdue_days or None,
            *_customer(assessment),
            assessment.grade,
            one_line(item.marked) + ("（预计）" if item.estimated else ""),
            prose(item.content),
            one_line(item.owner),
            one_line(item.escalated_to),
            prose(item.basis),
            None,
            None,
            None,
        )
        for item, assessment in due
    ]
    rows += _ended_rows(review, rows, {assessment.customer.customer_id: assessment for assessment in assessments})
    which = "已逾期" if review.bounded else f"已逾期和 {figures.horizon} 前到期"
    note = f"{which}的跟进，共 {len(rows)} 项。承诺的日期不移动；预计＝当年放假安排尚未公布。"
    return write_list(review, ListSheet("跟进计划", note, columns, fixed=4, empty="没有到期的跟进。"), rows)


def _ended_rows(
    review: Review, rows: Sequence[Sequence[Value]], by_id: Mapping[str, Assessment]
) -> Sequence[tuple[Value, ...]]:
    """List what was marked as done in this workbook before and is due no more: with what was filled in, it stays."""
    gate = review.gate
    listed = set(number_keys([hidden(row[at], gate) for at in (2, 0, 5, 6)] for row in rows))
    shown = {gate(customer_id): assessment for customer_id, assessment in by_id.items()}
    ended: list[tuple[Value, ...]] = []
    for row in review.filled_rows(DUE_LIST):
        customer_id, due, action, content, *_ = (*row.keys, "", "", "")
        assessment = shown.get(gate(customer_id))
        if tuple(map(gate, row.keys)) in listed or assessment is None or not due:
            continue
        grade, owner = assessment.grade, one_line(assessment.owner)
        day: Value = date.fromisoformat(due) if _is_day(due) else due
        ended.append((day, None, *_customer(assessment), grade, action, content, owner, None, _ENDED, None, None, None))
    return ended


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def write_sample(
    review: Review,
    sample: Sequence[ServiceRequest],
    assessments: Iterable[Assessment],
    figures: Figures,
    *,
    workbooks: Collection[str],
) -> str:
    """List the sampled service records with boxes to tick; return the sheet's name."""
    columns = (
        ListColumn(title="序", look=Look.COUNT, width=5, centred=True),
        _ID,
        _NAME,
        ListColumn(title="等级", width=10, most=14),
        ListColumn(title="请求时间", look=Look.TIME, width=17),
        ListColumn(title="首次响应", look=Look.TIME, width=17),
        ListColumn(title="解决时间", look=Look.TIME, width=17),
        ListColumn(title="满意度", look=Look.NUMBER, width=7),
        ListColumn(title="问题类别", look=Look.PROSE, width=11, most=22),
        ListColumn(title="原始记录", width=14, most=24),
        ListColumn(title="响应属实", width=9, choices=CHECKS, fill_in=True),
        ListColumn(title="解决属实", width=9, choices=CHECKS, fill_in=True),
        ListColumn(title="回访一致", width=9, choices=CHECKS, fill_in=True),
        ListColumn(title="结论", width=9, choices=VERDICTS, fill_in=True),
        ListColumn(title="核查人", width=9, fill_in=True),
        _remark(),
    )
    by_id = {assessment.customer.customer_id: assessment for assessment in assessments}
    rows = [
        _sample_row(number, request, by_id[request.customer_id], workbooks)
        for number, request in enumerate(sample, start=1)
    ]
    share, requests = f"{review.policy.report.sample_share:.0%}", figures.total.service.requests
    note = (
        f"从本期 {requests} 条服务记录中按期间抽取 {share}，共 {len(rows)} 条；同一期间重抽结果相同。"
        f"{CHECKS[0]}＝属实，{CHECKS[1]}＝不属实。"
    )
    return write_list(review, ListSheet("抽查清单", note, columns, fixed=3, empty="本期没有服务记录。"), rows)


def _sample_row(
    number: int, request: ServiceRequest, assessment: Assessment, workbooks: Collection[str]
) -> tuple[Value, ...]:
    return (
        number,
        *_customer(assessment),
        assessment.grade,
        request.requested_at,
        request.responded_at,
        request.resolved_at,
        request.satisfaction,
        prose(request.category),
        source_link(request.ref(), workbooks),
        *(CHECKS[-1],) * 3,
        None,
        None,
        None,
    )


def write_problems(review: Review, problems: Sequence[Problem], *, workbooks: Collection[str]) -> str:
    """List every problem of the data with a link to its cell; return the sheet's name."""
    columns = (
        ListColumn(title="级别", width=7, centred=True, colours=_SEVERITIES),
        ListColumn(title="工作簿", look=Look.PROSE, width=16, most=28),
        ListColumn(title="位置", width=14, most=30),
        ListColumn(title="问题", look=Look.PROSE, width=36, most=60),
        ListColumn(title="怎么改", look=Look.PROSE, width=30, most=56),
        ListColumn(title="种类", width=16, most=26),
        ListColumn(title="处理", width=10, choices=TREATMENTS, fill_in=True),
        _remark(),
    )
    order = list(Severity)
    rows: list[tuple[Value, ...]] = [
        (
            problem.severity.value,
            one_line(problem.ref.file),
            source_link(problem.ref, workbooks),
            prose(problem.what),
            prose(problem.fix),
            title_of(problem.kind),
            None,
            None,
        )
        for problem in sorted(
            problems, key=lambda problem: (order.index(problem.severity), problem.ref, problem.kind, problem.what)
        )
    ]
    note = f"共 {len(rows)} 处，错误在前，不随评审包打印。点位置打开 workbooks 里的副本；要改请改原工作簿，再运行一次。"
    return write_list(
        review, ListSheet("数据问题", note, columns, fixed=3, empty="没有发现问题。", printed=False), rows
    )


def group(assessments: Iterable[Assessment]) -> Mapping[str, list[Assessment]]:
    """Group customers by the value of their 等级. Pure."""
    groups: dict[str, list[Assessment]] = {}
    for assessment in assessments:
        groups.setdefault(assessment.grade, []).append(assessment)
    return groups


def moved(assessment: Assessment) -> bool:
    """Return whether a customer's grade is new or differs from the last period's. Pure."""
    return assessment.movement in _MOVED or (
        assessment.previous_grade is not None and assessment.previous_grade != assessment.grade
    )


def _customer(assessment: Assessment) -> tuple[Value, Value]:
    return one_line(assessment.customer.customer_id), one_line(assessment.customer.name)
