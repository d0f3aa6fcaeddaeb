"""Due dates found in the prose of 下一步计划 (practice §1.3, §8)."""

from __future__ import annotations

from datetime import date, timedelta
from time import process_time
from timeit import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.model import Promise
from sheetcrm.text.promises import read_promises
from sheetcrm.workdays import Calendar
from tests.phrases_by_hand import BY_HAND

WEDNESDAY = date(2024, 5, 8)
CALENDAR = Calendar()
LINES: list[tuple[date, str, str]] = [
    (date.fromisoformat(recorded), line.split("|")[0].strip(), line.split("|")[1].strip())
    for recorded, lines in BY_HAND.items()
    for line in lines.strip().splitlines()
]
PHRASES = st.lists(st.sampled_from([line[1] for line in LINES]), min_size=1, max_size=3).map("".join)
PLAN = st.text(
    "0123456789一二三十半两个月日号天周末底初内前后上下本年季度节国庆工作小时每隔约至到-/.、,;。()今明大已于尽快 ",
    max_size=24,
)


def read(text: str, recorded: date = WEDNESDAY) -> tuple[Promise, ...]:
    return read_promises(text, recorded=recorded, is_workday=CALENDAR.is_workday)


def dues(text: str, recorded: date = WEDNESDAY) -> list[str | None]:
    return [promise.due.isoformat() if promise.due else None for promise in read(text, recorded)]


def summary(text: str, recorded: date) -> list[str]:
    """Return what is read in the words of the table, each once: days, `wait`, `ask` or `none`."""
    read_days = [
        promise.due.isoformat() if promise.due else "wait" if promise.pending else "ask"
        for promise in read(text, recorded)
    ]
    return list(dict.fromkeys(read_days)) or ["none"]


def test_the_table_written_by_hand_is_long() -> None:
    assert len({(recorded, text) for recorded, text, _ in LINES}) == len(LINES) >= 1000


@pytest.mark.parametrize(("recorded", "text", "expected"), LINES)
def test_a_phrase_is_read_as_a_person_reads_it(recorded: date, text: str, expected: str) -> None:
    days = [day if len(day) != len("10-08") else f"{recorded.year}-{day}" for day in expected.split()]
    assert summary(text, recorded) == days


def test_a_moved_appointment_and_a_prefix_reach_over_a_comma_but_no_further() -> None:
    assert dues("下周三报价，周四拜访") == ["2024-05-15", "2024-05-16"]
    assert dues("下周三报价；周四拜访") == ["2024-05-15", "2024-05-09"]
    assert dues("原定5月10日拜访，改到5月20日") == ["2024-05-20"]
    assert dues("原定5月10日拜访；5月20日报价") == ["2024-05-20"]


def test_a_promise_that_waits_is_told_from_one_that_cannot_be_read() -> None:
    assert read("到货后3天内验收") == (Promise("到货后3天内验收", None, "到货后3天内", pending=True),)
    assert read("2月30日前验收") == (Promise("2月30日前验收", None, "2月30日前"),)


def test_the_two_examples_of_the_practice() -> None:
    assert read("3日内提供报价单", date(2024, 5, 5)) == (Promise("3日内提供报价单", date(2024, 5, 8), "3日内"),)
    assert read("跟进内部讨论结果(5月12日前)") == (
        Promise("跟进内部讨论结果(5月12日前)", date(2024, 5, 12), "5月12日前"),
    )


