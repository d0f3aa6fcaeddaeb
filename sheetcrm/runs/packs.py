"""The packs of a plan, made on request and put beside a period's other results (practice §10).

Nothing but `packs/` is touched, and it changes as one directory: what lies there stays, what is made
again is replaced, and all of it is in place or none. Showing contacts is recorded before anything is
written: what cannot be recorded is not given out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sheetcrm.assess.figures import lifetime_value
from sheetcrm.errors import UsageError
from sheetcrm.model import Assessment, Lifetime
from sheetcrm.policy.model import UNMASK
from sheetcrm.report.packs import packs as pack_plan
from sheetcrm.report.packs.kinds import GROWTH, LETTER, SHOWING_CONTACTS, Wanted
from sheetcrm.report.packs.packs import Packs
from sheetcrm.report.packs.singles import Skipped
from sheetcrm.report.pages import naming
from sheetcrm.runs import approving, run_file
from sheetcrm.runs.approving import Approved, Matter
from sheetcrm.runs.prepare import Plan
from sheetcrm.runs.printing import NOTHING_PRINTED, check_printing, print_documents
from sheetcrm.runs.reading import Progress, silent
from sheetcrm.store.files import disk
from sheetcrm.store.files import staging as store
from sheetcrm.store.files.inputs import RUN_FILE
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.recorded import LETTERS, SHOWN, Disclosure
from sheetcrm.text.printable import dump_json

FOLDER = "packs"


@dataclass(frozen=True, slots=True)
class PackOutcome:
    """What was written where, what failed and why, and what was not made for whom.

    `unconfirmed` says that the disk did not confirm what is in place, empty where it did.
    """

    folder: Path
    files: tuple[str, ...]
    failed: Mapping[str, str]
    skipped: tuple[Skipped, ...]
    missing_glyphs: tuple[str, ...]
    backups: tuple[Path, ...]
    unconfirmed: str = ""


def lay_out(plan: Plan, wanted: Wanted) -> Packs:
    """Lay out the packs that are asked for. Nothing is written.

    Raises:
        UsageError: If a customer or an owner that is asked for is not there.
        EngineError: If a template cannot be filled.
    """
    _refuse_unknown(plan, wanted)
    return pack_plan.plan(plan.results, wanted, templates=plan.templates, worth=_lifetimes(plan))


def _lifetimes(plan: Plan) -> Callable[[Assessment], Lifetime]:
    """Return what gives a customer's 客户终身价值; who stayed is counted when the first pack asks."""
    kept: list[lifetime_value.Kept] = []

    def lifetime_of(entry: Assessment) -> Lifetime:
        if not kept:
            kept.append(lifetime_value.kept(plan.assessments, plan.history.past, plan.run.policy.roles))
        return lifetime_value.lifetime(entry, plan.run, kept[0])

    return lifetime_of


def write(plan: Plan, packs: Packs, output: Path, *, purpose: str = "", progress: Progress = silent) -> PackOutcome:
    """Print the packs and add them to `output/<period>/packs/`.

    A pack that fails does not stop the others; it is named in what is returned. With a team's own
    templates it does.

    Raises:
        EngineError: If PDFs cannot be made here at all, or not with these templates. Nothing was written.
        StoreError: If the directory cannot be put in place, or the disclosure not recorded. Nothing was written.
        UsageError: If contacts are shown and nobody agreed to it who had to (practice §11). Nothing was written.
    """
    if packs.shown:
        with ledger.read(output) as history:
            _approve(plan, packs, purpose, history)
    folder = output / plan.run.period.label / FOLDER
    printed = NOTHING_PRINTED
    if packs.jobs:
        check_printing(plan.templates)
        printed = print_documents(packs.jobs, stop_on_failure=bool(plan.templates), progress=progress)
    files = {**packs.files, **printed.files, **pack_plan.write_mails(packs, printed.files)}
    backups: tuple[Path, ...] = ()
    unconfirmed = ""
    if files:
        progress("写入文件")
        with store.claim(output):
            if folder.parent.is_dir():
                store.sweep(folder.parent)
            _disclose(plan, packs, output, purpose=purpose)
            backups, unconfirmed = _put(folder, files, run_id=plan.run_id)
    return PackOutcome(
        folder, tuple(sorted(files)), printed.failed, packs.skipped, printed.missing_glyphs, backups, unconfirmed
    )


