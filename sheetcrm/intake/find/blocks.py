"""Decides which rows below a list are no part of it: counts by tier, signatures, plans (practice §1.7). Pure.

A list is known by the pattern of its keys: `C2024001` is a letter and digits, `等级统计` is neither. A row of
another pattern is no row of the list where it holds no figure and at most one more cell of the table's own
fields. Where such a row, or a heading after blank rows, begins a block of its own, the rest of the block is none
either, up to the next key of the list's pattern.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sheetcrm import schema
from sheetcrm.intake.find.beside import results_among
from sheetcrm.intake.find.headers import HeaderRow
from sheetcrm.intake.find.name_blocks import set_aside_by_names
from sheetcrm.intake.find.row_content import FIGURES, is_blank, is_figure, report
from sheetcrm.intake.find.tables import KEY, find_stop, make_table, with_stated
from sheetcrm.intake.open.cell_errors import SheetMarks
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import CellRef, Problem, RawValue, Table, column_letters
from sheetcrm.ooxml.addresses import Area
from sheetcrm.problems import listed, problem, shown

_RUNS = (re.compile(r"[A-Za-z]+"), re.compile(r"\d+"), re.compile(r"[^\W\d_A-Za-z]+"))
_LETTER, _DIGIT, _WORD = "A", "9", "字"
_FEW = 1
"""Besides its key, a row of a signature or a count holds one cell: a name, a date, a number."""

_WHY = "编号和别的行不是一个样子，也没有数字"


def make_list(
    grid: Grid,
    header: HeaderRow,
    areas: Sequence[Area],
    *,
    starts: Sequence[tuple[int, int, int]],
    last: int,
    marks: SheetMarks,
    card: Table | None,
) -> tuple[Table, tuple[Problem, ...]]:
    """Read the rows of one table, and report those below it that are no part of it.

    Args:
        grid: The sheet.
        header: The table's header.
        areas: The Excel tables of the sheet.
        starts: First row, first and last column of everything that begins on the sheet.
        last: The last row anything is in.
        marks: The marks of the sheet.
        card: The card that a follow-up table stands under.
    """
    stop, first = find_stop(grid, header, starts=starts, last=last), header.last_row + 1
    end = end_of_table(header.last_row, *header.extent, tables=areas, stop=stop)
    table = with_stated(make_table(grid, header, stop=end, marks=marks.between(first, end), card=card))
    beyond: tuple[Problem, ...] = ()
    if end < stop:
        beyond = outside_table(table, make_table(grid, header, stop=stop, marks=marks.between(first, stop)))
    table, remarks = set_blocks_aside(table)
    beside = (_report_beside(grid, header, block) for block in header.aside)
    return with_stated(table) if remarks else table, (*beyond, *remarks, *beside)


def _report_beside(grid: Grid, header: HeaderRow, block: range) -> Problem:
    """Report a block beside a list that is no part of it."""
    labels = listed([shown(grid.text(header.last_row, column)) for column in block])
    ref = CellRef(grid.file, grid.sheet, header.last_row, block.start)
    columns = f"{column_letters(block.start)}:{column_letters(block.stop - 1)}"
    return problem("columns-aside", ref, columns=columns, labels=labels, title=schema.sheet(header.kind).title)


def end_of_table(header_row: int, left: int, right: int, *, tables: Iterable[Area], stop: int) -> int:
    """Return the row a table ends above: an Excel table that its header begins ends where Excel says.

    One that only adjoins it, whose last rows stand beside the header, holds few of its columns.
    """
    for area in tables:
        shared = min(area.right, right) - max(area.left, left) + 1
        if area.top <= header_row <= area.bottom and 2 * shared >= right - left + 1:
            return min(stop, max(area.bottom, header_row) + 1)
    return stop


def outside_table(inside: Table, whole: Table) -> tuple[Problem, ...]:
    """Report the rows below an Excel table: those that look like its own, and those that do not.

    Args:
        inside: The table to its end.
        whole: The table as if it had none.
    """
    below = _Rows(whole, without=frozenset(inside.rows))
    alike = [row for row in below.rows if row.shape in _Rows(inside).patterns() and (row.figures or row.cells > _FEW)]
    others = [row for row in below.rows if row not in alike]
    problems = [_report("rows-below-table", whole, rows) for rows in _runs(alike, below.rows)]
    return (*problems, *(_report("rows-aside", whole, rows) for rows in _runs(others, below.rows)))


def set_blocks_aside(table: Table) -> tuple[Table, tuple[Problem, ...]]:
    """Return a table without the rows that are no part of its list, and a remark for each block of them."""
    key = next((at for at, column in enumerate(table.columns) if column.name == KEY), None)
    if key is None:
        return set_aside_by_names(table)
    if len(table.rows) < 2 or _is_uniform({values[key] for values in table.values}):  # noqa: PLR2004
        return table, ()
    rows = _Rows(table)
    patterns = rows.patterns()
    aside = list(_strange(rows.rows, patterns)) if patterns else []
    if not aside:
        return table, ()
    gone = {row.at for row in aside}
    kept = [at for at in range(len(table.rows)) if at not in gone]
    problems = tuple(_report("rows-aside", table, run) for run in _runs(aside, rows.rows))
    return (
        replace(table, rows=tuple(table.rows[at] for at in kept), values=tuple(table.values[at] for at in kept)),
        problems,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row, as its block is judged: the pattern of its key, its figures, its other cells, and its block's number."""

    at: int
    number: int
    shape: str
    figures: int
    cells: int
    block: int

    @property
    def is_weak(self) -> bool:
        """Whether it holds next to nothing."""
        return not self.figures and self.cells <= _FEW

    @property
    def is_numbered(self) -> bool:
        """Whether its key is made of letters and digits, as a customer's number is."""
        return _LETTER in self.shape and _DIGIT in self.shape and _WORD not in self.shape


