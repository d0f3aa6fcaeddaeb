"""The record of a run, for programs: `run.json`, the run's id, and the rows of the history.

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
from sheetcrm.assess.reviewed import NOTHING_REVIEWED, Reviewed
from sheetcrm.assess.words import changes
from sheetcrm.model import (
    Assessment,
    Customer,
    Departed,
    Figures,
    Past,
    PastFigures,
    Problem,
    Receipt,
    Severity,
    SheetEdit,
    SheetRemark,
    Standing,
    column_letters,
    figure_values,
    kept_points,
)
from sheetcrm.periods import kind_of
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Results, Run
from sheetcrm.privacy import Gate, gate_of, hide_numbers
from sheetcrm.runs.reading import ReadBook
from sheetcrm.store.files.inputs import RUN_FILE, InputFile
from sheetcrm.store.history.recorded import CustomerRecord, RecordedRun, Stamp, stated_values
from sheetcrm.text.folding import fold
from sheetcrm.text.printable import dump_json

MOST_LISTED = 1000
"""Problems listed in run.json; of more customers it lists none, and the history has them all."""
_MOST_CELLS = 100
"""Cells of a remark that run.json names."""


def run_id(
    inputs: Sequence[InputFile],
    run: Run,
    *,
    templates: str,
    history: str,
    numbering: bool = False,
    cleared: Mapping[str, Sequence[SheetEdit]] | None = None,
    reviewed: str = "",
) -> str:
    """Hash everything a run's result depends on: the same run has the same id (12 hex digits). Pure."""
    parts: dict[str, object] = {
        "version": __version__,
        "policy": run.policy.sha256,
        "templates": templates,
        "history": history,
        "period": run.period.label,
        "as_of": run.as_of.isoformat(),
        "inputs": sorted((entry.name, entry.sha256) for entry in inputs),
    }
    if run.kept_columns:
        parts["kept_columns"] = sorted(map(fold, run.kept_columns))
    if numbering:
        parts["numbering"] = True
    if reviewed:
        parts["reviewed"] = reviewed
    if cleared:
        cells = ((edit.sheet, column.label, *column.rows) for edits in cleared.values() for edit in edits
                 for column in edit.columns)  # fmt: skip
        parts["cleared"] = sorted([*map(str, cell)] for cell in cells)
    return hashlib.sha256(dump_json(parts).encode()).hexdigest()[:12]


def history_hash(
    past: Mapping[str, Past],
    figures: Sequence[PastFigures],
    by_hand: Iterable[Problem],
    dates: Mapping[str, date],
    departed: Sequence[Departed],
    *,
    days: Mapping[str, Mapping[str, date]],
    first_run: date | None = None,
) -> str:
    """Hash what a run used of the history. Pure.

    Args:
        past: The last periods.
        figures: The figures of earlier reports.
        by_hand: Grades that were changed by hand since.
        dates: The 资料日期 that were filled in.
        departed: Who was there last period and is not now.
        days: What only the history tells of customers, by kind: since when tiers stand, where an earlier run of the
            period tells, and the days typed into 下次跟进日期 that stand there no more.
        first_run: The day of the first run, where that was an earlier day.
    """
    used = [_past_values(key, entry) for key, entry in sorted(past.items())]
    stated = [[entry.period, entry.whole, entry.same_policy, stated_values(entry.values)] for entry in figures]
    changed = sorted([str(entry.ref), entry.kind, entry.what] for entry in by_hand)
    parts: list[object] = [used, stated, changed]
    if dates:
        parts.append(sorted((key, day.isoformat()) for key, day in dates.items()))
    for kind, by_customer in days.items():
        if by_customer:
            parts.append([[kind], sorted((key, day.isoformat()) for key, day in by_customer.items())])
    if departed:
        parts.append([[*_past_values(one.customer_id, one.past), one.owner, one.department] for one in departed])
    if first_run:
        parts.append(first_run.isoformat())
    return hashlib.sha256(dump_json(parts).encode()).hexdigest() if any(parts) else ""


def _past_values(customer_id: str, past: Past) -> list[object]:
    return [
        *(customer_id, past.period, past.grade, str(past.score), str(past.graded_on), sorted(past.labels.items())),
        *(str(past.tier_since), past.overridden, past.proposed),
        *([str(points) for points in past.points], past.terms.sha256),
        *([sorted((label, day.isoformat()) for label, day in past.since.items())] if past.since else []),
        *([str(past.next_grading)] if past.next_grading else []),
        *([sorted((name, str(value)) for name, value in past.figures.items())] if past.figures else []),
        *([past.owner] if past.owner else []),
    ]


