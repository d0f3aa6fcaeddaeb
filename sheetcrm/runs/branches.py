"""What a batch keeps of a book: the counts of its run."""

from __future__ import annotations

from sheetcrm.model import Movement
from sheetcrm.model.branches import Branch, BrokenPromise
from sheetcrm.model.conclusions import Fulfilment, Verdict
from sheetcrm.report.pages.filters import clean, figure, plain
from sheetcrm.report.pages.list_rows import verdict
from sheetcrm.runs.prepare import Plan
from sheetcrm.text.quantities import format_rate


def branch_of(plan: Plan) -> Branch:
    """Count what a run decided. Pure."""
    figures, lists = plan.figures, plan.lists
    total = figures.total
    groups = (*figures.tiers, *(group for group in (figures.incomplete, figures.unsold) if group.customers))
    judged = [entry for entry in lists.conclusions.verdicts if entry.kept is not Fulfilment.UNKNOWN]
    moved = total.movements
    return Branch(
        period=plan.run.period.label,
        run_id=plan.run_id,
        policy=clean(plan.run.policy.name),
        customers=total.customers,
        tiers=tuple((clean(group.name), group.customers) for group in groups),
        kept=sum(not entry.broken for entry in judged),
        judged=len(judged),
        broken=tuple(_broken(entry) for entry in judged if entry.broken),
        promises_kept=sum(one.kept.n for one in lists.keeping),
        promises_due=sum(one.kept.total for one in lists.keeping),
        up=moved.get(Movement.UP, 0),
        down=moved.get(Movement.DOWN, 0),
        new=moved.get(Movement.NEW, 0),
        gone=len(plan.history.departed),
        overdue=total.overdue,
        awaiting_audit=total.awaiting_audit,
        problems=tuple((*key, count) for key, count in sorted(figures.problems.items())),
    )


def _broken(entry: Verdict) -> BrokenPromise:
    row, least = verdict(entry), entry.least
    share = entry.figure.kind.unit == "share"
    return BrokenPromise(
        tier=row.tier,
        label=entry.figure.kind.label,
        value=figure(entry.figure).replace("-", "−"),
        least=format_rate(least) if share else f"{plain(least)}分",
    )
