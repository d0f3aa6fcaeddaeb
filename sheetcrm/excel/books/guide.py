"""Writes the sheet that explains a template to the people who fill it in."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sheetcrm import schema
from sheetcrm.excel.books.theme import BOX, EXAMPLE, FILING, REQUIRED, Page, header_look, height, plain, print_setup
from sheetcrm.schema import Need

GUIDE = "填写说明"

_WIDTHS = (26, 38, 44, 52)
_CELL = {**BOX, "text_wrap": True, "valign": "top"}


def write_tables_guide(page: Page) -> None:
    """Explain the table sheets: how to fill in, what the colours mean, what each sheet is for, the tiers."""
    row = _top(
        page,
        "客户台账模板",
        (
            "从第 3 行起填写，一行一条。第 2 行是示例，程序不读，可以删除。",
            "同一家客户在各个工作表里用同一个客户编号。用不到的工作表留空即可。",
            "列可以换顺序，也可以加自己的列，程序会原样保留；表头文字请不要改。",
            "金额可写 680000 或 80万元，日期可写 2024-03-01 或 2024年3月1日，频次可写 12次/年。",
            "不知道的留空，不要填 0：空白和 0 是两回事。",
            "打分表里用不到的选填指标已折叠，点击列标上方的 + 展开。",
            "下个月改了打分表的数字，请同时清空“评估日期”（或改成当天），否则按上次评估时的数字算。等级变了、或到定期重评时，审核人和审核日期要重新签；等级没变，原来的签字仍然有效。",
            "填好后先运行 sheetcrm check 检查，再运行 sheetcrm run 评级。",
        ),
    )
    row = _sheets(page, row)
    _tiers(page, row)


def write_card_guide(page: Page, card_sheet: str) -> None:
    """Explain the card: how to fill in, and what the colours mean."""
    _top(
        page,
        "档案卡模板",
        (
            f"一张工作表是一家客户：右键“{card_sheet}”标签，选“移动或复制”并勾选“建立副本”，每家客户一张。",
            "在“值”一列填写；左边两列是字段名称和说明，请不要改动。",
            "每次跟进在下方的客户跟进记录表里加一行。标着“示例”的一行程序不读，可以删除。",
            "档案卡可以和台账放在一起评级，同一家客户用同一个客户编号。",
            "填好后先运行 sheetcrm check 检查，再运行 sheetcrm run 评级。",
        ),
    )


def _top(page: Page, title: str, steps: Sequence[str]) -> int:
    """Write the guide's title, steps and legend; return the row below them."""
    at = page.sheet
    for column, width in enumerate(_WIDTHS):
        at.set_column(column, column, width, page.style())
    at.hide_gridlines(2)
    at.set_row(0, 34)
    at.write_string(0, 0, f"{title} · {GUIDE}", page.style(bold=True, font_size=18, font_color=REQUIRED))
    subtitle = f"{page.policy.report.secrecy} · 策略：{page.policy.name} {page.policy.version}"
    at.write_string(1, 0, subtitle, page.style(font_color="595959"))
    row = _heading(page, 3, "怎么填")
    for number, step in enumerate(steps, start=1):
        at.set_row(row, 20)
        at.write_string(row, 0, f"{number}. {step}", page.style())
        row += 1
    row = _heading(page, row + 1, "颜色")
    legend = (
        (schema.PROFILE.field("name"), "必填，缺了这一行不能评级"),
        (schema.PROFILE.field("need"), "建档必填，缺了会提醒"),
        (schema.PROFILE.field("remark"), "选填"),
        (schema.PROFILE.field("tier"), "由 sheetcrm 填写，请勿手改"),
    )
    for field, meaning in legend:
        at.set_row(row, 20)
        at.write_string(row, 0, "程序填写" if field.ours else field.need.value, page.style(**header_look(field)))
        at.write_string(row, 1, meaning, page.style(indent=1))
        row += 1
    at.set_row(row, 20)
    at.write_string(row, 0, schema.EXAMPLE_MARK, page.style(italic=True, align="center", bg_color=EXAMPLE, **BOX))
    at.write_string(row, 1, "示例行，程序不读", page.style(indent=1))
    print_setup(page, f"{title} {GUIDE}", across=1)
    at.fit_to_pages(1, 1)
    at.set_tab_color("#7F7F7F")
    return row + 2


def _sheets(page: Page, row: int) -> int:
    row = _heading(page, row, "各工作表")
    row = _row(page, row, ("工作表", "填什么", "必填和建档必填的列", "程序填写的列"), header=True)
    for sheet in schema.SHEETS:
        needed = "、".join(field.label for field in sheet.fields if field.need is not Need.OPTIONAL)
        ours = "、".join(field.label for field in sheet.fields if field.ours)
        _row(page, row, (sheet.title, sheet.note, needed or "无", ours or "无"))
        link = page.style(font_color="0563C1", underline=1, **_CELL)
        page.sheet.write_url(row, 0, f"internal:'{sheet.title}'!A1", link, sheet.title)
        row += 1
    return row + 1


def _tiers(page: Page, row: int) -> None:
    row = _heading(page, row, "等级与评分")
    card = "、".join(f"{indicator.label} {plain(indicator.weight)}" for indicator in page.policy.card.indicators)
    page.sheet.set_row(row, 20)
    page.sheet.write_string(row, 0, f"评分卡“{page.policy.card.name}”的权重：{card}", page.style())
    row = _row(page, row + 1, ("等级", "分数线", "典型特征", "方向"), header=True)
    above: Decimal | None = None
    for tier in page.policy.tiers:
        band = f"按{page.policy.scoring.decided_by}"
        if tier.floor is not None:
            band = f"{plain(tier.floor)} 分及以上" + (f"，不到 {plain(above)} 分" if above is not None else "")
        row = _row(page, row, (tier.name, band, tier.standard.typical, tier.standard.goal))
        above = tier.floor


def _heading(page: Page, row: int, text: str) -> int:
    page.sheet.set_row(row, 26)
    page.sheet.write_string(row, 0, text, page.style(bold=True, font_size=13, font_color=FILING))
    return row + 1


def _row(page: Page, row: int, texts: Sequence[str], *, header: bool = False) -> int:
    look = {"bold": True, "bg_color": REQUIRED, "font_color": "FFFFFF"} if header else {}
    page.sheet.set_row(row, height(texts, _WIDTHS))
    for column, text in enumerate(texts):
        page.sheet.write_string(row, column, text, page.style(**_CELL | look))
    return row + 1
