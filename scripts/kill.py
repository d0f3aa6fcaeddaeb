"""Kill runs at random instants, and look each time whether everything is whole and the next run mends it.

`python -m scripts.kill --kills 500` kills so many runs with PDFs in each mode: copies, and in place.
It prints the counts, and exits 1 if anything was not as it must be.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
from openpyxl import Workbook, load_workbook

from sheetcrm.cli import main as sheetcrm
from sheetcrm.privacy import NUMBERS_ALONE, Gate
from sheetcrm.report.pages import filling
from sheetcrm.report.pages.templates import Templates
from sheetcrm.report.press import pool
from sheetcrm.report.press.pool import Job, Rendered
from sheetcrm.runs.edits_file import EditsRecord, edits_on
from sheetcrm.store.files import locks
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE

PERIOD = "2026-10"
_HEADER = (
    *("客户编号", "客户名称", "最近消费时间(R,权重20%)", "消费频次(F,权重15%)", "消费金额(M,权重35%)"),
    *("行业潜力(权重15%)", "忠诚度(复购率15%)", "总分", "等级", "评估人", "评估日期"),
)
_FIGURES: Mapping[str, tuple[str, ...]] = {
    "C1": ("30天", "12次/年", "80万元", "高(行业增速15%)", "85%"),
    "C2": ("60天", "6次/年", "30万元", "中(行业增速8%)", "60%"),
    "D1": ("120天", "2次/年", "8万元", "低(行业萎缩)", "30%"),
}
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><title>报告</title></head><body><p>{{ page.figures.period.label }}</p></body></html>
"""
"""Pages of one line: a run then prints as many PDFs in half the time, and more instants fall into its writing."""
_MARK = "SHEETCRM_KILL"
"""An environment variable that a killed run's own processes inherit: they are counted by it."""
_QUICKER = 0.97
"""A run that ended before its instant was quicker than the first: the next instants come earlier."""
_GRACE = 10.0
"""Seconds that the processes of a killed run have to end."""


@dataclass(frozen=True, slots=True)
class State:
    """What a finished run leaves: people's workbooks, and the period's directory, by path from there."""

    workbooks: Mapping[str, bytes]
    results: Mapping[str, bytes]


