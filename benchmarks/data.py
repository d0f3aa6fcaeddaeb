"""The workbook of the benchmarks: a scoring sheet of many rows and 15 columns, as people type it."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

COLUMNS = (
    "客户编号",
    "客户名称",
    "最近消费时间(R,权重20%)",
    "消费频次(F,权重15%)",
    "消费金额(M,权重35%)",
    "行业潜力(权重15%)",
    "忠诚度(复购率15%)",
    "评估人",
    "审核人",
    "审核日期",
    "财务核对人",
    "客单价",
    "投诉次数",
    "满意度评分",
    "区域",
)
WRITTEN = (
    "总分",
    "等级",
    "评估日期",
    "评估期间",
    "上期等级",
    "等级变动",
    "得分说明",
    "评分覆盖率",
    "客户标签",
    "健康度",
    "风险等级",
    "预警",
    "下次跟进日期",
    "逾期天数",
    "跟进动作",
    "跟进责任人",
)
"""The columns of the practice that every rival writes."""

_LEVELS = ("高(行业增速15%)", "中(行业增速8%)", "低(行业萎缩)", "高", "中", "低")
_REGIONS = ("华东", "华南", "华北", "西南")


def write_book(path: Path, rows: int) -> Path:
    """Write the workbook (seeded: the same content every time)."""
    chance = random.Random(rows)
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("客户分级评估打分表")
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
        body = book.add_format({"border": 1})
        sheet.freeze_panes(1, 2)
        for column, label in enumerate(COLUMNS):
            sheet.write_string(0, column, label, bold)
        for row in range(1, rows + 1):
            for column, value in enumerate(_row(chance, row)):
                sheet.write(row, column, value, body)
    return path


def _row(chance: random.Random, number: int) -> tuple[str | int | float, ...]:
    times = chance.randint(1, 36)
    amount = chance.randint(3_000, 900_000)
    money = amount if chance.random() < 0.5 else f"{amount / 10_000:.2f}万元"
    return (
        f"C{2_000_000 + number}",
        f"第{number}号*科技有限公司",
        f"{chance.randint(1, 400)}天",
        f"{times}次/年",
        money,
        chance.choice(_LEVELS),
        f"{chance.randint(5, 95)}%",
        "张*",
        "李*",
        (date(2026, 10, 1) + timedelta(days=chance.randint(0, 30))).isoformat(),
        "周*",
        amount // times,
        chance.choice((0, 0, 0, 1, 2)),
        chance.randint(70, 100),
        chance.choice(_REGIONS),
    )
