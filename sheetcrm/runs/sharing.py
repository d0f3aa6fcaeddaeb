"""Derived, encrypted files of some customers for one reader, put in place whole or not at all (practice §11).

Nothing of the other customers is in them: they are made of the narrowed book alone (`narrowing`). Everything is made
and encrypted in memory, put on record, and then written; what cannot be put on record is not handed out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sheetcrm.assess import scopes
from sheetcrm.assess.scopes import CustomerScope
from sheetcrm.errors import StoreError, UsageError
from sheetcrm.excel import edits
from sheetcrm.excel.books.filled import as_written, filled_book
from sheetcrm.excel.books.share_lists import LISTS, lists_book
from sheetcrm.excel.splice import writeback
from sheetcrm.model import SheetEdit
from sheetcrm.policy.model import SHARE_SENSITIVE, UNMASK
from sheetcrm.policy.run import Results
from sheetcrm.privacy import Gate, gate_of, mask_contact
from sheetcrm.report.packs import packs as pack_plan
from sheetcrm.report.packs.kinds import FOLLOW_UP, Wanted
from sheetcrm.report.pages import documents
from sheetcrm.report.press.pool import Job
from sheetcrm.runs import approving
from sheetcrm.runs.approving import Approved, Matter
from sheetcrm.runs.narrowing import BOOK, Narrowed, narrow
from sheetcrm.runs.prepare import Plan
from sheetcrm.runs.printing import check_printing, print_documents
from sheetcrm.runs.reading import Progress, silent
from sheetcrm.schema import PERMISSIONS, Field, Privacy
from sheetcrm.store.archive import sealing
from sheetcrm.store.archive.sealing import FOLDER
from sheetcrm.store.files import disk
from sheetcrm.store.files import staging as store
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.recorded import Disclosure

SHARED = "分享"
"""What the history calls it."""
LEFT_OUT = "看板网页和日历文件（.ics）不在里面：不装别的软件，Windows 打不开加密的网页和日历；内容在清单.xlsx 里"


_PERMISSIONS = frozenset((PERMISSIONS.title, *PERMISSIONS.aliases))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRequest:
    """What is asked for: whose view, who gets it, what for, until when, and whether contacts are shown."""

    scope: CustomerScope
    recipient: str
    purpose: str
    until: date
    unmasked: bool = False

    @property
    def mark(self) -> str:
        """What is printed on every page."""
        return f"{self.scope.words}　仅供{self.recipient}，{self.until}前用于{self.purpose}"


@dataclass(frozen=True, slots=True)
class Share:
    """A share, decided: nothing is printed, encrypted or written yet.

    `matter` is the hash of exactly what goes out to whom: the cells of the workbook and the request. `code` is its
    校验号, under which another person may have to agree to it.
    """

    plan: Plan
    request: ShareRequest
    narrowed: Narrowed
    workbook: bytes
    matter: Matter
    code: str

    @property
    def customers(self) -> tuple[str, ...]:
        """The 客户编号 of those it is about."""
        return tuple(entry.customer.customer_id for entry in self.narrowed.results.assessments)


@dataclass(frozen=True, slots=True)
class Handed:
    """What was written: the folder, each file with its SHA-256, and the characters that no font has."""

    folder: Path
    files: Mapping[str, str]
    missing_glyphs: tuple[str, ...]


def check(request: ShareRequest, *, today: date, most_days: int) -> ShareRequest:
    """Refuse a request that does not say to whom, what for and until when.

    Raises:
        UsageError: If one of them is blank, or the day is past or too far ahead.
    """
    if not request.recipient.strip():
        raise UsageError("没有说给谁", "请用 --to 写明收到的人或单位，例如 --to 华东一部刘经理")
    if not request.purpose.strip():
        raise UsageError("没有说用途", "请用 --purpose 写明用途，例如 --purpose 季度复盘")
    if not request.scope.person.strip():
        raise UsageError("没有说按谁的范围", "请用 --for 写明是谁看得到的客户，例如 --for 陈思远")
    if request.until < today:
        raise UsageError(f"到期日 {request.until} 已经过了", f"请写 {today} 或以后的一天")
    days = (request.until - today).days
    if days > most_days:
        raise UsageError(
            f"到期日 {request.until} 在 {days} 天以后，策略规定最多 {most_days} 天",
            "请写近一些的日期，到期后再分享一次",
        )
    return replace(request, recipient=request.recipient.strip(), purpose=request.purpose.strip())


def lay_out(plan: Plan, request: ShareRequest, history: Ledger) -> Share:
    """Decide what a share holds, down to the cells of its workbook. Nothing is written.

    The same share made before has another 校验号: an approval counts once.

    Raises:
        UsageError: If the sheet 权限 does not allow the scope, or nobody is in it.
    """
    _refuse_unread(plan)
    book = plan.reading.book
    kept = PERMISSIONS.kind in book.kinds or any(entry.ref.sheet in _PERMISSIONS for entry in plan.problems)
    scope = scopes.settle(request.scope, book.permissions, today=plan.run.today, kept=kept)
    request = replace(request, scope=scope)
    hidden = () if request.unmasked else plan.run.policy.privacy.sensitive
    narrowed = narrow(plan, scopes.choose(plan.assessments, scope), mark=request.mark, hidden=hidden)
    data = _workbook(narrowed, unmasked=request.unmasked)
    matter = _matter(plan, request, data)
    return Share(plan, request, narrowed, data, matter, approving.code_of(matter, history))


def _refuse_unread(plan: Plan) -> None:
    """Refuse to share of books that were not all read: what stands in the rest may decide who sees whom."""
    if plan.reading.has_unread:
        raise UsageError(
            f"有工作簿没有读出来（{'、'.join(plan.reading.refused)}），等级和权限可能不全，没有分享",
            "请先处理它，或把它移到别处再运行",
        )


def approve(share: Share, history: Ledger) -> Approved:
    """Return the approval of a share, where the policy asks for one.

    Raises:
        UsageError: If nobody agreed to exactly this.
        StoreError: If the same was shared since it was decided.
    """
    approved = approving.settle(share.matter, share.plan.run, share.plan.reading.book.approvals, history)
    if approved.code != share.code:
        raise StoreError("同样的内容刚刚分享过，什么也没有写", "请重新运行")
    return approved


def _matter(plan: Plan, request: ShareRequest, workbook: bytes) -> Matter:
    """Hash what goes out, and to whom. It does not depend on what else is in the books. Pure."""
    needed = plan.run.policy.approval.needed
    kind = (SHARE_SENSITIVE if SHARE_SENSITIVE in needed else UNMASK) if request.unmasked else SHARED
    scope = request.scope
    parts = {
        "workbook": hashlib.sha256(workbook).hexdigest(),
        "period": plan.run.period.label,
        "as_of": plan.run.as_of.isoformat(),
        "scope": [scope.role, scope.person, *scope.departments],
        "to": request.recipient,
        "purpose": request.purpose,
        "until": request.until.isoformat(),
        "unmasked": request.unmasked,
    }
    return Matter.of(kind, parts)


def _workbook(narrowed: Narrowed, *, unmasked: bool) -> bytes:
    """Write the workbook of a share: the customers' records, and beside them what was decided."""
    results = narrowed.results
    gate = gate_of(results.book.customers)
    data = filled_book(narrowed.records, results.run.policy, show=as_written if unmasked else _masked(gate))
    planned = edits.plan(results.book, results.run, results.assessments).get(BOOK, ())
    if not unmasked:
        planned = tuple(_masked_edit(edit, gate) for edit in planned)
    return writeback.write_back(data, planned, file=BOOK)[0]


