"""The folders to unzip: what belongs into them, what would be missing there, how they start. Nothing is downloaded."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import licences, portable, under_wine
from sheetcrm.report.press.libraries import LIBRARIES


def dll(*wanted: str, later: str = "") -> bytes:
    """Make a 64-bit DLL of one section that loads others, one of them only when it is needed."""
    base, start = 0x1000, 0x400
    entries, texts = 20 * (len(wanted) + 1), 20 * (len(wanted) + 1) + 64
    section = bytearray(texts)
    addresses = []
    for name in (*wanted, later):
        addresses.append(base + len(section))
        section += name.encode() + b"\0"
    for at, address in enumerate(addresses[:-1]):
        struct.pack_into("<I", section, 20 * at + 12, address)
    if later:
        struct.pack_into("<I", section, entries + 4, addresses[-1])
    data = bytearray(start)
    struct.pack_into("<I", data, 0x3C, 0x80)
    struct.pack_into("<HH", data, 0x80 + 4, 0x8664, 1)
    struct.pack_into("<H", data, 0x80 + 20, 240)
    struct.pack_into("<I", data, 0x98 + 112 + 8, base)
    struct.pack_into("<I", data, 0x98 + 112 + 8 * 13, base + entries if later else 0)
    struct.pack_into("<IIII", data, 0x98 + 240 + 8, len(section), base, len(section), start)
    return bytes(data + section)


def test_the_dlls_that_a_dll_loads_are_read_from_it() -> None:
    assert list(portable.imports_of(dll("KERNEL32.dll", "glib-2.0-0.dll", later="gio-2.0-0.dll"))) == [
        "kernel32.dll",
        "glib-2.0-0.dll",
        "gio-2.0-0.dll",
    ]
    assert list(portable.imports_of(dll())) == []


def test_a_dll_brings_all_that_it_loads_and_nothing_else() -> None:
    available = {
        "a.dll": dll("b.dll", "KERNEL32.dll"),
        "b.dll": dll("a.dll", later="c.dll"),
        "c.dll": dll(),
        "d.dll": dll(),
    }
    assert portable.closure(["a.dll"], available) == {"a.dll", "b.dll", "c.dll"}


def test_what_is_missing_is_named_with_what_needs_it(tmp_path: Path) -> None:
    (tmp_path / "pango").mkdir()
    (tmp_path / "pango" / "a.dll").write_bytes(dll("b.dll", "KERNEL32.dll", "api-ms-win-crt-heap-l1-1-0.dll"))
    assert list(portable.missing_libraries(tmp_path)) == ["b.dll, which pango/a.dll loads"]
    (tmp_path / "pango" / "B.dll").write_bytes(dll("python313.dll"))
    assert list(portable.missing_libraries(tmp_path)) == []
    (tmp_path / "lib" / "sheetcrm").mkdir(parents=True)
    (tmp_path / "lib" / "click").mkdir()
    (tmp_path / "lib" / "sheetcrm" / "a.py").write_text("import json\nimport click.core\nfrom flask import Flask\n")
    assert list(portable.missing_modules(tmp_path / "lib")) == ["flask, which sheetcrm/a.py imports"]


def wheel(library: Path, name: str, *files: str, said: str = "License: MIT") -> None:
    place = library / f"{name}-1.0.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{said}\n\nText\n")
    for file in files:
        (place / file).parent.mkdir(exist_ok=True)
        (place / file).write_text("Permission is granted")


def test_every_part_is_listed_with_its_licence_and_where_the_text_of_it_stands(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    wheel(library, "new", "licenses/AUTHORS", "licenses/LICENSE", said="License-Expression: BSD-2-Clause")
    wheel(library, "older", "COPYING.rst", "top_level.txt", said="Classifier: License :: OSI Approved :: MIT License")
    wheel(library, "chinesecalendar")
    wheel(library, "python_stdnum", "licenses/COPYING")
    (tmp_path / "pango").mkdir()
    for name in ("pango-1.0-0.dll", "libexpat.dll"):
        (tmp_path / "pango" / name).touch()
    parts = licences.write_list(tmp_path)
    lines = (tmp_path / "许可证.txt").read_text(encoding="utf-8-sig").splitlines()
    assert (
        "new 1.0  BSD-2-Clause  lib/new-1.0.dist-info/licenses/AUTHORS、lib/new-1.0.dist-info/licenses/LICENSE" in lines
    )
    assert "older 1.0  MIT License  lib/older-1.0.dist-info/COPYING.rst" in lines
    assert "chinesecalendar 1.0  MIT  包里没有许可证原文" in lines
    assert "pango-1.0-0.dll  LGPL-2.0-or-later  pango/licences/LGPL-2.1.txt" in lines
    assert "libexpat.dll  MIT  pango/licences/expat.txt" in lines
    assert all((tmp_path / text).is_file() for one in parts for text in one.texts)
    assert list(licences.without_text(parts)) == []


def test_a_part_without_a_licence_that_nobody_foresaw_is_named(tmp_path: Path) -> None:
    wheel(tmp_path / "lib", "strange")
    (tmp_path / "pango").mkdir()
    (tmp_path / "pango" / "new.dll").touch()
    assert list(licences.without_text(licences.write_list(tmp_path))) == [
        "the licence of new.dll",
        "the licence of strange 1.0",
    ]


def test_every_pinned_wheel_that_is_installed_here_brings_its_licence_or_is_named_as_bringing_none() -> None:
    library = Path(pytest.__file__).parent.parent
    text = (portable.ROOT / "requirements-open.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in pinned}
    parts = [one for one in licences.licences_of_wheels(library, library) if _name_of(one) in names]
    assert len(parts) > 30
    assert list(licences.without_text(parts)) == []
    assert {_name_of(one) for one in parts if not one.texts} == licences.WITHOUT_TEXT


def _name_of(part: licences.Licensed) -> str:
    return re.sub(r"[-_.]+", "-", part.part.split(" ")[0])


def test_each_dll_of_the_engine_has_a_licence_in_the_table() -> None:
    assert {name for names in LIBRARIES.values() for name in names} & set(licences.OF_DLLS) >= {
        "gobject-2.0-0",
        "pango-1.0-0",
        "pangoft2-1.0-0",
        "harfbuzz",
        "harfbuzz-subset",
        "fontconfig-1",
    }
    own = {text for _, text in licences.OF_DLLS.values() if "/" not in text}
    assert own == {path.name for path in licences.TEXTS.iterdir()}


STUB = """#!/bin/bash
echo "$(basename "$0") $*" >>"$LOG"
if [ "$2" = venv ]; then
    mkdir -p "${!#}/bin" && cp "$0" "${!#}/bin/python"
