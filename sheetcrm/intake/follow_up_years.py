"""Gives follow-up dates without a year theirs (practice §2): the latest such day that is not in the future. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sheetcrm import schema
from sheetcrm.model import Problem, RawValue, Table
from sheetcrm.problems import problem, shown
from sheetcrm.text.folding import squeeze

_DATE = "date"
_MONTH_DAY = re.compile(r"(\d{1,2})(?:月(\d{1,2})[日号]?|[./](\d{1,2}))", re.ASCII)
_AMBIGUOUS_TAILS = ("1", "2", "3")
"""The number 10.1 may be the 1st or the 10th of October; 10.4 has no second reading."""


def add_years(tables: Sequence[Table], *, as_of: date) -> tuple[list[Table], list[Problem]]:
    """Replace `10月9日`, `10.9` and `10/9` in the date column of follow-up records by the latest such day.

    Returns:
        The tables, and one remark for each sheet in which a year was added. A day that neither this nor last
        year has up to the as-of date is left as it stands, and so is a number with two readings (10.1).
    """
    completed: list[Table] = []
    dated: dict[tuple[str, str], list[tuple[Table, int, date]]] = {}
    for table in tables:
        days = _days(table, as_of) if table.kind == schema.FOLLOW_UPS.kind else {}
        completed.append(_with_days(table, days) if days else table)
        for index, day in days.items():
            dated.setdefault((table.file, table.sheet), []).append((table, index, day))
    return completed, [_remark(cells, as_of) for cells in dated.values()]


def _remark(cells: Sequence[tuple[Table, int, date]], as_of: date) -> Problem:
    table, index, day = cells[0]
    return problem(
        "year-missing",
        table.ref(table.rows[index], _DATE),
        [table.ref(table.rows[index], _DATE) for table, index, _ in cells],
        label=schema.FOLLOW_UPS.field(_DATE).label,
        count=len(cells),
        as_of=as_of,
        found=shown(_text(table.values[index][_position(table)])),
        day=day,
    )


def _days(table: Table, as_of: date) -> dict[int, date]:
    """Find the days of the rows whose date has no year, by the position of the row."""
    at = _position(table)
    if at < 0:
        return {}
    read = {index: _latest(row[at], as_of) for index, row in enumerate(table.values)}
    return {index: day for index, day in read.items() if day}


def _position(table: Table) -> int:
    return next((at for at, column in enumerate(table.columns) if column.name == _DATE), -1)


def _with_days(table: Table, days: dict[int, date]) -> Table:
    at = _position(table)
    values = tuple(
        (*row[:at], days[index], *row[at + 1 :]) if index in days else row for index, row in enumerate(table.values)
    )
    return replace(table, values=values)


def _latest(raw: RawValue, as_of: date) -> date | None:
    """Return the latest day of that month and day up to the as-of date; None for any other cell."""
    if type(raw) is not str and type(raw) is not float:
        return None
    match = _MONTH_DAY.fullmatch(squeeze(_text(raw)))
    if not match or (type(raw) is float and match[3] in _AMBIGUOUS_TAILS):
        return None
    for year in (as_of.year, as_of.year - 1):
        try:
            day = date(year, int(match[1]), int(match[2] or match[3]))
        except ValueError:
            continue
        if day <= as_of:
            return day
    return None


def _text(raw: RawValue) -> str:
    return raw if isinstance(raw, str) else f"{raw:g}"
