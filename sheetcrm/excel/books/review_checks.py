"""Writes what is to be checked: 抽查清单 and 数据问题."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sheetcrm.excel.books.review_columns import (
    AMBER,
    GREY,
    ID,
    NAME,
    RED,
    customer_cells,
    remark,
)
from sheetcrm.excel.books.review_list import write_list
from sheetcrm.excel.books.review_table import (
    ListColumn,
    ListSheet,
    Look,
    Review,
    Value,
    prose,
    source_link,
)
from sheetcrm.model import Assessment, Figures, Problem, ServiceRequest, Severity
from sheetcrm.model.review import VERDICTS
from sheetcrm.problems import title_of
from sheetcrm.text.printable import one_line

CHECKS = ("☑", "☒", "□")
TREATMENTS = ("已改正", "确认无误", "待处理")
_SEVERITIES = {Severity.ERROR.value: RED, Severity.WARNING.value: AMBER, Severity.NOTE.value: GREY}


def write_sample(
    review: Review,
    sample: Sequence[ServiceRequest],
    assessments: Iterable[Assessment],
    figures: Figures,
    *,
    workbooks: Collection[str],
) -> str:
    """List the sampled service records with boxes to tick; return the sheet's name."""
    columns = (
        ListColumn(title="序", look=Look.COUNT, width=5, centred=True),
        ID,
        NAME,
        ListColumn(title="等级", width=10, most=14),
        ListColumn(title="请求时间", look=Look.TIME, width=17),
        ListColumn(title="首次响应", look=Look.TIME, width=17),
        ListColumn(title="解决时间", look=Look.TIME, width=17),
        ListColumn(title="满意度", look=Look.NUMBER, width=7),
        ListColumn(title="问题类别", look=Look.PROSE, width=11, most=22),
        ListColumn(title="原始记录", width=14, most=24),
        ListColumn(title="响应属实", width=9, choices=CHECKS, fill_in=True),
        ListColumn(title="解决属实", width=9, choices=CHECKS, fill_in=True),
        ListColumn(title="回访一致", width=9, choices=CHECKS, fill_in=True),
        ListColumn(title="结论", width=9, choices=VERDICTS, fill_in=True),
        ListColumn(title="核查人", width=9, fill_in=True),
        remark(),
    )
    by_id = {assessment.customer.customer_id: assessment for assessment in assessments}
    rows = [
        _sample_row(number, request, by_id[request.customer_id], workbooks)
        for number, request in enumerate(sample, start=1)
    ]
    share, requests = f"{review.policy.report.sample_share:.0%}", figures.total.service.requests
    note = (
        f"从本期 {requests} 条服务记录中按期间抽取 {share}，共 {len(rows)} 条；同一期间重抽结果相同。"
        f"{CHECKS[0]}＝属实，{CHECKS[1]}＝不属实。"
    )
    return write_list(review, ListSheet("抽查清单", note, columns, fixed=3, empty="本期没有服务记录。"), rows)


def _sample_row(
    number: int, request: ServiceRequest, assessment: Assessment, workbooks: Collection[str]
) -> tuple[Value, ...]:
    return (
        number,
        *customer_cells(assessment),
        assessment.grade,
        request.requested_at,
        request.responded_at,
        request.resolved_at,
        request.satisfaction,
        prose(request.category),
        source_link(request.ref(), workbooks),
        *(CHECKS[-1],) * 3,
        None,
        None,
        None,
    )


def write_problems(review: Review, problems: Sequence[Problem], *, workbooks: Collection[str]) -> str:
    """List every problem of the data with a link to its cell; return the sheet's name."""
    columns = (
        ListColumn(title="级别", width=7, centred=True, colours=_SEVERITIES),
        ListColumn(title="工作簿", look=Look.PROSE, width=16, most=28),
        ListColumn(title="位置", width=14, most=30),
        ListColumn(title="问题", look=Look.PROSE, width=36, most=60),
        ListColumn(title="怎么改", look=Look.PROSE, width=30, most=56),
        ListColumn(title="种类", width=16, most=26),
        ListColumn(title="处理", width=10, choices=TREATMENTS, fill_in=True),
        remark(),
    )
    order = list(Severity)
    rows: list[tuple[Value, ...]] = [
        (
            problem.severity.value,
            one_line(problem.ref.file),
            source_link(problem.ref, workbooks),
            prose(problem.what),
            prose(problem.fix),
            title_of(problem.kind),
            None,
            None,
        )
        for problem in sorted(
            problems, key=lambda problem: (order.index(problem.severity), problem.ref, problem.kind, problem.what)
        )
    ]
    note = f"共 {len(rows)} 处，错误在前，不随评审包打印。点位置打开 workbooks 里的副本；要改请改原工作簿，再运行一次。"
    return write_list(
        review, ListSheet("数据问题", note, columns, fixed=3, empty="没有发现问题。", printed=False), rows
    )
