"""Reading a run's workbooks as one book: the first half of every command that looks at them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePosixPath

from sheetcrm.errors import UsageError, WorkbookError
from sheetcrm.intake import book as joining
from sheetcrm.intake import keys, later_deals, records, repeats, review_books, shared_records, workbooks
from sheetcrm.intake.follow_up_years import add_years
from sheetcrm.intake.open import formats
from sheetcrm.intake.policy_sheets import is_policy
from sheetcrm.intake.rules import checks
from sheetcrm.model import Book, CellRef, Problem, Records, Severity, SheetEdit, Table
from sheetcrm.policy.model import Policy
from sheetcrm.problems import problem, title_of
from sheetcrm.runs import orders_alone
from sheetcrm.runs.numbers import give_numbers
from sheetcrm.runs.stale import FilledCells, filled_cells
from sheetcrm.store.files.inputs import InputFile

Progress = Callable[[str], None]
"""Receives progress messages, in Chinese."""


def silent(_message: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class ReadBook:
    """What was read: the book, every problem sorted by address, and the files nobody can read.

    `inputs` are the workbooks, those in other formats as .xlsx copies of their values. `aside` are the
    customers whose rows were set aside: they are not in the book. `numbers` are the cells of the numbers that
    were given to customers without one, by file. `filled` is what stands in the program's own columns of
    follow-up sheets. `reviews` are the review workbooks among the inputs, which are no books of customers. `names` are
    those of every row of a customer, set aside or not.
    """

    inputs: tuple[InputFile, ...]
    book: Book
    problems: tuple[Problem, ...]
    refused: tuple[str, ...]
    aside: frozenset[str]
    numbers: Mapping[str, Sequence[SheetEdit]] = field(default_factory=dict)
    filled: FilledCells = field(default_factory=dict)
    reviews: tuple[InputFile, ...] = ()
    names: frozenset[str] = frozenset()

    @property
    def readable(self) -> int:
        """How many of people's own workbooks were read; one made of another is not counted."""
        return len({entry.copy_of or entry.name for entry in self.inputs if entry.name not in self.refused})

    @property
    def has_unread(self) -> bool:
        """Whether a workbook could not be read: what is said of the book is not the whole."""
        return any(entry.ref.file in self.refused and entry.severity is Severity.ERROR for entry in self.problems)


def read(
    inputs: Sequence[InputFile],
    *,
    policy: Policy,
    today: date,
    as_of: date | None = None,
    numbered_at: date | None = None,
    progress: Progress = silent,
) -> ReadBook:
    """Read and check workbooks as one book, as of a day (practice §1, §2, §1.7).

    Args:
        inputs: The workbooks.
        policy: The policy.
        today: What has happened later than this is an error.
        as_of: The day all is judged on; a follow-up's day without a year lies before it. Today where none is named.
        numbered_at: A day of the month of which customers without a number get one; None: they get none.
        progress: Receives progress messages.

    Raises:
        UsageError: If not one of them can be read.
    """
    day = as_of or today
    files, notices, refusals = as_xlsx(inputs)
    tables: list[Table] = []
    problems, refused = [*notices, *refusals.values()], [*refusals]
    readable = ((entry.name, entry.data) for entry in files if entry.name not in refusals)
    mapping, remarks = workbooks.read_mapping(readable, policy)
    files, reviews, notices = _customer_books(files, refusals)
    problems += (*remarks, *notices)
    for number, entry in enumerate(files, 1):
        if entry.name in refusals:
            continue
        progress(f"读取 {number}/{len(files)} {entry.name}")
        try:
            sheet_tables, remarks = workbooks.read_workbook(entry.data, file=entry.name, mapping=mapping)
        except WorkbookError as error:
            refused.append(entry.name)
            problems.append(refusal(entry.name, error))
        else:
            sheet_tables, remarks = repeats.leave_out_copies(sheet_tables, remarks)
            tables += sheet_tables
            problems += remarks
    _refuse_unreadable(files, refused, problems)
    progress("核对资料")
    tables, years = add_years(tables, as_of=day)
    problems += years
    numbered = give_numbers(tables, files, policy=policy, period_end=numbered_at)
    problems += numbered.problems
    rows, files, of_cells = _read_records(numbered.tables, files, policy)
    rows, remarks = _settle(rows, policy, day)
    problems += (*repeats.without_other_months(of_cells, rows.other_months), *remarks)
    problems += checks.check(rows, policy=policy, today=today, as_of=day)
    book = joining.join(rows, problems)
    named = rows.aside.union((row.customer_id for row in rows.profiles), (row.customer_id for row in rows.scorings))
    aside = named.difference(entry.customer_id for entry in book.customers)
    return ReadBook(
        *(tuple(files), book, in_order(problems), tuple(refused), aside, numbered.edits, filled_cells(rows), reviews),
        names=_names(rows),
    )


