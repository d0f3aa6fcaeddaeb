"""Writes the lists of the review workbook: columns and rows as an Excel table that prints on whole pages.

Text is always written as text; links lead only to sheets and workbooks of the program.
"""

from __future__ import annotations

import enum
import functools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from typing import Any, TypeAlias

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sheetcrm.excel.books.streamed_sheet import StreamedSheet
from sheetcrm.excel.books.theme import (
    BOX,
    REQUIRED,
    Page,
    page_setup,
    print_margins,
)
from sheetcrm.model import CellRef, quote_sheet
from sheetcrm.model.review import OVERVIEW, Keys, ReviewRow
from sheetcrm.privacy import NUMBERS_ALONE, Gate, Raw, mask_text
from sheetcrm.text.printable import one_line, printable, printable_lines

MOST_ROWS = 50_000
"""Rows of the longest list: Excel takes at most 65,530 links a sheet, and nobody reads that far."""

STREAMED_ROWS = 500
"""Above so many rows a list of a bounded workbook is streamed: plain values, as high as Excel makes them, no links."""

TITLE_ROW, NOTE_ROW, HEADER_ROW = 0, 1, 2
FILL_IN = "FFFBE6"
LINK = {"font_color": "0563C1", "underline": 1}

_LONGEST_MARGIN = 60
_LONGEST_PROSE = 600
_BACK = 3
"""The column of the link back to 总览, right of the longest title."""


class Look(enum.Enum):
    """The kind of a column's values, by their number format."""

    TEXT = "@"
    PROSE = "@ "
    NUMBER = "General"
    DATE = "yyyy-mm-dd"
    TIME = "yyyy-mm-dd hh:mm"
    MONEY = "#,##0"
    SCORE = "0.0"
    SHARE = "0.0%"
    COUNT = "0"


_DIGITS = {
    look: Decimal(1).scaleb(-places)
    for look, places in {
        **dict.fromkeys(Look, 2),
        Look.SCORE: 1,
        Look.SHARE: 3,
        Look.COUNT: 0,
    }.items()
}
"""The last digit of a number, by its look; a share's is a tenth of a per cent."""


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads to a sheet of this workbook, or to a cell of a workbook beside it."""

    target: str
    text: str


Value: TypeAlias = str | int | Decimal | date | datetime | Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column of a list. It is as wide as its cells need, between `width` and `most` characters.

    `choices` make a drop-down; `fill_in` marks cells for people to fill in; `colours` is the fill
    (RRGGBB) of a cell by its text; `bar` draws a bar into each cell; `late` marks numbers above 0.
    """

    title: str
    look: Look = Look.TEXT
    width: float = 8
    most: float = 26
    choices: tuple[str, ...] = ()
    fill_in: bool = False
    colours: Mapping[str, str] = field(default_factory=dict)
    bar: str = ""
    late: bool = False
    centred: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class ListSheet:
    """The sheet of a list: its title and note, its columns, how many of them stay in view, and its tab's colour."""

    title: str
    note: str
    columns: Sequence[ListColumn]
    _: KW_ONLY
    fixed: int = 2
    colour: str = REQUIRED
    empty: str
    """The text in place of rows."""
    printed: bool = True
    """Whether its rows are printed with the workbook."""


