"""Finds formulas whose range takes in cells: `SUM(2:2)`, `COUNTA(1:1)`, `SUM(A2:Z9)`, `COLUMNS(表)`.

Their results may change though no byte of them does. A range is taken as it is written, in A1 notation, of the
formula's own sheet or another; a shared formula's is moved along with its cells; a defined name stands for its range;
an Excel table for its columns where none is named. What a function computes (`OFFSET`, `INDIRECT`) is not followed.
ECMA-376 Part 1, 18.17 (formulas), 18.3.1.40 (f).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from sheetcrm.excel.splice.workbook_xml import defined_names, unquoted
from sheetcrm.model import column_letters
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import MOST_COLUMNS, MOST_ROWS, Area, column_number, parse_area
from sheetcrm.ooxml.package import Package

_FORMULA = re.compile(rb"<(?:[^\s<>/:]+:)?f(?=[\s/>])([^>]*)>([^<]*)")
_CELL = re.compile(rb"<(?:[^\s<>/:]+:)?c(?=[\s/>])[^>]*>")
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+[0-9]+)["']""")
_SHARED = re.compile(rb"""\st\s*=\s*["']shared["']""")
_INDEX = re.compile(rb"""\ssi\s*=\s*["']([0-9]+)["']""")
_TEXT = re.compile(r'"(?:[^"]|"")*"')
_SHEET = r"(?:('(?:[^']|'')+'|[^\s!'\"(),;+\-*/^&=<>{}\[\]#%@]+)!)?"
_COLUMN, _ROW = r"(\$?)([A-Za-z]{1,3})", r"(\$?)([1-9][0-9]{0,6})"
_RANGE = re.compile(
    rf"(?<![\w.$\]!]){_SHEET}(?:{_COLUMN}{_ROW}(?::{_COLUMN}{_ROW})?|{_COLUMN}:{_COLUMN}|{_ROW}:{_ROW})(?![\w.(!\[])"
)
_WORD = re.compile(r"[^\W\d][\w.]*")
_ITEM = re.compile(r"#[^\],]*")


@dataclass(frozen=True, slots=True)
class TakingIn:
    """A formula whose range takes in some of the cells."""

    sheet: str
    row: int
    column: int
    formula: str


@dataclass(frozen=True, slots=True)
class _End:
    """An edge of a range, and whether it moves along with the cell."""

    number: int
    is_relative: bool


@dataclass(frozen=True, slots=True)
class _Range:
    """A range as a formula writes it. `sheets` are the first and the last it is of; empty: the formula's own."""

    sheets: tuple[str, str]
    rows: tuple[_End, _End]
    columns: tuple[_End, _End]

    def area(self, down: int, across: int) -> Area:
        """Return its cells, for a formula that lies so far from where it is written."""
        top, bottom = sorted(end.number + down * end.is_relative for end in self.rows)
        left, right = sorted(end.number + across * end.is_relative for end in self.columns)
        return Area(top, left, bottom, right)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for: areas on a sheet, the names that take them in, and the tables."""

    sheet: str
    areas: Sequence[Area]
    order: Mapping[str, int]
    """The places of sheets, by folded name."""
    names: frozenset[str]
    tables: frozenset[str]
    quick: re.Pattern[str]
    """What any formula holds that may take them in."""


def formulas_taking_in(
    package: Package, sheet: str, areas: Sequence[Area], tables: Sequence[str]
) -> tuple[TakingIn, ...]:
    """Return the formulas of a workbook whose range takes in a cell of the areas.

    Args:
        package: The workbook, as it was before those cells were written.
        sheet: The name of the sheet with the areas.
        areas: The cells.
        tables: The names of Excel tables that grew over them.

    Raises:
        UnreadableWorkbookError: If a sheet's part cannot be read.
    """
    wanted = _wanted(package, sheet, areas, tables)
    return tuple(
        found
        for listed in package.sheets
        if listed.kind == "worksheet" and package.may_hold(listed.part, b"f")
        for found in _in_sheet(package.read(listed.part), listed.name, wanted)
    )


def without_texts(formula: str) -> str:
    """Return a formula with nothing between the quotes of its texts: they are people's data, and no ranges. Pure."""
    return _TEXT.sub('""', formula)


