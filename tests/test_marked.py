"""`sheetcrm check --marked`: copies of people's workbooks that show what is wrong where (practice §1.7)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from sheetcrm.cli.entry import cli
from sheetcrm.excel.splice.conditional_formats import MARK
from sheetcrm.ooxml.own_sheets import FINDINGS_SHEET
from sheetcrm.policy.loading import standard
from sheetcrm.runs import marked, reading
from sheetcrm.store.files.inputs import gather
from tests import hostile
from tests.invariants import new_findings
from tests.workbooks import SCORING_HEADER, TODAY, Cells, workbook

HEADER = (*SCORING_HEADER, "客户经理")
ROWS: tuple[Sequence[object], ...] = (
    ("C2024001", "A公司", "30天", "12次/年", "八十万左右", "高", "85%", None, None, "张*", "2024-03-01", "张三"),
    ("C2024002", "B公司", "60天", "很多次", "30万元", "中", "60%", None, None, "李*", "2024-03-01", "李四"),
    (None, "C公司", "120天", "2次/年", "8万元", "低", "30%", None, None, "王*", "2024-03-01", "张三"),
)
SHEET = "打分表"


def book(rows: Sequence[Sequence[object]] = ROWS, **sheets: Cells) -> bytes:
    return workbook({SHEET: (HEADER, *rows), **sheets})


def numbered(number: int, spend: str, loyalty: str, owner: str) -> tuple[object, ...]:
    """Return a row of its own number."""
    first = (f"C20240{number:02}", f"{number}公司", "30天", "2次/年", spend, "低", loyalty)
    return (*first, None, None, "王*", "2024-03-01", owner)


def put(path: Path, data: bytes) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return data


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], catch_exceptions=False, standalone_mode=False)


def check(source: Path, folder: Path, *more: object) -> Result:
    options = ("-o", folder.parent / "结果", "--period", "2024-03", "--marked", folder)
    return call("check", source, *options, *more)


def listed(path: Path, *columns: str) -> list[tuple[object, ...]]:
    """Return the rows of 检查结果, of all columns or some."""
    _, _, header, *rows = openpyxl.load_workbook(path)[FINDINGS_SHEET].iter_rows(values_only=True)
    places = [header.index(column) for column in columns] or range(len(header))
    return [tuple(row[place] for place in places) for row in rows]


def filled(path: Path, sheet: str = SHEET) -> set[str]:
    """Return the areas that are filled."""
    formats = openpyxl.load_workbook(path)[sheet].conditional_formatting
    return {
        area for entry in formats for rule in entry.rules if rule.formula == [MARK] for area in str(entry.sqref).split()
    }


def test_the_cells_at_fault_are_filled_and_listed_by_account_manager(tmp_path: Path) -> None:
    data = put(tmp_path / "客户.xlsx", book())
    result = check(tmp_path / "客户.xlsx", tmp_path / "检查")
    copy = tmp_path / "检查" / "客户.xlsx"
    assert result.return_value == 1
    assert "检查副本在" in result.stdout
    assert filled(copy) == {"E2", "D3", "A4"}
    assert listed(copy, "客户经理", "单元格", "级别", "客户编号", "客户名称")[:4] == [
        ("张三", "第2行", "提示", "C2024001", "A公司"),
        ("张三", "E2", "错误", "C2024001", "A公司"),
        ("张三", "A4", "错误", None, "C公司"),  # set aside: its own cells say whose it is
        ("李四", "D3", "错误", "C2024002", "B公司"),
    ]
    assert "请填数字" in str(listed(copy, "怎么改"))
    assert (tmp_path / "客户.xlsx").read_bytes() == data
    assert new_findings(data, copy.read_bytes()) == []
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["客户.xlsx", "客户.xlsx", "检查"]  # no lock, no rest


def test_the_copies_lie_as_the_workbooks_do_and_one_without_problems_gets_none(tmp_path: Path) -> None:
    put(tmp_path / "in" / "华东" / "客户.xlsx", book())
    put(tmp_path / "in" / "假.xlsx", workbook({"节假日": [("日期", "休/班"), ("2024-03-08", "休")]}))
    result = check(tmp_path / "in", tmp_path / "检查")
    assert [path.relative_to(tmp_path / "检查").as_posix() for path in (tmp_path / "检查").rglob("*.xlsx")] == [
        "华东/客户.xlsx"
    ]
    assert "1 个工作簿，标了 3 个单元格" in result.stdout


def test_a_copy_read_again_gives_the_same_problems_and_the_same_bytes(tmp_path: Path) -> None:
    put(tmp_path / "in" / "客户.xlsx", book())
    first = check(tmp_path / "in", tmp_path / "检查")
    once = (tmp_path / "检查" / "客户.xlsx").read_bytes()
    again = check(tmp_path / "检查", tmp_path / "检查")
    assert (tmp_path / "检查" / "客户.xlsx").read_bytes() == once
    assert again.stdout == first.stdout
    assert again.stderr == ""


def test_mended_in_the_copy_and_checked_again_it_loses_its_fills_and_is_backed_up(tmp_path: Path) -> None:
    put(tmp_path / "in" / "客户.xlsx", book(ROWS[:1]))
    check(tmp_path / "in", tmp_path / "检查")
    copy = tmp_path / "检查" / "客户.xlsx"
    mended = openpyxl.load_workbook(copy)
    mended[SHEET]["E2"] = "80万元"
    mended.save(copy)
    result = check(tmp_path / "检查", tmp_path / "检查")
    assert filled(copy) == set()
    assert [kind for (kind,) in listed(copy, "级别")] == ["提示"] * 2  # one of them 没有用占比: a book of one
    assert openpyxl.load_workbook(copy).sheetnames == [SHEET, FINDINGS_SHEET]
    assert "已先备份到" in result.stderr
    assert list((tmp_path / "检查").rglob(".sheetcrm-backup/*"))


def test_a_copy_without_problems_left_says_so(tmp_path: Path) -> None:
    put(tmp_path / "in" / "客户.xlsx", book(ROWS[:1]))
    holidays = workbook({"节假日": [("日期", "休/班"), ("2024-03-08", "可能")]})
    put(tmp_path / "in" / "假.xlsx", holidays)
    check(tmp_path / "in", tmp_path / "检查")
    copy = tmp_path / "检查" / "假.xlsx"
    assert filled(copy, "节假日") == {"B2"}
    mended = openpyxl.load_workbook(copy)
    mended["节假日"]["B2"] = "休"
    mended.save(copy)
    check(tmp_path / "检查", tmp_path / "检查")
    assert "没有发现问题" in str(openpyxl.load_workbook(copy)[FINDINGS_SHEET]["A1"].value)
    assert filled(copy, "节假日") == set()


def test_what_many_cells_of_a_column_have_in_common_is_filled_in_each_and_listed_for_each_manager(
    tmp_path: Path,
) -> None:
    rows = [numbered(n, "8万元", "#N/A" if n > 8 else "30%", "李四" if n % 2 else "张三") for n in range(1, 21)]
    put(tmp_path / "客户.xlsx", book(rows))
    check(tmp_path / "客户.xlsx", tmp_path / "检查")
    copy = tmp_path / "检查" / "客户.xlsx"
    assert filled(copy) == {"G10:G21"}
    cells = [row for row in listed(copy, "客户经理", "级别", "单元格", "发现了什么") if row[1] == "错误"]
    assert len(cells) == 12
    assert [owner for owner, *_ in cells] == ["张三"] * 6 + ["李四"] * 6
    assert ("张三", "错误", "G11", "和 G10 是同一个问题") in cells


def test_what_most_of_a_column_has_in_common_is_filled_in_each_and_listed_once(tmp_path: Path) -> None:
    rows = [numbered(n, "很多", "30%", "张三") for n in range(1, 21)]
    put(tmp_path / "客户.xlsx", book(rows))
    check(tmp_path / "客户.xlsx", tmp_path / "检查")
    copy = tmp_path / "检查" / "客户.xlsx"
    assert filled(copy) == {"E1:E21"}
    assert [place for place, level in listed(copy, "单元格", "级别") if level == "错误"] == ["E1"]


def test_without_a_customer_the_copies_are_written_all_the_same(tmp_path: Path) -> None:
    put(tmp_path / "客户.xlsx", workbook({SHEET: (SCORING_HEADER[1:], ROWS[0][1:-1])[:1]}))
    result = check(tmp_path / "客户.xlsx", tmp_path / "检查")
    assert result.return_value == 2
    put(tmp_path / "b" / "客户.xlsx", book([(None, *ROWS[0][1:])]))
    result = check(tmp_path / "b" / "客户.xlsx", tmp_path / "检查b")
    assert result.return_value == 2
    assert filled(tmp_path / "检查b" / "客户.xlsx") == {"A2", "E2"}


def test_json_stays_json_and_quiet_stays_quiet(tmp_path: Path) -> None:
    put(tmp_path / "客户.xlsx", book())
    as_json = check(tmp_path / "客户.xlsx", tmp_path / "检查", "--json")
    assert {entry["severity"] for entry in json.loads(as_json.stdout)["problems"]} >= {"错误"}
    assert (tmp_path / "检查" / "客户.xlsx").exists()
    quiet = check(tmp_path / "客户.xlsx", tmp_path / "检查", "-q")
    assert "检查副本" not in quiet.stdout


# --- refused and told -------------------------------------------------------------------------------------------


def refused(source: Path, folder: Path) -> str:
    before = {path: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}
    with pytest.raises(Exception, match="请用 --marked") as error:
        check(source, folder)
    assert {path: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()} == before
    return str(error.value)


def test_the_folder_of_the_workbooks_themselves_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "in" / "客户.xlsx", book())
    assert "不会覆盖" in refused(tmp_path / "in", tmp_path / "in")
    assert "不会覆盖" in refused(tmp_path / "in" / "客户.xlsx", tmp_path / "in")


def test_a_folder_below_the_workbooks_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "in" / "客户.xlsx", book())
    assert "下次检查" in refused(tmp_path / "in", tmp_path / "in" / "检查")


def test_a_file_that_is_no_earlier_copy_is_never_overwritten(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.xlsx", book())
    put(tmp_path / "in" / "客户.xlsx", book())
    put(tmp_path / "检查" / "客户.xlsx", workbook({FINDINGS_SHEET: [("我的", "表")]}))
    assert "以前的检查副本" in refused(tmp_path / "in", tmp_path / "检查")
    put(tmp_path / "检查" / "客户.xlsx", b"no workbook at all")
    assert "以前的检查副本" in refused(tmp_path / "in", tmp_path / "检查")


def test_workbooks_that_cannot_be_edited_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    signed = hostile.members(book()) | {"_xmlsignatures/sig1.xml": b"<x/>"}
    put(tmp_path / "in" / "签名.xlsx", hostile.package(signed))
    put(tmp_path / "in" / "坏.xlsx", b"PK\x03\x04 nothing")
    put(tmp_path / "in" / "加密.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    rows = [(f"K{n}", *ROWS[0][1:]) for n in range(2)]
    put(tmp_path / "in" / "客户.xlsx", book(rows))
    result = check(tmp_path / "in", tmp_path / "检查")
    told = [line.split(" ")[1] for line in result.stderr.splitlines() if line.startswith("没有给 ")]
    assert sorted(told) == ["加密.xlsx", "坏.xlsx", "签名.xlsx"]
    assert "签名" in result.stderr
    assert [path.name for path in (tmp_path / "检查").rglob("*.xlsx")] == ["客户.xlsx"]


def test_a_workbook_in_another_format_is_named_with_the_way_out(tmp_path: Path) -> None:
    from tests.test_foreign import ods  # noqa: PLC0415 - a maker of one test alone

    put(tmp_path / "in" / "客户.ods", ods((HEADER, *[tuple(value or "" for value in row) for row in ROWS])))
    result = check(tmp_path / "in", tmp_path / "检查")
    assert "没有给 客户.ods 写检查副本：它不是 .xlsx" in result.stderr
    assert not (tmp_path / "检查").exists()


def test_a_workbook_that_the_program_itself_made_of_the_orders_is_not_spoken_of(tmp_path: Path) -> None:
    orders = [("客户编号", "日期", "金额"), ("C001", "2024-03-01", 8000), ("C002", "很久以前", 5000)]
    put(tmp_path / "in" / "订单.xlsx", workbook({"交易明细": orders}))
    result = check(tmp_path / "in", tmp_path / "检查")
    assert result.stderr == ""
    assert [path.name for path in (tmp_path / "检查").rglob("*.xlsx")] == ["订单.xlsx"]


def test_a_strange_file_of_the_name_of_a_workbook_without_problems_is_in_nobodys_way(tmp_path: Path) -> None:
    put(tmp_path / "in" / "客户.xlsx", book())
    holidays = put(tmp_path / "in" / "假.xlsx", workbook({"节假日": [("日期", "休/班"), ("2024-03-08", "休")]}))
    put(tmp_path / "检查" / "假.xlsx", holidays)
    assert check(tmp_path / "in", tmp_path / "检查").return_value == 1
    assert (tmp_path / "检查" / "假.xlsx").read_bytes() == holidays


def test_a_copy_that_is_mended_while_it_is_checked_is_not_overwritten(tmp_path: Path) -> None:
    put(tmp_path / "in" / "客户.xlsx", book())
    check(tmp_path / "in", tmp_path / "检查")
    copy = tmp_path / "检查" / "客户.xlsx"
    policy = standard()
    inputs = gather([tmp_path / "检查"], output=None)
    read = reading.read(inputs, policy=policy, today=TODAY)
    mended = openpyxl.load_workbook(copy)
    mended[SHEET]["E2"] = "80万元"
    mended.save(copy)
    data = copy.read_bytes()
    planned = marked.plan(tmp_path / "检查", [tmp_path / "检查"], read, read.problems, as_of=TODAY)
    written = marked.write(planned)
    assert list(written.failed) == ["客户.xlsx"]
    assert copy.read_bytes() == data


def test_a_run_over_a_marked_copy_grades_as_over_the_workbook_and_leaves_the_list_alone(tmp_path: Path) -> None:
    put(tmp_path / "in" / "客户.xlsx", book())
    check(tmp_path / "in", tmp_path / "检查")
    options = ("--period", "2024-03", "--no-pdf", "--json")
    plain = json.loads(call("run", tmp_path / "in", "-o", tmp_path / "a", *options).stdout)
    copied = json.loads(call("run", tmp_path / "检查", "-o", tmp_path / "b", *options).stdout)
    assert copied["customers"] == plain["customers"]
    assert copied["problems"] == plain["problems"]
    result = (tmp_path / "b" / "2024-03" / "workbooks" / "客户.xlsx").read_bytes()
    assert openpyxl.load_workbook(io.BytesIO(result)).sheetnames == [SHEET, FINDINGS_SHEET]


def test_a_copy_that_cannot_be_written_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
    put(tmp_path / "in" / "华东" / "客户.xlsx", book())
    put(tmp_path / "检查" / "华东", b"a file where a folder should be")
    result = check(tmp_path / "in", tmp_path / "检查")
    assert result.return_value == 3
    assert "没有给 华东/客户.xlsx 写检查副本" in result.stderr
