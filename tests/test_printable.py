"""What is quoted is printable: on a terminal, in JSON, in pages and in new workbooks."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from sheetcrm import privacy
from sheetcrm.excel.books import copies
from sheetcrm.excel.books.review import review_book
from sheetcrm.excel.books.review_table import Link, source_link
from sheetcrm.model import CellRef, SheetValues
from sheetcrm.policy import loading
from sheetcrm.problems import shown
from sheetcrm.report.pages import filters
from sheetcrm.report.pages.templates import Templates
from sheetcrm.store.files.inputs import gather
from sheetcrm.text.printable import (
    dump_json,
    one_line,
    printable,
    printable_lines,
    printable_name,
)
from tests.hostile import members, package
from tests.reporting import assessment, results
from tests.terminals import HOSTILE, UNPRINTABLE, environment, faults, on_terminal
from tests.test_pipeline import HEADER, ROWS, save

Run = Callable[..., tuple[int, str, str]]
terminal_only = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
PROFILE = ["客户编号", "客户名称", "行业类型", "首次合作时间", "客户经理", "部门", "联系人(职位)", "核心需求"]
FOLLOW_UPS = ["客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要", "下一步计划"]


# --- the filter


def test_every_character_is_printed_or_not_by_its_category() -> None:
    kept = {chr(code) for code in range(0x110000) if printable(chr(code)) == chr(code)}
    assert not {unicodedata.category(character) for character in kept} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not any(UNPRINTABLE.match(character) for character in kept)
    assert not kept & {"\ufffe", "\uffff", "\U0010ffff", "\ufdd0"}
    assert {"a", "中", "𠮷", "—", "　", "é", "☑", "\ue000"} <= kept


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("甲\n公司\t一部", "甲 公司 一部"),
        ("\x1b[31m红", "[31m红"),
        ("\u202e乙公司\u200b", "乙公司"),
        ("户\udcff.xlsx", "户�.xlsx"),
        ("  两  格　", "两 格"),
        (None, ""),
    ],
)
def test_a_quoted_text_is_one_printable_line(text: str | None, line: str) -> None:
    assert one_line(text) == line


@given(st.text())
def test_filtering_again_changes_nothing(text: str) -> None:
    for kept in (printable, one_line, printable_lines, printable_name):
        assert kept(kept(text)) == kept(text)
    assert not UNPRINTABLE.search(printable(text))
    assert "\n" not in printable(text)


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_json_is_escaped_and_stays_the_same_value(text: str) -> None:
    written = dump_json({"值": text}, indent=1)
    assert json.loads(written) == {"值": text}
    assert not UNPRINTABLE.search(written)
    written.encode()


def test_a_name_never_turns_into_another_or_into_the_folder_above() -> None:
    assert printable_name("..\u200b") == ".._"
    assert printable_name("a\x1b.xlsx") != "a.xlsx"


@pytest.mark.parametrize("between", ["\u200b", "\u202e", "\x07", "\u2060"])
def test_what_nobody_sees_does_not_hide_a_number_from_the_mask(between: str) -> None:
    number = f"1391234{between}5678"
    assert "13912345678" not in shown(privacy.mask_text(f"电话{number}"))
    assert "13912345678" not in shown(privacy.mask_contact(f"张三 {number}"))


# --- workbooks and pages


def well_formed(data: bytes) -> None:
    for name, content in members(data).items():
        if name.endswith((".xml", ".rels")):
            expat.ParserCreate().Parse(content, True)  # noqa: FBT003  (expat takes it by position)
            assert not UNPRINTABLE.search(content.decode()), name


def test_a_page_gets_no_unprintable_character_whatever_its_template_prints(tmp_path: Path) -> None:
    (tmp_path / "own.html").write_text("<p>{{ page.text }}</p>{% for one in page.many %}{{ one }}{% endfor %}")
    html = Templates([tmp_path]).fill("own.html", {"text": HOSTILE, "many": [HOSTILE]})
    assert not UNPRINTABLE.search(html)
    assert filters.clean is one_line


def test_a_sheets_name_that_cannot_stand_in_a_link_leaves_the_link_to_its_workbook() -> None:
    link = source_link(CellRef("客户.xlsx", "打分\n\u202e表", 2, 1), ["客户.xlsx"])
    assert isinstance(link, Link)
    assert link.target == "external:../workbooks/客户.xlsx"


def test_a_sheets_name_of_an_old_format_that_xml_cannot_hold_makes_a_sound_copy() -> None:
    data = copies.make_copy([SheetValues("打\x1b分\x00表", hidden=False, top=1, left=1, rows=[["甲\x1b[2J", "乙"]])])
    for name, content in members(data).items():
        if name.endswith((".xml", ".rels")):
            expat.ParserCreate().Parse(content, True)  # noqa: FBT003  (expat takes it by position)
    assert load_workbook(io.BytesIO(data)).sheetnames == ["打_分_表"]


def test_the_words_of_a_policy_are_printable() -> None:
    text = loading.standard_text().replace("VIP客户", "VIP\\u001b[2J客户")
    assert "VIP[2J客户" in [tier.name for tier in loading.load(text, source="x.toml").tiers]


# --- the command line


def hostile_book(path: Path) -> Path:
    """A workbook with hostile text in names, owners, promises, unreadable cells, and in a sheet's name."""
    rows = [list(row) for row in ROWS]
    rows[0][1], rows[0][9], rows[1][4], rows[2][0] = HOSTILE + "公司", HOSTILE, HOSTILE, "C\x1b[2J9"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    tables: Sequence[tuple[str, Sequence[Sequence[Any]]]] = (
        ("打分甲乙表", [HEADER, *rows]),
        ("基础表", [PROFILE, ["C2024001", HOSTILE + "公司", *[HOSTILE] * 6]]),
        ("跟进表", [FOLLOW_UPS, ["C2024001", "2024-02-20", HOSTILE, HOSTILE, HOSTILE, f"3日内{HOSTILE}"]]),
    )
    with xlsxwriter.Workbook(data, {"strings_to_formulas": False}) as book:
        for title, table in tables:
            sheet = book.add_worksheet(title)
            for number, row in enumerate(table):
                for at, value in enumerate(row):
                    sheet.write(number, at, value)
    parts = members(data.getvalue())
    listed = parts["xl/workbook.xml"].replace("甲乙".encode(), "&#10;\u202e\u009b\u200b".encode())
    path.write_bytes(package({**parts, "xl/workbook.xml": listed}))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hostile_book(tmp_path / "in" / "客户.xlsx")
    if sys.platform != "win32":
        name = os.fsdecode("客\x1b[2J\u202e户\n伪造".encode() + b"\xff.xlsx")
        save(tmp_path / "in" / name, {"打分表": [HEADER, ["C7", "庚公司", "没有", *ROWS[0][3:]]]})
    return tmp_path


