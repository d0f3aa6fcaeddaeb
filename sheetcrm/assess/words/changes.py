"""Describes what changed for a customer since an earlier period, and which indicators did it (practice §4.4). Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from msgspec.structs import replace

from sheetcrm.assess.words.differences import say_difference
from sheetcrm.assess.words.explanation import say_number
from sheetcrm.assess.words.standing import say_standing
from sheetcrm.model import KEPT_FIGURES, Assessment, Past, Standing, Terms, kept_points
from sheetcrm.policy.model import BY_SCORE, Policy
from sheetcrm.policy.run import Run

BY_QUOTA = "名额"
"""`decided_by` in quota mode (practice §4.4)."""

_SHOWN = 3
_TENTH = Decimal("0.1")
_LEAST = Decimal("0.05")
_NONE = Decimal(0)
_UNKNOWN = "无数据"


def terms(policy: Policy) -> Terms:
    """Return the terms a policy grades by: its hash, its scorecard's weights, and what decides the tier."""
    return Terms(
        policy=policy.name,
        sha256=policy.sha256,
        decided_by=BY_QUOTA if policy.scoring.quota else policy.scoring.decided_by,
        weights={indicator.label: indicator.weight for indicator in policy.card.indicators},
        roles=policy.roles.names,
        measures={indicator.label: indicator.measure for indicator in policy.card.indicators},
    )


def describe(
    entries: Sequence[Assessment], run: Run, history: Mapping[str, Past], *, noted: Container[str] = ()
) -> list[Assessment]:
    """Add descriptions of change to customers: to those whose grade is another, and to the `noted` ones.

    Of those whose other grade stands in a sheet alone, nobody knows what changed: where they stand is said instead.
    """
    now = terms(run.policy)

    def described(entry: Assessment) -> Assessment:
        key = entry.customer.customer_id
        past = history.get(key)
        if past and (past.grade != entry.grade or key in noted):
            return replace(entry, change=_describe(entry, past, run.period.label, now))
        if past is None and entry.previous_grade not in (None, entry.grade):
            return replace(entry, standing_note=say_standing(entry, run.policy))
        return entry

    return list(map(described, entries))


def _describe(entry: Assessment, past: Past, period: str, now: Terms) -> str:
    reason = entry.override.reason if entry.override else None
    return say_change(past, as_past(entry, period=period, terms=now), reason=reason or "")


