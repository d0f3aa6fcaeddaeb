"""The policy that ships says what the practice says: its tables, figure by figure (practice §4, §5, §7, §8, §10)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sheetcrm.policy import loading
from sheetcrm.policy.scorecard import Indicator, Missing

POLICY = loading.standard()


def curve(entry: Indicator) -> str:
    bands = " ".join(f"{band.when}→{band.points}" for band in entry.bands)
    return f"{bands} 其余→{entry.otherwise}" if bands else f"×{entry.scale}"


SPEND = ">=500000→100 >=200000→85 >=50000→60 >0→30 其余→0"
GROWTH = ">=0.15→100 >=0.08→75 >=0→50 其余→20"


@pytest.mark.parametrize(
    ("card", "rows"),
    [
        (
            "标准五项",
            [
                (
                    "最近消费时间",
                    "recency_days",
                    20,
                    "<=7→100 <=30→90 <=60→80 <=90→70 <=120→60 <=180→40 <=365→20 其余→0",
                ),
                ("消费频次", "frequency_12m", 15, ">=24→100 >=12→75 >=6→60 >=4→45 >=2→30 >=1→15 其余→0"),
                ("消费金额", "spend_12m", 35, SPEND),
                ("行业潜力", "industry_growth", 15, GROWTH),
                ("忠诚度", "repurchase_rate", 15, "×100"),
            ],
        ),
        (
            "三维度",
            [
                ("近12个月消费金额", "spend_12m", 35, SPEND),
                ("客单价", "average_order", 15, ">=50000→100 >=20000→85 >=10000→60 >0→30 其余→0"),
                ("行业增长性", "industry_growth", 10, GROWTH),
                ("订单增长率", "order_growth", 10, ">=0.30→100 >=0.15→85 >=0→60 >=-0.15→40 其余→20"),
                ("新需求数量", "new_needs", 10, ">=6→100 >=3→80 >=1→60 其余→30"),
                ("复购率", "repurchase_rate", 10, "×100"),
                ("推荐率", "referrals", 5, ">=3→100 >=2→80 >=1→60 其余→40"),
                ("投诉率", "complaints_12m", 5, "<=0→100 <=1→70 <=2→50 其余→20"),
            ],
        ),
    ],
)
def test_the_scorecards_are_the_practices(card: str, rows: list[tuple[str, str, int, str]]) -> None:
    found = next(entry for entry in POLICY.scorecards if entry.name == card)
    assert [(entry.label, entry.measure, entry.weight, curve(entry)) for entry in found.indicators] == rows
    assert found.weight_total == 100


def test_the_practices_own_rates_win_over_the_counts() -> None:
    found = next(entry for entry in POLICY.scorecards if entry.name == "三维度")
    assert [(entry.replaces, entry.measure, entry.weight, curve(entry)) for entry in found.preferred] == [
        ("推荐率", "referral_rate", 5, ">=0.20→100 >=0.10→80 >0→60 其余→40"),
        ("投诉率", "complaint_rate", 5, "<=0→100 <=0.01→70 <=0.03→50 其余→20"),
    ]


def test_what_a_blank_does_is_the_practices() -> None:
    for card in POLICY.scorecards:
        for entry in card.indicators:
            blocks = entry.measure in ("recency_days", "frequency_12m", "spend_12m")
            assert entry.missing is (Missing.BLOCK if blocks else Missing.RENORMALISE)
    words = {"高": Decimal(100), "中": Decimal(75), "低": Decimal(50), "萎缩": Decimal(20)}
    assert [entry.words for card in POLICY.scorecards for entry in card.indicators if entry.words] == [words, words]
    assert (POLICY.scoring.least_coverage, POLICY.scoring.neutral_points) == (Decimal("0.7"), 50)


def test_the_tiers_and_their_standards_are_the_practices() -> None:
    assert [
        (
            tier.name,
            tier.floor,
            tier.share,
            tier.standard.first_response_hours,
            tier.standard.resolution_hours,
            tier.standard.discount,
            "、".join(tier.standard.roles),
            "、".join(f"{step.to}{step.days}" for step in tier.escalation),
        )
        for tier in POLICY.tiers
    ] == [
        ("VIP客户", 90, Decimal("0.1"), 4, 4, Decimal("0.1"), "客户成功总监、客户经理", "主管1、总监3"),
        ("重点客户", 70, Decimal("0.2"), 8, 24, Decimal("0.05"), "客服主管、销售专员", "主管3、总监7"),
        ("普通客户", 50, Decimal("0.5"), 24, 48, 0, "客服专员", "主管3、总监7"),
        ("观察客户", 0, Decimal("0.2"), 48, None, 0, "销售代表", "主管3、总监7"),
    ]
    best = POLICY.tiers[0].standard
    assert (best.round_the_clock, best.first_response_hours_day_off, best.resolution_hours_day_off) == (True, None, 2)
    for tier in POLICY.tiers[1:]:
        standard = tier.standard
        assert not standard.round_the_clock
        assert standard.first_response_hours_day_off is standard.resolution_hours_day_off is None


def test_a_tiers_typical_spend_is_its_band_of_the_year() -> None:
    edges = [(600_000, 0), (500_000, 0), (499_999, 1), (200_000, 1), (199_999, 2), (50_000, 2), (49_999, 3), (0, 3)]
    for spend, rank in edges:
        fits = [tier.name for tier in POLICY.tiers if tier.spend_test and tier.spend_test(Decimal(spend))]
        assert fits == [POLICY.tiers[rank].name]


def test_the_activities_are_the_practices() -> None:
    assert [(entry.activity, "/".join(entry.applies), entry.every) for entry in POLICY.cadence] == [
        ("深度沟通", "VIP客户/高价值", "1个月"),
        ("高层拜访", "VIP客户/战略级", "3个月"),
        ("意向跟进", "潜在客户/未成交", "1个月"),
        ("服务回顾", "重点客户/核心级", "1个月"),
        ("常规沟通", "中价值", "45天"),
        ("满意度调研", "普通客户/VIP客户/重点客户/观察客户", "3个月"),
        ("信息更新", "低价值/休眠客户", "6个月"),
        ("销售跟进", "观察客户", "3个月"),
        ("进度同步", "合作初", "7天"),
        ("效果复盘", "合作初/合作中", "3个月"),
        ("需求复盘会", "合作中", "3个月"),
        ("能力共建", "潜力级", "3个月"),
        ("产品更新推送", "普通级", "3个月"),
        ("续约价值盘点", "合作后", "3个月"),
        ("挽回联系", "流失客户", "1个月"),
        ("档案复核", "全部/未成交", "3个月"),
        ("节日与生日问候", "全部", "12个月"),
    ]
    assert [entry.activity for entry in POLICY.cadence if entry.on_greeting_day] == ["节日与生日问候"]
    assert [one.activity for one in POLICY.cadence if one.batch] == ["信息更新", "产品更新推送", "节日与生日问候"]
    large = ("VIP客户", "重点客户", "战略级", "核心级")
    assert {entry.activity: entry.among for entry in POLICY.cadence if entry.among} == {
        "进度同步": large,
        "效果复盘": large,
        "需求复盘会": large,
    }
    assert {
        entry.activity: {pace.of: pace.every for pace in entry.paces} for entry in POLICY.cadence if entry.paces
    } == {"意向跟进": {"意向高": "15天", "意向低": "3个月"}, "满意度调研": {"观察客户": "6个月"}}
    assert {entry.activity: entry.milestones for entry in POLICY.cadence if entry.milestones} == {
        "效果复盘": ("1个月", "3个月")
    }
    assert {entry.activity: entry.before_end for entry in POLICY.cadence if entry.before_end} == {
        "续约价值盘点": "3个月"
    }
    assert POLICY.followup.exclusive == ("流失客户", "休眠客户", "未成交")


def test_the_intervals_of_regrading_are_the_practices() -> None:
    assert [("/".join(entry.applies), entry.every) for entry in POLICY.regrading] == [
        ("VIP客户/高价值/战略客户/战略级", "3个月"),
        ("流失客户/休眠客户", "6个月"),
        ("全部", "6个月"),
    ]


def test_the_levels_of_risk_call_for_what_the_practice_says() -> None:
    risks = {rule.risk: (rule.owner, rule.days) for rule in POLICY.alerts.rules if rule.risk}
    assert risks == {"轻度": ("客服主管", 1), "中度": ("客户总监", 2), "重度": ("客户总监", 1)}
    forced = [rule.code for rule in POLICY.alerts.rules if rule.regrade]
    assert forced == ["消费骤降", "金额波动-升", "金额波动-降", "阶段变化", "需求类型变化"]


def test_rules_that_act_after_the_score_only_remind_by_default() -> None:
    assert {rule.code: rule.effect for rule in POLICY.tier_rules.rules} == {"久无往来": "提示", "多次投诉": "提示"}


def test_a_month_of_half_is_a_drop_and_late_answers_count_for_thirty_days() -> None:
    assert (POLICY.measures.drop, POLICY.measures.late_response_days) == (Decimal("0.5"), 30)
    assert POLICY.reading.mismatch_tolerance == Decimal("0.01")


def test_the_targets_are_the_practices() -> None:
    assert {entry.figure: entry.least for entry in POLICY.targets} == {
        "高价值留存率": Decimal("0.9"),
        "潜在转新": Decimal("0.2"),
        "满意度": 85,
        "复购同比": Decimal("0.15"),
    }
