"""Name what was not read: the columns nobody knows, and the sheets (practice §1.6, §1.7). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sheetcrm import privacy, schema
from sheetcrm.intake.find.headers import field_of
from sheetcrm.intake.find.labels import LONGEST_LABEL
from sheetcrm.intake.find.nearest import Proposal, candidates, kinds_like, nearest
from sheetcrm.intake.open.grid import Grid
from sheetcrm.model import CellRef, Column, Problem, RawValue, Table
from sheetcrm.problems import listed, problem, shown

_SEARCHED = 60
"""The rows at the top of a sheet among which its header is looked for."""
_FEWEST = 3
"""Texts side by side that may be a header nobody knows."""
_SAMPLES = 20
_MOST = 100
"""Columns of a table that are named, at most."""


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    """A header that is no field: where it stands, what stands below it, and the kinds its sheet may be of.

    `taken` are the fields that other headers of the sheet are.
    """

    ref: CellRef
    text: str
    cells: tuple[RawValue, ...]
    kinds: tuple[str, ...]
    taken: frozenset[str] = frozenset()

    def candidates(self) -> list[Proposal]:
        """List the fields it is like."""
        return candidates(self.text, self.kinds, self.cells, taken=self.taken)

    def nearest(self) -> Proposal | None:
        """Find the field it is most like."""
        return nearest(self.text, self.kinds, self.cells, taken=self.taken)


def unknown_columns(table: Table, beside: Table | None) -> list[UnknownHeader]:
    """List the columns of a table that hold something and were read as nothing."""
    read = {column.index for column in beside.columns} if beside else set[int]()
    kinds = tuple(filter(None, (table.kind, schema.BESIDE.get(table.kind))))
    columns = (*table.columns, *(beside.columns if beside else ()))
    taken = frozenset(column.name for column in columns if column.name)
    unknown: list[UnknownHeader] = []
    for at, column in enumerate(table.columns):
        if column.name is not None or not column.label or column.index in read or _is_ours(column, kinds):
            continue
        cells = tuple(islice((row[at] for row in table.values if row[at] is not None), _SAMPLES))
        if cells:
            ref = CellRef(table.file, table.sheet, column.row or table.header_row, column.index)
            unknown.append(UnknownHeader(ref, column.label, cells, kinds, taken))
    return unknown[:_MOST]


def _is_ours(column: Column, kinds: Iterable[str]) -> bool:
    """Return whether a column is the second that names one of the program's own: that one is written already."""
    matches = (field_of(kind, column.label) for kind in kinds)
    return any(match[0].ours for match in matches if match)


def unused(headers: Iterable[UnknownHeader]) -> list[Problem]:
    """Say of each column that was read as nothing what it is most like."""
    problems: list[Problem] = []
    for header in headers:
        like = header.nearest()
        label = f"“{like.field.label}”" if like else ""
        problems.append(
            problem(
                "column-unused",
                header.ref,
                label=shown(privacy.mask_text(header.text)),
                nearest=f"，最像{label}" if like else "，没有相近的字段",
                fix=f"如果就是{label}，请运行 sheetcrm map 并在表头对照里确认，或改写表头；不需要可不理"
                if like
                else "不需要可不理；需要时可运行 sheetcrm map 选一个字段",
            )
        )
    return problems


def header_of_unread(grid: Grid) -> list[UnknownHeader]:
    """Find what may be the header of a sheet that is of no kind: the row with most labels, else with texts only."""
    best: tuple[int, int] = (0, 0)
    first = 0
    for row in range(grid.top, min(grid.bottom, grid.top + _SEARCHED) + 1):
        texts = [text for _, text in grid.texts(row) if text and len(text) <= LONGEST_LABEL]
        labels = sum(any(field_of(kind.kind, text) for kind in schema.SHEETS) for text in texts)
        best = max(best, (labels, -row))
        if not first and len(texts) >= _FEWEST and len(texts) == sum(cell != "" for cell in grid.row(row)):
            first = row
    row = -best[1] if best[0] > 1 else first or (-best[1] if best[0] else 0)
    if not row:
        return []
    headers = [(column, text) for column, text in grid.texts(row) if text and len(text) <= LONGEST_LABEL][:_MOST]
    kinds = _kinds([text for _, text in headers], grid.sheet)
    matches = (field_of(kind, text) for kind in kinds for _, text in headers)
    taken = frozenset(match[0].name for match in matches if match)
    return [
        UnknownHeader(CellRef(grid.file, grid.sheet, row, column), text, _below(grid, row, column), kinds, taken)
        for column, text in headers
    ]


def unknown_of_unread(grid: Grid) -> list[UnknownHeader]:
    """List the headers of a sheet of no kind that are no field of the kinds it may be of."""
    headers = header_of_unread(grid)
    return [header for header in headers if not any(field_of(kind, header.text) for kind in header.kinds)]


def _kinds(texts: Sequence[str], title: str) -> tuple[str, ...]:
    """Order the kinds a sheet may be of, and with a list of customers the other kind of such a list."""
    likely = kinds_like(texts, title) or [schema.PROFILE.kind]
    other = schema.BESIDE.get(likely[0])
    return (likely[0], other) if other else (likely[0],)


def _below(grid: Grid, row: int, column: int) -> tuple[RawValue, ...]:
    cells = (grid.at(below, column) for below in range(row + 1, grid.bottom + 1))
    return tuple(islice((cell for cell in cells if cell != "" and cell is not None), _SAMPLES))


def unread_sheet(grid: Grid) -> list[Problem]:
    """Name a sheet that is of no kind, with the columns that would be known and the kind it is nearest to.

    Where several of its headers are or may be fields of that kind, the others are named with their nearest field too.
    """
    headers = header_of_unread(grid)
    if not headers:
        return [problem("sheet-unread", CellRef(grid.file, grid.sheet), nearest="", fix="如果不是数据表，可不理")]
    kind = schema.sheet(headers[0].kinds[0])
    labels = [header.text for header in headers if field_of(kind.kind, header.text)]
    recognised = f"，认得的列有{listed([shown(label) for label in labels])}" if labels else "，没有认得的列"
    sheet_problem = problem(
        "sheet-unread",
        headers[0].ref,
        nearest=f"{recognised}，最像{kind.title}",
        fix=f"如果是{kind.title}，请运行 sheetcrm map 并在表头对照里确认各列；不是数据表可不理",
    )
    unknown = [header for header in headers if not any(field_of(one, header.text) for one in header.kinds)]
    likely = sum(like is not None for like in (header.nearest() for header in headers))
    return [sheet_problem, *(unused(unknown) if likely > _FEWEST else ())]
