"""The monthly series and what it shows (practice §3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sheetcrm.assess.measure.trends import consecutive_drops, ended_months, monthly_spend, months_until, spend_change
from tests.making import order


@pytest.mark.parametrize(
    ("as_of", "latest"),
    [
        (date(2026, 10, 31), (2026, 10)),
        (date(2026, 10, 30), (2026, 9)),
        (date(2026, 1, 15), (2025, 12)),
        (date(2024, 2, 29), (2024, 2)),
    ],
)
def test_month_minus_one_is_the_latest_month_ended(as_of: date, latest: tuple[int, int]) -> None:
    assert ended_months(as_of, 2)[0] == latest


def test_the_series_sums_ended_months_and_leaves_the_running_one_out() -> None:
    orders = [order("2026-10-05", 7), order("2026-09-30", 5), order("2026-09-01", 6), order("2024-10-01", 3)]
    months = monthly_spend(orders, date(2026, 10, 30))
    assert (months[0], months[1], months[23], len(months)) == (11, 0, 3, 24)
    assert monthly_spend([], date(2026, 10, 30)) == ()


@pytest.mark.parametrize(
    ("months", "drops"),
    [
        ("100 100 100", 0),
        ("50 100 100", 1),
        ("51 100 100", 0),
        ("25 50 100", 2),
        ("0 0 100 100", 2),
        ("0 0 0", 0),
        ("0 50 40", 1),
        ("10 100 0 0", 1),
    ],
)
def test_a_drop_is_half_or_less_and_zero_after_zero_goes_on(months: str, drops: int) -> None:
    assert consecutive_drops([Decimal(month) for month in months.split()], drop=Decimal("0.5")) == drops


def test_no_series_no_drops() -> None:
    assert consecutive_drops((), drop=Decimal("0.5")) is None


@pytest.mark.parametrize(
    ("months", "change"),
    [("1 1 1 1 1 1", "0"), ("13 13 13 10 10 10", "0.3"), ("0 0 0 1 1 1", "-1"), ("5 5 5 0 0 0", None), ("", None)],
)
def test_the_change_compares_three_months_with_the_three_before(months: str, change: str | None) -> None:
    found = spend_change([Decimal(month) for month in months.split()])
    assert found == (None if change is None else Decimal(change))


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2027, 1, 31), 3),
        (date(2027, 2, 1), 4),
        (date(2026, 11, 30), 1),
        (date(2026, 10, 31), 0),
        (date(2026, 9, 30), -1),
    ],
)
def test_months_left_are_rounded_up(day: date, left: int) -> None:
    assert months_until(day, as_of=date(2026, 10, 31)) == left


@pytest.mark.parametrize(
    ("day", "as_of", "left"),
    [
        (date(2026, 12, 31), date(2026, 9, 30), 3),
        (date(2026, 12, 31), date(2026, 9, 29), 4),
        (date(2027, 5, 31), date(2027, 2, 28), 3),
        (date(2026, 11, 30), date(2026, 8, 31), 3),
    ],
)
def test_three_months_before_a_month_s_end_are_clipped_to_the_month(day: date, as_of: date, left: int) -> None:
    assert months_until(day, as_of=as_of) == left
