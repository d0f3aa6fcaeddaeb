"""What a run says of itself, for programs: `run.json`, `edits.jsonl`, and the run's id.

`run.json` holds no personal data and no time of day, so that the same run gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sheetcrm import __version__
from sheetcrm.assess.words import changes
from sheetcrm.model import (
    Assessment,
    Customer,
    Past,
    PastFigures,
    Period,
    Problem,
    Receipt,
    Severity,
    Standing,
    kept_points,
)
from sheetcrm.policy.model import Policy
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.history.recorded import Recorded, Run, Stamp, kind_of, stated_values


def run_id(
    inputs: Sequence[InputFile], *, policy: Policy, templates: str, history: str, period: Period, as_of: date
) -> str:
    """Hash everything a run's result depends on: the same run has the same id (12 hex digits). Pure."""
    parts = {
        "version": __version__,
        "policy": policy_hash(policy),
        "templates": templates,
        "history": history,
        "period": period.label,
        "as_of": as_of.isoformat(),
        "inputs": sorted((entry.name, entry.sha256) for entry in inputs),
    }
    return hashlib.sha256(_dump(parts).encode()).hexdigest()[:12]


def policy_hash(policy: Policy) -> str:
    """Hash a policy's figures, however they were written down. Pure."""
    return policy.sha256


def history_hash(
    past: Mapping[str, Past], figures: Sequence[PastFigures], told: Iterable[Problem], dates: Mapping[str, date]
) -> str:
    """Hash what a run used of the history: last periods, earlier reports, what it told of, 资料日期. Pure."""
    used = [
        [
            *(key, entry.period, entry.grade, str(entry.score), str(entry.graded_on), sorted(entry.labels.items())),
            *(entry.overridden, entry.proposed, [str(points) for points in entry.points], entry.terms.sha256),
        ]
        for key, entry in sorted(past.items())
    ]
    stated = [[entry.period, entry.whole, entry.same_policy, stated_values(entry.values)] for entry in figures]
    said = sorted([str(entry.ref), entry.kind, entry.what] for entry in told)
    parts: list[object] = [used, stated, said]
    if dates:
        parts.append(sorted((key, day.isoformat()) for key, day in dates.items()))
    return hashlib.sha256(_dump(parts).encode()).hexdigest() if any(parts) else ""


