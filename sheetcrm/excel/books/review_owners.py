"""Writes 按客户经理: what each account manager's customers ask for, in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sheetcrm.excel.books.review_list import write_list
from sheetcrm.excel.books.review_table import HEADER_ROW, ListColumn, ListSheet, Look, Review, Value
from sheetcrm.model import Assessment, Figures, Movement
from sheetcrm.text.printable import one_line

_NOBODY = "（未填客户经理）"
_OVERDUE, _DUE = "逾期跟进", "下期到期"
_COLUMNS = (
    ListColumn(title="客户经理", width=12, most=20),
    ListColumn(title="客户数", look=Look.COUNT, width=8, bar="9DC3E6"),
    ListColumn(title="近12个月消费（元）", look=Look.MONEY, width=14),
    ListColumn(title="等级待审核", look=Look.COUNT, width=10, late=True),
    ListColumn(title="升", look=Look.COUNT, width=6),
    ListColumn(title="降", look=Look.COUNT, width=6),
    ListColumn(title="新评", look=Look.COUNT, width=6),
    ListColumn(title="健康度红", look=Look.COUNT, width=8, late=True),
    ListColumn(title="预警", look=Look.COUNT, width=7),
    ListColumn(title=_OVERDUE, look=Look.COUNT, width=9, late=True),
    ListColumn(title=_DUE, look=Look.COUNT, width=9),
)
_AT = {column.title: at for at, column in enumerate(_COLUMNS)}


@dataclass(frozen=True, slots=True)
class OwnerCounts:
    """A line of the list: an account manager, how many follow-ups are overdue, and all its cells."""

    owner: str
    overdue: int
    cells: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class OwnerSheet:
    """Where the list stands: its sheet, its lines in their order, and its columns that are drawn, all 0-based."""

    name: str
    lines: tuple[OwnerCounts, ...]
    header: int = HEADER_ROW
    overdue: int = _AT[_OVERDUE]
    due: int = _AT[_DUE]


def write_owners(review: Review, assessments: Iterable[Assessment], figures: Figures) -> OwnerSheet:
    """Count what each account manager's customers ask for, who has most overdue first; return where it stands."""
    members: dict[str, list[Assessment]] = {}
    for entry in assessments:
        members.setdefault(one_line(entry.owner) or _NOBODY, []).append(entry)
    counted = (_count(owner, members[owner], figures) for owner in members)
    lines = tuple(sorted(counted, key=lambda line: (-line.overdue, line.owner)))
    note = "一人一行，只列数目，逾期多的在前；各表可按客户经理筛选。"
    layout = ListSheet("按客户经理", note, _COLUMNS, fixed=1, empty="没有客户。")
    return OwnerSheet(write_list(review, layout, [line.cells for line in lines]), lines)


def _count(owner: str, members: Sequence[Assessment], figures: Figures) -> OwnerCounts:
    moves = [entry.movement for entry in members]
    due = [item for entry in members for item in entry.due]
    late = sum(1 for item in due if item.overdue_days)
    spends = [entry.measures.spend_12m for entry in members if entry.measures.spend_12m is not None]
    cells = (
        owner,
        len(members),
        sum(spends, Decimal(0)) if spends else None,
        sum(entry.awaiting_audit for entry in members),
        *(moves.count(kind) for kind in (Movement.UP, Movement.DOWN, Movement.NEW)),
        sum(entry.health.colour == "红" for entry in members),
        sum(len(entry.alerts) for entry in members),
        late,
        sum(1 for item in due if not item.overdue_days and item.due <= figures.horizon),
    )
    return OwnerCounts(owner, late, cells)
