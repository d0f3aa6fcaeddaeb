"""Finds the tables of a workbook, on every sheet, at their own addresses (practice §1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from sheetcrm import schema
from sheetcrm.errors import UnreadableWorkbookError, WorkbookError
from sheetcrm.intake.crowded import refuse_crowded
from sheetcrm.intake.find.blocks import make_list
from sheetcrm.intake.find.cards import Card, find_cards
from sheetcrm.intake.find.headers import HeaderRow, NearMiss, find_headers
from sheetcrm.intake.find.labels import LONGEST_LABEL, label_rows
from sheetcrm.intake.find.mapping import MAPPING_SHEETS, NO_MAP, HeaderMap, MappingRow, mapping_rows, read_map
from sheetcrm.intake.find.tables import KEY, NAME, make_card_table, table_beside
from sheetcrm.intake.find.unread import UnknownHeader, unknown_columns, unknown_of_unread, unread_sheet, unused
from sheetcrm.intake.open import in_process, sandbox, transfer
from sheetcrm.intake.open.cell_errors import SheetMarks, find_marks
from sheetcrm.intake.open.excel_tables import excel_tables
from sheetcrm.intake.open.grid import Grid
from sheetcrm.intake.open.sheets import Sheets, open_sheets
from sheetcrm.model import CellRef, Column, Problem, Table
from sheetcrm.ooxml import guard
from sheetcrm.ooxml.package import SheetPart, sheet_names
from sheetcrm.policy.model import Policy
from sheetcrm.problems import address, listed, problem, shown
from sheetcrm.schema import Kind
from sheetcrm.text.folding import fold

_NAMED_SHEETS = 4
_MOST_LABELS = 60_000
"""Cells that look like a header's, in rows with more than one of them: over a thousand tables' headers."""
_HEADER_ROWS = 200
"""The rows of a sheet in which headers of the team's own are looked for."""
_NO_DATA = frozenset({"填写说明", "使用说明", "说明", *MAPPING_SHEETS})
"""Sheets that explain others: nothing is said of them."""
_UNREAD = frozenset({"sheet-unread", "column-unused"})
_WHOSE = frozenset(schema.PROFILE.field(name).label for name in (KEY, NAME))


def read_workbook(
    data: bytes, *, file: str, mapping: HeaderMap = NO_MAP
) -> tuple[tuple[Table, ...], tuple[Problem, ...]]:
    """Read the tables of a workbook that the schema has.

    Formulas are read as the value last saved for them; error cells and formulas never computed stand
    in `Table.marks`. Hidden sheets are read too. A workbook that is not plainly within bounds is read
    in a process of its own, whose memory and time are watched.

    Args:
        data: The workbook's bytes.
        file: Its name, for messages.
        mapping: What the team's own headers and words stand for.

    Returns:
        The tables in the order of the sheets, and the problems of sheets and headers. Rows empty
        throughout, totals, examples and notes are left out; the others keep their own row numbers.

    Raises:
        UnreadableWorkbookError: If data is no workbook that may be opened, or reading it costs too much.
    """
    guard.inspect(data, file=file)
    refuse_crowded(data, file=file)
    try:
        return _read(data, file, mapping, bounded=True)
    except in_process.TooMuchHereError:
        packed, problems = sandbox.call(
            partial(read_packed, mapping=mapping), data, file, budget=sandbox.budget_for(data)
        )
    return transfer.unpack(packed), problems


def read_packed(
    data: bytes, file: str, mapping: HeaderMap = NO_MAP
) -> tuple[tuple[transfer.PackedTable, ...], tuple[Problem, ...]]:
    """Read a workbook whatever it costs: the part of `read_workbook` that runs in a watched process."""
    tables, problems = _read(data, file, mapping, bounded=False)
    return transfer.pack(tables), problems


def unknown_headers(data: bytes, *, file: str, mapping: HeaderMap = NO_MAP) -> tuple[UnknownHeader, ...]:
    """List the headers of a workbook that are no field, of sheets that were read and of those that were not.

    Raises:
        UnreadableWorkbookError: As `read_workbook`.
    """
    guard.inspect(data, file=file)
    try:
        return _unknown(data, file, mapping, bounded=True)
    except in_process.TooMuchHereError:
        return sandbox.call(partial(unknown_in_sandbox, mapping=mapping), data, file, budget=sandbox.budget_for(data))


