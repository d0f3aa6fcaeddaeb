"""What people mistype, forget and mix up at the command line: each mistake with its words and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sheetcrm.cli import examples
from sheetcrm.cli.entry import COMMANDS, cli
from sheetcrm.errors import UsageError
from sheetcrm.runs.customer_choice import choose_customer, matches
from sheetcrm.store.files import disk
from sheetcrm.store.files.nearby import did_you_mean_file
from sheetcrm.text.likeness import nearest
from tests.test_pipeline import HEADER, ROWS, save

Run = Callable[..., tuple[int, str, str]]

MISTAKES: Sequence[tuple[str, str]] = [
    ("", "用法："),
    ("chekc in", "没有命令“chekc”。是不是 check？"),
    ("rnu in", "是不是 run？"),
    ("explan C1 in", "是不是 explain？"),
    ("Check in", "是不是 check？"),
    ("检查 in", "是不是 check"),
    ("恢复", "是不是 restore？"),
    ("fly", "没有命令“fly”。"),
    ("in", "这是文件或文件夹，要做完它请写 sheetcrm run in"),
    ("run", "缺少参数"),
    ("run inn", "找不到“inn”。是不是 in？"),
    ("run in/客户.xls", "是不是 in/客户.xlsx？"),
    ("run IN/客户.xlsx", "是不是 in/客户.xlsx？"),
    ("run nowhere", "找不到“nowhere”。请检查路径"),
    ('run in"', "路径里有双引号"),
    ("run in --preset 战略", "是不是 战略层级？"),
    ("run in --preset VIP", "不在 '标准'"),
    ("run in --preset 價值客户", "是不是 价值？"),
    ("run in --polciy p.toml", "是不是 '--policy'"),
    ("run in --policy 策咯.xlsx", "不存在"),
    ("run in --policy 我的策.toml", "是不是 我的策略.toml？"),
    ("run in --policy in", "是文件夹，这里要文件"),
    ("run in --policy 我的策略.toml --preset 价值", "只能写一个"),
    ("run in --period 十月", "看不懂期间“十月”。请写成 2026-10 或 2026年10月"),
    ("run in --period 2026-13", "看不懂期间“2026-13”"),
    ("run in --period 13月", "看不懂期间“13月”"),
    ("run in --period 2999-01", "看不懂期间"),
    ("run in --period 2099年1月", "还没有开始"),
    ("run in --period", "后面要写一个值"),
    ("run in --as-of 月底", "“月底”看不懂，请写成 2026-10-31"),
    ("run in --as-of 2026-02-30", "看不懂"),
    ("run in --as-of 2999-01-01", "在今天"),
    ("run in --as-of 2024年3月1日 --period 2024年2月", "不在期间 2024-02 之内"),
    ("run in --period-kind 周", "不在 '月', '季', '年' 之内"),
    ("run in --templates nowhere", "nowhere"),
    ("run in -o in/客户.xlsx", "是文件，这里要文件夹"),
    ("run in --dryrun", "是不是 '--dry-run'"),
    ("run in --json=yes", "后面不要写值"),
    ("run in --log nowhere/a.log", "写不了日志"),
    ("run 空", "没有找到任何工作簿"),
    ("explain C2024001", "缺少参数"),
    ("explain 丙丙 in --as-of 2024-03-01", "没有客户编号“丙丙”，也没有名称里有它的客户"),
    ("explain C2 in --as-of 2024-03-01", "对得上 3 家客户"),
    ("packs in --only 告知信", "是不是 告知函？"),
    ("packs in --unmask", "请加上 --purpose"),
    ("packs in --customer C999 --as-of 2024-03-01", "没有客户编号“C999”"),
    ("whatif in", "没有说要和什么比"),
    ("whatif in --set 评分卡.行业=25 --as-of 2024-03-01", "评分卡"),
    ("policy", "用法："),
    ("policy exprot a.xlsx", "exprot"),
    ("policy export a.docx", "不是 .xlsx"),
    ("policy check in/客户.xlsx", "客户.xlsx"),
    ("init", "缺少参数"),
    ("history -o out", "还没有历史"),
    ("restore in", "没有备份"),
    ("restore in --number 0", "0 不在 1<=x"),
    ("completion", "可用的是"),
    ("completion cmd", "不在 'powershell'"),
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a book, a policy and an empty folder, where the commands are typed."""
    save(tmp_path / "in" / "客户.xlsx", {"打分表": [HEADER, *ROWS]})
    (tmp_path / "空").mkdir()
    policy = Path(examples.__file__).parent.parent / "policy" / "standard.toml"
    (tmp_path / "我的策略.toml").write_bytes(policy.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("typed", "words"), MISTAKES, ids=lambda value: value)
