"""Print the ratios: `python -m benchmarks [run] [writing] [orders] [backwards] [reports] [again] [batch]`.

All sections are measured where none is named. Everything is measured side by side in this one run.
"""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

from benchmarks import again, backwards, batch, orders, reports, running, writing

SECTIONS = {
    "run": running.main,
    "writing": writing.main,
    "orders": orders.main,
    "backwards": backwards.main,
    "reports": reports.main,
    "again": again.main,
    "batch": batch.main,
}


def main() -> None:
    """Measure the sections asked for."""
    asked = sys.argv[1:] or list(SECTIONS)
    if unknown := [name for name in asked if name not in SECTIONS]:
        raise SystemExit(f"no such section: {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    for package in ("sheetcrm", "benchmarks"):  # as an install does for the rivals' libraries
        compileall.compile_dir(Path(__file__).parents[1] / package, quiet=1)
    for name in asked:
        SECTIONS[name]()


if __name__ == "__main__":
    main()
