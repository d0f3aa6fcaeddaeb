"""The policy, typed: every figure and rule of the practice, each within its bounds.

Pydantic stands here at the border only; the rules below it see a frozen `Policy`. What spans several
keys is held together by `coherence`; `loading` reads and checks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from sheetcrm.model import FIGURES
from sheetcrm.policy.cadence import ALL, Activity, FollowUpRules, Regrading, Routine
from sheetcrm.policy.conditions import Condition, ConditionText, compile_condition
from sheetcrm.policy.customer_numbers import check_form
from sheetcrm.policy.roles import Roles
from sheetcrm.policy.scorecard import Scorecard
from sheetcrm.policy.tables import DecisionTable, OutcomeRule, Rule
from sheetcrm.policy.values import Days, Frozen, Number, Points, Share, Text, Word, Words

BY_SCORE = "得分"
"""`scoring.decided_by`: the score decides the tier, not a classification."""


COMPETITOR, COMPLEX, EXPANSION = "竞品", "复杂功能", "业务拓展"
"""Signals that are measures of their own; the policy holds their words. 业务拓展 may be left out."""


class Reading(Frozen):
    """How cells are taken (practice §1.1, §3).

    `customer_number` is the form of numbers given to customers who have none (§1.7).
    `satisfaction_scale` is the scale of scores whose header declares none; scores of no more than 10 are not
    taken for CSAT without a header that says so.
    """

    customer_id_pattern: Text
    customer_number: Annotated[Text, AfterValidator(check_form)] = "KH-{year}{month}{serial:03}"
    mismatch_tolerance: Share
    card_weight_total: Number
    complaint_words: Words
    price_words: Words = ("价格", "报价", "涨价", "太贵", "偏贵")
    satisfaction_scale: Literal["CSAT", "NPS", "5分制", "10分制"] = "CSAT"
    purchases: Literal["order", "day"]

    @field_validator("customer_id_pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"正则表达式写错了：{error}") from error
        return pattern


class Scoring(Frozen):
    """Which card is used, what missing data does (practice §4.3), and what decides a tier, when (§4.4).

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


class MeasureRules(Frozen):
    """Figures inside the definitions of measures (practice §3, §7).

    A month whose spend is at most `drop` of the one before is a drop month; late responses count for
    `late_response_days`; a repaired risk is verified within `repair_months`.
    Purchases of the last `frequency_months` are compared with those of as many months before, where these had at
    least `frequency_base`. The mean satisfaction of an industry is that of at least `industry_least` customers.
    `retention_assumed` stands in 客户终身价值 for a 留存率 that no history gives; None: it is 无数据 then.
    Without a history, earlier periods are graded from orders that cover `backwards_months`; 0: never.
    Where these give today's grade to fewer customers than `backwards_share`, most of their figures are left out.
    In a book of fewer than `share_customers` without 年销售额 no customer's share of it is used (§6.4).
    """

    drop: Share
    late_response_days: Annotated[Days, Field(ge=1)]
    repair_months: Annotated[Days, Field(ge=1)] = 1
    frequency_months: Annotated[int, Field(ge=1, le=12)] = 6
    frequency_base: Annotated[int, Field(ge=1, le=1000)] = 4
    industry_least: Annotated[int, Field(ge=1, le=1000)] = 5
    backwards_months: Days = 24
    backwards_share: Share = Decimal("0.9")
    retention_assumed: Share | None = None
    share_customers: Annotated[int, Field(ge=0, le=1_000_000)] = 20


class ReportRules(Frozen):
    """What is printed (practice §10, §11).

    `volume_rows` is how many rows the lists of one file hold, `sample_share` the part of the period's service records
    drawn for a check, `anomalies` how many figures are listed as 异动 at most, `list_rows` how many rows a list of
    the execution report has at most, `order_reach` how many times a customer's largest order one more may be to count
    as within reach (下月预警), `conclusions` how many sentences 本期结论 has at most, `few_cases` under how many
    cases a broken promise is 样本少, `counted_cases` under how many single late cases decide and not their share,
    `mend_days` within how many days a broken promise is to be mended, `source_channels` are words of 信息来源人 that
    are no person's name and are not masked, `binding` whether the room to bind is on the inner side of two-sided
    prints; else it is always on the left.
    `meeting_customers` is above how many customers the review workbook holds only what a meeting works on,
    `preference_months` of how many months orders tell what a customer prefers, and `preference_days` from how
    many days with orders on they tell how often it buys.
    """

    secrecy: Text
    volume_rows: Annotated[int, Field(ge=50, le=1_000_000)]
    sample_share: Share = Decimal("0.1")
    anomalies: Annotated[int, Field(ge=0, le=1000)] = 10
    list_rows: Annotated[int, Field(ge=1, le=1000)] = 20
    order_reach: Annotated[Number, Field(gt=0)] = Decimal(1)
    conclusions: Annotated[int, Field(ge=1, le=20)] = 5
    few_cases: Annotated[int, Field(ge=0, le=1000)] = 5
    counted_cases: Annotated[int, Field(ge=0, le=1000)] = 10
    mend_days: Annotated[int, Field(ge=1, le=366)] = 7
    source_channels: Words = ()
    binding: bool = True
    meeting_customers: Annotated[int, Field(ge=1, le=1_000_000)] = 5000
    preference_months: Annotated[int, Field(ge=1, le=120)] = 24
    preference_days: Annotated[int, Field(ge=2, le=1000)] = 3


