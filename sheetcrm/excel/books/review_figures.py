"""Writes 指标: every figure of the execution report as a row, with its counts and source (practice §10)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm.excel.books.review_list import write_list
from sheetcrm.excel.books.review_table import ListColumn, ListSheet, Look, Review, Value
from sheetcrm.model import FIGURES, Figure, Figures
from sheetcrm.text.printable import one_line

TITLE = "指标"

_UNITS: Mapping[str, tuple[str, int, int]] = {
    "share": ("%", 100, 1),
    "change": ("%", 100, 1),
    "points": ("分", 1, 1),
    "money": ("元", 1, 0),
    "hours": ("小时", 1, 1),
    "times": ("次", 1, 2),
    "multiple": ("倍", 1, 1),
    "count": ("个", 1, 0),
}
"""By a figure's unit: the printed unit, the factor of a value, and its decimals."""
_ATTAINMENT = {True: "达标", False: "未达标", None: None}


def write_figures(review: Review, figures: Figures) -> str:
    """List every figure, by tier and in total; return the sheet's name. A figure without a source is 无数据."""
    columns = (
        ListColumn(title="指标", width=18, most=22),
        ListColumn(title="单位", width=6, centred=True),
        ListColumn(title="合计", look=Look.NUMBER, width=10, right=True),
        ListColumn(title="计入数", look=Look.COUNT, width=8),
        ListColumn(title="总数", look=Look.COUNT, width=8),
        ListColumn(title="上期", look=Look.NUMBER, width=9, right=True),
        ListColumn(title="目标", look=Look.NUMBER, width=8, right=True),
        ListColumn(title="达成", width=9, centred=True, colours={"未达标": "FFC7CE", "达标": "C6EFCE"}),
        *(ListColumn(title=one_line(group.name), look=Look.NUMBER, width=10, right=True) for group in figures.tiers),
        ListColumn(title="怎么算", look=Look.PROSE, width=36, most=60),
        ListColumn(title="来源", width=14, most=20),
    )
    rows = [_row(key, figures) for key in FIGURES]
    note = "和执行报告的数字相同；上期、目标和达成按合计。没有来源的写“无数据”，不按 0 处理。"
    if figures.backwards:
        note += f"没有上期的记录：上期、留存率、高价值留存率和流失挽回率{figures.backwards}。"
    return write_list(review, ListSheet(TITLE, note, columns, fixed=1, empty="本期没有。"), rows)


def _row(key: str, figures: Figures) -> tuple[Value, ...]:
    total = figures.total.figures[key]
    kind = total.kind
    goal = total.goal
    return (
        kind.label,
        _UNITS[kind.unit][0],
        _value(total),
        total.n if total.total else None,
        total.total or None,
        None if total.previous is None else _rounded(total.previous, kind.unit),
        None if goal is None else _rounded(goal.edge, kind.unit),
        _ATTAINMENT[total.met],
        *(_value(group.figures[key]) for group in figures.tiers),
        kind.how,
        kind.source,
    )


def _value(figure: Figure) -> Value:
    return figure.absent if figure.value is None else _rounded(figure.value, figure.kind.unit)


def _rounded(value: Decimal, unit: str) -> Decimal:
    """Round a value as the execution report does; a share below 1 is never shown as 100 %."""
    _, factor, places = _UNITS[unit]
    rounded = (value * factor).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if unit == "share" and rounded == factor and value < 1:
        rounded -= Decimal(1).scaleb(-places)
    return rounded
