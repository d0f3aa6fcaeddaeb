"""The sets of tiers that ship: what decides them, and that every part of the policy speaks of them (practice §4.4)."""

from __future__ import annotations

import copy
import dataclasses
import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.assess.book import assess
from sheetcrm.assess.followup.planning import Planner
from sheetcrm.errors import PolicyError
from sheetcrm.model import Assessment, Customer, Movement, Standing
from sheetcrm.policy import coherence, loading
from sheetcrm.policy.model import Policy
from sheetcrm.runs import prepare
from sheetcrm.store.files.inputs import gather
from tests.making import TABLE, book, contact, customer, order, profile, scoring_row
from tests.values import run_as_of
from tests.workbooks import workbook

AS_OF = date(2026, 10, 31)
KINDS = ("scoring", "profile", "order")


def assessed(*customers: Customer, preset: str) -> list[Assessment]:
    found, _ = assess(book(*customers, kinds=KINDS), run_as_of(AS_OF, policy=loading.preset(preset)))
    return list(found)


def grade(found: Customer, preset: str) -> str:
    return assessed(found, preset=preset)[0].grade


def buyer(spend: int, *, first: date = date(2024, 1, 1), **profiled: Any) -> Customer:  # noqa: ANN401  (any field)
    """A customer with one order this month, and what its base sheet says."""
    filed = profile(first_deal=first, **profiled)
    return customer(profile=filed, orders=(order("2026-10-10", spend),))


@pytest.mark.parametrize(
    ("preset", "names", "decided_by"),
    [
        ("标准", ["VIP客户", "重点客户", "普通客户", "观察客户"], "得分"),
        ("战略层级", ["战略级", "核心级", "潜力级", "普通级"], "战略层级"),
        ("价值", ["高价值", "中价值", "低价值"], "价值"),
        ("档案分类", ["战略客户", "重点客户", "普通客户", "潜在客户"], "档案分类"),
    ],
)
def test_each_preset_has_the_practices_tiers(preset: str, names: list[str], decided_by: str) -> None:
    policy = loading.preset(preset)
    assert [tier.name for tier in policy.tiers] == names
    assert policy.scoring.decided_by == decided_by
    assert all((tier.floor is None) == (decided_by != "得分") for tier in policy.tiers)


@pytest.mark.parametrize("preset", loading.PRESETS)
def test_every_tier_has_a_standard_activities_and_an_escalation(preset: str) -> None:
    policy = loading.preset(preset)
    assert list(coherence.remarks(policy)) == []
    applied = {name for entry in policy.cadence for name in entry.applies}
    for tier in policy.tiers:
        assert tier.standard.benefits
        assert tier.escalation
        assert tier.name in applied
    limits = [tier.standard.first_response_hours or Decimal(0) for tier in policy.tiers]
    discounts = [tier.standard.discount for tier in policy.tiers]
    assert limits == sorted(limits)
    assert discounts == sorted(discounts, reverse=True)


@pytest.mark.parametrize(
    ("found", "grades"),
    [
        (buyer(600_000), ("核心级", "高价值", "普通客户")),
        (buyer(600_000, benchmark=True), ("战略级", "高价值", "战略客户")),
        (buyer(1_000, benchmark=True), ("战略级", "低价值", "普通客户")),
        (customer(profile=profile(intent="高")), ("未成交", "未成交", "潜在客户")),
    ],
    ids=["large", "benchmark", "small benchmark", "never bought"],
)
def test_a_classification_decides_the_tier(found: Customer, grades: tuple[str, str, str]) -> None:
    assert tuple(grade(found, preset) for preset in ("战略层级", "价值", "档案分类")) == grades


@pytest.mark.parametrize("preset", ["战略层级", "价值", "档案分类"])
def test_a_customer_nobody_knows_anything_of_has_no_tier(preset: str) -> None:
    stranger = book(customer(profile=profile()), kinds=("profile",))
    (found,), _ = assess(stranger, run_as_of(AS_OF, policy=loading.preset(preset)))
    assert (found.standing, found.grade) == (Standing.INCOMPLETE, "待补充资料")
    assert "不是等级，暂不定级" in found.reasons[0]


def several(count: int, large: int = 150_000) -> list[Customer]:
    """So many customers of whom one bought much more than each of the others."""
    small = (order("2026-10-10", 20_000),)
    many = [Customer(f"C{at:03}", "某", profile=profile(f"C{at:03}"), orders=small) for at in range(count - 1)]
    return [*many, Customer("C900", "大", profile=profile("C900"), orders=(order("2026-10-10", large),))]


