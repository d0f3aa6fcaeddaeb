"""Makes the blank workbooks of `sheetcrm init` (XlsxWriter).

Everything in them comes from `schema` (labels, kinds, drop-downs, notes, examples) and the policy
(tier names, weights): a template and its reader cannot drift apart. The same policy gives the same
bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from sheetcrm import schema
from sheetcrm.excel.books.guide import GUIDE, write_card_guide, write_tables_guide
from sheetcrm.excel.books.theme import (
    BOX,
    EXAMPLE,
    FILING,
    FORMATS,
    LINE,
    REQUIRED,
    Page,
    cell_look,
    choice_list,
    column_width,
    fits_list,
    header_look,
    height,
    new_book,
    plain,
    print_setup,
)
from sheetcrm.model.industries import INDUSTRIES
from sheetcrm.policy.model import Policy
from sheetcrm.schema import Field, Kind, Need, Privacy, Sheet

TABLES = "客户台账模板.xlsx"
CARD = "档案卡模板.xlsx"
CARD_SHEET = "档案卡"

_PAGE_WIDTH = 190
"""Characters across an A4 page in landscape, at a readable size."""
_LAST_ROW = 1_048_575
_EARLIEST = date(1950, 1, 1)

_WEIGHT_WORDS = {"recency": "R,权重", "frequency_12m": "F,权重", "spend_12m": "M,权重", "repurchase_rate": "复购率"}
"""The words before the weight in a scoring header, as the practice prints it (practice §1.2)."""
_OFFERED = {(schema.PROFILE.kind, "industry"): INDUSTRIES}
"""Drop-downs that only offer: a cell may hold anything else (制造业-专用设备制造)."""
_TIER_FIELDS = {("override", "grade"), ("standard", "tier")}
_CARD_TABLE = ("date", "summary", "feedback", "next_step", "channel", "person", "due", "overdue")
"""The card's follow-up table, in the order that suits the widths of the columns above it."""
_CARD_WIDTHS = (19, 36, 28, 28, 11, 10, 13, 11)
_CARD_VALUE = 2
_CARD_BLANK_ROWS = 20


def template_books(policy: Policy) -> Mapping[str, bytes]:
    """Return the blank workbooks by file name: one with every table sheet, one with the card layout.

    Each begins with a sheet of instructions. Rows marked `schema.EXAMPLE_MARK` show how to fill in and
    are never read.
    """
    return {TABLES: _tables(policy), CARD: _card(policy)}


def scoring_book(policy: Policy, customers: Sequence[tuple[str, str]]) -> bytes:
    """Return a workbook of one scoring sheet in the template format, with a row for each 客户编号 and 客户名称."""
    with new_book(schema.SCORING.title) as (book, data):
        _table_sheet(Page(book, book.add_worksheet(schema.SCORING.title), policy), schema.SCORING, rows=customers)
    return data.getvalue()


def heading(sheet: Sheet, field: Field, policy: Policy) -> str:
    """Return a field's header: its label, and in the scoring sheet its weight in the policy. Pure."""
    if field.name in schema.SCALES:
        return f"{field.label}({policy.reading.satisfaction_scale})"
    if sheet is schema.SCORING:
        for indicator in policy.card.indicators:
            if indicator.field == field.name:
                return f"{field.label}({_WEIGHT_WORDS.get(field.name, '权重')}{plain(indicator.weight)}%)"
    return field.label


def _tables(policy: Policy) -> bytes:
    with new_book("客户台账模板") as (book, data):
        guide = book.add_worksheet(GUIDE)
        for sheet in schema.SHEETS:
            _table_sheet(Page(book, book.add_worksheet(sheet.title), policy), sheet)
        write_tables_guide(Page(book, guide, policy))
    return data.getvalue()


def _card(policy: Policy) -> bytes:
    with new_book("档案卡模板") as (book, data):
        guide = book.add_worksheet(GUIDE)
        _card_sheet(Page(book, book.add_worksheet(CARD_SHEET), policy))
        write_card_guide(Page(book, guide, policy), CARD_SHEET)
    return data.getvalue()


