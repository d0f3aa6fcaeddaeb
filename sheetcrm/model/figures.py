"""What a report states: figures that say what they were counted from (domain §10).

A figure without a source has the value None and is printed 无数据: never 0 %, never 100 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sheetcrm.model.results import Movement, Period


@dataclass(frozen=True, slots=True)
class Ratio:
    """n of N things counted. `value` is a share; None where nothing could be counted."""

    n: int = 0
    total: int = 0

    @property
    def value(self) -> Decimal | None:
        """The share n / N, unrounded."""
        return Decimal(self.n) / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the n things, out of N, that carry a value."""

    sum: Decimal = Decimal(0)
    n: int = 0
    total: int = 0

    @property
    def value(self) -> Decimal | None:
        """The mean, unrounded; None where none of them carries a value."""
        return self.sum / self.n if self.n else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """The period's 服务记录 of a group of customers, against the limits of the tiers that serve them.

    `response_on_time` and `resolved_on_time` count requests answered (resolved) or past the limit;
    those still within it are not counted yet. `resolved_on_time` is None where no limit is promised.
    `discount_kept` counts the requests with a discount that stays within the standard.
    """

    requests: int = 0
    response_on_time: Ratio = Ratio()
    resolved: Ratio = Ratio()
    resolved_on_time: Ratio | None = Ratio()
    resolved_first_time: Ratio = Ratio()
    satisfaction: Mean = Mean()
    discount_kept: Ratio = Ratio()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """What is stated of a group of customers: a tier, those without one, or all.

    `share` is of the graded customers, `reference_share` the policy's (None outside the tiers);
    `spend_share` of the spend of all. `reached` are the customers contacted in the period, in
    `contacts` contacts. `due` counts the follow-ups due by the horizon, `overdue` those past theirs.
    """

    name: str
    customers: int
    share: Ratio
    reference_share: Decimal | None
    spend_12m: Mean
    spend_share: Decimal | None
    score: Mean
    movements: Mapping[Movement, int]
    awaiting_audit: int
    overridden: int
    outdated: int
    owners: int
    contacts: int
    reached: Ratio
    due: int
    overdue: int
    overdue_customers: int
    service: ServiceFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one period, as of a day.

    `tiers` stand in the policy's order; `incomplete` is 待补充资料, `unsold` 未成交, `total` everybody.
    `flows` counts the customers by (last period's grade, this period's). `horizon` is the last day of
    the coming calendar month, counted from the as-of date. `has_service` and `has_follow_up` tell
    whether the book holds such sheets at all.
    """

    period: Period
    as_of: date
    horizon: date
    tiers: tuple[GroupFigures, ...]
    incomplete: GroupFigures
    unsold: GroupFigures
    total: GroupFigures
    flows: Mapping[tuple[str, str], int]
    has_service: bool
    has_follow_up: bool
