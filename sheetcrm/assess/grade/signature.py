"""Whether a tier is signed: by another person, since it was given, and since its last regular re-grading.

A signature is for the tier that stood when it was given (practice §1.2): it never passes to another tier, and
it ends with the regular re-grading of §8. A re-grading that an alert forces leaves it as it is. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from sheetcrm.model import Customer, HeldTier, Past, ScoringRow, Signature
from sheetcrm.policy.cadence import Regrading
from sheetcrm.policy.run import Run
from sheetcrm.text.dates import add_months
from sheetcrm.text.folding import same_name


def first_given(
    customer: Customer, run: Run, grade: str, previous: str | None, *, past: Past | None, held: HeldTier | None
) -> tuple[date, bool]:
    """Return the day a grade was first given, and whether only an earlier run of the period tells it.

    Args:
        customer: The customer.
        run: The run.
        grade: The tier it has now.
        previous: The last period's grade.
        past: What the last earlier period on record says.
        held: What the last run of this period on record says.
    """
    by_itself = _by_itself(customer.scoring, run, grade, previous, past)
    if held is None:
        return by_itself, False
    since = held.since if held.grade == grade else run.as_of
    return since, since != by_itself


def _by_itself(row: ScoringRow | None, run: Run, grade: str, previous: str | None, past: Past | None) -> date:
    """Find the day by the earlier periods on record; without them, by the 评估日期 beside the unchanged 等级."""
    is_result = row is not None and row.period == run.period.label
    if past is not None and past.grade == grade:
        return past.tier_since or past.graded_on or run.as_of
    if row is None or row.assessed_on is None:
        return run.as_of
    if past is None and previous == grade:
        # A run over its own result has moved 评估日期 into the period, and 资料日期 keeps the day that stood there.
        return (row.figures_on or row.assessed_on) if is_result else row.assessed_on
    return row.assessed_on if is_result and row.grade == grade else run.as_of


def sign(
    row: ScoringRow | None, run: Run, *, since: date, held: bool, labels: frozenset[str], previous: str | None
) -> Signature:
    """Judge a row's signature for a tier that was first given on a day.

    Args:
        row: The scoring row, which has the signature.
        run: The run.
        since: The day the tier was first given.
        held: Whether only an earlier run of the period tells that day.
        labels: The customer's labels, which say how often it is regularly graded anew.
        previous: The tier before this one, where it is known and was another one; it is what an older
            signature was for.
    """
    needed_on = _last_regrading(since, _interval(since, run.policy.regradings(labels)), run.as_of)
    return _signature(_fault(row, since=since, needed_on=needed_on, previous=previous), since, needed_on, held)


@lru_cache(maxsize=1 << 12)
def _signature(fault: str, since: date, needed_on: date, held: bool) -> Signature:  # noqa: FBT001  (a key of the cache)
    """Return the signature of all customers whose lacks the same: they share it."""
    why = f"{fault}；要由评估人以外的人在{needed_on}或以后签审核人和审核日期" if fault else ""
    return Signature(awaiting=bool(fault), since=since, needed_on=needed_on, why=why, held=held)


def _fault(row: ScoringRow | None, *, since: date, needed_on: date, previous: str | None) -> str:
    """Say what a signature lacks; blank where it counts."""
    if row is None:
        return "没有打分表的行，无处签字"
    if not row.auditor or not row.audited_on:
        lacking = "缺审核日期" if row.auditor else "缺审核人"
        return lacking if row.auditor or row.audited_on else "还没有人签过字"
    if same_name(row.auditor, row.assessor):
        return f"{row.audited_on}的签字是评估人自己签的（名字一样，掩码后看不出区别的也算同一人）"
    if row.audited_on < since:
        signed = f"是给{previous}的，" if previous else ""
        return f"{row.audited_on}的签字{signed}早于现在的等级（{since}起）"
    if row.audited_on < needed_on:
        return f"{row.audited_on}的签字到{needed_on}定期重评为止"
    return ""


def _interval(since: date, regradings: Sequence[Regrading]) -> tuple[int, int]:
    """Return the shortest of some intervals of the regular re-grading, in months and days."""
    intervals = tuple(entry.interval for entry in regradings)
    return _shortest(since, intervals) if len(intervals) > 1 else intervals[0]


@lru_cache(maxsize=1 << 12)
def _shortest(since: date, intervals: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    return min(intervals, key=lambda interval: add_months(since, interval[0]) + timedelta(days=interval[1]))


@lru_cache(maxsize=1 << 12)
def _last_regrading(since: date, interval: tuple[int, int], as_of: date) -> date:
    """Return the last regular re-grading up to a date; the first day itself before there was one."""
    months, days = interval
    last, times = since, 0
    while (day := add_months(since, months * times) + timedelta(days=days * times)) <= as_of:
        last, times = day, times + 1
    return last
