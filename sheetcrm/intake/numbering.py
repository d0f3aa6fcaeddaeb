"""Numbers for the customers that have none, where a sheet has a column for them (practice §1.7). Pure.

A number is written into a blank cell of 客户编号 and nowhere else. The same customer gets the same number in
every sheet; a name of which nobody can say that it is one customer's gets none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from statistics import median

from sheetcrm import privacy, schema
from sheetcrm.intake import repeats
from sheetcrm.intake.find.blocks import set_blocks_aside
from sheetcrm.intake.keys import fold_key
from sheetcrm.model import CellRef, CellStyle, ColumnEdit, Problem, RawValue, SheetEdit, Table
from sheetcrm.policy.customer_numbers import NumberSeries
from sheetcrm.problems import listed, problem, shown
from sheetcrm.text.answers import read_key, read_plain_text
from sheetcrm.text.doubt import Doubt
from sheetcrm.text.folding import fold

_KEY, _NAME = "customer_id", "name"
_MASK = "*"
_LABELLED = (":", "：")
"""What the name of a customer does not hold, and `制表人：王某` does."""
_BARE, _SIGNED = "这一行除名称外什么也没有", "像是落款，不像客户名称"
_APART = "它在空行之后，填的不到上面各行的一半，像是另一块内容"
_LISTS = (schema.PROFILE.kind, schema.SCORING.kind)


@dataclass(frozen=True, slots=True)
class Numbering:
    """The tables with their new numbers, and each number by the cell it is to be written into."""

    tables: tuple[Table, ...]
    numbers: Mapping[CellRef, str]
    problems: tuple[Problem, ...]

    def edits(self) -> Mapping[str, Sequence[SheetEdit]]:
        """Plan the cells, by file."""
        planned: dict[str, list[SheetEdit]] = defaultdict(list)
        seen: set[CellRef] = set()
        for table in self.tables:
            column = table.column(_KEY)
            refs = [table.ref(row, _KEY) for row in table.rows] if column else []
            refs = [ref for ref in dict.fromkeys(refs) if ref in self.numbers and ref not in seen]
            if column and refs:
                seen.update(refs)
                label = schema.sheet(table.kind).field(_KEY).label
                values = tuple(self.numbers[ref] for ref in refs)
                edit = ColumnEdit(label, column.index, CellStyle.TEXT, tuple(ref.row for ref in refs), values)
                planned[table.file].append(SheetEdit(table.sheet, table.header_row, (edit,)))
        return {file: tuple(edits) for file, edits in planned.items()}


def number_customers(
    tables: Sequence[Table], *, form: str, period_end: date, closed: Collection[CellRef] = ()
) -> Numbering:
    """Give numbers to the customers that stand in lists without one.

    Args:
        tables: All tables of the book.
        form: The form of a number, by the policy.
        period_end: The last day of the period; the numbers are of its month.
        closed: Cells that cannot be written into.
    """
    series = NumberSeries.of(form, period_end)
    shut = set(closed)
    while True:
        numbers, problems = _Names(tables, shut, period_end).number(series)
        numbered = _with_numbers(tables, numbers)
        numbered, gone, remarks = _without_blocks(numbered, numbers)
        if gone.isdisjoint(numbers):
            return Numbering(numbered, numbers, (*problems, *remarks, *_without_column(tables)))
        shut |= gone


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with a name: its cell of 客户编号, what stands there, and whether a number may be written into it."""

    table: Table
    ref: CellRef
    name: str
    key: str | None
    is_open: bool
    is_unreadable: bool
    no_customer: str
    """Why it may be no customer's row, blank where it is one's."""
    series: tuple[str, int | None]
    """The kind of its sheet, and its month where several months of it may lie side by side."""


