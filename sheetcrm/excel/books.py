"""New workbooks (XlsxWriter): the blank templates of `sheetcrm init`.

Everything in them comes from `schema.py` (labels, kinds, drop-downs, notes, examples) and the policy
(tier names, weights): a template and its reader cannot drift apart. The same policy gives the same
bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sheetcrm import schema
from sheetcrm.policy.model import Policy
from sheetcrm.schema import Field, Kind, Need, Privacy, Sheet

TABLES = "客户台账模板.xlsx"
CARD = "档案卡模板.xlsx"
GUIDE = "填写说明"
CARD_SHEET = "档案卡"

_CREATED = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FONT = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
_PAGE_WIDTH = 190
"""Characters across an A4 page lying on its side, at a size people can read."""
_ONE_LINE = 20
"""Characters of a header that stands on one line."""
_WRAPPED = 24
"""Text columns as wide as this hold sentences, and wrap them."""
_LONGEST_LIST = 255
"""Excel takes no longer list of choices, commas included."""
_LAST_ROW = 1_048_575
_EARLIEST = date(1950, 1, 1)

_FORMATS = {
    Kind.KEY: "@",
    Kind.CREDIT_CODE: "@",
    Kind.PERSONAL: "@",
    Kind.RANGE: "@",  # else Excel takes 10-20 for a day in October
    Kind.DATE: "yyyy-mm-dd",
    Kind.DATETIME: "yyyy-mm-dd hh:mm",
    Kind.MONEY: "#,##0.00",
    Kind.RATE: "0.0%",
    Kind.COUNT: "0",
}
_WEIGHT_WORDS = {"recency": "R,权重", "frequency_12m": "F,权重", "spend_12m": "M,权重", "repurchase_rate": "复购率"}
"""What stands before the weight in a scoring header, as the practice prints it (domain §1.2)."""
_TIER_FIELDS = {("override", "grade"), ("standard", "tier")}
_CARD_TABLE = ("date", "summary", "feedback", "next_step", "channel", "person", "due", "overdue")
"""The card's follow-up table, in the order that suits the widths of the columns above it."""
_CARD_WIDTHS = (19, 36, 28, 28, 11, 10, 13, 11)
_CARD_BLANK_ROWS = 20

_REQUIRED, _FILING, _OPTIONAL, _OURS = "1F4E78", "2E75B6", "9DC3E6", "BFBFBF"
_OURS_CELL, _EXAMPLE_CELL, _LINE = "F2F2F2", "FFF8E5", "D0D7DE"
_BOX = {"border": 1, "border_color": _LINE}


def template_books(policy: Policy) -> Mapping[str, bytes]:
    """Make the blank workbooks, by file name: one with every table sheet, one with the card layout.

    Each begins with a sheet that explains it. Rows marked `schema.EXAMPLE_MARK` show how to fill in and
    are never read.
    """
    return {TABLES: _tables(policy), CARD: _card(policy)}


def heading(sheet: Sheet, field: Field, policy: Policy) -> str:
    """Write a field's header: its label, and in the scoring sheet the weight it has in the policy. Pure."""
    if sheet is schema.SCORING:
        for indicator in policy.card.indicators:
            if indicator.field == field.name:
                return f"{field.label}({_WEIGHT_WORDS.get(field.name, '权重')}{_plain(indicator.weight)}%)"
    return field.label


def _tables(policy: Policy) -> bytes:
    with _new_book("客户台账模板") as (book, data):
        guide = book.add_worksheet(GUIDE)
        for sheet in schema.SHEETS:
            _table_sheet(_Page(book, book.add_worksheet(sheet.title), policy), sheet)
        _tables_guide(_Page(book, guide, policy))
    return data.getvalue()


def _card(policy: Policy) -> bytes:
    with _new_book("档案卡模板") as (book, data):
        guide = book.add_worksheet(GUIDE)
        _card_sheet(_Page(book, book.add_worksheet(CARD_SHEET), policy))
        _card_guide(_Page(book, guide, policy))
    return data.getvalue()


