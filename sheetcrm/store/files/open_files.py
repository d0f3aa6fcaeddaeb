"""Refuses workbooks that somebody has open, by the owner files that Excel, WPS and LibreOffice put beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sheetcrm.store.files import disk

UNKNOWN_USER = "其他人"
"""The user of an owner file that does not name one."""

_EXCEL, _LIBRE_OFFICE, _WPS = "~$", ".~lock.", ".~"
"""What stands before the workbook's name; LibreOffice puts a # behind it too."""
_NARROW, _WIDE = 0, 55
"""Offsets in Excel's 165 bytes: a length and the name in the system's code page; a length and the name in UTF-16."""


def refuse_if_open(path: Path) -> None:
    """Refuse a workbook that somebody has open.

    Raises:
        StoreError: If an owner file is beside it; the message names the user and the way out.
    """
    for name in (_EXCEL + path.name, _WPS + path.name, f"{_LIBRE_OFFICE}{path.name}#"):
        owner_file = path.with_name(name)
        if owner_file.exists():
            _refuse(path, owner_file)


def refuse_if_any_open(folder: Path) -> None:
    """Refuse a folder in which somebody has a workbook open.

    Raises:
        StoreError: If an owner file is anywhere in it; the message names the workbook and the user.
    """
    for owner_file, path in _open_in(folder):
        _refuse(path, owner_file)


def list_open(folder: Path) -> tuple[Path, ...]:
    """List the workbooks in a folder and below it that somebody has open."""
    return tuple(path for _, path in _open_in(folder))


def _open_in(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each owner file in a folder and below it, and the workbook it stands for."""
    for owner_file in sorted((*folder.rglob(f"{_EXCEL}*"), *folder.rglob(f"{_WPS}*"))):
        name = owner_file.name
        if name.startswith(_LIBRE_OFFICE):
            name = name.removeprefix(_LIBRE_OFFICE).removesuffix("#")
        yield owner_file, owner_file.with_name(name.removeprefix(_EXCEL).removeprefix(_WPS))


def is_owner_file(path: Path) -> bool:
    """Return whether a file is an owner file, by its name."""
    return path.name.startswith((_EXCEL, _WPS))


def user_in(data: bytes) -> str:
    """Read the user's name from an owner file's bytes; `UNKNOWN_USER` where it cannot be read. Pure.

    Excel and WPS write the name twice, in the system's code page (read as Chinese, GB 18030) and in
    UTF-16; LibreOffice writes one line of fields separated by commas, the name first.
    """
    for name in _names(data):
        clean = name.strip("\0 ")
        if clean and clean.isprintable():
            return clean
    return UNKNOWN_USER


def _names(data: bytes) -> Iterator[str]:
    if b"\0" not in data:
        yield from data.decode("utf-8", errors="ignore").split(",")[:2]
        return
    if len(data) > _WIDE:
        yield data[_WIDE + 2 :][: 2 * data[_WIDE]].decode("utf-16-le", errors="ignore")
    yield data[_NARROW + 1 :][: data[_NARROW]].decode("gb18030", errors="ignore")


def _refuse(path: Path, owner_file: Path) -> None:
    try:
        user = user_in(disk.read_regular(owner_file))
    except OSError:  # Excel on Windows keeps it from being read
        user = UNKNOWN_USER
    raise disk.refusal(
        disk.BUSY,
        f"“{path}”没有写入：{user}正打开着它",
        f"请关闭后重试；若确实没有人打开，请删除残留的“{owner_file.name}”",
    )
