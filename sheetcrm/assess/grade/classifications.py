"""The classifications beside the tier, all at once, each with the rule that hit (practice §6)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sheetcrm.assess.grade.facts import Facts, say_why
from sheetcrm.model import Classification
from sheetcrm.policy.conditions import MeasureValue
from sheetcrm.policy.glossary import RULE_OF, label
from sheetcrm.policy.model import Policy
from sheetcrm.policy.roles import Roles
from sheetcrm.policy.tables import UNCLASSIFIED, DecisionTable, OutcomeRule

YES = "是"
CHURN = "churn_sign"
CHURN_NOTE = "流失迹象说明"
"""The fact that holds the words of the churn sign that hit; no rule may ask for it."""


def classify(facts: Facts, policy: Policy) -> tuple[Classification, ...]:
    """Decide every classification of the policy, in its order.

    Each outcome, and the code of the rule that gave it (`价值规则`), becomes a fact for the tables
    after it. The facts are added to; nothing else changes.
    """
    sign = policy.churn.first(facts)
    facts[CHURN] = sign is not None and sign.outcome == YES
    facts[CHURN_NOTE] = sign.note if sign else None
    decided: list[Classification] = []
    for table in policy.classes:
        rule = table.first(facts)
        entry = _decided(table.name, rule.outcome, rule.code, rule.note) if rule else _default(table, facts)
        facts[entry.name] = entry.outcome
        facts[rule_of(entry.name)] = entry.rule or None
        decided.append(entry)
    return tuple(decided)


def rule_of(name: str) -> str:
    """Return the fact that holds which rule gave a classification. Pure."""
    return name + RULE_OF


_decided = lru_cache(maxsize=1024)(Classification)


def _default(table: DecisionTable[OutcomeRule], facts: Facts) -> Classification:
    """Give the outcome of the rest: it is for those of whom enough is known, and none of the rules holds."""
    if lacking := table.lacking(facts):
        return _decided(table.name, UNCLASSIFIED, "", f"不知道{'、'.join(map(label, lacking))}")
    return _decided(table.name, table.default or UNCLASSIFIED, "", "")


def explain(facts: Facts, classification: Classification, table: DecisionTable[OutcomeRule]) -> str:
    """Describe what a customer was classified as, by which rule, and what lacked.

    For an outcome that several rules give, the others say what they lacked; 未归类 says what the nearest
    rule lacked. Pure.
    """
    why = f"（{classification.note}）" if classification.note else ""
    others = [rule for rule in table.rules if rule.outcome == classification.outcome]
    if classification.outcome == UNCLASSIFIED:
        others = [min(table.rules, key=lambda rule: len(rule.failing(facts)))]
    missed = [
        f"“{rule.note}”未达到：{say_why(facts, failing)}"
        for rule in others
        if rule.code != classification.rule and (failing := rule.failing(facts))
    ]
    return "；".join([f"{classification.name}：{classification.outcome}{why}", *missed])


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels printed for people (practice §6): the long form, and the file's form."""

    people: str
    file: str


def labels(facts: Facts, roles: Roles, tags: tuple[str, ...]) -> Labels:
    """Render the labels that the policy's roles ask for, and the tags of alerts behind the long form. Pure.

    As shipped: `高价值、制造业、战略客户、解决方案型需求`, and the file form `制造业-重点客户-产品采购`.
    """
    people, on_file = roles.labels, roles.file_label
    return _labels(people, tuple(map(facts.get, people)), on_file, tuple(map(facts.get, on_file)), tags)


@lru_cache(maxsize=1 << 12)
def _labels(
    people: tuple[str, ...],
    outcomes: tuple[MeasureValue, ...],
    on_file: tuple[str, ...],
    filed: tuple[MeasureValue, ...],
    tags: tuple[str, ...],
) -> Labels:
    words = [
        f"{value}需求" if name == _NEED else str(value)
        for name, value in zip(people, outcomes, strict=True)
        if value and value != UNCLASSIFIED
    ]
    parts = [
        str(value).removesuffix("型") if name == _NEED else str(value)
        for name, value in zip(on_file, filed, strict=True)
        if value and value != UNCLASSIFIED
    ]
    return Labels("、".join(dict.fromkeys([*words, *tags])), "-".join(parts))


_NEED = "need_type"
"""The measure that reads `解决方案型` in a sheet, `解决方案型需求` among people and `解决方案` in the file."""
