"""Reads a policy from plain sheets; every cell at fault is named, in the user's coordinates. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetcrm.errors import PolicyError
from sheetcrm.policy import layout, loading
from sheetcrm.policy.cells import OTHERWISE, Cell, CellKind, as_text, parse
from sheetcrm.policy.coherence import Location
from sheetcrm.policy.conditions import compile_condition
from sheetcrm.policy.layout import LayoutColumn, LayoutSheet
from sheetcrm.policy.model import Policy
from sheetcrm.policy.sheets import PlainSheet
from sheetcrm.policy.tables import KNOWN
from sheetcrm.text.folding import fold

Describe = Callable[[str, int, int], str]
"""Renders an address: the sheet's title, the row and the column (0: none)."""


def read(sheets: Sequence[PlainSheet], *, source: str, describe: Describe) -> Policy:
    """Make a policy of plain sheets.

    Sheets and columns of other names are passed over; rows without content too. Columns may stand in any
    order, and the header row may have others above it.

    Raises:
        PolicyError: If something cannot be read or does not hold together; every cell at fault is named.
    """
    reading = _Reading({fold(sheet.title): sheet for sheet in sheets})
    raw = _policy(reading)
    if reading.faults:
        raise loading.refusal(((describe(*place), what) for place, what in reading.faults), source=source)

    def locate(at: Location) -> str:
        place = reading.find(at)
        return describe(*place) if place else loading.key_path(at)

    return loading.check(raw, source=source, locate=locate)


_Place = tuple[str, int, int]


@dataclass(slots=True)
class _Reading:
    """The sheets being read, the faults so far, and the cell of each key of the policy."""

    sheets: Mapping[str, PlainSheet]
    faults: list[tuple[_Place, str]] = field(default_factory=list)
    places: dict[Location, _Place] = field(default_factory=dict)

    def find(self, at: Location) -> _Place | None:
        """Find the place of a key, or of the nearest key above it that has one."""
        return next((self.places[at[:length]] for length in range(len(at), 0, -1) if at[:length] in self.places), None)


@dataclass(frozen=True, slots=True)
class _SheetRow:
    """One row of a sheet, its cells by the labels of their columns."""

    reading: _Reading
    title: str
    number: int
    columns: Mapping[str, int]
    cells: Mapping[str, Cell]

    def place(self, label: str = "") -> _Place:
        return (self.title, self.number, self.columns.get(label, min(self.columns.values())))

    def text(self, label: str) -> str:
        return as_text(self.cells.get(label))

    def fault(self, label: str, what: str) -> None:
        self.reading.faults.append((self.place(label), what))

    def value(self, column: LayoutColumn, at: Location, classes: Sequence[str] = ()) -> Any:  # noqa: ANN401  (any raw value)
        """Parse a cell, and note its place under the key."""
        self.reading.places[at] = self.place(column.label)
        try:
            return parse(column.kind, self.cells.get(column.label), classes)
        except ValueError as error:
            self.fault(column.label, str(error))
            return None

    def record(self, columns: Sequence[LayoutColumn], at: Location, classes: Sequence[str] = ()) -> dict[str, Any]:
        """Parse the cells of the columns that hold a key; blank ones are left out."""
        self.reading.places.setdefault(at, self.place())
        values = {column.key: self.value(column, (*at, column.key), classes) for column in columns if column.key}
        return {key: value for key, value in values.items() if value is not None}


