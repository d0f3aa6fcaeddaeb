"""Load the DLLs of the laid-out folder under Wine, where it and MinGW's compiler are installed.

`apt-get install wine64 wine gcc-mingw-w64-x86-64`; the folder's own reading of import tables needs neither.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

_COMPILER, _WINE = "x86_64-w64-mingw32-gcc", "wine"
_SOURCE = Path(__file__).with_name("load_dlls.c")


def is_there() -> bool:
    """Return whether Wine and the compiler are installed."""
    return all(shutil.which(name) for name in (_COMPILER, _WINE))


def unloaded(libraries: Sequence[Path]) -> Iterator[str]:
    """Name each DLL that Wine cannot load, with what lies beside it and what Windows has; needs `is_there`."""
    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch, "load.exe")
        subprocess.run([_COMPILER, "-o", program, _SOURCE], check=True)  # noqa: S603
        settings = {**os.environ, "WINEPREFIX": str(Path(scratch, "prefix")), "WINEDEBUG": "-all"}
        paths = ["Z:" + str(path.resolve()).replace("/", "\\") for path in libraries]
        command: Sequence[str | Path] = [_WINE, program, *paths]
        answer = subprocess.run(command, env=settings, capture_output=True, check=False)  # noqa: S603
        yield from (f"{line}, which Wine cannot load" for line in answer.stdout.decode("utf-8", "replace").splitlines())
        if answer.returncode > 1:
            yield f"an answer of Wine, which ended with {answer.returncode}"
