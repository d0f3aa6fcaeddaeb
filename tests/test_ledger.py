"""The history: appended to and never rewritten; what holds of a period; and what shows when it was touched."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.errors import StoreError
from sheetcrm.model import Past, Terms
from sheetcrm.periods import kind_of, read_period
from sheetcrm.store.history import chain, ledger
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import CustomerRecord, Disclosure, RecordedRun, Stamp

posix = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")

TIERS = ("VIP客户", "重点客户", "普通客户", "观察客户")
OLD_TIERS = ("高价值", "中价值", "低价值")


def run(period: str, files: Sequence[str] = ("甲.xlsx",), **values: Any) -> RecordedRun:  # noqa: ANN401  (any field)
    chosen = read_period(period)
    made: dict[str, Any] = {
        "run_id": f"id-{period}",
        "version": "0",
        "period": period,
        "kind": kind_of(chosen),
        "start": chosen.start,
        "end": chosen.end,
        "as_of": chosen.end,
        "policy": "标准策略",
        "policy_sha256": "p",
        "tiers": TIERS,
        "inputs": {name: f"{name} of {period}" for name in files},
        "stamp": Stamp("2026-11-01T08:00:00+00:00", "chen", "pc-1"),
    }
    return RecordedRun(**(made | values))


def customer(key: str, grade: str, file: str = "甲.xlsx", **values: Any) -> CustomerRecord:  # noqa: ANN401  (any field)
    made: dict[str, Any] = {"customer_id": key, "file": file, "standing": "已评级", "grade": grade, "classes": {}}
    return CustomerRecord(**(made | values))


def append(folder: Path, entry: RecordedRun, *customers: CustomerRecord) -> RecordedRun:
    with ledger.opened(folder) as history:
        return history.append(entry, customers)


def past(folder: Path, period: str, tiers: Sequence[str] = TIERS) -> dict[str, tuple[str, str]]:
    with ledger.read(folder) as history:
        return {key: (entry.period, entry.grade) for key, entry in history.past(read_period(period), tiers).items()}


def held(folder: Path, period: str) -> dict[str, str]:
    with ledger.read(folder) as history:
        pasts = history.past(read_period("2099-01"), TIERS)
    return {key: past.grade for key, past in pasts.items() if past.period == period}


def faults(folder: Path) -> list[tuple[int, str]]:
    with ledger.read(folder) as history:
        return [(fault.number, fault.what) for fault in history.verify()]


def test_the_past_is_the_last_earlier_period_and_never_the_period_itself(tmp_path: Path) -> None:
    append(tmp_path, run("2026-08"), customer("C1", "观察客户"), customer("C2", "普通客户"))
    append(tmp_path, run("2026-09"), customer("C1", "普通客户"))
    append(tmp_path, run("2026-10"), customer("C1", "重点客户"))
    append(tmp_path, run("2026-11"), customer("C1", "VIP客户"))
    assert past(tmp_path, "2026-10") == {"C1": ("2026-09", "普通客户"), "C2": ("2026-08", "普通客户")}
    assert past(tmp_path, "2026-08") == {}
    assert past(tmp_path, "2027-01")["C1"] == ("2026-11", "VIP客户")


def test_a_period_run_late_takes_its_place_in_time(tmp_path: Path) -> None:
    append(tmp_path, run("2026-10"), customer("C1", "重点客户"))
    append(tmp_path, run("2026-08"), customer("C1", "观察客户"))
    assert past(tmp_path, "2026-11") == {"C1": ("2026-10", "重点客户")}
    assert past(tmp_path, "2026-09") == {"C1": ("2026-08", "观察客户")}


def test_months_quarters_and_years_do_not_mix_nor_do_sets_of_tiers(tmp_path: Path) -> None:
    append(tmp_path, run("2026-09"), customer("C1", "观察客户"))
    append(tmp_path, run("2026Q2"), customer("C1", "普通客户"))
    append(tmp_path, run("2025"), customer("C1", "重点客户"))
    append(tmp_path, run("2026-09", tiers=OLD_TIERS), customer("C1", "中价值"))
    assert past(tmp_path, "2026-10") == {"C1": ("2026-09", "观察客户")}
    assert past(tmp_path, "2026Q3") == {"C1": ("2026Q2", "普通客户")}
    assert past(tmp_path, "2026") == {"C1": ("2025", "重点客户")}
    assert past(tmp_path, "2026-10", OLD_TIERS) == {"C1": ("2026-09", "中价值")}
    assert past(tmp_path, "2026-10", TIERS[::-1]) == {}


def test_the_past_holds_what_grading_asks_for(tmp_path: Path) -> None:
    entry = customer(
        "C1",
        "重点客户",
        score=Decimal("75.0"),
        graded_on=date(2026, 9, 30),
        classes={"合作阶段": "稳定客户"},
        need_type="产品采购型",
        contract_end=date(2026, 10, 15),
        overridden=True,
        proposed_grade="普通客户",
        points=(Decimal("62.5"), None),
    )
    weights = {"消费金额": Decimal(35), "忠诚度": Decimal(15)}
    append(tmp_path, run("2026-09", decided_by="得分", weights=weights), entry)
    with ledger.read(tmp_path) as history:
        assert history.past(read_period("2026-10"), TIERS) == {
            "C1": Past(
                "2026-09",
                "重点客户",
                Decimal("75.0"),
                date(2026, 9, 30),
                {"合作阶段": "稳定客户", "need_type": "产品采购型", "合同到期日": "2026-10-15"},
                overridden=True,
                proposed="普通客户",
                points=(Decimal("62.5"), None),
                terms=Terms("标准策略", "p", "得分", weights),
                tier_since=date(2026, 9, 30),
            )
        }


def test_a_rerun_supersedes_only_the_customers_of_the_workbooks_it_read(tmp_path: Path) -> None:
    both = ("甲.xlsx", "乙.xlsx")
    first = [customer("C1", "VIP客户"), customer("C2", "重点客户"), customer("C3", "普通客户", "乙.xlsx")]
    append(tmp_path, run("2026-10", both), *first)
    again = append(tmp_path, run("2026-10"), customer("C1", "重点客户"), customer("C4", "普通客户"))
    assert again.dropped == {"C2"}
    assert held(tmp_path, "2026-10") == {"C1": "重点客户", "C3": "普通客户", "C4": "普通客户"}
    assert past(tmp_path, "2026-11").keys() == {"C1", "C3", "C4"}
    append(tmp_path, run("2026-10", both), *first)
    assert held(tmp_path, "2026-10") == {"C1": "VIP客户", "C2": "重点客户", "C3": "普通客户"}


def test_a_workbook_of_the_same_name_that_shares_no_customer_is_another_one(tmp_path: Path) -> None:
    append(tmp_path, run("2026-10"), customer("C1", "VIP客户"), customer("C2", "重点客户"))
    append(tmp_path, run("2026-10"), customer("D1", "普通客户"))
    assert held(tmp_path, "2026-10").keys() == {"C1", "C2", "D1"}
    append(tmp_path, run("2026-10", aside=frozenset({"C1"})), customer("D1", "普通客户"))
    assert held(tmp_path, "2026-10").keys() == {"D1"}


def test_a_customer_gone_from_a_rerun_has_its_earlier_period(tmp_path: Path) -> None:
    append(tmp_path, run("2026-08"), customer("C1", "观察客户"), customer("C2", "普通客户"))
    append(tmp_path, run("2026-09"), customer("C1", "VIP客户"), customer("C2", "普通客户"))
    append(tmp_path, run("2026-09"), customer("C2", "普通客户"))
    assert past(tmp_path, "2026-10") == {"C1": ("2026-08", "观察客户"), "C2": ("2026-09", "普通客户")}


def test_a_run_repeated_is_on_record_and_its_figures_stand_once(tmp_path: Path) -> None:
    one, other = customer("C1", "VIP客户"), customer("C1", "重点客户")
    numbers = [append(tmp_path, run("2026-10"), entry).rows for entry in (one, one, other, one)]
    assert numbers == [1, 1, 4, 1]
    assert held(tmp_path, "2026-10") == {"C1": "VIP客户"}
    with ledger.read(tmp_path) as history:
        assert [entry.number for entry in history.runs()] == [1, 3, 4, 6]
        assert [moment.record.grade for moment in history.timeline("C1")] == ["VIP客户"]
    assert faults(tmp_path) == []


def test_the_same_points_under_another_card_are_rows_of_their_own(tmp_path: Path) -> None:
    entry = customer("C1", "VIP客户", points=(Decimal(60), Decimal(90)))
    one = {"消费金额": Decimal(35), "忠诚度": Decimal(15)}
    cards = (one, {"消费金额": Decimal(40), "忠诚度": Decimal(15)}, dict(reversed(one.items())))
    rows = [append(tmp_path, run("2026-10", weights=card), entry).rows for card in cards]
    assert rows == [1, 1, 4]
    with ledger.read(tmp_path) as history:
        (moment,) = history.timeline("C1")
    assert dict(zip(moment.past.terms.weights, moment.past.points, strict=True)) == {"忠诚度": 60, "消费金额": 90}


def test_everything_of_a_customer_and_a_run_comes_back(tmp_path: Path) -> None:
    entry = customer(
        "C1", "重点客户", tier="重点客户", score=Decimal("75.0"), coverage=Decimal("0.85"), previous_grade="普通客户",
        movement="升", proposed_grade="VIP客户", overridden=True, classes={"价值": "高价值"}, need_type="服务支持型",
        health="黄", risk="轻度", alerts=("消费骤降",), graded_on=date(2026, 10, 31), next_due=date(2026, 11, 2),
        next_grading=date(2027, 1, 31), bought=True, spend_12m=Decimal(800000), spend_total=Decimal("1.50"),
        frequency_12m=Decimal(12), average_order=Decimal("3.3333"), repurchase_rate=Decimal("0.5"),
        satisfaction=Decimal(90), owner="陈*", department="华东", contract_end=date(2027, 1, 31),
        points=(Decimal("62.5"), None),
    )  # fmt: skip
    made = append(tmp_path, run("2026-10", refused=("坏.xlsx",), in_place=True, aside=frozenset({"C9"})), entry)
    with ledger.read(tmp_path) as history:
        assert history.runs() == (made,)
        assert [moment.record for moment in history.timeline("C1")] == [entry]


def test_grades_on_record_are_those_given_before_a_content_was_first_read(tmp_path: Path) -> None:
    append(tmp_path, run("2026-10", inputs={"甲.xlsx": "h1"}), customer("C1", "VIP客户"))
    append(tmp_path, run("2026-10", inputs={"甲.xlsx": "h2"}), customer("C1", "重点客户"))
    append(tmp_path, run("2026-10", inputs={"甲.xlsx": "h3"}), customer("C1", "普通客户"))
    asked = {("C1", "2026-10"), ("C2", "2026-10"), ("C1", "2026-09")}
    with ledger.read(tmp_path) as history:
        given = {sha: dict(history.grades(asked, sha256=sha)) for sha in ("h1", "h2", "h3", "new")}
    key = ("C1", "2026-10")
    assert given["h1"] == {}
    assert given["h2"] == {key: {"VIP客户"}}
    assert given["h3"] == {key: {"VIP客户", "重点客户"}}
    assert given["new"] == {key: {"VIP客户", "重点客户", "普通客户"}}


def test_disclosures_are_recorded_in_the_same_chain(tmp_path: Path) -> None:
    append(tmp_path, run("2026-10"), customer("C1", "VIP客户"))
    stamp = Stamp("2026-11-01T08:00:00+00:00", "chen", "pc-1")
    entry = Disclosure(what="未脱敏名册", purpose="年会", source="甲.xlsx", target="名册.pdf", run_id="x", stamp=stamp)
    with ledger.opened(tmp_path) as history:
        history.disclose(entry)
    with ledger.read(tmp_path) as history:
        (found,) = history.disclosures()
    assert (found.what, found.purpose, found.source, found.target, found.stamp) == (
        "未脱敏名册", "年会", "甲.xlsx", "名册.pdf", stamp,
    )  # fmt: skip
    assert faults(tmp_path) == []


def filled(folder: Path) -> Path:
    for period in ("2026-08", "2026-09", "2026-10"):
        append(folder, run(period), customer("C1", "VIP客户"), customer("C2", "普通客户"))
    assert faults(folder) == []
    return folder / LEDGER_FILE


def tamper(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for trigger in ("record_never_changed", "record_never_removed"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE record SET body = replace(body, 'VIP客户', '重点客户') WHERE number = 2"], [(2, "被改动过")]),
        (["UPDATE record SET customer_id = 'C9' WHERE number = 5"], [(5, "被改动过")]),
        (["UPDATE record SET body = replace(body, '普通客户', 'VIP客户') WHERE number = 9"], [(9, "被改动过")]),
        (["DELETE FROM record WHERE number = 5"], [(6, "前面缺 1 条记录")]),
        (["DELETE FROM record WHERE number < 4"], [(4, "前面缺 3 条记录")]),
        (["DELETE FROM record WHERE number > 7"], [(9, "最后缺 2 条记录")]),
        (
            ["UPDATE record SET number = -2 WHERE number = 2", "UPDATE record SET number = 2 WHERE number = 3",
             "UPDATE record SET number = 3 WHERE number = -2"],
            [(2, "和前一条接不上"), (2, "被改动过"), (3, "和前一条接不上"), (3, "被改动过"), (4, "和前一条接不上")],
        ),
        (
            ["DELETE FROM record WHERE number = 5", "UPDATE record SET number = number - 1 WHERE number > 5",
             "UPDATE sqlite_sequence SET seq = seq - 1"],
            [(5, "和前一条接不上"), *((number, "被改动过") for number in (5, 6, 7, 8))],
        ),
        (
            ["DELETE FROM record WHERE number > 8", "UPDATE sqlite_sequence SET seq = 8"],
            [(7, "应有 2 家客户，找到 1 家")],
        ),
    ],
    ids=["edited", "moved to another", "last edited", "deleted", "first deleted", "last deleted", "swapped",
         "renumbered", "last deleted with its count"],
)  # fmt: skip
def test_records_edited_deleted_or_swapped_are_found(
    tmp_path: Path, statements: list[str], found: list[tuple[int, str]]
) -> None:
    tamper(filled(tmp_path), *statements)
    assert faults(tmp_path) == found


def test_a_record_hashed_anew_by_hand_is_found_by_the_next_one(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        row = list(
            connection.execute(
                "SELECT number, kind, run, customer_id, body, previous FROM record WHERE number = 2"
            ).fetchone()
        )
    row[4] = row[4].replace("VIP客户", "重点客户")
    hashed = chain.hash_of(*row)
    tamper(path, f"UPDATE record SET body = '{row[4]}', hash = '{hashed}' WHERE number = 2")  # noqa: S608
    assert faults(tmp_path) == [(3, "和前一条接不上")]


def test_the_file_itself_refuses_changes(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(filled(tmp_path))) as connection:
        for statement in ("UPDATE record SET body = ''", "DELETE FROM record"):
            with pytest.raises(sqlite3.IntegrityError, match="appended to only"):
                connection.execute(statement)


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE contacts (name TEXT)")
    connection.commit()
    connection.close()


def cut_short(path: Path) -> None:
    filled(path.parent)
    path.write_bytes(path.read_bytes()[:5000])


def overwritten_pages(path: Path) -> None:
    filled(path.parent)
    data = path.read_bytes()
    path.write_bytes(data[:4096] + os.urandom(len(data) - 4096))


def table_missing(path: Path) -> None:
    filled(path.parent)
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE record")
    connection.commit()
    connection.close()


def of_a_later_version(path: Path) -> None:
    filled(path.parent)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("客户编号,等级\n" * 999, encoding="utf-8"),
        foreign,
        cut_short,
        overwritten_pages,
        table_missing,
        of_a_later_version,
    ],
    ids=["empty", "text", "foreign", "cut short", "overwritten", "table missing", "later version"],
)
def test_a_damaged_or_foreign_history_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / LEDGER_FILE
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"sheetcrm\.db"), ledger.read(tmp_path) as history:
        history.past(read_period("2026-11"), TIERS)
    with pytest.raises(StoreError, match=r"sheetcrm\.db"), ledger.opened(tmp_path) as history:
        history.append(run("2026-11"), [customer("C1", "VIP客户")])
    assert path.read_bytes() == before


def test_a_body_nobody_can_read_is_refused(tmp_path: Path) -> None:
    tamper(filled(tmp_path), "UPDATE record SET body = '{\"grade\": 1}' WHERE number = 8")
    with pytest.raises(StoreError, match="改动"), ledger.read(tmp_path) as history:
        history.past(read_period("2026-11"), TIERS)


def test_reading_where_there_is_none_makes_none(tmp_path: Path) -> None:
    assert past(tmp_path / "none", "2026-10") == {}
    assert list(tmp_path.iterdir()) == []


def test_a_history_held_by_another_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled(tmp_path)
    monkeypatch.setattr(chain, "_PATIENCE", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="正被其他程序打开"), ledger.opened(tmp_path):
        pass
    assert past(tmp_path, "2026-11")["C1"] == ("2026-10", "VIP客户")
    other.close()


def wait_for(child: int) -> int:
    return os.waitpid(child, 0)[1]


@posix
def test_a_transaction_cut_off_is_read_without_writing_and_taken_back_by_the_next_run(tmp_path: Path) -> None:
    path = filled(tmp_path)
    sound = path.read_bytes()
    child = os.fork()
    if not child:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA cache_size = 2")
        connection.execute("BEGIN IMMEDIATE")
        rows = [(number, "run", "{}" * 500, "", str(number)) for number in range(10, 400)]
        connection.executemany("INSERT INTO record (number, kind, body, previous, hash) VALUES (?, ?, ?, ?, ?)", rows)
        os.kill(os.getpid(), signal.SIGKILL)
    wait_for(child)
    torn = path.read_bytes()
    journal = tmp_path / f"{LEDGER_FILE}-journal"
    assert torn != sound
    assert journal.exists()
    assert past(tmp_path, "2026-11")["C1"] == ("2026-10", "VIP客户")
    assert faults(tmp_path) == []
    assert path.read_bytes() == torn
    append(tmp_path, run("2026-11"), customer("C1", "重点客户"))
    assert not journal.exists()
    assert faults(tmp_path) == []


@pytest.mark.slow
@posix
def test_killed_at_any_instant_the_history_is_sound_and_each_run_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = filled(tmp_path)
    rows = [customer(f"C{number}", "普通客户") for number in range(300)]
    chance = random.Random(4)  # noqa: S311  (instants, not secrets)
    whole = 3
    for attempt in range(25):
        child = os.fork()
        if not child:
            append(tmp_path, run("2026-11", run_id=str(attempt)), *(rows if attempt % 2 else rows[1:]))
            os._exit(0)
        time.sleep(chance.random() * 0.03)
        os.kill(child, signal.SIGKILL)
        wait_for(child)
        with ledger.read(tmp_path) as history:
            assert history.verify() == ()
            found = len(history.runs())
        assert found - whole in {0, 1}
        whole = found
    append(tmp_path, run("2026-12"), *rows)
    assert {entry.name for entry in tmp_path.iterdir()} == {path.name}


@pytest.mark.slow
@posix
def test_killed_while_it_is_begun_there_is_a_whole_history_or_none(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311  (as above)
    for attempt in range(20):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        child = os.fork()
        if not child:
            append(folder, run("2026-10"), customer("C1", "VIP客户"))
            os._exit(0)
        time.sleep(chance.random() * 0.02)
        os.kill(child, signal.SIGKILL)
        wait_for(child)
        append(folder, run("2026-11"), customer("C1", "VIP客户"))
        assert faults(folder) == []
