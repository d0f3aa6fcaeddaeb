"""The packs of a plan, made on request and put beside a period's other results (domain §10).

Nothing but `packs/` is touched, and it changes as one directory: what lies there stays, what is made
again is replaced, and all of it is in place or none. Showing contacts is recorded before anything is
written: what cannot be recorded is not given out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.assess.figures import lifetime_value
from sheetcrm.errors import UsageError
from sheetcrm.model import Assessment, Lifetime
from sheetcrm.report.packs import packs
from sheetcrm.report.packs.kinds import SHOWING_CONTACTS, Wanted
from sheetcrm.report.packs.packs import Packs
from sheetcrm.report.packs.singles import Skipped
from sheetcrm.report.pages import naming, templates
from sheetcrm.report.press import pdf as engine
from sheetcrm.report.press import pool
from sheetcrm.runs import prepare, run_file
from sheetcrm.runs.prepare import Plan, Progress, silent
from sheetcrm.store.files import disk
from sheetcrm.store.files import staging as store
from sheetcrm.store.files.inputs import RUN_FILE
from sheetcrm.store.history import ledger
from sheetcrm.store.history.recorded import Disclosure

FOLDER = "packs"


@dataclass(frozen=True, slots=True)
class Made:
    """What was written where, what failed and why, and what was not made for whom."""

    folder: Path
    files: tuple[str, ...]
    failed: Mapping[str, str]
    skipped: tuple[Skipped, ...]
    missing_glyphs: tuple[str, ...]
    backups: tuple[Path, ...]


def lay_out(plan: Plan, wanted: Wanted) -> Packs:
    """Lay out the packs that are asked for. Nothing is written.

    Raises:
        UsageError: If a customer or an owner that is asked for is not there.
        EngineError: If a template cannot be filled.
    """
    _refuse_unknown(plan, wanted)
    return packs.plan(
        plan.assessments,
        plan.figures,
        sample=prepare.sample_of(plan.reading.book, policy=plan.policy, period=plan.period, as_of=plan.as_of),
        book=plan.reading.book,
        policy=plan.policy,
        run_id=plan.run_id,
        wanted=wanted,
        templates=plan.templates,
        worth=_worth(plan),
    )


def _worth(plan: Plan) -> Callable[[Assessment], Lifetime]:
    """Give what a customer is worth; who stayed is counted when the first pack asks."""
    counted: list[lifetime_value.Kept] = []

    def worth(entry: Assessment) -> Lifetime:
        if not counted:
            counted.append(lifetime_value.kept(plan.assessments, plan.history.past, plan.policy.roles))
        return lifetime_value.lifetime(entry, counted[0], policy=plan.policy, as_of=plan.as_of)

    return worth


def make(plan: Plan, laid: Packs, output: Path, *, purpose: str = "", progress: Progress = silent) -> Made:
    """Print the packs and add them to `output/<period>/packs/`.

    A pack that fails does not stop the others; it is named in what is returned. With a team's own
    templates it does.

    Raises:
        EngineError: If PDFs cannot be made here at all, or not with these templates. Nothing was written.
        StoreError: If the directory cannot be put in place, or the disclosure not recorded. Nothing was written.
    """
    folder = output / plan.period.label / FOLDER
    files = dict(laid.files)
    failed: dict[str, str] = {}
    missing: set[str] = set()
    if laid.jobs:
        engine.check_engine()
        for file, css in templates.styles(plan.templates).items():
            engine.check_style(css, file=file)
        progress(f"排版 {len(laid.jobs)} 份")
        rendered = pool.render_all(laid.jobs)
        for one in rendered:
            missing.update(one.missing)
            if one.data is None:
                if plan.templates and one.error:
                    raise one.error
                failed[one.name] = str(one.error)
            else:
                files[one.name] = one.data
        files |= packs.write_mails(laid, rendered)
    if not files:
        return Made(folder, (), failed, laid.skipped, tuple(sorted(missing)), ())
    progress("写入文件")
    with store.claim(output):
        if folder.parent.is_dir():
            store.sweep(folder.parent)
        if laid.shown:
            _disclose(plan, laid, output, purpose=purpose)
        kept = _put(folder, files, run_id=plan.run_id)
    return Made(folder, tuple(sorted(files)), failed, laid.skipped, tuple(sorted(missing)), kept)


def _refuse_unknown(plan: Plan, wanted: Wanted) -> None:
    known = {entry.customer.customer_id for entry in plan.assessments}
    if missing := sorted(wanted.customers - known):
        raise UsageError(
            f"没有客户编号“{'、'.join(missing)}”", "请核对编号；编号重复或行内有错误的客户见 sheetcrm check"
        )
    owners = {entry.owner for entry in plan.assessments if entry.owner}
    owners |= {item.owner for entry in plan.assessments for item in entry.due}
    if missing := sorted(wanted.owners - owners):
        raise UsageError(f"没有责任人“{'、'.join(missing)}”", "请写客户经理一列里的名字，或跟进计划里的责任角色")


def _disclose(plan: Plan, laid: Packs, output: Path, *, purpose: str) -> None:
    kinds = [kind for kind in laid.counts if kind in SHOWING_CONTACTS]
    entry = Disclosure(
        what=f"联系人、联系方式（{'、'.join(kinds)}）：{'、'.join(laid.shown)}",
        purpose=purpose,
        source="、".join(one.name for one in plan.inputs),
        target=f"{plan.period.label}/{FOLDER}",
        run_id=plan.run_id,
        stamp=ledger.stamp(),
    )
    with ledger.opened(output) as history:
        history.disclose(entry)


def _put(folder: Path, files: Mapping[str, bytes], *, run_id: str) -> tuple[Path, ...]:
    """Add files to a directory that changes as one; those edited since they were made are backed up first.

    What is made again takes the place of all volumes it had.
    """
    made = run_file.recorded_outputs(folder / run_file.PACKS_FILE)
    standing = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    anew = {naming.whole(name) for name in files}
    carried = {
        name: path for name, path in standing.items() if naming.whole(name) not in anew and name != run_file.PACKS_FILE
    }
    told = {name: made.get(name) or disk.sha256(path) for name, path in carried.items()}
    told |= {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    run_made = run_file.recorded_outputs(folder.parent / RUN_FILE)
    told = {name: sha for name, sha in told.items() if name in files or f"{FOLDER}/{name}" not in run_made}
    said = json.dumps(
        {"run_id": run_id, "outputs": [{"file": name, "sha256": sha} for name, sha in sorted(told.items())]},
        ensure_ascii=False,
        indent=1,
    )
    kept = store.replace_directory(
        folder,
        {**carried, **files, run_file.PACKS_FILE: (said + "\n").encode()},
        recorded={**made, **{name: disk.sha256(path) for name, path in carried.items()}},
    )
    return tuple(entry.path for entry in kept)
