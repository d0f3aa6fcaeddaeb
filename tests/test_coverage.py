"""The floors of coverage are held room by room."""

from __future__ import annotations

import json
from pathlib import Path

from scripts import coverage


def test_a_room_is_its_own_modules_lines_and_branches(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    summary = {"covered_lines": 6, "num_statements": 8, "covered_branches": 3, "num_branches": 4}
    whole = {"covered_lines": 8, "num_statements": 8}
    files = {"sheetcrm/text/a.py": summary, "sheetcrm/text/b.py": whole, "sheetcrm/texts.py": summary}
    report.write_text(json.dumps({"files": {path: {"summary": counts} for path, counts in files.items()}}))
    percents = coverage.by_room(coverage.read_counts(report))
    assert percents["text"] == 100 * 17 / 20
    assert percents["intake"] == 0


def test_a_room_under_its_floor_is_named_and_one_that_was_not_measured_too() -> None:
    floors = dict(coverage.FLOORS)
    assert coverage.below(floors) == []
    assert coverage.below(floors | {"text": floors["text"] - 0.1})[0].startswith("sheetcrm/text: ")
    assert len(coverage.below(coverage.by_room({}))) == len(floors)
