"""Many customers of a run are kept in compressed blocks, and read as if each had a record of its own."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from sheetcrm.periods import read_period
from sheetcrm.store.history import blocks, ledger
from sheetcrm.store.history.ledger import LEDGER_FILE
from tests.test_ledger import append, customer, faults, past, run, tamper

GRADES = ("VIP客户", "普通客户")


@pytest.fixture(params=[True, False], ids=["blocks", "records"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param:
        in_blocks(monkeypatch)
    return filled(tmp_path)


def in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FROM", 3)
    monkeypatch.setattr(blocks, "_SIZE", 2)


def filled(folder: Path) -> Path:
    append(folder, run("2026-08"), *(customer(f"C{at}", "重点客户", owner="赵一") for at in (5, 1, 3, 2, 4)))
    append(folder, run("2026-09"), *(customer(f"C{at}", GRADES[at % 2]) for at in (5, 1, 3, 2)))
    append(folder, run("2026-10"), customer("C1", "VIP客户"), customer("C9", "VIP客户"))
    return folder


def versions(folder: Path) -> list[object]:
    with contextlib.closing(sqlite3.connect(folder / LEDGER_FILE)) as connection:
        kinds = connection.execute("SELECT kind, count(*) FROM record GROUP BY kind ORDER BY kind").fetchall()
        return [*connection.execute("PRAGMA user_version").fetchone(), *kinds]


def test_a_file_with_blocks_is_one_that_older_versions_refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(tmp_path, run("2026-07"), customer("C1", "VIP客户"))
    assert versions(tmp_path) == [1, ("customer", 1), ("run", 1)]
    in_blocks(monkeypatch)
    assert versions(filled(tmp_path)) == [2, ("customer", 3), ("customers", 5), ("run", 4)]


def test_the_history_reads_the_same(folder: Path) -> None:
    assert faults(folder) == []
    assert past(folder, "2026-11") == {
        "C1": ("2026-10", "VIP客户"),
        "C9": ("2026-10", "VIP客户"),
        "C2": ("2026-09", "VIP客户"),
        "C3": ("2026-09", "普通客户"),
        "C5": ("2026-09", "普通客户"),
        "C4": ("2026-08", "重点客户"),
    }
    with ledger.read(folder) as history:
        assert [(moment.run.period, moment.record.grade) for moment in history.timeline("C5")] == [
            ("2026-08", "重点客户"),
            ("2026-09", "普通客户"),
        ]
        assert history.timeline("C4")[0].record.owner == "赵一"
        assert history.timeline("C6") == ()
        assert set(history.homes(read_period("2026-08"))) == {"C1", "C2", "C3", "C4", "C5"}
        assert set(history.planned_days(read_period("2026-09"))) == {"C1", "C2", "C3", "C5"}
        assert history.find_former(lambda: {"c4": "N4"}, {"C1", "C2", "C3", "C5", "N4"}) == {"C4": "N4"}
        assert history.grades([("C2", "2026-09"), ("C7", "2026-09")], sha256="") == {
            ("C2", "2026-09"): frozenset({"VIP客户"})
        }


def test_a_run_repeated_adds_no_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_blocks(monkeypatch)
    customers = [customer(f"C{at}", "重点客户") for at in range(3)]
    append(tmp_path, run("2026-08"), *customers)
    append(tmp_path, run("2026-08"), *customers)
    assert versions(tmp_path) == [2, ("customers", 2), ("run", 2)]


@pytest.mark.parametrize("spoilt", ["X'00'", "X'789C4B040000620062'", "substr(body, 2)"])
def test_a_block_that_was_changed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: str) -> None:
    in_blocks(monkeypatch)
    tamper(filled(tmp_path) / LEDGER_FILE, f"UPDATE record SET body = {spoilt} WHERE number = 3")  # noqa: S608
    assert faults(tmp_path) == [(3, "被改动过")]
