"""The review workbook's lists: a sheet a tier, movements, alerts, what is due, the sample, the problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sheetcrm.excel.books.review_table import Column, Look, Review, Value, prose, source_link, spoken, write_list
from sheetcrm.model import Assessment, Figures, Movement, Problem, ServiceRequest, Severity
from sheetcrm.policy.model import Tier
from sheetcrm.problems import title_of

OPINIONS = ("同意", "不同意", "待核实")
STATES = ("未处理", "处理中", "已完成")
RESULTS = ("已完成", "改期", "取消")
CHECKS = ("☑", "☒", "□")
VERDICTS = ("通过", "不通过", "待核实")
TREATMENTS = ("已改正", "确认无误", "待处理")

_RED, _AMBER, _GREEN, _GREY = "F4B6B6", "FCE4A8", "C9E7C4", "E4E4E4"
_HEALTH = {"红": _RED, "黄": _AMBER, "绿": _GREEN, "无数据": _GREY}
_LEVELS = {"高": _RED, "中": _AMBER, "低": _GREY}
_SEVERITIES = {Severity.ERROR.value: _RED, Severity.WARNING.value: _AMBER, Severity.NOTE.value: _GREY}
_MOVES = {Movement.UP.value: _GREEN, Movement.DOWN.value: _RED, Movement.NEW.value: "CFE3F5"}
_ID = Column(title="客户编号", width=11, most=20)
_NAME = Column(title="客户名称", width=18, most=30)
_OWNER = Column(title="客户经理", width=9, most=14)


def write_tier(review: Review, tier: Tier, members: Sequence[Assessment]) -> str:
    """List a tier's customers, the best first; gives the sheet's name."""
    columns = (
        _ID,
        _NAME,
        _OWNER,
        Column(title="总分", look=Look.SCORE, width=8, bar="9DC3E6"),
        Column(title="近12个月消费（元）", look=Look.MONEY, width=12),
        Column(title="距最近消费（天）", look=Look.COUNT, width=9),
        Column(title="变动", width=6, centred=True, colours=_MOVES),
        Column(title="上期等级", width=10, most=14),
        Column(title="健康度", width=7, centred=True, colours=_HEALTH),
        Column(title="风险", width=6, centred=True),
        Column(title="预警数", look=Look.COUNT, width=7, late=True),
        Column(title="客户标签", look=Look.PROSE, width=16, most=36),
        Column(title="下次跟进", look=Look.DATE, width=12),
        Column(title="逾期天数", look=Look.COUNT, width=8, late=True),
        Column(title="标记", width=8, most=14),
        _opinion(),
        _remark(),
    )
    ordered = sorted(members, key=lambda entry: (-(entry.score.total or Decimal(0)), entry.customer.customer_id))
    rows = [_tier_row(entry) for entry in ordered]
    note = (
        f"本期 {len(members)} 位，按总分从高到低。标记：审＝等级待审核，调＝人工调整，旧＝所用资料早于本期。"
        "审核意见请从下拉选项里选。"
    )
    return write_list(review, tier.name, note, columns, rows, colour=tier.colour, empty=f"本期没有{tier.name}。")


def _tier_row(entry: Assessment) -> tuple[Value, ...]:
    first = entry.due[0] if entry.due else None
    marks = ("审" if entry.awaiting_audit else "", "调" if entry.override else "", "旧" if entry.outdated else "")
    return (
        *_who(entry),
        spoken(entry.owner),
        entry.score.total,
        entry.measures.spend_12m,
        entry.measures.recency_days,
        entry.movement.value if entry.movement else "",
        spoken(entry.previous_grade),
        entry.health.colour,
        entry.risk,
        len(entry.alerts),
        spoken(entry.tags),
        first.due if first else None,
        (first.overdue_days or None) if first else None,
        "、".join(mark for mark in marks if mark),
        None,
        None,
    )


def write_ungraded(review: Review, members: Sequence[Assessment]) -> str:
    """List those who carry no tier, and why; gives the sheet's name."""
    columns = (
        _ID,
        _NAME,
        _OWNER,
        Column(title="状态", width=11, most=14),
        Column(title="上期等级", width=10, most=14),
        Column(title="原因", look=Look.PROSE, width=40, most=64),
        Column(title="下次跟进", look=Look.DATE, width=12),
        Column(title="跟进动作", width=10, most=16),
        Column(title="处理", width=9, choices=STATES, fill_in=True),
        _remark(),
    )
    rows = [
        (
            *_who(entry),
            spoken(entry.owner),
            entry.grade,
            spoken(entry.previous_grade),
            prose(entry.explanation),
            entry.due[0].due if entry.due else None,
            spoken(entry.due[0].action) if entry.due else None,
            None,
            None,
        )
        for entry in sorted(members, key=lambda entry: (entry.grade, entry.customer.customer_id))
    ]
    note = "没有等级的客户：待补充资料的请补齐原因里说的单元格；未成交的不评分，按跟进动作推动首单。"
    return write_list(review, "未评级", note, columns, rows, empty="本期没有未评级的客户。")


