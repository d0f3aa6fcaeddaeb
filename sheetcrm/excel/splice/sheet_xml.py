"""Locates rows and cells in a worksheet's bytes.

Expat checks that the part is well-formed; after that, plain patterns may find the tags, many times
faster than expat's callbacks, because three things were made sure of:

- comments, CDATA and the like are blanked in a copy of the same length (`xmltree.masked`), so that
  each `<` begins a tag and the next `>` ends it; offsets found in the copy hold in the part;
- rows and cells carry the prefix that the sheet's data element carries, and no other is in use for
  the same namespace;
- rows rise, and so do the cells of a row: where they do not, the sheet is refused.

ECMA-376 Part 1, 18.3.1.80 (sheetData), .73 (row), .4 (c).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from msgspec import Struct

from sheetcrm.errors import UneditableWorkbookError
from sheetcrm.model import column_letters
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.addresses import COLUMN, MOST_COLUMNS, MOST_ROWS, ROW, column_number
from sheetcrm.ooxml.archive import shown
from sheetcrm.ooxml.xmltree import Element

_NAMESPACES = rb"http://(?:schemas\.openxmlformats\.org/spreadsheetml/2006|purl\.oclc\.org/ooxml/spreadsheetml)/main"
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'](%s)["']""" % ROW)
_ROW_STATED = re.compile(rb"""\sr\s*=""")
_STYLE = re.compile(rb"""\ss\s*=\s*["']([0-9]{1,9})["']""")
_EMPTY_VALUE = re.compile(rb"<(?:[^\s<>/:]+:)?v\s*(?:/>|></(?:[^\s<>/:]+:)?v\s*>)")
_MOST_SHAPES = 10_000


class Row(Struct, frozen=True, gc=False):
    """A row's number and offsets: start, after its start tag, its end tag (or `/>`), and its end."""

    number: int
    start: int
    inner: int
    tail: int
    end: int

    @property
    def self_closed(self) -> bool:
        """Whether it is written `<row/>`."""
        return self.tail == self.end


class Cell(Struct, frozen=True, gc=False):
    """A cell's column and offsets. The attributes lie in start:inner, the content in inner:tail."""

    column: int
    start: int
    inner: int
    tail: int
    end: int


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns for a part's own prefix."""

    row: re.Pattern[bytes]
    row_end: bytes
    cell: re.Pattern[bytes]
    letters: re.Pattern[bytes]
    """Every cell's column letters; nothing where the cell carries no reference."""
    plain_letters: re.Pattern[bytes]
    """The same, faster, of cells whose tags begin as most programs begin them; other cells it does not find."""
    reference: re.Pattern[bytes]
    plain: re.Pattern[bytes]
    """A cell's start tag as most programs write it: its letters and its format."""
    cell_start: bytes


@dataclass(frozen=True, slots=True)
class SheetXml:
    """A worksheet part, its skeleton (all but the rows) as a tree, and where the rows are."""

    part: str
    data: bytes
    masked: bytes
    """The same length; comments and the like are blank, `>` only ends tags."""
    root: Element
    """The tree without the rows; its offsets are those of `data`."""
    sheet_data: Element
    prefix: bytes
    """Of the sheet's own elements, with its colon."""
    patterns: Patterns


def open_sheet(data: bytes, *, part: str) -> SheetXml:
    """Check a worksheet part and find its rows. Pure.

    Raises:
        UnreadableWorkbookError: As `xmltree.parse` does.
        UneditableWorkbookError: `sheet-xml-odd` if it is no worksheet, or one written as no known
            program writes it.
    """
    xmltree.check(data, part=part)
    masked = xmltree.masked(data)
    tag = re.search(rb"<((?:[^\s<>/:]+:)?)sheetData(?=[\s/>])[^>]*>", masked)
    if not tag:
        raise _odd(part, "没有数据区")
    prefix = tag[1]
    start = end = tag.end()
    if not tag[0].endswith(b"/>"):
        end = masked.rindex(b"</%ssheetData" % prefix)
    if masked.count(b"spreadsheetml") > 1 and _has_other_rows(masked, prefix):
        raise _odd(part, "同一命名空间用了两种前缀")
    root = xmltree.parse(data[:start] + data[end:], part=part)
    for element in root.walk():
        _shift(element, start, end - start)
    sheet_data = root.find("sheetData")
    if sheet_data is None or root.name != "worksheet":
        raise _odd(part, "数据区不在工作表里")
    return SheetXml(part, data, masked, root, sheet_data, prefix, _patterns(re.escape(prefix)))


