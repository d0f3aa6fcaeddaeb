"""Under which terms each part of a folder that is given away may be passed on: the texts, and a list of them.

A wheel brings its own text (core metadata, `License-File`; older ones beside METADATA). The wheel of Pango's DLLs
brings none: theirs are those of the table below, from other wheels of the folder or from `scripts/licences/`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

TEXTS = Path(__file__).parent / "licences"
LIST = "许可证.txt"
WITHOUT_TEXT = frozenset({"chinesecalendar"})
"""The wheels that name their licence and bring no text of it."""

_TEXT = re.compile(r"licen[cs]e|copying|notice", re.IGNORECASE)
_LGPL, _PILLOW = "python_stdnum-*.dist-info/licenses/COPYING", "pillow-*.dist-info/licenses/LICENSE"
OF_DLLS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("pango-1.0-0", "pangoft2-1.0-0"), ("LGPL-2.0-or-later", _LGPL)),
    **dict.fromkeys(("glib-2.0-0", "gobject-2.0-0", "gmodule-2.0-0", "gio-2.0-0"), ("LGPL-2.1-or-later", _LGPL)),
    **dict.fromkeys(("intl-8", "fribidi-0"), ("LGPL-2.1-or-later", _LGPL)),
    **dict.fromkeys(("harfbuzz", "harfbuzz-subset"), ("MIT-Modern-Variant", _PILLOW)),
    "freetype-6": ("FTL", _PILLOW),
    "png16": ("libpng-2.0", _PILLOW),
    "fontconfig-1": ("HPND-sell-variant", "fontconfig.txt"),
    "libexpat": ("MIT", "expat.txt"),
    "ffi-7": ("MIT", "ffi.txt"),
    "pcre2-8-0": ("BSD-3-Clause WITH PCRE2-exception", "pcre2.txt"),
    "z-1": ("Zlib", "zlib.txt"),
    "bz2": ("bzip2-1.0.6", "bzip2.txt"),
}
"""Each DLL's licence, and its text: a file of `scripts/licences/`, or of a wheel that contains it word for word."""

_HEAD = """\
这个文件夹里的程序库各有各的许可证，原文在右边的文件里（lib 和 pango 都在这个文件夹里）。

pango 里的文件原样取自 gstreamer-libs；其中每一个都可以换成同名的另一份。源代码：
https://gitlab.freedesktop.org/gstreamer/cerbero

"""


@dataclass(frozen=True, slots=True)
class Licensed:
    """A part, the name of its licence, and the files with the text, below the folder; none where it brings none."""

    part: str
    licence: str
    texts: tuple[str, ...]


def write_list(folder: Path) -> list[Licensed]:
    """Copy the texts of the DLLs beside them, and write the list; return what it says, to be checked."""
    parts = [*licences_of_dlls(folder), *licences_of_wheels(folder / "lib", folder)]
    lines = [f"{one.part}  {one.licence}  {'、'.join(one.texts) or '包里没有许可证原文'}" for one in parts]
    (folder / LIST).write_bytes("\r\n".join([*_HEAD.splitlines(), *lines, ""]).encode("utf-8-sig"))
    return parts


def without_text(parts: list[Licensed]) -> Iterator[str]:
    """Name each part that has no text and is not known to have none."""
    for one in parts:
        if not one.texts and one.part.split(" ")[0] not in WITHOUT_TEXT:
            yield f"the licence of {one.part}"


def licences_of_wheels(library: Path, folder: Path) -> Iterator[Licensed]:
    """Yield the licence of each wheel that is installed in a library of the folder, by name."""
    for place in sorted(library.glob("*.dist-info")):
        metadata = Parser().parsestr((place / "METADATA").read_text(encoding="utf-8"), headersonly=True)
        classifiers = [text for text in metadata.get_all("Classifier") or () if text.startswith("License ::")]
        choices = "；".join(text.split(" :: ")[-1] for text in classifiers)
        names = (metadata["License-Expression"], choices, metadata["License"])
        licence = next((name.splitlines()[0] for name in names if name), "见原文")
        files = [path for path in sorted(place.rglob("*")) if path.is_file() and _is_text(path.relative_to(place))]
        texts = tuple(path.relative_to(folder).as_posix() for path in files)
        yield Licensed(f"{metadata['Name'].lower()} {metadata['Version']}", licence, texts)


def licences_of_dlls(folder: Path) -> Iterator[Licensed]:
    """Yield the licence of each DLL in `pango`, and copy its text into `pango/licences`."""
    for path in sorted((folder / "pango").glob("*.dll")):
        licence, text = OF_DLLS.get(path.stem.lower(), ("", ""))
        found = next(iter([*(folder / "lib").glob(text), *TEXTS.glob(text)] if text else []), None)
        if found is None:
            yield Licensed(path.name, licence, ())
            continue
        name = {_LGPL: "LGPL-2.1.txt", _PILLOW: "freetype-harfbuzz-libpng.txt"}.get(text, text)
        (folder / "pango" / "licences").mkdir(exist_ok=True)
        shutil.copy(found, folder / "pango" / "licences" / name)
        yield Licensed(path.name, licence, (f"pango/licences/{name}",))


def _is_text(path: Path) -> bool:
    return "licenses" in path.parts[:-1] or bool(_TEXT.search(path.name))
