"""Marked copies: people's workbooks with their cells at fault filled and a sheet of all problems."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path

from sheetcrm.errors import StoreError, UsageError, WorkbookError
from sheetcrm.excel.findings import RowCustomer, cells_at_fault, list_problems
from sheetcrm.excel.splice import lookup, marking
from sheetcrm.model import Assessment, CellMarks, CellRef, Customer, Problem, ProblemList, Record, Table
from sheetcrm.ooxml import guard
from sheetcrm.privacy import gate_of
from sheetcrm.runs.reading import ReadBook
from sheetcrm.store.files import disk, staging
from sheetcrm.store.files.inputs import InputFile

_WHOSE = ("customer_id", "name", "owner")
_Place = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    """A workbook's marked copy as it will be written: where, its bytes, how many cells are marked and rows listed.

    `replaces` is the hash of the earlier marked copy in its place, blank where there is none.
    """

    name: str
    target: Path
    data: bytes
    cells: int
    rows: int
    replaces: str


@dataclass(frozen=True, slots=True)
class Marking:
    """The copies to write, and by name why a workbook with problems gets none."""

    copies: tuple[MarkedCopy, ...] = ()
    without: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrittenCopies:
    """The copies in place, why others are not, and the backups of earlier copies that were not as this check's."""

    written: tuple[MarkedCopy, ...]
    failed: Mapping[str, str]
    backups: tuple[Path, ...]


def plan(
    folder: Path,
    paths: Sequence[Path],
    reading: ReadBook,
    problems: Sequence[Problem],
    *,
    as_of: date,
    assessments: Sequence[Assessment] = (),
) -> Marking:
    """Decide the marked copies of all workbooks that have problems, or had some when they were checked before.

    Args:
        folder: Where they will be: each as it lies below the folder it was read from.
        paths: What was asked to be checked.
        reading: The workbooks, as read.
        problems: Those of all workbooks.
        as_of: The day they were judged on.
        assessments: The customers, where there are any.

    Raises:
        UsageError: If the folder lies in one of those that are checked, or holds a file that is no earlier
            marked copy under a copy's name. Nothing is written.
    """
    _refuse_inside(folder, paths)
    customers = _customers(assessments)
    gate = gate_of(entry.customer for entry in assessments)
    by_file: dict[str, list[Problem]] = {}
    for entry in problems:
        by_file.setdefault(entry.ref.file, []).append(entry)
    copies: list[MarkedCopy] = []
    without: dict[str, str] = {}
    names = {file.name for file in reading.inputs}
    for file in reading.inputs:
        if file.copy_of in names:
            continue  # made of that workbook's orders, which has a copy itself
        target = folder / file.name
        listed = by_file.get(file.name, []) + (by_file.get(file.copy_of, []) if file.copy_of else [])
        try:
            reason = _reason_for_none(file, reading)
            if reason:
                without |= {file.copy_of or file.name: reason} if listed else {}
                continue
            earlier = _earlier(target, file)
            if listed or earlier or marking.has_marks(file.data):
                customer_of = _finder(file, listed, reading.book.tables, customers)
                listing = list_problems(listed, customer_of, as_of=as_of, gate=gate)
                copies.append(_copy(file, target, cells_at_fault(listed), listing, earlier))
        except WorkbookError as error:
            without[file.name] = str(error)
    return Marking(tuple(copies), without)


def customer_finder(
    reading: ReadBook, problems: Sequence[Problem], assessments: Sequence[Assessment] = ()
) -> Callable[[CellRef], RowCustomer]:
    """Return a function that finds whose the row of a problem is, in whatever workbook of a book it lies."""
    customers = _customers(assessments)
    by_file: dict[str, list[Problem]] = {}
    for entry in problems:
        by_file.setdefault(entry.ref.file, []).append(entry)
    finders = {
        file.name: _finder(file, by_file[file.name], reading.book.tables, customers)
        for file in reading.inputs
        if file.name in by_file and not _reason_for_none(file, reading)
    }
    nobody = RowCustomer("", "", "")
    return lambda ref: finders[ref.file](ref) if ref.file in finders else nobody


def write(planned: Marking) -> WrittenCopies:
    """Put the copies in place, each whole or not at all; one that fails stops no other.

    An earlier copy that differs is backed up first: somebody may have mended cells in it.
    """
    written: list[MarkedCopy] = []
    failed: dict[str, str] = {}
    backups: list[Path] = []
    for copy in planned.copies:
        try:
            with staging.claim(copy.target.parent):
                if copy.replaces:
                    backup = staging.replace_file(copy.target, copy.data, expected_sha256=copy.replaces)
                    backups += [backup.path] if backup else []
                else:
                    _write_new(copy)
        except staging.UnconfirmedError as error:
            failed[copy.name] = str(error)
            backups += [backup.path for backup in error.backups]
        except StoreError as error:
            failed[copy.name] = str(error)
        else:
            written.append(copy)
    return WrittenCopies(tuple(written), failed, tuple(backups))


def _write_new(copy: MarkedCopy) -> None:
    if copy.target.exists():  # somebody was quicker
        raise disk.refusal(disk.CHANGED, f"“{copy.target}”刚刚有了别的内容，没有写", "请换一个文件夹，或移走它")
    staging.write_note(copy.target, copy.data)


