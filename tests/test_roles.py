"""Roles: what figures, labels and packs ask of the classifications holds whatever these are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from sheetcrm.assess.past_names import in_names_of
from sheetcrm.cli.options import load_policy
from sheetcrm.errors import PolicyError
from sheetcrm.excel.books.policy_book import policy_book
from sheetcrm.model import Past, Terms, figure_values
from sheetcrm.policy import layout, loading, sheetreading, sheets
from sheetcrm.policy.model import Policy
from sheetcrm.report.packs.kinds import IMPROVEMENT, RENEWAL, Wanted
from sheetcrm.runs import apply, packs, prepare
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import Ledger
from tests.values import run_in

SAMPLE = Path(__file__).parent.parent / "input"
TODAY = date(2026, 11, 21)
TEXT = loading.standard_text()
KINDS = frozenset({RENEWAL, IMPROVEMENT})
RENAMINGS = {
    "an outcome of the stage": ("流失客户", "离开的客户"),
    "the stage itself": ("合作阶段", "往来阶段"),
    "an outcome of the relation": ("合作后", "到期前后"),
    "an outcome that is a prospect": ("潜在客户", "意向客户"),
    "the value itself": ("价值", "贡献"),
    "an outcome of the value": ("高价值", "甲类"),
    "the relation itself": ("关系阶段", "合同阶段"),
    "an outcome of the funnel": ("开发中", "培育中"),
    "the file class": ("档案分类", "归档类别"),
}


def named(old: str, new: str) -> Policy:
    """The standard policy with the name of a table or an outcome changed wherever it stands."""
    text = TEXT
    for ending in ('"', '规则"', ","):
        text = text.replace(f'"{old}{ending}', f'"{new}{ending}')
    return loading.load(text, source="test")


def planned(policy: Policy, period: str = "2026-10", history: Ledger | None = None) -> Plan:
    run = run_in(period, today=TODAY, policy=policy)
    return prepare.prepare(gather([SAMPLE], output=None), run, history=history)


@cache
def before() -> tuple[Plan, tuple[str, ...]]:
    plan = planned(loading.standard())
    return plan, pack_names(plan)


def pack_names(plan: Plan) -> tuple[str, ...]:
    return tuple(job.name for job in packs.lay_out(plan, Wanted(kinds=KINDS)).jobs)


@pytest.mark.parametrize("renaming", RENAMINGS)
def test_a_name_changed_throughout_the_policy_changes_nothing_else(renaming: str) -> None:
    old, new = RENAMINGS[renaming]
    standard, names = before()
    plan = planned(named(old, new))
    assert figure_values(plan.figures) == figure_values(standard.figures)
    assert plan.figures.total.figures["churned"].value == standard.figures.total.figures["churned"].value
    assert plan.lists.by_informant == standard.lists.by_informant
    assert pack_names(plan) == names
    assert sum(name.startswith(RENEWAL) for name in names) == 24
    for renamed, entry in zip(plan.assessments, standard.assessments, strict=True):
        assert [part.replace(new, old) for part in renamed.tags.split("、")] == entry.tags.split("、")
        assert [part.replace(new, old) for part in renamed.file_label.split("-")] == entry.file_label.split("-")
        assert renamed.explanation == entry.explanation
        assert [item.action for item in renamed.due] == [item.action for item in entry.due]


def test_the_sample_s_churn_rate_is_the_practice_s() -> None:
    value = before()[0].figures.total.figures["churned"].value
    assert value is not None
    assert round(value, 3) == Decimal("0.143")


# --- what a role refers to is there -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ('stage = "合作阶段"', 'stage = "阶段"', "roles.stage", "没有分类“阶段”"),
        ('value = "价值"', 'value = "贡献"', "roles.value", "没有分类“贡献”"),
        ('relation = "关系阶段"', 'relation = "x"', "roles.relation", "没有分类“x”"),
        ('lost = ["流失客户"]', 'lost = ["流失"]', "roles.lost", "分类“合作阶段”没有“流失”这个结果"),
        ('lost = ["流失客户"]', "lost = []", "roles.lost", "至少要写“合作阶段”的一个结果"),
        ('dormant = ["休眠客户"]', 'dormant = ["流失客户"]', "roles.dormant", "“流失客户”已写在 lost 里"),
        ('high_value = ["高价值"]', 'high_value = ["合作后"]', "roles.high_value", "分类“价值”没有“合作后”"),
        ('renewing = ["合作后"]', 'renewing = ["续约"]', "roles.renewing", "分类“关系阶段”没有“续约”"),
        ('labels = ["价值"', 'labels = ["等次"', "roles.labels", "没有分类“等次”"),
        ('stage = "合作阶段"', 'phase = "合作阶段"', "roles.phase", "没有这个键"),
    ],
)
def test_a_role_that_names_nothing_is_refused(old: str, new: str, place: str, what: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError) as refused:
        loading.load(TEXT.replace(old, new), source="我的策略")
    assert f"{place}：{what}" in str(refused.value)


def test_a_table_that_a_policy_does_not_have_is_said_by_a_blank_and_counts_nothing() -> None:
    text = TEXT.replace('stage = "合作阶段"', 'stage = ""').replace('"industry", "合作阶段", ', '"industry", ')
    policy = loading.load(text, source="test")
    assert back(policy) == policy
    total = planned(policy).figures.total.figures
    assert total["churned"].value is None


# --- older policies -----------------------------------------------------------------------------------


def without_roles() -> str:
    head, _, rest = TEXT.partition("\n[roles]\n")
    return head + "\n" + rest[rest.index("# --- §7 health") :]


def test_a_policy_without_roles_has_those_of_the_standard() -> None:
    assert loading.load(without_roles(), source="旧策略") == loading.standard()


def test_a_policy_without_roles_whose_names_are_others_is_told_the_line_to_add() -> None:
    with pytest.raises(PolicyError, match=r"roles\.stage：没有分类“合作阶段”；请写它现在的名称.*stage ="):
        loading.load(without_roles().replace("合作阶段", "往来阶段"), source="旧策略")
    with pytest.raises(PolicyError, match=r"roles\.lost：分类“合作阶段”没有“流失客户”.*lost ="):
        loading.load(without_roles().replace("流失客户", "离开的客户"), source="旧策略")


def test_a_policy_with_roles_of_before_the_funnel_has_the_standard_s_for_it() -> None:
    older = TEXT
    for line in ('new = ["新客户"]', 'activity = "活跃状态"', 'developing = ["开发中"]'):
        assert line in older
        older = "\n".join(row for row in older.splitlines() if not row.startswith(line))
    assert loading.load(older, source="旧策略") == loading.standard()
    with pytest.raises(PolicyError, match=r"roles\.activity：没有分类“活跃状态”；请写它现在的名称.*activity ="):
        loading.load(older.replace('"活跃状态"', '"动态"'), source="旧策略")
    with pytest.raises(PolicyError, match=r"roles\.new：分类“合作阶段”没有“新客户”.*new ="):
        loading.load(older.replace('"新客户"', '"新签"'), source="旧策略")


# --- the workbook -------------------------------------------------------------------------------------


def back(policy: Policy) -> Policy:
    return sheetreading.read(sheets.write(policy), source="test", describe=lambda *place: str(place))


@pytest.mark.parametrize("renaming", RENAMINGS)
def test_roles_come_back_from_the_workbook(renaming: str, tmp_path: Path) -> None:
    policy = named(*RENAMINGS[renaming])
    path = tmp_path / "策略.xlsx"
    path.write_bytes(policy_book(policy))
    loaded = load_policy(path)
    assert loaded == policy
    assert policy_book(loaded) == path.read_bytes()


def test_a_workbook_without_the_sheet_has_the_roles_of_the_standard() -> None:
    older = [sheet for sheet in sheets.write(loading.standard()) if sheet.title != layout.ROLES.title]
    assert sheetreading.read(older, source="test", describe=lambda *place: str(place)) == loading.standard()


def test_a_role_that_names_nothing_is_refused_by_its_cell() -> None:
    plain = []
    for sheet in sheets.write(loading.standard()):
        rows = sheet.rows
        if sheet.title == layout.ROLES.title:
            rows = {**rows, 3: {**rows[3], 2: "流失"}}
        plain.append(sheets.PlainSheet(sheet.title, rows))
    with pytest.raises(PolicyError, match="分类角色 3 2：分类“合作阶段”没有“流失”"):
        sheetreading.read(plain, source="test", describe=lambda *place: " ".join(map(str, place)))


# --- the history --------------------------------------------------------------------------------------


def past(labels: Mapping[str, str], policy: Policy | None = None) -> Past:
    return Past("2026-09", "VIP客户", None, None, labels, terms=Terms(roles=policy.roles.names if policy else {}))


def test_a_past_class_has_the_name_of_today() -> None:
    standard, renamed = loading.standard(), named("流失客户", "离开的客户")
    old = {"C1": past({"合作阶段": "流失客户", "价值": "高价值", "need_type": "x"}, standard)}
    assert in_names_of(standard, old)["C1"] is old["C1"]
    assert in_names_of(renamed, old)["C1"].labels == {"合作阶段": "离开的客户", "价值": "高价值", "need_type": "x"}
    elsewhere = in_names_of(named("合作阶段", "往来阶段"), old)["C1"].labels
    assert elsewhere == {"往来阶段": "流失客户", "价值": "高价值", "need_type": "x"}


def test_a_past_class_that_today_s_policy_cannot_give_compares_with_nothing() -> None:
    old = {"C1": past({"合作阶段": "稳定客户"}, loading.standard())}
    assert in_names_of(named("稳定客户", "稳固客户"), old)["C1"].labels == {}


def test_records_of_earlier_versions_have_the_names_of_today() -> None:
    old = {"C1": past({"合作阶段": "流失客户", "其他": "x"})}
    assert in_names_of(loading.standard(), old)["C1"] is old["C1"]


@pytest.mark.parametrize("renaming", ["an outcome of the stage", "the stage itself", "an outcome of the value"])
def test_a_name_changed_between_two_months_changes_no_figure(tmp_path: Path, renaming: str) -> None:
    with ledger.read(tmp_path) as history:
        first = planned(loading.standard(), "2026-09", history)
    apply.apply(first, tmp_path, pdf=False)
    decided = []
    for policy in (loading.standard(), named(*RENAMINGS[renaming])):
        with ledger.read(tmp_path) as history:
            plan = planned(policy, history=history)
        decided.append(
            (figure_values(plan.figures), [[alert.code for alert in one.alerts] for one in plan.assessments])
        )
    assert decided[0] == decided[1]


def test_the_improvement_plan_looks_back_as_far_as_the_policy_says() -> None:
    policy = loading.load(TEXT.replace("late_response_days = 30", "late_response_days = 45"), source="test")
    jobs = packs.lay_out(planned(policy), Wanted(kinds=frozenset({IMPROVEMENT}))).jobs
    assert jobs
    assert all("最近45天" in job.html and "最近30天" not in job.html for job in jobs)
