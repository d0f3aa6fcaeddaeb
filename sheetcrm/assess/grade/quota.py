"""Tiers by share instead of by score: the optional quota mode (practice §4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm.policy.model import Tier


def by_share(totals: Mapping[str, Decimal], tiers: tuple[Tier, ...]) -> Mapping[str, Tier]:
    """Assign each customer a tier by rank, best first, as many as the tiers' shares allow.

    Each tier ends at its cumulated share of all, rounded half-up. Customers of equal score share the
    better tier, so that the order of rows decides nothing. Pure.
    """
    ranked = sorted(totals.values(), reverse=True)
    floors: list[tuple[Decimal | None, Tier]] = []
    cumulated = Decimal(0)
    shares = [tier.share or Decimal(0) for tier in tiers]
    whole = sum(shares, Decimal(0))
    for tier, share in zip(tiers, shares, strict=True):
        cumulated += share
        places = int((cumulated / whole * len(ranked)).quantize(Decimal(1), ROUND_HALF_UP))
        floors.append((ranked[places - 1] if places else None, tier))
    return {
        key: next((tier for floor, tier in floors if floor is not None and total >= floor), tiers[-1])
        for key, total in totals.items()
    }