UNMASK, SHARE_SENSITIVE, IN_PLACE = "unmask", "share-sensitive", "in-place"
"""What a second person's approval may be asked for: contacts shown, contacts handed out, workbooks rewritten."""


class SharingRules(Frozen):
    """What files handed out are held to (practice §11).

    A share ends within `most_days`. A password has `least_password` characters at least, of `least_classes` of the
    four classes: small and capital letters, digits, signs.
    """

    most_days: Annotated[int, Field(ge=1, le=3660)] = 180
    least_password: Annotated[int, Field(ge=8, le=64)] = 12
    least_classes: Annotated[int, Field(ge=1, le=4)] = 2


class PrivacyRules(Frozen):
    """Which columns are sensitive beside contacts, ids and home addresses (practice §11): their labels; ours none.

    They are printed, and handed out, only where contacts are.
    """

    sensitive: tuple[Text, ...] = ()


class ApprovalRules(Frozen):
    """What a second person has to agree to before it is done (practice §11); nothing by default."""

    needed: tuple[Literal["unmask", "share-sensitive", "in-place"], ...] = ()


class ServiceRules(Frozen):
    """How the limits of the standards are counted (practice §3): by the clock, or in working hours only.

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


class Step(Frozen):
    """Who hears of an overdue item, and after how many days."""

    to: Annotated[Word, Field(pattern=r"^[^\d\s]+$")]
    days: Days


class Standard(Frozen):
    """What a tier is promised (practice §5). A limit that is None is not promised.

    A limit for days off counts for requests made on a day nobody works, by the clock; without one the usual holds.
    What customers read is another text: `addressed_as` is how the tier is named to them, `offered` are their benefits
    in words for them; without both nobody writes to customers of the tier (practice §10). `individual`: what they
    get carries their own figures.
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
    addressed_as: str = ""
    offered: Words = ()
    individual: bool = False


class Tier(Frozen):
    """A grade of customers, and its standard.

    `weight` is how much a promise broken to it weighs against one to another tier (practice §10). `floor` is the
    score it begins at (inclusive): there where scores decide, absent where a classification does. `share` is its
    reference share, `typical_spend` the yearly spend typical of it; None where the practice names none.
    """

    name: Word
    floor: Points | None = None
    share: Share | None = None
    colour: Annotated[str, Field(pattern=r"^[0-9A-F]{6}$")]
    typical_spend: ConditionText | None = None
    weight: Annotated[Number, Field(gt=0)] = Decimal(1)
    escalation: tuple[Step, ...] = ()
    standard: Standard

    @cached_property
    def spend_test(self) -> Condition | None:
        """The yearly spend that is typical of the tier, compiled (practice §5)."""
        return None if self.typical_spend is None else compile_condition(self.typical_spend)


ONE_DOWN, LOWEST = "降一级", "封顶最低级"
"""The effects of a rule after the score that move a tier; 提示 moves none."""
LIGHT, MEDIUM, GRAVE = "轻度", "中度", "重度"
"""The levels of risk, rising."""


class TierRule(Rule):
    """A rule that acts after the score (practice §4.4): a remark, one tier down, or no better than the lowest."""

    effect: Literal["提示", "降一级", "封顶最低级"]


class AlertRule(Rule):
    """A row of the alerts (practice §7): what it calls for, by whom, and within how many days."""

    level: Literal["高", "中", "低"]
    tag: str = ""
    action: Text
    owner: Text
    days: Days
    regrade: bool = False
    risk: Literal["", "轻度", "中度", "重度"] = ""


class HealthInput(Frozen):
    """One of the things health is judged by: a measure, and the condition that makes it bad."""

    label: Word
    measure: Text
    bad: ConditionText

    @cached_property
    def test(self) -> Condition:
        """The condition, compiled."""
        return compile_condition(self.bad)


