"""The policy, typed: what `standard.toml` (or a team's own file) says, checked when it is loaded.

Pydantic stands here at the border only; the rules below it see a frozen `Policy`. Whatever does not
hold together is one `PolicyError` that names every key, in Chinese.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import cached_property
from importlib import resources
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from sheetcrm.errors import PolicyError
from sheetcrm.policy.tables import DecisionTable, OutcomeRule, Rule
from sheetcrm.policy.conditions import Condition, ConditionText, compile_condition

BY_SCORE = "得分"
"""`scoring.decided_by`: the score decides the tier, not a classification."""

ALL = "全部"
"""In a cadence's `applies`: everybody."""


Share = Annotated[Decimal, Field(ge=0, le=1)]
Points = Annotated[Decimal, Field(ge=0, le=100)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Missing(Enum):
    """What a blank does to a score (domain §4.3)."""

    BLOCK = "block"
    RENORMALISE = "renormalise"
    NEUTRAL = "neutral"


class Reading(_Frozen):
    """How cells are taken (domain §1.1, §3)."""

    customer_id_pattern: str
    mismatch_tolerance: Share
    card_weight_total: Decimal
    complaint_words: tuple[str, ...]

    @field_validator("customer_id_pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"正则表达式写错了：{error}") from error
        return pattern


class Scoring(_Frozen):
    """Which card is used, and what missing data does (domain §4.3)."""

    card: str
    least_coverage: Share
    neutral_points: Points
    unsold_served_as: str
    decided_by: str
    tier_moves: Literal["every_run", "when_due"]
    quota: bool


class FollowUpRules(_Frozen):
    """Words of the follow-up plan."""

    promise_action: str
    promise_owner: str
    never_done: str
    since: str


class ReportRules(_Frozen):
    """What is printed (domain §11)."""

    secrecy: str
    volume_rows: Annotated[int, Field(ge=50)]


class Band(_Frozen):
    """A condition on the measure, and the points it gives."""

    when: ConditionText
    points: Points


class Indicator(_Frozen):
    """One line of a scorecard: a measure, its weight, and its points curve.

    Either `bands` (read best first, `otherwise` below them) or `scale` (points = measure x scale,
    held within 0-100). `words` give points where only a word is known (`word_measure`).
    """

    label: str
    measure: str
    field: str
    weight: Annotated[Decimal, Field(gt=0)]
    missing: Missing
    bands: tuple[Band, ...] = ()
    otherwise: Points | None = None
    scale: Annotated[Decimal, Field(gt=0)] | None = None
    word_measure: str | None = None
    words: Mapping[str, Points] = {}

    @model_validator(mode="after")
    def _curve_holds(self) -> Indicator:
        if bool(self.bands) == (self.scale is not None):
            raise ValueError("bands 和 scale 要且只要写一个")
        if self.bands:
            if self.otherwise is None:
                raise ValueError("写了 bands 就要写 otherwise，否则会有空档")
            _check_bands(self.bands, self.otherwise)
        if bool(self.words) != (self.word_measure is not None):
            raise ValueError("words 和 word_measure 要一起写")
        return self

    @cached_property
    def curve(self) -> tuple[tuple[Condition, Decimal], ...]:
        """The bands, compiled."""
        return tuple((compile_condition(band.when), band.points) for band in self.bands)

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

    name: str
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    @cached_property
    def weight_total(self) -> Decimal:
        """Σ weight; the formula divides by it."""
        return sum((entry.weight for entry in self.indicators), Decimal(0))


class Step(_Frozen):
    """Who hears of an overdue item, and after how many days."""

    to: str
    days: Annotated[int, Field(ge=0)]


class Standard(_Frozen):
    """What a tier is promised (domain §5). A limit that is None is not promised."""

    typical: str
    goal: str
    team: str
    first_response_hours: Annotated[Decimal, Field(gt=0)] | None = None
    resolution_hours: Annotated[Decimal, Field(gt=0)] | None = None
    resolution_note: str = ""
    round_the_clock: bool = False
    benefits: tuple[str, ...]
    discount: Share
    roles: Annotated[tuple[str, ...], Field(min_length=1)]


class Tier(_Frozen):
    """A grade of customers: from which score on (inclusive), its reference share, and its standard."""

    name: str
    floor: Points
    share: Share
    colour: Annotated[str, Field(pattern=r"^[0-9A-F]{6}$")]
    typical_spend: ConditionText
    escalation: tuple[Step, ...] = ()
    standard: Standard

    @cached_property
    def spend_test(self) -> Condition:
        """The yearly spend that is typical of the tier, compiled (domain §5)."""
        return compile_condition(self.typical_spend)


class AlertRule(Rule):
    """A row of the alerts (domain §7): what it calls for, by whom, and within how many days."""

    level: Literal["高", "中", "低"]
    tag: str = ""
    action: str
    owner: str
    days: Annotated[int, Field(ge=0)]
    regrade: bool = False
    risk: Literal["", "轻度", "中度", "重度"] = ""


class HealthInput(_Frozen):
    """One of the things health is judged by: a measure, and the condition that makes it bad."""

    label: str
    measure: str
    bad: ConditionText

    @cached_property
    def test(self) -> Condition:
        """The condition, compiled."""
        return compile_condition(self.bad)


class Signals(_Frozen):
    """Key words in what people wrote down, by the signal they name (domain §7)."""

    window_days: Annotated[int, Field(ge=1)]
    winback: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]


_EVERY = Annotated[str, Field(pattern=r"^[1-9]\d*(天|个月)$")]


def read_interval(every: str) -> tuple[int, int]:
    """Read `45天` or `3个月` as (calendar months, days); one of them is 0. Pure."""
    number = int(re.sub(r"\D", "", every))
    return (number, 0) if every.endswith("个月") else (0, number)


class Regrading(_Frozen):
    """How often customers of some labels are graded anew (domain §8)."""

    applies: Annotated[tuple[str, ...], Field(min_length=1)]
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

    activity: str
    applies: Annotated[tuple[str, ...], Field(min_length=1)]
    every: _EVERY
    channels: tuple[str, ...]
    words: tuple[str, ...] = ()
    profile_date: Literal["updated_on", "filed_on"] | None = None
    owner: str
    content: str

    @cached_property
    def interval(self) -> tuple[int, int]:
        """The interval as (calendar months, days)."""
        return read_interval(self.every)


class Policy(_Frozen):
    """Every figure of the practice."""

    name: str
    version: str
    reading: Reading
    scoring: Scoring
    followup: FollowUpRules
    report: ReportRules
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    scorecards: Annotated[tuple[Scorecard, ...], Field(min_length=1)]
    classes: tuple[DecisionTable[OutcomeRule], ...]
    churn: DecisionTable[OutcomeRule]
    health: DecisionTable[OutcomeRule]
    health_inputs: tuple[HealthInput, ...]
    alerts: DecisionTable[AlertRule]
    signals: Signals
    regrading: tuple[Regrading, ...]
    cadence: tuple[Activity, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Policy:
        names = [tier.name for tier in self.tiers]
        for what, found in (
            ("等级名称", names),
            ("评分卡名称", [card.name for card in self.scorecards]),
            ("跟进活动", [entry.activity for entry in self.cadence]),
        ):
            if len(set(found)) < len(found):
                raise ValueError(f"{what}有重复：{'、'.join(found)}")
        floors = [tier.floor for tier in self.tiers]
        if any(high <= low for high, low in pairwise(floors)) or floors[-1] != 0:
            raise ValueError("tiers 要从高到低排列，floor 逐级减小，最后一级的 floor 为 0")
        if self.scoring.card not in {card.name for card in self.scorecards}:
            raise ValueError(f"scoring.card 写的“{self.scoring.card}”不在 scorecards 里")
        deciders = {BY_SCORE, *(table.name for table in self.classes)}
        if self.scoring.decided_by not in deciders:
            raise ValueError(f"scoring.decided_by 写的“{self.scoring.decided_by}”不是得分，也不是 classes 里的名称")
        if self.scoring.unsold_served_as not in names:
            raise ValueError(f"scoring.unsold_served_as 写的“{self.scoring.unsold_served_as}”不是等级")
        return self

    @cached_property
    def card(self) -> Scorecard:
        """The scorecard in use."""
        return next(card for card in self.scorecards if card.name == self.scoring.card)

    def tier(self, name: str) -> Tier | None:
        """Find a tier by its name."""
        return next((tier for tier in self.tiers if tier.name == name), None)


def load(text: str, *, source: str) -> Policy:
    """Read a policy from TOML text; `source` names it in messages.

    Raises:
        PolicyError: If it is no TOML, or does not hold together; every key at fault is named.
    """
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"策略文件 {source} 不是合法的 TOML：{error}", "请对照 standard.toml 修改该行") from error
    return check(raw, source=source)


def check(raw: Mapping[str, Any], *, source: str) -> Policy:
    """Make a policy of plain values.

    Raises:
        PolicyError: If the values do not hold together; every key at fault is named.
    """
    try:
        return Policy.model_validate(raw)
    except ValidationError as error:
        lines = [f"{_key(entry['loc'])}：{_words(entry)}" for entry in error.errors()]
        raise PolicyError(f"策略文件 {source} 有 {len(lines)} 处不对：" + "；".join(lines), "请改正后重试") from error


def standard() -> Policy:
    """Give the policy that ships (`standard.toml`)."""
    return load(standard_text(), source="standard.toml")


def standard_text() -> str:
    """Give the text of the policy that ships."""
    return resources.files("sheetcrm.policy").joinpath("standard.toml").read_text(encoding="utf-8")


_WORDS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这个键，可能写错了",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "decimal_parsing": "要写数值",
    "decimal_type": "要写数值",
    "int_parsing": "要写整数",
    "int_type": "要写整数",
    "string_type": "要写文字（加引号）",
    "string_pattern_mismatch": "写法不对",
    "too_short": "至少要有一项",
    "enum": "只能是 {expected}",
}


def _key(location: tuple[int | str, ...]) -> str:
    written = ""
    for part in location:
        written += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if written else part
    return written or "整体"


def _words(entry: Any) -> str:  # noqa: ANN401  (pydantic's ErrorDetails, whose ctx is free-form)
    context = entry.get("ctx", {})
    if entry["type"] == "value_error":
        return str(context["error"])
    template = _WORDS.get(entry["type"], "")
    return template.format(**context) if template else str(entry["msg"])
