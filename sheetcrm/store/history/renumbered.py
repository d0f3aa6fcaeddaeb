"""Customers whose records bear their name, since they had no number yet (practice §1.7)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from sheetcrm.store.history.chain import Chain, Entry
from sheetcrm.text.folding import fold


class RenumberedChain(Chain):
    """The records as if customers had always borne the numbers they were given later.

    In a run that has records of both, each stays a customer of its own.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, numbers: Mapping[str, str]) -> None:
        """Take an open connection, and today's 客户编号 by the one on record."""
        super().__init__(connection, path)
        self._numbers = numbers
        self._former = {number: former for former, number in numbers.items()}

    def todays(self, keys: frozenset[str]) -> frozenset[str]:
        """Replace what is on record by today's 客户编号."""
        return frozenset(self._today(key, keys) for key in keys)

    def customers(self, run: int) -> frozenset[str]:
        """Read the 客户编号 of a run's customers, as they are today."""
        return self.todays(super().customers(run))

    def of_customers(self, run: int, name: str) -> Mapping[str, Any]:
        """Read one value of each of a run's customers, by today's 客户编号."""
        values = super().of_customers(run, name)
        return {self._today(key, values): value for key, value in values.items()}

    def of_customer(self, customer_id: str) -> Iterator[Entry]:
        """Read the records of a customer in their order, under both."""
        entries = list(super().of_customer(customer_id))
        runs = {entry.run for entry in entries}
        former = self._former.get(customer_id)
        if former is not None:
            entries += (entry for entry in super().of_customer(former) if entry.run not in runs)
        yield from sorted(entries, key=lambda entry: entry.number)

    def bodies(self, run: int, wanted: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Read some of a run's customers: today's 客户编号 and values."""
        keys = super().customers(run)
        recorded = {self._today(key, keys): key for key in keys & self._numbers.keys()}
        for key, values in super().bodies(run, {recorded.get(key, key) for key in wanted}):
            yield self._today(key, keys), values

    def _today(self, key: str, keys: Collection[str]) -> str:
        number = self._numbers.get(key)
        return key if number is None or number in keys else number


def find_former(
    records: Chain, numbers: Callable[[], Mapping[str, str]], present: Collection[str]
) -> Mapping[str, str]:
    """Find the customers on record under their name who have a number now (practice §1.7).

    A name counts where no run knew the number up to the last run that knew the name, and where most of the
    workbook it was read from is here: another list by names is another list.

    Args:
        records: The records.
        numbers: Returns 客户编号 by folded name, of the names that are one customer's; asked if anybody is gone.
        present: Every 客户编号 here.

    Returns:
        Today's 客户编号 by the one on record.
    """
    gone = records.all_customers().difference(present)
    by_name = numbers() if gone else {}
    named = {key: number for key in gone if (number := by_name.get(fold(key))) is not None}
    once = {number for number, count in Counter(named.values()).items() if count == 1}
    candidates = {key: number for key, number in named.items() if number in once}
    here = {*present, *candidates}
    shares: dict[int, Mapping[str, Any]] = {}
    covered: dict[tuple[int, Any], bool] = {}
    former = {}
    for key, number in candidates.items():
        runs, later = records.runs_of(key), records.runs_of(number)
        if runs is None or (later is not None and later[0] <= runs[1]):
            continue
        last = runs[1]
        if last not in shares:
            shares[last] = records.of_customers(last, "file")
            covered |= {(last, file): share for file, share in _covered(shares[last], here).items()}
        if covered[last, shares[last][key]]:
            former[key] = number
    return former


def _covered(files: Mapping[str, Any], here: Collection[str]) -> Mapping[Any, bool]:
    """Say of each workbook whether most of its customers are here."""
    every = Counter(files.values())
    read = Counter(file for key, file in files.items() if key in here)
    return {file: 2 * read[file] > count for file, count in every.items()}
