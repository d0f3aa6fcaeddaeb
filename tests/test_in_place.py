"""`--in-place` and `restore`: people's own workbooks changed where they stand, and the way back."""

from __future__ import annotations

import errno
import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from sheetcrm.errors import StoreError
from sheetcrm.runs import prepare as pipeline
from sheetcrm.runs.edits_file import recorded_edits
from sheetcrm.store.files import backups, disk, staging
from tests.test_files import owner_file
from tests.test_history_cli import by_hand, content, month, run_ids, set_cell

pytestmark = pytest.mark.slow

posix = pytest.mark.skipif(sys.platform == "win32", reason="sets POSIX permissions or makes links")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    month(tmp_path / "in" / "甲.xlsx", "2026-10-31", C1="VIP客户", C2="重点客户")
    month(tmp_path / "in" / "华东" / "乙.xlsx", "2026-10-31", D1="观察客户")
    return tmp_path / "in"


def in_place(run: Run, folder: Path, *options: str | Path) -> tuple[int, str, str]:
    words = ("run", folder, "-o", folder.parent / "out", "--period", "2026-10", "--no-pdf", "--in-place")
    return run(*words, *options)


def grades(path: Path) -> list[Any]:
    sheet: Any = load_workbook(path).active
    return [sheet.cell(row, 9).value for row in range(2, sheet.max_row + 1)]


def kept(folder: Path) -> list[Path]:
    return [backup.path for backup in backups.list_backups(folder)]


def test_the_users_own_workbooks_are_changed_after_a_backup(run: Run, folder: Path) -> None:
    before = content(folder)
    code, out, _ = in_place(run, folder)
    assert code == 0
    assert grades(folder / "甲.xlsx") == ["VIP客户", "重点客户"]
    assert grades(folder / "华东" / "乙.xlsx") == ["观察客户"]
    first, second = folder / ".sheetcrm-backup" / "甲.0001.xlsx", folder / "华东" / ".sheetcrm-backup" / "乙.0001.xlsx"
    assert first.read_bytes() == before["甲.xlsx"]
    assert second.read_bytes() == before["华东/乙.xlsx"]
    assert str(first) in out
    results = folder.parent / "out" / "2026-10"
    assert not [name for name in content(results) if name.startswith("workbooks/")]
    said = json.loads((results / "run.json").read_text(encoding="utf-8"))
    assert (said["in_place"], said["failed"], list(said["workbooks"])) == (True, [], ["华东/乙.xlsx", "甲.xlsx"])
    assert run_ids(folder.parent / "out") == [said["run_id"]]


def test_the_second_run_changes_no_byte_and_keeps_no_copy(run: Run, folder: Path) -> None:
    in_place(run, folder)
    before = content(folder)
    code, out, _ = in_place(run, folder)
    assert code == 0
    assert content(folder) == before
    assert "没有要改的" in out
    assert "备份" not in out


def test_the_record_of_edits_outlives_a_run_that_changed_nothing(run: Run, folder: Path) -> None:
    results = folder.parent / "out" / "2026-10"
    in_place(run, folder)
    first = edits(results)
    assert {line["file"] for line in first} == {"甲.xlsx", "华东/乙.xlsx"}
    assert {line["run"] for line in first} == {run_of(results)}
    in_place(run, folder)
    assert edits(results) == first
    assert run_of(results) != first[0]["run"]
    again = content(results)
    in_place(run, folder)
    assert content(results) == again


def test_edits_of_later_runs_are_added_with_their_run(run: Run, folder: Path) -> None:
    results = folder.parent / "out" / "2026-10"
    in_place(run, folder)
    first = edits(results)
    set_cell(folder / "甲.xlsx", "等级", 3, "VIP客户")
    in_place(run, folder)
    later = edits(results)
    assert later[: len(first)] == first
    assert [(line["file"], line["label"], line["old"], line["new"]) for line in later[len(first) :]] == [
        ("甲.xlsx", "等级", "VIP客户", "重点客户")
    ]
    assert later[-1]["run"] == run_of(results)


def test_a_record_of_edits_that_somebody_spoilt_is_backed_up_and_its_whole_lines_are_kept(
    run: Run, folder: Path
) -> None:
    results = folder.parent / "out" / "2026-10"
    in_place(run, folder)
    first = edits(results)
    with (results / "edits.jsonl").open("a", encoding="utf-8") as file:
        file.write("{半行\n")
    spoilt = (results / "edits.jsonl").read_bytes()
    in_place(run, folder)
    assert edits(results) == first
    assert [path.read_bytes() for path in kept(folder.parent / "out")] == [spoilt]


