"""The history of an output folder: runs, tiers, disclosures, appended to and never rewritten (`sheetcrm.db`).

A run of a period supersedes what earlier runs of it said, but only of the customers of the workbooks it
read. Which those are is worked out when it is appended and stands in its record (`Run.dropped`), so
that what holds for a customer in a period is simply the last run that names it.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import itertools
import json
import platform
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sheetcrm.model import CONTRACT_END, Past, PastFigures, Period, Terms
from sheetcrm.store.files.inputs import RUN_FILE
from sheetcrm.store.history import chain, recorded
from sheetcrm.store.history.chain import Chain, Fault, write_body
from sheetcrm.store.history.recorded import Disclosure, Recorded, Run, Stamp, Stated, kind_of
from sheetcrm.store.history.scope import Scope, same_book

LEDGER_FILE = "sheetcrm.db"
"""The history's name in the output folder."""

_RUN, _DISCLOSURE, _REPORT = "run", "disclosure", "report"


@dataclass(frozen=True, slots=True)
class State:
    """What holds of a period: the workbooks read, every customer, and those that were set aside."""

    period: str
    files: frozenset[str]
    customers: Mapping[str, Recorded]
    aside: frozenset[str]


@dataclass(frozen=True, slots=True)
class Moment:
    """What holds of one customer in one period, the run that said it, and what it is to a later period."""

    run: Run
    entry: Recorded
    past: Past


@dataclass(frozen=True, slots=True)
class Comparison:
    """Customers of two periods, by 客户编号, among the workbooks that both read."""

    both: frozenset[str]
    lost: frozenset[str]
    new: frozenset[str]


