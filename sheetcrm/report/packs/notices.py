"""The packs of the whole book for other departments: 结果通报 and 转介绍奖励 (practice §10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetcrm.model import Assessment, Standing
from sheetcrm.privacy import mask_contact
from sheetcrm.report.packs.context import PackContext
from sheetcrm.report.packs.kinds import NOTICE, REFERRALS
from sheetcrm.report.packs.own_figures import first_deal
from sheetcrm.report.packs.pack_views import NoticeGroup, NoticePage, NoticeRow, ReferralPage, ReferralRow
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.press.pool import Job


def notice(context: PackContext) -> Iterator[Job]:
    """Lay out 结果通报: whose tier is signed, for 客服, 售后 and 运营; nobody's amounts and contacts."""
    graded = [entry for entry in context.results.assessments if entry.standing is Standing.GRADED]
    signed = [entry for entry in graded if not entry.awaiting_audit]
    groups = tuple(
        NoticeGroup(tier=tier, moved=tuple(row for row in rows if row.previous), rows=rows)
        for name, tier in context.tiers.items()
        if (rows := tuple(_notice_row(entry) for entry in signed if entry.tier == name))
    )
    if groups:
        page = NoticePage(head=context.head(NOTICE), groups=groups, waiting=len(graded) - len(signed))
        yield Job(f"{NOTICE}.pdf", context.pages.fill("pack_notice.html", page))


def _notice_row(entry: Assessment) -> NoticeRow:
    previous = clean(entry.previous_grade)
    return NoticeRow(
        customer_id=clean(entry.customer.customer_id),
        name=clean(entry.customer.name),
        previous="" if previous == entry.grade else previous or "新",
        owner=clean(entry.owner),
    )


def referrals(context: PackContext) -> Iterator[Job]:
    """Lay out 转介绍奖励: whose referral bought for the first time, in the period and in the year up to it."""
    run = context.results.run
    found = sorted(_referred(context), key=lambda row: (row.bought, row.customer_id))
    rows = tuple(row for row in found if run.period.start <= row.bought <= run.last_day)
    earlier = tuple(row for row in found if run.year_start < row.bought < run.period.start)
    if rows or earlier:
        page = ReferralPage(head=context.head(REFERRALS), rows=rows, earlier=earlier)
        yield Job(f"{REFERRALS}.pdf", context.pages.fill("pack_referrals.html", page))


def _referred(context: PackContext) -> Iterator[ReferralRow]:
    known = _by_number_or_name(context)
    for entry in context.results.assessments:
        profile, bought = entry.customer.profile, first_deal(entry.customer)
        if profile is None or not profile.referrer or bought is None or entry.standing is Standing.UNSOLD:
            continue
        by = known.get(profile.referrer)
        yield ReferralRow(
            referrer_id=clean(by.customer.customer_id) if by else "",
            referrer=clean(by.customer.name) if by else mask_contact(clean(profile.referrer)),
            customer_id=clean(entry.customer.customer_id),
            name=clean(entry.customer.name),
            bought=bought,
            owner=clean(entry.owner),
        )


def _by_number_or_name(context: PackContext) -> Mapping[str, Assessment]:
    entries = context.results.assessments
    return {entry.customer.name: entry for entry in entries} | {entry.customer.customer_id: entry for entry in entries}
