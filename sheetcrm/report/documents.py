"""Which documents a period needs, and their HTML: one for each tier, and the execution report (domain §10)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from sheetcrm.model import Assessment, Book, DueItem, Figures, Movement, Setting, StandardRow, Standing
from sheetcrm.policy.model import ALL, Indicator, Policy, Tier
from sheetcrm.policy.conditions import compile_condition
from sheetcrm.privacy import mask_found
from sheetcrm.report.pages import (
    ActivityView,
    Band,
    Cover,
    DueRow,
    ExecutionPage,
    IndicatorView,
    Method,
    MoveRow,
    OwnerRow,
    RosterRow,
    Templates,
    TierPage,
    TierView,
    UngradedRow,
    clean,
)
from sheetcrm.report.pool import Job

EXECUTION = "执行报告"
"""The execution report's file name."""

_LONGEST_PROSE = 500

_Row = TypeVar("_Row")


def plan(
    assessments: Sequence[Assessment],
    figures: Figures,
    *,
    book: Book,
    policy: Policy,
    run_id: str,
    templates: Sequence[Path] = (),
) -> tuple[Job, ...]:
    """Lay out a period's documents: one a tier in the policy's order, then the execution report.

    Rosters longer than the policy's volume_rows are cut into volumes, files of their own
    (`1-VIP客户-第1册.pdf`); a tier without customers has its document too. `templates` are folders
    looked into before the templates that ship.

    Raises:
        EngineError: If a template cannot be filled.
    """
    pages = Templates(templates)
    cover = _cover(book.settings, policy, run_id)
    method = _method(book, policy)
    jobs: list[Job] = []
    for number, (tier, view) in enumerate(zip(policy.tiers, method.tiers, strict=True), start=1):
        jobs += [
            Job(_file_name(f"{number}-{tier.name}", page.cover), pages.fill("tier.html", page))
            for page in _tier_pages(
                assessments, figures, tier=tier, view=view, cover=cover, method=method, rows=policy.report.volume_rows
            )
        ]
    report = _execution_page(assessments, figures, cover=cover, method=method)
    jobs += [
        Job(_file_name(EXECUTION, page.cover), pages.fill("execution.html", page))
        for page in _execution_volumes(report, policy.report.volume_rows)
    ]
    return tuple(jobs)


def _prose(text: str) -> str:
    """Clean what people wrote in whole sentences, and mask the phones and addresses in it (domain §11)."""
    return mask_found(clean(text), limit=_LONGEST_PROSE)


def _file_name(stem: str, cover: Cover) -> str:
    """Name a document's file; characters that no file system takes are replaced."""
    volume = f"-第{cover.volume}册" if cover.volumes > 1 else ""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", stem) + volume + ".pdf"


def _cover(settings: Iterable[Setting], policy: Policy, run_id: str) -> Cover:
    rows = list(settings)
    return Cover(
        unit=_joined(row.unit for row in rows),
        department=_joined(row.department for row in rows),
        compiler=_joined(row.compiler for row in rows),
        secrecy=_joined(row.secrecy for row in rows) or policy.report.secrecy,
        run_id=run_id,
    )


def _joined(texts: Iterable[str | None]) -> str:
    return "、".join(dict.fromkeys(clean(text) for text in texts if text))


# --- one tier ------------------------------------------------------------------------------------------


