"""Months in a row: what the history does to a run, and what `sheetcrm history` tells of it."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import sheetcrm
from sheetcrm.cli import main
from sheetcrm.errors import StoreError
from sheetcrm.runs import prepare as pipeline
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE, Ledger
from sheetcrm.store.history.recorded import Disclosure
from tests.test_files import owner_file
from tests.test_pipeline import HEADER, save

pytestmark = pytest.mark.slow

posix = pytest.mark.skipif(sys.platform == "win32", reason="forks")

Run = Callable[..., tuple[int, str, str]]
FIGURES: Mapping[str, tuple[str, str, str, str, str]] = {
    "VIP客户": ("30天", "12次/年", "80万元", "高(行业增速15%)", "85%"),
    "重点客户": ("60天", "6次/年", "30万元", "中(行业增速8%)", "60%"),
    "观察客户": ("120天", "2次/年", "8万元", "低(行业萎缩)", "30%"),
}
"""Figures that earn a tier (practice §1.2)."""


def month(path: Path, day: str, **earned: str) -> Path:
    """Write a month's scoring sheet: each customer with the figures of a tier, dated that day, not yet graded."""
    rows = [[key, f"{key}公司", *FIGURES[tier], None, None, "张*", day] for key, tier in earned.items()]
    return save(path, {"打分表": [HEADER, *rows]})


def graded(run: Run, book: Path, output: Path, period: str, *options: str) -> dict[str, tuple[str, str, str]]:
    code, out, _ = run("run", book, "-o", output, "--period", period, "--no-pdf", "--json", *options)
    assert code == 0
    return {
        entry["customer_id"]: (entry["tier"], entry["previous_tier"], entry["movement"])
        for entry in json.loads(out)["customers"]
    }


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run_ids(output: Path) -> list[str]:
    with ledger.read(output) as history:
        return [entry.run_id for entry in history.runs()]


def two_months(run: Run, tmp_path: Path) -> Path:
    output = tmp_path / "out"
    september = month(tmp_path / "9" / "客户.xlsx", "2026-09-30", C1="重点客户", C2="重点客户", C3="重点客户")
    graded(run, september, output, "2026-09")
    october = month(
        tmp_path / "10" / "客户.xlsx", "2026-10-31", C1="VIP客户", C2="观察客户", C3="重点客户", C4="重点客户"
    )
    graded(run, october, output, "2026-10")
    return output


def test_who_is_never_contacted_is_overdue_by_more_each_month(run: Run, tmp_path: Path) -> None:
    output, days = tmp_path / "out", []
    for period, day in (("2026-08", "2026-08-31"), ("2026-09", "2026-09-30"), ("2026-10", "2026-10-31")):
        book = month(tmp_path / period / "客户.xlsx", day, C1="VIP客户")
        graded(run, book, output, period, "--as-of", day)
        _code, out, _ = run("explain", "C1", book, "-o", output, "--period", period, "--as-of", day, "--json")
        days.append({entry["action"]: entry["overdue_days"] for entry in json.loads(out)["due"]}["深度沟通"])
    assert days == [0, 0, 31]  # due on 2026-09-30, a month after the first run


MOVED = {
    "C1": ("VIP客户", "重点客户", "升"),
    "C2": ("观察客户", "重点客户", "降"),
    "C3": ("重点客户", "重点客户", "平"),
    "C4": ("重点客户", None, "新"),
}


def test_two_months_in_a_row_tell_who_moved_and_a_rerun_compares_with_the_earlier_month(
    run: Run, tmp_path: Path
) -> None:
    output = two_months(run, tmp_path)
    first = content(output / "2026-10")
    record = (output / LEDGER_FILE).read_bytes()
    assert graded(run, tmp_path / "10", output, "2026-10") == MOVED
    assert content(output / "2026-10") == first
    assert (output / LEDGER_FILE).read_bytes() != record
    ids = run_ids(output)
    assert len(ids) == 3
    assert ids[1] == ids[2] == json.loads(first["run.json"])["run_id"]
    sheet: Any = load_workbook(output / "2026-10" / "workbooks" / "客户.xlsx").active
    labels = {cell.value: cell.column for cell in sheet[1]}
    assert [
        (sheet.cell(row, labels["上期等级"]).value, sheet.cell(row, labels["等级变动"]).value) for row in (2, 3, 4, 5)
    ] == [(before, movement) for _, before, movement in MOVED.values()]


