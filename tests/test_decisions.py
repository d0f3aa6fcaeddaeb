"""Decision tables: what they decide, and what is refused of them when they are loaded (DMN; practice §6, §7)."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.errors import PolicyError
from sheetcrm.policy import loading
from sheetcrm.policy.conditions import Interval, MeasureValue, compile_condition
from sheetcrm.policy.tables import DecisionTable, Likeness, OutcomeRule, Rule, covered

RAW = tomllib.loads(loading.standard_text(), parse_float=Decimal)


def rule(code: str, outcome: str = "甲", **when: str) -> dict[str, Any]:
    return {"code": code, "when": when, "outcome": outcome}


def refused(*rules: dict[str, Any], default: str | None = "其他") -> str:
    """Load the standard policy with one more classification, and give what is said of it."""
    raw = copy.deepcopy(RAW)
    raw["classes"].append({"name": "试", "rules": list(rules)} | ({"default": default} if default else {}))
    try:
        loading.check(raw, source="test")
    except PolicyError as error:
        return error.what
    return ""


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([rule("规则一", spend="<5")], "规则“规则一”用了这里没有的指标“spend”"),
        ([rule("规则一", risk="重度")], "规则“规则一”用了这里没有的指标“风险等级”"),
        ([rule("规则一", managers_in_period=">=2")], "这里没有的指标“本期对接客户经理数”"),
        ([rule("规则一", 试="甲")], "这里没有的指标“试”"),
        ([rule("规则一", bought=">3")], "规则“规则一”的条件“>3”不适合“已成交”：它不是数值"),
        ([rule("规则一", bought="也许")], "没有“也许”这个值，可以写否、是"),
        ([rule("规则一", spend_12m="高")], "条件“高”不适合“近12个月消费金额”：它是数值"),
        ([rule("规则一", spend_12m="包含 高")], "它是数值"),
        ([rule("规则一", intent="很高")], "没有“很高”这个值，可以写中、低、高"),
        ([rule("规则一", tier="白金客户")], "没有“白金客户”这个值"),
        ([rule("规则一", 价值="高價值")], "没有“高價值”这个值"),
        ([rule("规则一", 价值规则="总计")], "没有“总计”这个值"),
        ([rule("规则一", spend_12m="<5"), rule("规则一", spend_12m=">9")], "规则编号“规则一”出现了不止一次"),
    ],
)
def test_a_rule_that_asks_for_what_cannot_be_is_refused_and_named(rules: list[dict[str, Any]], said: str) -> None:
    assert said in refused(*rules)


@pytest.mark.parametrize(
    ("earlier", "late"),
    [
        ({"spend_12m": ">=100"}, {"spend_12m": ">=500"}),
        ({"spend_12m": ">=100"}, {"spend_12m": "[100..200)"}),
        ({"spend_12m": ">=100"}, {"spend_12m": ">100"}),
        ({"spend_12m": ">=100"}, {"spend_12m": ">=500", "bought": "是"}),
        ({"intent": "高,中"}, {"intent": "中"}),
        ({"intent": "不是 高"}, {"intent": "中,低"}),
        ({"need": "非空"}, {"need": "包含 自动化"}),
        ({"need": "-"}, {"intent": "高"}),
        ({}, {"intent": "高"}),
        ({"spend_12m": ">=1万"}, {"spend_12m": "12000"}),
    ],
)
def test_a_row_that_an_earlier_one_forestalls_is_refused(earlier: dict[str, str], late: dict[str, str]) -> None:
    assert "规则“后”永远轮不到，前面的“前”已经把它包含在内" in refused(rule("前", **earlier), rule("后", **late))


def test_a_row_whose_numbers_others_take_between_them_is_refused() -> None:
    rules = [rule("小", spend_12m="<6"), rule("大", spend_12m=">=6"), rule("中", spend_12m="[3..9]", bought="是")]
    assert "规则“中”永远轮不到，前面几条已经把它的“近12个月消费金额”占满" in refused(*rules)


@pytest.mark.parametrize(
    ("earlier", "late"),
    [
        ({"spend_12m": ">=500"}, {"spend_12m": ">=100"}),
        ({"spend_12m": ">100"}, {"spend_12m": ">=100"}),
        ({"spend_12m": ">=100", "bought": "是"}, {"spend_12m": ">=500"}),
        ({"intent": "中"}, {"intent": "高,中"}),
        ({"intent": "不是 高"}, {"intent": "高,低"}),
        ({"need": "包含 自动化"}, {"need": "非空"}),
        ({"need": "非空"}, {"need": "空"}),
    ],
)
def test_a_row_that_somebody_reaches_is_accepted(earlier: dict[str, str], late: dict[str, str]) -> None:
    assert refused(rule("前", **earlier), rule("后", **late)) == ""


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        (["<6", ">=7"], "在6和7之间"),
        (["<6", ">6"], "恰好等于6的"),
        (["[0..6)", ">=6"], "小于0的"),
        (["(0..6)", ">=6"], "不大于0的"),
        (["<6", "[6..9]"], "大于9的"),
        (["<6", "[6..9)"], "不小于9的"),
        (["<6", "7", ">=8"], "在6和7之间"),
        (["[2..4]", "<6", ">=7"], "在6和7之间"),
    ],
)
def test_a_gap_in_a_table_over_one_number_is_refused(conditions: list[str], said: str) -> None:
    rules = [rule(f"第{at}", spend_12m=text) for at, text in enumerate(conditions)]
    found = refused(*rules, default=None)
    assert "“近12个月消费金额”" in found
    assert said in found
    assert refused(*rules, default="其他") == ""


@pytest.mark.parametrize(
    "conditions", [["<6", ">=6"], ["<=6", ">6"], ["<6", "6", ">6"], ["<9", ">=2"], ["<6", ">=6", "空"]]
)
def test_a_table_without_a_gap_is_accepted(conditions: list[str]) -> None:
    rules = [rule(f"第{at}", spend_12m=text) for at, text in enumerate(conditions)]
    assert refused(*rules, default=None) == ""


def test_a_table_over_several_measures_or_words_needs_no_default() -> None:
    assert refused(rule("一", spend_12m=">6"), rule("二", bought="是"), default=None) == ""
    assert refused(rule("一", intent="高"), default=None) == ""


def test_alerts_may_overlap_as_they_are_all_kept() -> None:
    raw = copy.deepcopy(RAW)
    plain = {"level": "低", "action": "看一看", "owner": "客户经理", "days": 1}
    raw["alerts"]["rules"] += [
        {"code": "甲", "when": {"spend_12m": ">1"}} | plain,
        {"code": "乙", "when": {"spend_12m": ">2"}} | plain,
    ]
    loading.check(raw, source="test")
    raw["alerts"]["rules"][-1]["when"] = {"health_bad": ">1"}
    with pytest.raises(PolicyError, match="规则“乙”用了这里没有的指标“健康度不良项数”"):
        loading.check(raw, source="test")


# --- what tables decide ------------------------------------------------------------------------------

_NUMBERS = st.decimals(-20, 20, places=1)
_FACTS = st.one_of(st.none(), st.booleans(), st.integers(-20, 20), _NUMBERS, st.sampled_from(["高", "中", "考虑竞品"]))


@st.composite
def _interval(draw: st.DrawFn) -> str:
    low, high = sorted((draw(_NUMBERS), draw(_NUMBERS)))
    if low == high:
        return f"[{low}..{high}]"
    return f"{draw(st.sampled_from('[('))}{low}..{high}{draw(st.sampled_from('])'))}"


_CONDITIONS = st.one_of(
    st.builds(lambda sign, edge: f"{sign}{edge}", st.sampled_from([">=", ">", "<=", "<"]), _NUMBERS),
    _interval(),
    st.sampled_from(["-", "空", "非空", "是", "否", "高,中", "不是 高", "包含 竞品|中", "不是 3", "3,4"]),
)


def naive(text: str, value: MeasureValue) -> bool:
    """Judge a condition by its words alone, sharing nothing with the compiled one."""
    if text in ("-", "空", "非空"):
        return text == "-" or (value is None) == (text == "空")
    if value is None:
        return False
    if text.startswith("包含 "):
        return isinstance(value, str) and any(part in value for part in text[3:].split("|"))
    if text[0] in "<>[(":
        return not isinstance(value, bool | str) and naive_number(text, Decimal(value))
    word = ("是" if value else "否") if isinstance(value, bool) else value
    listed = text.removeprefix("不是 ").split(",")
    among = any(word == part or (part.isdigit() and not isinstance(word, str) and word == int(part)) for part in listed)
    return among != text.startswith("不是")


def naive_number(text: str, number: Decimal) -> bool:
    if text[0] in "<>":
        edge = Decimal(text.lstrip("<>="))
        return (number == edge and "=" in text) or (number > edge if text[0] == ">" else number < edge)
    low, high = (Decimal(part) for part in text[1:-1].split(".."))
    return low < number < high or (number == low and text[0] == "[") or (number == high and text[-1] == "]")


_MEASURES = ("spend_12m", "intent", "bought")
_RULES = st.lists(st.dictionaries(st.sampled_from(_MEASURES), _CONDITIONS, max_size=3), min_size=1, max_size=6)
_CUSTOMERS = st.fixed_dictionaries({}, optional=dict.fromkeys(_MEASURES, _FACTS))


def table(rules: list[dict[str, str]]) -> DecisionTable[OutcomeRule]:
    listed = tuple(OutcomeRule(code=str(at), when=when, outcome=str(at)) for at, when in enumerate(rules))
    return DecisionTable[OutcomeRule](name="试", rules=listed)


@given(rules=_RULES, facts=_CUSTOMERS)
def test_first_gives_the_first_row_that_holds_and_collect_every_one(
    rules: list[dict[str, str]], facts: Mapping[str, MeasureValue]
) -> None:
    holding = [
        str(at) for at, when in enumerate(rules) if all(naive(text, facts.get(name)) for name, text in when.items())
    ]
    found = table(rules).first(facts)
    assert (found.code if found else None) == (holding[0] if holding else None)
    assert [one.code for one in table(rules).collect(facts)] == holding


@given(rules=_RULES, facts=_CUSTOMERS, seed=st.randoms(use_true_random=False))
def test_collect_does_not_care_for_the_order_of_rows(
    rules: list[dict[str, str]],
    facts: Mapping[str, MeasureValue],
    seed: Any,  # noqa: ANN401  (random.Random)
) -> None:
    listed = [Rule(code=str(at), when=when) for at, when in enumerate(rules)]
    mixed = list(listed)
    seed.shuffle(mixed)
    one, other = (DecisionTable[Rule](name="试", hit="collect", rules=tuple(rows)) for rows in (listed, mixed))
    assert {rule.code for rule in one.collect(facts)} == {rule.code for rule in other.collect(facts)}


def test_first_cares_for_the_order_of_rows() -> None:
    rows = [{"spend_12m": ">1"}, {"spend_12m": ">2"}]
    facts = {"spend_12m": Decimal(3)}
    found, turned = table(rows).first(facts), table(rows[::-1]).first(facts)
    assert (found and found.code, turned and turned.code) == ("0", "0")
    assert (found and found.when, turned and turned.when) == ({"spend_12m": ">1"}, {"spend_12m": ">2"})


def _intervals(draw: st.DrawFn) -> Interval:
    found = compile_condition(draw(_interval())).interval
    assert found is not None
    return found


_TAKEN = st.lists(st.composite(_intervals)(), max_size=5)


@given(target=st.composite(_intervals)(), others=_TAKEN, share=st.decimals(0, 1, places=3))
def test_a_covered_run_of_numbers_has_no_number_outside(
    target: Interval, others: list[Interval], share: Decimal
) -> None:
    assert target.low is not None
    assert target.high is not None
    point = target.low + (target.high - target.low) * share
    at = Interval(point, point, low_closed=True, high_closed=True)
    if covered(target, others) and at.within(target):
        assert any(at.within(entry) for entry in others)


ASKED = (
    ("a", ">=10"),
    ("a", "<6"),
    ("a", "[3..10)"),
    ("b", "(0..5]"),
    ("b", "非空"),
    ("c", "是"),
    ("d", "包含 竞品"),
    ("d", "空"),
)
VALUES = st.one_of(st.none(), st.integers(-1, 11), st.sampled_from([Decimal("9.99"), Decimal("5.01"), Decimal("0.01")]))
SEEN = st.fixed_dictionaries(
    {
        "a": VALUES,
        "b": VALUES,
        "c": st.sampled_from([None, True, False]),
        "d": st.sampled_from([None, "竞品甲", "价格"]),
    }
)


@given(one=SEEN, other=SEEN)
def test_those_who_are_alike_satisfy_the_same_conditions(
    one: dict[str, MeasureValue], other: dict[str, MeasureValue]
) -> None:
    alike = Likeness(ASKED)
    if alike.of(one) == alike.of(other):
        for name, text in ASKED:
            test = compile_condition(text).test
            assert test(one[name]) == test(other[name]), (name, text)


@pytest.mark.parametrize(("text", "edge"), [(">=10", 10), ("<6", 6), ("(0..5]", 5), ("(0..5]", 0), ("[3..10)", 3)])
def test_nobody_on_an_edge_is_like_somebody_beside_it(text: str, edge: int) -> None:
    alike = Likeness([("a", text)])
    below, on, above = (
        alike.of({"a": Decimal(edge) + step}) for step in (Decimal("-0.01"), Decimal(0), Decimal("0.01"))
    )
    assert len({below, on, above}) == 3
