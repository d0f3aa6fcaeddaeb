"""Cells read as people write them, and never as more than they say (practice §2)."""
# ruff: noqa: DTZ001 - cells know no time zones

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from timeit import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.model import Level, Range, RawValue
from sheetcrm.text.answers import read_key, read_level, read_plain_text, read_range, read_yes_no
from sheetcrm.text.doubt import Doubt
from sheetcrm.text.numerals import parse_words
from sheetcrm.text.quantities import (
    format_days,
    format_frequency,
    format_money,
    format_rate,
    read_count,
    read_duration,
    read_frequency,
    read_money,
    read_number,
    read_rate,
)

NO_MONEY: Doubt[Decimal] = Doubt("money-unreadable")
NO_FREQUENCY: Doubt[Decimal] = Doubt("frequency-unreadable")
NO_DURATION: Doubt[int] = Doubt("duration-unreadable")
NO_RATE: Doubt[Decimal] = Doubt("rate-unreadable")
NO_RANGE: Doubt[Range] = Doubt("range-unreadable")
EDGES = (("高", Decimal("0.15")), ("中", Decimal("0.08")), ("低", Decimal(0)))

READERS: tuple[Callable[..., object], ...] = (
    read_money,
    read_frequency,
    read_duration,
    read_rate,
    read_level,
    read_range,
    read_count,
    read_number,
    read_yes_no,
    read_key,
    read_plain_text,
)
NUMERIC: tuple[Callable[..., object], ...] = (read_money, read_frequency, read_rate, read_count, read_number)
RAW: st.SearchStrategy[RawValue] = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)
WRITTEN_LIKE_A_QUANTITY = st.text(
    "0123456789.,-+/%()~ ¥元万亿千百十一二两八零半年月日天周季度个次人成以上每约高中低萎缩增速", max_size=14
)


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("80万元", "800000"),
        ("80万", "800000"),
        ("80萬元", "800000"),
        ("８０万", "800000"),
        ("80W", "800000"),
        ("0.8百万", "800000"),
        ("1.2亿", "120000000"),
        ("1亿2000万元", "120000000"),
        ("3万5千", "35000"),
        ("680,000", "680000"),
        ("¥680,000.00", "680000"),
        ("￥680,000.00元", "680000"),
        ("RMB 680,000", "680000"),
        ("680000元", "680000"),
        ("1 万元\n", "10000"),
        ("八十万", "800000"),
        ("壹万", "10000"),
        ("叁拾万元整", "300000"),
        ("一万零五", "10005"),
        ("-80万", "-800000"),
        ("－¥80", "-80"),
        ("¥-80", "-80"),
        ("(1,200.50)", "-1200.50"),
        ("（80万元）", "-800000"),
        ("0", "0"),
        ("零", "0"),
        (0, "0"),
        (0.0, "0"),
        (680000, "680000"),
        (680000.0, "680000"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.3"),
        (-12.5, "-12.5"),
    ],
)
def test_money_reads(raw: RawValue, amount: str) -> None:
    read = read_money(raw)
    assert read == Decimal(amount)
    assert isinstance(read, Decimal)
    assert "E" not in str(read)


@pytest.mark.parametrize(
    "raw",
    [
        "八十万左右", "约80万", "80万+", "50-80万", "50~80万",
        ">80万", "80万元/年", "80万元(预计)", "80(万元)", "80万 50万", "80\n50",
        "3万5", "一万五", "二百五", "百万", "几十万", "1,23",
        "80,0000", "1.2.3", "80美元", "$80", "(-80)", "--80", "80%",
        "#N/A", "2024-03-01", "80E", True, date(2024, 3, 1), datetime(2024, 3, 1), time(1), timedelta(1),
        float("nan"), float("inf"),
    ],
)  # fmt: skip
def test_money_that_is_not_one_clear_amount_does_not_read(raw: RawValue) -> None:
    assert read_money(raw) == NO_MONEY


