import itertools
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest

from sheetcrm.model import FIGURES, Book, Movement, Setting, StandardRow
from sheetcrm.policy.loading import check, load, standard, standard_text
from sheetcrm.policy.model import Policy
from sheetcrm.report.pages import filters
from sheetcrm.report.press.pool import Job
from tests.making import TABLE
from tests.reporting import BOOK, assessment, documents_of, due

pytestmark = pytest.mark.slow

NASTY = '<b>&"𠮷{{ 7*7 }}'


def named(jobs: Sequence[Job]) -> dict[str, str]:
    return {job.name: job.html for job in jobs}


def rows_of(html: str, section: str) -> str:
    found = re.search(rf'id="{section}".*?</section>', html, re.DOTALL)
    assert found
    return found[0]


def small_volumes(rows: int) -> Policy:
    raw = standard().model_dump()
    raw["report"]["volume_rows"] = rows
    return check(raw, source="test")


def test_there_is_one_document_a_tier_and_the_execution_report() -> None:
    assert list(named(documents_of([assessment()]))) == [
        "2026-10-附件1-VIP客户.pdf",
        "2026-10-附件2-重点客户.pdf",
        "2026-10-附件3-普通客户.pdf",
        "2026-10-附件4-观察客户.pdf",
        "2026-10-执行报告.pdf",
    ]


def test_no_customers_give_every_document_and_say_so() -> None:
    found = named(documents_of([], book=Book()))
    assert len(found) == 5
    assert "本期没有VIP客户" in found["2026-10-附件1-VIP客户.pdf"]
    assert "本期没有客户" in found["2026-10-执行报告.pdf"]
    assert "无数据" in found["2026-10-执行报告.pdf"]
    assert "100%" not in rows_of(found["2026-10-执行报告.pdf"], "service")


def test_text_of_cells_is_never_markup_nor_template() -> None:
    html = named(documents_of([assessment(name=NASTY, owner=NASTY, reasons=(NASTY,), previous_grade=NASTY)]))
    for text in html.values():
        assert "<b>&" not in text
        assert "49" not in re.sub("<svg.*?</svg>", "", text, flags=re.DOTALL)
    assert "&lt;b&gt;&amp;&#34;𠮷{{ 7*7 }}" in html["2026-10-附件1-VIP客户.pdf"]


def test_every_customer_stands_once_in_the_roster_of_its_tier() -> None:
    entries = [assessment(f"C{n:03}", "VIP客户" if n % 2 else "重点客户") for n in range(60)]
    for name, ids in (("2026-10-附件1-VIP客户.pdf", range(1, 60, 2)), ("2026-10-附件2-重点客户.pdf", range(0, 60, 2))):
        roster = rows_of(named(documents_of(entries))[name], "roster")
        assert Counter(re.findall(r"C\d{3}", roster)) == {f"C{n:03}": 1 for n in ids}


def test_a_roster_is_sorted_by_score() -> None:
    entries = [assessment(f"C{n:03}", score=score) for n, score in enumerate(("91.0", "99.5", "95.0"))]
    roster = rows_of(named(documents_of(entries))["2026-10-附件1-VIP客户.pdf"], "roster")
    assert re.findall(r"C\d{3}", roster) == ["C001", "C002", "C000"]


def test_a_long_roster_is_cut_into_volumes() -> None:
    entries = [assessment(f"C{n:03}") for n in range(120)]
    found = named(documents_of(entries, policy=small_volumes(50)))
    volumes = [f"2026-10-附件1-VIP客户-第{n}册.pdf" for n in (1, 2, 3)]
    assert list(found)[:3] == volumes
    ids = [re.findall(r"C\d{3}", rows_of(found[name], "roster")) for name in volumes]
    assert [len(part) for part in ids] == [50, 50, 20]
    assert sorted(itertools.chain.from_iterable(ids)) == [f"C{n:03}" for n in range(120)]
    assert "第2册/共3册" in found[volumes[1]]
    assert "2026-10-执行报告.pdf" in found


def test_the_lists_of_the_execution_report_are_cut_too() -> None:
    entries = [assessment(f"C{n:03}", "未成交") for n in range(60)]
    found = named(documents_of(entries, policy=small_volumes(50)))
    listed = [re.findall(r"C\d{3}", rows_of(found[f"2026-10-执行报告-第{n}册.pdf"], "ungraded")) for n in (1, 2)]
    assert [len(part) for part in listed] == [50, 10]


def test_movements_are_named_with_their_reason_on_both_sides() -> None:
    note = "近三个月没有往来"
    moved = assessment(
        "C007", "重点客户", score="80.0", previous_grade="VIP客户", movement=Movement.DOWN, standing_note=note
    )
    found = named(documents_of([moved]))
    for name in ("2026-10-附件1-VIP客户.pdf", "2026-10-附件2-重点客户.pdf"):
        assert "C007" in rows_of(found[name], "moves")
        assert "近三个月没有往来" in rows_of(found[name], "moves")
    assert "C007" in rows_of(found["2026-10-执行报告.pdf"], "moves")


