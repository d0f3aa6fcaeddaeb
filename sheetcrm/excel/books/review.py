"""Makes 评审包.xlsx: all that a period's review needs, in one workbook to filter, tick and sign (practice §10).

No contact of a customer is in it, and text is always written as text: never as a formula, a link or a
number. The same values give the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sheetcrm.excel.books import review_lists as lists
from sheetcrm.excel.books import review_overview as overview
from sheetcrm.excel.books.review_figures import write_figures
from sheetcrm.excel.books.review_period import write_period
from sheetcrm.excel.books.review_scores import write_scores
from sheetcrm.excel.books.review_table import Review
from sheetcrm.excel.books.theme import Page, new_book
from sheetcrm.policy.run import Results
from sheetcrm.text.printable import one_line

REVIEW = "评审包.xlsx"


def review_book(results: Results, *, workbooks: Collection[str]) -> bytes:
    """Write the review workbook.

    Args:
        results: What was decided; unit and secrecy are those of the book's 设置.
        workbooks: The written-back workbooks beside the pack (`../workbooks/…`): only these are linked to.

    Returns:
        The workbook's bytes.
    """
    policy, settings = results.run.policy, results.book.settings
    assessments, figures, sample, problems = results.assessments, results.figures, results.sample, results.problems
    linked = frozenset(workbooks)
    secrecy = _joined(row.secrecy for row in settings) or policy.report.secrecy
    names = (_joined(row.unit for row in settings), _joined(row.department for row in settings))
    unit = "　".join(name for name in names if name)
    with new_book("客户分级评审包") as (workbook, data):
        first = workbook.add_worksheet(overview.TITLE)
        page = Page(workbook, first, policy)
        review = Review(page, when=figures.period.label, run_id=results.run_id, secrecy=secrecy)
        groups = lists.group(assessments)
        sheets = {tier.name: lists.write_tier(review, tier, groups.get(tier.name, [])) for tier in policy.tiers}
        ungraded = (figures.incomplete.name, figures.unsold.name)
        title = lists.write_ungraded(review, [member for name in ungraded for member in groups.get(name, [])])
        sheets |= dict.fromkeys(ungraded, title)
        counts = {
            write_figures(review, figures): f"{len(figures.total.figures)} 项",
            lists.write_moves(review, assessments, figures.departed): (
                f"{sum(map(lists.moved, assessments)) + len(figures.departed)} 位"
            ),
            lists.write_alerts(review, assessments): f"{sum(len(assessment.alerts) for assessment in assessments)} 条",
            lists.write_due(review, assessments, figures): f"{figures.total.overdue + figures.total.due} 项",
            **write_period(review, results.lists, figures, assessments),
            lists.write_sample(review, sample, assessments, figures, workbooks=linked): f"{len(sample)} 条",
            write_scores(review, assessments): f"{len(assessments)} 位",
            lists.write_problems(review, problems, workbooks=linked): f"{len(problems)} 处",
        }
        overview.write_overview(review, first, figures, unit=unit, sheets=sheets, counts=counts)
        first.activate()
    return data.getvalue()


def _joined(texts: Iterable[str | None]) -> str:
    return "、".join(dict.fromkeys(one_line(text) for text in texts if text))
