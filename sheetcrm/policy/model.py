"""The policy, typed: every figure and rule of the practice, each within its bounds.

Pydantic stands here at the border only; the rules below it see a frozen `Policy`. What spans several
keys is held together by `coherence`; `loading` reads and checks.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from sheetcrm.model import FIGURES
from sheetcrm.policy.conditions import Bound, Condition, ConditionText, compile_condition
from sheetcrm.policy.tables import DecisionTable, OutcomeRule, Rule

BY_SCORE = "得分"
"""`scoring.decided_by`: the score decides the tier, not a classification."""

ALL = "全部"
"""In a cadence's `applies`: everybody."""


COMPETITOR, COMPLEX = "竞品", "复杂功能"
"""Signals that are measures of their own; the policy holds their words."""


def _plain(number: Decimal) -> Decimal:
    """Drop trailing zeros: 0.70 and 0.7 are one figure, however they were written down."""
    shorter = number.normalize()
    return shorter.quantize(Decimal(1)) if shorter == shorter.to_integral_value() else shorter


def _apart(word: str) -> str:
    if re.search(r"[、,，;；\n]", word):
        raise ValueError(f"“{word}”里不能有顿号、逗号、分号或换行，请分成几项写")
    return word


Number = Annotated[Decimal, AfterValidator(_plain)]
Share = Annotated[Number, Field(ge=0, le=1)]
Points = Annotated[Number, Field(ge=0, le=100)]
Text = Annotated[str, Field(min_length=1)]
Word = Annotated[Text, AfterValidator(_apart)]
"""One of a list that people write in one cell."""
Words = tuple[Word, ...]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, ignored_types=(cached_property,))


class Missing(Enum):
    """What a blank does to a score (domain §4.3)."""

    BLOCK = "block"
    RENORMALISE = "renormalise"
    NEUTRAL = "neutral"


