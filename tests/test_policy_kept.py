"""A policy that was used last period and is named by nobody now is asked about, never replaced in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sheetcrm import __version__
from sheetcrm.cli import policy_choice
from sheetcrm.model import Period
from sheetcrm.policy import loading
from sheetcrm.policy.model import Target
from sheetcrm.policy.run import PolicySource, Run
from sheetcrm.runs.refusals import find_former_policy
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.recorded import RecordedRun
from tests.terminals import environment
from tests.test_ledger import run as recorded_run
from tests.test_pipeline import HEADER, save
from tests.test_settings import ROW, own_policy, settings

Call = Callable[..., tuple[int, str, str]]
OCTOBER = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31))
UNSTATED = replace(
    Run.of(loading.standard(), OCTOBER, OCTOBER.end, today=date(2026, 11, 3)),
    source=PolicySource(preset=loading.STANDARD, stated=False),
)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("POLICY", "PRESET", "OUTPUT"):
        monkeypatch.delenv(f"SHEETCRM_{name}", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return save(tmp_path / "台账" / "客户.xlsx", {"打分表": [HEADER, ROW]})


def do(run: Call, book: Path, *words: str | Path, command: str = "run") -> tuple[int, str, str]:
    no_pdf = ("--no-pdf",) if command == "run" else ()
    period = () if "--period" in words else ("--period", "2026-10")
    return run(command, book, "-o", book.parent.parent / "out", *period, *no_pdf, *words)


def test_a_policy_of_ones_own_is_not_replaced_by_the_standard_one(run: Call, book: Path) -> None:
    policy = own_policy(book.parent.parent, "本部策略.toml")
    assert do(run, book, "--period", "2026-09", "--policy", policy)[0] == 0
    code, out, err = do(run, book)
    assert code == 2
    assert not out
    sha = loading.load(policy.read_text(encoding="utf-8"), source="").sha256
    for expected in ("2026-09", "“我们的策略”", "本部策略.toml", sha[:12], "--policy", "--preset 标准", "什么也没有写"):
        assert expected in err
    assert not (book.parent.parent / "out" / "2026-10").exists()


@pytest.mark.parametrize("words", [("--policy", "本部策略.toml"), ("--preset", "标准"), ("--preset", "价值")])
def test_whoever_names_a_policy_is_not_asked(
    run: Call, book: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(book.parent.parent)
    policy = own_policy(book.parent.parent, "本部策略.toml")
    assert do(run, book, "--policy", policy)[0] == 0
    assert do(run, book, *words)[0] == 0


def test_a_policy_named_by_the_settings_file_or_the_environment_is_named(
    run: Call, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = own_policy(book.parent.parent)
    assert do(run, book, "--policy", policy)[0] == 0
    monkeypatch.setenv("SHEETCRM_PRESET", "标准")
    assert do(run, book)[0] == 0
    monkeypatch.delenv("SHEETCRM_PRESET")
    assert do(run, book, "--policy", policy)[0] == 0
    settings(book.parent, 'preset = "标准"\n')
    assert do(run, book)[0] == 0


def test_a_preset_is_named(run: Call, book: Path) -> None:
    assert do(run, book, "--preset", "价值")[0] == 0
    code, _, err = do(run, book)
    assert code == 2
    assert "内置的“价值”" in err
    assert "--preset 价值" in err


def test_going_on_with_the_standard_policy_is_asked_for_once(run: Call, book: Path) -> None:
    assert do(run, book, "--preset", "价值")[0] == 0
    assert do(run, book, "--preset", "标准")[0] == 0
    assert do(run, book)[0] == 0


def test_the_packs_are_not_made_by_another_policy_either(run: Call, book: Path) -> None:
    assert do(run, book, "--preset", "价值")[0] == 0
    code, _, err = do(run, book, command="packs")
    assert code == 2
    assert "--preset 价值" in err


def test_a_check_goes_on_and_says_so(run: Call, book: Path) -> None:
    assert do(run, book, "--preset", "价值")[0] == 0
    code, _, err = do(run, book, command="check")
    assert code == 0
    assert "--preset 价值" in err
    code, _, err = run("explain", "C1", book, "-o", book.parent.parent / "out", "--period", "2026-10")
    assert code == 0
    assert "--preset 价值" in err


@pytest.mark.parametrize(("goes_on", "code"), [(True, 0), (False, 2)])
def test_on_a_terminal_it_is_asked(
    run: Call, book: Path, monkeypatch: pytest.MonkeyPatch, *, goes_on: bool, code: int
) -> None:
    asked: list[str] = []

    def confirm(text: str, **_options: object) -> bool:
        asked.append(text)
        return goes_on

    assert do(run, book, "--preset", "价值")[0] == 0
    monkeypatch.setattr(policy_choice, "on_terminal", lambda: True)
    monkeypatch.setattr("click.confirm", confirm)
    assert do(run, book)[0] == code
    assert len(asked) == 1
    assert do(run, book)[0] == code
    assert len(asked) == (1 if goes_on else 2)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2), ("", 2)])
def test_a_person_answers(run: Call, book: Path, answer: str, code: int) -> None:
    import pty  # noqa: PLC0415  (there is none on Windows)

    assert do(run, book, "--preset", "价值")[0] == 0
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    words = ("run", book, "-o", book.parent.parent / "out", "--period", "2026-10", "--no-pdf")
    process = subprocess.run(
        [sys.executable, "-m", "sheetcrm", *words],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment(),
        check=False,
    )
    printed = os.read(ours, 65536).decode()
    os.close(theirs)
    os.close(ours)
    assert process.returncode == code
    assert "内置的“价值”" in printed
    assert "继续吗" in printed


RECORDS: Mapping[str, tuple[Mapping[str, Any], bool]] = {
    "the same policy": ({"policy_sha256": loading.standard().sha256, "policy_file": "策略.toml"}, False),
    "a standard policy of an older version": ({"preset": "标准", "policy_sha256": "old", "version": "0.0.1"}, False),
    "a preset": ({"preset": "价值", "policy_sha256": "value"}, True),
    "a file": ({"policy_file": "策略.xlsx", "policy_sha256": "own"}, True),
    "a file that bears the standard's name": (
        {"policy_file": "策略.xlsx", "policy_sha256": "own", "policy": "标准策略", "version": "0.0.1"},
        True,
    ),
    "not recorded, standard by name, of another version": (
        {"policy": "标准策略", "policy_sha256": "old", "version": "0.0.1"},
        False,
    ),
    "not recorded, standard by name, of this version": (
        {"policy": "标准策略", "policy_sha256": "own", "version": __version__},
        True,
    ),
    "not recorded, another name": ({"policy": "我们的", "policy_sha256": "own", "version": "0.0.1"}, True),
}


@pytest.mark.parametrize("record", RECORDS)
def test_policies_are_compared_by_what_was_recorded(tmp_path: Path, record: str) -> None:
    values, asked = RECORDS[record]
    append(tmp_path, recorded_run("2026-09", **values))
    with ledger.read(tmp_path) as history:
        assert (find_former_policy(history, UNSTATED) is not None) is asked


@pytest.mark.parametrize(
    ("runs", "asked"),
    [
        ((("2026-09", "标准"), ("2026-10", "价值")), True),
        ((("2026-09", "价值"), ("2026-10", "标准")), False),
        ((("2026-09", "标准"), ("2026-11", "价值")), False),
        ((("2026-09", "价值"), ("2026Q3", "标准")), True),
        ((("2026-09", "标准"), ("2026Q3", "价值")), False),
        ((("2026Q3", "价值"),), True),
    ],
    ids=["same period", "changed since", "a later period", "its own kind", "another kind", "no other"],
)
def test_the_last_run_of_the_kind_of_period_counts(
    tmp_path: Path, runs: tuple[tuple[str, str], ...], *, asked: bool
) -> None:
    append(tmp_path, *(recorded_run(period, preset=preset, policy_sha256=preset) for period, preset in runs))
    with ledger.read(tmp_path) as history:
        assert (find_former_policy(history, UNSTATED) is not None) is asked


def append(folder: Path, *runs: RecordedRun) -> None:
    with ledger.opened(folder) as history:
        assert isinstance(history, Ledger)
        for entry in runs:
            history.append(entry, ())


def test_a_target_may_bear_the_name_a_figure_had() -> None:
    assert Target(figure="投入产出比（ROI）", least=Decimal(5)).figure == "服务投入产出比"
