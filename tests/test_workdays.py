"""The working calendar of China: announced, estimated, and as a workbook has it (practice §8)."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.workdays import Calendar

KNOWN = st.dates(date(2004, 1, 1), date(2026, 12, 31))
ANY = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        pytest.param(date(2024, 5, 8), True, id="a Wednesday"),
        pytest.param(date(2024, 5, 11), True, id="a make-up Saturday"),
        pytest.param(date(2024, 5, 18), False, id="a Saturday"),
        pytest.param(date(2024, 5, 1), False, id="Labour Day"),
        pytest.param(date(2024, 2, 12), False, id="a Monday of Spring Festival"),
        pytest.param(date(2026, 10, 7), False, id="the last day of National Day"),
        pytest.param(date(2026, 10, 10), True, id="the make-up day after it"),
    ],
)
def test_announced_days(day: date, worked: bool) -> None:  # noqa: FBT001 - from the table
    assert Calendar().is_workday(day) is worked
    assert not Calendar().is_estimated(day)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        pytest.param(date(2027, 10, 1), False, id="National Day before it is announced"),
        pytest.param(date(2027, 2, 8), False, id="Spring Festival before it is announced"),
        pytest.param(date(2027, 6, 2), True, id="a Wednesday"),
        pytest.param(date(2027, 6, 5), False, id="a Saturday"),
        pytest.param(date(2003, 5, 1), False, id="before chinesecalendar begins"),
        pytest.param(date(2150, 3, 4), True, id="past every table, a Wednesday"),
        pytest.param(date(2150, 3, 7), False, id="past every table, a Saturday"),
        pytest.param(date(9999, 12, 31), True, id="the last day there is"),
        pytest.param(date(1, 1, 1), True, id="the first day there is"),
    ],
)
def test_estimated_days(day: date, worked: bool) -> None:  # noqa: FBT001 - from the table
    assert Calendar().is_workday(day) is worked
    assert Calendar().is_estimated(day)


def test_the_workbooks_own_days_go_above_all() -> None:
    ours = Calendar({date(2024, 5, 8): False, date(2024, 5, 12): True, date(2027, 10, 1): True})
    assert not ours.is_workday(date(2024, 5, 8))
    assert ours.is_workday(date(2024, 5, 12))
    assert ours.is_workday(date(2027, 10, 1))
    assert not ours.is_estimated(date(2027, 10, 1))
    assert ours.is_estimated(date(2027, 10, 8))


def test_due_days_move_back_to_a_working_day() -> None:
    assert Calendar().previous_workday(date(2024, 5, 5)) == date(2024, 4, 30)
    assert Calendar().previous_workday(date(2024, 5, 11)) == date(2024, 5, 11)
    assert Calendar({date(2024, 4, 30): False}).previous_workday(date(2024, 5, 1)) == date(2024, 4, 29)


@settings(deadline=None)  # the first question loads the libraries
@given(ANY)
def test_the_previous_working_day_is_the_nearest_one(day: date) -> None:
    ours = Calendar()
    before = ours.previous_workday(day)
    assert before <= day
    assert ours.is_workday(before)
    assert (before == day) == ours.is_workday(day)
    off = (before + timedelta(days=ahead) for ahead in range(1, (day - before).days + 1))
    assert not any(ours.is_workday(each) for each in off)


@settings(deadline=None)  # as above
@given(KNOWN)
def test_every_year_chinesecalendar_knows_is_certain(day: date) -> None:
    assert not Calendar().is_estimated(day)


def test_a_year_wholly_off_moves_nothing() -> None:
    day = date(2024, 6, 30)
    off = Calendar({day + timedelta(days=ahead): False for ahead in range(-400, 401)})
    assert off.previous_workday(day) == day


def test_importing_loads_neither_library() -> None:
    code = "import sys, sheetcrm.workdays; sys.exit('holidays' in sys.modules or 'chinese_calendar' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_estimates_are_those_of_the_library_without_its_other_countries() -> None:
    days = "[date(year, 1, 1) + timedelta(days=day) for year in (2027, 2030) for day in range(365)]"
    script = (
        "import sys; from datetime import date, timedelta; from sheetcrm.workdays import _estimate;"
        f"own = [_estimate(day) for day in {days}];"
        "print('holidays.countries.france' in sys.modules);"
        "from holidays.countries.china import China; china = China();"
        f"print(own == [china.is_working_day(day) for day in {days}])"
    )
    answered = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answered.stdout.split() == ["False", "True"]
