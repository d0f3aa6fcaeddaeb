"""The days that have a name: public holidays, festivals of the moon, days for shopping (practice §1.3). Pure.

This table is the one place for them. A name that is not in it stands for no day: it is never taken for the
nearest public holiday.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays.calendars.chinese import _ChineseLunisolar


@dataclass(frozen=True, slots=True)
class NamedDay:
    """Where a day with a name lies.

    Attributes:
        month: Its month, with `day`, or with `nth` and `weekday` (母亲节: the second Sunday of May).
        festival: One that follows moon or sun; then `offset` days from it.
        is_holiday: Whether people are off, so that 前 and 后 mean before and after the whole break.
    """

    month: int = 0
    day: int = 0
    nth: int = 0
    weekday: int = 0
    festival: str = ""
    offset: int = 0
    is_holiday: bool = False

    def in_year(self, year: int) -> date | None:
        """Return the day in a year; None where nobody knows it."""
        if self.festival:
            day = _festival(self.festival, year)
            return day and day + timedelta(days=self.offset)
        if not self.nth:
            return date(year, self.month, self.day)
        first = date(year, self.month, 1)
        ahead = (self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1)
        return first + timedelta(days=ahead + self.offset)


_SPRING = NamedDay(festival="lunar_new_year_date", is_holiday=True)
_MID_AUTUMN = NamedDay(festival="mid_autumn_date", is_holiday=True)
_MAY_DAY, _NATIONAL_DAY = NamedDay(5, 1, is_holiday=True), NamedDay(10, 1, is_holiday=True)
_SINGLES, _TWELVES = NamedDay(11, 11), NamedDay(12, 12)
_THANKSGIVING = NamedDay(11, nth=4, weekday=calendar.THURSDAY)
_BLACK_FRIDAY = NamedDay(11, nth=4, weekday=calendar.THURSDAY, offset=1)

NAMED_DAYS: Mapping[str, NamedDay] = {
    # public holidays
    "元旦": NamedDay(1, 1, is_holiday=True),
    "春节": _SPRING,
    "过年": _SPRING,
    "清明": NamedDay(festival="qingming_date", is_holiday=True),
    "五一": _MAY_DAY,
    "51": _MAY_DAY,
    "劳动": _MAY_DAY,
    "端午": NamedDay(festival="dragon_boat_date", is_holiday=True),
    "中秋": _MID_AUTUMN,
    "国庆": _NATIONAL_DAY,
    "十一": _NATIONAL_DAY,
    # by the moon and the sun
    "除夕": NamedDay(festival="lunar_new_year_date", offset=-1),
    "元宵": NamedDay(festival="lunar_new_year_date", offset=14),
    "重阳": NamedDay(festival="double_ninth_date"),
    "冬至": NamedDay(festival="winter_solstice_date"),
    # fixed by the calendar
    "情人": NamedDay(2, 14),
    "妇女": NamedDay(3, 8),
    "三八": NamedDay(3, 8),
    "女神": NamedDay(3, 8),
    "植树": NamedDay(3, 12),
    "消费者权益日": NamedDay(3, 15),
    "315": NamedDay(3, 15),
    "青年": NamedDay(5, 4),
    "母亲": NamedDay(5, nth=2, weekday=calendar.SUNDAY),
    "儿童": NamedDay(6, 1),
    "六一": NamedDay(6, 1),
    "父亲": NamedDay(6, nth=3, weekday=calendar.SUNDAY),
    "建党": NamedDay(7, 1),
    "建军": NamedDay(8, 1),
    "八一": NamedDay(8, 1),
    "教师": NamedDay(9, 10),
    "感恩": _THANKSGIVING,
    "平安夜": NamedDay(12, 24),
    "圣诞": NamedDay(12, 25),
    "跨年": NamedDay(12, 31),
    # for shopping
    "520": NamedDay(5, 20),
    "618": NamedDay(6, 18),
    "818": NamedDay(8, 18),
    "双十一": _SINGLES,
    "双11": _SINGLES,
    "光棍": _SINGLES,
    "双十二": _TWELVES,
    "双12": _TWELVES,
    "黑五": _BLACK_FRIDAY,
    "黑色星期五": _BLACK_FRIDAY,
}
"""Names without 节, and where their day lies."""

NEEDS_SIDE = frozenset(
    ("五一", "51", "劳动", "十一", "三八", "六一", "八一", "315", "520", "618", "818", "青年", "过年")
)
"""Names that are also numbers or words: a day only with 节, 前, 后 or the like behind them."""

NEEDS_FEAST = frozenset(
    (
        "劳动",
        "情人",
        "重阳",
        "妇女",
        "女神",
        "植树",
        "青年",
        "母亲",
        "儿童",
        "父亲",
        "建党",
        "建军",
        "教师",
        "感恩",
        "光棍",
    )
)
"""Names that are people or things without 节: 教师培训, 感恩回访."""

SPRING_FESTIVAL = "春节"


@lru_cache(1 << 10)
def _festival(name: str, year: int) -> date | None:
    """Return the day of a festival by moon or sun; None outside the years that `holidays` has."""
    day: date | None = getattr(_lunisolar(), name)(year)[0]
    return day


@cache
def _lunisolar() -> _ChineseLunisolar:
    from holidays.calendars.chinese import _ChineseLunisolar  # noqa: PLC0415 - loaded when first asked

    return _ChineseLunisolar()
