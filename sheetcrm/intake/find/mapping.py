"""表头对照: what a team said its own headers and words stand for, checked and looked up (practice §1.6). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sheetcrm import schema
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import CellRef, Problem, RawValue
from sheetcrm.policy.model import Policy
from sheetcrm.problems import address, problem, shown
from sheetcrm.schema import UNUSED
from sheetcrm.text.folding import fold, split_header

HEADERS_SHEET, WORDS_SHEET, FIELDS_SHEET = "表头对照", "取值对照", "字段清单"
MAPPING_SHEETS = frozenset(map(fold, (HEADERS_SHEET, WORDS_SHEET, FIELDS_SHEET)))
"""The sheets that say what others' headers and words stand for: they hold no customers."""
SHEET, HEADER, FIELD, CONFIRMED = "表", "你的表头", "本模板的字段", "确认"
THEIR_WORD, OUR_WORD = "你的写法", "本模板的写法"
SAMPLES, CELL = ("示例1", "示例2", "示例3"), "所在单元格"
_COLUMNS = frozenset({SHEET, HEADER, FIELD, CONFIRMED, THEIR_WORD, OUR_WORD, *SAMPLES, CELL})
_YES = frozenset(map(fold, ("是", "√", "✓", "y", "yes", "对", "1")))
_HEADER_ROWS = 10


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One row of 表头对照, or of 取值对照 where it has a `word`: what it stands for, and whether a person said so."""

    ref: CellRef
    sheet: str
    header: str
    word: str
    ours: str
    confirmed: bool
    samples: tuple[str, ...] = ()
    cell: str = ""
    further: tuple[tuple[str, str], ...] = ()
    """What stands in columns that people added."""

    @property
    def place(self) -> tuple[str, str]:
        """The folded sheet and header it is about; no sheet is every sheet."""
        return fold(self.sheet), fold(self.header)


@dataclass(frozen=True, slots=True)
class HeaderMap:
    """What headers and words stand for, by folded sheet and folded header. A label of "" is a column left alone.

    A sheet is named alone, with its file (`名单.xlsx!Sheet1`), or not at all: then it is every sheet.
    """

    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)
    words: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def label_of(self, sheet: CellRef, header: str) -> str | None:
        """Return the label a header stands for, with the header's own notes; None where nothing was said of it."""
        name = fold(header)
        label = next((self.labels[one, name] for one in spellings(sheet) if (one, name) in self.labels), None)
        notes = split_header(header).notes
        return f"{label.split('(')[0]}({'，'.join(notes)})" if label and notes else label

    def headers_of(self, sheet: CellRef) -> frozenset[str]:
        """Return the folded headers of a sheet of which something was said."""
        sheets = spellings(sheet)
        return frozenset(header for place, header in self.labels if place in sheets)

    def words_of(self, sheet: CellRef, header: str) -> Mapping[str, str]:
        """Return what the words of a column stand for, by folded word; the column goes by its header or its label."""
        name = fold(header)
        sheets = spellings(sheet)
        mapped = (other for other, label in self.labels.items() if other[0] in sheets and fold(label) == name)
        places = [*((place, name) for place in sheets), *mapped]
        return next((self.words[one] for one in places if one in self.words), {})


NO_MAP = HeaderMap()


def spellings(sheet: CellRef) -> tuple[str, str, str]:
    """List what a folded sheet may be called in a mapping, the closest first."""
    return fold(f"{sheet.file}!{sheet.sheet}"), fold(sheet.sheet), ""


def read_map(rows: Iterable[MappingRow], *, policy: Policy | None = None) -> tuple[HeaderMap, tuple[Problem, ...]]:
    """Make a map of rows; a header mapped twice or to nothing is refused with its cell.

    Args:
        rows: Those that lie among the workbooks.
        policy: What it maps too is used where the workbooks say nothing of the header and need the field for no other.
    """
    labels: dict[tuple[str, str], str] = {}
    words: dict[tuple[str, str], dict[str, str]] = {}
    problems: list[Problem] = []
    fields = {split_header(label).label: label for label in reversed(schema.mappable_labels())}
    fields |= {fold(label): label for label in schema.mappable_labels()}
    taken: dict[tuple[str, str], MappingRow] = {}
    waiting: list[CellRef] = []
    for row in rows:
        if not row.confirmed:
            waiting += [row.ref] if row.ours else []
        elif row.word:
            problems += _map_word(row, words, taken)
        else:
            problems += _map_header(row, fields, labels, taken)
    if waiting:
        problems.append(problem("mapping-unconfirmed", waiting[0], count=len(waiting)))
    if policy is not None:
        problems += _add_policy(policy, fields, labels, words, taken)
    return HeaderMap(labels, words), tuple(problems)


