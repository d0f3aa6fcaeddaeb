"""A signature is for the tier that stood when it was given, until its regular re-grading (practice §1.2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sheetcrm.assess.book import assess
from sheetcrm.model import Assessment, Customer, HeldTier, Level, Past, Standing
from sheetcrm.periods import read_period
from sheetcrm.report.packs.kinds import Wanted
from sheetcrm.report.packs.packs import plan as plan_packs
from sheetcrm.runs import apply, prepare
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from tests.making import book, customer, order, profile, scoring_row
from tests.test_ledger import TIERS, append, run
from tests.test_ledger import customer as record
from tests.test_pipeline import HEADER, save
from tests.values import run_as_of, run_in

TODAY = date(2027, 6, 30)
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30)
FIGURES: dict[str, Any] = {
    "frequency_12m": Decimal(12),
    "growth_level": Level("高", Decimal("0.15")),
    "repurchase_rate": Decimal("0.85"),
}
SPEND = {"VIP客户": Decimal(800_000), "重点客户": Decimal(60_000)}


def signed(tier: str, as_of: date, *, past: Past | None = None, held: HeldTier | None = None, **row: Any) -> Assessment:  # noqa: ANN401  (any field)
    """Assess a customer whose figures earn a tier."""
    plain = {"spend_12m": SPEND[tier], "assessor": "张*", "recency": as_of - timedelta(30)}
    entry = customer(scoring=scoring_row(**(FIGURES | plain | row)))
    other = Customer("C002", "乙公司", scoring=scoring_row("C002", spend_12m=Decimal(10**8)))  # or C001 is 战略级
    results, _ = assess(
        book(entry, other),
        run_as_of(as_of),
        history={"C001": past} if past else {},
        held={"C001": held} if held else {},
    )
    assert results[0].grade == tier
    return results[0]


def past(grade: str, since: date, period: str = "2026-09") -> Past:
    return Past(period=period, grade=grade, score=None, graded_on=SEPTEMBER, labels={}, tier_since=since)


def by(person: str, day: date) -> dict[str, Any]:
    return {"auditor": person, "audited_on": day}


def test_a_signature_for_another_tier_does_not_pass_to_the_new_one() -> None:
    fell = signed("重点客户", OCTOBER, past=past("VIP客户", SEPTEMBER), **by("李*", date(2026, 10, 2)))
    assert fell.awaiting_audit
    assert fell.signature is not None
    assert "2026-10-02的签字是给VIP客户的，早于现在的等级（2026-10-31起）" in fell.signature.why
    assert "在2026-10-31或以后" in fell.signature.why
    again = signed("重点客户", OCTOBER, past=past("VIP客户", SEPTEMBER), **by("李*", OCTOBER))
    assert not again.awaiting_audit


def test_it_holds_while_the_tier_stays() -> None:
    stays = signed("VIP客户", OCTOBER, past=past("VIP客户", SEPTEMBER), **by("李*", date(2026, 10, 2)))
    assert not stays.awaiting_audit
    early = signed("VIP客户", OCTOBER, past=past("VIP客户", SEPTEMBER), **by("李*", date(2026, 9, 29)))
    assert early.awaiting_audit


@pytest.mark.parametrize(
    ("tier", "as_of", "awaiting"),
    [
        ("VIP客户", date(2026, 12, 29), False),
        ("VIP客户", date(2026, 12, 30), True),
        ("重点客户", date(2027, 3, 29), False),
        ("重点客户", date(2027, 3, 30), True),
    ],
)
def test_it_ends_with_the_regular_regrading(tier: str, as_of: date, awaiting: bool) -> None:  # noqa: FBT001
    entry = signed(tier, as_of, past=past(tier, SEPTEMBER, "2026-11"), **by("李*", date(2026, 10, 9)))
    assert entry.awaiting_audit is awaiting
    anew = signed(tier, as_of, past=past(tier, SEPTEMBER, "2026-11"), **by("李*", as_of))
    assert not anew.awaiting_audit


def test_a_regrading_that_an_alert_forced_is_listed_and_needs_no_new_signature() -> None:
    months = ("2026-05-10", "2026-06-10", "2026-07-10", "2026-08-10", "2026-09-10", "2026-10-10")
    orders = tuple(order(day, 40_000 if at < 3 else 90_000) for at, day in enumerate(months))
    row = scoring_row(
        growth_level=Level("高", Decimal("0.15")),
        repurchase_rate=Decimal("0.9"),
        grade="重点客户",
        assessor="张*",
        assessed_on=SEPTEMBER,
        **by("李*", date(2026, 10, 2)),
    )
    entry = customer(scoring=row, orders=orders)
    results, _ = assess(book(entry, kinds=("scoring", "order")), run_as_of(OCTOBER))
    assert any(alert.regrade for alert in results[0].alerts)
    assert (results[0].grade, results[0].reaffirmed, results[0].awaiting_audit) == ("重点客户", True, False)
    assert "触发复评，等级未变" in results[0].reasons


def test_the_first_run_takes_over_the_day_beside_an_unchanged_tier() -> None:
    day = date(2026, 9, 1)
    stood: dict[str, Any] = {"grade": "VIP客户", "assessed_on": day}
    assert not signed("VIP客户", OCTOBER, **stood, **by("李*", day)).awaiting_audit
    assert signed("VIP客户", OCTOBER, **stood, **by("李*", day - timedelta(1))).awaiting_audit
    assert signed("重点客户", OCTOBER, **stood, **by("李*", day)).awaiting_audit
    assert signed("VIP客户", OCTOBER, grade="VIP客户", **by("李*", day)).awaiting_audit, "no day stood beside it"


@pytest.mark.parametrize(("assessor", "auditor"), [("张*", "张*"), ("張*", "张*"), ("赵 一", "赵一")])
def test_names_that_read_the_same_are_one_person(assessor: str, auditor: str) -> None:
    entry = signed("VIP客户", OCTOBER, assessor=assessor, **by(auditor, OCTOBER))
    assert entry.awaiting_audit
    assert entry.signature is not None
    assert "同一人" in entry.signature.why


@pytest.mark.parametrize(
    ("row", "why"),
    [({}, "还没有人签过字"), ({"auditor": "李*"}, "缺审核日期"), ({"audited_on": OCTOBER}, "缺审核人")],
)
def test_what_lacks_is_said(row: dict[str, Any], why: str) -> None:
    entry = signed("VIP客户", OCTOBER, **row)
    assert entry.signature is not None
    assert entry.signature.why.startswith(why)


def test_an_earlier_run_of_the_period_counts_for_a_signature_between_the_two() -> None:
    held = HeldTier("重点客户", date(2026, 10, 20))
    before = past("VIP客户", SEPTEMBER)
    between = by("李*", date(2026, 10, 22))
    assert not signed("重点客户", OCTOBER, past=before, held=held, **between).awaiting_audit
    assert signed("重点客户", OCTOBER, past=before, **between).awaiting_audit
    assert signed("VIP客户", OCTOBER, past=before, held=held, **between).awaiting_audit, "it was for 重点客户"


@given(
    tiers=st.lists(st.sampled_from(sorted(SPEND)), min_size=1, max_size=8),
    signed_on=st.dates(date(2025, 12, 1), date(2026, 12, 31)),
)
def test_a_signature_older_than_its_tier_never_counts(tiers: list[str], signed_on: date) -> None:
    ends = [date(2026, month + 1, 1) - timedelta(1) for month in range(1, len(tiers) + 1)]
    before: Past | None = None
    for at, (tier, day) in enumerate(zip(tiers, ends, strict=True)):
        entry = signed(tier, day, past=before, **by("李*", signed_on))
        began = next(start for start in range(at + 1) if all(other == tier for other in tiers[start : at + 1]))
        if signed_on < ends[began]:
            assert entry.awaiting_audit
        assert entry.signature is not None
        before = Past(f"2026-{at + 1:02}", tier, None, day, {}, tier_since=entry.signature.since)


# --- over files, with the history -----------------------------------------------------------------------

COLUMNS = [*HEADER, "审核人", "审核日期"]


def month(
    path: Path,
    spend: str,
    grade: str | None,
    assessed_on: str | None,
    signed_on: str | None,
    bought: str = "30天",
) -> Path:
    row = ["C2024001", "A公司", bought, "12次/年", spend, "高(行业增速15%)", "85%", None, grade, "张*", assessed_on]
    base = [["客户编号", "客户名称", "行业类型", "客户经理", "信息授权"], ["C2024001", "A公司", "制造业", "王*", "是"]]
    return save(path, {"打分表": [COLUMNS, [*row, "李*" if signed_on else None, signed_on]], "基础表": base})


def ran(output: Path, path: Path, period: str, *, as_of: date | None = None, in_place: bool = False) -> Plan:
    chosen = run_in(period, as_of, today=TODAY)
    with ledger.read(output) as history:
        plan = prepare.prepare(gather([path], output=output), chosen, history=history)
    apply.apply(plan, output, pdf=False, in_place=in_place)
    return plan


def the_one(plan: Plan) -> Assessment:
    (entry,) = plan.assessments
    return entry


@pytest.mark.slow
def test_vip_signed_in_september_is_not_signed_as_anything_else_in_october(tmp_path: Path) -> None:
    output = tmp_path / "out"
    september = month(tmp_path / "9" / "客户.xlsx", "80万元", None, None, "2026-09-30")
    assert not the_one(ran(output, september, "2026-09")).awaiting_audit
    october = month(tmp_path / "10" / "客户.xlsx", "6万元", "VIP客户", None, "2026-10-09")
    plan = ran(output, october, "2026-10")
    entry = the_one(plan)
    assert (entry.grade, entry.awaiting_audit) == ("重点客户", True)
    assert "待审核" in entry.reasons
    packs = plan_packs(plan.results, Wanted(kinds=frozenset({"告知函"})))
    assert not packs.jobs
    assert [one.why for one in packs.skipped] == ["等级待审核"]


@pytest.mark.slow
def test_a_run_over_its_own_result_keeps_the_signature_and_changes_no_byte(tmp_path: Path) -> None:
    output = tmp_path / "out"
    path = month(tmp_path / "客户.xlsx", "80万元", "VIP客户", "2026-09-01", "2026-09-05", "2026-10-20")
    first = ran(output, path, "2026-10", in_place=True)
    assert not the_one(first).awaiting_audit
    data = path.read_bytes()
    second = ran(output, path, "2026-10", in_place=True)
    assert not the_one(second).awaiting_audit
    assert path.read_bytes() == data
    alone = prepare.prepare(gather([path], output=None), run_in("2026-10", None, today=TODAY))
    assert not the_one(alone).awaiting_audit, "without the history 资料日期 keeps the day"


@pytest.mark.slow
def test_the_same_run_again_is_the_same_run(tmp_path: Path) -> None:
    output = tmp_path / "out"
    path = month(tmp_path / "客户.xlsx", "6万元", "VIP客户", "2026-10-05", "2026-10-06")
    first, second = ran(output, path, "2026-10"), ran(output, path, "2026-10")
    assert first.run_id == second.run_id
    assert the_one(second).awaiting_audit
    later = ran(output, path, "2026-11")
    october, november = the_one(first).signature, the_one(later).signature
    assert october
    assert november
    assert november.since == october.since, "the history has the day: it began in October"


@pytest.mark.slow
def test_a_signature_counts_in_the_next_run_of_the_period(tmp_path: Path) -> None:
    output = tmp_path / "out"
    path = month(tmp_path / "客户.xlsx", "6万元", "VIP客户", "2026-09-05", "2026-09-06")
    assert the_one(ran(output, path, "2026-10", as_of=date(2026, 10, 20))).awaiting_audit
    path = month(path, "6万元", "VIP客户", "2026-09-05", "2026-10-22")
    assert not the_one(ran(output, path, "2026-10")).awaiting_audit
    assert not the_one(ran(output, path, "2026-11")).awaiting_audit


def test_records_without_the_day_are_dated_by_the_periods_before(tmp_path: Path) -> None:
    for period, grade, graded in [
        ("2026-07", "VIP客户", date(2026, 7, 31)),
        ("2026-08", "重点客户", date(2026, 8, 31)),
        ("2026-09", "重点客户", SEPTEMBER),
        ("2026-10", "重点客户", OCTOBER),
    ]:
        append(tmp_path, run(period), record("C1", grade, graded_on=graded))
    with ledger.read(tmp_path) as history:
        entry = history.past(read_period("2026-11"), TIERS)["C1"]
    assert (entry.period, entry.tier_since) == ("2026-10", date(2026, 8, 31))


def test_explain_says_what_was_signed_and_what_is_needed(tmp_path: Path, run: Callable[..., Any]) -> None:
    path = month(tmp_path / "客户.xlsx", "6万元", "VIP客户", "2026-09-05", "2026-09-06")
    code, out, _ = run("explain", "C2024001", path, "--period", "2026-10", "--as-of", "2026-10-31")
    assert code == 0
    assert "审核：待审核（等级自2026-10-31起）：2026-09-06的签字是给VIP客户的" in out
    assert "李" not in out
    code, out, _ = run("explain", "C2024001", path, "--period", "2026-10", "--as-of", "2026-10-31", "--json")
    assert json.loads(out)["signature"]["needed_on"] == "2026-10-31"


@pytest.mark.slow
def test_the_sheet_says_so_too(tmp_path: Path) -> None:
    path = month(tmp_path / "客户.xlsx", "6万元", "VIP客户", "2026-09-05", "2026-09-06")
    plan = ran(tmp_path / "out", path, "2026-10")
    sheet = load_workbook(BytesIO(plan.workbooks[0].data)).worksheets[0]
    assert isinstance(sheet, Worksheet)
    row = {str(sheet.cell(1, at).value): sheet.cell(2, at).value for at in range(1, sheet.max_column + 1)}
    assert "待审核" in str(row["得分说明"])


def test_who_has_no_tier_has_nothing_to_sign() -> None:
    results, _ = assess(book(customer(profile=profile())), run_as_of(NOVEMBER))
    assert results[0].standing is not Standing.GRADED
    assert results[0].signature is None
