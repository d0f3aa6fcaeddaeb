"""A sheet that plainly has room need not be measured."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.intake.open import sparse
from sheetcrm.ooxml.package import open_package

_HEAD, _TAIL = b"<worksheet><sheetData>", b"</sheetData></worksheet>"
_FILLED = b'<c r="%s%d" s="1"><v>1</v></c>'
_CELLS = {"filled": _FILLED, "blank": b'<c r="%s%d" s="1"/>', "empty": b'<c r="%s%d"> </c>'}


def _sheet(*cells: tuple[bytes, int, str]) -> bytes:
    rows: dict[int, bytes] = {}
    for column, row, looks in cells:
        rows[row] = rows.get(row, b"") + _CELLS[looks] % (column, row)
    return _HEAD + b"".join(b'<row r="%d">%s</row>' % row for row in sorted(rows.items())) + _TAIL


@pytest.mark.parametrize(
    ("cells", "dense"),
    [
        ([(b"A", 1, "filled"), (b"Z", 9_999, "filled")], True),
        ([(b"A", 1, "filled"), (b"A", 10_002, "filled")], False),
        ([(b"A", 1, "filled"), (b"B", 1, "blank")], False),
        ([(b"A", 1, "filled"), (b"B", 1, "empty")], False),
        ([(b"A", 1, "filled"), (b"AA", 1, "filled")], False),
        ([], False),
        ([(b"A", row, "filled") for row in range(1, 1_000_000, 9_000)], False),
    ],
    ids=["filled", "far below", "styled", "without a value", "far right", "no cell", "too few for their rows"],
)
def test_only_a_filled_sheet_is_dense(cells: list[tuple[bytes, int, str]], *, dense: bool) -> None:
    assert sparse.is_dense(_sheet(*cells)) is dense


@given(st.lists(st.tuples(st.sampled_from([b"A", b"C", b"z"]), st.integers(1, 25_000), st.just("filled")), unique=True))
def test_a_dense_sheet_has_room_when_it_is_measured(cells: list[tuple[bytes, int, str]]) -> None:
    data = io.BytesIO()
    openpyxl.Workbook().save(data)
    package = open_package(data.getvalue())
    (sheet,) = package.sheets
    part = _sheet(*cells)
    if sparse.is_dense(part):
        assert sparse.has_room(open_package(package.with_parts({sheet.part: part})), sheet)
