"""What changed since an earlier period and why: told by figures, by what people decided, and by the policy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from sheetcrm.assess.words.changes import effects, say_change, terms
from sheetcrm.assess.words.differences import say_difference
from sheetcrm.excel.books.review import REVIEW
from sheetcrm.model import Past, Terms
from sheetcrm.policy.loading import standard, standard_text
from sheetcrm.report.pages import documents
from tests.test_history_cli import FIGURES, content
from tests.test_past_figures import execution, planned
from tests.test_pipeline import HEADER, save
from tests.values import replace

Run = Callable[..., tuple[int, str, str]]
LABELS = ("最近消费时间", "消费频次", "消费金额", "行业潜力", "忠诚度")
CARD = dict(zip(LABELS, map(Decimal, (20, 15, 35, 15, 15)), strict=True))
BY_SCORE = Terms("标准策略", "a", "得分", CARD)


def past(
    *points: str | int | None,
    grade: str = "重点客户",
    period: str = "2026-09",
    terms: Terms = BY_SCORE,
    score: str | None = "by points",
    **values: Any,  # noqa: ANN401  (any field)
) -> Past:
    """A customer's period with these points; the score is theirs unless another is given."""
    known = tuple(None if one is None else Decimal(one) for one in points)
    return Past(
        period, grade, total(known, terms) if score == "by points" else score and Decimal(score), None, {},  # type: ignore[arg-type]  # a blank is None
        points=known, terms=terms, **values,
    )  # fmt: skip


def total(points: tuple[Decimal | None, ...], by: Terms) -> Decimal:
    return exact(points, by).quantize(Decimal("0.1"), ROUND_HALF_UP)


def exact(points: tuple[Decimal | None, ...], by: Terms) -> Decimal:
    parts = [(one, weight) for one, weight in zip(points, by.weights.values(), strict=True) if one is not None]
    return sum((one * weight for one, weight in parts), Decimal(0)) / sum((weight for _, weight in parts), Decimal(0))


def test_the_indicator_that_moved_is_named_with_what_it_did() -> None:
    assert say_change(past(80, 75, 100, 75, 60), past(80, 75, 80, 75, 60)) == (
        "较2026-09：总分 82.5→75.5，主要因消费金额 100→80分"
    )


def test_another_tier_is_said_first_and_the_strongest_indicators_lead() -> None:
    before, now = past(90, 75, 100, 100, 85, grade="VIP客户"), past(40, 45, 60, 75, 80, grade="普通客户")
    assert say_change(before, now) == (
        "较2026-09：VIP客户→普通客户，总分 92.0→59.0，"
        "主要因消费金额 100→60分、最近消费时间 90→40分、消费频次 75→45分等5项"
    )


def test_what_worked_against_it_is_told_apart_and_a_single_one_is_never_left_out() -> None:
    assert say_change(past(40, 75, 100, 50, 60), past(90, 75, 60, 75, 60)) == (
        "较2026-09：总分 70.8→70.5，主要因消费金额 100→60分，而最近消费时间 40→90分、行业潜力 50→75分"
    )
    four = say_change(past(40, 60, 60, 75, 60), past(90, 75, 100, 100, 60))
    assert four.endswith("行业潜力 75→100分、消费频次 60→75分")


def test_a_figure_that_is_on_record_stands_for_its_points() -> None:
    by = replace(BY_SCORE, measures={"消费频次": "frequency_12m", "消费金额": "spend_12m", "忠诚度": "repurchase_rate"})
    figures = {"frequency_12m": Decimal(12), "spend_12m": Decimal(712_000), "repurchase_rate": Decimal("0.85")}
    lower = {"frequency_12m": Decimal(7), "spend_12m": Decimal(447_000), "repurchase_rate": Decimal("0.61")}
    before = past(82, 75, 100, 75, 85, terms=BY_SCORE, figures=figures)
    assert say_change(before, past(61, 60, 85, 75, 61, terms=by, figures=lower)) == (
        "较2026-09：总分 86.7→71.4，主要因消费金额 71.2→44.7万元、最近消费时间 82→61分、忠诚度 85→61%、"
        "消费频次 12→7次/年"
    )
    same = past(82, 75, 90, 75, 85, terms=by, figures=figures)
    assert say_change(before, same).endswith("主要因消费金额 100→90分")  # the card's bands moved, not the customer


@pytest.mark.parametrize(
    ("measure", "before", "now", "text"),
    [
        ("spend_12m", "712000", "947000", "71.2→94.7万元"),
        ("spend_12m", "712100", "712300", "712,100→712,300元"),
        ("spend_12m", "8560", "0", "8,560→0元"),
        ("frequency_12m", "12", "7", "12→7次/年"),
        ("repurchase_rate", "0.85", "0.613", "85→61.3%"),
        ("usage_time", "30", "12.5", "30→12.5小时"),
        ("recency_days", "25", "46", "25→46天"),
    ],
)
def test_a_difference_has_one_unit(measure: str, before: str, now: str, text: str) -> None:
    assert say_difference(measure, Decimal(before), Decimal(now)) == text