def run_json(
    results: Results,
    reading: ReadBook,
    *,
    receipts: Mapping[str, Receipt],
    outputs: Sequence[Mapping[str, Any]],
    failed: Sequence[str],
    history: str,
    in_place: bool,
) -> bytes:
    """Write the record of a run.

    Args:
        results: What was decided.
        reading: What was read.
        receipts: What was written into each workbook, by its name.
        outputs: The files of the period's directory, as `output_values` describes them.
        failed: The files that could not be written.
        history: The hash of what was used of the history.
        in_place: Whether people's own workbooks were changed.

    Returns:
        UTF-8 JSON without personal data, however large the book is under 1 MB. What is not listed is counted in
        `left_out`. Pure.
    """
    run, policy, gate = results.run, results.run.policy, gate_of(results.book.customers)
    customers, problems = results.assessments, results.problems
    left_out = {"customers": len(customers) if len(customers) > MOST_LISTED else 0}
    left_out["problems"] = max(0, len(problems) - MOST_LISTED)
    listed = () if left_out["customers"] else customers
    record = {
        "run_id": results.run_id,
        "version": __version__,
        "period": run.period.label,
        "as_of": run.as_of.isoformat(),
        "policy": {"name": policy.name, "version": policy.version, "sha256": policy.sha256},
        "history_sha256": history,
        "in_place": in_place,
        "inputs": [
            {"file": entry.copy_of or entry.name, "sha256": entry.sha256, "read": entry.name not in reading.refused}
            for entry in reading.inputs
        ],
        "outputs": list(outputs),
        "failed": list(failed),
        "workbooks": {name: _receipt(entry) for name, entry in sorted(receipts.items())},
        "counts": counts(results.problems, results.assessments),
        **({"left_out": left_out} if any(left_out.values()) else {}),
        "problems": [problem_values(entry, words=False) for entry in problems[:MOST_LISTED]],
        "customers": _numbered_apart([listed_values(entry, policy) for entry in listed], gate),
    }
    return (dump_json(gate.values(record), indent=1) + "\n").encode()


