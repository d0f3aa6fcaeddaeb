"""How the workbooks we make look: fonts, colours, headers by who fills them in, widths, the printed page."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sheetcrm.policy.model import Policy
from sheetcrm.schema import Field, Kind, Need

FORMATS = {
    Kind.KEY: "@",
    Kind.CREDIT_CODE: "@",
    Kind.PERSONAL: "@",
    Kind.RANGE: "@",  # else Excel takes 10-20 for a day in October
    Kind.DATE: "yyyy-mm-dd",
    Kind.DATETIME: "yyyy-mm-dd hh:mm",
    Kind.MONEY: "#,##0.00",
    Kind.RATE: "0.0%",
    Kind.COUNT: "0",
}
"""The number format of a column by what it holds; the others are General."""

REQUIRED, FILING, EXAMPLE = "1F4E78", "2E75B6", "FFF8E5"
LINE = "D0D7DE"
BOX = {"border": 1, "border_color": LINE}

_OPTIONAL, _OURS, _OURS_CELL = "9DC3E6", "BFBFBF", "F2F2F2"
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no zones; fixed, so that bytes are
_FONT = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
_ONE_LINE = 24
"""Characters of a header that stands on one line."""
_WRAPPED = 24
"""Text columns as wide as this hold sentences, and wrap them."""


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet being written, and what it is written from."""

    book: Workbook
    sheet: Worksheet
    policy: Policy

    def style(self, **properties: Any) -> Format:  # noqa: ANN401 - XlsxWriter's own properties
        """Make a format of the workbook's font and these properties of XlsxWriter."""
        return self.book.add_format({**_FONT, "font_scheme": False, **properties})


@contextmanager
def new_book(title: str) -> Iterator[tuple[Workbook, io.BytesIO]]:
    """Open a workbook in which text is always text; its bytes are there once the block is left."""
    data = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": _FONT["font_name"], "font_size": _FONT["font_size"]},
    }
    with Workbook(data, options) as book:
        book.set_properties({"title": title, "author": "sheetcrm", "created": _CREATED})
        yield book, data


def header_look(field: Field) -> dict[str, object]:
    """Colour a header by who fills it in; the number format shows a star that is no part of the text."""
    light = field.ours or field.need is Need.OPTIONAL
    return {
        "bold": not field.ours,
        "italic": field.ours,
        "align": "center",
        "text_wrap": True,
        "bg_color": _colour(field),
        "font_color": "000000" if light else "FFFFFF",
        **BOX,
        "num_format": '@" *"' if field.need is not Need.OPTIONAL else "@",
    }


def cell_look(field: Field) -> dict[str, object]:
    """Format a column's cells by what they hold; the program's own are shaded."""
    if field.ours:
        return {"num_format": field.style.value, "bg_color": _OURS_CELL, **BOX}
    style: dict[str, object] = {"num_format": FORMATS.get(field.kind, "General")}
    if field.choices:
        style["align"] = "center"
    if field.kind is Kind.TEXT and field.width >= _WRAPPED:
        style["text_wrap"] = True
    return style


def column_width(field: Field, title: str) -> float:
    """Fit a column to its header with room for the filter's button; a long header stands on two lines."""
    text = _text_width(title) + (2 if field.need is not Need.OPTIONAL else 0)
    return max(field.width, text + 3 if text <= _ONE_LINE else math.ceil(text / 2) + 2)


def height(texts: Sequence[str], widths: Sequence[float]) -> int:
    """Say how many points a row needs for its longest text to wrap."""
    lines = max(math.ceil(_text_width(text) / (width - 1)) for text, width in zip(texts, widths, strict=True))
    return 6 + 15 * max(lines, 1)


def print_setup(page: Page, title: str, *, across: int) -> None:
    """Print on A4 lying on its side, so many pages wide, with the title and the secrecy above."""
    at, secrecy = page.sheet, page.policy.report.secrecy.replace("&", "&&")
    at.set_landscape()
    at.set_paper(9)
    at.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    at.fit_to_pages(across, 0)
    at.set_header(f'&L&"微软雅黑"&9{title}&R&"微软雅黑"&9{secrecy}')
    at.set_footer('&L&"微软雅黑"&9打印日期 &D&R&"微软雅黑"&9第 &P 页，共 &N 页')


def plain(number: Decimal) -> str:
    """Write a number without trailing zeros."""
    return f"{number.normalize():f}"


def _text_width(text: str) -> int:
    return sum(1 if char.isascii() else 2 for char in text)


def _colour(field: Field) -> str:
    if field.ours:
        return _OURS
    return {Need.REQUIRED: REQUIRED, Need.FILING: FILING, Need.OPTIONAL: _OPTIONAL}[field.need]
