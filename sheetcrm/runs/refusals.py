"""Why a run is refused before it writes: no customer, another policy, or another book (practice §1.7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sheetcrm import __version__, schema
from sheetcrm.errors import UsageError
from sheetcrm.intake.nearest import describe_sheets
from sheetcrm.model import CellRef, Table
from sheetcrm.periods import kind_of
from sheetcrm.policy.run import Run
from sheetcrm.problems import listed
from sheetcrm.runs import run_file
from sheetcrm.runs.reading import ReadBook
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.recorded import RecordedRun
from sheetcrm.text.printable import printable

_MAKE_CUSTOMERS = frozenset({schema.PROFILE.kind, schema.SCORING.kind})
_WITHOUT_CUSTOMERS = frozenset({schema.STANDARDS.kind, schema.SETTINGS.kind, schema.HOLIDAYS.kind})
"""The sheets that may be given alone to be checked: nobody expects customers in them."""
_ABOUT_SHEETS = frozenset({"header-incomplete", "header-twice", "column-missing", "key-column-missing"})
"""The problems that say why a sheet, or a whole workbook, gave no rows."""
_UNREAD, _UNUSED = "sheet-unread", "column-unused"
_MOST_SHOWN = 8


class NoCustomerError(UsageError):
    """Not one customer was read.

    `problems` are all that was found in the `reading`, for whoever prints them; `sheets` are the lines on sheets alone,
    for whoever lists the columns elsewhere.
    """

    kind = "no-customer"
    of_lines = True

    def __init__(self, reading: ReadBook) -> None:
        """Say which sheets were seen, and what each lacks."""
        tables = (table for table in reading.book.tables if not table.beside)
        self.sheets = (*map(_seen, tables), *_near(reading), *_unknown_sheets(reading))
        findings = (*self.sheets, *_unused(reading))
        lines = [f"  {printable(line)}" for line in findings]
        more = [f"  ……共 {len(lines)} 处"] if len(lines) > _MOST_SHOWN else []
        what = "\n".join(["没有读到一家客户，什么也没有写。看到的是：", *lines[:_MOST_SHOWN], *more])
        super().__init__(
            what,
            "请按上面说的补上表头或改好这些行，再运行；自己的表头用 sheetcrm map 对照，能认的表见 sheetcrm init 的模板",
        )
        self.reading = reading
        self.problems = reading.problems

    def __str__(self) -> str:
        """Return the reason, a line a sheet, and the way out."""
        return f"{self.what}\n{self.fix}"


def refuse_without_customers(reading: ReadBook, *, checking: bool = False) -> None:
    """Refuse a book without one customer; `checking` lets 服务标准表, 设置, 节假日 and a policy pass alone.

    Raises:
        NoCustomerError: If there is none.
    """
    if reading.book.customers:
        return
    kinds = reading.book.kinds
    alone = kinds or any(entry.kind == "policy-not-data" for entry in reading.problems)
    if not (checking and alone and kinds <= _WITHOUT_CUSTOMERS and not reading.refused):
        raise NoCustomerError(reading)


@dataclass(frozen=True, slots=True)
class Displaced:
    """The results of a period that a run of another book would take away, and how little it has of them.

    `files` are the workbooks they came from, `recorded` how many customers they hold, `common` how many
    of these the run read too.
    """

    period: str
    files: tuple[str, ...]
    recorded: int
    common: int
    read_from: tuple[str, ...]

    def __str__(self) -> str:
        """Return both sides, in numbers and names."""
        return (
            f"本期（{self.period}）已有 {self.recorded} 家客户的结果，来自 {listed(self.files)}；"
            f"这次的 {listed(self.read_from)} 里只有其中 {self.common} 家"
        )


def find_displaced(ledger: Ledger, run: Run, reading: ReadBook) -> Displaced | None:
    """Return the period's results where a run has under half of their customers, from other workbooks.

    A workbook is the same one where it bears the same name and still has a customer recorded from it,
    whatever became of the others: part of the period's workbooks may be run again.
    """
    homes = ledger.homes(run.period)
    customers = {entry.customer_id: run_file.home_of(entry) for entry in reading.book.customers}
    again = customers.keys() | reading.aside
    common = homes.keys() & again
    names = {entry.name for entry in reading.inputs}
    others = set(customers.values()) - {homes[key] for key in common}
    if not others or 2 * len(common) >= len(homes):
        return None
    return Displaced(
        period=run.period.label,
        files=tuple(sorted(set(homes.values()))),
        recorded=len(homes),
        common=len(common),
        read_from=tuple(sorted(set(customers.values()) or names)),
    )


def find_former_policy(ledger: Ledger, run: Run) -> RecordedRun | None:
    """Return the last run on record where it used another policy than this run, which uses one nobody asked for.

    The last run is that of the same or an earlier period; one of the same kind of period goes first. A policy that
    ships is the same one in another version of the program too.
    """
    if run.source.stated:
        return None
    runs = [entry for entry in ledger.runs() if entry.start <= run.period.start]
    alike = [entry for entry in runs if entry.kind == kind_of(run.period)]
    last = next(reversed(alike or runs), None)
    return None if last is None or _is_same_policy(last, run) else last


def _is_same_policy(recorded: RecordedRun, run: Run) -> bool:
    if recorded.policy_sha256 == run.policy.sha256:
        return True
    if recorded.preset or recorded.policy_file:
        return recorded.preset == run.source.preset
    # where an older version kept no source: its own standard policy, which has changed since
    return recorded.policy == run.policy.name and recorded.version != __version__


def _seen(table: Table) -> str:
    title = schema.sheet(table.kind).title
    where = CellRef(table.file, table.sheet)
    rows = len(table.rows)
    unused = "，一行客户也没有" if not rows else "，没有一行能用" if table.kind in _MAKE_CUSTOMERS else ""
    return f"{where}：{title}，{rows} 行{unused}"


def _unknown_sheets(reading: ReadBook) -> Iterable[str]:
    """Say of each sheet of which nothing was said yet what it comes nearest to."""
    said = {(table.file, table.sheet) for table in reading.book.tables}
    said |= {(entry.ref.file, entry.ref.sheet) for entry in reading.problems if entry.kind in _ABOUT_SHEETS}
    for entry in reading.inputs:
        if entry.name not in reading.refused:
            sheets = [sheet for file, sheet in said if file == entry.name]
            described = describe_sheets(entry.data, file=entry.name, without=sheets)
            yield from (f"{CellRef(entry.name, sheet)}：{text}" for sheet, text in described.items())
            unread = (found for found in reading.problems if found.kind == _UNREAD and found.ref.file == entry.name)
            yield from (f"{found.ref}：{found.what}" for found in unread if found.ref.sheet not in described)


def _near(reading: ReadBook) -> Iterable[str]:
    """Name what gave no table at all: the headers that lack something first, then whole workbooks."""
    refused = frozenset(reading.refused)
    named = [
        entry
        for entry in reading.problems
        if entry.kind in _ABOUT_SHEETS or (entry.ref.file in refused and not entry.ref.sheet)
    ]
    for entry in sorted(named, key=lambda entry: (not entry.ref.sheet, entry.ref)):
        yield f"{entry.ref}：{entry.what}"


def _unused(reading: ReadBook) -> Iterable[str]:
    """Name the columns that were read as nothing: one of them may be the key."""
    return (f"{entry.ref}：{entry.what}" for entry in reading.problems if entry.kind == _UNUSED)