def test_the_order_of_reruns_does_not_matter_and_other_kinds_of_periods_are_apart(run: Run, tmp_path: Path) -> None:
    output = two_months(run, tmp_path)
    october = content(output / "2026-10")
    graded(run, tmp_path / "9", output, "2026-09")
    graded(run, tmp_path / "10", output, "2026Q4", "--as-of", "2026-10-31")
    graded(run, tmp_path / "10", output, "2026-10")
    assert content(output / "2026-10") == october
    quarter = graded(run, tmp_path / "10", output, "2026Q4", "--as-of", "2026-10-31")
    assert {movement for _, _, movement in quarter.values()} == {"新"}


def test_a_tier_that_moves_when_due_is_kept_by_the_history_until_then(run: Run, tmp_path: Path) -> None:
    policy, output = tmp_path / "到期才动.toml", tmp_path / "out"
    text = (Path(sheetcrm.__file__).parent / "policy" / "standard.toml").read_text(encoding="utf-8")
    policy.write_text(text.replace('tier_moves = "every_run"', 'tier_moves = "when_due"'), encoding="utf-8")
    days = {"2026-07": "2026-07-31", "2026-08": "2026-08-31", "2026-09": "2026-09-30", "2026-10": "2026-10-31"}
    found = []
    for number, (period, day) in enumerate(days.items()):
        book = month(tmp_path / period / "客户.xlsx", day, C1="重点客户" if number else "VIP客户")
        for _ in range(2):
            moved = graded(run, book, output, period, "--policy", str(policy))
        found.append(moved["C1"])
    assert found == [
        ("VIP客户", None, "新"),
        ("VIP客户", "VIP客户", "平"),
        ("VIP客户", "VIP客户", "平"),
        ("重点客户", "VIP客户", "降"),
    ]


def test_another_history_is_another_run(run: Run, tmp_path: Path) -> None:
    output = two_months(run, tmp_path)
    graded(run, tmp_path / "10", tmp_path / "elsewhere", "2026-10")
    assert run_ids(tmp_path / "elsewhere")[0] != run_ids(output)[1]


def test_a_dry_run_reads_the_history_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    output = two_months(run, tmp_path)
    before = content(output)
    assert graded(run, tmp_path / "10", output, "2026-10", "--dry-run") == MOVED
    assert content(output) == before


