"""Moves of tiers by their effect, and what in the book may have caused them: 异动 (practice §10). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sheetcrm.model import Assessment, Movement, Past
from sheetcrm.model.lists import RESOLUTION, RESPONSE, Breach, Shift
from sheetcrm.policy.run import Run
from sheetcrm.text.folding import same_name

_DOWN, _BOTH = frozenset({Movement.DOWN}), frozenset({Movement.DOWN, Movement.UP})
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Case:
    """A customer whose tier moved, with what may have caused it."""

    entry: Assessment
    past: Past | None
    late: int
    run: Run


def shifts(
    assessments: Iterable[Assessment], breaches: Iterable[Breach], history: Mapping[str, Past], run: Run
) -> tuple[Shift, ...]:
    """List who rose or fell, the largest effect first: the year's spend × the tiers moved."""
    late = Counter(row.assessment.customer.customer_id for row in breaches if row.promise in _ANSWERS)
    tiers = [tier.name for tier in run.policy.tiers]
    found = []
    for entry in assessments:
        if entry.movement in _BOTH and entry.previous_grade in tiers and entry.grade in tiers:
            steps = abs(tiers.index(entry.previous_grade) - tiers.index(entry.grade))
            key = entry.customer.customer_id
            case = _Case(entry, history.get(key), late[key], run)
            effect = (entry.measures.spend_12m or _NONE) * steps
            found.append(Shift(assessment=entry, effect=effect, causes=_causes(case)))
    return tuple(sorted(found, key=lambda one: (-one.effect, one.assessment.customer.customer_id)))


_ANSWERS = frozenset({RESPONSE, RESOLUTION})


def _causes(case: _Case) -> tuple[str, ...]:
    return tuple(text for moves, say in CAUSES if case.entry.movement in moves and (text := say(case)))


def _handed_over(case: _Case) -> str:
    before, now = case.past.owner if case.past else None, case.entry.owner
    return f"客户经理由{before}换为{now}" if before and now and not same_name(before, now) else ""


def _competitor(case: _Case) -> str:
    return "记录里提到竞品" if case.entry.measures.competitor_named else ""


def _answered_late(case: _Case) -> str:
    return f"本期超时答复或解决{case.late}次" if case.late else ""


def _about_price(case: _Case) -> str:
    """Look for the price in the complaints of the days that signals are read from, and in 流失原因."""
    words, profile = case.run.policy.reading, case.entry.customer.profile
    since = case.run.as_of - timedelta(days=case.run.policy.signals.window_days)
    texts = [
        f"{service.category}{service.cause or ''}"
        for service in case.entry.customer.services
        if since < service.requested_at.date() <= case.run.as_of
        and any(word in (service.category or "") for word in words.complaint_words)
    ]
    texts += [profile.lost_reason] if profile and profile.lost_reason else []
    return "投诉涉及价格" if any(word in text for text in texts for word in words.price_words) else ""


def _expands(case: _Case) -> str:
    return "有新区域或新业务" if case.entry.measures.expands else ""


CAUSES: Sequence[tuple[frozenset[Movement], Callable[[_Case], str]]] = (
    (_BOTH, _handed_over),
    (_DOWN, _competitor),
    (_DOWN, _answered_late),
    (_DOWN, _about_price),
    (_BOTH - _DOWN, _expands),
)
"""What is looked for, in this order, and of which moves it may be the cause. The words looked for are the policy's."""
