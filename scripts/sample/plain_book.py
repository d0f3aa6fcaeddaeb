# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""The second workbook as a file: written by openpyxl, dressed the way a careful colleague dresses a plain list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.header_footer import _HeaderFooterPart as HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from scripts.sample import traditional_rows as t
from scripts.sample.model import Sheet

_FONT = "新細明體"
_LINE = Side(style="thin", color="C9C9C9")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="E2EFDA")
_FORMATS = {"date": "yyyy/mm/dd", "stamp": "yyyy/mm/dd hh:mm", "money": "#,##0", "score": "0.0", "number": "0"}
_LISTS = {
    "客戶類型": "企業,個人",
    "合作意向": "高,中,低",
    "需求類型": "產品採購型,服務支持型,解決方案型",
    "信息授權": "是,否",
    "跟進方式": "電話,拜訪,郵件,視頻會議,微信,在線客服",
}
_NOTES = {
    t.BASE: "填表說明:新增客戶請先查重;金額一律以人民幣填寫並註明單位;聯繫資料僅限部門內部使用。",
    t.SCORES: "填表說明:每月最後一個工作日更新;金額、頻次、天數請連單位一起填寫;總分由系統計算。",
    t.TALKS: "填表說明:當日跟進當日登記,下一步計劃請寫明期限。",
}


def write(path: Path, sheets: Mapping[str, Sheet]) -> None:
    """Write the workbook; the time of saving is left to `packages.settle`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = t.OWNER
    book.properties.created = datetime.fromisoformat("2025-02-17T14:05:00")
    for sheet in sheets.values():
        page = book.create_sheet(sheet.name)
        _top(page, sheet)
        _rows(page, sheet)
        _habits(page, sheet)
    author = "林婉清"
    book[t.SCORES].cell(4, 7).comment = Comment("部門試行:潛力權重調為20%,待總部確認", author, width=220, height=60)
    book[t.BASE].cell(4, 9).comment = Comment("高/中/低", author)
    book.save(path)


def _top(page: Worksheet, sheet: Sheet) -> None:
    last = get_column_letter(len(sheet.columns))
    page.merge_cells(f"A1:{last}1")
    page["A1"] = sheet.title
    page["A1"].font = Font(name=_FONT, size=15, bold=True, color="375623")
    page["A1"].alignment = Alignment(horizontal="left", vertical="center")
    page.row_dimensions[1].height = 26
    if sheet.name in _NOTES:
        page.merge_cells(f"A2:{last}2")
        page["A2"] = _NOTES[sheet.name]
        page["A2"].font = Font(name=_FONT, size=9, italic=True, color="7F7F7F")
        page["A2"].alignment = Alignment(wrap_text=True, vertical="center")
        page.row_dimensions[2].height = 20
    page.row_dimensions[sheet.header_row].height = 34
    for at, column in enumerate(sheet.columns, start=1):
        cell = page.cell(sheet.header_row, at, _broken(column.label))
        cell.font = Font(name=_FONT, size=10, bold=True)
        cell.fill, cell.border = _HEAD, _BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(at)].width = column.width


def _broken(label: str) -> str:
    """Break a label before its bracket, as people do with Alt+Enter."""
    return label.replace("(", "\n(", 1) if "權重" in label else label


def _rows(page: Worksheet, sheet: Sheet) -> None:
    font, long = Font(name=_FONT, size=10), Alignment(vertical="center")
    short = Alignment(horizontal="center", vertical="center")
    for index, row in enumerate(sheet.rows):
        for at, column in enumerate(sheet.columns, start=1):
            cell = page.cell(sheet.header_row + 1 + index, at, row.get(column.label))
            cell.font, cell.border = font, _BORDER
            cell.alignment = short if column.width <= 13 and column.kind != "money" else long
            cell.number_format = _FORMATS.get(column.kind, "General")


def _habits(page: Worksheet, sheet: Sheet) -> None:
    last = sheet.header_row + len(sheet.rows)
    wide = len(sheet.columns) > 6
    page.freeze_panes = page.cell(sheet.header_row + 1, 3 if wide else 1).coordinate
    page.auto_filter.ref = f"A{sheet.header_row}:{get_column_letter(len(sheet.columns))}{last}"
    page.sheet_view.zoomScale = 90
    for column in sheet.columns:
        if column.label in _LISTS:
            letter = sheet.letter(column.label)
            choices = f'"{_LISTS[column.label]}"'
            rule = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=False)
            rule.add(f"{letter}{sheet.header_row + 1}:{letter}{last + 40}")
            page.add_data_validation(rule)
    page.print_title_rows = f"{sheet.header_row}:{sheet.header_row}"
    page.page_setup.orientation = "landscape" if wide else "portrait"
    page.page_setup.paperSize = page.PAPERSIZE_A3 if len(sheet.columns) > 20 else page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.HeaderFooter.oddFooter = HeaderFooterItem(center=HeaderFooterPart("第 &P 頁,共 &N 頁"))
