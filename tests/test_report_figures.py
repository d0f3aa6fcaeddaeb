"""Every figure of the execution report of the sample month, computed a second time in plain loops.

The workbooks are read with another library, and counted without the code under test. What earlier stages
decided of a customer (grade, score, what is due, its alerts and classes) is taken as decided: they have
tests of their own.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import opencc
import pytest
from openpyxl import Workbook, load_workbook

from sheetcrm.assess.figures.backwards import grade_backwards
from sheetcrm.assess.figures.summary import summarise
from sheetcrm.model import Assessment, Figures, GroupFigures, Past
from sheetcrm.policy.loading import load, standard_text
from sheetcrm.problems import title_of
from sheetcrm.report.pages import documents
from sheetcrm.runs import prepare
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from tests.values import run_in

INPUT = Path(__file__).parent.parent / "input"
TODAY = date(2026, 11, 21)
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
CUT = datetime.fromisoformat("2026-10-31T23:59:59")
YEAR, BEFORE = date(2025, 10, 31), date(2024, 10, 31)
TIERS = ("VIP客户", "重点客户", "普通客户", "观察客户")
RESPONSE = {"VIP客户": 4, "重点客户": 8, "普通客户": 24, "观察客户": 48}
RESOLUTION = {"VIP客户": 4, "重点客户": 24, "普通客户": 48}
DISCOUNT = {"VIP客户": 0.10, "重点客户": 0.05, "普通客户": 0.0, "观察客户": 0.0}
SIMPLIFIED = opencc.OpenCC("t2s")

Count = tuple[Decimal | None, int, int]
"""A value, n and N."""


@dataclass(frozen=True)
class Sheets:
    """The rows of the sample's sheets, by 客户编号."""

    services: Mapping[str, list[dict[str, Any]]]
    orders: Mapping[str, list[tuple[date, Decimal, object]]]
    contacts: Mapping[str, list[date]]
    needs: Mapping[str, list[dict[str, Any]]]
    profiles: Mapping[str, dict[str, Any]]
    risks: Mapping[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Decide the sample month without a past: neither a record, nor one that its orders give."""
    text = standard_text()
    assert "backwards_months = 24" in text
    policy = load(text.replace("backwards_months = 24", "backwards_months = 0"), source="标准")
    return prepare.prepare(gather([INPUT], output=None), run_in("2026-10", today=TODAY, policy=policy))


@pytest.fixture(scope="session")
def html(plan: Plan) -> str:
    return documents.plan(plan.results, full=True)[-1].html


@pytest.fixture(scope="session")
def sheets(plan: Plan) -> Sheets:  # noqa: C901, PLR0912  (one plain loop over everything is the point)
    known = {entry.customer.customer_id for entry in plan.assessments}
    services, orders, contacts, needs, risks = (defaultdict[str, list[Any]](list) for _ in range(5))
    profiles: dict[str, dict[str, Any]] = {}
    for path in sorted(INPUT.glob("*.xlsx")):
        if "档案卡" in path.name:
            for customer, card, days in cards(path):
                profiles[customer] = card
                contacts[customer] += days
            continue
        for title, row in tables(path):
            customer = str(row.get("客户编号") or "").strip()
            if customer not in known:
                continue
            if title == "服务记录":
                row["at"] = moment(row["请求时间"])
                if row["at"]:
                    services[customer].append(row)
            elif title.startswith("交易明细"):
                day, amount = moment(row["日期"]), money(row["金额"])
                if day and amount is not None and day.date() <= TODAY:
                    orders[customer].append((day.date(), amount, row.get("订单号") or object()))
            elif title == "客户跟进记录表":
                day = moment(row["日期"])
                if day and day.date() <= TODAY:
                    contacts[customer].append(day.date())
            elif title == "需求记录":
                needs[customer].append(row | {"at": moment(row["提出日期"])})
            elif title == "风险登记":
                risks[customer].append(row | {"at": moment(row["日期"]), "done": moment(row["修复日期"])})
            elif title == "客户信息基础表":
                profiles[customer] = row
    return Sheets(services, orders, contacts, needs, profiles, risks)


def opened(path: Path) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells which parts it would lose if it saved
        return load_workbook(path, data_only=True)


def tables(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read every sheet below the row that says 客户编号, labels and titles simplified and without brackets."""
    for sheet in opened(path).worksheets:
        labels: list[str] = []
        for row in sheet.iter_rows(values_only=True):
            said = [SIMPLIFIED.convert(str(cell or "")).split("(")[0].strip() for cell in row]
            if not labels:
                labels = said if "客户编号" in said else []
            elif row[labels.index("客户编号")]:
                yield SIMPLIFIED.convert(sheet.title), dict(zip(labels, row, strict=False))


def cards(path: Path) -> Iterator[tuple[str, dict[str, Any], list[date]]]:
    for sheet in opened(path).worksheets:
        card = {str(row[0]): row[2] for row in sheet.iter_rows(max_row=40, max_col=3, values_only=True) if row[0]}
        days = [moment(row[0]) for row in sheet.iter_rows(min_row=38, max_col=1, values_only=True)]
        yield str(card["客户编号"]), card, [day.date() for day in days if day and day.date() <= TODAY]


def moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    found = re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\s+(\d{1,2}):(\d{2}))?", str(value or "").strip()
    )
    if not found:
        return None
    try:
        year, month, day, hour, minute = (int(part or 0) for part in found.groups())
        return datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
    except ValueError:
        return None


