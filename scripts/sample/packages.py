"""Workbook packages made the same to the byte at every run."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

_MEMBER_TIME = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_LAST_SAVED = b"2026-10-30T17:45:00Z"


def settle(path: Path) -> None:
    """Rewrite a workbook without the time it was written at."""
    settled = BytesIO()
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(settled, "w") as result:
        for name in package.namelist():
            data = package.read(name)
            if name == "docProps/core.xml":
                data = _MODIFIED.sub(rb"\g<1>" + _LAST_SAVED + rb"\g<2>", data)
            member = zipfile.ZipInfo(name, _MEMBER_TIME)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            result.writestr(member, data, compresslevel=9)
    path.write_bytes(settled.getvalue())