def _tier_pages(
    assessments: Sequence[Assessment],
    figures: Figures,
    *,
    tier: Tier,
    view: TierView,
    cover: Cover,
    method: Method,
    rows: int,
) -> Iterator[TierPage]:
    """Give a tier's volumes: each holds the roster, movements and follow-ups of its own customers."""
    members = sorted(
        (entry for entry in assessments if entry.grade == tier.name),
        key=lambda entry: (-(entry.score.total or Decimal(0)), entry.customer.customer_id),
    )
    group = next(group for group in figures.tiers if group.name == tier.name)
    gone = [entry for entry in assessments if entry.previous_grade == tier.name and entry.grade != tier.name]
    parts = _cut(members, rows)
    first_number = 1
    for volume, part in enumerate(parts, start=1):
        yield TierPage(
            cover=replace(cover, volume=volume, volumes=len(parts)),
            figures=figures,
            group=group,
            tier=view,
            roster=tuple(_roster_row(entry, number) for number, entry in enumerate(part, start=first_number)),
            arrived=_moves(part),
            left=_moves(gone) if volume == 1 else (),
            overdue=_overdue(part),
            due=tuple(
                sorted(
                    (
                        _due_row(entry, item)
                        for entry in part
                        for item in entry.due
                        if not item.overdue_days and item.due <= figures.horizon
                    ),
                    key=lambda row: (row.due, row.owner, row.customer_id, row.action),
                )
            ),
            method=method,
        )
        first_number += len(part)


def _roster_row(entry: Assessment, number: int) -> RosterRow:
    upcoming = entry.due[0] if entry.due else None
    return RosterRow(
        number=number,
        customer_id=clean(entry.customer.customer_id),
        name=clean(entry.customer.name),
        owner=clean(entry.owner),
        score=entry.score.total,
        spend_12m=entry.measures.spend_12m,
        recency_days=entry.measures.recency_days,
        movement=entry.movement.value if entry.movement else "",
        next_due=upcoming.due if upcoming else None,
        overdue_days=upcoming.overdue_days if upcoming else 0,
        awaiting_audit=entry.awaiting_audit,
        overridden=entry.override is not None,
        outdated=entry.outdated,
    )


def _moves(entries: Iterable[Assessment]) -> tuple[MoveRow, ...]:
    moved = (entry for entry in entries if entry.previous_grade and entry.previous_grade != entry.grade)
    rows = (
        MoveRow(
            customer_id=clean(entry.customer.customer_id),
            name=clean(entry.customer.name),
            owner=clean(entry.owner),
            previous=clean(entry.previous_grade),
            grade=entry.grade,
            direction=entry.movement.value if entry.movement in (Movement.UP, Movement.DOWN) else "",
            score=entry.score.total,
            reason=_prose("；".join(entry.reasons)),
        )
        for entry in moved
    )
    order = [Movement.UP.value, Movement.DOWN.value, ""]
    return tuple(sorted(rows, key=lambda row: (order.index(row.direction), row.customer_id)))


def _overdue(entries: Iterable[Assessment]) -> tuple[DueRow, ...]:
    late = (_due_row(entry, item) for entry in entries for item in entry.due if item.overdue_days)
    return tuple(sorted(late, key=lambda row: (-row.overdue_days, row.owner, row.customer_id, row.action)))


def _due_row(entry: Assessment, item: DueItem) -> DueRow:
    return DueRow(
        due=item.due,
        customer_id=clean(entry.customer.customer_id),
        name=clean(entry.customer.name),
        grade=entry.grade,
        action=clean(item.action),
        promise=_prose(item.content) if item.promised else "",
        owner=clean(item.owner),
        overdue_days=item.overdue_days,
        escalated_to=clean(item.escalated_to),
        estimated=item.estimated,
    )


# --- all tiers -----------------------------------------------------------------------------------------


def _execution_page(
    assessments: Sequence[Assessment], figures: Figures, *, cover: Cover, method: Method
) -> ExecutionPage:
    return ExecutionPage(
        cover=cover,
        figures=figures,
        moves=_moves(entry for entry in assessments if entry.standing is Standing.GRADED),
        owners=_owners(assessments, figures),
        overdue=_overdue(assessments),
        incomplete=_ungraded(assessments, figures.incomplete.name),
        unsold=_ungraded(assessments, figures.unsold.name),
        method=method,
    )