@contextmanager
def _new_book(title: str) -> Iterator[tuple[Workbook, io.BytesIO]]:
    data = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": _FONT["font_name"], "font_size": _FONT["font_size"]},
    }
    with Workbook(data, options) as book:
        book.set_properties({"title": title, "author": "sheetcrm", "created": _CREATED})
        yield book, data


@dataclass(frozen=True, slots=True)
class _Page:
    """A sheet being written, and what it is written from."""

    book: Workbook
    sheet: Worksheet
    policy: Policy

    def style(self, **properties: Any) -> Format:  # noqa: ANN401 - XlsxWriter's own properties
        return self.book.add_format({**_FONT, "font_scheme": False, **properties})


def _table_sheet(page: _Page, sheet: Sheet) -> None:
    at = page.sheet
    titles = [heading(sheet, field, page.policy) for field in sheet.fields]
    widths = [_width(field, title) for field, title in zip(sheet.fields, titles, strict=True)]
    extras = _extras(sheet, page.policy)
    samples = [schema.EXAMPLE_MARK, *(_sample(sheet, field, page.policy) for field in sheet.fields[1:])]
    at.set_row(0, 38)
    at.set_row(1, _height(samples, widths))
    for column, (field, title, width) in enumerate(zip(sheet.fields, titles, widths, strict=True)):
        folded = {"level": 1, "hidden": True} if field.name in extras else {}
        at.set_column(column, column, width, page.style(**_cell(field)), folded)
        at.write_string(0, column, title, page.style(**_header(field)))
        _example(page, 1, column, field, samples[column])
        _validate(page, sheet, field, (2, column, _LAST_ROW, column))
    if extras:
        after = max(column for column, field in enumerate(sheet.fields) if field.name in extras) + 1
        at.set_column(after, after, widths[after], page.style(**_cell(sheet.fields[after])), {"collapsed": True})
    fixed = 2 if sheet.keyed else 1
    at.freeze_panes(1, fixed)
    at.autofilter(0, 0, 1, len(titles) - 1)
    at.ignore_errors({"number_stored_as_text": f"A1:XFD{_LAST_ROW + 1}"})
    if sheet.keyed:
        alarm = page.book.add_format({"bg_color": "FFC7CE", "font_color": "9C0006"})
        at.conditional_format(2, 0, _LAST_ROW, 0, {"type": "duplicate", "format": alarm})
    lines = {"type": "formula", "criteria": '=$A3<>""', "format": page.book.add_format(_BOX)}
    at.conditional_format(2, 0, _LAST_ROW, len(titles) - 1, lines)
    shown = sum(width for field, width in zip(sheet.fields, widths, strict=True) if field.name not in extras)
    _print_setup(page, sheet.title, across=math.ceil(shown / _PAGE_WIDTH))
    at.repeat_rows(0)
    at.repeat_columns(0, fixed - 1)
    at.set_tab_color(f"#{_REQUIRED if sheet.keyed else _FILING}")


def _extras(sheet: Sheet, policy: Policy) -> set[str]:
    """Name the scoring sheet's optional indicators that the policy's card does not use: they are folded away."""
    if sheet is not schema.SCORING:
        return set()
    used = {indicator.field for indicator in policy.card.indicators}
    last = [field.name for field in sheet.fields].index("finance_checker")
    return {field.name for field in sheet.fields[last + 1 :] if not field.ours and field.name not in used}


def _width(field: Field, title: str) -> float:
    """Fit a column to its header with room for the filter's button; a long header stands on two lines."""
    text = _text_width(title) + (2 if field.need is not Need.OPTIONAL else 0)
    return max(field.width, text + 3 if text <= _ONE_LINE else math.ceil(text / 2) + 2)


def _height(texts: Sequence[str], widths: Sequence[float]) -> int:
    """Say how many points a row needs for its longest text to wrap."""
    lines = max(math.ceil(_text_width(text) / (width - 1)) for text, width in zip(texts, widths, strict=True))
    return 6 + 15 * max(lines, 1)


def _text_width(text: str) -> int:
    return sum(1 if char.isascii() else 2 for char in text)


