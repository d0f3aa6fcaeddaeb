"""Setting the cells of planned columns: new bytes between the bytes of the rows that are there.

A row without cells at or after the first planned column, the common case, gets its new cells at its
end in one piece. In any other row each planned cell is compared with what stands there. What is
left alone, and why, is told cell by cell.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from sheetcrm.excel import celltext
from sheetcrm.excel.placement import Target
from sheetcrm.excel.sheetxml import Cell, Row, rows
from sheetcrm.excel.skeleton import Splice, column_styles
from sheetcrm.excel.standing import Kind, Standing, style_in
from sheetcrm.excel.worksheet import Worksheet
from sheetcrm.model import CellStyle, LeftCell, WrittenCell, WrittenValue, column_letters
from sheetcrm.ooxml.areas import Area

_SPANS = re.compile(rb"""(?<=\sspans=")([0-9]+)(:(?:[0-9: ]*:)?)([0-9]+)(?=")""")
_MOST_WIDTH = 40
_PADDING = 2


@dataclass(slots=True)
class Filled:
    """What came of it: splices into the sheet, and the account of every cell."""

    splices: list[Splice] = field(default_factory=list)
    written: list[WrittenCell] = field(default_factory=list)
    left: list[LeftCell] = field(default_factory=list)
    area: Area | None = None
    """What the new and changed cells cover; None if there are none."""
    widths: dict[int, float] = field(default_factory=dict)
    """Of added columns, in characters."""


class _Body(NamedTuple):
    """A cell's bytes after its row number, and its value as text.

    Without a text there is no value: the bytes are those of a blank in its format, or none at all;
    or there is a value that cannot be written, and a reason why.
    """

    written: bytes
    text: str | None
    reason: str = ""


@dataclass(slots=True)
class _Column:
    """A column while it is filled: either the cells below a header, or an added header alone."""

    number: int
    label: str
    style: CellStyle | None
    """None: the lender's format as it is. Headers are like their neighbours."""
    added: bool
    lender: int
    rows: tuple[int, ...]
    values: tuple[WrittenValue, ...]
    opening: bytes
    """A new cell's bytes up to its row number."""
    blocked: dict[int, str]
    """Row -> why its cell must be left alone."""
    format_above: int | None = None
    """The format of the last cell passed, in a column that was there before."""
    ready: dict[int, dict[WrittenValue, _Body]] = field(default_factory=dict)
    """New cells by the format lent to them, and their value; shared with columns of the same style."""


_Pending: TypeAlias = list[tuple[_Column, WrittenValue]]
_Plan: TypeAlias = Mapping[int, list[tuple[tuple[_Column, ...], int]]]
"""Row -> the columns with a value for it, and which of their values that is."""


def fill(worksheet: Worksheet, targets: Sequence[Target], kept: Sequence[tuple[Area, str]]) -> Filled:
    """Plan every cell of the targets.

    Args:
        worksheet: The sheet; its strings and formats are appended to.
        targets: The columns to fill.
        kept: Areas whose cells must be left alone, and the kind of reason.

    Raises:
        ValueError: If a column's rows do not rise, or two edits are for one cell.
    """
    return _Filler(worksheet, targets, kept).fill()