class _Names:
    """The names of a book, each with the rows it stands in."""

    def __init__(self, tables: Sequence[Table], closed: Collection[CellRef], period_end: date) -> None:
        ordered = sorted(tables, key=lambda table: (table.kind not in _LISTS, table.kind, table.file, table.sheet))
        self._keys = [key for table in tables for key in _keys(table)]
        self._rows: dict[str, list[_Row]] = defaultdict(list)
        for table in ordered:
            monthly = table.kind == schema.SCORING.kind
            series = (table.kind, repeats.month_of(table, as_of=period_end) if monthly else None)
            for row in _rows(table, series, closed):
                self._rows[fold(row.name)].append(row)

    def number(self, series: NumberSeries) -> tuple[Mapping[CellRef, str], tuple[Problem, ...]]:
        """Return the number of each open cell, and what is wrong with names that get none."""
        numbers: dict[CellRef, str] = {}
        problems: list[Problem] = []
        last = max((serial for key in self._keys if (serial := _serial(series, key)) is not None), default=0)
        for every in self._rows.values():
            rows = [row for row in every if not (row.is_open and row.no_customer)]
            strange = [row for row in every if row.is_open and row.no_customer]
            problems += (_withheld(row, row.no_customer) for row in strange)
            if not rows:
                continue
            lists = [row for row in rows if row.table.kind in _LISTS]
            sure = lists if _MASK in rows[0].name else rows
            waiting = [row for row in sure if row.is_open]
            if not waiting or not lists:
                continue
            doubt = _doubt(lists, sure)
            if doubt:
                problems.append(_withheld(waiting[0], doubt))
                continue
            number = next((row.key for row in sure if row.key is not None), None)
            if number is None and any(row.is_open for row in lists):
                last += 1
                number = series.write(last)
            if number is not None:
                numbers.update((row.ref, number) for row in waiting)
        return numbers, tuple(problems)


def _withheld(row: _Row, why: str) -> Problem:
    return problem("number-withheld", row.ref, found=shown(privacy.mask_text(row.name)), why=why)


def _doubt(lists: Sequence[_Row], rows: Sequence[_Row]) -> str:
    """Say why the rows of one name may be of several customers; nothing where they are one's.

    Args:
        lists: Those that list customers.
        rows: Those, and others whose number would be the customer's.
    """
    keys = {fold_key(row.key): row.key for row in rows if row.key is not None}
    if len(keys) > 1:
        return f"这个名称已有几个编号（{listed(sorted(keys.values()))}）"
    unreadable = next((row for row in lists if row.is_unreadable), None)
    if unreadable is not None:
        return f"{unreadable.ref} 里它的编号读不出"
    places: dict[tuple[str, int | None], set[CellRef]] = defaultdict(set)
    for row in lists:
        places[row.series].add(row.ref)
    twice = next((sorted(refs) for refs in places.values() if len(refs) > 1), None)
    return f"同一种表里有几行叫这个名称（{listed([str(ref) for ref in twice])}）" if twice else ""


def _rows(table: Table, series: tuple[str, int | None], closed: Collection[CellRef]) -> Iterable[_Row]:
    """Yield the rows of a table that has the columns 客户编号 and 客户名称, and a name in them."""
    places = {column.name: place for place, column in enumerate(table.columns) if column.name}
    if _KEY not in places or _NAME not in places or table.beside:  # the rows of a table beside are those of another
        return
    at = (places[_KEY], places[_NAME])
    names_only = not any(_holds_more(values, at) for values in table.values)
    apart = _rows_apart(table)
    for row, values in zip(table.rows, table.values, strict=True):
        name, key, raw = read_plain_text(values[at[1]]), read_key(values[at[0]]), values[at[0]]
        if not isinstance(name, str):
            continue
        ref = table.ref(row, _KEY)
        is_blank = (raw is None or not str(raw).strip()) and (ref.row, ref.column) not in table.marks
        bare = not names_only and not _holds_more(values, at)
        signed = any(sign in name for sign in _LABELLED)
        no_customer = _SIGNED if signed else _BARE if bare else _APART if row in apart else ""
        yield _Row(
            table=table,
            ref=ref,
            name=name,
            key=key if isinstance(key, str) else None,
            is_open=is_blank and ref not in closed,
            is_unreadable=isinstance(key, Doubt),
            no_customer=no_customer if table.kind in _LISTS else "",
            series=series,
        )


