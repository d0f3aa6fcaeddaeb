"""Tables -> records: one value a row, column by column (domain §1, §2). Pure.

A row whose key or another required cell cannot be used becomes no record: it is set aside, and an 错误
says why. Any other cell that cannot be read leaves its field blank and named in `unreadable`, so that
blank, zero and unreadable stay three different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sheetcrm import schema
from sheetcrm.intake.columns import ReadColumn, doubt_problems, read_column
from sheetcrm.model import Column, Problem, Record, Records, Table
from sheetcrm.policy.model import Policy
from sheetcrm.problems import address, listed, problem
from sheetcrm.schema import Need
from sheetcrm.text.answers import read_key
from sheetcrm.text.folding import fold, split_header

_KEY, _NAME = "customer_id", "name"
_NAMED = ("profile", "scoring")
_SATISFACTION, _SHORTEST_OF_100 = "satisfaction", 10


def read_records(tables: Sequence[Table], *, policy: Policy) -> tuple[Records, tuple[Problem, ...]]:
    """Make typed records of the rows of all tables.

    Returns:
        The records of each kind in the order of tables and rows, and what is wrong with single cells.
    """
    tables = [_scaled(table, policy.reading.satisfaction_scale) for table in tables]
    found_records: dict[str, list[Record]] = {kind.attribute: [] for kind in schema.SHEETS}
    problems: list[Problem] = []
    aside: set[str] = set()
    origins: dict[Table, Table] = {}
    for table in tables:
        origins[table] = replace(table, values=(), card=origins[table.card] if table.card else None)
        rows = _read_table(table, origins[table], policy)
        aside |= rows.aside
        found_records[schema.sheet(table.kind).attribute].extend(rows.records)
        problems.extend(rows.problems)
    kept: dict[str, Any] = {attribute: tuple(records) for attribute, records in found_records.items()}
    return Records(as_read=tuple(tables), tables=tuple(origins.values()), aside=frozenset(aside), **kept), tuple(
        problems
    )


def _scaled(table: Table, scale: str) -> Table:
    """Take scores whose header declares no scale for the policy's, unless a column of that scale stands beside them."""
    at = next((at for at, column in enumerate(table.columns) if column.name in schema.SCALES), None)
    if at is None or len(schema.SCALES.keys() & {column.name for column in table.columns}) > 1:
        return table
    column = table.columns[at]
    entry = schema.sheet(table.kind).field(column.name or "")
    declared = _declared_scale(column)
    name = schema.field_of_scale(table.kind, entry, declared or scale).name
    unit = scale if declared is None and scale in schema.SHORT_SCALES else column.unit
    if name == column.name and unit == column.unit:
        return table
    columns = (*table.columns[:at], replace(column, name=name, unit=unit), *table.columns[at + 1 :])
    return replace(table, columns=columns)


def _declared_scale(column: Column) -> str | None:
    return schema.declared_scale((*split_header(column.label).notes, fold(column.label)))


def _without_unknown_scale(table: Table, read: ReadColumn) -> tuple[ReadColumn, tuple[Problem, ...]]:
    """Leave out scores that may be of 5 or of 10 points, or very bad ones of 100: nothing declares their scale."""
    scores = [(index, value) for index, value in enumerate(read.values) if isinstance(value, Decimal)]
    top = max((value for _, value in scores), default=None)
    if top is None or top > _SHORTEST_OF_100 or _declared_scale(read.column) or read.column.unit in schema.SHORT_SCALES:
        return read, ()
    refs = [table.ref(table.rows[index], read.entry.name) for index, _ in scores]
    warning = problem(
        "satisfaction-undeclared",
        refs[0],
        label=read.entry.label,
        top=5 if top <= 5 else 10,  # noqa: PLR2004 - points
        places=listed([address(ref) for ref in refs]),
    )
    return replace(read, values=[None] * len(read.values)), (warning,)


@dataclass(slots=True)
class _Rows:
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    aside: set[str] = field(default_factory=set)


def _read_table(table: Table, origin: Table, policy: Policy) -> _Rows:
    rows = _Rows()
    missing = _missing_columns(table)
    if missing:
        ref = table.ref(table.header_row)
        rows.problems.append(problem("column-missing", ref, title=schema.sheet(table.kind).title, label=missing[0]))
        return rows
    raws = list(zip(*table.values, strict=True)) or [() for _ in table.columns]
    kind = schema.sheet(table.kind)
    columns = [
        read_column(table, at, raws[at], policy=policy)
        for at, column in enumerate(table.columns)
        if column.name and kind.field(column.name).in_record
    ]
    for place, column in enumerate(columns):
        if column.entry.name == _SATISFACTION:
            columns[place], warnings = _without_unknown_scale(table, column)
            rows.problems.extend(warnings)
    aside: set[int] = set()
    unreadable: dict[int, list[str]] = {}
    for column in columns:
        if column.entry.ours and column.entry.name != "assessed_on":
            continue  # written by the program, and written again: what stands there is not taken for data
        rows.problems.extend(doubt_problems(table, column))
        for index in column.unreadable:
            unreadable.setdefault(index, []).append(column.entry.name)
        if column.entry.need is Need.REQUIRED:
            aside |= column.unreadable
            has_blank = None in column.values
            blank = {index for index, value in enumerate(column.values) if value is None} if has_blank else set()
            blank -= column.unreadable
            rows.problems.extend(_blanks(table, column, sorted(blank)))
            aside |= blank
    rows.records.extend(_records(table, origin, columns, aside, unreadable))
    keys = next((column.values for column in columns if column.entry.name == _KEY), ())
    if table.kind in _NAMED:
        rows.aside.update(key for index in aside if isinstance(key := keys[index], str))
    return rows


def _records(
    table: Table, origin: Table, columns: Sequence[ReadColumn], aside: set[int], unreadable: Mapping[int, Sequence[str]]
) -> Iterable[Record]:
    make = schema.sheet(table.kind).record
    names = [column.entry.name for column in columns]
    held: dict[str, Any] = {}
    if table.kind in _NAMED and _NAME not in names:
        held[_NAME] = ""
    if _KEY not in names and table.card is not None:
        held[_KEY] = _card_key(table.card)
        if held[_KEY] is None:
            return  # the card was set aside, and what stands on it with it
    for index, values in enumerate(zip(*(column.values for column in columns), strict=True)):
        if index not in aside:
            yield make(
                origin=origin,
                row=table.rows[index],
                unreadable=tuple(unreadable.get(index, ())),
                **held,
                **dict(zip(names, values, strict=True)),
            )


def _card_key(card: Table) -> str | None:
    """Give the 客户编号 of a card, None where nobody can read it."""
    column = next((at for at, column in enumerate(card.columns) if column.name == _KEY), None)
    key = read_key(card.values[0][column]) if column is not None and card.values else None
    return key if isinstance(key, str) else None


def _missing_columns(table: Table) -> list[str]:
    """Find the required columns a table lacks; a card lacks cells, and 客户名称 may stand on another sheet."""
    names = {column.name for column in table.columns}
    return [
        entry.label
        for entry in schema.sheet(table.kind).fields
        if entry.need is Need.REQUIRED
        and entry.name not in names
        and not (entry.name == _KEY and table.card is not None)
        and not (entry.name == _NAME and table.kind == "scoring")
    ]


def _blanks(table: Table, column: ReadColumn, blank: Sequence[int]) -> Iterable[Problem]:
    for index in blank:
        ref = table.ref(table.rows[index], column.entry.name)
        kind = "key-missing" if column.entry.name == _KEY else "required-missing"
        yield problem(kind, ref, label=column.entry.label)
