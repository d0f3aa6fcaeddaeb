"""The period's lists where people read them: the execution report, the review workbook, owners' lists and calendars."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import icalendar
from python_calamine import CalamineWorkbook

from sheetcrm.excel.books.review import review_book
from sheetcrm.model import Assessment, Mean, Ratio
from sheetcrm.model.lists import (
    Breach,
    FunnelRow,
    GradingReminder,
    Lists,
    Outlook,
    PromiseKeeping,
    RoutineDue,
    Segment,
)
from sheetcrm.policy.loading import check, standard
from sheetcrm.policy.run import Results
from sheetcrm.report.packs import packs
from sheetcrm.report.packs.kinds import Wanted
from sheetcrm.report.pages import documents
from tests.reporting import assessment, due, results
from tests.values import replace

SOON = date(2026, 11, 20)


def decided(entries: Sequence[Assessment], lists: Lists, *, most: int = 20) -> Results:
    raw = standard().model_dump()
    raw["report"]["list_rows"] = most
    return replace(results(entries, policy=check(raw, source="test")), lists=lists)


def customers() -> list[Assessment]:
    return [
        assessment("C001", due=(due("2026-10-20", late=11, promise="报价"), due("2026-11-05"), due("2026-12-24"))),
        assessment("C002", "重点客户", name="乙公司", owner="陈思远", due=(replace(due("2026-11-09"), owner="主管"),)),
    ]


def full(entries: Sequence[Assessment]) -> Lists:
    one, two = entries
    return Lists(
        reminders=(GradingReminder(assessment=one, due=SOON), GradingReminder(assessment=two, due=SOON)),
        fallers=(Outlook(assessment=one, tier="重点客户", score=Decimal("88.5")),),
        risers=(Outlook(assessment=two, tier="VIP客户", score=Decimal("90.1"), amount=Decimal(52_300)),),
        breaches=(
            Breach(
                assessment=one,
                promise="首次响应",
                day=date(2026, 10, 5),
                grade="VIP客户",
                detail="超时1.5小时，电话13800138000",
                owner="林婉清",
                person="客服甲",
            ),
            Breach(
                assessment=two,
                promise="下一步计划",
                day=date(2026, 10, 9),
                grade="重点客户",
                detail="逾期9天：报价",
                owner="陈思远",
                person="陈思远",
            ),
        ),
        keeping=(
            PromiseKeeping(owner="林婉清", kept=Ratio(3, 4), breaches={"首次响应": 1}),
            PromiseKeeping(owner="陈思远", kept=Ratio(0, 1), breaches={"下一步计划": 1}),
        ),
        by_informant=(
            FunnelRow(name="展会", waiting=2, developing=1, new=0),
            FunnelRow(name="司马秋水", waiting=0, developing=1, new=1),
            FunnelRow(name="未填", waiting=1, developing=0, new=0),
        ),
        by_referrer=(FunnelRow(name="C002", waiting=0, developing=0, new=1),),
        segments=(
            Segment(
                value="高价值", stage="稳定客户", customers=2, spend=Mean(Decimal(900_000), 2, 2), retention=Ratio(1, 2)
            ),
        ),
        by_theme=(("售后", Mean(Decimal(150), 2, 3)),),
    )


def printed(found: Results) -> str:
    page = next(job.html for job in documents.plan(found) if "执行报告" in job.name)
    return re.sub(r"<[^>]+>|\s+", " ", page)


def section(text: str, start: str, end: str) -> str:
    return re.sub(" +", " ", text[text.rindex(start) : text.index(end, text.rindex(start))])


def test_the_execution_report_prints_every_list() -> None:
    text = re.sub(" +", " ", printed(decided(customers(), full(customers()))))
    for words in (
        "2026-11-20 C001 甲公司 VIP客户 林婉清",
        "C001 甲公司 林婉清 VIP客户 重点客户 95.0 88.5",
        "C002 乙公司 陈思远 重点客户 VIP客户 95.0 90.1 52,300",
        "首次响应 10月5日 C001 甲公司 VIP客户 超时1.5小时，电话138****8000（经办 客服甲） 林婉清",
        "下一步计划 10月9日 C002 乙公司 重点客户 逾期9天：报价 陈思远",
        "林婉清 75.0%（3/4） 1 ·",
        "陈思远 0.0%（0/1） · 1",
        "合计 60.0%（3/5） 1 1",
        "展会 2 1 · 3",
        "司* · 1 1 2",
        "未填 1 · · 1",
        "C002 乙公司 · · 1 1",
        "高价值 稳定客户 2 90.0 50.0%（1/2）",
        "售后 75.0（2/3）",
    ):
        assert words in text, words
    assert "司马秋水" not in text
    assert "全部见评审包" not in text


def test_a_list_longer_than_the_policy_says_is_cut_and_says_where_the_rest_is() -> None:
    entries = customers()
    text = printed(decided(entries, full(entries), most=1))
    assert "共 2 家，列前 1 家，全部见评审包" in text
    assert "逾期9天" not in text
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(review_book(decided(entries, full(entries), most=1), workbooks=[]))
    )
    rows = {name: book.get_sheet_by_name(name).to_python()[3:] for name in book.sheet_names}
    assert [row[2] for row in rows["违约清单"]] == ["C001", "C002"]
    assert rows["违约清单"][0][5] == "超时1.5小时，电话138****8000"
    assert [row[1] for row in rows["分类复核提醒"]] == ["C001", "C002"]
    assert [(row[0], row[1], row[8]) for row in rows["下月预警"]] == [
        ("可能降级", "C001", ""),
        ("一单可升", "C002", 52_300),
    ]
    assert [row[:4] for row in rows["承诺兑现率"]] == [["林婉清", 4, 3, 0.75], ["陈思远", 1, 0, 0]]
    assert [row[1] for row in rows["获客漏斗"]] == ["展会", "司*", "未填", "C002 乙公司"]
    assert rows["价值与合作阶段"][0][:4] == ["高价值", "稳定客户", 2, 900_000]
    assert rows["类别满意度"] == [["售后", 3, 2, 75]]


def test_an_empty_list_is_one_line_or_left_out() -> None:
    text = printed(decided(customers(), Lists()))
    for words in ("没有到重评日期的客户", "也不会有客户降级", "本期没有违约"):
        assert words in text
    for words in ("获客漏斗", "承诺兑现率", "满意度（按问题类别）"):
        assert words not in text
    assert "等级按名额定" in printed(decided(customers(), Lists(foreseen=False)))


# --- owners' lists, calendars and the workbook ---------------------------------------------------------


def items_in(event: icalendar.Event) -> int:
    return len(str(event["description"]).splitlines()) if str(event["summary"]).startswith("尽快") else 1


def laid(found: Results) -> tuple[Mapping[str, str], Mapping[str, list[icalendar.Event]]]:
    made = packs.plan(found, Wanted(kinds=frozenset({"跟进清单", "跟进日历"})))
    calendars = {
        re.sub(r"\D", "", name): [
            one for one in icalendar.Calendar.from_ical(data).walk() if isinstance(one, icalendar.Event)
        ]
        for name, data in made.files.items()
    }
    return {re.sub(r"\D", "", job.name): job.html for job in made.jobs}, calendars


def test_an_owner_is_reminded_on_the_list_and_in_the_calendar() -> None:
    entries = customers()
    pages, calendars = laid(decided(entries, full(entries)))
    owners = {re.search(r"责任人：(\S+?)。", page)[1]: number for number, page in pages.items()}  # type: ignore[index]
    own = pages[owners["林婉清"]].split("<h2>分类复核</h2>")[1]
    assert "2026-11-20" in own
    assert "C001" in own
    assert "C002" not in own
    assert "已逾期 1 项，2026年11月30日前到期 1 项" in pages[owners["林婉清"]]
    assert [(str(one["summary"]), one.decoded("dtstart")) for one in calendars[owners["林婉清"]]][-1] == (
        "分类复核：C001 甲公司",
        SOON,
    )
    assert "分类复核" not in pages[owners["主管"]]


def test_the_planned_items_of_an_owner_are_the_same_in_workbook_list_and_calendar() -> None:
    entries = customers()
    found = decided(entries, full(entries))
    book = CalamineWorkbook.from_filelike(io.BytesIO(review_book(found, workbooks=[])))
    planned = Counter((row[7], row[2], row[5]) for row in book.get_sheet_by_name("跟进计划").to_python()[3:])
    assert planned == {("林婉清", "C001", "深度沟通"): 2, ("主管", "C002", "深度沟通"): 1}
    pages, calendars = laid(found)
    for number, page in pages.items():
        owner = re.search(r"责任人：(\S+?)。", page)[1]  # type: ignore[index]
        total = sum(count for (name, *_), count in planned.items() if name == owner)
        plan = page.split("<h2>分类复核</h2>")[0]
        assert plan.count('<td class="c">□</td>') == total
        events = [one for one in calendars[number] if not str(one["summary"]).startswith("分类复核")]
        assert sum(map(items_in, events)) == total


def test_what_the_calendar_asks_for_is_on_the_plan_of_whom_the_policy_names() -> None:
    entries = customers()
    cleaning = RoutineDue(
        name="数据清洗", due=date(2026, 11, 30), owner="部门负责人", content="查重、补缺", customers=2
    )
    found = decided(entries, Lists(routines=(cleaning,)))
    assert "11月30日 数据清洗（部门负责人，2 家客户）查重、补缺" in re.sub(" +", " ", printed(found))
    book = CalamineWorkbook.from_filelike(io.BytesIO(review_book(found, workbooks=[])))
    assert book.get_sheet_by_name("例行事项").to_python()[3][:5] == [
        cleaning.due,
        "数据清洗",
        "部门负责人",
        2,
        "查重、补缺",
    ]
    pages, calendars = laid(found)
    owners = {re.search(r"责任人：(\S+?)。", page)[1]: number for number, page in pages.items()}  # type: ignore[index]
    assert sorted(owners) == ["主管", "林婉清", "部门负责人", "陈思远"]
    assert "查重、补缺" in pages[owners["部门负责人"]]
    assert [str(one["summary"]) for one in calendars[owners["部门负责人"]]] == ["数据清洗：— 2 家客户"]
    assert "没有逾期的跟进" not in pages[owners["部门负责人"]]
    assert "数据清洗" not in pages[owners["林婉清"]]
