"""Where customers come from and stand: the funnel, 价值 × 合作阶段, CSAT by 问题类别 (practice §10). Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from sheetcrm.assess.figures.relations import stage_of, stayed, was_active
from sheetcrm.assess.measure.satisfaction import csat
from sheetcrm.model import Assessment, Departed, Mean, Past, Profile, Ratio
from sheetcrm.model.lists import UNNAMED, FunnelRow, Segment
from sheetcrm.policy import coherence
from sheetcrm.policy.model import Policy
from sheetcrm.policy.roles import Roles
from sheetcrm.policy.run import Run
from sheetcrm.text.folding import simplify

_WAITING, _DEVELOPING, _NEW = "waiting", "developing", "new"


def by_informant(assessments: Sequence[Assessment], roles: Roles) -> tuple[FunnelRow, ...]:
    """Count who is on the way by 信息来源人."""
    return _funnel(assessments, roles, lambda profile: profile.informant)


def by_referrer(assessments: Sequence[Assessment], roles: Roles) -> tuple[FunnelRow, ...]:
    """Count who is on the way by 推荐人: a number and a name of the same customer are one."""
    names = {entry.customer.name: entry.customer.customer_id for entry in assessments}
    return _funnel(
        assessments, roles, lambda profile: names.get(profile.referrer, profile.referrer) if profile.referrer else None
    )


def _funnel(
    assessments: Iterable[Assessment], roles: Roles, source_of: Callable[[Profile], str | None]
) -> tuple[FunnelRow, ...]:
    """Count by source, the largest first; nothing where no source is named at all."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for entry in assessments:
        profile, step = entry.customer.profile, _step(entry, roles)
        if profile and step:
            counts[simplify(source_of(profile) or UNNAMED)][step] += 1
    if not counts.keys() - {UNNAMED}:
        return ()
    rows = (
        FunnelRow(name=name, waiting=steps[_WAITING], developing=steps[_DEVELOPING], new=steps[_NEW])
        for name, steps in counts.items()
    )
    return tuple(sorted(rows, key=lambda row: (row.name == UNNAMED, -row.total, row.name)))


def _step(entry: Assessment, roles: Roles) -> str | None:
    """Return how far a customer is on the way: nothing bought, nothing bought but contacted, new; None: past it."""
    if stage_of(entry, roles) in roles.new:
        return _NEW
    if entry.measures.bought is not False:
        return None
    activity = next((label.outcome for label in entry.classes if label.name == roles.activity), None)
    return _DEVELOPING if activity in roles.developing else _WAITING


def segments(
    assessments: Iterable[Assessment], departed: Iterable[Departed], history: Mapping[str, Past], policy: Policy
) -> tuple[Segment, ...]:
    """Count 价值 × 合作阶段 in the policy's order: customers, spend, and 留存率.

    留存率 is of those who began the period there. Nothing under a policy without one of the two classifications.
    """
    roles = policy.roles
    places = {table.name: coherence.outcomes(table) for table in policy.classes}
    if roles.value not in places or roles.stage not in places:
        return ()
    members: defaultdict[tuple[str, str], list[Assessment]] = defaultdict(list)
    stays: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for entry in assessments:
        labels = {label.name: label.outcome for label in entry.classes}
        members[labels.get(roles.value, ""), labels.get(roles.stage, "")].append(entry)
        past = history.get(entry.customer.customer_id)
        kept = stayed(entry, past, roles) if past else None
        if past and kept is not None:
            stays[_began_in(past, roles)].append(kept)
    for one in departed:
        if was_active(one.past.labels.get(roles.stage), one.past.grade, roles):
            stays[_began_in(one.past, roles)].append(False)
    return tuple(
        Segment(
            value=value,
            stage=stage,
            customers=len(members[value, stage]),
            spend=_spend(members[value, stage]),
            retention=Ratio(sum(stays[value, stage]), len(stays[value, stage])),
        )
        for value in places[roles.value]
        for stage in places[roles.stage]
        if members[value, stage] or stays[value, stage]
    )


def _began_in(past: Past, roles: Roles) -> tuple[str, str]:
    return past.labels.get(roles.value, ""), past.labels.get(roles.stage, "")


def _spend(members: Sequence[Assessment]) -> Mean:
    amounts = [entry.measures.spend_12m for entry in members if entry.measures.spend_12m is not None]
    return Mean(sum(amounts, Decimal(0)), len(amounts), len(members))


def by_theme(assessments: Iterable[Assessment], run: Run) -> tuple[tuple[str, Mean], ...]:
    """Return the mean CSAT of the period's requests by 问题类别, where one is scored; the most frequent first."""
    scores: defaultdict[str, list[Decimal | None]] = defaultdict(list)
    for entry in assessments:
        for service in entry.customer.services:
            if service.category and run.counts(service.requested_at.date()):
                scores[simplify(service.category)].append(csat(service))
    means = [
        (theme, Mean(sum(scored, Decimal(0)), len(scored), len(values)))
        for theme, values in scores.items()
        if (scored := [value for value in values if value is not None])
    ]
    return tuple(sorted(means, key=lambda pair: (-pair[1].total, pair[0])))
