"""The look of new workbooks: fonts, colours, headers, widths, drop-downs, the printed page."""

from __future__ import annotations

import functools
import io
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sheetcrm.policy.model import Policy
from sheetcrm.privacy import Gate
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
"""The number format of a column by the kind of its values; the others are General."""

REQUIRED, FILING, EXAMPLE = "1F4E78", "2E75B6", "FFF8E5"
LINE = "D0D7DE"
BOX = {"border": 1, "border_color": LINE}

_OPTIONAL, _OURS, _OURS_CELL = "9DC3E6", "BFBFBF", "F2F2F2"
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no zones; fixed, so that bytes are
_FONT = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
_ASCII = re.compile("[\\x00-\\x7f]+")
_LONGEST_LIST = 255
"""Characters of the longest list of choices that Excel takes, commas included."""
_ONE_LINE = 24
"""Characters of a header that fits on one line."""
_WRAPPED = 24
"""Text columns at least this wide hold sentences, and wrap them."""


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet being written, its workbook, and the policy it is written from."""

    book: Workbook
    sheet: Worksheet
    policy: Policy

    def style(self, **properties: Any) -> Format:  # noqa: ANN401 - XlsxWriter's own properties
        """Add a format of the workbook's font and these properties of XlsxWriter."""
        return self.book.add_format({**_FONT, "font_scheme": False, **properties})


class GatedSheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet whose cells are composed by the program: each text passes the gate."""

    def __init__(self, gate: Gate) -> None:
        """Begin a sheet."""
        super().__init__()
        self.gate = gate

    def write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        """Write a text as it may be shown."""
        return int(super().write_string(row, col, self.gate(string), cell_format))

    def write_url(self, row: int, col: int, url: str, cell_format: Format | None = None, string: str = "") -> int:
        """Write a link whose text is as it may be shown."""
        return int(super().write_url(row, col, url, cell_format, self.gate(string)))


@contextmanager
def new_book(
    title: str, gate: Gate | None = None, *, folder: Path | None = None
) -> Iterator[tuple[Workbook, io.BytesIO]]:
    """Open a workbook in which text is always text; its bytes are complete when the block is left.

    What is written into its cells passes the gate, where there is one: people's own policies and tables have none.
    With a folder, its parts are put together in files there and not in memory.
    """
    data = io.BytesIO()
    options = {
        **({"tmpdir": str(folder)} if folder else {"in_memory": True}),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": _FONT["font_name"], "font_size": _FONT["font_size"]},
    }
    with Workbook(data, options) as book:
        if gate:
            book.worksheet_class = functools.partial(GatedSheet, gate)
        book.set_properties({"title": title, "author": "sheetcrm", "created": _CREATED})
        yield book, data


def header_look(field: Field) -> dict[str, object]:
    """Return a header's format: a colour by who fills it in, and a star by its number format if it is needed."""
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
    """Return the format of a field's cells by their kind; the program's own are shaded."""
    if field.ours:
        return {"num_format": field.style.value, "bg_color": _OURS_CELL, **BOX}
    style: dict[str, object] = {"num_format": FORMATS.get(field.kind, "General")}
    if field.choices:
        style["align"] = "center"
    if field.kind is Kind.TEXT and field.width >= _WRAPPED:
        style["text_wrap"] = True
    return style


def column_width(field: Field, title: str) -> float:
    """Return a column's width for its header and the filter's button; a long header takes two lines."""
    text = text_width(title) + (2 if field.need is not Need.OPTIONAL else 0)
    return max(field.width, text + 3 if text <= _ONE_LINE else math.ceil(text / 2) + 2)


def height(texts: Sequence[str], widths: Sequence[float]) -> int:
    """Return the points that a row needs for its longest text to wrap."""
    lines = max(math.ceil(text_width(text) / (width - 1)) for text, width in zip(texts, widths, strict=True))
    return 6 + 15 * max(lines, 1)


def text_width(text: str) -> int:
    """Return the columns that a text takes: Chinese characters are two wide. Pure."""
    return len(text) if text.isascii() else len(text) + len(_ASCII.sub("", text))


def choice_list(source: object, *, message: str) -> dict[str, object]:
    """Return the validation that offers a drop-down and warns, with a message, of other values."""
    return {
        "validate": "list",
        "source": source,
        "error_type": "warning",
        "error_title": "不在选项里",
        "error_message": message,
    }


def fits_list(choices: Sequence[str]) -> bool:
    """Return whether Excel takes the choices as a drop-down."""
    return bool(choices) and len(",".join(choices)) <= _LONGEST_LIST


def print_setup(page: Page, title: str, *, across: int) -> None:
    """Print on A4 landscape, so many pages wide, with title, secrecy and the day of printing in the margins."""
    page_setup(page.sheet, across=across)
    print_margins(page.sheet, title, page.policy.report.secrecy.replace("&", "&&"), "打印日期 &D")


def page_setup(sheet: Worksheet, *, across: int, down: int = 0) -> None:
    """Fit a sheet to pages of A4 landscape."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.fit_to_pages(across, down)


def print_margins(sheet: Worksheet, title: str, secrecy: str, below: str) -> None:
    """Print title and secrecy above each page, a text and the page's number below; `&` codes are Excel's."""
    small = f'&"{_FONT["font_name"]}"&9'
    sheet.set_header(f"&L{small}{title}&R{small}{secrecy}")
    sheet.set_footer(f"&L{small}{below}&R{small}第 &P 页，共 &N 页")


def plain(number: Decimal) -> str:
    """Format a number without trailing zeros."""
    return f"{number.normalize():f}"


def _colour(field: Field) -> str:
    if field.ours:
        return _OURS
    return {Need.REQUIRED: REQUIRED, Need.FILING: FILING, Need.OPTIONAL: _OPTIONAL}[field.need]
