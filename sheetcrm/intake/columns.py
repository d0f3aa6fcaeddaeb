"""Reads the cells of columns into values, and turns doubts into problems (practice §2). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any, TypeAlias

from sheetcrm import privacy, schema
from sheetcrm.model import FORMULA, CellRef, Column, Level, Problem, Range, RawValue, Standing, Table
from sheetcrm.policy.conditions import compile_condition
from sheetcrm.policy.model import Policy
from sheetcrm.problems import SPOILS_A_CELL, problem, shown, title_of
from sheetcrm.schema import Field, Kind, Need, Privacy
from sheetcrm.text import answers, dates, folding, month_days, quantities
from sheetcrm.text.doubt import Doubt

Value: TypeAlias = str | int | bool | Decimal | date | datetime | Level | Range | None
"""What a cell was read as."""
Reader: TypeAlias = Callable[..., Any]
"""A raw cell -> Value or a Doubt of one."""

CELL_ERROR, UNCOMPUTED, _KEY_LOST = "cell-error", "formula-uncomputed", "key-digits-lost"
_MANY = 5
"""More marked cells of a column than this are reported as one."""
_ALIKE = ((UNCOMPUTED, CELL_ERROR), ("day-missing",))
"""Kinds of doubts that are reported once a column."""
_CELL_FAULTS = SPOILS_A_CELL - {UNCOMPUTED, CELL_ERROR}
_READ_APART: Mapping[str, Reader] = {
    "contract_end": dates.read_end,
    "spend_12m": partial(quantities.read_money, yearly=True),
}
"""Fields that take more than others of their kind: an end that never comes, an amount that names its year."""
_MONTH_OR_DAY = re.compile(r"(?:1[0-2]|0?[1-9])\.(?:[12]\d|3[01]|0?[1-9])", re.ASCII)
_BARE = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_LONGEST_BARE = 12
_NO_SPAN = re.compile(r"(?:第?[一二三四1-4]季度?|Q[1-4]|(?:1[5-9]|[2-9]\d)年)", re.ASCII | re.IGNORECASE)
"""A quarter, or a year of two digits: texts that name a time, and no length of time."""
_DAY_UNITS = frozenset((None, "天"))
_YEARS = range(1900, 2101)
_KEY = "customer_id"
_LINES = re.compile(r"\s*[\r\n]\s*")
_TIER_FIELDS = frozenset(("grade", "tier", "previous_grade", "proposed_grade"))


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column's values, one a row. `unreadable` are the positions of cells whose content could not be read.

    `doubts` maps positions to the kind of their problem, those of repaired readings included.
    """

    entry: Field
    at: int
    column: Column
    values: list[Value]
    unreadable: frozenset[int]
    doubts: Mapping[int, str]


def read_column(table: Table, at: int, raws: Sequence[RawValue], *, policy: Policy) -> ReadColumn:
    """Read the cells of one known column of a table, in the order of the rows.

    Args:
        table: The table.
        at: The column's position in it.
        raws: The column's cells. Cells that hold the same are read once.
        policy: Names the tiers, and the edges of 高, 中 and 低.
    """
    column = table.columns[at]
    field = schema.sheet(table.kind).field(column.name or "")
    read = _reader(table, column, field, policy)
    percents = {row for row, index in table.percents if index == column.index}
    cached = _CellCache(read)
    if bool in set(map(type, raws)):  # TRUE is no 1, although they are equal
        values = [None if raw is None else read(raw) for raw in raws]
    else:
        values = list(map(cached.__getitem__, raws))
    if percents and field.kind in (Kind.RATE, Kind.LEVEL):
        for index, row in enumerate(table.rows):
            if (column.row or row) in percents:
                values[index] = read(raws[index], percent_format=True)
    is_key = field.kind is Kind.KEY and field.need is Need.REQUIRED
    doubts: dict[int, str] = {}
    unreadable: set[int] = set()
    for index, value in enumerate(values) if Doubt in set(map(type, values)) else ():
        if isinstance(value, Doubt):
            values[index] = value.value
            doubts[index] = _KEY_LOST if is_key and value.kind == "digits-lost" else value.kind
            if value.value is None:
                unreadable.add(index)
    for index, row in _marked(table, column):
        if values[index] is None:
            doubts[index] = UNCOMPUTED if table.marks[row, column.index] == FORMULA else CELL_ERROR
            unreadable.add(index)
    return ReadColumn(field, at, column, values, frozenset(unreadable), doubts)


