"""Shared by the rules of the intake: the subject of a check, and problems that many rows have in common. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sheetcrm import schema
from sheetcrm.model import CellRef, Problem, Profile, Record, Records, ScoringRow
from sheetcrm.policy.model import Policy
from sheetcrm.problems import problem

MANY = 10
"""More problems of one kind in one column than this are reported as one, with their number."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The records to check, the policy to check them against, the day of the check and the day all is judged on.

    Only what cannot have happened yet is measured by `today`; what counts on a day, by `as_of` (practice §1.6).
    """

    records: Records
    policy: Policy
    today: date
    as_of: date


Rule: TypeAlias = Callable[[Subject], Iterable[Problem]]

Finding: TypeAlias = tuple[Record, str, dict[str, object]]
"""A record, the field it is about, and the values of the message's placeholders."""


def remarks(kind: str, findings: Iterable[Finding]) -> Iterator[Problem]:
    """Make a problem of each finding; where a column has many, or is not there at all, one for all of them.

    The message must have the placeholders `label` and `others`.
    """
    columns: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        columns[id(finding[0].origin), finding[1]].append(finding)
    for (_, name), entries in columns.items():
        label = schema.sheet(entries[0][0].origin.kind).field(name).label
        table = entries[0][0].origin
        first = min(entries, key=lambda entry: entry[0].row)
        if table.column(name) is None:
            ref = CellRef(table.file, table.sheet, table.header_row or first[0].row)
            yield problem(kind, ref, label=label, others="，表里没有这一列", **first[2])
        elif len(entries) > MANY:
            others = f"，这一列还有 {len(entries) - 1} 格也是这样"
            refs = [record.ref(name) for record, _, _ in entries]
            yield problem(kind, first[0].ref(name), refs, label=label, others=others, **first[2])
        else:
            for record, _, words in entries:
                yield problem(kind, record.ref(name), label=label, others="", **words)


def keyed(records: Records) -> list[Profile | ScoringRow]:
    """Return the rows that make a customer."""
    return [*records.profiles, *records.scorings]


def events(records: Records) -> Sequence[Sequence[Any]]:
    """Return the records that belong to a customer without making one, kind by kind."""
    return (records.follow_ups, records.orders, records.services, records.overrides, records.risks, records.needs)


def everything(records: Records) -> Iterator[Sequence[Record]]:
    """Yield all records, kind by kind."""
    yield records.profiles
    yield records.scorings
    yield from events(records)
    yield records.standards
    yield records.settings
    yield records.holidays
    yield records.dimensions
    yield records.permissions
    yield records.approvals
