"""Writes the review workbook's lists of the period, whole: reminders, outlook, breaches, sources (practice §10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sheetcrm.excel.books.review_columns import GREEN, ID, NAME, OWNER, RED, STATES, customer_cells, remark
from sheetcrm.excel.books.review_list import write_list
from sheetcrm.excel.books.review_table import ListColumn, ListSheet, Look, Review, Value, prose
from sheetcrm.model import Assessment, Figures
from sheetcrm.model.lists import PROMISES, UNNAMED, FunnelRow, Lists, Outlook
from sheetcrm.privacy import mask_contact
from sheetcrm.text.printable import one_line

_FALLS, _RISES = "可能降级", "一单可升"
_GRADE = ListColumn(title="等级", width=10, most=14)
_DONE = (
    ListColumn(title="处理", width=9, choices=STATES, fill_in=True),
    remark(),
)


def write_period(
    review: Review, lists: Lists, figures: Figures, assessments: Iterable[Assessment]
) -> Mapping[str, str]:
    """List everything on sheets of their own; return how much stands on each, by the sheet's name.

    Lists of sources that the book does not tell are left out.
    """
    counts = {
        _write_reminders(review, lists, figures): f"{len(lists.reminders)} 家",
        _write_outlook(review, lists, figures): f"{len(lists.fallers) + len(lists.risers)} 家",
        _write_breaches(review, lists): f"{len(lists.breaches)} 项",
        _write_keeping(review, lists): f"{len(lists.keeping)} 人",
    }
    if lists.routines:
        counts[_write_routines(review, lists)] = f"{len(lists.routines)} 项"
    if lists.segments:
        counts[_write_segments(review, lists)] = f"{len(lists.segments)} 格"
    if lists.by_informant or lists.by_referrer:
        names = {entry.customer.customer_id: entry.customer.name for entry in assessments}
        counts[_write_funnel(review, lists, names)] = f"{len(lists.by_informant) + len(lists.by_referrer)} 行"
    if lists.by_theme:
        counts[_write_themes(review, lists)] = f"{len(lists.by_theme)} 类"
    if lists.corrections:
        counts[_write_corrections(review, lists)] = f"{len(lists.corrections)} 件"
    return counts


def _write_reminders(review: Review, lists: Lists, figures: Figures) -> str:
    columns = (ListColumn(title="重评日期", look=Look.DATE, width=12), ID, NAME, _GRADE, OWNER, *_DONE)
    rows = [
        (row.due, *customer_cells(row.assessment), row.assessment.grade, one_line(row.assessment.owner), None, None)
        for row in lists.reminders
    ]
    note = f"{figures.horizon} 前到重评日期的客户，共 {len(rows)} 家；本期已重评的不在其中。"
    return write_list(review, ListSheet("分类复核提醒", note, columns, fixed=3, empty="没有到重评日期的客户。"), rows)


def _write_routines(review: Review, lists: Lists) -> str:
    columns = (
        ListColumn(title="日期", look=Look.DATE, width=12),
        ListColumn(title="事项", width=14, most=24),
        ListColumn(title="责任人", width=10, most=16),
        ListColumn(title="客户数", look=Look.COUNT, width=8),
        ListColumn(title="内容", look=Look.PROSE, width=30, most=60),
        *_DONE,
    )
    rows = [
        (row.due, one_line(row.name), one_line(row.owner), row.customers, prose(row.content), None, None)
        for row in lists.routines
    ]
    note = f"按日历要做的事，共 {len(rows)} 项；在策略的例行事项里改。"
    return write_list(review, ListSheet("例行事项", note, columns, empty="没有例行事项。"), rows)


def _write_outlook(review: Review, lists: Lists, figures: Figures) -> str:
    tiers = {tier.name: tier.colour for tier in review.policy.tiers}
    columns = (
        ListColumn(title="预警", width=9, centred=True, colours={_FALLS: RED, _RISES: GREEN}),
        ID,
        NAME,
        OWNER,
        ListColumn(title="本期等级", width=11, most=14, colours=tiers),
        ListColumn(title="届时等级", width=11, most=14, colours=tiers),
        ListColumn(title="总分", look=Look.SCORE, width=8),
        ListColumn(title="届时总分", look=Look.SCORE, width=8),
        ListColumn(title="所需金额（元）", look=Look.MONEY, width=12),
        *_DONE,
    )
    rows = [
        *(_outlook_row(_FALLS, row) for row in lists.fallers),
        *(_outlook_row(_RISES, row) for row in lists.risers),
    ]
    note = (
        f"{_FALLS}＝到 {figures.horizon} 不再下单；{_RISES}＝今天再下一单，金额不超过以往最大的一单。"
        if lists.foreseen
        else "等级按名额定，要看全体排名，不作预警。"
    )
    return write_list(review, ListSheet("下月预警", note, columns, fixed=3, empty="没有下月预警。"), rows)


def _outlook_row(word: str, row: Outlook) -> tuple[Value, ...]:
    entry = row.assessment
    amount: Value = "任一单" if row.amount == 0 else row.amount
    figures = (entry.score.total, row.score, amount)
    return (word, *customer_cells(entry), one_line(entry.owner), entry.grade, row.tier, *figures, None, None)


def _write_breaches(review: Review, lists: Lists) -> str:
    columns = (
        ListColumn(title="承诺", width=10, most=12),
        ListColumn(title="日期", look=Look.DATE, width=12),
        ID,
        NAME,
        _GRADE,
        ListColumn(title="差多少", look=Look.PROSE, width=26, most=50),
        OWNER,
        ListColumn(title="经办人", width=9, most=14),
        ListColumn(title="原因", width=16, fill_in=True),
        *_DONE,
    )
    rows = [
        (
            row.promise,
            row.day,
            *customer_cells(row.assessment),
            one_line(row.grade),
            prose(row.detail),
            one_line(row.owner),
            one_line(row.person),
            None,
            None,
            None,
        )
        for row in lists.breaches
    ]
    note = f"本期没有兑现的服务承诺，对照当时的等级，共 {len(rows)} 项；下一步计划过了一个工作日才算逾期。"
    return write_list(review, ListSheet("违约清单", note, columns, fixed=4, empty="本期没有违约。"), rows)


def _write_keeping(review: Review, lists: Lists) -> str:
    columns = (
        OWNER,
        ListColumn(title="到期承诺", look=Look.COUNT, width=9),
        ListColumn(title="已兑现", look=Look.COUNT, width=8),
        ListColumn(title="承诺兑现率", look=Look.SHARE, width=10),
        *(ListColumn(title=f"{word}违约", look=Look.COUNT, width=10, late=True) for word in PROMISES),
    )
    rows = [
        (
            one_line(one.owner),
            one.kept.total,
            one.kept.n,
            one.kept.value,
            *(one.breaches.get(word) or None for word in PROMISES),
        )
        for one in lists.keeping
    ]
    note = "下一步计划：兑现 ÷ 本期到期。右边是违约清单各项的件数。"
    return write_list(review, ListSheet("承诺兑现率", note, columns, fixed=1, empty="本期没有到期的承诺。"), rows)


def _write_segments(review: Review, lists: Lists) -> str:
    columns = (
        ListColumn(title="价值", width=12, most=20),
        ListColumn(title="合作阶段", width=12, most=20),
        ListColumn(title="客户数", look=Look.COUNT, width=8, bar="9DC3E6"),
        ListColumn(title="近12个月消费（元）", look=Look.MONEY, width=14),
        ListColumn(title="有金额的客户", look=Look.COUNT, width=9),
        ListColumn(title="期初客户", look=Look.COUNT, width=9),
        ListColumn(title="期末未流失", look=Look.COUNT, width=9),
        ListColumn(title="留存率", look=Look.SHARE, width=9),
    )
    rows = [
        (
            row.value,
            row.stage,
            row.customers,
            row.spend.sum if row.spend.n else None,
            row.spend.n,
            row.retention.total or None,
            row.retention.n if row.retention.total else None,
            row.retention.value,
        )
        for row in lists.segments
    ]
    note = "客户数和消费按现在的分类；留存率是期初在该格的客户中期末未流失的。"
    return write_list(review, ListSheet("价值与合作阶段", note, columns, empty="没有客户。"), rows)


def _write_funnel(review: Review, lists: Lists, names: Mapping[str, str]) -> str:
    columns = (
        ListColumn(title="按", width=10),
        ListColumn(title="来源", width=18, most=36),
        ListColumn(title="潜在", look=Look.COUNT, width=8),
        ListColumn(title="开发中", look=Look.COUNT, width=8),
        ListColumn(title="新", look=Look.COUNT, width=8),
        ListColumn(title="合计", look=Look.COUNT, width=8),
    )
    channels = frozenset((*review.policy.report.source_channels, UNNAMED))

    def counts(row: FunnelRow) -> tuple[Value, ...]:
        return row.waiting, row.developing, row.new, row.total

    rows: list[tuple[Value, ...]] = [
        ("信息来源人", row.name if row.name in channels else mask_contact(one_line(row.name)), *counts(row))
        for row in lists.by_informant
    ]
    rows += [
        ("推荐人", prose(f"{row.name} {names[row.name]}" if row.name in names else row.name), *counts(row))
        for row in lists.by_referrer
    ]
    note = "潜在＝还没有成交；开发中＝还没有成交，已在联系；新＝新客户。名称按隐私规则遮住。"
    return write_list(review, ListSheet("获客漏斗", note, columns, empty="没有来源。"), rows)


def _write_themes(review: Review, lists: Lists) -> str:
    columns = (
        ListColumn(title="问题类别", width=16, most=30),
        ListColumn(title="请求", look=Look.COUNT, width=8),
        ListColumn(title="有评分", look=Look.COUNT, width=8),
        ListColumn(title="满意度", look=Look.SCORE, width=9),
    )
    rows = [(one_line(theme), mean.total, mean.n, mean.value) for theme, mean in lists.by_theme]
    note = "本期服务请求的 CSAT，按问题类别。"
    return write_list(review, ListSheet("类别满意度", note, columns, fixed=1, empty="没有评分。"), rows)


def _write_corrections(review: Review, lists: Lists) -> str:
    columns = (
        ListColumn(title="整改期限", look=Look.DATE, width=12),
        ListColumn(title="逾期天数", look=Look.COUNT, width=9, late=True),
        ID,
        NAME,
        ListColumn(title="请求日期", look=Look.DATE, width=12),
        ListColumn(title="问题类别", width=12, most=22),
        ListColumn(title="原因", look=Look.PROSE, width=22, most=44),
        ListColumn(title="责任部门", width=12, most=20),
        OWNER,
        *_DONE,
    )
    rows = [
        (
            row.due,
            row.days,
            *customer_cells(row.assessment),
            row.requested_on,
            one_line(row.category),
            prose(row.cause),
            one_line(row.department),
            one_line(row.owner),
            None,
            None,
        )
        for row in lists.corrections
    ]
    note = "整改期限已过、服务记录里没有整改完成日期（没有这一列的，没有解决）的请求，最早的在前。"
    return write_list(review, ListSheet("整改逾期", note, columns, fixed=4, empty="没有整改逾期。"), rows)
