"""A policy as plain sheets: what `sheetcrm policy export` writes. Pure.

The sheets hold the whole policy: `sheetreading.read` makes the same policy of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetcrm.policy import layout
from sheetcrm.policy.cells import OTHERWISE, Cell, Kind, show
from sheetcrm.policy.layout import Column, Sheet
from sheetcrm.policy.model import Policy
from sheetcrm.policy.scorecard import Indicator
from sheetcrm.policy.tables import DecisionTable, Rule


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """A sheet's cells at their own addresses (1-based): `rows[5][2]` is B5. Blank cells may be left out."""

    title: str
    rows: Mapping[int, Mapping[int, Cell]]


def headers(sheet: Sheet, policy: Policy) -> tuple[Column, ...]:
    """List a sheet's columns, the pairs of its conditions among them: as many as its longest rule needs."""
    if not sheet.conditions:
        return sheet.columns
    pairs = max(layout.FEWEST_PAIRS, *(len(rule.when) for rule in _rules(sheet, policy)))
    asked = [
        column
        for number in range(1, pairs + 1)
        for column in (
            Column(f"{layout.PAIR[0]}{number}", kind=Kind.MEASURE, width=18, note="从下拉框里选，见“指标一览”"),
            Column(f"{layout.PAIR[1]}{number}", kind=Kind.CONDITION, width=16, note="写法见“说明”"),
        )
    ]
    return (*sheet.columns[: sheet.keys], *asked, *sheet.columns[sheet.keys :])


def write(policy: Policy) -> tuple[PlainSheet, ...]:
    """Write the whole policy, a header in row 1 of every sheet."""
    return tuple(_sheet(sheet, policy) for sheet in layout.SHEETS)


def _sheet(sheet: Sheet, policy: Policy) -> PlainSheet:
    columns = headers(sheet, policy)
    lines: list[Mapping[str, Cell]] = [{column.label: column.label for column in columns}, *_lines(sheet, policy)]
    return PlainSheet(
        sheet.title,
        {
            row: {at: line.get(column.label) for at, column in enumerate(columns, start=1)}
            for row, line in enumerate(lines, start=1)
        },
    )


def _lines(sheet: Sheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    if sheet.title in _OWN:
        yield from _OWN[sheet.title](sheet, policy)
    elif sheet.conditions:
        yield from _table(sheet, getattr(policy, sheet.at[0]), policy, [])
    else:
        yield from (_record(sheet, entry, []) for entry in getattr(policy, sheet.at[0]))


def _line(sheet: Sheet, cells: Sequence[Cell]) -> Mapping[str, Cell]:
    return {column.label: cell for column, cell in zip(sheet.columns, cells, strict=False)}


def _record(sheet: Sheet, entry: object, keys: Sequence[Cell], classes: Iterable[str] = ()) -> Mapping[str, Cell]:
    """Write an entry of the policy as one row; `keys` go before its own columns."""
    own = [show(column.kind, getattr(entry, column.key), classes) for column in sheet.columns if column.key]
    return _line(sheet, [*keys, *own])


def _settings(sheet: Sheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    classes = [entry.name for entry in policy.classes]
    for setting in sheet.lines:
        value: Any = policy
        for key in setting.at:
            value = getattr(value, key)
        yield _line(sheet, [setting.label, show(setting.kind, value, classes), setting.note or None])


def _cards(sheet: Sheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    for card in policy.scorecards:
        for entry in card.indicators:
            shown = {column.label: show(column.kind, _raw(entry, column.key)) for column in sheet.columns if column.key}
            yield {sheet.columns[0].label: card.name} | shown


def _raw(entry: Indicator, key: str) -> object:
    return entry.missing.value if key == "missing" else getattr(entry, key)


def _bands(sheet: Sheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    for card in policy.scorecards:
        for entry in card.indicators:
            for band in entry.bands:
                yield _line(sheet, [card.name, entry.label, band.when, band.points])
            if entry.otherwise is not None:
                yield _line(sheet, [card.name, entry.label, OTHERWISE, entry.otherwise])
            for word, points in entry.words.items():
                yield _line(sheet, [card.name, entry.label, word, points])


def _table(
    sheet: Sheet, table: DecisionTable[Any], policy: Policy, keys: Sequence[Cell]
) -> Iterator[Mapping[str, Cell]]:
    classes = [entry.name for entry in policy.classes]
    for rule in table.rules:
        asked: dict[str, Cell] = {}
        for number, (name, text) in enumerate(rule.when.items(), start=1):
            asked[f"{layout.PAIR[0]}{number}"] = show(Kind.MEASURE, name, classes)
            asked[f"{layout.PAIR[1]}{number}"] = text
        yield {**_record(sheet, rule, keys), **asked}
    if table.default is not None:
        yield _line(sheet, [*keys, OTHERWISE, table.default])


def _standards(sheet: Sheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (_record(sheet, tier.standard, [tier.name]) for tier in policy.tiers)


def _classes(sheet: Sheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (line for table in policy.classes for line in _table(sheet, table, policy, [table.name]))


def _signals(sheet: Sheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (_line(sheet, [name, show(Kind.WORDS, words)]) for name, words in policy.signals.words.items())


def _holidays(sheet: Sheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (_line(sheet, [day, kind]) for day, kind in policy.holidays.items())


_OWN: Mapping[str, Callable[[Sheet, Policy], Iterator[Mapping[str, Cell]]]] = {
    layout.BASICS.title: _settings,
    layout.ROLES.title: _settings,
    layout.CARDS.title: _cards,
    layout.BANDS.title: _bands,
    layout.STANDARDS.title: _standards,
    layout.CLASSES.title: _classes,
    layout.SIGNALS.title: _signals,
    layout.HOLIDAYS.title: _holidays,
}
"""The sheets that are not one list of the policy, an entry a row."""


def _rules(sheet: Sheet, policy: Policy) -> list[Rule]:
    if sheet is layout.CLASSES:
        return [rule for table in policy.classes for rule in table.rules]
    return list(getattr(policy, sheet.at[0]).rules)
