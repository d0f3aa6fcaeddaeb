"""What the history keeps: runs, what each said of every customer, and what was disclosed to whom.

Figures and labels only: no name, no contact data of a customer. The account manager stands in it,
because reports and hand-overs go by owner. Pure.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from sheetcrm.model import Period

MONTH, QUARTER, YEAR = "月", "季", "年"


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was done (UTC, ISO 8601), and by whom on which computer."""

    at: str
    user: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a run decided of one customer.

    `file` is the workbook of its scoring row, else of its profile; `points` stand in the order of the run's weights.
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
    spend_12m: Decimal | None = None
    spend_total: Decimal | None = None
    frequency_12m: Decimal | None = None
    average_order: Decimal | None = None
    repurchase_rate: Decimal | None = None
    satisfaction: Decimal | None = None
    owner: str | None = None
    department: str | None = None
    contract_end: date | None = None
    points: tuple[Decimal | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run on record.

    `tiers` are the names of the policy's tiers, best first: only runs of the same tiers compare.
    `decided_by` is what decides among them, `weights` are its scorecard's by indicator, `roles` the names of its
    classifications and outcomes by role (both empty in runs of older versions).
    `inputs` are the workbooks read, by name, with their SHA-256; `refused` the ones nobody could read.
    `aside` are the customers whose rows were set aside: known, but not judged. `dropped` are those an
    earlier run of the period had found in these workbooks and this one did not. `figures` is the
    SHA-256 of what the run says of its customers; a run that says what an earlier one of its period
    said holds no rows of its own, `rows` is then the number of that one's record. `report` is the number
    of the record that holds what its reports state, 0 where an older version kept none.
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
    decided_by: str = ""
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    in_place: bool = False
    aside: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    customers: int = 0
    figures: str = ""
    rows: int = 0
    report: int = 0
    number: int = 0
    stamp: Stamp = Stamp("", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """People's data given out: what, for what purpose, from which file to which (domain §11)."""

    what: str
    purpose: str
    source: str
    target: str
    run_id: str = ""
    number: int = 0
    stamp: Stamp = Stamp("", "", "")


Stated: TypeAlias = Mapping[str, Mapping[str, Decimal]]
"""What the reports of a run state: by group (`合计`, `等级/VIP客户`), the value of each figure by its key."""


def kind_of(period: Period) -> str:
    """Tell a month, a quarter and a year apart. Pure."""
    return MONTH if "-" in period.label else QUARTER if "Q" in period.label else YEAR


def customer_values(entry: Recorded) -> dict[str, Any]:
    """Write what is known of a customer as plain values; what is not known is left out. Pure."""
    return _plain(entry, _CUSTOMER)


def read_customer(values: Mapping[str, Any]) -> Recorded:
    """Read what `customer_values` wrote. Values a later version added are passed over. Pure."""
    return Recorded(**_typed(values, _CUSTOMER))


def read_points(values: Iterable[str | None]) -> tuple[Decimal | None, ...]:
    """Read the points of a customer's record. Pure."""
    return tuple(None if points is None else _points(points) for points in values)


_points = lru_cache(maxsize=1 << 12)(Decimal)


def run_values(run: Run) -> dict[str, Any]:
    """Write a run as plain values. Pure."""
    return _plain(run, _RUN) | _stamped(run.stamp)


def read_run(values: Mapping[str, Any], number: int) -> Run:
    """Read what `run_values` wrote. Pure."""
    return Run(**_typed(values, _RUN), number=number, stamp=_stamp(values))


def disclosure_values(entry: Disclosure) -> dict[str, Any]:
    """Write a disclosure as plain values. Pure."""
    return _plain(entry, _DISCLOSURE) | _stamped(entry.stamp)


def read_disclosure(values: Mapping[str, Any], number: int) -> Disclosure:
    """Read what `disclosure_values` wrote. Pure."""
    return Disclosure(**_typed(values, _DISCLOSURE), number=number, stamp=_stamp(values))


def stated_values(stated: Stated) -> dict[str, Any]:
    """Write what reports state as plain values, unrounded: what did not move is found equal. Pure."""
    return {group: {key: str(value) for key, value in figures.items()} for group, figures in stated.items()}


def read_stated(values: Mapping[str, Any]) -> Stated:
    """Read what `stated_values` wrote. Pure."""
    return {group: {key: Decimal(value) for key, value in figures.items()} for group, figures in values.items()}


def _names(kind: type) -> dict[str, None]:
    """Name the fields that are written, in their order; where a record stands is not part of it."""
    return {entry.name: None for entry in fields(kind) if entry.name not in {"number", "stamp"}}


_CUSTOMER, _RUN, _DISCLOSURE = _names(Recorded), _names(Run), _names(Disclosure)
_DECIMALS = frozenset(
    (
        "score",
        "coverage",
        "spend_12m",
        "spend_total",
        "frequency_12m",
        "average_order",
        "repurchase_rate",
        "satisfaction",
    )
)
_DATES = frozenset(("graded_on", "figures_on", "next_due", "next_grading", "contract_end", "start", "end", "as_of"))
_TUPLES = frozenset(("alerts", "tiers", "refused"))
_SETS = frozenset(("aside", "dropped"))
_MAPPINGS = frozenset(("classes", "inputs", "roles"))


def _plain(entry: Recorded | Run | Disclosure, names: Iterable[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in names:
        value = getattr(entry, name)
        if value is None:
            continue
        if name in _DECIMALS:
            value = str(value)
        elif name in _DATES:
            value = value.isoformat()
        elif name in _SETS:
            value = sorted(value)
        elif name in _MAPPINGS:
            value = dict(value)
        elif name == "weights":
            value = {label: str(weight) for label, weight in value.items()}
        elif name == "points":
            value = [None if points is None else str(points) for points in value]
        values[name] = value
    return values


def _typed(values: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in names:
            continue
        if name in _DECIMALS:
            found[name] = Decimal(value)
        elif name in _DATES:
            found[name] = date.fromisoformat(value)
        elif name in _TUPLES:
            found[name] = tuple(value)
        elif name in _SETS:
            found[name] = frozenset(value)
        elif name == "weights":
            found[name] = {label: Decimal(weight) for label, weight in value.items()}
        elif name == "roles":
            found[name] = {role: tuple(names) for role, names in value.items()}
        elif name == "points":
            found[name] = read_points(value)
        else:
            found[name] = value
    return found


def _stamped(stamp: Stamp) -> dict[str, str]:
    return {"at": stamp.at, "user": stamp.user, "host": stamp.host}


def _stamp(values: Mapping[str, Any]) -> Stamp:
    return Stamp(values["at"], values["user"], values["host"])
