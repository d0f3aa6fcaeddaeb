"""The forms of meetings, and what a card says of how a customer buys: filled in from what the book holds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from sheetcrm.model import Assessment, NeedEntry, Order, PastFigures
from sheetcrm.policy.loading import check, standard
from sheetcrm.policy.run import Run
from sheetcrm.report.packs import packs
from sheetcrm.report.packs.forms import forms_due
from sheetcrm.report.packs.kinds import AUDIT, FORMS, INSIGHT, Wanted, usual
from sheetcrm.report.packs.preferences import preferences
from sheetcrm.report.press import pdf
from tests.making import TABLE, order
from tests.reporting import AS_OF, assessment, due, figures, request, results
from tests.values import replace, run_as_of


def needed(day: str, kind: str | None, status: str) -> NeedEntry:
    raised_on = date.fromisoformat(day)
    return NeedEntry(origin=TABLE, row=2, customer_id="C001", raised_on=raised_on, need_type=kind, status=status)


def forms(*entries: Assessment, past: Sequence[PastFigures] = ()) -> dict[str, str]:
    """Lay out both forms for some customers."""
    wanted = Wanted(kinds=frozenset(FORMS))
    found = packs.plan(results(entries, figures=figures(entries, past=past)), wanted)
    return {job.name: job.html for job in found.jobs}


def bought(day: str, amount: int, product: str | None = None) -> Order:
    return replace(order(day, amount), product=product)


def test_each_form_is_offered_in_its_month_and_made_whenever_it_is_asked_for() -> None:
    def offered(day: str) -> frozenset[str]:
        return forms_due(run_as_of(date.fromisoformat(day)))

    assert offered("2026-10-31") == frozenset()
    assert offered("2026-09-30") == {INSIGHT}
    assert offered("2026-12-31") == {INSIGHT, AUDIT}
    assert usual(owners=False, customers=False, due=offered("2026-12-31")) >= {INSIGHT, AUDIT}
    assert not usual(owners=True, customers=False, due=offered("2026-12-31")) & {INSIGHT, AUDIT}
    assert list(forms(assessment())) == ["客户需求洞察会.pdf", "体系健康度审计.pdf"]


def test_the_quarters_needs_are_counted_by_type_and_outcome() -> None:
    needs = (
        needed("2026-10-02", "产品采购型", "成交"),
        needed("2026-10-31", "产品采购型", "待定"),
        needed("2026-10-31", "服务支持型", "放弃"),
        needed("2026-09-30", "服务支持型", "成交"),  # the quarter before
    )
    entry = assessment()
    entry = replace(entry, customer=replace(entry.customer, needs=needs))
    html = forms(entry)["客户需求洞察会.pdf"].replace("\n", "")
    assert "2026年10月1日至2026年10月31日提出的需求" in html
    rows = "".join(f'<td class="n">{number}</td>' for number in (2, 1, 0, 1))
    assert f"<td>产品采购型</td>{rows}" in html
    rows = "".join(f'<td class="n">{number}</td>' for number in (1, 0, 1, 0))
    assert f"<td>服务支持型</td>{rows}" in html


def test_the_audit_states_figure_standard_last_period_and_verdict() -> None:
    late = request("2026-10-10T09:00", "2026-10-11T10:00", satisfaction=Decimal(95))
    entry = assessment(services=(late,), awaiting_audit=True, due=(due("2026-10-20", late=11),))
    html = forms(entry, past=[PastFigures("2026-09", {"合计": {"satisfaction": Decimal(81)}})])["体系健康度审计.pdf"]
    rows = [line for line in html.splitlines() if line.startswith("<tr><td>")]
    by_item = {line.split("<td>")[2].removesuffix("</td>"): line for line in rows if line.count("<td>") > 2}
    assert "≥90%" in by_item["响应及时率"]
    assert "0.0%（0/1）" in by_item["响应及时率"]
    assert "未达标</td>" in by_item["响应及时率"]
    assert by_item["满意度"].endswith('>95.0（1/1）</td><td class="n">81.0</td><td class="c">达标</td></tr>')
    assert "1 家" in by_item["等级待审核"]
    assert "1 项（1 家）" in by_item["逾期未做"]
    assert "□达标 □未达标" in by_item["备份与恢复"]


@pytest.mark.slow
def test_each_form_is_one_page() -> None:
    signs = frozenset({"竞品", "预算削减", "决策人变动", "续约含糊", "反馈迟缓", "复杂功能", "业务拓展"})
    entry = assessment(services=(request("2026-10-10T09:00", "2026-10-11T10:00", category="使用咨询"),))
    needs = tuple(needed("2026-10-02", kind, "成交") for kind in ("产品采购型", "服务支持型", "解决方案型", None))
    entry = replace(
        entry, customer=replace(entry.customer, needs=needs), measures=replace(entry.measures, signals=signs)
    )
    for html in forms(entry).values():
        assert len(PdfReader(io.BytesIO(pdf.render(html).pdf)).pages) == 1


def test_a_card_says_what_and_how_often_a_customer_buys() -> None:
    run: Run = run_as_of(AS_OF)
    orders = [
        bought("2024-10-31", 99_000, "阀门"),  # 24 months ago, and no more
        bought("2026-01-10", 30_000, "刀具"),
        bought("2026-02-09", 10_000, "夹治具"),
        bought("2026-02-09", 20_000, "刀具"),
        bought("2026-04-10", 20_000, None),
        bought("2026-04-12", -5_000, "刀具"),  # a refund
        bought("2026-11-02", 50_000, "刀具"),  # after the as-of date
    ]
    assert preferences(orders, run) == (
        ("常购产品", "刀具（占金额83.3%，3笔中2笔）、夹治具（占金额16.7%，3笔中1笔）"),
        ("下单周期", "约45天一次（3次下单的中位数）"),
        ("单笔金额", "20,000元（中位数）"),
    )
    assert preferences([bought("2026-01-10", 300)], run) == (("单笔金额", "300元（中位数）"),)
    assert preferences([], run) == ()


def test_how_far_back_a_card_looks_is_the_policys() -> None:
    raw = standard().model_dump()
    raw["report"] |= {"preference_months": 1, "preference_days": 2}
    run = run_as_of(AS_OF, policy=check(raw, source="test"))
    orders = [bought("2026-09-30", 90_000, "阀门"), bought("2026-10-01", 300), bought("2026-10-11", 500)]
    assert preferences(orders, run) == (("下单周期", "约10天一次（2次下单的中位数）"), ("单笔金额", "400元（中位数）"))


def test_both_forms_are_routines_of_the_policy() -> None:
    assert {routine.name for routine in standard().routines} >= set(FORMS)
