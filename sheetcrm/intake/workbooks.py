"""Finds the tables of a workbook, on every sheet, at their own addresses (practice §1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetcrm import schema
from sheetcrm.intake.find.blocks import end_of_table, outside_table, set_blocks_aside
from sheetcrm.intake.find.cards import Card, find_cards
from sheetcrm.intake.find.headers import HeaderRow, NearMiss, find_headers, label_rows
from sheetcrm.intake.find.tables import KEY, find_stop, make_card_table, make_table
from sheetcrm.intake.open import in_process, sandbox, transfer
from sheetcrm.intake.open.cell_errors import find_marks
from sheetcrm.intake.open.excel_tables import excel_tables
from sheetcrm.intake.open.grid import Grid
from sheetcrm.intake.open.sheets import Sheets, open_sheets
from sheetcrm.model import CellRef, Column, Problem, Table
from sheetcrm.ooxml import guard
from sheetcrm.ooxml.addresses import Area
from sheetcrm.ooxml.package import SheetPart
from sheetcrm.problems import address, listed, problem, shown
from sheetcrm.schema import Kind

_NAMED_SHEETS = 4


def read_workbook(data: bytes, *, file: str) -> tuple[tuple[Table, ...], tuple[Problem, ...]]:
    """Read the tables of a workbook that the schema has.

    Formulas are read as the value last saved for them; error cells and formulas never computed stand
    in `Table.marks`. Hidden sheets are read too. A workbook that is not plainly within bounds is read
    in a process of its own, whose memory and time are watched.

    Args:
        data: The workbook's bytes.
        file: Its name, for messages.

    Returns:
        The tables in the order of the sheets, and the problems of sheets and headers. Rows empty
        throughout, totals, examples and notes are left out; the others keep their own row numbers.

    Raises:
        UnreadableWorkbookError: If data is no workbook that may be opened, or reading it costs too much.
    """
    guard.inspect(data, file=file)
    try:
        return _read(data, file, bounded=True)
    except in_process.TooMuchHereError:
        packed, problems = sandbox.call(read_packed, data, file, budget=sandbox.budget_for(data))
    return transfer.unpack(packed), problems


def read_packed(data: bytes, file: str) -> tuple[tuple[transfer.PackedTable, ...], tuple[Problem, ...]]:
    """Read a workbook whatever it costs: the part of `read_workbook` that runs in a watched process."""
    tables, problems = _read(data, file, bounded=False)
    return transfer.pack(tables), problems


def _read(data: bytes, file: str, *, bounded: bool) -> tuple[tuple[Table, ...], tuple[Problem, ...]]:
    workbook = open_sheets(data, file=file, bounded=bounded)
    tables: list[Table] = []
    problems: list[Problem] = []
    for sheet in workbook.listed:
        sheet_tables, sheet_problems = _read_sheet(workbook, sheet)
        tables.extend(sheet_tables)
        problems.extend(sheet_problems)
        if sheet_tables and sheet.state != "visible":
            problems.append(problem("sheet-hidden", CellRef(file, sheet.name)))
    if not tables and not problems:
        titles = (f"{entry.title}（{listed(_signature(entry))}）" for entry in schema.SHEETS[:_NAMED_SHEETS])
        problems.append(problem("no-known-sheet", CellRef(file), known="；".join(titles)))
    return tuple(tables), tuple(problems)


def _read_sheet(workbook: Sheets, sheet: SheetPart) -> tuple[list[Table], list[Problem]]:
    part = workbook.part(sheet)
    grid, far = workbook.grid(sheet, part)
    labels = label_rows(grid)
    if workbook.bounded:
        in_process.check_labels(sum(count > 1 for count in labels.values()))
    headers, miss = find_headers(grid, labels)
    cards = find_cards(grid, labels, stops=[header.first_row for header in headers])
    if not headers and not cards:
        return [], [_near_miss(grid, miss)] if miss is not None else []
    begun: list[Card | HeaderRow] = [*cards, *headers]
    problems = [_twice(grid, entry) for entry in begun if entry.doubled]
    if far:
        places = [address(CellRef(grid.file, grid.sheet, *place)) for place in far]
        ref = CellRef(grid.file, grid.sheet, *far[0])
        problems.append(problem("cells-far-away", ref, places=listed(places)))
    marks = find_marks(part)
    areas = excel_tables(workbook.package, sheet)
    date1904 = workbook.package.date1904
    owners = {
        card.first_row: replace(make_card_table(grid, card, marks=marks), date1904=date1904)
        for card in cards
        if not card.doubled
    }
    tables = list(owners.values())
    starts = [(header.first_row, header.left, header.right) for header in headers]
    starts += [(card.first_row, grid.left, grid.right) for card in cards]
    last = max(grid.bottom, max((row for row, _ in marks), default=0))
    for header in headers:
        if header.doubled:
            continue
        owner = None
        if header.kind == schema.FOLLOW_UPS.kind and not any(column.name == KEY for column in header.columns):
            above = [card for card in cards if card.first_row < header.first_row and card.kind == schema.PROFILE.kind]
            if not above:
                problems.append(_without_key(grid, header))
            owner = owners.get(above[-1].first_row) if above else None
            if owner is None:
                continue  # reported already, for the header or for its card
        table, remarks = _make_table(grid, header, areas, starts=starts, last=last, marks=marks, card=owner)
        problems += remarks
        doubtful = _doubtful_rates(table)
        percents = workbook.percents(part, doubtful) if doubtful else frozenset()
        tables.append(replace(table, percents=percents, date1904=date1904))
    return tables, problems


def _make_table(
    grid: Grid,
    header: HeaderRow,
    areas: Sequence[Area],
    *,
    starts: Sequence[tuple[int, int, int]],
    last: int,
    marks: Mapping[tuple[int, int], str],
    card: Table | None,
) -> tuple[Table, tuple[Problem, ...]]:
    """Read the rows of one table, and report those below it that are no part of it."""
    stop = find_stop(grid, header, starts=starts, last=last)
    end = end_of_table(header.last_row, header.left, header.right, tables=areas, stop=stop)
    table = make_table(grid, header, stop=end, marks=marks, card=card)
    beyond = outside_table(table, make_table(grid, header, stop=stop, marks=marks)) if end < stop else ()
    table, remarks = set_blocks_aside(table)
    return table, (*beyond, *remarks)


def _doubtful_rates(table: Table) -> frozenset[int]:
    """Find the columns in which a bare number may be a share or a percentage, as its format says."""
    kind = schema.sheet(table.kind)
    return frozenset(
        column.index
        for at, column in enumerate(table.columns)
        if column.name
        and kind.field(column.name).kind in (Kind.RATE, Kind.LEVEL)
        and any(isinstance(row[at], float) and row[at] >= 1 for row in table.values)  # type: ignore[operator]
    )


def _twice(grid: Grid, entry: HeaderRow | Card) -> Problem:
    title = schema.sheet(entry.kind).title
    second = entry.doubled[1]
    row = second.row or (entry.last_row if isinstance(entry, HeaderRow) else entry.first_row)
    refs = [CellRef(grid.file, grid.sheet, column.row or row, column.index) for column in entry.doubled]
    label = shown(_label(entry.kind, second))
    return problem("header-twice", refs[1], title=title, label=label, places=listed([address(ref) for ref in refs]))


def _label(kind: str, column: Column) -> str:
    return schema.sheet(kind).field(column.name).label if column.name else column.label


def _near_miss(grid: Grid, miss: NearMiss) -> Problem:
    ref = CellRef(grid.file, grid.sheet, miss.row, miss.column)
    title = schema.sheet(miss.kind).title
    return problem("header-incomplete", ref, title=title, missing="或".join(f"“{label}”" for label in miss.missing))


def _without_key(grid: Grid, header: HeaderRow) -> Problem:
    ref = CellRef(grid.file, grid.sheet, header.last_row, header.left)
    title, label = schema.FOLLOW_UPS.title, schema.FOLLOW_UPS.field(KEY).label
    return problem("header-incomplete", ref, title=title, missing=f"“{label}”")


def _signature(entry: schema.Sheet) -> list[str]:
    return ["或".join(entry.field(name).label for name in group) for group in entry.signature]
