"""The packs of one customer, as far as they apply to it.

A letter goes only to a customer who consented to the use of its data (信息授权), and says nothing of
any other customer.
"""

from __future__ import annotations

from dataclasses import dataclass

from sheetcrm.model import Assessment, Standing
from sheetcrm.policy.model import LIGHT
from sheetcrm.report.packs.customers import late_answers
from sheetcrm.report.packs.desk import Desk
from sheetcrm.report.packs.kinds import CARD, GROWTH, IMPROVEMENT, LETTER, RENEWAL, SINGLE
from sheetcrm.report.packs.pack_views import CustomerPage, CustomerView
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.views import TierView
from sheetcrm.report.press.pool import Job

_TEMPLATES = {
    LETTER: "pack_letter.html",
    CARD: "pack_card.html",
    GROWTH: "pack_growth.html",
    RENEWAL: "pack_renewal.html",
    IMPROVEMENT: "pack_improvement.html",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A draft to be written once its letter is printed: the letter's file, and what the mail says."""

    letter: str
    subject: str
    paragraphs: tuple[str, ...]
    contact: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A pack that is not made for a customer, and why."""

    kind: str
    customer_id: str
    why: str


def make(desk: Desk, entry: Assessment) -> tuple[list[Job], list[Mail], list[Skipped]]:
    """Lay out one customer's packs."""
    jobs: list[Job] = []
    mails: list[Mail] = []
    skipped: list[Skipped] = []
    seen: CustomerView | None = None
    late_days = desk.policy.measures.late_response_days
    for kind in SINGLE:
        if kind not in desk.wanted.kinds:
            continue
        why = why_not(desk, kind, entry)
        if why:
            skipped.append(Skipped(kind, clean(entry.customer.customer_id), why))
            continue
        seen = seen or desk.view(entry)
        page = CustomerPage(
            head=desk.head(kind, subject=f"{kind}　{seen.customer_id}"),
            customer=seen,
            tier=desk.tiers.get(entry.tier or ""),
            top=entry.tier == desk.policy.tiers[0].name,
            late=late_answers(seen.requests, as_of=desk.figures.as_of, days=late_days),
            late_days=late_days,
        )
        name = f"{kind}/{desk.stems[entry.customer.customer_id]}.pdf"
        jobs.append(Job(name, desk.pages.fill(_TEMPLATES[kind], page)))
        if kind == LETTER:
            mails.append(_mail(desk, name, seen, page.tier))
    return jobs, mails, skipped


def why_not(desk: Desk, kind: str, entry: Assessment) -> str:
    """Say why a customer gets no pack of a kind; blank where it does. What was asked for by number is made."""
    asked = bool(desk.wanted.customers)
    profile = entry.customer.profile
    ungraded = entry.standing is not Standing.GRADED
    consented = profile is not None and profile.consent is True
    roles = desk.policy.roles
    renewing = any(one.name == roles.relation and one.outcome in roles.renewing for one in entry.classes)
    reasons = {
        LETTER: "没有等级" if ungraded else "" if consented else "没有信息授权",
        CARD: "",
        GROWTH: "没有等级" if ungraded else "",
        RENEWAL: "" if renewing or asked else "不在续约期",
        IMPROVEMENT: "" if entry.risk == LIGHT or asked else f"不是{LIGHT}风险",
    }
    return reasons[kind]


def _mail(desk: Desk, letter: str, seen: CustomerView, tier: TierView | None) -> Mail:
    standard = tier.name if tier else seen.grade
    paragraphs: tuple[str, ...] = (
        f"尊敬的{seen.name}：",
        f"感谢贵方一直以来的信任与支持。自本期起，我们按{standard}的服务标准为贵方服务，内容见附件的告知函。",
        "如对服务有任何意见，请直接回复本邮件，或与您的客户经理联系。",
        desk.cover.unit or "（单位名称）",
    )
    subject = "客户服务等级告知函"
    if seen.awaiting_audit:
        subject = f"【草稿，等级待审核】{subject}"
        paragraphs = ("（草稿：等级待审核，审核签字后删去这一行和标题里的字样方可发出）", *paragraphs)
    contact = f"{seen.phone} {seen.contact}" if desk.wanted.unmasked else ""
    return Mail(letter, subject, paragraphs, contact)
