"""The kinds of packs, and those made where none is named (practice §10)."""

from __future__ import annotations

from dataclasses import dataclass

SAMPLE, FOLLOW_UP, HANDOVER, CALENDAR = "抽查清单", "跟进清单", "交接包", "跟进日历"
LETTER, CARD, GROWTH, RENEWAL = "告知函", "档案卡", "客户价值增长报告", "续约价值盘点"
HANDBOOK, IMPROVEMENT = "SOP手册", "服务改进方案"
KINDS = (SAMPLE, FOLLOW_UP, CALENDAR, HANDOVER, LETTER, CARD, GROWTH, RENEWAL, IMPROVEMENT, HANDBOOK)
"""The kinds that can be asked for."""

OWNED = frozenset({FOLLOW_UP, CALENDAR, HANDOVER})
"""The packs of a person."""
SINGLE = (LETTER, CARD, GROWTH, RENEWAL, IMPROVEMENT)
"""The packs of a customer."""
SHOWING_CONTACTS = frozenset({FOLLOW_UP, HANDOVER, LETTER, CARD, RENEWAL, IMPROVEMENT})
"""The packs in which contacts stand: masked, unless asked for."""

VALUED = frozenset({GROWTH, RENEWAL})
"""The packs that show 客户终身价值."""

_EACH_MONTH = frozenset({SAMPLE, FOLLOW_UP, CALENDAR, IMPROVEMENT, HANDBOOK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The packs asked for: their kinds, and whose; an empty set of owners or customers is everybody."""

    kinds: frozenset[str]
    owners: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    unmasked: bool = False


def usual(*, owners: bool, customers: bool) -> frozenset[str]:
    """Choose the kinds where none is named.

    That is what a team works with each month; of owners, what is theirs of it; of customers, what is
    about each of them alone. Pure.
    """
    if customers:
        return frozenset(SINGLE)
    return _EACH_MONTH - {SAMPLE, HANDBOOK} if owners else _EACH_MONTH