def output_values(files: Mapping[str, bytes], set_from: Mapping[str, str]) -> list[dict[str, Any]]:
    """Describe the files of a period's directory, and by `set_from` what the next run may take of them. Pure."""
    return [
        {"file": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        | ({"set_from": set_from[name]} if name in set_from else {})
        for name, data in sorted(files.items())
    ]


def recorded_outputs(path: Path) -> Mapping[str, str]:
    """Read the hashes a former run.json states for its files, itself included; nothing where there is none."""
    try:
        data = path.read_bytes()
        outputs = json.loads(data)["outputs"]
        return {entry["file"]: entry["sha256"] for entry in outputs} | {path.name: hashlib.sha256(data).hexdigest()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


OTHER_GRADE = "表外"
"""What stands for a grade that is none of the policy's: people may have typed anything there."""

PACKS_FILE = "packs.json"
"""The record of the packs that were made; it lies among them."""


def recorded_results(folder: Path) -> Mapping[str, str]:
    """Read the hashes of everything the program put into a period's directory: a run's files, and packs since."""
    packs = recorded_outputs(folder / "packs" / PACKS_FILE)
    return {f"packs/{name}": sha for name, sha in packs.items()} | dict(recorded_outputs(folder / RUN_FILE))


def counts(problems: Iterable[Problem], assessments: Iterable[Assessment]) -> dict[str, Any]:
    """Count problems by severity and kind, and customers by grade. Pure."""
    listed = list(problems)
    return {
        "severities": {level.value: sum(entry.severity is level for entry in listed) for level in Severity},
        "kinds": dict(sorted(Counter(entry.kind for entry in listed).items())),
        "grades": dict(sorted(Counter(entry.grade for entry in assessments).items())),
    }


def problem_values(entry: Problem, *, words: bool = True) -> dict[str, Any]:
    """Return a problem as plain values; without `words`, nothing that was found in a cell. Pure."""
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
    """Return what a run decided of a customer, by number, without a name. Pure."""
    return {
        "customer_id": entry.customer.customer_id,
        "score": None if entry.score.total is None else float(entry.score.total),
        "tier": entry.grade,
        "previous_tier": entry.previous_grade,
        "movement": entry.movement.value if entry.movement else None,
        "coverage": round(float(entry.score.coverage), 4),
        "next_follow_up": entry.due[0].due.isoformat() if entry.due else None,
    }


def listed_values(entry: Assessment, policy: Policy) -> dict[str, Any]:
    """Return what a run decided of a customer, without a text that people wrote in the place of a grade. Pure."""
    values = customer_values(entry)
    return values | {name: _listed_grade(values[name], policy, None) for name in ("tier", "previous_tier")}


def _listed_grade(grade: str | None, policy: Policy, past: Past | None) -> str | None:
    listed = {*tier_names(policy), *(standing.value for standing in Standing), past.grade if past else None, None}
    return grade if grade in listed else OTHER_GRADE


def _numbered_apart(customers: Sequence[dict[str, Any]], gate: Gate) -> list[dict[str, Any]]:
    """Hide what is personal in 客户编号; those that are shown alike then are told apart by a count."""
    uses: Counter[str] = Counter()
    listed = []
    for values in customers:
        shown = gate(values["customer_id"])
        uses[shown] += 1
        count = uses[shown]
        listed.append(values | {"customer_id": shown if count == 1 else f"{shown}~{count}"})
    return listed


def recorded_run(
    run: Run,
    run_id: str,
    reading: ReadBook,
    *,
    in_place: bool,
    stamp: Stamp,
    reviewed: Reviewed = NOTHING_REVIEWED,
) -> RecordedRun:
    """Make the history's record of a run; `reviewed` is what people decided in the review workbook. Pure."""
    graded_by = changes.terms(run.policy)
    return RecordedRun(
        run_id=run_id,
        version=__version__,
        period=run.period.label,
        kind=kind_of(run.period),
        start=run.period.start,
        end=run.period.end,
        as_of=run.as_of,
        policy=graded_by.policy,
        policy_sha256=graded_by.sha256,
        policy_version=run.policy.version,
        policy_file=run.source.file,
        preset=run.source.preset,
        decided_by=graded_by.decided_by,
        weights=graded_by.weights,
        roles=graded_by.roles,
        measures=graded_by.measures,
        tiers=tier_names(run.policy),
        inputs={entry.name: entry.sha256 for entry in reading.inputs if entry.name not in reading.refused},
        refused=reading.refused,
        in_place=in_place,
        aside=reading.aside,
        stamp=stamp,
        review=reviewed.record or None,
        read_back=reviewed.counts if reviewed.record else None,
    )


def tier_names(policy: Policy) -> tuple[str, ...]:
    """Name the tiers, best first: only runs of the same ones compare (docs/architecture.md, History). Pure."""
    return tuple(tier.name for tier in policy.tiers)


def home_of(customer: Customer) -> str:
    """Name the workbook a customer stands in: that of its scoring row, else of its profile. Pure."""
    home = customer.scoring or customer.profile
    return home.origin.file if home else ""


def recorded_customer(entry: Assessment, run: Run, past: Past | None) -> CustomerRecord:
    """Make the history's record of what was decided of a customer: figures and labels, no name. Pure."""
    figures, profile = entry.measures, entry.customer.profile
    newly_graded = entry.standing is Standing.GRADED and entry.proposed_grade is None
    graded_before, typed = past.graded_on if past else None, entry.customer.appointment
    return CustomerRecord(
        customer_id=entry.customer.customer_id,
        file=home_of(entry.customer),
        standing=entry.standing.value,
        grade=entry.grade,
        tier=entry.tier,
        score=entry.score.total,
        coverage=round(entry.score.coverage, 4),
        previous_grade=_listed_grade(entry.previous_grade, run.policy, past),
        movement=entry.movement.value if entry.movement else None,
        proposed_grade=entry.proposed_grade,
        overridden=entry.override is not None,
        classes={label.name: label.outcome for label in entry.classes},
        need_type=_hidden(profile.need_type) if profile else None,
        health=entry.health.colour,
        risk=entry.risk or None,
        alerts=tuple(alert.code for alert in entry.alerts),
        graded_on=run.graded_on(entry.customer.scoring) if newly_graded else graded_before,
        figures_on=entry.figures_on,
        next_due=entry.due[0].due if entry.due else None,
        next_grading=entry.next_grading,
        bought=figures.bought,
        recency_days=figures.recency_days,
        spend_12m=figures.spend_12m,
        spend_total=figures.spend_total,
        frequency_12m=figures.frequency_12m,
        average_order=_rounded(figures.average_order),
        repurchase_rate=_rounded(figures.repurchase_rate),
        usage_time=_rounded(figures.usage_time),
        activation_rate=_rounded(figures.activation_rate),
        engagement=_rounded(figures.engagement),
        satisfaction=_rounded(figures.satisfaction),
        owner=_hidden(entry.owner),
        department=_hidden(entry.department),
        contract_end=profile.contract_end if profile else None,
        points=kept_points(entry.score),
        tier_since=entry.signature.since if entry.signature else None,
        since=entry.since or None,
        appointment=next((one.due for one in entry.due if one.promised and one.due == typed), None) if typed else None,
    )


def _hidden(text: str | None) -> str | None:
    return hide_numbers(text) if text else text


def recorded_figures(figures: Figures) -> Mapping[str, Mapping[str, Decimal]]:
    """Return what the history keeps of the figures of the reports; no number of a person in a group's name. Pure."""
    return {hide_numbers(group): values for group, values in figure_values(figures).items()}


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 4)


def _receipt(entry: Receipt) -> dict[str, Any]:
    return {
        "parts": list(entry.parts),
        "cells_written": len(entry.written),
        "cells_left": len(entry.left),
        "left": dict(sorted(Counter(cell.reason for cell in entry.left).items())),
        "notes": list(entry.notes),
        "remarks": [_remark(remark) for remark in entry.remarks],
    }


def _remark(remark: SheetRemark) -> dict[str, Any]:
    """Return what was remarked without a sheet's name or a formula: either may hold a customer's name."""
    stated = {name: remark.values[name] for name in ("columns", "area") if name in remark.values}
    return {"kind": remark.kind, "cells": [f"{column_letters(c)}{r}" for r, c in remark.places[:_MOST_CELLS]], **stated}
