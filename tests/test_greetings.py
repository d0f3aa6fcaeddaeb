"""生日/周年 of the base sheet: how it is read, when it is due, and that nothing prints it (practice §8, §11)."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm import schema
from sheetcrm.assess.followup.planning import Planner
from sheetcrm.model import DueItem
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy
from sheetcrm.runs import prepare
from sheetcrm.schema import Privacy
from sheetcrm.store.files.inputs import gather
from sheetcrm.text.doubt import Doubt
from sheetcrm.text.month_days import in_year, read_month_day
from tests.making import contact, customer, profile
from tests.values import run_as_of
from tests.workbooks import workbook

POLICY = standard()
AS_OF = date(2026, 10, 31)
GREETING = "节日与生日问候"


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("3月8日", "03-08"),
        ("3月8号", "03-08"),
        ("３月８", "03-08"),
        ("03-08", "03-08"),
        ("3/8", "03-08"),
        ("3.10", "03-10"),
        ("1985-03-08", "03-08"),
        ("1985年3月8日", "03-08"),
        ("19850308", "03-08"),
        (datetime(1985, 3, 8), "03-08"),  # noqa: DTZ001 - Excel knows no time zones
        (31114.0, "03-08"),
        ("2月29日", "02-29"),
        ("2000-02-29", "02-29"),
        (None, None),
        ("无", None),
    ],
)
def test_a_day_of_every_year_is_read_with_and_without_its_year(cell: str | float | datetime | None, read: str) -> None:
    assert read_month_day(cell) == read


@pytest.mark.parametrize(
    "cell", ["2月30日", "13-01", "农历八月十五", "三月", "1985", "1985年3月", 3.1, 3.8, 308.0, True]
)
def test_what_may_be_another_day_is_not_guessed(cell: str | float) -> None:
    assert isinstance(read_month_day(cell), Doubt)


def greetings(day: str | None, *done: str, as_of: date = AS_OF, policy: Policy = POLICY) -> list[DueItem]:
    records = tuple(contact(one, summary="生日问候") for one in done)
    one = customer(profile=profile(greeting_day=day), follow_ups=records)
    planner = Planner(run_as_of(as_of, policy=policy))
    items = planner.plan(one, frozenset({"普通客户"}), (), tier=policy.tier("普通客户"))
    return [item for item in items if item.action == GREETING]


@pytest.mark.parametrize(
    ("day", "done", "due"),
    [
        ("11-01", (), date(2026, 11, 1)),  # a Sunday: greetings are on the day
        ("10-31", (), AS_OF),
        ("10-30", (), date(2027, 10, 30)),  # missed, and over
        ("11-01", ("2026-10-30",), date(2027, 11, 1)),  # on Friday before
        ("11-20", ("2026-10-30",), date(2026, 11, 20)),  # too early to be for that
        ("10-31", ("2026-10-31",), date(2027, 10, 31)),
        ("02-29", (), date(2027, 2, 28)),
    ],
)
def test_a_greeting_is_due_on_the_day_each_year(day: str, done: tuple[str, ...], due: date) -> None:
    (item,) = greetings(day, *done)
    assert (item.due, item.overdue_days, item.owner) == (due, 0, "客户经理")
    assert item.basis == "生日或周年，每年当天", "the plan does not repeat the day"


def test_without_a_day_or_without_the_activity_nothing_is_planned() -> None:
    assert greetings(None) == []
    without = POLICY.model_copy(update={"cadence": tuple(one for one in POLICY.cadence if one.activity != GREETING)})
    assert greetings("11-01", policy=without) == []


@given(
    st.dates(date(2026, 1, 1), AS_OF), st.dates(date(2026, 1, 1), AS_OF), st.sampled_from(["11-03", "10-31", "02-29"])
)
def test_a_later_greeting_never_makes_it_earlier(one: date, other: date, day: str) -> None:
    first, second = sorted((one, other))
    assert greetings(day, str(first))[0].due <= greetings(day, str(first), str(second))[0].due


def test_leap_days_are_found_in_every_year() -> None:
    assert [in_year("02-29", year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]


@pytest.mark.parametrize("header", ["生日/周年", "生日", "联系人生日", "公司周年", "成立纪念日"])
def test_the_column_is_read_by_its_names_and_an_unreadable_day_spoils_nothing_else(tmp_path: Path, header: str) -> None:
    rows: list[list[object]] = [
        ["客户编号", "客户名称", "首次合作时间", header],
        ["C001", "甲公司", "2024-01-01", date(1985, 11, 3)],
        ["C002", "乙公司", "2024-01-01", "11月3日"],
        ["C003", "丙公司", "2024-01-01", "农历八月十五"],
    ]
    (tmp_path / "客户.xlsx").write_bytes(workbook({"客户信息基础表": rows}))
    plan = prepare.prepare(gather([tmp_path / "客户.xlsx"], output=None), run_as_of(AS_OF))
    days = [entry.customer.profile.greeting_day for entry in plan.assessments if entry.customer.profile]
    assert days == ["11-03", "11-03", None]
    assert [one.ref.row for one in plan.problems if one.kind == "month-day-unreadable"] == [4]
    assert "1985" not in "".join(str(entry.due) for entry in plan.assessments)


def test_it_is_sensitive_and_stands_on_no_card_and_in_no_template() -> None:
    field = schema.PROFILE.field("greeting_day")
    assert field.privacy is Privacy.SENSITIVE
    assert field in schema.PROFILE.further, "the 档案卡 prints what the templates offer"