def as_past(entry: Assessment, *, period: str, terms: Terms) -> Past:
    """Return this period as a later one will see it, as far as descriptions of change need."""
    return Past(
        period=period,
        grade=entry.grade,
        score=entry.score.total,
        graded_on=None,
        labels={},
        overridden=entry.override is not None,
        proposed=entry.proposed_grade,
        points=kept_points(entry.score),
        terms=terms,
        figures={
            name: round(Decimal(value), 4)
            for name in KEPT_FIGURES
            if (value := getattr(entry.measures, name)) is not None
        },
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one indicator on the score; `before` and `now` are its points, None where they are unknown."""

    label: str
    before: Decimal | None
    now: Decimal | None
    effect: Decimal


def effects(before: Past, now: Past) -> tuple[Effect, ...]:
    """Share the change of a score out among its indicators.

    An indicator counts by its share of the known weight and by how far its points lie from the level of the
    indicators known both times: one that becomes known lowers a score above its points. The effects add up
    to the difference of the two scores (before they are rounded).
    """
    then, today = _known_points(before), _known_points(now)
    if not then or not today:
        return ()
    level = _level([then[label] for label in then if label in today] or list(then.values()))
    shares = []
    for label in dict.fromkeys((*now.terms.weights, *before.terms.weights)):
        (old, old_share), (new, new_share) = then.get(label, _ABSENT), today.get(label, _ABSENT)
        moved = new_share * ((new or _NONE) - level) - old_share * ((old or _NONE) - level)
        shares.append(Effect(label, old, new, moved))
    return tuple(shares)


_ABSENT: tuple[Decimal | None, Decimal] = (None, _NONE)


def _level(parts: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    return sum((points * share for points, share in parts), _NONE) / sum((share for _, share in parts), _NONE)


def _known_points(entry: Past) -> Mapping[str, tuple[Decimal, Decimal]]:
    """Return the known points, and each one's share of the known weight."""
    weights = entry.terms.weights
    scored = [(label, points) for label, points in zip(weights, entry.points, strict=False) if points is not None]
    carried = sum((weights[label] for label, _ in scored), _NONE)
    return {label: (points, weights[label] / carried) for label, points in scored} if carried else {}


def say_change(before: Past, now: Past, *, reason: str = "") -> str:
    """Describe what changed since an earlier period, and why; blank where nothing did.

    `较2026-09：VIP客户→重点客户，总分 92.0→82.0，主要因消费金额 71.2→44.7万元、…`: what is now beside what was, and
    no sum of weights. Where a figure is not kept, its points stand for it.

    Args:
        before: The customer in the earlier period.
        now: The customer in the later one.
        reason: The reason given for a 人工调整 that is in force now.
    """
    parts = [*_tier(before, now), *_score(before, now), *_decisions(before, now, reason)]
    parts += _drivers(before, now, alone=not parts)
    if not parts:
        return ""
    if before.grade != now.grade and len(parts) == 1:
        parts += _without_a_score(before, now)
    return f"较{before.period}：{'，'.join(parts)}"


def _tier(before: Past, now: Past) -> list[str]:
    if before.grade == now.grade:
        return []
    decided = now.terms.decided_by
    by = f"（按{decided}分级）" if decided and decided not in (BY_SCORE, BY_QUOTA) else ""
    return [f"{before.grade}→{now.grade}{by}"]


def _score(before: Past, now: Past) -> list[str]:
    if before.score == now.score:
        return []
    if before.score is not None and now.score is not None:
        return [f"总分 {before.score}→{now.score}"]
    if now.score is not None:
        return [f"得分{now.score}（{before.period}没有得分）"]
    return [f"没有得分（{before.period}为{before.score}分）"]


def _decisions(before: Past, now: Past, reason: str) -> list[str]:
    """Describe decisions of people: 人工调整 that begin, end or change, a grade that fell due, another policy."""
    parts = []
    because = f"（理由：{reason}）" if reason else ""
    if now.overridden and not before.overridden:
        parts.append(f"人工调整为{now.grade}{because}")
    elif before.overridden and not now.overridden:
        parts.append(f"人工调整（{before.grade}）已不再有效")
    elif now.overridden and before.grade != now.grade:
        parts.append(f"人工调整改为{now.grade}{because}")
    moved = before.grade != now.grade or before.score != now.score
    if moved and not now.overridden and before.grade != now.grade and before.proposed == now.grade:
        parts.append("到期重评")
    if moved and before.terms.sha256 and now.terms.sha256 and before.terms.sha256 != now.terms.sha256:
        other = before.terms.policy != now.terms.policy
        parts.append(f"策略改为“{now.terms.policy}”" if other else "策略有改动")
    return parts


def _drivers(before: Past, now: Past, *, alone: bool) -> list[str]:
    """Describe the indicators that moved the score, the strongest first."""
    if before.score is None or now.score is None:
        return _gaps(before, now) if (before.score is None) != (now.score is None) else []
    parts = _parts(before, now)
    if before.score == now.score:
        return [f"得分不变（{now.score}），{_listed(parts)}"] if parts and alone else []
    rising = now.score > before.score
    along = [part for part in parts if (part[1] > 0) == rising]
    against = [part for part in parts if (part[1] > 0) != rising]
    sentences = [f"主要因{_listed(along)}"] if along else []
    return [*sentences, f"而{_listed(against)}"] if against else sentences


def _parts(before: Past, now: Past) -> list[tuple[str, Decimal]]:
    """Return the causes of a change of score in words, with their effects: the strongest first, the weights last."""
    measures = now.terms.measures or before.terms.measures
    indicators = effects(before, now)
    moved = sorted((entry for entry in indicators if entry.before != entry.now), key=lambda entry: -abs(entry.effect))
    parts = [(f"{entry.label} {_moved(entry, measures, before, now)}", entry.effect) for entry in moved]
    shares = sum((entry.effect for entry in indicators if entry.before == entry.now), _NONE)
    why = "权重改变" if before.terms.weights != now.terms.weights else "按已知权重折算"
    return [part for part in (*parts, (why, shares)) if abs(part[1]) >= _LEAST]


def _listed(parts: Sequence[tuple[str, Decimal]]) -> str:
    """List causes; many of them are counted, but never a single one."""
    shown = parts if len(parts) <= _SHOWN + 1 else parts[:_SHOWN]
    text = "、".join(words for words, _ in shown)
    return text if len(shown) == len(parts) else f"{text}等{len(parts)}项"


def _gaps(before: Past, now: Past) -> list[str]:
    """Name the indicators that became known, or unknown."""
    then, today = _known_points(before), _known_points(now)
    if now.score is None:
        return [f"{'、'.join(label for label in then if label not in today)}{_UNKNOWN}"] if then.keys() - today else []
    if before.grade == Standing.UNSOLD.value:
        return ["首次成交"]
    return [f"补齐了{'、'.join(label for label in today if label not in then)}"] if then and today.keys() - then else []


def _without_a_score(before: Past, now: Past) -> Sequence[str]:
    """Explain a change of tier that neither the score nor a person made."""
    if now.terms.decided_by not in ("", BY_SCORE, BY_QUOTA) or before.score is None or now.score is None:
        return []
    return [f"得分不变（{now.score}），" + ("按名额排序" if now.terms.decided_by == BY_QUOTA else "按等级规则变动")]


def _moved(entry: Effect, measures: Mapping[str, str], before: Past, now: Past) -> str:
    """Say what an indicator's figure was and is; its points where the figure was not kept or is the same."""
    measure = measures.get(entry.label, "")
    old, new = before.figures.get(measure), now.figures.get(measure)
    if old is None or new is None or old == new:
        return _points(entry)
    return say_difference(measure, old, new)


def _points(entry: Effect) -> str:
    if entry.before is None or entry.now is None:
        before, now = (_UNKNOWN if one is None else f"{_rounded(one)}分" for one in (entry.before, entry.now))
        return f"{before}→{now}"
    return f"{_rounded(entry.before)}→{_rounded(entry.now)}分"


def _rounded(points: Decimal) -> str:
    return say_number(points.quantize(_TENTH, ROUND_HALF_UP))
