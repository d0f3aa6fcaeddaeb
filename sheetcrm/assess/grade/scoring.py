"""Measures to points, score and tier (practice §4.1 to §4.4)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter

from msgspec import Struct

from sheetcrm.model import Contribution, Measures, Score, Source
from sheetcrm.policy.model import Scoring, Tier
from sheetcrm.policy.scorecard import Indicator, Missing, Scorecard

_TENTH = Decimal("0.1")
_NONE, _ONE = Decimal(0), Decimal(1)


class Scorer:
    """Scores one customer after another by a card.

    Customers who get the same points for an indicator share its contribution: a book of thousands
    has few of them.
    """

    def __init__(self, card: Scorecard, rules: Scoring) -> None:
        """Score by a card, with the rules for what is missing."""
        self._whole = card.weight_total
        self._least_coverage = rules.least_coverage
        self._totals: dict[Decimal, Decimal] = {}
        """Each total once: there are a thousand of them, and a Decimal takes 104 bytes."""
        self._gauges = tuple(_Gauge(indicator, rules, card.preferred_to(indicator)) for indicator in card.indicators)

    def score(self, measures: Measures) -> Score:
        """Score a customer: Σ weight x points ÷ Σ weight, rounded half-up to one decimal (practice §4.1).

        Where an indicator's measure is unknown its `missing` rule decides: the score is withheld (block),
        the weight left out (renormalise), or neutral points taken. It is withheld too where what is known
        carries less than the card's least coverage. More of a good thing never lowers the score. Pure.
        """
        readings = [gauge.read(measures) for gauge in self._gauges]
        parts = tuple([reading.part for reading in readings])
        earned, carried, covered = _NONE, self._whole, self._whole
        missing: tuple[str, ...] = ()
        for reading in readings:
            earned += reading.earned
            if reading.lacking is not None:
                carried -= reading.unpaid
                covered -= reading.lacking
                missing += reading.missing
        coverage = _ONE if covered is self._whole else covered / self._whole
        if missing or coverage < self._least_coverage:
            return Score(None, coverage, parts, missing)
        total = (earned / carried).quantize(_TENTH, ROUND_HALF_UP)
        return Score(self._totals.setdefault(total, total), coverage, parts)


class _Reading(Struct, frozen=True, gc=False):
    """What one indicator adds to the sums: points by weight, and the weight they lack where its measure is unknown."""

    part: Contribution
    earned: Decimal
    lacking: Decimal | None = None
    """The weight that is not known; None where it is."""
    unpaid: Decimal = _NONE
    """The weight that is left out."""
    missing: tuple[str, ...] = ()


class _Gauge:
    """One indicator, reading its points off its curve, or off that of the one preferred to it."""

    def __init__(self, indicator: Indicator, rules: Scoring, preferred: Indicator | None = None) -> None:
        self._preferred = _Gauge(preferred, rules) if preferred else None
        self._indicator = indicator
        self._rules = rules
        self._take = attrgetter(indicator.measure)
        self._take_word = attrgetter(indicator.word_measure) if indicator.word_measure else None
        self._steps: dict[tuple[int | Decimal | str | None, Source | None], _Reading] = {}

    def is_known(self, measures: Measures) -> bool:
        """Return whether the indicator's measure is known, as a figure."""
        return self._take(measures) is not None

    def read(self, measures: Measures) -> _Reading:
        """Return what the indicator adds to a customer's score."""
        indicator, preferred = self._indicator, self._preferred
        if preferred is not None and preferred.is_known(measures):
            return preferred.read(measures)
        value = self._take(measures)
        place: int | Decimal | str | None
        if value is not None:
            place = indicator.step(value) if indicator.bands else value
        else:
            place = self._take_word(measures) if self._take_word else None
        key = (place, measures.sources.get(indicator.measure))
        reading = self._steps.get(key)
        if reading is None:
            reading = self._steps[key] = self._make(value, *key)
        return reading

    def _make(self, value: Decimal | int | None, place: int | Decimal | str | None, source: Source | None) -> _Reading:
        indicator = self._indicator
        points = indicator.words.get(place) if value is None else indicator.points(value)  # type: ignore[arg-type]  # a word then
        counted = self._rules.neutral_points if points is None and indicator.missing is Missing.NEUTRAL else points
        source = source or (Source.ABSENT if counted is None else Source.TYPED)
        part = Contribution(indicator.replaces or indicator.label, indicator.measure, indicator.weight, counted, source)
        if points is not None:
            return _Reading(part, indicator.weight * points)
        if counted is not None:
            return _Reading(part, indicator.weight * counted, indicator.weight)
        missing = (indicator.label,) if indicator.missing is Missing.BLOCK else ()
        return _Reading(part, _NONE, indicator.weight, indicator.weight, missing)


def score(measures: Measures, card: Scorecard, rules: Scoring) -> Score:
    """Score a single customer, as `Scorer.score` does. Pure."""
    return Scorer(card, rules).score(measures)


def withheld(result: Score) -> Score:
    """Take back the total of a customer that may not be graded; points and coverage stay. Pure."""
    return Score(None, result.coverage, result.contributions, result.missing)


def tier_of(total: Decimal, tiers: tuple[Tier, ...]) -> Tier:
    """Find the tier of a published score: the first, best first, whose floor it reaches. Pure."""
    for tier in tiers:
        floor = tier.floor
        if floor is not None and total >= floor:
            return tier
    raise ValueError(total)