class Ledger:
    """An open history. `opened` and `read` make it."""

    def __init__(self, records: Chain) -> None:
        """Take an open file of records."""
        self._records = records

    @property
    def head(self) -> str:
        """The hash of the last record: the same as long as nothing was appended."""
        return self._records.head

    def runs(self) -> tuple[Run, ...]:
        """List the runs in the order they were made."""
        with self._understood():
            return tuple(recorded.read_run(entry.values, entry.number) for entry in self._records.entries(_RUN))

    def disclosures(self) -> tuple[Disclosure, ...]:
        """List the disclosures in the order they were made."""
        with self._understood():
            found = self._records.entries(_DISCLOSURE)
            return tuple(recorded.read_disclosure(entry.values, entry.number) for entry in found)

    def past(self, period: Period, tiers: Sequence[str]) -> Mapping[str, Past]:
        """Give what the last earlier period of the same kind and the same tiers says of each customer.

        A run of the period itself never counts. A customer that was not in that period's workbooks has
        what the period before says.
        """
        earlier = [run for run in self._alike(period, tiers) if run.start < period.start]
        earlier.sort(key=lambda run: (run.start, run.number), reverse=True)
        found: dict[str, Past] = {}
        with self._understood():
            for label, runs in itertools.groupby(earlier, key=lambda run: run.period):
                for run, entries in self._holding(runs, known=found):
                    terms = _terms(run)
                    for customer_id, values in entries:
                        found[customer_id] = _past(values, label, terms)
        return found

    def stated(
        self, period: Period, tiers: Sequence[str], *, scope: Scope, policy_sha256: str, most: int
    ) -> tuple[PastFigures, ...]:
        """Give what the reports of earlier periods of the same kind and the same tiers stated, oldest first.

        Of each period the last run counts that read the same book (`same_book`): sums over part of it
        compare with nothing. A period without one has no values.

        Args:
            period: The period; its own runs never count.
            tiers: The names of the policy's tiers, best first.
            scope: What is compared with them.
            policy_sha256: The policy in use, to tell of another one.
            most: How many periods, the latest ones.
        """
        earlier = [run for run in self._alike(period, tiers) if run.start < period.start]
        earlier.sort(key=lambda run: (run.start, run.number), reverse=True)
        found: list[PastFigures] = []
        with self._understood():
            for label, runs in itertools.islice(itertools.groupby(earlier, key=lambda run: run.period), most):
                fit = next((run for run in runs if run.report and same_book(scope, self._scope(run))), None)
                found.append(
                    PastFigures(
                        period=label,
                        values=recorded.read_stated(self._records.body(fit.report, _REPORT)) if fit else {},
                        whole=fit is None or fit.as_of >= fit.end,
                        same_policy=fit is None or fit.policy_sha256 == policy_sha256,
                    )
                )
        return tuple(reversed(found))

    def state(self, period: Period, tiers: Sequence[str]) -> State:
        """Give what holds of a period, for reports that compare (a year ago, retention, trends)."""
        runs = [run for run in self._alike(period, tiers) if run.period == period.label]
        files: set[str] = set()
        aside: set[str] = set()
        for run in runs:
            if files <= run.inputs.keys():
                aside.clear()
            files |= run.inputs.keys()
            aside |= run.aside
        with self._understood():
            customers = {
                customer_id: recorded.read_customer(values)
                for _, entries in self._holding(reversed(runs))
                for customer_id, values in entries
            }
        return State(period.label, frozenset(files), customers, frozenset(aside - customers.keys()))

    def timeline(self, customer_id: str) -> tuple[Moment, ...]:
        """Give what holds of a customer in each period on record, months first, by date."""
        with self._understood():
            said = {entry.run: entry.values for entry in self._records.of_customer(customer_id)}
            found: dict[tuple[str, date], Moment | None] = {}
            for run in reversed(self.runs()):
                if run.rows in said or customer_id in run.dropped:
                    found.setdefault((run.kind, run.start), _moment(run, said.get(run.rows)))
        order = (recorded.MONTH, recorded.QUARTER, recorded.YEAR)
        held = sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
        return tuple(moment for _, moment in held if moment)

    def grades(self, asked: Collection[tuple[str, str]], *, sha256: str) -> Mapping[tuple[str, str], frozenset[str]]:
        """Give the grades the program gave customers in periods before it first read a workbook's content.

        Args:
            asked: Customers and periods, as (客户编号, `2026-10`).
            sha256: The content. What was decided from it, or after it was first read, does not count: it
                cannot have been written in there.

        Returns:
            All grades given, by what was asked for; what is not on record is not in it.
        """
        runs = self.runs()
        seen = min((run.number for run in runs if sha256 in run.inputs.values()), default=None)
        periods = {period for _, period in asked}
        found: dict[tuple[str, str], frozenset[str]] = {}
        with self._understood():
            for run in runs:
                if run.period not in periods or run.rows != run.number or (seen is not None and run.number >= seen):
                    continue
                wanted = {customer_id for customer_id, period in asked if period == run.period}
                for customer_id, values in self._records.bodies(run.number, wanted):
                    key = (customer_id, run.period)
                    found[key] = found.get(key, frozenset()) | {values["grade"]}
        return found

    def figure_dates(self, asked: Mapping[str, tuple[str, date]]) -> Mapping[str, date]:
        """Return the days that typed figures spoke of, as the runs that dated the rows recorded them.

        Args:
            asked: 客户编号 -> the 评估期间 and the 评估日期 that stand in its row.

        Returns:
            The days by 客户编号, by the last run of that period and as-of date. What that run took for figures
            of its own period is not in it.
        """
        wanted: dict[tuple[str, date], set[str]] = {}
        for customer_id, row in asked.items():
            wanted.setdefault(row, set()).add(customer_id)
        dates: dict[str, date | None] = {}
        with self._understood():
            for run in self.runs() if wanted else ():
                for customer_id, values in self._records.bodies(run.rows, wanted.get((run.period, run.as_of), ())):
                    day = values.get("figures_on")
                    dates[customer_id] = date.fromisoformat(day) if day else None
        return {customer_id: day for customer_id, day in dates.items() if day}

    def append(self, run: Run, customers: Sequence[Recorded], stated: Stated | None = None) -> Run:
        """Add a run and what it says of its customers, in one transaction. Call it within `claim` of the folder.

        A run that says what an earlier one of its period said is recorded, and its rows are not written
        a second time: however often a run is repeated, its figures stand once.

        Args:
            run: The run.
            customers: What it says of each.
            stated: What its reports state, for those of later periods.

        Returns:
            The run as recorded.

        Raises:
            StoreError: If it cannot be written. Nothing of it was.
        """
        number = self._records.next_number()
        period = Period(run.period, run.start, run.end)
        bodies = [(entry.customer_id, write_body(recorded.customer_values(entry))) for entry in customers]
        figures = hashlib.sha256("\n".join(body for _, body in bodies).encode()).hexdigest()
        alike = [entry for entry in self._alike(period, run.tiers) if entry.period == run.period]
        said = (figures, list(run.weights))
        same = next((entry.rows for entry in reversed(alike) if (entry.figures, list(entry.weights)) == said), None)
        report = recorded.stated_values(stated) if stated else {}
        told = self._told(alike, report) if report else 0
        run = replace(
            run,
            dropped=self._superseded(alike, run, customers) if alike else frozenset(),
            customers=len(customers),
            figures=figures,
            rows=same or number,
            report=told or (number + 1 if report else 0),
            number=number,
        )
        self._records.append(
            _RUN,
            write_body(recorded.run_values(run)),
            beside=[(_REPORT, write_body(report))] if report and not told else (),
            customers=() if same else bodies,
        )
        return run

    def disclose(self, entry: Disclosure) -> None:
        """Record that people's data was given out. Call it within `claim` of the folder.

        Raises:
            StoreError: If it cannot be written; then nothing may be given out.
        """
        self._records.append(_DISCLOSURE, write_body(recorded.disclosure_values(entry)))

    def verify(self) -> tuple[Fault, ...]:
        """Find records that were edited, removed or put in another order, and runs that lack customers."""
        faults = list(self._records.verify())
        if not faults:
            for run in self.runs():
                rows = len(self._records.customers(run.rows))
                if rows != run.customers:
                    faults.append(Fault(run.number, f"应有 {run.customers} 位客户，找到 {rows} 位"))
        return tuple(faults)

    def _told(self, runs: Sequence[Run], report: Mapping[str, Any]) -> int:
        """Find the record of a run that states the same already; 0 where none does."""
        found = {run.report: None for run in reversed(runs) if run.report}
        return next((number for number in found if self._records.body(number, _REPORT) == report), 0)

    def _scope(self, run: Run) -> Scope:
        homes = self._records.of_customers(run.rows, "file")
        return Scope(frozenset(run.inputs), homes, run.aside)

    def _alike(self, period: Period, tiers: Sequence[str]) -> list[Run]:
        kind, names = kind_of(period), tuple(tiers)
        return [run for run in self.runs() if run.kind == kind and run.tiers == names]

    def _superseded(self, before: Sequence[Run], run: Run, customers: Sequence[Recorded]) -> frozenset[str]:
        """Find the customers of an earlier run that this one read the workbook of and did not find in it.

        A workbook of the same name that shares not one customer with the one read before is another
        workbook (each department has its 客户.xlsx): it supersedes nobody.
        """
        with self._understood():
            holding = self._holding(reversed(before))
            homes = {key: values["file"] for _, entries in holding for key, values in entries}
        named = {entry.customer_id for entry in customers}
        filled = {entry.file for entry in customers}
        gone: set[str] = set()
        for file in run.inputs:
            old = {key for key, home in homes.items() if home == file}
            if file not in filled or old & (named | run.aside):
                gone |= old - named
        return frozenset(gone)

    def _holding(
        self, runs: Iterable[Run], *, known: Container[str] = ()
    ) -> Iterator[tuple[Run, Iterator[tuple[str, Mapping[str, Any]]]]]:
        """Go through what holds in one period, given its runs from the last to the first; without the `known`."""
        settled: set[str] = set()
        for run in runs:
            customers = self._records.customers(run.rows) - settled
            yield run, self._records.bodies(run.rows, {key for key in customers if key not in known})
            settled |= customers | run.dropped

    @contextlib.contextmanager
    def _understood(self) -> Iterator[None]:
        """Tell of a record that is not what the program writes."""
        try:
            yield
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise self._records.damaged() from error


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Ledger]:
    """Open a folder's history to append to it; it is begun where there is none. Hold the folder (`claim`).

    Raises:
        StoreError: If it is damaged or none of ours (it is left as it is), or cannot be written.
    """
    with chain.open_chain(folder / LEDGER_FILE) as records:
        yield Ledger(records)


