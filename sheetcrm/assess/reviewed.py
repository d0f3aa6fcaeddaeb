"""What people filled into the review workbook, judged against what a run decides (practice §10). Pure.

An approval is a signature for the tier its row shows: it is taken over where this run still gives that tier, where
another person than the assessor signed, and where no other signature that counts stands. A promise marked as done is
done on the day that was filled in. Whatever cannot be taken over is a problem at its cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from msgspec import structs

from sheetcrm.assess.followup.ended import Ends, hash_words
from sheetcrm.assess.followup.planning import FIRST_HOLDER
from sheetcrm.assess.grade.approvals import approval_of, audited, sign_cells
from sheetcrm.assess.review_rows import CellsToFill, RefusedError
from sheetcrm.model import (
    SENTENCE_END,
    Assessment,
    Book,
    Customer,
    FollowUp,
    Problem,
    Table,
    WrittenValue,
)
from sheetcrm.model.review import (
    AGREED,
    AUDIT,
    DONE_ON,
    DUE_LIST,
    FORMS,
    OPINION,
    OUTCOME,
    OUTCOMES,
    REMARK,
    RETURNED,
    SAMPLE,
    SIGNED_ON,
    SIGNER,
    VERDICT,
    VERDICTS,
    Approval,
    Keys,
    ReviewRow,
    key_text,
)
from sheetcrm.policy.run import Run
from sheetcrm.privacy import Gate, gate_of, mask_text
from sheetcrm.text.printable import one_line

Fills = Mapping[Table, Mapping[str, Mapping[int, WrittenValue]]]
"""Cells of people's own columns to fill: by table, by field, by row."""