def write_moves(review: Review, assessments: Iterable[Assessment]) -> str:
    """List every customer whose grade is not the last period's; gives the sheet's name."""
    tiers = {tier.name: tier.colour for tier in review.policy.tiers}
    columns = (
        _ID,
        _NAME,
        _OWNER,
        Column(title="上期等级", width=11, most=14, colours=tiers),
        Column(title="本期等级", width=11, most=14, colours=tiers),
        Column(title="变动", width=6, centred=True, colours=_MOVES),
        Column(title="总分", look=Look.SCORE, width=7),
        Column(title="原因", look=Look.PROSE, width=40, most=66),
        _opinion(),
        Column(title="审核人", width=9, fill_in=True),
        _remark(),
    )
    order = [Movement.DOWN, Movement.UP, Movement.NEW, Movement.SAME, None]
    rows = [
        (
            *_who(entry),
            spoken(entry.owner),
            spoken(entry.previous_grade),
            entry.grade,
            entry.movement.value if entry.movement else "",
            entry.score.total,
            prose(entry.change or entry.explanation),
            None,
            None,
            None,
        )
        for entry in sorted(
            filter(moved, assessments), key=lambda entry: (order.index(entry.movement), entry.customer.customer_id)
        )
    ]
    note = "等级和上期不同的客户，先降后升，再是新评级和转出。请逐条填审核意见。"
    return write_list(review, "变动", note, columns, rows, empty="本期没有等级变动。")


def write_alerts(review: Review, assessments: Iterable[Assessment]) -> str:
    """List every alert, the worst first; gives the sheet's name."""
    columns = (
        Column(title="级别", width=6, centred=True, colours=_LEVELS),
        Column(title="预警", width=14, most=28),
        _ID,
        _NAME,
        Column(title="等级", width=10, most=14),
        Column(title="说明", look=Look.PROSE, width=24, most=40),
        Column(title="该做什么", look=Look.PROSE, width=24, most=44),
        Column(title="责任角色", width=10, most=16),
        Column(title="客户经理", width=9, most=14),
        Column(title="期限", look=Look.DATE, width=12),
        Column(title="处理", width=9, choices=STATES, fill_in=True),
        _remark("结果"),
    )
    found = sorted(
        ((alert, entry) for entry in assessments for alert in entry.alerts),
        key=lambda pair: ("高中低".find(pair[0].level), pair[0].code, pair[1].customer.customer_id),
    )
    rows = [
        (
            alert.level,
            alert.code,
            *_who(entry),
            entry.grade,
            prose(alert.note),
            spoken(alert.action),
            spoken(alert.owner),
            spoken(entry.owner),
            alert.due,
            None,
            None,
        )
        for alert, entry in found
    ]
    note = f"共 {len(rows)} 条，高在前。期限内处理完，并填处理和结果。"
    return write_list(review, "预警", note, columns, rows, fixed=4, empty="本期没有预警。")


def write_due(review: Review, assessments: Iterable[Assessment], figures: Figures) -> str:
    """List what is overdue, and what comes due by the horizon; gives the sheet's name."""
    columns = (
        Column(title="到期日", look=Look.DATE, width=12),
        Column(title="逾期天数", look=Look.COUNT, width=8, late=True),
        _ID,
        _NAME,
        Column(title="等级", width=10, most=14),
        Column(title="跟进动作", width=11, most=18),
        Column(title="内容或承诺", look=Look.PROSE, width=26, most=46),
        Column(title="责任人", width=9, most=16),
        Column(title="升级至", width=8, most=12),
        Column(title="由来", look=Look.PROSE, width=22, most=36),
        Column(title="完成情况", width=10, choices=RESULTS, fill_in=True),
        Column(title="完成日期", look=Look.DATE, width=12, fill_in=True),
        _remark(),
    )
    found = sorted(
        (
            (item, entry)
            for entry in assessments
            for item in entry.due
            if item.overdue_days or item.due <= figures.horizon
        ),
        key=lambda pair: (pair[0].due, pair[1].customer.customer_id, pair[0].action),
    )
    rows = [
        (
            item.due,
            item.overdue_days or None,
            *_who(entry),
            entry.grade,
            spoken(item.action) + ("（预计）" if item.estimated else ""),
            prose(item.content),
            spoken(item.owner),
            spoken(item.escalated_to),
            prose(item.basis),
            None,
            None,
            None,
        )
        for item, entry in found
    ]
    note = f"已逾期和 {figures.horizon} 前到期的跟进，共 {len(rows)} 项。承诺的日期不移动；预计＝当年放假安排尚未公布。"
    return write_list(review, "跟进计划", note, columns, rows, fixed=4, empty="没有到期的跟进。")