@contextlib.contextmanager
def read(folder: Path) -> Iterator[Ledger]:
    """Open a folder's history to read it; nothing is written, and one that is not there reads as empty.

    Raises:
        StoreError: If it is damaged or none of ours.
    """
    with chain.read_chain(folder / LEDGER_FILE) as records:
        yield Ledger(records)


def stamp() -> Stamp:
    """Say when it is and who is at work; the clock and the user are asked here and nowhere else."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        user = ""
    return Stamp(datetime.now(UTC).isoformat(timespec="seconds"), user, platform.node())


def compare(before: State, now: State) -> Comparison:
    """Compare the customers of two periods, among the workbooks both read (architecture, History).

    A customer whose row was set aside is neither lost nor new: nothing is known of it. Pure.
    """
    files = before.files & now.files
    was = {key for key, entry in before.customers.items() if entry.file in files}
    is_now = {key for key, entry in now.customers.items() if entry.file in files}
    return Comparison(
        both=frozenset(before.customers.keys() & now.customers.keys()),
        lost=frozenset(was - now.customers.keys() - now.aside),
        new=frozenset(is_now - before.customers.keys() - before.aside),
    )


def unrecorded(folder: Path, runs: Sequence[Run]) -> Mapping[str, str]:
    """Find the results in an output folder whose run is not in the history: the run id by period."""
    known = {run.run_id for run in runs}
    found = {}
    for path in sorted(folder.glob(f"*/{RUN_FILE}")):
        try:
            run_id = str(json.loads(path.read_bytes())["run_id"])
        except (OSError, ValueError, KeyError, TypeError):
            run_id = ""
        if run_id not in known:
            found[path.parent.name] = run_id
    return found


def _moment(run: Run, values: Mapping[str, Any] | None) -> Moment | None:
    if values is None:
        return None
    return Moment(run, recorded.read_customer(values), _past(values, run.period, _terms(run)))


def _terms(run: Run) -> Terms:
    return Terms(run.policy, run.policy_sha256, run.decided_by, run.weights, run.roles)


def _past(values: Mapping[str, Any], period: str, terms: Terms) -> Past:
    labels = dict(values["classes"])
    if values.get("need_type"):
        labels["need_type"] = values["need_type"]
    if values.get("contract_end"):
        labels[CONTRACT_END] = values["contract_end"]
    score, graded_on = values.get("score"), values.get("graded_on")
    return Past(
        period=period,
        grade=values["grade"],
        score=None if score is None else Decimal(score),
        graded_on=None if graded_on is None else date.fromisoformat(graded_on),
        labels=labels,
        overridden=values.get("overridden", False),
        proposed=values.get("proposed_grade"),
        points=recorded.read_points(values.get("points", ())),
        terms=terms,
    )
