"""Moves of tiers by their effect, and what in the book may have caused them: 异动 (practice §10). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sheetcrm.assess.lists.causes import ANSWERS, CAUSES, Case
from sheetcrm.model import Assessment, Movement, Past
from sheetcrm.model.lists import Breach, Shift
from sheetcrm.policy.run import Run

_MOVED = frozenset({Movement.DOWN, Movement.UP})
_NONE = Decimal(0)


def shifts(
    assessments: Iterable[Assessment], breaches: Iterable[Breach], history: Mapping[str, Past], run: Run
) -> tuple[Shift, ...]:
    """List who rose or fell, the largest effect first: the year's spend × the tiers moved."""
    late = Counter(row.assessment.customer.customer_id for row in breaches if row.promise in ANSWERS)
    tiers = [tier.name for tier in run.policy.tiers]
    found = []
    for entry in assessments:
        if entry.movement in _MOVED and entry.previous_grade in tiers and entry.grade in tiers:
            steps = abs(tiers.index(entry.previous_grade) - tiers.index(entry.grade))
            key = entry.customer.customer_id
            case = Case(entry, history.get(key), late[key], run)
            effect = (entry.measures.spend_12m or _NONE) * steps
            found.append(Shift(assessment=entry, effect=effect, causes=_causes(case)))
    return tuple(sorted(found, key=lambda one: (-one.effect, one.assessment.customer.customer_id)))


def _causes(case: Case) -> tuple[str, ...]:
    return tuple(text for cause in CAUSES if case.entry.movement in cause.moves and (text := cause.find(case)))
