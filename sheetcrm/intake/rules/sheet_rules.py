"""Rules about headers, and about content no cell may hold (practice §1.2, §4.1, §11). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sheetcrm import schema
from sheetcrm.intake.rules.findings import MANY, Subject
from sheetcrm.model import CellRef, Column, Problem, RawValue, Table
from sheetcrm.privacy import find_id_card
from sheetcrm.problems import problem

_SHORTEST_ID = 15


def header_weights(subject: Subject) -> Iterable[Problem]:
    """A weight printed in a header is the policy's, and they make up the card's total; the policy decides."""
    card = subject.policy.card
    weights = {indicator.field: indicator.weight for indicator in card.indicators}
    total = subject.policy.reading.card_weight_total
    for table in subject.records.tables:
        printed = [column for column in table.columns if column.weight is not None]
        for column in printed:
            weight = weights.get(column.name or "")
            if weight is None or weight != column.weight:
                policy_weight = "不计分" if weight is None else f"是 {weight.normalize():f}%"
                yield problem(
                    "weight-differs",
                    CellRef(table.file, table.sheet, table.header_row, column.index),
                    label=schema.sheet(table.kind).field(column.name or "").label,
                    found=_percent(column),
                    policy=policy_weight,
                )
        summed = sum((column.weight for column in printed if column.weight is not None), Decimal(0))
        if len(printed) > 1 and summed != total:
            ref = CellRef(table.file, table.sheet, table.header_row, printed[0].index)
            yield problem("weights-total", ref, found=f"{summed.normalize():f}", total=f"{total.normalize():f}")


def policy_weights(subject: Subject) -> Iterable[Problem]:
    """The policy's own weights make up the card's total."""
    card, total = subject.policy.card, subject.policy.reading.card_weight_total
    if card.weight_total != total:
        yield problem(
            "policy-weights-total",
            CellRef(subject.policy.name),
            card=card.name,
            found=f"{card.weight_total.normalize():f}",
            total=f"{total.normalize():f}",
        )


def identity_numbers(subject: Subject) -> Iterable[Problem]:
    """No cell holds an identity-card number, in whatever column; the number itself is never shown."""
    for table in subject.records.as_read:
        for column, cells in zip(table.columns, zip(*table.values, strict=True), strict=bool(table.values)):
            holding = {cell for cell in set(cells) if _holds_identity_number(cell)}
            rows = [row for row, cell in zip(table.rows, cells, strict=True) if cell in holding] if holding else []
            yield from _identity_problems(table, column, rows)


def _holds_identity_number(cell: RawValue) -> bool:
    return isinstance(cell, str) and len(cell) >= _SHORTEST_ID and find_id_card(cell) is not None


def _identity_problems(table: Table, column: Column, rows: list[int]) -> Iterable[Problem]:
    others = f"，这一列还有 {len(rows) - 1} 格也是这样" if len(rows) > MANY else ""
    for row in rows[:1] if others else rows:
        ref = CellRef(table.file, table.sheet, column.row or row, column.index)
        yield problem("id-number-found", ref, label=column.label or "这一列", others=others)


def _percent(column: Column) -> str:
    return f"{(column.weight or Decimal(0)).normalize():f}"
