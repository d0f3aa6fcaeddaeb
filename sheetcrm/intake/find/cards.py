"""Find the cards of a sheet: `字段名称 | (填写说明) | 值`, one customer going down (practice §1.4). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sheetcrm import schema
from sheetcrm.intake.find.headers import doubled_columns, make_column
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import Column
from sheetcrm.schema import CARD_LABELS
from sheetcrm.text.folding import fold

CARD_KINDS = (schema.PROFILE.kind, schema.SETTINGS.kind)
"""The kinds of sheets that may be written as a card."""
_FEWEST_FIELDS = 3
_WORDS = tuple(frozenset(map(fold, words)) for words in CARD_LABELS)
_LONGEST_WORD = 12


@dataclass(frozen=True, slots=True)
class Card:
    """A card: each of its columns has a row of its own. `doubled` are those that name the same field twice."""

    kind: str
    first_row: int
    last_row: int
    columns: tuple[Column, ...]
    doubled: tuple[Column, ...] = ()


def find_cards(grid: Grid, labels: Iterable[int], *, stops: Sequence[int]) -> tuple[Card, ...]:
    """Find every card on a sheet.

    Args:
        grid: The sheet.
        labels: The rows that hold any label (`headers.label_rows`).
        stops: The first rows of the tables on it: a card ends above them.
    """
    starts = [(row, pairs) for row in labels if (pairs := _pairs(grid, row))]
    ends = sorted({*stops, *(row for row, _ in starts), grid.bottom + 1})
    cards = (_card(grid, row, next(end for end in ends if end > row) - 1, pairs) for row, pairs in starts)
    return tuple(card for card in cards if card is not None)


def _pairs(grid: Grid, row: int) -> list[tuple[int, int]]:
    """Find the columns of labels and values that a row heads: several pairs may stand side by side."""
    names, _, values = _WORDS
    pairs: list[tuple[int, int]] = []
    waiting: int | None = None
    for index, text in grid.texts(row):
        word = fold(text) if len(text) <= _LONGEST_WORD else ""
        if word in names:
            waiting = index
        elif word in values and waiting is not None:
            pairs.append((waiting, index))
            waiting = None
    return pairs


def _card(grid: Grid, header: int, last: int, pairs: Sequence[tuple[int, int]]) -> Card | None:
    """Read the labels below a card's header as the kind that has most of them."""
    texts = {
        (row, value): text
        for row in range(header + 1, last + 1)
        for label, value in pairs
        if (text := grid.text(row, label))
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