def run_json(
    *,
    run: str,
    period: Period,
    as_of: date,
    policy: Policy,
    inputs: Sequence[InputFile],
    refused: Sequence[str],
    receipts: Mapping[str, Receipt],
    problems: Sequence[Problem],
    assessments: Sequence[Assessment],
    outputs: Mapping[str, bytes],
    failed: Sequence[str] = (),
    history: str = "",
    in_place: bool = False,
) -> bytes:
    """Write the record of a run. Pure."""
    said = {
        "run_id": run,
        "version": __version__,
        "period": period.label,
        "as_of": as_of.isoformat(),
        "policy": {"name": policy.name, "version": policy.version, "sha256": policy_hash(policy)},
        "history_sha256": history,
        "in_place": in_place,
        "inputs": [
            {"file": entry.copy_of or entry.name, "sha256": entry.sha256, "read": entry.name not in refused}
            for entry in inputs
        ],
        "outputs": [
            {"file": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in sorted(outputs.items())
        ],
        "failed": list(failed),
        "workbooks": {name: _receipt(entry) for name, entry in sorted(receipts.items())},
        "counts": counts(problems, assessments),
        "problems": [problem_values(entry, words=False) for entry in problems],
        "customers": [customer_values(entry) for entry in assessments],
    }
    return (_dump(said, indent=1) + "\n").encode()


def recorded_outputs(path: Path) -> Mapping[str, str]:
    """Read the hashes a former run.json states for its files, itself included; nothing where there is none."""
    try:
        data = path.read_bytes()
        outputs = json.loads(data)["outputs"]
        return {entry["file"]: entry["sha256"] for entry in outputs} | {path.name: hashlib.sha256(data).hexdigest()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


PACKS_FILE = "packs.json"
"""What `sheetcrm report` says of the packs it made; it lies among them."""


def recorded_results(folder: Path, run_file: str) -> Mapping[str, str]:
    """Read the hashes of everything the program put into a period's directory: a run's files, and packs since."""
    packs = recorded_outputs(folder / "packs" / PACKS_FILE)
    return {f"packs/{name}": sha for name, sha in packs.items()} | dict(recorded_outputs(folder / run_file))


def edits_jsonl(receipts: Mapping[str, Receipt]) -> bytes:
    """Write every cell changed, one line each: file, sheet, row, column, label, old, new. Pure."""
    lines = (
        _dump(
            {
                "file": name,
                "sheet": cell.sheet,
                "row": cell.row,
                "column": cell.column,
                "label": cell.label,
                "old": cell.old,
                "new": cell.new,
            }
        )
        for name, receipt in sorted(receipts.items())
        for cell in receipt.written
    )
    return "".join(line + "\n" for line in lines).encode()


def counts(problems: Iterable[Problem], assessments: Iterable[Assessment]) -> dict[str, Any]:
    """Count problems by severity and kind, and customers by grade. Pure."""
    listed = list(problems)
    return {
        "severities": {level.value: sum(entry.severity is level for entry in listed) for level in Severity},
        "kinds": dict(sorted(Counter(entry.kind for entry in listed).items())),
        "grades": dict(sorted(Counter(entry.grade for entry in assessments).items())),
    }


def problem_values(entry: Problem, *, words: bool = True) -> dict[str, Any]:
    """Give a problem as plain values; without `words`, nothing that was found in a cell. Pure."""
    values: dict[str, Any] = {
        "where": str(entry.ref),
        "file": entry.ref.file,
        "sheet": entry.ref.sheet or None,
        "row": entry.ref.row or None,
        "column": entry.ref.column or None,
        "severity": entry.severity.value,
        "kind": entry.kind,
    }
    return values | {"what": entry.what, "fix": entry.fix} if words else values


def customer_values(entry: Assessment) -> dict[str, Any]:
    """Give what a run decided of a customer, by number, without a name. Pure."""
    return {
        "customer_id": entry.customer.customer_id,
        "score": None if entry.score.total is None else float(entry.score.total),
        "tier": entry.grade,
        "previous_tier": entry.previous_grade,
        "movement": entry.movement.value if entry.movement else None,
        "coverage": round(float(entry.score.coverage), 4),
        "next_follow_up": entry.due[0].due.isoformat() if entry.due else None,
    }


def recorded_run(
    run: str,
    *,
    period: Period,
    as_of: date,
    policy: Policy,
    inputs: Sequence[InputFile],
    refused: Sequence[str],
    aside: Iterable[str],
    in_place: bool,
    stamp: Stamp,
) -> Run:
    """Make the history's record of a run. Pure."""
    graded_by = changes.terms(policy)
    return Run(
        run_id=run,
        version=__version__,
        period=period.label,
        kind=kind_of(period),
        start=period.start,
        end=period.end,
        as_of=as_of,
        policy=graded_by.policy,
        policy_sha256=graded_by.sha256,
        decided_by=graded_by.decided_by,
        weights=graded_by.weights,
        roles=graded_by.roles,
        tiers=tier_names(policy),
        inputs={entry.name: entry.sha256 for entry in inputs if entry.name not in refused},
        refused=tuple(refused),
        in_place=in_place,
        aside=frozenset(aside),
        stamp=stamp,
    )


def tier_names(policy: Policy) -> tuple[str, ...]:
    """Name the tiers, best first: only runs of the same ones compare (architecture, History). Pure."""
    return tuple(tier.name for tier in policy.tiers)


def home_of(customer: Customer) -> str:
    """Name the workbook a customer stands in: that of its scoring row, else of its profile. Pure."""
    home = customer.scoring or customer.profile
    return home.origin.file if home else ""


def recorded_customer(entry: Assessment, *, period: Period, as_of: date, past: Past | None) -> Recorded:
    """Make the history's record of what was decided of a customer: figures and labels, no name. Pure."""
    figures, row, profile = entry.measures, entry.customer.scoring, entry.customer.profile
    if entry.standing is not Standing.GRADED or entry.proposed_grade is not None:
        graded_on = past.graded_on if past else None
    else:
        graded_on = row.assessed_on if row and row.assessed_on and row.assessed_on >= period.start else as_of
    return Recorded(
        customer_id=entry.customer.customer_id,
        file=home_of(entry.customer),
        standing=entry.standing.value,
        grade=entry.grade,
        tier=entry.tier,
        score=entry.score.total,
        coverage=round(entry.score.coverage, 4),
        previous_grade=entry.previous_grade,
        movement=entry.movement.value if entry.movement else None,
        proposed_grade=entry.proposed_grade,
        overridden=entry.override is not None,
        classes={found.name: found.outcome for found in entry.classes},
        need_type=profile.need_type if profile else None,
        health=entry.health.colour,
        risk=entry.risk or None,
        alerts=tuple(alert.code for alert in entry.alerts),
        graded_on=graded_on,
        figures_on=entry.figures_on,
        next_due=entry.due[0].due if entry.due else None,
        next_grading=entry.next_grading,
        bought=figures.bought,
        spend_12m=figures.spend_12m,
        spend_total=figures.spend_total,
        frequency_12m=figures.frequency_12m,
        average_order=_rounded(figures.average_order),
        repurchase_rate=_rounded(figures.repurchase_rate),
        satisfaction=_rounded(figures.satisfaction),
        owner=entry.owner,
        department=entry.department,
        contract_end=profile.contract_end if profile else None,
        points=kept_points(entry.score),
    )


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 4)


def _receipt(entry: Receipt) -> dict[str, Any]:
    return {
        "parts": list(entry.parts),
        "cells_written": len(entry.written),
        "cells_left": len(entry.left),
        "left": dict(sorted(Counter(cell.reason for cell in entry.left).items())),
        "notes": list(entry.notes),
    }


def _dump(value: object, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=False)