class _Filler:
    def __init__(self, worksheet: Worksheet, targets: Sequence[Target], kept: Sequence[tuple[Area, str]]) -> None:
        self._book = worksheet
        self._xml = worksheet.xml
        self._cell_start = b"<%sc " % worksheet.xml.prefix
        self._value_tags = (b"><%sv>" % worksheet.xml.prefix, b"</%sv></%sc>" % ((worksheet.xml.prefix,) * 2))
        self._column_styles = column_styles(worksheet.xml)
        self._result = Filled()
        self._covered: tuple[int, int, int, int] | None = None
        self._ready: dict[tuple[CellStyle | None, bool, bool, int], dict[WrittenValue, _Body]] = {}
        self._settled: dict[tuple[bytes, WrittenValue], int] = {}
        """Cells found to hold what is planned: their bytes after the row number and the value -> their format."""
        self._columns = tuple(_columns(targets, kept, worksheet.xml.prefix))
        self._plan = _plan(self._columns)

    def fill(self) -> Filled:
        wanted = sorted(self._plan)
        done = 0
        for row in rows(self._xml):
            first_missing = done
            done = bisect_left(wanted, row.number, done)
            self._insert_rows(wanted[first_missing:done], row)
            if done == len(wanted):
                break
            if wanted[done] == row.number:
                self._fill_row(row)
                done += 1
        self._insert_rows(wanted[done:], None)
        for column in self._columns:
            if column.added:
                width = max(self._result.widths.get(column.number, 0), _fitting_width(column.values))
                self._result.widths[column.number] = width
        self._result.area = Area(*self._covered) if self._covered else None
        return self._result

    # --- rows ---

    def _insert_rows(self, numbers: Sequence[int], before: Row | None) -> None:
        """Write rows that are not there, before the row that follows them."""
        p = self._xml.prefix
        pieces = []
        for number in numbers:
            cells = self._new_cells(number, self._pending(number), None, ())
            if cells:
                pieces.append(b'<%srow r="%d">%s</%srow>' % (p, number, cells, p))
        if not pieces:
            return
        new = b"".join(pieces)
        sheet_data = self._xml.sheet_data
        if before is not None:
            self._splice(before.start, before.start, new)
        elif sheet_data.self_closed:
            tag = self._xml.data[sheet_data.start : sheet_data.inner]
            self._splice(sheet_data.start, sheet_data.end, _opened(tag, new, b"%ssheetData" % p))
        else:
            self._splice(sheet_data.tail, sheet_data.tail, new)

    def _fill_row(self, row: Row) -> None:
        pending = self._pending(row.number)
        columns = self._book.cells.columns(row)
        if columns and columns[-1] >= pending[0][0].number:
            added = self._fill_among(row, pending, columns)
        else:
            new = self._new_cells(row.number, pending, row, columns)
            added = [pending[0][0].number, pending[-1][0].number] if new else []
            if new and not row.self_closed:
                self._splice(row.tail, row.tail, new)
        if not added:
            return
        tag = self._xml.data[row.start : row.inner]
        wider = _spanning(tag, added[0], added[-1])
        if row.self_closed:
            self._splice(row.start, row.end, _opened(wider, new, b"%srow" % self._xml.prefix))
        elif wider is not tag:
            self._splice(row.start, row.inner, wider)

    def _fill_among(self, row: Row, pending: _Pending, columns: tuple[int, ...]) -> list[int]:
        """Set cells in a row that has some at or after the first of them; return the columns added."""
        cells = iter(self._book.cells.cells(row, first=pending[0][0].number))
        cell = next(cells, None)
        added: list[int] = []
        for column, value in pending:
            while cell and cell.column < column.number:
                cell = next(cells, None)
            if cell and cell.column == column.number:
                changed = self._changed_cell(row.number, column, value, cell)
                if changed is not None:
                    self._splice(cell.start, cell.end, changed)
                continue
            new = self._new_cells(row.number, [(column, value)], row, columns)
            if new:
                at = cell.start if cell else row.tail
                self._splice(at, at, new)
                added.append(column.number)
        return added

    def _pending(self, number: int) -> _Pending:
        entries = self._plan[number]
        if len(entries) == 1:
            columns, place = entries[0]
            return [(column, column.values[place]) for column in columns]
        pending = [(column, column.values[place]) for columns, place in entries for column in columns]
        pending.sort(key=lambda item: item[0].number)
        if any(left[0].number == right[0].number for left, right in pairwise(pending)):
            raise ValueError(f"two edits for one cell in row {number}")
        return pending

    # --- cells ---

    def _new_cells(self, number: int, pending: _Pending, row: Row | None, columns: tuple[int, ...]) -> bytes:
        """Write the cells of one row that are not there yet, and enter them in the receipt."""
        digits = b"%d" % number
        name, written = self._book.name, self._result.written
        lender, lent = -1, 0
        pieces: list[bytes] = []
        for column, value in pending:
            base = column.format_above
            if base is None:
                if column.lender != lender:
                    lender, lent = column.lender, self._lent(row, columns, column.lender)
                base = lent
            ready = column.ready.get(base)
            body = ready.get(value) if ready else None
            if body is None:
                body = self._prepare(column, base, value)
            body_bytes, text, reason = body
            if reason or number in column.blocked:
                if value is not None:
                    self._leave(number, column, reason or column.blocked[number])
            elif body_bytes:
                pieces.append(column.opening + digits + body_bytes)
                if text is not None:
                    written.append(WrittenCell(name, number, column.number, column.label, "", text))
        new = b"".join(pieces)
        if new:
            self._count(new)
            self._cover(number, pending[0][0].number, pending[-1][0].number)
        return new

    def _prepare(self, column: _Column, base: int, value: WrittenValue) -> _Body:
        """Make a new cell of a column, for the format lent to it, and keep it for the same value again."""
        alike = (column.style, column.added, column.format_above is None, base)
        ready = column.ready[base] = self._ready.setdefault(alike, {})
        body = ready.get(value)
        if body is None:
            body = self._body(value, self._format(column, base, isinstance(self._storable(value), date)))
            if body.text is None and not column.added:
                body = _Body(b"", None, body.reason)  # nothing is there, and nothing is planned
            ready[value] = body
        return body

    def _changed_cell(self, number: int, column: _Column, value: WrittenValue, cell: Cell) -> bytes | None:
        """Write a cell anew; None where it stays: as planned already, or not to be touched."""
        digits = b"%d" % number
        rest = self._xml.data[cell.start + len(column.opening) + len(digits) : cell.end]
        known = self._settled.get((rest, value), -1)
        if known >= 0:
            column.format_above = None if column.added else known
            return None
        standing = self._book.values.read(cell)
        column.format_above = None if column.added else standing.style
        as_day = self._shows_day(standing)
        wanted, value = value, self._storable(value)
        if standing.kind is not Kind.FORMULA and self._book.values.is_equal(standing, value, as_day=as_day):
            self._settled[rest, wanted] = standing.style
            return None
        reason = "formula-kept" if standing.kind is Kind.FORMULA else column.blocked.get(number)
        body = _Body(b"", None, reason) if reason else self._body(value, self._fitting(column, standing.style, value))
        if body.reason:
            self._leave(number, column, body.reason)
            return None
        new = column.opening + digits + body.written
        self._count(new)
        if standing.shared and self._book.strings:
            self._book.strings.references -= 1
        old = self._book.values.shown(standing, as_day=as_day)
        cell_written = WrittenCell(self._book.name, number, column.number, column.label, old, body.text or "")
        self._result.written.append(cell_written)
        self._cover(number, column.number, column.number)
        return new

    def _body(self, value: WrittenValue, style: int) -> _Body:
        """Return a value's bytes in a format."""
        stored = self._storable(value)
        attributes = b'" s="%d"' % style if style else b'"'
        before, after = self._value_tags
        if stored is None or stored == "":
            return _Body(attributes + b"/>", None)
        if isinstance(stored, str):
            if celltext.is_too_long(stored):
                return _Body(b"", None, "text-too-long")
            strings = self._book.strings
            if strings:
                return _Body(b'%s t="s"%s%d%s' % (attributes, before, strings.number(stored), after), stored)
            p = self._xml.prefix
            item = celltext.string_item(stored, p)
            return _Body(b'%s t="inlineStr"><%sis>%s</%sis></%sc>' % (attributes, p, item, p, p), stored)
        if isinstance(stored, date):
            serial = celltext.serial(stored, date1904=self._book.date1904) or 0
            return _Body(b"%s%s%d%s" % (attributes, before, serial, after), stored.isoformat())
        text = celltext.number_text(stored)
        return _Body(attributes + before + text.encode() + after, text)

    # --- formats ---

    def _storable(self, value: WrittenValue) -> WrittenValue:
        """Return the value, or a day as ISO text where no number could stand for it."""
        if isinstance(value, date) and (
            not self._book.styles or celltext.serial(value, date1904=self._book.date1904) is None
        ):
            return value.isoformat()
        return value

    def _lent(self, row: Row | None, columns: tuple[int, ...], lender: int) -> int:
        """Return the format of the lender's cell in a row, or what an empty cell would show there."""
        if row is not None and lender in columns:
            if columns[-1] == lender:
                start = self._xml.masked.rfind(self._cell_start, row.inner, row.tail)
                end = self._xml.masked.find(b">", start)
            else:
                cell = self._book.cells.cells(row)[columns.index(lender)]
                start, end = cell.start, cell.inner
            return (style_in(self._xml.data[start:end]) if start >= 0 else None) or 0
        if row is not None:
            tag = self._xml.data[row.start : row.inner]
            if b"customFormat" in tag:
                return style_in(tag) or 0
        return next((style for columns_, style in self._column_styles.items() if lender in columns_), 0)

    def _format(self, column: _Column, base: int, for_day: bool) -> int:  # noqa: FBT001 - by position once
        """Choose the format of a new cell."""
        styles = self._book.styles
        if styles is None or column.style is None:
            return base
        if column.format_above is None:
            return styles.derive(base, CellStyle.DATE if for_day else column.style)
        return styles.derive(base, CellStyle.DATE, like=True) if for_day and not styles.shows_day(base) else base

    def _fitting(self, column: _Column, style: int, value: WrittenValue) -> int:
        """Choose the format of a cell that is there: its own, unless the value would not show."""
        styles = self._book.styles
        if styles is None:
            return style
        if isinstance(value, date):
            return style if styles.shows_day(style) else styles.derive(style, CellStyle.DATE, like=True)
        if column.added and column.style and styles.is_general(style):
            return styles.derive(style, column.style, like=True)
        return style

    def _shows_day(self, standing: Standing) -> bool:
        styles = self._book.styles
        return standing.kind is Kind.NUMBER and styles is not None and styles.shows_day(standing.style)

    # --- the account ---

    def _splice(self, start: int, end: int, new: bytes) -> None:
        self._result.splices.append((start, end, new))

    def _leave(self, number: int, column: _Column, reason: str) -> None:
        self._result.left.append(LeftCell(self._book.name, number, column.number, column.label, reason))

    def _count(self, new: bytes) -> None:
        if self._book.strings:  # no text of ours is in these bytes, only its number
            self._book.strings.references += new.count(b' t="s"')

    def _cover(self, row: int, left: int, right: int) -> None:
        top, least, _, most = self._covered or (row, left, row, right)
        self._covered = (top, min(least, left), row, max(most, right))


