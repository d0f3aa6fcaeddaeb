"""Draws 总览's charts, each under what it comes to: tiers against their reference, spend, movements, owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlsxwriter.worksheet import Worksheet

from sheetcrm.excel.books.review_owners import OwnerSheet
from sheetcrm.excel.books.review_table import Look, Review, round_to
from sheetcrm.excel.books.theme import REQUIRED
from sheetcrm.model import Figures, GroupFigures, Movement
from sheetcrm.text.printable import one_line

HEIGHT = 214
_A_ROW = 2
_MOST_OWNERS = 10
_DARK: Mapping[str, object] = {"fill": {"color": f"#{REQUIRED}"}}
_LIGHT: Mapping[str, object] = {"fill": {"color": "#BDD7EE"}, "border": {"color": "#7F7F7F"}}
_HATCHED: Mapping[str, object] = {
    "pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#7F7F7F", "bg_color": "#FFFFFF"},
    "border": {"color": "#7F7F7F"},
}
_LABELS: Mapping[str, object] = {"data_labels": {"value": True, "num_format": "#,##0", "font": {"size": 8}}}


@dataclass(frozen=True, slots=True)
class CellRange:
    """Rows of a sheet that a chart draws: names in the first column, each series under its header. All 0-based."""

    sheet: str
    header: int
    first: int
    last: int

    def series(self, column: int, *looks: Mapping[str, object]) -> dict[str, object]:
        """Return a series of a column, for XlsxWriter."""
        drawn: dict[str, object] = {
            "name": [self.sheet, self.header, column],
            "categories": [self.sheet, self.first, 0, self.last, 0],
            "values": [self.sheet, self.first, column, self.last, column],
            "gap": 70,
        }
        for look in looks:
            drawn |= look
        return drawn


@dataclass(frozen=True, slots=True)
class _Chart:
    """A chart: its title is what it comes to, its description what it shows."""

    title: str
    description: str
    series: Sequence[dict[str, object]]


def draw(
    review: Review, sheet: Worksheet, figures: Figures, tiers: CellRange, owners: OwnerSheet, *, row: int, width: float
) -> int:
    """Draw the charts, two a line, from a row on and over so many pixels; return the row below.

    The first three draw the table of the tiers, the last the first lines of 按客户经理.
    """
    charts = (
        _Chart(
            _number_message(figures),
            "各等级的客户数和按参考占比应有的客户数",
            [tiers.series(1, _DARK, _LABELS), tiers.series(4, _HATCHED)],
        ),
        _Chart(_spend_message(figures), "各等级近12个月消费合计，单位万元", [tiers.series(5, _DARK, _LABELS)]),
        _Chart(
            _moves_message(figures),
            "各等级升入、降入和新评级的客户数",
            [tiers.series(8, _DARK), tiers.series(9, _HATCHED), tiers.series(10, _LIGHT)],
        ),
        _owners_chart(owners),
    )
    for number, one in enumerate(charts):
        chart: Any = review.book.add_chart({"type": "column"})
        for single in one.series:
            chart.add_series(single)
        title = review.gate(one.title)
        chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}, "overlay": False})
        chart.set_legend({"position": "bottom", "font": {"size": 9}, "none": len(one.series) == 1})
        chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}, "num_font": {"size": 8}})
        chart.set_x_axis({"num_font": {"size": 9}})
        chart.set_size({"width": width / _A_ROW - 6, "height": HEIGHT - 6})
        place = {"x_offset": number % _A_ROW * width / _A_ROW, "y_offset": number // _A_ROW * HEIGHT}
        sheet.insert_chart(row, 0, chart, {**place, "object_position": 2, "description": one.description})
    return row + -(-len(charts) // _A_ROW) * HEIGHT // _PIXELS_A_ROW + 2


_PIXELS_A_ROW = 20


def _owners_chart(owners: OwnerSheet) -> _Chart:
    """Draw who has follow-ups overdue and coming: the first managers of the list."""
    shown = owners.lines[:_MOST_OWNERS]
    lines = CellRange(owners.name, owners.header, owners.header + 1, owners.header + len(shown))
    which = f"，逾期最多的 {len(shown)} 人" if len(owners.lines) > len(shown) else ""
    return _Chart(
        _owners_message(owners),
        f"各客户经理的逾期跟进和下期到期的跟进{which}",
        [lines.series(owners.overdue, _DARK, _LABELS), lines.series(owners.due, _HATCHED)],
    )


def _owners_message(owners: OwnerSheet) -> str:
    """Say who has most follow-ups overdue, and what part of all."""
    overdue = sum(line.overdue for line in owners.lines)
    if not overdue:
        return "没有逾期跟进"
    first = owners.lines[0]
    if len(owners.lines) == 1:
        return f"{first.owner}有{first.overdue}项逾期跟进"
    return f"{first.owner}的逾期跟进最多：{first.overdue}项，占{Decimal(first.overdue) / overdue:.1%}"


def _number_message(figures: Figures) -> str:
    """Say which tier's number is furthest from its reference."""
    expected = [
        (group, group.customers - group.reference_share * figures.total.share.total)
        for group in figures.tiers
        if group.reference_share is not None
    ]
    group, more = max(expected, key=lambda entry: abs(entry[1]), default=(None, Decimal(0)))
    number = round_to(abs(more), Look.COUNT)
    if group is None or not number:
        return "各等级客户数与参考相同"
    return f"{one_line(group.name)}比参考{'多' if more > 0 else '少'}{number}家"


def _spend_message(figures: Figures) -> str:
    """Say which tier brings most of the spend."""
    shares = [(group.spend_share, group) for group in figures.tiers if group.spend_share is not None]
    if not shares:
        return "各等级近12个月消费（万元）"
    share, group = max(shares, key=lambda entry: entry[0])
    return f"{one_line(group.name)}带来{share:.1%}的近12个月消费（万元）"


def _moves_message(figures: Figures) -> str:
    """Say how many moved, and whence the last period's tiers come where no history gave them."""
    up, down, new = (_moves(figures.total, kind) for kind in (Movement.UP, Movement.DOWN, Movement.NEW))
    return f"升{up}家，降{down}家，新评{new}家" + (f"（{figures.backwards}）" if figures.backwards else "")


def _moves(group: GroupFigures, movement: Movement) -> int:
    return group.movements.get(movement, 0)
