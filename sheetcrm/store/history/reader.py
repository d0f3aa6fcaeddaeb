"""What the history of an output folder says: runs, customers, earlier periods and their reports."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Self

from sheetcrm.model import CONTRACT_END, KEPT_FIGURES, Departed, HeldTier, Past, PastFigures, Period, Terms
from sheetcrm.periods import KINDS, kind_of
from sheetcrm.store.history import recorded
from sheetcrm.store.history.chain import Chain, Fault
from sheetcrm.store.history.recorded import CustomerRecord, Disclosure, RecordedRun
from sheetcrm.store.history.redaction import FORGET
from sheetcrm.store.history.renumbered import RenumberedChain, find_former
from sheetcrm.store.history.scope import Scope, same_book

RUN, DISCLOSURE, REPORT = "run", "disclosure", "report"
"""The kinds of records."""


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """One customer in one period: the run in force, its results, and the same as the past of a later period."""

    run: RecordedRun
    record: CustomerRecord
    past: Past


class PlannedDays(NamedTuple):
    """下次跟进日期 as a run gave it, and the day that people had typed there before, while it is open."""

    next_due: date | None
    appointment: date | None


class HistoryReader:
    """An open history, as far as it is read."""

    def __init__(self, records: Chain, numbers: Mapping[str, str] | None = None) -> None:
        """Take an open file of records, and the numbers that customers were given since, by their former keys."""
        self._records = records
        self.numbers = numbers or {}

    @property
    def head(self) -> str:
        """The hash of the last record: the same as long as nothing was appended."""
        return self._records.head

    @property
    def results_head(self) -> str:
        """The hash of the last record that results may rest on: who looked at what is none."""
        return self._records.head_without(DISCLOSURE)

    def holds(self, hashed: str) -> bool:
        """Return whether a record has a hash that begins so: one that was noted from `head` on some day."""
        return self._records.holds(hashed)

    def renumbered(self, numbers: Mapping[str, str]) -> Self:
        """Return this history as if customers had always borne today's 客户编号, by the one on record."""
        return type(self)(RenumberedChain(*self._records.source, numbers), numbers) if numbers else self

    def find_former(self, numbers: Callable[[], Mapping[str, str]], present: Collection[str]) -> Mapping[str, str]:
        """Return today's 客户编号 by the name it is on record under; the arguments are `renumbered.find_former`'s."""
        with self._refusing_damage():
            return find_former(self._records, numbers, present)

    @property
    def folder(self) -> Path:
        """The output folder whose history it is."""
        return self._records.source[1].parent

    def runs(self) -> tuple[RecordedRun, ...]:
        """List the runs in the order they were made."""
        with self._refusing_damage():
            runs = [recorded.read_run(entry.values, entry.number) for entry in self._records.entries(RUN)]
            return tuple(
                replace(run, aside=self._records.todays(run.aside), dropped=self._records.todays(run.dropped))
                for run in runs
            )

    def customers(self) -> tuple[str, ...]:
        """List the 客户编号 of all customers on record, sorted."""
        with self._refusing_damage():
            return tuple(sorted(set().union(*(self._records.customers(run.rows) for run in self.runs()))))

    def redacted(self) -> int:
        """Count the records that customers were taken out of."""
        return self._records.redacted()

    def disclosures(self) -> tuple[Disclosure, ...]:
        """List the disclosures in the order they were made."""
        with self._refusing_damage():
            entries = [*self._records.entries(DISCLOSURE), *self._records.entries(FORGET)]
            entries.sort(key=lambda entry: entry.number)
            return tuple(recorded.read_disclosure(entry.values, entry.number) for entry in entries)

    def past(self, period: Period, tiers: Sequence[str]) -> Mapping[str, Past]:
        """Return each customer's results in the last earlier period of the same kind and the same tiers.

        A run of the period itself never counts. For a customer that was not in that period's workbooks, the
        period before counts.
        """
        pasts: dict[str, Past] = {}
        undated: set[str] = set()  # of older versions: since when they have the grade, the periods before tell
        with self._refusing_damage():
            for label, runs in self._earlier(period, tiers):
                for run, customers in self._in_force(runs, without=pasts.keys() - undated):
                    terms = _terms(run)
                    for customer_id, values in customers:
                        later = pasts.get(customer_id)
                        entry = _past(values, label, terms)
                        same = later is None or later.grade == entry.grade
                        if same:
                            pasts[customer_id] = replace(later, tier_since=entry.tier_since) if later else entry
                        if same and "tier_since" not in values:
                            undated.add(customer_id)
                        else:
                            undated.discard(customer_id)
        return pasts

    def departed(self, period: Period, tiers: Sequence[str], *, scope: Scope) -> tuple[Departed, ...]:
        """Return the customers of the last earlier period that are in none of the workbooks they stood in.

        A workbook is the one of that period if it shares a customer with it, or bears its name and holds no
        customer now. What was not read in this run tells nothing, nor does a row set aside.

        Args:
            period: The period; its own runs never count.
            tiers: The names of the policy's tiers, best first.
            scope: The workbooks and customers of this run.
        """
        with self._refusing_damage():
            label, runs = next(self._earlier(period, tiers), ("", iter(())))
            in_force = [
                (key, values, _terms(run)) for run, customers in self._in_force(runs) for key, values in customers
            ]
            present = scope.homes.keys() | scope.aside
            shared = {values["file"] for key, values, _ in in_force if key in present}
            emptied = scope.files - frozenset(scope.homes.values())
            gone = [
                Departed(
                    customer_id=key,
                    past=_past(values, label, terms),
                    owner=values.get("owner"),
                    department=values.get("department"),
                )
                for key, values, terms in in_force
                if key not in present and (values["file"] in shared or values["file"] in emptied)
            ]
        return tuple(sorted(gone, key=lambda one: one.customer_id))

    def held(self, period: Period, tiers: Sequence[str]) -> Mapping[str, HeldTier]:
        """Return the grades in force in a period itself, and since when they stand, by 客户编号.

        Only what this version recorded: of older records nobody knows since when.
        """
        kind, names = kind_of(period), tuple(tiers)
        with self._refusing_damage():
            runs = [
                run
                for run in reversed(self.runs())
                if run.kind == kind and run.period == period.label and run.tiers == names
            ]
            return {
                key: HeldTier(values["grade"], date.fromisoformat(values["tier_since"]))
                for _, rows in self._in_force(runs)
                for key, values in rows
                if "tier_since" in values
            }

    def first_run(self, *, until: date) -> date | None:
        """Return the earliest as-of date on record up to a day, of whatever period; None where there is none."""
        return min((run.as_of for run in self.runs() if run.as_of <= until), default=None)

    def homes(self, period: Period) -> Mapping[str, str]:
        """Return the workbook of each customer with results in force in a period, by 客户编号."""
        kind = kind_of(period)
        with self._refusing_damage():
            runs = [run for run in reversed(self.runs()) if run.kind == kind and run.period == period.label]
            return {key: values["file"] for _, rows in self._in_force(runs) for key, values in rows}

    def planned_days(self, period: Period) -> Mapping[str, PlannedDays]:
        """Return the days recorded of each customer by the last run of a period that names it, by 客户编号."""
        kind, days = kind_of(period), dict[str, PlannedDays]()
        with self._refusing_damage():
            runs = [run.rows for run in reversed(self.runs()) if run.kind == kind and run.period == period.label]
            for rows in dict.fromkeys(runs):
                typed = self._records.of_customers(rows, "appointment")
                for key, due in self._records.of_customers(rows, "next_due").items():
                    days.setdefault(key, PlannedDays(_day(due), _day(typed.get(key))))
        return days

    def stated(
        self, period: Period, tiers: Sequence[str], *, scope: Scope, policy_sha256: str, most: int
    ) -> tuple[PastFigures, ...]:
        """Return the figures in the reports of earlier periods of the same kind and tiers, oldest first.

        Of each period the last run counts that read the same book (`same_book`), since sums over part of it
        do not compare. A period without such a run has no values.

        Args:
            period: The period; its own runs never count.
            tiers: The names of the policy's tiers, best first.
            scope: The workbooks and customers to compare with.
            policy_sha256: The policy in use, to mark figures under another one.
            most: How many periods at most, the latest ones.
        """
        past_figures: list[PastFigures] = []
        with self._refusing_damage():
            for label, runs in itertools.islice(self._earlier(period, tiers), most):
                run = next((run for run in runs if run.report and same_book(scope, self._scope(run))), None)
                past_figures.append(
                    PastFigures(
                        period=label,
                        values=recorded.read_stated(self._records.body(run.report, REPORT)) if run else {},
                        whole=run is None or run.as_of >= run.end,
                        same_policy=run is None or run.policy_sha256 == policy_sha256,
                    )
                )
        return tuple(reversed(past_figures))

    def timeline(self, customer_id: str) -> tuple[PeriodRecord, ...]:
        """Return a customer's results in each period on record, months first, by date."""
        with self._refusing_damage():
            by_run = {entry.run: entry.values for entry in self._records.of_customer(customer_id)}
            periods: dict[tuple[str, date], PeriodRecord | None] = {}
            for run in reversed(self.runs()):
                if run.rows in by_run or customer_id in run.dropped:
                    periods.setdefault((run.kind, run.start), _period_record(run, by_run.get(run.rows)))
        by_date = sorted(periods.items(), key=lambda item: (KINDS.index(item[0][0]), item[0][1]))
        return tuple(record for _, record in by_date if record)

    def periods_of(self, customer_id: str) -> frozenset[str]:
        """Return every period with a run that has a customer's results, in force or not, or set its rows aside."""
        with self._refusing_damage():
            numbers = {entry.run for entry in self._records.of_customer(customer_id)}
            return frozenset(run.period for run in self.runs() if run.rows in numbers or customer_id in run.aside)

    def grades(self, asked: Collection[tuple[str, str]], *, sha256: str) -> Mapping[tuple[str, str], frozenset[str]]:
        """Return the grades that runs assigned to customers before they first read a workbook's content.

        Args:
            asked: Customers and periods, as (客户编号, `2026-10`).
            sha256: The content. Grades decided from it, or after it was first read, do not count: they
                cannot have been written in there.

        Returns:
            All such grades, by customer and period; without those that have none on record.
        """
        runs = self.runs()
        first_read = min((run.number for run in runs if sha256 in run.inputs.values()), default=math.inf)
        by_period: dict[str, set[str]] = {}
        for customer_id, period in asked:
            by_period.setdefault(period, set()).add(customer_id)
        grades: dict[tuple[str, str], frozenset[str]] = {}
        with self._refusing_damage():
            for run in runs:
                if run.number >= first_read or run.rows != run.number or run.period not in by_period:
                    continue
                for customer_id, values in self._records.bodies(run.number, by_period[run.period]):
                    key = (customer_id, run.period)
                    grades[key] = grades.get(key, frozenset()) | {values["grade"]}
        return grades

    def figure_dates(self, asked: Mapping[str, tuple[str, date]]) -> Mapping[str, date]:
        """Return the days of older typed figures, as the runs that dated their rows recorded them.

        Args:
            asked: 客户编号 -> the 评估期间 and the 评估日期 that stand in its row.

        Returns:
            The days by 客户编号, by the last run of that period and as-of date. A customer whose figures that
            run took for those of its own period is not in it.
        """
        wanted: dict[tuple[str, date], set[str]] = {}
        for customer_id, row in asked.items():
            wanted.setdefault(row, set()).add(customer_id)
        dates: dict[str, date | None] = {}
        with self._refusing_damage():
            for run in self.runs() if wanted else ():
                for customer_id, values in self._records.bodies(run.rows, wanted.get((run.period, run.as_of), ())):
                    day = values.get("figures_on")
                    dates[customer_id] = date.fromisoformat(day) if day else None
        return {customer_id: day for customer_id, day in dates.items() if day}

    def verify(self) -> tuple[Fault, ...]:
        """Return the records that were edited, removed or reordered, and the runs that lack customers."""
        faults = list(self._records.verify())
        if not faults:
            removed = self._records.removed()
            for run in self.runs():
                rows = len(self._records.customers(run.rows)) + removed.get(run.rows, 0)
                if rows != run.customers:
                    faults.append(Fault(run.number, f"应有 {run.customers} 家客户，找到 {rows} 家"))
        return tuple(faults)

    def _scope(self, run: RecordedRun) -> Scope:
        homes = self._records.of_customers(run.rows, "file")
        return Scope(frozenset(run.inputs), homes, run.aside)

    def _comparable(self, period: Period, tiers: Sequence[str]) -> list[RecordedRun]:
        """Return the runs of the same kind of period and the same tiers, in the order they were made."""
        kind, names = kind_of(period), tuple(tiers)
        return [run for run in self.runs() if run.kind == kind and run.tiers == names]

    def _same_period(self, run: RecordedRun) -> list[RecordedRun]:
        period = Period(run.period, run.start, run.end)
        return [other for other in self._comparable(period, run.tiers) if other.period == run.period]

    def _earlier(self, period: Period, tiers: Sequence[str]) -> Iterator[tuple[str, Iterator[RecordedRun]]]:
        """Yield the comparable periods before a period, the last first, each with its runs, the last first."""
        earlier = [run for run in self._comparable(period, tiers) if run.start < period.start]
        earlier.sort(key=lambda run: (run.start, run.number), reverse=True)
        return itertools.groupby(earlier, key=lambda run: run.period)

    def _in_force(
        self, runs: Iterable[RecordedRun], *, without: Container[str] = ()
    ) -> Iterator[tuple[RecordedRun, Iterator[tuple[str, Mapping[str, Any]]]]]:
        """Yield the results in force in one period, run by run.

        Args:
            runs: The period's runs, the last first.
            without: Customers to leave out.

        Yields:
            A run, and 客户编号 and values of each customer whose last results of the period are that run's.
        """
        done: set[str] = set()
        for run in runs:
            customers = self._records.customers(run.rows) - done
            yield run, self._records.bodies(run.rows, {key for key in customers if key not in without})
            done |= customers | run.dropped

    @contextlib.contextmanager
    def _refusing_damage(self) -> Iterator[None]:
        """Refuse the file where a record has other values than the program writes."""
        try:
            yield
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise self._records.damaged() from error


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _period_record(run: RecordedRun, values: Mapping[str, Any] | None) -> PeriodRecord | None:
    if values is None:
        return None
    return PeriodRecord(run, recorded.read_customer(values), _past(values, run.period, _terms(run)))


def _terms(run: RecordedRun) -> Terms:
    return Terms(run.policy, run.policy_sha256, run.decided_by, run.weights, run.roles, run.measures)


def _past(values: Mapping[str, Any], period: str, terms: Terms) -> Past:
    labels = dict(values["classes"])
    if values.get("need_type"):
        labels["need_type"] = values["need_type"]
    if values.get("contract_end"):
        labels[CONTRACT_END] = values["contract_end"]
    score, graded_on = values.get("score"), values.get("graded_on")
    since, due = values.get("tier_since") or graded_on, values.get("next_grading")
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
        tier_since=None if since is None else date.fromisoformat(since),
        since={label: date.fromisoformat(day) for label, day in values.get("since", {}).items()},
        next_grading=None if due is None else date.fromisoformat(due),
        figures={name: Decimal(values[name]) for name in KEPT_FIGURES if values.get(name) is not None},
        appointment=_day(values.get("appointment")),
        owner=values.get("owner"),
    )
