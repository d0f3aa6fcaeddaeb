"""The policy as a workbook: what is written is read back, and what is wrong is named by its cell."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from sheetcrm import schema
from sheetcrm.cli.options import load_policy
from sheetcrm.errors import PolicyError, WorkbookError
from sheetcrm.excel.books.policy_book import GUIDE, MEASURES, policy_book
from sheetcrm.policy import layout, loading, sheetreading, sheets
from sheetcrm.policy.model import AlertRule, Policy

STANDARD = loading.standard()


@pytest.fixture(scope="module")
def exported() -> bytes:
    return policy_book(STANDARD)


@pytest.fixture
def file(tmp_path: Path, exported: bytes) -> Path:
    path = tmp_path / "策略.xlsx"
    path.write_bytes(exported)
    return path


def back(policy: Policy) -> Policy:
    return sheetreading.read(sheets.write(policy), source="test", describe=lambda *place: str(place))


# --- nothing is lost ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", loading.PRESETS)
def test_an_exported_policy_reads_back_as_the_same_policy_and_exports_the_same_bytes(name: str, tmp_path: Path) -> None:
    policy = loading.preset(name)
    path = tmp_path / "策略.xlsx"
    path.write_bytes(policy_book(policy))
    found = load_policy(path)
    assert found == policy
    assert found.sha256 == policy.sha256
    assert policy_book(found) == path.read_bytes()


def leaves(value: Any, at: tuple[int | str, ...] = ()) -> Iterator[tuple[tuple[int | str, ...], Any]]:  # noqa: ANN401
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*at, key))
    elif isinstance(value, list | tuple):
        for index, below in enumerate(value):
            yield from leaves(below, (*at, index))
    else:
        yield at, value


def put(raw: Any, at: tuple[int | str, ...], value: Any) -> None:  # noqa: ANN401
    for key in at[:-1]:
        raw = raw[key]
    raw[at[-1]] = value


def listed(value: Any) -> Any:  # noqa: ANN401  (tuples become lists, so that they can be changed)
    if isinstance(value, dict):
        return {key: listed(below) for key, below in value.items()}
    return [listed(below) for below in value] if isinstance(value, list | tuple) else value


_TEXT = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="_"), min_size=1, max_size=12)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw a policy: a preset, with some leaves changed to whatever still holds together."""
    raw = listed(loading.preset(draw(st.sampled_from(list(loading.PRESETS)))).model_dump())
    found = [(at, value) for at, value in leaves(raw) if value is not None]
    for at, value in draw(st.lists(st.sampled_from(found), max_size=8)):
        if isinstance(value, bool):
            put(raw, at, not value)
        elif isinstance(value, Decimal | int):
            put(raw, at, draw(st.one_of(st.integers(0, 100).map(Decimal), st.decimals(0, 1, places=4))))
        elif isinstance(value, str):
            put(raw, at, draw(_TEXT))
    raw["holidays"] = draw(st.dictionaries(st.dates(), st.sampled_from("休班"), max_size=4))
    try:
        return loading.check(raw, source="test")
    except PolicyError:
        assume(False)  # noqa: FBT003
        raise


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
@given(policy=policies())
def test_any_policy_reads_back_from_its_sheets(policy: Policy) -> None:
    assert back(policy) == policy
    assert back(policy).sha256 == policy.sha256


