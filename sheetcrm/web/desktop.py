"""What the page asks of the system: to open a file with its own program, and to let a person choose a folder."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sheetcrm.errors import UsageError

_PATIENCE = 600.0
"""Seconds a dialog may stay open."""
_ASK = (
    "import sys, tkinter\n"
    "from tkinter import filedialog\n"
    "root = tkinter.Tk()\n"
    "root.withdraw()\n"
    "root.attributes('-topmost', True)\n"
    "path = filedialog.askdirectory(parent=root, title='选择工作簿所在的文件夹', initialdir=sys.argv[1] or None)\n"
    "sys.stdout.buffer.write(str(path or '').encode('utf-8'))\n"
)


def open_path(path: Path) -> None:
    """Open a file or a folder with the program the system has for it.

    Raises:
        UsageError: If it is not there, or there is no such program.
    """
    if not path.exists():
        raise UsageError(f"找不到“{path}”", "它可能被移走了，请重新检查")
    try:
        if sys.platform == "win32":
            os.startfile(path)  # noqa: S606  (a workbook, a report or a folder of this run)
            return
        program = "open" if sys.platform == "darwin" else "xdg-open"
        if shutil.which(program) is None:
            raise UsageError(f"这台电脑没有能打开它的程序，请自己打开“{path}”")
        subprocess.Popen(  # noqa: S603  (as above)
            [program, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"打不开“{path}”（{error.strerror or error}）", "请自己打开它") from error


def has_dialog() -> bool:
    """Return whether this system can show a dialog: Tk is there, and a screen."""
    if importlib.util.find_spec("tkinter") is None:
        return False
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def choose_folder(start: str) -> str:
    """Let a person choose a folder in a dialog of the system, in a process of its own; blank if none was chosen.

    Raises:
        UsageError: If the dialog cannot be shown.
    """
    try:
        done = subprocess.run(  # noqa: S603  (this very Python)
            [sys.executable, "-I", "-c", _ASK, start if Path(start).is_dir() else ""],
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError("打不开选文件夹的窗口", "请把文件夹的路径粘贴到框里") from error
    return done.stdout.decode("utf-8", errors="surrogateescape").strip()
