"""Makes 评审包.xlsx: all that a period's review needs, in one workbook to filter, tick and sign (practice §10).

No contact of a customer is in it, and text is always written as text: never as a formula, a link or a
number. The same values give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from xlsxwriter import Workbook

from sheetcrm.excel.books import review_audit as audit
from sheetcrm.excel.books import review_overview as overview
from sheetcrm.excel.books.review_checks import write_problems, write_sample
from sheetcrm.excel.books.review_figures import write_figures
from sheetcrm.excel.books.review_follow_ups import write_alerts, write_due
from sheetcrm.excel.books.review_moves import listed_moves, moved, write_moves
from sheetcrm.excel.books.review_owners import write_owners
from sheetcrm.excel.books.review_period import write_period
from sheetcrm.excel.books.review_scores import write_scores
from sheetcrm.excel.books.review_table import Review, sheet_class
from sheetcrm.excel.books.review_tiers import group, write_red, write_tier, write_ungraded
from sheetcrm.excel.books.theme import Page, new_book
from sheetcrm.model import Assessment, Figures, Severity
from sheetcrm.model.review import AGENDA, AUDIT, OVERVIEW, REVIEW_FILE, REVIEW_TITLE
from sheetcrm.policy.run import Results
from sheetcrm.privacy import Gate, gate_of
from sheetcrm.processes import scratch
from sheetcrm.text.printable import one_line

REVIEW = REVIEW_FILE
RED = "红"


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
    secrecy = _joined(row.secrecy for row in settings) or policy.report.secrecy
    names = (_joined(row.unit for row in settings), _joined(row.department for row in settings))
    unit = "　".join(name for name in names if name)
    gate = gate_of(results.book.customers or [entry.customer for entry in assessments])
    bounded = len(assessments) > policy.report.meeting_customers
    with _opened(gate, bounded=bounded) as (workbook, data):
        page = Page(workbook, workbook.add_worksheet(AUDIT, worksheet_class=sheet_class(gate, bounded=bounded)), policy)
        review = Review(
            page,
            when=figures.period.label,
            run_id=results.run_id,
            secrecy=secrecy,
            filled=results.review,
            bounded=bounded,
            gate=gate,
        )
        agenda, first = review.add_sheet(AGENDA), review.add_sheet(OVERVIEW)
        sheets = _write_customers(review, assessments, figures)
        signed = audit.audited(assessments, results.review)
        moves = listed_moves(review, assessments)
        counts = {audit.write_audit(review, page.sheet, signed): f"{len(signed)} 家"}
        counts |= _write_red(review, assessments)
        owners = write_owners(review, assessments, figures)
        counts |= {
            owners.name: "每人一行",
            write_figures(review, figures): f"{len(figures.total.figures)} 项",
            write_moves(
                review,
                moves,
                figures.departed,
                results.lists.shift_of(),
                new=sum(map(moved, assessments)) - len(moves),
            ): (f"{len(moves) + len(figures.departed)} 家"),
            write_alerts(review, assessments): f"{sum(len(assessment.alerts) for assessment in assessments)} 条",
            write_due(
                review, assessments, figures
            ): f"{figures.total.overdue + (0 if bounded else figures.total.due)} 项",
            **write_period(review, results.lists, figures, assessments),
            write_sample(review, sample, assessments, figures, workbooks=workbooks): f"{len(sample)} 条",
        }
        items = _agenda(results, len(signed), len(sample))
        counts |= {audit.write_agenda(review, agenda, items): f"{len(items)} 项"}
        last = {} if bounded else {write_scores(review, assessments): f"{len(assessments)} 家"}
        last |= {write_problems(review, problems, workbooks=workbooks): f"{len(problems)} 处"}
        overview.write_overview(review, first, figures, unit=unit, sheets=sheets, counts=counts | last, owners=owners)
        audit.write_unplaced(review)
        page.sheet.activate()
    return data.getvalue()


@contextmanager
def _opened(gate: Gate, *, bounded: bool) -> Iterator[tuple[Workbook, io.BytesIO]]:
    """Open the workbook; a bounded one is put together in a folder that only this user reads."""
    with ExitStack() as opened:
        folder = opened.enter_context(scratch.opened()) if bounded else None
        yield opened.enter_context(new_book(REVIEW_TITLE, gate, folder=folder))


def _write_customers(review: Review, assessments: Sequence[Assessment], figures: Figures) -> Mapping[str, str]:
    """List every customer by its grade; return the sheets' names by grade. A bounded workbook lists no tier."""
    groups = group(assessments)
    tiers = () if review.bounded else review.policy.tiers
    sheets = {tier.name: write_tier(review, tier, groups.get(tier.name, [])) for tier in tiers}
    ungraded = (figures.incomplete.name, figures.unsold.name)
    title = write_ungraded(review, [member for name in ungraded for member in groups.get(name, [])])
    return sheets | dict.fromkeys(ungraded, title)


def _write_red(review: Review, assessments: Sequence[Assessment]) -> Mapping[str, str]:
    """List whose health is red, where no list of its tier tells; return the sheet's name and how many they are."""
    if not review.bounded:
        return {}
    red = [assessment for assessment in assessments if assessment.health.colour == RED]
    return {write_red(review, red): f"{len(red)} 家"}


def _agenda(results: Results, signed: int, sample: int) -> Sequence[tuple[str, int, str, str]]:
    """List what the meeting goes through: what holds nothing is left out, but for the tiers to sign."""
    figures, named, total = results.figures, results.lists, results.figures.total
    red = sum(entry.health.colour == RED for entry in results.assessments)
    errors = sum(entry.severity is Severity.ERROR for entry in results.problems)
    items = (
        (
            "等级变动",
            sum(map(moved, results.assessments)) + len(figures.departed),
            "升降是否属实，客户怎么告知",
            "变动",
        ),
        ("人工调整", total.overridden, "理由和有效期是否还成立", OVERVIEW),
        ("健康度红的客户", red, "由谁、用什么措施挽回", "预警"),
        ("违约清单", len(named.breaches), "原因、整改责任人和期限", "违约清单"),
        ("逾期跟进", total.overdue, "补做、改期还是取消", "跟进计划"),
        ("下月预警", len(named.fallers) + len(named.risers), "先保谁、先争取谁", "下月预警"),
        ("分类复核提醒", len(named.reminders), "下期重评的资料由谁备齐", "分类复核提醒"),
        ("服务记录抽查", sample, "不属实的怎么处理", "抽查清单"),
        ("资料里的错误", errors, "由谁在哪天前改好", "数据问题"),
    )
    return (("等级审核", signed, "逐户同意或退回", AUDIT), *(item for item in items if item[1]))


def _joined(texts: Iterable[str | None]) -> str:
    return "、".join(dict.fromkeys(one_line(text) for text in texts if text))
