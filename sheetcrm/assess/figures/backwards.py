"""What a first run says of the periods before it: they are graded backwards, from orders (practice §3).

It feeds figures only: 留存率, the counts of movements, and the trend. No customer gets a 上期等级 from it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from sheetcrm.assess.figures import values
from sheetcrm.assess.figures.relations import was_active
from sheetcrm.assess.figures.summary import TOTAL
from sheetcrm.assess.figures.tally import Tally
from sheetcrm.assess.grade.backwards import BackwardsGrader, GradedThen, covered_since
from sheetcrm.assess.measure.order_months import month_number
from sheetcrm.model import Assessment, Book, Past, PastFigures, Period
from sheetcrm.model.figures import TIERS, group_name
from sheetcrm.periods import kind_of, period_of
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run

_PERIODS = 12
"""Earlier periods that are graded at most: as many as a trend shows, and a year of months."""
_YEAR = 12
_ZERO = Decimal(0)
_KEYS = (
    *("customers", "share", "spend_12m", "score", "churned", "retention", "retention_high", "winback"),
    *("repurchase", "order_value"),
)
"""The figures that orders decide."""
_STAYING = ("retention", "retention_high", "winback")
_OF_ALL = ("customers", *_STAYING, "repurchase", "order_value")
"""Those that compare with today's although many customers of today have typed figures only: of a tier, and of all."""


@dataclass(frozen=True, slots=True)
class Backwards:
    """The start of the period by 客户编号, and the figures of earlier periods, oldest first; empty without orders."""

    opening: Mapping[str, Past] = field(default_factory=dict)
    past: tuple[PastFigures, ...] = ()


def grade_backwards(assessments: Sequence[Assessment], run: Run, book: Book) -> Backwards:
    """Grade the periods before a run from the orders of its book.

    That is done where orders cover the months the policy asks for (`measures.backwards_months`), and for the
    periods whose last 12 months they cover. Where fewer customers than its `measures.backwards_share` can be compared
    with today, figures that turn on the others are left out. A 等级 or 上期等级 in the sheet wins over the last
    one's grade. Pure.
    """
    periods = earlier_periods(run, book)
    if not periods:
        return Backwards()
    grader = BackwardsGrader(assessments, run, book, first=month_number(periods[0].end))
    comparable = grader.comparable()
    mostly = len(comparable) >= run.policy.measures.backwards_share * len(assessments)
    signed = {entry.customer.customer_id: entry.previous_grade for entry in assessments if entry.previous_grade}
    past: list[PastFigures] = []
    graded: Mapping[str, GradedThen] = {}
    grades: Mapping[str, str] = {}
    for period, then_graded in zip(periods, grader.grade(periods), strict=True):
        before, grades_before, graded = graded, grades, then_graded
        grades = {key: then.grade for key, then in graded.items()}
        if period is periods[-1]:
            grades |= {key: grade for key, grade in signed.items() if key in graded}
        cells = _tally(graded, grades, run)
        _tally_staying(cells, (before, grades_before), (graded, grades), run.policy)
        past.append(PastFigures(period.label, _values(cells, book, run, all_keys=mostly), backwards=True))
    label = periods[-1].label
    opening = {
        key: Past(label, grades[key], then.score, None, then.outcomes)
        for key, then in graded.items()
        if key in comparable
    }
    return Backwards(opening, tuple(past))


def earlier_periods(run: Run, book: Book) -> tuple[Period, ...]:
    """Return the periods of a run's kind that can be graded backwards, oldest first. Pure."""
    least, since = run.policy.measures.backwards_months, covered_since(book, run)
    ended = month_number(run.as_of + timedelta(days=1)) - 1
    if not least or since is None or ended - since + 1 < least:
        return ()
    periods: list[Period] = []
    period = run.period
    while len(periods) < _PERIODS:
        period = period_of(kind_of(run.period), period.start - timedelta(days=1))
        if month_number(period.end) - since + 1 < _YEAR:
            break
        periods.append(period)
    return tuple(reversed(periods))


