"""Spoil workbooks by chance and see that every use of them does it, or refuses it in words; nothing else.

A case is read, checked, graded, written back, and imported as a policy. `python -m scripts.fuzz --cases
5000`; the seed is the day's unless `--seed` names one, and is printed. Cases run in worker processes, each
told before it begins, so that an abort, a hang or a gluttonous case is known by its number. A case depends
on seed and number alone: `--only 1234` runs one again, `--keep FOLDER` keeps the files that failed.
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
from datetime import date
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeAlias

from scripts import spoilable
from scripts.mutating import Source, read_source, spoil
from sheetcrm.errors import SheetcrmError, WorkbookError
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.intake.policy_sheets import plain_sheets
from sheetcrm.model import CellRef, CellStyle, ColumnEdit, SheetEdit
from sheetcrm.ooxml.package import open_package
from sheetcrm.periods import month_of
from sheetcrm.policy import sheetreading
from sheetcrm.policy.loading import standard
from sheetcrm.policy.run import Run
from sheetcrm.runs.prepare import prepare
from sheetcrm.store.files.inputs import InputFile

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
SAMPLE = ROOT / "input"

SECONDS, PATIENCE = 5.0, 30.0
"""Of processor time a case may take, its children's too; and how long an answer is waited for."""
MEGABYTES = 512
_LARGEST = 50_000
"""Bytes of a source that is spoilt often; larger ones seldom, since each costs as much as ten small ones."""
_SELDOM = 0.003
_FOREIGN = 0.04
"""Cases in another format than .xlsx: each starts a child to be read in."""
_CORPUS = 0.6
"""Below this share of the cases any small workbook is spoilt, above it the made ones, which use most."""
_OWN = (".xlsx", ".xlsm")
_DAY = date(2024, 3, 1)
_START = 60.0
_RENEWED = 1_000
"""Cases of a worker before another takes over: its memory, never given back whole, is not the next case's."""
_READY = "ready"

Attempt: TypeAlias = Callable[[bytes, str, str], str]
"""Does a case: bytes, the name of the file and of a sheet in; what came of it out."""


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
    parser.add_argument("--seed", type=int, default=date.today().toordinal())  # noqa: DTZ011  (any day's will do)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    numbers = range(asked.cases) if asked.only is None else range(asked.only, asked.only + 1)
    print(f"seed {asked.seed}", flush=True)
    started = time.monotonic()
    report = run(numbers, seed=asked.seed)
    print(f"{len(numbers)} cases, seed {asked.seed}, {time.monotonic() - started:.0f} s")
    for outcome, count in report.outcomes.most_common():
        print(f"{count:7}  {outcome}")
    for finding in report.findings:
        print(f"\ncase {finding.number}: {finding.source}: {finding.way}\n{finding.what}")
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            source, _, data = make_case(sources(), finding.number, seed=asked.seed)
            (asked.keep / f"{asked.seed}-{finding.number}{Path(source.name).suffix}").write_bytes(data)
    return 1 if report.findings else 0


def sources() -> tuple[Source, ...]:
    """Read the workbooks to spoil, small ones first: made ones, the sample month, and the corpus where there is one.

    Raises:
        SystemExit: If the corpus is there and empty.
    """
    paths = sorted(SAMPLE.glob("*.xlsx"))
    if CORPUS.is_dir():
        found = sorted(CORPUS.glob("*.xls[xm]"))
        if not found:
            raise SystemExit(f"no workbook in {CORPUS.name}")
        paths += found
    read = [read_source(path.name, path.read_bytes()) for path in paths]
    read += [read_source(name, data) for name, data in spoilable.made().items()]
    return tuple(sorted(read, key=lambda source: (len(source.data), source.name)))


def make_case(known: Sequence[Source], number: int, *, seed: int) -> tuple[Source, str, bytes]:
    """Make a case: the workbook that was spoilt, how, and the bytes."""
    chance = random.Random(f"{seed}:{number}")
    kind = chance.random()
    foreign = [source for source in known if not source.name.endswith(_OWN)]
    small = [source for source in known if len(source.data) <= _LARGEST and source not in foreign]
    own = [source for source in small if source.name.startswith("made")] if kind > _CORPUS else small
    source = chance.choice(foreign if kind < _FOREIGN else known if kind < _FOREIGN + _SELDOM else own)
    return (source, *spoil(source, chance))


def run(numbers: Sequence[int], *, seed: int, attempt: Attempt | None = None, seconds: float = PATIENCE) -> Report:
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
            worker.done += 1
            if outcome == "gluttonous" or worker.done == _RENEWED:  # its peak stays what it was
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
    done: int = 0


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
        parent.send(_answer(attempt, data, source.name, sheets[source.name]))


def _answer(attempt: Attempt, data: bytes, file: str, sheet: str) -> tuple[str, str]:
    """Do a case; give what came of it, and the trouble if that may not be."""
    before = sum(os.times()[:4])
    try:
        outcome = attempt(data, file, sheet)
    except BaseException:  # noqa: BLE001  (whatever it is, it is what we look for)
        return "untyped", traceback.format_exc()
    spent = sum(os.times()[:4]) - before
    if spent > SECONDS:
        return "slow", f"{spent:.1f} s"
    peak = _peak_megabytes()
    return ("gluttonous", f"{peak:.0f} MB") if peak > MEGABYTES else (outcome, "")


def try_workbook(data: bytes, file: str, sheet: str) -> str:
    """Decide a whole run on a spoilt workbook, edit it, import it as a policy; give the kind of each refusal."""
    uses: tuple[Callable[[], object], ...] = (
        lambda: prepare((InputFile(file, Path(file), data, ""),), _run()),
        lambda: write_back(data, edits(sheet), file=file),
        lambda: _import(data, file),
    )
    outcomes = []
    for use in uses:
        try:
            use()
        except SheetcrmError as error:
            outcomes.append(error.kind)
        except ValueError as error:  # a label of ours that was moved over the column we number ourselves
            if "two edits for one cell" not in str(error):
                raise
            outcomes.append("edits clash")
        else:
            outcomes.append("done")
    return " / ".join(outcomes)


@cache
def _run() -> Run:
    return Run.of(standard(), month_of(_DAY), _DAY, today=_DAY)


def _import(data: bytes, file: str) -> None:
    sheets = plain_sheets(data, file=file)
    sheetreading.read(sheets, source=file, describe=lambda sheet, row, column: str(CellRef(file, sheet, row, column)))


def _peak_megabytes() -> float:
    """Return the most that this process held, or one of its children."""
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415  (there is none on Windows)

    unit = 1 << (20 if sys.platform == "darwin" else 10)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    with suppress(OSError, StopIteration):  # Linux: ru_maxrss would hold what the parent was when it started this
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return max(children, int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024)
    return max(children, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


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
