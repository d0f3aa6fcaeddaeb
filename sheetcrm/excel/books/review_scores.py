"""Writes 评分明细: every contribution to every score, and the totals as formulas.

Points are in adjacent columns, with their weights in a row above them, so that Excel computes the score
itself: Σ weight x points ÷ Σ weight of the known points, rounded half-up to one decimal (practice §4.1).
It rounds to nine decimals first: binary fractions would put 74.95 below its edge otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from sheetcrm.excel.books.review_table import (
    FILL_IN,
    MOST_ROWS,
    NOTE_ROW,
    ListColumn,
    Look,
    Review,
    colour,
    head,
    header,
    put,
)
from sheetcrm.excel.books.theme import BOX, REQUIRED, text_width
from sheetcrm.model import Assessment, Contribution, Source
from sheetcrm.policy.model import BY_SCORE, Policy
from sheetcrm.text.printable import one_line

TITLE = "评分明细"
WEIGHTS_ROW, HEADER_ROW = 2, 3

_NAMES = ("客户编号", "客户名称", "等级", "公布总分", "复算总分", "核对", "按分定级", "已知权重")
_PUBLISHED, _TOTAL, _CHECK, _TIER, _KNOWN = 3, 4, 5, 6, 7
_FIRST = len(_NAMES)
_NARROW = 8.5
_NO_SCORE = "不评分"
_AGREES, _DIFFERS = "一致", "不一致"


def write_scores(review: Review, assessments: Sequence[Assessment]) -> str:
    """Write the sheet and return its name. Customers without a total have points, and 不评分 for the total."""
    policy = review.policy
    indicators = policy.card.indicators
    count = len(indicators)
    sheet = review.add_sheet(TITLE)
    rows = sorted(assessments, key=lambda assessment: assessment.customer.customer_id)[:MOST_ROWS]
    note = (
        f"评分卡“{policy.card.name}”：总分 ＝ Σ（权重×得分）÷ Σ 已知权重，四舍五入到一位小数。"
        "黄色的权重可以试改，复算总分和按分定级随之变化，公布总分不变。不随评审包打印。"
    )
    head(review, sheet, TITLE, note)
    sheet.set_row(WEIGHTS_ROW, 20)
    sheet.write_string(WEIGHTS_ROW, _FIRST - 1, "权重", review.style(bold=True, align="right"))
    weight_look = review.style(**BOX, num_format="0.##", align="center", bg_color=FILL_IN)
    for at, indicator in enumerate(indicators):
        sheet.write_number(WEIGHTS_ROW, _FIRST + at, float(indicator.weight), weight_look)
    titles = [
        *_NAMES,
        *(f"{indicator.label}\n{part}" for part in ("得分", "贡献", "数值") for indicator in indicators),
    ]
    for at, title in enumerate(titles):
        sheet.write_string(HEADER_ROW, at, title, header(review, ListColumn(title=title)))
    longest = max(text_width(indicator.label) for indicator in indicators)
    sheet.set_row(HEADER_ROW, 8 + 15 * (2 + longest // 9))
    _widths(sheet, rows, count)
    for row, assessment in enumerate(rows, start=HEADER_ROW + 1):
        _write_row(review, sheet, row, assessment)
    last = HEADER_ROW + max(len(rows), 1)
    if not rows:
        sheet.write_string(last, 0, "本期没有客户。", review.style(font_color="595959"))
    else:
        sheet.autofilter(HEADER_ROW, 0, last, len(titles) - 1)
    tiers = {tier.name: tier.colour for tier in policy.tiers}
    colour(review, sheet, tiers, (HEADER_ROW + 1, 2, last, 2))
    colour(review, sheet, {_DIFFERS: "F4B6B6"}, (HEADER_ROW + 1, _CHECK, last, _CHECK))
    sheet.freeze_panes(HEADER_ROW + 1, 2)
    sheet.repeat_rows(WEIGHTS_ROW, HEADER_ROW)
    sheet.print_area(0, 0, NOTE_ROW, _FIRST)  # to look things up in, not to print
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    sheet.set_tab_color(f"#{REQUIRED}")
    review.print_setup(sheet)
    return str(sheet.get_name())


def contribution(part: Contribution, known_weight: Decimal) -> Decimal | None:
    """Return an indicator's part of the total; None where its points are unknown. Pure."""
    return None if part.points is None else part.points * part.weight / known_weight


def sum_known_weights(assessment: Assessment) -> Decimal:
    """Return the sum of the weights with points. Pure."""
    return sum((part.weight for part in assessment.score.contributions if part.points is not None), Decimal(0))


def _widths(sheet: Worksheet, rows: Sequence[Assessment], count: int) -> None:
    longest = max((text_width(one_line(assessment.customer.name)) for assessment in rows), default=0)
    codes = max((text_width(one_line(assessment.customer.customer_id)) for assessment in rows), default=0)
    for at, width in enumerate((max(11, min(codes + 2, 20)), max(14, min(longest + 2, 28)), 11, 9, 9, 8, 11, 8)):
        sheet.set_column(at, at, width)
    sheet.set_column(_FIRST, _FIRST + 2 * count - 1, _NARROW)
    sheet.set_column(_FIRST + 2 * count, _FIRST + 3 * count - 1, _NARROW + 2.5)


