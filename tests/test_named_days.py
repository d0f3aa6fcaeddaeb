"""The days with a name, where the calendar has them (practice §1.3)."""

from __future__ import annotations

from datetime import date

import pytest

from sheetcrm.text.named_days import NAMED_DAYS, NEEDS_FEAST, NEEDS_SIDE


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("元旦", date(2026, 1, 1)),
        ("春节", date(2026, 2, 17)),
        ("除夕", date(2026, 2, 16)),
        ("元宵", date(2026, 3, 3)),
        ("清明", date(2026, 4, 5)),
        ("母亲", date(2026, 5, 10)),
        ("端午", date(2026, 6, 19)),
        ("父亲", date(2026, 6, 21)),
        ("中秋", date(2026, 9, 25)),
        ("重阳", date(2026, 10, 18)),
        ("双十一", date(2026, 11, 11)),
        ("感恩", date(2026, 11, 26)),
        ("黑五", date(2026, 11, 27)),
        ("冬至", date(2026, 12, 22)),
        ("圣诞", date(2026, 12, 25)),
    ],
)
def test_the_days_of_2026(name: str, day: date) -> None:
    assert NAMED_DAYS[name].in_year(2026) == day


def test_a_festival_of_the_moon_is_not_guessed_beyond_the_tables() -> None:
    assert NAMED_DAYS["春节"].in_year(2500) is None
    assert NAMED_DAYS["双十一"].in_year(2500) == date(2500, 11, 11)


def test_every_name_has_a_day_and_the_doubtful_ones_are_names() -> None:
    assert all(day.in_year(2026) for day in NAMED_DAYS.values())
    assert set(NAMED_DAYS) >= NEEDS_SIDE | NEEDS_FEAST
