"""表头对照: what a team said its own headers and words stand for, checked and looked up (practice §1.6). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sheetcrm import schema
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import CellRef, Problem, RawValue
from sheetcrm.problems import address, problem, shown
from sheetcrm.text.folding import fold, split_header

HEADERS_SHEET, WORDS_SHEET, FIELDS_SHEET = "表头对照", "取值对照", "字段清单"
MAPPING_SHEETS = frozenset(map(fold, (HEADERS_SHEET, WORDS_SHEET, FIELDS_SHEET)))
"""The sheets that say what others' headers and words stand for: they hold no customers."""
SHEET, HEADER, FIELD, CONFIRMED = "表", "你的表头", "本模板的字段", "确认"
THEIR_WORD, OUR_WORD = "你的写法", "本模板的写法"
UNUSED = "（不用）"
"""The choice of somebody who wants a column left alone."""
MAPPED_KINDS = (schema.PROFILE, schema.SCORING, schema.FOLLOW_UPS, schema.ORDERS, schema.SERVICE)
_YES = frozenset(map(fold, ("是", "√", "✓", "y", "yes", "对", "1")))
_HEADER_ROWS = 10


@dataclass(frozen=True, slots=True)
class HeaderMap:
    """What headers and words stand for, by folded sheet and folded header. A label of "" is a column left alone."""

    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)
    words: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def label_of(self, sheet: str, header: str) -> str | None:
        """Return the label a header stands for, with the header's own notes; None where nothing was said of it."""
        label = self.labels.get((fold(sheet), fold(header)))
        notes = split_header(header).notes
        return f"{label.split('(')[0]}({'，'.join(notes)})" if label and notes else label

    def words_of(self, sheet: str, header: str) -> Mapping[str, str]:
        """Return what the words of a column stand for, by folded word; the column goes by its header or its label."""
        place = (fold(sheet), fold(header))
        mapped = (other for other, label in self.labels.items() if other[0] == place[0] and fold(label) == place[1])
        return next((self.words[one] for one in (place, *mapped) if one in self.words), {})


NO_MAP = HeaderMap()


def field_labels() -> tuple[str, ...]:
    """List the labels a header may be mapped to, each once."""
    entries = (entry for kind in MAPPED_KINDS for entry in (*kind.fields, *kind.further))
    return tuple(dict.fromkeys(entry.label for entry in entries))


def read_map(grids: Iterable[Grid]) -> tuple[HeaderMap, tuple[Problem, ...]]:
    """Read the sheets 表头对照 and 取值对照; a header mapped twice or to nothing is refused with its cell.

    A row counts where its 确认 says 是, or where the sheet has no column of that name: then a person wrote it all.
    """
    labels: dict[tuple[str, str], str] = {}
    words: dict[tuple[str, str], dict[str, str]] = {}
    problems: list[Problem] = []
    fields = {fold(label): label for label in field_labels()}
    taken: dict[tuple[str, str], CellRef] = {}
    waiting: list[CellRef] = []
    for grid in grids:
        is_words = fold(grid.sheet) == fold(WORDS_SHEET)
        for row in _rows(grid, THEIR_WORD if is_words else FIELD):
            place = (fold(row.texts[SHEET]), fold(row.texts[HEADER]))
            if not row.confirmed:
                waiting.append(row.ref)
            elif is_words:
                words.setdefault(place, {})[fold(row.texts[THEIR_WORD])] = row.texts[OUR_WORD]
            else:
                problems += _map_header(row, place, fields, labels, taken)
    if waiting:
        problems.append(problem("mapping-unconfirmed", waiting[0], count=len(waiting)))
    return HeaderMap(labels, words), tuple(problems)


@dataclass(frozen=True, slots=True)
class _Row:
    ref: CellRef
    texts: Mapping[str, str]
    confirmed: bool


def _rows(grid: Grid, needed: str) -> Iterable[_Row]:
    """Read the filled rows of a mapping sheet by its headers."""
    for top in range(grid.top, grid.top + _HEADER_ROWS):
        columns = {text: column for column, text in grid.texts(top)}
        if HEADER in columns and needed in columns:
            break
    else:
        return
    for number in range(top + 1, grid.bottom + 1):
        texts = {name: _text(grid.at(number, column)) for name, column in columns.items()}
        texts = {SHEET: "", OUR_WORD: "", **texts}
        if texts[HEADER] and texts[needed]:
            confirmed = CONFIRMED not in columns or fold(texts[CONFIRMED]) in _YES
            yield _Row(CellRef(grid.file, grid.sheet, number, columns[needed]), texts, confirmed)


def _text(value: RawValue) -> str:
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "" if value is None else str(value).strip()


def _map_header(
    row: _Row,
    place: tuple[str, str],
    fields: Mapping[str, str],
    labels: dict[tuple[str, str], str],
    taken: dict[tuple[str, str], CellRef],
) -> Sequence[Problem]:
    written = row.texts[FIELD]
    if fold(written) == fold(UNUSED):
        labels[place] = ""
        return ()
    label = fields.get(fold(written))
    if label is None:
        return [problem("mapping-no-field", row.ref, header=shown(row.texts[HEADER]), found=shown(written))]
    other = taken.get(place) or taken.get((place[0], f"={label}"))
    if other is not None:
        return [problem("mapping-twice", row.ref, header=shown(row.texts[HEADER]), found=shown(written),
                        other=address(other))]  # fmt: skip
    taken[place] = taken[place[0], f"={label}"] = row.ref
    labels[place] = label
    return ()
