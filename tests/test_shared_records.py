"""Follow-up records that name several customers, or a class of them (practice §8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from sheetcrm.assess.book import assess
from sheetcrm.intake.shared_records import class_words
from sheetcrm.model import Assessment, Book, Customer, DueItem, Problem
from sheetcrm.policy import loading
from sheetcrm.policy.loading import standard
from sheetcrm.runs import prepare
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from sheetcrm.text.folding import fold
from tests.making import book, contact, order, profile
from tests.values import replace, run_as_of
from tests.workbooks import workbook

AS_OF = date(2026, 10, 31)
HEAD = ("客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要", "下一步计划")
CUSTOMERS = (
    ("客户编号", "客户名称", "首次合作时间", "近12个月消费金额"),
    ("C001", "甲公司", "2024-01-01", "8万"),  # 低价值
    ("C002", "乙公司", "2024-01-01", "9万"),  # 低价值
    ("C003", "丙公司", "2024-01-01", "60万"),  # 高价值
)
ORDERS = (("客户编号", "日期", "金额"), *((f"C00{at}", "2026-10-20", 1000) for at in (1, 2, 3)))


def planned(tmp_path: Path, *records: Sequence[object], head: Sequence[str] = HEAD, preset: str = "标准") -> Plan:
    """Plan a book of three customers with these follow-up records, the first of which is an old one of C003."""
    old = ("C003", "2025-01-06", "王*", "电话", "问候", None)
    rows = [head, *([old] if head is HEAD else []), *records]
    data = workbook({"客户信息基础表": CUSTOMERS, "交易明细": ORDERS, "客户跟进记录表": rows})
    (tmp_path / "客户.xlsx").write_bytes(data)
    run = run_as_of(AS_OF, policy=loading.preset(preset))
    return prepare.prepare(gather([tmp_path / "客户.xlsx"], output=None), run)


def of(plan: Plan, customer_id: str) -> Assessment:
    return next(entry for entry in plan.assessments if entry.customer.customer_id == customer_id)


def item(entry: Assessment, action: str) -> DueItem:
    return next(one for one in entry.due if one.action == action)


def kinds(plan: Plan) -> set[str]:
    return {one.kind for one in plan.problems}


def contacts_of(plan: Plan) -> dict[str, list[str]]:
    return {
        entry.customer.customer_id: [one.summary or "" for one in entry.customer.follow_ups if one.date.year == 2026]
        for entry in plan.assessments
    }


@pytest.mark.parametrize(
    "cell",
    [
        "C001、C002",
        "C001,C002",
        "C001，C002",
        "C001/C002",
        "C001\nC002",
        "c001；C002 ",
        "甲公司、C002",
        "C001、C002、C001",
    ],
)
def test_a_record_of_several_customers_is_each_ones(tmp_path: Path, cell: str) -> None:
    plan = planned(tmp_path, (cell, "2026-10-12", "王*", "微信", "同行活动", "3日内提供报价单"))
    assert contacts_of(plan) == {"C001": ["同行活动"], "C002": ["同行活动"], "C003": []}
    assert item(of(plan, "C001"), "信息更新").due == date(2027, 4, 12)
    assert [one.promise.due for one in of(plan, "C002").undertakings] == [date(2026, 10, 15)]
    assert not kinds(plan) & {"customer-unknown", "contact-of-class"}


def test_an_unknown_one_among_several_is_a_finding_for_that_one_only(tmp_path: Path) -> None:
    plan = planned(tmp_path, ("C001、C009", "2026-10-12", "王*", "微信", "同行活动"))
    assert contacts_of(plan)["C001"] == ["同行活动"]
    (unknown,) = [one for one in plan.problems if one.kind == "customer-unknown"]
    assert "C009" in str(unknown)
    assert "C001" not in str(unknown)


@pytest.mark.parametrize("cell", ["C001-C003", "X1/X2", "C001至C003"])
def test_ranges_and_what_names_nobody_stay_one_finding(tmp_path: Path, cell: str) -> None:
    plan = planned(tmp_path, (cell, "2026-10-12", "王*", "微信", "同行活动"))
    assert contacts_of(plan) == {"C001": [], "C002": [], "C003": []}
    assert [one.kind for one in plan.problems if "跟进记录表" in str(one.ref)] == ["customer-unknown"]


def test_names_in_a_sheet_without_numbers_are_shared_too(tmp_path: Path) -> None:
    head = ("客户名称", "日期", "跟进人", "跟进方式", "跟进内容摘要")
    plan = planned(tmp_path, ("甲公司、丙公司", "2026-10-12", "王*", "微信", "同行活动"), head=head)
    assert contacts_of(plan) == {"C001": ["同行活动"], "C002": [], "C003": ["同行活动"]}


def test_a_promise_open_for_one_of_several_stands_as_open_in_their_row(tmp_path: Path) -> None:
    both = ("C001、C002", "2026-10-12", "王*", "微信", "同行活动", "3日内提供报价单")
    plan = planned(tmp_path, both, ("C001", "2026-10-15", "王*", "电话", "已提供报价单"))
    assert [of(plan, key).undertakings[0].open for key in ("C001", "C002")] == [False, True]
    sheet = load_workbook(BytesIO(plan.workbooks[0].data))["客户跟进记录表"]
    labels = [cell.value for cell in sheet[1]]
    assert sheet.cell(3, labels.index("是否逾期") + 1).value == "是"


@pytest.mark.parametrize("cell", ["低价值客户", "低价值", "低價值客戶", "全体", "全部客户", "高价值、低价值"])
def test_a_record_of_a_class_counts_for_what_may_be_done_for_a_class(tmp_path: Path, cell: str) -> None:
    plan = planned(tmp_path, (cell, "2026-10-12", "刘*", "邮件", "推送10月产品资讯"))
    due = item(of(plan, "C001"), "信息更新")
    assert (due.due, due.last_contact) == (date(2027, 4, 12), date(2026, 10, 12))
    assert item(of(plan, "C002"), "信息更新").due == date(2027, 4, 12)
    assert contacts_of(plan) == {"C001": [], "C002": [], "C003": []}, "nobody's own contact"
    (remark,) = [one for one in plan.problems if one.kind == "contact-of-class"]
    assert "只算为这一类客户做过信息更新、产品更新推送、节日与生日问候" in str(remark)
    assert "customer-unknown" not in kinds(plan)


def test_it_counts_for_no_other_class_channel_or_activity_and_closes_no_promise(tmp_path: Path) -> None:
    others = ("高价值客户", "2026-10-12", "刘*", "邮件", "推送产品资讯")
    assert item(of(planned(tmp_path, others), "C001"), "信息更新").last_contact is None
    called = ("低价值客户", "2026-10-12", "刘*", "电话", "问候")
    assert item(of(planned(tmp_path, called), "C001"), "信息更新").last_contact is None
    promised = ("C003", "2026-10-09", "王*", "电话", "报价", "10月12日前发方案")
    everybody = ("全体", "2026-10-14", "刘*", "视频会议", "已发方案；档案复核")
    plan = planned(tmp_path, promised, everybody)
    assert {item(of(plan, "C003"), one).last_contact for one in ("深度沟通", "档案复核")} == {None}
    assert [one.open for one in of(plan, "C003").undertakings] == [True]


def test_who_is_served_by_class_alone_was_contacted_by_nobody_and_need_not_be(tmp_path: Path) -> None:
    mailed = planned(tmp_path, ("全体", "2026-10-12", "刘*", "邮件", "推送产品资讯"))
    assert "从未联系" not in {one.code for one in of(mailed, "C001").alerts}
    assert "从未联系" in {one.code for one in of(planned(tmp_path), "C001").alerts}
    quiet = planned(tmp_path, ("全体", "2026-10-12", "刘*", "邮件", "推送产品资讯"), preset="价值")
    assert of(quiet, "C001").measures.months_since_contact is None


def test_a_customer_who_is_called_like_a_class_is_a_customer(tmp_path: Path) -> None:
    rows = [*CUSTOMERS, ("C004", "低价值", "2024-01-01", "1万")]
    records = [
        HEAD,
        ("C003", "2025-01-06", "王*", "电话", "问候"),
        ("低价值", "2026-10-12", "刘*", "邮件", "推送产品资讯"),
    ]
    (tmp_path / "客户.xlsx").write_bytes(workbook({"客户信息基础表": rows, "客户跟进记录表": records}))
    plan = prepare.prepare(gather([tmp_path / "客户.xlsx"], output=None), run_as_of(AS_OF))
    assert not plan.reading.book.class_contacts
    assert "contact-of-class" not in kinds(plan)


@pytest.mark.parametrize("preset", loading.PRESETS)
def test_every_tier_and_outcome_of_a_policy_is_a_class(preset: str) -> None:
    words = class_words(loading.preset(preset))
    for tier in loading.preset(preset).tiers:
        assert words[fold(tier.name)] == words[fold(tier.name.removesuffix("客户") + "客户")] == tier.name
    assert [words[one] for one in ("休眠", "休眠客户", "流失", "流失客户", "全体")] == [
        "休眠客户",
        "休眠客户",
        "流失",
        "流失客户",
        "全部",
    ]
    assert not words.keys() & {"未归类", "意向高", "待补充资料"}


def low_value(*follow_ups: object) -> Book:
    one = Customer(
        "C001",
        "甲公司",
        profile=profile(first_deal=date(2024, 1, 1)),
        orders=(order("2026-10-20", 1000),),
        follow_ups=tuple(follow_ups),  # type: ignore[arg-type]
    )
    return replace(book(one, kinds=("profile", "order", "follow_up")))


@settings(deadline=None, max_examples=40)
@given(st.dates(date(2026, 1, 5), AS_OF), st.dates(date(2026, 1, 5), AS_OF), st.sampled_from(["低价值", "全部"]))
def test_a_later_contact_with_a_class_never_makes_the_plan_earlier(first: date, second: date, label: str) -> None:
    earlier, later = sorted((first, second))
    known = low_value(contact(str(earlier), channel="邮件"))
    mailed = contact(str(later), customer_id=label, channel="邮件")

    def due(records: Book) -> dict[str, date]:
        return {one.action: one.due for one in assess(records, run_as_of(AS_OF))[0][0].due}

    before, after = due(known), due(replace(known, class_contacts=(mailed,)))
    assert before.keys() == after.keys()
    assert all(before[action] <= after[action] for action in before)


def test_the_flag_is_the_policys() -> None:
    policy = standard()
    none = policy.model_copy(
        update={"cadence": tuple(one.model_copy(update={"batch": False}) for one in policy.cadence)}
    )
    mailed = replace(low_value(), class_contacts=(contact("2026-10-12", customer_id="低价值", channel="邮件"),))
    due: list[DueItem] = []
    for chosen in (policy, none):
        (entry,), _ = assess(mailed, run_as_of(AS_OF, policy=chosen))
        due.append(item(entry, "信息更新"))
    assert [one.last_contact for one in due] == [date(2026, 10, 12), None]


def test_rows_after_the_day_are_counted_once(tmp_path: Path) -> None:
    later = [("C001、C002", "2026-11-02", "王*", "微信", "问候"), ("全体", "2026-11-02", "刘*", "邮件", "资讯")]
    data = workbook({"客户信息基础表": CUSTOMERS, "客户跟进记录表": [HEAD, *later]})
    (tmp_path / "客户.xlsx").write_bytes(data)
    run = replace(run_as_of(AS_OF), today=date(2026, 11, 3))
    problems: tuple[Problem, ...] = prepare.prepare(gather([tmp_path / "客户.xlsx"], output=None), run).problems
    (said,) = [str(one) for one in problems if one.kind == "records-later"]
    assert "有 2 行" in said
