"""A sheet whose long list goes to a temporary file row by row: no cell of it is kept, nor looked at again at the end.

XlsxWriter keeps every cell until the workbook is closed, or none and then takes no Excel table. Here the title, the
header and the table are XlsxWriter's, and the rows below are written as they come, text within its cell.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import IO, Any, TypeAlias

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name

from sheetcrm.excel.books.theme import GatedSheet
from sheetcrm.privacy import Gate, Raw
from sheetcrm.text.printable import printable_lines

PlainValue: TypeAlias = str | int | Decimal | date | datetime | None

_AT_ONCE, _SHORT = 1000, 12
_COPIED = 1 << 20
_LONGEST = 32_767
"""Characters that a cell takes."""
_ODD = re.compile(r"[&<>\r]|_x[0-9A-Fa-f]{4}_|^\s|\s$")
"""What cannot stand in a cell's text as it is."""
_SIGNS = re.compile(r"[&<>\r_]")
"""A sign of each of those, but for white space: most texts have none, and it is found faster."""
_CODED = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class CellFormats:
    """The formats of a column's cells: of those with text, and of the others."""

    text: Format
    other: Format


class StreamedSheet(GatedSheet):
    """A sheet with rows in a temporary file below the cells that XlsxWriter keeps."""

    tables: list[dict[str, Any]]
    dim_rowmax: int
    dim_colmax: int
    _streamed: IO[str] | None = None
    _kept = 0

    def stream(self, first: int, formats: Sequence[CellFormats], rows: Iterable[Sequence[PlainValue]]) -> int:
        """Write rows below each other from a row on (0-based), a cell for each format; return the last row.

        It is called once, after every other cell of the sheet has been written. The sheet's table, which is to
        have one row by then, grows with them.
        """
        columns = [
            (xl_col_to_name(at), entry.text._get_xf_index(), entry.other._get_xf_index())  # noqa: SLF001  (the number that the file names a format by)
            for at, entry in enumerate(formats)
        ]
        self._streamed = tempfile.TemporaryFile("w+", encoding="utf-8", newline="", dir=self.tmpdir)  # noqa: SIM115  (closed when it is copied)
        lines = _lines(first + 1, columns, rows, self.gate)
        last = first
        while batch := tuple(islice(lines, _AT_ONCE)):
            self._streamed.write("".join(batch))
            last += len(batch)
        self._grow_table(last - 1)
        self._kept = self.dim_rowmax
        self.dim_rowmax, self.dim_colmax = max(last - 1, self._kept), max(self.dim_colmax, len(columns) - 1)
        return last - 1

    def _grow_table(self, last: int) -> None:
        """Let the sheet's table end on a row: XlsxWriter notes each cell of one that it is given."""
        for table in self.tables:
            for name in ("range", "a_range", "autofilter"):
                if name in table:
                    table[name] = re.sub(r"\d+$", str(last + 1), table[name])

    def _write_sheet_data(self) -> None:
        """Write the cells that XlsxWriter keeps, and the rows of the file below them."""
        if self._streamed is None:
            super()._write_sheet_data()
            return
        self._xml_start_tag("sheetData")
        self.dim_rowmax = self._kept
        self._write_rows()
        with self._streamed as rows:
            rows.seek(0)
            while chunk := rows.read(_COPIED):
                self.fh.write(chunk)
        self._xml_end_tag("sheetData")


def _lines(
    number: int, columns: Sequence[tuple[str, int, int]], rows: Iterable[Sequence[PlainValue]], gate: Gate
) -> Iterator[str]:
    """Yield the XML of each row, numbered from a number on; its texts pass the gate."""
    parts = [
        (f'<c r="{letters}', f'" s="{text}" t="inlineStr"><is>', f'" s="{other}"><v>', f'" s="{other}"/>')
        for letters, text, other in columns
    ]
    for at, row in enumerate(rows, number):
        digits = str(at)
        cells = []
        for (opening, before_text, before, blank), value in zip(parts, row):  # noqa: B905  (one each; this runs per cell)
            if value is None or value == "":
                cells.append(f"{opening}{digits}{blank}")
            elif isinstance(value, str):
                cells.append(f"{opening}{digits}{before_text}{_text(gate(value))}</is></c>")
            else:
                cells.append(f"{opening}{digits}{before}{_NUMBERS.get(type(value), str)(value)}</v></c>")
        yield f'<row r="{digits}">{"".join(cells)}</row>'


def _text(text: str) -> str:
    """Return the element of a text that has passed the gate: short ones are many and alike."""
    return _short_text(text) if len(text) <= _SHORT else _element(text)


def _element(text: str) -> str:
    shown = printable_lines(text) if type(text) is Raw else text  # of others the gate has made it
    is_plain = not _SIGNS.search(shown) and shown.strip() == shown
    return f"<t>{shown}</t>" if is_plain or not _ODD.search(shown) else _escaped(shown)


_short_text = lru_cache(maxsize=1 << 12)(_element)


def _escaped(text: str) -> str:
    """Return the element of a text as XML takes it, and with what Excel would read as a code spelt out."""
    text = _CODED.sub(r"_x005F_\1", text[:_LONGEST])
    for letter, code in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "_x000D_")):
        text = text.replace(letter, code)
    return f'<t xml:space="preserve">{text}</t>'


def _day(value: date) -> str:
    return str((value - _ZERO).days)


def _moment(value: datetime) -> str:
    apart = value.replace(tzinfo=None) - datetime(1899, 12, 30)  # noqa: DTZ001  (cells know no zones)
    return f"{apart.days + (apart.seconds + apart.microseconds / 1e6) / 86_400:.16G}"


_NUMBERS: dict[type, Callable[..., str]] = {date: _day, datetime: _moment, Decimal: "{:f}".format}
