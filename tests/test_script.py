"""What is written into a book in traditional characters is in traditional characters (practice §9)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sheetcrm.excel.script import writer
from sheetcrm.model import Column, Table
from tests.test_pipeline import TRADITIONAL, TRADITIONAL_ROWS, save

Call = Callable[..., tuple[int, str, str]]


def table(*headers: str) -> Table:
    columns = tuple(Column(number, None, text) for number, text in enumerate(headers, 1))
    return Table("客户.xlsx", "表", "scoring", 1, columns, (), ())


@pytest.mark.parametrize("headers", [("客户编号", "客户名称"), ("编号", "名稱"), ("ID", "name"), ("名", "行业")])
def test_a_table_not_in_traditional_characters_gets_the_programs_own(headers: tuple[str, ...]) -> None:
    assert writer(table(*headers)) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("VIP客户", "VIP客戶"),
        ("得分说明", "得分說明"),
        ("中价值、台灣製造", "中價值、台灣製造"),
        ("提出人余某，审核人范*", "提出人余某，審核人范*"),
        ("余某", "余某"),
        ("客户经理", "客戶經理"),
        ("2026-10", "2026-10"),
    ],
)
def test_the_programs_words_are_converted_and_peoples_own_are_not(text: str, written: str) -> None:
    write = writer(table("客戶編號", "客戶名稱", "備註"), ["余某", "范*", "王*"])
    assert write
    assert write(text) == written
    assert write(written) == written


def test_a_traditional_book_is_written_in_its_script_and_what_counts_its_words_still_counts(
    run: Call, tmp_path: Path
) -> None:
    path = save(tmp_path / "in" / "客戶.xlsx", {"客戶分級評估打分表": [TRADITIONAL, *TRADITIONAL_ROWS]})
    words = ("run", path, "-o", tmp_path / "out", "--period", "2024-03", "--no-pdf", "--in-place")
    assert run(*words)[0] == 0
    sheet = load_workbook(path).worksheets[0]
    header = [cell.value for cell in sheet[1]]
    grades = [sheet.cell(row, header.index("等級") + 1).value for row in (2, 3, 4)]
    assert grades == ["VIP客戶", "重點客戶", "觀察客戶"]
    assert header[-1] == "得分說明"
    assert "達到VIP客戶的90分" in str(sheet.cell(2, len(header)).value)
    rules = [rule.formula for one in sheet.conditional_formatting for rule in one.rules]
    assert ['"紅"'] in rules
    (prompt,) = sheet.data_validations.dataValidation
    assert prompt.promptTitle == "由程序填寫"
    before = path.read_bytes()
    assert run(*words)[0] == 0
    assert path.read_bytes() == before
