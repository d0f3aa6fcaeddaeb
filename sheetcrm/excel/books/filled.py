"""Makes a new workbook in the template format out of records: nothing of the workbooks they were read from is in it.

What it is read back as is what was written, but for cells that nobody could read: these are blank.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from sheetcrm import schema
from sheetcrm.errors import UsageError
from sheetcrm.excel.books.templates import heading
from sheetcrm.excel.books.theme import FORMATS, Page, cell_look, column_width, header_look, new_book, plain, print_setup
from sheetcrm.model import Level, Range, Record
from sheetcrm.model.records import YES_NO
from sheetcrm.ooxml.addresses import LONGEST_TEXT, MOST_ROWS
from sheetcrm.policy.model import Policy
from sheetcrm.schema import Field, Kind, Need, Sheet
from sheetcrm.text.printable import printable_lines

Show: TypeAlias = Callable[[str, Field], str]
"""Renders a text of a field as it may be shown."""
_PAGE_WIDTH = 190
"""Characters across an A4 page in landscape, at a readable size."""
_NO_END = "长期"
_FIRST_YEAR = 1901
"""Excel counts no days before, and the ones of 1900 oddly."""


def as_written(text: str, _field: Field) -> str:
    """Show a text as it is."""
    return text


def filled_book(records: Mapping[str, Sequence[Record]], policy: Policy, *, show: Show = as_written) -> bytes:
    """Write records as a new workbook, a sheet a kind: a row each from row 2 on, in their order. Pure.

    Args:
        records: By the kind of their sheet; kinds without any get no sheet.
        policy: The weights in the headers come from it.
        show: Renders texts; addresses do not depend on it.

    Raises:
        UsageError: If a sheet would have more rows than Excel has.
    """
    with new_book("客户台账") as (book, data):
        for sheet in schema.SHEETS:
            rows = records.get(sheet.kind, ())
            if len(rows) >= MOST_ROWS:
                raise UsageError(
                    f"“{sheet.title}”有 {len(rows)} 行，Excel 一张表放不下",
                    "请缩小范围，例如加 --department，或按业务员分享",
                )
            if rows:
                _write(Page(book, book.add_worksheet(sheet.title), policy), sheet, rows, show)
    return data.getvalue()


def _write(page: Page, sheet: Sheet, rows: Sequence[Record], show: Show) -> None:
    fields = [*sheet.fields, *(one for one in sheet.further if one.in_record and _is_used(one, rows))]
    at = page.sheet
    at.set_row(0, 38)
    width = sum(_write_column(page, (column, _heading(sheet, field, page.policy)), field, rows, show)
                for column, field in enumerate(fields))  # fmt: skip
    fixed = 2 if sheet.keyed else 1
    at.freeze_panes(1, fixed)
    at.autofilter(0, 0, len(rows), len(fields) - 1)
    at.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    print_setup(page, sheet.title, across=max(1, math.ceil(width / _PAGE_WIDTH)))
    at.repeat_rows(0)


def _write_column(page: Page, head: tuple[int, str], field: Field, rows: Sequence[Record], show: Show) -> float:
    """Write a column with its header; return how wide it shows, 0 where it is folded away."""
    (column, title), at, look = head, page.sheet, cell_look(field)
    style, days = page.style(**look), page.style(**look | {"num_format": FORMATS[Kind.DATE]})
    folded = {"level": 1, "hidden": True} if _is_spare(field, rows) else {}
    width = column_width(field, title)
    at.set_column(column, column, width, style, folded)
    at.write_string(0, column, title, page.style(**header_look(field)))
    for row, record in enumerate(rows, 1):
        value = _plain(getattr(record, field.name, None))
        if isinstance(value, str) and value:
            at.write_string(row, column, printable_lines(show(value, field))[:LONGEST_TEXT])
        elif isinstance(value, int | float):
            at.write_number(row, column, value)
        elif isinstance(value, date):
            at.write_datetime(row, column, value, days if field.kind is Kind.RECENCY else style)
    return 0 if folded else width


def _is_used(field: Field, rows: Sequence[Record]) -> bool:
    return any(getattr(record, field.name, None) is not None for record in rows)


def _is_spare(field: Field, rows: Sequence[Record]) -> bool:
    """Return whether a column is folded away: nobody has to fill it, and no row has anything in it."""
    return field.need is Need.OPTIONAL and not field.ours and not _is_used(field, rows)


def _heading(sheet: Sheet, field: Field, policy: Policy) -> str:
    """Return a field's header; scores declare the scale they were read in, whatever the policy takes bare ones for."""
    return (
        f"{field.label}({schema.SCALES[field.name][0]})"
        if field.name in schema.SCALES
        else heading(sheet, field, policy)
    )


def _plain(value: Any) -> str | int | float | date | None:  # noqa: ANN401  (any value of a record)
    """Return a value as a cell holds it, in the words its reader takes."""
    if isinstance(value, bool):
        return YES_NO[0] if value else YES_NO[1]
    if isinstance(value, date):
        is_counted = _FIRST_YEAR <= value.year < date.max.year
        return value if is_counted else _NO_END if value == date.max else value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Level):
        remark = "行业萎缩" if value.shrinking else ""
        remark = f"行业增速{plain(value.rate * 100)}%" if value.rate is not None else remark
        return f"{value.label}({remark})" if value.label and remark else value.label or remark
    if isinstance(value, Range):
        low, high = ("" if one is None else f"{one:f}" for one in (value.low, value.high))
        return f"{low}-{high}人" if low and high else f"{low}人以上" if low else f"{high}人以下"
    return value if isinstance(value, str | int) else None
