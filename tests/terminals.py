"""Reads what the command prints on a terminal: a pseudo-terminal of the system, escape sequences and all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]"
)
"""What a terminal obeys, what turns the direction of reading, and what nobody sees."""

HOSTILE = "\x1b]0;PWNED\x07\x1b[2J\x1b[31m红\x9b31m\u202e反\u2066\u200b\u200f\u3164\n伪造的一行\r伪造的开头"


def environment(**values: str) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **values}


def on_terminal(*words: str | Path) -> tuple[int, str]:
    """Run the command on a terminal: its exit code, and all that the terminal gets."""
    import pty  # noqa: PLC0415  (there is none on Windows)

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "sheetcrm", *words],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=environment(),
    ) as process:
        os.close(theirs)
        pieces = []
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not piece:
                break
            pieces.append(piece)
    os.close(ours)
    return process.returncode, b"".join(pieces).decode().replace("\r\n", "\n")


def faults(printed: str) -> list[str]:
    """Find what must not be printed: the characters, and a quoted line that stands at the start of one."""
    return UNPRINTABLE.findall(printed) + re.findall("(?m)^伪造.*", printed) + re.findall("\r伪造.*", printed)
