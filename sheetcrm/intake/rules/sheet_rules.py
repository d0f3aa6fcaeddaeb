"""Rules about headers, and about content no cell may hold (practice §1.2, §4.1, §11). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sheetcrm import schema
from sheetcrm.intake.rules.findings import MANY, Subject
from sheetcrm.model import CellRef, Column, Problem, RawValue, Table
from sheetcrm.policy.model import Standard
from sheetcrm.privacy import find_id_card
from sheetcrm.problems import problem, shown
from sheetcrm.text.folding import fold, split_header, squeeze, unreadable_weight

_SHORTEST_ID = 15
_BETWEEN = re.compile(r"[、,，;；/\n\s]+")
_NUMBERED = re.compile("[\u2460-\u249b\u3220-\u3229]")
"""① ⑴ 1. and their like: numbers of a list, which stand right before the figures of its lines."""
_HOURS = re.compile(r"(?<![\d×x*])(\d+(?:\.\d+)?)\s*(?:个)?小时")
_DISCOUNT = re.compile(r"(\d+(?:\.\d+)?)%\s*(?:的)?(?:折扣|优惠)")


def header_weights(subject: Subject) -> Iterable[Problem]:
    """A weight printed in a header is the policy's, and they make up the card's total; the policy decides."""
    card = subject.policy.card
    weights = {indicator.field: indicator.weight for indicator in card.every}
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
        yield from _unreadable_weights(table, weights) if table.kind == schema.SCORING.kind else ()
        summed = sum((column.weight for column in printed if column.weight is not None), Decimal(0))
        if len(printed) > 1 and summed != total:
            ref = CellRef(table.file, table.sheet, table.header_row, printed[0].index)
            yield problem("weights-total", ref, found=f"{summed.normalize():f}", total=f"{total.normalize():f}")


def _unreadable_weights(table: Table, weights: Mapping[str, Decimal]) -> Iterable[Problem]:
    for column in table.columns:
        written = unreadable_weight(split_header(column.label).notes) if column.name and column.weight is None else None
        if written is not None:
            weight = weights.get(column.name or "")
            yield problem(
                "weight-unreadable",
                CellRef(table.file, table.sheet, table.header_row, column.index),
                label=schema.sheet(table.kind).field(column.name or "").label,
                found=shown(written),
                policy="不计分" if weight is None else f"是 {weight.normalize():f}%",
            )


def dimension_weights(subject: Subject) -> Iterable[Problem]:
    """The weight of a dimension in 分级维度 is that of its indicators in the policy's card; the policy decides."""
    card = subject.policy.card
    for row in subject.records.dimensions:
        if row.weight is None:
            continue
        named = [fold(name) for name in _BETWEEN.split(row.indicators or "") if name]
        fields = {field.name for name in named for field in [schema.labels(schema.SCORING.kind).get(name)] if field}
        weights = [entry.weight for entry in card.indicators if fold(entry.label) in named or entry.field in fields]
        printed = row.weight * 100
        total = sum(weights, Decimal(0))
        if total != printed:
            policy = f"这些指标合计 {total.normalize():f}%" if weights else "没有这些指标"
            yield problem(
                "dimension-weight",
                row.ref("weight"),
                label=row.dimension,
                indicators=row.indicators or "",
                found=f"{printed.normalize():f}",
                card=card.name,
                policy=policy,
            )


def standard_figures(subject: Subject) -> Iterable[Problem]:
    """Hours and discounts in a team's own standards are the policy's limits; the policy judges (practice §1.5)."""
    standards = {tier.name: tier.standard for tier in subject.policy.tiers}
    for row in subject.records.standards:
        standard = standards.get(row.tier)
        if standard is None:
            continue
        hours, discount = _limits(standard), standard.discount * 100
        by_hours = "、".join(f"{hour.normalize():f}小时" for hour in sorted(hours)) or "没有限时"
        for name in ("content", "resources"):
            text = squeeze(_NUMBERED.sub("；", getattr(row, name) or ""))
            differing = [(f"{figure}小时", by_hours) for figure in _HOURS.findall(text) if Decimal(figure) not in hours]
            differing += [
                (f"{figure}%折扣", f"折扣 {discount.normalize():f}%")
                for figure in _DISCOUNT.findall(text)
                if Decimal(figure) != discount
            ]
            for written, policy in differing:
                yield problem("standard-figure", row.ref(name), tier=row.tier, found=written, policy=policy)


def _limits(standard: Standard) -> set[Decimal]:
    """Return the hours a standard may name: its limits, and the 24 of a service round the clock."""
    limits = {
        standard.first_response_hours,
        standard.resolution_hours,
        standard.first_response_hours_day_off,
        standard.resolution_hours_day_off,
        Decimal(24) if standard.round_the_clock else None,
    }
    return {limit for limit in limits if limit is not None}


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
    refs = [CellRef(table.file, table.sheet, column.row or row, column.index) for row in rows]
    for ref in refs[:1] if others else refs:
        further = refs if others else ()
        yield problem("id-number-found", ref, further, label=column.label or "这一列", others=others)


def _percent(column: Column) -> str:
    return f"{(column.weight or Decimal(0)).normalize():f}"
