"""Spoilt workbooks are read and edited, or refused in words: a few hundred here, thousands by CI and `make fuzz`."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from scripts import fuzz, mutating
from scripts.fuzz import ROOT, Attempt


@pytest.mark.slow
def test_no_spoilt_workbook_gets_anything_but_an_answer_in_words() -> None:
    report = fuzz.run(range(300), seed=7)
    assert report.findings == []
    assert sum(report.outcomes.values()) == 300
    assert (
        sum(count for outcome, count in report.outcomes.items() if outcome.startswith("done / done")) > 60
    )  # most are spoilt where it matters, and not all beyond use


def test_a_case_is_the_same_whenever_it_is_made() -> None:
    known = fuzz.sources()
    for number in range(20):
        assert fuzz.make_case(known, number, seed=1) == fuzz.make_case(known, number, seed=1)


def test_ci_spoils_other_workbooks_every_day_and_prints_the_seed_to_do_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "make spoil" in steps
    assert not [step for step in steps if "seed" in step]
    monkeypatch.setattr("sys.argv", ["fuzz", "--cases", "0"])
    assert fuzz.main() == 0
    assert f"seed {date.today().toordinal()}" in capsys.readouterr().out.splitlines()  # noqa: DTZ011


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("made.xls", "raw set_field"),
        ("made.xlsb", "set_field(xl/worksheets/sheet1.bin)"),
        ("made.ods", "set_number(content.xml)"),
    ],
)
def test_what_holds_the_cells_of_other_formats_is_spoilt_where_a_reader_looks(name: str, wanted: str) -> None:
    (source,) = [known for known in fuzz.sources() if known.name == name]
    ways = {mutating.spoil(source, random.Random(number))[0] for number in range(200)}  # noqa: S311
    assert any(wanted in way for way in ways)


def test_a_corpus_that_is_there_and_empty_is_no_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "CORPUS", tmp_path)
    with pytest.raises(SystemExit):
        fuzz.sources()


def abort(_data: bytes, _file: str, _sheet: str) -> str:
    os.abort()


def hang(_data: bytes, _file: str, _sheet: str) -> str:
    time.sleep(60)
    return "done"


def hoard(_data: bytes, _file: str, _sheet: str) -> str:
    return str(len(b"x" * (600 << 20)))


def hoard_in_a_child(_data: bytes, _file: str, _sheet: str) -> str:
    subprocess.run([sys.executable, "-c", "b'x' * (600 << 20)"], check=True)
    return "done"


def stumble(_data: bytes, _file: str, _sheet: str) -> str:
    return str(1 // 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attempt", "what", "seconds"),
    [
        (abort, "ended: -6", 60),
        (hang, "still at it", 0.2),
        (hoard, "MB", 60),
        (hoard_in_a_child, "MB", 60),
        (stumble, "ZeroDivisionError", 60),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="exit codes and peaks are told in the ways of POSIX")
def test_what_an_answer_may_not_be_is_found(attempt: Attempt, what: str, seconds: float) -> None:
    report = fuzz.run(range(2), seed=7, attempt=attempt, seconds=seconds)
    assert report.findings
    assert all(what in finding.what for finding in report.findings)
    assert len(report.findings) == 2
