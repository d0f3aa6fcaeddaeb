"""Reading a run's workbooks as one book: the first half of every command that looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from sheetcrm.errors import UsageError, WorkbookError
from sheetcrm.intake import book as joining
from sheetcrm.intake import keys, later_deals, records, repeats, workbooks
from sheetcrm.intake.open import formats
from sheetcrm.intake.rules import checks
from sheetcrm.model import Book, CellRef, Problem, Records, Severity, Table
from sheetcrm.policy.model import Policy
from sheetcrm.problems import problem
from sheetcrm.runs import orders_alone
from sheetcrm.store.files.inputs import InputFile

Progress = Callable[[str], None]
"""Receives progress messages, in Chinese."""


def silent(_message: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class ReadBook:
    """What was read: the book, every problem sorted by address, and the files nobody can read.

    `inputs` are the workbooks, those in other formats as .xlsx copies of their values. `aside` are the
    customers whose rows were set aside: they are not in the book.
    """

    inputs: tuple[InputFile, ...]
    book: Book
    problems: tuple[Problem, ...]
    refused: tuple[str, ...]
    aside: frozenset[str]

    @property
    def readable(self) -> int:
        """How many of people's own workbooks were read; one made of another is not counted."""
        return len({entry.copy_of or entry.name for entry in self.inputs if entry.name not in self.refused})


def read(
    inputs: Sequence[InputFile], *, policy: Policy, today: date, as_of: date, progress: Progress = silent
) -> ReadBook:
    """Read and check workbooks as one book, as of a day (practice §1, §2, §1.7).

    Raises:
        UsageError: If not one of them can be read.
    """
    files, notices = _as_xlsx(inputs)
    tables: list[Table] = []
    problems: list[Problem] = [*notices]
    refused: list[str] = []
    for entry in files:
        progress(f"读取 {entry.name}")
        try:
            sheet_tables, remarks = workbooks.read_workbook(entry.data, file=entry.name)
        except WorkbookError as error:
            refused.append(entry.name)
            problems.append(refusal(entry.name, error))
        else:
            sheet_tables, remarks = repeats.leave_out_copies(sheet_tables, remarks)
            tables += sheet_tables
            problems += remarks
    if len(refused) == len(files):
        raise UsageError("；".join(str(entry) for entry in problems), "")
    progress("核对资料")
    rows, remarks = records.read_records(tables, policy=policy)
    listed = orders_alone.list_customers(rows, files, policy)
    if listed is not None:
        files = (*files, listed.file)
        rows, remarks = records.read_records([*tables, *listed.tables], policy=policy)
        problems.append(listed.notice)
    problems += remarks
    rows, remarks = _settle(rows, as_of)
    problems += remarks
    problems += checks.check(rows, policy=policy, today=today, as_of=as_of)
    book = joining.join(rows, problems)
    named = rows.aside.union(
        (entry.customer_id for entry in rows.profiles), (entry.customer_id for entry in rows.scorings)
    )
    aside = named.difference(entry.customer_id for entry in book.customers)
    return ReadBook(tuple(files), book, in_order(problems), tuple(refused), aside)


def _settle(rows: Records, as_of: date) -> tuple[Records, tuple[Problem, ...]]:
    """Settle whose the records are, and which of them count on a day, before they are checked (practice §1.7)."""
    rows, spelled = keys.join_spellings(rows)
    rows, months = repeats.choose_month(rows, as_of=as_of)
    rows, later = later_deals.drop_later_deals(rows, as_of=as_of)
    return rows, (*spelled, *months, *later)


def _as_xlsx(inputs: Sequence[InputFile]) -> tuple[Sequence[InputFile], Sequence[Problem]]:
    """Replace workbooks in other formats by an .xlsx of their values, with a notice of each.

    One that cannot be read stays as it is: reading it refuses it by the name of its format.
    """
    files: list[InputFile] = []
    notices: list[Problem] = []
    names = {entry.name for entry in inputs}
    for entry in inputs:
        file_format = formats.format_of(entry.data, file=entry.name)
        if file_format is None:
            files.append(entry)
            continue
        from sheetcrm.excel.books import copies  # noqa: PLC0415  (brings XlsxWriter: only where a copy is made)

        name = str(PurePosixPath(entry.name).with_suffix(".xlsx"))
        name = f"{entry.name}.xlsx" if name in names else name
        try:
            data = copies.make_copy(formats.read_sheets(entry.data, file=entry.name))
        except WorkbookError:
            files.append(entry)
        else:
            names.add(name)
            files.append(replace(entry, name=name, data=data, copy_of=entry.name))
            notices.append(problem("workbook-copied", CellRef(entry.name), format=file_format, name=name))
    return files, notices


def refusal(file: str, error: WorkbookError) -> Problem:
    """Return the problem that says why a whole file is left alone. Pure."""
    return Problem(CellRef(file), Severity.ERROR, error.kind, error.what, error.fix)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by address, each once. Pure."""
    return tuple(sorted(set(problems), key=lambda entry: (entry.ref, entry.kind, entry.what)))