def money(value: object) -> Decimal | None:
    if isinstance(value, int | float):
        return Decimal(str(value))
    text = str(value or "").translate(str.maketrans("，", ",")).replace(",", "").replace("¥", "").removesuffix("元")
    unit = 10_000 if text[-1:] in "万萬" and text else 1
    try:
        return Decimal(text.rstrip("万萬")) * unit
    except ArithmeticError:
        return None


# --- the second computation ------------------------------------------------------------------------------


def of(answers: Sequence[bool]) -> Count:
    return (Decimal(sum(answers)) / len(answers) if answers else None, sum(answers), len(answers))


def mean(values: Sequence[Decimal], total: int) -> Count:
    return (sum(values, Decimal(0)) / len(values) if values else None, len(values), total)


def late_or_not(done: datetime | None, at: datetime, hours: float) -> bool | None:
    limit = at + timedelta(hours=hours)
    if done is None or done > CUT:
        return False if limit < CUT else None
    return done <= limit


def carried(member: Assessment, at: datetime) -> tuple[str, str | None]:
    """Give the grade a customer carried, and the tier that served it: the last one until the day of this grading."""
    row, before = member.customer.scoring, member.previous_grade
    given = row.assessed_on if row and row.assessed_on and row.assessed_on >= FIRST else LAST
    if before in (*TIERS, "未成交") and at.date() <= given:
        return before or "", "普通客户" if before == "未成交" else before
    return member.grade, member.tier


def off(at: datetime) -> bool:
    """October 2026: the holidays of the 1st to the 7th, the make-up Saturday of the 10th, and the weekends."""
    return at.day < 8 or (at.weekday() >= 5 and at.day != 10)


