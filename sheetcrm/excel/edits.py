"""Assessments to the edits of every workbook: which cells get which values (practice §9).

Only columns the schema marks as the program's own are ever planned. A card gets the rows it has; a
table gets the columns it lacks, added beside it by the write-back. Columns that people keep to
themselves (`Run.kept_columns`) are left alone, and none of their names is added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from operator import is_
from typing import TypeAlias, cast

from sheetcrm import schema
from sheetcrm.excel.script import writer
from sheetcrm.model import Assessment, Book, CellRef, CellStyle, ColumnEdit, SheetEdit, Table, Undertaking, WrittenValue
from sheetcrm.model.fields import Field, Keep, Kind
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run
from sheetcrm.text.folding import fold, split_header
from sheetcrm.text.printable import printable_lines

Fills: TypeAlias = Mapping[Table, Mapping[str, Mapping[int, WrittenValue]]]
"""Cells of people's own columns to fill: by table, by field, by row."""
NO_FILLS: Fills = {}


def plan(
    book: Book, run: Run, assessments: Sequence[Assessment], *, fills: Fills = NO_FILLS
) -> Mapping[str, tuple[SheetEdit, ...]]:
    """Plan the cells of every workbook.

    Args:
        book: The customers.
        run: The run.
        assessments: What was decided.
        fills: Cells of people's own columns to fill, as they said in the review workbook (practice §9).

    Returns:
        The edits by file name; a file with nothing to write is not in it. Rows that were set aside
        are in no edit. Pure.
    """
    rows = _rows(assessments)
    edits: dict[str, list[SheetEdit]] = defaultdict(list)
    for table in book.tables:
        columns = tuple(_fill(table, fills.get(table, {}), run))
        columns += tuple(_columns(table, rows[table], run)) if table in rows else ()
        if columns:
            edits[table.file].append(_edit(table, columns, book))
    return {file: tuple(planned) for file, planned in edits.items()}


def _edit(table: Table, columns: tuple[ColumnEdit, ...], book: Book) -> SheetEdit:
    """Plan the columns of a table, which ends with its last field: what stands further right may not be its own."""
    fields = [column.index for column in table.columns if column.name]
    if table.header_row == 0 or not fields:
        return SheetEdit(table.sheet, table.header_row, columns)
    left = min(column.index for column in table.columns)
    return SheetEdit(table.sheet, table.header_row, columns, left, max(fields), tuple(_others(table, book)))


def _others(table: Table, book: Book) -> Iterable[tuple[int, int, int, int]]:
    """Yield the areas of a sheet that are no part of a table: blocks beside it, and what other tables hold."""
    yield from ((table.header_row, block.start, table.header_row, block.stop - 1) for block in table.aside)
    for other in book.tables:
        if (other.file, other.sheet) == (table.file, table.sheet) and other.header_row not in (0, table.header_row):
            own = schema.sheet(other.kind).fills
            plain = [column.index for column in other.columns if column.name and column.name not in own]
            bottom = max(other.rows, default=other.header_row)
            yield other.header_row, min(plain), bottom, max(plain)


def kept_cells(book: Book, run: Run) -> frozenset[CellRef]:
    """Return the cells of the columns that people keep to themselves. Pure."""
    if not run.kept_columns:
        return frozenset()
    return frozenset(
        CellRef(table.file, table.sheet, column.row or row, column.index)
        for table in book.tables
        for column in table.columns
        if is_kept(column.label, run)
        for row in table.rows
    )


def missing_columns(book: Book, run: Run) -> tuple[str, ...]:
    """Return the headers among those of `Run.kept_columns` that no table has. Pure."""
    present = {text for table in book.tables for column in table.columns for text in _spellings(column.label)}
    return tuple(header for header in run.kept_columns if fold(header) not in present)


def _spellings(header: str) -> tuple[str, str]:
    return fold(header), split_header(header).label


def is_kept(header: str, run: Run) -> bool:
    """Return whether a column of that header is one that people keep to themselves. Pure."""
    return bool(run.kept_columns) and not set(map(fold, run.kept_columns)).isdisjoint(_spellings(header))