def test_the_share_of_the_book_decides_among_several() -> None:
    graded = assessed(*several(21), preset="战略层级")
    assert {entry.customer.customer_id for entry in graded if entry.grade == "战略级"} == {"C900"}
    assert {entry.grade for entry in graded} == {"战略级", "普通级"}


@pytest.mark.parametrize(("count", "used"), [(19, False), (20, True)])
def test_in_a_small_book_nobodys_share_is_used_and_it_is_said(count: int, used: bool) -> None:  # noqa: FBT001
    small = dataclasses.replace(book(*several(count), kinds=KINDS), tables=(TABLE,))
    graded, problems = assess(small, run_as_of(AS_OF, policy=loading.preset("战略层级")))
    assert [entry.customer.customer_id for entry in graded if entry.grade == "战略级"] == (["C900"] if used else [])
    assert {entry.grade for entry in graded} == ({"战略级", "普通级"} if used else {"普通级"}), "0, not unknown"
    remarks = [str(one) for one in problems if one.kind == "share-unused"]
    assert len(remarks) == (0 if used else 1)
    assert all("只有 19 家客户，不到 20 家，“占本年消费总额”的比例没有用来分类" in remark for remark in remarks)


def test_nothing_is_said_where_no_share_would_have_counted() -> None:
    small = dataclasses.replace(book(*several(19, large=21_000), kinds=KINDS), tables=(TABLE,))
    assert not assess(small, run_as_of(AS_OF, policy=loading.preset("战略层级")))[1]


def test_the_years_sales_of_the_settings_are_what_shares_are_of(tmp_path: Path) -> None:
    rows = [["客户编号", "客户名称", "近12个月消费金额", "首次合作时间"]]
    rows += [[f"C00{at}", f"{at}号公司", spend, "2024-01-01"] for at, spend in ((1, "16万"), (2, "15万"), (3, "1万"))]
    sheets = {"客户信息基础表": rows, "设置": [["单位", "部门", "年销售额"], ["华东", "一部", "100万"]]}
    (tmp_path / "客户.xlsx").write_bytes(workbook(sheets))
    run = run_as_of(AS_OF, policy=loading.preset("战略层级"))
    plan = prepare.prepare(gather([tmp_path / "客户.xlsx"], output=None), run)
    levels = [next(one.outcome for one in entry.classes if one.name == "战略层级") for entry in plan.assessments]
    assert levels == ["战略级", "普通级", "普通级"], "16 % is over 15 %, 15 % is not"
    assert "share-unused" not in {one.kind for one in plan.problems}


def test_the_reason_names_the_rule_and_the_score_stands_beside_it() -> None:
    row = scoring_row(
        recency=5, frequency_12m=Decimal(12), spend_12m=Decimal(120_000), repurchase_rate=Decimal("0.5"),
        assessed_on=AS_OF,
    )  # fmt: skip
    (found,) = assessed(customer(scoring=row), preset="价值")
    assert (found.grade, found.standing) == ("中价值", Standing.GRADED)
    assert found.reasons[0] == "按价值分级：中价值（年消费10万至50万元）"
    assert found.reasons[1].startswith("得分只作参考：最近消费时间5天得100分×20%")
    assert not any("区间" in reason or "还差" in reason for reason in found.reasons)


def test_a_class_that_is_no_tier_leaves_the_customer_incomplete() -> None:
    (found,) = assessed(customer(scoring=scoring_row(recency=5, assessed_on=AS_OF)), preset="价值")
    assert (found.grade, found.tier) == ("待补充资料", None)
    assert found.reasons[0] == "按价值分级：未归类，不是等级，暂不定级"


def test_a_tier_moves_within_its_own_set() -> None:
    row = scoring_row(spend_12m=Decimal(600_000), grade="低价值", assessed_on=AS_OF)
    assert assessed(customer(scoring=row), preset="价值")[0].movement is Movement.UP
    row = scoring_row(spend_12m=Decimal(600_000), grade="重点客户", assessed_on=AS_OF)
    assert assessed(customer(scoring=row), preset="价值")[0].movement is None


