"""Says of the sheets nobody could read what they come nearest to, and what they lack for it (practice §1.7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm import schema
from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake.find.headers import field_of, missing_labels
from sheetcrm.intake.find.mapping import MAPPING_SHEETS
from sheetcrm.intake.open import in_process
from sheetcrm.intake.open.grid import Grid
from sheetcrm.intake.open.sheets import open_sheets
from sheetcrm.problems import listed, shown
from sheetcrm.text.folding import fold

_ROWS = 30
"""A header stands near the top of its sheet."""
_MOST_COLUMNS = 6
_KINDS = tuple(kind for kind in schema.SHEETS if any(field.name == "customer_id" for field in kind.fields))


@dataclass(frozen=True, slots=True)
class _Nearness:
    matched: int
    title: str
    recognised: tuple[str, ...]
    missing: tuple[str, ...]


def describe_sheets(data: bytes, *, file: str, without: Iterable[str]) -> Mapping[str, str]:
    """Describe the sheets of a workbook but some: the nearest kind, the columns it has of it, and those it lacks.

    Nothing is said of a team's 表头对照, nor of a workbook that is not plainly within bounds: it is not looked at
    a second time.
    """
    read = frozenset(without)
    try:
        workbook = open_sheets(data, file=file, bounded=True)
        sheets = [
            sheet for sheet in workbook.listed if sheet.name not in read and fold(sheet.name) not in MAPPING_SHEETS
        ]
        grids = [workbook.grid(sheet, workbook.part(sheet))[0] for sheet in sheets]
    except (in_process.TooMuchHereError, UnreadableWorkbookError):
        return {}
    return {grid.sheet: _describe(grid) for grid in grids}


def _describe(grid: Grid) -> str:
    rows = [[text for _, text in grid.texts(row)] for row in range(grid.top, min(grid.bottom, grid.top + _ROWS) + 1)]
    best = max((_compare(texts, kind) for texts in rows for kind in _KINDS), key=lambda one: one.matched, default=None)
    if best is None or not best.matched:
        texts = next((texts for texts in rows if len(texts) > 1), [])
        heads = listed([shown(text) for text in texts], most=_MOST_COLUMNS)
        return f"没有一列认得（列名是 {heads}）" if texts else "空的，或没有列名"
    labels = listed([f"“{label}”" for label in best.recognised], most=_MOST_COLUMNS)
    lacking = f"，还缺{'、'.join(best.missing)}" if best.missing else ""
    return f"不认得。最像{best.title}：认得 {labels}{lacking}"


def _compare(texts: Sequence[str], kind: schema.Sheet) -> _Nearness:
    fields = {match[0].name: match[0].label for text in texts if (match := field_of(kind.kind, text))}
    missing = tuple(
        "或".join(f"“{label}”" for label in group[:_MOST_COLUMNS])
        for group in missing_labels(kind, kind.signature, fields)
    )
    return _Nearness(len(fields), kind.title, tuple(fields.values()), missing)
