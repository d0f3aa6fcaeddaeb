"""Spoil workbooks by chance and see that reading and writing back do it, or refuse it in words; nothing else.

`python -m scripts.fuzz --cases 5000 --seed 1`. Cases run in worker processes, each told before it
begins, so that an abort, a hang or a gluttonous case is known by its number. A case depends on seed and
number alone: `--only 1234` runs one again, `--keep FOLDER` keeps the files that failed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeAlias

from scripts.mutating import Source, read_source, spoil
from sheetcrm.errors import WorkbookError
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import CellStyle, ColumnEdit, SheetEdit
from sheetcrm.ooxml.package import open_package

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
SAMPLE = ROOT / "input"

SECONDS = 10.0
MEGABYTES = 512
_LARGEST = 40_000
"""Bytes of a source that is spoilt often; larger ones seldom, since each costs as much as ten small ones."""
_SELDOM = 0.01
_START = 60.0
_READY = "ready"

Attempt: TypeAlias = Callable[[bytes, str], str]
"""Does a case: bytes and the name of a sheet in; what came of it out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A case that did what none may: which, how it was spoilt, and what happened."""

    number: int
    source: str
    way: str
    what: str


@dataclass(slots=True)
class Report:
    """What came of all cases: outcomes by how often, and the findings."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


