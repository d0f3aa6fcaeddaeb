"""What a run refuses before it writes: no customer at all, or another book than the period's (practice §1.7)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.workbooks import PROFILE_HEADER, PROFILE_ROW, SCORING, SCORING_HEADER, Cells, workbook

Run = Callable[..., tuple[int, str, str]]
PERIOD = ("--period", "2026-09")
STANDARDS: Cells = [("客户等级", "核心服务目标", "服务内容细则"), ("VIP客户", "深度绑定", "2小时内响应")]
SETTINGS: Cells = [("单位", "部门"), ("华东分公司", "客户成功部")]


def save(path: Path, sheets: Mapping[str, Cells]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(workbook(sheets))
    return path


def scoring(*keys: str) -> Cells:
    return [SCORING_HEADER, *((key, f"{key}公司", *SCORING[1][2:]) for key in keys)]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


NOBODY: Mapping[str, tuple[Mapping[str, Cells], str]] = {
    "own headers": ({"名单": [("单位名", "对接人"), ("甲公司", "张*")]}, "没有一列认得（列名是 “单位名”、“对接人”）"),
    "two columns of ours": (
        {"名单": [("客户名称", "联系人", "地段"), ("甲公司", "张*", "东")]},
        "名单：不认得。最像客户信息基础表：认得 “客户名称”、“联系人(职位)”，还缺",
    ),
    "a column short": (
        {"打分表": [SCORING_HEADER[2:7], SCORING[1][2:7]]},
        "这里像是客户分级评估打分表，但没有“客户编号”或“客户名称”一列",
    ),
    "all keys twice": ({"打分表": scoring("C001", "C001")}, "客户分级评估打分表，2 行，没有一行能用"),
    "no row yet": ({"打分表": [SCORING_HEADER]}, "客户分级评估打分表，0 行，一行客户也没有"),
    "standards alone": ({"标准": STANDARDS}, "客户分级服务标准表，1 行"),
}


@pytest.mark.parametrize(("sheets", "near"), NOBODY.values(), ids=NOBODY)
def test_a_run_without_one_customer_writes_nothing_and_says_what_was_near(
    run: Run, tmp_path: Path, sheets: Mapping[str, Cells], near: str
) -> None:
    good = save(tmp_path / "in" / "客户.xlsx", {"打分表": scoring("C001")})
    assert run("run", good, "-o", tmp_path / "out", *PERIOD, "--no-pdf")[0] == 0
    before = contents(tmp_path / "out")
    code, _, err = run("run", save(tmp_path / "空.xlsx", sheets), "-o", tmp_path / "out", *PERIOD, "--no-pdf")
    assert code == 2
    assert "没有读到一家客户，什么也没有写" in err
    assert near in err
    assert contents(tmp_path / "out") == before


@pytest.mark.parametrize(("sheets", "near"), list(NOBODY.values())[:-1], ids=list(NOBODY)[:-1])
def test_check_refuses_a_book_without_one_customer_too(
    run: Run, tmp_path: Path, sheets: Mapping[str, Cells], near: str
) -> None:
    book = save(tmp_path / "空.xlsx", sheets)
    code, out, err = run("check", book, "-o", tmp_path / "out")
    assert code == 2
    assert near in err
    assert "没有发现问题" not in out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("sheets", [{"标准": STANDARDS}, {"设置": SETTINGS}, {"标准": STANDARDS, "设置": SETTINGS}])
def test_standards_and_settings_may_be_checked_alone(run: Run, tmp_path: Path, sheets: Mapping[str, Cells]) -> None:
    assert run("check", save(tmp_path / "设置.xlsx", sheets))[0] == 0


def test_a_policy_may_be_checked_alone(run: Run, tmp_path: Path) -> None:
    assert run("policy", "export", tmp_path / "策略.xlsx")[0] == 0
    code, out, _ = run("check", tmp_path / "策略.xlsx")
    assert code == 0
    assert out.splitlines()[-1] == "下一步：和客户的工作簿一起运行 sheetcrm run"


def test_results_of_other_workbooks_are_replaced_only_on_demand_and_are_backed_up(run: Run, tmp_path: Path) -> None:
    full = save(tmp_path / "in" / "客户.xlsx", {"打分表": scoring("C001", "C002", "C003")})
    assert run("run", full, "-o", tmp_path / "out", *PERIOD, "--no-pdf")[0] == 0
    before = contents(tmp_path / "out")
    other = save(tmp_path / "试.xlsx", {"打分表": scoring("C001", "D001", "D002")})
    for more in ((), ("--dry-run",)):
        code, _, err = run("run", other, "-o", tmp_path / "out", *PERIOD, "--no-pdf", *more)
        assert code == 2
        assert "已有 3 家客户的结果，来自 客户.xlsx；这次的 试.xlsx 里只有其中 1 家" in err
        assert contents(tmp_path / "out") == before
    code, _, err = run("run", other, "-o", tmp_path / "out", *PERIOD, "--no-pdf", "--replace")
    assert code == 0
    kept = list((tmp_path / "out" / ".sheetcrm-backup").rglob("*客户*.xlsx"))
    assert [path.read_bytes() for path in kept] == [before["2026-09/workbooks/客户.xlsx"]]
    assert kept[0].name in err


def test_half_of_the_customers_are_enough(run: Run, tmp_path: Path) -> None:
    run("run", save(tmp_path / "客户.xlsx", {"打分表": scoring("C001", "C002")}), "-o", tmp_path / "out", "--no-pdf")
    half = save(tmp_path / "客户2.xlsx", {"打分表": scoring("C001", "D001")})
    assert run("run", half, "-o", tmp_path / "out", "--no-pdf")[0] == 0


def test_the_same_workbook_may_lose_most_of_its_customers(run: Run, tmp_path: Path) -> None:
    book = save(tmp_path / "客户.xlsx", {"打分表": scoring("C001", "C002", "C003")})
    run("run", book, "-o", tmp_path / "out", *PERIOD, "--no-pdf")
    save(book, {"打分表": scoring("C003")})
    assert run("run", book, "-o", tmp_path / "out", *PERIOD, "--no-pdf")[0] == 0


def test_another_workbook_of_the_same_name_is_another_workbook(run: Run, tmp_path: Path) -> None:
    run("run", save(tmp_path / "客户.xlsx", {"打分表": scoring("C001")}), "-o", tmp_path / "out", *PERIOD, "--no-pdf")
    other = save(tmp_path / "乙部" / "客户.xlsx", {"打分表": scoring("D001")})
    assert run("run", other, "-o", tmp_path / "out", *PERIOD, "--no-pdf")[0] == 2


def test_check_finds_what_a_run_finds_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    orders = [("客户编号", "日期", "金额"), ("C001", "2026-09-01", 5)]
    overrides = [
        ("客户编号", "调整后等级", "理由", "提出人", "审核人", "有效期至"),
        ("C001", "VIP客户", "框架合同", "王*", "李*", "2026-10-15"),
    ]
    rows = [[*row[:-1], "2026-09-20"] for row in scoring("C001")[1:]]
    book = save(tmp_path / "客户.xlsx", {"打分表": [SCORING_HEADER, *rows], "交易明细": orders, "人工调整": overrides})
    for period, expired in (("2026-09", False), ("2026-10", True)):
        told = json.loads(run("check", book, "-o", tmp_path / "无", "--period", period, "--json")[1])["problems"]
        (_, out, _) = run("run", book, "-o", tmp_path / period, "--period", period, "--no-pdf", "--json")
        assert told == json.loads(out)["problems"]
        assert ("override-expired" in {entry["kind"] for entry in told}) is expired
    assert "figure-mismatch" in {
        entry["kind"] for entry in json.loads(run("check", book, *PERIOD, "--json")[1])["problems"]
    }
    assert not (tmp_path / "无").exists()


def test_kinds_are_named_in_chinese_the_worst_first_and_many_make_one_line(run: Run, tmp_path: Path) -> None:
    profiles = [PROFILE_HEADER, *((f"客户{n}", f"第{n}公司", *PROFILE_ROW[2:]) for n in range(7)), ("C001", "甲", "x")]
    book = save(tmp_path / "客户.xlsx", {"打分表": scoring("D001", "D001", "D002"), "基础表": profiles})
    code, out, _ = run("check", book, *PERIOD)
    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("错误 客户.xlsx!打分表!A2")
    (many,) = [line for line in lines if line.startswith("警告 编号不合规则 [key-pattern]：7 处")]
    assert "客户.xlsx!基础表!A2" in many
    assert "其余在 A3、A4、A5、A6、A7等 6 处" in many
    assert "  错误 编号重复 [key-twice]：2" in lines
    assert lines[-1].startswith("下一步：先改 客户.xlsx!打分表!A2")


def test_the_last_line_of_a_run_is_the_next_thing_to_do(run: Run, tmp_path: Path) -> None:
    book = save(tmp_path / "客户.xlsx", {"打分表": scoring("C001")})
    (_, out, _) = run("run", book, "-o", tmp_path / "out", *PERIOD, "--no-pdf")
    assert out.splitlines()[-1].startswith("下一步：打开")
    assert "评审包.xlsx" in out.splitlines()[-1]


def test_a_policy_among_the_workbooks_is_no_data_and_is_not_written(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "in" / "客户.xlsx", {"打分表": scoring("C001")})
    assert run("policy", "export", tmp_path / "in" / "策略.xlsx")[0] == 0
    code, out, _ = run("run", tmp_path / "in", "-o", tmp_path / "out", *PERIOD, "--no-pdf")
    assert code == 0
    assert "[policy-not-data]" in out
    assert "sheet-unread" not in out
    assert sorted(path.name for path in (tmp_path / "out").rglob("workbooks/*")) == ["客户.xlsx"]
