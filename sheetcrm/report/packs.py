"""The packs (domain §10): for the check, for each owner, each customer, each tier; named by number, never by person.

A pack's file is named by 客户编号, by the short number of an owner, or by a tier. A letter goes only to
a customer who consented to the use of its data (信息授权), and says nothing of any other customer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sheetcrm.model import Assessment, Book, Figures, Period, ServiceRequest, Standing
from sheetcrm.policy.model import Policy
from sheetcrm.privacy import mask_found
from sheetcrm.report import packs_mail as mails
from sheetcrm.report.calendars import calendar
from sheetcrm.report.method import method
from sheetcrm.report.packs_customers import Teller, late_answers, request, task, view
from sheetcrm.report.packs_views import (
    AlarmRule,
    CustomerPage,
    CustomerView,
    HandbookPage,
    Head,
    OwnerPage,
    SamplePage,
    TaskRow,
)
from sheetcrm.report.pages import clean
from sheetcrm.report.pool import Job, Rendered
from sheetcrm.report.templates import Templates
from sheetcrm.report.views import TierView

SAMPLE, FOLLOW_UP, HANDOVER, CALENDAR = "抽查清单", "跟进清单", "交接包", "跟进日历"
LETTER, CARD, GROWTH, RENEWAL = "告知函", "档案卡", "客户价值增长报告", "续约价值盘点"
HANDBOOK, IMPROVEMENT = "SOP手册", "服务改进方案"
KINDS = (SAMPLE, FOLLOW_UP, CALENDAR, HANDOVER, LETTER, CARD, GROWTH, RENEWAL, IMPROVEMENT, HANDBOOK)
"""What can be asked for."""

OWNED = frozenset({FOLLOW_UP, CALENDAR, HANDOVER})
SHOWING_CONTACTS = frozenset({FOLLOW_UP, HANDOVER, LETTER, CARD, RENEWAL, IMPROVEMENT})
"""The packs in which contacts stand: masked, unless asked for."""

_TEMPLATES = {
    LETTER: "pack_letter.html",
    CARD: "pack_card.html",
    GROWTH: "pack_growth.html",
    RENEWAL: "pack_renewal.html",
    IMPROVEMENT: "pack_improvement.html",
}
_RENEWING = "合作后"
_LIGHT = "轻度"
_LATE_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: kinds of packs, and whose; an empty set of owners or customers is everybody."""

    kinds: frozenset[str]
    owners: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    unmasked: bool = False


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


@dataclass(frozen=True, slots=True)
class Packs:
    """What is to be made. `files` need no printing; `shown` are the customers whose contacts are shown."""

    jobs: tuple[Job, ...] = ()
    mails: tuple[Mail, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    shown: tuple[str, ...] = ()


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
) -> Packs:
    """Lay out the packs that are asked for. File names are paths within the packs' folder.

    Raises:
        EngineError: If a template cannot be filled.
    """
    making = _Making(assessments, figures, book=book, policy=policy, run_id=run_id, wanted=wanted, templates=templates)
    jobs: list[Job] = []
    if SAMPLE in wanted.kinds:
        jobs.append(making.sample(sample))
    files: dict[str, bytes] = {}
    for number, owner in making.owners():
        jobs += making.owner(number, owner)
        if CALENDAR in wanted.kinds:
            files[f"{CALENDAR}/{CALENDAR}-{number}.ics"] = making.calendar(number, owner)
    drafts: list[Mail] = []
    skipped: list[Skipped] = []
    made: list[str] = []
    for entry in making.chosen:
        found, mail, left = making.customer(entry)
        jobs += found
        if any(job.name.split("/")[0] in SHOWING_CONTACTS for job in found):
            made.append(entry.customer.customer_id)
        drafts += [mail] if mail else []
        skipped += left
    if HANDBOOK in wanted.kinds:
        jobs += making.handbooks()
    return Packs(tuple(jobs), tuple(drafts), files, tuple(skipped), making.shown(made))


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


