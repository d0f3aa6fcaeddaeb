"""The history of an output folder: runs, tiers, disclosures, appended to and never rewritten (`sheetcrm.db`).

A run of a period supersedes earlier runs of it, but only for the customers of the workbooks it read.
Which those are is worked out when it is appended and kept in its record (`RecordedRun.dropped`), so that the
results in force for a customer in a period are simply those of the last run that names it.
"""

import contextlib
import getpass
import json
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sheetcrm.store.files.inputs import RUN_FILE
from sheetcrm.store.history import chain, recorded
from sheetcrm.store.history.blocks import CustomerBodies
from sheetcrm.store.history.chain import write_body
from sheetcrm.store.history.reader import DISCLOSURE, REPORT, RUN, HistoryReader
from sheetcrm.store.history.recorded import CustomerRecord, Disclosure, RecordedRun, Stamp, Stated

LEDGER_FILE = "sheetcrm.db"
"""The history's name in the output folder."""


@dataclass(frozen=True, slots=True)
class WrittenCustomers:
    """The results of a run's customers as they are stored, and the workbook of each by 客户编号."""

    bodies: CustomerBodies
    homes: Mapping[str, str]


def write_customers(customers: Iterable[CustomerRecord]) -> WrittenCustomers:
    """Write the results of customers one by one, as they come; none is kept as it was. Pure."""
    written = WrittenCustomers(CustomerBodies(), homes := {})
    for customer in customers:
        written.bodies.add(customer.customer_id, write_body(recorded.customer_values(customer)))
        homes[customer.customer_id] = customer.file
    return written


class Ledger(HistoryReader):
    """An open history. `opened` and `read` make it."""

    def append(
        self, run: RecordedRun, customers: WrittenCustomers | Iterable[CustomerRecord], stated: Stated | None = None
    ) -> RecordedRun:
        """Add a run and its results for each customer, in one transaction. Call it within `claim` of the folder.

        The rows of a run with the same results as an earlier one of its period are not written a second
        time: however often a run is repeated, its results are stored once.

        Args:
            run: The run.
            customers: Its results for each customer, written already or not.
            stated: The figures that its reports state, for the reports of later periods.

        Returns:
            The run as recorded.

        Raises:
            StoreError: If it cannot be written. Nothing of it was.
        """
        number = self._records.next_number()
        written = customers if isinstance(customers, WrittenCustomers) else write_customers(customers)
        bodies = written.bodies
        earlier = self._same_period(run)
        rows = next((other.rows for other in reversed(earlier) if _has_results(other, bodies.sha256, run)), 0)
        report = recorded.stated_values(stated) if stated else {}
        report_number = self._find_report(earlier, report)
        beside = [(REPORT, write_body(report))] if report and not report_number else []
        run = replace(
            run,
            dropped=self._superseded(earlier, run, written.homes) if earlier else frozenset(),
            customers=bodies.count,
            figures=bodies.sha256,
            rows=rows or number,
            report=report_number or (number + 1 if beside else 0),
            number=number,
        )
        body = write_body(recorded.run_values(run))
        self._records.append(RUN, body, beside=beside, customers=None if rows else bodies)
        return run

    def disclose(self, disclosure: Disclosure) -> None:
        """Record a disclosure of personal data. Call it within `claim` of the folder.

        Raises:
            StoreError: If it cannot be written; then nothing may be disclosed.
        """
        self._records.append(DISCLOSURE, write_body(recorded.disclosure_values(disclosure)))

    def forget(self, customer_id: str, entry: Disclosure) -> int:
        """Take a customer out of the history, put that on record, and return how many records were redacted.

        Call it within `claim` of the folder.

        Raises:
            StoreError: If it cannot be written. Nothing was.
        """
        return self._records.forget(customer_id, recorded.disclosure_values(entry))

    def _find_report(self, runs: Sequence[RecordedRun], report: Mapping[str, Any]) -> int:
        """Return the number of the last record with the same figures as a report; 0 where there is none."""
        if not report:
            return 0
        numbers = dict.fromkeys(run.report for run in reversed(runs) if run.report)
        return next((number for number in numbers if self._records.body(number, REPORT) == report), 0)

    def _superseded(self, earlier: Sequence[RecordedRun], run: RecordedRun, homes: Mapping[str, str]) -> frozenset[str]:
        """Return the customers of earlier runs that are missing from a workbook that this run read again.

        `homes` are the workbooks of this run's customers, by 客户编号.

        Those that bear a number now are on it under the names they had before.
        A workbook of the same name that shares not one customer with the one read before is another
        workbook (each department has its 客户.xlsx): it supersedes nobody.
        """
        with self._refusing_damage():
            in_force = self._in_force(reversed(earlier))
            files = {customer_id: values["file"] for _, rows in in_force for customer_id, values in rows}
        named = set(homes)
        names = {name for name, number in self.numbers.items() if number in named & files.keys()}
        filled = set(homes.values())
        superseded: set[str] = set()
        for file in run.inputs:
            before = {customer_id for customer_id, home in files.items() if home == file}
            if file not in filled or before & (named | run.aside):
                superseded |= before - named
        return frozenset(superseded | names)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Ledger]:
    """Open a folder's history to append to it; create it if missing. Hold the folder (`claim`).

    Raises:
        StoreError: If it is damaged or none of ours (it is left as it is), or cannot be written.
    """
    with chain.open_chain(folder / LEDGER_FILE) as records:
        yield Ledger(records)


@contextlib.contextmanager
def read(folder: Path) -> Iterator[Ledger]:
    """Open a folder's history to read it; nothing is written, and a missing one reads as empty.

    Raises:
        StoreError: If it is damaged or none of ours.
    """
    with chain.read_chain(folder / LEDGER_FILE) as records:
        yield Ledger(records)


_acting = ContextVar[Stamp | None]("_acting", default=None)


@contextlib.contextmanager
def acting_for(person: Stamp) -> Iterator[None]:
    """Do in here what somebody on another computer started: their stamp is what goes on record."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)


def stamp() -> Stamp:
    """Return the time, the user and the computer; the clock and the user are asked here and nowhere else."""
    if person := _acting.get():
        return person
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        user = ""
    return Stamp(datetime.now(UTC).isoformat(timespec="seconds"), user, platform.node())


def unrecorded(folder: Path, runs: Sequence[RecordedRun]) -> Mapping[str, str]:
    """Return the results in an output folder whose run is not in the history: the run id by period."""
    recorded_ids = {run.run_id for run in runs}
    missing = {}
    for path in sorted(folder.glob(f"[!.]*/{RUN_FILE}")):  # what a killed run left is hidden
        try:
            run_id = str(json.loads(path.read_bytes())["run_id"])
        except (OSError, ValueError, KeyError, TypeError):
            run_id = ""
        if run_id not in recorded_ids:
            missing[path.parent.name] = run_id
    return missing


def _has_results(other: RecordedRun, figures: str, run: RecordedRun) -> bool:
    """Return whether a run has the same results, under the same indicators."""
    return other.figures == figures and list(other.weights) == list(run.weights)