@pytest.mark.parametrize(
    ("raw", "unit", "amount"),
    [
        (80, "万元", "800000"),
        (80.5, "万元", "805000"),
        ("80", "万元", "800000"),
        ("八十", "万元", "800000"),
        ("80元", "万元", "80"),
        ("¥80", "万元", "80"),
        ("80万", "万元", "800000"),
        ("80万", "元", "800000"),
        (1.5, "亿元", "150000000"),
        (3, "千元", "3000"),
    ],
)
def test_a_headers_unit_holds_for_bare_amounts_only(raw: RawValue, unit: str, amount: str) -> None:
    assert read_money(raw, unit=unit) == Decimal(amount)


def test_bare_amounts_under_a_foreign_currency_do_not_read() -> None:
    assert read_money(80, unit="美元") == NO_MONEY
    assert read_money("80", unit="美元") == NO_MONEY


def test_an_amount_of_sixteen_digits_is_no_amount() -> None:
    assert read_money(1234567890123456.0) == NO_MONEY


@pytest.mark.parametrize("raw", [None, "", "  ", "\u3000\n", "-", "－", "—", "——", "/", "N/A", "n/a", "暂无", "暫無"])
@pytest.mark.parametrize("read", READERS)
def test_blank_cells_are_none(read: Callable[..., object], raw: RawValue) -> None:
    assert read(raw) is None


def test_unknown_is_no_value_but_it_is_a_text() -> None:
    assert read_money("未知") is None
    assert read_plain_text("未知") == "未知"


@pytest.mark.parametrize("read", NUMERIC)
def test_nought_is_not_blank(read: Callable[..., object]) -> None:
    for raw in (0, 0.0, "0", "０"):
        assert read(raw) == 0


@pytest.mark.parametrize("read", NUMERIC)
def test_none_said_of_a_count_may_be_nought_and_is_not_guessed(read: Callable[..., object]) -> None:
    for raw in ("无", "没有", "無"):
        assert read(raw) is None


@pytest.mark.parametrize("read", NUMERIC)
@pytest.mark.parametrize("raw", [True, False])
def test_truth_values_are_no_numbers(read: Callable[..., object], raw: bool) -> None:  # noqa: FBT001 - a cell
    assert isinstance(read(raw), Doubt)


@pytest.mark.parametrize(
    ("raw", "unit", "times"),
    [
        ("12次/年", None, "12"),
        ("１２次／年", None, "12"),
        ("1次/月", None, "12"),
        ("每季度2次", None, "8"),
        ("每周1次", None, "52"),
        ("每月一次", None, "12"),
        ("每半年1次", None, "2"),
        ("每两周一次", None, "26"),
        ("每2个月1次", None, "6"),
        ("1次/2个月", None, "6"),
        ("一年12次", None, "12"),
        ("年均12次", None, "12"),
        ("月均2次", None, "24"),
        ("12", None, "12"),
        ("12次", None, "12"),
        (12.0, None, "12"),
        (0, None, "0"),
        (2, "次/月", "24"),
        ("2次", "次/月", "24"),
        ("12次/年", "次/月", "12"),
    ],
)
def test_frequencies_read_as_times_a_year(raw: RawValue, unit: str | None, times: str) -> None:
    assert read_frequency(raw, unit=unit) == Decimal(times)


@pytest.mark.parametrize("raw", ["4-6次/年", "约12次", "12次以上", "每天", "2月1次", "经常", "-1", -1, "1次/0年", True])
def test_vague_frequencies_do_not_read(raw: RawValue) -> None:
    assert read_frequency(raw) == NO_FREQUENCY


@pytest.mark.parametrize(
    ("raw", "unit", "days"),
    [
        ("30天", None, 30),
        ("30日", None, 30),
        ("30天前", None, 30),
        ("三十天", None, 30),
        ("2个月", None, 60),
        ("2個月", None, 60),
        ("两周", None, 14),
        ("1个星期", None, 7),
        ("2个季度", None, 180),
        ("1年", None, 365),
        ("半年", None, 180),
        ("半个月", None, 15),
        ("一个半月", None, 45),
        ("1年半", None, 545),
        ("1.5年", None, 545),
        ("1年零3个月", None, 455),
        (30, None, 30),
        ("30", None, 30),
        (0, None, 0),
        (2, "月", 60),
        (1.5, "月", 45),
        ("30天", "月", 30),
    ],
)
def test_durations_read_as_days(raw: RawValue, unit: str | None, days: int) -> None:
    assert read_duration(raw, unit=unit) == days


