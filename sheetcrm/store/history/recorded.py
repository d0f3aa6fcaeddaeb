"""The records of the history: runs, the results of each customer, and disclosures of personal data.

Figures and labels only: no name, no contact data of a customer. The account manager is recorded,
because reports and hand-overs go by owner. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was done (UTC, ISO 8601), and by whom on which computer."""

    at: str
    user: str
    host: str


class CustomerRecord(Struct, frozen=True, kw_only=True, gc=False):
    """A run's results for one customer.

    `file` is the workbook of its scoring row, else of its profile; `points` are in the order of the run's weights.
    `tier_since` is the day the grade was first given; None in records of older versions, and where there is no tier.
    `since` has the days on which the history saw it come into a tier or class (practice §8). `appointment` is the day
    that people had typed into 下次跟进日期 before the program filled it, while it is open (practice §9).
    """

    customer_id: str
    file: str
    standing: str
    grade: str
    tier: str | None = None
    score: Decimal | None = None
    coverage: Decimal | None = None
    previous_grade: str | None = None
    movement: str | None = None
    proposed_grade: str | None = None
    overridden: bool = False
    classes: Mapping[str, str]
    need_type: str | None = None
    health: str | None = None
    risk: str | None = None
    alerts: tuple[str, ...] = ()
    graded_on: date | None = None
    figures_on: date | None = None
    next_due: date | None = None
    next_grading: date | None = None
    bought: bool | None = None
    recency_days: int | None = None
    spend_12m: Decimal | None = None
    spend_total: Decimal | None = None
    frequency_12m: Decimal | None = None
    average_order: Decimal | None = None
    repurchase_rate: Decimal | None = None
    usage_time: Decimal | None = None
    activation_rate: Decimal | None = None
    engagement: Decimal | None = None
    satisfaction: Decimal | None = None
    owner: str | None = None
    department: str | None = None
    contract_end: date | None = None
    points: tuple[Decimal | None, ...] = ()
    tier_since: date | None = None
    since: Mapping[str, date] | None = None
    appointment: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """One run on record.

    `tiers` are the names of the policy's tiers, best first: only runs of the same tiers compare.
    `policy_file` is the name of the policy's file, `preset` that of the preset that ships, one of them blank (both
    in runs of older versions).
    `decided_by` is the policy's rule for choosing among them, `weights` are those of its scorecard by
    indicator, `measures` what each of those measures, `roles` the names of its classifications and outcomes by
    role (all empty in runs of older versions).
    `inputs` are the workbooks read, by name, with their SHA-256; `refused` the ones that could not be read.
    `aside` are the customers whose rows were set aside: present, but not graded. `dropped` are those that
    an earlier run of the period read in these workbooks and this one did not. `figures` is the SHA-256 of
    the results of its customers; a run with the same results as an earlier one of its period has no rows
    of its own, and `rows` is then the number of that run's record. `report` is the number of the record
    with the figures of its reports, 0 where an older version kept none. `review` is what people decided in the review
    workbook, by list: signatures, spot checks, what was done; None where nothing was. `read_back` counts what was
    taken over of it.
    """

    run_id: str
    version: str
    period: str
    kind: str
    start: date
    end: date
    as_of: date
    policy: str
    policy_sha256: str
    tiers: tuple[str, ...]
    inputs: Mapping[str, str]
    policy_version: str = ""
    policy_file: str = ""
    preset: str = ""
    decided_by: str = ""
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    in_place: bool = False
    aside: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    customers: int = 0
    figures: str = ""
    rows: int = 0
    report: int = 0
    review: tuple[Mapping[str, str], ...] | None = None
    read_back: Mapping[str, int] | None = None
    number: int = 0
    stamp: Stamp = Stamp("", "", "")


PERSON = "SHEETCRM_PERSON"
"""The variable with the name of the person at the keyboard, for the record beside the system's user."""
EXPLAINED, LETTERS, RESTORED = "说明", "函件", "恢复"
"""A customer looked at on the screen; letters made for customers to read; a workbook or a backup brought back."""
SHOWN = "显示联系方式"
"""What a disclosure is where its record does not say: older versions recorded no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What was done with personal data: what, for what purpose, from which file to which (practice §11).

    `action` is the kind of it: contacts shown, a backup. `person` is the name of who did it, beside the system's
    user of the stamp; `manner` how (encrypted, on paper), `recipient` to whom, `until` the day it is to end (ISO),
    `sha256` the hash of what was handed out. `code` is the hash of what was asked for, which another person may have to
    agree to: `approved` says who did.
    """

    what: str
    purpose: str
    source: str
    target: str
    run_id: str = ""
    action: str = SHOWN
    manner: str = ""
    recipient: str = ""
    person: str = ""
    sha256: str = ""
    until: str = ""
    code: str = ""
    approved: str = ""
    number: int = 0
    stamp: Stamp = Stamp("", "", "")


Stated: TypeAlias = Mapping[str, Mapping[str, Decimal]]
"""The figures that the reports of a run state: by group (`合计`, `等级/VIP客户`), each value by its key."""