class Review:
    """A review workbook being written: its formats, its names, the texts in the margins, and what was filled in before.

    `places` is the cell of each customer in the list of its tier, by 客户编号; other lists lead there. A `bounded` one
    holds what a meeting works on, without the lists of everybody, and its long lists are streamed.
    """

    def __init__(
        self,
        page: Page,
        *,
        when: str,
        run_id: str,
        secrecy: str,
        filled: Iterable[ReviewRow] = (),
        bounded: bool = False,
        gate: Gate = NUMBERS_ALONE,
    ) -> None:
        """Keep the facts that all sheets share; `page` is the first of them."""
        self.bounded = bounded
        self.book = page.book
        self.policy = page.policy
        self._page = page
        self.when = when
        self.run_id = Raw(run_id)
        self.secrecy = gate(secrecy)
        self.gate = gate
        self.cell_looks: dict[tuple[object, ...], Format] = {}
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._titles = {page.sheet.get_name().casefold()}
        self._tables = 0
        self.places: dict[str, str] = {}
        self._filled = {(row.title, tuple(map(gate, row.keys))): row for row in filled}

    def take_filled(self, title: str, keys: Keys) -> Mapping[str, str]:
        """Return what was filled into a row of a list before; each row is handed out once."""
        row = self._filled.pop((title, keys), None)
        return row.filled if row else {}

    def filled_rows(self, title: str) -> Sequence[ReviewRow]:
        """Return what was filled into a list before and stands nowhere yet."""
        return tuple(self._filled[key] for key in sorted(self._filled) if key[0] == title)

    @property
    def unplaced(self) -> Sequence[ReviewRow]:
        """What was filled into rows that no list has any more."""
        return tuple(self._filled[key] for key in sorted(self._filled))

    def style(self, **properties: Any) -> Format:  # noqa: ANN401  (XlsxWriter's own properties)
        """Return a format of these properties; the same properties return the same format."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._page.style(**properties)
        return self._formats[key]

    def add_sheet(self, title: str) -> Worksheet:
        """Add a sheet under a name that Excel takes: short, unique, without brackets and slashes."""
        name = "".join("_" if letter in "[]:*?/\\" else letter for letter in one_line(title)).strip("'")[:28] or "表"
        free, number = name, 1
        while free.casefold() in self._titles:
            number += 1
            free = f"{name}{number}"
        self._titles.add(free.casefold())
        return self.book.add_worksheet(free, worksheet_class=sheet_class(self.gate, bounded=self.bounded))

    def add_places(self, sheet: str, customers: Iterable[str]) -> None:
        """Note where the customers of a list stand, in its order."""
        rows = enumerate(islice(customers, MOST_ROWS), start=HEADER_ROW + 2)
        shown = [(self.gate(one_line(customer)), row) for row, customer in rows]
        uses = Counter(customer for customer, _ in shown)
        self.places |= {customer: sheet_link(sheet, f"A{row}") for customer, row in shown if uses[customer] == 1}

    def link_to(self, value: Value) -> Value:
        """Return a customer's number as a link to its row in the list of its tier; as it is where it has none."""
        place = self.places.get(value) if isinstance(value, str) else None
        return Link(place, value) if place and isinstance(value, str) else value

    @property
    def elsewhere(self) -> str:
        """What is not in this workbook, and where it is; blank where everything is in it."""
        if not self.bounded:
            return ""
        return (
            f"客户超过 {self.policy.report.meeting_customers} 家，评审包只列会上要办的："
            "全部客户的等级、得分说明、预警和下次跟进，见写回的工作簿（打分表里的列）。"
        )

    @property
    def overview(self) -> str:
        """The address of 总览, for links."""
        return sheet_link(OVERVIEW)

    def table_name(self) -> str:
        """Return the name of the next Excel table."""
        self._tables += 1
        return f"review_{self._tables}"

    def print_setup(self, sheet: Worksheet, *, pages_high: int = 0) -> None:
        """Print on A4 landscape, one page wide, with secrecy above and the run's id below."""
        page_setup(sheet, across=1, down=pages_high)
        sheet.center_horizontally()
        title, secrecy = _margin(f"评审包 {self.when} {sheet.get_name()}"), _margin(self.secrecy)
        print_margins(sheet, title, secrecy, f"校验号 {self.run_id}")


def sheet_class(gate: Gate, *, bounded: bool) -> Callable[[], Worksheet] | None:
    """Return what makes the sheets of a bounded workbook; None for the workbook's own, which pass its gate as well."""
    return functools.partial(StreamedSheet, gate) if bounded else None


def prose(text: str | None) -> str:
    """Return people's sentences on one line, with phones and addresses masked (practice §11). Pure."""
    return mask_text(one_line(text), limit=_LONGEST_PROSE)


