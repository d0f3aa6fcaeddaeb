"""The review workbook of many customers holds what a meeting works on, and its long lists are streamed."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from itertools import islice

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from sheetcrm.excel.books.review import review_book
from sheetcrm.excel.books.review_table import STREAMED_ROWS
from sheetcrm.intake.review_books import read_review
from sheetcrm.model import Assessment, Health, Movement
from sheetcrm.model.review import AUDIT, OVERVIEW, ReviewRow
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy
from tests.making import scoring_row
from tests.reporting import BOOK, assessment, due, figures, results
from tests.values import replace

MOST = 20
WAITING = STREAMED_ROWS + 1
NAME = "_x0041_ & <甲>公司"
FILLED = ReviewRow(AUDIT, ("C00003", "VIP客户"), {"审核意见": "同意", "审核人": "李*", "审核日期": "2026-11-02"})
REMARKED = ReviewRow("VIP客户", ("C00004",), {"备注": "下月拜访"})


def policy() -> Policy:
    report = standard().report.model_copy(update={"meeting_customers": MOST})
    return standard().model_copy(update={"report": report})


def many() -> list[Assessment]:
    first = assessment("C00001", "VIP客户")
    customers = [
        replace(
            first, customer=replace(first.customer, customer_id=f"C{number:05}", scoring=scoring_row(f"C{number:05}"))
        )
        for number in range(1, WAITING + 1)
    ]
    waiting = [
        replace(entry, awaiting_audit=True, movement=Movement.NEW, owner="赵一", due=(due("2026-11-05"),))
        for entry in customers
    ]
    odd = replace(waiting[0].customer, name=NAME)
    red = replace(waiting[0], customer=odd, health=Health("红"), due=(due("2026-10-20", late=11),))
    risen = replace(waiting[1], movement=Movement.UP, previous_grade="重点客户")
    return [red, risen, *waiting[2:]]


@pytest.fixture(scope="module")
def data() -> bytes:
    return written()


def written() -> bytes:
    entries = many()
    decided = results(entries, book=BOOK, policy=policy(), figures=figures(entries), problems=(), sample=())
    return review_book(replace(decided, review=(FILLED, REMARKED)), workbooks=[])


@pytest.fixture(scope="module")
def book(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_it_leaves_out_the_lists_of_everybody_and_says_where_they_are(book: Workbook) -> None:
    assert not {"评分明细", *(tier.name for tier in standard().tiers)} & set(book.sheetnames)
    for title, row in ((AUDIT, 2), (OVERVIEW, 3)):
        assert f"客户超过 {MOST} 家，评审包只列会上要办的" in str(book[title].cell(row, 1).value)


def test_it_lists_changes_red_customers_and_what_is_overdue(book: Workbook) -> None:
    assert [row[0].value for row in islice(book["变动"].rows, 3, None)] == ["C00002"]
    assert f"新评级 {WAITING - 1} 家不列" in str(book["变动"].cell(2, 1).value)
    assert [row[0].value for row in islice(book["健康度红"].rows, 3, None)] == ["C00001"]
    assert [row[2].value for row in islice(book["跟进计划"].rows, 3, None)] == ["C00001"]


def test_a_streamed_list_is_a_table_of_the_same_cells(book: Workbook) -> None:
    at = book[AUDIT]
    (table,) = at.tables.values()
    assert table.ref == f"A3:L{3 + WAITING}"
    assert at.cell(3, 1).value == "客户编号"
    assert at.max_row == 3 + WAITING
    assert [at.cell(4, column).value for column in (1, 2, 3, 5)] == [
        "C00001",
        NAME.replace("_x", "_x005F_x"),  # as Excel has it spelt, which openpyxl leaves as it is in such cells
        "赵一",
        "VIP客户",
    ]
    assert isinstance(at.cell(4, 7).value, int | float)
    assert Decimal(str(at.cell(4, 7).value)) == many()[0].score.total
    assert at.cell(4, 9).fill.fgColor.rgb == "FFFFFBE6"
    assert at.cell(4, 7).number_format == "0.0"


def test_what_was_filled_in_stands_there_and_is_read_back(data: bytes, book: Workbook) -> None:
    row = [cell.value for cell in book[AUDIT][6]]
    assert row[0] == "C00003"
    assert row[8:11] == ["同意", "李*", book[AUDIT].cell(6, 11).value]
    assert getattr(book[AUDIT].cell(6, 11).value, "date", lambda: None)() == date(2026, 11, 2)
    back = read_review(data, file="评审包.xlsx")
    assert back is not None
    entries, problems = back
    assert not problems
    assert {(entry.title, entry.keys): entry.filled for entry in entries.rows} == {
        (entry.title, entry.keys): entry.filled for entry in (FILLED, REMARKED)
    }


def test_the_same_values_give_the_same_bytes(data: bytes) -> None:
    assert written() == data