@dataclass(slots=True)
class _Sums:
    """What is added up over the customers of a grade."""

    customers: int = 0
    spend: Decimal = _ZERO
    spent: int = 0
    score: Decimal = _ZERO
    scored: int = 0
    staged: int = 0
    churned: int = 0
    ordered: Decimal = _ZERO
    placed: int = 0
    buyers: int = 0
    repeated: int = 0


def _tally(graded: Mapping[str, GradedThen], grades: Mapping[str, str], run: Run) -> defaultdict[str, Tally]:
    """Count the customers of a period by grade."""
    roles, sums = run.policy.roles, defaultdict[str, _Sums](_Sums)
    for key, then in graded.items():
        one = sums[grades[key]]
        one.customers += 1
        if then.spend_12m is not None:
            one.spend += then.spend_12m
            one.spent += 1
        if then.score is not None:
            one.score += then.score
            one.scored += 1
        stage = then.outcomes.get(roles.stage)
        if stage is not None and then.is_known:
            one.staged += 1
            one.churned += stage in roles.gone
        if then.placed:
            one.ordered += then.spend_12m or 0
            one.placed += then.placed
            one.buyers += 1
            one.repeated += then.placed > 1
    cells: defaultdict[str, Tally] = defaultdict(Tally)
    for grade, one in sums.items():
        tally = cells[grade]
        tally.count("customers", one.customers)
        tally.count("graded", one.customers if run.policy.tier(grade) else 0)
        tally.add("spend_12m", one.spend, one.spent, one.customers)
        tally.add("score", one.score, one.scored, one.customers)
        tally.add("churned", 0, one.churned, one.staged)
        tally.add(("orders", "now"), one.ordered, one.placed)
        tally.add(("repeat", "now"), 0, one.repeated, one.buyers)
    return cells


_Graded = tuple[Mapping[str, GradedThen], Mapping[str, str]]
"""What orders say of the customers of a period, and their grades."""


def _tally_staying(cells: defaultdict[str, Tally], before: _Graded, now: _Graded, policy: Policy) -> None:
    """Count who was kept and who came back from one period to the next, in the tier each began with."""
    roles, tiers = policy.roles, {tier.name for tier in policy.tiers}
    alike = Counter(
        (grade if grade in tiers else now[1][key], grade, id(then.outcomes), now[0][key].outcomes.get(roles.stage))
        for (key, then), grade in zip(before[0].items(), before[1].values(), strict=True)
        if then.is_known
    )
    outcomes = {id(then.outcomes): then.outcomes for then in before[0].values()}
    for (home, grade, identity, stage), number in alike.items():
        was, kept = outcomes[identity].get(roles.stage), number if stage not in roles.gone else 0
        if not stage:
            continue
        if was_active(was, grade, roles):
            cells[home].add("retention", 0, kept, number)
            if outcomes[identity].get(roles.value) in roles.high_value:
                cells[home].add("retention_high", 0, kept, number)
        elif was in roles.gone:
            cells[home].add("winback", 0, kept, number)


def _values(cells: Mapping[str, Tally], book: Book, run: Run, *, all_keys: bool) -> dict[str, dict[str, Decimal]]:
    """State what orders decide; of too few customers only what does not turn on who is in a tier."""
    graded = sum(cell.n("graded") for cell in cells.values())
    groups = {TOTAL: Tally.of(cells.values())}
    groups |= {group_name(TIERS, tier.name): cells.get(tier.name, Tally()) for tier in run.policy.tiers}
    stated: dict[str, dict[str, Decimal]] = {}
    for name, tally in groups.items():
        figures = values.figures(
            tally, graded=graded, kinds=book.kinds, promised=True, targets=(), previous={}, year_ago={}
        )
        keys = _KEYS if all_keys else _OF_ALL if name == TOTAL else _STAYING
        stated[name] = {key: value for key in keys if (value := figures[key].value) is not None}
    return stated
