"""Makes 汇总.xlsx: all books of a batch side by side, each with links to its own results.

No customer and no contact is in it. The same values give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sheetcrm.excel.books.theme import BOX, REQUIRED, height, new_book, page_setup, print_margins, text_width
from sheetcrm.model import Severity
from sheetcrm.model.branches import BatchSummary, Branch, BranchOutcome
from sheetcrm.model.review import REVIEW_FILE
from sheetcrm.privacy import NUMBERS_ALONE
from sheetcrm.problems import title_of
from sheetcrm.text.printable import one_line, printable

BRANCHES_FILE = "汇总.xlsx"
BOARD_FILE = "index.html"
_FONT = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter", "font_scheme": False}
_LINKED = {"font_color": "0563C1", "underline": 1}
_NAME, _REASON = "分部（文件夹）", "原因"
_WIDE, _NARROW, _REASON_WIDTH, _HEAD = 24, 6.5, 40, 3
_SEVERITIES = tuple(level.value for level in Severity)

_Cell = str | int | None
_COUNTS: Sequence[tuple[str, Callable[[Branch], int]]] = (
    ("达标的承诺", lambda branch: branch.kept),
    ("判定的承诺", lambda branch: branch.judged),
    ("已兑现的计划", lambda branch: branch.promises_kept),
    ("到期的计划", lambda branch: branch.promises_due),
    ("升", lambda branch: branch.up),
    ("降", lambda branch: branch.down),
    ("新", lambda branch: branch.new),
    ("转出", lambda branch: branch.gone),
    ("逾期跟进", lambda branch: branch.overdue),
    ("待审核", lambda branch: branch.awaiting_audit),
    *((level, lambda branch, level=level: branch.count(level)) for level in _SEVERITIES),
)
"""The columns after the tiers: their headers, and what stands there of a branch."""


def branches_book(summary: BatchSummary) -> bytes:
    """Write the workbook: 汇总 (a line a book), 未达标的承诺, 数据问题."""
    with new_book(f"各分部汇总 {summary.period}", NUMBERS_ALONE) as (book, data):
        looks = _Looks(
            title=book.add_format({**_FONT, "bold": True, "font_size": 14}),
            text=book.add_format(dict(_FONT)),
            header=book.add_format(
                {**_FONT, **BOX, "bold": True, "bg_color": REQUIRED, "font_color": "FFFFFF", "text_wrap": True}
            ),
            cell=book.add_format({**_FONT, **BOX}),
            wrapped=book.add_format({**_FONT, **BOX, "text_wrap": True}),
            link=book.add_format({**_FONT, **BOX, **_LINKED}),
            total=book.add_format({**_FONT, **BOX, "bold": True, "bg_color": "F2F2F2"}),
        )
        _write_branches(_Sheet(book, "汇总", looks), summary)
        _write_broken(_Sheet(book, "未达标的承诺", looks), summary)
        _write_problems(_Sheet(book, "数据问题", looks), summary)
    return data.getvalue()


@dataclass(frozen=True, slots=True)
class _Looks:
    """The formats of the workbook."""

    title: Format
    text: Format
    header: Format
    cell: Format
    wrapped: Format
    link: Format
    total: Format


class _Sheet:
    """A sheet that is being written: a title, a line about it, a table."""

    def __init__(self, book: Workbook, name: str, looks: _Looks) -> None:
        self.sheet: Worksheet = book.add_worksheet(name)
        self.name, self.looks = name, looks

    def begin(self, title: str, note: str, headers: Sequence[tuple[str, float]]) -> None:
        """Write what stands above the rows."""
        self.sheet.write_string(0, 0, title, self.looks.title)
        self.sheet.write_string(1, 0, note, self.looks.text)
        for column, (header, width) in enumerate(headers):
            self.sheet.write_string(_HEAD - 1, column, header, self.looks.header)
            self.sheet.set_column(column, column, width)
        self.sheet.set_row(_HEAD - 1, 32)
        self.sheet.freeze_panes(_HEAD, 1)
        self.sheet.repeat_rows(_HEAD - 1)
        page_setup(self.sheet, across=1)
        print_margins(self.sheet, title, "内部资料", "打印日期 &D")

    def put(self, row: int, column: int, value: _Cell, look: Format | None = None) -> None:
        """Write a value: text as text, a number as a number."""
        look = look or self.looks.cell
        if value is None:
            self.sheet.write_blank(row, column, None, look)
        elif isinstance(value, int):
            self.sheet.write_number(row, column, value, look)
        else:
            self.sheet.write_string(row, column, value, look)

    def link(self, row: int, column: int, address: str, text: str) -> None:
        """Write a link to a file of a book's results."""
        if address:
            self.sheet.write_url(row, column, f"external:{address}", self.looks.link, string=text)
        else:
            self.put(row, column, text)

    def end(self, rows: int, columns: int) -> None:
        """Let people filter what was written."""
        if rows:
            self.sheet.autofilter(_HEAD - 1, 0, _HEAD - 1 + rows, columns - 1)


