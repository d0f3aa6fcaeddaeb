"""Satisfaction by its scale (practice §1.2): declared, within its range, never mixed."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from sheetcrm.assess.book import assess
from sheetcrm.assess.figures.summary import summarise
from sheetcrm.excel.books import templates
from sheetcrm.model import Assessment, Book, Figures, Severity
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy
from tests.values import run_as_of
from tests.workbooks import SCORING, Cells, book_of, checked, records_of, tables_of, told, workbook

AS_OF = date(2026, 10, 31)
STANDARD = standard()
NPS_POLICY = STANDARD.model_copy(update={"reading": STANDARD.reading.model_copy(update={"satisfaction_scale": "NPS"})})
HEADER = ("客户编号", "请求时间", "首次响应时间", "满意度")


def requests(label: str, *scores: object, key: str = "C2024001") -> Cells:
    """A 服务记录 of one request a day from the 5th, whose satisfaction column is called so."""
    rows = [(key, f"2026-10-{day:02} 10:00", f"2026-10-{day:02} 10:30", score) for day, score in enumerate(scores, 5)]
    return [(*HEADER[:3], label), *rows]


@pytest.mark.parametrize(
    ("label", "policy", "field"),
    [
        ("满意度", STANDARD, "satisfaction"),
        ("满意度(CSAT)", STANDARD, "satisfaction"),
        ("满意度评分（NPS）", STANDARD, "nps"),
        ("滿意度 ( nps，-100～100 )", STANDARD, "nps"),
        ("净推荐值", STANDARD, "nps"),
        ("NPS", STANDARD, "nps"),
        ("满意度", NPS_POLICY, "nps"),
        ("满意度(CSAT)", NPS_POLICY, "satisfaction"),
        ("CSAT", NPS_POLICY, "satisfaction"),
    ],
)
def test_the_header_declares_the_scale_and_the_policy_where_it_does_not(label: str, policy: Policy, field: str) -> None:
    records, problems = records_of(*tables_of(workbook({"服务记录": requests(label, 60)})), policy=policy)
    (one,) = records.services
    found = {"satisfaction": one.satisfaction, "nps": one.nps}
    assert found.pop(field) == 60
    assert list(found.values()) == [None]
    assert problems == ()
    assert one.ref(field).column == 4


def test_a_sheet_with_a_column_of_each_scale_reads_both() -> None:
    rows = [("客户编号", "请求时间", "满意度", "NPS"), ("C1", "2026-10-05 10:00", 90, -100)]
    for policy in (STANDARD, NPS_POLICY):
        (one,) = records_of(*tables_of(workbook({"服务记录": rows})), policy=policy)[0].services
        assert (one.satisfaction, one.nps) == (90, -100)


@pytest.mark.parametrize(
    ("label", "scores", "wrong"),
    [
        ("满意度", (0, 100, -1, 101), ["D4", "D5"]),
        ("满意度(NPS)", (-100, 100, -1, 101, -101), ["D5", "D6"]),
    ],
)
def test_each_scale_has_its_own_range(label: str, scores: tuple[int, ...], wrong: list[str]) -> None:
    problems = checked({"打分表": SCORING, "服务记录": requests(label, *scores)})
    assert told(problems) == [("satisfaction-range", cell) for cell in wrong]
    scale = "NPS 的 -100 到 100" if "NPS" in label else "CSAT 的 0 到 100"
    assert all(scale in problem.what for problem in problems)


def test_two_scales_in_one_book_name_both_places() -> None:
    asked = requests("满意度(NPS)", None, 50, 40)
    sheets = {"打分表": SCORING, "服务记录": requests("满意度", None, 90), "回访": asked}
    (problem,) = checked(sheets)
    assert told([problem]) == [("satisfaction-mixed", "D3")]
    assert problem.ref.sheet == "回访"
    assert "服务记录!D3" in problem.what
    assert problem.severity is Severity.WARNING
    assert checked(sheets | {"回访": requests("满意度(NPS)", None)}) == ()


def judged(*sheets: tuple[str, Cells]) -> tuple[Book, tuple[Assessment, ...]]:
    found = book_of(("客户.xlsx", {"打分表": SCORING, **dict(sheets)}))
    return found, assess(found, run_as_of(AS_OF))[0]


def counted(*sheets: tuple[str, Cells]) -> Figures:
    found, entries = judged(*sheets)
    return summarise(entries, run_as_of(AS_OF), found)


@pytest.mark.parametrize(("label", "alarmed"), [("满意度", True), ("满意度(NPS)", False)])
def test_the_threshold_is_for_csat_only(label: str, alarmed: bool) -> None:  # noqa: FBT001
    _, (first, *_others) = judged(("服务记录", requests(label, 40, 50)))
    assert ("满意度预警" in {alert.code for alert in first.alerts}) is alarmed
    assert (first.measures.satisfaction, first.measures.nps) == ((50, None) if alarmed else (None, 50))


def test_nps_counts_a_customer_once_and_is_never_averaged_with_csat() -> None:
    often, once = requests("满意度(NPS)", -100, 100, 960), requests("NPS", -100, key="C2024002")
    found = counted(("服务记录", requests("满意度", 90, 960)), ("回访", often), ("回访2", once)).total.figures
    assert (found["nps"].value, found["nps"].n, found["nps"].total) == (0, 2, 3)
    assert (found["satisfaction"].value, found["satisfaction"].n, found["satisfaction"].total) == (90, 1, 6)
    assert counted(("服务记录", requests("满意度", 90))).total.figures["nps"].value is None


def test_a_typed_nps_counts_in_its_own_period() -> None:
    def typed(day: str) -> Decimal | None:
        rows = [(*row, value) for row, value in zip(SCORING, ("NPS", 30, None, None), strict=True)]
        rows[1] = (*rows[1][:10], day, 30)
        found = book_of(("客户.xlsx", {"打分表": rows}))
        entries, _ = assess(found, run_as_of(AS_OF))
        figures = summarise(entries, run_as_of(AS_OF), found)
        return figures.total.figures["nps"].value

    assert typed("2026-10-08") == 30
    assert typed("2026-09-30") is None


@pytest.mark.parametrize("policy", [STANDARD, NPS_POLICY])
def test_blank_templates_declare_the_scale_in_the_header(policy: Policy) -> None:
    made = load_workbook(io.BytesIO(templates.template_books(policy)[templates.TABLES]))
    scale = policy.reading.satisfaction_scale
    labels = [cell.value for cell in made["服务记录"][1]]
    assert f"满意度({scale})" in labels
    assert "NPS评分" not in labels
    assert f"满意度评分({scale})" in [cell.value for cell in made["客户分级评估打分表"][1]]


@pytest.mark.parametrize(
    ("label", "score", "said"),
    [
        ("满意度(5分制)", 6, "的 6 超出 5分制 的 0 到 5"),
        ("满意度(五分制)", "5.5分", "的 5.5 超出 5分制 的 0 到 5"),
        ("满意度(10分制)", 11, "的 11 超出 10分制 的 0 到 10"),
        ("满意度(百分制)", 101, "的 101 超出 CSAT 的 0 到 100"),
    ],
)
def test_a_score_off_its_scale_is_quoted_as_it_stands_there(label: str, score: object, said: str) -> None:
    problems = checked({"打分表": SCORING, "服务记录": requests(label, score)})
    (found,) = [entry for entry in problems if entry.kind == "satisfaction-range"]
    assert said in found.what
