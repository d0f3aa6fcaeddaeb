"""The period a run speaks of, and the date inside it."""

from __future__ import annotations

from datetime import date

import pytest

from sheetcrm.errors import UsageError
from sheetcrm.periods import read_period, resolve

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