def _refuse_unreadable(files: Sequence[InputFile], refused: Sequence[str], problems: Iterable[Problem]) -> None:
    if files and len(refused) == len(files):
        raise UsageError("；".join(str(entry) for entry in problems), "")


def _names(rows: Records) -> frozenset[str]:
    profiles, scorings = (frozenset(row.name for row in kind) for kind in (rows.profiles, rows.scorings))
    return (profiles | scorings) - {""}


def _customer_books(
    files: Sequence[InputFile], refusals: Container[str]
) -> tuple[Sequence[InputFile], tuple[InputFile, ...], tuple[Problem, ...]]:
    """Leave the policies out that lie among the workbooks, and say so; take the review workbooks apart."""
    readable = [entry for entry in files if entry.name not in refusals]
    reviews = tuple(entry for entry in readable if review_books.is_review(entry.data, file=entry.name))
    policies = frozenset(entry.name for entry in readable if is_policy(entry.data))
    apart = policies.union(entry.name for entry in reviews)
    kept = tuple(entry for entry in files if entry.name not in apart)
    return kept, reviews, tuple(problem("policy-not-data", CellRef(name)) for name in sorted(policies))


def _read_records(
    tables: Sequence[Table], files: Sequence[InputFile], policy: Policy
) -> tuple[Records, Sequence[InputFile], tuple[Problem, ...]]:
    """Read the records; where orders stand alone, also those of the workbook made of their customers."""
    rows, remarks = records.read_records(tables, policy=policy)
    listed = orders_alone.list_customers(rows, files, policy)
    if listed is None:
        return rows, files, remarks
    rows, remarks = records.read_records([*tables, *listed.tables], policy=policy)
    return rows, (*files, listed.file), (listed.notice, *remarks)


def _settle(rows: Records, policy: Policy, as_of: date) -> tuple[Records, tuple[Problem, ...]]:
    """Settle whose the records are, and which of them count on a day, before they are checked (practice §1.7)."""
    rows, shared = shared_records.share_records(rows, policy)
    rows, spelled = keys.join_spellings(rows)
    rows = records.drop_doubles(rows) if spelled else rows
    rows, months = repeats.choose_month(rows, as_of=as_of)
    rows, later = later_deals.drop_later_deals(rows, as_of=as_of)
    return rows, (*shared, *spelled, *months, *later)


def as_xlsx(
    inputs: Sequence[InputFile],
) -> tuple[Sequence[InputFile], Sequence[Problem], Mapping[str, Problem]]:
    """Replace workbooks in other formats by an .xlsx of their values, with a notice of each.

    Those that cannot be (damaged, too large, with a password), and files that could not be read at all,
    stay as they are; the problem that says why stands under their names.
    """
    files: list[InputFile] = []
    notices: list[Problem] = []
    refusals: dict[str, Problem] = {entry.name: entry.unread for entry in inputs if entry.unread}
    names = {entry.name for entry in inputs}
    for entry in inputs:
        file_format = None if entry.unread else formats.format_of(entry.data, file=entry.name)
        if file_format is None:
            files.append(entry)
            continue
        from sheetcrm.excel.books import copies  # noqa: PLC0415  (brings XlsxWriter: only where a copy is made)

        name = str(PurePosixPath(entry.name).with_suffix(".xlsx"))
        name = f"{entry.name}.xlsx" if name in names else name
        try:
            data = copies.make_copy(formats.read_sheets(entry.data, file=entry.name))
        except WorkbookError as error:
            files.append(entry)
            error.what = f"这是{file_format}，{title_of(error.kind)}：{error.what}"
            refusals[entry.name] = refusal(entry.name, error)
        else:
            names.add(name)
            files.append(replace(entry, name=name, data=data, copy_of=entry.name))
            notices.append(problem("workbook-copied", CellRef(entry.name), format=file_format, name=name))
    return files, notices, refusals


def refusal(file: str, error: WorkbookError) -> Problem:
    """Return the problem that says why a whole file is left alone. Pure."""
    return Problem(CellRef(file), Severity.ERROR, error.kind, error.what, error.fix)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by address, each once. Pure."""
    return tuple(sorted(set(problems), key=lambda entry: (entry.ref, entry.kind, entry.what)))
