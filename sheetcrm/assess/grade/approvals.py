"""Signatures in the review workbook: which count, and in which cells they go (practice §1.2, §10). Pure.

An approval is a signature for the tier its row shows. It is taken over where this run still gives that tier, where
another person than the assessor signed, and where no other signature stands, or an older one that does not count any
more: it was for another tier, or ended with a regular re-grading.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sheetcrm.assess.review_rows import CellsToFill, RefusedError, day_of, place_of
from sheetcrm.model import Assessment, Problem, ScoringRow
from sheetcrm.model.review import AGREED, OPINION, RETURNED, SIGNED_ON, SIGNER, Approval, ReviewRow
from sheetcrm.policy.run import Run
from sheetcrm.problems import listed, problem, shown
from sheetcrm.text.folding import same_name


def audited(row: ReviewRow, by_id: Mapping[str, Assessment], run: Run) -> Assessment | None:
    """Return the customer whose tier was approved or sent back; None where there is nothing to do.

    Raises:
        RefusedError: If it cannot be taken over.
    """
    opinion, day = row.filled.get(OPINION, ""), row.filled.get(SIGNED_ON, "")
    if not opinion and not day and not row.filled.get(SIGNER):
        return None
    entry = by_id.get(row.keys[0])
    scoring = entry.customer.scoring if entry else None
    if opinion == AGREED and scoring and _stands(scoring, row):
        return None
    missing = [
        header
        for header in (OPINION, *(() if opinion == RETURNED else (SIGNER, SIGNED_ON)))
        if not row.filled.get(header)
    ]
    if missing:
        raise RefusedError(problem("review-incomplete", row.ref(missing[0]), missing=listed(missing)))
    if opinion not in (AGREED, RETURNED):
        values = {"label": OPINION, "shown": shown(opinion), "choices": f"{AGREED}、{RETURNED}"}
        raise RefusedError(problem("review-opinion", row.ref(OPINION), **values))
    if entry is None:
        raise RefusedError(problem("review-customer-gone", row.ref(OPINION), shown=shown(row.keys[0])))
    if entry.grade != row.keys[1] or entry.signature is None:
        raise RefusedError(problem("review-tier-changed", row.ref(OPINION), signed=row.keys[1], grade=entry.grade))
    if scoring is None or scoring.origin.beside:
        raise RefusedError(problem("review-no-row", row.ref(OPINION)))
    if opinion == RETURNED:
        if not entry.awaiting_audit:
            raise RefusedError(_taken("review-returned-signed", row, scoring))
        return entry
    _check_signature(row, entry, scoring, run)
    return entry


def _check_signature(row: ReviewRow, entry: Assessment, scoring: ScoringRow, run: Run) -> None:
    """Refuse a signature that does not count, or that would go over one that does or is as new."""
    day = day_of(row, SIGNED_ON, run)
    if same_name(row.filled[SIGNER], scoring.assessor):
        raise RefusedError(problem("review-own-signature", row.ref(SIGNER), shown=shown(row.filled[SIGNER])))
    if entry.signature and day < entry.signature.needed_on:
        why = f"早于这次等级要求的{entry.signature.needed_on}"
        raise RefusedError(problem("review-date", row.ref(SIGNED_ON), label=SIGNED_ON, shown=day.isoformat(), why=why))
    if scoring.audited_on:
        free = entry.awaiting_audit and scoring.audited_on < day
    else:
        free = not scoring.auditor or same_name(scoring.auditor, row.filled[SIGNER])
    if not free or not {"auditor", "audited_on"}.isdisjoint(scoring.unreadable):
        raise RefusedError(_taken("review-cell-taken", row, scoring))


def _taken(kind: str, row: ReviewRow, scoring: ScoringRow) -> Problem:
    return problem(
        kind, row.ref(OPINION), shown=_signature(scoring) or "读不出", place=place_of(scoring.ref("audited_on"))
    )


def _signature(scoring: ScoringRow) -> str:
    return " ".join(filter(None, (scoring.auditor, str(scoring.audited_on or ""))))


def approval_of(row: ReviewRow, scoring: ScoringRow | None) -> Approval:
    """Return the signature of a row that `audited` let pass, and the one it takes the place of. Pure."""
    replaces = _signature(scoring) if scoring and scoring.audited_on else ""
    return Approval(row.filled[SIGNER], date.fromisoformat(row.filled[SIGNED_ON]), replaces)


def _stands(scoring: ScoringRow, row: ReviewRow) -> bool:
    """Return whether the scoring sheet has this very signature already."""
    day = scoring.audited_on.isoformat() if scoring.audited_on else ""
    return day == row.filled.get(SIGNED_ON) and same_name(scoring.auditor, row.filled.get(SIGNER))


def sign_cells(scoring: ScoringRow | None, approval: Approval, fills: CellsToFill) -> None:
    """Plan the cells of a signature; a name that stands there already stays as it was written."""
    if scoring:
        columns = fills[scoring.origin]
        if not scoring.auditor or not same_name(scoring.auditor, approval.auditor):
            columns["auditor"][scoring.row] = approval.auditor
        columns["audited_on"][scoring.row] = approval.audited_on