def main() -> int:
    """Run as many cases as asked for; 1 if any did what none may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    numbers = range(asked.cases) if asked.only is None else range(asked.only, asked.only + 1)
    started = time.monotonic()
    report = run(numbers, seed=asked.seed)
    print(f"{len(numbers)} cases, seed {asked.seed}, {time.monotonic() - started:.0f} s")
    for outcome, count in report.outcomes.most_common():
        print(f"{count:7}  {outcome}")
    for finding in report.findings:
        print(f"\ncase {finding.number}: {finding.source}: {finding.way}\n{finding.what}")
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            _, data = make_case(sources(), finding.number, seed=asked.seed)[1:]
            (asked.keep / f"{asked.seed}-{finding.number}.xlsx").write_bytes(data)
    return 1 if report.findings else 0


def sources() -> tuple[Source, ...]:
    """Read the workbooks to spoil, small ones first: the sample month, and the corpus where there is one.

    Raises:
        SystemExit: If the corpus is there and empty.
    """
    paths = sorted(SAMPLE.glob("*.xlsx"))
    if CORPUS.is_dir():
        found = sorted(CORPUS.glob("*.xls[xm]"))
        if not found:
            raise SystemExit(f"no workbook in {CORPUS.name}")
        paths += found
    read = (read_source(path.name, path.read_bytes()) for path in paths)
    return tuple(sorted(read, key=lambda source: (len(source.data), source.name)))


def make_case(known: Sequence[Source], number: int, *, seed: int) -> tuple[Source, str, bytes]:
    """Make a case: the workbook that was spoilt, how, and the bytes."""
    chance = random.Random(f"{seed}:{number}")
    small = [source for source in known if len(source.data) <= _LARGEST]
    source = chance.choice(small if chance.random() > _SELDOM else known)
    return (source, *spoil(source, chance))


def run(numbers: Sequence[int], *, seed: int, attempt: Attempt | None = None, seconds: float = SECONDS) -> Report:
    """Run cases in worker processes; one that ends or does not answer is replaced, and its case is a finding."""
    report = Report()
    known = sources()
    queue = list(reversed(numbers))
    work = (seed, attempt or try_workbook)
    running: dict[Connection, _Worker] = {}
    for _ in range(min(os.cpu_count() or 1, len(numbers))):
        _start(running, queue, work)
    while running:
        for here in wait(list(running), timeout=0.2):
            assert isinstance(here, Connection)  # noqa: S101  (what was waited for)
            worker = running[here]
            try:
                outcome, trouble = here.recv()
            except EOFError:
                worker.process.join()
                report.findings.append(_finding(known, worker.number, seed, f"ended: {worker.process.exitcode}"))
                _replace(running, here, queue, work)
                continue
            if outcome == _READY:
                worker.ready, worker.since = True, time.monotonic()
                continue
            report.outcomes[outcome] += 1
            if trouble:
                report.findings.append(_finding(known, worker.number, seed, trouble))
            if outcome == "gluttonous":  # its peak stays what it was
                _replace(running, here, queue, work)
            else:
                _next(running, here, queue)
        for here, worker in list(running.items()):
            if time.monotonic() - worker.since > (seconds if worker.ready else _START):
                report.findings.append(_finding(known, worker.number, seed, f"still at it after {seconds:g} s"))
                _replace(running, here, queue, work)
    return report


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    number: int
    since: float
    ready: bool = False


def _start(running: dict[Connection, _Worker], queue: list[int], work: tuple[int, Attempt]) -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(there, *work))
    process.start()
    there.close()
    running[here] = _Worker(process, queue[-1], time.monotonic())
    here.send(queue.pop())


def _next(running: dict[Connection, _Worker], here: Connection, queue: list[int]) -> None:
    worker = running[here]
    if not queue:
        _end(running, here)
        return
    worker.number, worker.since = queue.pop(), time.monotonic()
    with suppress(OSError):  # it has ended: told when its answer is asked for
        here.send(worker.number)


def _replace(running: dict[Connection, _Worker], here: Connection, queue: list[int], work: tuple[int, Attempt]) -> None:
    _end(running, here)
    if queue:
        _start(running, queue, work)


def _end(running: dict[Connection, _Worker], here: Connection) -> None:
    worker = running.pop(here)
    worker.process.kill()
    worker.process.join()
    here.close()


def _finding(known: Sequence[Source], number: int, seed: int, what: str) -> Finding:
    source, way, _ = make_case(known, number, seed=seed)
    return Finding(number, source.name, way, what)


# --- in a worker -------------------------------------------------------------------------------------------------


def _work(parent: Connection, seed: int, attempt: Attempt) -> None:
    """Be a worker: do the cases that are named, one after another, until told to stop by being ended."""
    known = sources()
    sheets = {source.name: _first_sheet(source) for source in known}
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    parent.send((_READY, ""))
    while True:
        try:
            number = parent.recv()
        except EOFError:
            return
        source, _, data = make_case(known, number, seed=seed)
        parent.send(_answer(attempt, data, sheets[source.name]))


def _answer(attempt: Attempt, data: bytes, sheet: str) -> tuple[str, str]:
    """Do a case; give what came of it, and the trouble if that may not be."""
    try:
        outcome = attempt(data, sheet)
    except BaseException:  # noqa: BLE001  (whatever it is, it is what we look for)
        return "untyped", traceback.format_exc()
    peak = _peak_megabytes()
    return ("gluttonous", f"{peak:.0f} MB") if peak > MEGABYTES else (outcome, "")


def try_workbook(data: bytes, sheet: str) -> str:
    """Read and edit a spoilt workbook; give the kind of each refusal."""
    outcomes = []
    for work in (lambda: read_workbook(data, file="a.xlsx"), lambda: write_back(data, edits(sheet), file="a.xlsx")):
        try:
            work()
        except WorkbookError as error:
            outcomes.append(error.kind)
        else:
            outcomes.append("done")
    return " / ".join(outcomes)


def _peak_megabytes() -> float:
    if sys.platform == "win32":
        return 0
    with suppress(OSError, StopIteration):  # Linux: ru_maxrss would hold what the parent was when it started this
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024
    import resource  # noqa: PLC0415  (there is none on Windows)

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))


def edits(sheet: str) -> tuple[SheetEdit, ...]:
    """Plan one column to fill and three to add, one of them with colours."""
    rows = (2, 3, 5, 9)
    return (
        SheetEdit(
            sheet,
            1,
            (
                ColumnEdit("编号", 1, CellStyle.TEXT, (2, 4), ("甲", None)),
                ColumnEdit("总分", None, CellStyle.SCORE, rows, (1, 2, None, 4)),
                ColumnEdit("等级", None, CellStyle.TEXT, rows, ("甲", "=1+1", "", " 丙\n"), {"甲": "F4B6B0"}),
                ColumnEdit("说明", None, CellStyle.TEXT, (3, 4), ("_x000D_", "]]>&<")),
            ),
        ),
    )


def _first_sheet(source: Source) -> str:
    try:
        sheets = open_package(source.data).sheets
    except WorkbookError:
        return "Sheet1"
    return next((sheet.name for sheet in sheets if sheet.kind == "worksheet"), "Sheet1")


if __name__ == "__main__":
    sys.exit(main())
