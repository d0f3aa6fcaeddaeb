"""A second person's approval of what the policy asks one for: a line of the sheet 审批 (practice §11).

It is an organisational check. Who can edit the sheet can forge a line, and who starts the program can say any name; the
history has who ran what, as the system knows them, and the line's hash binds it to exactly what was asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sheetcrm.errors import UsageError
from sheetcrm.model.permits import AGREED, ApprovalEntry
from sheetcrm.policy.model import IN_PLACE, SHARE_SENSITIVE, UNMASK
from sheetcrm.policy.run import Run
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.history.ledger import Ledger, stamp
from sheetcrm.store.history.recorded import Disclosure
from sheetcrm.text.folding import fold
from sheetcrm.text.printable import dump_json

WORDS = {UNMASK: "显示联系方式", SHARE_SENSITIVE: "分享联系方式", IN_PLACE: "改写原表"}
"""What each matter is called; a line of 审批 may name it either way."""
_SHEET = "“审批”表"


@dataclass(frozen=True, slots=True)
class Matter:
    """What is asked for: its kind, and the hash of exactly what would be done."""

    kind: str
    hash: str

    @classmethod
    def of(cls, kind: str, parts: object) -> Matter:
        """Hash plain values; the letters in front keep Excel from taking a hash for a number. Pure."""
        return cls(kind, f"SP{hashlib.sha256(dump_json([kind, parts]).encode()).hexdigest()[:12]}")


@dataclass(frozen=True, slots=True)
class Approved:
    """The 校验号 under which something is done, and who agreed to it; blank where nobody has to."""

    code: str
    by: str = ""


def code_of(matter: Matter, history: Ledger) -> str:
    """Return the 校验号 to be approved: that of the matter, numbered where it was used before."""
    uses = len(list(_uses(matter, history)))
    return f"{matter.hash}-{uses + 1}" if uses else matter.hash


def _uses(matter: Matter, history: Ledger) -> Iterator[Disclosure]:
    return (one for one in history.disclosures() if one.code.split("-")[0] == matter.hash)


def settle(matter: Matter, run: Run, approvals: Sequence[ApprovalEntry], history: Ledger) -> Approved:
    """Return the approval of a matter, where the policy asks for one.

    Args:
        matter: What is asked for.
        run: By whom, today, under which policy.
        approvals: The lines of 审批 in the books.
        history: What was done before: an approval counts once.

    Raises:
        UsageError: If nobody agreed to exactly this, or who did may not, no longer, or not yet.
    """
    code = code_of(matter, history)
    if matter.kind not in run.policy.approval.needed:
        return Approved(code)
    names = [name for name in (run.person, stamp().user) if name]
    lines = [one for one in approvals if fold(one.code) == fold(code)]
    faults = []
    for line in lines:
        fault = _fault(line, matter, names, run.today)
        if not fault:
            return Approved(code, f"{line.approver} {line.date}")
        faults.append(fault)
    raise _refused(faults[0] if faults else _missing(matter, code, approvals, history), matter, code, names)


def _fault(line: ApprovalEntry, matter: Matter, names: Sequence[str], today: date) -> str:
    """Say why a line of 审批 with the right 校验号 does not count; blank where it does."""
    approver, asker = line.approver or "", line.asker or ""
    asking = {fold(name) for name in (*names, asker) if name}
    tests = (
        (not _is_of(line, matter), f"事项写的是“{line.matter}”，这一次是 {matter.kind}（{WORDS[matter.kind]}）"),
        (not approver, "没有写审批人"),
        (fold(approver) in asking, f"审批人“{approver}”就是申请人，不能自己批自己"),
        (fold(asker) not in set(map(fold, names)), f"申请人写的是“{asker or '空'}”，运行的是{'、'.join(names)}"),
        (line.verdict != AGREED, f"结论是“{line.verdict or '空'}”，不是“{AGREED}”"),
        (line.date is None, "没有写审批日期"),
        (line.date is not None and line.date > today, f"审批日期 {line.date} 在今天以后"),
        (line.expires_on is None, "没有写到期"),
        (line.expires_on is not None and line.expires_on < today, f"审批已于 {line.expires_on} 到期"),
    )
    return next((f"{_SHEET}第 {line.row} 行{fault}" for holds, fault in tests if holds), "")


def _is_of(line: ApprovalEntry, matter: Matter) -> bool:
    return fold(line.matter) in {fold(matter.kind), fold(WORDS[matter.kind])}


def _missing(matter: Matter, code: str, approvals: Sequence[ApprovalEntry], history: Ledger) -> str:
    """Say why no line has the 校验号: it was used, or is another plan's, or there is none."""
    listed = {fold(one.code) for one in approvals}
    for use in _uses(matter, history):
        if fold(use.code) in listed:
            return f"{_SHEET}里校验号 {use.code} 的审批已在 {use.stamp.at[:10]} 用过，只能用一次；这一次是 {code}"
    others = [one.code for one in approvals if _is_of(one, matter)]
    if others:
        return f"{_SHEET}里批的是 {'、'.join(others)}，这一次是 {code}：内容、范围、对象、用途或到期不一样"
    return f"{WORDS[matter.kind]}要第二人审批，{_SHEET}里没有校验号 {code}"


