"""Whoever touches the history by hand: what the chain shows, what only the results and the paper show."""

from __future__ import annotations

import contextlib
import itertools
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.store.history import blocks, chain, ledger
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import Disclosure, Stamp
from tests.test_ledger import append, customer, tamper
from tests.test_ledger import run as recorded_run

Run = Callable[..., tuple[int, str, str]]
COLUMNS = ("number", "kind", "run", "customer_id", "body", "previous", "hash")
STAMP = Stamp("2026-11-05T08:00:00+00:00", "chen", "pc-1")
SHOWN = Disclosure(action="显示联系方式", what="C1、C2", purpose="交接", source="甲.xlsx", target="包", stamp=STAMP)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A history with a record of every kind: runs, customers alone and in blocks, disclosures, a customer removed."""
    folder = tmp_path_factory.mktemp("history")
    append(folder, recorded_run("2026-09"), customer("C1", "VIP客户"), customer("C2", "重点客户"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks, "FROM", 3)
        patched.setattr(blocks, "_SIZE", 2)
        append(folder, recorded_run("2026-10"), *(customer(f"C{at}", "普通客户") for at in range(1, 5)))
    with ledger.opened(folder) as history:
        history.disclose(SHOWN)
        history.forget("C2", SHOWN)
        history.disclose(SHOWN)
    return (folder / LEDGER_FILE).read_bytes()


def rows(path: Path) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM record ORDER BY number").fetchall()


def write(path: Path, sound: bytes, records: Sequence[Sequence[Any]], *, last: int | None = None) -> bool:
    """Put other records into the file, the number of the last one issued with them, and return whether it shows."""
    path.write_bytes(sound)
    tamper(path, "DELETE FROM record")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", records)
        if last is not None:
            connection.execute("UPDATE sqlite_sequence SET seq = ?", (last,))
        connection.commit()
    with ledger.read(path.parent) as history:
        return bool(history.verify())


def other(value: object) -> object:
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, int):
        return value + 1000
    return "x" if value is None else f"{value[:-1]}{chr(ord(value[-1]) ^ 1)}" if value else "x"  # type: ignore[index]


def test_untouched_it_is_sound(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / LEDGER_FILE
    path.write_bytes(sound)
    records = rows(path)
    assert {record[1] for record in records} >= {"run", "customer", "customers", "disclosure", "forget", "forgotten"}
    assert not write(path, sound, records)


def test_every_edit_of_every_record_shows(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / LEDGER_FILE
    path.write_bytes(sound)
    records = rows(path)
    unseen = []
    for at, name in itertools.product(range(len(records)), range(len(COLUMNS))):
        touched = [list(record) for record in records]
        touched[at][name] = 7 if COLUMNS[name] == "run" and touched[at][name] is None else other(touched[at][name])
        if not write(path, sound, touched, last=len(records)):
            unseen.append((records[at][:2], COLUMNS[name]))
    assert unseen == []


def test_every_record_deleted_swapped_or_put_in_between_shows(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / LEDGER_FILE
    path.write_bytes(sound)
    records = rows(path)
    for at in range(len(records)):
        left = records[:at] + records[at + 1 :]
        assert write(path, sound, left), at
        closed = [(number, *record[1:]) for number, record in enumerate(left, 1)]
        assert at == len(left) or write(path, sound, closed, last=len(left)), at  # the last one of all: see below
        doubled = [*records[:at], records[at], *records[at:]]
        assert write(path, sound, [(number, *row[1:]) for number, row in enumerate(doubled, 1)], last=len(doubled)), at
    for one, two in itertools.combinations(range(len(records)), 2):
        swapped = list(records)
        swapped[one], swapped[two] = (records[one][0], *records[two][1:]), (records[two][0], *records[one][1:])
        assert write(path, sound, swapped), (one, two)


def test_an_appended_record_shows_unless_it_is_made_as_the_program_makes_it(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / LEDGER_FILE
    path.write_bytes(sound)
    records = rows(path)
    number, previous = len(records) + 1, records[-1][-1]
    body = records[-1][4]
    assert write(path, sound, [*records, (number, "disclosure", None, None, body, previous, "f" * 64)])
    assert write(path, sound, [*records, (number, "disclosure", None, None, body, records[0][-1], "f" * 64)])
    hashed = chain.hash_of(number, "disclosure", None, None, body, previous)
    assert not write(path, sound, [*records, (number, "disclosure", None, None, body, previous, hashed)])  # trust.md


def test_a_cut_tail_shows_by_the_count_of_records(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / LEDGER_FILE
    path.write_bytes(sound)
    records = rows(path)
    assert [kept for kept in range(len(records)) if not write(path, sound, records[:kept])] == []


def test_a_tail_cut_with_its_count_shows_by_the_results_and_on_paper(run: Run, tmp_path: Path) -> None:
    for period in ("2026-09", "2026-10"):
        append(tmp_path, recorded_run(period), customer("C1", "VIP客户"))
    with ledger.opened(tmp_path) as history:
        october = history.head
        history.disclose(SHOWN)
        noted = history.head
    path = tmp_path / LEDGER_FILE
    sound, records = path.read_bytes(), rows(path)
    assert not write(path, sound, records[:4], last=4)  # the disclosure is gone: what was noted of the end tells
    words = ("history", "-o", tmp_path, "--verify", "--printed")
    assert [run(*words, value)[0] for value in (october, october[:12], noted, noted[:12])] == [0, 0, 1, 1]
    assert not write(path, sound, records[:2], last=2)  # October is gone
    assert run("history", "-o", tmp_path, "--verify")[0] == 0
    code, out, _ = run(*words, "id-2026-10", "--printed", "id-2026-09")
    assert (code, "id-2026-10 不在历史里" in out, "id-2026-09 不在" in out) == (1, True, False)
    (tmp_path / "2026-10").mkdir()
    (tmp_path / "2026-10" / "run.json").write_text(json.dumps({"run_id": "id-2026-10"}), encoding="utf-8")
    assert run("history", "-o", tmp_path, "--verify")[0] == 1


def test_a_history_made_anew_as_a_whole_shows_on_paper_alone(run: Run, tmp_path: Path) -> None:
    append(tmp_path, recorded_run("2026-10", run_id="forged"), customer("C1", "VIP客户"))
    assert run("history", "-o", tmp_path, "--verify")[0] == 0
    code, out, _ = run("history", "-o", tmp_path, "--verify", "--printed", "id-2026-10", "--printed", "forged")
    assert (code, "id-2026-10 不在历史里" in out, "forged 不在" in out) == (1, True, False)