class Fixture:
    """A small book with the results of an older state of it, and what runs of it must lead to."""

    def __init__(self, folder: Path, *, in_place: bool) -> None:
        """Make the book and do the runs that nobody kills."""
        self.in_place = in_place
        self._rendered: dict[str, Rendered] = {}
        self.start = folder / "start"
        save_book(self.start / "in" / "甲.xlsx", "C1")
        save_book(self.start / "in" / "华东" / "乙.xlsx", "D1")
        for name in ("tier.html", "execution.html"):
            page = folder / "templates" / name
            page.parent.mkdir(exist_ok=True)
            page.write_text(_PAGE, encoding="utf-8")
        self.words = ("--period", PERIOD, "--templates", str(folder / "templates"))
        self.run(self.start, "--no-pdf", in_place=False)
        save_book(self.start / "in" / "甲.xlsx", "C1", "C2")
        self.before = read_state(self.start)
        undisturbed = self.fresh(folder / "undisturbed")
        self.run(undisturbed)
        self.first = read_state(undisturbed)
        self.run(undisturbed)
        self.second = read_state(undisturbed)
        self.run(undisturbed)
        _check(read_state(undisturbed) == self.second, "a run repeated gave other bytes")

    def fresh(self, folder: Path) -> Path:
        """Copy the state before the run to a folder."""
        gc.collect()  # what earlier runs left: a large process forks slowly
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.start, folder)
        return folder

    def command(self, folder: Path, *, in_place: bool | None = None) -> list[str]:
        """Return the arguments of a run in a folder."""
        mode = ["--in-place"] if (self.in_place if in_place is None else in_place) else []
        return ["run", str(folder / "in"), "-o", str(folder / "out"), *self.words, *mode]

    def run(self, folder: Path, *options: str, in_place: bool | None = None) -> tuple[int, str]:
        """Do a run in this process; pages that were printed before are not printed anew.

        Returns:
            The exit code, and what the run printed on stderr.
        """
        out, err = io.StringIO(), io.StringIO()
        with self.printing(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = sheetcrm([*self.command(folder, in_place=in_place), *options])
        return code, err.getvalue()

    @contextlib.contextmanager
    def printing(self) -> Iterator[None]:
        """Fill pages in this process, and print each once: the same HTML is the same PDF."""
        render_all = pool.render_all

        def render(jobs: Sequence[Job], **options: Any) -> tuple[Rendered, ...]:  # noqa: ANN401  (handed on)
            new = [job for job in jobs if job.html not in self._rendered]
            for job, result in zip(new, render_all(new, **options) if new else (), strict=True):
                self._rendered[job.html] = result
            return tuple(self._rendered[job.html] for job in jobs)

        def filled(folders: Sequence[Path], gate: Gate = NUMBERS_ALONE) -> contextlib.AbstractContextManager[Templates]:
            return contextlib.nullcontext(Templates(folders, gate))

        with mock.patch.object(pool, "render_all", render), mock.patch.object(filling, "_watched", filled):
            yield

    def look(self, folder: Path, *, partial: bool = False) -> str:
        """Look at what a killed or failed run left, and run again; return what had become of the results.

        A partial run is one that could not read a workbook and did the others: its results are its own.

        Raises:
            AssertionError: If a workbook or the directory is torn, the history unsound, anything left
                over, or the next runs lead elsewhere than undisturbed ones.
        """
        found = read_state(folder)
        for name, data in found.workbooks.items():
            _check(data in {self.before.workbooks[name], self.first.workbooks[name]}, f"{name} is neither old nor new")
            load_workbook(io.BytesIO(data)).close()
        _check_history(folder)
        code, err = self.run(folder)
        _check(code == 0, f"the next run ended with {code}: {err}")
        result = self._look_at_results(found, aside=_is_put_back(err), partial=partial)
        mended = read_state(folder)
        _check(mended.workbooks == self.first.workbooks, "the next run wrote other workbooks")
        _check(_files(folder / "out", ".") <= {LEDGER_FILE, ".sheetcrm-backup"}, "files are left over")
        _check(not list((folder / "in").rglob(".sheetcrm-new")), "a file is left over beside the workbooks")
        self.run(folder)
        self._compare(read_state(folder), same_runs=not (self.in_place or partial))
        _check_history(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            code = sheetcrm(["history", "-o", str(folder / "out"), "--verify"])
        _check(code == 0, "history --verify finds something")
        return result

    def _look_at_results(self, found: State, *, aside: bool, partial: bool) -> str:
        if aside or found.results == self.before.results:
            return "old"
        _check_record(found.results)
        if partial:
            return "new"
        _check(_run_id(found.results) == _run_id(self.first.results), "the directory is neither old nor new")
        return "new"

    def _compare(self, again: State, *, same_runs: bool) -> None:
        """Compare what two more runs led to with what two undisturbed ones do."""
        _check(again.workbooks == self.second.workbooks, "a run repeated changed workbooks")
        own, other = (dict(state.results) for state in (again, self.second))
        _check(_edits(own) == _edits(other), "the record of edits is not that of undisturbed runs")
        if same_runs:
            _check(own == other, "the results are not those of undisturbed runs")
        for results in (own, other):  # the runs that wrote a cell may be others, in place and after a partial one
            for name in ("edits.jsonl", "run.json"):
                results.pop(name)
        _check(own == other, "the reports are not those of undisturbed runs")


def save_book(path: Path, *customers: str) -> None:
    """Write a scoring sheet of these customers, not yet graded."""
    book = Workbook()
    sheet = book.create_sheet("打分表")
    book.remove(book.worksheets[0])
    sheet.append(_HEADER)
    for key in customers:
        sheet.append((key, f"{key}公司", *_FIGURES[key], None, None, "张*", "2026-10-31"))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def read_state(folder: Path) -> State:
    """Read the workbooks and the period's directory below a folder."""
    return State(_content(folder / "in", "*.xlsx"), _content(folder / "out" / PERIOD, "*"))


def kill_runs(fixture: Fixture, folder: Path, *, kills: int, seed: int) -> Counter[str]:
    """Kill so many runs with PDFs at random instants; count them, and what became of the results.

    One that ended before its instant is looked at too, and is none of them.

    Raises:
        AssertionError: As `Fixture.look` does, or if a process outlives its run.
    """
    chance = random.Random(seed)
    whole = _time(fixture, folder)
    outcomes: Counter[str] = Counter()
    for number in count():
        if outcomes["killed"] == kills:
            break
        here = fixture.fresh(folder / "killed")
        mark = f"{os.getpid()}-{number}"
        process = _start(fixture, here, mark)
        try:
            process.wait(chance.uniform(0.2 * whole, whole))
            outcomes["ended before"] += 1
            whole *= _QUICKER
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            outcomes["killed"] += 1
        _check(not _alive(mark), "processes outlive their run")
        outcomes[fixture.look(here)] += 1
    return outcomes


def _start(fixture: Fixture, folder: Path, mark: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  (our own command)
        [sys.executable, "-m", "sheetcrm", *fixture.command(folder)],
        env={**os.environ, _MARK: mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _time(fixture: Fixture, folder: Path) -> float:
    """Return how many seconds a run takes now."""
    here = fixture.fresh(folder / "timed")
    started = time.monotonic()
    _check(_start(fixture, here, "timed").wait() == 0, "an undisturbed run failed")
    return time.monotonic() - started


def _alive(mark: str) -> list[int]:
    """Return the processes of a run that are still there after a time of grace."""
    end = time.monotonic() + _GRACE
    while (left := list(_marked(mark))) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def _marked(mark: str) -> Iterator[int]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(_MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid


def _content(folder: Path, pattern: str) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob(pattern))
        if path.is_file() and ".sheetcrm-backup" not in path.parts
    }


def _files(folder: Path, start: str) -> set[str]:
    """Name what stands in an output folder and is no period: hidden files, and the history."""
    names = {path.name for path in folder.iterdir()}
    return {name for name in names if name.startswith(start) or name != PERIOD} - {locks.LOCK_NAME}


def _is_put_back(err: str) -> bool:
    return "已放回原处" in err


def _check_history(folder: Path) -> None:
    with ledger.read(folder / "out") as history:
        faults = history.verify()
    _check(not faults, f"the history is unsound: {faults}")


def _check_record(results: Mapping[str, bytes]) -> None:
    """Make sure that a directory holds what its run.json states, and nothing else."""
    _check("run.json" in results, "the directory has no record")
    stated = {entry["file"]: entry["sha256"] for entry in json.loads(results["run.json"])["outputs"]}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in results.items() if name != "run.json"}
    _check(hashes == stated, "the directory is torn")


def _run_id(results: Mapping[str, bytes]) -> str:
    return str(json.loads(results["run.json"])["run_id"])


def _edits(results: Mapping[str, bytes]) -> list[str]:
    """Return the record of edits without the runs' ids, sorted."""
    cells = edits_on(EditsRecord(results["edits.jsonl"]))
    return sorted({json.dumps(cell[1:]) for cell in cells})


def _check(holds: bool, what: str) -> None:  # noqa: FBT001  (a condition)
    if not holds:
        raise AssertionError(what)


def main() -> int:
    """Kill runs in both modes and print the counts; 1 if anything was not as it must be."""
    options = argparse.ArgumentParser(description="Kill runs at random instants.")
    options.add_argument("--kills", type=int, default=500, help="in each mode")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    failed = False
    for mode in (False, True):
        name = "in place" if mode else "copies"
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="sheetcrm-kill-") as folder:
            try:
                outcomes = kill_runs(
                    Fixture(Path(folder), in_place=mode), Path(folder), kills=asked.kills, seed=asked.seed
                )
            except AssertionError as error:
                print(f"{name}: {error}")
                failed = True
                continue
        counts = ", ".join(f"{what} {number}" for what, number in sorted(outcomes.items()))
        print(f"{name}: {counts}; {time.monotonic() - started:.0f} s; nothing torn or left")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
