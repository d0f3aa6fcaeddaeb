"""A year of orders: 20,000 customers with 240,000 of them, against a script that only sums and scores.

Ours reads, checks, assesses by every table and writes back all columns; the script loads with openpyxl,
sums the orders, scores, and saves. Rivals run as `python -m benchmarks.orders WHAT SOURCE TARGET`.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measuring import compare, print_table

CUSTOMERS, ORDERS_EACH = 20_000, 12
DAY = date(2026, 10, 31)
YEAR_START = date(2025, 10, 31)
SCORES, ORDERS = "客户分级评估打分表", "交易明细"


def main() -> None:
    """Measure side by side, and print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        source = write_book(Path(folder) / "orders.xlsx", CUSTOMERS, most=CUSTOMERS * ORDERS_EACH)
        rivals = ("orders-sheetcrm", "orders-openpyxl")
        found = compare(
            {name: ["-m", "benchmarks.orders", name, str(source), f"{folder}/{name}.xlsx"] for name in rivals},
            rounds=1,
        )
        title = f"{CUSTOMERS:,} customers with {CUSTOMERS * ORDERS_EACH:,} orders: read, check, assess, write back"
        print_table(title, found, "orders-sheetcrm")


def write_book(path: Path, customers: int, *, most: int) -> Path:
    """Write the workbook of so many customers and orders (seeded: the same content every time)."""
    import xlsxwriter  # noqa: PLC0415  (a rival must not load it)

    chance = random.Random(customers)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet(SCORES)
        sheet.write_row(0, 0, ("客户编号", "客户名称", "行业潜力", "忠诚度", "评估人", "审核人", "审核日期"))
        for row in range(1, customers + 1):
            level = chance.choice(("高", "中", "低"))
            loyal = f"{chance.randint(5, 95)}%"
            sheet.write_row(row, 0, (f"C{row:06}", f"第{row}号*公司", level, loyal, "张*", "李*", "2026-10-20"))
        sheet = book.add_worksheet(ORDERS)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ("客户编号", "日期", "金额", "订单号"))
        for number in range(most):
            ordered = datetime(2024, 11, 1) + timedelta(days=chance.randint(0, 729))  # noqa: DTZ001  (a day)
            sheet.write_string(number + 1, 0, f"C{number % customers + 1:06}")
            sheet.write_datetime(number + 1, 1, ordered, day)
            sheet.write_number(number + 1, 2, chance.randint(500, 90_000))
            sheet.write_string(number + 1, 3, f"SO-{number:07}")
    return path


def by_openpyxl(source: Path, target: Path) -> None:
    """Load, sum the orders of each customer, score, save: nothing is checked, nothing else is judged."""
    from openpyxl import load_workbook  # noqa: PLC0415

    book: Any = load_workbook(source)
    spend, times, last = _sums(book)
    sheet = book[SCORES]
    for offset, label in enumerate(("总分", "等级", "评估日期", "近12个月消费", "次数"), start=8):
        sheet.cell(1, offset, label)
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_col=4, values_only=True), start=2):
        key = cells[0]
        score, tier = _scored(cells, spend[key], times[key], last.get(key))
        for offset, value in enumerate((score, tier, DAY, spend[key], times[key]), start=8):
            sheet.cell(number, offset, value)
    book.save(target)


def read_only(source: Path, target: Path) -> None:
    """Do the same without loading the book: the results go into a workbook of their own."""
    from openpyxl import Workbook, load_workbook  # noqa: PLC0415

    book: Any = load_workbook(source, read_only=True)
    spend, times, last = _sums(book)
    made = Workbook(write_only=True)
    sheet: Any = made.create_sheet(SCORES)
    for cells in book[SCORES].iter_rows(min_row=2, max_col=7, values_only=True):
        key = cells[0]
        sheet.append([*cells, *_scored(cells, spend[key], times[key], last.get(key)), DAY, spend[key], times[key]])
    made.save(target)


def _sums(book: Any) -> tuple[dict[str, float], dict[str, int], dict[str, date]]:  # noqa: ANN401  (openpyxl's own)
    """Sum the orders of each customer."""
    spend: dict[str, float] = defaultdict(float)
    times: dict[str, int] = defaultdict(int)
    last: dict[str, date] = {}
    for key, ordered, amount in book[ORDERS].iter_rows(min_row=2, max_col=3, values_only=True):
        day = ordered.date()
        if day > DAY:
            continue
        last[key] = max(last.get(key, day), day)
        if day > YEAR_START:
            spend[key] += amount
            times[key] += 1
    return spend, times, last


def _scored(cells: tuple[Any, ...], spend: float, times: int, last: date | None) -> tuple[float, str]:
    """Score a customer."""
    from benchmarks.script import FREQUENCY, LEVELS, RECENCY, SPEND, TIERS, WEIGHTS, parse_number  # noqa: PLC0415

    days = (DAY - last).days if last else 9_999
    points = (
        next((given for edge, given in RECENCY if days <= edge), 0),
        next((given for edge, given in FREQUENCY if times >= edge), 0),
        next((given for edge, given in SPEND if spend >= edge), 0),
        LEVELS[cells[2]],
        parse_number(cells[3]),
    )
    earned = sum(given * weight for given, weight in zip(points, WEIGHTS, strict=True))
    score = int(earned / 10 + 0.5) / 10
    return score, next(name for name, floor in TIERS if score >= floor)


if __name__ == "__main__":
    if sys.argv[1] == "orders-sheetcrm":
        from benchmarks.rivals import job_sheetcrm

        job_sheetcrm(Path(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1] == "read-only":
        read_only(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        by_openpyxl(Path(sys.argv[2]), Path(sys.argv[3]))