def _colour(field: Field) -> str:
    if field.ours:
        return _OURS
    return {Need.REQUIRED: _REQUIRED, Need.FILING: _FILING, Need.OPTIONAL: _OPTIONAL}[field.need]


def _header(field: Field) -> dict[str, object]:
    """Colour a header by who fills it in; the number format shows a star that is no part of the text."""
    light = field.ours or field.need is Need.OPTIONAL
    return {
        "bold": not field.ours,
        "italic": field.ours,
        "align": "center",
        "text_wrap": True,
        "bg_color": _colour(field),
        "font_color": "000000" if light else "FFFFFF",
        **_BOX,
        "num_format": '@" *"' if field.need is not Need.OPTIONAL else "@",
    }


def _cell(field: Field) -> dict[str, object]:
    if field.ours:
        return {"num_format": field.style.value, "bg_color": _OURS_CELL, **_BOX}
    style: dict[str, object] = {"num_format": _FORMATS.get(field.kind, "General")}
    if field.choices:
        style["align"] = "center"
    if field.kind is Kind.TEXT and field.width >= _WRAPPED:
        style["text_wrap"] = True
    return style


def _example(page: _Page, row: int, column: int, field: Field, text: str) -> None:
    look = {"italic": True, "font_color": "7F6000", "bg_color": _EXAMPLE_CELL, **_BOX}
    style = page.style(**_cell(field) | look)
    value = _typed(field, text)
    if not text:
        page.sheet.write_blank(row, column, None, style)
    elif isinstance(value, datetime | date):
        if field.kind is Kind.RECENCY:  # days or a date: Excel formats a date that is typed
            style = page.style(**_cell(field) | look | {"num_format": _FORMATS[Kind.DATE]})
        page.sheet.write_datetime(row, column, value, style)
    elif isinstance(value, Decimal):
        page.sheet.write_number(row, column, float(value), style)
    else:
        page.sheet.write_string(row, column, text, style)


def _sample(sheet: Sheet, field: Field, policy: Policy) -> str:
    """Give a field's example; the standard's is the policy's own text, as far as it has it."""
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
    """Give an example the type Excel would give it when typed into such a cell."""
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


def _validate(page: _Page, sheet: Sheet, field: Field, cells: tuple[int, int, int, int]) -> None:
    """Offer the choices, warn of slips, and say what belongs into the cell when it is selected."""
    choices = _choices(sheet, field, page.policy)
    rule: dict[str, object] = {"validate": "any"}
    if choices and len(",".join(choices)) <= _LONGEST_LIST:
        rule = {"validate": "list", "source": list(choices), "error_title": "不在选项里"}
        rule["error_message"] = "下拉选项里没有这个值，仍要使用吗？"
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
    """Word what is shown when a cell is selected; nothing for fields that explain themselves."""
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


def _card_sheet(page: _Page) -> None:
    at, sheet = page.sheet, schema.PROFILE
    for column, width in enumerate(_CARD_WIDTHS):
        at.set_column(column, column, width, page.style())
    at.set_row(0, 30)
    at.write_string(0, 0, "客户档案卡", page.style(bold=True, font_size=16, font_color=_REQUIRED))
    at.set_row(1, 22)
    head = _header(sheet.fields[0]) | {"num_format": "@"}
    for column, names in enumerate(schema.CARD_LABELS):
        at.write_string(1, column, names[0], page.style(**head))
    for column in range(len(schema.CARD_LABELS), len(_CARD_WIDTHS)):
        at.write_blank(1, column, None, page.style(**head | {"border": 0}))
    for row, field in enumerate(sheet.fields, start=2):
        at.set_row(row, 18)
        at.write_string(row, 0, field.label, page.style(**_header(field) | {"align": "left", "indent": 1}))
        at.write_string(row, 1, _card_note(field), page.style(**_BOX, font_color="595959", font_size=9))
        _card_value(page, row, field)
        _validate(page, sheet, field, (row, 2, row, 2))
    _card_table(page, len(sheet.fields) + 3)
    at.freeze_panes(2, 1)
    at.ignore_errors({"number_stored_as_text": "A1:H1000"})
    _print_setup(page, "客户档案卡", across=1)
    at.set_portrait()
    at.set_tab_color(f"#{_REQUIRED}")