def mapping_rows(grids: Iterable[Grid]) -> list[MappingRow]:
    """Read the rows of the sheets 表头对照 and 取值对照, by their headers.

    A row is confirmed where its 确认 says 是, or where there is no column of that name: then a person wrote it all.
    """
    rows: list[MappingRow] = []
    for grid in grids:
        name = fold(grid.sheet)
        if name == fold(HEADERS_SHEET):
            rows += _rows(grid, FIELD)
        elif name == fold(WORDS_SHEET):
            rows += _rows(grid, THEIR_WORD)
    return rows


def _rows(grid: Grid, needed: str) -> Iterable[MappingRow]:
    for top in range(grid.top, grid.top + _HEADER_ROWS):
        columns = {text: column for column, text in grid.texts(top)}
        if HEADER in columns and needed in columns:
            break
    else:
        return
    is_words = needed == THEIR_WORD
    for number in range(top + 1, grid.bottom + 1):
        texts = {name: _text(grid.at(number, column)) for name, column in columns.items()}
        if not texts[HEADER] or (is_words and not texts[THEIR_WORD]):
            continue
        yield MappingRow(
            CellRef(grid.file, grid.sheet, number, columns[needed]),
            texts.get(SHEET, ""),
            texts[HEADER],
            texts[THEIR_WORD] if is_words else "",
            texts.get(OUR_WORD, "") if is_words else texts[FIELD],
            CONFIRMED not in columns or fold(texts[CONFIRMED]) in _YES,
            tuple(texts.get(sample, "") for sample in SAMPLES),
            texts.get(CELL, ""),
            tuple((name, text) for name, text in texts.items() if name and name not in _COLUMNS),
        )


def _text(value: RawValue) -> str:
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "" if value is None else str(value).strip()


def _map_header(
    row: MappingRow,
    fields: Mapping[str, str],
    labels: dict[tuple[str, str], str],
    taken: dict[tuple[str, str], MappingRow],
) -> Sequence[Problem]:
    texts = {"header": shown(row.header), "found": shown(row.ours)}
    label = _label_of(row.ours, fields)
    if label is None:
        return [problem("mapping-no-field", row.ref, **texts)]
    other = taken.get(row.place) or (taken.get((row.place[0], f"={label}")) if label else None)
    if other is not None:
        return [problem("mapping-twice", row.ref, **texts, other=address(other.ref))]
    taken[row.place] = row
    if label:
        taken[row.place[0], f"={label}"] = row
    labels[row.place] = label
    return ()


def _label_of(text: str, fields: Mapping[str, str]) -> str | None:
    """Return the label a person wrote, with the notes of a printed header or without; blank for a column not used."""
    if fold(text) == fold(UNUSED):
        return ""
    return fields.get(fold(text), fields.get(split_header(text).label))


def _map_word(
    row: MappingRow, words: dict[tuple[str, str], dict[str, str]], taken: dict[tuple[str, str], MappingRow]
) -> Sequence[Problem]:
    texts = words.setdefault(row.place, {})
    other = taken.setdefault(_word_place(row.place, row.word), row)
    if texts.setdefault(fold(row.word), row.ours) == row.ours:
        return ()
    values = {"header": shown(row.word), "found": shown(row.ours), "other": address(other.ref)}
    return [problem("mapping-twice", row.ref, **values)]


def _word_place(place: tuple[str, str], word: str) -> tuple[str, str]:
    return place[0], f"{place[1]}={fold(word)}"


def _add_policy(
    policy: Policy,
    fields: Mapping[str, str],
    labels: dict[tuple[str, str], str],
    words: dict[tuple[str, str], dict[str, str]],
    taken: Mapping[tuple[str, str], MappingRow],
) -> Iterable[Problem]:
    """Add what the policy says of headers; where the workbooks say otherwise, they win and it is told."""
    ref = CellRef(policy.name, HEADERS_SHEET)
    waiting = sum(not one.confirmed and bool(one.ours) for one in policy.headers)
    waiting += sum(not entry.confirmed and bool(entry.ours) for entry in policy.words)
    if waiting:
        yield problem("mapping-unconfirmed", ref, count=waiting)
    for one in policy.headers:
        place = fold(one.sheet), fold(one.header)
        label = _label_of(one.ours, fields)
        if not one.confirmed or label is None:
            continue
        everywhere = "", place[1]
        row = taken.get(place) or taken.get(everywhere) or (taken.get((place[0], f"={label}")) if label else None)
        if row is None:
            labels[place] = label
        elif row.place not in (place, everywhere) or labels[row.place] != label:
            yield _differs(row, row.header, one.header, one.ours)
    for entry in policy.words:
        if not entry.confirmed:
            continue
        place = fold(entry.sheet), fold(entry.header)
        if words.setdefault(place, {}).setdefault(fold(entry.word), entry.ours) != entry.ours:
            row = taken[_word_place(place, entry.word)]
            yield _differs(row, row.word, entry.word, entry.ours)


def _differs(row: MappingRow, written: str, other: str, ours: str) -> Problem:
    texts = {"header": shown(written), "found": shown(row.ours), "other": shown(other), "policy": shown(ours)}
    return problem("mapping-differs", row.ref, **texts)
