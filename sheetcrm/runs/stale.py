"""What the program wrote beside a plan that holds no promise any more: 到期日 and 是否逾期 (practice §9).

A row whose plan was changed to one without a day is filled by nothing, and kept the day of the old plan. Such a
cell is cleared where it still holds what the record of edits says the program wrote there; what a person typed stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from sheetcrm import schema
from sheetcrm.excel.script import writer
from sheetcrm.model import Assessment, ColumnEdit, RawValue, Records, SheetEdit, Table
from sheetcrm.model.fields import Kind
from sheetcrm.privacy import Gate, gate_of
from sheetcrm.runs.edits_file import EDITS_FILE, as_recorded, recorded_edits
from sheetcrm.text.dates import read_date

FilledCells = Mapping[Table, Mapping[str, Mapping[int, str]]]
"""The text of each cell that holds something, by table, by the program's own column, by row."""

WrittenText = tuple[str, int, str, str]
"""A cell as recorded: sheet, row, the column's label, and what was written."""


def filled_cells(records: Records) -> FilledCells:
    """Find what stands in the program's own columns of follow-up sheets."""
    filled: dict[Table, Mapping[str, Mapping[int, str]]] = {}
    for table, read in zip(records.tables, records.as_read, strict=True):
        if table.kind == schema.FOLLOW_UPS.kind:
            columns = {column.name: at for at, column in enumerate(table.columns) if not column.theirs}
            filled[table] = {
                name: {
                    row: text
                    for row, values in zip(read.rows, read.values, strict=True)
                    if (text := _text(table, name, values[columns[name]]))
                }
                for name in schema.FOLLOW_UPS.fills
                if name in columns
            }
    return filled


def clear_stale(
    filled: FilledCells, assessments: Sequence[Assessment], *, as_of: date, output: Path
) -> Mapping[str, Sequence[SheetEdit]]:
    """Plan to clear the cells that the program wrote and that nothing fills now, by file.

    Args:
        filled: What stands in the program's own columns.
        assessments: What was decided; rows set aside are in none of them.
        as_of: The day of the run; records after it are left as they are.
        output: The output folder, which holds the records of edits.
    """
    idle: dict[Table, set[int]] = defaultdict(set)
    for entry in assessments:
        promised = (one.record for one in entry.undertakings if one.promise.due or one.promise.pending)
        live = {(id(record.origin), record.row) for record in promised}
        for record in entry.customer.follow_ups:
            if record.date <= as_of and (id(record.origin), record.row) not in live:
                idle[record.origin].add(record.row)
    candidates = {
        (table.sheet, row, label, texts[row])
        for table, rows in idle.items()
        for name, texts in filled.get(table, {}).items()
        for label in _labels(table, name)
        for row in rows & texts.keys()
    }
    gate = gate_of(entry.customer for entry in assessments)
    written = find_written(output, candidates, gate) if candidates else set()
    planned: dict[str, list[SheetEdit]] = defaultdict(list)
    for table, rows in idle.items():
        columns = tuple(_cleared(table, rows, filled.get(table, {}), written))
        if columns:
            planned[table.file].append(SheetEdit(table.sheet, table.header_row, columns))
    return planned


def _cleared(
    table: Table, rows: Collection[int], filled: Mapping[str, Mapping[int, str]], written: Collection[WrittenText]
) -> Iterable[ColumnEdit]:
    for name, texts in filled.items():
        field, column = schema.FOLLOW_UPS.field(name), table.column(name)
        labels = _labels(table, name)
        ours = tuple(
            row
            for row in sorted(rows)
            if row in texts and any((table.sheet, row, label, texts[row]) in written for label in labels)
        )
        if ours and column:
            yield ColumnEdit(labels[-1], column.index, field.style, ours, (None,) * len(ours))


def _labels(table: Table, name: str) -> Sequence[str]:
    """Return the labels under which the program records a column: in simplified characters, and in the table's."""
    label, write = schema.FOLLOW_UPS.field(name).label, writer(table)
    return (label, write(label)) if write else (label,)


def find_written(output: Path, candidates: Collection[WrittenText], gate: Gate) -> set[WrittenText]:
    """Look cells up in the records of edits of all periods: those that a run wrote just so.

    What is personal in them is hidden in the records, of runs before the gate was as of runs since: so it is here.
    """
    labels = {label for _, _, label, _ in candidates}
    recorded = {(*one[:-1], as_recorded(one[-1], gate)): one for one in candidates}
    found: set[WrittenText] = set()
    for folder in sorted({path.parent for path in output.glob(f"[!.]*/{EDITS_FILE}*")}):
        for cell in recorded_edits(folder, labels=labels):
            written = recorded.get((cell.sheet, cell.row, cell.label, as_recorded(cell.new, gate)))
            if written:
                found.add(written)
    return found


def _text(table: Table, name: str, raw: RawValue) -> str:
    """Return a cell's text as the record of edits has it."""
    if raw is None:
        return ""
    if schema.FOLLOW_UPS.field(name).kind is Kind.DATE:
        day = read_date(raw, date1904=table.date1904)
        return day.isoformat() if isinstance(day, date) else ""
    return raw.strip() if isinstance(raw, str) else ""