def _rows_apart(table: Table) -> Collection[int]:
    """Find the rows after a blank one that hold under half of what the rows before it hold: a block of its own."""
    counts = [sum(value is not None for value in values) for values in table.values]
    gap = next((at for at, (row, after) in enumerate(pairwise(table.rows), 1) if after > row + 1), len(counts))
    usual = median(counts[:gap]) if counts else 0
    return {table.rows[at] for at in range(gap, len(counts)) if 2 * counts[at] < usual}


def _holds_more(values: Sequence[RawValue], places: Collection[int]) -> bool:
    """Return whether a row holds anything besides its number and name."""
    return any(value is not None and at not in places for at, value in enumerate(values))


def _keys(table: Table) -> Iterable[str]:
    place = next((at for at, column in enumerate(table.columns) if column.name == _KEY), None)
    if place is None:
        return
    for values in table.values:
        key = read_key(values[place])
        if isinstance(key, str):
            yield key


def _serial(series: NumberSeries, key: str) -> int | None:
    """Return the serial number of a key of the series, None for any other."""
    prefix = fold_key(series.prefix) if series.prefix else ""
    digits = fold_key(key).removeprefix(prefix)
    is_one = fold_key(key).startswith(prefix) and digits.isascii() and digits.isdecimal()
    return int(digits) if is_one else None


def _with_numbers(tables: Sequence[Table], numbers: Mapping[CellRef, str]) -> tuple[Table, ...]:
    numbered = {id(table): _with_own(table, numbers) for table in tables}
    return tuple(
        replace(table, card=numbered.get(id(table.card), table.card)) if table.card else numbered[id(table)]
        for table in tables
    )


def _with_own(table: Table, numbers: Mapping[CellRef, str]) -> Table:
    place = next((at for at, column in enumerate(table.columns) if column.name == _KEY), None)
    refs = [table.ref(row, _KEY) for row in table.rows] if place is not None else []
    if place is None or numbers.keys().isdisjoint(refs):
        return table
    values = tuple(
        [*row[:place], numbers[ref], *row[place + 1 :]] if ref in numbers else row
        for ref, row in zip(refs, table.values, strict=True)
    )
    return replace(table, values=values)


def _without_blocks(
    tables: Sequence[Table], numbers: Mapping[CellRef, str]
) -> tuple[tuple[Table, ...], set[CellRef], tuple[Problem, ...]]:
    """Set aside what is no part of a list, now that its rows have numbers: as the next reading will.

    Returns:
        The tables, the cells of 客户编号 of the rows that were set aside, and a remark for each block of them.
    """
    kept: list[Table] = []
    gone: set[CellRef] = set()
    remarks: list[Problem] = []
    for table in tables:
        refs = {row: table.ref(row, _KEY) for row in table.rows} if table.header_row and table.column(_KEY) else {}
        if numbers.keys().isdisjoint(refs.values()):
            kept.append(table)
        elif table.beside:  # the rows of the list it was taken from, which stands before it
            kept.append(_without_rows(table, {row for row, ref in refs.items() if ref in gone}))
        else:
            inside, blocks = set_blocks_aside(table)
            gone |= {refs[row] for row in set(refs).difference(inside.rows)}
            remarks += blocks
            kept.append(inside)
    return tuple(kept), gone, tuple(remarks)


def _without_rows(table: Table, rows: Collection[int]) -> Table:
    if not rows:
        return table
    kept = [at for at, row in enumerate(table.rows) if row not in rows]
    return replace(table, rows=tuple(table.rows[at] for at in kept), values=tuple(table.values[at] for at in kept))


def _without_column(tables: Sequence[Table]) -> Iterable[Problem]:
    """Name the lists without a column 客户编号: none is added to them."""
    for table in tables:
        if table.kind in _LISTS and not table.beside and table.column(_NAME) and not table.column(_KEY):
            yield problem("number-no-column", table.ref(table.header_row or table.rows[0], _NAME))
