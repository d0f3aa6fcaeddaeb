"""Decides which columns beside a list, under its header row, are a block of their own (practice §1.7). Pure.

A count by tier (`等级 | 个数`) or a legend beside the customers shares their header row, and its labels are those of
the list's own columns: read as such, its words would be taken for the first customers', and results written over
them. It is known by its rows, which are not the list's, and by what it counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm import schema
from sheetcrm.intake.find.labels import is_label
from sheetcrm.intake.find.row_content import is_blank, runs
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import Column
from sheetcrm.schema import Field
from sheetcrm.text.folding import fold, split_header

WHOSE = frozenset({"customer_id", "name"})
_GRADES = frozenset({"grade", "tier"})
"""Fields of few words, which customers share and a legend has once each."""
_OWN_RESULTS = 3
"""So many columns of the program's own that stand together are its results, not a block of people's; or all of them."""
_FEWEST = 2
"""Rows, and columns, of a block that is told apart by its different words."""
_HEADS = frozenset(map(fold, ("个数", "户数", "客户数", "客户数量")))
_COUNTS = _HEADS | frozenset(map(fold, ("家数", "人数", "数量", "占比", "比例", "百分比")))
"""What a block counts by; nobody counts customers (`_HEADS`) of a customer."""


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The header of a list, with all that stands beside it in the row: its texts and fields by column."""

    grid: Grid
    row: int
    texts: Mapping[int, str]
    fields: Mapping[int, Field]
    kind: str


def results_among(kind: str, columns: Sequence[Column]) -> frozenset[int]:
    """Return the places of the program's results among columns; none where too few of them stand together."""
    own = schema.sheet(kind).fills
    places = frozenset(at for at, column in enumerate(columns) if column.name in own and not column.theirs)
    return places if are_results(kind, len(places)) else frozenset()


def are_results(kind: str, count: int) -> bool:
    """Return whether so many columns of the program's own are its results on a kind of sheet."""
    return 0 < count >= min(_OWN_RESULTS, len(schema.sheet(kind).fills))


def blocks_beside(
    grid: Grid, row: int, texts: Mapping[int, str], fields: Mapping[int, Field], *, kind: str
) -> tuple[range, ...]:
    """Find the blocks beside a list that are no part of it.

    Columns that blank ones part from the list are a block where their rows are not the list's: fewer with words that
    all differ, or more. Columns right beside it are one only where they count something.

    Args:
        grid: The sheet.
        row: The last row of the header.
        texts: The text of each labelled column of the row.
        fields: The field of each column that names one, in the list's kind of sheet.
        kind: That kind.
    """
    header = _Labelled(grid, row, texts, fields, kind)
    whose = [column for column, field in fields.items() if field.name in WHOSE]
    parts = [(part[0], part[-1]) for part in runs(sorted(texts))]
    parted = [range(first, last + 1) for first, last in parts if not any(first <= column <= last for column in whose)]
    counting = [(_counting_end(header, first, last), False) for first, last in parts]
    candidates = [(columns, True) for columns in parted] + [entry for entry in counting if entry[0] not in parted]
    candidates = [(columns, apart) for columns, apart in candidates if columns and _is_open(header, columns)]
    if not candidates or not whose:
        return ()
    keys = _rows_of(grid, row, whose)
    below = min(
        (at for at in keys if any(is_label(grid.text(at, column)) for column in whose)), default=grid.bottom + 1
    )
    keys = {at for at in keys if at < below}
    if not keys:
        return ()
    return tuple(columns for columns, apart in candidates if _is_block(header, columns, keys, parted=apart))


def _is_open(header: _Labelled, columns: range) -> bool:
    """Return whether it is open whose columns are: they name fields, and are not the program's results."""
    fields = [(column, header.fields[column]) for column in columns if column in header.fields]
    own = sum(
        field.ours and schema.is_own_heading(field, split_header(header.texts[column]).label)
        for column, field in fields
    )
    return bool(fields) and not are_results(header.kind, own)


def _counting_end(header: _Labelled, first: int, last: int) -> range:
    """Return the columns at the end of a part that begin with one of the program's and count; empty if none do."""
    begin = last + 1
    while begin > first and (begin - 1 not in header.fields or header.fields[begin - 1].ours):
        begin -= 1
    while begin <= last and begin not in header.fields:
        begin += 1
    columns = range(begin, last + 1)
    return columns if _counts(header, columns) else range(0)


def _counts(header: _Labelled, columns: Iterable[int], *, of: Collection[str] = _COUNTS) -> bool:
    return any(column not in header.fields and split_header(header.texts[column]).label in of for column in columns)


def _is_block(header: _Labelled, columns: range, keys: Collection[int], *, parted: bool) -> bool:
    """Return whether columns are a block of their own, beside a list that has keys in these rows."""
    named = [column for column in columns if column in header.fields]
    own = [column for column in named if header.fields[column].ours]
    filled = _rows_of(header.grid, header.row, own or columns)
    first_run = next(iter(runs(sorted(filled))), [])
    heads = (at for at, row in enumerate(first_run) if is_label(header.grid.text(row, (own or named)[0])))
    first_run = first_run[: next(heads, None)]  # another block may begin right below
    if not first_run:
        return False
    beyond = first_run[-1] not in keys
    fewer = len(first_run) < len(keys)
    different = _all_different([header.grid.at(row, (own or named)[0]) for row in first_run])
    counts, further = _counts(header, columns), len(named) < len(columns)
    if parted and not _stands_apart(header, columns, keys):
        return counts and different and beyond
    is_legend = different and bool(own) and header.fields[own[0]].name in _GRADES
    if not _counts(header, columns, of=_HEADS):
        is_legend = is_legend and len(first_run) >= (_FEWEST if fewer else _FEWEST + 1)
    if not parted:
        return is_legend or (different and (beyond or fewer))
    if own:
        return beyond or is_legend or (counts and (fewer or different)) or (different and fewer and further)
    is_full = all(not is_blank(header.grid.at(row, column)) for row in first_run for column in columns)
    return (
        min(len(first_run), len(columns)) >= _FEWEST
        and different
        and is_full
        and (beyond or counts or (further and fewer))
    )


def _stands_apart(header: _Labelled, columns: range, keys: Collection[int]) -> bool:
    """Return whether a blank column parts a block from the list, not only those of the list that have no header."""
    left = max((column for column in header.texts if column < columns.start), default=columns.start - 1)
    right = min((column for column in header.texts if column >= columns.stop), default=columns.stop)
    whose = min(column for column, field in header.fields.items() if field.name in WHOSE)
    gap = range(left + 1, columns.start) if whose < columns.start else range(columns.stop, right)
    rows = sorted(keys)
    return any(
        is_blank(header.grid.at(rows[0], column))
        or 2 * sum(is_blank(header.grid.at(row, column)) for row in rows) >= len(rows)
        for column in gap
    )


def _rows_of(grid: Grid, header_row: int, columns: Sequence[int]) -> set[int]:
    """Return the rows below a header where one of the columns holds something, itself or by a merged cell."""
    places = [column - grid.left for column in columns]
    rows = {
        row
        for row, cells in grid.rows(header_row + 1, grid.bottom + 1)
        if any(not is_blank(cells[at]) for at in places)
    }
    for merge in grid.merges:
        if merge.first_row in rows and merge.first_column in columns:
            rows.update(range(merge.first_row, min(merge.last_row, grid.bottom) + 1))
    return rows


def _all_different(values: Sequence[object]) -> bool:
    texts = [value.strip() for value in values if isinstance(value, str)]
    return len(texts) == len(values) == len(set(texts))
