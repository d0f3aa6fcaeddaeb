"""What is heard of a run while it goes on, and that it can be stopped until the first file is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetcrm.report.press.pool import Job, render_all
from sheetcrm.runs import apply, prepare
from sheetcrm.runs.apply import WRITING
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from tests.test_pipeline import HEADER, ROWS, TODAY, save
from tests.values import run_in


class StoppedError(Exception):
    """Whoever listens has heard enough."""


def planned(folder: Path, heard: list[str]) -> Plan:
    for number, row in enumerate(ROWS, 1):
        save(folder / f"客户{number}.xlsx", {"打分表": [HEADER, row]})
    run = run_in("2026-10", today=TODAY)
    return prepare.prepare(gather([folder], output=None), run, progress=heard.append)


def test_workbooks_are_counted_as_they_are_read_and_edited(tmp_path: Path) -> None:
    heard: list[str] = []
    planned(tmp_path, heard)
    assert [line for line in heard if line.startswith("读取")] == [f"读取 {n}/3 客户{n}.xlsx" for n in (1, 2, 3)]
    assert [line for line in heard if line.startswith("回写")] == [f"回写 {n}/3 客户{n}.xlsx" for n in (1, 2, 3)]


@pytest.mark.parametrize("in_place", [False, True])
def test_a_run_stopped_at_the_last_moment_has_written_nothing(tmp_path: Path, *, in_place: bool) -> None:
    plan = planned(tmp_path / "台账", [])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    heard: list[str] = []

    def stop(message: str) -> None:
        heard.append(message)
        if message == WRITING:
            raise StoppedError

    with pytest.raises(StoppedError):
        apply.apply(plan, tmp_path / "结果", pdf=False, in_place=in_place, progress=stop)
    assert heard[-1] == WRITING
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert apply.apply(plan, tmp_path / "结果", pdf=False, in_place=in_place, progress=heard.append).failed == {}
    assert heard[-1] == WRITING


@pytest.mark.slow
def test_documents_are_counted_and_a_listener_stops_them() -> None:
    html = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>页</title><p>一页"
    heard: list[int] = []

    def stop(done: int) -> None:
        heard.append(done)
        if done:
            raise StoppedError

    with pytest.raises(StoppedError):
        render_all([Job(f"{n}.pdf", html) for n in range(3)], workers=1, tick=stop)
    assert heard[0] == 0
    assert heard[-1] == 1
