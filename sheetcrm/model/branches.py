"""What is told of many books side by side: of each branch its counts, and no customer."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class Done(enum.Enum):
    """What became of a book in a batch."""

    NEW = "完成"
    UNCHANGED = "未变"
    PARTLY = "部分写成"
    NOT = "没有做"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPromise:
    """A promise to a tier that was not kept: the figure as it is, and as it should be, both as printed."""

    tier: str
    label: str
    value: str
    least: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A book's counts in a period. No customer, no contact and nothing that was found in a cell is in it.

    `tiers` counts the customers by 等级, the policy's tiers first. Of `judged` promises to tiers `kept` were kept, the
    others are `broken`. `promises_kept` of `promises_due` promises of 下一步计划 were kept. `up`, `down`, `new` and
    `gone` count movements. `problems` counts what was found in the data by (severity, kind).
    """

    period: str
    run_id: str
    policy: str
    customers: int
    tiers: tuple[tuple[str, int], ...]
    kept: int
    judged: int
    broken: tuple[BrokenPromise, ...] = ()
    promises_kept: int = 0
    promises_due: int = 0
    up: int = 0
    down: int = 0
    new: int = 0
    gone: int = 0
    overdue: int = 0
    awaiting_audit: int = 0
    problems: tuple[tuple[str, str, int], ...] = ()

    def count(self, severity: str) -> int:
        """Return how many problems of a severity there are."""
        return sum(count for level, _, count in self.problems if level == severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchOutcome:
    """What became of a book, by its folder below the root; `branch` is None where nothing is in place.

    `reasons` say what went wrong, `folder` and `files` what lies where: the period's results below the output folder.
    """

    name: str
    period: str
    done: Done
    branch: Branch | None = None
    reasons: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """The folder of its results, below the output folder."""
        return f"{self.name}/{self.period}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSummary:
    """All books of a batch in one period, in the order of their names."""

    period: str
    outcomes: tuple[BranchOutcome, ...]
    tiers: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, period: str, outcomes: Sequence[BranchOutcome]) -> BatchSummary:
        """Put the books of a period in order, and the tiers of all their policies side by side. Pure."""
        ordered = tuple(sorted(outcomes, key=lambda outcome: outcome.name))
        names = dict.fromkeys(name for one in ordered if one.branch for name, _ in one.branch.tiers)
        return cls(period=period, outcomes=ordered, tiers=tuple(names))

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The books that have results."""
        return tuple(one.branch for one in self.outcomes if one.branch)

    @property
    def counts(self) -> Mapping[Done, int]:
        """How many books there are of each outcome."""
        return {done: sum(one.done is done for one in self.outcomes) for done in Done}

    def customers_in(self, tier: str) -> int:
        """Return how many customers of all books have a tier."""
        return sum(dict(branch.tiers).get(tier, 0) for branch in self.branches)

    def total(self, name: str) -> int:
        """Add up one of the counts of all branches, by its attribute."""
        return sum(int(getattr(branch, name)) for branch in self.branches)