class _Rows:
    """The rows of a table, as far as they need looking at."""

    def __init__(self, table: Table, *, without: frozenset[int] = frozenset()) -> None:
        self._table = table
        self._without = without
        key = next((at for at, column in enumerate(table.columns) if column.name == KEY), 0)
        results = results_among(table.kind, table.columns)
        kinds = {
            at: schema.sheet(table.kind).field(column.name).kind
            for at, column in enumerate(table.columns)
            if column.name and at != key and at not in results
        }
        self._own = tuple(kinds)
        self._readers = {at: FIGURES[kind] for at, kind in kinds.items() if kind in FIGURES}
        cache: dict[RawValue, str] = {}
        self.shapes = [_shape(values[key], cache) for values in table.values]
        self._rows: list[_Row] | None = None

    @property
    def rows(self) -> list[_Row]:
        if self._rows is None:
            self._rows = list(self._looked_at())
        return self._rows

    def patterns(self) -> frozenset[str]:
        """Return the patterns of the list's keys: of the rows with figures, else with further cells, else of most."""
        rows = [row for row in self.rows if row.block == 0 and row.shape]
        for lot in (
            {row.shape for row in rows if row.figures}
            | {row.shape for row in rows if row.is_numbered and row.cells > _FEW},
            {row.shape for row in rows if row.cells > _FEW},
        ):
            if lot:
                return frozenset(lot)
        shapes = [row.shape for row in rows]
        most = max(sorted(set(shapes)), key=shapes.count, default="")
        return frozenset({most} if shapes.count(most) > 1 and 2 * shapes.count(most) > len(shapes) else ())

    def _looked_at(self) -> Iterable[_Row]:
        block, before = 0, self._table.rows[0] - 1 if self._table.rows else 0
        for at, (number, values) in enumerate(zip(self._table.rows, self._table.values, strict=True)):
            block += number > before + 1
            before = number
            if number not in self._without:
                figures = sum(is_figure(values[column], readers) for column, readers in self._readers.items())
                cells = sum(not is_blank(values[column]) for column in self._own)
                yield _Row(at, number, self.shapes[at], figures, cells, block)


def _strange(rows: Sequence[_Row], patterns: frozenset[str]) -> Iterable[_Row]:
    begun, block = False, 0
    for row in rows:
        first = row.block != block
        begun, block = begun and not first, row.block
        if row.shape in patterns and not (begun and row.shape == _DIGIT and not row.figures):
            begun = False
        elif not row.shape:
            begun = begun or (row.is_weak and row.block > 0)
            if begun:
                yield row
        elif row.is_weak or (begun and not row.is_numbered) or (first and not row.is_numbered and not row.figures):
            begun = True
            yield row


def _runs(rows: Sequence[_Row], all_rows: Sequence[_Row]) -> Iterable[list[_Row]]:
    """Split rows into runs that no other row of the table interrupts."""
    places = {row.at: place for place, row in enumerate(all_rows)}
    run: list[_Row] = []
    for row in rows:
        if run and places[row.at] != places[run[-1].at] + 1:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _report(kind: str, table: Table, rows: Sequence[_Row]) -> Problem:
    return report(kind, table, [row.at for row in rows], why=_WHY)


def _is_uniform(keys: set[RawValue]) -> bool:
    """Return whether all keys are plainly of one pattern, and no row lacks one: nothing can be strange then."""
    texts = [key for key in keys if isinstance(key, str)]
    if len(texts) < len(keys):
        return all(isinstance(key, float) for key in keys)
    shape = _shape(texts[0], {}) if texts else ""
    sign = {_LETTER: "[A-Za-z]+", _DIGIT: r"\d+"}
    pattern = "".join(sign.get(letter, re.escape(letter)) for letter in shape)
    return _WORD not in shape and all(map(re.compile(pattern).fullmatch, texts))


def _shape(key: RawValue, cache: dict[RawValue, str]) -> str:
    """Return the pattern of a key: `A9` of C2024001, `A-9` of KH-202405001, empty where there is none."""
    shape = cache.get(key)
    if shape is None:
        text = unicodedata.normalize("NFKC", f"{key:g}" if isinstance(key, float) else "" if key is None else str(key))
        for pattern, sign in zip(_RUNS, (_LETTER, _DIGIT, _WORD), strict=True):
            text = pattern.sub(sign, text)
        shape = cache[key] = "".join(text.split())
    return shape
