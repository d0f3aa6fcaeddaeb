"""What is due when, and who is told (practice §8, §1.3)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.assess.book import assess
from sheetcrm.assess.followup.planning import Planner
from sheetcrm.assess.words.closing import say_closing, say_reason
from sheetcrm.model import Assessment, Book, Customer, DueItem, Past
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run
from tests.making import book, contact, customer, profile, scoring_row
from tests.values import run_as_of

POLICY = standard()
AS_OF = date(2026, 10, 31)


def planned(found: Customer, *labels: str, as_of: date = AS_OF, tier: str = "重点客户") -> tuple[DueItem, ...]:
    chosen = POLICY.tier(tier)
    assert chosen is not None
    planner = Planner(run_as_of(as_of, policy=POLICY))
    return planner.plan(found, frozenset(labels), planner.undertakings(found), tier=chosen)


def vip(**profiled: Any) -> Customer:  # noqa: ANN401  (any field)
    """A VIP客户 nobody ever contacted."""
    row = scoring_row(
        recency=5, frequency_12m=Decimal(24), spend_12m=Decimal(800_000), repurchase_rate=Decimal(1), assessed_on=AS_OF
    )
    return customer(scoring=row, profile=profile(**profiled))


def replace_rules(policy: Policy, **changes: object) -> Policy:
    """The same policy with other rules of follow-up."""
    return policy.model_copy(update={"followup": policy.followup.model_copy(update=changes)})


def item(items: tuple[DueItem, ...], action: str) -> DueItem:
    return next(entry for entry in items if entry.action == action)


@pytest.mark.parametrize(
    ("label", "actions"),
    [
        ("VIP客户", {"深度沟通", "高层拜访", "满意度调研", "档案复核"}),
        ("重点客户", {"服务回顾", "满意度调研", "档案复核"}),
        ("普通客户", {"满意度调研", "档案复核"}),
        ("观察客户", {"满意度调研", "销售跟进", "档案复核"}),
        ("低价值", {"信息更新", "档案复核"}),
        ("潜力级", {"能力共建", "档案复核"}),
        ("普通级", {"产品更新推送", "档案复核"}),
        ("未成交 普通客户 低价值 普通级", {"意向跟进", "档案复核"}),
        ("流失客户 VIP客户 高价值 合作后", {"挽回联系"}),
        ("休眠客户 重点客户 中价值", {"信息更新"}),
        ("合作初 普通客户", {"满意度调研", "档案复核"}),
        ("合作中 观察客户 普通级", {"满意度调研", "销售跟进", "产品更新推送", "档案复核"}),
        ("合作中 重点客户", {"服务回顾", "满意度调研", "需求复盘会", "档案复核"}),
        ("合作初 核心级", {"服务回顾", "进度同步", "档案复核"}),
    ],
)
def test_all_activities_of_the_labels_are_planned_and_nothing_else(label: str, actions: set[str]) -> None:
    assert {entry.action for entry in planned(customer(), *label.split())} == actions


@pytest.mark.parametrize(
    ("intent", "due"),
    [("高", date(2026, 11, 13)), ("中", date(2026, 11, 30)), (None, date(2026, 11, 30)), ("低", date(2027, 1, 29))],
)
def test_a_prospect_is_followed_by_its_intent(intent: str | None, due: date) -> None:
    found = customer(profile=profile(intent=intent), follow_ups=(contact("2026-10-30", channel="微信"),))
    assert item(planned(found, "未成交"), "意向跟进").due == due


def test_the_watched_are_asked_for_their_satisfaction_each_half_year() -> None:
    asked = customer(follow_ups=(contact("2026-07-01", summary="满意度调研"),))
    assert item(planned(asked, "观察客户"), "满意度调研").due == date(2026, 12, 31)
    assert item(planned(asked, "VIP客户"), "满意度调研").due == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("first", "done", "due"),
    [
        (date(2026, 10, 10), None, date(2026, 11, 10)),
        (date(2026, 10, 10), "2026-10-28", date(2027, 1, 8)),  # early, and month 1 all the same
        (date(2026, 8, 3), None, date(2026, 9, 3)),  # not done, and overdue
        (date(2026, 8, 3), "2026-09-15", date(2026, 11, 3)),
        (date(2026, 8, 3), "2026-10-28", None),  # the quarter's, a few days early
        (date(2026, 6, 1), "2026-07-02", date(2026, 9, 1)),
        (date(2023, 6, 1), None, None),  # long past
    ],
)
def test_what_came_of_it_is_reviewed_at_month_1_and_quarter_1(first: date, done: str | None, due: date | None) -> None:
    reviews = (contact(done, summary="效果复盘"),) if done else ()
    items = planned(customer(profile=profile(first_deal=first), follow_ups=reviews), "合作初", "重点客户")
    assert [entry.due for entry in items if entry.action == "效果复盘"] == ([due] if due else [])


@pytest.mark.parametrize(
    ("ends", "done", "due"),
    [
        (date(2026, 12, 20), None, date(2026, 9, 20)),  # three months before, a Sunday that makes up for a holiday
        (date(2026, 12, 20), "2026-05-06", date(2026, 9, 20)),  # that was before its time
        (date(2026, 12, 20), "2026-10-12", date(2026, 12, 18)),  # not 2027-01-12: the contract has ended then
        (date(2026, 9, 30), "2026-08-05", date(2026, 9, 30)),
        (date(2026, 9, 30), "2026-10-12", None),
    ],
)
def test_a_renewal_is_planned_from_three_months_before_the_end_and_never_past_it(
    ends: date, done: str | None, due: date | None
) -> None:
    talks = (contact(done, summary="谈续约"),) if done else ()
    items = planned(customer(profile=profile(contract_end=ends), follow_ups=talks), "合作后")
    assert [entry.due for entry in items if entry.action == "续约价值盘点"] == ([due] if due else [])


@pytest.mark.parametrize(
    ("preferred", "label", "action", "content"),
    [
        ("邮箱", "中价值", "常规沟通", "优先用邮件：电话或邮件了解近况"),
        ("腾讯会议/上门", "VIP客户", "深度沟通", "优先用拜访、视频会议：当面或视频沟通经营近况、合作进展和新需求"),
        ("微信", "中价值", "常规沟通", "电话或邮件了解近况"),  # none of the activity's channels
        ("微信", "VIP客户", "高层拜访", "高层互访（战略研讨会），商定下一季度的合作重点"),
        (None, "中价值", "常规沟通", "电话或邮件了解近况"),
    ],
)
def test_the_channel_a_customer_prefers_stands_first_where_it_fits(
    preferred: str | None, label: str, action: str, content: str
) -> None:
    for contacts in ((), (contact("2026-10-12", channel="电话"),)):
        one = customer(profile=profile(preferred_channel=preferred), follow_ups=contacts)
        assert item(planned(one, label), action).content == content


FIRST = date(2026, 3, 2)
"""The oldest follow-up of `with_records`."""


def with_records(*found: Customer, summary: str = "问候") -> Book:
    """A book that holds these customers, and another one with an old record."""
    other = Customer("C999", "乙公司", profile=profile("C999"), follow_ups=(contact(str(FIRST), summary=summary),))
    return book(*found, other)


def of_book(records: Book, run: Run, history: Mapping[str, Past] | None = None) -> Assessment:
    """Assess the first customer of a book."""
    return assess(records, run, history=history or {})[0][0]


@pytest.mark.parametrize(
    ("first_deal", "filed_on", "due", "why"),
    [
        (date(2026, 8, 10), None, date(2026, 9, 10), "首次合作2026-08-10起"),
        (date(2026, 8, 10), date(2026, 9, 1), date(2026, 9, 30), "建档2026-09-01起"),
        (date(2022, 8, 10), None, FIRST, "跟进记录自2026-03-02开始"),  # before the book has records
        (None, None, date(2026, 11, 30), "首次运行2026-10-31起"),  # nothing is known of the customer
        (date(2026, 10, 20), None, date(2026, 11, 20), "首次合作2026-10-20起"),  # not due yet
    ],
)
def test_never_contacted_has_a_fixed_first_due_day(
    first_deal: date | None, filed_on: date | None, due: date, why: str
) -> None:
    found = vip(first_deal=first_deal, filed_on=filed_on)
    first = item(of_book(with_records(found), run_as_of(AS_OF)).due, "深度沟通")
    assert (first.due, first.overdue_days, first.last_contact) == (due, max(0, (AS_OF - due).days), None)
    assert why in first.basis
    assert first.at_once == (due < AS_OF)
    assert first.marked == ("深度沟通（尽快）" if due < AS_OF else "深度沟通")


def test_no_record_is_no_contact_missed() -> None:
    """In a book without records, and for an activity it never named, the time runs from the first run."""
    found = vip(first_deal=date(2024, 1, 10))
    bare = of_book(book(found), run_as_of(AS_OF))
    assert item(bare.due, "深度沟通").due == date(2026, 11, 30)
    unnamed = of_book(with_records(found), run_as_of(AS_OF))
    assert item(unnamed.due, "高层拜访").due == date(2027, 1, 29)
    named = of_book(with_records(found, summary="高层拜访"), run_as_of(AS_OF))
    assert item(named.due, "高层拜访").due == FIRST


def test_three_months_without_a_contact_are_overdue_by_more_each_month() -> None:
    found, days, told = book(vip(first_deal=date(2024, 1, 10))), [], []
    for as_of in (date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31)):
        run = dataclasses.replace(run_as_of(as_of), first_run=date(2026, 10, 31))
        assessed = of_book(found, run)
        days.append(item(assessed.due, "深度沟通").overdue_days)
        told.append((item(assessed.due, "深度沟通").escalated_to, "从未联系" in {one.code for one in assessed.alerts}))
    assert days == [0, 0, 31]  # due on 11-30
    assert told == [("", False), ("", False), ("总监", True)]


def test_the_day_a_customer_came_into_its_class_counts_from_the_history() -> None:
    found = vip(first_deal=date(2024, 1, 10))
    run = dataclasses.replace(run_as_of(AS_OF), first_run=date(2026, 8, 31))
    risen = {"C001": Past("2026-09", "重点客户", None, None, {"价值": "中价值"})}
    entry = of_book(with_records(found), run, risen)
    assert item(entry.due, "深度沟通").due == date(2026, 11, 30)
    assert "进入等级或分类2026-10-31起" in item(entry.due, "深度沟通").basis
    assert entry.since is not None
    assert (entry.since["VIP客户"], entry.since["高价值"]) == (AS_OF, AS_OF)
    later = dataclasses.replace(run_as_of(date(2026, 12, 31)), first_run=date(2026, 8, 31))
    kept = {"C001": Past("2026-10", "VIP客户", None, None, {"价值": "高价值"}, since=entry.since)}
    assert item(of_book(with_records(found), later, kept).due, "深度沟通").due == date(2026, 11, 30)
    steady = {"C001": Past("2026-09", "VIP客户", None, None, {"价值": "高价值"})}
    assert item(of_book(with_records(found), run, steady).due, "深度沟通").due == FIRST  # it came before the history


@given(st.lists(st.dates(date(2025, 1, 1), date(2026, 10, 31)), min_size=1, max_size=5, unique=True))
def test_a_later_contact_never_makes_a_plan_earlier(days: list[date]) -> None:
    days.sort()
    records = [contact(str(day), channel="拜访", summary="高层拜访，效果复盘，谈续约") for day in days]
    labels = ("VIP客户", "合作初", "合作后")
    filed = profile(first_deal=date(2026, 8, 5), contract_end=date(2026, 12, 31))
    before = planned(customer(profile=filed, follow_ups=tuple(records[:-1])), *labels)
    after = planned(customer(profile=filed, follow_ups=tuple(records)), *labels)
    due = {entry.action: entry.due for entry in after}
    for entry in before:
        if entry.last_contact:
            assert due.get(entry.action, date.max) >= entry.due


def test_due_is_the_contact_plus_the_interval_moved_back_to_a_working_day() -> None:
    found = item(planned(customer(follow_ups=(contact("2026-10-22", summary="服务回顾"),)), "重点客户"), "服务回顾")
    assert found.due == date(2026, 11, 20)  # 2026-11-22 is a Sunday
    october = item(
        planned(customer(follow_ups=(contact("2026-09-05", summary="服务回顾"),)), "重点客户", as_of=date(2026, 9, 6)),
        "服务回顾",
    )
    assert october.due == date(2026, 9, 30)  # 2026-10-05 lies in the National Day holiday


def test_a_months_interval_is_clipped_to_the_months_end() -> None:
    found = item(planned(customer(follow_ups=(contact("2026-08-31", summary="服务回顾"),)), "重点客户"), "服务回顾")
    assert found.due == date(2026, 9, 30)
    assert found.overdue_days == 31


@pytest.mark.parametrize(
    ("label", "action", "record", "counts"),
    [
        ("VIP客户", "深度沟通", {"channel": "拜访"}, True),
        ("VIP客户", "深度沟通", {"channel": "上门"}, True),
        ("VIP客户", "深度沟通", {"channel": "腾讯会议"}, True),
        ("VIP客户", "深度沟通", {"channel": "电话+面谈"}, True),
        ("VIP客户", "深度沟通", {"channel": "微信", "summary": "深度沟通"}, False),
        ("VIP客户", "高层拜访", {"channel": "拜访", "summary": "了解近况"}, False),
        ("VIP客户", "高层拜访", {"channel": "拜访", "summary": "陪同高层拜访"}, True),
        ("VIP客户", "高层拜访", {"channel": "战略研讨会"}, True),
        ("VIP客户", "高层拜访", {"channel": "拜访", "summary": "高層拜訪"}, True),
        ("VIP客户", "高层拜访", {"channel": "拜访", "summary": "未安排高层拜访"}, False),
        ("重点客户", "服务回顾", {"channel": "拜访"}, False),
        ("重点客户", "服务回顾", {"channel": "邮件", "summary": "10月服务回顾"}, True),
        ("重点客户", "服务回顾", {"summary": "开需求共创会"}, True),
        ("普通客户", "满意度调研", {"channel": "电话", "summary": "满意度回访，9分"}, True),
        ("合作中 重点客户", "需求复盘会", {"channel": "拜访", "summary": "效果复盘"}, False),
        ("流失客户", "挽回联系", {"channel": "电话", "summary": "问候"}, True),
        ("低价值", "信息更新", {"channel": "电话"}, False),
        ("低价值", "信息更新", {"channel": "短信"}, True),
    ],
)
def test_a_contact_counts_by_its_channel_or_by_name_as_the_activity_says(
    label: str, action: str, record: dict[str, str], *, counts: bool
) -> None:
    found = item(planned(customer(follow_ups=(contact("2026-10-20", **record),)), *label.split()), action)
    assert found.last_contact == (date(2026, 10, 20) if counts else None)


@pytest.mark.parametrize(("person", "counts"), [("趙＊", True), ("赵*", True), ("王*", False)])
def test_a_contact_of_an_executive_is_a_visit_of_one(person: str, *, counts: bool) -> None:
    policy = replace_rules(POLICY, executives=("赵*",))
    planner = Planner(run_as_of(AS_OF, policy=policy))
    found = customer(follow_ups=(contact("2026-10-20", channel="拜访", person=person),))
    items = planner.plan(found, frozenset({"VIP客户"}), (), tier=policy.tiers[0])
    assert (item(items, "高层拜访").last_contact is not None) == counts


def test_the_later_of_a_record_and_the_day_of_the_base_sheet_counts() -> None:
    found = customer(
        profile=profile(last_contact=date(2026, 10, 25)), follow_ups=(contact("2026-10-20", channel="电话"),)
    )
    assert item(planned(found, "中价值"), "常规沟通").last_contact == date(2026, 10, 25)


def test_a_contact_after_the_date_is_not_counted_yet() -> None:
    later = customer(follow_ups=(contact("2026-11-02", summary="服务回顾", next_step="3日内回访"),))
    assert item(planned(later, "重点客户"), "服务回顾").last_contact is None
    assert all(not entry.promised for entry in planned(later, "重点客户"))


def test_the_profiles_last_update_counts_as_its_review() -> None:
    found = item(planned(customer(profile=profile(updated_on=date(2026, 10, 1))), "重点客户"), "档案复核")
    assert found.due == date(2026, 12, 31)


def test_promises_are_due_when_they_say_and_stay_on_days_off() -> None:
    first = customer(follow_ups=(contact("2024-05-05", next_step="3日内提供报价单"),))
    promised = next(entry for entry in planned(first, as_of=date(2024, 5, 6)) if entry.promised)
    assert promised.due == date(2024, 5, 8)
    second = customer(follow_ups=(contact("2024-05-08", next_step="跟进内部讨论结果(5月12日前)"),))
    promised = next(entry for entry in planned(second, as_of=date(2024, 5, 9)) if entry.promised)
    assert promised.due == date(2024, 5, 12)  # a Sunday


def test_a_promise_is_closed_by_a_contact_on_its_day_and_still_told() -> None:
    found = customer(
        follow_ups=(
            contact("2024-05-05", next_step="3日内提供报价单"),
            contact("2024-05-08", next_step="跟进内部讨论结果(5月12日前)"),
        )
    )
    told = Planner(run_as_of(date(2024, 5, 31), policy=POLICY)).undertakings(found)
    assert [(one.promise.due, one.open) for one in told] == [(date(2024, 5, 8), False), (date(2024, 5, 12), True)]


@pytest.mark.parametrize(
    ("records", "done_on", "kept"),
    [
        ([], None, None),
        ([("2026-10-09", "国庆问候", {})], None, None),  # an earlier greeting closes nothing
        ([("2026-10-09", "报价单已发送", {})], "2026-10-09", True),
        ([("2026-10-09", "样品已寄出", {})], None, None),  # something else
        ([("2026-10-09", "拜访", {"feedback": "報價單已提交"})], "2026-10-09", True),
        ([("2026-10-09", "报价单还没发送", {})], None, None),
        ([("2026-10-16", "了解近况", {})], "2026-10-16", True),  # the first contact on its day
        ([("2026-10-19", "客户说没问题", {})], "2026-10-19", True),  # Monday, the next working day
        ([("2026-10-20", "了解近况", {})], "2026-10-20", False),
        ([("2026-10-20", "客户催报价单", {})], None, None),
        ([("2026-10-20", "尚未完成", {})], None, None),
        ([("2026-10-20", "还没发", {})], None, None),
        ([("2026-10-20", "问候", {"feedback": "没有考虑竞品，采购推迟"})], "2026-10-20", False),  # not of the promise
        ([("2026-10-20", "客户催报价单", {}), ("2026-10-27", "了解近况", {})], "2026-10-27", False),
        ([("2026-10-20", "尚未完成", {}), ("2026-10-22", "报价单已提交", {})], "2026-10-22", False),
        ([("2026-10-20", "说明情况", {"next_step": "报价单延期到10月30日"})], None, None),
        ([("2026-10-20", "说明情况", {"next_step": "3日内提供报价单"})], None, None),
    ],
)
def test_a_promise_is_done_when_a_record_says_so_or_at_the_first_contact_on_its_day(
    records: list[tuple[str, str, dict[str, str]]], done_on: str | None, *, kept: bool | None
) -> None:
    promise = contact("2026-10-08", next_step="10月16日前提供报价单")
    later = [contact(day, summary=summary, **further) for day, summary, further in records]
    told = Planner(run_as_of(AS_OF, policy=POLICY)).undertakings(customer(follow_ups=(promise, *later)))[0]
    assert (told.open, told.kept) == (done_on is None, kept)
    assert told.done_on == (date.fromisoformat(done_on) if done_on else None)


@pytest.mark.parametrize(
    ("label", "action", "closing"),
    [
        ("VIP客户", "深度沟通", "用拜访、视频会议跟进一次"),
        ("观察客户", "销售跟进", "任何方式跟进一次"),
        ("普通客户", "满意度调研", "跟进摘要或跟进方式写明满意度调研、满意度之一"),
        (
            "普通客户",
            "档案复核",
            "跟进摘要或跟进方式写明档案复核、资料复核、核对档案、核对资料之一，或更新最后更新日期",
        ),
    ],
)
def test_what_would_close_an_item_is_said(label: str, action: str, closing: str) -> None:
    assert say_closing(item(planned(customer(), label), action), POLICY) == closing


def test_what_would_close_a_promise_is_said() -> None:
    found = customer(
        profile=profile(appointment=date(2026, 11, 9)),
        follow_ups=(contact("2026-10-08", next_step="11月16日前提供报价单"),),
    )
    assert [say_closing(entry, POLICY) for entry in planned(found) if entry.promised] == [
        "当天或以后跟进一次",
        "写上完成日期或完成情况，或跟进摘要写明已做好，或在当天及以后跟进一次",
    ]


def test_why_an_item_is_due_on_its_day_is_said() -> None:
    found = customer(
        profile=profile(appointment=date(2026, 11, 9), owner="陈思远"),
        follow_ups=(
            contact("2026-10-08", next_step="11月16日前提供报价单", person="王*"),
            contact("2026-10-12", channel="拜访", appointment=date(2026, 11, 20)),
        ),
    )
    items = {str(entry.due): say_reason(entry, POLICY) for entry in planned(found, "VIP客户")}
    assert items["2026-11-09"] == "基础表写了约定跟进日期"
    assert items["2026-11-16"] == "2026-10-08的跟进记录写了“11月16日前提供报价单”（原跟进人 王*）"
    assert items["2026-11-20"] == "2026-10-12的跟进记录写了约定跟进日期"
    assert items["2026-11-12"] == "上次2026-10-12，每1个月一次"


def test_who_makes_an_executives_visit_is_said() -> None:
    policy = replace_rules(POLICY, executives=("赵*",))
    visit = item(planned(customer(), "VIP客户"), "高层拜访")
    assert say_closing(visit, policy) == "跟进摘要或跟进方式写明高层拜访、高层互访、高管拜访、战略研讨之一，或由赵*跟进"


def test_words_of_any_promise_and_of_time_are_not_the_same_promise() -> None:
    promise = contact("2026-10-08", next_step="5日內寄送樣品")
    other = contact("2026-10-15", summary="對賬", next_step="6日內寄送發票")
    told = Planner(run_as_of(AS_OF, policy=POLICY)).undertakings(customer(follow_ups=(promise, other)))
    assert [one.open for one in told] == [False, True]


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({"done_on": date(2026, 10, 15)}, (False, True)),
        ({"done_on": date(2026, 10, 25)}, (False, False)),
        ({"done_on": date(2026, 11, 2)}, (True, None)),  # after the date
        ({"outcome": "已完成"}, (False, True)),
        ({"outcome": "逾期完成"}, (False, False)),
        ({"outcome": "未完成"}, (True, None)),
        ({"outcome": "取消"}, (False, None)),
    ],
)
def test_what_the_columns_of_completion_say_wins(columns: dict[str, Any], state: tuple[bool, bool | None]) -> None:
    promise = contact("2026-10-08", next_step="10月16日前提供报价单", **columns)
    records = (promise, contact("2026-10-20", summary="了解近况")) if columns.get("outcome") else (promise,)
    told = Planner(run_as_of(AS_OF, policy=POLICY)).undertakings(customer(follow_ups=records))[0]
    assert (told.open, told.kept) == state


def test_a_promise_of_december_stays_open_after_a_call_in_october() -> None:
    records = (contact("2026-09-10", next_step="12月31日前提供年度方案"), contact("2026-10-20", summary="问候"))
    (promised,) = (entry for entry in planned(customer(follow_ups=records)) if entry.promised)
    assert promised.due == date(2026, 12, 31)


def test_a_promise_passes_to_todays_manager_and_names_who_gave_it() -> None:
    promise = contact("2026-10-08", person="王*", next_step="11月16日前提供报价单")
    (passed,) = (
        entry for entry in planned(customer(profile=profile(owner="李*"), follow_ups=(promise,))) if entry.promised
    )
    assert (passed.owner, passed.content) == ("李*", "11月16日前提供报价单（原跟进人 王*）")
    (own,) = (
        entry for entry in planned(customer(profile=profile(owner="王＊"), follow_ups=(promise,))) if entry.promised
    )
    assert own.content == "11月16日前提供报价单"
    (orphan,) = (entry for entry in planned(customer(follow_ups=(promise,))) if entry.promised)
    assert orphan.owner == "王*"


@pytest.mark.parametrize(
    ("label", "action", "owner", "without"),
    [
        ("VIP客户", "深度沟通", "陈思远", "销售总监"),
        ("VIP客户", "高层拜访", "企业高管", "企业高管"),
        ("重点客户", "服务回顾", "陈思远", "客服主管"),
        ("低价值", "信息更新", "客服团队", "客服团队"),
        ("流失客户", "挽回联系", "客服团队", "客服团队"),
        ("未成交", "意向跟进", "销售团队", "销售团队"),
        ("普通客户", "满意度调研", "陈思远", "客服专员"),
    ],
)
def test_an_activity_is_the_managers_or_stays_with_its_role(label: str, action: str, owner: str, without: str) -> None:
    owned = customer(profile=profile(owner="陈思远"))
    assert item(planned(owned, label), action).owner == owner
    assert item(planned(customer(), label), action).owner == without


def test_names_of_one_manager_are_compared_folded() -> None:
    spelled = [
        Customer(key, key, profile=profile(key, owner=name), scoring=scoring_row(key))
        for key, name in (("C001", "赵*"), ("C002", "趙*"), ("C003", "赵＊"), ("C004", "赵*"), ("C005", "王*"))
    ]
    found, _ = assess(book(*spelled), run_as_of(AS_OF, policy=POLICY))
    assert [entry.owner for entry in found] == ["赵*", "赵*", "赵*", "赵*", "王*"]
    assert {entry.owner for one in found[:4] for entry in one.due if entry.action == "档案复核"} == {"赵*"}


@pytest.mark.parametrize(
    ("tier", "days", "told"),
    [
        ("普通客户", 7, "总监"),  # a promise
        ("重点客户", 2, ""),
        ("重点客户", 3, "主管"),
        ("重点客户", 6, "主管"),
        ("重点客户", 7, "总监"),
        ("VIP客户", 1, "主管"),
        ("VIP客户", 3, "总监"),
        ("VIP客户", 0, ""),
    ],
)
def test_overdue_items_climb_the_ladder(tier: str, days: int, told: str) -> None:
    due = date(2024, 5, 8)
    found = customer(follow_ups=(contact("2024-05-05", next_step="3日内提供报价单"),))
    items = planned(found, as_of=date.fromordinal(due.toordinal() + days), tier=tier)
    assert next(entry for entry in items if entry.promised).escalated_to == told


@pytest.mark.parametrize(
    ("tier", "action", "colour", "told"),
    [
        ("普通客户", "满意度调研", "黄", "主管"),
        ("普通客户", "满意度调研", "红", "总监"),
        ("重点客户", "满意度调研", "绿", "总监"),
        ("VIP客户", "满意度调研", "", "总监"),
        ("流失客户", "挽回联系", "", "总监"),
        ("观察客户", "销售跟进", "", "主管"),
    ],
)
def test_the_director_hears_only_what_a_director_is_wanted_for(tier: str, action: str, colour: str, told: str) -> None:
    found = customer(follow_ups=(contact("2026-01-05", channel="电话", summary="满意度调研"),))
    planner = Planner(run_as_of(AS_OF, policy=POLICY))
    steps = POLICY.tier(tier) or POLICY.tier("观察客户")
    items = planner.plan(found, frozenset({tier}), (), tier=steps, colour=colour)
    assert item(items, action).escalated_to == told


def test_what_is_due_on_one_day_stands_in_the_policys_order_after_promises() -> None:
    assert [entry.action for entry in planned(customer(), "VIP客户")] == [
        "深度沟通",
        "高层拜访",
        "满意度调研",
        "档案复核",
    ]
    asked = contact("2026-10-30", channel="电话", next_step="11月30日前回电")
    promised = planned(customer(follow_ups=(asked,)), "VIP客户")
    assert [entry.promised for entry in promised if entry.due == date(2026, 11, 30)][:2] == [True, False]


def test_the_earliest_stands_first() -> None:
    found = planned(customer(follow_ups=(contact("2026-10-30", channel="电话", next_step="明天回电"),)), "VIP客户")
    assert [entry.due for entry in found] == sorted(entry.due for entry in found)
