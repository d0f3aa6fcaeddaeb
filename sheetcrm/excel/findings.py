"""Problems to what a marked copy shows: the cells at fault, and the rows of the sheet 检查结果 (practice §1.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sheetcrm.model import CellMarks, CellRef, ListedProblem, Problem, ProblemList, Severity, column_letters
from sheetcrm.ooxml.own_sheets import FINDINGS_MARK, FINDINGS_SHEET
from sheetcrm.privacy import NUMBERS_ALONE, Gate
from sheetcrm.problems import address, title_of
from sheetcrm.text.printable import one_line

_COLUMNS = (
    ("客户经理", 10),
    ("工作表", 15),
    ("单元格", 9),
    ("级别", 7),
    ("种类", 16),
    ("发现了什么", 48),
    ("怎么改", 40),
    ("客户编号", 13),
    ("客户名称", 22),
)
_LINKED, _GRADED = 2, 3
_LEGEND = "← 出错单元格的底纹：错误是实底，警告是斜线，提示是点；一格有几个问题时按最重的画"
_MOST_ROWS = 200_000
_OF_A_COLUMN = frozenset({"column-unreadable"})
_ORDER = tuple(Severity)


class RowCustomer(NamedTuple):
    """The customer a row of a workbook is about, as far as it is known."""

    customer_id: str = ""
    name: str = ""
    owner: str = ""


def cells_at_fault(problems: Iterable[Problem]) -> Mapping[str, CellMarks]:
    """Return the cells that problems of one workbook are about, by sheet, each with its worst severity. Pure."""
    marks: dict[str, dict[tuple[int, int], Severity]] = {}
    for entry in problems:
        for ref in (entry.ref, *entry.further):
            if ref.sheet and ref.row and ref.column:
                sheet = marks.setdefault(ref.sheet, {})
                place = ref.row, ref.column
                sheet[place] = min(sheet.get(place, entry.severity), entry.severity, key=_ORDER.index)
    return marks


def list_problems(
    problems: Sequence[Problem],
    customer_of: Callable[[CellRef], RowCustomer],
    *,
    as_of: date,
    gate: Gate = NUMBERS_ALONE,
) -> ProblemList:
    """List the problems of one workbook, those of each 客户经理 together, the others after them. Pure.

    Args:
        problems: They are of this workbook alone.
        customer_of: Finds whose a row is.
        as_of: The day they were judged on.
        gate: What the listed texts pass: the names of customers and contacts are no part of a finding.
    """
    cells = [(customer_of(entry.ref), entry) for problem in problems for entry in _each_cell(problem)]
    cells.sort(key=lambda pair: (not pair[0].owner, pair[0].owner, pair[1].ref, pair[1].kind, pair[1].what))
    rows = [_row(entry, customer, gate) for customer, entry in cells[:_MOST_ROWS]]
    more = f"，只列出前 {_MOST_ROWS} 行" if len(cells) > _MOST_ROWS else ""
    count = f"{len(problems)} 个问题{more}" if problems else "没有发现问题"
    return ProblemList(
        name=FINDINGS_SHEET,
        title=f"{FINDINGS_MARK} check --marked，按 {as_of} 判断）：{count}。"
        "点单元格地址可跳到那里；改好后再检查一次，这张表和底纹会重做",
        legend=_LEGEND,
        header=tuple(title for title, _ in _COLUMNS),
        widths=tuple(width for _, width in _COLUMNS),
        linked=_LINKED,
        graded=_GRADED,
        rows=rows,
    )


def _each_cell(entry: Problem) -> Iterator[Problem]:
    """Yield a problem, and one for each further cell, so that each 客户经理 has his own; a column's stays one."""
    yield entry
    if entry.kind not in _OF_A_COLUMN:
        what = f"和 {address(entry.ref)} 是同一个问题"
        yield from (replace(entry, ref=ref, what=what, further=()) for ref in entry.further)


def _row(entry: Problem, customer: RowCustomer, gate: Gate) -> ListedProblem:
    texts = (
        customer.owner,
        entry.ref.sheet,
        _shown(entry.ref),
        entry.severity.value,
        title_of(entry.kind),
        entry.what,
        entry.fix,
        customer.customer_id,
        customer.name,
    )
    return ListedProblem(tuple(gate(one_line(text)) for text in texts), entry.ref.sheet, _address(entry.ref))


def _address(ref: CellRef) -> str:
    """Return where a link leads: a cell, a whole row or column; the sheet's first cell where it is the sheet."""
    if not ref.sheet:
        return ""
    if ref.column:
        letters = column_letters(ref.column)
        return f"{letters}{ref.row}" if ref.row else f"{letters}:{letters}"
    return f"{ref.row}:{ref.row}" if ref.row else "A1"


def _shown(ref: CellRef) -> str:
    if ref.column or not ref.sheet:
        return _address(ref)
    return f"第{ref.row}行" if ref.row else "整张表"
