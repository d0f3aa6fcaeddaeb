"""Recognises the labels of the schema among the cells of a sheet: a header begins in a row of them. Pure."""

from __future__ import annotations

from functools import cache, lru_cache

from sheetcrm import schema
from sheetcrm.intake.open.grid import Grid
from sheetcrm.schema import CARD_EXAMPLES, CARD_LABELS, READ_SHEETS
from sheetcrm.text.folding import fold, split_header

LONGEST_LABEL = 60
"""Longer texts are prose, never a header."""
_ENOUGH = 3
"""The characters of a cell that are enough to rule most cells out as labels; two rule out nearly as many."""
_ASIDE = frozenset("([{【〔〖)]}】〕〗*:★")
"""Characters beside a label: brackets, and the marks of a required field."""


def label_rows(grid: Grid) -> dict[int, int]:
    """Count the schema's labels in each row that holds any: the only rows a header can begin in."""
    counts: dict[int, int] = {}
    for row, cells in enumerate(grid.cells, grid.top):
        for value in cells:
            if (
                value.__class__ is str
                and value
                and _begins_label(value[:2])
                and _begins_label(value[:_ENOUGH])
                and is_label(value)
            ):
                counts[row] = counts.get(row, 0) + 1
    return _with_renamed(grid, counts) if grid.renamed else counts


def _with_renamed(grid: Grid, counts: dict[int, int]) -> dict[int, int]:
    """Count the headers that were said to stand for a label too, and keep the rows in order."""
    for row, cells in enumerate(grid.cells, grid.top):
        renamed = sum(isinstance(value, str) and value.strip() in grid.renamed for value in cells)
        if renamed:
            counts[row] = counts.get(row, 0) + renamed
    return dict(sorted(counts.items()))


@lru_cache(maxsize=1 << 12)
def is_label(text: str) -> bool:
    """Return whether a text is a label of the schema, or a heading of a card."""
    if not 1 < len(text) <= LONGEST_LABEL:
        return False
    return fold(text) in _labels() or split_header(text).label in _labels()


@lru_cache(maxsize=1 << 14)
def _begins_label(text: str) -> bool:
    """Return whether a label of the schema may begin with these two or three characters, or be them."""
    folded = fold(text)
    length = min(len(text), _ENOUGH)
    return len(folded) < length or folded[:length] in _beginnings() or not _ASIDE.isdisjoint(folded)


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(label[:length] for label in _labels() for length in (2, _ENOUGH))


@cache
def _labels() -> frozenset[str]:
    headings = (fold(word) for words in (*CARD_LABELS, CARD_EXAMPLES) for word in words)
    return frozenset((*headings, *(label for sheet in READ_SHEETS for label in schema.labels(sheet.kind))))
