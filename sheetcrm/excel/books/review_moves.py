"""Writes 变动: whose tier has changed since the last period, and who is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sheetcrm.excel.books.review_columns import (
    ID,
    MOVES,
    NAME,
    OWNER,
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
from sheetcrm.model import Assessment, Departed, Movement
from sheetcrm.model.lists import Shift
from sheetcrm.text.printable import one_line

_MOVED = (Movement.UP, Movement.DOWN, Movement.NEW)


def moved(assessment: Assessment) -> bool:
    """Return whether a customer's grade is new or differs from the last period's. Pure."""
    return assessment.movement in _MOVED or (
        assessment.previous_grade is not None and assessment.previous_grade != assessment.grade
    )


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
        ID,
        NAME,
        OWNER,
        ListColumn(title="上期等级", width=11, most=14, colours=tiers),
        ListColumn(title="本期等级", width=11, most=14, colours=tiers),
        ListColumn(title="变动", width=6, centred=True, colours=MOVES),
        ListColumn(title="总分", look=Look.SCORE, width=7),
        ListColumn(title="原因", look=Look.PROSE, width=40, most=66),
        remark(),
    )
    order = [Movement.DOWN, Movement.UP, Movement.NEW, Movement.SAME, None]
    places = {key: place for place, key in enumerate(shifts)}
    rows: list[tuple[Value, ...]] = [
        (
            *customer_cells(assessment),
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