def write_sample(
    review: Review,
    sample: Sequence[ServiceRequest],
    assessments: Iterable[Assessment],
    figures: Figures,
    *,
    workbooks: frozenset[str],
) -> str:
    """List the drawn service records with boxes to tick; gives the sheet's name."""
    columns = (
        Column(title="序", look=Look.COUNT, width=5, centred=True),
        _ID,
        _NAME,
        Column(title="等级", width=10, most=14),
        Column(title="请求时间", look=Look.TIME, width=17),
        Column(title="首次响应", look=Look.TIME, width=17),
        Column(title="解决时间", look=Look.TIME, width=17),
        Column(title="满意度", look=Look.NUMBER, width=7),
        Column(title="问题类别", look=Look.PROSE, width=11, most=22),
        Column(title="原始记录", width=14, most=24),
        Column(title="响应属实", width=9, choices=CHECKS, fill_in=True),
        Column(title="解决属实", width=9, choices=CHECKS, fill_in=True),
        Column(title="回访一致", width=9, choices=CHECKS, fill_in=True),
        Column(title="结论", width=9, choices=VERDICTS, fill_in=True),
        Column(title="核查人", width=9, fill_in=True),
        _remark(),
    )
    by_id = {entry.customer.customer_id: entry for entry in assessments}
    rows = [
        _sample_row(number, entry, by_id[entry.customer_id], workbooks) for number, entry in enumerate(sample, start=1)
    ]
    share, made = f"{review.policy.report.sample_share:.0%}", figures.total.service.requests
    note = (
        f"从本期 {made} 条服务记录中按期间抽取 {share}，共 {len(rows)} 条；同一期间重抽结果相同。"
        f"{CHECKS[0]}＝属实，{CHECKS[1]}＝不属实。"
    )
    return write_list(review, "抽查清单", note, columns, rows, fixed=3, empty="本期没有服务记录。")


def _sample_row(number: int, entry: ServiceRequest, found: Assessment, workbooks: frozenset[str]) -> tuple[Value, ...]:
    return (
        number,
        *_who(found),
        found.grade,
        entry.requested_at,
        entry.responded_at,
        entry.resolved_at,
        entry.satisfaction,
        prose(entry.category),
        source_link(entry.ref(), workbooks),
        *(CHECKS[-1],) * 3,
        None,
        None,
        None,
    )


def write_problems(review: Review, problems: Sequence[Problem], *, workbooks: frozenset[str]) -> str:
    """List every problem of the data, each leading to its cell; gives the sheet's name."""
    columns = (
        Column(title="级别", width=7, centred=True, colours=_SEVERITIES),
        Column(title="工作簿", look=Look.PROSE, width=16, most=28),
        Column(title="位置", width=14, most=30),
        Column(title="问题", look=Look.PROSE, width=36, most=60),
        Column(title="怎么改", look=Look.PROSE, width=30, most=56),
        Column(title="种类", width=16, most=26),
        Column(title="处理", width=10, choices=TREATMENTS, fill_in=True),
        _remark(),
    )
    order = list(Severity)
    rows: list[tuple[Value, ...]] = [
        (
            entry.severity.value,
            spoken(entry.ref.file),
            source_link(entry.ref, workbooks),
            prose(entry.what),
            prose(entry.fix),
            title_of(entry.kind),
            None,
            None,
        )
        for entry in sorted(
            problems, key=lambda entry: (order.index(entry.severity), entry.ref, entry.kind, entry.what)
        )
    ]
    note = f"共 {len(rows)} 处，错误在前。点位置打开 workbooks 里的副本；要改请改原工作簿，再运行一次。"
    return write_list(review, "数据问题", note, columns, rows, fixed=3, empty="没有发现问题。")


def group(assessments: Iterable[Assessment]) -> Mapping[str, list[Assessment]]:
    """Sort customers by what their 等级 shows. Pure."""
    found: dict[str, list[Assessment]] = {}
    for entry in assessments:
        found.setdefault(entry.grade, []).append(entry)
    return found


def moved(entry: Assessment) -> bool:
    """Tell whether a customer's grade is not the last period's, or its first. Pure."""
    return entry.movement in {Movement.UP, Movement.DOWN, Movement.NEW} or (
        entry.previous_grade is not None and entry.previous_grade != entry.grade
    )


def _who(entry: Assessment) -> tuple[Value, Value]:
    return spoken(entry.customer.customer_id), spoken(entry.customer.name)


def _opinion() -> Column:
    return Column(title="审核意见", width=10, choices=OPINIONS, fill_in=True)


def _remark(title: str = "备注") -> Column:
    return Column(title=title, width=12, fill_in=True)
