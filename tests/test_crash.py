"""A crash of the program itself: exit code 70, one sentence, a log without content, and nothing written."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetcrm.processes import crash_log
from tests.test_history_cli import content, month

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
QUOTED = "13812345678 王小明"

Run = Callable[..., tuple[int, str, str]]

STAGES = {
    "read": "sheetcrm.runs.prepare.read",
    "assess": "sheetcrm.runs.reviewed.assess",
    "plan": "sheetcrm.excel.edits.plan",
    "write back": "sheetcrm.excel.splice.writeback.write_back",
    "render": "sheetcrm.report.pages.documents.plan",
    "print": "sheetcrm.report.press.pool.render_all",
    "apply": "sheetcrm.runs.apply.review_book",
}


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "logs"
    monkeypatch.setattr(crash_log, "log_folder", lambda: folder)
    return folder


def failing(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("in_place", [False, True], ids=["copies", "in place"])
@pytest.mark.parametrize("stage", STAGES)
def test_an_error_nobody_foresaw_in_any_stage_is_one_sentence_and_nothing_is_written(
    run: Run, tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch, stage: str, *, in_place: bool
) -> None:
    month(tmp_path / "in" / "甲.xlsx", "2026-10-31", C1="VIP客户")
    before = content(tmp_path)
    monkeypatch.setattr(STAGES[stage], failing(ValueError(QUOTED)))
    options = ["--in-place"] if in_place else []
    code, out, err = run("run", tmp_path / "in", "-o", tmp_path / "out", "--period", "2026-10", *options)
    assert code == 70
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    (log,) = logs.iterdir()
    assert str(log) in err
    assert "ValueError" in log.read_text(encoding="utf-8")
    log.unlink()
    logs.rmdir()
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    "error", [MemoryError(), RecursionError(), AssertionError(), OSError(QUOTED), KeyError(QUOTED)], ids=repr
)
def test_every_kind_of_error_is_told_and_its_message_is_not_logged(
    run: Run, tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    month(tmp_path / "in" / "甲.xlsx", "2026-10-31", C1="VIP客户")
    monkeypatch.setattr("sheetcrm.cli.check.gather", failing(error))
    code, _, err = run("check", tmp_path / "in")
    assert (code, QUOTED in err) == (70, False)
    (log,) = logs.iterdir()
    text = log.read_text(encoding="utf-8")
    assert f"builtins.{type(error).__name__}" in text
    assert re.search(r"^  sheetcrm\.cli\.check:\d+$", text, re.MULTILINE)
    assert not {*QUOTED.split()} & {*re.split(r"\W", text)}
    if os.name != "nt":
        assert (stat.S_IMODE(log.stat().st_mode), stat.S_IMODE(logs.stat().st_mode)) == (0o600, 0o700)


def test_a_recursion_is_logged_by_its_ends_and_causes_are_followed() -> None:
    def recurse() -> None:
        recurse()

    try:
        try:
            recurse()
        except RecursionError as error:
            raise LookupError(QUOTED) from error
    except LookupError as error:
        lines = list(crash_log.describe(error))
    assert [line for line in lines if line.startswith("builtins.")] == [
        "builtins.LookupError",
        "builtins.RecursionError",
    ]
    assert len(lines) < 100
    assert any(line.endswith(" more") for line in lines)


def test_where_no_log_can_be_written_the_sentence_comes_all_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(crash_log, "log_folder", lambda: tmp_path / "file" / "logs")
    monkeypatch.setattr("sheetcrm.cli.check.gather", failing(ValueError(QUOTED)))
    code, _, err = run("check", tmp_path)
    assert code == 70
    assert "没能记下来" in err


@pytest.mark.skipif(sys.platform == "win32", reason="make and a shell")
@pytest.mark.parametrize(("code", "done"), [(0, True), (1, True), (2, False), (3, False), (70, False)])
def test_make_run_takes_errors_in_the_data_for_done_and_a_crash_not(tmp_path: Path, code: int, *, done: bool) -> None:
    program = tmp_path / "venv" / "bin" / "sheetcrm"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "venv" / ".ready").touch()
    made = subprocess.run(
        ["make", "-s", "run", f"VENV={tmp_path / 'venv'}"], cwd=ROOT, capture_output=True, check=False
    )
    assert (made.returncode == 0) == done


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md", "docs/commands.md"])
def test_the_code_is_documented(page: str) -> None:
    assert re.search(r"\| 70 \||70 程序自身出错", (ROOT / page).read_text(encoding="utf-8"))
