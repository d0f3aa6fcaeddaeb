"""Joins the records of all files into one book by 客户编号, without the rows set aside (practice §1.7). Pure.

Nothing depends on the order of files, sheets or rows: lists are sorted by date and then by their
other fields.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar

from sheetcrm.model import Book, Customer, Problem, Record, Records, Severity, Table
from sheetcrm.problems import SPOILS_A_CELL

_FOLLOW_UP_ORDER = ("date", "person", "channel", "summary", "feedback", "next_step", "done_on", "outcome")
_SERVICE_ORDER = (
    "requested_at",
    "responded_at",
    "resolved_at",
    "category",
    "staff",
    "satisfaction",
    "nps",
    "resolved",
    "first_time",
    "benefit",
    "cost",
    "discount",
)

RecordT = TypeVar("RecordT", bound=Record)


def join(records: Records, problems: Iterable[Problem]) -> Book:
    """Make one book of all records.

    Args:
        records: Of all files.
        problems: All problems so far: a row with an 错误 is left out, unless the error spoils one cell only.

    Returns:
        The book. A customer is in it who has a kept row in a base or a scoring sheet.
    """
    aside = _Aside(problems)
    profiles = {entry.customer_id: entry for entry in aside.kept(records.profiles)}
    scorings = {entry.customer_id: entry for entry in aside.kept(records.scorings)}
    orders = _by_customer(aside.kept(records.orders), "date", "amount", "order_no", "product")
    contacts = aside.kept(records.follow_ups)
    of_classes = [entry for entry in contacts if entry.customer_id in records.classes]
    follow_ups = _by_customer(
        (entry for entry in contacts if entry.customer_id not in records.classes), *_FOLLOW_UP_ORDER
    )
    services = _by_customer(aside.kept(records.services), *_SERVICE_ORDER)
    overrides = _by_customer(aside.kept(records.overrides), "expires_on", "grade", "proposer", "auditor", "reason")
    risks = _by_customer(aside.kept(records.risks), "date", "signal", "repair", "repaired_on")
    needs = _by_customer(aside.kept(records.needs), "raised_on", "need_type", "content", "status")
    customers = []
    for key in sorted(profiles.keys() | scorings.keys()):
        profile, scoring = profiles.get(key), scorings.get(key)
        name = (profile.name if profile else "") or (scoring.name if scoring else "")
        customers.append(
            Customer(
                key,
                name or key,
                profile,
                scoring,
                orders.get(key, ()),
                follow_ups.get(key, ()),
                services.get(key, ()),
                overrides.get(key, ()),
                risks.get(key, ()),
                needs.get(key, ()),
            )
        )
    return Book(
        files=tuple(sorted({table.file for table in records.tables})),
        tables=tuple(sorted(records.tables, key=_place)),
        customers=tuple(customers),
        standards=_sorted(aside.kept(records.standards), "tier", "goal", "content", "typical", "resources", "roles"),
        settings=_sorted(aside.kept(records.settings), "unit", "department", "compiler", "secrecy", "yearly_sales"),
        holidays=_sorted(aside.kept(records.holidays), "date", "day_kind"),
        kinds=frozenset(table.kind for table in records.tables),
        other_months=records.other_months,
        class_contacts=_sorted(of_classes, "date", "customer_id", "channel", "summary"),
        permissions=_sorted(aside.kept(records.permissions), "person", "role", "department", "expires_on"),
        approvals=_sorted(aside.kept(records.approvals), "code", "matter", "asker", "approver", "verdict"),
    )


class _Aside:
    """The rows that an error sets aside, table by table: two tables side by side share row numbers."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._places: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
        for entry in problems:
            if entry.severity is Severity.ERROR and entry.kind not in SPOILS_A_CELL and entry.ref.row:
                self._places[entry.ref.file, entry.ref.sheet].add((entry.ref.row, entry.ref.column))
        self._rows: dict[int, frozenset[int]] = {}

    def kept(self, records: Sequence[RecordT]) -> list[RecordT]:
        return [record for record in records if record.row not in self._rows_of(record.origin)]

    def _rows_of(self, table: Table) -> frozenset[int]:
        rows = self._rows.get(id(table))
        if rows is None:
            rows = self._rows[id(table)] = self._find_rows(table)
        return rows

    def _find_rows(self, table: Table) -> frozenset[int]:
        places = self._places.get((table.file, table.sheet), set())
        if table.header_row == 0:  # a card: every row of it is the same customer's
            cells = {(column.row, column.index) for column in table.columns}
            return frozenset(table.rows) if any(place in cells for place in places) else frozenset()
        indexes = {0, *(column.index for column in table.columns if column.label)}  # another may stand between them
        return frozenset(row for row, column in places if column in indexes)


def _by_customer(records: Iterable[Any], *names: str) -> dict[str, tuple[Any, ...]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        grouped[record.customer_id].append(record)
    return {key: _sorted(entries, *names) for key, entries in grouped.items()}


def _sorted(records: Sequence[RecordT], *names: str) -> tuple[RecordT, ...]:
    """Sort by the first field (a date, blank last; or a text), then by the others."""
    if len(records) < 2:  # noqa: PLR2004 - nothing to sort
        return tuple(records)
    return tuple(sorted(records, key=_order(names)))


_LAST = date.max.isoformat()


def _order(names: Sequence[str]) -> Callable[[Record], tuple[str, ...]]:
    values = attrgetter(*names)

    def key(record: Record) -> tuple[str, ...]:
        first, *rest = values(record)
        begin = _LAST if first is None else str(first)
        return (begin, *["" if value is None else str(value) for value in rest])

    return key


def _place(table: Table) -> tuple[str, str, int, int]:
    row = table.header_row or min((column.row or 0 for column in table.columns), default=0)
    return table.file, table.sheet, row, table.columns[0].index
