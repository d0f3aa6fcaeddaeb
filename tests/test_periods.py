"""The period a run speaks of, and the date inside it."""

from __future__ import annotations

from datetime import date

import pytest

from sheetcrm.errors import UsageError
from sheetcrm.periods import read_period, read_typed_period, resolve

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31)),
        ("2024-2", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_a_month_a_quarter_or_a_year(text: str, start: date, end: date) -> None:
    found = read_period(text)
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-0", "2026Q5", "十月", "2026-10-01"])
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError, match="看不懂期间"):
        read_period(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2026-10", "2026-10"),
        ("2026年10月", "2026-10"),
        ("2026 年 9 月份", "2026-09"),
        ("２０２６年１０月", "2026-10"),
        ("202610", "2026-10"),
        ("2026/9", "2026-09"),
        ("2026.10", "2026-10"),
        ("10月", "2026-10"),
        ("11月", "2026-11"),
        ("12月", "2025-12"),
        ("2026-q3", "2026Q3"),
        ("2026年第三季度", "2026Q3"),
        ("2026年3季", "2026Q3"),
        ("2026年", "2026"),
    ],
)
def test_a_period_is_read_as_people_type_it(text: str, label: str) -> None:
    assert read_typed_period(text, today=TODAY).label == label


@pytest.mark.parametrize(
    "text", ["", "13月", "2026年13月", "2026.1", "20261031", "十月", "0月", "3026", "2026年五季度"]
)
def test_what_is_no_period_is_refused_with_what_was_typed(text: str) -> None:
    with pytest.raises(UsageError, match=f"看不懂期间“{text}”"):
        read_typed_period(text, today=TODAY)


def test_the_default_is_the_last_full_month_and_its_last_day() -> None:
    period, day = resolve(None, None, today=TODAY)
    assert (period.label, day) == ("2026-10", date(2026, 10, 31))


def test_the_date_is_never_after_today() -> None:
    assert resolve("2026-11", None, today=TODAY)[1] == TODAY
    with pytest.raises(UsageError, match="之后"):
        resolve(None, date(2026, 11, 22), today=TODAY)
    with pytest.raises(UsageError, match="还没有开始"):
        resolve("2026-12", None, today=TODAY)


def test_a_date_alone_sets_its_month() -> None:
    period, day = resolve(None, date(2024, 3, 1), today=TODAY)
    assert (period.label, day) == ("2024-03", date(2024, 3, 1))


def test_a_date_outside_the_period_is_refused() -> None:
    with pytest.raises(UsageError, match="不在期间"):
        resolve("2026-09", date(2026, 10, 1), today=TODAY)
