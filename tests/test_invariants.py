"""The checker that every edit is held to catches each defect that it is there for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from xlsxwriter.workbook import Workbook as NewWorkbook

from tests import hostile
from tests.editing import new
from tests.invariants import findings, new_findings

Parts = dict[str, bytes]
SHEET, STYLES, STRINGS = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"
TABLE, BOOK, TYPES = "xl/tables/table1.xml", "xl/workbook.xml", "[Content_Types].xml"


def _write(workbook: NewWorkbook) -> None:
    sheet = workbook.add_worksheet("表")
    day = workbook.add_format({"num_format": "yyyy-mm-dd", "bold": True})
    sheet.add_table(0, 0, 3, 2, {"columns": [{"header": h} for h in ("编号", "名称", "金额")]})
    for number in range(1, 4):
        sheet.write_row(number, 0, [f"C{number}", f"名{number}", number * 10])
    sheet.write_number("E2", 46326, day)
    sheet.merge_range("G1:H1", "标题")
    sheet.merge_range("G2:H2", "副题")
    sheet.set_column(0, 1, 20)
    sheet.set_column(2, 2, 30)
    red = workbook.add_format({"bg_color": "red"})
    for value in (5, 6):
        sheet.conditional_format("C2:C4", {"type": "cell", "criteria": ">", "value": value, "format": red})
    sheet.data_validation("B2:B4", {"validate": "list", "source": ["甲", "乙"]})
    sheet.data_validation("C2:C4", {"validate": "integer", "criteria": ">", "value": 0})
    workbook.add_worksheet("二").autofilter("A1:C3")


SOUND = new(_write)


def replace(part: str, old: str, to: str) -> Callable[[Parts], None]:
    """Return a change of a part's text that must find what it is to replace."""

    def change(parts: Parts) -> None:
        text = parts[part].decode()
        after = re.sub(old, to, text, count=1, flags=re.DOTALL)
        assert after != text, old
        parts[part] = after.encode()

    return change


