"""The filters that write the values of a page: cells' texts cleaned (`clean`), figures in their units."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from sheetcrm.model import Figure, FigureKind, Goal, GroupFigures
from sheetcrm.privacy import Raw
from sheetcrm.report.pages.views import AlertRow, RosterRow, WorkloadRow
from sheetcrm.text.printable import one_line
from sheetcrm.text.quantities import format_days, format_frequency, format_money, format_rate

clean = one_line
"""Makes a cell's text fit for print."""

_WAN = 10_000
_LEAST_WAN = 500
_MOST_TIMES = 100
_LEAST_ROWS, _MOST_ROWS = 3, 5
_Row = TypeVar("_Row")


def thousands(amount: Decimal, places: int = 0) -> str:
    """Write an amount with separators; with fen where `places` is 2. Pure."""
    return f"{_round(amount, places):,f}"


def wan(amount: Decimal) -> str:
    """Write an amount in units of 10,000, to one decimal; one too small for that is no 0. Pure."""
    return "<0.1" if 0 < amount < _LEAST_WAN else f"{_round(amount / _WAN, 1):,f}"


def together(rows: Iterable[_Row]) -> list[list[_Row]]:
    """Cut rows into groups that are not split over two pages, so that none stands alone there. Pure."""
    listed = list(rows)
    parts = [listed[at : at + _LEAST_ROWS] for at in range(0, len(listed), _LEAST_ROWS)]
    if len(parts) > 1 and len(parts[-1]) + _LEAST_ROWS <= _MOST_ROWS:
        parts[-2:] = [parts[-2] + parts[-1]]
    return parts


def percent(share: Decimal, places: int = 1) -> str:
    """Write a share as a percentage; what is not whole is never rounded up to 100 %. Pure."""
    shown = _round(share * 100, places)
    if shown == 100 and share < 1:  # noqa: PLR2004  (per cent)
        shown -= Decimal(1).scaleb(-places)
    return f"{shown:f}%"


def fixed(value: Decimal, places: int = 1) -> str:
    """Write a number with so many decimals, rounded half-up. Pure."""
    return f"{_round(value, places):f}"


def counted(counts: Mapping[object, int], key: object) -> int:
    """Look a count up: by its key, or by the word a movement is written with; 0 where nothing was counted. Pure."""
    return sum(count for entry, count in counts.items() if key in (entry, getattr(entry, "value", None)))


def at_level(alerts: Mapping[tuple[str, str], int], level: str) -> int:
    """Count the alerts of a level. Pure."""
    return sum(count for key, count in alerts.items() if key[0] == level)


def coded(alerts: Mapping[tuple[str, str], int], code: str) -> int:
    """Count the alerts of a code. Pure."""
    return sum(count for key, count in alerts.items() if key[1] == code)


def fractional(rows: Sequence[RosterRow]) -> bool:
    """Return whether any amount of a roster has fen, so that the whole column shows them. Pure."""
    return any(row.spend_12m is not None and row.spend_12m % 1 for row in rows)


def measured(value: Decimal, kind: FigureKind) -> str:
    """Write a value in the unit of its figure. Pure."""
    return _UNITS.get(kind.unit, fixed)(value)


def figure(stated: Figure) -> str:
    """Write a figure's value, or why there is none. Pure."""
    return stated.absent if stated.value is None else measured(stated.value, stated.kind)


def basis(stated: Figure) -> str:
    """Write the counts behind a figure: `52/58`; blank for a plain count and where there is none. Pure."""
    return f"{stated.n}/{stated.total}" if stated.total and stated.value is not None else ""


def stated(keys: Sequence[str], groups: Sequence[GroupFigures]) -> list[str]:
    """Name the figures that at least one group has a value of. Pure."""
    return [key for key in keys if any(group.figures[key].value is not None for group in groups)]


def by_owner(rows: Iterable[WorkloadRow]) -> list[tuple[str, list[WorkloadRow]]]:
    """Gather the tasks of each person, in the order of their first. Pure."""
    gathered: dict[str, list[WorkloadRow]] = {}
    for row in rows:
        gathered.setdefault(row.owner, []).append(row)
    return list(gathered.items())


def by_action(rows: Iterable[AlertRow]) -> list[tuple[tuple[str, str], list[AlertRow]]]:
    """Gather the alerts of a code that ask for the same, in the order of their first. Pure."""
    gathered: dict[tuple[str, str], list[AlertRow]] = {}
    for row in rows:
        gathered.setdefault((row.code, row.action), []).append(row)
    return list(gathered.items())


def row_unit(key: str, groups: Sequence[GroupFigures]) -> str:
    """Choose the one unit of a row of amounts, this period's and the last one's; blank for other figures. Pure."""
    figures = [group.figures[key] for group in groups]
    if figures[0].kind.unit != "money":
        return ""
    amounts = [amount for one in figures for amount in (one.value, one.previous) if amount is not None]
    return "万元" if any(abs(amount) >= _WAN for amount in amounts) else "元"


def in_unit(value: Decimal, kind: FigureKind, unit: str) -> str:
    """Write a value of a row with the unit its label says. Pure."""
    return {"万元": wan, "元": thousands}[unit](value) if unit else measured(value, kind)


