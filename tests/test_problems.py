"""The catalogue of messages: complete, fillable, and none without a cause."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import sheetcrm
from scripts import docs
from sheetcrm.model import CellRef, Severity
from sheetcrm.problems import MESSAGES, REFUSALS, SPOILS_A_CELL, listed, problem, shown
from tests.workbooks import checked

SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path(sheetcrm.__file__).parent.rglob("*.py"))


def placeholders(kind: str) -> set[str]:
    message = MESSAGES[kind]
    return {name for part in (message.what, message.fix) for _, name, _, _ in string.Formatter().parse(part) if name}


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_message_is_whole(kind: str) -> None:
    message = MESSAGES[kind]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind)
    made = problem(kind, CellRef("客户.xlsx", "表", 2, 1), **dict.fromkeys(placeholders(kind), "某"))
    assert re.fullmatch(rf"客户\.xlsx!表!A2: .+。.+ \[{kind}\]", str(made))
    for part in (message.what, message.fix):
        assert part
        assert part[-1] not in "。.；;，,"
        assert "\n" not in part


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_kind_has_a_place_in_the_program_that_tells_it(kind: str) -> None:
    uses = SOURCES.count(f'"{kind}"')
    assert uses > 1 or (kind.endswith("-unreadable") and uses >= 1), f"nobody tells {kind}"


def test_what_spoils_a_cell_is_an_error_of_the_catalogue() -> None:
    assert set(MESSAGES) >= SPOILS_A_CELL
    assert {MESSAGES[kind].severity for kind in SPOILS_A_CELL} == {Severity.ERROR}


def test_an_unknown_kind_or_a_missing_value_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        problem("no-such-kind", CellRef("客户.xlsx"))
    with pytest.raises(KeyError):
        problem("key-twice", CellRef("客户.xlsx"))


def test_values_are_shown_on_one_line_of_forty_characters() -> None:
    assert shown("八十万左右") == "“八十万左右”"
    assert shown("两\n行  字") == "“两 行 字”"
    assert len(shown("长" * 100)) == 42
    assert shown("{braces}") == "“{braces}”"


def test_a_value_with_braces_is_no_template() -> None:
    made = problem("money-unreadable", CellRef("客户.xlsx"), found=shown("{0} {found}"))
    assert "“{0} {found}”" in str(made)


def test_long_lists_say_how_many_they_are() -> None:
    assert listed(["A1", "A2"]) == "A1、A2"
    assert listed([f"A{at}" for at in range(9)]) == "A0、A1、A2、A3、A4等 9 处"


def test_a_kind_has_a_name_of_its_own_for_lists_and_sheets() -> None:
    titles = [*(message.title for message in MESSAGES.values()), *REFUSALS.values()]
    assert len(set(titles)) == len(titles)
    assert all(re.search(r"[\u4e00-\u9fff]", name) and len(name) <= 12 for name in titles)


@pytest.mark.slow
def test_every_refusal_has_a_name_and_says_where_only_the_writing_was_refused() -> None:
    assert REFUSALS.keys() == docs.refusals().keys()
    raised = re.findall(r'UneditableWorkbookError\(\s*"([a-z-]+)"', SOURCES)
    unwritten = {kind for kind, name in REFUSALS.items() if name.endswith("未回写")}
    assert unwritten == set(raised) - {"workbook-not-copied"}  # that one has no copy to write to, and is not read


def test_a_problem_that_stands_for_several_cells_names_the_others() -> None:
    rows = [(f"C{n:03}", "甲", "80万" if n < 14 else "35", "高", "#N/A" if n > 8 else "30%") for n in range(1, 17)]
    header = ("客户编号", "客户名称", "消费金额", "行业潜力", "忠诚度")
    cells = {entry.kind: (str(entry.ref), len(entry.further)) for entry in checked({"表": (header, *rows)})}
    assert cells["unit-missing"] == ("客户.xlsx!表!C15", 2)
    assert cells["cell-error"] == ("客户.xlsx!表!E10", 7)
