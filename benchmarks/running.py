"""The whole command as people type it, `sheetcrm run --no-pdf`, against scripts that leave the same behind.

20,000 customers against two scripts, 200,000 alone, a full sheet of orders against a script that only sums and scores,
and a full sheet of customers, which is refused.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import xlsxwriter

from benchmarks import orders
from benchmarks.columns import COLUMNS
from benchmarks.data import write_book
from benchmarks.measuring import compare, print_table

ROWS, MANY, FULL = 20_000, 200_000, 1_048_575
_LEVELS = ("高", "中", "低")
OURS = "sheetcrm run --no-pdf"


def main() -> None:
    """Measure side by side, and print the ratios to the program's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = folder / "out"
        source = write_book(folder / f"{ROWS}.xlsx", ROWS)
        works = {
            OURS: _ours(source, out),
            "script that leaves the same": ["-m", "benchmarks.leaving", str(source), str(out)],
            "script that only writes back": [
                "-m",
                "benchmarks.rivals",
                "job-openpyxl",
                str(source),
                f"{folder}/x.xlsx",
            ],
        }
        print_table(f"the command on {ROWS:,} customers", compare(works, fresh=[out]), OURS)
        many = write_book(folder / f"{MANY}.xlsx", MANY)
        print_table(f"{MANY:,} customers", compare({OURS: _ours(many, out)}, rounds=1, fresh=[out]), OURS)
        book = orders.write_book(folder / "orders.xlsx", ROWS, most=FULL)
        works = {
            OURS: _ours(book, out),
            "script (read-only)": ["-m", "benchmarks.orders", "read-only", str(book), f"{folder}/y.xlsx"],
        }
        print_table(f"{FULL:,} orders of {ROWS:,} customers", compare(works, rounds=1, fresh=[out]), OURS)
        full = write_full(folder / "full.xlsx")
        found = compare({OURS: _ours(full, out)}, rounds=1, fresh=[out], code=2)
        print_table(f"{FULL:,} customers: refused", found, OURS)


def _ours(source: Path, out: Path) -> list[str]:
    return ["-m", "sheetcrm", "run", str(source), "-o", str(out), "--no-pdf", "--period", "2026-10"]


def write_full(path: Path) -> Path:
    """Write a sheet full of customers, with the columns that a score needs."""
    chance = random.Random(FULL)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("客户分级评估打分表")
        sheet.write_row(0, 0, COLUMNS[:7])
        for row in range(1, FULL + 1):
            figures = (chance.randint(1, 400), chance.randint(1, 36), chance.randint(3_000, 900_000))
            sheet.write_row(row, 0, (f"C{row:07}", f"第{row}号*公司", *figures, chance.choice(_LEVELS), "50%"))
    return path