@pytest.mark.parametrize(
    ("text", "due"),
    [
        # counted from the day
        ("三天内", "2024-05-11"),
        ("3天内", "2024-05-11"),
        ("３日内", "2024-05-11"),
        ("3日後跟進", "2024-05-11"),
        ("3-5天内答复", "2024-05-13"),
        ("一周内", "2024-05-15"),
        ("两周后", "2024-05-22"),
        ("2个星期内", "2024-05-22"),
        ("1个月内", "2024-06-08"),
        ("半个月内", "2024-05-23"),
        ("一个半月内", "2024-06-23"),
        ("1个季度内", "2024-08-08"),
        ("半年内", "2024-11-08"),
        ("24小时内", "2024-05-09"),
        ("48h内", "2024-05-10"),
        ("2小时内", "2024-05-08"),
        ("3个工作日内", "2024-05-11"),
        ("5个工作日内", "2024-05-14"),
        ("今天", "2024-05-08"),
        ("当天回复", "2024-05-08"),
        ("明天", "2024-05-09"),
        ("后天上午拜访", "2024-05-10"),
        ("大后天", "2024-05-11"),
        # named by the week
        ("周五前", "2024-05-10"),
        ("周三前", "2024-05-08"),
        ("周二前", "2024-05-14"),
        ("本周五前提供方案", "2024-05-10"),
        ("下周三前", "2024-05-15"),
        ("下週三前", "2024-05-15"),
        ("下个星期日", "2024-05-19"),
        ("本周内", "2024-05-12"),
        ("下周回访", "2024-05-19"),
        ("下周初", "2024-05-13"),
        ("下周前提供", "2024-05-12"),
        # named by the month
        ("5月12日前", "2024-05-12"),
        ("五月十二日前", "2024-05-12"),
        ("5月8日", "2024-05-08"),
        ("5月7日", "2025-05-07"),
        ("5/12前", "2024-05-12"),
        ("于5/12回访", "2024-05-12"),
        ("5.12前", "2024-05-12"),
        ("2024-05-12", "2024-05-12"),
        ("2024/5/12前", "2024-05-12"),
        ("2024年5月12日", "2024-05-12"),
        ("明年3月1日", "2025-03-01"),
        ("5月10日-15日拜访", "2024-05-15"),
        ("5月30日至6月2日", "2024-06-02"),
        ("15号前付款", "2024-05-15"),
        ("3号前", "2024-06-03"),
        ("31日前", "2024-05-31"),
        ("本月25日前", "2024-05-25"),
        ("下月10日", "2024-06-10"),
        ("下个月10号", "2024-06-10"),
        ("月底前", "2024-05-31"),
        ("本月底", "2024-05-31"),
        ("下月底", "2024-06-30"),
        ("下月初", "2024-06-01"),
        ("月初", "2024-06-01"),
        ("下月中旬", "2024-06-20"),
        ("6月前", "2024-05-31"),
        ("九月底", "2024-09-30"),
        ("2025年2月底", "2025-02-28"),
        # longer periods
        ("季度末前", "2024-06-30"),
        ("下季度", "2024-09-30"),
        ("三季度末", "2024-09-30"),
        ("Q1末", "2025-03-31"),
        ("年底前", "2024-12-31"),
        ("明年初", "2025-01-01"),
        # days off
        ("节后", "2024-06-11"),
        ("节前", "2024-06-07"),
        ("国庆节后", "2024-10-08"),
        ("中秋后", "2024-09-18"),
        ("春节后拜访", "2025-02-05"),
        ("元旦后", "2025-01-02"),
    ],
)
def test_a_plan_of_wednesday_8_may_2024_is_due(text: str, due: str) -> None:
    assert dues(text) == [due]


@pytest.mark.parametrize(
    ("text", "recorded", "due"),
    [
        pytest.param("1个月内", date(2024, 1, 31), "2024-02-29", id="a month is clipped to its end"),
        pytest.param("31日前", date(2024, 2, 10), "2024-03-31", id="the next month that has such a day"),
        pytest.param("2月29日", date(2024, 3, 1), None, id="no such day in the year to come"),
        pytest.param("月底前", date(2024, 5, 31), "2024-05-31", id="the last day itself"),
        pytest.param("年底前", date(2024, 12, 31), "2024-12-31", id="the last day of the year itself"),
        pytest.param("节后", date(2024, 10, 3), "2024-10-08", id="in the break it is that break"),
        pytest.param("节后", date(2024, 10, 7), "2024-10-08", id="on its last day too"),
        pytest.param("节后", date(2024, 10, 8), "2025-02-05", id="a single day off and weekends are no break"),
        pytest.param("节后3个工作日内", date(2024, 9, 30), "2024-10-10", id="counted from the end of the break"),
        pytest.param("国庆后10月12日前", date(2024, 9, 25), "2024-10-12", id="a day said after the break is the day"),
        pytest.param("中秋后一周内", date(2024, 9, 10), "2024-09-24", id="a week from the last day of the break"),
        pytest.param("节后尽快", date(2024, 9, 30), "2024-10-08", id="no day said: the first after the break"),
        pytest.param("3个工作日内", date(2024, 9, 30), "2024-10-10", id="working days skip the break"),
        pytest.param("周日", date(2024, 5, 12), "2024-05-12", id="the same weekday is today"),
        pytest.param("季度末", date(2024, 12, 1), "2024-12-31", id="the fourth quarter"),
    ],
)
def test_days_counted_over_an_edge(text: str, recorded: date, due: str | None) -> None:
    assert dues(text, recorded) == [due]


@pytest.mark.parametrize(
    "text",
    [
        "尽快回复", "儘快回覆", "近期拜访", "择日再议", "过几天再联系",
        "几天后", "数日内", "10天左右", "1.5个月内",
        "每周五回访", "每两周一次", "2月30日前", "13月1日前",
        "5月32日", "3天前完成", "3月内完成", "下月31日",
    ],
)  # fmt: skip
def test_what_sounds_like_a_day_and_is_none_is_a_promise_without_one(text: str) -> None:
    assert dues(text) == [None]
    assert read(text)[0].phrase


