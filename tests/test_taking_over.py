"""The first run over columns of the program's names that people had filled themselves (practice §9)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.test_pipeline import save

Call = Callable[..., tuple[int, str, str]]
HEADER = ["客户编号", "客户名称", "行业", "核心需求", "合作意向", "近12个月消费金额", "平均合作频次", "最近交易时间",
          "客户经理", "客户标签", "下次跟进日期", "联系人(职位)"]  # fmt: skip
ROWS = [
    ["C001", "甲公司", "制造业", "自动化", "高", 800000, "12次/年", "2026-10-20", "王某", "老客户；爱喝茶13912345678",
     "2026-12-18", "张*"],
    ["C002", "乙公司", "贸易", "采购", "中", 100000, "4次/年", "2026-09-20", "王某", None, None, "李*"],
]  # fmt: skip
REPLACED, PLANNED = "own-values-replaced", "own-days-planned"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SHEETCRM_KEEP", raising=False)
    return save(tmp_path / "台账" / "客户.xlsx", {"客户信息基础表": [HEADER, *ROWS]})


def problems(run: Call, book: Path, *words: str) -> dict[str, Any]:
    words = ("-o", str(book.parent.parent / "out"), *(words or ("--period", "2026-10")), "--json")
    _, out, _ = run("check", book.parent, *words)
    return {entry["kind"]: entry for entry in json.loads(out)["problems"]}


def finish(run: Call, book: Path, *words: str, period: str = "2026-10") -> str:
    """Do a month and return what was said on stderr."""
    output = book.parent.parent / "out"
    code, _, err = run("run", book.parent, "-o", output, "--period", period, "--no-pdf", *words)
    assert code == 0, err
    return err


def promised(run: Call, book: Path, customer: str = "C001", period: str = "2026-10") -> list[str]:
    """Return the days that were promised to a customer and are to be kept."""
    words = ("-o", book.parent.parent / "out", "--period", period, "--json")
    items = json.loads(run("explain", customer, book.parent, *words)[1])["due"]
    return [item["date"] for item in items if item["promised"]]


def cell(path: Path, header: str, row: int = 2) -> object:
    sheet = load_workbook(path)["客户信息基础表"]
    at = next(index for index, one in enumerate(sheet[1], 1) if one.value == header)
    return sheet.cell(row, at).value


def test_own_values_are_named_with_their_number_by_check(run: Call, book: Path) -> None:
    entry = problems(run, book)[REPLACED]
    assert (entry["severity"], entry["row"], entry["column"]) == ("警告", 2, HEADER.index("客户标签") + 1)
    assert "“客户标签”1 格（如“老客户；爱喝茶139****5678”）" in entry["what"]
    assert "--keep 客户标签,下次跟进日期" in entry["fix"]


@pytest.mark.parametrize("words", [("--dry-run",), ()])
def test_own_values_are_named_before_anything_is_written(run: Call, book: Path, words: tuple[str, ...]) -> None:
    before = book.read_bytes()
    err = finish(run, book, *words)
    assert f"[{REPLACED}]" in err
    assert f"[{PLANNED}]" in err
    assert book.read_bytes() == before


def test_columns_without_own_values_are_not_named(run: Call, book: Path) -> None:
    save(book, {"客户信息基础表": [HEADER, ROWS[1]]})
    assert not problems(run, book).keys() & {REPLACED, PLANNED}


def test_what_the_program_wrote_is_not_taken_for_their_own(run: Call, book: Path) -> None:
    finish(run, book, "--in-place")
    changed = load_workbook(book)
    changed["客户信息基础表"].cell(2, HEADER.index("近12个月消费金额") + 1).value = 1000
    changed.save(book)
    assert not problems(run, book).keys() & {REPLACED, PLANNED}
    assert not problems(run, book, "--period", "2026-11").keys() & {REPLACED, PLANNED}


def test_columns_that_are_kept_are_neither_named_nor_written_and_several_stand_in_one_option(
    run: Call, book: Path
) -> None:
    for separator in (",", "，", "、", "；"):
        words = ("--keep", f"客户标签{separator} 下次跟进日期")
        assert not problems(run, book, "--period", "2026-10", *words).keys() & {REPLACED, PLANNED}
        finish(run, book, *words)
        copy = book.parent.parent / "out" / "2026-10" / "workbooks" / "客户.xlsx"
        assert [cell(copy, header) for header in ("客户标签", "下次跟进日期")] == [ROWS[0][9], ROWS[0][10]]


def test_a_day_typed_by_hand_is_planned_as_an_appointment(run: Call, book: Path) -> None:
    assert promised(run, book) == ["2026-12-18"]
    assert "1 个自己填的日期" in problems(run, book)[PLANNED]["what"]
    assert promised(run, book, "C002") == []


def test_a_day_typed_by_hand_outlives_the_cell(run: Call, book: Path) -> None:
    finish(run, book, "--in-place")
    assert str(cell(book, "下次跟进日期"))[:10] != "2026-12-18"
    bytes_after = book.read_bytes()
    assert promised(run, book) == ["2026-12-18"]
    finish(run, book, "--in-place")
    assert book.read_bytes() == bytes_after
    assert promised(run, book, period="2026-11") == ["2026-12-18"]


def test_the_programs_own_day_becomes_no_appointment(run: Call, book: Path) -> None:
    finish(run, book, "--in-place")
    assert promised(run, book, "C002") == []


def test_the_same_run_has_the_same_number_although_the_day_is_in_the_history_now(run: Call, book: Path) -> None:
    def number() -> str:
        words = ("-o", book.parent.parent / "out", "--period", "2026-10", "--dry-run", "--json")
        return str(json.loads(run("run", book.parent, *words)[1])["run_id"])

    first = number()
    finish(run, book)
    assert number() == first


def test_a_day_in_a_column_that_is_kept_is_an_appointment_each_month(run: Call, book: Path) -> None:
    (book.parent / "sheetcrm.toml").write_text('keep = ["下次跟进日期"]\n', encoding="utf-8")
    for period in ("2026-09", "2026-10"):
        finish(run, book, "--in-place", period=period)
    changed = load_workbook(book)
    changed["客户信息基础表"].cell(2, HEADER.index("下次跟进日期") + 1).value = "2026-12-24"
    changed.save(book)
    assert promised(run, book) == ["2026-12-24"]
