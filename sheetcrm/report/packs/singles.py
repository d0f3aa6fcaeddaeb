"""Lays out the packs of one customer, as far as they apply to it.

What a customer reads goes only to who consented to the use of its data (信息授权) and whose tier is signed and
has text for customers (practice §10); it says nothing of any other customer.
"""

from __future__ import annotations

from dataclasses import dataclass

from sheetcrm.model import Assessment, Standing
from sheetcrm.report.packs.context import PackContext
from sheetcrm.report.packs.customers import late_answers
from sheetcrm.report.packs.kinds import CARD, GROWTH, LETTER, PLANS, RENEWAL, SINGLE, STAGE
from sheetcrm.report.packs.own_figures import own_figures, stages
from sheetcrm.report.packs.pack_views import CustomerPage
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.press.pool import Job

_TEMPLATES = {
    LETTER: "pack_letter.html",
    CARD: "pack_card.html",
    GROWTH: "pack_growth.html",
    STAGE: "pack_stage.html",
    RENEWAL: "pack_renewal.html",
} | dict.fromkeys(PLANS.values(), "pack_improvement.html")


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
    page: CustomerPage | None = None
    for kind in SINGLE:
        if kind not in context.wanted.kinds:
            continue
        why = why_not(context, kind, assessment)
        if why:
            skipped.append(Skipped(kind, clean(assessment.customer.customer_id), why))
            continue
        page = _page(context, kind, assessment, page)
        name = f"{kind}/{context.stems[assessment.customer.customer_id]}.pdf"
        jobs.append(Job(name, context.pages.fill(_TEMPLATES[kind], page)))
        if kind == LETTER:
            mails.append(_mail(context, name, page))
    return jobs, mails, skipped


def _page(context: PackContext, kind: str, assessment: Assessment, before: CustomerPage | None) -> CustomerPage:
    """Build the page of a kind; the view of the customer is that of the page before, where there is one."""
    run = context.results.run
    customer = before.customer if before else context.view(assessment)
    late_days = run.policy.measures.late_response_days
    return CustomerPage(
        head=context.head(kind, subject=f"{kind}　{customer.customer_id}", of=(assessment,)),
        customer=customer,
        tier=context.tiers.get(assessment.tier or ""),
        top=assessment.tier == run.policy.tiers[0].name,
        late=late_answers(customer.requests, as_of=run.as_of, days=late_days),
        late_days=late_days,
        grounds=tuple(
            row
            for row, alert in zip(customer.alerts, assessment.alerts, strict=True)
            if alert.risk and alert.risk == customer.risk
        ),
        own=own_figures(customer, run),
        stage=stages(assessment, customer, run),
    )


def why_not(context: PackContext, kind: str, assessment: Assessment) -> str:
    """Explain why a customer gets no pack of a kind; blank where it does (practice §10)."""
    if kind in {LETTER, GROWTH}:
        return _unsigned(context, assessment) or _unconsented(assessment)
    if kind == STAGE:
        return "本期没有到首月或首季" if not stages_due(context, assessment) else _unconsented(assessment)
    if kind == RENEWAL:
        return "" if _renewing(context, assessment) else "不在续约期"
    if kind in PLANS.values():
        return "" if PLANS.get(assessment.risk) == kind else "没有这一级的风险"
    return ""


def stages_due(context: PackContext, assessment: Assessment) -> bool:
    """Return whether a customer's cooperation reached a milestone in the period."""
    return bool(stages(assessment, None, context.results.run))


def _unsigned(context: PackContext, assessment: Assessment) -> str:
    """Explain why nobody writes to a customer about its tier; blank where somebody does."""
    tier = context.tiers.get(assessment.tier or "")
    if assessment.standing is not Standing.GRADED or tier is None:
        return "没有等级"
    if not (tier.addressed_as and tier.offered):
        return "等级没有对客称谓或对客权益"
    return "等级待审核" if assessment.awaiting_audit else ""


def _unconsented(assessment: Assessment) -> str:
    profile = assessment.customer.profile
    return "" if profile is not None and profile.consent is True else "没有信息授权"


def _renewing(context: PackContext, assessment: Assessment) -> bool:
    """Return whether a contract ends soon or has ended: from 3 months before (practice §6.6)."""
    roles = context.results.run.policy.roles
    return assessment.measures.contract_days_left is not None and any(
        one.name == roles.relation and one.outcome in roles.renewing for one in assessment.classes
    )


def _mail(context: PackContext, letter: str, page: CustomerPage) -> Mail:
    customer, tier = page.customer, page.tier
    you = "您" if customer.person else "贵公司"
    dear = f"尊敬的{context.gate(customer.name)}{'先生/女士' if customer.person else ''}："
    paragraphs = [dear, f"感谢{you}一直以来的信任与支持。"]
    if tier:
        paragraphs[1] += f"{you}是我们的{tier.addressed_as}，我们为{you}提供的服务见附件的告知函。"
    if tier and tier.individual and page.own:
        paragraphs.append("\n".join((f"{you}与我们的合作：", *(f"{label}：{shown}" for label, shown in page.own))))
    paragraphs.append("如对服务有任何意见，请直接回复本邮件，或与您的客户经理联系。")
    paragraphs.append(context.cover.unit or "（单位名称）")
    contact = f"{customer.phone} {customer.contact}" if context.wanted.unmasked else ""
    return Mail(letter, "客户服务告知函", (dear, *map(context.gate, paragraphs[1:])), contact)
