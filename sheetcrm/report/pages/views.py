"""The values a template receives: frozen, without behaviour, none of them holding a contact.

A template sees one of the pages below under the name `page`, and nothing else of the program, so that a
company's own template can neither reach people's data nor run code. `docs/templates.md` lists the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from sheetcrm.model import Figures, GroupFigures
from sheetcrm.report.pages.chart_views import Chart, Distribution, Trend
from sheetcrm.report.pages.list_views import ListsView, VerdictRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The texts of the cover and the margins. Blank texts are left to be filled in by hand.

    `volume` of `volumes` counts the separate files a long report is cut into. `binding` asks for
    margins for two-sided prints: the room to bind is on the inner side, else always on the left. `part` is which part
    of the whole a file is, before its page numbers (总报告, 附件1); `parts` name those after the first, on its cover.
    What is `shared` has no review workbook beside it.
    """

    unit: str
    department: str
    compiler: str
    secrecy: str
    run_id: str
    volume: int = 1
    volumes: int = 1
    binding: bool = True
    part: str = ""
    parts: tuple[str, ...] = ()
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """A customer of a tier. Money in 元; `number` counts from 1 through all volumes."""

    number: int
    customer_id: str
    name: str
    owner: str
    score: Decimal | None
    spend_12m: Decimal | None
    recency_days: int | None
    movement: str
    health: str
    next_due: date | None
    overdue_days: int
    awaiting_audit: bool
    reaffirmed: bool
    overridden: bool
    outdated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """A customer whose grade is not the last period's; `direction` is 升 or 降, blank where neither.

    `change` describes what changed since that period, as far as the history knows it, and what in the book may have
    caused the move; `reason` is where it stands now, with the same causes.
    """

    customer_id: str
    name: str
    owner: str
    previous: str
    grade: str
    direction: str
    score: Decimal | None
    change: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert of a customer: what is to be done, by whom, by when. `level` is 高, 中 or 低."""

    level: str
    code: str
    customer_id: str
    name: str
    action: str
    owner: str
    due: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRow:
    """A customer whose health is 红 or 黄, its level of risk, and why."""

    colour: str
    risk: str
    customer_id: str
    name: str
    owner: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """Something to be done for a customer. `estimated`: that year's working calendar is not out yet.

    `promise` is what somebody promised, blank for an activity of the policy.
    """

    due: date
    customer_id: str
    name: str
    grade: str
    action: str
    promise: str
    owner: str
    overdue_days: int
    escalated_to: str
    estimated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """A service record drawn for a check (抽查清单). `where` is its row in the workbook."""

    requested_at: datetime
    customer_id: str
    name: str
    category: str
    staff: str
    responded_at: datetime | None
    resolved_at: datetime | None
    satisfaction: Decimal | None
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """A kind of problem in the data: how many there are, the first of them, and what to do."""

    severity: str
    title: str
    count: int
    where: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRow:
    """One person's tasks: follow-ups overdue (the longest in days) and due by the horizon."""

    owner: str
    overdue: int
    longest: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadRow:
    """One person's tasks of one action: overdue (the longest in days), and due by the horizon."""

    owner: str
    action: str
    overdue: int
    longest: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week of the coming month, from its first to its last day."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """The number of times an action is due: overdue already, and in each week of the coming month."""

    action: str
    overdue: int
    weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UngradedRow:
    """A customer without a tier, the reason, and the next action; `likely` where its 合作意向 is 高."""

    customer_id: str
    name: str
    owner: str
    previous: str
    reason: str
    next_due: date | None
    next_action: str
    likely: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BandView:
    """A line of a points curve: the operator (`>=`, `>`, `<=`, `<`), the edge, and the points it gives."""

    operator: str
    edge: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorView:
    """An indicator of the scorecard. `missing` is block, renormalise or neutral.

    Either `bands` with `otherwise`, or `scale` (points = measure x scale). `words` are (word, points).
    """

    label: str
    measure: str
    weight: Decimal
    missing: str
    bands: tuple[BandView, ...]
    otherwise: Decimal | None
    scale: Decimal | None
    words: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityView:
    """Something done for the customers of a tier again and again; `every` is `45天` or `3个月`."""

    name: str
    every: str
    content: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierView:
    """A tier: scores from `floor` up to below `ceiling` (None: no end; both None where a class decides).

    `share` is its reference share, None without one. What is promised follows; a limit that is None is not promised.
    The last three are for customers' eyes: how the tier is named to them, their benefits in words for them, and
    whether what they get carries their own figures.
    """

    name: str
    floor: Decimal | None
    ceiling: Decimal | None
    share: Decimal | None
    typical: str
    goal: str
    team: str
    first_response_hours: Decimal | None
    resolution_hours: Decimal | None
    response_note: str
    resolution_note: str
    round_the_clock: bool
    benefits: tuple[str, ...]
    discount: Decimal
    roles: tuple[str, ...]
    activities: tuple[ActivityView, ...]
    addressed_as: str
    offered: tuple[str, ...]
    individual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """The method of the score: the policy's scorecard, its rules for missing data, and the tiers.

    `clock` is 自然时间 or 工作时间 (from `opens` to `closes`), `sample_share` the part of the service
    records drawn for a check, `few_cases` under how many cases a figure is 样本少.
    """

    policy: str
    version: str
    card: str
    weight_total: Decimal
    least_coverage: Decimal
    neutral_points: Decimal
    unsold_served_as: str
    clock: str
    opens: Decimal
    closes: Decimal
    sample_share: Decimal
    few_cases: int
    indicators: tuple[IndicatorView, ...]
    tiers: tuple[TierView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPage:
    """The page of `tier.html`: one tier, or one volume of it.

    `verdicts` are how the promises to the tier were kept, in the policy's order. `arrived` came into the tier since
    the last period, `left` went out of it. `alerts` stand by level and day, `health` the worst first, `overdue` by
    the days overdue, the longest first; `due` by date. `sample` are its service records to be checked, of `sampled`
    drawn in all, `problems` the problems of the rows of the tier. `gone` is how many left the tier. A later volume
    holds its own rows only.
    `tasks` are what each person has to do of each action, the most overdue first. Not `full`, a list has at most
    `most` rows. `reasons` says by (group, key of the figure) what may have moved a figure of 异动.
    """

    cover: Cover
    figures: Figures
    group: GroupFigures
    tier: TierView
    verdicts: tuple[VerdictRow, ...]
    distribution: Distribution | None
    trend: Trend
    roster: tuple[RosterRow, ...]
    arrived: tuple[MoveRow, ...]
    left: tuple[MoveRow, ...]
    alerts: tuple[AlertRow, ...]
    health: tuple[HealthRow, ...]
    overdue: tuple[DueRow, ...]
    due: tuple[DueRow, ...]
    sample: tuple[SampleRow, ...]
    sampled: int
    problems: tuple[ProblemRow, ...]
    gone: int
    method: Method
    tasks: tuple[WorkloadRow, ...]
    reasons: Mapping[tuple[str, str], str]
    most: int
    full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionPage:
    """The page of `execution.html`: all tiers, or one volume of the lists.

    `overdue` holds the follow-ups of all customers that are overdue, the longest first; `plan` the
    coming month by action and week. `lists` are the period's other lists. `most` is how many rows of a list are
    printed, None for all; `full` whether every figure is, too. `reasons` says by (group, key of the figure) what may
    have moved a figure of 异动.
    """

    cover: Cover
    figures: Figures
    charts: tuple[Chart, ...]
    distribution: Distribution | None
    trend: Trend
    moves: tuple[MoveRow, ...]
    owners: tuple[OwnerRow, ...]
    overdue: tuple[DueRow, ...]
    weeks: tuple[Week, ...]
    plan: tuple[PlanRow, ...]
    incomplete: tuple[UngradedRow, ...]
    unsold: tuple[UngradedRow, ...]
    problems: tuple[ProblemRow, ...]
    method: Method
    lists: ListsView
    reasons: Mapping[tuple[str, str], str]
    most: int | None
    full: bool


Page: TypeAlias = TierPage | ExecutionPage
