"""Decision tables (DMN): rows of conditions on measures, read from the top, each with an outcome.

Hit policy *first* gives the outcome of the first row that holds (classifications), *collect* those of
all rows that hold (alerts). A table is checked when it is loaded: an unknown measure, a row that no
customer can reach, and a gap in a table over one number are faults with the rule's code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sheetcrm.policy.glossary import MEASURES
from sheetcrm.policy.conditions import Condition, ConditionText, MeasureValue, compile_condition

Facts = Mapping[str, MeasureValue]
"""A customer's measures and earlier outcomes, by the names of the glossary."""


class Rule(BaseModel):
    """One row: it holds where every condition of `when` does. `code` names it in print."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    code: Annotated[str, Field(min_length=1)]
    when: Mapping[str, ConditionText] = {}
    note: str = ""

    @cached_property
    def tests(self) -> tuple[tuple[str, Callable[[MeasureValue], bool]], ...]:
        """The conditions, compiled; those that take anything are left out."""
        compiled = ((name, compile_condition(text)) for name, text in self.when.items())
        return tuple((name, condition.test) for name, condition in compiled if condition.text.strip() not in ("", "-"))

    def holds(self, facts: Facts) -> bool:
        """Tell whether every condition holds. Pure."""
        for name, test in self.tests:  # noqa: SIM110  (a generator costs twice as much, and this runs per customer)
            if not test(facts.get(name)):
                return False
        return True

    def failing(self, facts: Facts) -> tuple[str, ...]:
        """Name the measures whose conditions do not hold. Pure."""
        return tuple(name for name, test in self.tests if not test(facts.get(name)))


class OutcomeRule(Rule):
    """A row of a classification: its outcome is a label."""

    outcome: Annotated[str, Field(min_length=1)]


RuleT = TypeVar("RuleT", bound=Rule)


class DecisionTable(BaseModel, Generic[RuleT]):
    """Rules in their order. `default` is the outcome where none holds (hit policy first only)."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    name: Annotated[str, Field(min_length=1)]
    hit: Literal["first", "collect"] = "first"
    default: str | None = None
    rules: Annotated[tuple[RuleT, ...], Field(min_length=1)]

    def first(self, facts: Facts) -> RuleT | None:
        """Give the first rule that holds, None where none does. Pure."""
        return next((rule for rule in self.rules if rule.holds(facts)), None)

    def collect(self, facts: Facts) -> tuple[RuleT, ...]:
        """Give every rule that holds, in the table's order. Pure."""
        return tuple(rule for rule in self.rules if rule.holds(facts))

    @model_validator(mode="after")
    def _holds_together(self) -> DecisionTable[RuleT]:
        faults = [*_unknown(self.rules), *_twice(self.rules)]
        if self.hit == "first":
            faults += _unreachable(self.rules)
            if self.default is None:
                faults += _gaps(self.rules)
        if faults:
            raise ValueError(f"决策表“{self.name}”：" + "；".join(faults))
        return self


def _unknown(rules: Sequence[Rule]) -> Iterator[str]:
    for rule in rules:
        for name in rule.when:
            if name not in MEASURES:
                yield f"规则 {rule.code} 用了没有的指标“{name}”"


def _twice(rules: Sequence[Rule]) -> Iterator[str]:
    seen: set[str] = set()
    for rule in rules:
        if rule.code in seen:
            yield f"规则编号 {rule.code} 出现了不止一次"
        seen.add(rule.code)


def _unreachable(rules: Sequence[Rule]) -> Iterator[str]:
    """Find rules that an earlier one always forestalls: it asks the same things, and asks less."""
    for index, rule in enumerate(rules):
        for earlier in rules[:index]:
            if all(
                name in rule.when and _implies(compile_condition(rule.when[name]), compile_condition(text))
                for name, text in earlier.when.items()
                if text.strip() not in ("", "-")
            ):
                yield f"规则 {rule.code} 永远轮不到，{earlier.code} 已经把它包含在内"
                break


def _implies(narrow: Condition, wide: Condition) -> bool:
    """Tell whether whatever satisfies `narrow` satisfies `wide`, as far as their forms can show."""
    if narrow.text == wide.text:
        return True
    if narrow.interval and wide.interval:
        return narrow.interval.within(wide.interval)
    if narrow.words is not None and wide.words is not None:
        return narrow.words <= wide.words
    return wide.text.strip() == "非空" and (narrow.interval is not None or narrow.words is not None)


def _gaps(rules: Sequence[Rule]) -> Iterator[str]:
    """Find numbers that no row of a table over one measure takes."""
    names = {name for rule in rules for name in rule.when}
    if len(names) != 1:
        return
    (name,) = names
    intervals = [compile_condition(rule.when[name]).interval for rule in rules if name in rule.when]
    known = sorted((entry for entry in intervals if entry), key=lambda entry: entry.sort_key)
    if not known or len(known) < len(rules):
        return
    if known[0].low is not None or known[-1].high is not None:
        yield "最小或最大的一头没有规则，请补上一行或写 default"
    for below, above in pairwise(known):
        if below.leaves_gap_before(above):
            yield f"在 {below.high} 和 {above.low} 之间有空档，请补上一行或写 default"
