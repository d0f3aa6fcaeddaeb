"""Classifications, alerts and health of one customer after another (domain §6, §7).

Customers who are alike in all that the policy's tables ask are judged once: a book of thousands has
few of them that differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sheetcrm.assess.grade import alerts, classifications
from sheetcrm.assess.grade.facts import Known
from sheetcrm.model import Alert, Classification, Health
from sheetcrm.policy.conditions import MeasureValue
from sheetcrm.policy.model import Policy
from sheetcrm.policy.tables import Likeness

_REMEMBERED = 1 << 14
"""Judgements kept at most."""

_Seen = tuple[MeasureValue, ...]


class Judge:
    """Judges by a policy's tables, as of one date. Facts are added to those of the customer as they are decided."""

    def __init__(self, policy: Policy, as_of: date) -> None:
        """Judge by a policy, as of a date."""
        self._policy = policy
        self._as_of = as_of
        self._decided = (
            classifications.CHURN,
            classifications.CHURN_NOTE,
            *(name for table in policy.classes for name in (table.name, classifications.rule_of(table.name))),
        )
        tables = (policy.churn, *policy.classes)
        self._to_classify = Likeness(_given((pair for table in tables for pair in table.asked), self._decided))
        self._raised = (alerts.RISK, alerts.HEALTH_KNOWN, alerts.HEALTH_BAD)
        asked = [*policy.alerts.asked, *policy.health.asked, *((one.measure, one.bad) for one in policy.health_inputs)]
        self._to_watch = Likeness(_given(asked, self._raised))
        self._classified: dict[_Seen, tuple[tuple[Classification, ...], Known]] = {}
        self._watched: dict[_Seen, tuple[tuple[Alert, ...], Health, Known]] = {}

    def classify(self, facts: Known) -> tuple[Classification, ...]:
        """Decide every classification, as `classes.classify` does."""
        seen = self._to_classify.of(facts)
        known = self._classified.get(seen)
        if known is None:
            found = classifications.classify(facts, self._policy)
            known = found, {name: facts[name] for name in self._decided}
            if len(self._classified) < _REMEMBERED:
                self._classified[seen] = known
        facts.update(known[1])
        return known[0]

    def watch(self, facts: Known) -> tuple[tuple[Alert, ...], Health]:
        """Raise the alerts, then judge health, as `alerts.raise_alerts` and `alerts.judge_health` do."""
        seen = self._to_watch.of(facts)
        known = self._watched.get(seen)
        if known is None:
            raised = alerts.raise_alerts(facts, self._policy, self._as_of)
            health = alerts.judge_health(facts, self._policy)
            known = raised, health, {name: facts[name] for name in self._raised}
            if len(self._watched) < _REMEMBERED:
                self._watched[seen] = known
        facts.update(known[2])
        return known[:2]


def _given(asked: Iterable[tuple[str, str]], decided: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Leave out what the tables decide themselves: it follows from the rest."""
    own = frozenset(decided)
    return [pair for pair in asked if pair[0] not in own]