def _table_sheet(page: Page, sheet: Sheet, *, rows: Sequence[Sequence[str]] = ()) -> None:
    """Draw a table sheet with its rows, or with an example where it has none."""
    at = page.sheet
    titles = [heading(sheet, field, page.policy) for field in sheet.fields]
    widths = [column_width(field, title) for field, title in zip(sheet.fields, titles, strict=True)]
    extras = _extras(sheet, page.policy)
    samples = [schema.EXAMPLE_MARK, *(_sample(sheet, field, page.policy) for field in sheet.fields[1:])]
    at.set_row(0, 38)
    first = 1 if rows else 2
    if not rows:
        at.set_row(1, height(samples, widths))
    for number, values in enumerate(rows, first):
        for column, value in enumerate(values):
            at.write_string(number, column, value, page.style(**cell_look(sheet.fields[column])))
    for column, (field, title, width) in enumerate(zip(sheet.fields, titles, widths, strict=True)):
        folded = {"level": 1, "hidden": True} if field.name in extras else {}
        at.set_column(column, column, width, page.style(**cell_look(field)), folded)
        at.write_string(0, column, title, page.style(**header_look(field)))
        if not rows:
            _example(page, 1, column, field, samples[column])
        _validate(page, sheet, field, (first, column, _LAST_ROW, column))
    if extras:
        after = max(column for column, field in enumerate(sheet.fields) if field.name in extras) + 1
        at.set_column(after, after, widths[after], page.style(**cell_look(sheet.fields[after])), {"collapsed": True})
    fixed = 2 if sheet.keyed else 1
    at.freeze_panes(1, fixed)
    at.autofilter(0, 0, max(1, len(rows)), len(titles) - 1)
    at.ignore_errors({"number_stored_as_text": f"A1:XFD{_LAST_ROW + 1}"})
    if sheet.keyed:
        alarm = page.book.add_format({"bg_color": "FFC7CE", "font_color": "9C0006"})
        at.conditional_format(first, 0, _LAST_ROW, 0, {"type": "duplicate", "format": alarm})
    lines = {"type": "formula", "criteria": f'=$A{first + 1}<>""', "format": page.book.add_format(BOX)}
    at.conditional_format(first, 0, _LAST_ROW, len(titles) - 1, lines)
    shown = sum(width for field, width in zip(sheet.fields, widths, strict=True) if field.name not in extras)
    print_setup(page, sheet.title, across=math.ceil(shown / _PAGE_WIDTH))
    at.repeat_rows(0)
    at.repeat_columns(0, fixed - 1)
    at.set_tab_color(f"#{REQUIRED if sheet.keyed else FILING}")


def _extras(sheet: Sheet, policy: Policy) -> set[str]:
    """Return the scoring sheet's optional indicators that the policy's card does not use: they are folded away."""
    if sheet is not schema.SCORING:
        return set()
    used = {indicator.field for indicator in policy.card.every}
    last = [field.name for field in sheet.fields].index("finance_checker")
    return {field.name for field in sheet.fields[last + 1 :] if not field.ours and field.name not in used}


def _example(page: Page, row: int, column: int, field: Field, text: str) -> None:
    look = {"italic": True, "font_color": "7F6000", "bg_color": EXAMPLE, **BOX}
    style = page.style(**cell_look(field) | look)
    value = _typed(field, text)
    if not text:
        page.sheet.write_blank(row, column, None, style)
    elif isinstance(value, datetime | date):
        if field.kind is Kind.RECENCY:  # days or a date: Excel formats a date that is typed
            style = page.style(**cell_look(field) | look | {"num_format": FORMATS[Kind.DATE]})
        page.sheet.write_datetime(row, column, value, style)
    elif isinstance(value, Decimal):
        page.sheet.write_number(row, column, float(value), style)
    else:
        page.sheet.write_string(row, column, text, style)


def _sample(sheet: Sheet, field: Field, policy: Policy) -> str:
    """Return a field's example; for the standard it is the policy's own text, where it has one."""
    if sheet is not schema.STANDARDS:
        return field.example
    tier = policy.tiers[0].standard
    return {
        "typical": tier.typical,
        "goal": tier.goal,
        "content": "；".join(tier.benefits),
        "resources": tier.team,
        "roles": "、".join(tier.roles),
    }.get(field.name, field.example)


def _typed(field: Field, text: str) -> str | date | datetime | Decimal:
    """Convert an example to the type that Excel gives it when it is typed into such a cell."""
    try:
        if field.kind is Kind.DATETIME:
            return datetime.fromisoformat(text)
        if field.kind in {Kind.DATE, Kind.RECENCY}:
            return date.fromisoformat(text)
        if field.kind is Kind.RATE:
            return Decimal(text.removesuffix("%")) / 100
        if field.kind in {Kind.MONEY, Kind.NUMBER, Kind.COUNT}:
            return Decimal(text.replace(",", ""))
    except (ValueError, InvalidOperation):
        pass
    return text


def _validate(page: Page, sheet: Sheet, field: Field, cells: tuple[int, int, int, int]) -> None:
    """Offer the choices, warn of slips, and show a hint when the cell is selected."""
    choices = _choices(sheet, field, page.policy)
    offered = _OFFERED.get((sheet.kind, field.name), ())
    rule: dict[str, object] = {"validate": "any"}
    if offered:
        rule = {"validate": "list", "source": list(offered), "show_error": False}
    elif fits_list(choices):
        rule = choice_list(list(choices), message="下拉选项里没有这个值，仍要使用吗？")
    elif field.kind in {Kind.DATE, Kind.DATETIME} and not field.ours:
        rule = {"validate": "date", "criteria": ">=", "value": _EARLIEST, "error_title": "不像日期"}
        rule["error_message"] = "请写成 2026-10-31 这样的日期。仍要使用这个值吗？"
    elif sheet.keyed and field.kind is Kind.KEY and cells[0] != cells[2]:
        rule = {"validate": "custom", "value": f"=COUNTIF($A:$A,A{cells[0] + 1})=1", "error_title": "编号重复"}
        rule["error_message"] = "表中已有这个编号，重复的行都不会被评级。仍要使用吗？"
    if "error_title" in rule:
        rule["error_type"] = "warning"
    title, message = _advice(field)
    if message:
        rule |= {"input_title": title, "input_message": message}
    page.sheet.data_validation(*cells, rule)


