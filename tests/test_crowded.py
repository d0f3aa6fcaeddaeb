"""A sheet of more customers than a run is to hold is refused by its name; one of as many orders is read."""

from __future__ import annotations

import io

import openpyxl
import pytest

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.intake import crowded
from sheetcrm.intake.workbooks import read_workbook

CUSTOMERS = ("客户编号", "客户名称", "最近消费时间", "消费频次", "消费金额")
ORDERS = ("客户编号", "订单编号", "交易日期", "交易金额")


def book(headers: tuple[str, ...], rows: int) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "打分表"
    sheet.append(headers)
    for number in range(rows):
        sheet.append([f"C{number:04}", *(f"{number}号{header}" for header in headers[1:])])
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowded, "MOST_CUSTOMERS", 50)
    monkeypatch.setattr(crowded, "_HEAD", 2000)
    monkeypatch.setattr(crowded, "_STRINGS", 1000)


def test_more_customers_than_a_run_holds_are_refused_with_the_way_out() -> None:
    with pytest.raises(UnreadableWorkbookError) as refused:
        read_workbook(book(CUSTOMERS, 51), file="客户.xlsx")
    assert refused.value.kind == "customers-too-many"
    assert "客户名单“打分表”有 52 行" in refused.value.what
    assert "按月份、区域或客户经理分成几个工作簿" in refused.value.fix


@pytest.mark.parametrize(("headers", "rows"), [(CUSTOMERS, 40), (ORDERS, 60)], ids=["customers", "orders"])
def test_as_many_as_it_holds_and_orders_are_read(headers: tuple[str, ...], rows: int) -> None:
    tables, _ = read_workbook(book(headers, rows), file="客户.xlsx")
    assert len(tables[0].values) == rows
