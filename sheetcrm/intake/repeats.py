"""Sheets that repeat another: copies of a sheet, and the scoring sheets of several months (practice §1.7). Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from msgspec import structs

from sheetcrm.model import CellRef, Problem, Records, ScoringRow, Table
from sheetcrm.problems import listed, problem
from sheetcrm.text.answers import read_plain_text
from sheetcrm.text.dates import read_date
from sheetcrm.text.folding import squeeze

Month = int
"""Months since year 0: a month of a year as one number."""

_COPY = re.compile(r"[(（]\d{1,3}[)）]\s*$|副本|备份|備份|copy|backup", re.IGNORECASE)
_YEAR_MONTH = re.compile(r"(?<!\d)(20\d\d)(?:[年./_-]{1,2}(0?[1-9]|1[0-2])(?!\d)|(0[1-9]|1[0-2])(?!\d))")
_MONTH = re.compile(r"(?<![\d第前近])(0?[1-9]|1[0-2])月(?!内)")
_CHINESE_MONTH = re.compile(r"(十[一二]?|[一二三四五六七八九])月")
_CHINESE = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_YEAR = 12
_HIDDEN = "sheet-hidden"


def leave_out_copies(
    tables: Sequence[Table], problems: Sequence[Problem]
) -> tuple[tuple[Table, ...], tuple[Problem, ...]]:
    """Leave out a table of a hidden sheet, or of one named as a copy, that repeats a visible one cell by cell.

    Args:
        tables: Those of one workbook.
        problems: Its problems; they name the hidden sheets.

    Returns:
        The other tables; and the problems, with a remark for each sheet that repeats another.
    """
    hidden = {entry.ref.sheet for entry in problems if entry.kind == _HIDDEN}
    doubtful = [table for table in tables if table.sheet in hidden or _COPY.search(table.sheet)]
    originals = [table for table in tables if table not in doubtful]
    copies: dict[int, Table] = {}
    for table in doubtful:
        original = next((other for other in originals if _is_same(table, other)), None)
        if original is not None:
            copies[id(table)] = original
    if not copies:
        return tuple(tables), tuple(problems)
    sheets = {table.sheet: copies[id(table)].sheet for table in tables if id(table) in copies}
    whole = {name for name in sheets if all(id(table) in copies for table in tables if table.sheet == name)}
    kept = tuple(entry for entry in problems if entry.ref.sheet not in whole)
    remarks = (
        problem("sheet-copy", CellRef(tables[0].file, name), original=original) for name, original in sheets.items()
    )
    return tuple(table for table in tables if id(table) not in copies), (*kept, *remarks)


def choose_month(records: Records, *, as_of: date) -> tuple[Records, tuple[Problem, ...]]:
    """Of scoring sheets with mostly the same customers and different months, keep the one of the as-of date's month.

    Where there is none, the latest before it is kept, and that is a warning: its old columns are that month's
    result. The grade of the sheet before serves as the last period's where the kept row has none.
    """
    tables = {id(record.origin): record.origin for record in records.scorings if not record.origin.beside}
    if len(tables) < 2:  # noqa: PLR2004 - nothing to choose from
        return records, ()
    now = _month(as_of)
    dated = [_Dated.of(table, records.scorings, now) for table in tables.values()]
    left_out: list[_Dated] = []
    before: dict[str, str] = {}
    problems: list[Problem] = []
    for series in _series([entry for entry in dated if entry.month is not None]):
        months = {entry.month for entry in series if entry.month is not None and entry.month <= now}
        if not months:
            continue
        chosen = max(months)
        others = [entry for entry in series if entry.month != chosen]
        left_out += others
        for entry in sorted(others, key=lambda entry: entry.month or 0):
            if entry.month is not None and entry.month < chosen:
                before |= {row.customer_id: row.grade for row in entry.rows if row.grade}
        kept = [entry for entry in series if entry.month == chosen]
        problems.append(_remark(kept, others, chosen, now))
    if not left_out:
        return records, ()
    gone = {_place(entry.table): _written(entry.month or 0) for entry in left_out}
    scorings = tuple(_with_last(row, before) for row in records.scorings if _place(row.origin) not in gone)
    profiles = tuple(row for row in records.profiles if _place(row.origin) not in gone)  # 行业 beside the scores
    unused = {table: gone[place] for table in records.tables if (place := _place(table)) in gone}
    return replace(records, scorings=scorings, profiles=profiles, other_months=unused), tuple(problems)


def without_other_months(problems: Iterable[Problem], other_months: Iterable[Table]) -> tuple[Problem, ...]:
    """Leave out what is wrong with cells of the months that are not graded."""
    places: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for table in other_months:
        cells = {(row, column.index) for row in (table.header_row, *table.rows) for column in table.columns}
        places.setdefault((table.file, table.sheet), set()).update(cells)
    return tuple(
        entry
        for entry in problems
        if (entry.ref.row, entry.ref.column) not in places.get((entry.ref.file, entry.ref.sheet), ())
    )


def month_of(table: Table, *, as_of: date) -> Month | None:
    """Return the month a table is of, by its cells as read: a scoring sheet's as `choose_month` tells it."""
    now = _month(as_of)
    places = {column.name: at for at, column in enumerate(table.columns)}
    periods = [read_plain_text(row[places["period"]]) for row in table.values] if "period" in places else []
    days = [read_date(row[places["assessed_on"]]) for row in table.values] if "assessed_on" in places else []
    named = [_named_month(text, now) for text in periods if isinstance(text, str)]
    return _first_month(table, named, [day for day in days if type(day) is date], len(table.rows), now)


