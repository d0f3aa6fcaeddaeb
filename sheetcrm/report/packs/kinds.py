"""The kinds of packs, and those made where none is named (practice §10)."""

from __future__ import annotations

from dataclasses import dataclass

from sheetcrm.policy.model import GRAVE, LIGHT, MEDIUM

SAMPLE, FOLLOW_UP, HANDOVER, CALENDAR = "抽查清单", "跟进清单", "交接包", "跟进日历"
LETTER, CARD, GROWTH, RENEWAL = "告知函", "档案卡", "客户价值增长报告", "续约价值盘点"
HANDBOOK, STAGE = "SOP手册", "阶段成果"
NOTICE, REFERRALS = "结果通报", "转介绍奖励"
FORMS = INSIGHT, AUDIT = "客户需求洞察会", "体系健康度审计"
"""The forms of meetings: each is made where the routine of its name falls due, and whenever it is asked for."""
IMPROVEMENT, INTERVENTION, RESCUE = "服务改进方案", "干预方案", "挽救方案"
PLANS = {LIGHT: IMPROVEMENT, MEDIUM: INTERVENTION, GRAVE: RESCUE}
"""The plan that each level of risk calls for (practice §7)."""
KINDS = (
    SAMPLE,
    NOTICE,
    FOLLOW_UP,
    CALENDAR,
    HANDOVER,
    LETTER,
    CARD,
    GROWTH,
    STAGE,
    RENEWAL,
    *PLANS.values(),
    REFERRALS,
    HANDBOOK,
    *FORMS,
)
"""The kinds that can be asked for."""

OWNED = frozenset({FOLLOW_UP, CALENDAR, HANDOVER})
"""The packs of a person."""
SINGLE = (LETTER, CARD, GROWTH, STAGE, RENEWAL, *PLANS.values())
"""The packs of a customer."""
SHOWING_CONTACTS = frozenset({FOLLOW_UP, HANDOVER, LETTER, CARD, RENEWAL, *PLANS.values()})
"""The packs in which contacts stand: masked, unless asked for."""

VALUED = frozenset({RENEWAL})
"""The packs that show 客户终身价值: none that a customer reads."""

_WHOLE = frozenset({SAMPLE, NOTICE, REFERRALS, HANDBOOK})
"""The packs of the whole book."""
_EACH_MONTH = _WHOLE | {FOLLOW_UP, CALENDAR, *PLANS.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The packs asked for: their kinds, and whose; an empty set of owners or customers is everybody."""

    kinds: frozenset[str]
    owners: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    unmasked: bool = False


def usual(*, owners: bool, customers: bool, due: frozenset[str] = frozenset()) -> frozenset[str]:
    """Choose the kinds where none is named; `due` are those the calendar asks for.

    That is what a team works with each month; of owners, what is theirs of it; of customers, what is
    about each of them alone. Pure.
    """
    if customers:
        return frozenset(SINGLE)
    return _EACH_MONTH - _WHOLE if owners else _EACH_MONTH | due
