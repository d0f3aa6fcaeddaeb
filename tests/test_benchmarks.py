"""The script our whole job is measured against does the same work: it gives the same answers."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from benchmarks.columns import COLUMNS, JUDGED, WRITTEN
from benchmarks.data import write_book
from benchmarks.rivals import job_sheetcrm
from benchmarks.script import SHEET, run

DIFFERENT = {"得分说明", "跟进动作", "跟进责任人"}
"""What the script says in its own words, or picks otherwise among what is due at once."""
ALIKE = tuple(label for label in JUDGED if label not in DIFFERENT)


def answers(path: Path) -> dict[str, list[str]]:
    """Give each customer's answers as they stand in the workbook."""
    header, *rows = load_workbook(BytesIO(path.read_bytes()))[SHEET].iter_rows(values_only=True)
    places = [header.index(label) for label in ALIKE]
    return {str(row[0]): [_said(row[place]) for place in places] for row in rows}


def _said(value: object) -> str:
    return value.isoformat()[:10] if isinstance(value, date) else "" if value is None else str(value)


@pytest.mark.slow
def test_the_rival_script_gives_our_answers(tmp_path: Path) -> None:
    source = write_book(tmp_path / "400.xlsx", 400)
    job_sheetcrm(source, tmp_path / "ours.xlsx")
    run(source, tmp_path / "theirs.xlsx")
    ours, theirs = answers(tmp_path / "ours.xlsx"), answers(tmp_path / "theirs.xlsx")
    assert len(ours) == 400
    assert ours == theirs


def test_the_rivals_write_what_the_practice_names() -> None:
    assert not set(WRITTEN) & set(COLUMNS)
    assert len(WRITTEN) == 16
