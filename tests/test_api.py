"""What programs call returns the values that travel, prints nothing, and is loaded only when it is used."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import sheetcrm
from sheetcrm.store.files.sample import sample_books
from tests.test_pipeline import HEADER, ROWS, save

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parent.parent
DAY = date(2024, 3, 1)


def test_the_lines_in_the_docs_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "input").mkdir()
    for book in sample_books():
        (tmp_path / "input" / book.name).write_bytes(book.read_bytes())
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "programs.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {})  # noqa: S102  (the page's own lines)
    assert (tmp_path / "output" / "2026-10" / "index.html").exists()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    rows = [list(row) for row in ROWS]
    rows[1][1] = "@甲公司"
    return save(tmp_path / "in" / "客户.xlsx", {"打分表": [HEADER, *rows]})


def test_values_are_returned_and_nothing_is_printed(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    problems = sheetcrm.check(book, as_of=DAY, output=output)
    assert [entry.kind for entry in problems] == ["share-unused"]
    assert not output.exists()
    done = sheetcrm.run([book], as_of=DAY, output=output, pdf=False)
    assert [entry.grade for entry in done.plan.assessments] == ["VIP客户", "重点客户", "观察客户"]
    assert done.outcome.folder == output / "2024-03"
    assert sheetcrm.explain("c2024001", book, as_of=DAY, output=output).grade == "VIP客户"
    assert capsys.readouterr() == ("", "")


def test_a_book_without_customers_has_problems_and_arguments_without_sense_are_refused(tmp_path: Path) -> None:
    empty = save(tmp_path / "空.xlsx", {"Sheet1": [["产品", "单价"], ["甲", 1]]})
    assert {entry.kind for entry in sheetcrm.check(empty, output=tmp_path)} == {"no-known-sheet", "sheet-unread"}
    with pytest.raises(sheetcrm.SheetcrmError, match="看不懂期间"):
        sheetcrm.check(empty, period="x")
    with pytest.raises(sheetcrm.SheetcrmError, match="只能写一个"):
        sheetcrm.check(empty, policy="a.toml", preset="价值")
    with pytest.raises(AttributeError, match="fly"):
        sheetcrm.fly  # noqa: B018


def test_another_policy_than_last_time_that_nobody_names_stops_a_run(book: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    sheetcrm.run(book, as_of=DAY, output=output, pdf=False, preset="价值")
    with pytest.raises(sheetcrm.SheetcrmError, match="--preset 价值"):
        sheetcrm.run(book, as_of=DAY, output=output, pdf=False)


def test_importing_the_package_loads_no_stage() -> None:
    code = "import sys, sheetcrm; print([name for name in sys.modules if name.startswith('sheetcrm.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_customers_are_written_as_csv_for_excel_and_a_formula_stays_text(
    run: Run, book: Path, tmp_path: Path
) -> None:
    path = tmp_path / "名单.csv"
    args = ("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf", "-q")
    assert run(*args, "--csv", path, "--dry-run")[0] == 0
    assert not path.exists()
    assert run(*args, "--csv", path)[0] == 0
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert (lines[0]["客户编号"], lines[0]["等级"]) == ("C2024001", "VIP客户")
    assert lines[1]["客户名称"] == "'@甲公司"
    code, _, err = run(*args, "--csv", tmp_path / "没有" / "名单.csv")
    assert code == 3
    assert "没有写入" in err
