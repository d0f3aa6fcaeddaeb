"""What 服务记录 says is to be put right by a day: planned until it is, listed once it is late (practice §8, §10)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from sheetcrm import schema
from sheetcrm.assess.book import assess
from sheetcrm.assess.lists.corrections import corrections
from sheetcrm.assess.words.closing import say_closing
from sheetcrm.excel.books.review_period import write_period
from sheetcrm.model import Assessment, ServiceRequest
from sheetcrm.model.lists import Lists
from sheetcrm.policy.loading import standard
from sheetcrm.text.folding import fold
from tests.making import book, customer, profile, scoring_row
from tests.reporting import EVERY_FIELD, figures, request
from tests.test_list_pages import decided, printed
from tests.values import run_as_of

AS_OF = date(2026, 10, 31)
RUN = run_as_of(AS_OF)
WITH_DAY = (*EVERY_FIELD, "corrected_on")


def asked(
    by: str | None,
    *,
    done_on: str | None = None,
    fields: tuple[str, ...] = WITH_DAY,
    **of: Any,  # noqa: ANN401
) -> ServiceRequest:
    values: dict[str, Any] = {"cause": "包装破损", "department": "质量部", "category": "产品质量"}
    return request(
        "2026-10-08 09:00",
        fields=fields,
        correct_by=date.fromisoformat(by) if by else None,
        corrected_on=date.fromisoformat(done_on) if done_on else None,
        **(values | of),
    )


def assessed(*services: ServiceRequest, owner: str | None = "林婉清") -> Assessment:
    one = customer(scoring=scoring_row(spend_12m=None), profile=profile(owner=owner), services=services)
    (entry,), _problems = assess(book(one, kinds=("scoring", "profile", "service")), RUN)
    return entry


def items(entry: Assessment) -> list[tuple[str, str, int, str]]:
    return [(str(one.due), one.owner, one.overdue_days, one.content) for one in entry.due if one.action == "整改跟踪"]


@pytest.mark.parametrize(
    ("by", "done_on", "planned"),
    [
        ("2026-10-20", None, [("2026-10-20", "林婉清", 11, "包装破损（责任部门 质量部）")]),
        ("2026-11-05", None, [("2026-11-05", "林婉清", 0, "包装破损（责任部门 质量部）")]),
        ("2026-10-20", "2026-10-25", []),
        ("2026-10-20", "2026-11-02", [("2026-10-20", "林婉清", 11, "包装破损（责任部门 质量部）")]),
        (None, None, []),
    ],
    ids=["late", "to come", "put right", "put right after the date", "no day"],
)
def test_what_is_to_be_put_right_is_an_item_of_the_plan_until_it_is(
    by: str | None, done_on: str | None, planned: list[tuple[str, str, int, str]]
) -> None:
    assert items(assessed(asked(by, done_on=done_on, resolved=True))) == planned


def test_who_has_no_manager_leaves_it_to_the_department() -> None:
    assert [owner for _due, owner, _days, _what in items(assessed(asked("2026-10-20"), owner=None))] == ["质量部"]


@pytest.mark.parametrize(
    ("of", "is_open"), [({"resolved": True}, False), ({"done": "2026-10-30 10:00"}, False), ({}, True)]
)
def test_without_a_column_for_it_a_resolved_request_is_put_right(of: dict[str, Any], *, is_open: bool) -> None:
    assert bool(items(assessed(asked("2026-10-20", fields=EVERY_FIELD, **of)))) is is_open


def test_an_item_says_why_it_is_due_and_what_closes_it() -> None:
    (item,) = (one for one in assessed(asked("2026-10-20")).due if one.action == "整改跟踪")
    assert item.basis == "2026-10-08的服务请求，整改期限2026-10-20"
    assert say_closing(item, standard()) == "服务记录写上整改完成日期（没有这一列的，写上解决时间或是否解决）"


def test_what_is_overdue_is_listed_with_its_department() -> None:
    entry = assessed(asked("2026-10-20", department=None), asked("2026-10-12"), asked("2026-10-31"))
    assert [(str(row.due), row.days, row.department, row.cause, row.owner) for row in corrections([entry], RUN)] == [
        ("2026-10-12", 19, "质量部", "包装破损", "林婉清"),
        ("2026-10-20", 11, "未填", "包装破损", "林婉清"),
    ]


def test_the_report_and_the_review_workbook_have_the_list_and_the_causes(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = assessed(asked("2026-10-12"), asked("2026-10-20", cause=None))
    results = decided([entry], Lists(corrections=corrections([entry], RUN)))
    text = re.sub(" +", " ", printed(results))
    assert "2026-10-12 19 C001 甲公司 产品质量，包装破损 质量部 林婉清" in text
    sheets: dict[str, list[Any]] = {}
    monkeypatch.setattr(
        "sheetcrm.excel.books.review_period.write_list",
        lambda _review, sheet, rows: sheets.update({sheet.title: list(rows)}) or sheet.title,
    )
    write_period(_Review(), results.lists, results.figures, [entry])  # type: ignore[arg-type]
    assert [row[:4] for row in sheets["整改逾期"]] == [
        (date(2026, 10, 12), 19, "C001", "甲公司"),
        (date(2026, 10, 20), 11, "C001", "甲公司"),
    ]
    assert figures([entry]).total.causes == {"包装破损": 1}


class _Review:
    policy = standard()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("问题原因", "cause"),
        ("责任单位", "department"),
        ("整改时限", "correct_by"),
        ("完成期限", "correct_by"),
        ("整改完成时间", "corrected_on"),
    ],
)
def test_the_columns_are_read_by_their_other_names(label: str, name: str) -> None:
    assert schema.labels("service")[fold(label)].name == name