_AWAITING = "待审核"
_BY_CUSTOMER = frozenset({AUDIT, DUE_LIST, SAMPLE})
"""The lists that are judged; 客户编号 is the first of their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What a review decided.

    `approved` are signatures and `ended` follow-up records as they end, both taken over; `fills` are their cells.
    `returned` says by 客户编号 who sent a tier back and why. `record` is what the history keeps: no names of customers,
    no free text. `recalled` are the promises that only the history of earlier periods says were done.
    """

    approved: Mapping[str, Approval] = field(default_factory=dict)
    ended: Mapping[str, Sequence[FollowUp]] = field(default_factory=dict)
    fills: Fills = field(default_factory=dict)
    returned: Mapping[str, str] = field(default_factory=dict)
    record: tuple[Mapping[str, str], ...] = ()
    recalled: tuple[Keys, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How much was read back: signatures, tiers sent back, promises that ended, spot checks."""
        return {
            "approved": len(self.approved),
            "returned": len(self.returned),
            "closed": sum(map(len, self.ended.values())),
            "verified": sum(entry["list"] == SAMPLE for entry in self.record),
        }


NOTHING_REVIEWED = Reviewed()


def judge(
    assessments: Iterable[Assessment],
    rows: Sequence[ReviewRow],
    run: Run,
    *,
    recorded: Iterable[Mapping[str, str]] = (),
) -> Reviewed:
    """Judge what was filled in against what the run decides without it.

    Args:
        assessments: What the run decides of its workbooks alone.
        rows: What was filled in.
        run: The run.
        recorded: What the history keeps of earlier periods' reviews: what was done then stays done, though its sheet
            has no column for it.
    """
    recalled = [row for entry in recorded if (row := _recalled(entry))]
    if not rows and not recalled:
        return NOTHING_REVIEWED
    by_id = {key_text(entry.customer.customer_id): entry for entry in assessments}
    gate = gate_of(entry.customer for entry in by_id.values())
    rows = [row for row in rows if row.title in FORMS and len(row.keys) >= len(FORMS[row.title].keys)]
    rows = list(_with_own_numbers(rows, by_id, gate))
    problems: list[Problem] = []
    fills: dict[Table, dict[str, dict[int, WrittenValue]]] = defaultdict(lambda: defaultdict(dict))
    approved, returned = _judge_tiers(rows, by_id, run, fills, problems)
    ends = Ends(by_id, run, gate)
    for row in rows:
        if row.title == DUE_LIST and (row.filled.get(OUTCOME) or row.filled.get(DONE_ON)):
            try:
                ends.add(row)
            except RefusedError as error:
                problems.append(error.problem)
    for row in recalled:
        with suppress(RefusedError):
            ends.add(row)
    ended = ends.records(problems, fills)
    return Reviewed(
        approved=approved,
        ended=ended,
        fills={table: dict(columns) for table, columns in fills.items()},
        returned=returned,
        record=tuple(_record(rows)),
        recalled=tuple(row.keys for row in recalled if row in ends.used),
        problems=tuple(problems),
    )


def _with_own_numbers(rows: Iterable[ReviewRow], by_id: Mapping[str, Assessment], gate: Gate) -> Iterator[ReviewRow]:
    """Put customers' own numbers in the place of those that the gate hid in the workbook, where that is one alone."""
    hidden: dict[str, list[str]] = defaultdict(list)
    for customer_id in by_id:
        hidden[gate(customer_id)].append(customer_id)
    for row in rows:
        own = hidden.get(row.keys[0], []) if row.title in _BY_CUSTOMER and row.keys[0] not in by_id else []
        yield replace(row, keys=(*own, *row.keys[1:])) if len(own) == 1 else row


def _judge_tiers(
    rows: Iterable[ReviewRow],
    by_id: Mapping[str, Assessment],
    run: Run,
    fills: CellsToFill,
    problems: list[Problem],
) -> tuple[Mapping[str, Approval], Mapping[str, str]]:
    """Judge the rows of 审核表: the signatures to take over, and who sent which tier back."""
    approved: dict[str, Approval] = {}
    returned: dict[str, str] = {}
    for row in rows:
        if row.title != AUDIT:
            continue
        try:
            entry = audited(row, by_id, run)
            if entry and row.filled[OPINION] == RETURNED:
                returned[entry.customer.customer_id] = _sent_back(row)
            elif entry:
                approval = approved[entry.customer.customer_id] = approval_of(row, entry.customer.scoring)
                sign_cells(entry.customer.scoring, approval, fills)
        except RefusedError as error:
            problems.append(error.problem)
    return approved, returned


def take_over(book: Book, reviewed: Reviewed) -> Book:
    """Return the book with the signatures and the ends of promises in its records, as its workbooks will have them."""
    if not (reviewed.approved or reviewed.ended):
        return book
    return replace(book, customers=tuple(_reviewed_customer(one, reviewed) for one in book.customers))


def _reviewed_customer(customer: Customer, reviewed: Reviewed) -> Customer:
    approval, row = reviewed.approved.get(customer.customer_id), customer.scoring
    if approval and row:
        row = structs.replace(row, auditor=approval.auditor, audited_on=approval.audited_on)
        customer = structs.replace(customer, scoring=row)
    ended = {(id(one.origin), one.row): one for one in reviewed.ended.get(customer.customer_id, ())}
    if ended:
        records = tuple(ended.get((id(one.origin), one.row), one) for one in customer.follow_ups)
        customer = structs.replace(customer, follow_ups=records)
    return customer


def show_returned(assessments: Sequence[Assessment], reviewed: Reviewed) -> tuple[Assessment, ...]:
    """Say of each tier that was sent back by whom and why, wherever it says that it waits for a signature."""
    return tuple(
        _with_return(entry, reviewed.returned[entry.customer.customer_id])
        if entry.customer.customer_id in reviewed.returned and entry.awaiting_audit and entry.signature
        else entry
        for entry in assessments
    )


def _with_return(entry: Assessment, text: str) -> Assessment:
    sentences = [f"{_AWAITING}（{text}）" if one == _AWAITING else one for one in entry.reasons]
    signature = entry.signature and structs.replace(entry.signature, why=f"{text}；{entry.signature.why}")
    return structs.replace(entry, explanation=SENTENCE_END.join(sentences), signature=signature)


def _sent_back(row: ReviewRow) -> str:
    """Write who sent a tier back, when and why, as one sentence."""
    by, day, note = (row.filled.get(header, "") for header in (SIGNER, SIGNED_ON, REMARK))
    text = f"{by}{f'于{day}' if day else ''}{RETURNED}" + (f"：{mask_text(one_line(note), limit=100)}" if note else "")
    return text.replace(SENTENCE_END, "，")


def _recalled(entry: Mapping[str, str]) -> ReviewRow | None:
    """Return what the history says was done or dropped as a row of 跟进计划; None where it says something else."""
    if entry.get("list") != DUE_LIST or not entry.get("words"):
        return None
    keys = (entry["customer_id"], entry["due"], entry["action"], entry["words"])
    filled = {OUTCOME: entry.get("outcome", ""), DONE_ON: entry.get("done_on", "")}
    return ReviewRow(DUE_LIST, keys, {header: text for header, text in filled.items() if text})


def _record(rows: Iterable[ReviewRow]) -> Iterator[Mapping[str, str]]:
    """Write what the history keeps of a review: numbers, days and choices, no text and no customer's name."""
    for row in rows:
        filled = row.filled
        if row.title == AUDIT and filled.get(OPINION) in (AGREED, RETURNED):
            marks = {"tier": row.keys[1], "opinion": filled[OPINION], "by": filled.get(SIGNER, "")}
            yield {"list": AUDIT, "customer_id": row.keys[0], **marks, "on": _iso(filled.get(SIGNED_ON, ""))}
        elif row.title == SAMPLE and filled.get(VERDICT):
            marks = {"requested": row.keys[1], "verdict": _chosen(filled[VERDICT], VERDICTS)}
            yield {"list": SAMPLE, "customer_id": row.keys[0], **marks}
        elif row.title == DUE_LIST and (filled.get(OUTCOME) or filled.get(DONE_ON)):
            marks = {"due": row.keys[1], "action": row.keys[2], "outcome": _chosen(filled.get(OUTCOME, ""), OUTCOMES)}
            marks |= {"words": hash_words(row.keys[3].split(FIRST_HOLDER)[0]), "done_on": _iso(filled.get(DONE_ON, ""))}
            yield {"list": DUE_LIST, "customer_id": row.keys[0], **marks}


def _chosen(text: str, choices: Sequence[str]) -> str:
    return text if not text or text in choices else "其他"


def _iso(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
