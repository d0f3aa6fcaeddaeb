"""Lays out a period's documents as HTML: one for each tier, and the execution report (practice §10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from sheetcrm.model import FIGURES, Assessment, Departed, GroupFigures, Period, Standing
from sheetcrm.model.figures import TIERS, group_name
from sheetcrm.model.lists import Shift
from sheetcrm.policy.model import Tier
from sheetcrm.policy.run import Results
from sheetcrm.privacy import gate_of
from sheetcrm.report.pages import charts, filling, naming, rows
from sheetcrm.report.pages.chart_views import Trend
from sheetcrm.report.pages.cover_and_method import cover, method
from sheetcrm.report.pages.list_rows import lists_view, verdict
from sheetcrm.report.pages.views import Cover, ExecutionPage, Method, TierPage, TierView
from sheetcrm.report.press.pool import Job

EXECUTION, PART, REVIEW_SET = "执行报告", "附件", "评审材料"
"""How the execution report, its parts, one a tier, and all of them in one are called; the period goes before."""
WHOLE = "总报告"
"""What the execution report is called among its parts."""


def plan(
    results: Results, *, templates: Sequence[Path] = (), full: bool = False, shared: bool = False
) -> tuple[Job, ...]:
    """Lay out a period's documents: one a tier in the policy's order, then the execution report.

    Rosters longer than the policy's volume_rows are cut into volumes, files of their own
    (`2026-10-附件1-VIP客户-第1册.pdf`). A tier without customers has no document, but in full.

    Args:
        results: What was decided. The book's 设置 and 客户分级服务标准表 are printed; of its problems the first
            of a kind is shown with its address.
        templates: Folders looked into before the templates that ship.
        full: Whether every line of every list is printed; else lists are cut to `report.list_rows`, and a tier's
            report is a part of the execution report, signed with it.
        shared: Whether they are handed out without the review workbook, which they do not refer to then.

    Raises:
        EngineError: If a template cannot be filled.
    """
    policy, book = results.run.policy, results.book
    reports = _Reports(results, replace(_cover(results), shared=shared), method(book, policy), full)
    jobs: list[Job] = []
    parts: list[str] = []
    label = results.run.period.label
    with filling.opened(templates, gate_of(book.customers)) as pages:
        for number, (tier, view) in enumerate(zip(policy.tiers, reports.method.tiers, strict=True), start=1):
            part = f"{PART}{number}"
            printed = [page for page in reports.tier_pages(tier, view) if full or page.group.customers or page.gone]
            parts += [f"{part} {tier.name}"] if printed else []
            jobs += [
                Job(
                    _file_name(f"{label}-{part}-{tier.name}", page.cover),
                    pages.fill("tier.html", replace(page, cover=replace(page.cover, part=part))),
                )
                for page in printed
            ]
        jobs += [
            Job(
                _file_name(f"{label}-{EXECUTION}", page.cover),
                pages.fill("execution.html", replace(page, cover=replace(page.cover, part=WHOLE, parts=tuple(parts)))),
            )
            for page in reports.execution_pages()
        ]
    return tuple(jobs)


def review_set(period: Period, names: Iterable[str]) -> tuple[str, Mapping[str, str]]:
    """Title the one document for the printer, and order what it is made of: the execution report, then its parts.

    Each of `names`, those of `plan` in its order, is given what its pages are counted under: 总报告, 附件1. Pure.
    """
    before, report = f"{period.label}-", f"{period.label}-{EXECUTION}"
    ordered = sorted(names, key=lambda name: not name.startswith(report))
    parts = {name: WHOLE if name.startswith(report) else name.removeprefix(before).split("-")[0] for name in ordered}
    return f"{before}{REVIEW_SET}", parts


def _cover(results: Results) -> Cover:
    departments = (entry.department for entry in results.assessments)
    return cover(results.book.settings, results.run.policy, results.run_id, departments=departments)


def _file_name(stem: str, printed: Cover) -> str:
    return naming.volume(naming.safe(stem), printed.volume, printed.volumes)


@dataclass(frozen=True, slots=True)
class _Reports:
    """The pages of a period's documents, made from its results."""

    results: Results
    cover: Cover
    method: Method
    full: bool

    @property
    def edges(self) -> tuple[Decimal, ...]:
        """The scores at which a tier ends and the next begins."""
        return tuple(tier.floor for tier in self.results.run.policy.tiers if tier.floor)

    @property
    def shifts(self) -> Mapping[str, Shift]:
        """Who rose or fell, the largest effect first."""
        return self.results.lists.shift_of()

    def tier_pages(self, tier: Tier, view: TierView) -> Iterator[TierPage]:
        """Yield a tier's volumes: each holds the roster, movements, alerts and follow-ups of its own customers."""
        figures, sample = self.results.figures, self.results.sample
        assessments, verdicts = self.results.assessments, self.results.lists.conclusions.verdicts
        members = sorted(
            (entry for entry in assessments if entry.grade == tier.name),
            key=lambda entry: (-(entry.score.total or Decimal(0)), entry.customer.customer_id),
        )
        group = next(group for group in figures.tiers if group.name == tier.name)
        gone: list[Assessment | Departed] = [
            *(entry for entry in assessments if entry.previous_grade == tier.name and entry.grade != tier.name),
            *(one for one in figures.departed if one.past.grade == tier.name),
        ]
        weights = [rows.weight(entry, figures, full=self.full) for entry in members] + [rows.MOVE_ROWS] * len(gone)
        parts = rows.cut_volumes([*members, *gone], weights, self.results.run.policy.report.volume_rows)
        first_number = 1
        for volume, mixed in enumerate(parts, start=1):
            first = volume == 1
            present = [entry for entry in mixed if isinstance(entry, Assessment)]
            departed = [entry for entry in mixed if isinstance(entry, Departed)]
            part = [entry for entry in present if entry.grade == tier.name]
            yield TierPage(
                cover=replace(self.cover, volume=volume, volumes=len(parts)),
                figures=figures,
                group=group,
                tier=view,
                verdicts=tuple(verdict(entry) for entry in verdicts if entry.tier == tier.name),
                distribution=charts.distribution(_scores(members), self.edges, group.name) if first else None,
                trend=self._tier_trend(group, first=first),
                roster=tuple(rows.roster_row(entry, number) for number, entry in enumerate(part, start=first_number)),
                arrived=rows.moves(part, self.shifts),
                left=(
                    *rows.moves((entry for entry in present if entry.grade != tier.name), self.shifts),
                    *rows.departures(departed),
                ),
                alerts=rows.alerts(part),
                health=rows.health(part),
                overdue=rows.overdue(part),
                due=rows.due(part, figures),
                sample=rows.sample(sample, members) if first else (),
                sampled=len(sample),
                problems=rows.problems(group.problems, self.results.problems) if first else (),
                gone=len(gone),
                method=self.method,
                tasks=rows.tasks(part, figures),
                reasons=self.results.lists.figure_causes,
                most=self.results.run.policy.report.list_rows,
                full=self.full,
            )
            first_number += len(part)

    def _tier_trend(self, group: GroupFigures, *, first: bool) -> Trend:
        keys = charts.SERVICE_TREND if first else ()
        return charts.trend(self.results.figures, group, group_name(TIERS, group.name), keys)

    def execution_pages(self) -> Iterator[ExecutionPage]:
        """Yield the volumes of the execution report: its lists of names are cut, so that none grows without bound."""
        figures, assessments = self.results.figures, self.results.assessments
        graded = (entry for entry in assessments if entry.standing is Standing.GRADED)
        moves = (*rows.moves(graded, self.shifts), *rows.departures(figures.departed))
        incomplete = rows.ungraded(assessments, figures.incomplete.name)
        unsold = rows.ungraded(assessments, figures.unsold.name)
        most = None if self.full else self.results.run.policy.report.list_rows
        lists = lists_view(self.results, most)
        weeks = rows.weeks(figures.as_of, figures.horizon)
        report = ExecutionPage(
            cover=self.cover,
            figures=figures,
            charts=charts.execution_charts(figures, lists.verdicts, lists.worst),
            distribution=charts.distribution(_scores(assessments), self.edges, "全部等级"),
            trend=charts.trend(
                figures,
                figures.total,
                figures.total.name,
                FIGURES if self.full else charts.REPORT_TREND,
                blank=self.full,
            ),
            moves=(),
            owners=rows.owners(assessments, figures),
            overdue=rows.overdue(assessments),
            weeks=weeks,
            plan=rows.plan(assessments, weeks),
            incomplete=(),
            unsold=(),
            problems=rows.problems(figures.problems, self.results.problems),
            method=self.method,
            lists=lists,
            reasons=self.results.lists.figure_causes,
            most=most,
            full=self.full,
        )
        every = range(len(moves) + len(incomplete) + len(unsold))
        weights = [rows.MOVE_ROWS if row.change else 1 for row in moves] + [1] * (len(incomplete) + len(unsold))
        parts = rows.cut_volumes(every, weights, self.results.run.policy.report.volume_rows)
        for number, part in enumerate(parts, start=1):
            start, end = (part[0], part[-1] + 1) if part else (0, 0)
            yield replace(
                report,
                cover=replace(self.cover, volume=number, volumes=len(parts)),
                charts=report.charts if number == 1 else (),
                distribution=report.distribution if number == 1 else None,
                moves=moves[start:end],
                incomplete=rows.within(incomplete, start, end, after=len(moves)),
                unsold=rows.within(unsold, start, end, after=len(moves) + len(incomplete)),
            )


def _scores(entries: Iterable[Assessment]) -> list[Decimal]:
    return [entry.score.total for entry in entries if entry.score.total is not None]