def _write_branches(sheet: _Sheet, summary: BatchSummary) -> None:
    headers = [(_NAME, _WIDE), ("结果", 9), *((label, _width(label)) for label in ("客户", *summary.tiers))]
    headers += [*((label, _width(label)) for label, _ in _COUNTS), ("评审包", 8), (_REASON, _REASON_WIDTH)]
    counts = "，".join(f"{done.value} {count} 本" for done, count in summary.counts.items() if count)
    note = f"{len(summary.outcomes)} 本：{counts}。点文件夹的名称打开它的看板"
    sheet.begin(f"各分部汇总　{summary.period}", note, headers)
    for row, outcome in enumerate(summary.outcomes, start=_HEAD):
        _write_branch(sheet, row, outcome, summary.tiers)
    last, branches = _HEAD + len(summary.outcomes), summary.branches
    numbers = [sum(branch.customers for branch in branches), *(summary.customers_in(tier) for tier in summary.tiers)]
    numbers += [sum(count(branch) for branch in branches) for _, count in _COUNTS]
    for column, value in enumerate(["合计", None, *numbers, None, None]):
        sheet.put(last, column, value, sheet.looks.total)
    sheet.end(len(summary.outcomes), len(headers))


def _width(label: str) -> float:
    """Return the width of a column of counts, whose header may take two lines. Pure."""
    return max(_NARROW, text_width(label) / 2 + 2)


def _write_branch(sheet: _Sheet, row: int, outcome: BranchOutcome, tiers: Sequence[str]) -> None:
    name, branch = one_line(outcome.name), outcome.branch
    values: list[_Cell] = [None] * (1 + len(tiers) + len(_COUNTS))
    if branch:
        by_tier = dict(branch.tiers)
        values = [branch.customers, *(by_tier.get(tier) for tier in tiers), *(count(branch) for _, count in _COUNTS)]
    if branch and BOARD_FILE in outcome.files:
        sheet.link(row, 0, _address(outcome, BOARD_FILE), name)
    else:
        sheet.put(row, 0, name)
    sheet.put(row, 1, outcome.done.value)
    for column, value in enumerate(values, start=2):
        sheet.put(row, column, value)
    review = f"packs/{REVIEW_FILE}"
    if branch and review in outcome.files:
        sheet.link(row, 2 + len(values), _address(outcome, review), "打开")
    else:
        sheet.put(row, 2 + len(values), None)
    reason = one_line("；".join(outcome.reasons))
    sheet.put(row, 3 + len(values), reason, sheet.looks.wrapped)
    if reason:
        sheet.sheet.set_row(row, height([reason], [_REASON_WIDTH]))


def _write_broken(sheet: _Sheet, summary: BatchSummary) -> None:
    headers = ((_NAME, _WIDE), ("等级", 14), ("承诺", 16), ("实际", 12), ("应达到", 12))
    rows = [(one.name, entry) for one in summary.outcomes if one.branch for entry in one.branch.broken]
    sheet.begin(f"未达标的承诺　{summary.period}", "各分部对各等级的承诺里没有做到的", headers)
    for row, (name, entry) in enumerate(rows, start=_HEAD):
        for column, text in enumerate((one_line(name), entry.tier, entry.label, entry.value, entry.least)):
            sheet.put(row, column, text)
    sheet.end(len(rows), len(headers))


def _write_problems(sheet: _Sheet, summary: BatchSummary) -> None:
    headers = ((_NAME, _WIDE), ("程度", 10), ("问题", 30), ("处", _NARROW))
    rows: list[tuple[_Cell, ...]] = [
        (one_line(one.name), severity, title_of(kind), count)
        for one in summary.outcomes
        if one.branch
        for severity, kind, count in sorted(one.branch.problems, key=lambda entry: _SEVERITIES.index(entry[0]))
    ]
    sheet.begin(f"数据问题　{summary.period}", "单元格和改法见各分部的评审包", headers)
    for row, values in enumerate(rows, start=_HEAD):
        for column, value in enumerate(values):
            sheet.put(row, column, value)
    sheet.end(len(rows), len(headers))


def _address(outcome: BranchOutcome, file: str) -> str:
    """Return where a file of a book's results lies, seen from the summary's folder; blank if no link can say it."""
    path = f"../{outcome.folder}/{file}"
    if printable(path) != path:
        return ""
    for letter, code in (("%", "%25"), ("#", "%23"), (" ", "%20")):
        path = path.replace(letter, code)
    return path
