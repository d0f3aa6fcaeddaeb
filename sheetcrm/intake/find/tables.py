"""Turns headers and cards into tables: decides which rows below a header are data. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetcrm import schema
from sheetcrm.intake.find.beside import results_among
from sheetcrm.intake.find.cards import Card, key_of_card
from sheetcrm.intake.find.headers import HeaderRow, doubled_columns, make_column
from sheetcrm.intake.find.nearest import stated
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import RawValue, Table
from sheetcrm.schema import EXAMPLE_MARK, READ_SHEETS, TOTAL_MARKS, Need
from sheetcrm.text.folding import fold

KEY, NAME = "customer_id", "name"
_LONGEST_TOTAL = 16
_MANY_SPACES = 4
_TOTAL = re.compile(rf"(本页|本表|本月|全部|人民币)?({'|'.join(TOTAL_MARKS)})([:(\[].*)?")
_EXAMPLE = re.compile(rf"[(\[【<*]*{EXAMPLE_MARK}(?:[行数据]*|[:(\[)\]】>\d].*)")
_NOTE = re.compile(r"[(\[【]?(注|备注|说明|填表|制表|填报|审核|复核|批准|日期|数据来源|单位)[^:]{0,6}[:)\]】]")


def make_table(
    grid: Grid, header: HeaderRow, *, stop: int, marks: Mapping[tuple[int, int], str], card: Table | None = None
) -> Table:
    """Read the rows below a header, down to but without the row `stop`.

    Rows empty throughout, totals, examples and notes are left out; the others keep their own row
    numbers. A row is not empty where a required cell holds an error or a formula never computed; it is where it
    holds nothing but under the program's own results. A key or a name in a merged cell holds for every row the merge
    covers.
    """
    begin, end = header.left - grid.left, header.right - grid.left + 1
    width = end - begin
    blanked = [column - header.left for block in header.aside for column in block if column <= header.right]
    results = results_among(header.kind, header.columns)
    first, last = (column - header.left for column in header.extent)
    plain = [at for at in range(first, last + 1) if at not in results] if results or last - first + 1 < width else []
    marked = _marked_rows(header, marks)
    merged = _merged_downwards(grid, header, stop)
    rows: list[int] = []
    values: list[Sequence[RawValue]] = []
    for number, cells in grid.rows(header.last_row + 1, stop):
        raw = _without(cells[begin:end], blanked) if blanked else cells[begin:end]
        blanks = raw.count("")
        if blanks >= width - _MANY_SPACES and _is_blank(raw) and number not in marked:
            continue
        own = [raw[at] for at in plain] if plain else raw
        if plain and number not in marked and _is_blank(own):
            continue
        if _is_left_out(own, cells[begin - 1] if begin else ""):
            continue
        row = [None if value == "" else value for value in raw]
        for at, value in merged.get(number, ()):
            row[at] = value
        rows.append(number)
        values.append(row)
    return Table(
        grid.file,
        grid.sheet,
        header.kind,
        header.last_row,
        header.columns,
        tuple(rows),
        tuple(values),
        marks=marks,
        card=card,
        aside=header.aside,
    )


def _without(raw: Sequence[RawValue], places: Sequence[int]) -> Sequence[RawValue]:
    """Return a row's cells with blanks in some places: those of blocks that are no part of the table."""
    row = list(raw)
    for at in places:
        row[at] = ""
    return row


def with_stated(table: Table) -> Table:
    """Read a column under a guess as its field where each of its cells says so by itself."""
    names = {column.name for column in table.columns}
    columns = list(table.columns)
    for at, column in enumerate(table.columns):
        if column.name is None and column.label:
            field = stated(column.label, table.kind, (row[at] for row in table.values))
            if field is not None and field.name not in names:
                columns[at] = make_column(table.kind, field, column.label, index=column.index)
                names.add(field.name)
    return replace(table, columns=tuple(columns))


def table_beside(table: Table) -> Table | None:
    """Take the columns of the other kind of one row a customer from a table, with its key and name.

    A scoring sheet may hold 行业 and 客户经理, a base sheet 客单价 and 投诉次数 (practice §1.2). Fields that the table
    has itself, the program's own columns and those that name one field twice are not among them.
    """
    other = schema.BESIDE.get(table.kind)
    if other is None:
        return None
    unread = [(at, column.label) for at, column in enumerate(table.columns) if column.name is None and column.label]
    fields, doubled = doubled_columns(other, unread)
    names = {column.name for column in table.columns}
    extra = {
        at: field for at, field in fields.items() if field.name not in names and not field.ours and at not in doubled
    }
    if not extra:
        return None
    keys = [at for at, column in enumerate(table.columns) if column.name in (KEY, NAME)]
    places = sorted([*keys, *extra])
    columns = tuple(
        replace(table.columns[at], name=column.name, unit=column.unit, weight=None)
        for at in places
        for column in [
            make_column(other, extra[at], table.columns[at].label, index=table.columns[at].index)
            if at in extra
            else table.columns[at]
        ]
    )
    values = tuple([row[at] for at in places] for row in table.values)
    return replace(table, kind=other, columns=columns, values=values, beside=table.kind)


