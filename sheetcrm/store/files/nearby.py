"""Finds the files and folders that a path which leads nowhere was probably meant for."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from sheetcrm.store.files import disk
from sheetcrm.text.likeness import nearest
from sheetcrm.text.printable import printable_name

_MOST_LOOKED_AT = 5_000
"""Entries of a folder: a network drive may have very many."""


def did_you_mean_file(path: Path) -> str:
    """Return the question `是不是 客户/台账.xlsx？`, "" where nothing beside the path is called much the same.

    Of a path of several folders the first that is not there is looked for. A quotation mark inside a path is what a
    console of Windows makes of a backslash before it.
    """
    letters = disk.letters_too_many(path)
    if letters:
        return f"路径有 {letters} 个字，Windows 打不开这么长的路径：请移到路径较短的文件夹。"
    if '"' in str(path):
        return "路径里有双引号，请去掉引号前面的反斜杠。"
    missing = next((one for one in (*reversed(path.parents), path) if not os.path.lexists(one)), path)
    rest = path.relative_to(missing)
    near = [missing.with_name(name) for name in nearest(missing.name, _beside(missing))]
    near = [one / rest for one in near if os.path.lexists(one / rest)] or near
    return f"是不是 {'、'.join(printable_name(str(one)) for one in near)}？" if near else ""


def _beside(path: Path) -> list[str]:
    try:
        with os.scandir(path.parent) as entries:
            names = (entry.name for entry in itertools.islice(entries, _MOST_LOOKED_AT))
            return sorted(name for name in names if not name.startswith((".", "~$")))
    except OSError:
        return []