def test_the_same_points_are_nothing_to_say() -> None:
    entry = past(90, 75, 100, None, 85)
    assert say_change(entry, entry) == ""
    assert say_change(entry, past(90, 75, 100, None, 85, terms=Terms("标准策略", "b", "得分", CARD))) == ""
    assert say_change(past(90, 75, None, None, 85, score=None), past(80, 75, None, None, 85, score=None)) == ""


def test_points_that_cancel_out_are_said() -> None:
    assert say_change(past(75, 75, 60, 90, 60), past(75, 90, 60, 75, 60)) == (
        "较2026-09：得分不变（69.8），消费频次 75→90分、行业潜力 90→75分"
    )


def test_an_indicator_that_becomes_known_counts_by_its_distance_from_the_score() -> None:
    before, now = past(90, 90, 90, None, 90), past(90, 90, 90, 50, 90)
    assert say_change(before, now) == "较2026-09：总分 90.0→84.0，主要因行业潜力 无数据→50分"
    assert say_change(now, before) == "较2026-09：总分 84.0→90.0，主要因行业潜力 50分→无数据"


def test_what_the_weights_did_is_told_apart_from_the_points() -> None:
    heavier = Terms("标准策略", "b", "得分", CARD | {"消费金额": Decimal(70)})
    assert say_change(past(60, 60, 100, 60, 60), past(60, 60, 100, 60, 60, terms=heavier)) == (
        "较2026-09：总分 74.0→80.7，策略有改动，主要因权重改变"
    )
    other = Terms("新策略", "c", "得分", CARD)
    assert say_change(past(60, 60, 100, 60, 60), past(60, 60, 80, 60, 60, terms=other)) == (
        "较2026-09：总分 74.0→67.0，策略改为“新策略”，主要因消费金额 100→80分"
    )


def test_a_decision_of_a_person_that_begins_ends_or_changes_is_said() -> None:
    plain, by_hand = past(60, 60, 60, 60, 60), past(60, 60, 60, 60, 60, grade="VIP客户", overridden=True)
    assert say_change(plain, by_hand, reason="战略合作") == (
        "较2026-09：重点客户→VIP客户，人工调整为VIP客户（理由：战略合作）"
    )
    assert say_change(by_hand, plain) == "较2026-09：VIP客户→重点客户，人工调整（VIP客户）已不再有效"
    other = past(60, 60, 60, 60, 60, grade="普通客户", overridden=True)
    assert say_change(by_hand, other) == "较2026-09：VIP客户→普通客户，人工调整改为普通客户"
    assert say_change(by_hand, by_hand) == ""


def test_a_grade_that_waited_is_said_to_have_fallen_due() -> None:
    before = past(60, 60, 60, 60, 60, grade="VIP客户", proposed="普通客户")
    assert say_change(before, past(60, 60, 60, 60, 60, grade="普通客户")) == "较2026-09：VIP客户→普通客户，到期重评"


def test_a_tier_that_no_score_moved_says_what_decides() -> None:
    entry = past(60, 60, 60, 60, 60)
    for decided, said in (
        ("得分", "重点客户→普通客户，得分不变（60.0），按等级规则变动"),
        ("名额", "重点客户→普通客户，得分不变（60.0），按名额排序"),
        ("价值", "重点客户→普通客户（按价值分级）"),
    ):
        by = Terms("标准策略", "a", decided, CARD)
        assert say_change(entry, past(60, 60, 60, 60, 60, grade="普通客户", terms=by)) == f"较2026-09：{said}"


def test_what_became_known_or_unknown_makes_or_takes_a_score() -> None:
    scored, unknown = past(60, 60, 60, 60, 60), past(60, 60, None, 60, 60, grade="待补充资料", score=None)
    assert say_change(scored, unknown) == (
        "较2026-09：重点客户→待补充资料，没有得分（2026-09为60.0分），消费金额无数据"
    )
    assert say_change(unknown, scored) == "较2026-09：待补充资料→重点客户，得分60.0（2026-09没有得分），补齐了消费金额"
    unsold = past(None, None, None, 60, None, grade="未成交", score=None)
    assert say_change(unsold, scored) == "较2026-09：未成交→重点客户，得分60.0（2026-09没有得分），首次成交"


def test_a_record_without_points_still_says_tier_and_score() -> None:
    before = Past("2026-09", "VIP客户", Decimal("92.0"), None, {})
    assert say_change(before, past(40, 45, 60, 75, 80)) == "较2026-09：VIP客户→重点客户，总分 92.0→59.0"