def _owners(assessments: Iterable[Assessment], figures: Figures) -> tuple[OwnerRow, ...]:
    items: dict[str, list[DueItem]] = defaultdict(list)
    for entry in assessments:
        for item in entry.due:
            if item.overdue_days or item.due <= figures.horizon:
                items[clean(item.owner)].append(item)
    rows = (
        OwnerRow(
            owner=owner,
            overdue=sum(1 for item in found if item.overdue_days),
            longest=max(item.overdue_days for item in found),
            due=sum(1 for item in found if not item.overdue_days),
        )
        for owner, found in items.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.due, row.owner)))


def _ungraded(assessments: Iterable[Assessment], grade: str) -> tuple[UngradedRow, ...]:
    entries = [entry for entry in assessments if entry.grade == grade]
    return tuple(
        UngradedRow(
            customer_id=clean(entry.customer.customer_id),
            name=clean(entry.customer.name),
            owner=clean(entry.owner),
            previous=clean(entry.previous_grade),
            reason=_prose("；".join(entry.reasons)),
            next_due=entry.due[0].due if entry.due else None,
            next_action=clean(entry.due[0].action) if entry.due else "",
        )
        for entry in sorted(entries, key=lambda entry: entry.customer.customer_id)
    )


def _execution_volumes(report: ExecutionPage, rows: int) -> Iterator[ExecutionPage]:
    """Cut the lists of names into volumes, so that no document grows without bound."""
    moves, incomplete, unsold = _cut(report.moves, rows), _cut(report.incomplete, rows), _cut(report.unsold, rows)
    volumes = max(len(moves), len(incomplete), len(unsold))
    for number in range(volumes):
        yield replace(
            report,
            cover=replace(report.cover, volume=number + 1, volumes=volumes),
            moves=tuple(_part(moves, number)),
            incomplete=tuple(_part(incomplete, number)),
            unsold=tuple(_part(unsold, number)),
        )


def _cut(rows: Sequence[_Row], size: int) -> list[Sequence[_Row]]:
    """Cut rows into parts of at most `size`; no rows are one part."""
    return [rows[start : start + size] for start in range(0, len(rows), size)] or [rows]


def _part(parts: Sequence[Sequence[_Row]], number: int) -> Sequence[_Row]:
    return parts[number] if number < len(parts) else ()


# --- the policy in print -------------------------------------------------------------------------------


def _method(book: Book, policy: Policy) -> Method:
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
        indicators=tuple(_indicator(entry) for entry in policy.card.indicators),
        tiers=tuple(
            _tier_view(tier, ceiling, written.get(tier.name), policy)
            for tier, ceiling in zip(policy.tiers, ceilings, strict=False)
        ),
    )


def _tier_view(tier: Tier, ceiling: Decimal | None, written: StandardRow | None, policy: Policy) -> TierView:
    """Show a tier's standard: the words of the team's own 客户分级服务标准表 where it has them (domain §1.5)."""
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
        resolution_note=standard.resolution_note,
        round_the_clock=standard.round_the_clock,
        benefits=(clean(written.content),) if written and written.content else standard.benefits,
        discount=standard.discount,
        roles=(clean(written.roles),) if written and written.roles else standard.roles,
        activities=tuple(
            ActivityView(name=entry.activity, every=entry.every, content=entry.content, owner=entry.owner)
            for entry in policy.cadence
            if ALL in entry.applies or tier.name in entry.applies
        ),
    )


def _indicator(entry: Indicator) -> IndicatorView:
    bounds = [(compile_condition(band.when).bound, band.points) for band in entry.bands]
    return IndicatorView(
        label=entry.label,
        measure=entry.measure,
        weight=entry.weight,
        missing=entry.missing.value,
        bands=tuple(Band(operator=bound.operator, edge=bound.edge, points=points) for bound, points in bounds if bound),
        otherwise=entry.otherwise,
        scale=entry.scale,
        words=tuple(entry.words.items()),
    )