def _refuse_unknown(plan: Plan, wanted: Wanted) -> None:
    customers = {entry.customer.customer_id for entry in plan.assessments}
    if missing := sorted(wanted.customers - customers):
        raise UsageError(
            f"没有客户编号“{'、'.join(missing)}”", "请核对编号；编号重复或行内有错误的客户见 sheetcrm check"
        )
    owners = {entry.owner for entry in plan.assessments if entry.owner}
    owners |= {item.owner for entry in plan.assessments for item in entry.due}
    owners |= {row.owner for row in plan.lists.routines}
    if missing := sorted(wanted.owners - owners):
        raise UsageError(f"没有责任人“{'、'.join(missing)}”", "请写客户经理一列里的名字，或跟进计划里的责任岗位")


def _approve(plan: Plan, packs: Packs, purpose: str, history: Ledger) -> Approved:
    """Return the approval of showing these contacts for this purpose, where the policy asks for one."""
    shown = set(packs.shown)
    profiles = [entry.customer.profile for entry in plan.assessments if entry.customer.customer_id in shown]
    contacts = [[one.customer_id, one.contact, one.phone, one.address] for one in profiles if one]
    parts = {
        "kinds": [kind for kind in packs.counts if kind in SHOWING_CONTACTS],
        "contacts": sorted([text or "" for text in row] for row in contacts),
        "period": plan.run.period.label,
        "as_of": plan.run.as_of.isoformat(),
        "purpose": purpose,
    }
    return approving.settle(Matter.of(UNMASK, parts), plan.run, plan.reading.book.approvals, history)


def _disclose(plan: Plan, packs: Packs, output: Path, *, purpose: str) -> None:
    """Put on record whose contacts are shown, else how many letters there are that customers will read."""
    letters = {kind: packs.counts[kind] for kind in (LETTER, GROWTH) if packs.counts.get(kind)}
    if packs.shown:
        kinds = [kind for kind in packs.counts if kind in SHOWING_CONTACTS]
        action, what = SHOWN, f"联系人、联系方式（{'、'.join(kinds)}）：{'、'.join(packs.shown)}"
    elif letters:
        action, what = LETTERS, "、".join(f"{kind} {number} 份" for kind, number in letters.items())
    else:
        return
    entry = Disclosure(
        action=action,
        what=what,
        purpose=purpose or "告知客户",
        source="、".join(one.name for one in plan.reading.inputs),
        target=f"{plan.run.period.label}/{FOLDER}",
        person=plan.run.person,
        run_id=plan.run_id,
        stamp=ledger.stamp(),
    )
    with ledger.opened(output) as history:
        if packs.shown:
            approved = _approve(plan, packs, purpose, history)
            entry = replace(entry, code=approved.code, approved=approved.by)
        history.disclose(entry)


def _put(folder: Path, files: Mapping[str, bytes], *, run_id: str) -> tuple[tuple[Path, ...], str]:
    """Add files to a directory that changes as one; those edited since they were made are backed up first.

    What is made again takes the place of all volumes it had. Returns the backups, and why the disk did not
    confirm the directory, empty where it did.
    """
    recorded = run_file.recorded_outputs(folder / run_file.PACKS_FILE)
    existing = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    anew = {naming.whole(name) for name in files}
    carried = {
        name: path for name, path in existing.items() if naming.whole(name) not in anew and name != run_file.PACKS_FILE
    }
    hashes = {name: recorded.get(name) or disk.sha256(path) for name, path in carried.items()}
    hashes |= {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    of_the_run = run_file.recorded_outputs(folder.parent / RUN_FILE)
    outputs = [
        {"file": name, "sha256": sha}
        for name, sha in sorted(hashes.items())
        if name in files or f"{FOLDER}/{name}" not in of_the_run
    ]
    record = dump_json({"run_id": run_id, "outputs": outputs}, indent=1)
    unconfirmed = ""
    try:
        kept = store.replace_directory(
            folder,
            {**carried, **files, run_file.PACKS_FILE: (record + "\n").encode()},
            recorded={**recorded, **{name: disk.sha256(path) for name, path in carried.items()}},
        )
    except store.UnconfirmedError as error:
        kept, unconfirmed = error.backups, str(error)
    return tuple(entry.path for entry in kept), unconfirmed
