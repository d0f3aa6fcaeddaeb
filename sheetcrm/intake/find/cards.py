"""Find the cards of a sheet: `字段名称 | (填写说明) | 值`, one customer going down (practice §1.4). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sheetcrm import schema
from sheetcrm.intake.find.headers import doubled_columns, field_of, make_column
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import Column, RawValue
from sheetcrm.schema import CARD_EXAMPLES, CARD_LABELS
from sheetcrm.text.folding import fold, split_header

CARD_KINDS = (schema.PROFILE.kind, schema.SETTINGS.kind)
"""The kinds of sheets that may be written as a card."""
_FEWEST_FIELDS = 3
_OPENING = "(（[【"
_NAMES, _, _VALUES = (frozenset(map(fold, words)) for words in CARD_LABELS)
_BY_THE_SYSTEM = frozenset(map(fold, ("系统自动", "系统自动生成", "自动生成", "系统自动或按规则编码")))
"""What stands in place of a 客户编号 that nobody has given yet."""
_EXAMPLES = frozenset(map(fold, CARD_EXAMPLES))
_LONGEST_WORD, _SHORT = 12, 20
"""Characters of a word of the header, without and with the space around it."""
_IDENTITY = frozenset({"customer_id", "name"})
"""The fields that say whose card it is: a column without a head holds the values where it holds one of them."""
_MOST_COLUMNS = 2
"""填写说明 and the values; with more columns beside the field names it is open which of them is the customer."""
_LONGEST_GAP = 3
"""Rows from one field name to the next inside a card without a header row, at most."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card: each of its columns has a row of its own. `doubled` are those that name the same field twice."""

    kind: str
    first_row: int
    last_row: int
    columns: tuple[Column, ...]
    doubled: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class _Head:
    """Where field names stand in a header row, the column of their values, and the last one without a head."""

    names: int
    values: int | None
    last: int
    sure: bool
    """The values' head says that they are the values, and not `示例/规范`."""


@dataclass(frozen=True, slots=True)
class _Names:
    """Field names going down one column: the rows of them, and the column of their values."""

    names: int
    values: int
    rows: tuple[int, ...]


def find_cards(grid: Grid, labels: Mapping[int, int], *, tables: Sequence[tuple[int, int]]) -> tuple[Card, ...]:
    """Find every card on a sheet, with a header row or without.

    Args:
        grid: The sheet.
        labels: The rows that hold any label, and how many (`headers.label_rows`).
        tables: First and last header row of the tables on it: a card ends above the first.
    """
    outside = _outside_tables(grid, list(labels), tables)
    beyond = set(outside)
    starts = [
        (row, heads) for row, count in labels.items() if (count > 1 or row in beyond) and (heads := _heads(grid, row))
    ]
    ends = sorted({*(first for first, _ in tables), *(row for row, _ in starts), grid.bottom + 1})
    cards: list[Card] = []
    covered: set[int] = set()
    for row, heads in starts:
        last = next(end for end in ends if end > row) - 1
        columns = [_under(grid, head, row, last) for head in heads]
        headed = _cards_of(grid, row, last, columns)
        cards += headed
        if headed:
            covered |= set(range(row, last + 1))
    cards += _without_header(grid, [row for row in outside if row not in covered], ends)
    return tuple(sorted(cards, key=lambda card: card.first_row))


def _outside_tables(grid: Grid, rows: Sequence[int], tables: Sequence[tuple[int, int]]) -> list[int]:
    """Keep the rows that no table reaches: it reaches down to the first blank row below its header."""
    outside: list[int] = []
    headers = sorted(tables)
    reached = 0
    for row in rows:
        while headers and headers[0][0] <= row:
            first, last = headers.pop(0)
            if first >= reached:
                reached = _blank_below(grid, last)
        if row >= reached:
            outside.append(row)
    return outside


def _blank_below(grid: Grid, row: int) -> int:
    width = grid.right - grid.left + 1
    blank = (below for below, cells in grid.rows(row + 1, grid.bottom + 1) if cells.count("") == width)
    return next(blank, grid.bottom + 1)