class Reading(_Frozen):
    """How cells are taken (domain §1.1, §3).

    `satisfaction_scale` is the scale of scores whose header declares none.
    """

    customer_id_pattern: Text
    mismatch_tolerance: Share
    card_weight_total: Number
    complaint_words: Words
    satisfaction_scale: Literal["CSAT", "NPS"] = "CSAT"
    purchases: Literal["order", "day"]

    @field_validator("customer_id_pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"正则表达式写错了：{error}") from error
        return pattern


class Scoring(_Frozen):
    """Which card is used, what missing data does (domain §4.3), and what decides a tier, when (§4.4).

    `decided_by` is 得分, or the name of a classification whose outcomes are the tiers' names. Then
    `unsold_graded` says whether those who never bought have such a tier too, and are not 未成交.
    """

    card: Text
    least_coverage: Share
    neutral_points: Points
    unsold_served_as: Text
    unsold_graded: bool = False
    decided_by: Text
    tier_moves: Literal["every_run", "when_due"]
    quota: bool


class MeasureRules(_Frozen):
    """Figures inside the definitions of measures (domain §3, §7).

    A month whose spend is at most `drop` of the one before is a drop month; late responses count for
    `late_response_days`; a repaired risk is verified within `repair_months`.
    `retention_assumed` stands in 客户终身价值 for a 留存率 that no history gives; None: it is 无数据 then.
    """

    drop: Share
    late_response_days: Annotated[int, Field(ge=1)]
    repair_months: Annotated[int, Field(ge=1)] = 1
    retention_assumed: Share | None = None


class FollowUpRules(_Frozen):
    """Words of the follow-up plan."""

    promise_action: Text
    promise_owner: Text
    never_done: Text
    since: Text

    @field_validator("since")
    @classmethod
    def _fills(cls, since: str) -> str:
        try:
            since.format(last="", every="")
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("大括号里只能写 last（上次日期）和 every（间隔）") from error
        return since


class ReportRules(_Frozen):
    """What is printed (domain §10, §11).

    `volume_rows` is how many rows the lists of one file hold, `sample_share` the part of the period's service
    records drawn for a check, `anomalies` how many figures are listed as 异动 at most, `binding` whether
    the margins are mirrored with room to bind.
    """

    secrecy: Text
    volume_rows: Annotated[int, Field(ge=50)]
    sample_share: Share = Decimal("0.1")
    anomalies: Annotated[int, Field(ge=0)] = 10
    binding: bool = False


class ServiceRules(_Frozen):
    """How the limits of the standards are counted (domain §3): by the clock, or in working hours only.

    A tier served round the clock is always held to the clock. A working day runs from `opens` to `closes`, in hours.
    """

    clock: Literal["自然时间", "工作时间"] = "自然时间"
    opens: Annotated[Number, Field(ge=0, le=24)] = Decimal(9)
    closes: Annotated[Number, Field(ge=0, le=24)] = Decimal(18)

    @model_validator(mode="after")
    def _opens_first(self) -> ServiceRules:
        if self.opens >= self.closes:
            raise ValueError("opens 要早于 closes")
        return self


class Band(_Frozen):
    """A condition on the measure, and the points it gives."""

    when: ConditionText
    points: Points


class Indicator(_Frozen):
    """One line of a scorecard: a measure, its weight, and its points curve.

    Either `bands` (read best first, `otherwise` below them) or `scale` (points = measure x scale,
    held within 0-100). `words` give points where only a word is known (`word_measure`). What a team
    cannot change is never proposed as the way to the next tier.
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


class Scorecard(_Frozen):
    """Indicators that make one score."""

    name: Word
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    @cached_property
    def changeable(self) -> tuple[tuple[int, Indicator, Decimal, tuple[Decimal, ...]], ...]:
        """The indicators a team can change.

        Each with its place, the most it can give (points by weight), and what its rungs give, rising.
        """
        return tuple(
            (place, entry, entry.weight * 100, tuple(points * entry.weight for points, _bound in entry.rungs))
            for place, entry in enumerate(self.indicators)
            if entry.changeable
        )

    @cached_property
    def weight_total(self) -> Decimal:
        """Σ weight; the formula divides by it."""
        return sum((entry.weight for entry in self.indicators), Decimal(0))


class Step(_Frozen):
    """Who hears of an overdue item, and after how many days."""

    to: Annotated[Word, Field(pattern=r"^[^\d\s]+$")]
    days: Annotated[int, Field(ge=0)]


class Standard(_Frozen):
    """What a tier is promised (domain §5). A limit that is None is not promised.

    A limit for days off counts for requests made on a day nobody works, by the clock; without one the usual holds.
    """

    typical: Text
    goal: Text
    team: Text
    first_response_hours: Annotated[Number, Field(gt=0)] | None = None
    resolution_hours: Annotated[Number, Field(gt=0)] | None = None
    first_response_hours_day_off: Annotated[Number, Field(gt=0)] | None = None
    resolution_hours_day_off: Annotated[Number, Field(gt=0)] | None = None
    resolution_note: str = ""
    round_the_clock: bool = False
    benefits: Words
    discount: Share
    roles: Annotated[Words, Field(min_length=1)]


class Tier(_Frozen):
    """A grade of customers, and its standard.

    `floor` is the score it begins at (inclusive): there where scores decide, absent where a
    classification does. `share` is its reference share, `typical_spend` the yearly spend typical of it;
    None where the practice names none.
    """

    name: Word
    floor: Points | None = None
    share: Share | None = None
    colour: Annotated[str, Field(pattern=r"^[0-9A-F]{6}$")]
    typical_spend: ConditionText | None = None
    escalation: tuple[Step, ...] = ()
    standard: Standard

    @cached_property
    def spend_test(self) -> Condition | None:
        """The yearly spend that is typical of the tier, compiled (domain §5)."""
        return None if self.typical_spend is None else compile_condition(self.typical_spend)


class TierRule(Rule):
    """A rule that acts after the score (domain §4.4): a remark, one tier down, or no better than the lowest."""

    effect: Literal["提示", "降一级", "封顶最低级"]


class AlertRule(Rule):
    """A row of the alerts (domain §7): what it calls for, by whom, and within how many days."""

    level: Literal["高", "中", "低"]
    tag: str = ""
    action: Text
    owner: Text
    days: Annotated[int, Field(ge=0)]
    regrade: bool = False
    risk: Literal["", "轻度", "中度", "重度"] = ""


class HealthInput(_Frozen):
    """One of the things health is judged by: a measure, and the condition that makes it bad."""

    label: Word
    measure: Text
    bad: ConditionText

    @cached_property
    def test(self) -> Condition:
        """The condition, compiled."""
        return compile_condition(self.bad)


class Signals(_Frozen):
    """Key words in what people wrote down, by the signal they name (domain §7)."""

    window_days: Annotated[int, Field(ge=1)]
    winback: Words
    words: Mapping[Word, Annotated[Words, Field(min_length=1)]]


_EVERY = Annotated[str, Field(pattern=r"^[1-9]\d*(天|个月)$")]


def read_interval(every: str) -> tuple[int, int]:
    """Read `45天` or `3个月` as (calendar months, days); one of them is 0. Pure."""
    number = int(re.sub(r"\D", "", every))
    return (number, 0) if every.endswith("个月") else (0, number)


class Regrading(_Frozen):
    """How often customers of some labels are graded anew (domain §8)."""

    applies: Annotated[Words, Field(min_length=1)]
    every: _EVERY

    @cached_property
    def interval(self) -> tuple[int, int]:
        """The interval as (calendar months, days)."""
        return read_interval(self.every)


class Activity(_Frozen):
    """Something done for customers again and again (domain §8).

    `applies` holds labels: tiers, 未成交, or 全部. A contact counts if its channel is one of `channels`
    or its summary names the activity, or one of `words`; `profile_date` names a date of 客户信息基础表 that counts too.
    `every` is `45天` or `3个月`.
    """

    activity: Word
    applies: Annotated[Words, Field(min_length=1)]
    every: _EVERY
    channels: Words
    words: Words = ()
    profile_date: Literal["updated_on", "filed_on"] | None = None
    owner: Text
    content: Text

    @cached_property
    def interval(self) -> tuple[int, int]:
        """The interval as (calendar months, days)."""
        return read_interval(self.every)


class Target(_Frozen):
    """A figure of the report that the practice wants to reach (domain §10)."""

    figure: Word
    least: Number

    @field_validator("figure")
    @classmethod
    def _known(cls, figure: str) -> str:
        if figure not in {kind.label for kind in FIGURES.values()}:
            raise ValueError(f"报告里没有“{figure}”这个指标")
        return figure


class Policy(_Frozen):
    """Every figure of the practice. `holidays` go above the calendar that ships (休 or 班)."""

    name: Text
    version: Text
    reading: Reading
    scoring: Scoring
    measures: MeasureRules
    followup: FollowUpRules
    report: ReportRules
    service: ServiceRules = ServiceRules()
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    scorecards: Annotated[tuple[Scorecard, ...], Field(min_length=1)]
    classes: tuple[DecisionTable[OutcomeRule], ...]
    churn: DecisionTable[OutcomeRule]
    health: DecisionTable[OutcomeRule]
    health_inputs: tuple[HealthInput, ...]
    tier_rules: DecisionTable[TierRule]
    alerts: DecisionTable[AlertRule]
    signals: Signals
    regrading: tuple[Regrading, ...]
    cadence: tuple[Activity, ...]
    targets: tuple[Target, ...] = ()
    holidays: Mapping[date, Literal["休", "班"]] = {}

    @cached_property
    def card(self) -> Scorecard:
        """The scorecard in use."""
        return next(card for card in self.scorecards if card.name == self.scoring.card)

    @property
    def sha256(self) -> str:
        """The hash of its figures, however they were written down."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def by_score(self) -> bool:
        """Whether the score decides the tier, and not a classification."""
        return self.scoring.decided_by == BY_SCORE

    @cached_property
    def spend_bands(self) -> tuple[tuple[Callable[[Decimal], bool], Tier], ...]:
        """The yearly spend typical of each tier that names one, compiled (domain §5)."""
        return tuple((tier.spend_test.test, tier) for tier in self.tiers if tier.spend_test)

    def tier(self, name: str) -> Tier | None:
        """Find a tier by its name."""
        return self._tiers.get(name)

    @cached_property
    def _tiers(self) -> Mapping[str, Tier]:
        return {tier.name: tier for tier in self.tiers}
