"""The run as one value: its days, and what a grading counts from."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from sheetcrm.model import Book, Holiday, Period
from sheetcrm.policy.loading import standard
from sheetcrm.policy.run import Run
from tests.making import TABLE, scoring_row
from tests.values import run_as_of

AS_OF = date(2026, 10, 20)
RUN = run_as_of(AS_OF)
MONDAY, TUESDAY = date(2026, 10, 19), date(2026, 10, 20)


def test_the_days_that_count_end_with_the_as_of_date() -> None:
    days = (date(2026, 9, 30), date(2026, 10, 1), AS_OF, date(2026, 10, 21))
    assert [RUN.counts(day) for day in days] == [False, True, True, False]
    assert RUN.last_day == AS_OF
    assert RUN.day_end == datetime(2026, 10, 21, 0, 0)  # noqa: DTZ001  (a time as people write it)
    assert (RUN.before_start, RUN.year_start) == (date(2024, 10, 20), date(2025, 10, 20))


def test_nothing_after_the_period_counts_either() -> None:
    run = run_as_of(date(2026, 11, 5), period=Period("2026-10", date(2026, 10, 1), date(2026, 10, 31)))
    assert run.last_day == date(2026, 10, 31)
    assert not run.counts(date(2026, 11, 1))


@pytest.mark.parametrize(
    ("assessed_on", "expected"),
    [
        (None, AS_OF),
        (date(2026, 9, 30), AS_OF),
        (date(2026, 10, 1), date(2026, 10, 1)),
        (date(2026, 11, 3), date(2026, 11, 3)),
    ],
    ids=["blank", "before the period", "in it", "after it"],
)
def test_a_grading_counts_from_its_day_in_the_period_else_from_the_as_of_date(
    assessed_on: date | None, expected: date
) -> None:
    assert RUN.graded_on(scoring_row(assessed_on=assessed_on)) == expected


def test_without_a_row_a_grading_counts_from_the_as_of_date() -> None:
    assert RUN.graded_on(None) == AS_OF


def test_the_books_days_go_above_the_policys_and_these_above_the_calendar() -> None:
    policy = standard().model_copy(update={"holidays": {MONDAY: "休", TUESDAY: "休"}})
    run = Run.of(policy, RUN.period, AS_OF, today=AS_OF)
    assert [run.calendar.is_workday(day) for day in (MONDAY, TUESDAY)] == [False, False]
    book = Book(holidays=(Holiday(origin=TABLE, row=2, date=MONDAY, day_kind="班"),))
    with_book = run.with_book(book)
    assert [with_book.calendar.is_workday(day) for day in (MONDAY, TUESDAY)] == [True, False]
    assert with_book.limits.is_workday(MONDAY)
    assert not run.calendar.is_workday(MONDAY)
