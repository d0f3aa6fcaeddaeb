"""Find the tables of a sheet by their labels (practice §1), wherever their header rows stand.

A header row is recognised by the schema's labels, not by its place: titles and notes may stand above it,
several tables on one sheet, one under another or side by side. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from sheetcrm import schema
from sheetcrm.intake.find.beside import WHOSE, are_results, blocks_beside, results_among
from sheetcrm.intake.find.labels import LONGEST_LABEL, is_label
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import Column
from sheetcrm.schema import READ_SHEETS, Field, Kind, Need, Sheet
from sheetcrm.text.folding import fold, split_header, unit_of, weight_of

_DEEPEST_HEADER = 3
_TITLE_ROWS = 4
_NO_SIGN = frozenset({"grade", "tier", "tags", "next_due"})
"""Columns that stand on sheets of several kinds, and so decide for none."""
_BEFORE_BASE = (schema.ORDERS, schema.FOLLOW_UPS, schema.SERVICE)
"""The kinds that are asked before the base sheet, whose signature says little."""
_NEAR_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """The header of one table. `columns` follow each other without a gap; a blank header cell has no label.

    `doubled` holds the columns that name the same field by the same word, so that it is open which of them counts.
    `aside` are blocks between the columns or right of them that are no part of the table.
    """

    kind: str
    first_row: int
    last_row: int
    columns: tuple[Column, ...]
    doubled: tuple[Column, ...] = ()
    aside: tuple[range, ...] = ()

    @property
    def left(self) -> int:
        """The first column."""
        return self.columns[0].index

    @property
    def right(self) -> int:
        """The last column."""
        return self.columns[-1].index

    @property
    def extent(self) -> tuple[int, int]:
        """The first and the last field, and labelled columns right beside them, without results of the program."""
        results = results_among(self.kind, self.columns)
        plain = {column.index for at, column in enumerate(self.columns) if column.label and at not in results}
        fields = [column.index for column in self.columns if column.name and column.index in plain]
        first, last = min(fields, default=self.left), max(fields, default=self.right)
        while first - 1 in plain:
            first -= 1
        while last + 1 in plain:
            last += 1
        return first, last


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A row that looks like a header of `kind`, but lacks all of the columns labelled `missing` (one would do)."""

    kind: str
    row: int
    column: int
    matched: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    sheet: Sheet
    fields: dict[int, Field]
    doubled: tuple[int, ...]
    missing: tuple[tuple[str, ...], ...]

    @property
    def matched(self) -> int:
        return len({field.name for field in self.fields.values()})


_Written = dict[int, tuple[str, ...]]
"""Column -> the texts its header may be read as, best first."""


def find_headers(grid: Grid, labels: Mapping[int, int]) -> tuple[tuple[HeaderRow, ...], NearMiss | None]:
    """Find every header on a sheet, in the order of rows and columns; and the nearest miss where there is one.

    Args:
        grid: The sheet.
        labels: Its `label_rows`.
    """
    headers: list[HeaderRow] = []
    misses: list[NearMiss] = []
    grouped = {merge.first_row for merge in grid.merges}
    last_header_row = 0
    lists: list[_ListAbove] = []
    for row, count in labels.items():
        if row > last_header_row and (count > 1 or row in grouped):
            begun_here, near_misses = _headers_at(grid, row, _of_lists(grid, row, lists))
            misses.extend(near_misses)
            headers.extend(begun_here)
            for header in begun_here:
                lists = [entry for entry in lists if not entry.overlaps(header)]
            lists += [_ListAbove.of(header) for header in begun_here]
            last_header_row = max((header.last_row for header in begun_here), default=0)
    return tuple(headers), max(misses, key=lambda miss: (miss.matched, -miss.row), default=None)


@lru_cache(maxsize=1 << 12)
def field_of(kind: str, text: str) -> tuple[Field, int] | None:
    """Find the field a header names, and how well: 0 its own label, rising down the list of its aliases."""
    if not text or len(text) > LONGEST_LABEL:
        return None
    labels = schema.labels(kind)
    header = split_header(text)
    field = labels.get(fold(text)) or labels.get(header.label)
    if field is None:
        return None
    field = schema.field_of_scale(kind, field, schema.declared_scale(header.notes))
    return field, _ranks(kind).get((field.name, fold(text)), _ranks(kind).get((field.name, header.label), 0))


def make_column(kind: str, field: Field | None, text: str, *, index: int, row: int | None = None) -> Column:
    """Make a column of a header's text, with the unit and the weight its brackets hold."""
    if field is None:
        return Column(index, None, text, row=row)
    header = split_header(text)
    weight = weight_of(header.notes) if kind == schema.SCORING.kind else None
    theirs = field.ours and not schema.is_own_heading(field, header.label)
    scale = schema.declared_scale(header.notes) if header.notes and field.name in schema.SCALES else None
    unit = scale if scale in schema.SHORT_SCALES else unit_of(header.notes) or field.unit
    return Column(index, field.name, text, unit, weight, row, theirs)