def _refused(what: str, matter: Matter, code: str, names: Sequence[str]) -> UsageError:
    asker = names[0] if names else "姓名（--as）"
    return UsageError(
        f"{what}。什么也没有写",
        f"请另一个人在{_SHEET}里写一行：事项 {matter.kind}，申请人 {asker}，审批人，校验号 {code}，日期，到期，"
        f"结论 {AGREED}；申请人的姓名用 --as 给出。然后再运行一次",
    )


def rewriting(plan: Plan) -> Matter | None:
    """Hash the cells that would change in people's own workbooks; None where the policy asks nobody, or none would."""
    if IN_PLACE not in plan.run.policy.approval.needed:
        return None
    cells = sorted(
        [entry.source.name, cell.sheet, str(cell.row), str(cell.column), cell.new]
        for entry in plan.workbooks
        if entry.changed and not entry.source.copy_of
        for cell in entry.receipt.written
    )
    run = plan.run
    parts = {"period": run.period.label, "as_of": run.as_of.isoformat(), "cells": cells}
    return Matter.of(IN_PLACE, parts) if cells else None


def settle_rewriting(plan: Plan, history: Ledger) -> Disclosure | None:
    """Return the record of the approval that rewriting people's own workbooks uses; None where it needs none.

    Raises:
        UsageError: As `settle` does.
    """
    matter = rewriting(plan)
    if matter is None:
        return None
    approved = settle(matter, plan.run, plan.reading.book.approvals, history)
    changed = [entry.source.name for entry in plan.workbooks if entry.changed and not entry.source.copy_of]
    return Disclosure(
        action=WORDS[IN_PLACE],
        what=f"{len(changed)} 个工作簿",
        purpose="回写",
        source="、".join(changed),
        target="原处",
        manner="先备份，再改写",
        run_id=plan.run_id,
        code=approved.code,
        approved=approved.by,
        person=plan.run.person,
        stamp=stamp(),
    )


def describe_rewriting(plan: Plan, history: Ledger) -> tuple[str, ...]:
    """Say which 校验号 a second person would have to agree to before workbooks are rewritten; nothing where nobody."""
    matter = rewriting(plan)
    return (describe_need(matter, plan.run, history),) if matter else ()


def describe_need(matter: Matter, run: Run, history: Ledger) -> str:
    """Say which 校验号 a second person would have to agree to; blank where nobody has to."""
    if matter.kind not in run.policy.approval.needed:
        return ""
    return f"{WORDS[matter.kind]}要第二人审批：{_SHEET}里的校验号写 {code_of(matter, history)}，事项写 {matter.kind}"