@pytest.mark.parametrize(
    "raw", ["30天左右", "3月", "3个月2年", "半天", "近30天", "-3天", -3, 45352, "45352", timedelta(3), True]
)
def test_vague_durations_do_not_read(raw: RawValue) -> None:
    assert read_duration(raw) == NO_DURATION


@pytest.mark.parametrize(
    ("raw", "share"),
    [
        ("85%", "0.85"),
        ("８５％", "0.85"),
        ("85 %", "0.85"),
        ("0.85", "0.85"),
        (0.85, "0.85"),
        ("85", "0.85"),
        (85, "0.85"),
        ("八成五", "0.85"),
        ("8成", "0.8"),
        ("八成半", "0.85"),
        ("百分之八十五", "0.85"),
        ("百分之八十五点五", "0.855"),
        ("3‰", "0.003"),
        ("-5%", "-0.05"),
        (-0.05, "-0.05"),
        ("100%", "1"),
        ("1%", "0.01"),
        (100, "1"),
        (0, "0"),
    ],
)
def test_rates_read_as_shares(raw: RawValue, share: str) -> None:
    assert read_rate(raw) == Decimal(share)


@pytest.mark.parametrize("raw", ["85%左右", "80-90%", "≥80%", "约八成", "85%%", "高", True, date(2024, 1, 1)])
def test_vague_rates_do_not_read(raw: RawValue) -> None:
    assert read_rate(raw) == NO_RATE


@pytest.mark.parametrize("raw", [1, 1.0, "1", "1.0", "１"])
def test_one_is_a_share_and_a_percentage_and_so_a_doubt(raw: RawValue) -> None:
    assert read_rate(raw) == Doubt("rate-ambiguous", Decimal(1))


def test_a_percent_format_or_a_unit_clears_the_doubt() -> None:
    assert read_rate(1.0, percent_format=True) == 1
    assert read_rate(1.5, percent_format=True) == Decimal("1.5")
    assert read_rate(1, unit="%") == Decimal("0.01")
    assert read_rate("0.85", unit="%") == Decimal("0.0085")


@pytest.mark.parametrize(
    ("raw", "level"),
    [
        ("高", Level("高")),
        ("高(行业增速15%)", Level("高", Decimal("0.15"))),
        ("高（行業增速１５％）", Level("高", Decimal("0.15"))),
        ("高，增速15%", Level("高", Decimal("0.15"))),
        ("中(行业增速8%)", Level("中", Decimal("0.08"))),
        ("低（行业萎缩）", Level("低", None, shrinking=True)),
        ("低(-3%)", Level("低", Decimal("-0.03"))),
        ("低(行业下降3%)", Level("低", Decimal("-0.03"))),
        ("高(新能源)", Level("高")),
        ("高(行业未萎缩)", Level("高")),
        ("行业萎缩", Level(None, None, shrinking=True)),
        ("15%", Level(None, Decimal("0.15"))),
        ("行业增速15%", Level(None, Decimal("0.15"))),
        (0.15, Level(None, Decimal("0.15"))),
    ],
)
def test_levels_read_with_what_stands_beside_them(raw: RawValue, level: Level) -> None:
    assert read_level(raw, edges=EDGES) == level


@pytest.mark.parametrize(
    ("raw", "kind", "level"),
    [
        ("高(行业增速5%)", "level-disagrees", Level("高", Decimal("0.05"))),
        ("低(行业增速15%)", "level-disagrees", Level("低", Decimal("0.15"))),
        ("中(行业增速15%)", "level-disagrees", Level("中", Decimal("0.15"))),
        ("高(行业萎缩)", "level-disagrees", Level("高", None, shrinking=True)),
        ("低(行业萎缩，增速5%)", "level-disagrees", Level("低", Decimal("0.05"), shrinking=True)),
        ("中(-3%)", "level-disagrees", Level("中", Decimal("-0.03"))),
        ("高(增速10%-15%)", "level-rate-unreadable", Level("高")),
        ("高(增速超15%)", "level-rate-unreadable", Level("高")),
        (1, "rate-ambiguous", Level(None, Decimal(1))),
        ("高(行业增速abc)", "level-rate-unreadable", Level("高")),
        ("高/中", "level-unreadable", None),
        ("中、低", "level-unreadable", None),
        ("高(中)", "level-unreadable", None),
        ("偏高", "level-unreadable", None),
        ("高速增长", "level-unreadable", None),
        (True, "level-unreadable", None),
    ],
)
def test_levels_that_disagree_or_are_vague_are_doubts(raw: RawValue, kind: str, level: Level | None) -> None:
    assert read_level(raw, edges=EDGES) == Doubt(kind, level)