class Signals(Frozen):
    """Key words in what people wrote down, by the signal they name (practice §7)."""

    window_days: Annotated[Days, Field(ge=1)]
    winback: Words
    words: Mapping[Word, Annotated[Words, Field(min_length=1)]]

    @cached_property
    def spelled(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The signals with their words, made ready to be looked for in one text after another."""
        return tuple((name, tuple(words)) for name, words in self.words.items())


_OLDER_FIGURES = {"投入产出比（ROI）": "服务投入产出比"}
"""Figures by the names they had, which a team's policy may still say."""


class Target(Frozen):
    """A figure of the report that the practice wants to reach (practice §10)."""

    figure: Word
    least: Number

    @field_validator("figure")
    @classmethod
    def _known(cls, figure: str) -> str:
        figure = _OLDER_FIGURES.get(figure, figure)
        if figure not in {kind.label for kind in FIGURES.values()}:
            raise ValueError(f"报告里没有“{figure}”这个指标")
        return figure


class Commitment(Frozen):
    """What a tier is held to: a figure and the least it should be (practice §5).

    `applies` are the tiers held to it, empty for all. `to_customer` is whether customers were promised it; what a
    team plans for itself comes after that.
    """

    figure: Literal["响应及时率", "解决及时率", "满意度", "跟进完成率"]
    least: Number
    applies: Words = ()
    to_customer: bool = True

    def binds(self, tier: Tier) -> bool:
        """Return whether a tier is held to it."""
        return not self.applies or tier.name in self.applies


class TeamHeader(Frozen):
    """What a header of the team's own stands for: the label of a field, or （不用） (practice §1.6).

    `sheet` is the sheet it stands on, "" every sheet. A row that no person has confirmed is kept and not used.
    """

    sheet: str = ""
    header: Text
    ours: str = ""
    confirmed: bool = True


class TeamWord(Frozen):
    """What a word in a column of the team's own stands for; as `TeamHeader`."""

    sheet: str = ""
    header: Text
    word: Text
    ours: str = ""
    confirmed: bool = True


class Policy(Frozen):
    """Every figure of the practice. `holidays` go above the calendar that ships (休 or 班)."""

    name: Text
    version: Text
    reading: Reading
    scoring: Scoring
    measures: MeasureRules
    followup: FollowUpRules
    report: ReportRules
    service: ServiceRules = ServiceRules()
    sharing: SharingRules = SharingRules()
    approval: ApprovalRules = ApprovalRules()
    privacy: PrivacyRules = PrivacyRules()
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    scorecards: Annotated[tuple[Scorecard, ...], Field(min_length=1)]
    classes: tuple[DecisionTable[OutcomeRule], ...]
    roles: Roles
    churn: DecisionTable[OutcomeRule]
    health: DecisionTable[OutcomeRule]
    health_inputs: tuple[HealthInput, ...]
    tier_rules: DecisionTable[TierRule]
    alerts: DecisionTable[AlertRule]
    signals: Signals
    regrading: tuple[Regrading, ...]
    cadence: tuple[Activity, ...]
    routines: tuple[Routine, ...] = ()
    targets: tuple[Target, ...] = ()
    promises: tuple[Commitment, ...] = ()
    holidays: Mapping[date, Literal["休", "班"]] = {}
    headers: tuple[TeamHeader, ...] = ()
    words: tuple[TeamWord, ...] = ()

    @cached_property
    def card(self) -> Scorecard:
        """The scorecard in use."""
        return next(card for card in self.scorecards if card.name == self.scoring.card)

    @property
    def sha256(self) -> str:
        """The hash of its figures, however they were written down; these three grade nobody."""
        return hashlib.sha256(self.model_dump_json(exclude={"sharing", "approval", "privacy"}).encode()).hexdigest()

    @property
    def by_score(self) -> bool:
        """Whether the score decides the tier, and not a classification."""
        return self.scoring.decided_by == BY_SCORE

    @cached_property
    def spend_bands(self) -> tuple[tuple[Callable[[Decimal], bool], Tier], ...]:
        """The yearly spend typical of each tier that names one, compiled (practice §5)."""
        return tuple((tier.spend_test.test, tier) for tier in self.tiers if tier.spend_test)

    def regradings(self, labels: frozenset[str]) -> Sequence[Regrading]:
        """List the lines of 重评周期 that hold for who carries some labels (practice §8).

        Who carries a label of `followup.exclusive` that a line names has only the lines that name it.
        """
        own = labels.intersection(self.followup.exclusive)
        named = [entry for entry in self.regrading if not own.isdisjoint(entry.applies)]
        return named or [one for one in self.regrading if ALL in one.applies or not labels.isdisjoint(one.applies)]

    def tier(self, name: str) -> Tier | None:
        """Find a tier by its name."""
        return self._tiers.get(name)

    @cached_property
    def _tiers(self) -> Mapping[str, Tier]:
        return {tier.name: tier for tier in self.tiers}
