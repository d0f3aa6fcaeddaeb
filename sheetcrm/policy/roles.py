"""The roles of a policy's classifications and outcomes, whatever they are called (practice §6).

A team may rename every table and outcome. Figures, labels and packs therefore ask a role and never a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from sheetcrm.policy.values import Frozen, Words

TABLES = ("stage", "value", "relation", "activity")
"""The roles that name a classification."""
OUTCOMES: Mapping[str, str] = {
    "lost": "stage",
    "dormant": "stage",
    "prospect": "stage",
    "new": "stage",
    "high_value": "value",
    "renewing": "relation",
    "developing": "activity",
}
"""The roles that name outcomes, and the role of the classification that gives them."""
LABELS = ("labels", "file_label")
"""The roles that list what a label is made of."""
LABELLED = ("industry", "need_type")
"""The measures that a label may show beside classifications."""


class Roles(Frozen):
    """The classifications and outcomes that figures, labels and packs ask for.

    `stage`, `value`, `relation` and `activity` name classifications: how far the business with a customer is, what
    the customer is worth, where the contract stands, whether anything goes on. Blank: the policy has none, and the
    outcomes asked of it do not count. `labels` and `file_label` list the classifications and measures that the two
    labels show.
    """

    stage: str
    value: str
    relation: str
    activity: str
    lost: Words
    dormant: Words
    prospect: Words
    new: Words
    high_value: Words
    renewing: Words
    developing: Words
    labels: Words
    file_label: Words

    @cached_property
    def gone(self) -> frozenset[str]:
        """The stages in which a customer counts as lost: 客户流失率, 留存率, 流失挽回率."""
        return frozenset((*self.lost, *self.dormant))

    @cached_property
    def inactive(self) -> frozenset[str]:
        """The stages in which nobody can be kept: those of `gone`, and before the first purchase."""
        return self.gone | frozenset(self.prospect)

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The tables and outcomes by role, as the history keeps them with a run."""
        tables = {role: (getattr(self, role),) for role in TABLES}
        return tables | {role: getattr(self, role) for role in OUTCOMES}