def _masked(gate: Gate) -> Callable[[str, Field], str]:
    return lambda text, field: gate(text if field.privacy is Privacy.NONE else mask_contact(text))


def _masked_edit(edit: SheetEdit, gate: Gate) -> SheetEdit:
    columns = (
        replace(column, values=tuple(gate(value) if isinstance(value, str) else value for value in column.values))
        for column in edit.columns
    )
    return replace(edit, columns=tuple(columns))


def hand_out(share: Share, output: Path, password: str, *, progress: Progress = silent) -> Handed:
    """Print, encrypt, put on record and write a share: one folder under `output/share`, or nothing.

    Args:
        share: What is shared.
        output: The output folder, whose history records it.
        password: What opens the files; it is kept nowhere.
        progress: Receives progress messages.

    Raises:
        EngineError: If PDFs cannot be made here, or one of them failed. Nothing was written.
        StoreError: If it cannot be put on record or in place. Nothing was written.
        UsageError: If nobody agreed to it who had to. Nothing was written.
    """
    files, missing = _files(share, progress)
    progress("加密")
    sealed = {name: sealing.seal(name, data, password) for name, data in files.items()}
    progress("写入文件")
    stamp = ledger.stamp()
    now = datetime.fromisoformat(stamp.at)
    folder = output / FOLDER / f"{share.plan.run.period.label}-{share.request.scope.role}-{now:%Y%m%d-%H%M%S}"
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(sealed.items())}
    entry = replace(
        _disclosure(share, hashes),
        target=folder.relative_to(output).as_posix(),
        stamp=stamp,
    )
    with store.claim(output):
        if folder.exists():
            raise StoreError(f"“{folder}”已经有了，什么也没有写", "请等一秒再试")
        with disk.translate_errors(folder):
            disk.make_directory(folder.parent, private=True)
        store.sweep(folder.parent)
        with ledger.opened(output) as history:
            history.disclose(replace(entry, approved=approve(share, history).by))
        store.replace_directory(folder, sealed, recorded={}, private=True)
    return Handed(folder, hashes, missing)


