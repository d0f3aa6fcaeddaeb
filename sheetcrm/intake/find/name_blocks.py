"""Decides which rows below a list by names only are no part of it (practice §1.7). Pure.

Names have no pattern. A block of its own begins with a word that heads one (制表人, 备注, 等级统计, 序号), or after a
blank row with a row that holds none of the table's figures and at most one cell, which does not fit its column: a
heading, a count. It goes on to the next blank row, or to a row that is as full as the list's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import median_low

from sheetcrm import schema
from sheetcrm.intake.find.looks import fit, looks_of
from sheetcrm.intake.find.row_content import FIGURES, is_blank, is_figure, report, runs
from sheetcrm.model import Problem, RawValue, Table
from sheetcrm.text.folding import fold

_NAME = "name"
_HEADS = re.compile(
    r"(?:制表|编制|填表|填报|审核|审批|复核|核对|批准|经办|统计|记录|更新)(?:人|者|单位|部门|日期|时间)?|签字|签名|盖章"
    r"|日期|时间|截至.*|数据截至.*|数据来源.*|备注|说明|附注|注|主管|负责人|序号|编号|事项|任务|步骤"
    r"|[本下上]?[月周年季]?度?(?:工作)?(?:计划|总结|安排|重点)|.*(?:统计|汇总|分布|小计|合计|总计)"
    r"|等级|级别|客户等级|客户级别|户数|客户数|数量|占比|人数|总数|共\d+[户家位个].*"
)
"""Words that head a block below a list: signatures, remarks, plans, counts."""
_BEGIN = frozenset("截数數共")
_END = frozenset("人者位门門期间間字名章源明注註管责責号號项項务務骤驟划劃结結排点點布佈计計总總级級数數量比:：")
"""The characters such a word begins with, or ends in, in either script: most names are ruled out by them."""
_NO_NAME = re.compile(r".*(?:客户|大区|片区|地区|区域|合计|小计|总计|其他)")
"""What a count counts: no customer's name ends so."""
_LONGEST = 24
_SAMPLE = 50
"""Rows of a list that show how full its rows are."""
_WHY = "像是表下面的标题、统计、签名或说明，没有这张表的数字"


def set_aside_by_names(table: Table) -> tuple[Table, tuple[Problem, ...]]:
    """Return a table without the rows that are no part of its list by names, and a remark for each block of them."""
    name = next((at for at, column in enumerate(table.columns) if column.name == _NAME), None)
    if name is None or not table.rows:
        return table, ()
    aside = list(_strange(_Rows(table, name)))
    if not aside:
        return table, ()
    gone = set(aside)
    kept = [at for at in range(len(table.rows)) if at not in gone]
    remarks = tuple(report("rows-aside", table, run, why=_WHY) for run in runs(aside))
    return (
        replace(table, rows=tuple(table.rows[at] for at in kept), values=tuple(table.values[at] for at in kept)),
        remarks,
    )


@dataclass(frozen=True, slots=True)
class _Content:
    """What a row holds beside its name: cells of the table's own fields, figures among them, one that does not fit."""

    cells: int
    figures: int
    misfits: bool


class _Rows:
    """The rows of a table; a row's content is looked at only where it matters."""

    def __init__(self, table: Table, name: int) -> None:
        self.table = table
        self.name = name
        kind = schema.sheet(table.kind)
        self._fields = {at: kind.field(column.name) for at, column in enumerate(table.columns) if column.name}
        del self._fields[name]
        self._usual: tuple[int, int] | None = None

    def content(self, at: int) -> _Content:
        values = self.table.values[at]
        filled = [(field, values[place]) for place, field in self._fields.items() if not is_blank(values[place])]
        figures = sum(is_figure(value, FIGURES.get(field.kind, ())) for field, value in filled)
        misfits = any(fit(field, looks_of((value,)), (value,)) < 0 for field, value in filled)
        return _Content(len(filled), figures, misfits)

    def is_filled(self, at: int, values: Sequence[RawValue]) -> bool:
        """Return whether a row is full, and the word that may head a block stands beside its name."""
        return values[self.name] != _first(values) and self.is_full(self.content(at))

    def is_full(self, content: _Content) -> bool:
        """Return whether a row is as full as most of the list's first ones, and all of it fits."""
        if self._usual is None:
            first = [self.content(at) for at in range(min(len(self.table.rows), _SAMPLE))]
            first = [one for one in first if one.cells > 1] or first
            self._usual = median_low(one.cells for one in first), median_low(one.figures for one in first)
        return not content.misfits and content.cells >= self._usual[0] and content.figures >= self._usual[1]

    def is_half_full(self, content: _Content) -> bool:
        """Return whether a row is at least half as full, or has a figure, and all of it fits."""
        self.is_full(content)
        usual = self._usual[0] if self._usual else 0
        return not content.misfits and (content.figures > 0 or (content.cells > 0 and 2 * content.cells >= usual))


def _strange(rows: _Rows) -> Iterable[int]:
    """Find the rows of blocks of their own, by their places."""
    begun, before, block = "", None, 0
    for at, (number, values) in enumerate(zip(rows.table.rows, rows.table.values, strict=True)):
        first = before is not None and number > before + 1
        begun, before, block = "" if first else begun, number, block + first
        if _is_head(values) and not (_is_name(values[rows.name]) and rows.is_filled(at, values)):
            begun = "head"
        elif begun:
            content = rows.content(at)
            is_customer = rows.is_full(content) if begun == "head" else rows.is_half_full(content)
            begun = "" if is_customer and _is_name(values[rows.name]) else begun
        elif block and (first or is_blank(values[rows.name])):
            begun = "" if _begins_no_block(rows, at) else "heading"
        if begun:
            yield at


def _begins_no_block(rows: _Rows, at: int) -> bool:
    """Return whether the first row after a blank one may be a customer's."""
    name, content = rows.table.values[at][rows.name], rows.content(at)
    if content.cells > 1 or (content.figures and _is_name(name)):
        return True
    if not _is_name(name) or content.misfits:
        return False
    return content.cells > 0 or looks_of((name,)) == "company"


def _is_name(value: RawValue) -> bool:
    """Return whether a cell may hold a customer's name."""
    return isinstance(value, str) and not is_blank(value) and not _is_counted(value)


@lru_cache(maxsize=1 << 12)
def _is_counted(text: str) -> bool:
    folded = fold(text)
    return folded.replace(".", "").isdecimal() or (len(folded) <= _LONGEST and _NO_NAME.fullmatch(folded) is not None)


def _is_head(values: Sequence[RawValue]) -> bool:
    first = _first(values)
    if not isinstance(first, str) or len(first) > _LONGEST:
        return False
    text = first.strip()
    return (text[-1] in _END or text[0] in _BEGIN) and _heads(text)


def _first(values: Sequence[RawValue]) -> RawValue:
    return next((value for value in values if not is_blank(value)), None)


@lru_cache(maxsize=1 << 14)
def _heads(text: str) -> bool:
    return _HEADS.fullmatch(fold(text).rstrip(":")) is not None
