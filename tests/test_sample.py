"""The sample month: its script makes the committed workbooks again, and they hold what their sheets promise."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

_ROOT = Path(__file__).resolve().parent.parent
_INPUT = _ROOT / "input"
_FULL, _PLAIN, _CARDS = "客户台账-陈思远.xlsx", "客戶台賬-林婉清.xlsx", "客户档案卡-何俊杰.xlsx"


def _members(workbook: Path) -> list[tuple[str, tuple[int, ...], bytes]]:
    """Unpack a workbook: deflated bytes may differ between builds of zlib, what they hold may not."""
    with zipfile.ZipFile(workbook) as package:
        return [(member.filename, member.date_time, package.read(member)) for member in package.infolist()]


def _make(folder: Path) -> str:
    command = [sys.executable, str(_ROOT / "scripts" / "make_sample.py"), str(folder), "--planted"]
    environment = os.environ | {"PYTHONUTF8": "1"}
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=environment).stdout


@pytest.mark.slow
def test_the_script_makes_the_committed_workbooks_again(tmp_path: Path) -> None:
    _make(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {_FULL, _PLAIN, _CARDS}
    for name in (_FULL, _PLAIN, _CARDS):
        assert _members(tmp_path / name) == _members(_INPUT / name)


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    said = [_make(tmp_path / run) for run in ("one", "two")]
    assert said[0] == said[1] != ""
    for name in (_FULL, _PLAIN, _CARDS):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("workbook", "sheet", "header_row", "rows"),
    [
        (_FULL, "客户信息基础表", 3, 172),
        (_FULL, "客户分级评估打分表", 3, 170),
        (_FULL, "客户跟进记录表", 3, 1215),
        (_FULL, "交易明细", 3, 3053),
        (_FULL, "服务记录", 3, 440),
        (_FULL, "人工调整", 3, 6),
        (_FULL, "风险登记", 3, 12),
        (_FULL, "需求记录", 3, 155),
        (_FULL, "客户分级服务标准表", 3, 4),
        (_FULL, "设置", 3, 1),
        (_FULL, "节假日", 3, 11),
        (_PLAIN, "客戶信息基礎表", 4, 120),
        (_PLAIN, "客戶分級評估打分表", 4, 120),
        (_PLAIN, "客戶跟進記錄表", 4, 855),
        (_PLAIN, "交易明細", 4, 381),
        (_PLAIN, "服務記錄", 4, 119),
    ],
)
def test_each_sheet_holds_its_rows(workbook: str, sheet: str, header_row: int, rows: int) -> None:
    table = CalamineWorkbook.from_path(_INPUT / workbook).get_sheet_by_name(sheet)
    assert len(table.to_python(skip_empty_area=False)) - header_row == rows


def test_ten_cards_hold_a_customer_and_its_contacts_each() -> None:
    book = CalamineWorkbook.from_path(_INPUT / _CARDS)
    assert len(book.sheet_names) == 10
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        assert rows[2][:3] == ["字段名称", "填写说明", "值"]
        assert rows[3][0] == "客户编号"
        assert str(rows[3][2]).startswith("C20")
        assert any(row[0] == "日期" and row[5] == "下一步计划" for row in rows)


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in _INPUT.glob("*.xlsx")) < 1_500_000