points = st.one_of(st.none(), st.decimals(0, 100, places=4))
cards = st.lists(st.integers(1, 60), min_size=5, max_size=5).map(
    lambda weights: Terms(decided_by="得分", weights=dict(zip(LABELS, map(Decimal, weights), strict=True)))
)
somewhat_known = st.lists(points, min_size=5, max_size=5).filter(lambda found: any(one is not None for one in found))
periods = st.tuples(somewhat_known, cards)


def made(drawn: tuple[list[Decimal | None], Terms]) -> Past:
    found = tuple(drawn[0])
    return Past("2026-09", "重点客户", total(found, drawn[1]), None, {}, points=found, terms=drawn[1])


@given(periods, periods)
def test_the_effects_add_up_to_the_difference_of_the_scores(
    then: tuple[list[Decimal | None], Terms], today: tuple[list[Decimal | None], Terms]
) -> None:
    before, now = made(then), made(today)
    moved = sum((entry.effect for entry in effects(before, now)), Decimal(0))
    assert abs(moved - (exact(now.points, now.terms) - exact(before.points, before.terms))) < Decimal("1e-20")
    assert before.score is not None
    assert now.score is not None
    assert abs(moved - (now.score - before.score)) <= Decimal("0.1")


@given(periods)
def test_nothing_moved_is_nothing_to_say(drawn: tuple[list[Decimal | None], Terms]) -> None:
    entry = made(drawn)
    assert {one.effect for one in effects(entry, entry)} == {0}
    assert say_change(entry, entry) == ""


# --- real runs ----------------------------------------------------------------------------------------


def month(path: Path, day: str, *, adjusted: Mapping[str, str] | None = None, **earned: str) -> Path:
    """Write a month's workbook, with 人工调整 to other tiers."""
    rows = [[key, f"{key}公司", *FIGURES[tier], None, None, "张*", day] for key, tier in earned.items()]
    header = ["客户编号", "调整后等级", "理由", "提出人", "审核人", "有效期至"]
    by_hand = [[key, tier, "战略合作", "李*", "王*", "2027-12-31"] for key, tier in (adjusted or {}).items()]
    return save(path, {"打分表": [HEADER, *rows], "人工调整": [header, *by_hand]})


def two_months(tmp_path: Path) -> tuple[Path, Path]:
    output = tmp_path / "out"
    september = month(tmp_path / "9" / "客户.xlsx", "2026-09-30", C1="重点客户", C2="重点客户", C3="VIP客户")
    path, by_hand = tmp_path / "10" / "客户.xlsx", {"C2": "VIP客户"}
    october = month(path, "2026-10-31", adjusted=by_hand, C1="VIP客户", C2="重点客户", C3="VIP客户")
    planned(output, "2026-09", september)
    return output, october


RISEN = (
    "较2026-09：重点客户→VIP客户，总分 75.0→92.0，主要因消费金额 30.0→80.0万元、行业潜力 75→100分、忠诚度 60→85%等5项"
)
BY_HAND = "较2026-09：重点客户→VIP客户，人工调整为VIP客户（理由：战略合作）"


def test_without_a_period_on_record_it_is_said_where_they_stand(tmp_path: Path) -> None:
    rows = [
        [key, f"{key}公司", *FIGURES["重点客户"], None, before, "张*", "2026-10-31"]
        for key, before in (("C1", "VIP客户"), ("C2", "重点客户"), ("C3", "普通客户"))
    ]
    lone = save(tmp_path / "10" / "客户.xlsx", {"打分表": [HEADER, *rows]})
    fell, stayed, rose = planned(tmp_path / "out", "2026-10", lone).assessments
    assert (fell.change, stayed.standing_note) == ("", "")
    assert fell.standing_note == rose.standing_note == "总分75.0，距VIP客户还差15.0分，单项改善不足以升级"


@pytest.mark.slow
def test_the_reports_name_the_reason_of_those_promoted_and_demoted(tmp_path: Path) -> None:
    output, october = two_months(tmp_path)
    plan = planned(output, "2026-10", october)
    assert [entry.change for entry in plan.assessments] == [RISEN, BY_HAND, ""]
    html = execution(plan)
    assert html.count(RISEN) == html.count(BY_HAND) == 1
    assert "没有列出原因的" not in html
    tier, *_ = documents.plan(replace(plan.results, problems=()))
    assert tier.html.count(RISEN) == tier.html.count(BY_HAND) == 1
    book = load_workbook(BytesIO((output / "2026-10" / "packs" / REVIEW).read_bytes()))
    cells = [cell.value for row in book["变动"].iter_rows() for cell in row]
    assert RISEN in cells
    assert BY_HAND in cells