def test_what_is_done_for_a_tier_follows_its_name_and_not_an_outcome_of_that_name() -> None:
    """档案分类 knows 普通客户 and 重点客户 too; with the standard tiers these names mean the tiers."""
    row = scoring_row(
        recency=5, frequency_12m=Decimal(24), spend_12m=Decimal(800_000), repurchase_rate=Decimal(1),
        assessed_on=AS_OF,
    )  # fmt: skip
    (found,) = assessed(customer(scoring=row), preset="标准")
    assert found.grade == "VIP客户"
    assert {entry.outcome for entry in found.classes if entry.name == "档案分类"} == {"普通客户"}
    actions = {item.action for item in found.due}
    assert "深度沟通" in actions
    assert {"服务回顾", "销售跟进"}.isdisjoint(actions)


@pytest.mark.parametrize("preset", ["战略层级", "价值", "档案分类"])
def test_alerts_know_the_tier_that_a_class_decided(preset: str) -> None:
    policy = loading.preset(preset)
    rule = next(rule for rule in policy.alerts.rules if rule.code == "多人对接")
    assert rule.when["tier"] == policy.tiers[0].name
    assert rule.holds({"tier": policy.tiers[0].name, "managers_in_period": 2})


# --- what is refused ---------------------------------------------------------------------------------

RAW = tomllib.loads(loading.standard_text(), parse_float=Decimal)


def by_class(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    raw: dict[str, Any] = copy.deepcopy(loading.preset("价值").model_dump(exclude_none=True))
    change(raw)
    return raw


def put(*path: Any, value: object) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401  (keys and indexes)
    def change(raw: dict[str, Any]) -> None:
        place: Any = raw
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("tiers", 0, "floor", value=90), r"tiers\[1\]\.floor：等级由“价值”决定，起点分不起作用"),
        (put("scoring", "quota", value=True), r"scoring\.quota：按名额定级要由“得分”决定"),
        (put("scoring", "decided_by", value="心情"), r"scoring\.decided_by：“心情”不是“得分”"),
        (put("classes", 0, "rules", 2, "outcome", value="中等价值"), r"“中等价值”不是等级"),
        (put("tiers", 1, "name", value="中等价值"), r"分类“价值”没有“中等价值”这个结果"),
        (put("tiers", 1, "name", value="未成交"), r"等级不能叫“未成交”"),
        (put("tiers", 1, "name", value="全部"), r"等级不能叫“全部”"),
        (put("classes", 0, "rules", 0, "when", value={"tier": "高价值"}), r"用了这里没有的指标“客户等级”"),
    ],
)
def test_tiers_by_class_that_do_not_hold_together_are_refused(
    change: Callable[[dict[str, Any]], None], said: str
) -> None:
    with pytest.raises(PolicyError, match=said):
        loading.check(by_class(change), source="test")


_NEW = ("counts", "by_executives", "among", "paces", "milestones", "before_end", "stays")
"""The keys of an activity that earlier versions did not have."""