elif [ "$2" = pip ]; then
    touch "$LOG.installed"; exit "${PIP_FAILS:-0}"
elif [[ "$*" = *--version ]]; then
    [ -e "$LOG.installed" ]
elif [[ "$*" = *" open "* || "$*" = *" open" ]]; then
    exit "${OPEN_FAILS:-0}"
fi
"""
"""A Python that notes what it is asked for."""


UNIX = pytest.mark.skipif(sys.platform == "win32", reason="a script of macOS")


def start(tmp_path: Path, *words: str, python: str = "python3.12", **more: str) -> tuple[int, str, list[str]]:
    """Start `开始.command` in a folder as it is laid out: exit code, words, and what the Python was asked for."""
    folder, programs = tmp_path / "客户 台账", tmp_path / "programs"
    if not folder.exists():
        made = tmp_path / "sheetcrm-1.0-py3-none-any.whl"
        made.touch()
        portable.lay_out_for_macos(folder, made)
        programs.mkdir()
        (programs / python).write_text(STUB)
        (programs / python).chmod(0o755)
        for name in ("bash", "dirname", "basename", "mkdir", "cp", "touch", "rm"):
            (programs / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    log = tmp_path / "log"
    log.write_text("")
    script = portable.ROOT / "scripts" / "开始.command"
    done = subprocess.run(
        [folder / script.name, *words],
        env={"PATH": str(programs), "LOG": str(log), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout, log.read_text().splitlines()


@UNIX
def test_the_first_start_installs_the_wheel_beside_it_and_the_next_only_opens(tmp_path: Path) -> None:
    code, out, asked = start(tmp_path, "/某处/十 月")
    assert code == 0
    assert out == "第一次打开，正在装程序库（要联网，一两分钟）……\n"
    assert [line for line in asked if "venv --" in line or "-m pip" in line] == [
        f"python3.12 -m venv --clear {tmp_path}/客户 台账/.venv",
        f"python -m pip install --quiet {tmp_path}/客户 台账/sheetcrm-1.0-py3-none-any.whl[open]",
    ]
    assert asked[-1] == "python -X utf8 -m sheetcrm open /某处/十 月"
    assert os.access(tmp_path / "客户 台账" / "开始.command", os.X_OK)
    code, out, asked = start(tmp_path)
    assert (code, out) == (0, "")
    assert asked == ["python -m sheetcrm --version", "python -X utf8 -m sheetcrm open"]


@UNIX
def test_what_is_missing_is_said_and_waited_for(tmp_path: Path) -> None:
    code, out, _ = start(tmp_path, python="python3.9")
    assert code == 2
    assert out == "没有找到 Python 3.11 到 3.14。请从 python.org 下载安装，再双击一次“开始”。\n按回车键关闭。"


@UNIX
def test_an_installation_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    code, out, _ = start(tmp_path, PIP_FAILS="1")
    assert code == 2
    assert "没有装好" in out
    assert not (tmp_path / "客户 台账" / ".venv").exists()


@UNIX
def test_where_the_page_fails_the_doctor_is_asked(tmp_path: Path) -> None:
    code, out, asked = start(tmp_path, OPEN_FAILS="2")
    assert code == 2
    assert asked[-1] == "python -X utf8 -m sheetcrm doctor"
    assert out.endswith("没有做完。下面看看这台电脑缺什么：\n按回车键关闭。")


@pytest.mark.slow(seconds=10)
@pytest.mark.skipif(not under_wine.is_there(), reason="Wine and gcc-mingw-w64-x86-64 are not installed")
def test_a_dll_that_windows_would_not_load_is_named(tmp_path: Path) -> None:
    (tmp_path / "whole.c").write_text("int answer(void) { return 42; }\n")
    command = ["x86_64-w64-mingw32-gcc", "-shared", "-o", str(tmp_path / "whole.dll"), str(tmp_path / "whole.c")]
    subprocess.run(command, check=True)
    (tmp_path / "broken.dll").write_bytes((tmp_path / "whole.dll").read_bytes()[:2000])
    (line,) = under_wine.unloaded([tmp_path / "whole.dll", tmp_path / "broken.dll"])
    assert "broken.dll" in line
