"""Writes 总览: the review workbook's first page, with the tiers' figures, charts and signature boxes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xlsxwriter.worksheet import Worksheet

from sheetcrm.excel.books import review_charts
from sheetcrm.excel.books.review_charts import CellRange
from sheetcrm.excel.books.review_owners import OwnerSheet
from sheetcrm.excel.books.review_table import (
    FILL_IN,
    LINK,
    Link,
    ListColumn,
    Look,
    Review,
    Value,
    colour,
    header,
    put,
    round_to,
    sheet_link,
)
from sheetcrm.excel.books.theme import BOX, REQUIRED
from sheetcrm.model import Figures, GroupFigures, Movement
from sheetcrm.model.review import (
    OVERVIEW,
    PERIOD_LABEL,
    REVIEW_TITLE,
    RUN_LABEL,
    SIGN_LABEL,
    SIGNERS,
    UNSIGNED,
    VERDICT,
    VERDICT_LABEL,
)
from sheetcrm.text.printable import one_line

_WIDTHS = (14, 9, 9, 9, 10, 14, 10, 9, 8, 8, 8, 8, 9, 11)
_TABLE_ROW = 9
_PIXELS = 7.46
_IN_WAN, _SECOND = '#,##0.0"万元"', '"/ "#,##0'
"""The formats of money in 万元, and of the second of two figures under one label."""
_VERDICTS = ("同意发布", "修改后发布", "退回重评")
_COLUMNS = (
    ListColumn(title="等级", width=14),
    ListColumn(title="客户数", look=Look.COUNT),
    ListColumn(title="占比", look=Look.SHARE),
    ListColumn(title="参考占比", look=Look.SHARE),
    ListColumn(title="参考客户数", look=Look.SCORE),
    ListColumn(title="近12个月消费（万元）", look=Look.SCORE),
    ListColumn(title="消费占比", look=Look.SHARE),
    ListColumn(title="平均总分", look=Look.SCORE),
    ListColumn(title="升入", look=Look.COUNT),
    ListColumn(title="降入", look=Look.COUNT),
    ListColumn(title="新评", look=Look.COUNT),
    ListColumn(title="逾期", look=Look.COUNT, late=True),
    ListColumn(title="下期到期", look=Look.COUNT),
    ListColumn(title="等级待审核", look=Look.COUNT),
)


def write_overview(
    review: Review,
    sheet: Worksheet,
    figures: Figures,
    *,
    unit: str,
    sheets: Mapping[str, str],
    counts: Mapping[str, str],
    owners: OwnerSheet,
) -> None:
    """Write the overview.

    Args:
        review: The workbook.
        sheet: Its first sheet.
        figures: The figures of all groups.
        unit: The organisation on the covers; may be blank.
        sheets: The name of each group's sheet, by the group's name.
        counts: The size of each other sheet, by its name.
        owners: Where the account managers stand.
    """
    sheet.hide_gridlines(2)
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 34)
    sheet.write_string(0, 0, REVIEW_TITLE, review.style(bold=True, font_size=18, font_color=REQUIRED))
    mark = review.style(font_color="8C8C8C", font_size=9)
    for at, text in enumerate((PERIOD_LABEL, figures.period.label, RUN_LABEL, review.run_id), start=len(_WIDTHS) - 4):
        sheet.write_string(0, at, text, mark)
    policy = review.policy
    subtitle = "　".join(
        part
        for part in (
            unit,
            f"期间 {figures.period.label}",
            f"数据截止 {figures.as_of}",
            f"策略 {policy.name} {policy.version}",
            f"评分卡 {policy.card.name}",
            f"校验号 {review.run_id}",
            review.secrecy,
        )
        if part
    )
    sheet.write_string(1, 0, subtitle, review.style(font_color="595959"))
    if review.elsewhere:
        sheet.write_string(2, 0, review.elsewhere, review.style(font_color="595959", font_size=9))
    _summary(review, sheet, figures)
    _contents(review, sheet, counts)
    groups = _table(review, sheet, figures, sheets)
    bottom = _TABLE_ROW + groups + 3
    if figures.total.customers:
        tiers = CellRange(sheet.get_name(), _TABLE_ROW, _TABLE_ROW + 1, _TABLE_ROW + len(figures.tiers))
        bottom = review_charts.draw(review, sheet, figures, tiers, owners, row=bottom, width=sum(_WIDTHS) * _PIXELS)
    last = _sign(review, sheet, bottom)
    sheet.print_area(0, 0, last, len(_WIDTHS) - 1)
    sheet.set_tab_color(f"#{REQUIRED}")
    sheet.freeze_panes(2, 1)
    review.print_setup(sheet, pages_high=1)


def _summary(review: Review, sheet: Worksheet, figures: Figures) -> None:
    """Write the key figures, each under its label: numbers, which formulas of people's own may take."""
    total = figures.total
    spend = total.spend_12m.sum / 10_000 if total.spend_12m.n else "无数据"
    key_figures: tuple[tuple[str, Value, Value], ...] = (
        ("客户总数", total.customers, None),
        ("已评级", total.share.total, None),
        ("近12个月消费", spend, None),
        (
            "升 / 降（回溯）" if figures.backwards else "升 / 降",
            _moves(total, Movement.UP),
            _moves(total, Movement.DOWN),
        ),
        ("逾期 / 下期到期", total.overdue, total.due),
        ("等级待审核", total.awaiting_audit, None),
        ("人工调整", total.overridden, None),
    )
    sheet.set_row(3, 18)
    sheet.set_row(4, 28)
    for number, (label, value, second) in enumerate(key_figures):
        if second is None:  # a number too wide for its cell is not shown at all
            box = review.style(bottom=1, left=1, right=1, border_color="D0D7DE", bg_color="F7F9FC")
            sheet.merge_range(4, 2 * number, 4, 2 * number + 1, "", box)
        for side, shown in enumerate((value, second)):
            at = 2 * number + side
            edge = {"left": 1 - side, "right": side, "border_color": "D0D7DE", "bg_color": "F7F9FC"}
            small = review.style(font_color="595959", font_size=9, top=1, **edge)
            sheet.write(3, at, None if side else label, small)
            look = _SECOND if side else _IN_WAN if isinstance(shown, Decimal) else "#,##0"
            big = review.style(bold=True, font_size=15, bottom=1, align="left", num_format=look, **edge)
            rounded = round_to(shown, Look.SCORE) if isinstance(shown, Decimal) else shown
            if not side or second is not None:
                _put_bold(sheet, 4, at, rounded, big)


