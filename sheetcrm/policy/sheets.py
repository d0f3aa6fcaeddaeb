"""Writes a policy as plain sheets, for `sheetcrm policy export`. Pure.

The sheets hold the whole policy: `sheetreading.read` makes the same policy of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetcrm.policy import layout
from sheetcrm.policy.cells import OTHERWISE, Cell, CellKind, render
from sheetcrm.policy.layout import LayoutColumn, LayoutSheet
from sheetcrm.policy.model import Policy
from sheetcrm.policy.tables import KNOWN, DecisionTable, Rule


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """A sheet's cells at their own addresses (1-based): `rows[5][2]` is B5. Blank cells may be left out."""

    title: str
    rows: Mapping[int, Mapping[int, Cell]]


def headers(sheet: LayoutSheet, policy: Policy) -> tuple[LayoutColumn, ...]:
    """List a sheet's columns, the pairs of its conditions among them: as many as its longest rule needs."""
    if not sheet.conditions:
        return sheet.columns
    waiting = (len(table.known) for table in policy.classes) if sheet is layout.CLASSES else ()
    pairs = max(layout.FEWEST_PAIRS, *waiting, *(len(rule.when) for rule in _rules(sheet, policy)))
    conditions = [
        column
        for number in range(1, pairs + 1)
        for column in (
            LayoutColumn(
                f"{layout.PAIR[0]}{number}", kind=CellKind.MEASURE, width=18, note="从下拉框里选，见“指标一览”"
            ),
            LayoutColumn(f"{layout.PAIR[1]}{number}", kind=CellKind.CONDITION, width=16, note="写法见“说明”"),
        )
    ]
    return (*sheet.columns[: sheet.keys], *conditions, *sheet.columns[sheet.keys :])


def write(policy: Policy) -> tuple[PlainSheet, ...]:
    """Write the whole policy, a header in row 1 of every sheet."""
    return tuple(_sheet(sheet, policy) for sheet in layout.SHEETS)


def _sheet(sheet: LayoutSheet, policy: Policy) -> PlainSheet:
    columns = headers(sheet, policy)
    lines: list[Mapping[str, Cell]] = [{column.label: column.label for column in columns}, *_lines(sheet, policy)]
    return PlainSheet(
        sheet.title,
        {
            row: {at: line.get(column.label) for at, column in enumerate(columns, start=1)}
            for row, line in enumerate(lines, start=1)
        },
    )


def _lines(sheet: LayoutSheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    if sheet.title in _OWN:
        yield from _OWN[sheet.title](sheet, policy)
    elif sheet.conditions:
        yield from _table(sheet, getattr(policy, sheet.at[0]), policy, [])
    else:
        yield from (_record(sheet, entry, []) for entry in getattr(policy, sheet.at[0]))


def _line(sheet: LayoutSheet, cells: Sequence[Cell]) -> Mapping[str, Cell]:
    return {column.label: cell for column, cell in zip(sheet.columns, cells, strict=False)}


def _record(sheet: LayoutSheet, entry: object, keys: Sequence[Cell], classes: Iterable[str] = ()) -> Mapping[str, Cell]:
    """Write an entry of the policy as one row; `keys` go before its own columns."""
    own = [render(column.kind, getattr(entry, column.key), classes) for column in sheet.columns if column.key]
    return _line(sheet, [*keys, *own])


def _settings(sheet: LayoutSheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    classes = [entry.name for entry in policy.classes]
    for setting in sheet.lines:
        value: Any = policy
        for key in setting.at:
            value = getattr(value, key)
        yield _line(sheet, [setting.label, render(setting.kind, value, classes), setting.note or None])


def _cards(sheet: LayoutSheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (_record(sheet, entry, [card.name]) for card in policy.scorecards for entry in card.every)


def _bands(sheet: LayoutSheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    for card in policy.scorecards:
        for entry in card.every:
            for band in entry.bands:
                yield _line(sheet, [card.name, entry.label, band.when, band.points])
            if entry.otherwise is not None:
                yield _line(sheet, [card.name, entry.label, OTHERWISE, entry.otherwise])
            for word, points in entry.words.items():
                yield _line(sheet, [card.name, entry.label, word, points])


def _table(
    sheet: LayoutSheet, table: DecisionTable[Any], policy: Policy, keys: Sequence[Cell]
) -> Iterator[Mapping[str, Cell]]:
    classes = [entry.name for entry in policy.classes]
    for rule in table.rules:
        yield {**_record(sheet, rule, keys), **_conditions(rule.when, classes)}
    if table.default is not None:
        waiting = dict.fromkeys(table.known, KNOWN)
        yield {**_line(sheet, [*keys, OTHERWISE, table.default]), **_conditions(waiting, classes)}


def _conditions(when: Mapping[str, str], classes: Iterable[str]) -> dict[str, Cell]:
    conditions: dict[str, Cell] = {}
    for number, (name, text) in enumerate(when.items(), start=1):
        conditions[f"{layout.PAIR[0]}{number}"] = render(CellKind.MEASURE, name, classes)
        conditions[f"{layout.PAIR[1]}{number}"] = text
    return conditions


def _standards(sheet: LayoutSheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (_record(sheet, tier.standard, [tier.name]) for tier in policy.tiers)


def _classes(sheet: LayoutSheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (line for table in policy.classes for line in _table(sheet, table, policy, [table.name]))


def _signals(sheet: LayoutSheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (_line(sheet, [name, render(CellKind.WORDS, words)]) for name, words in policy.signals.words.items())


def _holidays(sheet: LayoutSheet, policy: Policy) -> Iterator[Mapping[str, Cell]]:
    return (_line(sheet, [day, kind]) for day, kind in policy.holidays.items())


_OWN: Mapping[str, Callable[[LayoutSheet, Policy], Iterator[Mapping[str, Cell]]]] = {
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


def _rules(sheet: LayoutSheet, policy: Policy) -> list[Rule]:
    if sheet is layout.CLASSES:
        return [rule for table in policy.classes for rule in table.rules]
    return list(getattr(policy, sheet.at[0]).rules)
