"""Many files as one: a tar of them, after a list of their names, sizes and hashes. Pure.

The same files give the same bytes. What is unpacked is compared with the list: no file more, less or other.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from sheetcrm.errors import StoreError

LIST = "sheetcrm-backup.json"
"""The list of the files: the first entry of the tar."""

_FORMAT = 1
_BROKEN = "请换一份完好的备份"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a backup by their paths in it, and when and of what it was made."""

    files: Mapping[str, bytes]
    facts: Mapping[str, str]


def pack(bundle: Bundle) -> bytes:
    """Write a bundle as bytes."""
    listed = [
        {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(bundle.files.items())
    ]
    head = {"format": _FORMAT, **bundle.facts, "files": listed}
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        _add(archive, LIST, json.dumps(head, ensure_ascii=False, indent=1).encode())
        for name, data in sorted(bundle.files.items()):
            _add(archive, name, data)
    return target.getvalue()


def unpack(data: bytes) -> Bundle:
    """Read a bundle, and compare it with its list.

    Raises:
        StoreError: If it is none, a file is missing, was changed or added, or would be written elsewhere.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            contents = {member.name: _content(archive, member) for member in archive}
        head = json.loads(contents.pop(LIST))
        listed = {entry["file"]: entry["sha256"] for entry in head.pop("files")}
    except (tarfile.TarError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError("这不是 sheetcrm 的备份，或已损坏", _BROKEN) from error
    if head.pop("format", None) != _FORMAT:
        raise StoreError("这是更新版本的 sheetcrm 做的备份", "请先升级 sheetcrm")
    differing = [
        name
        for name in sorted(listed.keys() | contents.keys())
        if name not in contents or listed.get(name) != hashlib.sha256(contents[name]).hexdigest()
    ]
    if differing or not all(map(_stays_inside, listed)):
        raise StoreError(f"备份里有 {len(differing) or 1} 个文件和清单不符", _BROKEN)
    return Bundle(contents, {name: str(value) for name, value in head.items()})


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, io.BytesIO(data))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file: Any = archive.extractfile(member) if member.isreg() else None
    if file is None:
        raise ValueError(member.name)  # a link, a device or a folder, none of which is written
    content: bytes = file.read()
    return content


def _stays_inside(name: str) -> bool:
    path, windows = PurePosixPath(name), PureWindowsPath(name)
    return not (path.is_absolute() or windows.drive or windows.root or ".." in windows.parts or not path.parts)