def unknown_in_sandbox(data: bytes, file: str, mapping: HeaderMap = NO_MAP) -> tuple[UnknownHeader, ...]:
    """List unknown headers whatever it costs: the part of `unknown_headers` that runs in a watched process."""
    return _unknown(data, file, mapping, bounded=False)


def _unknown(data: bytes, file: str, mapping: HeaderMap, *, bounded: bool) -> tuple[UnknownHeader, ...]:
    workbook = open_sheets(data, file=file, bounded=bounded)
    sheets = (sheet for sheet in workbook.listed if fold(sheet.name) not in _NO_DATA)
    return tuple(header for sheet in sheets for header in _read_sheet(workbook, sheet, mapping).unknown)


def read_mapping(
    files: Iterable[tuple[str, bytes]], policy: Policy | None = None
) -> tuple[HeaderMap, tuple[Problem, ...]]:
    """Read 表头对照 wherever it lies among workbooks, each a name and bytes, and in the policy (practice §1.6)."""
    return read_map(rows_of_mapping(files), policy=policy)


def rows_of_mapping(files: Iterable[tuple[str, bytes]]) -> list[MappingRow]:
    """Read the rows of 表头对照 and 取值对照 wherever they lie among workbooks, each a name and bytes.

    A workbook that cannot be opened, or is too large for one, holds none: reading its data says so.
    """
    grids: list[Grid] = []
    for file, data in files:
        if not _may_hold_mapping(data):
            continue
        try:
            guard.inspect(data, file=file)
            workbook = open_sheets(data, file=file, bounded=True)
            sheets = [sheet for sheet in workbook.listed if fold(sheet.name) in MAPPING_SHEETS]
            grids += [workbook.grid(sheet, workbook.part(sheet))[0] for sheet in sheets]
        except (WorkbookError, in_process.TooMuchHereError):
            continue
    return mapping_rows(grids)


def _may_hold_mapping(data: bytes) -> bool:
    """Return whether a workbook lists a sheet of a mapping's name; nothing else of it is inflated."""
    try:
        return any(fold(name) in MAPPING_SHEETS for name in sheet_names(data))
    except WorkbookError:
        return False


def _read(
    data: bytes, file: str, mapping: HeaderMap, *, bounded: bool
) -> tuple[tuple[Table, ...], tuple[Problem, ...]]:
    workbook = open_sheets(data, file=file, bounded=bounded)
    sheets: list[_SheetRead] = []
    problems: list[Problem] = []
    listed_sheets = [sheet for sheet in workbook.listed if fold(sheet.name) not in MAPPING_SHEETS]
    for sheet in listed_sheets:
        read = _read_sheet(workbook, sheet, mapping)
        sheets.append(read)
        problems.extend(read.problems)
        if read.tables and sheet.state != "visible":
            problems.append(problem("sheet-hidden", CellRef(file, sheet.name)))
    tables = _with_cards(sheets)
    if not tables and all(entry.kind in _UNREAD for entry in problems) and len(listed_sheets) == len(workbook.listed):
        titles = (f"{entry.title}（{listed(_signature(entry))}）" for entry in schema.SHEETS[:_NAMED_SHEETS])
        problems.append(problem("no-known-sheet", CellRef(file), known="；".join(titles)))
    return tables, tuple(problems)


@dataclass(slots=True)
class _SheetRead:
    """What was read of a sheet. `cards` are those of customers."""

    tables: list[Table] = field(default_factory=list)
    cards: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[UnknownHeader] = field(default_factory=list)


