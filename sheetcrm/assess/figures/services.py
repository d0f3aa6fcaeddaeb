"""Tallies the period's 服务记录 against the tiers' standards (practice §3, §5, §10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sheetcrm.assess.figures.tally import Tally
from sheetcrm.assess.measure.satisfaction import csat
from sheetcrm.model import ServiceFigures, ServiceRequest
from sheetcrm.policy.limits import ServiceLimits
from sheetcrm.policy.model import Standard
from sheetcrm.text.folding import simplify

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stood at the cut, against the standard of its day: None means that it does not count."""

    entry: ServiceRequest
    standard: Standard | None
    limits: ServiceLimits
    cut: datetime

    @property
    def answered_on_time(self) -> bool | None:
        """Answered within the limit, or the limit gone by; None where it was resolved and no answer noted."""
        if not self._kept("responded_at"):
            return None
        if self.entry.responded_at is None and self.resolved:
            return None
        return self._in_time(self.entry.responded_at, self.limits.response_due(self.standard, self.entry.requested_at))

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
        """Resolved within the limit, or the limit gone by; None where it was resolved without a time noted."""
        if not self._kept("resolved_at") or (self.resolved and self.entry.resolved_at is None):
            return None
        return self._in_time(self.entry.resolved_at, self.limits.resolution_due(self.standard, self.entry.requested_at))

    @property
    def resolved_first_time(self) -> bool | None:
        """Resolved at the first attempt; a blank is a no, None on a sheet without that column."""
        return bool(self.entry.first_time) if self._kept("first_time") else None

    @property
    def hours_taken(self) -> Decimal | None:
        """Hours from the request to its resolution, where that was noted and lies before the cut."""
        done = self.entry.resolved_at
        if done is None or done > self.cut:
            return None
        return Decimal(int((done - self.entry.requested_at).total_seconds())) / _HOUR

    @property
    def discount_kept(self) -> bool | None:
        """Whether a discount given stays within the standard."""
        if self.entry.discount is None or self.standard is None:
            return None
        return self.entry.discount <= self.standard.discount

    def _kept(self, *fields: str) -> bool:
        return any(self.entry.origin.column(name) for name in fields)

    def _in_time(self, done: datetime | None, limit: datetime | None) -> bool | None:
        if limit is None:
            return None
        if done is None or done > self.cut:
            return False if self.cut > limit else None
        return done <= limit


def tally_request(tally: Tally, request: Request, *, complaint_words: tuple[str, ...]) -> None:
    """Count one request of the period."""
    entry = request.entry
    tally.count("requests")
    tally.answer("response_on_time", request.answered_on_time)
    tally.answer("resolved", request.resolved)
    tally.answer("resolved_on_time", request.resolved_on_time)
    tally.answer("resolved_first", request.resolved_first_time)
    tally.value("satisfaction", csat(entry))
    tally.answer("discount_kept", request.discount_kept)
    tally.count("benefits", int(bool(entry.benefit)))
    if entry.cause:
        tally.count(("cause", simplify(entry.cause)))
    if not entry.category:
        return
    theme = simplify(entry.category)
    tally.count(("theme", theme))
    if any(word in entry.category or word in theme for word in complaint_words):
        tally.count("complaints")
        tally.value("complaint_hours", request.hours_taken)
        tally.count(("complaint", theme))


def service_figures(tally: Tally, *, promised: bool) -> ServiceFigures:
    """Return a group's service figures; `promised` is whether there is a limit for the resolution. Pure."""
    return ServiceFigures(
        requests=tally.n("requests"),
        response_on_time=tally.ratio("response_on_time"),
        resolved=tally.ratio("resolved"),
        resolved_on_time=tally.ratio("resolved_on_time") if promised else None,
        resolved_first_time=tally.ratio("resolved_first"),
        satisfaction=tally.mean("satisfaction"),
        discount_kept=tally.ratio("discount_kept"),
        complaints=tally.n("complaints"),
        benefits=tally.n("benefits"),
    )
