"""Made-up assessments for the reports' tests: only what a test says differs from a plain VIP customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sheetcrm.assess.figures.summary import summarise
from sheetcrm.model import (
    Alert,
    Assessment,
    Book,
    Column,
    Customer,
    DueItem,
    Figures,
    Measures,
    Movement,
    Past,
    PastFigures,
    Period,
    Problem,
    Score,
    ServiceRequest,
    Standing,
    Table,
)
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Results
from sheetcrm.report.pages import documents
from sheetcrm.report.press.pool import Job
from tests.values import run_as_of

PERIOD = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31))
AS_OF = date(2026, 10, 31)
RUN_ID = "0123456789abcdef"
EVERY_FIELD = (
    "requested_at",
    "responded_at",
    "resolved_at",
    "resolved",
    "first_time",
    "satisfaction",
    "discount",
    "category",
)
BOOK = Book(kinds=frozenset({"scoring", "service", "follow_up"}))


def assessment(
    customer_id: str = "C001",
    grade: str = "VIP客户",
    *,
    name: str = "甲公司",
    score: str | None = "95.0",
    **values: Any,  # noqa: ANN401  (any field)
) -> Assessment:
    """An assessed customer; without a score where the grade is no tier."""
    standing = Standing(grade) if grade in {"待补充资料", "未成交"} else Standing.GRADED
    graded = standing is Standing.GRADED
    spend = values.pop("spend", "600000")
    customer = Customer(customer_id, name, services=values.pop("services", ()), follow_ups=values.pop("follow_ups", ()))
    plain: dict[str, Any] = {
        "customer": customer,
        "measures": Measures(spend_12m=Decimal(spend) if spend and graded else None, recency_days=30),
        "score": Score(Decimal(score) if score and graded else None, Decimal(1), ()),
        "standing": standing,
        "tier": grade if graded else None,
        "grade": grade,
        "previous_grade": grade if graded else None,
        "movement": Movement.SAME if graded else None,
        "explanation": "总分达到等级",
        "outdated": False,
        "awaiting_audit": False,
        "owner": "林婉清",
    }
    if "reasons" in values:
        values["explanation"] = "；".join(values.pop("reasons"))
    return Assessment(**(plain | values))


def due(day: str, action: str = "深度沟通", *, late: int = 0, promise: str = "") -> DueItem:
    """Something due; `promise` makes it a promise of that text."""
    return DueItem(
        date.fromisoformat(day), action, "林婉清", promised=bool(promise), overdue_days=late, content=promise
    )


def alert(code: str, *, level: str = "高") -> Alert:
    """An alert to act on by 7 November."""
    return Alert(code, level, "", "联系客户", "客户经理", date(2026, 11, 7), regrade=False, risk="", note="")


def request(
    at: str,
    answered: str | None = None,
    done: str | None = None,
    *,
    fields: Sequence[str] = EVERY_FIELD,
    **values: Any,  # noqa: ANN401  (any field)
) -> ServiceRequest:
    """A service request, from a sheet with the columns `fields`."""
    columns = tuple(Column(number, name, name) for number, name in enumerate(fields, start=1))
    return ServiceRequest(
        origin=Table("客户.xlsx", "服务记录", "service", 1, columns, (), ()),
        row=2,
        customer_id="C001",
        requested_at=datetime.fromisoformat(at),
        responded_at=datetime.fromisoformat(answered) if answered else None,
        resolved_at=datetime.fromisoformat(done) if done else None,
        **values,
    )


def figures(
    assessments: Sequence[Assessment],
    *,
    book: Book = BOOK,
    as_of: date = AS_OF,
    history: Mapping[str, Past] | None = None,
    past: Sequence[PastFigures] = (),
) -> Figures:
    """The figures of October 2026 under the standard policy."""
    return summarise(assessments, run_as_of(as_of, period=PERIOD), book, history=history, past=past)


def results(
    assessments: Sequence[Assessment],
    *,
    book: Book = BOOK,
    policy: Policy | None = None,
    figures: Figures | None = None,
    problems: Sequence[Problem] = (),
    sample: Sequence[ServiceRequest] = (),
) -> Results:
    """The results of October 2026, with the figures of these assessments unless others are given."""
    run = run_as_of(AS_OF, period=PERIOD, policy=policy)
    return Results(
        run=run,
        run_id=RUN_ID,
        book=book,
        assessments=tuple(assessments),
        figures=figures or summarise(assessments, run, book),
        problems=tuple(problems),
        sample=tuple(sample),
    )


def documents_of(
    assessments: Sequence[Assessment],
    *,
    book: Book = BOOK,
    policy: Policy | None = None,
    templates: Sequence[Path] = (),
    full: bool = True,
) -> tuple[Job, ...]:
    """All documents of October 2026, with every line of every list unless they are to be short."""
    return documents.plan(results(assessments, book=book, policy=policy), templates=templates, full=full)