def test_the_edges_of_levels_are_the_callers() -> None:
    assert read_level("高(5%)", edges=(("高", Decimal("0.05")), ("低", Decimal(0)))) == Level("高", Decimal("0.05"))


@pytest.mark.parametrize(
    ("raw", "low", "high"),
    [
        ("200-300人", 200, 300),
        ("200～300人", 200, 300),
        ("200至300", 200, 300),
        ("200人-300人", 200, 300),
        ("1,000-2,000人", 1000, 2000),
        ("1-2万人", 10000, 20000),
        ("500-1万人", 500, 10000),
        ("100-500人/年营收5000万-1亿", 100, 500),
        ("年营收5000万-1亿；100-500人", 100, 500),
        ("≥500", 500, None),
        (">=500人", 500, None),
        ("500人以上", 500, None),
        ("500+", 500, None),
        ("50人以下", None, 50),
        ("<50", None, 50),
        ("不足50人", None, 50),
        ("300人", 300, 300),
        ("300", 300, 300),
        (300.0, 300, 300),
    ],
)
def test_ranges_read(raw: RawValue, low: int | None, high: int | None) -> None:
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    assert read_range(raw) == Range(ends[0], ends[1])


@pytest.mark.parametrize(
    "raw", ["约300人", "300-200", "中型", "200-300-400", "100人/200人", date(2024, 3, 5), True, -5]
)
def test_what_is_no_range_does_not_read(raw: RawValue) -> None:
    assert read_range(raw) == NO_RANGE


@pytest.mark.parametrize(
    ("raw", "count"), [("3", 3), ("3次", 3), ("３个", 3), ("两次", 2), (3.0, 3), ("1,200", 1200), ("0", 0)]
)
def test_counts_read(raw: RawValue, count: int) -> None:
    assert read_count(raw) == count


@pytest.mark.parametrize("raw", [3.5, "3.5", -1, "-1", "多次", "3-5次", "3+", True, float("nan"), float("inf")])
def test_what_is_no_count_does_not_read(raw: RawValue) -> None:
    assert read_count(raw) == Doubt("count-unreadable")


def test_plain_numbers_read_with_their_own_unit_only() -> None:
    assert read_number("95分") == 95
    assert read_number("-20") == -20
    assert read_number(4.5) == Decimal("4.5")
    assert read_number("30小时", unit="小时") == 30
    assert read_number("30分钟", unit="小时") == Doubt("number-unreadable")
    assert read_number("90+") == Doubt("number-unreadable")


@pytest.mark.parametrize("raw", ["是", "√", "✔", "Y", "Yes", "有", True, 1, 1.0, "1"])
def test_yes_reads(raw: RawValue) -> None:
    assert read_yes_no(raw) is True


@pytest.mark.parametrize("raw", ["否", "×", "N", "no", "无", "沒有", False, 0, "0"])
def test_no_reads(raw: RawValue) -> None:
    assert read_yes_no(raw) is False


@pytest.mark.parametrize("raw", ["也许", "x", 2, "是否", date(2024, 1, 1)])
def test_neither_yes_nor_no_does_not_read(raw: RawValue) -> None:
    assert read_yes_no(raw) == Doubt("yes-no-unreadable")


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("C001", "C001"),
        (" ＫＨ－202405001\n", "KH-202405001"),
        ("00123", "00123"),
        ("C\u200b001", "C001"),
        (1001.0, "1001"),
        (1001, "1001"),
        (100.5, "100.5"),
        (123456789012345.0, "123456789012345"),
        ("91110000600037341L", "91110000600037341L"),
    ],
)
def test_keys_keep_every_digit(raw: RawValue, key: str) -> None:
    assert read_key(raw) == key


