"""The record of what was done with personal data: listed, held against paper, and a customer taken out of it."""

from __future__ import annotations

import csv
import gzip
import sqlite3
import stat
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sheetcrm.errors import StoreError
from sheetcrm.store.history import chain, ledger, redaction
from sheetcrm.store.history.blocks import text_of
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import Disclosure, Stamp
from tests.test_ledger import append, customer, tamper
from tests.test_ledger import run as recorded_run

Run = Callable[..., tuple[int, str, str]]
GONE = "KH-2024007"
STAMP = Stamp("2026-11-05T08:00:00+00:00", "chen", "pc-1")


def disclosure(what: str, person: str, action: str = "显示联系方式") -> Disclosure:
    return Disclosure(
        action=action, what=what, person=person, purpose="交接", source="客户.xlsx", target="packs", stamp=STAMP
    )


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Two months with a customer in them, who is also named in a disclosure and was set aside once."""
    folder = tmp_path / "out"
    folder.mkdir()
    for period in ("2026-09", "2026-10"):
        append(folder, recorded_run(period), customer("C001", "VIP客户"), customer(GONE, "重点客户"))
    append(folder, recorded_run("2026-10", run_id="aside", aside=frozenset({GONE, "C9"})), customer("C001", "VIP客户"))
    with ledger.opened(folder) as history:
        history.disclose(disclosure(f"联系方式：C001、{GONE}、{GONE}1", person="林晓岚"))
    return folder


def forget(run: Run, output: Path, *words: str) -> tuple[int, str, str]:
    return run("forget", GONE, "-o", output, "--reason", f"客户 {GONE} 要求，电话13800008888", *words)


def test_a_forgotten_customer_is_in_no_byte_of_the_history_and_the_chain_holds(run: Run, output: Path) -> None:
    (output / "2026-10" / "reports").mkdir(parents=True)
    for name in ("2026-10/edits.jsonl", "2026-10/reports/执行报告.pdf", "index.html"):
        (output / name).write_text(GONE if name.endswith("jsonl") else "", encoding="utf-8")
    (output / "2026-10" / "edits.jsonl.gz").write_bytes(gzip.compress(GONE.encode()))
    with ledger.read(output) as history:
        ids = [entry.run_id for entry in history.runs()]
    code, out, _ = forget(run, output, "--yes")
    assert code == 0
    assert [line.strip().removeprefix(f"{output}/") for line in out.splitlines() if line.startswith("  ")] == [
        "2026-10/edits.jsonl",
        "2026-10/edits.jsonl.gz",
        "2026-10/reports/执行报告.pdf",
    ]
    data = (output / LEDGER_FILE).read_bytes().decode("utf-8", "replace")
    assert GONE not in data.replace(f"{GONE}1", "")
    assert "13800008888" not in data
    with ledger.opened(output) as history:
        assert history.verify() == ()
        assert history.redacted() == 4
        assert [entry.run_id for entry in history.runs()] == ids
        assert history.runs()[-1].aside == {"C9"}
        assert history.timeline(GONE) == ()
        assert len(history.timeline("C001")) == 2
        shown, removal = history.disclosures()
        assert shown.what == f"联系方式：C001、（已删除）、{GONE}1"
        assert (removal.action, removal.purpose) == ("删除客户", "客户 （已删除） 要求，电话138****8888")
    append(output, recorded_run("2026-11"), customer("C001", "VIP客户"))
    code, out, _ = run("history", "-o", output, "--verify")
    assert (code, "4 条按要求抹去过" in out) == (0, True)


@pytest.mark.parametrize("number", [0, 7, 499, 500, 1000])
def test_a_customer_among_many_is_taken_out_of_its_block_and_the_others_stay(
    run: Run, tmp_path: Path, number: int
) -> None:
    """The first of a block, one within, the last, the first of the next, and one that is alone in its block."""
    keys = [f"KH-{at:04}" for at in range(1001)]
    for period in ("2026-09", "2026-10"):
        append(tmp_path, recorded_run(period), *(customer(key, "VIP客户") for key in keys))
    gone, left = keys[number], [key for key in keys if key != keys[number]]
    assert run("forget", gone, "-o", tmp_path, "--reason", "客户要求", "--yes")[0] == 0
    with sqlite3.connect(tmp_path / LEDGER_FILE) as connection:
        assert not [body for (body,) in connection.execute("SELECT body FROM record") if gone in text_of(body)]
    assert gone.encode() not in (tmp_path / LEDGER_FILE).read_bytes()
    with ledger.read(tmp_path) as history:
        assert history.verify() == ()
        assert list(history.customers()) == left
        assert history.timeline(gone) == ()
        assert {len(history.timeline(key)) for key in (left[0], left[number - 1], left[-1])} == {2}
    assert run("forget", left[5], "-o", tmp_path, "--reason", "客户要求", "--yes")[0] == 0
    with ledger.read(tmp_path) as history:
        assert history.verify() == ()
    tamper(tmp_path / LEDGER_FILE, "UPDATE record SET body = zeroblob(9) WHERE kind = 'customers'")
    with ledger.read(tmp_path) as history:
        assert history.verify()


def test_nobody_is_forgotten_by_accident(run: Run, output: Path) -> None:
    before = (output / LEDGER_FILE).read_bytes()
    assert forget(run, output)[0] == 2
    assert run("forget", "C404", "-o", output, "--reason", "x", "--yes")[0] == 2
    assert run("forget", GONE, "-o", output, "--reason", " ", "--yes")[0] == 2
    assert (output / LEDGER_FILE).read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET body = '{\"x\":1}' WHERE kind = 'forgotten'",
        "UPDATE record SET body = replace(body, 'VIP', '重点') WHERE customer_id = 'C001'",
        "UPDATE record SET body = replace(body, '要求', '没有要求') WHERE kind = 'forget'",
        "UPDATE record SET kind = 'forgotten', run = NULL, customer_id = NULL, body = '{}' WHERE customer_id = 'C001'",
        "DELETE FROM record WHERE kind = 'forgotten'",
        "DELETE FROM record WHERE kind = 'forget'",
    ],
)
def test_what_is_changed_besides_shows(run: Run, output: Path, statement: str) -> None:
    forget(run, output, "--yes")
    tamper(output / LEDGER_FILE, statement)
    with ledger.read(output) as history:
        assert history.verify()


def test_older_programs_do_not_take_a_redacted_history_for_a_damaged_one(run: Run, output: Path) -> None:
    forget(run, output, "--yes")
    with sqlite3.connect(output / LEDGER_FILE) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
        connection.execute("PRAGMA user_version = 4")
    with pytest.raises(StoreError, match="更新版本"), chain.read_chain(output / LEDGER_FILE):
        pass


def test_who_did_what_is_listed_by_person_and_day_and_as_a_table(run: Run, output: Path, tmp_path: Path) -> None:
    with ledger.opened(output) as history:
        history.disclose(disclosure("=cmd()", person="陈思远", action="说明"))
    code, out, _ = run("history", "-o", output, "--disclosures")
    assert (code, "共 5 条" in out, "显示联系方式" in out, "运行" in out) == (0, True, True, True)
    assert "共 1 条" in run("history", "-o", output, "--disclosures", "--person", "林晓岚")[1]
    assert "共 5 条" in run("history", "-o", output, "--disclosures", "--person", "chen")[1]
    assert "共 2 条" in run("history", "-o", output, "--disclosures", "--since", "2026-11-02")[1]
    table = tmp_path / "清单.csv"
    assert run("history", "-o", output, "--disclosures", "--csv", table)[0] == 0
    rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][:4] == ["记录", "时间", "做了什么", "谁"]
    assert rows[-1][6] == "'=cmd()"
    if sys.platform != "win32":
        assert stat.S_IMODE(table.stat().st_mode) == 0o600
    assert run("history", "-o", output, "--disclosures", "--csv", table)[0] == 2
    assert run("history", "-o", output, "--person", "陈思远")[0] == 2


@pytest.mark.parametrize(
    ("text", "left"),
    [("C1、C12、C1", "（已删除）、C12、（已删除）"), ("XC1 C1-2", "XC1 C1-2"), ("客户C1要求", "客户（已删除）要求")],
)
def test_a_number_is_taken_out_where_it_is_a_word(text: str, left: str) -> None:
    assert redaction.scrub(text, "C1") == left


def test_what_is_brought_back_is_on_record(run: Run, tmp_path: Path) -> None:
    from tests.test_history_cli import month  # noqa: PLC0415  (as below)

    book, output = month(tmp_path / "客户.xlsx", "2026-10-31", C1="VIP客户"), tmp_path / "out"
    assert run("run", book, "-o", output, "--period", "2026-10", "--no-pdf", "--in-place")[0] == 0
    assert run("restore", book, "--latest", "-o", tmp_path / "none")[0] == 0
    assert not (tmp_path / "none").exists()
    assert run("restore", book, "--latest", "-o", output)[0] == 0
    with ledger.read(output) as history:
        (entry,) = history.disclosures()
        assert history.verify() == ()
    assert (entry.action, entry.what, entry.target) == ("恢复", "第 2 份备份", str(book))


def test_looking_at_a_customer_is_on_record(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.test_history_cli import month  # noqa: PLC0415  (its tests are slow, its maker is not)

    book, output = month(tmp_path / "客户.xlsx", "2026-10-31", C1="VIP客户"), tmp_path / "out"
    words = ("explain", "C1", book, "-o", output, "--period", "2026-10")
    assert run(*words)[0] == 0
    assert not output.exists()
    output.mkdir()
    append(output, recorded_run("2026-09"), customer("C1", "VIP客户"))
    monkeypatch.setenv("SHEETCRM_PERSON", "林晓岚")
    assert run(*words)[0] == 0
    with ledger.read(output) as history:
        (entry,) = history.disclosures()
        assert history.verify() == ()
    assert (entry.action, entry.what, entry.person, entry.target) == ("说明", "C1", "林晓岚", "屏幕")
    assert date.fromisoformat(entry.stamp.at[:10])
