"""A run with PDFs after one cell was mended, against the first run: how much of the work is done again.

`python -m benchmarks again` prints it for 1,000 customers, as shipped and with every list in full.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from openpyxl import load_workbook

from benchmarks.columns import COLUMNS
from benchmarks.data import write_book
from benchmarks.measuring import compare, print_table

ROWS = 1_000
_FIRST = "the first run"


def main() -> None:
    """Measure side by side, and print the ratios to the first run."""
    for title, further in (("as shipped", []), ("in full", ["--full"])):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            book, mended, last = folder / "book" / f"{ROWS}.xlsx", folder / f"mended{ROWS}.xlsx", folder / "last"
            book.parent.mkdir()
            write_book(book, ROWS)
            _mend(book, mended)
            words = ["--period", "2026-10", *further]
            compare({"": ["-m", "sheetcrm", "run", str(book.parent), "-o", str(last), *words]}, rounds=1)
            works = {
                _FIRST: ["-m", "sheetcrm", "run", str(book.parent), "-o", str(folder / "new"), *words],
                "after one cell was mended": ["-m", "benchmarks.again", str(book), str(mended), str(last), *words],
            }
            found = compare(works, fresh=[folder / "new"])
            print_table(f"{ROWS:,} customers with PDFs, {title}", found, _FIRST)


def _mend(book: Path, mended: Path) -> None:
    """Save the book with another day in one cell."""
    made = load_workbook(book)
    made.worksheets[0].cell(ROWS, COLUMNS.index("最近消费时间(R,权重20%)") + 1).value = "21天"
    made.save(mended)


def _run_on_the_other() -> None:
    """Put the other of two books in place of the one that was run last, and run."""
    book, other, out, *words = sys.argv[1:]
    aside = Path(other).with_suffix(".aside")
    Path(book).rename(aside)
    Path(other).rename(book)
    aside.rename(other)
    from sheetcrm.__main__ import main as run  # noqa: PLC0415  (as the command does)

    sys.argv = ["sheetcrm", "run", str(Path(book).parent), "-o", out, *words]
    run()


if __name__ == "__main__":
    _run_on_the_other()
