"""Makes the policy workbook that people edit (XlsxWriter). The same policy gives the same bytes."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal

from sheetcrm.excel.books.theme import (
    BOX,
    FILING,
    REQUIRED,
    Page,
    choice_list,
    fits_list,
    height,
    new_book,
    print_setup,
)
from sheetcrm.policy import coherence, layout, sheets
from sheetcrm.policy.cells import OTHERWISE, Cell, CellKind
from sheetcrm.policy.glossary import TermKind
from sheetcrm.policy.layout import LayoutColumn, LayoutSheet
from sheetcrm.policy.model import Policy
from sheetcrm.policy.sheets import PlainSheet

GUIDE, MEASURES = "说明", "指标一览"
"""The sheets of explanations, which are not read back."""

_SPARE_ROWS = 200
"""Rows below the last one that get drop-downs and formats too."""
_FIELDS = "E"
"""The column of the list of measures that lists the fields of 表头对照."""
_NO_CHOICE = "下拉选项里没有这个值，仍要使用吗？"
_FIRST_YEAR = 1901
"""Excel knows no earlier days; they are written as text."""
_PAGE_WIDTH = 190
_FORMATS = {CellKind.NUMBER: "General", CellKind.SHARE: "0.##%", CellKind.WHOLE: "0", CellKind.DATE: "yyyy-mm-dd"}
_CENTRED = frozenset(
    {CellKind.NUMBER, CellKind.SHARE, CellKind.WHOLE, CellKind.DATE, CellKind.YES_NO, CellKind.MISSING, CellKind.COLOUR}
)
_KEY_CELL, _STRIPE = "F2F7FC", "DCE6F1"

_STEPS = (
    "每张表第一行是表头，请不要改表头的文字；可以加行、删行、换列的顺序，也可以加自己的列，程序会略过。",
    "改好后存盘，运行 sheetcrm policy check 策略.xlsx；哪个单元格不对，会说出它的位置和改法。",
    "试算：sheetcrm whatif input --policy 策略.xlsx，看哪些客户的等级会变。",
    "使用：sheetcrm run input -o output --policy 策略.xlsx。",
)
_CONDITIONS = (
    (">=500000、<50万、>15%", "数值比较；可以写万、亿、%"),
    ("[6..24)", "从 6 到 24，方括号含这一头，圆括号不含"),
    ("是、否", "是或否"),
    ("高,中", "其中任何一个"),
    ("不是 流失客户", "有值，而且不是它"),
    ("包含 比价|换供应商", "文字里含有其中一个词"),
    ("空、非空", "没有值、有值"),
    (f"{OTHERWISE}（写在规则或条件列）", "以上都不成立时"),
)


def policy_book(policy: Policy) -> bytes:
    """Make the workbook: a sheet of instructions, every sheet of the layout, and the list of measures."""
    plain = {sheet.title: sheet for sheet in sheets.write(policy)}
    with new_book("策略") as (book, data):
        guide = book.add_worksheet(GUIDE)
        for sheet in layout.SHEETS:
            _sheet(Page(book, book.add_worksheet(sheet.title), policy), sheet, plain[sheet.title])
        _measures(Page(book, book.add_worksheet(MEASURES), policy))
        _guide(Page(book, guide, policy))
    return data.getvalue()


def _sheet(page: Page, sheet: LayoutSheet, plain: PlainSheet) -> None:
    at, columns = page.sheet, sheets.headers(sheet, page.policy)
    fixed = 1 if sheet.lines else sheet.keys
    last = max(plain.rows)
    for index, column in enumerate(columns):
        look = _look(column, key=index < fixed)
        at.set_column(index, index, column.width, page.style(**look))
        at.write_string(0, index, column.label, page.style(**_HEADER))
        _validate(page, column, (1, index, last + _SPARE_ROWS, index))
    widths = [column.width for column in columns]
    at.set_row(0, height([column.label for column in columns], widths) + 8)
    groups = _groups(plain, sheet)
    for row in range(2, last + 1):
        cells = [plain.rows[row].get(index) for index in range(1, len(columns) + 1)]
        at.set_row(row - 1, height([_text(cell) for cell in cells], widths))
        for index, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            _write(page, row - 1, index, column, cell, key=index < fixed, striped=groups[row])
    _settings_lists(page, sheet, plain)
    at.freeze_panes(1, fixed)
    at.autofilter(0, 0, max(last - 1, 1), len(columns) - 1)
    at.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    print_setup(page, f"策略 {sheet.title}", across=math.ceil(sum(widths) / _PAGE_WIDTH))
    at.repeat_rows(0)
    at.repeat_columns(0, fixed - 1)
    at.set_tab_color(f"#{REQUIRED if sheet in (layout.BASICS, layout.CARDS, layout.BANDS, layout.TIERS) else FILING}")


_HEADER = {
    "bold": True,
    "bg_color": REQUIRED,
    "font_color": "FFFFFF",
    "align": "center",
    "text_wrap": True,
    **BOX,
}


def _look(column: LayoutColumn, *, key: bool, striped: bool = False) -> dict[str, object]:
    look: dict[str, object] = {"num_format": _FORMATS.get(column.kind, "@"), "text_wrap": True, **BOX}
    if column.kind in _CENTRED:
        look["align"] = "center"
    elif column is layout.BASICS.columns[1]:
        look["align"] = "left"
    if key:
        look |= {"bold": True, "bg_color": _STRIPE if striped else _KEY_CELL}
    return look


def _write(page: Page, row: int, index: int, column: LayoutColumn, cell: Cell, *, key: bool, striped: bool) -> None:
    look = _look(column, key=key, striped=striped)
    if column.kind is CellKind.COLOUR and isinstance(cell, str):
        look["bg_color"] = cell
    if isinstance(cell, Decimal) and Decimal(repr(float(cell))) == cell:
        if column.label == "取值" and 0 < cell < 1:
            look["num_format"] = _FORMATS[CellKind.SHARE]
        page.sheet.write_number(row, index, float(cell), page.style(**look))
    elif isinstance(cell, date) and cell.year >= _FIRST_YEAR:
        page.sheet.write_datetime(row, index, datetime.combine(cell, time()), page.style(**look))
    elif cell is None:
        page.sheet.write_blank(row, index, None, page.style(**look))
    else:
        page.sheet.write_string(row, index, _text(cell), page.style(**look))


def _groups(plain: PlainSheet, sheet: LayoutSheet) -> dict[int, bool]:
    """Return which rows are shaded: every other group with the same first key, to tell tables in a sheet apart."""
    shaded: dict[int, bool] = {}
    striped, before = False, None
    for row in sorted(plain.rows):
        first = plain.rows[row].get(1)
        if sheet.keys > 1 and first != before:
            striped = not striped
        shaded[row], before = striped, first
    return shaded


def _validate(page: Page, column: LayoutColumn, cells: tuple[int, int, int, int]) -> None:
    """Offer the choices, and show the column's note when a cell is selected."""
    rule: dict[str, object] = {"validate": "any"}
    options = column.options(page.policy)
    if column.kind is CellKind.MEASURE:
        measures = f"='{MEASURES}'!$A$2:$A${len(coherence.terms(page.policy)) + 1}"
        rule = choice_list(measures, message=_NO_CHOICE)
    elif column in layout.HEADERS.columns and options:
        fields = f"='{MEASURES}'!${_FIELDS}$2:${_FIELDS}${len(options) + 1}"
        rule = choice_list(fields, message=_NO_CHOICE)
    elif fits_list(options):
        rule = choice_list(list(options), message=_NO_CHOICE)
    if column.note:
        rule |= {"input_title": column.label, "input_message": column.note}
    if len(rule) > 1:
        page.sheet.data_validation(*cells, rule)