def _policy(reading: _Reading) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for sheet in layout.SHEETS:
        if sheet.at:
            reading.places[sheet.at] = (sheet.title, 0, 0)
    names = _class_names(reading)
    for sheet in (layout.BASICS, layout.ROLES):
        _settings(reading, sheet, raw, names)
    raw["scorecards"] = _cards(reading)
    raw["tiers"] = _tiers(reading)
    raw["classes"] = _classes(reading, names)
    tables = (
        (layout.CHURN, "first"),
        (layout.HEALTH, "first"),
        (layout.TIER_RULES, "collect"),
        (layout.ALERTS, "collect"),
    )
    for sheet, hit in tables:
        key = sheet.at[0]
        name = "预警" if sheet is layout.ALERTS else sheet.title
        table = {"name": name, "hit": hit, "rules": []}
        _rules(sheet, _rows(reading, sheet), table, (key,), names)
        raw[key] = table
    _words(reading, raw)
    plain = (layout.HEALTH_INPUTS, layout.REGRADING, layout.CADENCE, layout.ROUTINES, layout.TARGETS, layout.PROMISES)
    for sheet in plain:
        key = sheet.at[0]
        if sheet is layout.PROMISES and fold(sheet.title) not in reading.sheets:
            continue  # an older workbook: the promises are the shipped ones
        raw[key] = [row.record(sheet.columns, (key, index), names) for index, row in enumerate(_rows(reading, sheet))]
    for sheet in (layout.HEADERS, layout.WORDS):
        raw[sheet.at[0]] = _mapping(reading, sheet)
    return raw


def _settings(reading: _Reading, sheet: LayoutSheet, raw: dict[str, Any], classes: Sequence[str]) -> None:
    """Read a sheet of single values; in one that may be absent, a blank cell is a value too: none."""
    missing = {fold(setting.label): setting for setting in sheet.lines}
    label, value_label, _note = (column.label for column in sheet.columns)
    for row in _rows(reading, sheet):
        setting = missing.pop(fold(row.text(label)), None)
        if setting is None:
            row.fault(label, f"没有“{row.text(label)}”这一项，或它出现了不止一次")
            continue
        value = row.value(LayoutColumn(value_label, kind=setting.kind), setting.at, classes)
        if value is None and sheet.optional and not row.text(value_label):
            value = ""
        if value is None:
            continue
        place = raw
        for key in setting.at[:-1]:
            place = place.setdefault(key, {})
        place[setting.at[-1]] = value
    for setting in () if sheet.optional else missing.values():
        if not setting.newer and sheet.title in {plain.title for plain in reading.sheets.values()}:
            reading.faults.append(((sheet.title, 0, 0), f"缺少“{setting.label}”这一行"))


def _cards(reading: _Reading) -> list[dict[str, Any]]:
    cards: dict[str, dict[str, Any]] = {}
    indicators: dict[tuple[str, str], Location] = {}
    card_label, name_label = (column.label for column in layout.CARDS.columns[:2])
    for row in _rows(reading, layout.CARDS):
        name = _named(row, card_label)
        at = ("scorecards", list(cards).index(name) if name in cards else len(cards))
        reading.places.setdefault((*at, "name"), row.place(card_label))
        card = cards.setdefault(name, {"name": name, "indicators": []})
        group = "preferred" if row.text(_REPLACES) else "indicators"
        of_group = card.setdefault(group, [])
        entry_at = (*at, group, len(of_group))
        of_group.append(row.record(layout.CARDS.columns, entry_at))
        indicators[name, row.text(name_label)] = entry_at
    _bands(reading, indicators, cards)
    return list(cards.values())


_REPLACES = next(column.label for column in layout.CARDS.columns if column.key == "replaces")


def _bands(
    reading: _Reading, indicators: Mapping[tuple[str, str], Location], cards: Mapping[str, dict[str, Any]]
) -> None:
    card_label, name_label, when, points = layout.BANDS.columns
    for row in _rows(reading, layout.BANDS):
        card, name = row.text(card_label.label), row.text(name_label.label)
        at = indicators.get((card, name))
        if at is None:
            row.fault(name_label.label, f"评分卡“{card}”里没有指标“{name}”，请先在“{layout.CARDS.title}”里加上")
            continue
        entry = cards[card][str(at[2])][at[3]]
        text = row.text(when.label)
        if text == OTHERWISE:
            entry["otherwise"] = row.value(points, (*at, "otherwise"))
        elif _is_bound(text):
            bands = entry.setdefault("bands", [])
            band_at = (*at, "bands", len(bands))
            bands.append(row.record((when, points), band_at))
        else:
            entry.setdefault("words", {})[text] = row.value(points, (*at, "words", text))
            reading.places[*at, "words", text, "[key]"] = row.place(when.label)