def service_figures(  # noqa: C901  (as above)
    members: Sequence[Assessment], everybody: Sequence[Assessment], sheets: Sheets, *, grade: str
) -> dict[str, Count]:
    answered, solved_in_time, solved, first, discounts = ([] for _ in range(5))
    rated: list[Decimal] = []
    hours: list[Decimal] = []
    requests = complaints = 0
    for member in everybody if grade else members:
        for row in sheets.services.get(member.customer.customer_id, []):
            at = row["at"]
            if not FIRST <= at.date() <= LAST:
                continue
            carrying, tier = carried(member, at)
            if grade and carrying != grade:
                continue
            requests += 1
            reply, done = moment(row["首次响应时间"]), moment(row["解决时间"])
            is_solved = row["是否解决"] == "是" and not (done and done > CUT)
            if not row["是否解决"]:
                is_solved = done is not None and done <= CUT
            solved.append(is_solved)
            first.append(row["是否一次解决"] == "是")
            if row["满意度"] is not None and 0 <= float(row["满意度"]) <= 100:
                rated.append(Decimal(str(row["满意度"])))
            if tier in RESPONSE and not (reply is None and is_solved):
                found = late_or_not(reply, at, RESPONSE[tier])
                answered += [] if found is None else [found]
            if tier in RESOLUTION and not (is_solved and done is None):
                found = late_or_not(done, at, 2 if tier == "VIP客户" and off(at) else RESOLUTION[tier])
                solved_in_time += [] if found is None else [found]
            if row.get("已用折扣") is not None and tier:
                discounts.append(float(str(row["已用折扣"]).rstrip("%")) <= DISCOUNT[tier] + 1e-12)
            if row["问题类别"] and ("投诉" in row["问题类别"] or "负面评价" in row["问题类别"]):
                complaints += 1
                if done and done <= CUT:
                    hours.append(Decimal((done - at).seconds + 86400 * (done - at).days) / 3600)
    return {
        "requests": (Decimal(requests), 0, 0),
        "response_on_time": of(answered),
        "resolved_on_time": of(solved_in_time),
        "resolved": of(solved),
        "resolved_first": of(first),
        "satisfaction": mean(rated, requests),
        "discount_kept": of(discounts),
        "complaints": (Decimal(complaints), 0, 0),
        "complaint_hours": mean(hours, complaints),
    }


def order_figures(members: Sequence[Assessment], sheets: Sheets) -> dict[str, Count]:
    sums, numbers, buyers, repeaters = (Counter[str]() for _ in range(4))
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for member in members:
        found = sheets.orders.get(member.customer.customer_id, [])
        for name, start, end in (("now", YEAR, LAST), ("before", BEFORE, YEAR)):
            inside = [entry for entry in found if start < entry[0] <= end]
            placed = {entry[2] for entry in inside if entry[1] > 0}
            if placed:
                totals[name] += sum((entry[1] for entry in inside), Decimal(0))
                numbers[name] += len(placed)
                buyers[name] += 1
                repeaters[name] += len(placed) > 1
                sums[name] += 1
    value = {name: totals[name] / numbers[name] for name in numbers}
    rate = {name: Decimal(repeaters[name]) / buyers[name] for name in buyers}
    return {
        "repurchase": (rate.get("now"), repeaters["now"], buyers["now"]),
        "repurchase_growth": (growth(rate), buyers["now"], len(members)),
        "order_value": (value.get("now"), numbers["now"], numbers["now"]),
        "order_value_growth": (growth(value), numbers["now"], numbers["now"]),
        "arpu_growth": (growth({name: totals[name] / buyers[name] for name in buyers}), buyers["now"], len(members)),
    }


def growth(values: Mapping[str, Decimal]) -> Decimal | None:
    now, before = values.get("now"), values.get("before")
    return now / before - 1 if now is not None and before else None


