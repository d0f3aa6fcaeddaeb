"""Lays out the packs (practice §10): for the check, each owner, each customer, each tier; no file has a person's name.

A pack's file is named by 客户编号, by the short number of an owner, or by a tier.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import policy as mail_policies
from email.message import EmailMessage
from pathlib import Path

from sheetcrm.model import Assessment, Lifetime
from sheetcrm.policy.run import Results
from sheetcrm.privacy import gate_of
from sheetcrm.report.packs import forms, managers, notices, singles
from sheetcrm.report.packs.context import PackContext
from sheetcrm.report.packs.customers import request
from sheetcrm.report.packs.kinds import (
    AUDIT,
    HANDBOOK,
    HANDOVER,
    INSIGHT,
    KINDS,
    NOTICE,
    OWNED,
    REFERRALS,
    SAMPLE,
    SHOWING_CONTACTS,
    SINGLE,
    VALUED,
    Wanted,
)
from sheetcrm.report.packs.pack_views import AlarmRule, HandbookPage, SamplePage
from sheetcrm.report.packs.singles import Mail, Skipped
from sheetcrm.report.pages import filling, naming
from sheetcrm.report.pages.cover_and_method import cover, method
from sheetcrm.report.pages.rows import cut_volumes
from sheetcrm.report.press.pool import Job

_ADDRESS = re.compile(r"[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs to make. `files` need no printing; `shown` are the customers whose contacts are shown.

    `others` are the kinds that were not asked for, each with how many there would be.
    """

    jobs: tuple[Job, ...] = ()
    mails: tuple[Mail, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    shown: tuple[str, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of documents of each kind, in the order of the kinds; a mail counts with its letter."""
        names = [kind_of(name) for name in (*(job.name for job in self.jobs), *self.files)]
        return {kind: names.count(kind) for kind in KINDS if kind in names}


def kind_of(name: str) -> str:
    """Return the kind of a pack, read from its file's name. Pure."""
    return name.split("/", maxsplit=1)[0].removesuffix(".pdf").split("-")[0]


def plan(
    results: Results,
    wanted: Wanted,
    *,
    templates: Sequence[Path] = (),
    worth: Callable[[Assessment], Lifetime] | None = None,
) -> Packs:
    """Lay out the packs that are asked for. File names are paths within the packs' folder.

    `worth` computes a customer's 客户终身价值, for the packs that show it.

    Raises:
        EngineError: If a template cannot be filled.
    """
    gate = gate_of(results.book.customers or [entry.customer for entry in results.assessments])
    with filling.opened(templates, gate) as pages:
        return _plan(
            PackContext(
                results=results,
                wanted=wanted,
                pages=pages,
                gate=gate,
                cover=cover(
                    results.book.settings,
                    results.run.policy,
                    results.run_id,
                    departments=(entry.department for entry in results.assessments),
                ),
                tiers={one.name: one for one in method(results.book, results.run.policy).tiers},
                stems=naming.customer_stems(
                    (assessment.customer.customer_id for assessment in results.assessments), gate
                ),
                worth=worth if VALUED & wanted.kinds else None,
            )
        )


def _plan(context: PackContext) -> Packs:
    wanted = context.wanted
    jobs: list[Job] = []
    if SAMPLE in wanted.kinds:
        jobs += _sample(context)
    if NOTICE in wanted.kinds:
        jobs += notices.notice(context)
    files: dict[str, bytes] = {}
    if OWNED & wanted.kinds:
        for number, owner in managers.numbered(context):
            jobs += managers.jobs(context, number, owner)
            files |= managers.files(context, number, owner)
    drafts: list[Mail] = []
    skipped: list[Skipped] = []
    shown_by_number: list[str] = []
    for assessment in context.chosen():
        own_jobs, own_mails, own_skipped = singles.make(context, assessment)
        jobs += own_jobs
        if any(kind_of(job.name) in SHOWING_CONTACTS for job in own_jobs):
            shown_by_number.append(assessment.customer.customer_id)
        drafts += own_mails
        skipped += own_skipped
    if REFERRALS in wanted.kinds:
        jobs += notices.referrals(context)
    if HANDBOOK in wanted.kinds:
        jobs += _handbooks(context)
    if context.results.assessments:
        jobs += [lay_out(context) for kind, lay_out in _FORMS.items() if kind in wanted.kinds]
    return Packs(tuple(jobs), tuple(drafts), files, tuple(skipped), _shown(context, shown_by_number), _others(context))


_FORMS = {INSIGHT: forms.insight, AUDIT: forms.audit}


def write_mails(packs: Packs, printed: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Write the drafts of the letters among the printed files, by file name. Pure."""
    return {
        mail.letter.removesuffix(".pdf") + ".eml": _draft(
            subject=mail.subject,
            paragraphs=mail.paragraphs,
            letter=printed[mail.letter],
            name=mail.letter.replace("/", "-"),
            contact=mail.contact,
        )
        for mail in packs.mails
        if mail.letter in printed
    }


def _draft(*, subject: str, paragraphs: Sequence[str], letter: bytes, name: str, contact: str = "") -> bytes:
    """Write a mail nobody has sent yet (`X-Unsent`), which mail programs open for editing.

    The same letter gives the same bytes: no date, no message id, a boundary made of the content.

    Args:
        subject: Its subject.
        paragraphs: Its text.
        letter: The PDF attached.
        name: The name of the attachment.
        contact: A contact cell; a mail address in it becomes the addressee. Blank: nobody.
    """
    mail = EmailMessage(policy=mail_policies.SMTP)
    mail["X-Unsent"] = "1"
    mail["Subject"] = subject
    address = _ADDRESS.search(contact)
    if address:
        mail["To"] = address[0]
    mail.set_content("\n\n".join(paragraphs) + "\n", charset="utf-8", cte="base64")
    mail.add_attachment(letter, maintype="application", subtype="pdf", filename=name)
    mail.set_boundary("sheetcrm-" + hashlib.sha256(letter + subject.encode()).hexdigest()[:32])
    return mail.as_bytes()


def _sample(context: PackContext) -> Iterator[Job]:
    run, drawn = context.results.run, context.results.sample
    by_id = {assessment.customer.customer_id: assessment for assessment in context.results.assessments}
    parts = cut_volumes(drawn, [1] * len(drawn), run.policy.report.volume_rows)
    before = 0
    for volume, part in enumerate(parts, start=1):
        page = SamplePage(
            head=context.head(SAMPLE, part=(volume, len(parts))),
            rows=tuple(request(record, by_id[record.customer_id], run) for record in part),
            before=before,
            drawn=len(drawn),
            made=context.results.figures.total.service.requests,
            share=run.policy.report.sample_share,
        )
        before += len(part)
        yield Job(naming.volume(SAMPLE, volume, len(parts)), context.pages.fill("pack_sample.html", page))


def _handbooks(context: PackContext) -> Iterator[Job]:
    alarms = tuple(
        AlarmRule(
            code=rule.code, note=rule.note, level=rule.level, action=rule.action, owner=rule.owner, days=rule.days
        )
        for rule in context.results.run.policy.alerts.rules
    )
    for number, tier in enumerate(context.results.run.policy.tiers, start=1):
        page = HandbookPage(
            head=context.head(HANDBOOK, subject=f"{HANDBOOK}　{tier.name}"),
            tier=context.tiers[tier.name],
            steps=tuple((step.to, step.days) for step in tier.escalation),
            alarms=alarms,
        )
        name = f"{HANDBOOK}/{HANDBOOK}-{number}-{naming.safe(tier.name)}.pdf"
        yield Job(name, context.pages.fill("pack_handbook.html", page))


def _shown(context: PackContext, customer_ids: Iterable[str]) -> tuple[str, ...]:
    """Name the customers whose contacts are shown unmasked; those of `customer_ids` by a pack of their own."""
    if not (context.wanted.unmasked and SHOWING_CONTACTS & context.wanted.kinds):
        return ()
    shown = set(customer_ids)
    if OWNED & SHOWING_CONTACTS & context.wanted.kinds:
        owners = {owner for _number, owner in managers.numbered(context)}
        shown |= {
            assessment.customer.customer_id
            for assessment in context.of_customers()
            if assessment.owner in owners or any(item.owner in owners for item in assessment.due)
        }
    return tuple(sorted(shown))


def _others(context: PackContext) -> Mapping[str, int]:
    """Count the packs not asked for, of people and customers: a handover a person, one of each kind a customer."""
    counts = {HANDOVER: managers.handed_over(context)} | {
        kind: sum(1 for assessment in context.chosen() if not singles.why_not(context, kind, assessment))
        for kind in SINGLE
    }
    return {kind: counts[kind] for kind in KINDS if counts.get(kind) and kind not in context.wanted.kinds}