def rows(sheet: SheetXml) -> Iterator[Row]:
    """Yield the rows in order; those without a number are counted on.

    Raises:
        UneditableWorkbookError: `rows-out-of-order` if their numbers do not rise.
    """
    masked, row_end = sheet.masked, sheet.patterns.row_end
    previous = 0
    for tag in sheet.patterns.row.finditer(masked, sheet.sheet_data.inner, sheet.sheet_data.tail):
        start, inner = tag.span()
        if tag[1] is None:
            stated = _ROW_NUMBER.search(tag[0])
            if stated is None and _ROW_STATED.search(tag[0]):
                raise _odd(sheet.part, f"第 {previous} 行之后有一行的行号读不通")
            number = int(stated[1]) if stated else previous + 1
        else:
            number = int(tag[1])
        if not previous < number <= MOST_ROWS:
            raise UneditableWorkbookError(
                "rows-out-of-order",
                f"{shown(sheet.part)} 里第 {number} 行的次序不对",
                "请用 Excel 或 WPS 打开并修复后另存",
            )
        previous = number
        if masked[inner - 2] == ord("/"):
            yield Row(number, start, inner, inner, inner)
        else:
            tail = masked.index(row_end, inner)
            yield Row(number, start, inner, tail, masked.index(b">", tail) + 1)


class CellReader:
    """Finds the cells of rows. Rows with cells in the same columns share one tuple of their numbers."""

    def __init__(self, sheet: SheetXml) -> None:
        """Prepare to read the rows of a sheet."""
        self._sheet = sheet
        self._shapes: dict[tuple[bytes, ...], tuple[int, ...]] = {}
        self._rows: list[tuple[int, ...] | None] = []
        """The columns of rows by their number: rows are many, and rise."""

    def columns(self, row: Row) -> tuple[int, ...]:
        """Return the columns that have a cell in the row, rising.

        Raises:
            UneditableWorkbookError: `cells-out-of-order` if they do not rise, or one comes twice.
        """
        columns = self._rows[row.number] if row.number < len(self._rows) else None
        if columns is not None:
            return columns
        sheet = self._sheet
        shape = tuple(sheet.patterns.plain_letters.findall(sheet.masked, row.inner, row.tail))
        if len(shape) != sheet.masked.count(sheet.patterns.cell_start[:-1], row.inner, row.tail):
            shape = tuple(sheet.patterns.letters.findall(sheet.masked, row.inner, row.tail))
        columns = self._shapes.get(shape)
        if columns is None or b"" in shape:
            columns = self._column_numbers(shape, row)
            if len(self._shapes) < _MOST_SHAPES:
                self._shapes[shape] = columns
        self._rows += [None] * (row.number + 1 - len(self._rows))
        self._rows[row.number] = columns
        return columns

    def last(self, row: Row) -> tuple[int, int]:
        """Return the column and the format of the row's last cell, 0 and 0 if there is none.

        Quicker than `columns`, which must have seen the row.
        """
        masked = self._sheet.masked
        start = masked.rfind(self._sheet.patterns.cell_start, row.inner, row.tail)
        plain = self._sheet.patterns.plain.match(masked, start) if start >= 0 else None
        if plain:
            return column_number(plain[1]), int(plain[2] or 0)
        cells = self.cells(row)
        if not cells:
            return 0, 0
        return cells[-1].column, style_in(masked[cells[-1].start : cells[-1].inner]) or 0

    def cells(self, row: Row, *, first: int = 1, last: int = MOST_COLUMNS) -> list[Cell]:
        """Return the row's cells from a column up to the first at or after another; raises as `columns` does."""
        columns = self.columns(row)
        masked = self._sheet.masked
        begin, place = row.inner, bisect_left(columns, first)
        if 0 < place < len(columns):
            reference = masked.find(b' r="%s%d"' % (_letters(columns[place]), row.number), begin, row.tail)
            if reference >= 0:
                begin, columns = masked.rfind(b"<", begin, reference), columns[place:]
        matches = self._sheet.patterns.cell.finditer(masked, begin, row.tail)
        cells = []
        for column in columns:
            match = next(matches, None)
            if match is None:
                raise _odd(self._sheet.part, f"第 {row.number} 行有单元格套在单元格里")
            start, end = match.span()
            inner, tail = match.span(1)
            cells.append(Cell(column, start, inner, tail, end) if inner >= 0 else Cell(column, start, end, end, end))
            if column >= last:
                break
        return cells

    def _column_numbers(self, shape: tuple[bytes, ...], row: Row) -> tuple[int, ...]:
        sheet = self._sheet
        columns: list[int] = []
        for letters in shape:
            columns.append(column_number(letters) if letters else columns[-1] + 1 if columns else 1)
        references = len(sheet.patterns.reference.findall(sheet.masked, row.inner, row.tail))
        if references != sum(map(bool, shape)):
            raise _odd(sheet.part, f"第 {row.number} 行的单元格地址读不通")
        if any(left >= right for left, right in pairwise(columns)) or (columns and columns[-1] > MOST_COLUMNS):
            raise UneditableWorkbookError(
                "cells-out-of-order",
                f"{shown(sheet.part)} 第 {row.number} 行里单元格的次序不对，或有两个相同的",
                "请用 Excel 或 WPS 打开并修复后另存",
            )
        return tuple(columns)