def relation_figures(members: Sequence[Assessment], sheets: Sheets) -> dict[str, Count]:
    lost, won, referred, crossed = ([] for _ in range(4))
    named = Counter(
        str(row["推荐人"])
        for row in sheets.profiles.values()
        if row.get("推荐人")
        and (day := moment(row.get("首次合作时间")) or moment(row.get("档案建立日期")))
        and YEAR < day.date() <= LAST
    )
    for member in members:
        customer = member.customer.customer_id
        profile = sheets.profiles.get(customer, {})
        stage = {entry.name: entry.outcome for entry in member.classes}["合作阶段"]
        lost.append(stage in {"流失客户", "休眠客户"})
        referred.append(named[customer] + named[member.customer.name] > 0)
        filed, deal = moment(profile.get("档案建立日期")), moment(profile.get("首次合作时间"))
        dates = sorted(entry[0] for entry in sheets.orders.get(customer, []) if entry[1] > 0)
        usable = deal is not None and deal.date() <= LAST  # a purchase after the day is a finding, and not used
        bought = deal.date() if deal and usable else dates[0] if dates else None
        if filed and filed.date() < FIRST and member.customer.profile:
            if bought is None and member.measures.bought is False:
                won.append(False)
            elif bought and bought >= FIRST:
                won.append(bought <= LAST)
        if member.measures.bought:
            crossed += [
                row["状态"] == "成交"
                for row in sheets.needs.get(customer, [])
                if row["at"] and YEAR < row["at"].date() <= LAST
            ]
    return {
        "nps": (None, 0, len(members)),
        "referred": of(list(brought(members, sheets))),
        "repaired": of([better for member in members for better in repairs(member.customer.customer_id, sheets)]),
        "winback": (None, 0, 0),
        "churned": of(lost),
        "retention": (None, 0, 0),
        "retention_high": (None, 0, 0),
        "renewal": (None, 0, 0),
        "potential_won": of(won),
        "referral": of(referred),
        "cross_sale": of(crossed),
    }


def brought(members: Sequence[Assessment], sheets: Sheets) -> Iterator[bool]:
    """Tell of each customer first won in the year whether somebody referred it."""
    for member in members:
        profile = sheets.profiles.get(member.customer.customer_id)
        if profile is not None and member.customer.profile and "推荐人" in profile:
            dates = sorted(day for day, paid, _ in sheets.orders.get(member.customer.customer_id, []) if paid > 0)
            deal = moment(profile.get("首次合作时间"))
            day = deal.date() if deal else dates[0] if dates else None
            if day and YEAR < day <= LAST:
                yield bool(profile["推荐人"])


def repairs(customer: str, sheets: Sheets) -> Iterator[bool]:
    """Tell of each repair whose month ended in October whether things were better by then."""
    for risk in sheets.risks.get(customer, []):
        done = risk["done"].date() if risk["done"] else None
        if done is None or not date(2026, 9, 1) <= done <= date(2026, 9, 30):
            continue
        before = date(2026, 8, min(done.day, 31))
        end = date(2026, 10, done.day)
        again = any(
            other["信号"] == risk["信号"] and other["at"] and done < other["at"].date() <= end
            for other in sheets.risks[customer]
        )
        needs = any(row["at"] and done < row["at"].date() <= end for row in sheets.needs.get(customer, []))
        paid = sheets.orders.get(customer, [])
        after = sum(amount for day, amount, _ in paid if done < day <= end)
        earlier = sum(amount for day, amount, _ in paid if before < day <= done)
        scored = sorted(
            (row["at"], float(row["满意度"]))
            for row in sheets.services.get(customer, [])
            if row["满意度"] is not None and 0 <= float(row["满意度"]) <= 100
        )
        old = [score for at, score in scored if at.date() <= done]
        new = [score for at, score in scored if done < at.date() <= end]
        yield not again and (needs or after > earlier or bool(old and new and new[-1] > old[-1]))


