# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""The first workbook as a file: a lived-in Excel book with a chart, rules, lists, notes and a sheet of its owner's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from scripts.sample import full_rows as f
from scripts.sample.model import Cell, Column, Row, Sheet

_CREATED = datetime.fromisoformat("2024-05-06T09:30:00")
_FORMATS: Mapping[str, dict[str, Any]] = {
    "text": {},
    "middle": {"align": "center"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "stamp": {"num_format": "yyyy-mm-dd hh:mm", "align": "center"},
    "money": {"num_format": "#,##0"},
    "rate": {"num_format": "0%", "align": "center"},
    "score": {"num_format": "0.0", "align": "center"},
    "number": {"num_format": "0", "align": "center"},
    "wrap": {"text_wrap": True, "valign": "top"},
}
_TIER_COLOURS = {"VIP客户": "#FFE699", "重点客户": "#DDEBF7", "普通客户": "#E2EFDA", "观察客户": "#F2F2F2"}
_LISTS: Mapping[str, tuple[str, ...]] = {
    "客户类型": ("企业", "个人"),
    "需求类型": ("产品采购型", "服务支持型", "解决方案型"),
    "合作意向": ("高", "中", "低"),
    "深度绑定": ("是", "否"),
    "行业标杆": ("是", "否"),
    "信息授权": ("是", "否"),
    "流失原因": ("价格", "服务", "竞品", "产品", "其他"),
    "等级": tuple(_TIER_COLOURS),
    "跟进方式": ("电话", "拜访", "邮件", "视频会议", "微信", "社交媒体", "在线客服", "APP", "活动"),
    "是否解决": ("是", "否"),
    "是否一次解决": ("是", "否"),
    "问题类别": ("故障报修", "使用咨询", "交期查询", "质量反馈", "发票问题", "备件申请", "投诉"),
    "调整后等级": tuple(_TIER_COLOURS),
    "状态": ("待定", "成交", "放弃"),
}
_SHORT = 12
_TABS = {f.BASE: "#1F4E78", f.SCORES: "#C00000", f.TALKS: "#548235", f.ORDERS: "#BF8F00"}


def write(path: Path, sheets: Mapping[str, Sheet]) -> None:
    """Write the workbook; its bytes depend on the tables alone."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    book.set_properties({"author": f.OWNER, "company": "衡岚智造科技有限公司", "created": _CREATED})
    formats = _formats(book)
    for sheet in sheets.values():
        _sheet(book, sheet, formats)
    _score_extras(book, sheets[f.SCORES], sheets[f.BASE])
    _own_notes(book, sheets[f.SCORES], formats)
    scores = sheets[f.SCORES]
    letter, last = scores.letter("消费金额(M,权重35%)"), scores.header_row + len(scores.rows)
    book.define_name("消费金额区", f"={f.SCORES}!${letter}${scores.header_row + 1}:${letter}${last}")
    book.get_worksheet_by_name(f.BASE).activate()
    book.close()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    common = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter", "border": 1, "border_color": "#BFBFBF"}
    made = {kind: book.add_format(common | rules) for kind, rules in _FORMATS.items()}
    loose = common | {"border": 0}
    head = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E78", "align": "center", "text_wrap": True}
    made["header"] = book.add_format(common | head)
    made["title"] = book.add_format(loose | {"bold": True, "font_size": 16, "align": "center"})
    made["left-title"] = book.add_format(loose | {"bold": True, "font_size": 16, "align": "left"})
    made["note"] = book.add_format(loose | {"font_size": 9, "font_color": "#7F7F7F"})
    made["total"] = book.add_format(common | {"bold": True, "bg_color": "#FFF2CC", "num_format": "#,##0"})
    return made


def _sheet(book: xlsxwriter.Workbook, sheet: Sheet, formats: Mapping[str, Format]) -> None:
    page = book.add_worksheet(sheet.name)
    width, top = len(sheet.columns), sheet.header_row
    page.merge_range(0, 0, 0, width - 1, sheet.title, formats["left-title" if width > 20 else "title"])
    page.set_default_row(18)
    page.set_row(0, 28)
    for index in range(len(sheet.rows) if sheet.name == f.STANDARD else 0):
        page.set_row(top + index, 76)
    page.write(1, 0, "填表:陈思远    更新:2026-10-30    内部资料,请勿外传", formats["note"])
    page.set_row(top - 1, 32)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width, None, {"hidden": column.label == "旧编号"})
        page.write(top - 1, at, column.label, formats["header"])
        for index, row in enumerate(sheet.rows):
            _cell(page, top + index, at, row.get(column.label), formats[_kind(column)])
    _habits(page, sheet)
    if sheet.name == f.ORDERS:
        _total(page, sheet, formats["total"])
    if sheet.name == f.BASE:
        page.write_comment(top - 1, 18, "高/中/低三档,季度复核一次", {"author": f.OWNER})
        page.write_comment(top + 11, 2, "集团客户,开票抬头与合同不同,注意核对", {"author": f.OWNER})


def _kind(column: Column) -> str:
    """Centre what is short."""
    return "middle" if column.kind == "text" and column.width <= _SHORT else column.kind


def _cell(page: Worksheet, row: int, at: int, value: Cell, style: Format) -> None:
    if value is None:
        page.write_blank(row, at, None, style)
    elif isinstance(value, datetime):
        page.write_datetime(row, at, value, style)
    elif isinstance(value, date):
        page.write_datetime(row, at, datetime.combine(value, time()), style)
    elif isinstance(value, str):
        page.write_string(row, at, value, style)
    else:
        page.write_number(row, at, value, style)


def _habits(page: Worksheet, sheet: Sheet) -> None:
    """Give a table what its owner set once: frozen header, filter, drop-downs, print setup."""
    top, last, width = sheet.header_row, sheet.header_row + len(sheet.rows), len(sheet.columns)
    page.set_tab_color(_TABS.get(sheet.name, "#A6A6A6"))
    page.freeze_panes(top, 3 if sheet.name == f.BASE else 2 if width > 6 else 0)
    if len(sheet.rows) > 5:
        page.autofilter(top - 1, 0, last - 1, width - 1)
    for at, column in enumerate(sheet.columns):
        if column.label in _LISTS:
            rule = {"validate": "list", "source": list(_LISTS[column.label]), "error_type": "warning"}
            page.data_validation(top, at, last + 60, at, rule)
    page.set_paper(9)
    if width > 6 or sheet.name == f.STANDARD:
        page.set_landscape()
    page.repeat_rows(top - 1)
    if sheet.name == f.BASE:
        page.set_paper(8)
        page.repeat_columns(0, 2)
    page.fit_to_pages(2 if sheet.name == f.BASE else 1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.set_footer("&L&8内部资料&C&8第 &P 页,共 &N 页&R&8&A")


def _score_extras(book: xlsxwriter.Workbook, sheet: Sheet, base: Sheet) -> None:
    """Look names up from the base sheet, colour tiers, draw bars behind the totals."""
    page = book.get_worksheet_by_name(sheet.name)
    names = {row["客户编号"]: row["客户名称"] for row in reversed(base.rows)}
    top, last = sheet.header_row, sheet.header_row + len(sheet.rows)
    style = book.add_format({"font_name": "微软雅黑", "font_size": 10, "border": 1, "border_color": "#BFBFBF"})
    for index, row in enumerate(sheet.rows):
        formula = f"=VLOOKUP(A{top + index + 1},{f.BASE}!$A:$C,3,FALSE)"
        page.write_formula(top + index, 1, formula, style, str(names[row["客户编号"]]))
    tiers = f"{sheet.letter('等级')}{top + 1}:{sheet.letter('等级')}{last}"
    for tier, colour in _TIER_COLOURS.items():
        fill = book.add_format({"bg_color": colour})
        page.conditional_format(tiers, {"type": "cell", "criteria": "==", "value": f'"{tier}"', "format": fill})
    totals = f"{sheet.letter('总分')}{top + 1}:{sheet.letter('总分')}{last}"
    page.conditional_format(totals, {"type": "data_bar", "bar_color": "#9BC2E6", "bar_solid": True})
    page.write_comment(top - 1, 4, "取近12个月含税开票金额,财务每月10日前核对", {"author": "宋明哲"})


def _total(page: Worksheet, sheet: Sheet, style: Format) -> None:
    row, letter = sheet.header_row + len(sheet.rows), sheet.letter("金额")
    amounts = [line["金额"] for line in sheet.rows]
    value = sum(amount for amount in amounts if isinstance(amount, int | float))
    for at in range(len(sheet.columns)):
        page.write_blank(row, at, None, style)
    page.write_string(row, 0, "合计", style)
    formula = f"=SUM({letter}{sheet.header_row + 1}:{letter}{row})"
    page.write_formula(f"{letter}{row + 1}", formula, style, value)


def _own_notes(book: xlsxwriter.Workbook, scores: Sheet, formats: Mapping[str, Format]) -> None:
    """Add the sheet its owner keeps for himself: sums over the scores with their stored values, and a chart."""
    page = book.add_worksheet("自用-看板")
    page.hide_gridlines(2)
    page.set_column(0, 0, 14)
    page.set_column(1, 3, 15)
    page.merge_range(0, 0, 0, 3, "我的客户一览(上月评定)", formats["title"])
    for at, label in enumerate(("等级", "客户数", "消费金额合计", "平均总分")):
        page.write(2, at, label, formats["header"])
    first, last = scores.header_row + 1, scores.header_row + len(scores.rows)
    area = {label: f"{f.SCORES}!${scores.letter(label)}${first}:${scores.letter(label)}${last}" for label in
            ("等级", "消费金额(M,权重35%)", "总分")}  # fmt: skip
    money, points = area["消费金额(M,权重35%)"], area["总分"]
    known = sum(1 for line in scores.rows if line.get("等级") in _TIER_COLOURS)
    for index, tier in enumerate(_TIER_COLOURS):
        row = 3 + index
        mine = [line for line in scores.rows if line.get("等级") == tier]
        spent, total = _sum(mine, "消费金额(M,权重35%)"), _sum(mine, "总分")
        page.write_string(row, 0, tier, formats["text"])
        page.write_formula(row, 1, f"=COUNTIF({area['等级']},A{row + 1})", formats["number"], len(mine))
        page.write_formula(row, 2, f"=SUMIF({area['等级']},A{row + 1},{money})", formats["money"], spent)
        formula = f"=IFERROR(AVERAGEIF({area['等级']},A{row + 1},{points}),0)"
        page.write_formula(row, 3, formula, formats["score"], total / max(1, len(mine)))
    page.write_string(7, 0, "合计", formats["total"])
    page.write_formula(7, 1, "=SUM(B4:B7)", formats["total"], known)
    page.write_formula(7, 2, "=SUM(消费金额区)", formats["total"], _sum(scores.rows, "消费金额(M,权重35%)"))
    page.write_blank(7, 3, None, formats["total"])
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": "客户数",
            "categories": ["自用-看板", 3, 0, 6, 0],
            "values": ["自用-看板", 3, 1, 6, 1],
            "data_labels": {"value": True},
            "fill": {"color": "#1F4E78"},
        }
    )
    chart.set_title({"name": "各等级客户数", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_size({"width": 480, "height": 280})
    page.insert_chart("A11", chart)
    page.write_string(26, 0, "备忘:十一月重点跟进合同到期客户;光伏板块价格政策待定", formats["note"])
    page.fit_to_pages(1, 1)


def _sum(rows: list[Row], label: str) -> float:
    return sum(value for row in rows if isinstance(value := row.get(label), int | float))
