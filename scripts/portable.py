"""Lay out the folders to unzip on Windows and macOS: `python -m scripts.portable [--python ZIP] [--output FOLDER]`.

Wheels for Windows are resolved here by uv, on any system; of `gstreamer-libs` only the DLLs that the engine loads are
taken, with all they load themselves. `--python` is python.org's embeddable zip; without it everything else is laid out.
Where Wine is installed, the DLLs are loaded under it. On macOS the program's wheel is installed by the first start,
with the Python that is there. What is laid out can be checked here, and was run on neither.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from scripts import licences, under_wine
from sheetcrm import __version__
from sheetcrm.report.press.libraries import LIBRARIES
from sheetcrm.store.files.sample import sample_books

ROOT = Path(__file__).parent.parent
PYTHON = "3.13"
PLATFORM = "x86_64-pc-windows-msvc"
LIBRARIES_WHEEL = (
    "gstreamer-libs==1.28.8 --hash=sha256:1e7f9d04fdda109d08bedc381c1cda801f6bab4c7778f7eadafb027a6a0a9da4"
)
MOST_MEGABYTES = 90
"""The size of the zip."""

_SYSTEM = ("api-ms-win-", "ext-ms-")
_OF_WINDOWS = frozenset(
    (
        *(
            "advapi32",
            "bcrypt",
            "bcryptprimitives",
            "crypt32",
            "dbghelp",
            "dnsapi",
            "dwrite",
            "gdi32",
            "iphlpapi",
            "pdh",
        ),
        *(
            "kernel32",
            "msimg32",
            "msvcrt",
            "ncrypt",
            "ntdll",
            "ole32",
            "oleaut32",
            "pdh",
            "powrprof",
            "psapi",
            "rpcrt4",
        ),
        *("secur32", "shell32", "shlwapi", "ucrtbase", "user32", "userenv", "usp10", "version", "winmm", "ws2_32"),
    )
)
"""What every Windows has, in its own folder."""
_OF_PYTHON = frozenset({"vcruntime140", "vcruntime140_1", "python3", f"python{PYTHON.replace('.', '')}"})
"""What python.org's zip brings beside python.exe."""

_START = """\
@echo off
chcp 65001 >nul
if not exist "%~dp0python\\python.exe" (
  echo 文件夹不全，缺少 python。请把整个压缩包解压出来，再双击里面的“开始”。
  pause
  exit /b 2
)
"%~dp0python\\python.exe" -X utf8 -m sheetcrm open %*
if errorlevel 1 (
  echo.
  echo 没有做完。下面看看这台电脑缺什么：
  "%~dp0python\\python.exe" -X utf8 -m sheetcrm doctor
  pause
)
"""
_COMMAND = '@"%~dp0python\\python.exe" -X utf8 -m sheetcrm %*\n'
_PATHS = "python{short}.zip\n.\n..\\lib\n"


def main() -> int:
    """Lay the folders out and zip them; 1 if a file, module or licence is missing, or a zip is too large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--python", type=Path, help="python.org's embeddable zip")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    arguments = parser.parse_args()
    output: Path = arguments.output
    windows, macos = (output / f"sheetcrm-{__version__}-{system}" for system in ("win64", "macos"))
    for folder in (windows, macos):
        shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        _run("-m", "hatchling", "build", "--target", "wheel", "--directory", scratch)
        (wheel,) = Path(scratch).glob("*.whl")
        lay_out(windows, wheel, arguments.python)
        lay_out_for_macos(macos, wheel)
    missing = [
        *missing_libraries(windows),
        *missing_modules(windows / "lib"),
        *licences.without_text(licences.write_list(windows)),
        *(under_wine.unloaded(sorted((windows / "pango").glob("*.dll"))) if under_wine.is_there() else ()),
    ]
    for line in missing:
        print(f"missing: {line}")
    sizes = [_pack(folder) for folder in (windows, macos)]
    return 1 if missing or max(sizes) > MOST_MEGABYTES else 0


def _pack(folder: Path) -> float:
    """Zip a folder, and return the megabytes of that."""
    packed = shutil.make_archive(str(folder), "zip", folder.parent, folder.name)
    size = Path(packed).stat().st_size / 1e6
    print(f"{packed}: {size:.1f} MB{'' if any(folder.glob('python/python.exe')) else ', without Python'}")
    return size


def lay_out(folder: Path, wheel: Path, python: Path | None) -> None:
    """Write the folder for Windows."""
    with tempfile.TemporaryDirectory() as scratch:
        libraries = Path(scratch, "libraries")
        _install(folder / "lib", f"{wheel}[open]", "--constraint", "requirements-open.txt")
        for name in ("bin", "Scripts"):  # started by nobody: scripts for the system that this was done on
            shutil.rmtree(folder / "lib" / name, ignore_errors=True)
        pinned = Path(scratch, "libraries.txt")
        pinned.write_text(LIBRARIES_WHEEL, encoding="utf-8")
        _install(libraries, "--require-hashes", "--no-deps", "--requirement", str(pinned))
        _take_libraries(libraries / "gstreamer_libs", folder)
    (folder / "python").mkdir()
    if python:
        zipfile.ZipFile(python).extractall(folder / "python")
    short = PYTHON.replace(".", "")
    _write(folder / "python" / f"python{short}._pth", _PATHS.format(short=short))
    _write(folder / "开始.cmd", _START)
    _write(folder / "sheetcrm.cmd", _COMMAND)
    _add_reading(folder)


def lay_out_for_macos(folder: Path, wheel: Path) -> None:
    """Write the folder for macOS: what a double-click starts installs the wheel beside it."""
    folder.mkdir(parents=True)
    shutil.copy(wheel, folder)
    shutil.copy(ROOT / "scripts" / "开始.command", folder)
    _add_reading(folder)


def _add_reading(folder: Path) -> None:
    """Write the sample month, the instructions and the licence."""
    for book in sample_books():
        (folder / "示例").mkdir(exist_ok=True)
        (folder / "示例" / book.name).write_bytes(book.read_bytes())
    shutil.copy(ROOT / "README.zh-CN.md", folder / "说明.md")
    shutil.copy(ROOT / "LICENSE", folder)


def missing_libraries(folder: Path) -> Iterator[str]:
    """Name each DLL that a file of the folder loads and neither it, nor Python, nor Windows has."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in {".dll", ".pyd"}]
    present = {path.name.lower() for path in files}
    for path in files:
        for wanted in imports_of(path.read_bytes()):
            if wanted not in present and not _is_there(wanted):
                yield f"{wanted}, which {path.relative_to(folder)} loads"