def _is_bound(text: str) -> bool:
    try:
        return compile_condition(text).words is None
    except PolicyError:
        return True  # refused where it is checked, with its reason


def _tiers(reading: _Reading) -> list[dict[str, Any]]:
    tiers = [
        row.record(layout.TIERS.columns, ("tiers", index)) for index, row in enumerate(_rows(reading, layout.TIERS))
    ]
    label = layout.STANDARDS.columns[0].label
    names = [tier.get("name") for tier in tiers]
    for row in _rows(reading, layout.STANDARDS):
        name = row.text(label)
        if name not in names:
            row.fault(label, f"“{layout.TIERS.title}”里没有“{name}”")
        elif "standard" in tiers[names.index(name)]:
            row.fault(label, f"“{name}”出现了不止一次")
        else:
            at = names.index(name)
            tiers[at]["standard"] = row.record(layout.STANDARDS.columns, ("tiers", at, "standard"))
    for at, tier in enumerate(tiers):
        if "standard" not in tier and tier.get("name"):
            reading.faults.append((reading.places["tiers", at, "name"], f"“{layout.STANDARDS.title}”里没有这一级"))
    return tiers


def _class_names(reading: _Reading) -> list[str]:
    label = layout.CLASSES.columns[0].label
    return list(dict.fromkeys(name for row in _rows(reading, layout.CLASSES, quiet=True) if (name := row.text(label))))


def _classes(reading: _Reading, names: Sequence[str]) -> list[dict[str, Any]]:
    label = layout.CLASSES.columns[0].label
    rows = list(_rows(reading, layout.CLASSES))
    for row in rows:
        _named(row, label)
    tables = []
    for index, name in enumerate(names):
        own = [row for row in rows if row.text(label) == name]
        table: dict[str, Any] = {"name": name, "rules": []}
        reading.places["classes", index] = own[0].place(label)
        _rules(layout.CLASSES, iter(own), table, ("classes", index), names)
        tables.append(table)
    return tables


def _rules(
    sheet: LayoutSheet, rows: Iterator[_SheetRow], table: dict[str, Any], at: Location, classes: Sequence[str]
) -> None:
    """Read the rules of one table, and its default."""
    outcome = next((column for column in sheet.columns if column.key == "outcome"), None)
    code = next(column for column in sheet.columns if column.key == "code")
    for row in rows:
        if outcome and row.text(code.label) == OTHERWISE:
            if "default" in table:
                row.fault(code.label, f"“{OTHERWISE}”出现了不止一次")
            table["default"] = row.value(outcome, (*at, "default"))
            waiting = _when(row, (*at, "known"), classes)
            if any(condition != KNOWN for condition in waiting.values()):
                row.fault(code.label, f"“{OTHERWISE}”这一行的条件只能写“{KNOWN}”：不知道这个数就不归其余")
            if waiting:
                table["known"] = list(waiting)
            continue
        place = (*at, "rules", len(table["rules"]))
        rule = row.record(sheet.columns, place)
        rule["when"] = _when(row, place, classes)
        table["rules"].append(rule)


def _when(row: _SheetRow, at: Location, classes: Sequence[str]) -> dict[str, str]:
    when: dict[str, str] = {}
    for measure, condition in _pairs(row):
        if not row.text(measure) and not row.text(condition):
            continue
        if not row.text(measure) or not row.text(condition):
            empty, other = (measure, condition) if not row.text(measure) else (condition, measure)
            row.fault(empty, f"写了“{other}”，“{empty}”也要写")
            continue
        name = row.value(LayoutColumn(measure, kind=CellKind.MEASURE), (*at, "when"), classes)
        if name is None:
            continue
        if name in when:
            row.fault(measure, f"同一条规则里“{row.text(measure)}”写了两次")
        when[name] = str(row.value(LayoutColumn(condition, kind=CellKind.CONDITION), (*at, "when", name)))
    return when


