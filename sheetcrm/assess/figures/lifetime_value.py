"""A customer's 客户终身价值 by the handbook's formula: yearly spend x years x retention (practice §3). Pure.

It is a product of three figures of the past, shown with them, and no forecast. Nothing here runs while a
book is graded: the retention of a tier is known only once everybody has been, so no table of the policy may
ask for it, and what is printed of a customer computes it when it is printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm.assess.figures.relations import stayed
from sheetcrm.model import Assessment, Lifetime, Past, Ratio
from sheetcrm.policy.roles import Roles
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import add_months, months_between

_YEAR = 12
_CENT, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")
_BOOK = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """Who stayed since the last period on record, by the tier they began it with; `period` is that period."""

    ratios: Mapping[str, Ratio]
    period: str

    def of(self, tier: str | None) -> tuple[Ratio, str]:
        """Return the retention of a tier, or of the whole book where the tier has none, and whose it is."""
        ratio = self.ratios.get(tier or _BOOK, Ratio())
        return (ratio, tier or "") if ratio.total and tier else (self.ratios.get(_BOOK, Ratio()), "全部客户")


def kept(assessments: Iterable[Assessment], history: Mapping[str, Past], roles: Roles) -> Kept:
    """Count who stayed, as the report's 留存率 does."""
    answers: dict[str, list[bool]] = defaultdict(list)
    period = ""
    for entry in assessments:
        past = history.get(entry.customer.customer_id)
        answer = stayed(entry, past, roles) if past else None
        if past and answer is not None:
            answers[past.grade].append(answer)
            answers[_BOOK].append(answer)
            period = past.period
    return Kept({name: Ratio(sum(stays), len(stays)) for name, stays in answers.items()}, period)


def lifetime(entry: Assessment, run: Run, others: Kept) -> Lifetime:
    """Multiply a customer's inputs, each rounded as it is shown; what lacks is named, and then there is no value.

    年均消费 is the mean of the whole years that orders on record cover, where these are two or more, else what was
    spent in the last 12 months. 合作年限 counts from 首次合作时间 (else the first order) to the as-of date.
    留存率 is that of the customer's tier since the last period on record, else the whole book's, else the
    policy's (`measures.retention_assumed`, none as shipped).
    """
    spend, basis = _yearly_spend(entry, run.as_of)
    months = entry.measures.tenure_months
    years = None if months is None else (Decimal(months) / _YEAR).quantize(_CENT, ROUND_HALF_UP)
    ratio, whose = others.of(entry.tier)
    rate, basis_of_rate = ratio.value, f"{whose}{others.period}以来 {ratio.n}/{ratio.total}"
    if rate is None:
        rate, basis_of_rate = run.policy.measures.retention_assumed, "策略设定"
    rate = None if rate is None else rate.quantize(_THOUSANDTH, ROUND_HALF_UP)
    inputs = (("年均消费", spend), ("合作年限", years), ("留存率", rate))
    return Lifetime(
        value=None if spend is None or years is None or rate is None else (spend * years * rate).quantize(_CENT),
        yearly_spend=spend,
        spend_basis=basis,
        years=years,
        retention=rate,
        retention_basis="" if rate is None else basis_of_rate,
        missing=tuple(label for label, value in inputs if value is None),
    )


def _yearly_spend(entry: Assessment, as_of: date) -> tuple[Decimal | None, str]:
    """Return the mean of the years on record, and how many they are."""
    orders = [order for order in entry.customer.orders if order.date <= as_of]
    first = next((order.date for order in orders if order.amount > 0), None)
    years = months_between(first, as_of) // _YEAR if first else 0
    if years > 1:
        start = add_months(as_of, -_YEAR * years)
        spent = sum((order.amount for order in orders if order.date > start), Decimal(0))
        return (spent / years).quantize(_CENT, ROUND_HALF_UP), f"近{years}年平均"
    latest = entry.measures.spend_12m
    return (None, "") if latest is None else (latest.quantize(_CENT, ROUND_HALF_UP), "近12个月")