def effort_figures(members: Sequence[Assessment], sheets: Sheets) -> dict[str, Count]:
    contacts = [
        sum(FIRST <= day <= LAST for day in sheets.contacts.get(member.customer.customer_id, [])) for member in members
    ]
    reached = [count > 0 for count in contacts]
    done = overdue = 0
    for member in members:
        for item in member.due:
            overdue += item.overdue_days > 0
            last = item.last_contact
            done += bool(not item.promised and not item.overdue_days and last and FIRST <= last <= LAST)
        done += sum(
            not entry.open and entry.promise.due is not None and FIRST <= entry.promise.due <= LAST
            for entry in member.undertakings
        )
    costs: list[Decimal] = []
    spent = cost = Decimal(0)
    priced = 0
    for member in members:
        found = [
            (row["at"].date(), Decimal(str(row["服务成本"])))
            for row in sheets.services.get(member.customer.customer_id, [])
            if row.get("服务成本") is not None
        ]
        month = [amount for day, amount in found if FIRST <= day <= LAST]
        costs += [sum(month, Decimal(0))] if month else []
        year = sum((amount for day, amount in found if YEAR < day <= LAST), Decimal(0))
        if year and member.measures.spend_12m is not None:
            priced, cost, spent = priced + 1, cost + year, spent + member.measures.spend_12m
    return {
        "contacts": (Decimal(sum(contacts)) / len(members) if members else None, sum(reached), len(members)),
        "reached": of(reached),
        "followed_up": (Decimal(done) / (done + overdue) if done + overdue else None, done, done + overdue),
        "service_cost": mean(costs, len(members) if costs else 0),
        "roi": (spent / cost - 1 if cost else None, priced, len(members) if priced else 0),
        "lifetime": (None, 0, len(members)),  # no last period on record, so no 留存率
    }


def score_figures(members: Sequence[Assessment], everybody: Sequence[Assessment]) -> dict[str, Count]:
    graded = [member.grade in TIERS for member in members]
    every = sum(member.grade in TIERS for member in everybody)
    spend = [member.measures.spend_12m for member in members if member.measures.spend_12m is not None]
    scores = [member.score.total for member in members if member.score.total is not None]
    return {
        "customers": (Decimal(len(members)), 0, 0),
        "share": (Decimal(sum(graded)) / every, sum(graded), every),
        "spend_12m": mean(spend, len(members)),
        "score": mean(scores, len(members)),
    }


def second(
    members: Sequence[Assessment], everybody: Sequence[Assessment], sheets: Sheets, *, grade: str = ""
) -> dict[str, Count]:
    """Compute every figure of some customers; of those who carry a grade, where one is named."""
    return (
        score_figures(members, everybody)
        | service_figures(members, everybody, sheets, grade=grade)
        | order_figures(members, sheets)
        | relation_figures(members, sheets)
        | effort_figures(members, sheets)
    )


# --- figures against it ----------------------------------------------------------------------------------


def groups(plan: Plan) -> list[tuple[GroupFigures, list[Assessment]]]:
    """Every group a figure is stated of, and its customers."""
    figures, everybody = plan.figures, list(plan.assessments)

    def pairs(
        found: Sequence[GroupFigures], name: Callable[[Assessment], str | None]
    ) -> list[tuple[GroupFigures, list[Assessment]]]:
        return [(group, [entry for entry in everybody if (name(entry) or "未填") == group.name]) for group in found]

    return [
        (figures.total, everybody),
        *pairs((*figures.tiers, figures.incomplete, figures.unsold), lambda entry: entry.grade),
        *pairs(figures.owners, lambda entry: entry.owner),
        *pairs(figures.departments, lambda entry: entry.department),
    ]


def graded_by(group: GroupFigures, plan: Plan) -> str:
    """Name the grade of a group that is one; blank for owners, departments and all."""
    figures = plan.figures
    return group.name if any(group is one for one in (*figures.tiers, figures.incomplete, figures.unsold)) else ""


def test_every_figure_of_every_group_comes_out_the_same_a_second_time(plan: Plan, sheets: Sheets) -> None:
    compared = 0
    for group, members in groups(plan):
        assert members
        grade = graded_by(group, plan)
        expected = second(members, plan.assessments, sheets, grade=grade)
        assert expected.keys() == group.figures.keys()
        for key, (value, n, total) in expected.items():
            said = group.figures[key]
            if said.absent == "未承诺时限":
                assert said.value is None
                assert group.name == "观察客户"
                continue
            where = f"{group.name} {said.kind.label}"
            assert (said.n, said.total) == (n, total), where
            assert (said.value is None) == (value is None), where
            if value is not None and said.value is not None:
                assert abs(said.value - value) < Decimal("1e-9"), where
            compared += 1
    assert compared > 300


LOST = {"流失客户", "休眠客户"}


