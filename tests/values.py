"""Values for tests: a run with what a test says of it, and copies with some fields changed."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TypeVar

import msgspec

from sheetcrm.model import Period
from sheetcrm.periods import month_of, resolve
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run

ValueT = TypeVar("ValueT")


def run_as_of(day: date, *, policy: Policy | None = None, period: Period | None = None) -> Run:
    """Return a run as of a day: in the day's month and under the standard policy unless told otherwise."""
    return Run.of(policy or standard(), period or month_of(day), day, today=day)


def run_in(period: str | None, as_of: date | None = None, *, today: date, policy: Policy | None = None) -> Run:
    """Return the run that --period and --as-of mean on a day."""
    chosen, day = resolve(period, as_of, today=today)
    return Run.of(policy or standard(), chosen, day, today=today)


def replace(value: ValueT, **changes: object) -> ValueT:
    """Give a copy of a value with some fields changed."""
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **changes)
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]  # a dataclass then
