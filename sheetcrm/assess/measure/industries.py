"""Reads the major part of an industry (practice §6.3). Pure."""

from __future__ import annotations

from functools import lru_cache

from sheetcrm.text.folding import squeeze


@lru_cache(maxsize=1 << 10)
def industry(written: str | None) -> str | None:
    """Return the major part of an industry written 大类-细类, so that 製造業 is 制造业 (practice §6.3). Pure."""
    if not written:
        return None
    for sign in ("-", "－", "—", "–"):
        written = written.split(sign)[0]
    return squeeze(written) or None
