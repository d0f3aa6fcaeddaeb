"""The policy that ships, and what is refused of another."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from sheetcrm.errors import PolicyError
from sheetcrm.policy import loading as policies
from sheetcrm.policy.conditions import compile_condition

RAW = tomllib.loads(policies.standard_text(), parse_float=Decimal)


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    raw = copy.deepcopy(RAW)
    change(raw)
    return raw


def test_the_standard_policy_holds_the_practices_figures() -> None:
    policy = policies.standard()
    assert [(tier.name, tier.floor, tier.share) for tier in policy.tiers] == [
        ("VIP客户", 90, Decimal("0.1")),
        ("重点客户", 70, Decimal("0.2")),
        ("普通客户", 50, Decimal("0.5")),
        ("观察客户", 0, Decimal("0.2")),
    ]
    assert [indicator.weight for indicator in policy.card.indicators] == [20, 15, 35, 15, 15]
    assert [tier.standard.first_response_hours for tier in policy.tiers] == [4, 8, 24, 48]
    assert [tier.standard.resolution_hours for tier in policy.tiers] == [4, 24, 48, None]


def set_in(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        place: Any = raw
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


INDICATOR = ("scorecards", 0, "indicators", 0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (set_in(*INDICATOR, "weight", value=0), r"scorecards\[1\]\.indicators\[1\]\.weight"),
        (set_in(*INDICATOR, "weight", value=-5), "要大于 0"),
        (set_in(*INDICATOR, "bands", 0, "when", value="大概"), "条件方向|每一档"),
        (set_in(*INDICATOR, "bands", 0, "when", value="<=40"), "从最好排到最差"),
        (set_in(*INDICATOR, "bands", 1, "when", value=">=30"), "方向要一致"),
        (set_in(*INDICATOR, "bands", 0, "points", value=80), "递减"),
        (set_in(*INDICATOR, "otherwise", value=None), "空档"),
        (set_in(*INDICATOR, "scale", value=100), "要且只要写一个"),
        (set_in("tiers", 1, "floor", value=95), "从高到低"),
        (set_in("tiers", 3, "floor", value=10), "起点分要是 0"),
        (set_in("tiers", 1, "name", value="VIP客户"), "有重复"),
        (set_in("scoring", "card", value="没有的卡"), "没有的卡"),
        (set_in("scoring", "unsold_served_as", value="铁杆客户"), "铁杆客户"),
        (set_in("scoring", "extra", value=1), "没有这个键"),
        (set_in("reading", "customer_id_pattern", value="("), "正则"),
        (set_in("reading", "customer_number", value="KH-{year}"), "以 {serial}"),
        (set_in("reading", "customer_number", value="KH-{day}{serial}"), "只能写 year"),
        (set_in("reading", "customer_number", value="KH-{serial:x}"), "位数"),
        (set_in("reading", "customer_number", value="KH {serial:03}"), "空格"),
        (set_in("reading", "customer_number", value="KH-{year"), "customer_number"),
        (set_in("cadence", 0, "every", value="常常"), "写法不对"),
    ],
)
def test_a_policy_that_does_not_hold_together_is_refused_and_the_key_named(
    change: Callable[[dict[str, Any]], None], named: str
) -> None:
    with pytest.raises(PolicyError, match=named):
        policies.check(changed(change), source="我的策略.toml")


def test_every_fault_is_named_at_once() -> None:
    raw = changed(set_in("scoring", "neutral_points", value=500))
    raw["tiers"][0]["colour"] = "red"
    with pytest.raises(PolicyError) as caught:
        policies.check(raw, source="我的策略.toml")
    assert "2 处" in caught.value.what


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(PolicyError, match="TOML"):
        policies.load("name = ", source="坏.toml")


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        (">=500000", [500000, Decimal("500000.00")], [Decimal("499999.99"), None, "500000", True]),
        (">=50万", [500000], [499999]),
        ("<15%", [Decimal("0.149")], [Decimal("0.15")]),
        ("[6..24)", [6, 23], [5, 24]),
        ("(0..1]", [1, Decimal("0.01")], [0, 2]),
        ("是", [True, "是"], [False, None]),
        ("否", [False], [True, None]),
        ("高,中", ["高", "中"], ["低", None]),
        ("不是 流失", ["稳定"], ["流失", None]),
        ("包含 考虑竞品|竞品报价", ["客户考虑竞品报价"], ["没有", None]),
        ("空", [None], [0, ""]),
        ("非空", [0, ""], [None]),
        ("-", [None, 0, "x"], []),
        ("12", [12, Decimal("12.0")], [11]),
    ],
)
def test_a_condition_means_what_it_says(text: str, yes: list[Any], no: list[Any]) -> None:
    condition = compile_condition(text)
    assert [value for value in yes if not condition(value)] == []
    assert [value for value in no if condition(value)] == []


@pytest.mark.parametrize("text", [">=很多", "[24..6)", "包含", ">"])
def test_a_condition_nobody_can_tell_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        compile_condition(text)