def remembered(entry: Assessment, number: int) -> Past:
    """A made-up September of a customer: now this grade and stage, now that."""
    grade = ("VIP客户", "重点客户", "普通客户", "观察客户", "待补充资料")[number % 5]
    stage = ("稳定客户", "流失客户", "新客户", "休眠客户", "潜在客户", "战略客户")[number % 6]
    labels = {"合作阶段": stage, "价值": "高价值" if number % 4 else "低价值"}
    profile = entry.customer.profile
    if number % 7 == 0:
        labels["合同到期日"] = "2026-10-15"
    elif number % 7 == 1 and profile and profile.contract_end:
        labels["合同到期日"] = profile.contract_end.isoformat()
    return Past("2026-09", grade, None, None, labels)


def test_what_became_of_last_periods_customers_comes_out_the_same_a_second_time(plan: Plan) -> None:
    past = {entry.customer.customer_id: remembered(entry, at) for at, entry in enumerate(plan.assessments) if at % 9}
    found = what_became(plan, past)
    assert 0 < found.total.figures["winback"].n < found.total.figures["winback"].total
    assert found.total.figures["renewal"].total > 10


def test_what_became_of_customers_graded_backwards_comes_out_the_same_a_second_time(plan: Plan) -> None:
    run = run_in("2026-10", today=TODAY)
    past = grade_backwards(plan.assessments, run, plan.reading.book).opening
    found = what_became(plan, past)
    assert found.total.figures["retention"].total > 100
    assert found.total.figures["renewal"].total == 0
    before = {entry.customer.customer_id: entry.previous_grade for entry in plan.assessments}
    assert found.flows == Counter(
        (grade, entry.grade)
        for entry in plan.assessments
        if (key := entry.customer.customer_id)
        if (grade := before[key] or (past[key].grade if key in past else None))
    )


def what_became(plan: Plan, past: Mapping[str, Past]) -> Figures:
    """Summarise with a past, and count a second time what became of its customers."""
    found = summarise(plan.assessments, plan.run, plan.reading.book, history=past)
    for group in (found.total, *found.tiers):
        kept, high, back, renewed = ([] for _ in range(4))
        for entry in plan.assessments:
            then = past.get(entry.customer.customer_id)
            if then is None:
                continue
            began = then.grade if then.grade in TIERS else entry.grade
            if group.name not in (began, "合计"):
                continue
            lost = {one.name: one.outcome for one in entry.classes}["合作阶段"] in LOST
            before = then.labels["合作阶段"]
            if before in LOST:
                back.append(not lost)
            elif before != "潜在客户" and then.grade != "未成交":
                kept.append(not lost)
                high += [not lost] if then.labels["价值"] == "高价值" else []
            due = then.labels.get("合同到期日", "")
            profile = entry.customer.profile
            if profile and "2026-10-01" <= due <= "2026-10-31":
                now = profile.contract_end
                renewed.append(now is not None and now.isoformat() > due)
        for key, answers in (
            ("retention", kept),
            ("retention_high", high),
            ("winback", back),
            ("renewal", renewed),
        ):
            said = group.figures[key]
            assert (said.value, said.n, said.total) == of(answers), f"{group.name} {key}"
    return found


