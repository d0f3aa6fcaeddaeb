"""Classifications, alerts and health of one customer after another (practice §6, §7).

Customers who are alike in all that the policy's tables ask are judged once: a book of thousands has
few of them that differ.
"""

from __future__ import annotations

from collections.abc import Iterable

from sheetcrm.assess.grade import alerts, classifications
from sheetcrm.assess.grade.facts import Facts
from sheetcrm.model import Alert, Classification, Health
from sheetcrm.policy.conditions import MeasureValue
from sheetcrm.policy.run import Run
from sheetcrm.policy.tables import Likeness

_REMEMBERED = 1 << 14
"""Judgements kept at most."""

_Key = tuple[MeasureValue, ...]


class Judge:
    """Evaluates the tables of a run's policy. What it decides is added to the customer's facts."""

    def __init__(self, run: Run) -> None:
        """Judge by a run's policy, as of its date."""
        self._run = run
        policy = run.policy
        self._decided = (
            classifications.CHURN,
            classifications.CHURN_NOTE,
            *(name for table in policy.classes for name in (table.name, classifications.rule_of(table.name))),
        )
        tables = (policy.churn, *policy.classes)
        self._to_classify = Likeness(_without((pair for table in tables for pair in table.asked), self._decided))
        self._raised = (alerts.RISK, alerts.HEALTH_KNOWN, alerts.HEALTH_BAD)
        asked = [*policy.alerts.asked, *policy.health.asked, *((one.measure, one.bad) for one in policy.health_inputs)]
        self._to_watch = Likeness(_without(asked, self._raised))
        self._classified: dict[_Key, tuple[tuple[Classification, ...], Facts]] = {}
        self._watched: dict[_Key, tuple[tuple[Alert, ...], Health, Facts]] = {}

    def classify(self, facts: Facts) -> tuple[Classification, ...]:
        """Decide every classification, as `classifications.classify` does."""
        key = self._to_classify.of(facts)
        judged = self._classified.get(key)
        if judged is None:
            classes = classifications.classify(facts, self._run.policy)
            judged = classes, {name: facts[name] for name in self._decided}
            if len(self._classified) < _REMEMBERED:
                self._classified[key] = judged
        facts.update(judged[1])
        return judged[0]

    def watch(self, facts: Facts) -> tuple[tuple[Alert, ...], Health]:
        """Raise the alerts, then judge health, as `alerts.raise_alerts` and `alerts.judge_health` do."""
        key = self._to_watch.of(facts)
        judged = self._watched.get(key)
        if judged is None:
            raised = alerts.raise_alerts(facts, self._run)
            health = alerts.judge_health(facts, self._run.policy)
            judged = raised, health, {name: facts[name] for name in self._raised}
            if len(self._watched) < _REMEMBERED:
                self._watched[key] = judged
        facts.update(judged[2])
        return judged[:2]


def _without(asked: Iterable[tuple[str, str]], decided: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Leave out what the tables decide themselves: it follows from the rest."""
    own = frozenset(decided)
    return [pair for pair in asked if pair[0] not in own]
