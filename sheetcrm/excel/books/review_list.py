"""Writes a list of the review workbook on a sheet: an Excel table, with what people filled into it before."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from sheetcrm.excel.books.review_table import (
    HEADER_ROW,
    MOST_ROWS,
    NOTE_ROW,
    STREAMED_ROWS,
    Link,
    ListColumn,
    ListSheet,
    Look,
    Review,
    Value,
    cell_look,
    colour,
    head,
    header,
    put,
    round_to,
)
from sheetcrm.excel.books.streamed_sheet import CellFormats, PlainValue, StreamedSheet
from sheetcrm.excel.books.theme import choice_list, fits_list, text_width
from sheetcrm.model.review import UNTICKED, form_of, number_keys
from sheetcrm.privacy import Gate, Raw
from sheetcrm.text.printable import one_line, printable_lines

_PAD = 3
_HEADING_LINE = 12
_HEADER_LINE = 15
_NUMBER = "客户编号"


def write_list(
    review: Review, layout: ListSheet, rows: Sequence[Sequence[Value]], *, sheet: Worksheet | None = None
) -> str:
    """Write a list on a sheet of its own, an Excel table ready to print; return the sheet's name.

    What people filled into its rows before stands there again. A customer's number leads to its row in the list of
    its tier.
    """
    sheet = sheet or review.add_sheet(layout.title)
    columns, note = layout.columns, layout.note
    left_out = len(rows) - MOST_ROWS
    if left_out > 0:
        rows, note = rows[:MOST_ROWS], f"{note}只列前 {MOST_ROWS} 行，另有 {left_out} 行未列。"
    is_streamed = review.bounded and len(rows) > STREAMED_ROWS
    visible = _hidden(review, rows[:STREAMED_ROWS] if is_streamed else rows)
    shown = [] if is_streamed else list(_with_filled(review, layout, visible))
    measured = shown or visible
    widths = [_width(column, [row[at] for row in measured]) for at, column in enumerate(columns)]
    head(review, sheet, layout.title, note)
    last = HEADER_ROW + max(len(rows), 1)
    for at, (column, width) in enumerate(zip(columns, widths, strict=True)):
        sheet.set_column(at, at, width)
        _decorate(review, sheet, column, (HEADER_ROW + 1, at, last, at))
    for number, row in enumerate(shown, start=HEADER_ROW + 1):
        sheet.set_row(number, _row_height(columns, row, widths))
        for at, (column, value) in enumerate(zip(columns, row, strict=True)):
            put(review, sheet, number, at, value, column)
    if not rows:
        sheet.write_string(HEADER_ROW + 1, 0, layout.empty, review.style(font_color="595959"))
    lines = max(
        math.ceil(text_width(column.title) / (width - 1)) for column, width in zip(columns, widths, strict=True)
    )
    sheet.set_row(HEADER_ROW, 8 + _HEADER_LINE * lines)
    sheet.add_table(
        HEADER_ROW,
        0,
        HEADER_ROW + 1 if is_streamed else last,
        len(columns) - 1,
        {
            "name": review.table_name(),
            "style": "Table Style Light 1",
            "autofilter": bool(rows),
            "columns": [
                {"header": one_line(column.title), "header_format": header(review, column)} for column in columns
            ],
        },
    )
    sheet.freeze_panes(HEADER_ROW + 1, min(layout.fixed, len(columns)))
    sheet.repeat_rows(HEADER_ROW)
    sheet.print_area(0, 0, last if layout.printed else NOTE_ROW, len(columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    sheet.set_tab_color(f"#{layout.colour}")
    review.print_setup(sheet)
    if is_streamed:
        _stream(review, sheet, layout, rows)
    return str(sheet.get_name())


def _stream(review: Review, sheet: StreamedSheet, layout: ListSheet, rows: Sequence[Sequence[Value]]) -> None:
    """Write the rows of a long list as they come."""
    formats = [
        CellFormats(cell_look(review, column, text=True, link=False), cell_look(review, column, text=False, link=False))
        for column in layout.columns
    ]
    if review.filled_rows(layout.title):
        rows = list(_with_filled(review, layout, _hidden(review, rows)))
    at_numbers = [at for at, column in enumerate(layout.columns) if column.look not in {Look.TEXT, Look.PROSE}]
    sheet.stream(HEADER_ROW + 1, formats, (_plain(row, at_numbers, layout.columns) for row in rows))


def _plain(row: Sequence[Value], at_numbers: Sequence[int], columns: Sequence[ListColumn]) -> Sequence[PlainValue]:
    """Return the values of a row as they are streamed: rounded as they are shown, and without links."""
    values = list(row)
    for at in at_numbers:
        if isinstance(value := values[at], Decimal):
            values[at] = round_to(value, columns[at].look)
    return [one_line(value.text) if isinstance(value, Link) else value for value in values]


def _with_filled(review: Review, layout: ListSheet, rows: Sequence[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    """Put what was filled in before into the rows it was filled into, and links where customers' numbers stand."""
    titles = [column.title for column in layout.columns]
    form = form_of(layout.title, titles)
    at_number = titles.index(_NUMBER) if _NUMBER in titles else None
    filled: Iterable[Mapping[str, str]] = itertools.repeat({})
    if form and review.filled_rows(layout.title):
        at_keys = [titles.index(title) for title in form.keys]
        keys = number_keys([_text_of(row[at]) for at in at_keys] for row in rows)
        filled = [review.take_filled(layout.title, key) for key in keys]
    for row, before in zip(rows, filled, strict=False):
        yield [
            review.link_to(value) if at == at_number else _entry(value, before.get(column.title, ""), column)
            for at, (column, value) in enumerate(zip(layout.columns, row, strict=True))
        ]


