"""Which documents a period needs, and their HTML: one for each tier, and the execution report (domain §10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from sheetcrm.model import Assessment, Book, Figures, GroupFigures, Problem, Setting, Standing
from sheetcrm.model.figures import TIERS, group_name
from sheetcrm.policy.model import Policy, Tier
from sheetcrm.report import charts, rows
from sheetcrm.report.method import method
from sheetcrm.report.pages import Templates, clean
from sheetcrm.report.pool import Job
from sheetcrm.report.views import Chart, Cover, ExecutionPage, Method, TierPage, TierView

EXECUTION = "执行报告"
"""The execution report's file name."""

_Row = TypeVar("_Row")


def plan(
    assessments: Sequence[Assessment],
    figures: Figures,
    *,
    book: Book,
    policy: Policy,
    run_id: str,
    templates: Sequence[Path] = (),
    problems: Sequence[Problem] = (),
) -> tuple[Job, ...]:
    """Lay out a period's documents: one a tier in the policy's order, then the execution report.

    Rosters longer than the policy's volume_rows are cut into volumes, files of their own
    (`1-VIP客户-第1册.pdf`); a tier without customers has its document too.

    Args:
        assessments: The customers.
        figures: What is stated of them.
        book: What was read; its 设置 and 客户分级服务标准表 are printed.
        policy: Every figure of the practice.
        run_id: The run's id, printed in every footer.
        templates: Folders looked into before the templates that ship.
        problems: What is wrong with the data; the first of a kind is shown with its address.

    Raises:
        EngineError: If a template cannot be filled.
    """
    pages = Templates(templates)
    desk = _Desk(
        assessments=assessments,
        figures=figures,
        policy=policy,
        problems=problems,
        cover=cover(book.settings, policy, run_id),
        method=method(book, policy),
    )
    jobs: list[Job] = []
    for number, (tier, view) in enumerate(zip(policy.tiers, desk.method.tiers, strict=True), start=1):
        jobs += [
            Job(_file_name(f"{number}-{tier.name}", page.cover), pages.fill("tier.html", page))
            for page in desk.tier_pages(tier, view)
        ]
    jobs += [
        Job(_file_name(EXECUTION, page.cover), pages.fill("execution.html", page)) for page in desk.execution_pages()
    ]
    return tuple(jobs)


def cover(settings: Iterable[Setting], policy: Policy, run_id: str) -> Cover:
    """Say what covers and margins print, from 设置 where the book has it. Pure."""
    said = list(settings)
    return Cover(
        unit=_joined(row.unit for row in said),
        department=_joined(row.department for row in said),
        compiler=_joined(row.compiler for row in said),
        secrecy=_joined(row.secrecy for row in said) or policy.report.secrecy,
        run_id=run_id,
        binding=policy.report.binding,
    )


def _file_name(stem: str, printed: Cover) -> str:
    """Name a document's file; characters that no file system takes are replaced."""
    volume = f"-第{printed.volume}册" if printed.volumes > 1 else ""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", stem) + volume + ".pdf"


def _joined(texts: Iterable[str | None]) -> str:
    return "、".join(dict.fromkeys(clean(text) for text in texts if text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Everything the documents of a period are made of."""

    assessments: Sequence[Assessment]
    figures: Figures
    policy: Policy
    problems: Sequence[Problem]
    cover: Cover
    method: Method

    @property
    def edges(self) -> tuple[Decimal, ...]:
        """Where a tier ends and the next begins."""
        return tuple(tier.floor for tier in self.policy.tiers if tier.floor)

    def tier_pages(self, tier: Tier, view: TierView) -> Iterator[TierPage]:
        """Give a tier's volumes: each holds the roster, movements, alerts and follow-ups of its own customers."""
        members = sorted(
            (entry for entry in self.assessments if entry.grade == tier.name),
            key=lambda entry: (-(entry.score.total or Decimal(0)), entry.customer.customer_id),
        )
        group = next(group for group in self.figures.tiers if group.name == tier.name)
        gone = [entry for entry in self.assessments if entry.previous_grade == tier.name and entry.grade != tier.name]
        parts = _cut(members, self.policy.report.volume_rows)
        first_number = 1
        for volume, part in enumerate(parts, start=1):
            first = volume == 1
            yield TierPage(
                cover=replace(self.cover, volume=volume, volumes=len(parts)),
                figures=self.figures,
                group=group,
                tier=view,
                charts=self._tier_charts(group, members) if first else (),
                roster=tuple(rows.roster_row(entry, number) for number, entry in enumerate(part, start=first_number)),
                arrived=rows.moves(part),
                left=rows.moves(gone) if first else (),
                alerts=rows.alerts(part),
                health=rows.health(part),
                overdue=rows.overdue(part),
                due=rows.due(part, self.figures),
                sample=rows.sample(self.figures.sample, members) if first else (),
                problems=rows.problems(group.problems, self.problems) if first else (),
                method=self.method,
            )
            first_number += len(part)

    def _tier_charts(self, group: GroupFigures, members: Sequence[Assessment]) -> tuple[Chart, ...]:
        name = group_name(TIERS, group.name)
        return charts.tier_charts(self.figures, group, name, _scores(members), self.edges)

    def execution_pages(self) -> Iterator[ExecutionPage]:
        """Give the execution report; its lists of names are cut into volumes, so that none grows without bound."""
        figures, size = self.figures, self.policy.report.volume_rows
        graded = (entry for entry in self.assessments if entry.standing is Standing.GRADED)
        moves = _cut(rows.moves(graded), size)
        incomplete = _cut(rows.ungraded(self.assessments, figures.incomplete.name), size)
        unsold = _cut(rows.ungraded(self.assessments, figures.unsold.name), size)
        weeks = rows.weeks(figures.as_of, figures.horizon)
        report = ExecutionPage(
            cover=self.cover,
            figures=figures,
            charts=charts.execution_charts(figures, _scores(self.assessments), self.edges),
            moves=(),
            owners=rows.owners(self.assessments, figures),
            overdue=rows.overdue(self.assessments),
            weeks=weeks,
            plan=rows.plan(self.assessments, weeks),
            incomplete=(),
            unsold=(),
            problems=rows.problems(figures.problems, self.problems),
            method=self.method,
        )
        volumes = max(len(moves), len(incomplete), len(unsold))
        for number in range(volumes):
            yield replace(
                report,
                cover=replace(self.cover, volume=number + 1, volumes=volumes),
                charts=report.charts if number == 0 else (),
                moves=tuple(_part(moves, number)),
                incomplete=tuple(_part(incomplete, number)),
                unsold=tuple(_part(unsold, number)),
            )


def _scores(entries: Iterable[Assessment]) -> list[Decimal]:
    return [entry.score.total for entry in entries if entry.score.total is not None]


def _cut(found: Sequence[_Row], size: int) -> list[Sequence[_Row]]:
    """Cut rows into parts of at most `size`; no rows are one part."""
    return [found[start : start + size] for start in range(0, len(found), size)] or [found]


def _part(parts: Sequence[Sequence[_Row]], number: int) -> Sequence[_Row]:
    return parts[number] if number < len(parts) else ()