def _columns(targets: Sequence[Target], kept: Sequence[tuple[Area, str]], prefix: bytes) -> Iterator[_Column]:
    """Yield the columns to fill, added headers as columns of one cell."""
    for target in targets:
        edit = target.edit
        if len(edit.rows) != len(edit.values) or any(left >= right for left, right in pairwise(edit.rows)):
            raise ValueError(f"the rows of {edit.label!r} do not rise, or have no value each")
        parts: list[tuple[CellStyle | None, tuple[int, ...], tuple[WrittenValue, ...]]]
        parts = [(edit.style, edit.rows, edit.values)]
        if target.added:
            parts.append((None, (target.header_row,), (edit.label,)))
        for style, numbers, values in parts:
            yield _Column(
                number=target.column,
                label=edit.label,
                style=style,
                added=target.added,
                lender=target.lender,
                rows=numbers,
                values=values,
                opening=b'<%sc r="%s' % (prefix, column_letters(target.column).encode()),
                blocked=_blocked(target.column, numbers, kept),
            )


def _blocked(column: int, numbers: tuple[int, ...], kept: Sequence[tuple[Area, str]]) -> dict[int, str]:
    blocked: dict[int, str] = {}
    for area, reason in kept:
        if area.left <= column <= area.right:
            for number in numbers[bisect_left(numbers, area.top) : bisect_right(numbers, area.bottom)]:
                blocked.setdefault(number, reason)
    return blocked


