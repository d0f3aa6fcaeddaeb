"""Grades that somebody changed by hand in the program's column (practice §9). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sheetcrm.model import Assessment, Period, Problem
from sheetcrm.problems import problem, shown

Graded = tuple[str, str]
"""A customer in a period: (客户编号, `2026-10`)."""


def graded(assessments: Sequence[Assessment]) -> Mapping[str, Collection[Graded]]:
    """List, by workbook, the grades that stand in a scoring sheet with the period they were given for."""
    grades: dict[str, set[Graded]] = {}
    for entry in assessments:
        row = entry.customer.scoring
        if row and row.period and row.grade:
            grades.setdefault(row.origin.file, set()).add((row.customer_id, row.period))
    return grades


def find(
    assessments: Sequence[Assessment], recorded: Mapping[Graded, Collection[str]], *, period: Period
) -> tuple[Problem, ...]:
    """Point to 人工调整 where 等级 is none of the grades the program gave for the period beside it.

    Args:
        assessments: The customers.
        recorded: The grades on record for what `graded` lists; what is not on record is not in it.
        period: The period of this run: a grade it gives again is no change to report.
    """
    problems = []
    for entry in assessments:
        row = entry.customer.scoring
        if not row or not row.period or not row.grade:
            continue
        grades = recorded.get((row.customer_id, row.period))
        settled = row.grade == entry.grade and (row.period == period.label or entry.override)
        if grades and row.grade not in grades and not settled:
            problems.append(
                problem(
                    "grade-changed-by-hand",
                    row.ref("grade"),
                    found=shown(row.grade),
                    given="或".join(sorted(grades)),
                    period=row.period,
                )
            )
    return tuple(problems)
