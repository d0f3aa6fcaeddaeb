"""Figures of earlier periods: kept with each run, and put beside this period's where they compare."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.assess.figures import past_figures
from sheetcrm.model import PastFigures, figure_values
from sheetcrm.periods import read_period
from sheetcrm.policy.loading import preset, standard
from sheetcrm.report.pages import documents
from sheetcrm.report.pages.filters import yearly
from sheetcrm.runs import apply, prepare
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from sheetcrm.store.history.scope import Scope, same_book
from tests.reporting import assessment, figures
from tests.test_history_cli import FIGURES, content
from tests.test_ledger import TIERS, append, customer, faults, run, tamper
from tests.test_pipeline import HEADER, save
from tests.values import replace, run_in

TODAY = date(2026, 11, 21)
OWNERS = {"C1": "陈思远", "C2": "陈思远", "C3": "林婉清"}


def book(path: Path, day: str, **earned: str) -> Path:
    """Write a month's workbook: a scoring sheet with the figures of a tier, and who looks after whom."""
    rows = [[key, f"{key}公司", *FIGURES[tier], None, None, "张*", day] for key, tier in earned.items()]
    base = [[key, f"{key}公司", "制造业", OWNERS.get(key, "何俊杰")] for key in earned]
    return save(path, {"打分表": [HEADER, *rows], "基础表": [["客户编号", "客户名称", "行业类型", "客户经理"], *base]})


def planned(
    output: Path, period: str, *paths: Path, as_of: date | None = None, name: str = "标准", keep: bool = True
) -> Plan:
    """Decide a run with the output folder's history, and do it without PDFs unless it is not to be kept."""
    chosen = run_in(period, as_of, today=TODAY, policy=preset(name))
    with ledger.read(output) as history:
        plan = prepare.prepare(gather(paths, output=output), chosen, history=history)
    if keep:
        apply.apply(plan, output, pdf=False)
    return plan


def execution(plan: Plan) -> str:
    return pages(plan)[-1]


def pages(plan: Plan) -> list[str]:
    return [job.html for job in documents.plan(replace(plan.results, problems=()), full=True)]


def before(plan: Plan) -> Mapping[str, Decimal | None]:
    found = plan.figures.total.figures
    return {key: found[key].previous for key in ("customers", "score")}


UNKNOWN = {"customers": None, "score": None}


@pytest.mark.slow
def test_a_second_month_stands_beside_the_first_and_names_who_moved(tmp_path: Path) -> None:
    output = tmp_path / "out"
    others = dict.fromkeys(("C4", "C5"), "观察客户")
    september = book(tmp_path / "9" / "客户.xlsx", "2026-09-30", C1="VIP客户", C2="VIP客户", C3="重点客户", **others)
    october = book(
        tmp_path / "10" / "客户-10月.xlsx", "2026-10-31", C1="VIP客户", C2="观察客户", C3="重点客户", **others
    )
    first = planned(output, "2026-09", september)
    assert first.figures.past == first.figures.anomalies == ()
    second = planned(output, "2026-10", october)
    score = second.figures.total.figures["score"]
    assert score.previous == first.figures.total.figures["score"].value
    assert score.change is not None
    assert score.change < 0
    moved = {(entry.group, entry.figure.kind.key): entry for entry in second.figures.anomalies}
    assert [owner for owner, _ in moved["合计", "score"].owners] == ["陈思远"]
    assert moved["VIP客户", "customers"].figure.change == -1
    html = execution(second)
    assert "与上期（2026-09）相比变化最大的" in html
    assert "陈思远" in html.partition("与上期（2026-09）相比变化最大的")[2].partition("三、各项指标")[0]
    assert "没有上期的记录" in execution(first)
    assert "客户数 1，上期 2（−1）" in pages(second)[0]


def test_a_tier_s_report_names_the_owners_behind_what_moved_and_draws_the_trend(tmp_path: Path) -> None:
    output = tmp_path / "out"
    for period, days in (("2026-09", ["09-10"]), ("2026-10", ["10-10", "10-12", "10-14"])):
        folder, day = tmp_path / period, read_period(period).end.isoformat()
        vips = ("C1", "C4", "C5", "C6", "C7")  # of fewer than 5 nothing is an 异动
        book(folder / "客户.xlsx", day, **dict.fromkeys(vips, "VIP客户"), C3="重点客户")
        header = ["客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要"]
        rows = [[key, f"2026-{one}", "陈思远", "电话", "回访"] for key in vips for one in days]
        served = [[key, f"2026-{one} 09:00", f"2026-{one} 10:00"] for key in ("C1", "C3") for one in days]
        services = [["客户编号", "请求时间", "首次响应时间"], *served]
        save(folder / "记录.xlsx", {"客户跟进记录表": [header, *rows], "服务记录": services})
        plan = planned(output, period, folder)
    vip = pages(plan)[0]
    assert "互动频率 3.00次，上期 1.00次（+2.00），有客户在本级、同向变化最大的是何俊杰（+2.00）、陈思远" in vip
    assert vip.count("<h3>趋势</h3>") == 1
    assert '<tr><th>响应及时率</th><td class="n">100.0%</td><td class="n">100.0%</td></tr>' in vip


