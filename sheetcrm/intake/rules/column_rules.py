"""Rules about a column looked at as a whole: figures of another unit among the others (practice §2). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from statistics import median

from sheetcrm import schema
from sheetcrm.intake.rules.findings import Subject, everything
from sheetcrm.model import CellRef, Column, Problem, RawValue, Record, Table
from sheetcrm.problems import address, listed, problem
from sheetcrm.schema import Kind
from sheetcrm.text.folding import squeeze
from sheetcrm.text.numerals import parse_number
from sheetcrm.text.quantities import format_frequency, format_money

_FEWEST_FIGURES = 10
"""A median of fewer figures says nothing."""
_FAR = 1000
"""How many times off the median a figure is of another unit."""
_LARGE_UNITS = ("万", "萬", "亿", "億", "w", "W")
_BARE_BELOW = 1000
_PERCENTAGES = (2, 100)
_RENDER = {Kind.MONEY: format_money, Kind.FREQUENCY: format_frequency}


def outliers(subject: Subject) -> Iterable[Problem]:
    """No customer's figure is 1,000 times off its column's median; among orders it is a remark for the column."""
    for records in everything(subject.records):
        for rows in _by_table(records):
            for column in rows[0].origin.columns:
                entry = schema.sheet(rows[0].origin.kind).field(column.name) if column.name else None
                if entry and entry.kind in _RENDER and entry.in_record and not entry.ours:
                    yield from _outliers(rows, entry)


def _by_table(records: Sequence[Record]) -> Iterable[Sequence[Record]]:
    if len(set(map(id, map(attrgetter("origin"), records)))) == 1:
        return (records,)
    tables: dict[int, list[Record]] = {}
    for record in records:
        tables.setdefault(id(record.origin), []).append(record)
    return tables.values()


def _outliers(records: Sequence[Record], entry: schema.Field) -> Iterable[Problem]:
    values = list(map(attrgetter(entry.name), records))
    figures = list(map(float, filter(None, values)))
    if len(figures) < _FEWEST_FIGURES:
        return
    if min(figures) < 0:
        figures = list(map(abs, figures))
    if max(figures) < min(figures) * _FAR:
        return
    middle = median(figures)
    high, low = middle * _FAR, middle / _FAR
    if low < min(figures) and max(figures) < high:
        return
    far = [
        record for record, value in zip(records, values, strict=True) if value and not low < abs(float(value)) < high
    ]
    kind = "order-outlier" if records[0].origin.kind == schema.ORDERS.kind else "figure-outlier"
    refs = [record.ref(entry.name) for record in far]
    yield problem(
        kind,
        refs[0],
        refs,
        label=entry.label,
        places=listed([address(ref) for ref in refs]),
        median=_RENDER[entry.kind](Decimal(f"{middle:.15g}")),
    )


def bare_among_large(subject: Subject) -> Iterable[Problem]:
    """Where amounts are written in 万, one under 1,000 without a unit is doubtful: `35` beside `80万`."""
    for table, column, cells in _columns(subject, Kind.MONEY):
        texts = {cell for cell in cells if isinstance(cell, str)}
        if not any(unit in text for text in texts for unit in _LARGE_UNITS):
            continue
        bare = {cell for cell, number in _bare(cells).items() if 0 < abs(number) < _BARE_BELOW}
        yield from _named("unit-missing", table, column, [at for at, cell in enumerate(cells) if cell in bare])


def percentages_among_shares(subject: Subject) -> Iterable[Problem]:
    """Where rates are written as shares, one of 2 to 100 without a % sign is doubtful: `85` beside `0.6`."""
    low, high = _PERCENTAGES
    for table, column, cells in _columns(subject, Kind.RATE):
        numbers = _bare(cells)
        large = {cell for cell, number in numbers.items() if low <= number <= high}
        if large and any(0 < number < 1 for number in numbers.values()):
            plain = [(row, column.index) not in table.percents for row in table.rows]
            shares = any(plain[at] and 0 < numbers.get(cell, 0) < 1 for at, cell in enumerate(cells))
            named = [at for at, cell in enumerate(cells) if plain[at] and cell in large]
            yield from _named("rate-mixed", table, column, named if shares else [])


def _columns(subject: Subject, kind: Kind) -> Iterable[tuple[Table, Column, Sequence[RawValue]]]:
    """Yield the columns of a kind whose header names no unit, with their cells."""
    for table in subject.records.as_read:
        for at, column in enumerate(table.columns):
            if column.name and column.unit is None and schema.sheet(table.kind).field(column.name).kind is kind:
                yield table, column, [row[at] for row in table.values]


def _bare(cells: Sequence[RawValue]) -> Mapping[RawValue, float]:
    """Map the distinct cells that hold nothing but a number to it."""
    numbers: dict[RawValue, float] = {}
    for cell in set(cells):
        if type(cell) is float or type(cell) is int:
            numbers[cell] = float(cell)
        elif isinstance(cell, str) and cell[-1:].isdigit():
            parsed = parse_number(squeeze(cell))
            if parsed and not parsed[1]:
                numbers[cell] = float(parsed[0])
    return numbers


def _named(kind: str, table: Table, column: Column, positions: Sequence[int]) -> Iterable[Problem]:
    if positions:
        refs = [CellRef(table.file, table.sheet, column.row or table.rows[at], column.index) for at in positions]
        label = schema.sheet(table.kind).field(column.name or "").label
        yield problem(kind, refs[0], refs, label=label, places=listed([address(ref) for ref in refs]))
