"""Numbers for customers without one: which are given, and which of their cells can be written (practice §1.7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sheetcrm.errors import WorkbookError
from sheetcrm.excel.splice import writeback
from sheetcrm.intake import numbering
from sheetcrm.model import CellRef, Problem, SheetEdit, Table
from sheetcrm.policy.model import Policy
from sheetcrm.problems import address, listed, problem, title_of
from sheetcrm.store.files.inputs import InputFile

_PROTECTED, _NOT_BLANK = "sheet-protected", "原来有内容"


@dataclass(frozen=True, slots=True)
class GivenNumbers:
    """The tables with the numbers that were given, and the cells to write them into, by file."""

    tables: tuple[Table, ...]
    edits: Mapping[str, Sequence[SheetEdit]]
    problems: tuple[Problem, ...]


def give_numbers(
    tables: Sequence[Table], files: Iterable[InputFile], *, policy: Policy, period_end: date | None
) -> GivenNumbers:
    """Give the customers of a book numbers where they have none and the cell for it is blank (practice §1.7).

    Only what can be written is given: no cell with a formula, no merged or protected one. Nothing is written yet.
    Without a period's end, nobody gets a number.
    """
    if period_end is None:
        return GivenNumbers(tuple(tables), {}, ())
    form, data = policy.reading.customer_number, {entry.name: entry.data for entry in files}
    kept: dict[CellRef, str] = {}
    while True:
        planned = numbering.number_customers(tables, form=form, period_end=period_end, closed=kept)
        edits = planned.edits()
        refused = {
            ref: why
            for file, planned_edits in edits.items()
            for edit in planned_edits
            for ref, why in _refused(data[file], file, edit)
        }
        if not refused:
            return GivenNumbers(planned.tables, edits, (*planned.problems, *_remarks(planned.numbers, kept)))
        kept |= refused


def _refused(data: bytes, file: str, edit: SheetEdit) -> Iterable[tuple[CellRef, str]]:
    """Yield the cells of an edit that cannot be written, or are not blank, each with the reason."""
    (column,) = edit.columns
    cells = {row: CellRef(file, edit.sheet, row, column.column or 0) for row in column.rows}
    try:
        _, receipt = writeback.write_back(data, [edit], file=file)
    except WorkbookError as error:
        yield from ((ref, title_of(error.kind)) for ref in cells.values())
        return
    if _PROTECTED in receipt.notes:
        yield from ((ref, title_of(_PROTECTED)) for ref in cells.values())
        return
    yield from ((cells[cell.row], title_of(cell.reason)) for cell in receipt.left)
    yield from ((cells[cell.row], _NOT_BLANK) for cell in receipt.written if cell.old)


def _remarks(numbers: Mapping[CellRef, str], kept: Mapping[CellRef, str]) -> Iterable[Problem]:
    if numbers:
        given = sorted(set(numbers.values()))
        first = min(ref for ref in numbers)
        yield problem("numbers-given", first, count=len(given), numbers=listed(given))
    sheets: dict[tuple[str, str, str], list[CellRef]] = {}
    for ref, why in sorted(kept.items()):
        sheets.setdefault((ref.file, ref.sheet, why), []).append(ref)
    for (_, _, why), refs in sheets.items():
        places = listed([address(ref) for ref in refs])
        yield problem("number-cell-kept", refs[0], count=len(refs), why=why, places=places)