def _card_value(page: _Page, row: int, field: Field) -> None:
    """Draw one box from the value's cell to the card's edge: long text runs on in it, and nothing is merged."""
    last = len(_CARD_WIDTHS) - 1
    for column in range(2, last + 1):
        box = {"top": 1, "bottom": 1, "border_color": _LINE, "left": int(column == 2), "right": int(column == last)}  # noqa: PLR2004
        look = _cell(field) | {"align": "left", "border": 0} | box
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


def _card_table(page: _Page, top: int) -> None:
    at, sheet = page.sheet, schema.FOLLOW_UPS
    at.set_row(top, 24)
    at.write_string(top, 0, sheet.title, page.style(bold=True, font_size=12, font_color=_REQUIRED))
    at.set_row(top + 1, 22)
    at.set_row(top + 2, 20)
    for column, name in enumerate(_CARD_TABLE):
        field = sheet.field(name)
        at.write_string(top + 1, column, field.label, page.style(**_header(field)))
        _example(page, top + 2, column, field, field.example if column else schema.EXAMPLE_MARK)
        _validate(page, sheet, field, (top + 3, column, top + 199, column))
        style = page.style(**_cell(field) | _BOX | {"text_wrap": True})
        for row in range(top + 3, top + 3 + _CARD_BLANK_ROWS):
            at.write_blank(row, column, None, style)
    for row in range(top + 3, top + 3 + _CARD_BLANK_ROWS):
        at.set_row(row, 20)


def _tables_guide(page: _Page) -> None:
    row = _guide_top(
        page,
        "客户台账模板",
        (
            "从第 3 行起填写，一行一条。第 2 行是示例，程序不读，可以删除。",
            "同一位客户在各个工作表里用同一个客户编号。用不到的工作表留空即可。",
            "列可以换顺序，也可以加自己的列，程序会原样保留；表头文字请不要改。",
            "金额可写 680000 或 80万元，日期可写 2024-03-01 或 2024年3月1日，频次可写 12次/年。",
            "不知道的留空，不要填 0：空白和 0 是两回事。",
            "打分表里用不到的选填指标已折叠，点击列标上方的 + 展开。",
            "填好后先运行 sheetcrm check 检查，再运行 sheetcrm run 评级。",
        ),
    )
    row = _guide_sheets(page, row)
    _guide_tiers(page, row)


def _card_guide(page: _Page) -> None:
    _guide_top(
        page,
        "档案卡模板",
        (
            f"一张工作表是一位客户：右键“{CARD_SHEET}”标签，选“移动或复制”并勾选“建立副本”，每位客户一张。",
            "在“值”一列填写；左边两列是字段名称和说明，请不要改动。",
            "每次跟进在下方的客户跟进记录表里加一行。标着“示例”的一行程序不读，可以删除。",
            "档案卡可以和台账放在一起评级，同一位客户用同一个客户编号。",
            "填好后先运行 sheetcrm check 检查，再运行 sheetcrm run 评级。",
        ),
    )


_GUIDE_WIDTHS = (26, 38, 44, 52)


