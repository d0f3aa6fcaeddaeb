"""The commands as a user types them: words, exit codes, and files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook

from sheetcrm import __version__
from tests.test_pipeline import HEADER, ROWS, save

ROOT = Path(__file__).parent.parent


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return save(tmp_path / "in" / "客户.xlsx", {"打分表": [HEADER, *ROWS]})


def test_help_is_in_chinese_and_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "用法：" in out
    assert "Usage" not in out
    assert "Show this" not in out
    for name in ("run", "check", "explain", "init"):
        assert name in out
        code, out_of_one, _ = run(name, "--help")
        assert code == 0
        assert "用法：" in out_of_one


def test_packs_are_made_under_their_older_name_too(run: Run) -> None:
    (_, out, _), (_, older, _), (_, listed, _) = run("packs", "--help"), run("report", "--help"), run("--help")
    assert older.replace("sheetcrm report", "sheetcrm packs") == out
    assert "packs" in listed
    assert "report " not in listed


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["run", "--help"]])
def test_help_and_version_import_no_engine(words: list[str]) -> None:
    code = (
        "import sys; from sheetcrm.cli import main; main(sys.argv[1:]);"
        "print([name for name in ('weasyprint', 'opencc', 'holidays', 'chinese_calendar')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_said(run: Run) -> None:
    assert run("--version")[:2] == (0, f"sheetcrm {__version__}\n")


def test_a_run_writes_the_periods_folder_and_says_what(run: Run, book: Path, tmp_path: Path) -> None:
    code, out, _ = run("run", book.parent, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf")
    assert code == 0
    assert "VIP客户" in out
    assert "问题：提示 1" in out  # 没有用占比: a book of three
    assert sorted(path.name for path in (tmp_path / "out" / "2024-03").iterdir()) == [
        "edits.jsonl",
        "index.html",
        "packs",
        "run.json",
        "workbooks",
    ]


def test_the_users_own_workbook_is_not_touched(run: Run, book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf")
    assert book.read_bytes() == before


def test_a_dry_run_tells_the_plan_and_writes_nothing(run: Run, book: Path, tmp_path: Path) -> None:
    code, out, _ = run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--dry-run")
    assert code == 0
    assert "这次没有写" in out
    assert not (tmp_path / "out").exists()


def test_json_is_for_programs(run: Run, book: Path, tmp_path: Path) -> None:
    code, out, _ = run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf", "--json")
    said = json.loads(out)
    assert code == 0
    assert [entry["tier"] for entry in said["customers"]] == ["VIP客户", "重点客户", "观察客户"]
    code, out, _ = run("check", book, "--as-of", "2024-03-01", "--json")
    assert (code, [entry["kind"] for entry in json.loads(out)["problems"]]) == (0, ["share-unused"])


def test_errors_in_the_data_give_code_1_and_strict_writes_nothing(run: Run, tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[0][4] = "八十万左右"
    book = save(tmp_path / "客户.xlsx", {"打分表": [HEADER, *rows]})
    args = ["run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf"]
    code, out, err = run(*args, "--strict")
    assert code == 2
    assert "客户.xlsx!打分表!E2" in out
    assert "什么也没有写" in err
    assert not (tmp_path / "out").exists()
    assert run(*args)[0] == 1
    assert (tmp_path / "out" / "2024-03" / "workbooks" / "客户.xlsx").exists()


def test_where_all_problems_are_listed_is_where_they_are(run: Run, tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[0][0] = "不合规则的编号"
    book = save(tmp_path / "客户.xlsx", {"打分表": [HEADER, *rows]})
    args = ["run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf"]
    assert "全部问题及改法：sheetcrm check" in run(*args, "--dry-run")[1]
    assert "全部问题及改法：packs/评审包.xlsx 的“数据问题”" in run(*args)[1]
    assert (tmp_path / "out" / "2024-03" / "packs" / "评审包.xlsx").exists()


def test_quiet_says_only_what_is_wrong(run: Run, book: Path, tmp_path: Path) -> None:
    assert run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf", "-q") == (0, "", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run"], "缺少参数"),
        (["run", "没有这个文件夹"], "找不到"),
        (["run", ".", "--period", "十月"], "看不懂期间"),
        (["run", ".", "--as-of", "月底"], "这样的日期"),
        (["run", ".", "--as-of", "2999-01-01"], "之后"),
        (["fly"], "没有命令"),
        (["check", "--fast"], "没有选项"),
        (["explain", "C1"], "缺少参数"),
    ],
)
def test_what_makes_no_sense_is_told_in_chinese_with_code_2(run: Run, words: list[str], said: str) -> None:
    code, _, err = run(*words)
    assert code == 2
    assert said in err
    assert "Traceback" not in err


def empty(path: Path) -> None:
    path.write_bytes(b"")


def renamed_csv(path: Path) -> None:
    path.write_text("客户编号,客户名称\nC001,甲公司\n", encoding="utf-8")


def encrypted(path: Path) -> None:
    stream = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.ljust(512, b"\0"))


def old_xls(path: Path) -> None:
    stream = "Workbook".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.ljust(512, b"\0"))


def unknown_sheets(path: Path) -> None:
    save(path, {"Sheet1": [["产品", "单价"], ["甲", 1]]})


def two_ids(path: Path) -> None:
    save(path, {"打分表": [["客户编号", *HEADER], ["C2", *ROWS[0]]]})


def rough_money(path: Path) -> None:
    save(path, {"打分表": [HEADER, [*ROWS[0][:4], "八十万左右", *ROWS[0][5:]]]})


def future(path: Path) -> None:
    save(path, {"打分表": [HEADER, [*ROWS[0][:10], "2099-01-01"]]})


def uncomputed(path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "打分表"
    sheet.append(HEADER)
    sheet.append([*ROWS[0][:4], "=1+1", *ROWS[0][5:]])
    book.save(path)


HOPELESS: Sequence[tuple[Callable[[Path], None], str]] = [
    (empty, "坏.xlsx"),
    (renamed_csv, "坏.xlsx"),
    (encrypted, "坏.xlsx"),
    (old_xls, "坏.xls"),
]
FAULTY: Sequence[tuple[Callable[[Path], None], str, str, int]] = [
    (unknown_sheets, "坏.xlsx", "没有找到认得的表", 2),
    (two_ids, "坏.xlsx!打分表!B1", "客户编号", 2),
    (rough_money, "坏.xlsx!打分表!E2", "八十万左右", 1),
    (future, "坏.xlsx!打分表!K2", "晚于今天", 2),
    (uncomputed, "坏.xlsx!打分表!E2", "公式未计算", 1),
]
"""How a workbook is spoiled, where that is, what is said of it, and what `check` exits with: 2 where nobody is left."""


@pytest.mark.parametrize(("make", "name"), HOPELESS, ids=lambda value: getattr(value, "__name__", value))
def test_a_file_nobody_can_read_is_named_for_what_it_is(
    run: Run, tmp_path: Path, book: Path, make: Callable[[Path], None], name: str
) -> None:
    make(tmp_path / name)
    code, out, err = run("check", tmp_path / name)
    assert code == 2
    assert name in out + err
    assert "Traceback" not in out + err
    make(book.parent / name)
    code, out, err = run("run", book.parent, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf")
    assert code == 1
    assert name in out
    assert (tmp_path / "out" / "2024-03" / "workbooks" / "客户.xlsx").exists()


@pytest.mark.parametrize(
    ("make", "where", "what", "exit_code"), FAULTY, ids=lambda value: getattr(value, "__name__", None)
)
def test_what_is_wrong_in_a_workbook_is_told_with_its_cell(
    run: Run, tmp_path: Path, book: Path, make: Callable[[Path], None], where: str, what: str, exit_code: int
) -> None:
    make(tmp_path / "坏.xlsx")
    code, out, _ = run("check", tmp_path / "坏.xlsx")
    assert code == exit_code
    line = next(line for line in out.splitlines() if what in line)
    assert where in line
    assert line.startswith("错误")
    make(book.parent / "坏.xlsx")
    assert run("run", book.parent, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf")[0] == 1
    sheet: Any = load_workbook(tmp_path / "out" / "2024-03" / "workbooks" / "客户.xlsx").active
    assert sheet["H2"].value in {92, None}


def test_one_customer_is_explained_with_cells_points_and_reasons(run: Run, book: Path) -> None:
    code, out, _ = run("explain", "C2024001", book, "--as-of", "2024-03-01")
    assert code == 0
    for word in ("92.0", "VIP客户", "客户.xlsx!打分表!E2", "80万元", "深度沟通"):
        assert word in out
    code, out, _ = run("explain", "C2024001", book, "--as-of", "2024-03-01", "--json")
    assert (code, json.loads(out)["score"]) == (0, 92.0)
    code, _, err = run("explain", "C999", book, "--as-of", "2024-03-01")
    assert code == 2
    assert "没有客户编号" in err


def test_blank_templates_are_made_once_and_read_without_a_problem(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("init", tmp_path / "模板")
    assert code == 0
    made = sorted(path.name for path in (tmp_path / "模板").iterdir())
    assert made
    assert all(name in out for name in made)
    assert run("init", tmp_path / "模板")[0] == 2
    code, out, _ = run("check", tmp_path / "模板", "--json")
    assert (code, json.loads(out)["problems"]) == (2, [])  # nothing is wrong, but no customer is there yet


def test_a_policy_of_ones_own_decides(run: Run, book: Path, tmp_path: Path) -> None:
    text = (ROOT / "sheetcrm" / "policy" / "standard.toml").read_text(encoding="utf-8")
    own = tmp_path / "我的.toml"
    own.write_text(text.replace("floor = 90", "floor = 93"), encoding="utf-8")
    _, out, _ = run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf", "--policy", own, "--json")
    assert json.loads(out)["customers"][0]["tier"] == "重点客户"
    own.write_text(text.replace("floor = 90", "floor = 10"), encoding="utf-8")
    code, _, err = run("check", book, "--policy", own)
    assert code == 2
    assert "从高到低" in err


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "utf-8"])
def test_no_console_code_page_makes_it_fail(book: Path, tmp_path: Path, encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sheetcrm", "run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf"],
        capture_output=True,
        env={"PYTHONIOENCODING": encoding, "PATH": "", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr


def test_text_that_looks_like_a_formula_stays_text(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "客户.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("打分表")
        for number, row in enumerate([HEADER, ["C1", '=HYPERLINK("http://x")', *ROWS[0][2:]]]):
            sheet.write_row(number, 0, row)
    assert run("run", path, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf")[0] == 0
    found: Any = load_workbook(tmp_path / "out" / "2024-03" / "workbooks" / "客户.xlsx").active
    assert (found["B2"].value, found["B2"].data_type) == ('=HYPERLINK("http://x")', "s")
    shutil.rmtree(tmp_path / "out")
