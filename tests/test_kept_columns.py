"""Columns that a team keeps to itself: never written, and no second one of the name is added."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.test_pipeline import HEADER, save
from tests.test_settings import ROW, settings

Call = Callable[..., tuple[int, str, str]]
GRADE = HEADER.index("等级")
THEIR_WORD = "老客户"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("POLICY", "PRESET", "OUTPUT", "KEEP"):
        monkeypatch.delenv(f"SHEETCRM_{name}", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    row = [*ROW]
    row[GRADE] = THEIR_WORD
    return save(tmp_path / "台账" / "客户.xlsx", {"打分表": [HEADER, row]})


def written(run: Call, book: Path, *words: str) -> dict[str, list[object]]:
    """Return the columns of the copy: their cells by header, every one of the name."""
    output = book.parent.parent / "out"
    code, _, err = run("run", book.parent, "-o", output, "--period", "2026-10", "--no-pdf", *words)
    assert code == 0, err
    sheet = load_workbook(output / "2026-10" / "workbooks" / "客户.xlsx")["打分表"]
    head, row = list(sheet.iter_rows(min_row=1, max_row=2, values_only=True))
    columns: dict[str, list[object]] = {}
    for header, value in zip(head, row, strict=True):
        columns.setdefault(str(header), []).append(value)
    return columns


def test_a_column_that_is_kept_stays_as_it_is_and_the_others_are_written(run: Call, book: Path) -> None:
    assert written(run, book)["等级"] == ["VIP客户"]
    settings(book.parent, 'keep = ["等级"]\n')
    columns = written(run, book)
    assert columns["等级"] == [THEIR_WORD]
    assert columns["总分"][0] is not None


@pytest.mark.parametrize("spelling", [" 等级 ", "等級", "等级"])
def test_a_column_is_kept_however_its_header_is_spelled(run: Call, book: Path, spelling: str) -> None:
    assert written(run, book, "--keep", spelling)["等级"] == [THEIR_WORD]


def test_a_column_that_is_not_there_is_not_added(run: Call, book: Path) -> None:
    assert "预警" in written(run, book)
    assert "预警" not in written(run, book, "--keep", "预警")


def test_the_environment_names_several(run: Call, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETCRM_KEEP", "等级 总分")
    columns = written(run, book)
    assert (columns["等级"], columns["总分"]) == ([THEIR_WORD], [None])


def test_keeping_a_column_of_another_name_for_ours_leaves_ours(run: Call, book: Path) -> None:
    header = ["级别" if text == "等级" else text for text in HEADER]
    row = [*ROW]
    row[GRADE] = THEIR_WORD
    save(book, {"打分表": [header, row]})
    columns = written(run, book, "--keep", "级别")
    assert (columns["级别"], columns["等级"]) == ([THEIR_WORD], ["VIP客户"])


def test_a_name_that_no_sheet_has_is_told(run: Call, book: Path) -> None:
    for command in (("run", "--dry-run"), ("check",)):
        _, _, err = run(
            *command,
            book,
            "-o",
            book.parent.parent / "none",
            "--keep",
            "等及",
            "--keep",
            "等级",
            "--period",
            "2026-10",
            "-q",
        )
        assert "“等及”" in err
        assert "“等级”" not in err


def test_what_is_kept_is_part_of_the_run(run: Call, book: Path) -> None:
    nowhere = ("-o", book.parent.parent / "none")
    ids = [
        json.loads(run("run", book, *nowhere, "--period", "2026-10", "--dry-run", "--json", *words)[1])["run_id"]
        for words in ((), ("--keep", "等级"), ("--keep", "等级"))
    ]
    assert ids[0] != ids[1] == ids[2]


def test_their_own_words_in_a_kept_column_are_no_grade_changed_by_hand(run: Call, book: Path) -> None:
    written(run, book)
    done = book.parent.parent / "out" / "2026-10" / "workbooks" / "客户.xlsx"
    changed = load_workbook(done)
    changed["打分表"].cell(2, GRADE + 1).value = "观察客户"
    changed.save(book)
    output = book.parent.parent / "out"

    def kinds(*words: str) -> set[str]:
        _, out, _ = run("check", book, "-o", output, "--period", "2026-10", "--json", *words)
        return {entry["kind"] for entry in json.loads(out)["problems"]}

    assert "grade-changed-by-hand" in kinds()
    assert "grade-changed-by-hand" not in kinds("--keep", "等级")


def test_config_shows_them_with_their_origin(run: Call, book: Path) -> None:
    file = settings(book.parent, 'keep = ["等级", "备注"]\n')
    _, out, _ = run("config", book, "--json")
    entry = next(one for one in json.loads(out)["settings"] if one["key"] == "keep")
    assert (entry["value"], entry["from"]) == (["等级", "备注"], f"{file} 第 1 行")
    assert "等级、备注" in run("config", book)[1]
    settings(book.parent, 'keep = "等级"\n')
    assert "第 1 行 keep：“等级”要写成列表" in run("config", book)[2]


def test_a_number_is_not_written_into_a_column_that_is_kept(run: Call, book: Path) -> None:
    row: list[object] = [*ROW]
    row[GRADE], row[HEADER.index("客户编号")] = None, None
    save(book, {"打分表": [HEADER, [*ROW], [*row[:1], "乙公司", *row[2:]]]})
    assert len(written(run, book, "--number")["客户编号"]) == 1
    sheet = load_workbook(book.parent.parent / "out" / "2026-10" / "workbooks" / "客户.xlsx")["打分表"]
    assert str(sheet.cell(3, 1).value).startswith("KH-202610")
    run("run", book.parent, "-o", book.parent.parent / "out2", "--period", "2026-10", "--no-pdf", "--number",
        "--keep", "客户编号")  # fmt: skip
    sheet = load_workbook(book.parent.parent / "out2" / "2026-10" / "workbooks" / "客户.xlsx")["打分表"]
    assert sheet.cell(3, 1).value is None