def test_no_name_and_no_contact_of_a_customer_is_in_the_history(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "out"
    base = [["客户编号", "客户名称", "联系人(职位)", "联系方式"], ["C1", "甲乙丙公司", "张三丰(总经理)", "13812345678"]]
    rows: list[list[Any]] = [HEADER, ["C1", "甲乙丙公司", *FIGURES["VIP客户"], None, None, "李四光", "2026-10-31"]]
    save(tmp_path / "客户.xlsx", {"打分表": rows, "客户信息基础表": base})
    run("run", tmp_path / "客户.xlsx", "-o", output, "--period", "2026-10", "--no-pdf")
    data = (output / LEDGER_FILE).read_bytes().decode(errors="ignore")
    assert "C1" in data
    assert not [word for word in ("甲乙丙", "张三丰", "13812345678", "李四光") if word in data]


@posix
def test_killed_between_the_results_and_the_history_the_next_run_repairs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    book = month(tmp_path / "客户.xlsx", "2026-10-31", C1="VIP客户")
    graded(run, book, output, "2026-09", "--as-of", "2026-09-30")
    child = os.fork()
    if not child:
        monkeypatch.setattr(Ledger, "append", lambda *_: os._exit(9))
        main(["run", str(book), "-o", str(output), "--period", "2026-10", "--no-pdf", "-q"])
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = content(output / "2026-10")
    said = json.loads(left["run.json"])["run_id"]
    assert said not in run_ids(output)
    code, out, _ = run("history", "-o", output, "--verify")
    assert code == 1
    assert said in out
    graded(run, book, output, "2026-10")
    assert content(output / "2026-10") == left
    assert run_ids(output)[-1] == said
    assert run("history", "-o", output, "--verify")[0] == 0


def test_a_damaged_history_stops_the_run_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    book = month(tmp_path / "客户.xlsx", "2026-10-31", C1="VIP客户")
    output = tmp_path / "out"
    output.mkdir()
    (output / LEDGER_FILE).write_bytes(b"not a history")
    code, _, err = run("run", book, "-o", output, "--period", "2026-10", "--no-pdf")
    assert code == 2
    assert "不是 sheetcrm 的历史" in err
    assert content(output) == {LEDGER_FILE: b"not a history"}


def test_a_history_that_cannot_be_appended_to_is_named_and_a_rerun_mends_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("磁盘空间不足", "请腾出空间后重试")

    output = tmp_path / "out"
    book = month(tmp_path / "客户.xlsx", "2026-10-31", C1="VIP客户")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", full)
        code, _, err = run("run", book, "-o", output, "--period", "2026-10", "--no-pdf")
    assert code == 3
    assert f"没有写成 {LEDGER_FILE}：磁盘空间不足" in err
    assert run_ids(output) == []
    graded(run, book, output, "2026-10")
    assert len(run_ids(output)) == 1


@pytest.mark.parametrize("is_run", [True, False], ids=["a run", "a disclosure"])
def test_a_history_written_by_another_run_meanwhile_stops_this_one_and_a_disclosure_does_not(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_run: bool
) -> None:
    from tests.test_ledger import append, customer  # noqa: PLC0415  (their names are those of fixtures here)
    from tests.test_ledger import run as recorded_run  # noqa: PLC0415

    output = two_months(run, tmp_path)
    prepare = pipeline.prepare

    def overtaken(*args: Any, **words: Any) -> pipeline.Plan:  # noqa: ANN401  (whatever prepare takes)
        plan = prepare(*args, **words)
        if is_run:
            append(output, recorded_run("2026-08"), customer("C9", "VIP客户"))
        else:
            with ledger.opened(output) as history:
                history.disclose(Disclosure(what="名册", purpose="年会", source="甲.xlsx", target="名册.pdf"))
        return plan

    monkeypatch.setattr(pipeline, "prepare", overtaken)
    before = content(output / "2026-10")
    code, _, err = run("run", tmp_path / "9", "-o", output, "--period", "2026-10", "--no-pdf", "--replace")
    assert (code, "另一次运行刚刚写入了" in err) == ((2, True) if is_run else (0, False))
    assert (content(output / "2026-10") == before) == is_run


def set_cell(path: Path, label: str, row: int, value: str) -> None:
    book = load_workbook(path)
    sheet: Any = book.active
    column = next(cell.column for cell in sheet[1] if cell.value == label)
    sheet.cell(row, column).value = value
    book.save(path)


def by_hand(run: Run, book: Path, output: Path, period: str) -> list[str]:
    _, out, _ = run("run", book, "-o", output, "--period", period, "--no-pdf", "--json")
    problems = json.loads(out)["problems"]
    return [f"{entry['where']} {entry['what']}" for entry in problems if entry["kind"] == "grade-changed-by-hand"]


def test_a_grade_changed_by_hand_is_told_and_points_to_the_sheet_for_it(run: Run, tmp_path: Path) -> None:
    output, book = tmp_path / "out", tmp_path / "客户.xlsx"
    month(book, "2026-10-31", C1="VIP客户", C2="重点客户")
    assert by_hand(run, book, output, "2026-10") == []
    book.write_bytes((output / "2026-10" / "workbooks" / "客户.xlsx").read_bytes())
    assert by_hand(run, book, output, "2026-10") == []
    set_cell(book, "等级", 3, "VIP客户")
    told = by_hand(run, book, output, "2026-10")
    assert len(told) == 1
    assert told[0].startswith("客户.xlsx!打分表!I3 2026-10 的等级评的是重点客户，这里是“VIP客户”，像是手工改过")
    first = content(output / "2026-10")
    assert by_hand(run, book, output, "2026-10") == told
    assert content(output / "2026-10") == first
    assert by_hand(run, book, output, "2026-11") == told


def test_a_grade_that_stood_there_before_the_first_run_is_no_change_by_hand(run: Run, tmp_path: Path) -> None:
    output, book = tmp_path / "out", tmp_path / "客户.xlsx"
    rows: list[list[Any]] = [
        [*HEADER, "评估期间"],
        ["C1", "A公司", *FIGURES["观察客户"], None, "VIP客户", "张*", "2026-10-31", "2026-10"],
    ]
    save(book, {"打分表": rows})
    assert by_hand(run, book, output, "2026-10") == []
    first = content(output / "2026-10")
    assert by_hand(run, book, output, "2026-10") == []
    assert content(output / "2026-10") == first


def test_the_runs_and_a_customers_time_are_listed(run: Run, tmp_path: Path) -> None:
    output = two_months(run, tmp_path)
    graded(run, tmp_path / "10", output, "2026-10")
    code, out, _ = run("history", "-o", output)
    assert code == 0
    assert [line.split()[1] for line in out.splitlines()] == ["期间", "2026-09", "2026-10", "2026-10"]
    assert all(run_id in out for run_id in run_ids(output))
    code, out, _ = run("history", "C1", "-o", output)
    assert code == 0
    assert [line.split()[:4] for line in out.splitlines()[1:]] == [
        ["2026-09", "75.0", "重点客户", "新"],
        ["2026-10", "92.0", "VIP客户", "升"],
    ]
    code, out, _ = run("history", "C1", "-o", output, "--json")
    assert [(entry["period"], entry["grade"], entry["health"]) for entry in json.loads(out)["periods"]] == [
        ("2026-09", "重点客户", "无数据"),
        ("2026-10", "VIP客户", "无数据"),
    ]
    code, out, _ = run("history", "-o", output, "--json")
    assert [(entry["period"], entry["customers"], entry["tiers"][0]) for entry in json.loads(out)["runs"]] == [
        ("2026-09", 3, "VIP客户"),
        ("2026-10", 4, "VIP客户"),
        ("2026-10", 4, "VIP客户"),
    ]


def test_tampering_shows_when_the_history_is_verified(run: Run, tmp_path: Path) -> None:
    output = two_months(run, tmp_path)
    code, out, _ = run("history", "-o", output, "--verify")
    assert code == 0
    assert "历史完好：2 次运行" in out
    with contextlib.closing(sqlite3.connect(output / LEDGER_FILE)) as connection:
        connection.execute("DROP TRIGGER record_never_changed")
        connection.execute("UPDATE record SET body = replace(body, 'VIP客户', '重点客户') WHERE customer_id = 'C1'")
        connection.commit()
    code, out, err = run("history", "-o", output, "--verify")
    assert code == 1
    assert "被改动过" in out
    assert "问题" in err
    code, out, _ = run("history", "-o", output, "--verify", "--json")
    assert (code, json.loads(out)["sound"]) == (1, False)


def test_an_older_history_put_back_shows_by_the_results_beside_it(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "out"
    book = month(tmp_path / "客户.xlsx", "2026-10-31", C1="VIP客户")
    graded(run, book, output, "2026-09", "--as-of", "2026-09-30")
    older = (output / LEDGER_FILE).read_bytes()
    graded(run, book, output, "2026-10")
    (output / LEDGER_FILE).write_bytes(older)
    code, out, _ = run("history", "-o", output, "--verify")
    assert code == 1
    assert "“2026-10”的结果" in out


def test_what_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    code, _, err = run("history", "-o", tmp_path)
    assert code == 2
    assert "还没有历史" in err
    assert list(tmp_path.iterdir()) == []
    code, _, err = run("history", "C9", "-o", two_months(run, tmp_path))
    assert code == 2
    assert "没有客户编号“C9”" in err


def test_a_result_somebody_has_open_is_named_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    output = two_months(run, tmp_path)
    open_one = output / "2026-10" / "workbooks" / "~$客户.xlsx"
    open_one.write_bytes(owner_file("陈思远"))
    before = content(output)
    month(tmp_path / "10" / "客户.xlsx", "2026-10-31", C1="观察客户")
    code, _, err = run("run", tmp_path / "10", "-o", output, "--period", "2026-10", "--no-pdf")
    assert code == 2
    assert f"“{output / '2026-10' / 'workbooks' / '客户.xlsx'}”没有写入：陈思远正打开着它" in err
    assert content(output) == before


def test_a_directory_a_killed_run_moved_away_is_put_back_and_this_is_said(run: Run, tmp_path: Path) -> None:
    output = two_months(run, tmp_path)
    (output / "2026-09").rename(output / ".2026-09.sheetcrm-old")
    _, _, err = run("run", tmp_path / "10", "-o", output, "--period", "2026-10", "--no-pdf", "-q")
    assert str(output / "2026-09") in err
    assert (output / "2026-09" / "run.json").exists()


def test_a_history_that_vanished_beside_results_is_told(run: Run, tmp_path: Path) -> None:
    output = two_months(run, tmp_path)
    (output / LEDGER_FILE).unlink()
    before = content(output)
    for words in (("history", "--verify"), ("history",), ("history", "C1")):
        code, out, err = run(*words, "-o", output)
        assert code == (1 if "--verify" in words else 2)
        assert "2026-09、2026-10 的结果，却没有历史" in out + err
    assert content(output) == before
    code, _, err = run("run", tmp_path / "10", "-o", output, "--period", "2026-10", "--no-pdf", "-q")
    assert code == 0
    assert "2026-09、2026-10 的结果，却没有历史" in err
    code, out, _ = run("history", "--verify", "-o", output)
    assert code == 1
    assert [line for line in out.splitlines() if "2026-09" in line] == out.splitlines()


def test_a_history_put_back_to_an_older_state_is_told_when_a_run_starts_and_when_it_is_verified(
    run: Run, tmp_path: Path
) -> None:
    output = two_months(run, tmp_path)
    whole = (output / LEDGER_FILE).read_bytes()
    (output / LEDGER_FILE).unlink()
    (output / "2026-10").rename(tmp_path / "aside")
    graded(run, tmp_path / "9", output, "2026-09")
    (tmp_path / "aside").rename(output / "2026-10")
    run_id = json.loads((output / "2026-10" / "run.json").read_bytes())["run_id"]
    november = month(tmp_path / "11" / "客户.xlsx", "2026-11-15", C1="VIP客户")
    words = ("run", november, "-o", output, "--period", "2026-11", "--as-of", "2026-11-15", "--no-pdf", "--dry-run")
    err = run(*words)[2]
    assert "“2026-10”" in err
    assert run_id in err
    out = run(*words, "--json")[1]
    assert json.loads(out)["unrecorded"] == {"2026-10": run_id}
    code, out, _ = run("history", "--verify", "-o", output)
    assert code == 1
    assert run_id in out
    (output / LEDGER_FILE).write_bytes(whole)
    assert run(*words)[2] == ""
    assert run("history", "--verify", "-o", output)[0] == 0
