"""What in the book may have caused a move, of a customer's tier or of a figure (practice §10). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sheetcrm.model import Assessment, Movement, Past
from sheetcrm.model.lists import RESOLUTION, RESPONSE
from sheetcrm.policy.run import Run
from sheetcrm.text.folding import same_name

ANSWERS = frozenset({RESPONSE, RESOLUTION})
"""The promises that a late answer breaks."""
_DOWN, _BOTH = frozenset({Movement.DOWN}), frozenset({Movement.DOWN, Movement.UP})


@dataclass(frozen=True, slots=True)
class Case:
    """A customer, what the last period has of it, and how many of its requests were answered or solved late."""

    entry: Assessment
    past: Past | None
    late: int
    run: Run


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that the book may hold of a customer.

    `moves` are the moves of tiers it may be the cause of; `falls` and `rises` the keys of figures that may have fallen
    or risen by it. `find` says of a customer what it is, blank where the book holds none; `counted` names it beside
    a number of customers.
    """

    find: Callable[[Case], str]
    moves: frozenset[Movement]
    counted: str
    falls: frozenset[str]
    rises: frozenset[str] = frozenset()


def _handed_over(case: Case) -> str:
    before, now = case.past.owner if case.past else None, case.entry.owner
    return f"客户经理由{before}换为{now}" if before and now and not same_name(before, now) else ""


def _competitor(case: Case) -> str:
    return "记录里提到竞品" if case.entry.measures.competitor_named else ""


def _answered_late(case: Case) -> str:
    return f"本期超时答复或解决{case.late}次" if case.late else ""


def _about_price(case: Case) -> str:
    """Look for the price in the complaints of the days that signals are read from, and in 流失原因."""
    words, profile = case.run.policy.reading, case.entry.customer.profile
    since = case.run.as_of - timedelta(days=case.run.policy.signals.window_days)
    texts = [
        f"{service.category}{service.cause or ''}"
        for service in case.entry.customer.services
        if since < service.requested_at.date() <= case.run.as_of
        and any(word in (service.category or "") for word in words.complaint_words)
    ]
    texts += [profile.lost_reason] if profile and profile.lost_reason else []
    return "投诉涉及价格" if any(word in text for text in texts for word in words.price_words) else ""


def _expands(case: Case) -> str:
    return "有新区域或新业务" if case.entry.measures.expands else ""


_LOYALTY = frozenset({"retention", "retention_high", "winback", "renewal", "referral"})
_PURCHASES = frozenset(
    {"spend_12m", "score", "repurchase", "repurchase_growth", "order_value", "order_value_growth", "arpu_growth"}
)
_ANSWERED = frozenset({"response_on_time", "resolved_on_time", "resolved", "resolved_first"})
_CONTENT, _CONTACT = frozenset({"satisfaction", "nps"}), frozenset({"contacts", "reached", "followed_up"})
_LOST, _COMPLAINTS = frozenset({"churned"}), frozenset({"complaints", "complaint_hours"})
_AFTER_HANDING_OVER = _LOYALTY | _PURCHASES | _ANSWERED | _CONTENT | _CONTACT | _LOST | _COMPLAINTS

LATE = Cause(_answered_late, _DOWN, "超时答复或解决", _CONTENT | _LOYALTY, _COMPLAINTS | _LOST)
CAUSES: Sequence[Cause] = (
    Cause(_handed_over, _BOTH, "换了客户经理", _AFTER_HANDING_OVER, _AFTER_HANDING_OVER),
    Cause(_competitor, _DOWN, "记录里提到竞品", _PURCHASES | _LOYALTY, _LOST),
    LATE,
    Cause(_about_price, _DOWN, "投诉涉及价格", _PURCHASES | _LOYALTY | _CONTENT, _LOST | frozenset({"complaints"})),
    Cause(_expands, _BOTH - _DOWN, "有新区域或新业务", frozenset(), _PURCHASES | frozenset({"cross_sale"})),
)
"""What is looked for, in this order. The words looked for are the policy's."""