def doubt_problems(table: Table, read: ReadColumn) -> Iterable[Problem]:
    """Report the doubtful cells of a column; many marked cells of one column are reported as one."""
    shared = _shared_fault(table, read)
    if shared:
        yield problem(
            "column-unreadable",
            CellRef(table.file, table.sheet, table.header_row, read.column.index),
            [table.ref(table.rows[index], read.entry.name) for index in shared],
            label=read.entry.label,
            count=len(shared),
            total=len(table.rows),
            found=_quote(read.entry, table.values[shared[0]][read.at]),
            fault=title_of(read.doubts[shared[0]]),
        )
    alike = [[index for index, kind in read.doubts.items() if kind in kinds] for kinds in _ALIKE]
    repeated = {index: len(marked) - 1 for marked in alike if len(marked) > _MANY for index in marked[1:]}
    first = {marked[0]: marked for marked in alike if len(marked) > _MANY}
    for index, kind in read.doubts.items():
        if index not in repeated and index not in shared:
            raw = table.values[index][read.at]
            if kind == CELL_ERROR:
                raw = table.marks[read.column.row or table.rows[index], read.column.index]
            further = first.get(index, ())
            others = f"，这一列还有 {len(further) - 1} 格也是这样" if further else ""
            yield problem(
                kind,
                table.ref(table.rows[index], read.entry.name),
                [table.ref(table.rows[other], read.entry.name) for other in further],
                found=_quote(read.entry, raw),
                label=read.entry.label,
                others=others,
            )


def _shared_fault(table: Table, read: ReadColumn) -> Sequence[int]:
    """Return the positions of the cells that do not read, where they are most of a column: it is the column then."""
    bad = [index for index in sorted(read.unreadable) if read.doubts[index] in _CELL_FAULTS]
    return bad if len(bad) > _MANY and len(bad) * 3 >= len(table.rows) * 2 else ()


def _quote(field: Field, raw: RawValue) -> str:
    """Quote a cell's value, masked where the column holds personal data."""
    text = answers.read_plain_text(raw)
    quoted = text if isinstance(text, str) else str(raw)
    if field.privacy is not Privacy.NONE:
        quoted = privacy.mask_contact(quoted)
    return shown(privacy.mask_text(quoted))


class _CellCache(dict[RawValue, Any]):
    """The value of each distinct cell of a column, read on first use."""

    def __init__(self, read: Reader) -> None:
        super().__init__({None: None})
        self._read = read

    def __missing__(self, raw: RawValue) -> Any:  # noqa: ANN401 - whatever the reader makes of it
        value = self[raw] = self._read(raw)
        return value


def _marked(table: Table, column: Column) -> Iterable[tuple[int, int]]:
    """Yield position and sheet row of the rows whose cell in a column is marked."""
    if not table.marks:
        return
    for index, row in enumerate(table.rows):
        if (column.row or row, column.index) in table.marks:
            yield index, column.row or row


def _reader(table: Table, column: Column, field: Field, policy: Policy) -> Reader:
    read, options = _READERS[field.kind]
    read = _READ_APART.get(field.name, read)
    if field.name == _KEY and table.kind == schema.FOLLOW_UPS.kind:
        return _read_keys
    if field.name in _TIER_FIELDS:
        return partial(_read_choice, words=_tier_words(policy))
    available: dict[str, object] = {
        "unit": column.unit,
        "date1904": table.date1904,
        "words": _choice_words(table.kind, field.name) if "words" in options else None,
        "edges": _level_edges(policy, field.name) if "edges" in options else None,
    }
    return partial(read, **{name: available[name] for name in options}) if options else read


def _read_identifier(raw: RawValue) -> str | Doubt[str] | None:
    """Read an identifier; one that lost digits is no identifier any more."""
    key = answers.read_key(raw)
    return Doubt(key.kind) if isinstance(key, Doubt) else key


def _read_keys(raw: RawValue) -> str | Doubt[str] | None:
    """Read the identifiers of a follow-up record, of which each may stand on a line of its own (practice §8)."""
    return _read_identifier(_LINES.sub("、", raw.strip()) if isinstance(raw, str) else raw)


def _read_text(raw: RawValue) -> str | Doubt[str] | None:
    text = answers.read_plain_text(raw)
    return Doubt(text.kind) if isinstance(text, Doubt) else text


def _read_count(raw: RawValue, *, unit: str | None) -> Decimal | Doubt[Decimal] | None:
    count = quantities.read_count(raw, unit=unit)
    if isinstance(count, Doubt):
        return Doubt(count.kind)
    return None if count is None else Decimal(count)