def _settings_lists(page: Page, sheet: LayoutSheet, plain: PlainSheet) -> None:
    """Offer the choices of each setting in 基本 and 分类角色."""
    settings = {setting.label: setting for setting in sheet.lines}
    for row, cells in plain.rows.items():
        setting = settings.get(_text(cells.get(1)))
        if setting:
            column = LayoutColumn(setting.label, kind=setting.kind, choices=setting.choices, note=setting.note)
            _validate(page, column, (row - 1, 1, row - 1, 1))


def _measures(page: Page) -> None:
    at, widths = page.sheet, (26, 10, 60)
    for index, (label, width) in enumerate(zip(("指标", "值", "可以写"), widths, strict=True)):
        at.set_column(index, index, width, page.style())
        at.write_string(0, index, label, page.style(**_HEADER))
    for row, term in enumerate(coherence.terms(page.policy).values(), start=1):
        words = "、".join(sorted(term.words)) or ("是、否" if term.kind is TermKind.YES_NO else "")
        at.set_row(row, height((words,), (widths[2],)))
        for index, text in enumerate((term.label, term.kind.value, words)):
            at.write_string(row, index, text, page.style(text_wrap=True, **BOX))
    _fields(page)
    at.freeze_panes(1, 1)
    print_setup(page, f"策略 {MEASURES}", across=1)
    at.set_portrait()
    at.repeat_rows(0)
    at.set_tab_color("#7F7F7F")


def _fields(page: Page) -> None:
    """List the fields a header may be said to stand for, beside the measures."""
    column = next(column for column in layout.HEADERS.columns if column.choices)
    at, index = page.sheet, ord(_FIELDS) - ord("A")
    at.set_column(index, index, column.width, page.style())
    at.write_string(0, index, column.label, page.style(**_HEADER))
    for row, text in enumerate(column.options(page.policy), start=1):
        at.write_string(row, index, text, page.style(**BOX))


def _guide(page: Page) -> None:
    at, widths = page.sheet, (26, 90)
    for index, width in enumerate(widths):
        at.set_column(index, index, width, page.style())
    at.set_row(0, 34)
    at.write_string(0, 0, f"{page.policy.name} {page.policy.version}", page.style(bold=True, font_size=16))
    row = _title(page, 2, "怎么改")
    for number, step in enumerate(_STEPS, start=1):
        row = _pair(page, row, f"第 {number} 步", step)
    row = _title(page, row + 1, "各工作表")
    for sheet in layout.SHEETS:
        link = page.style(font_color="0563C1", underline=1, valign="top", **BOX)
        _pair(page, row, sheet.title, sheet.note)
        at.write_url(row, 0, f"internal:'{sheet.title}'!A1", link, sheet.title)
        row += 1
    row = _pair(page, row, MEASURES, "规则里可以用的全部指标和它们的值，只供查阅，改了不算数。")
    row = _title(page, row + 1, "条件怎么写")
    for written, meaning in _CONDITIONS:
        row = _pair(page, row, written, meaning)
    print_setup(page, f"策略 {GUIDE}", across=1)
    at.fit_to_pages(1, 1)
    at.set_tab_color("#7F7F7F")


def _title(page: Page, row: int, text: str) -> int:
    page.sheet.set_row(row, 26)
    page.sheet.write_string(row, 0, text, page.style(bold=True, font_size=13, font_color=FILING))
    return row + 1


def _pair(page: Page, row: int, *texts: str) -> int:
    page.sheet.set_row(row, height(texts, (26, 90)))
    for index, text in enumerate(texts):
        page.sheet.write_string(row, index, text, page.style(text_wrap=True, valign="top", **BOX))
    return row + 1


def _text(cell: Cell) -> str:
    return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
