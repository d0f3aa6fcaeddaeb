"""Lays out the packs (practice §10): for the check, each owner, each customer, each tier; no file has a person's name.

A pack's file is named by 客户编号, by the short number of an owner, or by a tier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sheetcrm.model import Assessment, Book, Figures, Lifetime, ServiceRequest
from sheetcrm.policy.limits import ServiceLimits, working_calendar
from sheetcrm.policy.model import Policy
from sheetcrm.report.packs import mail as mails
from sheetcrm.report.packs import managers, singles
from sheetcrm.report.packs.customers import request
from sheetcrm.report.packs.desk import Desk
from sheetcrm.report.packs.kinds import (
    HANDBOOK,
    HANDOVER,
    KINDS,
    OWNED,
    SAMPLE,
    SHOWING_CONTACTS,
    SINGLE,
    VALUED,
    Wanted,
)
from sheetcrm.report.packs.pack_views import AlarmRule, HandbookPage, SamplePage
from sheetcrm.report.packs.singles import Mail, Skipped
from sheetcrm.report.pages import naming, volumes
from sheetcrm.report.pages.covers import cover
from sheetcrm.report.pages.method import method
from sheetcrm.report.pages.templates import Templates
from sheetcrm.report.press.pool import Job, Rendered


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
    assessments: Sequence[Assessment],
    figures: Figures,
    *,
    sample: Sequence[ServiceRequest],
    book: Book,
    policy: Policy,
    run_id: str,
    wanted: Wanted,
    templates: Sequence[Path] = (),
    worth: Callable[[Assessment], Lifetime] | None = None,
) -> Packs:
    """Lay out the packs that are asked for. File names are paths within the packs' folder.

    `worth` computes a customer's 客户终身价值, for the packs that show it.

    Raises:
        EngineError: If a template cannot be filled.
    """
    desk = Desk(
        assessments=assessments,
        figures=figures,
        policy=policy,
        wanted=wanted,
        pages=Templates(templates),
        cover=cover(book.settings, policy, run_id),
        tiers={one.name: one for one in method(book, policy).tiers},
        stems=naming.customer_stems(entry.customer.customer_id for entry in assessments),
        limits=ServiceLimits(policy.service, working_calendar(book, policy).is_workday),
        worth=worth if VALUED & wanted.kinds else None,
    )
    jobs: list[Job] = []
    if SAMPLE in wanted.kinds:
        jobs += _sample(desk, sample)
    files: dict[str, bytes] = {}
    if OWNED & wanted.kinds:
        for number, owner in managers.numbered(desk):
            jobs += managers.jobs(desk, number, owner)
            files |= managers.files(desk, number, owner)
    drafts: list[Mail] = []
    skipped: list[Skipped] = []
    shown_by_number: list[str] = []
    for entry in desk.chosen():
        own_jobs, own_mails, own_skipped = singles.make(desk, entry)
        jobs += own_jobs
        if any(kind_of(job.name) in SHOWING_CONTACTS for job in own_jobs):
            shown_by_number.append(entry.customer.customer_id)
        drafts += own_mails
        skipped += own_skipped
    if HANDBOOK in wanted.kinds:
        jobs += _handbooks(desk)
    return Packs(tuple(jobs), tuple(drafts), files, tuple(skipped), _shown(desk, shown_by_number), _others(desk))


def write_mails(packs: Packs, rendered: Iterable[Rendered]) -> Mapping[str, bytes]:
    """Write the drafts of the letters that were printed, by file name. Pure."""
    printed = {one.name: one.data for one in rendered if one.data is not None}
    return {
        mail.letter.removesuffix(".pdf") + ".eml": mails.draft(
            subject=mail.subject,
            paragraphs=mail.paragraphs,
            letter=printed[mail.letter],
            name=mail.letter.replace("/", "-"),
            contact=mail.contact,
        )
        for mail in packs.mails
        if mail.letter in printed
    }


def _sample(desk: Desk, drawn: Sequence[ServiceRequest]) -> Iterator[Job]:
    by_id = {entry.customer.customer_id: entry for entry in desk.assessments}
    parts = volumes.cut(drawn, [1] * len(drawn), desk.policy.report.volume_rows)
    before = 0
    for volume, part in enumerate(parts, start=1):
        page = SamplePage(
            head=desk.head(SAMPLE, volume=volume, volumes=len(parts)),
            rows=tuple(
                request(one, by_id[one.customer_id], policy=desk.policy, limits=desk.limits, as_of=desk.figures.as_of)
                for one in part
            ),
            before=before,
            drawn=len(drawn),
            made=desk.figures.total.service.requests,
            share=desk.policy.report.sample_share,
        )
        before += len(part)
        yield Job(naming.volume(SAMPLE, volume, len(parts)), desk.pages.fill("pack_sample.html", page))


def _handbooks(desk: Desk) -> Iterator[Job]:
    alarms = tuple(
        AlarmRule(
            code=rule.code, note=rule.note, level=rule.level, action=rule.action, owner=rule.owner, days=rule.days
        )
        for rule in desk.policy.alerts.rules
    )
    for number, tier in enumerate(desk.policy.tiers, start=1):
        page = HandbookPage(
            head=desk.head(HANDBOOK, subject=f"{HANDBOOK}　{tier.name}"),
            tier=desk.tiers[tier.name],
            steps=tuple((step.to, step.days) for step in tier.escalation),
            alarms=alarms,
        )
        name = f"{HANDBOOK}/{HANDBOOK}-{number}-{naming.safe(tier.name)}.pdf"
        yield Job(name, desk.pages.fill("pack_handbook.html", page))


def _shown(desk: Desk, customer_ids: Iterable[str]) -> tuple[str, ...]:
    """Name the customers whose contacts are shown unmasked; those of `customer_ids` by a pack of their own."""
    if not (desk.wanted.unmasked and SHOWING_CONTACTS & desk.wanted.kinds):
        return ()
    shown = set(customer_ids)
    if OWNED & SHOWING_CONTACTS & desk.wanted.kinds:
        owners = {owner for _number, owner in managers.numbered(desk)}
        shown |= {
            entry.customer.customer_id
            for entry in desk.of_customers()
            if entry.owner in owners or any(item.owner in owners for item in entry.due)
        }
    return tuple(sorted(shown))


def _others(desk: Desk) -> Mapping[str, int]:
    """Count the packs not asked for, of people and customers: a handover a person, one of each kind a customer."""
    counts = {HANDOVER: managers.handed_over(desk)} | {
        kind: sum(1 for entry in desk.chosen() if not singles.why_not(desk, kind, entry)) for kind in SINGLE
    }
    return {kind: counts[kind] for kind in KINDS if counts.get(kind) and kind not in desk.wanted.kinds}