def _read_range(raw: RawValue) -> Range | str | Doubt[Range] | None:
    """Read a range, else the text that stands in its place (`中型`): any text is legal there (practice §1.1)."""
    read = answers.read_range(raw)
    if not isinstance(read, Doubt):
        return read
    if not isinstance(raw, str):
        return Doubt("count-unreadable")
    text = answers.read_plain_text(raw)
    return text if isinstance(text, str) else None


def _read_recency(raw: RawValue, *, unit: str | None, date1904: bool) -> date | int | Doubt[date] | None:
    """Read a day, or how many days ago it was; never a year, a month or a day of one as a number of days."""
    if not _names_a_time(raw, unit):
        days = quantities.read_duration(raw, unit=unit)
        if not isinstance(days, Doubt):
            return days
    elif not isinstance(raw, str):
        return Doubt("recency-unreadable")  # 2026.1 may be January, or October
    day = dates.read_date(raw, date1904=date1904)
    return Doubt("recency-unreadable") if isinstance(day, Doubt) and day.value is None else day


def _names_a_time(raw: RawValue, unit: str | None) -> bool:
    """Return whether a cell reads as a year, a month or a day without the rest: 2026, 2026.10, 9.15, 三季度."""
    if type(raw) is float and raw.is_integer():
        return raw in _YEARS and unit in _DAY_UNITS
    if type(raw) is str:
        text = folding.squeeze(raw)
        if len(text) > _LONGEST_BARE or not _BARE.fullmatch(text):
            return _NO_SPAN.fullmatch(text) is not None
    elif type(raw) is float or type(raw) is int:
        text = f"{raw:.15g}"
    else:
        return False
    if unit not in _DAY_UNITS:
        return False
    return (_BARE.fullmatch(text) and int(float(text)) in _YEARS) or _MONTH_OR_DAY.fullmatch(text) is not None


def _read_choice(raw: RawValue, *, words: Mapping[str, str]) -> str | Doubt[str] | None:
    text = _read_text(raw)
    return words.get(folding.fold(text), text) if isinstance(text, str) else text


@cache
def _choice_words(kind: str, name: str) -> Mapping[str, str]:
    """Map every spelling of a field's choices, those of older templates too, to today's word."""
    field = schema.sheet(kind).field(name)
    words = {folding.fold(choice): choice for choice in field.choices}
    return {folding.fold(old): new for old, new in (field.older or {}).items()} | words


def _tier_words(policy: Policy) -> Mapping[str, str]:
    """Map the tiers' spellings, and the words for having none, to the policy's names."""
    names = (*(tier.name for tier in policy.tiers), *(standing.value for standing in Standing))
    return {folding.fold(name): name for name in names}


def _level_edges(policy: Policy, name: str) -> tuple[tuple[str, Decimal], ...]:
    """Find the rate each level begins at: the edge of the band that gives the same points as its word."""
    cards = (policy.card, *policy.scorecards)
    indicators = (entry for card in cards for entry in card.indicators)
    indicator = next((entry for entry in indicators if entry.field == name and entry.words), None)
    if indicator is None:
        return ()
    edges: list[tuple[str, Decimal]] = []
    for band in indicator.bands:
        bound = compile_condition(band.when).bound
        word = next((word for word, points in indicator.words.items() if points == band.points), None)
        if bound is not None and word is not None:
            edges.append((word, bound.edge))
    return tuple(edges)


_READERS: Mapping[Kind, tuple[Reader, tuple[str, ...]]] = {
    Kind.KEY: (_read_identifier, ()),
    Kind.CREDIT_CODE: (_read_identifier, ()),
    Kind.TEXT: (_read_text, ()),
    Kind.PERSONAL: (_read_text, ()),
    Kind.CHOICE: (_read_choice, ("words",)),
    Kind.YES_NO: (answers.read_yes_no, ()),
    Kind.MONEY: (quantities.read_money, ("unit",)),
    Kind.FREQUENCY: (quantities.read_frequency, ("unit",)),
    Kind.COUNT: (_read_count, ("unit",)),
    Kind.NUMBER: (quantities.read_number, ("unit",)),
    Kind.RATE: (quantities.read_rate, ("unit",)),
    Kind.LEVEL: (answers.read_level, ("unit", "edges")),
    Kind.RANGE: (_read_range, ()),
    Kind.RECENCY: (_read_recency, ("unit", "date1904")),
    Kind.DATE: (dates.read_date, ("date1904",)),
    Kind.MONTH_DAY: (month_days.read_month_day, ("date1904",)),
    Kind.DATETIME: (dates.read_datetime, ("date1904",)),
}
"""The reader of each kind of field, and which of unit, date system, words and edges it asks for."""
