"""客户终身价值 by the handbook's formula (practice §3): the product of its inputs, each with where it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.assess.figures import lifetime_value
from sheetcrm.assess.figures.lifetime_value import Kept
from sheetcrm.assess.words import explanation
from sheetcrm.model import Assessment, Classification, Customer, Lifetime, Measures, Past, Ratio
from sheetcrm.policy.loading import standard, standard_text
from sheetcrm.policy.model import Policy
from sheetcrm.report.packs.kinds import GROWTH, KINDS, LETTER, RENEWAL, Wanted
from sheetcrm.runs.packs import lay_out
from sheetcrm.runs.prepare import Plan, prepare
from sheetcrm.store.files.inputs import gather
from tests.making import order
from tests.reporting import AS_OF, assessment, figures
from tests.values import replace, run_as_of, run_in

STANDARD = standard()
NOBODY = Kept({}, "")
CODE = "C2024001"


def assuming(rate: str | None) -> Policy:
    value = Decimal(rate) if rate else None
    return STANDARD.model_copy(update={"measures": STANDARD.measures.model_copy(update={"retention_assumed": value})})


def worth(
    others: Kept = NOBODY,
    *,
    assumed: str | None = None,
    orders: tuple[tuple[str, int], ...] = (),
    grade: str = "VIP客户",
    **measures: Any,  # noqa: ANN401
) -> Lifetime:
    known: dict[str, Any] = {"spend_12m": Decimal(120_000), "tenure_months": 31} | measures
    placed = tuple(order(day, amount) for day, amount in orders)
    entry = replace(
        assessment(grade=grade),
        customer=Customer("C001", "甲公司", orders=placed),
        measures=Measures(**known),
    )
    return lifetime_value.lifetime(entry, run_as_of(AS_OF, policy=assuming(assumed)), others)


def test_it_is_the_product_of_its_inputs_as_they_are_shown() -> None:
    found = worth(assumed="0.9")
    assert (found.yearly_spend, found.years, found.retention) == (120_000, Decimal("2.58"), Decimal("0.9"))
    assert found.value == Decimal(120_000) * Decimal("2.58") * Decimal("0.9")
    assert explanation.say_lifetime(found) == (
        "278,640元",
        "年均消费12万元（近12个月） × 合作年限2.58年 × 留存率90%（策略设定）；不是预测",
    )


@pytest.mark.parametrize(
    ("first", "spend", "basis"),
    [
        ("2024-10-31", "250", "近2年平均"),
        ("2024-11-01", "120000", "近12个月"),
        ("2023-10-31", "166.67", "近3年平均"),
    ],
    ids=["two years to the day", "a day short of two", "three years"],
)
def test_the_yearly_spend_is_the_mean_of_the_whole_years_on_record(first: str, spend: str, basis: str) -> None:
    found = worth(orders=((first, 1), ("2025-03-01", 300), ("2026-10-31", 200), ("2026-11-01", 9)))
    assert (found.spend_basis, found.yearly_spend) == (basis, Decimal(spend))


def test_what_lacks_is_named_and_there_is_no_value() -> None:
    found = worth(spend_12m=None, tenure_months=None)
    assert (found.value, found.missing) == (None, ("年均消费", "合作年限", "留存率"))
    value, said = explanation.say_lifetime(worth())
    assert value == "无数据"
    assert said == "缺少留存率：年均消费12万元（近12个月） × 合作年限2.58年 × 留存率无数据"
    assert worth(assumed="0").value == 0


def test_retention_is_the_tiers_else_the_books_else_the_policys() -> None:
    others = Kept({"VIP客户": Ratio(3, 4), "": Ratio(9, 10)}, "2026-09")
    own, book = worth(others, assumed="0.5"), worth(others, assumed="0.5", grade="普通客户")
    assert (own.retention, own.retention_basis) == (Decimal("0.75"), "VIP客户2026-09以来 3/4")
    assert (book.retention, book.retention_basis) == (Decimal("0.9"), "全部客户2026-09以来 9/10")
    assert worth(assumed="0.5").retention == Decimal("0.5")


def test_who_stayed_is_counted_by_the_tier_the_period_began_with() -> None:
    def entry(code: str, before: str, now: str) -> Assessment:
        history[code] = Past("2026-09", before, None, None, {"合作阶段": "稳定客户"})
        return assessment(code, classes=(Classification("合作阶段", now, "", ""),))

    history: dict[str, Past] = {}
    entries = [
        entry("C001", "VIP客户", "稳定客户"),
        entry("C002", "VIP客户", "流失客户"),
        entry("C003", "普通客户", "稳定客户"),
        assessment("C004"),
    ]
    found = lifetime_value.kept(entries, history, standard().roles)
    assert found == Kept({"VIP客户": Ratio(1, 2), "": Ratio(2, 3), "普通客户": Ratio(1, 1)}, "2026-09")


def test_the_report_states_the_mean_of_a_tier_of_those_that_have_one() -> None:
    def entry(code: str, spend: int | None, months: int, grade: str = "VIP客户") -> Assessment:
        history[code] = Past("2026-09", grade, None, None, {"合作阶段": "稳定客户"})
        measures = Measures(spend_12m=None if spend is None else Decimal(spend), tenure_months=months)
        classes = (Classification("合作阶段", "稳定客户", "", ""),)
        return replace(assessment(code, grade), measures=measures, classes=classes)

    history: dict[str, Past] = {}
    entries = [
        entry("C001", 100_000, 24),  # 10 万 x 2 x 100 %
        entry("C002", 50_000, 12),  # 5 万 x 1 x 100 %
        entry("C003", None, 12),
        entry("C004", 10_000, 36, "普通客户"),
    ]
    found = figures(entries, history=history)
    stated = {group.name: group.figures["lifetime"] for group in (*found.tiers, found.total)}
    vip = stated["VIP客户"]
    assert (vip.value, vip.n, vip.total) == (Decimal(125_000), 2, 3)
    assert stated["普通客户"].value == Decimal(30_000)
    assert (stated["合计"].value, stated["合计"].n) == (Decimal(280_000) / 3, 3)
    assert stated["重点客户"].value is None


def test_explain_says_it_with_its_inputs(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    sample = Path(__file__).parent.parent / "input"
    arguments = ["explain", CODE, str(sample), "--period", "2026-10"]
    said = run(*arguments)[1]
    assert "客户终身价值（手册公式）：无数据（缺少留存率：年均消费" in said
    assert "预测" not in said
    policy = tmp_path / "策略.toml"
    policy.write_text(
        "\n".join(
            line.removeprefix("# ") if line.startswith("# retention_assumed") else line
            for line in standard_text().splitlines()
        ),
        encoding="utf-8",
    )
    found = json.loads(run(*arguments, "--json", "--policy", str(policy))[1])["lifetime"]
    assert found["retention_basis"] == "策略设定"
    assert found["value"] == pytest.approx(found["yearly_spend"] * found["years"] * 0.9, abs=0.01)


@pytest.fixture(scope="module")
def plan() -> Plan:
    sample = Path(__file__).parent.parent / "input"
    october = run_in("2026-10", today=date(2026, 11, 21), policy=assuming("0.9"))
    return prepare(gather([sample], output=None), october)


def test_the_packs_that_speak_of_value_print_it(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {GROWTH, RENEWAL} <= set(KINDS)
    made = lay_out(plan, Wanted(kinds=frozenset({RENEWAL})))
    assert made.jobs
    for job in made.jobs:
        assert "客户终身价值<br>（手册公式，不是预测）" in job.html
        assert "留存率 90.0%（策略设定）" in job.html

    def refuse(*_given: object, **_named: object) -> Lifetime:
        raise AssertionError("nobody asked")

    monkeypatch.setattr(lifetime_value, "lifetime", refuse)
    read_by_customers = lay_out(plan, Wanted(kinds=frozenset({LETTER, GROWTH}))).jobs
    assert read_by_customers
    assert not any("终身价值" in job.html for job in read_by_customers)
