"""The report's figures (domain §3, §10): assessments and a day to counts, sums and ratios. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sheetcrm.model import (
    Assessment,
    Book,
    Figures,
    GroupFigures,
    Mean,
    Period,
    Ratio,
    ServiceFigures,
    ServiceRequest,
    Standing,
)
from sheetcrm.policy.model import Policy, Standard, Tier
from sheetcrm.text.dates import add_months

_DAY = timedelta(days=1)

TOTAL = "合计"
"""The name of the group that holds everybody."""


def summarise(assessments: Sequence[Assessment], *, book: Book, policy: Policy, period: Period, as_of: date) -> Figures:
    """Count what the reports state.

    A customer counts in the tier its 等级 shows. Service requests are those made in the period, up to
    the as-of date; what was answered or resolved later is still open. They are held against the limits
    of the tier that serves the customer now, in clock hours (domain §3, §5). Pure.
    """
    horizon = horizon_of(as_of)
    last = min(period.end, as_of)
    count = _Counting(
        policy=policy,
        first=period.start,
        last=last,
        horizon=horizon,
        graded=sum(1 for entry in assessments if policy.tier(entry.grade)),
        spend=sum((entry.measures.spend_12m or Decimal(0) for entry in assessments), Decimal(0)),
    )
    return Figures(
        period=period,
        as_of=as_of,
        horizon=horizon,
        tiers=tuple(
            count.group(tier.name, [entry for entry in assessments if entry.grade == tier.name], tier)
            for tier in policy.tiers
        ),
        incomplete=count.standing(Standing.INCOMPLETE, assessments),
        unsold=count.standing(Standing.UNSOLD, assessments),
        total=count.group(TOTAL, assessments),
        flows=Counter((entry.previous_grade, entry.grade) for entry in assessments if entry.previous_grade),
        has_service="service" in book.kinds,
        has_follow_up="follow_up" in book.kinds,
    )


def horizon_of(as_of: date) -> date:
    """Give the last day of the month that follows a day: 10-31 looks to 11-30, 10-15 to 11-15. Pure."""
    return add_months(as_of + _DAY, 1) - _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counting:
    """What every group is counted against: the policy, the period's days, and the book's totals."""

    policy: Policy
    first: date
    last: date
    horizon: date
    graded: int
    spend: Decimal

    def standing(self, standing: Standing, assessments: Iterable[Assessment]) -> GroupFigures:
        """Count those who carry no tier."""
        return self.group(standing.value, [entry for entry in assessments if entry.grade == standing.value])

    def group(self, name: str, members: Sequence[Assessment], tier: Tier | None = None) -> GroupFigures:
        """Count one group of customers."""
        contacts = [sum(1 for entry in member.customer.follow_ups if self.within(entry.date)) for member in members]
        spend = _mean(member.measures.spend_12m for member in members)
        items = [item for member in members for item in member.due]
        return GroupFigures(
            name=name,
            customers=len(members),
            share=Ratio(sum(1 for member in members if self.policy.tier(member.grade)), self.graded),
            reference_share=tier.share if tier else None,
            spend_12m=spend,
            spend_share=spend.sum / self.spend if spend.n and self.spend > 0 else None,
            score=_mean(member.score.total for member in members),
            movements=Counter(member.movement for member in members if member.movement),
            awaiting_audit=sum(1 for member in members if member.awaiting_audit),
            overridden=sum(1 for member in members if member.override),
            outdated=sum(1 for member in members if member.outdated),
            owners=len({member.owner for member in members if member.owner}),
            contacts=sum(contacts),
            reached=Ratio(sum(1 for count in contacts if count), len(members)),
            due=sum(1 for item in items if not item.overdue_days and item.due <= self.horizon),
            overdue=sum(1 for item in items if item.overdue_days),
            overdue_customers=sum(1 for member in members if any(item.overdue_days for item in member.due)),
            service=self.service(members, promised=tier is None or tier.standard.resolution_hours is not None),
        )

    def within(self, day: date) -> bool:
        """Tell whether a day lies in the period, up to the as-of date."""
        return self.first <= day <= self.last

    def service(self, members: Sequence[Assessment], *, promised: bool) -> ServiceFigures:
        """Hold the period's requests against the limits of the tiers that serve these customers."""
        requests = [
            _Request(entry, tier.standard if tier else None, _end_of(self.last))
            for member in members
            for tier in [self.policy.tier(member.tier) if member.tier else None]
            for entry in member.customer.services
            if self.within(entry.requested_at.date())
        ]
        on_time = _ratio(request.resolved_on_time for request in requests)
        return ServiceFigures(
            requests=len(requests),
            response_on_time=_ratio(request.answered_on_time for request in requests),
            resolved=_ratio(request.resolved for request in requests),
            resolved_on_time=on_time if promised else None,
            resolved_first_time=_ratio(request.resolved_first_time for request in requests),
            satisfaction=_mean(request.entry.satisfaction for request in requests),
            discount_kept=_ratio(request.discount_kept for request in requests),
        )


@dataclass(frozen=True, slots=True)
class _Request:
    """A request as it stood at the cut: None means that it does not count for a figure."""

    entry: ServiceRequest
    standard: Standard | None
    cut: datetime

    @property
    def answered_on_time(self) -> bool | None:
        """Answered within the limit, or the limit gone by; unknown where it was resolved and no answer noted."""
        if not self._kept("responded_at"):
            return None
        if self.entry.responded_at is None and self.resolved:
            return None
        return self._in_time(self.entry.responded_at, self.standard.first_response_hours if self.standard else None)

    @property
    def resolved(self) -> bool | None:
        """Whether it was resolved by the cut, as 是否解决 says, else as 解决时间 does."""
        if self.entry.resolved_at and self.entry.resolved_at > self.cut:
            return False
        if self.entry.resolved is not None:
            return self.entry.resolved
        return self.entry.resolved_at is not None if self._kept("resolved", "resolved_at") else None

    @property
    def resolved_on_time(self) -> bool | None:
        """Resolved within the limit, or the limit gone by; unknown where it was resolved nobody noted when."""
        if not self._kept("resolved_at") or (self.resolved and self.entry.resolved_at is None):
            return None
        return self._in_time(self.entry.resolved_at, self.standard.resolution_hours if self.standard else None)

    @property
    def resolved_first_time(self) -> bool | None:
        """Resolved at the first attempt; a blank is a no, a sheet without that column says nothing."""
        return bool(self.entry.first_time) if self._kept("first_time") else None

    @property
    def discount_kept(self) -> bool | None:
        """Whether a discount given stays within the standard."""
        if self.entry.discount is None or self.standard is None:
            return None
        return self.entry.discount <= self.standard.discount

    def _kept(self, *fields: str) -> bool:
        return any(self.entry.origin.column(name) for name in fields)

    def _in_time(self, done: datetime | None, hours: Decimal | None) -> bool | None:
        if hours is None:
            return None
        limit = self.entry.requested_at + timedelta(seconds=float(hours * 3600))
        if done is None or done > self.cut:
            return False if self.cut > limit else None
        return done <= limit


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max)


def _ratio(answers: Iterable[bool | None]) -> Ratio:
    known = [answer for answer in answers if answer is not None]
    return Ratio(sum(known), len(known))


def _mean(values: Iterable[Decimal | None]) -> Mean:
    every = list(values)
    known = [value for value in every if value is not None]
    return Mean(sum(known, Decimal(0)), len(known), len(every))