def roster_unit(rows: Sequence[RosterRow]) -> str:
    """Choose the one unit of a roster's amounts. Pure."""
    return "万元" if any((row.spend_12m or 0) >= _WAN for row in rows) else "元"


def change_in(stated: Figure, unit: str) -> str:
    """Write how a figure of a row with a unit moved, in that unit. Pure."""
    if not unit or stated.change is None:
        return change(stated)
    return _signed(stated.change / _WAN, 1) if unit == "万元" else _signed(stated.change, 0)


def few(stated: Figure, least: int) -> bool:
    """Return whether a figure is of fewer cases than these, or of less than half of all: they stand beside it. Pure."""
    if stated.value is None or not stated.total:
        return False
    return stated.total < least if stated.kind.unit == "share" else stated.n * 2 < stated.total


def change(stated: Figure) -> str:
    """Write how a figure moved since the last period; shares in percentage points. Pure."""
    if stated.change is None:
        return "—"
    if stated.kind.unit in {"share", "change"}:
        return _signed(stated.change * 100, 1, "个百分点")
    if stated.kind.unit == "money" and abs(stated.change) >= _WAN:
        return _signed(stated.change / _WAN, 1, "万元")
    if stated.kind.unit == "multiple" and max(stated.value or 0, stated.previous or 0) > _MOST_TIMES:
        return "—"
    unit = "元" if stated.kind.unit == "money" else ""
    return _signed(stated.change, {"count": 0, "money": 0, "times": 2}.get(stated.kind.unit, 1), unit)


def yearly(stated: Figure) -> str:
    """Write how a figure moved over a year (同比): shares in percentage points, others by the part they grew. Pure."""
    if stated.value is None or stated.year_ago is None:
        return "—"
    moved = stated.value - stated.year_ago
    if stated.kind.unit in {"share", "change"}:
        return _signed(moved * 100, 1, "个百分点")
    if not stated.year_ago:
        return "无数据" if moved else "持平"
    return _signed(moved / abs(stated.year_ago) * 100, 1, "%")


def _signed(value: Decimal, places: int, unit: str = "") -> str:
    """Write a difference with its sign; one that rounds to nothing is none."""
    rounded = _round(value, places)
    return f"{rounded:+,f}{unit}" if rounded else "持平"


def compared(figures: Mapping[str, Figure], keys: Sequence[str]) -> bool:
    """Return whether the last period has any of these figures. Pure."""
    return any(figures[key].previous is not None for key in keys)


def goal(wanted: Goal, kind: FigureKind) -> str:
    """Write a goal: `≥90%`. Pure."""
    edge = format_rate(wanted.edge) if kind.unit in {"share", "change"} else plain(wanted.edge)
    return {">=": "≥", "<=": "≤", ">": "＞", "<": "＜"}[wanted.operator] + edge


def plain(value: Decimal) -> str:
    """Write a number without trailing zeros. Pure."""
    return f"{value.normalize():f}"


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


_UNITS: Mapping[str, Callable[[Decimal], str]] = {
    "share": percent,
    "change": lambda value: f"{rounded:+f}%" if (rounded := _round(value * 100, 1)) else "0.0%",
    "count": lambda value: f"{_round(value, 0):,f}",
    "money": lambda value: f"{wan(value)}万元" if abs(value) >= _WAN else f"{_round(value, 0):,f}元",
    "hours": lambda value: f"{fixed(value)}小时",
    "times": lambda value: f"{fixed(value, 2)}次",
    "multiple": lambda value: f"{fixed(value)}倍" if value <= _MOST_TIMES else f">{_MOST_TIMES}倍",
}


def _with_minus(write: Callable[..., str]) -> Callable[..., str]:
    """Write negative numbers with the minus sign, not the hyphen."""

    @functools.wraps(write)
    def written(*values: object, **options: object) -> str:
        return write(*values, **options).replace("-", "−")

    return written


def _as_figures(filters: Mapping[str, Callable[..., object]]) -> Mapping[str, Callable[..., object]]:
    """Let what is written of numbers pass the gate as it is: an amount is no phone."""

    def raw(write: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(write)
        def written(*values: object, **options: object) -> object:
            text = write(*values, **options)
            return Raw(text) if type(text) is str else text

        return written

    return {name: raw(write) for name, write in filters.items()}


FILTERS: Mapping[str, Callable[..., object]] = _as_figures(
    {
        "at_level": at_level,
        "basis": basis,
        "by_action": by_action,
        "by_owner": by_owner,
        "change": _with_minus(change),
        "change_in": _with_minus(change_in),
        "coded": coded,
        "compared": compared,
        "counted": counted,
        "days": format_days,
        "few": few,
        "figure": _with_minus(figure),
        "fixed": _with_minus(fixed),
        "fractional": fractional,
        "frequency": format_frequency,
        "goal": goal,
        "in_unit": _with_minus(in_unit),
        "measured": _with_minus(measured),
        "money": format_money,
        "percent": _with_minus(percent),
        "plain": plain,
        "rate": format_rate,
        "roster_unit": roster_unit,
        "row_unit": row_unit,
        "stated": stated,
        "thousands": _with_minus(thousands),
        "together": together,
        "wan": _with_minus(wan),
        "yearly": _with_minus(yearly),
    }
)
"""The filters of the templates, besides Jinja's own."""
