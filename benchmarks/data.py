"""The workbook of the benchmarks: a scoring sheet of many rows and 15 columns, as people type it."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from benchmarks.columns import COLUMNS

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