def _pairs(row: _SheetRow) -> list[tuple[str, str]]:
    """List the labels of a row's pairs of 指标N and 条件N, as many as there are columns for."""
    pairs = []
    number = 1
    while f"{layout.PAIR[0]}{number}" in row.columns and f"{layout.PAIR[1]}{number}" in row.columns:
        pairs.append((f"{layout.PAIR[0]}{number}", f"{layout.PAIR[1]}{number}"))
        number += 1
    return pairs


def _words(reading: _Reading, raw: dict[str, Any]) -> None:
    name, words = layout.SIGNALS.columns
    signals: dict[str, Any] = {}
    for row in _rows(reading, layout.SIGNALS):
        signal = _named(row, name.label)
        if signal in signals:
            row.fault(name.label, f"“{signal}”出现了不止一次")
        signals[signal] = row.value(words, ("signals", "words", signal)) or []
    raw.setdefault("signals", {})["words"] = signals
    day, kind, _note = layout.HOLIDAYS.columns
    raw["holidays"] = {}
    for row in _rows(reading, layout.HOLIDAYS):
        when = row.value(day, ("holidays",))
        if when is None:
            if not row.text(day.label):
                row.fault(day.label, "没有写日期")
            continue
        if when in raw["holidays"]:
            row.fault(day.label, f"{when} 出现了不止一次")
        raw["holidays"][when] = row.value(kind, ("holidays", when))


def _mapping(reading: _Reading, sheet: LayoutSheet) -> list[dict[str, Any]]:
    """Read 表头对照 or 取值对照; without a column 确认 a person wrote it all, a blank cell there is no confirmation."""
    confirmed = next(column for column in sheet.columns if column.key == "confirmed")
    return [
        {"confirmed": confirmed.label not in row.columns, **row.record(sheet.columns, (sheet.at[0], index))}
        for index, row in enumerate(_rows(reading, sheet))
    ]


def _named(row: _SheetRow, label: str) -> str:
    if not row.text(label):
        row.fault(label, f"没有写{label}")
    return row.text(label)


def _rows(reading: _Reading, sheet: LayoutSheet, *, quiet: bool = False) -> Iterator[_SheetRow]:
    """Yield a sheet's rows below its header; a sheet or a column that is missing is a fault (once)."""
    plain = reading.sheets.get(fold(sheet.title))
    if plain is None:
        if not sheet.optional and not quiet:
            reading.faults.append(((sheet.title, 0, 0), "缺少这张工作表"))
        return
    header, columns = _header(plain, sheet)
    missing = [column.label for column in sheet.columns if not (column.label in columns or column.optional)]
    if missing:
        if not quiet:
            words = "、".join(f"“{label}”" for label in missing)
            reading.faults.append(((plain.title, header, 0), f"缺少{words}这一列"))
        return
    for number in sorted(plain.rows):
        if number > header:
            cells = {label: plain.rows[number].get(at) for label, at in columns.items()}
            if any(as_text(cell) for cell in cells.values()):
                yield _SheetRow(reading, plain.title, number, columns, cells)


def _header(plain: PlainSheet, sheet: LayoutSheet) -> tuple[int, dict[str, int]]:
    """Find the header row: the one that holds most of the sheet's labels, the first of them."""
    labels = {fold(column.label): column.label for column in sheet.columns}
    best: tuple[int, dict[str, int]] = (min(plain.rows, default=1), {})
    for number in sorted(plain.rows)[:_SEARCHED]:
        columns: dict[str, int] = {}
        for at, cell in sorted(plain.rows[number].items()):
            text = fold(as_text(cell))
            label = labels.get(text) or (text if text[:2] in layout.PAIR and text[2:].isdigit() else None)
            if label and label not in columns:
                columns[label] = at
        if len(columns) > len(best[1]):
            best = (number, columns)
    return best


_SEARCHED = 20
"""A header stands within so many rows."""