def has_content(sheet: SheetXml, cell: Cell) -> bool:
    """Return whether a cell has a value or a formula; one that is only styled has neither. Pure."""
    inside = sheet.data[cell.inner : cell.tail].strip()
    return bool(inside) and not _EMPTY_VALUE.fullmatch(inside)


def style_in(tag: bytes) -> int | None:
    """Return the number of the format that a cell's or row's start tag states, if it states one. Pure."""
    style = _STYLE.search(tag)
    return int(style[1]) if style else None


@cache
def _letters(column: int) -> bytes:
    return column_letters(column).encode()


def _has_other_rows(masked: bytes, prefix: bytes) -> bool:
    declared = set(re.findall(rb"""\sxmlns(?::([^\s=]+))?\s*=\s*["']%s["']""" % _NAMESPACES, masked))
    others = {name + b":" if name else b"" for name in declared} - {prefix}
    return any(re.search(rb"<%s(?:row|c)[\s/>]" % re.escape(other), masked) for other in others)


def _patterns(prefix: bytes) -> Patterns:
    cell = rb"<%sc(?=[\s/>])" % prefix
    return Patterns(
        row=re.compile(rb"""<%srow(?=[\s/>])(?: r="(%s)")?[^>]*>""" % (prefix, ROW)),
        row_end=b"</%srow" % prefix.replace(b"\\", b""),
        cell=re.compile(rb"%s[^>]*>(?:(?<=/>)|(.*?)</%sc\s*>)" % (cell, prefix), re.DOTALL),
        letters=re.compile(rb"""%s(?:[^>]*?\sr\s*=\s*["'](%s)%s["'])?[^>]*>""" % (cell, COLUMN, ROW)),
        plain_letters=re.compile(rb'<%sc r="(%s)%s"' % (prefix, COLUMN, ROW)),
        reference=re.compile(rb"%s[^>]*?\sr\s*=" % cell),
        plain=re.compile(rb'<%sc r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]{1,9})")?(?: t="[A-Za-z]+")?/?>' % prefix),
        cell_start=b"<%sc " % prefix.replace(b"\\", b""),
    )


def _shift(element: Element, boundary: int, by: int) -> None:
    """Move an element's offsets from the skeleton to the part: the rows lie at the boundary."""
    if element.start >= boundary:
        element.start += by
    if element.inner > boundary:
        element.inner += by
    if element.tail >= boundary and not element.self_closed:
        element.tail += by
        element.end += by
    elif element.end > boundary:
        element.tail = element.end = element.end + by


def _odd(part: str, what: str) -> UneditableWorkbookError:
    return UneditableWorkbookError(
        "sheet-xml-odd", f"{shown(part)} {what}", "请用 Excel 或 WPS 打开后另存，再处理另存的文件"
    )
