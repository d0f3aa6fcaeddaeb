"""The doctor: each check finds what is amiss and says how to mend it; the fonts are the machine's own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sheetcrm.report.press import libraries, pdf
from sheetcrm.runs import machine
from sheetcrm.runs.machine import CHECKS, CheckedPart, Place, examine
from tests.test_pipeline import HEADER, ROWS, save

Run = Callable[..., tuple[int, str, str]]
TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _engine_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "missing", tuple)
    monkeypatch.setattr(pdf, "check_engine", lambda: None)
    monkeypatch.setattr(pdf, "missing_glyphs", lambda _text: ())


def looked_at(place: Place) -> dict[str, CheckedPart]:
    return {finding.name: finding for finding in examine(place)}


def test_a_machine_that_has_all_is_told_so_with_code_0(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("doctor", tmp_path, "-o", tmp_path / "out")
    assert (code, "✗" in out) == (0, False)
    assert out.splitlines()[-1].startswith("都好")
    assert not (tmp_path / "out").exists()
    code, out, _ = run("doctor", tmp_path, "-o", tmp_path / "out", "--json")
    values = json.loads(out)
    assert (code, values["well"]) == (0, True)
    assert {entry["name"] for entry in values["checks"]} <= set(CHECKS)


def test_what_is_missing_is_told_with_the_way_out_and_code_2(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "missing", lambda: ("Pango",))
    code, out, _ = run("doctor", tmp_path, "-o", tmp_path / "out")
    assert code == 2
    lines = out.splitlines()
    place = next(at for at, line in enumerate(lines) if line.startswith("✗ 要补 排版库：缺少排版库 Pango"))
    assert "请" in lines[place + 1]
    assert lines[-1] == "有 1 项要补。"


def test_letters_without_a_font_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "missing_glyphs", lambda _text: ("臺",))
    assert looked_at(Place((), tmp_path, TODAY))["字体"].what == "这些字没有字体能印出：臺"


def test_open_workbooks_are_found_by_their_owner_files(tmp_path: Path) -> None:
    save(tmp_path / "in" / "客户.xlsx", {"打分表": [HEADER, *ROWS]})
    place = Place((tmp_path / "in",), tmp_path / "out", TODAY)
    assert looked_at(place)["打开的文件"].well
    (tmp_path / "in" / "~$客户.xlsx").touch()
    finding = looked_at(place)["打开的文件"]
    assert not finding.well
    assert "客户.xlsx" in finding.what


def test_a_history_is_verified_and_missed(run: Run, tmp_path: Path) -> None:
    book = save(tmp_path / "in" / "客户.xlsx", {"打分表": [HEADER, *ROWS]})
    out = tmp_path / "out"
    place = Place((book,), out, TODAY)
    assert "历史" not in looked_at(place)
    run("run", book, "-o", out, "--as-of", "2024-03-01", "--no-pdf")
    assert looked_at(place)["历史"] == CheckedPart("历史", well=True, what="历史完好：1 次运行")
    assert "备份" not in looked_at(place)
    (out / "sheetcrm.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert not looked_at(place)["历史"].well
    (out / "sheetcrm.db").unlink()
    assert looked_at(place)["历史"].what == "有 2024-03 的结果，却没有历史"


def test_a_full_disk_and_a_folder_that_cannot_be_written_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(machine, "_LEAST_FREE", 1 << 60)
    findings = looked_at(Place((), tmp_path / "a" / "b", TODAY))
    assert "没有权限" in findings["结果文件夹"].what
    assert not findings["磁盘"].well


def test_years_without_holidays_and_broken_settings_are_told(tmp_path: Path) -> None:
    (tmp_path / "sheetcrm.toml").write_text("preset = 1", encoding="utf-8")
    findings = looked_at(Place((tmp_path,), tmp_path, date(2099, 1, 1)))
    assert "2099 年的放假安排还没有" in findings["节假日"].what
    assert not findings["设置文件"].well
    assert "2026 年的放假和调休都有" in looked_at(Place((), tmp_path, TODAY))["节假日"].what


def test_the_output_folder_of_the_settings_is_looked_at(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sheetcrm.toml").write_text("output = '别处'", encoding="utf-8")
    assert str(tmp_path / "别处") in run("doctor", tmp_path)[1]
