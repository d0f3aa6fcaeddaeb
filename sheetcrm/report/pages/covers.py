"""Builds the texts of covers and margins, from the workbooks' 设置 where they have it."""

from __future__ import annotations

from collections.abc import Iterable

from sheetcrm.model import Setting
from sheetcrm.policy.model import Policy
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.views import Cover


def cover(settings: Iterable[Setting], policy: Policy, run_id: str) -> Cover:
    """Build the cover: whose report it is, how secret, of which run. Pure."""
    rows = list(settings)
    return Cover(
        unit=_joined(row.unit for row in rows),
        department=_joined(row.department for row in rows),
        compiler=_joined(row.compiler for row in rows),
        secrecy=_joined(row.secrecy for row in rows) or policy.report.secrecy,
        run_id=run_id,
        binding=policy.report.binding,
    )


def _joined(texts: Iterable[str | None]) -> str:
    return "、".join(dict.fromkeys(clean(text) for text in texts if text))