def missing_modules(library: Path) -> Iterator[str]:
    """Name each module that the program imports when its own are imported, and that is neither there nor Python's."""
    present = {path.name.split(".")[0] for path in library.iterdir()} | sys.stdlib_module_names
    for path in sorted((library / "sheetcrm").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                if name.split(".")[0] not in present:
                    yield f"{name}, which {path.relative_to(library)} imports"


def _take_libraries(wheel: Path, folder: Path) -> None:
    """Copy the DLLs that the engine loads, all they load themselves, and the configuration of fonts."""
    (folder / "pango").mkdir(parents=True)
    available = {path.name.lower(): path for path in (wheel / "bin").glob("*.dll")}
    roots = [next(name for one in names if (name := f"{one}.dll") in available) for names in LIBRARIES.values()]
    taken = closure(roots, {name: path.read_bytes() for name, path in available.items()})
    for name in taken:
        shutil.copy(available[name], folder / "pango")
    shutil.copytree(wheel / "etc" / "fonts", folder / "etc" / "fonts")


def closure(roots: Sequence[str], available: Mapping[str, bytes]) -> frozenset[str]:
    """Return all of the available DLLs that some load, themselves among them. Pure."""
    taken: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in taken and name in available:
            taken.add(name)
            waiting += imports_of(available[name])
    return frozenset(taken)


def _is_there(name: str) -> bool:
    stem = name.removesuffix(".dll")
    return name.startswith(_SYSTEM) or stem in _OF_WINDOWS or stem in _OF_PYTHON


def imports_of(data: bytes) -> Iterator[str]:
    """Yield the DLLs that a 64-bit DLL loads, at its start or when first needed (PE format, import tables). Pure."""
    header = _number(data, 0x3C)
    optional = header + 24
    sections = optional + int.from_bytes(data[header + 20 : header + 22], "little")
    count = int.from_bytes(data[header + 6 : header + 8], "little")
    spans = [struct.unpack_from("<IIII", data, sections + 40 * at + 8) for at in range(count)]
    for directory, entry, name_at in ((1, 20, 12), (13, 32, 4)):
        address = _number(data, optional + 112 + 8 * directory)
        place = _offset(address, spans) if address else len(data)
        while place + entry <= len(data) and (name := _number(data, place + name_at)):
            start = _offset(name, spans)
            yield data[start : data.index(b"\0", start)].decode("ascii").lower()
            place += entry


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _offset(address: int, spans: Sequence[tuple[int, ...]]) -> int:
    """Return where in the file an address of the loaded DLL lies; a section's span is size, address, length, offset."""
    for size, start, length, raw in spans:
        if start <= address < start + max(size, length):
            return raw + address - start
    raise ValueError(f"address {address:x} is in no section")


def _install(target: Path, *words: str) -> None:
    """Install wheels for Windows into a folder."""
    command = ["-m", "uv", "pip", "install", "--quiet", "--target", str(target), "--only-binary", ":all:"]
    _run(*command, "--python-version", PYTHON, "--python-platform", PLATFORM, *words)


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True)  # noqa: S603


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.replace("\n", "\r\n").encode())


if __name__ == "__main__":
    sys.exit(main())
