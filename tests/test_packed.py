"""What waits until a workbook is put together is compressed by the block, and comes out as it went in."""

from __future__ import annotations

import io

import openpyxl
import pytest

from sheetcrm.excel.splice import packed
from sheetcrm.model import WrittenCell, WrittenCells, WrittenEntry, WrittenRow, edits, pack_rows
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.package import open_package

HEADS = ((7, "总分"), (8, "等级"))


def test_items_come_out_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_BYTES", 40)
    items = packed.PackedItems()
    taken = [f"<t>第{number}条</t>".encode() for number in range(20)]
    for item in taken:
        items.append(item)
    assert items._blocks  # noqa: SLF001  (else nothing is shown)
    assert (list(items), len(items)) == (taken, 20)


def test_splices_of_rows_go_between_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_SPLICES", 2)
    data, taken, rising = b"0123456789", [], packed.PackedSplices()
    for row in ([(2, 2, b"b"), (1, 1, b"a")], [(4, 5, b"c")], [(6, 6, b"d"), (5, 6, b"")]):
        for splice in row:
            rising.append(splice)
            taken.append(splice)
        rising.end_row()
    others = [(9, 9, b"z"), (0, 0, b"y"), (2, 2, b"x")]
    whole = b"".join(xmltree.spliced(data, others, rising=rising))
    assert whole == xmltree.splice(data, [*taken, *others]) == b"y0a1bx23cd678z9"


def test_rows_of_written_cells_are_packed_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "_PACKED", 3)
    entries: list[WrittenEntry] = [WrittenCell("打分表", 1, 7, "总分", "", "总分")]
    rows = [
        WrittenRow("打分表", number, HEADS, (f"{number}", None if number % 2 else "\ud800")) for number in range(2, 9)
    ]
    for row in rows:
        entries.append(row)
        pack_rows(entries)
    assert [type(entry).__name__ for entry in entries] == ["WrittenCell", "WrittenRows", "WrittenRows", "WrittenRow"]
    written = WrittenCells(entries)
    assert written == WrittenCells([entries[0], *rows])
    assert len(written) == len(tuple(written))
    assert written.heads("打分表") == list(HEADS)


@pytest.mark.parametrize(
    ("sheet", "holds"),
    [
        (b"<c><f>1</f></c>", True),
        (b"<x:c><x:f/></x:c>", True),
        (b"<c><v>f </v></c><formula/>", False),
        (b" " * ((1 << 20) - 2) + b"<f>1</f>", True),
    ],
    ids=["plain", "with a prefix", "none", "between two pieces"],
)
def test_a_part_is_searched_without_holding_it(sheet: bytes, *, holds: bool) -> None:
    data = io.BytesIO()
    book = openpyxl.Workbook()
    book.save(data)
    package = open_package(data.getvalue())
    (part,) = [one.part for one in package.sheets]
    searched = open_package(package.with_parts({part: sheet}))
    assert searched.may_hold(part, b"f") is holds
    assert xmltree.has_element(searched.read(part), "f") is holds