def doubled_columns(kind: str, labelled: Iterable[tuple[int, str]]) -> tuple[dict[int, Field], tuple[int, ...]]:
    """Assign each field to the place (column, or row of a card) that names it best; return ties separately."""
    claims: dict[str, list[tuple[int, int, Field]]] = {}
    for place, text in labelled:
        match = field_of(kind, text)
        if match is not None:
            claims.setdefault(match[0].name, []).append((match[1], place, match[0]))
    fields: dict[int, Field] = {}
    doubled: list[int] = []
    for rivals in claims.values():
        best = min(rank for rank, _, _ in rivals)
        winners = [(place, field) for rank, place, field in rivals if rank == best]
        fields[winners[0][0]] = winners[0][1]
        if len(winners) > 1:
            doubled.extend(place for place, _ in winners)
    return fields, tuple(sorted(doubled))


@dataclass(frozen=True, slots=True)
class _ListAbove:
    """The columns of the lowest list that has begun above a row: its labelled ones, and those of results."""

    extent: tuple[int, int]
    plain: tuple[int, ...]
    results: tuple[int, ...]

    @classmethod
    def of(cls, header: HeaderRow) -> _ListAbove:
        """Take the columns of a header."""
        places = results_among(header.kind, header.columns)
        plain = tuple(column.index for at, column in enumerate(header.columns) if column.label and at not in places)
        return cls(header.extent, plain, tuple(sorted(header.columns[at].index for at in places)))

    def overlaps(self, header: HeaderRow) -> bool:
        """Return whether a header stands under this list, and so begins another."""
        first, last = header.extent
        return self.extent[0] <= last and first <= self.extent[1]


def _of_lists(grid: Grid, row: int, lists: Iterable[_ListAbove]) -> frozenset[int]:
    """Return the columns whose cells in a row are those of lists begun above it, and so no header.

    A word of theirs (客户经理 as 跟进责任人) beside a label further right would make one. Labels side by side among
    results are the header of another table, down to which the list has grown.
    """
    columns: set[int] = set()
    for entry in lists:
        results = entry.results
        beside = {place for column in results for place in (column - 1, column, column + 1)}
        labelled = {column for column in beside if is_label(grid.text(row, column))}
        pairs = [column for column in results if column in labelled and labelled & {column - 1, column + 1}]
        if pairs:
            columns.update(column for column in results if not pairs[0] <= column <= pairs[-1])
        columns.update(*(lot for lot in (entry.plain, () if pairs else results) if _are_values(grid, row, lot)))
    return frozenset(columns)


