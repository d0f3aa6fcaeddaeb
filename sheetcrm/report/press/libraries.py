"""The libraries in C that the engine loads, and where they lie on Windows, which has no folder for them.

There the wheel `gstreamer-libs` brings them, or the folder `pango` beside the program. What is told the engine is
told for its import alone: no other library is to be found in that folder.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

LIBRARIES: Mapping[str, Sequence[str]] = {
    "GObject": ("libgobject-2.0-0", "gobject-2.0-0", "gobject-2.0", "libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    "Pango": ("libpango-1.0-0", "pango-1.0-0", "pango-1.0", "libpango-1.0.so.0", "libpango-1.0.dylib"),
    "HarfBuzz": ("libharfbuzz-0", "harfbuzz", "harfbuzz-0.0", "libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    "HarfBuzz-Subset": (
        *("libharfbuzz-subset-0", "harfbuzz-subset", "harfbuzz-subset-0.0"),
        *("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    ),
    "Fontconfig": ("libfontconfig-1", "fontconfig-1", "fontconfig", "libfontconfig.so.1", "libfontconfig.1.dylib"),
    "PangoFT2": (
        *("libpangoft2-1.0-0", "pangoft2-1.0-0", "pangoft2-1.0"),
        *("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    ),
}
"""The names under which WeasyPrint asks for each, on any system."""

_WHEEL = "gstreamer_libs"
_BESIDE = "pango"
_PANGO = "*pango-1.0-0.dll"
_VARIABLE = "WEASYPRINT_DLL_DIRECTORIES"
_FONTS = "FONTCONFIG_FILE"


def find_folder() -> Path | None:
    """Find the folder of DLLs on Windows: beside the program, or in the wheel; None elsewhere, or where none is."""
    if sys.platform != "win32":
        return None
    program = Path(sys.executable).parent
    candidates = [program / _BESIDE, program.parent / _BESIDE]
    wheel = importlib.util.find_spec(_WHEEL)
    candidates += [Path(place) / "bin" for place in (wheel.submodule_search_locations if wheel else None) or ()]
    return next((folder for folder in candidates if any(folder.glob(_PANGO))), None)


@contextlib.contextmanager
def within_reach() -> Iterator[None]:
    """Let the libraries be found while the engine is imported; after it the environment is as it was.

    WEASYPRINT_DLL_DIRECTORIES alone is not enough: a name with a dot in it gets no `.dll`, and is then looked for
    along PATH. Where the user has set the variable, their folders count, and go onto PATH too.
    """
    stated = os.environ.get(_VARIABLE)
    folder = find_folder() if sys.platform == "win32" and not stated else None
    if sys.platform != "win32" or not (stated or folder):
        yield
        return
    changes = {"PATH": os.pathsep.join((stated or str(folder), os.environ.get("PATH", "")))}
    if folder:
        changes[_VARIABLE] = str(folder)
        changes["PATH"] = str(folder)
        fonts = folder.parent / "etc" / "fonts" / "fonts.conf"
        if fonts.is_file() and not os.environ.get(_FONTS):
            changes[_FONTS] = str(fonts)
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def missing() -> tuple[str, ...]:
    """List the libraries that cannot be loaded here."""
    from cffi import FFI  # noqa: PLC0415  (only `doctor` asks)

    with within_reach(), contextlib.ExitStack() as folders:
        if sys.platform == "win32":
            for folder in filter(None, os.environ.get(_VARIABLE, "").split(os.pathsep)):
                with contextlib.suppress(OSError):
                    folders.enter_context(os.add_dll_directory(folder))
        return tuple(title for title, names in LIBRARIES.items() if not _loads(FFI(), names))


def _loads(ffi: Any, names: Sequence[str]) -> bool:  # noqa: ANN401  (cffi has no types)
    flags = 0x1000 if sys.platform == "win32" else ffi.RTLD_NOW
    for name in names:
        with contextlib.suppress(OSError):
            ffi.dlopen(name, flags)
            return True
    return False