@terminal_only
@pytest.mark.slow
def test_no_command_prints_what_a_terminal_obeys(folder: Path) -> None:
    books, out = folder / "in", folder / "out"
    day = ("--as-of", "2024-03-01")
    commands: Sequence[Sequence[str | Path]] = (
        ("check", books),
        ("run", books, "-o", out, *day, "--no-pdf", "--dry-run"),
        ("run", books, "-o", out, *day, "--no-pdf"),
        ("run", books, "-o", out, *day, "--no-pdf", "--in-place"),
        ("explain", "C2024001", books, "-o", out, *day),
        ("explain", HOSTILE.replace("\x00", ""), books, "-o", out, *day),
        ("history", "-o", out),
        ("history", "C2024001", "-o", out),
        ("whatif", books, "-o", out, *day, "--set", "评分卡.行业潜力.权重=5", "--set", "评分卡.消费金额.权重=5"),
        ("packs", books, "-o", out, *day, "--only", "跟进日历"),
        ("restore", books),
        ("restore", next(path for path in books.glob("*") if "\x1b" in path.name), "--latest"),
        ("check", folder / HOSTILE.replace("\x00", "")),
        ("check", books, "--policy", folder / "\x1b[2J.toml"),
        ("check", "--\x1b[2J\u202e"),
    )
    for words in commands:
        for form in ((), ("--json",)) if words[0] in {"check", "run", "explain"} else ((),):
            code, printed = on_terminal(*words, *form)
            assert code in {0, 1, 2}, printed
            assert not faults(printed), (words, printed)
            assert "Traceback" not in printed
            assert printed.strip()


@terminal_only
@pytest.mark.slow
def test_what_a_run_writes_is_printable_too(folder: Path) -> None:
    code, printed = on_terminal("run", folder / "in", "-o", folder / "out", "--as-of", "2024-03-01", "--no-pdf")
    assert code == 1, printed
    period = folder / "out" / "2024-03"
    for name in ("run.json", "edits.jsonl"):
        assert not UNPRINTABLE.search((period / name).read_text("utf-8"))
    assert [entry["file"] for entry in json.loads((period / "run.json").read_bytes())["inputs"]] == [
        "客_[2J_户_伪造_.xlsx",
        "客户.xlsx",
    ]
    assert sorted(path.name for path in (period / "workbooks").iterdir()) == ["客_[2J_户_伪造_.xlsx", "客户.xlsx"]
    well_formed((period / "packs" / "评审包.xlsx").read_bytes())
    written: Any = load_workbook(period / "workbooks" / "客户.xlsx")
    for sheet in written:
        columns = [cell.column for cell in sheet[1] if cell.value in {"下一步动作", "责任人", "得分说明"}]
        assert not any(UNPRINTABLE.search(str(sheet.cell(2, column).value)) for column in columns)


def test_json_is_utf8_on_every_console(folder: Path) -> None:

    answers = {
        subprocess.run(
            [sys.executable, "-m", "sheetcrm", "check", folder / "in" / "客户.xlsx", "--json"],
            capture_output=True,
            env=environment(PYTHONIOENCODING=encoding),
            check=False,
        ).stdout
        for encoding in ("gbk", "ascii", "cp1252", "utf-8")
    }
    assert len(answers) == 1
    assert "无法识别" in answers.pop().decode()


def test_names_alike_but_for_what_cannot_be_printed_stay_apart(tmp_path: Path) -> None:
    for name in ("a\u200b.xlsx", "a\u200c.xlsx", "a_.xlsx"):
        save(tmp_path / name, {"打分表": [HEADER, *ROWS]})
    names = [entry.name for entry in gather([tmp_path], output=None)]
    assert sorted(names) == ["a_(2).xlsx", "a_(3).xlsx", "a_.xlsx"]


def test_the_review_workbook_stays_whole_whatever_a_name_holds() -> None:
    entry = assessment("C001", name=HOSTILE + "\ud800\ufffe", owner=HOSTILE)
    data = review_book(results([entry]), workbooks=())
    well_formed(data)
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        assert not re.search(rb"_x00[01]", b"".join(made.read(name) for name in made.namelist()))


@given(st.lists(st.text() | st.integers(-(1 << 60), 1 << 60) | st.none()))
def test_compact_json_is_that_of_the_standard_library(values: list[str | int | None]) -> None:
    written = dump_json(values, compact=True)
    assert json.loads(written) == values
    if all(printable(value) == value for value in values if isinstance(value, str)):
        assert written == json.dumps(values, ensure_ascii=False, separators=(",", ":"))
