"""What every customer of a book is measured against (practice §3)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sheetcrm.assess.measure.industries import industry
from sheetcrm.assess.measure.satisfaction import last_csat
from sheetcrm.model import Book, Customer
from sheetcrm.policy.run import Run
from sheetcrm.text.folding import fold_name


@dataclass(frozen=True, slots=True)
class Context:
    """The run, and what only the whole book says.

    `kinds` are the kinds of sheets the book holds. `referrals` counts, by 客户编号, the customers each one
    referred within 12 months. `managers` are the names that stand as 客户经理, in the spelling used most, by
    the name folded. `satisfaction` is the mean of the last CSAT of each industry's customers, where enough have one.
    """

    run: Run
    kinds: frozenset[str]
    referrals: Mapping[str, int]
    managers: Mapping[str, str]
    satisfaction: Mapping[str, Decimal] = field(default_factory=dict)


def book_context(book: Book, run: Run) -> Context:
    """Gather what is needed from the whole book. Pure."""
    return Context(
        run=run,
        kinds=book.kinds,
        referrals=_count_referrals(book.customers, run),
        managers=_managers(book.customers),
        satisfaction=_satisfaction(book.customers, run),
    )


def _managers(customers: Sequence[Customer]) -> Mapping[str, str]:
    """Return one spelling of each 客户经理 (赵* = 趙*), by the name folded: the one used most, or the plain one."""
    counts = Counter(entry.profile.owner for entry in customers if entry.profile and entry.profile.owner)
    rising = sorted(counts, key=lambda name: (counts[name], name == fold_name(name), name))
    return {fold_name(name): name for name in rising}


def _satisfaction(customers: Sequence[Customer], run: Run) -> Mapping[str, Decimal]:
    """Average the last CSAT of the customers of each industry, where it has the policy's `measures.industry_least`."""
    scores: defaultdict[str, list[Decimal]] = defaultdict(list)
    for entry in customers:
        if not entry.profile or not (entry.services or (entry.scoring and entry.scoring.satisfaction is not None)):
            continue
        name, score = industry(entry.profile.industry), last_csat(entry, run.day_end)
        if name and score is not None:
            scores[name].append(score)
    least = run.policy.measures.industry_least
    return {name: sum(own, Decimal(0)) / len(own) for name, own in scores.items() if len(own) >= least}


def _count_referrals(customers: Sequence[Customer], run: Run) -> Mapping[str, int]:
    """Count, by 客户编号, the customers referred within 12 months; 推荐人 holds a number or a name.

    Each counts from its 首次合作时间, else its first order, else 档案建立日期.
    """
    by_name = {entry.name: entry.customer_id for entry in customers}
    counts: dict[str, int] = {}
    start = run.year_start
    for entry in customers:
        profile = entry.profile
        if profile and profile.referrer:
            first_order = min((order.date for order in entry.orders if order.amount > 0), default=None)
            day = profile.first_deal or first_order or profile.filed_on
            if day and start < day <= run.as_of:
                key = by_name.get(profile.referrer, profile.referrer)
                counts[key] = counts.get(key, 0) + 1
    return counts
