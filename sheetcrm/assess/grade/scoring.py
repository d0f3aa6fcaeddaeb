"""Measures to points, score and tier (domain §4.1 to §4.4)."""

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

    Customers who get the same points for an indicator share what is said of it: a book of thousands
    has few of them.
    """

    def __init__(self, card: Scorecard, rules: Scoring) -> None:
        """Score by a card, with the rules for what is missing."""
        self._whole = card.weight_total
        self._least_coverage = rules.least_coverage
        self._gauges = tuple(_Gauge(indicator, rules) for indicator in card.indicators)

    def score(self, measures: Measures) -> Score:
        """Score a customer: Σ weight x points ÷ Σ weight, rounded half-up to one decimal (domain §4.1).

        Where an indicator's measure is unknown its `missing` rule decides: the score is withheld (block),
        the weight left out (renormalise), or neutral points taken. It is withheld too where what is known
        carries less than the card's least coverage. More of a good thing never lowers the score. Pure.
        """
        found = [gauge.read(measures) for gauge in self._gauges]
        parts = tuple([given.part for given in found])
        earned, carried, known = _NONE, self._whole, self._whole
        missing: tuple[str, ...] = ()
        for given in found:
            earned += given.earned
            if given.lacking is not None:
                carried -= given.unpaid
                known -= given.lacking
                missing += given.missing
        coverage = _ONE if known is self._whole else known / self._whole
        if missing or coverage < self._least_coverage:
            return Score(None, coverage, parts, missing)
        return Score((earned / carried).quantize(_TENTH, ROUND_HALF_UP), coverage, parts)


class _Given(Struct, frozen=True, gc=False):
    """What one indicator adds to the sums: points by weight, and where its measure is unknown what they lack."""

    part: Contribution
    earned: Decimal
    lacking: Decimal | None = None
    """The weight that is not known; None where it is."""
    unpaid: Decimal = _NONE
    """The weight that is left out."""
    missing: tuple[str, ...] = ()


class _Gauge:
    """One indicator, reading its points off its curve."""

    def __init__(self, indicator: Indicator, rules: Scoring) -> None:
        self._indicator = indicator
        self._rules = rules
        self._take = attrgetter(indicator.measure)
        self._take_word = attrgetter(indicator.word_measure) if indicator.word_measure else None
        self._steps: dict[tuple[int | Decimal | str | None, Source | None], _Given] = {}

    def read(self, measures: Measures) -> _Given:
        """Give what the indicator adds to a customer's score."""
        indicator = self._indicator
        value = self._take(measures)
        place: int | Decimal | str | None
        if value is not None:
            place = indicator.step(value) if indicator.bands else value
        else:
            place = self._take_word(measures) if self._take_word else None
        key = (place, measures.sources.get(indicator.measure))
        found = self._steps.get(key)
        if found is None:
            found = self._steps[key] = self._make(value, *key)
        return found

    def _make(self, value: Decimal | int | None, place: int | Decimal | str | None, source: Source | None) -> _Given:
        indicator = self._indicator
        points = indicator.words.get(place) if value is None else indicator.points(value)  # type: ignore[arg-type]  # a word then
        counted = self._rules.neutral_points if points is None and indicator.missing is Missing.NEUTRAL else points
        source = source or (Source.ABSENT if counted is None else Source.TYPED)
        part = Contribution(indicator.label, indicator.measure, indicator.weight, counted, source)
        if points is not None:
            return _Given(part, indicator.weight * points)
        if counted is not None:
            return _Given(part, indicator.weight * counted, indicator.weight)
        missing = (indicator.label,) if indicator.missing is Missing.BLOCK else ()
        return _Given(part, _NONE, indicator.weight, indicator.weight, missing)


def score(measures: Measures, card: Scorecard, rules: Scoring) -> Score:
    """Score a single customer; `Scorer.score` says how. Pure."""
    return Scorer(card, rules).score(measures)


def withheld(result: Score) -> Score:
    """Take back the total of a customer that may not be graded; points and coverage stay. Pure."""
    return Score(None, result.coverage, result.contributions, result.missing)


def tier_of(total: Decimal, tiers: tuple[Tier, ...]) -> Tier:
    """Find the tier of a published score: the first, best first, whose floor it reaches. Pure."""
    return next(tier for tier in tiers if tier.floor is not None and total >= tier.floor)
