"""What the judges of a review workbook's rows share: a day that was filled in, and why an entry is not taken over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from sheetcrm.model import CellRef, Problem, Table, WrittenValue, quote_sheet
from sheetcrm.model.review import ReviewRow
from sheetcrm.policy.run import Run
from sheetcrm.problems import address, problem, shown

CellsToFill: TypeAlias = Mapping[Table, Mapping[str, dict[int, WrittenValue]]]
"""Cells of people's own columns to fill, while they are gathered: by table, by field, by row."""


class RefusedError(Exception):
    """Why an entry is not taken over."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.kind)
        self.problem = found


def day_of(row: ReviewRow, header: str, run: Run) -> date:
    """Return a day that was filled in; refuse what is none, and a day still to come."""
    text = row.filled[header]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        values = {"label": header, "shown": shown(text), "why": "读不出是哪一天"}
        raise RefusedError(problem("review-date", row.ref(header), **values)) from None
    if day > run.today:
        raise RefusedError(problem("review-date", row.ref(header), label=header, shown=text, why="在今天以后"))
    return day


def place_of(ref: CellRef) -> str:
    """Write a cell's place in a sentence: file, sheet and address. Pure."""
    return f"{ref.file} {quote_sheet(ref.sheet)} {address(ref)}"