def _read_sheet(workbook: Sheets, sheet: SheetPart, mapping: HeaderMap) -> _SheetRead:
    part = workbook.part(sheet)
    grid, labels, far = _open_sheet(workbook, sheet, part, mapping)
    headers, miss = find_headers(grid, labels)
    cards = find_cards(grid, labels, tables=[(header.first_row, header.last_row) for header in headers])
    read = _SheetRead()
    if not headers and not cards:
        read.problems += _unread(grid, miss)
        read.unknown += _not_left_alone(unknown_of_unread(grid), mapping)
        return read
    begun: list[Card | HeaderRow] = [*cards, *headers]
    read.problems += [_twice(grid, entry) for entry in begun if entry.doubled]
    if far:
        places = [address(CellRef(grid.file, grid.sheet, *place)) for place in far]
        ref = CellRef(grid.file, grid.sheet, *far[0])
        read.problems.append(problem("cells-far-away", ref, places=listed(places)))
    marks = SheetMarks(find_marks(part))
    areas = excel_tables(workbook.package, sheet)
    owners = _read_cards(workbook, grid, cards, marks, read)
    starts = [(header.first_row, *header.extent) for header in headers]
    starts += [(card.first_row, grid.left, grid.right) for card in cards]
    last = max(grid.bottom, marks.last_row)
    for header in headers:
        if header.doubled:
            continue
        owner = _card_above(header, cards) if _needs_card(header) else None
        if owner is not None and owner not in owners:
            continue  # reported already, for its card
        card = None if owner is None else owners[owner]
        table, remarks = make_list(grid, header, areas, starts=starts, last=last, marks=marks, card=card)
        if _counts_customers(table):
            read.problems += unread_sheet(grid)
            continue
        read.problems += remarks
        beside = table_beside(table)
        unknown = _not_left_alone(unknown_columns(table, beside), mapping)
        read.unknown += unknown
        read.problems += unused(unknown)
        for kept in filter(None, (_in_our_words(table, mapping), _in_our_words(beside, mapping))):
            doubtful = _doubtful_rates(kept)
            percents = workbook.percents(part, doubtful) if doubtful else frozenset()
            read.tables.append(replace(kept, percents=percents, date1904=workbook.package.date1904))
    return read


def _open_sheet(
    workbook: Sheets, sheet: SheetPart, part: bytes, mapping: HeaderMap
) -> tuple[Grid, Mapping[int, int], tuple[tuple[int, int], ...]]:
    """Read a sheet's cells; return them, its rows of labels, and the cells left out for lying far away."""
    if (head := workbook.head(sheet, part)) is not None:
        _check_headers(head, label_rows(head))
    grid, far = workbook.grid(sheet, part)
    if mapping.labels:
        grid = replace(grid, renamed=_renamed(grid, mapping))
    labels = label_rows(grid)
    _check_headers(grid, labels)
    if workbook.bounded:
        in_process.check_labels(sum(count > 1 for count in labels.values()))
    return grid, labels, far


def _read_cards(
    workbook: Sheets, grid: Grid, cards: Iterable[Card], marks: SheetMarks, read: _SheetRead
) -> Mapping[Card, Table]:
    """Read the cards of a sheet, but those that name a field twice."""
    owners: dict[Card, Table] = {}
    for card in cards:
        if card.doubled:
            continue
        table = replace(
            make_card_table(grid, card, marks=marks.between(card.first_row, card.last_row + 1)),
            date1904=workbook.package.date1904,
        )
        owners[card] = table
        read.problems += unused(unknown_columns(table, None))
        read.tables.append(table)
        if card.kind == schema.PROFILE.kind:
            read.cards.append(table)
        for column, value in zip(card.columns, table.values[0] if table.values else (), strict=False):
            cell = grid.text(column.row or 0, column.index)
            if column.name == KEY and value and cell and cell != value:
                ref = CellRef(grid.file, grid.sheet, column.row or 0, column.index)
                read.problems.append(problem("key-note", ref, found=shown(cell), key=shown(value)))
    return owners


def _unread(grid: Grid, miss: NearMiss | None) -> list[Problem]:
    """Name a sheet that was not read; nothing is said of one without content, or of the templates' instructions."""
    if miss is not None:
        return [_near_miss(grid, miss)]
    if not any(cell != "" for row in grid.cells for cell in row) or fold(grid.sheet) in _NO_DATA:
        return []
    return unread_sheet(grid)


def _renamed(grid: Grid, mapping: HeaderMap) -> Mapping[str, str]:
    """Find the texts of a sheet that were said to stand for a label."""
    headers = mapping.headers_of(CellRef(grid.file, grid.sheet))
    if not headers:
        return {}
    texts = {
        value.strip()
        for row in grid.cells[:_HEADER_ROWS]
        for value in row
        if isinstance(value, str) and len(value) <= LONGEST_LABEL and fold(value) in headers
    }
    return {text: label for text in texts if (label := mapping.label_of(CellRef(grid.file, grid.sheet), text))}


