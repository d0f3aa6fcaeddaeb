"""The folder for Windows: which DLLs belong into it, and what would be missing there. Nothing is downloaded."""

from __future__ import annotations

import struct
from pathlib import Path

from scripts import portable


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
