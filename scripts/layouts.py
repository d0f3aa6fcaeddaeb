"""Lay out sheets by chance, with all that people keep around a list, and see that results are written beside it.

A case is a list of customers as a plain range, an Excel table or under a filter, and around it further tables, blocks,
merges, stray cells, hidden and grouped columns, print areas and array formulas. A whole month is decided on it, twice.
Nothing of it may be lost or changed and no structure be illegal that was not; the second time no other customer or row
may be read, and no byte differ.
`python -m scripts.layouts --cases 2500`; the seed is the day's unless `--seed` names one, and is printed. A case
depends on seed and number alone: `--only 123 --keep FOLDER` writes one to look at.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import cast

import openpyxl
import xlsxwriter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet as ReadSheet
from xlsxwriter.exceptions import OverlappingRange
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from sheetcrm.errors import SheetcrmError
from sheetcrm.model import Receipt
from sheetcrm.periods import month_of
from sheetcrm.policy.loading import standard
from sheetcrm.policy.run import Run
from sheetcrm.runs.prepare import Plan, prepare
from sheetcrm.store.files.inputs import InputFile
from tests import hostile
from tests.invariants import new_findings

FILE, SHEET = "客户.xlsx", "客户分级评估打分表"
_DAY = date(2026, 10, 31)
_HEADER = (
    "客户编号",
    "客户名称",
    "最近消费时间(R,权重20%)",
    "消费频次(F,权重15%)",
    "消费金额(M,权重35%)",
    "行业潜力(权重15%)",
    "忠诚度(复购率15%)",
)
_FOLLOW_UPS = ("客户编号", "客户名称", "跟进日期", "跟进方式", "跟进人", "跟进内容", "下一步行动")
_LAST_ROW, _LAST_COLUMN = 1_048_575, 16_383
_COUNTS = (("类别", "个数"), ("等级", "个数"), ("客户等级", "户数"))
_TIERS = ("VIP客户", "重点客户", "普通客户", "观察客户")


@dataclass(frozen=True, slots=True)
class Fault:
    """A case in which something is not as it must be."""

    number: int
    what: str


@dataclass(slots=True)
class Outcomes:
    """What came of all cases: how many were written, refused by which name, and what was wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class _Sheet:
    """A sheet in the making: where its list begins, how many rows and columns it has, and what is taken."""

    workbook: Workbook
    sheet: Worksheet
    chance: random.Random
    top: int
    left: int
    rows: int
    header: Sequence[str]
    taken: list[tuple[int, int, int, int]] = field(default_factory=list)

    @property
    def right(self) -> int:
        """The last column of its list."""
        return self.left + len(self.header) - 1

    @property
    def bottom(self) -> int:
        """The last row of its list."""
        return self.top + self.rows

    def take(self, area: tuple[int, int, int, int]) -> bool:
        """Take an area (first row and column, last row and column, from 0) if nothing stands in it."""
        if any(
            area[0] <= other[2] and other[0] <= area[2] and area[1] <= other[3] and other[1] <= area[3]
            for other in self.taken
        ):
            return False
        self.taken.append(area)
        return True


