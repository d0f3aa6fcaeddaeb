"""What a run says of itself, for programs: `run.json`, `edits.jsonl`, and the run's id.

`run.json` holds no personal data and no time of day, so that the same run gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sheetcrm import __version__
from sheetcrm.model import Assessment, Period, Problem, Receipt, Severity
from sheetcrm.policy.model import Policy
from sheetcrm.store.inputs import InputFile


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
    return hashlib.sha256(policy.model_dump_json().encode()).hexdigest()


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
) -> bytes:
    """Write the record of a run. Pure."""
    said = {
        "run_id": run,
        "version": __version__,
        "period": period.label,
        "as_of": as_of.isoformat(),
        "policy": {"name": policy.name, "version": policy.version, "sha256": policy_hash(policy)},
        "inputs": [{"file": entry.name, "sha256": entry.sha256, "read": entry.name not in refused} for entry in inputs],
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
