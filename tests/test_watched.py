"""A file that asks too much is read by a child that is watched: it answers, or is ended, and that is told."""

from __future__ import annotations

import os
import time
from datetime import date, datetime

import pytest

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake import workbooks
from sheetcrm.intake.open import in_process, sandbox, transfer
from sheetcrm.model import Column, RawValue, Table
from sheetcrm.ooxml.package import open_package
from sheetcrm.processes.children import Budget
from tests.hostile import MAIN, rows, workbook
from tests.workbooks import REFERENCE_ROWS, SCORING_HEADER

PLENTY = Budget(memory=1 << 30, seconds=30)
ORDERS = ("客户编号", "日期", "金额")


def answer(data: bytes, file: str) -> tuple[int, str]:
    return len(data), file


def refuse(_data: bytes, _file: str) -> None:
    raise UnreadableWorkbookError("workbook-damaged", "文件已损坏", "请重新导出")


def hoard(_data: bytes, _file: str) -> None:
    held = []
    while True:
        held.append(b"x" * (1 << 20))
        time.sleep(0.001)


def grab(_data: bytes, _file: str) -> None:
    bytes(8 << 30)


def dawdle(_data: bytes, _file: str) -> None:
    time.sleep(60)


def abort(_data: bytes, _file: str) -> None:
    os.abort()


def leave(_data: bytes, _file: str) -> None:
    os._exit(0)


def test_a_child_gets_the_file_and_gives_its_answer() -> None:
    assert sandbox.call(answer, bytes(5 << 20), "客户.xlsx", budget=PLENTY) == (5 << 20, "客户.xlsx")


@pytest.mark.parametrize(
    ("work", "budget", "kind"),
    [
        (refuse, PLENTY, "workbook-damaged"),
        (hoard, Budget(memory=200 << 20, seconds=30), "workbook-needs-memory"),
        (dawdle, Budget(memory=1 << 30, seconds=0.2), "workbook-needs-time"),
        (abort, PLENTY, "workbook-stops-reader"),
        (leave, PLENTY, "workbook-stops-reader"),
    ],
)
def test_a_child_that_cannot_do_it_is_a_refusal_in_words(work: object, budget: Budget, kind: str) -> None:
    started = time.monotonic()
    with pytest.raises(UnreadableWorkbookError) as refusal:
        sandbox.call(work, b"", "客户.xlsx", budget=budget)  # type: ignore[arg-type]
    assert refusal.value.kind == kind
    assert refusal.value.fix.startswith("请")
    assert time.monotonic() - started < 20


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit a process sets itself; the parent sees it")
def test_what_is_asked_for_between_two_looks_is_refused_too() -> None:
    with pytest.raises(UnreadableWorkbookError) as refusal:
        sandbox.call(grab, b"", "客户.xlsx", budget=Budget(memory=200 << 20, seconds=30))
    assert refusal.value.kind == "workbook-needs-memory"


def test_a_workbook_of_many_merges_is_read_by_a_child_and_reads_the_same() -> None:
    lines = [[f"C{number // 2}", "2024-01-01", number] for number in range(5000)]
    merges = "".join(f'<mergeCell ref="A{row}:A{row + 1}"/>' for row in range(2, 5002, 2))
    data = workbook(rows(ORDERS, *lines) + f"<mergeCells>{merges}</mergeCells>")
    package = open_package(data)
    with pytest.raises(in_process.TooMuchHereError):
        in_process.check_sheet(package.read(package.sheets[0].part), is_small=True)
    (table,), problems = workbooks.read_workbook(data, file="客户.xlsx")
    packed, others = workbooks.read_packed(data, "客户.xlsx")
    (plain,) = transfer.unpack(packed)
    assert problems == others
    assert (table.rows, table.columns, table.marks) == (plain.rows, plain.columns, plain.marks)
    assert [list(row) for row in table.values] == [list(row) for row in plain.values]
    assert len(table.rows) == 5000


def test_tables_come_out_of_the_pack_as_they_went_in() -> None:
    card = Table("a.xlsx", "表", "profile", 0, (Column(2, "customer_id", "客户编号", row=3),), (3,), (["C1"],))
    values: tuple[list[RawValue], ...]
    values = ([True, 1, None], [1.0, "1", date(2026, 1, 5)], [1, "", datetime(2026, 1, 5, 9)])  # noqa: DTZ001
    columns = tuple(Column(index, None, str(index)) for index in range(1, 4))
    table = Table("a.xlsx", "表", "order", 5, columns, (6, 8, 9), values, marks={(6, 1): "#N/A"}, card=card)
    empty = Table("a.xlsx", "空", "order", 1, columns, (), ())
    made = transfer.unpack(transfer.pack([card, table, empty]))
    assert made[1].card is made[0]
    assert [made[0].values, made[2].values] == [(["C1"],), ()]
    assert [[(type(v), v) for v in row] for row in made[1].values] == [[(type(v), v) for v in row] for row in values]
    assert (made[1].rows, made[1].marks, made[1].columns) == (table.rows, table.marks, columns)


def is_plain(data: bytes) -> bool:
    try:
        in_process.check_package(open_package(data))
    except in_process.TooMuchHereError:
        return False
    return True


@pytest.mark.parametrize("begin", ["<si>", '<si a="1">', "<x:si>", "<si\n>"])
def test_texts_are_bounded_by_the_longest_of_them_however_it_is_written(begin: str) -> None:
    end = f"</{begin[1:].split('>', maxsplit=1)[0].split(maxsplit=1)[0]}>"
    item = f"{begin}<t>{'si>&lt;si>' * 20_000}</t>{end}"
    strings = f'<sst xmlns="{MAIN}" xmlns:x="{MAIN}">{item}<si><t>短</t></si></sst>'
    many = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>1</v></c></row>' for row in range(1, 2001))
    assert not is_plain(workbook(f"<sheetData>{many}</sheetData>", strings=strings))
    assert is_plain(workbook(rows(SCORING_HEADER, *REFERENCE_ROWS), strings=strings))


def test_the_budget_grows_with_the_file() -> None:
    small, large = sandbox.budget_for(b""), sandbox.budget_for(bytes(10 << 20))
    assert small.memory < 400 << 20 < large.memory < 2 << 30
    assert small.seconds < large.seconds
