"""Makes the 看板 over all books of a batch: one offline page that leads to each book's own.

As on a book's own page the Content-Security-Policy allows the page's style by its hash, and nothing else; there is no
script. Names of folders go into it as text alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from sheetcrm.model.branches import BatchSummary, Branch, BranchOutcome, Done
from sheetcrm.privacy import Raw
from sheetcrm.report.board.board import BOARD, STYLE, hash_of, with_line_feeds
from sheetcrm.report.board.board_views import BranchesPage, BranchRow
from sheetcrm.report.pages import filling
from sheetcrm.report.pages.filters import clean

TEMPLATE = "branches.html"


def branches_board(summary: BatchSummary, workbook: str, *, templates: Sequence[Path] = ()) -> bytes:
    """Make the page.

    Args:
        summary: All books.
        workbook: The workbook beside the page that holds the same figures.
        templates: Folders looked into before the templates that ship.

    Returns:
        UTF-8 HTML with line feeds alone; the same bytes each time.

    Raises:
        EngineError: If a template cannot be filled.
    """
    page = _page(summary, workbook)
    with filling.opened(templates) as pages:
        page = replace(page, style_hash=Raw(hash_of(pages.fill(STYLE, page))))
        return with_line_feeds(pages.fill(TEMPLATE, page)).encode()


def _page(summary: BatchSummary, workbook: str) -> BranchesPage:
    rows = sorted(summary.outcomes, key=_urgency)
    return BranchesPage(
        period=summary.period,
        rows=tuple(_row(outcome, summary.tiers) for outcome in rows),
        tiers=summary.tiers,
        totals=tuple(summary.customers_in(tier) for tier in summary.tiers),
        total=_total(summary),
        books=tuple((done.value, count) for done, count in summary.counts.items() if count),
        workbook=quote(workbook),
    )


def _urgency(outcome: BranchOutcome) -> tuple[bool, int, int, str]:
    """Order books by what is to be looked at: those that failed, then by broken promises, then by what is overdue."""
    branch = outcome.branch
    broken, overdue = (len(branch.broken), branch.overdue) if branch else (0, 0)
    return not _is_wrong(outcome), -broken, -overdue, outcome.name


def _is_wrong(outcome: BranchOutcome) -> bool:
    return outcome.done in {Done.NOT, Done.PARTLY}


def _row(outcome: BranchOutcome, tiers: Sequence[str]) -> BranchRow:
    by_tier = dict(outcome.branch.tiers) if outcome.branch else {}
    linked = outcome.branch is not None and BOARD in outcome.files
    return BranchRow(
        name=clean(outcome.name),
        address=quote(f"../{outcome.folder}/{BOARD}", errors="surrogateescape") if linked else "",
        done=outcome.done.value,
        wrong=_is_wrong(outcome),
        reasons=tuple(map(clean, outcome.reasons)),
        branch=outcome.branch,
        tiers=tuple(by_tier.get(tier) for tier in tiers),
    )


def _total(summary: BatchSummary) -> Branch:
    """Add all books up as if they were one."""
    problems: dict[tuple[str, str], int] = {}
    for branch in summary.branches:
        for severity, kind, count in branch.problems:
            problems[severity, kind] = problems.get((severity, kind), 0) + count
    tiers = tuple((tier, summary.customers_in(tier)) for tier in summary.tiers)
    return Branch(
        period=summary.period,
        run_id="",
        policy="",
        tiers=tiers,
        problems=tuple((*key, count) for key, count in sorted(problems.items())),
        customers=summary.total("customers"),
        kept=summary.total("kept"),
        judged=summary.total("judged"),
        promises_kept=summary.total("promises_kept"),
        promises_due=summary.total("promises_due"),
        up=summary.total("up"),
        down=summary.total("down"),
        new=summary.total("new"),
        gone=summary.total("gone"),
        overdue=summary.total("overdue"),
        awaiting_audit=summary.total("awaiting_audit"),
    )