DEFECTS: dict[str, tuple[Callable[[Parts], None], str]] = {
    "a cell twice": (replace(SHEET, r'(<c r="B2".*?</c>)', r"\1\1"), "cell-twice"),
    "cells out of order": (replace(SHEET, r'(<c r="A2".*?</c>)(<c r="B2".*?</c>)', r"\2\1"), "cells-out-of-order"),
    "a row twice": (replace(SHEET, r'(<row r="3".*?</row>)', r'\1<row r="3"></row>'), "row-twice"),
    "rows out of order": (replace(SHEET, r'(<row r="2".*?</row>)(<row r="3".*?</row>)', r"\2\1"), "rows-out-of-order"),
    "a cell in another row": (replace(SHEET, r'<c r="C3"', '<c r="C4"'), "cell-in-another-row"),
    "spans too small": (replace(SHEET, r'spans="1:\d+"', 'spans="1:2"'), "spans-too-small"),
    "a dimension too small": (replace(SHEET, r'ref="A1:H4"', 'ref="A1:C3"'), "dimension-too-small"),
    "a string that is not there": (replace(SHEET, r'(<c r="A2" t="s"><v>)\d+', r"\g<1>999"), "string-of-nothing"),
    "a format that is not there": (replace(SHEET, r'<c r="C2"', '<c r="C2" s="99"'), "cell-format-of-nothing"),
    "text where a number should be": (replace(SHEET, r'(<c r="C2"><v>)10', r"\1十"), "number-unreadable"),
    "an unknown type of cell": (replace(SHEET, r'<c r="C2"', '<c r="C2" t="text"'), "cell-type-unknown"),
    "columns that overlap": (replace(SHEET, r'min="3" max="3"', 'min="2" max="3"'), "columns-overlap"),
    "merges that overlap": (replace(SHEET, r'ref="G2:H2"', 'ref="G1:G2"'), "merges-overlap"),
    "a count of merges that lies": (replace(SHEET, r'mergeCells count="2"', 'mergeCells count="3"'), "count-lies"),
    "elements out of order": (
        replace(SHEET, r"(<mergeCells.*?</mergeCells>)(.*?)(<pageMargins[^>]*>)", r"\2\3\1"),
        "elements-out-of-order",
    ),
    "a priority twice": (replace(SHEET, r'priority="2"', 'priority="1"'), "priority-twice"),
    "a rule with a format that is not there": (replace(SHEET, r'dxfId="\d+"', 'dxfId="77"'), "rule-format-of-nothing"),
    "a rule for no cells": (replace(SHEET, r'(<conditionalFormatting sqref=")[^"]*', r"\1"), "rule-without-cells"),
    "validations that overlap": (
        replace(SHEET, r'sqref="C2:C4"(?=><formula1>0)', 'sqref="B4:C4"'),
        "validations-overlap",
    ),
    "a count of validations that lies": (
        replace(SHEET, r'dataValidations count="2"', 'dataValidations count="1"'),
        "count-lies",
    ),
    "a list too long": (replace(SHEET, r'"甲,乙"', '"' + "长" * 256 + '"'), "list-too-long"),
    "text too long": (replace(STRINGS, r"名1", "长" * 32_768), "text-too-long"),
    "a count of strings that lies": (replace(STRINGS, r'uniqueCount="\d+"', 'uniqueCount="3"'), "count-lies"),
    "a count of formats that lies": (replace(STYLES, r'cellXfs count="\d+"', 'cellXfs count="9"'), "count-lies"),
    "a format of a number format that is not there": (
        replace(STYLES, r'(<cellXfs.*?numFmtId=")164"', r'\g<1>199"'),
        "format-of-nothing",
    ),
    "a format of a font that is not there": (
        replace(STYLES, r'(<cellXfs.*?fontId=")\d+"', r'\g<1>55"'),
        "format-of-nothing",
    ),
    "a table column with another header": (replace(TABLE, r'name="名称"', 'name="姓名"'), "table-header-differs"),
    "a table column twice": (replace(TABLE, r'name="名称"', 'name="编号"'), "table-column-twice"),
    "a table column's number twice": (replace(TABLE, r'id="2" name', 'id="1" name'), "table-column-id-twice"),
    "a table wider than its columns": (replace(TABLE, r' ref="A1:C4"', ' ref="A1:D4"'), "table-columns-do-not-fit"),
    "a table's filter that does not fit": (
        replace(TABLE, r'<autoFilter ref="A1:C4"', '<autoFilter ref="A1:B4"'),
        "table-filter-does-not-fit",
    ),
    "a filter that differs from its name": (
        replace("xl/worksheets/sheet2.xml", r'autoFilter ref="A1:C3"', 'autoFilter ref="A1:D3"'),
        "filter-and-its-name-differ",
    ),
    "a merge in a table": (replace(SHEET, r'ref="G2:H2"', 'ref="A3:B3"'), "merge-in-table"),
    "a filter over a table": (
        replace(SHEET, r"(<mergeCells)", r'<autoFilter ref="B1:H9"/>\1'),
        "filter-over-table",
    ),
    "a filter of whole columns over a table": (
        replace(SHEET, r"(<mergeCells)", r'<autoFilter ref="C:H"/>\1'),
        "filter-over-table",
    ),
    "an array formula in a table": (
        replace(SHEET, r'<c r="C2"><v>', '<c r="C2"><f t="array" ref="C2:C3">1</f><v>'),
        "array-in-table",
    ),
    "a part without a type": (replace(TYPES, r'<Default Extension="rels"[^>]*/>', ""), "part-without-type"),
    "a type of no part": (lambda parts: parts.__delitem__("docProps/app.xml"), "type-of-no-part"),
    "a relationship to nothing": (lambda parts: parts.__delitem__(TABLE), "relationship-to-nothing"),
    "a part that is not XML": (replace(SHEET, "</worksheet>", ""), "not-well-formed"),
    "a sheet twice": (replace(BOOK, 'name="二"', 'name="表"'), "sheet-twice"),
}


def test_a_sound_workbook_has_no_findings() -> None:
    assert findings(SOUND) == {}


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_is_caught(name: str) -> None:
    change, kind = DEFECTS[name]
    parts = hostile.members(SOUND)
    change(parts)
    assert any(found.startswith(kind) for found in new_findings(SOUND, hostile.package(parts)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_defects_of_the_archive_are_caught() -> None:
    parts = hostile.members(SOUND)
    twice = hostile.package([*parts.items(), ("XL/Styles.xml", parts[STYLES])])
    assert new_findings(SOUND, twice) == ["part-twice xl/styles.xml"]
    flipped = bytearray(hostile.package(parts, method=0))
    flipped[flipped.index(b"<sheetData>") + 3] ^= 1
    assert new_findings(SOUND, bytes(flipped))
    assert new_findings(SOUND, SOUND[:-9])


def test_a_defect_that_was_there_before_is_not_held_against_the_edit() -> None:
    parts = hostile.members(SOUND)
    DEFECTS["a cell twice"][0](parts)
    assert new_findings(hostile.package(parts), hostile.package(parts)) == []


def test_there_are_at_least_eighteen_defects() -> None:
    assert len({kind for _, kind in DEFECTS.values()}) >= 18
