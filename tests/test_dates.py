"""Days read in every form people write, and months counted the one way (practice §2, §3)."""
# ruff: noqa: DTZ001 - cells know no time zones

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.model import RawValue
from sheetcrm.text.dates import add_months, months_between, read_date, read_datetime
from sheetcrm.text.doubt import Doubt

NO_DATE: Doubt[date] = Doubt("date-unreadable")
NO_DATETIME: Doubt[datetime] = Doubt("datetime-unreadable")
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))
WRITTEN_LIKE_A_DATE = st.text("0123456789-/.:年月日号时点分秒上下午半 TPpm", max_size=18)


@pytest.mark.parametrize(
    "raw",
    [
        "2024-03-01", "2024-3-1", "2024/3/1", "2024/03/01",
        "2024.3.1", "2024年3月1日", "2024年03月01号", "２０２４年３月１日",
        "20240301", " 2024-03-01\n", "2024 - 03 - 01", "2024-03-01 14:30", "2024-03-01T14:30:05", "2024-03-01 00:00:00",
        20240301, 20240301.0, 45352, 45352.0, 45352.75, date(2024, 3, 1), datetime(2024, 3, 1, 14, 30),
    ],
)  # fmt: skip
def test_a_day_reads_in_every_form(raw: RawValue) -> None:
    assert read_date(raw) == date(2024, 3, 1)
    assert type(read_date(raw)) is date


@pytest.mark.parametrize(
    "raw",
    [
        "2024.1", "12-3-1", "24年3月1日", "3月1日", "2024-03-01T09:30Z", "2024/3/1星期四",
        "03/01/2024", "2024-02-30", "2023-02-29", "2024-13-01",
        "2024-03/01", "20240230", "2024-3-112:30", "1024-03-01",
        "2101-01-01", "2024年3月1日左右", "长期", "2024",
        0, -1, 1.5, 100, 32000, 80000, 20240230, 20241301.0, 2024030112, True, time(12), timedelta(1),
        float("nan"), float("inf"),
    ],
)  # fmt: skip
def test_what_is_not_one_day_does_not_read(raw: RawValue) -> None:
    assert read_date(raw) == NO_DATE


@pytest.mark.parametrize("raw", [None, "", " ", "-", "—", "/", "无", "暂无", "N/A"])
def test_blank_days_are_none(raw: RawValue) -> None:
    assert read_date(raw) is None
    assert read_datetime(raw) is None


def test_serials_count_from_the_workbooks_own_epoch() -> None:
    assert read_date(43890, date1904=True) == date(2024, 3, 1)
    assert read_date(43890) == date(2020, 2, 29)
    assert read_date(32874) == date(1990, 1, 1)
    assert read_date(32873) == NO_DATE


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.booleans())
def test_every_serial_of_the_era_reads(day: date, date1904: bool) -> None:  # noqa: FBT001 - given
    epoch = date(1904, 1, 1) if date1904 else date(1899, 12, 30)
    assert read_date((day - epoch).days, date1904=date1904) == day
    assert read_date(float((day - epoch).days), date1904=date1904) == day


@given(
    st.dates(date(1950, 1, 1), date(2100, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]),
)
def test_every_written_day_reads(day: date, form: str) -> None:
    assert read_date(day.strftime(form)) == day


@pytest.mark.parametrize(
    ("raw", "clock"),
    [
        ("2024-03-01 14:30", time(14, 30)),
        ("2024-03-01 14:30:05", time(14, 30, 5)),
        ("2024-03-01T14:30:05.250", time(14, 30, 5)),
        ("2024/3/1 9:05", time(9, 5)),
        ("2024年3月1日 14时30分", time(14, 30)),
        ("2024年3月1日14时30分5秒", time(14, 30, 5)),
        ("2024年3月1日 下午2:30", time(14, 30)),
        ("2024年3月1日 下午2点半", time(14, 30)),
        ("2024-03-01 下午2点", time(14)),
        ("2024-03-01 上午9:05", time(9, 5)),
        ("2024-03-01 上午12:30", time(0, 30)),
        ("2024-03-01 下午12:30", time(12, 30)),
        ("2024-03-01 中午12:30", time(12, 30)),
        ("2024-03-01 中午1点", time(13)),
        ("2024-03-01 晚上8:00", time(20)),
        ("2024-03-01 下午14:30", time(14, 30)),
        ("2024-03-01 2:30 PM", time(14, 30)),
        ("20240301 14:30", time(14, 30)),
        (datetime(2024, 3, 1, 14, 30, 5, 400), time(14, 30, 5)),
        (datetime(2024, 3, 1, 14, 29, 59, 999_999), time(14, 30)),
        (45352.5, time(12)),
        (45352.604166666664, time(14, 30)),
    ],
)
def test_a_moment_reads_in_every_form(raw: RawValue, clock: time) -> None:
    assert read_datetime(raw) == datetime.combine(date(2024, 3, 1), clock)