def test_what_is_written_into_the_workbooks_does_not_change_by_it(tmp_path: Path) -> None:
    output, october = two_months(tmp_path)
    plan = planned(output, "2026-10", october)
    assert all("较2026-09" not in reason for entry in plan.assessments for reason in entry.reasons)
    again = tmp_path / "again" / "客户.xlsx"
    again.parent.mkdir()
    again.write_bytes(plan.workbooks[0].data)
    assert planned(output, "2026-10", again, keep=False).workbooks[0].data == plan.workbooks[0].data


def test_points_and_decisions_of_the_past_are_part_of_a_runs_id(tmp_path: Path) -> None:
    output, october = two_months(tmp_path)
    first = planned(output, "2026-10", october, keep=False)
    path, by_hand = tmp_path / "9" / "客户.xlsx", {"C3": "VIP客户"}
    september = month(path, "2026-09-30", adjusted=by_hand, C1="重点客户", C2="重点客户", C3="VIP客户")
    planned(output, "2026-09", september)
    assert planned(output, "2026-10", october, keep=False).run_id != first.run_id


def test_explain_says_it_and_is_quiet_without_a_history(run: Run, tmp_path: Path) -> None:
    output, october = two_months(tmp_path)
    before = content(output)
    code, out, _ = run("explain", "C1", october, "-o", output, "--period", "2026-10")
    assert code == 0
    assert f"和上期比：{RISEN}" in out
    assert "和上期比：较2026-09没有变化" in run("explain", "C3", october, "-o", output, "--period", "2026-10")[1]
    code, out, err = run("explain", "C1", october, "-o", tmp_path / "none", "--period", "2026-10")
    assert (code, err) == (0, "")
    assert "和上期比：历史里没有这家客户的上期" in out
    found = json.loads(run("explain", "C1", october, "-o", output, "--period", "2026-10", "--json")[1])
    assert (found["change"], found["previous_tier"], found["movement"]) == (RISEN, "重点客户", "升")
    after = content(output)
    assert before.pop("sheetcrm.db") != after.pop("sheetcrm.db")
    assert after == before  # but for who looked, which is on record
    assert not (tmp_path / "none").exists()


def test_a_customers_history_says_it_of_every_period(run: Run, tmp_path: Path) -> None:
    output, october = two_months(tmp_path)
    planned(output, "2026-10", october)
    code, out, _ = run("history", "C1", "-o", output)
    assert code == 0
    assert [line.split()[-1] for line in out.splitlines()[:2]] == ["变了什么", "—"]
    assert out.splitlines()[2].endswith(RISEN)
    assert "人工调整为VIP客户" in run("history", "C2", "-o", output)[1]
    found = json.loads(run("history", "C1", "-o", output, "--json")[1])["periods"]
    assert [entry["change"] for entry in found] == [None, RISEN]
    assert found[1]["points"] == ["90", "75", "100", "100", "85"]


def test_whatif_takes_the_last_period_from_the_history_as_a_run_does(run: Run, tmp_path: Path) -> None:
    output, own = tmp_path / "out", tmp_path / "到期才动.toml"
    own.write_text(standard_text().replace('tier_moves = "every_run"', 'tier_moves = "when_due"'), encoding="utf-8")
    planned(output, "2026-09", month(tmp_path / "9" / "客户.xlsx", "2026-09-30", C1="VIP客户"))
    october = month(tmp_path / "10" / "客户.xlsx", "2026-10-31", C1="重点客户")

    def moved(folder: Path) -> list[tuple[str, str]]:
        _, out, _ = run("whatif", october, "-o", folder, "--period", "2026-10", "--policy", own, "--json")
        return [(entry["from"], entry["to"]) for entry in json.loads(out)["moved"]]

    _, out, _ = run("run", october, "-o", output, "--period", "2026-10", "--policy", own, "--dry-run", "--json")
    assert [entry["tier"] for entry in json.loads(out)["customers"]] == ["VIP客户"]
    assert moved(output) == [("重点客户", "VIP客户")]
    assert moved(tmp_path / "none") == []


def test_terms_say_what_decides_the_tier() -> None:
    policy = standard()
    assert terms(policy).decided_by == "得分"
    assert terms(policy).weights == CARD
    quota = policy.model_copy(update={"scoring": policy.scoring.model_copy(update={"quota": True})})
    assert terms(quota).decided_by == "名额"
    assert terms(quota).sha256 != terms(policy).sha256


def test_points_are_kept_compactly(tmp_path: Path) -> None:
    output, _ = two_months(tmp_path)
    assert b'"points":["90","75","100","100","85"]' in (output / "sheetcrm.db").read_bytes()
