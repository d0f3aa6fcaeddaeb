"""Follow-up records that name several customers, or a class of them (practice §8). Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from sheetcrm.intake.keys import fold_key
from sheetcrm.model import FollowUp, Problem, Profile, Records, ScoringRow, Standing
from sheetcrm.policy import coherence
from sheetcrm.policy.cadence import ALL, INTENT
from sheetcrm.policy.model import Policy
from sheetcrm.policy.tables import UNCLASSIFIED
from sheetcrm.problems import problem, shown
from sheetcrm.text.folding import fold

EVERYBODY = (ALL, "全部客户", "全体", "全体客户", "所有客户")
"""What people write in 客户编号 for all customers."""
_CUSTOMER = "客户"
_BETWEEN = re.compile(r"[、,，;；/／\r\n]+")


@dataclass(frozen=True, slots=True)
class _Names:
    """What a cell may name: the folded keys of customers, their numbers by folded name, and words for classes."""

    keys: frozenset[str]
    by_name: Mapping[str, str]
    classes: Mapping[str, str]

    def is_customer(self, text: str) -> bool:
        return fold_key(text) in self.keys or fold(text) in self.by_name

    def read(self, cell: str) -> tuple[str, ...]:
        """Return the keys and the classes that a cell names; the cell itself where it names one customer, or nobody."""
        if self.is_customer(cell):
            return (cell,)
        parts = list(filter(None, map(str.strip, _BETWEEN.split(cell))))
        named = [self._one(part) for part in parts]
        return (
            tuple(dict.fromkeys(one or part for one, part in zip(named, parts, strict=True))) if any(named) else (cell,)
        )

    def _one(self, part: str) -> str | None:
        if fold_key(part) in self.keys:
            return part
        return self.by_name.get(fold(part)) or self.classes.get(fold(part))


def share_records(records: Records, policy: Policy) -> tuple[Records, tuple[Problem, ...]]:
    """Make a record that names several customers one of each of them, and find those that name a class.

    Returns:
        The records, with the classes named, and a remark for each sheet on what a class's records count for.
    """
    names = _names_of(records, policy)
    cells = {record.customer_id for record in records.follow_ups}
    read = {cell: named for cell in cells if (named := names.read(cell)) != (cell,) or cell in names.classes.values()}
    if not read:
        return records, ()
    shared: list[FollowUp] = []
    for record in records.follow_ups:
        whose = read.get(record.customer_id)
        shared += [record] if whose is None else [structs.replace(record, customer_id=one) for one in whose]
    classes = frozenset(one for named in read.values() for one in named if one in names.classes.values())
    of_classes = [record for record in shared if record.customer_id in classes]
    return replace(records, follow_ups=tuple(shared), classes=classes), tuple(_remarks(of_classes, policy))


def class_words(policy: Policy) -> Mapping[str, str]:
    """Map what people write for a class of customers, folded, with 客户 and without, to its label."""
    no_class = {ALL, UNCLASSIFIED, *(one.value for one in Standing if one is not Standing.UNSOLD)}
    labels = [one for one in coherence.labels(policy) if one not in no_class and not one.startswith(INTENT)]
    words = {fold(label): label for label in labels}
    for label in labels:
        for spelling in (f"{label}{_CUSTOMER}", label.removesuffix(_CUSTOMER)):
            words.setdefault(fold(spelling), label)
    return words | dict.fromkeys(map(fold, EVERYBODY), ALL)


def _names_of(records: Records, policy: Policy) -> _Names:
    customers: list[Profile | ScoringRow] = [*records.profiles, *records.scorings]
    keys = {*records.aside, *(record.customer_id for record in customers)}
    numbers: dict[str, set[str]] = defaultdict(set)
    for record in customers:
        if record.name and "*" not in record.name:
            numbers[fold(record.name)].add(record.customer_id)
    by_name = {name: next(iter(keys_of)) for name, keys_of in numbers.items() if len(keys_of) == 1}
    folded = frozenset(map(fold_key, keys))
    classes = {
        word: label
        for word, label in class_words(policy).items()
        if fold_key(label) not in folded and fold(label) not in by_name
    }
    return _Names(folded, by_name, classes)


def _remarks(records: Sequence[FollowUp], policy: Policy) -> Iterable[Problem]:
    """Say for each sheet what the records of classes count for, and what they do not."""
    batch = "、".join(one.activity for one in policy.cadence if one.batch)
    counts = f"只算为这一类客户做过{batch}" if batch else "策略里没有可以成批做的活动，不算做过任何活动"
    sheets: dict[int, list[FollowUp]] = defaultdict(list)
    for record in records:
        sheets[id(record.origin)].append(record)
    for rows in sheets.values():
        first = min(rows, key=lambda record: record.row)
        refs = [record.ref("customer_id") for record in rows]
        number = len({record.row for record in rows})
        yield problem(
            "contact-of-class",
            refs[rows.index(first)],
            refs,
            count=number,
            found=shown(first.customer_id),
            counts=counts,
        )