@pytest.mark.parametrize("raw", ["2024-03-01", "2024年3月1日", "20240301", 45352, 45352.0, 20240301, date(2024, 3, 1)])
def test_a_day_without_a_time_says_so(raw: RawValue) -> None:
    assert read_datetime(raw) == Doubt("time-missing", datetime(2024, 3, 1))


@pytest.mark.parametrize(
    "raw",
    [
        "14:30:05",
        "下午2:30",
        "2024-03-01 25:00",
        "2024-03-01 14:60",
        "2024-03-01 上午14:30",
        "2024-02-30 14:30",
        time(14),
        True,
        "昨天",
    ],
)
def test_what_is_not_one_moment_does_not_read(raw: RawValue) -> None:
    assert read_datetime(raw) == NO_DATETIME


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)).map(lambda moment: moment.replace(microsecond=0)))
def test_every_written_moment_reads(moment: datetime) -> None:
    assert read_datetime(moment.isoformat(" ")) == moment
    assert read_datetime(moment) == moment


@given(
    st.one_of(
        st.text(),
        WRITTEN_LIKE_A_DATE,
        st.floats(),
        st.integers(),
        st.datetimes(max_value=datetime(9999, 12, 31)),
        st.timedeltas(),
        st.booleans(),
    )
)
def test_no_cell_makes_a_date_reader_raise(raw: RawValue) -> None:
    assert read_date(raw) is None or isinstance(read_date(raw), date | Doubt)
    assert read_datetime(raw) is None or isinstance(read_datetime(raw), datetime | Doubt)


@pytest.mark.parametrize(
    ("day", "months", "there"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2024, 5, 8), 0, date(2024, 5, 8)),
    ],
)
def test_months_are_added_and_clipped_to_the_months_end(day: date, months: int, there: date) -> None:
    assert add_months(day, months) == there


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 3, 30), 1),
        (date(2024, 1, 31), date(2024, 3, 31), 2),
        (date(2024, 1, 15), date(2024, 4, 14), 2),
        (date(2024, 1, 15), date(2024, 4, 15), 3),
        (date(2024, 5, 8), date(2024, 5, 8), 0),
        (date(2024, 5, 8), date(2024, 5, 7), -1),
        (date(2024, 5, 8), date(2024, 4, 8), -1),
    ],
)
def test_months_have_passed_when_the_clipped_day_has_come(start: date, end: date, months: int) -> None:
    assert months_between(start, end) == months


@given(DAYS, st.integers(-600, 600))
def test_months_added_are_months_passed(day: date, months: int) -> None:
    there = add_months(day, months)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day == min(day.day, calendar.monthrange(there.year, there.month)[1])
    assert months_between(day, there) == months


@given(DAYS, DAYS)
def test_months_passed_are_the_most_that_fit(start: date, end: date) -> None:
    months = months_between(start, end)
    assert add_months(start, months) <= end < add_months(start, months + 1)


@given(DAYS, DAYS, DAYS)
def test_more_time_never_makes_fewer_months(start: date, one: date, other: date) -> None:
    assert months_between(start, min(one, other)) <= months_between(start, max(one, other))


def test_zones_are_dropped_not_converted() -> None:
    assert read_date(datetime(2024, 3, 1, 23, 30, tzinfo=UTC)) == date(2024, 3, 1)
