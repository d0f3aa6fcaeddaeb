"""Assessments to the edits of every workbook: which cells get which values (domain §9).

Only columns the schema marks as the program's own are ever planned. A card gets the rows it has; a
table gets the columns it lacks, added right of what is there by the write-back.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import is_
from typing import Any, cast

from sheetcrm.model import Assessment, Book, ColumnEdit, Period, SheetEdit, Standing, Table, WrittenValue
from sheetcrm.policy.model import Policy
from sheetcrm.schema import FOLLOW_UPS, PROFILE, SCORING, YES_NO, Sheet

DONE = "已跟进"
"""是否逾期 of a promise after which the customer was contacted again."""


class _Keep(enum.Enum):
    """The cell stays as it is, however it is written."""

    KEEP = 0


_KEEP = _Keep.KEEP


@dataclass(frozen=True, slots=True)
class _Run:
    period: Period
    as_of: date


def plan(
    book: Book, assessments: Sequence[Assessment], *, policy: Policy, period: Period, as_of: date
) -> Mapping[str, tuple[SheetEdit, ...]]:
    """Plan the cells of every workbook.

    Returns:
        The edits by file name; a file with nothing to write is not in it. Rows that were set aside
        are in no edit. Pure.
    """
    run = _Run(period, as_of)
    unused = frozenset() if policy.scoring.tier_moves == "when_due" else frozenset({"proposed_grade"})
    rows: dict[Table, dict[int, Any]] = defaultdict(dict)
    for entry in assessments:
        for record in (entry.customer.scoring, entry.customer.profile):
            if record:
                rows[record.origin][record.row] = entry
        for undertaking in entry.undertakings:
            if undertaking.promise.due:
                row = rows[undertaking.record.origin].setdefault(undertaking.record.row, [])
                row.append((undertaking.promise.due, undertaking.open, as_of))
    colours = {tier.name: tier.colour for tier in policy.tiers}
    found: dict[str, list[SheetEdit]] = defaultdict(list)
    for table in book.tables:
        sheet, values = _WRITTEN.get(table.kind, (None, {}))
        if sheet and rows[table]:
            columns = tuple(_columns(table, sheet, values, rows[table], run, colours, unused))
            if columns:
                found[table.file].append(SheetEdit(table.sheet, table.header_row, columns))
    return {file: tuple(edits) for file, edits in found.items()}


def _columns(
    table: Table,
    sheet: Sheet,
    makers: Mapping[str, Callable[[Any, _Run], WrittenValue | _Keep]],
    entries: Mapping[int, Any],
    run: _Run,
    colours: Mapping[str, str],
    unused: frozenset[str],
) -> Iterable[ColumnEdit]:
    on_a_card = table.header_row == 0 or table.card is not None
    ordered = tuple(sorted(entries))
    for name, make in makers.items():
        column = table.column(name)
        if column is None and (on_a_card or name in unused):
            continue
        planned = [make(entries[row], run) for row in ordered]
        if column is None and name in _WHERE_FILLED and not any(planned):
            continue
        rows, values = ordered, tuple(planned)
        if any(map(partial(is_, _KEEP), planned)):
            rows = tuple(row for row, written in zip(ordered, planned, strict=True) if written is not _KEEP)
            values = tuple(written for written in planned if written is not _KEEP)
        field = sheet.field(name)
        yield ColumnEdit(
            label=field.label,
            column=column.index if column else None,
            style=field.style,
            rows=tuple(column.row for _row in rows if column.row) if column and column.row else rows,
            values=cast("tuple[WrittenValue, ...]", values),
            colours=colours if name in _COLOURED else HEALTH_COLOURS if name == "health" else {},
        )


_WHERE_FILLED = frozenset({"figures_on"})
"""Columns that are added only where a row has a value for them."""
_COLOURED = frozenset({"grade", "tier"})
HEALTH_COLOURS: Mapping[str, str] = {"红": "F4B6B0", "黄": "FBE7A1", "绿": "CDE8C9"}
"""What 健康度 is coloured by."""


def _assessed_on(entry: Assessment, run: _Run) -> WrittenValue | _Keep:
    """Keep a day that lies in the period or after it; set it where blank or older (domain §9)."""
    stands = entry.customer.scoring.assessed_on if entry.customer.scoring else None
    return _KEEP if stands and stands >= run.period.start else run.as_of


def _next_due(entry: Assessment, _run: _Run) -> WrittenValue:
    return entry.due[0].due if entry.due else None


_SCORED: Mapping[str, Callable[[Assessment, _Run], WrittenValue | _Keep]] = {
    "total": lambda entry, _run: entry.score.total,
    "grade": lambda entry, _run: entry.grade,
    "assessed_on": _assessed_on,
    "period": lambda _entry, run: run.period.label,
    "figures_on": lambda entry, _run: entry.figures_on,
    "previous_grade": lambda entry, _run: entry.previous_grade,
    "movement": lambda entry, _run: entry.movement.value if entry.movement else None,
    "explanation": lambda entry, _run: entry.explanation,
    "coverage": lambda entry, _run: None if entry.standing is Standing.UNSOLD else entry.score.coverage,
    "proposed_grade": lambda entry, _run: entry.proposed_grade,
    "tags": lambda entry, _run: entry.tags or None,
    "health": lambda entry, _run: entry.health.colour,
    "risk": lambda entry, _run: entry.risk or None,
    "alerts": lambda entry, _run: "、".join(alert.code for alert in entry.alerts) or None,
    "next_due": _next_due,
    "overdue_days": lambda entry, _run: entry.due[0].overdue_days if entry.due else None,
    "next_action": lambda entry, _run: entry.due[0].action if entry.due else None,
    "next_owner": lambda entry, _run: entry.due[0].owner if entry.due else None,
    "next_grading": lambda entry, _run: entry.next_grading,
}

_PROFILED: Mapping[str, Callable[[Assessment, _Run], WrittenValue | _Keep]] = {
    "tier": lambda entry, _run: entry.grade,
    "tags": lambda entry, _run: entry.tags or None,
    "next_due": _next_due,
}


def _earliest(promises: Sequence[tuple[date, bool, date]], _run: _Run) -> WrittenValue:
    return min(due for due, _open, _as_of in promises)


def _overdue(promises: Sequence[tuple[date, bool, date]], _run: _Run) -> WrittenValue:
    due, still_open, as_of = min(promises)
    if not still_open:
        return DONE
    return YES_NO[0] if due < as_of else YES_NO[1]


_PROMISED: Mapping[str, Callable[[Any, _Run], WrittenValue | _Keep]] = {"due": _earliest, "overdue": _overdue}

_WRITTEN: Mapping[str, tuple[Sheet, Mapping[str, Callable[[Any, _Run], WrittenValue | _Keep]]]] = {
    SCORING.kind: (SCORING, _SCORED),
    PROFILE.kind: (PROFILE, _PROFILED),
    FOLLOW_UPS.kind: (FOLLOW_UPS, _PROMISED),
}
