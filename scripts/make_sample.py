"""Write the sample month, 2026-10, of a made-up company: `python scripts/make_sample.py [FOLDER] [--planted]`.

Three workbooks, one a salesperson, the same bytes at each run. `--planted` lists the problems put in on purpose.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from scripts.sample import card_book, full_book, full_rows, mess, packages, plain_book, traditional_rows
from scripts.sample.customers import Register
from scripts.sample.model import Planted

_SEED = "衡岚智造 2026-10"
_INPUT = Path(__file__).resolve().parent.parent / "input"


def main() -> None:
    """Write the workbooks and say what was written."""
    parser = argparse.ArgumentParser(description="写出示例月份的三个工作簿")
    parser.add_argument("folder", nargs="?", type=Path, default=_INPUT, help="写到哪个文件夹")
    parser.add_argument("--planted", action="store_true", help="列出有意放入的问题")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for planted in write(arguments.folder):
        if arguments.planted:
            print(f"{planted.workbook}!{planted.sheet}!{planted.cell}: {planted.what}")


def write(folder: Path) -> list[Planted]:
    """Write the three workbooks into a folder and give the problems put into them."""
    rng = random.Random(_SEED)
    register = Register(rng)
    full = folder / "客户台账-陈思远.xlsx"
    wanted = {"VIP客户": 16, "重点客户": 32, "普通客户": 81, "观察客户": 32}
    sheets = full_rows.tables(rng, register.book(wanted, lost=12, fallen=2, risen=2, prospects=9))
    planted = mess.into_full(full.name, sheets)
    full_book.write(full, sheets)

    plain = folder / "客戶台賬-林婉清.xlsx"
    wanted = {"VIP客户": 11, "重点客户": 23, "普通客户": 56, "观察客户": 22}
    sheets = traditional_rows.tables(rng, register.book(wanted, lost=8, fallen=1, risen=1, prospects=8))
    planted += mess.into_traditional(plain.name, sheets)
    plain_book.write(plain, sheets)

    cards = folder / "客户档案卡-何俊杰.xlsx"
    wanted = {"VIP客户": 1, "重点客户": 2, "普通客户": 5, "观察客户": 1}
    planted += card_book.write(cards, rng, register.book(wanted, lost=0, fallen=0, risen=0, prospects=1))
    for path in (full, plain, cards):
        packages.settle(path)
    return planted


if __name__ == "__main__":
    main()