def _heads(grid: Grid, row: int) -> list[_Head]:
    """Read a header row of cards: several may stand side by side."""
    if not any(value.__class__ is str and len(value) < _SHORT and _is_name(value) for value in grid.row(row)):
        return []
    heads: list[_Head] = []
    texts = [(index, fold(text) if len(text) <= _LONGEST_WORD else "") for index, text in grid.texts(row)]
    starts = [index for index, word in texts if word in _NAMES]
    for begin, end in pairwise([*starts, grid.right + 1]):
        inside = [(index, word) for index, word in texts if begin < index < end]
        values = [index for index, word in inside if word in _VALUES]
        examples = [index for index, word in inside if word in _EXAMPLES]
        if values or examples or len(inside) == 1 or (not inside and end > begin + 1):
            at = values[-1] if values else examples[-1] if examples else None
            heads.append(_Head(begin, at, end - 1, bool(values)))
    return heads


@lru_cache(maxsize=1 << 12)
def _is_name(text: str) -> bool:
    """Return whether a text heads field names."""
    return len(text.strip()) <= _LONGEST_WORD and fold(text) in _NAMES


def _under(grid: Grid, head: _Head, first: int, last: int) -> _Names | None:
    """Find the rows of field names under a head, and which column has their values."""
    rows = tuple(row for row in range(first + 1, last + 1) if grid.text(row, head.names))
    if head.sure and head.values is not None:
        return _Names(head.names, head.values, rows)
    headless = [
        index
        for index in range(head.names + 1, head.last + 1)
        if not grid.text(first, index) and _names_a_customer(grid, head.names, index, rows)
    ]
    values = headless[-1] if headless else head.values
    return None if values is None else _Names(head.names, values, rows)


def _names_a_customer(grid: Grid, names: int, values: int, rows: Iterable[int]) -> bool:
    return any(_identity(grid.text(row, names)) and grid.at(row, values) != "" for row in rows)


def _identity(text: str) -> str | None:
    """Return the field where a text names 客户编号 or 客户名称."""
    match = field_of(schema.PROFILE.kind, text)
    return match[0].name if match and match[0].name in _IDENTITY else None


def _cards_of(grid: Grid, first: int, last: int, columns: Iterable[_Names | None]) -> list[Card]:
    """Make the cards below a header: one, unless a further 客户编号 or 客户名称 begins another."""
    pairs = [pair for pair in columns if pair is not None]
    parts = [part for pair in pairs for part in _split(grid, pair)]
    if len(parts) > 1 and sum(bool(_whose(grid, part)) for part in parts) == len(parts):
        cards = [_card(grid, part.rows[0] - 1, part.rows[-1], [part]) for part in parts]
        return [card for card in cards if card is not None]
    card = _card(grid, first, last, pairs)
    return [] if card is None else [card]


def _whose(grid: Grid, pair: _Names) -> set[str]:
    return {name for row in pair.rows if (name := _identity(grid.text(row, pair.names)))}


def _split(grid: Grid, pair: _Names) -> list[_Names]:
    """Split field names where 客户编号 (or 客户名称, on cards without) comes again, if each part is a card."""
    key = "customer_id" if "customer_id" in _whose(grid, pair) else "name"
    begins = [at for at, row in enumerate(pair.rows) if _identity(grid.text(row, pair.names)) == key]
    if len(begins) < 2:  # noqa: PLR2004 - one customer
        return [pair]
    bounds = [0, *begins[1:], len(pair.rows)]
    parts = [_Names(pair.names, pair.values, pair.rows[begin:end]) for begin, end in pairwise(bounds)]
    return parts if all(_count(grid, part) >= _FEWEST_FIELDS for part in parts) else [pair]


def _count(grid: Grid, pair: _Names) -> int:
    """Count the fields of the base sheet among field names."""
    matches = (field_of(schema.PROFILE.kind, grid.text(row, pair.names)) for row in pair.rows)
    return len({match[0].name for match in matches if match})