@pytest.mark.parametrize(
    "text",
    [
        "", "提供报价单", "内部评审", "环节后优化", "3日后续跟进",
        "3号线验收", "1/3的货款", "核对10月份账单", "完成5.12万回款",
        "上周五已联系", "已于5月1日发送报价，待回复", "昨天已回访",
        "3天前已联系", "客户考虑竞品", "产品前期调研", "*", "100",
    ],
)  # fmt: skip
def test_a_plan_without_words_of_time_promises_nothing_by_a_day(text: str) -> None:
    assert read(text) == ()


def test_each_clause_gives_its_own_promise() -> None:
    assert read("1. 3日內提供報價單 2. 下週三前回訪；兩周後跟進") == (
        Promise("3日內提供報價單", date(2024, 5, 11), "3日内"),
        Promise("下週三前回訪", date(2024, 5, 15), "下周三前"),
        Promise("兩周後跟進", date(2024, 5, 22), "两周后"),
    )
    assert dues("①明天电话②月底前拜访") == ["2024-05-09", "2024-05-31"]
    assert dues("明天电话并于5月12日前寄样") == ["2024-05-09", "2024-05-12"]


def test_a_day_alone_belongs_to_the_clause_behind_it() -> None:
    assert [promise.text for promise in read("5月12日前，完成报价，下周五回访")] == [
        "5月12日前，完成报价",
        "下周五回访",
    ]
    assert [promise.text for promise in read("5月12日前，下周五回访")] == ["5月12日前", "下周五回访"]


def test_a_clause_with_a_day_is_not_vague_as_well() -> None:
    assert dues("尽快在5月12日前答复") == ["2024-05-12"]


def test_working_days_follow_the_workbooks_own_calendar() -> None:
    ours = Calendar({date(2024, 5, 9): False})
    promises = read_promises("1个工作日内", recorded=WEDNESDAY, is_workday=ours.is_workday)
    assert [promise.due for promise in promises] == [date(2024, 5, 10)]


def test_a_calendar_without_working_days_leaves_nodes_undated() -> None:
    assert read_promises("节后", recorded=WEDNESDAY, is_workday=lambda _: False)[0].due is None


@settings(deadline=None)  # the calendar's libraries load with the first question
@given(st.text() | PLAN | PHRASES, st.dates(date(2005, 1, 1), date(2026, 1, 1)))
def test_no_text_makes_it_raise_and_every_promise_quotes_its_cell(text: str, recorded: date) -> None:
    for promise in read(text, recorded):
        assert promise.text
        assert promise.phrase
        assert promise.due is None or promise.due >= recorded
        assert promise.text.strip() == promise.text or len(promise.text) != len(text)


@pytest.mark.parametrize("unit", ["已", "如", "已1月", "等客户", "改到", "明天3天后,10月8日-", "原定,", "到货"])
def test_a_cell_filled_to_its_end_takes_no_more_than_its_length(unit: str) -> None:
    half, whole = (unit * (length // len(unit)) + "10月8日" for length in (16_000, 32_000))
    first, second = (timeit(lambda: read(text), number=1, timer=process_time) for text in (half, whole))  # noqa: B023
    assert second < 3 * first + 0.5


@given(st.integers(1, 99), st.dates(date(2005, 1, 1), date(2026, 1, 1)))
def test_days_are_counted_from_the_record(count: int, recorded: date) -> None:
    for text in (f"{count}日内答复", f"{count}天后答复", f"{count}个工作日内"):
        (promise,) = read_promises(text, recorded=recorded, is_workday=lambda _: True)
        assert promise.due == recorded + timedelta(days=count)


@given(st.dates(date(2005, 1, 1), date(2026, 1, 1)), st.integers(0, 364))
def test_a_month_day_is_the_first_on_or_after_the_record(recorded: date, ahead: int) -> None:
    due = recorded + timedelta(days=ahead)
    if (due.month, due.day) != (2, 29):
        (promise,) = read(f"{due.month}月{due.day}日前答复", recorded)
        assert promise.due == due


@pytest.mark.slow  # and slower still where coverage is measured
def test_twenty_thousand_plans_are_read_quickly() -> None:
    plans = [f"{day % 28 + 1}日内提供第{day}号报价单" for day in range(2000)]
    assert timeit(lambda: [read(plan) for plan in plans], number=1, timer=process_time) < 0.5