def _plan(columns: Sequence[_Column]) -> _Plan:
    """Group columns by their rows, since most have the same, and list the rows."""
    groups: dict[tuple[int, ...], list[_Column]] = {}
    for column in sorted(columns, key=lambda column: column.number):
        groups.setdefault(column.rows, []).append(column)
    plan: dict[int, list[tuple[tuple[_Column, ...], int]]] = {}
    for numbers, group in groups.items():
        if any(left.number == right.number for left, right in pairwise(group)):
            raise ValueError(f"two edits for the column {group[0].label!r}")
        members = tuple(group)
        for place, number in enumerate(numbers):
            plan.setdefault(number, []).append((members, place))
    return plan


def _opened(tag: bytes, inside: bytes, name: bytes) -> bytes:
    """Write an element that closed itself with something inside."""
    return b"%s>%s</%s>" % (tag[:-2].rstrip(), inside, name)


def _spanning(tag: bytes, first: int, last: int) -> bytes:
    """Return a row's start tag with its `spans`, where it has any, holding these columns too."""
    found = _SPANS.search(tag)
    if not found or (int(found[1]) <= first and int(found[3]) >= last):
        return tag
    span = b"%d%s%d" % (min(int(found[1]), first), found[2], max(int(found[3]), last))
    return tag[: found.start()] + span + tag[found.end() :]


def _fitting_width(values: Sequence[WrittenValue]) -> int:
    """Return a column's width for its values: Chinese characters show two wide; long text is cut."""
    width = 0
    for value in set(values):
        text = value if isinstance(value, str) else "" if value is None else str(value)
        longest = max(text.split("\n"), key=len) if "\n" in text else text
        width = max(width, len(longest) if longest.isascii() else len(longest.encode("gb18030", "replace")))
        if width + _PADDING >= _MOST_WIDTH:
            return _MOST_WIDTH
    return width + _PADDING