def _place(table: Table) -> tuple[str, str, int, int]:
    """Return where a table stands; what is read beside its own fields stands there too."""
    key = table.column("customer_id") or table.column("name")
    return table.file, table.sheet, table.header_row, key.index if key else 0


@dataclass(frozen=True, slots=True)
class _Dated:
    table: Table
    month: Month | None
    rows: tuple[ScoringRow, ...]
    keys: frozenset[str]

    @classmethod
    def of(cls, table: Table, scorings: Iterable[ScoringRow], now: Month) -> _Dated:
        rows = tuple(row for row in scorings if row.origin is table)
        return cls(table, _month_of(table, rows, now), rows, frozenset(row.customer_id for row in rows))


def _with_last(row: ScoringRow, before: Mapping[str, str]) -> ScoringRow:
    last = before.get(row.customer_id)
    if last is None or row.grade or row.previous_grade:
        return row
    return structs.replace(row, grade=last)


def _series(dated: Sequence[_Dated]) -> Iterable[list[_Dated]]:
    """Group tables that hold mostly the same customers, over different months."""
    rest = list(dated)
    while rest:
        series = [rest.pop(0)]
        for entry in series:
            alike = [other for other in rest if _is_alike(entry, other)]
            series += alike
            rest = [other for other in rest if other not in alike]
        if len({entry.month for entry in series}) > 1:
            yield series


def _is_alike(one: _Dated, other: _Dated) -> bool:
    return 2 * len(one.keys & other.keys) > min(len(one.keys), len(other.keys))


def _remark(kept: Sequence[_Dated], others: Sequence[_Dated], chosen: Month, now: Month) -> Problem:
    refs = sorted(CellRef(entry.table.file, entry.table.sheet) for entry in kept)
    names = listed([str(CellRef(entry.table.file, entry.table.sheet)) for entry in sorted(others, key=_latest_first)])
    kind = "month-chosen" if chosen == now else "month-earlier"
    return problem(kind, refs[0], month=_written(chosen), others=names, asked=_written(now))


def _latest_first(entry: _Dated) -> tuple[int, str, str]:
    return -(entry.month or 0), entry.table.file, entry.table.sheet


def _month_of(table: Table, rows: Sequence[ScoringRow], now: Month) -> Month | None:
    periods = [_named_month(row.period, now) for row in rows if row.period]
    return _first_month(table, periods, [row.assessed_on for row in rows if row.assessed_on], len(rows), now)


def _first_month(
    table: Table, periods: Sequence[Month | None], days: Sequence[date], rows: int, now: Month
) -> Month | None:
    """Return the month a scoring sheet is of: by its name, its file's, its 评估期间, or most rows' 评估日期."""
    places: tuple[Callable[[], Month | None], ...] = (
        lambda: _named_month(table.sheet, now),
        lambda: _named_month(table.file.rsplit("/", 1)[-1].rsplit(".", 1)[0], now),
        lambda: _most(periods, rows),
        lambda: _most([_past(_month(day), now) for day in days], rows),
    )
    return next((month for month in (place() for place in places) if month is not None), None)


def _past(month: Month, now: Month) -> Month | None:
    """Return a month up to the as-of date's; a day of grading after it is a fault of its row, and says no month."""
    return month if month <= now else None


def _most(months: Sequence[Month | None], rows: int) -> Month | None:
    counted = Counter(month for month in months if month is not None).most_common(1)
    return counted[0][0] if counted and 2 * counted[0][1] > rows else None


def _named_month(name: str, now: Month) -> Month | None:
    """Read a month in a name; one without a year is the nearest to the as-of date."""
    text = squeeze(name)
    full = _YEAR_MONTH.search(text)
    if full:
        return int(full[1]) * _YEAR + int(full[2] or full[3]) - 1
    alone, chinese = _MONTH.search(text), _CHINESE_MONTH.search(text)
    number = int(alone[1]) if alone else _CHINESE.index(chinese[1]) + 1 if chinese else None
    if number is None:
        return None
    year = now // _YEAR
    return min(
        ((year + shift) * _YEAR + number - 1 for shift in (-1, 0, 1)), key=lambda month: (abs(month - now), month)
    )


def _month(day: date) -> Month:
    return day.year * _YEAR + day.month - 1


def _written(month: Month) -> str:
    return f"{month // _YEAR}-{month % _YEAR + 1:02}"


def _is_same(table: Table, other: Table) -> bool:
    """Return whether two tables hold the same at the same places."""
    return (
        table.kind == other.kind
        and table.rows == other.rows
        and [(column.index, column.row, column.label) for column in table.columns]
        == [(column.index, column.row, column.label) for column in other.columns]
        and all(list(mine) == list(its) for mine, its in zip(table.values, other.values, strict=True))
    )
