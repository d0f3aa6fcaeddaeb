"""Public data: the orders of the CDNOW set against an independent computation of R, F and M.

Definition, as docs/rules.md states it: with `purchases = "day"` a purchase is a day with orders;
frequency is the number of purchase days in the 12 months up to the date, recency the days from the last
of them to the date, and 客单价 the money of those days by their number. The library counts recency from
the first purchase to the last, and T from the first to the date: T − recency is our recency.
"""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from sheetcrm.assess.context import book_context
from sheetcrm.assess.measure.measures import measure
from sheetcrm.intake import book as joining
from sheetcrm.intake import records, workbooks
from sheetcrm.policy.loading import standard
from tests.values import run_as_of

AS_OF = date(1997, 12, 31)


def transactions(folder: Path) -> Iterator[tuple[str, date, Decimal]]:
    """Give the sample's orders: customer, day, dollars."""
    with (folder / "CDNOW_sample.txt").open(encoding="ascii") as lines:
        for row in csv.reader(lines, delimiter=" ", skipinitialspace=True):
            day = row[2]
            yield row[0], date(int(day[:4]), int(day[4:6]), int(day[6:])), Decimal(row[4])


@pytest.fixture(scope="module")
def library() -> Any:  # noqa: ANN401  (a module without types)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("lifetimes.utils")


def test_recency_frequency_and_money_are_those_of_the_library(library: Any) -> None:  # noqa: ANN401  (as above)
    import pandas  # type: ignore[import-untyped]  # noqa: ICN001, PLC0415

    orders = list(transactions(Path(library.__file__).parent / "datasets"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = library.summary_data_from_transaction_data(
            pandas.DataFrame(
                [(key, pandas.Timestamp(day), float(money)) for key, day, money in orders],
                columns=["id", "day", "money"],
            ),
            "id",
            "day",
            monetary_value_col="money",
            observation_period_end=pandas.Timestamp(AS_OF),
            include_first_transaction=True,
        )
    data = BytesIO()
    with xlsxwriter.Workbook(data) as book:
        format_day = book.add_format({"num_format": "yyyy-mm-dd"})
        people, lines = book.add_worksheet("客户信息基础表"), book.add_worksheet("交易明细")
        people.write_row(0, 0, ["客户编号", "客户名称", "行业类型"])
        for row, key in enumerate(dict.fromkeys(key for key, _, _ in orders), start=1):
            people.write_row(row, 0, [f"CD{key}", f"顾客{key}", "零售"])
        lines.write_row(0, 0, ["客户编号", "日期", "金额"])
        for row, (key, day, money) in enumerate(orders, start=1):
            lines.write_string(row, 0, f"CD{key}")
            lines.write_datetime(row, 1, day, format_day)
            lines.write_number(row, 2, float(money))
    policy = standard()
    policy = policy.model_copy(update={"reading": policy.reading.model_copy(update={"purchases": "day"})})
    tables, problems = workbooks.read_workbook(data.getvalue(), file="CDNOW.xlsx")
    rows, more = records.read_records(tables, policy=policy)
    found = joining.join(rows, [*problems, *more])
    context = book_context(found, run_as_of(AS_OF, policy=policy))
    ours = {customer.customer_id: measure(customer, context).measures for customer in found.customers}
    compared = 0
    for key, wanted in expected.iterrows():
        figures = ours[f"CD{key}"]
        if not wanted["monetary_value"]:  # the library counts a free record as a purchase; ours needs money
            continue
        assert figures.frequency_12m is not None
        assert figures.recency_days is not None
        assert figures.average_order is not None
        days = [day for one, day, money in orders if one == key and day <= AS_OF and money == 0]
        if days:
            continue
        assert figures.frequency_12m == wanted["frequency"]
        assert figures.recency_days == wanted["T"] - wanted["recency"]
        assert math.isclose(float(figures.average_order), wanted["monetary_value"], rel_tol=1e-9)
        compared += 1
    assert compared > 2_300
