"""Broken promises of the period, and how each owner kept 下一步计划: 违约清单 (practice §10). Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm.assess.figures.services import Request
from sheetcrm.assess.grade.alerts import grants_above
from sheetcrm.model import Assessment, Ratio, ServiceRequest, Undertaking
from sheetcrm.model.lists import (
    BENEFIT,
    DISCOUNT,
    NEXT_STEP,
    PROMISES,
    RESOLUTION,
    RESPONSE,
    UNNAMED,
    Breach,
    PromiseKeeping,
)
from sheetcrm.policy.model import Tier
from sheetcrm.policy.run import Run
from sheetcrm.text.quantities import format_rate

_DAY = timedelta(days=1)
_HOUR = 3600
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class PromiseOutcome:
    """How a promise of 下一步计划 went, and the day that was settled: the first working day after its own."""

    settled_on: date
    kept: bool
    days_late: int


def outcome_of(undertaking: Undertaking, run: Run) -> PromiseOutcome | None:
    """Return how a promise went; None for one without a day or given anew, and for one that still may be kept."""
    due = undertaking.promise.due
    if due is None or not (undertaking.open or undertaking.kept is not None):
        return None
    settled_on = due + _DAY
    while not run.calendar.is_workday(settled_on) and settled_on <= run.as_of:
        settled_on += _DAY
    if settled_on > run.as_of:
        return None
    late = 0 if undertaking.kept else ((undertaking.done_on or run.as_of) - due).days
    return PromiseOutcome(settled_on, bool(undertaking.kept), late)


def breaches(assessments: Iterable[Assessment], run: Run) -> tuple[Breach, ...]:
    """List every promise broken in the period: the best tier first, then by kind and day.

    A request is held to the tier of its day (practice §3); one that may still be answered in time is not listed.
    """
    rows = [row for entry in assessments for row in (*_of_requests(entry, run), *_of_promises(entry, run))]
    ranks = {tier.name: rank for rank, tier in enumerate(run.policy.tiers)}
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                ranks.get(row.grade, len(ranks)),
                PROMISES.index(row.promise),
                row.day,
                row.assessment.customer.customer_id,
                row.detail,
            ),
        )
    )


def keeping(assessments: Iterable[Assessment], rows: Sequence[Breach], run: Run) -> tuple[PromiseKeeping, ...]:
    """Count each owner's promises that were settled in the period, and the broken ones of all kinds; most broken first.

    A promise counts with the customer's 客户经理 of today, who has taken it over; without one with who made it.
    """
    kept: defaultdict[str, list[bool]] = defaultdict(list)
    for entry in assessments:
        for undertaking in entry.undertakings:
            outcome = outcome_of(undertaking, run)
            if outcome and run.counts(outcome.settled_on):
                kept[_owner(entry, undertaking.record.person)].append(outcome.kept)
    broken: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        broken[row.owner][row.promise] += 1
    owners = [
        PromiseKeeping(owner=owner, kept=Ratio(sum(kept[owner]), len(kept[owner])), breaches=broken[owner])
        for owner in kept.keys() | broken.keys()
    ]
    return tuple(sorted(owners, key=lambda one: (-sum(one.breaches.values()), -one.kept.total, one.owner)))


def _owner(entry: Assessment, person: str | None) -> str:
    return entry.owner or person or UNNAMED


def _of_promises(entry: Assessment, run: Run) -> Iterator[Breach]:
    for undertaking in entry.undertakings:
        outcome, promise = outcome_of(undertaking, run), undertaking.promise
        if outcome and promise.due and not outcome.kept and run.counts(outcome.settled_on):
            yield Breach(
                assessment=entry,
                promise=NEXT_STEP,
                day=promise.due,
                grade=entry.grade_on(promise.due),
                detail=f"逾期{outcome.days_late}天：{promise.text}",
                owner=_owner(entry, undertaking.record.person),
                person=undertaking.record.person or "",
            )


def _of_requests(entry: Assessment, run: Run) -> Iterator[Breach]:
    for service in entry.customer.services:
        day = service.requested_at.date()
        tier = run.policy.tier(entry.tier_on(day) or "") if run.counts(day) else None
        if tier:
            for promise, detail in _broken(service, tier, run):
                yield Breach(
                    assessment=entry,
                    promise=promise,
                    day=day,
                    grade=entry.grade_on(day),
                    detail=detail,
                    owner=_owner(entry, service.staff),
                    person=service.staff or "",
                )


def _broken(service: ServiceRequest, tier: Tier, run: Run) -> Iterator[tuple[str, str]]:
    """Yield what a request broke of its tier's standard, and by how much."""
    standard, limits = tier.standard, run.limits
    cut = datetime.combine(run.last_day, time.max)
    request = Request(service, standard, limits, cut)
    due = limits.response_due(standard, service.requested_at)
    if due and request.answered_on_time is False:
        yield RESPONSE, _late(service.responded_at, due, cut, "响应")
    due = limits.resolution_due(standard, service.requested_at)
    if due and request.resolved_on_time is False:
        yield RESOLUTION, _late(service.resolved_at, due, cut, "解决")
    if service.discount is not None and request.discount_kept is False:
        yield DISCOUNT, f"给了{format_rate(service.discount)}，标准{format_rate(standard.discount)}"
    if service.benefit and grants_above(service.benefit, tier, run.policy):
        yield BENEFIT, f"越级给了“{service.benefit}”"


def _late(done: datetime | None, due: datetime, cut: datetime, word: str) -> str:
    """Render by how many hours a limit was passed."""
    is_done = done is not None and done <= cut
    seconds = int(((done if done and is_done else cut) - due).total_seconds())
    hours = (Decimal(seconds) / _HOUR).quantize(_TENTH, ROUND_HALF_UP)
    return f"超时{hours:f}小时" if is_done else f"至今未{word}，已超时{hours:f}小时"
