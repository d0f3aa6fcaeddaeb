"""Finds and reads the workbooks of a run: files as named, and those in folders."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.errors import UsageError
from sheetcrm.model import CellRef, Problem
from sheetcrm.problems import problem
from sheetcrm.store.files import disk
from sheetcrm.store.files.nearby import did_you_mean_file
from sheetcrm.store.files.open_files import is_owner_file
from sheetcrm.text.printable import printable_name

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods"})
"""The files that are read in a folder. Those that cannot be used are refused by name, not skipped."""

RUN_FILE = "run.json"
"""The description of a run, in the folder of a period's results."""
BATCH_FILE = "batch.json"
"""The description of what a batch did, in the folder of a period's summary of many books."""

_CSV = ".csv"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A workbook's bytes as they were read. `name` is its path below the folder asked for, with `/`.

    The name is printable; where the file's own is not, `_` stands for what cannot be printed.
    """

    name: str
    path: Path
    data: bytes
    sha256: str
    copy_of: str = ""
    """The name of the workbook in another format whose values these bytes hold: it can get no cells itself."""
    unread: Problem | None = None
    """Why there are no bytes."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A path that was asked for or lies in a folder that was; `unread` says why it will not be read."""

    path: Path
    name: str
    kind: str = ""
    reason: str = ""


def gather(paths: Sequence[Path], *, output: Path | None, nested: bool = True) -> tuple[InputFile, ...]:
    """Read the workbooks at the paths, sorted by name, without those in the output folder.

    Hidden folders and owner files (`~$`) are skipped. A file that several paths or links lead to is read
    once. Two files of one name keep their folders' names, so that each has its own. What cannot be read,
    and a .csv in a folder, is returned without bytes and with the reason. Without `nested`, folders inside a folder
    are left out.

    Raises:
        UsageError: If a path does not exist, or there is no workbook at all.
    """
    found: list[_Found] = []
    for path in paths:
        if not os.path.lexists(path):
            near = did_you_mean_file(path)
            raise UsageError(f"找不到“{path}”", f"{near}请检查路径，或把文件夹拖到命令行窗口里得到完整路径")
        entries = _walk(path, output) if _real(path).is_dir() else [_Found(path, path.name)]
        found += entries if nested else [entry for entry in entries if path in (entry.path, entry.path.parent)]
    if not found:
        raise UsageError("没有找到任何工作簿", "请给出 .xlsx 或 .xlsm 文件，或它们所在的文件夹")
    once = _once(found)
    files = (_read(entry, name) for entry, name in zip(once, _distinct_names(once), strict=True))
    return tuple(sorted(files, key=lambda file: file.name))


def find_books(root: Path, *, output: Path, aside: Collection[Path] = ()) -> Mapping[Path, tuple[Path, ...]]:
    """List the folders at and below a folder that hold workbooks themselves, each with these, sorted.

    What `gather` leaves out is left out here; so is what stands `aside`: a policy is no customers' workbook.
    A folder that cannot be listed is there with itself alone.
    """
    others = {_real(path) for path in aside}
    books: dict[Path, list[Path]] = {}
    for entry in _walk(root, output):
        if _real(entry.path) not in others:
            folder = entry.path if entry.kind == "folder-unreadable" else entry.path.parent
            books.setdefault(folder, []).append(entry.path)
    return {folder: tuple(sorted(paths)) for folder, paths in sorted(books.items())}


def _walk(folder: Path, output: Path | None) -> Iterable[_Found]:
    """List a folder's workbooks but the program's own: those in the output or beside a run.json or batch.json."""
    unlisted: list[OSError] = []
    entries = [entry for entry in _entries(folder, unlisted) if not is_owner_file(entry)]
    own = _own_folders(folder, (entry.parent for entry in entries if entry.name in {RUN_FILE, BATCH_FILE}), output)
    for error in unlisted:
        path = Path(error.filename)
        yield _Found(path, _below(folder, path), "folder-unreadable", disk.reason(error)[0])
    for path in sorted(entries):
        suffix = path.suffix.lower()
        if suffix in {*WORKBOOKS, _CSV} and own.isdisjoint(_real(path).parents):
            yield _Found(path, _below(folder, path), "csv-not-read" if suffix == _CSV else "")


def _entries(folder: Path, unlisted: list[OSError]) -> Iterator[Path]:
    """List what lies in a folder and below it but hidden things; links to folders are not followed."""
    waiting = [folder]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(inside) as listing:
                entries = [entry for entry in listing if not entry.name.startswith(".")]
        except OSError as error:
            unlisted.append(OSError(error.errno, error.strerror, os.fspath(inside)))
            continue
        for entry in entries:
            yield inside / entry.name
            if entry.is_dir(follow_symlinks=False):
                waiting.append(inside / entry.name)


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix() if path != folder else str(path)


def _real(path: Path) -> Path:
    """Follow links as far as they lead; those that lead in a circle too, which `Path.resolve` refuses."""
    return Path(os.path.realpath(path))


def _own_folders(folder: Path, results: Iterable[Path], output: Path | None) -> set[Path]:
    """Return the folders inside a folder that hold the program's own results."""
    inside = _real(folder)
    own = {_real(path) for path in (*results, *([output] if output else []))}
    return {path for path in own if path.is_relative_to(inside) and path != inside}


def _once(found: Iterable[_Found]) -> Sequence[_Found]:
    """Keep one path to each file: the file itself before a link to it, else the first."""
    kept: dict[Path, _Found] = {}
    for entry in found:
        real = _real(entry.path)
        if real not in kept or (kept[real].path.is_symlink() and not entry.path.is_symlink()):
            kept[real] = entry
    return list(kept.values())


def _distinct_names(found: Sequence[_Found]) -> Sequence[str]:
    """Lengthen names that stand for several files by their folders' names until each is unique.

    Names that are alike but for what cannot be printed are numbered.
    """
    folders = [_real(entry.path).parts[1:-1] for entry in found]
    short = _numbered([printable_name(entry.name) for entry in found], folders)
    names = short
    for depth in range(1, max(map(len, folders)) + 1):
        if len(set(names)) == len(names):
            break
        counts = Counter(names)
        names = [
            name if counts[name] == 1 else printable_name("/".join((*inside[-depth:], own)))
            for name, own, inside in zip(names, short, folders, strict=True)
        ]
    return _numbered(names, [()] * len(names))


def _numbered(names: Sequence[str], folders: Sequence[tuple[str, ...]]) -> list[str]:
    """Number the names of each folder that are not the first of their kind: `客户(2).xlsx`. Pure."""
    taken: set[tuple[tuple[str, ...], str]] = set()
    numbered = []
    for name, folder in zip(names, folders, strict=True):
        stem, dot, suffix = name.rpartition(".")
        candidates = (name if number == 1 else f"{stem}({number}){dot}{suffix}" for number in itertools.count(1))
        free = next(one for one in candidates if (folder, one) not in taken)
        taken.add((folder, free))
        numbered.append(free)
    return numbered


def _read(entry: _Found, name: str) -> InputFile:
    kind, reason, data = entry.kind, entry.reason, b""
    if not kind:
        try:
            data = disk.read_regular(entry.path)
        except OSError as error:
            kind, reason = "file-unreadable", disk.reason(error)[0]
    if kind:
        return InputFile(name, entry.path, b"", "", unread=problem(kind, CellRef(name), reason=reason))
    return InputFile(name, entry.path, data, hashlib.sha256(data).hexdigest())
