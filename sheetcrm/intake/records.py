"""Tables -> records: one value a row, column by column (practice §1, §2). Pure.

A row whose key or another required cell cannot be used becomes no record: it is set aside, and an 错误
says why. Any other cell that cannot be read leaves its field blank and named in `unreadable`, so that
blank, zero and unreadable stay three different things.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sheetcrm import schema
from sheetcrm.intake.columns import ReadColumn, doubt_problems, read_column
from sheetcrm.model import Column, Problem, Record, Records, Table
from sheetcrm.policy.model import Policy
from sheetcrm.problems import address, listed, problem
from sheetcrm.schema import Need
from sheetcrm.text.answers import read_key, read_plain_text
from sheetcrm.text.doubt import Doubt
from sheetcrm.text.folding import fold, split_header

_KEY, _NAME = "customer_id", "name"
_NAMED = ("profile", "scoring")
_CUSTOMERS = tuple(schema.sheet(kind).attribute for kind in _NAMED)
_TITLES = sorted((schema.FOLLOW_UPS.title, *schema.FOLLOW_UPS.aliases, "跟进"), key=len, reverse=True)
_DATED = frozenset({"assessed_on", "figures_on"})
"""The program's own columns that are read back; a cell of theirs that nobody can read is a problem."""
_SATISFACTION, _SHORTEST_OF_100 = "satisfaction", 10


def read_records(tables: Sequence[Table], *, policy: Policy) -> tuple[Records, tuple[Problem, ...]]:
    """Make typed records of the rows of all tables.

    Returns:
        The records of each kind in the order of tables and rows (those that do not say whose they are, and
        belong to a card or to the customer a sheet is named after, last), and what is wrong with single cells.
    """
    tables = [_scaled(table, policy.reading.satisfaction_scale) for table in tables]
    found_records: dict[str, list[Record]] = {kind.attribute: [] for kind in schema.READ_SHEETS}
    problems: list[Problem] = []
    aside: set[str] = set()
    origins: dict[Table, Table] = {}
    keys_by_name: Mapping[str, set[str]] = {}
    for table in sorted(tables, key=_waits):
        if not keys_by_name and _lacks_key(table):
            keys_by_name = _keys_by_name(found_records)
        origins[table] = replace(table, values=(), card=origins[table.card] if table.card else None)
        key = None
        if _is_of_one(table):
            key = _key_of(table, keys_by_name or _keys_by_name(found_records))
        rows = _read_table(table, origins[table], policy, key, keys_by_name)
        aside |= rows.aside
        found_records[schema.sheet(table.kind).attribute].extend(rows.records)
        problems.extend(rows.problems)
    for attribute in _CUSTOMERS:
        found_records[attribute] = _without_doubles(found_records[attribute], aside)
    kept: dict[str, Any] = {attribute: tuple(records) for attribute, records in found_records.items()}
    origin_tables = tuple(origins[table] for table in tables)
    return Records(as_read=tuple(tables), tables=origin_tables, aside=frozenset(aside), **kept), tuple(problems)


def drop_doubles(records: Records) -> Records:
    """Drop what sheets of the other kind say of customers who have a row of their own, once keys are settled."""
    kept: dict[str, Any] = {
        attribute: tuple(_without_doubles(getattr(records, attribute), records.aside)) for attribute in _CUSTOMERS
    }
    return replace(records, **kept)


def _without_doubles(records: Sequence[Any], aside: Collection[str]) -> list[Any]:
    """Drop what a sheet of another kind says of a customer who has a row of this kind, or a row set aside."""
    if not any(record.origin.beside for record in records):
        return list(records)
    keys = {*aside, *(record.customer_id for record in records if not record.origin.beside)}
    return [record for record in records if not record.origin.beside or record.customer_id not in keys]


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
        refs,
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


def _is_of_one(table: Table) -> bool:
    """Return whether a table's rows are all of one customer, whom they do not name: follow-up records (§1.3)."""
    names = {column.name for column in table.columns}
    return table.kind == schema.FOLLOW_UPS.kind and names.isdisjoint((_KEY, _NAME))


def _lacks_key(table: Table) -> bool:
    """Return whether 客户名称 must say whose the rows of a table are."""
    names = {column.name for column in table.columns}
    blank = table.header_row == 0 and any(
        column.name == _KEY and row[at] is None for row in table.values for at, column in enumerate(table.columns)
    )
    return (_KEY not in names or blank) and _NAME in names


def _waits(table: Table) -> tuple[bool, bool, bool]:
    """Order tables: lists of customers with numbers first, whatever needs them after."""
    return _is_of_one(table) or table.card is not None, _lacks_key(table), table.kind not in _NAMED


def _keys_by_name(records: Mapping[str, Sequence[Any]]) -> Mapping[str, set[str]]:
    """Map the folded numbers and names of all customers to their numbers."""
    keys: dict[str, set[str]] = {}
    for record in (record for attribute in _CUSTOMERS for record in records[attribute]):
        for name in (record.customer_id, record.name):
            keys.setdefault(fold(name), set()).add(record.customer_id)
    return keys


def _key_of(table: Table, keys_by_name: Mapping[str, set[str]]) -> str | None:
    """Find whose records a table holds: of the card on its sheet, the customer its sheet is named after, or its card.

    None where nobody can say; blank where its card was set aside.
    """
    card = _card_key(table.card) if table.card is not None else None
    if table.card is not None and table.card.sheet == table.sheet:
        return card or ""
    title = fold(table.sheet)
    names = {title, *(title.replace(fold(word), "") for word in _TITLES if fold(word) in title)}
    keys = {key for name in names for key in keys_by_name.get(name, ())}
    if len(keys) == 1:
        return next(iter(keys))
    return card if table.card is None else card or ""


