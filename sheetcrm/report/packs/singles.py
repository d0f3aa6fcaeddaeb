"""Lays out the packs of one customer, as far as they apply to it.

A letter goes only to a customer who consented to the use of its data (信息授权), and says nothing of
any other customer.
"""

from __future__ import annotations

from dataclasses import dataclass

from sheetcrm.model import Assessment, Standing
from sheetcrm.policy.model import LIGHT
from sheetcrm.report.packs.context import PackContext
from sheetcrm.report.packs.customers import late_answers
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
    """A draft to be written once its letter is printed: the letter's file, and the text of the mail."""

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


def make(context: PackContext, assessment: Assessment) -> tuple[list[Job], list[Mail], list[Skipped]]:
    """Lay out one customer's packs."""
    jobs: list[Job] = []
    mails: list[Mail] = []
    skipped: list[Skipped] = []
    customer: CustomerView | None = None
    run = context.results.run
    late_days = run.policy.measures.late_response_days
    for kind in SINGLE:
        if kind not in context.wanted.kinds:
            continue
        why = why_not(context, kind, assessment)
        if why:
            skipped.append(Skipped(kind, clean(assessment.customer.customer_id), why))
            continue
        customer = customer or context.view(assessment)
        page = CustomerPage(
            head=context.head(kind, subject=f"{kind}　{customer.customer_id}"),
            customer=customer,
            tier=context.tiers.get(assessment.tier or ""),
            top=assessment.tier == run.policy.tiers[0].name,
            late=late_answers(customer.requests, as_of=run.as_of, days=late_days),
            late_days=late_days,
        )
        name = f"{kind}/{context.stems[assessment.customer.customer_id]}.pdf"
        jobs.append(Job(name, context.pages.fill(_TEMPLATES[kind], page)))
        if kind == LETTER:
            mails.append(_mail(context, name, customer, page.tier))
    return jobs, mails, skipped


def why_not(context: PackContext, kind: str, assessment: Assessment) -> str:
    """Explain why a customer gets no pack of a kind; blank where it does. Packs asked for by number are made."""
    asked = bool(context.wanted.customers)
    profile = assessment.customer.profile
    ungraded = assessment.standing is not Standing.GRADED
    consented = profile is not None and profile.consent is True
    roles = context.results.run.policy.roles
    ends = assessment.measures.contract_days_left is not None
    renewing = ends and any(one.name == roles.relation and one.outcome in roles.renewing for one in assessment.classes)
    reasons = {
        LETTER: "没有等级" if ungraded else "" if consented else "没有信息授权",
        CARD: "",
        GROWTH: "没有等级" if ungraded else "",
        RENEWAL: "" if renewing or asked else "不在续约期",
        IMPROVEMENT: "" if assessment.risk == LIGHT or asked else f"不是{LIGHT}风险",
    }
    return reasons[kind]


def _mail(context: PackContext, letter: str, customer: CustomerView, tier: TierView | None) -> Mail:
    standard = tier.name if tier else customer.grade
    paragraphs: tuple[str, ...] = (
        f"尊敬的{customer.name}：",
        f"感谢贵方一直以来的信任与支持。自本期起，我们按{standard}的服务标准为贵方服务，内容见附件的告知函。",
        "如对服务有任何意见，请直接回复本邮件，或与您的客户经理联系。",
        context.cover.unit or "（单位名称）",
    )
    subject = "客户服务等级告知函"
    if customer.awaiting_audit:
        subject = f"【草稿，等级待审核】{subject}"
        paragraphs = ("（草稿：等级待审核，审核签字后删去这一行和标题里的字样方可发出）", *paragraphs)
    contact = f"{customer.phone} {customer.contact}" if context.wanted.unmasked else ""
    return Mail(letter, subject, paragraphs, contact)