@pytest.mark.slow
@settings(max_examples=4, suppress_health_check=list(HealthCheck), deadline=None)
@given(policy=policies())
def test_any_policy_reads_back_from_its_workbook(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("policy") / "策略.xlsx"
    path.write_bytes(policy_book(policy))
    found = load_policy(path)
    assert found == policy
    assert policy_book(found) == path.read_bytes()


def test_the_toml_file_and_the_workbook_are_the_same_policy_to_a_run(file: Path, tmp_path: Path) -> None:
    text = tmp_path / "策略.toml"
    text.write_text(loading.standard_text(), encoding="utf-8")
    assert load_policy(text).sha256 == load_policy(file).sha256


def test_another_programs_copy_reads_the_same(file: Path) -> None:
    openpyxl.load_workbook(file).save(file)
    assert load_policy(file) == STANDARD


def test_rows_columns_and_headings_of_ones_own_change_nothing(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    at = sheet(book, "等级")
    at.insert_rows(1, 2)
    at["A1"] = "我们的等级，2026 年 3 月定"
    at.insert_cols(2)
    at["B3"] = "我的备注"
    at["B4"] = "老客户多"
    sheet(book, "基本").insert_rows(5)
    book.create_sheet("草稿")["A1"] = "随便写"
    book.save(file)
    assert load_policy(file) == STANDARD


# --- what people change ------------------------------------------------------------------------------


def sheet(book: Workbook, title: str) -> Worksheet:
    found = book[title]
    assert isinstance(found, Worksheet)
    return found


def renewal(policy: Policy) -> AlertRule:
    return next(rule for rule in policy.alerts.rules if rule.code == "续约")


def columns(at: Worksheet) -> dict[str, str]:
    """List the letters of the columns by their headers."""
    return {str(cell.value): get_column_letter(index) for index, cell in enumerate(at[1], start=1)}


def cell_of(at: Worksheet, *names: str, column: str) -> str:
    """Find the address in a column of the row that begins with these names."""
    header = columns(at)
    for row in at.iter_rows(min_row=2, max_col=len(names)):
        if [str(cell.value) for cell in row] == list(names):
            return f"{header[column]}{row[0].row}"
    raise AssertionError(names)


def edited(file: Path, title: str, *names: str, column: str, value: object) -> str:
    """Change one cell, and give its address."""
    book = openpyxl.load_workbook(file)
    at = sheet(book, title)
    address = cell_of(at, *names, column=column)
    at[address] = value  # type: ignore[assignment]
    book.save(file)
    return f"策略.xlsx!{title}!{address}"


@pytest.mark.parametrize(
    ("title", "names", "column", "value", "take", "expected"),
    [
        ("评分卡", ("标准五项", "行业潜力"), "权重", 25, lambda p: p.card.indicators[3].weight, 25),
        ("评分卡", ("标准五项", "行业潜力"), "权重", "２５", lambda p: p.card.indicators[3].weight, 25),
        ("评分档", ("标准五项", "消费金额", ">0"), "得分", 25, lambda p: p.card.indicators[2].bands[3].points, 25),
        ("等级", ("VIP客户",), "起点分", 88.5, lambda p: p.tiers[0].floor, Decimal("88.5")),
        ("等级", ("VIP客户",), "参考占比", "12%", lambda p: p.tiers[0].share, Decimal("0.12")),
        ("等级", ("VIP客户",), "逾期上报", "主管 2天；总监5", lambda p: p.tiers[0].escalation[1].days, 5),
        ("服务标准", ("VIP客户",), "首次响应(小时)", None, lambda p: p.tiers[0].standard.first_response_hours, None),
        ("服务标准", ("VIP客户",), "权益", "甲、乙，丙\n丁", lambda p: len(p.tiers[0].standard.benefits), 4),
        ("分类规则", ("价值", "高"), "条件1", "≥４０万", lambda p: p.classes[0].rules[1].when["spend_12m"], "≥４０万"),
        ("分类规则", ("价值", "其余"), "结果", "没有归类", lambda p: p.classes[0].default, "没有归类"),
        ("预警规则", ("续约",), "限几天", "20", lambda p: renewal(p).days, 20),
        ("预警规则", ("续约",), "触发重评", "√", lambda p: renewal(p).regrade, True),
        ("信号词", ("竞品",), "词", "比价", lambda p: p.signals.words["竞品"], ("比价",)),
        ("跟进节奏", ("常规沟通",), "间隔", "30天", lambda p: p.cadence[4].interval, (0, 30)),
        ("基本", ("按名额定级",), "取值", "是", lambda p: p.scoring.quota, True),
        ("基本", ("等级何时变动",), "取值", "到期才变", lambda p: p.scoring.tier_moves, "when_due"),
        ("基本", ("核对容差",), "取值", "2%", lambda p: p.reading.mismatch_tolerance, Decimal("0.02")),
    ],
)  # fmt: skip
def test_a_changed_cell_is_a_changed_policy(
    file: Path,
    title: str,
    names: tuple[str, ...],
    column: str,
    value: object,
    take: Callable[[Policy], Any],
    expected: object,
) -> None:
    edited(file, title, *names, column=column, value=value)
    assert take(load_policy(file)) == expected


def test_a_rule_is_added_by_typing_a_row(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    at = sheet(book, "预警规则")
    row = at.max_row + 1
    typed = {
        "规则": "大额退款",
        "指标1": "客户等级",
        "条件1": "VIP客户,重点客户",
        "指标2": "本期投诉次数",
        "条件2": ">=2",
    }
    for label, value in (typed | {"级别": "高", "处理措施": "当天回访", "责任人": "客服主管", "限几天": 1}).items():
        at[f"{columns(at)[label]}{row}"] = value  # type: ignore[assignment]
    book.save(file)
    rule = load_policy(file).alerts.rules[-1]
    assert (rule.code, rule.when) == ("大额退款", {"tier": "VIP客户,重点客户", "complaints_period": ">=2"})


def test_a_holiday_is_a_day_of_the_policy(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    at = sheet(book, "节假日")
    at.append(["2027-01-04", "休", "公司周年"])
    at.append(["2027年1月9日", "班"])
    book.save(file)
    assert {day.isoformat(): kind for day, kind in load_policy(file).holidays.items()} == {
        "2027-01-04": "休",
        "2027-01-09": "班",
    }


# --- what is wrong is named by its cell --------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "names", "column", "value", "said"),
    [
        ("评分卡", ("标准五项", "行业潜力"), "权重", "很重", "“很重”不是数值"),
        ("评分卡", ("标准五项", "行业潜力"), "权重", 0, "要大于 0"),
        ("评分卡", ("标准五项", "行业潜力"), "权重", None, "缺少这一项"),
        ("评分卡", ("标准五项", "行业潜力"), "取数", "行业增速度", "没有“行业增速度”，是不是“行业增速”"),
        ("评分卡", ("标准五项", "行业潜力"), "取数", "已成交", "“已成交”不是可以评分的指标"),
        ("评分卡", ("标准五项", "行业潜力"), "空白时", "随便", "没有“随便”，可以写不评分、按其余折算、取中性分"),
        ("评分档", ("标准五项", "消费金额", ">=500000"), "得分", 500, "不能大于 100"),
        ("评分档", ("标准五项", "消费金额", ">=500000"), "条件", ">=很多", "读不出数值"),
        ("评分档", ("标准五项", "行业潜力", "高"), "条件", "很高", "没有“很高”这个值"),
        ("评分档", ("标准五项", "消费金额", ">=500000"), "指标", "消费", "里没有指标“消费”"),
        ("等级", ("重点客户",), "起点分", 95, "要小于VIP客户的 90"),
        ("等级", ("重点客户",), "起点分", None, "每个等级都要写起点分"),
        ("等级", ("重点客户",), "参考占比", 20, "请写成 20% 或小数"),
        ("等级", ("重点客户",), "逾期上报", "主管", "请写成“主管 3天、总监 7天”"),
        ("等级", ("重点客户",), "典型年消费", "[5..1)", "下限大于上限"),
        ("服务标准", ("重点客户",), "折扣", "一成", "“一成”不是数值"),
        ("服务标准", ("重点客户",), "等级", "铁杆客户", "“等级”里没有“铁杆客户”"),
        ("分类规则", ("价值", "高"), "指标1", "年消费", "没有“年消费”"),
        ("分类规则", ("价值", "高"), "条件1", "", "写了“指标1”，“条件1”也要写"),
        ("分类规则", ("价值", "高"), "条件1", "<100万", "规则“低”永远轮不到"),
        ("分类规则", ("战略层级", "标杆"), "条件1", "也许", "没有“也许”这个值"),
        ("预警规则", ("续约",), "级别", "紧急", "只能是"),
        ("预警规则", ("续约",), "限几天", 1.5, "不是整数"),
        ("健康度", ("重度",), "结果", "紫", "结果只能是"),
        ("健康度指标", ("满意度",), "不良条件", "差", "它是数值"),
        ("跟进节奏", ("深度沟通",), "适用", "VIP", "没有“VIP”这个标签"),
        ("跟进节奏", ("深度沟通",), "间隔", "常常", "写法不对"),
        ("基本", ("使用的评分卡",), "取值", "没有的卡", "没有名为“没有的卡”的评分卡"),
        ("基本", ("按名额定级",), "取值", "也许", "读不出是或否"),
    ],
)
def test_a_wrong_cell_is_named(
    file: Path, title: str, names: tuple[str, ...], column: str, value: object, said: str
) -> None:
    address = edited(file, title, *names, column=column, value=value)
    with pytest.raises(PolicyError, match=said) as caught:
        load_policy(file)
    if "轮不到" not in said:
        assert f"{address}：" in caught.value.what


def test_every_wrong_cell_is_named_at_once(file: Path) -> None:
    places = [
        edited(file, "评分卡", "标准五项", "行业潜力", column="权重", value="很重"),
        edited(file, "等级", "VIP客户", column="参考占比", value="很多"),
        edited(file, "预警规则", "续约", column="限几天", value="几天"),
    ]
    with pytest.raises(PolicyError) as caught:
        load_policy(file)
    assert "3 处" in caught.value.what
    assert all(place in caught.value.what for place in places)


@pytest.mark.parametrize("title", [entry.title for entry in layout.SHEETS])
def test_a_missing_sheet_is_named_unless_it_may_be_absent(file: Path, title: str) -> None:
    book = openpyxl.load_workbook(file)
    del book[title]
    book.save(file)
    optional = (
        *(layout.ROLES, layout.ROUTINES, layout.TARGETS, layout.PROMISES),
        *(layout.HOLIDAYS, layout.HEADERS, layout.WORDS),
    )
    if title in {entry.title for entry in optional}:
        assert load_policy(file).tiers == STANDARD.tiers
    else:
        with pytest.raises(PolicyError, match=f"策略.xlsx!{title}"):
            load_policy(file)


def test_a_missing_column_and_a_missing_line_are_named(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    sheet(book, "等级")["C1"] = "占比吧"
    sheet(book, "基本").delete_rows(4)
    book.save(file)
    with pytest.raises(PolicyError) as caught:
        load_policy(file)
    assert "策略.xlsx!等级!1:1：缺少“参考占比”这一列" in caught.value.what
    assert "策略.xlsx!基本：缺少“客户编号格式”这一行" in caught.value.what


def test_errors_and_formulas_nobody_computed_are_named(file: Path) -> None:
    place = edited(file, "等级", "VIP客户", column="起点分", value="=80+10")
    with pytest.raises(PolicyError, match="公式还没有算出结果") as caught:
        load_policy(file)
    assert place in caught.value.what


def test_a_file_that_is_no_workbook_is_refused_for_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "策略.xlsx"
    path.write_bytes(b"name = 1")
    with pytest.raises(WorkbookError):
        load_policy(path)


# --- how it looks ------------------------------------------------------------------------------------


def test_every_sheet_is_frozen_prints_its_header_on_a4_and_fits_its_columns(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == [GUIDE, *(entry.title for entry in layout.SHEETS), MEASURES]
    for entry in layout.SHEETS:
        at = sheet(book, entry.title)
        assert at.freeze_panes not in (None, "A1")
        assert at.print_title_rows == "$1:$1"
        assert at.page_setup.paperSize == 9
        assert at.auto_filter.ref
        for label, letter in columns(at).items():
            wide = sum(1 if char.isascii() else 2 for char in label)
            lines = -(-wide // int(at.column_dimensions[letter].width))
            assert lines * 15 <= (at.row_dimensions[1].height or 0)


def test_the_fields_a_header_may_stand_for_are_a_drop_down(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    (rule,) = [
        one
        for one in sheet(book, "表头对照").data_validations.dataValidation
        if one.type == "list" and "C2" in one.sqref
    ]
    source = str(rule.formula1).lstrip("=").split("!")[1].replace("$", "")
    offered = [cell.value for (cell,) in sheet(book, MEASURES)[source]]
    assert offered == [schema.UNUSED, *schema.mappable_labels()]


def test_drop_downs_offer_what_may_be_written(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    at = sheet(book, "分类规则")
    header = columns(at)
    rules = {str(rule.sqref).split(":")[0]: rule for rule in at.data_validations.dataValidation}
    assert rules[f"{header['指标1']}2"].formula1.startswith(f"'{MEASURES}'!")
    listed = {str(cell.value) for cell in sheet(book, MEASURES)["A"]}
    used = {row[0].value for row in at.iter_rows(min_row=2, min_col=3, max_col=3) if row[0].value}
    assert used <= listed
    basics = sheet(book, "基本")
    place = cell_of(basics, "使用的评分卡", column="取值")
    offered = {str(rule.sqref): rule.formula1 for rule in basics.data_validations.dataValidation}
    assert offered[place] == '"标准五项,三维度"'


def test_a_workbook_holds_no_formula(file: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()))
    assert not [cell for at in book for row in at.iter_rows() for cell in row if cell.data_type == "f"]
