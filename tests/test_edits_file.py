"""The record of edits: columns once, values by the row; read again cell by cell, whoever wrote it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetcrm.model import Receipt, WrittenCell, WrittenCells, WrittenRow
from sheetcrm.privacy import NUMBERS_ALONE
from sheetcrm.runs import edits_file
from sheetcrm.runs.edits_file import EDITS_FILE, ZIPPED_FILE, EditsRecord, RecordedEdit

Run = Callable[..., tuple[int, str, str]]

HEADS = ((7, "总分"), (8, "等级"))
WRITTEN = WrittenCells(
    [
        WrittenCell("打分表", 1, 7, "总分", "", "总分"),
        WrittenRow("打分表", 2, HEADS, ("92", "VIP客户")),
        WrittenCell("打分表", 3, 8, "等级", "重点客户", ""),
        WrittenRow("打分表", 4, HEADS, (None, "VIP\u202e客户")),
        WrittenCell("跟进", 9, 2, "责任人", "", "李*"),
    ]
)


def lines(run: str = "r1") -> list[bytes]:
    return list(edits_file.write_lines(run, "甲.xlsx", Receipt(written=WRITTEN), NUMBERS_ALONE))


def put(folder: Path, record: EditsRecord) -> None:
    for name in (EDITS_FILE, ZIPPED_FILE):
        (folder / name).unlink(missing_ok=True)
    (folder / record.name).write_bytes(record.data)


def test_columns_stand_once_and_every_cell_is_read_back(tmp_path: Path) -> None:
    assert [json.loads(line) for line in lines()] == [
        {"run": "r1", "file": "甲.xlsx", "sheet": "打分表", "columns": [[7, "总分"], [8, "等级"]]},
        [1, "总分"],
        [2, "92", "VIP客户"],
        [3, None, ["重点客户", ""]],
        [4, None, "VIP\u202e客户"],
        {"run": "r1", "file": "甲.xlsx", "sheet": "跟进", "columns": [[2, "责任人"]]},
        [9, "李*"],
    ]
    assert b"\\u202e" in lines()[4]
    put(tmp_path, edits_file.merge(EditsRecord(), [lines()], runs={"r1"}))
    expected = [RecordedEdit("r1", "甲.xlsx", *cell) for cell in WRITTEN]
    assert list(edits_file.recorded_edits(tmp_path)) == expected
    assert list(edits_file.recorded_edits(tmp_path, labels={"责任人"})) == expected[-1:]


@pytest.mark.parametrize("most", [1 << 20, 10])
def test_a_record_only_grows_and_a_run_repeated_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(edits_file, "MOST_PLAIN", most)
    first = edits_file.merge(EditsRecord(), [lines()], runs={"r1"})
    assert first.zipped is (most == 10)
    assert edits_file.merge(first, [lines()], runs={"r1"}) == first
    later = edits_file.merge(first, [lines("r2")[:2]], runs={"r2"})
    assert later.data.startswith(first.data)
    more = edits_file.merge(later, [lines("r2")], runs={"r2"})
    put(tmp_path, more)
    cells = list(edits_file.recorded_edits(tmp_path))
    assert sorted(cells) == sorted(
        [
            *(RecordedEdit("r1", "甲.xlsx", *cell) for cell in WRITTEN),
            *(RecordedEdit("r2", "甲.xlsx", *cell) for cell in WRITTEN),
        ]
    )
    assert edits_file.merge(more, [lines("r2")], runs={"r2"}) == more


def test_lines_of_an_older_version_stay_and_are_read(tmp_path: Path) -> None:
    cell = RecordedEdit("r0", "甲.xlsx", "打分表", 2, 7, "总分", "", "80")
    old = (json.dumps(cell._asdict(), ensure_ascii=False) + "\n").encode()
    record = edits_file.merge(EditsRecord(old), [lines()], runs={"r1"})
    assert record.data.startswith(old)
    put(tmp_path, record)
    assert next(edits_file.recorded_edits(tmp_path)) == cell


def test_a_torn_compressed_record_keeps_its_whole_lines(tmp_path: Path) -> None:
    whole = gzip.compress(b"\n".join([*lines(), b""]), mtime=0)
    (tmp_path / ZIPPED_FILE).write_bytes(whole + b"\x1f\x8bspoilt")
    record = edits_file.read_record(tmp_path, recorded={ZIPPED_FILE: "another"})
    assert list(record.lines()) == lines()


def test_the_command_lists_the_cells_of_a_period(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "2026-10"
    folder.mkdir(parents=True)
    put(folder, edits_file.merge(EditsRecord(), [lines()], runs={"r1"}))
    code, out, _ = run("history", "--edits", "2026-10", "-o", tmp_path / "out")
    assert code == 0
    assert "r1 甲.xlsx!打分表!H3 等级：重点客户 → 空" in out
    _, out, _ = run("history", "--edits", "2026-10", "-o", tmp_path / "out", "--json")
    assert json.loads(out.splitlines()[0])["new"] == "总分"
    code, _, err = run("history", "--edits", "2026-09", "-o", tmp_path / "out")
    assert code == 2
    assert "没有 2026-09 的改动记录" in err