def _choices(sheet: Sheet, field: Field, policy: Policy) -> Sequence[str]:
    if (sheet.kind, field.name) in _TIER_FIELDS:
        return [tier.name for tier in policy.tiers]
    return field.choices


def _advice(field: Field) -> tuple[str, str]:
    """Return title and text of the hint on a selected cell; no text for fields that explain themselves."""
    if field.ours:
        return field.label, field.note
    lines = [f"{field.note}。"] if field.note else []
    if field.privacy is not Privacy.NONE:
        lines.append(f"个人信息（{field.privacy.value}），按业务需要收集。")
    if field.example and not field.choices:
        lines.append(f"例：{field.example}")
    need = f"（{field.need.value}）" if field.need is not Need.OPTIONAL else ""
    if need and not lines:
        lines.append("请填写。")
    return f"{field.label}{need}", "\n".join(lines)


def _card_sheet(page: Page) -> None:
    at, sheet = page.sheet, schema.PROFILE
    for column, width in enumerate(_CARD_WIDTHS):
        at.set_column(column, column, width, page.style())
    at.set_row(0, 30)
    at.write_string(0, 0, "客户档案卡", page.style(bold=True, font_size=16, font_color=REQUIRED))
    at.set_row(1, 22)
    head = header_look(sheet.fields[0]) | {"num_format": "@"}
    for column in range(len(_CARD_WIDTHS)):
        label = schema.CARD_LABELS[column][0] if column <= _CARD_VALUE else ""
        border = {"border": int(column < _CARD_VALUE)}
        at.write(1, column, label or None, page.style(**head | border))
    for row, field in enumerate(sheet.fields, start=2):
        at.set_row(row, 18)
        at.write_string(row, 0, field.label, page.style(**header_look(field) | {"align": "left", "indent": 1}))
        at.write_string(row, 1, _card_note(field), page.style(**BOX, font_color="595959", font_size=9))
        _card_value(page, row, field)
        _validate(page, sheet, field, (row, _CARD_VALUE, row, _CARD_VALUE))
    _card_table(page, len(sheet.fields) + 3)
    at.freeze_panes(2, 1)
    at.ignore_errors({"number_stored_as_text": "A1:H1000"})
    print_setup(page, "客户档案卡", across=1)
    at.set_portrait()
    at.set_tab_color(f"#{REQUIRED}")


def _card_value(page: Page, row: int, field: Field) -> None:
    """Draw one box from the value's cell to the card's edge: long text runs on in it without merged cells."""
    last = len(_CARD_WIDTHS) - 1
    for column in range(_CARD_VALUE, last + 1):
        sides = {"border": 0, "top": 1, "bottom": 1, "left": int(column == _CARD_VALUE), "right": int(column == last)}
        look = cell_look(field) | {"align": "left", "border_color": LINE} | sides
        page.sheet.write_blank(row, column, None, page.style(**look))


def _card_note(field: Field) -> str:
    if field.ours:
        return "由 sheetcrm 填写，请勿手改"
    parts = [field.need.value] if field.need is not Need.OPTIONAL else []
    if field.note:
        parts.append(field.note)
    if field.choices:
        parts.append("选：" + " / ".join(field.choices))
    elif field.example:
        parts.append(f"例：{field.example}")
    return "；".join(parts)


def _card_table(page: Page, top: int) -> None:
    at, sheet = page.sheet, schema.FOLLOW_UPS
    at.set_row(top, 24)
    at.write_string(top, 0, sheet.title, page.style(bold=True, font_size=12, font_color=REQUIRED))
    at.set_row(top + 1, 22)
    at.set_row(top + 2, 20)
    for column, name in enumerate(_CARD_TABLE):
        field = sheet.field(name)
        at.write_string(top + 1, column, field.label, page.style(**header_look(field)))
        _example(page, top + 2, column, field, field.example if column else schema.EXAMPLE_MARK)
        _validate(page, sheet, field, (top + 3, column, top + 199, column))
        style = page.style(**cell_look(field) | BOX | {"text_wrap": True})
        for row in range(top + 3, top + 3 + _CARD_BLANK_ROWS):
            at.write_blank(row, column, None, style)
    for row in range(top + 3, top + 3 + _CARD_BLANK_ROWS):
        at.set_row(row, 20)
