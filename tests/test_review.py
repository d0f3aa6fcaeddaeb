"""评审包.xlsx: its lists hold everybody, its formulas give our totals, and text in it is only ever text."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from sheetcrm.assess.grade.scoring import score
from sheetcrm.excel.books.review import review_book
from sheetcrm.excel.books.review_table import source_link
from sheetcrm.model import (
    FIGURES,
    Alert,
    Assessment,
    CellRef,
    Figures,
    Health,
    Measures,
    Movement,
    PastFigures,
    Problem,
    ServiceRequest,
    Setting,
    Severity,
    Source,
)
from sheetcrm.policy.loading import load, standard, standard_text
from sheetcrm.policy.model import Policy
from sheetcrm.report.pages import filters
from sheetcrm.text.printable import one_line
from tests.making import TABLE, scoring_row
from tests.reporting import BOOK, RUN_ID, assessment, due, figures, request, results
from tests.values import replace

PERIOD_LISTS = ["分类复核提醒", "下月预警", "违约清单", "承诺兑现率"]
FIRST = ["审核表", "会议议程", "总览"]
LISTS = ["按客户经理", "指标", "变动", "预警", "跟进计划", *PERIOD_LISTS, "抽查清单", "评分明细", "数据问题"]
PROBLEM = Problem(
    CellRef("客户 台账#1.xlsx", "打分 表", 7, 5), Severity.ERROR, "money-unreadable", "读不出金额", "请填数字"
)


def measured(customer_id: str, grade: str = "VIP客户", *, policy: Policy | None = None, **values: object) -> Assessment:
    """A customer scored by the scorecard, so that every contribution is there."""
    known = dict.fromkeys(values, Source.DERIVED)
    sums = Measures(**{"sources": known, **values})  # type: ignore[arg-type]
    chosen = policy or standard()
    found = score(sums, chosen.card, chosen.scoring)
    return replace(assessment(customer_id, grade, measures=sums), score=found)


def everybody() -> list[Assessment]:
    best = measured(
        "C001",
        recency_days=30,
        frequency_12m=Decimal(12),
        spend_12m=Decimal(800_000),
        industry_growth=Decimal("0.15"),
        repurchase_rate=Decimal("0.85"),
    )
    folded = measured(
        "C002", "重点客户", recency_days=60, frequency_12m=Decimal(6), spend_12m=Decimal(300_000), industry_level="中"
    )
    alert = Alert("消费骤降", "高", "高流失风险", "查明原因", "客户经理", date(2026, 11, 3), True, "", "连续两个月下降")  # noqa: FBT003
    return [
        replace(best, alerts=(alert,), health=Health("红"), due=(due("2026-10-20", late=11), due("2026-11-05"))),
        replace(folded, previous_grade="普通客户", movement=Movement.UP),
        assessment("C003", "待补充资料"),
        assessment("C004", "未成交"),
    ]


def sampled(**values: Any) -> ServiceRequest:  # noqa: ANN401  (any field)
    return request(
        "2026-10-05 09:30", "2026-10-05 10:30", **{"category": "故障", "satisfaction": Decimal(90), **values}
    )


def reviewed(
    entries: Sequence[Assessment],
    *,
    problems: Sequence[Problem] = (PROBLEM,),
    sample: Sequence[ServiceRequest] = (),
    policy: Policy | None = None,
) -> bytes:
    book = replace(BOOK, settings=(Setting(origin=TABLE, row=2, unit="甲集团", secrecy="机密&内部"),))
    decided = results(entries, book=book, policy=policy, figures=figures(entries), problems=problems, sample=sample)
    return review_book(decided, workbooks=["客户.xlsx", "客户 台账#1.xlsx"])


@pytest.fixture(scope="module")
def data() -> bytes:
    return reviewed(everybody(), sample=[sampled()])


@pytest.fixture(scope="module")
def book(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.fixture(scope="module")
def values(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)


def test_the_same_values_give_the_same_bytes(data: bytes) -> None:
    assert reviewed(everybody(), sample=[sampled()]) == data


def test_it_opens_with_what_is_to_be_signed_and_has_a_sheet_for_each_tier_and_list(data: bytes, book: Workbook) -> None:
    expected = [*FIRST, *(tier.name for tier in standard().tiers), "未评级", *LISTS]
    assert book.sheetnames == expected
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names == expected
    assert book.active is not None
    assert book.active.title == "审核表"


def test_every_customer_stands_once_in_the_sheet_of_its_grade(data: bytes) -> None:
    found = CalamineWorkbook.from_filelike(io.BytesIO(data))
    listed = {
        name: [row[0] for row in found.get_sheet_by_name(name).to_python()[3:]]
        for name in ("VIP客户", "重点客户", "普通客户", "观察客户", "未评级")
    }
    assert listed == {
        "VIP客户": ["C001"],
        "重点客户": ["C002"],
        "普通客户": ["本期没有普通客户。"],
        "观察客户": ["本期没有观察客户。"],
        "未评级": ["C003", "C004"],
    }


def waiting() -> list[Assessment]:
    found = [replace(entry, awaiting_audit=entry.tier is not None) for entry in everybody()]
    signed = replace(found[0].customer, scoring=scoring_row(auditor="李*", audited_on=date(2026, 3, 1)))
    first = replace(found[0], movement=Movement.NEW, owner="赵一", customer=signed)
    unsigned = replace(signed, customer_id="C005", scoring=scoring_row("C005"))
    return [first, *found[1:], replace(first, customer=unsigned)]


def test_the_tiers_to_sign_stand_first_with_their_reason_by_owner() -> None:
    at = sheet(openpyxl.load_workbook(io.BytesIO(reviewed(waiting()))), "审核表")
    rows = [[cell.value for cell in row] for row in at.iter_rows(min_row=3)]
    assert rows[0][-4:] == ["审核意见", "审核人", "审核日期", "备注"]
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in rows[1:]] == [
        ("C002", "林婉清", "普通客户", "重点客户", "升级（没有打分表的行，签不了）"),
        ("C001", "赵一", "VIP客户", "VIP客户", "新评级（打分表里的旧签字已失效）"),
        ("C005", "赵一", "VIP客户", "VIP客户", "新评级"),
    ]
    assert all(row[7] for row in rows[1:])


def test_each_customer_leads_to_its_row_and_each_list_back_to_the_overview() -> None:
    found = openpyxl.load_workbook(io.BytesIO(reviewed(waiting())))
    for name in ("审核表", "预警", "跟进计划", "评分明细"):
        at = sheet(found, name)
        links = {str(cell.value): cell.hyperlink for row in at.iter_rows() for cell in row if cell.hyperlink}
        assert links["← 总览"].location == "'总览'!A1", name
        target = str(links["C001"].location)
        of, cell = target.rsplit("!", 1)
        assert sheet(found, of.strip("'"))[cell].value == "C001", name


def test_the_key_figures_are_numbers() -> None:
    at = sheet(openpyxl.load_workbook(io.BytesIO(reviewed(everybody()))), "总览")
    shown = {at.cell(4, column).value: at.cell(5, column).value for column in range(1, 15, 2)}
    assert shown == {
        "客户总数": 4,
        "已评级": 2,
        "近12个月消费": 110,
        "升 / 降": 1,
        "逾期 / 下期到期": 1,
        "等级待审核": 0,
        "人工调整": 0,
    }
    assert (at.cell(5, 8).value, at.cell(5, 10).value) == (0, 1)


def test_no_number_has_more_digits_than_it_shows() -> None:
    entries = [*everybody(), assessment("C005", spend="333333.333333", score="71.4")]
    entries[-1] = replace(entries[-1], measures=replace(entries[-1].measures, repurchase_rate=Decimal(1) / 3))
    found = openpyxl.load_workbook(io.BytesIO(reviewed(entries, sample=[sampled(satisfaction=Decimal(200) / 3)])))
    for name in found.sheetnames:
        if name != "评分明细":
            numbers = [cell.value for row in sheet(found, name).iter_rows() for cell in row]
            assert all(round(value, 3) == value for value in numbers if isinstance(value, float)), name


def test_the_score_sheet_and_the_problems_come_last_and_are_not_printed(book: Workbook) -> None:
    assert book.sheetnames[-2:] == ["评分明细", "数据问题"]
    for name in book.sheetnames[-2:]:
        assert str(sheet(book, name).print_area).split("$")[-1] == "2"


def test_the_meeting_goes_through_what_there_is(book: Workbook) -> None:
    rows = [[cell.value for cell in row] for row in sheet(book, "会议议程").iter_rows(min_row=4)]
    assert [row[1:3] for row in rows] == [
        ["等级审核", 0],
        ["等级变动", 1],
        ["健康度红的客户", 1],
        ["逾期跟进", 1],
        ["服务记录抽查", 1],
        ["资料里的错误", 1],
    ]
    assert {row[4] for row in rows} <= set(book.sheetnames)


def test_every_figure_stands_there_as_the_execution_report_says_it() -> None:
    asked = request("2026-10-12 09:30", "2026-10-12 10:30", satisfaction=Decimal(80), first_time=True)
    late = request("2026-10-13 09:30", "2026-10-13 18:30", nps=Decimal(-20))
    entries = [
        *everybody(),
        assessment("C005", services=(asked, *[replace(asked, row=at) for at in range(3, 9)], late)),
        assessment("C006", "观察客户", score="40.0"),
    ]
    entries[1] = replace(entries[1], measures=replace(entries[1].measures, referrals=Decimal(1)))
    stated = figures(entries, past=[PastFigures("2026-09", {"合计": {"satisfaction": Decimal("91.25")}})])
    written = load_workbook_of(entries, stated)["指标"]
    rows = [[cell.value for cell in row] for row in written.iter_rows(min_row=3)]
    titles = {str(title): at for at, title in enumerate(rows[0])}
    assert len(rows) - 1 == len(FIGURES)
    for (key, kind), row in zip(FIGURES.items(), rows[1:], strict=True):
        assert (row[0], row[titles["怎么算"]], row[titles["来源"]]) == (kind.label, kind.how, kind.source)
        for group in (*stated.tiers, stated.total):
            cell, said = row[titles[group.name]], group.figures[key]
            assert in_print(cell, str(row[1])) == filters.figure(said), (key, group.name)
    by_label = {str(row[0]): row for row in rows}
    assert by_label["满意度"][2:8] == [80, 7, 8, 91.3, 85, "未达标"]
    assert by_label["响应及时率"][2:5] == [87.5, 7, 8]
    assert by_label["NPS"][2] == -20
    assert by_label["留存率"][2:8] == ["无数据", None, None, None, None, None]
    assert by_label["解决及时率"][titles["观察客户"]] == "未承诺时限"


def load_workbook_of(entries: Sequence[Assessment], stated: Figures) -> Workbook:
    made = review_book(results(entries, figures=stated), workbooks=["客户.xlsx"])
    return openpyxl.load_workbook(io.BytesIO(made))


def in_print(cell: object, unit: str) -> str:
    """Write a cell of the sheet as the report prints that figure."""
    if not isinstance(cell, int | float):
        return str(cell)
    if unit == "元" and abs(cell) >= 10_000:
        return f"{cell / 10_000:,.1f}万元"
    if unit == "倍" and cell > 100:
        return ">100倍"
    return {
        "%": f"{cell:.1f}%",
        "分": f"{cell:.1f}",
        "元": f"{cell:,.0f}元",
        "小时": f"{cell:.1f}小时",
        "次": f"{cell:.2f}次",
        "倍": f"{cell:.1f}倍",
        "个": f"{cell:,.0f}",
    }[unit]


def test_the_overview_states_the_figures_and_draws_them(data: bytes, values: Workbook) -> None:
    at = sheet(values, "总览")
    table = {str(row[0].value): [cell.value for cell in row] for row in at.iter_rows(min_row=11, max_row=17)}
    assert table["VIP客户"][1:4] == [1, 0.5, 0.1]
    assert table["合计"][1] == 4
    assert table["合计"][5] == pytest.approx(110)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")]
        drawing = package.read("xl/drawings/drawing1.xml").decode()
    assert len(charts) == 4
    assert ["总览" in chart for chart in charts] == [True, True, True, False]
    titles = [re.findall(r"<a:t>([^<]*)</a:t>", chart)[0] for chart in charts]
    assert titles[:3] == ["普通客户比参考少1家", "VIP客户带来72.7%的近12个月消费（万元）", "升1家，降0家，新评0家"]
    assert drawing.count('descr="') == 4


def test_the_chart_by_owner_draws_the_numbers_of_their_list_under_who_has_most_overdue() -> None:
    entries = [
        assessment("C1", owner="林婉清", due=(due("2026-10-01", late=30), due("2026-10-02", late=29))),
        assessment("C2", owner="陈思远", due=(due("2026-10-01", late=30), due("2026-11-05"))),
        assessment("C3", owner="何俊杰"),
    ]
    data = reviewed(entries)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        chart = package.read("xl/charts/chart4.xml").decode()
    assert re.findall(r"<a:t>([^<]*)</a:t>", chart) == ["林婉清的逾期跟进最多：2项，占66.7%"]
    refs = re.findall(r"<c:f>'?按客户经理'?!([^<]*)</c:f>", chart)
    at = sheet(openpyxl.load_workbook(io.BytesIO(data)), "按客户经理")
    drawn = [[cell.value for row in at[ref.replace("$", "")] for cell in row] for ref in refs if ":" in ref]
    names = ["林婉清", "陈思远", "何俊杰"]
    assert drawn == [names, [2, 1, 0], names, [0, 1, 0]]


def test_who_has_nothing_overdue_and_an_owner_alone_are_said_so() -> None:
    for day, late, title in (("2026-11-05", 0, "没有逾期跟进"), ("2026-10-01", 30, "林婉清有1项逾期跟进")):
        data = reviewed([assessment(due=(due(day, late=late),))])
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            assert title in package.read("xl/charts/chart4.xml").decode()


def test_every_total_is_a_formula_whose_stored_value_is_ours(book: Workbook, values: Workbook) -> None:
    formulas, stored = sheet(book, "评分明细"), sheet(values, "评分明细")
    for row, total in ((5, 92.0), (6, 77.6)):
        assert str(formulas.cell(row, 5).value).startswith("=ROUND(ROUND(SUMPRODUCT(")
        assert [stored.cell(row, column).value for column in (4, 5, 6)] == [total, total, "一致"]
        given_by = [stored.cell(row, column).value for column in range(14, 19)]
        assert sum(float(str(part)) for part in given_by if part) == pytest.approx(total, abs=0.05)
    assert [stored.cell(row, 7).value for row in (5, 6)] == ["VIP客户", "重点客户"]
    assert [stored.cell(7, column).value for column in (4, 5, 6)] == ["不评分", "不评分", None]


def test_what_is_unknown_is_left_out_of_the_weights(values: Workbook) -> None:
    assert [sheet(values, "评分明细").cell(row, 8).value for row in (5, 6)] == [100, 85]


@pytest.mark.slow
def test_libreoffice_recalculates_the_same_totals(tmp_path: Path) -> None:
    edge = [
        measured(
            f"E{number:04}",
            recency_days=30,
            frequency_12m=Decimal(12),
            spend_12m=Decimal(800_000),
            industry_growth=Decimal("0.15"),
            repurchase_rate=Decimal(number) / 3000,  # totals go by 0.005: every twentieth lies on the edge of a tenth
        )
        for number in range(0, 3001, 1)
        if number % 50 in {0, 1, 49, 30, 10}
    ]
    rows = recalculated(strip_stored_values(reviewed(edge)), tmp_path).get_sheet_by_name("评分明细").to_python()[4:]
    assert len(rows) == len(edge)
    for row, entry in zip(rows, edge, strict=True):
        assert entry.score.total is not None
        assert row[4] == pytest.approx(float(entry.score.total), abs=1e-9), entry.score
        assert row[5] == "一致"


def test_text_that_looks_like_a_formula_a_link_or_a_number_stays_text() -> None:
    names = [
        "=1+1",
        "https://example.com/?a=1",
        "@SUM(A1)",
        "007",
        '<b>&"𠮷',
        "名" * 200,
        "internal:总览!A1",
        "+1",
        "#REF!",
    ]
    entries = [assessment(f"=C{number}", name=name) for number, name in enumerate(names)]
    found = openpyxl.load_workbook(io.BytesIO(reviewed(entries, problems=())))
    at = sheet(found, "VIP客户")
    assert {str(at.cell(row, 2).value) for row in range(4, 4 + len(names))} == set(names)
    for row in range(4, 4 + len(names)):
        assert [at.cell(row, column).data_type for column in (1, 2)] == ["s", "s"]
        assert at.cell(row, 2).hyperlink is None


@pytest.mark.slow
@given(name=st.text(max_size=40))
def test_any_name_comes_out_as_text(name: str) -> None:
    entry = assessment("C001", name=name)
    found = CalamineWorkbook.from_filelike(io.BytesIO(reviewed([entry], problems=())))
    assert found.get_sheet_by_name("VIP客户").to_python()[3][1] == one_line(name)


def test_a_problem_leads_to_its_cell_in_the_written_back_workbook(data: bytes, book: Workbook) -> None:
    cell = sheet(book, "数据问题").cell(4, 3)
    assert cell.value == "'打分 表'!E7"
    assert cell.hyperlink is not None
    assert cell.hyperlink.location == "'打分 表'!E7"
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        targets = {
            target
            for name in package.namelist()
            if name.startswith("xl/worksheets/_rels")
            for target in re.findall(r'Target="([^"]*)" TargetMode="External"', package.read(name).decode())
        }
    assert targets == {"..\\workbooks\\客户%20台账%231.xlsx", "..\\workbooks\\客户.xlsx"}


def test_a_workbook_that_was_not_written_back_is_not_linked_to() -> None:
    assert source_link(CellRef("坏.xlsx", "表", 2, 1), ["客户.xlsx"]) == "表!A2"
    assert source_link(CellRef("坏.xlsx"), ["客户.xlsx"]) == "坏.xlsx"


def test_people_pick_from_lists_and_tick_boxes(book: Workbook) -> None:
    for name, words in (
        ("审核表", "同意,退回"),
        ("预警", "处理中"),
        ("抽查清单", "☑"),
        ("数据问题", "已改正"),
    ):
        rules = sheet(book, name).data_validations.dataValidation
        assert any(words in str(rule.formula1) for rule in rules), name
    assert sheet(book, "抽查清单").cell(4, 11).value == "□"


@pytest.mark.parametrize("name", ["总览", "VIP客户", "未评级", *LISTS])
def test_sheets_print_on_a4_one_page_wide_and_say_what_they_are(book: Workbook, name: str) -> None:
    at = sheet(book, name)
    assert (at.page_setup.orientation, at.page_setup.paperSize, at.page_setup.fitToWidth or 1) == ("landscape", 9, 1)
    assert at.sheet_properties.pageSetUpPr is not None
    assert at.sheet_properties.pageSetUpPr.fitToPage
    assert at.freeze_panes
    header, footer = str(at.oddHeader.right.text), str(at.oddFooter.left.text)  # type: ignore[union-attr]
    assert "机密&&内部" in header
    assert RUN_ID in footer
    if name != "总览":
        assert at.print_title_rows
        assert at.print_area


def test_no_contact_is_in_it() -> None:
    written = "请打13800138000或zhang.san@example.com，身份证11010519491231002X"
    entry = replace(
        assessment("C001", previous_grade="重点客户", movement=Movement.UP),
        explanation=written,
        due=(due("2026-11-05", promise=written),),
    )
    said = replace(PROBLEM, what=written)
    drawn = sampled(category=written)
    with zipfile.ZipFile(io.BytesIO(reviewed([entry], problems=(said,), sample=[drawn]))) as package:
        inside = b"".join(package.read(name) for name in package.namelist()).decode("utf-8", "replace")
    for word in ("13800138000", "zhang.san", "11010519491231002X"):
        assert word not in inside


def test_a_period_without_customers_gives_empty_lists_and_no_charts() -> None:
    data = reviewed([], problems=())
    found = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in ("VIP客户", *LISTS[2:]):
        rows = found.get_sheet_by_name(name).to_python()
        assert "没有" in str(rows[-1][0]), name
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert not [name for name in package.namelist() if "chart" in name]


def test_tier_names_that_excel_refuses_become_sheets_all_the_same() -> None:
    text = standard_text().replace("VIP客户", "A/B [一]客户").replace("重点客户", "总览")
    policy = load(text, source="test")
    decided = results([], policy=policy, figures=replace(figures([]), tiers=()))
    found = openpyxl.load_workbook(io.BytesIO(review_book(decided, workbooks=())))
    assert found.sheetnames[:5] == [*FIRST, "A_B _一_客户", "总览2"]


def sheet(found: Workbook, title: str) -> Worksheet:
    at = found[title]
    assert isinstance(at, Worksheet)
    return at


def strip_stored_values(data: bytes) -> bytes:
    """Take the stored value out of every formula cell, so that a reader must compute it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w") as copy:
        for name in package.namelist():
            part = package.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = re.sub(rb"(<f>[^<]*</f>)<v>[^<]*</v>", rb"\1", part)
            copy.writestr(name, part)
    return out.getvalue()


def recalculated(data: bytes, folder: Path) -> CalamineWorkbook:
    """Let LibreOffice compute a workbook."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not on this machine")
    (folder / "in").mkdir()
    source = folder / "in" / "review.xlsx"
    source.write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder), str(source)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return CalamineWorkbook.from_filelike(io.BytesIO((folder / "review.xlsx").read_bytes()))
