"""A book to assessments: tier, standing, movement, reasons (practice §4.3, §4.4, §1.6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sheetcrm.assess.book import assess
from sheetcrm.model import Assessment, Customer, Level, Movement, Override, Standing
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy
from tests.making import TABLE, book, contact, customer, order, profile, scoring_row
from tests.values import run_as_of

AS_OF = date(2024, 3, 1)
A: dict[str, Any] = {
    "recency": 30,
    "frequency_12m": Decimal(12),
    "spend_12m": Decimal(800_000),
    "growth_level": Level("高", Decimal("0.15")),
    "repurchase_rate": Decimal("0.85"),
    "assessor": "张*",
    "assessed_on": AS_OF,
}


def assessed(found: Customer, kinds: tuple[str, ...] = ("scoring",)) -> Assessment:
    results, _ = assess(book(found, kinds=kinds), run_as_of(AS_OF))
    return results[0]


def graded(**values: Any) -> Assessment:  # noqa: ANN401  (any field)
    return assessed(customer(scoring=scoring_row(**(A | values))))


def override(**values: Any) -> Override:  # noqa: ANN401  (any field)
    plain: dict[str, Any] = {
        "origin": TABLE,
        "row": 2,
        "customer_id": "C001",
        "grade": "普通客户",
        "reason": "合同收缩",
        "proposer": "王*",
        "auditor": "李*",
        "expires_on": date(2024, 12, 31),
    }
    return Override(**(plain | values))


def test_a_good_row_is_vip_and_says_why() -> None:
    found = graded()
    assert (found.grade, found.score.total, found.standing) == ("VIP客户", Decimal("92.0"), Standing.GRADED)
    assert "最近消费时间30天得90分×20%" in found.reasons[0]
    assert "忠诚度85%得85分×15%" in found.reasons[0]


def test_the_next_tier_and_a_spend_out_of_band_are_named() -> None:
    found = graded(
        recency=120,
        frequency_12m=Decimal(2),
        spend_12m=Decimal(80_000),
        growth_level=Level("低", None, shrinking=True),
        repurchase_rate=Decimal("0.3"),
    )
    assert (found.grade, found.score.total) == ("观察客户", Decimal("45.0"))
    assert "距普通客户还差5.0分：忠诚度提高到63%即可" in found.reasons
    assert any("属普通客户的区间" in reason for reason in found.reasons)


def test_an_unreadable_figure_makes_the_row_incomplete_and_names_the_cell() -> None:
    found = graded(spend_12m=None, unreadable=("spend_12m",))
    assert (found.standing, found.grade, found.score.total) == (Standing.INCOMPLETE, "待补充资料", None)
    assert found.reasons[0].startswith("客户.xlsx!表!")
    assert found.tier is None


def test_an_unreadable_figure_the_card_does_not_use_changes_nothing() -> None:
    assert graded(unreadable=("usage_time",)).grade == "VIP客户"


def test_a_rate_that_cannot_be_read_is_one_of_the_card_and_a_count_beside_a_rate_is_not() -> None:
    policy = standard()
    three = policy.model_copy(update={"scoring": policy.scoring.model_copy(update={"card": "三维度"})})
    full = A | {"average_order": Decimal(20_000), "order_growth": Decimal(0), "complaints_12m": Decimal(0)}

    def standing(**values: Any) -> Standing:  # noqa: ANN401  (any field)
        found = customer(scoring=scoring_row(**(full | values)))
        return assess(book(found), run_as_of(AS_OF, policy=three))[0][0].standing

    assert standing(unreadable=("referral_rate",)) is Standing.INCOMPLETE
    assert standing(unreadable=("referrals",)) is Standing.INCOMPLETE
    assert standing(unreadable=("referrals",), referral_rate=Decimal("0.2")) is Standing.GRADED


def test_a_missing_r_f_or_m_is_incomplete() -> None:
    found = graded(spend_12m=None)
    assert found.grade == "待补充资料"
    assert "缺少消费金额" in found.reasons[0]


def test_a_customer_that_never_bought_is_served_as_the_policy_says() -> None:
    found = assessed(customer(profile=profile(intent="高")), kinds=("profile", "order"))
    assert (found.standing, found.grade, found.tier) == (Standing.UNSOLD, "未成交", "普通客户")
    assert {item.action for item in found.due} == {"意向跟进", "档案复核"}


@pytest.mark.parametrize(
    ("values", "previous", "movement"),
    [
        ({"grade": None}, None, Movement.NEW),
        ({"grade": "重点客户"}, "重点客户", Movement.UP),
        ({"grade": "VIP客户"}, "VIP客户", Movement.SAME),
        ({"grade": "未成交"}, "未成交", Movement.NEW),
        ({"grade": "A类"}, "A类", None),
        ({"grade": "VIP客户", "period": "2024-03", "previous_grade": "观察客户"}, "观察客户", Movement.UP),
        ({"grade": "VIP客户", "period": "2024-03", "previous_grade": None}, None, Movement.NEW),
        ({"grade": "VIP客户", "period": "2024-02", "previous_grade": "观察客户"}, "VIP客户", Movement.SAME),
    ],
)
def test_the_movement_compares_with_the_period_before_never_with_a_rerun(
    values: dict[str, Any], previous: str | None, movement: Movement | None
) -> None:
    found = graded(**values)
    assert (found.previous_grade, found.movement) == (previous, movement)


def test_a_fall_is_a_fall() -> None:
    assert graded(grade="VIP客户", spend_12m=Decimal(1)).movement is Movement.DOWN


def test_a_valid_override_outranks_the_score_and_says_so() -> None:
    found = assessed(customer(scoring=scoring_row(**A), overrides=(override(),)))
    assert (found.grade, found.tier, found.score.total) == ("普通客户", "普通客户", Decimal("92.0"))
    assert found.reasons[0].startswith("人工调整为普通客户")
    assert found.override is not None


@pytest.mark.parametrize(
    "values",
    [
        {"reason": None},
        {"auditor": None},
        {"auditor": "王*"},
        {"proposer": None},
        {"expires_on": None},
        {"expires_on": date(2024, 2, 29)},
        {"grade": "铁杆客户"},
    ],
)
def test_an_override_that_lacks_anything_changes_nothing(values: dict[str, Any]) -> None:
    found = assessed(customer(scoring=scoring_row(**A), overrides=(override(**values),)))
    assert (found.grade, found.override) == ("VIP客户", None)


@pytest.mark.parametrize(
    ("values", "awaiting"),
    [
        ({}, True),
        ({"auditor": "李*", "audited_on": AS_OF}, False),
        ({"auditor": "张*", "audited_on": AS_OF}, True),
        ({"auditor": "李*"}, True),
    ],
)
def test_a_tier_awaits_audit_until_another_person_signed(values: dict[str, Any], awaiting: bool) -> None:  # noqa: FBT001
    found = graded(**values)
    assert found.awaiting_audit is awaiting
    assert ("待审核" in found.reasons) is awaiting


def test_who_has_no_tier_awaits_no_audit() -> None:
    found = graded(spend_12m=None)
    assert found.standing is Standing.INCOMPLETE
    assert not found.awaiting_audit


def ruled(effect: str) -> Policy:
    policy = standard()
    rules = [rule.model_copy(update={"effect": effect}) for rule in policy.tier_rules.rules]
    return policy.model_copy(update={"tier_rules": policy.tier_rules.model_copy(update={"rules": tuple(rules)})})


@pytest.mark.parametrize(("effect", "grade"), [("提示", "VIP客户"), ("降一级", "重点客户"), ("封顶最低级", "观察客户")])
def test_a_rule_after_the_score_reminds_or_moves_as_the_policy_says(effect: str, grade: str) -> None:
    complained = customer(scoring=scoring_row(**(A | {"complaints_12m": Decimal(3)})))
    calm = customer(scoring=scoring_row(**(A | {"complaints_12m": Decimal(2)})))
    found = []
    for one in (complained, calm):
        results, _ = assess(book(one), run_as_of(AS_OF, policy=ruled(effect)))
        found.append(results[0])
    assert (found[0].grade, found[1].grade) == (grade, "VIP客户")
    assert any("“多次投诉”" in reason for reason in found[0].reasons)
    assert not any("等级规则" in reason for reason in found[1].reasons)


def test_rows_after_the_date_are_not_counted_and_that_is_said() -> None:
    later = customer(
        profile=profile(),
        orders=(order("2024-02-01", 5), order("2024-03-02", 7)),
        follow_ups=(contact("2024-03-09", row=3),),
    )
    results, problems = assess(book(later, kinds=("order",)), run_as_of(AS_OF))
    assert results[0].measures.spend_12m == 5
    assert [(entry.kind, entry.what) for entry in problems] == [
        ("records-later", "有 2 行的日期晚于评估日 2024-03-01，这次没有算进去")
    ]


def test_order_of_customers_is_the_books_and_each_stands_alone() -> None:
    one = customer(scoring=scoring_row(**A))
    two = Customer("C002", "乙公司", scoring=scoring_row("C002", **(A | {"spend_12m": Decimal(1)})))
    alone = [assessed(entry).grade for entry in (one, two)]
    results, _ = assess(book(two, one), run_as_of(AS_OF))
    assert [entry.grade for entry in results] == alone[::-1]
