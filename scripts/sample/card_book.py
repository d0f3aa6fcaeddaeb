# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""The third workbook, 何俊杰's: ten cards, one customer a sheet, with its contacts under it (practice §1.4)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.header_footer import _HeaderFooterPart as HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from scripts.sample import activity
from scripts.sample.full_rows import base_row
from scripts.sample.model import AS_OF, Cell, Customer, Planted, Row

OWNER = "何俊杰"
_FIELDS: tuple[tuple[str, str], ...] = (
    ("客户编号", "按公司编号规则"),
    ("客户名称", "营业执照全称"),
    ("客户类型", "企业 / 个人"),
    ("行业类型", "大类-细类"),
    ("统一社会信用代码", "18位"),
    ("联系人(职位)", "姓名与职务"),
    ("联系方式", "手机、座机或邮箱"),
    ("企业地址", ""),
    ("企业规模(人数)", "人数或年营收"),
    ("首次合作时间", "首单日期"),
    ("累计交易金额(元)", "含税"),
    ("近12个月消费金额", "含税"),
    ("平均合作频次", "如 12次/年"),
    ("最近交易时间", "最近一单日期"),
    ("核心需求", "一句话写清"),
    ("需求类型", "采购 / 服务 / 解决方案"),
    ("合作意向", "高 / 中 / 低"),
    ("产品偏好", ""),
    ("业务痛点", ""),
    ("决策链", "使用-采购-审批"),
    ("预算周期", ""),
    ("市场口碑", ""),
    ("信息来源人", ""),
    ("客户经理", ""),
    ("部门", ""),
    ("合同到期日", ""),
    ("深度绑定", "是 / 否"),
    ("信息授权", "是 / 否"),
    ("档案建立日期", ""),
    ("最后更新日期", ""),
    ("备注", ""),
)
_OUTCOMES = (("客户等级", "系统填写"), ("客户标签", "系统填写"), ("下次跟进日期", "系统填写"))
_TALKS = ("日期", "跟进人", "跟进内容摘要", "跟进方式", "客户反馈/结果", "下一步计划")
_WIDTHS = (17, 24, 38, 10, 24, 24)
_PAINS = ("换型时间长", "备件库存压力大", "良率波动", "交期不稳定", "熟练工不足")
_CHAINS = ("设备科-采购部-总经理", "生产部-采购部-副总", "技术部-总经理")
_BUDGETS = ("每年12月编制", "每季度滚动", "项目制")
_FONT = "等线"
_LINE = Side(style="thin", color="A6A6A6")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_BAND = PatternFill("solid", fgColor="305496")
_LABEL = PatternFill("solid", fgColor="EDF2F9")
_FIRST_FIELD = 4
_WITHOUT_OUTCOMES = (3, 7)
_WITH_PROBLEM = 5


def write(path: Path, rng: random.Random, customers: Sequence[Customer]) -> list[Planted]:
    """Write the cards and give the problems put into them."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = OWNER
    book.properties.created = datetime.fromisoformat("2025-09-01T08:50:00")
    planted: list[Planted] = []
    for number, customer in enumerate(customers):
        page = book.create_sheet(f"{number + 1:02d}-{customer.short_name}")
        fields = _FIELDS + (() if number in _WITHOUT_OUTCOMES else _OUTCOMES)
        values = _values(rng, customer)
        if number == _WITH_PROBLEM:
            values["合同到期日"] = "长期"
            row = _FIRST_FIELD + [label for label, _ in fields].index("合同到期日")
            planted.append(Planted(path.name, page.title, f"C{row}", "date that cannot be read"))
        _card(page, fields, values)
        _contacts(page, _FIRST_FIELD + len(fields) + 1, activity.follow_ups(rng, (customer,), OWNER, rare=False))
        _paper(page)
    book.save(path)
    return planted


def _values(rng: random.Random, customer: Customer) -> Row:
    values = base_row(rng, customer, owner=OWNER, department="新客开发部")
    bought = customer.tier is not None
    return values | {
        "累计交易金额(元)": sum(order.amount for order in customer.orders) if bought else None,
        "近12个月消费金额": f"{customer.figures.spend:,}" if bought else None,
        "平均合作频次": f"{customer.figures.frequency}次/年" if bought else None,
        "产品偏好": customer.orders[-1].product if bought else "尚在选型",
        "业务痛点": rng.choice(_PAINS),
        "决策链": rng.choice(_CHAINS),
        "预算周期": rng.choice(_BUDGETS),
        "市场口碑": rng.choice(("良好", "区域内知名", "一般")),
        "最后更新日期": AS_OF - timedelta(days=rng.randint(1, 25)),
    }


def _card(page: Worksheet, fields: Sequence[tuple[str, str]], values: Row) -> None:
    page.merge_cells("A1:F1")
    page["A1"] = "客户档案卡"
    page["A1"].font = Font(name=_FONT, size=18, bold=True, color="305496")
    page["A1"].alignment = Alignment(horizontal="center", vertical="center")
    page.row_dimensions[1].height = 34
    page["A2"] = "内部资料"
    page["A2"].font = Font(name=_FONT, size=9, color="7F7F7F")
    _band(page, _FIRST_FIELD - 1, ("字段名称", "填写说明", "值"))
    for row, (label, note) in enumerate(fields, start=_FIRST_FIELD):
        page.row_dimensions[row].height = 20
        cells: tuple[Cell, ...] = (label, note or None, values.get(label))
        for at, value in enumerate(cells, start=1):
            cell = page.cell(row, at, value)
            cell.border = _BORDER
            cell.font = Font(name=_FONT, size=10, bold=at == 1, color="808080" if at == 2 else "000000")
            cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
            if at == 1:
                cell.fill = _LABEL
            if isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
            elif isinstance(value, int):
                cell.number_format = "#,##0"
    intent = DataValidation(type="list", formula1='"高,中,低"', allow_blank=True)
    intent.add(f"C{_FIRST_FIELD + [label for label, _ in fields].index('合作意向')}")
    page.add_data_validation(intent)


def _contacts(page: Worksheet, start: int, rows: list[Row]) -> None:
    page.merge_cells(start_row=start, start_column=1, end_row=start, end_column=len(_TALKS))
    title = page.cell(start, 1, "客户跟进记录表")
    title.font = Font(name=_FONT, size=12, bold=True, color="305496")
    _band(page, start + 1, _TALKS)
    for index, row in enumerate(rows, start=start + 2):
        page.row_dimensions[index].height = 30
        for at, label in enumerate(_TALKS, start=1):
            cell = page.cell(index, at, row[label])
            cell.border, cell.font = _BORDER, Font(name=_FONT, size=10)
            cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
            if label == "日期":
                cell.number_format = "yyyy-mm-dd"


def _band(page: Worksheet, row: int, labels: Sequence[str]) -> None:
    page.row_dimensions[row].height = 22
    for at, label in enumerate(labels, start=1):
        cell = page.cell(row, at, label)
        cell.fill, cell.border = _BAND, _BORDER
        cell.font = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
        cell.alignment = Alignment(horizontal="center", vertical="center")


def _paper(page: Worksheet) -> None:
    for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = "portrait"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 1
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    page.HeaderFooter.oddFooter = HeaderFooterItem(center=HeaderFooterPart("内部资料  &A"))
