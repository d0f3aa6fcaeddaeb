"""Reads what people filled into a review workbook of the program's own (practice §10).

Such a workbook is known by the title of its sheet 总览, and is never read as a book of customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sheetcrm.errors import WorkbookError
from sheetcrm.intake.open import in_process, sandbox
from sheetcrm.intake.open.grid import Grid
from sheetcrm.intake.open.sheets import open_sheets
from sheetcrm.model import CellRef, Problem, RawValue
from sheetcrm.model.review import (
    DONE_ON,
    ENTRY,
    FORMS,
    KEY_MARK,
    OF_COLUMN,
    OF_LIST,
    OF_ROW,
    OVERVIEW,
    PERIOD_LABEL,
    REVIEW_TITLE,
    SIGN_LABEL,
    SIGNED_ON,
    SIGNERS,
    UNPLACED,
    UNSIGNED,
    UNTICKED,
    VERDICT,
    VERDICT_LABEL,
    ReviewEntries,
    ReviewForm,
    ReviewRow,
    form_of,
    key_text,
    number_keys,
)
from sheetcrm.ooxml import guard
from sheetcrm.ooxml.package import sheet_names
from sheetcrm.problems import listed, problem
from sheetcrm.text.dates import read_date

_DAYS = frozenset({SIGNED_ON, DONE_ON, "完成期限"})
"""The columns for days."""
_HEADER_ROWS = 12
"""The rows in which a list's header is looked for: people may put lines of their own above it."""


def is_review(data: bytes, *, file: str) -> bool:
    """Return whether a workbook is one of the program's review workbooks, edited or not; False where unreadable."""
    try:
        if OVERVIEW not in sheet_names(data):
            return False
        guard.inspect(data, file=file)
        try:
            return _call(data, file, bounded=True, whole=False) is not None
        except in_process.TooMuchHereError:
            return sandbox.call(_is_in_sandbox, data, file, budget=sandbox.budget_for(data))
    except WorkbookError:
        return False


def read_review(data: bytes, *, file: str) -> tuple[ReviewEntries, tuple[Problem, ...]] | None:
    """Read all that was filled into a review workbook; None where it is none.

    Raises:
        UnreadableWorkbookError: If reading it costs too much, or it is damaged.
    """
    guard.inspect(data, file=file)
    try:
        return _call(data, file, bounded=True)
    except in_process.TooMuchHereError:
        return sandbox.call(_read_in_sandbox, data, file, budget=sandbox.budget_for(data))


def _is_in_sandbox(data: bytes, file: str) -> bool:
    return _call(data, file, bounded=False, whole=False) is not None


def _read_in_sandbox(data: bytes, file: str) -> tuple[ReviewEntries, tuple[Problem, ...]] | None:
    return _call(data, file, bounded=False)


def _call(
    data: bytes, file: str, *, bounded: bool, whole: bool = True
) -> tuple[ReviewEntries, tuple[Problem, ...]] | None:
    """Read a review workbook, or only what tells that it is one; None where it is none."""
    workbook = open_sheets(data, file=file, bounded=bounded)
    first = next((sheet for sheet in workbook.listed if sheet.name == OVERVIEW), None)
    overview = workbook.grid(first, workbook.part(first))[0] if first else None
    if overview is None or not any(overview.text(row, 1) == REVIEW_TITLE for row in range(1, _HEADER_ROWS)):
        return None
    period = _right_of(overview, PERIOD_LABEL)
    if not whole:
        return ReviewEntries(file, period, ()), ()
    problems: list[Problem] = []
    rows = _read_overview(overview)
    for sheet in workbook.listed:
        if sheet.name != OVERVIEW:
            grid = workbook.grid(sheet, workbook.part(sheet))[0]
            found, remarks = _read_list(grid, date1904=workbook.package.date1904)
            rows += found
            problems += remarks
    if rows and not period:
        problems.append(problem("review-period-missing", CellRef(file, OVERVIEW), label=PERIOD_LABEL))
    return ReviewEntries(file, period, tuple(rows)), tuple(problems)


def _right_of(grid: Grid, label: str) -> str:
    """Return the text right of a label in the first rows; blank where there is no such label."""
    for row in range(1, _HEADER_ROWS):
        for column, text in grid.texts(row):
            if text == label:
                return key_text(grid.at(row, column + 1))
    return ""


