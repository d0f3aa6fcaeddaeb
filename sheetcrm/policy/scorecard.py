"""Scorecards: indicators, their weights and their curves (practice §4.1, §4.2)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, cast

from pydantic import Field, model_validator

from sheetcrm.policy.conditions import Bound, Condition, ConditionText, compile_condition
from sheetcrm.policy.values import Frozen, Number, Points, Text, Word


class Missing(Enum):
    """What a blank does to a score (practice §4.3)."""

    BLOCK = "block"
    RENORMALISE = "renormalise"
    NEUTRAL = "neutral"


class Band(Frozen):
    """A condition on the measure, and the points it gives."""

    when: ConditionText
    points: Points


class Indicator(Frozen):
    """One line of a scorecard: a measure, its weight, and its points curve.

    Either `bands` (read best first, `otherwise` below them) or `scale` (points = measure x scale,
    held within 0-100). `words` give points where only a word is known (`word_measure`). What a team
    cannot change is never proposed as the way to the next tier. `replaces` names the indicator that one of
    `Scorecard.preferred` stands for.
    """

    label: Word
    measure: Text
    field: Text
    weight: Annotated[Number, Field(gt=0)]
    missing: Missing
    bands: tuple[Band, ...] = ()
    otherwise: Points | None = None
    scale: Annotated[Number, Field(gt=0)] | None = None
    word_measure: Text | None = None
    words: Mapping[Word, Points] = {}
    changeable: bool = True
    replaces: Word | None = None

    @model_validator(mode="after")
    def _curve_holds(self) -> Indicator:
        if bool(self.bands) == (self.scale is not None):
            raise ValueError("评分档（bands）和按比例（scale）要且只要写一个")
        if self.bands and self.otherwise is None:
            raise ValueError("有评分档就要写明其余得几分（otherwise），否则会有空档")
        if self.otherwise is not None:
            if not self.bands:
                raise ValueError("按比例计分时没有“其余”（otherwise）")
            _check_bands(self.bands, self.otherwise)
        if bool(self.words) != (self.word_measure is not None):
            raise ValueError("文字得分（words）和文字指标（word_measure）要一起写")
        return self

    @cached_property
    def curve(self) -> tuple[tuple[Condition, Decimal], ...]:
        """The bands, compiled."""
        return tuple((compile_condition(band.when), band.points) for band in self.bands)

    @cached_property
    def rungs(self) -> tuple[tuple[Decimal, Bound], ...]:
        """The bands from worst to best: their points, and where they begin."""
        return tuple((points, condition.bound) for condition, points in reversed(self.curve) if condition.bound)

    def points(self, value: Decimal | int) -> Decimal:
        """Give the points 0-100 of a value of the measure. Pure."""
        if self.scale is None:
            return self.ladder[self.step(value)]
        return min(max(value * self.scale, Decimal(0)), Decimal(100))

    @cached_property
    def ladder(self) -> tuple[Decimal, ...]:
        """The points of the bands and of what lies beyond the worst, by rising edge; `step` finds its place."""
        points = (*(band.points for band in self.bands), cast("Decimal", self.otherwise))
        return points[::-1] if self.rising else points

    @cached_property
    def step(self) -> Callable[[Decimal | int], int]:
        """The bands, compiled: a value of the measure to its place in the ladder, by bisection."""
        rising, bounds = self.rising, [bound for condition, _ in self.curve if (bound := condition.bound)]
        if rising:
            bounds.reverse()
        edges = [bound.edge for bound in bounds]
        # `>` and `<` leave the edge itself to the worse side.
        strict = [not bound.operator.endswith("=") for bound in bounds]
        if rising:

            def climb(value: Decimal | int) -> int:
                place = bisect_right(edges, value)
                while place and strict[place - 1] and edges[place - 1] == value:
                    place -= 1
                return place

            return climb

        def sink(value: Decimal | int) -> int:
            place = bisect_left(edges, value)
            while place < len(edges) and strict[place] and edges[place] == value:
                place += 1
            return place

        return sink

    @cached_property
    def rising(self) -> bool:
        """Whether more of the measure is better."""
        return self.scale is not None or self.bands[0].when.startswith(">")


def _check_bands(bands: Sequence[Band], otherwise: Decimal) -> None:
    """Hold a curve to its law: one direction, edges in order, points falling from best to worst."""
    bounds = [compile_condition(band.when).bound for band in bands]
    if any(bound is None for bound in bounds):
        raise ValueError("每一档的条件要写成 >=、>、<= 或 < 加一个数")
    edges = [bound for bound in bounds if bound is not None]
    if len({bound.operator[0] for bound in edges}) > 1:
        raise ValueError("各档的条件方向要一致：要么都是 >=（>），要么都是 <=（<）")
    rising = edges[0].operator[0] == ">"
    for better, worse in pairwise(edges):
        apart = better.edge > worse.edge if rising else better.edge < worse.edge
        touching = better.edge == worse.edge and len(better.operator) < len(worse.operator)
        if not (apart or touching):
            raise ValueError(
                f"各档要从最好排到最差：{better.operator}{better.edge} 后面不能是 {worse.operator}{worse.edge}"
            )
    points = [*(band.points for band in bands), otherwise]
    if any(high < low for high, low in pairwise(points)):
        raise ValueError("得分要从最好的一档往下递减")


class Scorecard(Frozen):
    """Indicators that make one score.

    One of `preferred` takes the place of the indicator it replaces wherever its own measure is known: a typed
    投诉率 wins over the count of complaints (practice §4.2). It has the same weight.
    """

    name: Word
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    preferred: tuple[Indicator, ...] = ()

    def preferred_to(self, indicator: Indicator) -> Indicator | None:
        """Return the indicator that takes another one's place where its measure is known; None where none does."""
        return next((entry for entry in self.preferred if entry.replaces == indicator.label), None)

    @property
    def every(self) -> tuple[Indicator, ...]:
        """All the indicators, those that may take another one's place last."""
        return (*self.indicators, *self.preferred)

    @cached_property
    def changeable(self) -> tuple[tuple[int, Indicator, Decimal, tuple[Decimal, ...]], ...]:
        """The indicators a team can change.

        Each with its place, the most it can give, and what its rungs give, rising: points by weight. One that is
        preferred to another has the same place.
        """
        places = {entry.label: place for place, entry in enumerate(self.indicators)}
        return tuple(
            (
                places[entry.replaces or entry.label],
                entry,
                entry.weight * 100,
                tuple(points * entry.weight for points, _bound in entry.rungs),
            )
            for entry in self.every
            if entry.changeable
        )

    @cached_property
    def weight_total(self) -> Decimal:
        """Σ weight; the formula divides by it."""
        return sum((entry.weight for entry in self.indicators), Decimal(0))
