"""Purchases dated after the as-of date: the cell is not used, its row is (practice §1.7, §2). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from msgspec import structs

from sheetcrm import schema
from sheetcrm.model import Problem, Records
from sheetcrm.problems import problem
from sheetcrm.text.dates import earliest_day

DEALS = {schema.SCORING.kind: ("recency",), schema.PROFILE.kind: ("first_deal", "last_deal")}
"""The fields that say when somebody bought."""


def drop_later_deals(records: Records, *, as_of: date) -> tuple[Records, tuple[Problem, ...]]:
    """Take a purchase after the as-of date for unreadable, and report its cell."""
    problems: list[Problem] = []
    profiles = _without(records.profiles, as_of, problems)
    scorings = _without(records.scorings, as_of, problems)
    return (replace(records, profiles=profiles, scorings=scorings) if problems else records), tuple(problems)


def _without(rows: Sequence[Any], as_of: date, problems: list[Problem]) -> tuple[Any, ...]:
    kept: list[Any] = []
    for row in rows:
        changes: dict[str, None] = {}
        for name in DEALS[row.origin.kind]:
            day = getattr(row, name)
            if isinstance(day, date) and earliest_day(day) > as_of:
                changes[name] = None
                label = schema.sheet(row.origin.kind).field(name).label
                problems.append(
                    problem("deal-later", row.ref(name), label=label, found=day.isoformat(), as_of=as_of.isoformat())
                )
        kept.append(structs.replace(row, unreadable=(*row.unreadable, *changes), **changes) if changes else row)
    return tuple(kept)