def _hidden(review: Review, rows: Sequence[Sequence[Value]]) -> Sequence[Sequence[Value]]:
    return [[hidden(value, review.gate) for value in row] for row in rows]


def hidden(value: Value, gate: Gate) -> Value:
    """Return a cell's value as it may be shown: before rows are told apart by it, so that they are found again."""
    if isinstance(value, Link):
        return Link(value.target, gate(value.text))
    return gate(value) if isinstance(value, str) else value


def _text_of(value: Value) -> Value:
    if isinstance(value, Link):
        return one_line(value.text)
    return printable_lines(value) if isinstance(value, str) else value


def _entry(value: Value, before: str, column: ListColumn) -> Value:
    """Return a cell's value, or what people filled into it before, where it is theirs: a day as a day."""
    if not before or value not in (None, "", UNTICKED):
        return round_to(value, column.look) if isinstance(value, Decimal) else value
    if column.look is Look.DATE:
        try:
            return date.fromisoformat(before)
        except ValueError:
            return Raw(before)
    return Raw(before)


def _width(column: ListColumn, values: Sequence[Value]) -> float:
    """Return a column's width for its cells, and for its header, which may take two lines."""
    needed = max((text_width(_shown(value, column.look)) for value in values), default=0)
    heading = text_width(column.title)
    line = heading / 2 + 1 if heading > _HEADING_LINE else heading
    return max(column.width, min(needed + _PAD, column.most), math.ceil(line) + _PAD)


def _shown(value: Value, look: Look) -> str:
    if isinstance(value, Link):
        return value.text
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal | int):
        return {Look.MONEY: f"{value:,.0f}", Look.SHARE: "100.0%"}.get(look, f"{value:.1f}")
    return "" if value is None else str(value)


def _row_height(columns: Sequence[ListColumn], row: Sequence[Value], widths: Sequence[float]) -> float:
    lines = max(
        math.ceil(text_width(_shown(value, column.look)) / (width - 2))
        for column, value, width in zip(columns, row, widths, strict=True)
    )
    return 5 + 15 * min(max(lines, 1), 26)


def _decorate(review: Review, sheet: Worksheet, column: ListColumn, cells: tuple[int, int, int, int]) -> None:
    """Add the drop-down and the conditional colours of a column's cells."""
    if fits_list(column.choices):
        sheet.data_validation(*cells, choice_list(list(column.choices), message="请从下拉选项里选一项。"))
    colour(review, sheet, column.colours, cells)
    if column.bar:
        bar = {"type": "data_bar", "bar_color": f"#{column.bar}"}
        sheet.conditional_format(*cells, bar | {"min_type": "num", "min_value": 0})
    if column.late:
        alarm = review.book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"})
        sheet.conditional_format(*cells, {"type": "cell", "criteria": ">", "value": 0, "format": alarm})