def _refuse_inside(folder: Path, paths: Iterable[Path]) -> None:
    """Refuse a folder below one that is checked: the next check would read the copies beside the workbooks."""
    for path in paths:
        if path.is_dir() and folder.resolve() != path.resolve() and folder.resolve().is_relative_to(path.resolve()):
            raise UsageError(
                f"“{folder}”在要检查的“{path}”里，下次检查会把副本也读进去", "请用 --marked 给出别处的文件夹"
            )


def _reason_for_none(file: InputFile, reading: ReadBook) -> str:
    """Return why a workbook cannot have a copy, blank where it can."""
    if file.copy_of:
        return "它不是 .xlsx 或 .xlsm，加不了底纹。请用 Excel 或 WPS 另存为 .xlsx 后再检查"
    if file.unread is not None or file.name in reading.refused:
        return "它没有读出来，原因见上面列出的问题"
    return ""


def _copy(
    file: InputFile, target: Path, marks: Mapping[str, CellMarks], listing: ProblemList, earlier: str | None
) -> MarkedCopy:
    if earlier is None:
        raise UsageError(
            f"“{target}”已经有了，又不是以前的检查副本（里面没有“检查结果”），不会覆盖", "请用 --marked 给出别的文件夹"
        )
    return MarkedCopy(
        name=file.name,
        target=target,
        data=marking.mark(file.data, marks, listing, file=file.name),
        cells=sum(map(len, marks.values())),
        rows=len(listing.rows),
        replaces=earlier,
    )


def _earlier(target: Path, file: InputFile) -> str | None:
    """Return the hash of the marked copy that stands at a place, blank where nothing does, None of anything else.

    Where it is the workbook itself, the hash is of what was read: it may have been edited since.
    """
    if not target.exists():
        return ""
    try:
        data = disk.read_regular(target)
        guard.inspect(data, file=target.name)
        if marking.has_marks(data):
            return file.sha256 if target.samefile(file.path) else hashlib.sha256(data).hexdigest()
    except (OSError, WorkbookError):
        return None
    return None


def _customers(assessments: Iterable[Assessment]) -> Mapping[_Place, RowCustomer]:
    """Find the customers of all rows that were read, by file, sheet, row and, in a card, column."""
    places: dict[_Place, RowCustomer] = {}
    for entry in assessments:
        customer = entry.customer
        person = RowCustomer(customer.customer_id, customer.name, entry.owner or "")
        for record in _records(customer):
            places |= dict.fromkeys(_places(record), person)
    return places


def _records(customer: Customer) -> Iterator[Record]:
    yield from filter(None, (customer.profile, customer.scoring))
    yield from chain(
        customer.orders, customer.follow_ups, customer.services, customer.overrides, customer.risks, customer.needs
    )


def _places(record: Record) -> Iterator[_Place]:
    table = record.origin
    cells = [(column.row, column.index) for column in table.columns if column.row]
    for row, column in cells or [(record.row, 0)]:
        yield table.file, table.sheet, row, column


def _finder(
    file: InputFile, problems: Sequence[Problem], tables: Sequence[Table], customers: Mapping[_Place, RowCustomer]
) -> Callable[[CellRef], RowCustomer]:
    """Return a function that finds whose a row is; rows that were set aside say it in their own cells."""
    owners = {person.customer_id: person for person in customers.values()}
    refs = chain.from_iterable((entry.ref, *entry.further) for entry in problems)
    unclear = {(ref.sheet, ref.row) for ref in refs if ref.row and _find(ref, customers) is None}
    columns = _columns_of(file.name, tables, unclear)
    places: dict[str, set[tuple[int, int]]] = {}
    for (sheet, row), fields in columns.items():
        places.setdefault(sheet, set()).update((row, column) for column in fields.values())
    texts = lookup.read_texts(file.data, places) if places else {}

    def customer_of(ref: CellRef) -> RowCustomer:
        person = _find(ref, customers)
        if person is not None:
            return person
        fields = columns.get((ref.sheet, ref.row), {})
        own = RowCustomer(*(texts.get((ref.sheet, ref.row, fields.get(name, 0)), "") for name in _WHOSE))
        of_book = owners.get(own.customer_id, own)
        return own._replace(name=own.name or of_book.name, owner=own.owner or of_book.owner)

    return customer_of


def _find(ref: CellRef, customers: Mapping[_Place, RowCustomer]) -> RowCustomer | None:
    return customers.get((ref.file, ref.sheet, ref.row, ref.column)) or customers.get((ref.file, ref.sheet, ref.row, 0))


def _columns_of(
    file: str, tables: Iterable[Table], rows: set[tuple[str, int]]
) -> Mapping[tuple[str, int], Mapping[str, int]]:
    """Return the columns that say whose rows are, for those of the rows that lie in a table."""
    columns: dict[tuple[str, int], dict[str, int]] = {}
    for table in tables:
        fields = {
            name: column.index for name in _WHOSE if (column := table.column(name)) is not None and column.row is None
        }
        if table.file == file and fields:
            for row in rows.intersection((table.sheet, row) for row in table.rows):
                columns[row] = {**fields, **columns.get(row, {})}
    return columns