def customer_values(customer: CustomerRecord) -> dict[str, Any]:
    """Convert a customer's record to plain values, without those that are None. Pure."""
    return _plain(customer, _CUSTOMER)


def read_customer(values: Mapping[str, Any]) -> CustomerRecord:
    """Read the values of `customer_values`. Values that a later version added are skipped. Pure."""
    return CustomerRecord(**_typed(values, _CUSTOMER))


def read_points(values: Iterable[str | None]) -> tuple[Decimal | None, ...]:
    """Read the points of a customer's record. Pure."""
    return tuple(None if points is None else _points(points) for points in values)


_points = lru_cache(maxsize=1 << 12)(Decimal)


def run_values(run: RecordedRun) -> dict[str, Any]:
    """Convert a run to plain values. Pure."""
    return _plain(run, _RUN) | _stamped(run.stamp)


def read_run(values: Mapping[str, Any], number: int) -> RecordedRun:
    """Read the values of `run_values`. Pure."""
    return RecordedRun(**_typed(values, _RUN), number=number, stamp=_stamp(values))


def disclosure_values(disclosure: Disclosure) -> dict[str, Any]:
    """Convert a disclosure to plain values. Pure."""
    return _plain(disclosure, _DISCLOSURE) | _stamped(disclosure.stamp)


def read_disclosure(values: Mapping[str, Any], number: int) -> Disclosure:
    """Read the values of `disclosure_values`. Pure."""
    return Disclosure(**_typed(values, _DISCLOSURE), number=number, stamp=_stamp(values))


def stated_values(stated: Stated) -> dict[str, Any]:
    """Convert stated figures to plain values, unrounded, so that unchanged figures are equal. Pure."""
    return {group: {key: str(value) for key, value in figures.items()} for group, figures in stated.items()}


def read_stated(values: Mapping[str, Any]) -> Stated:
    """Read the values of `stated_values`. Pure."""
    return {group: {key: Decimal(value) for key, value in figures.items()} for group, figures in values.items()}


def _names(kind: type) -> tuple[str, ...]:
    """List the fields that are written, in their order; a record's number and stamp are not among them."""
    return tuple(field.name for field in fields(kind) if field.name not in {"number", "stamp"})


_CUSTOMER, _RUN, _DISCLOSURE = CustomerRecord.__struct_fields__, _names(RecordedRun), _names(Disclosure)
_DECIMALS = (
    "score",
    "coverage",
    "spend_12m",
    "spend_total",
    "frequency_12m",
    "average_order",
    "repurchase_rate",
    "usage_time",
    "activation_rate",
    "engagement",
    "satisfaction",
)
_DATES = (
    "graded_on",
    "figures_on",
    "next_due",
    "next_grading",
    "contract_end",
    "tier_since",
    "start",
    "end",
    "as_of",
    "appointment",
)


def _read_roles(values: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {role: tuple(names) for role, names in values.items()}


def _write_weights(weights: Mapping[str, Decimal]) -> dict[str, str]:
    return {label: str(weight) for label, weight in weights.items()}


def _read_weights(values: Mapping[str, str]) -> dict[str, Decimal]:
    return {label: Decimal(weight) for label, weight in values.items()}


def _write_points(points: Iterable[Decimal | None]) -> list[str | None]:
    return [None if value is None else str(value) for value in points]


def _write_since(since: Mapping[str, date]) -> dict[str, str]:
    return {label: day.isoformat() for label, day in sorted(since.items())}


def _read_since(values: Mapping[str, str]) -> dict[str, date]:
    return {label: date.fromisoformat(day) for label, day in values.items()}


_CONVERSIONS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    **dict.fromkeys(_DECIMALS, (str, Decimal)),
    **dict.fromkeys(_DATES, (date.isoformat, date.fromisoformat)),
    **dict.fromkeys(("alerts", "tiers", "refused", "review"), (list, tuple)),
    **dict.fromkeys(("aside", "dropped"), (sorted, frozenset)),
    **dict.fromkeys(("classes", "inputs", "measures", "read_back"), (dict, dict)),
    "roles": (dict, _read_roles),
    "weights": (_write_weights, _read_weights),
    "points": (_write_points, read_points),
    "since": (_write_since, _read_since),
}
"""How fields are written as plain values and read again, by their names; the others are plain already."""


def _plain(record: CustomerRecord | RecordedRun | Disclosure, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: value if write is None else write(value)
        for name, write in _writers(names)
        if (value := getattr(record, name)) is not None
    }


@lru_cache
def _writers(names: tuple[str, ...]) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    return tuple((name, _CONVERSIONS[name][0] if name in _CONVERSIONS else None) for name in names)


def _typed(values: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in values.items():
        if name in names:
            conversion = _CONVERSIONS.get(name)
            typed[name] = conversion[1](value) if conversion else value
    return typed


def _stamped(stamp: Stamp) -> dict[str, str]:
    return {"at": stamp.at, "user": stamp.user, "host": stamp.host}


def _stamp(values: Mapping[str, Any]) -> Stamp:
    return Stamp(values["at"], values["user"], values["host"])