def _are_values(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    """Return whether cells are values, not headers: there is no label among them, or few among numbers and days."""
    cells = [grid.at(row, column) for column in columns]
    filled = [value for value in cells if value is not None and value != ""]
    texts = [value for value in filled if isinstance(value, str)]
    labels = sum(is_label(text) or text.strip() in grid.renamed for text in texts)
    if not labels or (labels == 1 and len(filled) > _NEAR_ENOUGH):  # 电话 is a label, and a channel
        groups = (merge for merge in grid.merges if merge.first_row == row)
        return not any(merge.first_column in columns for merge in groups)
    return len(texts) < len(filled) and 2 * labels < len(filled)


def _headers_at(grid: Grid, row: int, taken: Collection[int]) -> tuple[tuple[HeaderRow, ...], tuple[NearMiss, ...]]:
    """Read the header that begins in a row, but for the columns that are taken."""
    readings: list[tuple[int, _Written]] = [(row, _written(grid, row, row))]
    readings.extend((last, _written(grid, row, last)) for last in _deeper(grid, row))
    if taken:
        readings = [
            (last, {column: texts for column, texts in written.items() if column not in taken})
            for last, written in readings
        ]
    best: tuple[HeaderRow, ...] = ()
    misses: list[NearMiss] = []
    for last, written in readings:
        headers, near_misses = _headers_in(grid, row, last, written)
        misses.extend(near_misses)
        if _count_fields(headers) > _count_fields(best):
            best = headers
    if best and best[0].last_row > row and _count_fields(_headers_at(grid, row + 1, taken)[0]) >= _count_fields(best):
        return (), ()  # the row above adds nothing: the header begins below it
    return best, () if best else tuple(misses)


def _headers_in(
    grid: Grid, first: int, last: int, written: _Written
) -> tuple[tuple[HeaderRow, ...], tuple[NearMiss, ...]]:
    """Read one header row as several tables side by side where its parts stand alone, else as one table."""
    parts = _parts(written)
    matches = [_match(part, _titles(grid, first, part)) for part in parts]
    if sum(match is not None and not match.missing for match in matches) > 1:
        joined: list[tuple[_Written, _Match]] = []
        for part, match in zip(parts, matches, strict=True):
            if match is not None and not match.missing:
                joined.append((part, match))
            elif joined:
                _join(grid, first, part, joined)
        return tuple(_without_blocks(grid, first, last, part, match) for part, match in joined), ()
    match = _match(written, _titles(grid, first, written)) if written else None
    if match is None:
        return (), ()
    if match.missing:
        near = NearMiss(match.sheet.kind, first, min(written), match.matched, match.missing[0])
        return (), (near,) if match.matched >= _NEAR_ENOUGH and len(match.missing) == 1 else ()
    first_field = min(match.fields)
    left = [part for part in parts if max(part) < first_field and _are_values(grid, last, sorted(part))]
    if any(not isinstance(grid.at(last, column), str) for part in left for column in part):
        written = {column: texts for column, texts in written.items() if not any(column in part for part in left)}
    return (_without_blocks(grid, first, last, written, match),), ()


def _join(grid: Grid, first: int, part: _Written, tables: list[tuple[_Written, _Match]]) -> None:
    """Add further columns to the table on their left; results may stand right of another table than theirs.

    They are those of the nearest table of their kind that has none.
    """
    for at, (columns, match) in reversed(tuple(enumerate(tables))):
        if _has_results(match.sheet.kind, part) and not _has_results(match.sheet.kind, columns):
            both = columns | part
            again = _match(both, _titles(grid, first, both))
            if again is not None and again.sheet is match.sheet and not again.missing:
                tables[at] = (both, again)
                return
    columns, match = tables[-1]
    tables[-1] = (columns | part, match)


def _has_results(kind: str, written: _Written) -> bool:
    named = ((text, field_of(kind, text)) for texts in written.values() for text in texts[:1])
    own = [text for text, field in named if field and field[0].ours and schema.is_own_heading(field[0], fold(text))]
    return are_results(kind, len(own))


def _without_blocks(grid: Grid, first: int, last: int, written: _Written, match: _Match) -> HeaderRow:
    """Make a header without the blocks beside its list that are no part of it."""
    kind = match.sheet.kind
    fields = {
        index: field[0]
        for index, texts in written.items()
        for field in [_first_field(kind, texts)]
        if field is not None and (index in match.fields or field[0].name not in WHOSE)
    }
    blocks = blocks_beside(grid, last, {index: texts[0] for index, texts in written.items()}, fields, kind=kind)
    rest = {index: texts for index, texts in written.items() if not any(index in block for block in blocks)}
    alone = _match(rest, _titles(grid, first, rest)) if blocks else None
    if alone is None or alone.missing or alone.sheet is not match.sheet:
        return _header(grid, first, last, written, match)
    return replace(_header(grid, first, last, rest, alone), aside=blocks)


def _first_field(kind: str, texts: Iterable[str]) -> tuple[Field, int] | None:
    return next(filter(None, (field_of(kind, text) for text in texts)), None)


def _header(grid: Grid, first: int, last: int, written: _Written, match: _Match) -> HeaderRow:
    kind = match.sheet.kind
    money_unit = _money_unit(_titles(grid, first, written))
    columns: list[Column] = []
    for index in range(min(written), max(written) + 1):
        texts = written.get(index, ("",))
        field = match.fields.get(index)
        text = next((text for text in texts if field is not None and field_of(kind, text)), texts[0])
        column = make_column(kind, field, text, index=index)
        header = grid.text(last, index)
        if field is not None and grid.renamed.get(header) == text:
            column = replace(column, label=header, theirs=field.ours)
        if field is not None and field.kind is Kind.MONEY and column.unit is None and money_unit:
            column = replace(column, unit=money_unit)
        columns.append(column)
    columns = _with_own_appointments(kind, columns)
    doubled = tuple(column for column in columns if column.index in match.doubled)
    return HeaderRow(kind, first, last, tuple(columns), doubled)


def _with_own_appointments(kind: str, columns: list[Column]) -> list[Column]:
    """Take a person's own 下次跟进日期 of a base sheet for an appointment: the program's stands right of 客户标签."""
    names = [column.name for column in columns]
    if kind != schema.PROFILE.kind or "next_due" not in names or "appointment" in names:
        return columns
    at = names.index("next_due")
    if "tags" in names[:at]:
        return columns
    return [*columns[:at], replace(columns[at], name="appointment", theirs=False), *columns[at + 1 :]]


def _match(written: _Written, titles: Sequence[str]) -> _Match | None:
    """Find the kind of sheet a header row is of: all of its signature, then most fields, then the title."""
    matches: list[tuple[tuple[bool, int, bool, bool], _Match]] = []
    for sheet in READ_SHEETS:
        labelled = [(index, next((text for text in texts if field_of(sheet.kind, text)), texts[0]))
                    for index, texts in written.items()]  # fmt: skip
        fields, doubled = doubled_columns(sheet.kind, labelled)
        names = {field.name for field in fields.values()}
        if names:
            missing = missing_labels(sheet, sheet.signature, names)
            by_other_signs = bool(missing and sheet.otherwise and not missing_labels(sheet, sheet.otherwise, names))
            match = _Match(sheet, fields, doubled, () if by_other_signs else missing)
            count = len(names - _NO_SIGN)
            matches.append(((not match.missing, count, not by_other_signs, _titled(sheet, titles)), match))
    if any(rank[0] and match.sheet in _BEFORE_BASE for rank, match in matches):
        matches = [(rank, match) for rank, match in matches if match.sheet is not schema.PROFILE or rank[3]]
    return max(matches, key=lambda ranked: ranked[0], default=(None, None))[1]


def missing_labels(
    sheet: Sheet, signature: Sequence[Sequence[str]], names: Collection[str]
) -> tuple[tuple[str, ...], ...]:
    """List what a header lacks of a signature: for each part of it the labels of which one would do."""
    missing = [tuple(sheet.field(name).label for name in group) for group in signature if not set(group) & set(names)]
    signs = {name for group in signature for name in group}
    plain = [name for name in names if name not in signs and not sheet.field(name).ours]
    if not missing and len(plain) < sheet.fewest:
        missing.append(tuple(entry.label for entry in sheet.fields if entry.need is Need.FILING))
    return tuple(missing)


def _written(grid: Grid, first: int, last: int) -> _Written:
    """Read the header texts of each column from rows `first` to `last`: its lowest text, then group and text joined."""
    written: _Written = {}
    groups = {
        (merge.first_row, column): grid.text(merge.first_row, merge.first_column)
        for merge in grid.merges
        if last > first and first <= merge.first_row <= last
        for column in range(merge.first_column, min(merge.last_column, grid.right) + 1)
    }
    for index in range(grid.left, grid.right + 1):
        texts: list[str] = []
        for row in range(first, last + 1):
            value = grid.at(row, index)
            own = value.strip() if isinstance(value, str) else "" if value is None else str(value)
            text = own or groups.get((row, index), "")
            texts.append(grid.renamed.get(text, text))
        filled = [text for text in texts if text]
        if filled:
            written[index] = (filled[-1],) if len(filled) == 1 else (filled[-1], "".join(filled))
    return written


def _deeper(grid: Grid, row: int) -> range:
    """Return the rows a header that begins in a row may reach down to, judged by the merged cells there."""
    depth = 1
    for merge in grid.merges:
        if merge.first_row == row:
            spread = merge.last_column > merge.first_column and merge.last_row == row
            depth = max(depth, 2 if spread else merge.last_row - row + 1)
    return range(row + 1, min(row + min(depth, _DEEPEST_HEADER), grid.bottom + 1))


def _parts(written: _Written) -> list[_Written]:
    parts: list[_Written] = []
    before = -1
    for index in sorted(written):
        if index != before + 1 or not parts:
            parts.append({})
        parts[-1][index] = written[index]
        before = index
    return parts


def _titles(grid: Grid, row: int, written: _Written) -> tuple[str, ...]:
    """Fold the sheet's name and the texts of the rows right above a header."""
    right = max(written)
    above = (
        fold(text)
        for title_row in range(row - 1, max(row - 1 - _TITLE_ROWS, grid.top - 1), -1)
        for index in range(grid.left, min(right, grid.right) + 1)
        if 1 < len(text := grid.text(title_row, index)) <= LONGEST_LABEL
    )
    return (fold(grid.sheet), *above)


def _titled(sheet: Sheet, titles: Sequence[str]) -> bool:
    return any(fold(name) in title for name in (sheet.title, *sheet.aliases) for title in titles)


def _money_unit(titles: Sequence[str]) -> str | None:
    """Find `单位：万元` in the notes above a table: it holds for amounts whose header has no unit."""
    for title in titles:
        note = re.search(r"单位[:为]?([十百千万亿]*元)", title)
        if note:
            return unit_of((note[1],))
    return None


def _count_fields(headers: Iterable[HeaderRow]) -> int:
    return sum(column.name is not None for header in headers for column in header.columns)


@cache
def _ranks(kind: str) -> dict[tuple[str, str], int]:
    ranks: dict[tuple[str, str], int] = {}
    for field in (*schema.sheet(kind).fields, *schema.sheet(kind).further):
        names = (field.label, *field.aliases)
        for rank, name in enumerate(names):
            ranks.setdefault((field.name, fold(name)), rank)
        for rank, name in enumerate(names):
            ranks.setdefault((field.name, split_header(name).label), rank)
    return ranks