def test_a_policy_of_an_earlier_version_is_read_and_plans_as_it_did() -> None:
    raw = copy.deepcopy(RAW)
    raw["cadence"] = [{key: value for key, value in one.items() if key not in _NEW} for one in raw["cadence"]]
    for key in ("exclusive", "executives", "limited_step", "limited_to"):
        del raw["followup"][key]
    raw["followup"]["never_done"] = "尚无记录，应立即安排"
    policy = loading.check(raw, source="旧策略.toml")
    assert {one.counts for one in policy.cadence} == {"渠道或名称"}
    planner = Planner(run_as_of(AS_OF, policy=policy))
    lost = customer(follow_ups=(contact("2026-10-01", channel="微信", summary="销售跟进"),))
    items = {item.action: item for item in planner.plan(lost, frozenset({"流失客户", "观察客户"}), (), tier=None)}
    assert {"挽回联系", "销售跟进", "满意度调研"} <= set(items)
    assert items["销售跟进"].last_contact == date(2026, 10, 1)
    assert items["满意度调研"].basis == "尚无记录，应立即安排"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("tiers", 1, "floor", value=None), r"tiers\[2\]\.floor：由得分决定等级时，每个等级都要写起点分"),
        (put("scoring", "unsold_graded", value=True), r"未成交的客户没有分数"),
        (put("regrading", 2, "applies", value=["未成交"]), r"regrading：要有一行适用“全部”"),
        (put("regrading", 0, "applies", value=["钻石"]), r"regrading\[1\]\.applies：没有“钻石”这个标签"),
        (put("cadence", 8, "among", value=["高价值客户"]), r"cadence\[9\]\.among：没有“高价值客户”这个标签"),
        (put("cadence", 2, "paces", 0, "of", value="意向很高"), r"cadence\[3\]\.paces：没有“意向很高”这个标签"),
        (put("followup", "exclusive", value=["走了"]), r"followup\.exclusive：没有“走了”这个标签"),
        (put("followup", "limited_to", value=["大事"]), r"followup\.limited_to：“大事”不是承诺、活动"),
        (put("followup", "limited_step", value="董事长"), r"followup\.limited_step：没有等级逾期上报给“董事长”"),
        (put("cadence", 0, "channels", value=[]), r"“深度沟通”按渠道算，至少要写一种跟进方式"),
        (put("cadence", 0, "applies", value=["高价值客户"]), r"cadence\[1\]\.applies：没有“高价值客户”这个标签"),
        (put("cadence", 1, "activity", value="深度沟通"), r"cadence\[2\]\.activity：跟进活动有重复：“深度沟通”"),
        (
            put("scorecards", 1, "preferred", 0, "replaces", value="转介绍"),
            r"preferred\[1\]\.replaces：评分卡“三维度”没有指标“转介绍”",
        ),
        (
            put("scorecards", 1, "preferred", 0, "weight", value=6),
            r"preferred\[1\]\.weight：它代替“推荐率”，权重要一样：5",
        ),
        (
            put("scorecards", 1, "indicators", 0, "replaces", value="推荐率"),
            r"replaces：要代替别的指标，请写在 preferred 里",
        ),
        (put("classes", 2, "known", value=["nps"]), r"“战略层级”没有规则用到“最近NPS”，其余不必等它"),
        (put("churn", "known", value=["months_since_contact"]), r"known 只用在分类里"),
        (put("scorecards", 0, "indicators", 0, "measure", value="bought"), r"“已成交”不是可以评分的指标"),
        (put("scorecards", 0, "indicators", 0, "measure", value="心情"), r"“心情”不是可以评分的指标"),
        (put("scorecards", 0, "indicators", 0, "field", value="grade"), r"打分表没有“grade”这一列"),
        (put("scorecards", 0, "indicators", 3, "word_measure", value="need"), r"“核心需求”不是能评分的文字指标"),
        (put("scorecards", 0, "indicators", 3, "words", value={"很高": 100}), r"行业潜力没有“很高”这个值"),
        (put("scorecards", 0, "indicators", 1, "label", value="消费金额"), r"指标有重复：“消费金额”"),
        (put("health_inputs", 0, "measure", value="心情"), r"health_inputs\[1\]\.measure：没有指标“心情”"),
        (put("health_inputs", 0, "bad", value="差"), r"health_inputs\[1\]\.bad：条件“差”不适合“联系频次变化”"),
        (put("churn", "rules", 0, "outcome", value="也许"), r"churn\.rules\[1\]\.outcome：结果只能是否、是"),
        (put("health", "rules", 0, "outcome", value="紫"), r"health\.rules\[1\]\.outcome：结果只能是"),
        (put("alerts", "name", value="警报"), r"alerts\.name：name 和 hit 不能改"),
        (put("signals", "words", value={"竞品": ["比价"]}), r"要有信号“复杂功能”"),
        (put("cadence", 0, "channels", value=["电话、微信"]), r"不能有顿号"),
        (put("followup", "since", value="{什么}"), r"大括号里只能写"),
    ],
)
def test_names_that_refer_to_nothing_are_refused(change: Callable[[dict[str, Any]], None], said: str) -> None:
    raw = copy.deepcopy(RAW)
    change(raw)
    if raw["tiers"][1].get("floor", "") is None:
        del raw["tiers"][1]["floor"]
    with pytest.raises(PolicyError, match=said):
        loading.check(raw, source="test")


def test_what_may_be_meant_is_a_remark() -> None:
    raw = copy.deepcopy(RAW)
    raw["tiers"][0]["share"] = Decimal("0.2")
    raw["scorecards"][0]["indicators"][0]["weight"] = 25
    raw["cadence"][0]["channels"] = ["飞鸽"]
    said = [what for _at, what in coherence.remarks(loading.check(raw, source="test"))]
    assert said == [
        "评分卡“标准五项”的权重合计是 105，按比例折算",
        "各等级的参考占比合计是 110%，不是 100%",
        "跟进方式“飞鸽”不在跟进记录表的选项里",
    ]


def test_a_policy_is_a_policy_however_its_numbers_are_written() -> None:
    def with_share(text: str) -> Policy:
        return loading.load(loading.standard_text().replace("share = 0.10", f"share = {text}"), source="test")

    assert with_share("0.100").model_dump_json() == with_share("0.1").model_dump_json()
