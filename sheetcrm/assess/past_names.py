"""The last period's classes under the names that today's policy gives them. Pure.

A team may rename a classification or an outcome between two months. What has a role is the same under its new
name; another outcome that today's policy cannot give compares with nothing and is left out.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace

from sheetcrm.model import Past
from sheetcrm.policy import coherence
from sheetcrm.policy.model import Policy
from sheetcrm.policy.roles import OUTCOMES, TABLES

Names = Mapping[str, tuple[str, ...]]
"""What each role names (`Roles.names`)."""


def in_names_of(policy: Policy, history: Mapping[str, Past]) -> Mapping[str, Past]:
    """Rename the classes of earlier records; a role that a record does not say is today's."""
    now = policy.roles.names
    outcomes = {table.name: frozenset(coherence.outcomes(table)) for table in policy.classes}
    return {key: _renamed(past, {**now, **past.terms.roles}, now, outcomes) for key, past in history.items()}


def _renamed(past: Past, then: Names, now: Names, outcomes: Mapping[str, Container[str]]) -> Past:
    before = {role: past.labels.get(then[role][0]) for role in TABLES}
    today = {
        now[role][0]: _outcome(role, word, then, now, outcomes.get(now[role][0], ()))
        for role, word in before.items()
        if word and now[role][0]
    }
    old = {then[role][0] for role in TABLES}
    labels = {name: word for name, word in past.labels.items() if name not in old}
    labels |= {name: word for name, word in today.items() if word}
    return past if labels == past.labels else replace(past, labels=labels)


def _outcome(role: str, word: str, then: Names, now: Names, outcomes: Container[str]) -> str | None:
    meaning = next((name for name, of in OUTCOMES.items() if of == role and word in then[name]), None)
    if meaning and word not in now[meaning]:
        return next(iter(now[meaning]), None)
    return word if word in outcomes else None
