"""A book in which each customer stands for one rule, over three months and under each set of tiers (practice §1 to §8).

What is expected stands beside each customer in `practice_grades.py` and `practice_plans.py`, worked out by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetcrm.model import Assessment
from sheetcrm.policy import loading
from sheetcrm.runs import apply, prepare
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from tests import practice_grades, practice_plans
from tests.practice_book import ENDS, Expected, Line, book_of, differences
from tests.values import run_in

LINES: tuple[Line, ...] = (*practice_grades.LINES, *practice_plans.LINES)
TODAY = ENDS[11]
_STATES = {True: "兑现", False: "逾期完成", None: "未了"}


def written(folder: Path, month: int) -> Path:
    path = folder / f"{month}月" / "客户.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(book_of(LINES, month))
    return path


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Plan]:
    """Run the three months, one after the other, with the history that they leave."""
    folder = tmp_path_factory.mktemp("book")
    output = folder / "out"
    plans = {}
    for month, end in ENDS.items():
        with ledger.read(output) as history:
            run = run_in(f"{end:%Y-%m}", today=TODAY)
            plans[month] = prepare.prepare(gather([written(folder, month)], output=output), run, history=history)
        apply.apply(plans[month], output, pdf=False)
    return plans


def found(entry: Assessment) -> Expected:
    """Say what a run found of a customer, in the words in which it is expected."""
    classes = {one.name: one.outcome for one in entry.classes}

    def outcome(name: str, unknown: str) -> str:
        return unknown if classes[name] == "未归类" else classes[name]

    words = {
        "tier": entry.grade,
        "score": "" if entry.score.total is None else str(entry.score.total),
        "movement": entry.movement.value if entry.movement else "无变动",
        "signature": "免签" if entry.signature is None else "待审核" if entry.awaiting_audit else "已签字",
        "stage": outcome("合作阶段", "阶段未归类"),
        "value": outcome("价值", "价值未归类"),
        "relation": outcome("关系阶段", "关系未归类"),
        "activity": outcome("活跃状态", "活跃未归类"),
        "health": entry.health.colour,
        "重评": str(entry.next_grading),
        "推荐": str(entry.measures.referrals),
    }
    if entry.undertakings:
        last = entry.undertakings[-1]
        words["承诺"] = "待定" if last.promise.pending and last.open else _STATES[last.kept]
    items = [f"{one.action} {one.due} {one.owner} {one.overdue_days} {one.escalated_to}" for one in entry.due]
    return Expected(words, frozenset(one.code for one in entry.alerts), items)


def by_key(plan: Plan) -> Mapping[str, Assessment]:
    return {entry.customer.customer_id: entry for entry in plan.assessments}


def test_every_line_stands_for_a_rule_of_its_own() -> None:
    assert len(LINES) >= 75
    assert len({line.key for line in LINES}) == len({line.rule for line in LINES}) == len(LINES)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.key)
def test_a_customer_is_as_the_practice_says_in_each_month(line: Line, months: Mapping[int, Plan]) -> None:
    wrong = [
        f"{month}月 {aspect}: expected {expected}; got {got}"
        for month in line.months
        for aspect, expected, got in differences(line.expected(month), found(by_key(months[month])[line.key]))
    ]
    assert not wrong, "\n".join([f"{line.key} ({line.rule})", *wrong])


def test_who_is_gone_is_told_once(months: Mapping[int, Plan]) -> None:
    gone = {month: [one.customer_id for one in plan.figures.departed] for month, plan in months.items()}
    assert gone == {9: [], 10: ["M04"], 11: []}


@pytest.mark.parametrize("preset", loading.PRESETS)
def test_a_customer_has_the_tier_of_each_set(preset: str, tmp_path: Path) -> None:
    run = run_in("2026-10", today=TODAY, policy=loading.preset(preset))
    graded = by_key(prepare.prepare(gather([written(tmp_path, 10)], output=None), run))
    at = ("战略层级", "价值", "档案分类").index(preset) if preset != "标准" else None
    wrong = []
    for line in LINES:
        if 10 in line.months:
            other = (line.tiers or line.kind.tiers).split()
            expected = line.expected(10).words["tier"] if at is None else other[at]
            if graded[line.key].grade != expected:
                wrong.append(f"{line.key} ({line.rule}): expected {expected}; got {graded[line.key].grade}")
    assert not wrong, "\n".join(wrong)
