"""Looking for a folder on the page: for systems without a dialog of their own, and for who cannot use one."""

from __future__ import annotations

import os
import string
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.store.files import disk
from sheetcrm.store.files.inputs import WORKBOOKS
from sheetcrm.store.files.open_files import is_owner_file

_MOST = 500
_PLACES = ("Desktop", "桌面", "Documents", "文档", "Downloads", "下载")


@dataclass(frozen=True, slots=True)
class FolderPage:
    """A folder: those in it, the workbooks that lie in it, the way up, and places to begin from."""

    path: str
    inside: Sequence[tuple[str, str]]
    workbooks: Sequence[str]
    above: str
    places: Sequence[tuple[str, str]]
    why: str = ""
    """Why it cannot be looked into."""


def look(at: str) -> FolderPage:
    """List a folder; one that is not there, or not named, is the home folder."""
    path = Path(at) if at and Path(at).is_absolute() and Path(at).is_dir() else _home()
    inside, workbooks, why = [], [], ""
    try:
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
            if entry.name.startswith((".", "$")):
                continue
            if entry.is_dir():
                inside.append((entry.name, str(path / entry.name)))
            elif Path(entry.name).suffix.lower() in WORKBOOKS and not is_owner_file(Path(entry.name)):
                workbooks.append(entry.name)
    except OSError as error:
        why = disk.reason(error)[0]
    above = str(path.parent) if path.parent != path else ""
    return FolderPage(str(path), inside[:_MOST], workbooks[:_MOST], above, [*_places()], why)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # nobody can say where it is
        return Path(Path.cwd().anchor)


def _places() -> Iterator[tuple[str, str]]:
    home = _home()
    yield "主文件夹", str(home)
    yield from ((name, str(home / name)) for name in _PLACES if (home / name).is_dir())
    if sys.platform == "win32":
        drives = (f"{letter}:\\" for letter in string.ascii_uppercase)
        yield from ((drive, drive) for drive in drives if Path(drive).exists())