def _guide_top(page: _Page, title: str, steps: Sequence[str]) -> int:
    """Write the guide's title, steps and legend; returns the row below them."""
    at = page.sheet
    for column, width in enumerate(_GUIDE_WIDTHS):
        at.set_column(column, column, width, page.style())
    at.hide_gridlines(2)
    at.set_row(0, 34)
    at.write_string(0, 0, f"{title} · {GUIDE}", page.style(bold=True, font_size=18, font_color=_REQUIRED))
    about = f"{page.policy.report.secrecy} · 策略：{page.policy.name} {page.policy.version}"
    at.write_string(1, 0, about, page.style(font_color="595959"))
    row = _guide_heading(page, 3, "怎么填")
    for number, step in enumerate(steps, start=1):
        at.set_row(row, 20)
        at.write_string(row, 0, f"{number}. {step}", page.style())
        row += 1
    row = _guide_heading(page, row + 1, "颜色")
    legend = (
        (schema.PROFILE.field("name"), "必填，缺了这一行不能评级"),
        (schema.PROFILE.field("need"), "建档必填，缺了会提醒"),
        (schema.PROFILE.field("remark"), "选填"),
        (schema.PROFILE.field("tier"), "由 sheetcrm 填写，请勿手改"),
    )
    for field, meaning in legend:
        at.set_row(row, 20)
        at.write_string(row, 0, "程序填写" if field.ours else field.need.value, page.style(**_header(field)))
        at.write_string(row, 1, meaning, page.style(indent=1))
        row += 1
    at.set_row(row, 20)
    at.write_string(
        row, 0, schema.EXAMPLE_MARK, page.style(italic=True, align="center", bg_color=_EXAMPLE_CELL, **_BOX)
    )
    at.write_string(row, 1, "示例行，程序不读", page.style(indent=1))
    _print_setup(page, f"{title} {GUIDE}", across=1)
    at.fit_to_pages(1, 1)
    at.set_tab_color("#7F7F7F")
    return row + 2


def _guide_sheets(page: _Page, row: int) -> int:
    row = _guide_heading(page, row, "各工作表")
    row = _guide_row(page, row, ("工作表", "填什么", "必填和建档必填的列", "程序填写的列"), header=True)
    for sheet in schema.SHEETS:
        needed = "、".join(field.label for field in sheet.fields if field.need is not Need.OPTIONAL)
        ours = "、".join(field.label for field in sheet.fields if field.ours)
        _guide_row(page, row, (sheet.title, sheet.note, needed or "无", ours or "无"))
        link = page.style(font_color="0563C1", underline=1, **_GUIDE_CELL)
        page.sheet.write_url(row, 0, f"internal:'{sheet.title}'!A1", link, sheet.title)
        row += 1
    return row + 1


def _guide_tiers(page: _Page, row: int) -> None:
    row = _guide_heading(page, row, "等级与评分")
    card = "、".join(f"{entry.label} {_plain(entry.weight)}" for entry in page.policy.card.indicators)
    page.sheet.set_row(row, 20)
    page.sheet.write_string(row, 0, f"评分卡“{page.policy.card.name}”的权重：{card}", page.style())
    row = _guide_row(page, row + 1, ("等级", "总分", "典型特征", "服务目标"), header=True)
    above: Decimal | None = None
    for tier in page.policy.tiers:
        band = f"{_plain(tier.floor)} 分及以上" + (f"，不到 {_plain(above)} 分" if above is not None else "")
        row = _guide_row(page, row, (tier.name, band, tier.standard.typical, tier.standard.goal))
        above = tier.floor


_GUIDE_CELL = {**_BOX, "text_wrap": True, "valign": "top"}


def _guide_heading(page: _Page, row: int, text: str) -> int:
    page.sheet.set_row(row, 26)
    page.sheet.write_string(row, 0, text, page.style(bold=True, font_size=13, font_color=_FILING))
    return row + 1


def _guide_row(page: _Page, row: int, texts: Sequence[str], *, header: bool = False) -> int:
    look = {"bold": True, "bg_color": _REQUIRED, "font_color": "FFFFFF"} if header else {}
    page.sheet.set_row(row, _height(texts, _GUIDE_WIDTHS))
    for column, text in enumerate(texts):
        page.sheet.write_string(row, column, text, page.style(**_GUIDE_CELL | look))
    return row + 1


def _print_setup(page: _Page, title: str, *, across: int) -> None:
    at, secrecy = page.sheet, page.policy.report.secrecy.replace("&", "&&")
    at.set_landscape()
    at.set_paper(9)
    at.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    at.fit_to_pages(across, 0)
    at.set_header(f'&L&"微软雅黑"&9{title}&R&"微软雅黑"&9{secrecy}')
    at.set_footer('&L&"微软雅黑"&9打印日期 &D&R&"微软雅黑"&9第 &P 页，共 &N 页')


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