def test_counts_come_out_the_same_a_second_time(plan: Plan, sheets: Sheets) -> None:
    for group, members in groups(plan):
        late = [[item.overdue_days for item in entry.due if item.overdue_days] for entry in members]
        soon = [
            1 for entry in members for item in entry.due if not item.overdue_days and item.due <= date(2026, 11, 30)
        ]
        assert (group.overdue, group.overdue_customers, group.due) == (
            sum(map(len, late)),
            sum(map(bool, late)),
            len(soon),
        )
        assert group.alerts == Counter((alert.level, alert.code) for entry in members for alert in entry.alerts)
        assert group.health == Counter(entry.health.colour for entry in members)
        assert group.risks == Counter(entry.risk for entry in members if entry.risk)
        assert group.themes == Counter(
            SIMPLIFIED.convert(row["问题类别"])
            for entry in (plan.assessments if graded_by(group, plan) else members)
            for row in sheets.services.get(entry.customer.customer_id, [])
            if FIRST <= row["at"].date() <= LAST and row["问题类别"]
            if carried(entry, row["at"])[0] == (graded_by(group, plan) or carried(entry, row["at"])[0])
        )
        assert group.lost_reasons == Counter(
            (sheets.profiles.get(entry.customer.customer_id, {}).get("流失原因") or "未填")
            for entry in members
            if any(label.outcome in {"流失客户", "休眠客户"} for label in entry.classes if label.name == "合作阶段")
        )
        assert list(group.themes.values()) == sorted(group.themes.values(), reverse=True)
    assert plan.figures.flows == Counter(
        (entry.previous_grade, entry.grade) for entry in plan.assessments if entry.previous_grade
    )
    assert sum(plan.figures.problems.values()) == len(plan.problems)


# --- the page against the figures ------------------------------------------------------------------------