def test_a_run_repeated_is_the_same_run_and_another_past_is_another(tmp_path: Path) -> None:
    output = tmp_path / "out"
    september = book(tmp_path / "9" / "客户.xlsx", "2026-09-30", C1="VIP客户", C3="重点客户")
    october = book(tmp_path / "10" / "客户.xlsx", "2026-10-31", C1="VIP客户", C3="重点客户")
    planned(output, "2026-09", september)
    first = planned(output, "2026-10", october)
    made = content(output / "2026-10")
    planned(output, "2026-09", september)
    second = planned(output, "2026-10", october)
    assert (second.run_id, content(output / "2026-10")) == (first.run_id, made)
    assert before(second) == before(first) != UNKNOWN
    with ledger.read(output) as history:
        assert [(entry.number, entry.report) for entry in history.runs()] == [(1, 2), (5, 6), (9, 2), (10, 6)]
        assert history.verify() == ()
    services: list[list[Any]] = [["客户编号", "请求时间", "满意度"], ["C1", "2026-09-10 09:00", 90]]
    book(tmp_path / "9" / "客户.xlsx", "2026-09-30", C1="VIP客户", C3="重点客户")
    save(tmp_path / "9" / "服务.xlsx", {"服务记录": services})
    planned(output, "2026-09", tmp_path / "9")
    third = planned(output, "2026-10", october)
    assert third.figures.total.figures["satisfaction"].previous == 90
    assert [entry.grade for entry in third.assessments] == [entry.grade for entry in first.assessments]
    assert third.run_id != first.run_id
    assert json.loads(content(output / "2026-10")["run.json"])["history_sha256"] == third.history.sha256


def test_part_of_the_book_is_compared_with_the_same_part_or_with_nothing(tmp_path: Path) -> None:
    output = tmp_path / "out"
    one = book(tmp_path / "甲.xlsx", "2026-09-30", C1="VIP客户")
    other = book(tmp_path / "乙.xlsx", "2026-09-30", C2="重点客户", C3="重点客户")
    planned(output, "2026-09", one, other)
    part = planned(output, "2026-10", one, keep=False)
    assert before(part) == UNKNOWN
    assert "上期（2026-09）的指标不能和本期比较" in execution(part)
    assert "2026-08" not in execution(part)
    whole = planned(output, "2026-10", one, other, keep=False)
    assert before(whole)["customers"] == 3
    planned(output, "2026-09", one)
    assert before(planned(output, "2026-10", one, keep=False))["customers"] == 1
    assert before(planned(output, "2026-10", one, other, keep=False))["customers"] == 3
    more = book(tmp_path / "丙.xlsx", "2026-10-31", C4="重点客户")
    assert before(planned(output, "2026-10", one, other, more, keep=False)) == UNKNOWN


def test_other_tiers_and_other_kinds_of_periods_are_not_compared(tmp_path: Path) -> None:
    output = tmp_path / "out"
    one = book(tmp_path / "甲.xlsx", "2026-09-30", C1="VIP客户")
    planned(output, "2026-09", one)
    assert planned(output, "2026-10", one, name="价值", keep=False).figures.past == ()
    assert planned(output, "2026Q4", one, as_of=date(2026, 10, 31), keep=False).figures.past == ()


def test_another_policy_of_the_same_tiers_is_compared_and_said(tmp_path: Path) -> None:
    output = tmp_path / "out"
    one = book(tmp_path / "甲.xlsx", "2026-09-30", C1="VIP客户", C2="重点客户")
    two = book(tmp_path / "新" / "甲.xlsx", "2026-10-31", C1="重点客户", C2="重点客户")
    planned(output, "2026-09", one)
    assert "策略和本期不同" not in execution(planned(output, "2026-10", two, keep=False))
    changed = run_in("2026-10", today=TODAY, policy=standard().model_copy(update={"version": "9"}))
    with ledger.read(output) as history:
        plan = prepare.prepare(gather([two], output=output), changed, history=history)
    assert before(plan)["customers"] == 2
    assert "上期用的策略和本期不同" in execution(plan)


