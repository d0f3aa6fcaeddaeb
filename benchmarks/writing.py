"""Write-back and the whole job against what a user would do instead."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.data import write_book
from benchmarks.measuring import compare, print_table

ROWS = 20_000


def main() -> None:
    """Measure side by side, and print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        source = write_book(Path(folder) / f"{ROWS}.xlsx", ROWS)

        def command(rival: str) -> list[str]:
            return ["-m", "benchmarks.rivals", rival, str(source), str(Path(folder) / f"{rival}.xlsx")]

        writers = ("write-sheetcrm", "write-openpyxl", "write-excelize", "floor")
        writing = compare({name: command(name) for name in writers})
        print_table(f"write 16 columns into {ROWS:,} rows x 15 columns", writing, "write-sheetcrm")
        job = compare({name: command(name) for name in ("job-sheetcrm", "job-openpyxl")})
        print_table(f"the whole job on {ROWS:,} rows: read, check, score, write back", job, "job-sheetcrm")
