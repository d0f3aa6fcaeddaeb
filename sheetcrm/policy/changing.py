"""Changes single figures of a policy, as in `--set 评分卡.行业潜力.权重=25`. Pure.

A path names a cell of the policy's sheets: sheet, what tells the row apart, column. The value is parsed
exactly as in a workbook.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from sheetcrm.errors import PolicyError
from sheetcrm.policy import layout, sheetreading, sheets
from sheetcrm.policy.cells import Cell, as_text
from sheetcrm.policy.model import Policy
from sheetcrm.policy.sheets import PlainSheet

_Place = tuple[str, int, int]
_SHOWN = 3


def change(policy: Policy, settings: Sequence[str]) -> Policy:
    """Set some figures of a policy.

    Args:
        policy: The policy to begin with.
        settings: `路径=值`, such as `评分卡.行业潜力.权重=25`, `评分卡.消费金额.>=500000=95`, `等级.VIP客户.起点分=85`,
            `基本.按名额定级=是`. A scorecard's indicator is the one of the card in use.

    Raises:
        PolicyError: If a path names nothing (the message has the nearest ones), or the policy no longer holds together.
    """
    plain = sheets.write(policy)
    cells = paths(policy, plain)
    changed: dict[_Place, str] = {}
    for setting in settings:
        path, value = _split(setting, cells)
        changed[cells[path]] = value
    named: dict[_Place, str] = {}
    for path, place in cells.items():
        named.setdefault(place, path)
    keys = {sheet.title: sheet.keys for sheet in layout.SHEETS}
    rows = {sheet.title: sheet.rows for sheet in plain}

    def describe(title: str, row: int, column: int) -> str:
        cells = [as_text(rows[title][row].get(at)) for at in range(1, keys[title] + 1)] if row > 1 else []
        return named.get((title, row, column)) or ".".join([title, *cells])

    return sheetreading.read([_with(sheet, changed) for sheet in plain], source="--set", describe=describe)


def paths(policy: Policy, plain: Sequence[PlainSheet]) -> Mapping[str, _Place]:
    """List the paths of every cell that may be set; the short ones first."""
    places: dict[str, _Place] = {}
    by_title = {sheet.title: sheet for sheet in plain}
    for sheet in layout.SHEETS:
        rows = by_title[sheet.title].rows
        titles = {at: as_text(cell) for at, cell in rows[1].items()}
        for number, row in rows.items():
            if number == 1:
                continue
            keys = [as_text(row.get(at)) for at in range(1, sheet.keys + 1)]
            for at in range(sheet.keys + 1, len(titles) + 1):
                place = (sheet.title, number, at)
                for path in _spellings(sheet, keys, titles[at], policy.scoring.card):
                    places.setdefault(path, place)
    return places


def _spellings(sheet: layout.LayoutSheet, keys: Sequence[str], column: str, card: str) -> list[str]:
    """Spell the path of a cell: in full, and shorter where the sheet or the card in use goes without saying."""
    full = ".".join([sheet.title, *keys, column])
    if sheet.lines:
        return [".".join([sheet.title, *keys])] if column == sheet.columns[1].label else []
    if sheet is layout.CARDS and keys[0] == card:
        return [".".join([sheet.title, *keys[1:], column]), full]
    if sheet is layout.BANDS:
        own = [".".join([layout.CARDS.title, *keys[1:]])] if keys[0] == card else []
        return [*own, ".".join([layout.CARDS.title, *keys]), full]
    return [full]


def _split(setting: str, paths: Mapping[str, _Place]) -> tuple[str, str]:
    """Cut `路径=值` at the sign that ends one of the paths: conditions hold such signs too."""
    written = setting.replace("≥", ">=").replace("≤", "<=").replace("＝", "=").strip()
    for at in (index for index in range(len(written) - 1, 0, -1) if written[index] == "="):
        path = written[:at].strip()
        if path in paths:
            return path, written[at + 1 :].strip()
    path = written.rpartition("=")[0].strip()
    if not path:
        raise PolicyError(f"--set “{setting}”没有写成 路径=值", "例如 --set 评分卡.行业潜力.权重=25")
    near = difflib.get_close_matches(path, paths, n=_SHOWN, cutoff=0.4)
    raise PolicyError(f"策略里没有“{path}”", f"最接近的是 {'、'.join(near)}" if near else "例如 评分卡.行业潜力.权重")


def _with(sheet: PlainSheet, changed: Mapping[_Place, str]) -> PlainSheet:
    rows: dict[int, dict[int, Cell]] = {number: dict(row) for number, row in sheet.rows.items()}
    for (title, row, column), value in changed.items():
        if title == sheet.title:
            rows[row][column] = value or None
    return PlainSheet(sheet.title, rows)