def _read_table(
    table: Table, origin: Table, policy: Policy, key: str | None, keys_by_name: Mapping[str, set[str]]
) -> _Rows:
    rows = _Rows()
    missing = _missing_columns(table, key)
    if missing:
        ref = table.ref(table.header_row)
        rows.problems.append(problem("column-missing", ref, title=schema.sheet(table.kind).title, label=missing[0]))
        return rows
    if key == "":
        return rows  # its card was set aside, and what stands on it with it
    raws = list(zip(*table.values, strict=True)) or [() for _ in table.columns]
    kind = schema.sheet(table.kind)
    columns = [
        read_column(table, at, raws[at], policy=policy)
        for at, column in enumerate(table.columns)
        if column.name and kind.field(column.name).in_record
    ]
    columns, warnings = _with_keys_and_scales(table, columns, keys_by_name)
    rows.problems.extend(warnings)
    aside: set[int] = set()
    unreadable: dict[int, list[str]] = {}
    for column in columns:
        if column.entry.ours and column.entry.name not in _DATED:
            continue  # written by the program, and written again: what stands there is not taken for data
        rows.problems.extend(doubt_problems(table, column))
        for index in column.unreadable:
            unreadable.setdefault(index, []).append(column.entry.name)
        if column.entry.need is Need.REQUIRED:
            aside |= column.unreadable
            has_blank = None in column.values
            blank = {index for index, value in enumerate(column.values) if value is None} if has_blank else set()
            blank -= column.unreadable
            aside |= blank
            if column.entry.name == column.column.name or table.kind not in _NAMED:
                rows.problems.extend(_blanks(table, column, sorted(blank)))
    rows.records.extend(_records(table, origin, columns, aside, unreadable, key))
    keys: Sequence[Any] = next((column.values for column in columns if column.entry.name == _KEY), ())
    if table.kind in _NAMED:
        rows.aside.update(key for index in aside if isinstance(key := keys[index], str))
    return rows


def _with_keys_and_scales(
    table: Table, columns: list[ReadColumn], keys_by_name: Mapping[str, set[str]]
) -> tuple[list[ReadColumn], list[Problem]]:
    """Let names be keys where there are none, and leave out scores whose scale nobody declared."""
    columns, by_name = _keyed_by_name(table, columns, keys_by_name)
    problems = [by_name] if by_name else []
    for place, column in enumerate(columns):
        if column.entry.name == _SATISFACTION:
            columns[place], warnings = _without_unknown_scale(table, column)
            problems.extend(warnings)
    return columns, problems


def _keyed_by_name(
    table: Table, columns: list[ReadColumn], keys_by_name: Mapping[str, set[str]]
) -> tuple[list[ReadColumn], Problem | None]:
    """Let 客户名称 be the key where a table has no 客户编号, or a card a blank one (practice §1.4, §1.7).

    Where exactly one customer of the tables with numbers has the name, its number is the key.
    """
    by_name = {column.entry.name: column for column in columns}
    key: ReadColumn | None
    key, name = by_name.get(_KEY), by_name.get(_NAME)
    if name is None or not name.values:
        return columns, None
    if key is None:
        entry = schema.sheet(table.kind).field(_KEY)
        values = [_number_of(value, keys_by_name) for value in name.values]
        key = ReadColumn(entry, name.at, name.column, values, frozenset(), {})
        return [key, *columns], problem("key-by-name", table.ref(table.header_row or table.rows[0], _NAME))
    if table.header_row == 0 and key.values == [None] and not key.unreadable:
        named = replace(key, values=[_number_of(value, keys_by_name) for value in name.values])
        return [named if column is key else column for column in columns], problem(
            "key-by-name", table.ref(table.rows[0], _NAME)
        )
    return columns, None


def _number_of(name: Any, keys_by_name: Mapping[str, set[str]]) -> Any:  # noqa: ANN401 - a cell's value
    keys = keys_by_name.get(fold(name), set()) if isinstance(name, str) and "*" not in name else set[str]()
    return next(iter(keys)) if len(keys) == 1 else name


def _records(
    table: Table,
    origin: Table,
    columns: Sequence[ReadColumn],
    aside: set[int],
    unreadable: Mapping[int, Sequence[str]],
    key: str | None,
) -> Iterable[Record]:
    make = schema.sheet(table.kind).record
    names = [column.entry.name for column in columns]
    held: dict[str, Any] = {}
    if table.kind in _NAMED and _NAME not in names:
        held[_NAME] = ""
    if _KEY not in names and key is not None:
        held[_KEY] = key
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
    """Return the 客户编号 of a card, or its 客户名称 where it has none; None where nobody can read it."""
    for name, read in ((_KEY, read_key), (_NAME, read_plain_text)):
        column = next((at for at, column in enumerate(card.columns) if column.name == name), None)
        value = read(card.values[0][column]) if column is not None and card.values else None
        if isinstance(value, str):
            return value
        if isinstance(value, Doubt):
            return None
    return None


def _missing_columns(table: Table, key: str | None) -> list[str]:
    """Find the required columns a table lacks; a card lacks cells, and 客户名称 may stand on another sheet."""
    names = {column.name for column in table.columns}
    return [
        entry.label
        for entry in schema.sheet(table.kind).fields
        if entry.need is Need.REQUIRED
        and entry.name not in names
        and not (entry.name == _KEY and (key is not None or _NAME in names))
        and not (entry.name == _NAME and table.kind == "scoring")
    ]


def _blanks(table: Table, column: ReadColumn, blank: Sequence[int]) -> Iterable[Problem]:
    for index in blank:
        ref = table.ref(table.rows[index], column.entry.name)
        kind = "key-missing" if column.entry.name == _KEY else "required-missing"
        yield problem(kind, ref, label=column.entry.label)