def test_keys_that_lost_digits_say_so() -> None:
    assert read_key(110105194912310021.0) == Doubt("digits-lost", "110105194912310016")
    assert read_key("1.10105E+17") == Doubt("digits-lost", "1.10105E+17")
    assert read_plain_text(1e15) == Doubt("digits-lost", "1000000000000000")


@pytest.mark.parametrize("raw", [True, date(2024, 5, 1), datetime(2024, 5, 1), time(1), float("nan")])
def test_keys_that_excel_took_for_something_else_do_not_read(raw: RawValue) -> None:
    assert read_key(raw) == Doubt("key-unreadable")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (" \u3000战略合作意向\n", "战略合作意向"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("\u200b无法联系", "无法联系"),
        (8888.0, "8888"),
        (1.5, "1.5"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 14, 30), "2024-05-01 14:30"),
        (True, "TRUE"),
        ("待定", "待定"),
    ],
)
def test_text_reads_as_it_stands(raw: RawValue, text: str) -> None:
    assert read_plain_text(raw) == text


@pytest.mark.parametrize(
    ("words", "number"),
    [("十", 10), ("十五", 15), ("两", 2), ("一百一十", 110), ("二千零五十", 2050), ("一亿零五", 100000005)],
)
def test_numerals_in_full_read(words: str, number: int) -> None:
    assert parse_words(words) == number


@pytest.mark.parametrize("words", ["", "百", "二百五", "一万五", "零五", "三五万", "十百", "万", "一亿亿", "零零"])
def test_numerals_cut_short_do_not_read(words: str) -> None:
    assert parse_words(words) is None


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("800000", "80万元"),
        ("8560", "8,560元"),
        ("856000", "85.6万元"),
        ("123456.78", "123,456.78元"),
        ("120000000", "1.2亿元"),
        ("-800000", "-80万元"),
        ("0", "0元"),
        ("0.50", "0.5元"),
        ("9999.99", "9,999.99元"),
    ],
)
def test_money_is_said_the_way_people_write_it(amount: str, said: str) -> None:
    assert format_money(Decimal(amount)) == said


def test_other_quantities_are_said_the_way_people_write_them() -> None:
    assert format_rate(Decimal("0.850")) == "85%"
    assert format_days(30) == "30天"
    assert format_frequency(Decimal("12.0")) == "12次/年"


@given(st.decimals(-(10**12), 10**12, places=2))
def test_money_said_reads_back_as_itself(amount: Decimal) -> None:
    assert read_money(format_money(amount)) == amount
    assert read_money(format_money(amount), unit="万元") == amount


@given(st.decimals(-1, 100, places=6))
def test_rates_said_read_back_as_themselves(share: Decimal) -> None:
    assert read_rate(format_rate(share)) == share


@given(st.integers(0, 30_000))
def test_days_said_read_back_as_themselves(days: int) -> None:
    assert read_duration(format_days(days)) == days


@given(st.decimals(0, 10_000, places=4))
def test_frequencies_said_read_back_as_themselves(times: Decimal) -> None:
    assert read_frequency(format_frequency(times)) == times


@pytest.mark.slow
@given(RAW | WRITTEN_LIKE_A_QUANTITY, st.none() | st.sampled_from(["元", "万元", "%", "次/月", "月", "人", "美元"]))
def test_no_cell_makes_a_reader_raise(raw: RawValue, unit: str | None) -> None:
    for read in READERS:
        read(raw, unit=unit)


@given(WRITTEN_LIKE_A_QUANTITY)
def test_readers_give_plain_values(text: str) -> None:
    for read in (read_money, read_frequency, read_rate, read_number):
        value = read(text)
        assert value is None or isinstance(value, Doubt) or value.is_finite()


@given(st.floats(-1e14, 1e14, allow_nan=False), st.sampled_from([None, "元", "万元"]))
def test_a_number_reads_like_its_text(number: float, unit: str | None) -> None:
    text = f"{Decimal(f'{number:.15g}'):f}"
    if len(text) <= 20:
        assert read_money(number, unit=unit) == read_money(text, unit=unit)


def test_long_cells_are_read_quickly() -> None:
    cells = [seed * (32_000 // len(seed)) for seed in ("1", "1,", "1.1", "高(1%", "总经理", "1次", "万", "- ")]
    assert timeit(lambda: [read(cell) for read in READERS for cell in cells], number=1) < 5