def test_a_year_on_record_is_compared_with_the_same_period_a_year_ago(tmp_path: Path) -> None:
    output = tmp_path / "out"
    for period, tier in (("2025-10", "观察客户"), ("2026-09", "VIP客户")):
        day = read_period(period).end.isoformat()
        planned(output, period, book(tmp_path / period / "客户.xlsx", day, C1=tier, C3="重点客户"))
    now = book(tmp_path / "客户.xlsx", "2026-10-31", C1="VIP客户", C3="重点客户")
    plan = planned(output, "2026-10", now, keep=False)
    assert plan.figures.year_ago == "2025-10"
    score = plan.figures.total.figures["score"]
    assert (score.value, score.previous, score.year_ago) == (Decimal("83.5"), Decimal("83.5"), Decimal(60))
    assert yearly(score) == "+39.2%"
    assert yearly(plan.figures.tiers[0].figures["share"]) == "+50.0个百分点"
    assert yearly(plan.figures.tiers[1].figures["customers"]) == "持平"
    html = execution(plan)
    assert "与去年同期（2025-10）相比" in html
    assert "+39.2%" in html
    assert planned(output, "2026-09", now, keep=False).figures.year_ago == ""


@pytest.mark.parametrize(
    ("period", "past", "expected"),
    [
        ("2026-10", ["2025-10", "2026-09"], "2025-10"),
        ("2026-10", ["2025-09", "2026-09"], ""),
        ("2026Q3", ["2025Q3", "2026Q2"], "2025Q3"),
        ("2026", ["2025"], ""),
    ],
)
def test_the_same_period_a_year_ago(period: str, past: Sequence[str], expected: str) -> None:
    entries = [PastFigures(label, {"合计": {"score": Decimal(len(label))}}) for label in past]
    assert past_figures.compared(entries, read_period(period), whole=True).year_ago == expected


def test_sums_over_half_a_month_are_compared_with_no_whole_month() -> None:
    values = {"合计": {"requests": Decimal(40), "score": Decimal(70)}}
    whole, half = PastFigures("2026-09", values), PastFigures("2026-09", values, whole=False)
    for entry, as_of, expected in (
        (whole, date(2026, 10, 31), [40, 70]),
        (whole, date(2026, 10, 15), [None, 70]),
        (half, date(2026, 10, 31), [None, 70]),
    ):
        found = figures([assessment()], as_of=as_of, past=[entry]).total.figures
        assert [found[key].previous for key in ("requests", "score")] == expected
    assert figures([assessment()], past=[half]).past[0].values == {"合计": {"score": 70}}


def test_a_trend_begins_with_the_first_period_that_is_known() -> None:
    known = PastFigures("2026-08", {"合计": {"score": Decimal(70)}})
    older, newer = PastFigures("2026-07", {}), PastFigures("2026-09", {})
    assert past_figures.shown([older, known, newer]) == (known, newer)
    assert past_figures.shown([older, newer]) == (newer,)
    assert past_figures.shown([]) == ()


def contracts(path: Path, day: str, **ends: str) -> Path:
    """Write a month's workbook in which every customer has a contract, with its end."""
    rows = [[key, f"{key}公司", *FIGURES["重点客户"], None, None, "张*", day] for key in ends]
    base = [["客户编号", "客户名称", "行业类型", "合同到期日"]]
    base += [[key, f"{key}公司", "制造业", end] for key, end in ends.items()]
    return save(path, {"打分表": [HEADER, *rows], "基础表": base})


def test_a_contract_renewed_shows_in_the_month_after_which_it_would_have_ended(tmp_path: Path) -> None:
    output = tmp_path / "out"
    then = contracts(tmp_path / "9" / "客户.xlsx", "2026-09-30", C1="2026-10-15", C2="2026-10-31", C3="2026-11-01")
    now = contracts(tmp_path / "10" / "客户.xlsx", "2026-10-31", C1="2027-10-15", C2="2026-10-31", C3="2027-11-01")
    assert planned(output, "2026-09", then).figures.total.figures["renewal"].value is None
    plan = planned(output, "2026-10", now)
    found = plan.figures.total.figures["renewal"]
    assert (found.n, found.total, found.value) == (1, 2, Decimal("0.5"))
    assert "50.0%<small>1/2" in execution(plan)
    later = planned(output, "2026-11", now, as_of=date(2026, 11, 20), keep=False).figures.total.figures["renewal"]
    assert later.value is None
    plain = save(
        tmp_path / "无基础表.xlsx",
        {"打分表": [HEADER, *([key, f"{key}公司", *FIGURES["重点客户"]] for key in ("C1", "C2", "C3"))]},
    )
    unknown = planned(output, "2026-10", plain, keep=False).figures.total.figures["renewal"]
    assert unknown.value is None


# --- the record ---------------------------------------------------------------------------------------


def stated(folder: Path, period: str, *keys: str, file: str = "甲.xlsx", most: int = 12) -> list[tuple[str, Any]]:
    scope = Scope(frozenset({file}), dict.fromkeys(keys, file), frozenset())
    with ledger.read(folder) as history:
        found = history.stated(read_period(period), TIERS, scope=scope, policy_sha256="p", most=most)
    return [(entry.period, entry.values.get("合计", {}).get("score")) for entry in found]