def test_those_without_a_tier_are_listed_in_the_execution_report_only() -> None:
    entries = [assessment("C001", "待补充资料", reasons=("缺少消费金额，暂不评分",)), assessment("C002", "未成交")]
    found = named(documents_of(entries))
    listed = rows_of(found["2026-10-执行报告.pdf"], "ungraded")
    assert "C001" in listed
    assert "缺少消费金额" in listed
    assert "C002" in listed
    assert not any("C001" in html or "C002" in html for name, html in found.items() if name != "2026-10-执行报告.pdf")


def test_phones_in_promises_and_reasons_are_masked() -> None:
    entry = assessment(
        due=(due("2026-11-05", "履行承诺", promise="致电张总13812345678"),),
        reasons=("联系13812345678核实",),
        previous_grade="重点客户",
        movement=Movement.UP,
    )
    html = "".join(named(documents_of([entry])).values())
    assert "13812345678" not in html
    assert "138****5678" in html


def test_the_team_s_own_standard_and_settings_are_printed() -> None:
    row = StandardRow(origin=TABLE, row=2, tier="VIP客户", goal="与大客户共同成长")
    settings = tuple(Setting(origin=TABLE, row=2, unit="甲公司", department=name) for name in ("一部", "二部", "一部"))
    book = Book(kinds=BOOK.kinds, standards=(row,), settings=settings)
    html = named(documents_of([assessment()], book=book))["2026-10-附件1-VIP客户.pdf"]
    assert "与大客户共同成长" in html
    assert "深化合作，挖掘增值空间" not in html
    assert "<td>一部等2个部门</td>" in html
    assert '<p class="unit">甲公司</p>' in html


def test_marks_tell_what_stands_behind_a_tier() -> None:
    entries = [assessment("C001", awaiting_audit=True, outdated=True, due=(due("2026-10-20", late=11),))]
    roster = rows_of(named(documents_of(entries))["2026-10-附件1-VIP客户.pdf"], "roster")
    assert '<td class="mark">审旧</td>' in roster
    assert "2026-10-20▲" in roster


def test_fen_are_printed_for_a_whole_column_or_not_at_all() -> None:
    entries = [assessment("C001", spend="6000"), assessment("C002", spend="4999.60")]
    roster = rows_of(named(documents_of(entries))["2026-10-附件1-VIP客户.pdf"], "roster")
    assert "4,999.60" in roster
    assert "6,000.00" in roster


def test_amounts_of_a_roster_are_in_one_unit_that_its_head_says() -> None:
    entries = [assessment("C001", spend="600000"), assessment("C002", spend="8000"), assessment("C003", spend="300")]
    roster = rows_of(named(documents_of(entries))["2026-10-附件1-VIP客户.pdf"], "roster")
    for amount in ("60.0", "0.8", "&lt;0.1"):
        assert f'<td class="n">{amount}</td>' in roster
    assert "（万元）" in roster
    entries = [assessment("C001", spend="9999")]
    assert "（元）" in rows_of(named(documents_of(entries))["2026-10-附件1-VIP客户.pdf"], "roster")


def test_no_personal_data_stands_in_the_head_of_a_page() -> None:
    for html in named(documents_of([assessment(name="秘密公司", owner="秘密人")])).values():
        assert "秘密" not in html.partition("<body>")[0]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("甲\n公司\t一部", "甲 公司 一部"),
        ("a\x00\x07b", "ab"),
        ("\u202e乙公司\u200b", "乙公司"),
        ("\ud800丙", "丙"),
        (None, ""),
    ],
)
def test_text_is_cleaned_for_print(text: str | None, printed: str) -> None:
    assert filters.clean(text) == printed


@pytest.mark.parametrize(
    ("share", "printed"),
    [("1", "100.0%"), ("0.9999", "99.9%"), ("0.8125", "81.3%"), ("0", "0.0%"), ("0.00049", "0.0%")],
)
def test_what_is_not_whole_is_not_printed_as_whole(share: str, printed: str) -> None:
    assert filters.percent(Decimal(share)) == printed


def test_no_growth_has_no_sign() -> None:
    kind = FIGURES["repurchase_growth"]
    shown = [filters.measured(Decimal(share), kind) for share in ("0", "0.0004", "0.033", "-0.119")]
    assert shown == ["0.0%", "0.0%", "+3.3%", "-11.9%"]


def test_a_tier_s_name_makes_a_legal_file_name() -> None:
    policy = load(standard_text().replace("VIP客户", "战略/核心:级"), source="test")
    found = named(documents_of([], policy=policy))
    assert next(iter(found)) == "2026-10-附件1-战略_核心_级.pdf"