def _write_row(review: Review, sheet: Worksheet, row: int, assessment: Assessment) -> None:
    parts = assessment.score.contributions
    count = len(review.policy.card.indicators)
    name = one_line(assessment.customer.name)
    sheet.set_row(row, 5 + 15 * min(max(1, -(-text_width(name) // 26)), 26))
    put(review, sheet, row, 0, review.link_to(one_line(assessment.customer.customer_id)), _TEXT)
    put(review, sheet, row, 1, name, _TEXT)
    put(review, sheet, row, 2, assessment.grade, _TEXT)
    known_weight = sum_known_weights(assessment)
    points = f"{_cell(row, _FIRST)}:{_cell(row, _FIRST + count - 1)}"
    weights = f"{_fixed(_FIRST)}:{_fixed(_FIRST + count - 1)}"
    number = review.style(**BOX, num_format="0.0")
    fine = review.style(**BOX, num_format="0.00")
    plain = review.style(**BOX, num_format="0.##", align="center")
    sheet.write_formula(row, _KNOWN, f'=SUMPRODUCT(--({points}<>""),{weights})', plain, float(known_weight))
    for at, part in enumerate(parts):
        share = contribution(part, known_weight)
        here = _cell(row, _FIRST + at)
        put(review, sheet, row, _FIRST + at, part.points, _POINTS)
        formula = f"{here}*{_fixed(_FIRST + at)}/{_cell(row, _KNOWN)}"
        cached: float | str = "" if share is None else float(share)
        sheet.write_formula(row, _FIRST + count + at, f'=IF({here}="","",{formula})', fine, cached)
        put(review, sheet, row, _FIRST + 2 * count + at, _measured(assessment, part), _measure_column(part))
    total = assessment.score.total
    if total is None or not known_weight:
        for at, text in ((_PUBLISHED, _NO_SCORE), (_TOTAL, _NO_SCORE), (_CHECK, None), (_TIER, None)):
            put(review, sheet, row, at, text, _CENTRED)
        return
    sheet.write_number(row, _PUBLISHED, float(total), number)
    exact = f"SUMPRODUCT({points},{weights})/{_cell(row, _KNOWN)}"
    bold = review.style(**BOX, num_format="0.0", bold=True)
    sheet.write_formula(row, _TOTAL, f"=ROUND(ROUND({exact},9),1)", bold, float(total))
    centred = review.style(**BOX, align="center")
    differs = f"ROUND({_cell(row, _PUBLISHED)}-{_cell(row, _TOTAL)},1)<>0"
    sheet.write_formula(row, _CHECK, f'=IF({differs},"{_DIFFERS}","{_AGREES}")', centred, _AGREES)
    _write_tier(review, sheet, row, total)


def _write_tier(review: Review, sheet: Worksheet, row: int, total: Decimal) -> None:
    """Write the tier by the score alone; nothing where the policy decides otherwise."""
    policy = review.policy
    look = review.style(**BOX)
    if not _decides_by_score(policy):
        sheet.write_blank(row, _TIER, None, look)
        return
    edges = [(tier.name, tier.floor) for tier in policy.tiers if tier.floor is not None]
    formula = f'"{_quoted(edges[-1][0])}"'
    for name, floor in reversed(edges[:-1]):
        formula = f'IF({_cell(row, _TOTAL)}>={floor},"{_quoted(name)}",{formula})'
    earned = next(name for name, floor in edges if total >= floor)
    sheet.write_formula(row, _TIER, f"={formula}", look, earned)


def _decides_by_score(policy: Policy) -> bool:
    return policy.scoring.decided_by == BY_SCORE and not policy.scoring.quota


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def _measured(assessment: Assessment, part: Contribution) -> Decimal | int | str | None:
    if part.source is Source.ABSENT:
        return Source.ABSENT.value
    value: Decimal | int | None = getattr(assessment.measures, part.measure)
    return assessment.measures.industry_level if value is None else value


def _measure_column(part: Contribution) -> ListColumn:
    return _MEASURES[_LOOKS.get(part.measure, Look.NUMBER)]


_LOOKS = {
    "recency_days": Look.COUNT,
    "spend_12m": Look.MONEY,
    "average_order": Look.MONEY,
    "frequency_12m": Look.SCORE,
    "industry_growth": Look.SHARE,
    "order_growth": Look.SHARE,
    "repurchase_rate": Look.SHARE,
}


_TEXT, _POINTS, _CENTRED = (
    ListColumn(title=""),
    ListColumn(title="", look=Look.SCORE),
    ListColumn(title="", centred=True),
)
_MEASURES = {look: ListColumn(title="", look=look, right=True) for look in Look}


def _cell(row: int, column: int) -> str:
    return f"{_letters(column)}{row + 1}"


def _fixed(column: int) -> str:
    return f"{_letters(column)}${WEIGHTS_ROW + 1}"


@cache
def _letters(column: int) -> str:
    return str(xl_col_to_name(column))