def main() -> int:
    """Lay out as many sheets as asked for; 1 if anything is wrong with one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=date.today().toordinal())  # noqa: DTZ011  (any day's will do)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    numbers = range(asked.cases) if asked.only is None else range(asked.only, asked.only + 1)
    print(f"seed {asked.seed}", flush=True)
    started = time.monotonic()
    outcomes = run(numbers, seed=asked.seed)
    print(f"{len(numbers)} sheets, seed {asked.seed}, {time.monotonic() - started:.0f} s")
    for outcome, count in outcomes.counts.most_common():
        print(f"{count:7}  {outcome}")
    for fault in outcomes.faults:
        print(f"\nsheet {fault.number}: {fault.what}")
    for number in {fault.number for fault in outcomes.faults} | ({asked.only} - {None}) if asked.keep else ():
        asked.keep.mkdir(parents=True, exist_ok=True)
        data = lay_out(number, seed=asked.seed)
        (asked.keep / f"{asked.seed}-{number}.xlsx").write_bytes(data)
        with suppress(SheetcrmError):
            (asked.keep / f"{asked.seed}-{number}-after.xlsx").write_bytes(_decide(data).workbooks[0].data)
    return 1 if outcomes.faults else 0


def run(numbers: Sequence[int], *, seed: int) -> Outcomes:
    """Decide a month on each of the sheets, and compare."""
    outcomes = Outcomes()
    for number in numbers:
        try:
            outcome, faults = _try(lay_out(number, seed=seed))
        except Exception:  # noqa: BLE001  (whatever it is, it is what we look for)
            outcome, faults = "stopped", [traceback.format_exc()]
        outcomes.counts[outcome] += 1
        outcomes.faults += [Fault(number, what) for what in faults]
    return outcomes


def _try(before: bytes) -> tuple[str, list[str]]:
    try:
        plan = _decide(before)
    except SheetcrmError as error:
        return f"refused: {error.kind}", []
    if not plan.workbooks:
        return "not written", []
    (planned,) = plan.workbooks
    faults = [f"illegal: {finding}" for finding in new_findings(before, planned.data)]
    faults += _differences(before, planned.data, planned.receipt)
    faults += _differences_of_second(plan, planned.data)
    kinds = sorted({remark.kind for remark in planned.receipt.remarks})
    return f"written{': ' if kinds else ''}{', '.join(kinds)}", faults


def _differences_of_second(first: Plan, after: bytes) -> Iterator[str]:
    """Yield what a second run, over the results, reads or writes otherwise."""
    try:
        second = _decide(after)
    except (SheetcrmError, ValueError) as error:
        yield f"refused the second time: {getattr(error, 'kind', '')} {error!r}"
        return
    rows, again = _rows_of(first), _rows_of(second)
    if rows != again:
        yield f"other rows the second time: not {sorted(rows - again)[:3]}, but {sorted(again - rows)[:3]}"
    if len(second.workbooks) != 1:
        yield "not written the second time"
    elif second.workbooks[0].data != after:
        yield f"written otherwise the second time: {second.workbooks[0].receipt.written[:3]}"


def _rows_of(plan: Plan) -> set[tuple[str, str, int, str]]:
    """Return who was read from where: each customer, and each row of every table of the sheet."""
    tables = plan.reading.book.tables
    rows = {(table.kind, table.sheet, row, "") for table in tables for row in table.rows}
    customers = ((entry.customer.customer_id, entry.customer.name) for entry in plan.assessments)
    return rows | {("customer", key, 0, name) for key, name in customers}


def _decide(data: bytes) -> Plan:
    return prepare((InputFile(FILE, Path(FILE), data, ""),), _month())


@cache
def _month() -> Run:
    return Run.of(standard(), month_of(_DAY), _DAY, today=_DAY)


# --- what must be as it was ---------------------------------------------------------------------------------------


def _differences(before: bytes, after: bytes, receipt: Receipt) -> Iterator[str]:
    """Yield what was lost or changed besides the cells on the receipt, and those of them that held something."""
    old, new = hostile.members(before), hostile.members(after)
    if list(old) != list(new):
        yield f"parts differ: {old.keys() ^ new.keys()}"
    if changed := {name for name in old if old[name] != new[name]} - set(receipt.parts):
        yield f"parts changed that are not on the receipt: {changed}"
    written = {(cell.sheet, cell.row, cell.column) for cell in receipt.written}
    if over := [cell for cell in receipt.written if cell.old]:
        yield f"written over: {over[:3]}"
    kept, found = _cells(before), _cells(after)
    lost = [place for place, value in kept.items() if found.get(place) != value]
    if lost:
        yield f"{len(lost)} cells lost or changed: {[(place, kept[place], found.get(place)) for place in lost[:3]]}"
    if more := found.keys() - kept.keys() - written:
        yield f"cells that nobody wrote: {sorted(map(str, more))[:3]}"
    if _frame(before) != _frame(after):
        yield "merges, hidden columns, print areas or views differ"


def _cells(data: bytes) -> dict[tuple[str, int, int], object]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        (sheet.title, *place): cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
        for sheet in book.worksheets
        for place, cell in sheet._cells.items()  # noqa: SLF001  (iter_rows would pass over billions of blank ones)
        if cell.value is not None
    }


def _frame(data: bytes) -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [_frame_of(sheet) for sheet in book.worksheets]


def _frame_of(sheet: ReadSheet) -> object:
    merges = sorted(str(merge) for merge in sheet.merged_cells.ranges)
    return merges, str(sheet.print_area), sheet.print_title_rows, sheet.freeze_panes


# --- layouts -------------------------------------------------------------------------------------------------------


def lay_out(number: int, *, seed: int) -> bytes:
    """Make the workbook of a case."""
    chance = random.Random(f"{seed} {number}")
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": datetime(2026, 10, 1)})  # noqa: DTZ001  (Excel knows no zones)
        names = [name for name in ("联系电话", "备注", "负责片区") if _happens(chance, 0.2)]
        made = _Sheet(
            workbook,
            workbook.add_worksheet(SHEET),
            chance,
            top=chance.choice((0, 0, 0, 1, 3)),
            left=chance.choice((0, 0, 0, 1)),
            rows=chance.randint(1, 8),
            header=(*_HEADER, *names),
        )
        whole = _add_list(made)
        for _ in range(chance.randint(1, 6)):
            chance.choice(_PIECES)(made)
    return _with_whole_columns(buffer.getvalue(), made) if whole else buffer.getvalue()


def _add_list(made: _Sheet) -> bool:
    """Write the customers, as people lay lists out; return whether its filter is to be on whole columns."""
    chance, sheet = made.chance, made.sheet
    sheet.write_row(made.top, made.left, made.header)
    for row in range(made.top + 1, made.bottom + 1):
        figures = [f"{chance.randint(1, 300)}天", f"{chance.randint(1, 20)}次/年", chance.randint(1, 900) * 1000]
        texts = [chance.choice(("高", "中", "低")), chance.randint(10, 99) / 100, *["x"] * (len(made.header) - 7)]
        sheet.write_row(row, made.left, [f"C{row:03}", f"公司{row}", *figures, *texts])
    bottom = made.bottom
    way = chance.choice(("table",) * 9 + ("filter",) * 5 + ("whole columns",) + ("plain",) * 5)
    if way == "table":
        bottom += chance.choice((0, 0, 3, 30, 100))
        columns = [{"header": label} for label in made.header]
        options = {"columns": columns, "name": "客户表", "total_row": _happens(chance, 0.1)}
        sheet.add_table(made.top, made.left, bottom + bool(options["total_row"]), made.right, options)
        bottom += bool(options["total_row"])
    elif way != "plain":
        bottom += chance.choice((0, 0, 4))
        right = made.right + chance.choice((0, 0, 0, -2, 2))
        sheet.autofilter(made.top, made.left, bottom, right)
    made.take((made.top, made.left, bottom, made.right))
    return way == "whole columns" and made.top == 0


def _with_whole_columns(data: bytes, made: _Sheet) -> bytes:
    """State the sheet's filter by its columns alone, as Excel does where people select columns."""
    first, last = chr(65 + made.left), chr(65 + made.right)
    old = hostile.members(data)
    part = old["xl/worksheets/sheet1.xml"].decode()
    begin = part.index('<autoFilter ref="') + len('<autoFilter ref="')
    stated = part[begin : part.index('"', begin)]
    corners = stated.split(":")
    absolute = ":".join(f"${corner[0]}${corner[1:]}" for corner in corners)
    book = old["xl/workbook.xml"].decode().replace(absolute, f"${first}:${last}", 1)
    part = (
        part.replace(f'<autoFilter ref="{stated}"', f'<autoFilter ref="{first}:{last}"', 1)
        if ":$" in absolute
        else part
    )
    old |= {"xl/worksheets/sheet1.xml": part.encode(), "xl/workbook.xml": book.encode()}
    return hostile.package(old)


