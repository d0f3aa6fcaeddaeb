"""Compares a book under two policies: who moves, and the shares before and after. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sheetcrm.model import Assessment
from sheetcrm.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Move:
    """A customer whose 等级 another policy changes; a score is None where there is none."""

    customer_id: str
    name: str
    before: str
    after: str
    score_before: Decimal | None
    score_after: Decimal | None


@dataclass(frozen=True, slots=True)
class GradeShare:
    """The number of customers of a 等级 before and after, with the policies' reference shares of it."""

    grade: str
    before: int
    after: int
    reference_before: Decimal | None
    reference_after: Decimal | None
    rated: bool = True
    """Whether it is a tier of one of the policies: shares are of those alone."""


ABSENT = "不在其中"
"""Stands for the 等级 of a customer that only one of the policies admits (another pattern of 客户编号)."""


def moves(before: Sequence[Assessment], after: Sequence[Assessment]) -> tuple[Move, ...]:
    """List the customers whose 等级 differs, by 客户编号."""
    one, two = ({entry.customer.customer_id: entry for entry in assessments} for assessments in (before, after))
    return tuple(
        Move(key, (first or second).customer.name, _grade(first), _grade(second), _total(first), _total(second))  # type: ignore[union-attr]  # one of them is there
        for key in sorted(one.keys() | two.keys())
        for first, second in [(one.get(key), two.get(key))]
        if _grade(first) != _grade(second)
    )


def _grade(entry: Assessment | None) -> str:
    return entry.grade if entry else ABSENT


def _total(entry: Assessment | None) -> Decimal | None:
    return entry.score.total if entry else None


def shares(
    before: Sequence[Assessment], after: Sequence[Assessment], *, policy: Policy, other: Policy
) -> tuple[GradeShare, ...]:
    """Count every 等级: the tiers of the first policy, those only the other has, then the ungraded."""
    one, two = (Counter(entry.grade for entry in assessments) for assessments in (before, after))
    names = [*(tier.name for tier in policy.tiers), *(tier.name for tier in other.tiers), *sorted(one | two)]
    return tuple(
        GradeShare(
            name,
            one[name],
            two[name],
            _reference(policy, name),
            _reference(other, name),
            rated=policy.tier(name) is not None or other.tier(name) is not None,
        )
        for name in dict.fromkeys(names)
    )


def _reference(policy: Policy, name: str) -> Decimal | None:
    tier = policy.tier(name)
    return tier.share if tier else None
