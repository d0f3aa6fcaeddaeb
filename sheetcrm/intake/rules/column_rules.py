"""Rules about a column looked at as a whole: figures of another unit among the others (practice §2). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

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
        for entry in schema.sheet(records[0].origin.kind).fields if records else ():
            if entry.kind in _RENDER and entry.in_record and not entry.ours:
                tables: dict[int, list[Record]] = {}
                for record in records:
                    tables.setdefault(id(record.origin), []).append(record)
                for rows in tables.values():
                    yield from _outliers(rows, entry)


def _outliers(records: Sequence[Record], entry: schema.Field) -> Iterable[Problem]:
    figures = [(float(abs(value)), record) for record in records if (value := getattr(record, entry.name))]
    if len(figures) < _FEWEST_FIGURES:
        return
    middle = median(figure for figure, _ in figures)
    far = [record for figure, record in figures if figure >= middle * _FAR or figure * _FAR <= middle]
    if not far:
        return
    kind = "order-outlier" if records[0].origin.kind == schema.ORDERS.kind else "figure-outlier"
    yield problem(
        kind,
        far[0].ref(entry.name),
        label=entry.label,
        places=listed([address(record.ref(entry.name)) for record in far]),
        median=_RENDER[entry.kind](Decimal(f"{middle:.15g}")),
    )


def bare_among_large(subject: Subject) -> Iterable[Problem]:
    """Where amounts are written in 万, one under 1,000 without a unit is doubtful: `35` beside `80万`."""
    for table, at, column in _columns(subject, Kind.MONEY):
        cells = [row[at] for row in table.values]
        if any(isinstance(cell, str) and any(unit in cell for unit in _LARGE_UNITS) for cell in cells):
            numbers = [float(_bare(cell) or 0) for cell in cells]
            bare = [index for index, number in enumerate(numbers) if 0 < abs(number) < _BARE_BELOW]
            yield from _named("unit-missing", table, column, bare)


def percentages_among_shares(subject: Subject) -> Iterable[Problem]:
    """Where rates are written as shares, one of 2 to 100 without a % sign is doubtful: `85` beside `0.6`."""
    low, high = _PERCENTAGES
    for table, at, column in _columns(subject, Kind.RATE):
        rates = [
            None if (row, column.index) in table.percents else _bare(cells[at])
            for row, cells in zip(table.rows, table.values, strict=True)
        ]
        if any(rate is not None and 0 < rate < 1 for rate in rates):
            large = [index for index, rate in enumerate(rates) if rate is not None and low <= rate <= high]
            yield from _named("rate-mixed", table, column, large)


def _columns(subject: Subject, kind: Kind) -> Iterable[tuple[Table, int, Column]]:
    """Yield the columns of a kind whose header names no unit."""
    for table in subject.records.as_read:
        for at, column in enumerate(table.columns):
            if column.name and column.unit is None and schema.sheet(table.kind).field(column.name).kind is kind:
                yield table, at, column


def _bare(cell: RawValue) -> Decimal | float | None:
    """Return the number of a cell that holds nothing but one."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    if not isinstance(cell, str) or not cell[-1:].isdigit():
        return None
    number: Any = parse_number(squeeze(cell))
    return number[0] if number and not number[1] else None


def _named(kind: str, table: Table, column: Column, positions: Sequence[int]) -> Iterable[Problem]:
    if positions:
        refs = [CellRef(table.file, table.sheet, column.row or table.rows[at], column.index) for at in positions]
        label = schema.sheet(table.kind).field(column.name or "").label
        yield problem(kind, refs[0], label=label, places=listed([address(ref) for ref in refs]))
