"""Finds the template files and hashes their contents. Nothing of the engine is loaded here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from sheetcrm.errors import EngineError

STYLES = ".css"
SHARED_STYLE = "screen.css"
"""What the pages on a screen look like alike: the 看板, and the page of `sheetcrm open`."""
SCREEN_STYLES = frozenset({SHARED_STYLE, "board.css"})
"""The style sheets of pages that no PDF is made of."""
MOST_BYTES = 8 << 20
"""The size of a template; pictures stand in it as text."""
_KINDS = frozenset({".html", STYLES, ".svg", ".js"})


def shipped_templates() -> Path:
    """Find the templates that ship: inside the installed package, or beside it in a checkout.

    Raises:
        EngineError: If they are not there.
    """
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "print.css").is_file():
            return folder
    raise EngineError("找不到报告模板", "请重新安装 sheetcrm")


def templates_hash(folders: Sequence[Path] = ()) -> str:
    """Hash the templates a run would use, names and contents: a part of the run's id."""
    digest = hashlib.sha256()
    for folder in (*folders, shipped_templates()):
        for name, path in sorted(files_of(folder).items()):
            digest.update(
                name.encode(errors="surrogateescape") + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0"
            )
    return digest.hexdigest()


def files_of(folder: Path) -> Mapping[str, Path]:
    """List the templates of a folder and the folders in it, by the name a template refers to them with.

    A link out of the folder is left out: a folder holds what lies in it.
    """
    return {name: path for name, path in _candidates(folder).items() if not _leads_out(path, folder)}


def links_out_of(folder: Path) -> Sequence[str]:
    """List the links of a folder that would be templates if what they lead to lay in it."""
    return [name for name, path in _candidates(folder).items() if _leads_out(path, folder)]


def _candidates(folder: Path) -> Mapping[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.suffix in _KINDS and path.is_file()
    }


def _leads_out(path: Path, folder: Path) -> bool:
    return not path.resolve().is_relative_to(folder.resolve())
