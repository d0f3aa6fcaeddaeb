"""Writes what is to be done: 预警 and 跟进计划."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sheetcrm.excel.books.review_columns import (
    AMBER,
    GREY,
    ID,
    NAME,
    RED,
    STATES,
    customer_cells,
    remark,
)
from sheetcrm.excel.books.review_list import hidden, write_list
from sheetcrm.excel.books.review_table import (
    ListColumn,
    ListSheet,
    Look,
    Review,
    Value,
    prose,
)
from sheetcrm.model import Assessment, Figures
from sheetcrm.model.review import DUE_LIST, OUTCOMES, number_keys
from sheetcrm.text.printable import one_line

_ENDED = "已不在计划里，保留所填"
_LEVELS = {"高": RED, "中": AMBER, "低": GREY}


def write_alerts(review: Review, assessments: Iterable[Assessment]) -> str:
    """List every alert, the worst first; return the sheet's name."""
    columns = (
        ListColumn(title="级别", width=6, centred=True, colours=_LEVELS),
        ListColumn(title="预警", width=14, most=28),
        ID,
        NAME,
        ListColumn(title="等级", width=10, most=14),
        ListColumn(title="说明", look=Look.PROSE, width=24, most=40),
        ListColumn(title="该做什么", look=Look.PROSE, width=24, most=44),
        ListColumn(title="责任岗位", width=10, most=16),
        ListColumn(title="客户经理", width=9, most=14),
        ListColumn(title="期限", look=Look.DATE, width=12),
        ListColumn(title="处理", width=9, choices=STATES, fill_in=True),
        remark("结果"),
    )
    alerts = sorted(
        ((alert, assessment) for assessment in assessments for alert in assessment.alerts),
        key=lambda pair: ("高中低".find(pair[0].level), pair[0].code, pair[1].customer.customer_id),
    )
    rows = [
        (
            alert.level,
            alert.code,
            *customer_cells(assessment),
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
        ID,
        NAME,
        ListColumn(title="等级", width=10, most=14),
        ListColumn(title="跟进动作", width=11, most=18),
        ListColumn(title="内容或承诺", look=Look.PROSE, width=26, most=46),
        ListColumn(title="责任人", width=9, most=16),
        ListColumn(title="升级至", width=8, most=12),
        ListColumn(title="由来", look=Look.PROSE, width=22, most=36),
        ListColumn(title="完成情况", width=10, choices=OUTCOMES, fill_in=True),
        ListColumn(title="完成日期", look=Look.DATE, width=12, fill_in=True),
        remark(),
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
            *customer_cells(assessment),
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
        ended.append(
            (day, None, *customer_cells(assessment), grade, action, content, owner, None, _ENDED, None, None, None)
        )
    return ended


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