def _wanted(package: Package, sheet: str, areas: Sequence[Area], tables: Sequence[str]) -> _Wanted:
    order = {listed.name.casefold(): listed.index for listed in package.sheets}
    folded = frozenset(name.casefold() for name in tables)
    letters = {column_letters(number) for area in areas for number in range(area.left, area.right + 1)}
    quick = re.compile(rf":|\[|(?<![A-Za-z])\$?(?:{'|'.join(sorted(letters))})\$?[0-9]", re.IGNORECASE)
    direct = _Wanted(sheet, areas, order, frozenset(), folded, quick)
    named = defined_names(package.read(package.workbook), part=package.workbook)
    names = frozenset(name.casefold() for name, text in named if _takes_in(text, "", direct))
    words = [re.escape(word) for word in sorted(names | folded)]
    return _Wanted(sheet, areas, order, names, folded, re.compile("|".join([quick.pattern, *words]), re.IGNORECASE))


def _in_sheet(data: bytes, sheet: str, wanted: _Wanted) -> Iterator[TakingIn]:
    if not xmltree.has_element(data, "f"):
        return
    masked = xmltree.masked(data)
    shared: dict[bytes, tuple[str, int, int]] = {}
    for formula in _FORMULA.finditer(masked):
        attributes = formula[1]
        index = _INDEX.search(attributes) if _SHARED.search(attributes) else None
        text = "" if attributes.endswith(b"/") else unescape(data[formula.start(2) : formula.end(2)].decode())
        if text and not wanted.quick.search(text):
            continue
        if not text and (index is None or index[1] not in shared):
            continue
        place = _place(masked, formula.start())
        if place is None:
            continue
        if text and index is not None:
            shared[index[1]] = (text, *place)
        written, row, column = (text, *place) if text or index is None else shared[index[1]]
        if _takes_in(written, sheet, wanted, place[0] - row, place[1] - column):
            yield TakingIn(sheet, *place, written)


def _place(masked: bytes, before: int) -> tuple[int, int] | None:
    """Return the row and column of the cell that a formula stands in; None if it states no address."""
    begin = masked.rfind(b"<", 0, before)
    tag = _CELL.match(masked, begin) if begin >= 0 else None
    reference = _REFERENCE.search(tag[0]) if tag else None
    area = parse_area(reference[1].decode()) if reference else None
    return (area.top, area.left) if area else None


def _takes_in(formula: str, sheet: str, wanted: _Wanted, down: int = 0, across: int = 0) -> bool:
    text = without_texts(formula)
    own = sheet.casefold() == wanted.sheet.casefold()
    for found in _ranges(text):
        on_it = _is_on(found.sheets, wanted) if found.sheets[0] else own
        if on_it and any(area.meets(found.area(down, across)) for area in wanted.areas):
            return True
    return any(
        word[0].casefold() in wanted.names or (word[0].casefold() in wanted.tables and _is_whole(text[word.end() :]))
        for word in _WORD.finditer(text)
    )


def _ranges(text: str) -> Iterator[_Range]:
    for found in _RANGE.finditer(text):
        sheet, c1a, c1, r1a, r1, c2a, c2, r2a, r2, ca, c, da, d, ra, r, sa, s = found.groups()
        first, _, last = unquoted(sheet or "").partition(":")
        if c1:
            rows = _End(int(r1), not r1a), _End(int(r2 or r1), not (r2a if r2 else r1a))
            columns = _End(column_number(c1), not c1a), _End(column_number(c2 or c1), not (c2a if c2 else c1a))
        elif c:
            rows = _End(1, is_relative=False), _End(MOST_ROWS, is_relative=False)
            columns = _End(column_number(c), not ca), _End(column_number(d), not da)
        else:
            rows = _End(int(r), not ra), _End(int(s), not sa)
            columns = _End(1, is_relative=False), _End(MOST_COLUMNS, is_relative=False)
        yield _Range((first, last or first), rows, columns)


def _is_on(sheets: tuple[str, str], wanted: _Wanted) -> bool:
    """Return whether a reference to a sheet, or to a run of them, is to the one that is looked for."""
    first, at, last = (wanted.order.get(name.casefold(), -1) for name in (sheets[0], wanted.sheet, sheets[1]))
    return min(first, last) >= 0 and min(first, last) <= at <= max(first, last)


def _is_whole(rest: str) -> bool:
    """Return whether what follows a table's name picks no column: `表`, `表[#All]`, `表[[#This Row]]`, `表[@]`."""
    if not rest.startswith("["):
        return True
    depth = 0
    for at, sign in enumerate(rest):
        depth += (sign == "[") - (sign == "]")
        if depth == 0:
            return not _ITEM.sub("", rest[: at + 1]).strip("[]@, ")
    return False
