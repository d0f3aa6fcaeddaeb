"""What a team says once: `sheetcrm.toml`, the environment, the options, and where each value comes from."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sheetcrm import periods
from sheetcrm.policy import loading
from sheetcrm.store.files.settings import SettingsError, change
from tests.test_pipeline import HEADER, save

Run = Callable[..., tuple[int, str, str]]
ROW = ["C1", "甲公司", "30天", "12次/年", "80万元", "高(行业增速15%)", "85%", None, None, "张*", "2026-10-31"]


@pytest.fixture(autouse=True)
def _nothing_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POLICY", "PRESET", "OUTPUT", "TEMPLATES", "MAPPING", "PERIOD_KIND"):
        monkeypatch.delenv(f"SHEETCRM_{name}", raising=False)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a team's folder with a workbook in `台账`, as the home folder; commands are run elsewhere."""
    folder = tmp_path / "团队"
    save(folder / "台账" / "客户.xlsx", {"打分表": [HEADER, ROW]})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return folder


def settings(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "sheetcrm.toml"
    file.write_bytes(text.encode(encoding))
    return file


def own_policy(folder: Path, name: str = "策略.toml") -> Path:
    file = folder / name
    file.write_text(loading.standard_text().replace('name = "标准策略"', 'name = "我们的策略"'), encoding="utf-8")
    return file


def shown(run: Run, *words: str | Path) -> dict[str, tuple[object, str]]:
    """Return what `config` says: each value and where it comes from."""
    code, out, err = run("config", *words, "--json")
    assert code == 0, err
    return {entry["key"]: (entry["value"], entry["from"]) for entry in json.loads(out)["settings"]}


def test_the_file_above_the_workbooks_gives_output_and_policy_relative_to_itself(run: Run, team: Path) -> None:
    file = settings(team, 'policy = "策略.toml"\noutput = "结果"\n')
    own_policy(team)
    code, out, err = run("run", team / "台账", "--period", "2026-10", "--no-pdf")
    assert code == 0, err
    assert "策略“我们的策略”" in out
    assert (team / "结果" / "2026-10" / "run.json").exists()
    assert f"设置文件：{file}（policy、output）" in err


def test_the_nearest_file_counts(run: Run, team: Path) -> None:
    settings(team, 'preset = "价值"\n')
    near = settings(team / "台账", 'preset = "战略层级"\n')
    assert shown(run, team / "台账" / "客户.xlsx")["preset"] == ("战略层级", f"{near} 第 1 行")


def test_options_win_over_the_environment_and_the_environment_over_the_file(
    run: Run, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings(team, '# 我们的\noutput = "结果"\nperiod_kind = "季"\n')
    assert shown(run, team / "台账")["output"] == (str(team / "结果"), f"{file} 第 2 行")
    monkeypatch.setenv("SHEETCRM_OUTPUT", "别处")
    assert shown(run, team / "台账")["output"] == ("别处", "环境变量 SHEETCRM_OUTPUT")
    given = shown(run, team / "台账", "-o", "此处")
    assert given["output"] == ("此处", "命令行 --output")
    assert given["period_kind"] == ("季", f"{file} 第 3 行")
    assert given["templates"] == (None, "默认")


def test_config_reads_as_a_table(run: Run, team: Path) -> None:
    file = settings(team, 'output = "结果"\n')
    code, out, err = run("config", team / "台账")
    assert code == 0
    rows = [line.split() for line in out.splitlines()]
    assert ["结果文件夹", "output", str(team / "结果"), str(file), "第", "1", "行"] in rows
    assert f"设置文件：{file}" in out + err


def test_without_paths_config_looks_from_the_folder_it_is_called_in(
    run: Run, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(team, 'preset = "价值"\n')
    assert shown(run)["preset"] == (None, "默认")
    monkeypatch.chdir(team / "台账")
    assert shown(run)["preset"][0] == "价值"


def test_a_preset_given_wins_over_the_policy_of_the_file_and_the_other_way_round(
    run: Run, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(team, 'policy = "策略.toml"\n')
    policy = own_policy(team)
    book = team / "台账"
    _, out, _ = run("run", book, "--period", "2026-10", "--dry-run", "--preset", "价值")
    assert "策略“标准策略（价值）”" in out
    monkeypatch.setenv("SHEETCRM_PRESET", "战略层级")
    _, out, _ = run("run", book, "--period", "2026-10", "--dry-run")
    assert "策略“标准策略（战略层级）”" in out
    assert shown(run, book)["policy"] == (None, "环境变量 SHEETCRM_PRESET 优先")
    _, out, _ = run("run", book, "--period", "2026-10", "--dry-run", "--policy", policy)
    assert "策略“我们的策略”" in out


def test_policy_and_preset_of_one_origin_are_refused(run: Run, team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = own_policy(team)
    monkeypatch.setenv("SHEETCRM_PRESET", "价值")
    monkeypatch.setenv("SHEETCRM_POLICY", str(policy))
    code, _, err = run("check", team / "台账")
    assert code == 2
    assert "SHEETCRM_POLICY 和 SHEETCRM_PRESET 只能写一个" in err
    monkeypatch.delenv("SHEETCRM_PRESET")
    monkeypatch.delenv("SHEETCRM_POLICY")
    settings(team, 'policy = "策略.toml"\npreset = "价值"\n')
    code, _, err = run("check", team / "台账")
    assert code == 2
    assert "第 2 行 preset：policy 和 preset 只能写一个" in err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('polcy = "a.toml"\n', "第 1 行 polcy：没有这个设置，最接近的是 policy"),
        ("\nperiod_kind = 3\n", "第 2 行 period_kind：“3”要写文字（加引号）"),
        ('output = ""\n', "第 1 行 output：不能空着"),
        ('period_kind = "周"\n', "第 1 行 period_kind"),
        ('preset = "高级"\n', "第 1 行 preset"),
        ('policy = "没有.toml"\n', "第 1 行 policy"),
        ('mapping = "没有.xlsx"\n', "第 1 行 mapping"),
        ("a = 1\npreset = 价值\n", "第 2 行：不是合法的 TOML"),
        ('output = "D:\\新的\\结果"\n', "反斜杠"),
        ('output = "D:\\new"\n', "反斜杠"),
        ("preset = “价值”\n", "英文"),
        ('策略 = "x.toml"\n', "可用的设置是 policy、preset"),
        ("preset = '价值'\npreset = '标准'\n", "第 2 行：同一个设置写了两次，这一行是“preset = '标准'”。请删去"),
    ],
)  # fmt: skip
def test_a_file_at_fault_is_refused_with_the_line_and_the_way_out(
    run: Run, team: Path, text: str, expected: str
) -> None:
    file = settings(team, text)
    code, _, err = run("run", team / "台账", "--period", "2026-10", "--no-pdf")
    assert code == 2
    assert str(file) in err
    assert expected in err
    assert not list(team.rglob("run.json"))


def test_all_faults_of_a_file_are_named_at_once(run: Run, team: Path) -> None:
    settings(team, 'polcy = "a"\noutput = 5\n')
    _, _, err = run("check", team / "台账")
    assert "第 1 行 polcy" in err
    assert "第 2 行 output" in err


def test_a_value_that_an_option_replaces_need_not_be_right(run: Run, team: Path) -> None:
    settings(team, 'policy = "没有.toml"\n')
    policy = own_policy(team)
    code, _, err = run("check", team / "台账", "--policy", policy)
    assert code == 0, err


def test_utf8_with_a_mark_is_read_and_other_encodings_are_named(run: Run, team: Path) -> None:
    settings(team, 'preset = "价值"\n', "utf-8-sig")
    assert shown(run, team / "台账")["preset"][0] == "价值"
    settings(team, '# 我们的\npreset = "价值"\n', "gbk")
    code, _, err = run("config", team / "台账")
    assert code == 2
    assert "第 1 行" in err
    assert "GBK" in err
    assert "UTF-8" in err
    settings(team, 'preset = "价值"\n', "utf-16")
    assert "UTF-16" in run("config", team / "台账")[2]


def test_a_wrong_environment_variable_is_named(run: Run, team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETCRM_PRESET", "高级")
    code, _, err = run("check", team / "台账")
    assert code == 2
    assert "环境变量 SHEETCRM_PRESET" in err


def test_the_file_with_txt_at_its_end_is_named(run: Run, team: Path) -> None:
    (team / "sheetcrm.toml.txt").write_text('preset = "价值"\n', encoding="utf-8")
    code, _, err = run("check", team / "台账")
    assert code == 2
    assert "sheetcrm.toml.txt" in err
    assert "改名" in err


def test_the_search_ends_at_the_home_folder(run: Run, team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(team.parent, 'preset = "价值"\n')
    monkeypatch.setattr(Path, "home", lambda: team)
    assert shown(run, team / "台账")["preset"] == (None, "默认")
    monkeypatch.setattr(Path, "home", lambda: team.parent)
    assert shown(run, team / "台账")["preset"][0] == "价值"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_file_of_somebody_else_in_a_folder_open_to_all_is_refused(
    run: Run, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(team, 'preset = "价值"\n')
    team.chmod(0o1777)
    assert shown(run, team / "台账")["preset"][0] == "价值"
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    code, _, err = run("check", team / "台账")
    assert code == 2
    assert "谁都能写" in err


def test_two_files_for_one_call_are_refused(run: Run, team: Path) -> None:
    other = team / "二部"
    save(other / "客户.xlsx", {"打分表": [HEADER, ROW]})
    files = settings(team / "台账", ""), settings(other, "")
    code, _, err = run("check", team / "台账", other)
    assert code == 2
    assert all(str(file) in err for file in files)


def test_the_folder_of_templates_is_taken_from_the_file(run: Run, team: Path) -> None:
    settings(team, 'templates = "模板"\n')
    (team / "模板").mkdir()
    (team / "模板" / "无此页.html").write_text("x", encoding="utf-8")
    code, _, err = run("run", team / "台账", "--period", "2026-10", "--no-pdf")
    assert code == 2
    assert str(team / "模板") in err


def test_the_mapping_lies_elsewhere(run: Run, team: Path) -> None:
    header = ["单位", *HEADER[2:]]
    save(team / "台账" / "客户.xlsx", {"打分表": [header, ROW[1:]]})
    assert run("run", team / "台账", "--period", "2026-10", "--dry-run")[0] == 2
    save(
        team / "对照" / "表头对照.xlsx",
        {"表头对照": [["表", "你的表头", "本模板的字段", "确认"], ["打分表", "单位", "客户名称", "是"]]},
    )
    settings(team, 'mapping = "对照/表头对照.xlsx"\n')
    code, out, err = run("run", team / "台账", "--period", "2026-10", "--dry-run")
    assert code == 0, err
    assert "1 家客户" in out


def test_the_default_output_of_map_is_not_that_of_the_results(run: Run, team: Path) -> None:
    settings(team, 'output = "结果"\n')
    code, out, err = run("map", team / "台账")
    assert code == 0, err
    assert str(team / "台账" / "表头对照.xlsx") in out


@pytest.mark.parametrize(
    ("kind", "today", "label"),
    [
        ("月", date(2026, 11, 3), "2026-10"),
        ("季", date(2026, 11, 3), "2026Q3"),
        ("季", date(2026, 1, 1), "2025Q4"),
        ("年", date(2026, 12, 31), "2025"),
    ],
)
def test_without_a_period_the_last_whole_one_of_the_kind_is_taken(kind: str, today: date, label: str) -> None:
    chosen, day = periods.resolve(None, None, today=today, kind=kind)
    assert (chosen.label, day) == (label, chosen.end)


@pytest.mark.parametrize(("kind", "label"), [("月", "2026-08"), ("季", "2026Q3"), ("年", "2026")])
def test_a_date_alone_sets_the_period_of_the_kind_it_lies_in(kind: str, label: str) -> None:
    chosen, _ = periods.resolve(None, date(2026, 8, 9), today=date(2026, 11, 3), kind=kind)
    assert chosen.label == label


def test_the_kind_of_period_is_taken_from_the_file(run: Run, team: Path) -> None:
    settings(team, 'period_kind = "季"\n')
    _, out, err = run("run", team / "台账", "--as-of", "2026-09-30", "--dry-run")
    assert "期间 2026Q3" in out, err


def test_whatif_compares_with_the_policy_that_is_used(run: Run, team: Path) -> None:
    settings(team, 'preset = "价值"\n')
    code, out, err = run("whatif", team / "台账", "--period", "2026-10", "--preset", "标准", "--json")
    assert code == 0, err
    values = json.loads(out)
    assert (values["before"]["name"], values["after"]["name"]) == ("标准策略（价值）", "标准策略")


@pytest.mark.parametrize("words", [("history",), ("policy", "export", "策略.xlsx"), ("init", "模板")])
def test_commands_without_workbooks_look_from_the_folder_they_are_called_in(
    run: Run, team: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(team)
    file = settings(team, 'preset = "价值"\noutput = "结果"\n')
    _, _, err = run(*words)
    assert f"设置文件：{file}" in err
    if words == ("history",):
        assert str(team / "结果") in err


def test_help_is_shown_whatever_the_file_says(run: Run, team: Path) -> None:
    settings(team, "?")
    assert run("run", team / "台账", "--help")[0] == 0


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ("", {"output": "D:\\结果"}, "output = 'D:\\结果'\n"),
        ("# 我们的\noutput = '旧'  # 去年\n", {"output": "新", "preset": "价值"},
         "# 我们的\noutput = '新'\npreset = '价值'\n"),
        ("policy = '策略.toml'\r\nkeep = ['等级']\r\n", {"policy": "", "preset": "价值"},
         "keep = ['等级']\r\npreset = '价值'\r\n"),
        ("output = '旧'\n", {"output": "it's"}, 'output = "it\'s"\n'),
        ("", {"keep": ("等级", "总分")}, "keep = ['等级', '总分']\n"),
        ("output = '旧'\n", {"period_kind": ""}, "output = '旧'\n"),
    ],
    ids=["new", "changed", "one for another", "quotes", "a list", "nothing"],
)  # fmt: skip
def test_single_keys_are_written_and_the_other_lines_stay(
    tmp_path: Path, before: str, values: dict[str, str | tuple[str, ...]], after: str
) -> None:
    file = tmp_path / "sheetcrm.toml"
    if before:
        file.write_bytes(before.encode())
    change(file, values)
    assert file.read_bytes().decode() == after
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("before", "values"),
    [
        ("不是 TOML", {"output": "新"}),
        ("output = '旧'\n[keep]\n", {"preset": "价值"}),
        ("policy = '策略.toml'\n", {"preset": "价值"}),
        ('output = """旧\n的"""\n', {"output": "新"}),
    ],
    ids=["no settings", "a table", "both of two", "several lines"],
)
def test_a_settings_file_that_would_not_hold_together_stays_as_it_is(
    tmp_path: Path, before: str, values: dict[str, str]
) -> None:
    file = tmp_path / "sheetcrm.toml"
    file.write_text(before, encoding="utf-8")
    with pytest.raises(SettingsError):
        change(file, values)
    assert file.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [file]
