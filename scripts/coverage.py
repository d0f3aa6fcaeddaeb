"""Hold the coverage that the quick tests reached in the rooms where a line never run is a risk.

`make coverage` measures and calls this; it reads `.coverage.json`, prints a table and exits 1 under a floor.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent

FLOORS = {
    "assess": 98.0,
    "excel/splice": 95.3,
    "intake": 95.0,
    "ooxml": 95.7,
    "policy": 95.9,
    "text": 97.5,
}
"""Percent of the lines and branches: one point under what was measured."""


def main() -> int:
    """Print what part of each room was run; 1 if one is under its floor."""
    measured = by_room(read_counts(ROOT / ".coverage.json"))
    for room, percent in measured.items():
        print(f"{room:<14}{percent:6.1f} %  (floor {FLOORS[room]:.1f})")
    problems = below(measured)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def by_room(counts: Mapping[str, tuple[int, int]]) -> Mapping[str, float]:
    """Add up, a room, the percent run of what there is to run; 0 where nothing was measured. Pure."""
    percents = {}
    for room in FLOORS:
        own = [pair for path, pair in counts.items() if path.startswith(f"sheetcrm/{room}/")]
        run, total = sum(run for run, _ in own), sum(total for _, total in own)
        percents[room] = 100 * run / total if total else 0.0
    return percents


def below(measured: Mapping[str, float]) -> list[str]:
    """Name the rooms under their floor. Pure."""
    return [
        f"sheetcrm/{room}: {measured[room]:.1f} % is under the floor of {floor:.1f} %: test what is new, or remove it"
        for room, floor in FLOORS.items()
        if measured[room] < floor
    ]


def read_counts(report: Path) -> Mapping[str, tuple[int, int]]:
    """Read how many lines and branches of each module were run, and how many there are."""
    counts = {}
    for path, module in json.loads(report.read_text(encoding="utf-8"))["files"].items():
        summary = module["summary"]
        run, total = summary["covered_lines"], summary["num_statements"]
        run, total = run + summary.get("covered_branches", 0), total + summary.get("num_branches", 0)
        counts[Path(path).as_posix()] = (run, total)
    return counts


if __name__ == "__main__":
    sys.exit(main())
