"""Records to the book: who is in it, what is set aside, and that order changes nothing (practice §1.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.intake.book import join
from sheetcrm.model import Book, CellRef, Column, Order, Record, Records, ScoringRow, Table
from sheetcrm.problems import problem
from tests.workbooks import PROFILE_HEADER, PROFILE_ROW, SCORING, SCORING_HEADER, Cells, book_of

ORDERS = ("客户编号", "日期", "金额", "产品")
BASE: Cells = [PROFILE_HEADER, PROFILE_ROW, ("C002", "丁戊有限公司", *PROFILE_ROW[2:])]


def said(record: Record | None) -> object:
    """Everything a record says but where it stands."""
    if record is None:
        return None
    names = [name for cls in type(record).__mro__ for name in getattr(cls, "__slots__", ())]
    return {name: getattr(record, name) for name in names if name not in {"origin", "row"}}


def all_said(book: Book) -> object:
    """Everything a book says but addresses."""
    many = ("orders", "follow_ups", "services", "overrides", "risks", "needs")
    customers = [
        (entry.customer_id, entry.name, said(entry.profile), said(entry.scoring),
         [[said(record) for record in getattr(entry, name)] for name in many])
        for entry in book.customers
    ]  # fmt: skip
    return customers, [[said(record) for record in rows] for rows in (book.standards, book.settings, book.holidays)]


def test_rows_of_all_files_and_sheets_become_customers_by_their_key() -> None:
    scoring = [SCORING_HEADER, ("C002", "丁戊有限公司", *SCORING[1][2:]), ("C003", "己公司", *SCORING[2][2:])]
    orders = [ORDERS, ("C002", "2026-02-01", 2, "乙"), ("C001", "2026-01-01", 1, "甲"), ("C002", "2026-01-01", 3, "丙")]
    book = book_of(("甲.xlsx", {"基础表": BASE}), ("乙.xlsx", {"打分表": scoring, "交易": orders}))
    assert [(entry.customer_id, entry.name) for entry in book.customers] == [
        ("C001", "甲乙科技有限公司"), ("C002", "丁戊有限公司"), ("C003", "己公司"),
    ]  # fmt: skip
    first, second, third = book.customers
    assert (first.scoring, third.profile) == (None, None)
    assert [order.product for order in second.orders] == ["丙", "乙"]
    assert book.files == ("乙.xlsx", "甲.xlsx")
    assert book.kinds == {"profile", "scoring", "order"}


def test_keys_meet_over_spaces_and_widths() -> None:
    book = book_of(("甲.xlsx", {"基础表": BASE[:2], "交易": [ORDERS, (" Ｃ００１", "2026-01-01", 1)]}))
    assert len(book.customers[0].orders) == 1


def test_a_key_twice_leaves_all_its_rows_out() -> None:
    book = book_of(("甲.xlsx", {"基础表": [*BASE, ("C001", "别的公司", *PROFILE_ROW[2:])]}))
    assert [entry.customer_id for entry in book.customers] == ["C002"]
    book = book_of(("甲.xlsx", {"基础表": BASE}), ("乙.xlsx", {"基础表": BASE[:2]}))
    assert [entry.customer_id for entry in book.customers] == ["C002"]


def test_a_customer_whose_base_row_is_set_aside_lives_on_in_the_scoring_sheet() -> None:
    scoring = [SCORING_HEADER, ("C001", "甲乙科技有限公司", *SCORING[1][2:])]
    book = book_of(("甲.xlsx", {"基础表": [*BASE[:2], BASE[1]], "打分表": scoring}))
    assert [(entry.customer_id, entry.profile) for entry in book.customers] == [("C001", None)]
    assert book.customers[0].scoring is not None


def test_an_unreadable_figure_leaves_its_row_in_the_book() -> None:
    scoring = [SCORING_HEADER, ("C001", "甲", "30天", "12次/年", "八十万左右", *SCORING[1][5:])]
    (customer,) = book_of(("甲.xlsx", {"打分表": scoring})).customers
    assert customer.scoring is not None
    assert customer.scoring.unreadable == ("spend_12m",)


def test_an_order_ahead_of_today_is_left_out_alone() -> None:
    orders = [ORDERS, ("C001", "2027-01-01", 1), ("C001", "2026-01-01", 2)]
    (customer,) = book_of(("甲.xlsx", {"基础表": BASE[:2], "交易": orders})).customers
    assert [order.amount for order in customer.orders] == [2]


def test_a_fault_in_any_cell_of_a_card_sets_the_card_aside() -> None:
    card: Cells = [("字段名称", "值"), ("客户编号", "C9"), ("客户名称", "丙"), ("最后更新日期", "2027-01-01")]
    assert book_of(("甲.xlsx", {"丙": card})).customers == ()
    good: Cells = [*card[:3], ("备注", "好")]
    assert len(book_of(("甲.xlsx", {"丙": good})).customers) == 1


def test_tables_side_by_side_do_not_share_their_faults() -> None:
    def table(kind: str, first: int, names: Sequence[str]) -> Table:
        columns = tuple(Column(at, name, name) for at, name in enumerate(names, first))
        return Table("甲.xlsx", "表", kind, 1, columns, (2,), ())

    orders, scores = table("order", 1, ["customer_id", "date", "amount"]), table("scoring", 5, ["customer_id", "name"])
    day: Any = "2026-01-01"
    order = Order(origin=orders, row=2, customer_id="C1", date=day, amount=day)
    records = Records(
        tables=(orders, scores),
        orders=(order,),
        scorings=(ScoringRow(origin=scores, row=2, customer_id="C1", name="甲"),),
    )
    fault = problem("date-future", CellRef("甲.xlsx", "表", 2, 2), label="日期", found="2027-01-01")
    (customer,) = join(records, [fault]).customers
    assert customer.orders == ()
    whole_row = problem("date-future", CellRef("甲.xlsx", "表", 2), label="日期", found="2027-01-01")
    assert join(records, [whole_row]).customers == ()


def test_a_name_only_the_base_sheet_says_is_the_customers() -> None:
    scoring = [("客户编号", "消费金额", "等级"), ("C001", 1, None), ("C009", 1, None)]
    book = book_of(("甲.xlsx", {"基础表": BASE[:2], "打分表": scoring}))
    assert [entry.name for entry in book.customers] == ["甲乙科技有限公司", "C009"]


ORDER_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["C001", "C002", "C404"]),
        st.sampled_from(["2026-01-01", "2026-01-02", "2027-01-01", "昨天"]),
        st.sampled_from([1, 10, "2万", "待定"]),
        st.sampled_from([None, "甲", "乙"]),
    ),
    max_size=6,
)
BASE_ROWS = st.lists(st.sampled_from(["C001", "C002", "C003"]), max_size=4)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(data=st.data(), orders=ORDER_ROWS, keys=BASE_ROWS)
def test_the_order_of_rows_sheets_and_files_changes_nothing(
    data: st.DataObject, orders: list[tuple[object, ...]], keys: list[str]
) -> None:
    base = [(key, f"{key}公司", *PROFILE_ROW[2:]) for key in keys]
    before = book_of(
        ("甲.xlsx", {"基础表": [PROFILE_HEADER, *base], "打分表": SCORING}), ("乙.xlsx", {"交易": [ORDERS, *orders]})
    )
    turned = data.draw(st.permutations(orders))
    after = book_of(
        ("乙.xlsx", {"交易": [ORDERS, *turned]}),
        ("甲.xlsx", {"打分表": [SCORING_HEADER, *data.draw(st.permutations(SCORING[1:]))],
                     "基础表": [PROFILE_HEADER, *data.draw(st.permutations(base))]}),
    )  # fmt: skip
    assert all_said(after) == all_said(before)


@pytest.mark.parametrize("rows", [[], [ORDERS], [("随便",)]])
def test_nothing_makes_an_empty_book(rows: Cells) -> None:
    assert book_of(("甲.xlsx", {"表": rows})).customers == ()
