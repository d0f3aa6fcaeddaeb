"""Finds and reads the workbooks of a run: files as named, and those in folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.errors import UsageError
from sheetcrm.store.files.open_files import is_owner_file

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods"})
"""The files that are read in a folder. Those that cannot be used are refused by name, not skipped."""

RUN_FILE = "run.json"
"""The description of a run, in the folder of a period's results."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A workbook's bytes as they were read. `name` is its path below the folder asked for, with `/`."""

    name: str
    path: Path
    data: bytes
    sha256: str
    copy_of: str = ""
    """The name of the workbook in another format whose values these bytes hold: it can get no cells itself."""


def gather(paths: Sequence[Path], *, output: Path | None) -> tuple[InputFile, ...]:
    """Read the workbooks at the paths, sorted by name, without those in the output folder.

    Hidden folders and owner files (`~$`) are skipped. Two files of one name keep their folders'
    names, so that each has its own.

    Raises:
        UsageError: If a path does not exist, a file cannot be read, or there is no workbook at all.
    """
    names: dict[Path, str] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(f"找不到“{path}”", "请检查路径，或把文件夹拖到命令行窗口里得到完整路径")
        if path.is_dir():
            names |= {file: file.relative_to(path).as_posix() for file in _walk(path, output)}
        else:
            names[path] = path.name
    if not names:
        raise UsageError("没有找到任何工作簿", "请给出 .xlsx 或 .xlsm 文件，或它们所在的文件夹")
    files = (_read(path, name) for path, name in _distinct_names(names).items())
    return tuple(sorted(files, key=lambda file: file.name))


def _walk(folder: Path, output: Path | None) -> Iterable[Path]:
    """List a folder's workbooks but the program's own: those below the output folder, or beside a run.json."""
    own = _own_folders(folder, output)
    for path in sorted(folder.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() not in WORKBOOKS or is_hidden or is_owner_file(path) or not path.is_file():
            continue
        if own.isdisjoint(path.resolve().parents):
            yield path


def _own_folders(folder: Path, output: Path | None) -> set[Path]:
    """Return the folders inside a folder that hold the program's own results."""
    results = {path.parent for path in folder.rglob(RUN_FILE)}
    inside = folder.resolve()
    own = {path.resolve() for path in (*results, *([output] if output else []))}
    return {path for path in own if path.is_relative_to(inside) and path != inside}


def _distinct_names(original: dict[Path, str]) -> dict[Path, str]:
    """Lengthen names that stand for several files by their folders' names until each is unique."""
    names = dict(original)
    depth = 1
    while len(set(names.values())) < len({path.resolve() for path in names}):
        taken = list(names.values())
        for path, name in names.items():
            if taken.count(name) > 1:
                names[path] = "/".join((*path.resolve().parts[-depth - 1 : -1], original[path]))
        depth += 1
    return {path: name for name, path in {name: path for path, name in names.items()}.items()}


def _read(path: Path, name: str) -> InputFile:
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"读不了“{path}”（{error.strerror}）"
        raise UsageError(what, "请确认文件没有被别的程序独占，并且有读取权限") from error
    return InputFile(name, path, data, hashlib.sha256(data).hexdigest())