def _contents(review: Review, sheet: Worksheet, counts: Mapping[str, str]) -> None:
    """Write links to the other sheets, two columns each, on the three rows above the table."""
    across = max(len(_WIDTHS) // 2, -(-len(counts) // 3))
    for number, (name, count) in enumerate(counts.items()):
        row, at = 6 + number // across, 2 * (number % across)
        sheet.set_row(row, 20)
        sheet.write_url(row, at, sheet_link(name), review.style(**LINK), f"{name}（{count}）")


def _table(review: Review, sheet: Worksheet, figures: Figures, sheets: Mapping[str, str]) -> int:
    """Write the tiers' figures; return the number of rows below the header."""
    sheet.set_row(_TABLE_ROW, 36)
    for at, column in enumerate(_COLUMNS):
        sheet.write_string(_TABLE_ROW, at, column.title, header(review, column))
    groups = (*figures.tiers, figures.incomplete, figures.unsold, figures.total)
    for row, group in enumerate(groups, start=_TABLE_ROW + 1):
        sheet.set_row(row, 19)
        for at, (column, value) in enumerate(zip(_COLUMNS, _group_row(group, figures, sheets), strict=True)):
            if group is figures.total:
                look = review.style(**BOX | {"top": 2}, bold=True, num_format=column.look.value)
                _put_bold(sheet, row, at, _rounded(value, column), look)
            else:
                put(review, sheet, row, at, _rounded(value, column), column)
    tiers = {tier.name: tier.colour for tier in review.policy.tiers}
    colour(review, sheet, tiers, (_TABLE_ROW + 1, 0, _TABLE_ROW + len(figures.tiers), 0))
    return len(groups)


def _rounded(value: Value, column: ListColumn) -> Value:
    return round_to(value, column.look) if isinstance(value, Decimal) else value


def _put_bold(sheet: Worksheet, row: int, at: int, value: Value, look: Any) -> None:  # noqa: ANN401  (XlsxWriter's format)
    if isinstance(value, Decimal | int):
        sheet.write_number(row, at, float(value), look)
    elif isinstance(value, str):
        sheet.write_string(row, at, value, look)
    else:
        sheet.write_blank(row, at, None, look)


def _group_row(group: GroupFigures, figures: Figures, sheets: Mapping[str, str]) -> tuple[Value, ...]:
    graded = group.reference_share is not None or group is figures.total
    expected = None if group.reference_share is None else group.reference_share * figures.total.share.total
    name: Value = one_line(group.name)
    if group.name in sheets:
        name = Link(sheet_link(sheets[group.name]), one_line(group.name))
    return (
        name,
        group.customers,
        group.share.value if graded else None,
        group.reference_share,
        expected,
        group.spend_12m.sum / 10_000 if group.spend_12m.n else "无数据" if group.customers else Decimal(0),
        group.spend_share,
        group.score.value,
        _moves(group, Movement.UP) if graded else None,
        _moves(group, Movement.DOWN) if graded else None,
        _moves(group, Movement.NEW) if graded else None,
        group.overdue,
        group.due,
        group.awaiting_audit,
    )


def _sign(review: Review, sheet: Worksheet, row: int) -> int:
    """Draw the signature boxes; return the last row."""
    sheet.set_row(row, 22)
    sheet.write_string(row, 0, VERDICT_LABEL, review.style(bold=True))
    box = review.style(**BOX, bg_color=FILL_IN, align="center")
    sheet.merge_range(row, 1, row, 3, review.take_filled(OVERVIEW, (VERDICT_LABEL,)).get(VERDICT, ""), box)
    sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": list(_VERDICTS)})
    sheet.write_string(row, 4, "（请从下拉选项里选）", review.style(font_color="595959", font_size=9))
    top = row + 1
    sheet.set_row(top, 20)
    sheet.set_row(top + 1, 40)
    for number, signer in enumerate(SIGNERS):
        first = number * 3
        until = first + 2 if number < len(SIGNERS) - 1 else len(_WIDTHS) - 1
        sheet.merge_range(top, first, top, until, signer, review.style(border=1, align="center", bold=True))
        sign = review.take_filled(OVERVIEW, (signer,)).get(SIGN_LABEL, UNSIGNED)
        sheet.merge_range(top + 1, first, top + 1, until, sign, review.style(border=1, valign="bottom", font_size=9))
    return top + 1


def _moves(group: GroupFigures, movement: Movement) -> int:
    return group.movements.get(movement, 0)