class _Cells(HTMLParser):
    """Takes the rows of all tables: the text of each cell, small print after a blank."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  (the base's)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
            self._open = True
        elif tag == "small" and self._open:
            self.rows[-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][-1] += data.strip()


def rows_of(html: str, section: str) -> list[list[str]]:
    parser = _Cells()
    found = re.search(rf'<section[^>]*id="{section}".*?</section>', html, re.DOTALL)
    assert found
    parser.feed(found[0])
    return parser.rows


def written(key: str, count: Count) -> str:
    value, n, total = count
    if value is None:
        return "无数据"
    basis = f" {n}/{total}" if total else ""
    if _SUFFIX.get(key) == "元" and abs(value) >= 10_000:
        return f"{(value / 10_000).quantize(Decimal('0.1'), ROUND_HALF_UP):,f}万元" + basis
    if key == "roi" and value > 100:
        return ">100倍" + basis
    share, places = (value * 100, 1) if key in _PERCENT | _CHANGE else (value, _PLACES.get(key, 1))
    number = share.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{number:+f}%" if key in _CHANGE else f"{number:f}%" if key in _PERCENT else f"{number:,f}"
    return text + _SUFFIX.get(key, "") + basis


_CHANGE = {"repurchase_growth", "order_value_growth", "arpu_growth"}
_PERCENT = {
    *("response_on_time", "resolved_on_time", "resolved", "resolved_first", "discount_kept", "churned", "retention"),
    *("retention_high", "potential_won", "repurchase", "referral", "renewal", "cross_sale", "reached", "followed_up"),
    *("winback", "repaired", "referred"),
}
_PLACES = {"requests": 0, "complaints": 0, "order_value": 0, "service_cost": 0, "spend_12m": 0, "contacts": 2}
_SUFFIX = {
    **dict.fromkeys(("order_value", "service_cost", "spend_12m"), "元"),
    "contacts": "次",
    "roi": "倍",
    "complaint_hours": "小时",
}


def test_the_page_prints_every_figure_of_the_tiers_and_the_total(plan: Plan, sheets: Sheets, html: str) -> None:
    by_tier = [[entry for entry in plan.assessments if entry.grade == tier] for tier in TIERS]
    expected = [
        second(members, plan.assessments, sheets, grade=grade)
        for members, grade in (*zip(by_tier, TIERS, strict=True), (list(plan.assessments), ""))
    ]
    printed = {row[0]: row[1:6] for row in rows_of(html, "service") if row}
    labels = {key: figure.kind.label for key, figure in plan.figures.total.figures.items()}
    for key in expected[0]:
        if key in {"customers", "share"}:
            continue
        cells = [re.sub(r"^[+-](?=0\.0%)", "", written(key, counts[key])) for counts in expected]
        if key == "resolved_on_time":
            cells[3] = "未承诺时限"
        assert printed[labels[key]] == [cell.replace("-", "−") for cell in cells], key
    assert len(printed) >= len(expected[0]) - 2


def test_the_page_prints_the_tiers_movements_and_what_is_due(plan: Plan, html: str) -> None:
    printed = {row[0]: row[1:] for row in rows_of(html, "summary") if len(row) == 12}
    graded = sum(entry.grade in TIERS for entry in plan.assessments)
    whole = sum((entry.measures.spend_12m or Decimal(0) for entry in plan.assessments), Decimal(0))
    for tier in TIERS:
        members = [entry for entry in plan.assessments if entry.grade == tier]
        spend = sum((entry.measures.spend_12m or Decimal(0) for entry in members), Decimal(0))
        moved = Counter(entry.movement.value for entry in members if entry.movement)
        cells = printed[tier]
        assert cells[:2] == [str(len(members)), f"{one(Decimal(len(members) * 100) / graded)}%"]
        assert cells[3:5] == [f"{one(spend / 10_000):,}", f"{one(spend * 100 / whole)}%"]
        assert cells[6:9] == [str(moved[word]) for word in ("升", "降", "新")]
    matrix = {row[0]: row[1:5] for row in rows_of(html, "moves") if len(row) == 7 and row[0] in TIERS}
    for before in TIERS:
        assert [int(cell.replace("·", "0")) for cell in matrix[before]] == [
            sum(entry.previous_grade == before and entry.grade == after for entry in plan.assessments)
            for after in TIERS
        ]


def one(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def test_the_page_prints_alerts_themes_follow_ups_the_plan_and_the_problems(plan: Plan, html: str) -> None:
    total = plan.figures.total
    for row in rows_of(html, "alerts"):
        if row and row[0] in {"高", "中", "低"}:
            assert row[2:] == [
                str(count) if count else "·"
                for group in (*plan.figures.tiers, total)
                for count in [group.alerts.get((row[0], row[1]), 0)]
            ]
    themes = rows_of(html, "themes")
    for name, count in (*total.themes.items(), *total.lost_reasons.items()):
        assert any(row[:2] == [name, str(count)] for row in themes)
    late = Counter(item.owner for entry in plan.assessments for item in entry.due if item.overdue_days)
    owners = {row[0]: row[1] for row in rows_of(html, "follow-up") if len(row) == 4}
    assert {name: int(count) for name, count in owners.items() if name in late} == late
    waiting = sum(one.open and one.promise.pending for entry in plan.assessments for one in entry.undertakings)
    assert [row[5] for row in rows_of(html, "follow-up") if row and row[0] == total.name and len(row) == 7] == [
        str(waiting)
    ]
    actions = Counter(
        item.action
        for entry in plan.assessments
        for item in entry.due
        if not item.overdue_days and item.due <= date(2026, 11, 30)
    )
    printed = {row[0]: int(row[-1]) for row in rows_of(html, "plan")[1:-1]}
    assert {action: count for action, count in printed.items() if count} == actions
    assert rows_of(html, "plan")[-1][-1] == str(total.due)
    found = Counter((entry.severity.value, title_of(entry.kind)) for entry in plan.problems)
    assert {(row[0], row[1]): int(row[2]) for row in rows_of(html, "quality")[1:]} == found


def test_every_target_is_judged_against_its_figure(plan: Plan, sheets: Sheets, html: str) -> None:
    goals = {
        "高价值留存率": Decimal("0.9"),
        "潜在转新": Decimal("0.2"),
        "满意度": Decimal(85),
        "复购同比": Decimal("0.15"),
    }
    expected = second(list(plan.assessments), plan.assessments, sheets)
    keys = {figure.kind.label: key for key, figure in plan.figures.total.figures.items()}
    printed = {row[0]: row[-1] for row in rows_of(html, "targets") if row and row[0] in goals}
    for label, least in goals.items():
        value = expected[keys[label]][0]
        assert printed[label] == ("无数据" if value is None else "达标" if value >= least else "未达标")
