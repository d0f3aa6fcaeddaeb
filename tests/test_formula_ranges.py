"""Formulas whose range takes in our cells are named, by cell, whatever way they write it; no others are."""

from __future__ import annotations

import pytest
from xlsxwriter.workbook import Workbook as NewWorkbook

from tests import hostile
from tests.editing import SHEET, column, edit, new

LINES = (["客户编号", "客户名称", "消费金额"], ["C001", "甲公司", 800000], ["C002", "乙公司", 300000])
RESULTS = (column("总分", 1, 2), column("等级", "甲", "乙"))
"""They come to D1:E3."""


def named(formula: str, *, table: bool = False, sheet: str = "汇总") -> list[tuple[str, int, int]]:
    """Return the formulas that are named of a workbook with this one in B2 of a sheet."""

    def write(workbook: NewWorkbook) -> None:
        first = workbook.add_worksheet(SHEET)
        for number, line in enumerate(LINES):
            first.write_row(number, 0, line)
        if table:
            columns = [{"header": header} for header in LINES[0]]
            first.add_table(0, 0, 2, 2, {"columns": columns, "data": LINES[1:], "name": "客户表"})
        workbook.define_name("总览", f"={SHEET}!$A$1:$Z$9")
        workbook.define_name("别处", f"={SHEET}!$A$1:$C$9")
        if sheet == SHEET:
            first.write_formula("B20", f"={formula}", None, 0)
        else:
            workbook.add_worksheet(sheet).write_formula("B2", f"={formula}", None, 0)

    remarks = edit(new(write), *RESULTS).receipt.remarks
    assert {remark.kind for remark in remarks} <= {"formula-takes-in"}
    return [(remark.sheet, *place) for remark in remarks for place in remark.places]


@pytest.mark.parametrize(
    "formula",
    [
        f"SUM({SHEET}!2:2)",
        f"COUNTA({SHEET}!$1:$1)",
        f"SUM({SHEET}!A2:Z6)",
        f"VLOOKUP(1,'{SHEET}'!$A:$Z,2,0)",
        f"{SHEET}!E3",
        f"SUM(OFFSET({SHEET}!A1,1,0,5,COUNTA({SHEET}!1:1)))",
        "COUNTA(总览)",
        f"SUM({SHEET}:汇总!A1:D2)",
        f"SUM({SHEET}!Z6:A2)",
    ],
)
def test_a_range_that_takes_in_our_cells_is_named(formula: str) -> None:
    assert named(formula) == [("汇总", 2, 2)]


@pytest.mark.parametrize(
    "formula",
    [
        f"SUM({SHEET}!A2:C6)",
        f"COUNTA({SHEET}!A:C)",
        f"SUM({SHEET}!4:4)",
        "SUM(2:2)",
        "SUM(A2:Z6)",
        "COUNTA(别处)",
        f'COUNTIF({SHEET}!A:A,"{SHEET}!2:2")',
        f"SUM('[1]{SHEET}'!2:2)",
        f"SUM([1]{SHEET}!2:2)",
        "LOG10(5)",
        f"SUM({SHEET}!D4:E9)",
    ],
)
def test_any_other_range_is_not(formula: str) -> None:
    assert named(formula) == []


def test_a_formula_of_the_sheet_itself_needs_no_name() -> None:
    assert named("SUM(2:2)", sheet=SHEET) == [(SHEET, 20, 2)]
    assert named("SUM(A2:C2)", sheet=SHEET) == []


@pytest.mark.parametrize(
    ("formula", "takes_in"),
    [
        ("COLUMNS(客户表)", True),
        ("COUNTA(客户表[#All])", True),
        ("COUNTA(客户表[[#Headers],[#Data]])", True),
        ("SUM(客户表[消费金额])", False),
        ("SUM(客户表[[#All],[消费金额]])", False),
        ("COLUMNS(客户表2)", False),
    ],
)
def test_a_table_that_grew_takes_in_our_columns_where_no_column_of_it_is_named(formula: str, *, takes_in: bool) -> None:
    assert named(formula, table=True) == ([("汇总", 2, 2)] if takes_in else [])


def test_a_shared_formula_is_moved_along_with_its_cells() -> None:
    sheet = hostile.rows(*LINES).replace(
        "</sheetData>",
        '<row r="13"><c r="A13"><f t="shared" ref="A13:D13" si="0">SUM(A3:B$3)</f><v>0</v></c>'
        '<c r="B13"><f t="shared" si="0"/><v>0</v></c><c r="C13"><f t="shared" si="0"></f><v>0</v></c></row>'
        '<row r="14"><c r="C14"><f t="shared" si="0"/><v>0</v></c></row></sheetData>',
    )
    (remark,) = edit(hostile.workbook(sheet), *RESULTS).receipt.remarks
    assert remark.places == ((13, 3), (14, 3))  # C3:D3, and C4:D$3


def test_texts_of_a_formula_are_not_quoted_since_they_are_peoples_data() -> None:
    def write(workbook: NewWorkbook) -> None:
        first = workbook.add_worksheet(SHEET)
        for number, line in enumerate(LINES):
            first.write_row(number, 0, line)
        first.write_formula("B20", '=COUNTIF(A1:Z9,"张三丰")', None, 0)

    (remark,) = edit(new(write), *RESULTS).receipt.remarks
    assert remark.values == {
        "columns": "D:E",
        "count": "1",
        "cells": "B20",
        "formula": '=COUNTIF(A1:Z9,"")',
    }