def _without_header(grid: Grid, rows: Sequence[int], ends: Sequence[int]) -> list[Card]:
    """Find cards whose header row was left out: three field names going down, 客户编号 or 客户名称 among them."""
    columns: dict[int, list[int]] = {}
    for row in rows:
        for index, text in grid.texts(row):
            if field_of(schema.PROFILE.kind, text):
                columns.setdefault(index, []).append(row)
    cards: list[Card] = []
    for index, named in sorted(columns.items()):
        for run in _runs(named, ends):
            pair = _headless_pair(grid, index, run)
            if pair is not None:
                cards += _cards_of(grid, run[0] - 1, run[-1], [pair])
    return _merged(cards)


def _runs(rows: Sequence[int], ends: Sequence[int]) -> list[list[int]]:
    """Split rows where a table or another card lies between two of them, or nothing for a while."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row - runs[-1][-1] <= _LONGEST_GAP and not any(runs[-1][-1] < end <= row for end in ends):
            runs[-1].append(row)
        else:
            runs.append([row])
    return [run for run in runs if len(run) >= _FEWEST_FIELDS]


def _headless_pair(grid: Grid, index: int, run: Sequence[int]) -> _Names | None:
    """Find the values beside field names; None where they are a list of something else, under a head of its own."""
    if len(grid.texts(run[0] - 1)) > 1:
        return None
    rows = tuple(row for row in range(run[0], run[-1] + 1) if grid.text(row, index))
    ends = (at for at in range(index + 1, grid.right + 1) if _is_names(grid, at, rows))
    stop = next(ends, grid.right + 1)
    values = [at for at in range(index + 1, stop) if _names_a_customer(grid, index, at, rows)]
    if len(values) > _MOST_COLUMNS:
        return None
    if values:
        return _Names(index, values[-1], rows)
    return _Names(index, index + 1, rows) if index + 1 < stop else None


def _is_names(grid: Grid, column: int, rows: Sequence[int]) -> bool:
    return _count(grid, _Names(column, column, tuple(rows))) > 1


def _merged(cards: Sequence[Card]) -> list[Card]:
    """Join cards without a header that stand side by side on the same rows, unless both say whose they are."""
    joined: list[Card] = []
    for card in cards:
        names = {column.name for column in card.columns if column.name}
        beside = next(
            (
                at
                for at, other in enumerate(joined)
                if other.first_row <= card.last_row
                and card.first_row <= other.last_row
                and names.isdisjoint(column.name for column in other.columns)
            ),
            None,
        )
        if beside is None:
            joined.append(card)
        else:
            other = joined[beside]
            first, last = min(other.first_row, card.first_row), max(other.last_row, card.last_row)
            joined[beside] = Card(other.kind, first, last, (*other.columns, *card.columns), other.doubled)
    return [card for card in joined if any(column.name in _IDENTITY for column in card.columns)]


def _card(grid: Grid, header: int, last: int, pairs: Sequence[_Names]) -> Card | None:
    """Read the labels below a card's header as the kind that has most of them."""
    texts = {
        (row, pair.values): text
        for row in range(header + 1, last + 1)
        for pair in pairs
        if row in pair.rows and (text := grid.text(row, pair.names))
    }
    places = list(texts)
    best: Card | None = None
    most = _FEWEST_FIELDS - 1
    for kind in CARD_KINDS:
        fields, doubled = doubled_columns(kind, ((at, texts[place]) for at, place in enumerate(places)))
        if len(fields) > most:
            columns = tuple(
                make_column(kind, fields.get(at), texts[row, value], index=value, row=row)
                for at, (row, value) in enumerate(places)
            )
            best = Card(kind, header, last, columns, tuple(columns[at] for at in doubled))
            most = len(fields)
    return best


def key_of_card(value: RawValue) -> RawValue:
    """Return the 客户编号 that a card's cell holds, without the remark in brackets behind it. Pure.

    `KH-202405001(KH-年月-序号)` is KH-202405001; `系统自动` is blank.
    """
    if not isinstance(value, str):
        return value
    if fold(value) in _BY_THE_SYSTEM:
        return ""
    header = split_header(value)
    at = min((value.index(bracket) for bracket in _OPENING if bracket in value), default=0)
    return value[:at].strip() if header.notes and value[:at].strip() else value