def _happens(chance: random.Random, share: float) -> bool:
    """Return whether something that comes in this share of the cases comes in this one."""
    return chance.random() < share


def _somewhere(made: _Sheet) -> tuple[int, int]:
    """Choose a place near the list: beside it, below it, beside its lower rows, or far away."""
    chance = made.chance
    row = chance.choice((made.top, made.top + 1, made.bottom, made.bottom + 2, made.bottom + 6, made.bottom + 40, 3))
    column = made.right + chance.choice((-6, 1, 2, 3, 4, 9, 18, 19, 20, 45))
    return row + chance.randint(0, 2), max(0, column)


def _add_stray_cells(made: _Sheet) -> None:
    for _ in range(made.chance.randint(1, 4)):
        row, column = _somewhere(made)
        if _happens(made.chance, 0.2):
            row, column = made.chance.choice(
                ((made.top, _LAST_COLUMN), (300, _LAST_COLUMN), (_LAST_ROW, _LAST_COLUMN), (_LAST_ROW, 3))
            )
        if made.take((row, column, row, column)):
            made.sheet.write(row, column, made.chance.choice(("高", 5, "=1+1", "说明：请勿改动")))


def _add_merge(made: _Sheet) -> None:
    row, column = _somewhere(made)
    area = (row, column, row + made.chance.randint(0, 2), column + made.chance.randint(1, 4))
    if made.take(area):
        with suppress(OverlappingRange):
            made.sheet.merge_range(*area, made.chance.choice(("", "合并")))


def _add_table(made: _Sheet) -> None:
    """Add a further Excel table, of nothing the program reads or of follow-ups."""
    row, column = _somewhere(made)
    header = made.chance.choice((("名称", "数量", "备注"), _FOLLOW_UPS))
    area = (row, column, row + made.chance.randint(1, 4), column + len(header) - 1)
    if made.take(area):
        name = f"表{len(made.taken)}"
        with suppress(OverlappingRange):  # a filter wider than its list
            made.sheet.add_table(*area, {"columns": [{"header": label} for label in header], "name": name})
            _write_block(made, area, header)