def source_link(ref: CellRef, workbooks: Iterable[str], text: str = "") -> Link | str:
    """Return a link to a cell in the written-back workbook beside the pack; its address if there is none.

    A sheet whose name cannot stand in a link is not named in it: the link opens the workbook. Pure.
    """
    shown = text or str(CellRef("", ref.sheet, ref.row, ref.column)).removeprefix("!") or ref.file
    if ref.file not in workbooks:
        return shown
    path = ref.file
    for letter, code in (("%", "%25"), ("#", "%23"), (" ", "%20")):
        path = path.replace(letter, code)
    target = f"external:../workbooks/{path}"
    if ref.sheet and printable(ref.sheet) == ref.sheet:
        cell = CellRef("", "", max(ref.row, 1), max(ref.column, 1))
        target += f"#{quote_sheet(ref.sheet)}!{str(cell).removeprefix('!')}"
    return Link(target, shown)


def sheet_link(name: str, cell: str = "A1") -> str:
    """Return the address of a cell of this workbook, for a link. Pure."""
    quoted = name.replace("'", "''")
    return f"internal:'{quoted}'!{cell}"


def head(review: Review, sheet: Worksheet, title: str, note: str) -> None:
    """Write a sheet's title and note."""
    sheet.hide_gridlines(2)
    sheet.set_row(TITLE_ROW, 26)
    sheet.set_row(NOTE_ROW, 18)
    sheet.write_string(TITLE_ROW, 0, one_line(title), review.style(bold=True, font_size=14, font_color=REQUIRED))
    sheet.write_string(NOTE_ROW, 0, one_line(note), review.style(font_color="595959", font_size=9))
    sheet.write_url(TITLE_ROW, _BACK, review.overview, review.style(**LINK, font_size=9), "← 总览")


def header(review: Review, column: ListColumn) -> Format:
    """Return the format of a column's header: dark, lighter where people fill in."""
    colours = {"bg_color": "FFE699", "font_color": "000000"} if column.fill_in else {}
    look = {"bg_color": REQUIRED, "font_color": "FFFFFF"} | colours
    return review.style(bold=True, text_wrap=True, align="center", **BOX, **look)


def put(review: Review, sheet: Worksheet, row: int, at: int, value: Value, column: ListColumn) -> None:
    """Write one cell. Text is never a formula, a link or a number."""
    look = cell_look(review, column, text=isinstance(value, str), link=isinstance(value, Link))
    if isinstance(value, Link):
        sheet.write_url(row, at, value.target, look, one_line(value.text))
    elif value is None or value == "":
        sheet.write_blank(row, at, None, look)
    elif isinstance(value, str):
        sheet.write_string(row, at, value if isinstance(value, Raw) else printable_lines(value), look)
    elif isinstance(value, date):
        sheet.write_datetime(row, at, value, look)
    else:
        sheet.write_number(row, at, float(value), look)


def round_to(value: int | Decimal, look: Look) -> Decimal:
    """Round a number to the digits that its format shows, at most two beyond the point. Pure."""
    return Decimal(value).quantize(_DIGITS[look], ROUND_HALF_UP)


def cell_look(review: Review, column: ListColumn, *, text: bool, link: bool) -> Format:
    """Return a cell's format; formats are cached, since many cells share few of them."""
    key = (column.look, column.centred, column.right, column.fill_in, bool(column.choices), text, link)
    if key not in review.cell_looks:
        look: dict[str, Any] = {**BOX, "num_format": column.look.value.strip()}
        if column.look is Look.PROSE or (column.look is Look.TEXT and text):
            look |= {"text_wrap": True, "indent": 0 if column.centred else 1}
        if column.look in {Look.DATE, Look.TIME} or column.centred:
            look["align"] = "center"
        if column.right:
            look |= {"align": "right", "indent": 0}
        if column.fill_in:
            look |= {"bg_color": FILL_IN, "align": "center" if column.choices else "left", "text_wrap": True}
        review.cell_looks[key] = review.style(**look | (LINK if link else {}))
    return review.cell_looks[key]


def colour(review: Review, sheet: Worksheet, colours: Mapping[str, str], cells: tuple[int, int, int, int]) -> None:
    """Fill cells by the text in them."""
    for text, fill in colours.items():
        quoted = text.replace('"', '""')
        shade = review.book.add_format({"bg_color": f"#{fill}"})
        rule = {"type": "cell", "criteria": "==", "value": f'"{quoted}"', "format": shade}
        sheet.conditional_format(*cells, rule)


def _margin(text: str) -> str:
    return one_line(text)[:_LONGEST_MARGIN].replace("&", "&&")