@pytest.mark.parametrize("replaced", [0, 1, 2])
def test_edits_of_a_run_that_never_finished_are_on_record_after_the_next(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, replaced: int
) -> None:
    """Whatever stops a run between the workbooks and the swap, a kill too, leaves this behind."""
    results, calls, replace = folder.parent / "out" / "2026-10", iter(range(9)), staging.replace_file

    def stopped(*args: Any, **words: Any) -> backups.Backup | None:  # noqa: ANN401  (whatever it takes)
        if next(calls) == replaced:
            raise KeyboardInterrupt
        return replace(*args, **words)

    def stopped_later(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(staging, "replace_file", stopped)
        patch.setattr(staging, "replace_directory", stopped_later)
        assert in_place(run, folder)[0] == 2
    assert not results.exists()
    assert in_place(run, folder)[0] == 0
    lines = edits(results)
    assert sorted({line["file"] for line in lines}) == ["华东/乙.xlsx", "甲.xlsx"]
    assert len({(line["file"], line["row"], line["column"]) for line in lines}) == len(lines)
    assert len({line["run"] for line in lines}) == (1 if replaced in {0, 2} else 2)
    again = content(results)
    assert in_place(run, folder)[0] == 0
    assert in_place(run, folder)[0] == 0
    assert edits(results) == lines
    assert {path.name for path in (folder.parent / "out").iterdir()} == {"2026-10", "sheetcrm.db"}
    assert again.keys() == content(results).keys()


def edits(results: Path) -> list[dict[str, Any]]:
    return [edit._asdict() for edit in recorded_edits(results)]


def run_of(results: Path) -> str:
    return str(json.loads((results / "run.json").read_text(encoding="utf-8"))["run_id"])


def test_one_workbook_that_is_open_is_named_and_the_others_are_done(run: Run, folder: Path) -> None:
    before = content(folder)
    (folder / "~$甲.xlsx").write_bytes(owner_file("陈思远"))
    code, _, err = in_place(run, folder)
    assert code == 3
    assert "没有写成 甲.xlsx" in err
    assert "陈思远正打开着它" in err
    assert (folder / "甲.xlsx").read_bytes() == before["甲.xlsx"]
    assert grades(folder / "华东" / "乙.xlsx") == ["观察客户"]
    results = folder.parent / "out" / "2026-10"
    said = json.loads((results / "run.json").read_text(encoding="utf-8"))
    assert (said["failed"], list(said["workbooks"])) == (["甲.xlsx"], ["华东/乙.xlsx"])
    assert "甲.xlsx" not in (results / "edits.jsonl").read_text(encoding="utf-8")
    (folder / "~$甲.xlsx").unlink()
    assert in_place(run, folder)[0] == 0
    assert grades(folder / "甲.xlsx") == ["VIP客户", "重点客户"]


def test_a_workbook_edited_between_read_and_write_stays_as_the_user_left_it(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = pipeline.prepare

    def edited_meanwhile(*args: Any, **words: Any) -> pipeline.Plan:  # noqa: ANN401  (whatever prepare takes)
        plan = prepare(*args, **words)
        set_cell(folder / "甲.xlsx", "客户名称", 2, "新名字公司")
        return plan

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "prepare", edited_meanwhile)
        code, _, err = in_place(run, folder)
    assert code == 3
    assert "甲.xlsx" in err
    assert "读取之后它被改动过" in err
    assert grades(folder / "甲.xlsx") == [None, None]
    assert kept(folder) == [folder / "华东" / ".sheetcrm-backup" / "乙.0001.xlsx"]
    assert in_place(run, folder)[0] == 0
    sheet: Any = load_workbook(folder / "甲.xlsx").active
    assert (sheet["B2"].value, sheet["I2"].value) == ("新名字公司", "VIP客户")


@posix
def test_permissions_stay_and_a_link_stays_a_link(run: Run, folder: Path) -> None:
    real = folder.parent / "elsewhere" / "丙.xlsx"
    month(real, "2026-10-31", E1="VIP客户")
    real.chmod(0o640)
    (folder / "丙.xlsx").symlink_to(real)
    assert in_place(run, folder)[0] == 0
    assert (folder / "丙.xlsx").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert grades(real) == ["VIP客户"]
    assert kept(real.parent) == [real.parent / ".sheetcrm-backup" / "丙.0001.xlsx"]


def test_a_folder_another_run_holds_fails_alone(run: Run, folder: Path) -> None:
    before = (folder / "华东" / "乙.xlsx").read_bytes()
    with staging.claim(folder / "华东"):
        code, _, err = in_place(run, folder)
    assert code == 3
    assert "没有写成 华东/乙.xlsx" in err
    assert (folder / "华东" / "乙.xlsx").read_bytes() == before
    assert grades(folder / "甲.xlsx") == ["VIP客户", "重点客户"]


def test_workbooks_beside_their_results_can_be_changed_in_place(run: Run, folder: Path) -> None:
    code, _, _ = run("run", folder / "甲.xlsx", "-o", folder, "--period", "2026-10", "--no-pdf", "--in-place")
    assert code == 0
    assert grades(folder / "甲.xlsx") == ["VIP客户", "重点客户"]
    assert (folder / "2026-10" / "run.json").exists()


def test_results_of_the_period_itself_are_not_changed_in_place(run: Run, folder: Path) -> None:
    output = folder.parent / "out"
    run("run", folder, "-o", output, "--period", "2026-10", "--no-pdf")
    before = content(output)
    code, _, err = in_place(run, output / "2026-10" / "workbooks", "-o", output)
    assert code == 2
    assert "结果文件夹" in err
    assert content(output) == before


def test_an_open_result_stops_an_in_place_run_before_any_workbook_is_changed(run: Run, folder: Path) -> None:
    output = folder.parent / "out"
    run("run", folder, "-o", output, "--period", "2026-10", "--no-pdf")
    (output / "2026-10" / "workbooks" / "~$甲.xlsx").write_bytes(owner_file("陈思远"))
    before = content(folder)
    code, _, err = in_place(run, folder)
    assert code == 2
    assert "陈思远正打开着它" in err
    assert content(folder) == before


def test_results_that_fail_after_workbooks_were_changed_are_named(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("磁盘空间不足", "请腾出空间后重试")

    with monkeypatch.context() as patch:
        patch.setattr(staging, "replace_directory", full)
        code, out, err = in_place(run, folder)
    assert code == 3
    assert "没有写成 2026-10：磁盘空间不足" in err
    assert "甲.0001.xlsx" in out
    assert grades(folder / "甲.xlsx") == ["VIP客户", "重点客户"]
    assert len(run_ids(folder.parent / "out")) == 1
    assert in_place(run, folder)[0] == 0


def unsynced(target: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the disk not confirm what is renamed into a place."""
    sync, move, moved = disk.sync_directory, disk.move, []

    def remember(source: Path, goal: Path) -> None:
        move(source, goal)
        moved.extend([goal] if goal == target else [])

    def fail(path: Path) -> None:
        if moved and path == target.parent:
            raise OSError(errno.EIO, "Input/output error")
        sync(path)

    patch.setattr(disk, "move", remember)
    patch.setattr(disk, "sync_directory", fail)


def test_a_workbook_the_disk_did_not_confirm_is_in_place_and_on_record(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = folder.parent / "out" / "2026-10"
    with monkeypatch.context() as patch:
        unsynced(folder / "甲.xlsx", patch)
        code, out, err = in_place(run, folder)
    assert code == 3
    assert f"“{folder / '甲.xlsx'}”已经写入，但磁盘没有确认" in err
    assert "没有写成" not in err
    assert "甲.0001.xlsx" in out
    assert grades(folder / "甲.xlsx") == ["VIP客户", "重点客户"]
    assert {line["file"] for line in edits(results)} == {"甲.xlsx", "华东/乙.xlsx"}
    assert run_ids(results.parent) == [run_of(results)]


@pytest.mark.parametrize("options", [(), ("--in-place",)], ids=["copies", "in place"])
def test_results_the_disk_did_not_confirm_are_in_place_and_in_the_history(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    output = folder.parent / "out"
    words = ("run", folder, "-o", output, "--period", "2026-10", "--no-pdf", *options)
    with monkeypatch.context() as patch:
        unsynced(output / "2026-10", patch)
        code, out, err = run(*words)
    assert code == 3
    assert f"“{output / '2026-10'}”已经写入，但磁盘没有确认" in err
    assert "写入" in out
    assert run_ids(output) == [run_of(output / "2026-10")]
    assert run(*words)[0] == 0
    assert run("history", "-o", output, "--verify")[0] == 0
    assert not [path.name for path in output.iterdir() if path.name.startswith(".")]


def test_a_restored_workbook_the_disk_did_not_confirm_is_told_with_its_backup(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_place(run, folder)
    with monkeypatch.context() as patch:
        unsynced(folder / "甲.xlsx", patch)
        code, out, err = run("restore", folder / "甲.xlsx", "--latest")
    assert code == 3
    assert "已经写入，但磁盘没有确认" in err
    assert "已恢复" in out
    assert "甲.0002.xlsx" in out
    assert grades(folder / "甲.xlsx") == [None, None]


def test_a_dry_run_in_place_tells_the_workbooks_and_changes_nothing(run: Run, folder: Path) -> None:
    before = content(folder.parent)
    code, out, _ = in_place(run, folder, "--dry-run")
    assert code == 0
    assert "会改写原来的工作簿" in out
    assert str(folder / "甲.xlsx") in out
    assert content(folder.parent) == before


def test_a_grade_changed_by_hand_in_place_is_told_once_it_is_read_again(run: Run, folder: Path) -> None:
    in_place(run, folder)
    set_cell(folder / "甲.xlsx", "等级", 3, "VIP客户")
    (told,) = by_hand(run, folder / "甲.xlsx", folder.parent / "out", "2026-10")
    assert "甲.xlsx!打分表!I3" in told
    in_place(run, folder)
    assert grades(folder / "甲.xlsx") == ["VIP客户", "重点客户"]
    assert by_hand(run, folder, folder.parent / "out", "2026-10") == []


def test_backups_are_listed_and_brought_back_and_that_can_be_undone(run: Run, folder: Path) -> None:
    path = folder / "甲.xlsx"
    original = path.read_bytes()
    in_place(run, folder)
    changed = path.read_bytes()
    code, out, _ = run("restore", folder)
    assert code == 0
    assert str(path) in out
    assert str(folder / "华东" / "乙.xlsx") in out
    code, out, _ = run("restore", path, "--json")
    assert [(entry["number"], entry["file"]) for entry in json.loads(out)["backups"]] == [(1, str(path))]
    code, out, _ = run("restore", path, "--latest")
    assert code == 0
    assert "已恢复" in out
    assert path.read_bytes() == original
    assert run("restore", path, "--number", "2")[0] == 0
    assert path.read_bytes() == changed
    path.unlink()
    assert run("restore", path, "--number", "1")[0] == 0
    assert path.read_bytes() == original


@posix
@pytest.mark.parametrize("named", ["丙.xlsx", "."])
def test_a_workbook_changed_through_a_link_is_brought_back_through_it(run: Run, folder: Path, named: str) -> None:
    real, links = folder.parent / "elsewhere" / "丙.xlsx", folder.parent / "links"
    month(real, "2026-10-31", E1="VIP客户")
    links.mkdir()
    (links / "丙.xlsx").symlink_to(real)
    before = real.read_bytes()
    assert in_place(run, links)[0] == 0
    assert real.read_bytes() != before
    _, out, _ = run("restore", links / named, "--json")
    assert [entry["file"] for entry in json.loads(out)["backups"]] == [str(real)]
    assert run("restore", links / named, "--latest")[0] == 0
    assert real.read_bytes() == before
    assert (links / "丙.xlsx").is_symlink()


@pytest.mark.parametrize("options", [(), ("--in-place",)])
@pytest.mark.parametrize("paths", ["华东", "华东/乙.xlsx", "../也是"])
def test_an_edited_result_is_kept_and_named_when_the_period_is_run_from_other_paths(
    run: Run, folder: Path, paths: str, options: tuple[str, ...]
) -> None:
    output = folder.parent / "out"
    month(folder.parent / "也是" / "丁.xlsx", "2026-10-31", C1="VIP客户", C2="重点客户", D1="观察客户")
    run("run", folder, "-o", output, "--period", "2026-10", "--no-pdf", "-q")
    result = output / "2026-10" / "workbooks" / "华东" / "乙.xlsx"
    set_cell(result, "客户名称", 2, "手工改过")
    edited = result.read_bytes()
    words = ("-o", output, "--period", "2026-10", "--no-pdf", "-q", "--replace")
    code, _, err = run("run", folder / paths, *words, *options)
    assert code == 0, err
    backup = output / ".sheetcrm-backup" / "2026-10" / "workbooks" / "华东" / "乙.0001.xlsx"
    assert str(backup) in err
    assert backup.read_bytes() == edited


def test_a_result_kept_before_it_was_replaced_is_brought_back(run: Run, folder: Path) -> None:
    output = folder.parent / "out"
    for _ in range(2):
        run("run", folder, "-o", output, "--period", "2026-10", "--no-pdf", "-q")
        result = output / "2026-10" / "workbooks" / "甲.xlsx"
        set_cell(result, "客户名称", 2, "手工改过")
        edited = result.read_bytes()
    run("run", folder, "-o", output, "--period", "2026-10", "--no-pdf", "-q")
    assert result.read_bytes() != edited
    assert run("restore", result, "--latest")[0] == 0
    assert result.read_bytes() == edited


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["华东"], "没有备份"),
        (["没有这个.xlsx"], "没有备份"),
        ([".", "--latest"], "请指明"),
        (["甲.xlsx", "--number", "7"], "没有第 7 份"),
        (["甲.xlsx", "--number", "1", "--latest"], "只能用一个"),
    ],
)
def test_what_cannot_be_restored_is_told(
    run: Run, folder: Path, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    month(folder / "丙.xlsx", "2026-10-31", E1="VIP客户")
    run(
        "run",
        folder / "甲.xlsx",
        folder / "丙.xlsx",
        "-o",
        folder.parent / "out",
        "--period",
        "2026-10",
        "--no-pdf",
        "--in-place",
        "-q",
    )
    monkeypatch.chdir(folder)
    before = content(folder)
    code, _, err = run("restore", *words)
    assert code == 2
    assert said in err
    assert content(folder) == before