def _disclosure(share: Share, hashes: Mapping[str, str]) -> Disclosure:
    request = share.request
    shown = "联系人、联系方式未遮住" if request.unmasked else "个人信息已遮住"
    return Disclosure(
        action=SHARED,
        what=f"{request.scope.role}范围（{request.scope.words}），{len(share.customers)} 家客户，{shown}",
        purpose=request.purpose,
        recipient=request.recipient,
        until=request.until.isoformat(),
        manner=f"加密文件 {len(hashes)} 个（Excel 加密、PDF AES-256）",
        source="、".join(one.name for one in share.plan.reading.inputs),
        target="",
        run_id=share.plan.run_id,
        code=share.code,
        person=share.plan.run.person,
        sha256="；".join(f"{name} {sha256}" for name, sha256 in hashes.items()),
    )


def _files(share: Share, progress: Progress) -> tuple[Mapping[str, bytes], tuple[str, ...]]:
    """Make the plain files of a share, in memory."""
    results, request = share.narrowed.results, share.request
    templates = share.plan.templates
    check_printing(templates)
    wanted = Wanted(kinds=frozenset({FOLLOW_UP}), unmasked=request.unmasked)
    packs = pack_plan.plan(results, wanted, templates=templates)
    reports = _with_customers(documents.plan(results, templates=templates, full=True, shared=True), results)
    printed = print_documents((*reports, *packs.jobs), stop_on_failure=True, progress=progress)
    if printed.failed:
        name, why = next(iter(printed.failed.items()))
        raise StoreError(f"“{name}”没有印成：{why}。什么也没有写", "请排除后重试")
    gate = gate_of(results.book.customers)
    show, contact = (str, str) if request.unmasked else (gate, mask_contact)
    lists = lists_book(results, _about(share), show=show, contact=contact)
    names = {name: name.rpartition("/")[2] for name in printed.files}
    files = {BOOK: share.workbook, LISTS: lists, **{names[name]: data for name, data in printed.files.items()}}
    return files, printed.missing_glyphs


def _with_customers(jobs: Sequence[Job], results: Results) -> tuple[Job, ...]:
    """Leave the reports of tiers out that nobody of the share is in."""
    empty = [f"-{group.name}" for group in results.figures.tiers if not group.customers]
    return tuple(job for job in jobs if not any(job.name.removesuffix(".pdf").endswith(name) for name in empty))


def _about(share: Share) -> Sequence[tuple[str, str]]:
    """Say what a share is, for whoever opens it."""
    request, run, left_out = share.request, share.plan.run, share.narrowed.left_out
    lines = [
        ("范围", f"{request.scope.role}：{request.scope.words}"),
        ("对象", request.recipient),
        ("用途", request.purpose),
        ("到期", f"{request.until}，到期请删除。到期后文件仍打得开，程序管不到"),
        ("期间", f"{run.period.label}，评估日 {run.as_of}，策略“{run.policy.name}”，校验号 {share.plan.run_id}"),
        ("分享号", share.code),
        ("客户", f"{len(share.customers)} 家"),
        ("个人信息", "联系人、联系方式未遮住，限经手人使用" if request.unmasked else "已遮住"),
        ("等级", "按整本台账评定；合计、比例、平均只按这里的客户重新计算，没有和其他客户的比较"),
        ("看板和日历", LEFT_OUT),
        ("请勿转给他人", "程序不能阻止收到的人转发、抄录或另存；发给谁、什么用途已登记"),
    ]
    if left_out:
        lines.append(("没有列入", f"和整本台账比较才成立的预警 {left_out} 项"))
    return lines
