"""`sheetcrm whatif` and `sheetcrm policy`: another policy, or some figures of this one changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.errors import PolicyError
from sheetcrm.policy import changing, loading, sheets
from sheetcrm.policy.cells import as_text
from sheetcrm.policy.model import Policy
from tests.test_pipeline import HEADER, ROWS, save

STANDARD = loading.standard()
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return save(tmp_path / "in" / "客户.xlsx", {"打分表": [HEADER, *ROWS]})


@pytest.fixture
def policy_file(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "策略.xlsx"
    assert run("policy", "export", path)[0] == 0
    return path


def tried(run: Run, book: Path, *words: str | Path) -> dict[str, Any]:
    code, out, _ = run("whatif", book, "--as-of", "2024-03-01", "--json", *words)
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


# --- who moves ---------------------------------------------------------------------------------------


def test_the_same_policy_moves_nobody(run: Run, book: Path, policy_file: Path) -> None:
    for words in (["--policy", policy_file], ["--preset", "标准"], ["--set", "评分卡.行业潜力.权重=15"]):
        found = tried(run, book, *words)
        assert (found["moved"], found["customers"]) == ([], 3)
        assert all(entry["before"] == entry["after"] for entry in found["shares"])


def test_a_changed_figure_says_who_moves_from_where_to_where(run: Run, book: Path) -> None:
    found = tried(run, book, "--set", "等级.重点客户.起点分=80")
    assert found["moved"] == [
        {"customer_id": "C2024002", "from": "重点客户", "to": "普通客户", "score_before": 75.0, "score_after": 75.0}
    ]
    assert {entry["grade"]: (entry["before"], entry["after"]) for entry in found["shares"]} == {
        "VIP客户": (1, 1),
        "重点客户": (1, 0),
        "普通客户": (0, 1),
        "观察客户": (1, 1),
    }
    assert found["shares"][0]["reference_before"] == 0.1


def test_several_figures_are_set_together(run: Run, book: Path) -> None:
    settings = ["等级.VIP客户.起点分=95", "评分卡.消费金额.>=500000=95", "等级.VIP客户.参考占比=12%"]
    found = tried(run, book, *(word for one in settings for word in ("--set", one)))
    (moved,) = found["moved"]
    assert (moved["from"], moved["to"], moved["score_after"]) == ("VIP客户", "重点客户", 90.3)
    assert [entry["reference_after"] for entry in found["shares"]] == [0.12, 0.2, 0.5, 0.2]


def test_a_policy_of_ones_own_is_compared_and_settings_go_on_top(run: Run, book: Path, tmp_path: Path) -> None:
    own = tmp_path / "自己的.toml"
    own.write_text(loading.standard_text().replace("floor = 70", "floor = 80"), encoding="utf-8")
    assert [entry["to"] for entry in tried(run, book, "--policy", own)["moved"]] == ["普通客户"]
    assert tried(run, book, "--base", own, "--policy", own)["moved"] == []
    found = tried(run, book, "--policy", own, "--set", "等级.重点客户.起点分=70")
    assert found["moved"] == []
    found = tried(run, book, "--base", own, "--set", "等级.重点客户.起点分=70")
    assert [(entry["from"], entry["to"]) for entry in found["moved"]] == [("普通客户", "重点客户")]


def test_another_set_of_tiers_counts_its_own_and_the_old_ones(run: Run, book: Path) -> None:
    found = tried(run, book, "--preset", "价值")
    assert [(entry["from"], entry["to"]) for entry in found["moved"]] == [
        ("VIP客户", "高价值"),
        ("重点客户", "中价值"),
        ("观察客户", "低价值"),
    ]
    assert [entry["grade"] for entry in found["shares"]][:7] == [
        "VIP客户", "重点客户", "普通客户", "观察客户", "高价值", "中价值", "低价值"
    ]  # fmt: skip


def test_people_read_a_table(run: Run, book: Path) -> None:
    code, out, _ = run("whatif", book, "--as-of", "2024-03-01", "--set", "等级.重点客户.起点分=80")
    assert code == 0
    assert "3 家客户里有 1 家的等级会变" in out
    assert sum(map(float, re.findall(r"家 +(\d+\.\d)%", out))) == pytest.approx(200, abs=0.3)
    assert "C2024002  B公司  重点客户  →  普通客户  75.0 → 75.0 分" in out


def test_nothing_is_written(run: Run, book: Path, tmp_path: Path) -> None:
    before = sorted(path for path in tmp_path.rglob("*"))
    data = book.read_bytes()
    tried(run, book, "--set", "等级.重点客户.起点分=80")
    assert (sorted(path for path in tmp_path.rglob("*")), book.read_bytes()) == (before, data)


def test_a_comparison_with_nothing_is_refused(run: Run, book: Path) -> None:
    code, out, err = run("whatif", book)
    assert (code, out) == (2, "")
    assert "没有说要和什么比" in err


# --- paths -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "take", "expected"),
    [
        ("评分卡.行业潜力.权重=25", lambda p: p.card.indicators[3].weight, 25),
        ("评分卡.标准五项.行业潜力.权重=25", lambda p: p.card.indicators[3].weight, 25),
        ("评分卡.三维度.客单价.权重=25", lambda p: p.scorecards[1].indicators[1].weight, 25),
        ("评分卡.消费金额.>=500000=95", lambda p: p.card.indicators[2].bands[0].points, 95),
        ("评分卡.消费金额.≥500000=95", lambda p: p.card.indicators[2].bands[0].points, 95),
        ("评分卡.行业潜力.>=0.15=99", lambda p: p.card.indicators[3].bands[0].points, 99),
        ("评分卡.行业潜力.其余=10", lambda p: p.card.indicators[3].otherwise, 10),
        ("评分卡.行业潜力.高=99", lambda p: p.card.indicators[3].words["高"], 99),
        ("评分卡.忠诚度.空白时=取中性分", lambda p: p.card.indicators[4].missing.value, "neutral"),
        ("评分档.标准五项.消费金额.>0.得分=25", lambda p: p.card.indicators[2].bands[3].points, 25),
        ("等级.VIP客户.起点分=85", lambda p: p.tiers[0].floor, 85),
        ("等级.VIP客户.参考占比 = 12%", lambda p: p.tiers[0].share, Decimal("0.12")),
        ("服务标准.VIP客户.首次响应(小时)=2", lambda p: p.tiers[0].standard.first_response_hours, 2),
        ("服务标准.VIP客户.解决(小时)=", lambda p: p.tiers[0].standard.resolution_hours, None),
        ("分类规则.价值.高.条件1=>=400000", lambda p: p.classes[0].rules[1].when["spend_12m"], ">=400000"),
        ("预警规则.续约.限几天=20", lambda p: {one.code: one.days for one in p.alerts.rules}["续约"], 20),
        ("跟进节奏.常规沟通.间隔=30天", lambda p: {one.activity: one.every for one in p.cadence}["常规沟通"], "30天"),
        ("基本.按名额定级=是", lambda p: p.scoring.quota, True),
        ("基本.使用的评分卡=三维度", lambda p: p.card.name, "三维度"),
        ("基本.骤降幅度=40%", lambda p: p.measures.drop, Decimal("0.4")),
    ],
)
def test_a_path_names_a_figure(setting: str, take: Callable[[Policy], Any], expected: object) -> None:
    assert take(changing.change(STANDARD, [setting])) == expected


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("评分卡.行业潜能.权重=25", "策略里没有“评分卡.行业潜能.权重”。最接近的是 评分卡.行业潜力.权重"),
        ("等级.VIP.起点分=85", "最接近的是 等级.VIP客户.起点分"),
        ("权重=25", "策略里没有“权重”"),
        ("评分卡.行业潜力.权重", "没有写成 路径=值"),
        ("评分卡.行业潜力.权重=很重", "评分卡.行业潜力.权重：“很重”不是数值"),
        ("评分卡.行业潜力.权重=-1", "评分卡.行业潜力.权重：“-1”要大于 0"),
        ("等级.重点客户.起点分=95", "等级.重点客户.起点分：等级要从高到低排列"),
        ("基本.使用的评分卡=没有的卡", "基本.使用的评分卡：没有名为“没有的卡”的评分卡"),
    ],
)
def test_a_path_or_a_value_that_is_none_is_refused_and_the_nearest_named(setting: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        changing.change(STANDARD, [setting])
    assert said in str(caught.value)


@pytest.mark.parametrize("name", loading.PRESETS)
def test_every_figure_of_the_policy_has_a_path_and_setting_it_to_itself_changes_nothing(name: str) -> None:
    policy = loading.preset(name)
    plain = sheets.write(policy)
    by_title = {sheet.title: sheet for sheet in plain}
    places = changing.paths(policy, plain)
    settings = {place: path for path, place in places.items()}
    assert changing.change(
        policy,
        [f"{path}={as_text(by_title[title].rows[row].get(column))}" for (title, row, column), path in settings.items()],
    ) == policy  # fmt: skip


# --- the policy's own commands -----------------------------------------------------------------------


def test_a_policy_is_exported_once_and_checked(run: Run, policy_file: Path) -> None:
    data = policy_file.read_bytes()
    code, _, err = run("policy", "export", policy_file)
    assert (code, policy_file.read_bytes()) == (2, data)
    assert "已经存在" in err
    code, out, _ = run("policy", "check", policy_file)
    assert code == 0
    assert "没有问题：等级 VIP客户、重点客户、普通客户、观察客户" in out


def test_a_policy_that_does_not_hold_together_is_told_cell_by_cell(run: Run, policy_file: Path) -> None:
    from openpyxl import load_workbook  # noqa: PLC0415  (only here)

    found = load_workbook(policy_file)
    found["等级"]["B2"] = "很高"
    found["评分卡"]["C3"] = 0
    found.save(policy_file)
    code, out, err = run("policy", "check", policy_file)
    assert (code, out) == (2, "")
    assert "策略.xlsx!等级!B2：“很高”不是数值" in err
    found["等级"]["B2"] = 90
    found.save(policy_file)
    assert "策略.xlsx!评分卡!C3：“0”要大于 0" in run("policy", "check", policy_file)[2]


@pytest.mark.parametrize("words", [["run", "--no-pdf", "--dry-run"], ["check"], ["explain", "C2024001"]])
def test_every_command_takes_a_policy_workbook_or_a_preset(
    run: Run, book: Path, policy_file: Path, words: list[str]
) -> None:
    period = [] if words[0] == "check" else ["--as-of", "2024-03-01"]
    outs = [
        run(*words, book, *period, *chosen)
        for chosen in ([], ["--policy", policy_file], ["--preset", "标准"], ["--preset", "战略层级"])
    ]
    assert [code for code, _, _ in outs] == [0] * 4
    assert outs[0] == outs[1] == outs[2]
    if words[0] != "check":
        assert outs[3] != outs[0]
    code, _, err = run(*words, book, *period, "--policy", policy_file, "--preset", "价值")
    assert code == 2
    assert "--policy 和 --preset 只能写一个" in err


def test_a_preset_is_exported_and_used(run: Run, book: Path, tmp_path: Path) -> None:
    path = tmp_path / "价值.xlsx"
    assert run("policy", "export", path, "--preset", "价值")[0] == 0
    assert tried(run, book, "--policy", path)["moved"] == tried(run, book, "--preset", "价值")["moved"]


def test_a_holiday_of_the_policy_moves_what_is_due_and_the_books_own_sheet_goes_above(run: Run, tmp_path: Path) -> None:
    follow_ups = [
        ["客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要"],
        ["C2024001", "2024-02-07", "张*", "拜访", "深度沟通"],
    ]
    sheets_of_book: dict[str, Any] = {"打分表": [HEADER, ROWS[0]], "客户跟进记录表": follow_ups}
    own = tmp_path / "策略.toml"
    own.write_text(loading.standard_text() + '\n[holidays]\n2024-03-07 = "休"\n', encoding="utf-8")

    def due(book: Path) -> str:
        _, out, _ = run("explain", "C2024001", book, "--as-of", "2024-03-01", "--json", "--policy", own)
        return next(str(item["date"]) for item in json.loads(out)["due"] if item["action"] == "深度沟通")

    assert due(save(tmp_path / "一" / "客户.xlsx", sheets_of_book)) == "2024-03-06"
    days = {"节假日": [["日期", "休/班"], ["2024-03-07", "班"]]}
    assert due(save(tmp_path / "二" / "客户.xlsx", sheets_of_book | days)) == "2024-03-07"
