"""The facts of a customer that the policy's tables may ask for, by the names of the glossary."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from operator import attrgetter

from msgspec import structs

from sheetcrm.assess.grade.shares import SHARE, share_of
from sheetcrm.assess.measure.industries import industry
from sheetcrm.model import Customer, Measures
from sheetcrm.model.records import WON
from sheetcrm.policy.conditions import MeasureValue
from sheetcrm.policy.glossary import label
from sheetcrm.policy.model import COMPETITOR, COMPLEX, EXPANSION

_PROFILED = ("intent", "need", "need_type", "deep_bound", "benchmark", "ecosystem")
_take_profile = attrgetter(*_PROFILED)
_SPECIAL = frozenset({COMPETITOR, COMPLEX, EXPANSION})
"""Signals that are facts of their own."""

_YEAR = 12

NO_SPEND_BEFORE = "no_spend_before"
Facts = dict[str, MeasureValue]


def gather_facts(customer: Customer, measures: Measures, *, share_base: Decimal | None) -> Facts:
    """Gather a customer's measures and what its sheets say; outcomes are added as they are decided. Pure.

    `share_base` is what its share of the year's book is of; None: shares are not used.
    """
    facts: Facts = structs.asdict(measures)  # and the series and sources, which no rule may ask about
    if customer.profile:
        facts.update(zip(_PROFILED, _take_profile(customer.profile), strict=True))
        facts["industry"] = industry(customer.profile.industry)
    facts[SHARE] = share_of(measures.spend_12m, share_base)
    facts[NO_SPEND_BEFORE] = no_spend_before(measures)
    facts["signals"] = ("、".join(sorted(measures.signals - _SPECIAL)) or None) if measures.signals else None
    conversions = [entry.status for entry in customer.needs if entry.status] if customer.needs else ()
    facts["need_conversion"] = Decimal(conversions.count(WON)) / len(conversions) if conversions else None
    return facts


def no_spend_before(measures: Measures) -> bool:
    """Return whether there is no growth for want of spend in the year before, not for want of data. Pure."""
    first_year = measures.tenure_months is not None and measures.tenure_months < _YEAR
    return measures.order_growth is None and (first_year or bool(measures.spend_months))


def say_why(facts: Mapping[str, MeasureValue], names: tuple[str, ...]) -> str:
    """Render some measures with their values: `合作月数19`. Pure."""
    return "，".join(f"{label(name)}{_shown(facts.get(name))}" for name in names)


def _shown(value: MeasureValue) -> str:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return str(value)