def _not_left_alone(headers: Iterable[UnknownHeader], mapping: HeaderMap) -> list[UnknownHeader]:
    return [header for header in headers if mapping.label_of(header.ref, header.text) != ""]


def _in_our_words(table: Table | None, mapping: HeaderMap) -> Table | None:
    """Replace the words of a table's columns by those they were said to stand for."""
    if table is None or not mapping.words:
        return table
    ref = CellRef(table.file, table.sheet)
    words = {at: mapping.words_of(ref, column.label) for at, column in enumerate(table.columns) if column.name}
    if not any(words.values()):
        return table
    values = tuple(
        [
            words[at].get(fold(cell), cell) if isinstance(cell, str) and words.get(at) else cell
            for at, cell in enumerate(row)
        ]
        for row in table.values
    )
    return replace(table, values=values)


def _counts_customers(table: Table) -> bool:
    """Return whether what looks like names are numbers: a count by 部门, not a list of customers."""
    names = {column.name for column in table.columns}
    at = next((at for at, column in enumerate(table.columns) if column.name == NAME), None)
    if table.kind != schema.PROFILE.kind or KEY in names or at is None or not table.values:
        return False
    return all(isinstance(row[at], int | float) or row[at] is None for row in table.values)


def _needs_card(header: HeaderRow) -> bool:
    """Return whether the rows under a header do not say whose they are: follow-up records without a key (§1.3)."""
    names = {column.name for column in header.columns}
    return header.kind == schema.FOLLOW_UPS.kind and names.isdisjoint((KEY, NAME))


def _card_above(header: HeaderRow, cards: Sequence[Card]) -> Card | None:
    """Find the card right above a header; None where there is none, or several stand side by side."""
    above = [card for card in cards if card.first_row < header.first_row and card.kind == schema.PROFILE.kind]
    over = [card for card in above if any(header.left <= at.index <= header.right for at in card.columns)] or above
    nearest = [card for card in over if card.last_row == max(other.last_row for other in over)]
    return nearest[0] if len(nearest) == 1 else None


def _with_cards(sheets: Sequence[_SheetRead]) -> tuple[Table, ...]:
    """Give follow-up records without a card on their sheet that of the sheet before, or the workbook's only one."""
    cards = [card for sheet in sheets for card in sheet.cards]
    tables: list[Table] = []
    for at, sheet in enumerate(sheets):
        before = sheets[at - 1].cards if at else []
        owner = before[0] if len(before) == 1 else cards[0] if len(cards) == 1 else None
        for table in sheet.tables:
            names = {column.name for column in table.columns}
            needs_card = table.kind == schema.FOLLOW_UPS.kind and table.card is None and names.isdisjoint((KEY, NAME))
            tables.append(replace(table, card=owner) if needs_card and owner is not None else table)
    return tuple(tables)


def _check_headers(grid: Grid, labels: Mapping[int, int]) -> None:
    """Refuse a sheet of which too much looks like headers: looking at each for every kind of sheet takes minutes."""
    count = sum(count for count in labels.values() if count > 1)
    if count > _MOST_LABELS:
        raise UnreadableWorkbookError(
            "headers-too-many",
            f"工作表{shown(grid.sheet)}里至少有 {count} 个单元格像表头，超过 {_MOST_LABELS} 个",
            "请把不是客户资料的内容移到别的文件，或改掉与表头同名的内容",
        )


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
    places = listed([address(ref) for ref in refs])
    return problem("header-twice", refs[1], refs, title=title, label=label, places=places)


def _label(kind: str, column: Column) -> str:
    return schema.sheet(kind).field(column.name).label if column.name else column.label


def _near_miss(grid: Grid, miss: NearMiss) -> Problem:
    ref = CellRef(grid.file, grid.sheet, miss.row, miss.column)
    title = schema.sheet(miss.kind).title
    if _WHOSE.issuperset(miss.missing):
        return problem("key-column-missing", ref, title=title, missing="或".join(f"“{one}”" for one in miss.missing))
    return problem("header-incomplete", ref, title=title, missing="或".join(f"“{label}”" for label in miss.missing))


def _signature(entry: schema.Sheet) -> list[str]:
    return ["或".join(entry.field(name).label for name in group) for group in entry.signature]
