"""Writes what whoever signs works in: 审核表, 会议议程, and what was filled in for rows that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xlsxwriter.worksheet import Worksheet

from sheetcrm.excel.books.review_list import write_list
from sheetcrm.excel.books.review_table import (
    Link,
    ListColumn,
    ListSheet,
    Look,
    Review,
    Value,
    prose,
    round_to,
    sheet_link,
)
from sheetcrm.model import Assessment, Movement
from sheetcrm.model.review import (
    AGENDA,
    AGREED,
    AUDIT,
    ENTRY,
    KEY_MARK,
    OF_COLUMN,
    OF_LIST,
    OF_ROW,
    OPINION,
    REMARK,
    RETURNED,
    SIGNED_ON,
    SIGNER,
    UNPLACED,
    ReviewRow,
)
from sheetcrm.privacy import Raw
from sheetcrm.text.printable import one_line

_GREEN, _RED = "C9E7C4", "F4B6B6"
_CAUSES: Mapping[Movement | None, str] = {
    Movement.NEW: "新评级",
    Movement.UP: "升级",
    Movement.DOWN: "降级",
    Movement.SAME: "未签或到期",
}
_LONGEST_REASON = 120


def audited(assessments: Iterable[Assessment], filled: Iterable[ReviewRow]) -> Sequence[Assessment]:
    """List who stands in 审核表: the customers that wait for a signature, and those that were signed there. Pure."""
    rows = {row.keys[:2] for row in filled if row.title == AUDIT}
    return [
        entry
        for entry in assessments
        if entry.awaiting_audit or (one_line(entry.customer.customer_id), entry.grade) in rows
    ]


def write_audit(review: Review, sheet: Worksheet, members: Sequence[Assessment]) -> str:
    """List the tiers to sign, by owner; return the sheet's name."""
    tiers = {tier.name: tier.colour for tier in review.policy.tiers}
    order = list(tiers)
    columns = (
        ListColumn(title="客户编号", width=11, most=20),
        ListColumn(title="客户名称", width=18, most=30),
        ListColumn(title="客户经理", width=9, most=14),
        ListColumn(title="上期等级", width=10, most=14, colours=tiers),
        ListColumn(title="本期等级", width=10, most=14, colours=tiers),
        ListColumn(title="事由", look=Look.PROSE, width=10, most=18),
        ListColumn(title="总分", look=Look.SCORE, width=7),
        ListColumn(title="原因", look=Look.PROSE, width=34, most=56),
        ListColumn(
            title=OPINION,
            width=10,
            choices=(AGREED, RETURNED),
            fill_in=True,
            colours={AGREED: _GREEN, RETURNED: _RED},
        ),
        ListColumn(title=SIGNER, width=10, fill_in=True),
        ListColumn(title=SIGNED_ON, look=Look.DATE, width=12, fill_in=True),
        ListColumn(title=REMARK, width=14, fill_in=True),
    )
    ordered = sorted(
        members,
        key=lambda entry: (
            entry.owner or "",
            order.index(entry.grade) if entry.grade in order else len(order),
            entry.customer.customer_id,
        ),
    )
    note = (
        f"新定、变动和到期重评的等级，共 {len(ordered)} 家，按客户经理。同意的三格都填（审核人不能是评估人），"
        f"退回的写备注；存盘后再运行一次，签字写进打分表。{review.elsewhere}"
    )
    layout = ListSheet(AUDIT, note, columns, empty="本期没有待审核的等级。")
    return write_list(review, layout, [_audit_row(entry) for entry in ordered], sheet=sheet)


def _audit_row(entry: Assessment) -> tuple[Value, ...]:
    return (
        one_line(entry.customer.customer_id),
        one_line(entry.customer.name),
        one_line(entry.owner),
        one_line(entry.previous_grade),
        entry.grade,
        _cause(entry),
        entry.score.total,
        _reason(entry),
        None,
        None,
        None,
        None,
    )


def _cause(entry: Assessment) -> str:
    """Say why a tier is to be signed, and what would keep a signature from being taken over."""
    row = entry.customer.scoring
    cause = _CAUSES.get(entry.movement, "未签")
    if row is None or row.origin.beside:
        return f"{cause}（没有打分表的行，签不了）"
    return f"{cause}（打分表里的旧签字已失效）" if entry.awaiting_audit and row.audited_on else cause


def _reason(entry: Assessment) -> str:
    """Say in short what changed; where no earlier period is on record, the figures that count most."""
    if entry.override or entry.change or entry.standing_note:
        text = prose(entry.reasons[0] if entry.override else entry.change or entry.standing_note)
    else:
        figures = entry.measures
        parts = (
            None if figures.spend_12m is None else f"年消费{figures.spend_12m:,.0f}元",
            None
            if figures.frequency_12m is None
            else f"{round_to(figures.frequency_12m, Look.NUMBER).normalize():f}次",
            None if figures.recency_days is None else f"最近{figures.recency_days}天前",
        )
        text = "，".join(part for part in parts if part)
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def write_agenda(review: Review, sheet: Worksheet, items: Sequence[tuple[str, int, str, str]]) -> str:
    """List what the meeting goes through, with room for what it decides; return the sheet's name.

    Args:
        review: The workbook.
        sheet: The sheet.
        items: Each item's name, how many things it holds, what is to be decided, and the name of their sheet.
    """
    columns = (
        ListColumn(title="序", look=Look.COUNT, width=5, centred=True),
        ListColumn(title="议题", width=16, most=24),
        ListColumn(title="件数", look=Look.COUNT, width=7),
        ListColumn(title="要定的事", look=Look.PROSE, width=34, most=56),
        ListColumn(title="看哪张表", width=12, most=20),
        ListColumn(title="决议", width=30, fill_in=True),
        ListColumn(title="责任人", width=10, fill_in=True),
        ListColumn(title="完成期限", look=Look.DATE, width=12, fill_in=True),
    )
    rows: list[tuple[Value, ...]] = [
        (number, name, count, question, Link(sheet_link(place), place), None, None, None)
        for number, (name, count, question, place) in enumerate(items, start=1)
    ]
    layout = ListSheet(AGENDA, "评审会按这个次序；决议、责任人和完成期限当场填。", columns, fixed=2, empty="没有议题。")
    return write_list(review, layout, rows, sheet=sheet)


def write_unplaced(review: Review) -> str | None:
    """List what was filled into rows that no list has any more; return the sheet's name, None where there is none."""
    columns = (
        ListColumn(title=OF_LIST, width=12, most=20),
        ListColumn(title=OF_ROW, width=34, most=60),
        ListColumn(title=OF_COLUMN, width=10, most=16),
        ListColumn(title=ENTRY, width=26, most=60),
    )
    rows = [
        (row.title, KEY_MARK.join(row.keys), header, Raw(text))
        for row in review.unplaced
        for header, text in sorted(row.filled.items())
    ]
    if not rows:
        return None
    note = "上次填写、这次各表里已没有那一行的内容，一条不丢。不再需要的请把整行删去；一直留着的，每次运行都会带过来。"
    return write_list(review, ListSheet(UNPLACED, note, columns, empty="没有。"), rows)
