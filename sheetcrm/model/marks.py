"""What a marked copy of a workbook shows: fills on its cells at fault, and a sheet that lists all problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sheetcrm.model.cells import Severity

CellMarks: TypeAlias = Mapping[tuple[int, int], Severity]
"""The cells of a sheet at fault, by row and column (1-based), each with its worst problem."""


class ListedProblem(NamedTuple):
    """A row of the list: its texts, one a column, and where its link leads: a sheet, and an address in it."""

    texts: tuple[str, ...]
    sheet: str
    address: str
    """A cell `G12`, a row `12:12`, a column `G:G`; blank where the problem has no place in the sheet."""


@dataclass(frozen=True, slots=True)
class ProblemList:
    """The sheet that lists a workbook's problems.

    `title` stands at its top, `legend` explains the fills below. `header` and `widths` are of its columns;
    `linked` is the column whose cells are links, `graded` the one that names the severity (0-based).
    """

    name: str
    title: str
    legend: str
    header: tuple[str, ...]
    widths: tuple[float, ...]
    linked: int
    graded: int
    rows: Sequence[ListedProblem]
