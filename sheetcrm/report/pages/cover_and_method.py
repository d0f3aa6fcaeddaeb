"""Builds the cover, and the method: the printed policy with its scorecard and standards (practice §4, §5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from sheetcrm.model import Book, Setting, StandardRow
from sheetcrm.policy.cadence import ALL
from sheetcrm.policy.conditions import compile_condition
from sheetcrm.policy.model import Policy, Tier
from sheetcrm.policy.scorecard import Indicator
from sheetcrm.privacy import Raw
from sheetcrm.report.pages.filters import clean, plain
from sheetcrm.report.pages.views import ActivityView, BandView, Cover, IndicatorView, Method, TierView


def cover(settings: Iterable[Setting], policy: Policy, run_id: str, *, departments: Iterable[str | None] = ()) -> Cover:
    """Build the cover: whose report it is, how secret, of which run (practice §10).

    `departments` are those of the customers it is about; without any, the department is that of 设置. Pure.
    """
    rows = list(settings)
    return Cover(
        unit=_joined(row.unit for row in rows),
        department=several(departments) or several(row.department for row in rows),
        compiler=_joined(row.compiler for row in rows),
        secrecy=_joined(row.secrecy for row in rows) or policy.report.secrecy,
        run_id=Raw(run_id),
        binding=policy.report.binding,
    )


def several(departments: Iterable[str | None]) -> str:
    """Name the department, or the one with most customers of several and how many they are. Pure."""
    counts = Counter(cleaned for one in departments if (cleaned := clean(one)))
    if not counts:
        return ""
    first = counts.most_common(1)[0][0]
    return first if len(counts) == 1 else f"{first}等{len(counts)}个部门"


def _joined(texts: Iterable[str | None]) -> str:
    return "、".join(dict.fromkeys(clean(text) for text in texts if text))


def method(book: Book, policy: Policy) -> Method:
    """Show the policy in use; a team's own 客户分级服务标准表 speaks for its tiers (practice §1.5)."""
    ceilings = [None, *(tier.floor for tier in policy.tiers)]
    written = {row.tier: row for row in reversed(book.standards)}
    return Method(
        policy=policy.name,
        version=policy.version,
        card=policy.card.name,
        weight_total=policy.card.weight_total,
        least_coverage=policy.scoring.least_coverage,
        neutral_points=policy.scoring.neutral_points,
        unsold_served_as=policy.scoring.unsold_served_as,
        clock=policy.service.clock,
        opens=policy.service.opens,
        closes=policy.service.closes,
        sample_share=policy.report.sample_share,
        few_cases=policy.report.few_cases,
        indicators=tuple(_indicator(indicator) for indicator in policy.card.every),
        tiers=tuple(
            _tier_view(tier, ceiling, written.get(tier.name), policy)
            for tier, ceiling in zip(policy.tiers, ceilings, strict=False)
        ),
    )


def _tier_view(tier: Tier, ceiling: Decimal | None, written: StandardRow | None, policy: Policy) -> TierView:
    """Show a tier's standard: the words of the team's own 客户分级服务标准表 where it has them (practice §1.5)."""
    standard = tier.standard
    return TierView(
        name=tier.name,
        floor=tier.floor,
        ceiling=ceiling,
        share=tier.share,
        typical=clean(written.typical if written else None) or standard.typical,
        goal=clean(written.goal if written else None) or standard.goal,
        team=clean(written.resources if written else None) or standard.team,
        first_response_hours=standard.first_response_hours,
        resolution_hours=standard.resolution_hours,
        response_note=_day_off(standard.first_response_hours_day_off),
        resolution_note="，".join(
            note for note in (_day_off(standard.resolution_hours_day_off), standard.resolution_note) if note
        ),
        round_the_clock=standard.round_the_clock,
        benefits=(clean(written.content),) if written and written.content else standard.benefits,
        discount=standard.discount,
        roles=(clean(written.roles),) if written and written.roles else standard.roles,
        activities=tuple(
            ActivityView(name=activity.activity, every=activity.every, content=activity.content, owner=activity.owner)
            for activity in policy.cadence
            if ALL in activity.applies or tier.name in activity.applies
        ),
        addressed_as=standard.addressed_as,
        offered=standard.offered,
        individual=standard.individual,
    )


def _day_off(hours: Decimal | None) -> str:
    return "" if hours is None else f"非工作日{plain(hours)}小时"


def _indicator(indicator: Indicator) -> IndicatorView:
    bounds = [(compile_condition(band.when).bound, band.points) for band in indicator.bands]
    return IndicatorView(
        label=f"{indicator.label}（有就代替{indicator.replaces}）" if indicator.replaces else indicator.label,
        measure=indicator.measure,
        weight=indicator.weight,
        missing=indicator.missing.value,
        bands=tuple(
            BandView(operator=bound.operator, edge=bound.edge, points=points) for bound, points in bounds if bound
        ),
        otherwise=indicator.otherwise,
        scale=indicator.scale,
        words=tuple(indicator.words.items()),
    )
