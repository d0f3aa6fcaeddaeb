"""The reports as they are printed without --full: parts of one report, short lists, nobody left out (practice §10)."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from sheetcrm.model import Standing
from sheetcrm.report.pages.template_files import shipped_templates
from tests.making import profile
from tests.reporting import assessment, documents_of, due
from tests.values import replace

TIERS = ("VIP客户", "重点客户", "普通客户")
ENTRIES = [
    assessment(
        f"C{number:03d}",
        TIERS[number % 3],
        due=tuple(due(f"2026-10-{day:02d}", late=31 - day) for day in range(1, 20)),
    )
    for number in range(90)
]


def printed(*, full: bool) -> dict[str, str]:
    return {job.name: job.html for job in documents_of(ENTRIES, full=full)}


@pytest.fixture(scope="module")
def short() -> dict[str, str]:
    return printed(full=False)


def section(html: str, name: str) -> str:
    return html.partition(f'id="{name}"')[2].partition("</section>")[0]


def test_a_tier_without_customers_has_no_file(short: dict[str, str]) -> None:
    parts = [f"2026-10-附件{number}-{tier}.pdf" for number, tier in enumerate(TIERS, start=1)]
    assert list(short) == [*parts, "2026-10-执行报告.pdf"]
    assert len(printed(full=True)) == 5


def test_the_parts_are_signed_and_explained_with_the_whole(short: dict[str, str]) -> None:
    whole = short.pop("2026-10-执行报告.pdf")
    assert whole.count("签字：") == 4
    assert whole.count('id="method"') == 1
    for html in short.values():
        assert "签字：" not in html
        assert 'id="method"' not in html
    short["2026-10-执行报告.pdf"] = whole


def test_every_customer_is_in_one_roster(short: dict[str, str]) -> None:
    listed = Counter(
        key for html in short.values() for key in re.findall(r"<td>(C\d{3})</td>", section(html, "roster"))
    )
    assert listed == Counter(entry.customer.customer_id for entry in ENTRIES)


def test_long_lists_are_cut_and_say_so_and_in_full_they_are_whole(short: dict[str, str]) -> None:
    name = "2026-10-附件1-VIP客户.pdf"
    late = 30 * 19
    cut, whole = section(short[name], "follow-up"), section(printed(full=True)[name], "follow-up")
    assert f"共 {late} 项，列前 20 项" in cut
    assert cut.partition("逾期最久")[2].count("<tr><td>") == 20
    assert whole.partition("已逾期")[2].count("<tr><td>") == late


def test_what_each_person_has_to_do_of_each_action_adds_up(short: dict[str, str]) -> None:
    for html in (html for name, html in short.items() if "附件" in name):
        table = section(html, "follow-up").partition("按责任人和动作")[2].partition("</table>")[0]
        rows = [row for row in map(cells, table.split("<tr>")) if len(row) == 5]
        assert sum(int(row[1]) for row in rows) == 30 * 19
        assert [sum(map(int, re.findall(r" (\d+)/", row[4]))) for row in rows] == [int(row[1]) for row in rows]


def cells(row: str) -> list[str]:
    return re.findall(r"<td[^>]*>([^<]*)</td>", row)


def test_no_type_is_smaller_than_seven_and_a_half_points() -> None:
    styles = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(shipped_templates()).glob("*.css")))
    sizes = [Decimal(size) for size in re.findall(r"font-size:\s*([\d.]+)pt", styles)]
    assert len(sizes) > 20
    assert min(sizes) >= Decimal("7.5")


@pytest.mark.parametrize("full", [False, True])
def test_who_is_likely_to_buy_is_on_a_call_list_of_its_own(full: bool) -> None:  # noqa: FBT001  (a parameter)
    entries = []
    for number, intent in enumerate(("高", "中", None, "高")):
        one = assessment(f"P{number}", "未成交", score=None, standing=Standing.UNSOLD)
        entries.append(replace(one, customer=replace(one.customer, profile=profile(intent=intent))))
    html = {job.name: job.html for job in documents_of(entries, full=full)}["2026-10-执行报告.pdf"]
    listed = section(html, "ungraded")
    calls, _, others = listed.partition("<h3>未成交</h3>" if full else "<strong>未成交</strong>")
    assert "电话名单：合作意向高" in calls
    assert re.findall(r"\bP\d\b", calls) == ["P0", "P3"]
    assert re.findall(r"\bP\d\b", others) == ["P1", "P2"]
