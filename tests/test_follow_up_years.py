"""Follow-up dates without a year (practice §2)."""

from __future__ import annotations

from datetime import date

import pytest

from sheetcrm.intake.follow_up_years import add_years
from sheetcrm.model import Problem, RawValue
from tests.workbooks import SCORING, TODAY, records_of, tables_of, workbook

HEADER = ("客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要", "客户反馈/结果", "下一步计划")


def dates(*cells: object, as_of: date = TODAY) -> tuple[list[RawValue], list[Problem]]:
    """Return the date cells of a follow-up sheet once years are added, and the remarks."""
    rows = [(f"C202400{1 + at % 3}", cell, "王*", "电话", "沟通", None, None) for at, cell in enumerate(cells)]
    data = workbook({"打分表": SCORING, "客户跟进记录表": (HEADER, *rows)})
    completed, problems = add_years(tables_of(data), as_of=as_of)
    return [row[1] for row in completed[1].values], problems


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("10月9日", date(2026, 10, 9)),
        ("10月9号", date(2026, 10, 9)),
        ("10月9", date(2026, 10, 9)),
        ("10.9", date(2026, 10, 9)),
        ("10/9", date(2026, 10, 9)),
        (" １０／９ ", date(2026, 10, 9)),
        ("11月3日", date(2026, 11, 3)),
        ("11月4日", date(2025, 11, 4)),
        ("12.31", date(2025, 12, 31)),
        ("10.10", date(2026, 10, 10)),
        (10.9, date(2026, 10, 9)),
        (10.25, date(2026, 10, 25)),
    ],
)
def test_a_day_without_a_year_is_the_latest_not_in_the_future(cell: object, day: date) -> None:
    values, (remark,) = dates(cell)
    assert values == [day]
    assert remark.kind == "year-missing"


@pytest.mark.parametrize(
    "cell", [10.1, 10.3, 9.31, "13月1日", "2月30日", "2月29日", "10-9", "上周", "2026.10", 46000.0, None]
)
def test_what_has_two_readings_or_none_is_left_as_it_stands(cell: object) -> None:
    values, problems = dates(cell, "2026-10-09")
    assert values == [cell, "2026-10-09"]
    assert problems == []


def test_a_sheet_gets_one_remark_that_says_how_many_and_as_of_when() -> None:
    values, (remark,) = dates("10月9日", "2026-10-12", "10.9", "10/9", as_of=date(2026, 9, 30))
    assert values == [date(2025, 10, 9), "2026-10-12", date(2025, 10, 9), date(2025, 10, 9)]
    assert str(remark).count("3 格") == 1
    assert "2026-09-30" in str(remark)


def test_other_sheets_keep_their_cells() -> None:
    data = workbook({"打分表": SCORING, "交易明细": (("客户编号", "日期", "金额"), ("C2024001", "10月9日", 100))})
    tables = tables_of(data)
    completed, problems = add_years(tables, as_of=TODAY)
    assert (completed, problems) == (list(tables), [])


def test_the_completed_dates_are_read_as_records() -> None:
    data = workbook(
        {"打分表": SCORING, "客户跟进记录表": (HEADER, ("C2024001", "10月9日", "王*", "电话", "沟通", None, None))}
    )
    records, problems = records_of(*add_years(tables_of(data), as_of=TODAY)[0])
    assert [record.date for record in records.follow_ups] == [date(2026, 10, 9)]
    assert problems == ()