class _Making:
    """The packs of one run in the making."""

    def __init__(
        self,
        assessments: Sequence[Assessment],
        figures: Figures,
        *,
        book: Book,
        policy: Policy,
        run_id: str,
        wanted: Wanted,
        templates: Sequence[Path],
    ) -> None:
        self._assessments = assessments
        self._figures = figures
        self._policy = policy
        self._wanted = wanted
        self._pages = Templates(templates)
        self._tiers = {one.name: one for one in method(book, policy).tiers}
        self._files = _file_names(entry.customer.customer_id for entry in assessments)
        self._unit = _joined(row.unit for row in book.settings)
        self._department = _joined(row.department for row in book.settings)
        self._secrecy = _joined(row.secrecy for row in book.settings) or policy.report.secrecy
        self._run_id = run_id
        self.chosen = [
            entry
            for entry in assessments
            if (not wanted.customers or entry.customer.customer_id in wanted.customers)
            and (not wanted.owners or entry.owner in wanted.owners)
        ]

    def sample(self, drawn: Sequence[ServiceRequest]) -> Job:
        by_id = {entry.customer.customer_id: entry for entry in self._assessments}
        rows = tuple(
            request(one, by_id[one.customer_id], policy=self._policy, as_of=self._figures.as_of) for one in drawn
        )
        page = SamplePage(
            head=self._head(SAMPLE),
            rows=rows,
            made=self._figures.total.service.requests,
            share=self._policy.report.sample_share,
        )
        return Job(f"{SAMPLE}.pdf", self._pages.fill("pack_sample.html", page))

    def owners(self) -> Iterator[tuple[str, str]]:
        """Number everybody who owns a customer or has something to do, by name; gives those asked for."""
        named = {entry.owner for entry in self._assessments if entry.owner}
        named |= {item.owner for entry in self._assessments for item in entry.due}
        width = max(2, len(str(len(named))))
        numbered = [(f"{number:0{width}}", owner) for number, owner in enumerate(sorted(named), start=1)]
        if OWNED & self._wanted.kinds:
            yield from (pair for pair in numbered if self._is_wanted(pair[1]))

    def _is_wanted(self, owner: str) -> bool:
        """Tell whether an owner is asked for, and has to do with the customers asked for."""
        if self._wanted.owners and owner not in self._wanted.owners:
            return False
        touched = (
            entry.owner == owner or any(item.owner == owner for item in entry.due) for entry in self._of_customers()
        )
        return not self._wanted.customers or any(touched)

    def owner(self, number: str, owner: str) -> Iterator[Job]:
        """Make one person's packs; the customers of a handover are those the person is 客户经理 of."""
        tasks = self._tasks(owner)
        own = [entry for entry in self._of_customers() if entry.owner == owner]
        if FOLLOW_UP in self._wanted.kinds:
            page = self._owner_page(FOLLOW_UP, number, owner, tasks, ())
            yield Job(f"{FOLLOW_UP}/{FOLLOW_UP}-{number}.pdf", self._pages.fill("pack_follow_up.html", page))
        if HANDOVER in self._wanted.kinds and own:
            views = tuple(self._view(entry) for entry in own)
            page = self._owner_page(HANDOVER, number, owner, tasks, views)
            yield Job(f"{HANDOVER}/{HANDOVER}-{number}.pdf", self._pages.fill("pack_handover.html", page))

    def calendar(self, number: str, owner: str) -> bytes:
        name = f"{CALENDAR} {self._figures.period.label} {number}"
        return calendar(name, self._tasks(owner), as_of=self._figures.as_of)

    def customer(self, entry: Assessment) -> tuple[list[Job], Mail | None, list[Skipped]]:
        """Make one customer's packs, as far as they apply to it."""
        jobs: list[Job] = []
        mail, skipped = None, []
        seen: CustomerView | None = None
        for kind in (LETTER, CARD, GROWTH, RENEWAL, IMPROVEMENT):
            if kind not in self._wanted.kinds:
                continue
            why = self._why_not(kind, entry)
            if why:
                skipped.append(Skipped(kind, clean(entry.customer.customer_id), why))
                continue
            seen = seen or self._view(entry)
            page = self._customer_page(kind, entry, seen)
            name = f"{kind}/{self._files[entry.customer.customer_id]}.pdf"
            jobs.append(Job(name, self._pages.fill(_TEMPLATES[kind], page)))
            if kind == LETTER:
                mail = self._mail(name, seen, page.tier)
        return jobs, mail, skipped

    def handbooks(self) -> Iterator[Job]:
        alarms = tuple(
            AlarmRule(
                code=rule.code, note=rule.note, level=rule.level, action=rule.action, owner=rule.owner, days=rule.days
            )
            for rule in self._policy.alerts.rules
        )
        for number, tier in enumerate(self._policy.tiers, start=1):
            page = HandbookPage(
                head=self._head(HANDBOOK, subject=f"{HANDBOOK}　{tier.name}"),
                tier=self._tiers[tier.name],
                steps=tuple((step.to, step.days) for step in tier.escalation),
                alarms=alarms,
            )
            stem = f"{HANDBOOK}-{number}-{_safe(tier.name)}"
            yield Job(f"{HANDBOOK}/{stem}.pdf", self._pages.fill("pack_handbook.html", page))

    def shown(self, made: Iterable[str]) -> tuple[str, ...]:
        """Name the customers whose contacts are shown unmasked; `made` got a pack of their own that shows them."""
        if not (self._wanted.unmasked and SHOWING_CONTACTS & self._wanted.kinds):
            return ()
        found = set(made)
        if OWNED & SHOWING_CONTACTS & self._wanted.kinds:
            owners = {owner for _number, owner in self.owners()}
            found |= {
                entry.customer.customer_id
                for entry in self._of_customers()
                if entry.owner in owners or any(item.owner in owners for item in entry.due)
            }
        return tuple(sorted(found))

    def _why_not(self, kind: str, entry: Assessment) -> str:
        """Say why a customer gets no pack of a kind; blank where it does. What was asked for by number is made."""
        asked = bool(self._wanted.customers)
        profile = entry.customer.profile
        ungraded = entry.standing is not Standing.GRADED
        consented = profile is not None and profile.consent is True
        renewing = any(one.outcome == _RENEWING for one in entry.classes)
        reasons = {
            LETTER: "没有等级" if ungraded else "" if consented else "没有信息授权",
            CARD: "",
            GROWTH: "没有等级" if ungraded else "",
            RENEWAL: "" if renewing or asked else "不在续约期",
            IMPROVEMENT: "" if entry.risk == _LIGHT or asked else f"不是{_LIGHT}风险",
        }
        return reasons[kind]

    def _of_customers(self) -> Iterator[Assessment]:
        chosen = self._wanted.customers
        return (entry for entry in self._assessments if not chosen or entry.customer.customer_id in chosen)

    def _tasks(self, owner: str) -> tuple[TaskRow, ...]:
        """List what a person has to do: overdue, and due by the horizon."""
        rows = (
            task(entry, item, Teller(entry, unmasked=self._wanted.unmasked))
            for entry in self._of_customers()
            for item in entry.due
            if item.owner == owner and (item.overdue_days or item.due <= self._figures.horizon)
        )
        return tuple(sorted(rows, key=lambda row: (row.due, row.customer_id, row.action)))

    def _owner_page(
        self, kind: str, number: str, owner: str, tasks: Sequence[TaskRow], views: tuple[CustomerView, ...]
    ) -> OwnerPage:
        return OwnerPage(
            head=self._head(kind, number=number),
            owner=clean(owner),
            horizon=self._figures.horizon,
            overdue=tuple(row for row in tasks if row.overdue_days),
            due=tuple(row for row in tasks if not row.overdue_days),
            customers=views,
        )

    def _customer_page(self, kind: str, entry: Assessment, seen: CustomerView) -> CustomerPage:
        return CustomerPage(
            head=self._head(kind, subject=f"{kind}　{seen.customer_id}"),
            customer=seen,
            tier=self._tiers.get(entry.tier or ""),
            top=entry.tier == self._policy.tiers[0].name,
            late=late_answers(seen.requests, as_of=self._figures.as_of, days=_LATE_DAYS),
        )

    def _view(self, entry: Assessment) -> CustomerView:
        return view(entry, policy=self._policy, as_of=self._figures.as_of, unmasked=self._wanted.unmasked)

    def _mail(self, letter: str, seen: CustomerView, tier: TierView | None) -> Mail:
        standard = tier.name if tier else seen.grade
        paragraphs = (
            f"尊敬的{seen.name}：",
            f"感谢贵方一直以来的信任与支持。自本期起，我们按{standard}的服务标准为贵方服务，内容见附件的告知函。",
            "如对服务有任何意见，请直接回复本邮件，或与您的客户经理联系。",
            self._unit or "（单位名称）",
        )
        contact = f"{seen.phone} {seen.contact}" if self._wanted.unmasked else ""
        return Mail(letter, "客户服务等级告知函", paragraphs, contact)

    def _head(self, title: str, *, number: str = "", subject: str = "") -> Head:
        figures = self._figures
        return Head(
            title=title,
            subject=subject or (f"{title}-{number}" if number else title),
            number=number,
            unit=self._unit,
            department=self._department,
            secrecy=self._secrecy,
            run_id=self._run_id,
            period=figures.period.label,
            when=_when(figures.period),
            as_of=figures.as_of,
            unmasked=self._wanted.unmasked and title in SHOWING_CONTACTS,
        )


def _when(period: Period) -> str:
    """Write a period in words."""
    start, label = period.start, period.label
    if "Q" in label:
        return f"{start.year}年第{label[-1]}季度"
    return f"{start.year}年{start.month}月" if "-" in label else f"{start.year}年度"


def _file_names(customer_ids: Iterable[str]) -> Mapping[str, str]:
    """Name a file for each 客户编号: safe everywhere, none twice, and no phone or identity number in it."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for customer_id in sorted(customer_ids):
        name = _safe(clean(customer_id))
        short = hashlib.sha256(customer_id.encode("utf-8", "replace")).hexdigest()[:8]
        if not name or mask_found(name, limit=len(name) + 1) != name:
            name = f"客户-{short}"
        if name.casefold() in taken:
            name = f"{name}-{short}"
        taken.add(name.casefold())
        names[customer_id] = name
    return names


def _safe(text: str) -> str:
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", text).strip(" .")[:80]


def _joined(texts: Iterable[str | None]) -> str:
    return "、".join(dict.fromkeys(clean(text) for text in texts if text))