def _read_overview(grid: Grid) -> list[ReviewRow]:
    """Read the verdict, and the boxes below the names of who signs."""
    rows = []
    for row in range(grid.top, grid.bottom + 1):
        for column, text in grid.texts(row):
            place, header = (row, column + 1), VERDICT
            if text in SIGNERS:
                place, header = (row + 1, column), SIGN_LABEL
            elif text != VERDICT_LABEL:
                continue
            entry = key_text(grid.at(*place))
            if entry and entry != key_text(UNSIGNED) and row > _HEADER_ROWS:
                cells = {header: CellRef(grid.file, grid.sheet, *place)}
                rows.append(ReviewRow(OVERVIEW, (text,), {header: entry}, cells))
    return rows


def _read_list(grid: Grid, *, date1904: bool) -> tuple[list[ReviewRow], list[Problem]]:
    """Read the rows of a list that people filled something into."""
    top, headers = grid.top, dict[str, int]()
    title = grid.sheet
    if title not in {UNPLACED, *FORMS}:
        title = next((text for row in range(1, _HEADER_ROWS) if (text := grid.text(row, 1))), grid.sheet)
    form = None
    for row in range(grid.top, min(grid.bottom, grid.top + _HEADER_ROWS) + 1):
        headers, top = {key_text(text): column for column, text in grid.texts(row)}, row
        if title == UNPLACED and headers.keys() >= {OF_LIST, OF_ROW, OF_COLUMN, ENTRY}:
            return _read_unplaced(grid, top, headers), []
        form = form_of(title, headers)
        if form and form is FORMS.get(title, form):
            break
    else:
        return [], _unread(grid, FORMS.get(title))
    at_keys = [headers[key] for key in form.keys]
    at_fills = {header: headers[header] for header in form.fills if header in headers}
    numbers = range(top + 1, grid.bottom + 1)
    keys = number_keys([grid.at(row, at) for at in at_keys] for row in numbers)
    rows = []
    for row, key in zip(numbers, keys, strict=True):
        filled = {
            header: text
            for header, at in at_fills.items()
            if (text := _entry(grid.at(row, at), header, date1904=date1904))
        }
        if filled:
            cells = {header: CellRef(grid.file, grid.sheet, row, at_fills[header]) for header in at_fills}
            rows.append(ReviewRow(title, key, filled, cells))
    return rows, []


def _unread(grid: Grid, form: ReviewForm | None) -> list[Problem]:
    """Say that a list for people to fill in cannot be read any more; nothing of a list that is only for reading."""
    if form is None:
        return []
    return [problem("review-list-unread", CellRef(grid.file, grid.sheet), labels=listed(form.keys))]


def _read_unplaced(grid: Grid, top: int, headers: Mapping[str, int]) -> list[ReviewRow]:
    """Read what an earlier run found no row for, as if it stood in the list it came from."""
    filled: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
    cells: dict[tuple[str, tuple[str, ...]], dict[str, CellRef]] = {}
    for row in range(top + 1, grid.bottom + 1):
        title, keys, header, text = (
            key_text(grid.at(row, headers[name])) for name in (OF_LIST, OF_ROW, OF_COLUMN, ENTRY)
        )
        if title and header and text:
            at = (title, tuple(keys.split(KEY_MARK)))
            filled.setdefault(at, {})[header] = text
            cells.setdefault(at, {})[header] = CellRef(grid.file, grid.sheet, row, headers[ENTRY])
    return [ReviewRow(title, keys, texts, cells[title, keys]) for (title, keys), texts in filled.items()]


def _entry(value: RawValue, header: str, *, date1904: bool) -> str:
    """Write what a cell holds as text; a day as people write it is read as a day."""
    if header in _DAYS and value not in (None, ""):
        day = read_date(value, date1904=date1904)
        if isinstance(day, date):
            return day.isoformat()
    text = value.strip() if isinstance(value, str) else key_text(value)  # people's own lines stay lines
    return "" if text == UNTICKED else text


def merge(reviews: Iterable[ReviewEntries]) -> tuple[tuple[ReviewRow, ...], tuple[Problem, ...]]:
    """Join what several review workbooks of a period hold; where they differ, the first one's counts, which is said."""
    joined: dict[tuple[str, tuple[str, ...]], ReviewRow] = {}
    problems = []
    for review in reviews:
        for row in review.rows:
            first = joined.setdefault((row.title, row.keys), row)
            if first is row:
                continue
            for header, text in row.filled.items():
                if first.filled.get(header, text) != text:
                    here, there = row.ref(header), first.ref(header)
                    problems.append(problem("review-conflict", there, (here,), other=str(here), label=header))
            filled = {**row.filled, **first.filled}
            joined[row.title, row.keys] = ReviewRow(row.title, row.keys, filled, {**row.cells, **first.cells})
    return tuple(joined[key] for key in sorted(joined)), tuple(problems)
