"""Lays out a period's documents as HTML: one for each tier, and the execution report (practice §10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from sheetcrm.model import Assessment, Book, Figures, GroupFigures, Problem, ServiceRequest, Standing
from sheetcrm.model.figures import TIERS, group_name
from sheetcrm.policy.model import Policy, Tier
from sheetcrm.report.pages import charts, naming, rows
from sheetcrm.report.pages.cover_and_method import cover, method
from sheetcrm.report.pages.templates import Templates
from sheetcrm.report.pages.views import Chart, Cover, ExecutionPage, Method, TierPage, TierView
from sheetcrm.report.press.pool import Job

EXECUTION = "执行报告"
"""The execution report's file name."""


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
        figures: Their figures.
        book: The book; its 设置 and 客户分级服务标准表 are printed.
        policy: Every figure of the practice.
        run_id: The run's id, printed in every footer.
        templates: Folders looked into before the templates that ship.
        problems: The problems in the data; the first of a kind is shown with its address.

    Raises:
        EngineError: If a template cannot be filled.
    """
    pages = Templates(templates)
    context = _DocumentContext(
        assessments=assessments,
        figures=replace(figures, sample=()),  # records carry their whole sheet, which is no template's business
        drawn=figures.sample,
        policy=policy,
        problems=problems,
        cover=cover(book.settings, policy, run_id),
        method=method(book, policy),
    )
    jobs: list[Job] = []
    for number, (tier, view) in enumerate(zip(policy.tiers, context.method.tiers, strict=True), start=1):
        jobs += [
            Job(_file_name(f"{number}-{tier.name}", page.cover), pages.fill("tier.html", page))
            for page in context.tier_pages(tier, view)
        ]
    jobs += [
        Job(_file_name(EXECUTION, page.cover), pages.fill("execution.html", page)) for page in context.execution_pages()
    ]
    return tuple(jobs)


def _file_name(stem: str, printed: Cover) -> str:
    return naming.volume(naming.safe(stem), printed.volume, printed.volumes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _DocumentContext:
    """The inputs that all documents of a period share."""

    assessments: Sequence[Assessment]
    figures: Figures
    drawn: Sequence[ServiceRequest]
    policy: Policy
    problems: Sequence[Problem]
    cover: Cover
    method: Method

    @property
    def edges(self) -> tuple[Decimal, ...]:
        """The scores at which a tier ends and the next begins."""
        return tuple(tier.floor for tier in self.policy.tiers if tier.floor)

    def tier_pages(self, tier: Tier, view: TierView) -> Iterator[TierPage]:
        """Yield a tier's volumes: each holds the roster, movements, alerts and follow-ups of its own customers."""
        members = sorted(
            (assessment for assessment in self.assessments if assessment.grade == tier.name),
            key=lambda assessment: (-(assessment.score.total or Decimal(0)), assessment.customer.customer_id),
        )
        group = next(group for group in self.figures.tiers if group.name == tier.name)
        gone = [
            assessment
            for assessment in self.assessments
            if assessment.previous_grade == tier.name and assessment.grade != tier.name
        ]
        weights = [rows.weight(assessment, self.figures) for assessment in members] + [rows.MOVE_ROWS] * len(gone)
        parts = rows.cut_volumes([*members, *gone], weights, self.policy.report.volume_rows)
        first_number = 1
        for volume, mixed in enumerate(parts, start=1):
            first = volume == 1
            part = [assessment for assessment in mixed if assessment.grade == tier.name]
            yield TierPage(
                cover=replace(self.cover, volume=volume, volumes=len(parts)),
                figures=self.figures,
                group=group,
                tier=view,
                charts=self._tier_charts(group, members) if first else (),
                roster=tuple(
                    rows.roster_row(assessment, number) for number, assessment in enumerate(part, start=first_number)
                ),
                arrived=rows.moves(part),
                left=rows.moves(assessment for assessment in mixed if assessment.grade != tier.name),
                alerts=rows.alerts(part),
                health=rows.health(part),
                overdue=rows.overdue(part),
                due=rows.due(part, self.figures),
                sample=rows.sample(self.drawn, members) if first else (),
                sampled=len(self.drawn),
                problems=rows.problems(group.problems, self.problems) if first else (),
                gone=len(gone),
                method=self.method,
            )
            first_number += len(part)

    def _tier_charts(self, group: GroupFigures, members: Sequence[Assessment]) -> tuple[Chart, ...]:
        name = group_name(TIERS, group.name)
        return charts.tier_charts(self.figures, group, name, _scores(members), self.edges)

    def execution_pages(self) -> Iterator[ExecutionPage]:
        """Yield the volumes of the execution report: its lists of names are cut, so that none grows without bound."""
        figures = self.figures
        graded = (assessment for assessment in self.assessments if assessment.standing is Standing.GRADED)
        moves = rows.moves(graded)
        incomplete = rows.ungraded(self.assessments, figures.incomplete.name)
        unsold = rows.ungraded(self.assessments, figures.unsold.name)
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
        every = range(len(moves) + len(incomplete) + len(unsold))
        weights = [rows.MOVE_ROWS if row.change else 1 for row in moves] + [1] * (len(incomplete) + len(unsold))
        parts = rows.cut_volumes(every, weights, self.policy.report.volume_rows)
        for number, part in enumerate(parts, start=1):
            start, end = (part[0], part[-1] + 1) if part else (0, 0)
            yield replace(
                report,
                cover=replace(self.cover, volume=number, volumes=len(parts)),
                charts=report.charts if number == 1 else (),
                moves=moves[start:end],
                incomplete=rows.within(incomplete, start, end, after=len(moves)),
                unsold=rows.within(unsold, start, end, after=len(moves) + len(incomplete)),
            )


def _scores(assessments: Iterable[Assessment]) -> list[Decimal]:
    return [assessment.score.total for assessment in assessments if assessment.score.total is not None]