def _add_block(made: _Sheet) -> None:
    """Add a further list without a table of Excel's."""
    row, column = _somewhere(made)
    header = made.chance.choice((*_COUNTS, ("名称", "数量", "备注"), _FOLLOW_UPS))
    area = (row, column, row + made.chance.randint(1, 4), column + len(header) - 1)
    if made.take(area):
        _write_block(made, area, header)


def _add_count(made: _Sheet) -> None:
    """Add a count by tier beside the list, under the same header row."""
    column = made.right + made.chance.choice((2, 3, 9, 25))
    area = (made.top, column, made.top + made.chance.randint(2, 4), column + 1)
    if made.take(area):
        _write_block(made, area, made.chance.choice(_COUNTS))


def _write_block(made: _Sheet, area: tuple[int, int, int, int], header: Sequence[str]) -> None:
    made.sheet.write_row(area[0], area[1], header)
    for row in range(area[0] + 1, area[2] + 1):
        values = ("C001", "公司1", "2026-10-05", "电话", "张三", "已沟通", "10月20日前报价")[: len(header)]
        words = _TIERS[row - area[0] - 1 :][:1] if header in _COUNTS else ("甲",)
        made.sheet.write_row(row, area[1], values if header is _FOLLOW_UPS else (*words, row, "乙")[: len(header)])


def _add_columns(made: _Sheet) -> None:
    """Hide columns, group them, or give them a width or a format."""
    first = made.right + made.chance.choice((-2, 1, 1, 2, 10))
    last = made.chance.choice((first, first + 3, _LAST_COLUMN))
    shown = made.chance.choice(({"hidden": True}, {"level": 1, "hidden": True}, {"level": 1}, {}))
    look = made.workbook.add_format({"bg_color": "yellow"}) if _happens(made.chance, 0.3) else None
    made.sheet.set_column(first, last, made.chance.choice((None, 4, 30)), look, dict(shown))
    if "level" in shown and last < _LAST_COLUMN:
        made.sheet.set_column(last + 1, last + 1, None, None, {"collapsed": True})


def _add_page(made: _Sheet) -> None:
    area = (made.top, made.left, made.bottom, made.right + made.chance.choice((0, 0, 30)))
    made.sheet.print_area(*area)
    made.sheet.repeat_rows(made.top)
    made.sheet.freeze_panes(made.top + 1, 2)
    made.sheet.fit_to_pages(1, 0)


def _add_array(made: _Sheet) -> None:
    row, column = _somewhere(made)
    area = (row, column, row + made.chance.randint(0, 3), column + made.chance.randint(0, 1))
    if made.take(area):
        made.sheet.write_array_formula(*area, "{=ROW(A1:A9)}", None, 1)
        for at in range(area[0], area[2] + 1):
            for place in range(area[1], area[3] + 1):
                if (at, place) != area[:2]:
                    made.sheet.write_number(at, place, 1)


def _add_styled_blanks(made: _Sheet) -> None:
    row, column = _somewhere(made)
    look = made.workbook.add_format({"border": 1})
    for at in range(row, row + 5):
        for place in range(column, column + made.chance.choice((2, 30))):
            if made.take((at, place, at, place)):
                made.sheet.write_blank(at, place, None, look)


def _add_summary(made: _Sheet) -> None:
    """Add a sheet of formulas over the list, some of whole rows."""
    if made.workbook.get_worksheet_by_name("汇总"):
        return
    sheet = cast("Worksheet", made.workbook.add_worksheet("汇总"))
    row = made.top + 2
    for at, formula in enumerate((f"SUM({SHEET}!{row}:{row})", f"COUNTA({SHEET}!A1:Z9)", f"SUM({SHEET}!E:E)", "1+1")):
        sheet.write_formula(at, 1, f"={formula}", None, 0)


def _add_rules(made: _Sheet) -> None:
    area = (made.top + 1, made.left, made.bottom, made.right + made.chance.choice((0, 3)))
    red = made.workbook.add_format({"bg_color": "red"})
    made.sheet.conditional_format(*area, {"type": "cell", "criteria": ">", "value": 5, "format": red})
    made.sheet.data_validation(made.top + 1, made.right, made.bottom, made.right, {"validate": "any"})


_PIECES = (
    _add_stray_cells,
    _add_stray_cells,
    _add_merge,
    _add_merge,
    _add_table,
    _add_table,
    _add_block,
    _add_block,
    _add_count,
    _add_columns,
    _add_page,
    _add_array,
    _add_styled_blanks,
    _add_summary,
    _add_rules,
)


if __name__ == "__main__":
    sys.exit(main())