def keep(folder: Path, period: str, score: str, *keys: str, **values: Any) -> int:  # noqa: ANN401  (any field)
    with ledger.opened(folder) as history:
        entries = [customer(key, "VIP客户") for key in keys]
        return history.append(run(period, **values), entries, {"合计": {"score": Decimal(score)}}).report


def test_the_last_run_of_each_period_counts_and_none_of_the_period_itself(tmp_path: Path) -> None:
    assert keep(tmp_path, "2026-08", "1", "C1") == 2
    keep(tmp_path, "2026-09", "2.50", "C1")
    keep(tmp_path, "2026-10", "3", "C1")
    keep(tmp_path, "2026-08", "4", "C1")
    assert keep(tmp_path, "2026-08", "4", "C1") == keep(tmp_path, "2026-08", "4", "C1")
    assert stated(tmp_path, "2026-10", "C1") == [("2026-08", 4), ("2026-09", Decimal("2.5"))]
    assert stated(tmp_path, "2026-10", "C1", most=1) == [("2026-09", Decimal("2.5"))]
    assert stated(tmp_path, "2026-08", "C1") == []
    assert faults(tmp_path) == []


def test_a_history_of_an_older_version_holds_no_figures_and_is_read(tmp_path: Path) -> None:
    append(tmp_path, run("2026-09"), customer("C1", "VIP客户"))
    assert stated(tmp_path, "2026-10", "C1") == [("2026-09", None)]
    keep(tmp_path, "2026-09", "5", "C1")
    append(tmp_path, run("2026-09"), customer("C1", "VIP客户"))
    assert stated(tmp_path, "2026-10", "C1") == [("2026-09", 5)]


def test_a_figure_changed_in_the_record_is_found(tmp_path: Path) -> None:
    keep(tmp_path, "2026-09", "5", "C1")
    tamper(tmp_path / ledger.LEDGER_FILE, "UPDATE record SET body = replace(body, '\"5\"', '\"6\"') WHERE number = 2")
    assert faults(tmp_path) == [(2, "被改动过")]


def test_figures_are_kept_to_the_last_digit(tmp_path: Path) -> None:
    third = Decimal(1) / 3
    with ledger.opened(tmp_path) as history:
        history.append(run("2026-09"), [customer("C1", "VIP客户")], {"合计": {"score": third}})
    assert stated(tmp_path, "2026-10", "C1") == [("2026-09", third)]


A, B = frozenset({"甲.xlsx"}), frozenset({"甲.xlsx", "乙.xlsx"})


def scope(files: frozenset[str], homes: Mapping[str, str], *aside: str) -> Scope:
    return Scope(files, homes, frozenset(aside))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (scope(A, {"C1": "甲.xlsx"}), scope(A, {"C1": "甲.xlsx", "C2": "甲.xlsx"}), True),
        (scope(A, {"C1": "甲.xlsx"}), scope(frozenset({"九月.xlsx"}), {"C1": "九月.xlsx"}), True),
        (scope(A, {"C1": "甲.xlsx"}), scope(A, {"D1": "甲.xlsx"}), False),
        (scope(A, {"C1": "甲.xlsx"}), scope(B, {"C1": "甲.xlsx", "C2": "乙.xlsx"}), False),
        (scope(B, {"C1": "甲.xlsx"}), scope(B, {"C1": "甲.xlsx", "C2": "乙.xlsx"}), True),
        (scope(B, {"C1": "甲.xlsx"}, "C2"), scope(B, {"C1": "甲.xlsx", "C2": "乙.xlsx"}), True),
        (scope(A, {}), scope(A, {}), True),
    ],
    ids=["one gone", "renamed", "another of the name", "a workbook more", "all gone", "set aside", "nobody"],
)
def test_two_runs_read_the_same_book(one: Scope, other: Scope, *, expected: bool) -> None:
    assert same_book(one, other) is same_book(other, one) is expected


def test_what_is_kept_of_a_run_is_the_total_and_every_tier_owner_and_department(tmp_path: Path) -> None:
    plan = planned(tmp_path / "out", "2026-09", book(tmp_path / "甲.xlsx", "2026-09-30", C1="VIP客户"))
    kept = {"合计", *(f"等级/{name}" for name in TIERS), "客户经理/陈思远", "部门/未填"}
    assert set(figure_values(plan.figures)) == kept
    with ledger.read(tmp_path / "out") as history:
        found = history.stated(
            read_period("2026-10"), TIERS, scope=scope(A, {"C1": "甲.xlsx"}), policy_sha256="", most=1
        )
    assert [(set(entry.values), entry.same_policy) for entry in found] == [(kept, False)]
