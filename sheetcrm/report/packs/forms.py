"""The forms of meetings that the calendar asks for: 客户需求洞察会 and 体系健康度审计 (practice §10).

Each is one page, filled in with the period's figures as far as they go; the rest is for pens. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from sheetcrm.model import Figure, Severity
from sheetcrm.model.figures import GroupFigures
from sheetcrm.model.records import DROPPED, WON
from sheetcrm.policy.model import Commitment
from sheetcrm.policy.run import Results, Run
from sheetcrm.report.packs.context import PackContext
from sheetcrm.report.packs.customers import Masker
from sheetcrm.report.packs.kinds import AUDIT, FORMS, INSIGHT
from sheetcrm.report.packs.pack_views import AuditPage, AuditRow, InsightPage, NeedCount
from sheetcrm.report.pages import filters
from sheetcrm.report.pages.rows import prose
from sheetcrm.report.press.pool import Job
from sheetcrm.text.quantities import format_rate

_MOST = 6
_UNNAMED = "未填类型"


def forms_due(run: Run) -> frozenset[str]:
    """Return the forms that the policy's routines ask for in the last month of the period."""
    return frozenset(
        routine.name
        for routine in run.policy.routines
        if routine.name in FORMS and not routine.day and (run.period.end.month - routine.month) % routine.months == 0
    )


def insight(context: PackContext) -> Job:
    """Lay out the form of a quarter's 客户需求洞察会."""
    results = context.results
    total, since = results.figures.total, _since(results.run)
    page = InsightPage(
        head=context.head(INSIGHT),
        since=since,
        needs=tuple(_needs(results, since)),
        themes=_themes(results, since),
        lost=_first(total.lost_reasons),
        signals=tuple(_signals(results))[:_MOST],
        satisfied=tuple(
            (group.name, group.figures["satisfaction"]) for group in (*results.figures.tiers, total) if group.customers
        ),
    )
    return Job(f"{INSIGHT}.pdf", context.pages.fill("pack_insight.html", page))


def _themes(results: Results, since: date) -> tuple[tuple[str, int], ...]:
    """Count the requests since a day by 问题类别, the most frequent first; names in it are masked."""
    found: Counter[str] = Counter()
    for entry in results.assessments:
        masker = Masker(entry, unmasked=False)
        for request in entry.customer.services:
            if request.category and since <= request.requested_at.date() <= results.run.as_of:
                found[masker.prose(request.category)] += 1
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0]))[:_MOST])


def _first(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((prose(text), number) for text, number in list(counts.items())[:_MOST])


def _since(run: Run) -> date:
    """Return the first day of the quarter, or of a period that began before it."""
    as_of = run.as_of
    return min(run.period.start, date(as_of.year, (as_of.month - 1) // 3 * 3 + 1, 1))


def _needs(results: Results, since: date) -> Iterator[NeedCount]:
    """Count the needs that were raised since a day, by 需求类型, the most frequent first."""
    raised = [
        need
        for entry in results.assessments
        for need in entry.customer.needs
        if since <= need.raised_on <= results.run.as_of
    ]
    kinds = Counter(need.need_type or _UNNAMED for need in raised)
    for kind, number in sorted(kinds.items(), key=lambda entry: (-entry[1], entry[0])):
        statuses = Counter(need.status for need in raised if (need.need_type or _UNNAMED) == kind)
        won, dropped = statuses[WON], statuses[DROPPED]
        yield NeedCount(kind=filters.clean(kind), raised=number, won=won, dropped=dropped)


def _signals(results: Results) -> Iterator[tuple[str, int]]:
    """Count the customers whose records hold a signal, by signal, the most frequent first."""
    found = Counter(signal for entry in results.assessments for signal in entry.measures.signals)
    yield from sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))


def audit(context: PackContext) -> Job:
    """Lay out the form of a year's 体系健康度审计."""
    rows = (*_grading(context.results), *_figures(context.results), *_order(context.results))
    page = AuditPage(head=context.head(AUDIT), rows=rows)
    return Job(f"{AUDIT}.pdf", context.pages.fill("pack_audit.html", page))


def _grading(results: Results) -> Iterator[AuditRow]:
    total = results.figures.total
    for group in results.figures.tiers:
        if group.reference_share is not None:
            share = group.figures["share"]
            yield _row("分级", f"{group.name}占比", f"参考 {format_rate(group.reference_share)}", share)
    yield AuditRow("分级", "等级待审核", "0 家", f"{total.awaiting_audit} 家", met=not total.awaiting_audit)
    yield AuditRow("分级", "人工调整", "有理由、有审核、未到期", f"{total.overridden} 家")


def _figures(results: Results) -> Iterator[AuditRow]:
    """Yield what tiers were promised, then the targets; one that is both stands once."""
    by_label = {figure.kind.label: figure for figure in results.figures.total.figures.values()}
    promised: dict[str, Commitment] = {promise.figure: promise for promise in results.run.policy.promises}
    for label, promise in promised.items():
        stated = by_label[label]
        met = None if stated.value is None else stated.value >= promise.least
        points = stated.kind.unit == "points"
        least = f"≥{filters.plain(promise.least) if points else format_rate(promise.least)}"
        yield _row("服务", label, least, stated, met=met)
    for label, stated in by_label.items():
        if stated.goal is not None and label not in promised:
            yield _row("关系", label, filters.goal(stated.goal, stated.kind), stated, met=stated.met)


def _order(results: Results) -> Iterator[AuditRow]:
    total: GroupFigures = results.figures.total
    errors = sum(count for (level, _kind), count in results.figures.problems.items() if level == Severity.ERROR.value)
    profiles = [entry.customer.profile for entry in results.assessments if entry.customer.profile]
    agreed = sum(profile.consent is True for profile in profiles)
    late = f"{total.overdue} 项（{total.overdue_customers} 家）"
    yield AuditRow("跟进", "逾期未做", "0 项", late, met=not total.overdue)
    yield AuditRow("数据", "资料错误", "0 处", f"{errors} 处", met=not errors)
    yield AuditRow("数据", "信息授权", "应取尽取", f"{agreed}/{len(profiles)} 家")
    yield AuditRow("安全", "权限与共享登记", "逐条核对", "")
    yield AuditRow("安全", "备份与恢复", "每月一次，恢复成功", "")


def _row(area: str, item: str, standard: str, stated: Figure, *, met: bool | None = None) -> AuditRow:
    write = filters.FILTERS["figure"]
    counts = filters.basis(stated)
    before = "" if stated.previous is None else str(filters.FILTERS["measured"](stated.previous, stated.kind))
    return AuditRow(area, item, standard, f"{write(stated)}{f'（{counts}）' if counts else ''}", before, met=met)
