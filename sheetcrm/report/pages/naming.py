"""Names files: safe on every system, none twice, and without anybody's name or number."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from sheetcrm.privacy import NUMBERS_ALONE, Gate
from sheetcrm.report.pages.filters import clean

_LONGEST = 80
_VOLUME = re.compile(r"-第\d+册(?=\.\w+$)")


def safe(text: str) -> str:
    """Replace the characters file systems refuse. Pure."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", text).strip(" .")[:_LONGEST]


def volume(stem: str, number: int, of: int) -> str:
    """Name a PDF, or one volume of it: `2026-10-附件1-VIP客户-第1册.pdf`. Pure."""
    return f"{stem}-第{number}册.pdf" if of > 1 else f"{stem}.pdf"


def whole(name: str) -> str:
    """Name the document that a file is a volume of; other names stay. Pure."""
    return _VOLUME.sub("", name)


def customer_stems(customer_ids: Iterable[str], gate: Gate = NUMBERS_ALONE) -> Mapping[str, str]:
    """Name the files of each 客户编号: none twice, and nothing in it that the gate hides. Pure."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for customer_id in sorted(customer_ids):
        name = safe(clean(customer_id))
        if not name or gate(name) != name:
            name = f"客户-{short_hash(customer_id)}"
        if name.casefold() in taken:
            name = f"{name}-{short_hash(customer_id)}"
        taken.add(name.casefold())
        names[customer_id] = name
    return names


def short_hash(*texts: str) -> str:
    """Return eight characters that stand for some texts, in their order. Pure."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:8]
