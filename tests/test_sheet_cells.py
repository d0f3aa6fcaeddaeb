"""The cells of a row are found however its tags are written."""

from __future__ import annotations

import pytest

from sheetcrm.excel.splice.sheet_xml import CellReader, open_sheet, rows

_SHEET = b'<%sworksheet xmlns%s="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><%ssheetData>%s</%ssheetData></%sworksheet>'


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        (b'<c r="A1"/><c r="C1" s="1"><v>1</v></c>', (1, 3)),
        (b'<c r="A1"/><c s="1" r="C1"/>', (1, 3)),
        (b"<c r='A1'/><c r=\"C1\"/>", (1, 3)),
        (b'<c r="A1"/><c/><c r="E1"/>', (1, 2, 5)),
        (b'<c\tr="A1"/><c  r="C1"/>', (1, 3)),
        (b"<c/><c/>", (1, 2)),
        (b"", ()),
    ],
    ids=["plain", "format first", "two quotes", "no address", "white space", "no addresses", "no cells"],
)
@pytest.mark.parametrize("prefix", [b"", b"x:"], ids=["", "with a prefix"])
def test_cells_are_found_however_they_are_written(prefix: bytes, cells: bytes, columns: tuple[int, ...]) -> None:
    written = b'<row r="1">%s</row>' % cells
    written = written.replace(b"</", b"\0").replace(b"<", b"<" + prefix).replace(b"\0", b"</" + prefix)
    declared = b":" + prefix[:-1] if prefix else b""
    sheet = open_sheet(_SHEET % (prefix, declared, prefix, written, prefix, prefix), part="sheet1.xml")
    (row,) = rows(sheet)
    assert CellReader(sheet).columns(row) == columns