def _rows(assessments: Sequence[Assessment]) -> Mapping[Table, Mapping[int, Assessment | Undertaking]]:
    """Find what fills each row: a customer's assessment, or a follow-up's earliest promise, else one that waits."""
    rows: dict[Table, dict[int, Assessment | Undertaking]] = defaultdict(dict)
    for entry in assessments:
        for record in (entry.customer.scoring, entry.customer.profile):
            if record and not record.origin.beside:
                rows[record.origin][record.row] = entry
        for undertaking in sorted(
            (one for one in entry.undertakings if one.promise.due or one.promise.pending), key=_urgency
        ):
            of_row = rows[undertaking.record.origin].setdefault(undertaking.record.row, undertaking)
            if undertaking.open and _is_anothers_and_done(of_row, undertaking):
                rows[undertaking.record.origin][undertaking.record.row] = undertaking
    return rows


def _is_anothers_and_done(entry: Assessment | Undertaking, undertaking: Undertaking) -> bool:
    """Return whether a row of several customers shows the promise as done, which is still open for another of them."""
    if not isinstance(entry, Undertaking) or entry.open:
        return False
    return entry.record.customer_id != undertaking.record.customer_id


def _urgency(undertaking: Undertaking) -> tuple[date, bool]:
    return undertaking.promise.due or date.max, undertaking.open


def _columns(table: Table, entries: Mapping[int, Assessment | Undertaking], run: Run) -> Iterable[ColumnEdit]:
    on_a_card = table.header_row == 0 or table.card is not None
    ordered = tuple(sorted(entries))
    sheet = schema.sheet(table.kind)
    write = writer(table, _people(entries.values())) or str
    for name, fill in sheet.fills.items():
        column, field = table.column(name), sheet.field(name)
        column = None if column is not None and column.theirs else column
        if is_kept(column.label if column else field.label, run):
            continue
        if column is None and any(
            fold(other.label) == fold(field.label) for other in table.columns if not other.theirs
        ):
            continue  # people keep something of their own under that heading
        if column is None and (on_a_card or field.tier_moves not in ("", run.policy.scoring.tier_moves)):
            continue
        planned = [fill(entries[row], run) for row in ordered]
        if column is None and field.where_filled and not any(planned):
            continue
        rows, values = ordered, tuple(planned)
        if any(map(partial(is_, Keep.KEEP), planned)):
            rows = tuple(row for row, written in zip(ordered, planned, strict=True) if written is not Keep.KEEP)
            values = tuple(written for written in planned if written is not Keep.KEEP)
        texts = {written for written in values if isinstance(written, str)}  # many rows, few different texts
        changed = {text: clean for text in texts if (clean := write(printable_lines(text))) != text}
        if changed:
            values = tuple(changed.get(written, written) if isinstance(written, str) else written for written in values)
        yield ColumnEdit(
            label=write(field.label),
            column=column.index if column else None,
            style=field.style,
            rows=tuple(column.row for _row in rows if column.row) if column and column.row else rows,
            values=cast("tuple[WrittenValue, ...]", values),
            colours={write(text): colour for text, colour in _colours(field, run.policy).items()},
            folded=field.folded,
            shown=field.shown,
        )


def _fill(table: Table, columns: Mapping[str, Mapping[int, WrittenValue]], run: Run) -> Iterable[ColumnEdit]:
    """Plan columns of people's own; one that the table lacks is added, but not to a card."""
    for name, cells in columns.items():
        column, field = table.column(name), schema.sheet(table.kind).field(name)
        on_a_card = table.header_row == 0 or table.card is not None
        if is_kept(column.label if column else field.label, run) or (column is None and on_a_card) or not cells:
            continue
        write = writer(table, ()) or str
        style = CellStyle.DATE if field.kind is Kind.DATE else CellStyle.TEXT
        rows = tuple(sorted(cells))
        places = tuple(column.row for _row in rows if column.row) if column and column.row else rows
        yield ColumnEdit(
            write(field.label), column.index if column else None, style, places, tuple(cells[row] for row in rows)
        )


def _people(entries: Iterable[Assessment | Undertaking]) -> Iterable[str]:
    """Yield the words of people's own that texts of the program may hold: names, and the reasons of decisions."""
    for entry in entries:
        if isinstance(entry, Assessment):
            yield entry.owner or ""
            yield from (item.owner for item in entry.due[:1] if item.promised)
            if (decision := entry.override) is not None:
                yield from (decision.proposer or "", decision.auditor or "", decision.reason or "")


def _colours(field: Field, policy: Policy) -> Mapping[str, str]:
    if isinstance(field.colours, str):
        return {tier.name: tier.colour for tier in policy.tiers}
    return field.colours or {}
