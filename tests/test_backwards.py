"""Without a history, the periods before a first run are graded from its orders, and marked so (practice §3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sheetcrm.assess.book import assess
from sheetcrm.assess.figures.backwards import Backwards, grade_backwards
from sheetcrm.assess.figures.summary import summarise
from sheetcrm.assess.grade.backwards import BackwardsGrader
from sheetcrm.assess.measure.order_months import month_number
from sheetcrm.model import Assessment, Book, Customer, Figures, Level, Movement, figure_values
from sheetcrm.periods import read_period
from sheetcrm.policy.loading import load, preset, standard, standard_text
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run
from sheetcrm.report.pages import documents
from sheetcrm.runs import apply
from sheetcrm.runs.prepare import Plan, prepare
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from sheetcrm.text.dates import add_months
from tests.making import book, contact, customer, order, profile, scoring_row
from tests.test_pipeline import save
from tests.values import replace, run_as_of, run_in

AS_OF = date(2026, 10, 31)
KINDS = ("scoring", "profile", "order")
TYPED = {
    "recency": 3,
    "frequency_12m": Decimal(30),
    "spend_12m": Decimal(900_000),
    "average_order": Decimal(77_000),
    "order_growth": Decimal("0.9"),
}
PROFILED = {"spend_total": Decimal(2_000_000), "last_deal": date(2026, 10, 30), "spend_12m": Decimal(700_000)}
FROM_ORDERS = ("customers", "share", "spend_12m", "score", "churned", "repurchase", "order_value")
DAYS = st.dates(date(2022, 1, 1), date(2026, 12, 1)) | st.sampled_from(
    [date(2024, 2, 29), date(2024, 2, 28), date(2025, 2, 28), date(2025, 9, 30), date(2025, 10, 31)]
)


def changed(old: str, new: str) -> Policy:
    """Return the standard policy with one line changed."""
    assert old in standard_text()
    return load(standard_text().replace(old, new), source="改.toml")


POLICIES = {
    "标准五项": standard(),
    "三维度": changed('card = "标准五项"', 'card = "三维度"'),
    "按日": changed('purchases = "order"', 'purchases = "day"'),
    "名额": changed("quota = false", "quota = true"),
    "战略层级": preset("战略层级"),
    "价值": preset("价值"),
}


@st.composite
def customers(draw: st.DrawFn) -> list[tuple[Customer, Customer]]:
    """Customers with typed figures of purchases, and the same ones without."""
    pairs = []
    for number in range(draw(st.integers(1, 4))):
        key = f"C{number:03}"
        lines = draw(
            st.lists(
                st.tuples(DAYS, st.integers(-20_000, 400_000), st.sampled_from([None, "S1", "S2", "S3", "S4"])),
                max_size=14,
            )
        )
        orders = tuple(
            order(day.isoformat(), amount, name) for day, amount, name in sorted(lines, key=lambda one: one[0])
        )
        held: dict[str, Any] = {
            "growth_level": draw(st.sampled_from([None, Level("高"), Level("低", None, shrinking=True)])),
            "repurchase_rate": draw(st.sampled_from([None, Decimal("0.8")])),
            "customer_id": key,
        }
        about: dict[str, Any] = {
            "intent": draw(st.sampled_from([None, "高"])),
            "first_deal": draw(st.none() | DAYS),
            "filed_on": draw(st.none() | DAYS),
            "contract_end": draw(st.none() | st.dates(date(2025, 1, 1), date(2027, 6, 1))),
            "customer_id": key,
        }
        has_profile = draw(st.booleans())
        typed = bool(orders) and draw(st.booleans())

        def made(row: dict[str, Any], base: dict[str, Any]) -> Customer:
            return customer(
                customer_id=key,  # noqa: B023  (called at once)
                scoring=scoring_row(**held, **row),  # noqa: B023
                profile=profile(**about, **base) if has_profile else None,  # noqa: B023
                orders=orders,  # noqa: B023
            )

        pairs.append((made(TYPED if typed else {}, PROFILED if typed else {}), made({}, {})))
    return pairs


def cut(found: Iterable[Customer], end: date) -> Book:
    """Make the book as it stood: who was there at the end of a month, with the orders up to it."""
    there = [entry for entry in found if min(known_from(entry), default=end) <= end]
    return book(*(replace(one, orders=tuple(o for o in one.orders if o.date <= end)) for one in there), kinds=KINDS)


def known_from(entry: Customer) -> list[date]:
    base = entry.profile
    days = [base.filed_on, base.first_deal] if base else []
    return [day for day in (*days, *(o.date for o in entry.orders[:1])) if day]


LATE_ORDER = customer(
    customer_id="C000",
    scoring=scoring_row(customer_id="C000"),
    profile=profile(customer_id="C000", first_deal=date(2022, 1, 1)),
    orders=(order("2026-03-01", 0),),
)
"""As of a month before its only order nobody knows of spend, whatever the months since then say."""


@settings(max_examples=150, deadline=None)
@given(
    customers(),
    st.sampled_from(sorted(POLICIES)),
    st.sampled_from(["2026-09", "2026-02", "2025-02", "2026Q3", "2025"]),
)
@example([], "标准五项", "2026-09")
@example([(LATE_ORDER, LATE_ORDER)], "三维度", "2026-02")
def test_grading_backwards_is_grading_the_orders_of_that_time_alone(
    pairs: list[tuple[Customer, Customer]], name: str, label: str
) -> None:
    run, period = run_as_of(AS_OF, policy=POLICIES[name]), read_period(label)
    today = book(*(typed for typed, _ in pairs), kinds=KINDS)
    assessments, _ = assess(today, run)
    first = month_number(period.end) - 3
    graded = BackwardsGrader(assessments, run, today, first=first).grade([period])[0]
    then_run = replace(run, as_of=period.end, period=period)
    alone, _ = assess(cut((blank for _, blank in pairs), period.end), then_run)
    assert {key: (then.grade, then.score, then.classes, then.spend_12m) for key, then in graded.items()} == {
        one.customer.customer_id: (one.grade, one.score.total, one.classes, one.measures.spend_12m) for one in alone
    }


# --- figures ---------------------------------------------------------------------------------------------


def monthly(key: str, amount: int, *, months: int = 26, last: str = "2026-10", **row: Any) -> Customer:  # noqa: ANN401  (any field)
    """Give a customer an order on the 10th of each of some months, up to the last."""
    end = read_period(last).end
    days = [add_months(end, -back).replace(day=10) for back in range(months - 1, -1, -1)]
    orders = tuple(order(day.isoformat(), amount, f"{key}-{day}") for day in days)
    held: dict[str, Any] = {"customer_id": key, "growth_level": Level("中"), "repurchase_rate": Decimal("0.5")}
    return customer(customer_id=key, scoring=scoring_row(**held | row), orders=orders)


def stated(found: Sequence[Customer], run: Run | None = None) -> tuple[Sequence[Assessment], Backwards, Figures]:
    whole, run = book(*found, kinds=KINDS), run or run_as_of(AS_OF)
    assessments, _ = assess(whole, run)
    past = grade_backwards(assessments, run, whole)
    return assessments, past, summarise(assessments, run, whole, history=past.opening, past=past.past)


def test_a_first_run_has_a_trend_that_is_what_each_month_would_have_stated() -> None:
    found = [monthly("C1", 60_000), monthly("C2", 9_000, last="2026-05"), monthly("C3", 9_000, months=4)]
    _, past, figures = stated(found)
    assert [entry.period for entry in figures.past] == [f"2025-{m}" for m in (10, 11, 12)] + [
        f"2026-{m:02}" for m in range(1, 10)
    ]
    assert all(entry.backwards for entry in figures.past)
    for entry in past.past:
        period = read_period(entry.period)
        run = run_as_of(period.end)
        alone = cut(found, period.end)
        assessments, _ = assess(alone, run)
        usual = figure_values(summarise(assessments, run, alone))
        assert {
            group: {key: value for key, value in values.items() if key in FROM_ORDERS}
            for group, values in entry.values.items()
        } == {group: {key: usual[group][key] for key in FROM_ORDERS if key in usual[group]} for group in entry.values}


def test_a_first_run_has_retention_and_movements_and_no_customer_a_last_grade() -> None:
    found = [monthly("C1", 60_000), monthly("C2", 60_000, last="2026-07"), monthly("C3", 60_000, last="2026-02")]
    assessments, past, figures = stated(found)
    # C2 bought last on 07-10: kept by 09-30, lost by 10-31. C3 was lost before.
    kept = figures.total.figures["retention"]
    assert (kept.n, kept.total) == (1, 2)
    assert all(entry.previous_grade is None and entry.movement is Movement.NEW for entry in assessments)
    moved = {(past.opening[one.customer.customer_id].grade, one.grade) for one in assessments}
    assert set(figures.flows) == moved
    assert sum(figures.total.movements.values()) == len(found)
    assert Movement.NEW not in figures.total.movements
    assert figures.backwards == kept.kind.source == "按交易明细回溯"


def test_the_record_of_a_run_holds_no_figure_that_was_graded_backwards() -> None:
    _, _, figures = stated([monthly("C1", 60_000), monthly("C2", 60_000, last="2026-07")])
    assert figures.total.figures["retention"].value is not None
    assert not {"retention", "retention_high", "winback"} & set(figure_values(figures)["合计"])


def test_a_grade_in_the_sheet_is_what_was_signed_and_wins() -> None:
    signed = monthly("C1", 60_000, grade="观察客户")
    assessments, past, figures = stated([signed, monthly("C2", 60_000)])
    assert assessments[0].previous_grade == past.opening["C1"].grade == "观察客户"
    assert past.opening["C2"].grade != "观察客户"
    assert figures.flows["观察客户", assessments[0].grade] == 1
    assert past.past[-1].values["等级/观察客户"]["customers"] == 1
    assert past.past[-2].values["等级/观察客户"]["customers"] == 0


def test_figures_typed_today_tell_nothing_of_earlier_months_and_their_customers_are_not_compared() -> None:
    typed = monthly("C1", 500, recency=1, frequency_12m=Decimal(40), spend_12m=Decimal(900_000))
    _, past, figures = stated([typed, *(monthly(f"C{number}", 60_000) for number in range(2, 12))])
    assert past.past[-1].values["合计"]["spend_12m"] == (Decimal(6_000) + 10 * 720_000) / 11
    assert "C1" not in past.opening
    assert len(past.opening) == 10
    assert figures.total.movements[Movement.NEW] == 1


def test_where_most_figures_are_typed_earlier_periods_state_only_what_compares() -> None:
    typed = {"recency": 100, "frequency_12m": Decimal(1), "spend_12m": Decimal(900)}
    row = scoring_row("C9", growth_level=Level("高"), **typed)
    nine = [monthly(f"C{number}", 60_000) for number in range(9)]
    _, past, figures = stated([*nine, customer(customer_id="C9", scoring=row)])
    last = past.past[-1].values["合计"]
    assert last["churned"] == 0  # of the nine: nobody knows what the tenth was
    assert (last["customers"], last["retention"]) == (10, 1)
    assert figures.total.figures["retention"].total == 9
    _, past, _ = stated([*nine[:8], customer(customer_id="C9", scoring=row)])
    assert all(set(entry.values["合计"]) <= ALWAYS for entry in past.past)
    assert set(past.past[-1].values["合计"]) == ALWAYS - {"winback"}
    assert all(
        set(values) <= {"retention", "retention_high", "winback"}
        for name, values in past.past[-1].values.items()
        if name != "合计"
    )


ALWAYS = {"customers", "retention", "retention_high", "winback", "repurchase", "order_value"}


def test_what_does_not_come_from_orders_is_held_at_today_s_value() -> None:
    plain, talked = monthly("C1", 60_000), monthly("C1", 60_000)
    talked = replace(talked, follow_ups=(contact("2026-01-05"),))  # today 9 months without a contact
    (_, before, _), (_, after, _) = stated([plain]), stated([talked])
    assert before.past[0].values["合计"]["score"] == after.past[0].values["合计"]["score"]
    assert before.opening["C1"].labels["合作阶段"] == "战略客户"


@pytest.mark.parametrize(
    ("found", "label", "expected"),
    [
        ([monthly("C1", 900, months=23)], "2026-10", 0),
        ([monthly("C1", 900, months=24)], "2026-10", 12),
        ([monthly("C1", 900, months=24)], "2026Q3", 0),  # 23 months up to its end
        ([monthly("C1", 900, months=25)], "2026Q3", 4),
        ([monthly("C1", 900, months=40)], "2025", 1),
        (
            [
                replace(
                    monthly("C1", 900, months=12),
                    orders=(order("2019-01-01", 5), *monthly("C1", 900, months=12).orders),
                )
            ],
            "2026-10",
            0,
        ),
        ([customer()], "2026-10", 0),
    ],
)
def test_only_periods_whose_year_the_orders_cover_are_graded(found: list[Customer], label: str, expected: int) -> None:
    period = read_period(label)
    run = replace(run_as_of(min(period.end, AS_OF)), period=period)
    _, past, _ = stated(found, run)
    assert len(past.past) == expected
    assert bool(past.opening) == bool(expected)


def test_the_policy_says_how_many_months_and_may_say_never() -> None:
    found = [monthly("C1", 900, months=30)]
    for months, expected in ((0, 0), (30, 12), (31, 0)):
        policy = changed("backwards_months = 24 ", f"backwards_months = {months} ")
        assert len(stated(found, run_as_of(AS_OF, policy=policy))[1].past) == expected


# --- a run -----------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 27)
MARK = "按交易明细回溯"


def workbook(path: Path, *, months: int, last: str = "2026-10") -> Path:
    """Write a scoring sheet without one figure of purchases, and orders of two customers over some months."""
    end = read_period(last).end
    days = [add_months(end, -back).replace(day=9) for back in range(months)]
    lines = [
        [key, f"{day}", amount]
        for key, amount in (("C1", 60_000), ("C2", 9_000))
        for day in days
        if key == "C1" or day < date(2026, 8, 1)
    ]
    scores = [[key, f"{key}公司", "高", "80%"] for key in ("C1", "C2")]
    sheets: dict[str, Sequence[Sequence[Any]]] = {
        "打分表": [["客户编号", "客户名称", "行业潜力", "忠诚度"], *scores],
        "交易明细": [["客户编号", "日期", "金额"], *lines],
    }
    return save(path, sheets)


def decided(folder: Path, label: str) -> Plan:
    with ledger.read(folder / "out") as history:
        return prepare(gather([folder / "in"], output=folder / "out"), run_in(label, today=TODAY), history=history)


def printed(plan: Plan) -> list[str]:
    return [job.html for job in documents.plan(plan.results, full=True)]


def test_a_first_run_prints_its_figures_with_their_mark_and_writes_no_movement(tmp_path: Path) -> None:
    workbook(tmp_path / "in" / "客户.xlsx", months=30)
    plan = decided(tmp_path, "2026-10")
    *tiers, execution = printed(plan)
    kept = plan.figures.total.figures["retention"]
    assert (kept.n, kept.total) == (1, 2)
    for section in ("目标与异动", "变动矩阵", "趋势"):
        assert MARK in execution.partition(f"{section}</h")[2].partition("</table>")[0]
    assert "2026-09" in execution.partition("趋势</h2>")[2]
    assert all(MARK in html for html in tiers)
    apply.apply(plan, tmp_path / "out", pdf=False)
    made = openpyxl.load_workbook(tmp_path / "out" / "2026-10" / "workbooks" / "客户.xlsx")["打分表"]
    rows = [dict(zip(header_of(made), cells, strict=True)) for cells in made.iter_rows(min_row=2, values_only=True)]
    assert [row["上期等级"] for row in rows] == [None, None]
    assert {row["等级变动"] for row in rows} == {"新"}
    review = openpyxl.load_workbook(tmp_path / "out" / "2026-10" / "packs" / "评审包.xlsx")
    assert any(MARK in str(cell.value) for cell in review["指标"]["A"])


def header_of(sheet: Any) -> list[str]:  # noqa: ANN401  (openpyxl has no types)
    return [str(cell.value) for cell in sheet[1]]


def test_a_book_with_a_history_is_not_graded_backwards(tmp_path: Path) -> None:
    workbook(tmp_path / "in" / "客户.xlsx", months=30)
    apply.apply(decided(tmp_path, "2026-09"), tmp_path / "out", pdf=False)
    plan = decided(tmp_path, "2026-10")
    assert [entry.period for entry in plan.figures.past] == ["2026-09"]
    assert not plan.figures.backwards
    assert plan.figures.total.figures["retention"].kind.source == "历史"
    assert not any(MARK in html for html in printed(plan))


def test_a_book_with_few_months_of_orders_prints_no_trend_and_no_mark(tmp_path: Path) -> None:
    workbook(tmp_path / "in" / "客户.xlsx", months=20)
    plan = decided(tmp_path, "2026-10")
    assert plan.figures.past == ()
    assert not any(MARK in html for html in printed(plan))