def test_each_mistake_is_answered_in_words_with_code_2(run: Run, desk: Path, typed: str, words: str) -> None:
    before = sorted(desk.rglob("*"))
    code, out, err = run(*typed.split())
    assert words in err
    assert code == 2, (out, err)
    assert "Traceback" not in err
    assert not [line for line in err.splitlines() if line.isascii() and line.strip()], "English"
    assert sorted(desk.rglob("*")) == before


@pytest.mark.parametrize("path", ["", *COMMANDS])
def test_every_help_ends_with_examples_whose_options_exist(run: Run, path: str) -> None:
    code, out, _ = run(*path.split(), "--help")
    assert code == 0
    assert "例如：" in out
    context = cli.make_context("sheetcrm", [], resilient_parsing=True)
    for line in examples.EXAMPLES[path]:
        assert f"  {line}" in out
        program, *words = line.partition(" >> ")[0].split()
        assert program == "sheetcrm"
        command = cli.get_command(context, words[0])
        assert command is not None, words[0]
        options = {spelling for parameter in command.params for spelling in parameter.opts}
        for inner in getattr(command, "commands", {}).values():
            options |= {spelling for parameter in inner.params for spelling in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options


def test_what_is_like_a_word_is_found_in_any_case_and_width_the_likest_first() -> None:
    assert nearest("ＣＨＥＣ", ["run", "check", "chess"]) == ("check", "chess")
    assert nearest("", ["run"]) == nearest("xyz", ["run"]) == ()


NAMES = {"C2024001": "甲乙科技有限公司", "C2024002": "甲乙贸易有限公司", "KH-1": "丁 Tech"}


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("C2024001", "C2024001"),
        ("c2024001", "C2024001"),
        ("Ｃ2024002", "C2024002"),
        ("kh-1", "KH-1"),
        ("貿易", "C2024002"),
        ("tech", "KH-1"),
        ("4002", "C2024002"),
        ("甲乙科技有限公司", "C2024001"),
    ],
)
def test_a_customer_is_found_by_number_name_or_a_part_however_written(asked: str, key: str) -> None:
    assert choose_customer(asked, NAMES, fix="") == key


@pytest.mark.parametrize("asked", ["C1", "*", "", "4"])
def test_a_number_that_another_begins_with_or_a_mask_alone_is_nobodys(asked: str) -> None:
    with pytest.raises(UsageError, match="没有客户编号"):
        choose_customer(asked, {"C10": "甲*", "C4001": "*"}, fix="")


def test_where_no_names_are_on_record_nothing_is_said_of_names() -> None:
    with pytest.raises(UsageError) as refused:
        choose_customer("甲乙", {"C1": ""}, fix="历史里不记客户名称")
    assert str(refused.value) == "没有客户编号“甲乙”。历史里不记客户名称"


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ("甲乙", ["C2024001", "C2024002"]),
        ("甲乙贸易有限公司", ["C2024002"]),
        ("c2024", ["C2024001", "C2024002"]),
        ("无此人", []),
        (" ", []),
    ],
)
def test_the_page_lists_whom_the_command_line_would_choose_from(asked: str, keys: list[str]) -> None:
    assert matches(asked, NAMES) == keys


def test_several_customers_are_all_listed_and_nobody_is_chosen() -> None:
    with pytest.raises(UsageError, match="对得上 2 家") as refused:
        choose_customer("甲乙", NAMES, fix="")
    assert "C2024001 甲乙科技有限公司\n  C2024002 甲乙贸易有限公司" in str(refused.value)


def test_a_customer_is_explained_by_a_part_of_its_name(run: Run, desk: Path) -> None:
    assert desk
    name = str(ROWS[0][1])
    code, out, _ = run("explain", name[:-1], "in", "--as-of", "2024/3/1")
    assert code == 0
    assert name in out


def test_a_path_too_long_for_windows_is_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Path("/", *["很长的文件夹名字"] * 40, "客户.xlsx")
    missing = FileNotFoundError(2, "No such file", str(long))
    assert "不在了" in disk.reason(missing)[0]
    monkeypatch.setattr(sys, "platform", "win32")
    assert disk.reason(missing)[0].startswith(f"路径有 {len(str(long))} 个字，超过 Windows 允许的 260")
    assert "Windows 打不开这么长的路径" in did_you_mean_file(long)


def test_each_step_is_said_with_v_and_kept_in_a_log_without_a_cells_content(run: Run, desk: Path) -> None:
    _, _, err = run("check", "in", "--as-of", "2024-03-01", "-v", "--log", "记录.log")
    assert "秒  读取" in err
    log = (desk / "记录.log").read_text(encoding="utf-8")
    assert "读取" in log
    assert "结束，用时" in log
    assert str(ROWS[0][1]) not in log
    run("check", "in", "--as-of", "2024-03-01", "--log", "记录.log")
    assert (desk / "记录.log").read_text(encoding="utf-8").startswith(log)