def make_card_table(grid: Grid, card: Card, *, marks: Mapping[tuple[int, int], str]) -> Table:
    """Read a card as a table of one row, whose columns carry the row each stands in.

    A card that is empty, or whose 客户编号 is an example, has no row.
    """
    cells = ((column.name, grid.at(column.row or 0, column.index)) for column in card.columns)
    values = tuple(_blank_is_none(key_of_card(cell) if name == KEY else cell) for name, cell in cells)
    key = next((at for at, column in enumerate(card.columns) if column.name == KEY), None)
    key_value = "" if key is None else values[key]
    row = card.first_row if key is None else card.columns[key].row or card.first_row
    is_left_out = all(value is None for value in values) or (isinstance(key_value, str) and _is_example(key_value))
    return Table(
        grid.file,
        grid.sheet,
        card.kind,
        0,
        card.columns,
        () if is_left_out else (row,),
        () if is_left_out else (values,),
        marks=marks,
    )


def find_stop(grid: Grid, header: HeaderRow, *, starts: Sequence[tuple[int, int, int]], last: int) -> int:
    """Find the row a table ends above, less the blank rows and the title that stand between it and the next.

    Args:
        grid: The sheet.
        header: The table's header.
        starts: First row, first and last column of everything that begins on the sheet, without results.
        last: The last row anything is in.
    """
    begin, end = header.extent
    below = [row for row, left, right in starts if row > header.last_row and left <= end and begin <= right]
    if not below:
        return last + 1
    stop = min(below)
    while stop - 1 > header.last_row and _is_between(grid, header, stop - 1):
        stop -= 1
    return stop


def _marked_rows(header: HeaderRow, marks: Mapping[tuple[int, int], str]) -> set[int]:
    """Find the rows in which a required cell is marked."""
    entry = schema.sheet(header.kind)
    required = {
        column.index for column in header.columns if column.name and entry.field(column.name).need is Need.REQUIRED
    }
    return {row for row, column in marks if column in required}


def _is_between(grid: Grid, header: HeaderRow, row: int) -> bool:
    """Return whether a row is blank or a title above the next table, not one of this table's last rows."""
    filled = [value for value in _slice(grid, header, row) if value != ""]
    if not filled or _is_blank(filled):
        return True
    if len(filled) > 1 or not isinstance(filled[0], str):
        return False
    spread = any(merge.first_row == row and merge.last_column > merge.first_column for merge in grid.merges)
    return spread or _is_blank(_slice(grid, header, row - 1)) or any(title in fold(filled[0]) for title in _TITLES)


def _slice(grid: Grid, header: HeaderRow, row: int) -> Sequence[RawValue]:
    return grid.row(row)[header.left - grid.left : header.right - grid.left + 1]


def _is_blank(raw: Sequence[RawValue]) -> bool:
    for value in raw:  # noqa: SIM110  (half the time of all(): it runs for every row)
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return False
    return True


def _is_left_out(raw: Sequence[RawValue], beside: RawValue) -> bool:
    """Return whether a row is an example, a total or a note, by its first text or the cell on its left."""
    if beside and isinstance(beside, str) and _is_example(beside):
        return True
    first = raw[0] if raw[0] != "" else next(value for value in (*raw, None) if value != "")
    if isinstance(first, str) and "示" in first[:4] and _is_example(first):
        return True
    if not isinstance(first, str):
        first = next((value for value in raw if isinstance(value, str) and value), "")
    if ("计" in first or "計" in first) and len(first) <= _LONGEST_TOTAL and _is_total(raw, first):
        return True
    return first != "" and (":" in first or "：" in first or first[0] in "(（[【") and _is_note(raw)


def _is_total(raw: Sequence[RawValue], first: str) -> bool:
    """Return whether a row is a total, or that of a group (华东小计), beside which nothing but numbers stands."""
    text = fold(first)
    if _TOTAL.fullmatch(text):
        return True
    others = [value for value in raw if isinstance(value, str) and value.strip() and value != first]
    return text.endswith(TOTAL_MARKS) and not others


def _is_example(text: str) -> bool:
    return _EXAMPLE.fullmatch(fold(text)) is not None


def _is_note(raw: Sequence[RawValue]) -> bool:
    """Return whether a row holds nothing but notes, such as `注：……` and `制表：张*  审核：李*` below a table."""
    return all(value == "" or (isinstance(value, str) and _NOTE.match(fold(value))) for value in raw)


def _merged_downwards(grid: Grid, header: HeaderRow, stop: int) -> dict[int, list[tuple[int, RawValue]]]:
    """Spread merged keys and names over the rows each merge covers: row -> (position, value)."""
    positions = {column.index: at for at, column in enumerate(header.columns) if column.name in (KEY, NAME)}
    merged: dict[int, list[tuple[int, RawValue]]] = {}
    for merge in grid.merges:
        if merge.first_column in positions and header.last_row < merge.first_row < merge.last_row < stop:
            value = _blank_is_none(grid.at(merge.first_row, merge.first_column))
            for row in range(merge.first_row + 1, merge.last_row + 1):
                merged.setdefault(row, []).append((positions[merge.first_column], value))
    return merged


def _blank_is_none(value: RawValue) -> RawValue:
    return None if value == "" else value


_TITLES = tuple(fold(name) for entry in READ_SHEETS for name in (entry.title, *entry.aliases))
